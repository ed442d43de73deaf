/* SPDX-License-Identifier: MIT */
/* vars: $(NAME) in fields stands for a field of a resource. */
#include <stdlib.h>
#include <string.h>

#include "kustomize/internal.h"

/* ---- gathering them on the way up --------------------------------------------------------- */
static int add_var(struct build *b, struct gathering *g, const struct var *v)
{
	for (size_t i = 0; i < g->vars.n; i++)
		if (str_eq(g->vars.p[i]->name, v->name))
			return diag_trouble(b->diag, node_pos(v->at), "kustomize", "there is a var \"%.*s\" already", STR_ARG(v->name));
	*VEC_ADD(b->a, &g->vars) = v;
	return 0;
}

int join_vars(struct build *b, struct gathering *to, const struct gathering *from)
{
	for (size_t i = 0; i < from->vars.n; i++)
		if (add_var(b, to, from->vars.p[i]) < 0)
			return -1;
	return 0;
}

static struct var *read_var(struct layer *l, const struct node *n)
{
	const struct node *ref = node_get(n, S("objref"));
	str api = node_get_str(ref, S("apiVersion")), path = node_get_str(node_get(n, S("fieldref")), S("fieldPath"));
	struct var *v = NEW(l->b->a, struct var);
	ptrdiff_t slash = str_chr(api, '/');

	*v = (struct var){ .name = node_get_str(n, S("name")), .kind = node_get_str(ref, S("kind")), .group = node_get_str(ref, S("group")),
			   .version = node_get_str(ref, S("version")), .ns = node_get_str(ref, S("namespace")), .object = node_get_str(ref, S("name")),
			   .path = path.n ? path : S("metadata.name"), .at = n };
	if (api.n) {
		v->group = slash < 0 ? v->group : str_sub(api, 0, (size_t)slash);
		v->version = slash < 0 ? api : str_sub(api, (size_t)slash + 1, api.n);
	}
	return v;
}

static bool is_object_of(const struct var *v, const struct past *id)
{
	if (!str_eq(v->object, id->name) || !str_eq(v->kind, id->kind) || !str_eq(v->group, id->group) || !str_eq(v->version, id->version))
		return false;
	const struct past want = { .ns = v->ns, .cluster = id->cluster };
	return v->ns.n == 0 || str_eq(effective_namespace(&want), effective_namespace(id));
}

static int merge_var(struct layer *l, const struct node *n)
{
	const struct var *v = read_var(l, n);
	const struct resources *like = called(l->b, l->all, v->object);
	struct resource *found = NULL;

	if (v->name.n == 0 || v->kind.n == 0 || v->object.n == 0)
		return diag_trouble(l->b->diag, node_pos(n), "kustomize", "a var wants a name, and an objref with apiVersion, kind and name");
	for (size_t i = 0; like && i < like->n; i++) {
		struct resource *r = like->p[i];
		bool hit = is_object_of(v, id_of(l->b, r));
		for (size_t k = 0; k < r->past.n && !hit; k++)
			hit = is_object_of(v, &r->past.p[k]);
		if (hit && found)
			return diag_trouble(l->b->diag, node_pos(n), "kustomize", "several resources are what the var \"%.*s\" refers to; say its namespace", STR_ARG(v->name));
		found = hit ? r : found;
	}
	if (found)
		*VEC_ADD(l->b->a, &found->vars) = v;
	return add_var(l->b, l->g, v);
}

int merge_vars(struct layer *l)
{
	return each_item(l, "vars", merge_var);
}

/* ---- putting values in ----------------------------------------------------------------------- */
struct value { /* of a var */
	const struct var *var;
	const struct node *node;
	bool used;
};
struct expansion {
	struct build *b;
	struct map values;
	int bad;
};

/* A path's parts, with a[0] cut in two. */
static const str *var_parts(struct arena *a, str path, size_t *n)
{
	struct {
		str *p;
		size_t n, cap;
	} v = { 0 };
	size_t count;
	const str *parts = path_parts(a, path, &count);

	for (size_t i = 0; i < count; i++) {
		ptrdiff_t open = str_ends(parts[i], S("]")) ? str_chr(parts[i], '[') : -1;
		str index = open > 0 ? str_sub(parts[i], (size_t)open + 1, parts[i].n - 1) : S("");
		int64_t number;
		if (!str_to_i64(index, &number)) {
			*VEC_ADD(a, &v) = parts[i];
			continue;
		}
		*VEC_ADD(a, &v) = str_sub(parts[i], 0, (size_t)open);
		*VEC_ADD(a, &v) = index;
	}
	*n = v.n;
	return v.p;
}

