/* SPDX-License-Identifier: MIT */
/*
 * schema: JSON Schema (drafts 4, 6, 7, 2019-09, 2020-12) and the schemas of
 * Kubernetes, compiled once and checked against many documents.
 *
 * Invariants:
 * - Schema documents are trees of doc; they must outlive the set they are in.
 * - A compiled schema never changes: many checkers may use it at once, each
 *   from its own thread.  Compiling is for one thread at a time.
 * - Nothing is fetched: references lead to the document itself, to files
 *   beside it, to what --map says, to the standard's own meta-schemas.
 * - Work is bounded: a $ref without end, branches that multiply, a regular
 *   expression that runs away end in trouble (-1), reported.
 */
#ifndef INFRAFLUX_SCHEMA_H
#define INFRAFLUX_SCHEMA_H

#include "kube/kube.h"
#include "schema/findings.h"

enum schema_draft { DRAFT_NONE, DRAFT_4, DRAFT_6, DRAFT_7, DRAFT_2019, DRAFT_2020 };

struct schema_options {	     /* zero: the defaults */
	int draft;	     /* of schemas without $schema; DRAFT_NONE: 2020-12 */
	bool formats;	     /* `format` is asserted */
	bool no_meta;	     /* schemas are not checked against their meta-schema */
	struct strlist maps; /* PREFIX=DIR: references that begin with PREFIX are files in DIR */
};
struct schema_set; /* what compiled schemas and the documents they lead to live in */
struct schema;     /* one compiled schema */

/* NULL: an option is malformed, reported. */
struct schema_set *schema_set_new(struct arena *a, struct diag *d, const struct schema_options *o);
void schema_set_free(struct schema_set *s); /* the compiled regular expressions; all else is the arena's */
/*
 * Compiles a schema document, checked against its meta-schema first.  path: its
 * file, against which relative references resolve ("-" or NULL: none).
 * NULL: reported, with positions.
 */
const struct schema *schema_compile(struct schema_set *s, struct node *doc, const char *path);
/*
 * Kubernetes' own reading of a schema: fields that it does not name are refused
 * unless x-kubernetes-preserve-unknown-fields, `nullable`, quantities and
 * int-or-string; $ref resolved by `ref`.  fields: the schema of ObjectMeta, for
 * the metadata of a CRD's objects and x-kubernetes-embedded-resource.
 */
struct schema_kube {
	struct node *(*ref)(void *ctx, str ref);
	void *ctx;
	bool crd;      /* a structural schema: the root is an object with apiVersion, kind, metadata */
	bool preserve; /* unknown fields pass */
	struct node *object_meta;
};
const struct schema *schema_compile_kube(struct schema_set *s, struct node *schema, const struct schema_kube *k);
/* The items of x-kubernetes-validations that were met; they are not evaluated. */
size_t schema_cel_rules(const struct schema_set *s, struct node *const **rules);

/* ---- checking ------------------------------------------------------------ */
struct location {
	str keyword;  /* JSON Pointer from the root of the schema, through every $ref */
	str absolute; /* URI of the keyword itself; empty: it has none */
	str instance; /* JSON Pointer */
};
struct schema_error {
	struct pos pos;	     /* of the value, or of the key where the key is wrong */
	const char *rule;    /* the keyword: "type", "required", "unknown-field", … */
	str path;	     /* JSON Pointer of the value */
	str message;	     /* begins with where, as people write it: "spec.replicas: expected …" */
	struct pos schema;   /* where the schema says so */
	int depth;	     /* of the value in the document */

	str meant; /* of an unknown field: the required one that is missing for it, or empty */
	str text; /* the message alone */
	struct location at, *way;
	size_t nway;
	struct node *value; /* an annotation's */
};
struct schema_checker;
/* For one thread.  Errors live until the next check. */
struct schema_checker *schema_checker_new(struct schema_set *s, struct diag *d);
void schema_checker_free(struct schema_checker *c);
/* 1: valid.  0: not, and *errors says why (at most a hundred).  -1: trouble, reported. */
int schema_check(struct schema_checker *c, const struct schema *s, struct node *doc, const struct schema_error **errors,
		 size_t *n);
