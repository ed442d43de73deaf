/* SPDX-License-Identifier: MIT */
/*
 * chart: Helm charts, rendered as `helm template` does.
 *
 * Invariants:
 * - A chart is read once and then only read: many releases of it may be
 *   rendered at the same time.  What a release makes lives in its own arena.
 * - Trees of values are never changed; merging shares what it does not touch,
 *   so that every value still knows the file and line that set it.
 * - Nothing is read but the chart and the files that the caller names.
 */
#ifndef INFRAFLUX_CHART_H
#define INFRAFLUX_CHART_H

#include "base/base.h"
#include "doc/doc.h"

#define CHART_MAX_FILE (5 << 20)    /* bytes of one file, as Helm has it */
#define CHART_MAX_TOTAL (100 << 20) /* bytes of all files of a chart, unpacked */
#define CHART_KUBE_VERSION "v1.37.0" /* .Capabilities.KubeVersion unless the release says otherwise */

/* ---- load.c, chart.c ------------------------------------------------------ */
struct chart;
bool chart_is_one(const char *path); /* a folder with Chart.yaml, or a .tgz */
struct chart_options {		  /* NULL: none */
	bool skip_schemas;	  /* values.schema.json is not looked at */
	struct strlist schema_maps; /* PREFIX=DIR: where schemas that these refer to are */
};
/* From a folder or a packed chart, subcharts in charts/ included.  NULL: reported. */
struct chart *chart_load(struct arena *a, struct diag *d, const struct chart_options *o, const char *path);
/* Gives back what rendering kept outside the arena; what was rendered stands. */
void chart_close(struct chart *c);
bool chart_file_text(const struct chart *c, str name, str *out); /* a file that is neither template nor the chart's own metadata */

/* ---- values.c, strvals.c -------------------------------------------------- */
struct values_options {
	struct strlist files, set, set_string, set_json, set_file;
	struct origins *origins; /* of the first file, or NULL */
};
extern const struct option values_option_table[]; /* -f --set --set-string --set-json --set-file; target: values_options */
/* Files in order, then --set-json, --set, --set-string, --set-file, as Helm does; a map, maybe empty. */
int values_read(struct arena *a, struct diag *d, const struct values_options *o, const struct read_options *r, struct node **out);
/* Maps merge, everything else replaces, null is a value. */
struct node *values_merge(struct arena *a, struct node *below, struct node *above);
enum strvals_kind { STRVALS_TYPED, STRVALS_STRING, STRVALS_JSON, STRVALS_FILE };
/* Helm's grammar of --set: sets in *map, which is replaced by a changed copy.  flag is for messages. */
int strvals_set(struct arena *a, struct diag *d, enum strvals_kind kind, const char *flag, str text, struct node **map);

/* A glob of .Files: * stops at /, ** does not, {a,b}.  false also for a malformed one. */
bool chart_glob(str pattern, str name);
bool chart_path_match(str pattern, str name); /* Go's path.Match: * stops at /; false also for a malformed one */

/* ---- render.c ---------------------------------------------------------------- */
struct release {
	const char *name, *ns;	  /* NULL: "release-name", "default" */
	const char *kube_version; /* NULL: CHART_KUBE_VERSION */
	struct strlist api_versions, show_only;
	bool is_upgrade, include_crds, no_hooks, skip_tests;
	bool strict; /* a value that does not exist is an error */
	uint64_t max_steps; /* of one template; 0: 100 million */
	size_t max_output; /* bytes that one template may make; 0: 256 MiB */
	struct node *live; /* a list of objects that lookup finds, or NULL */
};
struct tmpl_lines;
struct manifest {
	str source; /* "podinfo/templates/service.yaml" */
	str text;
	const struct tmpl_lines *marks; /* what manifest_lines makes the rest of */
	size_t offset;			 /* of the text in the template's output */
	struct pos *lines; /* the template line that wrote each line of text */
	struct pos *values; /* where the value in that line was set; file NULL: not known; NULL: of no line */
	size_t nlines;
};
struct rendered { /* CRDs, manifests, then hooks */
	struct manifest *p;
	size_t n, cap;
	size_t plain; /* how many stand before the hooks */
	bool only;    /* --show-only */
};
void manifest_lines(struct arena *a, struct manifest *m); /* fills lines and values, if they are not yet */
/*
 * Renders a release: coalesces values, validates them by the charts' schemas,
 * runs the templates, sorts what they made.  -1: reported.
 */
int chart_render(const struct chart *c, struct arena *a, struct diag *d, const struct release *r, struct node *values, struct rendered *out);
/* The templates' own text, as `helm template` prints it. */
void rendered_text(struct out *o, const struct rendered *r, struct origins_writer *w);
/* Each manifest as a document, with positions of the template lines; empty ones are passed over. */
int rendered_docs(struct arena *a, struct diag *d, const struct rendered *r, int (*put)(void *ctx, struct node *doc), void *ctx);

/* ---- releases.c: many at once ------------------------------------------------ */
struct releases;
/* A list of {chart, name, namespace, values, valuesFiles}; what they do not say is as in defaults.  NULL: reported. */
struct releases *releases_read(struct arena *a, struct diag *d, const struct release *defaults, const struct chart_options *o,
			       const struct read_options *read, struct origins *origins, const char *path);
/* put gets those that went well, in order; failures of the others are findings.  -1: put said so. */
int releases_render(struct releases *all, size_t threads, int (*put)(void *ctx, const struct rendered *r), void *ctx);

/* ---- inputs.c: what a rendering was made of ----------------------------------- */
/* A lock: the files that the journal knows, with their SHA-256.  -1: reported. */
int inputs_lock(struct arena *a, struct diag *d, const struct journal *j, const char *path);
struct node *inputs_lock_read(struct arena *a, struct diag *d, const char *path); /* NULL: reported */
/* A finding for each file that is not as the lock says, is not in it, or was not read.  -1: trouble, reported. */
int inputs_check(struct arena *a, struct diag *d, const struct journal *j, const struct node *lock);
/* A finding at the first difference, if the file is not what was rendered now.  -1: it cannot be read, reported. */
int rendering_check(struct arena *a, struct diag *d, const char *path, str now);

#endif
