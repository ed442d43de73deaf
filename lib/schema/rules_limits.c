/* SPDX-License-Identifier: MIT */
/* Quotas, limits and volumes: names of resources, and amounts that must fit each other. */
#include "schema/rules.h"

#include <string.h>

#define FIELD(map, name) rule_get((map), S(name))

void rules_volume(struct rules *r)
{
	static const char *const others[] = { "accessModes", "capacity", "claimRef", "mountOptions", "nodeAffinity", "persistentVolumeReclaimPolicy",
					      "storageClassName", "volumeAttributesClassName", "volumeMode" };
	const struct node *spec = FIELD(r->object, "spec");
	size_t sources = 0;
	for (size_t i = 0; node_is(spec, NODE_MAP) && i < spec->n; i++) {
		bool source = spec->entries[i].value->kind != NODE_NULL;
		for (size_t k = 0; k < COUNT(others); k++)
			source &= !str_eq(entry_key(&spec->entries[i]), str_of(others[k]));
		sources += source;
	}
	const struct node *capacity = FIELD(spec, "capacity"), *storage = FIELD(capacity, "storage");
	for (size_t i = 0; node_is(capacity, NODE_MAP) && i < capacity->n; i++)
		if (!str_eq(entry_key(&capacity->entries[i]), S("storage")))
			rule_key(r, "api/resource-name", capacity, entry_key(&capacity->entries[i]), "a PersistentVolume has storage only");
	int order;
	if (node_is(capacity, NODE_MAP) && (!storage || (kube_quantity_cmp(rule_text(storage), S("0"), &order) && order <= 0)))
		rule(r, "api/range", SEV_ERROR, storage ? storage : capacity, "storage must be greater than zero");
	if (spec && sources != 1)
		rule(r, "api/one-of", SEV_ERROR, spec, "a PersistentVolume has one source (nfs, csi, hostPath, …), this one has %zu", sources);
}

/* ---- ResourceQuota ---------------------------------------------------------------- */
static bool is_in(str s, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(s, str_of(list[i])))
			return true;
	return false;
}

/* Which of the resources a scope can tell apart. */
static bool scope_counts(str scope, str resource)
{
	static const char *const of_pods[] = { "pods", "cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory" };
	static const char *const of_claims[] = { "persistentvolumeclaims", "requests.storage" };
	if (str_eq(scope, S("VolumeAttributesClass")))
		return is_in(resource, of_claims, COUNT(of_claims));
	return is_in(resource, of_pods, str_eq(scope, S("BestEffort")) ? 1 : COUNT(of_pods));
}

static void check_scopes(struct rules *r, const struct node *hard, const struct node *list, const char *field)
{
	static const char *const apart[][2] = { { "BestEffort", "NotBestEffort" }, { "Terminating", "NotTerminating" } };
	for (size_t i = 0; i < rule_items(list); i++) {
		const struct node *at = *field ? rule_get(list->items[i], str_of(field)) : list->items[i];
		for (size_t k = 0; rule_text(at).n && node_is(hard, NODE_MAP) && k < hard->n; k++) {
			str key = entry_key(&hard->entries[k]);
			if (str_chr(key, '/') < 0 && !scope_counts(rule_text(at), key)) {
				rule(r, "api/selector", SEV_ERROR, at, "the scope %.*s does not go with %.*s", STR_ARG(rule_text(at)), STR_ARG(key));
				break;
			}
		}
		for (size_t k = 0; k < i; k++) {
			str other = rule_text(*field ? rule_get(list->items[k], str_of(field)) : list->items[k]);
			for (size_t p = 0; p < COUNT(apart); p++)
				if ((str_eq(other, str_of(apart[p][0])) && str_eq(rule_text(at), str_of(apart[p][1]))) ||
				    (str_eq(other, str_of(apart[p][1])) && str_eq(rule_text(at), str_of(apart[p][0]))))
					rule(r, "api/selector", SEV_ERROR, at, "nothing is both %s and %s", apart[p][0], apart[p][1]);
		}
	}
}

void rules_quota(struct rules *r)
{
	static const char *const known[] = { "pods", "services", "replicationcontrollers", "resourcequotas", "secrets", "configmaps", "persistentvolumeclaims",
					     "services.nodeports", "services.loadbalancers", "cpu", "memory", "ephemeral-storage", "requests.cpu",
					     "requests.memory", "requests.storage", "requests.ephemeral-storage", "limits.cpu", "limits.memory",
					     "limits.ephemeral-storage" };
	enum { COUNTED = 9 }; /* the first of them count objects */
	const struct node *hard = rule_path(r->object, "spec.hard");
	for (size_t i = 0; node_is(hard, NODE_MAP) && i < hard->n; i++) {
		const struct node *value = hard->entries[i].value;
		str key = entry_key(&hard->entries[i]), names[COUNT(known)];
		bool fine = str_chr(key, '/') > 0 || str_starts(key, S("hugepages-")) || str_starts(key, S("requests.hugepages-")) || is_in(key, known, COUNT(known));
		int order;
		for (size_t k = 0; k < COUNT(known); k++)
			names[k] = str_of(known[k]);
		str near = str_nearest(key, names, COUNT(known));
		bool counted = str_starts(key, S("count/")) || is_in(key, known, COUNTED);
		if (counted && rule_text(value).n && !kube_quantity_whole(rule_text(value)))
			rule(r, "api/format", SEV_ERROR, value, "must be a whole number: it counts objects");
		if (kube_quantity_cmp(rule_text(value), S("0"), &order) && order < 0)
			rule(r, "api/range", SEV_ERROR, value, "must not be negative, found %.*s", STR_ARG(rule_text(value)));
		if (!fine)
			rule_key(r, "api/resource-name", hard, key, "no resource that a quota can count%s%.*s%s", near.n ? "; did you mean \"" : "", STR_ARG(near),
				 near.n ? "\"?" : "");
	}
	check_scopes(r, hard, rule_path(r->object, "spec.scopes"), "");
	check_scopes(r, hard, rule_path(r->object, "spec.scopeSelector.matchExpressions"), "scopeName");
}

