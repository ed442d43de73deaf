/* SPDX-License-Identifier: MIT */
/* Drift that is accepted: rules (--ignore) and the drift of a day (--baseline). */
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "diff/internal.h"

struct rule {
	struct pos pos;
	const char *kind, *name, *ns, *manager; /* globs; NULL: any */
	bool has_path, has_jq;
	struct path path;
	size_t jq; /* its expression */
	const char *reason;
	bool expired;
};
struct accepted {
	struct pos pos;
	str object, path; /* empty path: the object as a whole */
	const struct node *live; /* only this value; NULL: any */
	const char *reason;
	const char *file;
	bool expired, used;
};
struct ignore {
	struct arena *a;
	struct diag *d;
	struct {
		struct rule *p;
		size_t n, cap;
	} rules;
	struct {
		struct accepted *p;
		size_t n, cap;
	} accepted;
	struct {
		struct jq_expr *p;
		size_t n, cap;
	} exprs;
	struct jq *jq;
	char now[32];
};

/* ---- reading -------------------------------------------------------------------- */

/* 2026-12-31, to the end of that day, or 2026-12-31T12:00:00Z. */
static bool has_expired(const struct ignore *ig, str date, bool *valid)
{
	static const char form[] = "dddd-dd-ddTdd:dd:ddZ";

	*valid = date.n == 10 || date.n == sizeof(form) - 1;
	for (size_t i = 0; i < date.n && *valid; i++)
		*valid = form[i] == 'd' ? date.p[i] >= '0' && date.p[i] <= '9' : date.p[i] == form[i];
	return *valid && str_cmp(date, str_sub(str_of(ig->now), 0, date.n)) < 0;
}

static int check_keys(struct ignore *ig, const struct node *entry, const char *const *known, size_t n, const char *what)
{
	for (uint32_t i = 0; i < entry->n; i++) {
		bool found = false;
		for (size_t k = 0; k < n; k++)
			found = found || str_eq(entry_key(&entry->entries[i]), str_of(known[k]));
		if (!found)
			return diag_trouble(ig->d, entry_pos(&entry->entries[i]), what, "unknown key \"%.*s\"",
					    STR_ARG(entry_key(&entry->entries[i])));
		if (entry->entries[i].value->kind >= NODE_SEQ && !str_eq(entry_key(&entry->entries[i]), S("live")))
			return diag_trouble(ig->d, node_pos(entry->entries[i].value), what, "\"%.*s\" must be a text",
					    STR_ARG(entry_key(&entry->entries[i])));
	}
	return 0;
}

static const char *text(struct ignore *ig, const struct node *entry, const char *key)
{
	const struct node *n = node_get(entry, str_of(key));

	return n && n->kind != NODE_NULL ? str_dup(ig->a, node_str(n)) : NULL;
}

static int read_expiry(struct ignore *ig, const struct node *entry, const char *what, bool *expired)
{
	const struct node *n = node_get(entry, S("expires"));
	bool valid = true;

	if (!n)
		n = node_get(entry, S("expiry"));
	*expired = n && n->kind != NODE_NULL && has_expired(ig, node_str(n), &valid);
	return valid ? 0 : diag_trouble(ig->d, node_pos(n), what, "\"%.*s\" is no date; write 2026-12-31 or 2026-12-31T12:00:00Z", STR_ARG(node_str(n)));
}

static int read_rule(struct ignore *ig, const struct node *entry)
{
	static const char *const keys[] = { "kind", "name", "namespace", "pointer", "jq", "manager", "reason", "expires", "expiry" };
	struct rule *r = VEC_ADD(ig->a, &ig->rules);
	const struct node *pointer = node_get(entry, S("pointer")), *jq = node_get(entry, S("jq"));
	const char *error;

	*r = (struct rule){ .pos = node_pos(entry) };
	if (check_keys(ig, entry, keys, COUNT(keys), "ignore") || read_expiry(ig, entry, "ignore", &r->expired))
		return -1;
	r->kind = text(ig, entry, "kind");
	r->name = text(ig, entry, "name");
	r->ns = text(ig, entry, "namespace");
	r->manager = text(ig, entry, "manager");
	r->reason = text(ig, entry, "reason");
	if (!entry->n || (!r->kind && !r->name && !r->ns && !r->manager && !pointer && !jq))
		return diag_trouble(ig->d, r->pos, "ignore", "a rule without kind, name, namespace, pointer, jq or manager would hide all drift");
	if (pointer && jq)
		return diag_trouble(ig->d, r->pos, "ignore", "a rule has a pointer or a jq expression, not both");
	if (pointer) {
		r->has_path = true;
		if (path_parse(ig->a, str_copy(ig->a, node_str(pointer)), &r->path, &error))
			return diag_trouble(ig->d, node_pos(pointer), "path", "%s", error);
	}
	if (jq) {
		r->has_jq = true;
		r->jq = ig->exprs.n;
		*VEC_ADD(ig->a, &ig->exprs) = (struct jq_expr){ str_copy(ig->a, node_str(jq)), node_pos(jq) };
	}
	return 0;
}

