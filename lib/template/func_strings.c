/* SPDX-License-Identifier: MIT */
/* Sprig's functions over strings: cutting, joining, replacing, quoting, indenting. */
#include <string.h>

#include "template/internal.h"

/* ---- helpers ---- */

bool rune_is_space(uint32_t cp)
{
	return (cp >= '\t' && cp <= '\r') || cp == ' ' || cp == 0x85 || cp == 0xa0 || cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200a) ||
	       cp == 0x2028 || cp == 0x2029 || cp == 0x202f || cp == 0x205f || cp == 0x3000;
}

/* strings.TrimSpace */
static str text_trim(str s)
{
	uint32_t cp;
	size_t n, back;

	while (s.n && (n = utf8_decode(s, &cp)) && rune_is_space(cp))
		s = str_sub(s, n, s.n);
	while (s.n) {
		for (back = 1; back < 4 && back < s.n && ((unsigned char)s.p[s.n - back] & 0xc0) == 0x80; back++)
			;
		if (utf8_decode(str_sub(s, s.n - back, s.n), &cp) != back || !rune_is_space(cp))
			break;
		s.n -= back;
	}
	return s;
}

/* Bytes of the rune at the head of s, at least 1. */
static size_t step(str s)
{
	uint32_t cp;
	size_t n = utf8_decode(s, &cp);

	return n ? n : 1;
}

static str text_replace(struct arena *a, str s, str old, str new, int64_t n)
{
	struct buf b = BUF(a);
	size_t at = 0;

	for (; n != 0; n--) {
		ptrdiff_t i = old.n ? str_find(str_sub(s, at, s.n), old) : 0;

		if (i < 0)
			break;
		if (!old.n) { /* before each rune, and at the end */
			buf_add(&b, new);
			if (at >= s.n)
				break;
			i = (ptrdiff_t)step(str_sub(s, at, s.n));
			buf_add(&b, str_sub(s, at, at + (size_t)i));
			at += (size_t)i;
			continue;
		}
		buf_add(&b, str_sub(s, at, at + (size_t)i));
		buf_add(&b, new);
		at += (size_t)i + old.n;
	}
	if (!b.n && at == 0)
		return s;
	buf_add(&b, str_sub(s, at, s.n));
	return buf_str(&b);
}

static int made(struct tmpl_call *c, const struct buf *b, struct val *out)
{
	ret_buf(out, b);
	return exec_made(c, b->n);
}

/* ---- trimming, cutting ---- */

static int f_trim(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	(void)c;
	(void)n;
	return ret_str(out, text_trim(val_text(args[0])));
}

static bool in_set(str set, str rune)
{
	return str_find(set, rune) >= 0;
}

static int f_trim_all(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	str set = val_text(args[0]), s = val_text(args[1]);
	size_t k;

	(void)c;
	(void)n;
	while (s.n && in_set(set, str_sub(s, 0, k = step(s))))
		s = str_sub(s, k, s.n);
	while (s.n) {
		for (k = 1; k < 4 && k < s.n && ((unsigned char)s.p[s.n - k] & 0xc0) == 0x80; k++)
			;
		if (!in_set(set, str_sub(s, s.n - k, s.n)))
			break;
		s.n -= k;
	}
	return ret_str(out, s);
}

static int f_trim_suffix(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	str s = val_text(args[1]);

	(void)c;
	(void)n;
	if (str_ends(s, val_text(args[0])))
		s.n -= args[0].n;
	return ret_str(out, s);
}

static int f_trim_prefix(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	str s = val_text(args[1]);

	(void)c;
	(void)n;
	if (str_starts(s, val_text(args[0])))
		s = str_sub(s, args[0].n, s.n);
	return ret_str(out, s);
}

static int f_trunc(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	int64_t k = args[0].i;
	str s = val_text(args[1]);

	(void)c;
	(void)n;
	if (k < 0 && (int64_t)s.n + k > 0)
		s = str_sub(s, (size_t)((int64_t)s.n + k), s.n);
	else if (k >= 0 && (int64_t)s.n > k)
		s.n = (size_t)k;
	return ret_str(out, s);
}

static int f_substr(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	int64_t from = args[0].i, to = args[1].i;
	str s = val_text(args[2]);

	(void)n;
	if (from < 0)
		from = 0;
	else if (to < 0 || to > (int64_t)s.n)
		to = (int64_t)s.n;
	if (to < from || to > (int64_t)s.n)
		return tmpl_error_value(c, args[2], "substr from %lld to %lld of a string of %zu bytes", (long long)args[0].i, (long long)args[1].i, s.n);
	return ret_str(out, str_sub(s, (size_t)from, (size_t)to));
}

