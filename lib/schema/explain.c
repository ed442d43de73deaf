/* SPDX-License-Identifier: MIT */
/* Errors that people can use: where, what was expected, what was found, and the nearest right spelling. */
#include "schema/internal.h"

#include <stdio.h>
#include <string.h>

enum { NAMES = 2000 }; /* as many are looked at for one that was meant */

static int depth_of(const struct frame *at)
{
	int n = 0;
	for (; at; at = at->up)
		n++;
	return n;
}

static void add_pointer(struct arena *a, str *p, const struct frame *at)
{
	if (!at)
		return;
	add_pointer(a, p, at->up);
	*p = at->entry ? pointer_add_key(a, *p, entry_key(at->entry)) : pointer_add_index(a, *p, at->index);
}

static bool plain_key(str key)
{
	for (size_t i = 0; i < key.n; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-$", key.p[i]))
			return false;
	return key.n > 0;
}

/* spec.containers[0]."a.b" */
static void add_path(struct buf *b, const struct frame *at)
{
	if (!at)
		return;
	add_path(b, at->up);
	if (!at->entry) {
		buf_printf(b, "[%u]", (unsigned)at->index);
		return;
	}
	str key = entry_key(at->entry);
	if (b->n)
		buf_char(b, '.');
	if (plain_key(key))
		buf_add(b, key);
	else
		buf_printf(b, "\"%.*s\"", STR_ARG(key));
}

bool explain(struct schema_checker *c, const struct sub *s, const char *keyword, const char *rule, const struct node *n,
	     const struct frame *at, const struct entry *entry, const char *fmt, ...)
{
	if (!c->collect || enough_errors(c))
		return false;
	struct node *where = node_get(s->node, str_of(keyword));
	if (!where)
		keyword = "";
	struct schema_error *e = VEC_ADD(&c->a, &c->errors);
	struct buf b = BUF(&c->a);
	va_list args;
	char text[1000];

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	*e = (struct schema_error){ .rule = rule, .depth = depth_of(at), .path = { "", 0 } };
	e->pos = entry ? (struct pos){ node_pos(n).file, entry->line, entry->col } : node_pos(n);
	if (entry && entry->value->source)
		e->pos.file = entry_pos(entry).file;
	e->schema = node_pos(where ? where : s->node);
	add_pointer(&c->a, &e->path, at);
	add_path(&b, at);
	if (b.n)
		buf_add(&b, S(": "));
	buf_add(&b, str_of(text));
	if (c->chain)
		buf_printf(&b, " (schema: %.*s)", STR_ARG(locate_chain(c, s, keyword)));
	e->message = str_copy(&c->a, buf_str(&b));
	if (c->output) {
		e->text = str_copy(&c->a, str_of(text));
		e->at = locate(c, s, keyword, at, &e->way, &e->nway);
	}
	return false;
}

/* ---- what was expected -------------------------------------------------------- */
static str type_names(struct arena *a, unsigned types)
{
	static const struct { unsigned bits; const char *name; } names[] = {
		{ T_OBJECT, "a map" }, { T_ARRAY, "a list" }, { T_STRING, "a string" }, { T_INTEGER | T_NUMBER, "a number" },
		{ T_INTEGER, "an integer" }, { T_NUMBER, "a number" }, { T_BOOL, "a boolean" }, { T_NULL, "null" },
	};
	struct buf b = BUF(a);
	if ((types & ~(unsigned)T_NULL) != 0)
		types &= ~(unsigned)T_NULL; /* null beside a type goes without saying */
	for (size_t i = 0; i < COUNT(names); i++) {
		if ((types & names[i].bits) != names[i].bits)
			continue;
		types &= ~names[i].bits;
		buf_printf(&b, "%s%s", !b.n ? "" : types ? ", " : " or ", names[i].name);
	}
	return buf_str(&b);
}

static str found_type(struct arena *a, const struct node *n, unsigned wanted)
{
	if (n->kind == NODE_STRING && wanted & (T_INTEGER | T_NUMBER | T_BOOL)) {
		bool truth;
		enum kind k = scalar_kind(node_text(n), YAML_KUBERNETES, &truth);
		bool fits = (k == NODE_INT && wanted & T_INTEGER) || (k == NODE_FLOAT && wanted & T_NUMBER) || (k == NODE_BOOL && wanted & T_BOOL);
		if (fits && (n->style == STYLE_SINGLE || n->style == STYLE_DOUBLE))
			return str_printf(a, "%.*s; leave the quotes off", STR_ARG(value_show(a, n)));
	}
	if (wanted & T_STRING && (n->kind == NODE_BOOL || n->kind == NODE_INT || n->kind == NODE_FLOAT) && !(n->flags & NODE_JSON) && n->line)
		return str_printf(a, "%.*s; quote it: \"%.*s\"", STR_ARG(value_show(a, n)), STR_ARG(node_text(n)));
	return value_show(a, n);
}

static bool holds(const struct node *tree, const struct node *n)
{
	if (tree == n)
		return true;
	for (size_t i = 0; tree && tree->kind >= NODE_SEQ && i < tree->n; i++)
		if (holds(tree->kind == NODE_MAP ? tree->entries[i].value : tree->items[i], n))
			return true;
	return false;
}

static bool holds_secretly(const struct node *object, const struct node *n)
{
	const struct node *items = node_get(object, S("items"));
	if (str_eq(node_get_str(object, S("kind")), S("Secret")))
		return holds(node_get(object, S("data")), n) || holds(node_get(object, S("stringData")), n);
	for (size_t i = 0; node_is(items, NODE_SEQ) && i < items->n; i++)
		if (holds_secretly(items->items[i], n))
			return true;
	return false;
}

/* A Secret's values are never put into messages. */
static bool hidden(const struct schema_checker *c, const struct node *n)
{
	return n->kind < NODE_SEQ && holds_secretly(c->doc, n);
}

str explain_value(struct schema_checker *c, const struct node *n)
{
	return hidden(c, n) ? S("a value (not shown)") : value_show(&c->a, n);
}

str explain_number(struct schema_checker *c, const struct node *n)
{
	return hidden(c, n) ? S("a value (not shown)") : node_text(n);
}

void explain_type(struct schema_checker *c, const struct sub *s, const struct node *n, const struct frame *at)
{
	explain(c, s, "type", "type", n, at, NULL, "expected %.*s, found %.*s", STR_ARG(type_names(&c->a, s->types)),
		STR_ARG(hidden(c, n) ? S("another kind of value (not shown); quote it, if it is a string") : found_type(&c->a, n, s->types)));
}

static void list_choices(struct arena *a, struct buf *b, struct node *const *p, size_t n)
{
	enum { SHOWN = 12 };
	for (size_t i = 0; i < n && i < SHOWN; i++) {
		const char *between = !i ? "" : i + 1 == n ? " or " : ", ";
		if (p[i]->kind == NODE_STRING)
			buf_printf(b, "%s\"%.*s\"", between, STR_ARG(node_text(p[i])));
		else
			buf_printf(b, "%s%.*s", between, STR_ARG(p[i]->kind >= NODE_SEQ ? json_text(a, p[i]) : node_text(p[i])));
	}
	if (n > SHOWN)
		buf_printf(b, " or %zu others", n - SHOWN);
}

static str nearest_choice(struct arena *a, const struct node *n, struct node *const *p, size_t count)
{
	str *names = NEW_ARRAY(a, str, count < NAMES ? count + 1 : NAMES);
	size_t k = 0;
	for (size_t i = 0; i < count && k < NAMES; i++)
		if (p[i]->kind == NODE_STRING)
			names[k++] = node_text(p[i]);
	return n->kind == NODE_STRING ? str_nearest(node_text(n), names, k) : (str){ 0 };
}

static void explain_one_of(struct schema_checker *c, const struct sub *s, const char *keyword, struct node *const *p, size_t count,
			   const struct node *n, const struct frame *at)
{
	struct buf b = BUF(&c->a);
	list_choices(&c->a, &b, p, count);
	str near = nearest_choice(&c->a, n, p, count);
	bool hint = near.n && count > 1 && !hidden(c, n);
	explain(c, s, keyword, keyword, n, at, NULL, "expected %s%.*s, found %.*s%s%.*s%s", count > 1 ? "one of " : "", STR_ARG(buf_str(&b)),
		STR_ARG(explain_value(c, n)), hint ? "; did you mean \"" : "", STR_ARG(hint ? near : (str){ 0 }), hint ? "\"?" : "");
}

void explain_choices(struct schema_checker *c, const struct sub *s, const struct choices *e, const struct node *n, const struct frame *at)
{
	explain_one_of(c, s, e->keyword, e->p, e->n, n, at);
}

/* The names that a schema gives to fields, those that its $ref and allOf give too. */
static void collect_names(struct arena *a, const struct sub *s, struct map *names, int depth)
{
	const struct object_rules *r = s->object;
	for (uint32_t i = 0; r && i <= r->mask && names->n < NAMES; i++)
		if (r->slots[i].sub)
			*map_at(a, names, r->slots[i].name) = r->slots[i].sub;
	for (size_t i = 0; i < s->nlogic && depth < 6; i++)
		for (size_t k = 0; k < s->logic[i].n && names->n < NAMES; k++)
			if (s->logic[i].op != LOGIC_NOT && s->logic[i].subs[k])
				collect_names(a, s->logic[i].subs[k], names, depth + 1);
}

void explain_unknown(struct schema_checker *c, const struct sub *s, const struct node *n, const struct entry *e, const struct frame *at,
		     const char *keyword)
{
	struct map names = { 0 };
	if (enough_errors(c))
		return;
	collect_names(&c->a, s, &names, 0);
	str *list = NEW_ARRAY(&c->a, str, names.n + 1), near;
	size_t k = 0;
	for (size_t i = 0; i < names.n; i++)
		if (!node_get(n, names.items[i].key)) /* a field that is there already is not meant */
			list[k++] = names.items[i].key;
	near = str_nearest(entry_key(e), list, k);
	struct frame here = { at, e, 0 };
	if (near.n)
		explain(c, s, keyword, "unknown-field", n, &here, e, "unknown field; did you mean \"%.*s\"?", STR_ARG(near));
	else
		explain(c, s, keyword, "unknown-field", n, &here, e, "unknown field");
}

void explain_not(struct schema_checker *c, const struct sub *s, const struct sub *not, const struct node *n, const struct frame *at)
{
	const struct object_rules *r = not->object;
	if (r && r->nrequired && !r->nproperties && !not->nlogic && !not->types) {
		struct buf b = BUF(&c->a);
		for (uint32_t i = 0; i < r->nrequired; i++)
			buf_printf(&b, "%s\"%.*s\"", i ? " and " : "", STR_ARG(r->required[i]->name));
		explain(c, s, "not", "not", n, at, NULL, "the field%s %.*s %s not allowed %s", r->nrequired > 1 ? "s" : "", STR_ARG(buf_str(&b)),
			r->nrequired > 1 ? "are" : "is", r->nrequired > 1 ? "together" : "here");
	} else if (not->choices || not->constant) {
		explain(c, s, "not", "not", n, at, NULL, "%.*s is not allowed here", STR_ARG(hidden(c, n) ? S("this value (not shown)") : value_show(&c->a, n)));
	} else if (not->types && !not->nlogic) {
		explain(c, s, "not", "not", n, at, NULL, "must not be %.*s", STR_ARG(type_names(&c->a, not->types)));
	} else {
		explain(c, s, "not", "not", n, at, NULL, "is of a form that `not` refuses");
	}
}

/* ---- alternatives --------------------------------------------------------------- */
static const struct sub *through_refs(const struct sub *s)
{
	for (int i = 0; i < 16 && s->nlogic == 1 && s->logic[0].op == LOGIC_REF && !s->types && !s->object && !s->choices; i++)
		s = s->logic[0].subs[0];
	return s;
}

/* How far an alternative is from the value: wrong kind, wrong discriminator, errors near the top, errors. */
static unsigned long distance(const struct errors *e, int depth)
{
	unsigned long kind = 0, tags = 0, near = 0;
	for (size_t i = 0; i < e->n; i++) {
		bool value = strcmp(e->p[i].rule, "const") == 0 || strcmp(e->p[i].rule, "enum") == 0;
		kind += e->p[i].depth == depth && (strcmp(e->p[i].rule, "type") == 0 || value || strcmp(e->p[i].rule, "false") == 0);
		tags += e->p[i].depth == depth + 1 && value;
		near += e->p[i].depth <= depth + 1;
	}
	return kind * 10000000 + tags * 100000 + near * 100 + e->n;
}

/* "a", or "a" and "b": what an alternative wants, and is not there. */
static void list_missing(struct buf *b, const struct object_rules *r, const struct node *n, const char *between)
{
	for (uint32_t i = 0; i < r->nrequired; i++) {
		if (node_get(n, r->required[i]->name))
			continue;
		buf_printf(b, "%s\"%.*s\"", between, STR_ARG(r->required[i]->name));
		between = " and ";
	}
}

/* All alternatives are values or types of the value itself: one sentence tells them all. */
static bool explain_simple(struct schema_checker *c, const struct sub *s, const struct logic *l, const struct node *n, const struct frame *at,
			   const struct errors *tried, int depth)
{
	unsigned types = 0;
	struct { struct node **p; size_t n, cap; } values = { 0 };
	struct buf required = BUF(&c->a);
	bool all_required = true;
	for (size_t i = 0; i < l->n; i++) {
		const struct sub *b = through_refs(l->subs[i]);
		const struct schema_error *e = tried[i].p;
		all_required = all_required && tried[i].n && b->object && n->kind == NODE_MAP;
		for (size_t k = 0; k < tried[i].n && all_required; k++)
			all_required = e[k].depth == depth && strcmp(e[k].rule, "required") == 0;
		if (all_required)
			list_missing(&required, b->object, n, !required.n ? "" : i + 1 == l->n ? " or " : ", ");
		const struct choices *e2 = b->choices ? b->choices : b->constant;
		for (size_t k = 0; e2 && k < e2->n; k++)
			*VEC_ADD(&c->a, &values) = e2->p[k];
		if (!e2)
			types |= b->types;
		if (!e2 && !b->types && !all_required)
			return false;
		for (size_t k = 0; k < tried[i].n && !all_required; k++)
			if (tried[i].p[k].depth != depth || (strcmp(tried[i].p[k].rule, "type") && strcmp(tried[i].p[k].rule, "enum") && strcmp(tried[i].p[k].rule, "const")))
				return false;
	}
	if (all_required)
		return explain(c, s, l->keyword, "required", n, at, NULL, l->n > 1 ? "one of the fields %.*s is required" : "the field %.*s is required",
			       STR_ARG(buf_str(&required))),
		       true;
	if (values.n && !types)
		return explain_one_of(c, s, "enum", values.p, values.n, n, at), true;
	if (!types || values.n)
		return false;
	explain(c, s, l->keyword, "type", n, at, NULL, "expected %.*s, found %.*s", STR_ARG(type_names(&c->a, types)), STR_ARG(found_type(&c->a, n, types)));
	return true;
}

/* Every alternative wants another value of the same field: the field decides, and has none of them. */
static bool explain_tag(struct schema_checker *c, const struct sub *s, const struct logic *l, const struct node *n, const struct frame *at,
			const struct errors *tried, int depth)
{
	if (n->kind != NODE_MAP)
		return false;
	for (size_t i = 0; i < n->n; i++) {
		struct entry *e = &n->entries[i];
		struct { struct node **p; size_t n, cap; } values = { 0 };
		size_t branches = 0;
		for (size_t k = 0; k < l->n; k++) {
			const struct object_rules *r = through_refs(l->subs[k])->object;
			const struct sub *p = NULL;
			for (uint32_t j = 0; r && j <= r->mask; j++)
				if (r->slots[j].sub && str_eq(r->slots[j].name, entry_key(e)))
					p = through_refs(r->slots[j].sub);
			const struct choices *ch = p ? (p->constant ? p->constant : p->choices) : NULL;
			bool wrong = false;
			for (size_t j = 0; j < tried[k].n; j++)
				wrong |= tried[k].p[j].depth == depth + 1 && (!strcmp(tried[k].p[j].rule, "const") || !strcmp(tried[k].p[j].rule, "enum"));
			for (size_t j = 0; ch && j < ch->n; j++)
				*VEC_ADD(&c->a, &values) = ch->p[j];
			branches += ch && wrong;
		}
		struct frame here = { at, e, 0 };
		if (branches == l->n && l->n > 1 && e->value->kind < NODE_SEQ)
			return explain_one_of(c, s, "enum", values.p, values.n, e->value, &here), true;
	}
	return false;
}

void explain_branches(struct schema_checker *c, const struct sub *s, const struct logic *l, const struct node *n, const struct frame *at,
		      const struct errors *tried)
{
	int depth = depth_of(at);
	size_t best = 0, ties = 0;
	if (c->output) {
		explain(c, s, l->keyword, l->keyword, n, at, NULL, "fits none of the %zu alternatives", l->n);
		for (size_t i = 0; i < l->n; i++)
			for (size_t k = 0; k < tried[i].n && !enough_errors(c); k++)
				*VEC_ADD(&c->a, &c->errors) = tried[i].p[k];
		return;
	}
	if (explain_simple(c, s, l, n, at, tried, depth) || explain_tag(c, s, l, n, at, tried, depth))
		return;
	for (size_t i = 1; i < l->n; i++)
		if (distance(&tried[i], depth) < distance(&tried[best], depth))
			best = i;
	for (size_t i = 0; i < l->n; i++)
		ties += distance(&tried[i], depth) == distance(&tried[best], depth);
	const struct errors *e = &tried[best];
	if (!e->n || ties > 2) {
		explain(c, s, l->keyword, l->keyword, n, at, NULL, "fits none of the %zu alternatives%s%.*s", l->n, e->n ? "; one of them says: " : "",
			STR_ARG(e->n ? e->p[0].message : (str){ 0 }));
		return;
	}
	for (size_t i = 0; i < e->n && !enough_errors(c); i++) {
		struct schema_error *to = VEC_ADD(&c->a, &c->errors);
		*to = e->p[i];
		if (l->n > 1 && i == 0)
			to->message = str_printf(&c->a, "%.*s (the closest of %zu alternatives)", STR_ARG(to->message), l->n);
	}
}
