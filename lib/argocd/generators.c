/* SPDX-License-Identifier: MIT */
/* The generators of ApplicationSets: lists, clusters, files and folders of git, and their combinations. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "argocd/internal.h"

struct generating {
	struct argocd *x;
	const struct node *g; /* the generator's own map */
	bool go;
	int depth;
	struct nodes *out;
};

static void put_text(struct arena *a, struct node *map, const char *key, str text)
{
	node_put(a, map, str_of(key), node_string(a, text));
}

/* ---- shapes of parameters ------------------------------------------------------------------ */
/* a: {b: 1} as "a.b": "1", the way {{…}} without Go templates names it. */
static void flatten(struct arena *a, struct node *into, str prefix, const struct node *n)
{
	for (uint32_t i = 0; i < n->n && n->kind >= NODE_SEQ; i++) {
		const struct node *v = n->kind == NODE_MAP ? n->entries[i].value : n->items[i];
		str name = n->kind == NODE_SEQ ? str_printf(a, "%.*s[%u]", STR_ARG(prefix), i)
			   : prefix.n ? str_printf(a, "%.*s.%.*s", STR_ARG(prefix), STR_ARG(entry_key(&n->entries[i])))
				      : entry_key(&n->entries[i]);
		if (v->kind >= NODE_SEQ)
			flatten(a, into, name, v);
		else
			node_put(a, into, name, node_at(node_string(a, v->kind == NODE_BOOL ? (node_true(v) ? S("true") : S("false")) : node_str(v)), v));
	}
}

static struct node *shaped(struct generating *s, const struct node *n)
{
	struct node *flat;

	if (s->go)
		return node_copy(s->x->a, n);
	flat = node_new(s->x->a, NODE_MAP);
	flatten(s->x->a, flat, S(""), n);
	return flat;
}

/* `values` of the generator, filled with what it has found. */
static int add_values(struct generating *s, struct node *params)
{
	const struct node *values = node_get(s->g, S("values"));
	struct filling f = { .x = s->x, .params = params, .go = s->go };
	struct arena *a = s->x->a;

	if (!node_is(values, NODE_MAP))
		return 0;
	struct node *filled = fill(&f, values);
	if (!filled)
		return -1;
	if (s->go)
		node_put(a, params, S("values"), filled);
	else
		flatten(a, params, S("values"), filled);
	return 0;
}

static int give(struct generating *s, struct node *params)
{
	if (add_values(s, params) < 0)
		return -1;
	if (s->out->n >= ARGOCD_MAX_APPS)
		return diag_trouble(s->x->diag, node_pos(s->g), "argocd", "the generator gives more than %d results", ARGOCD_MAX_APPS);
	*VEC_ADD(s->x->a, s->out) = params;
	return 0;
}

/* ---- selectors --------------------------------------------------------------------------------- */
static bool expression_matches(const struct node *e, const struct node *labels)
{
	const struct node *has = node_get(labels, node_get_str(e, S("key"))), *values = node_get(e, S("values"));
	str op = node_get_str(e, S("operator"));
	bool in = false;

	for (uint32_t i = 0; has && node_is(values, NODE_SEQ) && i < values->n; i++)
		in |= str_eq(node_str(has), node_str(values->items[i]));
	if (str_eq(op, S("Exists")))
		return has != NULL;
	if (str_eq(op, S("DoesNotExist")))
		return has == NULL;
	return str_eq(op, S("NotIn")) ? !in : in;
}

static bool selects(const struct node *selector, const struct node *labels)
{
	const struct node *want = node_get(selector, S("matchLabels")), *list = node_get(selector, S("matchExpressions"));

	for (uint32_t i = 0; node_is(want, NODE_MAP) && i < want->n; i++) {
		const struct node *has = node_get(labels, entry_key(&want->entries[i]));
		if (!has || !str_eq(node_str(has), node_str(want->entries[i].value)))
			return false;
	}
	for (uint32_t i = 0; node_is(list, NODE_SEQ) && i < list->n; i++)
		if (!expression_matches(list->items[i], labels))
			return false;
	return true;
}

