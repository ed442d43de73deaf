/* SPDX-License-Identifier: MIT */
/* Namespaces, name prefixes, labels, annotations, replicas, added values. */
#include <string.h>

#include "kustomize/internal.h"

/* ---- namespace ------------------------------------------------------------------------ */
struct setting {
	struct arena *a;
	const struct node *value;
	bool unset_only;
};

static int set_value(void *ctx, struct spot *s)
{
	struct setting *x = ctx;

	if (!x->unset_only || !s->value || node_str(*s->value).n == 0)
		node_put(x->a, s->map, s->key, node_at(node_string(x->a, node_str(x->value)), x->value));
	return 0;
}

static void set_subjects(struct setting *set, struct node *object, enum subjects mode)
{
	struct node *list = node_get(object, S("subjects"));

	for (uint32_t i = 0; node_is(list, NODE_SEQ) && i < list->n && mode != SUBJECTS_NONE; i++) {
		struct node *n = list->items[i];
		bool hit = mode == SUBJECTS_ALL ? str_eq(node_get_str(n, S("kind")), S("ServiceAccount")) : str_eq(node_get_str(n, S("name")), S("default"));
		if (hit)
			visit_path(set->a, n, "namespace", true, set_value, set);
	}
}

static int set_one_namespace(struct layer *l, struct resource *r, struct setting *set, const struct specs *specs, enum subjects subjects)
{
	struct past id = *id_of(l->b, r);
	bool core = str_eq(node_get_str(r->object, S("apiVersion")), S("v1"));
	bool binding = str_eq(id.kind, S("RoleBinding")) || str_eq(id.kind, S("ClusterRoleBinding"));

	remember(l->b, r);
	if (!id.cluster)
		visit_path(set->a, r->object, "metadata/namespace", true, set_value, set);
	if (binding)
		set_subjects(set, r->object, subjects);
	for (size_t i = 0; i < specs->n; i++) {
		const struct field_spec *s = &specs->p[i];
		if (!spec_selects(s, &id) || strcmp(s->path, "metadata/namespace") == 0 || (!core && strcmp(s->path, "metadata/name") == 0) ||
		    (binding && s->kind && strcmp(s->path, "subjects/namespace") == 0))
			continue;
		if (visit_path(set->a, r->object, s->path, s->create, set_value, set) < 0)
			return -1;
	}
	renamed(l->b, r);
	return 0;
}

/* Objects that differed by their namespaces alone are now one. */
static int check_unique(struct layer *l, const struct node *ns)
{
	for (size_t i = 0; i < l->all->n; i++) {
		const struct past *id = id_of(l->b, l->all->p[i]);
		const struct resources *like = called(l->b, l->all, id->name);
		for (size_t k = 0; k < like->n; k++) {
			const struct past *other = id_of(l->b, like->p[k]);
			if (like->p[k] != l->all->p[i] && same_id(id, other) && str_eq(id->version, other->version))
				return diag_trouble(l->b->diag, node_pos(ns), "kustomize", "with this namespace there are two of %.*s \"%.*s\"", STR_ARG(id->kind), STR_ARG(id->name));
		}
	}
	return 0;
}

int set_namespace(struct layer *l, const struct node *ns, const struct specs *specs, bool unset_only, enum subjects subjects)
{
	struct setting set = { l->b->a, ns, unset_only };

	if (!ns || node_str(ns).n == 0)
		return 0;
	for (size_t i = 0; i < l->all->n; i++)
		if (!l->all->p[i]->helm && set_one_namespace(l, l->all->p[i], &set, specs, subjects) < 0)
			return -1;
	return check_unique(l, ns);
}

/* ---- names --------------------------------------------------------------------------------- */
struct affix {
	struct layer *l;
	const struct node *text;
	bool suffix;
};

static int affix_value(void *ctx, struct spot *s)
{
	struct affix *x = ctx;
	struct arena *a = x->l->b->a;
	str old = s->value ? node_str(*s->value) : S(""), text = node_str(x->text);

	if (s->value && (*s->value)->kind >= NODE_SEQ)
		return diag_trouble(x->l->b->diag, node_pos(*s->value), "kustomize", "a name belongs here, not %s", kind_name((*s->value)->kind));
	str both = x->suffix ? str_printf(a, "%.*s%.*s", STR_ARG(old), STR_ARG(text)) : str_printf(a, "%.*s%.*s", STR_ARG(text), STR_ARG(old));
	struct node *n = node_string(a, both);
	node_put(a, s->map, s->key, s->value ? node_at(n, *s->value) : n);
	return 0;
}

