/* SPDX-License-Identifier: MIT */
/* The document tree: making, finding, changing, copying and comparing nodes. */
#include "doc/internal.h"

const char key_seed = 0;
const struct entry no_entry;

struct node *node_new(struct arena *a, enum kind k)
{
	struct node *n = NEW(a, struct node);

	n->kind = k;
	if (k < NODE_SEQ)
		n->text = "";
	else
		n->entries = (struct entry *)(uintptr_t)&no_entry;
	return n;
}

struct node *node_scalar(struct arena *a, enum kind k, str text)
{
	struct node *n = arena_raw(a, sizeof(*n) + text.n + 1);
	char *p = (char *)(n + 1);

	*n = (struct node){ .kind = k, .n = text.n, .text = p };
	if (text.n)
		memcpy(p, text.p, text.n);
	p[text.n] = '\0';
	return n;
}

struct node *node_string(struct arena *a, str s)
{
	return node_scalar(a, NODE_STRING, s);
}

struct node *node_int(struct arena *a, int64_t v)
{
	return node_scalar(a, NODE_INT, str_printf(a, "%lld", (long long)v));
}

struct node *node_bool(struct arena *a, bool v)
{
	struct node *n = node_scalar(a, NODE_BOOL, v ? S("true") : S("false"));

	n->flags = v ? NODE_TRUE : 0;
	return n;
}

struct node *node_at(struct node *n, const struct node *origin)
{
	if (!origin)
		return n;
	if (n->source != origin->source)
		n->tag = 0; /* tags are numbered by source */
	n->source = origin->source;
	n->line = origin->line;
	n->col = origin->col;
	return n;
}

/* ---- maps ----------------------------------------------------------------- */
static size_t map_slots(size_t cap)
{
	return (size_t)1 << (64 - __builtin_clzll(cap * 2 - 1));
}

static bool same_key(const struct entry *e, str key, uint32_t hash)
{
	return e->hash == hash && e->key_len == key.n && (!key.n || !memcmp(e->key, key.p, key.n));
}

struct entry *map_room(struct arena *a, size_t cap)
{
	size_t size, slots = 0;
	struct entry *e;

	if (cap > MAP_SMALL)
		slots = map_slots(cap) * sizeof(uint32_t);
	size = cap * sizeof(struct entry);
	e = arena_raw(a, size + slots);
	if (slots)
		memset((char *)e + size, 0, slots);
	return e;
}

struct entry *map_enter(struct node *map, size_t i)
{
	uint32_t *index = (uint32_t *)(map->entries + map->cap);
	size_t mask = map_slots(map->cap) - 1, at;
	struct entry *new = &map->entries[i], *e;

	for (at = new->hash & mask; index[at]; at = (at + 1) & mask) {
		e = &map->entries[index[at] - 1];
		if (same_key(e, entry_key(new), new->hash))
			return e;
	}
	index[at] = i + 1;
	return NULL;
}

/* Enters all n entries anew into the index of a map that has one. */
static void map_index(struct node *map)
{
	size_t i;

	if (map->cap <= MAP_SMALL)
		return;
	memset(map->entries + map->cap, 0, map_slots(map->cap) * sizeof(uint32_t));
	for (i = 0; i < map->n; i++)
		map_enter(map, i);
}

static struct entry *map_find(const struct node *map, str key, uint32_t hash)
{
	const uint32_t *index;
	struct entry *e;
	size_t mask, at;

	if (map->cap <= MAP_SMALL) {
		for (e = map->entries; e < map->entries + map->n; e++)
			if (same_key(e, key, hash))
				return e;
		return NULL;
	}
	index = (const uint32_t *)(map->entries + map->cap);
	mask = map_slots(map->cap) - 1;
	for (at = hash & mask; index[at]; at = (at + 1) & mask) {
		e = &map->entries[index[at] - 1];
		if (same_key(e, key, hash))
			return e;
	}
	return NULL;
}

struct entry *node_entry(const struct node *map, str key)
{
	if (!map || map->kind != NODE_MAP || !map->n)
		return NULL;
	return map_find(map, key, key_hash(key.p, key.n));
}

struct node *node_get(const struct node *map, str key)
{
	struct entry *e = node_entry(map, key);

	return e ? e->value : NULL;
}

static void map_grow(struct arena *a, struct node *map)
{
	struct entry *old = map->entries;

	map->cap = map->cap < 4 ? 4 : map->cap * 2;
	map->entries = map_room(a, map->cap);
	if (map->n)
		memcpy(map->entries, old, map->n * sizeof(*old));
	map_index(map);
}

struct entry *node_put(struct arena *a, struct node *map, str key, struct node *value)
{
	uint32_t hash = key_hash(key.p, key.n);
	struct entry *e = map->n ? map_find(map, key, hash) : NULL;

	if (!e) {
		if (map->n == map->cap)
			map_grow(a, map);
		e = &map->entries[map->n++];
		*e = (struct entry){ .key = key.p ? key.p : "", .key_len = key.n, .hash = hash };
		if (map->cap > MAP_SMALL)
			map_enter(map, map->n - 1);
	}
	e->value = value;
	e->line = value->line;
	e->col = value->col;
	return e;
}

bool node_remove(struct node *map, str key)
{
	struct entry *e = node_entry(map, key), *end;

	if (!e)
		return false;
	end = map->entries + map->n--;
	memmove(e, e + 1, (end - (e + 1)) * sizeof(*e));
	map_index(map);
	return true;
}

