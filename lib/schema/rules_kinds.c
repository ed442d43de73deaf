/* SPDX-License-Identifier: MIT */
/* What the API asks of single kinds beyond their schema. */
#include "schema/rules.h"

#include <string.h>

#define FIELD(map, name) rule_get((map), S(name))
#define TEXT(map, name) node_get_str((map), S(name))

/* ---- names ---------------------------------------------------------------------- */
static bool named_freely(const struct rules *r) /* RBAC, budgets, events: anything that can be a part of a path */
{
	return (str_eq(r->id.kind, S("Event")) && !r->id.group.n) || str_eq(r->id.group, S("rbac.authorization.k8s.io")) || str_eq(r->id.kind, S("PodDisruptionBudget"));
}

/* Parts of a-z, 0-9 and - with dots between them (none in a label). */
static bool good_parts(str s, bool label)
{
	for (size_t i = 0; i < s.n; i++) {
		bool letter = (s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9');
		bool dot = s.p[i] == '.' && !label, edge = !i || i + 1 == s.n;
		if (!letter && (edge || (s.p[i] != '-' && !dot)))
			return false;
		if (dot && (s.p[i - 1] == '.' || s.p[i - 1] == '-' || s.p[i + 1] == '-'))
			return false;
	}
	return true;
}

static bool good_name(const struct rules *r, str s, bool label)
{
	if (named_freely(r))
		return !str_eq(s, S(".")) && !str_eq(s, S("..")) && str_chr(s, '/') < 0 && str_chr(s, '%') < 0;
	return good_parts(s, label);
}

/* All annotations together. */
static void check_annotations(struct rules *r)
{
	enum { MOST = 256 << 10 };
	const struct node *map = rule_path(r->object, "metadata.annotations");
	size_t size = 0;
	for (size_t i = 0; node_is(map, NODE_MAP) && i < map->n; i++)
		size += map->entries[i].key_len + rule_text(map->entries[i].value).n;
	if (size > MOST)
		rule(r, "api/size", SEV_ERROR, map, "all annotations together have %zu bytes; at most %d are allowed", size, MOST);
}

static void check_name(struct rules *r)
{
	static const char *const nameless[] = { "Binding", "Eviction", "Scale", "TokenRequest", "Status", "APIGroup", "APIVersions", "APIResourceList",
						"APIGroupList", "PodExecOptions", "DeleteOptions", "LimitRange" /* the server names it */ };
	static const char *const labels[] = { "Namespace", "Service" };
	const struct node *meta = FIELD(r->object, "metadata"), *name = FIELD(meta, "name");
	bool label = false, nameless_kind = str_ends(r->id.kind, S("Review"));
	for (size_t i = 0; i < COUNT(nameless); i++)
		nameless_kind |= str_eq(r->id.kind, str_of(nameless[i]));
	for (size_t i = 0; i < COUNT(labels); i++)
		label |= str_eq(r->id.kind, str_of(labels[i])) && !r->id.group.n;
	if (!rule_text(name).n) {
		if (!TEXT(meta, "generateName").n && !nameless_kind)
			rule(r, "api/name", SEV_ERROR, meta ? meta : r->object, "metadata.name (or generateName) is required");
		return;
	}
	if (named_freely(r)) {
		if (!good_name(r, rule_text(name), false))
			rule(r, "api/name", SEV_ERROR, name, "the name is a part of a path: no / and %%, found \"%.*s\"", STR_ARG(rule_text(name)));
		return;
	}
	size_t most = str_eq(r->id.kind, S("CronJob")) ? 52 : str_eq(r->id.kind, S("Job")) || label ? 63 : 253;
	if (rule_text(name).n > most)
		rule(r, "api/name", SEV_ERROR, name, "the name of a %.*s has at most %zu characters, this one %zu", STR_ARG(r->id.kind), most, rule_text(name).n);
	else if (!good_name(r, rule_text(name), label))
		rule(r, "api/name", SEV_ERROR, name, "the name of a %.*s is made of a-z, 0-9%s with a letter or digit at both ends%s, found \"%.*s\"",
		     STR_ARG(r->id.kind), label ? " and -" : ", - and .", label ? ", at most 63 characters" : "", STR_ARG(rule_text(name)));
}

/* ---- workloads ------------------------------------------------------------------ */
static bool in_list(const struct node *list, str value)
{
	for (size_t i = 0; i < rule_items(list); i++)
		if (str_eq(rule_text(list->items[i]), value))
			return true;
	return false;
}

static bool expression_holds(const struct node *e, const struct node *labels)
{
	str op = TEXT(e, "operator");
	const struct node *value = node_get(labels, TEXT(e, "key"));
	if (str_eq(op, S("In")))
		return value && in_list(FIELD(e, "values"), rule_text(value));
	if (str_eq(op, S("NotIn")))
		return !value || !in_list(FIELD(e, "values"), rule_text(value));
	return str_eq(op, S("Exists")) ? value != NULL : str_eq(op, S("DoesNotExist")) ? !value : true;
}

static void check_selector(struct rules *r)
{
	struct node *selector = rule_path(r->object, "spec.selector"), *labels = rule_path(r->object, "spec.template.metadata.labels");
	const struct node *match = FIELD(selector, "matchLabels"), *expressions = FIELD(selector, "matchExpressions");
	if (!node_is(selector, NODE_MAP))
		return;
	if (!(node_is(match, NODE_MAP) && match->n) && !rule_items(expressions)) {
		rule(r, "api/selector", SEV_ERROR, selector, "the selector must not be empty");
		return;
	}
	for (size_t i = 0; node_is(match, NODE_MAP) && i < match->n; i++) {
		const struct entry *e = &match->entries[i];
		const struct node *have = node_get(labels, entry_key(e));
		if (!have || !str_eq(rule_text(have), rule_text(e->value)))
			rule(r, "api/selector", SEV_ERROR, e->value, "the pod template has %s%.*s%s: its labels must match the selector",
			     have ? "\"" : "no label \"", STR_ARG(have ? rule_text(have) : entry_key(e)), have ? "\" there" : "\"");
	}
	for (size_t i = 0; i < rule_items(expressions); i++)
		if (!expression_holds(expressions->items[i], labels))
			rule(r, "api/selector", SEV_ERROR, expressions->items[i], "the labels of the pod template do not match this expression");
}

static bool is_zero(const struct node *n)
{
	int64_t v;
	return n && (node_to_i64(n, &v) ? v == 0 : str_eq(rule_text(n), S("0%")));
}

void rules_workload(struct rules *r)
{
	static const char *const kinds[] = { "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet" };
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (str_eq(r->id.kind, str_of(kinds[i])) && str_eq(r->id.group, S("apps")))
			check_selector(r);
	struct node *strategy = rule_path(r->object, "spec.strategy"), *rolling = FIELD(strategy, "rollingUpdate");
	if (!str_eq(r->id.kind, S("Deployment")) || !rolling || rolling->kind != NODE_MAP)
		return;
	if (str_eq(TEXT(strategy, "type"), S("Recreate")))
		rule_key(r, "api/strategy", strategy, S("rollingUpdate"), "must not be set where the type is Recreate");
	if (is_zero(FIELD(rolling, "maxSurge")) && is_zero(FIELD(rolling, "maxUnavailable")))
		rule(r, "api/strategy", SEV_ERROR, FIELD(rolling, "maxUnavailable"), "must not be 0 where maxSurge is 0 too");
}

/* ---- network -------------------------------------------------------------------- */
static void check_service(struct rules *r)
{
	const struct node *spec = FIELD(r->object, "spec"), *ports = FIELD(spec, "ports");
	str type = TEXT(spec, "type");
	bool external = str_eq(type, S("ExternalName")), headless = str_eq(TEXT(spec, "clusterIP"), S("None"));
	bool outside = str_eq(type, S("NodePort")) || str_eq(type, S("LoadBalancer"));
	struct map names = { 0 }, numbers = { 0 };
	if (!node_is(spec, NODE_MAP))
		return;
	if (external && !TEXT(spec, "externalName").n)
		rule(r, "api/required", SEV_ERROR, spec, "the type ExternalName needs an externalName");
	if (!external && !headless && !rule_items(ports))
		rule(r, "api/required", SEV_ERROR, ports ? ports : spec, "a Service needs ports, unless it is headless or an ExternalName");
	if (headless && outside)
		rule(r, "api/service", SEV_ERROR, FIELD(spec, "clusterIP"), "must not be None where the type is %.*s", STR_ARG(type));
	if (TEXT(spec, "externalTrafficPolicy").n && !outside && !rule_items(FIELD(spec, "externalIPs")))
		rule(r, "api/service", SEV_ERROR, FIELD(spec, "externalTrafficPolicy"), "goes with the types NodePort and LoadBalancer only");
	rule_unique(r, &names, ports, "name", "port");
	for (size_t i = 0; i < rule_items(ports); i++) {
		const struct node *p = ports->items[i], *number = FIELD(p, "port"), *node_port = FIELD(p, "nodePort");
		if (ports->n > 1 && node_is(p, NODE_MAP) && !TEXT(p, "name").n)
			rule(r, "api/required", SEV_ERROR, p, "a name is required where there is more than one port");
		if (node_port && !outside && !is_zero(node_port) && node_port->kind != NODE_NULL)
			rule(r, "api/service", SEV_ERROR, node_port, "goes with the types NodePort and LoadBalancer only");
		str protocol = TEXT(p, "protocol").n ? TEXT(p, "protocol") : S("TCP");
		void **slot = map_at(r->a, &numbers, str_printf(r->a, "%.*s/%.*s", STR_ARG(protocol), STR_ARG(rule_text(number))));
		if (*slot)
			rule(r, "api/duplicate", SEV_ERROR, number, "a second port %.*s/%.*s (the first is on line %u)", STR_ARG(rule_text(number)),
			     STR_ARG(protocol), (unsigned)((const struct node *)*slot)->line);
		else
			*slot = (void *)number;
	}
}

static void check_backend(struct rules *r, const struct node *backend)
{
	static const char *const kinds[] = { "service", "resource" };
	static const char *const ports[] = { "name", "number" };
	const struct node *service = FIELD(backend, "service"), *port = FIELD(service, "port");
	rule_one_of(r, backend, kinds, COUNT(kinds), true, "a backend");
	if (service && !port)
		rule(r, "api/required", SEV_ERROR, service, "the backend's port (name or number) is required");
	rule_one_of(r, port, ports, COUNT(ports), true, "the backend's port");
}

static void check_ingress(struct rules *r)
{
	const struct node *spec = FIELD(r->object, "spec"), *rules = FIELD(spec, "rules");
	if (node_is(spec, NODE_MAP) && !rule_items(rules) && !FIELD(spec, "defaultBackend"))
		rule(r, "api/required", SEV_ERROR, spec, "an Ingress needs rules or a defaultBackend");
	if (FIELD(spec, "defaultBackend"))
		check_backend(r, FIELD(spec, "defaultBackend"));
	for (size_t i = 0; i < rule_items(rules); i++) {
		struct node *paths = rule_path(rules->items[i], "http.paths");
		for (size_t k = 0; k < rule_items(paths); k++) {
			const struct node *p = paths->items[k], *path = FIELD(p, "path");
			if (FIELD(p, "backend"))
				check_backend(r, FIELD(p, "backend"));
			bool exact = !str_eq(TEXT(p, "pathType"), S("ImplementationSpecific"));
			if (node_is(p, NODE_MAP) && exact && !str_starts(rule_text(path), S("/")))
				rule(r, "api/ingress", SEV_ERROR, path ? path : p, "the path must begin with / where the pathType is %.*s", STR_ARG(TEXT(p, "pathType")));
		}
	}
}

static void check_network_policy(struct rules *r)
{
	static const char *const directions[][2] = { { "ingress", "from" }, { "egress", "to" } };
	static const char *const peers[] = { "podSelector", "namespaceSelector", "ipBlock" };
	const struct node *types = rule_path(r->object, "spec.policyTypes");
	if (rule_items(types) > 2)
		rule(r, "api/duplicate", SEV_ERROR, types, "at most two, Ingress and Egress");
	for (size_t d = 0; d < COUNT(directions); d++) {
		const struct node *list = node_get(FIELD(r->object, "spec"), str_of(directions[d][0]));
		for (size_t i = 0; i < rule_items(list); i++) {
			const struct node *to = node_get(list->items[i], str_of(directions[d][1])), *ports = FIELD(list->items[i], "ports");
			for (size_t k = 0; k < rule_items(to); k++) {
				const struct node *p = to->items[k];
				size_t have = 0;
				for (size_t j = 0; j < COUNT(peers); j++)
					have += rule_get(p, str_of(peers[j])) != NULL;
				if (!have)
					rule(r, "api/network-policy", SEV_ERROR, p, "a peer needs podSelector, namespaceSelector or ipBlock");
				if (FIELD(p, "ipBlock") && have > 1)
					rule(r, "api/network-policy", SEV_ERROR, FIELD(p, "ipBlock"), "stands alone: no selectors beside it");
			}
			for (size_t k = 0; k < rule_items(ports); k++) {
				int64_t from, end;
				const struct node *p = ports->items[k], *last = FIELD(p, "endPort");
				if (node_to_i64(last, &end) && (!node_to_i64(FIELD(p, "port"), &from) || node_is(FIELD(p, "port"), NODE_STRING) || end < from))
					rule(r, "api/network-policy", SEV_ERROR, last, "needs a numeric port that is not above it");
			}
		}
	}
}

/* ---- scaling, configuration, storage, access ------------------------------------ */
/* What a metric of a resource is measured against: a value, or a share of the requests. */
static void check_metric(struct rules *r, const struct node *source, bool resource)
{
	const struct node *target = FIELD(source, "target");
	if (!node_is(source, NODE_MAP))
		return;
	if (!target)
		rule(r, "api/required", SEV_ERROR, source, "the field \"target\" is required");
	if (target && resource && !FIELD(target, "averageUtilization") && !FIELD(target, "averageValue"))
		rule(r, "api/required", SEV_ERROR, target, "a target needs averageUtilization or averageValue");
	if (target && resource && FIELD(target, "averageUtilization") && FIELD(target, "averageValue"))
		rule_key(r, "api/one-of", target, S("averageValue"), "a target has averageUtilization or averageValue, not both");
}

static void check_scaling(struct rules *r)
{
	const struct node *spec = FIELD(r->object, "spec"), *min = FIELD(spec, "minReplicas"), *max = FIELD(spec, "maxReplicas"), *metrics = FIELD(spec, "metrics");
	const struct node *target = FIELD(spec, "scaleTargetRef");
	bool outside = false;
	int64_t low, high;
	for (size_t i = 0; i < rule_items(metrics); i++)
		outside |= str_eq(TEXT(metrics->items[i], "type"), S("Object")) || str_eq(TEXT(metrics->items[i], "type"), S("External"));
	if (node_to_i64(min, &low) && low == 0 && !outside)
		rule(r, "api/range", SEV_ERROR, min, "0 needs a metric of the type Object or External");
	if (node_is(target, NODE_MAP) && str_chr(TEXT(target, "apiVersion"), '/') < 1 && !str_eq(TEXT(target, "kind"), S("ReplicationController")))
		rule(r, "api/format", SEV_ERROR, FIELD(target, "apiVersion") ? FIELD(target, "apiVersion") : target, "apiVersion must name the group (apps/v1)");
	if (node_to_i64(min, &low) && node_to_i64(max, &high) && low > high)
		rule(r, "api/range", SEV_ERROR, max, "must not be below minReplicas (%lld), found %lld", (long long)low, (long long)high);
	for (size_t i = 0; i < rule_items(metrics); i++) {
		static const char *const names[][2] = { { "Object", "object" }, { "Pods", "pods" }, { "Resource", "resource" },
							{ "ContainerResource", "containerResource" }, { "External", "external" } };
		for (size_t k = 0; k < COUNT(names); k++) {
			const struct node *source = rule_get(metrics->items[i], str_of(names[k][1]));
			check_metric(r, source, k == 2 || k == 3);
			if (str_eq(TEXT(metrics->items[i], "type"), str_of(names[k][0])) && !source)
				rule(r, "api/required", SEV_ERROR, metrics->items[i], "the field \"%s\" is required for the type %s", names[k][1], names[k][0]);
		}
	}
}

static void check_budget(struct rules *r)
{
	static const char *const fields[] = { "minAvailable", "maxUnavailable" };
	rule_one_of(r, FIELD(r->object, "spec"), fields, COUNT(fields), false, "a PodDisruptionBudget");
}

static void check_data(struct rules *r, const char *first, const char *second)
{
	const struct node *x = node_get(r->object, str_of(first)), *y = node_get(r->object, str_of(second));
	size_t size = 0;
	for (size_t i = 0; node_is(y, NODE_MAP) && i < y->n && strcmp(second, "stringData") != 0; i++)
		if (node_get(x, entry_key(&y->entries[i])))
			rule_key(r, "api/duplicate", y, entry_key(&y->entries[i]), "this key is in %s too", first);
	const struct node *maps[] = { x, y };
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; node_is(maps[k], NODE_MAP) && i < maps[k]->n; i++)
			size += rule_text(maps[k]->entries[i].value).n / (k == 1 || strcmp(second, "stringData") ? 1 : 4) * (k == 1 || strcmp(second, "stringData") ? 1 : 3);
	if (size > 1048576)
		rule(r, "api/size", SEV_ERROR, x ? x : y, "all data together has %zu bytes; at most 1048576 are allowed", size);
}

