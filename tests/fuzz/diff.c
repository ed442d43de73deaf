/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as desired and live (parted by 0x01): compared without harm, in
 * every mode and report; a document is itself; the patch makes live desired.
 */
#include "memory_file.h"
#include "parts.h"

#include "diff/diff.h"
#include "merge/merge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int compare(struct diff *x, struct arena *a, const struct diff_options *o, str desired, str live)
{
	struct diag parent = { .program = "fuzz", .arena = a }, d;
	struct memory_file files[2];

	diag_fork(&d, &parent, a);
	memory_file_make(&files[0], desired);
	memory_file_make(&files[1], live);
	int bad = diff_run(x, a, &d, o, files[0].path, files[1].path);
	close(files[0].fd);
	close(files[1].fd);
	return bad || d.troubles ? -1 : 0;
}

static size_t drift(const struct diff *x)
{
	return x->count[DIFF_ADDED] + x->count[DIFF_REMOVED] + x->count[DIFF_CHANGED];
}

static void write_reports(struct diff *x, struct arena *a)
{
	static const char *const formats[] = { "text", "json", "patch", "markdown", "html", "metrics", "unified" };
	struct diff_report form = { .diff = x, .color = true };
	struct program program = { .name = "fuzz" };
	struct run run = { .program = &program };
	struct report_set set = { .custom_ctx = &form, .run = &run };

	for (size_t i = 0; i < COUNT(formats); i++)
		diff_write(&set, str_of(formats[i]), out_memory(a, NULL));
	arena_free(&run.perm);
}

static void patch_back(struct arena *a, const struct diff_options *o, const struct diff *x, str desired, str live)
{
	static const char *const ops[] = { "add", "remove", "replace" };
	struct diag parent = { .program = "fuzz", .arena = a }, d;
	const struct read_options *read = &o->read;
	struct node *patch = node_new(a, NODE_SEQ), *doc;
	struct diff again;

	if (x->objects.n != 1 || x->count[DIFF_CHANGED] != 1 || x->objects.p[0]->id.kind.n)
		return;
	for (size_t i = 0; i < x->objects.p[0]->n; i++) {
		const struct diff_change *c = &x->objects.p[0]->p[i];
		struct node *step = node_new(a, NODE_MAP);
		node_put(a, step, S("op"), node_string(a, str_of(ops[c->op])));
		node_put(a, step, S("path"), node_string(a, c->patch));
		if (c->desired)
			node_put(a, step, S("value"), node_clone(a, c->desired));
		node_push(a, patch, step);
	}
	diag_fork(&d, &parent, a);
	if (read_text(a, &d, read, "live", live, &doc))
		return;
	struct node *result = merge_json_patch(a, &d, doc, patch);
	if (!result || compare(&again, a, o, desired, yaml_text(a, result)) || drift(&again))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct diff_options o = { .read = { .input = FORMAT_YAML, .max_nodes = 20000 }, .allow_empty = true };
	struct arena a = { 0 };
	struct diff x;

	if (size < 2 || size > 65536)
		return 0;
	str live = { (const char *)data + 1, size - 1 }, desired = next_part(&live);
	o.generic = data[0] & 1;
	o.fields = data[0] & 2 ? FIELDS_ALL : FIELDS_OWNED;
	o.prune = data[0] & 4;
	o.impact = data[0] & 8;
	if (!compare(&x, &a, &o, desired, live)) {
		write_reports(&x, &a);
		if (o.generic)
			patch_back(&a, &o, &x, desired, live);
	}
	if (!compare(&x, &a, &o, desired, desired) && drift(&x))
		abort();
	arena_free(&a);
	return 0;
}
