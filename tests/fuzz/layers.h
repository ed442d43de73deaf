/* SPDX-License-Identifier: MIT */
/* What the fuzzers of merging share: reading layers, and merging them with what was read unchanged. */
#ifndef INFRAFLUX_FUZZ_LAYERS_H
#define INFRAFLUX_FUZZ_LAYERS_H

#include "merge/merge.h"
#include "parts.h"

#include <stdlib.h>

enum { LAYERS = 8 };

/* A byte of flags, layers as a stream of documents, and a text that goes with them. */
struct fuzzed {
	struct arena a;
	struct diag parent, diag;
	struct read_options read;
	unsigned flags;
	str text, second;
	struct node *docs[LAYERS];
	size_t n;
};

static inline bool fuzz_begin(struct fuzzed *f, const uint8_t *data, size_t size)
{
	if (size < 2)
		return false;
	*f = (struct fuzzed){ .read = { .input = FORMAT_YAML, .max_nodes = 20000 }, .flags = data[0], .second = { (const char *)data + 1, size - 1 } };
	f->text = next_part(&f->second);
	f->parent = (struct diag){ .program = "fuzz", .arena = &f->a };
	diag_fork(&f->diag, &f->parent, &f->a);
	struct reader *r = reader_open_text(&f->a, &f->diag, &f->read, "fuzz", f->text);
	while (f->n < LAYERS && reader_next(r, &f->a, &f->docs[f->n]) > 0)
		f->n++;
	reader_close(r);
	return true;
}

static inline struct node *merge_once(struct fuzzed *f, const struct merge_options *o)
{
	struct merge *m = merge_begin(&f->a, &f->diag, o);

	for (size_t i = 0; i < f->n; i++)
		merge_layer(m, f->docs[i]);
	return merge_end(m);
}

static inline void merge_all(struct fuzzed *f, struct merge_rules *rules)
{
	unsigned flags = f->flags;
	struct merge_options o = { .rules = rules, .helm = flags & 1, .strict = flags & 2 };
	struct node *before[LAYERS], *plain, *told;
	struct arena *a = &f->a;
	const char *why;

	merge_strategy_parse(a, flags & 4 ? S("merge:name") : flags & 8 ? S("unique") : S("replace"), &o.lists, &why);
	for (size_t i = 0; i < f->n; i++)
		before[i] = node_copy(a, f->docs[i]);
	plain = merge_once(f, &o);
	for (size_t i = 0; i < f->n; i++)
		if (!node_equal(before[i], f->docs[i]))
			abort();
	o.history = history_new(a);
	o.unused = flags & 16 ? SEV_WARNING : SEV_NOTE;
	told = merge_once(f, &o);
	if ((plain == NULL) != (told == NULL) || (plain && !node_equal(plain, told)))
		abort();
	if (told)
		history_print(out_memory(a, &f->diag), history_explain(o.history, told, NULL), told);
}

#endif
