/* SPDX-License-Identifier: MIT */
/* Versions of the API that are deprecated, or gone, as of which release of Kubernetes. */
#include "schema/rules.h"

#include <string.h>

enum { CORE = 2 }; /* how many of the core group come first */
/* Kinds before the rest of their version. */
static const struct lifecycle {
	const char *api, *kind; /* kind NULL: all (other) kinds of it */
	int deprecated, removed; /* 1.N; removed 0: not yet */
	const char *instead;	 /* where no version of the same kind is it */
} list[] = {
	{ "v1", "Endpoints", 33, 0, "EndpointSlice of discovery.k8s.io/v1" },
	{ "v1", "ComponentStatus", 19, 0, "the components' own health endpoints" },
	{ "admissionregistration.k8s.io/v1alpha1", "ValidatingAdmissionPolicy", 29, 32, NULL },
	{ "admissionregistration.k8s.io/v1alpha1", "ValidatingAdmissionPolicyBinding", 29, 32, NULL },
	{ "admissionregistration.k8s.io/v1alpha1", NULL, 35, 38, NULL },
	{ "admissionregistration.k8s.io/v1beta1", "MutatingWebhookConfiguration", 16, 22, NULL },
	{ "admissionregistration.k8s.io/v1beta1", "ValidatingWebhookConfiguration", 16, 22, NULL },
	{ "admissionregistration.k8s.io/v1beta1", "ValidatingAdmissionPolicy", 31, 34, NULL },
	{ "admissionregistration.k8s.io/v1beta1", "ValidatingAdmissionPolicyBinding", 31, 34, NULL },
	{ "admissionregistration.k8s.io/v1beta1", NULL, 37, 40, NULL },
	{ "apps/v1beta1", NULL, 8, 16, NULL },
	{ "apps/v1beta2", NULL, 9, 16, NULL },
	{ "authentication.k8s.io/v1alpha1", NULL, 29, 32, NULL },
	{ "authentication.k8s.io/v1beta1", "TokenReview", 19, 22, NULL },
	{ "authentication.k8s.io/v1beta1", NULL, 30, 33, NULL },
	{ "authorization.k8s.io/v1beta1", NULL, 19, 22, NULL },
	{ "batch/v1beta1", NULL, 21, 25, NULL },
	{ "certificates.k8s.io/v1alpha1", NULL, 34, 37, NULL },
	{ "certificates.k8s.io/v1beta1", "CertificateSigningRequest", 19, 22, NULL },
	{ "certificates.k8s.io/v1beta1", NULL, 37, 40, NULL },
	{ "coordination.k8s.io/v1alpha2", NULL, 35, 38, NULL },
	{ "coordination.k8s.io/v1beta1", "LeaseCandidate", 36, 39, NULL },
	{ "coordination.k8s.io/v1beta1", NULL, 19, 22, NULL },
	{ "discovery.k8s.io/v1beta1", NULL, 21, 25, NULL },
	{ "events.k8s.io/v1beta1", NULL, 22, 25, NULL },
	{ "extensions/v1beta1", "Ingress", 14, 22, NULL },
	{ "extensions/v1beta1", "NetworkPolicy", 9, 16, NULL },
	{ "extensions/v1beta1", "Scale", 2, 16, NULL },
	{ "extensions/v1beta1", "PodSecurityPolicy", 10, 16, NULL },
	{ "extensions/v1beta1", NULL, 8, 16, NULL },
	{ "flowcontrol.apiserver.k8s.io/v1beta1", NULL, 23, 26, NULL },
	{ "flowcontrol.apiserver.k8s.io/v1beta2", NULL, 26, 29, NULL },
	{ "flowcontrol.apiserver.k8s.io/v1beta3", NULL, 29, 32, NULL },
	{ "lifecycle.k8s.io/v1alpha1", NULL, 40, 43, NULL },
	{ "networking.k8s.io/v1beta1", "Ingress", 19, 22, NULL },
	{ "networking.k8s.io/v1beta1", "IngressClass", 19, 22, NULL },
	{ "networking.k8s.io/v1beta1", NULL, 34, 37, NULL },
	{ "node.k8s.io/v1beta1", NULL, 22, 25, NULL },
	{ "policy/v1beta1", "Eviction", 22, 25, NULL },
	{ "policy/v1beta1", NULL, 21, 25, NULL },
	{ "rbac.authorization.k8s.io/v1beta1", NULL, 17, 22, NULL },
	{ "resource.k8s.io/v1alpha3", "ResourcePoolStatusRequest", 39, 42, NULL },
	{ "resource.k8s.io/v1alpha3", NULL, 36, 39, NULL },
	{ "resource.k8s.io/v1beta1", NULL, 35, 38, NULL },
	{ "resource.k8s.io/v1beta2", "DeviceTaintRule", 39, 42, NULL },
	{ "resource.k8s.io/v1beta2", NULL, 36, 39, NULL },
	{ "scheduling.k8s.io/v1beta1", "PriorityClass", 14, 22, NULL },
	{ "scheduling.k8s.io/v1beta1", NULL, 40, 43, NULL },
	{ "storage.k8s.io/v1alpha1", "VolumeAttributesClass", 32, 35, NULL },
	{ "storage.k8s.io/v1alpha1", NULL, 21, 24, NULL },
	{ "storage.k8s.io/v1beta1", "CSINode", 17, 22, NULL },
	{ "storage.k8s.io/v1beta1", "CSIStorageCapacity", 24, 27, NULL },
	{ "storage.k8s.io/v1beta1", "VolumeAttributesClass", 34, 37, NULL },
	{ "storage.k8s.io/v1beta1", NULL, 19, 22, NULL },
	{ "storagemigration.k8s.io/v1beta1", NULL, 37, 40, NULL },
	{ "apiextensions.k8s.io/v1beta1", NULL, 16, 22, NULL },
	{ "apiregistration.k8s.io/v1beta1", NULL, 19, 22, NULL },
	{ "autoscaling/v2beta1", NULL, 22, 25, NULL },
	{ "autoscaling/v2beta2", NULL, 23, 26, NULL },
	{ "batch/v2alpha1", NULL, 8, 21, NULL },
	{ "rbac.authorization.k8s.io/v1alpha1", NULL, 17, 22, NULL },
	{ "node.k8s.io/v1alpha1", NULL, 20, 22, NULL },
};

