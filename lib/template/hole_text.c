/* SPDX-License-Identifier: MIT */
/* Finds the holes in strings, and where in the file each of them stands. */
#include <string.h>

#include "template/hole.h"

/* ---- where in the file a hole stands ---------------------------------------- */
void hole_lines(struct arena *a, struct hole_file *f)
{
	size_t n = 1;

	for (size_t i = 0; i < f->text.n; i++)
		n += f->text.p[i] == '\n';
	f->lines = NEW_ARRAY(a, size_t, n);
	f->nlines = n;
	n = 1;
	for (size_t i = 0; i < f->text.n; i++)
		if (f->text.p[i] == '\n')
			f->lines[n++] = i + 1;
}

/* Places are asked for in order mostly: the last one found is where the next search begins, if it is on that line. */
static void go_to_line(struct hole_file *f, size_t line, bool back)
{
	if (f->near.line != line || back) {
		f->near.line = line;
		f->near.col = 1;
		f->near.offset = f->lines[line - 1];
	}
}

static void one_on(struct hole_file *f)
{
	for (f->near.offset++; f->near.offset < f->text.n && ((unsigned char)f->text.p[f->near.offset] & 0xc0) == 0x80; f->near.offset++)
		;
	f->near.col++;
}

size_t hole_offset(struct hole_file *f, size_t line, size_t col)
{
	if (line == 0 || line > f->nlines)
		return 0;
	go_to_line(f, line, f->near.col > col);
	while (f->near.col < col && f->near.offset < f->text.n && f->text.p[f->near.offset] != '\n')
		one_on(f);
	return f->near.offset;
}

static struct pos pos_of(struct hole_file *f, size_t offset)
{
	size_t lo = 0, hi = f->nlines;

	while (hi - lo > 1) {
		size_t mid = (lo + hi) / 2;
		if (f->lines[mid] <= offset)
			lo = mid;
		else
			hi = mid;
	}
	go_to_line(f, lo + 1, f->near.offset > offset);
	while (f->near.offset < offset)
		one_on(f);
	return (struct pos){ .file = f->path, .line = (uint32_t)lo + 1, .col = (uint32_t)f->near.col };
}

/* Position of the k-th hole (from 0) written at or behind `from`, which is moved behind it. */
static struct pos hole_pos(struct hole_file *f, size_t *from)
{
	for (size_t i = *from; i + 1 < f->text.n; i++) {
		if (f->text.p[i] != '$')
			continue;
		if (f->text.p[i + 1] == '$' && i + 2 < f->text.n && f->text.p[i + 2] == '{') {
			i += 2;
			continue;
		}
		if (f->text.p[i + 1] != '{')
			continue;
		size_t at = i + 2;
		while (at < f->text.n && memchr(" \t\r\n", f->text.p[at], 4))
			at++;
		ptrdiff_t end = hole_close(f->text, at, 0);
		*from = end < 0 ? at : (size_t)end + 1;
		return pos_of(f, at);
	}
	return NOWHERE;
}

/* ---- expressions ------------------------------------------------------------ */
static struct node *literal_of(struct arena *a, str s)
{
	int64_t i;

	if (s.n >= 2 && s.p[0] == '"' && hole_skip_string(s, 0, 0) == s.n && str_chr(s, '\\') < 0)
		return node_string(a, str_sub(s, 1, s.n - 1));
	if (str_to_i64(s, &i) && (s.p[0] == '-' || (s.p[0] >= '0' && s.p[0] <= '9')))
		return node_int(a, i);
	if (str_eq(s, S("true")) || str_eq(s, S("false")))
		return node_bool(a, s.p[0] == 't');
	if (str_eq(s, S("null")))
		return node_scalar(a, NODE_NULL, S("null"));
	if (str_eq(s, S("[]")))
		return node_new(a, NODE_SEQ);
	return str_eq(s, S("{}")) ? node_new(a, NODE_MAP) : NULL;
}

static bool binds(str text, str name)
{
	for (size_t i = 0; i + 3 < text.n; i++) {
		if (str_eq(str_sub(text, i, i + 3), S("as ")) && str_starts(str_trim(str_sub(text, i + 3, text.n)), S("$"))) {
			str rest = str_trim(str_sub(text, i + 3, text.n));
			if (str_starts(str_sub(rest, 1, rest.n), name))
				return true;
		}
	}
	return false;
}

