/* SPDX-License-Identifier: MIT */
/* What the API asks of the kinds of administrators: admission, discovery, storage drivers, flow control, devices. */
#include "schema/rules.h"

#include <math.h>
#include <string.h>

#define FIELD(map, name) rule_get((map), S(name))
#define TEXT(map, name) node_get_str((map), S(name))

static void need(struct rules *r, const struct node *map, const char *field, const struct node *instead)
{
	const struct node *v = rule_get(map, str_of(field));
	if (!v || (v->kind >= NODE_SEQ && !v->n))
		rule(r, "api/required", SEV_ERROR, v ? v : map ? map : instead, "the field \"%s\" is required%s", field, v ? ", and not empty" : "");
}

/* ---- admission -------------------------------------------------------------------- */
/* Stars take in others, which must not be beside them. */
static void check_resource_names(struct rules *r, const struct node *list)
{
	struct map seen = { 0 };
	for (size_t i = 0; i < rule_items(list); i++)
		*map_at(r->a, &seen, rule_text(list->items[i])) = list->items[i];
	for (size_t i = 0; i < rule_items(list); i++) {
		str name = rule_text(list->items[i]), kind = name, part = { 0 };
		ptrdiff_t slash = str_chr(name, '/');
		const char *by = NULL;
		if (slash >= 0) {
			kind = str_sub(name, 0, (size_t)slash);
			part = str_sub(name, (size_t)slash + 1, name.n);
		}
		if (map_get(&seen, S("*/*")) && list->n > 1 && !str_eq(name, S("*/*")))
			by = "*/*";
		else if (map_get(&seen, S("*")) && slash < 0 && !str_eq(name, S("*")))
			by = "*";
		else if (part.n && !str_eq(part, S("*")) && map_get(&seen, str_printf(r->a, "%.*s/*", STR_ARG(kind))))
			by = str_printf(r->a, "%.*s/*", STR_ARG(kind)).p;
		else if (part.n && !str_eq(kind, S("*")) && map_get(&seen, str_printf(r->a, "*/%.*s", STR_ARG(part))))
			by = str_printf(r->a, "*/%.*s", STR_ARG(part)).p;
		if (by)
			rule(r, "api/forbidden", SEV_ERROR, list->items[i], "\"%s\" takes this in already", by);
	}
}

static void check_operations(struct rules *r, const struct node *list)
{
	static const char *const fields[] = { "operations", "apiGroups", "apiVersions", "resources" };
	for (size_t i = 0; i < rule_items(list); i++) {
		const struct node *item = list->items[i];
		if (item->kind == NODE_NULL)
			rule(r, "api/required", SEV_ERROR, item, "a rule needs operations, apiGroups, apiVersions and resources");
		for (size_t k = 0; k < COUNT(fields) && node_is(item, NODE_MAP); k++) {
			const struct node *values = rule_get(item, str_of(fields[k]));
			bool all = false;
			for (size_t j = 0; j < rule_items(values); j++) {
				bool empty = !rule_text(values->items[j]).n && k > 1;
				all |= str_eq(rule_text(values->items[j]), S("*"));
				if (empty)
					rule(r, "api/required", SEV_ERROR, values->items[j], "must not be empty");
			}
			if (all && k < 3 && values->n > 1)
				rule(r, "api/forbidden", SEV_ERROR, values, "\"*\" stands alone: nothing beside it");
		}
		check_resource_names(r, FIELD(item, "resources"));
	}
}

static size_t dots(str s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == '.';
	return n;
}

static void check_review_versions(struct rules *r, const struct node *list)
{
	struct map seen = { 0 };
	bool known = false;
	for (size_t i = 0; i < rule_items(list); i++) {
		str v = rule_text(list->items[i]);
		void **slot = map_at(r->a, &seen, v);
		known |= str_eq(v, S("v1")) || str_eq(v, S("v1beta1"));
		if (*slot)
			rule(r, "api/duplicate", SEV_ERROR, list->items[i], "is there twice");
		*slot = list->items[i];
	}
	if (rule_items(list) && !known)
		rule(r, "api/enum", SEV_ERROR, list, "must hold v1 or v1beta1: the server speaks these");
}

