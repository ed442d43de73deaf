/* SPDX-License-Identifier: MIT */
/* The git generator: folders and files of a checkout. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "argocd/internal.h"

struct listing {
	struct argocd *x;
	bool folders;
	struct strlist found; /* relative to the repository */
};

/* Folders: all but hidden ones.  Files: all that git could have, hidden ones too. */
static int walk(struct listing *l, const char *folder, const char *below)
{
	struct dirent *e;
	DIR *dir = opendir(folder);
	int bad = 0;

	if (!dir)
		return diag_sys(l->x->diag, "open the folder", folder);
	while (!bad && (e = readdir(dir))) {
		struct stat st;
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 || strcmp(e->d_name, ".git") == 0 || (l->folders && e->d_name[0] == '.'))
			continue;
		const char *path = str_printf(l->x->a, "%s/%s", folder, e->d_name).p;
		const char *name = str_printf(l->x->a, "%s%s", below, e->d_name).p;
		if (lstat(path, &st) < 0)
			continue;
		if (S_ISDIR(st.st_mode) == l->folders && (l->folders || S_ISREG(st.st_mode) || (stat(path, &st) == 0 && S_ISREG(st.st_mode))))
			*VEC_ADD(l->x->a, &l->found) = name;
		if (S_ISDIR(st.st_mode))
			bad = walk(l, path, str_printf(l->x->a, "%s/", name).p);
	}
	closedir(dir);
	return bad;
}

static int by_name(const void *x, const void *y)
{
	return strcmp(*(char *const *)x, *(char *const *)y);
}

static bool wanted(struct listing *l, const struct node *patterns, str name)
{
	bool in = false;

	for (uint32_t i = 0; i < patterns->n; i++) {
		const struct node *p = patterns->items[i];
		str pattern = node_get_str(p, S("path"));
		if (l->folders ? !chart_path_match(pattern, name) : !match_pathspec(l->x->a, pattern, name))
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

static void add_segments(struct arena *a, struct node *list, str folder)
{
	for (str rest = folder; rest.n;) {
		ptrdiff_t slash = str_chr(rest, '/');
		node_push(a, list, node_string(a, slash < 0 ? rest : str_sub(rest, 0, (size_t)slash)));
		rest = slash < 0 ? S("") : str_sub(rest, (size_t)slash + 1, rest.n);
	}
}

/* path, path.basename … of a folder, and of the file in it. */
static void put_path(struct generating *s, struct node *params, str folder, str file)
{
	struct arena *a = s->x->a;
	str prefix = node_get_str(s->g, S("pathParamPrefix")), base = last_part(folder);
	struct node *map = node_new(a, NODE_MAP), *segments = node_new(a, NODE_SEQ), *into = params;

	add_segments(a, segments, folder);
	put_text(a, map, "basename", base);
	put_text(a, map, "basenameNormalized", sanitize_name(a, base));
	if (file.n) {
		put_text(a, map, "filename", file);
		put_text(a, map, "filenameNormalized", sanitize_name(a, file));
	}
	if (s->go) {
		segments->flags |= PARAM_STRINGS;
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
	for (uint32_t i = 0; i < segments->n; i++)
		node_put(a, params, str_printf(a, "%.*s[%u]", STR_ARG(name), i), segments->items[i]);
}

static int give_one(struct generating *s, const struct node *found, str folder, str file)
{
	struct arena *a = s->x->a;
	struct node *params = s->go ? node_clone(a, found) : node_new(a, NODE_MAP);

	if (!s->go)
		flatten(a, params, S(""), found);
	put_path(s, params, folder, file);
	return give(s, params);
}

static int give_file(struct generating *s, const char *repo, const char *name)
{
	struct argocd *x = s->x;
	const char *path = str_printf(x->a, "%s/%s", repo, name).p;
	str file = last_part(str_of(name)), folder = str_sub(str_of(name), 0, strlen(name) - file.n);
	struct read_options ro = x->o->read;
	struct node *n;

	folder = folder.n ? str_sub(folder, 0, folder.n - 1) : S(".");
	ro.duplicates = 1;
	if (!in_folder(repo, path)) /* a link out of the repository is passed over */
		return 0;
	if (read_file(x->a, x->diag, &ro, path, &n) < 0)
		return -1;
	if (n->kind == NODE_NULL)
		return give_one(s, node_new(x->a, NODE_MAP), folder, file);
	for (uint32_t i = 0; i < (n->kind == NODE_SEQ ? n->n : 1); i++) {
		const struct node *one = n->kind == NODE_SEQ ? n->items[i] : n;
		if (one->kind != NODE_MAP)
			return diag_trouble(x->diag, node_pos(one), "argocd", "a file of parameters holds a map, or a list of maps, not %s",
					    kind_name((enum kind)one->kind));
		if (give_one(s, one, folder, file) < 0)
			return -1;
	}
	return 0;
}

int from_git(struct generating *s)
{
	const struct node *folders = node_get(s->g, S("directories")), *files = node_get(s->g, S("files"));
	struct listing l = { .x = s->x, .folders = node_is(folders, NODE_SEQ) && folders->n };
	const struct node *patterns = l.folders ? folders : files;

	if (!node_is(patterns, NODE_SEQ) || patterns->n == 0)
		return diag_trouble(s->x->diag, node_pos(s->g), "argocd", "a git generator wants directories or files");
	const char *repo = repo_folder(s->x, s->g, node_get_str(s->g, S("repoURL")), node_str(node_get(s->g, S("revision"))));
	if (!repo || walk(&l, repo, "") < 0)
		return -1;
	if (l.found.n)
		qsort(l.found.p, l.found.n, sizeof *l.found.p, by_name);
	for (size_t i = 0; i < l.found.n; i++) {
		str name = str_of(l.found.p[i]);
		if (!wanted(&l, patterns, name))
			continue;
		if (l.folders ? give_one(s, node_new(s->x->a, NODE_MAP), name, S("")) < 0 : give_file(s, repo, l.found.p[i]) < 0)
			return -1;
	}
	return 0;
}
