/* SPDX-License-Identifier: MIT */
/* Applications on their way: rendered side by side, with those that they bring, put out one by one. */
#include <string.h>

#include "argocd/internal.h"

#define BATCH 256 /* rendered before they are put out: a bound of memory, the same for any number of threads */

struct link { /* where an Application comes from, for messages */
	const char *what;
	struct pos pos;
	const struct link *by;
};
struct task {
	struct node *object; /* an Application or ApplicationSet */
	struct link link;
	int depth;
	bool is_set;
	struct arena arena;
	struct diag diag;
	struct nodes made;
	const char *source; /* that could not be rendered; NULL: none */
	int bad;
};
struct work {
	struct arena *a;
	struct diag *diag;
	const struct argocd_options *o;
	struct nodes clusters, crds;
	struct chart_store *charts;
	int (*put)(void *ctx, struct node *doc);
	void *ctx;
	struct {
		struct task **p;
		size_t n, cap;
	} queue;
	struct map seen; /* names of Applications and ApplicationSets */
	size_t first;    /* of the batch */
};

static bool is_argocd(const struct node *n, const char *kind)
{
	return str_starts(node_get_str(n, S("apiVersion")), S("argoproj.io/")) && str_eq(node_get_str(n, S("kind")), str_of(kind));
}

/* ---- messages ------------------------------------------------------------------------------------------- */
static str chain(struct work *w, const struct task *t, const char *source)
{
	struct buf b = BUF(w->a);

	if (source)
		buf_printf(&b, "%s; ", source);
	for (const struct link *l = &t->link; l; l = l->by) {
		buf_printf(&b, "%s%s", l == &t->link ? "" : "; from ", l->what);
		if (l->pos.file && l->pos.line)
			buf_printf(&b, ", %s:%u:%u", l->pos.file, l->pos.line, l->pos.col);
	}
	return buf_str(&b);
}

/* What went wrong with one Application is a finding: the others stand. */
static void soften(struct work *w, struct task *t, const char *source)
{
	str where = { NULL, 0 };

	for (struct finding *f = diag_held_at(&t->diag, 0); f; f = diag_held_next(f)) {
		if (!f->trouble)
			continue;
		if (!where.p)
			where = chain(w, t, source);
		f->trouble = false;
		f->message = str_printf(&t->arena, "%.*s (%.*s)", STR_ARG(f->message), STR_ARG(where));
	}
}

/* ---- the queue -------------------------------------------------------------------------------------- */
static int add(struct work *w, struct node *n, const struct task *by)
{
	bool is_set = is_argocd(n, "ApplicationSet");
	const struct node *meta = node_get(n, S("metadata"));
	str ns = node_get_str(meta, S("namespace")), name = node_get_str(meta, S("name"));
	const char *kind = is_set ? "ApplicationSet" : "Application";
	int depth = by ? by->depth + 1 : 0;

	void **slot = map_at(w->a, &w->seen, str_printf(w->a, "%s %.*s/%.*s", kind, STR_ARG(ns), STR_ARG(name)));
	if (*slot) /* brought twice, or by itself */
		return 0;
	if (depth > ARGOCD_MAX_DEPTH || w->queue.n >= ARGOCD_MAX_APPS)
		return diag_trouble(w->diag, node_pos(n), "argocd", "Applications bring Applications without end");
	struct task *t = NEW(w->a, struct task);
	*slot = t;
	*t = (struct task){ .object = n, .depth = depth, .is_set = is_set };
	t->link = (struct link){ str_printf(w->a, "%s %.*s", kind, STR_ARG(name)).p, node_pos(n), by ? &by->link : NULL };
	*VEC_ADD(w->a, &w->queue) = t;
	return 0;
}

static void run_task(void *ctx, size_t i, size_t worker)
{
	struct work *w = ctx;
	struct task *t = w->queue.p[w->first + i];
	struct argocd x = { .a = &t->arena, .o = w->o, .clusters = &w->clusters, .crds = &w->crds, .charts = w->charts, .diag = &t->diag };
	str ns = node_get_str(node_get(node_get(t->object, S("spec")), S("destination")), S("namespace"));

	(void)worker;
	diag_fork(&t->diag, w->diag, &t->arena);
	t->bad = t->is_set ? expand_set(&x, t->object, &t->made) : render_sources(&x, t->object, &t->made);
	if (!t->bad && !t->is_set)
		t->bad = order_objects(&x, ns, &t->made);
	t->source = x.source;
}

/* What a task made goes out, and what of it brings more is queued.  Memory of a task lives as long as what it brought. */
static int put_out(struct work *w, struct task *t)
{
	bool kept = false;
	int bad = 0;

	soften(w, t, t->source);
	diag_join(w->diag, &t->diag);
	for (size_t i = 0; !t->bad && !bad && i < t->made.n; i++) {
		struct node *n = t->made.p[i];
		bool brings = is_argocd(n, "Application") || is_argocd(n, "ApplicationSet");
		bad = w->put(w->ctx, n);
		if (!bad && brings)
			bad = add(w, n, t);
		kept |= brings;
	}
	if (!kept)
		arena_free(&t->arena);
	return bad;
}

static void find_given(struct work *w, struct node *const *objects, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct node *labels = node_get(node_get(objects[i], S("metadata")), S("labels"));
		if (str_eq(node_get_str(labels, S("argocd.argoproj.io/secret-type")), S("cluster")))
			*VEC_ADD(w->a, &w->clusters) = objects[i];
		if (str_eq(node_get_str(objects[i], S("kind")), S("CustomResourceDefinition")))
			*VEC_ADD(w->a, &w->crds) = objects[i];
	}
}

int argocd_render(struct arena *a, struct diag *d, const struct argocd_options *o, struct node *const *objects, size_t n,
		  int (*put)(void *ctx, struct node *doc), void *ctx)
{
	struct work w = { .a = a, .diag = d, .o = o, .put = put, .ctx = ctx };
	int bad = 0;

	find_given(&w, objects, n);
	for (size_t i = 0; i < n && !bad; i++)
		if (is_argocd(objects[i], "Application") || is_argocd(objects[i], "ApplicationSet"))
			bad = add(&w, objects[i], NULL);
	if (!bad && w.queue.n == 0)
		return diag_trouble(d, NOWHERE, "argocd", "no Application or ApplicationSet is among the sources");
	w.charts = chart_store_new(a);
	while (w.first < w.queue.n && !bad) {
		size_t size = w.queue.n - w.first < BATCH ? w.queue.n - w.first : BATCH;
		thread_each(o->jobs ? o->jobs : 1, size, run_task, &w);
		for (size_t i = 0; i < size; i++, w.first++) {
			if (!bad)
				bad = put_out(&w, w.queue.p[w.first]);
		}
	}
	for (size_t i = 0; i < w.queue.n; i++)
		arena_free(&w.queue.p[i]->arena);
	chart_store_free(w.charts);
	return bad;
}
