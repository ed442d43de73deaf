/* SPDX-License-Identifier: MIT */
/* Values as JSON, to the byte as Go's encoding/json writes them. */
#include <math.h>
#include <string.h>

#include "template/data.h"

static void json_text_of(struct buf *out, str s, bool html)
{
	buf_char(out, '"');
	for (size_t i = 0, n; i < s.n; i += n) {
		uint32_t cp;

		n = utf8_decode(str_sub(s, i, s.n), &cp);
		if (!n) {
			buf_add(out, S("\\ufffd"));
			n = 1;
		} else if (cp == '"' || cp == '\\') {
			buf_printf(out, "\\%c", (int)cp);
		} else if (cp < ' ') {
			static const char from[] = "\b\f\n\r\t", to[] = "bfnrt";
			const char *p = cp ? strchr(from, (int)cp) : NULL;

			if (p)
				buf_printf(out, "\\%c", to[p - from]);
			else
				buf_printf(out, "\\u%04x", cp);
		} else if ((html && (cp == '<' || cp == '>' || cp == '&')) || cp == 0x2028 || cp == 0x2029) {
			buf_printf(out, "\\u%04x", cp);
		} else {
			buf_add(out, str_sub(s, i, i + n));
		}
	}
	buf_char(out, '"');
}

void json_float(struct buf *out, double f)
{
	double abs = fabs(f);
	size_t from = out->n;

	if (abs != 0 && (abs < 1e-6 || abs >= 1e21)) {
		print_float(out, f, 'e', -1);
		if (out->n - from > 4 && !memcmp(out->p + out->n - 4, "e-0", 3)) { /* e-09 becomes e-9 */
			out->p[out->n - 2] = out->p[out->n - 1];
			out->n--;
		}
	} else {
		print_float(out, f, 'f', -1);
	}
}

static void newline(struct buf *out, const char *indent, int depth)
{
	if (!indent)
		return;
	buf_char(out, '\n');
	for (int i = 0; i < depth; i++)
		buf_add(out, str_of(indent));
}

static const char *encode(struct arena *a, struct buf *out, struct val v, const struct json_form *form, int depth);

/* record: of a struct of Go's, whose fields stay in their order. */
static const char *encode_map(struct arena *a, struct buf *out, struct vmap *m, bool record, const struct json_form *form, int depth)
{
	size_t n = m->n;
	const struct vitem *items = record ? m->p : vmap_sorted(a, m, &n);
	const char *bad;

	if (!n)
		return buf_add(out, S("{}")), NULL;
	buf_char(out, '{');
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_char(out, ',');
		newline(out, form->indent, depth + 1);
		json_text_of(out, items[i].key, form->html);
		buf_add(out, form->indent ? S(": ") : S(":"));
		if ((bad = encode(a, out, items[i].value, form, depth + 1)))
			return bad;
	}
	newline(out, form->indent, depth);
	buf_char(out, '}');
	return NULL;
}

static const char *encode_list(struct arena *a, struct buf *out, struct vlist *l, const struct json_form *form, int depth)
{
	size_t n = vlist_count(l);
	const char *bad;

	if (!n)
		return buf_add(out, S("[]")), NULL;
	buf_char(out, '[');
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_char(out, ',');
		newline(out, form->indent, depth + 1);
		if ((bad = encode(a, out, vlist_at(a, l, i), form, depth + 1)))
			return bad;
	}
	newline(out, form->indent, depth);
	buf_char(out, ']');
	return NULL;
}

static const char *encode(struct arena *a, struct buf *out, struct val v, const struct json_form *form, int depth)
{
	bool record = v.kind == VAL_OBJECT && strcmp(val_kind_name(v), "map") != 0;

	v = val_plain(a, v);
	if (depth > TMPL_MAX_NESTING)
		return "the value is nested too deeply, or holds itself";
	if (out->n > DATA_MAX)
		return DATA_TOO_LARGE;
	switch ((enum val_kind)v.kind) {
	case VAL_NONE:
	case VAL_NIL:
		buf_add(out, S("null"));
		break;
	case VAL_BOOL:
		buf_add(out, v.b ? S("true") : S("false"));
		break;
	case VAL_INT:
		if (v.type == VT_UINT64)
			buf_printf(out, "%llu", (unsigned long long)v.i);
		else
			buf_printf(out, "%lld", (long long)v.i);
		break;
	case VAL_FLOAT:
		if (isnan(v.f) || isinf(v.f))
			return "JSON has no form for infinity and NaN";
		json_float(out, v.f);
		break;
	case VAL_STRING:
		if (v.type != VT_BYTES) {
			json_text_of(out, val_text(v), form->html);
		} else {
			buf_char(out, '"');
			buf_base64(out, val_text(v));
			buf_char(out, '"');
		}
		break;
	case VAL_LIST:
		if (v.list->null && !vlist_count(v.list))
			return buf_add(out, S("null")), NULL;
		return encode_list(a, out, v.list, form, depth);
	case VAL_MAP:
		return encode_map(a, out, v.map, record, form, depth);
	case VAL_OBJECT:
		json_text_of(out, val_sprint(a, v), form->html);
		break;
	}
	return NULL;
}

const char *json_encode(struct arena *a, struct buf *out, struct val v, const struct json_form *form)
{
	return encode(a, out, v, form, 0);
}
