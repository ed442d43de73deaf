/* SPDX-License-Identifier: MIT */
/* Inside diff: the state of a run, shared by drift.c and generic.c. */
#ifndef INFRAFLUX_DIFF_DRIFT_H
#define INFRAFLUX_DIFF_DRIFT_H

#include "diff/internal.h"

struct known_object { /* a desired one */
	struct diff_object *object;
	struct node *last; /* as it was applied last */
	struct node *scaled; /* its spec.replicas, which an autoscaler sets */
};
struct drift {
	struct diff *x;
	struct arena *a;
	struct arena scratch; /* of a live document */
	struct diag *d;
	const struct diff_options *o;
	struct kube_schemas *schemas;
	struct ignore *ignore;
	struct map by_id;   /* known_object; GROUP KIND NS NAME */
	struct map by_name; /* known_object of any namespace; NULL after a second one: GROUP KIND NAME */
	struct map live_seen; /* pos of live objects, by id */
	struct map last;      /* as applied last, by id */
	struct segment *segments;
	str *keys;
	struct origins *origins; /* of desired, or NULL */
};
struct diff_object *drift_object(struct drift *r, const struct kube_id *id, enum diff_verdict verdict);
bool drift_is_secret(const struct kube_id *id);
int drift_compare(struct drift *r, struct known_object *k, struct node *live);
struct node *drift_shown(struct drift *r, const struct kube_id *id, struct node *live);
int drift_generic(struct drift *r, const char *desired, const char *live); /* any documents */

#endif