/* ---- list ------------------------------------------------------------------------------------------ */
static int from_list(struct generating *s)
{
	struct node *list = node_get(s->g, S("elements"));
	const struct node *text = node_get(s->g, S("elementsYaml"));

	if (text && read_text(s->x->a, s->x->diag, &s->x->o->read, node_pos(text).file ? node_pos(text).file : "elementsYaml", node_str(text), &list) < 0)
		return -1;
	for (uint32_t i = 0; node_is(list, NODE_SEQ) && i < list->n; i++) {
		if (list->items[i]->kind != NODE_MAP)
			return diag_trouble(s->x->diag, node_pos(list->items[i]), "argocd", "an element of a list must be a map");
		if (give(s, shaped(s, list->items[i])) < 0)
			return -1;
	}
	return 0;
}

/* ---- clusters ---------------------------------------------------------------------------------------- */
static str normalized(struct arena *a, str s)
{
	struct buf b = BUF(a);

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] | 32) : s.p[i];
		buf_char(&b, (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ? c : '-');
	}
	str t = buf_str(&b);
	while (t.n && (t.p[0] == '-' || t.p[0] == '.'))
		t = str_sub(t, 1, t.n);
	while (t.n && (t.p[t.n - 1] == '-' || t.p[t.n - 1] == '.'))
		t.n--;
	return t;
}

static str decode64(struct arena *a, str s)
{
	struct buf b = BUF(a);
	uint32_t v = 0;
	int bits = 0;

	for (size_t i = 0; i < s.n; i++) {
		static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
		const char *at = s.p[i] ? strchr(digits, s.p[i]) : NULL;
		if (!at)
			continue;
		v = v << 6 | (uint32_t)(at - digits);
		if ((bits += 6) >= 8)
			buf_char(&b, (char)(v >> (bits -= 8) & 255));
	}
	return buf_str(&b);
}

static str secret_text(struct arena *a, const struct node *secret, const char *key)
{
	str plain = node_get_str(node_get(secret, S("stringData")), str_of(key));

	return plain.n ? plain : decode64(a, node_get_str(node_get(secret, S("data")), str_of(key)));
}

static int give_cluster(struct generating *s, const struct node *meta, str name, str server, str project)
{
	struct arena *a = s->x->a;
	struct node *p = node_new(a, NODE_MAP), *m = node_new(a, NODE_MAP);
	const char *const kept[] = { "labels", "annotations" };

	put_text(a, p, "name", name);
	put_text(a, p, "nameNormalized", normalized(a, name));
	put_text(a, p, "server", server);
	put_text(a, p, "project", project);
	for (size_t i = 0; i < COUNT(kept); i++)
		if (node_get(meta, str_of(kept[i])))
			node_put(a, m, str_of(kept[i]), node_get(meta, str_of(kept[i])));
	node_put(a, p, S("metadata"), m);
	return give(s, shaped(s, p));
}

static int from_clusters(struct generating *s)
{
	const struct node *selector = node_get(s->g, S("selector"));
	bool all = !selector || selector->n == 0, local = false;
	struct arena *a = s->x->a;

	for (size_t i = 0; i < s->x->clusters.n; i++) {
		const struct node *secret = s->x->clusters.p[i], *meta = node_get(secret, S("metadata"));
		str name = secret_text(a, secret, "name"), server = secret_text(a, secret, "server");
		local |= str_eq(server, S("https://kubernetes.default.svc"));
		if ((all || selects(selector, node_get(meta, S("labels")))) && give_cluster(s, meta, name, server, secret_text(a, secret, "project")) < 0)
			return -1;
	}
	if (all && !local)
		return give_cluster(s, NULL, S("in-cluster"), S("https://kubernetes.default.svc"), S(""));
	return 0;
}

/* ---- git ------------------------------------------------------------------------------------------------ */
struct listing {
	struct generating *s;
	bool folders;
	struct strlist found; /* relative to the repository, sorted */
};

static int walk(struct listing *l, const char *folder, const char *below, int depth)
{
	struct dirent *e;
	DIR *dir = opendir(folder);

	if (!dir)
		return diag_sys(l->s->x->diag, "open the folder", folder);
	while ((e = readdir(dir))) {
		const char *path, *name;
		struct stat st;
		if (e->d_name[0] == '.')
			continue;
		path = str_printf(l->s->x->a, "%s/%s", folder, e->d_name).p;
		name = str_printf(l->s->x->a, "%s%s", below, e->d_name).p;
		if (lstat(path, &st) < 0)
			continue;
		if (S_ISDIR(st.st_mode) == l->folders && (l->folders || S_ISREG(st.st_mode)))
			*VEC_ADD(l->s->x->a, &l->found) = name;
		if (S_ISDIR(st.st_mode) && depth < 2 * ARGOCD_MAX_DEPTH && walk(l, path, str_printf(l->s->x->a, "%s/", name).p, depth + 1) < 0) {
			closedir(dir);
			return -1;
		}
	}
	closedir(dir);
	return 0;
}

