/* SPDX-License-Identifier: MIT */
/* What makes two objects the same object, lists of objects, and the order in which they are applied. */
#include "kube/kube.h"

/*
 * The built-in kinds in the order in which they are applied: what others need
 * comes first (Helm's order, with Namespaces and CRDs ahead of it).  Custom
 * resources go between `late` and the rest: what intercepts requests is last.
 */
static const struct known {
	const char *group, *kind;
	bool namespaced, late;
} known[] = {
	{ "", "Namespace", false, false },
	{ "apiextensions.k8s.io", "CustomResourceDefinition", false, false },
	{ "scheduling.k8s.io", "PriorityClass", false, false },
	{ "node.k8s.io", "RuntimeClass", false, false },
	{ "flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration", false, false },
	{ "flowcontrol.apiserver.k8s.io", "FlowSchema", false, false },
	{ "networking.k8s.io", "NetworkPolicy", true, false },
	{ "", "ResourceQuota", true, false },
	{ "", "LimitRange", true, false },
	{ "policy", "PodSecurityPolicy", false, false },
	{ "policy", "PodDisruptionBudget", true, false },
	{ "", "ServiceAccount", true, false },
	{ "", "Secret", true, false },
	{ "", "ConfigMap", true, false },
	{ "certificates.k8s.io", "ClusterTrustBundle", false, false },
	{ "storage.k8s.io", "CSIDriver", false, false },
	{ "storage.k8s.io", "StorageClass", false, false },
	{ "storage.k8s.io", "VolumeAttributesClass", false, false },
	{ "", "PersistentVolume", false, false },
	{ "", "PersistentVolumeClaim", true, false },
	{ "rbac.authorization.k8s.io", "ClusterRole", false, false },
	{ "rbac.authorization.k8s.io", "ClusterRoleBinding", false, false },
	{ "rbac.authorization.k8s.io", "Role", true, false },
	{ "rbac.authorization.k8s.io", "RoleBinding", true, false },
	{ "networking.k8s.io", "ServiceCIDR", false, false },
	{ "networking.k8s.io", "IPAddress", false, false },
	{ "", "Service", true, false },
	{ "", "Endpoints", true, false },
	{ "discovery.k8s.io", "EndpointSlice", true, false },
	{ "resource.k8s.io", "DeviceClass", false, false },
	{ "resource.k8s.io", "DeviceTaintRule", false, false },
	{ "resource.k8s.io", "ResourceSlice", false, false },
	{ "resource.k8s.io", "ResourceClaimTemplate", true, false },
	{ "resource.k8s.io", "ResourceClaim", true, false },
	{ "", "PodTemplate", true, false },
	{ "apps", "DaemonSet", true, false },
	{ "", "Pod", true, false },
	{ "", "ReplicationController", true, false },
	{ "apps", "ReplicaSet", true, false },
	{ "apps", "Deployment", true, false },
	{ "autoscaling", "HorizontalPodAutoscaler", true, false },
	{ "apps", "StatefulSet", true, false },
	{ "batch", "Job", true, false },
	{ "batch", "CronJob", true, false },
	{ "networking.k8s.io", "IngressClass", false, false },
	{ "networking.k8s.io", "Ingress", true, false },
	{ "", "Node", false, false },
	{ "", "Event", true, false },
	{ "events.k8s.io", "Event", true, false },
	{ "", "Binding", true, false },
	{ "", "ComponentStatus", false, false },
	{ "apps", "ControllerRevision", true, false },
	{ "autoscaling", "Scale", true, false },
	{ "policy", "Eviction", true, false },
	{ "coordination.k8s.io", "Lease", true, false },
	{ "coordination.k8s.io", "LeaseCandidate", true, false },
	{ "storage.k8s.io", "CSINode", false, false },
	{ "storage.k8s.io", "CSIStorageCapacity", true, false },
	{ "storage.k8s.io", "VolumeAttachment", false, false },
	{ "storagemigration.k8s.io", "StorageVersionMigration", false, false },
	{ "internal.apiserver.k8s.io", "StorageVersion", false, false },
	{ "certificates.k8s.io", "CertificateSigningRequest", false, false },
	{ "certificates.k8s.io", "PodCertificateRequest", true, false },
	{ "scheduling.k8s.io", "Workload", true, false },
	{ "authentication.k8s.io", "TokenRequest", true, false },
	{ "authentication.k8s.io", "TokenReview", false, false },
	{ "authentication.k8s.io", "SelfSubjectReview", false, false },
	{ "authorization.k8s.io", "LocalSubjectAccessReview", true, false },
	{ "authorization.k8s.io", "SubjectAccessReview", false, false },
	{ "authorization.k8s.io", "SelfSubjectAccessReview", false, false },
	{ "authorization.k8s.io", "SelfSubjectRulesReview", false, false },
	{ "apiregistration.k8s.io", "APIService", false, false },
	{ "admissionregistration.k8s.io", "MutatingAdmissionPolicy", false, true },
	{ "admissionregistration.k8s.io", "MutatingAdmissionPolicyBinding", false, true },
	{ "admissionregistration.k8s.io", "ValidatingAdmissionPolicy", false, true },
	{ "admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding", false, true },
	{ "admissionregistration.k8s.io", "MutatingWebhookConfiguration", false, true },
	{ "admissionregistration.k8s.io", "ValidatingWebhookConfiguration", false, true },
};

