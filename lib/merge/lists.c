/* SPDX-License-Identifier: MIT */
/* lists: append, prepend, append what is new, merge items by their keys. */
#include "merge/internal.h"

#include <stdlib.h>

static int entry_order(const void *x, const void *y)
{
	return str_cmp(entry_key(*(const struct entry *const *)x), entry_key(*(const struct entry *const *)y));
}

static void add_value_key(struct buf *b, const struct node *n)
{
	const struct entry **sorted;

	switch ((enum kind)n->kind) {
	case NODE_NULL:
		buf_char(b, 'z');
		break;
	case NODE_BOOL:
		buf_char(b, node_true(n) ? 't' : 'f');
		break;
	case NODE_INT:
	case NODE_FLOAT: {
		int64_t i;
		if (node_to_i64(n, &i))
			buf_printf(b, "n%lld", (long long)i);
		else
			buf_printf(b, "n%.17g", node_to_double(n));
		break;
	}
	case NODE_STRING:
		buf_printf(b, "s%u:", (unsigned)n->n);
		buf_add(b, node_text(n));
		break;
	case NODE_SEQ:
		buf_char(b, '[');
		for (uint32_t i = 0; i < n->n; i++)
			add_value_key(b, n->items[i]);
		buf_char(b, ']');
		break;
	case NODE_MAP:
		sorted = NEW_ARRAY(b->a, const struct entry *, n->n + 1u);
		for (uint32_t i = 0; i < n->n; i++)
			sorted[i] = &n->entries[i];
		qsort(sorted, n->n, sizeof(*sorted), entry_order);
		buf_char(b, '{');
		for (uint32_t i = 0; i < n->n; i++) {
			buf_printf(b, "%u:", (unsigned)sorted[i]->key_len);
			buf_add(b, entry_key(sorted[i]));
			add_value_key(b, sorted[i]->value);
		}
		buf_char(b, '}');
		break;
	}
}

str value_key(struct arena *a, const struct node *n)
{
	struct buf b = BUF(a);

	add_value_key(&b, n);
	return buf_str(&b);
}

static struct node *adopt_item(struct merge *m, const struct place *at, struct node *list, size_t index)
{
	struct place here = { .up = at, .index = index, .item = true };

	return merge_adopt(m, &here, list->items[index]);
}

static struct node *append(struct merge *m, const struct place *at, struct node *below, struct node *over)
{
	struct node *to = node_ours(m->a, m->o.history, below);

	for (uint32_t i = 0; i < over->n; i++) {
		struct node *v = adopt_item(m, at, over, i);
		if (v)
			node_push(m->a, to, v);
	}
	return to;
}

static struct node *prepend(struct merge *m, const struct place *at, struct node *below, struct node *over)
{
	struct node *to = node_ours(m->a, m->o.history, below), *fresh = node_new(m->a, NODE_SEQ);

	for (uint32_t i = 0; i < over->n; i++) {
		struct node *v = adopt_item(m, at, over, i);
		if (v)
			node_push(m->a, fresh, v);
	}
	for (uint32_t i = 0; i < to->n; i++)
		node_push(m->a, fresh, to->items[i]);
	to->items = fresh->items;
	to->n = fresh->n;
	to->cap = fresh->cap;
	return to;
}

static struct node *append_unique(struct merge *m, const struct place *at, struct node *below, struct node *over)
{
	struct node *to = node_ours(m->a, m->o.history, below);
	struct map seen = { 0 };

	for (uint32_t i = 0; i < to->n; i++)
		*map_at(&m->scratch, &seen, value_key(&m->scratch, to->items[i])) = to;
	for (uint32_t i = 0; i < over->n; i++) {
		struct node *v = adopt_item(m, at, over, i);
		void **slot = v ? map_at(&m->scratch, &seen, value_key(&m->scratch, v)) : NULL;
		if (!slot || *slot)
			continue;
		*slot = to;
		node_push(m->a, to, v);
	}
	return to;
}

/* ---- by key ----------------------------------------------------------------------- */
static bool item_key(struct arena *a, const struct merge_strategy *s, const struct node *item, str *out)
{
	struct buf b = BUF(a);

	for (size_t i = 0; i < s->nkeys; i++) {
		const struct node *v = node_get(item, s->keys[i]);
		if (!v || v->kind == NODE_MAP || v->kind == NODE_SEQ || v->kind == NODE_NULL)
			return false;
		add_value_key(&b, v);
	}
	*out = buf_str(&b);
	return true;
}