static int by_name(const void *x, const void *y)
{
	return strcmp(*(char *const *)x, *(char *const *)y);
}

static bool wanted(const struct node *patterns, str name)
{
	bool in = false;

	for (uint32_t i = 0; i < patterns->n; i++) {
		const struct node *p = patterns->items[i];
		if (!chart_glob(node_get_str(p, S("path")), name))
			continue;
		if (node_true(node_get(p, S("exclude"))))
			return false;
		in = true;
	}
	return in;
}

static str last_part(str path)
{
	for (ptrdiff_t slash; (slash = str_chr(path, '/')) >= 0;)
		path = str_sub(path, (size_t)slash + 1, path.n);
	return path;
}

/* path, path.basename … of a folder, and of the file in it. */
static void put_path(struct generating *s, struct node *params, str folder, str file)
{
	struct arena *a = s->x->a;
	str prefix = node_get_str(s->g, S("pathParamPrefix")), base = last_part(folder);
	struct node *map = node_new(a, NODE_MAP), *segments = node_new(a, NODE_SEQ), *into = params;

	for (str rest = folder; rest.n;) {
		ptrdiff_t slash = str_chr(rest, '/');
		node_push(a, segments, node_string(a, slash < 0 ? rest : str_sub(rest, 0, (size_t)slash)));
		rest = slash < 0 ? S("") : str_sub(rest, (size_t)slash + 1, rest.n);
	}
	put_text(a, map, "basename", base);
	put_text(a, map, "basenameNormalized", normalized(a, base));
	if (file.n) {
		put_text(a, map, "filename", file);
		put_text(a, map, "filenameNormalized", normalized(a, file));
	}
	if (s->go) {
		put_text(a, map, "path", folder);
		node_put(a, map, S("segments"), segments);
		if (prefix.n) {
			into = node_new(a, NODE_MAP);
			node_put(a, params, prefix, into);
		}
		node_put(a, into, S("path"), map);
		return;
	}
	str name = prefix.n ? str_printf(a, "%.*s.path", STR_ARG(prefix)) : S("path");
	node_put(a, params, name, node_string(a, folder));
	flatten(a, params, name, map);
	flatten(a, params, name, segments);
}

static int give_file(struct generating *s, const char *repo, const char *name)
{
	const char *path = str_printf(s->x->a, "%s/%s", repo, name).p;
	str file = last_part(str_of(name)), folder = str_sub(str_of(name), 0, strlen(name) - file.n);
	struct node *n;

	if (str_ends(folder, S("/")))
		folder.n--;
	if (read_file(s->x->a, s->x->diag, &s->x->o->read, path, &n) < 0)
		return -1;
	for (uint32_t i = 0; i < (n->kind == NODE_SEQ ? n->n : 1); i++) {
		const struct node *one = n->kind == NODE_SEQ ? n->items[i] : n;
		if (one->kind != NODE_MAP)
			return diag_trouble(s->x->diag, node_pos(one), "argocd", "a file of parameters holds a map, or a list of maps");
		struct node *params = shaped(s, one);
		put_path(s, params, folder, file);
		if (give(s, params) < 0)
			return -1;
	}
	return 0;
}

static int from_git(struct generating *s)
{
	const struct node *folders = node_get(s->g, S("directories")), *files = node_get(s->g, S("files"));
	const struct node *patterns = node_is(folders, NODE_SEQ) ? folders : files;
	struct listing l = { .s = s, .folders = patterns == folders };
	const char *repo = repo_folder(s->x, s->g, node_get_str(s->g, S("repoURL")), node_str(node_get(s->g, S("revision"))));

	if (!repo)
		return -1;
	if (!node_is(patterns, NODE_SEQ))
		return diag_trouble(s->x->diag, node_pos(s->g), "argocd", "a git generator wants directories or files");
	if (walk(&l, repo, "", 0) < 0)
		return -1;
	if (l.found.n)
		qsort(l.found.p, l.found.n, sizeof *l.found.p, by_name);
	for (size_t i = 0; i < l.found.n; i++) {
		if (!wanted(patterns, str_of(l.found.p[i])))
			continue;
		struct node *params = node_new(s->x->a, NODE_MAP);
		if (l.folders)
			put_path(s, params, str_of(l.found.p[i]), S(""));
		if (l.folders ? give(s, params) < 0 : give_file(s, repo, l.found.p[i]) < 0)
			return -1;
	}
	return 0;
}

