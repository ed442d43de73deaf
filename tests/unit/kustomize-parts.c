/* SPDX-License-Identifier: MIT */
/* The parts of kustomize: patterns, selectors, paths, field specs and their merging, hashes, images. */
#include "kustomize/internal.h"

#include "check.h"

struct fixture {
	struct arena a;
	struct diag parent, d;
	struct kustomize_options o;
	struct build b;
};

static void start(struct fixture *f)
{
	*f = (struct fixture){ .parent = { .program = "unit" } };
	f->parent.arena = &f->a;
	diag_fork(&f->d, &f->parent, &f->a);
	f->b = (struct build){ .a = &f->a, .diag = &f->d, .o = &f->o, .chain = BUF(&f->a) };
}

static struct node *yaml(struct fixture *f, const char *text)
{
	struct node *n = NULL;

	CHECK(read_text(&f->a, &f->d, &f->o.read, "t.yaml", str_of(text), &n) == 0);
	return n;
}

static struct resource *resource(struct fixture *f, const char *text)
{
	struct resource *r = NEW(&f->a, struct resource);

	r->object = node_copy(&f->a, yaml(f, text));
	return r;
}

static bool matches(struct fixture *f, const char *pattern, const char *text)
{
	struct pattern p;

	CHECK(pattern_compile(&f->b, node_string(&f->a, str_of(pattern)), NULL, &p) == 0);
	return pattern_matches(&p, str_of(text));
}

static void patterns(struct fixture *f)
{
	struct pattern p;
	static const char *const beyond[] = { "a(?=b)", "(a)\\1", "a++", "(?<!x)y", "(?>a)" };

	CHECK(matches(f, "", "anything"));
	CHECK(matches(f, "web", "web") && !matches(f, "web", "webs") && !matches(f, "web", "aweb"));
	CHECK(matches(f, "w.b", "wab") && !matches(f, "w.b", "wb"));
	CHECK(matches(f, "a|b", "b") && !matches(f, "a|b", "ab") && !matches(f, "a|b", "xb"));
	CHECK(matches(f, "web-\\d+", "web-12") && !matches(f, "web-\\d+", "web-x"));
	CHECK(matches(f, "(?i)WEB", "web"));
	CHECK(!matches(f, "a$", "a\n"));
	for (size_t i = 0; i < COUNT(beyond); i++)
		CHECK(pattern_compile(&f->b, node_string(&f->a, str_of(beyond[i])), NULL, &p) < 0);
	CHECK(pattern_compile(&f->b, node_string(&f->a, S("a(")), NULL, &p) < 0);
}

static bool picks(struct fixture *f, const char *selector, struct resource *r)
{
	struct selector s;

	CHECK(selector_compile(&f->b, yaml(f, selector), &s) == 0);
	return is_selected(&f->b, &s, r);
}

static void selectors(struct fixture *f)
{
	struct resource *r = resource(f, "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, labels: {a: b, m: '1'}, annotations: {x: y}}}");
	static const char *const yes[] = { "{}", "{kind: Deployment}", "{group: apps, version: v1}", "{name: we.}", "{namespace: default}", "{labelSelector: a=b}",
					   "{labelSelector: 'a==b,m!=2'}", "{labelSelector: 'a in (x, b)'}", "{labelSelector: 'a notin (c),!z,m'}", "{labelSelector: 'q!=1'}",
					   "{annotationSelector: x=y}" };
	static const char *const no[] = { "{kind: Deploy}", "{group: ap}", "{name: we}", "{namespace: other}", "{labelSelector: a=c}", "{labelSelector: 'a in (c,d)'}",
					  "{labelSelector: '!a'}", "{labelSelector: z}", "{annotationSelector: x!=y}", "{labelSelector: 'a notin (b)'}" };

	for (size_t i = 0; i < COUNT(yes); i++)
		CHECK(picks(f, yes[i], r) || (fprintf(stderr, "%s\n", yes[i]), false));
	for (size_t i = 0; i < COUNT(no); i++)
		CHECK(!picks(f, no[i], r) || (fprintf(stderr, "%s\n", no[i]), false));
	remember(&f->b, r);
	set_text(&f->a, node_get(r->object, S("metadata")), "name", S("new-web"), NULL);
	renamed(&f->b, r);
	CHECK(picks(f, "{name: web}", r) && picks(f, "{name: new-web}", r));
}

