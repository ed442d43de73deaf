/* SPDX-License-Identifier: MIT */
/* Any bytes as JSON Patch, merge patch and strategic merge patch: the document that was read stays as it was. */
#include "layers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzzed f;
	struct node *patch, *out;

	if (!fuzz_begin(&f, data, size))
		return 0;
	if (f.n && !read_text(&f.a, &f.diag, &f.read, "patch", f.second, &patch)) {
		struct node *doc = f.docs[0], *before = node_copy(&f.a, doc);
		merge_json_patch(&f.a, &f.diag, doc, patch);
		merge_patch(&f.a, doc, patch);
		merge_strategic(&f.a, &f.diag, (struct kube_cursor){ 0 }, f.flags % 3, f.flags & 8 ? history_new(&f.a) : NULL, doc, patch, &out);
		if (!node_equal(before, doc))
			abort();
	}
	arena_free(&f.a);
	return 0;
}
