/* SPDX-License-Identifier: MIT */
/* From tokens to trees: pipelines, commands, operands, constants, variables. */
#include <errno.h>
#include <stdlib.h>

#include "template/parse.h"

uint32_t scope_declare(struct parser *p, str name)
{
	struct scope *s = p->scope;
	uint32_t slot = s->max++;

	*VEC_ADD(p->a, s) = (struct scope_var){ name, slot };
	return slot;
}

static bool scope_find(struct parser *p, struct token t, uint32_t *slot)
{
	struct scope *s = p->scope;
	str names[64], near;
	size_t n = 0;

	for (size_t i = s->n; i-- > 0;)
		if (str_eq(s->p[i].name, t.text)) {
			*slot = s->p[i].slot;
			return true;
		}
	for (size_t i = s->n; i-- > 0 && n < COUNT(names);)
		names[n++] = s->p[i].name;
	near = str_nearest(t.text, names, n);
	if (near.n > 1)
		parse_fail(p, t, "undefined variable \"%.*s\"; did you mean \"%.*s\"?", STR_ARG(t.text), STR_ARG(near));
	else
		parse_fail(p, t, "undefined variable \"%.*s\"", STR_ARG(t.text));
	return false;
}

/* ---- numbers ---- */

/* Go's ParseInt(text, 0, 64). */
static bool to_integer(str s, int64_t *out, bool *too_big)
{
	bool minus = s.n && s.p[0] == '-';
	uint64_t v = 0;
	bool over = false;
	size_t i = s.n && (s.p[0] == '-' || s.p[0] == '+');
	int base = 10, c;

	if (i + 1 < s.n && s.p[i] == '0') {
		c = s.p[i + 1] | 0x20;
		base = c == 'x' ? 16 : c == 'b' ? 2 : 8;
		i += c == 'x' || c == 'b' || c == 'o' ? 2 : 1;
	}
	if (i >= s.n)
		return false;
	for (; i < s.n; i++) {
		if (s.p[i] == '_')
			continue;
		c = s.p[i] >= '0' && s.p[i] <= '9' ? s.p[i] - '0' : (s.p[i] | 0x20) >= 'a' && (s.p[i] | 0x20) <= 'f' ? (s.p[i] | 0x20) - 'a' + 10 : 99;
		if (c >= base)
			return false;
		over |= v > (UINT64_MAX - (unsigned)c) / (unsigned)base;
		v = v * (unsigned)base + (unsigned)c;
	}
	*too_big = over || v > (uint64_t)INT64_MAX + minus;
	*out = minus ? (int64_t)(0 - v) : (int64_t)v;
	return !*too_big;
}

static bool to_float(struct parser *p, str s, double *out)
{
	struct buf b = BUF(p->a);
	char *end;

	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '_')
			buf_char(&b, s.p[i]);
	buf_char(&b, '\0');
	*out = strtod(b.p, &end);
	return end == b.p + b.n - 1 && b.n > 1;
}

static struct tnode *number(struct parser *p, struct token t)
{
	struct tnode *n = parse_node(p, TN_CONST, t);
	bool too_big = false, fraction = false;
	uint32_t cp;

	n->is_int = n->is_float = true;
	if (t.type == T_CHAR) {
		if (!lex_char(t.text, &cp))
			parse_fail(p, t, "%.*s is no character constant", STR_ARG(t.text));
		n->i = cp;
		n->f = cp;
		n->value = val_int(cp);
		return n;
	}
	if (t.type == T_COMPLEX || (t.text.n && t.text.p[t.text.n - 1] == 'i')) {
		parse_fail(p, t, "complex numbers are not supported");
		return n;
	}
	for (size_t i = 0; i < t.text.n; i++)
		fraction |= strchr(".eEpP", t.text.p[i]) != NULL;
	if (to_integer(t.text, &n->i, &too_big)) {
		n->f = (double)n->i;
		n->value = val_int(n->i);
	} else if (too_big || !fraction || !to_float(p, t.text, &n->f)) {
		parse_fail(p, t, too_big ? "%.*s does not fit into 64 bits" : "%.*s is no number", STR_ARG(t.text));
	} else {
		n->is_int = n->f >= -9.2e18 && n->f <= 9.2e18 && n->f == (double)(int64_t)n->f;
		n->i = n->is_int ? (int64_t)n->f : 0;
		n->value = val_float(n->f);
	}
	return n;
}

