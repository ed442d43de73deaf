/* SPDX-License-Identifier: MIT */
/* Parameters of generators: their shapes, their texts, how they merge, which a selector takes. */
#include "argocd/internal.h"

void put_text(struct arena *a, struct node *map, const char *key, str text)
{
	node_put(a, map, str_of(key), node_string(a, text));
}

str param_text(struct arena *a, const struct node *n)
{
	struct buf b = BUF(a);

	if (n->kind == NODE_STRING)
		return node_text(n);
	if (n->kind == NODE_NULL)
		return S("<nil>");
	val_print(a, &b, val_of_node(a, n));
	return buf_str(&b);
}

void flatten(struct arena *a, struct node *into, str prefix, const struct node *n)
{
	for (uint32_t i = 0; i < n->n && n->kind >= NODE_SEQ; i++) {
		const struct node *v = n->kind == NODE_MAP ? n->entries[i].value : n->items[i];
		str key = n->kind == NODE_SEQ ? str_printf(a, "%u", i) : entry_key(&n->entries[i]);
		str name = prefix.n ? str_printf(a, "%.*s.%.*s", STR_ARG(prefix), STR_ARG(key)) : key;
		if (v->kind >= NODE_SEQ && !(v->flags & PARAM_STRINGS))
			flatten(a, into, name, v);
		else
			node_put(a, into, name, node_at(node_string(a, param_text(a, v)), v));
	}
}

static bool is_empty(const struct node *n)
{
	switch ((enum kind)n->kind) {
	case NODE_BOOL:
		return !node_true(n);
	case NODE_INT:
	case NODE_FLOAT:
		return node_to_double(n) == 0;
	default:
		return n->n == 0 || n->kind == NODE_NULL;
	}
}

struct node *merge_under(struct arena *a, struct node *own, struct node *below)
{
	struct node *out = node_clone(a, own);

	for (uint32_t i = 0; i < below->n; i++) {
		str key = entry_key(&below->entries[i]);
		struct node *v = node_get(own, key), *under = below->entries[i].value;
		bool maps = node_is(v, NODE_MAP) && under->kind == NODE_MAP && !str_eq(key, S("valuesObject"));
		if (!v || is_empty(v))
			node_put(a, out, key, under);
		else if (maps)
			node_put(a, out, key, merge_under(a, v, under));
	}
	return out;
}

/* ---- selectors ----------------------------------------------------------------------------- */
static bool expression_matches(const struct node *e, const struct node *labels)
{
	const struct node *has = node_get(labels, node_get_str(e, S("key"))), *values = node_get(e, S("values"));
	str op = node_get_str(e, S("operator"));
	bool in = false;

	for (uint32_t i = 0; has && node_is(values, NODE_SEQ) && i < values->n; i++)
		in |= str_eq(node_str(has), node_str(values->items[i]));
	if (str_eq(op, S("Exists")))
		return has != NULL;
	if (str_eq(op, S("DoesNotExist")))
		return has == NULL;
	return str_eq(op, S("NotIn")) ? !in : in;
}

bool selects(const struct node *selector, const struct node *labels)
{
	const struct node *want = node_get(selector, S("matchLabels")), *list = node_get(selector, S("matchExpressions"));

	for (uint32_t i = 0; node_is(want, NODE_MAP) && i < want->n; i++) {
		const struct node *has = node_get(labels, entry_key(&want->entries[i]));
		if (!has || !str_eq(node_str(has), node_str(want->entries[i].value)))
			return false;
	}
	for (uint32_t i = 0; node_is(list, NODE_SEQ) && i < list->n; i++)
		if (!expression_matches(list->items[i], labels))
			return false;
	return true;
}
