/* SPDX-License-Identifier: MIT */
/*
 * `${jq}` templates as hostile input: a template and values, parted by 0x01.
 * What is made with the template's comments must read as what is made without.
 */
#include "parts.h"
#include "template/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int look(void *ctx, struct node *doc)
{
	struct arena a = { 0 };

	(void)ctx;
	(void)yaml_text(&a, doc);
	arena_free(&a);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	struct diag parent = { .program = "fuzz", .arena = &a }, d;
	struct read_options read = { .input = FORMAT_YAML, .max_nodes = 20000 };
	struct hole_options o = { .read = read, .max_nodes = 20000, .max_steps = 20000 };
	struct node *values = NULL;
	str second = { (const char *)data, size };

	if (size > 4096 || str_find(second, S("incl")) >= 0) /* files are not for the fuzzer */
		return 0;
	str first = next_part(&second);
	diag_fork(&d, &parent, &a);
	if (read_text(&a, &d, &read, "v", str_copy(&a, second), &values) || values->kind != NODE_MAP)
		values = node_new(&a, NODE_MAP);
	struct holes *h = holes_load_text(&a, &d, &o, "t.yaml", str_copy(&a, first));
	if (h) {
		holes_render(h, &a, values, look, h);
		holes_free(h);
	}
	arena_free(&a);
	return 0;
}
