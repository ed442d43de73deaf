/* SPDX-License-Identifier: MIT */
/* matrix: how results are put out; and one result for each combination of values, in parallel. */
#include "merge/internal.h"

#include <string.h>

/* ---- one result ------------------------------------------------------------------ */
/* What the text of a document among many is headed with. */
static str heading(struct arena *a, const struct node *n)
{
	struct kube_id id;
	struct pos at = node_pos(n);
	const char *why;

	if (n->kind == NODE_MAP && kube_identify(n, &id, &why))
		return str_printf(a, "# %.*s\n", STR_ARG(kube_id_text(a, &id)));
	return str_printf(a, "# %s:%u\n", at.file ? at.file : "made here", (unsigned)at.line);
}

int merge_explain(struct arena *a, struct diag *d, const struct merge_output *o, struct history *h, struct node *n, bool headed,
		  struct writer *to, size_t *found)
{
	struct path path = { 0 };
	const char *why = NULL;

	if (*o->explain && path_parse(a, str_of(o->explain), &path, &why))
		return diag_trouble(d, NOWHERE, "usage", "--explain=%s: %s", o->explain, why);
	struct node *list = history_explain(h, n, *o->explain ? &path : NULL);
	*found += list->n;
	if (o->format != FORMAT_AUTO) {
		writer_put(to, list);
	} else if (list->n) {
		if (headed)
			out_write(to->out, heading(a, n));
		history_print(to->out, list, n);
	}
	return 0;
}

void merge_explained(struct diag *d, const struct merge_output *o, size_t found)
{
	if (o->explain && *o->explain && !found)
		diag_at(d, SEV_ERROR, NOWHERE, "no-such-path", "--explain=%s: no layer has anything at this path", o->explain);
}

static int put_commented(struct arena *a, struct diag *d, const struct node *n, struct writer *to)
{
	str text;

	if (merge_commented(a, d, n, &text))
		return -1;
	writer_text(to, text);
	return 0;
}

int merge_put(struct arena *a, struct diag *d, const struct merge_output *o, const struct merge_stack_result *r, struct writer *to,
	      const char *origins_path)
{
	struct origins_writer *origins = NULL;
	size_t found = 0;
	int bad = 0;

	if (origins_path && !(origins = origins_create(a, d, origins_path)))
		return -1;
	for (size_t i = 0; i < r->docs.n && !bad; i++) {
		if (o->explain)
			bad = merge_explain(a, d, o, r->history, r->docs.p[i], r->docs.n > 1, to, &found);
		else if (o->comments && to->format == FORMAT_YAML)
			bad = put_commented(a, d, r->docs.p[i], to);
		else
			writer_put(to, r->docs.p[i]);
		if (origins)
			origins_put(origins, r->docs.p[i]);
	}
	if (!bad)
		merge_explained(d, o, found);
	return origins && origins_close(origins) ? -1 : bad;
}

/* ---- combinations ------------------------------------------------------------------- */
/* NAME=VALUE,VALUE with a name that no axis before has, and no value empty. */
static int check_axis(struct diag *d, const struct strlist *axes, size_t i)
{
	str axis = str_of(axes->p[i]);
	ptrdiff_t eq = str_chr(axis, '=');

	if (eq <= 0 || (size_t)eq + 1 == axis.n || axis.p[eq + 1] == ',' || str_ends(axis, S(",")) || str_find(axis, S(",,")) >= 0)
		return diag_trouble(d, NOWHERE, "usage", "--matrix wants NAME=VALUE,VALUE,…, not \"%s\"", axes->p[i]);
	for (size_t k = 0; k < i; k++)
		if (str_starts(str_of(axes->p[k]), str_sub(axis, 0, (size_t)eq + 1)))
			return diag_trouble(d, NOWHERE, "usage", "--matrix has %.*s twice; name all its values in one", (int)eq, axis.p);
	return 0;
}

enum { MOST_RESULTS = 100000 };

