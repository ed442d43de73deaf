/* SPDX-License-Identifier: MIT */
/* The templates of ApplicationSets: {{name}}, or Go templates with the functions that Argo CD has. */
#include <string.h>

#include "argocd/internal.h"

static int call_normalize(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	(void)n;
	*out = val_str(sanitize_name(c->a, val_text(args[0])));
	return 0;
}

/* slugify [MAX [WHOLE-WORDS]] NAME */
static int call_slugify(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	int64_t max = 50;
	bool whole_words = true;

	if (n > 1 && args[0].kind == VAL_INT)
		max = args[0].i;
	if (n > 2 && args[1].kind == VAL_BOOL)
		whole_words = args[1].b;
	bool fits = n > 0 && n < 4 && args[n - 1].kind == VAL_STRING && (n < 2 || args[0].kind == VAL_INT) && (n < 3 || args[1].kind == VAL_BOOL);
	if (!fits || max < 0)
		return tmpl_error(c, "slugify wants a name, after the greatest length and whether words stay whole: slugify 23 true NAME");
	*out = val_str(slugify(c->a, val_text(args[n - 1]), (size_t)max, whole_words));
	return 0;
}

static int not_there(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	(void)args;
	(void)n;
	(void)out;
	return tmpl_error(c, "function \"%s\" not defined: ApplicationSets have Sprig's functions, toYaml, fromYaml, fromYamlArray, normalize and slugify, not Helm's",
			  c->name);
}

static const struct tmpl_func functions[] = {
	{ "normalize", "s", call_normalize }, { "slugify", "a*", call_slugify }, { "include", "a*", not_there },
	{ "tpl", "a*", not_there }, { "required", "a*", not_there }, { "lookup", "a*", not_there },
	{ "toToml", "a*", not_there }, { "fromToml", "a*", not_there }, { "fromJsonArray", "a*", not_there },
	{ "toYamlPretty", "a*", not_there }, { "mustToYaml", "a*", not_there }, { "getHostByName", "a*", not_there },
	{ 0 },
};

/* Errors of a template within a string: lines count in the file. */
static void place_errors(struct filling *f, const struct node *at, const char *label, size_t known)
{
	struct pos pos = node_pos(at);
	uint32_t block = at->style == STYLE_LITERAL || at->style == STYLE_FOLDED;

	for (struct finding *e = diag_held_at(f->x->diag, known); e; e = diag_held_next(e)) {
		if (e->pos.file != label)
			continue;
		e->pos.file = pos.file;
		if (!block && e->pos.line == 1 && pos.col)
			e->pos.col += pos.col - 1 + (at->style == STYLE_SINGLE || at->style == STYLE_DOUBLE);
		e->pos.line += pos.line + block - 1;
	}
}

static size_t count_held(struct diag *d)
{
	size_t n = 0;

	for (struct finding *e = diag_held_at(d, 0); e; e = diag_held_next(e))
		n++;
	return n;
}

static int go_text(struct filling *f, const struct node *at, str text, str *out)
{
	struct argocd *x = f->x;
	struct tmpl_exec exec = { .a = x->a, .diag = x->diag, .strict = f->strict, .keep_no_value = true, .max_output = ARGOCD_MAX_OUTPUT };
	struct pos pos = node_pos(at);
	void **label = map_at(x->a, &x->labels, text);
	size_t known = count_held(x->diag);
	struct buf b = BUF(x->a);
	int bad = 0;

	if (!x->templates)
		x->templates = tmpl_set_new(x->a, x->diag, functions);
	if (!*label) {
		*label = str_dup(x->a, str_of(pos.file ? pos.file : "template"));
		bad = tmpl_parse(x->templates, *label, text, text);
	}
	exec.set = x->templates;
	exec.max_steps = x->o->max_steps ? x->o->max_steps : ARGOCD_MAX_STEPS;
	if (!bad)
		bad = tmpl_exec(&exec, text, val_of_node(x->a, f->params), &b);
	if (bad && pos.file)
		place_errors(f, at, *label, known);
	*out = buf_str(&b);
	return bad;
}

/* "{{" and "}}" in one line, as Argo CD looks for them. */
static bool is_template(str text)
{
	while (text.n) {
		ptrdiff_t end = str_chr(text, '\n');
		str line = end < 0 ? text : str_sub(text, 0, (size_t)end);
		ptrdiff_t open = str_find(line, S("{{"));
		if (open >= 0 && str_find(str_sub(line, (size_t)open + 2, line.n), S("}}")) >= 0)
			return true;
		text = end < 0 ? S("") : str_sub(text, (size_t)end + 1, text.n);
	}
	return false;
}

/* Names that are no parameter stay as they are. */
static int fast_text(struct filling *f, const struct node *at, str text, str *out)
{
	struct buf b = BUF(f->x->a);

	if (!is_template(text))
		return 0;
	for (;;) {
		ptrdiff_t open = str_find(text, S("{{"));
		if (open < 0)
			break;
		buf_add(&b, str_sub(text, 0, (size_t)open));
		text = str_sub(text, (size_t)open + 2, text.n);
		ptrdiff_t close = str_find(text, S("}}"));
		if (close < 0)
			return diag_trouble(f->x->diag, node_pos(at), "argocd", "\"{{\" without \"}}\" after it: {{%.*s", STR_ARG(text));
		str tag = str_sub(text, 0, (size_t)close);
		const struct node *n = str_trim(tag).n ? node_get(f->params, str_trim(tag)) : NULL;
		if (node_is(n, NODE_STRING))
			buf_add(&b, node_text(n));
		else
			buf_printf(&b, "{{%.*s}}", STR_ARG(tag));
		text = str_sub(text, (size_t)close + 2, text.n);
	}
	buf_add(&b, text);
	*out = buf_str(&b);
	return 0;
}

int fill_text(struct filling *f, const struct node *at, str text, str *out)
{
	*out = text;
	if (str_find(text, S("{{")) < 0)
		return 0;
	return f->go ? go_text(f, at, text, out) : fast_text(f, at, text, out);
}

struct node *fill(struct filling *f, const struct node *n)
{
	struct arena *a = f->x->a;
	struct node *out;
	str text;

	if (n->kind == NODE_STRING) {
		if (fill_text(f, n, node_text(n), &text) < 0)
			return NULL;
		return text.p == node_text(n).p ? (struct node *)n : node_at(node_string(a, text), n);
	}
	if (n->kind < NODE_SEQ)
		return (struct node *)n;
	out = node_at(node_new(a, (enum kind)n->kind), n);
	for (uint32_t i = 0; i < n->n; i++) {
		struct node *v = fill(f, n->kind == NODE_SEQ ? n->items[i] : n->entries[i].value);
		if (!v)
			return NULL;
		if (n->kind == NODE_SEQ) {
			node_push(a, out, v);
			continue;
		}
		if (fill_text(f, n, entry_key(&n->entries[i]), &text) < 0)
			return NULL;
		struct entry *e = node_put(a, out, text, v);
		e->line = n->entries[i].line;
		e->col = n->entries[i].col;
	}
	return out;
}
