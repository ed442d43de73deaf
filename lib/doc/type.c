/* SPDX-License-Identifier: MIT */
/* What a plain scalar means, in both versions of YAML, and what a number is worth. */
#include "doc/internal.h"

#include <stdlib.h>

/* What a first byte promises; every other one makes a string. */
enum { FIRST_NONE, FIRST_DIGIT, FIRST_SIGN, FIRST_DOT, FIRST_WORD };
static const uint8_t first[256] = {
	['0'] = FIRST_DIGIT, ['1'] = FIRST_DIGIT, ['2'] = FIRST_DIGIT, ['3'] = FIRST_DIGIT, ['4'] = FIRST_DIGIT,
	['5'] = FIRST_DIGIT, ['6'] = FIRST_DIGIT, ['7'] = FIRST_DIGIT, ['8'] = FIRST_DIGIT, ['9'] = FIRST_DIGIT,
	['+'] = FIRST_SIGN,  ['-'] = FIRST_SIGN,  ['.'] = FIRST_DOT,   ['y'] = FIRST_WORD,  ['Y'] = FIRST_WORD,
	['n'] = FIRST_WORD,  ['N'] = FIRST_WORD,  ['t'] = FIRST_WORD,  ['T'] = FIRST_WORD,  ['f'] = FIRST_WORD,
	['F'] = FIRST_WORD,  ['o'] = FIRST_WORD,  ['O'] = FIRST_WORD,  ['~'] = FIRST_WORD,
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool one_of(str s, const char *const *words)
{
	for (; *words; words++)
		if (strlen(*words) == s.n && !memcmp(*words, s.p, s.n))
			return true;
	return false;
}

/* ---- words ------------------------------------------------------------------ */
/* Up to five letters as a number, case folded: words compare in one step. */
#define WORD(a, b, c, d, e) \
	((uint64_t)(a) | (uint64_t)(b) << 8 | (uint64_t)(c) << 16 | (uint64_t)(d) << 24 | (uint64_t)(e) << 32)

/* "word", "Word" or "WORD". */
static bool is_cased(str s)
{
	size_t i, upper = 0;

	for (i = 1; i < s.n; i++)
		upper += s.p[i] < 'a';
	return upper == 0 || (upper == s.n - 1 && s.p[0] < 'a');
}

static enum kind word_kind(str s, enum yaml_version v, bool *truth)
{
	uint64_t w = 0;
	size_t i;

	if (s.n > 5)
		return NODE_STRING;
	for (i = 0; i < s.n; i++)
		w |= (uint64_t)(unsigned char)(s.p[i] | 0x20) << 8 * i;
	switch (w) {
	case WORD('~', 0, 0, 0, 0):
		return s.p[0] == '~' ? NODE_NULL : NODE_STRING;
	case WORD('n', 'u', 'l', 'l', 0):
		return is_cased(s) ? NODE_NULL : NODE_STRING;
	case WORD('t', 'r', 'u', 'e', 0):
		*truth = is_cased(s);
		return *truth ? NODE_BOOL : NODE_STRING;
	case WORD('f', 'a', 'l', 's', 'e'):
		return is_cased(s) ? NODE_BOOL : NODE_STRING;
	case WORD('y', 0, 0, 0, 0):
	case WORD('y', 'e', 's', 0, 0):
	case WORD('o', 'n', 0, 0, 0):
		*truth = v == YAML_KUBERNETES && is_cased(s);
		return *truth ? NODE_BOOL : NODE_STRING;
	case WORD('n', 0, 0, 0, 0):
	case WORD('n', 'o', 0, 0, 0):
	case WORD('o', 'f', 'f', 0, 0):
		return v == YAML_KUBERNETES && is_cased(s) ? NODE_BOOL : NODE_STRING;
	}
	return NODE_STRING;
}

static bool is_infinite(str s)
{
	static const char *const inf[] = { ".inf", ".Inf", ".INF", NULL };

	if (s.n == 5 && (s.p[0] == '+' || s.p[0] == '-'))
		s = str_sub(s, 1, 5);
	return one_of(s, inf);
}

static bool is_nan(str s)
{
	static const char *const nan[] = { ".nan", ".NaN", ".NAN", NULL };

	return one_of(s, nan);
}

/* ---- integers ---------------------------------------------------------------- */
static int digit_value(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

/* The base that a prefix names; *s loses it and the sign. Underscores may stand anywhere. */
static int int_base(str *s, bool *neg)
{
	size_t i = 0;
	char c;

	*neg = s->n && s->p[0] == '-';
	if (s->n && (s->p[0] == '-' || s->p[0] == '+'))
		i++;
	while (i < s->n && s->p[i] == '_')
		i++;
	*s = str_sub(*s, i, s->n);
	if (s->n < 2 || s->p[0] != '0')
		return 10;
	for (i = 1; i < s->n && s->p[i] == '_'; i++)
		;
	if (i == s->n)
		return 10;
	c = s->p[i] | 0x20;
	if (c == 'x' || c == 'o' || c == 'b') {
		*s = str_sub(*s, i + 1, s->n);
		return c == 'x' ? 16 : c == 'o' ? 8 : 2;
	}
	return 8;
}

bool int_parse(str s, bool *neg, uint64_t *magnitude)
{
	int base = int_base(&s, neg), d;
	uint64_t v = 0;
	bool any = false;
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '_')
			continue;
		d = digit_value(s.p[i]);
		if (d >= base || v > (UINT64_MAX - d) / base)
			return false;
		v = v * base + d;
		any = true;
	}
	*magnitude = v;
	return any;
}

