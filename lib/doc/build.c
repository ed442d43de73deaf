/* SPDX-License-Identifier: MIT */
/* Builds trees from the events of the readers: duplicates, anchors, merge keys, limits. */
#include "doc/internal.h"

#include <stdio.h>

static const char merge_key[] = "<<"; /* an entry whose key is this very pointer is a merge */

int build_fail(struct builder *b, uint32_t line, uint32_t col, const char *rule, const char *fmt, ...)
{
	struct pos pos = { .file = b->source->name, .line = line, .col = col };
	va_list args;
	char text[512];

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return diag_trouble(b->diag, pos, rule, "%s", text);
}

void build_start(struct builder *b, struct arena *a)
{
	b->a = a;
	b->count = b->bytes = b->alias_bytes = 0;
	b->frames.n = b->entries.n = b->items.n = 0;
	b->anchors = (struct map){ 0 };
	b->root = NULL;
	if (!b->keys)
		b->keys = arena_raw(b->mem, KEYS * sizeof(*b->keys));
	memset(b->keys, 0, KEYS * sizeof(*b->keys));
}

static int too_many(struct builder *b, uint32_t line, uint32_t col)
{
	return build_fail(b, line, col, "max-nodes", "the document holds more than %zu values; if that is meant, raise --max-nodes", b->max);
}

static int too_deep(struct builder *b, uint32_t line, uint32_t col)
{
	return build_fail(b, line, col, "depth", "lists and maps are nested more than %d deep; flatten the document", DOC_MAX_DEPTH);
}

/* ---- anchors ------------------------------------------------------------------ */
struct anchor *build_anchor(struct builder *b, str name)
{
	void **slot = map_at(b->a, &b->anchors, str_copy(b->a, name));

	return *slot = NEW(b->a, struct anchor); /* a second anchor of the same name is another one */
}

struct anchor *build_alias(struct builder *b, str name, uint32_t line, uint32_t col)
{
	struct anchor *x = map_get(&b->anchors, name);

	if (!x)
		build_fail(b, line, col, "alias", "the alias *%.*s has no anchor &%.*s before it; define it, or quote the text",
			   (int)(name.n > 80 ? 80 : name.n), name.p, (int)(name.n > 80 ? 80 : name.n), name.p);
	else if (!x->node)
		build_fail(b, line, col, "alias", "the alias *%.*s stands inside its own anchor: the value would contain itself",
			   (int)(name.n > 80 ? 80 : name.n), name.p);
	return x && x->node ? x : NULL;
}

/* Counts nodes and text that an alias or a merge adds; both are bounded. */
static int charge(struct builder *b, size_t count, size_t bytes, uint32_t line, uint32_t col)
{
	b->count += count;
	b->bytes += bytes;
	b->alias_bytes += bytes;
	if (b->count > b->max || b->alias_bytes / 64 > b->max)
		return build_fail(b, line, col, "alias-bomb", "aliases expand to more than %zu values; if that is meant, raise --max-nodes", b->max);
	return 0;
}

/* ---- values -------------------------------------------------------------------- */
static void attach(struct builder *b, struct node *n, uint32_t height)
{
	struct frame *f = build_top(b);

	if (!f) {
		b->root = n;
		return;
	}
	if (f->node->kind == NODE_MAP && b->entries.p[b->entries.n - 1].key == merge_key) {
		uint32_t lost = n->kind == NODE_SEQ ? 2 : 1; /* levels, when it is merged */

		height = height > lost ? height - lost : 0;
	}
	if (height > f->height)
		f->height = height;
	if (f->node->kind == NODE_MAP) {
		b->entries.p[b->entries.n - 1].value = n;
		f->want_key = true;
	} else {
		*VEC_ADD(b->mem, &b->items) = n;
	}
}

void build_key(struct builder *b, str key, uint32_t line, uint32_t col, bool merge)
{
	uint32_t hash = key_hash(key.p, key.n);
	str *known = &b->keys[hash % KEYS];
	struct frame *f = build_top(b);

	if (!merge && (known->n != key.n || !known->p || (key.n && memcmp(known->p, key.p, key.n))))
		*known = str_copy(b->a, key);
	*VEC_ADD(b->mem, &b->entries) = (struct entry){
		.key = merge ? merge_key : known->p,
		.key_len = key.n,
		.hash = hash,
		.line = line,
		.col = col,
	};
	f->merge |= merge;
	f->want_key = false;
}

