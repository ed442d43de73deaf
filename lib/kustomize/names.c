/* SPDX-License-Identifier: MIT */
/* References that follow renamed resources. */
#include <stdlib.h>
#include <string.h>

#include "kustomize/internal.h"

struct following {
	struct build *b;
	struct resources *all;
	struct map by_kind;  /* of referrers ("": any): lists of references */
	struct map namespaces; /* that resources were in at first */
	struct resource *from;
	const struct reference *ref;
	int bad;
};
struct reference_list {
	const struct reference **p;
	size_t n, cap;
};

/* ---- who may be meant ------------------------------------------------------------------------ */
static bool ends_alike(const struct strlist *x, const struct strlist *y)
{
	size_t n = x->n < y->n ? x->n : y->n;

	if (n == 0)
		return x->n == y->n;
	for (size_t i = 1; i <= n; i++)
		if (strcmp(x->p[x->n - i], y->p[y->n - i]) != 0)
			return false;
	return true;
}

static bool same_affixes(const struct resource *x, const struct resource *y, bool allow_empty)
{
	bool any_prefix = allow_empty && (x->prefixes.n == 0 || y->prefixes.n == 0);
	bool any_suffix = allow_empty && (x->suffixes.n == 0 || y->suffixes.n == 0);

	return (any_prefix || ends_alike(&x->prefixes, &y->prefixes)) && (any_suffix || ends_alike(&x->suffixes, &y->suffixes));
}

static bool of_kind(const struct past *p, const char *group, const char *version, const char *kind)
{
	const struct field_spec s = { group, version, kind, NULL, false };

	return spec_selects(&s, p);
}

static bool once_was(const struct following *f, const struct resource *r, str name)
{
	bool named = false, kind = false, role = true;
	const struct node *role_ref = str_ends(str_of(f->ref->in.path), S("roleRef/name")) ? node_get(f->from->object, S("roleRef")) : NULL;
	bool by_role = role_ref && node_get(role_ref, S("kind")) && node_get(role_ref, S("apiGroup"));

	if (by_role)
		role = false;
	for (size_t i = 0; i < r->past.n; i++) {
		const struct past *p = &r->past.p[i];
		named |= str_eq(p->name, name);
		kind |= of_kind(p, f->ref->group, f->ref->version, f->ref->kind);
		if (by_role)
			role |= str_eq(p->kind, node_get_str(role_ref, S("kind"))) && str_eq(p->group, node_get_str(role_ref, S("apiGroup")));
	}
	return named && kind && role;
}

/* A RoleBinding speaks of the accounts of the namespaces that its subjects name. */
static bool is_subject_namespace(const struct resource *from, str ns)
{
	const struct node *list = node_get(from->object, S("subjects"));

	for (uint32_t i = 0; node_is(list, NODE_SEQ) && i < list->n; i++)
		if (str_eq(node_get_str(list->items[i], S("kind")), S("ServiceAccount")) && node_get(list->items[i], S("namespace")) &&
		    str_eq(node_get_str(list->items[i], S("namespace")), ns))
			return true;
	return false;
}

static bool within_reach(const struct following *f, struct resource *r)
{
	const struct past *from = id_of(f->b, f->from), *to = id_of(f->b, r);

	if (from->cluster || to->cluster || str_eq(effective_namespace(from), effective_namespace(to)))
		return true;
	return str_eq(to->kind, S("ServiceAccount")) && str_eq(from->kind, S("RoleBinding")) && is_subject_namespace(f->from, to->ns);
}

static bool in_namespace(const struct following *f, struct resource *r, str ns)
{
	const struct past *now = id_of(f->b, r), *first = r->past.n ? &r->past.p[0] : now;

	return str_eq(effective_namespace(map_get(&f->namespaces, ns) ? first : now), ns);
}

static bool all_alike(const struct resources *found, bool ns_too)
{
	for (size_t i = 1; i < found->n; i++) {
		const struct node *x = found->p[0]->object, *y = found->p[i]->object;
		if (!str_eq(name_of(x), name_of(y)) || (ns_too && !str_eq(namespace_of(x), namespace_of(y))))
			return false;
	}
	return true;
}

/* The one resource that was called name; ns: where it must be, or NULL. */
static struct resource *find_referral(struct following *f, str name, const struct node *ns, bool map)
{
	const struct resources *like = called(f->b, f->all, name);
	struct resources found = { 0 };

