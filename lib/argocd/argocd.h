/* SPDX-License-Identifier: MIT */
/*
 * argocd: Applications and ApplicationSets, expanded as Argo CD does, from
 * folders on the disk instead of repositories.
 *
 * Invariants:
 * - Nothing is fetched: a repository is where `repos` says it is, a cluster
 *   is what a cluster Secret among the objects says.
 * - An Application that cannot be rendered is a finding; the others stand.
 */
#ifndef INFRAFLUX_ARGOCD_H
#define INFRAFLUX_ARGOCD_H

#include "base/base.h"
#include "chart/chart.h"
#include "doc/doc.h"

struct argocd_options {
	struct read_options read;
	struct chart_options charts;
	struct strlist repos; /* URL=DIR, checkouts; a branch of its own: URL@REVISION=DIR */
	const char *kube_version;
	struct strlist api_versions;
	size_t jobs;	      /* threads; 0: one */
	size_t max_results;   /* of a generator; 0: 100,000 */
	uint64_t max_steps;   /* of one text of an ApplicationSet; 0: 10 million */
};
/*
 * Renders every Application among objects, every one that an ApplicationSet
 * among them makes, and recursively those that these bring.  put gets the
 * manifests, in order of hooks and sync waves, and the generated Applications.
 * -1: put said so, or an option is malformed, reported.
 */
int argocd_render(struct arena *a, struct diag *d, const struct argocd_options *o, struct node *const *objects, size_t n,
		  int (*put)(void *ctx, struct node *doc), void *ctx);

#endif
