/* SPDX-License-Identifier: MIT */
/* What the sources of an Application make: charts, kustomizations, folders of manifests. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "argocd/internal.h"
#include "kustomize/kustomize.h"

struct rendering {
	struct argocd *x;
	const struct node *app, *spec, *source, *sources; /* sources: all of them, for $ref; or NULL */
	struct nodes *out;
};

static int take(void *ctx, struct node *object)
{
	struct rendering *r = ctx;

	*VEC_ADD(r->x->a, r->out) = object;
	return 0;
}

static int take_flat(void *ctx, struct node *doc)
{
	struct rendering *r = ctx;

	return kube_flatten(r->x->a, doc, take, r);
}

static int unsupported(struct rendering *r, const struct node *at, const char *what)
{
	return diag_trouble(r->x->diag, node_pos(at), "unsupported", "%s is not supported", what);
}

/* ---- charts --------------------------------------------------------------------------- */
static const struct chart *load(struct rendering *r, const char *path)
{
	void **slot = map_at(r->x->a, &r->x->charts, str_of(path));

	if (!*slot)
		*slot = chart_load(r->x->a, r->x->diag, &r->x->o->charts, path);
	return *slot;
}

/* A file of values: of this source, of the repository ("/…"), or of another source ("$ref/…"). */
static const char *value_file(struct rendering *r, const char *base, const char *repo, const struct node *n)
{
	str s = node_str(n);

	if (!str_starts(s, S("$")))
		return str_starts(s, S("/")) ? repo_path(r->x, n, repo, s) : str_printf(r->x->a, "%s/%.*s", base, STR_ARG(s)).p;
	ptrdiff_t slash = str_chr(s, '/');
	str ref = str_sub(s, 1, slash < 0 ? s.n : (size_t)slash);
	for (uint32_t i = 0; r->sources && i < r->sources->n; i++) {
		const struct node *other = r->sources->items[i];
		if (!str_eq(node_get_str(other, S("ref")), ref))
			continue;
		const char *folder = repo_folder(r->x, other, node_get_str(other, S("repoURL")), node_str(node_get(other, S("targetRevision"))));
		return folder ? repo_path(r->x, n, folder, slash < 0 ? S("") : str_sub(s, (size_t)slash, s.n)) : NULL;
	}
	diag_trouble(r->x->diag, node_pos(n), "argocd", "no source of this Application has ref: %.*s", STR_ARG(ref));
	return NULL;
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

static int set_parameters(struct rendering *r, const struct node *helm, const char *base, struct node **values)
{
	const struct node *list = node_get(helm, S("parameters")), *files = node_get(helm, S("fileParameters"));
	struct argocd *x = r->x;

	for (uint32_t i = 0; node_is(list, NODE_SEQ) && i < list->n; i++) {
		const struct node *p = list->items[i];
		enum strvals_kind kind = node_true(node_get(p, S("forceString"))) ? STRVALS_STRING : STRVALS_TYPED;
		str text = set_text(x->a, node_get_str(p, S("name")), node_str(node_get(p, S("value"))));
		if (strvals_set(x->a, x->diag, kind, "helm.parameters", text, values) < 0)
			return -1;
	}
	for (uint32_t i = 0; node_is(files, NODE_SEQ) && i < files->n; i++) {
		const struct node *p = files->items[i];
		str path = str_printf(x->a, "%s/%.*s", base, STR_ARG(node_get_str(p, S("path"))));
		if (strvals_set(x->a, x->diag, STRVALS_FILE, "helm.fileParameters", set_text(x->a, node_get_str(p, S("name")), path), values) < 0)
			return -1;
	}
	return 0;
}

static int read_values(struct rendering *r, const struct node *helm, const char *base, const char *repo, struct node **values)
{
	const struct node *list = node_get(helm, S("valueFiles")), *text = node_get(helm, S("values"));
	struct node *inline_values = node_get(helm, S("valuesObject"));
	bool missing_ok = node_true(node_get(helm, S("ignoreMissingValueFiles")));
	struct values_options files = { 0 };
	struct read_options ro = r->x->o->read;
	struct stat st;

	for (uint32_t i = 0; node_is(list, NODE_SEQ) && i < list->n; i++) {
		const char *path = value_file(r, base, repo, list->items[i]);
		if (!path)
			return -1;
		if (stat(path, &st) < 0) {
			if (missing_ok)
				continue;
			return diag_trouble(r->x->diag, node_pos(list->items[i]), "argocd", "there is no %s", path);
		}
		*VEC_ADD(r->x->a, &files.files) = path;
	}
	ro.duplicates = 1;
	if (values_read(r->x->a, r->x->diag, &files, &ro, values) < 0)
		return -1;
	if (!inline_values && node_str(text).n && read_text(r->x->a, r->x->diag, &ro, node_pos(text).file ? node_pos(text).file : "values", node_text(text), &inline_values) < 0)
		return -1;
	if (node_is(inline_values, NODE_MAP))
		*values = values_merge(r->x->a, *values, inline_values);
	return set_parameters(r, helm, base, values);
}

static int render_chart(struct rendering *r, const char *path, const char *repo)
{
	const struct node *helm = node_get(r->source, S("helm")), *destination = node_get(r->spec, S("destination"));
	struct argocd *x = r->x;
	str name = node_get_str(helm, S("releaseName")), ns = node_get_str(helm, S("namespace")), version = node_str(node_get(helm, S("kubeVersion")));
	struct release release = { .kube_version = x->o->kube_version, .api_versions = x->o->api_versions };
	const struct node *apis = node_get(helm, S("apiVersions"));
	struct rendered rendered;
	struct node *values;

	if (name.n == 0)
		name = node_get_str(node_get(r->app, S("metadata")), S("name"));
	if (ns.n == 0)
		ns = node_get_str(destination, S("namespace"));
	release.name = str_dup(x->a, name);
	release.ns = ns.n ? str_dup(x->a, ns) : NULL;
	if (version.n)
		release.kube_version = str_dup(x->a, version);
	release.include_crds = !node_true(node_get(helm, S("skipCrds")));
	release.skip_tests = node_true(node_get(helm, S("skipTests")));
	release.api_versions.cap = release.api_versions.n; /* adding copies */
	for (uint32_t i = 0; node_is(apis, NODE_SEQ) && i < apis->n; i++)
		*VEC_ADD(x->a, &release.api_versions) = str_dup(x->a, node_str(apis->items[i]));
	const struct chart *c = load(r, path);
	if (!c)
		return x->diag->troubles ? -1 : diag_trouble(x->diag, node_pos(r->source), "argocd", "the chart %s cannot be read", path);
	if (read_values(r, helm, path, repo, &values) < 0 || chart_render(c, x->a, x->diag, &release, values, &rendered) < 0)
		return -1;
	return rendered_docs(x->a, x->diag, &rendered, take_flat, r);
}

/* A chart of a chart repository: a folder or a packed chart in the folder that stands for it. */
static int render_named_chart(struct rendering *r, const char *repo)
{
	str chart = node_get_str(r->source, S("chart")), version = node_str(node_get(r->source, S("targetRevision")));
	const char *tries[] = {
		str_printf(r->x->a, "%s/%.*s-%.*s.tgz", repo, STR_ARG(chart), STR_ARG(version)).p,
		str_printf(r->x->a, "%s/%.*s", repo, STR_ARG(chart)).p,
		str_printf(r->x->a, "%s/%.*s.tgz", repo, STR_ARG(chart)).p,
		repo,
	};

	for (size_t i = 0; i < COUNT(tries); i++)
		if (chart_is_one(tries[i]))
			return render_chart(r, tries[i], repo);
	return diag_trouble(r->x->diag, node_pos(r->source), "argocd", "there is no chart \"%.*s\" in %s: neither %s nor a folder of that name", STR_ARG(chart), repo, tries[0]);
}

/* ---- kustomizations ------------------------------------------------------------------------ */
/* "name=other:tag", "name:tag", "name@digest" as kustomize's images. */
static struct node *image_rule(struct arena *a, const struct node *n)
{
	struct node *rule = node_at(node_new(a, NODE_MAP), n);
	str s = node_str(n), name = s;
	ptrdiff_t eq = str_chr(s, '='), at;

	if (eq >= 0) {
		name = str_sub(s, 0, (size_t)eq);
		s = str_sub(s, (size_t)eq + 1, s.n);
	}
	str image = s;
	if ((at = str_chr(s, '@')) >= 0) {
		image = str_sub(s, 0, (size_t)at);
		node_put(a, rule, S("digest"), node_string(a, str_sub(s, (size_t)at + 1, s.n)));
	} else {
		for (size_t i = s.n; i-- > 0 && s.p[i] != '/';)
			if (s.p[i] == ':') {
				image = str_sub(s, 0, i);
				node_put(a, rule, S("newTag"), node_string(a, str_sub(s, i + 1, s.n)));
				break;
			}
	}
	node_put(a, rule, S("name"), node_string(a, eq >= 0 ? name : image));
	if (eq >= 0)
		node_put(a, rule, S("newName"), node_string(a, image));
	return rule;
}

static int render_kustomization(struct rendering *r, const char *path)
{
	static const char *const same[] = { "namePrefix", "nameSuffix", "namespace", "commonAnnotations", "replicas", "patches", "components" };
	const struct node *k = node_get(r->source, S("kustomize")), *images = node_get(k, S("images")), *labels = node_get(k, S("commonLabels"));
	struct kustomize_options o = { .read = r->x->o->read };
	struct arena *a = r->x->a;

	if (node_is(k, NODE_MAP)) {
		o.overlay = node_at(node_new(a, NODE_MAP), k);
		for (size_t i = 0; i < COUNT(same); i++)
			if (node_get(k, str_of(same[i])))
				node_put(a, o.overlay, str_of(same[i]), node_get(k, str_of(same[i])));
		if (labels && node_true(node_get(k, S("labelWithoutSelector")))) {
			struct node *list = node_new(a, NODE_SEQ), *pair = node_new(a, NODE_MAP);
			node_put(a, pair, S("pairs"), node_copy(a, labels));
			node_push(a, list, pair);
			node_put(a, o.overlay, S("labels"), list);
		} else if (labels) {
			node_put(a, o.overlay, S("commonLabels"), node_copy(a, labels));
		}
		struct node *rules = node_new(a, NODE_SEQ);
		for (uint32_t i = 0; node_is(images, NODE_SEQ) && i < images->n; i++)
			node_push(a, rules, image_rule(a, images->items[i]));
		node_put(a, o.overlay, S("images"), rules);
	}
	return kustomize_build(a, r->x->diag, &o, path, take, r);
}

/* ---- folders of manifests ----------------------------------------------------------------------- */
static int by_name(const void *x, const void *y)
{
	return strcmp(*(char *const *)x, *(char *const *)y);
}

static bool chosen(const struct node *directory, str name)
{
	str include = node_get_str(directory, S("include")), exclude = node_get_str(directory, S("exclude"));

	return !(exclude.n && chart_glob(exclude, name)) && (include.n == 0 || chart_glob(include, name));
}

static int read_manifests(struct rendering *r, const char *path)
{
	struct reader *reader = reader_open(r->x->a, r->x->diag, &r->x->o->read, path);
	struct node *n;
	int got = -1, bad = 0;

	if (!reader)
		return -1;
	while (!bad && (got = reader_next(reader, r->x->a, &n)) > 0)
		if (n->kind != NODE_NULL)
			bad = take_flat(r, n);
	reader_close(reader);
	return bad ? -1 : got;
}

static int walk_folder(struct rendering *r, const char *folder, const char *below, int depth)
{
	const struct node *directory = node_get(r->source, S("directory"));
	struct strlist names = { 0 };
	struct dirent *e;
	DIR *dir = opendir(folder);

	if (!dir)
		return diag_trouble(r->x->diag, node_pos(r->source), "argocd", "there is no folder %s", folder);
	while ((e = readdir(dir)))
		if (e->d_name[0] != '.')
			*VEC_ADD(r->x->a, &names) = str_dup(r->x->a, str_of(e->d_name));
	closedir(dir);
	if (names.n)
		qsort(names.p, names.n, sizeof *names.p, by_name);
	for (size_t i = 0; i < names.n; i++) {
		const char *path = str_printf(r->x->a, "%s/%s", folder, names.p[i]).p, *name = str_printf(r->x->a, "%s%s", below, names.p[i]).p;
		str s = str_of(name);
		struct stat st;
		if (lstat(path, &st) < 0)
			return diag_sys(r->x->diag, "read", path);
		if (S_ISDIR(st.st_mode)) {
			if (node_true(node_get(directory, S("recurse"))) && depth < ARGOCD_MAX_DEPTH * 2 &&
			    walk_folder(r, path, str_printf(r->x->a, "%s/", name).p, depth + 1) < 0)
				return -1;
			continue;
		}
		if (!chosen(directory, s))
			continue;
		if (str_ends(s, S(".jsonnet")))
			return unsupported(r, r->source, str_printf(r->x->a, "%s: jsonnet", path).p);
		if ((str_ends(s, S(".yaml")) || str_ends(s, S(".yml")) || str_ends(s, S(".json"))) && read_manifests(r, path) < 0)
			return -1;
	}
	return 0;
}

/* ---- one source, all sources ----------------------------------------------------------------------- */
static int render_source(struct rendering *r)
{
	str url = node_get_str(r->source, S("repoURL")), path = node_get_str(r->source, S("path"));
	bool chart = node_get_str(r->source, S("chart")).n > 0;

	if (!chart && path.n == 0 && node_get_str(r->source, S("ref")).n)
		return 0;
	if (node_get(r->source, S("plugin")))
		return unsupported(r, node_get(r->source, S("plugin")), "a plugin");
	if (url.n == 0)
		return diag_trouble(r->x->diag, node_pos(r->source), "argocd", "the source has no repoURL");
	const char *repo = repo_folder(r->x, r->source, url, node_str(node_get(r->source, S("targetRevision"))));
	const char *folder = repo ? repo_path(r->x, r->source, repo, path) : NULL;
	if (!folder)
		return -1;
	if (chart)
		return render_named_chart(r, repo);
	if (chart_is_one(folder))
		return render_chart(r, folder, repo);
	if (kustomize_is_one(folder))
		return render_kustomization(r, folder);
	return walk_folder(r, folder, "", 0);
}

int render_sources(struct argocd *x, const struct node *app, struct nodes *out)
{
	const struct node *spec = node_get(app, S("spec")), *many = node_get(spec, S("sources"));
	struct rendering r = { .x = x, .app = app, .spec = spec, .source = node_get(spec, S("source")), .out = out };

	if (!node_is(many, NODE_SEQ) || many->n == 0) {
		if (!node_is(r.source, NODE_MAP))
			return diag_trouble(x->diag, node_pos(app), "argocd", "the Application has no source");
		return render_source(&r);
	}
	r.sources = many;
	for (uint32_t i = 0; i < many->n; i++) {
		r.source = many->items[i];
		if (render_source(&r) < 0)
			return -1;
	}
	return 0;
}
