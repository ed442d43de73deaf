/* SPDX-License-Identifier: MIT */
/* Any bytes as JSON Patch, merge patch and strategic merge patch: the document that was read stays as it was. */
#include "layers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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
	struct node *patch, *out, *before = n ? node_copy(&f.a, docs[0]) : NULL;
	if (n && !read_text(&f.a, &f.diag, &f.read, "patch", second_part(text), &patch)) {
		merge_json_patch(&f.a, &f.diag, docs[0], patch);
		merge_patch(&f.a, docs[0], patch);
		merge_strategic(&f.a, &f.diag, (struct kube_cursor){ 0 }, data[0] % 3, data[0] & 8 ? history_new(&f.a) : NULL, docs[0], patch, &out);
		if (!node_equal(before, docs[0]))
			abort();
	}
	arena_free(&f.a);
	return 0;
}