static bool keeps_name(const struct past *id)
{
	return str_eq(id->kind, S("CustomResourceDefinition")) || str_eq(id->kind, S("Namespace")) ||
	       (str_eq(id->kind, S("APIService")) && str_eq(id->group, S("apiregistration.k8s.io")));
}

int add_affix(struct layer *l, const struct node *text, bool suffix, const struct specs *specs)
{
	struct affix x = { l, text, suffix };
	struct arena *a = l->b->a;

	for (size_t i = 0; text && i < l->all->n; i++) {
		struct resource *r = l->all->p[i];
		const struct past first = r->past.n ? r->past.p[0] : *id_of(l->b, r);
		if (keeps_name(&first))
			continue;
		for (size_t k = 0; k < specs->n; k++) {
			if (!spec_selects(&specs->p[k], &first))
				continue;
			if (strcmp(specs->p[k].path, "metadata/name") == 0) {
				*VEC_ADD(a, suffix ? &r->suffixes : &r->prefixes) = str_dup(a, node_str(text));
				remember(l->b, r);
			}
			if (visit_path(a, r->object, specs->p[k].path, specs->p[k].create, affix_value, &x) < 0)
				return -1;
		}
		renamed(l->b, r);
	}
	return 0;
}

/* ---- labels and annotations -------------------------------------------------------------------- */
struct adding {
	struct layer *l;
	const struct node *pairs;
	bool create; /* a map in place of null, too */
};

static int put_pairs(void *ctx, struct spot *s)
{
	struct adding *x = ctx;
	struct arena *a = x->l->b->a;

	if (s->value && (*s->value)->kind != NODE_MAP && (*s->value)->kind != NODE_NULL)
		return diag_trouble(x->l->b->diag, node_pos(*s->value), "kustomize", "labels or annotations belong here: a map is wanted");
	if (s->value && (*s->value)->kind == NODE_NULL && !x->create)
		return 0;
	struct node *map = own_map(a, s->map, s->key);
	for (uint32_t i = 0; i < x->pairs->n; i++) {
		const struct entry *e = &x->pairs->entries[i];
		str text = e->value->kind == NODE_STRING ? node_text(e->value) : node_number_text(a, e->value);
		if (e->value->kind == NODE_BOOL)
			text = node_true(e->value) ? S("true") : S("false");
		node_put(a, map, entry_key(e), node_at(node_string(a, text), e->value));
	}
	return 0;
}

int add_pairs(struct layer *l, const struct node *pairs, const struct specs *specs)
{
	struct adding x = { .l = l, .pairs = pairs };

	if (!pairs || pairs->n == 0)
		return 0;
	if (pairs->kind != NODE_MAP)
		return diag_trouble(l->b->diag, node_pos(pairs), "kustomize", "a map of labels or annotations is wanted here");
	for (size_t i = 0; i < l->all->n; i++) {
		const struct past *id = id_of(l->b, l->all->p[i]);
		for (size_t k = 0; k < specs->n; k++) {
			x.create = specs->p[k].create;
			if (spec_selects(&specs->p[k], id) && visit_path(l->b->a, l->all->p[i]->object, specs->p[k].path, x.create, put_pairs, &x) < 0)
				return -1;
		}
	}
	return 0;
}

/* ---- replicas ------------------------------------------------------------------------------------ */
static int put_count(void *ctx, struct spot *s)
{
	struct setting *x = ctx;
	const struct node *old = s->value ? *s->value : NULL;
	bool quoted = node_is(old, NODE_STRING) && (old->style == STYLE_SINGLE || old->style == STYLE_DOUBLE); /* and so it stays */

	node_put(x->a, s->map, s->key, quoted ? node_at(node_string(x->a, node_str(x->value)), x->value) : (struct node *)x->value);
	return 0;
}

static bool once_selected(const struct field_spec *s, struct build *b, struct resource *r, str name)
{
	bool hit = spec_selects(s, id_of(b, r)) && str_eq(id_of(b, r)->name, name);

	for (size_t i = 0; i < r->past.n && !hit; i++)
		hit = spec_selects(s, &r->past.p[i]) && str_eq(r->past.p[i].name, name);
	return hit;
}

int set_replicas(struct layer *l, const struct node *rule, const struct specs *specs)
{
	str want = node_get_str(rule, S("name"));
	const struct resources *hits = called(l->b, l->all, want);
	struct setting set = { l->b->a, node_get(rule, S("count")), false };
	bool found = false;

	if (!set.value)
		set.value = node_at(node_int(l->b->a, 0), rule);
	for (size_t i = 0; hits && i < hits->n; i++)
		for (size_t k = 0; k < specs->n; k++) {
			if (!once_selected(&specs->p[k], l->b, hits->p[i], want))
				continue;
			found = true;
			if (visit_path(l->b->a, hits->p[i]->object, specs->p[k].path, specs->p[k].create, put_count, &set) < 0)
				return -1;
		}
	if (found)
		return 0;
	return diag_trouble(l->b->diag, node_pos(rule), "kustomize", "nothing with replicas is called \"%.*s\"", STR_ARG(want));
}