/* ---- combinations --------------------------------------------------------------------------------------------- */
static int from_matrix(struct generating *s)
{
	const struct node *list = node_get(s->g, S("generators"));
	struct nodes first = { 0 };

	if (!node_is(list, NODE_SEQ) || list->n != 2)
		return diag_trouble(s->x->diag, node_pos(s->g), "argocd", "a matrix wants two generators");
	if (generate(s->x, list->items[0], s->go, s->depth + 1, &first) < 0)
		return -1;
	for (size_t i = 0; i < first.n; i++) {
		struct filling f = { .x = s->x, .params = first.p[i], .go = s->go };
		struct node *other = fill(&f, list->items[1]);
		struct nodes second = { 0 };
		if (!other || generate(s->x, other, s->go, s->depth + 1, &second) < 0)
			return -1;
		for (size_t k = 0; k < second.n; k++)
			if (give(s, values_merge(s->x->a, first.p[i], second.p[k])) < 0)
				return -1;
	}
	return 0;
}

static bool agree(const struct node *keys, const struct node *x, const struct node *y)
{
	for (uint32_t i = 0; i < keys->n; i++) {
		const struct node *a = node_get(x, node_str(keys->items[i])), *b = node_get(y, node_str(keys->items[i]));
		if (!a || !b || !node_equal(a, b))
			return false;
	}
	return true;
}

static int from_merge(struct generating *s)
{
	const struct node *list = node_get(s->g, S("generators")), *keys = node_get(s->g, S("mergeKeys"));
	struct nodes base = { 0 };

	if (!node_is(list, NODE_SEQ) || list->n < 2 || !node_is(keys, NODE_SEQ))
		return diag_trouble(s->x->diag, node_pos(s->g), "argocd", "merge wants generators and mergeKeys");
	if (generate(s->x, list->items[0], s->go, s->depth + 1, &base) < 0)
		return -1;
	for (uint32_t i = 1; i < list->n; i++) {
		struct nodes over = { 0 };
		if (generate(s->x, list->items[i], s->go, s->depth + 1, &over) < 0)
			return -1;
		for (size_t k = 0; k < base.n; k++)
			for (size_t j = 0; j < over.n; j++)
				if (agree(keys, base.p[k], over.p[j]))
					base.p[k] = values_merge(s->x->a, base.p[k], over.p[j]);
	}
	for (size_t k = 0; k < base.n; k++)
		if (give(s, base.p[k]) < 0)
			return -1;
	return 0;
}

/* ---- any generator ----------------------------------------------------------------------------------------------- */
int generate(struct argocd *x, const struct node *generator, bool go, int depth, struct nodes *out)
{
	static const struct {
		const char *name;
		int (*run)(struct generating *s);
	} kinds[] = { { "list", from_list }, { "clusters", from_clusters }, { "git", from_git }, { "matrix", from_matrix }, { "merge", from_merge } };
	const struct node *selector = node_get(generator, S("selector"));
	struct nodes made = { 0 };

	if (depth > ARGOCD_MAX_DEPTH)
		return diag_trouble(x->diag, node_pos(generator), "argocd", "generators nest deeper than %d", ARGOCD_MAX_DEPTH);
	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct generating s = { .x = x, .g = node_get(generator, str_of(kinds[i].name)), .go = go, .depth = depth, .out = &made };
		if (!s.g)
			continue;
		if (kinds[i].run(&s) < 0)
			return -1;
		for (size_t k = 0; k < made.n; k++) {
			struct node *flat = node_new(x->a, NODE_MAP);
			flatten(x->a, flat, S(""), made.p[k]);
			if (!selector || selects(selector, flat))
				*VEC_ADD(x->a, out) = made.p[k];
		}
		return 0;
	}
	const char *name = node_is(generator, NODE_MAP) && generator->n ? str_dup(x->a, entry_key(&generator->entries[0])) : "nothing";
	return diag_trouble(x->diag, node_pos(generator), "unsupported", "the generator \"%s\" is not supported: it asks a server, or is unknown", name);
}
