/* SPDX-License-Identifier: MIT */
/*
 * doc: the document tree; YAML and JSON in and out; paths; origins; jq.
 *
 * Invariants:
 * - A tree lives in one arena.  Scalars keep their source text (1.10 stays
 *   1.10); keys keep the order of the source; no map holds a key twice.
 * - Trees that were read are never changed by lib/: aliases share subtrees.
 *   Build anew, or node_copy first and change the copy.
 * - Depth is at most DOC_MAX_DEPTH, so that recursion over a tree is safe.
 * - Every node knows where it was written: source (file, layer), line, column.
 */
#ifndef INFRAFLUX_DOC_H
#define INFRAFLUX_DOC_H

#include "base/base.h"

#define DOC_MAX_DEPTH 1000
#define DOC_MAX_NODES 10000000

/* ---- node.c: the tree --------------------------------------------------- */
struct source { /* lives in the run's arena */
	const char *name;  /* as the user named it; "<stdin>" */
	const char *layer; /* what it is called in explanations; NULL: as name */
	const char **tags; /* custom tags, from 1 */
	size_t ntags;
	const struct source *keys; /* where the keys before its values stand; NULL: here (a template's key, a values file's value) */
};
enum kind { NODE_NULL, NODE_BOOL, NODE_INT, NODE_FLOAT, NODE_STRING, NODE_SEQ, NODE_MAP };
enum style { STYLE_ANY, STYLE_PLAIN, STYLE_SINGLE, STYLE_DOUBLE, STYLE_LITERAL, STYLE_FOLDED, STYLE_FLOW, STYLE_BLOCK };
enum { /* node flags */
	NODE_TRUE = 1,	/* the value of a NODE_BOOL */
	NODE_EMPTY = 2, /* a NODE_NULL for which nothing was written (an empty document or value) */
	NODE_JSON = 4,	/* a scalar read from JSON */
	NODE_INT64 = 8, /* a NODE_INT that Go templates see as int64, as --set gives it; else it is a float64 */
};
struct entry {
	const char *key;
	uint32_t key_len, hash;
	uint32_t line, col; /* of the key, in the file of the value */
	struct node *value;
};
struct node {
	const struct source *source; /* NULL: made by a program */
	uint32_t line, col;
	uint8_t kind, style;
	uint16_t tag; /* custom tag: source->tags[tag - 1]; 0: none */
	uint32_t flags;
	uint32_t n, cap; /* bytes of text, items or entries */
	union {
		const char *text; /* scalars, as written (strings: their value), NUL after it */
		struct node **items;
		struct entry *entries; /* n > 16: an index follows them (node.c) */
	};
};
struct node *node_new(struct arena *a, enum kind k);
struct node *node_string(struct arena *a, str s); /* copies s */
struct node *node_int(struct arena *a, int64_t v);
struct node *node_bool(struct arena *a, bool v);
struct node *node_scalar(struct arena *a, enum kind k, str text); /* copies text */
struct node *node_at(struct node *n, const struct node *origin);  /* takes origin's position; returns n */
struct node *node_copy(struct arena *a, const struct node *n);	  /* deep */
struct node *node_clone(struct arena *a, const struct node *n);	  /* the node and its array, children shared */
struct node *node_get(const struct node *map, str key);		  /* NULL if absent or not a map */
struct entry *node_entry(const struct node *map, str key);
struct entry *node_put(struct arena *a, struct node *map, str key, struct node *value); /* key is not copied; replaces in place */
bool node_remove(struct node *map, str key);
void node_push(struct arena *a, struct node *seq, struct node *item);
void node_insert(struct arena *a, struct node *seq, size_t at, struct node *item);
void node_remove_at(struct node *seq, size_t at);
static inline str node_text(const struct node *n) { return (str){ n->text, n->n }; }
static inline str entry_key(const struct entry *e) { return (str){ e->key, e->key_len }; }
static inline bool node_is(const struct node *n, enum kind k) { return n && n->kind == k; }
str node_str(const struct node *n);		      /* text of a scalar, else (NULL too) empty */
str node_get_str(const struct node *map, str key); /* text of a string child, else empty */
bool node_true(const struct node *n);		      /* a boolean that is true */
bool node_to_i64(const struct node *n, int64_t *v); /* exact integers only, every YAML notation */
double node_to_double(const struct node *n);
/* The value in JSON's terms: 0777 and 0o17 in decimal, .inf as written; strings as they are. */
str node_number_text(struct arena *a, const struct node *n);
/* Equal by value: key order aside; numbers by exact value (1 = 1.0 = 1e0), never a string and a number. */
bool node_equal(const struct node *x, const struct node *y);
const char *node_tag(const struct node *n);	    /* "!append", or NULL */
const char *kind_name(enum kind k);		    /* "map", "list", "string", … as users say it */
const char *a_kind(const struct node *n);	    /* "an integer", "null" */
struct pos node_pos(const struct node *n);
struct pos entry_pos(const struct entry *e);

