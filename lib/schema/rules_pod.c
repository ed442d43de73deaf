/* SPDX-License-Identifier: MIT */
/* Pods and templates of pods: what stands in one field must fit what stands in another. */
#include "schema/rules.h"

#include <string.h>

#define FIELD(map, name) rule_get((map), S(name))

void rules_quantities(struct rules *r, const struct node *map)
{
	static const char *const known[] = { "cpu", "memory", "ephemeral-storage", "storage", "pods" };
	int order;
	for (size_t i = 0; node_is(map, NODE_MAP) && i < map->n; i++) {
		const struct entry *e = &map->entries[i];
		str key = entry_key(e);
		bool fine = str_chr(key, '/') > 0 || str_starts(key, S("hugepages-"));
		for (size_t k = 0; k < COUNT(known); k++)
			fine |= str_eq(key, str_of(known[k]));
		if (!fine) {
			str names[COUNT(known)], near;
			for (size_t k = 0; k < COUNT(known); k++)
				names[k] = str_of(known[k]);
			near = str_nearest(key, names, COUNT(known));
			rule_key(r, "api/resource-name", map, key, "no such resource%s%.*s%s (others are named domain/name)", near.n ? "; did you mean \"" : "",
				 STR_ARG(near), near.n ? "\"?" : "");
		}
		if (kube_quantity_cmp(rule_text(e->value), S("0"), &order) && order < 0)
			rule(r, "api/range", SEV_ERROR, e->value, "must not be negative, found %.*s", STR_ARG(rule_text(e->value)));
	}
}

static void check_resources(struct rules *r, const struct node *resources)
{
	const struct node *requests = FIELD(resources, "requests"), *limits = FIELD(resources, "limits");
	int order;
	rules_quantities(r, requests);
	rules_quantities(r, limits);
	for (size_t i = 0; node_is(requests, NODE_MAP) && i < requests->n; i++) {
		struct node *want = requests->entries[i].value, *most = node_get(limits, entry_key(&requests->entries[i]));
		str limit = most && most->kind == NODE_NULL ? S("0") : rule_text(most);
		if (most && kube_quantity_cmp(rule_text(want), limit, &order) && order > 0)
			rule(r, "api/resources", SEV_ERROR, want, "the request %.*s is more than the limit %.*s", STR_ARG(rule_text(want)), STR_ARG(limit));
	}
}

static void check_probe(struct rules *r, const struct node *c, const char *name)
{
	static const char *const handlers[] = { "exec", "grpc", "httpGet", "tcpSocket" };
	struct node *probe = rule_get(c, str_of(name)), *success = FIELD(probe, "successThreshold");
	int64_t v;
	rule_one_of(r, probe, handlers, COUNT(handlers), true, "a probe");
	bool readiness = strcmp(name, "readinessProbe") == 0;
	if (!readiness && node_to_i64(success, &v) && v > 1)
		rule(r, "api/probe", SEV_ERROR, success, "must be 1 for a %s", name);
	if (readiness && FIELD(probe, "terminationGracePeriodSeconds"))
		rule_key(r, "api/probe", probe, S("terminationGracePeriodSeconds"), "must not be set for a readinessProbe");
}

static void check_env(struct rules *r, const struct node *c)
{
	static const char *const sources[] = { "configMapKeyRef", "fieldRef", "fileKeyRef", "resourceFieldRef", "secretKeyRef" };
	static const char *const from[] = { "configMapRef", "secretRef" };
	const struct node *env = FIELD(c, "env"), *all = FIELD(c, "envFrom");
	for (size_t i = 0; i < rule_items(env); i++) {
		const struct node *e = env->items[i], *value = FIELD(e, "value"), *source = FIELD(e, "valueFrom");
		if (source && rule_text(value).n)
			rule_key(r, "api/one-of", e, S("valueFrom"), "a variable has either a value or a valueFrom");
		rule_one_of(r, source, sources, COUNT(sources), true, "valueFrom");
	}
	for (size_t i = 0; i < rule_items(all); i++)
		rule_one_of(r, all->items[i], from, COUNT(from), true, "envFrom");
}

