/* SPDX-License-Identifier: MIT */
/* URI references: split, resolve, normalise (RFC 3986, section 5). */
#include "schema/internal.h"

#include <string.h>
#include <unistd.h>

struct parts {
	str scheme, authority, path, query;
	bool has_scheme, has_authority, has_query;
};

void uri_split(str uri, str *before, str *fragment, bool *has)
{
	ptrdiff_t hash = str_chr(uri, '#');
	*has = hash >= 0;
	*before = hash < 0 ? uri : str_sub(uri, 0, (size_t)hash);
	*fragment = hash < 0 ? (str){ 0 } : str_sub(uri, (size_t)hash + 1, uri.n);
}

static bool alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static struct parts parse(str s)
{
	struct parts p = { 0 };
	size_t i = 0;
	if (s.n && alpha(s.p[0])) {
		while (i < s.n && (alpha(s.p[i]) || strchr("0123456789+-.", s.p[i])))
			i++;
		if (i < s.n && s.p[i] == ':') {
			p.has_scheme = true;
			p.scheme = str_sub(s, 0, i);
			s = str_sub(s, i + 1, s.n);
		}
	}
	if (str_starts(s, S("//"))) {
		for (i = 2; i < s.n && s.p[i] != '/' && s.p[i] != '?'; i++)
			;
		p.has_authority = true;
		p.authority = str_sub(s, 2, i);
		s = str_sub(s, i, s.n);
	}
	ptrdiff_t q = str_chr(s, '?');
	p.has_query = q >= 0;
	p.path = q < 0 ? s : str_sub(s, 0, (size_t)q);
	p.query = q < 0 ? (str){ 0 } : str_sub(s, (size_t)q + 1, s.n);
	return p;
}

/* "." and ".." out of a path. */
static str remove_dots(struct arena *a, str path)
{
	struct buf b = BUF(a);
	size_t i = 0;
	while (i < path.n) {
		size_t j = i + (path.p[i] == '/');
		while (j < path.n && path.p[j] != '/')
			j++;
		str segment = str_sub(path, i, j), name = segment;
		if (name.n && name.p[0] == '/')
			name = str_sub(name, 1, name.n);
		bool last = j >= path.n, one = str_eq(name, S(".")), two = str_eq(name, S(".."));
		if (two) {
			while (b.n && b.p[b.n - 1] != '/')
				b.n--;
			b.n -= b.n > 0;
		}
		if (!one && !two)
			buf_add(&b, segment);
		else if (last)
			buf_char(&b, '/');
		i = j;
	}
	return buf_str(&b);
}

static str join(struct arena *a, const struct parts *p)
{
	struct buf b = BUF(a);
	for (size_t i = 0; p->has_scheme && i < p->scheme.n; i++) {
		char c = p->scheme.p[i];
		buf_char(&b, c >= 'A' && c <= 'Z' ? (char)(c + 32) : c);
	}
	if (p->has_scheme)
		buf_char(&b, ':');
	if (p->has_authority)
		buf_printf(&b, "//%.*s", STR_ARG(p->authority));
	buf_add(&b, p->path);
	if (p->has_query)
		buf_printf(&b, "?%.*s", STR_ARG(p->query));
	return str_copy(a, buf_str(&b));
}

str uri_resolve(struct arena *a, str base, str ref)
{
	str before, fragment, base_before, unused;
	bool has, ignored;
	uri_split(ref, &before, &fragment, &has);
	uri_split(base, &base_before, &unused, &ignored);
	struct parts r = parse(before), b = parse(base_before);
	if (!before.n) {
		r = b;
	} else if (r.has_scheme) {
		if (r.has_authority || (r.path.n && r.path.p[0] == '/'))
			r.path = remove_dots(a, r.path);
	} else {
		r.has_scheme = b.has_scheme;
		r.scheme = b.scheme;
		if (!r.has_authority) {
			r.has_authority = b.has_authority;
			r.authority = b.authority;
			if (!r.path.n) {
				r.path = b.path;
				if (!r.has_query)
					r.has_query = b.has_query, r.query = b.query;
			} else if (r.path.p[0] != '/') {
				size_t cut = b.path.n;
				while (cut && b.path.p[cut - 1] != '/')
					cut--;
				bool rooted = b.has_authority && !b.path.n;
				r.path = str_printf(a, "%s%.*s%.*s", rooted ? "/" : "", (int)cut, b.path.p ? b.path.p : "",
						    STR_ARG(r.path));
			}
		}
		r.path = remove_dots(a, r.path);
	}
	str out = join(a, &r);
	return has ? str_printf(a, "%.*s#%.*s", STR_ARG(out), STR_ARG(fragment)) : out;
}

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

str uri_unescape(struct arena *a, str s)
{
	if (str_chr(s, '%') < 0)
		return s;
	struct buf b = BUF(a);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '%' && i + 2 < s.n && hex(s.p[i + 1]) >= 0 && hex(s.p[i + 2]) >= 0) {
			buf_char(&b, (char)(hex(s.p[i + 1]) * 16 + hex(s.p[i + 2])));
			i += 2;
		} else {
			buf_char(&b, s.p[i]);
		}
	}
	return str_copy(a, buf_str(&b));
}

str uri_of_file(struct arena *a, const char *path)
{
	char cwd[4096];
	struct buf b = BUF(a);
	buf_add(&b, S("file://"));
	if (path[0] != '/' && getcwd(cwd, sizeof(cwd)))
		buf_printf(&b, "%s/", strcmp(cwd, "/") == 0 ? "" : cwd);
	for (const char *p = path; *p; p++) {
		if (strchr("%#?", *p))
			buf_printf(&b, "%%%02X", (unsigned char)*p);
		else
			buf_char(&b, *p);
	}
	return uri_resolve(a, (str){ 0 }, buf_str(&b));
}
