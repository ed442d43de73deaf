/* SPDX-License-Identifier: MIT */
/* Any bytes as a file and as edits of it, a line each: what is written in place reads as it should (edit_text proves it), comments too. */
#include "layers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void edit(struct fuzzed *f)
{
	struct arena *a = &f->a;
	struct diag *d = &f->diag;
	const struct read_options *o = &f->read;
	str edits = f->second;
	struct merge_edits list = { 0 };
	struct node *fresh[LAYERS];
	str out;

	while (edits.n && list.n < 8) {
		ptrdiff_t end = str_chr(edits, '\n');
		str line = str_sub(edits, 0, end < 0 ? edits.n : (size_t)end);
		edits = end < 0 ? S("") : str_sub(edits, (size_t)end + 1, edits.n);
		if (line.n > 1)
			merge_edit_add(a, &list, line.p[0] == '-' ? EDIT_DELETE : line.p[0] == '"' ? EDIT_SET_STRING : line.p[0] == '~' ? EDIT_RENAME : EDIT_SET,
				       str_dup(a, str_sub(line, 1, line.n)));
	}
	if (merge_edits_prepare(a, d, o, &list, SEV_NOTE) || f->n == LAYERS)
		return;
	for (size_t i = 0; i < f->n; i++) {
		struct merge_results results;
		if (merge_edits_apply(a, d, &list, NULL, f->docs[i], &results) || results.n != 1)
			return;
		fresh[i] = results.p[0];
	}
	edit_text(a, d, o, "fuzz", f->text, f->docs, fresh, f->n, &out);
	if (f->n) {
		struct doc_comment *comments;
		size_t n;
		comments_read(a, d, "fuzz", f->text, &comments, &n);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzzed f;

	if (!fuzz_begin(&f, data, size))
		return 0;
	edit(&f);
	arena_free(&f.a);
	return 0;
}
