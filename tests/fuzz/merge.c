/* SPDX-License-Identifier: MIT */
/* Any bytes as layers, with tags: merged without harm, with and without history, and what was read unchanged. */
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
	n = read_all(&f.a, &f.diag, &f.read, text, docs);
	merge_all(&f.a, &f.diag, data[0], NULL, docs, n);
	arena_free(&f.a);
	return 0;
}