static void check_secret(struct rules *r)
{
	static const struct { const char *type, *keys[2]; } types[] = {
		{ "kubernetes.io/tls", { "tls.crt", "tls.key" } }, { "kubernetes.io/dockerconfigjson", { ".dockerconfigjson", NULL } },
		{ "kubernetes.io/dockercfg", { ".dockercfg", NULL } }, { "kubernetes.io/ssh-auth", { "ssh-privatekey", NULL } },
	};
	const struct node *data = FIELD(r->object, "data"), *text = FIELD(r->object, "stringData");
	check_data(r, "data", "stringData");
	for (size_t i = 0; i < COUNT(types); i++)
		for (size_t k = 0; str_eq(TEXT(r->object, "type"), str_of(types[i].type)) && k < 2 && types[i].keys[k]; k++)
			if (!node_get(data, str_of(types[i].keys[k])) && !node_get(text, str_of(types[i].keys[k])))
				rule(r, "api/required", SEV_ERROR, FIELD(r->object, "type"), "a Secret of this type needs the key \"%s\"", types[i].keys[k]);
}

static void check_storage_request(struct rules *r, const struct node *spec)
{
	if (spec && FIELD(spec, "resources") && !rule_path(spec, "resources.requests.storage"))
		rule(r, "api/required", SEV_ERROR, FIELD(spec, "resources"), "the field \"requests.storage\" is required");
}

