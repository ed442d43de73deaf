/* SPDX-License-Identifier: MIT */
/* The standard's own results: flag, basic, detailed (JSON Schema 2019-09 and 2020-12, chapter 12). */
#include "schema/internal.h"

#include <string.h>

/* ---- annotations ---------------------------------------------------------------- */
static void note(struct schema_checker *c, const struct sub *s, const char *keyword, const struct frame *at, struct node *value)
{
	enum { A_NOTE = 40 }; /* schemas' worth of work and room */
	struct schema_error *e = VEC_ADD(&c->a, &c->notes);
	c->steps += A_NOTE;
	*e = (struct schema_error){ .rule = keyword, .value = value };
	e->at = locate(c, s, keyword, at, &e->way, &e->nway);
}

void output_note_names(struct schema_checker *c, const struct sub *s, const char *keyword, const struct node *n, const struct frame *at,
		       bool (*which)(const void *ctx, const struct node *n, size_t i), const void *ctx)
{
	struct node *list = node_new(&c->a, NODE_SEQ);
	for (size_t i = 0; i < n->n; i++)
		if (which(ctx, n, i))
			node_push(&c->a, list, n->kind == NODE_MAP ? node_string(&c->a, entry_key(&n->entries[i])) : node_int(&c->a, (int64_t)i));
	if (list->n) /* of unevaluatedItems: that there were some */
		note(c, s, keyword, at, strcmp(keyword, "unevaluatedItems") == 0 ? node_bool(&c->a, true) : list);
}

struct names {
	struct schema_checker *c;
	const struct sub *s;
};

static bool is_named(const void *ctx, const struct node *n, size_t i)
{
	const struct names *x = ctx;
	return node_get(node_get(x->s->node, S("properties")), entry_key(&n->entries[i]));
}

static bool is_matched(const void *ctx, const struct node *n, size_t i)
{
	const struct names *x = ctx;
	const struct object_rules *r = x->s->object;
	for (size_t k = 0; r && k < r->npatterns; k++)
		if (regex_match(x->c->room, r->patterns[k].regex, entry_key(&n->entries[i])) > 0)
			return true;
	return false;
}

static bool is_additional(const void *ctx, const struct node *n, size_t i)
{
	return !is_named(ctx, n, i) && !is_matched(ctx, n, i);
}

/* The schemas of a list reached so far: true for all of them, else the last one's index. */
static struct node *reach(struct schema_checker *c, const struct node *n, size_t reached)
{
	return n->n <= reached ? node_bool(&c->a, true) : node_int(&c->a, (int64_t)reached - 1);
}

static void note_list(struct schema_checker *c, const struct sub *s, const struct node *n, const struct frame *at)
{
	const struct array_rules *r = s->array;
	bool old = s->draft < DRAFT_2020 && r->prefix;
	if (r->nprefix && n->n)
		note(c, s, old ? "items" : "prefixItems", at, reach(c, n, r->nprefix));
	if (r->rest && n->n > r->nprefix)
		note(c, s, old ? "additionalItems" : "items", at, node_bool(&c->a, true));
}

enum what { NOTHING, ALWAYS, OF_STRINGS, APPLICATOR };

/* What of a keyword is an annotation; those that are not listed are, from 2019-09 on. */
static enum what kind_of(const struct sub *s, str key)
{
	static const char *const always[] = { "title", "description", "default", "deprecated", "readOnly", "writeOnly", "examples", "format" };
	static const char *const text[] = { "contentEncoding", "contentMediaType", "contentSchema" };
	static const char *const none[] = {
		"$schema", "$id", "id", "$ref", "$anchor", "$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$recursiveAnchor", "$vocabulary",
		"$comment", "$defs", "definitions", "type", "enum", "const", "multipleOf", "maximum", "exclusiveMaximum", "minimum",
		"exclusiveMinimum", "maxLength", "minLength", "pattern", "maxItems", "minItems", "uniqueItems", "maxContains", "minContains",
		"maxProperties", "minProperties", "required", "dependentRequired", "dependencies", "dependentSchemas", "allOf", "anyOf", "oneOf",
		"not", "if", "then", "else", "propertyNames", "contains", "prefixItems", "items", "additionalItems", "unevaluatedItems",
		"properties", "patternProperties", "additionalProperties", "unevaluatedProperties",
	};
	for (size_t i = 0; i < COUNT(always); i++)
		if (str_eq(key, str_of(always[i])))
			return ALWAYS;
	for (size_t i = 0; i < COUNT(text); i++)
		if (str_eq(key, str_of(text[i])))
			return i < 2 || node_get(s->node, S("contentMediaType")) ? OF_STRINGS : NOTHING;
	for (size_t i = 0; i < COUNT(none); i++)
		if (str_eq(key, str_of(none[i])))
			return NOTHING;
	return s->draft >= DRAFT_2019 ? ALWAYS : NOTHING;
}