static str abbreviate(struct arena *a, str s, int64_t offset, int64_t width)
{
	int64_t len = (int64_t)s.n;
	str tail;

	if (len <= width)
		return s;
	if (offset > len)
		offset = len;
	if (len - offset < width - 3)
		offset = len - (width - 3);
	if (offset <= 4)
		return str_printf(a, "%.*s...", (int)(width - 3), s.p);
	if (width < 7)
		return (str){ 0 };
	if (offset + width - 3 < len) {
		tail = abbreviate(a, str_sub(s, (size_t)offset, s.n), 0, width - 3);
		return str_printf(a, "...%.*s", STR_ARG(tail));
	}
	return str_printf(a, "...%.*s", (int)(width - 3), s.p + (len - (width - 3)));
}

static int f_abbrev(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	(void)n;
	if (args[0].i < 4)
		return ret(out, args[1]);
	return ret_str(out, abbreviate(c->a, val_text(args[1]), 0, args[0].i));
}

static int f_abbrevboth(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	(void)n;
	if (args[1].i < 4 || (args[0].i > 0 && args[1].i < 7))
		return ret(out, args[2]);
	return ret_str(out, abbreviate(c->a, val_text(args[2]), args[0].i, args[1].i));
}

/* ---- asking ---- */

static int f_contains(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	str s = val_text(args[1]), what = val_text(args[0]);

	(void)n;
	if (!strcmp(c->name, "hasPrefix"))
		return ret(out, val_bool(str_starts(s, what)));
	if (!strcmp(c->name, "hasSuffix"))
		return ret(out, val_bool(str_ends(s, what)));
	return ret(out, val_bool(!what.n || str_find(s, what) >= 0));
}

/* ---- making ---- */

static int f_replace(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	str s = val_text(args[2]), old = val_text(args[0]), new = val_text(args[1]);
	size_t count = 0;

	(void)n;
	for (size_t at = 0; new.n > old.n && at <= s.n; count++) {
		ptrdiff_t i = str_find(str_sub(s, at, s.n), old);

		if (i < 0)
			break;
		at += (size_t)i + (old.n ? old.n : 1);
	}
	if (exec_made(c, s.n + count * (new.n > old.n ? new.n - old.n : 0)) < 0)
		return -1;
	return ret_str(out, text_replace(c->a, s, old, new, -1));
}

static int f_repeat(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	str s = val_text(args[1]);
	struct buf b = BUF(c->a);

	(void)n;
	if (args[0].i < 0)
		return tmpl_error(c, "repeat: the count %lld is negative", (long long)args[0].i);
	if (s.n && (uint64_t)args[0].i > ((uint64_t)1 << 40) / s.n)
		return exec_made(c, (size_t)1 << 40);
	if (exec_made(c, s.n * (size_t)args[0].i) < 0)
		return -1;
	for (int64_t i = 0; i < args[0].i && s.n; i++)
		buf_add(&b, s);
	return ret_buf(out, &b);
}

static int f_indent(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	str s = val_text(args[1]);
	struct buf b = BUF(c->a);
	size_t lines = 1;

	(void)n;
	if (args[0].i < 0 || args[0].i > 1 << 20)
		return tmpl_error(c, "%s by %lld columns", c->name, (long long)args[0].i);
	for (size_t i = 0; i < s.n; i++)
		lines += s.p[i] == '\n';
	if (exec_made(c, s.n + lines * (size_t)args[0].i) < 0)
		return -1;
	buf_room(&b, s.n + lines * (size_t)args[0].i + 1);
	if (c->name[0] == 'n')
		buf_char(&b, '\n');
	for (size_t i = 0; i <= s.n;) {
		ptrdiff_t nl = str_chr(str_sub(s, i, s.n), '\n');
		size_t end = nl < 0 ? s.n : i + (size_t)nl + 1;

		buf_fill(&b, ' ', (size_t)args[0].i);
		buf_add(&b, str_sub(s, i, end));
		i = end + (nl < 0);
	}
	return ret_buf(out, &b);
}

static int f_quote(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct buf b = BUF(c->a);

	for (size_t i = 0; i < n; i++) {
		if (val_is_nil(args[i]))
			continue;
		if (b.n)
			buf_char(&b, ' ');
		if (c->name[0] == 's') {
			buf_char(&b, '\'');
			print_value(c->a, &b, args[i], 'v', 0);
			buf_char(&b, '\'');
		} else {
			print_quoted(&b, arg_text(c, args[i]), false);
		}
		if (b.n > 1 << 20 && exec_made(c, b.n) < 0)
			return -1;
	}
	return made(c, &b, out);
}

