/* SPDX-License-Identifier: MIT */
/* What containers and pods ask for: names of resources, and requests that must fit their limits. */
#include "schema/rules.h"

#include <string.h>

#define FIELD(map, name) rule_get((map), S(name))

static bool is_extended(str name) /* nvidia.com/gpu: neither the system's own nor a quota's */
{
	return str_chr(name, '/') > 0 && str_find(name, S("kubernetes.io/")) < 0 && !str_starts(name, S("requests."));
}

static bool is_pages(str name)
{
	return str_starts(name, S("hugepages-"));
}

static void check_names(struct rules *r, const struct node *map, const char *const *known, size_t n)
{
	for (size_t i = 0; node_is(map, NODE_MAP) && i < map->n; i++) {
		const struct entry *e = &map->entries[i];
		str key = entry_key(e), *names = NEW_ARRAY(r->a, str, n), near;
		bool fine = str_chr(key, '/') > 0 || is_pages(key);
		int order;
		for (size_t k = 0; k < n; k++) {
			names[k] = str_of(known[k]);
			fine |= str_eq(key, names[k]);
		}
		if (!fine) {
			near = str_nearest(key, names, n);
			rule_key(r, "api/resource-name", map, key, "no such resource%s%.*s%s (others are named domain/name)", near.n ? "; did you mean \"" : "",
				 STR_ARG(near), near.n ? "\"?" : "");
		}
		if (kube_quantity_cmp(rule_text(e->value), S("0"), &order) && order < 0)
			rule(r, "api/range", SEV_ERROR, e->value, "must not be negative, found %.*s", STR_ARG(rule_text(e->value)));
	}
}

void rules_quantities(struct rules *r, const struct node *map)
{
	static const char *const known[] = { "cpu", "memory", "ephemeral-storage", "storage", "pods" };
	check_names(r, map, known, COUNT(known));
}

static void check_amount(struct rules *r, str key, const struct node *value)
{
	int64_t page, amount;
	if (is_extended(key) && rule_text(value).n && !kube_quantity_whole(rule_text(value)))
		rule(r, "api/resources", SEV_ERROR, value, "must be a whole number: a device is not shared");
	if (str_starts(key, S("requests.")) && str_chr(key, '/') > 0)
		rule(r, "api/resource-name", SEV_ERROR, value, "names that begin with requests. are for quotas");
	if (!is_pages(key) || !kube_quantity_to_i64(rule_text(value), &amount))
		return;
	if (!kube_quantity_to_i64(str_sub(key, 10, key.n), &page) || page <= 0 || amount % page)
		rule(r, "api/resources", SEV_ERROR, value, "must be a multiple of the size of the page, %.*s", STR_ARG(str_sub(key, 10, key.n)));
}

/* A request against its limit; devices and pages can't be shared, so there both are the same. */
static void check_request(struct rules *r, const struct node *limits, str key, struct node *want)
{
	const struct node *most = node_get(limits, key);
	str limit = most && most->kind == NODE_NULL ? S("0") : rule_text(most);
	bool whole = is_extended(key) || is_pages(key);
	int order;
	if (!most && whole && str_chr(rule_text(want), '-') != 0)
		rule(r, "api/resources", SEV_ERROR, want, "needs a limit for %.*s as well, of the same amount", STR_ARG(key));
	if (!most || !kube_quantity_cmp(rule_text(want), limit, &order))
		return;
	if (order > 0)
		rule(r, "api/resources", SEV_ERROR, want, "the request %.*s is more than the limit %.*s", STR_ARG(rule_text(want)), STR_ARG(limit));
	else if (order < 0 && whole)
		rule(r, "api/resources", SEV_ERROR, want, "the request %.*s must be the limit %.*s: it can't be shared", STR_ARG(rule_text(want)), STR_ARG(limit));
}

static void check_claims(struct rules *r, const struct node *list, const struct map *claims)
{
	struct map seen = { 0 };
	for (size_t i = 0; i < rule_items(list); i++) {
		const struct node *name = FIELD(list->items[i], "name");
		str request = node_get_str(list->items[i], S("request"));
		if (!rule_text(name).n)
			continue;
		if (!map_get(claims, rule_text(name)))
			rule(r, "api/resources", SEV_ERROR, name, "there is no claim \"%.*s\" in the pod's resourceClaims", STR_ARG(rule_text(name)));
		void **all = map_at(r->a, &seen, rule_text(name)), **own = map_at(r->a, &seen, str_printf(r->a, "%.*s/%.*s", STR_ARG(rule_text(name)), STR_ARG(request)));
		if (*all == list || (*all && !request.n) || *own)
			rule(r, "api/duplicate", SEV_ERROR, name, "the claim \"%.*s\" is there already", STR_ARG(rule_text(name)));
		*all = request.n ? list->items[i] : (void *)list;
		*own = list->items[i];
	}
}

void rules_resources(struct rules *r, const struct node *resources, const struct map *claims)
{
	static const char *const of_container[] = { "cpu", "memory", "ephemeral-storage" };
	const struct node *maps[] = { FIELD(resources, "limits"), FIELD(resources, "requests") };
	const struct node *pages = NULL, *base = NULL;
	for (size_t m = 0; m < COUNT(maps); m++) {
		check_names(r, maps[m], of_container, COUNT(of_container));
		for (size_t i = 0; node_is(maps[m], NODE_MAP) && i < maps[m]->n; i++) {
			str key = entry_key(&maps[m]->entries[i]);
			check_amount(r, key, maps[m]->entries[i].value);
			if (m)
				check_request(r, maps[0], key, maps[m]->entries[i].value);
			if (is_pages(key))
				pages = maps[m]->entries[i].value;
			if (str_eq(key, S("cpu")) || str_eq(key, S("memory")))
				base = maps[m];
		}
	}
	if (pages && !base)
		rule(r, "api/resources", SEV_ERROR, pages, "huge pages go with cpu or memory");
	if (claims)
		check_claims(r, FIELD(resources, "claims"), claims);
}