static void find_vars(struct arena *a, struct hole_scope *s, struct hole_expr *e)
{
	struct {
		size_t *p;
		size_t n, cap;
	} v = { 0 };

	for (size_t i = 0; i + 1 < e->text.n; i++) {
		size_t end = i + 1;
		if (e->text.p[i] != '$')
			continue;
		while (end < e->text.n && (e->text.p[end] == '_' || (e->text.p[end] | 32) - 'a' + 0u < 26 || (end > i + 1 && e->text.p[end] - '0' + 0u < 10)))
			end++;
		str name = str_sub(e->text, i + 1, end);
		void *slot = map_get(&s->names, name);
		if (slot && !binds(e->text, name))
			*VEC_ADD(a, &v) = (size_t)(uintptr_t)slot - 1;
	}
	e->vars = v.p;
	e->nvars = v.n;
}

struct hole_expr *hole_expr_add(struct holes *h, str text, struct pos pos)
{
	struct arena *a = h->a;
	struct hole_expr *e = NEW(a, struct hole_expr);
	ptrdiff_t slash;

	*e = (struct hole_expr){ .text = str_copy(a, str_trim(text)), .pos = pos };
	if (e->text.n == 0) {
		diag_trouble(h->diag, pos, "template", "an empty expression: write ${ expression }, or $${ for the characters ${");
		return NULL;
	}
	if (e->text.n > HOLE_MAX_EXPR) {
		diag_trouble(h->diag, pos, "template", "the expression is longer than %d bytes; put parts of it into a .jq file (-L)", HOLE_MAX_EXPR);
		return NULL;
	}
	find_vars(a, &h->scope, e);
	e->plain = hole_path_parse(a, &h->scope, e->text, &e->path);
	if (!e->plain && (slash = str_find(e->text, S("//"))) > 0) {
		str head = str_trim(str_sub(e->text, 0, (size_t)slash));
		e->otherwise = literal_of(a, str_trim(str_sub(e->text, (size_t)slash + 2, e->text.n)));
		e->plain = e->otherwise && hole_path_parse(a, &h->scope, head, &e->path);
		if (e->plain)
			e->path.handled = e->path.n;
	}
	if (e->plain)
		return e;
	e->otherwise = NULL;
	hole_path_needs(a, &h->scope, e->text, &e->needs, &e->nneeds);
	e->jq = h->exprs.n;
	*VEC_ADD(a, &h->exprs) = e;
	return e;
}

/* ---- strings ------------------------------------------------------------------ */
struct tree *hole_tree_new(struct holes *h, enum tree_kind kind, const struct node *at)
{
	struct tree *t = NEW(h->a, struct tree);

	t->kind = kind;
	t->at = at;
	t->note = hole_note_of(h, at);
	return t;
}

/* s was written at `at`; from: its offset in the file.  A literal if it holds no hole. */
struct tree *hole_text(struct holes *h, struct hole_file *file, str s, const struct node *at, struct pos where)
{
	struct arena *a = h->a;
	struct {
		struct tree_part *p;
		size_t n, cap;
	} parts = { 0 };
	struct buf text = BUF(a);

	if (str_find(s, S("${")) < 0)
		return hole_tree_new(h, TREE_LITERAL, at);
	size_t from = hole_offset(file, where.line, where.col);
	for (size_t i = 0; i < s.n;) {
		str rest = str_sub(s, i, s.n);
		if (str_starts(rest, S("$${"))) {
			buf_add(&text, S("${"));
			i += 3;
			continue;
		}
		if (!str_starts(rest, S("${"))) {
			buf_char(&text, s.p[i++]);
			continue;
		}
		struct pos pos = hole_pos(file, &from);
		ptrdiff_t end = hole_close(s, i + 2, 0);
		if (pos.line == 0)
			pos = where;
		if (end < 0 || s.p[end] != '}') {
			diag_trouble(h->diag, pos, "template", "this ${ has no end: a \"}\" is missing, or a bracket or quote is left open; $${ writes the characters ${");
			return NULL;
		}
		struct hole_expr *e = hole_expr_add(h, str_sub(s, i + 2, (size_t)end), pos);
		if (!e)
			return NULL;
		if (i == 0 && (size_t)end + 1 == s.n) {
			struct tree *t = hole_tree_new(h, TREE_HOLE, at);
			t->expr = e;
			return t;
		}
		if (text.n)
			*VEC_ADD(a, &parts) = (struct tree_part){ .text = buf_str(&text) };
		*VEC_ADD(a, &parts) = (struct tree_part){ .expr = e };
		text = BUF(a);
		i = (size_t)end + 1;
	}
	if (text.n)
		*VEC_ADD(a, &parts) = (struct tree_part){ .text = buf_str(&text) };
	struct tree *t = hole_tree_new(h, TREE_TEXT, at);
	t->parts = parts.p;
	t->nparts = parts.n;
	return t;
}
