/* SPDX-License-Identifier: MIT */
/* Pods and templates of pods: what stands in one field must fit what stands in another. */
#include "schema/rules.h"

#include <string.h>

#define FIELD(map, name) rule_get((map), S(name))
#define TEXT(map, name) node_get_str((map), S(name))

/* Files of several sources in one volume: each path once. */
static void check_projected(struct rules *r, const struct node *projected)
{
	static const char *const lists[] = { "secret", "configMap", "downwardAPI" }, *const files[] = { "serviceAccountToken", "clusterTrustBundle" };
	const struct node *sources = FIELD(projected, "sources");
	struct map paths = { 0 };
	for (size_t i = 0; i < rule_items(sources); i++) {
		for (size_t k = 0; k < COUNT(lists); k++)
			rule_unique(r, &paths, FIELD(rule_get(sources->items[i], str_of(lists[k])), "items"), "path", "file at");
		for (size_t k = 0; k < COUNT(files); k++) {
			struct node *file = rule_get(sources->items[i], str_of(files[k]));
			rule_unique(r, &paths, file ? &(struct node){ .kind = NODE_SEQ, .n = 1, .items = &file } : NULL, "path", "file at");
		}
	}
}

static void check_volumes(struct rules *r, const struct node *pod, struct map *volumes)
{
	const struct node *list = FIELD(pod, "volumes"), *claims = NULL;
	struct map seen = { 0 };
	rule_unique(r, &seen, list, "name", "volume");
	for (size_t i = 0; i < rule_items(list); i++) {
		const struct node *v = list->items[i];
		if (TEXT(v, "name").n)
			*map_at(r->a, volumes, TEXT(v, "name")) = (void *)v;
		check_projected(r, FIELD(v, "projected"));
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
		if (FIELD(t, "tolerationSeconds") && !str_eq(node_get_str(t, S("effect")), S("NoExecute")))
			rule(r, "api/toleration", SEV_ERROR, FIELD(t, "tolerationSeconds"), "goes with the effect NoExecute only");
	}
}

static void check_spread(struct rules *r, const struct node *list)
{
	struct map seen = { 0 };
	for (size_t i = 0; i < rule_items(list); i++) {
		const struct node *s = list->items[i];
		void **slot = map_at(r->a, &seen, str_printf(r->a, "%.*s %.*s", STR_ARG(TEXT(s, "topologyKey")), STR_ARG(TEXT(s, "whenUnsatisfiable"))));
		if (*slot)
			rule(r, "api/duplicate", SEV_ERROR, FIELD(s, "topologyKey") ? FIELD(s, "topologyKey") : s, "a second constraint with this topologyKey and whenUnsatisfiable");
		*slot = (void *)s;
	}
}

/* What a pod shares with its host, and what does not go with that. */
static void check_host(struct rules *r, const struct node *pod)
{
	static const char *const shared[] = { "hostNetwork", "hostPID", "hostIPC" };
	const struct node *users = FIELD(pod, "hostUsers"), *name = FIELD(pod, "hostnameOverride"), *share = FIELD(pod, "shareProcessNamespace");
	bool network = node_true(FIELD(pod, "hostNetwork")), own = node_is(users, NODE_BOOL) && !node_true(users);
	for (size_t i = 0; own && i < COUNT(shared); i++)
		if (node_true(rule_get(pod, str_of(shared[i]))))
			rule(r, "api/forbidden", SEV_ERROR, rule_get(pod, str_of(shared[i])), "must not be true where hostUsers is false");
	if (node_true(share) && node_true(FIELD(pod, "hostPID")))
		rule(r, "api/forbidden", SEV_ERROR, share, "must not be true where hostPID is true");
	if (name && (network || node_true(FIELD(pod, "setHostnameAsFQDN"))))
		rule(r, "api/forbidden", SEV_ERROR, name, "must not be set where %s is true", network ? "hostNetwork" : "setHostnameAsFQDN");
	if (node_true(rule_path(pod, "securityContext.windowsOptions.hostProcess")) && !network)
		rule(r, "api/forbidden", SEV_ERROR, rule_path(pod, "securityContext.windowsOptions.hostProcess"), "needs hostNetwork: true");
}

static void check_sysctls(struct rules *r, const struct node *pod)
{
	static const char *const of_ipc[] = { "kernel.shm", "kernel.msg", "kernel.sem", "fs.mqueue." };
	const struct node *list = rule_path(pod, "securityContext.sysctls");
	struct map seen = { 0 };
	rule_unique(r, &seen, list, "name", "sysctl");
	for (size_t i = 0; i < rule_items(list); i++) {
		const struct node *name = FIELD(list->items[i], "name");
		bool ipc = false;
		for (size_t k = 0; k < COUNT(of_ipc); k++)
			ipc |= str_starts(rule_text(name), str_of(of_ipc[k]));
		if (ipc && node_true(FIELD(pod, "hostIPC")))
			rule(r, "api/forbidden", SEV_ERROR, name, "must not be set where hostIPC is true");
		if (str_starts(rule_text(name), S("net.")) && node_true(FIELD(pod, "hostNetwork")))
			rule(r, "api/forbidden", SEV_ERROR, name, "must not be set where hostNetwork is true");
	}
}

