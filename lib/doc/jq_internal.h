/* SPDX-License-Identifier: MIT */
/* Inside doc: the parts of the libjq bridge. */
#ifndef INFRAFLUX_DOC_JQ_INTERNAL_H
#define INFRAFLUX_DOC_JQ_INTERNAL_H

#include <jq.h>

#include "doc/doc.h"

struct jq_results {
	struct node **p;
	size_t n, cap;
};

/* ---- jq_plain.c: .a."b c"[0][]? and $name.a, answered from our own tree ---- */
struct plain_step {
	enum { PLAIN_FIELD, PLAIN_INDEX, PLAIN_ITEMS } kind;
	str key;
	int64_t index;
	bool optional;
};
struct plain {
	ptrdiff_t var; /* which variable it starts at; -1: the input */
	struct plain_step *steps;
	size_t n;
};
bool plain_parse(struct arena *a, str text, const char *const *vars, size_t nvars, struct plain *out);
/* Results as jq would give them; false: *error is what jq would say. */
bool plain_eval(const struct plain *p, struct arena *a, struct node *start, struct jq_results *out, const char **error);

/* ---- jq_value.c: our tree to jq's values and back ------------------------------ */
/* Inputs that were converted, so that parts of them are known again in results. */
struct jq_known {
	struct arena *a;
	const struct jq_known *next; /* asked when this does not know */
	struct known_slot {
		jv value;	      /* borrowed from the input that holds it */
		struct node *node; /* NULL: free */
	} * slots;
	size_t n, cap;
	struct known_number {
		double value;
		const struct node *node; /* NULL: several texts of unequal value */
	} * numbers;
	size_t nnumbers, numbers_cap;
};
jv jv_of_node(const struct node *n);
void known_add(struct jq_known *k, struct node *n, jv borrowed); /* n and all below it */
/* Consumes v.  Parts of known inputs come back as their nodes.  NULL: nested too deeply. */
struct node *node_of_jv(struct arena *a, const struct jq_known *k, jv v);
/* Where a path (an array of keys and indexes, consumed) leads in n; a fresh null if nowhere, NULL if it is no path of keys. */
struct node *node_at_jv_path(struct arena *a, struct node *n, jv path);

/* ---- jq_text.c ------------------------------------------------------------------- */
str jq_readable(struct arena *a, str said); /* libjq's message, for one who did not write the program around the expression */
/* Brackets and strings must close within an expression, so that it cannot reach into that program. NULL: they do; else what is wrong. */
const char *jq_unbalanced(struct arena *a, str s);
size_t jq_directives(str s); /* bytes of the import and include that it begins with */

#endif
