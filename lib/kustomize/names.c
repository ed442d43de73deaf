/* SPDX-License-Identifier: MIT */
/* Hashes in names, references that follow renamed resources, and the order of output. */
#include <stdlib.h>
#include <string.h>

#include "kustomize/internal.h"

void add_hashes(struct build *b, struct resources *all)
{
	for (size_t i = 0; i < all->n; i++) {
		struct resource *r = all->p[i];
		if (!r->hash)
			continue;
		str hash = content_hash(b->a, r->object);
		rename_from(b, r);
		set_text(b->a, node_get(r->object, S("metadata")), "name", str_printf(b->a, "%.*s-%.*s", STR_ARG(name_of(r->object)), STR_ARG(hash)),
			 node_get(node_get(r->object, S("metadata")), S("name")));
	}
}

/* ---- who refers to whom --------------------------------------------------------------------- */
struct reference {
	const char *kind, *group; /* of what is referred to; group NULL: any */
	const char *in;		  /* the kind that refers; "pods": whatever holds a pod's spec */
	const char *path;
};
static const struct reference references[] = {
	{ "Deployment", NULL, "HorizontalPodAutoscaler", "spec/scaleTargetRef/name" },
	{ "ReplicationController", NULL, "HorizontalPodAutoscaler", "spec/scaleTargetRef/name" },
	{ "ReplicaSet", NULL, "HorizontalPodAutoscaler", "spec/scaleTargetRef/name" },
	{ "StatefulSet", NULL, "HorizontalPodAutoscaler", "spec/scaleTargetRef/name" },
	{ "ConfigMap", NULL, "pods", "volumes/configMap/name" },
	{ "ConfigMap", NULL, "pods", "containers/env/valueFrom/configMapKeyRef/name" },
	{ "ConfigMap", NULL, "pods", "initContainers/env/valueFrom/configMapKeyRef/name" },
	{ "ConfigMap", NULL, "pods", "containers/envFrom/configMapRef/name" },
	{ "ConfigMap", NULL, "pods", "initContainers/envFrom/configMapRef/name" },
	{ "ConfigMap", NULL, "pods", "volumes/projected/sources/configMap/name" },
	{ "ConfigMap", NULL, "Node", "spec/configSource/configMap" },
	{ "ConfigMap", NULL, "Role", "rules/resourceNames" },
	{ "ConfigMap", NULL, "ClusterRole", "rules/resourceNames" },
	{ "ConfigMap", NULL, "Ingress", "metadata/annotations/nginx.ingress.kubernetes.io\\/fastcgi-params-configmap" },
	{ "Secret", NULL, "pods", "volumes/secret/secretName" },
	{ "Secret", NULL, "pods", "containers/env/valueFrom/secretKeyRef/name" },
	{ "Secret", NULL, "pods", "initContainers/env/valueFrom/secretKeyRef/name" },
	{ "Secret", NULL, "pods", "containers/envFrom/secretRef/name" },
	{ "Secret", NULL, "pods", "initContainers/envFrom/secretRef/name" },
	{ "Secret", NULL, "pods", "imagePullSecrets/name" },
	{ "Secret", NULL, "pods", "volumes/projected/sources/secret/name" },
	{ "Secret", NULL, "Ingress", "spec/tls/secretName" },
	{ "Secret", NULL, "Ingress", "metadata/annotations/ingress.kubernetes.io\\/auth-secret" },
	{ "Secret", NULL, "Ingress", "metadata/annotations/nginx.ingress.kubernetes.io\\/auth-secret" },
	{ "Secret", NULL, "Ingress", "metadata/annotations/nginx.ingress.kubernetes.io\\/auth-tls-secret" },
	{ "Secret", NULL, "ServiceAccount", "imagePullSecrets/name" },
	{ "Secret", NULL, "StorageClass", "parameters/secretName" },
	{ "Secret", NULL, "StorageClass", "parameters/adminSecretName" },
	{ "Secret", NULL, "StorageClass", "parameters/userSecretName" },
	{ "Secret", NULL, "StorageClass", "parameters/secretRef" },
	{ "Secret", NULL, "Role", "rules/resourceNames" },
	{ "Secret", NULL, "ClusterRole", "rules/resourceNames" },
	{ "Secret", NULL, "PersistentVolume", "spec/azureFile/secretName" },
	{ "Service", NULL, "StatefulSet", "spec/serviceName" },
	{ "Service", NULL, "Ingress", "spec/rules/http/paths/backend/serviceName" },
	{ "Service", NULL, "Ingress", "spec/backend/serviceName" },
	{ "Service", NULL, "Ingress", "spec/rules/http/paths/backend/service/name" },
	{ "Service", NULL, "Ingress", "spec/defaultBackend/service/name" },
	{ "Service", NULL, "APIService", "spec/service/name" },
	{ "Service", NULL, "ValidatingWebhookConfiguration", "webhooks/clientConfig/service" },
	{ "Service", NULL, "MutatingWebhookConfiguration", "webhooks/clientConfig/service" },
	{ "Role", "rbac.authorization.k8s.io", "RoleBinding", "roleRef/name" },
	{ "ClusterRole", "rbac.authorization.k8s.io", "RoleBinding", "roleRef/name" },
	{ "ClusterRole", "rbac.authorization.k8s.io", "ClusterRoleBinding", "roleRef/name" },
	{ "ServiceAccount", NULL, "RoleBinding", "subjects" },
	{ "ServiceAccount", NULL, "ClusterRoleBinding", "subjects" },
	{ "ServiceAccount", NULL, "pods", "serviceAccountName" },
	{ "PersistentVolumeClaim", NULL, "pods", "volumes/persistentVolumeClaim/claimName" },
	{ "PersistentVolume", NULL, "PersistentVolumeClaim", "spec/volumeName" },
	{ "PersistentVolume", NULL, "ClusterRole", "rules/resourceNames" },
	{ "StorageClass", "storage.k8s.io", "PersistentVolume", "spec/storageClassName" },
	{ "StorageClass", "storage.k8s.io", "PersistentVolumeClaim", "spec/storageClassName" },
	{ "StorageClass", "storage.k8s.io", "StatefulSet", "spec/volumeClaimTemplates/spec/storageClassName" },
	{ "PriorityClass", "scheduling.k8s.io", "pods", "priorityClassName" },
	{ "IngressClass", "networking.k8s.io", "Ingress", "spec/ingressClassName" },
};

