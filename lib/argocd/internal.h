/* SPDX-License-Identifier: MIT */
/* What the files of argocd share. */
#ifndef INFRAFLUX_ARGOCD_INTERNAL_H
#define INFRAFLUX_ARGOCD_INTERNAL_H

#include "argocd/argocd.h"
#include "kube/kube.h"
#include "template/template.h"

#define ARGOCD_MAX_APPS 100000
#define ARGOCD_MAX_STEPS 10000000
#define ARGOCD_MAX_OUTPUT (16 << 20) /* of one text */
#define ARGOCD_MAX_DEPTH 20 /* of Applications that bring Applications, and of generators */

struct nodes {
	struct node **p;
	size_t n, cap;
};
struct argocd { /* of one Application or ApplicationSet: nothing in it is shared but what is const, and the charts */
	struct arena *a;
	struct diag *diag; /* a fork */
	const struct argocd_options *o;
	const struct nodes *clusters; /* cluster Secrets */
	const struct nodes *crds;     /* among the objects given */
	struct chart_store *charts;
	struct tmpl_set *templates; /* Go templates of an ApplicationSet, by their text */
	struct map labels;	    /* what messages of templates call them, to be found again, by their text */
	size_t entries;		    /* of all parameters so far */
	const char *source;	    /* the source of an Application that is being rendered, for messages; NULL: none */
};

/* ---- text.c: names, patterns, and texts within documents ---------------------------- */
str sanitize_name(struct arena *a, str s); /* what Argo CD makes of a name: lower case, digits, - and . */
str slugify(struct arena *a, str s, size_t max, bool whole_words);
bool match_any_depth(struct arena *a, str pattern, str name); /* a glob whose * goes through "/", {a,b} too */
bool match_pathspec(struct arena *a, str pattern, str name);  /* as `git ls-files PATTERN` lists name */
/* A YAML document that a string holds; positions are those of the string's file.  An empty one is a null. */
int read_inner(struct argocd *x, const struct node *text, str filled, bool last_wins, struct node **out);
const char *read_whole(struct argocd *x, const char *path, str *out); /* a file's text; NULL: there is none */

/* ---- params.c: parameters of generators ----------------------------------------------- */
str param_text(struct arena *a, const struct node *n); /* as Go prints a JSON value with %v */
/* {a: {b: 1}} as "a.b": "1" into a map; list items are "a.0". */
void flatten(struct arena *a, struct node *into, str prefix, const struct node *n);
/* A flag of maps and lists: to Argo CD they hold strings only, and generators' selectors do not look into them. */
#define PARAM_STRINGS (1u << 31)
void put_text(struct arena *a, struct node *map, const char *key, str text);
bool selects(const struct node *selector, const struct node *labels);
/* A map without what is empty: 0, "", false, null, {} and [] give way to what is below. */
struct node *merge_under(struct arena *a, struct node *own, struct node *below);

/* ---- repos.c -------------------------------------------------------------------- */
/* The folder of a repository at a revision; NULL: reported at `at`. */
const char *repo_folder(struct argocd *x, const struct node *at, str url, str revision);
/* path within folder, seen from `base`, a folder in it (NULL: itself); NULL: it leads out of it, reported. */
const char *repo_path(struct argocd *x, const struct node *at, const char *folder, const char *base, str path);
bool in_folder(const char *folder, const char *path); /* also when all links are followed; false: path does not exist */
str repo_commit(struct argocd *x, const char *folder, str revision); /* what is checked out; empty: not known */

/* ---- source.c, helm.c, kustomization.c --------------------------------------------- */
struct rendering {
	struct argocd *x;
	const struct node *app, *spec, *source, *sources; /* sources: all of them, for $ref; or NULL */
	const char *repo;
	struct nodes *out;
};
int render_sources(struct argocd *x, const struct node *app, struct nodes *out);
int render_chart(struct rendering *r, const char *path, const char *root); /* root: of paths that begin with "/" */
int render_named_chart(struct rendering *r);
void set_cluster(struct argocd *x, const struct node *options, struct release *out); /* what helm or kustomize take the cluster to be */
int render_kustomization(struct rendering *r, const char *path);
int take(void *ctx, struct node *object); /* ctx: struct rendering */
int take_flat(void *ctx, struct node *doc);
/* $ARGOCD_APP_NAME and its like in a text, as Argo CD puts them in.  -1: one is not known here, reported. */
int fill_environment(struct rendering *r, const struct node *at, str text, str *out);
/* The folder of the source that has ref: NAME ("$NAME/…" in a path).  NULL: reported. */
const char *ref_folder(struct rendering *r, const struct node *at, str path);
struct chart_store *chart_store_new(struct arena *a);
void chart_store_free(struct chart_store *s);

/* ---- order.c ----------------------------------------------------------------------- */
/* As Argo CD takes them: one of each name, with their namespaces, in order of hooks, sync waves, kinds and names. */
int order_objects(struct argocd *x, str ns, struct nodes *all);

/* ---- generators.c, git.c, sets.c, fill.c -------------------------------------------- */
struct generating {
	struct argocd *x;
	const struct node *g; /* the generator's own map */
	bool go, strict;
	int depth;
	struct nodes *out;
};
/* The parameters that a generator gives: maps. */
int generate(const struct generating *how, const struct node *generator, struct nodes *out);
int from_git(struct generating *s);
int give(struct generating *s, struct node *params); /* one result, with the generator's `values` */
int expand_set(struct argocd *x, const struct node *set, struct nodes *out); /* the Applications of an ApplicationSet */
/* node with its strings filled: as Go templates over params, or {{name}} by name. */
struct filling {
	struct argocd *x;
	struct node *params;
	bool go, strict;
};
struct node *fill(struct filling *f, const struct node *n);
int fill_text(struct filling *f, const struct node *at, str text, str *out);

#endif
