/* SPDX-License-Identifier: MIT */
/* What objects refer to, and what of them others may refer to. */
#include "schema/references_parts.h"

#include <string.h>

#define FIELD(map, name) rule_get((map), S(name))
#define TEXT(map, name) node_get_str((map), S(name))

struct references *references_new(struct arena *a)
{
	struct references *x = NEW(a, struct references);
	x->a = a;
	x->makers = makers_new(a);
	return x;
}

str reference_key(struct arena *a, str kind, str name)
{
	return str_printf(a, "%.*s %.*s", STR_ARG(kind), STR_ARG(name));
}

/* ---- gathering ------------------------------------------------------------------- */
static void copy_labels(struct references *x, struct labels *to, const struct node *map)
{
	for (size_t i = 0; node_is(map, NODE_MAP) && i < map->n; i++)
		*VEC_ADD(x->a, to) = (struct label){ str_copy(x->a, entry_key(&map->entries[i])), str_copy(x->a, rule_text(map->entries[i].value)) };
}

static struct wanted *want(struct references *x, const struct known *by, const struct rules *r, const struct node *at)
{
	struct wanted *w = VEC_ADD(x->a, &x->wanted);
	*w = (struct wanted){ .by = by, .pos = node_pos(at), .severity = SEV_ERROR, .ns = by->id.ns };
	rule_where(r, x->a, at, &w->path, &w->where);
	return w;
}

static struct wanted *want_name(struct references *x, const struct known *by, const struct rules *r, const char *kind, const struct node *name,
				const struct node *optional)
{
	if (!rule_text(name).n || node_true(optional) || str_find(rule_text(name), S("${")) >= 0)
		return NULL; /* nothing, or what is put in later */
	struct wanted *w = want(x, by, r, name);
	w->kind = str_of(kind);
	w->name = str_copy(x->a, rule_text(name));
	return w;
}

static void want_selected(struct references *x, const struct known *by, const struct rules *r, const struct node *selector, bool plain, const char *rule,
			  enum severity severity)
{
	const struct node *labels = plain ? selector : FIELD(selector, "matchLabels"), *list = plain ? NULL : FIELD(selector, "matchExpressions");
	if (!(node_is(labels, NODE_MAP) && labels->n) && !rule_items(list))
		return; /* an empty selector selects all */
	struct wanted *w = want(x, by, r, selector);
	w->rule = rule;
	w->severity = severity;
	copy_labels(x, &w->labels, labels);
	w->nexpressions = rule_items(list);
	w->expressions = NEW_ARRAY(x->a, struct expression, w->nexpressions + 1);
	for (size_t i = 0; i < w->nexpressions; i++) {
		struct expression *e = &w->expressions[i];
		const struct node *values = FIELD(list->items[i], "values");
		*e = (struct expression){ str_copy(x->a, TEXT(list->items[i], "key")), str_copy(x->a, TEXT(list->items[i], "operator")),
					  NEW_ARRAY(x->a, str, rule_items(values) + 1), rule_items(values) };
		for (size_t k = 0; k < e->n; k++)
			e->values[k] = str_copy(x->a, rule_text(values->items[k]));
	}
}

static void container_references(struct references *x, const struct known *by, const struct rules *r, const struct node *c)
{
	const struct node *env = FIELD(c, "env"), *from = FIELD(c, "envFrom");
	for (size_t i = 0; i < rule_items(env); i++) {
		const struct node *config = rule_path(env->items[i], "valueFrom.configMapKeyRef"), *secret = rule_path(env->items[i], "valueFrom.secretKeyRef");
		want_name(x, by, r, "ConfigMap", FIELD(config, "name"), FIELD(config, "optional"));
		want_name(x, by, r, "Secret", FIELD(secret, "name"), FIELD(secret, "optional"));
	}
	for (size_t i = 0; i < rule_items(from); i++) {
		const struct node *config = FIELD(from->items[i], "configMapRef"), *secret = FIELD(from->items[i], "secretRef");
		want_name(x, by, r, "ConfigMap", FIELD(config, "name"), FIELD(config, "optional"));
		want_name(x, by, r, "Secret", FIELD(secret, "name"), FIELD(secret, "optional"));
	}
}

