/* SPDX-License-Identifier: MIT */
/* Cutting an input at the boundaries of its documents. */
#ifndef INFRAFLUX_DOC_CUT_H
#define INFRAFLUX_DOC_CUT_H

#include "doc/internal.h"

enum { CUT_LARGE = 1 << 20 }; /* what is smaller is not cut */

struct cut_text {
	char *p; /* malloc */
	size_t n, cap;
	struct part_place place;
};
struct cut {
	const char *label;
	int fd;
	enum format named;
	bool begun, ended, rest;
	struct part_place place; /* of the next text */
	struct cut_text carry;	 /* read already */
};
enum cut_kind {
	CUT_FAILED, /* reported */
	CUT_END,
	CUT_PART,  /* whole documents */
	CUT_SMALL, /* all of an input that is small */
	CUT_REST,  /* from here on it can't be cut: these bytes, then what the descriptor still has */
};
void cut_begin(struct cut *c, const char *label, int fd, enum format named); /* c->carry is used again */
enum cut_kind cut_next(struct cut *c, struct diag *d, const struct read_options *o, struct cut_text *t);

#endif
