/* SPDX-License-Identifier: MIT */
/* Writes trees as YAML that a person would have written: block style, few quotes, literal blocks. */
#include "doc/emit.h"

/* Where in the text the lines with comments begin. */
struct mark {
	size_t offset; /* in the line */
	int col;
	const struct note *note;
};
struct marks {
	struct arena *a;
	const struct note *(*find)(void *ctx, const struct node *value);
	void *ctx;
	struct mark *p;
	size_t n, cap;
};

#define KEY_MAX 1000 /* a longer key cannot be recognised by its colon: it gets a "?" */

static void indent(struct out *o, int col)
{
	static const char blanks[] = "                                                                ";

	for (; col > (int)sizeof(blanks) - 1; col -= (int)sizeof(blanks) - 1)
		out_write(o, S(blanks));
	out_write(o, (str){ blanks, (size_t)col });
}

static void single_quoted(struct out *o, str s)
{
	out_char(o, '\'');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\'')
			out_char(o, '\'');
		out_char(o, s.p[i]);
	}
	out_char(o, '\'');
}

/* JSON's escapes, which every YAML reader knows; those of U+0080 and above that are not printable as well. */
static void double_quoted(struct out *o, str s)
{
	size_t from = 0, i = 0;

	out_char(o, '"');
	while (i < s.n) {
		unsigned char c = (unsigned char)s.p[i];
		uint32_t cp = c;
		size_t len = c < 0x80 ? 1 : utf8_decode(str_sub(s, i, s.n), &cp);
		bool raw = len && cp >= 0x20 && cp != '"' && cp != '\\' && cp != 0x7f && !(cp >= 0x80 && cp < 0xa0) &&
			   cp != 0x2028 && cp != 0x2029 && cp != 0xfeff && cp != 0xfffe && cp != 0xffff;
		if (raw) {
			i += len;
			continue;
		}
		out_write(o, str_sub(s, from, i));
		if (!len)
			out_write(o, S("\xef\xbf\xbd"));
		else if (cp == '"' || cp == '\\')
			out_printf(o, "\\%c", (char)cp);
		else if (cp == '\n' || cp == '\t' || cp == '\r')
			out_write(o, cp == '\n' ? S("\\n") : cp == '\t' ? S("\\t") : S("\\r"));
		else
			out_printf(o, "\\u%04X", (unsigned)cp);
		from = i += len ? len : 1;
	}
	out_write(o, str_sub(s, from, s.n));
	out_char(o, '"');
}

/* Content of the block goes to column col; what it hangs on stands at col - 2. */
static void literal(struct out *o, str s, bool indented, int col)
{
	size_t end = s.n;

	while (end && s.p[end - 1] == '\n')
		end--;
	out_char(o, '|');
	if (indented)
		out_char(o, '2');
	if (end == s.n)
		out_char(o, '-');
	else if (end + 1 < s.n)
		out_char(o, '+');
	out_char(o, '\n');
	for (size_t i = 0; i < s.n;) {
		ptrdiff_t n = str_chr(str_sub(s, i, s.n), '\n');
		size_t stop = n < 0 ? s.n : i + (size_t)n;
		if (stop > i) {
			indent(o, col);
			out_write(o, str_sub(s, i, stop));
		}
		out_char(o, '\n');
		i = stop + 1;
	}
}

static void string(struct out *o, str s, bool key, int col)
{
	enum scalar_form form = scalar_form(s);

	/* at the root readers disagree on what an indentation counts from */
	if (form == FORM_LITERAL_INDENTED && col == 0)
		form = FORM_DOUBLE;
	if (key && form > FORM_DOUBLE)
		form = FORM_DOUBLE;
	switch (form) {
	case FORM_PLAIN:
		out_write(o, s);
		break;
	case FORM_SINGLE:
		single_quoted(o, s);
		break;
	case FORM_DOUBLE:
		double_quoted(o, s);
		break;
	case FORM_LITERAL:
	case FORM_LITERAL_INDENTED:
		literal(o, s, form == FORM_LITERAL_INDENTED, col ? col : 2);
		return;
	}
	if (!key)
		out_char(o, '\n');
}

static void number(struct out *o, const struct node *n)
{
	str text = node_text(n);

	if (!scalar_is_ambiguous(text)) {
		out_write(o, text);
	} else {
		struct arena a = { 0 };
		out_write(o, node_number_text(&a, n));
		arena_free(&a);
	}
	out_char(o, '\n');
}

static bool tag_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_' || c == '.' ||
	       c == '/' || c == ':' || c == '+';
}

/* A tag was unescaped when it was read: what is no plain character of a tag is escaped again, in the form !<...>. */
static void tag(struct out *o, const struct node *n)
{
	str t = str_of(node_tag(n));
	bool shorthand = t.n > 1 && t.p[0] == '!';

	for (size_t i = 1; i < t.n && shorthand; i++)
		shorthand = tag_char(t.p[i]);
	if (shorthand) {
		out_write(o, t);
		return;
	}
	out_write(o, S("!<"));
	for (size_t i = 0; i < t.n; i++) {
		if (tag_char(t.p[i]) || t.p[i] == '!' || t.p[i] == ',')
			out_char(o, t.p[i]);
		else
			out_printf(o, "%%%02X", (unsigned char)t.p[i]);
	}
	out_char(o, '>');
}

static void block(struct out *o, const struct node *n, int col, struct marks *m);

