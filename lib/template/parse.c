/* SPDX-License-Identifier: MIT */
/* From tokens to trees: statements and control structures. */
#include "template/parse.h"

/* ---- tokens ---- */

void parse_fail(struct parser *p, struct token at, const char *fmt, ...)
{
	va_list ap;
	char text[512];

	if (p->failed)
		return;
	p->failed = true;
	p->error->pos = ttmpl_pos(p->like, at.line, at.col);
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	p->error->message = str_copy(p->a, str_of(text));
}

struct token parse_next(struct parser *p)
{
	struct token t = p->npending ? p->pending[--p->npending] : lex_next(&p->lexer);

	if (t.type == T_ERROR)
		parse_fail(p, t, "%s", p->lexer.error);
	if (p->failed)
		t.type = T_EOF;
	return t;
}

void parse_back(struct parser *p, struct token t)
{
	p->pending[p->npending++] = t;
}

struct token parse_word(struct parser *p) /* the next that is not space */
{
	struct token t = parse_next(p);

	while (t.type == T_SPACE)
		t = parse_next(p);
	return t;
}

struct token parse_peek_word(struct parser *p)
{
	struct token t = parse_word(p);

	parse_back(p, t);
	return t;
}

void parse_unexpected(struct parser *p, struct token t, const char *where)
{
	if (t.type == T_EOF)
		parse_fail(p, t, "the template ends within %s", where);
	else
		parse_fail(p, t, "unexpected \"%.*s\" in %s", (int)(t.text.n > 40 ? 40 : t.text.n), t.text.p, where);
}

struct tnode *parse_node(struct parser *p, enum tn_type type, struct token at)
{
	struct tnode *n = NEW(p->a, struct tnode);

	n->type = (uint8_t)type;
	n->line = at.line;
	n->col = at.col;
	return n;
}

static bool enter(struct parser *p, struct token at)
{
	if (p->depth++ < TMPL_MAX_NESTING)
		return true;
	parse_fail(p, at, "blocks and parentheses are nested more than %d deep", TMPL_MAX_NESTING);
	return false;
}

/* ---- control structures ---- */

struct tail { /* what ended a list */
	enum token_type type;
	struct token at;
};

static struct tnode *list(struct parser *p, struct tail *tail, struct token opened, const char *what);

static void expect_right(struct parser *p, const char *where)
{
	struct token t = parse_word(p);

	if (t.type != T_RIGHT)
		parse_unexpected(p, t, where);
}

static struct tnode *control(struct parser *p, enum token_type key, struct token at)
{
	bool range = key == T_RANGE;
	const char *what = range ? "range" : key == T_IF ? "if" : "with";
	struct tnode *n = parse_node(p, range ? TN_RANGE : key == T_IF ? TN_IF : TN_WITH, at);
	size_t nvars = p->scope->n;
	struct tail tail = { T_EOF, at };
	struct token next;

	if (!enter(p, at))
		return n;
	n->pipe = parse_pipeline(p, what, T_RIGHT);
	p->ranges += range;
	n->body = list(p, &tail, at, what);
	p->ranges -= range;
	if (tail.type == T_ELSE && !p->failed) {
		next = parse_peek_word(p);
		if (next.type == key && !range) { /* else if: its end is ours */
			parse_word(p);
			n->otherwise = control(p, key, next);
		} else {
			expect_right(p, "else");
			n->otherwise = list(p, &tail, at, what);
			if (tail.type == T_ELSE)
				parse_fail(p, tail.at, "a second \"else\" for one \"%s\"", what);
		}
	}
	p->depth--;
	p->scope->n = nvars;
	return n;
}

static bool template_name(struct parser *p, struct token t, const char *where, str *name)
{
	if (t.type != T_STRING && t.type != T_RAW) {
		parse_unexpected(p, t, where);
		return false;
	}
	if (lex_unquote(p->a, t.text, name))
		return true;
	parse_fail(p, t, "bad escape in the string %.*s", STR_ARG(t.text));
	return false;
}

static void parse_add(struct parser *p, str name, struct tnode *body, struct token at);

/* The body of define and block, up to its end, in a scope of its own. */
static void definition(struct parser *p, str name, struct token at, const char *what)
{
	struct scope *outer = p->scope, inner = { 0 };
	int ranges = p->ranges;
	struct tail tail = { T_EOF, at };
	struct tnode *body;

	p->scope = &inner;
	p->ranges = 0;
	scope_declare(p, S("$"));
	body = enter(p, at) ? list(p, &tail, at, what) : NULL;
	if (tail.type == T_ELSE)
		parse_fail(p, tail.at, "\"else\" without \"if\", \"with\" or \"range\"");
	p->depth--;
	parse_add(p, name, body, at);
	p->scope = outer;
	p->ranges = ranges;
}

static struct tnode *block(struct parser *p, struct token at)
{
	struct tnode *n = parse_node(p, TN_TEMPLATE, at);

	if (!template_name(p, parse_word(p), "block", &n->name))
		return n;
	n->pipe = parse_pipeline(p, "block", T_RIGHT);
	definition(p, n->name, at, "block");
	return n;
}

