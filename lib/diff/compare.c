/* SPDX-License-Identifier: MIT */
/* One desired object against one live object: a walk along both, led by desired. */
#include "diff/internal.h"

/* ---- where the walk stands ------------------------------------------------------ */

enum pointer_kind { AS_LIVE, AS_PATCH, AS_UNDO };

static str pointer_of(struct arena *a, const struct segment *s, size_t n, enum pointer_kind kind)
{
	struct buf b = BUF(a);

	for (size_t i = 0; i < n; i++) {
		int64_t at = kind == AS_PATCH ? s[i].patch : kind == AS_UNDO ? s[i].undo : s[i].live >= 0 ? s[i].live : s[i].desired;
		buf_char(&b, '/');
		if (!s[i].key.p && at < 0)
			buf_char(&b, '-');
		else if (!s[i].key.p)
			buf_printf(&b, "%lld", (long long)at);
		for (size_t k = 0; k < s[i].key.n; k++) {
			char c = s[i].key.p[k];
			if (c == '~' || c == '/')
				buf_add(&b, c == '~' ? S("~0") : S("~1"));
			else
				buf_char(&b, c);
		}
	}
	return buf_str(&b);
}

static bool is_plain_key(str key)
{
	for (size_t i = 0; i < key.n; i++) {
		char c = key.p[i];
		if (c == '.' || c == '[' || c == ']' || c == '"' || c == '\'' || c == '*' || c <= ' ' || c == '=')
			return false;
	}
	return key.n > 0;
}

static str path_of(struct arena *a, const struct segment *s, size_t n)
{
	struct buf b = BUF(a);

	for (size_t i = 0; i < n; i++) {
		if (s[i].shown.n) {
			buf_add(&b, s[i].shown);
		} else if (!s[i].key.p) {
			buf_printf(&b, "[%lld]", (long long)(s[i].live >= 0 ? s[i].live : s[i].desired));
		} else {
			if (i)
				buf_char(&b, '.');
			if (is_plain_key(s[i].key))
				buf_add(&b, s[i].key);
			else
				buf_printf(&b, "\"%.*s\"", STR_ARG(s[i].key));
		}
	}
	return buf_str(&b);
}

static void push_key(struct compare *c, str key)
{
	c->segments[c->depth++] = (struct segment){ .key = key };
}

static str last_key(const struct compare *c)
{
	return c->depth ? c->segments[c->depth - 1].key : (str){ "", 0 };
}

static bool is_default(struct compare *c, const struct node *value)
{
	if (!c->builtin && !c->id.kind.n)
		return false;
	str *keys = c->keys;
	for (size_t i = 0; i < c->depth; i++)
		keys[i] = c->segments[i].key.p ? c->segments[i].key : S("*");
	if (!c->builtin) /* of other kinds only what every object has */
		return c->depth && str_eq(keys[0], S("metadata")) && kube_is_default(&c->id, keys, c->depth, value);
	return kube_is_default(&c->id, keys, c->depth, value);
}

/* What is no part of what a person desires: identity, which was compared, and what the server keeps. */
static bool passed_over(const struct compare *c)
{
	static const char *const of_metadata[] = { "name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp",
						   "selfLink", "managedFields", "deletionTimestamp", "deletionGracePeriodSeconds" };
	const struct segment *s = c->segments;

	if (c->o->generic)
		return false;
	if (c->depth == 1)
		return str_eq(s[0].key, S("status")) || str_eq(s[0].key, S("apiVersion")) || str_eq(s[0].key, S("kind"));
	if (c->depth == 2 && str_eq(s[0].key, S("metadata")))
		for (size_t i = 0; i < COUNT(of_metadata); i++)
			if (str_eq(s[1].key, str_of(of_metadata[i])))
				return true;
	return c->depth == 3 && str_eq(s[1].key, S("annotations")) &&
	       str_eq(s[2].key, S("kubectl.kubernetes.io/last-applied-configuration"));
}

/* ---- changes ------------------------------------------------------------------- */

static struct pos position(const struct compare *c, const struct node *desired)
{
	return desired && desired->source ? node_pos(desired) : c->out->pos;
}

