/* SPDX-License-Identifier: MIT */
/* strategic: Kubernetes' strategic merge patch, with the API's own list keys. */
#include "merge/internal.h"

struct strategic {
	struct merge *m;
	enum merge_order order;
	bool failed;
};

/* ---- directives ---------------------------------------------------------------- */
static str directive_of(str key, str prefix)
{
	return str_starts(key, prefix) ? str_sub(key, prefix.n, key.n) : (str){ NULL, 0 };
}

static bool is_directive(str key)
{
	return str_eq(key, S("$patch")) || str_eq(key, S("$retainKeys")) || str_starts(key, S("$setElementOrder/")) ||
	       str_starts(key, S("$deleteFromPrimitiveList/"));
}

static bool patch_is(const struct node *n, str what)
{
	return str_eq(node_get_str(n, S("$patch")), what);
}

static void fail(struct strategic *s, const struct place *at, const struct node *n, const char *rule, const char *text, str what)
{
	s->failed = true;
	merge_finding(s->m, SEV_ERROR, at, node_pos(n), rule, "%s%.*s", text, STR_ARG(what));
}

/* A part of the patch that meets nothing: what is in it, less directives and nulls.  NULL: nothing is. */
static struct node *fresh(struct strategic *s, struct node *n)
{
	struct arena *a = s->m->a;
	struct node *to;
	bool same = true;

	if (n->kind != NODE_MAP && n->kind != NODE_SEQ)
		return n;
	if (n->kind == NODE_MAP && patch_is(n, S("delete")))
		return NULL;
	to = node_at(node_new(a, n->kind), n);
	to->style = n->style;
	for (uint32_t i = 0; i < n->n; i++) {
		struct node *old = n->kind == NODE_MAP ? n->entries[i].value : n->items[i], *v;
		bool drop = n->kind == NODE_MAP && (is_directive(entry_key(&n->entries[i])) || old->kind == NODE_NULL);
		drop |= n->kind == NODE_SEQ && old->kind == NODE_MAP && old->n == 1 && patch_is(old, S("replace"));
		v = drop ? NULL : fresh(s, old);
		same &= v == old;
		if (!v)
			continue;
		if (n->kind == NODE_SEQ) {
			node_push(a, to, v);
			continue;
		}
		struct entry *e = node_put(a, to, entry_key(&n->entries[i]), v);
		e->line = n->entries[i].line;
		e->col = n->entries[i].col;
	}
	return same ? n : to;
}

static struct node *without_patch(struct strategic *s, struct node *n)
{
	struct node *to = node_clone(s->m->a, n);

	node_remove(to, S("$patch"));
	return to;
}

static void check_order(struct strategic *s, const struct place *at, const struct list_of *l, const struct node *patch,
			const struct node *order)
{
	uint32_t k = 0;

	for (uint32_t i = 0; i < patch->n; i++) {
		const struct node *id = item_identity(l, patch->items[i]), *other = NULL;
		if (patch_is(patch->items[i], S("delete")) || patch_is(patch->items[i], S("replace")) || !id)
			continue;
		while (k < order->n && !((other = item_identity(l, order->items[k])) && node_equal(other, id)))
			k++;
		if (k++ == order->n) {
			fail(s, at, patch->items[i], "element-order",
			     "the order of this list doesn't match its $setElementOrder, which must name every item of it in the same order", S(""));
			return;
		}
	}
}

/* ---- merging --------------------------------------------------------------------------- */
static struct node *merge_map(struct strategic *s, const struct place *at, struct kube_cursor c, struct node *below, struct node *patch);

static struct node *merge_scalars(struct strategic *s, struct node *below, struct node *patch)
{
	struct node *to = node_ours(s->m->a, s->m->o.history, below);
	uint32_t before = to->n, kept = 0;
	struct map seen = { 0 };

