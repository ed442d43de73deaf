/* SPDX-License-Identifier: MIT */
/* Any bytes as rules, and as the layers that they speak of. */
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
	struct node *list;
	if (!read_text(&f.a, &f.diag, &f.read, "rules", second_part(text), &list)) {
		struct merge_rules *rules = merge_rules_read(&f.a, &f.diag, list);
		if (rules)
			merge_all(&f.a, &f.diag, data[0], rules, docs, n);
	}
	arena_free(&f.a);
	return 0;
}
