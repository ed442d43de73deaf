/* SPDX-License-Identifier: MIT */
/* Edits in place: makes the difference between two trees in the text of the first, and touches no other byte. */
#include "doc/edit.h"

#include <stdlib.h>

/* How this file indents: of the first map and the first list that stand under a key. */
static void learn(struct editor *e, const struct span *s, bool *map_seen, bool *list_seen, int depth)
{
	if (depth > DOC_MAX_DEPTH || s->flow || (*map_seen && *list_seen))
		return;
	for (size_t i = 0; i < s->n; i++) {
		const struct span *kid = s->kids[i];
		if (s->kind == SPAN_MAP && i % 2 && !kid->flow && kid->n && kid->start == kid->content) {
			size_t own = edit_column(e, kid->start), key = edit_column(e, s->kids[i - 1]->start);
			if (kid->kind == SPAN_MAP && !*map_seen && own > key) {
				e->step = own - key;
				*map_seen = true;
			}
			if (kid->kind == SPAN_SEQ && !*list_seen && own >= key) {
				e->dash = own - key;
				*list_seen = true;
			}
		}
		learn(e, kid, map_seen, list_seen, depth + 1);
	}
}

static int by_place(const void *x, const void *y)
{
	const struct change *a = x, *b = y;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

static void sort(struct editor *e)
{
	if (e->changes.n)
		qsort(e->changes.p, e->changes.n, sizeof(*e->changes.p), by_place);
}

/* New lines at the end of a line that goes stand in its place instead. */
static void move_out(struct editor *e)
{
	const struct change *hole = NULL; /* of those so far the one that reaches farthest */

	sort(e);
	for (size_t i = 0; i < e->changes.n; i++) {
		struct change *c = &e->changes.p[i];
		if (c->lines && c->start == c->end && hole && hole->start < c->start && hole->end > c->start) {
			str rest = str_sub(c->text, e->eol.n, c->text.n);
			c->text = str_printf(e->a, "%.*s%.*s", STR_ARG(rest), STR_ARG(e->eol));
			c->start = c->end = hole->end;
			c->lines = false;
		} else if (!c->text.n && (!hole || c->end > hole->end)) {
			hole = c;
		}
	}
	sort(e);
}

static bool rewritten(struct editor *e, str *out)
{
	struct buf b = BUF(e->a);
	size_t at = 0;

	move_out(e);
	for (size_t i = 0; i < e->changes.n; i++) {
		const struct change *c = &e->changes.p[i];
		if (c->start < at) {
			e->why = "two changes meet in one place";
			return false;
		}
		buf_add(&b, str_sub(e->text, at, c->start));
		buf_add(&b, c->text);
		at = c->end;
	}
	buf_add(&b, str_sub(e->text, at, e->text.n));
	*out = buf_str(&b);
	return true;
}

/* The proof: what was written reads as what was meant. */
static bool reads_as(struct editor *e, struct diag *d, const struct read_options *o, const char *name, str text, struct node *const *fresh, size_t n)
{
	struct diag silent;
	struct reader *r;
	struct node *doc;
	size_t i = 0;
	int got = -1;

	diag_fork(&silent, d, e->a); /* never joined: what it says is dropped */
	r = reader_open_text(e->a, &silent, o, name, text);
	while (r && (got = reader_next(r, e->a, &doc)) > 0)
		if (i >= n || !node_equal(doc, fresh[i++]))
			break;
	reader_close(r);
	return got == 0 && i == n;
}

static bool attempt(struct editor *e, struct span **spans, struct node *const *old, struct node *const *fresh, size_t n, str *out)
{
	e->changes.n = 0;
	e->why = NULL;
	for (size_t i = 0; i < n && !e->why; i++)
		edit_value(e, spans[i], old[i], fresh[i]);
	return !e->why && rewritten(e, out);
}

int edit_text(struct arena *a, struct diag *d, const struct read_options *o, const char *name, str text, struct node *const *old,
	      struct node *const *fresh, size_t n, str *out)
{
	bool bom = str_starts(text, S("\xef\xbb\xbf")), map_seen = false, list_seen = false;
	struct editor e = { .a = a, .text = str_sub(text, bom ? 3 : 0, text.n), .eol = S("\n"), .version = o->yaml, .step = 2 };
	struct span **spans = NULL;
	size_t bad, nspans = 0;

	if (!utf8_valid(e.text, &bad))
		return diag_trouble(d, IN_FILE(name), "in-place", "it is not UTF-8; only that can be edited in place");
	if (spans_read(a, d, name, e.text, &spans, &nspans))
		return -1;
	if (nspans != n)
		return diag_trouble(d, IN_FILE(name), "in-place", "its documents cannot be told apart; rewrite it with --each -O FILE");
	if (str_find(e.text, S("\r\n")) >= 0)
		e.eol = S("\r\n");
	e.json = o->input == FORMAT_JSON || str_ends(str_of(name), S(".json"));
	for (size_t i = 0; i < n; i++)
		learn(&e, spans[i], &map_seen, &list_seen, 0);
	for (int flow = 0; flow < 2; flow++) {
		e.flow = flow;
		if (attempt(&e, spans, old, fresh, n, out) && reads_as(&e, d, o, name, *out, fresh, n)) {
			if (bom)
				*out = str_printf(a, "\xef\xbb\xbf%.*s", STR_ARG(*out));
			return 0;
		}
	}
	return diag_trouble(d, n ? node_pos(old[0]) : IN_FILE(name), "in-place",
			    "this edit cannot be made in the file's own form%s%s (does the value belong to an anchor, a << or an alias?); "
			    "edit it by hand, or rewrite it with --each -O FILE",
			    e.why ? ": " : "", e.why ? e.why : "");
}
