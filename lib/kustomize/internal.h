/* SPDX-License-Identifier: MIT */
/* What the files of kustomize share: resources on their way, and fields found by path. */
#ifndef INFRAFLUX_KUSTOMIZE_INTERNAL_H
#define INFRAFLUX_KUSTOMIZE_INTERNAL_H

#include "kube/kube.h"
#include "kustomize/kustomize.h"

#define KUSTOMIZE_MAX_DEPTH 50
#define KUSTOMIZE_MAX_LAYERS 10000	     /* kustomizations read, each time it is named */
#define KUSTOMIZE_MAX_RESOURCES 1000000
#define KUSTOMIZE_MAX_MADE (128u << 20) /* bytes that replacements, vars and patches make, 64 for a node */
#define KUSTOMIZE_MAX_PATH 500		     /* parts */
#define KUSTOMIZE_LIKE "v5.8.1" /* the kustomize whose output ours is */

struct regex_code;
struct past { /* what a resource is called, or was before a transformer renamed it */
	str kind, group, version, ns, name;
	bool cluster; /* of a kind that has no namespace */
};
struct origin { /* buildMetadata: where a resource or a change of it comes from; paths are relative to the folder that is built */
	const char *path, *configured_in;
	str api, kind, name, ns; /* of the generator or transformer */
};
struct resource {
	struct node *object; /* ours to change */
	struct past now;     /* use id_of */
	bool named;	     /* now is true */
	struct {
		struct past *p;
		size_t n, cap;
	} past;
	struct strlist prefixes, suffixes; /* innermost first */
	struct {
		const struct var **p;
		size_t n, cap;
	} vars; /* that read this resource */
	const struct origin *origin;
	struct {
		const struct origin **p;
		size_t n, cap;
	} changes;
	bool hash;
	bool gone; /* a patch deleted it */
	bool helm; /* made by a chart, which saw to its namespace */
};
struct resources {
	struct resource **p;
	size_t n, cap;
	struct map names; /* every name that one has or had: a struct resources */
	size_t indexed, stamp;
};
struct var {
	str name, kind, group, version, ns, object, path;
	const struct node *at;
};
struct build {
	struct arena *a;
	struct diag *diag;
	const struct kustomize_options *o;
	struct read_options objects; /* how resources and patches are read; kustomizations: o->read */
	struct kube_schemas *schemas; /* opened by the first strategic merge patch */
	struct openapi *openapi;	    /* the schemas that the kustomization brings in place of those; or NULL */
	struct map scopes;	    /* kinds: do they have namespaces? */
	struct regex_code *regexes;
	struct strlist open;	      /* folders under way */
	size_t stamp;		    /* counts changes of names */
	size_t layers, made;
	bool trace;		    /* buildMetadata is wanted */
	const struct node *top; /* the kustomization that is built */
	struct buf chain;	    /* after a failure: the kustomizations that led there */
};
struct layer { /* one kustomization */
	struct build *b;
	const char *folder, *real; /* as it was named; without links */
	const char *file, *label;  /* kustomization.yaml; the folder as buildMetadata says it */
	str helm_ns;		   /* the namespace that an overlay sets, for charts */
	struct node *doc;
	struct gathering *g;
	struct resources *all; /* of g */
};

/* ---- fields.c ---------------------------------------------------------------- */
const struct past *id_of(struct build *b, struct resource *r);
struct past id_of_object(struct build *b, const struct node *object);
str name_of(const struct node *object);
str namespace_of(const struct node *object);
str effective_namespace(const struct past *id);
bool same_id(const struct past *x, const struct past *y); /* versions may differ */
void remember(struct build *b, struct resource *r); /* what r is called now; then it may be renamed, and then: */
void renamed(struct build *b, struct resource *r);  /* its name, namespace or kind may have changed */
/* Those that are or were called name, in order; NULL: none. */
const struct resources *called(struct build *b, struct resources *all, str name);
void resources_add(struct build *b, struct resources *all, struct resource *r);
/* n (and bytes more) is about to be made; -1: too much has been, reported at pos. */
int spend(struct build *b, const struct node *n, size_t bytes, struct pos pos);
int check_depth(struct build *b, const struct node *n, struct pos pos); /* -1: n has become deeper than a tree may be, reported */
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

