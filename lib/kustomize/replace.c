/* SPDX-License-Identifier: MIT */
/* Replacements: a value of one resource into fields of others. */
#include <string.h>

#include "kustomize/internal.h"

/* ---- paths ------------------------------------------------------------------------------ */
str *path_parts(struct arena *a, str s, size_t *n)
{
	struct {
		str *p;
		size_t n, cap;
	} v = { 0 };
	struct buf b = BUF(a);

	if (s.n > 1 && s.p[0] == '.')
		s = str_sub(s, 1, s.n);
	for (size_t i = 0; i <= s.n; i++) {
		if (i < s.n && s.p[i] == '\\' && i + 1 < s.n && s.p[i + 1] == '.') {
			buf_char(&b, s.p[++i]);
		} else if (i < s.n && s.p[i] == '[' && b.n == 0) {
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
	*n = v.n;
	return v.p;
}

/* [key=value] cut in two; false: it is no such part. */
static bool condition(str part, str *key, str *value)
{
	ptrdiff_t eq = str_chr(part, '=');

	if (!str_starts(part, S("[")) || !str_ends(part, S("]")) || eq < 0)
		return false;
	*key = str_sub(part, 1, (size_t)eq);
	*value = str_sub(part, (size_t)eq + 1, part.n - 1);
	return true;
}

struct node *path_value(struct node *n, const str *parts, size_t count)
{
	int64_t index;
	str key, want;

	if (!n || count == 0)
		return n;
	if (n->kind == NODE_MAP)
		return path_value(node_get(n, parts[0]), parts + 1, count - 1);
	bool cond = condition(parts[0], &key, &want), number = !cond && str_to_i64(parts[0], &index);
	for (uint32_t k = 0; n->kind == NODE_SEQ && k < n->n; k++)
		if (cond ? str_eq(node_str(key.n ? node_get(n->items[k], key) : n->items[k]), want) : number && index == (int64_t)k)
			return path_value(n->items[k], parts + 1, count - 1);
	if (n->kind == NODE_SEQ && str_eq(parts[0], S("-")) && n->n)
		return path_value(n->items[n->n - 1], parts + 1, count - 1);
	return NULL;
}

/* ---- the value into a field ---------------------------------------------------------------- */
struct target {
	struct layer *l;
	const struct node *value, *options, *at;
	const str *parts;
	size_t n, hits;
	bool create;
};

static int with_delimiter(struct target *t, str delimiter, const struct node *old, struct node **out)
{
	struct buf b = BUF(t->l->b->a);
	str rest = node_str(old), text = node_str(t->value);
	int64_t index = 0;
	bool done = false;

	if (old->kind >= NODE_SEQ || t->value->kind >= NODE_SEQ)
		return diag_trouble(t->l->b->diag, node_pos(t->at), "kustomize", "a delimiter goes with texts and numbers only");
	if (node_get(t->options, S("index")))
		node_to_i64(node_get(t->options, S("index")), &index);
	if (index < 0) {
		buf_add(&b, text);
		buf_add(&b, delimiter);
		done = true;
	}
	for (int64_t i = 0;; i++) {
		ptrdiff_t at = str_find(rest, delimiter);
		bool here = !done && i == index;
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
	*out = node_at(node_string(t->l->b->a, buf_str(&b)), t->value);
	return 0;
}

/* The value in place of the field's, or of its part between delimiters; a scalar takes the type of the field. */
static int replaced(struct target *t, const struct node *old, struct node **out)
{
	struct arena *a = t->l->b->a;
	str delimiter = node_get_str(t->options, S("delimiter"));
	bool truth;

	if (spend(t->l->b, t->value, delimiter.n ? node_str(old).n + node_str(t->value).n : 0, node_pos(t->at)) < 0)
		return -1;
	*out = node_copy(a, t->value);
	if (delimiter.n && with_delimiter(t, delimiter, old, out) < 0)
		return -1;
	if (old->kind >= NODE_SEQ || (*out)->kind >= NODE_SEQ)
		return 0;
	if (old->kind == NODE_STRING && (*out)->kind != NODE_STRING)
		*out = node_at(node_string(a, node_str(*out)), t->value);
	/* Of a field that was made, too: kustomize writes the text and has it read again. */
	if (old->kind != NODE_STRING && (old->kind != NODE_NULL || (old->flags & NODE_EMPTY)) && (*out)->kind == NODE_STRING) {
		enum kind k = scalar_kind(node_text(*out), YAML_KUBERNETES, &truth);
		if (k == NODE_BOOL)
			*out = node_at(node_bool(a, truth), t->value);
		else if (k != NODE_STRING)
			*out = node_at(node_scalar(a, k, node_text(*out)), t->value);
	}
	return 0;
}

static int put_at(struct target *t, struct node **slot, size_t i);

static struct node *made(struct target *t, size_t next)
{
	struct arena *a = t->l->b->a;
	str key, value;

	if (next == t->n) {
		struct node *n = node_scalar(a, NODE_NULL, S("null"));
		n->flags |= NODE_EMPTY;
		return node_at(n, t->value);
	}
	int64_t index;
	bool list = condition(t->parts[next], &key, &value) || str_to_i64(t->parts[next], &index);
	return node_at(node_new(a, list ? NODE_SEQ : NODE_MAP), t->at);
}

static int put_in_map(struct target *t, struct node *n, size_t i)
{
	struct entry *e = node_entry(n, t->parts[i]);

	if (!e && str_eq(t->parts[i], S("*"))) {
		for (uint32_t k = 0; k < n->n; k++)
			if (put_at(t, &n->entries[k].value, i + 1) < 0)
				return -1;
		return 0;
	}
	if (!e && !t->create)
		return 0;
	if (!e || (e->value->kind == NODE_NULL && t->create && i + 1 < t->n))
		e = node_put(t->l->b->a, n, t->parts[i], made(t, i + 1));
	return put_at(t, &e->value, i + 1);
}

/* Items whose key matches: the text within the brackets is a regular expression, found anywhere in the value. */
static int put_matching(struct target *t, struct node *n, str key, str want, size_t i)
{
	struct arena *a = t->l->b->a;
	struct pattern p;
	size_t before = t->hits;

	if (pattern_compile(t->l->b, node_at(node_string(a, str_printf(a, ".*%.*s.*", STR_ARG(want))), t->at), NULL, &p) < 0)
		return -1;
	for (uint32_t k = 0; k < n->n; k++) {
		const struct node *v = key.n ? node_get(n->items[k], key) : n->items[k];
		if (v && v->kind < NODE_SEQ && pattern_matches(&p, node_str(v)) && put_at(t, &n->items[k], i + 1) < 0)
			return -1;
	}
	if (t->hits != before || !t->create)
		return 0;
	struct node *item = key.n ? node_at(node_new(a, NODE_MAP), t->at) : node_at(node_string(a, want), t->at);
	if (key.n)
		node_put(a, item, key, node_at(node_string(a, want), t->at));
	node_push(a, n, item);
	return put_at(t, &n->items[n->n - 1], i + 1);
}

static int put_in_list(struct target *t, struct node *n, size_t i)
{
	str part = t->parts[i], key, want;
	int64_t index;

	if (condition(part, &key, &want))
		return put_matching(t, n, key, want, i);
	if (str_eq(part, S("*"))) {
		for (uint32_t k = 0; k < n->n; k++)
			if (put_at(t, &n->items[k], i + 1) < 0)
				return -1;
		return 0;
	}
	if (!str_to_i64(part, &index) || index < 0)
		return 0;
	if (index == (int64_t)n->n && t->create)
		node_push(t->l->b->a, n, made(t, i + 1));
	if (index >= (int64_t)n->n)
		return diag_trouble(t->l->b->diag, node_pos(t->at), "kustomize", "there is no item %lld, only %u", (long long)index, n->n);
	return put_at(t, &n->items[index], i + 1);
}

/* The path goes on into a text that is itself JSON or YAML. */
static int put_in_text(struct target *t, struct node **slot, size_t i)
{
	struct arena *a = t->l->b->a;
	const char *file = (*slot)->source ? (*slot)->source->name : "(text)";
	str text = node_text(*slot), fresh_text;
	struct node *doc, *fresh;
	struct diag quiet;
	size_t before = t->hits;

	diag_fork(&quiet, t->l->b->diag, a); /* never joined: a text that cannot be read is none of these */
	if (read_text(a, &quiet, &t->l->b->o->read, file, text, &doc) < 0 || doc->kind < NODE_SEQ)
		return 0;
	fresh = node_copy(a, doc);
	if (put_at(t, &fresh, i) < 0)
		return -1;
	if (t->hits == before)
		return 0;
	if (spend(t->l->b, fresh, text.n, node_pos(t->at)) < 0)
		return -1;
	str head = str_trim(text);
	if (str_starts(head, S("{")) || str_starts(head, S("["))) {
		struct buf b = BUF(a);
		go_json(a, &b, fresh, str_chr(text, '\n') >= 0 && str_find(text, S("  ")) >= 0 ? 0 : -1);
		fresh_text = buf_str(&b);
	} else if (edit_text(a, &quiet, &t->l->b->o->read, file, text, &doc, &fresh, 1, &fresh_text) < 0) {
		fresh_text = yaml_text(a, fresh);
	}
	*slot = node_at(node_string(a, str_trim(fresh_text)), *slot);
	return 0;
}

static int put_at(struct target *t, struct node **slot, size_t i)
{
	if (i == t->n) {
		t->hits++;
		return replaced(t, *slot, slot);
	}
	if ((*slot)->kind == NODE_MAP)
		return put_in_map(t, *slot, i);
	if ((*slot)->kind == NODE_SEQ)
		return put_in_list(t, *slot, i);
	return (*slot)->kind == NODE_STRING ? put_in_text(t, slot, i) : 0;
}

/* ---- sources ------------------------------------------------------------------------------------- */
static bool is_source(const struct node *s, const struct past *id)
{
	static const char *const keys[] = { "group", "version", "kind", "name" };
	const str have[] = { id->group, id->version, id->kind, id->name };

	for (size_t i = 0; i < COUNT(keys); i++) {
		str want = node_get_str(s, str_of(keys[i]));
		if (want.n && !str_eq(want, have[i]))
			return false;
	}
	const struct past at = { .ns = node_get_str(s, S("namespace")), .cluster = id->cluster };
	return at.ns.n == 0 || str_eq(effective_namespace(&at), effective_namespace(id));
}

static struct resource *find_source(struct layer *l, const struct node *source)
{
	str name = node_get_str(source, S("name"));
	const struct resources *among = name.n ? called(l->b, l->all, name) : l->all;
	struct resource *found = NULL;

	for (size_t i = 0; among && i < among->n; i++) {
		struct resource *r = among->p[i];
		bool hit = is_source(source, id_of(l->b, r));
		for (size_t k = 0; k < r->past.n && !hit; k++)
			hit = is_source(source, &r->past.p[k]);
		if (hit && found) {
			diag_trouble(l->b->diag, node_pos(source), "kustomize", "several resources are the source of this replacement");
			return NULL;
		}
		found = hit ? r : found;
	}
	if (!found)
		diag_trouble(l->b->diag, node_pos(source), "kustomize", "no resource is the source of this replacement");
	return found;
}

/* The part of n between delimiters that the options ask for. */
static int source_part(struct layer *l, const struct node *options, const struct node **n)
{
	str delimiter = node_get_str(options, S("delimiter")), rest = node_str(*n);
	int64_t index = 0;

	if (!delimiter.n)
		return 0;
	if ((*n)->kind >= NODE_SEQ)
		return diag_trouble(l->b->diag, node_pos(options), "kustomize", "a delimiter goes with texts and numbers only");
	if (node_get(options, S("index")))
		node_to_i64(node_get(options, S("index")), &index);
	ptrdiff_t at = str_find(rest, delimiter);
	for (; index > 0 && at >= 0; index--, at = str_find(rest, delimiter))
		rest = str_sub(rest, (size_t)at + delimiter.n, rest.n);
	if (index != 0)
		return diag_trouble(l->b->diag, node_pos(options), "kustomize", "\"%.*s\" has no part of that index", STR_ARG(node_str(*n)));
	*n = node_at(node_string(l->b->a, at < 0 ? rest : str_sub(rest, 0, (size_t)at)), *n);
	return 0;
}

static int source_value(struct layer *l, const struct node *source, const struct node **out)
{
	struct resource *from = find_source(l, source);
	str path = node_get_str(source, S("fieldPath"));
	size_t n;

	if (!from)
		return -1;
	if (!path.n)
		path = S("metadata.name");
	const str *parts = path_parts(l->b->a, path, &n);
	*out = path_value(from->object, parts, n);
	if (!*out || (*out)->kind == NODE_NULL || ((*out)->kind >= NODE_STRING && (*out)->n == 0))
		return diag_trouble(l->b->diag, node_pos(source), "kustomize", "the source, %.*s \"%.*s\", has no %.*s", STR_ARG(id_of(l->b, from)->kind),
				    STR_ARG(id_of(l->b, from)->name), STR_ARG(path));
	return source_part(l, node_get(source, S("options")), out);
}

/* ---- targets --------------------------------------------------------------------------------------- */
static int rejected(struct build *b, const struct selector *s, size_t n, struct resource *r)
{
	for (size_t i = 0; i < n; i++) {
		if ((s[i].labels.n || s[i].annotations.n) && selector_labels(&s[i], r))
			return 1;
		if (!selector_is_empty(&s[i]) && selects_any_id(b, &s[i], r))
			return 1;
	}
	return 0;
}

static int put_in(struct layer *l, struct resource *r, const struct node *target, const struct node *value)
{
	const struct node *paths = node_get(target, S("fieldPaths")), *options = node_get(target, S("options"));
	struct target t = { .l = l, .value = value, .options = options, .create = node_true(node_get(options, S("create"))) };

	for (uint32_t k = 0; k < (paths && paths->n ? paths->n : 1); k++) {
		t.at = paths && paths->n ? paths->items[k] : target;
		str text = paths && paths->n ? node_str(t.at) : S("metadata.name");
		t.parts = path_parts(l->b->a, text, &t.n);
		t.hits = 0;
		if (t.n > KUSTOMIZE_MAX_PATH)
			return diag_trouble(l->b->diag, node_pos(t.at), "limit", "a path has at most %d parts", KUSTOMIZE_MAX_PATH);
		if (put_at(&t, &r->object, 0) < 0)
			return -1;
		if (t.hits == 0)
			return diag_trouble(l->b->diag, node_pos(t.at), "kustomize", "%.*s \"%.*s\" has no %.*s to replace; options.create makes it",
					    STR_ARG(id_of(l->b, r)->kind), STR_ARG(id_of(l->b, r)->name), STR_ARG(text));
	}
	renamed(l->b, r);
	return value->kind < NODE_SEQ && !t.create ? 0 : check_depth(l->b, r->object, node_pos(target));
}

static int put_targets(struct layer *l, const struct node *target, const struct node *value)
{
	const struct node *select = node_get(target, S("select")), *reject = node_get(target, S("reject"));
	struct build *b = l->b;
	size_t n = reject ? reject->n : 0;
	struct selector s, *no = NEW_ARRAY(b->a, struct selector, n + 1);

	if (!select)
		return diag_trouble(b->diag, node_pos(target), "kustomize", "a target needs select");
	if (selector_compile(b, select, &s) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (selector_compile(b, reject->items[i], &no[i]) < 0)
			return -1;
	const struct resources *among = candidates(b, &s, l->all);
	for (size_t i = 0; i < among->n; i++) {
		struct resource *r = among->p[i];
		if (selects_any_id(b, &s, r) && selector_labels(&s, r) && !rejected(b, no, n, r) && put_in(l, r, target, value) < 0)
			return -1;
	}
	return 0;
}

static int apply_one(struct layer *l, const struct node *n)
{
	const struct node *source = node_get(n, S("source")), *value = node_get(n, S("sourceValue")), *targets = node_get(n, S("targets"));

	if (!source == !value || !node_is(targets, NODE_SEQ))
		return diag_trouble(l->b->diag, node_pos(n), "kustomize", "a replacement wants either a source or a sourceValue, and targets");
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
		const struct node *n = list->items[i], *at = node_get(n, S("path"));
		struct node *file;
		if (!at) {
			if (apply_one(l, n) < 0)
				return -1;
			continue;
		}
		if (node_get(n, S("source")) || node_get(n, S("targets")))
			return diag_trouble(l->b->diag, node_pos(n), "kustomize", "a replacement is either written here or in the file of path");
		const char *path = layer_file(l, at, node_str(at));
		if (!path || read_file(l->b->a, l->b->diag, &l->b->o->read, path, &file) < 0)
			return -1;
		if (file->kind == NODE_MAP ? apply_one(l, file) < 0 : apply_replacements(l, file) < 0)
			return -1;
	}
	return 0;
}
