/* SPDX-License-Identifier: MIT */
/* A chart as one release uses it: dependencies on or off, aliases, imported values. */
#include <string.h>

#include "chart/internal.h"
#include "template/semver.h"

struct instance *instance_new(struct arena *a, const struct chart *c, struct instance *parent)
{
	struct instance *in = NEW(a, struct instance);

	*in = (struct instance){ .chart = c, .meta = c->meta, .values = c->values, .parent = parent };
	in->meta.dependencies = NEW_ARRAY(a, struct dependency, c->meta.ndependencies + 1);
	if (c->meta.ndependencies)
		memcpy(in->meta.dependencies, c->meta.dependencies, c->meta.ndependencies * sizeof *c->meta.dependencies);
	in->deps = NEW_ARRAY(a, struct instance *, c->nsubcharts);
	for (size_t i = 0; i < c->nsubcharts; i++)
		in->deps[in->ndeps++] = instance_new(a, c->subcharts[i], in);
	return in;
}

str instance_path(struct arena *a, const struct instance *i)
{
	if (!i->parent)
		return i->meta.name;
	str above = instance_path(a, i->parent);
	return str_printf(a, "%.*s/charts/%.*s", STR_ARG(above), STR_ARG(i->meta.name));
}

struct work {
	struct arena *a;
	struct diag *diag;
};

/* ---- which dependencies take part --------------------------------------------------- */
static bool satisfies(const struct dependency *d, const struct metadata *m)
{
	struct semver v;

	return semver_parse(m->version, &v) && semver_satisfies(d->version, &v) > 0;
}

/* The node at a path of names parted by dots; NULL if it leads nowhere. */
static struct node *value_at(struct node *values, str path)
{
	struct node *n = values;

	while (n) {
		ptrdiff_t dot = str_chr(path, '.');
		str key = dot < 0 ? path : str_sub(path, 0, (size_t)dot);
		n = node_is(n, NODE_MAP) ? node_get(n, key) : NULL;
		if (dot < 0)
			return n;
		path = str_sub(path, (size_t)dot + 1, path.n);
	}
	return NULL;
}

static void apply_tags(struct work *w, struct dependency *d, const struct node *tags)
{
	bool yes = false, no = false;

	if (!node_is(tags, NODE_MAP))
		return;
	for (size_t i = 0; i < d->ntags; i++) {
		struct node *n = node_get(tags, d->tags[i]);
		if (n && n->kind != NODE_BOOL)
			diag_at(w->diag, SEV_WARNING, node_pos(n), "values", "the tag \"%.*s\" must be true or false", STR_ARG(d->tags[i]));
		else if (n)
			*(node_true(n) ? &yes : &no) = true;
	}
	d->enabled = yes || !no;
}

static void apply_condition(struct work *w, struct dependency *d, struct node *values, str prefix)
{
	str list = str_trim(d->condition);

	while (list.n) {
		ptrdiff_t comma = str_chr(list, ',');
		str one = comma < 0 ? list : str_sub(list, 0, (size_t)comma);
		list = comma < 0 ? S("") : str_sub(list, (size_t)comma + 1, list.n);
		if (one.n == 0)
			continue;
		struct node *n = value_at(values, str_printf(w->a, "%.*s%.*s", STR_ARG(prefix), STR_ARG(one)));
		if (!n || n->kind == NODE_MAP)
			continue;
		if (n->kind == NODE_BOOL) {
			d->enabled = node_true(n);
			return;
		}
		diag_at(w->diag, SEV_WARNING, node_pos(n), "values", "%.*s is the condition of \"%.*s\" and must be true or false", STR_ARG(one), STR_ARG(d->name));
	}
}

static struct instance *with_alias(struct work *w, struct instance *in, const struct dependency *d)
{
	for (size_t i = 0; i < in->chart->nsubcharts; i++) {
		const struct chart *c = in->chart->subcharts[i];
		if (!str_eq(c->meta.name, d->name) || !satisfies(d, &c->meta))
			continue;
		struct instance *copy = instance_new(w->a, c, in);
		if (d->alias.n)
			copy->meta.name = d->alias;
		return copy;
	}
	return NULL;
}

/* The subcharts that Chart.yaml does not speak of, then those it does, under the names it gives them. */
static void name_dependencies(struct work *w, struct instance *in)
{
	struct metadata *m = &in->meta;
	struct instance **deps = NEW_ARRAY(w->a, struct instance *, in->ndeps + m->ndependencies);
	size_t n = 0;

	for (size_t i = 0; i < in->ndeps; i++) {
		bool spoken = false;
		for (size_t k = 0; k < m->ndependencies && !spoken; k++)
			spoken = str_eq(in->deps[i]->meta.name, m->dependencies[k].name) && satisfies(&m->dependencies[k], &in->deps[i]->meta);
		if (!spoken)
			deps[n++] = in->deps[i];
	}
	for (size_t k = 0; k < m->ndependencies; k++) {
		struct instance *one = with_alias(w, in, &m->dependencies[k]);
		if (one)
			deps[n++] = one;
		if (m->dependencies[k].alias.n)
			m->dependencies[k].name = m->dependencies[k].alias;
		m->dependencies[k].enabled = true;
	}
	in->deps = deps;
	in->ndeps = n;
}

static void drop_disabled(struct instance *in)
{
	struct metadata *m = &in->meta;
	size_t n = 0;

	for (size_t i = 0; i < in->ndeps; i++) {
		bool off = false;
		for (size_t k = 0; k < m->ndependencies; k++)
			off |= !m->dependencies[k].enabled && str_eq(m->dependencies[k].name, in->deps[i]->meta.name);
		if (!off)
			in->deps[n++] = in->deps[i];
	}
	in->ndeps = n;
	n = 0;
	for (size_t k = 0; k < m->ndependencies; k++)
		if (m->dependencies[k].enabled)
			m->dependencies[n++] = m->dependencies[k];
	m->ndependencies = n;
}

