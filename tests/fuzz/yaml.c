/* SPDX-License-Identifier: MIT */
/* Any bytes as YAML: read without harm; what was read and written anew reads back equal, in both versions. */
#include "tree.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_back(struct arena *a, struct diag *d, const struct read_options *o, const struct node *n, str text)
{
	struct node *again;

	if (read_text(a, d, o, "written", text, &again) || !node_equal(n, again))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena perm = { 0 }, a = { 0 };
	struct diag parent = { .program = "fuzz", .arena = &perm }, d;
	struct read_options o = { .input = FORMAT_YAML, .max_nodes = 20000 };
	struct read_options core = { .input = FORMAT_YAML, .yaml = YAML_1_2 }, kubernetes = { .input = FORMAT_YAML }, json = { .input = FORMAT_JSON };
	struct reader *r;
	struct node *n;

	if (!size)
		return 0;
	diag_fork(&d, &parent, &perm);
	o.yaml = data[0] & 1 ? YAML_1_2 : YAML_KUBERNETES;
	o.duplicates = data[0] >> 1 & 1;
	if (data[0] & 4)
		o.input = FORMAT_AUTO;
	r = reader_open_text(&perm, &d, &o, "fuzz", (str){ (const char *)data + 1, size - 1 });
	while (reader_next(r, &a, &n) > 0) {
		str text = yaml_text(&a, n);

		if (has_common_form(n))
			read_back(&a, &d, &kubernetes, n, text);
		read_back(&a, &d, &core, n, text);
		if (has_json_form(n))
			read_back(&a, &d, &json, n, json_text(&a, n));
		arena_reset(&a);
	}
	reader_close(r);
	arena_free(&a);
	arena_free(&perm);
	return 0;
}
