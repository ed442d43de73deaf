/* SPDX-License-Identifier: MIT */
/*
 * kustomize: kustomization folders, built as `kustomize build` does.
 *
 * Invariants:
 * - Nothing is fetched and no program runs: bases are folders and files, plugins
 *   are those that kustomize has built in, charts are in chartHome.
 * - A file that a kustomization names is within its folder, links resolved, unless
 *   the options say otherwise; folders may be anywhere.
 * - Objects that were read are copied before they change; what a patch or a
 *   generator brings keeps the position of its own file.
 * - A field of a kustomization that is not supported is an error at its
 *   position, never passed over.
 */
#ifndef INFRAFLUX_KUSTOMIZE_H
#define INFRAFLUX_KUSTOMIZE_H

#include "base/base.h"
#include "doc/doc.h"

struct kustomize_options {
	struct read_options read;
	struct node *document;	  /* taken for what the folder's kustomization holds; or NULL */
	const char *kube_version; /* whose list keys strategic merge patches go by; NULL: the newest; charts take the cluster's to be it */
	struct strlist repos;	  /* URL=DIR: where the checkouts of what is elsewhere are */
	struct strlist api_versions; /* that charts find in the cluster, too */
	bool anywhere;		  /* files may be outside of the folder of the kustomization that names them */
};
const char *kustomization_in(struct arena *a, const char *folder); /* kustomization.yaml, .yml or Kustomization in it; NULL: none */
bool kustomize_is_one(const char *folder); /* is there one? */
/* The objects in kustomize's order.  -1: reported. */
int kustomize_build(struct arena *a, struct diag *d, const struct kustomize_options *o, const char *folder, int (*put)(void *ctx, struct node *object),
		    void *ctx);

/*
 * A strategic merge patch on one object of any kind: maps merge, null takes
 * away, lists replace but for those of metadata.  *out is NULL where the patch
 * deletes the object.  -1: reported.
 */
int kustomize_patch_object(struct arena *a, struct diag *d, struct node *object, struct node *patch, struct node **out);

#endif
