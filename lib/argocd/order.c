/* SPDX-License-Identifier: MIT */
/* What Argo CD does to the manifests of an Application: one of each name, namespaces, the order of a sync. */
#include <stdlib.h>

#include "argocd/internal.h"

/* ---- namespaces ------------------------------------------------------------------------------------ */
static bool is_crd(const struct node *n)
{
	return str_eq(node_get_str(n, S("kind")), S("CustomResourceDefinition"));
}

static str crd_group(const struct node *crd)
{
	return node_get_str(node_get(crd, S("spec")), S("group"));
}

static str crd_kind(const struct node *crd)
{
	return node_get_str(node_get(node_get(crd, S("spec")), S("names")), S("kind"));
}

/* crds: of the Application, then all that were given. */
static bool cluster_scoped(const struct nodes *crds, const struct kube_id *id)
{
	bool known, namespaced = kube_is_namespaced(id, &known);

	if (known)
		return !namespaced;
	for (size_t i = 0; i < crds->n; i++)
		if (str_eq(crd_group(crds->p[i]), id->group) && str_eq(crd_kind(crds->p[i]), id->kind))
			return str_eq(node_get_str(node_get(crds->p[i], S("spec")), S("scope")), S("Cluster"));
	return false;
}

static struct node *with_namespace(struct argocd *x, const struct nodes *crds, struct node *n, str ns)
{
	struct arena *a = x->a;
	struct node *meta = node_get(n, S("metadata"));
	struct kube_id id;

	if (!node_is(meta, NODE_MAP) || !kube_identify(n, &id, NULL))
		return n;
	bool scoped = cluster_scoped(crds, &id);
	if (scoped ? id.ns.n == 0 : id.ns.n > 0 || ns.n == 0)
		return n;
	n = node_clone(a, n);
	meta = node_clone(a, meta);
	if (scoped)
		node_remove(meta, S("namespace"));
	else
		node_put(a, meta, S("namespace"), node_at(node_string(a, ns), meta));
	node_put(a, n, S("metadata"), meta);
	return n;
}

/* Of objects with the same name the last stays. */
static void drop_repeated(struct argocd *x, struct nodes *all)
{
	struct map last = { 0 };
	size_t kept = 0;

	for (size_t i = 0; i < all->n; i++) {
		struct kube_id id;
		if (!kube_identify(all->p[i], &id, NULL) || id.name.n == 0)
			continue;
		str key = str_printf(x->a, "%.*s/%.*s/%.*s/%.*s", STR_ARG(id.group), STR_ARG(id.kind), STR_ARG(id.ns), STR_ARG(id.name));
		void **slot = map_at(x->a, &last, key);
		if (*slot) {
			struct node **old = *slot;
			struct pos pos = node_pos(*old);
			diag_at(x->diag, SEV_WARNING, node_pos(all->p[i]), "repeated", "%.*s is among the Application's objects twice; the other one, %s:%u:%u, is left out",
				STR_ARG(kube_id_text(x->a, &id)), pos.file ? pos.file : "?", pos.line, pos.col);
			*old = NULL;
		}
		*slot = &all->p[i];
	}
	for (size_t i = 0; i < all->n; i++)
		if (all->p[i])
			all->p[kept++] = all->p[i];
	all->n = kept;
}

/* ---- order ------------------------------------------------------------------------------------------- */
enum phase { PRE_SYNC, SYNC, POST_SYNC, SYNC_FAIL, NO_SYNC };
struct sync_step {
	struct node *object;
	str kind, name, group, ns;
	enum phase phase;
	int64_t wave;
	int rank;
	size_t order;
};

static str annotation(const struct node *n, const char *key)
{
	return node_str(node_get(node_get(node_get(n, S("metadata")), S("annotations")), str_of(key)));
}

/* The earliest phase that a list of hooks names; PHASES known, or none of them. */
static bool hook_phase(str list, bool helm, enum phase *out)
{
	static const struct {
		str name;
		enum phase phase;
		bool helm;
	} hooks[] = {
		{ SI("PreSync"), PRE_SYNC, false },	  { SI("Sync"), SYNC, false },		{ SI("PostSync"), POST_SYNC, false },
		{ SI("SyncFail"), SYNC_FAIL, false },	  { SI("Skip"), NO_SYNC, false },	{ SI("pre-install"), PRE_SYNC, true },
		{ SI("pre-upgrade"), PRE_SYNC, true }, { SI("post-install"), POST_SYNC, true }, { SI("post-upgrade"), POST_SYNC, true },
	};
	bool found = false;

	*out = NO_SYNC;
	while (list.n) {
		ptrdiff_t comma = str_chr(list, ',');
		str one = str_trim(comma < 0 ? list : str_sub(list, 0, (size_t)comma));
		list = comma < 0 ? S("") : str_sub(list, (size_t)comma + 1, list.n);
		for (size_t i = 0; i < COUNT(hooks); i++) {
			if (hooks[i].helm != helm || !str_eq(hooks[i].name, one))
				continue;
			found = true;
			*out = hooks[i].phase < *out ? hooks[i].phase : *out;
		}
	}
	return found;
}

