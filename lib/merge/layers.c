/* SPDX-License-Identifier: MIT */
/* layers: one document out of many, the later on top of the earlier. */
#include "merge/internal.h"

#include <stdio.h>
#include <string.h>

void merge_finding(struct merge *m, enum severity sev, const struct place *at, struct pos pos, const char *rule, const char *fmt, ...)
{
	va_list ap, again;

	va_start(ap, fmt);
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	char *text = arena_raw(&m->scratch, (size_t)n + 1);
	vsnprintf(text, (size_t)n + 1, fmt, again);
	va_end(again);
	struct finding f = { .severity = sev, .rule = rule, .pos = pos, .message = { text, (size_t)n } };
	f.path = place_pointer(&m->scratch, at);
	diag_finding(m->d, &f);
}

/* ---- nodes of our own ------------------------------------------------------ */
struct node *node_ours(struct arena *a, struct history *h, struct node *n)
{
	if (n->flags & NODE_OURS)
		return n;
	struct node *c = node_clone(a, n);
	c->flags |= NODE_OURS;
	history_move(h, n, c);
	return c;
}

/* What is ours hangs together from the root down. */
void node_disown(struct node *n)
{
	if (!n || !(n->flags & NODE_OURS))
		return;
	n->flags &= ~NODE_OURS;
	if (n->kind == NODE_MAP)
		for (uint32_t i = 0; i < n->n; i++)
			node_disown(n->entries[i].value);
	else if (n->kind == NODE_SEQ)
		for (uint32_t i = 0; i < n->n; i++)
			node_disown(n->items[i]);
}

void map_compact(struct arena *a, struct node *map)
{
	struct node *fresh = node_new(a, NODE_MAP);

	for (uint32_t i = 0; i < map->n; i++) {
		const struct entry *e = &map->entries[i];
		if (!e->value)
			continue;
		struct entry *t = node_put(a, fresh, entry_key(e), e->value);
		t->line = e->line;
		t->col = e->col;
	}
	map->n = fresh->n;
	map->cap = fresh->cap;
	map->entries = fresh->entries;
}

/* ---- tags -------------------------------------------------------------------- */
/* !before:NAME and !after:NAME, of items of a list that merges by key. */
static bool item_place(struct arena *a, str tag, struct merge_strategy *s)
{
	bool before = str_starts(tag, S("!before:")), after = str_starts(tag, S("!after:"));
	str *name;

	if (!before && !after)
		return false;
	name = NEW(a, str);
	*name = str_sub(tag, before ? 8 : 7, tag.n);
	*s = (struct merge_strategy){ .how = before ? MERGE_BEFORE : MERGE_AFTER, .keys = name, .nkeys = 1 };
	return true;
}

/* The strategy a tag asks for; MERGE_DEFAULT where there is none or a bad one (reported). */
struct merge_strategy merge_tag_strategy(struct merge *m, const struct place *at, const struct node *n)
{
	struct merge_strategy s = { 0 };
	const char *tag = node_tag(n), *why = NULL;

	if (!tag)
		return s;
	if (!strcmp(tag, "!delete")) {
		s.how = MERGE_DELETE;
		return s;
	}
	if (item_place(m->a, str_of(tag), &s))
		return s;
	if (!merge_strategy_parse(m->a, str_of(tag + (*tag == '!')), &s, &why))
		merge_finding(m, SEV_ERROR, at, node_pos(n), "unknown-tag", "tag %s: %s", tag,
			      str_starts(str_of(tag), S("!merge")) ? why
								   : "no such strategy; there are !append, !prepend, !unique, !index, "
								     "!replace, !delete, !merge:KEY, and for its items !before:NAME, !after:NAME");
	return s;
}

static struct node *untagged(struct merge *m, struct node *n)
{
	if (!n->tag)
		return n;
	n = node_ours(m->a, m->o.history, n);
	n->tag = 0;
	return n;
}

static void adopt_children(struct merge *m, const struct place *at, struct node **np)
{
	struct node *n = *np;
	uint32_t kept = 0;

	for (uint32_t i = 0; i < n->n; i++) {
		bool map = n->kind == NODE_MAP;
		struct node *old = map ? n->entries[i].value : n->items[i], *v;
		struct place here = { .up = at, .index = i, .item = !map };
		if (map)
			here.key = entry_key(&n->entries[i]);
		v = merge_adopt(m, &here, old);
		if (v == old && kept == i) {
			kept++;
			continue;
		}
		if (n == *np && !(n->flags & NODE_OURS))
			*np = n = node_ours(m->a, m->o.history, n);
		if (!v)
			continue;
		if (map) {
			n->entries[kept] = n->entries[i];
			n->entries[kept++].value = v;
		} else
			n->items[kept++] = v;
	}
	if (kept == n->n)
		return;
	if (n->kind == NODE_SEQ)
		n->n = kept;
	else { /* a list or a map with holes at its end */
		for (uint32_t i = kept; i < n->n; i++)
			n->entries[i].value = NULL;
		map_compact(m->a, n);
	}
}

