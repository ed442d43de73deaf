/* SPDX-License-Identifier: MIT */
/* Renders `${jq}` templates: walks the compiled tree and makes the documents. */
#include <string.h>

#include "template/hole.h"

#define MAX_STEPS 100000000

struct nodes {
	struct node **p;
	size_t n, cap;
};
struct eval {
	struct holes *h;
	struct arena *a;
	struct diag *diag;
	struct node *values;
	struct node **vars; /* by slot; NULL: not bound here */
	uint64_t left;	    /* nodes that may still be made */
	uint64_t steps;	    /* that may still be taken */
	int depth;
};
/* many: any number of results fits here (items of a list, documents); else at most one. */
static int eval(struct eval *e, const struct tree *t, bool many, struct nodes *out);

static int put(struct eval *e, const struct tree *t, bool many, struct nodes *out, struct node *n, size_t mark)
{
	if (e->left-- == 0)
		return diag_trouble(e->diag, node_pos(t->at), "max-nodes", "the template makes too many nodes; --max-nodes sets the limit");
	if (!many && out->n > mark)
		return diag_trouble(e->diag, node_pos(t->at), "template", "more than one value for one place: make a list of them with [ ]");
	*VEC_ADD(e->a, out) = n->source ? n : node_at(n, t->at);
	return 0;
}

/* ---- expressions ------------------------------------------------------------ */
static int check_vars(struct eval *e, const struct hole_expr *x)
{
	for (size_t i = 0; i < x->nvars; i++) {
		if (e->vars[x->vars[i]])
			continue;
		str name = { 0 };
		for (size_t k = 0; k < e->h->scope.names.n; k++)
			if ((size_t)(uintptr_t)e->h->scope.names.items[k].value == x->vars[i] + 1)
				name = e->h->scope.names.items[k].key;
		return diag_trouble(e->diag, x->pos, "undefined", "$%.*s is not bound here by $let or $for", STR_ARG(name));
	}
	return 0;
}

static struct node *path_root(const struct eval *e, const struct hole_path *p)
{
	return p->var < 0 ? e->values : e->vars[p->var];
}

static int eval_plain(struct eval *e, const struct hole_expr *x, struct node ***out, size_t *n)
{
	struct node *found = NULL, *in = NULL;
	size_t at = 0;
	enum hole_found f = hole_path_get(&x->path, path_root(e, &x->path), &found, &at, &in);

	*out = NEW(e->a, struct node *);
	*n = 0;
	if (x->otherwise && (!found || found->kind == NODE_NULL || (found->kind == NODE_BOOL && !node_true(found)))) {
		**out = node_copy(e->a, x->otherwise);
		*n = 1;
		return 0;
	}
	if (f == HOLE_HANDLED)
		return 0;
	if (f != HOLE_FOUND)
		return hole_path_missing(e->a, e->diag, x->pos, &x->path, f, at, in);
	**out = found ? found : node_scalar(e->a, NODE_NULL, S("null"));
	*n = 1;
	return 0;
}

static int eval_expr(struct eval *e, const struct hole_expr *x, struct node ***out, size_t *n)
{
	if (check_vars(e, x) < 0)
		return -1;
	if (x->plain)
		return eval_plain(e, x, out, n);
	for (size_t i = 0; i < x->nneeds; i++) {
		struct node *found, *in;
		size_t at;
		enum hole_found f = hole_path_get(&x->needs[i], path_root(e, &x->needs[i]), &found, &at, &in);
		struct pos pos = x->pos;
		size_t offset = (size_t)(x->needs[i].text.p - x->text.p);
		if (pos.line && str_chr(str_sub(x->text, 0, offset), '\n') < 0)
			pos.col += (uint32_t)offset;
		if (f == HOLE_MISSING)
			return hole_path_missing(e->a, e->diag, pos, &x->needs[i], f, at, in);
	}
	struct node **vars = NEW_ARRAY(e->a, struct node *, e->h->scope.n + 1);
	for (size_t i = 0; i < e->h->scope.n; i++)
		vars[i] = e->vars[i] ? e->vars[i] : node_scalar(e->a, NODE_NULL, S("null"));
	return jq_eval(e->h->jq, x->jq, e->a, e->values, vars, out, n);
}

