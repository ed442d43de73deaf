/* SPDX-License-Identifier: MIT */
/* unused: overrides that do nothing: unknown to the base, equal to what is there, shadowed. */
#include "merge/internal.h"

static str nearest_key(const struct node *map, str key)
{
	struct arena a = { 0 };
	str *names = NEW_ARRAY(&a, str, map->n + 1u), near;

	for (uint32_t i = 0; i < map->n; i++)
		names[i] = entry_key(&map->entries[i]);
	near = str_nearest(key, names, map->n);
	arena_free(&a);
	return near;
}

static str did_you_mean(struct arena *a, const struct node *map, str key)
{
	str near = nearest_key(map, key);

	return near.n ? str_printf(a, "; did you mean \"%.*s\"?", STR_ARG(near)) : S("");
}

static bool from_base(const struct merge *m, const struct node *n)
{
	return !n->source || (n->source == m->base->source && (!m->second_line || n->line < m->second_line));
}

/* A map that is empty in the base takes any keys. */
static bool takes_any(struct merge *m, const struct node *map)
{
	str key = { (const char *)&map, sizeof(map) };

	if (map_get(&m->free_maps, key))
		return true;
	if (map->n)
		return false;
	*map_at(m->a, &m->free_maps, str_copy(m->a, key)) = m;
	return true;
}

void unused_new_key(struct merge *m, const struct place *at, const struct node *map, const struct entry *e)
{
	if (!m->o.unused || m->keep_tags || takes_any(m, map) || history_gone_by(m->o.history, map, entry_key(e)))
		return;
	merge_finding(m, m->o.unused, at, entry_pos(e), "unused-unknown", "%.*s is unknown to the layers below%.*s",
		      STR_ARG(place_text(&m->scratch, at)), STR_ARG(did_you_mean(&m->scratch, map, entry_key(e))));
}

static void shadowed(struct merge *m, const struct place *at, const struct node *below, const struct node *over)
{
	struct pos p = node_pos(over);

	if (below->kind == NODE_MAP && below->n) {
		for (uint32_t i = 0; i < below->n; i++) {
			struct place here = { .up = at, .key = entry_key(&below->entries[i]) };
			shadowed(m, &here, below->entries[i].value, over);
		}
		return;
	}
	if (from_base(m, below))
		return;
	merge_finding(m, m->o.unused, at, node_pos(below), "unused-shadowed", "%.*s does nothing: %s:%u:%u overrides it",
		      STR_ARG(place_text(&m->scratch, at)), p.file ? p.file : "?", (unsigned)p.line, (unsigned)p.col);
}

/* What tells an item which one it meets does that, though it is the same. */
static bool is_item_key(const struct place *at)
{
	const struct merge_strategy *by = at->up && !at->item ? at->up->by : NULL;

	for (size_t i = 0; by && i < by->nkeys; i++)
		if (str_eq(by->keys[i], at->key))
			return true;
	return false;
}

void unused_replaced(struct merge *m, const struct place *at, const struct node *below, const struct node *over, bool deleted)
{
	struct pos p = node_pos(below);

	if (!m->o.unused || is_item_key(at))
		return;
	if (!deleted && node_equal(below, over)) {
		merge_finding(m, m->o.unused, at, node_pos(over), "unused-equal", "%.*s is the same already (%s:%u:%u)",
			      STR_ARG(place_text(&m->scratch, at)), p.file ? p.file : "?", (unsigned)p.line, (unsigned)p.col);
		return;
	}
	shadowed(m, at, below, over);
}

void merge_unused_path(struct diag *d, enum severity sev, const struct path *p, const struct node *doc, const char *what)
{
	struct arena a = { 0 };

	for (size_t i = 0; i < p->n && node_is(doc, NODE_MAP) && doc->n; i++) {
		const struct step *s = &p->steps[i];
		if (!s->key.p || s->kind == STEP_MATCH || s->kind == STEP_ANY)
			break;
		if (!node_get(doc, s->key)) {
			diag_at(d, sev, NOWHERE, "unused-unknown", "%s: \"%.*s\" is unknown to the layers%.*s", what, STR_ARG(s->key),
				STR_ARG(did_you_mean(&a, doc, s->key)));
			break;
		}
		doc = node_get(doc, s->key);
	}
	arena_free(&a);
}
