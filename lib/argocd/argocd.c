/* SPDX-License-Identifier: MIT */
/* Applications on their way: rendered one by one, with those that they bring. */
#include <string.h>

#include "argocd/internal.h"

struct queued {
	struct node *app;
	int depth;
};
struct work {
	struct argocd x;
	struct diag *diag;
	int (*put)(void *ctx, struct node *doc);
	void *ctx;
	struct {
		struct queued *p;
		size_t n, cap;
	} queue;
	struct map seen; /* names of Applications */
};

static bool is_argocd(const struct node *n, const char *kind)
{
	return str_starts(node_get_str(n, S("apiVersion")), S("argoproj.io/")) && str_eq(node_get_str(n, S("kind")), str_of(kind));
}

static str full_name(struct arena *a, const struct node *n)
{
	const struct node *meta = node_get(n, S("metadata"));

	return str_printf(a, "%.*s/%.*s", STR_ARG(node_get_str(meta, S("namespace"))), STR_ARG(node_get_str(meta, S("name"))));
}

/* What went wrong with one Application is a finding: the others stand. */
static void soften(struct work *w, struct diag *held, const struct node *n)
{
	struct finding *f;

	for (f = diag_held_at(held, 0); f; f = diag_held_next(f)) {
		if (!f->trouble)
			continue;
		f->trouble = false;
		f->message = str_printf(w->x.a, "%.*s (%.*s %.*s)", STR_ARG(f->message), STR_ARG(node_get_str(n, S("kind"))),
					STR_ARG(node_get_str(node_get(n, S("metadata")), S("name"))));
	}
	diag_join(w->diag, held);
}

/* ---- what Argo CD does to manifests ------------------------------------------------------------- */
static bool cluster_scoped(const struct nodes *all, const struct node *n)
{
	struct kube_id id;
	bool known;

	if (!kube_identify(n, &id, NULL))
		return true;
	bool namespaced = kube_is_namespaced(&id, &known);
	if (known)
		return !namespaced;
	for (size_t i = 0; i < all->n; i++) { /* a CRD beside it knows */
		const struct node *spec = node_get(all->p[i], S("spec"));
		if (str_eq(node_get_str(all->p[i], S("kind")), S("CustomResourceDefinition")) && str_eq(node_get_str(spec, S("group")), id.group) &&
		    str_eq(node_get_str(node_get(spec, S("names")), S("kind")), id.kind))
			return str_eq(node_get_str(spec, S("scope")), S("Cluster"));
	}
	return false;
}

static struct node *with_namespace(struct work *w, const struct nodes *all, struct node *n, str ns)
{
	struct arena *a = w->x.a;
	struct node *meta = node_get(n, S("metadata"));

	if (ns.n == 0 || !meta || node_get_str(meta, S("namespace")).n || cluster_scoped(all, n))
		return n;
	n = node_clone(a, n);
	meta = node_clone(a, meta);
	node_put(a, meta, S("namespace"), node_at(node_string(a, ns), meta));
	node_put(a, n, S("metadata"), meta);
	return n;
}

/* ---- the queue -------------------------------------------------------------------------------------- */
static int add(struct work *w, struct node *n, int depth)
{
	if (is_argocd(n, "Application")) {
		void **slot = map_at(w->x.a, &w->seen, full_name(w->x.a, n));
		if (*slot) /* brought twice, or by itself */
			return 0;
		*slot = n;
	}
	if (depth > ARGOCD_MAX_DEPTH || w->queue.n >= ARGOCD_MAX_APPS)
		return diag_trouble(w->diag, node_pos(n), "argocd", "Applications bring Applications without end");
	*VEC_ADD(w->x.a, &w->queue) = (struct queued){ n, depth };
	return 0;
}

static int run_app(struct work *w, struct queued q)
{
	str ns = node_get_str(node_get(node_get(q.app, S("spec")), S("destination")), S("namespace"));
	struct nodes made = { 0 };
	struct diag held;

	diag_fork(&held, w->diag, w->x.a);
	w->x.diag = &held;
	int bad = render_sources(&w->x, q.app, &made);
	soften(w, &held, q.app);
	if (bad)
		return 0;
	kube_apply_sort(w->x.a, made.p, made.n);
	for (size_t i = 0; i < made.n; i++) {
		struct node *n = with_namespace(w, &made, made.p[i], ns);
		if (w->put(w->ctx, n) < 0)
			return -1;
		if ((is_argocd(n, "Application") || is_argocd(n, "ApplicationSet")) && add(w, n, q.depth + 1) < 0)
			return -1;
	}
	return 0;
}

static int run_set(struct work *w, struct queued q)
{
	struct nodes apps = { 0 };
	struct diag held;

	diag_fork(&held, w->diag, w->x.a);
	w->x.diag = &held;
	int bad = expand_set(&w->x, q.app, &apps);
	soften(w, &held, q.app);
	for (size_t i = 0; !bad && i < apps.n; i++)
		if (w->put(w->ctx, apps.p[i]) < 0 || add(w, apps.p[i], q.depth + 1) < 0)
			return -1;
	return 0;
}

int argocd_render(struct arena *a, struct diag *d, const struct argocd_options *o, struct node *const *objects, size_t n,
		  int (*put)(void *ctx, struct node *doc), void *ctx)
{
	struct work w = { .x = { .a = a, .o = o }, .diag = d, .put = put, .ctx = ctx };
	int bad = 0;

	for (size_t i = 0; i < n; i++) {
		str type = node_get_str(node_get(node_get(objects[i], S("metadata")), S("labels")), S("argocd.argoproj.io/secret-type"));
		if (str_eq(type, S("cluster")))
			*VEC_ADD(a, &w.x.clusters) = objects[i];
	}
	for (size_t i = 0; i < n && !bad; i++)
		if (is_argocd(objects[i], "Application") || is_argocd(objects[i], "ApplicationSet"))
			bad = add(&w, objects[i], 0);
	if (!bad && w.queue.n == 0)
		return diag_trouble(d, NOWHERE, "argocd", "no Application or ApplicationSet is among the sources");
	for (size_t i = 0; i < w.queue.n && !bad; i++)
		bad = is_argocd(w.queue.p[i].app, "Application") ? run_app(&w, w.queue.p[i]) : run_set(&w, w.queue.p[i]);
	return bad;
}
