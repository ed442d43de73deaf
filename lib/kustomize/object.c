/* SPDX-License-Identifier: MIT */
/* One patch on one object that is in no kustomization. */
#include "kustomize/kustomize.h"
#include "kube/kube.h"
#include "merge/merge.h"

int kustomize_patch_object(struct arena *a, struct diag *d, struct node *object, struct node *patch, struct node **out)
{
	const struct kube_id known = { S(""), S("v1"), S("ConfigMap"), S(""), S("") }; /* whose metadata is every object's */
	const struct node *meta = node_get(patch, S("metadata"));
	bool lists = node_get(meta, S("finalizers")) || node_get(meta, S("ownerReferences"));
	struct kube_schemas *schemas = lists ? kube_schemas_open(a, d, NULL) : NULL;

	if (lists && !schemas)
		return -1;
	struct kube_cursor c = lists ? kube_cursor(schemas, &known) : (struct kube_cursor){ 0 };
	int bad = merge_strategic(a, d, c, MERGE_ORDER_SERVER, NULL, object, patch, out);
	if (schemas)
		kube_schemas_close(schemas);
	return bad;
}
