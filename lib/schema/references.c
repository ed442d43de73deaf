/* SPDX-License-Identifier: MIT */
/* Checks across objects: what is referred to must be there, selectors must select, nothing may be there twice. */
#include "schema/references.h"

#include "schema/rules.h"

#include <string.h>

#define FIELD(map, name) rule_get((map), S(name))
#define TEXT(map, name) node_get_str((map), S(name))

struct label {
	str key, value;
};
struct labels {
	struct label *p;
	size_t n, cap;
};
struct known { /* an object, as far as others refer to it */
	struct kube_id id;
	str api, path;
	struct pos pos;
	struct labels labels; /* of its pods */
	bool has_pods;
	struct labels ports; /* of a Service: number and name */
	struct known *next;  /* of the same kind and name */
};
struct expression {
	str key, op;
	str *values;
	size_t n;
};
struct wanted {
	const struct known *by;
	struct pos pos;
	str path, where;
	str kind, name, ns;
	const char *rule; /* of a selector that selects nothing; NULL: a reference by name */
	enum severity severity;
	struct labels labels;
	struct expression *expressions;
	size_t nexpressions;
	str port; /* number or name, or empty */
};
struct references {
	struct arena *a;
	struct map objects; /* "Kind name" to struct known */
	struct { struct known **p; size_t n, cap; } pods;
	struct { struct known **p; size_t n, cap; } custom; /* resources, with labels of their own */
	struct { struct wanted *p; size_t n, cap; } wanted;
	struct { struct wanted *p; size_t n, cap; } doubles;
};

struct references *references_new(struct arena *a)
{
	struct references *x = NEW(a, struct references);
	x->a = a;
	return x;
}

static str key_of(struct arena *a, str kind, str name)
{
	return str_printf(a, "%.*s %.*s", STR_ARG(kind), STR_ARG(name));
}

