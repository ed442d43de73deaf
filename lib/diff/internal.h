/* SPDX-License-Identifier: MIT */
/* Inside diff. */
#ifndef INFRAFLUX_DIFF_INTERNAL_H
#define INFRAFLUX_DIFF_INTERNAL_H

#include "diff/diff.h"

/* ---- compare.c: one object against one object ------------------------------- */
struct segment { /* of the path from the root of the object to where the walk stands */
	str key;	     /* of a map; empty p: an item */
	int64_t live, desired; /* index of an item; -1: it has none there */
	int64_t patch;	     /* its index in live as patched so far; -1: behind the end */
	int64_t undo;	     /* its index in desired, or where it would stand there */
	str shown;	     /* "[name=web]"; empty: the index */
	str owned;	     /* of an item its name in managedFields: "k:{…}", "v:…"; empty: it has none */
};
struct compare {
	struct arena *a;     /* of results */
	struct arena *scratch; /* of this object */
	struct diag *d;
	const struct diff_options *o;
	struct kube_id id;
	bool builtin, secret;
	struct masks *masks;
	struct ignore *ignore;
	struct diff_object *out;
	const struct node *managed; /* metadata.managedFields of live, or NULL */
	const struct marks *ignored;
	struct segment *segments; /* DOC_MAX_DEPTH + 2 */
	size_t depth;
	str *keys; /* scratch of kube_is_default: twice as many */
};
/* last: the object as it was applied last, or NULL; owned: fieldsV1 of our manager, or NULL. */
void compare_object(struct compare *c, struct kube_cursor cursor, struct node *desired, struct node *live, struct node *last,
		    const struct node *owned);

/* ---- lists.c: which item of one list is which of the other -------------------- */
struct pair {
	int64_t desired, live; /* -1: none */
	str shown, owned;
	struct node *last; /* the item as it was applied last; NULL: it was not */
};
enum pairing { PAIR_BY_KEY, PAIR_AS_SET, PAIR_IN_ORDER };
enum pairing pair_items(struct compare *c, struct kube_cursor cursor, const struct node *desired, const struct node *live,
			const struct node *last, struct pair **pairs, size_t *n);

/* ---- owners.c: metadata.managedFields -------------------------------------------- */
const struct node *owners_ours(const struct diff_options *o, struct arena *a, const struct node *managed, const struct node *desired);
/* What of the fields (NULL: none) belongs to a key of a map. */
const struct node *owners_field(const struct node *fields, struct arena *a, str key);
/* The entry that wrote the place last; NULL: nobody is known to. */
const struct node *owners_find(struct arena *a, const struct node *managed, const struct segment *s, size_t n);

/* ---- ignore.c: drift that is accepted ----------------------------------------------- */
struct marks { /* nodes at and below which nothing is drift */
	struct map set;
	struct arena *a;
};
struct ignore;
struct ignore *ignore_read(struct arena *a, struct diag *d, const struct diff_options *o); /* NULL: reported */
/* Marks what rules say about these two (live may be NULL). -1: a rule's expression failed, reported. */
int ignore_mark(struct ignore *ig, struct arena *scratch, const struct kube_id *id, struct node *desired, struct node *live, struct marks *out);
bool marked(const struct marks *m, const struct node *n);
/* The reason if rules or the baseline accept the change of an object (change NULL: the object as a whole), else NULL. */
const char *ignore_accepts(struct ignore *ig, const struct diff_object *x, const struct diff_change *change);
void ignore_end(struct ignore *ig, struct diag *d); /* findings: what has expired, what fits nothing any more */

/* ---- findings.c */
void diff_findings(struct diff *x);

/* ---- form.c: what shows whole objects ---- */
bool diff_write_form(struct diff *x, str format, struct out *o); /* unified, patch, html */

/* ---- secret.c ------------------------------------------------------------------------- */
struct masks; /* a key of this run: equal values look equal, and nothing can be found out from a report */
struct masks *masks_new(struct arena *a);
const struct node *mask(struct masks *m, struct arena *a, const struct node *value);
/* A Secret with stringData turned into data, as the server does. */
struct node *secret_normal(struct arena *a, struct node *object);

#endif
