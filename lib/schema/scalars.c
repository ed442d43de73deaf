/* SPDX-License-Identifier: MIT */
/* Plain scalars that readers of YAML read in different ways. */
#include "schema/internal.h"
#include "schema/secrets.h"

enum { ASKED = 64, LONGEST = 64 };

struct scalar { /* that readers may take for different things */
	struct node *node;
	str path;
	bool mode; /* the value of a field such as defaultMode */
	enum kind other; /* what it is to other readers */
	enum reading { READ_VERSIONS, READ_ZEROS, READ_BASE_60, READ_POWER } reading;
	bool said; /* by a schema */
	bool hidden; /* not to be shown */
};
struct scalars {
	struct findings *findings;
	struct arena *a;
	struct { struct scalar *p; size_t n, cap; } list;
};
struct at {
	const struct at *up;
	const struct node *in;
	const struct entry *entry; /* NULL: an item */
	size_t index;
};

/* 12:30, 190:20:30: YAML 1.1 has base 60. */
static bool is_base_60(str s, uint64_t *value)
{
	size_t digits = 0, parts = 0, i = s.n && (s.p[0] == '-' || s.p[0] == '+');
	uint64_t part = 0;
	*value = 0;
	for (; i <= s.n; i++) {
		if (i < s.n && s.p[i] >= '0' && s.p[i] <= '9') {
			part = part * 10 + (uint64_t)(s.p[i] - '0');
			digits++;
			continue;
		}
		if ((i < s.n && s.p[i] != ':') || !digits || digits > (parts ? 2 : 6) || (parts && part > 59) || ++parts > 6)
			return false;
		*value = *value * 60 + part;
		part = digits = 0;
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

/* 1e3 is 1000; of large ones the text. */
static str power_text(struct arena *a, str s)
{
	size_t e = 0;
	int64_t zeros;
	while (s.p[e] != 'e' && s.p[e] != 'E')
		e++;
	str digits = str_sub(s, 0, e);
	while (digits.n > 1 && digits.p[0] == '0')
		digits = str_sub(digits, 1, digits.n);
	if (str_eq(digits, S("0")))
		return digits;
	if (!str_to_i64(str_sub(s, e + 1, s.n), &zeros) || zeros > 15)
		return s;
	return str_printf(a, "%.*s%.*s", STR_ARG(digits), (int)zeros, "000000000000000");
}

/* To YAML 1.2 a zero in front is nothing. */
static str decimal_text(struct arena *a, str s)
{
	bool sign = s.p[0] == '-' || s.p[0] == '+';
	size_t i = sign;
	while (i + 1 < s.n && s.p[i] == '0' && s.p[i + 1] >= '0' && s.p[i + 1] <= '9')
		i++;
	return i == sign ? s : str_printf(a, "%s%.*s", s.p[0] == '-' ? "-" : "", STR_ARG(str_sub(s, i, s.n)));
}

static str reading(struct arena *a, str text, enum yaml_version v)
{
	bool truth = false;
	enum kind k = scalar_kind(text, v, &truth);
	if (k == NODE_BOOL)
		return truth ? S("true") : S("false");
	if (k == NODE_NULL)
		return S("null");
	if (k == NODE_STRING)
		return str_printf(a, "the string \"%.*s\"", STR_ARG(text));
	if (v == YAML_1_2 && k == NODE_INT)
		text = decimal_text(a, text);
	struct node n = { .kind = (uint8_t)k, .text = text.p, .n = (uint32_t)text.n };
	return str_printf(a, "the number %.*s", STR_ARG(node_number_text(a, &n)));
}

/* ---- which they are --------------------------------------------------------------- */
static str pointer_to(struct arena *a, const struct at *at)
{
	if (!at)
		return (str){ "", 0 };
	str up = pointer_to(a, at->up);
	return at->entry ? pointer_add_key(a, up, entry_key(at->entry)) : pointer_add_index(a, up, at->index);
}

static bool hidden(const struct node *n, const struct at *at)
{
	const struct at *named = at->entry || !at->up ? at : at->up;
	if (named->entry && secret_hides(named->in, entry_key(named->entry), n))
		return true;
	for (; at; at = at->up)
		if (at->entry && secret_hides_below(at->in, entry_key(at->entry)))
			return true;
	return false;
}

static void look_at(struct scalars *x, struct node *n, const struct at *at)
{
	str text = node_text(n);
	uint64_t number;
	bool truth, sixty = n->kind == NODE_STRING && text.n <= LONGEST && is_base_60(text, &number), power = n->kind == NODE_FLOAT && is_power(text);
	findings_count(x->findings, FAMILY_SCALARS, 1);
	if (!sixty && !power && (text.n > LONGEST || !scalar_is_ambiguous(text)))
		return;
	struct scalar *s = VEC_ADD(x->a, &x->list);
	*s = (struct scalar){ .node = n, .path = pointer_to(x->a, at), .other = sixty ? NODE_INT : power ? NODE_STRING : scalar_kind(text, YAML_1_2, &truth) };
	s->reading = sixty ? READ_BASE_60 : power ? READ_POWER : READ_VERSIONS;
	if (s->reading == READ_VERSIONS && str_eq(reading(x->a, text, YAML_KUBERNETES), reading(x->a, text, YAML_1_2)))
		s->reading = READ_ZEROS;
	s->hidden = hidden(n, at);
	s->mode = at->entry && str_ends(entry_key(at->entry), S("ode"));
}

static void look_below(struct scalars *x, struct node *n, const struct at *up)
{
	for (size_t i = 0; n->kind >= NODE_SEQ && i < n->n; i++) {
		struct at here = { up, n, n->kind == NODE_MAP ? &n->entries[i] : NULL, i };
		struct node *v = here.entry ? here.entry->value : n->items[i];
		if (v->kind >= NODE_SEQ)
			look_below(x, v, &here);
		else if (v->style == STYLE_PLAIN && v->kind != NODE_NULL && !(v->flags & NODE_JSON))
			look_at(x, v, &here);
	}
}

struct scalars *scalars_find(struct findings *f, struct arena *a, struct node *doc)
{
	struct scalars *x = NEW(a, struct scalars);
	x->findings = f;
	x->a = a;
	look_below(x, doc, NULL);
	return x;
}

/* ---- what a schema says -------------------------------------------------------------- */
static bool same_pos(struct pos x, struct pos y)
{
	return x.line == y.line && x.col == y.col && str_eq(str_of(x.file), str_of(y.file));
}

static bool refused(struct schema_checker *c, const struct schema *s, struct node *root, const struct node *n)
{
	const struct schema_error *e;
	size_t count;
	if (schema_check(c, s, root, &e, &count) != 0)
		return false;
	for (size_t i = 0; i < count; i++)
		if (same_pos(e[i].pos, node_pos(n)))
			return true;
	return false;
}

void scalars_ask(struct scalars *x, struct schema_checker *c, const struct schema *s, struct node *root)
{
	bool silent = c->silent, object = node_get(root, S("apiVersion")) != NULL;
	c->silent = true;
	for (size_t i = 0; i < x->list.n && i < ASKED; i++) {
		struct scalar *one = &x->list.p[i];
		if (one->said)
			continue;
		one->said = refused(c, s, root, one->node) || (object && one->mode); /* 0644: it is octal, and known to be */
		if (one->said || one->other == (enum kind)one->node->kind)
			continue;
		struct node was = *one->node;
		one->node->kind = (uint8_t)one->other;
		one->said = refused(c, s, root, one->node);
		*one->node = was;
	}
	c->silent = silent;
}

/* ---- what is left ----------------------------------------------------------------------- */
static str message(struct arena *a, const struct scalar *s)
{
	str text = node_text(s->node);
	uint64_t number = 0;
	if (s->hidden)
		return S("readers of YAML take this value (not shown) for different things; quote it");
	switch (s->reading) {
	case READ_BASE_60:
		is_base_60(text, &number);
		return str_printf(a, "Kubernetes and YAML 1.2 read %.*s as a string, some readers of YAML 1.1 as the number %s%llu (to base 60); quote it", STR_ARG(text),
				  text.p[0] == '-' ? "-" : "", (unsigned long long)number);
	case READ_POWER:
		return str_printf(a, "Kubernetes and YAML 1.2 read %.*s as the number %.*s, YAML 1.1 as a string; quote it if it is a name or a hash", STR_ARG(text),
				  STR_ARG(power_text(a, text)));
	case READ_ZEROS:
		return str_printf(a, "Kubernetes and YAML 1.2 read %.*s as %.*s: its zeros are lost; quote it if they count", STR_ARG(text),
				  STR_ARG(reading(a, text, YAML_KUBERNETES)));
	case READ_VERSIONS:
		break;
	}
	return str_printf(a, "Kubernetes reads %.*s as %.*s, YAML 1.2 as %.*s; write what is meant, or quote it", STR_ARG(text),
			  STR_ARG(reading(a, text, YAML_KUBERNETES)), STR_ARG(reading(a, text, YAML_1_2)));
}

void scalars_report(struct scalars *x)
{
	for (size_t i = 0; i < x->list.n; i++) {
		const struct scalar *s = &x->list.p[i];
		struct finding f = { .severity = SEV_WARNING, .rule = "ambiguous-scalar", .pos = node_pos(s->node), .path = s->path };
		if (s->said)
			continue;
		f.message = message(x->a, s);
		findings_put(x->findings, &f);
	}
}
