/* SPDX-License-Identifier: MIT */
/* What the API asks of single kinds beyond their schema. */
#include "schema/rules.h"
#include "schema/internal.h"

#include <string.h>

#define FIELD(map, name) rule_get((map), S(name))
#define TEXT(map, name) node_get_str((map), S(name))

/* ---- names ---------------------------------------------------------------------- */
static bool named_freely(const struct rules *r) /* RBAC, budgets, events: anything that can be a part of a path */
{
	return (str_eq(r->id.kind, S("Event")) && !r->id.group.n) || str_eq(r->id.group, S("rbac.authorization.k8s.io")) || str_eq(r->id.kind, S("PodDisruptionBudget")) || str_eq(r->id.kind, S("IPAddress")) || str_eq(r->id.kind, S("APIService"));
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

/* Finalizers and owners. */
static void check_bonds(struct rules *r)
{
	static const char *const standard[] = { "orphan", "foregroundDeletion", "kubernetes" };
	const struct node *list = rule_path(r->object, "metadata.finalizers"), *owners = rule_path(r->object, "metadata.ownerReferences"), *first = NULL;
	bool has[COUNT(standard)] = { false }, own = r->built_in && !str_eq(r->id.group, S("apiextensions.k8s.io"));
	for (size_t i = 0; i < rule_items(list); i++) {
		bool known = str_chr(rule_text(list->items[i]), '/') >= 0 || !rule_text(list->items[i]).n;
		for (size_t k = 0; k < COUNT(standard); k++)
			if (str_eq(rule_text(list->items[i]), str_of(standard[k])))
				known = has[k] = true;
		if (!known && own)
			rule(r, "api/format", SEV_ERROR, list->items[i], "a finalizer has a domain before it (acme.io/name), found \"%.*s\"", STR_ARG(rule_text(list->items[i])));
		if (has[0] && has[1] && i + 1 == list->n)
			rule(r, "api/forbidden", SEV_ERROR, list, "orphan and foregroundDeletion can't both be there");
	}
	for (size_t i = 0; i < rule_items(owners); i++) {
		const struct node *o = owners->items[i], *controls = FIELD(o, "controller");
		if (str_eq(TEXT(o, "kind"), S("Event")) && (str_eq(TEXT(o, "apiVersion"), S("v1")) || str_starts(TEXT(o, "apiVersion"), S("events.k8s.io/"))))
			rule(r, "api/forbidden", SEV_ERROR, o, "an Event can't be an owner");
		if (node_true(controls) && first)
			rule(r, "api/duplicate", SEV_ERROR, controls, "a second owner that is the controller (the first is on line %u)", (unsigned)first->line);
		first = node_true(controls) ? controls : first;
	}
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

/* ---- scaling, configuration, storage, access ------------------------------------ */
/* What a metric is measured against: a share of the requests, a value for each pod, or one for all. */
static void check_metric(struct rules *r, const struct node *source, bool share, bool whole)
{
	static const char *const fields[] = { "averageUtilization", "averageValue", "value" };
	const struct node *target = FIELD(source, "target");
	if (!node_is(source, NODE_MAP))
		return;
	if (!target)
		rule(r, "api/required", SEV_ERROR, source, "the field \"target\" is required");
	else
		rule_one_of(r, target, fields + !share, share || !whole ? 2 - !share : 2, true, "a target");
}

static void check_metrics(struct rules *r, const struct node *m)
{
	static const struct { const char *type, *field; bool share, whole; } kinds[] = {
		{ "Object", "object", false, true }, { "Pods", "pods", false, false }, { "Resource", "resource", true, false },
		{ "ContainerResource", "containerResource", true, false }, { "External", "external", false, true },
	};
	for (size_t k = 0; k < COUNT(kinds); k++) {
		const struct node *source = rule_get(m, str_of(kinds[k].field));
		bool is = str_eq(TEXT(m, "type"), str_of(kinds[k].type));
		if (is)
			check_metric(r, source, kinds[k].share, kinds[k].whole);
		if (is && !source)
			rule(r, "api/required", SEV_ERROR, m, "the field \"%s\" is required for the type %s", kinds[k].field, kinds[k].type);
		if (!is && source && TEXT(m, "type").n)
			rule_key(r, "api/one-of", m, str_of(kinds[k].field), "goes with the type %s only", kinds[k].type);
	}
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
	for (size_t i = 0; i < rule_items(metrics); i++)
		check_metrics(r, metrics->items[i]);
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

/* The text of a key, from stringData or decoded. */
static bool secret_text(struct rules *r, const char *key, str *text)
{
	const struct node *plain = node_get(FIELD(r->object, "stringData"), str_of(key)), *coded = node_get(FIELD(r->object, "data"), str_of(key));
	*text = plain ? rule_text(plain) : (str){ 0 };
	return plain || (coded && format_base64(r->a, rule_text(coded), text));
}

static void check_json_secret(struct rules *r, const char *key)
{
	str text;
	if (!secret_text(r, key, &text))
		return;
	text = str_trim(text);
	if (!format_content(r->a, r->diag, text, (str){ 0 }, S("application/json")) || (text.p[0] != '{' && text.p[0] != 'n'))
		rule(r, "api/format", SEV_ERROR, FIELD(r->object, "type"), "a Secret of this type has an object in JSON at the key \"%s\"", key);
}

static void check_secret(struct rules *r)
{
	static const struct { const char *type, *keys[2]; } types[] = {
		{ "kubernetes.io/tls", { "tls.crt", "tls.key" } }, { "kubernetes.io/dockerconfigjson", { ".dockerconfigjson", NULL } },
		{ "kubernetes.io/dockercfg", { ".dockercfg", NULL } }, { "kubernetes.io/ssh-auth", { "ssh-privatekey", NULL } },
	};
	str type = TEXT(r->object, "type"), name = TEXT(rule_path(r->object, "metadata.annotations"), "kubernetes.io/service-account.name"), text;
	check_data(r, "data", "stringData");
	for (size_t i = 0; i < COUNT(types); i++)
		for (size_t k = 0; str_eq(type, str_of(types[i].type)) && k < 2 && types[i].keys[k]; k++)
			if (!secret_text(r, types[i].keys[k], &text) || (i == 3 && !text.n))
				rule(r, "api/required", SEV_ERROR, FIELD(r->object, "type"), "a Secret of this type needs the key \"%s\"", types[i].keys[k]);
			else if (types[i].keys[k][0] == '.')
				check_json_secret(r, types[i].keys[k]);
	if (str_eq(type, S("kubernetes.io/basic-auth")) && !secret_text(r, "username", &text) && !secret_text(r, "password", &text))
		rule(r, "api/required", SEV_ERROR, FIELD(r->object, "type"), "a Secret of this type needs the key \"username\" or \"password\"");
	if (str_eq(type, S("kubernetes.io/service-account-token")) && !name.n)
		rule(r, "api/required", SEV_ERROR, FIELD(r->object, "type"), "a Secret of this type needs the annotation kubernetes.io/service-account.name");
}

static void check_namespace(struct rules *r)
{
	static const char *const modes[] = { "enforce", "audit", "warn" }, *const levels[] = { "privileged", "baseline", "restricted" };
	const struct node *labels = rule_path(r->object, "metadata.labels");
	for (size_t i = 0; i < COUNT(modes); i++) {
		const struct node *level = rule_get(labels, str_printf(r->a, "pod-security.kubernetes.io/%s", modes[i]));
		const struct node *version = rule_get(labels, str_printf(r->a, "pod-security.kubernetes.io/%s-version", modes[i]));
		bool known = !level, dotted = str_starts(rule_text(version), S("v1."));
		int64_t minor;
		for (size_t k = 0; level && k < COUNT(levels); k++)
			known |= str_eq(rule_text(level), str_of(levels[k]));
		if (!known)
			rule(r, "api/enum", SEV_ERROR, level, "expected privileged, baseline or restricted");
		if (version && !str_eq(rule_text(version), S("latest")) && !(dotted && str_to_i64(str_sub(rule_text(version), 3, rule_text(version).n), &minor) && minor >= 0))
			rule(r, "api/enum", SEV_ERROR, version, "expected latest, or a release (v1.37)");
	}
}

static void check_storage_request(struct rules *r, const struct node *spec)
{
	if (spec && FIELD(spec, "resources") && !rule_path(spec, "resources.requests.storage"))
		rule(r, "api/required", SEV_ERROR, FIELD(spec, "resources"), "the field \"requests.storage\" is required");
	const struct node *storage = rule_path(spec, "resources.requests.storage");
	int order;
	if (kube_quantity_cmp(rule_text(storage), S("0"), &order) && order <= 0)
		rule(r, "api/range", SEV_ERROR, storage, "must be above 0");
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
		if (str_eq(TEXT(s, "kind"), S("ServiceAccount")) && TEXT(s, "apiGroup").n)
			rule(r, "api/role-ref", SEV_ERROR, FIELD(s, "apiGroup"), "must be empty for a ServiceAccount");
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
		if (urls && resources)
			rule(r, "api/rbac", SEV_ERROR, FIELD(p, "nonResourceURLs"), "a rule is for resources or for nonResourceURLs, not for both");
		if (!urls && !resources && node_is(p, NODE_MAP))
			rule(r, "api/rbac", SEV_ERROR, p, "a rule needs resources%s", str_eq(r->id.kind, S("Role")) ? "" : " or nonResourceURLs");
		if (resources && !rule_items(FIELD(p, "apiGroups")))
			rule(r, "api/rbac", SEV_ERROR, p, "a rule for resources needs apiGroups (\"\" is the core group)");
	}
}

void rules_kinds(struct rules *r)
{
	static const struct { const char *group, *kind; void (*check)(struct rules *r); } kinds[] = {
		{ "", "Namespace", check_namespace }, { "autoscaling", "HorizontalPodAutoscaler", check_scaling },
		{ "policy", "PodDisruptionBudget", check_budget }, { "", "Secret", check_secret }, { "", "PersistentVolumeClaim", check_claim },
		{ "apps", "StatefulSet", check_claim }, { "", "PersistentVolume", rules_volume },
		{ "rbac.authorization.k8s.io", "RoleBinding", check_binding }, { "rbac.authorization.k8s.io", "ClusterRoleBinding", check_binding },
		{ "rbac.authorization.k8s.io", "Role", check_role }, { "rbac.authorization.k8s.io", "ClusterRole", check_role },
		{ "apiextensions.k8s.io", "CustomResourceDefinition", rules_crd }, { "", "ResourceQuota", rules_quota }, { "", "LimitRange", rules_limits },
	};
	check_name(r);
	check_annotations(r);
	check_bonds(r);
	if (str_eq(r->id.kind, S("ConfigMap")) && !r->id.group.n)
		check_data(r, "data", "binaryData");
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (str_eq(r->id.kind, str_of(kinds[i].kind)) && str_eq(r->id.group, str_of(kinds[i].group)))
			kinds[i].check(r);
}
