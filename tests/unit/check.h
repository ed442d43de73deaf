/* SPDX-License-Identifier: MIT */
/* The checks of a unit test: each failure is a line on standard error; main ends with `return check_done();`. */
#ifndef INFRAFLUX_CHECK_H
#define INFRAFLUX_CHECK_H

#include "base/base.h"

#include <stdio.h>

static int check_passed, check_failed;

#define CHECK(cond) check_that((cond), __FILE__, __LINE__, #cond)
#define CHECK_STR(got, want) check_str((got), (want), __FILE__, __LINE__, #got)
#define CHECK_INT(got, want) check_int((got), (want), __FILE__, __LINE__, #got)

static inline bool check_that(bool ok, const char *file, int line, const char *what)
{
	if (ok) {
		check_passed++;
		return true;
	}
	check_failed++;
	fprintf(stderr, "%s:%d: failed: %s\n", file, line, what);
	return false;
}

/* The two slices hold the same bytes. */
static inline bool check_str(str got, str want, const char *file, int line, const char *what)
{
	bool ok = check_that(str_eq(got, want), file, line, what);

	if (!ok)
		fprintf(stderr, "\tgot:  %.*s\n\twant: %.*s\n", STR_ARG(got), STR_ARG(want));
	return ok;
}

static inline bool check_int(long long got, long long want, const char *file, int line, const char *what)
{
	bool ok = check_that(got == want, file, line, what);

	if (!ok)
		fprintf(stderr, "\tgot:  %lld\n\twant: %lld\n", got, want);
	return ok;
}

/* The count line; the exit status of the test. */
static inline int check_done(void)
{
	printf("%d passed, %d failed\n", check_passed, check_failed);
	return check_failed || !check_passed;
}

#endif
