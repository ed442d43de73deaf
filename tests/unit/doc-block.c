/* SPDX-License-Identifier: MIT */
/* block.c: documents read straight from their text are what libyaml reads; with arguments, so are these files. */
#include "../fuzz/same.h"
#include "check.h"

#include <stdlib.h>

static size_t plain;

static void same(const char *text)
{
	for (int flags = 0; flags < 4; flags++)
		if (!CHECK(same_reading(str_of(text), flags, &plain)))
			printf("differs from libyaml's reading:\n%s\n", text);
}

/* The text must be read without libyaml, too. */
static void ours(const char *text)
{
	size_t before = plain;

	same(text);
	CHECK(plain == before + 4);
	if (plain != before + 4)
		printf("left to libyaml: %s\n", text);
}

static void cases(void)
{
	ours("a: 1\nb: two words # not this\nc: 'it''s'\nd: \"x\\ty\\\\\"\n");
	ours("---\n# c\na:\n- x\n- k: 1\n  z: 2\n-\n  - - q\n    - r\nb:\n  - |\n    text\n\n    more\n  - >-\n    folded\n    text\n");
	ours("a: |\n  x\n   y\n\n\nb: |-\n  z\n\nc: |+\n  w\n\nd: >\n  a\n  b\n\n  c\n    d\n  e\n");
	ours("a:\nb:\n  c:\n  d: ~\ne: [a, 'b', \"c\", 1.5, [x], {k: v, w: []}]\nf: {}\n");
	ours("ü: é # ö\nx: \"ß\"\nlist:\n- ä: 1\n  b: 2\n");
	ours("key with spaces : v\n'q': 1\n\"r\": 2\nurl: http://x:80/a#b\ntime: 12:30\n-x: 1\n");
	ours("- a\n- - b\n  -\n  - c: |\n      d\n    e: f\n-\n");
	ours("last: 1");
	ours("a:  # c\n  b: # d\n  - # e\n    f: 1\n  - g  # h\n");
	same("a: |\n  no end of line");
	same("a: b\n  c\n");
	same("a: 1\na: 2\n");
	same("a: &x 1\nb: *x\n---\nc: 1\n...\n%YAML 1.1\n---\nd: 1\n");
	same("a:\tb\n");
	same("a: |2\n    x\n");
	same("a: |\n      \n  x\n");
	same("a: \"b\n  c\"\n");
	same("yes: 1\n1: 2\n<<: {a: 1}\n");
	same("a: [b\n");
	same("a: 1\n---");
	same("a: b: c\n");
	same("- a\nb: 1\n");
	same("a:\n  b: 1\n c: 2\n");
	same("a\r\nb: 1\r\n");
	same("{a: 1}\n---\n[b]\n---\nc\n");
	same("a: \xff\n");
	same("a: \xc2\x85 b\nc: 1\n");
}

/* Pieces that mean something, put together at random. */
static void random_text(uint64_t *state, char *to, size_t room)
{
	static const char *const pieces[] = {
		"a", "b: ", "c:", "- ", "-", "\n", "\n", "\n  ", "\n    ", "\n- ", "\n---\n", "\n...\n", " ", "  ", "#", " # c", ": ", ":", "'", "\"", "''", "\\n",
		"|", ">", "|-\n", ">+\n", "|\n  ", "[", "]", "{", "}", ", ", "&x ", "*x", "!t ", "yes", "1", "0o7", "1.5", "~", "<<: ", "? ", "%", "\t", "\r\n", "é", "\xc2\x85",
		"x: 1\n", "y: z\n", "\n  k: v", "\n  - i", "\n  - j: 1\n    l: 2", "[a, b]", "{a: b}", "\"q\"", "'s'", "...", "--", "\\", "@", "a b", "|2\n", "\xe2\x80\xa8", "\xef\xbb\xbf",
	};
	size_t n = 0, want = 1 + *state % 14;

	while (want--) {
		*state ^= *state << 13;
		*state ^= *state >> 7;
		*state ^= *state << 17;
		const char *s = pieces[*state % COUNT(pieces)];
		size_t len = strlen(s);
		if (n + len + 1 > room)
			break;
		memcpy(to + n, s, len);
		n += len;
	}
	to[n] = '\0';
}

static void random_texts(void)
{
	uint64_t state = 88172645463325252u;
	char text[512];
	size_t unused = 0;

	for (int i = 0; i < 300000; i++) {
		random_text(&state, text, sizeof(text));
		if (!CHECK(same_reading(str_of(text), i & 3, &unused)))
			printf("differs from libyaml's reading:\n%s\n", text);
	}
}

int main(int argc, char **argv)
{
	struct arena a = { 0 };
	struct diag d = { .program = "doc-block", .arena = &a };

	for (int i = 1; i < argc; i++) {
		str text;
		if (file_read(&a, &d, argv[i], &text) == 0 && !same_reading(text, 1, &plain))
			printf("differs: %s\n", argv[i]);
	}
	if (argc > 1) {
		printf("%zu documents without libyaml\n", plain);
		return 0;
	}
	cases();
	random_texts();
	arena_free(&a);
	return check_done();
}
