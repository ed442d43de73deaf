/* SPDX-License-Identifier: MIT */
/* Checks across objects: what is referred to must be there, selectors must select, nothing may be there twice. */
#include "schema/references_parts.h"

#include <string.h>

static const struct label *find_label(const struct labels *l, str key)
{
	for (size_t i = 0; i < l->n; i++)
		if (str_eq(l->p[i].key, key))
			return &l->p[i];
	return NULL;
}

static bool holds(const struct expression *e, const struct labels *have)
{
	const struct label *l = find_label(have, e->key);
	bool in = false;
	for (size_t i = 0; l && i < e->n; i++)
		in |= str_eq(l->value, e->values[i]);
	if (str_eq(e->op, S("In")))
		return in;
	if (str_eq(e->op, S("NotIn")))
		return !in;
	return str_eq(e->op, S("DoesNotExist")) ? !l : l != NULL;
}

/* Labels that controllers add to the pods they make. */
static bool is_given(str key)
{
	static const char *const keys[] = { "statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index", "controller-revision-hash",
		"pod-template-hash", "batch.kubernetes.io/job-name", "job-name", "batch.kubernetes.io/controller-uid", "controller-uid" };
	for (size_t i = 0; i < COUNT(keys); i++)
		if (str_eq(key, str_of(keys[i])))
			return true;
	return false;
}

/* Pods of the control plane are of no manifest that is applied. */
static bool is_control_plane(const struct wanted *w)
{
	static const char *const parts[] = { "kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd", "kube-proxy", "kube-dns" };
	bool system = !w->ns.n || str_eq(w->ns, S("kube-system"));
	for (size_t i = 0; system && i < w->labels.n; i++) {
		const struct label *l = &w->labels.p[i];
		if (str_eq(l->key, S("tier")) && str_eq(l->value, S("control-plane")))
			return true;
		for (size_t k = 0; (str_eq(l->key, S("component")) || str_eq(l->key, S("k8s-app"))) && k < COUNT(parts); k++)
			if (str_eq(l->value, str_of(parts[k])))
				return true;
	}
	return false;
}

static str pod_makers(const struct references *x, const struct wanted *w)
{
	str found = { "", 0 };
	if (!w->labels.n)
		found = makers_of_pods(x->makers, S(""), S(""), w->ns);
	for (size_t i = 0; i < w->labels.n && !found.n; i++)
		found = makers_of_pods(x->makers, w->labels.p[i].key, w->labels.p[i].value, w->ns);
	return found;
}

static bool is_selected(const struct wanted *w, const struct known *k)
{
	bool ok = same_namespace(k->id.ns, w->ns);
	for (size_t j = 0; ok && j < w->labels.n; j++) {
		const struct label *l = find_label(&k->labels, w->labels.p[j].key);
		ok = is_given(w->labels.p[j].key) || (l && str_eq(l->value, w->labels.p[j].value));
	}
	for (size_t j = 0; ok && j < w->nexpressions; j++)
		ok = holds(&w->expressions[j], &k->labels);
	return ok;
}

static bool has_port(const struct known *k, str port)
{
	for (size_t i = 0; i < k->ports.n; i++)
		if (str_eq(k->ports.p[i].key, port) || str_eq(k->ports.p[i].value, port))
			return true;
	return false;
}

static bool selects(const struct references *x, const struct wanted *w)
{
	for (size_t i = 0; i < x->pods.n; i++)
		if (is_selected(w, x->pods.p[i]))
			return true;
	return false;
}

static void report(const struct references *x, const struct wanted *w, enum severity severity, const char *rule, str text, void (*put)(void *, const struct finding *), void *ctx)
{
	const struct kube_id *id = &w->by->id;
	struct finding f = { .severity = severity, .rule = rule, .pos = w->pos, .path = w->path, .api_version = w->by->api, .kind = id->kind, .ns = id->ns, .name = id->name };
	f.message = str_printf(x->a, "%.*s%s%.*s (%.*s)", STR_ARG(w->where), w->where.n ? ": " : "", STR_ARG(text), STR_ARG(kube_id_text(x->a, id)));
	put(ctx, &f);
}

/* The object that is meant, or the nearest name of its kind in *near. */
static const struct known *lookup(const struct references *x, const struct wanted *w, str *near)
{
	for (const struct known *k = map_get(&x->objects, reference_key(x->a, w->kind, w->name)); k; k = k->next)
		if (same_namespace(k->id.ns, w->ns) || str_starts(w->kind, S("Cluster")))
			return k;
	str *names = NEW_ARRAY(x->a, str, x->objects.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < x->objects.n; i++) {
		const struct known *k = x->objects.items[i].value;
		while (k && !(str_eq(k->id.kind, w->kind) && same_namespace(k->id.ns, w->ns)))
			k = k->next;
		if (k)
			names[n++] = k->id.name;
	}
	*near = str_nearest(w->name, names, n);
	return NULL;
}

/* ConfigMaps that a controller puts into every namespace. */
static bool is_everywhere(const struct wanted *w)
{
	static const char *const names[] = { "kube-root-ca.crt", "openshift-service-ca.crt", "istio-ca-root-cert" };
	for (size_t i = 0; str_eq(w->kind, S("ConfigMap")) && i < COUNT(names); i++)
		if (str_eq(w->name, str_of(names[i])))
			return true;
	return false;
}

