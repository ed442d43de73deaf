/* SPDX-License-Identifier: MIT */
/* history: for each value of a result, what it overrode; and the telling of it. */
#include "merge/internal.h"

#include <string.h>

struct gone {
	struct gone *next;
	str key;
	struct node *by;
};
struct trace {
	struct node *lost; /* what stood here before; it has a trace of its own */
	struct gone *gone; /* children that were deleted */
};
struct history {
	struct arena *a;
	struct map traces; /* by the bytes of the node's address */
};

struct history *history_new(struct arena *a)
{
	struct history *h = NEW(a, struct history);

	h->a = a;
	return h;
}

static struct trace *trace_get(const struct history *h, const struct node *n)
{
	return h ? map_get(&h->traces, (str){ (const char *)&n, sizeof(n) }) : NULL;
}

static struct trace *trace_make(struct history *h, const struct node *n)
{
	struct trace *t = trace_get(h, n);

	if (t)
		return t;
	str key = str_copy(h->a, (str){ (const char *)&n, sizeof(n) });
	void **slot = map_at(h->a, &h->traces, key);
	return *slot = NEW(h->a, struct trace);
}

void history_lost(struct history *h, const struct node *winner, struct node *lost)
{
	if (h && winner != lost && !(trace_get(h, winner) && trace_get(h, winner)->lost))
		trace_make(h, winner)->lost = lost;
}

void history_gone(struct history *h, const struct node *parent, str key, struct node *by, struct node *lost)
{
	struct gone *g;

	if (!h)
		return;
	history_lost(h, by, lost);
	g = NEW(h->a, struct gone);
	*g = (struct gone){ .key = key, .by = by, .next = trace_make(h, parent)->gone };
	trace_make(h, parent)->gone = g;
}

struct node *history_gone_by(struct history *h, const struct node *parent, str key)
{
	struct trace *t = trace_get(h, parent);

	for (struct gone *g = t ? t->gone : NULL; g; g = g->next)
		if (str_eq(g->key, key))
			return g->by;
	return NULL;
}

void history_move(struct history *h, const struct node *from, const struct node *to)
{
	struct trace *t = trace_get(h, from);

	if (t)
		*trace_make(h, to) = *t;
}

static void follow_list(struct history *h, struct node *old, struct node *fresh, struct node *by)
{
	struct map kept = { 0 };

	for (uint32_t i = 0; i < old->n; i++)
		*map_at(h->a, &kept, str_copy(h->a, (str){ (const char *)&old->items[i], sizeof(old->items[i]) })) = old;
	for (uint32_t i = 0; i < fresh->n; i++)
		if (!map_get(&kept, (str){ (const char *)&fresh->items[i], sizeof(fresh->items[i]) }) && i < old->n)
			history_follow(h, old->items[i], fresh->items[i], by);
}

void history_follow(struct history *h, struct node *old, struct node *fresh, struct node *by)
{
	if (!h || old == fresh || !old || !fresh)
		return;
	if (old->kind != fresh->kind || (old->kind != NODE_MAP && old->kind != NODE_SEQ)) {
		history_lost(h, fresh, old);
		return;
	}
	history_move(h, old, fresh);
	if (old->kind == NODE_SEQ) {
		follow_list(h, old, fresh, by);
		return;
	}
	for (uint32_t i = 0; i < fresh->n; i++) {
		struct entry *e = &fresh->entries[i];
		struct node *was = node_get(old, entry_key(e)), *gone = history_gone_by(h, old, entry_key(e));
		if (was)
			history_follow(h, was, e->value, by);
		else if (gone)
			history_lost(h, e->value, gone);
	}
	for (uint32_t i = 0; i < old->n; i++)
		if (!node_get(fresh, entry_key(&old->entries[i])))
			history_gone(h, fresh, entry_key(&old->entries[i]), node_clone(h->a, by), old->entries[i].value);
}

/* ---- telling ---------------------------------------------------------------------- */
/* One step on the way from the root, with the step's name for looking into lost values. */
struct step_down {
	const struct step_down *up;
	struct node *node;
	str key;
	size_t index;
};
struct teller {
	struct arena *a;
	struct history *h;
	struct node *list;
};

static void put_pos(struct arena *a, struct node *to, const struct node *n)
{
	const struct source *s = n->source;

	node_put(a, to, S("file"), s ? node_string(a, str_of(s->name)) : node_new(a, NODE_NULL));
	node_put(a, to, S("line"), node_int(a, n->line));
	node_put(a, to, S("column"), node_int(a, n->col));
	if (s && s->layer)
		node_put(a, to, S("layer"), node_string(a, str_of(s->layer)));
}

static struct node *told(struct arena *a, struct node *n, bool deleted)
{
	struct node *t = node_new(a, NODE_MAP);