static void volume_references(struct references *x, const struct known *by, const struct rules *r, const struct node *v)
{
	const struct node *config = FIELD(v, "configMap"), *secret = FIELD(v, "secret"), *sources = rule_path(v, "projected.sources");
	want_name(x, by, r, "ConfigMap", FIELD(config, "name"), FIELD(config, "optional"));
	want_name(x, by, r, "Secret", FIELD(secret, "secretName"), FIELD(secret, "optional"));
	want_name(x, by, r, "PersistentVolumeClaim", rule_path(v, "persistentVolumeClaim.claimName"), NULL);
	for (size_t i = 0; i < rule_items(sources); i++) {
		config = FIELD(sources->items[i], "configMap");
		secret = FIELD(sources->items[i], "secret");
		want_name(x, by, r, "ConfigMap", FIELD(config, "name"), FIELD(config, "optional"));
		want_name(x, by, r, "Secret", FIELD(secret, "name"), FIELD(secret, "optional"));
	}
}

static void take_ports(struct references *x, struct known *to, const struct node *ports, const char *number)
{
	for (size_t i = 0; i < rule_items(ports); i++)
		*VEC_ADD(x->a, &to->ports) = (struct label){ str_copy(x->a, rule_text(rule_get(ports->items[i], str_of(number)))), str_copy(x->a, TEXT(ports->items[i], "name")) };
}

/* Ports of pods that a Service knows by their names. */
static void want_target_ports(struct references *x, const struct known *by, const struct rules *r, const struct node *ports, const struct node *selector)
{
	for (size_t i = 0; node_is(selector, NODE_MAP) && selector->n && i < rule_items(ports); i++) {
		const struct node *target = FIELD(ports->items[i], "targetPort");
		if (!node_is(target, NODE_STRING) || str_find(node_text(target), S("${")) >= 0)
			continue;
		struct wanted *w = want(x, by, r, target);
		w->rule = "ref/port";
		w->severity = SEV_WARNING; /* a sidecar that is put in later may have it */
		w->port = str_copy(x->a, node_text(target));
		copy_labels(x, &w->labels, selector);
	}
}

static void pod_references(struct references *x, struct known *by, const struct rules *r)
{
	static const char *const kinds[] = { "containers", "initContainers", "ephemeralContainers" };
	struct node *metadata, *pod = rules_pod_spec(r, &metadata);
	if (!pod)
		return;
	by->has_pods = true;
	copy_labels(x, &by->labels, FIELD(metadata, "labels"));
	*VEC_ADD(x->a, &x->pods) = by;
	for (size_t k = 0; k < COUNT(kinds); k++)
		for (size_t i = 0; i < rule_items(rule_get(pod, str_of(kinds[k]))); i++) {
			const struct node *c = rule_get(pod, str_of(kinds[k]))->items[i];
			container_references(x, by, r, c);
			take_ports(x, by, FIELD(c, "ports"), "containerPort");
		}
	for (size_t i = 0; i < rule_items(FIELD(pod, "volumes")); i++)
		volume_references(x, by, r, FIELD(pod, "volumes")->items[i]);
	for (size_t i = 0; i < rule_items(FIELD(pod, "imagePullSecrets")); i++)
		want_name(x, by, r, "Secret", FIELD(FIELD(pod, "imagePullSecrets")->items[i], "name"), NULL);
	if (!str_eq(TEXT(pod, "serviceAccountName"), S("default")))
		want_name(x, by, r, "ServiceAccount", FIELD(pod, "serviceAccountName"), NULL);
}

static void want_backend(struct references *x, const struct known *by, const struct rules *r, const struct node *service)
{
	struct wanted *w = want_name(x, by, r, "Service", FIELD(service, "name"), NULL);
	const struct node *port = FIELD(service, "port");
	str name = TEXT(port, "name");
	if (w)
		w->port = str_copy(x->a, name.n ? name : rule_text(FIELD(port, "number")));
}

/* The certificate is made for the Ingress. */
static bool is_issued(const struct rules *r)
{
	static const char *const signs[] = { "cert-manager.io/", "kubernetes.io/tls-acme", "cert.gardener.cloud/" };
	const struct node *annotations = rule_path(r->object, "metadata.annotations");
	for (size_t i = 0; node_is(annotations, NODE_MAP) && i < annotations->n; i++)
		for (size_t k = 0; k < COUNT(signs); k++)
			if (str_find(entry_key(&annotations->entries[i]), str_of(signs[k])) >= 0)
				return true;
	return false;
}

