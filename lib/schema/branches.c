/* SPDX-License-Identifier: MIT */
/* Which alternatives of an anyOf or oneOf can hold at all: told by a value's type, or by the text of one telling key. */
#include "schema/internal.h"

enum { MOST_VISITS = 256, MOST_KEYS = 8, MODELS = 4 };

struct list {
	uint32_t *p;
	size_t n, cap;
};
struct branches {
	struct list by_kind[NODE_MAP + 1];
	str key;	    /* empty: none tells maps apart */
	struct map by_text; /* to struct list: who takes this text only, or some others, too */
	struct list open;   /* who takes any */
	struct list absent; /* who can do without the key */
};
struct telling { /* what one alternative says of a key */
	const struct choices *texts;
	bool required;
};
struct keys {
	const struct property *p[MOST_KEYS];
	size_t n;
};

/* Schemas that hold whenever this one does; how many are looked at is bounded, since a schema can be endless. */
static const struct sub *conjunct(const struct sub *s, uint64_t *at, unsigned *visits)
{
	for (size_t i = (size_t)(*at >> 32), k = *at & UINT32_MAX; i < s->nlogic; i++, k = 0) {
		const struct logic *l = &s->logic[i];
		if ((l->op != LOGIC_REF && l->op != LOGIC_ALL) || k >= l->n || *visits >= MOST_VISITS)
			continue;
		++*visits;
		*at = (uint64_t)i << 32 | (k + 1);
		return l->subs[k];
	}
	return NULL;
}

static uint8_t types_of(const struct sub *s, unsigned *visits)
{
	uint8_t types = s->never ? 0 : s->types ? s->types : T_ANY;
	if (types & T_INTEGER) /* 1.0 may be one */
		types |= T_NUMBER;
	uint64_t at = 0;
	for (const struct sub *c; (c = conjunct(s, &at, visits));)
		types &= types_of(c, visits);
	return types;
}

static bool are_texts(const struct choices *c)
{
	for (size_t i = 0; c && i < c->n; i++)
		if (c->p[i]->kind != NODE_STRING)
			return false;
	return c != NULL;
}

/* The texts to which a schema limits a value, or NULL. */
static const struct choices *texts_of(const struct sub *s, unsigned *visits)
{
	const struct choices *found = are_texts(s->constant) ? s->constant : are_texts(s->choices) ? s->choices : NULL;
	uint64_t at = 0;
	for (const struct sub *c; !found && (c = conjunct(s, &at, visits));)
		found = texts_of(c, visits);
	return found;
}

static void look_for(const struct property *key, const struct sub *s, struct telling *out, unsigned *visits)
{
	const struct property *p = s->object ? object_slot(s->object, key->name, key->hash) : NULL;
	if (p && p->sub && !out->texts)
		out->texts = texts_of(p->sub, visits);
	out->required |= p && p->required >= 0;
	uint64_t at = 0;
	for (const struct sub *c; (c = conjunct(s, &at, visits));)
		look_for(key, c, out, visits);
}

static struct telling telling(const struct property *key, const struct sub *s)
{
	struct telling t = { 0 };
	look_for(key, s, &t, &(unsigned){ 0 });
	return t;
}

static void gather_keys(const struct sub *s, struct keys *keys, unsigned *visits)
{
	for (uint32_t i = 0; s->object && i <= s->object->mask && keys->n < MOST_KEYS; i++) {
		const struct property *p = &s->object->slots[i];
		bool known = !p->sub || !texts_of(p->sub, visits);
		for (size_t k = 0; k < keys->n; k++)
			known |= keys->p[k]->hash == p->hash && str_eq(keys->p[k]->name, p->name);
		if (!known)
			keys->p[keys->n++] = p;
	}
	uint64_t at = 0;
	for (const struct sub *c; (c = conjunct(s, &at, visits));)
		gather_keys(c, keys, visits);
}

/* How many texts a key knows: the more, the fewer alternatives each leads to. */
static size_t worth(struct arena *a, const struct logic *l, const struct property *key)
{
	struct map texts = { 0 };
	for (size_t i = 0; i < l->n; i++) {
		const struct choices *c = telling(key, l->subs[i]).texts;
		for (size_t k = 0; c && k < c->n; k++)
			map_at(a, &texts, node_text(c->p[k]));
	}
	return texts.n;
}

static const struct property *best_key(struct arena *a, const struct logic *l)
{
	struct keys keys = { 0 };
	const struct property *best = NULL;
	size_t most = 1;
	for (size_t i = 0; i < l->n && i < MODELS; i++)
		gather_keys(l->subs[i], &keys, &(unsigned){ 0 });
	for (size_t k = 0; k < keys.n; k++) {
		size_t n = worth(a, l, keys.p[k]);
		if (n > most)
			best = keys.p[k], most = n;
	}
	return best;
}

static void add_texts(struct arena *a, struct map *by_text, const struct choices *c, uint32_t branch)
{
	for (size_t i = 0; i < c->n; i++) {
		struct list **list = (struct list **)map_at(a, by_text, node_text(c->p[i]));
		if (!*list)
			*list = NEW(a, struct list);
		if (!(*list)->n || (*list)->p[(*list)->n - 1] != branch)
			*VEC_ADD(a, *list) = branch;
	}
}

struct branches *branches_of(struct arena *a, const struct logic *l)
{
	struct branches *b = NEW(a, struct branches);
	const struct property *key = best_key(a, l);
	if (key)
		b->key = key->name;
	for (uint32_t i = 0; i < l->n; i++) {
		uint8_t types = types_of(l->subs[i], &(unsigned){ 0 });
		for (int kind = 0; kind <= NODE_MAP; kind++)
			if (types & kind_bit((enum kind)kind))
				*VEC_ADD(a, &b->by_kind[kind]) = i;
		if (!key || !(types & T_OBJECT))
			continue;
		struct telling t = telling(key, l->subs[i]);
		if (!t.required)
			*VEC_ADD(a, &b->absent) = i;
		if (t.texts)
			add_texts(a, &b->by_text, t.texts, i);
		else
			*VEC_ADD(a, &b->open) = i;
	}
	return b;
}

struct candidates branches_for(const struct branches *b, const struct node *n)
{
	const struct list *some = &b->by_kind[n->kind], *more = NULL;
	if (n->kind == NODE_MAP && b->key.p) {
		const struct node *v = node_get(n, b->key);
		some = v ? &b->open : &b->absent;
		more = v && v->kind == NODE_STRING ? map_get(&b->by_text, node_text(v)) : NULL;
	}
	return (struct candidates){ some->p, more ? more->p : NULL, some->n, some->n + (more ? more->n : 0) };
}