static void check_webhooks(struct rules *r)
{
	static const char *const ways[] = { "service", "url" };
	const struct node *hooks = FIELD(r->object, "webhooks");
	struct map names = { 0 };
	rule_unique(r, &names, hooks, "name", "webhook");
	for (size_t i = 0; i < rule_items(hooks); i++) {
		const struct node *h = hooks->items[i], *client = FIELD(h, "clientConfig");
		rule_one_of(r, client, ways, COUNT(ways), true, "a clientConfig");
		if (TEXT(h, "name").n && dots(TEXT(h, "name")) < 2)
			rule(r, "api/name", SEV_ERROR, FIELD(h, "name"), "a webhook's name has at least three parts (a.example.org), found \"%.*s\"", STR_ARG(TEXT(h, "name")));
		check_operations(r, FIELD(h, "rules"));
		check_review_versions(r, FIELD(h, "admissionReviewVersions"));
		struct map conditions = { 0 };
		rule_unique(r, &conditions, FIELD(h, "matchConditions"), "name", "condition");
	}
}

static void check_policy(struct rules *r)
{
	const struct node *spec = FIELD(r->object, "spec"), *match = FIELD(spec, "matchConstraints");
	struct map keys = { 0 }, conditions = { 0 };
	if (!node_is(spec, NODE_MAP))
		return;
	if (!rule_items(FIELD(spec, "validations")) && !rule_items(FIELD(spec, "auditAnnotations")) && str_eq(r->id.kind, S("ValidatingAdmissionPolicy")))
		rule(r, "api/required", SEV_ERROR, spec, "a policy needs validations or auditAnnotations");
	if (match)
		need(r, match, "resourceRules", match);
	check_operations(r, FIELD(match, "resourceRules"));
	check_operations(r, FIELD(match, "excludeResourceRules"));
	rule_unique(r, &keys, FIELD(spec, "auditAnnotations"), "key", "annotation");
	rule_unique(r, &conditions, FIELD(spec, "matchConditions"), "name", "condition");
	const struct node *list = FIELD(spec, "variables");
	for (size_t i = 0; i < rule_items(list); i++) {
		str name = TEXT(list->items[i], "name");
		bool ok = true;
		for (size_t k = 0; k < name.n; k++) {
			char c = name.p[k];
			ok &= (c | 32) >= 'a' && (c | 32) <= 'z' ? true : c == '_' || (k && c >= '0' && c <= '9');
		}
		if (!ok)
			rule(r, "api/format", SEV_ERROR, FIELD(list->items[i], "name"), "expected an identifier of CEL: letters, digits and _");
	}
}

static void check_policy_binding(struct rules *r)
{
	const struct node *actions = rule_path(r->object, "spec.validationActions");
	bool deny = false, warn = false;
	struct map seen = { 0 };
	for (size_t i = 0; i < rule_items(actions); i++) {
		str v = rule_text(actions->items[i]);
		void **slot = map_at(r->a, &seen, v);
		deny |= str_eq(v, S("Deny"));
		warn |= str_eq(v, S("Warn"));
		if (*slot)
			rule(r, "api/duplicate", SEV_ERROR, actions->items[i], "is there twice");
		*slot = actions->items[i];
	}
	if (deny && warn)
		rule(r, "api/forbidden", SEV_ERROR, actions, "Deny and Warn must not be together: they say the same twice");
	check_operations(r, rule_path(r->object, "spec.matchResources.resourceRules"));
}

/* ---- nodes, discovery, events ------------------------------------------------------- */
static void check_node(struct rules *r)
{
	const struct node *taints = rule_path(r->object, "spec.taints");
	struct map seen = { 0 };
	for (size_t i = 0; i < rule_items(taints); i++) {
		const struct node *t = taints->items[i];
		void **slot = map_at(r->a, &seen, str_printf(r->a, "%.*s:%.*s", STR_ARG(TEXT(t, "key")), STR_ARG(TEXT(t, "effect"))));
		if (*slot)
			rule(r, "api/duplicate", SEV_ERROR, t, "a second taint with this key and effect");
		*slot = (void *)t;
	}
}