static int eval_one(struct eval *e, const struct hole_expr *x, struct node **out)
{
	struct node **p;
	size_t n;

	if (eval_expr(e, x, &p, &n) < 0)
		return -1;
	if (n != 1)
		return diag_trouble(e->diag, x->pos, "template", "the expression gives %zu values, one is wanted here", n);
	*out = p[0];
	return 0;
}

static int eval_text(struct eval *e, const struct tree *t, struct node **out)
{
	struct buf text = BUF(e->a);

	for (size_t i = 0; i < t->nparts; i++) {
		const struct tree_part *p = &t->parts[i];
		struct node *n;
		if (!p->expr) {
			buf_add(&text, p->text);
			continue;
		}
		if (eval_one(e, p->expr, &n) < 0)
			return -1;
		if (n->kind == NODE_NULL)
			return diag_trouble(e->diag, p->expr->pos, "undefined", "null cannot become text: write \"// DEFAULT\" behind it");
		if (n->kind == NODE_SEQ || n->kind == NODE_MAP)
			buf_add(&text, json_text(e->a, n));
		else if (n->kind == NODE_INT || n->kind == NODE_FLOAT)
			buf_add(&text, node_number_text(e->a, n));
		else if (n->kind == NODE_BOOL)
			buf_add(&text, node_true(n) ? S("true") : S("false"));
		else
			buf_add(&text, node_text(n));
	}
	*out = node_at(node_string(e->a, buf_str(&text)), t->at);
	return 0;
}

static int truth(struct eval *e, const struct tree *cond, bool *out)
{
	struct nodes v = { 0 };

	if (eval(e, cond, true, &v) < 0)
		return -1;
	*out = v.n > 0;
	for (size_t i = 0; i < v.n; i++)
		*out = *out && v.p[i]->kind != NODE_NULL && (v.p[i]->kind != NODE_BOOL || node_true(v.p[i]));
	return 0;
}

/* ---- maps --------------------------------------------------------------------- */
static void put_entry(struct eval *e, struct node *map, str key, struct node *value, uint32_t line, uint32_t col, const struct source *source)
{
	struct entry *at = node_put(e->a, map, key, value);

	/* A key's position is read in the file of its value. */
	at->line = value->source == source ? line : value->line;
	at->col = value->source == source ? col : value->col;
}

/* Merges src into dst, a map that is ours, over or under what is there; maps below are copied before they change. */
static void merge_into(struct eval *e, struct node *dst, const struct node *src, bool over)
{
	for (size_t i = 0; i < src->n; i++) {
		const struct entry *s = &src->entries[i];
		struct entry *d = node_entry(dst, entry_key(s));
		if (d && node_is(d->value, NODE_MAP) && s->value->kind == NODE_MAP) {
			struct node *fresh = node_clone(e->a, d->value);
			hole_follow(e->h, e->a, d->value, fresh);
			d->value = fresh;
			merge_into(e, d->value, s->value, over);
		} else if (!d || over) {
			put_entry(e, dst, entry_key(s), s->value, s->line, s->col, src->source);
		}
	}
}

static int eval_key(struct eval *e, const struct tree_entry *te, str *key)
{
	struct node *n;

	*key = te->key;
	if (!te->key_tree)
		return 0;
	if (te->key_tree->kind == TREE_TEXT ? eval_text(e, te->key_tree, &n) < 0 : eval_one(e, te->key_tree->expr, &n) < 0)
		return -1;
	if (n->kind == NODE_SEQ || n->kind == NODE_MAP || n->kind == NODE_NULL) {
		struct pos pos = te->key_tree->kind == TREE_HOLE ? te->key_tree->expr->pos : node_pos(te->key_tree->at);
		return diag_trouble(e->diag, pos, "template", "a key must be text, not %s", kind_name(n->kind));
	}
	*key = node_text(n);
	return 0;
}