static int combine(struct arena *a, struct diag *d, const struct strlist *axes, const struct strlist *vars, struct strlist **out, size_t *n)
{
	struct {
		struct strlist *p;
		size_t n, cap;
	} from = { 0 }, to;

	*VEC_ADD(a, &from) = *vars;
	for (size_t i = 0; i < axes->n; i++) {
		str axis = str_of(axes->p[i]);
		if (check_axis(d, axes, i))
			return -1;
		size_t eq = (size_t)str_chr(axis, '=');
		memset(&to, 0, sizeof(to));
		for (size_t k = 0; k < from.n; k++)
			for (size_t at = eq + 1; at <= axis.n;) {
				ptrdiff_t comma = str_chr(str_sub(axis, at, axis.n), ',');
				size_t stop = comma < 0 ? axis.n : at + (size_t)comma;
				struct strlist one = { 0 };
				for (size_t v = 0; v < from.p[k].n; v++)
					*VEC_ADD(a, &one) = from.p[k].p[v];
				*VEC_ADD(a, &one) = str_printf(a, "%.*s%.*s", STR_ARG(str_sub(axis, 0, eq + 1)), STR_ARG(str_sub(axis, at, stop))).p;
				if (to.n == MOST_RESULTS)
					return diag_trouble(d, NOWHERE, "usage", "--matrix makes more than %d results", MOST_RESULTS);
				*VEC_ADD(a, &to) = one;
				at = stop + 1;
			}
		memcpy(&from, &to, sizeof(from));
	}
	*out = from.p;
	*n = from.n;
	return 0;
}

struct cell {
	const struct merge_matrix *m;
	struct strlist vars;
	struct arena a;
	struct diag diag;
	bool bad;
};

static int make_cell(struct cell *c)
{
	const struct merge_matrix *m = c->m;
	const struct merge_output *o = m->output;
	struct merge_edits edits = merge_edits_copy(&c->a, m->edits);
	const char *path, *origins = NULL;
	struct merge_stack_result result;
	struct strlist paths = { 0 };
	struct writer to;

	if (merge_expand(&c->a, &c->diag, NOWHERE, o->path, &c->vars, &path) ||
	    (o->origins && merge_expand(&c->a, &c->diag, NOWHERE, o->origins, &c->vars, &origins)) || merge_layer_paths(m->hierarchy, &c->a, &c->diag, &c->vars, m->args, m->nargs, &paths) ||
	    merge_stack_run(&c->a, &c->diag, m->stack, &edits, paths.p, paths.n, &result))
		return -1;
	merge_edits_unused(&edits, &c->diag);
	to = (struct writer){ .out = out_open(&c->a, &c->diag, path), .format = o->format ? (enum format)o->format : result.format };
	if (!to.out)
		return -1;
	to.out->keep_unchanged = o->keep_unchanged;
	if (!merge_put(&c->a, &c->diag, o, &result, &to, origins))
		return out_close(to.out);
	out_abort(to.out);
	return -1;
}

static void cell_task(void *ctx, size_t i, size_t worker)
{
	struct cell *c = (struct cell *)ctx + i;

	(void)worker;
	c->bad = make_cell(c) != 0;
}

/* Two results for one file: the last would win by chance. */
static int check_places(struct arena *a, struct diag *d, const struct merge_matrix *m, struct strlist *vars, size_t n)
{
	const char *const patterns[] = { m->output->path, m->output->origins };
	struct map seen = { 0 };

	for (size_t i = 0; i < 2 * n; i++) {
		const char *pattern = patterns[i % 2], *path;
		if (!pattern)
			continue;
		if (merge_expand(a, d, NOWHERE, pattern, &vars[i / 2], &path))
			return -1;
		void **slot = map_at(a, &seen, str_of(path));
		if (*slot)
			return diag_trouble(d, NOWHERE, "usage", "%s %s is the same file for several results; name every --matrix in it, as ${NAME}",
					    i % 2 ? "--origins-out" : "-O", pattern);
		*slot = vars;
	}
	return 0;
}

int merge_matrix_run(const struct merge_matrix *m, struct run *r)
{
	struct strlist *vars = NULL;
	struct cell *cells;
	bool bad = false;
	size_t n = 0;

	if (combine(&r->perm, &r->diag, m->axes, m->vars, &vars, &n) || check_places(&r->perm, &r->diag, m, vars, n))
		return -1;
	cells = NEW_ARRAY(&r->perm, struct cell, n);
	for (size_t i = 0; i < n; i++) {
		cells[i] = (struct cell){ .m = m, .vars = vars[i] };
		diag_fork(&cells[i].diag, &r->diag, &cells[i].a);
	}
	thread_each((size_t)r->jobs, n, cell_task, cells);
	for (size_t i = 0; i < n; i++) {
		diag_join(&r->diag, &cells[i].diag);
		bad |= cells[i].bad;
		arena_free(&cells[i].a);
	}
	return bad ? -1 : 0;
}
