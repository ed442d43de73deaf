/* SPDX-License-Identifier: MIT */
/* Helm's grammar of --set: a.b=1,c[0].d={x,y}, with \ before a character that means itself. */
#include <stdlib.h>
#include <string.h>

#include "chart/internal.h"

enum { MAX_INDEX = 65536, MAX_LEVEL = 30 };

struct strvals {
	struct arena *a;
	struct diag *diag;
	enum strvals_kind kind;
	const char *flag;
	const struct source *source;
	str s;
	size_t i;
	bool end; /* the text has ended: what was begun is complete */
	bool cut; /* it ended behind an index: Helm then leaves the list as it was */
};
static int set_key(struct strvals *p, struct node *map, int level);

static int fail(struct strvals *p, const char *what, str about)
{
	struct pos pos = { .file = p->flag, .line = 1, .col = (uint32_t)p->i + 1 };

	return diag_trouble(p->diag, pos, "set", "%s%s%.*s in \"%.*s\"", what, about.n ? ": " : "", STR_ARG(about), STR_ARG(p->s));
}

static struct node *placed(struct strvals *p, struct node *n)
{
	n->source = p->source;
	n->line = 1;
	n->col = (uint32_t)p->i + 1;
	return n;
}

/* Text up to one of `stop`, which is passed; *last is 0 at the end of all. */
static str until(struct strvals *p, const char *stop, char *last)
{
	struct buf b = BUF(p->a);

	*last = 0;
	while (p->i < p->s.n) {
		char c = p->s.p[p->i++];
		if (strchr(stop, c) && c) {
			*last = c;
			break;
		}
		if (c == '\\') {
			if (p->i >= p->s.n)
				break;
			c = p->s.p[p->i++];
		}
		buf_char(&b, c);
	}
	return buf_str(&b);
}

static bool same_word(str s, const char *word)
{
	if (s.n != strlen(word))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if ((s.p[i] | 32) != word[i])
			return false;
	return true;
}

static struct node *typed(struct strvals *p, str s)
{
	int64_t v;

	if (p->kind == STRVALS_STRING)
		return node_string(p->a, s);
	if (same_word(s, "true") || same_word(s, "false"))
		return node_bool(p->a, s.n == 4);
	if (same_word(s, "null"))
		return node_scalar(p->a, NODE_NULL, S("null"));
	/* Go's ParseInt takes a sign, and no leading zero gets this far. */
	str digits = str_starts(s, S("+")) ? str_sub(s, 1, s.n) : s;
	if (str_eq(s, S("0")) || (s.n && s.p[0] != '0' && digits.n && digits.p[0] != '+' && str_to_i64(digits, &v) &&
				     !(digits.n < s.n && digits.p[0] == '-'))) {
		struct node *n = node_int(p->a, s.p[0] == '0' ? 0 : v);
		n->flags |= NODE_INT64;
		return n;
	}
	return node_string(p->a, s);
}

static int value_of(struct strvals *p, str s, struct node **out)
{
	str text;

	if (p->kind == STRVALS_FILE) {
		if (file_read(p->a, p->diag, str_dup(p->a, s), &text) < 0)
			return -1;
		*out = placed(p, node_string(p->a, text));
		return 0;
	}
	*out = placed(p, typed(p, s));
	return 0;
}

/* {a,b}: the opening bracket is passed. */
static int list_of(struct strvals *p, struct node **out)
{
	struct node *list = placed(p, node_new(p->a, NODE_SEQ)), *item;
	char last;

	for (;;) {
		str s = until(p, ",}", &last);
		if (!last)
			return fail(p, "a list must end with \"}\"", S(""));
		if (value_of(p, s, &item) < 0)
			return -1;
		node_push(p->a, list, item);
		if (last == '}')
			break;
	}
	if (p->i < p->s.n && p->s.p[p->i] == ',')
		p->i++;
	*out = list;
	return 0;
}

/* Passes blanks and a comma; true if there was nothing but these before the comma or the end. */
static bool empty_json(struct strvals *p)
{
	for (; p->i < p->s.n; p->i++) {
		if (p->s.p[p->i] == ',') {
			p->i++;
			return true;
		}
		if (!memchr(" \t\n\v\f\r", p->s.p[p->i], 6))
			return false;
	}
	return true;
}

/* End of the JSON value at i, by its brackets and quotes alone. */
static size_t json_end(str s, size_t i)
{
	size_t open = 0;

	for (; i < s.n; i++) {
		char c = s.p[i];
		if (c == '"') {
			for (i++; i < s.n && s.p[i] != '"'; i++)
				i += s.p[i] == '\\';
			if (open == 0)
				return i < s.n ? i + 1 : s.n;
		} else if (c == '{' || c == '[') {
			open++;
		} else if (c == '}' || c == ']') {
			if (open <= 1)
				return i + (open == 1);
			open--;
		} else if (open == 0 && (c == ',' || memchr(" \t\n\v\f\r", c, 6))) {
			return i;
		}
	}
	return s.n;
}

static int json_of(struct strvals *p, struct node **out)
{
	const struct read_options json = { .input = FORMAT_JSON, .duplicates = 1 };

	if (empty_json(p)) {
		*out = placed(p, node_scalar(p->a, NODE_NULL, S("null")));
		return 0;
	}
	size_t end = json_end(p->s, p->i);
	if (end == p->i)
		return fail(p, "JSON is wanted behind \"=\"", S(""));
	if (read_text(p->a, p->diag, &json, p->flag, str_sub(p->s, p->i, end), out) < 0)
		return -1;
	p->i = end;
	empty_json(p);
	return 0;
}