static void check_api_service(struct rules *r)
{
	const struct node *spec = FIELD(r->object, "spec"), *name = rule_path(r->object, "metadata.name");
	str want = str_printf(r->a, "%.*s.%.*s", STR_ARG(TEXT(spec, "version")), STR_ARG(TEXT(spec, "group")));
	if (rule_text(name).n && node_is(spec, NODE_MAP) && !str_eq(rule_text(name), want))
		rule(r, "api/name", SEV_ERROR, name, "the name must be %.*s (spec.version and spec.group), found \"%.*s\"", STR_ARG(want), STR_ARG(rule_text(name)));
	if (node_true(FIELD(spec, "insecureSkipTLSVerify")) && TEXT(spec, "caBundle").n)
		rule(r, "api/one-of", SEV_ERROR, FIELD(spec, "insecureSkipTLSVerify"), "must not be true where there is a caBundle");
	if (node_true(FIELD(spec, "insecureSkipTLSVerify")) && !FIELD(spec, "service"))
		rule(r, "api/forbidden", SEV_ERROR, FIELD(spec, "insecureSkipTLSVerify"), "goes with a service only");
}

/* The namespace of an event is that of the object it is about. */
static void check_event(struct rules *r)
{
	const struct node *ns = rule_path(r->object, "involvedObject.namespace");
	if (rule_text(ns).n && r->id.ns.n && !str_eq(rule_text(ns), r->id.ns))
		rule(r, "api/namespace", SEV_ERROR, ns, "must be the event's own namespace \"%.*s\"", STR_ARG(r->id.ns));
	if (r->id.group.n && !TEXT(r->object, "eventTime").n)
		rule(r, "api/required", SEV_ERROR, r->object, "the field \"eventTime\" is required");
}

/* ---- storage -------------------------------------------------------------------------- */
static void check_storage_class(struct rules *r)
{
	const struct node *list = FIELD(r->object, "allowedTopologies");
	struct map seen = { 0 };
	for (size_t i = 0; i < rule_items(list); i++) {
		const struct node *expressions = FIELD(list->items[i], "matchLabelExpressions");
		void **slot = map_at(r->a, &seen, expressions ? json_text(r->a, expressions) : S("[]"));
		if (*slot || !rule_items(expressions))
			rule(r, *slot ? "api/duplicate" : "api/required", SEV_ERROR, list->items[i], *slot ? "a second topology like this" : "needs matchLabelExpressions");
		*slot = list->items[i];
	}
}

static void check_csi_driver(struct rules *r)
{
	struct map audiences = { 0 };
	rule_unique(r, &audiences, rule_path(r->object, "spec.tokenRequests"), "audience", "token for");
}

static void check_csi_node(struct rules *r)
{
	const struct node *drivers = rule_path(r->object, "spec.drivers");
	struct map names = { 0 };
	rule_unique(r, &names, drivers, "name", "driver");
	for (size_t i = 0; i < rule_items(drivers); i++) {
		const struct node *keys = FIELD(drivers->items[i], "topologyKeys");
		struct map seen = { 0 };
		for (size_t k = 0; k < rule_items(keys); k++) {
			void **slot = map_at(r->a, &seen, rule_text(keys->items[k]));
			if (*slot || !rule_text(keys->items[k]).n)
				rule(r, *slot ? "api/duplicate" : "api/required", SEV_ERROR, keys->items[k], *slot ? "is there twice" : "must not be empty");
			*slot = keys->items[k];
		}
	}
}

static void check_attachment(struct rules *r)
{
	static const char *const sources[] = { "inlineVolumeSpec", "persistentVolumeName" };
	const struct node *source = rule_path(r->object, "spec.source"), *name = FIELD(source, "persistentVolumeName");
	rule_one_of(r, source, sources, COUNT(sources), true, "a source");
	if (name && !rule_text(name).n)
		rule(r, "api/required", SEV_ERROR, name, "must not be empty");
}

