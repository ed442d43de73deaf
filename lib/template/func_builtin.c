/* SPDX-License-Identifier: MIT */
/* The functions of Go's template language itself: logic, comparison, index, len, printing, escaping. */
#include <string.h>

#include "template/internal.h"

/* ---- logic and comparison ---- */

int builtin_and_or(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	(void)c; /* the evaluator itself calls and and or, for the short circuit */
	return ret(out, n ? args[n - 1] : val_nil());
}

static int builtin_not(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	(void)n;
	return ret(out, val_bool(!val_truth(c->a, args[0])));
}

enum basic { NO_KIND, BOOL_KIND, INT_KIND, UINT_KIND, FLOAT_KIND, STRING_KIND };

static enum basic basic_kind(struct val v)
{
	switch ((enum val_kind)v.kind) {
	case VAL_BOOL:
		return BOOL_KIND;
	case VAL_INT:
		return v.type == VT_UINT64 || v.type == VT_UINT8 ? UINT_KIND : INT_KIND;
	case VAL_FLOAT:
		return FLOAT_KIND;
	case VAL_STRING:
		return v.type == VT_BYTES ? NO_KIND : STRING_KIND;
	default:
		return NO_KIND;
	}
}

static int incompatible(struct tmpl_call *c, struct val x, struct val y)
{
	const char *hint = "";

	if ((x.kind == VAL_FLOAT && y.kind == VAL_INT) || (x.kind == VAL_INT && y.kind == VAL_FLOAT))
		hint = "; numbers of values files are float64: write 1.0 for 1, or convert with int";
	return tmpl_error_value(c, x.origin ? x : y, "incompatible types for comparison in %s: %s and %s%s", c->name, val_type_name(c->a, x),
				val_type_name(c->a, y), hint);
}

/* *equal: x == y. */
static int equal(struct tmpl_call *c, struct val x, struct val y, bool *same)
{
	enum basic k1 = basic_kind(x), k2 = basic_kind(y);

	*same = false;
	if (k1 != k2) {
		if ((k1 == INT_KIND && k2 == UINT_KIND) || (k1 == UINT_KIND && k2 == INT_KIND))
			*same = x.i >= 0 && y.i >= 0 && x.i == y.i;
		else if (!val_is_nil(x) && !val_is_nil(y))
			return incompatible(c, x, y);
		return 0;
	}
	switch (k1) {
	case BOOL_KIND:
		*same = x.b == y.b;
		return 0;
	case INT_KIND:
	case UINT_KIND:
		*same = x.i == y.i;
		return 0;
	case FLOAT_KIND:
		*same = x.f == y.f;
		return 0;
	case STRING_KIND:
		*same = str_eq(val_text(x), val_text(y));
		return 0;
	case NO_KIND:
		break;
	}
	if (val_is_nil(x) || val_is_nil(y)) {
		*same = val_is_nil(x) && val_is_nil(y);
		return 0;
	}
	return tmpl_error_value(c, x, "%s cannot compare a value of type %s", c->name, val_type_name(c->a, y));
}

static int builtin_eq(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	bool same = false;

	if (n < 2)
		return tmpl_error(c, "missing argument for comparison: %s wants two", c->name);
	for (size_t i = 1; i < n && !same; i++)
		if (equal(c, args[0], args[i], &same) < 0)
			return -1;
	return ret(out, val_bool(same));
}

static int builtin_ne(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	bool same;

	(void)n;
	if (equal(c, args[0], args[1], &same) < 0)
		return -1;
	return ret(out, val_bool(!same));
}