static int eval_entries(struct eval *e, const struct tree *t, struct node *map)
{
	const struct tree_map *m = t->map;

	for (size_t i = 0; i < m->n; i++) {
		const struct tree_entry *te = &m->entries[i];
		struct nodes v = { 0 };
		str key;
		if (eval_key(e, te, &key) < 0 || eval(e, te->value, false, &v) < 0)
			return -1;
		if (v.n == 0)
			continue;
		if (node_get(map, key)) {
			struct pos pos = { .file = t->at->source ? t->at->source->name : NULL, .line = te->at->line, .col = te->at->col };
			return diag_trouble(e->diag, pos, "duplicate-key", "the key \"%.*s\" is made twice in one map%s", STR_ARG(key),
			    m->over && !te->key_tree ? "; keys beside $for are made in each round, others belong outside" : "");
		}
		put_entry(e, map, key, hole_noted(e->h, e->a, te->value, v.p[0]), te->at->line, te->at->col, t->at->source);
	}
	return 0;
}

static int eval_include(struct eval *e, const struct tree_map *m, struct nodes *out)
{
	for (size_t i = 0; i < m->include->ndocs; i++)
		if (eval(e, m->include->docs[i].tree, true, out) < 0)
			return -1;
	return 0;
}

static int must_be_map(struct eval *e, const struct node *at, const struct nodes *v, const char *what)
{
	if (v->n == 1 && v->p[0]->kind == NODE_MAP)
		return 0;
	return diag_trouble(e->diag, node_pos(at), "template", "%s beside other keys must give one map, this gives: %s", what,
	    v->n == 1 ? kind_name(v->p[0]->kind) : v->n ? "several values" : "nothing");
}

/* The body of a map when its conditions hold: keys, with $then merged over and $include below. */
static int eval_body(struct eval *e, const struct tree *t, bool many, struct node *into, struct nodes *out)
{
	const struct tree_map *m = t->map;
	struct nodes v = { 0 };
	struct node *map = into;

	if (m->body)
		return eval(e, m->body, many, out);
	if (m->then && m->n == 0 && !m->include && !into)
		return eval(e, m->then, many, out);
	if (m->include && eval_include(e, m, &v) < 0)
		return -1;
	if (m->include && m->n == 0 && !m->then && !into) {
		size_t mark = out->n;
		for (size_t i = 0; i < v.n; i++)
			if (put(e, t, many, out, v.p[i], mark) < 0)
				return -1;
		return 0;
	}
	if (m->include && must_be_map(e, m->include_at, &v, "$include") < 0)
		return -1;
	if (!map)
		map = node_at(node_new(e->a, NODE_MAP), t->at);
	if (eval_entries(e, t, map) < 0)
		return -1;
	if (m->include)
		merge_into(e, map, v.p[0], false);
	if (m->then) {
		v.n = 0;
		if (eval(e, m->then, false, &v) < 0 || (v.n && must_be_map(e, m->then->at, &v, "$then") < 0))
			return -1;
		if (v.n)
			merge_into(e, map, v.p[0], true);
	}
	return into ? 0 : put(e, t, many, out, map, out->n);
}

static int eval_else(struct eval *e, const struct tree *t, bool many, struct node *into, struct nodes *out)
{
	const struct tree_map *m = t->map;
	struct nodes v = { 0 };
	struct node *map = into;

	if (m->then && (m->n || into)) { /* the plain keys stay */
		if (!map)
			map = node_at(node_new(e->a, NODE_MAP), t->at);
		if (eval_entries(e, t, map) < 0)
			return -1;
		if (!into && put(e, t, many, out, map, out->n) < 0)
			return -1;
	} else if (m->otherwise && !into) {
		return eval(e, m->otherwise, many, out);
	}
	if (!m->otherwise)
		return 0;
	if (eval(e, m->otherwise, false, &v) < 0 || (v.n && must_be_map(e, m->otherwise->at, &v, "$else") < 0))
		return -1;
	if (v.n)
		merge_into(e, map, v.p[0], true);
	return 0;
}

