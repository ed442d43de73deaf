/* SPDX-License-Identifier: MIT */
/* Sprig's functions over regular expressions. */
#include <string.h>

#include "template/re2.h"

static size_t rune_width(str s, size_t at)
{
	uint32_t cp;
	size_t n = at < s.n ? utf8_decode(str_sub(s, at, s.n), &cp) : 0;

	return n ? n : 1;
}

static int f_match(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct regex *re = re2_get(c, val_text(args[0]), c->name[0] != 'm');
	size_t from, to;
	int r;

	(void)n;
	if (!re)
		return c->name[0] == 'm' ? -1 : ret(out, val_bool(false)); /* Sprig's regexMatch says no to a bad expression */
	if ((r = re2_match(c, re, val_text(args[1]), 0, &from, &to)) < 0)
		return -1;
	return ret(out, val_bool(r));
}

static int f_find(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct regex *re = re2_get(c, val_text(args[0]), false);
	str s = val_text(args[1]);
	size_t from = 0, to = 0;

	(void)n;
	if (!re || re2_match(c, re, s, 0, &from, &to) < 0)
		return -1;
	return ret_str(out, str_sub(s, from, to));
}

struct span {
	size_t from, to;
};
struct spans {
	struct span *p;
	size_t n, cap;
};

/* Go's FindAll: no empty match right behind another. */
static int find_all(struct tmpl_call *c, struct regex *re, str s, int64_t max, struct spans *all)
{
	size_t pos = 0, last = SIZE_MAX;
	struct span m;
	int r = 1;

	while ((max < 0 || (int64_t)all->n < max) && pos <= s.n && (r = re2_match(c, re, s, pos, &m.from, &m.to)) > 0) {
		bool accept = true;

		if (m.to == pos) {
			accept = m.from != last;
			pos += rune_width(s, pos);
		} else {
			pos = m.to;
		}
		last = m.to;
		if (accept)
			*VEC_ADD(c->a, all) = m;
	}
	return r < 0 ? -1 : exec_made(c, all->n * sizeof(m));
}

static int f_find_all(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct regex *re = re2_get(c, val_text(args[0]), false);
	str s = val_text(args[1]);
	struct spans all = { 0 };

	(void)n;
	if (!re || find_all(c, re, s, args[2].i, &all) < 0)
		return -1;
	*out = val_strings(c->a);
	out->list->null = true;
	for (size_t i = 0; i < all.n; i++)
		vlist_push(c->a, out->list, val_str(str_sub(s, all.p[i].from, all.p[i].to)));
	return 0;
}

static bool name_char(int ch)
{
	return ch == '_' || (ch >= '0' && ch <= '9') || ((ch | 0x20) >= 'a' && (ch | 0x20) <= 'z') || (ch & 0x80); /* letters of other scripts */
}

/* $1, ${1}, $name and $$ of a replacement. */
static void expand(struct regex *re, str s, str with, struct buf *out)
{
	for (size_t i = 0; i < with.n;) {
		bool braces = i + 1 < with.n && with.p[i + 1] == '{';
		size_t from = i + 1 + braces, to = from;
		str group = { 0 };

		if (with.p[i] != '$' || i + 1 == with.n) {
			buf_char(out, with.p[i++]);
			continue;
		}
		if (with.p[i + 1] == '$') {
			buf_char(out, '$');
			i += 2;
			continue;
		}
		while (to < with.n && name_char((unsigned char)with.p[to]))
			to++;
		if (to == from || (braces && (to == with.n || with.p[to] != '}'))) {
			buf_char(out, '$');
			i++;
			continue;
		}
		if (re2_group(re, s, str_sub(with, from, to), &group))
			buf_add(out, group);
		i = to + braces;
	}
}

static int f_replace(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct regex *re = re2_get(c, val_text(args[0]), false);
	str s = val_text(args[1]), with = val_text(args[2]);
	bool literal = strstr(c->name, "Literal") != NULL;
	size_t last = 0, pos = 0, from, to;
	struct buf b = BUF(c->a);
	int r = 1;

	(void)n;
	if (!re)
		return -1;
	while (pos <= s.n && (r = re2_match(c, re, s, pos, &from, &to)) > 0) {
		size_t width = pos < s.n ? rune_width(s, pos) : 0, before = b.n;

		buf_add(&b, str_sub(s, last, from));
		if (to > last || from == 0) {
			if (literal)
				buf_add(&b, with);
			else
				expand(re, s, with, &b);
		}
		last = to;
		pos = pos + width > to ? pos + width : pos + 1 > to ? pos + 1 : to;
		if (exec_made(c, b.n - before) < 0)
			return -1;
	}
	if (r < 0)
		return -1;
	buf_add(&b, str_sub(s, last, s.n));
	return ret_buf(out, &b);
}

static int f_split(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct regex *re = re2_get(c, val_text(args[0]), false);
	str s = val_text(args[1]);
	int64_t max = args[2].i;
	struct spans all = { 0 };
	size_t begin = 0, end = 0;

	(void)n;
	if (!re)
		return -1;
	*out = val_strings(c->a);
	out->list->null = max == 0;
	if (max == 0)
		return 0;
	if (args[0].n && !s.n) {
		vlist_push(c->a, out->list, val_cstr(""));
		return 0;
	}
	if (find_all(c, re, s, max, &all) < 0)
		return -1;
	for (size_t i = 0; i < all.n; i++) {
		if (max > 0 && (int64_t)vlist_count(out->list) == max - 1)
			break;
		end = all.p[i].from;
		if (all.p[i].to)
			vlist_push(c->a, out->list, val_str(str_sub(s, begin, end)));
		begin = all.p[i].to;
	}
	if (end != s.n)
		vlist_push(c->a, out->list, val_str(str_sub(s, begin, s.n)));
	return 0;
}

static int f_quote_meta(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct buf b = BUF(c->a);

	(void)n;
	for (size_t i = 0; i < args[0].n; i++) {
		if (args[0].p[i] && strchr("\\.+*?()|[]{}^$", args[0].p[i]))
			buf_char(&b, '\\');
		buf_char(&b, args[0].p[i]);
	}
	return ret_buf(out, &b);
}

const struct tmpl_func funcs_regex[] = {
	{ "regexMatch", "ss", f_match },
	{ "mustRegexMatch", "ss", f_match },
	{ "regexFind", "ss", f_find },
	{ "mustRegexFind", "ss", f_find },
	{ "regexFindAll", "ssi", f_find_all },
	{ "mustRegexFindAll", "ssi", f_find_all },
	{ "regexReplaceAll", "sss", f_replace },
	{ "mustRegexReplaceAll", "sss", f_replace },
	{ "regexReplaceAllLiteral", "sss", f_replace },
	{ "mustRegexReplaceAllLiteral", "sss", f_replace },
	{ "regexSplit", "ssi", f_split },
	{ "mustRegexSplit", "ssi", f_split },
	{ "regexQuoteMeta", "s", f_quote_meta },
	{ NULL, NULL, NULL },
};
