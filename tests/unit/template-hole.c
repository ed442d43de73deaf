/* SPDX-License-Identifier: MIT */
/* `${jq}` templates in memory: what they make, with comments, and what they refuse. */
#include "check.h"

#include "template/template.h"

struct bench {
	struct arena a;
	struct diag parent, d;
	struct holes *h;
	struct buf out;
};

static int put(void *ctx, struct node *doc)
{
	struct bench *b = ctx;

	if (b->out.n)
		buf_add(&b->out, S("---\n"));
	buf_add(&b->out, holes_yaml(b->h, &b->a, doc));
	return 0;
}

/* What the template makes of the values, or the message. */
static str made(struct bench *b, const char *template, const char *values)
{
	const struct read_options read = { .input = FORMAT_YAML };
	const struct hole_options o = { .read = read, .max_steps = 3000, .max_nodes = 5000 };
	struct node *v = NULL;

	*b = (struct bench){ 0 };
	b->parent = (struct diag){ .program = "hole", .arena = &b->a };
	b->out = BUF(&b->a);
	diag_fork(&b->d, &b->parent, &b->a);
	CHECK(read_text(&b->a, &b->d, &read, "v.yaml", str_of(values), &v) == 0);
	b->h = holes_load_text(&b->a, &b->d, &o, "t.yaml", str_of(template));
	if (!b->h || holes_render(b->h, &b->a, v, put, b) < 0) {
		struct finding *f = diag_held_at(&b->d, 0);
		b->out.n = 0;
		if (f)
			finding_text(&b->out, f, "hole", false);
	}
	holes_free(b->h);
	return buf_str(&b->out);
}

int main(void)
{
	static const struct {
		const char *template, *values, *want;
	} cases[] = {
		{ "a: ${.x}\nb: ${.x}-${.z}\n", "x: 1.10\nz: w\n", "a: 1.10\nb: 1.10-w\n" },
		{ "# top\na: ${.x} # behind\n", "# of values\nx: {z: 1} # no\n", "# top\na: # behind\n  z: 1\n" },
		{ "l:\n# first\n- ${.l[]} # here\n# last\n- b\n", "l: [1, 2]\n", "l:\n# first\n- 1 # here\n- 2\n# last\n- b\n" },
		{ "# each\n$for: x in .l\n# q\nq: ${$x}\n---\n# two\nb: 1\n# end\n", "l: [1, 2]\n",
		  "# each\n# q\nq: 1\n---\n# each\n# q\nq: 2\n---\n# two\nb: 1\n# end\n" },
		{ "# alone\n${.x}\n", "x: 1\n", "# alone\n1\n" },
		{ "# c\nm: {$if: .t, $then: {a: 1}} # d\n", "t: true\n", "# c\nm: # d\n  a: 1\n" },
		{ "m:\n  # deep\n  a: {b: 1}\n  $if: true\n  $then: {a: {c: 2}}\n", "x: 1\n", "m:\n  # deep\n  a:\n    b: 1\n    c: 2\n" },
		{ "t: |\n  # text ${.x}\n  b\n", "x: 1\n", "t: |\n  # text 1\n  b\n" },
		{ "a: ${.x.z}\n", "x: {w: 1}\n", "t.yaml:1:6: error: " },
		{ "$for: a in [range(150)]\n$do:\n  $for: b in [range(150)]\n  $if: false\n", "x: 1\n", "t.yaml:4:8: error: the template takes too many steps" },
		{ "- ${range(6000)}\n", "x: 1\n", "error: the template makes too many nodes" },
		{ "a: ${.x | f}\n", "x: 1\n", "t.yaml:1:11: error: f/0 is not defined" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct bench b;
		str got = made(&b, cases[i].template, cases[i].values), want = str_of(cases[i].want);
		if (str_find(want, S("error: ")) >= 0 ? !CHECK(str_find(got, want) >= 0) : !CHECK_STR(got, want))
			fprintf(stderr, "\tof %s\tgot %.*s", cases[i].template, STR_ARG(got));
		arena_free(&b.a);
	}
	return check_done();
}