	put_pos(a, t, n);
	if (deleted)
		node_put(a, t, S("deleted"), node_bool(a, true));
	else
		node_put(a, t, S("value"), n);
	return t;
}

static bool is_leaf(const struct node *n)
{
	return (n->kind != NODE_MAP && n->kind != NODE_SEQ) || n->n == 0;
}

static bool deletes(const struct node *n)
{
	const char *tag = node_tag(n);

	return n->kind == NODE_NULL || (tag && !strcmp(tag, "!delete"));
}

/* The place that `down` reaches, seen from the ancestor `from`, in a tree that stood there before. */
static struct node *same_place(const struct step_down *down, const struct step_down *from, struct node *root)
{
	struct node *at;

	if (down == from)
		return root;
	at = same_place(down->up, from, root);
	if (!at)
		return NULL;
	if (down->key.p)
		return node_get(at, down->key);
	return at->kind == NODE_SEQ && down->index < at->n ? at->items[down->index] : NULL;
}

/* What stood at this place before: in its own trace, then in those of what holds it. */
static struct node *overrides(struct teller *t, const struct step_down *down)
{
	struct node *list = node_new(t->a, NODE_SEQ);

	for (const struct step_down *from = down; from; from = from->up) {
		struct trace *trace = trace_get(t->h, from->node);
		for (struct node *lost = trace ? trace->lost : NULL; lost;) {
			struct node *was = same_place(down, from, lost);
			if (!was && is_leaf(lost))
				was = lost;
			if (was)
				node_push(t->a, list, told(t->a, was, from == down && deletes(was) && trace_get(t->h, was)));
			struct trace *next = trace_get(t->h, lost);
			lost = next ? next->lost : NULL;
		}
	}
	return list;
}

static void tell_one(struct teller *t, str pointer, const struct step_down *down, bool deleted)
{
	struct node *one = node_new(t->a, NODE_MAP), *what = told(t->a, down->node, deleted);

	node_put(t->a, one, S("path"), node_string(t->a, pointer));
	for (uint32_t i = 0; i < what->n; i++)
		node_put(t->a, one, entry_key(&what->entries[i]), what->entries[i].value);
	node_put(t->a, one, S("overrides"), overrides(t, down));
	node_push(t->a, t->list, one);
}

static void tell_gone(struct teller *t, str pointer, const struct step_down *at)
{
	struct trace *trace = trace_get(t->h, at->node);

	for (struct gone *g = trace ? trace->gone : NULL; g; g = g->next) {
		bool again = g->key.n && node_get(at->node, g->key);
		for (struct gone *newer = trace->gone; newer != g; newer = newer->next)
			again |= str_eq(newer->key, g->key);
		struct step_down down = { .up = at, .node = g->by, .key = g->key };
		if (!again)
			tell_one(t, pointer_add_key(t->a, pointer, g->key), &down, true);
	}
}

/* Items of a list that was replaced, beyond the end of the one that replaced it. */
static void tell_lost_items(struct teller *t, str pointer, const struct step_down *at)
{
	struct trace *trace = trace_get(t->h, at->node);
	uint32_t most = at->node->n;

	for (struct node *lost = trace ? trace->lost : NULL; lost; trace = trace_get(t->h, lost), lost = trace ? trace->lost : NULL)
		if (lost->kind == NODE_SEQ && lost->n > most)
			most = lost->n;
	for (uint32_t i = at->node->n; i < most; i++) {
		struct step_down down = { .up = at, .node = node_clone(t->a, at->node), .index = i };
		tell_one(t, pointer_add_index(t->a, pointer, i), &down, true);
	}
}

static void tell(struct teller *t, str pointer, const struct step_down *at)
{
	struct node *n = at->node;

	if (is_leaf(n))
		tell_one(t, pointer, at, false);
	else if (n->kind == NODE_MAP)
		for (uint32_t i = 0; i < n->n; i++) {
			str key = entry_key(&n->entries[i]);
			struct step_down down = { .up = at, .node = n->entries[i].value, .key = key.p ? key : S("") };
			tell(t, pointer_add_key(t->a, pointer, key), &down);
		}
	else
		for (uint32_t i = 0; i < n->n; i++) {
			struct step_down down = { .up = at, .node = n->items[i], .index = i };
			tell(t, pointer_add_index(t->a, pointer, i), &down);
		}
	if (n->kind == NODE_SEQ && n->n)
		tell_lost_items(t, pointer, at);
	tell_gone(t, pointer, at);
}

