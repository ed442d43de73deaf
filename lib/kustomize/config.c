/* SPDX-License-Identifier: MIT */
/* configurations and crds: more fields for the transformers to go for. */
#include <string.h>

#include "kustomize/internal.h"

/* ---- field specs --------------------------------------------------------------------- */
static bool fits(const char *want, str have)
{
	return !want || str_eq(str_of(want), have);
}

bool spec_selects(const struct field_spec *s, const struct past *id)
{
	return fits(s->kind, id->kind) && fits(s->group, id->group) && fits(s->version, id->version);
}

static bool covers(const char *want, const char *have) /* what selects by want finds have, too */
{
	return !want || (have && strcmp(want, have) == 0);
}

static bool same_text(const char *x, const char *y)
{
	return x == y || (x && y && strcmp(x, y) == 0);
}

/* Room for one more; a table that is not ours is copied first. */
static struct field_spec *vec_spec(struct build *b, struct specs *to)
{
	if (to->cap == 0 && to->n) {
		struct field_spec *own = NEW_ARRAY(b->a, struct field_spec, to->n + 8);
		memcpy(own, to->p, to->n * sizeof *own);
		*to = (struct specs){ own, to->n, to->n + 8 };
	}
	struct {
		struct field_spec *p;
		size_t n, cap;
	} v = { (struct field_spec *)to->p, to->n, to->cap };
	struct field_spec *at = VEC_ADD(b->a, &v);
	*to = (struct specs){ v.p, v.n, v.cap };
	return at;
}

int specs_add(struct build *b, struct specs *to, const struct field_spec *s, struct pos pos)
{
	for (size_t i = 0; i < to->n; i++) {
		const struct field_spec *x = &to->p[i];
		if (!covers(s->group, x->group) || !covers(s->version, x->version) || !covers(s->kind, x->kind) || strcmp(s->path, x->path) != 0)
			continue;
		if (x->create == s->create)
			return 0;
		return diag_trouble(b->diag, pos, "kustomize", "%s is there already with create: %s", s->path, x->create ? "true" : "false");
	}
	*vec_spec(b, to) = *s;
	return 0;
}

int specs_merge(struct build *b, struct specs *to, const struct specs *from, struct pos pos)
{
	for (size_t i = 0; i < from->n; i++)
		if (specs_add(b, to, &from->p[i], pos) < 0)
			return -1;
	return 0;
}

static const char *text_of(struct build *b, const struct node *map, const char *key)
{
	str s = node_get_str(map, str_of(key));

	return s.n ? str_dup(b->a, s) : NULL;
}

static int spec_read(struct build *b, const struct node *n, struct field_spec *out)
{
	*out = (struct field_spec){ text_of(b, n, "group"), text_of(b, n, "version"), text_of(b, n, "kind"), text_of(b, n, "path"), node_true(node_get(n, S("create"))) };
	size_t parts = 1;
	for (const char *p = out->path; p && *p; p++)
		parts += *p == '/';
	if (out->path && parts <= KUSTOMIZE_MAX_PATH)
		return 0;
	if (out->path)
		return diag_trouble(b->diag, node_pos(n), "limit", "a path has at most %d parts", KUSTOMIZE_MAX_PATH);
	return diag_trouble(b->diag, node_pos(n), "kustomize", "a field needs a path");
}

int specs_read(struct build *b, const struct node *list, struct specs *out)
{
	struct field_spec spec;

	for (uint32_t i = 0; node_is(list, NODE_SEQ) && i < list->n; i++)
		if (spec_read(b, list->items[i], &spec) < 0 || specs_add(b, out, &spec, node_pos(list->items[i])) < 0)
			return -1;
	return 0;
}

/* ---- configurations --------------------------------------------------------------------- */
static bool same_reference(const struct reference *x, const struct reference *y)
{
	return same_text(x->group, y->group) && same_text(x->version, y->version) && same_text(x->kind, y->kind) && covers(y->in.group, x->in.group) &&
	       covers(y->in.version, x->in.version) && covers(y->in.kind, x->in.kind) && strcmp(x->in.path, y->in.path) == 0;
}

static void add_reference(struct build *b, struct config *c, const struct reference *r)
{
	for (size_t i = 0; i < c->references.n; i++)
		if (same_reference(&c->references.p[i], r))
			return;
	if (c->references.cap == 0 && c->references.n) {
		struct reference *own = NEW_ARRAY(b->a, struct reference, c->references.n + 8);
		memcpy(own, c->references.p, c->references.n * sizeof *own);
		c->references.p = own;
		c->references.cap = c->references.n + 8;
	}
	struct {
		struct reference *p;
		size_t n, cap;
	} v = { (struct reference *)c->references.p, c->references.n, c->references.cap };
	*VEC_ADD(b->a, &v) = *r;
	c->references.p = v.p;
	c->references.n = v.n;
	c->references.cap = v.cap;
}

