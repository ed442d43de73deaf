/* SPDX-License-Identifier: MIT */
/* Values as the API server's validation wants them beyond the published schema (lib/kube/data/values.txt). */
#include "schema/internal.h"

#include <string.h>

/* ---- the keywords x-api-… ------------------------------------------------------------ */
void compile_api(struct schema_set *s, struct sub *sub)
{
	struct node *choices = keyword(sub, "x-api-enum"), *range = keyword(sub, "x-api-range");
	struct node *format = keyword(sub, "x-api-format"), *keys = keyword(sub, "x-api-keys");
	struct node *required = keyword(sub, "x-api-required");
	struct node *needs = keyword(sub, "x-api-needs"), *one = keyword(sub, "x-api-one"), *most = keyword(sub, "x-api-most");
	struct node *some = keyword(sub, "x-api-some"), *check = keyword(sub, "x-api-check");
	bool nonempty = node_true(keyword(sub, "x-api-nonempty")), shape = needs || one || most || some || check;
	if (!choices && !range && !format && !keys && !nonempty && !required && !shape)
		return;
	struct api_rules *r = NEW(s->a, struct api_rules);
	if (choices)
		r->choices = (struct choices){ .p = choices->items, .n = choices->n, .keyword = "api/enum" };
	r->has_range = node_is(range, NODE_SEQ) && node_to_i64(range->items[0], &r->lo) && node_to_i64(range->items[1], &r->hi);
	r->format = format ? api_format_find(node_text(format)) : NULL;
	r->keys = keys ? api_format_find(node_text(keys)) : NULL;
	r->nonempty = nonempty;
	r->required = required;
	r->needs = needs;
	r->one = one;
	r->most = most;
	r->some = some;
	r->check = check ? api_check_find(node_text(check)) : NULL;
	r->shape = shape;
	sub->api = r;
}

bool check_api(struct schema_checker *c, const struct sub *s, const struct node *n, const struct frame *at)
{
	const struct api_rules *r = s->api;
	int64_t v;
	if (n->kind == NODE_STRING && r->nonempty && !n->n)
		return explain(c, s, "", "api/required", n, at, NULL, "must not be empty");
	if (n->kind == NODE_SEQ && r->nonempty && !n->n)
		return explain(c, s, "", "api/required", n, at, NULL, "needs at least one item");
	if (n->kind == NODE_STRING && r->choices.n) {
		for (size_t i = 0; i < r->choices.n; i++)
			if (str_eq(node_text(r->choices.p[i]), node_text(n)))
				return true;
		if (n->n && c->collect)
			explain_choices(c, s, &r->choices, n, at);
		if (!n->n && at && !at->entry)
			return explain(c, s, "", "api/enum", n, at, NULL, "must not be empty");
		return !n->n; /* empty is as good as absent: the server fills in its default */
	}
	if (r->has_range && n->kind == NODE_INT && node_to_i64(n, &v) && (v < r->lo || v > r->hi)) {
		if (r->hi >= INT32_MAX)
			return explain(c, s, "", "api/range", n, at, NULL, "must be at least %lld, found %lld", (long long)r->lo, (long long)v);
		return explain(c, s, "", "api/range", n, at, NULL, "must be from %lld to %lld, found %lld", (long long)r->lo, (long long)r->hi, (long long)v);
	}
	bool text = n->kind == NODE_STRING && (n->n || (r->format && r->format->given)), number = n->kind == NODE_INT || n->kind == NODE_FLOAT;
	if (r->format && (text || number) && !(text && r->format->text ? r->format->text : r->format->valid)(node_text(n)))
		return explain(c, s, "", "api/format", n, at, NULL, "expected %s, found %.*s", r->format->what, STR_ARG(explain_value(c, n)));
	if (n->kind == NODE_MAP && r->nonempty && !n->n)
		return explain(c, s, "", "api/required", n, at, NULL, "needs at least one entry");
	bool ok = n->kind != NODE_MAP || !r->shape || check_shape(&(struct api_shape){ c, s, at, n }, r);
	for (size_t i = 0; r->required && n->kind == NODE_MAP && i < r->required->n; i++) {
		const struct node *field = node_get(n, node_str(r->required->items[i]));
		if (!field || field->kind == NODE_NULL)
			ok = explain(c, s, "", "api/required", n, at, NULL, "the field \"%.*s\" is required", STR_ARG(node_str(r->required->items[i])));
	}
	for (size_t i = 0; r->keys && n->kind == NODE_MAP && i < n->n; i++) {
		struct frame here = { at, &n->entries[i], 0 };
		if (r->keys->valid(entry_key(&n->entries[i])))
			continue;
		ok = explain(c, s, "", "api/format", n, &here, &n->entries[i], "the key must be %s", r->keys->what);
	}
	return ok;
}