static const char *pod_path(str kind)
{
	static const char *const templated[] = { "Deployment", "ReplicaSet", "DaemonSet", "StatefulSet", "Job", "ReplicationController" };

	if (str_eq(kind, S("Pod")))
		return "spec/";
	if (str_eq(kind, S("PodTemplate")))
		return "template/spec/";
	if (str_eq(kind, S("CronJob")))
		return "spec/jobTemplate/spec/template/spec/";
	for (size_t i = 0; i < COUNT(templated); i++)
		if (str_eq(kind, str_of(templated[i])))
			return "spec/template/spec/";
	return NULL;
}

/* ---- following one reference --------------------------------------------------------------------- */
struct following {
	struct build *b;
	struct resources *all;
	struct resource *from;
	const struct reference *ref;
	int bad;
};

static bool ends_alike(const struct strlist *x, const struct strlist *y)
{
	size_t n = x->n < y->n ? x->n : y->n;

	if (n == 0)
		return x->n == y->n;
	for (size_t i = 1; i <= n; i++)
		if (strcmp(x->p[x->n - i], y->p[y->n - i]) != 0)
			return false;
	return true;
}

static bool same_affixes(const struct resource *x, const struct resource *y, bool allow_empty)
{
	bool any_prefix = allow_empty && (x->prefixes.n == 0 || y->prefixes.n == 0);
	bool any_suffix = allow_empty && (x->suffixes.n == 0 || y->suffixes.n == 0);

	return (any_prefix || ends_alike(&x->prefixes, &y->prefixes)) && (any_suffix || ends_alike(&x->suffixes, &y->suffixes));
}

static bool once_was(const struct following *f, const struct resource *r, str name)
{
	bool named = false, kind = false, role = true;
	const struct node *role_ref = strcmp(f->ref->path, "roleRef/name") == 0 ? node_get(f->from->object, S("roleRef")) : NULL;

	for (size_t i = 0; i < r->past.n; i++) {
		const struct past *p = &r->past.p[i];
		named |= str_eq(p->name, name);
		kind |= str_eq(p->kind, str_of(f->ref->kind)) && (!f->ref->group || str_eq(p->group, str_of(f->ref->group)));
		if (role_ref)
			role = str_eq(p->kind, node_get_str(role_ref, S("kind")));
	}
	return named && kind && role;
}

static bool within_reach(const struct following *f, const struct resource *r)
{
	struct past from = current_id(f->from), to = current_id(r);

	return is_cluster_scoped(&from) || is_cluster_scoped(&to) || str_eq(to.kind, S("ServiceAccount")) ||
	       str_eq(effective_namespace(&from), effective_namespace(&to));
}

static bool in_namespace(const struct resource *r, str ns)
{
	struct past now = current_id(r);

	if (str_eq(effective_namespace(&now), ns))
		return true;
	for (size_t i = 0; i < r->past.n; i++)
		if (str_eq(effective_namespace(&r->past.p[i]), ns))
			return true;
	return false;
}

/* The one resource that was called name; ns: where it must be, or empty. */
static struct resource *find_referral(struct following *f, str name, str ns)
{
	struct resources found = { 0 };