/* For a look ahead: what is odd in the values is told when they are coalesced for good. */
static struct node *coalesce_quietly(struct work *w, struct instance *in, struct node *values, bool merge)
{
	struct diag quiet;

	diag_fork(&quiet, w->diag, w->a);
	struct node *all = coalesce(w->a, &quiet, in, values, merge);
	if (!all)
		diag_join(w->diag, &quiet);
	return all;
}

static int choose(struct work *w, struct instance *in, struct node *values, str prefix)
{
	struct metadata *m = &in->meta;

	if (!m->has_dependencies)
		return 0;
	name_dependencies(w, in);
	struct node *all = coalesce_quietly(w, in, values, false);
	if (!all)
		return -1;
	for (size_t k = 0; k < m->ndependencies; k++) {
		apply_tags(w, &m->dependencies[k], node_get(all, S("tags")));
		apply_condition(w, &m->dependencies[k], all, prefix);
	}
	drop_disabled(in);
	for (size_t i = 0; i < in->ndeps; i++) {
		str below = str_printf(w->a, "%.*s%.*s.", STR_ARG(prefix), STR_ARG(in->deps[i]->meta.name));
		if (choose(w, in->deps[i], all, below) < 0)
			return -1;
	}
	return 0;
}

/* ---- import-values --------------------------------------------------------------------- */
/* { a: { b: value } } for the path a.b; "." is value itself. */
static struct node *nest(struct work *w, str path, struct node *value)
{
	while (!str_eq(path, S(".")) && path.n) {
		size_t from = path.n;
		while (from > 0 && path.p[from - 1] != '.')
			from--;
		struct node *map = node_at(node_new(w->a, NODE_MAP), value);
		node_put(w->a, map, str_sub(path, from, path.n), value);
		value = map;
		path = str_sub(path, 0, from ? from - 1 : 0);
	}
	return value;
}

/* { child, parent } of what import-values says: a name is that of an export. */
static struct node *import_form(struct work *w, struct node *import)
{
	str child = node_str(node_get(import, S("child"))), parent = node_str(node_get(import, S("parent")));

	if (import->kind == NODE_STRING) {
		child = str_printf(w->a, "exports.%.*s", STR_ARG(node_text(import)));
		parent = S(".");
	}
	struct node *form = node_at(node_new(w->a, NODE_MAP), import);
	node_put(w->a, form, S("child"), node_at(node_string(w->a, child), import));
	node_put(w->a, form, S("parent"), node_at(node_string(w->a, parent), import));
	return form;
}

static void import_one(struct work *w, struct node *all, const struct dependency *d, const struct node *import, struct node **into)
{
	str child = node_get_str(import, S("child")), parent = node_get_str(import, S("parent"));
	struct node *n = value_at(all, str_printf(w->a, "%.*s.%.*s", STR_ARG(d->name), STR_ARG(child)));
	if (!node_is(n, NODE_MAP)) {
		diag_at(w->diag, SEV_WARNING, node_pos(import), "values", "import-values: there is no map \"%.*s\" in the values of \"%.*s\"", STR_ARG(child), STR_ARG(d->name));
		return;
	}
	*into = coalesce_tables(w->a, w->diag, *into, nest(w, parent, n), true);
}

static int import_values(struct work *w, struct instance *in)
{
	struct node *imported = node_new(w->a, NODE_MAP);

	for (size_t i = 0; i < in->ndeps; i++)
		if (import_values(w, in->deps[i]) < 0)
			return -1;
	if (!in->meta.has_dependencies)
		return 0;
	struct node *all = coalesce_quietly(w, in, node_new(w->a, NODE_MAP), true);
	if (!all)
		return -1;
	for (size_t k = 0; k < in->meta.ndependencies; k++) {
		struct dependency *d = &in->meta.dependencies[k];
		struct node *forms = d->imports ? node_new(w->a, NODE_SEQ) : NULL;
		for (size_t i = 0; forms && i < d->imports->n; i++) {
			struct node *import = d->imports->items[i];
			if (import->kind != NODE_STRING && import->kind != NODE_MAP)
				continue;
			node_push(w->a, forms, import_form(w, import));
			import_one(w, all, d, forms->items[forms->n - 1], &imported);
		}
		d->imports = forms;
	}
	in->values = coalesce_tables(w->a, w->diag, all, imported, true);
	return 0;
}

/* Helm asks this of the top chart alone, and of dependencies that are switched off too. */
static int check_present(struct work *w, const struct instance *top)
{
	int bad = 0;

	for (size_t k = 0; k < top->meta.ndependencies; k++) {
		const struct dependency *d = &top->meta.dependencies[k];
		bool there = false;
		for (size_t i = 0; i < top->ndeps; i++)
			there |= str_eq(top->deps[i]->meta.name, d->name);
		if (!there)
			bad = diag_trouble(w->diag, d->pos, "chart", "the dependency \"%.*s\" is not in charts/; fetch it with \"helm dependency build\"", STR_ARG(d->name));
	}
	return bad;
}

int instance_dependencies(struct arena *a, struct diag *d, struct instance *top, struct node *values)
{
	struct work w = { .a = a, .diag = d };

	if (check_present(&w, top) < 0 || choose(&w, top, values, S("")) < 0)
		return -1;
	return import_values(&w, top);
}
