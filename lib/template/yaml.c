/* SPDX-License-Identifier: MIT */
/* Values as YAML, to the byte as sigs.k8s.io/yaml writes them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "template/data.h"

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
	struct tmpl_lines *lines;
};

static const char *put(struct emit *e, struct val v, int indent, bool in_map, int depth);

static bool digit(int c)
{
	return c >= '0' && c <= '9';
}

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
	unsigned style = e->pretty ? YAML_PRETTY : 0;

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
			yaml_put_string(e->a, e->out, items[i].key, indent + 2, style);
			buf_char(e->out, '\n');
			buf_fill(e->out, ' ', (size_t)indent);
		} else {
			yaml_put_string(e->a, e->out, items[i].key, indent, style | YAML_KEY);
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
		return DATA_TOO_LARGE;
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
	if (e->lines && v.origin && v.origin->source)
		*VEC_ADD(e->a, e->lines) = (struct tmpl_line){ .offset = out->n, .value = node_pos(v.origin) };
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
		if (e->pretty)
			print_float(out, v.f, 'g', -1);
		else
			put_float(out, v.f);
		break;
	case VAL_STRING:
		if (v.type == VT_BYTES)
			buf_base64(&b, val_text(v));
		yaml_put_string(e->a, out, v.type == VT_BYTES ? buf_str(&b) : val_text(v), indent + 2, e->pretty ? YAML_PRETTY : 0);
		break;
	case VAL_LIST:
		buf_add(out, v.list->null ? S("null") : S("[]"));
		break;
	case VAL_MAP:
		buf_add(out, S("{}"));
		break;
	case VAL_OBJECT:
		yaml_put_string(e->a, out, val_sprint(e->a, v), indent + 2, e->pretty ? YAML_PRETTY : 0);
		break;
	}
	return NULL;
}

const char *yaml_encode(struct arena *a, struct buf *out, struct val v, bool pretty, struct tmpl_lines *lines)
{
	struct emit e = { a, out, pretty, lines };

	return put(&e, v, 0, false, 0);
}