/* ---- flow control ---------------------------------------------------------------------- */
static void check_priority_level(struct rules *r)
{
	const struct node *spec = FIELD(r->object, "spec"), *limited = FIELD(spec, "limited"), *response = FIELD(limited, "limitResponse"), *queuing = FIELD(response, "queuing");
	bool is_limited = str_eq(TEXT(spec, "type"), S("Limited")), queue = str_eq(TEXT(response, "type"), S("Queue"));
	int64_t hand, queues;
	if (!node_is(spec, NODE_MAP))
		return;
	if (is_limited && !limited)
		need(r, spec, "limited", spec);
	if (is_limited && FIELD(spec, "exempt"))
		rule_key(r, "api/one-of", spec, S("exempt"), "goes with the type Exempt only");
	if (str_eq(TEXT(spec, "type"), S("Exempt")) && limited)
		rule_key(r, "api/one-of", spec, S("limited"), "goes with the type Limited only");
	if (limited && is_limited && !TEXT(response, "type").n)
		rule(r, "api/required", SEV_ERROR, response ? response : limited, "limitResponse needs its type, Queue or Reject");
	if (response && queue && !queuing)
		need(r, response, "queuing", response);
	if (response && !queue && queuing)
		rule_key(r, "api/one-of", response, S("queuing"), "goes with the type Queue only");
	if (!node_to_i64(FIELD(queuing, "handSize"), &hand) || !node_to_i64(FIELD(queuing, "queues"), &queues) || queues < 1)
		return;
	if (ceil(log2((double)queues) * (double)hand) > 60)
		rule(r, "api/range", SEV_ERROR, FIELD(queuing, "handSize"), "%lld of %lld queues need more than the 60 bits there are to shuffle", (long long)hand, (long long)queues);
	if (hand > queues)
		rule(r, "api/range", SEV_ERROR, FIELD(queuing, "handSize"), "must not be above queues (%lld), found %lld", (long long)queues, (long long)hand);
}

static void check_urls(struct rules *r, const struct node *list)
{
	for (size_t i = 0; i < rule_items(list); i++) {
		const struct node *urls = FIELD(list->items[i], "nonResourceURLs");
		for (size_t k = 0; k < rule_items(urls); k++)
			if (!str_starts(rule_text(urls->items[k]), S("/")) && !str_eq(rule_text(urls->items[k]), S("*")))
				rule(r, "api/format", SEV_ERROR, urls->items[k], "must begin with /, or be *");
	}
}

static void check_flow(struct rules *r)
{
	static const struct { const char *kind, *field; } kinds[] = { { "User", "user" }, { "Group", "group" }, { "ServiceAccount", "serviceAccount" } };
	const struct node *rules = rule_path(r->object, "spec.rules");
	for (size_t i = 0; i < rule_items(rules); i++) {
		const struct node *item = rules->items[i], *subjects = FIELD(item, "subjects"), *resources = FIELD(item, "resourceRules");
		if (!rule_items(resources) && !rule_items(FIELD(item, "nonResourceRules")))
			rule(r, "api/required", SEV_ERROR, item, "a rule needs resourceRules or nonResourceRules");
		for (size_t k = 0; k < rule_items(subjects); k++)
			for (size_t j = 0; j < COUNT(kinds); j++) {
				const struct node *s = subjects->items[k];
				bool is = str_eq(TEXT(s, "kind"), str_of(kinds[j].kind)), has = rule_get(s, str_of(kinds[j].field));
				if (is && !has)
					need(r, s, kinds[j].field, s);
				if (!is && has && TEXT(s, "kind").n)
					rule_key(r, "api/one-of", s, str_of(kinds[j].field), "goes with the kind %s only", kinds[j].kind);
			}
		check_urls(r, FIELD(item, "nonResourceRules"));
		for (size_t k = 0; k < rule_items(resources); k++) {
			const struct node *p = resources->items[k];
			if (node_is(p, NODE_MAP) && !node_true(FIELD(p, "clusterScope")) && !rule_items(FIELD(p, "namespaces")))
				rule(r, "api/required", SEV_ERROR, p, "a rule for resources needs namespaces or clusterScope");
		}
	}
}