static int read_accepted(struct ignore *ig, const char *file, const struct node *entry)
{
	static const char *const keys[] = { "object", "path", "live", "reason", "owner", "expires", "expiry" };
	struct accepted *x = VEC_ADD(ig->a, &ig->accepted);
	const char *why = text(ig, entry, "reason"), *owner = text(ig, entry, "owner");

	*x = (struct accepted){ .pos = node_pos(entry), .file = file };
	if (check_keys(ig, entry, keys, COUNT(keys), "baseline") || read_expiry(ig, entry, "baseline", &x->expired))
		return -1;
	x->object = str_copy(ig->a, node_get_str(entry, S("object")));
	x->path = str_copy(ig->a, node_get_str(entry, S("path")));
	x->live = node_get(entry, S("live"));
	x->reason = str_printf(ig->a, "%s%s%s", why ? why : "accepted", owner ? ", by " : "", owner ? owner : "").p;
	return x->object.n ? 0 : diag_trouble(ig->d, x->pos, "baseline", "an entry names its object: object: apps/Deployment shop/web");
}

/* A JSON report of an earlier run: all that it lists is accepted. */
static int read_report(struct ignore *ig, const char *file, const struct node *objects)
{
	for (uint32_t i = 0; i < objects->n; i++) {
		const struct node *o = objects->items[i], *changes = node_get(o, S("changes"));
		struct accepted x = { .pos = node_pos(o), .file = file, .object = str_copy(ig->a, node_get_str(o, S("id"))), .reason = "accepted" };
		if (!x.object.n)
			return diag_trouble(ig->d, x.pos, "baseline", "this is no report of diff-drift: an object has no id");
		if (!node_is(changes, NODE_SEQ) || !changes->n)
			*VEC_ADD(ig->a, &ig->accepted) = x;
		for (uint32_t k = 0; node_is(changes, NODE_SEQ) && k < changes->n; k++) {
			x.pos = node_pos(changes->items[k]);
			x.path = str_copy(ig->a, node_get_str(changes->items[k], S("path")));
			x.live = node_get(changes->items[k], S("live"));
			*VEC_ADD(ig->a, &ig->accepted) = x;
		}
	}
	return 0;
}

static int read_one(struct ignore *ig, const char *file, bool baseline)
{
	const struct read_options plain = { 0 };
	struct node *doc;

	if (read_file(ig->a, ig->d, &plain, file, &doc))
		return -1;
	const struct node *objects = baseline ? node_get(doc, S("objects")) : NULL;
	if (node_is(objects, NODE_SEQ))
		return read_report(ig, file, objects);
	if (doc->kind == NODE_NULL)
		return 0;
	if (doc->kind != NODE_SEQ)
		return diag_trouble(ig->d, node_pos(doc), baseline ? "baseline" : "ignore", "this must be a list of %s, not a %s",
				    baseline ? "accepted drift" : "rules", kind_name(doc->kind));
	for (uint32_t i = 0; i < doc->n; i++) {
		if (doc->items[i]->kind != NODE_MAP)
			return diag_trouble(ig->d, node_pos(doc->items[i]), baseline ? "baseline" : "ignore", "an entry must be a map, not a %s",
					    kind_name(doc->items[i]->kind));
		if (baseline ? read_accepted(ig, file, doc->items[i]) : read_rule(ig, doc->items[i]))
			return -1;
	}
	return 0;
}

struct ignore *ignore_read(struct arena *a, struct diag *d, const struct diff_options *o)
{
	struct ignore *ig = NEW(a, struct ignore);
	time_t t = time(NULL);
	struct tm tm;

	ig->a = a;
	ig->d = d;
	if (gmtime_r(&t, &tm))
		strftime(ig->now, sizeof(ig->now), "%Y-%m-%dT%H:%M:%SZ", &tm);
	for (size_t i = 0; i < o->ignore.n; i++)
		if (read_one(ig, o->ignore.p[i], false))
			return NULL;
	for (size_t i = 0; i < o->baseline.n; i++)
		if (read_one(ig, o->baseline.p[i], true))
			return NULL;
	if (ig->exprs.n && !(ig->jq = jq_compile_all(a, d, ig->exprs.p, ig->exprs.n, NULL, 0, NULL)))
		return NULL;
	return ig;
}

/* ---- asking ----------------------------------------------------------------------- */

static bool glob(const char *pattern, struct arena *a, str s)
{
	return !pattern || fnmatch(pattern, str_dup(a, s), 0) == 0;
}