struct node *merge_adopt(struct merge *m, const struct place *at, struct node *n)
{
	struct arena_mark mark;
	struct merge_strategy s;

	if (m->keep_tags || !m->tagged)
		return n;
	mark = arena_mark(&m->scratch);
	s = merge_tag_strategy(m, at, n);
	bool placed = m->placing && (s.how == MERGE_BEFORE || s.how == MERGE_AFTER);
	m->placing = false;
	if (s.how != MERGE_DEFAULT && s.how != MERGE_REPLACE && !placed)
		merge_finding(m, SEV_WARNING, at, node_pos(n), "unused-tag", "%s applies to nothing: no layer below has %s", node_tag(n),
			      str_dup(&m->scratch, place_text(&m->scratch, at)));
	arena_rewind(&m->scratch, mark);
	if (s.how == MERGE_DELETE)
		return NULL;
	n = untagged(m, n);
	if (n->kind == NODE_MAP || n->kind == NODE_SEQ)
		adopt_children(m, at, &n);
	return n;
}

/* ---- merging ------------------------------------------------------------------ */
static bool same_kind(const struct node *x, const struct node *y)
{
	bool numbers = (x->kind == NODE_INT || x->kind == NODE_FLOAT) && (y->kind == NODE_INT || y->kind == NODE_FLOAT);

	return x->kind == y->kind || numbers || x->kind == NODE_NULL || y->kind == NODE_NULL;
}

struct node *merge_replace(struct merge *m, const struct place *at, struct node *below, struct node *over)
{
	struct node *n;

	unused_replaced(m, at, below, over, false);
	if (m->o.strict && !same_kind(below, over)) {
		struct pos p = node_pos(below);
		merge_finding(m, SEV_ERROR, at, node_pos(over), "kind-changed", "%.*s is %s, and was %s (%s:%u:%u)",
			      STR_ARG(place_text(&m->scratch, at)), a_kind(over), a_kind(below), p.file ? p.file : "?", (unsigned)p.line,
			      (unsigned)p.col);
	}
	/* What was deep in `below` is gone with it, so tags in `over` find nothing to act on. */
	n = over;
	if (!m->keep_tags && m->tagged) {
		n = untagged(m, over);
		if (n->kind == NODE_MAP || n->kind == NODE_SEQ)
			adopt_children(m, at, &n);
	}
	history_lost(m->o.history, n, below);
	return n;
}

static void put_new(struct merge *m, const struct place *at, struct node *to, const struct entry *e)
{
	struct node *gone = history_gone_by(m->o.history, to, entry_key(e)), *v = merge_adopt(m, at, e->value);
	struct entry *t;

	unused_new_key(m, at, to, e);
	if (!v)
		return;
	t = node_put(m->a, to, entry_key(e), v);
	t->line = e->line;
	t->col = e->col;
	if (gone)
		history_lost(m->o.history, v, gone);
}

static struct node *merge_maps(struct merge *m, const struct place *at, struct rule_set rules, struct node *below, struct node *over)
{
	struct node *to = node_ours(m->a, m->o.history, below);
	bool holes = false;

	for (uint32_t i = 0; i < over->n; i++) {
		const struct entry *e = &over->entries[i];
		struct place here = { .up = at, .key = entry_key(e) };
		struct entry *t = node_entry(to, here.key);
		if (!t) {
			put_new(m, &here, to, e);
			continue;
		}
		struct arena_mark mark = arena_mark(&m->scratch);
		struct node *old = t->value, *v = merge_nodes(m, &here, rules_key(&m->scratch, rules, here.key), old, e->value);
		arena_rewind(&m->scratch, mark);
		if (!v) {
			holes = true;
			history_gone(m->o.history, to, here.key, e->value, old);
		} else if (v->source == e->value->source && v->line == e->value->line && v->col == e->value->col) {
			t->line = e->line;
			t->col = e->col;
		}
		t->value = v;
	}
	if (holes)
		map_compact(m->a, to);
	return to;
}

