/* SPDX-License-Identifier: MIT */
/* Checks a document against a compiled schema: fast and silent first; again, with explanations, if it failed. */
#include "schema/internal.h"

#include <stdio.h>
#include <string.h>

enum { DEEPEST = 4000, INPLACE_DEEPEST = 400 };

/* In silence the first failure is the answer; with explanations all are wanted. */
#define FAIL(...)                              \
	do {                                   \
		ok = false;                    \
		if (!c->collect)               \
			return false;          \
		explain(__VA_ARGS__);          \
	} while (0)

struct marks marks_new(struct schema_checker *c, const struct node *n)
{
	c->steps += n->n / 1024;
	return (struct marks){ NEW_ARRAY(&c->a, uint64_t, n->n / 64 + 1), n->n / 64 + 1, false };
}

void marks_add(struct marks *to, const struct marks *from)
{
	to->all |= from->all;
	for (size_t i = 0; !to->all && i < to->n; i++)
		to->bits[i] |= from->bits[i];
}

int check_trouble(struct schema_checker *c, const struct sub *s, const struct node *n, const char *fmt, ...)
{
	if (!c->trouble && !c->silent) {
		va_list args;
		va_start(args, fmt);
		struct buf b = BUF(&c->a);
		char *p = buf_room(&b, 300);
		vsnprintf(p, 300, fmt, args);
		va_end(args);
		struct pos at = node_pos(s->node);
		if (at.line)
			diag_trouble(c->diag, node_pos(n), "schema", "%s (schema: %s:%u:%u)", p, at.file, at.line, at.col);
		else
			diag_trouble(c->diag, node_pos(n), "schema", "%s", p);
	}
	c->trouble = true;
	c->budget = 0; /* nothing more is looked at */
	return -1;
}

static bool out_of_budget(struct schema_checker *c, const struct sub *s, const struct node *n)
{
	if (c->trouble)
		return true;
	if (c->depth > DEEPEST || c->inplace > INPLACE_DEEPEST)
		check_trouble(c, s, n, "the schema refers to itself without end");
	if (c->steps <= c->budget)
		return c->trouble;
	if (c->budget == CHECK_STEPS) /* a large document may take more */
		c->budget += 500 * value_weigh(c->doc, 10 * (uint64_t)DOC_MAX_NODES);
	if (c->steps > c->budget)
		check_trouble(c, s, n, "checking this document takes too long: the schema's %s", c->matching > c->steps / 2 ? "patterns backtrack too much" : "alternatives multiply");
	return c->trouble;
}

/* ---- scalars ----------------------------------------------------------------- */
static bool type_fits(struct schema_checker *c, const struct sub *s, const struct node *n)
{
	bool crd = s->res->kube && s->res->kube->crd, whole = s->draft >= DRAFT_6 || crd;
	int64_t v;
	if (s->types & kind_bit((enum kind)n->kind))
		return n->kind != NODE_INT || !crd || s->types & T_NUMBER || node_to_i64(n, &v); /* one that does not fit is no integer to the API server */
	if (n->kind != NODE_FLOAT || !(s->types & T_INTEGER) || !whole)
		return false;
	struct arena_mark mark = arena_mark(&c->a);
	struct decimal d = decimal_of(&c->a, n);
	arena_rewind(&c->a, mark);
	return decimal_is_integer(&d);
}

static bool check_choices(struct schema_checker *c, const struct choices *e, const struct node *n)
{
	if (n->kind >= NODE_SEQ || n->n > 256)
		c->steps += value_weigh(n, c->budget);
	if (e->n == 1 && n->kind == NODE_STRING)
		return e->p[0]->kind == NODE_STRING && str_eq(node_text(e->p[0]), node_text(n));
	if (n->kind == NODE_STRING && e->strings.n)
		return map_get(&e->strings, node_text(n)) != NULL;
	if (e->others)
		return value_index_has(&c->a, e->others, e->p, n);
	for (size_t i = 0; i < e->n; i++)
		if (node_equal(e->p[i], n))
			return true;
	return false;
}