static void check_claim(struct rules *r)
{
	const struct node *spec = FIELD(r->object, "spec"), *templates = FIELD(spec, "volumeClaimTemplates");
	if (str_eq(r->id.kind, S("StatefulSet"))) {
		for (size_t i = 0; i < rule_items(templates); i++) {
			if (!FIELD(templates->items[i], "spec"))
				rule(r, "api/required", SEV_ERROR, templates->items[i], "the field \"spec\" is required");
			check_storage_request(r, FIELD(templates->items[i], "spec"));
		}
		return;
	}
	if (!spec)
		rule(r, "api/required", SEV_ERROR, r->object, "the field \"spec\" is required");
	check_storage_request(r, spec);
}

static void check_binding(struct rules *r)
{
	const struct node *subjects = FIELD(r->object, "subjects"), *ref = FIELD(r->object, "roleRef");
	if (str_eq(r->id.kind, S("ClusterRoleBinding")) && str_eq(TEXT(ref, "kind"), S("Role")))
		rule(r, "api/role-ref", SEV_ERROR, FIELD(ref, "kind"), "a ClusterRoleBinding refers to a ClusterRole");
	for (size_t i = 0; str_eq(r->id.kind, S("ClusterRoleBinding")) && i < rule_items(subjects); i++) {
		const struct node *s = subjects->items[i];
		if (str_eq(TEXT(s, "kind"), S("ServiceAccount")) && !TEXT(s, "namespace").n)
			rule(r, "api/required", SEV_ERROR, s, "a ServiceAccount needs its namespace here");
	}
	for (size_t i = 0; i < rule_items(subjects); i++) {
		const struct node *s = subjects->items[i];
		if (str_eq(TEXT(s, "kind"), S("ServiceAccount")) && TEXT(s, "name").n && !good_parts(TEXT(s, "name"), false))
			rule(r, "api/name", SEV_ERROR, FIELD(s, "name"), "the name of a ServiceAccount is made of a-z, 0-9, - and ., found \"%.*s\"", STR_ARG(TEXT(s, "name")));
	}
}