static void check_mounts(struct rules *r, const struct node *c, const struct map *volumes, const char *field, const char *path)
{
	struct map seen = { 0 };
	const struct node *list = node_get(c, str_of(field));
	for (size_t i = 0; i < rule_items(list); i++) {
		struct node *name = FIELD(list->items[i], "name");
		if (!rule_text(name).n || map_get(volumes, rule_text(name)))
			continue;
		str *names = NEW_ARRAY(r->a, str, volumes->n + 1);
		for (size_t k = 0; k < volumes->n; k++)
			names[k] = volumes->items[k].key;
		str near = str_nearest(rule_text(name), names, volumes->n);
		rule(r, "api/volume-mount", SEV_ERROR, name, "there is no volume \"%.*s\"%s%.*s%s", STR_ARG(rule_text(name)), near.n ? "; did you mean \"" : "",
		     STR_ARG(near), near.n ? "\"?" : "");
	}
	rule_unique(r, &seen, list, path, "mount at");
}

static void check_security(struct rules *r, const struct node *c, const struct node *pod)
{
	const struct node *s = FIELD(c, "securityContext"), *escalation = FIELD(s, "allowPrivilegeEscalation");
	if (node_is(escalation, NODE_BOOL) && !node_true(escalation) && node_true(FIELD(s, "privileged")))
		rule(r, "api/security-context", SEV_ERROR, escalation, "can't be false where privileged is true");
	const struct node *of[] = { s, FIELD(pod, "securityContext") };
	for (size_t i = 0; i < COUNT(of); i++) {
		const struct node *seccomp = FIELD(of[i], "seccompProfile");
		bool local = str_eq(node_get_str(seccomp, S("type")), S("Localhost"));
		if (seccomp && local && !node_get_str(seccomp, S("localhostProfile")).n)
			rule(r, "api/security-context", SEV_ERROR, seccomp, "the type Localhost needs a localhostProfile");
	}
}

static void check_container(struct rules *r, const struct node *c, const struct node *pod, const struct map *volumes, struct map *hosts)
{
	static const char *const probes[] = { "livenessProbe", "readinessProbe", "startupProbe" };
	static const char *const handlers[] = { "exec", "httpGet", "sleep", "tcpSocket" };
	struct map names = { 0 };
	const struct node *ports = FIELD(c, "ports"), *lifecycle = FIELD(c, "lifecycle");
	int64_t host, own;
	if (!node_is(c, NODE_MAP))
		return;
	for (size_t i = 0; i < COUNT(probes); i++)
		check_probe(r, c, probes[i]);
	rule_one_of(r, FIELD(lifecycle, "postStart"), handlers, COUNT(handlers), true, "a lifecycle handler");
	rule_one_of(r, FIELD(lifecycle, "preStop"), handlers, COUNT(handlers), true, "a lifecycle handler");
	rule_unique(r, &names, ports, "name", "port");
	for (size_t i = 0; i < rule_items(ports) && node_true(FIELD(pod, "hostNetwork")); i++) {
		struct node *port = FIELD(ports->items[i], "hostPort");
		if (node_to_i64(port, &host) && node_to_i64(FIELD(ports->items[i], "containerPort"), &own) && host && host != own)
			rule(r, "api/host-port", SEV_ERROR, port, "must be the containerPort where hostNetwork is true");
	}
	for (size_t i = 0; i < rule_items(ports); i++) {
		struct node *port = FIELD(ports->items[i], "hostPort");
		void **slot = !node_to_i64(port, &host) || !host ? NULL : map_at(r->a, hosts, str_printf(r->a, "%.*s/%.*s/%.*s", STR_ARG(node_get_str(ports->items[i], S("protocol"))), STR_ARG(node_get_str(ports->items[i], S("hostIP"))), STR_ARG(rule_text(port))));
		if (slot && *slot)
			rule(r, "api/duplicate", SEV_ERROR, port, "the host port %.*s is taken (on line %u)", STR_ARG(rule_text(port)), (unsigned)((struct node *)*slot)->line);
		else if (slot)
			*slot = port;
	}
	check_env(r, c);
	check_mounts(r, c, volumes, "volumeMounts", "mountPath");
	check_mounts(r, c, volumes, "volumeDevices", "devicePath");
	check_resources(r, FIELD(c, "resources"));
	check_security(r, c, NULL);
}