/* ---- select.c ---------------------------------------------------------------- */
struct pattern { /* the whole of a text */
	str text;
	struct regex_code *re; /* NULL: text as it is, empty: anything */
	bool dots;	       /* a dot in text is any one byte */
};
struct selector {
	struct pattern group, version, kind, name, ns;
	str labels, annotations;
};
/* tail: what may follow the pattern's own text, a regular expression, or NULL. -1: malformed, reported at n. */
int pattern_compile(struct build *b, const struct node *n, const char *tail, struct pattern *out);
bool pattern_matches(const struct pattern *p, str text);
int patterns_check(struct build *b); /* -1: one gave up on a text, reported */
void patterns_free(struct build *b);
/* n: {group, version, kind, name, namespace, labelSelector, annotationSelector}; -1: malformed, reported. */
int selector_compile(struct build *b, const struct node *n, struct selector *out);
bool selector_is_empty(const struct selector *s); /* labels and annotations aside */
bool selector_labels(const struct selector *s, const struct resource *r);
/* Those that s may select, in order: all of them unless it gives a name. */
const struct resources *candidates(struct build *b, const struct selector *s, struct resources *all);
bool is_selected(struct build *b, const struct selector *s, struct resource *r);	   /* as patches do: by its first or present name */
bool selects_any_id(struct build *b, const struct selector *s, struct resource *r); /* as replacements do: by any that it has or had */

/* ---- config.c: which fields of which kinds transformers go for -------------------- */
struct field_spec {
	const char *group, *version, *kind; /* NULL: any */
	const char *path;
	bool create;
};
struct specs {
	const struct field_spec *p;
	size_t n, cap;
};
struct reference {
	const char *group, *version, *kind; /* of what is referred to; NULL: any */
	struct field_spec in;		    /* the field that refers */
};
enum spec_set {
	SPEC_PREFIX, SPEC_SUFFIX, SPEC_NAMESPACE, SPEC_COMMON_LABELS, SPEC_LABELS, SPEC_TEMPLATE_LABELS, SPEC_ANNOTATIONS, SPEC_VARS, SPEC_IMAGES,
	SPEC_REPLICAS, SPEC_SETS
};
struct config {
	struct specs sets[SPEC_SETS];
	struct {
		const struct reference *p;
		size_t n, cap;
	} references;
};
extern const struct config default_config;
/* What is accumulated on the way up, besides resources. */
struct gathering {
	struct resources all;
	const struct config *config; /* NULL: none yet */
	struct {
		const struct var **p;
		size_t n, cap;
	} vars;
};
bool spec_selects(const struct field_spec *s, const struct past *id);
/* A list of {group, version, kind, path, create}; -1: malformed, reported. */
int specs_read(struct build *b, const struct node *list, struct specs *out);
int specs_merge(struct build *b, struct specs *to, const struct specs *from, struct pos pos); /* -1: they differ on create */
int specs_add(struct build *b, struct specs *to, const struct field_spec *s, struct pos pos);
int config_merge(struct build *b, const struct config **to, const struct config *from, struct pos pos);
int config_load(struct layer *l); /* configurations and crds, into l->g->config */

/* ---- shape.c: the fields that there are ---------------------------------------------- */
/* doc with the keys' letters as they should be; NULL: an unknown field or a value of another type, reported. */
struct node *shape_kustomization(struct build *b, struct node *doc);
/* The same of a plugin's configuration: what is unknown is a warning. */
struct node *shape_plugin(struct build *b, struct node *doc, const char *kind);

/* ---- accumulate.c --------------------------------------------------------------- */
int add_resource(struct layer *l, struct resources *all, struct resource *r);
int each_item(struct layer *l, const char *field, int (*visit)(struct layer *l, const struct node *n));
/* Whatever the list of file and folder names (and, inline, objects) holds, as resources of their own. */
int read_configs(struct layer *l, const char *field, struct resources *out);

