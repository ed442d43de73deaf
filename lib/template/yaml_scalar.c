/* SPDX-License-Identifier: MIT */
/* Scalars of YAML, to the byte as go-yaml v2 writes them: which style a text gets, and how long lines fold. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "template/data.h"

/* ---- what a plain scalar would be read as ---- */

static bool digit(int c)
{
	return c >= '0' && c <= '9';
}

static bool is_word(str s)
{
	static const char *const words[] = { "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON", "n", "N", "no", "No", "NO",
					     "false", "False", "FALSE", "off", "Off", "OFF", "", "~", "null", "Null", "NULL", ".nan", ".NaN",
					     ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF" };

	for (size_t i = 0; i < COUNT(words); i++)
		if (str_eq(s, str_of(words[i])))
			return true;
	return false;
}

/* One or two digits at *i, at most max. */
static bool two(str s, size_t *i, int max, int *out)
{
	int v = 0, n = 0;

	for (; n < 2 && *i < s.n && digit(s.p[*i]); n++)
		v = v * 10 + s.p[(*i)++] - '0';
	*out = v;
	return n && v <= max;
}

static bool is(str s, size_t *i, char c)
{
	return *i < s.n && s.p[*i] == c && ++*i;
}

static bool is_timestamp(str s)
{
	static const int days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int year, month, day, v;
	size_t i = 5;
	char sep;

	if (s.n < 8 || !digit(s.p[0]) || !digit(s.p[1]) || !digit(s.p[2]) || !digit(s.p[3]) || s.p[4] != '-')
		return false;
	year = atoi(s.p);
	if (!two(s, &i, 12, &month) || !month || !is(s, &i, '-') || !two(s, &i, days[month - 1], &day) || !day)
		return false;
	if (month == 2 && day == 29 && (year % 4 || (year % 100 == 0 && year % 400)))
		return false;
	if (i == s.n)
		return true;
	sep = s.p[i++];
	if ((sep != 'T' && sep != 't' && sep != ' ') || !two(s, &i, 23, &v) || !is(s, &i, ':') || !two(s, &i, 59, &v) || !is(s, &i, ':') ||
	    !two(s, &i, 59, &v))
		return false;
	if (i + 1 < s.n && (s.p[i] == '.' || s.p[i] == ',') && digit(s.p[i + 1]))
		for (i++; i < s.n && digit(s.p[i]); i++)
			;
	if (sep == ' ' || is(s, &i, 'Z'))
		return i == s.n;
	return i + 6 == s.n && (s.p[i] == '+' || s.p[i] == '-') && digit(s.p[i + 1]) && digit(s.p[i + 2]) && s.p[i + 3] == ':' &&
	       digit(s.p[i + 4]) && digit(s.p[i + 5]);
}

/* [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)? */
static bool is_decimal(str s)
{
	size_t i = s.n && (s.p[0] == '-' || s.p[0] == '+'), from = i;

	while (i < s.n && digit(s.p[i]))
		i++;
	if (i < s.n && s.p[i] == '.') {
		i++;
		if (i == from + 1 && !(i < s.n && digit(s.p[i])))
			return false;
		while (i < s.n && digit(s.p[i]))
			i++;
	}
	if (i == from)
		return false;
	if (i < s.n && (s.p[i] | 0x20) == 'e') {
		i++;
		if (i < s.n && (s.p[i] == '-' || s.p[i] == '+'))
			i++;
		if (i == s.n)
			return false;
		while (i < s.n && digit(s.p[i]))
			i++;
	}
	return i == s.n;
}

static bool is_number(struct arena *a, str s)
{
	struct buf b = BUF(a);
	int64_t v;

	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '_')
			buf_char(&b, s.p[i]);
	s = buf_str(&b);
	if (parse_int(s, 0, &v))
		return true;
	if (is_decimal(s)) { /* what overflows is no number to go-yaml */
		buf_char(&b, '\0');
		return !isinf(strtod(b.p, NULL));
	}
	if (v == INT64_MAX && s.n > 2 && s.p[0] == '0' && s.n <= 18 && (s.p[1] | 0x20) == 'x')
		return true;
	return false;
}

