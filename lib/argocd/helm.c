/* SPDX-License-Identifier: MIT */
/* Charts as sources: their values, files, parameters; each chart is read once. */
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#include "argocd/internal.h"
#include "template/semver.h"

/* ---- charts, read once, shared by all threads --------------------------------------------- */
struct stored {
	struct lock *lock;
	struct arena a;
	struct chart *chart; /* NULL: not read yet, or it cannot be: each Application that uses it says so */
};
struct chart_store {
	struct lock *lock; /* of what follows */
	struct arena a;
	struct map map;
};

struct chart_store *chart_store_new(struct arena *a)
{
	struct chart_store *s = NEW(a, struct chart_store);

	s->lock = lock_new(a);
	return s;
}

void chart_store_free(struct chart_store *s)
{
	for (size_t i = 0; i < s->map.n; i++) {
		struct stored *e = s->map.items[i].value;
		if (e->chart)
			chart_close(e->chart);
		arena_free(&e->a);
		lock_free(e->lock);
	}
	arena_free(&s->a);
	lock_free(s->lock);
}

static const struct chart *load(struct rendering *r, const char *path, bool skip_schemas)
{
	struct chart_store *s = r->x->charts;
	struct chart_options options = r->x->o->charts;
	struct chart *chart;

	options.skip_schemas |= skip_schemas;
	lock_take(s->lock);
	void **slot = map_at(&s->a, &s->map, str_printf(&s->a, "%s%s", path, options.skip_schemas ? " unchecked" : ""));
	struct stored *e = *slot;
	if (!e) {
		*slot = e = NEW(&s->a, struct stored);
		e->lock = lock_new(&s->a);
	}
	lock_give(s->lock);
	lock_take(e->lock);
	if (!e->chart)
		e->chart = chart_load(&e->a, r->x->diag, &options, str_dup(&e->a, str_of(path)));
	chart = e->chart;
	lock_give(e->lock);
	return chart;
}

/* ---- values ------------------------------------------------------------------------------------ */
struct chart_source {
	struct rendering *r;
	const struct node *helm;
	const struct chart *chart;
	const char *path, *root;
	bool packed;
};

/* A path of the source: beside the chart, from the repository's top ("/…"), or of another source ("$ref/…").  NULL: reported. */
static const char *find_file(struct chart_source *c, const struct node *n, str s)
{
	struct rendering *r = c->r;
	const char *folder;

	if (str_starts(s, S("$")) && !str_starts(s, S("$ARGOCD_")) && !str_starts(s, S("${"))) {
		ptrdiff_t slash = str_chr(s, '/');
		folder = ref_folder(r, n, s);
		s = slash < 0 ? S("") : str_sub(s, (size_t)slash, s.n);
		return folder && fill_environment(r, n, s, &s) == 0 ? repo_path(r->x, n, folder, NULL, s) : NULL;
	}
	if (fill_environment(r, n, s, &s) < 0)
		return NULL;
	if (str_find(s, S("://")) >= 0) {
		diag_trouble(r->x->diag, node_pos(n), "unsupported", "%.*s is not fetched; put the file into a repository and name it there", STR_ARG(s));
		return NULL;
	}
	return repo_path(r->x, n, c->root, c->packed ? NULL : c->path, s);
}

/* Is path a file within a packed chart?  *text is NULL where there is none of that name. */
static bool in_package(struct chart_source *c, const char *path, str *text)
{
	size_t n = strlen(c->root);

	*text = (str){ NULL, 0 };
	if (!c->packed || strncmp(path, c->root, n) != 0 || path[n] != '/')
		return false;
	chart_file_text(c->chart, str_of(path + n + 1), text);
	return true;
}

static int read_value_file(struct chart_source *c, const struct node *n, struct node **values)
{
	const struct values_options none = { 0 };
	struct values_options one = { 0 };
	struct argocd *x = c->r->x;
	struct read_options ro = x->o->read;
	struct node *more = NULL;
	struct stat st;
	str text;

	const char *path = find_file(c, n, node_str(n));
	if (!path)
		return -1;
	ro.duplicates = 1;
	bool inner = in_package(c, path, &text);
	if (inner && str_eq(str_of(path + strlen(c->root)), S("/values.yaml")))
		return 0; /* the chart's own, which are below all others anyway */
	if (inner ? !text.p : stat(path, &st) < 0) {
		if (node_true(node_get(c->helm, S("ignoreMissingValueFiles"))))
			return 0;
		return diag_trouble(x->diag, node_pos(n), "argocd", "there is no %s", path);
	}
	*VEC_ADD(x->a, &one.files) = path;
	if (inner ? read_text(x->a, x->diag, &ro, path, text, &more) < 0 : values_read(x->a, x->diag, &one, &ro, &more) < 0)
		return -1;
	if (more->kind == NODE_NULL && values_read(x->a, x->diag, &none, &ro, &more) < 0)
		return -1;
	if (more->kind != NODE_MAP)
		return diag_trouble(x->diag, node_pos(more), "values", "values must be a map, not %s", kind_name((enum kind)more->kind));
	*values = values_merge(x->a, *values, more);
	return 0;
}