static str keys_text(struct arena *a, const struct merge_strategy *s)
{
	struct buf b = BUF(a);

	for (size_t i = 0; i < s->nkeys; i++) {
		buf_add(&b, i ? S(", ") : S(""));
		buf_add(&b, s->keys[i]);
	}
	return buf_str(&b);
}

static str item_name(struct arena *a, const struct merge_strategy *s, const struct node *item)
{
	struct buf b = BUF(a);

	buf_char(&b, '[');
	for (size_t i = 0; i < s->nkeys; i++) {
		if (i)
			buf_char(&b, ',');
		buf_add(&b, s->keys[i]);
		buf_char(&b, '=');
		buf_add(&b, node_str(node_get(item, s->keys[i])));
	}
	buf_char(&b, ']');
	return buf_str(&b);
}

static void no_key(struct merge *m, const struct merge_strategy *s, const struct place *at, size_t index, const struct node *item)
{
	struct place here = { .up = at, .index = index, .item = true };

	merge_finding(m, SEV_ERROR, &here, node_pos(item), "missing-key",
		      "this item lacks %.*s, by which the list %.*s merges; give it one, or append with !append",
		      STR_ARG(keys_text(&m->scratch, s)), STR_ARG(place_text(&m->scratch, at)));
}

static void key_twice(struct merge *m, const struct merge_strategy *s, const struct place *at, size_t index, const struct node *item,
		      const struct node *first)
{
	struct place here = { .up = at, .index = index, .item = true };

	merge_finding(m, SEV_ERROR, &here, node_pos(item), "duplicate-key", "two items of %.*s are %.*s; the other is on line %u",
		      STR_ARG(place_text(&m->scratch, at)), STR_ARG(item_name(&m->scratch, s, item)), (unsigned)first->line);
}

static bool any_has_key(struct merge *m, const struct merge_strategy *s, const struct node *list)
{
	str key;

	for (uint32_t i = 0; i < list->n; i++)
		if (item_key(&m->scratch, s, list->items[i], &key))
			return true;
	return false;
}

struct slot {
	const struct node *below, *over; /* who has this key */
	uint32_t index;
};

static void find_slots(struct merge *m, const struct merge_strategy *s, const struct place *at, struct map *slots, struct node *list)
{
	str key;

	for (uint32_t i = 0; i < list->n; i++) {
		if (!item_key(&m->scratch, s, list->items[i], &key)) {
			no_key(m, s, at, i, list->items[i]);
			continue;
		}
		void **at_key = map_at(&m->scratch, slots, key);
		if (*at_key) {
			key_twice(m, s, at, i, list->items[i], ((struct slot *)*at_key)->below);
			continue;
		}
		struct slot *slot = NEW(&m->scratch, struct slot);
		*slot = (struct slot){ .below = list->items[i], .index = i };
		*at_key = slot;
	}
}

static struct node *merge_item(struct merge *m, const struct place *at, struct rule_set rules, const struct merge_strategy *by,
			       struct node *to, uint32_t index, struct node *item)
{
	struct place here = { .up = at, .index = index, .item = true, .by = by };
	struct node *below = to->items[index];

	if (!below) /* a double of an item that was deleted */
		return merge_adopt(m, &here, item);
	return merge_nodes(m, &here, rules_item(&m->scratch, rules, index, to->n, below), below, item);
}

/* An item that says !before:NAME or !after:NAME goes there, from the end of the list or from where it stood. */
static void move_item(struct merge *m, const struct merge_strategy *s, const struct place *at, struct node *to, const struct node *item, struct node *v)
{
	struct merge_strategy place = merge_tag_strategy(m, at, item);
	uint32_t from = to->n, goal = to->n;

	if (!v || (place.how != MERGE_BEFORE && place.how != MERGE_AFTER))
		return;
	for (uint32_t i = 0; i < to->n; i++) {
		if (to->items[i] == v)
			from = i;
		else if (goal == to->n && to->items[i] && str_eq(node_str(node_get(to->items[i], s->keys[0])), place.keys[0]))
			goal = i;
	}
	if (goal == to->n) {
		merge_finding(m, SEV_ERROR, at, node_pos(item), "no-such-item", "%s: no item of %.*s has that %.*s; it stands at the end",
			      node_tag(item), STR_ARG(place_text(&m->scratch, at)), STR_ARG(s->keys[0]));
		return;
	}
	if (from == to->n)
		return;
	node_remove_at(to, from);
	goal -= from < goal;
	node_insert(m->a, to, goal + (place.how == MERGE_AFTER), v);
}

