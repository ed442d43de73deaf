/* SPDX-License-Identifier: MIT */
/* The text of values as Go's fmt.Print writes them: numbers, quoted strings, lists, maps. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "template/internal.h"

#define PRINT_MAX ((size_t)16 << 20) /* a value that holds itself twice would grow without end */

#define G_LIMIT 6 /* %e from this exponent on, where the digits are the shortest */

/* ---- floats ---- */

/* Shortest digits that read back as f > 0: "digits", exponent of the first. */
static int shortest(double f, char digits[24], int *exponent)
{
	char text[40];
	int n = 0;

	for (int precision = 14; precision <= 16; precision++) {
		snprintf(text, sizeof(text), "%.*e", precision, f);
		if (strtod(text, NULL) == f)
			break;
	}
	*exponent = atoi(strchr(text, 'e') + 1);
	for (const char *p = text; *p != 'e'; p++)
		if (*p != '.')
			digits[n++] = *p;
	while (n > 1 && digits[n - 1] == '0')
		n--;
	digits[n] = '\0';
	return n;
}

static void shortest_e(struct buf *out, const char *digits, int n, int exponent, char e)
{
	buf_char(out, digits[0]);
	if (n > 1)
		buf_printf(out, ".%s", digits + 1);
	buf_printf(out, "%c%c%02d", e, exponent < 0 ? '-' : '+', abs(exponent));
}

static void shortest_f(struct buf *out, const char *digits, int n, int exponent)
{
	if (exponent < 0) {
		buf_add(out, S("0."));
		buf_fill(out, '0', (size_t)(-exponent - 1));
		buf_add(out, (str){ digits, (size_t)n });
	} else if (n <= exponent + 1) {
		buf_add(out, (str){ digits, (size_t)n });
		buf_fill(out, '0', (size_t)(exponent + 1 - n));
	} else {
		buf_printf(out, "%.*s.%s", exponent + 1, digits, digits + exponent + 1);
	}
}

/* Go's %x and %b. */
static void print_binary(struct buf *out, double f, char format, int precision)
{
	char text[64], *p;
	int e;

	if (format == 'b') {
		double m = frexp(f, &e);

		buf_printf(out, "%lldp%+d", (long long)ldexp(m, 53), e - 53);
		return;
	}
	if (precision < 0)
		snprintf(text, sizeof(text), format == 'x' ? "%a" : "%A", f);
	else
		snprintf(text, sizeof(text), format == 'x' ? "%.*a" : "%.*A", precision > 40 ? 40 : precision, f);
	p = strpbrk(text, "pP");
	if (!p)
		return;
	buf_add(out, (str){ text, (size_t)(p - text) + 2 });
	buf_printf(out, "%02d", abs(atoi(p + 1)));
}

void print_float(struct buf *out, double f, char format, int precision)
{
	char digits[24];
	int n, exponent;
	char spec[] = "%.*f";

	if (isnan(f)) {
		buf_add(out, S("NaN"));
	} else if (isinf(f)) {
		buf_add(out, f > 0 ? S("+Inf") : S("-Inf"));
	} else if (strchr("xXb", format)) {
		print_binary(out, f, format, precision);
	} else if (precision >= 0) {
		spec[3] = format;
		buf_printf(out, spec, precision > 1000 ? 1000 : precision, f);
	} else {
		if (signbit(f)) {
			buf_char(out, '-');
			f = -f;
		}
		n = f == 0 ? (exponent = 0, strcpy(digits, "0"), 1) : shortest(f, digits, &exponent);
		if (format == 'f' || ((format | 0x20) == 'g' && exponent >= -4 && exponent < G_LIMIT))
			shortest_f(out, digits, n, exponent);
		else
			shortest_e(out, digits, n, exponent, format == 'E' || format == 'G' ? 'E' : 'e');
	}
}

/* ---- quoted strings ---- */

bool rune_printable(uint32_t cp)
{
	static const uint32_t not[][2] = { { 0, 0x1f }, { 0x7f, 0xa0 }, { 0xad, 0xad }, { 0x61c, 0x61c }, { 0x180e, 0x180e }, { 0x2000, 0x200f },
					   { 0x2028, 0x202f }, { 0x205f, 0x206f }, { 0x3000, 0x3000 }, { 0xd800, 0xf8ff }, { 0xfeff, 0xfeff },
					   { 0xfff0, 0xfffb }, { 0xfffe, 0xffff }, { 0xe0000, 0xe00ff }, { 0xe01f0, UINT32_MAX } };

	for (size_t i = 0; i < COUNT(not); i++)
		if (cp >= not[i][0] && cp <= not[i][1])
			return false;
	return true;
}

