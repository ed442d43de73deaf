/* SPDX-License-Identifier: MIT */
/* Where repositories are on the disk, and which paths are within them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
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

/* git@host:path is ssh://git@host/path; hosts and paths are compared as Argo CD does, without case. */
static str normal(struct arena *a, str url)
{
	ptrdiff_t colon = str_chr(url, ':');

	url = without_git(url);
	if (str_find(url, S("://")) < 0 && str_chr(url, '@') >= 0 && colon > 0)
		return str_printf(a, "ssh://%.*s/%.*s", (int)colon, url.p, STR_ARG(str_sub(url, (size_t)colon + 1, url.n)));
	return url;
}

static bool same_url(struct arena *a, str x, str y)
{
	x = normal(a, x);
	y = normal(a, y);
	return x.n == y.n && strncasecmp(x.p, y.p, x.n) == 0;
}

/* URL=DIR or URL@REVISION=DIR; the last "=" parts them. */
static bool read_repo(const char *option, str *url, str *revision, str *folder)
{
	str s = str_of(option);
	size_t eq = s.n, at;

	while (eq > 0 && s.p[eq - 1] != '=')
		eq--;
	if (eq < 2)
		return false;
	*folder = str_sub(s, eq, s.n);
	s = str_sub(s, 0, eq - 1);
	for (at = s.n; at > 0 && s.p[at - 1] != '@' && s.p[at - 1] != ':';)
		at--;
	bool has = at > 1 && s.p[at - 1] == '@' && str_find(str_sub(s, 0, at), S("://")) >= 0;
	*url = has ? str_sub(s, 0, at - 1) : s;
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
		if (!same_url(x->a, u, url) || (r.n && !str_eq(r, revision)))
			continue;
		if (r.n || best.n == 0)
			best = folder;
	}
	if (best.n)
		return str_dup(x->a, best);
	diag_trouble(x->diag, node_pos(at), "repo", "nothing is known of %.*s; say where its checkout is: --repo %.*s=DIR", STR_ARG(url), STR_ARG(url));
	return NULL;
}

bool in_folder(const char *folder, const char *path)
{
	char *top = realpath(folder, NULL), *real = realpath(path, NULL);
	size_t n = top ? strlen(top) : 0;
	bool in = top && real && strncmp(top, real, n) == 0 && (real[n] == '/' || real[n] == '\0' || n == 1);

	free(top);
	free(real);
	return in;
}

const char *repo_path(struct argocd *x, const struct node *at, const char *folder, const char *base, str path)
{
	struct strlist parts = { 0 };
	str whole = base && !str_starts(path, S("/")) ? str_printf(x->a, "%s/%.*s", base + strlen(folder), STR_ARG(path)) : path;
	struct buf b = BUF(x->a);
	struct stat st;

	for (str rest = whole; rest.n;) {
		ptrdiff_t slash = str_chr(rest, '/');
		str part = slash < 0 ? rest : str_sub(rest, 0, (size_t)slash);
		rest = slash < 0 ? S("") : str_sub(rest, (size_t)slash + 1, rest.n);
		if (part.n == 0 || str_eq(part, S(".")))
			continue;
		if (!str_eq(part, S(".."))) {
			*VEC_ADD(x->a, &parts) = str_dup(x->a, part);
		} else if (parts.n-- == 0) {
			diag_trouble(x->diag, node_pos(at), "repo", "%.*s leads out of the repository %s", STR_ARG(path), folder);
			return NULL;
		}
	}
	buf_add(&b, str_of(folder));
	for (size_t i = 0; i < parts.n; i++)
		buf_printf(&b, "/%s", parts.p[i]);
	const char *full = str_dup(x->a, buf_str(&b));
	if (lstat(full, &st) == 0 && !in_folder(folder, full)) {
		diag_trouble(x->diag, node_pos(at), "repo", "%.*s leads out of the repository %s, through a link", STR_ARG(path), folder);
		return NULL;
	}
	return full;
}

/* ---- which commit is checked out -------------------------------------------------------------- */
static bool is_commit(str s)
{
	bool hex = s.n == 40 || s.n == 64;

	for (size_t i = 0; i < s.n && hex; i++)
		hex = (s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f');
	return hex;
}

static str first_line(str s)
{
	ptrdiff_t end = str_chr(s, '\n');

	return str_trim(end < 0 ? s : str_sub(s, 0, (size_t)end));
}

/* The folder of git's own data: .git, or where the file .git of a work tree says it is. */
static const char *git_folder(struct argocd *x, const char *folder)
{
	const char *path = str_printf(x->a, "%s/.git", folder).p;
	str text;

	if (!read_whole(x, path, &text))
		return path;
	text = first_line(text);
	if (!str_starts(text, S("gitdir: ")))
		return path;
	text = str_sub(text, 8, text.n);
	return str_starts(text, S("/")) ? str_dup(x->a, text) : str_printf(x->a, "%s/%.*s", folder, STR_ARG(text)).p;
}

static str packed_ref(str text, str ref)
{
	while (text.n) {
		str line = first_line(text);
		ptrdiff_t end = str_chr(text, '\n'), space = str_chr(line, ' ');
		if (space > 0 && str_eq(str_sub(line, (size_t)space + 1, line.n), ref))
			return str_sub(line, 0, (size_t)space);
		text = end < 0 ? S("") : str_sub(text, (size_t)end + 1, text.n);
	}
	return S("");
}

str repo_commit(struct argocd *x, const char *folder, str revision)
{
	const char *git = git_folder(x, folder);
	str text, common;

	if (is_commit(revision))
		return revision;
	if (!read_whole(x, str_printf(x->a, "%s/HEAD", git).p, &text))
		return S("");
	str head = first_line(text);
	if (!str_starts(head, S("ref: ")))
		return is_commit(head) ? head : S("");
	head = str_sub(head, 5, head.n);
	if (read_whole(x, str_printf(x->a, "%s/commondir", git).p, &common)) /* of a work tree beside the repository */
		git = str_printf(x->a, "%s/%.*s", git, STR_ARG(first_line(common))).p;
	if (read_whole(x, str_printf(x->a, "%s/%.*s", git, STR_ARG(head)).p, &text))
		return is_commit(first_line(text)) ? first_line(text) : S("");
	return read_whole(x, str_printf(x->a, "%s/packed-refs", git).p, &text) ? packed_ref(text, head) : S("");
}
