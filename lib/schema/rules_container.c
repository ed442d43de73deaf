/* SPDX-License-Identifier: MIT */
/* Containers of a pod: what stands in one field must fit what stands in another, and in the pod. */
#include "schema/rules.h"

#include <string.h>

#define FIELD(map, name) rule_get((map), S(name))
#define TEXT(map, name) node_get_str((map), S(name))

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

/* A file with variables is in a volume that is an emptyDir. */
static void check_file(struct rules *r, const struct node *source, const struct node *pod)
{
	const struct node *name = FIELD(FIELD(source, "fileKeyRef"), "volumeName"), *volumes = FIELD(pod, "volumes");
	for (size_t i = 0; i < rule_items(volumes); i++)
		if (str_eq(TEXT(volumes->items[i], "name"), rule_text(name))) {
			if (!FIELD(volumes->items[i], "emptyDir"))
				rule(r, "api/volume-mount", SEV_ERROR, name, "the volume \"%.*s\" is no emptyDir", STR_ARG(rule_text(name)));
			return;
		}
	if (rule_text(name).n)
		rule(r, "api/volume-mount", SEV_ERROR, name, "there is no volume \"%.*s\"", STR_ARG(rule_text(name)));
}

static void check_env(struct rules *r, const struct node *c, const struct node *pod)
{
	static const char *const sources[] = { "configMapKeyRef", "fieldRef", "fileKeyRef", "resourceFieldRef", "secretKeyRef" };
	static const char *const from[] = { "configMapRef", "secretRef" };
	const struct node *env = FIELD(c, "env"), *all = FIELD(c, "envFrom");
	for (size_t i = 0; i < rule_items(env); i++) {
		const struct node *e = env->items[i], *value = FIELD(e, "value"), *source = FIELD(e, "valueFrom");
		if (source && rule_text(value).n)
			rule_key(r, "api/one-of", e, S("valueFrom"), "a variable has either a value or a valueFrom");
		rule_one_of(r, source, sources, COUNT(sources), true, "valueFrom");
		check_file(r, source, pod);
	}
	for (size_t i = 0; i < rule_items(all); i++)
		rule_one_of(r, all->items[i], from, COUNT(from), true, "envFrom");
}