void print_rune(struct buf *out, uint32_t cp)
{
	char bytes[4];

	if (cp > 0x10ffff || (cp >= 0xd800 && cp < 0xe000))
		cp = 0xfffd;
	buf_add(out, (str){ bytes, utf8_encode(bytes, cp) });
}

static void quoted_rune(struct buf *out, uint32_t cp, char quote, bool ascii)
{
	static const char from[] = "\a\b\f\n\r\t\v\\", to[] = "abfnrtv\\";
	const char *p = cp && cp < 0x80 ? strchr(from, (int)cp) : NULL;

	if (p || cp == (uint32_t)quote)
		buf_printf(out, "\\%c", p ? to[p - from] : quote);
	else if (cp < 0x80 ? cp >= ' ' && cp < 0x7f : !ascii && rune_printable(cp))
		print_rune(out, cp);
	else if (cp < ' ' || cp == 0x7f)
		buf_printf(out, "\\x%02x", cp);
	else
		buf_printf(out, cp < 0x10000 ? "\\u%04x" : "\\U%08x", cp);
}

void print_quoted(struct buf *out, str s, bool ascii)
{
	buf_char(out, '"');
	for (size_t i = 0, n; i < s.n; i += n) {
		uint32_t cp;

		n = utf8_decode(str_sub(s, i, s.n), &cp);
		if (n) {
			quoted_rune(out, cp, '"', ascii);
		} else {
			buf_printf(out, "\\x%02x", (unsigned char)s.p[i]);
			n = 1;
		}
	}
	buf_char(out, '"');
}

/* ---- values ---- */

static void print_object(struct arena *a, struct buf *out, struct val v, char verb, int depth)
{
	if (v.obj->class->text)
		v.obj->class->text(a, v.obj->self, out);
	else if (v.obj->class->plain)
		print_value(a, out, v.obj->class->plain(a, v.obj->self), verb, depth + 1);
	else
		buf_printf(out, "{%s}", v.obj->class->type);
}

void print_value(struct arena *a, struct buf *out, struct val v, char verb, int depth)
{
	const struct vitem *items;
	size_t n;

	if (depth > TMPL_MAX_NESTING || out->n > PRINT_MAX) {
		buf_add(out, S("…"));
		return;
	}
	switch ((enum val_kind)v.kind) {
	case VAL_NONE:
	case VAL_NIL:
		buf_add(out, S("<nil>"));
		break;
	case VAL_BOOL:
		buf_add(out, v.b ? S("true") : S("false"));
		break;
	case VAL_INT:
		buf_printf(out, "%lld", (long long)v.i);
		break;
	case VAL_FLOAT:
		print_float(out, v.f, 'g', -1);
		break;
	case VAL_STRING:
		if (v.type != VT_BYTES) {
			buf_add(out, val_text(v));
			break;
		}
		buf_char(out, '[');
		for (size_t i = 0; i < v.n; i++)
			buf_printf(out, "%s%u", i ? " " : "", (unsigned char)v.p[i]);
		buf_char(out, ']');
		break;
	case VAL_LIST:
		buf_char(out, '[');
		for (size_t i = 0; i < vlist_count(v.list); i++) {
			if (i)
				buf_char(out, ' ');
			print_value(a, out, vlist_at(a, v.list, i), verb, depth + 1);
		}
		buf_char(out, ']');
		break;
	case VAL_MAP:
		buf_add(out, S("map["));
		items = vmap_sorted(a, v.map, &n);
		for (size_t i = 0; i < n; i++) {
			if (i)
				buf_char(out, ' ');
			buf_add(out, items[i].key);
			buf_char(out, ':');
			print_value(a, out, items[i].value, verb, depth + 1);
		}
		buf_char(out, ']');
		break;
	case VAL_OBJECT:
		print_object(a, out, v, verb, depth);
		break;
	}
}

void val_print(struct arena *a, struct buf *out, struct val v)
{
	struct buf b = BUF(a);

	if (val_is_nil(v)) {
		buf_add(out, S("<no value>"));
	} else if (v.kind < VAL_LIST) {
		print_value(a, out, v, 'v', 0);
	} else {
		print_value(a, &b, v, 'v', 0);
		buf_add(out, buf_str(&b));
	}
}

str val_sprint(struct arena *a, struct val v)
{
	struct buf b = BUF(a);

	if (val_is_str(v))
		return val_text(v);
	print_value(a, &b, v, 'v', 0);
	return buf_str(&b);
}

void print_all(struct arena *a, struct buf *out, const struct val *args, size_t n, bool line)
{
	bool before = false;

	for (size_t i = 0; i < n; i++) {
		bool string = val_is_str(args[i]);

		if (i && (line || (!string && !before)))
			buf_char(out, ' ');
		print_value(a, out, args[i], 'v', 0);
		before = string;
	}
	if (line)
		buf_char(out, '\n');
}
