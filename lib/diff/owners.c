/* SPDX-License-Identifier: MIT */
/* metadata.managedFields: what is ours, and who wrote a value last. */
#include <string.h>

#include "diff/internal.h"

static bool is_ours(const struct diff_options *o, str manager)
{
	if (!o->managers.n)
		return str_eq(manager, S("infraflux"));
	for (size_t i = 0; i < o->managers.n; i++)
		if (str_eq(manager, str_of(o->managers.p[i])))
			return true;
	return false;
}

static bool of_status(const struct node *entry)
{
	return str_eq(node_get_str(entry, S("subresource")), S("status"));
}

/* x with all that y owns, too. */
static struct node *both(struct arena *a, struct node *x, struct node *y)
{
	if (!node_is(x, NODE_MAP) || !node_is(y, NODE_MAP))
		return x ? x : y;
	if (!x->n || !y->n)
		return x->n ? y : x; /* the whole value */
	struct node *n = node_clone(a, x);
	for (uint32_t i = 0; i < y->n; i++) {
		str key = entry_key(&y->entries[i]);
		node_put(a, n, key, both(a, node_get(x, key), y->entries[i].value));
	}
	return n;
}

static size_t leaves(const struct node *n)
{
	size_t count = 0;

	if (n->kind < NODE_SEQ)
		return 1;
	for (uint32_t i = 0; i < n->n; i++)
		count += leaves(n->kind == NODE_MAP ? n->entries[i].value : n->items[i]);
	return count;
}

/* How many leaves of desired the fields cover; items of lists are taken as a whole. */
static size_t covered(struct arena *a, const struct node *desired, const struct node *fields)
{
	size_t count = 0;

	if (!node_is(fields, NODE_MAP))
		return 0;
	if (!fields->n || desired->kind != NODE_MAP)
		return leaves(desired);
	for (uint32_t i = 0; i < desired->n; i++) {
		count += covered(a, desired->entries[i].value, owners_field(fields, a, entry_key(&desired->entries[i])));
	}
	return count;
}

/* Applied by whom we do not know, but for at least half of what is desired: that is us under another name. */
static struct node *likeliest(struct arena *a, const struct node *managed, const struct node *desired)
{
	struct node *best = NULL;
	size_t most = 0, all = leaves(desired);

	for (uint32_t i = 0; i < managed->n; i++) {
		const struct node *entry = managed->items[i];
		struct node *fields = node_get(entry, S("fieldsV1"));
		if (!str_eq(node_get_str(entry, S("operation")), S("Apply")) || of_status(entry) || !fields)
			continue;
		size_t hits = covered(a, desired, fields);
		if (hits > most) {
			most = hits;
			best = fields;
		}
	}
	return most * 2 + 6 >= all ? best : NULL; /* apiVersion, kind and name are nobody's */
}

const struct node *owners_ours(const struct diff_options *o, struct arena *a, const struct node *managed, const struct node *desired)
{
	struct node *fields = NULL;

	if (!node_is(managed, NODE_SEQ))
		return NULL;
	for (uint32_t i = 0; i < managed->n; i++) {
		const struct node *entry = managed->items[i];
		if (is_ours(o, node_get_str(entry, S("manager"))) && !of_status(entry))
			fields = both(a, fields, node_get(entry, S("fieldsV1")));
	}
	return fields || o->managers.n ? fields : likeliest(a, managed, desired);
}

const struct node *owners_field(const struct node *fields, struct arena *a, str key)
{
	struct buf b = BUF(a);

	if (!fields || !fields->n)
		return NULL;
	buf_add(&b, S("f:"));
	buf_add(&b, key);
	return node_get(fields, buf_str(&b));
}

static bool owns(struct arena *a, const struct node *fields, const struct segment *s, size_t n)
{
	for (size_t i = 0; i < n && node_is(fields, NODE_MAP); i++) {
		if (!fields->n)
			return i > 0; /* all of an atomic value */
		fields = s[i].key.p ? owners_field(fields, a, s[i].key) : s[i].owned.n ? node_get(fields, s[i].owned) : NULL;
	}
	return fields != NULL;
}

const struct node *owners_find(struct arena *a, const struct node *managed, const struct segment *s, size_t n)
{
	const struct node *found = NULL;

	for (uint32_t i = 0; node_is(managed, NODE_SEQ) && i < managed->n; i++) {
		const struct node *entry = managed->items[i];
		if (of_status(entry) || !owns(a, node_get(entry, S("fieldsV1")), s, n))
			continue;
		if (!found || str_cmp(node_get_str(entry, S("time")), node_get_str(found, S("time"))) > 0)
			found = entry;
	}
	return found;
}