static void check_role(struct rules *r)
{
	const struct node *rules = FIELD(r->object, "rules");
	for (size_t i = 0; i < rule_items(rules); i++) {
		const struct node *p = rules->items[i];
		bool urls = rule_items(FIELD(p, "nonResourceURLs")), resources = rule_items(FIELD(p, "resources"));
		if (urls && str_eq(r->id.kind, S("Role")))
			rule(r, "api/rbac", SEV_ERROR, FIELD(p, "nonResourceURLs"), "a Role can't allow nonResourceURLs: they belong to no namespace");
		if (!urls && !resources && node_is(p, NODE_MAP))
			rule(r, "api/rbac", SEV_ERROR, p, "a rule needs resources%s", str_eq(r->id.kind, S("Role")) ? "" : " or nonResourceURLs");
		if (resources && !rule_items(FIELD(p, "apiGroups")))
			rule(r, "api/rbac", SEV_ERROR, p, "a rule for resources needs apiGroups (\"\" is the core group)");
	}
}

void rules_kinds(struct rules *r)
{
	static const struct { const char *group, *kind; void (*check)(struct rules *r); } kinds[] = {
		{ "", "Service", check_service }, { "networking.k8s.io", "Ingress", check_ingress },
		{ "networking.k8s.io", "NetworkPolicy", check_network_policy }, { "autoscaling", "HorizontalPodAutoscaler", check_scaling },
		{ "policy", "PodDisruptionBudget", check_budget }, { "", "Secret", check_secret }, { "", "PersistentVolumeClaim", check_claim },
		{ "apps", "StatefulSet", check_claim }, { "", "PersistentVolume", rules_volume },
		{ "rbac.authorization.k8s.io", "RoleBinding", check_binding }, { "rbac.authorization.k8s.io", "ClusterRoleBinding", check_binding },
		{ "rbac.authorization.k8s.io", "Role", check_role }, { "rbac.authorization.k8s.io", "ClusterRole", check_role },
		{ "apiextensions.k8s.io", "CustomResourceDefinition", rules_crd }, { "", "ResourceQuota", rules_quota }, { "", "LimitRange", rules_limits },
	};
	check_name(r);
	check_annotations(r);
	if (str_eq(r->id.kind, S("ConfigMap")) && !r->id.group.n)
		check_data(r, "data", "binaryData");
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (str_eq(r->id.kind, str_of(kinds[i].kind)) && str_eq(r->id.group, str_of(kinds[i].group)))
			kinds[i].check(r);
}
