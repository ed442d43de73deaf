/* SPDX-License-Identifier: MIT */
/*
 * template: Go templates as Helm uses them, with Sprig's and Helm's functions.
 *
 * Invariants:
 * - A set of templates is parsed once into an arena and then only read: many
 *   threads may execute it.  An execution (struct tmpl_exec) belongs to one
 *   thread; what it makes lives in its arena.
 * - Values know the node they came from (origin), so that messages can name
 *   the line of the values file.  Trees of nodes are never changed: a map or
 *   list made from a node copies one level when it is first looked into.
 * - Maps and lists have Go's reference semantics: set and merge change them
 *   for everyone who holds them.
 */
#ifndef INFRAFLUX_TEMPLATE_H
#define INFRAFLUX_TEMPLATE_H

#include "base/base.h"
#include "doc/doc.h"

/* ---- value.c: what a template sees --------------------------------------- */
enum val_kind {
	VAL_NONE, /* no value at all (Go's zero reflect.Value): its fields are again none */
	VAL_NIL,  /* a nil interface: a field of it is an error */
	VAL_BOOL,
	VAL_INT, /* type says which of Go's integers */
	VAL_FLOAT,
	VAL_STRING, /* or bytes: type VT_BYTES */
	VAL_LIST,
	VAL_MAP,
	VAL_OBJECT, /* a Go struct, or anything else with fields and methods */
};
enum val_type { VT_ANY, VT_INT, VT_INT64, VT_INT32, VT_UINT64, VT_UINT8, VT_BYTES, VT_STRINGS /* []string, map[string]string */ };
struct val {
	uint8_t kind, type; /* enum val_kind, enum val_type */
	uint32_t n;	     /* VAL_STRING: bytes */
	union {
		bool b;
		int64_t i;
		double f;
		const char *p;
		struct vlist *list;
		struct vmap *map;
		struct vobj *obj;
	};
	const struct node *origin; /* where it was written; NULL: made by the template */
};
static inline struct val val_none(void) { return (struct val){ 0 }; }
static inline struct val val_nil(void) { return (struct val){ .kind = VAL_NIL }; }
static inline struct val val_bool(bool b) { return (struct val){ .kind = VAL_BOOL, .b = b }; }
static inline struct val val_int(int64_t i) { return (struct val){ .kind = VAL_INT, .type = VT_INT, .i = i }; }
static inline struct val val_int64(int64_t i) { return (struct val){ .kind = VAL_INT, .type = VT_INT64, .i = i }; }
static inline struct val val_float(double f) { return (struct val){ .kind = VAL_FLOAT, .f = f }; }
/* The bytes are not copied; at most 4 GiB. */
static inline struct val val_str(str s) { return (struct val){ .kind = VAL_STRING, .n = (uint32_t)s.n, .p = s.p }; }
static inline struct val val_bytes(str s) { return (struct val){ .kind = VAL_STRING, .type = VT_BYTES, .n = (uint32_t)s.n, .p = s.p }; }
static inline str val_text(struct val v) { return (str){ v.p, v.n }; } /* of a VAL_STRING */
static inline bool val_is_nil(struct val v) { return v.kind <= VAL_NIL; }

struct val val_map(struct arena *a);  /* map[string]interface {}, empty */
struct val val_list(struct arena *a); /* []interface {}, empty */
/* The node's value, as Helm's loader types it (numbers are float64); maps and lists are looked into lazily. */
struct val val_of_node(struct arena *a, const struct node *n);
/* The same with integers kept (int64), as --set gives them. */
struct val val_of_node_int(struct arena *a, const struct node *n);

/* Maps: entries may be added while no loop over items runs. */
struct vitem {
	str key; /* p NULL: removed */
	uint32_t hash;
	struct val value;
};
size_t vmap_count(const struct vmap *m);
bool vmap_get(struct arena *a, struct vmap *m, str key, struct val *out); /* false: absent, *out is untouched */
void vmap_put(struct arena *a, struct vmap *m, str key, struct val v);	   /* key is not copied */
bool vmap_remove(struct arena *a, struct vmap *m, str key);
/* All items by key in byte order, as Go's range goes; valid until the next change. */
const struct vitem *vmap_sorted(struct arena *a, struct vmap *m, size_t *n);
void vmap_set_type(struct vmap *m, const char *type); /* what typeOf says: "chartutil.Values"; static string */
size_t vlist_count(const struct vlist *l);
struct val vlist_at(struct arena *a, struct vlist *l, size_t i); /* i < count */
void vlist_push(struct arena *a, struct vlist *l, struct val v);

/* ---- objects: Go structs with fields and methods ------------------------- */
struct tmpl_call; /* a call under way: where errors are reported */
struct vclass {
	const char *type; /* as Go names it: "*chartutil.Capabilities" */
	const char *kind; /* what kindOf says: "struct", "ptr", "map", "slice" */
	/*
	 * Field or method NAME (args only for methods; n counts them). 1: *out
	 * is set; 0: there is none of that name; -1: error, reported.
	 */
	int (*get)(struct tmpl_call *c, void *self, str name, const struct val *args, size_t n, struct val *out);
	/* The map, list or string that toYaml, toJson, range, index and len see; NULL: opaque. */
	struct val (*plain)(struct arena *a, void *self);
	/* What print makes of it; NULL: the text of plain. */
	void (*text)(struct arena *a, void *self, struct buf *out);
};
struct vobj {
	const struct vclass *class;
	void *self;
};
struct val val_object(struct arena *a, const struct vclass *class, void *self);

