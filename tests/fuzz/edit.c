/* SPDX-License-Identifier: MIT */
/* Any bytes as a file and as edits of it, a line each: what is written in place reads as it should (edit_text proves it), comments too. */
#include "layers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void edit(struct arena *a, struct diag *d, const struct read_options *o, str text, str edits, struct node **docs, size_t n)
{
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
	struct node *docs[LAYERS];
	struct fuzzed f;
	str text;
	size_t n;

	if (size < 2)
		return 0;
	fuzz_begin(&f);
	text = (str){ (const char *)data + 1, size - 1 };
	n = read_all(&f.a, &f.diag, &f.read, first_part(text), docs);
	edit(&f.a, &f.diag, &f.read, first_part(text), second_part(text), docs, n);
	arena_free(&f.a);
	return 0;
}
