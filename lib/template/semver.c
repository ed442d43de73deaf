/* SPDX-License-Identifier: MIT */
/* Semantic versions and their constraints, as Masterminds' library reads them (Helm's kubeVersion, semverCompare). */
#include <string.h>

#include "template/semver.h"

static bool digit(int c)
{
	return c >= '0' && c <= '9';
}

static bool word(int c)
{
	return digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '-';
}

/* Dot-separated words at *i. */
static bool words(str s, size_t *i, str *out)
{
	size_t from = *i, part = *i;

	for (;; (*i)++) {
		if (*i < s.n && word(s.p[*i]))
			continue;
		if (*i == part)
			return false;
		if (*i == s.n || s.p[*i] != '.' || *i + 1 >= s.n || !word(s.p[*i + 1]))
			break;
		part = *i + 1;
	}
	*out = str_sub(s, from, *i);
	return true;
}

/* Numbers among the words of a prerelease have no leading zero. */
static bool good_prerelease(str pre)
{
	for (size_t i = 0, end; i < pre.n; i = end + 1) {
		bool number = true;

		for (end = i; end < pre.n && pre.p[end] != '.'; end++)
			number &= digit(pre.p[end]);
		if (number && end - i > 1 && pre.p[i] == '0')
			return false;
	}
	return true;
}

static bool number(str s, uint64_t *out)
{
	*out = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (!digit(s.p[i]) || *out > (UINT64_MAX - 9) / 10)
			return false;
		*out = *out * 10 + (uint64_t)(s.p[i] - '0');
	}
	return s.n != 0;
}

/* v1.2.3-pre+meta at *i, parts of it optional; segments may be x where wild is given (bits of it: which were wild or left out). */
static bool version_at(str s, size_t *i, struct semver *v, unsigned *wild)
{
	uint64_t *segments[] = { &v->major, &v->minor, &v->patch };
	size_t from = *i;

	memset(v, 0, sizeof(*v));
	*wild = 7;
	if (*i < s.n && s.p[*i] == 'v')
		++*i;
	for (int k = 0; k < 3; k++) {
		size_t start = *i + (k > 0), end = start;

		if (k && (*i >= s.n || s.p[*i] != '.'))
			break;
		while (end < s.n && (digit(s.p[end]) || strchr("xX*", s.p[end])))
			end++;
		if (end == start) {
			if (k == 0)
				return false;
			break;
		}
		*i = end;
		if (end - start == 1 && strchr("xX*", s.p[start]))
			continue;
		if (!number(str_sub(s, start, end), segments[k]))
			return false;
		*wild &= ~(1u << k);
	}
	if (*i < s.n && s.p[*i] == '-') {
		size_t at = *i + 1;

		if (words(s, &at, &v->pre))
			*i = at;
	}
	if (*i < s.n && s.p[*i] == '+') {
		size_t at = *i + 1;

		if (words(s, &at, &v->metadata))
			*i = at;
	}
	v->original = str_sub(s, from, *i);
	return good_prerelease(v->pre);
}

bool semver_parse(str s, struct semver *v)
{
	unsigned wild;
	size_t i = 0;

	for (size_t k = 0; k < s.n && s.p[k] != '-' && s.p[k] != '+'; k++)
		if (!digit(s.p[k]) && s.p[k] != '.' && !(k == 0 && s.p[k] == 'v'))
			return false;
	return s.n <= 256 && version_at(s, &i, v, &wild) && i == s.n;
}

static int by_number(uint64_t x, uint64_t y)
{
	return x < y ? -1 : x > y;
}

static int by_part(str x, str y)
{
	uint64_t nx, ny;
	bool ix = number(x, &nx), iy = number(y, &ny);

	if (!x.n || !y.n)
		return x.n ? 1 : y.n ? -1 : 0;
	if (ix && iy)
		return by_number(nx, ny);
	if (ix != iy)
		return ix ? -1 : 1;
	return str_cmp(x, y);
}

