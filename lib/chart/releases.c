/* SPDX-License-Identifier: MIT */
/* Many releases in one run: a list of them, rendered side by side, charts read once. */
#include <string.h>

#include "chart/internal.h"

struct job {
	struct release release;
	const struct chart *chart;
	const char *chart_path;
	struct strlist files;
	struct node *values; /* beside the files, over them; or NULL */
	struct pos pos;
	struct arena arena;
	struct diag diag;
	struct rendered out;
	int bad;
};
struct releases {
	struct arena *a;
	struct diag *diag;
	const struct chart_options *options;
	const struct read_options *read;
	struct job *jobs;
	size_t n;
	struct map charts; /* by path; a chart that cannot be read is not tried again */
};

/* ---- the list ------------------------------------------------------------------------- */
static const char *beside(struct arena *a, const char *list, str path)
{
	const char *slash = strrchr(list, '/');

	if (!slash || str_starts(path, S("/")) || str_eq(path, S("-")))
		return str_dup(a, path);
	return str_printf(a, "%.*s%.*s", (int)(slash + 1 - list), list, STR_ARG(path)).p;
}

static int read_files(struct releases *all, struct job *j, const char *list, const struct node *n)
{
	if (n->kind == NODE_NULL)
		return 0;
	if (n->kind != NODE_SEQ)
		return diag_trouble(all->diag, node_pos(n), "releases", "valuesFiles must be a list of files");
	for (uint32_t i = 0; i < n->n; i++) {
		if (n->items[i]->kind != NODE_STRING || str_eq(node_text(n->items[i]), S("-")))
			return diag_trouble(all->diag, node_pos(n->items[i]), "releases", "the name of a file is wanted here");
		*VEC_ADD(all->a, &j->files) = beside(all->a, list, node_text(n->items[i]));
	}
	return 0;
}

static int read_field(struct releases *all, struct job *j, const char *list, const struct entry *e)
{
	const str known[] = { S("chart"), S("name"), S("namespace"), S("values"), S("valuesFiles") };
	const struct node *n = e->value;
	str key = entry_key(e), near;

	if (str_eq(key, S("valuesFiles")))
		return read_files(all, j, list, n);
	if (str_eq(key, S("values"))) {
		if (n->kind != NODE_MAP && n->kind != NODE_NULL)
			return diag_trouble(all->diag, node_pos(n), "releases", "values must be a map, not %s", kind_name(n->kind));
		j->values = n->kind == NODE_MAP ? e->value : NULL;
		return 0;
	}
	for (size_t i = 0; i < 3; i++) {
		if (!str_eq(key, known[i]))
			continue;
		if (n->kind != NODE_STRING)
			return diag_trouble(all->diag, node_pos(n), "releases", "%s must be a string, not %s", known[i].p, kind_name(n->kind));
		const char *text = str_dup(all->a, node_text(n));
		if (i == 0)
			j->chart_path = beside(all->a, list, node_text(n));
		else
			*(i == 1 ? &j->release.name : &j->release.ns) = text;
		return 0;
	}
	near = str_nearest(key, known, COUNT(known));
	return diag_trouble(all->diag, entry_pos(e), "releases", "a release has no \"%.*s\" but chart, name, namespace, values, valuesFiles%s%.*s%s",
	    STR_ARG(key), near.n ? "; did you mean \"" : "", STR_ARG(near), near.n ? "\"?" : "");
}

struct releases *releases_read(struct arena *a, struct diag *d, const struct release *defaults, const struct chart_options *o,
			       const struct read_options *read, struct origins *origins, const char *path)
{
	struct releases *all = NEW(a, struct releases);
	struct read_options of_list = *read;
	struct node *list;

	*all = (struct releases){ .a = a, .diag = d, .options = o, .read = read };
	of_list.origins = origins;
	if (read_file(a, d, &of_list, path, &list) < 0)
		return NULL;
	if (node_is(list, NODE_MAP) && node_get(list, S("releases")))
		list = node_get(list, S("releases"));
	if (list->kind != NODE_SEQ && list->kind != NODE_NULL) {
		diag_trouble(d, node_pos(list), "releases", "a list of releases is wanted here, not %s", kind_name(list->kind));
		return NULL;
	}
	all->n = list->kind == NODE_SEQ ? list->n : 0;
	all->jobs = NEW_ARRAY(a, struct job, all->n + 1);
	for (size_t i = 0; i < all->n; i++) {
		struct job *j = &all->jobs[i];
		const struct node *n = list->items[i];
		j->release = *defaults;
		j->pos = node_pos(n);
		if (n->kind != NODE_MAP || !node_get(n, S("chart"))) {
			diag_trouble(d, j->pos, "releases", "a release is a map with a chart");
			return NULL;
		}
		for (uint32_t k = 0; k < n->n; k++)
			if (read_field(all, j, path, &n->entries[k]) < 0)
				return NULL;
	}
	return all;
}

/* ---- the work ----------------------------------------------------------------------------- */
/* A failure of one release is a finding: the others stand. */
static void soften(struct releases *all, struct job *j)
{
	struct finding *f;

	for (f = diag_held_at(&j->diag, 0); f; f = diag_held_next(f)) {
		if (!f->trouble)
			continue;
		f->trouble = false;
		f->message = str_printf(all->a, "%.*s (release %s)", STR_ARG(f->message), j->release.name ? j->release.name : "release-name");
	}
	diag_join(all->diag, &j->diag);
}

static void load_charts(struct releases *all)
{
	for (size_t i = 0; i < all->n; i++) {
		struct job *j = &all->jobs[i];
		void **slot = map_at(all->a, &all->charts, str_of(j->chart_path));
		diag_fork(&j->diag, all->diag, all->a);
		if (!*slot) {
			struct chart *c = chart_load(all->a, &j->diag, all->options, j->chart_path);
			*slot = c ? (void *)c : (void *)all;
		} else if (*slot == (void *)all) {
			diag_trouble(&j->diag, j->pos, "chart", "the chart %s cannot be read", j->chart_path);
		}
		j->chart = *slot == (void *)all ? NULL : *slot;
		j->bad = j->chart ? 0 : -1;
	}
}

static void run_job(void *ctx, size_t i, size_t worker)
{
	struct releases *all = ctx;
	struct job *j = &all->jobs[i];
	const struct values_options o = { .files = j->files };
	struct node *values;

	(void)worker;
	if (j->bad)
		return;
	j->diag.arena = &j->arena;
	j->bad = values_read(&j->arena, &j->diag, &o, all->read, &values);
	if (!j->bad && j->values)
		values = values_merge(&j->arena, values, j->values);
	if (!j->bad)
		j->bad = chart_render(j->chart, &j->arena, &j->diag, &j->release, values, &j->out);
}

int releases_render(struct releases *all, size_t threads, int (*put)(void *ctx, const struct rendered *r), void *ctx)
{
	int bad = 0;

	load_charts(all);
	thread_each(threads, all->n, run_job, all);
	for (size_t i = 0; i < all->n; i++) {
		struct job *j = &all->jobs[i];
		soften(all, j);
		if (!j->bad && !bad)
			bad = put(ctx, &j->out);
		arena_free(&j->arena);
	}
	for (size_t i = 0; i < all->charts.n; i++)
		if (all->charts.items[i].value != (void *)all)
			chart_close(all->charts.items[i].value);
	return bad;
}