static void check_mounts(struct rules *r, const struct node *c, const struct map *volumes, const char *field, const char *path)
{
	struct map seen = { 0 };
	const struct node *list = node_get(c, str_of(field));
	bool privileged = node_true(rule_path(c, "securityContext.privileged"));
	for (size_t i = 0; i < rule_items(list); i++)
		if (!privileged && str_eq(TEXT(list->items[i], "mountPropagation"), S("Bidirectional")))
			rule(r, "api/volume-mount", SEV_ERROR, FIELD(list->items[i], "mountPropagation"), "Bidirectional is for privileged containers only");
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

/* Devices are claims, each once, and not mounted as well. */
static void check_devices(struct rules *r, const struct node *c, const struct map *volumes)
{
	const struct node *devices = FIELD(c, "volumeDevices"), *mounts = FIELD(c, "volumeMounts");
	struct map seen = { 0 };
	rule_unique(r, &seen, devices, "name", "device of the volume");
	for (size_t i = 0; i < rule_items(devices); i++) {
		const struct node *d = devices->items[i], *name = map_get(volumes, TEXT(d, "name"));
		for (size_t k = 0; k < rule_items(mounts); k++) {
			if (TEXT(d, "name").n && str_eq(TEXT(d, "name"), TEXT(mounts->items[k], "name")))
				rule(r, "api/volume-mount", SEV_ERROR, FIELD(d, "name"), "the volume \"%.*s\" is mounted too", STR_ARG(TEXT(d, "name")));
			if (TEXT(d, "devicePath").n && str_eq(TEXT(d, "devicePath"), TEXT(mounts->items[k], "mountPath")))
				rule(r, "api/volume-mount", SEV_ERROR, FIELD(d, "devicePath"), "a volume is mounted there");
		}
		if (name && name->kind == NODE_MAP && !FIELD(name, "persistentVolumeClaim") && !FIELD(name, "ephemeral"))
			rule(r, "api/volume-mount", SEV_ERROR, FIELD(d, "name"), "the volume \"%.*s\" is no claim: only these can be devices", STR_ARG(TEXT(d, "name")));
	}
}

/* ---- security ---------------------------------------------------------------------- */
static void check_security(struct rules *r, const struct node *c, const struct node *pod)
{
	const struct node *s = FIELD(c, "securityContext"), *escalation = FIELD(s, "allowPrivilegeEscalation"), *add = rule_path(s, "capabilities.add");
	const struct node *users = FIELD(pod, "hostUsers"), *mount = FIELD(s, "procMount");
	bool denied = node_is(escalation, NODE_BOOL) && !node_true(escalation);
	if (denied && node_true(FIELD(s, "privileged")))
		rule(r, "api/security-context", SEV_ERROR, escalation, "can't be false where privileged is true");
	for (size_t i = 0; denied && i < rule_items(add); i++)
		if (str_eq(rule_text(add->items[i]), S("CAP_SYS_ADMIN")))
			rule(r, "api/security-context", SEV_ERROR, escalation, "can't be false where CAP_SYS_ADMIN is added");
	if (str_eq(rule_text(mount), S("Unmasked")) && !(node_is(users, NODE_BOOL) && !node_true(users)))
		rule(r, "api/security-context", SEV_ERROR, mount, "Unmasked needs hostUsers: false in the pod");
}

void rules_forbidden(struct rules *r, const struct node *map, const char *const *fields, size_t n, const char *why)
{
	for (size_t i = 0; i < n; i++)
		if (rule_get(map, str_of(fields[i])))
			rule_key(r, "api/forbidden", map, str_of(fields[i]), "%s", why);
}

/* What one operating system has and the other has not. */
static void check_system(struct rules *r, const struct node *c, const struct node *pod)
{
	static const char *const linux_only[] = { "seLinuxOptions", "seccompProfile", "capabilities", "readOnlyRootFilesystem", "privileged", "allowPrivilegeEscalation",
						  "procMount", "runAsUser", "runAsGroup", "appArmorProfile" };
	static const char *const windows_only[] = { "windowsOptions" };
	str system = TEXT(FIELD(pod, "os"), "name");
	if (str_eq(system, S("windows")))
		rules_forbidden(r, FIELD(c, "securityContext"), linux_only, COUNT(linux_only), "must not be set where os.name is windows");
	if (str_eq(system, S("linux")))
		rules_forbidden(r, FIELD(c, "securityContext"), windows_only, COUNT(windows_only), "must not be set where os.name is linux");
}

/* ---- the container ------------------------------------------------------------------- */
/* An init container that runs to its end is not probed; one that stays (a sidecar) is. */
static void check_init(struct rules *r, const struct node *c)
{
	static const char *const fields[] = { "livenessProbe", "readinessProbe", "startupProbe", "lifecycle" };
	if (!str_eq(TEXT(c, "restartPolicy"), S("Always")))
		rules_forbidden(r, c, fields, COUNT(fields), "goes with restartPolicy: Always only, in an init container");
}

static void check_restarts(struct rules *r, const struct node *c, const struct node *pod)
{
	const struct node *resize = FIELD(c, "resizePolicy"), *rules = FIELD(c, "restartPolicyRules");
	struct map seen = { 0 };
	rule_unique(r, &seen, resize, "resourceName", "policy for");
	for (size_t i = 0; str_eq(TEXT(pod, "restartPolicy"), S("Never")) && i < rule_items(resize); i++)
		if (str_eq(TEXT(resize->items[i], "restartPolicy"), S("RestartContainer")))
			rule(r, "api/restart-policy", SEV_ERROR, FIELD(resize->items[i], "restartPolicy"), "must be NotRequired where the pod's restartPolicy is Never");
	if (rule_items(rules) && !TEXT(c, "restartPolicy").n)
		rule(r, "api/restart-policy", SEV_ERROR, rules, "goes with a restartPolicy of the container");
}

static void check_lifecycle(struct rules *r, const struct node *c, const struct node *pod)
{
	static const char *const handlers[] = { "exec", "httpGet", "sleep", "tcpSocket" }, *const hooks[] = { "postStart", "preStop" };
	const struct node *lifecycle = FIELD(c, "lifecycle"), *period = FIELD(pod, "terminationGracePeriodSeconds");
	int64_t grace = 30, seconds;
	if (period && !node_to_i64(period, &grace))
		return;
	for (size_t i = 0; i < COUNT(hooks); i++) {
		const struct node *hook = rule_get(lifecycle, str_of(hooks[i])), *sleep = rule_path(hook, "sleep.seconds");
		rule_one_of(r, hook, handlers, COUNT(handlers), true, "a lifecycle handler");
		if (node_to_i64(sleep, &seconds) && seconds > grace && grace >= 0)
			rule(r, "api/range", SEV_ERROR, sleep, "must not be above terminationGracePeriodSeconds (%lld)", (long long)grace);
	}
}

static void check_ports(struct rules *r, const struct node *c, const struct node *pod, struct map *hosts)
{
	const struct node *ports = FIELD(c, "ports");
	bool network = node_true(FIELD(pod, "hostNetwork"));
	struct map names = { 0 };
	int64_t host, own;
	rule_unique(r, &names, ports, "name", "port");
	for (size_t i = 0; i < rule_items(ports); i++) {
		const struct node *p = ports->items[i], *port = FIELD(p, "hostPort");
		bool has = node_to_i64(port, &host) && host, container = node_to_i64(FIELD(p, "containerPort"), &own);
		if (network && has && container && host != own)
			rule(r, "api/host-port", SEV_ERROR, port, "must be the containerPort where hostNetwork is true");
		if (!has && !(network && container))
			continue;
		str protocol = TEXT(p, "protocol").n ? TEXT(p, "protocol") : S("TCP");
		str key = str_printf(r->a, "%.*s/%.*s/%lld", STR_ARG(protocol), STR_ARG(TEXT(p, "hostIP")), (long long)(has ? host : own));
		const struct node *at = has ? port : FIELD(p, "containerPort");
		void **slot = map_at(r->a, hosts, key);
		if (*slot)
			rule(r, "api/duplicate", SEV_ERROR, at, "the host port %.*s is taken (on line %u)", STR_ARG(rule_text(at)), (unsigned)((struct node *)*slot)->line);
		else
			*slot = (void *)at;
	}
}

void rules_container(struct rules *r, const struct node *c, const struct pod *p, bool init)
{
	static const char *const probes[] = { "livenessProbe", "readinessProbe", "startupProbe" };
	struct map alone = { 0 };
	if (!node_is(c, NODE_MAP))
		return;
	for (size_t i = 0; i < COUNT(probes); i++)
		check_probe(r, c, probes[i]);
	check_lifecycle(r, c, p->spec);
	check_ports(r, c, p->spec, init ? &alone : p->host_ports);
	check_env(r, c, p->spec);
	check_mounts(r, c, p->volumes, "volumeMounts", "mountPath");
	check_mounts(r, c, p->volumes, "volumeDevices", "devicePath");
	check_devices(r, c, p->volumes);
	rules_resources(r, FIELD(c, "resources"), p->claims);
	check_security(r, c, p->spec);
	check_system(r, c, p->spec);
	check_restarts(r, c, p->spec);
	if (init)
		check_init(r, c);
}
