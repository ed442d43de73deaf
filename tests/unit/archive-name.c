/* SPDX-License-Identifier: MIT */
/* Names and globs of archives. */
#include "archive/internal.h"
#include "check.h"

static struct arena a;

static bool match(const char *glob, const char *name)
{
	struct strlist l = { 0 };

	*VEC_ADD(&a, &l) = glob;
	return archive_glob_match(archive_glob_new(&a, &l), str_of(name));
}

static void globs(void)
{
	static const struct {
		const char *glob, *name;
		bool want;
	} cases[] = {
		{ "a", "a", true },	      { "a", "b", false },	     { "a", "a/b", true },
		{ "a", "ab", false },	      { "a/", "a/b", true },	     { "/a", "a", true },
		{ "./a", "a", true },	      { "*", "a", true },	     { "*", "a/b", true }, /* a is matched, and below it */
		{ "*.c", "x.c", true },	      { "*.c", "d/x.c", false },     { "**.c", "d/x.c", true },
		{ "**/*.c", "x.c", true },    { "**/*.c", "d/e/x.c", true }, { "**/x", "ax", false },
		{ "d/**", "d/e/f", true },    { "d/**", "d", false },	     { "d/**/f", "d/f", true },
		{ "d/**/f", "d/e/g/f", true }, { "d/**/f", "df", false },    { "a*b", "a/b", false },
		{ "a**b", "a/x/b", true },    { "?", "é", true },	     { "?", "/", false },
		{ "a?b", "a/b", false },      { "[a-c]x", "bx", true },	     { "[!a-c]x", "bx", false },
		{ "[^a-c]x", "dx", true },    { "[]]", "]", true },	     { "[a", "[a", true },
		{ "[!x]", "/", false },	      { "\\*", "*", true },	     { "\\*", "a", false },
		{ "a\\", "a\\", true },	      { "\xff", "\xff", true },	     { "?", "\xff", true },
		{ "[é-ü]", "ö", true },	      { "", "a", false },	     { "x/**/y/**/z", "x/1/y/2/3/z/deep", true },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		if (!CHECK(match(cases[i].glob, cases[i].name) == cases[i].want))
			fprintf(stderr, "\tglob %s, name %s\n", cases[i].glob, cases[i].name);
}

/* Patterns that take a backtracking matcher for ever. */
static void slow_globs(void)
{
	char glob[1001], name[2001];

	for (size_t i = 0; i < 1000; i += 2) {
		glob[i] = '*';
		glob[i + 1] = 'a';
	}
	glob[1000] = '\0';
	for (size_t i = 0; i < 2000; i++)
		name[i] = 'a';
	name[1999] = 'b';
	name[2000] = '\0';
	CHECK(!match(glob, name));
	name[1999] = 'a';
	CHECK(match(glob, name));
}

static void wrong_names(void)
{
	static const char *const wrong[] = { "", "/a", "a/", "a//b", ".", "./a", "a/.", "a/./b", "..", "../a", "a/..", "a/../b" };
	static const char *const right[] = { "a", "a/b", "...", "a/..b", ".a", "a b\n", "\xff" };
	char long_part[300];

	for (size_t i = 0; i < COUNT(wrong); i++)
		if (!CHECK(name_wrong(str_of(wrong[i])) != NULL))
			fprintf(stderr, "\tname %s\n", wrong[i]);
	for (size_t i = 0; i < COUNT(right); i++)
		CHECK(name_wrong(str_of(right[i])) == NULL);
	CHECK(name_wrong(S("a\0b")) != NULL);
	for (size_t i = 0; i < sizeof long_part; i++)
		long_part[i] = 'x';
	CHECK(name_wrong((str){ long_part, 256 }) != NULL);
	CHECK(name_wrong((str){ long_part, 255 }) == NULL);
}

static void clean_names(void)
{
	str out;

	CHECK(name_clean(&a, S("//a/./b//c/"), &out));
	CHECK_STR(out, S("a/b/c"));
	CHECK(name_clean(&a, S("."), &out));
	CHECK_STR(out, S(""));
	CHECK(!name_clean(&a, S("a/../b"), &out));
	CHECK_STR(name_parent(S("a/b/c")), S("a/b"));
	CHECK_STR(name_parent(S("a")), S(""));
	CHECK(name_cmp(S("a"), S("a/b")) < 0);
	CHECK(name_cmp(S("a/b"), S("a.b")) < 0);
	CHECK(name_cmp(S("a\x01"), S("a/b")) > 0);
	CHECK_INT(name_cmp(S("x"), S("x")), 0);
}

static void object_names(void)
{
	char text[300];

	CHECK_STR(name_object(&a, S("apps"), S("Deployment"), S("shop"), S("web")), S("objects/shop/Deployment.apps/web.yaml"));
	CHECK_STR(name_object(&a, S(""), S("Node"), S(""), S("n")), S("objects/_cluster/Node/n.yaml"));
	CHECK_STR(name_object(&a, S(""), S("Pod"), S(".."), S("")), S("objects/%2E./Pod/_.yaml"));
	CHECK_STR(name_object(&a, S(""), S("X/Y"), S("a"), S("é\n")), S("objects/a/X%2FY/%C3%A9%0A.yaml"));
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = 'x';
	str x = name_object(&a, S(""), S("Pod"), S("a"), (str){ text, 290 });
	str y = name_object(&a, S(""), S("Pod"), S("a"), (str){ text, 291 });
	CHECK(name_wrong(x) == NULL);
	CHECK(!str_eq(x, y));
}

int main(void)
{
	globs();
	slow_globs();
	wrong_names();
	clean_names();
	object_names();
	arena_free(&a);
	return check_done();
}
