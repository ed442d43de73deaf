/* SPDX-License-Identifier: MIT */
/*
 * diff: desired objects against live ones, by meaning.
 *
 * What is no drift: order of keys and of list-map items, notations of one
 * quantity or number, what the server fills in, defaults, and (with
 * FIELDS_OWNED) fields that desired does not name, unless our manager owns
 * them or they were applied last time and have gone since.
 */
#ifndef INFRAFLUX_DIFF_H
#define INFRAFLUX_DIFF_H

#include "doc/doc.h"
#include "kube/kube.h"
#include "report/report.h"

/* ---- drift.c: two streams ------------------------------------------------- */
enum diff_fields { FIELDS_OWNED, FIELDS_ALL };
struct diff_options {
	int fields;	      /* enum diff_fields */
	bool generic;	      /* any documents; every field counts */
	bool allow_empty;     /* no desired object is no trouble */
	bool impact;	      /* say what it would do to apply the changes */
	bool prune;	      /* live objects that carry `label` and are not desired are drift */
	const char *label;    /* "key=value" */
	const char *ns;	      /* of desired objects that name none; NULL: it must be the only match */
	struct strlist managers; /* whose fields are ours */
	struct strlist ignore, baseline; /* files */
	const char *last_applied;	  /* file, or NULL: the annotation of the live object */
	const char *kubernetes;	  /* version of the API schemas, or NULL */
	struct strlist crds;
	const char *origins;
	const char *state;	      /* file, or NULL */
	struct read_options read;
};
extern const struct option diff_option_table[]; /* target: diff_options */

enum diff_op { DIFF_ADD, DIFF_REMOVE, DIFF_REPLACE }; /* as a patch of live would say it */
struct diff_change {
	enum diff_op op;
	str pointer;		       /* JSON Pointer; lists by the index in live, or in desired where live has no such item */
	str patch;		       /* JSON Pointer of it in a patch of live, all changes in their order */
	str undo;		       /* of it in desired: where live has what desired has not, its place there */
	bool secret;		       /* a part of a Secret: masked, and in no patch */
	str path;		       /* as people read it: spec.containers[name=web].image */
	const struct node *desired, *live; /* NULL: absent; masked where secret */
	str manager, time;	       /* who wrote the live value, or empty */
	str since;		       /* first seen, with --state */
	struct pos pos;		       /* of the desired value, or of what stands nearest */
};
enum diff_verdict { DIFF_UNCHANGED, DIFF_ADDED, DIFF_REMOVED, DIFF_CHANGED };
struct diff_object {
	struct kube_id id;
	str label; /* "apps/Deployment shop/web"; generic: "document 1" */
	enum diff_verdict verdict;
	struct diff_change *p;
	size_t n, cap;
	struct node *desired; /* NULL when removed */
	struct pos pos;
	struct node *live; /* of what is removed, without what the server keeps */
	str since; /* of what is missing or unwanted, with --state */
	bool matched; /* a live object was found */
};
struct diff {
	struct arena *a;
	struct diag *d;
	const struct diff_options *o;
	struct {
		struct diff_object **p;
		size_t n, cap;
	} objects; /* in the order of desired, then what only live has */
	size_t count[4]; /* by verdict */
	struct masks *masks;
};
/* Reads both, compares, reports each drift as a finding. -1: trouble, reported. */
int diff_run(struct diff *x, struct arena *a, struct diag *d, const struct diff_options *o, const char *desired, const char *live);

/* ---- state.c: since when --------------------------------------------------- */
/* Notes in path what drifts, and since when it did in the runs before.  After diff_run; -1: reported. */
int diff_state(struct diff *x, const char *path);

/* ---- impact.c: what it would do to make live as desired ------------------------ */
enum diff_impact { IMPACT_NONE, IMPACT_REFUSED, IMPACT_LOSS, IMPACT_RESTART, IMPACT_SCALE, IMPACT_TRAFFIC, IMPACT_ACCESS };
extern const char *const diff_impact_names[];
/* Of a change, or (NULL) of the object that is removed; *text says it in words. */
enum diff_impact diff_impact_of(const struct diff_object *x, const struct diff_change *c, const char **text);

/* ---- show.c: the reports ---------------------------------------------------- */
#define DIFF_FORMATS "text|json|patch|markdown|html|metrics|sarif|junit|github|unified"
/* For report_set.custom, with custom_ctx = struct diff_report. */
struct diff_report {
	struct diff *diff;
	bool color;
};
bool diff_write(struct report_set *s, str format, struct out *o);

#endif
