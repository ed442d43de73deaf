/* SPDX-License-Identifier: MIT */
/* Our tree as jq's values, and jq's results as our nodes: parts of an input are known again. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doc/jq_internal.h"

jv jv_of_node(const struct node *n)
{
	jv v;

	switch ((enum kind)n->kind) {
	case NODE_NULL:
		return jv_null();
	case NODE_BOOL:
		return jv_bool((n->flags & NODE_TRUE) != 0);
	case NODE_INT:
	case NODE_FLOAT:
		return jv_number(node_to_double(n));
	case NODE_STRING:
		return jv_string_sized(n->text, (int)n->n);
	case NODE_SEQ:
		v = jv_array_sized((int)n->n);
		for (uint32_t i = 0; i < n->n; i++)
			v = jv_array_append(v, jv_of_node(n->items[i]));
		return v;
	case NODE_MAP:
		v = jv_object();
		for (uint32_t i = 0; i < n->n; i++)
			v = jv_object_set(v, jv_string_sized(n->entries[i].key, (int)n->entries[i].key_len),
					  jv_of_node(n->entries[i].value));
		return v;
	}
	return jv_null();
}

/* ---- parts of inputs, known by their address -------------------------------- */

static bool has_address(jv v)
{
	jv_kind k = jv_get_kind(v);

	return k == JV_KIND_STRING || k == JV_KIND_ARRAY || k == JV_KIND_OBJECT;
}