static bool check_number(struct schema_checker *c, const struct sub *s, const struct node *n, const struct frame *at)
{
	const struct number_rules *r = s->number;
	int64_t v;
	bool ok = true;
	if (r->small && n->kind == NODE_INT && node_to_i64(n, &v) && v > r->lo && v < r->hi)
		return true;
	struct decimal d = decimal_of(&c->a, n);
	if (d.bad) /* .nan, .inf */
		return r->format ? true : explain(c, s, "type", "number", n, at, NULL, "expected a finite number, found %.*s", STR_ARG(explain_number(c, n)));
	int low = r->has_min ? decimal_cmp(&d, &r->min) : 1, high = r->has_max ? decimal_cmp(&d, &r->max) : -1;
	if (low < 0 || (low == 0 && r->above))
		FAIL(c, s, r->minimum == node_get(s->node, S("minimum")) ? "minimum" : "exclusiveMinimum", "minimum", n, at, NULL, "must be %s %.*s, found %.*s", r->above ? "more than" : "at least",
		     STR_ARG(node_text(r->minimum)), STR_ARG(explain_number(c, n)));
	if (high > 0 || (high == 0 && r->below))
		FAIL(c, s, r->maximum == node_get(s->node, S("maximum")) ? "maximum" : "exclusiveMaximum", "maximum", n, at, NULL, "must be %s %.*s, found %.*s", r->below ? "less than" : "at most",
		     STR_ARG(node_text(r->maximum)), STR_ARG(explain_number(c, n)));
	int multiple = r->has_of ? decimal_is_multiple(&c->a, &d, &r->of) : 1;
	if (multiple < 0)
		check_trouble(c, s, n, "the number is too large to be compared with multipleOf");
	if (!multiple)
		FAIL(c, s, "multipleOf", "multipleOf", n, at, NULL, "must be a multiple of %.*s, found %.*s",
		     STR_ARG(node_text(r->multiple)), STR_ARG(explain_number(c, n)));
	if (r->format && !r->format->valid(&c->a, n, node_text(n)))
		FAIL(c, s, "format", "format", n, at, NULL, "expected %s, found %.*s", r->format->what, STR_ARG(explain_number(c, n)));
	return ok;
}

void check_count_matching(struct schema_checker *c)
{
	uint64_t work = regex_work(c->room);
	c->matching += work;
	c->steps += work;
}

static bool check_string(struct schema_checker *c, const struct sub *s, const struct node *n, const struct frame *at)
{
	const struct string_rules *r = s->string;
	str text = node_text(n);
	bool ok = true;
	c->steps += text.n / 64;
	if (r->min || r->has_max) {
		size_t length = value_length(text);
		if (length < r->min)
			FAIL(c, s, "minLength", "minLength", n, at, NULL, "must be at least %llu characters long, found %zu",
			     (unsigned long long)r->min, length);
		if (r->has_max && length > r->max)
			FAIL(c, s, "maxLength", "maxLength", n, at, NULL, "must be at most %llu characters long, found %zu",
			     (unsigned long long)r->max, length);
	}
	if (r->pattern) {
		int found = regex_match(c->room, r->pattern, text);
		check_count_matching(c);
		if (found < 0)
			check_trouble(c, s, n, "the pattern \"%.*s\" gives up on this text: it backtracks without bound",
				      STR_ARG(node_text(r->pattern_text)));
		if (!found)
			FAIL(c, s, "pattern", "pattern", n, at, NULL, "%.*s does not match the pattern %.*s",
			     STR_ARG(explain_value(c, n)), STR_ARG(node_text(r->pattern_text)));
	}
	if (r->format && !r->format->valid(&c->a, n, text))
		FAIL(c, s, "format", "format", n, at, NULL, "expected %s, found %.*s%.*s%.*s", r->format->what, STR_ARG(explain_value(c, n)),
		     STR_ARG(explain_quantity(c, r->format, n)), STR_ARG(format_why(r->format, &c->a, text)));
	if ((r->encoding.n || r->media.n) && !format_content(&c->a, c->diag, text, r->encoding, r->media))
		FAIL(c, s, "contentEncoding", "content", n, at, NULL, "the text is not well-formed %.*s %.*s", STR_ARG(r->media),
		     STR_ARG(r->encoding));
	return ok;
}

