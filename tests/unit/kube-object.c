/* SPDX-License-Identifier: MIT */
/* Identity, lists of objects, apply order, defaults. */
#include "check.h"

#include "kube/kube.h"

static struct arena a;
static struct diag d = { .program = "test", .arena = &a };

static struct node *read(const char *text)
{
	const struct read_options plain = { 0 };
	struct node *n = NULL;

	CHECK(read_text(&a, &d, &plain, "in.yaml", str_of(text), &n) == 0);
	return n ? n : node_new(&a, NODE_NULL);
}

static void id_text(const char *object, const char *want)
{
	struct kube_id id;
	const char *why;

	CHECK_STR(kube_identify(read(object), &id, &why) ? kube_id_text(&a, &id) : str_of(why), str_of(want));
}

static int rank(const char *group, const char *kind)
{
	return kube_apply_rank(&(struct kube_id){ .group = str_of(group), .kind = str_of(kind) });
}

static int count(void *ctx, struct node *object)
{
	struct buf *b = ctx;
	struct kube_id id;

	buf_printf(b, "%s%.*s", b->n ? "|" : "", STR_ARG(kube_identify(object, &id, NULL) ? kube_id_text(&a, &id) : S("?")));
	return 0;
}

static void flat(const char *doc, const char *want)
{
	struct buf b = BUF(&a);

	CHECK(kube_flatten(&a, read(doc), count, &b) == 0);
	CHECK_STR(buf_str(&b), str_of(want));
}

static void defaults(const char *kind, const char *path, const char *value, bool want)
{
	str keys[2048];
	struct kube_id id = { .kind = str_of(kind) };
	struct path p;

	CHECK(path_parse(&a, str_of(path), &p, NULL) == 0);
	for (size_t i = 0; i < p.n; i++)
		keys[i] = p.steps[i].kind == STEP_KEY ? p.steps[i].key : S("*");
	if (!CHECK(kube_is_default(&id, keys, p.n, read(value)) == want))
		fprintf(stderr, "\t%s %s %s\n", kind, path, value);
}

int main(void)
{
	bool known;

	id_text("{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}}", "Service shop/web");
	id_text("{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}}", "apps/Deployment web");
	id_text("{apiVersion: v1, kind: Namespace, metadata: {name: shop}}", "Namespace shop");
	id_text("{kind: Service}", "has no apiVersion");
	id_text("{apiVersion: v1}", "has no kind");
	id_text("{apiVersion: 1, kind: Service}", "has an apiVersion that is no text");
	id_text("[1]", "is not a map");

	flat("{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Pod, metadata: {name: a}}, {apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Pod, "
	     "metadata: {name: b}}]}]}", "Pod a|Pod b");
	flat("{apiVersion: apps/v1, kind: DeploymentList, items: [{metadata: {name: a, namespace: x}}]}", "apps/Deployment x/a");
	flat("{apiVersion: v1, kind: List}", "");
	flat("{apiVersion: v1, kind: List, items: null}", "");
	flat("{apiVersion: net/v1, kind: AllowList, metadata: {name: x}}", "net/AllowList x");
	flat("{apiVersion: v1, kind: List, items: [1]}", "?");

	CHECK(rank("", "Namespace") < rank("apiextensions.k8s.io", "CustomResourceDefinition"));
	CHECK(rank("apiextensions.k8s.io", "CustomResourceDefinition") < rank("", "ServiceAccount"));
	CHECK(rank("", "Secret") < rank("apps", "Deployment") && rank("", "ConfigMap") < rank("apps", "StatefulSet"));
	CHECK(rank("rbac.authorization.k8s.io", "ClusterRole") < rank("rbac.authorization.k8s.io", "ClusterRoleBinding"));
	CHECK(rank("", "Service") < rank("apps", "Deployment") && rank("apps", "Deployment") < rank("networking.k8s.io", "Ingress"));
	CHECK(rank("networking.k8s.io", "Ingress") < rank("example.com", "Gate"));
	CHECK(rank("serving.knative.dev", "Service") == rank("example.com", "Gate"));
	CHECK(rank("example.com", "Gate") < rank("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"));
	CHECK(rank("extensions", "Ingress") == rank("networking.k8s.io", "Ingress"));

	CHECK(kube_is_namespaced(&(struct kube_id){ .group = S("apps"), .kind = S("Deployment") }, &known) && known);
	CHECK(!kube_is_namespaced(&(struct kube_id){ .group = S(""), .kind = S("Node") }, &known) && known);
	kube_is_namespaced(&(struct kube_id){ .group = S("x.io"), .kind = S("Deployment") }, &known);
	CHECK(!known);

	defaults("Deployment", "spec.replicas", "1", true);
	defaults("Deployment", "spec.replicas", "2", false);
	defaults("Deployment", "spec.strategy", "{type: RollingUpdate, rollingUpdate: {maxSurge: 25%, maxUnavailable: 25%}}", true);
	defaults("Deployment", "spec.strategy", "{type: Recreate}", false);
	defaults("Deployment", "spec.template.spec.containers[0].terminationMessagePath", "/dev/termination-log", true);
	defaults("Service", "spec.ports[0].protocol", "TCP", true);
	defaults("Service", "spec.ports[0].protocol", "UDP", false);
	defaults("Service", "spec.clusterIP", "10.0.0.1", true);
	defaults("Deployment", "metadata.annotations.\"deployment.kubernetes.io/revision\"", "\"3\"", true);
	defaults("ConfigMap", "spec.replicas", "1", false);
	arena_free(&a);
	return check_done();
}
