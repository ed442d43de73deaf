/* SPDX-License-Identifier: MIT */
/* What the rules of objects share: findings with their place, and the common shapes. */
#include "schema/rules.h"

#include <stdio.h>
#include <string.h>

struct trace {
	struct arena *a;
	const struct node *target;
	str pointer, path;
};
struct way { /* from the object down */
	const struct way *up;
	const struct entry *entry; /* NULL: an item */
	size_t index;
};

static void tell(struct trace *t, const struct way *w)
{
	if (!w)
		return;
	tell(t, w->up);
	if (!w->entry) {
		t->pointer = pointer_add_index(t->a, t->pointer, w->index);
		t->path = str_printf(t->a, "%.*s[%zu]", STR_ARG(t->path), w->index);
		return;
	}
	str key = entry_key(w->entry);
	const char *quote = str_chr(key, '.') >= 0 || str_chr(key, '/') >= 0 ? "\"" : "";
	t->pointer = pointer_add_key(t->a, t->pointer, key);
	t->path = str_printf(t->a, "%.*s%s%s%.*s%s", STR_ARG(t->path), t->path.n ? "." : "", quote, STR_ARG(key), quote);
}

/* Where in the object a node stands. */
static bool find(struct trace *t, const struct node *n, const struct way *up)
{
	if (n == t->target)
		return tell(t, up), true;
	for (size_t i = 0; n->kind == NODE_MAP && i < n->n; i++)
		if ((n->entries[i].value->kind >= NODE_SEQ || n->entries[i].value == t->target) &&
		    find(t, n->entries[i].value, &(struct way){ up, &n->entries[i], 0 }))
			return true;
	for (size_t i = 0; n->kind == NODE_SEQ && i < n->n; i++)
		if (find(t, n->items[i], &(struct way){ up, NULL, i }))
			return true;
	return false;
}

void rule_where(const struct rules *r, struct arena *a, const struct node *at, str *pointer, str *path)
{
	struct trace t = { a, at, { "", 0 }, { "", 0 } };
	if (at)
		find(&t, r->object, NULL);
	*pointer = t.pointer;
	*path = t.path;
}

static void put(struct rules *r, const char *id, enum severity severity, const struct node *at, const struct entry *e, const char *text)
{
	struct trace t = { r->a, at, { "", 0 }, { "", 0 } };
	struct finding f = { .severity = severity, .rule = id, .pos = node_pos(at ? at : r->object) };
	if (at)
		find(&t, r->object, NULL);
	if (e) {
		f.pos = entry_pos(e);
		t.pointer = pointer_add_key(r->a, t.pointer, entry_key(e));
		t.path = str_printf(r->a, "%.*s%s%.*s", STR_ARG(t.path), t.path.n ? "." : "", STR_ARG(entry_key(e)));
	}
	f.path = t.pointer;
	f.message = str_printf(r->a, "%.*s%s%s (%.*s)", STR_ARG(t.path), t.path.n ? ": " : "", text, STR_ARG(kube_id_text(r->a, &r->id)));
	kube_finding_id(&f, r->object, &r->id);
	r->put(r->ctx, &f);
}

void rule(struct rules *r, const char *id, enum severity severity, const struct node *at, const char *fmt, ...)
{
	char text[600];
	va_list args;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	put(r, id, severity, at, NULL, text);
}

void rule_key(struct rules *r, const char *id, const struct node *map, str key, const char *fmt, ...)
{
	char text[600];
	va_list args;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	put(r, id, SEV_ERROR, map, node_entry(map, key), text);
}

void rule_one_of(struct rules *r, const struct node *map, const char *const *fields, size_t n, bool needed, const char *what)
{
	const char *first = NULL, *second = NULL;
	if (!node_is(map, NODE_MAP))
		return;
	for (size_t i = 0; i < n; i++) {
		struct node *v = node_get(map, str_of(fields[i]));
		if (v && v->kind != NODE_NULL && !(v->kind == NODE_SEQ && !v->n))
			*(first ? &second : &first) = fields[i];
	}
	if (second)
		rule_key(r, "api/one-of", map, str_of(second), "%s has %s already: only one of them is allowed", what, first);
	if (first || !needed)
		return;
	struct buf b = BUF(r->a);
	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%s%s", !i ? "" : i + 1 == n ? " or " : ", ", fields[i]);
	rule(r, "api/one-of", SEV_ERROR, map, "%s needs one of %.*s", what, STR_ARG(buf_str(&b)));
}

void rule_unique(struct rules *r, struct map *seen, const struct node *list, const char *field, const char *what)
{
	for (size_t i = 0; i < rule_items(list); i++) {
		struct node *v = node_get(list->items[i], str_of(field));
		if (!rule_text(v).n)
			continue;
		void **slot = map_at(r->a, seen, rule_text(v));
		if (*slot)
			rule(r, "api/duplicate", SEV_ERROR, v, "a second %s \"%.*s\" (the first is on line %u)", what, STR_ARG(rule_text(v)),
			     (unsigned)((struct node *)*slot)->line);
		else
			*slot = v;
	}
}

struct node *rule_path(const struct node *n, const char *path)
{
	str rest = str_of(path);
	while (n && rest.n) {
		ptrdiff_t dot = str_chr(rest, '.');
		str key = str_sub(rest, 0, dot < 0 ? rest.n : (size_t)dot);
		n = rule_get(n, key);
		rest = str_sub(rest, key.n + 1, rest.n);
	}
	return (struct node *)n;
}

struct node *rules_pod_spec(const struct rules *r, struct node **metadata)
{
	static const struct { const char *group, *kind, *path; } places[] = {
		{ "", "Pod", "" }, { "", "PodTemplate", "template" }, { "", "ReplicationController", "spec.template" },
		{ "apps", "Deployment", "spec.template" }, { "apps", "ReplicaSet", "spec.template" }, { "apps", "StatefulSet", "spec.template" },
		{ "apps", "DaemonSet", "spec.template" }, { "batch", "Job", "spec.template" }, { "batch", "CronJob", "spec.jobTemplate.spec.template" },
	};
	for (size_t i = 0; i < COUNT(places); i++) {
		if (!str_eq(r->id.kind, str_of(places[i].kind)) || !str_eq(r->id.group, str_of(places[i].group)))
			continue;
		struct node *at = rule_path(r->object, places[i].path);
		*metadata = node_get(at, S("metadata"));
		return node_get(at, S("spec"));
	}
	return NULL;
}