static int read_values(struct chart_source *c, struct node **values)
{
	const struct node *list = node_get(c->helm, S("valueFiles")), *text = node_get(c->helm, S("values"));
	struct node *inline_values = node_get(c->helm, S("valuesObject"));
	struct argocd *x = c->r->x;

	if (values_read(x->a, x->diag, &(struct values_options){ 0 }, &x->o->read, values) < 0)
		return -1;
	for (uint32_t i = 0; node_is(list, NODE_SEQ) && i < list->n; i++)
		if (read_value_file(c, list->items[i], values) < 0)
			return -1;
	if (inline_values && inline_values->kind == NODE_NULL)
		inline_values = NULL;
	if (!inline_values && node_str(text).n && read_inner(x, text, node_str(text), true, &inline_values) < 0)
		return -1;
	if (inline_values && inline_values->kind != NODE_MAP && inline_values->kind != NODE_NULL)
		return diag_trouble(x->diag, node_pos(inline_values), "values", "values must be a map, not %s", kind_name((enum kind)inline_values->kind));
	if (node_is(inline_values, NODE_MAP))
		*values = values_merge(x->a, *values, inline_values);
	return 0;
}

/* Commas of a value are its own, unless it is a list in braces. */
static str set_text(struct arena *a, str name, str value)
{
	struct buf b = BUF(a);

	buf_add(&b, name);
	buf_char(&b, '=');
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] == ',' && !(str_starts(value, S("{")) && str_ends(value, S("}"))) && (i == 0 || value.p[i - 1] != '\\'))
			buf_char(&b, '\\');
		buf_char(&b, value.p[i]);
	}
	return buf_str(&b);
}

/* Typed parameters first, then strings, as helm applies --set and --set-string; of one name the last wins. */
static int set_parameters(struct chart_source *c, bool strings, struct node **values)
{
	const struct node *list = node_get(c->helm, S("parameters"));
	struct argocd *x = c->r->x;
	struct map last = { 0 };

	for (uint32_t i = 0; node_is(list, NODE_SEQ) && i < list->n; i++)
		if (node_true(node_get(list->items[i], S("forceString"))) == strings)
			*map_at(x->a, &last, node_get_str(list->items[i], S("name"))) = list->items[i];
	for (size_t i = 0; i < last.n; i++) {
		const struct node *p = last.items[i].value, *value = node_get(p, S("value"));
		str text;
		if (fill_environment(c->r, value ? value : p, node_str(value), &text) < 0 ||
		    strvals_set(x->a, x->diag, strings ? STRVALS_STRING : STRVALS_TYPED, "helm.parameters", set_text(x->a, last.items[i].key, text), values) < 0)
			return -1;
	}
	return 0;
}

static int set_files(struct chart_source *c, struct node **values)
{
	const struct node *list = node_get(c->helm, S("fileParameters"));
	struct argocd *x = c->r->x;

	for (uint32_t i = 0; node_is(list, NODE_SEQ) && i < list->n; i++) {
		const struct node *p = list->items[i], *at = node_get(p, S("path"));
		const char *path = at ? find_file(c, at, node_str(at)) : NULL;
		str text, name = node_get_str(p, S("name"));
		if (!at)
			return diag_trouble(x->diag, node_pos(p), "argocd", "a file parameter has a name and a path");
		if (!path)
			return -1;
		if (in_package(c, path, &text)) {
			if (!text.p)
				return diag_trouble(x->diag, node_pos(at), "argocd", "there is no %s", path);
			if (strvals_set(x->a, x->diag, STRVALS_STRING, "helm.fileParameters", set_text(x->a, name, text), values) < 0)
				return -1;
			continue;
		}
		if (strvals_set(x->a, x->diag, STRVALS_FILE, "helm.fileParameters", set_text(x->a, name, str_of(path)), values) < 0)
			return -1;
	}
	return 0;
}

