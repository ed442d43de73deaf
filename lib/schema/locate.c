/* SPDX-License-Identifier: MIT */
/* Where in the schema: the way through keywords and references, and the place itself. */
#include "schema/internal.h"

#include <string.h>

struct way {
	struct schema_checker *c;
	struct buf path;  /* a JSON Pointer so far */
	struct buf chain; /* for people: what of it is told already */
	size_t told;
	struct location *list; /* the schemas on the way */
	size_t n, cap;
	const struct frame *at; /* of the value now looked at */
	bool people;
};

/* ---- pointers ------------------------------------------------------------------- */
static void add_token(struct buf *b, str token)
{
	str done = pointer_add_key(b->a, (str){ "", 0 }, token);
	buf_add(b, done);
}

static void add_instance(struct arena *a, str *p, const struct frame *at)
{
	if (!at)
		return;
	add_instance(a, p, at->up);
	*p = at->entry ? pointer_add_key(a, *p, entry_key(at->entry)) : pointer_add_index(a, *p, at->index);
}

static str instance_of(struct arena *a, const struct frame *at)
{
	str p = { "", 0 };
	add_instance(a, &p, at);
	return p;
}

static bool find(struct arena *a, const struct node *n, const struct node *target, str *pointer)
{
	str here = *pointer;
	if (n == target)
		return true;
	for (size_t i = 0; n->kind >= NODE_SEQ && i < n->n; i++) {
		const struct node *below = n->kind == NODE_MAP ? n->entries[i].value : n->items[i];
		if (below->kind < NODE_SEQ && below != target)
			continue;
		struct arena_mark mark = arena_mark(a);
		*pointer = n->kind == NODE_MAP ? pointer_add_key(a, here, entry_key(&n->entries[i])) : pointer_add_index(a, here, i);
		if (find(a, below, target, pointer))
			return true;
		arena_rewind(a, mark);
	}
	*pointer = here;
	return false;
}

/* A schema's JSON Pointer in its resource; looked for once. */
static str *place_of(struct schema_checker *c, const struct sub *s)
{
	str *place = map_get(&c->places, (str){ (const char *)&s, sizeof(s) }), pointer = { "", 0 };
	if (place || !s->res->root || !s->res->uri.n || !find(&c->own, s->res->root, s->node, &pointer))
		return place;
	const struct sub **key = NEW(&c->own, const struct sub *);
	*key = s;
	place = NEW(&c->own, str);
	*place = pointer;
	return *map_at(&c->own, &c->places, (str){ (const char *)key, sizeof(*key) }) = place;
}

static str absolute_of(struct schema_checker *c, const struct sub *s, const char *keyword)
{
	static const char plain[] = "-._~!$&'()*+,;=:@/?";
	const struct resource *res = s->res;
	struct buf b = BUF(&c->a);
	const str *place = place_of(c, s);
	if (!place)
		return (str){ 0 };
	str pointer = *place;
	buf_add(&b, res->uri);
	buf_char(&b, '#');
	if (*keyword)
		pointer = pointer_add_key(&c->a, pointer, str_of(keyword));
	for (size_t i = 0; i < pointer.n; i++) {
		unsigned char ch = (unsigned char)pointer.p[i];
		bool alnum = (ch >= '0' && ch <= '9') || ((ch | 32) >= 'a' && (ch | 32) <= 'z');
		if (alnum || (ch && strchr(plain, ch)))
			buf_char(&b, (char)ch);
		else
			buf_printf(&b, "%%%02X", ch);
	}
	return buf_str(&b);
}