/* ---- type.c: what a plain scalar means ---------------------------------- */
enum yaml_version { YAML_KUBERNETES, YAML_1_2, YAML_KUSTOMIZE }; /* DESIGN.md §3; the last: as Kubernetes, but y, n, yes, no, on, off are texts */
enum kind scalar_kind(str text, enum yaml_version v, bool *truth);
bool scalar_is_ambiguous(str text); /* plain, the two versions would read it differently */

/* ---- read.c, yaml.c, json.c ---------------------------------------------- */
enum format { FORMAT_AUTO, FORMAT_YAML, FORMAT_JSON, FORMAT_JSONL };
struct read_options { /* zero: the defaults */
	int input;    /* FORMAT_AUTO, FORMAT_YAML, FORMAT_JSON */
	int yaml;     /* enum yaml_version */
	int duplicates; /* 0: error, 1: warn and keep the last */
	int64_t max_nodes; /* 0: DOC_MAX_NODES */
	struct origins *origins; /* positions are replaced by these */
	/* Sees the bytes of YAML inputs as they are read; line: of their first byte, where they begin an input, else 0. */
	void (*watch)(void *ctx, const char *label, uint32_t line, str bytes);
	void *watch_ctx;
};
extern const struct option read_option_table[]; /* --input --yaml --duplicate-keys --max-nodes; target: read_options */
struct reader;
/* Opens path ("-": standard input).  perm holds what outlives a document (names). NULL: reported. */
struct reader *reader_open(struct arena *perm, struct diag *d, const struct read_options *o, const char *path);
struct reader *reader_open_text(struct arena *perm, struct diag *d, const struct read_options *o, const char *name, str text);
/* The text is a part of a file, of which `line` lines stand before it; called before the first reader_next. */
void reader_from_line(struct reader *r, uint32_t line);
/* The paths (which stay where they are: messages name them) one after the other; no paths: standard input. */
struct reader *reader_open_all(struct arena *perm, struct diag *d, const struct read_options *o, char **paths, size_t n);
/* The next document, into a.  1: *out is set; 0: the end; -1: trouble, reported. Reads no further than it must. */
int reader_next(struct reader *r, struct arena *a, struct node **out);
enum format reader_format(const struct reader *r); /* of the first input: FORMAT_YAML, _JSON or _JSONL */
size_t reader_input(const struct reader *r); /* which of the paths is being read */
void reader_close(struct reader *r);
/* A file or text that must hold one document; an empty one gives an empty NODE_NULL. */
int read_file(struct arena *a, struct diag *d, const struct read_options *o, const char *path, struct node **out);
int read_text(struct arena *a, struct diag *d, const struct read_options *o, const char *name, str text, struct node **out);

/* ---- folder.c ---- */
/* Adds path; of a folder the .yaml, .yml, .json and .jsonl files in it and all below it but hidden ones, in order.  -1: reported. */
int input_files(struct arena *a, struct diag *d, const char *path, struct strlist *out);
int input_paths(struct arena *a, struct diag *d, char ***paths, size_t *n); /* the same for all of a command line's */

