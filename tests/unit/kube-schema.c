/* SPDX-License-Identifier: MIT */
/* The built-in API schemas, and what they know of lists. */
#include "check.h"
#include "kube/kube.h"

static struct arena a;
static struct diag d = { .program = "kube-schema", .arena = &a };

static struct kube_cursor walk(struct kube_schemas *s, const char *group, const char *version, const char *kind, const char *path)
{
	struct kube_id id = { .group = str_of(group), .version = str_of(version), .kind = str_of(kind) };
	struct kube_cursor c = kube_cursor(s, &id);
	str rest = str_of(path);

	while (rest.n) {
		ptrdiff_t dot = str_chr(rest, '.');
		str key = str_sub(rest, 0, dot < 0 ? rest.n : (size_t)dot);
		rest = str_sub(rest, key.n + 1, rest.n);
		c = str_eq(key, S("*")) ? kube_cursor_item(c) : kube_cursor_key(c, key);
	}
	return c;
}

static void lists(struct kube_schemas *s)
{
	struct list_keys k;
	const char *containers = "spec.template.spec.containers";

	CHECK(kube_cursor_list(&a, walk(s, "apps", "v1", "Deployment", containers), &k));
	CHECK(k.type == LIST_MAP && k.n == 1 && k.patch_merge);
	CHECK_STR(k.keys[0], S("name"));
	CHECK(kube_cursor_list(&a, walk(s, "apps", "v1", "Deployment", "spec.template.spec.containers.*.ports"), &k));
	CHECK(k.type == LIST_MAP && k.n == 2);
	CHECK_STR(k.keys[1], S("protocol"));
	CHECK_STR(k.merge_key, S("containerPort"));
	CHECK(kube_cursor_list(&a, walk(s, "apps", "v1", "Deployment", "spec.template.spec.containers.*.args"), &k));
	CHECK(k.type == LIST_ATOMIC && !k.patch_merge);
	CHECK(kube_cursor_list(&a, walk(s, "", "v1", "Pod", "metadata.finalizers"), &k));
	CHECK(k.type == LIST_SET && k.patch_merge && !k.merge_key.n);
	CHECK(!kube_cursor_list(&a, walk(s, "", "v1", "Pod", "spec.nodeName"), &k));
	CHECK(!kube_cursor_list(&a, walk(s, "", "v1", "Pod", "spec.no.such"), &k));
}

static void crds(struct kube_schemas *s)
{
	struct read_options o = { 0 };
	struct kube_kind facts;
	struct list_keys k;
	struct node *n;
	size_t found = 0;
	str text = S("apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec:\n  group: x.org\n  scope: Namespaced\n"
		     "  names: {kind: W}\n  versions:\n  - name: v1\n    served: true\n    schema: {openAPIV3Schema: {type: object, properties: {\n"
		     "      metadata: {type: object},\n"
		     "      spec: {type: array, items: {type: object}, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [a, b]}}}}\n");

	CHECK(read_text(&a, &d, &o, "crd.yaml", text, &n) == 0);
	CHECK(kube_schemas_add_crd(s, n, &found) == 0 && found == 1);
	CHECK(kube_schema_kind(s, S("x.org"), S("v1"), S("W"), &facts) != NULL);
	CHECK(facts.crd && facts.namespaced && !facts.preserve);
	CHECK(kube_cursor_list(&a, walk(s, "x.org", "v1", "W", "spec"), &k) && k.type == LIST_MAP && k.n == 2);
	CHECK(kube_cursor_list(&a, walk(s, "x.org", "v1", "W", "metadata.ownerReferences"), &k) && k.type == LIST_MAP);
}

int main(void)
{
	static const char *const versions[] = {
#define KUBE_DATA(id, version) version,
#include "kube/data/versions.h"
#undef KUBE_DATA
	};
	size_t n = COUNT(versions);

	CHECK_INT((long long)n, 3);
	for (size_t i = 0; i < n; i++) {
		struct kube_schemas *s = kube_schemas_open(&a, &d, versions[i]);
		CHECK(s != NULL);
		CHECK(kube_schema(s, S("apps"), S("v1"), S("Deployment")) != NULL);
		CHECK(kube_schema(s, S(""), S("v1"), S("Pod")) != NULL);
		CHECK(kube_schema(s, S("apps"), S("v1beta1"), S("Deployment")) == NULL);
		CHECK(kube_cursor_is_quantity(walk(s, "", "v1", "PersistentVolumeClaim", "spec.resources.requests.storage")));
		CHECK(!kube_cursor_is_quantity(walk(s, "", "v1", "PersistentVolumeClaim", "spec.volumeName")));
		lists(s);
		kube_schemas_close(s);
	}
	crds(kube_schemas_open(&a, &d, NULL));
	arena_free(&a);
	return check_done();
}