static const struct lifecycle *find(const struct kube_id *id)
{
	bool early = id->version.n > 2; /* v1beta1; of v1 and v2 only the core group's are in the list */
	for (size_t i = 0; i < COUNT(list) && (early || (!id->group.n && i < CORE)); i++) {
		str api = str_of(list[i].api);
		bool same = id->group.n ? api.n == id->group.n + id->version.n + 1 && str_starts(api, id->group) && str_ends(api, id->version)
					  : str_eq(api, id->version);
		if (same && (!list[i].kind || str_eq(id->kind, str_of(list[i].kind))))
			return &list[i];
	}
	return NULL;
}

const char *rules_removed(struct arena *a, const struct kube_id *id, int minor)
{
	const struct lifecycle *l = find(id);
	return l && l->removed && l->removed <= minor ? str_printf(a, "1.%d", l->removed).p : NULL;
}

void rules_deprecated(struct rules *r)
{
	const struct lifecycle *l = find(&r->id);
	const struct node *at = rule_get(r->object, S("apiVersion"));
	struct buf b = BUF(r->a);
	if (!l || l->deprecated > r->minor)
		return;
	if (l->removed)
		buf_printf(&b, ", it %s in 1.%d", l->removed > r->minor ? "goes" : "was to go", l->removed);
	if (l->instead)
		buf_printf(&b, ": use %s", l->instead);
	else if (r->newer.n)
		buf_printf(&b, ": use %.*s", STR_ARG(r->newer));
	rule(r, "api/deprecated", SEV_WARNING, at, "deprecated since Kubernetes 1.%d%.*s", l->deprecated, STR_ARG(buf_str(&b)));
}
