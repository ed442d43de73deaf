/* SPDX-License-Identifier: MIT */
/* Identities of resources, and fields found by path and by selector. */
#include <regex.h>
#include <string.h>

#include "kustomize/internal.h"

/* ---- identity -------------------------------------------------------------------- */
str name_of(const struct node *object)
{
	return node_str(node_get(node_get(object, S("metadata")), S("name")));
}

str namespace_of(const struct node *object)
{
	return node_str(node_get(node_get(object, S("metadata")), S("namespace")));
}

struct past current_id(const struct resource *r)
{
	str api = node_get_str(r->object, S("apiVersion"));
	ptrdiff_t slash = str_chr(api, '/');

	return (struct past){
		.kind = node_get_str(r->object, S("kind")),
		.group = slash < 0 ? S("") : str_sub(api, 0, (size_t)slash),
		.version = slash < 0 ? api : str_sub(api, (size_t)slash + 1, api.n),
		.ns = namespace_of(r->object),
		.name = name_of(r->object),
	};
}

bool is_cluster_scoped(const struct past *id)
{
	struct kube_id k = { .group = id->group, .version = id->version, .kind = id->kind };
	bool known;
	bool namespaced = kube_is_namespaced(&k, &known);

	return known && !namespaced;
}

str effective_namespace(const struct past *id)
{
	if (is_cluster_scoped(id))
		return S("_cluster_");
	return id->ns.n ? id->ns : S("default");
}

void rename_from(struct build *b, struct resource *r)
{
	*VEC_ADD(b->a, &r->past) = current_id(r);
}

struct node *own_map(struct arena *a, struct node *map, str key)
{
	struct node *n = node_get(map, key);

	if (node_is(n, NODE_MAP))
		return n;
	n = node_at(node_new(a, NODE_MAP), map);
	node_put(a, map, key, n);
	return n;
}

void set_text(struct arena *a, struct node *map, const char *key, str text, const struct node *at)
{
	node_put(a, map, str_of(key), at ? node_at(node_string(a, text), at) : node_string(a, text));
}

/* ---- paths -------------------------------------------------------------------------- */
struct walk {
	struct arena *a;
	bool create;
	int (*visit)(void *ctx, struct spot *s);
	void *ctx;
};

/* The first part of a path, `\/` within it resolved; *rest is what follows. */
static str next_part(struct arena *a, str path, str *rest)
{
	struct buf b = BUF(a);
	size_t i = 0;

	for (; i < path.n && path.p[i] != '/'; i++) {
		if (path.p[i] == '\\' && i + 1 < path.n && path.p[i + 1] == '/')
			i++;
		buf_char(&b, path.p[i]);
	}
	*rest = i < path.n ? str_sub(path, i + 1, path.n) : S("");
	str part = buf_str(&b);
	return str_ends(part, S("[]")) ? str_sub(part, 0, part.n - 2) : part;
}

static int walk_path(struct walk *w, struct node *n, str path)
{
	str rest, part;
	struct entry *e;
	struct spot s;

	if (n->kind == NODE_SEQ) {
		for (uint32_t i = 0; i < n->n; i++)
			if (walk_path(w, n->items[i], path) < 0)
				return -1;
		return 0;
	}
	if (n->kind != NODE_MAP)
		return 0;
	part = next_part(w->a, path, &rest);
	e = node_entry(n, part);
	if (e && e->value->kind == NODE_NULL && w->create && rest.n)
		e->value = node_at(node_new(w->a, NODE_MAP), n);
	if (!e && !w->create)
		return 0;
	if (rest.n == 0) {
		s = (struct spot){ .map = n, .key = e ? entry_key(e) : str_copy(w->a, part), .value = e ? &e->value : NULL };
		return w->visit(w->ctx, &s);
	}
	if (!e) {
		struct node *made = node_at(node_new(w->a, NODE_MAP), n);
		e = node_put(w->a, n, str_copy(w->a, part), made);
	}
	return walk_path(w, e->value, rest);
}

int visit_path(struct arena *a, struct node *object, const char *path, bool create, int (*visit)(void *ctx, struct spot *s), void *ctx)
{
	struct walk w = { .a = a, .create = create, .visit = visit, .ctx = ctx };

	return walk_path(&w, object, str_of(path));
}

bool spec_selects(const struct field_spec *s, const struct past *id)
{
	return (!s->group || str_eq(str_of(s->group), id->group)) && (!s->version || str_eq(str_of(s->version), id->version)) &&
	       (!s->kind || str_eq(str_of(s->kind), id->kind));
}

/* ---- selectors -------------------------------------------------------------------------- */
/* The whole of text matches the expression; an empty one matches everything. */
static int matches(struct build *b, const struct node *pattern, str text)
{
	regex_t re;

	if (!pattern || node_str(pattern).n == 0)
		return 1;
	str whole = str_printf(b->a, "^(%.*s)$", STR_ARG(node_str(pattern)));
	if (regcomp(&re, whole.p, REG_EXTENDED | REG_NOSUB))
		return diag_trouble(b->diag, node_pos(pattern), "kustomize", "a malformed regular expression: %.*s", STR_ARG(node_str(pattern)));
	int hit = regexec(&re, str_dup(b->a, text), 0, NULL, 0) == 0;
	regfree(&re);
	return hit;
}

/* a=b,c!=d,e,!f over a map of strings. */
static bool labels_match(str selector, const struct node *map)
{
	while (selector.n) {
		ptrdiff_t comma = str_chr(selector, ',');
		str one = str_trim(comma < 0 ? selector : str_sub(selector, 0, (size_t)comma));
		selector = comma < 0 ? S("") : str_sub(selector, (size_t)comma + 1, selector.n);
		ptrdiff_t eq = str_chr(one, '=');
		if (eq < 0) {
			bool none = str_starts(one, S("!"));
			if (none == (node_get(map, none ? str_sub(one, 1, one.n) : one) != NULL))
				return false;
			continue;
		}
		bool differ = eq > 0 && one.p[eq - 1] == '!';
		str key = str_trim(str_sub(one, 0, (size_t)eq - differ));
		size_t from = (size_t)eq + 1 + (str_starts(str_sub(one, (size_t)eq, one.n), S("==")) ? 1 : 0);
		struct node *n = node_get(map, key);
		bool same = n && str_eq(node_str(n), str_trim(str_sub(one, from, one.n)));
		if (same == differ)
			return false;
	}
	return true;
}

static int id_selected(struct build *b, const struct node *target, const struct past *id)
{
	const struct {
		const char *key;
		str text;
	} parts[] = { { "group", id->group }, { "version", id->version }, { "kind", id->kind }, { "name", id->name }, { "namespace", effective_namespace(id) } };

	for (size_t i = 0; i < COUNT(parts); i++) {
		const struct node *want = node_get(target, str_of(parts[i].key));
		int hit = matches(b, want, parts[i].text);
		if (hit <= 0)
			return hit;
	}
	return 1;
}

int is_selected(struct build *b, const struct node *target, const struct resource *r)
{
	struct node *meta = node_get(r->object, S("metadata"));
	struct past now = current_id(r);
	int hit = id_selected(b, target, &now);

	for (size_t i = r->past.n; i-- > 0 && hit == 0;)
		hit = id_selected(b, target, &r->past.p[i]);
	if (hit <= 0)
		return hit;
	return labels_match(node_get_str(target, S("labelSelector")), node_get(meta, S("labels"))) &&
	       labels_match(node_get_str(target, S("annotationSelector")), node_get(meta, S("annotations")));
}
