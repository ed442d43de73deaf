/* SPDX-License-Identifier: MIT */
/* How edits in place write new values: in the style of what they replace, at the column of where they stand. */
#include "doc/edit.h"
#include "doc/emit.h"
#include "doc/internal.h"

#include <string.h>

bool edit_is_leaf(const struct node *n)
{
	return n->kind < NODE_SEQ || !n->n;
}

bool edit_same(const struct node *x, const struct node *y)
{
	if (x == y)
		return true;
	if (x->kind != y->kind || x->n != y->n)
		return false;
	if (x->kind < NODE_SEQ)
		return str_eq(node_text(x), node_text(y));
	for (uint32_t i = 0; i < x->n; i++) {
		if (x->kind == NODE_SEQ ? !edit_same(x->items[i], y->items[i])
					: !str_eq(entry_key(&x->entries[i]), entry_key(&y->entries[i])) ||
						  !edit_same(x->entries[i].value, y->entries[i].value))
			return false;
	}
	return true;
}

static str trimmed(str s)
{
	return s.n && s.p[s.n - 1] == '\n' ? str_sub(s, 0, s.n - 1) : s;
}

static bool safe_in_flow(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (strchr(",[]{}:#", s.p[i]))
			return false;
	return true;
}

static str quoted(struct editor *e, str s)
{
	struct out *o = out_memory(e->a, NULL);

	json_string(o, s);
	return out_text(o);
}

static bool single_can(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || (unsigned char)s.p[i] >= 0x7f)
			return false;
	return true;
}

static str single(struct editor *e, str s)
{
	struct buf b = BUF(e->a);

	buf_char(&b, '\'');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\'')
			buf_char(&b, '\'');
		buf_char(&b, s.p[i]);
	}
	buf_char(&b, '\'');
	return buf_str(&b);
}

str edit_inline(struct editor *e, const struct node *n, const struct span *old, bool flow)
{
	enum scalar_form form;
	uint8_t style = old && old->kind == SPAN_SCALAR ? old->style : STYLE_ANY;
	str s = node_text(n);

	if (e->json)
		return json_text(e->a, n);
	if (n->kind != NODE_STRING)
		return trimmed(yaml_text(e->a, n));
	form = scalar_form(s);
	if (style == STYLE_DOUBLE || form == FORM_DOUBLE || form >= FORM_LITERAL)
		return quoted(e, s);
	if (style == STYLE_SINGLE && single_can(s))
		return single(e, s);
	if (form == FORM_PLAIN && flow && !safe_in_flow(s))
		return quoted(e, s);
	return trimmed(yaml_text(e->a, n));
}

static void add_flow(struct editor *e, struct buf *b, const struct node *n)
{
	bool map = n->kind == NODE_MAP;

	if (edit_is_leaf(n)) {
		buf_add(b, edit_inline(e, n, NULL, true));
		return;
	}
	buf_char(b, map ? '{' : '[');
	for (uint32_t i = 0; i < n->n; i++) {
		if (i)
			buf_add(b, S(", "));
		if (map) {
			struct node key = { .kind = NODE_STRING, .n = n->entries[i].key_len, .text = n->entries[i].key };
			buf_add(b, edit_inline(e, &key, NULL, true));
			buf_add(b, S(": "));
		}
		add_flow(e, b, map ? n->entries[i].value : n->items[i]);
	}
	buf_char(b, map ? '}' : ']');
}

str edit_flow(struct editor *e, const struct node *n)
{
	struct buf b = BUF(e->a);

	add_flow(e, &b, n);
	return buf_str(&b);
}

/* The lines of text, those after the first moved right by col. */
static str moved(struct editor *e, str text, size_t col)
{
	struct buf b = BUF(e->a);
	size_t at = 0;

	while (at <= text.n) {
		ptrdiff_t n = str_chr(str_sub(text, at, text.n), '\n');
		size_t stop = n < 0 ? text.n : at + (size_t)n;
		if (at) {
			buf_add(&b, e->eol);
			buf_fill(&b, ' ', stop > at ? col : 0);
		}
		buf_add(&b, str_sub(text, at, stop));
		at = stop + 1;
	}
	return buf_str(&b);
}

str edit_block(struct editor *e, const struct node *n, size_t col)
{
	return moved(e, trimmed(yaml_text(e->a, n)), col);
}

str edit_pair(struct editor *e, const struct entry *entry, size_t col)
{
	struct node *map = node_new(e->a, NODE_MAP);

	node_put(e->a, map, entry_key(entry), entry->value);
	if (e->flow) {
		str text = edit_flow(e, map);
		return str_sub(text, 1, text.n - 1);
	}
	return edit_block(e, map, col);
}

/* ---- looking the same thing up in both trees ------------------------------- */
str edit_key(struct editor *e, const struct span *key)
{
	bool truth = false;
	enum kind k = key->style == STYLE_PLAIN ? scalar_kind(key->text, e->version, &truth) : NODE_STRING;

	return k == NODE_STRING ? key->text : scalar_key(e->a, key->text, k, truth, e->version);
}

const struct entry *edit_renamed(const struct map *direct, const struct entry *gone, const struct node *old, const struct node *fresh)
{
	for (uint32_t i = 0; i < fresh->n; i++) {
		const struct entry *e = &fresh->entries[i];
		bool in_place = fresh->n == old->n && &old->entries[i] == gone;
		if ((in_place || e->value == gone->value) && !map_get(direct, entry_key(e)) && !node_get(old, entry_key(e)))
			return e;
	}
	return NULL;
}

struct map edit_places(struct editor *e, const struct node *list)
{
	struct map m = { 0 };

	for (size_t i = 0; i < list->n; i++) {
		const struct node **key = NEW(e->a, const struct node *);
		*key = list->items[i];
		*map_at(e->a, &m, (str){ (const char *)key, sizeof(*key) }) = (void *)(uintptr_t)(i + 1);
	}
	return m;
}

bool edit_later(const struct map *places, const struct node *n, size_t from)
{
	return (size_t)(uintptr_t)map_get(places, (str){ (const char *)&n, sizeof(n) }) > from;
}
