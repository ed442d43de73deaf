/* SPDX-License-Identifier: MIT */
/* Identities of resources, the index of their names, and fields found by path. */
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

struct scope { /* of one kind, by group */
	str group;
	bool cluster;
	struct scope *next;
};

static bool is_cluster_scoped(struct build *b, str group, str version, str kind)
{
	struct kube_id k = { .group = group, .version = version, .kind = kind };
	void **slot = map_at(b->a, &b->scopes, kind);
	struct scope *s = *slot;
	bool known;

	while (s && !str_eq(s->group, group))
		s = s->next;
	if (!s) {
		s = NEW(b->a, struct scope);
		s->group = group;
		s->cluster = !kube_is_namespaced(&k, &known) && known;
		s->next = *slot;
		*slot = s;
	}
	return s->cluster;
}

struct past id_of_object(struct build *b, const struct node *object)
{
	str api = node_get_str(object, S("apiVersion"));
	ptrdiff_t slash = str_chr(api, '/');
	struct past id = {
		.kind = node_get_str(object, S("kind")),
		.group = slash < 0 ? S("") : str_sub(api, 0, (size_t)slash),
		.version = slash < 0 ? api : str_sub(api, (size_t)slash + 1, api.n),
		.ns = namespace_of(object),
		.name = name_of(object),
	};

	id.cluster = is_cluster_scoped(b, id.group, id.version, id.kind);
	return id;
}

const struct past *id_of(struct build *b, struct resource *r)
{
	if (!r->named) {
		r->now = id_of_object(b, r->object);
		r->named = true;
	}
	return &r->now;
}

str effective_namespace(const struct past *id)
{
	if (id->cluster)
		return S("_cluster_");
	return id->ns.n ? id->ns : S("default");
}

bool same_id(const struct past *x, const struct past *y)
{
	return str_eq(x->name, y->name) && str_eq(x->kind, y->kind) && str_eq(x->group, y->group) && str_eq(effective_namespace(x), effective_namespace(y));
}

static bool is_same(const struct past *x, const struct past *y)
{
	return str_eq(x->name, y->name) && str_eq(x->kind, y->kind) && str_eq(x->group, y->group) && str_eq(x->version, y->version) && str_eq(x->ns, y->ns);
}

void remember(struct build *b, struct resource *r)
{
	const struct past *now = id_of(b, r);

	if (r->past.n == 0 || !is_same(&r->past.p[r->past.n - 1], now))
		*VEC_ADD(b->a, &r->past) = *now;
}

void renamed(struct build *b, struct resource *r)
{
	struct past old = r->now;

	if (!r->named)
		return;
	r->named = false;
	if (!is_same(&old, id_of(b, r)))
		b->stamp++;
}

/* ---- the index -------------------------------------------------------------------- */
static void index_name(struct build *b, struct resources *all, str name, struct resource *r)
{
	void **slot = map_at(b->a, &all->names, name);
	struct resources *list = *slot;

	if (!list)
		*slot = list = NEW(b->a, struct resources);
	if (list->n == 0 || list->p[list->n - 1] != r)
		*VEC_ADD(b->a, list) = r;
}

static void index_one(struct build *b, struct resources *all, struct resource *r)
{
	index_name(b, all, id_of(b, r)->name, r);
	for (size_t i = 0; i < r->past.n; i++)
		if (!str_eq(r->past.p[i].name, r->now.name))
			index_name(b, all, r->past.p[i].name, r);
}

const struct resources *called(struct build *b, struct resources *all, str name)
{
	if (all->stamp != b->stamp) {
		all->names = (struct map){ 0 };
		all->indexed = 0;
		all->stamp = b->stamp;
	}
	while (all->indexed < all->n)
		index_one(b, all, all->p[all->indexed++]);
	return map_get(&all->names, name);
}

void resources_add(struct build *b, struct resources *all, struct resource *r)
{
	*VEC_ADD(b->a, all) = r;
}

static size_t size_of(const struct node *n, size_t most)
{
	size_t all = 1;

	for (uint32_t i = 0; n->kind >= NODE_SEQ && i < n->n && all < most; i++)
		all += size_of(n->kind == NODE_SEQ ? n->items[i] : n->entries[i].value, most - all);
	return all;
}

int spend(struct build *b, const struct node *n, size_t bytes, struct pos pos)
{
	b->made += bytes + (n ? size_of(n, KUSTOMIZE_MAX_MADE / 64 + 1) * 64 : 0);
	if (b->made <= KUSTOMIZE_MAX_MADE)
		return 0;
	return diag_trouble(b->diag, pos, "limit", "so much comes of so little here that it is not built; values go into one another, it seems");
}

static bool is_deep(const struct node *n, unsigned depth)
{
	for (uint32_t i = 0; n->kind >= NODE_SEQ && i < n->n; i++)
		if (depth == 0 || is_deep(n->kind == NODE_SEQ ? n->items[i] : n->entries[i].value, depth - 1))
			return true;
	return false;
}

int check_depth(struct build *b, const struct node *n, struct pos pos)
{
	if (!is_deep(n, DOC_MAX_DEPTH))
		return 0;
	return diag_trouble(b->diag, pos, "limit", "this nests maps and lists deeper than %d", DOC_MAX_DEPTH);
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
	size_t i = 0;
	bool escaped = false;
	struct buf b = BUF(a);

	for (; i < path.n && path.p[i] != '/'; i++)
		if (path.p[i] == '\\' && i + 1 < path.n && path.p[i + 1] == '/')
			escaped = ++i > 0;
	str part = str_sub(path, 0, i);
	*rest = i < path.n ? str_sub(path, i + 1, path.n) : S("");
	for (size_t k = 0; escaped && k < part.n; k++)
		if (part.p[k] != '\\' || k + 1 == part.n || part.p[k + 1] != '/')
			buf_char(&b, part.p[k]);
	return escaped ? buf_str(&b) : part;
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
	bool list = str_ends(part, S("[]")), create = w->create && !list;
	if (list)
		part.n -= 2;
	e = node_entry(n, part);
	if (e && e->value->kind == NODE_NULL && create && rest.n)
		e->value = node_at(node_new(w->a, NODE_MAP), n);
	if (!e && !create)
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

	return walk_path(&w, object, str_of(path[0] == '/' && path[1] ? path + 1 : path));
}
