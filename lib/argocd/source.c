/* SPDX-License-Identifier: MIT */
/* What the sources of an Application make: which kind each is; folders of manifests. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "argocd/internal.h"
#include "kustomize/kustomize.h"

int take(void *ctx, struct node *object)
{
	struct rendering *r = ctx;

	*VEC_ADD(r->x->a, r->out) = object;
	return 0;
}

int take_flat(void *ctx, struct node *doc)
{
	struct rendering *r = ctx;

	return kube_flatten(r->x->a, doc, take, r);
}

/* ---- the environment ---------------------------------------------------------------------- */
static int revision(struct rendering *r, const struct node *at, size_t length, str *out)
{
	str wanted = node_str(node_get(r->source, S("targetRevision")));

	*out = node_get_str(r->source, S("chart")).n ? wanted : repo_commit(r->x, r->repo, wanted);
	if (out->n == 0)
		return diag_trouble(r->x->diag, node_pos(at), "argocd", "this asks for the commit of %s, which is not known: %s is no checkout of git; name a commit as targetRevision",
				    r->repo, r->repo);
	*out = str_sub(*out, 0, length);
	return 0;
}

static int variable(struct rendering *r, const struct node *at, str name, str *out)
{
	str project = node_get_str(r->spec, S("project"));

	*out = S("");
	if (str_eq(name, S("$")))
		*out = name;
	else if (str_eq(name, S("ARGOCD_APP_NAME")))
		*out = node_get_str(node_get(r->app, S("metadata")), S("name"));
	else if (str_eq(name, S("ARGOCD_APP_NAMESPACE")))
		*out = node_get_str(node_get(r->spec, S("destination")), S("namespace"));
	else if (str_eq(name, S("ARGOCD_APP_PROJECT_NAME")))
		*out = project.n ? project : S("default");
	else if (str_eq(name, S("ARGOCD_APP_SOURCE_REPO_URL")))
		*out = node_get_str(r->source, S("repoURL"));
	else if (str_eq(name, S("ARGOCD_APP_SOURCE_PATH")))
		*out = node_get_str(r->source, S("path"));
	else if (str_eq(name, S("ARGOCD_APP_SOURCE_TARGET_REVISION")))
		*out = node_str(node_get(r->source, S("targetRevision")));
	else if (str_eq(name, S("ARGOCD_APP_REVISION")))
		return revision(r, at, SIZE_MAX, out);
	else if (str_eq(name, S("ARGOCD_APP_REVISION_SHORT")))
		return revision(r, at, 7, out);
	else if (str_eq(name, S("ARGOCD_APP_REVISION_SHORT_8")))
		return revision(r, at, 8, out);
	return 0;
}

static bool name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* The name after a "$", and how much it takes: Go's os.Expand. */
static size_t variable_name(str s, str *name)
{
	size_t n = 0;

	*name = S("");
	if (s.n && s.p[0] == '{') {
		ptrdiff_t close = str_chr(s, '}');
		if (close > 0)
			*name = str_sub(s, 1, (size_t)close);
		return close < 0 ? 1 : (size_t)close + 1;
	}
	if (s.n && s.p[0] && (strchr("*#$@!?-", s.p[0]) || (s.p[0] >= '0' && s.p[0] <= '9')))
		n = 1;
	else
		while (n < s.n && name_char(s.p[n]))
			n++;
	*name = str_sub(s, 0, n);
	return n;
}

int fill_environment(struct rendering *r, const struct node *at, str text, str *out)
{
	struct buf b = BUF(r->x->a);
	ptrdiff_t dollar;

	*out = text;
	if (str_chr(text, '$') < 0)
		return 0;
	while ((dollar = str_chr(text, '$')) >= 0) {
		str name, value;
		buf_add(&b, str_sub(text, 0, (size_t)dollar));
		text = str_sub(text, (size_t)dollar + 1, text.n);
		size_t n = variable_name(text, &name);
		if (n == 0)
			buf_char(&b, '$');
		else if (name.n && variable(r, at, name, &value) < 0)
			return -1;
		else if (name.n)
			buf_add(&b, value);
		text = str_sub(text, n, text.n);
	}
	buf_add(&b, text);
	*out = buf_str(&b);
	return 0;
}

