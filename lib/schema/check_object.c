/* SPDX-License-Identifier: MIT */
/* Objects and references: the keywords that lead to other schemas. */
#include "schema/internal.h"

#include <string.h>

/* ---- objects ------------------------------------------------------------------ */
static bool check_patterns(struct schema_checker *c, const struct sub *s, struct node *n, const struct frame *here, bool *matched)
{
	const struct object_rules *r = s->object;
	bool ok = true;
	for (size_t i = 0; i < r->npatterns; i++) {
		int found = regex_match(c->room, r->patterns[i].regex, entry_key(here->entry));
		check_count_matching(c);
		if (found < 0)
			check_trouble(c, s, n, "a pattern of patternProperties gives up on a key: it backtracks without bound");
		if (!found)
			continue;
		*matched = true;
		ok &= check_below(c, r->patterns[i].sub, here->entry->value, here,
				  (struct via){ .from = s, .keyword = "patternProperties", .name = r->patterns[i].name });
	}
	return ok;
}

static bool check_name(struct schema_checker *c, const struct sub *s, const struct node *n, const struct entry *e, const struct frame *here)
{
	size_t notes = c->notes.n;
	struct node key = { .source = n->source, .line = e->line, .col = e->col, .kind = NODE_STRING, .n = e->key_len, .text = e->key };
	bool ok = check_below(c, s->object->names, &key, here, (struct via){ .from = s, .keyword = "propertyNames" });
	c->notes.n = notes; /* a name is no value that could be annotated */
	return ok;
}

/* To the types that are built into the API server a null is as good as none. */
static bool is_absent(const struct sub *s, const struct node *v)
{
	return !v || (v->kind == NODE_NULL && s->res->kube && !s->res->kube->crd);
}

static bool check_entry(struct schema_checker *c, const struct sub *s, struct node *n, size_t i, const struct frame *at, struct marks *m,
			uint32_t *required)
{
	const struct object_rules *r = s->object;
	struct entry *e = &n->entries[i];
	const struct property *p = object_slot(r, entry_key(e), e->hash);
	struct frame here = { at, e, 0 };
	bool ok = true, matched = p->sub;
	if (p->required >= 0 || p->sub) {
		bool given = p->required < 0 || !is_absent(s, e->value);
		*required += p->required >= 0 && given;
		if (p->sub && given)
			ok = check_below(c, p->sub, e->value, &here, (struct via){ .from = s, .keyword = "properties", .name = p->name });
	}
	if (r->npatterns && (ok || c->collect))
		ok &= check_patterns(c, s, n, &here, &matched);
	if (r->names && (ok || c->collect))
		ok &= check_name(c, s, n, e, &here);
	if (!matched && r->additional) {
		matched = true;
		if (!r->additional->never)
			ok = check_below(c, r->additional, e->value, &here, (struct via){ .from = s, .keyword = "additionalProperties" }) && ok;
		else
			ok = false;
		if (r->additional->never && c->collect)
			explain_unknown(c, s, n, e, at, "additionalProperties");
	}
	if (!matched && r->closed) {
		if (c->collect)
			explain_unknown(c, s, n, e, at, "x-kubernetes");
		return false;
	}
	if (matched)
		mark(m, i);
	return ok;
}

static bool check_entries(struct schema_checker *c, const struct sub *s, struct node *n, const struct frame *at, struct marks *m, uint32_t *required)
{
	bool ok = true;
	for (size_t i = 0; i < n->n && (ok || c->collect); i++)
		ok &= check_entry(c, s, n, i, at, m, required);
	return ok;
}

/* The same, where the verdict is all that is wanted and names have no rules of their own. */
static bool fit_entries(struct schema_checker *c, const struct sub *s, struct node *n, const struct frame *at, uint32_t *required)
{
	const struct object_rules *r = s->object;
	for (struct entry *e = n->entries; e < n->entries + n->n; e++) {
		const struct property *p = object_slot(r, entry_key(e), e->hash);
		const struct sub *sub = p->sub ? p->sub : r->additional;
		if (p->required >= 0) {
			bool absent = is_absent(s, e->value);
			*required += !absent;
			if (p->sub && absent)
				continue;
		}
		if (p->takes & kind_bit((enum kind)e->value->kind))
			continue;
		struct frame here = { at, e, 0 };
		if (sub ? !fits_below(c, sub, e->value, &here) : r->closed)
			return false;
	}
	return true;
}

static bool check_required(struct schema_checker *c, const struct sub *s, struct node *n, const struct frame *at)
{
	const struct object_rules *r = s->object;
	for (uint32_t i = 0; i < r->nrequired && !enough_errors(c); i++)
		if (is_absent(s, node_get(n, r->required[i]->name)))
			explain(c, s, "required", "required", n, at, NULL, "the field \"%.*s\" is required", STR_ARG(r->required[i]->name));
	return false;
}

static bool check_dependency(struct schema_checker *c, const struct sub *s, struct node *n, const struct dependency *d, const struct frame *at,
			     struct marks *m)
{
	bool ok = true;
	if (!node_get(n, d->name))
		return true;
	if (d->sub)
		return check_here(c, d->sub, n, at, m, (struct via){ .from = s, .keyword = d->keyword, .name = d->name });
	for (size_t i = 0; i < d->keys->n; i++) {
		str key = node_str(d->keys->items[i]);
		if (node_get(n, key))
			continue;
		ok = explain(c, s, d->keyword, "required", n, at, NULL, "the field \"%.*s\" is required because \"%.*s\" is there", STR_ARG(key),
			     STR_ARG(d->name));
		if (!c->collect)
			return false;
	}
	return ok;
}

