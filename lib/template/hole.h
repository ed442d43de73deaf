/* SPDX-License-Identifier: MIT */
/*
 * hole: what the files of `${jq}` templates share: expressions, paths, and
 * the compiled tree.
 */
#ifndef INFRAFLUX_HOLE_H
#define INFRAFLUX_HOLE_H

#include "template/template.h"

#define HOLE_MAX_FILES 1000
#define HOLE_MAX_EXPR (64 << 10) /* bytes of one expression */

/* ---- hole_path.c: paths answered from our own tree ----------------------- */
struct hole_step {
	str key; /* p NULL: an index */
	int64_t index;
};
struct hole_path {
	str text;
	ptrdiff_t var; /* slot of $name, or -1: the values */
	struct hole_step *steps;
	size_t n;
	size_t handled; /* a missing step before this one is no error (`?`) */
};
struct hole_scope { /* names of variables; a slot each, for the whole run */
	struct map names;
	size_t n;
};
/* .a.b[0]."x"?  or  $v.a : true if the whole of text is that. */
bool hole_path_parse(struct arena *a, struct hole_scope *s, str text, struct hole_path *out);
enum hole_found { HOLE_FOUND, HOLE_MISSING, HOLE_HANDLED, HOLE_WRONG };
/* MISSING: step *at is not there; WRONG: step *at cannot be taken in *in. */
enum hole_found hole_path_get(const struct hole_path *p, struct node *root, struct node **out, size_t *at, struct node **in);
/* Reports why the path gives nothing, with the nearest key. -1. */
int hole_path_missing(struct arena *a, struct diag *d, struct pos pos, const struct hole_path *p, enum hole_found f, size_t at, const struct node *in);
/* The paths that the expression takes for granted (no `//`, no `?`), as far as it can be told. */
void hole_path_needs(struct arena *a, struct hole_scope *s, str text, struct hole_path **out, size_t *n);
/* Offset behind the string literal that begins at i; behind the whole, if it does not end. */
size_t hole_skip_string(str s, size_t i, int depth);
/* Offset of the bracket that closes the one before i, or -1. */
ptrdiff_t hole_close(str s, size_t i, int depth);

/* ---- hole_tree.c: the compiled template ---------------------------------- */
struct hole_expr {
	str text;
	struct pos pos;
	bool plain;		/* path, and its default, say it all */
	struct hole_path path;
	struct node *otherwise; /* after `//` of a plain path, or NULL */
	size_t jq;		/* index in the jq program, if not plain */
	struct hole_path *needs;
	size_t nneeds;
	size_t *vars; /* slots that it names */
	size_t nvars;
};
enum tree_kind { TREE_LITERAL, TREE_HOLE, TREE_TEXT, TREE_SEQ, TREE_MAP };
struct tree_part {
	str text;
	struct hole_expr *expr; /* NULL: text */
};
struct tree {
	enum tree_kind kind;
	const struct node *at;
	const struct note *note; /* comments of its place, or NULL */
	union {
		struct hole_expr *expr;
		struct {
			struct tree_part *parts;
			size_t nparts;
		};
		struct {
			struct tree **items;
			size_t nitems;
		};
		struct tree_map *map;
	};
};
struct tree_entry {
	const struct entry *at;
	str key;
	struct tree *key_tree; /* a key with holes */
	struct tree *value;
};
struct tree_let {
	size_t slot;
	struct tree *value;
};
struct tree_map {
	struct tree_entry *entries;
	size_t n;
	struct tree_let *lets;
	size_t nlets;
	struct tree *over; /* $for */
	ptrdiff_t key_slot, item_slot;
	struct tree *cond, *then, *otherwise; /* $if $then $else */
	struct tree *body;		      /* $do */
	struct hole_file *include;
	const struct node *include_at;
};
struct hole_doc {
	struct tree *tree;
	struct strlist head, tail; /* comments of no value of it: before and behind it */
};
struct hole_file {
	const char *path;
	str text;
	size_t *lines; /* offset of each line */
	size_t nlines;
	struct {
		size_t line, col, offset;
	} near; /* the place found last */
	struct hole_doc *docs;
	size_t ndocs;
	bool loading; /* an include of it now is a cycle */
	enum format format;
};
struct holes {
	struct arena *a;
	struct diag *diag;
	struct hole_options o;
	struct map files;
	struct hole_file *main;
	struct hole_scope scope;
	struct {
		struct hole_expr **p;
		size_t n, cap;
	} exprs;
	struct jq *jq;
	struct map notes; /* of the templates' nodes, by their addresses */
	struct map made;  /* the same of nodes of the document under way */
	const struct strlist *head, *tail; /* of that document, or NULL */
};
/* ---- hole_notes.c: the template's comments ------------------------------- */
struct doc_comments { /* of a file, that still wait for their place */
	struct doc_comment *p;
	size_t n, next;
};
void hole_comments(struct holes *h, const struct hole_file *f, struct doc_comments *out);
/* Gives the values of a document that was read their comments. */
void hole_annotate(struct holes *h, struct doc_comments *c, const struct node *n, struct hole_doc *doc);
/* What is left behind the last document. */
void hole_leftover(struct holes *h, struct doc_comments *c, struct strlist *tail);
const struct note *hole_note_of(const struct holes *h, const struct node *n); /* NULL: none */
/* n in the place of t: the node to put there, which holds the place's comments. */
struct node *hole_noted(struct holes *h, struct arena *a, const struct tree *t, struct node *n);
void hole_follow(struct holes *h, struct arena *a, const struct node *old, const struct node *fresh); /* fresh stands where old did */

/* ---- hole_text.c: strings ------------------------------------------------ */
void hole_lines(struct arena *a, struct hole_file *f);
size_t hole_offset(struct hole_file *f, size_t line, size_t col);
struct tree *hole_tree_new(struct holes *h, enum tree_kind kind, const struct node *at);
struct hole_expr *hole_expr_add(struct holes *h, str text, struct pos pos); /* NULL: reported */
/* s stands at `where`; a literal if it holds no hole.  NULL: reported. */
struct tree *hole_text(struct holes *h, struct hole_file *file, str s, const struct node *at, struct pos where);

/* ---- hole_tree.c ----------------------------------------------------------- */
struct hole_file *hole_file_load(struct holes *h, const char *path, const struct node *from);
bool hole_is_directive(str key); /* $for, $if … */
struct hole_file *hole_file_text(struct holes *h, const char *name, str text); /* no file; NULL: reported */

#endif
