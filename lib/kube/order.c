/* SPDX-License-Identifier: MIT */
/* The order in which objects are applied: by phase and wave as Argo CD and Helm mark them, then by kind. */
#include <stdlib.h>

#include "kube/kube.h"

struct ranked {
	struct node *object;
	int phase;
	int64_t wave;
	int rank;
	size_t order;
};

static str note(const struct node *n, const char *key)
{
	return node_str(node_get(node_get(node_get(n, S("metadata")), S("annotations")), str_of(key)));
}

/* Hooks before, the rest, hooks after; those of Helm are Argo CD's by other names. */
static int phase_of(const struct node *n)
{
	str hook = note(n, "argocd.argoproj.io/hook"), helm = note(n, "helm.sh/hook");

	if (str_find(hook, S("PreSync")) >= 0 || str_find(helm, S("pre-")) >= 0 || str_find(helm, S("crd-install")) >= 0)
		return 0;
	if (str_find(hook, S("PostSync")) >= 0 || str_find(helm, S("post-")) >= 0 || str_find(hook, S("SyncFail")) >= 0)
		return 2;
	return 1;
}

static int by_step(const void *x, const void *y)
{
	const struct ranked *a = x, *b = y;

	if (a->phase != b->phase)
		return a->phase - b->phase;
	if (a->wave != b->wave)
		return a->wave < b->wave ? -1 : 1;
	if (a->rank != b->rank)
		return a->rank - b->rank;
	return a->order < b->order ? -1 : 1;
}

void kube_apply_sort(struct arena *a, struct node **objects, size_t n)
{
	struct ranked *steps = NEW_ARRAY(a, struct ranked, n + 1);

	for (size_t i = 0; i < n; i++) {
		struct kube_id id = { 0 };
		kube_identify(objects[i], &id, NULL);
		steps[i] = (struct ranked){ .object = objects[i], .phase = phase_of(objects[i]), .rank = kube_apply_rank(&id), .order = i };
		if (!str_to_i64(note(objects[i], "argocd.argoproj.io/sync-wave"), &steps[i].wave))
			str_to_i64(note(objects[i], "helm.sh/hook-weight"), &steps[i].wave);
	}
	qsort(steps, n, sizeof *steps, by_step);
	for (size_t i = 0; i < n; i++)
		objects[i] = steps[i].object;
}
