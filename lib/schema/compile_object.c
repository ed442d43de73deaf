/* SPDX-License-Identifier: MIT */
/* The keywords of objects, as one table of names. */
#include "schema/internal.h"

#include <string.h>

/* Names hash as the keys of documents do: asked of a map. */
static uint32_t hash_of(struct schema_set *s, str name)
{
	struct node *map = node_new(s->a, NODE_MAP);
	return node_put(s->a, map, name, map)->hash;
}

static struct property *slot_for(struct schema_set *s, struct object_rules *r, str name)
{
	uint32_t hash = hash_of(s, name);
	struct property *p = object_slot(r, name, hash);
	if (!p->name.p)
		*p = (struct property){ .name = name, .hash = hash, .required = -1 };
	return p;
}

static void require(struct object_rules *r, struct property *p)
{
	if (p->required >= 0)
		return;
	p->required = (int32_t)r->nrequired;
	r->required[r->nrequired++] = p;
}

static void compile_properties(struct schema_set *s, struct sub *sub, struct object_rules *r)
{
	struct node *properties = keyword(sub, "properties"), *required = keyword(sub, "required");
	size_t n = 3 + (node_is(properties, NODE_MAP) ? properties->n : 0) + (node_is(required, NODE_SEQ) ? required->n : 0);
	uint32_t slots = 4;
	while (slots < n * 2)
		slots *= 2;
	r->mask = slots - 1;
	r->slots = NEW_ARRAY(s->a, struct property, slots);
	for (uint32_t i = 0; i < slots; i++)
		r->slots[i].required = -1;
	r->required = NEW_ARRAY(s->a, struct property *, 3 + (node_is(required, NODE_SEQ) ? required->n : 0));
	for (size_t i = 0; node_is(properties, NODE_MAP) && i < properties->n; i++) {
		struct entry *e = &properties->entries[i];
		struct property *p = object_slot(r, entry_key(e), e->hash);
		*p = (struct property){ .name = entry_key(e), .hash = e->hash, .required = -1, .sub = compile_ref(s, e->value, sub->res) };
		r->nproperties++;
	}
	for (size_t i = 0; node_is(required, NODE_SEQ) && i < required->n; i++) {
		struct node *field = node_get(properties, node_str(required->items[i])), *value = node_get(field, S("default"));
		if (!sub->res->kube || !sub->res->kube->crd || !value || value->kind == NODE_NULL) /* else the API server fills it in before it looks */
			require(r, slot_for(s, r, node_str(required->items[i])));
	}
}

static void compile_dependency(struct schema_set *s, struct sub *sub, struct object_rules *r, const char *word, struct entry *e, size_t cap)
{
	if (!r->deps)
		r->deps = NEW_ARRAY(s->a, struct dependency, cap);
	struct dependency *d = &r->deps[r->ndeps++];
	d->keyword = word;
	d->name = entry_key(e);
	if (e->value->kind == NODE_SEQ)
		d->keys = e->value;
	else
		d->sub = compile_ref(s, e->value, sub->res);
}

static void compile_dependencies(struct schema_set *s, struct sub *sub, struct object_rules *r)
{
	static const char *const names[] = { "dependencies", "dependentRequired", "dependentSchemas" };
	size_t cap = 0;
	for (int pass = 0; pass < 2; pass++) {
		for (size_t k = 0; k < COUNT(names); k++) {
			struct node *n = keyword(sub, names[k]);
			for (size_t i = 0; node_is(n, NODE_MAP) && i < n->n; i++) {
				cap += !pass;
				if (pass)
					compile_dependency(s, sub, r, names[k], &n->entries[i], cap);
			}
		}
	}
}

static void compile_patterns(struct schema_set *s, struct sub *sub, struct object_rules *r)
{
	struct node *n = keyword(sub, "patternProperties");
	if (!node_is(n, NODE_MAP) || !n->n)
		return;
	r->patterns = NEW_ARRAY(s->a, struct pattern_rule, n->n);
	for (size_t i = 0; i < n->n; i++) {
		struct entry *e = &n->entries[i];
		struct pattern_rule *p = &r->patterns[r->npatterns++];
		p->name = entry_key(e);
		p->regex = compile_regex(s, sub, entry_key(e), entry_pos(e));
		p->sub = compile_ref(s, e->value, sub->res);
	}
}