static str part(str *s)
{
	ptrdiff_t dot = str_chr(*s, '.');
	str p = dot < 0 ? *s : str_sub(*s, 0, (size_t)dot);

	*s = dot < 0 ? (str){ 0 } : str_sub(*s, (size_t)dot + 1, s->n);
	return p;
}

static int by_prerelease(str x, str y)
{
	int r = 0;

	while (!r && (x.n || y.n))
		r = by_part(part(&x), part(&y));
	return r;
}

int semver_compare(const struct semver *x, const struct semver *y)
{
	int r = by_number(x->major, y->major);

	if (!r)
		r = by_number(x->minor, y->minor);
	if (!r)
		r = by_number(x->patch, y->patch);
	if (r || (!x->pre.n && !y->pre.n))
		return r;
	if (!x->pre.n || !y->pre.n)
		return x->pre.n ? -1 : 1;
	return by_prerelease(x->pre, y->pre);
}

/* ---- constraints ---- */

enum op { EQUAL, NOT_EQUAL, GREATER, LESS, GREATER_EQUAL, LESS_EQUAL, TILDE, CARET };

struct constraint {
	enum op op;
	struct semver v;
	bool dirty, minor_dirty, patch_dirty;
};

static enum op operator(str s, size_t *i)
{
	static const struct {
		const char *text;
		enum op op;
	} ops[] = { { "!=", NOT_EQUAL }, { ">=", GREATER_EQUAL }, { "=>", GREATER_EQUAL }, { "<=", LESS_EQUAL }, { "=<", LESS_EQUAL },
		    { "~>", TILDE },	 { "=", EQUAL },	  { ">", GREATER },	   { "<", LESS },	 { "~", TILDE },
		    { "^", CARET } };

	for (size_t k = 0; k < COUNT(ops); k++)
		if (str_starts(str_sub(s, *i, s.n), str_of(ops[k].text))) {
			*i += strlen(ops[k].text);
			return ops[k].op;
		}
	return EQUAL;
}