/* ---- stream.c: the documents of inputs, on several threads ---------------- */
/* Documents that follow one another: a small file, or a part of a large input. */
struct stream_part {
	struct arena a;	    /* until end has returned; then reset */
	struct arena *doc;  /* of the document, and as long as it lives */
	struct diag *diag;  /* what is said here comes out in the order of the input */
	enum format format; /* of the first input */
	bool direct;	    /* nothing stands between this part and those before it: what it makes may be put out at once */
	void *state;	    /* the caller's; a part's place is used again, and finds it there (NULL at first) */
};
struct stream_job {
	size_t threads;
	const struct read_options *read;
	bool keep; /* the documents of a part that is not direct live until end has returned, not only until `document` has */
	void *ctx;
	/* In the caller's thread, in the order of the input. */
	int (*begin)(void *ctx, struct stream_part *p);
	/* In any thread; one part's documents in order.  Not 0: trouble, reported; nothing more is ended. */
	int (*document)(void *ctx, struct stream_part *p, struct node *doc);
	/*
	 * In the caller's thread, in the order of the input, after p->diag's findings have been joined to d.  Of a part
	 * with trouble too, which is said afterwards: what came before it counts.
	 */
	int (*end)(void *ctx, struct stream_part *p);
	void (*release)(void *ctx, void *state); /* or NULL: at the end, for each state that is not NULL */
};
/*
 * As reader_open_all and reader_next, but parts are read by threads.  An input
 * of any kind is cut only where its text cannot mean anything else: before a
 * "---", or between JSON values.  One that can't be cut (UTF-16, directives, a
 * huge document) is read in the caller's thread, and so is everything with one
 * thread or with read->origins.  Memory: a few parts (256 KiB, or a document)
 * for each thread, whatever the length.  0, or -1: trouble, reported.
 */
int stream_documents(struct arena *perm, struct diag *d, const struct stream_job *job, char **paths, size_t n);
/* The same, but after trouble in one of the paths it goes on with the next one. */
int stream_all(struct arena *perm, struct diag *d, const struct stream_job *job, char **paths, size_t n);

/* ---- emit_yaml.c, emit_json.c, write.c ---------------------------------- */
/* Block style, minimal quoting; `indent` levels deep (its first line is not indented); ends with a newline. */
void emit_yaml(struct out *o, const struct node *n, int indent);
void emit_json(struct out *o, const struct node *n, bool pretty); /* no newline at the end */
str yaml_text(struct arena *a, const struct node *n);
/* The same with comments: note(ctx, value) is asked of each entry's value and each item, in order; NULL: it has none. */
struct note {
	struct strlist own; /* lines with their #, above it; "": an empty line */
	str behind;	    /* on its first line, with its #; or empty */
};
str yaml_text_noted(struct arena *a, const struct node *n, const struct note *(*note)(void *ctx, const struct node *value), void *ctx);
str json_text(struct arena *a, const struct node *n); /* compact */
void json_string(struct out *o, str s);		    /* quoted and escaped; malformed UTF-8 becomes U+FFFD */
struct writer {
	struct out *out;
	enum format format;
	size_t count;
};
extern const struct option write_option_table[]; /* -o yaml|json|jsonl; target: int (0: FORMAT_AUTO) */
void writer_put(struct writer *w, const struct node *n); /* "---" between YAML documents; JSON: one pretty value after another */
void writer_text(struct writer *w, str yaml); /* the same of a YAML document that is text already */

/* ---- path.c -------------------------------------------------------------- */
enum step_kind { STEP_KEY, STEP_INDEX, STEP_ANY, STEP_MATCH, STEP_END }; /* END: "-", past the last item */
struct step {
	enum step_kind kind;
	str key;	 /* KEY; MATCH: the key compared */
	str value;	 /* MATCH */
	int64_t index; /* INDEX; negative counts from the end */
};
struct path {
	struct step *steps;
	size_t n;
	str text; /* as it was written */
};
/* a.b[0]."x.y"[name=web].* or a JSON Pointer if it begins with "/" ("" is the root); 0, or -1 with *error set. */
int path_parse(struct arena *a, str text, struct path *out, const char **error);
struct node *path_get(const struct path *p, struct node *root); /* first match, or NULL */
/* Every match, in document order: visit(ctx, parent, slot) may not change the tree's shape. */
struct path_hit {
	struct node *node, *parent;
	size_t slot; /* index of entry or item in parent */
	str pointer; /* JSON Pointer of it */
};
struct path_hit *path_find(struct arena *a, const struct path *p, struct node *root, size_t *n);
/* Sets in a tree the caller may change (copies shared nodes on the way), making maps, and lists at their end. */
int path_set(struct arena *a, const struct path *p, struct node **root, struct node *value, const char **error);
size_t path_delete(struct arena *a, const struct path *p, struct node **root); /* how many went */
/* The key at the path's end gets the name, and keeps its place; *done: how many did.  -1: one cannot, as *error says. */
int path_rename(struct arena *a, const struct path *p, struct node **root, str name, size_t *done, const char **error);
str pointer_add_key(struct arena *a, str pointer, str key); /* escapes ~ and / (RFC 6901) */
str pointer_add_index(struct arena *a, str pointer, size_t index);

