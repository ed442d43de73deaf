/* SPDX-License-Identifier: MIT */
/* Cuts an input into texts of whole documents, which threads can read each for itself. */
#include "doc/cut.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { PART = 256 << 10, MOST = 16 << 20 };

static int no_memory(const struct cut *c, struct diag *d)
{
	return diag_trouble(d, IN_FILE(c->label), "memory", "out of memory; give the program more, or smaller inputs");
}

static int room(const struct cut *c, struct diag *d, struct cut_text *t, size_t cap)
{
	char *p;

	if (cap <= t->cap)
		return 0;
	p = realloc(t->p, cap);
	if (!p)
		return no_memory(c, d);
	t->p = p;
	t->cap = cap;
	return 0;
}

/* Reads until t holds `goal` bytes, or all there is. */
static int fill(struct cut *c, struct diag *d, struct cut_text *t, size_t goal)
{
	ssize_t got;

	if (room(c, d, t, goal))
		return -1;
	while (t->n < goal && !c->ended) {
		do
			got = read(c->fd, t->p + t->n, t->cap - t->n);
		while (got < 0 && fd_again(c->fd, false));
		if (got < 0)
			return diag_sys(d, "read", c->label);
		c->ended = got == 0;
		t->n += (size_t)got;
	}
	return 0;
}

/* ---- where documents begin -------------------------------------------------- */
static uint32_t count_lines(const char *p, size_t n)
{
	const char *end = p + n, *q;
	uint32_t lines = 0;

	for (q = p; q < end && (q = memchr(q, '\n', (size_t)(end - q))); q++)
		lines++;
	return lines;
}

static bool has_directive(const char *p, size_t n)
{
	const char *end = p + n, *q;

	for (q = p; q < end && (q = memchr(q, '%', (size_t)(end - q))); q++)
		if (q == p || q[-1] == '\n' || q[-1] == '\r')
			return true;
	return false;
}

static bool begins_document(const char *p, size_t i)
{
	return p[i - 4] == '\n' && p[i - 3] == '-' && p[i - 2] == '-' && p[i - 1] == '-' &&
	       (p[i] == ' ' || p[i] == '\t' || p[i] == '\r' || p[i] == '\n');
}

/* The last line within PART bytes that begins a document, else the first behind; 0: there is none. */
static size_t yaml_boundary(const struct cut_text *t)
{
	size_t near = t->n < PART ? t->n : PART, i;

	for (i = near; i-- > 4;)
		if (begins_document(t->p, i))
			return i - 3;
	for (i = near > 4 ? near : 4; i < t->n; i++)
		if (begins_document(t->p, i))
			return i - 3;
	return 0;
}

/* Past a string that begins at p[i], or n where it goes on. */
static size_t past_string(const char *p, size_t i, size_t n)
{
	for (i++; i < n && p[i] != '"'; i++)
		if (p[i] == '\\')
			i++;
	return i < n ? i + 1 : n;
}

/* The last end of line within PART bytes, else the first behind, where values are whole; 0: none. *other: there is more than JSON. */
static size_t json_boundary(const struct cut_text *t, bool *other)
{
	const char *p = t->p;
	size_t found = 0, depth = 0, i = 0;
	bool any = false;

	while (i < t->n && (!found || i < PART)) {
		switch (p[i]) {
		case '"':
			i = past_string(p, i, t->n);
			any = true;
			continue;
		case '{':
		case '[':
			depth++;
			break;
		case '}':
		case ']':
			depth -= depth > 0;
			any = true;
			break;
		case '\n':
			if (!depth && any)
				found = i + 1;
			break;
		case '#':
		case '.':
			*other |= !depth && (p[i] == '#' || i == 0 || p[i - 1] == '\n');
			break;
		case '-':
			*other |= !depth && i + 1 < t->n && p[i + 1] == '-';
			break;
		default:
			any |= p[i] != ' ' && p[i] != '\t' && p[i] != '\r';
		}
		if (*other)
			return found;
		i++;
	}
	return found;
}

/* ---- forms ---------------------------------------------------------------------- */
static bool is_wide(const struct cut_text *t)
{
	const unsigned char *p = (const unsigned char *)t->p;

	return t->n < 4 || p[0] >= 0xfe || !p[0] || !p[1] || !p[2] || !p[3];
}