/* ---- devices ----------------------------------------------------------------------------- */
static void check_device_count(struct rules *r, const struct node *request)
{
	const struct node *count = FIELD(request, "count");
	bool all = str_eq(TEXT(request, "allocationMode"), S("All"));
	int64_t n;
	if (node_to_i64(count, &n) && all && n)
		rule(r, "api/one-of", SEV_ERROR, count, "must not be set where the allocationMode is All");
	if (node_to_i64(count, &n) && !all && n < 0)
		rule(r, "api/range", SEV_ERROR, count, "must be greater than 0, found %lld", (long long)n);
}

static void check_devices(struct rules *r, const struct node *devices)
{
	static const char *const ways[] = { "exactly", "firstAvailable" };
	const struct node *requests = FIELD(devices, "requests"), *constraints = FIELD(devices, "constraints"), *config = FIELD(devices, "config");
	struct map names = { 0 };
	rule_unique(r, &names, requests, "name", "request");
	for (size_t i = 0; i < rule_items(requests); i++) {
		const struct node *q = requests->items[i], *first = FIELD(q, "firstAvailable");
		struct map inner = { 0 };
		rule_one_of(r, q, ways, COUNT(ways), true, "a request");
		check_device_count(r, FIELD(q, "exactly"));
		rule_unique(r, &inner, first, "name", "alternative");
		for (size_t k = 0; k < rule_items(first); k++) {
			check_device_count(r, first->items[k]);
			*map_at(r->a, &names, str_printf(r->a, "%.*s/%.*s", STR_ARG(TEXT(q, "name")), STR_ARG(TEXT(first->items[k], "name")))) = first->items[k];
		}
	}
	const struct node *users[] = { constraints, config };
	for (size_t u = 0; u < COUNT(users); u++)
		for (size_t i = 0; i < rule_items(users[u]); i++) {
			const struct node *list = FIELD(users[u]->items[i], "requests");
			struct map seen = { 0 };
			for (size_t k = 0; k < rule_items(list); k++) {
				void **slot = map_at(r->a, &seen, rule_text(list->items[k]));
				if (*slot)
					rule(r, "api/duplicate", SEV_ERROR, list->items[k], "is there twice");
				*slot = list->items[k];
				if (rule_text(list->items[k]).n && !map_get(&names, rule_text(list->items[k])))
					rule(r, "api/selector", SEV_ERROR, list->items[k], "there is no request \"%.*s\" in this claim", STR_ARG(rule_text(list->items[k])));
			}
		}
	for (size_t i = 0; i < rule_items(constraints); i++)
		if (!FIELD(constraints->items[i], "matchAttribute") && !FIELD(constraints->items[i], "distinctAttribute"))
			need(r, constraints->items[i], "matchAttribute", constraints->items[i]);
}

static void check_claim(struct rules *r)
{
	check_devices(r, rule_path(r->object, str_eq(r->id.kind, S("ResourceClaim")) ? "spec.devices" : "spec.spec.devices"));
}

static void check_attribute(struct rules *r, const struct node *value)
{
	static const char *const values[] = { "bool", "int", "string", "version", "bools", "ints", "strings", "versions" };
	const struct node *text = FIELD(value, "string") ? FIELD(value, "string") : FIELD(value, "version");
	if (value->kind == NODE_NULL)
		rule(r, "api/one-of", SEV_ERROR, value, "an attribute needs one of bool, int, string or version");
	rule_one_of(r, value, values, COUNT(values), true, "an attribute");
	if (rule_text(text).n > 64)
		rule(r, "api/size", SEV_ERROR, text, "has %zu bytes; at most 64 are allowed", rule_text(text).n);
}

