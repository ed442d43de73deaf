/* SPDX-License-Identifier: MIT */
/* Replacements: a value of one resource into fields of others. */
#include <string.h>

#include "kustomize/internal.h"

struct field_path {
	str *parts;
	size_t n;
};

/* a.b.[name=x].0.*, with \. for a dot in a name, or brackets around a name that holds dots. */
static struct field_path split(struct arena *a, str s)
{
	struct {
		str *p;
		size_t n, cap;
	} v = { 0 };
	struct buf b = BUF(a);

	for (size_t i = 0; i <= s.n; i++) {
		if (i < s.n && s.p[i] == '\\' && i + 1 < s.n) {
			buf_char(&b, s.p[++i]);
		} else if (i < s.n && s.p[i] == '[') {
			size_t end = i;
			while (end < s.n && s.p[end] != ']')
				end++;
			str inner = str_sub(s, i + 1, end);
			bool match = str_chr(inner, '=') >= 0;
			buf_add(&b, match ? str_sub(s, i, end + 1) : inner);
			i = end;
		} else if (i == s.n || s.p[i] == '.') {
			*VEC_ADD(a, &v) = buf_str(&b);
			b = BUF(a);
		} else {
			buf_char(&b, s.p[i]);
		}
	}
	return (struct field_path){ v.p, v.n };
}

struct target {
	struct layer *l;
	const struct node *value, *options;
	const struct node *at;
	size_t hits;
};

static bool item_matches(const struct node *item, str cond)
{
	ptrdiff_t eq = str_chr(cond, '=');
	str key = str_sub(cond, 0, (size_t)eq), want = str_sub(cond, (size_t)eq + 1, cond.n);

	return key.n ? str_eq(node_str(node_get(item, key)), want) : str_eq(node_str(item), want);
}

/* The value in place of the field's, or of its part between delimiters. */
static struct node *replaced(struct target *t, const struct node *old)
{
	struct arena *a = t->l->b->a;
	str delimiter = node_get_str(t->options, S("delimiter"));
	struct node *value = node_copy(a, t->value);
	int64_t index = 0;

	if (delimiter.n && old) {
		struct buf b = BUF(a);
		str rest = node_str(old), text = node_str(value);
		size_t i = 0;
		bool done = false;
		if (node_get(t->options, S("index")))
			node_to_i64(node_get(t->options, S("index")), &index);
		if (index < 0) {
			buf_add(&b, text);
			buf_add(&b, delimiter);
			done = true;
		}
		for (;; i++) {
			ptrdiff_t at = str_find(rest, delimiter);
			bool here = !done && (int64_t)i == index;
			buf_add(&b, here ? text : at < 0 ? rest : str_sub(rest, 0, (size_t)at));
			done |= here;
			if (at < 0)
				break;
			buf_add(&b, delimiter);
			rest = str_sub(rest, (size_t)at + delimiter.n, rest.n);
		}
		if (!done) {
			buf_add(&b, delimiter);
			buf_add(&b, text);
		}
		return node_at(node_string(a, buf_str(&b)), t->value);
	}
	/* A scalar keeps the type of the field that it replaces. */
	if (old && old->kind == NODE_STRING && value->kind < NODE_STRING)
		return node_at(node_string(a, node_text(value)), t->value);
	return value;
}

static int put_at(struct target *t, struct node **slot, const struct field_path *p, size_t i);

static int put_in_map(struct target *t, struct node *n, const struct field_path *p, size_t i)
{
	struct arena *a = t->l->b->a;
	struct entry *e = node_entry(n, p->parts[i]);

	if (str_eq(p->parts[i], S("*"))) {
		for (uint32_t k = 0; k < n->n; k++)
			if (put_at(t, &n->entries[k].value, p, i + 1) < 0)
				return -1;
		return 0;
	}
	if (!e && !node_true(node_get(t->options, S("create"))))
		return 0;
	if (!e) {
		bool last = i + 1 == p->n, list = !last && str_starts(p->parts[i + 1], S("["));
		e = node_put(a, n, p->parts[i], last ? node_scalar(a, NODE_NULL, S("null")) : node_at(node_new(a, list ? NODE_SEQ : NODE_MAP), t->at));
	}
	return put_at(t, &e->value, p, i + 1);
}

static int put_in_list(struct target *t, struct node *n, const struct field_path *p, size_t i)
{
	str part = p->parts[i];
	int64_t index;

	for (uint32_t k = 0; k < n->n; k++) {
		bool cond = str_starts(part, S("[")) && str_ends(part, S("]"));
		bool hit = str_eq(part, S("*")) || (cond && item_matches(n->items[k], str_sub(part, 1, part.n - 1))) ||
			   (str_to_i64(part, &index) && index == (int64_t)k);
		if (hit && put_at(t, &n->items[k], p, i + 1) < 0)
			return -1;
	}
	return 0;
}

static int put_at(struct target *t, struct node **slot, const struct field_path *p, size_t i)
{
	if (i == p->n) {
		*slot = replaced(t, (*slot)->kind == NODE_NULL ? NULL : *slot);
		t->hits++;
		return 0;
	}
	if ((*slot)->kind == NODE_MAP)
		return put_in_map(t, *slot, p, i);
	if ((*slot)->kind == NODE_SEQ)
		return put_in_list(t, *slot, p, i);
	return 0;
}

static struct node *get_at(struct node *n, const struct field_path *p, size_t i)
{
	int64_t index;