/* Helm's last step deletes for a null at the top of the chart's values, and deeper only where the chart's is none. */
static bool null_deletes(const struct merge *m, const struct place *at, const struct node *below)
{
	return !m->helm_base || below->kind != NODE_NULL || (at->up && !at->up->up);
}

static void wrong_kind(struct merge *m, const struct place *at, const struct node *below, const struct node *over, const struct node *rule)
{
	const char *tag = node_tag(over);
	const struct node *what = over->kind == NODE_SEQ ? below : over;

	if (rule)
		merge_finding(m, SEV_ERROR, at, node_pos(over), "wrong-kind",
			      "the rule on line %u of %s is for lists, and %s is %s here", (unsigned)rule->line,
			      rule->source ? rule->source->name : "?", what == over ? "this" : "what stands below", a_kind(what));
	else
		merge_finding(m, SEV_ERROR, at, node_pos(over), "wrong-kind", "%s is for lists, and %s is %s", tag,
			      what == over ? "this" : "what stands below", a_kind(what));
}

struct node *merge_nodes(struct merge *m, const struct place *at, struct rule_set rules, struct node *below, struct node *over)
{
	struct merge_strategy s = { 0 };
	const struct node *rule = NULL;
	bool lists = below->kind == NODE_SEQ && over->kind == NODE_SEQ, asked = true;

	if (over->tag)
		s = merge_tag_strategy(m, at, over);
	if (s.how == MERGE_DELETE) {
		unused_replaced(m, at, below, over, true);
		return m->keep_tags ? over : NULL;
	}
	if (s.how == MERGE_DEFAULT && over->kind == NODE_NULL) {
		if (m->keep_tags || !null_deletes(m, at, below))
			return merge_replace(m, at, below, over);
		unused_replaced(m, at, below, over, true);
		return NULL;
	}
	if (s.how == MERGE_DEFAULT && !rules_here(rules, &s, &rule)) {
		asked = false;
		if (lists)
			s = m->o.lists;
	}
	if (s.how == MERGE_BEFORE || s.how == MERGE_AFTER) { /* where it stands is the list's business */
		s = (struct merge_strategy){ 0 };
		asked = false;
	}
	if (s.how == MERGE_REPLACE)
		return merge_replace(m, at, below, over);
	if (asked && s.how != MERGE_DEFAULT && !lists) {
		if (below->kind != NODE_NULL)
			wrong_kind(m, at, below, over, rule);
		return merge_replace(m, at, below, over);
	}
	if (below->kind == NODE_MAP && over->kind == NODE_MAP)
		return merge_maps(m, at, rules, below, over);
	if (lists && s.how != MERGE_DEFAULT)
		return merge_lists(m, at, rules, &s, asked, below, over);
	return merge_replace(m, at, below, over);
}

/* ---- the run of layers ----------------------------------------------------------- */
struct merge *merge_begin(struct arena *a, struct diag *d, const struct merge_options *o)
{
	struct merge *m = NEW(a, struct merge);

	m->a = a;
	m->d = d;
	m->o = *o;
	return m;
}

static struct node *put_layer(struct merge *m, struct node *below, struct node *layer)
{
	struct place root = { 0 };
	struct node *n;

	if (!below) {
		n = merge_adopt(m, &root, layer);
		return n ? n : node_at(node_new(m->a, NODE_NULL), layer);
	}
	n = merge_nodes(m, &root, rules_root(&m->scratch, m->o.rules), below, layer);
	arena_reset(&m->scratch);
	return n ? n : node_at(node_new(m->a, NODE_NULL), layer);
}

void merge_layer(struct merge *m, struct node *layer)
{
	if (!m->base)
		m->base = layer;
	else if (!m->second_line && layer->source == m->base->source)
		m->second_line = layer->line;
	m->tagged |= layer->source && layer->source->ntags;
	if (m->o.history) /* there an alias is a value of its own */
		layer = node_copy(m->a, layer);
	if (m->o.helm && m->layers++ == 0) {
		m->first = merge_adopt(m, &(struct place){ 0 }, layer);
		m->keep_tags = true;
		return;
	}
	m->result = put_layer(m, m->result, layer);
}

struct node *merge_end(struct merge *m)
{
	if (m->o.helm) {
		m->keep_tags = false;
		m->helm_base = true;
		m->result = !m->first ? NULL : m->result ? put_layer(m, m->first, m->result) : m->first;
	}
	node_disown(m->result);
	arena_free(&m->scratch);
	return m->result;
}