/* What the first document turns out to be; FORMAT_AUTO: it can't be told from the text so far. */
static enum format probe(struct cut *c, struct diag *d, const struct read_options *o, const struct cut_text *t)
{
	struct arena a = { 0 }, doc = { 0 };
	struct diag silent;
	struct input in = { .fd = -1, .p = t->p, .n = t->n, .ended = true };
	enum format f = FORMAT_AUTO;
	struct reader *r;
	struct node *n;
	size_t i = 0;

	diag_fork(&silent, d, &a);
	if (t->n > 3 && !memcmp(t->p, "\xEF\xBB\xBF", 3))
		i = 3;
	while (i < t->n && strchr(" \t\r\n", t->p[i]) && t->p[i])
		i++;
	if (i < t->n && !strchr("{[\"", t->p[i]))
		return FORMAT_YAML;
	r = reader_open_part(&a, &silent, o, c->label, in, &(struct part_place){ .named = c->named });
	if (reader_next(r, &doc, &n) > 0)
		f = reader_format(r);
	reader_close(r);
	arena_free(&doc);
	arena_free(&a);
	return f;
}

void cut_begin(struct cut *c, const char *label, int fd, enum format named)
{
	struct cut_text carry = c->carry;

	carry.n = 0;
	*c = (struct cut){ .label = label, .fd = fd, .named = named, .place.named = named, .carry = carry };
}

/* The first text: enough of it to know what it is. */
static enum cut_kind first(struct cut *c, struct diag *d, const struct read_options *o, struct cut_text *t)
{
	c->begun = true;
	if (fill(c, d, t, CUT_LARGE))
		return CUT_FAILED;
	if (c->ended)
		return CUT_SMALL;
	c->place.format = c->named;
	if (is_wide(t))
		c->rest = true;
	else if (c->named == FORMAT_AUTO)
		c->place.format = probe(c, d, o, t);
	c->rest |= c->place.format == FORMAT_AUTO;
	return CUT_PART;
}

static size_t boundary(struct cut *c, const struct cut_text *t, bool *rest)
{
	if (c->place.format != FORMAT_YAML)
		return json_boundary(t, rest);
	*rest = has_directive(t->p, t->n); /* it belongs to what follows, and their number counts */
	return *rest ? 0 : yaml_boundary(t);
}

static enum cut_kind take(struct cut *c, struct diag *d, struct cut_text *t, size_t end)
{
	if (room(c, d, &c->carry, t->n - end))
		return CUT_FAILED;
	if (t->n > end)
		memcpy(c->carry.p, t->p + end, t->n - end);
	c->carry.n = t->n - end;
	t->n = end;
	t->place = c->place;
	t->place.lines = t->place.format == FORMAT_YAML ? yaml_lines(t->p, end) : count_lines(t->p, end);
	t->place.marked = c->carry.n && t->place.format == FORMAT_YAML;
	c->place.line += t->place.lines;
	c->place.offset += end;
	return CUT_PART;
}

enum cut_kind cut_next(struct cut *c, struct diag *d, const struct read_options *o, struct cut_text *t)
{
	size_t goal = PART, end = 0;
	bool rest = false;

	t->n = 0;
	t->place = c->place;
	if (room(c, d, t, c->carry.n))
		return CUT_FAILED;
	if (c->carry.n)
		memcpy(t->p, c->carry.p, c->carry.n);
	t->n = c->carry.n;
	c->carry.n = 0;
	if (!c->begun) {
		enum cut_kind k = first(c, d, o, t);
		if (k != CUT_PART)
			return k;
		t->place = c->place;
	}
	while (!c->rest && !end) {
		if (fill(c, d, t, goal))
			return CUT_FAILED;
		if (!t->n)
			return CUT_END;
		end = boundary(c, t, &rest);
		if (c->ended && !rest && (!end || t->n <= PART))
			end = t->n;
		c->rest = rest || (!end && t->n >= MOST);
		goal = t->n * 2;
	}
	if (end)
		return take(c, d, t, end);
	return CUT_REST;
}