static bool check_scalar(struct schema_checker *c, const struct sub *s, const struct node *n, const struct frame *at)
{
	bool string = n->kind == NODE_STRING, silent = !c->collect, ok;
	if (string ? !s->string : !s->number)
		return true;
	struct arena_mark mark = arena_mark(&c->a);
	ok = string ? check_string(c, s, n, at) : check_number(c, s, n, at);
	if (silent)
		arena_rewind(&c->a, mark);
	return ok;
}

/* ---- lists --------------------------------------------------------------------- */
bool check_below_named(struct schema_checker *c, const struct sub *s, struct node *n, const struct frame *at, struct via *by)
{
	unsigned inplace = c->inplace;
	by->up = c->step;
	by->at = at;
	c->step = by;
	c->inplace = 0;
	bool ok = check_sub(c, s, n, at, NULL);
	c->inplace = inplace;
	c->step = by->up;
	return ok;
}

bool check_here_named(struct schema_checker *c, const struct sub *s, struct node *n, const struct frame *at, struct marks *m, struct via *by)
{
	by->up = c->step;
	by->at = at;
	c->step = by;
	c->inplace++;
	bool ok = check_sub(c, s, n, at, m);
	c->inplace--;
	c->step = by->up;
	return ok;
}

static bool is_among(const void *ctx, const struct node *n, size_t i)
{
	const uint64_t *bits = ctx;
	(void)n;
	return bits[i / 64] >> (i % 64) & 1;
}

static bool is_left(const void *ctx, const struct node *n, size_t i)
{
	(void)n;
	return !marked(ctx, i);
}

static bool check_contains(struct schema_checker *c, const struct sub *s, struct node *n, const struct frame *at, struct marks *m)
{
	const struct array_rules *r = s->array;
	bool collect = c->collect, ok = true;
	uint64_t found = 0;
	struct marks among = c->output ? marks_new(c, n) : (struct marks){ .all = true };
	c->collect = false;
	for (size_t i = 0; i < n->n; i++) {
		struct frame here = { at, NULL, (uint32_t)i };
		if (check_below(c, r->contains, n->items[i], &here, (struct via){ .from = s, .keyword = "contains" })) {
			found++;
			mark(&among, i);
			if (r->marks_contains)
				mark(m, i);
		}
	}
	c->collect = collect;
	if (c->output)
		output_note_names(c, s, "contains", n, at, is_among, among.bits);
	if (found < r->least)
		FAIL(c, s, r->least > 1 ? "minContains" : "contains", "contains", n, at, NULL, "must contain at least %llu item%s of the kind that `contains` describes, found %llu",
		     (unsigned long long)r->least, r->least == 1 ? "" : "s", (unsigned long long)found);
	if (r->has_most && found > r->most)
		FAIL(c, s, "maxContains", "maxContains", n, at, NULL, "must contain at most %llu items of the kind that `contains` describes, found %llu",
		     (unsigned long long)r->most, (unsigned long long)found);
	return ok;
}

/* Two items of a map list may not have the same keys. */
static bool check_map_keys(struct schema_checker *c, const struct sub *s, struct node *n, const struct frame *at)
{
	struct map seen = { 0 };
	const struct node *keys = s->array->map_keys, *properties = node_get(node_get(s->node, S("items")), S("properties"));
	bool ok = true;
	for (size_t i = 0; i < n->n; i++) {
		struct buf b = BUF(&c->a), key = BUF(&c->a); /* 1 is not "1" */
		for (size_t k = 0; k < keys->n; k++) {
			struct node *v = node_get(n->items[i], node_str(keys->items[k]));
			if (!v || v->kind == NODE_NULL)
				v = node_get(node_get(properties, node_str(keys->items[k])), S("default"));
			buf_printf(&b, "%s%.*s=%.*s", k ? ", " : "", STR_ARG(node_str(keys->items[k])), STR_ARG(node_str(v)));
			buf_printf(&key, "%d%.*s,", node_is(v, NODE_STRING), STR_ARG(node_str(v)));
		}
		void **slot = map_at(&c->a, &seen, buf_str(&key));
		struct frame here = { at, NULL, (uint32_t)i };
		if (*slot)
			FAIL(c, s, "x-kubernetes-list-map-keys", "duplicate-item", n->items[i], &here, NULL,
			     "a second item with %.*s (the first is on line %u)", STR_ARG(buf_str(&b)), (unsigned)((struct node *)*slot)->line);
		else
			*slot = n->items[i];
	}
	return ok;
}

