/* SPDX-License-Identifier: MIT */
/* Schemas become programs: which keywords count, and the simple ones among them. */
#include "schema/internal.h"

#include <stdio.h>
#include <string.h>

static const struct { const char *name; uint8_t first, last; unsigned vocabulary; } keywords[] = {
	{ "$ref", DRAFT_4, DRAFT_2020, 0 }, { "$dynamicRef", DRAFT_2020, DRAFT_2020, 0 }, { "$recursiveRef", DRAFT_2019, DRAFT_2019, 0 },
	{ "type", DRAFT_4, DRAFT_2020, VOCAB_VALIDATION }, { "enum", DRAFT_4, DRAFT_2020, VOCAB_VALIDATION },
	{ "const", DRAFT_6, DRAFT_2020, VOCAB_VALIDATION }, { "multipleOf", DRAFT_4, DRAFT_2020, VOCAB_VALIDATION },
	{ "maximum", DRAFT_4, DRAFT_2020, VOCAB_VALIDATION }, { "minimum", DRAFT_4, DRAFT_2020, VOCAB_VALIDATION },
	{ "exclusiveMaximum", DRAFT_4, DRAFT_2020, VOCAB_VALIDATION }, { "exclusiveMinimum", DRAFT_4, DRAFT_2020, VOCAB_VALIDATION },
	{ "maxLength", DRAFT_4, DRAFT_2020, VOCAB_VALIDATION }, { "minLength", DRAFT_4, DRAFT_2020, VOCAB_VALIDATION },
	{ "pattern", DRAFT_4, DRAFT_2020, VOCAB_VALIDATION }, { "maxItems", DRAFT_4, DRAFT_2020, VOCAB_VALIDATION },
	{ "minItems", DRAFT_4, DRAFT_2020, VOCAB_VALIDATION }, { "uniqueItems", DRAFT_4, DRAFT_2020, VOCAB_VALIDATION },
	{ "maxContains", DRAFT_2019, DRAFT_2020, VOCAB_VALIDATION }, { "minContains", DRAFT_2019, DRAFT_2020, VOCAB_VALIDATION },
	{ "maxProperties", DRAFT_4, DRAFT_2020, VOCAB_VALIDATION }, { "minProperties", DRAFT_4, DRAFT_2020, VOCAB_VALIDATION },
	{ "required", DRAFT_4, DRAFT_2020, VOCAB_VALIDATION }, { "dependentRequired", DRAFT_2019, DRAFT_2020, VOCAB_VALIDATION },
	{ "dependentSchemas", DRAFT_2019, DRAFT_2020, VOCAB_APPLICATOR }, { "dependencies", DRAFT_4, DRAFT_2020, VOCAB_APPLICATOR },
	{ "properties", DRAFT_4, DRAFT_2020, VOCAB_APPLICATOR }, { "patternProperties", DRAFT_4, DRAFT_2020, VOCAB_APPLICATOR },
	{ "additionalProperties", DRAFT_4, DRAFT_2020, VOCAB_APPLICATOR }, { "propertyNames", DRAFT_6, DRAFT_2020, VOCAB_APPLICATOR },
	{ "items", DRAFT_4, DRAFT_2020, VOCAB_APPLICATOR }, { "prefixItems", DRAFT_2020, DRAFT_2020, VOCAB_APPLICATOR },
	{ "additionalItems", DRAFT_4, DRAFT_2019, VOCAB_APPLICATOR }, { "contains", DRAFT_6, DRAFT_2020, VOCAB_APPLICATOR },
	{ "allOf", DRAFT_4, DRAFT_2020, VOCAB_APPLICATOR }, { "anyOf", DRAFT_4, DRAFT_2020, VOCAB_APPLICATOR },
	{ "oneOf", DRAFT_4, DRAFT_2020, VOCAB_APPLICATOR }, { "not", DRAFT_4, DRAFT_2020, VOCAB_APPLICATOR },
	{ "if", DRAFT_7, DRAFT_2020, VOCAB_APPLICATOR }, { "then", DRAFT_7, DRAFT_2020, VOCAB_APPLICATOR },
	{ "else", DRAFT_7, DRAFT_2020, VOCAB_APPLICATOR }, { "unevaluatedItems", DRAFT_2019, DRAFT_2020, VOCAB_UNEVALUATED },
	{ "unevaluatedProperties", DRAFT_2019, DRAFT_2020, VOCAB_UNEVALUATED },
	{ "format", DRAFT_4, DRAFT_2020, VOCAB_FORMAT_ANNOTATION | VOCAB_FORMAT_ASSERTION },
	{ "contentEncoding", DRAFT_7, DRAFT_7, VOCAB_CONTENT }, { "contentMediaType", DRAFT_7, DRAFT_7, VOCAB_CONTENT },
};