/* ---- LimitRange ------------------------------------------------------------------ */
/* A null is zero. */
static const struct node *amount_of(const struct node *map, str key, str *out)
{
	const struct node *n = node_get(map, key);
	*out = n ? n->kind == NODE_NULL || !n->n ? S("0") : rule_text(n) : (str){ 0 };
	return n;
}

static void check_order(struct rules *r, str x, const char *what, str y, const char *than, const struct node *at, str key)
{
	int order;
	if (x.n && y.n && kube_quantity_cmp(x, y, &order) && order > 0)
		rule(r, "api/resources", SEV_ERROR, at, "%.*s: the %s %.*s is more than the %s %.*s", STR_ARG(key), what, STR_ARG(x), than, STR_ARG(y));
}

/* What the server fills in first: the default from the most, the default request from the default, then from the least. */
static void check_limit(struct rules *r, const struct node *item, str key)
{
	bool container = str_eq(node_get_str(item, S("type")), S("Container"));
	str min, max, request, most, ratio;
	int order;
	amount_of(FIELD(item, "min"), key, &min);
	const struct node *at = amount_of(FIELD(item, "max"), key, &max);
	const struct node *def = amount_of(FIELD(item, "default"), key, &most);
	const struct node *req = amount_of(FIELD(item, "defaultRequest"), key, &request);
	const struct node *rat = amount_of(FIELD(item, "maxLimitRequestRatio"), key, &ratio);
	if (container && !def)
		most = max;
	if (container && !req)
		request = def || most.n ? most : min;
	at = def ? def : req ? req : at ? at : item;
	check_order(r, min, "min", max, "max", at, key);
	check_order(r, min, "min", request, "default request", at, key);
	check_order(r, request, "default request", max, "max", at, key);
	check_order(r, min, "min", most, "default", at, key);
	check_order(r, most, "default", max, "max", at, key);
	check_order(r, request, "default request", most, "default", at, key);
	if (rat && kube_quantity_cmp(ratio, S("1"), &order) && order < 0)
		rule(r, "api/range", SEV_ERROR, rat, "a ratio must be at least 1");
	int64_t low, high, times;
	bool whole = rat && kube_quantity_to_i64(min, &low) && kube_quantity_to_i64(max, &high) && kube_quantity_to_i64(ratio, &times);
	if (whole && low > 0 && times > 0 && (times > INT64_MAX / low || times * low > high))
		rule(r, "api/range", SEV_ERROR, rat, "a ratio of %.*s can't be: max is only %.2f times min", STR_ARG(ratio), (double)high / (double)low);
}

void rules_limits(struct rules *r)
{
	static const char *const maps[] = { "default", "defaultRequest", "max", "min", "maxLimitRequestRatio" };
	static const char *const standard[] = { "Pod", "Container", "PersistentVolumeClaim" };
	const struct node *limits = rule_path(r->object, "spec.limits");
	struct map types = { 0 };
	rule_unique(r, &types, limits, "type", "limit for");
	for (size_t i = 0; i < rule_items(limits); i++) {
		const struct node *item = limits->items[i], *type = FIELD(item, "type");
		struct map keys = { 0 };
		bool known = str_chr(rule_text(type), '/') >= 0;
		for (size_t k = 0; k < COUNT(standard); k++)
			known |= str_eq(rule_text(type), str_of(standard[k]));
		if (rule_text(type).n && !known)
			rule(r, "api/enum", SEV_ERROR, type, "expected Pod, Container, PersistentVolumeClaim or a name with its domain");
		for (size_t k = 0; k < COUNT(maps); k++) {
			const struct node *map = rule_get(item, str_of(maps[k]));
			rules_quantities(r, map);
			for (size_t j = 0; node_is(map, NODE_MAP) && j < map->n; j++)
				*map_at(r->a, &keys, entry_key(&map->entries[j])) = map->entries[j].value;
			if (map && str_eq(rule_text(type), S("Pod")) && str_starts(str_of(maps[k]), S("default")))
				rule_key(r, "api/forbidden", item, str_of(maps[k]), "must not be set for the type Pod");
		}
		if (str_eq(rule_text(type), S("PersistentVolumeClaim")) && !rule_path(item, "min.storage") && !rule_path(item, "max.storage"))
			rule(r, "api/required", SEV_ERROR, item, "a limit for PersistentVolumeClaim needs min.storage or max.storage");
		for (size_t k = 0; k < keys.n; k++)
			check_limit(r, item, keys.items[k].key);
	}
}