/* Beyond 64 bits only decimal integers are integers. */
static bool is_int(str s)
{
	str digits = s;
	bool neg;
	uint64_t m;
	size_t i;
	int base = int_base(&digits, &neg);

	if (base != 10)
		return int_parse(s, &neg, &m) && (is_digit(s.p[0]) || m <= (uint64_t)INT64_MAX + neg);
	for (i = 0; i < digits.n && (is_digit(digits.p[i]) || digits.p[i] == '_'); i++)
		;
	return i == digits.n && i > 0;
}

static bool is_int_12(str s)
{
	bool neg;
	uint64_t m;
	size_t i = s.p[0] == '+' || s.p[0] == '-';

	if (s.n > 2 && s.p[0] == '0' && (s.p[1] == 'o' || s.p[1] == 'x'))
		return str_chr(s, '_') < 0 && int_parse(s, &neg, &m);
	if (i == s.n)
		return false;
	for (; i < s.n; i++)
		if (!is_digit(s.p[i]))
			return false;
	return true;
}

/* ---- floats -------------------------------------------------------------------- */
static size_t skip_digits(str s, size_t *i, bool underscores)
{
	size_t n = 0;

	for (; *i < s.n && (is_digit(s.p[*i]) || (underscores && s.p[*i] == '_')); ++*i)
		n += s.p[*i] != '_';
	return n;
}

/* [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)? */
static bool is_float(str s, bool underscores)
{
	size_t i = s.p[0] == '+' || s.p[0] == '-', whole, part = 0;

	whole = skip_digits(s, &i, underscores);
	if (i < s.n && s.p[i] == '.') {
		i++;
		part = skip_digits(s, &i, underscores);
	}
	if (!whole && !part)
		return false;
	if (i < s.n && (s.p[i] == 'e' || s.p[i] == 'E')) {
		i++;
		while (underscores && i < s.n && s.p[i] == '_')
			i++;
		if (i < s.n && (s.p[i] == '+' || s.p[i] == '-'))
			i++;
		if (!skip_digits(s, &i, underscores))
			return false;
	}
	return i == s.n;
}

static double float_value(str s)
{
	char small[64], *copy = s.n < sizeof(small) ? small : malloc(s.n + 1), *p = copy;
	double d = 0;
	size_t i;

	if (!copy)
		return 0;
	for (i = 0; i < s.n; i++)
		if (s.p[i] != '_')
			*p++ = s.p[i];
	*p = '\0';
	d = strtod(copy, NULL);
	if (copy != small)
		free(copy);
	return d;
}

/* A float that no double holds is a string to Kubernetes' reader. */
static bool overflows(str s)
{
	double d;

	if (s.n < 300 && str_chr(s, 'e') < 0 && str_chr(s, 'E') < 0)
		return false;
	d = float_value(s);
	return d > 1.7976931348623157e308 || d < -1.7976931348623157e308;
}

/* The common case: decimal digits without a leading zero. */
static bool is_simple(str s)
{
	size_t i;

	for (i = 0; i < s.n && is_digit(s.p[i]); i++)
		;
	return i == s.n && (s.n == 1 || s.p[0] != '0');
}

enum kind scalar_kind(str s, enum yaml_version v, bool *truth)
{
	*truth = false;
	if (!s.n)
		return NODE_NULL;
	switch (first[(unsigned char)s.p[0]]) {
	case FIRST_NONE:
		return NODE_STRING;
	case FIRST_WORD:
		return word_kind(s, v, truth);
	case FIRST_DOT:
		if (is_nan(s) || is_infinite(s))
			return NODE_FLOAT;
		return is_float(s, false) && (v == YAML_1_2 || !overflows(s)) ? NODE_FLOAT : NODE_STRING;
	case FIRST_SIGN:
		if (is_infinite(s))
			return NODE_FLOAT;
		break;
	}
	if (is_simple(s))
		return NODE_INT;
	if (v == YAML_1_2)
		return is_int_12(s) ? NODE_INT : is_float(s, false) ? NODE_FLOAT : NODE_STRING;
	if (is_int(s))
		return NODE_INT;
	return is_float(s, true) && !overflows(s) ? NODE_FLOAT : NODE_STRING;
}

/* 0777: octal to one version, decimal to the other. */
static bool leading_zero(str s)
{
	size_t i = s.n && (s.p[0] == '+' || s.p[0] == '-');

	return i + 1 < s.n && s.p[i] == '0' && is_digit(s.p[i + 1]);
}

bool scalar_is_ambiguous(str s)
{
	bool x, y;
	enum kind k;

	if (s.n && first[(unsigned char)s.p[0]] == FIRST_NONE)
		return false;
	k = scalar_kind(s, YAML_KUBERNETES, &x);
	return k != scalar_kind(s, YAML_1_2, &y) || x != y || (k == NODE_INT && leading_zero(s));
}

str scalar_keep(struct arena *a, str s, enum kind k, enum yaml_version v)
{
	bool neg = s.n && s.p[0] == '-';

	if (v != YAML_1_2 || k != NODE_INT || !leading_zero(s))
		return s;
	while (leading_zero(s))
		s = str_sub(s, s.p[0] != '0' ? 2 : 1, s.n);
	return neg ? str_printf(a, "-%.*s", STR_ARG(s)) : s;
}
