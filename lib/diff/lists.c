/* SPDX-License-Identifier: MIT */
/* Which item of one list is which of the other: by the API's keys, as members of a set, by name, or in order. */
#include <stdlib.h>
#include <string.h>

#include "diff/internal.h"

/* What the server takes a missing key for. */
static str default_key(str key)
{
	return str_eq(key, S("protocol")) ? S("TCP") : (str){ "", 0 };
}

/* As compact JSON; what needs no escapes at once. */
static void add_json(struct buf *b, const struct node *n)
{
	bool plain = n->kind == NODE_STRING;

	for (uint32_t i = 0; plain && i < n->n; i++)
		plain = (unsigned char)n->text[i] >= 0x20 && n->text[i] != '"' && n->text[i] != '\\' && n->text[i] != 0x7f;
	if (!plain) {
		buf_add(b, json_text(b->a, n));
		return;
	}
	buf_char(b, '"');
	buf_add(b, node_text(n));
	buf_char(b, '"');
}

/* A text that is the same for items that are the same: the one managedFields uses, keys sorted. */
static str identity(struct compare *c, const struct list_keys *keys, const struct node *item)
{
	struct buf b = BUF(c->scratch);
	const str *last = NULL;

	if (keys->type == LIST_SET) {
		buf_add(&b, S("v:"));
		add_json(&b, item);
		return buf_str(&b);
	}
	buf_add(&b, S("k:{"));
	for (size_t done = 0; done < keys->n; done++) {
		const str *next = NULL;
		for (size_t k = 0; k < keys->n; k++)
			if ((!last || str_cmp(keys->keys[k], *last) > 0) && (!next || str_cmp(keys->keys[k], *next) < 0))
				next = &keys->keys[k];
		if (!next)
			break;
		last = next;
		const struct node *value = node_get(item, *next);
		struct node fallback = { .kind = NODE_STRING, .text = default_key(*next).p, .n = (uint32_t)default_key(*next).n };
		if (!value && !fallback.n)
			continue;
		buf_add(&b, done ? S(",\"") : S("\""));
		buf_add(&b, *next);
		buf_add(&b, S("\":"));
		add_json(&b, value ? value : &fallback);
	}
	buf_char(&b, '}');
	return buf_str(&b);
}

static bool are_maps_with(const struct node *list, str key)
{
	for (uint32_t i = 0; list && i < list->n; i++) {
		const struct node *v = node_get(list->items[i], key);
		if (!v || v->kind >= NODE_SEQ || !v->n)
			return false;
	}
	return true;
}

static bool unique(struct compare *c, const struct list_keys *keys, const struct node *list)
{
	struct map seen = { 0 };

	for (uint32_t i = 0; list && i < list->n; i++) {
		void **slot = map_at(c->scratch, &seen, identity(c, keys, list->items[i]));
		if (*slot)
			return false;
		*slot = list->items[i];
	}
	return true;
}

/* How a list is told apart; false: only by order. */
static bool keys_of(struct compare *c, struct kube_cursor cursor, const struct node *x, const struct node *y, struct list_keys *keys)
{
	static const str guesses[] = { { "name", 4 }, { "key", 3 }, { "id", 2 }, { "image", 5 }, { "host", 4 } };
	bool known = kube_cursor_list(c->scratch, cursor, keys);

	if (known && keys->type == LIST_ATOMIC && !keys->merge_key.n)
		return false;
	if (known && keys->type == LIST_ATOMIC)
		*keys = (struct list_keys){ .type = LIST_MAP, .keys = &keys->merge_key, .n = 1, .merge_key = keys->merge_key };
	if (known)
		return unique(c, keys, x) && unique(c, keys, y);
	if (!x->n && (!y || !y->n))
		return false;
	for (size_t i = 0; i < COUNT(guesses); i++) {
		*keys = (struct list_keys){ .type = LIST_MAP, .keys = &guesses[i], .n = 1 };
		if (are_maps_with(x, guesses[i]) && are_maps_with(y, guesses[i]) && unique(c, keys, x) && unique(c, keys, y))
			return true;
	}
	return false;
}

static str shown(struct compare *c, const struct list_keys *keys, const struct node *item)
{
	if (keys->type == LIST_SET)
		return str_printf(c->scratch, "[%.*s]", STR_ARG(node_str(item)));
	struct buf b = BUF(c->scratch);
	for (size_t k = 0; k < keys->n; k++) {
		str v = node_str(node_get(item, keys->keys[k]));
		if (!v.n)
			continue;
		buf_char(&b, b.n ? ',' : '[');
		buf_add(&b, keys->keys[k]);
		buf_char(&b, '=');
		buf_add(&b, v);
	}
	if (b.n)
		buf_char(&b, ']');
	return buf_str(&b);
}