/* ---- the way --------------------------------------------------------------------- */
/* What has been gone since the last reference, and where the schema says so. */
static void tell(struct way *w, const struct node *at, str target)
{
	struct pos pos = node_pos(at);
	if (!w->people)
		return;
	if (w->chain.n)
		buf_add(&w->chain, S(" > "));
	buf_add(&w->chain, w->path.n > w->told ? str_sub(buf_str(&w->path), w->told, w->path.n) : S("/"));
	if (pos.file && pos.line && pos.file[0] != '<')
		buf_printf(&w->chain, " %s:%u:%u", pos.file, (unsigned)pos.line, (unsigned)pos.col);
	else if (target.n)
		buf_printf(&w->chain, " %.*s", STR_ARG(target));
	w->told = w->path.n;
}

/* From a schema as it is written to the one that was compiled for it: through schemas that are only a $ref. */
static void through_refs(struct way *w, const struct node *n, struct resource *res, const struct sub *to)
{
	for (int hops = 0; hops < 16 && n != to->node && node_is(n, NODE_MAP); hops++) {
		struct node *ref = node_get(n, S("$ref"));
		struct reference found;
		if (!node_is(ref, NODE_STRING))
			return;
		buf_add(&w->path, S("/$ref"));
		tell(w, ref, node_text(ref));
		if (registry_resolve(w->c->set, registry_at(w->c->set, n, res), ref, &found))
			return;
		n = found.node;
		res = found.res;
	}
}

static void pass(struct way *w, const struct sub *at, const struct frame *frame, const char *keyword)
{
	if (w->people)
		return;
	struct location *l = w->n < w->cap ? &w->list[w->n++] : &(w->list = vec_grow(&w->c->a, w->list, &w->cap, sizeof(*l)))[w->n++];
	*l = (struct location){ str_copy(&w->c->a, buf_str(&w->path)), absolute_of(w->c, at, keyword), instance_of(&w->c->a, frame) };
}

static void go(struct way *w, const struct via *st, const struct sub *to)
{
	struct schema_set *set = w->c->set;
	if (!st) {
		through_refs(w, w->c->schema->node, to->res, to);
		return;
	}
	go(w, st->up, st->from);
	const struct node *n = node_get(st->from->node, str_of(st->keyword));
	struct reference found = { .res = st->from->res };
	add_token(&w->path, str_of(st->keyword));
	if (st->name.p || st->number)
		pass(w, st->from, st->at, st->keyword); /* the keyword that applies several */
	if (node_is(n, NODE_STRING)) { /* a reference of some kind */
		tell(w, n, node_text(n));
		n = strcmp(st->keyword, "$ref") == 0 && !registry_resolve(set, st->from->res, (struct node *)n, &found) ? found.node : NULL;
	} else if (st->name.p) {
		add_token(&w->path, st->name);
		n = node_get(n, st->name);
	} else if (st->number) {
		buf_printf(&w->path, "/%zu", st->number - 1);
		n = node_is(n, NODE_SEQ) && st->number <= n->n ? n->items[st->number - 1] : NULL;
	}
	through_refs(w, n, found.res, to);
	pass(w, to, st->at, "");
}

static struct way begin(struct schema_checker *c, bool people)
{
	return (struct way){ .c = c, .path = BUF(&c->a), .chain = BUF(&c->a), .people = people };
}

struct location locate(struct schema_checker *c, const struct sub *s, const char *keyword, const struct frame *at, struct location **way, size_t *n)
{
	struct way w = begin(c, false);
	go(&w, c->step, s);
	if (*keyword)
		add_token(&w.path, str_of(keyword));
	*way = w.list;
	*n = w.n;
	return (struct location){ buf_str(&w.path), absolute_of(c, s, keyword), instance_of(&c->a, at) };
}

str locate_chain(struct schema_checker *c, const struct sub *s, const char *keyword)
{
	struct way w = begin(c, true);
	const struct node *n = *keyword ? node_get(s->node, str_of(keyword)) : NULL;
	go(&w, c->step, s);
	if (n)
		add_token(&w.path, str_of(keyword));
	if (w.path.n > w.told || !w.chain.n)
		tell(&w, n ? n : s->node, (str){ 0 });
	return buf_str(&w.chain);
}
