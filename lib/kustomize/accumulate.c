/* SPDX-License-Identifier: MIT */
/* Reads kustomizations and runs what they ask for, in kustomize's order. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "kustomize/internal.h"

static const char *const file_names[] = { "kustomization.yaml", "kustomization.yml", "Kustomization" };

static const char *file_in(struct arena *a, const char *folder)
{
	struct stat st;

	for (size_t i = 0; i < COUNT(file_names); i++) {
		const char *path = str_printf(a, "%s/%s", folder, file_names[i]).p;
		if (stat(path, &st) == 0 && S_ISREG(st.st_mode))
			return path;
	}
	return NULL;
}

bool kustomize_is_one(const char *folder)
{
	struct arena a = { 0 };
	bool is = file_in(&a, folder) != NULL;

	arena_free(&a);
	return is;
}

const char *layer_path(struct layer *l, str name)
{
	return str_starts(name, S("/")) ? str_dup(l->b->a, name) : str_printf(l->b->a, "%s/%.*s", l->folder, STR_ARG(name)).p;
}

/* ---- resources --------------------------------------------------------------------------- */
static bool same_id(const struct past *x, const struct past *y)
{
	return str_eq(x->kind, y->kind) && str_eq(x->group, y->group) && str_eq(x->name, y->name) && str_eq(effective_namespace(x), effective_namespace(y));
}

int add_resource(struct layer *l, struct resources *all, struct resource *r)
{
	struct past id = current_id(r);

	for (size_t i = 0; i < all->n; i++) {
		struct past other = current_id(all->p[i]);
		if (!same_id(&id, &other) || !str_eq(id.version, other.version))
			continue;
		struct pos at = node_pos(all->p[i]->object);
		return diag_trouble(l->b->diag, node_pos(r->object), "kustomize", "%.*s \"%.*s\" is there already, from %s:%u", STR_ARG(id.kind), STR_ARG(id.name),
				    at.file ? at.file : "a generator", at.line);
	}
	*VEC_ADD(l->b->a, all) = r;
	return 0;
}

struct taking {
	struct layer *l;
	struct resources *out;
};

static int take(void *ctx, struct node *object)
{
	struct taking *t = ctx;
	struct resource *r = NEW(t->l->b->a, struct resource);

	if (node_get_str(object, S("kind")).n == 0)
		return diag_trouble(t->l->b->diag, node_pos(object), "kustomize", "no Kubernetes object: it has no kind");
	r->object = node_copy(t->l->b->a, object);
	if (name_of(r->object).n == 0)
		return diag_trouble(t->l->b->diag, node_pos(object), "kustomize", "the object has no metadata.name");
	return add_resource(t->l, t->out, r);
}

int read_objects(struct layer *l, const char *path, struct resources *out)
{
	struct reader *reader = reader_open(l->b->a, l->b->diag, &l->b->o->read, path);
	struct taking t = { l, out };
	struct node *n;
	int got = -1, bad = 0;

	if (!reader)
		return -1;
	while (!bad && (got = reader_next(reader, l->b->a, &n)) > 0)
		if (n->kind != NODE_NULL)
			bad = kube_flatten(l->b->a, n, take, &t);
	reader_close(reader);
	return bad ? -1 : got;
}

int each_string(struct layer *l, const char *field, int (*visit)(struct layer *l, const struct node *n))
{
	const struct node *list = node_get(l->doc, str_of(field));

	if (!list || list->kind == NODE_NULL)
		return 0;
	if (list->kind != NODE_SEQ)
		return diag_trouble(l->b->diag, node_pos(list), "kustomize", "%s must be a list", field);
	for (uint32_t i = 0; i < list->n; i++)
		if (visit(l, list->items[i]) < 0)
			return -1;
	return 0;
}

static bool is_remote(str s)
{
	return str_find(s, S("://")) >= 0 || str_starts(s, S("git@")) || str_starts(s, S("github.com/")) || str_find(s, S("?ref=")) >= 0;
}

