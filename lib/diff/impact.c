/* SPDX-License-Identifier: MIT */
/* What it would do to apply a change: what the API refuses, what is lost, restarted, rerouted, opened. */
#include "diff/internal.h"

#define POD_TEMPLATE "its pods are replaced"
#define FIXED "the API refuses to change this: delete and create the object"

/* The first that fits; a path covers what is below it, "*" is any step. */
static const struct rule {
	const char *kind, *path;
	enum diff_impact impact;
	const char *text;
} rules[] = {
	{ "Deployment", "spec/selector", IMPACT_REFUSED, FIXED },
	{ "DaemonSet", "spec/selector", IMPACT_REFUSED, FIXED },
	{ "ReplicaSet", "spec/selector", IMPACT_REFUSED, FIXED },
	{ "Deployment", "spec/template", IMPACT_RESTART, POD_TEMPLATE },
	{ "DaemonSet", "spec/template", IMPACT_RESTART, POD_TEMPLATE },
	{ "StatefulSet", "spec/template", IMPACT_RESTART, POD_TEMPLATE },
	{ "StatefulSet", "spec/replicas", IMPACT_NONE, "" },
	{ "StatefulSet", "spec/updateStrategy", IMPACT_NONE, "" },
	{ "StatefulSet", "spec/persistentVolumeClaimRetentionPolicy", IMPACT_NONE, "" },
	{ "StatefulSet", "spec/minReadySeconds", IMPACT_NONE, "" },
	{ "StatefulSet", "spec/revisionHistoryLimit", IMPACT_NONE, "" },
	{ "StatefulSet", "spec/ordinals", IMPACT_NONE, "" },
	{ "StatefulSet", "spec", IMPACT_REFUSED, FIXED },
	{ "Job", "spec/template", IMPACT_REFUSED, FIXED },
	{ "Job", "spec/selector", IMPACT_REFUSED, FIXED },
	{ "Job", "spec/completionMode", IMPACT_REFUSED, FIXED },
	{ "Pod", "spec/containers/*/image", IMPACT_RESTART, "its container is restarted" },
	{ "Pod", "spec/initContainers/*/image", IMPACT_NONE, "" },
	{ "Pod", "spec/activeDeadlineSeconds", IMPACT_NONE, "" },
	{ "Pod", "spec/terminationGracePeriodSeconds", IMPACT_NONE, "" },
	{ "Pod", "spec/tolerations", IMPACT_NONE, "" },
	{ "Pod", "spec", IMPACT_REFUSED, FIXED },
	{ "PersistentVolumeClaim", "spec/resources", IMPACT_NONE, "" }, /* see shrinks */
	{ "PersistentVolumeClaim", "spec/volumeAttributesClassName", IMPACT_NONE, "" },
	{ "PersistentVolumeClaim", "spec", IMPACT_REFUSED, FIXED },
	{ "PersistentVolume", "spec/csi", IMPACT_REFUSED, FIXED },
	{ "PersistentVolume", "spec/nfs", IMPACT_REFUSED, FIXED },
	{ "PersistentVolume", "spec/local", IMPACT_REFUSED, FIXED },
	{ "PersistentVolume", "spec/hostPath", IMPACT_REFUSED, FIXED },
	{ "StorageClass", "provisioner", IMPACT_REFUSED, FIXED },
	{ "StorageClass", "parameters", IMPACT_REFUSED, FIXED },
	{ "StorageClass", "reclaimPolicy", IMPACT_REFUSED, FIXED },
	{ "StorageClass", "volumeBindingMode", IMPACT_REFUSED, FIXED },
	{ "Secret", "type", IMPACT_REFUSED, FIXED },
	{ "RoleBinding", "roleRef", IMPACT_REFUSED, FIXED },
	{ "ClusterRoleBinding", "roleRef", IMPACT_REFUSED, FIXED },
	{ "IngressClass", "spec/controller", IMPACT_REFUSED, FIXED },
	{ "PriorityClass", "value", IMPACT_REFUSED, FIXED },
	{ "RuntimeClass", "handler", IMPACT_REFUSED, FIXED },
	{ "CustomResourceDefinition", "spec/group", IMPACT_REFUSED, FIXED },
	{ "CustomResourceDefinition", "spec/scope", IMPACT_REFUSED, FIXED },
	{ "CustomResourceDefinition", "spec/names/kind", IMPACT_REFUSED, FIXED },
	{ "Service", "spec/clusterIP", IMPACT_REFUSED, FIXED },
	{ "Service", "spec/selector", IMPACT_TRAFFIC, "its traffic goes to other pods" },
	{ "Service", "spec", IMPACT_TRAFFIC, "who connects to it is affected" },
	{ "Ingress", "spec", IMPACT_TRAFFIC, "requests from outside are routed anew" },
	{ "HTTPRoute", "spec", IMPACT_TRAFFIC, "requests are routed anew" },
	{ "NetworkPolicy", "spec", IMPACT_TRAFFIC, "other connections are let through" },
	{ "ValidatingWebhookConfiguration", "webhooks", IMPACT_TRAFFIC, "other requests to the API are intercepted" },
	{ "MutatingWebhookConfiguration", "webhooks", IMPACT_TRAFFIC, "other requests to the API are intercepted" },
	{ "Role", "rules", IMPACT_ACCESS, "who is bound to it may do other things" },
	{ "ClusterRole", "rules", IMPACT_ACCESS, "who is bound to it may do other things" },
	{ "ClusterRole", "aggregationRule", IMPACT_ACCESS, "who is bound to it may do other things" },
	{ "RoleBinding", "subjects", IMPACT_ACCESS, "others get the role" },
	{ "ClusterRoleBinding", "subjects", IMPACT_ACCESS, "others get the role" },
}, gone[] = {
	{ "Namespace", "", IMPACT_LOSS, "all that is in it goes with it" },
	{ "CustomResourceDefinition", "", IMPACT_LOSS, "all objects of this kind go with it" },
	{ "PersistentVolumeClaim", "", IMPACT_LOSS, "its data may go with it" },
	{ "PersistentVolume", "", IMPACT_LOSS, "its data may go with it" },
	{ "Secret", "", IMPACT_LOSS, "what it holds is nowhere else" },
	{ "Service", "", IMPACT_TRAFFIC, "who connects to it finds nothing" },
	{ "Ingress", "", IMPACT_TRAFFIC, "requests from outside end here" },
	{ "NetworkPolicy", "", IMPACT_TRAFFIC, "connections that it forbade are let through" },
};

