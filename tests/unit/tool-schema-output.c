/* SPDX-License-Identifier: MIT */
/*
 * The standard's outputs: tool-schema-output SUITE.  The suite's own tests of them, of annotations, and,
 * of every case of two drafts, that its basic and detailed outputs fit the standard's schema of outputs.
 */
#include "schema/schema.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *suite;
static int passed, failed;

static void count(bool ok, const char *file, str what, const char *where, struct node *out)
{
	struct arena a = { 0 };

	passed += ok;
	failed += !ok;
	if (!ok)
		printf("    %s: %.*s: %s: %.*s\n", file, STR_ARG(what), where, STR_ARG(json_text(&a, out)));
	arena_free(&a);
}

struct world {
	struct arena a;
	struct diag root, d;
	struct schema_set *set;
	struct schema_checker *c, *outer;
	const struct schema *outputs; /* the standard's schema of them */
	int draft;
};

static void open_world(struct world *w, int draft)
{
	struct schema_options o = { .draft = draft };
	struct read_options read = { 0 };
	struct node *doc;

	*w = (struct world){ .draft = draft };
	w->root = (struct diag){ .program = "suite", .arena = &w->a };
	diag_fork(&w->d, &w->root, &w->a);
	*VEC_ADD(&w->a, &o.maps) = str_printf(&w->a, "http://localhost:1234/=%s/remotes/", suite).p;
	w->set = schema_set_new(&w->a, &w->d, &o);
	w->c = schema_checker_new(w->set, &w->d);
	w->outer = schema_checker_new(w->set, &w->d);
	const char *path = str_printf(&w->a, "%s/output-tests/%s/output-schema.json", suite, draft == DRAFT_2019 ? "draft2019-09" : "draft2020-12").p;
	if (!read_file(&w->a, &w->d, &read, path, &doc))
		w->outputs = schema_compile(w->set, doc, NULL);
}

static void close_world(struct world *w)
{
	schema_checker_free(w->c);
	schema_checker_free(w->outer);
	schema_set_free(w->set);
	arena_free(&w->a);
}

/* ---- kinds of files --------------------------------------------------------- */
static const char *const forms[] = { [OUTPUT_FLAG] = "flag", [OUTPUT_BASIC] = "basic", [OUTPUT_DETAILED] = "detailed" };

static void output_group(struct world *w, const char *file, struct node *group)
{
	const struct schema *s = schema_compile(w->set, node_get(group, S("schema")), NULL);
	struct node *tests = node_get(group, S("tests"));

	for (size_t i = 0; i < tests->n; i++) {
		struct node *wanted = node_get(tests->items[i], S("output")), *out = NULL;
		for (enum schema_output f = OUTPUT_FLAG; f <= OUTPUT_DETAILED; f++) {
			struct node *want = node_get(wanted, str_of(forms[f]));
			const struct schema *fit = want ? schema_compile(w->set, want, NULL) : NULL;
			bool ok = s && fit && schema_check_output(w->c, s, node_get(tests->items[i], S("data")), f, &out) >= 0 && schema_fits(w->outer, fit, out);
			if (want)
				count(ok, file, node_get_str(tests->items[i], S("description")), forms[f], out);
		}
	}
}

static void standard_group(struct world *w, const char *file, struct node *group)
{
	const struct schema *s = schema_compile(w->set, node_get(group, S("schema")), NULL);
	struct node *tests = node_get(group, S("tests"));

	for (size_t i = 0; i < tests->n; i++) {
		struct node *out = NULL;
		for (enum schema_output f = OUTPUT_FLAG; f <= OUTPUT_DETAILED; f++) {
			bool want = node_true(node_get(tests->items[i], S("valid")));
			int got = s ? schema_check_output(w->c, s, node_get(tests->items[i], S("data")), f, &out) : -1;
			bool ok = got == want && node_true(node_get(out, S("valid"))) == want && schema_fits(w->outer, w->outputs, out);
			bool errors = f == OUTPUT_FLAG || want || node_get(out, S("errors"));
			count(ok && errors, file, node_get_str(tests->items[i], S("description")), forms[f], out);
		}
	}
}

/* Annotations of one keyword at one place: by the schema object that says them. */
static bool annotated(struct node *out, struct node *assertion)
{
	struct node *units = node_get(out, S("annotations")), *expected = node_get(assertion, S("expected"));
	str keyword = node_get_str(assertion, S("keyword")), at = node_get_str(assertion, S("location"));
	size_t found = 0;

	for (size_t i = 0; units && i < units->n; i++) {
		str absolute = node_get_str(units->items[i], S("absoluteKeywordLocation"));
		if (!str_eq(node_get_str(units->items[i], S("instanceLocation")), at) || !str_ends(absolute, keyword) || absolute.n <= keyword.n ||
		    absolute.p[absolute.n - keyword.n - 1] != '/')
			continue;
		ptrdiff_t hash = str_chr(absolute, '#');
		struct node *want = node_get(expected, str_sub(absolute, (size_t)hash, absolute.n - keyword.n - 1));
		if (!want || !node_equal(want, node_get(units->items[i], S("annotation"))))
			return false;
		found++;
	}
	return found == expected->n;
}

static void annotation_group(struct world *w, const char *file, struct node *group)
{
	const struct schema *s = schema_compile(w->set, node_get(group, S("schema")), NULL);
	struct node *tests = node_get(group, S("tests"));

	for (size_t i = 0; i < tests->n; i++) {
		struct node *assertions = node_get(tests->items[i], S("assertions")), *out = NULL;
		bool ok = s && schema_check_output(w->c, s, node_get(tests->items[i], S("instance")), OUTPUT_BASIC, &out) == 1;
		for (size_t k = 0; k < assertions->n; k++)
			count(ok && annotated(out, assertions->items[k]), file, node_get_str(group, S("description")), "annotations", out);
	}
}

static void run_dir(const char *dir, int draft, void (*group)(struct world *w, const char *file, struct node *group))
{
	struct dirent **names;
	int n = scandir(dir, &names, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		struct arena a = { 0 };
		struct diag d = { .program = "suite", .arena = &a };
		struct node *groups = NULL;
		const char *path = str_printf(&a, "%s/%s", dir, names[i]->d_name).p;
		if (str_ends(str_of(path), S(".json")) && !read_file(&a, &d, &(struct read_options){ 0 }, path, &groups) && groups->kind == NODE_MAP)
			groups = node_get(groups, S("suite"));
		for (size_t k = 0; groups && k < groups->n; k++) {
			struct world w;
			if (str_eq(node_get_str(groups->items[k], S("compatibility")), S("9999")))
				continue; /* of drafts to come */
			open_world(&w, draft);
			group(&w, names[i]->d_name, groups->items[k]);
			close_world(&w);
		}
		arena_free(&a);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
}

static void part(const char *name, const char *dir, int draft, void (*group)(struct world *w, const char *file, struct node *group))
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", suite, dir);
	passed = failed = 0;
	run_dir(path, draft, group);
	printf("json-schema %s: %d passed, %d failed\n", name, passed, failed);
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return 2;
	suite = argv[1];
	part("output-tests draft2019-09", "output-tests/draft2019-09/content", DRAFT_2019, output_group);
	part("output-tests draft2020-12", "output-tests/draft2020-12/content", DRAFT_2020, output_group);
	part("annotations", "annotations/tests", DRAFT_2020, annotation_group);
	part("outputs of draft2019-09", "tests/draft2019-09", DRAFT_2019, standard_group);
	part("outputs of draft2020-12", "tests/draft2020-12", DRAFT_2020, standard_group);
	return 0;
}