/* $let, then $if, then the body; into: keys go into this map. */
static int eval_round(struct eval *e, const struct tree *t, bool many, struct node *into, struct nodes *out)
{
	const struct tree_map *m = t->map;
	struct node **old = NEW_ARRAY(e->a, struct node *, m->nlets + 1);
	bool yes = true;
	int bad = 0;
	size_t n = 0;

	for (; n < m->nlets && !bad; n++) {
		struct nodes v = { 0 };
		old[n] = e->vars[m->lets[n].slot];
		bad = eval(e, m->lets[n].value, false, &v);
		if (!bad)
			e->vars[m->lets[n].slot] = v.n ? v.p[0] : node_scalar(e->a, NODE_NULL, S("null"));
	}
	if (!bad && m->cond)
		bad = truth(e, m->cond, &yes);
	if (!bad)
		bad = yes ? eval_body(e, t, many, into, out) : eval_else(e, t, many, into, out);
	while (n-- > 0)
		e->vars[m->lets[n].slot] = old[n];
	return bad;
}

static int eval_for(struct eval *e, const struct tree *t, bool many, struct nodes *out)
{
	const struct tree_map *m = t->map;
	struct pos pos = m->over->kind == TREE_HOLE ? m->over->expr->pos : node_pos(m->over->at);
	struct nodes over = { 0 }, results = { 0 }, *to = many ? out : &results;
	bool keys = !many && !m->body && !(m->then && m->n == 0);
	struct node *map = keys ? node_at(node_new(e->a, NODE_MAP), t->at) : NULL;
	struct node **key = m->key_slot >= 0 ? &e->vars[m->key_slot] : NULL, **item = &e->vars[m->item_slot];
	struct node *old_key = key ? *key : NULL, *old_item = *item;
	int bad = 0;

	if (eval(e, m->over, false, &over) < 0)
		return -1;
	if (over.n != 1 || (over.p[0]->kind != NODE_SEQ && over.p[0]->kind != NODE_MAP))
		return diag_trouble(e->diag, pos, "template", "$for wants one list or map, this gives: %s", over.n ? kind_name(over.p[0]->kind) : "nothing");
	for (size_t i = 0; i < over.p[0]->n && !bad; i++) {
		bool is_map = over.p[0]->kind == NODE_MAP;
		if (key)
			*key = is_map ? node_string(e->a, entry_key(&over.p[0]->entries[i])) : node_int(e->a, (int64_t)i);
		*item = is_map ? over.p[0]->entries[i].value : over.p[0]->items[i];
		bad = eval_round(e, t, true, map, to);
	}
	*item = old_item;
	if (key)
		*key = old_key;
	if (bad || many)
		return bad;
	if (!map) {
		map = node_at(node_new(e->a, NODE_SEQ), t->at);
		for (size_t i = 0; i < results.n; i++)
			node_push(e->a, map, results.p[i]);
	}
	return put(e, t, many, out, map, out->n);
}

static int eval_seq(struct eval *e, const struct tree *t, struct node **out)
{
	struct nodes v = { 0 };

	for (size_t i = 0; i < t->nitems; i++) {
		size_t first = v.n;
		if (eval(e, t->items[i], true, &v) < 0)
			return -1;
		if (v.n > first)
			v.p[first] = hole_noted(e->h, e->a, t->items[i], v.p[first]);
	}
	*out = node_at(node_new(e->a, NODE_SEQ), t->at);
	for (size_t i = 0; i < v.n; i++)
		node_push(e->a, *out, v.p[i]);
	return 0;
}

static int eval_here(struct eval *e, const struct tree *t, bool many, struct nodes *out)
{
	struct node *n, **p;
	size_t mark = out->n, count;

	switch (t->kind) {
	case TREE_LITERAL:
		return put(e, t, many, out, (struct node *)t->at, mark);
	case TREE_TEXT:
		return eval_text(e, t, &n) < 0 ? -1 : put(e, t, many, out, n, mark);
	case TREE_SEQ:
		return eval_seq(e, t, &n) < 0 ? -1 : put(e, t, many, out, n, mark);
	case TREE_MAP:
		return t->map->over ? eval_for(e, t, many, out) : eval_round(e, t, many, NULL, out);
	default:
		break;
	}
	if (eval_expr(e, t->expr, &p, &count) < 0)
		return -1;
	if (!many && count > 1)
		return diag_trouble(e->diag, t->expr->pos, "template", "the expression gives %zu values for one place: make a list of them with [ ]", count);
	for (size_t i = 0; i < count; i++)
		if (put(e, t, true, out, p[i], mark) < 0)
			return -1;
	return 0;
}