int build_scalar(struct builder *b, struct node *n, struct anchor *anchor)
{
	b->bytes += n->n;
	if (++b->count > b->max)
		return too_many(b, n->line, n->col);
	if (anchor)
		*anchor = (struct anchor){ .node = n, .count = 1, .bytes = n->n };
	attach(b, n, 0);
	return 0;
}

/* The value now due is what a << merges, or an item of its list: it is no part of the tree itself. */
static bool is_merged(const struct builder *b)
{
	const struct frame *f = b->frames.p + b->frames.n;

	if (b->frames.n > 1 && f[-1].node->kind == NODE_SEQ)
		f--;
	return b->frames.n && f[-1].node->kind == NODE_MAP && !f[-1].want_key && b->entries.p[b->entries.n - 1].key == merge_key;
}

int build_shared(struct builder *b, struct anchor *x, uint32_t line, uint32_t col)
{
	if (b->frames.n + x->height > DOC_MAX_DEPTH)
		return too_deep(b, line, col);
	if (!is_merged(b) && charge(b, x->count, x->bytes, line, col))
		return -1;
	attach(b, x->node, x->height);
	return 0;
}

int build_open(struct builder *b, enum kind k, uint32_t line, uint32_t col, struct anchor *anchor)
{
	struct node *n;

	if (b->frames.n >= DOC_MAX_DEPTH)
		return too_deep(b, line, col);
	n = arena_raw(b->a, sizeof(*n));
	*n = (struct node){ .source = b->source, .kind = k, .line = line, .col = col, .entries = (struct entry *)(uintptr_t)&no_entry };
	*VEC_ADD(b->mem, &b->frames) = (struct frame){
		.node = n,
		.anchor = anchor,
		.start = k == NODE_MAP ? b->entries.n : b->items.n,
		.count = b->count,
		.bytes = b->bytes,
		.height = 0,
		.want_key = k == NODE_MAP,
	};
	if (++b->count > b->max)
		return too_many(b, line, col);
	return 0;
}

/* ---- the end of a map ------------------------------------------------------------ */
static int duplicate(struct builder *b, const struct entry *first, const struct entry *second)
{
	struct pos pos = { .file = b->source->name, .line = second->line, .col = second->col };
	int n = second->key_len > 100 ? 100 : (int)second->key_len;

	if (!b->keep_last)
		return build_fail(b, second->line, second->col, "duplicate-key",
				  "the key \"%.*s\" was given already at line %u, column %u; keep one of the two", n, second->key,
				  first->line, first->col);
	diag_at(b->diag, SEV_WARNING, pos, "duplicate-key", "the key \"%.*s\" was given already at line %u, column %u; this one is kept",
		n, second->key, first->line, first->col);
	return 0;
}

static void put_entry(struct arena *a, struct node *map, const struct entry *e)
{
	struct entry *new = node_put(a, map, entry_key(e), e->value);

	new->line = e->line;
	new->col = e->col;
}

/* Each entry in turn; the last of equal keys stays, in the place of the first. */
static int fill_slowly(struct builder *b, struct node *map, const struct entry *e, size_t n)
{
	const struct entry *old, *end = e + n;

	map->n = map->cap = 0;
	for (; e < end; e++) {
		old = node_entry(map, entry_key(e));
		if (old && duplicate(b, old, e))
			return -1;
		put_entry(b->a, map, e);
	}
	return 0;
}

static bool is_unique(const struct entry *e, size_t n)
{
	uint64_t seen = 0, bit;
	size_t i, k;

	for (i = 0; i < n; i++) {
		bit = (uint64_t)1 << (e[i].hash & 63);
		if (seen & bit)
			for (k = 0; k < i; k++)
				if (e[k].hash == e[i].hash && str_eq(entry_key(&e[k]), entry_key(&e[i])))
					return false;
		seen |= bit;
	}
	return true;
}

static int fill(struct builder *b, struct node *map, const struct entry *e, size_t n)
{
	size_t i;

	if (!n)
		return 0;
	if (n <= MAP_SMALL && !is_unique(e, n))
		return fill_slowly(b, map, e, n);
	map->n = map->cap = n;
	map->entries = map_room(b->a, n);
	memcpy(map->entries, e, n * sizeof(*e));
	for (i = 0; n > MAP_SMALL && i < n; i++)
		if (map_enter(map, i))
			return fill_slowly(b, map, e, n);
	return 0;
}