/* ---- operands ---- */

static struct tnode *constant(struct parser *p, struct token t, struct val v)
{
	struct tnode *n = parse_node(p, TN_CONST, t);

	n->value = v;
	return n;
}

static struct tnode *function(struct parser *p, struct token t)
{
	struct tnode *n = parse_node(p, TN_FUNCTION, t);
	size_t count = p->set->funcs.n;
	str *names, near;

	n->func = set_func(p->set, t.text);
	if (n->func)
		return n;
	for (const struct tmpl_set *s = p->set; s; s = s->parent)
		count = s->funcs.n > count ? s->funcs.n : count;
	names = NEW_ARRAY(p->a, str, count + 1);
	count = 0;
	for (const struct tmpl_set *s = p->set; s; s = s->parent)
		if (s->funcs.n)
			for (count = 0; count < s->funcs.n; count++)
				names[count] = s->funcs.items[count].key;
	near = str_nearest(t.text, names, count);
	if (near.n)
		parse_fail(p, t, "function \"%.*s\" is not defined; did you mean \"%.*s\"?", STR_ARG(t.text), STR_ARG(near));
	else
		parse_fail(p, t, "function \"%.*s\" is not defined", STR_ARG(t.text));
	return n;
}

static struct tnode *string(struct parser *p, struct token t)
{
	str s = { 0 };

	if (!lex_unquote(p->a, t.text, &s))
		parse_fail(p, t, "bad escape in the string %.*s", STR_ARG(t.text));
	return constant(p, t, val_str(s));
}

/* NULL: t is no term. */
static struct tnode *term(struct parser *p, struct token t)
{
	struct tnode *n;

	switch (t.type) {
	case T_IDENT:
		return function(p, t);
	case T_DOT:
		return parse_node(p, TN_DOT, t);
	case T_NIL:
		return parse_node(p, TN_NIL, t);
	case T_VARIABLE:
		n = parse_node(p, TN_VARIABLE, t);
		scope_find(p, t, &n->slot);
		return n;
	case T_FIELD:
		return parse_node(p, TN_FIELD, t);
	case T_BOOL:
		return constant(p, t, val_bool(t.text.p[0] == 't'));
	case T_CHAR:
	case T_COMPLEX:
	case T_NUMBER:
		return number(p, t);
	case T_LPAREN:
		if (p->depth++ >= TMPL_MAX_NESTING)
			parse_fail(p, t, "blocks and parentheses are nested more than %d deep", TMPL_MAX_NESTING);
		n = p->failed ? parse_node(p, TN_PIPE, t) : parse_pipeline(p, "parentheses", T_RPAREN);
		p->depth--;
		return n;
	case T_STRING:
	case T_RAW:
		return string(p, t);
	default:
		return NULL;
	}
}

static struct tnode *operand(struct parser *p)
{
	struct token t = parse_word(p), f;
	struct tnode *n = term(p, t), *chain;
	struct {
		struct ident *p;
		size_t n, cap;
	} fields = { 0 };

	if (!n) {
		parse_back(p, t);
		return NULL;
	}
	f = t.type == T_FIELD ? t : parse_next(p);
	for (; f.type == T_FIELD; f = parse_next(p)) {
		str name = str_sub(f.text, 1, f.text.n);

		*VEC_ADD(p->a, &fields) = (struct ident){ name, str_hash(name) };
	}
	parse_back(p, f);
	if (!fields.n)
		return n;
	chain = n;
	if (n->type == TN_DOT || n->type == TN_NIL || n->type == TN_CONST) {
		parse_fail(p, t, "unexpected \".\" after \"%.*s\"", STR_ARG(t.text));
	} else if (n->type != TN_FIELD && n->type != TN_VARIABLE) {
		chain = parse_node(p, TN_CHAIN, t);
		chain->base = n;
	}
	if (fields.n > 10000)
		parse_fail(p, t, "a chain of more than 10000 fields");
	chain->fields = fields.p;
	chain->n = (uint16_t)fields.n;
	return chain;
}