const char *ref_folder(struct rendering *r, const struct node *at, str path)
{
	ptrdiff_t slash = str_chr(path, '/');
	str ref = str_sub(path, 1, slash < 0 ? path.n : (size_t)slash);

	for (uint32_t i = 0; r->sources && i < r->sources->n; i++) {
		const struct node *other = r->sources->items[i];
		if (str_eq(node_get_str(other, S("ref")), ref))
			return repo_folder(r->x, other, node_get_str(other, S("repoURL")), node_str(node_get(other, S("targetRevision"))));
	}
	diag_trouble(r->x->diag, node_pos(at), "argocd", "no source of this Application has ref: %.*s", STR_ARG(ref));
	return NULL;
}

/* ---- folders of manifests ----------------------------------------------------------------------- */
static int by_name(const void *x, const void *y)
{
	return strcmp(*(char *const *)x, *(char *const *)y);
}

static bool chosen(struct rendering *r, str name)
{
	const struct node *directory = node_get(r->source, S("directory"));
	str include = node_get_str(directory, S("include")), exclude = node_get_str(directory, S("exclude"));

	return !(exclude.n && match_any_depth(r->x->a, exclude, name)) && (include.n == 0 || match_any_depth(r->x->a, include, name));
}

/* The objects of a file; one that is no manifest at all is passed over, as Argo CD does. */
static int read_manifests(struct rendering *r, const char *path, str text)
{
	struct argocd *x = r->x;
	bool like_one = str_ends(str_of(path), S(".json")) || (str_find(text, S("apiVersion:")) >= 0 && str_find(text, S("kind:")) >= 0 && str_find(text, S("metadata:")) >= 0);
	struct read_options ro = x->o->read;
	struct diag *diag = x->diag, held;
	size_t before = r->out->n;
	struct node *n;
	int got = -1, bad = 0;

	ro.duplicates = 1;
	diag_fork(&held, diag, x->a);
	struct reader *reader = reader_open_text(x->a, &held, &ro, path, text);
	x->diag = &held;
	while (reader && !bad && (got = reader_next(reader, x->a, &n)) > 0) {
		if (n->kind == NODE_NULL)
			continue;
		if (node_is(n, NODE_MAP) && node_get_str(n, S("kind")).n)
			bad = take_flat(r, n);
		else
			bad = diag_trouble(&held, node_pos(n), "argocd", "this is no Kubernetes object: it has no kind");
	}
	reader_close(reader);
	x->diag = diag;
	if ((bad || got < 0) && !like_one && r->out->n == before) {
		diag_at(diag, SEV_NOTE, IN_FILE(path), "argocd", "no manifest, passed over");
		return 0;
	}
	diag_join(diag, &held);
	return bad || got < 0 ? -1 : 0;
}

static int read_one(struct rendering *r, const char *path, str name)
{
	struct argocd *x = r->x;
	struct stat st;
	str text;

	if (!(str_ends(name, S(".yaml")) || str_ends(name, S(".yml")) || str_ends(name, S(".json")) || str_ends(name, S(".jsonnet"))))
		return 0;
	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode)) { /* a link to nowhere, or to no file */
		diag_at(x->diag, SEV_WARNING, IN_FILE(path), "argocd", "a link to no file, passed over");
		return 0;
	}
	if (!in_folder(r->repo, path))
		return diag_trouble(x->diag, IN_FILE(path), "repo", "a link that leads out of the repository %s", r->repo);
	if (!chosen(r, name))
		return 0;
	if (file_read(x->a, x->diag, path, &text) < 0)
		return -1;
	if (str_find(text, S("+argocd:skip-file-rendering")) >= 0)
		return 0;
	if (str_ends(name, S(".jsonnet")))
		return diag_trouble(x->diag, IN_FILE(path), "unsupported", "jsonnet is not supported; evaluate it beforehand, or leave it out with directory.exclude");
	return read_manifests(r, path, text);
}

