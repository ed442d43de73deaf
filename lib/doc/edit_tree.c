/* SPDX-License-Identifier: MIT */
/* What an edit in place changes in the text of a value: the least that makes it the new one. */
#include "doc/edit.h"
#include "doc/internal.h"

/* What holds a value: where its lines begin, and what stands before it. */
struct holder {
	const struct span *key; /* of a map's value; NULL: an item, or the root */
	size_t col;		 /* of that key, or of the item's dash */
	bool item, flow;
};

static void change(struct editor *e, size_t start, size_t end, str text, bool lines)
{
	*VEC_ADD(e->a, &e->changes) = (struct change){ start, end, e->changes.n, text, lines };
}

static void give_up(struct editor *e, const char *why)
{
	if (!e->why)
		e->why = why;
}

/* ---- places ---------------------------------------------------------------------- */
static bool is_eol(const struct editor *e, size_t at)
{
	return at >= e->text.n || e->text.p[at] == '\n' || e->text.p[at] == '\r';
}

static size_t line_start(const struct editor *e, size_t at)
{
	while (at && e->text.p[at - 1] != '\n' && !(e->text.p[at - 1] == '\r' && !(at < e->text.n && e->text.p[at] == '\n')))
		at--;
	return at;
}

static size_t line_end(const struct editor *e, size_t at)
{
	while (!is_eol(e, at))
		at++;
	return at;
}

static size_t next_line(const struct editor *e, size_t at)
{
	at = line_end(e, at);
	if (at < e->text.n && e->text.p[at] == '\r')
		at++;
	if (at < e->text.n && e->text.p[at] == '\n')
		at++;
	return at;
}

size_t edit_column(const struct editor *e, size_t at)
{
	size_t n = 0;

	for (size_t i = line_start(e, at); i < at; i++)
		n += ((unsigned char)e->text.p[i] & 0xc0) != 0x80;
	return n;
}

static bool first_on_line(const struct editor *e, size_t at)
{
	while (at && e->text.p[at - 1] == ' ')
		at--;
	return !at || e->text.p[at - 1] == '\n' || e->text.p[at - 1] == '\r';
}

/* Nothing but blanks between at and the end of its line. */
static bool last_on_line(const struct editor *e, size_t at)
{
	while (!is_eol(e, at))
		if (e->text.p[at] == ' ' || e->text.p[at] == '\t')
			at++;
		else
			return false;
	return true;
}

static bool same_line(const struct editor *e, size_t x, size_t y)
{
	return line_start(e, x) == line_start(e, y);
}

/* Behind the colon that follows a key. */
static size_t behind_colon(const struct editor *e, const struct span *key)
{
	size_t at = key->end;

	while (at < e->text.n && e->text.p[at] != ':')
		at++;
	return at < e->text.n ? at + 1 : at;
}

/* The dash of an item of a list whose dashes stand at byte `first` and right below it. */
static size_t dash_of(const struct editor *e, const struct span *list, size_t index)
{
	size_t col = edit_column(e, list->content), at = list->kids[index]->start;

	if (!index)
		return list->content;
	for (;;) {
		size_t start = line_start(e, at);
		if (start + col <= at && start + col < e->text.n && e->text.p[start + col] == '-' && first_on_line(e, start + col))
			return start + col;
		if (start <= list->content)
			return list->content;
		at = start - 1;
	}
}

static size_t pair_start(const struct span *map, size_t pair)
{
	return map->kids[2 * pair]->start;
}

static size_t pair_end(const struct span *map, size_t pair)
{
	const struct span *key = map->kids[2 * pair], *v = map->kids[2 * pair + 1];

	return v->end > key->end ? v->end : key->end;
}

/* ---- whole values ------------------------------------------------------------------ */
/* Removes whole lines, from that of start to that of end. */
static void remove_lines(struct editor *e, size_t start, size_t end)
{
	size_t from = line_start(e, start), to = next_line(e, end);

	if (to == e->text.n && from && !(to && e->text.p[to - 1] == '\n')) /* the last line has no end: take that before it */
		from -= from > 1 && e->text.p[from - 2] == '\r' ? 2 : 1;
	change(e, from, to, S(""), false);
}

/* The column of a block scalar's lines. */
static size_t block_column(const struct editor *e, const struct span *s)
{
	size_t at = next_line(e, s->content);

	while (at < s->end && is_eol(e, at))
		at = next_line(e, at);
	size_t from = at;
	while (at < s->end && e->text.p[at] == ' ')
		at++;
	return at - from;
}

