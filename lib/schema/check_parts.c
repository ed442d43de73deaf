/* SPDX-License-Identifier: MIT */
/* The other half of the rules for single definitions: storage, networks, jobs, admission. */
#include "schema/internal.h"

#include <string.h>

#define TEXT(map, name) node_get_str((map), S(name))

static const struct node *get(const struct api_shape *x, const char *name)
{
	const struct node *v = node_get(x->n, str_of(name));
	return v && v->kind != NODE_NULL ? v : NULL;
}

static size_t count_of(const struct api_shape *x, const char *name)
{
	const struct node *v = get(x, name);
	return node_is(v, NODE_SEQ) ? v->n : 0;
}

/* ---- storage ---------------------------------------------------------------------- */
static bool access_modes(const struct api_shape *x)
{
	const struct node *modes = get(x, "accessModes");
	for (size_t i = 0; node_is(modes, NODE_SEQ) && modes->n > 1 && i < modes->n; i++)
		if (str_eq(node_str(modes->items[i]), S("ReadWriteOncePod")))
			return shape_bad(x, "accessModes", "api/forbidden", "ReadWriteOncePod stands alone: no mode beside it");
	return true;
}

static bool volume_spec(const struct api_shape *x)
{
	const struct node *path = get(x, "hostPath");
	if (path && str_eq(TEXT(path, "path"), S("/")) && str_eq(TEXT(x->n, "persistentVolumeReclaimPolicy"), S("Recycle")))
		return shape_bad(x, "persistentVolumeReclaimPolicy", "api/forbidden", "must not be Recycle for the hostPath /");
	if (get(x, "local") && !get(x, "nodeAffinity"))
		return shape_bad(x, "nodeAffinity", "api/required", "the field \"nodeAffinity\" is required for a local volume");
	return access_modes(x);
}

static bool claim(const struct api_shape *x)
{
	const struct node *source = get(x, "dataSource"), *ref = get(x, "dataSourceRef");
	if (ref && !TEXT(ref, "apiGroup").n && TEXT(ref, "kind").n && !str_eq(TEXT(ref, "kind"), S("PersistentVolumeClaim")))
		return shape_bad(x, "dataSourceRef", "api/enum", "the kind must be PersistentVolumeClaim where there is no apiGroup");
	if (source && ref && !TEXT(ref, "namespace").n &&
	    (!str_eq(TEXT(source, "kind"), TEXT(ref, "kind")) || !str_eq(TEXT(source, "name"), TEXT(ref, "name")) || !str_eq(TEXT(source, "apiGroup"), TEXT(ref, "apiGroup"))))
		return shape_bad(x, "dataSourceRef", "api/one-of", "must be the same as dataSource where both are there");
	return access_modes(x);
}

static bool claim_template(const struct api_shape *x)
{
	const struct node *metadata = get(x, "metadata");
	for (size_t i = 0; node_is(metadata, NODE_MAP) && i < metadata->n; i++) {
		str key = entry_key(&metadata->entries[i]);
		if (metadata->entries[i].value->kind != NODE_NULL && !str_eq(key, S("labels")) && !str_eq(key, S("annotations")))
			return shape_bad(x, "metadata", "api/forbidden", "labels and annotations only; \"%.*s\" must not be set", STR_ARG(key));
	}
	return true;
}

static bool azure_disk(const struct api_shape *x)
{
	bool managed = str_eq(TEXT(x->n, "kind"), S("Managed"));
	str want = managed ? S("/subscriptions/") : S("https://"), uri = TEXT(x->n, "diskURI");
	return !uri.n || str_starts(uri, want) || shape_bad(x, "diskURI", "api/format", "must begin with %.*s, as the kind is %s", STR_ARG(want), managed ? "Managed" : "not Managed");
}

static bool iscsi(const struct api_shape *x)
{
	bool secret = node_true(get(x, "chapAuthDiscovery")) || node_true(get(x, "chapAuthSession"));
	return !secret || get(x, "secretRef") || shape_bad(x, "secretRef", "api/required", "the field \"secretRef\" is required for CHAP");
}

static bool fibre_channel(const struct api_shape *x)
{
	return !count_of(x, "targetWWNs") || get(x, "lun") || shape_bad(x, "lun", "api/required", "the field \"lun\" is required with targetWWNs");
}

static bool distinct(const struct api_shape *x, const char *name)
{
	const struct node *list = get(x, name);
	struct map seen = { 0 };
	for (size_t i = 0; node_is(list, NODE_SEQ) && i < list->n; i++) {
		void **slot = map_at(&x->c->a, &seen, node_str(list->items[i]));
		if (*slot)
			return shape_bad(x, name, "api/duplicate", "\"%.*s\" is there twice", STR_ARG(node_str(list->items[i])));
		*slot = list->items[i];
	}
	return true;
}

static bool distinct_values(const struct api_shape *x)
{
	return distinct(x, "values");
}

