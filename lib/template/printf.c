/* SPDX-License-Identifier: MIT */
/* Go's fmt.Sprintf: one value by one verb, with its flags, width and precision. */
#include <stdio.h>
#include <string.h>

#include "template/printf.h"

static size_t count_runes(str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

static void pad(struct spec *f, str s)
{
	size_t have = count_runes(s), fill = f->has_width && (size_t)f->width > have ? (size_t)f->width - have : 0;

	if (!f->minus)
		buf_fill(f->out, f->zero ? '0' : ' ', fill);
	buf_add(f->out, s);
	if (f->minus)
		buf_fill(f->out, ' ', fill);
}

static void pad_number(struct spec *f, str s, char sign)
{
	struct buf b = BUF(f->a);

	if (sign && f->zero && !f->minus && f->has_width && (size_t)f->width > s.n + 1) {
		buf_char(f->out, sign);
		buf_fill(f->out, '0', (size_t)f->width - s.n - 1);
		buf_add(f->out, s);
		return;
	}
	if (sign)
		buf_char(&b, sign);
	buf_add(&b, s);
	pad(f, buf_str(&b));
}

static void value(struct spec *f, struct val v, int depth);

static void bad_verb(struct spec *f, struct val v)
{
	struct spec plain = *f; /* its flags go on */

	plain.verb = 'v';
	plain.sharp_v = false;
	buf_add(f->out, S("%!"));
	print_rune(f->out, f->verb);
	buf_char(f->out, '(');
	if (val_is_nil(v)) {
		buf_add(f->out, S("<nil>"));
	} else {
		buf_printf(f->out, "%s=", val_type_name(f->a, v));
		value(&plain, v, 0);
	}
	buf_char(f->out, ')');
}

/* ---- integers ---- */

static void digits(struct spec *f, uint64_t u, unsigned base, bool negative, bool upper)
{
	const char *set = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char text[160], *p = text + sizeof(text);
	int least = 0;
	bool zero = f->zero;

	if (f->has_precision) {
		least = f->precision;
		if (least == 0 && u == 0) {
			f->zero = false;
			pad(f, (str){ "", 0 });
			f->zero = zero;
			return;
		}
	} else if (f->zero && !f->minus && f->has_width) {
		least = f->width - (negative || f->plus || f->space);
	}
	if (least > 120)
		least = 120;
	do
		*--p = set[u % base];
	while ((u /= base));
	while (text + sizeof(text) - p < least)
		*--p = '0';
	if (f->sharp && base == 2) {
		*--p = 'b';
		*--p = '0';
	} else if (f->sharp && base == 8 && *p != '0') {
		*--p = '0';
	} else if (f->sharp && base == 16) {
		*--p = upper ? 'X' : 'x';
		*--p = '0';
	}
	if (f->verb == 'O') {
		*--p = 'o';
		*--p = '0';
	}
	if (negative)
		*--p = '-';
	else if (f->plus)
		*--p = '+';
	else if (f->space)
		*--p = ' ';
	f->zero = false;
	pad(f, (str){ p, (size_t)(text + sizeof(text) - p) });
	f->zero = zero;
}

static void quoted_char(struct spec *f, uint32_t cp)
{
	struct buf b = BUF(f->a), s = BUF(f->a);
	str inner;

	print_rune(&s, cp);
	if (cp == '\'' || cp == '"') {
		pad(f, cp == '"' ? S("'\"'") : S("'\\''"));
		return;
	}
	print_quoted(&b, buf_str(&s), f->plus);
	inner = buf_str(&b);
	b.p[0] = b.p[b.n - 1] = '\'';
	pad(f, inner);
}

static void integer(struct spec *f, struct val v)
{
	bool is_signed = v.type != VT_UINT64 && v.type != VT_UINT8, negative = is_signed && v.i < 0;
	uint64_t u = negative ? 0 - (uint64_t)v.i : (uint64_t)v.i;
	struct buf b = BUF(f->a);
	bool sharp = f->sharp;

	switch (f->verb) {
	case 'v':
		f->sharp = f->sharp_v && !is_signed;
		digits(f, u, f->sharp ? 16 : 10, negative, false);
		f->sharp = sharp;
		break;
	case 'd':
		digits(f, u, 10, negative, false);
		break;
	case 'b':
		digits(f, u, 2, negative, false);
		break;
	case 'o':
	case 'O':
		digits(f, u, 8, negative, false);
		break;
	case 'x':
	case 'X':
		digits(f, u, 16, negative, f->verb == 'X');
		break;
	case 'c':
		print_rune(&b, negative || u > 0x10ffff ? 0xfffd : (uint32_t)u);
		pad(f, buf_str(&b));
		break;
	case 'q':
		quoted_char(f, negative || u > 0x10ffff ? 0xfffd : (uint32_t)u);
		break;
	case 'U':
		u = negative ? -u : u;
		buf_printf(&b, "U+%0*llX", f->has_precision && f->precision > 4 ? f->precision : 4, (unsigned long long)u);
		if (f->sharp && u <= 0x10ffff && rune_printable((uint32_t)u)) {
			buf_add(&b, S(" '"));
			print_rune(&b, (uint32_t)u);
			buf_char(&b, '\'');
		}
		pad(f, buf_str(&b));
		break;
	default:
		bad_verb(f, v);
	}
}

/* ---- floats ---- */

/* '#': a decimal point always, trailing zeros kept for %g. */
static str sharp_float(struct spec *f, str s, int precision)
{
	struct buf b = BUF(f->a);
	bool hex = f->verb == 'x' || f->verb == 'X';
	int want = strchr("vgGx", (int)f->verb) ? precision < 0 ? 6 : precision : 0;
	size_t end = 0;
	bool point = false, seen = false;

	for (; end < s.n && !strchr(hex ? "pP" : "eE", s.p[end]); end++) {
		point |= s.p[end] == '.';
		seen |= s.p[end] != '0' && s.p[end] != '.';
		want -= seen && s.p[end] != '.';
	}
	buf_add(&b, str_sub(s, 0, end));
	if (!point) {
		want -= end == 1 && s.p[0] == '0';
		buf_char(&b, '.');
	}
	if (want > 0)
		buf_fill(&b, '0', (size_t)want);
	buf_add(&b, str_sub(s, end, s.n));
	return buf_str(&b);
}

static void floating(struct spec *f, struct val v)
{
	struct buf b = BUF(f->a);
	uint32_t verb = f->verb;
	int precision = -1;
	char sign;
	str s;
	bool zero = f->zero;

	if (verb > 0x7f || !strchr("vbgGxXfFeE", (int)verb)) {
		bad_verb(f, v);
		return;
	}
	if (strchr("fFeE", (int)verb))
		precision = 6;
	if (f->has_precision)
		precision = f->precision;
	print_float(&b, v.f, verb == 'v' ? 'g' : verb == 'F' ? 'f' : (char)verb, precision);
	s = buf_str(&b);
	sign = s.p[0] == '-' || s.p[0] == '+' ? s.p[0] : 0;
	if (sign)
		s = str_sub(s, 1, s.n);
	if (!sign || sign == '+')
		sign = f->plus ? '+' : f->space ? ' ' : s.p[0] == 'I' ? '+' : 0;
	if (s.p[0] == 'I' || s.p[0] == 'N') {
		f->zero = false;
		pad_number(f, s, s.p[0] == 'N' && !f->plus && !f->space ? 0 : sign);
		f->zero = zero;
		return;
	}
	if (f->sharp && verb != 'b')
		s = sharp_float(f, s, f->has_precision ? f->precision : -1);
	pad_number(f, s, sign);
}

/* ---- strings ---- */

static str cut(const struct spec *f, str s)
{
	int left = f->precision;
	size_t i = 0;

	if (!f->has_precision)
		return s;
	for (; i < s.n; i++)
		if (((unsigned char)s.p[i] & 0xc0) != 0x80 && left-- == 0)
			break;
	return str_sub(s, 0, i);
}

static void hex_string(struct spec *f, str s)
{
	const char *byte = f->verb == 'x' ? "%02x" : "%02X", *head = f->verb == 'x' ? "0x" : "0X";
	struct buf b = BUF(f->a);

	if (f->has_precision)
		s = str_sub(s, 0, (size_t)f->precision);
	for (size_t i = 0; i < s.n; i++) {
		if (i && f->space)
			buf_char(&b, ' ');
		if (f->sharp && (i == 0 || f->space))
			buf_printf(&b, "%s", head);
		buf_printf(&b, byte, (unsigned char)s.p[i]);
	}
	pad(f, buf_str(&b));
}

static bool can_backquote(str s)
{
	for (size_t i = 0, n; i < s.n; i += n) {
		uint32_t cp;

		n = utf8_decode(str_sub(s, i, s.n), &cp);
		if (!n || cp == '`' || cp == 0x7f || cp == 0xfeff || (cp < ' ' && cp != '\t'))
			return false;
	}
	return true;
}

static void quoted(struct spec *f, str s)
{
	struct buf b = BUF(f->a);

	s = cut(f, s);
	if (f->sharp && can_backquote(s))
		buf_printf(&b, "`%.*s`", STR_ARG(s));
	else
		print_quoted(&b, s, f->plus);
	pad(f, buf_str(&b));
}

/* false: no verb of strings. */
static bool string(struct spec *f, str s)
{
	switch (f->verb) {
	case 'v':
		if (f->sharp_v)
			quoted(f, s);
		else
			pad(f, cut(f, s));
		return true;
	case 's':
		pad(f, cut(f, s));
		return true;
	case 'x':
	case 'X':
		hex_string(f, s);
		return true;
	case 'q':
		quoted(f, s);
		return true;
	}
	return false;
}

/* ---- lists, maps, everything ---- */

static void open(struct spec *f, struct val v, const char *start)
{
	if (f->sharp_v)
		buf_printf(f->out, "%s{", val_type_name(f->a, v));
	else
		buf_printf(f->out, "%s", start);
}

static void between(struct spec *f, size_t i)
{
	if (i)
		buf_printf(f->out, "%s", f->sharp_v ? ", " : " ");
}

static void list(struct spec *f, struct val v, int depth)
{
	open(f, v, "[");
	for (size_t i = 0; i < vlist_count(v.list); i++) {
		between(f, i);
		value(f, vlist_at(f->a, v.list, i), depth + 1);
	}
	buf_char(f->out, f->sharp_v ? '}' : ']');
}

static void map(struct spec *f, struct val v, int depth)
{
	size_t n;
	const struct vitem *items = vmap_sorted(f->a, v.map, &n);

	open(f, v, "map[");
	for (size_t i = 0; i < n; i++) {
		between(f, i);
		value(f, val_str(items[i].key), depth + 1);
		buf_char(f->out, ':');
		value(f, items[i].value, depth + 1);
	}
	buf_char(f->out, f->sharp_v ? '}' : ']');
}

static void bytes(struct spec *f, struct val v)
{
	struct val b = { .kind = VAL_INT, .type = VT_UINT8 };

	if (f->verb != 'v' && f->verb != 'd' && string(f, val_text(v)))
		return;
	open(f, v, "[");
	for (size_t i = 0; i < v.n; i++) {
		between(f, i);
		b.i = (unsigned char)v.p[i];
		integer(f, b);
	}
	buf_char(f->out, f->sharp_v ? '}' : ']');
}

static void value(struct spec *f, struct val v, int depth)
{
	if (depth > TMPL_MAX_NESTING || f->out->n > (size_t)16 << 20) {
		buf_add(f->out, S("…"));
		return;
	}
	switch ((enum val_kind)v.kind) {
	case VAL_NONE:
	case VAL_NIL:
		if (depth)
			buf_add(f->out, f->sharp_v ? S("interface {}(nil)") : S("<nil>"));
		else if (f->verb == 'v')
			pad(f, S("<nil>"));
		else
			bad_verb(f, v);
		break;
	case VAL_BOOL:
		if (f->verb == 't' || f->verb == 'v')
			pad(f, v.b ? S("true") : S("false"));
		else
			bad_verb(f, v);
		break;
	case VAL_INT:
		integer(f, v);
		break;
	case VAL_FLOAT:
		floating(f, v);
		break;
	case VAL_STRING:
		if (v.type == VT_BYTES)
			bytes(f, v);
		else if (!string(f, val_text(v)))
			bad_verb(f, v);
		break;
	case VAL_LIST:
		list(f, v, depth);
		break;
	case VAL_MAP:
		map(f, v, depth);
		break;
	case VAL_OBJECT:
		if (f->verb == 'v' || !string(f, val_sprint(f->a, v)))
			pad(f, val_sprint(f->a, v));
		break;
	}
}

void spec_print(struct spec *f, struct val v)
{
	if (f->verb == 'T')
		pad(f, str_of(val_type_name(f->a, v)));
	else if (f->verb == 'p' && (v.kind == VAL_MAP || v.kind == VAL_LIST))
		buf_add(f->out, S("0xc000000000")); /* an address says nothing, and would differ in each run */
	else if (f->verb == 'p')
		bad_verb(f, v);
	else
		value(f, v, 0);
}
