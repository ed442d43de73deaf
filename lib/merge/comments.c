/* SPDX-License-Identifier: MIT */
/* comments: those of the lines that won, put back into the YAML of a result. */
#include "merge/internal.h"

#include <string.h>

struct line_comments { /* of one line of content */
	struct strlist own; /* above it */
	const struct doc_comment *behind;
	bool told;
};
struct file_comments {
	struct map lines; /* by the bytes of the line's number */
	struct strlist last; /* behind all content */
};
struct commenter {
	struct arena *a;
	struct diag *d;
	struct map files;
	struct line_comments **at; /* of each line of the output, from 1 */
	uint32_t *col;
	size_t nlines;
	bool bad;
};

static struct line_comments *line_of(struct arena *a, struct file_comments *f, uint32_t line, bool make)
{
	str key = { (const char *)&line, sizeof(line) };

	if (!make || map_get(&f->lines, key))
		return map_get(&f->lines, key);
	void **slot = map_at(a, &f->lines, str_copy(a, key));
	return *slot = NEW(a, struct line_comments);
}

static void load(struct commenter *c, struct file_comments *f, const char *name)
{
	struct doc_comment *list = NULL;
	str text;
	size_t n = 0;

	if (name[0] == '<' || str_ends(str_of(name), S(".json")))
		return;
	if (file_read(c->a, c->d, name, &text) || comments_read(c->a, c->d, name, text, &list, &n)) {
		c->bad = true;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		const char *words = str_dup(c->a, list[i].text);
		struct line_comments *l = list[i].target ? line_of(c->a, f, list[i].target, true) : NULL;
		struct strlist *to = l ? &l->own : &f->last;
		if (!list[i].own) {
			l->behind = &list[i];
			continue;
		}
		*VEC_ADD(c->a, to) = words;
		if (list[i].spaced)
			*VEC_ADD(c->a, to) = "";
	}
}

static struct file_comments *file_of(struct commenter *c, const struct source *s)
{
	void **slot = map_at(c->a, &c->files, str_of(s->name));

	if (!*slot) {
		*slot = NEW(c->a, struct file_comments);
		load(c, *slot, s->name);
	}
	return *slot;
}

/* Line `to` of the output came from that line of a source. */
static void connect(struct commenter *c, uint32_t to, uint32_t col, const struct source *source, uint32_t line)
{
	struct line_comments *l;

	if (!source || !line || !to || to > c->nlines || c->at[to])
		return;
	l = line_of(c->a, file_of(c, source), line, false);
	if (!l || l->told)
		return;
	l->told = true;
	c->at[to] = l;
	c->col[to] = col;
}

static void walk(struct commenter *c, const struct node *out, const struct node *from)
{
	for (uint32_t i = 0; out->kind >= NODE_SEQ && i < out->n && i < from->n; i++) {
		if (out->kind == NODE_SEQ) {
			const struct node *item = out->items[i];
			connect(c, item->line, item->col > 2 ? item->col - 2 : 1, from->items[i]->source, from->items[i]->line);
			walk(c, item, from->items[i]);
			continue;
		}
		const struct entry *e = &out->entries[i], *was = &from->entries[i];
		connect(c, e->line, e->col, was->value->source, was->line);
		walk(c, e->value, was->value);
	}
}

static str rewrite(struct commenter *c, str text)
{
	struct buf b = BUF(c->a);
	size_t at = 0;

	for (uint32_t line = 1; at < text.n; line++) {
		ptrdiff_t n = str_chr(str_sub(text, at, text.n), '\n');
		size_t end = n < 0 ? text.n : at + (size_t)n;
		const struct line_comments *l = line <= c->nlines ? c->at[line] : NULL;
		for (size_t i = 0; l && i < l->own.n; i++) {
			buf_fill(&b, ' ', *l->own.p[i] ? c->col[line] - 1 : 0);
			buf_add(&b, str_of(l->own.p[i]));
			buf_char(&b, '\n');
		}
		buf_add(&b, str_sub(text, at, end));
		if (l && l->behind) {
			buf_fill(&b, ' ', l->behind->gap ? l->behind->gap : 1);
			buf_add(&b, l->behind->text);
		}
		buf_char(&b, '\n');
		at = end + 1;
	}
	return buf_str(&b);
}

int merge_commented(struct arena *a, struct diag *d, const struct node *n, str *out)
{
	struct commenter c = { .a = a, .d = d };
	str text = yaml_text(a, n);
	struct node *again, *same;

	*out = text;
	if (n->kind < NODE_SEQ || !n->n || !n->source || !n->line)
		return 0;
	if (read_text(a, d, &(struct read_options){ .input = FORMAT_YAML }, "output", text, &again))
		return -1;
	for (const char *p = text.p; (p = memchr(p, '\n', (size_t)(text.p + text.n - p))); p++)
		c.nlines++;
	c.at = NEW_ARRAY(a, struct line_comments *, c.nlines + 1);
	c.col = NEW_ARRAY(a, uint32_t, c.nlines + 1);
	walk(&c, again, n);
	if (c.bad)
		return -1;
	text = rewrite(&c, text);
	const struct file_comments *base = file_of(&c, n->source);
	struct buf b = BUF(a);
	buf_add(&b, text);
	for (size_t i = 0; i < base->last.n; i++) {
		buf_add(&b, str_of(base->last.p[i]));
		buf_char(&b, '\n');
	}
	if (c.bad)
		return -1;
	if (read_text(a, d, &(struct read_options){ .input = FORMAT_YAML }, "output", buf_str(&b), &same) || !node_equal(again, same))
		return diag_trouble(d, node_pos(n), "comments", "the comments do not fit into the result; leave out --comments");
	*out = buf_str(&b);
	return 0;
}
