/* SPDX-License-Identifier: MIT */
/* Any bytes as rules, and as the layers that they speak of. */
#include "layers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzzed f;
	struct merge_rules *rules;
	struct node *list;

	if (!fuzz_begin(&f, data, size))
		return 0;
	if (!read_text(&f.a, &f.diag, &f.read, "rules", f.second, &list) && (rules = merge_rules_read(&f.a, &f.diag, list)))
		merge_all(&f, rules);
	arena_free(&f.a);
	return 0;
}
