/* SPDX-License-Identifier: MIT */
/* The parts of a chart's rendering: values, globs, ignored files, and charts that are made in memory. */
#include "check.h"

#include "chart/internal.h"

struct bench {
	struct arena a;
	struct diag parent, d;
};

static void setup(struct bench *b)
{
	*b = (struct bench){ 0 };
	b->parent = (struct diag){ .program = "chart", .arena = &b->a };
	diag_fork(&b->d, &b->parent, &b->a);
}

static struct node *yaml(struct bench *b, const char *text)
{
	const struct read_options o = { .input = FORMAT_YAML, .duplicates = 1 };
	struct node *n = NULL;

	CHECK(read_text(&b->a, &b->d, &o, "values.yaml", str_of(text), &n) == 0);
	return n;
}

static const char *said(struct bench *b)
{
	struct finding *f = diag_held_at(&b->d, 0);
	struct buf text = BUF(&b->a);

	if (!f)
		return "";
	finding_text(&text, f, "chart", false);
	buf_char(&text, '\0');
	return text.p;
}

static str set(struct bench *b, enum strvals_kind kind, const char *text)
{
	struct node *map = yaml(b, "a: {b: 1, c: [x, z]}\n");

	return strvals_set(&b->a, &b->d, kind, "--set", str_of(text), &map) < 0 ? S("refused") : json_text(&b->a, map);
}

static void values(void)
{
	struct bench b;

	setup(&b);
	CHECK_STR(set(&b, STRVALS_TYPED, "a.b=2,d=true"), S("{\"a\":{\"b\":2,\"c\":[\"x\",\"z\"]},\"d\":true}"));
	CHECK_STR(set(&b, STRVALS_TYPED, "a.c[1]=w,e\\.f=1"), S("{\"a\":{\"b\":1,\"c\":[\"x\",\"w\"]},\"e.f\":1}"));
	CHECK_STR(set(&b, STRVALS_TYPED, "a=null"), S("{\"a\":null}"));
	CHECK_STR(set(&b, STRVALS_TYPED, "a.c={1,two}"), S("{\"a\":{\"b\":1,\"c\":[1,\"two\"]}}"));
	CHECK_STR(set(&b, STRVALS_STRING, "a.b=2"), S("{\"a\":{\"b\":\"2\",\"c\":[\"x\",\"z\"]}}"));
	CHECK_STR(set(&b, STRVALS_JSON, "a={\"x\":[1]}"), S("{\"a\":{\"x\":[1]}}"));
	CHECK_STR(set(&b, STRVALS_TYPED, "a[0"), S("refused"));
	CHECK_STR(json_text(&b.a, values_merge(&b.a, yaml(&b, "a: {b: 1, c: 2}\nl: [1]"), yaml(&b, "a: {b: null}\nl: []"))), S("{\"a\":{\"b\":null,\"c\":2},\"l\":[]}"));
	arena_free(&b.a);
}