int schema_bad(struct schema_set *s, struct pos pos, const char *fmt, ...)
{
	va_list args;
	char text[600];
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (!s->failed || !s->options.no_meta)
		diag_trouble(s->diag, pos, "schema", "%s", text);
	s->failed = true;
	return -1;
}

static uint64_t sign(str name)
{
	return name.n ? UINT64_C(1) << ((name.n * 7 + (unsigned char)name.p[name.n / 2] * 31u + (unsigned char)name.p[0]) & 63) : 0;
}

struct node *keyword(const struct sub *sub, const char *name)
{
	str key = str_of(name);
	if (!(sub->present & sign(key))) /* most are absent */
		return NULL;
	struct node *n = node_get(sub->node, key);
	if (!n || sub->res->kube)
		return n;
	for (size_t i = 0; i < COUNT(keywords); i++)
		if (strcmp(keywords[i].name, name) == 0)
			return sub->draft >= keywords[i].first && sub->draft <= keywords[i].last &&
					       (!keywords[i].vocabulary || keywords[i].vocabulary & sub->res->vocabularies)
				       ? n
				       : NULL;
	return NULL;
}

/*
 * A schema that is nothing but a $ref is where it leads to; up to draft 7 what stands beside it means nothing.
 * A reference into another resource stays: it enters the dynamic scope on its way.
 */
static void through_ref(struct schema_set *s, struct node **n, struct resource **res)
{
	for (int hops = 0; hops < 16 && (*n)->kind == NODE_MAP; hops++) {
		struct node *ref = node_get(*n, S("$ref"));
		struct reference to;
		if ((*n)->n > 1 && ((*res)->kube || (*res)->draft > DRAFT_7))
			return;
		if (!node_is(ref, NODE_STRING) || registry_at(s, *n, NULL) || registry_resolve(s, *res, ref, &to) || to.node == *n || to.res != *res)
			return;
		*n = to.node;
		*res = to.res;
	}
}

struct sub *compile_ref(struct schema_set *s, struct node *n, struct resource *res)
{
	through_ref(s, &n, &res);
	struct node **key = NEW(s->a, struct node *);
	*key = n;
	struct sub **slot = (struct sub **)map_at(s->a, &s->subs, (str){ (char *)key, sizeof(*key) });
	if (!*slot) {
		struct sub *sub = *slot = NEW(s->a, struct sub);
		sub->target = sub;
		sub->node = n;
		sub->res = registry_at(s, n, res);
		sub->draft = sub->res->draft;
		for (size_t i = 0; n->kind == NODE_MAP && i < n->n; i++)
			sub->present |= sign(entry_key(&n->entries[i]));
		*VEC_ADD(s->a, &s->todo) = sub;
	}
	return *slot;
}

struct regex *compile_regex(struct schema_set *s, struct sub *sub, str pattern, struct pos pos)
{
	bool re2 = sub->res->kube;
	str key = str_printf(s->a, "%d%.*s", re2, STR_ARG(pattern));
	struct regex **slot = (struct regex **)map_at(s->a, &s->patterns, key);
	const char *error = NULL;
	size_t offset;
	if (*slot)
		return *slot;
	*slot = regex_compile(s->a, pattern, re2 ? REGEX_RE2 : REGEX_ECMA, &error, &offset);
	if (!*slot)
		schema_bad(s, pos, "malformed regular expression \"%.*s\", at its character %zu: %s", STR_ARG(pattern), offset + 1, error);
	else
		*VEC_ADD(s->a, &s->regexes) = *slot;
	return *slot;
}

/* ---- numbers, strings, values --------------------------------------------- */
static unsigned type_bit(struct schema_set *s, const struct sub *sub, const struct node *n)
{
	static const struct { const char *name; unsigned bit; } types[] = {
		{ "null", T_NULL }, { "boolean", T_BOOL }, { "integer", T_INTEGER }, { "number", T_INTEGER | T_NUMBER },
		{ "string", T_STRING }, { "array", T_ARRAY }, { "object", T_OBJECT },
	};
	for (size_t i = 0; i < COUNT(types); i++)
		if (str_eq(node_str(n), str_of(types[i].name)))
			return types[i].bit;
	if (!sub->res->kube || node_str(n).n)
		schema_bad(s, node_pos(n), "unknown type \"%.*s\"", STR_ARG(node_str(n)));
	return T_ANY;
}

static void compile_type(struct schema_set *s, struct sub *sub)
{
	struct node *type = keyword(sub, "type");
	if (node_is(type, NODE_SEQ))
		for (size_t i = 0; i < type->n; i++)
			sub->types |= (uint8_t)type_bit(s, sub, type->items[i]);
	else if (type)
		sub->types = (uint8_t)type_bit(s, sub, type);
	if (!sub->res->kube)
		return;
	if (node_true(keyword(sub, "x-kubernetes-int-or-string")))
		sub->types = T_INTEGER | T_STRING | (sub->types & T_NULL);
	if (node_true(keyword(sub, "nullable")) && sub->types)
		sub->types |= T_NULL;
}

