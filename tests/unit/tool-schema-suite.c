/* SPDX-License-Identifier: MIT */
/* Runs the official JSON Schema Test Suite: tool-schema-suite SUITE [-v].  Counts per draft, optional parts apart. */
#include "schema/schema.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct { const char *dir; int draft; } drafts[] = {
	{ "draft4", DRAFT_4 }, { "draft6", DRAFT_6 }, { "draft7", DRAFT_7 }, { "draft2019-09", DRAFT_2019 }, { "draft2020-12", DRAFT_2020 },
};
static const char *suite;
static bool verbose;
static int passed, failed;

static void drop(void *ctx, const struct finding *f)
{
	(void)ctx;
	if (verbose)
		printf("      %.*s\n", STR_ARG(f->message));
}

static void run_group(const char *file, struct node *group, int draft, bool formats)
{
	struct arena a = { 0 };
	struct diag root = { .program = "suite", .arena = &a }, d;
	struct schema_options o = { .draft = draft, .formats = formats };
	struct node *tests = node_get(group, S("tests"));
	str where = node_get_str(group, S("description"));

	diag_fork(&d, &root, &a);
	*VEC_ADD(&a, &o.maps) = str_printf(&a, "http://localhost:1234/=%s/remotes/", suite).p;
	struct schema_set *set = schema_set_new(&a, &d, &o);
	const struct schema *s = schema_compile(set, node_get(group, S("schema")), NULL);
	struct schema_checker *c = schema_checker_new(set, &d);
	for (size_t i = 0; i < tests->n; i++) {
		const struct schema_error *e = NULL;
		size_t n = 0;
		int got = s ? schema_check(c, s, node_get(tests->items[i], S("data")), &e, &n) : -1;
		bool want = node_true(node_get(tests->items[i], S("valid")));
		passed += got == want;
		failed += got != want;
		if (got == want)
			continue;
		printf("    %s: %.*s: %.*s: wanted %d, got %d\n", file, STR_ARG(where), STR_ARG(node_get_str(tests->items[i], S("description"))),
		       want, got);
		if (n && verbose)
			printf("      %.*s\n", STR_ARG(e[0].message));
	}
	if (!s || failed) {
		d.sink = root.sink = (struct diag_sink){ drop, NULL, true };
		root.least = SEV_ERROR;
		if (verbose)
			diag_join(&root, &d);
	}
	schema_checker_free(c);
	schema_set_free(set);
	arena_free(&a);
}

static int by_name(const struct dirent **x, const struct dirent **y)
{
	return strcmp((*x)->d_name, (*y)->d_name);
}

static void run_dir(const char *dir, int draft, bool optional, bool formats)
{
	struct dirent **names;
	int n = scandir(dir, &names, NULL, by_name);

	for (int i = 0; i < n; i++) {
		struct arena a = { 0 };
		struct diag d = { .program = "suite", .arena = &a };
		struct read_options o = { 0 };
		struct node *groups;
		const char *name = names[i]->d_name, *path = str_printf(&a, "%s/%s", dir, name).p;
		bool assert = formats || (optional && (!strcmp(name, "ecmascript-regex.json") || !strcmp(name, "content.json")));
		if (str_ends(str_of(name), S(".json")) && !read_file(&a, &d, &o, path, &groups))
			for (size_t k = 0; k < groups->n; k++)
				run_group(name, groups->items[k], draft, assert);
		else if (name[0] != '.' && optional && !formats)
			run_dir(path, draft, true, strcmp(name, "format") == 0);
		arena_free(&a);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
}

int main(int argc, char **argv)
{
	char path[4096];

	if (argc < 2)
		return 2;
	suite = argv[1];
	verbose = argc > 2;
	for (size_t i = 0; i < COUNT(drafts); i++) {
		for (int optional = 0; optional < 2; optional++) {
			passed = failed = 0;
			snprintf(path, sizeof(path), "%s/tests/%s%s", suite, drafts[i].dir, optional ? "/optional" : "");
			run_dir(path, drafts[i].draft, optional, false);
			printf("json-schema %s %s: %d passed, %d failed\n", drafts[i].dir, optional ? "optional" : "required", passed, failed);
		}
	}
	return 0;
}