static int add_path(struct layer *l, const struct node *n, bool component)
{
	struct build *b = l->b;
	str name = node_str(n);
	const char *path = layer_path(l, name);
	struct stat st;

	if (n->kind != NODE_STRING)
		return diag_trouble(b->diag, node_pos(n), "kustomize", "the name of a file or folder is wanted here");
	if (is_remote(name))
		return diag_trouble(b->diag, node_pos(n), "unsupported", "%.*s is elsewhere and is not fetched; vendor it into a folder", STR_ARG(name));
	if (stat(path, &st) < 0)
		return diag_trouble(b->diag, node_pos(n), "kustomize", "there is no %s", path);
	if (component && !S_ISDIR(st.st_mode))
		return diag_trouble(b->diag, node_pos(n), "kustomize", "a component is a folder");
	if (component)
		return accumulate(b, path, l->all, true);
	if (!S_ISDIR(st.st_mode))
		return read_objects(l, path, l->all);
	struct resources below = { 0 };
	if (accumulate(b, path, &below, false) < 0)
		return -1;
	for (size_t i = 0; i < below.n; i++)
		if (add_resource(l, l->all, below.p[i]) < 0)
			return -1;
	return 0;
}

static int add_one(struct layer *l, const struct node *n)
{
	return add_path(l, n, false);
}

static int add_component(struct layer *l, const struct node *n)
{
	return add_path(l, n, true);
}

/* ---- one kustomization --------------------------------------------------------------------- */
static const char *const known[] = {
	"apiVersion", "kind", "metadata", "resources", "bases", "components", "configMapGenerator", "secretGenerator", "generatorOptions",
	"patches", "patchesStrategicMerge", "patchesJson6902", "namespace", "namePrefix", "nameSuffix", "commonLabels", "labels",
	"commonAnnotations", "replicas", "images", "replacements", "sortOptions", "transformers",
};

static int check_fields(struct layer *l)
{
	for (uint32_t i = 0; i < l->doc->n; i++) {
		const struct entry *e = &l->doc->entries[i];
		str names[COUNT(known)], near;
		bool ok = false;
		for (size_t k = 0; k < COUNT(known); k++) {
			names[k] = str_of(known[k]);
			ok |= str_eq(names[k], entry_key(e));
		}
		near = ok ? S("") : str_nearest(entry_key(e), names, COUNT(known));
		if (!ok)
			return diag_trouble(l->b->diag, entry_pos(e), "unsupported", "\"%.*s\" is not supported in a kustomization%s%.*s%s", STR_ARG(entry_key(e)),
					    near.n ? "; did you mean \"" : "", STR_ARG(near), near.n ? "\"?" : "");
	}
	return 0;
}

static int run_labels(struct layer *l, const struct node *n)
{
	bool selectors = node_true(node_get(n, S("includeSelectors"))), templates = node_true(node_get(n, S("includeTemplates")));

	return add_labels(l, node_get(n, S("pairs")), selectors, templates, node_get(n, S("fields")));
}

static int run_transformers(struct layer *l, const struct node *n)
{
	struct build *b = l->b;
	const struct read_options *o = &b->o->read;
	struct reader *r;
	struct node *config;
	int got = -1, bad = 0;

	if (str_chr(node_str(n), '\n') >= 0)
		r = reader_open_text(b->a, b->diag, o, n->source ? n->source->name : "", node_str(n));
	else
		r = reader_open(b->a, b->diag, o, layer_path(l, node_str(n)));
	if (!r)
		return -1;
	while (!bad && (got = reader_next(r, b->a, &config)) > 0)
		bad = config->kind == NODE_NULL ? 0 : run_transformer(l, config);
	reader_close(r);
	return bad ? -1 : got;
}

/* The order of kustomize's built-in transformers. */
static int transform(struct layer *l)
{
	const struct node *d = l->doc, *common = node_get(d, S("commonLabels")), *notes = node_get(d, S("commonAnnotations"));

	if (apply_merge_patches(l, node_get(d, S("patchesStrategicMerge"))) < 0 || apply_patches(l, node_get(d, S("patches"))) < 0)
		return -1;
	if (set_namespace(l, node_get(d, S("namespace"))) < 0 || add_prefix(l, node_get(d, S("namePrefix")), false) < 0 ||
	    add_prefix(l, node_get(d, S("nameSuffix")), true) < 0)
		return -1;
	if (each_string(l, "labels", run_labels) < 0 || (common && add_labels(l, common, true, true, NULL) < 0))
		return -1;
	if ((notes && add_annotations(l, notes) < 0) || apply_json_patches(l, node_get(d, S("patchesJson6902"))) < 0)
		return -1;
	if (set_replicas(l, node_get(d, S("replicas"))) < 0 || set_images(l, node_get(d, S("images"))) < 0 ||
	    apply_replacements(l, node_get(d, S("replacements"))) < 0)
		return -1;
	return each_string(l, "transformers", run_transformers);
}