static bool space(int c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

static size_t spaces(str s, size_t *i)
{
	size_t from = *i;

	while (*i < s.n && space(s.p[*i]))
		++*i;
	return *i - from;
}

/* What is left out or x: 0, and "dirty". */
static void wildcards(struct constraint *c, unsigned wild)
{
	c->dirty = wild != 0;
	c->minor_dirty = !(wild & 1) && (wild & 2);
	c->patch_dirty = !(wild & 3) && (wild & 4);
	if (wild & 1)
		c->v.major = 0;
	if (wild & 3)
		c->v.minor = 0;
	if (wild)
		c->v.patch = 0;
}

/* The next constraint at *i; "1.2 - 3" gives two. 0: the end; -1: no constraint. */
static int next(str s, size_t *i, bool first, struct constraint c[2])
{
	size_t gap = spaces(s, i), at;
	bool comma = !first && *i < s.n && s.p[*i] == ',';
	unsigned wild;

	if (*i == s.n)
		return first ? -1 : 0;
	if (comma)
		++*i;
	if (!first && !comma && !gap)
		return -1;
	spaces(s, i);
	at = *i;
	c[0].op = operator(s, i);
	spaces(s, i);
	if (!version_at(s, i, &c[0].v, &wild))
		return -1;
	wildcards(&c[0], wild);
	if (*i == at + c[0].v.original.n) { /* no operator: perhaps a range */
		at = *i;
		if (spaces(s, &at) && at < s.n && s.p[at++] == '-' && spaces(s, &at) && version_at(s, &at, &c[1].v, &wild)) {
			*i = at;
			c[0].op = GREATER_EQUAL;
			c[1].op = LESS_EQUAL;
			wildcards(&c[1], wild);
			return 2;
		}
	}
	return 1;
}

static bool tilde(const struct semver *v, const struct constraint *c)
{
	if (semver_compare(v, &c->v) < 0)
		return false;
	if (!c->v.major && !c->v.minor && !c->v.patch && !c->minor_dirty && !c->patch_dirty)
		return true;
	return v->major == c->v.major && (v->minor == c->v.minor || c->minor_dirty);
}

static bool caret(const struct semver *v, const struct constraint *c)
{
	if (semver_compare(v, &c->v) < 0)
		return false;
	if (c->v.major > 0 || c->minor_dirty)
		return v->major == c->v.major;
	if (v->major > 0)
		return false;
	if (c->v.minor > 0 || c->patch_dirty)
		return v->minor == c->v.minor;
	return v->minor == 0 && v->patch == c->v.patch;
}

static bool not_equal(const struct semver *v, const struct constraint *c)
{
	if (!c->dirty)
		return semver_compare(v, &c->v) != 0;
	if (c->v.major != v->major)
		return true;
	if (c->v.minor != v->minor && !c->minor_dirty)
		return true;
	if (c->minor_dirty)
		return false;
	if (c->v.patch != v->patch && !c->patch_dirty)
		return true;
	if (c->patch_dirty)
		return (v->pre.n || c->v.pre.n) && by_prerelease(v->pre, c->v.pre) != 0;
	return semver_compare(v, &c->v) != 0;
}

static bool greater(const struct semver *v, const struct constraint *c)
{
	if (c->dirty && v->major != c->v.major)
		return v->major > c->v.major;
	if (c->minor_dirty)
		return false;
	if (c->patch_dirty)
		return v->minor > c->v.minor;
	return semver_compare(v, &c->v) > 0;
}

static bool less_equal(const struct semver *v, const struct constraint *c)
{
	if (!c->dirty)
		return semver_compare(v, &c->v) <= 0;
	return v->major < c->v.major || (v->major == c->v.major && (v->minor <= c->v.minor || c->minor_dirty));
}

static bool holds(const struct semver *v, const struct constraint *c, bool prereleases)
{
	if (v->pre.n && !prereleases)
		return false;
	switch (c->op) {
	case EQUAL:
		return c->dirty ? tilde(v, c) : semver_compare(v, &c->v) == 0;
	case NOT_EQUAL:
		return not_equal(v, c);
	case GREATER:
		return greater(v, c);
	case LESS:
		return semver_compare(v, &c->v) < 0;
	case GREATER_EQUAL:
		return semver_compare(v, &c->v) >= 0;
	case LESS_EQUAL:
		return less_equal(v, c);
	case TILDE:
		return tilde(v, c);
	case CARET:
		return caret(v, c);
	}
	return false;
}

/* All constraints of one side of "||". 1, 0, or -1: it is none. */
static int check_all(str s, const struct semver *v)
{
	struct constraint c[2];
	bool prereleases = false, joy = true;
	size_t i = 0;
	int n;

	for (bool first = true; (n = next(s, &i, first, c)); first = false) {
		if (n < 0)
			return -1;
		prereleases |= c[0].v.pre.n || (n == 2 && c[1].v.pre.n);
	}
	i = 0;
	for (bool first = true; (n = next(s, &i, first, c)); first = false)
		for (int k = 0; k < n; k++)
			joy &= holds(v, &c[k], prereleases);
	return joy;
}

int semver_satisfies(str constraint, const struct semver *v)
{
	int joy = 0;

	if (constraint.n > 512)
		return -1;
	for (size_t at = 0; at <= constraint.n;) {
		ptrdiff_t bar = str_find(str_sub(constraint, at, constraint.n), S("||"));
		size_t end = bar < 0 ? constraint.n : at + (size_t)bar;
		int r = check_all(str_sub(constraint, at, end), v);

		if (r < 0)
			return -1;
		joy |= r;
		at = bar < 0 ? constraint.n + 1 : end + 2;
	}
	return joy;
}
