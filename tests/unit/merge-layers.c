/* SPDX-License-Identifier: MIT */
/* Layers: what merges, what is shared, whose position wins; that nothing read is changed. */
#include "merge/merge.h"

#include "check.h"

struct fixture {
	struct arena a;
	struct diag d;
};

static struct node *read_yaml(struct fixture *f, const char *name, const char *text)
{
	struct node *n = NULL;

	CHECK(read_text(&f->a, &f->d, &(struct read_options){ 0 }, name, str_of(text), &n) == 0);
	return n;
}

static struct node *merge2(struct fixture *f, const struct merge_options *o, struct node *x, struct node *y)
{
	struct merge *m = merge_begin(&f->a, &f->d, o);

	merge_layer(m, x);
	merge_layer(m, y);
	return merge_end(m);
}

static void check_json(struct fixture *f, const struct node *n, const char *want)
{
	CHECK_STR(json_text(&f->a, n), str_of(want));
}

static void sharing_and_positions(struct fixture *f)
{
	struct node *x = read_yaml(f, "x.yaml", "a: {b: 1, c: 2}\nkept: {d: [1, 2]}\n");
	struct node *y = read_yaml(f, "y.yaml", "\n\na: {b: 9}\n");
	struct node *before = node_copy(&f->a, x), *out = merge2(f, &(struct merge_options){ 0 }, x, y);
	struct node *a = node_get(out, S("a"));

	check_json(f, out, "{\"a\":{\"b\":9,\"c\":2},\"kept\":{\"d\":[1,2]}}");
	CHECK(node_equal(x, before));
	CHECK(node_get(out, S("kept")) == node_get(x, S("kept")));
	CHECK(a != node_get(x, S("a")));
	CHECK_STR(str_of(node_pos(node_get(a, S("b"))).file), S("y.yaml"));
	CHECK(node_pos(node_get(a, S("b"))).line == 3);
	CHECK(entry_pos(node_entry(a, S("b"))).line == 3);
	CHECK(entry_pos(node_entry(a, S("c"))).line == 1);
	CHECK((out->flags & 0x80000000u) == 0);
}

static void helm_is_the_last_step(struct fixture *f)
{
	struct node *chart = read_yaml(f, "values.yaml", "a: {b: 1, nil: null}\nt: null\ns: 1\n");
	struct node *user = read_yaml(f, "user.yaml", "a: {b: null, nil: null, new: null}\nt: null\nfree: null\n");
	struct merge *m = merge_begin(&f->a, &f->d, &(struct merge_options){ .helm = true });
	merge_layer(m, chart);
	merge_layer(m, user);
	struct node *out = merge_end(m);

	check_json(f, out, "{\"a\":{\"nil\":null,\"new\":null},\"s\":1,\"free\":null}");
}

static void strategies_parse(struct fixture *f)
{
	struct merge_strategy s;
	const char *why = NULL;

	CHECK(merge_strategy_parse(&f->a, S("merge:a, b"), &s, &why) && s.how == MERGE_BY_KEY && s.nkeys == 2);
	CHECK_STR(s.keys[1], S("b"));
	CHECK(!merge_strategy_parse(&f->a, S("merge"), &s, &why) && str_find(str_of(why), S("merge:KEY")) >= 0);
	CHECK(!merge_strategy_parse(&f->a, S("merge:a,,b"), &s, &why));
	CHECK(!merge_strategy_parse(&f->a, S("Append"), &s, &why));
}

static void patches_do_not_change_their_input(struct fixture *f)
{
	struct node *doc = read_yaml(f, "d.yaml", "a: [1, {b: 2}]\nc: &x {d: 1}\ne: *x\n"), *before = node_copy(&f->a, doc);
	struct node *patch = read_yaml(f, "p.yaml", "- {op: add, path: /a/1/b, value: 3}\n- {op: add, path: /c/d, value: 5}\n"
						    "- {op: copy, from: /a, path: /z}\n- {op: add, path: /z/1/b, value: 4}\n");
	struct node *out = merge_json_patch(&f->a, &f->d, doc, patch);

	check_json(f, out, "{\"a\":[1,{\"b\":3}],\"c\":{\"d\":5},\"e\":{\"d\":1},\"z\":[1,{\"b\":4}]}");
	CHECK(node_equal(doc, before));
}

static void history_keeps_the_chain(struct fixture *f)
{
	struct merge_options o = { .history = history_new(&f->a) };
	struct merge *m = merge_begin(&f->a, &f->d, &o);
	const char *texts[] = { "x: 1\n", "x: null\n", "x: {z: 3}\n", "x: {z: 4}\n" };
	struct path path;
	struct node *told;

	for (size_t i = 0; i < COUNT(texts); i++)
		merge_layer(m, read_yaml(f, "l.yaml", texts[i]));
	struct node *out = merge_end(m);
	CHECK(path_parse(&f->a, S("x.z"), &path, NULL) == 0);
	told = history_explain(o.history, out, &path);
	CHECK(told->n == 1 && node_get(told->items[0], S("overrides"))->n == 3);
}

int main(void)
{
	struct fixture f = { .d = { .program = "unit", .least = SEV_ERROR } };

	f.d.arena = &f.a;
	sharing_and_positions(&f);
	helm_is_the_last_step(&f);
	strategies_parse(&f);
	patches_do_not_change_their_input(&f);
	history_keeps_the_chain(&f);
	CHECK(f.d.count[SEV_ERROR] == 0);
	arena_free(&f.a);
	return check_done();
}