/* ---- rendering -------------------------------------------------------------------------------------- */
void set_cluster(struct argocd *x, const struct node *options, struct release *out)
{
	const struct node *apis = node_get(options, S("apiVersions"));
	str version = node_str(node_get(options, S("kubeVersion")));

	*out = (struct release){ .kube_version = version.n ? str_dup(x->a, version) : x->o->kube_version };
	if (!node_is(apis, NODE_SEQ) || apis->n == 0) {
		out->api_versions = x->o->api_versions;
		out->api_versions.cap = out->api_versions.n; /* adding copies */
		return;
	}
	for (uint32_t i = 0; i < apis->n; i++)
		*VEC_ADD(x->a, &out->api_versions) = str_dup(x->a, node_str(apis->items[i]));
}

static void set_release(struct rendering *r, const struct node *helm, struct release *out)
{
	struct argocd *x = r->x;
	str name = node_get_str(helm, S("releaseName")), ns = node_get_str(helm, S("namespace"));

	if (name.n == 0)
		name = node_get_str(node_get(r->app, S("metadata")), S("name"));
	if (ns.n == 0)
		ns = node_get_str(node_get(r->spec, S("destination")), S("namespace"));
	set_cluster(x, helm, out);
	out->name = str_dup(x->a, name);
	out->ns = ns.n ? str_dup(x->a, ns) : NULL;
	out->include_crds = !node_true(node_get(helm, S("skipCrds")));
	out->skip_tests = node_true(node_get(helm, S("skipTests")));
}

int render_chart(struct rendering *r, const char *path, const char *root)
{
	struct chart_source c = { .r = r, .helm = node_get(r->source, S("helm")), .path = path, .root = root };
	struct argocd *x = r->x;
	struct release release;
	struct rendered rendered;
	struct node *values;
	struct stat st;

	if (!chart_is_one(path))
		return diag_trouble(x->diag, node_pos(r->source), "argocd", "the source has helm, but there is no Chart.yaml in %s", path);
	c.packed = stat(path, &st) == 0 && !S_ISDIR(st.st_mode);
	set_release(r, c.helm, &release);
	if (!(c.chart = load(r, path, node_true(node_get(c.helm, S("skipSchemaValidation"))))))
		return -1;
	if (read_values(&c, &values) < 0 || set_parameters(&c, false, &values) < 0 || set_parameters(&c, true, &values) < 0 || set_files(&c, &values) < 0)
		return -1;
	if (chart_render(c.chart, x->a, x->diag, &release, values, &rendered) < 0)
		return -1;
	return rendered_docs(x->a, x->diag, &rendered, take_flat, r);
}

/* The newest packed chart that a targetRevision like "1.x" or ">= 2, < 3" takes; empty: none. */
static str newest_packed(struct rendering *r, str chart, str constraint)
{
	struct arena *a = r->x->a;
	struct semver best = { 0 }, v;
	str found = S("");
	struct dirent *e;
	DIR *dir = opendir(r->repo);

	while (dir && (e = readdir(dir))) {
		str name = str_of(e->d_name), version = str_sub(name, chart.n + 1, name.n);
		if (!str_starts(name, chart) || !str_ends(version, S(".tgz")) || name.p[chart.n] != '-')
			continue;
		version = str_copy(a, str_sub(version, 0, version.n - 4));
		if (!semver_parse(version, &v) || semver_satisfies(constraint, &v) != 1 || (found.n && semver_compare(&v, &best) <= 0))
			continue;
		best = v;
		found = str_copy(a, name);
	}
	if (dir)
		closedir(dir);
	return found;
}

/* A chart of a chart repository: a packed chart or a folder in the folder that stands for it. */
int render_named_chart(struct rendering *r)
{
	struct argocd *x = r->x;
	str chart = node_get_str(r->source, S("chart")), version = node_str(node_get(r->source, S("targetRevision")));
	str exact = str_printf(x->a, "%.*s-%.*s.tgz", STR_ARG(chart), STR_ARG(version)), packed = newest_packed(r, chart, version);
	const str names[] = { exact, packed.n ? packed : exact, chart, str_printf(x->a, "%.*s.tgz", STR_ARG(chart)), S(".") };

	if (!repo_path(x, r->source, r->repo, NULL, chart))
		return -1;
	for (size_t i = 0; i < COUNT(names); i++) {
		const char *path = repo_path(x, r->source, r->repo, NULL, names[i]);
		if (!path)
			return -1;
		if (chart_is_one(path))
			return render_chart(r, path, path);
	}
	return diag_trouble(x->diag, node_pos(r->source), "argocd", "there is no chart \"%.*s\" in %s: neither %.*s nor a folder of that name", STR_ARG(chart), r->repo,
			    STR_ARG(exact));
}