static struct tnode *call(struct parser *p, struct token at)
{
	struct tnode *n = parse_node(p, TN_TEMPLATE, at);
	struct token t;

	if (!template_name(p, parse_word(p), "template", &n->name))
		return n;
	t = parse_word(p);
	if (t.type != T_RIGHT) {
		parse_back(p, t);
		n->pipe = parse_pipeline(p, "template", T_RIGHT);
	}
	return n;
}

static struct tnode *jump(struct parser *p, struct token t)
{
	struct tnode *n = parse_node(p, t.type == T_BREAK ? TN_BREAK : TN_CONTINUE, t);

	expect_right(p, t.type == T_BREAK ? "break" : "continue");
	if (!p->ranges)
		parse_fail(p, t, "\"%.*s\" outside of \"range\"", STR_ARG(t.text));
	return n;
}

/* What follows a left delimiter; NULL: it was end or else, told in *tail. */
static struct tnode *action(struct parser *p, struct tail *tail)
{
	struct token t = parse_word(p);
	struct tnode *n;

	switch (t.type) {
	case T_BLOCK:
		return block(p, t);
	case T_BREAK:
	case T_CONTINUE:
		return jump(p, t);
	case T_ELSE:
		*tail = (struct tail){ T_ELSE, t };
		return NULL;
	case T_END:
		expect_right(p, "end");
		*tail = (struct tail){ T_END, t };
		return NULL;
	case T_IF:
	case T_RANGE:
	case T_WITH:
		return control(p, t.type, t);
	case T_TEMPLATE:
		return call(p, t);
	case T_DEFINE:
		parse_fail(p, t, "\"define\" must stand outside of all blocks");
		return NULL;
	default:
		parse_back(p, t);
		n = parse_node(p, TN_ACTION, t);
		n->pipe = parse_pipeline(p, "an action", T_RIGHT);
		return n;
	}
}

static struct tnode *list(struct parser *p, struct tail *tail, struct token opened, const char *what)
{
	struct tnode *first = NULL, **link = &first;

	tail->type = T_EOF;
	while (!p->failed) {
		struct token t = parse_next(p);
		struct tnode *n;

		if (t.type == T_EOF) {
			parse_fail(p, opened, "this \"%s\" has no \"end\"", what);
			break;
		}
		if (t.type == T_TEXT) {
			n = parse_node(p, TN_TEXT, t);
			n->text = t.text;
		} else if (!(n = action(p, tail))) {
			break;
		}
		*link = n;
		link = &n->next;
	}
	return first;
}

static struct tnode *top(struct parser *p)
{
	struct tnode *first = NULL, **link = &first, *n;
	struct tail tail = { T_EOF, { 0 } };
	str name;

	for (struct token t = parse_next(p); t.type != T_EOF; t = parse_next(p)) {
		if (t.type == T_TEXT) {
			n = parse_node(p, TN_TEXT, t);
			n->text = t.text;
		} else if ((t = parse_word(p)).type == T_DEFINE) {
			if (template_name(p, parse_word(p), "define", &name)) {
				expect_right(p, "define");
				definition(p, name, t, "define");
			}
			continue;
		} else {
			parse_back(p, t);
			if (!(n = action(p, &tail))) {
				parse_fail(p, tail.at, "\"%.*s\" has nothing that it could belong to", STR_ARG(tail.at.text));
				break;
			}
		}
		*link = n;
		link = &n->next;
	}
	return first;
}

/* ---- sets ---- */

static bool blank(const struct tnode *n)
{
	for (; n; n = n->next)
		if (n->type != TN_TEXT || str_trim(n->text).n)
			return false;
	return true;
}

static void parse_add(struct parser *p, str name, struct tnode *body, struct token at)
{
	struct ttmpl *t = NEW(p->a, struct ttmpl), *old = map_get(&p->made, name);

	*t = *p->like;
	t->name = name;
	t->body = body;
	t->nslots = p->scope->max;
	t->empty = blank(body);
	if (old && !old->empty) {
		if (!t->empty)
			parse_fail(p, at, "template \"%.*s\" is defined twice in this text", STR_ARG(name));
		return;
	}
	*map_at(p->a, &p->made, name) = t;
}

int set_parse(struct tmpl_set *s, const struct ttmpl *like, struct parse_error *e)
{
	struct scope scope = { 0 };
	struct parser p = { .a = s->a, .set = s, .like = like, .error = e, .scope = &scope };
	struct tnode *body;

	p.lexer.in = like->text;
	scope_declare(&p, S("$"));
	body = top(&p);
	if (!p.failed)
		parse_add(&p, like->name, body, (struct token){ .line = 1, .col = 1 });
	if (p.failed)
		return -1;
	for (size_t i = 0; i < p.made.n; i++) {
		struct ttmpl *t = p.made.items[i].value;

		if (!t->empty || !set_find(s, t->name))
			*map_at(s->a, &s->templates, t->name) = t;
	}
	return 0;
}
