/* SPDX-License-Identifier: MIT */
/* helmCharts: charts that are in chartHome, rendered in this process. */
#include <string.h>
#include <sys/stat.h>

#include "chart/chart.h"
#include "kustomize/internal.h"

static const struct node *field(const struct node *map, const char *key)
{
	return node_get(map, str_of(key));
}

/* ---- where it is ------------------------------------------------------------------------ */
static const char *chart_home(struct layer *l, const struct node *c, const struct node *globals)
{
	str home = node_get_str(globals, S("chartHome")), name = node_get_str(c, S("name")), version = node_get_str(c, S("version"));
	const char *path = layer_path(l, home.n ? home : S("charts"));

	if (version.n && node_get_str(c, S("repo")).n)
		return str_printf(l->b->a, "%s/%.*s-%.*s", path, STR_ARG(name), STR_ARG(version)).p;
	return path;
}

static int no_chart(struct layer *l, const struct node *c, const char *home)
{
	str repo = node_get_str(c, S("repo")), name = node_get_str(c, S("name")), version = node_get_str(c, S("version"));
	bool oci = str_starts(repo, S("oci://"));
	struct pos pos = node_pos(c);

	if (repo.n == 0)
		return diag_trouble(l->b->diag, pos, "kustomize", "there is no chart %s/%.*s, and no repo that it could come from", home, STR_ARG(name));
	while (str_ends(repo, S("/")))
		repo.n--;
	return diag_trouble(l->b->diag, pos, "unsupported", "the chart is not in %s and is not fetched; run: helm pull --untar --untardir %s %s%.*s%s%.*s%s%.*s", home, home,
			    oci ? "" : "--repo ", STR_ARG(repo), oci ? "/" : " ", STR_ARG(name), version.n ? " --version " : "", STR_ARG(version));
}

/* ---- its values ---------------------------------------------------------------------------- */
static int read_values(struct layer *l, const char *path, struct node **out)
{
	struct read_options o = l->b->o->read;

	o.duplicates = 1; /* as Helm reads them */
	if (read_file(l->b->a, l->b->diag, &o, path, out) < 0)
		return -1;
	if ((*out)->kind == NODE_NULL)
		*out = node_at(node_new(l->b->a, NODE_MAP), *out);
	if ((*out)->kind != NODE_MAP)
		return diag_trouble(l->b->diag, node_pos(*out), "kustomize", "values are a map");
	return 0;
}

/* from over to, in place of merging in the cluster: maps merge, a null takes away, all else replaces. */
static struct node *lay_over(struct arena *a, const struct node *to, const struct node *from)
{
	struct node *out = node_clone(a, to);

	for (uint32_t i = 0; i < from->n; i++) {
		const struct entry *e = &from->entries[i];
		const struct node *old = node_get(out, entry_key(e));
		if (e->value->kind == NODE_NULL)
			node_remove(out, entry_key(e));
		else if (e->value->kind == NODE_MAP)
			node_put(a, out, entry_key(e), lay_over(a, node_is(old, NODE_MAP) ? old : node_new(a, NODE_MAP), e->value));
		else
			node_put(a, out, entry_key(e), e->value);
	}
	return out;
}

static int chart_values(struct layer *l, const struct node *c, const char *folder, struct node **out)
{
	const struct node *in_place = field(c, "valuesInline"), *how = field(c, "valuesMerge"), *file = field(c, "valuesFile"), *more = field(c, "additionalValuesFiles");
	struct arena *a = l->b->a;
	bool merge = str_eq(node_str(how), S("merge")), replace = str_eq(node_str(how), S("replace"));
	const char *path = file && node_str(file).n ? layer_file(l, file, node_str(file)) : str_printf(a, "%s/values.yaml", folder).p;
	struct stat st;

	if (how && !merge && !replace && !str_eq(node_str(how), S("override")))
		return diag_trouble(l->b->diag, node_pos(how), "kustomize", "valuesMerge is merge, override or replace");
	if (!path)
		return -1;
	if (!file && stat(path, &st) < 0)
		*out = node_at(node_new(a, NODE_MAP), c);
	else if (read_values(l, path, out) < 0)
		return -1;
	if (in_place && in_place->n) {
		if (replace)
			*out = (struct node *)in_place;
		else
			*out = merge ? lay_over(a, in_place, *out) : lay_over(a, *out, in_place);
	}
	for (uint32_t i = 0; more && i < more->n; i++) {
		struct node *next;
		if (!(path = layer_file(l, more->items[i], node_str(more->items[i]))) || read_values(l, path, &next) < 0)
			return -1;
		*out = values_merge(a, *out, next);
	}
	return 0;
}

