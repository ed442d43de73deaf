/* SPDX-License-Identifier: MIT */
/* Finds the comments of a YAML text, and the line of content that each speaks of. */
#include "doc/span.h"

#include <string.h>

struct range {
	size_t start, end;
};
struct ranges {
	struct arena *a;
	struct range *p; /* scalars, in order of the text: in them # is no comment */
	size_t n, cap;
};

/* Of a block scalar the lines behind the one of its "|" or ">", where a comment may stand. */
static size_t words_of(str text, const struct span *s)
{
	size_t at = s->content;

	if (at < s->end && (text.p[at] == '|' || text.p[at] == '>')) {
		while (at < s->end && text.p[at] != '\n')
			at++;
		at += at < s->end;
	}
	return at;
}

static void collect(struct ranges *r, str text, const struct span *s, int depth)
{
	if (s->kind == SPAN_SCALAR && s->end > words_of(text, s))
		*VEC_ADD(r->a, r) = (struct range){ words_of(text, s), s->end };
	for (size_t i = 0; i < s->n && depth <= DOC_MAX_DEPTH; i++)
		collect(r, text, s->kids[i], depth + 1);
}

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

struct scan {
	struct arena *a;
	str text;
	const struct ranges *scalars;
	size_t next; /* scalar that begins at or behind where we are */
	struct {
		struct doc_comment *p;
		size_t n, cap;
	} found;
	size_t waiting; /* comments of their own line from here on wait for their line of content */
};

static void content_line(struct scan *s, uint32_t line)
{
	for (; s->waiting < s->found.n; s->waiting++)
		if (s->found.p[s->waiting].own)
			s->found.p[s->waiting].target = line;
}

/* One line, from at: is there content, is there a comment?  Returns where the next line, or the text behind a scalar, begins. */
static size_t scan_line(struct scan *s, size_t at, uint32_t *line)
{
	size_t start = at, before = s->found.n;
	bool content = false;

	while (at < s->text.n && s->text.p[at] != '\n') {
		while (s->next < s->scalars->n && s->scalars->p[s->next].end <= at)
			s->next++;
		if (s->next < s->scalars->n && at >= s->scalars->p[s->next].start) {
			size_t end = s->scalars->p[s->next].end;
			content_line(s, *line);
			content = true;
			for (; at < end; at++)
				*line += s->text.p[at] == '\n';
			start = at;
			continue;
		}
		if (s->text.p[at] == '#' && (at == start || blank(s->text.p[at - 1]) || content)) {
			size_t end = at, gap = at;
			while (end < s->text.n && s->text.p[end] != '\n')
				end++;
			while (gap > start && blank(s->text.p[gap - 1]))
				gap--;
			str words = str_sub(s->text, at, end);
			*VEC_ADD(s->a, &s->found) = (struct doc_comment){ .line = *line, .target = content ? *line : 0, .own = !content,
								       .gap = at - gap, .text = str_ends(words, S("\r")) ? str_sub(words, 0, words.n - 1) : words };
			at = end;
			break;
		}
		if (!blank(s->text.p[at]) && s->text.p[at] != '\r' && !content) {
			content = true;
			content_line(s, *line);
		}
		at++;
	}
	if (!content && before && s->found.n == before && s->waiting < before)
		s->found.p[before - 1].spaced = true;
	++*line;
	return at < s->text.n ? at + 1 : at;
}

int comments_read(struct arena *a, struct diag *d, const char *name, str text, struct doc_comment **out, size_t *n)
{
	struct ranges scalars = { .a = a };
	struct scan s = { .a = a, .scalars = &scalars };
	struct span **docs;
	size_t ndocs, bad;
	uint32_t line = 1;

	*n = 0;
	if (str_starts(text, S("\xef\xbb\xbf")))
		text = str_sub(text, 3, text.n);
	s.text = text;
	if (str_chr(text, '#') < 0 || !utf8_valid(text, &bad))
		return 0;
	if (spans_read(a, d, name, text, &docs, &ndocs))
		return -1;
	for (size_t i = 0; i < ndocs; i++)
		collect(&scalars, text, docs[i], 0);
	for (size_t at = 0; at < text.n;)
		at = scan_line(&s, at, &line);
	*out = s.found.p;
	*n = s.found.n;
	return 0;
}