static void index_of_names(struct fixture *f)
{
	struct resources all = { 0 };
	struct resource *x = resource(f, "{apiVersion: v1, kind: Pod, metadata: {name: a}}"), *y = resource(f, "{apiVersion: v1, kind: Secret, metadata: {name: a}}");

	resources_add(&f->b, &all, x);
	CHECK(called(&f->b, &all, S("a"))->n == 1);
	resources_add(&f->b, &all, y);
	CHECK(called(&f->b, &all, S("a"))->n == 2);
	remember(&f->b, x);
	set_text(&f->a, node_get(x->object, S("metadata")), "name", S("b"), NULL);
	renamed(&f->b, x);
	CHECK(called(&f->b, &all, S("a"))->n == 2 && called(&f->b, &all, S("b"))->n == 1);
	CHECK(called(&f->b, &all, S("c")) == NULL);
	CHECK(id_of(&f->b, x)->name.n == 1 && !id_of(&f->b, x)->cluster);
}

static void paths(struct fixture *f)
{
	static const struct {
		const char *folder, *name, *want;
	} joined[] = { { ".", "a.yaml", "a.yaml" }, { ".", "../b", "../b" }, { "../b", "../c/./d", "../c/d" }, { "a/b", "../../../x", "../x" },
		       { "..", "..", "../.." }, { "/a", "../../b", "/b" }, { "a", "..", "." } };
	struct node *n = yaml(f, "{a: {b.c: [{name: x, v: 1}, {name: y.z, v: 2}]}, l: [p, q]}");
	static const struct {
		const char *path, *want;
	} found[] = { { "a.b\\.c.0.v", "1" }, { "a.[b.c].[name=y.z].v", "2" }, { "l.1", "q" }, { "l.[=p]", "p" }, { "l.-", "q" }, { "a.nope", "" }, { "l.7", "" } };

	for (size_t i = 0; i < COUNT(joined); i++)
		CHECK_STR(str_of(join_path(&f->a, joined[i].folder, str_of(joined[i].name))), str_of(joined[i].want));
	for (size_t i = 0; i < COUNT(found); i++) {
		size_t count;
		const str *parts = path_parts(&f->a, str_of(found[i].path), &count);
		CHECK_STR(node_str(path_value(n, parts, count)), str_of(found[i].want));
	}
}

static int mark(void *ctx, struct spot *s)
{
	node_put(ctx, s->map, s->key, node_string(ctx, S("!")));
	return 0;
}