static void ingress_references(struct references *x, const struct known *by, const struct rules *r)
{
	const struct node *spec = FIELD(r->object, "spec"), *rules = FIELD(spec, "rules"), *tls = FIELD(spec, "tls");
	want_backend(x, by, r, rule_path(spec, "defaultBackend.service"));
	for (size_t i = 0; i < rule_items(rules); i++) {
		const struct node *paths = rule_path(rules->items[i], "http.paths");
		for (size_t k = 0; k < rule_items(paths); k++)
			want_backend(x, by, r, rule_path(paths->items[k], "backend.service"));
	}
	for (size_t i = 0; !is_issued(r) && i < rule_items(tls); i++)
		want_name(x, by, r, "Secret", FIELD(tls->items[i], "secretName"), NULL);
}

static void route_backend(struct references *x, const struct known *by, const struct rules *r, const struct node *b)
{
	bool service = !TEXT(b, "kind").n || str_eq(TEXT(b, "kind"), S("Service"));
	struct wanted *w = service && !TEXT(b, "group").n ? want_name(x, by, r, "Service", FIELD(b, "name"), NULL) : NULL;
	if (w)
		w->port = str_copy(x->a, rule_text(FIELD(b, "port")));
	if (w && TEXT(b, "namespace").n)
		w->ns = str_copy(x->a, TEXT(b, "namespace"));
	if (w)
		w->granted = true;
}

static void take_grants(struct references *x, const struct rules *r)
{
	const struct node *from = rule_path(r->object, "spec.from"), *to = rule_path(r->object, "spec.to");
	for (size_t i = 0; i < rule_items(from); i++)
		for (size_t k = 0; k < rule_items(to); k++)
			if (str_eq(TEXT(to->items[k], "kind"), S("Service")) && !TEXT(to->items[k], "group").n)
				*VEC_ADD(x->a, &x->grants) = (struct grant){ str_copy(x->a, r->id.ns), str_copy(x->a, TEXT(from->items[i], "kind")),
					str_copy(x->a, TEXT(from->items[i], "namespace")), str_copy(x->a, TEXT(to->items[k], "name")) };
}

static void route_references(struct references *x, const struct known *by, const struct rules *r)
{
	const struct node *rules = rule_path(r->object, "spec.rules");
	for (size_t i = 0; i < rule_items(rules); i++) {
		const struct node *refs = FIELD(rules->items[i], "backendRefs"), *filters = FIELD(rules->items[i], "filters");
		for (size_t k = 0; k < rule_items(refs); k++)
			route_backend(x, by, r, refs->items[k]);
		for (size_t k = 0; k < rule_items(filters); k++)
			route_backend(x, by, r, rule_path(filters->items[k], "requestMirror.backendRef"));
	}
}

static void binding_references(struct references *x, const struct known *by, const struct rules *r)
{
	const struct node *ref = FIELD(r->object, "roleRef"), *subjects = FIELD(r->object, "subjects");
	static const char *const built_in[] = { "cluster-admin", "admin", "edit", "view" };
	bool ready = str_starts(TEXT(ref, "name"), S("system:"));
	for (size_t i = 0; i < COUNT(built_in); i++)
		ready |= str_eq(TEXT(ref, "name"), str_of(built_in[i]));
	if (!ready)
		want_name(x, by, r, str_eq(TEXT(ref, "kind"), S("Role")) ? "Role" : "ClusterRole", FIELD(ref, "name"), NULL);
	for (size_t i = 0; i < rule_items(subjects); i++) {
		const struct node *s = subjects->items[i];
		if (!str_eq(TEXT(s, "kind"), S("ServiceAccount")) || str_eq(TEXT(s, "name"), S("default")) || str_starts(TEXT(s, "namespace"), S("kube-")))
			continue;
		struct wanted *w = want_name(x, by, r, "ServiceAccount", FIELD(s, "name"), NULL);
		if (w && TEXT(s, "namespace").n)
			w->ns = str_copy(x->a, TEXT(s, "namespace"));
	}
}

static void stand_for(struct references *x, const struct known *by, str kind, str name)
{
	struct known *made = NEW(x->a, struct known);
	*made = *by;
	made->id.kind = kind;
	made->id.name = name.n ? str_copy(x->a, name) : by->id.name;
	struct known **slot = (struct known **)map_at(x->a, &x->objects, reference_key(x->a, made->id.kind, made->id.name));
	made->next = *slot;
	*slot = made;
}

