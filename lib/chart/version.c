/* SPDX-License-Identifier: MIT */
/* Versions and the ranges that Chart.yaml asks for: ^1.2, ~1.2.3, >=1.2 <2, 1.x || 2.x, 1.2 - 1.4. */
#include <string.h>

#include "chart/internal.h"

struct version {
	uint64_t part[3];
	size_t n; /* parts that are there, before an x */
	str pre;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* v1.2.3-pre+meta with parts left out at the end; wild: x, X and * may stand for parts. */
static bool read_version(str s, bool wild, struct version *out)
{
	size_t i = str_starts(s, S("v")) ? 1 : 0, parts = 0;
	bool any = false;

	*out = (struct version){ 0 };
	for (; parts < 3; parts++) {
		if (parts > 0) {
			if (i >= s.n || s.p[i] != '.')
				break;
			i++;
		}
		if (wild && i < s.n && strchr("xX*", s.p[i])) {
			any = true;
			i++;
			continue;
		}
		size_t from = i;
		uint64_t v = 0;
		for (; i < s.n && is_digit(s.p[i]) && i - from < 18; i++)
			v = v * 10 + (uint64_t)(s.p[i] - '0');
		if (i == from)
			return false;
		if (!any) {
			out->part[parts] = v;
			out->n = parts + 1;
		}
	}
	if (i < s.n && s.p[i] == '-') {
		size_t from = ++i;
		while (i < s.n && s.p[i] != '+')
			i++;
		out->pre = str_sub(s, from, i);
	}
	return i == s.n || s.p[i] == '+';
}

static int compare_part(str a, str b)
{
	bool na = a.n > 0, nb = b.n > 0;

	for (size_t i = 0; i < a.n; i++)
		na = na && is_digit(a.p[i]);
	for (size_t i = 0; i < b.n; i++)
		nb = nb && is_digit(b.p[i]);
	if (na != nb)
		return na ? -1 : 1;
	if (na && a.n != b.n)
		return a.n < b.n ? -1 : 1;
	return str_cmp(a, b);
}

static int compare_pre(str a, str b)
{
	if (a.n == 0 || b.n == 0)
		return a.n == b.n ? 0 : a.n ? -1 : 1;
	for (;;) {
		ptrdiff_t da = str_chr(a, '.'), db = str_chr(b, '.');
		int c = compare_part(da < 0 ? a : str_sub(a, 0, (size_t)da), db < 0 ? b : str_sub(b, 0, (size_t)db));
		if (c)
			return c;
		if (da < 0 || db < 0)
			return da < 0 ? (db < 0 ? 0 : -1) : 1;
		a = str_sub(a, (size_t)da + 1, a.n);
		b = str_sub(b, (size_t)db + 1, b.n);
	}
}

static int compare(const struct version *a, const struct version *b)
{
	for (size_t i = 0; i < 3; i++)
		if (a->part[i] != b->part[i])
			return a->part[i] < b->part[i] ? -1 : 1;
	return compare_pre(a->pre, b->pre);
}

/* Do the first n parts agree? */
static bool same(const struct version *a, const struct version *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (a->part[i] != b->part[i])
			return false;
	return true;
}

static bool meets(const struct version *v, str op, const struct version *c)
{
	if (v->pre.n && !c->pre.n)
		return false;
	int order = compare(v, c);
	bool part = c->n < 3; /* 1.2 is 1.2.x */

	if (str_eq(op, S(">")))
		return part ? order > 0 && !same(v, c, c->n) : order > 0;
	if (str_eq(op, S("<")))
		return order < 0;
	if (str_eq(op, S(">=")) || str_eq(op, S("=>")))
		return order >= 0;
	if (str_eq(op, S("<=")) || str_eq(op, S("=<")))
		return order <= 0 || (part && same(v, c, c->n));
	if (str_eq(op, S("!=")))
		return part ? !same(v, c, c->n) : order != 0;
	if (str_eq(op, S("^"))) {
		size_t fixed = 1;
		while (fixed < c->n && c->part[fixed - 1] == 0)
			fixed++;
		return c->n == 0 || (order >= 0 && same(v, c, fixed));
	}
	if (op.n && op.p[0] == '~')
		return c->n == 0 || (order >= 0 && same(v, c, c->n > 1 ? 2 : 1));
	return part ? same(v, c, c->n) : order == 0;
}

static size_t skip(str s, size_t i)
{
	while (i < s.n && (s.p[i] == ' ' || s.p[i] == '\t' || s.p[i] == ','))
		i++;
	return i;
}

static str word(str s, size_t *i, const char *ends)
{
	size_t from = *i;

	while (*i < s.n && !strchr(ends, s.p[*i]))
		++*i;
	return str_sub(s, from, *i);
}

/* All that stand between two ||.  1, 0, or -1: malformed. */
static int meets_all(const struct version *v, str s)
{
	int ok = 1;
	size_t count = 0;

	for (size_t i = skip(s, 0); i < s.n; i = skip(s, i), count++) {
		size_t from = i;
		while (i < s.n && strchr("=!<>~^", s.p[i]))
			i++;
		str op = str_sub(s, from, i);
		while (i < s.n && s.p[i] == ' ')
			i++;
		struct version c, to;
		if (!read_version(word(s, &i, " ,\t"), true, &c))
			return -1;
		if (op.n == 0 && str_starts(str_sub(s, i, s.n), S(" - "))) {
			i += 3;
			if (!read_version(word(s, &i, " ,\t"), true, &to))
				return -1;
			ok = ok && meets(v, S(">="), &c) && meets(v, S("<="), &to);
			continue;
		}
		ok = ok && meets(v, op, &c);
	}
	return count ? ok : -1;
}

int version_in(str version, str range)
{
	struct version v;
	int any = 0;

	if (!read_version(str_trim(version), false, &v))
		return -1;
	for (;;) {
		ptrdiff_t or = str_find(range, S("||"));
		int r = meets_all(&v, or < 0 ? range : str_sub(range, 0, (size_t)or));
		if (r < 0)
			return -1;
		any |= r;
		if (or < 0)
			return any;
		range = str_sub(range, (size_t)or + 2, range.n);
	}
}

bool version_valid(str version)
{
	struct version v;

	return read_version(version, false, &v);
}
