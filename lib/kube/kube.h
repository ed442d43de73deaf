/* SPDX-License-Identifier: MIT */
/*
 * kube: what makes two objects the same object, and the facts of the API that
 * every filter needs: list-map keys, apply order, quantities, built-in schemas.
 */
#ifndef INFRAFLUX_KUBE_H
#define INFRAFLUX_KUBE_H

#include "doc/doc.h"

/* ---- object.c, order.c ------------------------------------------------------------ */
struct kube_id { /* slices of the object */
	str group, version, kind, ns, name;
};
/* false: n is no object (no apiVersion and kind); why, if given, says what is missing. */
bool kube_identify(const struct node *n, struct kube_id *id, const char **why);
str kube_id_text(struct arena *a, const struct kube_id *id);	    /* "apps/Deployment shop/web" */
void kube_finding_id(struct finding *f, const struct node *object, const struct kube_id *id);
/* Calls visit for n, or for each item where n is a list kind (nested too; items of typed lists get apiVersion and kind). */
int kube_flatten(struct arena *a, struct node *n, int (*visit)(void *ctx, struct node *object), void *ctx);
/* The objects of the paths (none: standard input) as a list; *format (or NULL): of the first input.  NULL: reported. */
struct node *kube_read(struct arena *a, struct diag *d, const struct read_options *o, char **paths, size_t n, enum format *format);
/* Rank in which objects are applied (Namespaces, CRDs … before what needs them; webhooks last); unapplied in reverse. */
int kube_apply_rank(const struct kube_id *id);
/* Puts objects in the order in which they are applied: hooks before, all else, hooks after; then by sync wave, then by rank. */
void kube_apply_sort(struct arena *a, struct node **objects, size_t n);
bool kube_is_namespaced(const struct kube_id *id, bool *known); /* of built-in kinds */

/* ---- quantity.c: resource.Quantity --------------------------------------- */
bool kube_quantity_valid(str s);
bool kube_quantity_whole(str s); /* an integer: 3, 2k, 1e3, not 1500m */
bool kube_quantity_to_i64(str s, int64_t *v); /* false: none, no integer, or too large */
/* Exact comparison in *order (-1, 0, 1); false: one is no quantity. */
bool kube_quantity_cmp(str x, str y, int *order);

/* ---- defaults.c: what the server puts in where nothing is said (built-in kinds) --- */
/* keys: the path of value, list items "*"; room for DOC_MAX_DEPTH more. A map or list is a default if all in it are. */
bool kube_is_default(const struct kube_id *id, str *keys, size_t n, const struct node *value);
/* The server drops this value of the field `key` as if it had not been said: empty maps, lists and texts, some zeros. */
bool kube_is_zero(str key, const struct node *value);

/* ---- schema.c: the API schemas that ship with the suite ------------------ */
/*
 * Reduced JSON Schemas (facts, no descriptions), one per kind, read by kind
 * from a compressed file.  Schemas carry x-kubernetes-* keywords; quantities
 * have format "quantity".
 */
struct kube_schemas;
/* version: "1.37", "v1.37.2" or NULL for the newest. NULL: unknown version, reported with those there are. */
struct kube_schemas *kube_schemas_open(struct arena *a, struct diag *d, const char *version);
/* The schema of a kind; NULL: no such built-in kind. "$ref" in it are resolved by kube_schema_ref. */
struct node *kube_schema(struct kube_schemas *s, str group, str version, str kind);
struct kube_kind { /* all false: a built-in kind */
	bool crd, namespaced;
	bool preserve; /* unknown fields are kept, not refused */
	bool deprecated, unserved;
	str warning; /* of a deprecated version, or empty */
};
struct node *kube_schema_kind(struct kube_schemas *s, str group, str version, str kind, struct kube_kind *out);
struct node *kube_schema_ref(struct kube_schemas *s, str ref); /* "#/$defs/io.k8s…" */
const char *kube_schemas_version(const struct kube_schemas *s);
/* All that are known, as "group/version/kind", in *keys: for "did you mean". */
size_t kube_schema_list(struct arena *a, const struct kube_schemas *s, str **keys);
/* Adds the structural schemas of the CustomResourceDefinitions in doc, which must outlive s; *found (or NULL) grows by how many there are. */
int kube_schemas_add_crd(struct kube_schemas *s, struct node *doc, size_t *found);
/*
 * Those in a file, in standard input ("-"), or in the .yaml, .yml and .json
 * files of a folder and all below it; a warning if there are none.  yaml: an
 * enum yaml_version; a lives as long as s.
 */
int kube_schemas_add_crds(struct kube_schemas *s, struct arena *a, struct diag *d, int yaml, const char *path);
/* Kinds (group, version and kind) that CRDs have added, and how many of them were asked for. */
size_t kube_schemas_crds(const struct kube_schemas *s, size_t *used);
void kube_schemas_close(struct kube_schemas *s);

/* How a list field merges, by the object's kind and the field's path of keys (list items: "*"). */
enum list_type { LIST_ATOMIC, LIST_SET, LIST_MAP };
struct list_keys {
	enum list_type type;
	const str *keys; /* LIST_MAP */
	size_t n;
	bool patch_merge; /* x-kubernetes-patch-strategy: merge */
	str merge_key; /* x-kubernetes-patch-merge-key: the one key of strategic merge; empty if none */
};
/* Walks along a schema as the caller walks along the document. */
struct kube_cursor {
	struct kube_schemas *schemas;
	struct node *schema; /* NULL: unknown from here on */
	struct node *field;	 /* the same before its $ref was followed: marks of the field itself */
};
struct kube_cursor kube_cursor(struct kube_schemas *s, const struct kube_id *id);
struct kube_cursor kube_cursor_key(struct kube_cursor c, str key);
struct kube_cursor kube_cursor_item(struct kube_cursor c);
bool kube_cursor_list(struct arena *a, struct kube_cursor c, struct list_keys *out); /* false: not known */
bool kube_cursor_is_quantity(struct kube_cursor c);

#endif
