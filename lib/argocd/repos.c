/* SPDX-License-Identifier: MIT */
/* Where repositories are on the disk. */
#include <string.h>
#include <sys/stat.h>

#include "argocd/internal.h"

static str without_git(str url)
{
	while (str_ends(url, S("/")))
		url.n--;
	if (str_ends(url, S(".git")))
		url.n -= 4;
	return url;
}

/* URL=DIR or URL@REVISION=DIR; the last "=" parts them. */
static bool read_repo(const char *option, str *url, str *revision, str *folder)
{
	str s = str_of(option);
	size_t eq = s.n, at = s.n;

	while (eq > 0 && s.p[eq - 1] != '=')
		eq--;
	if (eq < 2)
		return false;
	*folder = str_sub(s, eq, s.n);
	s = str_sub(s, 0, eq - 1);
	while (at > 0 && (at > s.n || s.p[at - 1] != '@') && s.p[at - 1] != ':')
		at--;
	bool has = at > 1 && s.p[at - 1] == '@' && str_find(str_sub(s, 0, at), S("://")) >= 0;
	*url = without_git(has ? str_sub(s, 0, at - 1) : s);
	*revision = has ? str_sub(s, at, s.n) : S("");
	return folder->n > 0;
}

const char *repo_folder(struct argocd *x, const struct node *at, str url, str revision)
{
	str best = S("");

	for (size_t i = 0; i < x->o->repos.n; i++) {
		str u, r, folder;
		if (!read_repo(x->o->repos.p[i], &u, &r, &folder)) {
			diag_trouble(x->diag, NOWHERE, "repo", "--repo wants URL=DIR, not \"%s\"", x->o->repos.p[i]);
			return NULL;
		}
		if (!str_eq(u, without_git(url)) || (r.n && !str_eq(r, revision)))
			continue;
		if (r.n || best.n == 0)
			best = folder;
	}
	if (best.n)
		return str_dup(x->a, best);
	diag_trouble(x->diag, node_pos(at), "repo", "nothing is known of %.*s; say where its checkout is: --repo %.*s=DIR", STR_ARG(url), STR_ARG(url));
	return NULL;
}

const char *repo_path(struct argocd *x, const struct node *at, const char *folder, str path)
{
	while (str_starts(path, S("/")))
		path = str_sub(path, 1, path.n);
	for (str rest = path; rest.n;) {
		ptrdiff_t slash = str_chr(rest, '/');
		if (str_eq(slash < 0 ? rest : str_sub(rest, 0, (size_t)slash), S(".."))) {
			diag_trouble(x->diag, node_pos(at), "repo", "%.*s leads out of the repository", STR_ARG(path));
			return NULL;
		}
		rest = slash < 0 ? S("") : str_sub(rest, (size_t)slash + 1, rest.n);
	}
	return path.n && !str_eq(path, S(".")) ? str_printf(x->a, "%s/%.*s", folder, STR_ARG(path)).p : folder;
}