/* ---- what it makes --------------------------------------------------------------------------- */
struct inflating {
	struct layer *l;
	const struct origin *origin;
	bool inherit; /* the namespace of the kustomization, unless it has its own */
	struct resources made;
};

static int take_made(void *ctx, struct node *object)
{
	struct inflating *x = ctx;

	return take_object(x->l, object, x->origin, &x->made);
}

static int take_doc(void *ctx, struct node *doc)
{
	struct inflating *x = ctx;

	return doc->kind == NODE_NULL ? 0 : kube_flatten(x->l->b->a, doc, take_made, ctx);
}

static void add_all(struct arena *a, struct strlist *to, const struct node *list)
{
	for (uint32_t i = 0; list && i < list->n; i++)
		*VEC_ADD(a, to) = str_dup(a, node_str(list->items[i]));
}

static struct release release_of(struct layer *l, const struct node *c, bool inherit)
{
	struct arena *a = l->b->a;
	str name = node_get_str(c, S("releaseName")), ns = node_get_str(c, S("namespace")), version = node_get_str(c, S("kubeVersion"));
	struct release r = { .include_crds = node_true(field(c, "includeCRDs")), .no_hooks = node_true(field(c, "skipHooks")), .skip_tests = node_true(field(c, "skipTests")) };

	if (ns.n == 0 && inherit)
		ns = node_get_str(l->doc, S("namespace"));
	if (ns.n == 0 && inherit)
		ns = l->helm_ns;
	r.name = name.n ? str_dup(a, name) : NULL;
	r.ns = ns.n ? str_dup(a, ns) : NULL;
	r.kube_version = version.n ? str_dup(a, version) : l->b->o->kube_version;
	add_all(a, &r.api_versions, field(c, "apiVersions"));
	for (size_t i = 0; i < l->b->o->api_versions.n; i++)
		*VEC_ADD(a, &r.api_versions) = l->b->o->api_versions.p[i];
	return r;
}

static int render_into(struct layer *l, const struct node *c, const char *folder, struct inflating *x)
{
	const struct chart_options co = { 0 };
	struct release r = release_of(l, c, x->inherit);
	struct rendered out = { 0 };
	struct node *values;

	if (chart_values(l, c, folder, &values) < 0)
		return -1;
	struct chart *chart = chart_load(l->b->a, l->b->diag, &co, folder);
	if (!chart)
		return -1;
	int bad = chart_render(chart, l->b->a, l->b->diag, &r, values, &out);
	if (!bad)
		bad = rendered_docs(l->b->a, l->b->diag, &out, take_doc, x);
	chart_close(chart);
	return bad;
}

int inflate_chart(struct layer *l, const struct node *args, const struct node *globals, bool inherit, const struct origin *o)
{
	const struct node *template = field(args, "nameTemplate");
	struct inflating x = { .l = l, .origin = o, .inherit = inherit };
	str name = node_get_str(args, S("name"));
	const char *home = chart_home(l, args, globals);
	struct stat st;

	if (name.n == 0)
		return diag_trouble(l->b->diag, node_pos(args), "kustomize", "a chart needs a name");
	if (template)
		return diag_trouble(l->b->diag, node_pos(template), "unsupported", "nameTemplate is not supported; say the releaseName");
	const char *folder = str_printf(l->b->a, "%s/%.*s", home, STR_ARG(name)).p;
	if (stat(folder, &st) < 0 || !S_ISDIR(st.st_mode))
		return no_chart(l, args, home);
	if (render_into(l, args, folder, &x) < 0)
		return diag_trouble(l->b->diag, node_pos(args), "kustomize", "the chart %.*s cannot be rendered", STR_ARG(name));
	for (size_t i = 0; i < x.made.n; i++) {
		x.made.p[i]->helm = true;
		if (absorb(l, x.made.p[i], NULL) < 0)
			return -1;
	}
	return 0;
}
