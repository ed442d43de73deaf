/* SPDX-License-Identifier: MIT */
/* Any bytes as JSON: read without harm; what was read and written anew reads back equal, as JSON and as YAML. */
#include "tree.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena perm = { 0 }, a = { 0 };
	struct diag parent = { .program = "fuzz", .arena = &perm }, d;
	struct read_options o = { .input = FORMAT_JSON }, yaml = { .input = FORMAT_YAML };
	struct node *n, *again;
	struct reader *r;

	diag_fork(&d, &parent, &perm);
	r = reader_open_text(&perm, &d, &o, "fuzz", (str){ (const char *)data, size });
	while (reader_next(r, &a, &n) > 0) {
		if (read_text(&a, &d, &o, "written", json_text(&a, n), &again) || !node_equal(n, again))
			abort();
		if (has_common_form(n) &&
		    (read_text(&a, &d, &yaml, "written", yaml_text(&a, n), &again) || !node_equal(n, again)))
			abort();
		arena_reset(&a);
	}
	reader_close(r);
	arena_free(&a);
	arena_free(&perm);
	return 0;
}