/* ---- files.c ---------------------------------------------------------------------- */
const char *layer_path(struct layer *l, str name);
/* A file that n, or name in it, names: within the folder (NULL: reported at n). */
const char *layer_file(struct layer *l, const struct node *n, str name);
const char *real_path(struct layer *l, const char *path, str name); /* path, which is name from the folder ("/": from elsewhere), without links; NULL: not there */
/* Where the checkout is that holds a remote name. 1: *path is set; 0: the name is of no remote; -1: not mapped, reported. */
int remote_path(struct layer *l, const struct node *n, str name, const char **path);
const char *join_path(struct arena *a, const char *folder, str name); /* as filepath.Join does */
int read_objects(struct layer *l, const char *path, const struct origin *origin, struct resources *out);
int read_object_text(struct layer *l, const struct node *text, const struct origin *origin, struct resources *out);
struct reader *inline_reader(struct layer *l, const struct read_options *o, const struct node *text); /* of a text in a kustomization; lines are the file's */
int take_object(struct layer *l, struct node *object, const struct origin *origin, struct resources *out);

/* ---- transform.c, images.c ---------------------------------------------------------- */
enum subjects { SUBJECTS_DEFAULT, SUBJECTS_ALL, SUBJECTS_NONE };
int set_namespace(struct layer *l, const struct node *ns, const struct specs *specs, bool unset_only, enum subjects subjects);
int add_affix(struct layer *l, const struct node *text, bool suffix, const struct specs *specs);
int add_pairs(struct layer *l, const struct node *pairs, const struct specs *specs);
int set_replicas(struct layer *l, const struct node *rule, const struct specs *specs);
int add_value(struct layer *l, const struct node *config);
int set_images(struct layer *l, const struct node *const *rules, size_t n, const struct specs *specs);

/* ---- patch.c ------------------------------------------------------------------------ */
int apply_patch(struct layer *l, const struct node *n);		     /* {patch, path, target, options} */
int apply_json_patch(struct layer *l, const struct node *n);	     /* the same; of patchesJson6902 */
int apply_merge_patch(struct layer *l, const struct node *n);	     /* a path, or the patch's text */
int apply_patch_text(struct layer *l, const struct node *text);	     /* objects */

/* ---- replace.c --------------------------------------------------------------------- */
int apply_replacements(struct layer *l, const struct node *list);
str *path_parts(struct arena *a, str path, size_t *n); /* a.b.[name=x].0.*, with \. for a dot in a name */
struct node *path_value(struct node *object, const str *parts, size_t n);

/* ---- generate.c ---------------------------------------------------------------------- */
int generate_map(struct layer *l, const struct node *args, const struct node *options, bool secret, const struct origin *o);
int absorb(struct layer *l, struct resource *r, const struct node *args); /* adds r, or merges it into what is there, as args' behavior says */
/* ---- hash.c --------------------------------------------------------------------------- */
str content_hash(struct arena *a, const struct node *object);
void go_json(struct arena *a, struct buf *b, const struct node *n, int indent); /* keys sorted; indent -1: in one line */
void add_hashes(struct build *b, struct resources *all);

/* ---- helm.c ------------------------------------------------------------------------- */
/* inherit: without a namespace it gets that of the kustomization, or of one above. */
int inflate_chart(struct layer *l, const struct node *args, const struct node *globals, bool inherit, const struct origin *o);

/* ---- plugins.c ------------------------------------------------------------------------ */
int run_generators(struct layer *l);
int run_transformers(struct layer *l);
int run_validators(struct layer *l);

/* ---- vars.c --------------------------------------------------------------------------- */
int merge_vars(struct layer *l);
int join_vars(struct build *b, struct gathering *to, const struct gathering *from);
int resolve_vars(struct build *b, struct gathering *g);

/* ---- openapi.c ---------------------------------------------------------------------- */
int openapi_load(struct layer *l, bool top);
struct kube_cursor openapi_cursor(struct build *b, const struct past *id);

/* ---- origin.c: buildMetadata ----------------------------------------------------------- */
const struct origin *origin_builtin(struct layer *l, const char *kind);
const struct origin *origin_file(struct layer *l, str name);
const struct origin *origin_plugin(struct layer *l, const struct resource *config);
void note_change(struct layer *l, const struct origin *o);
int write_origins(struct build *b, const struct node *doc, struct resources *all);

/* ---- names.c, order.c ------------------------------------------------------------------ */
int fix_references(struct build *b, struct gathering *g);
int kind_rank(str kind); /* in the order that kustomize puts out */
int sort_resources(struct build *b, const struct node *options, struct resources *all); /* sortOptions, or NULL */

#endif
