/* SPDX-License-Identifier: MIT */
/* Reads kustomizations and runs what they ask for, in kustomize's order. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "kustomize/internal.h"

/* ---- resources --------------------------------------------------------------------------- */
int add_resource(struct layer *l, struct resources *all, struct resource *r)
{
	const struct past *id = id_of(l->b, r);
	const struct resources *like = called(l->b, all, id->name);

	for (size_t i = 0; like && i < like->n; i++) {
		const struct past *other = id_of(l->b, like->p[i]);
		if (!same_id(id, other) || !str_eq(id->version, other->version))
			continue;
		struct pos at = node_pos(like->p[i]->object);
		return diag_trouble(l->b->diag, node_pos(r->object), "kustomize", "%.*s \"%.*s\" is there already, from %s:%u", STR_ARG(id->kind), STR_ARG(id->name),
				    at.file ? at.file : "a generator", at.line);
	}
	if (all->n >= KUSTOMIZE_MAX_RESOURCES)
		return diag_trouble(l->b->diag, node_pos(r->object), "limit", "there are more than %d resources", KUSTOMIZE_MAX_RESOURCES);
	resources_add(l->b, all, r);
	return 0;
}

int each_item(struct layer *l, const char *field, int (*visit)(struct layer *l, const struct node *n))
{
	const struct node *list = node_get(l->doc, str_of(field));

	for (uint32_t i = 0; node_is(list, NODE_SEQ) && i < list->n; i++)
		if (visit(l, list->items[i]) < 0)
			return -1;
	return 0;
}

static int join(struct layer *l, struct gathering *to, const struct gathering *from, const struct node *n)
{
	for (size_t i = 0; i < from->all.n; i++)
		if (add_resource(l, &to->all, from->all.p[i]) < 0)
			return -1;
	return config_merge(l->b, &to->config, from->config, node_pos(n)) < 0 ? -1 : join_vars(l->b, to, from);
}

/* A failure below came by way of n. */
static int by_way_of(struct layer *l, const struct node *n)
{
	struct pos p = node_pos(n);

	if (p.file)
		buf_printf(&l->b->chain, "%s%s:%u:%u", l->b->chain.n ? ", " : "", p.file, p.line, p.col);
	return -1;
}

/* real: the folder without links. */
static int accumulate(struct build *b, const struct layer *above, const char *folder, const char *real, const char *label, struct gathering *g, bool component);

static int add_folder(struct layer *l, const struct node *n, const char *path, const char *real, struct gathering *to, bool component)
{
	struct gathering below = { 0 };
	const char *label = join_path(l->b->a, l->label, node_str(n));

	if (component)
		return accumulate(l->b, l, path, real, label, to, true) < 0 ? by_way_of(l, n) : 0;
	if (accumulate(l->b, l, path, real, label, &below, false) < 0)
		return by_way_of(l, n);
	return join(l, to, &below, n);
}

static int add_path(struct layer *l, const struct node *n, struct gathering *to, bool component)
{
	struct build *b = l->b;
	str name = node_str(n);
	struct stat st;
	const char *path;

	if (n->kind != NODE_STRING || name.n == 0)
		return diag_trouble(b->diag, node_pos(n), "kustomize", "the name of a file or folder is wanted here");
	int remote = remote_path(l, n, name, &path);
	if (remote < 0)
		return -1;
	if (!remote)
		path = layer_path(l, name);
	if (stat(path, &st) < 0)
		return diag_trouble(b->diag, node_pos(n), "kustomize", "there is no %s", path);
	if (S_ISDIR(st.st_mode))
		return add_folder(l, n, path, real_path(l, path, remote ? S("/") : name), to, component);
	if (component)
		return diag_trouble(b->diag, node_pos(n), "kustomize", "a component is a folder");
	if (!(path = layer_file(l, n, name)))
		return -1;
	return read_objects(l, path, origin_file(l, name), &to->all) < 0 ? by_way_of(l, n) : 0;
}

static int add_one(struct layer *l, const struct node *n)
{
	return add_path(l, n, l->g, false);
}

