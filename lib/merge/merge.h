/* SPDX-License-Identifier: MIT */
/*
 * merge: layers, list strategies, provenance, JSON Patch, merge patch.
 *
 * Trees given in are never changed; results share what they did not touch with
 * them.  Where a result differs from one input, its nodes carry the position
 * of the text that won.  Time and memory follow the size of the inputs.
 */
#ifndef INFRAFLUX_MERGE_H
#define INFRAFLUX_MERGE_H

#include "doc/doc.h"
#include "kube/kube.h"

/* ---- strategy.c: how a value of a later layer meets the one below ------- */
enum merge_how {
	MERGE_DEFAULT, /* maps merge; all else replaces */
	MERGE_REPLACE,
	MERGE_APPEND,
	MERGE_PREPEND,
	MERGE_UNIQUE, /* append what is not there yet */
	MERGE_BY_KEY, /* items that agree in all keys merge, others are appended */
	MERGE_BY_INDEX, /* items in the same place merge */
	MERGE_DELETE, /* as a tag only */
	MERGE_BEFORE, /* as a tag only, of an item: it stands before that whose key is keys[0] */
	MERGE_AFTER,
};
struct merge_strategy {
	enum merge_how how;
	const str *keys; /* MERGE_BY_KEY */
	size_t nkeys;
};
/* "append", "merge:name", "merge:kind,name" (or + for the comma); false with *why set. */
bool merge_strategy_parse(struct arena *a, str text, struct merge_strategy *out, const char **why);

/* Rules: a list of {path, strategy}; the last that matches a path wins. */
struct merge_rules;
struct merge_rules *merge_rules_read(struct arena *a, struct diag *d, struct node *list); /* NULL: reported */
/* Warns of each rule whose path is neither in result nor was met on the way there. */
void merge_rules_unused(struct merge_rules *r, struct diag *d, struct node *result);

/* ---- history.c: what each value overrode, kept only on request ---------- */
struct history;
struct history *history_new(struct arena *a);
/* What an edit by `by` made of old: values that changed lost to those in place of them. */
void history_follow(struct history *h, struct node *old, struct node *fresh, struct node *by);
/*
 * For every leaf of root at or below p (NULL: all), and every deleted value:
 * a list of {path, file, line, column, layer, value | deleted, overrides: […]}.
 */
struct node *history_explain(struct history *h, struct node *root, const struct path *p);
/* The same list as text: a column of positions, as git blame has, then path and value. */
void history_print(struct out *o, const struct node *explained, const struct node *root);

/* ---- layers.c ------------------------------------------------------------ */
struct merge_options { /* zero: the defaults */
	struct merge_strategy lists; /* of lists that no tag or rule speaks of */
	struct merge_rules *rules;
	bool strict; /* a value that changes its kind between layers is a finding */
	bool helm;   /* all layers after the first merge before the first; Helm's rules for null */
	enum severity unused; /* overrides that do nothing are such findings; 0 (SEV_NOTE): not looked for; needs history */
	struct history *history;
};
struct merge;
struct merge *merge_begin(struct arena *a, struct diag *d, const struct merge_options *o);
/* One more layer; tags in it are consumed.  Findings are reported to d. */
void merge_layer(struct merge *m, struct node *layer);
/* The result, or NULL if there was no layer.  Ends m. */
struct node *merge_end(struct merge *m);

/* ---- patch.c ------------------------------------------------------------- */
/* RFC 6902, all or nothing.  NULL: an operation failed; reported as trouble at its position. */
struct node *merge_json_patch(struct arena *a, struct diag *d, struct node *doc, struct node *patch);
/* RFC 7396; doc may be NULL (absent). */
struct node *merge_patch(struct arena *a, struct node *doc, struct node *patch);

/* ---- strategic.c --------------------------------------------------------- */
enum merge_order { /* of list items that the patch adds */
	MERGE_ORDER_SERVER, /* as the API server does: in the patch's order, new ones first */
	MERGE_ORDER_APPEND,
	MERGE_ORDER_PREPEND, /* as kustomize does: all that the patch speaks of, in its order, then the rest */
};
/*
 * Strategic merge patch, with $patch, $retainKeys, $setElementOrder and
 * $deleteFromPrimitiveList; c knows the lists' keys.  *out is NULL where the
 * patch deletes the object.  -1: findings were reported.
 */
int merge_strategic(struct arena *a, struct diag *d, struct kube_cursor c, enum merge_order order, struct history *h,
		    struct node *object, struct node *patch, struct node **out);

/* ---- objects.c ----------------------------------------------------------- */
/* Streams of Kubernetes objects as layers: an object merges into its like below, or is added. */
struct merge_objects;
struct merge_objects *merge_objects_begin(struct arena *a, struct diag *d, struct kube_schemas *s, enum merge_order order, struct history *h);
/* The objects of path, List kinds flattened, as one more layer; *format is set by the first. */
int merge_objects_read(struct merge_objects *m, const struct read_options *o, const char *path, enum format *format);
/* The objects, in order of first appearance; deleted ones are left out. */
struct node **merge_objects_end(struct merge_objects *m, size_t *n);