	for (uint32_t i = 0; i < before + patch->n; i++) {
		struct node *item = i < before ? to->items[i] : patch->items[i - before];
		void **at = map_at(&s->m->scratch, &seen, value_key(&s->m->scratch, item));
		if (*at)
			continue;
		*at = item;
		if (kept < to->n)
			to->items[kept] = item;
		else
			node_push(s->m->a, to, item);
		kept++;
	}
	to->n = kept;
	return to;
}

static bool whole_list_replaced(const struct node *patch)
{
	for (uint32_t i = 0; i < patch->n; i++)
		if (patch_is(patch->items[i], S("replace")))
			return true;
	return false;
}

/* kustomize's way to delete a whole list: an item that says only that. */
static bool whole_list_deleted(const struct node *patch)
{
	for (uint32_t i = 0; i < patch->n; i++)
		if (patch->items[i]->n == 1 && patch_is(patch->items[i], S("delete")))
			return true;
	return false;
}

static struct node *replaced_list(struct strategic *s, struct node *patch)
{
	struct node *to = node_at(node_new(s->m->a, NODE_SEQ), patch);

	for (uint32_t i = 0; i < patch->n; i++)
		if (!patch_is(patch->items[i], S("replace")))
			node_push(s->m->a, to, patch->items[i]);
		else if (patch->items[i]->n > 1)
			node_push(s->m->a, to, without_patch(s, patch->items[i]));
	return to;
}

static void delete_items(struct strategic *s, const struct list_of *l, const struct map *index, struct node *list, struct node *item)
{
	int64_t hit;

	while ((hit = items_lookup(s->m, l, index, list, item)) >= 0) {
		str name = str_printf(s->m->a, "[%.*s=%.*s]", STR_ARG(l->primary), STR_ARG(node_str(node_get(item, l->primary))));
		history_gone(s->m->o.history, list, name, item, list->items[hit]);
		list->items[hit] = NULL;
	}
}

/* *server: the list by which the API server orders; new items take the places of deleted ones in it. */
static struct node *merge_keyed(struct strategic *s, const struct place *at, const struct list_of *l, struct node *below, struct node *patch,
				const struct node **server)
{
	struct node *to = node_ours(s->m->a, s->m->o.history, below), *added = node_new(s->m->a, NODE_SEQ);
	struct node *order = node_new(&s->m->scratch, NODE_SEQ);
	struct map index = { 0 };
	uint32_t kept = 0, before = to->n;

	items_index(s->m, l, to, &index);
	for (uint32_t i = 0; i < patch->n; i++) {
		struct node *item = patch->items[i], *v;
		struct place here = { .up = at, .index = i, .item = true };
		int64_t hit = items_lookup(s->m, l, &index, to, item);
		if (!item_identity(l, item)) {
			fail(s, &here, item, "missing-key", "this item lacks the key by which the API merges the list: ", l->primary);
			continue;
		}
		if (patch_is(item, S("delete"))) {
			delete_items(s, l, &index, to, item);
			continue;
		}
		if (hit < 0) {
			if ((v = fresh(s, item)))
				node_push(s->m->a, added, v);
			continue;
		}
		here.index = (size_t)hit;
		to->items[hit] = merge_map(s, &here, l->item, to->items[hit], item);
		if (s->order == MERGE_ORDER_PREPEND) { /* kustomize brings what a patch speaks of to the front */
			node_push(s->m->a, added, to->items[hit]);
			to->items[hit] = NULL;
		}
	}
	for (uint32_t i = 0; i < to->n; i++)
		if (to->items[i])
			to->items[kept++] = to->items[i];
	to->n = kept;
	for (uint32_t i = 0; i < to->n; i++)
		node_push(&s->m->scratch, order, to->items[i]);
	for (uint32_t i = 0; i < added->n && order->n < before; i++)
		node_push(&s->m->scratch, order, added->items[i]);
	*server = order;
	for (uint32_t i = 0; i < added->n; i++)
		if (s->order == MERGE_ORDER_PREPEND)
			node_insert(s->m->a, to, i, added->items[i]);
		else
			node_push(s->m->a, to, added->items[i]);
	return to;
}

