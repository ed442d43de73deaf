/* SPDX-License-Identifier: MIT */
/* References and the keywords that apply other schemas to the same value. */
#include "schema/internal.h"

#include <string.h>

enum { MOST = 12 }; /* such keywords in one schema */

static struct logic *add(struct schema_set *s, struct sub *sub, enum logic_op op, const char *name, size_t n)
{
	struct logic *list = (struct logic *)sub->logic;
	if (!list)
		sub->logic = list = NEW_ARRAY(s->a, struct logic, MOST);
	struct logic *l = &list[sub->nlogic++];
	*l = (struct logic){ .op = op, .keyword = name, .n = n, .subs = NEW_ARRAY(s->a, struct sub *, n + 1) };
	return l;
}

static void note_dynamic(struct schema_set *s, const struct sub *sub, bool dynamic)
{
	s->dynamic |= dynamic;
	s->scoped |= dynamic && !sub->res->built_in;
}

static void compile_reference(struct schema_set *s, struct sub *sub)
{
	struct node *ref = keyword(sub, "$ref");
	struct reference to;
	if (node_is(ref, NODE_STRING) && !registry_resolve(s, sub->res, ref, &to)) {
		add(s, sub, LOGIC_REF, "$ref", 1)->subs[0] = compile_ref(s, to.node, to.res);
		s->scoped |= to.res->built_in && !sub->res->built_in;
	}
	if (node_is(ref = keyword(sub, "$recursiveRef"), NODE_STRING) && !registry_resolve(s, sub->res, ref, &to)) {
		bool dynamic = to.node == to.res->root && to.res->recursive;
		add(s, sub, dynamic ? LOGIC_RECURSIVE : LOGIC_REF, "$recursiveRef", 1)->subs[0] = compile_ref(s, to.node, to.res);
		note_dynamic(s, sub, dynamic);
	}
	if (node_is(ref = keyword(sub, "$dynamicRef"), NODE_STRING) && !registry_resolve(s, sub->res, ref, &to)) {
		bool dynamic = to.anchor && to.anchor->dynamic;
		struct logic *l = add(s, sub, dynamic ? LOGIC_DYNAMIC : LOGIC_REF, "$dynamicRef", 1);
		l->subs[0] = compile_ref(s, to.node, to.res);
		note_dynamic(s, sub, dynamic);
		ptrdiff_t hash = str_chr(node_text(ref), '#');
		if (dynamic)
			l->anchor = uri_unescape(s->a, str_sub(node_text(ref), (size_t)hash + 1, ref->n));
	}
}

void compile_dynamic(struct schema_set *s, struct resource *r)
{
	for (size_t i = 0; i < r->anchors.n; i++) {
		struct map_item *item = &r->anchors.items[i];
		const struct anchor *anchor = item->value;
		if (!anchor->dynamic || map_get(&r->dynamic, item->key))
			continue;
		*map_at(s->a, &r->dynamic, item->key) = compile_ref(s, anchor->node, r);
	}
	if (r->recursive && !map_get(&r->dynamic, S("")))
		*map_at(s->a, &r->dynamic, S("")) = compile_ref(s, r->root, r);
}

static void compile_list(struct schema_set *s, struct sub *sub, enum logic_op op, const char *name)
{
	struct node *n = keyword(sub, name);
	if (!node_is(n, NODE_SEQ))
		return;
	struct logic *l = add(s, sub, op, name, n->n);
	for (size_t i = 0; i < n->n; i++)
		l->subs[i] = compile_ref(s, n->items[i], sub->res);
	/* a structural schema says its fields outside of these: within them nothing is unknown */
	for (size_t i = 0; sub->res->kube && i < n->n; i++)
		l->subs[i]->open = true;
}

void compile_logic(struct schema_set *s, struct sub *sub)
{
	compile_reference(s, sub);
	if (sub->draft <= DRAFT_7 && keyword(sub, "$ref") && !sub->res->kube)
		return;
	compile_list(s, sub, LOGIC_ALL, "allOf");
	compile_list(s, sub, LOGIC_ANY, "anyOf");
	compile_list(s, sub, LOGIC_ONE, "oneOf");
	struct node *n = keyword(sub, "not");
	if (n) {
		struct sub *not = add(s, sub, LOGIC_NOT, "not", 1)->subs[0] = compile_ref(s, n, sub->res);
		not->open = sub->res->kube != NULL;
	}
	if ((n = keyword(sub, "if"))) {
		struct node *then = keyword(sub, "then"), *otherwise = keyword(sub, "else");
		struct logic *l = add(s, sub, LOGIC_IF, "if", 3);
		l->subs[0] = compile_ref(s, n, sub->res);
		l->subs[1] = then ? compile_ref(s, then, sub->res) : NULL;
		l->subs[2] = otherwise ? compile_ref(s, otherwise, sub->res) : NULL;
	}
	if ((n = keyword(sub, "unevaluatedProperties")))
		sub->more_properties = compile_ref(s, n, sub->res);
	if ((n = keyword(sub, "unevaluatedItems")))
		sub->more_items = compile_ref(s, n, sub->res);
	sub->unevaluated = sub->more_properties || sub->more_items;
}

/* Where mere references end; in a ring, where it was entered. */
static const struct sub *target_of(const struct sub *sub)
{
	const struct sub *s = sub;
	for (int hops = 0; hops < 100; hops++) {
		if (!s->simple || s->types || s->nlogic != 1 || s->logic[0].op != LOGIC_REF)
			return s;
		s = s->logic[0].subs[0];
	}
	return sub;
}

void compile_shortcuts(struct schema_set *s, struct sub *sub)
{
	sub->target = target_of(sub);
	struct logic *list = (struct logic *)sub->logic;
	for (size_t i = 0; i < sub->nlogic; i++) {
		struct logic *l = &list[i];
		bool plain = l->op == LOGIC_ANY || l->op == LOGIC_ONE;
		for (size_t k = 0; plain && k < l->n; k++) {
			plain = l->subs[k]->plain && l->subs[k]->types && !(l->op == LOGIC_ONE && l->types & l->subs[k]->types);
			l->types |= l->subs[k]->types;
		}
		if (!plain)
			l->types = 0;
		if (!plain && (l->op == LOGIC_ANY || l->op == LOGIC_ONE) && l->n > 1)
			l->branches = branches_of(s->a, l);
	}
	bool only = sub->nlogic == 1 && sub->simple;
	sub->takes = sub->plain ? (sub->types ? sub->types : T_ANY) : only ? (uint8_t)(list[0].types & (sub->types ? sub->types : T_ANY)) : 0;
	if (sub->res->kube && sub->res->kube->crd && !(sub->takes & T_NUMBER))
		sub->takes &= (uint8_t)~T_INTEGER; /* type_fits looks at its size */
}