/* true: it counts, and is noted. */
static bool change(struct compare *c, enum diff_op op, const struct node *desired, const struct node *live, const struct node *near)
{
	const struct node *owner = live ? owners_find(c->scratch, c->managed, c->segments, c->depth) : NULL;
	bool secret = c->secret && c->depth && (str_eq(c->segments[0].key, S("data")) || str_eq(c->segments[0].key, S("stringData")));

	/* an autoscaler speaks through the scale subresource: the number is its own; so does kubectl scale, but for a person */
	if (op == DIFF_REPLACE && str_eq(node_get_str(owner, S("subresource")), S("scale")) &&
	    !str_starts(node_get_str(owner, S("manager")), S("kubectl")))
		return false;
	struct diff_change x = {
		.op = op,
		.pointer = pointer_of(c->a, c->segments, c->depth, AS_LIVE),
		.patch = pointer_of(c->a, c->segments, c->depth, AS_PATCH),
		.undo = pointer_of(c->a, c->segments, c->depth, AS_UNDO),
		.path = path_of(c->a, c->segments, c->depth),
		.desired = desired ? node_copy(c->a, desired) : NULL,
		.live = live ? node_copy(c->a, live) : NULL,
		.secret = secret,
		.manager = str_copy(c->a, node_get_str(owner, S("manager"))),
		.time = str_copy(c->a, node_get_str(owner, S("time"))),
		.pos = position(c, desired ? desired : near),
	};
	if (secret) {
		x.desired = mask(c->masks, c->a, x.desired);
		x.live = mask(c->masks, c->a, x.live);
	}
	if (ignore_accepts(c->ignore, c->out, &x))
		return false;
	*VEC_ADD(c->a, c->out) = x;
	return true;
}

/* Only live has it.  strict: all of it counts; else what was applied last or our manager owns. */
static void extra(struct compare *c, const struct node *live, const struct node *last, const struct node *owned, bool strict,
		  const struct node *near)
{
	bool leaf = node_is(owned, NODE_MAP) && (!owned->n || node_get(owned, S(".")));

	if (live->kind == NODE_NULL || marked(c->ignored, live) || passed_over(c))
		return;
	if (!c->o->generic && ((live->kind >= NODE_SEQ && !live->n) || is_default(c, live)))
		return;
	if (node_is(last, NODE_NULL))
		last = NULL;
	if (strict || leaf || (last && (live->kind != NODE_MAP || last->kind != NODE_MAP))) {
		change(c, DIFF_REMOVE, NULL, live, near);
		return;
	}
	if ((!last && !owned) || live->kind != NODE_MAP)
		return;
	for (uint32_t i = 0; i < live->n; i++) {
		str key = entry_key(&live->entries[i]);
		push_key(c, key);
		extra(c, live->entries[i].value, node_get(last, key), owners_field(owned, c->scratch, key), false, near);
		c->depth--;
	}
}

/* Desired names it, live has nothing: does that make a difference? */
static bool says_nothing(struct compare *c, const struct node *desired)
{
	if (c->o->generic)
		return false;
	if (desired->kind >= NODE_SEQ ? !desired->n : kube_is_zero(last_key(c), desired) && (c->builtin || desired->kind == NODE_NULL))
		return true;
	if (is_default(c, desired))
		return true;
	if (desired->kind != NODE_MAP)
		return false;
	for (uint32_t i = 0; i < desired->n; i++) {
		push_key(c, entry_key(&desired->entries[i]));
		bool nothing = says_nothing(c, desired->entries[i].value);
		c->depth--;
		if (!nothing)
			return false;
	}
	return true;
}

/* Resources of custom kinds are quantities too, though no schema says so. */
static bool looks_like_quantity(const struct compare *c, struct kube_cursor cursor)
{
	static const char *const holders[] = { "requests", "limits", "capacity", "hard", "allocatable" };

	if (cursor.schema)
		return kube_cursor_is_quantity(cursor);
	if (c->o->generic || c->depth < 2)
		return false;
	for (size_t i = 0; i < COUNT(holders); i++)
		if (str_eq(c->segments[c->depth - 2].key, str_of(holders[i])))
			return true;
	return false;
}

/* Two texts that are JSON, of one value. */
static bool same_json(struct compare *c, const struct node *x, const struct node *y)
{
	const struct read_options json = { .input = FORMAT_JSON };
	struct node *a, *b;
	struct diag quiet;
	char first = x->n ? str_trim(node_text(x)).p[0] : 0;

	if (!c->o->generic || x->kind != NODE_STRING || y->kind != NODE_STRING || (first != '{' && first != '['))
		return false;
	diag_fork(&quiet, c->d, c->scratch);
	return !read_text(c->scratch, &quiet, &json, "text", node_text(x), &a) && !read_text(c->scratch, &quiet, &json, "text", node_text(y), &b) &&
	       node_equal(a, b);
}

static bool same_scalar(struct compare *c, struct kube_cursor cursor, const struct node *desired, const struct node *live)
{
	int order;

	if (node_equal(desired, live) || same_json(c, desired, live))
		return true;
	return desired->kind != NODE_BOOL && live->kind != NODE_BOOL && looks_like_quantity(c, cursor) &&
	       kube_quantity_cmp(node_text(desired), node_text(live), &order) && order == 0;
}