static void put_leaf(struct editor *e, const struct span *s, const struct node *fresh, const struct holder *h)
{
	bool own_lines = s->kind >= SPAN_SEQ && !s->flow && first_on_line(e, s->start);
	bool many = fresh->kind == NODE_STRING && str_chr(node_text(fresh), '\n') >= 0 && !h->flow && !e->flow && !e->json;
	str text;

	if (many && last_on_line(e, s->end) && !own_lines) {
		size_t col = h->item || !h->key ? h->col : h->col + e->step - 2, was = s->block_scalar ? block_column(e, s) : 0;
		text = edit_block(e, fresh, was >= 2 ? was - 2 : col);
		if (text.n && text.p[0] != '|')
			text = edit_inline(e, fresh, s, false);
	} else {
		text = edit_inline(e, fresh, s, h->flow);
	}
	if (own_lines && h->key) { /* "key:" stays, with its comment */
		change(e, behind_colon(e, h->key), behind_colon(e, h->key), str_printf(e->a, " %.*s", STR_ARG(text)), false);
		remove_lines(e, s->start, s->end);
		return;
	}
	bool keeps_anchor = s->kind == SPAN_SCALAR && s->content > s->start && s->end > s->content;
	size_t from = keeps_anchor ? s->content : s->start;
	if (from == s->end && from && e->text.p[from - 1] != ' ')
		text = str_printf(e->a, " %.*s", STR_ARG(text));
	change(e, from, s->end, text, false);
}

static void put_collection(struct editor *e, const struct span *s, const struct node *fresh, const struct holder *h)
{
	size_t col;

	if (h->flow || e->flow || e->json || s->flow) {
		str text = edit_flow(e, fresh);
		if (s->start == s->end && s->start && e->text.p[s->start - 1] != ' ')
			text = str_printf(e->a, " %.*s", STR_ARG(text));
		change(e, s->start, s->end, text, false);
		return;
	}
	if (!h->key || h->item) {
		col = edit_column(e, s->start);
		change(e, s->start, s->end, edit_block(e, fresh, col), false);
		return;
	}
	col = h->col + (fresh->kind == NODE_SEQ ? e->dash : e->step);
	struct buf b = BUF(e->a);
	buf_add(&b, e->eol);
	buf_fill(&b, ' ', col);
	buf_add(&b, edit_block(e, fresh, col));
	if (same_line(e, h->key->end, s->start)) {
		size_t from = s->start, eol = line_end(e, s->end);
		while (from > behind_colon(e, h->key) && e->text.p[from - 1] == ' ')
			from--;
		if (last_on_line(e, s->end)) {
			change(e, from, eol, buf_str(&b), true);
			return;
		}
		change(e, from, s->end, S(""), false);
		change(e, eol, eol, buf_str(&b), true);
		return;
	}
	remove_lines(e, s->start, s->end);
	change(e, line_end(e, h->key->end), line_end(e, h->key->end), buf_str(&b), true);
}

static void put(struct editor *e, const struct span *s, const struct node *fresh, const struct holder *h)
{
	if (edit_is_leaf(fresh))
		put_leaf(e, s, fresh, h);
	else
		put_collection(e, s, fresh, h);
}

/* ---- brackets ------------------------------------------------------------------------- */
/* Unit i of a collection in brackets, an item or a pair. */
static size_t unit_start(const struct span *s, size_t i)
{
	return s->kind == SPAN_MAP ? pair_start(s, i) : s->kids[i]->start;
}

static size_t unit_end(const struct span *s, size_t i)
{
	return s->kind == SPAN_MAP ? pair_end(s, i) : s->kids[i]->end;
}

static size_t units(const struct span *s)
{
	return s->kind == SPAN_MAP ? s->n / 2 : s->n;
}

static void remove_from_flow(struct editor *e, const struct span *s, const bool *gone)
{
	size_t n = units(s), kept = n;

	for (size_t i = 0; i < n; i++)
		if (!gone[i]) {
			kept = i;
			break;
		}
	if (kept == n) { /* none stays */
		change(e, unit_start(s, 0), unit_end(s, n - 1), S(""), false);
		return;
	}
	if (kept)
		change(e, unit_start(s, 0), unit_start(s, kept), S(""), false);
	for (size_t i = kept + 1; i < n; i++)
		if (gone[i])
			change(e, unit_end(s, i - 1), unit_end(s, i), S(""), false);
}