static const struct node *value_of(struct build *b, struct resources *all, const struct var *v)
{
	for (size_t i = 0; i < all->n; i++)
		for (size_t k = 0; k < all->p[i]->vars.n; k++) {
			size_t n;
			if (!str_eq(all->p[i]->vars.p[k]->name, v->name))
				continue;
			const str *parts = var_parts(b->a, v->path, &n);
			const struct node *found = path_value(all->p[i]->object, parts, n);
			if (!found)
				diag_trouble(b->diag, node_pos(v->at), "kustomize", "%.*s \"%.*s\" has no %.*s for the var \"%.*s\"", STR_ARG(v->kind), STR_ARG(v->object),
					     STR_ARG(v->path), STR_ARG(v->name));
			return found;
		}
	diag_trouble(b->diag, node_pos(v->at), "kustomize", "no resource is %.*s \"%.*s\", which the var \"%.*s\" refers to", STR_ARG(v->kind), STR_ARG(v->object),
		     STR_ARG(v->name));
	return NULL;
}

/* Text with each $(NAME) of a var replaced; a var that is all of it keeps its type. $$ is one $. */
static struct node *expand(struct expansion *x, const struct node *n)
{
	struct arena *a = x->b->a;
	str s = node_text(n);
	struct buf b = BUF(a);

	if (str_chr(s, '$') < 0)
		return NULL;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '$' || i + 1 == s.n) {
			buf_char(&b, s.p[i]);
			continue;
		}
		ptrdiff_t close = s.p[i + 1] == '(' ? str_chr(str_sub(s, i, s.n), ')') : -1;
		if (close < 0) {
			if (s.p[i + 1] != '$')
				buf_char(&b, '$');
			buf_char(&b, s.p[++i]);
			continue;
		}
		str name = str_sub(s, i + 2, i + (size_t)close);
		struct value *v = map_get(&x->values, name);
		bool known = v && v->node->kind != NODE_NULL && v->node->kind < NODE_SEQ;
		if (known)
			v->used = true;
		if (known && i == 0 && (size_t)close + 1 == s.n)
			return node_at(node_copy(a, v->node), n);
		if (b.n > KUSTOMIZE_MAX_MADE) /* which the caller reports */
			break;
		buf_add(&b, known ? (v->node->kind == NODE_STRING ? node_text(v->node) : json_text(a, v->node)) : str_sub(s, i, i + (size_t)close + 1));
		i += (size_t)close;
	}
	return node_at(node_string(a, buf_str(&b)), n);
}

static int expand_in(struct expansion *x, struct node **slot)
{
	struct node *n = (*slot)->kind == NODE_STRING ? expand(x, *slot) : NULL;

	if (n && spend(x->b, n, n->kind == NODE_STRING ? n->n : 0, node_pos(*slot)) < 0)
		return -1;
	if (n)
		*slot = n;
	return 0;
}

static int expand_spot(void *ctx, struct spot *s)
{
	struct expansion *x = ctx;
	struct node *n = s->value ? *s->value : NULL;

	if (!n)
		return 0;
	for (uint32_t i = 0; n->kind == NODE_MAP && i < n->n; i++)
		if (expand_in(x, &n->entries[i].value) < 0)
			return -1;
	for (uint32_t i = 0; n->kind == NODE_SEQ && i < n->n; i++) {
		if (n->items[i]->kind != NODE_STRING)
			return diag_trouble(x->b->diag, node_pos(n->items[i]), "kustomize", "vars are looked for here, and an item is no text but %s", kind_name(n->items[i]->kind));
		if (expand_in(x, &n->items[i]) < 0)
			return -1;
	}
	return n->kind < NODE_SEQ ? expand_in(x, s->value) : 0;
}

int resolve_vars(struct build *b, struct gathering *g)
{
	const struct specs *specs = &g->config->sets[SPEC_VARS];
	struct expansion x = { .b = b };

	for (size_t i = 0; i < g->vars.n; i++) {
		struct value *v = NEW(b->a, struct value);
		*v = (struct value){ g->vars.p[i], value_of(b, &g->all, g->vars.p[i]), false };
		if (!v->node)
			return -1;
		*map_at(b->a, &x.values, v->var->name) = v;
	}
	for (size_t i = 0; g->vars.n && i < g->all.n; i++) {
		const struct past *id = id_of(b, g->all.p[i]);
		for (size_t k = 0; k < specs->n; k++)
			if (spec_selects(&specs->p[k], id) && visit_path(b->a, g->all.p[i]->object, specs->p[k].path, false, expand_spot, &x) < 0)
				return -1;
		renamed(b, g->all.p[i]);
	}
	for (size_t i = 0; i < x.values.n; i++) {
		const struct value *v = x.values.items[i].value;
		if (!v->used)
			diag_at(b->diag, SEV_NOTE, node_pos(v->var->at), "kustomize", "the var \"%.*s\" is used nowhere", STR_ARG(v->var->name));
	}
	return 0;
}