/* ---- edits.c ------------------------------------------------------------- */
/* EDIT_TARGET: the edits that follow are for the objects that it describes. */
enum merge_edit_kind { EDIT_SET, EDIT_SET_STRING, EDIT_DELETE, EDIT_SELECT, EDIT_PATCH, EDIT_MERGE_PATCH, EDIT_TARGET, EDIT_RENAME };
struct merge_edits {
	struct merge_edit *p;
	size_t n, cap;
	enum severity unused;
};
struct merge_results {
	struct node **p;
	size_t n, cap;
};
/* arg: PATH=VALUE, PATH or FILE, as on the command line. */
void merge_edit_add(struct arena *a, struct merge_edits *e, enum merge_edit_kind kind, const char *arg);
/* Reads values and patches.  unused: severity of setting what was not there; 0: none.  -1: reported. */
int merge_edits_prepare(struct arena *a, struct diag *d, const struct read_options *o, struct merge_edits *e, enum severity unused);
/* All edits of one document, in order; a selection may make none or many of it.  -1: one does not apply, reported. */
int merge_edits_apply(struct arena *a, struct diag *d, struct merge_edits *e, struct history *h, struct node *doc,
		      struct merge_results *out);
/* After the last document: says which deletions and selections found nothing. */
void merge_edits_unused(struct merge_edits *e, struct diag *d);

struct merge_edits merge_edits_copy(struct arena *a, const struct merge_edits *e); /* counts for itself, for another thread */

/* ---- stack.c ------------------------------------------------------------- */
/* How the files of a stack of layers become a result.  Not changed by runs, which may be many at a time. */
struct merge_stack {
	struct read_options read;
	struct merge_options merge; /* rules and history are made by each run */
	const char *rules;	    /* FILE, or NULL */
	bool layers;		    /* each document of a file is one */
	bool keep_history, sort_keys;
	struct strlist env; /* prefixes */
	char *const *environ_list;
};
struct merge_stack_result {
	struct merge_results docs;
	struct history *history;
	enum format format; /* of the first file */
};
int merge_stack_run(struct arena *a, struct diag *d, const struct merge_stack *s, struct merge_edits *edits, const char *const *paths, size_t n,
		    struct merge_stack_result *out);
/* What follows the merging, on one document: environment, edits, sorting. */
int merge_finish(struct arena *a, struct diag *d, const struct merge_stack *s, struct merge_edits *edits, struct history *h, struct node *n,
		 struct merge_results *out);

/* ---- stream.c ------------------------------------------------------------ */
/* The documents of the run's inputs, each a result of its own; memory follows the largest one for each thread. */
struct merge_stream {
	struct run *run;
	const struct merge_stack *stack;
	struct merge_edits *edits;
	struct writer *to;
	struct origins_writer *origins; /* or NULL */
	const struct merge_output *output; /* for its explain */
	size_t found;			    /* of what --explain tells */
};
int merge_stream(struct merge_stream *s);

/* ---- hierarchy.c --------------------------------------------------------- */
/* A file that lists paths of layers, with ${name} in them; vars are "name=value", the last counts. */
struct merge_hierarchy;
struct merge_hierarchy *merge_hierarchy_read(struct arena *a, struct diag *d, const struct read_options *o, const char *path); /* NULL: reported */
/* The layers of h (NULL: none) that exist, then args; "-" if that is nothing. */
int merge_layer_paths(const struct merge_hierarchy *h, struct arena *a, struct diag *d, const struct strlist *vars, char **args, size_t nargs,
		      struct strlist *out);
/* text with its ${name} replaced, which stands at `at` (NOWHERE: on the command line).  -1: one has no value, reported. */
int merge_expand(struct arena *a, struct diag *d, struct pos at, const char *text, const struct strlist *vars, const char **out);

/* ---- matrix.c ------------------------------------------------------------ */
struct merge_output {
	const char *path, *origins, *explain; /* the options of these names, or NULL */
	int format;
	bool keep_unchanged, comments;
};
/* Tells of n as --explain asks; headed: its text, by what it is or where.  *found grows by what there is to tell. */
int merge_explain(struct arena *a, struct diag *d, const struct merge_output *o, struct history *h, struct node *n, bool headed,
		  struct writer *to, size_t *found);
void merge_explained(struct diag *d, const struct merge_output *o, size_t found); /* a finding if the path was nowhere */
/* A result as YAML, with the comments of the lines that its values came from. */
int merge_commented(struct arena *a, struct diag *d, const struct node *n, str *out);
int merge_put(struct arena *a, struct diag *d, const struct merge_output *o, const struct merge_stack_result *r, struct writer *to,
	      const char *origins_path);
struct merge_matrix {
	const struct merge_stack *stack;
	const struct merge_edits *edits;
	const struct merge_output *output; /* paths with ${name} */
	const struct merge_hierarchy *hierarchy;
	const struct strlist *vars, *axes; /* "name=value", "name=a,b,c" */
	char **args;
	size_t nargs;
};
/* A result for each combination of the axes' values. */
int merge_matrix_run(const struct merge_matrix *m, struct run *r);

/* ---- inplace.c ----------------------------------------------------------- */
/* The edits, none of them a selection, in the text of the files; only their bytes change.  -1: reported, and no file was touched. */
int merge_in_place(struct arena *a, struct diag *d, const struct read_options *o, struct merge_edits *edits, char **paths, size_t n);

/* ---- env.c --------------------------------------------------------------- */
/*
 * Environment variables PREFIX__a__b__0=VALUE over doc: keys match as written,
 * else in any case if one only does; values take the type of what they
 * replace, else are read as YAML.  environ: NULL-ended "NAME=VALUE".
 */
struct node *merge_env(struct arena *a, struct diag *d, const struct read_options *o, struct node *doc, const char *prefix,
		       char *const *environ_list, enum severity unused);

#endif
