/* SPDX-License-Identifier: MIT */
/* Why no alternative of anyOf or oneOf fits: the one that was meant, as far as that can be told. */
#include "schema/internal.h"

#include <string.h>

enum { NESTED = 8, SAID = 3, FIELDS = 50, TAGS = 8 }; /* no more fields are looked at, no more decide */

struct tries { /* the alternatives that may have been meant */
	struct schema_checker *c;
	const struct sub *s;
	const struct logic *l;
	const struct node *n;
	const struct frame *at;
	struct errors *e; /* of each */
	bool *out;	  /* it was not meant */
	size_t left;
	int depth;
};
struct values {
	struct node **p;
	size_t n, cap;
};

static bool is_value_rule(const struct schema_error *e)
{
	return strcmp(e->rule, "const") == 0 || strcmp(e->rule, "enum") == 0;
}

static const struct sub *field_of(const struct sub *s, str key, int depth)
{
	const struct object_rules *r = s->object;
	for (uint32_t i = 0; r && i <= r->mask; i++)
		if (r->slots[i].sub && str_eq(r->slots[i].name, key))
			return r->slots[i].sub;
	for (size_t i = 0; depth < NESTED && i < s->nlogic; i++)
		for (size_t k = 0; (s->logic[i].op == LOGIC_REF || s->logic[i].op == LOGIC_ALL) && k < s->logic[i].n; k++) {
			const struct sub *found = field_of(s->logic[i].subs[k], key, depth + 1);
			if (found)
				return found;
		}
	return NULL;
}

/* The values that an alternative allows for a field, if it lists them. */
static const struct choices *choices_of(const struct sub *branch, str key)
{
	const struct sub *p = field_of(branch, key, 0);
	return !p ? NULL : p->target->constant ? p->target->constant : p->target->choices;
}

static bool among(const struct choices *ch, const struct node *n)
{
	for (size_t i = 0; i < ch->n; i++)
		if (node_equal(ch->p[i], n))
			return true;
	return false;
}

static void drop(struct tries *t, size_t i)
{
	t->left -= !t->out[i];
	t->out[i] = true;
}

/* ---- all in one sentence ----------------------------------------------------------- */
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

static bool only(const struct errors *e, int depth, bool (*is)(const struct schema_error *e))
{
	for (size_t i = 0; i < e->n; i++)
		if (e->p[i].depth != depth || !is(&e->p[i]))
			return false;
	return e->n > 0;
}

static bool is_required_rule(const struct schema_error *e)
{
	return strcmp(e->rule, "required") == 0;
}

static bool is_plain_rule(const struct schema_error *e)
{
	return strcmp(e->rule, "type") == 0 || is_value_rule(e);
}

static bool explain_required(struct tries *t)
{
	struct buf required = BUF(&t->c->a);
	for (size_t i = 0; i < t->l->n; i++) {
		const struct object_rules *r = t->l->subs[i]->target->object;
		if (t->n->kind != NODE_MAP || !r || !only(&t->e[i], t->depth, is_required_rule))
			return false;
		list_missing(&required, r, t->n, !required.n ? "" : i + 1 == t->l->n ? " or " : ", ");
	}
	explain(t->c, t->s, t->l->keyword, "required", t->n, t->at, NULL, t->l->n > 1 ? "one of the fields %.*s is required" : "the field %.*s is required",
		STR_ARG(buf_str(&required)));
	return true;
}

/* All alternatives are values or types of the value itself. */
static bool explain_plain(struct tries *t)
{
	unsigned types = 0;
	struct values values = { 0 };
	for (size_t i = 0; i < t->l->n; i++) {
		const struct sub *b = t->l->subs[i]->target;
		const struct choices *ch = b->choices ? b->choices : b->constant;
		for (size_t k = 0; ch && k < ch->n; k++)
			*VEC_ADD(&t->c->a, &values) = ch->p[k];
		types |= ch ? 0 : b->types;
		if ((!ch && !b->types) || !only(&t->e[i], t->depth, is_plain_rule))
			return false;
	}
	if (values.n && !types)
		explain_one_of(t->c, t->s, "enum", values.p, values.n, t->n, t->at);
	else if (types && !values.n)
		explain_types(t->c, t->s, t->l->keyword, types, t->n, t->at);
	return !values.n != !types;
}

