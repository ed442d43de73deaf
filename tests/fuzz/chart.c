/* SPDX-License-Identifier: MIT */
/*
 * Charts as hostile input, rendered under small budgets: a packed chart's tar
 * where the bytes are one, else the texts of its files, parted by 0x01.
 */
#include "chart/internal.h"
#include "parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = {
	"Chart.yaml", "values.yaml", "templates/a.yaml", "templates/_h.tpl", "charts/sub/Chart.yaml", "charts/sub/values.yaml",
	"charts/sub/templates/b.yaml", "values.schema.json", "crds/c.yaml", "requirements.yaml", "files/f.txt", "templates/NOTES.txt",
};

static void add_file(struct arena *a, struct chart_files *files, const char *name, str data)
{
	*VEC_ADD(a, files) = (struct chart_file){ .name = str_of(name), .data = str_copy(a, data), .path = name };
}

static struct node *split(struct arena *a, struct diag *d, str all, struct chart_files *files)
{
	const struct read_options o = { .input = FORMAT_YAML, .duplicates = 1, .max_nodes = 10000 };
	struct node *values = NULL;

	for (size_t i = 0; i <= COUNT(names); i++) {
		str part = next_part(&all);
		if (i == 0 && (read_text(a, d, &o, "values", str_copy(a, part), &values) || values->kind != NODE_MAP))
			values = node_new(a, NODE_MAP);
		if (i && part.n)
			add_file(a, files, names[i - 1], part);
	}
	return values;
}

static int look(void *ctx, struct node *doc)
{
	(void)ctx;
	(void)doc;
	return 0;
}

static void render(struct arena *a, struct diag *d, struct chart *c, struct node *values)
{
	const struct release r = { .include_crds = true, .max_steps = 20000, .max_output = 1 << 20 };
	struct out *o = out_memory(a, d);
	struct rendered out;

	if (chart_render(c, a, d, &r, values, &out) < 0)
		return;
	rendered_text(o, &out, NULL);
	rendered_docs(a, d, &out, look, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	struct diag parent = { .program = "fuzz", .arena = &a }, d;
	str all = { (const char *)data, size };
	struct chart_files files = { 0 };
	struct node *values;

	if (size > 16384)
		return 0;
	diag_fork(&d, &parent, &a);
	if (chart_read_archive(&a, &d, "c.tgz", all, &files) == 0) {
		values = node_new(&a, NODE_MAP);
	} else {
		files = (struct chart_files){ 0 };
		values = split(&a, &d, all, &files);
	}
	struct chart *c = chart_build(&a, &d, NULL, "c", &files, 0);
	if (c) {
		c->label = "c";
		c->parsed = NEW(&a, struct parsed);
		c->parsed->lock = lock_new(&a);
		render(&a, &d, c, values);
		chart_close(c);
	}
	arena_free(&a);
	return 0;
}
