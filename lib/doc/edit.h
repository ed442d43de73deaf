/* SPDX-License-Identifier: MIT */
/* Inside doc: the changes that an edit in place makes, and the text that it puts in. */
#ifndef INFRAFLUX_DOC_EDIT_H
#define INFRAFLUX_DOC_EDIT_H

#include "doc/span.h"

struct change {
	size_t start, end, order;
	str text;
	bool lines; /* an insertion that begins with an end of line */
};
struct editor {
	struct arena *a;
	str text;
	str eol;
	bool json;    /* quotes everywhere */
	bool flow;    /* new collections in brackets, whatever stands around them */
	int version;  /* enum yaml_version */
	size_t step;  /* columns by which maps nest */
	size_t dash;  /* columns by which a list stands right of its key */
	const char *why; /* it cannot be done */
	struct {
		struct change *p;
		size_t n, cap;
	} changes;
};
/* edit_tree.c: adds the changes that make old, which stands at s, fresh. */
void edit_value(struct editor *e, const struct span *s, const struct node *old, const struct node *fresh);
size_t edit_column(const struct editor *e, size_t at);
/* edit_text.c: how new values are written. */
str edit_flow(struct editor *e, const struct node *n);
/* A scalar or empty collection within a line, in the style of what it replaces (NULL: of none). */
str edit_inline(struct editor *e, const struct node *n, const struct span *old, bool flow);
/* YAML in block form with every line after the first at column col; no end of line at its end. */
str edit_block(struct editor *e, const struct node *n, size_t col);
str edit_pair(struct editor *e, const struct entry *entry, size_t col);
bool edit_same(const struct node *x, const struct node *y); /* to the letter */
bool edit_is_leaf(const struct node *n); /* a scalar, or an empty collection */

str edit_key(struct editor *e, const struct span *key); /* as the reader spells it */
/* The new name of the key that went: it has its value, or its place.  NULL: it has none. */
const struct entry *edit_renamed(const struct map *direct, const struct entry *gone, const struct node *old, const struct node *fresh);
/* Where in a list an item is, by its address: the same item is the same node in both trees. */
struct map edit_places(struct editor *e, const struct node *list);
bool edit_later(const struct map *places, const struct node *n, size_t from);

#endif
