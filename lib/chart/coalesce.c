/* SPDX-License-Identifier: MIT */
/* Helm's way of putting values over a chart's and its subcharts', nulls and globals included. */
#include "chart/internal.h"

struct coalescing {
	struct arena *a;
	struct diag *diag;
	bool bad;
};

static void warn(struct coalescing *c, const struct node *at, const char *fmt, str key)
{
	diag_at(c->diag, SEV_WARNING, node_pos(at), "values", fmt, STR_ARG(key));
}

static void put(struct coalescing *c, struct node *map, const struct entry *from, struct node *value)
{
	struct entry *e = node_put(c->a, map, entry_key(from), value);

	e->line = from->line;
	e->col = from->col;
}

/* dst over src; dst is ours. */
static void tables(struct coalescing *c, struct node *dst, const struct node *src, bool merge)
{
	for (size_t i = 0; i < src->n; i++) {
		const struct entry *e = &src->entries[i];
		struct node *value = e->value;
		struct entry *d = node_entry(dst, entry_key(e));
		if (!d) {
			put(c, dst, e, value);
		} else if (d->value->kind == NODE_NULL) {
			if (!merge && value->kind != NODE_NULL)
				node_remove(dst, entry_key(e));
		} else if (value->kind == NODE_MAP && d->value->kind == NODE_MAP) {
			d->value = node_clone(c->a, d->value);
			tables(c, d->value, value, merge);
		} else if (value->kind == NODE_MAP) {
			warn(c, d->value, "\"%.*s\" is a map in the chart's values; what is no map is put in its place", entry_key(e));
		} else if (d->value->kind == NODE_MAP && value->kind != NODE_NULL) {
			warn(c, d->value, "\"%.*s\" is no map in the chart's values; a map is put in its place", entry_key(e));
		}
	}
}

struct node *coalesce_tables(struct arena *a, struct diag *d, struct node *dst, struct node *src, bool merge)
{
	struct coalescing c = { .a = a, .diag = d };

	dst = node_clone(a, dst);
	tables(&c, dst, src, merge);
	return dst;
}

static bool is_subchart(const struct instance *in, str key)
{
	for (size_t i = 0; i < in->ndeps; i++)
		if (str_eq(in->deps[i]->meta.name, key))
			return true;
	return false;
}

static void own_values(struct coalescing *c, const struct instance *in, struct node *v, bool merge)
{
	for (size_t i = 0; i < in->values->n; i++) {
		const struct entry *e = &in->values->entries[i];
		struct entry *d = node_entry(v, entry_key(e));
		if (!d) {
			put(c, v, e, e->value);
		} else if (d->value->kind == NODE_NULL) {
			if (!merge)
				node_remove(v, entry_key(e));
		} else if (d->value->kind == NODE_MAP) {
			if (e->value->kind == NODE_MAP) {
				d->value = node_clone(c->a, d->value);
				tables(c, d->value, e->value, merge || is_subchart(in, entry_key(e)));
			} else if (e->value->kind != NODE_NULL) {
				warn(c, d->value, "\"%.*s\" is no map in the chart's values; a map is put in its place", entry_key(e));
			}
		}
	}
}

/* The globals of src, a chart's values, into those of dst, its subchart's; dst is ours. */
static void globals(struct coalescing *c, struct node *dst, const struct node *src)
{
	struct node *sg = node_get(src, S("global")), *dg = node_get(dst, S("global"));

	if (dg && dg->kind != NODE_MAP) {
		diag_at(c->diag, SEV_WARNING, node_pos(dg), "values", "\"global\" is no map; the chart's globals are not passed on");
		return;
	}
	if (sg && sg->kind != NODE_MAP) {
		diag_at(c->diag, SEV_WARNING, node_pos(sg), "values", "\"global\" is no map; it is not passed on to subcharts");
		return;
	}
	dg = dg ? node_clone(c->a, dg) : node_new(c->a, NODE_MAP);
	for (size_t i = 0; sg && i < sg->n; i++) {
		const struct entry *e = &sg->entries[i];
		struct node *old = node_get(dg, entry_key(e));
		if (old && e->value->kind == NODE_MAP && old->kind != NODE_MAP) {
			warn(c, old, "the global \"%.*s\" is no map here; the map from above is not merged", entry_key(e));
		} else if (old && e->value->kind == NODE_MAP) {
			struct node *both = node_clone(c->a, e->value);
			tables(c, both, old, true);
			put(c, dg, e, both);
		} else if (!old || old->kind != NODE_MAP || e->value->kind == NODE_MAP) {
			put(c, dg, e, e->value);
		}
	}
	node_put(c->a, dst, S("global"), dg);
}

/* v is ours. */
static void whole(struct coalescing *c, const struct instance *in, struct node *v, bool merge)
{
	own_values(c, in, v, merge);
	for (size_t i = 0; i < in->ndeps && !c->bad; i++) {
		struct instance *sub = in->deps[i];
		struct node *old = node_get(v, sub->meta.name);
		if (old && old->kind != NODE_MAP) {
			diag_trouble(c->diag, node_pos(old), "values", "\"%.*s\" is the name of a subchart: its values must be a map, not %s",
			    STR_ARG(sub->meta.name), kind_name(old->kind));
			c->bad = true;
			return;
		}
		struct node *mine = old ? node_clone(c->a, old) : node_new(c->a, NODE_MAP);
		globals(c, mine, v);
		whole(c, sub, mine, merge);
		node_put(c->a, v, sub->meta.name, mine);
	}
}

struct node *coalesce(struct arena *a, struct diag *d, const struct instance *in, struct node *values, bool merge)
{
	struct coalescing c = { .a = a, .diag = d };
	struct node *v = node_clone(a, values);

	whole(&c, in, v, merge);
	return c.bad ? NULL : v;
}