static bool check_item(struct schema_checker *c, const struct sub *s, struct node *item, size_t i, const struct frame *here)
{
	const struct array_rules *r = s->array;
	bool old = s->draft < DRAFT_2020 && r->prefix; /* a list of schemas under `items` */
	if (i < r->nprefix)
		return check_below(c, r->prefix[i], item, here, (struct via){ .from = s, .keyword = old ? "items" : "prefixItems", .number = i + 1 });
	return check_below(c, r->rest, item, here, (struct via){ .from = s, .keyword = old ? "additionalItems" : "items" });
}

bool check_array(struct schema_checker *c, const struct sub *s, struct node *n, const struct frame *at, struct marks *m)
{
	const struct array_rules *r = s->array;
	bool ok = true;
	size_t x, y;
	c->steps += n->n / 8;
	if (n->n < r->min)
		FAIL(c, s, "minItems", "minItems", n, at, NULL, "must have at least %llu item%s, found %u", (unsigned long long)r->min,
		     r->min == 1 ? "" : "s", (unsigned)n->n);
	if (r->has_max && n->n > r->max)
		FAIL(c, s, "maxItems", "maxItems", n, at, NULL, "must have at most %llu item%s, found %u", (unsigned long long)r->max,
		     r->max == 1 ? "" : "s", (unsigned)n->n);
	for (size_t i = 0; i < n->n && (i < r->nprefix || r->rest); i++) {
		struct frame here = { at, NULL, (uint32_t)i };
		const struct sub *item = r->rest;
		bool filled = item && ((item->object && item->object->nrequired) || (item->api && (item->api->choices.n || item->api->format || item->api->required)));
		if (filled && r->no_nulls && n->items[i]->kind == NODE_NULL)
			FAIL(c, s, "", "api/required", n->items[i], &here, NULL, "an item must not be null");
		else
			ok &= check_item(c, s, n->items[i], i, &here);
		if (!ok && !c->collect)
			return false;
		mark(m, i);
	}
	if (r->contains)
		ok &= check_contains(c, s, n, at, m);
	if (ok && r->unique && n->n > 1)
		c->steps += 4 * value_weigh(n, c->budget);
	if (ok && r->unique && n->n > 1 && !value_unique(&c->a, n, &x, &y)) {
		struct frame here = { at, NULL, (uint32_t)y };
		FAIL(c, s, "uniqueItems", "uniqueItems", n->items[y], &here, NULL, "is the same as item %zu: items must be unique", x);
	}
	if (ok && r->map_keys)
		ok &= check_map_keys(c, s, n, at);
	return ok;
}

/* ---- one schema ------------------------------------------------------------- */
static bool check_unevaluated(struct schema_checker *c, const struct sub *s, struct node *n, const struct frame *at, struct marks *m)
{
	bool ok = true;
	if (c->output && (n->kind == NODE_MAP ? s->more_properties : s->more_items))
		output_note_names(c, s, n->kind == NODE_MAP ? "unevaluatedProperties" : "unevaluatedItems", n, at, is_left, m);
	if (n->kind == NODE_MAP && s->more_properties) {
		for (size_t i = 0; i < n->n; i++) {
			struct frame here = { at, &n->entries[i], 0 };
			if (marked(m, i))
				continue;
			if (s->more_properties->never) {
				if (!c->collect)
					return false;
				explain_unknown(c, s, n, &n->entries[i], at, "unevaluatedProperties");
				ok = false;
			} else if (!check_below(c, s->more_properties, n->entries[i].value, &here,
						(struct via){ .from = s, .keyword = "unevaluatedProperties" })) {
				if (!c->collect)
					return false;
				ok = false;
			}
		}
		m->all = true;
	}
	if (n->kind == NODE_SEQ && s->more_items) {
		for (size_t i = 0; i < n->n; i++) {
			struct frame here = { at, NULL, (uint32_t)i };
			if (!marked(m, i) && !check_below(c, s->more_items, n->items[i], &here, (struct via){ .from = s, .keyword = "unevaluatedItems" })) {
				if (!c->collect)
					return false;
				ok = false;
			}
		}
		m->all = true;
	}
	return ok;
}