const char *const diff_impact_names[] = { "none", "refused", "loss", "restart", "scale", "traffic", "access" };

static bool covers(str pattern, str pointer)
{
	while (pattern.n) {
		if (!pointer.n || pointer.p[0] != '/')
			return false;
		ptrdiff_t slash = str_chr(pattern, '/'), next = str_chr(str_sub(pointer, 1, pointer.n), '/');
		str want = str_sub(pattern, 0, slash < 0 ? pattern.n : (size_t)slash);
		str have = str_sub(pointer, 1, next < 0 ? pointer.n : (size_t)next + 1);
		if (!str_eq(want, S("*")) && !str_eq(want, have))
			return false;
		pattern = str_sub(pattern, want.n + (slash >= 0), pattern.n);
		pointer = str_sub(pointer, have.n + 1, pointer.n);
	}
	return true;
}

static bool is_less(const struct node *desired, const struct node *live)
{
	int order;

	return desired && live && kube_quantity_cmp(node_str(desired), node_str(live), &order) && order < 0;
}

static bool fits(const struct rule *r, const struct diff_object *x, str pointer)
{
	return str_eq(x->id.kind, str_of(r->kind)) && covers(str_of(r->path), pointer);
}

enum diff_impact diff_impact_of(const struct diff_object *x, const struct diff_change *c, const char **text)
{
	*text = "";
	if (!c) {
		for (size_t i = 0; x->verdict == DIFF_REMOVED && i < COUNT(gone); i++)
			if (fits(&gone[i], x, S(""))) {
				*text = gone[i].text;
				return gone[i].impact;
			}
		return IMPACT_NONE;
	}
	if ((c->secret || str_starts(c->pointer, S("/data"))) && node_true(node_get(x->desired, S("immutable")))) {
		*text = FIXED;
		return IMPACT_REFUSED;
	}
	if (str_eq(x->id.kind, S("PersistentVolumeClaim")) && covers(S("spec/resources/requests"), c->pointer) && is_less(c->desired, c->live)) {
		*text = "a claim can only grow";
		return IMPACT_REFUSED;
	}
	if (str_eq(c->pointer, S("/spec/replicas")) && is_less(c->desired, c->live)) {
		*text = "pods are taken away";
		return IMPACT_SCALE;
	}
	for (size_t i = 0; i < COUNT(rules); i++)
		if (fits(&rules[i], x, c->pointer)) {
			*text = rules[i].text;
			return rules[i].impact;
		}
	return IMPACT_NONE;
}
