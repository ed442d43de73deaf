/* SPDX-License-Identifier: MIT */
/*
 * The form of YAML that nearly all documents have, read straight from its text:
 * block lists and maps, short flow ones, scalars on one line, block scalars.
 * Whatever is not surely of that form, errors included, is left to libyaml.
 */
#ifndef INFRAFLUX_DOC_BLOCK_H
#define INFRAFLUX_DOC_BLOCK_H

#include "doc/internal.h"

struct block {
	struct builder *b;
	const char *p, *end;	/* a line end stands before end */
	const char *line_start;
	uint32_t line;		/* of p, from 1 */
	bool wide;		/* not all bytes are characters */
	bool cut;		/* the last line end is not in the input */
	bool pending;		/* the innermost list or map wants a value; at: where it stands if there is none */
	struct { uint32_t line, col; } at;
	struct block_stacks *stacks;
};

/* ---- block.c ------------------------------------------------------------- */
enum block_got { BLOCK_ELSE, BLOCK_READ };
/*
 * The document text[0 … n-1], the whole of it, into b (which build_start was
 * given); its first line is `line`.  BLOCK_ELSE: it is another's to read, and
 * b is to be started anew; nothing was reported.
 */
enum block_got block_document(struct builder *b, struct block_stacks *stacks, str text, uint32_t line, uint32_t *lines);

/* ---- block_scalar.c ------------------------------------------------------- */
struct block_scalar {
	str text; /* in the input, or in the scratch buffer until the next one */
	const char *start;
	enum style style;
};
enum block_found {
	BLOCK_ODD, /* leave it to libyaml */
	BLOCK_VALUE,
	BLOCK_KEY, /* p stands at the ":" behind it */
};
/* A plain or quoted scalar that begins and ends on this line. */
enum block_found block_inline(struct block *s, struct block_scalar *to);
/* The same within a flow list or map: letters, digits and little else, or quotes. */
enum block_found block_flow_scalar(struct block *s, struct block_scalar *to);
/* "|" or ">" within a list or map so far indented (-1: none); p goes to the line behind it. */
bool block_text(struct block *s, int indent, struct block_scalar *to);
/* What follows a value on its line is at most a comment; p goes to the next line. */
bool block_line_end(struct block *s);
uint32_t block_column(const struct block *s, const char *p); /* from 1 */
int block_put(struct block *s, const struct block_scalar *v); /* as a value; not 0: refused */

#endif
