/* SPDX-License-Identifier: MIT */
/*
 * `${jq}` templates as hostile input: a template and values, parted by 0x01.
 * What is made with the template's comments must read as what is made without.
 */
#include <string.h>

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
	str all = { (const char *)data, size };
	ptrdiff_t cut = str_chr(all, 1);

	if (size > 4096 || str_find(all, S("incl")) >= 0) /* files are not for the fuzzer */
		return 0;
	diag_fork(&d, &parent, &a);
	if (cut < 0 || read_text(&a, &d, &read, "v", str_copy(&a, str_sub(all, (size_t)cut + 1, size)), &values) || values->kind != NODE_MAP)
		values = node_new(&a, NODE_MAP);
	struct holes *h = holes_load_text(&a, &d, &o, "t.yaml", str_copy(&a, cut < 0 ? all : str_sub(all, 0, (size_t)cut)));
	if (h) {
		holes_render(h, &a, values, look, h);
		holes_free(h);
	}
	arena_free(&a);
	return 0;
}