static size_t pair_keyed(struct compare *c, const struct list_keys *keys, const struct node *desired, const struct node *live,
			 const struct node *last, struct pair *pairs)
{
	struct map in_live = { 0 }, in_last = { 0 };
	bool *taken = NEW_ARRAY(c->scratch, bool, live->n + 1);
	size_t n = 0;

	for (uint32_t i = 0; i < live->n; i++)
		*map_at(c->scratch, &in_live, identity(c, keys, live->items[i])) = (void *)(uintptr_t)(i + 1);
	for (uint32_t i = 0; last && i < last->n; i++)
		*map_at(c->scratch, &in_last, identity(c, keys, last->items[i])) = last->items[i];
	for (uint32_t i = 0; i < desired->n; i++) {
		str id = identity(c, keys, desired->items[i]);
		int64_t at = (int64_t)(uintptr_t)map_get(&in_live, id) - 1;
		if (at >= 0)
			taken[at] = true;
		pairs[n++] = (struct pair){ i, at, shown(c, keys, desired->items[i]), id, map_get(&in_last, id) };
	}
	for (uint32_t i = 0; i < live->n; i++)
		if (!taken[i]) {
			str id = identity(c, keys, live->items[i]);
			pairs[n++] = (struct pair){ -1, i, shown(c, keys, live->items[i]), id, map_get(&in_last, id) };
		}
	return n;
}

/* ---- in order: what both have stays, by the longest common subsequence where it is affordable ---- */

#define AFFORDABLE 250000

static size_t pair_equal_parts(struct compare *c, const struct node *desired, const struct node *live, uint32_t from, uint32_t n,
			       uint32_t m, struct pair *pairs)
{
	uint16_t *best = NEW_ARRAY(c->scratch, uint16_t, (size_t)(n + 1) * (m + 1));
	size_t count = 0;
	uint32_t i = 0, j = 0;

#define BEST(x, y) best[(size_t)(x) * (m + 1) + (y)]
	for (uint32_t x = n; x-- > 0;)
		for (uint32_t y = m; y-- > 0;) {
			bool same = node_equal(desired->items[from + x], live->items[from + y]);
			uint16_t skip = BEST(x + 1, y) > BEST(x, y + 1) ? BEST(x + 1, y) : BEST(x, y + 1);
			BEST(x, y) = same ? (uint16_t)(BEST(x + 1, y + 1) + 1) : skip;
		}
	while (i < n || j < m) {
		uint32_t gap_i = i, gap_j = j;
		while (i < n && j < m && !node_equal(desired->items[from + i], live->items[from + j])) {
			if (BEST(i + 1, j) >= BEST(i, j + 1))
				i++;
			else
				j++;
		}
		if (i == n || j == m) {
			i = n;
			j = m;
		}
		/* between two that stayed: as far as both go they are taken for changed items */
		while (gap_i < i || gap_j < j) {
			pairs[count++] = (struct pair){ .desired = gap_i < i ? (int64_t)from + gap_i : -1, .live = gap_j < j ? (int64_t)from + gap_j : -1 };
			gap_i += gap_i < i;
			gap_j += gap_j < j;
		}
		if (i < n && j < m)
			pairs[count++] = (struct pair){ .desired = (int64_t)from + i++, .live = (int64_t)from + j++ };
	}
#undef BEST
	return count;
}

static size_t pair_ordered(struct compare *c, const struct node *desired, const struct node *live, struct pair *pairs)
{
	uint32_t head = 0, tail = 0, n = desired->n, m = live->n, least = n < m ? n : m;
	size_t count = 0;

	if (n == m) {
		for (uint32_t i = 0; i < n; i++)
			pairs[count++] = (struct pair){ .desired = i, .live = i };
		return count;
	}
	while (head < least && node_equal(desired->items[head], live->items[head]))
		head++;
	while (tail < least - head && node_equal(desired->items[n - 1 - tail], live->items[m - 1 - tail]))
		tail++;
	uint32_t mid_n = n - head - tail, mid_m = m - head - tail;
	if (mid_n && mid_m && (uint64_t)mid_n * mid_m <= AFFORDABLE) {
		count = pair_equal_parts(c, desired, live, head, mid_n, mid_m, pairs);
	} else {
		uint32_t most = mid_n > mid_m ? mid_n : mid_m;
		for (uint32_t i = 0; i < most; i++)
			pairs[count++] = (struct pair){ .desired = i < mid_n ? (int64_t)head + i : -1, .live = i < mid_m ? (int64_t)head + i : -1 };
	}
	return count;
}

enum pairing pair_items(struct compare *c, struct kube_cursor cursor, const struct node *desired, const struct node *live,
			const struct node *last, struct pair **pairs, size_t *n)
{
	struct list_keys keys;

	*pairs = NEW_ARRAY(c->scratch, struct pair, (size_t)desired->n + live->n);
	if (!keys_of(c, cursor, desired, live, &keys)) {
		*n = pair_ordered(c, desired, live, *pairs);
		return PAIR_IN_ORDER;
	}
	*n = pair_keyed(c, &keys, desired, live, last, *pairs);
	return keys.type == LIST_SET ? PAIR_AS_SET : PAIR_BY_KEY;
}
