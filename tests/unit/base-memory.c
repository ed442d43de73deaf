/* SPDX-License-Identifier: MIT */
/* Arenas, growing arrays and buffers, slices, UTF-8, the hash map. */
#include "check.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1"; /* as malloc does */
}

static void arenas(void)
{
	struct arena a = { 0 };
	char *p = arena_alloc(&a, 13), *q = arena_alloc(&a, 1);

	CHECK(((uintptr_t)p & 7) == 0 && ((uintptr_t)q & 7) == 0 && q >= p + 13);
	for (size_t i = 0; i < 13; i++)
		CHECK(p[i] == 0);
	struct arena_mark m = arena_mark(&a);
	size_t before = a.total, most = 0, kept = 0;
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 100; i++)
			memset(arena_raw(&a, 100000), i, 100000);
		CHECK(a.total > before);
		most = a.total;
		arena_rewind(&a, m);
		CHECK(round ? a.total == kept : a.total < most / 2); /* one block, for the next time */
		kept = a.total;
	}
	memset(p, 7, 13); /* what was there before the mark is still ours */
	char *r = arena_alloc(&a, 8);
	CHECK(r[0] == 0 && p[12] == 7);

	/* The newest allocation grows where it is, others move, and keep their bytes. */
	char *g = arena_raw(&a, 10);
	memcpy(g, "0123456789", 10);
	CHECK(arena_grow(&a, g, 10, 20) == g);
	arena_raw(&a, 1);
	char *moved = arena_grow(&a, g, 20, 4000);
	CHECK(moved != g && memcmp(moved, "0123456789", 10) == 0);
	CHECK(arena_grow(&a, moved, 4000, 100) == moved);
	arena_reset(&a);
	CHECK(((char *)arena_alloc(&a, 64))[63] == 0);
	arena_free(&a);
	CHECK_INT(a.total, 0);
	arena_free(&a);
}

/* What can't be had ends the program with status 2, and says so. */
static void too_much(size_t n, size_t size)
{
	int fds[2], status;
	char text[8192] = "";

	if (pipe(fds))
		return;
	pid_t child = fork();
	if (child == 0) {
		struct arena a = { 0 };
		dup2(fds[1], STDERR_FILENO);
		arena_array(&a, n, size);
		_exit(0);
	}
	close(fds[1]);
	size_t n_read = 0;
	ssize_t got;
	while ((got = read(fds[0], text + n_read, sizeof text - 1 - n_read)) > 0) /* a sanitizer speaks first */
		n_read += (size_t)got;
	close(fds[0]);
	waitpid(child, &status, 0);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 2);
	CHECK(strstr(text, "out of memory"));
}

static void vectors(void)
{
	struct arena a = { 0 };
	struct {
		int *p;
		size_t n, cap;
	} v = { 0 }, w = { 0 };
	struct buf b = BUF(&a);

	for (int i = 0; i < 10000; i++) {
		*VEC_ADD(&a, &v) = i;
		*VEC_ADD(&a, &w) = -i;
	}
	bool same = true;
	for (int i = 0; i < 10000; i++)
		same = same && v.p[i] == i && w.p[i] == -i;
	CHECK(same);
	CHECK_STR(buf_str(&b), S(""));
	for (int i = 0; i < 1000; i++)
		buf_printf(&b, "%d,", i);
	buf_fill(&b, 'x', 3);
	buf_add(&b, (str){ NULL, 0 });
	CHECK(str_starts(buf_str(&b), S("0,1,2,")) && str_ends(buf_str(&b), S("999,xxx")));
	CHECK_INT(b.n, 3893);
	arena_free(&a);
}

