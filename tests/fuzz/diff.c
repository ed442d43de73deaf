/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as desired and live (parted by 0x01): compared without harm, in
 * every mode and report; a document is itself; the patch makes live desired.
 */
#include "diff/diff.h"
#include "merge/merge.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char names[2][64];

static void clean(void)
{
	unlink(names[0]);
	unlink(names[1]);
}

static const char *write_file(int which, str text)
{
	if (!names[which][0]) {
		strcpy(names[which], "/tmp/fuzz-diff-XXXXXX");
		close(mkstemp(names[which]));
		atexit(clean);
	}
	int fd = open(names[which], O_WRONLY | O_TRUNC);
	if (fd < 0 || write(fd, text.p, text.n) != (ssize_t)text.n)
		abort();
	close(fd);
	return names[which];
}

static int compare(struct diff *x, struct arena *a, const struct diff_options *o, str desired, str live)
{
	struct diag parent = { .program = "fuzz", .arena = a }, d;

	diag_fork(&d, &parent, a);
	int bad = diff_run(x, a, &d, o, write_file(0, desired), write_file(1, live));
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
	str text = { (const char *)data + 1, size - 1 };
	ptrdiff_t end = str_chr(text, 1);
	str desired = str_sub(text, 0, end < 0 ? text.n : (size_t)end), live = end < 0 ? desired : str_sub(text, (size_t)end + 1, text.n);
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