/* ---- kustomize's order of fields, on which it depends which of two that overlap counts ------- */
static int compare_kinds(const char *const x[3], const char *const y[3])
{
	static const char *const none[] = { "~G", "~V", "~K" };
	int rx = kind_rank(str_of(x[2])), ry = kind_rank(str_of(y[2]));

	if (rx != ry)
		return rx < ry ? -1 : 1;
	for (size_t i = 0; i < 3; i++) {
		int c = strcmp(x[i] ? x[i] : none[i], y[i] ? y[i] : none[i]);
		if (c)
			return c;
	}
	return 0;
}

static int by_spec(const struct field_spec *x, const struct field_spec *y)
{
	return compare_kinds((const char *const[]){ x->group, x->version, x->kind }, (const char *const[]){ y->group, y->version, y->kind });
}

/* Few, and nearly in order. */
static void sort_stable(struct field_spec *p, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct field_spec x = p[i];
		size_t k = i;
		for (; k > 0 && by_spec(&p[k - 1], &x) > 0; k--)
			p[k] = p[k - 1];
		p[k] = x;
	}
}

static int merge_sets(struct build *b, struct config *to, const struct config *from, struct pos pos)
{
	for (size_t i = 0; i < SPEC_SETS; i++) {
		struct specs sorted = { 0 };
		for (size_t k = 0; k < from->sets[i].n; k++)
			*vec_spec(b, &sorted) = from->sets[i].p[k];
		sort_stable((struct field_spec *)sorted.p, sorted.n);
		if (specs_merge(b, &to->sets[i], &sorted, pos) < 0)
			return -1;
		sort_stable((struct field_spec *)to->sets[i].p, to->sets[i].n);
	}
	for (size_t i = 0; i < from->references.n; i++)
		add_reference(b, to, &from->references.p[i]);
	return 0;
}

int config_merge(struct build *b, const struct config **to, const struct config *from, struct pos pos)
{
	if (!from || *to == from)
		return 0;
	if (!*to && from == &default_config) {
		*to = from;
		return 0;
	}
	struct config *c = NEW(b->a, struct config);
	if (*to && merge_sets(b, c, *to, pos) < 0)
		return -1;
	*to = c;
	return merge_sets(b, c, from, pos);
}

static int references_read(struct build *b, const struct node *list, struct config *c)
{
	for (uint32_t i = 0; node_is(list, NODE_SEQ) && i < list->n; i++) {
		const struct node *n = list->items[i], *in = node_get(n, S("fieldSpecs"));
		struct reference r = { text_of(b, n, "group"), text_of(b, n, "version"), text_of(b, n, "kind"), { 0 } };
		for (uint32_t k = 0; node_is(in, NODE_SEQ) && k < in->n; k++) {
			if (spec_read(b, in->items[k], &r.in) < 0)
				return -1;
			add_reference(b, c, &r);
		}
	}
	return 0;
}

static int config_read(struct build *b, const struct node *doc, struct config *c)
{
	static const char *const names[] = {
		[SPEC_PREFIX] = "namePrefix", [SPEC_SUFFIX] = "nameSuffix", [SPEC_NAMESPACE] = "namespace", [SPEC_COMMON_LABELS] = "commonLabels",
		[SPEC_LABELS] = "labels", [SPEC_TEMPLATE_LABELS] = "templateLabels", [SPEC_ANNOTATIONS] = "commonAnnotations", [SPEC_VARS] = "varReference",
		[SPEC_IMAGES] = "images", [SPEC_REPLICAS] = "replicas", [SPEC_SETS] = "nameReference",
	};

	if (doc->kind != NODE_MAP)
		return diag_trouble(b->diag, node_pos(doc), "kustomize", "a configuration is a map of nameReference, varReference, images and the like");
	for (uint32_t i = 0; i < doc->n; i++) {
		const struct entry *e = &doc->entries[i];
		str known[COUNT(names)];
		size_t k = 0;
		for (size_t j = 0; j < COUNT(names); j++)
			known[j] = str_of(names[j]);
		while (k < COUNT(names) && !str_eq(known[k], entry_key(e)))
			k++;
		if (k == COUNT(names)) {
			str near = str_nearest(entry_key(e), known, COUNT(names));
			return diag_trouble(b->diag, entry_pos(e), "kustomize", "there is no \"%.*s\" in a configuration%s%.*s%s", STR_ARG(entry_key(e)),
					    near.n ? "; did you mean \"" : "", STR_ARG(near), near.n ? "\"?" : "");
		}
		if (e->value->kind != NODE_SEQ && e->value->kind != NODE_NULL)
			return diag_trouble(b->diag, entry_pos(e), "kustomize", "%s is a list of fields", names[k]);
		if (k == SPEC_SETS ? references_read(b, e->value, c) < 0 : specs_read(b, e->value, &c->sets[k]) < 0)
			return -1;
	}
	return 0;
}

