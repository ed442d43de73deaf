/* SPDX-License-Identifier: MIT */
/* jq expressions that are plain paths, answered without libjq. */
#include "doc/jq_internal.h"

static bool name_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool name_char(char c)
{
	return name_start(c) || (c >= '0' && c <= '9');
}

static str take_name(str s, size_t *i)
{
	size_t from = *i;

	if (*i < s.n && name_start(s.p[*i]))
		while (*i < s.n && name_char(s.p[*i]))
			++*i;
	return str_sub(s, from, *i);
}

/* "…" without escapes, at s.p[*i]. */
static bool take_string(str s, size_t *i, str *out)
{
	size_t from = ++*i;

	while (*i < s.n && s.p[*i] != '"' && s.p[*i] != '\\')
		++*i;
	if (*i == s.n || s.p[*i] != '"')
		return false;
	*out = str_sub(s, from, (*i)++);
	return true;
}

static bool take_bracket(str s, size_t *i, struct plain_step *step)
{
	size_t from = ++*i;

	if (*i < s.n && s.p[*i] == '"') {
		step->kind = PLAIN_FIELD;
		if (!take_string(s, i, &step->key))
			return false;
	} else {
		while (*i < s.n && s.p[*i] != ']')
			++*i;
		str text = str_sub(s, from, *i);
		step->kind = text.n ? PLAIN_INDEX : PLAIN_ITEMS;
		if (text.n && (text.n > 9 || text.p[0] == '+' || !str_to_i64(text, &step->index)))
			return false;
	}
	if (*i == s.n || s.p[*i] != ']')
		return false;
	++*i;
	return true;
}

static bool take_step(str s, size_t *i, bool first, struct plain_step *step)
{
	*step = (struct plain_step){ .kind = PLAIN_FIELD };
	if (s.p[*i] == '.') {
		++*i;
		if (*i < s.n && s.p[*i] == '"') {
			if (!take_string(s, i, &step->key))
				return false;
		} else if (*i < s.n && s.p[*i] == '[' && first) {
			if (!take_bracket(s, i, step))
				return false;
		} else {
			step->key = take_name(s, i);
			if (!step->key.n)
				return false;
		}
	} else if (s.p[*i] != '[' || !take_bracket(s, i, step)) {
		return false;
	}
	while (*i < s.n && s.p[*i] == '?') {
		step->optional = true;
		++*i;
	}
	return true;
}

bool plain_parse(struct arena *a, str text, const char *const *vars, size_t nvars, struct plain *out)
{
	str s = str_trim(text);
	size_t i = 0;
	struct {
		struct plain_step *p;
		size_t n, cap;
	} steps = { 0 };

	*out = (struct plain){ .var = -1 };
	if (s.n && s.p[0] == '$') {
		i = 1;
		str name = take_name(s, &i);
		for (size_t v = 0; v < nvars; v++)
			if (name.n && str_eq(name, str_of(vars[v])))
				out->var = (ptrdiff_t)v;
		if (out->var < 0)
			return false;
	} else if (!s.n || s.p[0] != '.') {
		return false;
	}
	bool whole = str_eq(s, S("."));
	while (!whole && i < s.n)
		if (!take_step(s, &i, i == 0, VEC_ADD(a, &steps)))
			return false;
	out->steps = steps.p;
	out->n = steps.n;
	return true;
}

/* jq's words for kinds. */
static const char *jq_kind_name(const struct node *n)
{
	static const char *const names[] = {
		[NODE_NULL] = "null", [NODE_BOOL] = "boolean", [NODE_INT] = "number", [NODE_FLOAT] = "number",
		[NODE_STRING] = "string", [NODE_SEQ] = "array", [NODE_MAP] = "object",
	};
	return names[n->kind];
}

static bool eval(const struct plain_step *s, size_t n, struct arena *a, struct node *node, struct jq_results *out, const char **error)
{
	for (; n; s++, n--) {
		struct node *next = NULL;
		bool fits = true;
		if (s->kind == PLAIN_ITEMS) {
			if (node->kind < NODE_SEQ)
				fits = false;
			for (uint32_t i = 0; fits && i < node->n; i++)
				if (!eval(s + 1, n - 1, a, node->kind == NODE_MAP ? node->entries[i].value : node->items[i], out, error))
					return false;
			if (fits || s->optional)
				return true;
			*error = str_printf(a, "Cannot iterate over %s", jq_kind_name(node)).p;
			return false;
		}
		if (s->kind == PLAIN_FIELD && node->kind == NODE_MAP) {
			next = node_get(node, s->key);
		} else if (s->kind == PLAIN_INDEX && node->kind == NODE_SEQ) {
			int64_t i = s->index < 0 ? s->index + node->n : s->index;
			next = i >= 0 && i < (int64_t)node->n ? node->items[i] : NULL;
		} else if (node->kind != NODE_NULL) {
			if (s->optional)
				return true;
			*error = s->kind == PLAIN_INDEX
					 ? str_printf(a, "Cannot index %s with number", jq_kind_name(node)).p
					 : str_printf(a, "Cannot index %s with \"%.*s\"", jq_kind_name(node), STR_ARG(s->key)).p;
			return false;
		}
		node = next ? next : node_new(a, NODE_NULL);
	}
	*VEC_ADD(a, out) = node;
	return true;
}

bool plain_eval(const struct plain *p, struct arena *a, struct node *start, struct jq_results *out, const char **error)
{
	return eval(p->steps, p->n, a, start, out, error);
}