/* Without a namespace an object goes wherever the stream is applied to: it may be the same one. */
static bool same_namespace(str x, str y)
{
	return !x.n || !y.n || str_eq(x, y);
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
	if (!rule_text(name).n || node_true(optional))
		return NULL;
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
		for (size_t i = 0; i < rule_items(rule_get(pod, str_of(kinds[k]))); i++)
			container_references(x, by, r, rule_get(pod, str_of(kinds[k]))->items[i]);
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

static void ingress_references(struct references *x, const struct known *by, const struct rules *r)
{
	const struct node *spec = FIELD(r->object, "spec"), *rules = FIELD(spec, "rules"), *tls = FIELD(spec, "tls");
	want_backend(x, by, r, rule_path(spec, "defaultBackend.service"));
	for (size_t i = 0; i < rule_items(rules); i++) {
		const struct node *paths = rule_path(rules->items[i], "http.paths");
		for (size_t k = 0; k < rule_items(paths); k++)
			want_backend(x, by, r, rule_path(paths->items[k], "backend.service"));
	}
	bool issued = rule_path(r->object, "metadata.annotations") && str_find(json_text(r->a, rule_path(r->object, "metadata.annotations")), S("cert-manager.io/")) >= 0;
	for (size_t i = 0; !issued && i < rule_items(tls); i++)
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

/* Secrets that another object stands for. */
static void stand_in(struct references *x, const struct known *by, const struct node *object)
{
	static const struct { const char *kind, *name; } makers[] = {
		{ "ExternalSecret", "spec.target.name" }, { "SealedSecret", "spec.template.metadata.name" }, { "Certificate", "spec.secretName" },
	};
	for (size_t i = 0; i < COUNT(makers); i++) {
		if (!str_eq(by->id.kind, str_of(makers[i].kind)))
			continue;
		str name = rule_text(rule_path(object, makers[i].name));
		struct known *made = NEW(x->a, struct known);
		*made = *by;
		made->id.kind = S("Secret");
		made->id.name = name.n ? str_copy(x->a, name) : by->id.name;
		struct known **slot = (struct known **)map_at(x->a, &x->objects, key_of(x->a, made->id.kind, made->id.name));
		made->next = *slot;
		*slot = made;
	}
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
	slot = (struct known **)map_at(x->a, &x->objects, key_of(x->a, k->id.kind, k->id.name));
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
	if (str_chr(k->id.group, '.') >= 0 && !str_ends(k->id.group, S(".k8s.io"))) {
		copy_labels(x, &k->labels, FIELD(FIELD(r->object, "metadata"), "labels"));
		*VEC_ADD(x->a, &x->custom) = k;
	}
	pod_references(x, k, r);
	if (str_eq(kind, S("Service")) && !k->id.group.n) {
		for (size_t i = 0; i < rule_items(ports); i++)
			*VEC_ADD(x->a, &k->ports) = (struct label){ str_copy(x->a, rule_text(FIELD(ports->items[i], "port"))), str_copy(x->a, TEXT(ports->items[i], "name")) };
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
	if (str_eq(kind, S("HorizontalPodAutoscaler")))
		want_name(x, k, r, str_copy(x->a, TEXT(FIELD(spec, "scaleTargetRef"), "kind")).p, rule_path(spec, "scaleTargetRef.name"), NULL);
	if (str_eq(kind, S("StatefulSet")))
		want_name(x, k, r, "Service", FIELD(spec, "serviceName"), NULL);
}

/* ---- judging ---------------------------------------------------------------------- */
static const struct label *find_label(const struct labels *l, str key)
{
	for (size_t i = 0; i < l->n; i++)
		if (str_eq(l->p[i].key, key))
			return &l->p[i];
	return NULL;
}

static bool holds(const struct expression *e, const struct labels *have)
{
	const struct label *l = find_label(have, e->key);
	bool in = false;
	for (size_t i = 0; l && i < e->n; i++)
		in |= str_eq(l->value, e->values[i]);
	if (str_eq(e->op, S("In")))
		return in;
	if (str_eq(e->op, S("NotIn")))
		return !in;
	return str_eq(e->op, S("DoesNotExist")) ? !l : l != NULL;
}

/* Labels that controllers add to the pods they make. */
static bool is_given(str key)
{
	static const char *const keys[] = { "statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index", "controller-revision-hash",
		"pod-template-hash", "batch.kubernetes.io/job-name", "job-name", "batch.kubernetes.io/controller-uid", "controller-uid" };
	for (size_t i = 0; i < COUNT(keys); i++)
		if (str_eq(key, str_of(keys[i])))
			return true;
	return false;
}

/* An operator may make the pods: there is a custom resource with one of these labels. */
static bool perhaps_operated(const struct references *x, const struct wanted *w)
{
	for (size_t i = 0; i < x->custom.n; i++)
		for (size_t j = 0; j < w->labels.n && same_namespace(x->custom.p[i]->id.ns, w->ns); j++) {
			const struct label *l = find_label(&x->custom.p[i]->labels, w->labels.p[j].key);
			if (l && str_eq(l->value, w->labels.p[j].value))
				return true;
		}
	return false;
}

static bool selects(const struct references *x, const struct wanted *w)
{
	for (size_t i = 0; i < x->pods.n; i++) {
		const struct known *k = x->pods.p[i];
		bool ok = same_namespace(k->id.ns, w->ns);
		for (size_t j = 0; ok && j < w->labels.n; j++) {
			const struct label *l = find_label(&k->labels, w->labels.p[j].key);
			ok = is_given(w->labels.p[j].key) || (l && str_eq(l->value, w->labels.p[j].value));
		}
		for (size_t j = 0; ok && j < w->nexpressions; j++)
			ok = holds(&w->expressions[j], &k->labels);
		if (ok)
			return true;
	}
	return false;
}

static void report(const struct references *x, const struct wanted *w, const char *rule, str text, void (*put)(void *, const struct finding *), void *ctx)
{
	const struct kube_id *id = &w->by->id;
	struct finding f = { .severity = w->severity, .rule = rule, .pos = w->pos, .path = w->path, .api_version = w->by->api, .kind = id->kind, .ns = id->ns, .name = id->name };
	f.message = str_printf(x->a, "%.*s%s%.*s (%.*s)", STR_ARG(w->where), w->where.n ? ": " : "", STR_ARG(text), STR_ARG(kube_id_text(x->a, id)));
	put(ctx, &f);
}

/* The object that is meant, or the nearest name of its kind in *near. */
static const struct known *lookup(const struct references *x, const struct wanted *w, str *near)
{
	for (const struct known *k = map_get(&x->objects, key_of(x->a, w->kind, w->name)); k; k = k->next)
		if (same_namespace(k->id.ns, w->ns) || str_starts(w->kind, S("Cluster")))
			return k;
	str *names = NEW_ARRAY(x->a, str, x->objects.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < x->objects.n; i++) {
		const struct known *k = x->objects.items[i].value;
		if (str_eq(k->id.kind, w->kind) && same_namespace(k->id.ns, w->ns))
			names[n++] = k->id.name;
	}
	*near = str_nearest(w->name, names, n);
	return NULL;
}

static void judge_name(const struct references *x, const struct wanted *w, void (*put)(void *, const struct finding *), void *ctx)
{
	str near = { 0 };
	const struct known *k = lookup(x, w, &near);
	if (!k && str_eq(w->kind, S("ConfigMap")) && str_eq(w->name, S("kube-root-ca.crt")))
		return;
	if (!k) {
		report(x, w, "ref/missing",
		       str_printf(x->a, "there is no %.*s \"%.*s\"%s%.*s%s", STR_ARG(w->kind), STR_ARG(w->name), near.n ? "; did you mean \"" : "",
				  STR_ARG(near), near.n ? "\"?" : ""),
		       put, ctx);
		return;
	}
	bool open = !w->port.n || !k->ports.n;
	for (size_t i = 0; i < k->ports.n; i++)
		open |= str_eq(k->ports.p[i].key, w->port) || str_eq(k->ports.p[i].value, w->port);
	if (!open)
		report(x, w, "ref/port", str_printf(x->a, "the Service \"%.*s\" has no port %.*s", STR_ARG(w->name), STR_ARG(w->port)), put, ctx);
}

size_t references_count(const struct references *x)
{
	return x->wanted.n;
}

void references_end(struct references *x, void (*put)(void *ctx, const struct finding *f), void *ctx)
{
	for (size_t i = 0; i < x->doubles.n; i++) {
		const struct wanted *d = &x->doubles.p[i];
		struct wanted w = { .by = d->by, .pos = d->by->pos, .severity = SEV_ERROR, .path = S("/metadata/name") };
		report(x, &w, "ref/duplicate-object",
		       str_printf(x->a, "this object is there twice: the first is at %s:%u", d->pos.file ? d->pos.file : "?", (unsigned)d->pos.line), put, ctx);
	}
	for (size_t i = 0; i < x->wanted.n; i++) {
		const struct wanted *w = &x->wanted.p[i];
		if (!w->rule)
			judge_name(x, w, put, ctx);
		else if (!selects(x, w) && !perhaps_operated(x, w))
			report(x, w, w->rule, S("this selects no pods of the objects given"), put, ctx);
	}
}