enum schema_output { OUTPUT_NONE, OUTPUT_FLAG, OUTPUT_BASIC, OUTPUT_DETAILED };
/* The result as the standard has it, until the next check: as schema_check, but *out is a map to be written as JSON. */
int schema_check_output(struct schema_checker *c, const struct schema *s, struct node *doc, enum schema_output form, struct node **out);
/* Errors say from now on by which schemas, through which references. */
void schema_checker_explain(struct schema_checker *c);
/* Valid?  If not, or if it can't be told, it says nothing: schema_check does. */
bool schema_fits(struct schema_checker *c, const struct schema *s, struct node *doc);
/* The same, as findings; f: where to (NULL: the checker's diag). */
int schema_check_report(struct schema_checker *c, const struct schema *s, struct node *doc, struct findings *f);

/* ---- objects.c: Kubernetes objects ------------------------------------------ */
struct object_options { /* zero: the defaults */
	bool ignore_missing; /* an object of unknown kind is no finding */
	bool references;     /* check across objects too: objects_end reports */
	bool explain;	      /* findings say by which schemas */
	bool list_cel;	      /* a note for each CEL rule that is not evaluated */
};
/* An object of a CRD as its server sees it: without the nulls of fields that are not nullable.  Itself where there are none. */
struct node *crd_without_nulls(struct arena *a, struct node *object, const struct node *schema);
struct scalars;
struct objects;
struct objects *objects_new(struct arena *a, struct diag *d, struct kube_schemas *k, const struct object_options *o, struct findings *f);
void objects_free(struct objects *o);
/*
 * Checks a document (List kinds: each of their items) and reports findings.
 * An empty document is passed over.  The schemas are asked about scalars (NULL: none).  *checked: how many objects were looked at.
 * 1: all valid; 0: not; -1: trouble.
 */
int objects_check(struct objects *o, struct arena *scratch, struct node *doc, struct scalars *scalars, size_t *checked);
void objects_end(struct objects *o); /* after the last document */
struct object_counts {
	const char *version; /* "v1.37.2" */
	size_t objects, unknown, kinds;
	size_t crds, crds_used; /* kinds (with their versions) that CRDs define */
};
struct object_counts objects_counts(const struct objects *o);

/* ---- coverage.c: which families of rules ran, and over what; objects may be NULL ---- */
str coverage_text(struct arena *a, const struct findings *f, const struct objects *objects); /* lines */
int coverage_write(struct arena *a, struct diag *d, const char *path, const struct findings *f, const struct objects *objects); /* JSON */

/* ---- scalars.c: plain scalars that Kubernetes and YAML 1.2 read differently (warnings) ---- */
struct scalars; /* of one document; they live in a */
struct scalars *scalars_find(struct findings *f, struct arena *a, struct node *doc);
/* Those that the schema of root, which is in the document, takes as one thing only, or refuses: there is nothing more to say of them. */
void scalars_ask(struct scalars *x, struct schema_checker *c, const struct schema *s, struct node *root);
void scalars_report(struct scalars *x);

/* ---- secrets.c: credentials in values; they are never shown ---- */
struct secrets;
struct secrets_options {
	const char *baseline;	/* a file of accepted findings: hashes, never values */
	const char *baseline_out; /* where those of this run are written */
};
struct secrets *secrets_new(struct arena *a, struct diag *d, struct findings *f, const struct secrets_options *o); /* NULL: reported */
void secrets_check(struct secrets *x, struct arena *scratch, const struct node *doc);
/* After the last document of these inputs, before findings_end: tokens in the comments of files, stale entries of the baseline, and the new one.  -1: reported. */
int secrets_end(struct secrets *x, char **paths, size_t n);
void secrets_free(struct secrets *x);

#endif