/* *less: x < y. */
static int less(struct tmpl_call *c, struct val x, struct val y, bool *is_less)
{
	enum basic k1 = basic_kind(x), k2 = basic_kind(y);

	if (k1 == NO_KIND || k2 == NO_KIND || (k1 == BOOL_KIND && k2 == BOOL_KIND))
		return tmpl_error_value(c, k1 == NO_KIND ? x : y, "%s cannot order values of type %s and %s", c->name, val_type_name(c->a, x),
					val_type_name(c->a, y));
	if (k1 == INT_KIND && k2 == UINT_KIND)
		*is_less = x.i < 0 || (uint64_t)x.i < (uint64_t)y.i;
	else if (k1 == UINT_KIND && k2 == INT_KIND)
		*is_less = y.i >= 0 && (uint64_t)x.i < (uint64_t)y.i;
	else if (k1 != k2)
		return incompatible(c, x, y);
	else if (k1 == FLOAT_KIND)
		*is_less = x.f < y.f;
	else if (k1 == STRING_KIND)
		*is_less = str_cmp(val_text(x), val_text(y)) < 0;
	else
		*is_less = k1 == UINT_KIND ? (uint64_t)x.i < (uint64_t)y.i : x.i < y.i;
	return 0;
}

/* lt, le, gt, ge: gt is not le, ge is not lt, as Go has it. */
static int builtin_order(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	bool r = false, or_equal = !strcmp(c->name, "le") || !strcmp(c->name, "gt");

	(void)n;
	if (less(c, args[0], args[1], &r) < 0 || (!r && or_equal && equal(c, args[0], args[1], &r) < 0))
		return -1;
	return ret(out, val_bool(c->name[0] == 'g' ? !r : r));
}

/* ---- index, len, call ---- */

static int index_list(struct tmpl_call *c, struct val item, size_t count, struct val at, struct val *out)
{
	if (at.kind != VAL_INT)
		return tmpl_error_value(c, at, "cannot index a list or string with %s%s", val_is_nil(at) ? "nil" : val_type_name(c->a, at),
					at.kind == VAL_FLOAT ? "; convert it with int" : "");
	if (at.i < 0 || (uint64_t)at.i >= count)
		return tmpl_error_value(c, item, "index out of range: %lld, of %zu items", (long long)at.i, count);
	if (item.kind == VAL_LIST)
		*out = vlist_at(c->a, item.list, (size_t)at.i);
	else
		*out = (struct val){ .kind = VAL_INT, .type = VT_UINT8, .i = (unsigned char)item.p[at.i] };
	return 0;
}

static int builtin_index(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct val item = args[0];
	const struct vitem *it;

	if (val_is_nil(item))
		return tmpl_error(c, "index of nil");
	for (size_t i = 1; i < n; i++) {
		item = val_plain(c->a, item);
		if (val_is_nil(item))
			return tmpl_error_value(c, item, "index of nil: there is nothing to be found under argument %zu", i);
		if (item.kind == VAL_MAP) {
			if (!val_is_str(args[i]))
				return tmpl_error_value(c, args[i], "a map is indexed by a string, not by %s", val_is_nil(args[i]) ? "nil" : val_type_name(c->a, args[i]));
			it = vmap_find(c->a, item.map, val_text(args[i]), str_hash(val_text(args[i])));
			item = it ? it->value : item.map->strings ? val_str((str){ "", 0 }) : val_nil();
		} else if (item.kind == VAL_LIST || item.kind == VAL_STRING) {
			if (index_list(c, item, item.kind == VAL_LIST ? vlist_count(item.list) : item.n, args[i], &item) < 0)
				return -1;
		} else {
			return tmpl_error_value(c, item, "can't index a value of type %s", val_type_name(c->a, item));
		}
	}
	return ret(out, item);
}

static int builtin_len(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct val v = val_plain(c->a, args[0]);

	(void)n;
	if (v.kind == VAL_STRING && (args[0].kind != VAL_OBJECT || strcmp(val_kind_name(args[0]), "string") == 0))
		return ret(out, val_int(v.n));
	if (v.kind == VAL_LIST)
		return ret(out, val_int((int64_t)vlist_count(v.list)));
	if (v.kind == VAL_MAP)
		return ret(out, val_int((int64_t)vmap_count(v.map)));
	return tmpl_error_value(c, v, "len of %s", val_is_nil(v) ? "nil" : val_type_name(c->a, args[0]));
}

static int builtin_call(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	(void)n;
	(void)out;
	return tmpl_error_value(c, args[0], "call wants a function value, not %s; templates of charts hold none",
				val_is_nil(args[0]) ? "nil" : val_type_name(c->a, args[0]));
}