	for (size_t i = 0; i < f->all->n; i++) {
		struct resource *r = f->all->p[i];
		if (once_was(f, r, name) && within_reach(f, r) && (ns.n == 0 || in_namespace(r, ns)))
			*VEC_ADD(f->b->a, &found) = r;
	}
	for (int strict = 0; strict < 2 && found.n > 1; strict++) {
		size_t n = 0;
		for (size_t i = 0; i < found.n; i++)
			if (same_affixes(f->from, found.p[i], strict == 0))
				found.p[n++] = found.p[i];
		found.n = n;
	}
	for (size_t i = 1; i < found.n; i++)
		if (!str_eq(name_of(found.p[i]->object), name_of(found.p[0]->object))) {
			f->bad = diag_trouble(f->b->diag, node_pos(f->from->object), "kustomize", "\"%.*s\" may mean %.*s or %.*s", STR_ARG(name),
					      STR_ARG(name_of(found.p[0]->object)), STR_ARG(name_of(found.p[i]->object)));
			return NULL;
		}
	return found.n ? found.p[0] : NULL;
}

static void follow_map(struct following *f, struct node *map)
{
	str name = node_get_str(map, S("name"));
	struct resource *to = name.n ? find_referral(f, name, node_get_str(map, S("namespace"))) : NULL;

	if (!to)
		return;
	set_text(f->b->a, map, "name", name_of(to->object), node_get(map, S("name")));
	if (namespace_of(to->object).n)
		set_text(f->b->a, map, "namespace", namespace_of(to->object), node_get(map, S("name")));
}

static void follow_item(struct following *f, struct node **item)
{
	if ((*item)->kind == NODE_MAP) {
		follow_map(f, *item);
	} else if ((*item)->kind == NODE_STRING) {
		struct resource *to = find_referral(f, node_text(*item), S(""));
		if (to && !str_eq(name_of(to->object), node_text(*item)))
			*item = node_at(node_string(f->b->a, name_of(to->object)), *item);
	}
}

static int follow(void *ctx, struct spot *s)
{
	struct following *f = ctx;
	struct node *n = s->value ? *s->value : NULL;

	if (!n)
		return 0;
	if (n->kind == NODE_SEQ)
		for (uint32_t i = 0; i < n->n; i++)
			follow_item(f, &n->items[i]);
	else
		follow_item(f, s->value);
	return f->bad;
}

int fix_references(struct build *b, struct resources *all)
{
	for (size_t i = 0; i < all->n; i++) {
		struct past id = current_id(all->p[i]);
		str kind = all->p[i]->past.n ? all->p[i]->past.p[0].kind : id.kind;
		const char *pods = pod_path(kind);
		for (size_t k = 0; k < COUNT(references); k++) {
			const struct reference *ref = &references[k];
			bool holds = strcmp(ref->in, "pods") == 0;
			struct following f = { .b = b, .all = all, .from = all->p[i], .ref = ref };
			if (holds ? !pods : !str_eq(str_of(ref->in), kind))
				continue;
			const char *path = holds ? str_printf(b->a, "%s%s", pods, ref->path).p : ref->path;
			if (visit_path(b->a, all->p[i]->object, path, false, follow, &f) < 0)
				return -1;
		}
	}
	return 0;
}

/* ---- order -------------------------------------------------------------------------------------- */
static int rank(str kind)
{
	static const char *const first[] = { "Namespace", "ResourceQuota", "StorageClass", "CustomResourceDefinition", "ServiceAccount", "PodSecurityPolicy",
					     "Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding", "ConfigMap", "Secret", "Endpoints", "Service", "LimitRange",
					     "PriorityClass", "PersistentVolume", "PersistentVolumeClaim", "Deployment", "StatefulSet", "CronJob",
					     "PodDisruptionBudget" };
	static const char *const last[] = { "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration" };

	for (size_t i = 0; i < COUNT(first); i++)
		if (str_eq(kind, str_of(first[i])))
			return (int)i - (int)COUNT(first);
	for (size_t i = 0; i < COUNT(last); i++)
		if (str_eq(kind, str_of(last[i])))
			return 1 + (int)i;
	return 0;
}

static int compare(const void *x, const void *y)
{
	struct past a = current_id(*(struct resource *const *)x), b = current_id(*(struct resource *const *)y);
	const str parts[][2] = { { a.group, b.group }, { a.version, b.version }, { a.kind, b.kind }, { a.ns, b.ns }, { a.name, b.name } };
	int ra = rank(a.kind), rb = rank(b.kind);

	if (ra != rb)
		return ra < rb ? -1 : 1;
	for (size_t i = 0; i < COUNT(parts); i++) {
		int c = str_cmp(parts[i][0], parts[i][1]);
		if (c)
			return c;
	}
	return 0;
}

void sort_resources(struct resources *all)
{
	if (all->n)
		qsort(all->p, all->n, sizeof *all->p, compare);
}
