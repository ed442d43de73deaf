/* SPDX-License-Identifier: MIT */
/* What the files of chart share: the chart as it was read, and as one release uses it. */
#ifndef INFRAFLUX_CHART_INTERNAL_H
#define INFRAFLUX_CHART_INTERNAL_H

#include "chart/chart.h"
#include "schema/schema.h"
#include "template/template.h"

#define CHART_MAX_DEPTH 50 /* of charts in charts, and of folders */

/* ---- load.c: the files of a chart --------------------------------------- */
struct chart_file {
	str name; /* within the chart: "templates/service.yaml" */
	str data;
	const char *path; /* as messages call it */
};
struct chart_files {
	struct chart_file *p;
	size_t n, cap;
};
int chart_read_archive(struct arena *a, struct diag *d, const char *label, str bytes, struct chart_files *out);

/* ---- ignore.c ------------------------------------------------------------- */
struct ignore_rule {
	str pattern;
	bool negate, folder, base;
};
struct ignore {
	struct ignore_rule *p;
	size_t n, cap;
};
int ignore_parse(struct arena *a, struct diag *d, const char *path, str text, struct ignore *out);
void ignore_defaults(struct arena *a, struct ignore *out);
bool ignore_match(const struct ignore *rules, str name, bool is_folder);
int go_match(str pattern, str name); /* chart_path_match: 1, 0, or -1 for a malformed pattern */
/* gobwas/glob with '/' as separator; false also for a malformed pattern, with *bad set. */
bool glob_match(str pattern, str name, bool *bad);

/* ---- chart.c ---------------------------------------------------------------- */
struct dependency {
	str name, version, repository, condition, alias;
	str *tags;
	size_t ntags;
	struct node *imports; /* import-values, or NULL */
	struct pos pos;
	bool enabled;
};
struct maintainer {
	str name, email, url;
};
struct metadata {
	str name, home, version, description, icon, api_version, condition, tags, app_version, kube_version, type;
	str *sources, *keywords;
	size_t nsources, nkeywords;
	struct maintainer *maintainers;
	size_t nmaintainers;
	struct node *annotations; /* a map of strings, or NULL */
	struct dependency *dependencies;
	size_t ndependencies;
	bool has_dependencies; /* the key is there */
	bool deprecated;
};
struct chart {
	struct metadata meta;
	const char *path; /* of Chart.yaml */
	const char *label; /* of the top chart: as it was named */
	struct node *values; /* a map, maybe empty */
	const struct schema *schema; /* of values.schema.json, or NULL */
	struct schema_set *schema_set;
	struct chart_files templates, files;
	struct chart **subcharts;
	size_t nsubcharts;
	struct parsed *parsed; /* of the top chart: its templates, parsed for the releases so far */
};
/* Sets of parsed templates by their names: releases that enable the same subcharts share one. */
struct parsed {
	struct arena a; /* its own: the lock is all that threads share */
	struct lock *lock;
	struct map sets;
};
struct chart *chart_build(struct arena *a, struct diag *d, const struct chart_options *o, const char *label, struct chart_files *files, int depth);
bool chart_is_library(const struct metadata *m);

/* ---- instance.c: a chart as one release uses it -------------------------- */
struct instance {
	const struct chart *chart;
	struct metadata meta; /* name: the alias; dependencies: a copy, the enabled ones in the end */
	struct node *values;  /* the chart's, with import-values merged in */
	struct instance *parent;
	struct instance **deps;
	size_t ndeps;
};
struct instance *instance_new(struct arena *a, const struct chart *c, struct instance *parent);
str instance_path(struct arena *a, const struct instance *i); /* "top/charts/sub" */
/* Which dependencies are enabled, under which names, and what they export. */
int instance_dependencies(struct arena *a, struct diag *d, struct instance *top, struct node *values);

/* ---- coalesce.c ---------------------------------------------------------------- */
/*
 * The values of a chart and of its subcharts, `values` over those of the
 * charts.  merge: nulls stay; else a null takes the chart's value away.
 * NULL: reported.
 */
struct node *coalesce(struct arena *a, struct diag *d, const struct instance *i, struct node *values, bool merge);
/* dst over src, both maps; the result shares with both. */
struct node *coalesce_tables(struct arena *a, struct diag *d, struct node *dst, struct node *src, bool merge);

/* ---- schema.c -------------------------------------------------------------------- */
int chart_schema_read(struct arena *a, struct diag *d, const struct chart_options *o, struct chart *c, const struct chart_file *f);
int chart_schema_check(struct arena *a, struct diag *d, const struct instance *in, struct node *values);

/* ---- objects.c: what templates see besides values ---------------------------- */
struct val chart_object(struct arena *a, const struct instance *i);
struct val files_object(struct arena *a, const struct chart *c);
struct val capabilities_object(struct arena *a, const struct release *r, str version);
extern const struct tmpl_func chart_functions[]; /* lookup; x->ctx is the struct release */
/* "1.30", "v1.30.2-gke.1": "v1.30.2"; empty if it is no version. */
str kube_version_normal(struct arena *a, str text);

/* ---- manifests.c --------------------------------------------------------------- */
struct piece { /* one document of a template's output */
	struct manifest m;
	str kind;
	bool hook, test;
	size_t order; /* of appearance */
};
struct pieces {
	struct piece *p;
	size_t n, cap;
};
/* Cuts a template's output into documents and reads their heads.  -1: one is no YAML, reported at its template line. */
int manifests_split(struct arena *a, struct diag *d, str source, str text, const struct tmpl_lines *lines, struct pieces *out);
void manifests_sort(struct pieces *p); /* Helm's order of installation */

#endif
