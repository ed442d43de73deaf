/* SPDX-License-Identifier: MIT */
/* What the fuzzers of merging share: reading layers, and merging them with what was read unchanged. */
#ifndef INFRAFLUX_FUZZ_LAYERS_H
#define INFRAFLUX_FUZZ_LAYERS_H

#include "merge/merge.h"

#include <stdlib.h>

enum { LAYERS = 8 };

/* Two texts, parted by 0x01. */
static inline str first_part(str text)
{
	ptrdiff_t end = str_chr(text, 1);

	return end < 0 ? text : str_sub(text, 0, (size_t)end);
}

static inline str second_part(str text)
{
	ptrdiff_t end = str_chr(text, 1);

	return end < 0 ? S("") : str_sub(text, (size_t)end + 1, text.n);
}

static inline size_t read_all(struct arena *a, struct diag *d, const struct read_options *o, str text, struct node **out)
{
	struct reader *r = reader_open_text(a, d, o, "fuzz", text);
	size_t n = 0;

	while (n < LAYERS && reader_next(r, a, &out[n]) > 0)
		n++;
	reader_close(r);
	return n;
}

static inline struct node *merge_once(struct arena *a, struct diag *d, const struct merge_options *o, struct node **layers, size_t n)
{
	struct merge *m = merge_begin(a, d, o);

	for (size_t i = 0; i < n; i++)
		merge_layer(m, layers[i]);
	return merge_end(m);
}

static inline void merge_all(struct arena *a, struct diag *d, unsigned flags, struct merge_rules *rules, struct node **layers, size_t n)
{
	struct merge_options o = { .rules = rules, .helm = flags & 1, .strict = flags & 2 };
	struct node *before[LAYERS], *plain, *told;
	const char *why;

	merge_strategy_parse(a, flags & 4 ? S("merge:name") : flags & 8 ? S("unique") : S("replace"), &o.lists, &why);
	for (size_t i = 0; i < n; i++)
		before[i] = node_copy(a, layers[i]);
	plain = merge_once(a, d, &o, layers, n);
	for (size_t i = 0; i < n; i++)
		if (!node_equal(before[i], layers[i]))
			abort();
	o.history = history_new(a);
	o.unused = flags & 16 ? SEV_WARNING : SEV_NOTE;
	told = merge_once(a, d, &o, layers, n);
	if ((plain == NULL) != (told == NULL) || (plain && !node_equal(plain, told)))
		abort();
	if (told)
		history_print(out_memory(a, d), history_explain(o.history, told, NULL), told);
}

struct fuzzed {
	struct arena a;
	struct diag parent, diag;
	struct read_options read;
};

static inline void fuzz_begin(struct fuzzed *f)
{
	*f = (struct fuzzed){ .read = { .input = FORMAT_YAML, .max_nodes = 20000 } };
	f->parent = (struct diag){ .program = "fuzz", .arena = &f->a };
	diag_fork(&f->diag, &f->parent, &f->a);
}

#endif
