/* SPDX-License-Identifier: MIT */
/* The scalars of plain block YAML. */
#include "doc/block.h"

enum { LONGEST_KEY = 1000 }; /* libyaml refuses them from 1024 characters on */

/* What stops the scan of a plain scalar. */
enum { GO, COLON, HASH, LINE, TAB };
static const uint8_t plain_stops[256] = { [':'] = COLON, ['#'] = HASH, ['\n'] = LINE, ['\t'] = TAB };

/* What can't begin a plain scalar, or does so only before some characters. */
static const bool no_start[256] = {
	['?'] = true, [':'] = true, [','] = true, ['['] = true, [']'] = true, ['{'] = true, ['}'] = true, ['#'] = true,
	['&'] = true, ['*'] = true, ['!'] = true, ['|'] = true, ['>'] = true, ['%'] = true, ['@'] = true, ['`'] = true,
	['\t'] = true, ['\n'] = true, ['"'] = true, ['\''] = true, [' '] = true,
};

uint32_t block_column(const struct block *s, const char *p)
{
	uint32_t n = (uint32_t)(p - s->line_start) + 1;

	if (s->wide)
		for (const char *q = s->line_start; q < p; q++)
			n -= ((unsigned char)*q & 0xC0) == 0x80;
	return n;
}

bool block_line_end(struct block *s)
{
	const char *p = s->p;

	while (*p == ' ')
		p++;
	if (*p == '#' && p > s->p)
		p = memchr(p, '\n', (size_t)(s->end - p));
	if (*p != '\n')
		return false;
	s->p = s->line_start = p + 1;
	s->line++;
	return true;
}

int block_put(struct block *s, const struct block_scalar *v)
{
	struct builder *b = s->b;
	bool plain = v->style == STYLE_PLAIN, truth = false;
	enum kind k = plain ? scalar_kind(v->text, b->version, &truth) : NODE_STRING;
	str text = k == NODE_INT ? scalar_keep(b->a, v->text, k, b->version) : v->text;
	struct node *n = arena_raw(b->a, sizeof(*n) + text.n + 1);
	char *p = (char *)(n + 1);
	/* A block scalar has set line and line_start beyond itself. */
	bool here = v->style != STYLE_LITERAL && v->style != STYLE_FOLDED;

	if (text.n)
		memcpy(p, text.p, text.n);
	p[text.n] = '\0';
	*n = (struct node){
		.source = b->source,
		.line = here ? s->line : s->at.line,
		.col = here ? block_column(s, v->start) : s->at.col,
		.kind = k,
		.style = v->style,
		.flags = (truth ? NODE_TRUE : 0),
		.n = text.n,
		.text = p,
	};
	return build_scalar(b, n, NULL);
}

/* ---- on one line -------------------------------------------------------------- */
static enum block_found behind(struct block *s, const char *start, const char *p)
{
	s->p = p;
	if (*p != ':')
		return BLOCK_VALUE;
	if ((p[1] != ' ' && p[1] != '\n') || p - start > LONGEST_KEY)
		return BLOCK_ODD;
	return BLOCK_KEY;
}

static enum block_found plain(struct block *s, struct block_scalar *to)
{
	const char *start = s->p, *p = start, *stop;

	if (no_start[(unsigned char)*p] || (*p == '-' && (p[1] == ' ' || p[1] == ':' || p[1] == '\n' || p[1] == '\t')))
		return BLOCK_ODD;
	for (;; p++) {
		while (plain_stops[(unsigned char)*p] == GO)
			p++;
		if (*p == '\n' || (*p == ':' && (p[1] == ' ' || p[1] == '\n')) || (*p == '#' && p[-1] == ' '))
			break;
		if (*p == '\t' || (*p == ':' && p[1] == '\t'))
			return BLOCK_ODD;
	}
	for (stop = p; stop[-1] == ' '; stop--)
		;
	*to = (struct block_scalar){ .text = { start, (size_t)(stop - start) }, .start = start, .style = STYLE_PLAIN };
	return behind(s, start, *p == ':' ? p : stop);
}

static bool escape(struct buf *b, char c)
{
	static const char from[] = "\\\"/ntrbf0ave", to[] = "\\\"/\n\t\r\b\f\0\a\v\033";
	const char *at = c ? strchr(from, c) : NULL;

	if (at)
		buf_char(b, to[at - from]);
	return at != NULL;
}

static enum block_found quoted(struct block *s, struct block_scalar *to)
{
	struct buf *b = &s->stacks->scratch;
	const char *start = s->p, *p = start + 1, *from = p;
	char quote = *start;