/* ---- merge keys -------------------------------------------------------------------- */
static void weigh(const struct node *n, size_t limit, size_t *count, size_t *bytes)
{
	size_t i;

	if (++*count > limit)
		return;
	if (n->kind < NODE_SEQ)
		*bytes += n->n;
	else
		for (i = 0; i < n->n && *count <= limit; i++)
			weigh(n->kind == NODE_SEQ ? n->items[i] : n->entries[i].value, limit, count, bytes);
}

/* What `from` has and neither the map's own keys nor what was merged before it. */
static int merge_map(struct builder *b, struct node *map, const struct node *own, const struct node *from, const struct entry *at)
{
	const struct entry *e;
	size_t count, bytes;

	for (e = from->entries; e < from->entries + from->n; e++) {
		count = 2; /* an entry takes as much room as a value */
		bytes = 0;
		if (!node_entry(own, entry_key(e)) && !node_entry(map, entry_key(e))) {
			weigh(e->value, b->max, &count, &bytes);
			put_entry(b->mem, map, e);
		}
		if (charge(b, count, bytes, at->line, at->col))
			return -1;
	}
	return 0;
}

static int merge_value(struct builder *b, struct node *map, const struct node *own, const struct entry *at)
{
	const struct node *v = at->value;
	size_t i;

	if (v->kind == NODE_MAP)
		return merge_map(b, map, own, v, at);
	for (i = 0; v->kind == NODE_SEQ && i < v->n; i++) {
		if (v->items[i]->kind != NODE_MAP)
			break;
		if (merge_map(b, map, own, v->items[i], at))
			return -1;
	}
	if (v->kind == NODE_SEQ && i == v->n)
		return 0;
	return build_fail(b, at->line, at->col, "merge-key", "the value of << must be a map, or a list of maps; to name a key \"<<\", quote it");
}

/* The map's own entries, and the << among them; -1: a key is there twice. */
static int own_entries(struct builder *b, struct node *own, const struct entry *e, size_t n, const struct entry **merge)
{
	const struct entry *end = e + n, *old;

	for (; e < end; e++) {
		if (e->key != merge_key) {
			old = node_entry(own, entry_key(e));
			if (old && duplicate(b, old, e))
				return -1;
			put_entry(b->mem, own, e);
		} else if (*merge && !b->keep_last) {
			return build_fail(b, e->line, e->col, "duplicate-key",
					  "<< was given already at line %u, column %u; merge both in one list: <<: [*a, *b]",
					  (*merge)->line, (*merge)->col);
		} else {
			*merge = e;
		}
	}
	return 0;
}

/* A map with <<: what it merges stands in the place of the <<, less the keys that the map has itself. */
static int fill_merged(struct builder *b, struct node *map, const struct entry *e, size_t n)
{
	struct arena_mark mark = arena_mark(b->mem);
	struct node *own = node_new(b->mem, NODE_MAP), *all = node_new(b->mem, NODE_MAP);
	const struct entry *merge = NULL, *end = e + n, *i;
	int bad = own_entries(b, own, e, n, &merge);

	for (i = e; i < end && !bad; i++) {
		if (i->key != merge_key)
			put_entry(b->mem, all, node_entry(own, entry_key(i)));
		else if (i == merge)
			bad = merge_value(b, all, own, i);
	}
	if (!bad)
		bad = fill(b, map, all->entries, all->n);
	arena_rewind(b->mem, mark);
	return bad;
}

int build_close(struct builder *b)
{
	struct frame f = *build_top(b);
	struct entry *e;
	size_t n;

	if (f.node->kind == NODE_MAP) {
		n = b->entries.n - f.start;
		e = n ? b->entries.p + f.start : NULL;
		if (f.merge ? fill_merged(b, f.node, e, n) : fill(b, f.node, e, n))
			return -1;
		b->entries.n = f.start;
	} else if ((n = b->items.n - f.start)) {
		f.node->items = arena_raw(b->a, n * sizeof(*f.node->items));
		memcpy(f.node->items, b->items.p + f.start, n * sizeof(*f.node->items));
		f.node->n = f.node->cap = n;
		b->items.n = f.start;
	}
	b->frames.n--;
	if (f.anchor)
		*f.anchor = (struct anchor){
			.node = f.node,
			.count = b->count - f.count,
			.bytes = b->bytes - f.bytes,
			.height = f.height + 1,
		};
	attach(b, f.node, f.height + 1);
	return 0;
}
