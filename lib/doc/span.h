/* SPDX-License-Identifier: MIT */
/* Inside doc: which bytes of a YAML text each value stands in. */
#ifndef INFRAFLUX_DOC_SPAN_H
#define INFRAFLUX_DOC_SPAN_H

#include "doc/doc.h"

enum span_kind { SPAN_SCALAR, SPAN_ALIAS, SPAN_SEQ, SPAN_MAP };
struct span {
	enum span_kind kind;
	bool flow;	   /* a collection in brackets, or within one */
	bool block_scalar; /* | or > */
	uint8_t style;	   /* of a scalar */
	size_t start;	   /* of its anchor and tag, if it has any */
	size_t content;	   /* behind these */
	size_t end;
	str text; /* scalars */
	struct span **kids; /* items; of a map key, value, key, value … */
	size_t n;
};
/* The documents of text, which must be UTF-8 without a byte order mark and must have been read without error.  -1: reported. */
int spans_read(struct arena *a, struct diag *d, const char *name, str text, struct span ***docs, size_t *n);

#endif
