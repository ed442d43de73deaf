/* SPDX-License-Identifier: MIT */
/* The order of output: sortOptions. */
#include <stdlib.h>
#include <string.h>

#include "kustomize/internal.h"

static const char *const first_kinds[] = { "Namespace", "ResourceQuota", "StorageClass", "CustomResourceDefinition", "ServiceAccount", "PodSecurityPolicy", "Role",
					   "ClusterRole", "RoleBinding", "ClusterRoleBinding", "ConfigMap", "Secret", "Endpoints", "Service", "LimitRange",
					   "PriorityClass", "PersistentVolume", "PersistentVolumeClaim", "Deployment", "StatefulSet", "CronJob",
					   "PodDisruptionBudget" };
static const char *const last_kinds[] = { "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration" };

struct keyed {
	struct resource *r;
	int rank;
	str gvk, rest;
	size_t place;
};

static int rank_by(const struct node *options, str kind)
{
	const struct node *first = node_get(options, S("orderFirst")), *last = node_get(options, S("orderLast"));

	for (uint32_t i = 0; last && i < last->n; i++)
		if (str_eq(kind, node_str(last->items[i])))
			return 1 + (int)i;
	for (uint32_t i = 0; first && i < first->n; i++)
		if (str_eq(kind, node_str(first->items[i])))
			return (int)i - (int)first->n;
	return 0;
}

int kind_rank(str kind)
{
	for (size_t i = 0; i < COUNT(first_kinds); i++)
		if (str_eq(kind, str_of(first_kinds[i])))
			return (int)i - (int)COUNT(first_kinds);
	for (size_t i = 0; i < COUNT(last_kinds); i++)
		if (str_eq(kind, str_of(last_kinds[i])))
			return 1 + (int)i;
	return 0;
}

/* What is empty sorts behind the letters, as kustomize has it. */
static int compare(const void *x, const void *y)
{
	const struct keyed *a = x, *b = y;
	int c;

	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	if ((c = str_cmp(a->gvk, b->gvk)) != 0 || (c = str_cmp(a->rest, b->rest)) != 0)
		return c;
	return a->place < b->place ? -1 : a->place > b->place;
}

static void sort_by(struct build *b, const struct node *options, struct resources *all)
{
	struct keyed *k = NEW_ARRAY(b->a, struct keyed, all->n + 1);

	for (size_t i = 0; i < all->n; i++) {
		const struct past *id = id_of(b, all->p[i]);
		str group = id->group.n ? id->group : S("~G"), version = id->version.n ? id->version : S("~V"), ns = id->ns.n ? id->ns : S("~X");
		k[i] = (struct keyed){ .r = all->p[i], .rank = options ? rank_by(options, id->kind) : kind_rank(id->kind), .place = i };
		k[i].gvk = str_printf(b->a, "%.*s_%.*s_%.*s", STR_ARG(group), STR_ARG(version), STR_ARG(id->kind));
		k[i].rest = str_printf(b->a, "%.*s|%.*s", STR_ARG(ns), STR_ARG(id->name));
	}
	qsort(k, all->n, sizeof *k, compare);
	for (size_t i = 0; i < all->n; i++)
		all->p[i] = k[i].r;
	b->stamp++;
}

int sort_resources(struct build *b, const struct node *options, struct resources *all)
{
	const struct node *order = node_get(options, S("order")), *legacy = node_get(options, S("legacySortOptions"));
	bool fifo = str_eq(node_str(order), S("fifo"));

	if (options && !fifo && !str_eq(node_str(order), S("legacy")))
		return diag_trouble(b->diag, node_pos(order ? order : options), "kustomize", "sortOptions.order is fifo or legacy");
	if (fifo && legacy)
		return diag_trouble(b->diag, node_pos(legacy), "kustomize", "legacySortOptions go with order: legacy");
	if (!fifo && all->n)
		sort_by(b, legacy, all);
	return 0;
}
