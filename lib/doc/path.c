/* SPDX-License-Identifier: MIT */
/* Paths: JSON Pointers and a.b[0]."x.y"[name=web].*; finding by them. */
#include "doc/internal.h"

/* ---- parsing ------------------------------------------------------------ */

struct parse {
	struct arena *a;
	str s;
	size_t i;
	struct {
		struct step *p;
		size_t n, cap;
	} steps;
	const char *error;
};

static bool fail(struct parse *p, const char *error)
{
	if (!p->error)
		p->error = str_printf(p->a, "%s, at byte %zu of \"%.*s\"", error, p->i + 1, STR_ARG(p->s)).p;
	return false;
}

static struct step *add(struct parse *p, enum step_kind kind)
{
	struct step *s = VEC_ADD(p->a, &p->steps);

	*s = (struct step){ .kind = kind };
	return s;
}

static bool at(const struct parse *p, char c)
{
	return p->i < p->s.n && p->s.p[p->i] == c;
}

/* "…" with JSON's escapes, or '…' as it stands. */
static bool quoted(struct parse *p, str *out)
{
	char quote = p->s.p[p->i];
	size_t from = p->i++;

	for (; p->i < p->s.n && !at(p, quote); p->i++)
		if (quote == '"' && at(p, '\\'))
			p->i++;
	if (!at(p, quote))
		return fail(p, "the quote is not closed");
	str raw = str_sub(p->s, from + 1, p->i++);
	if (quote == '\'' || str_chr(raw, '\\') < 0) {
		*out = str_copy(p->a, raw);
		return true;
	}
	struct buf b = BUF(p->a);
	for (size_t k = 0; k < raw.n; k++) {
		if (raw.p[k] == '\\' && ++k < raw.n) {
			static const char from_to[] = "n\nt\tr\r\"\"\\\\//";
			const char *hit = NULL;
			for (size_t e = 0; e + 1 < sizeof(from_to) && !hit; e += 2)
				hit = from_to[e] == raw.p[k] ? &from_to[e + 1] : NULL;
			if (!hit)
				return fail(p, "unknown escape; \\\" \\\\ \\n \\t and \\r are known");
			buf_char(&b, *hit);
			continue;
		}
		buf_char(&b, raw.p[k]);
	}
	*out = str_copy(p->a, buf_str(&b));
	return true;
}

static bool word(struct parse *p, const char *stops, str *out)
{
	size_t from = p->i;

	if (at(p, '"') || at(p, '\''))
		return quoted(p, out);
	while (p->i < p->s.n && !strchr(stops, p->s.p[p->i]))
		p->i++;
	*out = str_copy(p->a, str_sub(p->s, from, p->i));
	return true;
}

/* [0] [-1] [-] [*] ["key"] [name=web] */
static bool bracket(struct parse *p)
{
	struct step *s;
	str text;
	int64_t index;
	bool is_quoted;

	p->i++;
	is_quoted = at(p, '"') || at(p, '\'');
	if (!word(p, "]=", &text))
		return false;
	if (at(p, '=')) {
		p->i++;
		if (!text.n)
			return fail(p, "the key before \"=\" is empty");
		s = add(p, STEP_MATCH);
		s->key = text;
		if (!word(p, "]", &s->value))
			return false;
	} else if (is_quoted) {
		add(p, STEP_KEY)->key = text;
	} else if (str_eq(text, S("*"))) {
		add(p, STEP_ANY);
	} else if (str_eq(text, S("-"))) {
		add(p, STEP_END);
	} else if (str_to_i64(text, &index)) {
		add(p, STEP_INDEX)->index = index;
	} else {
		return fail(p, "between [ and ] belongs a number, *, KEY=VALUE or a quoted key");
	}
	if (!at(p, ']'))
		return fail(p, "\"]\" is missing");
	p->i++;
	return true;
}

static bool dotted(struct parse *p)
{
	bool need_key = true;

	if (at(p, '.'))
		p->i++; /* .a.b, as jq writes it */
	if (p->i == p->s.n)
		return true;
	while (p->i < p->s.n) {
		if (at(p, '[')) {
			if (!bracket(p))
				return false;
		} else {
			bool is_quoted = at(p, '"') || at(p, '\'');
			str key;
			if (!need_key)
				return fail(p, "\".\" or \"[\" belongs here");
			if (!word(p, ".[", &key))
				return false;
			if (!key.n && !is_quoted)
				return fail(p, "a key is missing; the empty key is written \"\"");
			if (!is_quoted && str_eq(key, S("*")))
				add(p, STEP_ANY);
			else
				add(p, STEP_KEY)->key = key;
		}
		need_key = at(p, '.');
		if (need_key && ++p->i == p->s.n)
			return fail(p, "a key is missing after the last \".\"");
	}
	return true;
}

/* The index that a token of a pointer is when it meets a list; -1: none. */
static int64_t list_index(str token)
{
	int64_t v;

	if (!token.n || token.n > 18 || (token.p[0] == '0' && token.n > 1) || token.p[0] == '-' || token.p[0] == '+')
		return -1;
	return str_to_i64(token, &v) ? v : -1;
}