static bool step_fits(const struct step *s, const struct step_down *d, const struct node *parent)
{
	switch (s->kind) {
	case STEP_ANY:
		return true;
	case STEP_KEY:
		return d->key.p && str_eq(s->key, d->key);
	case STEP_INDEX:
		if (d->key.p)
			return s->key.p && str_eq(s->key, d->key);
		return (int64_t)d->index == s->index || (int64_t)d->index - (int64_t)parent->n == s->index;
	case STEP_MATCH:
		return !d->key.p && str_eq(node_str(node_get(d->node, s->key)), s->value);
	default:
		return false;
	}
}

static void tell_at(struct teller *t, const struct path *p, size_t step, str pointer, const struct step_down *at);

static void tell_child(struct teller *t, const struct path *p, size_t step, str pointer, const struct step_down *down)
{
	if (step_fits(&p->steps[step], down, down->up->node))
		tell_at(t, p, step + 1, pointer, down);
}

static void tell_at(struct teller *t, const struct path *p, size_t step, str pointer, const struct step_down *at)
{
	struct node *n = at->node;
	struct trace *trace = trace_get(t->h, n);

	if (step == p->n) {
		tell(t, pointer, at);
		return;
	}
	for (uint32_t i = 0; n->kind == NODE_MAP && i < n->n; i++) {
		str key = entry_key(&n->entries[i]);
		struct step_down down = { .up = at, .node = n->entries[i].value, .key = key };
		tell_child(t, p, step, pointer_add_key(t->a, pointer, key), &down);
	}
	for (uint32_t i = 0; n->kind == NODE_SEQ && i < n->n; i++) {
		struct step_down down = { .up = at, .node = n->items[i], .index = i };
		tell_child(t, p, step, pointer_add_index(t->a, pointer, i), &down);
	}
	for (struct gone *g = trace && step + 1 == p->n ? trace->gone : NULL; g; g = g->next)
		if (p->steps[step].kind == STEP_KEY && str_eq(g->key, p->steps[step].key) && !node_get(n, g->key)) {
			struct step_down down = { .up = at, .node = g->by, .key = g->key };
			tell_one(t, pointer_add_key(t->a, pointer, g->key), &down, true);
			break;
		}
}

struct node *history_explain(struct history *h, struct node *root, const struct path *p)
{
	struct teller t = { .a = h->a, .h = h, .list = node_new(h->a, NODE_SEQ) };
	struct step_down top = { .node = root };

	if (p)
		tell_at(&t, p, 0, S(""), &top);
	else
		tell(&t, S(""), &top);
	return t.list;
}

/* ---- as text ------------------------------------------------------------------------ */
static str position(struct arena *a, const struct node *one)
{
	str file = node_get_str(one, S("file")), line = node_str(node_get(one, S("line")));

	if (!file.n)
		return S("-");
	if (str_eq(line, S("0")))
		return file;
	return str_printf(a, "%.*s:%.*s:%.*s", STR_ARG(file), STR_ARG(line), STR_ARG(node_str(node_get(one, S("column")))));
}

static size_t width(struct arena *a, const struct node *explained)
{
	size_t most = 0;

	for (uint32_t i = 0; i < explained->n; i++) {
		const struct node *one = explained->items[i], *list = node_get(one, S("overrides"));
		size_t n = position(a, one).n;
		most = n > most ? n : most;
		for (uint32_t k = 0; k < list->n; k++) {
			n = position(a, list->items[k]).n;
			most = n > most ? n : most;
		}
	}
	return most;
}

static void print_value(struct arena *a, struct out *o, const struct node *one)
{
	enum { LONGEST = 60 };
	str text = S("(deleted)");

	if (!node_get(one, S("deleted")))
		text = json_text(a, node_get(one, S("value")));
	if (text.n > LONGEST) {
		size_t cut = LONGEST;
		while (cut && ((unsigned char)text.p[cut] & 0xc0) == 0x80)
			cut--;
		out_printf(o, "%.*s…\n", (int)cut, text.p);
	} else
		out_printf(o, "%.*s\n", STR_ARG(text));
}

void history_print(struct out *o, const struct node *explained, const struct node *root)
{
	struct arena a = { 0 };
	int w = (int)width(&a, explained);

	for (uint32_t i = 0; i < explained->n; i++) {
		const struct node *one = explained->items[i], *list = node_get(one, S("overrides"));
		str pos = position(&a, one), path = pointer_text(&a, node_get_str(one, S("path")), root);
		out_printf(o, "%.*s%*s  %.*s = ", STR_ARG(pos), w - (int)pos.n, "", STR_ARG(path));
		print_value(&a, o, one);
		for (uint32_t k = 0; k < list->n; k++) {
			pos = position(&a, list->items[k]);
			out_printf(o, "%.*s%*s    over ", STR_ARG(pos), w - (int)pos.n, "");
			print_value(&a, o, list->items[k]);
		}
		arena_reset(&a);
	}
	arena_free(&a);
}