static bool distinct_names(const struct api_shape *x)
{
	return distinct(x, "resourceNames");
}

static bool topology_term(const struct api_shape *x)
{
	const struct node *list = get(x, "matchLabelExpressions");
	struct map seen = { 0 };
	for (size_t i = 0; node_is(list, NODE_SEQ) && i < list->n; i++) {
		void **slot = map_at(&x->c->a, &seen, TEXT(list->items[i], "key"));
		if (*slot)
			return shape_bad(x, "matchLabelExpressions", "api/duplicate", "the key \"%.*s\" is there twice", STR_ARG(TEXT(list->items[i], "key")));
		*slot = list->items[i];
	}
	return true;
}

/* ---- networks ------------------------------------------------------------------------ */
static bool ip_block(const struct api_shape *x)
{
	const struct entry *e = node_entry(x->n, S("except"));
	struct frame list = { x->at, e, 0 };
	struct api_network outer, inner;
	bool ok = true;
	if (!api_network(TEXT(x->n, "cidr"), &outer))
		return true;
	for (uint32_t i = 0; e && e->value->kind == NODE_SEQ && i < e->value->n; i++) {
		struct frame here = { &list, NULL, i };
		struct node *item = e->value->items[i];
		if (api_network(node_str(item), &inner) && !api_network_within(&inner, &outer))
			ok = explain(x->c, x->s, "", "api/network-policy", item, &here, NULL, "must be a part of %.*s, and smaller", STR_ARG(TEXT(x->n, "cidr")));
	}
	return ok;
}

static bool ingress_parameters(const struct api_shape *x)
{
	bool namespaced = str_eq(TEXT(x->n, "scope"), S("Namespace")), has = TEXT(x->n, "namespace").n;
	if (namespaced && !has)
		return shape_bad(x, "namespace", "api/required", "the field \"namespace\" is required where the scope is Namespace");
	return namespaced || !has || shape_bad(x, "namespace", "api/forbidden", "goes with the scope Namespace only");
}

/* ---- jobs, priorities ------------------------------------------------------------------ */
static bool exit_codes(const struct api_shape *x)
{
	const struct entry *e = node_entry(x->n, S("values"));
	struct frame list = { x->at, e, 0 };
	int64_t last = INT64_MIN, v;
	for (uint32_t i = 0; e && e->value->kind == NODE_SEQ && i < e->value->n; i++) {
		struct frame here = { &list, NULL, i };
		struct node *item = e->value->items[i];
		if (!node_to_i64(item, &v))
			continue;
		if (!v && str_eq(TEXT(x->n, "operator"), S("In")))
			return explain(x->c, x->s, "", "api/range", item, &here, NULL, "must not be 0 for the operator In: 0 is no failure");
		if (v <= last)
			return explain(x->c, x->s, "", "api/duplicate", item, &here, NULL, "exit codes are in order, each once");
		last = v;
	}
	return true;
}

static bool priority(const struct api_shape *x)
{
	static const struct { const char *name; int64_t value; } own[] = { { "system-node-critical", 2000001000 }, { "system-cluster-critical", 2000000000 } };
	str name = TEXT(node_get(x->n, S("metadata")), "name");
	int64_t v = 0;
	node_to_i64(get(x, "value"), &v);
	for (size_t i = 0; i < COUNT(own); i++)
		if (str_eq(name, str_of(own[i].name)))
			return v == own[i].value || shape_bad(x, "value", "api/range", "must be %lld for %s", (long long)own[i].value, own[i].name);
	if (str_starts(name, S("system-")))
		return shape_bad(x, "metadata", "api/name", "names that begin with system- are the system's own");
	return v <= 1000000000 || shape_bad(x, "value", "api/range", "must be at most 1000000000, found %lld: what is above is the system's own", (long long)v);
}

static bool conversion(const struct api_shape *x)
{
	bool hook = str_eq(TEXT(x->n, "strategy"), S("Webhook"));
	if (hook && !get(x, "webhook"))
		return shape_bad(x, "webhook", "api/required", "the field \"webhook\" is required for the strategy Webhook");
	return hook || !get(x, "webhook") || shape_bad(x, "webhook", "api/forbidden", "goes with the strategy Webhook only");
}

static const struct api_check checks[] = {
	{ "volume-spec", volume_spec }, { "claim", claim }, { "claim-template", claim_template }, { "azure-disk", azure_disk },
	{ "iscsi", iscsi }, { "fibre-channel", fibre_channel }, { "distinct-values", distinct_values }, { "distinct-names", distinct_names },
	{ "topology-term", topology_term }, { "ip-block", ip_block }, { "ingress-parameters", ingress_parameters }, { "exit-codes", exit_codes },
	{ "priority", priority }, { "conversion", conversion },
};

const struct api_check *api_check_part(str name)
{
	for (size_t i = 0; i < COUNT(checks); i++)
		if (str_eq(name, str_of(checks[i].name)))
			return &checks[i];
	return NULL;
}
