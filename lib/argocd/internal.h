/* SPDX-License-Identifier: MIT */
/* What the files of argocd share. */
#ifndef INFRAFLUX_ARGOCD_INTERNAL_H
#define INFRAFLUX_ARGOCD_INTERNAL_H

#include "argocd/argocd.h"
#include "kube/kube.h"
#include "template/template.h"

#define ARGOCD_MAX_APPS 100000
#define ARGOCD_MAX_DEPTH 20 /* of Applications that bring Applications, and of generators */

struct nodes {
	struct node **p;
	size_t n, cap;
};
struct argocd {
	struct arena *a;
	struct diag *diag; /* of the Application under way: a fork */
	const struct argocd_options *o;
	struct nodes clusters; /* cluster Secrets */
	struct map charts;     /* by path, read once */
	struct tmpl_set *templates; /* Go templates of ApplicationSets, by their text */
};

/* ---- repos.c -------------------------------------------------------------------- */
/* The folder of a repository at a revision; NULL: reported at `at`. */
const char *repo_folder(struct argocd *x, const struct node *at, str url, str revision);
/* path within folder; NULL: it leads out of it, reported. */
const char *repo_path(struct argocd *x, const struct node *at, const char *folder, str path);

/* ---- source.c ------------------------------------------------------------------- */
int render_sources(struct argocd *x, const struct node *app, struct nodes *out);

/* ---- generators.c, sets.c --------------------------------------------------------- */
/* The parameters that a generator gives: maps. */
int generate(struct argocd *x, const struct node *generator, bool go, int depth, struct nodes *out);
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
