/* SPDX-License-Identifier: MIT */
/* Sprig's functions over paths, slash-separated. */
#include "template/internal.h"

static str clean(struct arena *a, str s)
{
	struct buf b = BUF(a);
	bool rooted = s.n && s.p[0] == '/';
	size_t floor = rooted, i = rooted; /* nothing before floor is taken back by ".." */

	if (!s.n)
		return S(".");
	if (rooted)
		buf_char(&b, '/');
	while (i < s.n) {
		ptrdiff_t slash = str_chr(str_sub(s, i, s.n), '/');
		size_t end = slash < 0 ? s.n : i + (size_t)slash;
		str part = str_sub(s, i, end);

		i = end + 1;
		if (!part.n || str_eq(part, S(".")))
			continue;
		if (str_eq(part, S("..")) && b.n > floor) {
			while (b.n > floor && b.p[b.n - 1] != '/')
				b.n--;
			if (b.n > floor)
				b.n--;
			continue;
		}
		if (str_eq(part, S("..")) && rooted)
			continue;
		if (b.n > rooted)
			buf_char(&b, '/');
		buf_add(&b, part);
		if (str_eq(part, S("..")))
			floor = b.n;
	}
	return b.n ? buf_str(&b) : S(".");
}

static size_t after_slash(str s)
{
	size_t i = s.n;

	while (i && s.p[i - 1] != '/')
		i--;
	return i;
}

static int f_base(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	str s = val_text(args[0]);

	(void)c;
	(void)n;
	if (!s.n)
		return ret(out, val_cstr("."));
	while (s.n && s.p[s.n - 1] == '/')
		s.n--;
	if (!s.n)
		return ret(out, val_cstr("/"));
	return ret_str(out, str_sub(s, after_slash(s), s.n));
}

static int f_dir(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	str s = val_text(args[0]);

	(void)n;
	return ret_str(out, clean(c->a, str_sub(s, 0, after_slash(s))));
}

static int f_clean(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	(void)n;
	return ret_str(out, clean(c->a, val_text(args[0])));
}

static int f_ext(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	str s = val_text(args[0]);

	(void)c;
	(void)n;
	for (size_t i = s.n; i > 0 && s.p[i - 1] != '/'; i--)
		if (s.p[i - 1] == '.')
			return ret_str(out, str_sub(s, i - 1, s.n));
	return ret(out, val_cstr(""));
}

static int f_is_abs(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	(void)c;
	(void)n;
	return ret(out, val_bool(args[0].n && args[0].p[0] == '/'));
}

const struct tmpl_func funcs_paths[] = {
	{ "base", "s", f_base },	{ "dir", "s", f_dir },	       { "clean", "s", f_clean },     { "ext", "s", f_ext },
	{ "isAbs", "s", f_is_abs },	{ "osBase", "s", f_base },     { "osDir", "s", f_dir },	      { "osClean", "s", f_clean },
	{ "osExt", "s", f_ext },	{ "osIsAbs", "s", f_is_abs }, { NULL, NULL, NULL },
};
