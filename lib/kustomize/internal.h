/* SPDX-License-Identifier: MIT */
/* What the files of kustomize share: resources on their way, and fields found by path. */
#ifndef INFRAFLUX_KUSTOMIZE_INTERNAL_H
#define INFRAFLUX_KUSTOMIZE_INTERNAL_H

#include "kube/kube.h"
#include "kustomize/kustomize.h"

#define KUSTOMIZE_MAX_DEPTH 50

struct past { /* what a resource was called before a transformer renamed it */
	str kind, group, version, ns, name;
};
struct resource {
	struct node *object; /* ours to change */
	struct {
		struct past *p;
		size_t n, cap;
	} past;
	struct strlist prefixes, suffixes; /* innermost first */
	bool hash;
};
struct resources {
	struct resource **p;
	size_t n, cap;
};
struct build {
	struct arena *a;
	struct diag *diag;
	const struct kustomize_options *o;
	struct kube_schemas *schemas; /* opened by the first strategic merge patch */
	struct strlist open;	      /* folders under way */
	bool fifo;
};
struct layer { /* one kustomization */
	struct build *b;
	const char *folder;
	struct node *doc;
	struct resources *all;
};

/* ---- fields.c ---------------------------------------------------------------- */
struct past current_id(const struct resource *r);
str name_of(const struct node *object);
str namespace_of(const struct node *object);
bool is_cluster_scoped(const struct past *id);
str effective_namespace(const struct past *id);
void rename_from(struct build *b, struct resource *r); /* remembers what r is called now */
struct node *own_map(struct arena *a, struct node *map, str key); /* the map at key, made if absent */
void set_text(struct arena *a, struct node *map, const char *key, str text, const struct node *at);
/*
 * Visits each place that path ("spec/template/metadata") leads to from object,
 * through every item of lists: the map or list that holds it, and the key.
 * create: maps on the way are made.
 */
struct spot {
	struct node *map;
	str key;
	struct node **value; /* NULL: not there (only with create) */
};
int visit_path(struct arena *a, struct node *object, const char *path, bool create, int (*visit)(void *ctx, struct spot *s), void *ctx);
struct field_spec {
	const char *group, *version, *kind; /* NULL: any */
	const char *path;
	bool create;
};
bool spec_selects(const struct field_spec *s, const struct past *id);
/* target: {group, version, kind, name, namespace, labelSelector, annotationSelector}; -1: malformed, reported. */
int is_selected(struct build *b, const struct node *target, const struct resource *r);

/* ---- accumulate.c --------------------------------------------------------------- */
int accumulate(struct build *b, const char *folder, struct resources *all, bool component);
int read_objects(struct layer *l, const char *path, struct resources *out);
const char *layer_path(struct layer *l, str name);
int add_resource(struct layer *l, struct resources *all, struct resource *r);
int each_string(struct layer *l, const char *field, int (*visit)(struct layer *l, const struct node *n));

/* ---- transform.c ------------------------------------------------------------------ */
int set_namespace(struct layer *l, const struct node *ns);
int add_prefix(struct layer *l, const struct node *text, bool suffix);
int add_labels(struct layer *l, const struct node *pairs, bool selectors, bool templates, const struct node *fields);
int add_annotations(struct layer *l, const struct node *pairs);
int set_replicas(struct layer *l, const struct node *list);
int set_images(struct layer *l, const struct node *list);
int run_transformer(struct layer *l, const struct node *config);

/* ---- patch.c ------------------------------------------------------------------------ */
int apply_patches(struct layer *l, const struct node *list);
int apply_merge_patches(struct layer *l, const struct node *list);
int apply_json_patches(struct layer *l, const struct node *list);

/* ---- replace.c --------------------------------------------------------------------- */
int apply_replacements(struct layer *l, const struct node *list);

/* ---- generate.c ---------------------------------------------------------------------- */
int generate_maps(struct layer *l, const struct node *list, bool secret);
str content_hash(struct arena *a, const struct node *object);

/* ---- names.c --------------------------------------------------------------------------- */
void add_hashes(struct build *b, struct resources *all);
int fix_references(struct build *b, struct resources *all);
void sort_resources(struct resources *all);

#endif