static const struct choices *compile_choices(struct schema_set *s, struct sub *sub, const char *name, bool list)
{
	struct node *n = keyword(sub, name);
	if (!n || (list && n->kind != NODE_SEQ))
		return NULL;
	struct choices *c = NEW(s->a, struct choices);
	c->keyword = name;
	c->n = list ? n->n : 1;
	c->p = list ? n->items : NEW(s->a, struct node *);
	if (!list)
		c->p[0] = n;
	bool others = false;
	for (size_t i = 0; c->n > 8 && i < c->n; i++) {
		if (c->p[i]->kind == NODE_STRING)
			*map_at(s->a, &c->strings, node_text(c->p[i])) = c->p[i];
		others |= c->p[i]->kind > NODE_BOOL && c->p[i]->kind != NODE_STRING;
	}
	if (others)
		c->others = value_index_new(s->a, c->p, c->n);
	return c;
}

static bool is_number(const struct node *n)
{
	return n && (n->kind == NODE_INT || n->kind == NODE_FLOAT);
}

static void bound(struct schema_set *s, struct sub *sub, const char *name, const char *exclusive, const struct node **limit,
		  struct decimal *value, bool *has, bool *open)
{
	struct node *n = keyword(sub, name), *x = keyword(sub, exclusive);
	if (is_number(n)) {
		*limit = n;
		*value = decimal_of(s->a, n);
		*has = true;
		*open = node_true(x); /* draft 4 */
	}
	if (!is_number(x))
		return;
	struct decimal d = decimal_of(s->a, x);
	int c = *has ? decimal_cmp(&d, value) : 0;
	bool tighter = strcmp(name, "minimum") == 0 ? c >= 0 : c <= 0;
	if (!*has || tighter) {
		*limit = x;
		*value = d;
		*open = true;
	}
	*has = true;
}

static const struct schema_format *format_of(struct schema_set *s, const struct sub *sub, bool number)
{
	struct node *n = keyword(sub, "format");
	bool kube = sub->res->kube != NULL;
	bool asserted = kube || s->options.formats || (!sub->res->built_in && sub->draft >= DRAFT_2019 && sub->res->vocabularies & VOCAB_FORMAT_ASSERTION);
	if (sub->res->built_in)
		asserted = true; /* a schema's own patterns and references must be well-formed */
	if (!node_is(n, NODE_STRING) || !asserted)
		return NULL;
	bool crd = kube && sub->res->kube->crd;
	const struct schema_format *f = crd ? format_find_crd(node_text(n)) : format_find(node_text(n), sub->draft, kube);
	return f && (f->number == number || str_eq(node_text(n), S("quantity"))) ? f : NULL;
}

static void compile_number(struct schema_set *s, struct sub *sub)
{
	struct number_rules r = { 0 };
	bound(s, sub, "minimum", "exclusiveMinimum", &r.minimum, &r.min, &r.has_min, &r.above);
	bound(s, sub, "maximum", "exclusiveMaximum", &r.maximum, &r.max, &r.has_max, &r.below);
	struct node *of = keyword(sub, "multipleOf");
	if (is_number(of)) {
		r.multiple = of;
		r.of = decimal_of(s->a, of);
		r.has_of = true;
	}
	r.format = format_of(s, sub, true);
	r.lo = INT64_MIN;
	r.hi = INT64_MAX;
	r.small = !r.has_of && !r.format && (!r.has_min || node_to_i64(r.minimum, &r.lo)) && (!r.has_max || node_to_i64(r.maximum, &r.hi));
	if (!r.has_min && !r.has_max && !r.has_of && !r.format)
		return;
	sub->number = memcpy(NEW(s->a, struct number_rules), &r, sizeof(r));
}

/* A count: not negative, whole; 2.0 is 2; what is too large for us is as good as none. */
bool schema_count(struct sub *sub, const char *name, uint64_t *out)
{
	struct node *n = keyword(sub, name);
	int64_t v;
	if (!is_number(n))
		return false;
	double d = node_to_double(n);
	*out = node_to_i64(n, &v) && v >= 0 ? (uint64_t)v : d < 0 ? 0 : d < 9e18 ? (uint64_t)d : UINT64_MAX;
	return true;
}

