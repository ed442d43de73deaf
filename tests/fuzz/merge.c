/* SPDX-License-Identifier: MIT */
/* Any bytes as layers, with tags: merged without harm, with and without history, and what was read unchanged. */
#include "layers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzzed f;

	if (!fuzz_begin(&f, data, size))
		return 0;
	merge_all(&f, NULL);
	arena_free(&f.a);
	return 0;
}
