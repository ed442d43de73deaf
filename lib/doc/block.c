/* SPDX-License-Identifier: MIT */
/* The lists and maps of plain block YAML. */
#include "doc/block.h"

enum { DEEPEST_FLOW = 50 };

/* ---- the bytes ---------------------------------------------------------------- */
enum { CLASS_ODD = 1, CLASS_WIDE = 2 };

static unsigned classes(str text)
{
	const uint64_t ones = 0x0101010101010101, tops = 0x8080808080808080;
	unsigned found = 0;
	size_t i = 0;

	while (i < text.n) {
		uint64_t w;
		/* Eight bytes from 0x20 to 0x7e at a time. */
		if (i + 8 <= text.n && (memcpy(&w, text.p + i, 8), !((w | (w - ones * 0x20) | (w + ones)) & tops))) {
			i += 8;
			continue;
		}
		unsigned char c = (unsigned char)text.p[i++];
		if (c >= 0x80)
			found |= CLASS_WIDE;
		else if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
			return CLASS_ODD;
	}
	return found;
}

/* Well-formed, and without what libyaml refuses or takes for the end of a line. */
static bool is_tame(str text)
{
	uint32_t c;
	size_t n;

	for (size_t i = 0; i < text.n; i += n) {
		if ((unsigned char)text.p[i] < 0x80) {
			n = 1;
			continue;
		}
		n = utf8_decode(str_sub(text, i, text.n), &c);
		if (!n || c < 0xA0 || c == 0x2028 || c == 0x2029 || c == 0xFEFF || c == 0xFFFE || c == 0xFFFF)
			return false;
	}
	return true;
}

/* ---- values --------------------------------------------------------------------- */
static bool put_empty(struct block *s)
{
	struct node *n = node_new(s->b->a, NODE_NULL);

	n->source = s->b->source;
	n->line = s->at.line;
	n->col = s->at.col;
	n->style = STYLE_PLAIN;
	n->flags = NODE_EMPTY;
	n->text = "";
	s->pending = false;
	return !build_scalar(s->b, n, NULL);
}

static bool open_level(struct block *s, enum kind k, int indent, bool bare)
{
	struct builder *b = s->b;

	if (build_open(b, k, s->line, (uint32_t)indent + 1, NULL))
		return false;
	build_top(b)->node->style = STYLE_BLOCK;
	*VEC_ADD(b->mem, &s->stacks->levels) = (struct block_level){ .indent = indent, .map = k == NODE_MAP, .bare = bare };
	return true;
}

static bool close_level(struct block *s)
{
	s->stacks->levels.n--;
	return !build_close(s->b);
}

static struct block_level *innermost(struct block *s)
{
	return s->stacks->levels.n ? &s->stacks->levels.p[s->stacks->levels.n - 1] : NULL;
}

static void await(struct block *s, const char *p)
{
	s->pending = true;
	s->at.line = s->line;
	s->at.col = block_column(s, p);
}

static bool add_key(struct block *s, const struct block_scalar *key)
{
	bool truth;

	if (key->style == STYLE_PLAIN &&
	    (scalar_kind(key->text, s->b->version, &truth) != NODE_STRING || (key->text.n == 2 && !memcmp(key->text.p, "<<", 2))))
		return false;
	build_key(s->b, key->text, s->line, block_column(s, key->start), false);
	s->p++;
	return true;
}

/* ---- flow ------------------------------------------------------------------------- */
static bool flow(struct block *s, int depth);

static bool flow_value(struct block *s, int depth)
{
	struct block_scalar v;

	if (*s->p == '[' || *s->p == '{')
		return flow(s, depth + 1);
	return block_flow_scalar(s, &v) == BLOCK_VALUE && !block_put(s, &v);
}

static void skip_blanks(struct block *s)
{
	while (*s->p == ' ')
		s->p++;
}

/* All of it on this line. */
static bool flow(struct block *s, int depth)
{
	bool map = *s->p == '{', first = true;
	char close = map ? '}' : ']';
	struct block_scalar key;

	if (depth > DEEPEST_FLOW || build_open(s->b, map ? NODE_MAP : NODE_SEQ, s->line, block_column(s, s->p), NULL))
		return false;
	build_top(s->b)->node->style = STYLE_FLOW;
	s->p++;
	for (;; first = false) {
		skip_blanks(s);
		if (first && *s->p == close)
			break;
		if (map && (block_flow_scalar(s, &key) != BLOCK_KEY || !add_key(s, &key)))
			return false;
		skip_blanks(s);
		if (!flow_value(s, depth))
			return false;
		skip_blanks(s);
		if (*s->p == close)
			break;
		if (*s->p++ != ',')
			return false;
	}
	s->p++;
	return !build_close(s->b);
}

/* ---- what stands on one line --------------------------------------------------------- */
static bool is_dash(const char *p)
{
	return p[0] == '-' && (p[1] == ' ' || p[1] == '\n');
}

/* The value behind a ":" or "-", if it begins on this line; `indent` is that of the list or map. */
static bool value(struct block *s, int indent, bool in_list);

/* p stands at "-"; the list is open. */
static bool item(struct block *s, int indent)
{
	s->p++;
	return value(s, indent, true);
}