static bool pointer(struct parse *p)
{
	while (p->i < p->s.n) {
		struct buf b = BUF(p->a);
		for (p->i++; p->i < p->s.n && !at(p, '/'); p->i++) {
			if (!at(p, '~')) {
				buf_char(&b, p->s.p[p->i]);
				continue;
			}
			p->i++;
			if (!at(p, '0') && !at(p, '1'))
				return fail(p, "in a JSON Pointer \"~\" is written ~0 and \"/\" ~1");
			buf_char(&b, at(p, '0') ? '~' : '/');
		}
		str token = str_copy(p->a, buf_str(&b));
		int64_t index = list_index(token);
		struct step *s = add(p, index >= 0 ? STEP_INDEX : str_eq(token, S("-")) ? STEP_END : STEP_KEY);
		s->key = token; /* of a map it is the key, whatever it looks like */
		s->index = index;
	}
	return true;
}

int path_parse(struct arena *a, str text, struct path *out, const char **error)
{
	struct parse p = { .a = a, .s = text };
	bool ok = text.n && text.p[0] == '/' ? pointer(&p) : dotted(&p);

	*out = (struct path){ p.steps.p, p.steps.n, text };
	if (error)
		*error = p.error;
	return ok ? 0 : -1;
}

str pointer_add_key(struct arena *a, str base, str key)
{
	size_t more = 1;

	for (size_t i = 0; i < key.n; i++)
		more += key.p[i] == '~' || key.p[i] == '/' ? 2 : 1;
	char *p = arena_raw(a, base.n + more + 1), *to = p + base.n;
	if (base.n)
		memcpy(p, base.p, base.n);
	*to++ = '/';
	for (size_t i = 0; i < key.n; i++) {
		bool special = key.p[i] == '~' || key.p[i] == '/';
		if (special)
			*to++ = '~';
		*to++ = special ? (key.p[i] == '~' ? '0' : '1') : key.p[i];
	}
	*to = '\0';
	return (str){ p, base.n + more };
}

str pointer_add_index(struct arena *a, str base, size_t index)
{
	return str_printf(a, "%.*s/%zu", STR_ARG(base), index);
}

/* ---- finding ------------------------------------------------------------- */

static struct node *child(const struct node *n, size_t slot)
{
	return n->kind == NODE_MAP ? n->entries[slot].value : n->items[slot];
}

/* The one slot that a step names in n; -1: it names none, or it may name several. */
static int64_t slot_of(const struct step *s, const struct node *n)
{
	int64_t i = s->index;

	if (n->kind == NODE_MAP && s->kind != STEP_ANY && s->kind != STEP_MATCH && s->key.p) {
		struct entry *e = node_entry(n, s->key);
		return e ? e - n->entries : -1;
	}
	if (n->kind != NODE_SEQ || (s->kind != STEP_INDEX && s->kind != STEP_KEY))
		return -1;
	if (s->kind == STEP_KEY)
		i = list_index(s->key);
	else if (i < 0)
		i += n->n;
	return i >= 0 && i < (int64_t)n->n ? i : -1;
}

static bool item_matches(const struct step *s, const struct node *item)
{
	struct node *v = node_is(item, NODE_MAP) ? node_get(item, s->key) : NULL;

	return v && v->kind < NODE_SEQ && str_eq(node_text(v), s->value);
}

/* The next slot of n, from `from` on, that the step names; -1: no more. */
int64_t path_slot(const struct step *s, const struct node *n, int64_t from)
{
	if (n->kind < NODE_SEQ)
		return -1;
	if (s->kind == STEP_ANY)
		return from < (int64_t)n->n ? from : -1;
	if (s->kind == STEP_MATCH) {
		for (; n->kind == NODE_SEQ && from < (int64_t)n->n; from++)
			if (item_matches(s, n->items[from]))
				return from;
		return -1;
	}
	int64_t slot = slot_of(s, n);
	return slot >= from ? slot : -1;
}

static struct node *get(const struct step *s, size_t n, struct node *node)
{
	for (; n; s++, n--) {
		int64_t slot = path_slot(s, node, 0);
		if (n > 1 && (s->kind == STEP_ANY || s->kind == STEP_MATCH))
			for (; slot >= 0; slot = path_slot(s, node, slot + 1)) {
				struct node *hit = get(s + 1, n - 1, child(node, (size_t)slot));
				if (hit)
					return hit;
			}
		if (slot < 0)
			return NULL;
		node = child(node, (size_t)slot);
	}
	return node;
}

struct node *path_get(const struct path *p, struct node *root)
{
	return root ? get(p->steps, p->n, root) : NULL;
}

struct hits {
	struct arena *a;
	struct path_hit *p;
	size_t n, cap;
};

static void find(struct hits *h, const struct step *s, size_t n, struct path_hit at_node)
{
	struct node *node = at_node.node;

	if (!n) {
		*VEC_ADD(h->a, h) = at_node;
		return;
	}
	for (int64_t slot = path_slot(s, node, 0); slot >= 0; slot = path_slot(s, node, slot + 1)) {
		size_t i = (size_t)slot;
		find(h, s + 1, n - 1,
		     (struct path_hit){ .node = child(node, i), .parent = node, .slot = i,
					.pointer = node->kind == NODE_MAP
							   ? pointer_add_key(h->a, at_node.pointer, entry_key(&node->entries[i]))
							   : pointer_add_index(h->a, at_node.pointer, i) });
	}
}

struct path_hit *path_find(struct arena *a, const struct path *p, struct node *root, size_t *n)
{
	struct hits h = { .a = a };

	if (root)
		find(&h, p->steps, p->n, (struct path_hit){ .node = root, .pointer = S("") });
	*n = h.n;
	return h.p;
}