static const struct known *lookup(const struct kube_id *id)
{
	bool was_extensions = str_eq(id->group, S("extensions")); /* where apps, networking and policy began */

	for (size_t i = 0; i < COUNT(known); i++)
		if (str_eq(id->kind, str_of(known[i].kind)) &&
		    (str_eq(id->group, str_of(known[i].group)) || (was_extensions && known[i].group[0])))
			return &known[i];
	return NULL;
}

int kube_apply_rank(const struct kube_id *id)
{
	const struct known *k = lookup(id);
	size_t custom = 0;

	while (!known[custom].late)
		custom++;
	if (!k)
		return (int)custom;
	return (int)(k - known) + k->late;
}

bool kube_is_namespaced(const struct kube_id *id, bool *is_known)
{
	const struct known *k = lookup(id);

	*is_known = k != NULL;
	return k && k->namespaced;
}

bool kube_identify(const struct node *n, struct kube_id *id, const char **why)
{
	const char *missing = NULL;
	str api = node_get_str(n, S("apiVersion"));
	struct node *meta = node_get(n, S("metadata"));
	ptrdiff_t slash = str_chr(api, '/');

	*id = (struct kube_id){
		.group = slash < 0 ? (str){ "", 0 } : str_sub(api, 0, (size_t)slash),
		.version = slash < 0 ? api : str_sub(api, (size_t)slash + 1, api.n),
		.kind = node_get_str(n, S("kind")),
		.ns = node_get_str(meta, S("namespace")),
		.name = node_get_str(meta, S("name")),
	};
	if (!node_is(n, NODE_MAP))
		missing = "is not a map";
	else if (!api.n)
		missing = node_get(n, S("apiVersion")) ? "has an apiVersion that is no text" : "has no apiVersion";
	else if (!id->kind.n)
		missing = node_get(n, S("kind")) ? "has a kind that is no text" : "has no kind";
	if (why)
		*why = missing;
	return !missing;
}

str kube_id_text(struct arena *a, const struct kube_id *id)
{
	return str_printf(a, "%.*s%s%.*s %.*s%s%.*s", STR_ARG(id->group), id->group.n ? "/" : "", STR_ARG(id->kind), STR_ARG(id->ns),
			  id->ns.n ? "/" : "", STR_ARG(id->name));
}

void kube_finding_id(struct finding *f, const struct node *object, const struct kube_id *id)
{
	f->api_version = node_get_str(object, S("apiVersion"));
	f->kind = id->kind;
	f->ns = id->ns;
	f->name = id->name;
}

/* kind List, or a kind that ends in List and holds items */
static bool kube_is_list(const struct node *n)
{
	str kind = node_get_str(n, S("kind"));
	const struct node *items = node_get(n, S("items"));

	if (str_eq(kind, S("List")))
		return !items || items->kind == NODE_SEQ || items->kind == NODE_NULL;
	return str_ends(kind, S("List")) && node_is(items, NODE_SEQ) && node_get_str(n, S("apiVersion")).n;
}

/* `kubectl get pods -o json` leaves apiVersion and kind out of the items of a typed list. */
static struct node *typed_item(struct arena *a, const struct node *list, struct node *item)
{
	str kind = node_get_str(list, S("kind"));

	if (!node_is(item, NODE_MAP) || kind.n == 4 || (node_get(item, S("apiVersion")) && node_get(item, S("kind"))))
		return item;
	struct node *made = node_at(node_new(a, NODE_MAP), item);
	node_put(a, made, S("apiVersion"), node_get(list, S("apiVersion")));
	node_put(a, made, S("kind"), node_at(node_string(a, str_sub(kind, 0, kind.n - 4)), node_get(list, S("kind"))));
	for (uint32_t i = 0; i < item->n; i++) {
		struct entry *e = node_put(a, made, entry_key(&item->entries[i]), item->entries[i].value);
		e->line = item->entries[i].line;
		e->col = item->entries[i].col;
	}
	return made;
}

int kube_flatten(struct arena *a, struct node *n, int (*visit)(void *ctx, struct node *object), void *ctx)
{
	if (!kube_is_list(n))
		return visit(ctx, n);
	struct node *items = node_get(n, S("items"));
	for (uint32_t i = 0; node_is(items, NODE_SEQ) && i < items->n; i++)
		if (kube_flatten(a, typed_item(a, n, items->items[i]), visit, ctx))
			return -1;
	return 0;
}

struct objects {
	struct arena *a;
	struct node *list;
};

static int take(void *ctx, struct node *object)
{
	struct objects *x = ctx;

	node_push(x->a, x->list, object);
	return 0;
}

struct node *kube_read(struct arena *a, struct diag *d, const struct read_options *o, char **paths, size_t n, enum format *format)
{
	struct objects x = { a, node_new(a, NODE_SEQ) };
	struct reader *r = reader_open_all(a, d, o, paths, n);
	struct node *doc;
	int got = -1;

	while (r && (got = reader_next(r, a, &doc)) > 0)
		if (doc->kind != NODE_NULL)
			kube_flatten(a, doc, take, &x);
	if (r && format)
		*format = reader_format(r);
	reader_close(r);
	return got < 0 ? NULL : x.list;
}