static void judge_missing(const struct references *x, const struct wanted *w, str near, void (*put)(void *, const struct finding *), void *ctx)
{
	str maker = makers_of_name(x->makers, w->kind, w->name, w->ns);
	bool elsewhere = !maker.n && w->ns.n && w->by->id.ns.n && !str_eq(w->ns, w->by->id.ns) && !makers_see(x->makers, w->ns);
	str text = str_printf(x->a, "there is no %.*s \"%.*s\"", STR_ARG(w->kind), STR_ARG(w->name));
	if (maker.n)
		report(x, w, SEV_NOTE, "ref/missing", str_printf(x->a, "%.*s among the objects given; %.*s may make it", STR_ARG(text), STR_ARG(maker)), put, ctx);
	else if (elsewhere)
		report(x, w, SEV_NOTE, "ref/missing", str_printf(x->a, "%.*s among the objects given; none of the namespace %.*s are", STR_ARG(text), STR_ARG(w->ns)), put, ctx);
	else
		report(x, w, w->severity, "ref/missing",
		       str_printf(x->a, "%.*s%s%.*s%s", STR_ARG(text), near.n ? "; did you mean \"" : "", STR_ARG(near), near.n ? "\"?" : ""), put, ctx);
}

static bool is_granted(const struct references *x, const struct wanted *w, const struct known *to)
{
	str from = w->by->id.ns;
	bool granted = !w->granted || !from.n || !to->id.ns.n || str_eq(from, to->id.ns);
	for (size_t i = 0; i < x->grants.n && !granted; i++) {
		const struct grant *g = &x->grants.p[i];
		granted = same_namespace(g->ns, to->id.ns) && str_eq(g->kind, w->by->id.kind) && str_eq(g->from, from) && (!g->name.n || str_eq(g->name, w->name));
	}
	return granted || makers_of_name(x->makers, S("ReferenceGrant"), from, to->id.ns).n;
}

static void judge_name(const struct references *x, const struct wanted *w, void (*put)(void *, const struct finding *), void *ctx)
{
	str near = { 0 };
	const struct known *k = lookup(x, w, &near);
	if (!k && is_everywhere(w))
		return;
	if (!k) {
		judge_missing(x, w, near, put, ctx);
		return;
	}
	if (!is_granted(x, w, k))
		report(x, w, SEV_ERROR, "ref/grant", str_printf(x->a, "no ReferenceGrant in the namespace %.*s lets %.*ss of %.*s refer to its Services",
			STR_ARG(k->id.ns), STR_ARG(w->by->id.kind), STR_ARG(w->by->id.ns)), put, ctx);
	if (w->port.n && k->ports.n && !has_port(k, w->port))
		report(x, w, w->severity, "ref/port", str_printf(x->a, "the Service \"%.*s\" has no port %.*s", STR_ARG(w->name), STR_ARG(w->port)), put, ctx);
}

static void judge_selector(const struct references *x, const struct wanted *w, void (*put)(void *, const struct finding *), void *ctx)
{
	if (selects(x, w) || is_control_plane(w))
		return;
	str maker = pod_makers(x, w), text = S("this selects no pods of the objects given");
	if (maker.n)
		report(x, w, SEV_NOTE, w->rule, str_printf(x->a, "%.*s; %.*s may make them", STR_ARG(text), STR_ARG(maker)), put, ctx);
	else
		report(x, w, w->severity, w->rule, text, put, ctx);
}

/* Of pods that are selected, some must have the port. */
static void judge_target_port(const struct references *x, const struct wanted *w, void (*put)(void *, const struct finding *), void *ctx)
{
	struct { str *p; size_t n, cap; } names = { 0 };
	size_t selected = 0;
	for (size_t i = 0; i < x->pods.n; i++) {
		const struct known *k = x->pods.p[i];
		if (!is_selected(w, k))
			continue;
		if (has_port(k, w->port))
			return;
		selected++;
		for (size_t j = 0; j < k->ports.n; j++)
			*VEC_ADD(x->a, &names) = k->ports.p[j].value;
	}
	str near = str_nearest(w->port, names.p, names.n);
	if (selected)
		report(x, w, w->severity, "ref/port", str_printf(x->a, "no container of the pods that are selected has a port of the name \"%.*s\"%s%.*s%s",
			STR_ARG(w->port), near.n ? "; did you mean \"" : "", STR_ARG(near), near.n ? "\"?" : ""), put, ctx);
}

void references_end(struct references *x, void (*put)(void *ctx, const struct finding *f), void *ctx)
{
	for (size_t i = 0; i < x->doubles.n; i++) {
		const struct wanted *d = &x->doubles.p[i];
		struct wanted w = { .by = d->by, .pos = d->by->pos, .severity = SEV_ERROR, .path = S("/metadata/name") };
		report(x, &w, SEV_ERROR, "ref/duplicate-object",
		       str_printf(x->a, "this object is there twice: the first is at %s:%u", d->pos.file ? d->pos.file : "?", (unsigned)d->pos.line), put, ctx);
	}
	for (size_t i = 0; i < x->wanted.n; i++) {
		const struct wanted *w = &x->wanted.p[i];
		if (!w->rule)
			judge_name(x, w, put, ctx);
		else if (w->port.n)
			judge_target_port(x, w, put, ctx);
		else
			judge_selector(x, w, put, ctx);
	}
}