/* p stands behind the ":" of a key. */
static bool entry_value(struct block *s, int indent)
{
	return value(s, indent, false);
}

static bool value(struct block *s, int indent, bool in_list)
{
	const char *from = s->p;
	struct block_scalar v;
	enum block_found found;
	int column;

	skip_blanks(s);
	if (*s->p == '\n' || (*s->p == '#' && s->p > from)) {
		await(s, from);
		s->p = from;
		return block_line_end(s);
	}
	if (*s->p == '|' || *s->p == '>')
		return block_text(s, indent, &v) && !block_put(s, &v);
	if (*s->p == '[' || *s->p == '{')
		return flow(s, 0) && block_line_end(s);
	column = (int)(s->p - s->line_start);
	if (in_list && is_dash(s->p))
		return open_level(s, NODE_SEQ, column, false) && item(s, column);
	found = block_inline(s, &v);
	if (found == BLOCK_VALUE)
		return !block_put(s, &v) && block_line_end(s);
	if (found == BLOCK_KEY && in_list)
		return open_level(s, NODE_MAP, column, false) && add_key(s, &v) && entry_value(s, column);
	return false;
}

/* ---- lines ------------------------------------------------------------------------------ */
/* A list or map that begins on this line, or a scalar that stands on it alone. */
static bool begin(struct block *s, int indent, bool bare)
{
	struct block_scalar v;
	enum block_found found;

	s->pending = false;
	if (is_dash(s->p))
		return open_level(s, NODE_SEQ, indent, bare) && item(s, indent);
	if (s->stacks->levels.n && (*s->p == '[' || *s->p == '{'))
		return flow(s, 0) && block_line_end(s);
	found = block_inline(s, &v);
	if (found == BLOCK_KEY)
		return open_level(s, NODE_MAP, indent, false) && add_key(s, &v) && entry_value(s, indent);
	return found == BLOCK_VALUE && s->stacks->levels.n && !block_put(s, &v) && block_line_end(s);
}

static bool line(struct block *s, int indent, bool first)
{
	struct block_level *in = innermost(s);
	struct block_scalar key;
	bool dash = is_dash(s->p);

	if (first)
		return begin(s, indent, false);
	if (s->pending) {
		if (indent > in->indent || (indent == in->indent && dash && in->map))
			return begin(s, indent, indent == in->indent);
		if (!put_empty(s))
			return false;
	}
	while (in && (in->indent > indent || (in->indent == indent && in->bare && !dash))) {
		if (!close_level(s))
			return false;
		in = innermost(s);
	}
	if (!in || in->indent != indent || in->map == dash)
		return false;
	if (dash)
		return item(s, indent);
	return block_inline(s, &key) == BLOCK_KEY && add_key(s, &key) && entry_value(s, indent);
}

/* Goes to the next line that is not empty or a comment; false: there is none. */
static bool next_line(struct block *s)
{
	const char *p = s->p;

	for (;;) {
		while (p < s->end && *p == ' ')
			p++;
		if (p == s->end)
			return false;
		if (*p == '#')
			p = memchr(p, '\n', (size_t)(s->end - p));
		else if (*p != '\n')
			break;
		s->p = s->line_start = ++p;
		s->line++;
	}
	s->p = p;
	return true;
}

/* A "---" with nothing but a comment behind it. */
static bool skip_start(struct block *s)
{
	if (s->end - s->p < 4 || memcmp(s->p, "---", 3))
		return true;
	s->p += 3;
	return block_line_end(s);
}

static bool lines(struct block *s)
{
	bool first = true;

	if (!skip_start(s))
		return false;
	for (; next_line(s); first = false) {
		int indent = (int)(s->p - s->line_start);
		if (!indent && s->p[0] == '.' && s->p[1] == '.')
			return false;
		if (!line(s, indent, first))
			return false;
	}
	if (s->pending && !put_empty(s))
		return false;
	while (s->stacks->levels.n)
		if (!close_level(s))
			return false;
	return !first;
}

enum block_got block_document(struct builder *b, struct block_stacks *stacks, str text, uint32_t line, uint32_t *count)
{
	unsigned found = classes(text);
	struct arena quiet = { 0 };
	struct diag silent, *told = b->diag;
	struct block s = { .b = b, .line = line, .wide = found & CLASS_WIDE, .stacks = stacks };
	bool read;

	if (!text.n || found & CLASS_ODD || (s.wide && !is_tame(text)))
		return BLOCK_ELSE;
	stacks->scratch.a = b->mem;
	stacks->levels.n = 0;
	if (text.p[text.n - 1] != '\n') {
		char *copy = arena_raw(b->mem, text.n + 1);
		memcpy(copy, text.p, text.n);
		copy[text.n] = '\n';
		text = (str){ copy, text.n + 1 };
		s.cut = true;
	}
	s.p = s.line_start = text.p;
	s.end = text.p + text.n;
	diag_fork(&silent, told, &quiet);
	b->diag = &silent;
	read = lines(&s) && !silent.held;
	b->diag = told;
	arena_free(&quiet);
	*count = s.line - line;
	return read ? BLOCK_READ : BLOCK_ELSE;
}