static struct tnode *command(struct parser *p)
{
	struct token first = parse_peek_word(p), t;
	struct tnode *n = parse_node(p, TN_COMMAND, first), **link = &n->first, *arg;

	while (!p->failed) {
		if ((arg = operand(p))) {
			*link = arg;
			link = &arg->next;
			if (++n->n > 10000)
				parse_fail(p, first, "more than 10000 arguments");
		}
		t = parse_next(p);
		if (t.type == T_SPACE)
			continue;
		if (t.type == T_RIGHT || t.type == T_RPAREN)
			parse_back(p, t);
		else if (t.type != T_PIPE)
			parse_unexpected(p, t, "an action");
		break;
	}
	if (!n->n)
		parse_fail(p, first, "a command is missing here");
	return n;
}

/* Declarations at the head of a pipeline: $x :=, $x =, and $i, $e := of range. */
static bool declarations(struct parser *p, struct tnode *pipe, struct token vars[2], bool range)
{
	struct token space, next;
	size_t n = 0;

	while (parse_peek_word(p).type == T_VARIABLE) {
		vars[n] = parse_word(p);
		space = parse_next(p);
		next = space.type == T_SPACE ? parse_next(p) : space;
		if (next.type == T_COMMA && range && n == 0) {
			n++;
			continue;
		}
		if (next.type == T_ASSIGN || next.type == T_DECLARE) {
			n++;
			pipe->assign = next.type == T_ASSIGN;
			break;
		}
		if (next.type == T_COMMA || n) {
			parse_fail(p, next, range ? "\":=\" or \"=\" is expected after two variables" : "only \"range\" can set two variables");
			return false;
		}
		parse_back(p, next);
		if (space.type == T_SPACE)
			parse_back(p, space);
		parse_back(p, vars[0]);
		return true;
	}
	if (n && !pipe->assign && parse_peek_word(p).type == T_RIGHT)
		parse_fail(p, vars[n - 1], "a value is missing after \":=\"");
	pipe->ndecl = (uint16_t)n;
	pipe->decl = NEW_ARRAY(p->a, uint32_t, 2);
	for (size_t i = 0; i < n; i++)
		if (pipe->assign && !scope_find(p, vars[i], &pipe->decl[i]))
			return false;
	return true;
}

struct tnode *parse_pipeline(struct parser *p, const char *context, enum token_type end)
{
	struct tnode *n = parse_node(p, TN_PIPE, parse_peek_word(p)), **link = &n->first, *c;
	struct token t, vars[2];

	if (!declarations(p, n, vars, context[0] == 'r'))
		return n;
	for (;;) {
		t = parse_word(p);
		if (t.type == end || p->failed)
			break;
		if (t.type < T_LPAREN || t.type == T_RPAREN || (t.type > T_KEYWORDS && t.type != T_NIL)) {
			parse_unexpected(p, t, context);
			break;
		}
		parse_back(p, t);
		c = command(p);
		if (n->n && c->first && (c->first->type == TN_CONST || c->first->type == TN_DOT || c->first->type == TN_NIL))
			parse_fail(p, t, "a pipe needs a function here, not \"%.*s\"", STR_ARG(t.text));
		*link = c;
		link = &c->next;
		if (++n->n > 10000)
			parse_fail(p, t, "a pipeline of more than 10000 commands");
	}
	if (!n->n && !p->failed)
		parse_fail(p, t, "a value is missing for %s", context);
	for (size_t i = 0; i < n->ndecl && !n->assign; i++) /* not earlier: the value sees older ones of that name */
		n->decl[i] = scope_declare(p, vars[i].text);
	return n;
}
