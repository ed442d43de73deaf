/* SPDX-License-Identifier: MIT */
/* Values as YAML, to the byte as sigs.k8s.io/yaml writes them (libyaml's emitter without line folding). */
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

static struct shape analyze(str s)
{
	bool indicators = str_starts(s, S("---")) || str_starts(s, S("...")), special = false, break_space = false, space_break = false;
	bool blank_before = true, space = false, newline = false;
	struct shape r = { .plain = s.n != 0, .single = true, .block = s.n != 0 };

	for (size_t i = 0, n; i < s.n; i += n) {
		uint32_t cp;
		int after;

		n = utf8_decode(str_sub(s, i, s.n), &cp);
		n = n ? n : 1;
		after = i + n < s.n ? s.p[i + n] : ' ';
		indicators |= indicates(s, i, cp < 0x80 ? (int)cp : 0, blank_before, after == ' ' || after == '\t');
		special |= !printable(cp);
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
	r.single = !break_space && !space_break && !special;
	r.plain &= r.single && !r.multiline && !indicators;
	return r;
}

bool yaml_is_plain(str s)
{
	struct arena a = { 0 };
	bool plain = analyze(s).plain && reads_as_string(&a, s);

	arena_free(&a);
	return plain;
}

/* ---- scalars ---- */

/* Long lines are folded at a blank; not those of keys. */
struct fold {
	struct buf *out;
	size_t column, indent;
	bool allowed, blank; /* blank: the last written was one */
};

#define FOLD_AT 80

static struct fold fold_begin(struct buf *out, int indent, bool key)
{
	struct fold f = { .out = out, .indent = (size_t)indent, .allowed = !key };

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

static void put_plain(struct buf *out, str s, int indent, bool key, bool quoted)
{
	struct fold f = fold_begin(out, indent, key);

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

static void put_double(struct buf *out, str s, int indent, bool key)
{
	struct fold f = fold_begin(out, indent, key);
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

static void put_string(struct arena *a, struct buf *out, str s, int indent, bool key)
{
	struct shape shape = analyze(s);
	bool lines = shape.multiline, plain = !lines && reads_as_string(a, s);

	if (lines && shape.block && !key) {
		put_literal(out, s, indent);
	} else if (lines || !plain || (!shape.plain && !shape.single)) {
		put_double(out, s, indent, key);
	} else {
		put_plain(out, s, indent, key, !shape.plain);
	}
}

/* By way of JSON: what is whole is written in digits up to 2^64. */
static void put_float(struct buf *out, double f)
{
	size_t from = out->n;
	char *point;

	json_float(out, f == 0 ? 0 : f);
	buf_char(out, '\0');
	point = strpbrk(out->p + from, ".e");
	out->n--;
	if (!point && f < 18446744073709551616.0 && f >= -9223372036854775808.0)
		return;
	out->n = from;
	print_float(out, f, 'g', -1);
}

/* ---- collections ---- */

struct emit {
	struct arena *a;
	struct buf *out;
	bool pretty;
};

static const char *put(struct emit *e, struct val v, int indent, bool in_map, int depth);

static bool letter(uint32_t cp)
{
	return cp < 0x80 ? (cp | 0x20) >= 'a' && (cp | 0x20) <= 'z' : cp >= 0xaa;
}

static int64_t digits_at(str s, size_t *i, int64_t n)
{
	for (; *i < s.n && digit(s.p[*i]); (*i)++)
		n = (int64_t)((uint64_t)n * 10 + (uint64_t)(s.p[*i] - '0'));
	return n;
}

/* go-yaml's order of keys: letters by code, numbers within by value. */
static int natural(const void *px, const void *py)
{
	str x = ((const struct vitem *)px)->key, y = ((const struct vitem *)py)->key;
	size_t i = 0, xi, yi;
	int64_t xn = 0, yn = 0;
	uint32_t cx, cy;
	bool lx, ly;

	while (i < x.n && i < y.n && x.p[i] == y.p[i])
		i++;
	if (i == x.n || i == y.n)
		return (x.n > y.n) - (x.n < y.n);
	while (i && ((unsigned char)x.p[i] & 0xc0) == 0x80)
		i--;
	utf8_decode(str_sub(x, i, x.n), &cx);
	utf8_decode(str_sub(y, i, y.n), &cy);
	lx = letter(cx);
	ly = letter(cy);
	if (lx && ly)
		return cx < cy ? -1 : 1;
	if (lx || ly)
		return ly ? -1 : 1;
	if (cx == '0' || cy == '0')
		for (size_t k = i; k > 0 && digit(x.p[k - 1]); k--)
			if (x.p[k - 1] != '0') {
				xn = yn = 1;
				break;
			}
	xi = yi = i;
	xn = digits_at(x, &xi, xn);
	yn = digits_at(y, &yi, yn);
	if (xn != yn)
		return xn < yn ? -1 : 1;
	if (xi != yi)
		return xi < yi ? -1 : 1;
	return cx < cy ? -1 : 1;
}

static const char *put_map(struct emit *e, struct vmap *m, int indent, int depth)
{
	size_t n;
	const struct vitem *sorted = vmap_sorted(e->a, m, &n);
	struct vitem *items = NEW_ARRAY(e->a, struct vitem, n + 1);
	const char *bad;

	if (!n)
		return buf_add(e->out, S("{}")), NULL;
	memcpy(items, sorted, n * sizeof(*items));
	qsort(items, n, sizeof(*items), natural);
	for (size_t i = 0; i < n; i++) {
		bool simple = items[i].key.n <= 128 && str_chr(items[i].key, '\n') < 0;

		if (i) {
			buf_char(e->out, '\n');
			buf_fill(e->out, ' ', (size_t)indent);
		}
		if (!simple) {
			buf_add(e->out, S("? "));
			put_string(e->a, e->out, items[i].key, indent + 2, false);
			buf_char(e->out, '\n');
			buf_fill(e->out, ' ', (size_t)indent);
		} else {
			put_string(e->a, e->out, items[i].key, indent, true);
		}
		buf_char(e->out, ':');
		if ((bad = put(e, items[i].value, indent, simple, depth + 1)))
			return bad;
	}
	return NULL;
}

static const char *put_list(struct emit *e, struct vlist *l, int indent, int depth)
{
	const char *bad;

	for (size_t i = 0; i < vlist_count(l); i++) {
		if (i) {
			buf_char(e->out, '\n');
			buf_fill(e->out, ' ', (size_t)indent);
		}
		buf_char(e->out, '-');
		if ((bad = put(e, vlist_at(e->a, l, i), indent, false, depth + 1)))
			return bad;
	}
	return NULL;
}

/* A collection within a map begins a line of its own; all else follows a blank. */
static void gap(struct emit *e, bool own_line, int indent)
{
	if (!e->out->n)
		return;
	buf_char(e->out, own_line ? '\n' : ' ');
	if (own_line)
		buf_fill(e->out, ' ', (size_t)indent);
}

static const char *put(struct emit *e, struct val v, int indent, bool in_map, int depth)
{
	struct buf *out = e->out;
	int inner = depth ? indent + 2 : 0;
	struct buf b = BUF(e->a);

	v = val_plain(e->a, v);
	if (depth > TMPL_MAX_NESTING)
		return "the value is nested too deeply, or holds itself";
	if (out->n > DATA_MAX)
		return "the text of the value is too large";
	if (v.kind == VAL_MAP && vmap_count(v.map)) {
		gap(e, in_map, inner);
		return put_map(e, v.map, inner, depth);
	}
	if (v.kind == VAL_LIST && vlist_count(v.list)) {
		if (in_map && !e->pretty)
			inner = indent;
		gap(e, in_map, inner);
		return put_list(e, v.list, inner, depth);
	}
	gap(e, false, 0);
	switch ((enum val_kind)v.kind) {
	case VAL_NONE:
	case VAL_NIL:
		buf_add(out, S("null"));
		break;
	case VAL_BOOL:
		buf_add(out, v.b ? S("true") : S("false"));
		break;
	case VAL_INT:
		buf_printf(out, v.type == VT_UINT64 ? "%llu" : "%lld", (long long)v.i);
		break;
	case VAL_FLOAT:
		if (isnan(v.f) || isinf(v.f))
			return "JSON has no form for infinity and NaN";
		put_float(out, v.f);
		break;
	case VAL_STRING:
		if (v.type == VT_BYTES)
			base64_add(&b, val_text(v));
		put_string(e->a, out, v.type == VT_BYTES ? buf_str(&b) : val_text(v), indent + 2, false);
		break;
	case VAL_LIST:
		buf_add(out, v.list->null ? S("null") : S("[]"));
		break;
	case VAL_MAP:
		buf_add(out, S("{}"));
		break;
	case VAL_OBJECT:
		put_string(e->a, out, val_sprint(e->a, v), indent + 2, false);
		break;
	}
	return NULL;
}

const char *yaml_encode(struct arena *a, struct buf *out, struct val v, bool pretty)
{
	struct emit e = { a, out, pretty };

	return put(&e, v, 0, false, 0);
}