static bool any_moves(const struct node *list)
{
	for (uint32_t i = 0; i < list->n; i++)
		if (list->items[i]->tag && (str_starts(str_of(node_tag(list->items[i])), S("!before:")) ||
					    str_starts(str_of(node_tag(list->items[i])), S("!after:"))))
			return true;
	return false;
}

static struct node *by_index(struct merge *m, const struct place *at, struct rule_set rules, struct node *below, struct node *over)
{
	struct node *to = node_ours(m->a, m->o.history, below);
	uint32_t before = to->n, kept = 0;

	for (uint32_t i = 0; i < over->n; i++) {
		struct node *old = i < before ? to->items[i] : NULL;
		struct node *v = old ? merge_item(m, at, rules, NULL, to, i, over->items[i]) : adopt_item(m, at, over, i);
		if (old && !v)
			history_gone(m->o.history, to, str_printf(m->a, "[%u]", (unsigned)i), over->items[i], old);
		if (old)
			to->items[i] = v;
		else if (v)
			node_push(m->a, to, v);
	}
	for (uint32_t i = 0; i < to->n; i++)
		if (to->items[i])
			to->items[kept++] = to->items[i];
	to->n = kept;
	return to;
}

static struct node *by_key(struct merge *m, const struct place *at, struct rule_set rules, const struct merge_strategy *s,
			   struct node *below, struct node *over)
{
	struct node *to = node_ours(m->a, m->o.history, below);
	struct map slots = { 0 };
	struct node **made = any_moves(over) && !m->keep_tags ? NEW_ARRAY(m->a, struct node *, over->n) : NULL;
	uint32_t kept = 0;
	str key;

	find_slots(m, s, at, &slots, to);
	for (uint32_t i = 0; i < over->n; i++) {
		struct node *item = over->items[i], *v;
		bool keyed = item_key(&m->scratch, s, item, &key);
		void **at_key = keyed ? map_at(&m->scratch, &slots, key) : NULL;
		struct slot *slot = at_key ? *at_key : NULL;
		if (!keyed)
			no_key(m, s, at, i, item);
		if (slot && slot->over)
			key_twice(m, s, at, i, item, slot->over);
		if (slot) {
			struct node *old = to->items[slot->index];
			slot->over = item;
			v = merge_item(m, at, rules, s, to, slot->index, item);
			if (!v && old)
				history_gone(m->o.history, to, str_copy(m->a, item_name(&m->scratch, s, old)), item, old);
			to->items[slot->index] = v;
		} else if (m->placing = true, (v = adopt_item(m, at, over, i))) {
			if (keyed) {
				slot = NEW(&m->scratch, struct slot);
				*slot = (struct slot){ .below = item, .over = item, .index = to->n };
				*at_key = slot;
			}
			node_push(m->a, to, v);
		}
		m->placing = false;
		if (made)
			made[i] = v;
	}
	for (uint32_t i = 0; i < to->n; i++)
		if (to->items[i])
			to->items[kept++] = to->items[i];
	to->n = kept;
	for (uint32_t i = 0; made && i < over->n; i++)
		move_item(m, s, at, to, over->items[i], made[i]);
	return to;
}

struct node *merge_lists(struct merge *m, const struct place *at, struct rule_set rules, const struct merge_strategy *s, bool asked,
			 struct node *below, struct node *over)
{
	switch (s->how) {
	case MERGE_APPEND:
		return append(m, at, below, over);
	case MERGE_PREPEND:
		return prepend(m, at, below, over);
	case MERGE_UNIQUE:
		return append_unique(m, at, below, over);
	case MERGE_BY_INDEX:
		return by_index(m, at, rules, below, over);
	case MERGE_BY_KEY:
		/* As the default for all lists it is meant for those that have the key. */
		if (asked || any_has_key(m, s, below) || any_has_key(m, s, over))
			return by_key(m, at, rules, s, below, over);
		break;
	default:
		break;
	}
	return merge_replace(m, at, below, over);
}
