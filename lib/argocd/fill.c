/* SPDX-License-Identifier: MIT */
/* The templates of ApplicationSets: {{name}}, or Go templates with Sprig's functions. */
#include <string.h>

#include "argocd/internal.h"

/* A name that Kubernetes takes, made of any text. */
static int normalize(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	str s = val_text(args[0]);
	struct buf b = BUF(c->a);

	(void)n;
	for (size_t i = 0; i < s.n && b.n < 253; i++) {
		char ch = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] | 32) : s.p[i];
		bool fine = (ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9') || ch == '.' || ch == '-';
		buf_char(&b, fine ? ch : '-');
	}
	str text = buf_str(&b);
	while (text.n && (text.p[0] == '-' || text.p[0] == '.'))
		text = str_sub(text, 1, text.n);
	while (text.n && (text.p[text.n - 1] == '-' || text.p[text.n - 1] == '.'))
		text.n--;
	*out = val_str(text);
	return 0;
}

static const struct tmpl_func functions[] = { { "normalize", "s", normalize }, { 0 } };

static int go_text(struct filling *f, const struct node *at, str text, str *out)
{
	struct argocd *x = f->x;
	struct tmpl_exec exec = { .a = x->a, .diag = x->diag, .strict = f->strict };
	struct pos pos = node_pos(at);
	struct buf b = BUF(x->a);

	if (!x->templates)
		x->templates = tmpl_set_new(x->a, x->diag, functions);
	if (!tmpl_has(x->templates, text) &&
	    tmpl_parse(x->templates, pos.file ? str_printf(x->a, "%s:%u: template", pos.file, pos.line).p : "template", text, text) < 0)
		return -1;
	exec.set = x->templates;
	if (tmpl_exec(&exec, text, val_of_node(x->a, f->params), &b) < 0)
		return -1;
	*out = buf_str(&b);
	return 0;
}

/* Names that are no parameter stay as they are. */
static void fast_text(struct filling *f, str text, str *out)
{
	struct buf b = BUF(f->x->a);

	for (;;) {
		ptrdiff_t open = str_find(text, S("{{"));
		ptrdiff_t close = open < 0 ? -1 : str_find(str_sub(text, (size_t)open, text.n), S("}}"));
		if (close < 0)
			break;
		str name = str_trim(str_sub(text, (size_t)open + 2, (size_t)open + (size_t)close));
		const struct node *n = node_get(f->params, name);
		buf_add(&b, str_sub(text, 0, (size_t)open));
		buf_add(&b, n ? node_str(n) : str_sub(text, (size_t)open, (size_t)open + (size_t)close + 2));
		text = str_sub(text, (size_t)open + (size_t)close + 2, text.n);
	}
	buf_add(&b, text);
	*out = buf_str(&b);
}

int fill_text(struct filling *f, const struct node *at, str text, str *out)
{
	*out = text;
	if (str_find(text, S("{{")) < 0)
		return 0;
	if (f->go)
		return go_text(f, at, text, out);
	fast_text(f, text, out);
	return 0;
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