/* Hooks that no sync runs (tests, deletion) come last, as do those to be skipped. */
static enum phase phase_of(const struct node *n)
{
	str hook = annotation(n, "argocd.argoproj.io/hook"), helm = annotation(n, "helm.sh/hook");
	enum phase phase;

	if (hook_phase(hook, false, &phase) || hook_phase(helm, true, &phase))
		return phase;
	return hook.n || (helm.n && !str_eq(helm, S("crd-install"))) ? NO_SYNC : SYNC;
}

static int rank_of(str kind)
{
	static const char *const first[] = {
		"Namespace", "NetworkPolicy", "ResourceQuota", "LimitRange", "PodSecurityPolicy", "PodDisruptionBudget", "ServiceAccount", "Secret",
		"SecretList", "ConfigMap", "StorageClass", "PersistentVolume", "PersistentVolumeClaim", "CustomResourceDefinition", "ClusterRole",
		"ClusterRoleList", "ClusterRoleBinding", "ClusterRoleBindingList", "Role", "RoleList", "RoleBinding", "RoleBindingList", "Service",
		"DaemonSet", "Pod", "ReplicationController", "ReplicaSet", "Deployment", "HorizontalPodAutoscaler", "StatefulSet", "Job", "CronJob",
		"IngressClass", "Ingress", "APIService",
	};
	size_t i = 0;

	while (i < COUNT(first) && !str_eq(kind, str_of(first[i])))
		i++;
	return (int)i;
}

static int by_step(const void *x, const void *y)
{
	const struct sync_step *a = x, *b = y;
	int names;

	if (a->phase != b->phase)
		return (int)a->phase - (int)b->phase;
	if (a->wave != b->wave)
		return a->wave < b->wave ? -1 : 1;
	if (a->rank != b->rank)
		return a->rank - b->rank;
	if ((names = str_cmp(a->name, b->name)))
		return names;
	return a->order < b->order ? -1 : 1;
}

/* What others need, a Namespace or a CRD, goes before the first of them, whatever its own step. */
static void pull_forward(struct argocd *x, struct sync_step *steps, size_t n, bool crds)
{
	struct map needed = { 0 }; /* what is needed: the index of the first that does, plus 1 */

	for (size_t i = 0; i < n; i++) {
		struct sync_step t = steps[i];
		bool gives = crds ? is_crd(t.object) : str_eq(t.kind, S("Namespace")) && t.group.n == 0;
		str kind = crds && gives ? crd_kind(t.object) : t.kind;
		str group = crds && gives ? crd_group(t.object) : t.group;
		str key = crds ? str_printf(x->a, "%.*s/%.*s", STR_ARG(group), STR_ARG(kind)) : gives ? t.name : t.ns;
		if (key.n == 0)
			continue;
		void **slot = map_at(x->a, &needed, key);
		if (!gives) {
			if (!*slot)
				*slot = (void *)(uintptr_t)(i + 1);
			continue;
		}
		if (!*slot)
			continue;
		size_t to = (size_t)(uintptr_t)*slot - 1;
		for (size_t k = i; k > to; k--)
			steps[k] = steps[k - 1];
		steps[to] = t;
		for (size_t k = 0; k < needed.n; k++)
			if (needed.items[k].value && (size_t)(uintptr_t)needed.items[k].value > to)
				needed.items[k].value = (void *)((uintptr_t)needed.items[k].value + 1);
	}
}

int order_objects(struct argocd *x, str ns, struct nodes *all)
{
	struct nodes crds = { 0 };

	for (size_t i = 0; i < all->n; i++)
		if (is_crd(all->p[i]))
			*VEC_ADD(x->a, &crds) = all->p[i];
	for (size_t i = 0; i < x->crds->n; i++)
		*VEC_ADD(x->a, &crds) = x->crds->p[i];
	for (size_t i = 0; i < all->n; i++)
		all->p[i] = with_namespace(x, &crds, all->p[i], ns);
	drop_repeated(x, all);
	struct sync_step *steps = NEW_ARRAY(x->a, struct sync_step, all->n + 1);
	for (size_t i = 0; i < all->n; i++) {
		struct kube_id id = { 0 };
		kube_identify(all->p[i], &id, NULL);
		steps[i] = (struct sync_step){ .object = all->p[i], .kind = id.kind, .name = id.name, .group = id.group, .ns = id.ns, .order = i,
					  .phase = phase_of(all->p[i]), .rank = rank_of(id.kind) };
		if (!str_to_i64(annotation(all->p[i], "argocd.argoproj.io/sync-wave"), &steps[i].wave))
			str_to_i64(annotation(all->p[i], "helm.sh/hook-weight"), &steps[i].wave);
	}
	qsort(steps, all->n, sizeof *steps, by_step);
	pull_forward(x, steps, all->n, false);
	pull_forward(x, steps, all->n, true);
	for (size_t i = 0; i < all->n; i++)
		all->p[i] = steps[i].object;
	return 0;
}
