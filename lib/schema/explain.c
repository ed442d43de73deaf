/* SPDX-License-Identifier: MIT */
/* Errors that people can use: where, what was expected, what was found, and the nearest right spelling. */
#include "schema/internal.h"
#include "schema/secrets.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { NAMES = 2000 }; /* as many are looked at for one that was meant */

int explain_depth(const struct frame *at)
{
	int n = 0;
	for (; at; at = at->up)
		n++;
	return n;
}

static void add_pointer(struct arena *a, str *p, const struct frame *at)
{
	if (!at)
		return;
	add_pointer(a, p, at->up);
	*p = at->entry ? pointer_add_key(a, *p, entry_key(at->entry)) : pointer_add_index(a, *p, at->index);
}

static bool plain_key(str key)
{
	for (size_t i = 0; i < key.n; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-$", key.p[i]))
			return false;
	return key.n > 0;
}

/* spec.containers[0]."a.b" */
static void add_path(struct buf *b, const struct frame *at)
{
	if (!at)
		return;
	add_path(b, at->up);
	if (!at->entry) {
		buf_printf(b, "[%u]", (unsigned)at->index);
		return;
	}
	str key = entry_key(at->entry);
	if (b->n)
		buf_char(b, '.');
	if (plain_key(key))
		buf_add(b, key);
	else
		buf_printf(b, "\"%.*s\"", STR_ARG(key));
}

/* The names that a schema gives to fields, those that its $ref and allOf give too. */
static void collect_names(struct arena *a, const struct sub *s, struct map *names, int depth)
{
	const struct object_rules *r = s->object;
	for (uint32_t i = 0; r && i <= r->mask && names->n < NAMES; i++)
		if (r->slots[i].sub)
			*map_at(a, names, r->slots[i].name) = r->slots[i].sub;
	for (size_t i = 0; i < s->nlogic && depth < 6; i++)
		for (size_t k = 0; k < s->logic[i].n && names->n < NAMES; k++)
			if (s->logic[i].op != LOGIC_NOT && s->logic[i].subs[k])
				collect_names(a, s->logic[i].subs[k], names, depth + 1);
}

/* The key that may be what is missing, where other fields are not refused; text ("the field "x" is required") says so. */
static const struct entry *misspelt(struct schema_checker *c, const struct sub *s, const struct node *n, char *text, size_t size)
{
	static const char begin[] = "the field \"";
	char *name = text + sizeof(begin) - 1, *end = strncmp(text, begin, sizeof(begin) - 1) == 0 ? strchr(name, '"') : NULL;
	struct map names = { 0 };
	str want = end ? str_sub(str_of(name), 0, (size_t)(end - name)) : (str){ 0 };
	if (!want.n || strcmp(end, "\" is required") != 0)
		return NULL;
	collect_names(&c->a, s, &names, 0);
	for (size_t i = 0; i < n->n && i < NAMES; i++) {
		str key = entry_key(&n->entries[i]);
		size_t length = strlen(text);
		if (map_get(&names, key) || !str_nearest(key, &want, 1).n)
			continue;
		snprintf(text + length, size - length, "; is it \"%.*s\" that was meant?", STR_ARG(key));
		return &n->entries[i];
	}
	return NULL;
}

bool explain(struct schema_checker *c, const struct sub *s, const char *keyword, const char *rule, const struct node *n,
	     const struct frame *at, const struct entry *entry, const char *fmt, ...)
{
	if (!c->collect || enough_errors(c))
		return false;
	c->collect = ++c->explained < EXPLAINED_MOST;
	struct node *where = node_get(s->node, str_of(keyword));
	if (!where)
		keyword = "";
	struct schema_error *e = VEC_ADD(&c->a, &c->errors);
	struct buf b = BUF(&c->a);
	va_list args;
	char text[1000];

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (!entry && n->kind == NODE_MAP && str_ends(str_of(rule), S("required")))
		entry = misspelt(c, s, n, text, sizeof(text));
	*e = (struct schema_error){ .rule = rule, .depth = explain_depth(at), .path = { "", 0 } };
	e->pos = entry ? (struct pos){ node_pos(n).file, entry->line, entry->col } : node_pos(n);
	if (entry && entry->value->source)
		e->pos.file = entry_pos(entry).file;
	e->schema = node_pos(where ? where : s->node);
	add_pointer(&c->a, &e->path, at);
	add_path(&b, at);
	if (b.n)
		buf_add(&b, S(": "));
	buf_add(&b, str_of(text));
	if (c->chain)
		buf_printf(&b, " (schema: %.*s)", STR_ARG(locate_chain(c, s, keyword)));
	e->message = str_copy(&c->a, buf_str(&b));
	e->text = str_copy(&c->a, str_of(text));
	if (c->output)
		e->at = locate(c, s, keyword, at, &e->way, &e->nway);
	return false;
}

/* ---- what was expected -------------------------------------------------------- */
str explain_type_names(struct arena *a, unsigned types)
{
	static const struct { unsigned bits; const char *name; } names[] = {
		{ T_OBJECT, "a map" }, { T_ARRAY, "a list" }, { T_STRING, "a string" }, { T_INTEGER | T_NUMBER, "a number" },
		{ T_INTEGER, "an integer" }, { T_NUMBER, "a number" }, { T_BOOL, "a boolean" }, { T_NULL, "null" },
	};
	struct buf b = BUF(a);
	if ((types & ~(unsigned)T_NULL) != 0)
		types &= ~(unsigned)T_NULL; /* null beside a type goes without saying */
	for (size_t i = 0; i < COUNT(names); i++) {
		if ((types & names[i].bits) != names[i].bits)
			continue;
		types &= ~names[i].bits;
		buf_printf(&b, "%s%s", !b.n ? "" : types ? ", " : " or ", names[i].name);
	}
	return buf_str(&b);
}

/* What makes a value of another type out of it; empty: nothing simple does. */
static str type_hint(struct arena *a, const struct node *n, unsigned wanted)
{
	bool truth, plain = !(n->flags & NODE_JSON) && n->line;
	str text = n->kind < NODE_SEQ && n->kind != NODE_NULL ? node_text(n) : S("");
	if (n->kind == NODE_STRING && wanted & (T_INTEGER | T_NUMBER | T_BOOL)) {
		enum kind k = scalar_kind(text, YAML_KUBERNETES, &truth);
		bool fits = (k == NODE_INT && wanted & T_INTEGER) || (k == NODE_FLOAT && wanted & T_NUMBER) || (k == NODE_BOOL && wanted & T_BOOL);
		if (fits && (n->style == STYLE_SINGLE || n->style == STYLE_DOUBLE || n->flags & NODE_JSON))
			return S("; leave the quotes off");
	}
	if (wanted & T_STRING && (n->kind == NODE_BOOL || n->kind == NODE_INT || n->kind == NODE_FLOAT) && plain)
		return str_printf(a, "; quote it: \"%.*s\"", STR_ARG(text));
	if (wanted == T_BOOL && n->kind < NODE_SEQ && n->kind != NODE_NULL)
		return S("; write true or false");
	if ((wanted & ~(unsigned)T_NULL) == T_ARRAY && n->kind == NODE_STRING && str_chr(text, ' ') >= 0)
		return S("; write it as a list");
	if ((wanted & ~(unsigned)T_NULL) == T_ARRAY && n->kind == NODE_STRING && text.n && text.n < 30 && value_is_line(text))
		return str_printf(a, "; write it as a list: [\"%.*s\"]", STR_ARG(text));
	if ((wanted & ~(unsigned)T_NULL) == T_ARRAY && n->kind == NODE_MAP && n->n)
		return S("; begin each item with \"- \"");
	return S("");
}

static bool hidden(const struct schema_checker *c, const struct node *n)
{
	return n->kind < NODE_SEQ && secret_hides_in(c->doc, n);
}

str explain_value(struct schema_checker *c, const struct node *n)
{
	return hidden(c, n) ? S("a value (not shown)") : value_show(&c->a, n);
}

str explain_number(struct schema_checker *c, const struct node *n)
{
	return hidden(c, n) ? S("a value (not shown)") : node_text(n);
}

/* 128MB, 1gb, 128 Mi, 0,5: the quantity that was meant. */
str explain_quantity(struct schema_checker *c, const struct schema_format *f, const struct node *n)
{
	static const char *const units[][2] = { { "kb", "k" }, { "mb", "M" }, { "gb", "G" }, { "tb", "T" }, { "kib", "Ki" }, { "mib", "Mi" }, { "gib", "Gi" },
		{ "tib", "Ti" }, { "ki", "Ki" }, { "gi", "Gi" }, { "k", "k" }, { "ti", "Ti" }, { "g", "G" }, { "t", "T" } };
	str text = node_text(n);
	size_t digits = 0, unit;
	if (strcmp(f->name, "quantity") != 0 || n->kind != NODE_STRING || hidden(c, n))
		return S("");
	while (digits < text.n && text.p[digits] && strchr("0123456789.,", text.p[digits]))
		digits++;
	for (unit = digits; unit < text.n && text.p[unit] == ' '; unit++)
		;
	struct buf b = BUF(&c->a);
	for (size_t i = 0; i < digits; i++)
		buf_char(&b, text.p[i] == ',' ? '.' : text.p[i]);
	str suffix = str_sub(text, unit, text.n);
	for (size_t i = 0; i < COUNT(units); i++)
		if (suffix.n == strlen(units[i][0]) && strncasecmp(suffix.p, units[i][0], suffix.n) == 0) {
			suffix = str_of(units[i][1]);
			break;
		}
	buf_add(&b, suffix);
	str better = buf_str(&b);
	return digits && kube_quantity_valid(better) && !str_eq(better, text) ? str_printf(&c->a, "; did you mean %.*s?", STR_ARG(better)) : S("");
}

/* A scalar that would not do in quotes either. */
static bool wants_pattern(struct schema_checker *c, const struct sub *s, const struct node *n)
{
	return n->kind < NODE_SEQ && n->kind != NODE_STRING && n->kind != NODE_NULL && s->string && s->string->pattern &&
	       regex_match(c->room, s->string->pattern, node_text(n)) == 0;
}

void explain_types(struct schema_checker *c, const struct sub *s, const char *keyword, unsigned types, const struct node *n, const struct frame *at)
{
	str names = explain_type_names(&c->a, types);
	if (hidden(c, n))
		explain(c, s, keyword, "type", n, at, NULL, "expected %.*s, found another kind of value (not shown)%s", STR_ARG(names),
			types & T_STRING ? "; quote it, if it is a string" : "");
	else
		explain(c, s, keyword, "type", n, at, NULL, "expected %.*s, found %.*s%.*s", STR_ARG(names), STR_ARG(value_show(&c->a, n)),
			STR_ARG(wants_pattern(c, s, n) ? str_printf(&c->a, "; it must match the pattern %.*s", STR_ARG(node_text(s->string->pattern_text))) : type_hint(&c->a, n, types)));
}

void explain_type(struct schema_checker *c, const struct sub *s, const struct node *n, const struct frame *at)
{
	explain_types(c, s, "type", s->types, n, at);
}

static str clip(str s)
{
	enum { WIDEST = 200 };
	size_t n = s.n;
	if (n > WIDEST)
		for (n = WIDEST; n && ((unsigned char)s.p[n] & 0xC0) == 0x80; n--)
			;
	return str_sub(s, 0, n);
}

void explain_list(struct arena *a, struct buf *b, struct node *const *p, size_t n)
{
	enum { SHOWN = 12, LARGE = 50 };
	for (size_t i = 0; i < n && i < SHOWN; i++) {
		const char *between = !i ? "" : i + 1 == n ? " or " : ", ";
		if (p[i]->kind == NODE_STRING)
			buf_printf(b, "%s\"%.*s\"", between, STR_ARG(clip(node_text(p[i]))));
		else
			buf_printf(b, "%s%.*s", between,
				   STR_ARG(clip(p[i]->kind < NODE_SEQ ? node_text(p[i]) : value_weigh(p[i], LARGE) < LARGE ? json_text(a, p[i]) : value_show(a, p[i]))));
	}
	if (n > SHOWN)
		buf_printf(b, " or %zu others", n - SHOWN);
}

static str nearest_choice(struct arena *a, const struct node *n, struct node *const *p, size_t count)
{
	str *names = NEW_ARRAY(a, str, count < NAMES ? count + 1 : NAMES);
	size_t k = 0;
	for (size_t i = 0; i < count && k < NAMES; i++)
		if (p[i]->kind == NODE_STRING)
			names[k++] = node_text(p[i]);
	return n->kind == NODE_STRING ? str_nearest(node_text(n), names, k) : (str){ 0 };
}

/* 1.10 where "1.10" is allowed, "3" where 3 is. */
static const char *quoting_hint(const struct node *n, struct node *const *p, size_t count)
{
	for (size_t i = 0; n->kind < NODE_SEQ && n->kind != NODE_NULL && i < count; i++) {
		bool same = p[i]->kind < NODE_SEQ && p[i]->kind != NODE_NULL && str_eq(node_text(p[i]), node_text(n));
		if (same && p[i]->kind == NODE_STRING && n->kind != NODE_STRING)
			return "; put it in quotes";
		if (same && p[i]->kind != NODE_STRING && n->kind == NODE_STRING)
			return "; leave the quotes off";
	}
	return "";
}

void explain_one_of(struct schema_checker *c, const struct sub *s, const char *keyword, struct node *const *p, size_t count,
		    const struct node *n, const struct frame *at)
{
	enum { FEW = 6 };
	struct buf b = BUF(&c->a);
	str near = count > 1 && !hidden(c, n) ? nearest_choice(&c->a, n, p, count) : (str){ 0 };
	if (near.n && count > FEW)
		buf_printf(&b, "%zu values", count);
	else
		explain_list(&c->a, &b, p, count);
	explain(c, s, keyword, keyword, n, at, NULL, "expected %s%.*s, found %.*s%s%.*s%s", count > 1 ? "one of " : "", STR_ARG(buf_str(&b)),
		STR_ARG(explain_value(c, n)), near.n ? "; did you mean \"" : "", STR_ARG(near),
		near.n ? "\"?" : hidden(c, n) ? "" : quoting_hint(n, p, count));
}

void explain_choices(struct schema_checker *c, const struct sub *s, const struct choices *e, const struct node *n, const struct frame *at)
{
	explain_one_of(c, s, e->keyword, e->p, e->n, n, at);
}

/* What the schema wants of a map, and is not there. */
static size_t missing_names(struct arena *a, const struct sub *s, const struct node *n, str **names)
{
	const struct object_rules *r = s->object;
	const struct node *more = s->api ? s->api->required : NULL;
	size_t k = 0, most = (r ? r->nrequired : 0) + (more ? more->n : 0);
	*names = NEW_ARRAY(a, str, most + 1);
	for (size_t i = 0; i < most; i++) {
		str name = r && i < r->nrequired ? r->required[i]->name : node_str(more->items[i - (r ? r->nrequired : 0)]);
		const struct node *v = node_get(n, name);
		if (!v || v->kind == NODE_NULL)
			(*names)[k++] = name;
	}
	return k;
}

static size_t unknown_fields(const struct node *n, const struct map *known)
{
	size_t k = 0;
	for (size_t i = 0; i < n->n; i++)
		k += !map_get(known, entry_key(&n->entries[i]));
	return k;
}

void explain_unknown(struct schema_checker *c, const struct sub *s, const struct node *n, const struct entry *e, const struct frame *at,
		     const char *keyword)
{
	struct map names = { 0 };
	if (enough_errors(c))
		return;
	collect_names(&c->a, s, &names, 0);
	str *list = NEW_ARRAY(&c->a, str, names.n + 1), *missing, near, meant;
	size_t k = 0, lacking = missing_names(&c->a, s, n, &missing);
	for (size_t i = 0; i < names.n; i++)
		if (!node_get(n, names.items[i].key)) /* a field that is there already is not meant */
			list[k++] = names.items[i].key;
	near = str_nearest(entry_key(e), missing, lacking);
	if (!near.n)
		near = str_nearest(entry_key(e), list, k);
	meant = near;
	if (!near.n && lacking == 1 && !str_starts(entry_key(e), S("$")) && unknown_fields(n, &names) == 1)
		meant = missing[0];
	struct frame here = { at, e, 0 };
	const struct object_rules *r = s->object;
	size_t before = c->errors.n;
	if (near.n)
		explain(c, s, keyword, "unknown-field", n, &here, e, "unknown field; did you mean \"%.*s\"?", STR_ARG(near));
	else if (meant.n)
		explain(c, s, keyword, "unknown-field", n, &here, e, "unknown field, and the required field \"%.*s\" is missing", STR_ARG(meant));
	else if (r && r->npatterns == 1 && !r->nproperties)
		explain(c, s, keyword, "unknown-field", n, &here, e, "no field may have this name: it does not match the pattern %.*s", STR_ARG(r->patterns[0].name));
	else
		explain(c, s, keyword, "unknown-field", n, &here, e, "unknown field");
	if (c->errors.n > before)
		c->errors.p[before].meant = meant;
}

/* Is it among the quoted names of a text? */
static bool names_field(str text, str name)
{
	for (ptrdiff_t at; (at = str_chr(text, '"')) >= 0; text = str_sub(text, (size_t)at + 1, text.n))
		if (str_starts(str_sub(text, (size_t)at + 1, text.n), name) && str_starts(str_sub(text, (size_t)at + 1 + name.n, text.n), S("\"")))
			return true;
	return false;
}

/* A field whose name is wrong is not missing, too: one mistake is told once. */
void explain_settle(struct errors *all)
{
	size_t kept = 0;
	for (size_t i = 0; i < all->n; i++) {
		const struct schema_error *e = &all->p[i];
		bool told = false;
		for (size_t k = 0; k < all->n && str_ends(str_of(e->rule), S("required")) && !told; k++) {
			const struct schema_error *u = &all->p[k];
			bool here = u->meant.n && u->depth == e->depth + 1 && str_starts(u->path, e->path) && str_chr(str_sub(u->path, e->path.n + 1, u->path.n), '/') < 0;
			told = here && names_field(e->text, u->meant);
		}
		if (!told)
			all->p[kept++] = *e;
	}
	all->n = kept;
}

/* not: {anyOf: [{required: [a]}, {required: [b]}]}: the one that is there. */
static const struct object_rules *refused_fields(const struct sub *not, const struct node *n)
{
	const struct logic *l = not->nlogic == 1 ? not->logic : NULL;
	for (size_t i = 0; l && (l->op == LOGIC_ANY || l->op == LOGIC_ONE) && i < l->n; i++) {
		const struct object_rules *r = l->subs[i]->object;
		if (r && r->nrequired == 1 && !r->nproperties && node_get(n, r->required[0]->name))
			return r;
	}
	return NULL;
}

void explain_not(struct schema_checker *c, const struct sub *s, const struct sub *not, const struct node *n, const struct frame *at)
{
	const struct object_rules *r = not->object;
	if (r && r->nrequired && !r->nproperties && !not->nlogic && !not->types) {
		struct buf b = BUF(&c->a);
		for (uint32_t i = 0; i < r->nrequired; i++)
			buf_printf(&b, "%s\"%.*s\"", i ? " and " : "", STR_ARG(r->required[i]->name));
		explain(c, s, "not", "not", n, at, NULL, "the field%s %.*s %s not allowed %s", r->nrequired > 1 ? "s" : "", STR_ARG(buf_str(&b)),
			r->nrequired > 1 ? "are" : "is", r->nrequired > 1 ? "together" : "here");
	} else if (not->choices || not->constant) {
		explain(c, s, "not", "not", n, at, NULL, "%.*s is not allowed here", STR_ARG(hidden(c, n) ? S("this value (not shown)") : value_show(&c->a, n)));
	} else if (not->types && !not->nlogic) {
		explain(c, s, "not", "not", n, at, NULL, "must not be %.*s", STR_ARG(explain_type_names(&c->a, not->types)));
	} else if (n->kind == NODE_MAP && (r = refused_fields(not, n))) {
		explain(c, s, "not", "not", n, at, NULL, "the field \"%.*s\" is not allowed here", STR_ARG(r->required[0]->name));
	} else {
		explain(c, s, "not", "not", n, at, NULL, "is of a form that `not` refuses");
	}
}