static void slices(void)
{
	int64_t v;

	CHECK_STR(str_of(NULL), S(""));
	CHECK(str_eq(S("a\0b"), S("a\0b")) && !str_eq(S("a"), S("ab")));
	CHECK(str_cmp(S("a"), S("ab")) < 0 && str_cmp(S("\xff"), S("a")) > 0 && str_cmp(S(""), S("")) == 0);
	CHECK_INT(str_find(S("aaab"), S("aab")), 1);
	CHECK_INT(str_find(S("ab"), S("abc")), -1);
	CHECK_INT(str_find(S("ab"), S("")), 0);
	CHECK_INT(str_chr(S("abc"), 'c'), 2);
	CHECK_STR(str_sub(S("abc"), 2, 9), S("c"));
	CHECK_STR(str_sub(S("abc"), 3, 1), S(""));
	CHECK_STR(str_trim(S(" \t a b\n")), S("a b"));
	CHECK(str_to_i64(S("9223372036854775807"), &v) && v == INT64_MAX);
	CHECK(str_to_i64(S("-9223372036854775808"), &v) && v == INT64_MIN);
	CHECK(!str_to_i64(S("9223372036854775808"), &v) && !str_to_i64(S("-9223372036854775809"), &v));
	CHECK(!str_to_i64(S(""), &v) && !str_to_i64(S("-"), &v) && !str_to_i64(S("1 "), &v) && !str_to_i64(S("0x1"), &v));
	static const str names[] = { { "exclude", sizeof "exclude" - 1 }, { "label", sizeof "label" - 1 }, { "level", sizeof "level" - 1 } };
	CHECK_STR(str_nearest(S("lable"), names, COUNT(names)), S("label"));
	CHECK_STR(str_nearest(S("zzzzzz"), names, COUNT(names)), S(""));
	static const str fields[] = { { "runAsGroup", 10 }, { "runAsNonRoot", 12 }, { "livenessProbe", 13 }, { "hostPort", 8 }, { "containerPort", 13 },
		{ "preferredDuringSchedulingIgnoredDuringExecution", 47 }, { "x", 1 }, { "HTTPRoute", 9 } };
	CHECK_STR(str_nearest(S("runAsRoot"), fields, COUNT(fields)), S("runAsNonRoot"));
	CHECK_STR(str_nearest(S("liveness"), fields, COUNT(fields)), S("livenessProbe"));
	CHECK_STR(str_nearest(S("port"), fields, COUNT(fields)), S("")); /* of two */
	CHECK_STR(str_nearest(S("container-prot"), fields, COUNT(fields)), S("containerPort"));
	CHECK_STR(str_nearest(S("preferred_during_scheduling_ignored_during_execution"), fields, COUNT(fields)), fields[5]);
	CHECK_STR(str_nearest(S("Route"), fields, COUNT(fields)), S("HTTPRoute"));
	CHECK_STR(str_nearest(S("y"), fields, COUNT(fields)), S(""));
	CHECK_STR(str_nearest(S("X"), fields, COUNT(fields)), S("x"));
}

static void utf8(void)
{
	static const uint32_t points[] = { 0, 0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x10FFFF };
	static const char *const bad[] = { "\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
					   "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xe2\x82", "\xff", "\xc3" };
	char text[4];
	uint32_t cp;
	size_t at;

	for (size_t i = 0; i < COUNT(points); i++) {
		size_t n = utf8_encode(text, points[i]);
		CHECK_INT(utf8_decode((str){ text, n }, &cp), n);
		CHECK_INT(cp, points[i]);
		CHECK_INT(utf8_decode((str){ text, n - 1 }, &cp), 0);
	}
	for (size_t i = 0; i < COUNT(bad); i++)
		if (!CHECK(utf8_decode(str_of(bad[i]), &cp) == 0))
			fprintf(stderr, "\tcase %zu\n", i);
	CHECK(utf8_valid(S("aé€😀"), &at));
	CHECK(!utf8_valid(S("ab\xc3("), &at) && at == 2);
}

static void maps(void)
{
	struct arena a = { 0 };
	struct map m = { 0 };
	int values[2000];

	CHECK(map_get(&m, S("x")) == NULL);
	for (int i = 0; i < 2000; i++)
		*map_at(&a, &m, str_printf(&a, "key %d", i)) = &values[i];
	bool right = m.n == 2000;
	for (int i = 0; i < 2000; i++) {
		right = right && map_get(&m, str_printf(&a, "key %d", i)) == &values[i];
		right = right && m.items[i].value == &values[i];
	}
	CHECK(right);
	CHECK(map_get(&m, S("key")) == NULL && map_get(&m, S("")) == NULL);
	*map_at(&a, &m, S("")) = &values[0];
	*map_at(&a, &m, S("key 5")) = &values[0];
	CHECK(map_get(&m, S("")) == &values[0] && map_get(&m, S("key 5")) == &values[0] && m.n == 2001);
	arena_free(&a);
}

int main(void)
{
	arenas();
	too_much(SIZE_MAX / 2, 3);
	too_much(SIZE_MAX, 1);
	too_much((size_t)1 << 40, 1 << 10);
	vectors();
	slices();
	utf8();
	maps();
	return check_done();
}