static size_t slot_hash(jv v)
{
	return (size_t)(((uintptr_t)v.u.ptr >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 20);
}

static struct known_slot *find_slot(const struct jq_known *k, jv v)
{
	size_t i = slot_hash(v) & (k->cap - 1);

	while (k->slots[i].node && !jv_identical(jv_copy(k->slots[i].value), jv_copy(v)))
		i = (i + 1) & (k->cap - 1);
	return &k->slots[i];
}

static void remember(struct jq_known *k, struct node *n, jv v)
{
	if (2 * k->n >= k->cap) {
		struct jq_known old = *k;
		k->cap = old.cap ? 2 * old.cap : 64;
		k->slots = NEW_ARRAY(k->a, struct known_slot, k->cap);
		for (size_t i = 0; i < old.cap; i++)
			if (old.slots[i].node)
				*find_slot(k, old.slots[i].value) = old.slots[i];
	}
	struct known_slot *s = find_slot(k, v);
	if (s->node)
		return;
	*s = (struct known_slot){ v, n };
	k->n++;
}

static struct known_number *find_number(const struct jq_known *k, double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	size_t i = (size_t)((bits ^ bits >> 32) * UINT64_C(0x9e3779b97f4a7c15) >> 24) & (k->numbers_cap - 1);
	while (k->numbers[i].value != 0 && k->numbers[i].value != value)
		i = (i + 1) & (k->numbers_cap - 1);
	return &k->numbers[i];
}

static str number_text(double d, char buf[40]);

/* Only numbers that jq would write otherwise are worth remembering. */
static void remember_number(struct jq_known *k, const struct node *n)
{
	char buf[40];
	double value = node_to_double(n);

	if (value == 0 || !isfinite(value) || str_eq(number_text(value, buf), node_text(n)))
		return;
	if (2 * k->nnumbers >= k->numbers_cap) {
		struct jq_known old = *k;
		k->numbers_cap = old.numbers_cap ? 2 * old.numbers_cap : 32;
		k->numbers = NEW_ARRAY(k->a, struct known_number, k->numbers_cap);
		for (size_t i = 0; i < old.numbers_cap; i++)
			if (old.numbers[i].value != 0)
				*find_number(k, old.numbers[i].value) = old.numbers[i];
	}
	struct known_number *s = find_number(k, value);
	if (s->value == 0) {
		*s = (struct known_number){ value, n };
		k->nnumbers++;
	} else if (s->node && !node_equal(s->node, n)) {
		s->node = NULL;
	}
}

void known_add(struct jq_known *k, struct node *n, jv v)
{
	if (n->kind == NODE_INT || n->kind == NODE_FLOAT)
		remember_number(k, n);
	if (!has_address(v))
		return;
	remember(k, n, v);
	for (uint32_t i = 0; i < n->n && n->kind >= NODE_SEQ; i++) {
		struct node *child = n->kind == NODE_MAP ? n->entries[i].value : n->items[i];
		jv part = n->kind == NODE_MAP
				  ? jv_object_get(jv_copy(v), jv_string_sized(n->entries[i].key, (int)n->entries[i].key_len))
				  : jv_array_get(jv_copy(v), (int)i);
		known_add(k, child, part);
		jv_free(part); /* v holds it still */
	}
}

/* ---- results --------------------------------------------------------------------- */

static str number_text(double d, char buf[40])
{
	int n = 0;

	if (d == floor(d) && fabs(d) < 1e17)
		return (str){ buf, (size_t)snprintf(buf, 40, "%.0f", d) };
	for (int digits = 15; digits <= 17; digits++) {
		n = snprintf(buf, 40, "%.*g", digits, d);
		if (strtod(buf, NULL) == d)
			break;
	}
	return (str){ buf, (size_t)n };
}

static struct node *number_node(struct arena *a, const struct jq_known *k, double d)
{
	char buf[40];

	if (isnan(d))
		return node_new(a, NODE_NULL); /* as jq writes it */
	if (isinf(d))
		d = d < 0 ? -1.7976931348623157e308 : 1.7976931348623157e308;
	for (; k && d != 0; k = k->next) {
		const struct known_number *known = k->nnumbers ? find_number(k, d) : NULL;
		if (known && known->value != 0 && known->node)
			return node_scalar(a, known->node->kind, node_text(known->node));
	}
	str text = number_text(d, buf);
	bool whole = str_chr(text, '.') < 0 && str_chr(text, 'e') < 0;
	return node_scalar(a, whole ? NODE_INT : NODE_FLOAT, text);
}

static struct node *build(struct arena *a, const struct jq_known *k, jv v, int depth);

static struct node *build_map(struct arena *a, const struct jq_known *k, jv v, int depth)
{
	struct node *n = node_new(a, NODE_MAP);
	bool ok = true;

	jv_object_foreach (v, key, value) {
		struct node *child = build(a, k, value, depth + 1);
		if (child && ok)
			node_put(a, n, str_copy(a, (str){ jv_string_value(key), (size_t)jv_string_length_bytes(jv_copy(key)) }), child);
		ok = ok && child;
		jv_free(key);
	}
	return ok ? n : NULL;
}

static struct node *build_seq(struct arena *a, const struct jq_known *k, jv v, int depth)
{
	struct node *n = node_new(a, NODE_SEQ);
	int len = jv_array_length(jv_copy(v));

	for (int i = 0; i < len; i++) {
		struct node *child = build(a, k, jv_array_get(jv_copy(v), i), depth + 1);
		if (!child)
			return NULL;
		node_push(a, n, child);
	}
	return n;
}

static struct node *build(struct arena *a, const struct jq_known *k, jv v, int depth)
{
	struct node *n = NULL;

	for (const struct jq_known *in = k; in && !n && has_address(v); in = in->next)
		n = in->n ? find_slot(in, v)->node : NULL;
	if (!n && depth < DOC_MAX_DEPTH)
		switch (jv_get_kind(v)) {
		case JV_KIND_INVALID:
		case JV_KIND_NULL:
			n = node_new(a, NODE_NULL);
			break;
		case JV_KIND_FALSE:
		case JV_KIND_TRUE:
			n = node_bool(a, jv_get_kind(v) == JV_KIND_TRUE);
			break;
		case JV_KIND_NUMBER:
			n = number_node(a, k, jv_number_value(v));
			break;
		case JV_KIND_STRING:
			n = node_string(a, (str){ jv_string_value(v), (size_t)jv_string_length_bytes(jv_copy(v)) });
			break;
		case JV_KIND_ARRAY:
			n = build_seq(a, k, v, depth);
			break;
		case JV_KIND_OBJECT:
			n = build_map(a, k, v, depth);
			break;
		}
	jv_free(v);
	return n;
}

struct node *node_of_jv(struct arena *a, const struct jq_known *k, jv v)
{
	return build(a, k, v, 0);
}

struct node *node_at_jv_path(struct arena *a, struct node *n, jv path)
{
	int len = jv_array_length(jv_copy(path));
	bool known = true;

	for (int i = 0; i < len && n && known; i++) {
		jv key = jv_array_get(jv_copy(path), i);
		if (jv_get_kind(key) == JV_KIND_STRING) {
			n = node_get(n, (str){ jv_string_value(key), (size_t)jv_string_length_bytes(jv_copy(key)) });
		} else if (jv_get_kind(key) == JV_KIND_NUMBER && node_is(n, NODE_SEQ)) {
			double at = floor(jv_number_value(key));
			at += at < 0 ? n->n : 0;
			n = at >= 0 && at < n->n ? n->items[(size_t)at] : NULL;
		} else if (n->kind == NODE_NULL) {
			n = NULL;
		} else {
			known = false; /* a slice */
		}
		jv_free(key);
	}
	jv_free(path);
	return !known ? NULL : n ? n : node_new(a, NODE_NULL);
}