static void globs(void)
{
	static const struct {
		const char *pattern, *name;
		bool is;
	} cases[] = {
		{ "files/*", "files/a", true }, { "files/*", "files/a/b", false }, { "**", "a/b/c", true }, { "files/**.txt", "files/a/b.txt", true },
		{ "{a,b}/x", "b/x", true },	{ "{a,b}/x", "c/x", false },	    { "[a-c]?", "bz", true }, { "[!a]", "a", false },
		{ "a[", "a[", false },		{ "\\*", "*", true },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		CHECK(chart_glob(str_of(cases[i].pattern), str_of(cases[i].name)) == cases[i].is);
	CHECK(go_match(S("a*b?[0-9]"), S("axxbc7")) == 1);
	CHECK(go_match(S("a*"), S("a/b")) == 0);
	CHECK(go_match(S("["), S("a")) == -1);
}

static void ignored(void)
{
	struct ignore rules = { 0 };
	struct bench b;

	setup(&b);
	CHECK(ignore_parse(&b.a, &b.d, ".helmignore", S("# c\n*.bak\n/top\ndocs/\n"), &rules) == 0);
	CHECK(ignore_match(&rules, S("x/y.bak"), false));
	CHECK(ignore_match(&rules, S("top"), false));
	CHECK(!ignore_match(&rules, S("x/top"), false));
	CHECK(ignore_match(&rules, S("docs"), true));
	CHECK(!ignore_match(&rules, S("docs"), false));
	CHECK(!ignore_match(&rules, S("x"), false));
	arena_free(&b.a);
}

static void versions(void)
{
	struct bench b;

	setup(&b);
	CHECK_STR(kube_version_normal(&b.a, S("1.30")), S("v1.30.0"));
	CHECK_STR(kube_version_normal(&b.a, S("v1.30.2")), S("v1.30.2"));
	CHECK_STR(kube_version_normal(&b.a, S("new")), S(""));
	arena_free(&b.a);
}

static void add(struct bench *b, struct chart_files *files, const char *name, const char *data)
{
	*VEC_ADD(&b->a, files) = (struct chart_file){ .name = str_of(name), .data = str_of(data), .path = name };
}

static struct chart *build(struct bench *b, struct chart_files *files)
{
	struct chart *c = chart_build(&b->a, &b->d, NULL, "c", files, 0);

	if (c) {
		c->label = "c";
		c->parsed = NEW(&b->a, struct parsed);
		c->parsed->lock = lock_new(&b->a);
	}
	return c;
}

static void places(void)
{
	struct chart_files files = { 0 };
	struct rendered out = { 0 };
	const struct release r = { .name = "r" };
	struct bench b;

	setup(&b);
	add(&b, &files, "Chart.yaml", "{apiVersion: v2, name: c, version: 1.0.0}");
	add(&b, &files, "values.yaml", "name: text\n");
	add(&b, &files, "templates/x.yaml", "{{/* one */}}\n---\nkind: ConfigMap\nn: {{ .Values.name }}\n---\nkind: Namespace\n");
	struct chart *c = build(&b, &files);
	if (CHECK(c && chart_render(c, &b.a, &b.d, &r, yaml(&b, "m: 1\n"), &out) == 0) && CHECK(out.n == 2)) {
		CHECK_STR(out.p[0].text, S("kind: Namespace")); /* in Helm's order */
		CHECK_STR(out.p[1].text, S("kind: ConfigMap\nn: text"));
		manifest_lines(&b.a, &out.p[1]);
		CHECK(out.p[1].nlines == 2 && out.p[1].lines[1].line == 4);
		CHECK_STR(str_of(out.p[1].values[1].file), S("values.yaml"));
		CHECK(out.p[1].values[1].line == 1);
	}
	chart_close(c);
	arena_free(&b.a);
}

static void refusals(void)
{
	static const struct {
		const char *chart, *template, *want;
	} cases[] = {
		{ "{apiVersion: v2, name: c}", "x", "Chart.yaml: error: version is missing [chart]\n" },
		{ "{apiVersion: v3, name: c, version: 1.0.0}", "x", "Chart.yaml: error: apiVersion must be v1 or v2, not \"v3\" [chart]\n" },
		{ "{apiVersion: v2, name: c, version: 1.0.0, type: library}", "x", "a library chart has nothing to render" },
		{ "{apiVersion: v2, name: c, version: 1.0.0, dependencies: [{name: d, version: 1.x}]}", "x", "\"d\" is not in charts/" },
		{ "{apiVersion: v2, name: c, version: 1.0.0}", "{{ range until 900 }}{{ range until 900 }}{{ end }}{{ end }}", "within 1000 steps" },
		{ "{apiVersion: v2, name: c, version: 1.0.0}", "{{ $s := repeat 60000 \"x\" }}{{ range until 20 }}{{ $s }}{{ end }}", "larger than the limit of 1048576 bytes" },
	};
	const struct release r = { .max_steps = 1000, .max_output = 1 << 20 };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct chart_files files = { 0 };
		struct rendered out;
		struct bench b;

		setup(&b);
		add(&b, &files, "Chart.yaml", cases[i].chart);
		add(&b, &files, "templates/x.yaml", cases[i].template);
		struct chart *c = build(&b, &files);
		CHECK(!c || chart_render(c, &b.a, &b.d, &r, node_new(&b.a, NODE_MAP), &out) < 0);
		if (!CHECK(str_find(str_of(said(&b)), str_of(cases[i].want)) >= 0))
			fprintf(stderr, "\t%s", said(&b));
		if (c)
			chart_close(c);
		arena_free(&b.a);
	}
}

int main(void)
{
	values();
	globs();
	ignored();
	versions();
	places();
	refusals();
	return check_done();
}