/* After unit `after`, or at the begin if it is -1. */
static void add_to_flow(struct editor *e, const struct span *s, ptrdiff_t after, str text)
{
	struct buf b = BUF(e->a);
	size_t n = units(s);

	if (!n || after < 0) {
		buf_add(&b, text);
		buf_add(&b, n ? S(", ") : S(""));
		change(e, n ? unit_start(s, 0) : s->content + 1, n ? unit_start(s, 0) : s->content + 1, buf_str(&b), false);
		return;
	}
	size_t last = (size_t)after, at = unit_end(s, last);
	buf_char(&b, ',');
	if (first_on_line(e, unit_start(s, last))) {
		buf_add(&b, e->eol);
		buf_fill(&b, ' ', edit_column(e, unit_start(s, last)));
	} else {
		buf_char(&b, ' ');
	}
	buf_add(&b, text);
	change(e, at, at, buf_str(&b), false);
}

/* ---- maps --------------------------------------------------------------------------------- */
static void value(struct editor *e, const struct span *s, const struct node *old, const struct node *fresh, const struct holder *h);

/* What the text has not got itself: new keys, and those that a << brought and that differ now. */
static void add_pairs(struct editor *e, const struct span *s, ptrdiff_t last, size_t col, const struct map *direct, const struct node *old,
		      const struct node *fresh)
{
	struct buf b = BUF(e->a);

	for (uint32_t i = 0; i < fresh->n; i++) {
		const struct entry *entry = &fresh->entries[i];
		const struct node *was = node_get(old, entry_key(entry));
		if (map_get(direct, entry_key(entry)) || (was && edit_same(was, entry->value)))
			continue;
		if (s->flow) {
			struct node *one = node_new(e->a, NODE_MAP);
			node_put(e->a, one, entry_key(entry), entry->value);
			str text = edit_flow(e, one);
			buf_add(&b, b.n ? S(", ") : S(""));
			buf_add(&b, str_sub(text, 1, text.n - 1));
			continue;
		}
		buf_add(&b, e->eol);
		buf_fill(&b, ' ', col);
		buf_add(&b, edit_pair(e, entry, col));
	}
	if (!b.n)
		return;
	if (s->flow) {
		add_to_flow(e, s, last, buf_str(&b));
		return;
	}
	size_t at = line_end(e, pair_end(s, (size_t)last));
	change(e, at, at, buf_str(&b), true);
}

static void remove_pair(struct editor *e, const struct span *s, size_t i)
{
	size_t start = pair_start(s, i);

	if (first_on_line(e, start))
		remove_lines(e, start, pair_end(s, i));
	else if (i + 1 < s->n / 2)
		change(e, start, pair_start(s, i + 1), S(""), false);
	else
		give_up(e, "the key does not stand on a line of its own");
}

/* Keys that have another name now, to[i]: only that changes. They count as kept, the new names as there. */
static void rename_keys(struct editor *e, const struct span *s, const struct node *old, const struct node *fresh, struct map *direct, bool *gone,
			const struct entry **to)
{
	for (size_t i = 0; i < s->n / 2; i++) {
		struct span *key = s->kids[2 * i];
		to[i] = gone[i] ? edit_renamed(direct, node_entry(old, edit_key(e, key)), old, fresh) : NULL;
		if (!to[i])
			continue;
		struct node *name = node_string(e->a, entry_key(to[i]));
		change(e, key->content, key->end, edit_inline(e, name, key, s->flow), false);
		*map_at(e->a, direct, entry_key(to[i])) = key;
		gone[i] = false;
	}
}

static void map(struct editor *e, const struct span *s, const struct node *old, const struct node *fresh, const struct holder *h)
{
	size_t n = s->n / 2, kept = 0, col = n && !s->flow ? edit_column(e, pair_start(s, 0)) : 0;
	const struct entry **to = NEW_ARRAY(e->a, const struct entry *, n + 1);
	bool *gone = NEW_ARRAY(e->a, bool, n + 1);
	struct map direct = { 0 };
	ptrdiff_t last = -1;

	for (size_t i = 0; i < n; i++) {
		str key = edit_key(e, s->kids[2 * i]);
		const struct node *was = node_get(old, key), *is = node_get(fresh, key);
		*map_at(e->a, &direct, key) = s->kids[2 * i];
		gone[i] = was && !is;
	}
	rename_keys(e, s, old, fresh, &direct, gone, to);
	for (size_t i = 0; i < n; i++)
		if (!gone[i]) {
			last = (ptrdiff_t)i;
			kept++;
		}
	if (!kept) { /* all of it goes */
		put(e, s, fresh, h);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		const struct span *key = s->kids[2 * i];
		const struct node *was = node_get(old, edit_key(e, key)), *is = to[i] ? to[i]->value : node_get(fresh, edit_key(e, key));
		struct holder inner = { .key = key, .col = col, .flow = s->flow };
		if (was && is)
			value(e, s->kids[2 * i + 1], was, is, &inner);
		else if (gone[i] && !s->flow)
			remove_pair(e, s, i);
	}
	if (s->flow && kept < n)
		remove_from_flow(e, s, gone);
	add_pairs(e, s, last, col, &direct, old, fresh);
}

