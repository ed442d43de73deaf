/* SPDX-License-Identifier: MIT */
/* What objects of CustomResourceDefinitions are to the API server: it drops some nulls. */
#include "schema/schema.h"

static bool holds_null(const struct node *n)
{
	for (uint32_t i = 0; n->kind >= NODE_SEQ && i < n->n; i++)
		if (holds_null(n->kind == NODE_MAP ? n->entries[i].value : n->items[i]))
			return true;
	return n->kind == NODE_NULL;
}

static struct node *field_schema(const struct node *schema, str key)
{
	struct node *s = node_get(node_get(schema, S("properties")), key);

	return s ? s : node_get(schema, S("additionalProperties"));
}

struct node *crd_without_nulls(struct arena *a, struct node *n, const struct node *schema)
{
	if (!node_is(schema, NODE_MAP) || n->kind < NODE_SEQ || !holds_null(n))
		return n;
	struct node *out = node_at(node_new(a, (enum kind)n->kind), n);
	for (uint32_t i = 0; n->kind == NODE_SEQ && i < n->n; i++)
		node_push(a, out, crd_without_nulls(a, n->items[i], node_get(schema, S("items"))));
	for (uint32_t i = 0; n->kind == NODE_MAP && i < n->n; i++) {
		struct entry *e = &n->entries[i], *made;
		struct node *s = field_schema(schema, entry_key(e));
		if (e->value->kind == NODE_NULL && node_is(s, NODE_MAP) && !node_true(node_get(s, S("nullable"))))
			continue;
		made = node_put(a, out, entry_key(e), crd_without_nulls(a, e->value, s));
		made->line = e->line;
		made->col = e->col;
	}
	return out;
}