void output_note(struct schema_checker *c, const struct sub *s, const struct node *n, const struct frame *at)
{
	const struct names names = { c, s };
	if (s->node->kind != NODE_MAP || (s->draft <= DRAFT_7 && node_get(s->node, S("$ref"))))
		return;
	if (n->kind == NODE_MAP && s->object) {
		output_note_names(c, s, "properties", n, at, is_named, &names);
		output_note_names(c, s, "patternProperties", n, at, is_matched, &names);
		if (s->object->additional)
			output_note_names(c, s, "additionalProperties", n, at, is_additional, &names);
	}
	if (n->kind == NODE_SEQ && s->array)
		note_list(c, s, n, at);
	for (size_t i = 0; i < s->node->n; i++) {
		const struct entry *e = &s->node->entries[i];
		enum what what = kind_of(s, entry_key(e));
		if (what == ALWAYS || (what == OF_STRINGS && n->kind == NODE_STRING))
			note(c, s, str_dup(&c->a, entry_key(e)), at, e->value);
	}
}

/* ---- units ------------------------------------------------------------------------ */
struct unit { /* of the tree of `detailed` */
	struct location at;
	const struct schema_error *leaf;
	struct { struct unit **p; size_t n, cap; } below;
};

static struct node *text_node(struct arena *a, str s)
{
	return node_string(a, s);
}

static struct node *unit_node(struct arena *a, bool valid, const struct location *at)
{
	struct node *n = node_new(a, NODE_MAP);
	node_put(a, n, S("valid"), node_bool(a, valid));
	node_put(a, n, S("keywordLocation"), text_node(a, at->keyword));
	if (at->absolute.n)
		node_put(a, n, S("absoluteKeywordLocation"), text_node(a, at->absolute));
	node_put(a, n, S("instanceLocation"), text_node(a, at->instance));
	return n;
}

static struct node *leaf_node(struct arena *a, const struct schema_error *e)
{
	struct node *n = unit_node(a, e->value != NULL, &e->at);
	if (e->value)
		node_put(a, n, S("annotation"), e->value);
	else
		node_put(a, n, S("error"), text_node(a, e->text));
	return n;
}

static struct unit *below(struct arena *a, struct unit *u, const struct location *at)
{
	struct unit *last = u->below.n ? u->below.p[u->below.n - 1] : NULL;
	for (size_t i = u->below.n; i-- > 0; last = NULL) {
		last = u->below.p[i];
		if (str_eq(last->at.keyword, at->keyword) && str_eq(last->at.instance, at->instance)) {
			last->leaf = NULL; /* what is below says more */
			return last;
		}
	}
	*VEC_ADD(a, &u->below) = last = NEW(a, struct unit);
	last->at = *at;
	return last;
}

/* A unit with one unit below it is that one. */
static struct node *tree_node(struct arena *a, const struct unit *u, bool root, const char *word)
{
	if (u->leaf)
		return leaf_node(a, u->leaf);
	if (u->below.n == 1 && !root)
		return tree_node(a, u->below.p[0], false, word);
	struct node *n = unit_node(a, strcmp(word, "annotations") == 0, &u->at), *list = node_new(a, NODE_SEQ);
	for (size_t i = 0; i < u->below.n; i++)
		node_push(a, list, tree_node(a, u->below.p[i], false, word));
	if (list->n)
		node_put(a, n, str_of(word), list);
	return n;
}

static struct node *detailed(struct arena *a, const struct errors *e, const struct location *root, const char *word)
{
	struct unit top = { .at = *root };
	for (size_t i = 0; i < e->n; i++) {
		struct unit *u = &top;
		for (size_t k = 0; k < e->p[i].nway; k++)
			u = below(a, u, &e->p[i].way[k]);
		struct unit *leaf = *VEC_ADD(a, &u->below) = NEW(a, struct unit);
		leaf->leaf = &e->p[i];
		leaf->at = e->p[i].at;
	}
	return tree_node(a, &top, true, word);
}

static struct node *basic(struct arena *a, const struct errors *e, bool valid, const struct location *root, const char *word)
{
	struct node *n = unit_node(a, valid, root), *list = node_new(a, NODE_SEQ);
	for (size_t i = 0; i < e->n; i++)
		node_push(a, list, leaf_node(a, &e->p[i]));
	if (list->n)
		node_put(a, n, str_of(word), list);
	return n;
}

int schema_check_output(struct schema_checker *c, const struct schema *s, struct node *doc, enum schema_output form, struct node **out)
{
	const struct schema_error *e;
	size_t n;
	c->output = form != OUTPUT_FLAG;
	int valid = schema_check(c, s, doc, &e, &n);
	c->output = false;
	if (valid < 0)
		return -1;
	const struct errors *units = valid ? &c->notes : &c->errors;
	const struct location root = { { "", 0 }, { 0 }, { "", 0 } };
	const char *word = valid ? "annotations" : "errors";
	if (form == OUTPUT_FLAG)
		node_put(&c->a, *out = node_new(&c->a, NODE_MAP), S("valid"), node_bool(&c->a, valid));
	else
		*out = form == OUTPUT_BASIC ? basic(&c->a, units, valid, &root, word) : detailed(&c->a, units, &root, word);
	return valid;
}