static void check_volumes(struct rules *r, const struct node *pod, struct map *volumes)
{
	const struct node *list = FIELD(pod, "volumes"), *claims = NULL;
	rule_unique(r, volumes, list, "name", "volume");
	for (size_t i = 0; i < rule_items(list); i++) {
		const struct node *v = list->items[i];
		size_t sources = 0;
		for (size_t k = 0; node_is(v, NODE_MAP) && k < v->n; k++) {
			bool source = !str_eq(entry_key(&v->entries[k]), S("name")) && v->entries[k].value->kind != NODE_NULL;
			sources += source;
			if (source && sources == 2)
				rule_key(r, "api/one-of", v, entry_key(&v->entries[k]), "a volume has one source, this is its second");
		}
	}
	if (str_eq(r->id.kind, S("StatefulSet")))
		claims = rule_path(r->object, "spec.volumeClaimTemplates");
	for (size_t i = 0; i < rule_items(claims); i++) {
		struct node *name = rule_path(claims->items[i], "metadata.name");
		if (rule_text(name).n)
			*map_at(r->a, volumes, rule_text(name)) = name;
	}
}

static void check_restart(struct rules *r, const struct node *pod)
{
	struct node *policy = FIELD(pod, "restartPolicy");
	str have = policy && rule_text(policy).n ? rule_text(policy) : S("Always");
	bool job = str_eq(r->id.group, S("batch"));
	bool pods = str_eq(r->id.kind, S("Pod")) || str_eq(r->id.kind, S("PodTemplate"));
	if (job && str_eq(have, S("Always")))
		rule(r, "api/restart-policy", SEV_ERROR, policy ? policy : pod, "a %.*s needs the restartPolicy OnFailure or Never", STR_ARG(r->id.kind));
	if (!job && !pods && !str_eq(have, S("Always")))
		rule(r, "api/restart-policy", SEV_ERROR, policy, "must be Always in a %.*s", STR_ARG(r->id.kind));
}

void rules_tolerations(struct rules *r, const struct node *list)
{
	for (size_t i = 0; i < rule_items(list); i++) {
		const struct node *t = list->items[i];
		bool exists = str_eq(node_get_str(t, S("operator")), S("Exists"));
		if (exists && node_get_str(t, S("value")).n)
			rule(r, "api/toleration", SEV_ERROR, FIELD(t, "value"), "must be empty where the operator is Exists");
		if (!exists && !node_get_str(t, S("key")).n)
			rule(r, "api/toleration", SEV_ERROR, t, "a toleration without a key needs the operator Exists");
		if (FIELD(t, "tolerationSeconds") && node_get_str(t, S("effect")).n && !str_eq(node_get_str(t, S("effect")), S("NoExecute")))
			rule(r, "api/toleration", SEV_ERROR, FIELD(t, "tolerationSeconds"), "goes with the effect NoExecute only");
	}
}

void rules_pod(struct rules *r)
{
	static const char *const kinds[] = { "containers", "initContainers", "ephemeralContainers" };
	struct node *metadata, *pod = rules_pod_spec(r, &metadata);
	struct map volumes = { 0 }, names = { 0 }, hosts = { 0 };
	if (!node_is(pod, NODE_MAP))
		return;
	check_volumes(r, pod, &volumes);
	for (size_t k = 0; k < COUNT(kinds); k++) {
		const struct node *list = rule_get(pod, str_of(kinds[k]));
		rule_unique(r, &names, list, "name", "container");
		for (size_t i = 0; i < rule_items(list); i++)
			check_container(r, list->items[i], pod, &volumes, &hosts);
	}
	check_security(r, NULL, pod);
	check_restart(r, pod);
	if (str_eq(node_get_str(pod, S("dnsPolicy")), S("None")) && !rule_items(rule_path(pod, "dnsConfig.nameservers")))
		rule(r, "api/dns", SEV_ERROR, FIELD(pod, "dnsPolicy"), "the dnsPolicy None needs dnsConfig.nameservers");
	rules_tolerations(r, FIELD(pod, "tolerations"));
}
