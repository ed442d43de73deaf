/* SPDX-License-Identifier: MIT */
/* Values as TOML, as Helm's encoder lays it out: plain keys first, then tables, indented by two. */
#include <math.h>
#include <string.h>

#include "template/data.h"

static bool bare(str key)
{
	for (size_t i = 0; i < key.n; i++) {
		char ch = key.p[i];

		if (!((ch >= '0' && ch <= '9') || ((ch | 0x20) >= 'a' && (ch | 0x20) <= 'z') || ch == '-' || ch == '_'))
			return false;
	}
	return key.n != 0;
}

static void put_text(struct buf *out, str s)
{
	static const char from[] = "\b\t\n\f\r\"\\", to[] = "btnfr\"\\";

	buf_char(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		const char *p = s.p[i] ? strchr(from, s.p[i]) : NULL;

		if (p)
			buf_printf(out, "\\%c", to[p - from]);
		else if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			buf_printf(out, "\\u%04x", (unsigned char)s.p[i]);
		else
			buf_char(out, s.p[i]);
	}
	buf_char(out, '"');
}

static void put_key(struct buf *out, str key)
{
	if (bare(key))
		buf_add(out, key);
	else
		put_text(out, key);
}

static void put_path(struct buf *out, const str *path, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_char(out, '.');
		put_key(out, path[i]);
	}
}

static void put_float(struct buf *out, double f)
{
	size_t from = out->n;

	if (isnan(f) || isinf(f)) {
		buf_add(out, isnan(f) ? S("nan") : f > 0 ? S("inf") : S("-inf"));
		return;
	}
	print_float(out, f, 'g', -1);
	for (size_t i = from; i < out->n; i++)
		if (strchr(".e", out->p[i]))
			return;
	buf_add(out, S(".0"));
}

/* A list of nothing but tables is written as [[name]]. */
static bool table_list(struct arena *a, struct val v)
{
	if (v.kind != VAL_LIST || !vlist_count(v.list))
		return false;
	for (size_t i = 0; i < vlist_count(v.list); i++)
		if (val_plain(a, vlist_at(a, v.list, i)).kind != VAL_MAP)
			return false;
	return true;
}

static const char *inline_value(struct arena *a, struct buf *out, struct val v, int depth)
{
	const char *bad;
	const struct vitem *items;
	size_t n, put = 0;

	if (v.kind == VAL_OBJECT && !strcmp(v.obj->class->type, "time.Time")) { /* TOML has dates of its own */
		buf_add(out, val_text(val_plain(a, v)));
		return NULL;
	}
	v = val_plain(a, v);
	if (out->n > DATA_MAX)
		return DATA_TOO_LARGE;
	if (depth > TMPL_MAX_NESTING)
		return "toml: the value is nested too deeply, or holds itself";
	switch ((enum val_kind)v.kind) {
	case VAL_BOOL:
		buf_add(out, v.b ? S("true") : S("false"));
		return NULL;
	case VAL_INT:
		buf_printf(out, "%lld", (long long)v.i);
		return NULL;
	case VAL_FLOAT:
		put_float(out, v.f);
		return NULL;
	case VAL_STRING:
		put_text(out, val_text(v));
		return NULL;
	case VAL_LIST:
		buf_char(out, '[');
		for (size_t i = 0; i < vlist_count(v.list); i++) {
			if (val_is_nil(vlist_at(a, v.list, i)))
				return "toml: cannot encode array with nil element";
			if (i)
				buf_add(out, S(", "));
			if ((bad = inline_value(a, out, vlist_at(a, v.list, i), depth + 1)))
				return bad;
		}
		buf_char(out, ']');
		return NULL;
	case VAL_MAP:
		items = vmap_sorted(a, v.map, &n);
		buf_char(out, '{');
		for (size_t i = 0; i < 2 * n; i++) { /* tables come last */
			struct val item = val_plain(a, items[i % n].value);
			bool is_table = item.kind == VAL_MAP || table_list(a, item);

			if (val_is_nil(item) || is_table != (i >= n))
				continue;
			buf_add(out, put++ ? S(", ") : (str){ 0 });
			put_key(out, items[i % n].key);
			buf_add(out, S(" = "));
			if ((bad = inline_value(a, out, items[i % n].value, depth + 1)))
				return bad;
		}
		buf_char(out, '}');
		return NULL;
	default:
		put_text(out, val_sprint(a, v));
		return NULL;
	}
}

struct toml {
	struct arena *a;
	struct buf *out;
	str path[TMPL_MAX_NESTING + 2];
	bool any;
};

static const char *table(struct toml *t, struct vmap *m, size_t depth);

static const char *header(struct toml *t, struct val v, size_t depth, bool array)
{
	if (t->out->n && (array || depth == 1))
		buf_char(t->out, '\n');
	buf_fill(t->out, ' ', 2 * (depth - 1));
	buf_add(t->out, array ? S("[[") : S("["));
	put_path(t->out, t->path, depth);
	buf_add(t->out, array ? S("]]\n") : S("]\n"));
	return table(t, v.map, depth);
}

static const char *table(struct toml *t, struct vmap *m, size_t depth)
{
	size_t n;
	const struct vitem *items = vmap_sorted(t->a, m, &n);
	const char *bad;

	if (t->out->n > DATA_MAX)
		return DATA_TOO_LARGE;
	if (depth >= TMPL_MAX_NESTING)
		return "toml: the value is nested too deeply, or holds itself";
	for (size_t i = 0; i < n; i++) {
		struct val v = val_plain(t->a, items[i].value);

		if (val_is_nil(v) || v.kind == VAL_MAP || table_list(t->a, v))
			continue;
		buf_fill(t->out, ' ', 2 * depth);
		put_key(t->out, items[i].key);
		buf_add(t->out, S(" = "));
		if ((bad = inline_value(t->a, t->out, v, 0)))
			return bad;
		buf_char(t->out, '\n');
	}
	for (size_t i = 0; i < n; i++) {
		struct val v = val_plain(t->a, items[i].value);

		t->path[depth] = items[i].key;
		if (v.kind == VAL_MAP) {
			if ((bad = header(t, v, depth + 1, false)))
				return bad;
		} else if (table_list(t->a, v)) {
			for (size_t k = 0; k < vlist_count(v.list); k++) {
				t->path[depth] = items[i].key;
				if ((bad = header(t, val_plain(t->a, vlist_at(t->a, v.list, k)), depth + 1, true)))
					return bad;
			}
		}
	}
	return NULL;
}

const char *toml_encode(struct arena *a, struct buf *out, struct val v)
{
	struct toml *t = NEW(a, struct toml);

	t->a = a;
	t->out = out;
	if (val_is_nil(v))
		return "toml: cannot encode nil";
	if (val_plain(a, v).kind != VAL_MAP)
		return inline_value(a, out, v, 0);
	return table(t, val_plain(a, v).map, 0);
}
