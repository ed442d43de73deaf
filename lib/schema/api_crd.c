/* SPDX-License-Identifier: MIT */
/* Texts of CustomResourceDefinitions: regular expressions, and paths to fields. */
#include "schema/internal.h"

bool api_re2(str s)
{
	struct arena a = { 0 };
	const char *error;
	size_t offset;
	struct regex *r = regex_compile(&a, s, REGEX_RE2, &error, &offset);
	if (r)
		regex_free(r);
	arena_free(&a);
	return r;
}

bool api_spec_path(str s)
{
	return str_starts(s, S(".spec."));
}

bool api_status_path(str s)
{
	return str_starts(s, S(".status."));
}

bool api_own_path(str s)
{
	return api_spec_path(s) || api_status_path(s);
}

bool api_dot_path(str s)
{
	return str_starts(s, S("."));
}