/* ---- a field that decides ----------------------------------------------------------- */
struct tag {
	str key;
	struct entry *entry; /* NULL: it is not there */
	size_t tagged, accepted, distinct;
};

static void add_values(struct tries *t, struct values *v, str key, struct map *seen)
{
	for (size_t i = 0; i < t->l->n; i++) {
		const struct choices *ch = t->out[i] ? NULL : choices_of(t->l->subs[i], key);
		for (size_t k = 0; ch && k < ch->n; k++) {
			void **slot = map_at(&t->c->a, seen, json_text(&t->c->a, ch->p[k]));
			if (!*slot)
				*VEC_ADD(&t->c->a, v) = *slot = ch->p[k];
		}
	}
}

static struct tag look_at(struct tries *t, str key, struct entry *e)
{
	struct tag tag = { .key = key, .entry = e };
	struct map seen = { 0 };
	for (size_t i = 0; i < t->l->n; i++) {
		const struct choices *ch = t->out[i] ? NULL : choices_of(t->l->subs[i], key);
		if (!ch || !ch->n)
			continue;
		tag.tagged++;
		tag.accepted += e && among(ch, e->value);
		*map_at(&t->c->a, &seen, json_text(&t->c->a, ch->p[0])) = t;
	}
	tag.distinct = seen.n;
	return tag;
}

/* Does the alternative want this field, which stands below the value, to be another, or not to be? */
static bool refuses(const struct tries *t, size_t i, const struct entry *e)
{
	struct arena *a = &t->c->a;
	str want = pointer_add_key(a, (str){ "", 0 }, entry_key(e));
	for (size_t k = 0; k < t->e[i].n; k++)
		if (t->e[i].p[k].depth == t->depth + 1 && str_ends(t->e[i].p[k].path, want))
			return true;
	return false;
}

/* None of the alternatives has this value: false, if some of those that do not list values take it. */
static bool explain_tag(struct tries *t, const struct tag *tag)
{
	struct values values = { 0 };
	struct map seen = { 0 };
	for (size_t i = 0; i < t->l->n; i++)
		if (!t->out[i] && !choices_of(t->l->subs[i], tag->key) && !refuses(t, i, tag->entry))
			return false;
	add_values(t, &values, tag->key, &seen);
	struct frame here = { t->at, tag->entry, 0 };
	explain_one_of(t->c, t->s, "enum", values.p, values.n, tag->entry->value, &here);
	return true;
}

static void keep_accepting(struct tries *t, const struct tag *tag)
{
	for (size_t i = 0; i < t->l->n; i++) {
		const struct choices *ch = choices_of(t->l->subs[i], tag->key);
		if (ch ? tag->accepted && !among(ch, tag->entry->value) : tag->accepted > 0)
			drop(t, i);
		else if (ch && !tag->accepted)
			drop(t, i);
	}
}

/* By the fields that are there, those that tell most alternatives apart first.  True: told. */
static bool by_tags(struct tries *t, bool *decided)
{
	bool *used = NEW_ARRAY(&t->c->a, bool, t->n->n + 1);
	for (int n = 0; n < TAGS && t->left > 1; n++) {
		struct tag best = { .distinct = 1 };
		size_t at = 0;
		for (size_t i = 0; i < t->n->n && i < FIELDS; i++) {
			struct entry *e = &t->n->entries[i];
			struct tag tag = !used[i] && e->value->kind < NODE_SEQ ? look_at(t, entry_key(e), e) : (struct tag){ 0 };
			if (tag.distinct <= best.distinct)
				continue;
			best = tag;
			at = i;
		}
		if (!best.entry)
			return false;
		used[at] = true;
		if (!best.accepted && explain_tag(t, &best))
			return true;
		keep_accepting(t, &best);
		*decided = t->left == 1;
	}
	return false;
}

static unsigned strange_fields(const struct tries *t, size_t i)
{
	unsigned n = 0;
	for (size_t k = 0; t->n->kind == NODE_MAP && k < t->n->n && k < FIELDS; k++)
		n += !field_of(t->l->subs[i], entry_key(&t->n->entries[k]), 0);
	return n;
}