static bool check_values(struct schema_checker *c, const struct sub *s, struct node *n, const struct frame *at)
{
	bool ok = true;
	if (s->choices && !check_choices(c, s->choices, n)) {
		if (!c->collect)
			return false;
		explain_choices(c, s, s->choices, n, at);
		ok = false;
	}
	if (s->constant && !check_choices(c, s->constant, n)) {
		if (!c->collect)
			return false;
		explain_choices(c, s, s->constant, n, at);
		ok = false;
	}
	if (s->api && !check_api(c, s, n, at)) {
		if (!c->collect)
			return false;
		ok = false;
	}
	return ok;
}

static bool check_keywords(struct schema_checker *c, const struct sub *s, struct node *n, const struct frame *at, struct marks *m)
{
	bool ok = true;
	if (s->types && !type_fits(c, s, n)) {
		if (c->collect)
			explain_type(c, s, n, at);
		return false;
	}
	if (s->picky && !check_values(c, s, n, at)) {
		if (!c->collect)
			return false;
		ok = false;
	}
	switch ((enum kind)n->kind) {
	case NODE_INT:
	case NODE_FLOAT:
	case NODE_STRING:
		return check_scalar(c, s, n, at) && ok;
	case NODE_SEQ:
		return (!s->array || check_array(c, s, n, at, m)) && ok;
	case NODE_MAP:
		return (!s->object || check_object(c, s, n, at, m)) && ok;
	default:
		return ok;
	}
}

/* With what the verdict alone does not need: scopes, what has been evaluated, annotations. */
static bool check_thoroughly(struct schema_checker *c, const struct sub *s, struct node *n, const struct frame *at, struct marks *m)
{
	struct scope scope = { c->scope, s->res };
	struct marks own, *use = m;
	struct arena_mark mark = arena_mark(&c->a);
	size_t notes = c->notes.n;
	bool ok, silent = !c->collect && !c->output;
	if (c->collect && enough_errors(c)) /* it is invalid, and enough is said */
		return false;
	if (s->never)
		return explain(c, s, "false", "false", n, at, NULL, "nothing is allowed here, found %.*s", STR_ARG(c->collect ? explain_value(c, n) : S("")));
	if (c->set->dynamic && (!c->scope || c->scope->res != s->res))
		c->scope = &scope;
	if (s->unevaluated && n->kind >= NODE_SEQ) {
		own = marks_new(c, n);
		use = &own;
	}
	ok = check_keywords(c, s, n, at, use);
	if (s->logic && (ok || c->collect))
		ok &= check_logic(c, s, n, at, use);
	if (use == &own && ok)
		ok = check_unevaluated(c, s, n, at, use);
	if (use == &own && ok && m)
		marks_add(m, use);
	if (c->output && ok)
		output_note(c, s, n, at);
	else
		c->notes.n = notes;
	if (use == &own && silent)
		arena_rewind(&c->a, mark);
	c->scope = scope.up;
	return ok;
}

bool check_sub(struct schema_checker *c, const struct sub *s, struct node *n, const struct frame *at, struct marks *m)
{
	bool ok;
	if (++c->steps > c->budget || ++c->depth > DEEPEST || c->inplace > INPLACE_DEEPEST) {
		if (out_of_budget(c, s, n))
			return false;
	}
	if (c->thorough | s->unevaluated | s->never)
		ok = check_thoroughly(c, s, n, at, m);
	else
		ok = check_keywords(c, s, n, at, m) && (!s->logic || check_logic(c, s, n, at, m));
	c->depth--;
	return ok;
}