/* ---- lists ------------------------------------------------------------------ */
void node_insert(struct arena *a, struct node *seq, size_t at, struct node *item)
{
	size_t cap = seq->cap < 4 ? 4 : (size_t)seq->cap * 2;

	if (seq->n == seq->cap) {
		seq->items = arena_grow(a, seq->items, seq->n * sizeof(*seq->items), cap * sizeof(*seq->items));
		seq->cap = cap;
	}
	if (at > seq->n)
		at = seq->n;
	memmove(seq->items + at + 1, seq->items + at, (seq->n - at) * sizeof(*seq->items));
	seq->items[at] = item;
	seq->n++;
}

void node_push(struct arena *a, struct node *seq, struct node *item)
{
	node_insert(a, seq, seq->n, item);
}

void node_remove_at(struct node *seq, size_t at)
{
	if (at >= seq->n)
		return;
	seq->n--;
	memmove(seq->items + at, seq->items + at + 1, (seq->n - at) * sizeof(*seq->items));
}

/* ---- copies ------------------------------------------------------------------ */
struct node *node_clone(struct arena *a, const struct node *n)
{
	struct node *c = arena_raw(a, sizeof(*c));

	*c = *n;
	if (n->kind < NODE_SEQ)
		return c;
	c->cap = n->n;
	if (n->kind == NODE_SEQ) {
		c->items = arena_raw(a, n->n * sizeof(*c->items));
		if (n->n)
			memcpy(c->items, n->items, n->n * sizeof(*c->items));
	} else {
		c->entries = map_room(a, c->cap);
		if (n->n)
			memcpy(c->entries, n->entries, n->n * sizeof(*c->entries));
		map_index(c);
	}
	return c;
}

struct node *node_copy(struct arena *a, const struct node *n)
{
	struct node *c;
	size_t i;

	if (n->kind < NODE_SEQ) {
		c = node_scalar(a, n->kind, node_text(n));
		c->style = n->style;
		c->flags = n->flags;
		c->source = n->source;
		c->line = n->line;
		c->col = n->col;
		c->tag = n->tag;
		return c;
	}
	c = node_clone(a, n);
	for (i = 0; i < c->n; i++) {
		if (c->kind == NODE_SEQ) {
			c->items[i] = node_copy(a, c->items[i]);
		} else {
			c->entries[i].key = str_copy(a, entry_key(&c->entries[i])).p;
			c->entries[i].value = node_copy(a, c->entries[i].value);
		}
	}
	return c;
}

/* ---- questions ----------------------------------------------------------------- */
str node_str(const struct node *n)
{
	return n && n->kind < NODE_SEQ ? node_text(n) : (str){ "", 0 };
}

str node_get_str(const struct node *map, str key)
{
	const struct node *n = node_get(map, key);

	return n && n->kind == NODE_STRING ? node_text(n) : (str){ "", 0 };
}

bool node_true(const struct node *n)
{
	return n && n->kind == NODE_BOOL && n->flags & NODE_TRUE;
}

static bool map_equal(const struct node *x, const struct node *y)
{
	const struct entry *e, *f;

	for (e = x->entries; e < x->entries + x->n; e++) {
		f = map_find(y, entry_key(e), e->hash);
		if (!f || !node_equal(e->value, f->value))
			return false;
	}
	return true;
}

bool node_equal(const struct node *x, const struct node *y)
{
	size_t i;

	if (x == y)
		return true;
	if (!x || !y)
		return false;
	if (x->kind != y->kind) {
		bool numbers = (x->kind == NODE_INT || x->kind == NODE_FLOAT) && (y->kind == NODE_INT || y->kind == NODE_FLOAT);

		return numbers && number_equal(x, y);
	}
	switch ((enum kind)x->kind) {
	case NODE_NULL:
		return true;
	case NODE_BOOL:
		return node_true(x) == node_true(y);
	case NODE_INT:
	case NODE_FLOAT:
		return number_equal(x, y);
	case NODE_STRING:
		return str_eq(node_text(x), node_text(y));
	case NODE_SEQ:
		for (i = 0; i < x->n && x->n == y->n; i++)
			if (!node_equal(x->items[i], y->items[i]))
				return false;
		return x->n == y->n;
	case NODE_MAP:
		return x->n == y->n && map_equal(x, y);
	}
	return false;
}

const char *node_tag(const struct node *n)
{
	return n && n->tag && n->source && n->tag <= n->source->ntags ? n->source->tags[n->tag - 1] : NULL;
}

const char *kind_name(enum kind k)
{
	static const char *const names[] = { "null", "boolean", "integer", "number", "string", "list", "map" };

	return (size_t)k < COUNT(names) ? names[k] : "value";
}

const char *a_kind(const struct node *n)
{
	static const char *const names[] = { "null", "a boolean", "an integer", "a number", "a string", "a list", "a map" };

	return names[n->kind];
}

struct pos node_pos(const struct node *n)
{
	if (!n || !n->source)
		return NOWHERE;
	return (struct pos){ .file = n->source->name, .line = n->line, .col = n->col };
}

struct pos entry_pos(const struct entry *e)
{
	if (!e || !e->value || !e->value->source)
		return NOWHERE;
	const struct source *s = e->value->source;

	return (struct pos){ .file = s->keys ? s->keys->name : s->name, .line = e->line, .col = e->col };
}