/* Those that know the most of the fields that are there were meant, if they know all of them. */
static void by_fields(struct tries *t)
{
	unsigned least = ~0u;
	for (size_t i = 0; i < t->l->n; i++)
		if (!t->out[i] && strange_fields(t, i) < least)
			least = strange_fields(t, i);
	for (size_t i = 0; !least && t->n->n > 1 && i < t->l->n; i++)
		if (strange_fields(t, i))
			drop(t, i);
}

/* By a field that is not there, though all alternatives want it and tell themselves apart by it. */
static bool explain_absent_tag(struct tries *t)
{
	size_t at = 0;
	while (at + 1 < t->l->n && t->out[at])
		at++;
	const struct sub *first = t->l->subs[at]->target;
	for (uint32_t i = 0; first->object && i < first->object->nrequired && i < FIELDS; i++) {
		str key = first->object->required[i]->name;
		struct tag tag = node_get(t->n, key) ? (struct tag){ 0 } : look_at(t, key, NULL);
		if (tag.tagged != t->left || tag.distinct < 2)
			continue;
		struct values values = { 0 };
		struct map seen = { 0 };
		struct buf b = BUF(&t->c->a);
		struct entry *meant = NULL;
		for (size_t k = 0; k < t->n->n && k < FIELDS && !meant; k++) {
			str mine = entry_key(&t->n->entries[k]);
			if (!field_of(first, mine, 0) && str_nearest(mine, &key, 1).n)
				meant = &t->n->entries[k];
		}
		add_values(t, &values, key, &seen);
		explain_list(&t->c->a, &b, values.p, values.n);
		struct frame here = { t->at, meant, 0 };
		if (meant)
			explain(t->c, t->s, t->l->keyword, "unknown-field", t->n, &here, meant, "unknown field; did you mean \"%.*s\"?", STR_ARG(key));
		else
			explain(t->c, t->s, t->l->keyword, "required", t->n, t->at, NULL, "the field \"%.*s\" is required: one of %.*s", STR_ARG(key),
				STR_ARG(buf_str(&b)));
		return true;
	}
	return false;
}

/* ---- the closest ---------------------------------------------------------------------- */
static bool wrong_kind(const struct tries *t, size_t i)
{
	for (size_t k = 0; k < t->e[i].n; k++)
		if (t->e[i].p[k].depth == t->depth && (strcmp(t->e[i].p[k].rule, "type") == 0 || strcmp(t->e[i].p[k].rule, "false") == 0))
			return true;
	return false;
}

/* Of several types: those of the value's type were meant, if there are any. */
static void by_type(struct tries *t)
{
	size_t fit = 0;
	for (size_t i = 0; i < t->l->n; i++)
		fit += !t->out[i] && !wrong_kind(t, i);
	for (size_t i = 0; fit && i < t->l->n; i++)
		if (wrong_kind(t, i))
			drop(t, i);
}

/* How far an alternative is from the value: wrong kind, wrong discriminator, errors near the top, errors, fields that it does not know. */
static unsigned long distance(const struct tries *t, size_t i)
{
	const struct errors *e = &t->e[i];
	unsigned long kind = 0, tags = 0, near = 0;
	for (size_t k = 0; k < e->n; k++) {
		kind += e->p[k].depth == t->depth && (is_plain_rule(&e->p[k]) || strcmp(e->p[k].rule, "false") == 0);
		tags += e->p[k].depth == t->depth + 1 && is_value_rule(&e->p[k]);
		near += e->p[k].depth <= t->depth + 1;
	}
	return kind * 1000000000 + tags * 10000000 + near * 10000 + e->n * 100 + strange_fields(t, i);
}

/* Does it alone know all the fields that are there? */
static bool knows_best(const struct tries *t, size_t best)
{
	bool alone = t->n->kind == NODE_MAP && strange_fields(t, best) <= (t->n->n > 1);
	for (size_t i = 0; alone && i < t->l->n; i++)
		alone = i == best || t->out[i] || strange_fields(t, i) > strange_fields(t, best);
	return alone;
}

static void take(struct tries *t, size_t best, bool guessed)
{
	const struct errors *e = &t->e[best];
	for (size_t i = 0; i < e->n && !enough_errors(t->c); i++) {
		struct schema_error *to = VEC_ADD(&t->c->a, &t->c->errors);
		*to = e->p[i];
		if (guessed && i == 0 && str_find(to->message, S(" (the closest of ")) < 0)
			to->message = str_printf(&t->c->a, "%.*s (the closest of %zu alternatives)", STR_ARG(to->message), t->l->n);
	}
}

