/* SPDX-License-Identifier: MIT */
/* Where the files are that kustomizations name, within which bounds, and the objects in them. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "kustomize/internal.h"

/* ---- paths ------------------------------------------------------------------------------ */
const char *join_path(struct arena *a, const char *folder, str name)
{
	str all = str_printf(a, "%s/%.*s", folder, STR_ARG(name));
	struct buf out = BUF(a);
	size_t up = 0; /* bytes of leading .. */

	if (folder[0] == '/')
		buf_char(&out, '/'), up = 1;
	while (all.n) {
		ptrdiff_t slash = str_chr(all, '/');
		str part = slash < 0 ? all : str_sub(all, 0, (size_t)slash);
		all = slash < 0 ? S("") : str_sub(all, (size_t)slash + 1, all.n);
		if (part.n == 0 || str_eq(part, S(".")))
			continue;
		bool back = str_eq(part, S(".."));
		if (back && out.n > up) {
			while (out.n > up && out.p[out.n - 1] != '/')
				out.n--;
			if (out.n > up)
				out.n--;
			continue;
		}
		if (back && up == 1 && out.p[0] == '/')
			continue;
		if (out.n && out.p[out.n - 1] != '/')
			buf_char(&out, '/');
		buf_add(&out, part);
		if (back)
			up = out.n;
	}
	return str_dup(a, out.n ? buf_str(&out) : S("."));
}

const char *kustomization_in(struct arena *a, const char *folder)
{
	static const char *const names[] = { "kustomization.yaml", "kustomization.yml", "Kustomization" };
	struct stat st;

	for (size_t i = 0; i < COUNT(names); i++) {
		const char *path = str_printf(a, "%s/%s", folder, names[i]).p;
		if (stat(path, &st) == 0 && S_ISREG(st.st_mode))
			return path;
	}
	return NULL;
}

bool kustomize_is_one(const char *folder)
{
	struct arena a = { 0 };
	bool is = kustomization_in(&a, folder) != NULL;

	arena_free(&a);
	return is;
}

const char *layer_path(struct layer *l, str name)
{
	return str_starts(name, S("/")) ? str_dup(l->b->a, name) : str_printf(l->b->a, "%s/%.*s", l->folder, STR_ARG(name)).p;
}

/* name from the real folder on; NULL: it is not there, or a link is in the way. */
static const char *plain_path(struct arena *a, const char *folder, str name)
{
	struct buf out = BUF(a);
	struct stat st;

	if (str_starts(name, S("/")))
		return NULL;
	buf_add(&out, str_of(folder));
	while (name.n) {
		ptrdiff_t slash = str_chr(name, '/');
		str part = slash < 0 ? name : str_sub(name, 0, (size_t)slash);
		name = slash < 0 ? S("") : str_sub(name, (size_t)slash + 1, name.n);
		if (part.n == 0 || str_eq(part, S(".")))
			continue;
		if (str_eq(part, S(".."))) {
			while (out.n && out.p[--out.n] != '/')
				;
			continue;
		}
		buf_printf(&out, "/%.*s", STR_ARG(part));
		if (lstat(str_dup(a, buf_str(&out)), &st) < 0 || S_ISLNK(st.st_mode))
			return NULL;
	}
	return out.n ? str_dup(a, buf_str(&out)) : "/";
}

const char *real_path(struct layer *l, const char *path, str name)
{
	const char *plain = plain_path(l->b->a, l->real, name);

	if (plain)
		return plain;
	char *real = realpath(path, NULL);
	const char *out = real ? str_dup(l->b->a, str_of(real)) : NULL;
	free(real);
	return out;
}

const char *layer_file(struct layer *l, const struct node *n, str name)
{
	struct diag *d = l->b->diag;
	const char *path, *real;
	int remote = remote_path(l, n, name, &path);
	size_t len = strlen(l->real);

	if (remote)
		return remote < 0 ? NULL : path;
	path = layer_path(l, name);
	real = real_path(l, path, name);
	if (!real)
		diag_trouble(d, node_pos(n), "kustomize", "there is no %s", path);
	if (!real || l->b->o->anywhere || (strncmp(real, l->real, len) == 0 && (real[len] == '/' || len == 1)))
		return real ? path : NULL;
	diag_trouble(d, node_pos(n), "kustomize", "%.*s is outside of %s; files must be within the kustomization's folder (--load-restrictor)", STR_ARG(name), l->folder);
	return NULL;
}

/* ---- remotes ------------------------------------------------------------------------------ */
/* An address without what does not tell repositories apart; the query is cut off. */
static str plain_address(struct arena *a, str s)
{
	static const char *const schemes[] = { "git::", "https://", "http://", "ssh://", "git://", "file://", "git@" };
	ptrdiff_t query = str_chr(s, '?'), colon;

	s = query < 0 ? s : str_sub(s, 0, (size_t)query);
	for (size_t i = 0; i < COUNT(schemes); i++)
		if (str_starts(s, str_of(schemes[i])))
			s = str_sub(s, strlen(schemes[i]), s.n);
	char *p = str_dup(a, s);
	if ((colon = str_chr(s, ':')) > 0 && str_find(str_sub(s, 0, (size_t)colon), S("/")) < 0)
		p[colon] = '/';
	return (str){ p, s.n };
}