/* ---- crds: OpenAPI definitions by name --------------------------------------------------- */
struct crds {
	struct build *b;
	const struct node *all;
	struct config *c;
	const char *kind;
	struct pos pos;
	size_t steps;
};

static const struct node *properties_of(const struct node *definition)
{
	const struct node *schema = node_get(definition, S("Schema"));

	return node_get(schema ? schema : node_get(definition, S("schema")), S("properties"));
}

static int crd_property(struct crds *x, const struct node *p, const char *path)
{
	static const struct {
		const char *mark;
		enum spec_set set;
	} marks[] = { { "x-kubernetes-annotation", SPEC_ANNOTATIONS }, { "x-kubernetes-label-selector", SPEC_COMMON_LABELS }, { "x-kubernetes-identity", SPEC_PREFIX } };
	const struct field_spec spec = { NULL, NULL, x->kind, path, false };
	const char *version = text_of(x->b, p, "x-kubernetes-object-ref-api-version"), *kind = text_of(x->b, p, "x-kubernetes-object-ref-kind");
	const char *key = text_of(x->b, p, "x-kubernetes-object-ref-name-key");

	for (size_t i = 0; i < COUNT(marks); i++)
		if (node_is(node_get(p, str_of(marks[i].mark)), NODE_STRING) && specs_add(x->b, &x->c->sets[marks[i].set], &spec, x->pos) < 0)
			return -1;
	if (version && kind) {
		const char *to = str_printf(x->b->a, "%s/%s", path, key ? key : "name").p;
		const struct reference r = { NULL, version, kind, { NULL, NULL, x->kind, to, false } };
		add_reference(x->b, x->c, &r);
	}
	return 0;
}

static int crd_definition(struct crds *x, const struct node *definition, const char *path, int depth)
{
	const struct node *properties = properties_of(definition);

	if (depth > KUSTOMIZE_MAX_DEPTH || ++x->steps > KUSTOMIZE_MAX_LAYERS)
		return diag_trouble(x->b->diag, node_pos(definition), "limit", "definitions refer to one another deeper than %d, or in a ring, or too often", KUSTOMIZE_MAX_DEPTH);
	for (uint32_t i = 0; node_is(properties, NODE_MAP) && i < properties->n; i++) {
		const struct entry *e = &properties->entries[i];
		const char *below = str_printf(x->b->a, "%s%s%.*s", path, path[0] ? "/" : "", STR_ARG(entry_key(e))).p;
		const struct node *next = node_get(x->all, node_get_str(e->value, S("$ref")));
		if (crd_property(x, e->value, below) < 0 || (next && crd_definition(x, next, below, depth + 1) < 0))
			return -1;
	}
	return 0;
}

static int crds_read(struct build *b, const struct node *doc, struct config *c)
{
	struct crds x = { .b = b, .all = doc, .c = c, .pos = node_pos(doc) };

	if (str_eq(node_get_str(doc, S("kind")), S("CustomResourceDefinition")))
		return diag_trouble(b->diag, node_pos(doc), "kustomize", "crds wants OpenAPI definitions; a CustomResourceDefinition belongs under resources");
	for (uint32_t i = 0; node_is(doc, NODE_MAP) && i < doc->n; i++) {
		const struct entry *e = &doc->entries[i];
		const struct node *properties = properties_of(e->value);
		str name = entry_key(e);
		for (ptrdiff_t dot; (dot = str_chr(name, '.')) >= 0;)
			name = str_sub(name, (size_t)dot + 1, name.n);
		if (!node_get(properties, S("kind")) || !node_get(properties, S("apiVersion")) || !node_get(properties, S("metadata")))
			continue;
		x.kind = str_dup(b->a, name);
		if (crd_definition(&x, e->value, "", 0) < 0)
			return -1;
	}
	return 0;
}

static int load_file(struct layer *l, const char *field, const struct config **to, int (*read)(struct build *b, const struct node *doc, struct config *c))
{
	const struct node *list = node_get(l->doc, str_of(field));

	for (uint32_t i = 0; list && i < list->n; i++) {
		const char *path = layer_file(l, list->items[i], node_str(list->items[i]));
		struct config *c = NEW(l->b->a, struct config);
		struct node *doc;
		if (!path || read_file(l->b->a, l->b->diag, &l->b->o->read, path, &doc) < 0 || read(l->b, doc, c) < 0 ||
		    config_merge(l->b, to, c, node_pos(list->items[i])) < 0)
			return -1;
	}
	return 0;
}

int config_load(struct layer *l)
{
	const struct config *own = &default_config, *more = NULL;
	struct pos pos = node_pos(l->doc);

	if (load_file(l, "configurations", &more, config_read) < 0 || config_merge(l->b, &own, more, pos) < 0 || config_merge(l->b, &l->g->config, own, pos) < 0)
		return -1;
	return load_file(l, "crds", &l->g->config, crds_read);
}