	for (size_t i = 0; like && i < like->n; i++) {
		struct resource *r = like->p[i];
		if (once_was(f, r, name) && within_reach(f, r) && (!ns || in_namespace(f, r, node_str(ns))))
			*VEC_ADD(f->b->a, &found) = r;
	}
	if (found.n == 1)
		return found.p[0];
	for (int strict = 0; strict < 2 && found.n > (size_t)strict; strict++) {
		size_t n = 0;
		for (size_t i = 0; i < found.n; i++)
			if (same_affixes(f->from, found.p[i], strict == 0))
				found.p[n++] = found.p[i];
		found.n = n;
	}
	if (found.n < 2 || all_alike(&found, map))
		return found.n ? found.p[0] : NULL;
	f->bad = diag_trouble(f->b->diag, node_pos(f->from->object), "kustomize", "\"%.*s\" in %s may mean %.*s or %.*s", STR_ARG(name), f->ref->in.path,
			      STR_ARG(name_of(found.p[0]->object)), STR_ARG(name_of(found.p[found.n - 1]->object)));
	return NULL;
}

/* ---- following one reference --------------------------------------------------------------------- */
static void follow_map(struct following *f, struct node *map)
{
	const struct node *named = node_get(map, S("name"));
	struct resource *to;

	if (!named) {
		f->bad = diag_trouble(f->b->diag, node_pos(map), "kustomize", "%s is to refer to something, and there is no name in it", f->ref->in.path);
		return;
	}
	if (!(to = find_referral(f, node_str(named), node_get(map, S("namespace")), true)))
		return;
	set_text(f->b->a, map, "name", name_of(to->object), named);
	if (namespace_of(to->object).n)
		set_text(f->b->a, map, "namespace", namespace_of(to->object), named);
}

static void follow_item(struct following *f, struct node **item)
{
	if ((*item)->kind == NODE_MAP) {
		follow_map(f, *item);
	} else if ((*item)->kind != NODE_SEQ && (*item)->kind != NODE_NULL) {
		struct resource *to = find_referral(f, node_str(*item), NULL, false);
		if (to && !str_eq(name_of(to->object), node_str(*item)))
			*item = node_at(node_string(f->b->a, name_of(to->object)), *item);
	}
}

static int follow(void *ctx, struct spot *s)
{
	struct following *f = ctx;
	struct node *n = s->value ? *s->value : NULL;

	if (!n)
		return 0;
	if (n->kind == NODE_SEQ)
		for (uint32_t i = 0; i < n->n; i++)
			follow_item(f, &n->items[i]);
	else
		follow_item(f, s->value);
	return f->bad;
}

static int follow_all(struct following *f, const struct past *first, const struct reference_list *list)
{
	for (size_t i = 0; list && i < list->n; i++) {
		f->ref = list->p[i];
		if (spec_selects(&f->ref->in, first) && visit_path(f->b->a, f->from->object, f->ref->in.path, false, follow, f) < 0)
			return -1;
	}
	return 0;
}

int fix_references(struct build *b, struct gathering *g)
{
	struct following f = { .b = b, .all = &g->all };
	bool any = false;

	for (size_t i = 0; i < g->config->references.n; i++) {
		const struct reference *r = &g->config->references.p[i];
		void **slot = map_at(b->a, &f.by_kind, r->in.kind ? str_of(r->in.kind) : S(""));
		struct reference_list *list = *slot;
		if (!list)
			*slot = list = NEW(b->a, struct reference_list);
		*VEC_ADD(b->a, list) = r;
	}
	for (size_t i = 0; i < g->all.n; i++) {
		struct resource *r = g->all.p[i];
		const struct past *first = r->past.n ? &r->past.p[0] : id_of(b, r);
		any |= r->past.n > 0;
		*map_at(b->a, &f.namespaces, effective_namespace(first)) = r;
	}
	for (size_t i = 0; any && i < g->all.n; i++) {
		f.from = g->all.p[i];
		const struct past first = f.from->past.n ? f.from->past.p[0] : *id_of(b, f.from);
		if (follow_all(&f, &first, map_get(&f.by_kind, first.kind)) < 0 || follow_all(&f, &first, map_get(&f.by_kind, S(""))) < 0)
			return -1;
	}
	return 0;
}