	b->n = 0;
	for (;; p++) {
		while (*p != quote && *p != '\n' && *p != '\\')
			p++;
		if (*p == '\n')
			return BLOCK_ODD;
		if (*p == quote && !(quote == '\'' && p[1] == '\''))
			break;
		if (*p == '\\' && quote == '\'')
			continue;
		buf_add(b, (str){ from, (size_t)(p - from) });
		if (quote == '\'')
			buf_char(b, '\'');
		else if (!escape(b, p[1]))
			return BLOCK_ODD;
		from = ++p + 1;
	}
	*to = (struct block_scalar){ .start = start, .style = quote == '"' ? STYLE_DOUBLE : STYLE_SINGLE };
	to->text = (str){ start + 1, (size_t)(p - start - 1) };
	if (from != start + 1) {
		buf_add(b, (str){ from, (size_t)(p - from) });
		to->text = buf_str(b);
	}
	return behind(s, start, p + 1);
}

enum block_found block_inline(struct block *s, struct block_scalar *to)
{
	return *s->p == '"' || *s->p == '\'' ? quoted(s, to) : plain(s, to);
}

/* ---- in flow lists and maps ------------------------------------------------------ */
static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '/';
}

enum block_found block_flow_scalar(struct block *s, struct block_scalar *to)
{
	const char *start = s->p, *p = start;

	if (*p == '"' || *p == '\'')
		return quoted(s, to);
	if (!is_word(*p))
		return BLOCK_ODD;
	while (is_word(*p) || *p == '-')
		p++;
	*to = (struct block_scalar){ .text = { start, (size_t)(p - start) }, .start = start, .style = STYLE_PLAIN };
	return behind(s, start, p);
}

/* ---- block scalars ------------------------------------------------------------------ */
struct lines {
	const char *p;
	uint32_t n, breaks; /* lines passed; empty ones just passed */
};

/* Empty lines, then blanks up to the indentation (0: not known yet). False: a tab where it should be. */
static bool empty_lines(const struct block *s, struct lines *l, int *indent, int least)
{
	const char *p = l->p, *start = p;
	int widest = 0;

	l->breaks = 0;
	while (p < s->end) {
		for (start = p; *p == ' ' && (!*indent || p - start < *indent); p++)
			;
		if (p - start > widest)
			widest = (int)(p - start);
		if (*p == '\t' && (!*indent || p - start < *indent))
			return false;
		if (*p != '\n')
			break;
		start = ++p;
		l->n++;
		l->breaks++;
	}
	l->p = p;
	if (!*indent)
		*indent = widest > least ? widest : least;
	return p == s->end || p - start == *indent || p - start < *indent;
}

/* Appends the content lines, as libyaml folds and joins them. False: it is odd. */
static bool content(struct block *s, struct lines *l, int indent, bool folded, char chomp)
{
	struct buf *b = &s->stacks->scratch;
	bool blank_before = false, broken = false, blank;
	uint32_t breaks = l->breaks;
	const char *end, *line;

	for (;;) {
		for (line = l->p; line > s->line_start && line[-1] != '\n'; line--)
			;
		if (l->p == s->end || l->p - line != indent)
			break;
		blank = *l->p == ' ' || *l->p == '\t';
		if (broken && (!folded || blank_before || blank))
			buf_char(b, '\n');
		else if (broken && !breaks)
			buf_char(b, ' ');
		buf_fill(b, '\n', breaks);
		blank_before = blank;
		end = memchr(l->p, '\n', (size_t)(s->end - l->p));
		buf_add(b, (str){ l->p, (size_t)(end - l->p) });
		l->p = end + 1;
		l->n++;
		broken = true;
		if (!empty_lines(s, l, &indent, 0))
			return false;
		breaks = l->breaks;
	}
	if (l->p == s->end && s->cut)
		return false;
	if (chomp != '-' && broken)
		buf_char(b, '\n');
	if (chomp == '+')
		buf_fill(b, '\n', breaks);
	return true;
}

bool block_text(struct block *s, int indent, struct block_scalar *to)
{
	bool folded = *s->p == '>';
	struct lines l;
	char chomp = s->p[1];
	int at = 0;

	s->at.line = s->line;
	s->at.col = block_column(s, s->p);
	*to = (struct block_scalar){ .start = s->p, .style = folded ? STYLE_FOLDED : STYLE_LITERAL };
	s->p += chomp == '-' || chomp == '+' ? 2 : 1;
	if (!block_line_end(s))
		return false;
	l = (struct lines){ .p = s->p };
	s->stacks->scratch.n = 0;
	if (!empty_lines(s, &l, &at, indent + 1 > 1 ? indent + 1 : 1) || !content(s, &l, at, folded, chomp))
		return false;
	while (l.p > s->p && l.p[-1] != '\n')
		l.p--;
	s->p = s->line_start = l.p;
	s->line += l.n;
	to->text = buf_str(&s->stacks->scratch);
	return true;
}
