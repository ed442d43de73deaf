/* SPDX-License-Identifier: MIT */
/* The comments of a `${jq}` template: which value each speaks of, and where that value went. */
#include <string.h>

#include "template/hole.h"

struct annotator {
	struct holes *h;
	struct doc_comments *c;
	struct strlist pending; /* of a line that is no value's: they go to the next value */
	bool any;		/* a place for them was found */
};
struct noted {
	const struct node *node;
	const struct note *note;
};

static str key_of(const struct node *const *n)
{
	return (str){ (const char *)n, sizeof(*n) };
}

const struct note *hole_note_of(const struct holes *h, const struct node *n)
{
	const struct noted *at = h->notes.n ? map_get(&h->notes, key_of(&n)) : NULL;

	if (!at && h->made.n)
		at = map_get(&h->made, key_of(&n));
	return at ? at->note : NULL;
}

static void remember(struct arena *a, struct map *m, const struct node *n, const struct note *note)
{
	struct noted *at = NEW(a, struct noted);

	*at = (struct noted){ n, note };
	*map_at(a, m, key_of(&at->node)) = at;
}

void hole_comments(struct holes *h, const struct hole_file *f, struct doc_comments *out)
{
	struct diag quiet; /* without them the template is what it is */

	if (f->format != FORMAT_YAML)
		return;
	diag_fork(&quiet, h->diag, h->a);
	if (comments_read(h->a, &quiet, f->path, f->text, &out->p, &out->n) < 0)
		out->n = 0;
}

static void add_line(struct arena *a, struct strlist *to, const struct doc_comment *c)
{
	*VEC_ADD(a, to) = str_dup(a, c->text);
	if (c->own && c->spaced)
		*VEC_ADD(a, to) = "";
}

/* The comments up to this line of content; what is behind another line stands above this one. */
static void claim(struct annotator *x, uint32_t line, const struct node *value)
{
	struct arena *a = x->h->a;
	struct strlist own = x->pending;
	str behind = { 0 };

	for (; x->c->next < x->c->n; x->c->next++) {
		const struct doc_comment *c = &x->c->p[x->c->next];
		if (!c->target || c->target > line)
			break;
		if (!c->own && c->target == line && value)
			behind = c->text;
		else
			add_line(a, &own, c);
	}
	x->pending = (struct strlist){ 0 };
	if (!value) {
		x->pending = own;
		return;
	}
	x->any = true;
	if (!own.n && !behind.n)
		return;
	struct note *note = NEW(a, struct note);
	*note = (struct note){ .own = own, .behind = behind };
	remember(a, &x->h->notes, value, note);
}

static void annotate(struct annotator *x, const struct node *n);

/* Values of $let go elsewhere, if anywhere: what speaks of the names does not go with them. */
static void annotate_lets(struct annotator *x, const struct node *n)
{
	for (uint32_t i = 0; i < n->n; i++) {
		claim(x, n->entries[i].line, NULL);
		struct strlist above = x->pending;
		x->pending = (struct strlist){ 0 };
		annotate(x, n->entries[i].value);
		for (size_t k = 0; k < x->pending.n; k++)
			*VEC_ADD(x->h->a, &above) = x->pending.p[k];
		x->pending = above;
	}
}

static void annotate(struct annotator *x, const struct node *n)
{
	for (uint32_t i = 0; n->kind == NODE_SEQ && i < n->n; i++) {
		claim(x, n->items[i]->line, n->items[i]);
		annotate(x, n->items[i]);
	}
	for (uint32_t i = 0; n->kind == NODE_MAP && i < n->n; i++) {
		const struct entry *e = &n->entries[i];
		claim(x, e->line, hole_is_directive(entry_key(e)) ? NULL : e->value);
		if (str_eq(entry_key(e), S("$let")) && e->value->kind == NODE_MAP)
			annotate_lets(x, e->value);
		else
			annotate(x, e->value);
	}
}

void hole_annotate(struct holes *h, struct doc_comments *c, const struct node *n, struct hole_doc *doc)
{
	struct annotator x = { .h = h, .c = c };

	if (c->next >= c->n)
		return;
	if (n->kind < NODE_SEQ)
		claim(&x, n->line, NULL);
	annotate(&x, n);
	*(x.any ? &doc->tail : &doc->head) = x.pending;
}

void hole_leftover(struct holes *h, struct doc_comments *c, struct strlist *tail)
{
	for (; c->next < c->n; c->next++)
		add_line(h->a, tail, &c->p[c->next]);
}

struct node *hole_noted(struct holes *h, struct arena *a, const struct tree *t, struct node *n)
{
	struct node *own;

	if (!t->note || n == t->at)
		return n;
	own = arena_raw(a, sizeof(*own)); /* the same children: the node alone says that it is in this place */
	*own = *n;
	remember(a, &h->made, own, t->note);
	return own;
}

void hole_follow(struct holes *h, struct arena *a, const struct node *old, const struct node *fresh)
{
	const struct note *note = hole_note_of(h, old);

	if (note)
		remember(a, &h->made, fresh, note);
}

static const struct note *ask(void *ctx, const struct node *value)
{
	return hole_note_of(ctx, value);
}

static void add_lines(struct buf *b, const struct strlist *lines)
{
	for (size_t i = 0; lines && i < lines->n; i++) {
		buf_add(b, str_of(lines->p[i]));
		buf_char(b, '\n');
	}
}

str holes_yaml(const struct holes *h, struct arena *a, const struct node *doc)
{
	str text = h->notes.n ? yaml_text_noted(a, doc, ask, (void *)(uintptr_t)h) : yaml_text(a, doc);
	struct buf b = BUF(a);

	if ((!h->head || !h->head->n) && (!h->tail || !h->tail->n))
		return text;
	add_lines(&b, h->head);
	buf_add(&b, text);
	add_lines(&b, h->tail);
	return buf_str(&b);
}
