/* SPDX-License-Identifier: MIT */
/* What functions make of their arguments: numbers of anything, lists of anything, the text of anything. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "template/internal.h"

str arg_text(struct tmpl_call *c, struct val v)
{
	if (v.kind == VAL_STRING)
		return val_text(v);
	return val_sprint(c->a, v);
}

struct vlist *arg_list(struct tmpl_call *c, struct val v)
{
	struct val p = val_plain(c->a, v), item = { .kind = VAL_INT, .type = VT_UINT8 };
	struct vlist *l;

	if (p.kind == VAL_LIST)
		return p.list;
	if (p.kind != VAL_STRING || p.type != VT_BYTES) {
		tmpl_error_value(c, v, "%s wants a list, not %s", c->name, val_is_nil(v) ? "nil" : val_type_name(c->a, v));
		return NULL;
	}
	l = NEW(c->a, struct vlist);
	for (size_t i = 0; i < p.n; i++) {
		item.i = (unsigned char)p.p[i];
		vlist_push(c->a, l, item);
	}
	return l;
}

struct val *arg_strings(struct tmpl_call *c, struct val v, size_t *n)
{
	struct val p = val_plain(c->a, v), *out;
	size_t count;

	*n = 0;
	if (val_is_nil(v))
		return NULL;
	if (p.kind == VAL_STRING && p.type == VT_BYTES)
		p = (struct val){ .kind = VAL_LIST, .list = arg_list(c, p) };
	if (p.kind != VAL_LIST) {
		out = NEW(c->a, struct val);
		*out = val_str(arg_text(c, v));
		*n = 1;
		return out;
	}
	count = vlist_count(p.list);
	out = NEW_ARRAY(c->a, struct val, count + 1);
	for (size_t i = 0; i < count; i++) {
		struct val item = vlist_at(c->a, p.list, i);

		if (!val_is_nil(item))
			out[(*n)++] = val_is_str(item) ? item : val_str(arg_text(c, item));
	}
	return out;
}

/* 1.00 counts as 1. */
static str trim_zero_decimal(str s)
{
	size_t i = s.n;

	while (i && s.p[i - 1] == '0')
		i--;
	return i && i < s.n && s.p[i - 1] == '.' ? str_sub(s, 0, i - 1) : s;
}

bool parse_int(str s, int base, int64_t *out)
{
	char text[80], *end, last = 0;
	size_t n = 0;

	*out = 0;
	if (!s.n || s.n >= sizeof(text))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char ch = s.p[i];

		if (ch == '_' && base == 0 && last && last != '_' && i + 1 < s.n && n) {
			last = '_';
			continue;
		}
		if (!((ch >= '0' && ch <= '9') || ((ch | 0x20) >= 'a' && (ch | 0x20) <= 'z') || (i == 0 && (ch == '-' || ch == '+'))))
			return false;
		text[n++] = last = ch;
	}
	text[n] = '\0';
	if (base == 0) {
		size_t sign = text[0] == '-' || text[0] == '+';
		char kind = text[sign] == '0' ? (char)(text[sign + 1] | 0x20) : 0;

		base = kind == 'x' ? 16 : kind == 'b' ? 2 : text[sign] == '0' && text[sign + 1] ? 8 : 10;
		if (kind == 'x' || kind == 'b' || kind == 'o') {
			if (!text[sign + 2])
				return false;
			memmove(text + sign, text + sign + 2, strlen(text + sign + 2) + 1);
		}
	}
	errno = 0;
	*out = strtoll(text, &end, base);
	if (*end || end == text || errno == ERANGE) {
		if (errno != ERANGE)
			*out = 0;
		return false;
	}
	return true;
}

static int64_t from_double(double f)
{
	if (isnan(f) || f >= 9223372036854775808.0 || f < -9223372036854775808.0)
		return INT64_MIN; /* as Go's conversion does on amd64 */
	return (int64_t)f;
}

int64_t arg_int64(struct val v)
{
	int64_t i;

	switch ((enum val_kind)v.kind) {
	case VAL_BOOL:
		return v.b;
	case VAL_INT:
		return v.i;
	case VAL_FLOAT:
		return from_double(v.f);
	case VAL_STRING:
		return v.type != VT_BYTES && parse_int(trim_zero_decimal(val_text(v)), 0, &i) ? i : 0;
	default:
		return 0;
	}
}

double arg_float64(struct val v)
{
	char text[400], *end;
	double f;

	switch ((enum val_kind)v.kind) {
	case VAL_BOOL:
		return v.b;
	case VAL_INT:
		return v.type == VT_UINT64 ? (double)(uint64_t)v.i : (double)v.i;
	case VAL_FLOAT:
		return v.f;
	case VAL_STRING:
		if (v.type == VT_BYTES || !v.n || v.n >= sizeof(text) || strchr(" \t\n\v\f\r", v.p[0]))
			return 0;
		memcpy(text, v.p, v.n);
		text[v.n] = '\0';
		if (strpbrk(text, "xX") && !strpbrk(text, "pP")) /* Go wants the exponent */
			return 0;
		f = strtod(text, &end);
		return *end ? 0 : f;
	default:
		return 0;
	}
}
