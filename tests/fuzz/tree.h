/* SPDX-License-Identifier: MIT */
/* What the fuzzers ask of trees. */
#ifndef INFRAFLUX_FUZZ_TREE_H
#define INFRAFLUX_FUZZ_TREE_H

#include "doc/doc.h"

#include <math.h>
#include <string.h>

/* No number beyond a double's range: 1e999 is text to Kubernetes' YAML and has no other form there. */
static inline bool has_common_form(const struct node *n)
{
	size_t i;

	if (n->kind == NODE_FLOAT)
		return strpbrk(node_str(n).p, "iInN") || !isinf(node_to_double(n)); /* .inf is what it is */
	for (i = 0; n->kind >= NODE_SEQ && i < n->n; i++)
		if (!has_common_form(n->kind == NODE_SEQ ? n->items[i] : n->entries[i].value))
			return false;
	return true;
}

/* JSON has no infinity and no NaN. */
static inline bool has_json_form(const struct node *n)
{
	size_t i;

	if (n->kind == NODE_FLOAT)
		return !strpbrk(node_str(n).p, "iInN");
	for (i = 0; n->kind >= NODE_SEQ && i < n->n; i++)
		if (!has_json_form(n->kind == NODE_SEQ ? n->items[i] : n->entries[i].value))
			return false;
	return true;
}

#endif