static void visiting(struct fixture *f)
{
	static const struct {
		const char *path;
		bool create;
		const char *want;
	} cases[] = {
		{ "a/b", false, "{\"a\":{\"b\":\"!\"},\"l\":[{\"x\":1},{}],\"k/s\":1,\"z\":null}" },
		{ "/a/b", false, "{\"a\":{\"b\":\"!\"},\"l\":[{\"x\":1},{}],\"k/s\":1,\"z\":null}" },
		{ "l/x", false, "{\"a\":{\"b\":0},\"l\":[{\"x\":\"!\"},{}],\"k/s\":1,\"z\":null}" },
		{ "l/x", true, "{\"a\":{\"b\":0},\"l\":[{\"x\":\"!\"},{\"x\":\"!\"}],\"k/s\":1,\"z\":null}" },
		{ "m[]/x", true, "{\"a\":{\"b\":0},\"l\":[{\"x\":1},{}],\"k/s\":1,\"z\":null}" },
		{ "n/o", true, "{\"a\":{\"b\":0},\"l\":[{\"x\":1},{}],\"k/s\":1,\"z\":null,\"n\":{\"o\":\"!\"}}" },
		{ "k\\/s", false, "{\"a\":{\"b\":0},\"l\":[{\"x\":1},{}],\"k/s\":\"!\",\"z\":null}" },
		{ "z/y", true, "{\"a\":{\"b\":0},\"l\":[{\"x\":1},{}],\"k/s\":1,\"z\":{\"y\":\"!\"}}" },
		{ "a/b/c", true, "{\"a\":{\"b\":0},\"l\":[{\"x\":1},{}],\"k/s\":1,\"z\":null}" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct node *n = node_copy(&f->a, yaml(f, "{a: {b: 0}, l: [{x: 1}, {}], k/s: 1, z: null}"));
		CHECK(visit_path(&f->a, n, cases[i].path, cases[i].create, mark, &f->a) == 0);
		CHECK_STR(json_text(&f->a, n), str_of(cases[i].want));
	}
}

/* A kind of its own comes before the default for all kinds, which then adds nothing: kustomize has it so. */
static void configurations(struct fixture *f)
{
	const struct field_spec own = { NULL, NULL, "Thing", "metadata/name", false }, other = { NULL, NULL, "Thing", "spec/alias", false };
	struct config mine = { 0 };
	const struct config *own_first = NULL, *all = &default_config;

	CHECK(specs_add(&f->b, &mine.sets[SPEC_PREFIX], &other, NOWHERE) == 0);
	CHECK(config_merge(&f->b, &all, &mine, NOWHERE) == 0 && config_merge(&f->b, &own_first, all, NOWHERE) == 0);
	CHECK(own_first->sets[SPEC_PREFIX].n == 2);
	CHECK(specs_add(&f->b, &mine.sets[SPEC_PREFIX], &own, NOWHERE) == 0);
	all = &default_config;
	own_first = NULL;
	CHECK(config_merge(&f->b, &all, &mine, NOWHERE) == 0 && config_merge(&f->b, &own_first, all, NOWHERE) == 0);
	CHECK(own_first->sets[SPEC_PREFIX].n == 2);
	CHECK(default_config.sets[SPEC_PREFIX].n == 1);
	const struct field_spec clash = { NULL, NULL, "Thing", "spec/alias", true };
	CHECK(specs_add(&f->b, &mine.sets[SPEC_PREFIX], &clash, NOWHERE) < 0);
}

static void hashes(struct fixture *f)
{
	struct buf b = BUF(&f->a);

	go_json(&f->a, &b, yaml(f, "{b: [1, '<a>'], a: {c: null}, e: {}}"), -1);
	CHECK_STR(buf_str(&b), S("{\"a\":{\"c\":null},\"b\":[1,\"\\u003ca\\u003e\"],\"e\":{}}"));
	b.n = 0;
	go_json(&f->a, &b, yaml(f, "{b: [1], a: x}"), 0);
	CHECK_STR(buf_str(&b), S("{\n  \"a\": \"x\",\n  \"b\": [\n    1\n  ]\n}"));
	/* as kustomize 5.8.1 hashes them */
	CHECK_STR(content_hash(&f->a, yaml(f, "{kind: ConfigMap, data: {a: b}}")), S("4h2mbtbbt6"));
	CHECK_STR(content_hash(&f->a, yaml(f, "{kind: Secret, type: Opaque, data: {a: Yg==}}")), S("k695gkmbtk"));
}

int main(void)
{
	static void (*const tests[])(struct fixture *f) = { patterns, selectors, index_of_names, paths, visiting, configurations, hashes };

	for (size_t i = 0; i < COUNT(tests); i++) {
		struct fixture f;
		start(&f);
		tests[i](&f);
		patterns_free(&f.b);
		arena_free(&f.a);
	}
	return check_done();
}