/* ---- functions ------------------------------------------------------------ */
/*
 * Parameters are declared by a letter each, checked before fn is called with
 * Go's rules (nil where a type is wanted is an error; integers never become
 * floats by themselves):
 *   s string   i int   l int64   f float64   b bool   a any   m map   L list or array
 * A '*' after the last: any number of these.  Functions see VAL_NIL for every
 * kind of nil; a map parameter may be VAL_NIL too (a nil map).
 */
typedef int (*tmpl_fn)(struct tmpl_call *c, const struct val *args, size_t n, struct val *out);
struct tmpl_func {
	const char *name;
	const char *params;
	tmpl_fn fn;
};
struct tmpl_call {
	struct tmpl_exec *x;
	struct arena *a; /* x->a: results live here */
	struct pos pos;
	const char *name; /* of the function or method */
};
/* An error of the call at its position, with the chain of includes; returns -1. */
int tmpl_error(struct tmpl_call *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The same, with a note that names the line where v was written, if that is known. */
int tmpl_error_value(struct tmpl_call *c, struct val v, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* ---- set.c: templates by name ---------------------------------------------- */
struct tmpl_set;
/* Go's builtins, Sprig's and Helm's functions are known; extra (ended by a NULL name, or NULL) beats them (lookup). */
struct tmpl_set *tmpl_set_new(struct arena *perm, struct diag *d, const struct tmpl_func *extra);
/*
 * Parses text as template `name` and takes in its defines, replacing older
 * ones of the same name (an empty text replaces nothing), as Go does.  file is
 * how messages call it.  Name, file and text must outlive the set.  0, or -1: syntax errors, reported.
 */
int tmpl_parse(struct tmpl_set *s, const char *file, str name, str text);

/* ---- exec.c ------------------------------------------------------------------ */
struct tmpl_line { /* from byte `offset` of the output on, this template line wrote it */
	size_t offset;
	struct pos pos;
	struct pos value; /* where the value that it wrote was set; file NULL: text of the template, or not known */
};
struct tmpl_lines {
	struct tmpl_line *p;
	size_t n, cap;
};
struct tmpl_exec { /* set by the caller, one thread's */
	const struct tmpl_set *set;
	struct arena *a; /* values and output */
	struct diag *diag;
	void *ctx;		    /* for extra functions */
	struct tmpl_lines *lines; /* wanted: filled; or NULL */
	uint64_t max_steps;	    /* 0: 100 million */
	size_t max_output;	    /* 0: 256 MiB, what functions make counted in; one value: a 16th; memory: half as much again */
	int max_depth;		    /* of templates in templates; 0: 1000 */
	int64_t now;		    /* now, date …: seconds since 1970; 0: the clock */
	bool strict;		    /* a key that does not exist is an error ("did you mean") */
	bool keep_no_value;	    /* "<no value>" stays, as in Go's own output */
	struct tmpl_state *state; /* zero; the engine's own */
};
/* Executes template `name` with data as dot; appends to out, Helm's way: "<no value>" is left out. -1: reported. */
int tmpl_exec(struct tmpl_exec *x, str name, struct val data, struct buf *out);
/* What Helm's lint and templates call: the text of a value, as {{ v }} prints it. */
void val_print(struct arena *a, struct buf *out, struct val v);
bool val_truth(struct arena *a, struct val v);
const char *val_type_name(struct arena *a, struct val v); /* "float64", "map[string]interface {}" */

str val_to_yaml(struct arena *a, struct val v); /* toYaml's text; empty for what has none */

/* ---- hole.c: `${jq}` templates (render.1 tells their forms) ------------------- */
/*
 * A YAML tree whose strings may hold ${ expression }.  It is read and compiled
 * once, included files with it: all expressions that are more than a path or
 * a path with a default become one jq program.
 */
struct hole_options {
	struct read_options read;
	const char *const *libs; /* -L: folders where $include looks after the file's own, and files of jq definitions (.jq) */
	size_t nlibs;
	uint64_t max_nodes; /* of one rendering; 0: DOC_MAX_NODES */
	uint64_t max_steps; /* of one rendering: places looked at, rounds of loops; 0: 100 million */
};
struct holes;
/* path "-": standard input.  NULL: reported. */
struct holes *holes_load(struct arena *a, struct diag *d, const struct hole_options *o, const char *path);
/* The same of a text that is already read; name is how messages call it. */
struct holes *holes_load_text(struct arena *a, struct diag *d, const struct hole_options *o, const char *name, str text);
enum format holes_format(const struct holes *h); /* of the template itself */
/*
 * Renders over values (`.`), a document after the other, into a.  What comes
 * from the values is those nodes themselves; the rest has the template's
 * positions.  put returns -1 to stop.  -1: reported.
 */
int holes_render(struct holes *h, struct arena *a, struct node *values, int (*put)(void *ctx, struct node *doc), void *ctx);
/* As YAML, with the template's comments: of the document that holes_render is putting. */
str holes_yaml(const struct holes *h, struct arena *a, const struct node *doc);
void holes_free(struct holes *h);

#endif
