/* SPDX-License-Identifier: MIT */
/* Plain paths in expressions: read, walked in our own tree, and found inside larger expressions. */
#include <string.h>

#include "template/hole.h"

static bool is_name(char c, bool first)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (!first && c >= '0' && c <= '9');
}

static size_t name_end(str s, size_t i)
{
	if (i < s.n && is_name(s.p[i], true))
		for (i++; i < s.n && is_name(s.p[i], false); i++)
			;
	return i;
}

static size_t skip_blanks(str s, size_t i)
{
	while (i < s.n && memchr(" \t\r\n", s.p[i], 4))
		i++;
	return i;
}

size_t hole_skip_string(str s, size_t i, int depth)
{
	for (i++; i < s.n; i++) {
		if (s.p[i] == '"')
			return i + 1;
		if (s.p[i] != '\\' || ++i >= s.n || s.p[i] != '(')
			continue;
		ptrdiff_t end = hole_close(s, i + 1, depth + 1);
		if (end < 0)
			return s.n;
		i = (size_t)end;
	}
	return s.n;
}

ptrdiff_t hole_close(str s, size_t i, int depth)
{
	size_t open = 0;

	if (depth > 100)
		return -1;
	while (i < s.n) {
		char c = s.p[i];
		if (c == '"') {
			i = hole_skip_string(s, i, depth);
			continue;
		}
		if (c == '#') {
			while (i < s.n && s.p[i] != '\n')
				i++;
			continue;
		}
		if (c == '(' || c == '[' || c == '{')
			open++;
		if (c == ')' || c == ']' || c == '}') {
			if (open == 0)
				return (ptrdiff_t)i;
			open--;
		}
		i++;
	}
	return -1;
}

/* A string literal without escapes at i: its text in *out, *i behind it. */
static bool plain_string(str s, size_t *i, str *out)
{
	size_t from = *i + 1, at = from;

	while (at < s.n && s.p[at] != '"')
		if (s.p[at++] == '\\')
			return false;
	if (at >= s.n)
		return false;
	*out = str_sub(s, from, at);
	*i = at + 1;
	return true;
}

static bool read_step(str s, size_t *i, bool dot, struct hole_step *out)
{
	size_t end = name_end(s, *i);

	*out = (struct hole_step){ 0 };
	if (dot && end > *i) {
		out->key = str_sub(s, *i, end);
		*i = end;
		return true;
	}
	if (dot && *i < s.n && s.p[*i] == '"')
		return plain_string(s, i, &out->key);
	if (*i >= s.n || s.p[*i] != '[')
		return false;
	size_t at = skip_blanks(s, *i + 1);
	if (at < s.n && s.p[at] == '"') {
		if (!plain_string(s, &at, &out->key))
			return false;
		at = skip_blanks(s, at);
		if (at >= s.n || s.p[at] != ']')
			return false;
	} else {
		ptrdiff_t close = str_chr(str_sub(s, at, s.n), ']');
		if (close < 0 || !str_to_i64(str_trim(str_sub(s, at, at + (size_t)close)), &out->index))
			return false;
		at += (size_t)close;
	}
	*i = at + 1;
	return true;
}

static size_t scope_slot(struct arena *a, struct hole_scope *s, str name)
{
	void **at = map_at(a, &s->names, name);

	if (!*at)
		*at = (void *)(uintptr_t)++s->n;
	return (size_t)(uintptr_t)*at - 1;
}

