/* SPDX-License-Identifier: MIT */
/* Plain scalars that readers of YAML read in different ways. */
#include "schema/schema.h"

#include "schema/findings.h"

/* 12:30, 1:30:00: YAML 1.1 has base 60. */
static bool is_base_60(str s)
{
	size_t digits = 0, parts = 0;
	for (size_t i = 0; i <= s.n; i++) {
		if (i < s.n && s.p[i] >= '0' && s.p[i] <= '9') {
			digits++;
			continue;
		}
		if ((i < s.n && s.p[i] != ':') || !digits || digits > 2 || (parts && s.p[i - digits] > '5') || (parts && digits != 2))
			return false;
		parts++;
		digits = 0;
	}
	return parts > 1;
}

/* 1e3, 12e4: digits alone, as a hash may be. */
static bool is_power(str s)
{
	size_t i = 0;
	while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
		i++;
	size_t e = i;
	if (!e || e >= s.n || (s.p[e] != 'e' && s.p[e] != 'E'))
		return false;
	while (++i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
		;
	return i == s.n && e + 1 < s.n;
}

static str reading(struct arena *a, str text, enum yaml_version v)
{
	bool truth = false;
	struct node n = { .kind = (uint8_t)scalar_kind(text, v, &truth), .text = text.p, .n = (uint32_t)text.n };
	if (n.kind == NODE_BOOL)
		return truth ? S("true") : S("false");
	if (n.kind == NODE_NULL)
		return S("null");
	if (n.kind == NODE_STRING)
		return str_printf(a, "the string \"%.*s\"", STR_ARG(text));
	while (v == YAML_1_2 && n.kind == NODE_INT && text.n > 1 && text.p[0] == '0' && text.p[1] >= '0' && text.p[1] <= '9')
		text = str_sub(text, 1, text.n); /* decimal there */
	n.text = text.p;
	n.n = (uint32_t)text.n;
	return str_printf(a, "the number %.*s", STR_ARG(node_number_text(a, &n)));
}

struct at {
	const struct at *up;
	const struct entry *entry; /* NULL: an item */
	size_t index;
};

static str pointer_to(struct arena *a, const struct at *at)
{
	if (!at)
		return (str){ "", 0 };
	str up = pointer_to(a, at->up);
	return at->entry ? pointer_add_key(a, up, entry_key(at->entry)) : pointer_add_index(a, up, at->index);
}

static void check_scalar(struct findings *x, struct arena *a, const struct node *n, const struct at *at)
{
	str text = node_text(n);
	findings_count(x, FAMILY_SCALARS, 1);
	bool sixty = n->kind == NODE_STRING && is_base_60(text);
	bool power = n->kind == NODE_FLOAT && is_power(text);
	if (!sixty && !power && (text.n > 64 || !scalar_is_ambiguous(text)))
		return;
	struct finding f = { .severity = SEV_WARNING, .rule = "ambiguous-scalar", .pos = node_pos(n), .path = pointer_to(a, at) };
	if (sixty)
		f.message = str_printf(a, "%.*s is a string here, but YAML 1.1 has readers that take it as a number to base 60; quote it", STR_ARG(text));
	else if (power)
		f.message = str_printf(a, "Kubernetes and YAML 1.2 read %.*s as the number %.*s, YAML 1.1 as a string; quote it if it is a name or a hash", STR_ARG(text),
				       STR_ARG(node_number_text(a, n)));
	else
		f.message = str_printf(a, "Kubernetes reads %.*s as %.*s, YAML 1.2 as %.*s; write what is meant, or quote it", STR_ARG(text),
				       STR_ARG(reading(a, text, YAML_KUBERNETES)), STR_ARG(reading(a, text, YAML_1_2)));
	findings_put(x, &f);
}

static void check(struct findings *x, struct arena *a, const struct node *n, const struct at *up)
{
	for (size_t i = 0; n->kind >= NODE_SEQ && i < n->n; i++) {
		struct at here = { up, n->kind == NODE_MAP ? &n->entries[i] : NULL, i };
		const struct node *v = here.entry ? here.entry->value : n->items[i];
		if (v->kind >= NODE_SEQ)
			check(x, a, v, &here);
		else if (v->style == STYLE_PLAIN && v->kind != NODE_NULL && !(v->flags & NODE_JSON))
			check_scalar(x, a, v, &here);
	}
}

void scalars_check(struct findings *x, struct arena *scratch, const struct node *doc)
{
	check(x, scratch, doc, NULL);
}