/* ---- printing ---- */

static int made(struct tmpl_call *c, const struct buf *b, struct val *out)
{
	ret_buf(out, b);
	return exec_made(c, b->n);
}

static int builtin_print(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct buf b = BUF(c->a);

	print_all(c->a, &b, args, n, !strcmp(c->name, "println"));
	return made(c, &b, out);
}

static int builtin_printf(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct buf b = BUF(c->a);

	print_format(c->a, &b, val_text(args[0]), args + 1, n - 1);
	return made(c, &b, out);
}

/* ---- escaping ---- */

/* The text of all arguments: as print, but no value is said as templates say it. */
static str texts(struct tmpl_call *c, const struct val *args, size_t n)
{
	struct buf b = BUF(c->a);
	struct val *copy = NEW_ARRAY(c->a, struct val, n + 1);

	for (size_t i = 0; i < n; i++)
		copy[i] = val_is_nil(args[i]) ? val_cstr("<no value>") : args[i];
	print_all(c->a, &b, copy, n, false);
	return buf_str(&b);
}

static int builtin_html(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	static const char what[] = "\"'&<>", *const with[] = { "&#34;", "&#39;", "&amp;", "&lt;", "&gt;" };
	str s = texts(c, args, n);
	struct buf b = BUF(c->a);

	for (size_t i = 0; i < s.n; i++) {
		const char *p = s.p[i] ? strchr(what, s.p[i]) : NULL;

		if (!s.p[i])
			buf_add(&b, S("\xef\xbf\xbd"));
		else if (p)
			buf_add(&b, str_of(with[p - what]));
		else
			buf_char(&b, s.p[i]);
	}
	return made(c, &b, out);
}

static int builtin_js(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	str s = texts(c, args, n);
	struct buf b = BUF(c->a);

	for (size_t i = 0, len; i < s.n; i += len) {
		uint32_t cp;

		len = utf8_decode(str_sub(s, i, s.n), &cp);
		if (!len) {
			cp = 0xfffd;
			len = 1;
		}
		if (cp == '\\' || cp == '\'' || cp == '"')
			buf_printf(&b, "\\%c", (int)cp);
		else if (cp < ' ' || (cp < 0x80 && strchr("<>&=", (int)cp)))
			buf_printf(&b, "\\u%04X", cp);
		else if (cp < 0x80 || rune_printable(cp))
			print_rune(&b, cp);
		else
			buf_printf(&b, "\\u%04X", cp);
	}
	return made(c, &b, out);
}

static int builtin_urlquery(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	str s = texts(c, args, n);
	struct buf b = BUF(c->a);

	for (size_t i = 0; i < s.n; i++) {
		unsigned char ch = (unsigned char)s.p[i];

		if ((ch | 0x20) >= 'a' && (ch | 0x20) <= 'z')
			buf_char(&b, (char)ch);
		else if ((ch >= '0' && ch <= '9') || (ch && strchr("-_.~", ch)))
			buf_char(&b, (char)ch);
		else if (ch == ' ')
			buf_char(&b, '+');
		else
			buf_printf(&b, "%%%02X", ch);
	}
	return made(c, &b, out);
}

const struct tmpl_func funcs_builtin[] = {
	{ "and", "aa*", builtin_and_or },
	{ "or", "aa*", builtin_and_or },
	{ "not", "a", builtin_not },
	{ "eq", "aa*", builtin_eq },
	{ "ne", "aa", builtin_ne },
	{ "lt", "aa", builtin_order },
	{ "le", "aa", builtin_order },
	{ "gt", "aa", builtin_order },
	{ "ge", "aa", builtin_order },
	{ "index", "aa*", builtin_index },
	{ "len", "a", builtin_len },
	{ "call", "aa*", builtin_call },
	{ "print", "a*", builtin_print },
	{ "println", "a*", builtin_print },
	{ "printf", "sa*", builtin_printf },
	{ "html", "a*", builtin_html },
	{ "js", "a*", builtin_js },
	{ "urlquery", "a*", builtin_urlquery },
	{ NULL, NULL, NULL },
};