static int f_cat(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct buf b = BUF(c->a);
	bool first = true;

	for (size_t i = 0; i < n; i++) {
		if (val_is_nil(args[i]))
			continue;
		if (!first)
			buf_char(&b, ' ');
		first = false;
		print_value(c->a, &b, args[i], 'v', 0);
	}
	return made(c, &b, out);
}

static int f_plural(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	(void)c;
	(void)n;
	return ret(out, args[args[2].i != 1]);
}

static int f_to_string(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	(void)n;
	*out = val_str(arg_text(c, args[0]));
	out->origin = args[0].kind == VAL_STRING ? args[0].origin : NULL;
	return exec_made(c, out->n);
}

/* ---- lists of strings ---- */

static int f_join(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	size_t count, size = 0;
	struct val *items = arg_strings(c, args[1], &count);
	struct buf b = BUF(c->a);

	(void)n;
	for (size_t i = 0; i < count; i++)
		size += items[i].n + (i ? args[0].n : 0);
	if (exec_made(c, size) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (i)
			buf_add(&b, val_text(args[0]));
		buf_add(&b, val_text(items[i]));
	}
	return ret_buf(out, &b);
}

/* Calls put for each part of s, at most max of them (-1: all). */
static size_t parts(struct tmpl_call *c, str s, str sep, int64_t max, void (*put)(struct tmpl_call *c, struct val to, size_t i, str part), struct val to)
{
	size_t at = 0, count = 0;

	if (max == 0)
		return 0;
	if (!sep.n && !s.n)
		return 0;
	for (;;) {
		ptrdiff_t i = sep.n ? str_find(str_sub(s, at, s.n), sep) : (ptrdiff_t)step(str_sub(s, at, s.n));

		if (i < 0 || (!sep.n && at + (size_t)i >= s.n) || (max > 0 && (int64_t)count + 1 >= max)) {
			put(c, to, count, str_sub(s, at, s.n));
			return count + 1;
		}
		put(c, to, count++, str_sub(s, at, at + (size_t)i));
		at += (size_t)i + sep.n;
	}
}

static void put_list(struct tmpl_call *c, struct val to, size_t i, str part)
{
	(void)i;
	vlist_push(c->a, to.list, val_str(part));
}

static void put_map(struct tmpl_call *c, struct val to, size_t i, str part)
{
	vmap_put(c->a, to.map, str_printf(c->a, "_%zu", i), val_str(part));
}

static int f_split_list(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	(void)n;
	*out = val_strings(c->a);
	parts(c, val_text(args[1]), val_text(args[0]), -1, put_list, *out);
	return exec_made(c, args[1].n);
}

static int f_split(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	*out = val_map(c->a);
	out->map->strings = true;
	parts(c, val_text(args[n - 1]), val_text(args[0]), n == 3 ? args[1].i : -1, put_map, *out);
	return exec_made(c, args[n - 1].n);
}

static int f_to_strings(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	size_t count;
	struct val *items = arg_strings(c, args[0], &count);

	(void)n;
	*out = val_strings(c->a);
	for (size_t i = 0; i < count; i++)
		vlist_push(c->a, out->list, items[i]);
	return 0;
}

const struct tmpl_func funcs_strings[] = {
	{ "trim", "s", f_trim },
	{ "trimall", "ss", f_trim_all },
	{ "trimAll", "ss", f_trim_all },
	{ "trimSuffix", "ss", f_trim_suffix },
	{ "trimPrefix", "ss", f_trim_prefix },
	{ "trunc", "is", f_trunc },
	{ "substr", "iis", f_substr },
	{ "abbrev", "is", f_abbrev },
	{ "abbrevboth", "iis", f_abbrevboth },
	{ "contains", "ss", f_contains },
	{ "hasPrefix", "ss", f_contains },
	{ "hasSuffix", "ss", f_contains },
	{ "replace", "sss", f_replace },
	{ "repeat", "is", f_repeat },
	{ "indent", "is", f_indent },
	{ "nindent", "is", f_indent },
	{ "quote", "a*", f_quote },
	{ "squote", "a*", f_quote },
	{ "cat", "a*", f_cat },
	{ "plural", "ssi", f_plural },
	{ "toString", "a", f_to_string },
	{ "join", "sa", f_join },
	{ "splitList", "ss", f_split_list },
	{ "split", "ss", f_split },
	{ "splitn", "sis", f_split },
	{ "toStrings", "a", f_to_strings },
	{ NULL, NULL, NULL },
};
