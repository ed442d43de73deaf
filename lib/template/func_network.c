/* SPDX-License-Identifier: MIT */
/* Sprig's functions over URLs; names of hosts are not looked up. */
#include <string.h>

#include "template/internal.h"

static int hex(int c)
{
	return c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
}

static bool unescape(struct arena *a, str s, str *out)
{
	struct buf b = BUF(a);

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '%') {
			buf_char(&b, s.p[i]);
			continue;
		}
		if (i + 2 >= s.n || hex(s.p[i + 1]) < 0 || hex(s.p[i + 2]) < 0)
			return false;
		buf_char(&b, (char)(hex(s.p[i + 1]) * 16 + hex(s.p[i + 2])));
		i += 2;
	}
	*out = b.n ? buf_str(&b) : S("");
	return true;
}

/* keep: what stands as it is besides letters, digits and -_.~ */
static void escape(struct buf *out, str s, const char *keep)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char ch = (unsigned char)s.p[i];

		if ((ch >= '0' && ch <= '9') || ((ch | 0x20) >= 'a' && (ch | 0x20) <= 'z') || (ch && strchr("-_.~", ch)) || (ch && strchr(keep, ch)))
			buf_char(out, (char)ch);
		else
			buf_printf(out, "%%%02X", ch);
	}
}

struct url {
	str scheme, userinfo, host, path, query, opaque, fragment;
};

/* The scheme at the head of *s, cut off. */
static const char *scheme(struct arena *a, str *s, str *out)
{
	struct buf b = BUF(a);

	for (size_t i = 0; i < s->n; i++) {
		char ch = s->p[i];
		bool letter = (ch | 0x20) >= 'a' && (ch | 0x20) <= 'z';

		if (ch == ':') {
			if (i == 0)
				return "missing protocol scheme";
			*out = buf_str(&b);
			*s = str_sub(*s, i + 1, s->n);
			return NULL;
		}
		if (!letter && (i == 0 || !((ch >= '0' && ch <= '9') || strchr("+-.", ch))))
			break;
		buf_char(&b, ch >= 'A' && ch <= 'Z' ? (char)(ch + 32) : ch);
	}
	*out = S("");
	return NULL;
}

static const char *userinfo(struct arena *a, str s, str *out)
{
	ptrdiff_t colon = str_chr(s, ':');
	str user = str_sub(s, 0, colon < 0 ? s.n : (size_t)colon), password = { 0 };
	struct buf b = BUF(a);

	for (size_t i = 0; i < s.n; i++)
		if (!s.p[i] || (unsigned char)s.p[i] <= ' ' || (unsigned char)s.p[i] >= 0x7f || strchr("#/<>?[\\]^`{|}\"", s.p[i]))
			return "net/url: invalid userinfo";
	if (!unescape(a, user, &user) || (colon >= 0 && !unescape(a, str_sub(s, (size_t)colon + 1, s.n), &password)))
		return "invalid URL escape in the user information";
	escape(&b, user, "$&+,;=");
	if (colon >= 0) {
		buf_char(&b, ':');
		escape(&b, password, "$&+,;=");
	}
	*out = b.n ? buf_str(&b) : S("");
	return NULL;
}

static const char *authority(struct arena *a, str s, struct url *u)
{
	size_t at = s.n, colon;
	const char *bad;

	while (at && s.p[at - 1] != '@')
		at--;
	if (at && (bad = userinfo(a, str_sub(s, 0, at - 1), &u->userinfo)))
		return bad;
	s = str_sub(s, at, s.n);
	colon = s.n;
	while (colon && s.p[colon - 1] != ':' && s.p[colon - 1] != ']')
		colon--;
	if (s.n && s.p[0] == '[' && str_chr(s, ']') < 0)
		return "missing ']' in host";
	for (size_t i = colon; colon && s.p[colon - 1] == ':' && i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return "invalid port after host";
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == ' ' || strchr("\"<>\\^`{|}", s.p[i]))
			return "invalid character in host name";
	return unescape(a, s, &u->host) ? NULL : "invalid URL escape in the host";
}

static const char *parse(struct arena *a, str s, struct url *u)
{
	ptrdiff_t at = str_chr(s, '#');
	const char *bad;

	*u = (struct url){ S(""), S(""), S(""), S(""), S(""), S(""), S("") };
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return "net/url: invalid control character in URL";
	if (at >= 0) {
		if (!unescape(a, str_sub(s, (size_t)at + 1, s.n), &u->fragment))
			return "invalid URL escape in the fragment";
		s.n = (size_t)at;
	}
	if ((bad = scheme(a, &s, &u->scheme)))
		return bad;
	if ((at = str_chr(s, '?')) >= 0) {
		u->query = str_sub(s, (size_t)at + 1, s.n);
		s.n = (size_t)at;
	}
	if (!str_starts(s, S("/"))) {
		ptrdiff_t slash = str_chr(s, '/'), colon = str_chr(s, ':');

		if (u->scheme.n) {
			u->opaque = s;
			return NULL;
		}
		if (colon >= 0 && (slash < 0 || colon < slash))
			return "first path segment in URL cannot contain colon";
	}
	if ((u->scheme.n || !str_starts(s, S("///"))) && str_starts(s, S("//"))) {
		ptrdiff_t slash = str_chr(str_sub(s, 2, s.n), '/');
		size_t end = slash < 0 ? s.n : (size_t)slash + 2;

		if ((bad = authority(a, str_sub(s, 2, end), u)))
			return bad;
		s = str_sub(s, end, s.n);
	}
	return unescape(a, s, &u->path) ? NULL : "invalid URL escape in the path";
}