static int walk_folder(struct rendering *r, const char *folder, const char *below)
{
	bool recurse = node_true(node_get(node_get(r->source, S("directory")), S("recurse")));
	struct argocd *x = r->x;
	struct strlist names = { 0 };
	struct dirent *e;
	DIR *dir = opendir(folder);

	if (!dir)
		return diag_trouble(x->diag, node_pos(r->source), "argocd", "there is no folder %s", folder);
	while ((e = readdir(dir)))
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, "..") && strcmp(e->d_name, ".git"))
			*VEC_ADD(x->a, &names) = str_dup(x->a, str_of(e->d_name));
	closedir(dir);
	if (names.n)
		qsort(names.p, names.n, sizeof *names.p, by_name);
	for (size_t i = 0; i < names.n; i++) {
		const char *path = str_printf(x->a, "%s/%s", folder, names.p[i]).p, *name = str_printf(x->a, "%s%s", below, names.p[i]).p;
		struct stat st;
		if (lstat(path, &st) < 0)
			return diag_sys(x->diag, "read", path);
		if (!S_ISDIR(st.st_mode)) {
			if (read_one(r, path, str_of(name)) < 0)
				return -1;
		} else if (recurse && walk_folder(r, path, str_printf(x->a, "%s/", name).p) < 0) {
			return -1;
		}
	}
	return 0;
}

/* ---- one source ----------------------------------------------------------------------------------- */
/* What .argocd-source.yaml and .argocd-source-NAME.yaml beside the manifests say over the source. */
static int apply_overrides(struct rendering *r, const char *folder)
{
	static const char *const fixed[] = { "chart", "path", "repoURL", "targetRevision" };
	struct argocd *x = r->x;
	str name = node_get_str(node_get(r->app, S("metadata")), S("name"));
	const char *files[] = {
		str_printf(x->a, "%s/.argocd-source.yaml", folder).p,
		str_printf(x->a, "%s/.argocd-source-%.*s.yaml", folder, STR_ARG(name)).p,
	};
	const struct node *own = r->source;
	struct stat st;

	for (size_t i = 0; i < COUNT(files); i++) {
		struct node *over, *merged = NULL;
		if (stat(files[i], &st) < 0 || !S_ISREG(st.st_mode))
			continue;
		if (read_file(x->a, x->diag, &x->o->read, files[i], &over) < 0)
			return -1;
		if (over->kind != NODE_MAP)
			return diag_trouble(x->diag, node_pos(over), "argocd", "a part of an Application's source is wanted here, a map");
		if (kustomize_patch_object(x->a, x->diag, (struct node *)r->source, over, &merged) < 0)
			return -1;
		merged = node_at(merged ? node_clone(x->a, merged) : node_new(x->a, NODE_MAP), own);
		for (size_t k = 0; k < COUNT(fixed); k++) {
			node_remove(merged, str_of(fixed[k]));
			if (node_get(own, str_of(fixed[k])))
				node_put(x->a, merged, str_of(fixed[k]), node_get(own, str_of(fixed[k])));
		}
		r->source = merged;
	}
	return 0;
}

enum source_kind { SOURCE_ANY, SOURCE_HELM, SOURCE_KUSTOMIZE, SOURCE_DIRECTORY };