/* The metadata that every object has, of which a CRD may narrow fields. */
static struct sub *both_of(struct schema_set *s, struct sub *meta, struct sub *own)
{
	struct sub *both = NEW(s->a, struct sub);
	struct logic *l = NEW(s->a, struct logic);
	*l = (struct logic){ .op = LOGIC_ALL, .keyword = "allOf", .subs = NEW_ARRAY(s->a, struct sub *, 2), .n = 2 };
	l->subs[0] = meta;
	l->subs[1] = own;
	own->open = true;
	*both = (struct sub){ .node = own->node, .res = own->res, .draft = own->draft, .logic = l, .nlogic = 1, .target = both };
	return both;
}

/* apiVersion, kind and metadata, where CRDs leave them unsaid. */
static void compile_embedded(struct schema_set *s, struct sub *sub, struct object_rules *r)
{
	const struct schema_kube *k = sub->res->kube;
	bool root = k->crd && sub->node == sub->res->root;
	if (!root && !node_true(keyword(sub, "x-kubernetes-embedded-resource")))
		return;
	struct property *p = slot_for(s, r, S("metadata"));
	struct node *own = p->sub ? (struct node *)p->sub->node : NULL;
	struct sub *meta = k->object_meta ? compile_ref(s, k->object_meta, s->kube_types) : NULL;
	if (meta && node_get(own, S("properties")))
		p->sub = both_of(s, meta, p->sub);
	else if (meta)
		p->sub = meta;
	static const char *const words[] = { "apiVersion", "kind" };
	for (size_t i = 0; i < COUNT(words); i++) {
		p = slot_for(s, r, str_of(words[i]));
		require(r, p);
		if (!p->sub)
			p->sub = compile_ref(s, i ? s->kube_kind : s->kube_string, s->kube_types);
	}
	r->nproperties += 3;
}

/* Within allOf and its like nothing is unknown, however deep. */
static void compile_open(struct sub *sub, struct object_rules *r)
{
	if (!sub->open)
		return;
	for (uint32_t i = 0; i <= r->mask; i++)
		if (r->slots[i].sub)
			r->slots[i].sub->open = true;
	if (r->additional)
		r->additional->open = true;
	if (sub->array && sub->array->rest)
		sub->array->rest->open = true;
}

static void compile_closed(struct sub *sub, struct object_rules *r)
{
	const struct schema_kube *k = sub->res->kube;
	bool preserve = k->preserve || node_true(keyword(sub, "x-kubernetes-preserve-unknown-fields"));
	bool object = sub->types & T_OBJECT || r->nproperties;
	/* an object of which nothing is said: RawExtension is anything, a CRD's is empty */
	if (!preserve && object && !r->additional && (r->nproperties || k->crd))
		r->closed = !sub->open;
}

void compile_object(struct schema_set *s, struct sub *sub)
{
	static const char *const words[] = { "properties", "required", "additionalProperties", "patternProperties", "propertyNames", "dependencies",
					     "dependentRequired", "dependentSchemas", "minProperties", "maxProperties", "type" };
	bool some = sub->res->kube && sub->node == sub->res->root;
	for (size_t i = 0; i < COUNT(words) - !sub->res->kube; i++)
		some |= keyword(sub, words[i]) != NULL;
	if (!some)
		return;
	struct object_rules *r = NEW(s->a, struct object_rules);
	bool any = schema_count(sub, "minProperties", &r->min);
	r->has_max = schema_count(sub, "maxProperties", &r->max);
	compile_properties(s, sub, r);
	compile_patterns(s, sub, r);
	compile_dependencies(s, sub, r);
	struct node *additional = keyword(sub, "additionalProperties"), *names = keyword(sub, "propertyNames");
	if (additional && !(sub->res->kube && node_true(additional)))
		r->additional = compile_ref(s, additional, sub->res);
	if (names)
		r->names = compile_ref(s, names, sub->res);
	if (sub->res->kube) {
		compile_embedded(s, sub, r);
		compile_open(sub, r);
		compile_closed(sub, r);
		r->closed &= !node_true(additional);
	}
	if (any || r->has_max || r->nproperties || r->nrequired || r->npatterns || r->ndeps || r->additional || r->names || r->closed)
		sub->object = r;
}

void compile_takes(struct sub *sub)
{
	const struct object_rules *r = sub->object;
	for (uint32_t i = 0; r && i <= r->mask; i++)
		if (r->slots[i].sub)
			r->slots[i].takes = r->slots[i].sub->target->takes;
}
