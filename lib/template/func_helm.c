/* SPDX-License-Identifier: MIT */
/* Helm's own functions that reach back into the engine: include, tpl, required, fail, lookup. */
#include "template/internal.h"

static int helm_include(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	str name = val_text(args[0]), near, text;
	const struct ttmpl *t = set_find(c->x->state->set, name);

	(void)n;
	if (!t) {
		near = set_nearest(c->a, c->x->state->set, name);
		if (near.n)
			return tmpl_error(c, "no template \"%.*s\"; did you mean \"%.*s\"?", STR_ARG(name), STR_ARG(near));
		return tmpl_error(c, "no template \"%.*s\"", STR_ARG(name));
	}
	if (exec_text(c, t, args[1], "included", &text) < 0)
		return -1;
	return ret_str(out, text);
}

/* Where the text of a tpl call stands: in the values file, if it came from there unchanged. */
static void place(struct tmpl_call *c, struct val text, struct ttmpl *like)
{
	const struct node *n = text.origin;
	bool block;

	like->file = c->pos.file;
	if (!n || !n->source || !n->line || n->kind != NODE_STRING || !str_eq(node_text(n), val_text(text))) {
		like->site = c->pos;
		return;
	}
	block = n->style == STYLE_LITERAL || n->style == STYLE_FOLDED;
	like->file = n->source->name;
	like->line_add = n->line - !block;
	like->col_add = block ? 0 : n->col - 1 + (n->style == STYLE_SINGLE || n->style == STYLE_DOUBLE);
}

static int parse_text(struct tmpl_call *c, struct val text, const struct tmpl_set **set)
{
	struct tmpl_state *st = c->x->state;
	struct tmpl_set *s = NEW(c->a, struct tmpl_set);
	struct parse_error e = { 0 };
	struct ttmpl like = { .name = S("gotpl"), .text = val_text(text) };
	void **known = map_at(c->a, &st->tpls, val_text(text));

	*set = *known;
	if (*set && (*set)->parent == st->set)
		return 0;
	place(c, text, &like);
	s->a = c->a;
	s->parent = st->set;
	if (set_parse(s, &like, &e) < 0) {
		struct tmpl_call at = *c;

		at.pos = e.pos;
		if (like.site.file)
			return tmpl_error(&at, "in the text given to tpl: %.*s", STR_ARG(e.message));
		return tmpl_error(&at, "%.*s (this text is given to tpl at %s:%u:%u)", STR_ARG(e.message), c->pos.file, c->pos.line, c->pos.col);
	}
	*known = s;
	*set = s;
	return 0;
}

static int helm_tpl(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct tmpl_state *st = c->x->state;
	const struct tmpl_set *outer = st->set, *set;
	struct buf b = BUF(c->a);
	str text = val_text(args[0]);
	int r;

	(void)n;
	if (str_find(text, S("{{")) < 0) {
		*out = args[0];
		if (str_find(text, S("<no value>")) < 0)
			return 0;
		buf_add(&b, text);
	} else {
		if (parse_text(c, args[0], &set) < 0)
			return -1;
		st->set = set;
		r = exec_text(c, set_find(set, S("gotpl")), args[1], "text of tpl", &text);
		st->set = outer;
		if (r < 0)
			return -1;
		if (str_find(text, S("<no value>")) < 0)
			return ret_str(out, text);
		buf_add(&b, text);
	}
	strip_no_value(&b, 0, NULL);
	return ret_buf(out, &b);
}

static int helm_required(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	(void)n;
	if (!val_is_nil(args[1]) && !(val_is_str(args[1]) && args[1].n == 0))
		return ret(out, args[1]);
	return tmpl_error_value(c, args[1], "%.*s", STR_ARG(val_text(args[0])));
}

static int helm_fail(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	(void)n;
	(void)out;
	return tmpl_error(c, "%.*s", STR_ARG(val_text(args[0])));
}

static int helm_lookup(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	(void)args;
	(void)n;
	return ret(out, val_map(c->a)); /* without a cluster there is nothing; render --live puts its own in */
}

const struct tmpl_func funcs_helm[] = {
	{ "include", "sa", helm_include },
	{ "tpl", "sa", helm_tpl },
	{ "required", "sa", helm_required },
	{ "fail", "s", helm_fail },
	{ "lookup", "ssss", helm_lookup },
	{ NULL, NULL, NULL },
};
