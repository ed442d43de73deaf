/* SPDX-License-Identifier: MIT */
/* Values as JSON Schema compares and shows them. */
#include "schema/internal.h"

#include <stdlib.h>
#include <string.h>

static uint64_t mix(uint64_t h, const void *p, size_t n)
{
	const unsigned char *b = p;
	for (size_t i = 0; i < n; i++)
		h = (h ^ b[i]) * UINT64_C(0x100000001b3);
	return h;
}

uint64_t value_hash(struct arena *a, const struct node *n)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	switch ((enum kind)n->kind) {
	case NODE_NULL:
		return h;
	case NODE_BOOL:
		return h + 1 + node_true(n);
	case NODE_INT:
	case NODE_FLOAT: {
		struct decimal d = decimal_of(a, n);
		h = mix(h + 3 + d.negative, d.digits, d.n);
		return mix(h, &d.exp, sizeof(d.exp));
	}
	case NODE_STRING:
		return mix(h + 5, n->text, n->n);
	case NODE_SEQ:
		h += 6;
		for (size_t i = 0; i < n->n; i++)
			h = (h ^ value_hash(a, n->items[i])) * UINT64_C(0x100000001b3);
		return h;
	case NODE_MAP:
		break;
	}
	uint64_t sum = 7; /* the order of keys is nothing */
	for (size_t i = 0; i < n->n; i++) {
		uint64_t k = mix(h, n->entries[i].key, n->entries[i].key_len);
		uint64_t v = value_hash(a, n->entries[i].value);
		sum += (k ^ (v + (v << 17))) * UINT64_C(0x9e3779b97f4a7c15);
	}
	return h + sum;
}

struct hashed {
	uint64_t hash;
	size_t index;
};
struct value_index { /* by hash */
	struct hashed *p;
	size_t n;
};

static int by_hash(const void *x, const void *y)
{
	const struct hashed *a = x, *b = y;
	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	return a->index < b->index ? -1 : a->index > b->index;
}

struct value_index *value_index_new(struct arena *a, struct node *const *p, size_t n)
{
	struct value_index *x = NEW(a, struct value_index);
	x->p = NEW_ARRAY(a, struct hashed, n);
	x->n = n;
	for (size_t i = 0; i < n; i++) {
		struct arena_mark mark = arena_mark(a);
		x->p[i] = (struct hashed){ value_hash(a, p[i]), i };
		arena_rewind(a, mark);
	}
	qsort(x->p, n, sizeof(*x->p), by_hash);
	return x;
}

bool value_index_has(struct arena *a, const struct value_index *x, struct node *const *values, const struct node *n)
{
	struct arena_mark mark = arena_mark(a);
	uint64_t hash = value_hash(a, n);
	size_t lo = 0, hi = x->n;
	arena_rewind(a, mark);
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (x->p[mid].hash < hash)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < x->n && x->p[lo].hash == hash; lo++)
		if (node_equal(values[x->p[lo].index], n))
			return true;
	return false;
}

bool value_unique(struct arena *a, const struct node *seq, size_t *first, size_t *second)
{
	struct arena_mark start = arena_mark(a);
	struct hashed *h = arena_raw(a, seq->n * sizeof(*h) + 1);
	bool unique = true;
	for (size_t i = 0; i < seq->n; i++) {
		struct arena_mark mark = arena_mark(a);
		h[i] = (struct hashed){ value_hash(a, seq->items[i]), i };
		arena_rewind(a, mark);
	}
	qsort(h, seq->n, sizeof(*h), by_hash);
	for (size_t i = 0; i < seq->n && unique; i++) {
		/* equal hashes are equal values, but for accidents: compare with the first few */
		for (size_t j = i + 1; j < seq->n && j < i + 16 && h[j].hash == h[i].hash; j++) {
			if (node_equal(seq->items[h[i].index], seq->items[h[j].index])) {
				*first = h[i].index;
				*second = h[j].index;
				unique = false;
				break;
			}
		}
	}
	arena_rewind(a, start);
	return unique;
}

uint64_t value_weigh(const struct node *n, uint64_t most)
{
	uint64_t sum = 1;
	if (n->kind < NODE_SEQ)
		return sum + n->n / 64;
	for (size_t i = 0; i < n->n && sum < most; i++)
		sum += value_weigh(n->kind == NODE_MAP ? n->entries[i].value : n->items[i], most);
	return sum;
}

size_t value_length(str s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xC0) != 0x80;
	return n;
}

bool value_is_line(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 0x20 || s.p[i] > 0x7E || s.p[i] == '"' || s.p[i] == '\\')
			return false;
	return true;
}

str value_show(struct arena *a, const struct node *n)
{
	enum { WIDEST = 60 };
	if (!n || n->kind == NODE_NULL)
		return n && n->flags & NODE_EMPTY ? S("nothing (null)") : S("null");
	if (n->kind == NODE_MAP)
		return n->n ? S("a map") : S("an empty map");
	if (n->kind == NODE_SEQ)
		return n->n ? S("a list") : S("an empty list");
	str text = node_text(n);
	size_t cut = text.n;
	if (text.n > WIDEST)
		for (cut = WIDEST; cut && ((unsigned char)text.p[cut] & 0xC0) == 0x80; cut--)
			;
	const char *dots = cut < text.n ? "…" : "";
	if (n->kind == NODE_STRING)
		return str_printf(a, "string \"%.*s%s\"", (int)cut, text.p, dots);
	return str_printf(a, "%s %.*s%s", kind_name((enum kind)n->kind), (int)cut, text.p, dots);
}