static bool fits(const struct rule *r, struct arena *a, const struct kube_id *id)
{
	return !r->expired && glob(r->kind, a, id->kind) && glob(r->name, a, id->name) && glob(r->ns, a, id->ns);
}

static void mark_node(struct marks *m, struct node *n)
{
	struct node **key = arena_raw(m->a, sizeof(*key));

	*key = n;
	*map_at(m->a, &m->set, (str){ (const char *)key, sizeof(*key) }) = n;
}

bool marked(const struct marks *m, const struct node *n)
{
	return m && m->set.n && map_get(&m->set, (str){ (const char *)&n, sizeof(n) });
}

static int mark_in(struct ignore *ig, const struct rule *r, struct arena *scratch, struct node *object, struct marks *out)
{
	struct node **results;
	size_t n;

	if (r->has_path) {
		struct path_hit *hits = path_find(scratch, &r->path, object, &n);
		for (size_t i = 0; i < n; i++)
			mark_node(out, hits[i].node);
		return 0;
	}
	const char *error;
	if (jq_try(ig->jq, r->jq, scratch, object, NULL, &results, &n, &error))
		return 0; /* a place that is not there: an error of jq's for most objects */
	for (size_t i = 0; i < n; i++)
		mark_node(out, results[i]);
	return 0;
}

int ignore_mark(struct ignore *ig, struct arena *scratch, const struct kube_id *id, struct node *desired, struct node *live, struct marks *out)
{
	for (size_t i = 0; i < ig->rules.n; i++) {
		const struct rule *r = &ig->rules.p[i];
		if ((!r->has_path && !r->has_jq) || r->manager || !fits(r, scratch, id))
			continue;
		if (mark_in(ig, r, scratch, desired, out) || (live && mark_in(ig, r, scratch, live, out)))
			return -1;
	}
	return 0;
}

static bool pointer_under(str pointer, const struct path *p, struct arena *a)
{
	/* a rule with a manager is asked for each change: its path as a pointer, "*" for any step */
	struct path mine;
	const char *error;

	if (path_parse(a, pointer, &mine, &error) || mine.n < p->n)
		return false;
	for (size_t i = 0; i < p->n; i++) {
		const struct step *want = &p->steps[i], *have = &mine.steps[i];
		if (want->kind == STEP_ANY || want->kind == STEP_MATCH)
			continue;
		if (want->key.p ? !str_eq(want->key, have->key) : want->index != have->index)
			return false;
	}
	return true;
}

static const char *accepted_by_rule(struct ignore *ig, const struct diff_object *x, const struct diff_change *change)
{
	for (size_t i = 0; i < ig->rules.n; i++) {
		const struct rule *r = &ig->rules.p[i];
		bool whole = !r->has_path && !r->has_jq && !r->manager;
		if (!fits(r, ig->a, &x->id))
			continue;
		if (whole)
			return r->reason ? r->reason : "ignored";
		if (change && r->manager && !r->has_jq && change->manager.n && glob(r->manager, ig->a, change->manager) &&
		    (!r->has_path || pointer_under(change->pointer, &r->path, ig->a)))
			return r->reason ? r->reason : "ignored";
	}
	return NULL;
}

const char *ignore_accepts(struct ignore *ig, const struct diff_object *x, const struct diff_change *change)
{
	const char *reason = accepted_by_rule(ig, x, change);

	for (size_t i = 0; i < ig->accepted.n && !reason; i++) {
		struct accepted *c = &ig->accepted.p[i];
		if (!str_eq(c->object, x->label))
			continue;
		bool same = change ? str_eq(c->path, change->pointer) || str_eq(c->path, change->path) : !c->path.n;
		if (!c->path.n && change)
			same = true;
		if (same && change && c->live && !change->secret) /* marks of another run say nothing */
			same = change->live ? node_equal(c->live, change->live) : c->live->kind == NODE_NULL;
		if (!same)
			continue;
		c->used = true;
		if (!c->expired)
			reason = c->reason;
	}
	return reason;
}

void ignore_end(struct ignore *ig, struct diag *d)
{
	for (size_t i = 0; i < ig->rules.n; i++)
		if (ig->rules.p[i].expired)
			diag_at(d, SEV_WARNING, ig->rules.p[i].pos, "ignore-expired", "this rule has expired and hides nothing any more");
	for (size_t i = 0; i < ig->accepted.n; i++) {
		const struct accepted *x = &ig->accepted.p[i];
		if (x->expired)
			diag_at(d, SEV_ERROR, x->pos, "baseline-expired", "the acceptance of %.*s %.*s has expired", STR_ARG(x->object), STR_ARG(x->path));
		else if (!x->used)
			diag_at(d, SEV_WARNING, x->pos, "baseline-unused", "%.*s %.*s drifts no more: take it out of the baseline",
				STR_ARG(x->object), STR_ARG(x->path));
	}
	jq_free(ig->jq);
}