static int add_component(struct layer *l, const struct node *n)
{
	return add_path(l, n, l->g, true);
}

int read_configs(struct layer *l, const char *field, struct resources *out)
{
	const struct node *list = node_get(l->doc, str_of(field));
	struct gathering g = { 0 };

	for (int written = 0; written < 2; written++) /* those written in place come first */
		for (uint32_t i = 0; node_is(list, NODE_SEQ) && i < list->n; i++) {
			const struct node *n = list->items[i];
			bool in_place = str_chr(node_str(n), '\n') >= 0 || str_starts(str_trim(node_str(n)), S("{"));
			if (in_place == (written != 0))
				continue;
			if (in_place ? read_object_text(l, n, origin_file(l, str_of(l->file)), &g.all) < 0 : add_path(l, n, &g, false) < 0)
				return -1;
		}
	*out = g.all;
	return 0;
}

/* ---- one kustomization --------------------------------------------------------------------- */
static int run_layer(struct layer *l)
{
	if (each_item(l, "resources", add_one) < 0 || each_item(l, "bases", add_one) < 0 || config_load(l) < 0 || run_generators(l) < 0)
		return -1;
	if (each_item(l, "components", add_component) < 0 || run_transformers(l) < 0 || run_validators(l) < 0)
		return -1;
	return merge_vars(l);
}

static int check_kind(struct layer *l, bool component)
{
	const struct node *kind = node_get(l->doc, S("kind")), *api = node_get(l->doc, S("apiVersion"));
	bool is_component = str_eq(node_str(kind), S("Component"));
	struct diag *d = l->b->diag;

	if (kind && !is_component && !str_eq(node_str(kind), S("Kustomization")))
		return diag_trouble(d, node_pos(kind), "kustomize", "kind is Kustomization or Component");
	if (api && !str_eq(node_str(api), is_component ? S("kustomize.config.k8s.io/v1alpha1") : S("kustomize.config.k8s.io/v1beta1")))
		return diag_trouble(d, node_pos(api), "kustomize", "apiVersion is kustomize.config.k8s.io/%s", is_component ? "v1alpha1" : "v1beta1");
	if (is_component == component || l->b->open.n == 0)
		return 0;
	return diag_trouble(d, kind ? node_pos(kind) : node_pos(l->doc), "kustomize",
			    component ? "this is no Component; name it under resources" : "a Component belongs under components, not resources");
}

static int load(struct layer *l, bool component)
{
	struct build *b = l->b;
	struct node *doc;

	if (b->open.n == 0 && b->o->document)
		doc = b->o->document;
	else if (read_file(b->a, b->diag, &b->o->read, str_printf(b->a, "%s/%s", l->folder, l->file).p, &doc) < 0)
		return -1;
	if (doc->kind != NODE_MAP || doc->n == 0)
		return diag_trouble(b->diag, node_pos(doc), "kustomize", "a kustomization is a map, and not empty");
	if (!(l->doc = shape_kustomization(b, doc)) || check_kind(l, component) < 0)
		return -1;
	if (l->doc->n == 0u + (node_get(l->doc, S("kind")) != NULL) + (node_get(l->doc, S("apiVersion")) != NULL))
		return diag_trouble(b->diag, node_pos(doc), "kustomize", "the kustomization asks for nothing");
	if (b->open.n == 0 && node_get(l->doc, S("buildMetadata")))
		b->trace = true;
	return openapi_load(l, b->open.n == 0);
}

static str inherited_namespace(const struct layer *above)
{
	str own = above ? node_get_str(above->doc, S("namespace")) : S("");

	return own.n || !above ? own : above->helm_ns;
}

/* Two names for one file: kustomize wants exactly one. */
static const char *file_of(struct build *b, const char *folder, struct pos pos)
{
	const char *path = kustomization_in(b->a, folder);

	if (!path)
		diag_trouble(b->diag, pos, "kustomize", "there is no kustomization.yaml in %s", folder);
	return path ? strrchr(path, '/') + 1 : NULL;
}