/* ---- the walk --------------------------------------------------------------------- */

static void walk(struct compare *c, struct kube_cursor cursor, struct node *desired, struct node *live, struct node *last,
		 const struct node *owned, bool strict, const struct node *near);

static void walk_map(struct compare *c, struct kube_cursor cursor, struct node *desired, struct node *live, struct node *last,
		     const struct node *owned, bool strict)
{
	for (uint32_t i = 0; i < desired->n; i++) {
		str key = entry_key(&desired->entries[i]);
		push_key(c, key);
		walk(c, kube_cursor_key(cursor, key), desired->entries[i].value, node_get(live, key), node_get(last, key),
		     owners_field(owned, c->scratch, key), strict, desired);
		c->depth--;
	}
	for (uint32_t i = 0; i < live->n; i++) {
		str key = entry_key(&live->entries[i]);
		if (node_get(desired, key))
			continue;
		push_key(c, key);
		extra(c, live->entries[i].value, node_get(last, key), owners_field(owned, c->scratch, key), strict, desired);
		c->depth--;
	}
}

static void walk_list(struct compare *c, struct kube_cursor cursor, struct node *desired, struct node *live, struct node *last,
		      const struct node *owned, bool strict)
{
	struct pair *pairs;
	size_t n;
	enum pairing how = pair_items(c, cursor, desired, live, last, &pairs, &n);
	struct kube_cursor item = kube_cursor_item(cursor);
	/* a list without keys is one value: all of it is ours, and fields that others add to its items are not */
	bool strict_items = strict || (how == PAIR_IN_ORDER && c->builtin && cursor.schema);

	/* where the list of a patch stands: items it has put in less those it took out, and the live item that comes next */
	int64_t shift = 0, next = n && pairs[0].live < 0 ? pairs[0].desired : 0, beside = 0;

	for (size_t i = 0; i < n; i++) {
		struct node *d = pairs[i].desired >= 0 ? desired->items[pairs[i].desired] : NULL;
		struct node *l = pairs[i].live >= 0 ? live->items[pairs[i].live] : NULL;
		const struct node *own = pairs[i].owned.n ? node_get(owned, pairs[i].owned) : NULL;
		struct node *before = pairs[i].last;
		bool in_order = how == PAIR_IN_ORDER;
		next = l ? pairs[i].live + 1 : next;
		beside = d ? pairs[i].desired + 1 : in_order ? beside : desired->n;
		c->segments[c->depth++] = (struct segment){
			.live = pairs[i].live, .desired = pairs[i].desired, .shown = pairs[i].shown, .owned = pairs[i].owned,
			.patch = l ? pairs[i].live + shift : in_order ? next + shift : -1,
			.undo = d ? pairs[i].desired : beside,
		};
		if (d && l)
			walk(c, item, d, l, before, own, strict_items, desired);
		else if (d && !marked(c->ignored, d))
			shift += change(c, DIFF_ADD, d, NULL, desired) && in_order;
		else if (l && !marked(c->ignored, l) && (strict || in_order || before || own))
			shift -= change(c, DIFF_REMOVE, NULL, l, desired);
		c->depth--;
	}
}

static void walk(struct compare *c, struct kube_cursor cursor, struct node *desired, struct node *live, struct node *last,
		 const struct node *owned, bool strict, const struct node *near)
{
	bool nothing_desired = desired->kind == NODE_NULL && !c->o->generic;

	if (marked(c->ignored, desired) || (live && marked(c->ignored, live)) || passed_over(c))
		return;
	if (live && live->kind == NODE_NULL && !c->o->generic)
		live = NULL;
	if (nothing_desired) {
		if (live)
			extra(c, live, last, owned, strict, near);
	} else if (!live) {
		if (!says_nothing(c, desired))
			change(c, DIFF_ADD, desired, NULL, near);
	} else if (desired->kind == NODE_MAP && live->kind == NODE_MAP) {
		walk_map(c, cursor, desired, live, node_is(last, NODE_MAP) ? last : NULL, owned, strict);
	} else if (desired->kind == NODE_SEQ && live->kind == NODE_SEQ) {
		walk_list(c, cursor, desired, live, node_is(last, NODE_SEQ) ? last : NULL, owned, strict);
	} else if (desired->kind >= NODE_SEQ || live->kind >= NODE_SEQ || !same_scalar(c, cursor, desired, live)) {
		change(c, DIFF_REPLACE, desired, live, near);
	}
}

void compare_object(struct compare *c, struct kube_cursor cursor, struct node *desired, struct node *live, struct node *last,
		    const struct node *owned)
{
	walk(c, cursor, desired, live, last, owned, c->o->generic || c->o->fields == FIELDS_ALL, desired);
}