/* ---- ValueAddTransformer --------------------------------------------------------------------------- */
struct value_add {
	struct arena *a;
	str value;
	int64_t at; /* position in a path of files, from 1; 0: in place of what is there */
	const struct node *pos;
};

/* value as one more part of the path, at most at its end; a path that is absolute stays so. */
static str with_part(struct arena *a, str path, int64_t at, str value)
{
	struct buf b = BUF(a);
	int64_t i = 1;
	bool done = false;

	if (str_starts(path, S("/")))
		buf_char(&b, '/');
	while (path.n || !done) {
		while (str_starts(path, S("/")))
			path = str_sub(path, 1, path.n);
		ptrdiff_t slash = str_chr(path, '/');
		bool here = !done && (i++ == at || !path.n);
		if (b.n && b.p[b.n - 1] != '/')
			buf_char(&b, '/');
		buf_add(&b, here ? value : slash < 0 ? path : str_sub(path, 0, (size_t)slash));
		done |= here;
		if (!here)
			path = slash < 0 ? S("") : str_sub(path, (size_t)slash + 1, path.n);
	}
	return buf_str(&b);
}

static int put_value(void *ctx, struct spot *s)
{
	struct value_add *x = ctx;
	str old = s->value ? node_str(*s->value) : S("");

	node_put(x->a, s->map, s->key, node_at(node_string(x->a, x->at > 0 ? with_part(x->a, old, x->at, x->value) : x->value), x->pos));
	return 0;
}

static int add_value_to(struct layer *l, const struct node *target, str value)
{
	const struct node *at = node_get(target, S("filePathPosition")), *select = node_get(target, S("selector"));
	str path = node_get_str(target, S("fieldPath"));
	struct value_add x = { .a = l->b->a, .value = value, .pos = target };
	struct selector s = { 0 };

	size_t parts = 1;

	for (size_t i = 0; i < path.n; i++)
		parts += path.p[i] == '/';
	if (parts > KUSTOMIZE_MAX_PATH)
		return diag_trouble(l->b->diag, node_pos(target), "limit", "a path has at most %d parts", KUSTOMIZE_MAX_PATH);
	if (path.n == 0 || (at && (!node_to_i64(at, &x.at) || x.at < 0)))
		return diag_trouble(l->b->diag, node_pos(target), "kustomize", path.n ? "filePathPosition is not negative" : "a target needs a fieldPath");
	if (selector_compile(l->b, select, &s) < 0)
		return -1;
	for (size_t i = 0; i < l->all->n; i++) {
		struct resource *r = l->all->p[i];
		if (!is_selected(l->b, &s, r) || (id_of(l->b, r)->cluster && str_eq(path, S("metadata/namespace"))))
			continue;
		if (visit_path(l->b->a, r->object, str_dup(l->b->a, path), true, put_value, &x) < 0)
			return -1;
		renamed(l->b, r);
		if (check_depth(l->b, r->object, node_pos(target)) < 0)
			return -1;
	}
	return 0;
}

static int add_value_at(struct layer *l, const struct node *targets, str value)
{
	for (uint32_t i = 0; node_is(targets, NODE_SEQ) && i < targets->n; i++)
		if (add_value_to(l, targets->items[i], value) < 0)
			return -1;
	return 0;
}

int add_value(struct layer *l, const struct node *config)
{
	const struct node *file = node_get(config, S("targetFilePath")), *targets = node_get(config, S("targets"));
	str value = str_trim(node_get_str(config, S("value"))), folder = str_of(l->real);
	struct node *more = NULL;

	if (!file && (!targets || targets->n == 0))
		return diag_trouble(l->b->diag, node_pos(config), "kustomize", "targets are wanted here");
	for (ptrdiff_t slash; value.n == 0 && (slash = str_chr(folder, '/')) >= 0;)
		folder = str_sub(folder, (size_t)slash + 1, folder.n);
	const char *path = file ? layer_file(l, file, node_str(file)) : NULL;
	if (file && (!path || read_file(l->b->a, l->b->diag, &l->b->o->read, path, &more) < 0))
		return -1;
	value = value.n ? value : folder;
	return add_value_at(l, targets, value) < 0 ? -1 : add_value_at(l, node_get(more, S("targets")), value);
}
