/* SPDX-License-Identifier: MIT */
/* Regular expressions as RE2 means them. */
#ifndef INFRAFLUX_TEMPLATE_RE2_H
#define INFRAFLUX_TEMPLATE_RE2_H

#include "template/internal.h"

struct regex;
/* Compiled once for an execution.  NULL: it is none, reported (unless quiet). */
struct regex *re2_get(struct tmpl_call *c, str text, bool quiet);
/* 1: the first match at or after `from` is s[*start .. *end]; 0: none; -1: too much work, reported. */
int re2_match(struct tmpl_call *c, struct regex *re, str s, size_t from, size_t *start, size_t *end);
/* What a group (a number or a name) of the last match holds; false: nothing. */
bool re2_group(struct regex *re, str s, str name, str *out);

#endif