static void mark(struct marks *m, const struct out *o, const struct node *value, int col)
{
	const struct note *note = m->find(m->ctx, value);

	if (note)
		*VEC_ADD(m->a, m) = (struct mark){ (size_t)(o->p - o->base), col, note };
}


/* What follows a key at column col, from after its colon. */
static void entry_value(struct out *o, const struct node *n, int col, struct marks *m)
{
	bool collection = n->kind >= NODE_SEQ && n->n;

	if (!collection || n->tag)
		out_char(o, ' ');
	if (collection) {
		if (n->tag)
			tag(o, n);
		int inner = n->kind == NODE_SEQ ? col : col + 2;
		out_char(o, '\n');
		indent(o, inner);
		block(o, n, inner, m);
		return;
	}
	block(o, n, col + 2, m);
}

static void key(struct out *o, const struct entry *e, int col)
{
	/* in quotes every byte might become an escape of six */
	if (e->key_len > KEY_MAX / 6 && (e->key_len > KEY_MAX || scalar_form(entry_key(e)) > FORM_SINGLE)) {
		out_write(o, S("? "));
		string(o, entry_key(e), true, col);
		out_char(o, '\n');
		indent(o, col);
	} else {
		string(o, entry_key(e), true, col);
	}
	out_char(o, ':');
}

static void collection(struct out *o, const struct node *n, int col, struct marks *m)
{
	for (uint32_t i = 0; i < n->n; i++) {
		if (i)
			indent(o, col);
		if (m)
			mark(m, o, n->kind == NODE_MAP ? n->entries[i].value : n->items[i], col);
		if (n->kind == NODE_MAP) {
			key(o, &n->entries[i], col);
			entry_value(o, n->entries[i].value, col, m);
			continue;
		}
		const struct node *item = n->items[i];
		out_write(o, S("- "));
		if (item->tag && item->kind >= NODE_SEQ && item->n) {
			tag(o, item);
			out_char(o, '\n');
			indent(o, col + 2);
		}
		block(o, item, col + 2, m);
	}
}

/* n with its lines at column col, the first of which has been indented; tags of collections are the caller's. */
static void block(struct out *o, const struct node *n, int col, struct marks *m)
{
	if (n->tag && !(n->kind >= NODE_SEQ && n->n)) {
		tag(o, n);
		out_char(o, ' ');
	}
	switch ((enum kind)n->kind) {
	case NODE_NULL:
		out_write(o, n->n ? node_text(n) : S("null"));
		out_char(o, '\n');
		break;
	case NODE_BOOL:
		if (n->n && !scalar_is_ambiguous(node_text(n)))
			out_write(o, node_text(n));
		else
			out_write(o, n->flags & NODE_TRUE ? S("true") : S("false"));
		out_char(o, '\n');
		break;
	case NODE_INT:
	case NODE_FLOAT:
		number(o, n);
		break;
	case NODE_STRING:
		string(o, node_text(n), false, col);
		break;
	case NODE_SEQ:
	case NODE_MAP:
		if (n->n)
			collection(o, n, col, m);
		else
			out_write(o, n->kind == NODE_MAP ? S("{}\n") : S("[]\n"));
		break;
	}
}

static void whole(struct out *o, const struct node *n, int levels, struct marks *m)
{
	if (n->tag && n->kind >= NODE_SEQ && n->n) {
		tag(o, n);
		out_char(o, '\n');
		indent(o, 2 * levels);
	}
	block(o, n, 2 * levels, m);
}

void emit_yaml(struct out *o, const struct node *n, int levels)
{
	whole(o, n, levels, NULL);
}

str yaml_text(struct arena *a, const struct node *n)
{
	struct out *o = out_memory(a, NULL);

	emit_yaml(o, n, 0);
	return out_text(o);
}

static size_t line_end(str text, size_t at)
{
	ptrdiff_t n = str_chr(str_sub(text, at, text.n), '\n');

	return n < 0 ? text.n : at + (size_t)n;
}

static str weave(struct arena *a, str text, const struct marks *m)
{
	struct buf b = BUF(a);
	size_t from = 0;

	for (size_t i = 0; i < m->n;) {
		size_t end = line_end(text, m->p[i].offset), start = m->p[i].offset;
		str behind = { 0 };
		while (start > from && text.p[start - 1] != '\n')
			start--;
		buf_add(&b, str_sub(text, from, start));
		for (; i < m->n && m->p[i].offset <= end; i++) { /* an item and its first key share a line */
			for (size_t k = 0; k < m->p[i].note->own.n; k++) {
				str line = str_of(m->p[i].note->own.p[k]);
				buf_fill(&b, ' ', line.n ? (size_t)m->p[i].col : 0);
				buf_add(&b, line);
				buf_char(&b, '\n');
			}
			behind = behind.n ? behind : m->p[i].note->behind;
		}
		buf_add(&b, str_sub(text, start, end));
		if (behind.n)
			buf_char(&b, ' ');
		buf_add(&b, behind);
		from = end;
	}
	buf_add(&b, str_sub(text, from, text.n));
	return buf_str(&b);
}

str yaml_text_noted(struct arena *a, const struct node *n, const struct note *(*note)(void *ctx, const struct node *value), void *ctx)
{
	struct out *o = out_memory(a, NULL);
	struct marks m = { .a = a, .find = note, .ctx = ctx };

	whole(o, n, 0, &m);
	return m.n ? weave(a, out_text(o), &m) : out_text(o);
}
