/* SPDX-License-Identifier: MIT */
/* What Argo CD makes of names, which names its patterns take, how parameters become texts. */
#include "argocd/internal.h"

#include "check.h"

struct fixture {
	struct arena a;
	struct diag d;
};

static struct node *parse(struct fixture *f, const char *text)
{
	struct node *n = NULL;

	CHECK(read_text(&f->a, &f->d, &(struct read_options){ 0 }, "t.yaml", str_of(text), &n) == 0);
	return n;
}

static void names(struct fixture *f)
{
	static const struct {
		const char *given, *want;
	} cases[] = {
		{ "Team_A", "team-a" }, { "-.x.-", "x" }, { "\303\204pfel", "pfel" }, { "a/b c", "a-b-c" }, { "...", "" }, { "1.2", "1.2" },
		{ "\342\204\252elvin", "kelvin" }, { "", "" },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		CHECK_STR(sanitize_name(&f->a, str_of(cases[i].given)), str_of(cases[i].want));
	struct buf b = BUF(&f->a);
	buf_fill(&b, 'x', 300);
	CHECK(sanitize_name(&f->a, buf_str(&b)).n == 253);
}

static void slugs(struct fixture *f)
{
	static const struct {
		const char *given;
		size_t max;
		bool whole;
		const char *want;
	} cases[] = {
		{ "One Two Three", 50, true, "one-two-three" }, { "One Two Three", 9, true, "one-two" }, { "One Two Three", 7, true, "one-two" },
		{ "One Two Three", 9, false, "one-two-t" },	{ "One Two Three", 8, false, "one-two" }, { "onetwo", 3, true, "one" },
		{ "a..b__c", 50, true, "a-b-c" },		{ "x", 0, true, "x" },			 { "x", 0, false, "" },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		CHECK_STR(slugify(&f->a, str_of(cases[i].given), cases[i].max, cases[i].whole), str_of(cases[i].want));
}

static void patterns(struct fixture *f)
{
	static const struct {
		const char *pattern, *name;
		bool any_depth, pathspec;
	} cases[] = {
		{ "*.yaml", "a/b.yaml", true, true },	     { "a/*", "a/b/c", true, true },  { "{a,b}/*.yaml", "b/x.yaml", true, false },
		{ "a", "a/b", false, true },		     { "a/", "a/b", false, true },    { "a", "ab", false, false },
		{ "a/**/c.json", "a/b/d/c.json", true, true }, { "a?b", "a/b", true, true },     { "[!a]x", "bx", true, true },
		{ "[!a]x", "ax", false, false },	     { "./a/*.j", "a/x.j", false, true }, { ".", "any/thing", false, true },
		{ "a\\*b", "a*b", true, true },		     { "a\\*b", "axb", false, false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		str pattern = str_of(cases[i].pattern), name = str_of(cases[i].name);
		CHECK(match_any_depth(&f->a, pattern, name) == cases[i].any_depth);
		CHECK(match_pathspec(&f->a, pattern, name) == cases[i].pathspec);
	}
}

static void texts(struct fixture *f)
{
	struct node *n = parse(f, "{a: {b: 1, c: [x, 2.5, null]}, big: 1000000, t: true, e: {}, s: '1'}"), *flat = node_new(&f->a, NODE_MAP);

	flatten(&f->a, flat, S(""), n);
	CHECK_STR(json_text(&f->a, flat), S("{\"a.b\":\"1\",\"a.c.0\":\"x\",\"a.c.1\":\"2.5\",\"a.c.2\":\"<nil>\",\"big\":\"1e+06\",\"t\":\"true\",\"s\":\"1\"}"));
	CHECK_STR(param_text(&f->a, n->entries[0].value), S("map[b:1 c:[x 2.5 <nil>]]"));
}

static void merging(struct fixture *f)
{
	struct node *own = parse(f, "{a: {x: '', o: 1}, keep: [1], gone: false, spec: {valuesObject: {p: 1}}}");
	struct node *below = parse(f, "{a: {x: below, z: 2}, keep: [2, 3], gone: true, spec: {valuesObject: {q: 1}}}");

	CHECK_STR(json_text(&f->a, merge_under(&f->a, own, below)),
		  S("{\"a\":{\"x\":\"below\",\"o\":1,\"z\":2},\"keep\":[1],\"gone\":true,\"spec\":{\"valuesObject\":{\"p\":1}}}"));
}

static void selectors(struct fixture *f)
{
	struct node *labels = parse(f, "{tier: gold, num: '1'}");
	static const struct {
		const char *selector;
		bool takes;
	} cases[] = {
		{ "{}", true },
		{ "{matchLabels: {tier: gold, num: '1'}}", true },
		{ "{matchLabels: {tier: silver}}", false },
		{ "{matchLabels: {none: ''}}", false },
		{ "{matchExpressions: [{key: tier, operator: In, values: [a, gold]}]}", true },
		{ "{matchExpressions: [{key: tier, operator: NotIn, values: [gold]}]}", false },
		{ "{matchExpressions: [{key: none, operator: NotIn, values: [gold]}]}", true },
		{ "{matchExpressions: [{key: none, operator: In, values: ['']}]}", false },
		{ "{matchExpressions: [{key: none, operator: DoesNotExist}, {key: num, operator: Exists}]}", true },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		CHECK(selects(parse(f, cases[i].selector), labels) == cases[i].takes);
}

int main(void)
{
	struct fixture f = { 0 };

	f.d = (struct diag){ .program = "test", .arena = &f.a };
	names(&f);
	slugs(&f);
	patterns(&f);
	texts(&f);
	merging(&f);
	selectors(&f);
	arena_free(&f.a);
	return check_done();
}
