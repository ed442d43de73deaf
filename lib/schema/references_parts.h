/* SPDX-License-Identifier: MIT */
/* schema: what references.c gathers and references_judge.c judges. */
#ifndef INFRAFLUX_SCHEMA_REFERENCES_PARTS_H
#define INFRAFLUX_SCHEMA_REFERENCES_PARTS_H

#include "schema/references.h"

struct label {
	str key, value;
};
struct labels {
	struct label *p;
	size_t n, cap;
};
struct known { /* an object, as far as others refer to it */
	struct kube_id id;
	str api, path;
	struct pos pos;
	struct labels labels; /* of its pods */
	bool has_pods;
	struct labels ports; /* of a Service: number and name */
	struct known *next;  /* of the same kind and name */
};
struct expression {
	str key, op;
	str *values;
	size_t n;
};
struct wanted {
	const struct known *by;
	struct pos pos;
	str path, where;
	str kind, name, ns;
	const char *rule; /* of a selector that selects nothing; NULL: a reference by name */
	bool granted; /* a reference to another namespace needs a ReferenceGrant */
	enum severity severity;
	struct labels labels;
	struct expression *expressions;
	size_t nexpressions;
	str port; /* number or name, or empty */
};
struct grant { /* of a ReferenceGrant: routes of these may refer to Services of ns */
	str ns, kind, from, name; /* name: empty: all of them */
};
struct references {
	struct arena *a;
	struct map objects; /* "Kind name" to struct known */
	struct { struct known **p; size_t n, cap; } pods;
	struct { struct grant *p; size_t n, cap; } grants;
	struct makers *makers;
	struct { struct wanted *p; size_t n, cap; } wanted;
	struct { struct wanted *p; size_t n, cap; } doubles;
};

str reference_key(struct arena *a, str kind, str name);
/* Without a namespace an object goes wherever the stream is applied to: it may be the same one. */
static inline bool same_namespace(str x, str y)
{
	return !x.n || !y.n || str_eq(x, y);
}

#endif