/* 190:20:30, as YAML 1.1 wrote numbers. */
static bool is_base60(str s)
{
	size_t i = s.n && (s.p[0] == '-' || s.p[0] == '+');
	bool colon = false;

	if (i >= s.n || !digit(s.p[i]))
		return false;
	while (i < s.n && (digit(s.p[i]) || s.p[i] == '_'))
		i++;
	while (i + 1 < s.n && s.p[i] == ':' && digit(s.p[i + 1])) {
		i += i + 2 < s.n && s.p[i + 1] < '6' && digit(s.p[i + 2]) ? 3 : 2;
		colon = true;
	}
	if (colon && i < s.n && s.p[i] == '.')
		for (i++; i < s.n && (digit(s.p[i]) || s.p[i] == '_'); i++)
			;
	return colon && i == s.n;
}

static bool reads_as_string(struct arena *a, str s)
{
	int c = s.n ? s.p[0] : 0;

	if (!s.n || (strchr("+-.yYnNtTfFoO~", c) && is_word(s)))
		return false;
	if (c == '.')
		return !is_decimal(s);
	if (c != '+' && c != '-' && !digit(c))
		return true;
	return !is_timestamp(s) && !is_number(a, s) && !is_base60(s);
}

/* ---- which styles a text allows ---- */

struct shape {
	bool plain, single, block, multiline;
};

static bool printable(uint32_t cp)
{
	return cp == '\n' || (cp >= ' ' && cp < 0x7f) || (cp >= 0xa0 && cp < 0x10000 && cp != 0xfeff && cp != 0xfffe && cp != 0xffff && cp != 0x2028 && cp != 0x2029);
}

static bool indicates(str s, size_t i, int c, bool blank_before, bool blank_after)
{
	if (i == 0 && c && strchr("#,[]{}&*!|>'\"%@`", c))
		return true;
	if (i == 0 && (c == '?' || c == '-') && blank_after)
		return true;
	(void)s;
	return (c == ':' && blank_after) || (c == '#' && blank_before);
}

static struct shape analyze(str s, bool pretty)
{
	bool indicators = str_starts(s, S("---")) || str_starts(s, S("...")), special = false, break_space = false, space_break = false;
	bool blank_before = true, space = false, newline = false, tab = false;
	struct shape r = { .plain = s.n != 0, .single = true, .block = s.n != 0 };

	for (size_t i = 0, n; i < s.n; i += n) {
		uint32_t cp;
		int after;

		n = utf8_decode(str_sub(s, i, s.n), &cp);
		n = n ? n : 1;
		after = i + n < s.n ? s.p[i + n] : ' ';
		indicators |= indicates(s, i, cp < 0x80 ? (int)cp : 0, blank_before, after == ' ' || after == '\t');
		special |= !printable(cp) && !(pretty && cp == '\t');
		tab |= cp == '\t';
		break_space |= cp == ' ' && newline;
		space_break |= cp == '\n' && space;
		r.multiline |= cp == '\n';
		space = cp == ' ';
		newline = cp == '\n';
		blank_before = cp == ' ' || cp == '\t' || cp == '\n' || cp == '\r';
	}
	if (s.n && (s.p[0] == ' ' || s.p[0] == '\n' || space || newline))
		r.plain = false;
	r.block &= !space && !space_break && !special;
	r.single = !break_space && !space_break && !special && !tab;
	r.plain &= r.single && !r.multiline && !indicators;
	return r;
}

/* ---- scalars ---- */

/* Long lines are folded at a blank; not those of keys. */
struct fold {
	struct buf *out;
	size_t column, indent;
	bool allowed, blank; /* blank: the last written was one */
};

#define FOLD_AT 80

static struct fold fold_begin(struct buf *out, int indent, unsigned flags)
{
	struct fold f = { .out = out, .indent = (size_t)indent, .allowed = !flags };

	for (size_t i = out->n; i > 0 && out->p[i - 1] != '\n'; i--)
		f.column += ((unsigned char)out->p[i - 1] & 0xc0) != 0x80;
	return f;
}

static void fold_put(struct fold *f, str s)
{
	buf_add(f->out, s);
	f->column += 1;
	f->blank = s.p[0] == ' ';
}

/* At a blank of s: begins a new line instead of it, where the line is long enough. */
static bool fold_here(struct fold *f, str s, size_t i, bool inner, bool doubled)
{
	bool next = i + 1 < s.n && s.p[i + 1] == ' ';

	if (!f->allowed || f->blank || f->column <= FOLD_AT || (inner && (i == 0 || i + 1 == s.n)) || (next && !doubled))
		return false;
	buf_char(f->out, '\n');
	buf_fill(f->out, ' ', f->indent);
	f->column = f->indent;
	if (next)
		fold_put(f, S("\\"));
	f->blank = true;
	return true;
}