	if (!n || i == p->n)
		return n;
	if (n->kind == NODE_MAP)
		return get_at(node_get(n, p->parts[i]), p, i + 1);
	for (uint32_t k = 0; n->kind == NODE_SEQ && k < n->n; k++) {
		str part = p->parts[i];
		bool cond = str_starts(part, S("[")) && str_chr(part, '=') > 0;
		if (cond ? item_matches(n->items[k], str_sub(part, 1, part.n - 1)) : str_to_i64(part, &index) && index == (int64_t)k)
			return get_at(n->items[k], p, i + 1);
	}
	return NULL;
}

/* ---- sources and targets ------------------------------------------------------------------------- */
static int source_value(struct layer *l, const struct node *source, const struct node **out)
{
	struct build *b = l->b;
	str path = node_get_str(source, S("fieldPath")), delimiter = node_get_str(node_get(source, S("options")), S("delimiter"));
	struct resource *found = NULL;
	int64_t index = 0;

	for (size_t i = 0; i < l->all->n; i++) {
		int hit = is_selected(b, source, l->all->p[i]);
		if (hit < 0)
			return -1;
		if (hit && found)
			return diag_trouble(b->diag, node_pos(source), "kustomize", "several resources are the source of this replacement");
		if (hit)
			found = l->all->p[i];
	}
	if (!found)
		return diag_trouble(b->diag, node_pos(source), "kustomize", "no resource is the source of this replacement");
	struct field_path p = split(b->a, path.n ? path : S("metadata.name"));
	const struct node *n = get_at(found->object, &p, 0);
	if (!n || n->kind == NODE_NULL)
		return diag_trouble(b->diag, node_pos(source), "kustomize", "the source has no %.*s", STR_ARG(path));
	if (delimiter.n) {
		str rest = node_str(n);
		if (node_get(node_get(source, S("options")), S("index")))
			node_to_i64(node_get(node_get(source, S("options")), S("index")), &index);
		ptrdiff_t at = str_find(rest, delimiter);
		for (; index > 0 && at >= 0; index--, at = str_find(rest, delimiter))
			rest = str_sub(rest, (size_t)at + delimiter.n, rest.n);
		if (index != 0)
			return diag_trouble(b->diag, node_pos(source), "kustomize", "the value has fewer parts than index says");
		n = node_at(node_string(b->a, at < 0 ? rest : str_sub(rest, 0, (size_t)at)), n);
	}
	*out = n;
	return 0;
}

static int rejected(struct build *b, const struct node *target, const struct resource *r)
{
	const struct node *list = node_get(target, S("reject"));
	int hit = 0;

	for (uint32_t i = 0; node_is(list, NODE_SEQ) && i < list->n && hit == 0; i++)
		hit = is_selected(b, list->items[i], r);
	return hit;
}

static int put_targets(struct layer *l, const struct node *target, const struct node *value)
{
	struct build *b = l->b;
	const struct node *paths = node_get(target, S("fieldPaths")), *select = node_get(target, S("select"));

	if (!select)
		return diag_trouble(b->diag, node_pos(target), "kustomize", "a target needs select");
	for (size_t i = 0; i < l->all->n; i++) {
		int hit = is_selected(b, select, l->all->p[i]);
		int no = hit > 0 ? rejected(b, target, l->all->p[i]) : 0;
		if (hit < 0 || no < 0)
			return -1;
		if (!hit || no)
			continue;
		rename_from(b, l->all->p[i]);
		for (uint32_t k = 0; k < (node_is(paths, NODE_SEQ) ? paths->n : 1); k++) {
			str text = node_is(paths, NODE_SEQ) ? node_str(paths->items[k]) : S("metadata.name");
			struct field_path p = split(b->a, text);
			struct target t = { .l = l, .value = value, .options = node_get(target, S("options")), .at = value };
			if (put_at(&t, &l->all->p[i]->object, &p, 0) < 0)
				return -1;
			if (t.hits == 0)
				return diag_trouble(b->diag, node_pos(target), "kustomize", "%.*s \"%.*s\" has no %.*s to replace; options.create makes it",
						    STR_ARG(node_get_str(l->all->p[i]->object, S("kind"))), STR_ARG(name_of(l->all->p[i]->object)), STR_ARG(text));
		}
	}
	return 0;
}

static int apply_one(struct layer *l, const struct node *n)
{
	const struct node *source = node_get(n, S("source")), *value = node_get(n, S("sourceValue")), *targets = node_get(n, S("targets"));

	if (!source == !value || !node_is(targets, NODE_SEQ))
		return diag_trouble(l->b->diag, node_pos(n), "kustomize", "a replacement wants a source and targets");
	if (source && source_value(l, source, &value) < 0)
		return -1;
	for (uint32_t i = 0; i < targets->n; i++)
		if (put_targets(l, targets->items[i], value) < 0)
			return -1;
	return 0;
}

int apply_replacements(struct layer *l, const struct node *list)
{
	for (uint32_t i = 0; node_is(list, NODE_SEQ) && i < list->n; i++) {
		const struct node *n = list->items[i], *path = node_get(n, S("path"));
		struct node *file;
		if (!path) {
			if (apply_one(l, n) < 0)
				return -1;
			continue;
		}
		if (read_file(l->b->a, l->b->diag, &l->b->o->read, layer_path(l, node_str(path)), &file) < 0)
			return -1;
		if (node_is(file, NODE_MAP) && node_is(node_get(file, S("replacements")), NODE_SEQ))
			file = node_get(file, S("replacements"));
		if (file->kind == NODE_MAP ? apply_one(l, file) < 0 : apply_replacements(l, file) < 0)
			return -1;
	}
	return 0;
}
