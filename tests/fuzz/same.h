/* SPDX-License-Identifier: MIT */
/* Reads a text with libyaml alone, and as the reader does: trees, places and messages must be the same. */
#ifndef INFRAFLUX_FUZZ_SAME_H
#define INFRAFLUX_FUZZ_SAME_H

#include "doc/internal.h"

#include <stdio.h>

struct same_read {
	struct arena a, mem;
	struct diag diag;
	struct source source;
	struct builder b;
	struct input in;
	struct yaml y;
};

static inline void same_open(struct same_read *r, struct diag *parent, str text, int flags, bool whole)
{
	diag_fork(&r->diag, parent, &r->a);
	r->source.name = "same";
	r->b = (struct builder){ .mem = &r->mem, .diag = &r->diag, .source = &r->source, .max = 5000, .keep_last = flags & 1, .version = flags >> 1 & 1 };
	r->in = (struct input){ .label = "same", .fd = -1, .p = (char *)(uintptr_t)text.p, .n = text.n, .ended = true };
	r->y = (struct yaml){ .in = &r->in, .b = &r->b, .perm = &r->a, .whole = whole };
}

static inline bool same_place(const struct node *x, const struct node *y)
{
	return x->line == y->line && x->col == y->col && x->kind == y->kind && x->style == y->style && x->tag == y->tag &&
	       x->flags == y->flags && x->n == y->n;
}

static inline bool same_tree(const struct node *x, const struct node *y)
{
	if (!same_place(x, y))
		return false;
	if (x->kind < NODE_SEQ)
		return str_eq(node_text(x), node_text(y));
	for (uint32_t i = 0; i < x->n; i++) {
		const struct entry *e = &x->entries[i], *f = &y->entries[i];
		if (x->kind == NODE_SEQ) {
			if (!same_tree(x->items[i], y->items[i]))
				return false;
		} else if (e->line != f->line || e->col != f->col || !str_eq(entry_key(e), entry_key(f)) || !same_tree(e->value, f->value)) {
			return false;
		}
	}
	return true;
}

static inline bool same_messages(struct diag *x, struct diag *y)
{
	for (size_t i = 0;; i++) {
		struct finding *f = diag_held_at(x, i), *g = diag_held_at(y, i);
		if (f && g && f->trouble && f->rule && (!strcmp(f->rule, "utf8") || !strcmp(f->rule, "control-character")))
			return y->troubles == 1; /* met while libyaml decodes ahead: an error above it may be told instead */
		if (!f || !g)
			return f == g;
		if (f->pos.line != g->pos.line || f->pos.col != g->pos.col || !str_eq(f->message, g->message) || f->trouble != g->trouble)
			return false;
	}
}

/* flags: 1 the last of equal keys is kept, 2 YAML 1.2.  *plain: how many documents libyaml did not see. */
static inline bool same_reading(str text, int flags, size_t *plain)
{
	struct arena parent_arena = { 0 };
	struct diag parent = { .program = "same", .arena = &parent_arena };
	struct same_read x = { 0 }, y = { 0 };
	struct node *m, *n;
	bool same = true;
	int got = 1, other;

	same_open(&x, &parent, text, flags, true);
	same_open(&y, &parent, text, flags, false);
	while (same && got > 0) {
		struct arena one = { 0 }, two = { 0 };
		build_start(&x.b, &one);
		build_start(&y.b, &two);
		got = yaml_next(&x.y, &m);
		other = yaml_next(&y.y, &n);
		/* libyaml decodes ahead: a bad character far below is an error before what stands above it is read. */
		while (got < 0 && other > 0)
			other = yaml_next(&y.y, &n);
		same = got == other && (got <= 0 || same_tree(m, n));
		*plain += got > 0 && !y.y.live;
		arena_free(&one);
		arena_free(&two);
	}
	same = same && same_messages(&x.diag, &y.diag);
	events_close(&x.y);
	events_close(&y.y);
	arena_free(&x.a);
	arena_free(&x.mem);
	arena_free(&y.a);
	arena_free(&y.mem);
	return same;
}

#endif