bool hole_path_parse(struct arena *a, struct hole_scope *s, str text, struct hole_path *out)
{
	struct {
		struct hole_step *p;
		size_t n, cap;
	} steps = { 0 };
	size_t i = 0, end;
	struct hole_step step;

	*out = (struct hole_path){ .text = text, .var = -1 };
	if (text.n == 0 || (text.p[0] != '.' && text.p[0] != '$') || (text.n > 1 && text.p[0] == '.' && text.p[1] == '.'))
		return false;
	if (text.p[0] == '$') {
		if ((end = name_end(text, 1)) == 1)
			return false;
		str name = str_sub(text, 1, end);
		if (!map_get(&s->names, name))
			return false; /* $ENV, $__loc__: jq's own */
		out->var = (ptrdiff_t)scope_slot(a, s, name);
		i = end;
	} else if (text.n == 1) {
		return true;
	}
	while (i < text.n) {
		bool dot = text.p[i] == '.';
		if (text.p[i] == '?' && steps.n) {
			out->handled = steps.n;
			i++;
			continue;
		}
		i += dot;
		if (!read_step(text, &i, dot, &step))
			return false;
		*VEC_ADD(a, &steps) = step;
	}
	out->steps = steps.p;
	out->n = steps.n;
	return true;
}

static struct node *item_at(const struct node *list, int64_t i)
{
	if (i < 0)
		i += list->n;
	return i >= 0 && i < list->n ? list->items[i] : NULL;
}

enum hole_found hole_path_get(const struct hole_path *p, struct node *root, struct node **out, size_t *at, struct node **in)
{
	struct node *n = root;

	for (size_t i = 0; i < p->n; i++) {
		const struct hole_step *s = &p->steps[i];
		enum kind want = s->key.p ? NODE_MAP : NODE_SEQ;
		*at = i;
		*in = n;
		if (n->kind != want && n->kind != NODE_NULL)
			return i < p->handled ? HOLE_HANDLED : HOLE_WRONG;
		struct node *next = n->kind == NODE_NULL ? NULL : s->key.p ? node_get(n, s->key) : item_at(n, s->index);
		if (!next) {
			*out = NULL;
			return i < p->handled ? HOLE_FOUND : HOLE_MISSING;
		}
		n = next;
	}
	*out = n;
	return HOLE_FOUND;
}

/* The path up to before step n, as it was written. */
static str path_head(const struct hole_path *p, size_t n)
{
	if (n == 0)
		return p->var < 0 ? S(".") : str_sub(p->text, 0, name_end(p->text, 1));
	const struct hole_step *s = &p->steps[n - 1];
	size_t end = s->key.p ? (size_t)(s->key.p + s->key.n - p->text.p) : 0;
	if (!s->key.p) { /* behind the n-th bracket that holds a number */
		size_t seen = 0;
		for (size_t i = 0; i < n; i++)
			seen += p->steps[i].key.p == NULL;
		for (end = 0; end < p->text.n && seen; end++)
			seen -= p->text.p[end] == ']' && p->text.p[end - 1] != '"';
		return str_sub(p->text, 0, end);
	}
	while (end < p->text.n && (p->text.p[end] == '"' || p->text.p[end] == ']'))
		end++;
	return str_sub(p->text, 0, end);
}

int hole_path_missing(struct arena *a, struct diag *d, struct pos pos, const struct hole_path *p, enum hole_found f, size_t at, const struct node *in)
{
	const struct hole_step *s = &p->steps[at];
	str head = path_head(p, at), near = { 0 };
	struct pos where = node_pos(in);
	const char *hint = "", *quote = "";

	if (f == HOLE_WRONG)
		return diag_trouble(d, pos, "undefined", "%.*s: %.*s is a %s, not a %s%s%s", STR_ARG(p->text), STR_ARG(head),
		    kind_name(in->kind), s->key.p ? "map" : "list", where.file ? "; it was written at " : "",
		    where.file ? str_printf(a, "%s:%u:%u", where.file, where.line, where.col).p : "");
	if (in->kind == NODE_MAP) {
		str *keys = NEW_ARRAY(a, str, in->n + 1);
		for (size_t i = 0; i < in->n; i++)
			keys[i] = entry_key(&in->entries[i]);
		near = str_nearest(s->key, keys, in->n);
	}
	if (near.n) {
		hint = "; did you mean ";
		quote = "\"";
	} else {
		hint = "; if it may be absent, write \"// DEFAULT\" or \"?\" behind it";
	}
	if (!s->key.p)
		return diag_trouble(d, pos, "undefined", "%.*s is undefined: %.*s has %u items%s", STR_ARG(p->text), STR_ARG(head),
		    in->kind == NODE_SEQ ? in->n : 0, hint);
	return diag_trouble(d, pos, "undefined", "%.*s is undefined: there is no \"%.*s\" in %.*s%s%s%.*s%s", STR_ARG(p->text),
	    STR_ARG(s->key), STR_ARG(head), hint, quote, STR_ARG(near), near.n ? "\"?" : "");
}