static bool is_remote(str s)
{
	return str_find(s, S("://")) >= 0 || str_starts(s, S("git@")) || str_starts(s, S("github.com/")) || str_starts(s, S("gitlab.com/")) ||
	       str_starts(s, S("bitbucket.org/")) || str_find(s, S("?ref=")) >= 0 || str_find(s, S("?version=")) >= 0 || str_starts(s, S("git::"));
}

static str without_git(str s)
{
	while (str_ends(s, S("/")))
		s.n--;
	return str_ends(s, S(".git")) ? str_sub(s, 0, s.n - 4) : s;
}

/* The branch or tag that a remote name asks for; empty: none. */
static str revision_of(str name)
{
	static const char *const keys[] = { "?ref=", "&ref=", "?version=", "&version=" };

	for (size_t i = 0; i < COUNT(keys); i++) {
		ptrdiff_t at = str_find(name, str_of(keys[i]));
		str rest = at < 0 ? S("") : str_sub(name, (size_t)at + strlen(keys[i]), name.n);
		ptrdiff_t end = str_chr(rest, '&');
		if (at >= 0)
			return end < 0 ? rest : str_sub(rest, 0, (size_t)end);
	}
	return S("");
}

/* Is url=dir of --repo where address is? *path: the place in dir. */
static bool is_checkout(struct arena *a, str url, str dir, str address, const char **path)
{
	str repo = without_git(plain_address(a, url)), rest = str_sub(address, repo.n, address.n);

	if (!repo.n || !str_starts(address, repo))
		return false;
	if (str_starts(rest, S(".git")))
		rest = str_sub(rest, 4, rest.n);
	if (rest.n && rest.p[0] != '/')
		return false;
	*path = join_path(a, str_dup(a, dir), rest);
	return true;
}

int remote_path(struct layer *l, const struct node *n, str name, const char **path)
{
	struct build *b = l->b;

	if (!is_remote(name))
		return 0;
	str address = plain_address(b->a, name), revision = revision_of(name);
	for (int exact = 1; exact >= 0; exact--) /* URL@REVISION=DIR comes before URL=DIR */
		for (size_t i = 0; i < b->o->repos.n; i++) {
			str pair = str_of(b->o->repos.p[i]);
			size_t eq = pair.n;
			while (eq > 0 && pair.p[eq - 1] != '=')
				eq--;
			str url = str_sub(pair, 0, eq ? eq - 1 : 0), dir = str_sub(pair, eq, pair.n);
			str tail = str_printf(b->a, "@%.*s", STR_ARG(revision));
			if (exact && (!revision.n || !str_ends(url, tail)))
				continue;
			if (is_checkout(b->a, exact ? str_sub(url, 0, url.n - tail.n) : url, dir, address, path))
				return 1;
		}
	return diag_trouble(b->diag, node_pos(n), "unsupported", "%.*s is elsewhere and is not fetched; name a checkout with --repo URL=DIR", STR_ARG(name));
}

/* ---- objects ------------------------------------------------------------------------------ */
int take_object(struct layer *l, struct node *object, const struct origin *origin, struct resources *out)
{
	struct build *b = l->b;
	struct resource *r = NEW(b->a, struct resource);

	if (object->kind != NODE_MAP || node_get_str(object, S("kind")).n == 0)
		return diag_trouble(b->diag, node_pos(object), "kustomize", "no Kubernetes object: it has no kind");
	r->object = node_copy(b->a, object);
	r->origin = origin;
	if (name_of(r->object).n == 0)
		return diag_trouble(b->diag, node_pos(object), "kustomize", "the object has no metadata.name");
	return add_resource(l, out, r);
}

struct taking {
	struct layer *l;
	const struct origin *origin;
	struct resources *out;
};

static int take(void *ctx, struct node *object)
{
	struct taking *t = ctx;

	return take_object(t->l, object, t->origin, t->out);
}

static int read_all(struct layer *l, struct reader *reader, struct taking *t)
{
	struct node *n;
	int got = -1, bad = 0;

	if (!reader)
		return -1;
	while (!bad && (got = reader_next(reader, l->b->a, &n)) > 0)
		if (n->kind != NODE_NULL)
			bad = kube_flatten(l->b->a, n, take, t);
	reader_close(reader);
	return bad ? -1 : got;
}

int read_objects(struct layer *l, const char *path, const struct origin *origin, struct resources *out)
{
	struct taking t = { l, origin, out };

	return read_all(l, reader_open(l->b->a, l->b->diag, &l->b->objects, path), &t);
}

struct reader *inline_reader(struct layer *l, const struct read_options *o, const struct node *text)
{
	struct build *b = l->b;
	struct read_options ro = *o;

	ro.input = FORMAT_YAML; /* whatever the file around it is */
	struct reader *r = reader_open_text(b->a, b->diag, &ro, text->source ? text->source->name : "(inline)", node_str(text));

	if (r && text->line) /* a block scalar begins below its mark */
		reader_from_line(r, text->line - (text->style != STYLE_LITERAL && text->style != STYLE_FOLDED));
	return r;
}

int read_object_text(struct layer *l, const struct node *text, const struct origin *origin, struct resources *out)
{
	struct taking t = { l, origin, out };

	return read_all(l, inline_reader(l, &l->b->objects, text), &t);
}