static int run_layer(struct layer *l)
{
	if (check_fields(l) < 0 || each_string(l, "resources", add_one) < 0 || each_string(l, "bases", add_one) < 0)
		return -1;
	if (generate_maps(l, node_get(l->doc, S("configMapGenerator")), false) < 0 || generate_maps(l, node_get(l->doc, S("secretGenerator")), true) < 0)
		return -1;
	if (each_string(l, "components", add_component) < 0)
		return -1;
	return transform(l);
}

int accumulate(struct build *b, const char *folder, struct resources *all, bool component)
{
	struct layer l = { .b = b, .folder = folder, .all = all };
	const char *file = file_in(b->a, folder);
	char *real = realpath(folder, NULL);
	int bad = 0;

	if (!real)
		return diag_sys(b->diag, "open the folder", folder);
	const char *id = str_dup(b->a, str_of(real));
	free(real);
	if (!file)
		return diag_trouble(b->diag, IN_FILE(folder), "kustomize", "there is no kustomization.yaml in it");
	for (size_t i = 0; i < b->open.n; i++)
		if (strcmp(b->open.p[i], id) == 0)
			return diag_trouble(b->diag, IN_FILE(file), "kustomize", "the kustomization includes itself, directly or through others");
	if (b->open.n >= KUSTOMIZE_MAX_DEPTH)
		return diag_trouble(b->diag, IN_FILE(file), "kustomize", "kustomizations nest deeper than %d", KUSTOMIZE_MAX_DEPTH);
	if (b->open.n == 0 && b->o->document)
		l.doc = b->o->document;
	else if (read_file(b->a, b->diag, &b->o->read, file, &l.doc) < 0)
		return -1;
	if (l.doc->kind != NODE_MAP)
		return diag_trouble(b->diag, node_pos(l.doc), "kustomize", "a kustomization is a map, and not empty");
	bool is_component = str_eq(node_get_str(l.doc, S("kind")), S("Component"));
	if (is_component != component && b->open.n > 0)
		return diag_trouble(b->diag, IN_FILE(file), "kustomize", component ? "this is no Component; name it under resources" : "a Component belongs under components, not resources");
	*VEC_ADD(b->a, &b->open) = id;
	bad = run_layer(&l);
	b->open.n--;
	if (b->open.n == 0)
		b->fifo = str_eq(node_get_str(node_get(l.doc, S("sortOptions")), S("order")), S("fifo"));
	return bad;
}

int kustomize_build(struct arena *a, struct diag *d, const struct kustomize_options *o, const char *folder, int (*put)(void *ctx, struct node *object),
		    void *ctx)
{
	struct build b = { .a = a, .diag = d, .o = o };
	struct resources all = { 0 };
	str top = str_of(folder);

	while (top.n > 1 && str_ends(top, S("/")))
		top.n--;
	int bad = accumulate(&b, str_dup(a, top), &all, false);
	if (!bad) {
		add_hashes(&b, &all);
		bad = fix_references(&b, &all);
	}
	if (!bad && !b.fifo)
		sort_resources(&all);
	for (size_t i = 0; i < all.n && !bad; i++) {
		struct node *notes = node_get(node_get(all.p[i]->object, S("metadata")), S("annotations"));
		if (node_get(notes, S("config.kubernetes.io/local-config")) && !str_eq(node_get_str(notes, S("config.kubernetes.io/local-config")), S("false")))
			continue;
		bad = put(ctx, all.p[i]->object);
	}
	if (b.schemas)
		kube_schemas_close(b.schemas);
	return bad;
}