static int eval(struct eval *e, const struct tree *t, bool many, struct nodes *out)
{
	if (e->steps == 0)
		return diag_trouble(e->diag, node_pos(t->at), "budget", "the template takes too many steps; is a loop in a loop meant? --max-steps sets the limit");
	e->steps--;
	if (e->depth >= DOC_MAX_DEPTH)
		return diag_trouble(e->diag, node_pos(t->at), "depth", "the template nests deeper than %d levels", DOC_MAX_DEPTH);
	e->depth++;
	int r = eval_here(e, t, many, out);
	e->depth--;
	return r;
}

/* ---- the whole ------------------------------------------------------------------- */
static int compile(struct holes *h)
{
	struct jq_expr *all = NEW_ARRAY(h->a, struct jq_expr, h->exprs.n + 1);
	const char **names = NEW_ARRAY(h->a, const char *, h->scope.n + 1);

	if (h->exprs.n == 0)
		return 0;
	for (size_t i = 0; i < h->exprs.n; i++)
		all[i] = (struct jq_expr){ .text = h->exprs.p[i]->text, .pos = h->exprs.p[i]->pos };
	for (size_t i = 0; i < h->scope.names.n; i++)
		names[(size_t)(uintptr_t)h->scope.names.items[i].value - 1] = str_dup(h->a, h->scope.names.items[i].key);
	const char **libs = NEW_ARRAY(h->a, const char *, h->o.nlibs + 1);
	for (size_t i = 0; i < h->o.nlibs; i++)
		libs[i] = h->o.libs[i];
	h->jq = jq_compile_all(h->a, h->diag, all, h->exprs.n, names, h->scope.n, libs);
	return h->jq ? 0 : -1;
}

static struct holes *holes_new(struct arena *a, struct diag *d, const struct hole_options *o)
{
	struct holes *h = NEW(a, struct holes);

	*h = (struct holes){ .a = a, .diag = d, .o = *o };
	return h;
}

struct holes *holes_load(struct arena *a, struct diag *d, const struct hole_options *o, const char *path)
{
	uint64_t start = journal_start(d);
	struct holes *h = holes_new(a, d, o);

	h->main = hole_file_load(h, path, NULL);
	bool good = h->main && compile(h) == 0;
	journal_spent(d, "template read", str_of(file_label(path)), start);
	return good ? h : NULL;
}

struct holes *holes_load_text(struct arena *a, struct diag *d, const struct hole_options *o, const char *name, str text)
{
	struct holes *h = holes_new(a, d, o);

	h->main = hole_file_text(h, name, text);
	return h->main && compile(h) == 0 ? h : NULL;
}

enum format holes_format(const struct holes *h)
{
	return h->main->format;
}

int holes_render(struct holes *h, struct arena *a, struct node *values, int (*each)(void *ctx, struct node *doc), void *ctx)
{
	struct eval e = { .h = h, .a = a, .diag = h->diag, .values = values };

	e.vars = NEW_ARRAY(a, struct node *, h->scope.n + 1);
	e.left = h->o.max_nodes ? h->o.max_nodes : DOC_MAX_NODES;
	e.steps = h->o.max_steps ? h->o.max_steps : MAX_STEPS;
	if (h->jq)
		jq_keep(h->jq, values);
	uint64_t start = journal_start(h->diag);
	int bad = 0;
	for (size_t i = 0; i < h->main->ndocs && !bad; i++) {
		const struct hole_doc *doc = &h->main->docs[i];
		struct nodes out = { 0 };
		h->made = (struct map){ 0 };
		bad = eval(&e, doc->tree, true, &out);
		for (size_t k = 0; k < out.n && !bad; k++) {
			h->head = k ? NULL : &doc->head;
			h->tail = k + 1 < out.n ? NULL : &doc->tail;
			bad = each(ctx, out.p[k]);
		}
	}
	if (h->jq)
		jq_forget(h->jq);
	journal_spent(h->diag, "template", str_of(h->main->path), start);
	return bad;
}

void holes_free(struct holes *h)
{
	if (h && h->jq)
		jq_free(h->jq);
}