/* What stands behind "=". */
static int read_value(struct strvals *p, struct node **out)
{
	char last;

	if (p->kind == STRVALS_JSON)
		return json_of(p, out);
	if (p->i >= p->s.n) {
		*out = placed(p, node_string(p->a, S("")));
		p->end = true;
		return 0;
	}
	if (p->s.p[p->i] == '{') {
		p->i++;
		return list_of(p, out);
	}
	return value_of(p, until(p, ",", &last), out);
}

static int read_index(struct strvals *p, size_t *out)
{
	char last;
	str s = until(p, "]", &last);
	int64_t v;

	if (!last || !str_to_i64(s, &v))
		return fail(p, "an index must be a number in [ ]", s);
	if (v < 0 || v > MAX_INDEX)
		return fail(p, "an index must be between 0 and 65536", s);
	*out = (size_t)v;
	return 0;
}

static void set_item(struct strvals *p, struct node *list, size_t i, struct node *value)
{
	while (list->n <= i)
		node_push(p->a, list, placed(p, node_scalar(p->a, NODE_NULL, S("null"))));
	list->items[i] = value;
}

/* list is ours; the index has been read. */
static int set_index(struct strvals *p, struct node *list, size_t i, int level)
{
	struct node *old = i < list->n ? list->items[i] : NULL, *value;
	size_t next;
	char last;
	str junk = until(p, "[.=", &last);

	if (junk.n)
		return fail(p, "unexpected text behind an index", junk);
	if (!last) {
		p->cut = p->end = true;
		return 0;
	}
	if (last == '=') {
		if (read_value(p, &value) < 0)
			return -1;
	} else if (last == '[') {
		if (level >= MAX_LEVEL)
			return fail(p, "names nest deeper than 30 levels", S(""));
		if (read_index(p, &next) < 0)
			return -1;
		if (old && old->kind != NODE_SEQ && old->kind != NODE_NULL)
			return fail(p, "an index into what is no list", S(""));
		value = node_is(old, NODE_SEQ) ? node_clone(p->a, old) : placed(p, node_new(p->a, NODE_SEQ));
		if (set_index(p, value, next, level + 1) < 0)
			return -1;
		if (p->cut)
			return 0;
	} else {
		value = node_is(old, NODE_MAP) ? node_clone(p->a, old) : placed(p, node_new(p->a, NODE_MAP));
		if (set_key(p, value, level) < 0)
			return -1;
		if (p->end && i >= list->n) {
			p->cut = true;
			return 0;
		}
	}
	set_item(p, list, i, value);
	return 0;
}

static void set_entry(struct strvals *p, struct node *map, str key, struct node *value)
{
	if (key.n == 0)
		return;
	struct entry *e = node_put(p->a, map, key, value);
	e->line = 1;
	e->col = value->col;
}

/* One name=value from here; map is ours. */
static int set_key(struct strvals *p, struct node *map, int level)
{
	char last;
	str key = until(p, "=[,.", &last);
	struct node *old = node_get(map, key), *value;
	size_t index;

	if (!last) {
		p->end = true;
		return key.n ? fail(p, "a name without \"=VALUE\"", key) : 0;
	}
	if (last == ',')
		return fail(p, "a name without a value before the comma", key);
	if (last == '=') {
		if (read_value(p, &value) < 0)
			return -1;
		set_entry(p, map, key, value);
		return 0;
	}
	if (last == '[') {
		if (read_index(p, &index) < 0)
			return -1;
		if (old && old->kind != NODE_SEQ)
			return fail(p, "an index into what is no list", key);
		value = old ? node_clone(p->a, old) : placed(p, node_new(p->a, NODE_SEQ));
		if (set_index(p, value, index, level) < 0)
			return -1;
		set_entry(p, map, key, value);
		return 0;
	}
	if (level >= MAX_LEVEL)
		return fail(p, "names nest deeper than 30 levels", S(""));
	if (old && old->kind != NODE_MAP)
		return fail(p, "a name below what is no map", key);
	value = old ? node_clone(p->a, old) : placed(p, node_new(p->a, NODE_MAP));
	if (set_key(p, value, level + 1) < 0)
		return -1;
	if (value->n == 0 && !p->end)
		return fail(p, "a name without a value", key);
	if (value->n)
		set_entry(p, map, key, value);
	return 0;
}

int strvals_set(struct arena *a, struct diag *d, enum strvals_kind kind, const char *flag, str text, struct node **map)
{
	struct source *source = NEW(a, struct source);
	struct strvals p = { .a = a, .diag = d, .kind = kind, .flag = flag, .source = source, .s = text };
	const struct read_options json = { .input = FORMAT_JSON, .duplicates = 1 };
	struct node *whole;

	source->name = flag;
	if (kind == STRVALS_JSON && str_starts(str_trim(text), S("{"))) {
		if (read_text(a, d, &json, flag, text, &whole) < 0)
			return -1;
		*map = values_merge(a, *map, whole);
		return 0;
	}
	*map = node_clone(a, *map);
	while (p.i < text.n && !p.end)
		if (set_key(&p, *map, 0) < 0)
			return -1;
	return 0;
}
