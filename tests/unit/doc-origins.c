/* SPDX-License-Identifier: MIT */
/* Origins: what is written beside an output comes back as the positions of the output's nodes. */
#include "check.h"

#include "doc/doc.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct arena a;
static struct diag d = { .program = "test", .arena = &a, .least = SEV_ERROR };
static char file[] = "/tmp/origins-XXXXXX";

static struct node *document(const char *name, const char *text, struct origins *from)
{
	const struct read_options o = { .origins = from };
	struct node *n = NULL;

	CHECK(read_text(&a, &d, &o, name, str_of(text), &n) == 0);
	return n ? n : node_new(&a, NODE_NULL);
}

static void place(struct node *root, const char *pointer, const char *name, unsigned line, unsigned col)
{
	struct path p;
	struct node *n;

	CHECK(path_parse(&a, str_of(pointer), &p, NULL) == 0);
	n = path_get(&p, root);
	if (!CHECK(n != NULL))
		return;
	str got = str_printf(&a, "%s:%u:%u", node_pos(n).file, (unsigned)n->line, (unsigned)n->col);
	if (!CHECK_STR(got, str_printf(&a, "%s:%u:%u", name, line, col)))
		fprintf(stderr, "\tat %s\n", pointer);
}

static void trees(void)
{
	struct node *x = document("x.yaml", "a: 1\nb:\n  c: [2, 3]\n", NULL), *y = document("y.yaml", "\n\nd: 4\n", NULL);
	struct node *merged = node_clone(&a, x);
	struct origins_writer *w = origins_create(&a, &d, file);

	node_put(&a, merged, S("d"), node_get(y, S("d")));
	node_put(&a, merged, S("made"), node_int(&a, 5));
	CHECK(w != NULL);
	origins_put(w, y);
	origins_put(w, merged);
	CHECK(origins_close(w) == 0);

	struct origins *o = origins_read(&a, &d, file);
	if (!CHECK(o != NULL))
		return;
	/* as the output reads: flow, with a key that the file does not know */
	struct node *first = document("out.yaml", "d: 4\n", NULL), *second = document("out.yaml", "{b: {c: [2, 3], new: {deep: 1}}, d: 4, a: 1, made: 5}", NULL);
	origins_apply(o, 0, first);
	place(first, "/d", "y.yaml", 3, 4);
	origins_apply(o, 1, second);
	place(second, "/a", "x.yaml", 1, 4);
	place(second, "/b/c/1", "x.yaml", 3, 10);
	place(second, "/d", "y.yaml", 3, 4);
	place(second, "/b/new/deep", "x.yaml", 3, 3);
	place(second, "/made", "x.yaml", 1, 1);
	struct entry *e = node_entry(second, S("b"));
	CHECK(e && e->line == 2 && e->col == 1);
	/* one more document than is known: as it was */
	struct node *third = document("out.yaml", "z: 1", NULL);
	origins_apply(o, 2, third);
	place(third, "/z", "out.yaml", 1, 4);
	origins_free(o);
}

static void lines(void)
{
	struct pos at[] = { { "t.yaml", 7, 3 }, { "values.yaml", 2, 1 }, { 0 }, { "t.yaml", 9, 1 } };
	struct origins_writer *w = origins_create(&a, &d, file);

	struct pos set[] = { { 0 }, { "values.yaml", 5, 9 } };

	origins_put_lines(w, at, NULL, 2);
	origins_put_lines(w, at + 2, set, 2);
	CHECK(origins_close(w) == 0);
	struct origins *o = origins_read(&a, &d, file);
	if (!CHECK(o != NULL))
		return;
	struct node *n = document("out.yaml", "a: 1\nb: &x\n- 3\nc: *x\n", o);
	place(n, "/a", "t.yaml", 7, 3);
	place(n, "/b/0", "values.yaml", 2, 1); /* a line that came from nowhere: as the one above */
	place(n, "/c", "values.yaml", 2, 1);
	n = document("out.yaml", "\n\n\na: {b: 1}\n", o); /* a line with a value: scalars are from where that was set */
	place(n, "/a", "t.yaml", 9, 1);
	place(n, "/a/b", "values.yaml", 5, 9);
	struct pos key = entry_pos(node_entry(node_get(n, S("a")), S("b")));
	CHECK(key.file && !strcmp(key.file, "t.yaml") && key.line == 9);
	origins_free(o);
}

static void no_origins(void)
{
	struct diag quiet;

	diag_fork(&quiet, &d, &a);
	CHECK(file_write(&a, &d, file, 0600, S("{\"a\":1}\n")) == 0);
	CHECK(origins_read(&a, &quiet, file) == NULL && quiet.troubles == 1);
	CHECK(file_write(&a, &d, file, 0600, S("")) == 0);
	CHECK(origins_read(&a, &quiet, file) == NULL && quiet.troubles == 2);
}

int main(void)
{
	int fd = mkstemp(file);

	if (fd < 0)
		return 2;
	close(fd);
	trees();
	lines();
	no_origins();
	unlink(file);
	arena_free(&a);
	return check_done();
}