/* ---- edit.c --------------------------------------------------------------- */
/*
 * text, which was read as the documents `old`, with what differs in `fresh`
 * changed and no other byte: comments, quoting, order, line ends stay.  What is
 * put out has been read again and found equal to `fresh`.  -1: it cannot be done, reported.
 */
int edit_text(struct arena *a, struct diag *d, const struct read_options *o, const char *name, str text, struct node *const *old,
	      struct node *const *fresh, size_t n, str *out);

/* ---- comments.c ------------------------------------------------------------ */
struct doc_comment {
	uint32_t line;	 /* it stands in */
	uint32_t target; /* line of the content it speaks of: its own, or the next below; 0: none follows */
	bool own;	 /* it has its line for itself */
	bool spaced;	 /* and an empty line below it */
	size_t gap;	 /* blanks before it */
	str text;	 /* with its # */
};
/* The comments of a YAML text that can be read. */
int comments_read(struct arena *a, struct diag *d, const char *name, str text, struct doc_comment **out, size_t *n);

/* ---- origins.c: a side file that says where each node was written ------- */
/* Written: for each document in turn, as it is put.  JSON Lines; the man page infraflux(7) tells the form. */
struct origins_writer;
struct origins_writer *origins_create(struct arena *a, struct diag *d, const char *path);
void origins_put(struct origins_writer *w, const struct node *doc);
/* A document that is text: output line i (from 0) came from lines[i], the value in it from values[i] (NULL, file NULL: from there, too). */
void origins_put_lines(struct origins_writer *w, const struct pos *lines, const struct pos *values, size_t n);
int origins_close(struct origins_writer *w);
void origins_abort(struct origins_writer *w); /* leaves the old file */
/* Read: reader_next takes positions from it, by document index and path, or by line. */
struct origins *origins_read(struct arena *a, struct diag *d, const char *path); /* NULL: reported */
/* The same for inputs that may be a pipe ("-", or none), whose writer writes the file too: when it has ended. */
struct origins *origins_read_after(struct arena *a, struct diag *d, const char *path, const char *const *inputs, size_t n);
void origins_apply(struct origins *o, size_t index, struct node *doc);
void origins_free(struct origins *o); /* NULL is fine */

/* ---- jq.c: libjq as an evaluator ------------------------------------------ */
struct jq_expr {
	str text;
	struct pos pos; /* of its first byte, for messages */
};
struct jq;
/*
 * All expressions as one program (a compilation costs 16 ms); vars are names
 * that expressions may use as $name, libs (ended by NULL, or NULL) paths of
 * files of jq definitions (.jq) or folders of modules.  Plain paths (.a."b c"[0][]?, $name.a) are answered
 * from our tree: libjq starts only if there is another expression.  NULL: reported.
 */
struct jq *jq_compile_all(struct arena *a, struct diag *d, const struct jq_expr *e, size_t n, const char *const *vars, size_t nvars, const char *const *libs);
/*
 * Results of expression i on input, into a.  A result that is a part of the
 * input or of a variable is that node itself, position and number text
 * included; so are such parts of results.  At most 1,000,000 results, 10
 * seconds, 1 GiB.  -1: an error of the expression, reported at its position.
 * vars: as many as were named; a NULL is null.  One thread at a time.
 */
int jq_eval(struct jq *j, size_t i, struct arena *a, struct node *input, struct node *const *vars, struct node ***out, size_t *n);
/* The same, but an error is not reported: *error says what jq said. */
int jq_try(struct jq *j, size_t i, struct arena *a, struct node *input, struct node *const *vars, struct node ***out, size_t *n, const char **error);
/* n (an input or a variable of many evaluations) stays as it is until jq_forget: it is converted once. */
void jq_keep(struct jq *j, struct node *n);
void jq_forget(struct jq *j);
void jq_free(struct jq *j);

#endif