static int accumulate(struct build *b, const struct layer *above, const char *folder, const char *real, const char *label, struct gathering *g, bool component)
{
	struct layer l = { .b = b, .folder = folder, .real = real, .label = label, .g = g, .all = &g->all, .helm_ns = inherited_namespace(above) };

	if (!real)
		return diag_sys(b->diag, "open the folder", folder);
	if (!(l.file = file_of(b, folder, IN_FILE(folder))))
		return -1;
	const char *path = str_printf(b->a, "%s/%s", folder, l.file).p;
	for (size_t i = 0; i < b->open.n; i++)
		if (strcmp(b->open.p[i], real) == 0)
			return diag_trouble(b->diag, IN_FILE(path), "kustomize", "the kustomization includes itself, directly or through others");
	if (++b->layers > KUSTOMIZE_MAX_LAYERS)
		return diag_trouble(b->diag, IN_FILE(path), "limit", "more than %d kustomizations are read, this one maybe many times", KUSTOMIZE_MAX_LAYERS);
	if (b->open.n >= KUSTOMIZE_MAX_DEPTH)
		return diag_trouble(b->diag, IN_FILE(path), "kustomize", "kustomizations nest deeper than %d", KUSTOMIZE_MAX_DEPTH);
	if (load(&l, component) < 0)
		return -1;
	if (!above)
		b->top = l.doc;
	*VEC_ADD(b->a, &b->open) = real;
	int bad = run_layer(&l);
	b->open.n--;
	return bad;
}

/* ---- a build ---------------------------------------------------------------------------------- */
static bool is_local(const struct resource *r)
{
	const struct node *notes = node_get(node_get(r->object, S("metadata")), S("annotations"));
	const struct node *mark = node_get(notes, S("config.kubernetes.io/local-config"));

	return mark && !str_eq(node_str(mark), S("false"));
}

static int put_all(struct build *b, struct resources *all, int (*put)(void *ctx, struct node *object), void *ctx)
{
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++)
		if (!is_local(all->p[i]))
			all->p[n++] = all->p[i];
	all->n = n;
	if (sort_resources(b, node_get(b->top, S("sortOptions")), all) < 0 || write_origins(b, b->top, all) < 0)
		return -1;
	for (size_t i = 0; i < all->n; i++)
		if (put(ctx, all->p[i]->object) < 0)
			return -1;
	return 0;
}

/* What was said goes out; the last of it, if it is why the build failed, with the way there. */
static void tell(struct build *b, struct diag *to, bool failed)
{
	struct finding *f, *last = NULL;

	for (f = diag_held_at(b->diag, 0); f; f = diag_held_next(f))
		last = f;
	if (failed && last && last->trouble && b->chain.n)
		last->message = str_printf(b->a, "%.*s (by way of %.*s)", STR_ARG(last->message), STR_ARG(buf_str(&b->chain)));
	diag_join(to, b->diag);
}

int kustomize_build(struct arena *a, struct diag *d, const struct kustomize_options *o, const char *folder, int (*put)(void *ctx, struct node *object),
		    void *ctx)
{
	struct diag held;
	struct build b = { .a = a, .diag = &held, .o = o, .chain = BUF(a) };
	struct gathering g = { 0 };
	str top = str_of(folder);

	diag_fork(&held, d, a);
	b.objects = o->read;
	if (b.objects.yaml == YAML_KUBERNETES)
		b.objects.yaml = YAML_KUSTOMIZE;
	while (top.n > 1 && str_ends(top, S("/")))
		top.n--;
	char *real = realpath(str_dup(a, top), NULL);
	int bad = accumulate(&b, NULL, str_dup(a, top), real ? str_dup(a, str_of(real)) : NULL, ".", &g, false);
	free(real);
	if (!bad) {
		add_hashes(&b, &g.all);
		bad = fix_references(&b, &g) < 0 ? -1 : resolve_vars(&b, &g);
	}
	if (!bad)
		bad = patterns_check(&b) < 0 ? -1 : put_all(&b, &g.all, put, ctx);
	tell(&b, d, bad != 0);
	patterns_free(&b);
	if (b.schemas)
		kube_schemas_close(b.schemas);
	return bad;
}