static int explicit_kind(struct rendering *r, enum source_kind *out)
{
	static const char *const names[] = { NULL, "helm", "kustomize", "directory" };
	const struct node *plugin = node_get(r->source, S("plugin"));

	*out = SOURCE_ANY;
	if (plugin && plugin->kind != NODE_NULL)
		return diag_trouble(r->x->diag, node_pos(plugin), "unsupported", "config management plugins are not supported; let the plugin write its manifests to a folder and name that");
	for (size_t i = 1; i < COUNT(names); i++) {
		const struct node *n = node_get(r->source, str_of(names[i]));
		if (!n || n->kind == NODE_NULL)
			continue;
		if (*out != SOURCE_ANY)
			return diag_trouble(r->x->diag, node_pos(n), "argocd", "a source has one of helm, kustomize and directory, not both %s and %s", names[*out], names[i]);
		*out = (enum source_kind)i;
	}
	return 0;
}

static int render_path(struct rendering *r)
{
	struct argocd *x = r->x;
	str path = node_get_str(r->source, S("path"));
	const char *folder = repo_path(x, r->source, r->repo, NULL, path);
	enum source_kind kind;
	struct stat st;

	if (!folder)
		return -1;
	if (stat(folder, &st) < 0 || !S_ISDIR(st.st_mode))
		return diag_trouble(x->diag, node_pos(r->source), "argocd", "there is no folder %s", folder);
	if (apply_overrides(r, folder) < 0 || explicit_kind(r, &kind) < 0)
		return -1;
	if (kind == SOURCE_ANY)
		kind = kustomize_is_one(folder) ? SOURCE_KUSTOMIZE : chart_is_one(folder) ? SOURCE_HELM : SOURCE_DIRECTORY;
	if (kind == SOURCE_HELM)
		return render_chart(r, folder, r->repo);
	return kind == SOURCE_KUSTOMIZE ? render_kustomization(r, folder) : walk_folder(r, folder, "");
}

static int render_source(struct rendering *r)
{
	str url = node_get_str(r->source, S("repoURL"));
	bool chart = node_get_str(r->source, S("chart")).n > 0;

	if (!node_is(r->source, NODE_MAP))
		return diag_trouble(r->x->diag, node_pos(r->source), "argocd", "a source must be a map");
	if (r->sources && !chart && node_get_str(r->source, S("path")).n == 0 && node_get_str(r->source, S("ref")).n)
		return 0;
	if (url.n == 0)
		return diag_trouble(r->x->diag, node_pos(r->source), "argocd", "the source has no repoURL");
	r->repo = repo_folder(r->x, r->source, url, node_str(node_get(r->source, S("targetRevision"))));
	if (!r->repo)
		return -1;
	return chart ? render_named_chart(r) : render_path(r);
}

static const char *describe(struct rendering *r, uint32_t i)
{
	str chart = node_get_str(r->source, S("chart")), path = node_get_str(r->source, S("path"));
	struct arena *a = r->x->a;
	str which = r->sources ? str_printf(a, "source %u of %u", i + 1, r->sources->n) : S("source");

	return str_printf(a, "%.*s, %.*s of %.*s", STR_ARG(which), STR_ARG(chart.n ? chart : path.n ? path : S(".")),
			  STR_ARG(node_get_str(r->source, S("repoURL"))))
		.p;
}

int render_sources(struct argocd *x, const struct node *app, struct nodes *out)
{
	const struct node *spec = node_get(app, S("spec")), *many = node_get(spec, S("sources")), *dry = node_get(node_get(spec, S("sourceHydrator")), S("drySource"));
	struct rendering r = { .x = x, .app = app, .spec = spec, .source = dry ? dry : node_get(spec, S("source")), .out = out };
	uint32_t n = 1;

	if (!dry && node_is(many, NODE_SEQ) && many->n) {
		r.sources = many;
		n = many->n;
	} else if (!node_is(r.source, NODE_MAP)) {
		return diag_trouble(x->diag, node_pos(app), "argocd", "the Application has no source");
	}
	for (uint32_t i = 0; i < n; i++) {
		if (r.sources)
			r.source = many->items[i];
		x->source = describe(&r, i);
		if (render_source(&r) < 0)
			return -1;
	}
	x->source = NULL;
	return 0;
}
