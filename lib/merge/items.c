/* SPDX-License-Identifier: MIT */
/* items: what tells the items of an API's list apart, and the order in which the API server puts them. */
#include "merge/internal.h"

static bool scalar(const struct node *n)
{
	return n && n->kind != NODE_MAP && n->kind != NODE_SEQ;
}

/* What tells items apart: the item itself, or its primary key. */
const struct node *item_identity(const struct list_of *l, const struct node *item)
{
	if (!l->primary.n)
		return item;
	return scalar(node_get(item, l->primary)) ? node_get(item, l->primary) : NULL;
}

static struct node *default_of(const struct list_of *l, str key)
{
	static const struct node tcp = { .kind = NODE_STRING, .n = 3, .text = "TCP" };
	struct node *schema = kube_cursor_key(l->item, key).schema, *value = node_get(schema, S("default"));

	return value ? value : str_eq(key, S("protocol")) ? (struct node *)&tcp : NULL;
}

/* The other keys of a list-map: an absent one has its default, or matches any. */
static bool others_agree(const struct list_of *l, const struct node *x, const struct node *y)
{
	for (size_t i = 0; i < l->keys.n; i++) {
		str key = l->keys.keys[i];
		const struct node *vx = node_get(x, key), *vy = node_get(y, key);
		const struct node *def = default_of(l, key);
		if (str_eq(key, l->primary) || (!vx && !vy))
			continue;
		vx = vx ? vx : def;
		vy = vy ? vy : def;
		if (vx && vy && !node_equal(vx, vy))
			return false;
	}
	return true;
}

struct item_list { /* items of equal primary key, in order */
	uint32_t index;
	struct item_list *next;
};

void items_index(struct merge *m, const struct list_of *l, const struct node *list, struct map *out)
{
	struct arena *a = &m->scratch;

	for (uint32_t i = list->n; i-- > 0;) {
		const struct node *id = item_identity(l, list->items[i]);
		if (!id)
			continue;
		void **at = map_at(a, out, value_key(a, id));
		struct item_list *cell = NEW(a, struct item_list);
		*cell = (struct item_list){ i, *at };
		*at = cell;
	}
}

/* The index in list of the item that is `item`; -1: none. */
int64_t items_lookup(struct merge *m, const struct list_of *l, const struct map *index, const struct node *list,
		      const struct node *item)
{
	const struct node *id = item_identity(l, item);
	const struct item_list *cell = id ? map_get(index, value_key(&m->scratch, id)) : NULL;

	for (; cell; cell = cell->next)
		if (list->items[cell->index] && (!l->primary.n || others_agree(l, list->items[cell->index], item)))
			return cell->index;
	return -1;
}

/* ---- order ------------------------------------------------------------------------- */
/*
 * The API server's: items that `order` names stand in its order, the others in
 * that of the server's list, behind those of the first that are new to it.
 */
struct node *items_in_order(struct merge *m, const struct list_of *l, struct node *merged, const struct node *order,
			     const struct node *server)
{
	struct arena *a = &m->scratch;
	struct map by_order = { 0 }, by_server = { 0 };
	struct node *out = node_ours(m->a, m->o.history, merged), **left, **right;
	size_t nleft = 0, nright = 0, i = 0, j = 0;

	items_index(m, l, order, &by_order);
	items_index(m, l, server, &by_server);
	left = NEW_ARRAY(a, struct node *, merged->n + 1u);
	right = NEW_ARRAY(a, struct node *, order->n + merged->n + 1u);
	for (uint32_t k = 0; k < merged->n; k++) {
		int64_t at = items_lookup(m, l, &by_order, order, merged->items[k]);
		if (at < 0 || right[at])
			left[nleft++] = merged->items[k];
		else
			right[at] = merged->items[k];
	}
	for (uint32_t k = 0; k < order->n; k++)
		if (right[k])
			right[nright++] = right[k];
	out->n = 0;
	while (i < nleft || j < nright) {
		bool take_left = j >= nright;
		if (i < nleft && j < nright) {
			int64_t x = items_lookup(m, l, &by_server, server, left[i]), y = items_lookup(m, l, &by_server, server, right[j]);
			take_left = x >= 0 && y >= 0 && x < y;
		}
		node_push(m->a, out, take_left ? left[i++] : right[j++]);
	}
	return out;
}