static struct list_of list_of(struct strategic *s, struct kube_cursor c, bool *merges)
{
	struct list_of l = { .item = kube_cursor_item(c) };

	*merges = kube_cursor_list(&s->m->scratch, c, &l.keys) && (l.keys.patch_merge || l.keys.type != LIST_ATOMIC);
	if (l.keys.merge_key.n)
		l.primary = l.keys.merge_key;
	else if (l.keys.type == LIST_MAP)
		l.primary = l.keys.keys[0];
	return l;
}

static struct node *merge_list(struct strategic *s, const struct place *at, struct kube_cursor c, struct node *below, struct node *patch,
			       const struct node *order)
{
	bool merges;
	struct list_of l = list_of(s, c, &merges);
	const struct node *server;
	struct node *to;

	if (whole_list_deleted(patch))
		return NULL;
	if (!merges || whole_list_replaced(patch)) {
		to = whole_list_replaced(patch) ? replaced_list(s, patch) : patch;
		history_lost(s->m->o.history, to, below);
		return to;
	}
	if (order)
		check_order(s, at, &l, patch, order);
	server = node_clone(&s->m->scratch, below);
	to = l.primary.n ? merge_keyed(s, at, &l, below, patch, &server) : merge_scalars(s, below, patch);
	if (order)
		return items_in_order(s->m, &l, to, order, server);
	return s->order == MERGE_ORDER_SERVER ? items_in_order(s->m, &l, to, patch, server) : to;
}

static void retain_keys(struct strategic *s, const struct place *at, struct node *to, const struct node *patch)
{
	const struct node *keep = node_get(patch, S("$retainKeys"));
	struct map names = { 0 };
	bool holes = false;

	if (!keep)
		return;
	for (uint32_t i = 0; keep->kind == NODE_SEQ && i < keep->n; i++)
		*map_at(&s->m->scratch, &names, node_str(keep->items[i])) = to;
	for (uint32_t i = 0; i < patch->n; i++)
		if (!is_directive(entry_key(&patch->entries[i])) && patch->entries[i].value->kind != NODE_NULL &&
		    !map_get(&names, entry_key(&patch->entries[i])))
			fail(s, at, keep, "retain-keys", "$retainKeys must name every key of this patch, and lacks ", entry_key(&patch->entries[i]));
	for (uint32_t i = 0; i < to->n; i++)
		if (!map_get(&names, entry_key(&to->entries[i]))) {
			history_gone(s->m->o.history, to, entry_key(&to->entries[i]), (struct node *)keep, to->entries[i].value);
			to->entries[i].value = NULL;
			holes = true;
		}
	if (holes)
		map_compact(s->m->a, to);
}

static void delete_scalars(struct strategic *s, struct node *to, str key, const struct node *gone)
{
	struct entry *e = node_entry(to, key);
	struct map names = { 0 };
	struct node *list;
	uint32_t kept = 0;

	if (!e || e->value->kind != NODE_SEQ || gone->kind != NODE_SEQ)
		return;
	list = e->value = node_ours(s->m->a, s->m->o.history, e->value);
	for (uint32_t i = 0; i < gone->n; i++)
		*map_at(&s->m->scratch, &names, value_key(&s->m->scratch, gone->items[i])) = to;
	for (uint32_t i = 0; i < list->n; i++)
		if (!map_get(&names, value_key(&s->m->scratch, list->items[i])))
			list->items[kept++] = list->items[i];
	list->n = kept;
}

static struct node *merge_value(struct strategic *s, const struct place *at, struct kube_cursor c, struct node *below, struct node *v,
				const struct node *order)
{
	struct node *n;

	if (v->kind == NODE_MAP && below->kind == NODE_MAP)
		return merge_map(s, at, c, below, v);
	if (v->kind == NODE_SEQ && below->kind == NODE_SEQ)
		return merge_list(s, at, c, below, v, order);
	n = fresh(s, v);
	if (n)
		history_lost(s->m->o.history, n, below);
	return n;
}

