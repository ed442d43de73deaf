/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as layers, rules, patches and edits (parted by 0x01): merged
 * without harm, with what was read unchanged; edits in place read back.
 */
#include "merge/merge.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SECTIONS = 4, LAYERS = 8 };

static void split(str text, str out[SECTIONS])
{
	for (int i = 0; i < SECTIONS; i++) {
		ptrdiff_t end = i + 1 < SECTIONS ? str_chr(text, 1) : -1;
		out[i] = str_sub(text, 0, end < 0 ? text.n : (size_t)end);
		text = end < 0 ? S("") : str_sub(text, (size_t)end + 1, text.n);
	}
}

static size_t read_all(struct arena *a, struct diag *d, const struct read_options *o, str text, struct node **out)
{
	struct reader *r = reader_open_text(a, d, o, "fuzz", text);
	size_t n = 0;

	while (n < LAYERS && reader_next(r, a, &out[n]) > 0)
		n++;
	reader_close(r);
	return n;
}

static struct node *merge_once(struct arena *a, struct diag *d, const struct merge_options *o, struct node **layers, size_t n)
{
	struct merge *m = merge_begin(a, d, o);

	for (size_t i = 0; i < n; i++)
		merge_layer(m, layers[i]);
	return merge_end(m);
}

static void merge_all(struct arena *a, struct diag *d, unsigned flags, struct merge_rules *rules, struct node **layers, size_t n)
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

static void edit(struct arena *a, struct diag *d, const struct read_options *o, str text, str edits)
{
	struct merge_edits list = { 0 };
	struct node *docs[LAYERS], *fresh[LAYERS];
	size_t n;
	str out;

	while (edits.n && list.n < 8) {
		ptrdiff_t end = str_chr(edits, '\n');
		str line = str_sub(edits, 0, end < 0 ? edits.n : (size_t)end);
		edits = end < 0 ? S("") : str_sub(edits, (size_t)end + 1, edits.n);
		if (line.n > 1)
			merge_edit_add(a, &list, line.p[0] == '-' ? EDIT_DELETE : line.p[0] == '"' ? EDIT_SET_STRING : EDIT_SET,
				       str_dup(a, str_sub(line, 1, line.n)));
	}
	n = read_all(a, d, o, text, docs);
	if (merge_edits_prepare(a, d, o, &list, SEV_NOTE) || n == LAYERS)
		return;
	for (size_t i = 0; i < n; i++) {
		struct merge_results results;
		if (merge_edits_apply(a, d, &list, NULL, docs[i], &results) || results.n != 1)
			return;
		fresh[i] = results.p[0];
	}
	edit_text(a, d, o, "fuzz", text, docs, fresh, n, &out);
	if (n) {
		struct doc_comment *comments;
		comments_read(a, d, "fuzz", text, &comments, &n);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	struct diag parent = { .program = "fuzz", .arena = &a }, d;
	struct read_options o = { .input = FORMAT_YAML, .max_nodes = 20000 };
	struct node *layers[LAYERS], *other[LAYERS], *out;
	struct merge_rules *rules = NULL;
	str part[SECTIONS];
	size_t n;

	if (size < 2)
		return 0;
	diag_fork(&d, &parent, &a);
	split((str){ (const char *)data + 1, size - 1 }, part);
	n = read_all(&a, &d, &o, part[0], layers);
	if (read_all(&a, &d, &o, part[1], other))
		rules = merge_rules_read(&a, &d, other[0]);
	merge_all(&a, &d, data[0], rules, layers, n);
	if (n && read_all(&a, &d, &o, part[2], other)) {
		merge_json_patch(&a, &d, layers[0], other[0]);
		merge_patch(&a, layers[0], other[0]);
		merge_strategic(&a, &d, (struct kube_cursor){ 0 }, MERGE_ORDER_SERVER, NULL, layers[0], other[0], &out);
	}
	edit(&a, &d, &o, part[0], part[3]);
	arena_free(&a);
	return 0;
}
