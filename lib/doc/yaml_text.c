/* SPDX-License-Identifier: MIT */
/*
 * The documents of a YAML input, one by one: those of plain block form are read
 * straight from the text, any other by libyaml, which is given that one alone.
 */
#include "doc/block.h"

enum { MOST = 32 << 20 }; /* of a document that is kept as text; a longer one libyaml reads as it comes */

uint32_t yaml_lines(const char *p, size_t n)
{
	const char *end = p + n, *q;
	uint32_t lines = 0;

	for (q = p; q < end && (q = memchr(q, '\n', (size_t)(end - q))); q++)
		lines++;
	for (q = p; q < end && (q = memchr(q, '\r', (size_t)(end - q))); q++)
		lines += q + 1 == end || q[1] != '\n';
	for (q = p; q < end && (q = memchr(q, 0xC2, (size_t)(end - q))); q++)
		lines += end - q > 1 && q[1] == '\x85';
	for (q = p; q < end && (q = memchr(q, 0xE2, (size_t)(end - q))); q++)
		lines += end - q > 2 && q[1] == '\x80' && (q[2] == '\xA8' || q[2] == '\xA9');
	return lines;
}

/* The first line from `at` on that begins a document, and a blank stands behind its "---"; at: where to look on, if there is none. */
static bool find_start(const struct input *in, size_t *at)
{
	const char *p = in->p + *at, *end = in->p + in->n;

	while (p < end && (p = memchr(p, '\n', (size_t)(end - p)))) {
		if (end - p < 5)
			break;
		if (p[1] == '-' && p[2] == '-' && p[3] == '-' && (p[4] == ' ' || p[4] == '\n' || p[4] == '\t' || p[4] == '\r')) {
			*at = (size_t)(p + 1 - in->p);
			return true;
		}
		p++;
	}
	*at = (size_t)((p ? p : end) - in->p);
	return false;
}

/* Where the document at in->at ends; *marked: a "---" follows.  False: it is too long to be kept. */
static bool find_end(struct yaml *y, size_t *end, bool *marked)
{
	struct input *in = y->in;
	size_t at = in->at, dropped;

	while (!(*marked = find_start(in, &at))) {
		if (in->fd >= 0 && in->n - in->at > MOST)
			return false;
		bool any = input_more(in, in->at, &dropped);
		in->at -= dropped;
		at -= dropped;
		if (!any) {
			at = in->n;
			break;
		}
	}
	*end = at;
	return true;
}

/* Lines that begin so are for more than one document. */
static bool reaches_out(str text)
{
	const char *p = text.p, *end = p + text.n;

	for (;;) {
		if (end - p > 0 && (*p == '%' || (end - p > 2 && p[0] == '.' && p[1] == '.' && p[2] == '.')))
			return true;
		while (p < end && *p != '\n' && *p != '\r')
			p++;
		if (p == end)
			return false;
		p++;
	}
}

void yaml_show(struct yaml *y, str bytes)
{
	if (!bytes.n || !y->watch)
		return;
	y->watch(y->watch_ctx, y->in->label, y->watching ? 0 : y->line + 1, bytes);
	y->watching = true;
}

/* libyaml reads this document; or all that is still to come. */
static int turn_to_events(struct yaml *y, str text, bool marked)
{
	y->whole = y->whole || reaches_out(text);
	y->from = y->offset + y->in->base + y->in->at;
	y->until = y->last;
	y->next = y->in->at + text.n;
	y->end = y->next + (marked ? 4 : 0);
	y->lines = yaml_lines(text.p, text.n);
	if (!y->whole && marked)
		y->until = y->line + y->lines;
	if (!y->whole)
		yaml_show(y, text);
	return events_open(y);
}

/* 1: it is read; 0: it is libyaml's to read. */
static int straight(struct yaml *y, str text, struct node **out)
{
	struct builder *b = y->b;
	struct arena_mark mark = arena_mark(b->a);
	uint32_t lines;

	if (y->col || block_document(b, &y->stacks, text, y->line + 1, &lines) != BLOCK_READ) {
		arena_rewind(b->a, mark);
		build_start(b, b->a);
		return 0;
	}
	yaml_show(y, text);
	*out = b->root;
	y->line += lines;
	y->in->at += text.n;
	y->documents = y->implicit_end = true;
	return 1;
}

static void after_events(struct yaml *y)
{
	events_close(y);
	y->in->at = y->next;
	y->line += y->lines;
	y->col = 0;
}

int yaml_next(struct yaml *y, struct node **out)
{
	struct input *in = y->in;

	*out = NULL;
	for (;;) {
		size_t end = in->at;
		bool marked = false;
		if (y->live) {
			int got = events_next(y, out);
			if (got || y->whole)
				return got;
			after_events(y);
			continue;
		}
		if (!y->whole && !find_end(y, &end, &marked))
			y->whole = true;
		str text = { in->p + in->at, end - in->at };
		if (!y->whole && in->error)
			return yaml_complain(y);
		if (!y->whole && (!text.n || (y->last && y->line >= y->last)))
			return 0;
		if (!y->whole && straight(y, text, out))
			return 1;
		if (turn_to_events(y, text, marked))
			return -1;
	}
}