static void put_plain(struct buf *out, str s, int indent, unsigned flags, bool quoted)
{
	struct fold f = fold_begin(out, indent, flags);

	if (quoted)
		fold_put(&f, S("'"));
	for (size_t i = 0, n; i < s.n; i += n) {
		uint32_t cp;

		n = utf8_decode(str_sub(s, i, s.n), &cp);
		n = n ? n : 1;
		if (s.p[i] == ' ' && fold_here(&f, s, i, quoted, false))
			continue;
		if (quoted && s.p[i] == '\'')
			fold_put(&f, S("'"));
		fold_put(&f, str_sub(s, i, i + n));
	}
	if (quoted)
		fold_put(&f, S("'"));
}

static void put_double(struct buf *out, str s, int indent, unsigned flags)
{
	struct fold f = fold_begin(out, indent, flags);
	static const char from[] = "\a\b\t\n\v\f\r\x1b\"\\", to[] = "abtnvfre\"\\";

	fold_put(&f, S("\""));
	for (size_t i = 0, n; i < s.n; i += n) {
		uint32_t cp;
		const char *p;
		size_t from_n = out->n;

		n = utf8_decode(str_sub(s, i, s.n), &cp);
		n = n ? n : 1;
		p = cp && cp < 0x80 ? strchr(from, (int)cp) : NULL;
		if (cp == ' ' && fold_here(&f, s, i, true, true))
			continue;
		if (!p && printable(cp)) {
			fold_put(&f, str_sub(s, i, i + n));
			continue;
		}
		if (p)
			buf_printf(out, "\\%c", to[p - from]);
		else if (cp == 0 || cp == 0x85 || cp == 0xa0 || cp == 0x2028 || cp == 0x2029)
			buf_printf(out, "\\%c", cp == 0 ? '0' : cp == 0x85 ? 'N' : cp == 0xa0 ? '_' : cp == 0x2028 ? 'L' : 'P');
		else
			buf_printf(out, cp <= 0xff ? "\\x%02X" : cp <= 0xffff ? "\\u%04X" : "\\U%08X", cp);
		f.column += out->n - from_n;
		f.blank = false;
	}
	buf_char(out, '"');
}

static void put_literal(struct buf *out, str s, int indent)
{
	buf_char(out, '|');
	if (s.p[0] == ' ' || s.p[0] == '\n')
		buf_char(out, '2');
	if (s.p[s.n - 1] != '\n')
		buf_char(out, '-');
	else if (s.n == 1 || s.p[s.n - 2] == '\n')
		buf_char(out, '+');
	buf_char(out, '\n');
	for (size_t i = 0; i < s.n;) {
		ptrdiff_t nl = str_chr(str_sub(s, i, s.n), '\n');
		size_t end = nl < 0 ? s.n : i + (size_t)nl + 1;

		if (s.p[i] != '\n')
			buf_fill(out, ' ', (size_t)indent);
		buf_add(out, str_sub(s, i, end));
		i = end;
	}
	if (s.p[s.n - 1] == '\n')
		out->n--; /* whoever is next writes it */
}

static str mended(struct arena *a, str s)
{
	struct buf b = BUF(a);

	for (size_t i = 0, n; i < s.n; i += n ? n : 1) {
		uint32_t cp;
		n = utf8_decode(str_sub(s, i, s.n), &cp);
		buf_add(&b, n ? str_sub(s, i, i + n) : S("\xef\xbf\xbd"));
	}
	return buf_str(&b);
}

void yaml_put_string(struct arena *a, struct buf *out, str s, int indent, unsigned flags)
{
	size_t bad;

	if (!utf8_valid(s, &bad))
		s = mended(a, s);
	struct shape shape = analyze(s, flags & YAML_PRETTY);
	bool lines = shape.multiline, plain = !lines && reads_as_string(a, s);

	if (lines && shape.block && !(flags & YAML_KEY)) {
		put_literal(out, s, indent);
	} else if (lines || !plain || (!shape.plain && !shape.single)) {
		put_double(out, s, indent, flags);
	} else {
		put_plain(out, s, indent, flags, !shape.plain);
	}
}