static void check_resource_slice(struct rules *r)
{
	static const char *const places[] = { "nodeName", "nodeSelector", "allNodes", "perDeviceNodeSelection" };
	const struct node *spec = FIELD(r->object, "spec"), *devices = FIELD(spec, "devices");
	struct map names = { 0 };
	rule_one_of(r, spec, places, COUNT(places), true, "a ResourceSlice");
	rule_unique(r, &names, devices, "name", "device");
	for (size_t i = 0; i < rule_items(devices); i++) {
		const struct node *attributes = FIELD(devices->items[i], "attributes");
		for (size_t k = 0; node_is(attributes, NODE_MAP) && k < attributes->n; k++)
			check_attribute(r, attributes->entries[k].value);
	}
}

static void check_runtime_class(struct rules *r)
{
	rules_quantities(r, rule_path(r->object, "overhead.podFixed"));
	const struct node *list = rule_path(r->object, "scheduling.tolerations");
	struct map seen = { 0 };
	rules_tolerations(r, list);
	for (size_t i = 0; i < rule_items(list); i++) {
		void **slot = map_at(r->a, &seen, json_text(r->a, list->items[i]));
		if (*slot)
			rule(r, "api/duplicate", SEV_ERROR, list->items[i], "a second toleration like this");
		*slot = list->items[i];
	}
}

/* ---- older workloads ------------------------------------------------------------------------ */
static void check_replication(struct rules *r)
{
	const struct node *selector = rule_path(r->object, "spec.selector"), *labels = rule_path(r->object, "spec.template.metadata.labels");
	const struct node *own = node_is(selector, NODE_MAP) && selector->n ? selector : labels; /* the default */
	if (FIELD(FIELD(r->object, "spec"), "template") && !(node_is(own, NODE_MAP) && own->n))
		rule(r, "api/selector", SEV_ERROR, FIELD(r->object, "spec"), "the selector must not be empty");
	for (size_t i = 0; node_is(selector, NODE_MAP) && i < selector->n; i++) {
		const struct node *have = node_get(labels, entry_key(&selector->entries[i]));
		if (!have || !str_eq(rule_text(have), rule_text(selector->entries[i].value)))
			rule(r, "api/selector", SEV_ERROR, selector->entries[i].value, "the labels of the pod template do not match this");
	}
}

void rules_admin(struct rules *r)
{
	static const struct { const char *group, *kind; void (*check)(struct rules *r); } kinds[] = {
		{ "admissionregistration.k8s.io", "ValidatingWebhookConfiguration", check_webhooks },
		{ "admissionregistration.k8s.io", "MutatingWebhookConfiguration", check_webhooks },
		{ "admissionregistration.k8s.io", "ValidatingAdmissionPolicy", check_policy },
		{ "admissionregistration.k8s.io", "MutatingAdmissionPolicy", check_policy },
		{ "admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding", check_policy_binding },
		{ "", "Node", check_node },
		{ "apiregistration.k8s.io", "APIService", check_api_service }, { "", "Event", check_event }, { "events.k8s.io", "Event", check_event },
		{ "storage.k8s.io", "StorageClass", check_storage_class }, { "storage.k8s.io", "CSIDriver", check_csi_driver }, { "storage.k8s.io", "CSINode", check_csi_node },
		{ "storage.k8s.io", "VolumeAttachment", check_attachment },
		{ "flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration", check_priority_level }, { "flowcontrol.apiserver.k8s.io", "FlowSchema", check_flow },
		{ "resource.k8s.io", "ResourceClaim", check_claim }, { "resource.k8s.io", "ResourceClaimTemplate", check_claim },
		{ "node.k8s.io", "RuntimeClass", check_runtime_class }, { "resource.k8s.io", "ResourceSlice", check_resource_slice }, { "", "ReplicationController", check_replication },
	};
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (str_eq(r->id.kind, str_of(kinds[i].kind)) && str_eq(r->id.group, str_of(kinds[i].group)))
			kinds[i].check(r);
}