/* No alternative is closer than others: what each of them says of the value itself. */
static void explain_all(struct tries *t, size_t best)
{
	struct buf b = BUF(&t->c->a);
	size_t said = 0;
	for (size_t i = 0; i < t->l->n && said < SAID; i++) {
		if (t->out[i] || t->e[i].n != 1 || t->e[i].p[0].depth != t->depth)
			continue;
		buf_printf(&b, "%s%.*s", said++ ? "; or: " : ": ", STR_ARG(t->e[i].p[0].text));
	}
	if (said == SAID && t->left > SAID)
		buf_add(&b, S("; …"));
	str one = t->e[best].n && !said ? t->e[best].p[0].message : (str){ "", 0 };
	explain(t->c, t->s, t->l->keyword, t->l->keyword, t->n, t->at, NULL, "fits none of the %zu alternatives%.*s%s%.*s", t->l->n, STR_ARG(buf_str(&b)),
		one.n ? "; one of them says: " : "", STR_ARG(one));
}

static void explain_closest(struct tries *t, bool decided)
{
	size_t best = 0, ties = 0;
	unsigned long least = ~0UL, d;
	by_type(t);
	for (size_t i = 0; i < t->l->n; i++) {
		if (t->out[i] || (d = distance(t, i)) > least)
			continue;
		ties = d == least ? ties + 1 : 1;
		best = d == least ? best : i;
		least = d;
	}
	if (!t->e[best].n || ties > 2 || (ties > 1 && t->e[best].n == 1 && t->e[best].p[0].depth == t->depth))
		explain_all(t, best);
	else
		take(t, best, !decided && t->left > 1 && !knows_best(t, best));
}

void explain_branches(struct schema_checker *c, const struct sub *s, const struct logic *l, const struct node *n, const struct frame *at,
		      const struct errors *tried)
{
	struct tries t = { c, s, l, n, at, NEW_ARRAY(&c->a, struct errors, l->n + 1), NEW_ARRAY(&c->a, bool, l->n + 1), l->n, explain_depth(at) };
	bool decided = false;
	if (c->output) {
		explain(c, s, l->keyword, l->keyword, n, at, NULL, "fits none of the %zu alternatives", l->n);
		for (size_t i = 0; i < l->n; i++)
			for (size_t k = 0; k < tried[i].n && !enough_errors(c); k++)
				*VEC_ADD(&c->a, &c->errors) = tried[i].p[k];
		return;
	}
	for (size_t i = 0; i < l->n; i++) {
		t.e[i] = tried[i];
		explain_settle(&t.e[i]);
	}
	bool map = n->kind == NODE_MAP && l->n > 1;
	if (map && explain_absent_tag(&t))
		return;
	if (explain_required(&t) || explain_plain(&t))
		return;
	if (map && by_tags(&t, &decided))
		return;
	if (map)
		by_fields(&t);
	if (map && t.left > 1 && explain_absent_tag(&t))
		return;
	explain_closest(&t, decided);
}

/* A field that one alternative asks for and the other does not; empty: there is none. */
static str asked_by(const struct sub *one, const struct sub *other)
{
	const struct object_rules *r = one->target->object, *o = other->target->object;
	for (uint32_t i = 0; r && i < r->nrequired; i++)
		if (!o || object_slot(o, r->required[i]->name, r->required[i]->hash)->required < 0)
			return r->required[i]->name;
	return (str){ 0 };
}

void explain_two(struct schema_checker *c, const struct sub *s, const struct logic *l, const struct node *n, const struct frame *at, size_t first, size_t second)
{
	str one = asked_by(l->subs[first], l->subs[second]), other = asked_by(l->subs[second], l->subs[first]);
	if (n->kind == NODE_MAP && one.n && other.n)
		explain(c, s, l->keyword, l->keyword, n, at, NULL, "\"%.*s\" and \"%.*s\" exclude each other: keep one of them (alternatives %zu and %zu of oneOf)",
			STR_ARG(one), STR_ARG(other), first + 1, second + 1);
	else
		explain(c, s, l->keyword, l->keyword, n, at, NULL, "fits alternatives %zu and %zu of oneOf, where exactly one is allowed", first + 1,
			second + 1);
}