/* Secrets and ConfigMaps that another object stands for. */
static void stand_in(struct references *x, const struct known *by, const struct node *object)
{
	bool kustomize = str_eq(by->id.group, S("kustomize.config.k8s.io"));
	const struct node *maps = kustomize ? FIELD(object, "configMapGenerator") : NULL, *secrets = kustomize ? FIELD(object, "secretGenerator") : NULL;
	static const struct { const char *kind, *name; } makers[] = {
		{ "ExternalSecret", "spec.target.name" }, { "SealedSecret", "spec.template.metadata.name" }, { "Certificate", "spec.secretName" },
	};
	for (size_t i = 0; i < COUNT(makers); i++) {
		if (!str_eq(by->id.kind, str_of(makers[i].kind)))
			continue;
		stand_for(x, by, S("Secret"), rule_text(rule_path(object, makers[i].name)));
	}
	for (size_t i = 0; i < rule_items(maps); i++)
		stand_for(x, by, S("ConfigMap"), TEXT(maps->items[i], "name"));
	for (size_t i = 0; i < rule_items(secrets); i++)
		stand_for(x, by, S("Secret"), TEXT(secrets->items[i], "name"));
}

static struct known *remember(struct references *x, const struct rules *r)
{
	struct known *k = NEW(x->a, struct known), **slot;
	k->id = (struct kube_id){ str_copy(x->a, r->id.group), str_copy(x->a, r->id.version), str_copy(x->a, r->id.kind), str_copy(x->a, r->id.ns),
				  str_copy(x->a, r->id.name) };
	k->api = str_copy(x->a, TEXT(r->object, "apiVersion"));
	k->pos = node_pos(FIELD(FIELD(r->object, "metadata"), "name"));
	if (!k->pos.line)
		k->pos = node_pos(r->object);
	slot = (struct known **)map_at(x->a, &x->objects, reference_key(x->a, k->id.kind, k->id.name));
	for (struct known *old = *slot; old && k->id.name.n; old = old->next)
		if (str_eq(old->id.group, k->id.group) && str_eq(old->id.ns, k->id.ns) && str_eq(old->id.kind, k->id.kind)) {
			*VEC_ADD(x->a, &x->doubles) = (struct wanted){ .by = k, .pos = old->pos };
			break;
		}
	k->next = *slot;
	*slot = k;
	return k;
}

void references_add(struct references *x, const struct rules *r)
{
	struct known *k = remember(x, r);
	const struct node *spec = FIELD(r->object, "spec"), *ports = FIELD(spec, "ports");
	str kind = k->id.kind;
	stand_in(x, k, r->object);
	makers_add(x->makers, r);
	if (str_eq(kind, S("ReferenceGrant")))
		take_grants(x, r);
	pod_references(x, k, r);
	if (str_eq(kind, S("Service")) && !k->id.group.n) {
		take_ports(x, k, ports, "port");
		want_target_ports(x, k, r, ports, FIELD(spec, "selector"));
		want_selected(x, k, r, FIELD(spec, "selector"), true, "ref/selects-nothing", SEV_ERROR);
	}
	if (str_eq(kind, S("NetworkPolicy")))
		want_selected(x, k, r, FIELD(spec, "podSelector"), false, "ref/selects-nothing", SEV_WARNING);
	if (str_eq(kind, S("PodDisruptionBudget")))
		want_selected(x, k, r, FIELD(spec, "selector"), false, "ref/selects-nothing", SEV_WARNING);
	if (str_eq(kind, S("Ingress")))
		ingress_references(x, k, r);
	if (str_eq(kind, S("HTTPRoute")) || str_eq(kind, S("GRPCRoute")) || str_eq(kind, S("TCPRoute")) || str_eq(kind, S("TLSRoute")) ||
	    str_eq(kind, S("UDPRoute")))
		route_references(x, k, r);
	if (str_eq(kind, S("RoleBinding")) || str_eq(kind, S("ClusterRoleBinding")))
		binding_references(x, k, r);
	if (str_eq(kind, S("HorizontalPodAutoscaler")) && TEXT(FIELD(spec, "scaleTargetRef"), "kind").n)
		want_name(x, k, r, str_copy(x->a, TEXT(FIELD(spec, "scaleTargetRef"), "kind")).p, rule_path(spec, "scaleTargetRef.name"), NULL);
	struct wanted *governing = str_eq(kind, S("StatefulSet")) ? want_name(x, k, r, "Service", FIELD(spec, "serviceName"), NULL) : NULL;
	if (governing)
		governing->severity = SEV_WARNING; /* the pods run, without names */
}

size_t references_count(const struct references *x)
{
	return x->wanted.n;
}
