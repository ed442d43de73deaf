/* SPDX-License-Identifier: MIT */
/* ApplicationSets in memory: what generators give, how templates are filled and patched, what is refused and where. */
#include <string.h>

#include "argocd/argocd.h"

#include "check.h"

struct fixture {
	struct arena a;
	struct diag parent, d;
	struct buf names;
	struct node *last;
};

static int put(void *ctx, struct node *doc)
{
	struct fixture *f = ctx;
	const struct node *meta = node_get(doc, S("metadata"));

	buf_printf(&f->names, "%s%.*s", f->names.n ? " " : "", STR_ARG(node_get_str(meta, S("name"))));
	f->last = node_copy(&f->a, doc);
	return 0;
}

/* Names of the Applications that the sets in text make; f->last is a copy of the last object. */
static str expand(struct fixture *f, const char *text)
{
	const struct argocd_options o = { .jobs = 2 };
	struct node *docs[8];
	size_t n = 0;
	struct reader *r;

	diag_fork(&f->d, &f->parent, &f->a);
	f->names = BUF(&f->a);
	f->last = NULL;
	r = reader_open_text(&f->a, &f->d, &(struct read_options){ .input = FORMAT_YAML }, "s.yaml", str_copy(&f->a, str_of(text)));
	while (n < COUNT(docs) && reader_next(r, &f->a, &docs[n]) > 0)
		n++;
	reader_close(r);
	CHECK(argocd_render(&f->a, &f->d, &o, docs, n, put, f) == 0);
	return str_copy(&f->a, buf_str(&f->names));
}

/* The i-th message, with its position, that is not of an Application without a repository. */
static str message(struct fixture *f, size_t i)
{
	for (struct finding *e = diag_held_at(&f->d, 0); e; e = diag_held_next(e)) {
		if (e->rule && strcmp(e->rule, "repo") == 0)
			continue;
		if (i-- == 0)
			return str_printf(&f->a, "%u:%u %.*s", e->pos.line, e->pos.col, STR_ARG(e->message));
	}
	return S("");
}

#define SET(go, generators, template, more) \
	"apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: s, namespace: argocd}\nspec:\n  goTemplate: " go \
	"\n  generators: " generators "\n  template: {metadata: {name: \"" template "\"}, spec: {source: {repoURL: u, path: p}}}\n" more
#define LIST(elements) "{list: {elements: [" elements "]}}"

static void generators(struct fixture *f)
{
	static const struct {
		const char *set, *want;
	} cases[] = {
		{ SET("false", "[" LIST("{a: x}, {a: z, values: {b: c}}") "]", "{{a}}-{{values.b}}-{{ none }}", ""), "x-{{values.b}}-{{ none }} z-c-{{ none }}" },
		{ SET("true", "[" LIST("{a: 1}, {a: {b: [t]}}") "]", "{{ .a }}{{ .b }}", ""), "1<no value> map[b:[t]]<no value>" },
		{ SET("true", "[{list: {elementsYaml: '[{a: q}]'}}]", "{{ .a }}", ""), "q" },
		{ SET("false", "[{matrix: {generators: [" LIST("{a: x}, {a: w}") ", " LIST("{b: '{{a}}1'}, {b: v}") "]}}]", "{{a}}{{b}}", ""), "xx1 xv ww1 wv" },
		{ SET("true", "[{matrix: {generators: [" LIST("{a: x, m: {p: first}}") ", " LIST("{a: lost, m: {p: lost, q: second}}") "]}}]",
		      "{{ .a }}-{{ .m.p }}-{{ .m.q }}", ""),
		  "x-first-second" },
		{ SET("false", "[{merge: {mergeKeys: [a], generators: [" LIST("{a: x, b: '1'}, {a: w, b: '2'}") ", " LIST("{a: w, b: '3'}, {a: none}") "]}}]", "{{a}}{{b}}",
		      ""),
		  "x1 w3" },
		{ SET("true", "[{merge: {mergeKeys: [a], generators: [" LIST("{a: x, m: {p: 1, q: 2}}") ", " LIST("{a: x, m: {q: ''}}") "]}}]", "{{ .m }}", ""),
		  "map[p:1 q:]" },
		{ SET("false", "[{list: {elements: [{a: x}, {a: v}]}, selector: {matchLabels: {a: v}}}]", "{{a}}", ""), "v" },
		{ SET("true", "[{clusters: {values: {v: '{{ .name }}!'}}}]", "{{ .values.v }}{{ .server }}", ""), "in-cluster!https://kubernetes.default.svc" },
		{ SET("true", "[{clusters: {flatList: true}}]", "{{ range .clusters }}{{ .name }}{{ end }}", ""), "in-cluster" },
		{ SET("true", "[" LIST("{a: One Two}") "]", "{{ normalize .a }} {{ slugify 3 true .a }} {{ .a | slugify }}", ""), "one-two one one-two" },
		{ SET("true", "[" LIST("{}") "]", "{{ .untouched }}", ""), "{{ .untouched }}" },
		{ SET("false", "[" LIST("{a: x}") ", " LIST("{a: '2'}") "]", "{{a}}", ""), "x 2" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		CHECK_STR(expand(f, cases[i].set), str_of(cases[i].want));
		CHECK_STR(message(f, 0), S(""));
	}
}

static void patches(struct fixture *f)
{
	CHECK_STR(expand(f, SET("true", "[" LIST("{a: x, p: true}") "]", "{{ .a }}",
				"  templatePatch: |\n    metadata: {labels: {l: '{{ .a }}'}, finalizers: [f], namespace: lost}\n    spec:\n      project: lost\n      source: {path: null}\n"
				"      syncPolicy: {automated: {prune: {{ .p }}}}\n")),
		  S("x"));
	CHECK_STR(json_text(&f->a, node_get(f->last, S("spec"))), S("{\"source\":{\"repoURL\":\"u\"},\"syncPolicy\":{\"automated\":{\"prune\":true}}}"));
	CHECK_STR(json_text(&f->a, node_get(f->last, S("metadata"))),
		  S("{\"name\":\"x\",\"finalizers\":[\"f\",\"resources-finalizer.argocd.argoproj.io\"],\"labels\":{\"l\":\"x\"},\"namespace\":\"argocd\"}"));
	CHECK_STR(expand(f, SET("true", "[" LIST("{a: x}") "]", "{{ .a }}", "  templatePatch: |\n    # for nobody\n")), S("x"));
	CHECK_STR(expand(f, SET("true", "[{list: {elementsYaml: '# none'}}]", "{{ .a }}", "")), S(""));
	CHECK_STR(message(f, 0), S(""));
	expand(f, SET("false", "[" LIST("{a: x}") "]", "{{a}}", "  syncPolicy: {preserveResourcesOnDeletion: true}\n"));
	CHECK(node_get(node_get(f->last, S("metadata")), S("finalizers")) == NULL);
}

static void rollouts(struct fixture *f)
{
	static const char set[] = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: s}\nspec:\n"
				  "  generators: [{list: {elements: [{e: prod}, {e: dev}, {e: lab}]}}]\n"
				  "  template: {metadata: {name: \"{{e}}\", labels: {e: \"{{e}}\"}}, spec: {source: {repoURL: u, path: p}}}\n"
				  "  strategy:\n    type: RollingSync\n    rollingSync:\n      steps:\n"
				  "      - matchExpressions: [{key: e, operator: In, values: [dev]}]\n"
				  "      - {maxUpdate: 1, matchExpressions: [{key: e, operator: NotIn, values: [dev, lab]}]}\n";

	CHECK_STR(expand(f, set), S("dev prod lab"));
	CHECK_STR(message(f, 0), S("11:9 step 1 of 2: dev"));
	CHECK_STR(message(f, 1), S("12:9 step 2 of 2, at most 1 at once: prod"));
	CHECK_STR(message(f, 2), S("11:7 in no step, to be synced by hand: lab"));
}