static void check_system(struct rules *r, const struct node *pod)
{
	static const char *const of_linux[] = { "hostPID", "hostIPC", "hostUsers", "shareProcessNamespace" };
	static const char *const linux_only[] = { "appArmorProfile", "seLinuxOptions", "seccompProfile", "fsGroup", "fsGroupChangePolicy", "sysctls", "runAsUser",
						  "runAsGroup", "supplementalGroups", "supplementalGroupsPolicy" };
	static const char *const windows_only[] = { "windowsOptions" };
	str system = TEXT(FIELD(pod, "os"), "name");
	for (size_t i = 0; str_eq(system, S("windows")) && i < COUNT(of_linux); i++) {
		const struct node *v = rule_get(pod, str_of(of_linux[i]));
		if (v && (i == 2 || node_true(v)))
			rule(r, "api/forbidden", SEV_ERROR, v, "must not be set where os.name is windows");
	}
	if (str_eq(system, S("windows")))
		rules_forbidden(r, FIELD(pod, "securityContext"), linux_only, COUNT(linux_only), "must not be set where os.name is windows");
	if (str_eq(system, S("linux")))
		rules_forbidden(r, FIELD(pod, "securityContext"), windows_only, COUNT(windows_only), "must not be set where os.name is linux");
}

/* Old ways to say things, that the server still reads. */
static void check_annotations(struct rules *r, const struct node *metadata, const struct map *names)
{
	static const char armor[] = "container.apparmor.security.beta.kubernetes.io/", seccomp[] = "container.seccomp.security.alpha.kubernetes.io/";
	const struct node *map = FIELD(metadata, "annotations");
	for (size_t i = 0; node_is(map, NODE_MAP) && i < map->n; i++) {
		str key = entry_key(&map->entries[i]), v = rule_text(map->entries[i].value);
		bool of_armor = str_starts(key, str_of(armor)), local = str_starts(v, S("localhost/")) || str_eq(v, S("unconfined")) || str_eq(v, S("runtime/default"));
		int64_t cost;
		if (of_armor && !map_get(names, str_sub(key, sizeof(armor) - 1, key.n)))
			rule_key(r, "api/annotation", map, key, "there is no container \"%.*s\"", STR_ARG(str_sub(key, sizeof(armor) - 1, key.n)));
		if (of_armor && !local && v.n)
			rule(r, "api/annotation", SEV_ERROR, map->entries[i].value, "expected runtime/default, unconfined or localhost/PROFILE");
		if ((str_starts(key, str_of(seccomp)) || str_eq(key, S("seccomp.security.alpha.kubernetes.io/pod"))) && !local && !str_eq(v, S("docker/default")))
			rule(r, "api/annotation", SEV_ERROR, map->entries[i].value, "expected runtime/default, unconfined or localhost/PROFILE");
		if (str_eq(key, S("controller.kubernetes.io/pod-deletion-cost")) && !(str_to_i64(v, &cost) && cost >= INT32_MIN && cost <= INT32_MAX))
			rule(r, "api/annotation", SEV_ERROR, map->entries[i].value, "expected a 32-bit number");
	}
}

/* What makes sense in a pod of its own only, or in a template only. */
static void check_owner(struct rules *r, const struct node *pod)
{
	const struct node *seconds = FIELD(pod, "activeDeadlineSeconds"), *debug = FIELD(pod, "ephemeralContainers"), *gates = FIELD(pod, "schedulingGates");
	bool lasting = str_eq(r->id.group, S("apps")) || str_eq(r->id.kind, S("ReplicationController"));
	if (seconds && lasting)
		rule(r, "api/forbidden", SEV_ERROR, seconds, "must not be set in a %.*s: its pods do not end", STR_ARG(r->id.kind));
	if (rule_items(debug))
		rule_key(r, "api/forbidden", pod, S("ephemeralContainers"), "are added to a running pod (kubectl debug), never made with it");
	if (rule_items(gates) && TEXT(pod, "nodeName").n)
		rule(r, "api/forbidden", SEV_ERROR, FIELD(pod, "nodeName"), "must not be set where there are schedulingGates");
}

void rules_pod(struct rules *r)
{
	static const char *const kinds[] = { "containers", "initContainers" };
	struct node *metadata, *pod = rules_pod_spec(r, &metadata);
	struct map volumes = { 0 }, names = { 0 }, hosts = { 0 }, claims = { 0 }, gates = { 0 };
	struct pod p = { pod, &volumes, &hosts, &claims };
	if (!node_is(pod, NODE_MAP))
		return;
	check_volumes(r, pod, &volumes);
	rule_unique(r, &claims, FIELD(pod, "resourceClaims"), "name", "claim");
	rule_unique(r, &gates, FIELD(pod, "schedulingGates"), "name", "gate");
	for (size_t k = 0; k < COUNT(kinds); k++) {
		const struct node *list = rule_get(pod, str_of(kinds[k]));
		rule_unique(r, &names, list, "name", "container");
		for (size_t i = 0; i < rule_items(list); i++)
			rules_container(r, list->items[i], &p, k == 1);
	}
	rules_resources(r, FIELD(pod, "resources"), NULL);
	check_host(r, pod);
	check_sysctls(r, pod);
	check_system(r, pod);
	check_owner(r, pod);
	check_annotations(r, metadata, &names);
	check_restart(r, pod);
	check_spread(r, FIELD(pod, "topologySpreadConstraints"));
	if (str_eq(node_get_str(pod, S("dnsPolicy")), S("None")) && !rule_items(rule_path(pod, "dnsConfig.nameservers")))
		rule(r, "api/dns", SEV_ERROR, FIELD(pod, "dnsPolicy"), "the dnsPolicy None needs dnsConfig.nameservers");
	rules_tolerations(r, FIELD(pod, "tolerations"));
}
