/* SPDX-License-Identifier: MIT */
/* schema: rules that look at more than one field of an object; they have ids api/…. */
#ifndef INFRAFLUX_SCHEMA_RULES_H
#define INFRAFLUX_SCHEMA_RULES_H

#include "kube/kube.h"

struct rules { /* of one object */
	struct arena *a;
	struct node *object;
	struct kube_id id;
	int minor; /* of the release they are checked against: 1.N */
	bool built_in; /* of the API's own kinds */
	struct diag *diag;
	str newer; /* a later version of the kind ("apps/v1"), or empty */
	void (*put)(void *ctx, const struct finding *f);
	void *ctx;
};
/* A finding at a value of the object, or at its key; says where by itself. */
void rule(struct rules *r, const char *id, enum severity severity, const struct node *at, const char *fmt, ...) PRINTF_LIKE(5, 6);
void rule_key(struct rules *r, const char *id, const struct node *map, str key, const char *fmt, ...) PRINTF_LIKE(5, 6);
/* JSON Pointer of a value in the object, and the same as people write it; in a. */
void rule_where(const struct rules *r, struct arena *a, const struct node *at, str *pointer, str *path);
/* Which of these fields a map has; the finding if it is not exactly (or at most) one. */
void rule_one_of(struct rules *r, const struct node *map, const char *const *fields, size_t n, bool needed, const char *what);
/* Reports the second of two items whose field is the same. */
void rule_unique(struct rules *r, struct map *seen, const struct node *list, const char *field, const char *what);
struct node *rule_path(const struct node *n, const char *path); /* "spec.template.spec"; NULL if absent */
/* A null is as good as absent. */
static inline struct node *rule_get(const struct node *map, str key)
{
	struct node *n = node_get(map, key);
	return n && n->kind != NODE_NULL ? n : NULL;
}
static inline str rule_text(const struct node *n) { return n && n->kind != NODE_NULL ? node_str(n) : (str){ "", 0 }; }
static inline size_t rule_items(const struct node *n) { return node_is(n, NODE_SEQ) ? n->n : 0; }

struct node *rules_pod_spec(const struct rules *r, struct node **metadata); /* of a workload, or NULL */
void rules_pod(struct rules *r);	  /* rules_pod.c: pods and templates of pods */
void rules_tolerations(struct rules *r, const struct node *list);
struct pod {
	const struct node *spec;
	const struct map *volumes;	 /* by name: volumes, or names of claims of a StatefulSet */
	struct map *host_ports;		 /* that are taken */
	const struct map *claims;	 /* resourceClaims by name */
};
void rules_container(struct rules *r, const struct node *c, const struct pod *p, bool init); /* rules_container.c */
void rules_forbidden(struct rules *r, const struct node *map, const char *const *fields, size_t n, const char *why); /* a finding for each that is there */
void rules_resources(struct rules *r, const struct node *resources, const struct map *claims); /* rules_resources.c; claims NULL: of the pod */
void rules_quantities(struct rules *r, const struct node *map); /* names and signs of resources */
void rules_crd(struct rules *r);    /* rules_crd.c */
void crd_check_defaults(struct rules *r, struct kube_schemas *k); /* crd_defaults.c; of a definition that has no other errors */
void rules_volume(struct rules *r); /* rules_limits.c, and the next two */
void rules_quota(struct rules *r);
void rules_limits(struct rules *r);
void rules_kinds(struct rules *r);  /* rules_kinds.c */
void rules_workload(struct rules *r); /* rules_workload.c: Deployment and its like, jobs */
bool rules_selected(const struct node *selector, const struct node *labels);
bool rules_zero(const struct node *n); /* 0 or 0% */
void rules_network(struct rules *r); /* rules_network.c: services, endpoints, routes, policies */
void rules_admin(struct rules *r);  /* rules_admin.c: kinds of administrators */
/* rules_versions.c */
const char *rules_removed(struct arena *a, const struct kube_id *id, int minor); /* "1.22" where a version of the API ended, or NULL */
void rules_deprecated(struct rules *r);

#endif