static void refusals(struct fixture *f)
{
	static const struct {
		const char *set, *want;
	} cases[] = {
		{ SET("false", "[{scmProvider: {}}]", "x", ""), "6:30 the generator \"scmProvider\" is not supported, as it asks the host of the repositories" },
		{ SET("false", "[{plugin: {}}]", "x", ""), "as it asks a plugin's service" },
		{ SET("false", "[{lists: {}}]", "x", ""), "6:17 the generator \"lists\" is not known" },
		{ SET("false", "[{clusters: }]", "x", ""), "6:17 the generator \"clusters\" is not known, or is null; write {}" },
		{ SET("false", "[" LIST("{a: 1}") "]", "x", ""), "6:39 a must be a string, not integer" },
		{ SET("false", "[{matrix: {generators: [" LIST("") "]}}]", "x", ""), "a matrix wants two generators" },
		{ SET("false", "[{merge: {generators: [" LIST("") ", " LIST("") "]}}]", "x", ""), "merge wants mergeKeys" },
		{ SET("false", "[{merge: {mergeKeys: [a], generators: [" LIST("{a: x}, {a: x}") ", " LIST("") "]}}]", "x", ""), "the same merge keys: {\"a\":\"x\"}" },
		{ SET("false", "[{matrix: {generators: [" LIST("{a: x}") ", " LIST("{a: z}") "]}}]", "x", ""), "both generators of the matrix give a, as \"x\" and \"z\"" },
		{ SET("true", "[" LIST("{a: x}") "]", "n-{{ .a.b }}", ""), "7:37 " },
		{ SET("true", "[" LIST("{a: x}") "]", "{{ required 1 .a }}", ""), "function \"required\" not defined" },
		{ SET("true", "[" LIST("{a: x}") "]", "{{ .a", ""), "7:" },
		{ SET("true", "[" LIST("{a: x}") "]", "{{ .b }}", "  goTemplateOptions: [missingkey=error]\n"), "7:35 .b is not set" },
		{ SET("true", "[" LIST("{a: x}") "]", "{{ .b }}", "  goTemplateOptions: [missingkey=never]\n"), "goTemplateOptions has no \"missingkey=never\"" },
		{ SET("false", "[" LIST("{a: x}, {a: z}") "]", "same", ""), "two Applications of this set are called \"same\" (ApplicationSet s, s.yaml:1:1)" },
		{ SET("true", "[" LIST("{a: x}") "]", "x", "  templatePatch: |\n    spec:\n      a: [\n"), "1" },
		{ SET("true", "[" LIST("{a: x}") "]", "x", "  templatePatch: '[1]'\n"), "8:1 templatePatch must be a map" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		expand(f, cases[i].set);
		if (str_find(message(f, 0), str_of(cases[i].want)) < 0)
			CHECK_STR(message(f, 0), str_of(cases[i].want));
	}
}

int main(void)
{
	struct fixture f = { 0 };

	f.parent = (struct diag){ .program = "test", .arena = &f.a };
	generators(&f);
	patches(&f);
	rollouts(&f);
	refusals(&f);
	arena_free(&f.a);
	return check_done();
}