static void merge_entry(struct strategic *s, const struct place *at, struct kube_cursor c, struct node *to, const struct entry *e,
			const struct node *order, bool *holes)
{
	struct place here = { .up = at, .key = entry_key(e) };
	struct entry *t = node_entry(to, here.key);
	struct node *v;

	if (!t) {
		if (e->value->kind == NODE_NULL || !(v = fresh(s, e->value)))
			return;
		if (order && v->kind == NODE_SEQ) {
			bool merges;
			struct list_of l = list_of(s, kube_cursor_key(c, here.key), &merges);
			check_order(s, &here, &l, v, order);
		}
		t = node_put(s->m->a, to, here.key, v);
	} else if (e->value->kind == NODE_NULL || !(v = merge_value(s, &here, kube_cursor_key(c, here.key), t->value, e->value, order))) {
		history_gone(s->m->o.history, to, here.key, e->value, t->value);
		t->value = NULL;
		*holes = true;
		return;
	}
	t->value = v;
	if (v->source == e->value->source && v->line == e->value->line && v->col == e->value->col) {
		t->line = e->line;
		t->col = e->col;
	}
}

/* A list that the patch only orders. */
static void order_only(struct strategic *s, struct kube_cursor c, struct node *to, str key, const struct node *order)
{
	struct entry *e = node_entry(to, key);
	bool merges;

	if (!e || e->value->kind != NODE_SEQ || order->kind != NODE_SEQ)
		return;
	struct list_of l = list_of(s, kube_cursor_key(c, key), &merges);
	e->value = items_in_order(s->m, &l, e->value, order, node_clone(&s->m->scratch, e->value));
}

/* NULL: deleted. */
static struct node *merge_map(struct strategic *s, const struct place *at, struct kube_cursor c, struct node *below, struct node *patch)
{
	const struct node *directive = node_get(patch, S("$patch"));
	bool holes = false;
	struct node *to;

	if (directive && patch_is(patch, S("delete")))
		return NULL;
	if (directive && patch_is(patch, S("replace"))) {
		to = without_patch(s, patch);
		history_lost(s->m->o.history, to, below);
		return to;
	}
	if (directive && !patch_is(patch, S("merge")))
		fail(s, at, directive, "patch-directive", "$patch must be merge, replace or delete, not ", node_str(directive));
	to = node_ours(s->m->a, s->m->o.history, below);
	retain_keys(s, at, to, patch);
	for (uint32_t i = 0; i < patch->n; i++) {
		const struct entry *e = &patch->entries[i];
		str gone = directive_of(entry_key(e), S("$deleteFromPrimitiveList/"));
		if (gone.p)
			delete_scalars(s, to, gone, e->value);
	}
	for (uint32_t i = 0; i < patch->n; i++) {
		const struct entry *e = &patch->entries[i];
		str ordered = directive_of(entry_key(e), S("$setElementOrder/"));
		if (ordered.p && !node_get(patch, ordered))
			order_only(s, c, to, ordered, e->value);
		if (is_directive(entry_key(e)))
			continue;
		struct arena_mark mark = arena_mark(&s->m->scratch);
		str name = str_printf(&s->m->scratch, "$setElementOrder/%.*s", STR_ARG(entry_key(e)));
		const struct node *order = node_get(patch, name);
		merge_entry(s, at, c, to, e, node_is(order, NODE_SEQ) ? order : NULL, &holes);
		arena_rewind(&s->m->scratch, mark);
	}
	if (holes)
		map_compact(s->m->a, to);
	return to;
}

int merge_strategic(struct arena *a, struct diag *d, struct kube_cursor c, enum merge_order order, struct history *h,
		    struct node *object, struct node *patch, struct node **out)
{
	struct merge m = { .a = a, .d = d, .o.history = h };
	struct strategic s = { .m = &m, .order = order };

	*out = object->kind == NODE_MAP && patch->kind == NODE_MAP ? merge_map(&s, &(struct place){ 0 }, c, object, patch) : patch;
	node_disown(*out);
	arena_free(&m.scratch);
	return s.failed ? -1 : 0;
}
