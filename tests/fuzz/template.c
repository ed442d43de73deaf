/* SPDX-License-Identifier: MIT */
/* Go templates as hostile input: parsed, and executed under small budgets with a few values. */
#include "template/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	struct diag parent = { .program = "fuzz", .arena = &a }, d;
	struct read_options o = { .input = FORMAT_YAML };
	struct node *n = NULL;
	struct tmpl_lines lines = { 0 };
	struct buf out = BUF(&a);

	if (size > 4096)
		return 0;
	diag_fork(&d, &parent, &a);
	if (read_text(&a, &d, &o, "v", S("s: text\ni: 5\nf: 1.5\nt: true\nm: {a: 1, b: {c: x}}\nl: [1, a, null]\n"), &n))
		__builtin_trap();
	struct tmpl_set *s = tmpl_set_new(&a, &d, NULL);
	struct tmpl_exec x = { .set = s, .a = &a, .diag = &d, .max_steps = 20000, .max_output = 1 << 20, .max_depth = 50, .now = 1, .lines = &lines };

	if (tmpl_parse(s, "t", S("t"), str_copy(&a, (str){ (const char *)data, size })) == 0)
		tmpl_exec(&x, S("t"), val_of_node(&a, n), &out);
	arena_free(&a);
	return 0;
}
