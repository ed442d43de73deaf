/* SPDX-License-Identifier: MIT */
/* Paths: both notations, finding, setting, deleting. */
#include "check.h"

#include "doc/doc.h"

static struct arena a;
static struct diag d = { .program = "test", .arena = &a, .least = SEV_WARNING };

static struct node *read(const char *text)
{
	const struct read_options plain = { 0 };
	struct node *n = NULL;

	CHECK(read_text(&a, &d, &plain, "in.yaml", str_of(text), &n) == 0);
	return n ? n : node_new(&a, NODE_NULL);
}

static struct path parse(const char *text)
{
	struct path p;
	const char *error = NULL;

	if (!CHECK(path_parse(&a, str_of(text), &p, &error) == 0))
		fprintf(stderr, "\t%s: %s\n", text, error);
	return p;
}

static void get(const char *doc, const char *path, const char *want)
{
	struct path p = parse(path);
	struct node *n = path_get(&p, read(doc));

	CHECK_STR(n ? json_text(&a, n) : S("nothing"), str_of(want));
}

static void all(const char *doc, const char *path, const char *want)
{
	struct path p = parse(path);
	size_t n;
	struct path_hit *hits = path_find(&a, &p, read(doc), &n);
	struct buf b = BUF(&a);

	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%s%.*s=%.*s", i ? " " : "", STR_ARG(hits[i].pointer), STR_ARG(json_text(&a, hits[i].node)));
	CHECK_STR(buf_str(&b), str_of(want));
}

static void set(const char *doc, const char *path, const char *want)
{
	struct path p = parse(path);
	struct node *root = read(doc), *before = node_copy(&a, root), *old = root;
	const char *error;

	CHECK(path_set(&a, &p, &root, node_int(&a, 9), &error) == 0);
	CHECK_STR(json_text(&a, root), str_of(want));
	CHECK(node_equal(old, before)); /* what was read is not changed */
}

static void refuse(const char *doc, const char *path, const char *why)
{
	struct path p = parse(path);
	struct node *root = read(doc), *old = root;
	const char *error = "";

	CHECK(path_set(&a, &p, &root, node_int(&a, 9), &error) != 0 && root == old);
	if (!CHECK(str_find(str_of(error), str_of(why)) >= 0))
		fprintf(stderr, "\t%s\n", error);
}

static void delete(const char *doc, const char *path, size_t gone, const char *want)
{
	struct path p = parse(path);
	struct node *root = read(doc), *before = node_copy(&a, root), *old = root;

	CHECK_INT((long long)path_delete(&a, &p, &root), (long long)gone);
	CHECK_STR(json_text(&a, root), str_of(want));
	CHECK(node_equal(old, before));
}

static void bad(const char *text)
{
	struct path p;
	const char *error = NULL;

	if (!CHECK(path_parse(&a, str_of(text), &p, &error) != 0 && error))
		fprintf(stderr, "\t%s\n", text);
}

#define DOC "{a: {b: [1, {name: web, v: 2}, {name: db, v: 3}], x.y: 4, '': 5, '*': 6}, l: [[7]]}"

int main(void)
{
	static const char *const wrong[] = { "a..b", "a.", "a[", "a[x", "a[x]", "a[1", "\"a", "a[=x]", "/a~2", "/~", "a]b[", "a[0]b", "\"\\q\"" };

	get(DOC, "a.b[0]", "1");
	get(DOC, ".a.b[-1].v", "3");
	get(DOC, "a.b[name=db].v", "3");
	get(DOC, "a.b[\"name\"=\"web\"].v", "2");
	get(DOC, "a.\"x.y\"", "4");
	get(DOC, "a['x.y']", "4");
	get(DOC, "a.\"\"", "5");
	get(DOC, "a.\"*\"", "6");
	get(DOC, "a.b.1.v", "2");
	get(DOC, "a.b[9]", "nothing");
	get(DOC, "a.nope.x", "nothing");
	get(DOC, "l[0][0]", "7");
	get(DOC, "a.b.*.v", "2");
	get("[1]", "", "[1]");
	get("[1]", ".", "[1]");
	get(DOC, "/a/b/1/name", "\"web\"");
	get(DOC, "/a/x.y", "4");
	get(DOC, "/a/", "5");
	get("{0: z, '-': w, a/b: 1, m~n: 2}", "/0", "\"z\"");
	get("{0: z, '-': w, a/b: 1, m~n: 2}", "/-", "\"w\"");
	get("{0: z, '-': w, a/b: 1, m~n: 2}", "/a~1b", "1");
	get("{0: z, '-': w, a/b: 1, m~n: 2}", "/m~0n", "2");
	get("[1, 2]", "/01", "nothing");
	get("[1, 2]", "/-", "nothing");
	all(DOC, "a.b.*.name", "/a/b/1/name=\"web\" /a/b/2/name=\"db\"");
	all("{x: [{k: 1, v: a}, {k: 1, v: b}]}", "x[k=1].v", "/x/0/v=\"a\" /x/1/v=\"b\"");
	all("{a/b: {m~n: 1}}", "*.*", "/a~1b/m~0n=1");
	set("{a: {b: 1}}", "a.b", "{\"a\":{\"b\":9}}");
	set("{}", "a.b.c", "{\"a\":{\"b\":{\"c\":9}}}");
	set("{a: null}", "a[0].b", "{\"a\":[{\"b\":9}]}");
	set("{a: [1]}", "a[1]", "{\"a\":[1,9]}");
	set("{a: [1]}", "a[-]", "{\"a\":[1,9]}");
	set("{a: [1]}", "/a/-", "{\"a\":[1,9]}");
	set("{a: [1, 2]}", "a[-1]", "{\"a\":[1,9]}");
	set("{a: [{k: p}, {k: q}]}", "a[k=q].v", "{\"a\":[{\"k\":\"p\"},{\"k\":\"q\",\"v\":9}]}");
	set("{a: {x: 1, w: 2}}", "a.*", "{\"a\":{\"x\":9,\"w\":9}}");
	set("&x {a: 1}", "", "9");
	set("{x: &s {v: 1}, w: *s}", "x.v", "{\"x\":{\"v\":9},\"w\":{\"v\":1}}");
	refuse("{a: x}", "a.b", "leads into a string");
	refuse("{a: [1]}", "a[5]", "the list has 1 items");
	refuse("{a: [{k: p}]}", "a[k=z].v", "none has k=z");
	refuse("{a: []}", "a.b", "names no place in a list");
	delete("{a: {b: 1, c: 2}}", "a.b", 1, "{\"a\":{\"c\":2}}");
	delete("{a: [1, 2, 3]}", "a[-1]", 1, "{\"a\":[1,2]}");
	delete("{a: [{k: p}, {k: q}, {k: p}]}", "a[k=p]", 2, "{\"a\":[{\"k\":\"q\"}]}");
	delete("{a: {x: 1, w: 2}}", "a.*", 2, "{\"a\":{}}");
	delete("{a: [{v: 1, w: 1}, {v: 2}]}", "a.*.v", 2, "{\"a\":[{\"w\":1},{}]}");
	delete("{a: 1}", "b.c", 0, "{\"a\":1}");
	for (size_t i = 0; i < COUNT(wrong); i++)
		bad(wrong[i]);
	CHECK_STR(pointer_add_key(&a, S("/x"), S("a/b~c")), S("/x/a~1b~0c"));
	CHECK_STR(pointer_add_index(&a, S(""), 7), S("/7"));
	arena_free(&a);
	return check_done();
}