static str hostname(str host)
{
	size_t colon = host.n;
	ptrdiff_t bracket;

	while (colon && host.p[colon - 1] != ':' && host.p[colon - 1] != ']')
		colon--;
	if (colon && host.p[colon - 1] == ':')
		host.n = colon - 1;
	if (host.n && host.p[0] == '[' && (bracket = str_chr(host, ']')) > 0)
		return str_sub(host, 1, (size_t)bracket);
	return host;
}

static int f_url_parse(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct url u;
	const char *bad = parse(c->a, val_text(args[0]), &u);

	(void)n;
	if (bad)
		return tmpl_error_value(c, args[0], "unable to parse url \"%.*s\": %s", STR_ARG(val_text(args[0])), bad);
	*out = val_map(c->a);
	vmap_put(c->a, out->map, S("scheme"), val_str(u.scheme));
	vmap_put(c->a, out->map, S("host"), val_str(u.host));
	vmap_put(c->a, out->map, S("hostname"), val_str(hostname(u.host)));
	vmap_put(c->a, out->map, S("path"), val_str(u.path));
	vmap_put(c->a, out->map, S("query"), val_str(u.query));
	vmap_put(c->a, out->map, S("opaque"), val_str(u.opaque));
	vmap_put(c->a, out->map, S("fragment"), val_str(u.fragment));
	vmap_put(c->a, out->map, S("userinfo"), val_str(u.userinfo));
	return 0;
}

static int part(struct tmpl_call *c, struct val map, const char *key, str *out)
{
	struct val v = val_cstr("");

	vmap_get(c->a, arg_map(c, map), str_of(key), &v);
	if (v.kind != VAL_STRING)
		return tmpl_error_value(c, v, "urlJoin: %s must be a string, not %s", key, val_type_name(c->a, v));
	*out = val_text(v);
	return 0;
}

static int f_url_join(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct url u;
	struct buf b = BUF(c->a);
	str user;
	ptrdiff_t colon;

	(void)n;
	if (part(c, args[0], "scheme", &u.scheme) < 0 || part(c, args[0], "host", &u.host) < 0 || part(c, args[0], "path", &u.path) < 0 ||
	    part(c, args[0], "query", &u.query) < 0 || part(c, args[0], "opaque", &u.opaque) < 0 ||
	    part(c, args[0], "fragment", &u.fragment) < 0 || part(c, args[0], "userinfo", &u.userinfo) < 0)
		return -1;
	user = u.userinfo;
	if (user.n && userinfo(c->a, user, &u.userinfo))
		return tmpl_error(c, "urlJoin: unable to parse userinfo \"%.*s\"", STR_ARG(user));
	if (u.scheme.n)
		buf_printf(&b, "%.*s:", STR_ARG(u.scheme));
	if (u.opaque.n) {
		buf_add(&b, u.opaque);
	} else {
		if (u.scheme.n || u.host.n || u.userinfo.n) {
			if (u.host.n || u.path.n || u.userinfo.n)
				buf_add(&b, S("//"));
			if (u.userinfo.n)
				buf_printf(&b, "%.*s@", STR_ARG(u.userinfo));
			escape(&b, u.host, "!$&'()*+,;=:[]<>\"");
		}
		if (u.path.n && u.path.p[0] != '/' && u.host.n)
			buf_char(&b, '/');
		colon = str_chr(u.path, ':');
		if (!b.n && colon >= 0 && (str_chr(u.path, '/') < 0 || str_chr(u.path, '/') > colon))
			buf_add(&b, S("./")); /* or it would read as a scheme */
		escape(&b, u.path, "$&+,/:;=@!'()*");
	}
	if (u.query.n)
		buf_printf(&b, "?%.*s", STR_ARG(u.query));
	if (u.fragment.n) {
		buf_char(&b, '#');
		escape(&b, u.fragment, "$&+,/:;=?@!()*");
	}
	return ret_buf(out, &b);
}

static int f_host(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	(void)c;
	(void)args;
	(void)n;
	return ret(out, val_cstr("")); /* as Helm without --enable-dns */
}

const struct tmpl_func funcs_network[] = {
	{ "urlParse", "s", f_url_parse },
	{ "urlJoin", "m", f_url_join },
	{ "getHostByName", "s", f_host },
	{ NULL, NULL, NULL },
};