bool check_object(struct schema_checker *c, const struct sub *s, struct node *n, const struct frame *at, struct marks *m)
{
	const struct object_rules *r = s->object;
	uint32_t required = 0;
	c->steps += n->n;
	bool simple = !c->thorough && !m && !r->npatterns && !r->names;
	bool ok = simple ? fit_entries(c, s, n, at, &required) : check_entries(c, s, n, at, m, &required);
	if (!ok && !c->collect)
		return false;
	if (required < r->nrequired) {
		if (!c->collect)
			return false;
		ok = check_required(c, s, n, at);
	}
	if (n->n < r->min)
		ok = explain(c, s, "minProperties", "minProperties", n, at, NULL, "must have at least %llu field%s, found %u",
			     (unsigned long long)r->min, r->min == 1 ? "" : "s", (unsigned)n->n);
	if (r->has_max && n->n > r->max)
		ok = explain(c, s, "maxProperties", "maxProperties", n, at, NULL, "must have at most %llu field%s, found %u",
			     (unsigned long long)r->max, r->max == 1 ? "" : "s", (unsigned)n->n);
	for (size_t i = 0; i < r->ndeps && (ok || c->collect); i++)
		ok &= check_dependency(c, s, n, &r->deps[i], at, m);
	return ok;
}

/* ---- schemas for the same value ---------------------------------------------- */
/* One alternative: what it found evaluated counts only if it holds; its errors are kept apart. */
static bool attempt(struct schema_checker *c, const struct sub *s, struct node *n, const struct frame *at, struct marks *m, struct errors *e,
		    struct via by)
{
	struct errors outer = c->errors;
	struct arena_mark mark = arena_mark(&c->a);
	struct marks own;
	bool silent = !c->collect && !c->output;
	if (m)
		own = marks_new(c, n);
	c->errors = (struct errors){ 0 };
	bool ok = check_here(c, s, n, at, m ? &own : NULL, by);
	if (e)
		*e = c->errors;
	c->errors = outer;
	if (ok && m)
		marks_add(m, &own);
	if (silent)
		arena_rewind(&c->a, mark);
	return ok;
}

static bool check_any(struct schema_checker *c, const struct sub *s, const struct logic *l, struct node *n, const struct frame *at, struct marks *m)
{
	struct errors *tried = c->collect ? NEW_ARRAY(&c->a, struct errors, l->n + 1) : NULL;
	struct candidates some = l->branches && !tried && !c->output ? branches_for(l->branches, n) : (struct candidates){ .nsome = l->n, .n = l->n };
	size_t held = 0, first = 0, second = 0;
	bool one = l->op == LOGIC_ONE;
	if (l->types & kind_bit((enum kind)n->kind) && !c->output)
		return true;
	for (size_t k = 0; k < some.n; k++) {
		size_t i = k >= some.nsome ? some.more[k - some.nsome] : some.some ? some.some[k] : k;
		if (!attempt(c, l->subs[i], n, at, m, tried ? &tried[i] : NULL, (struct via){ .from = s, .keyword = l->keyword, .number = i + 1 }))
			continue;
		*(held ? &second : &first) = i;
		held++;
		if (!one && !m && !c->output)
			return true;
		if (one && held > 1)
			break;
	}
	if (held == 1 || (held && !one))
		return true;
	if (c->collect && held)
		explain_two(c, s, l, n, at, first, second);
	else if (c->collect)
		explain_branches(c, s, l, n, at, tried);
	return false;
}

static const struct sub *dynamic_target(const struct schema_checker *c, const struct logic *l)
{
	const struct sub *found = l->subs[0];
	for (const struct scope *sc = c->scope; sc; sc = sc->up) {
		const struct sub *s = map_get(&sc->res->dynamic, l->op == LOGIC_RECURSIVE ? S("") : l->anchor);
		if (s)
			found = s;
	}
	return found;
}

static bool holds(struct schema_checker *c, const struct sub *s, struct node *n, const struct frame *at, struct marks *m, struct via by)
{
	bool collect = c->collect;
	c->collect = false; /* `thorough` stays: annotations, scopes */
	bool ok = attempt(c, s, n, at, m, NULL, by);
	c->collect = collect;
	return ok;
}

static bool check_one(struct schema_checker *c, const struct sub *s, const struct logic *l, struct node *n, const struct frame *at, struct marks *m)
{
	struct via by = { .from = s, .keyword = l->keyword };
	bool ok = true;
	switch (l->op) {
	case LOGIC_REF:
		return check_here(c, l->subs[0], n, at, m, by);
	case LOGIC_DYNAMIC:
	case LOGIC_RECURSIVE:
		return check_here(c, dynamic_target(c, l), n, at, m, by);
	case LOGIC_ALL:
		for (size_t i = 0; i < l->n && (ok || c->collect); i++) {
			by.number = i + 1;
			ok &= check_here(c, l->subs[i], n, at, m, by);
		}
		return ok;
	case LOGIC_ANY:
	case LOGIC_ONE:
		return check_any(c, s, l, n, at, m);
	case LOGIC_NOT:
		if (!holds(c, l->subs[0], n, at, NULL, by))
			return true;
		explain_not(c, s, l->subs[0], n, at);
		return false;
	case LOGIC_IF: {
		size_t which = holds(c, l->subs[0], n, at, m, by) ? 1 : 2;
		by.keyword = which == 1 ? "then" : "else";
		return !l->subs[which] || check_here(c, l->subs[which], n, at, m, by);
	}
	}
	return ok;
}

bool check_logic(struct schema_checker *c, const struct sub *s, struct node *n, const struct frame *at, struct marks *m)
{
	bool ok = true;
	for (size_t i = 0; i < s->nlogic && (ok || c->collect); i++)
		ok &= check_one(c, s, &s->logic[i], n, at, n->kind >= NODE_SEQ ? m : NULL);
	return ok;
}