/* ---- paths within expressions ------------------------------------------- */
struct needs {
	struct arena *a;
	struct hole_scope *scope;
	struct {
		struct hole_path *p;
		size_t n, cap;
	} v;
};

static bool is_word(str s, const char *const *words)
{
	for (; *words; words++)
		if (str_eq(s, str_of(*words)))
			return true;
	return false;
}

static const char *const operators[] = { "+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "and", "or", NULL };

/* Length of the operator at i (behind an operand), or 0. */
static size_t operator_at(str s, size_t i)
{
	for (size_t len = 3; len > 0; len--) {
		str op = str_sub(s, i, i + len);
		if (op.n == len && is_word(op, operators) && (!is_name(op.p[0], true) || i + len >= s.n || !is_name(s.p[i + len], false)))
			return len;
	}
	return 0;
}

/* End of the operand at i: a path, a name with arguments, a literal, or brackets. */
static size_t operand_end(str s, size_t i)
{
	size_t from = i;

	while (i < s.n) {
		char c = s.p[i];
		if (c == '"') {
			i = hole_skip_string(s, i, 0);
		} else if (c == '(' || c == '[' || c == '{') {
			ptrdiff_t end = hole_close(s, i + 1, 0);
			if (end < 0)
				return from;
			i = (size_t)end + 1;
		} else if (is_name(c, false) || c == '.' || c == '$' || c == '@' || c == '?' || (c == ':' && i + 1 < s.n && s.p[i + 1] == ':')) {
			i += 1 + (c == ':');
		} else {
			break;
		}
	}
	return i;
}

static const char *const keywords[] = { "if", "reduce", "foreach", "def", "try", "label", "import", "include", "not", NULL };

/* Collects the operands of `A op B …` up to the first `|`; nothing if it is another kind of expression. */
static void expression_needs(struct needs *n, str s, int depth)
{
	size_t i = 0, mark = n->v.n;
	bool null_test = false;
	struct hole_path path;

	while (depth < 50) {
		i = skip_blanks(s, i);
		size_t end = operand_end(s, i);
		str op = str_sub(s, i, end);
		if (end == i || is_word(str_sub(s, i, name_end(s, i)), keywords))
			break;
		if (op.p[0] == '(' && hole_close(op, 1, 0) == (ptrdiff_t)op.n - 1)
			expression_needs(n, str_sub(op, 1, op.n - 1), depth + 1);
		else if (hole_path_parse(n->a, n->scope, op, &path))
			*VEC_ADD(n->a, &n->v) = path;
		null_test |= str_eq(op, S("null"));
		i = skip_blanks(s, end);
		if (i >= s.n || (s.p[i] == '|' && (i + 1 == s.n || s.p[i + 1] != '='))) {
			if (null_test)
				n->v.n = mark;
			return;
		}
		size_t len = operator_at(s, i);
		if (s.p[i] == '/' && i + 1 < s.n && s.p[i + 1] == '/')
			break;
		if (len == 0)
			break;
		if (str_eq(str_sub(s, i, i + len), S("and")) || str_eq(str_sub(s, i, i + len), S("or")))
			return; /* the right side may not be looked at */
		i += len;
	}
	n->v.n = mark;
}

void hole_path_needs(struct arena *a, struct hole_scope *s, str text, struct hole_path **out, size_t *n)
{
	struct needs needs = { .a = a, .scope = s };

	expression_needs(&needs, text, 0);
	*out = needs.v.p;
	*n = needs.v.n;
}