static void compile_string(struct schema_set *s, struct sub *sub)
{
	struct string_rules r = { 0 };
	bool has_min = schema_count(sub, "minLength", &r.min);
	r.has_max = schema_count(sub, "maxLength", &r.max);
	r.pattern_text = keyword(sub, "pattern");
	if (node_is(r.pattern_text, NODE_STRING))
		r.pattern = compile_regex(s, sub, node_text(r.pattern_text), node_pos(r.pattern_text));
	r.format = format_of(s, sub, false);
	if (s->options.formats && sub->draft == DRAFT_7 && !sub->res->built_in) {
		r.encoding = node_get_str(sub->node, S("contentEncoding"));
		r.media = node_get_str(sub->node, S("contentMediaType"));
	}
	if (has_min || r.has_max || r.pattern || r.format || r.encoding.n || r.media.n)
		sub->string = memcpy(NEW(s->a, struct string_rules), &r, sizeof(r));
}

static void compile_array(struct schema_set *s, struct sub *sub)
{
	struct array_rules r = { .min = 0, .least = 1, .marks_contains = sub->draft >= DRAFT_2020 };
	struct node *items = keyword(sub, "items"), *prefix = keyword(sub, "prefixItems"), *rest = items;
	bool any = schema_count(sub, "minItems", &r.min);
	r.has_max = schema_count(sub, "maxItems", &r.max);
	r.unique = node_true(keyword(sub, "uniqueItems"));
	if (sub->draft < DRAFT_2020 && node_is(items, NODE_SEQ)) {
		prefix = items;
		rest = keyword(sub, "additionalItems");
	}
	if (node_is(prefix, NODE_SEQ)) {
		r.nprefix = prefix->n;
		r.prefix = NEW_ARRAY(s->a, struct sub *, prefix->n + 1);
		for (size_t i = 0; i < prefix->n; i++)
			r.prefix[i] = compile_ref(s, prefix->items[i], sub->res);
	}
	if (rest)
		r.rest = compile_ref(s, rest, sub->res);
	struct node *contains = keyword(sub, "contains");
	if (contains) {
		r.contains = compile_ref(s, contains, sub->res);
		schema_count(sub, "minContains", &r.least);
		r.has_most = schema_count(sub, "maxContains", &r.most);
	}
	r.no_nulls = sub->res->kube && !sub->res->kube->crd;
	if (sub->res->kube && sub->res->kube->crd) {
		str type = node_get_str(sub->node, S("x-kubernetes-list-type"));
		r.unique |= str_eq(type, S("set"));
		r.map_keys = str_eq(type, S("map")) ? node_get(sub->node, S("x-kubernetes-list-map-keys")) : NULL;
	}
	if (any || r.has_max || r.unique || r.prefix || r.rest || r.contains || r.map_keys)
		sub->array = memcpy(NEW(s->a, struct array_rules), &r, sizeof(r));
}

void compile_keywords(struct schema_set *s, struct sub *sub)
{
	if (sub->node->kind != NODE_MAP) {
		bool stray = sub->node->kind != NODE_BOOL;
		if (stray)
			schema_bad(s, node_pos(sub->node), "a schema is a map (or true or false), not a %s", kind_name((enum kind)sub->node->kind));
		sub->never = !stray && !node_true(sub->node);
		return;
	}
	compile_logic(s, sub);
	if (sub->draft <= DRAFT_7 && keyword(sub, "$ref") && !sub->res->kube)
		return;
	compile_type(s, sub);
	sub->choices = compile_choices(s, sub, "enum", true);
	sub->constant = compile_choices(s, sub, "const", false);
	compile_number(s, sub);
	compile_string(s, sub);
	compile_array(s, sub);
	compile_object(s, sub);
	if (sub->res->kube) {
		struct node *cel = keyword(sub, "x-kubernetes-validations");
		for (size_t i = 0; node_is(cel, NODE_SEQ) && i < cel->n; i++)
			*VEC_ADD(s->a, &s->cel) = cel->items[i];
		compile_api(s, sub);
	}
}

int compile_pending(struct schema_set *s)
{
	while (s->todo.n && !s->failed) {
		struct sub *sub = s->todo.p[--s->todo.n];
		compile_keywords(s, sub);
		sub->simple = !sub->never && !sub->choices && !sub->constant && !sub->number && !sub->string && !sub->array && !sub->object && !sub->api &&
			      !sub->unevaluated;
		sub->plain = sub->simple && !sub->nlogic;
		sub->picky = sub->choices || sub->constant || sub->api;
		*VEC_ADD(s->a, &s->made) = sub;
		if (s->todo.n || !s->dynamic)
			continue;
		for (size_t i = 0; i < s->all.n; i++) /* what $dynamicRef may lead to */
			compile_dynamic(s, s->all.p[i]);
	}
	for (size_t i = 0; i < s->made.n; i++)
		compile_shortcuts(s, s->made.p[i]);
	for (size_t i = 0; i < s->made.n; i++)
		compile_takes(s->made.p[i]);
	s->made.n = 0;
	return s->failed ? -1 : 0;
}