/* ---- lists --------------------------------------------------------------------------------- */
static str item_text(struct editor *e, const struct span *s, const struct node *n, size_t col)
{
	if (s->flow || e->json || e->flow)
		return edit_flow(e, n);
	return edit_is_leaf(n) && n->kind != NODE_STRING ? edit_inline(e, n, NULL, false) : edit_block(e, n, col);
}

/* Puts n behind item `after` (-1: before the first). */
static void add_item(struct editor *e, const struct span *s, ptrdiff_t after, const struct node *n)
{
	size_t dash = s->flow || !s->n ? 0 : dash_of(e, s, 0), col = dash ? edit_column(e, dash) : 0;
	str text = item_text(e, s, n, col + 2);
	struct buf b = BUF(e->a);

	if (s->flow || !s->n) {
		add_to_flow(e, s, after, text);
		return;
	}
	col = edit_column(e, dash);
	if (after < 0) {
		buf_add(&b, S("- "));
		buf_add(&b, text);
		buf_add(&b, e->eol);
		buf_fill(&b, ' ', col);
		change(e, dash, dash, buf_str(&b), false);
		return;
	}
	buf_add(&b, e->eol);
	buf_fill(&b, ' ', col);
	buf_add(&b, S("- "));
	buf_add(&b, text);
	size_t at = line_end(e, s->kids[after]->end);
	change(e, at, at, buf_str(&b), true);
}

static void remove_item(struct editor *e, const struct span *s, size_t i)
{
	size_t dash = dash_of(e, s, i);

	if (first_on_line(e, dash))
		remove_lines(e, dash, s->kids[i]->end > dash ? s->kids[i]->end : dash);
	else if (i + 1 < s->n)
		change(e, dash, dash_of(e, s, i + 1), S(""), false);
	else
		give_up(e, "the item does not stand on a line of its own");
}

static void list(struct editor *e, const struct span *s, const struct node *old, const struct node *fresh, const struct holder *h)
{
	bool *gone = NEW_ARRAY(e->a, bool, s->n + 1), any = false;
	size_t i = 0, k = 0;

	if (s->n != old->n) {
		give_up(e, "the list in the text is not the one that was read");
		return;
	}
	if (!old->n || !fresh->n) {
		put(e, s, fresh, h);
		return;
	}
	struct map in_old = edit_places(e, old), in_fresh = edit_places(e, fresh);
	while (i < old->n || k < fresh->n) {
		struct node *was = i < old->n ? old->items[i] : NULL, *is = k < fresh->n ? fresh->items[k] : NULL;
		bool equal = was && is && edit_same(was, is);
		struct holder inner = { .col = s->flow ? 0 : edit_column(e, s->content) + 2, .item = true, .flow = s->flow };
		if (equal) {
			i++;
			k++;
		} else if (!was || (is && edit_later(&in_fresh, was, k + 1))) {
			add_item(e, s, (ptrdiff_t)i - 1, is);
			k++;
		} else if (!is || edit_later(&in_old, is, i + 1) || old->n - i > fresh->n - k) {
			gone[i++] = any = true;
		} else {
			value(e, s->kids[i], was, is, &inner);
			i++;
			k++;
		}
	}
	if (!any)
		return;
	if (s->flow)
		remove_from_flow(e, s, gone);
	else
		for (i = 0; i < s->n; i++)
			if (gone[i])
				remove_item(e, s, i);
}

static void value(struct editor *e, const struct span *s, const struct node *old, const struct node *fresh, const struct holder *h)
{
	if (edit_same(old, fresh))
		return;
	if (s->kind == SPAN_MAP && old->kind == NODE_MAP && fresh->kind == NODE_MAP && s->n)
		map(e, s, old, fresh, h);
	else if (s->kind == SPAN_MAP && s->flow && fresh->kind == NODE_MAP && fresh->n)
		add_pairs(e, s, -1, 0, &(struct map){ 0 }, old, fresh);
	else if (s->kind == SPAN_SEQ && old->kind == NODE_SEQ && fresh->kind == NODE_SEQ && s->n)
		list(e, s, old, fresh, h);
	else
		put(e, s, fresh, h);
}

void edit_value(struct editor *e, const struct span *s, const struct node *old, const struct node *fresh)
{
	struct holder root = { .flow = s->flow };

	value(e, s, old, fresh, &root);
}
