/* SPDX-License-Identifier: MIT */
/* What a number is worth: exact comparison, conversion, and its text in JSON's terms. */
#include "doc/internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define EXPONENT_MAX ((int64_t)1 << 60)

/* A finite value is 0.DIGITS * 10^exponent; digits begins and ends with one that is not 0, and is empty for 0. */
struct decimal {
	bool neg, infinite, nan;
	str digits; /* may hold '.' and '_' */
	int64_t exponent;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int64_t exponent_of(str s)
{
	int64_t e = 0;
	bool neg = false;
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '-')
			neg = true;
		else if (is_digit(s.p[i]) && e < EXPONENT_MAX / 16)
			e = e * 10 + (s.p[i] - '0');
	}
	return neg ? -e : e;
}

static struct decimal decimal_parse(str s)
{
	struct decimal d = { .neg = s.n && s.p[0] == '-' };
	size_t i, from, to = 0;
	bool point = false;

	if (s.n && (d.neg || s.p[0] == '+'))
		s = str_sub(s, 1, s.n);
	if (s.n == 4 && s.p[0] == '.' && !is_digit(s.p[1])) {
		d.infinite = (s.p[1] | 0x20) == 'i';
		d.nan = !d.infinite;
		return d;
	}
	from = s.n;
	for (i = 0; i < s.n && (s.p[i] | 0x20) != 'e'; i++) {
		if (s.p[i] == '.')
			point = true;
		if (!is_digit(s.p[i]))
			continue;
		if (s.p[i] != '0' && from == s.n)
			from = i;
		if (from < s.n && s.p[i] != '0')
			to = i + 1;
		if (!point && from < s.n)
			d.exponent++;
		else if (point && from == s.n)
			d.exponent--;
	}
	if (i < s.n)
		d.exponent += exponent_of(str_sub(s, i + 1, s.n));
	d.digits = to ? str_sub(s, from, to) : (str){ s.p, 0 };
	if (!to)
		d.neg = false;
	return d;
}

/* The decimal of a number node; `room` holds the digits of one in another base. */
static struct decimal decimal_of(const struct node *n, char room[32])
{
	uint64_t m;
	bool neg;
	str s = node_text(n);

	if (n->kind == NODE_INT && s.n > 1 && int_parse(s, &neg, &m)) {
		s.n = snprintf(room, 32, "%s%llu", neg ? "-" : "", (unsigned long long)m);
		s.p = room;
	}
	return decimal_parse(s);
}

static bool next_digit(str s, size_t *i, char *c)
{
	while (*i < s.n && !is_digit(s.p[*i]))
		++*i;
	if (*i == s.n)
		return false;
	*c = s.p[(*i)++];
	return true;
}

bool number_equal(const struct node *x, const struct node *y)
{
	char xroom[32], yroom[32], c = 0, e = 0;
	struct decimal dx, dy;
	size_t i = 0, j = 0;
	bool more, also;

	if (x->kind == y->kind && str_eq(node_text(x), node_text(y)))
		return true;
	dx = decimal_of(x, xroom);
	dy = decimal_of(y, yroom);
	if (dx.infinite || dy.infinite || dx.nan || dy.nan)
		return dx.infinite == dy.infinite && dx.nan == dy.nan && (dx.nan || dx.neg == dy.neg);
	if (!dx.digits.n || !dy.digits.n)
		return !dx.digits.n && !dy.digits.n;
	if (dx.neg != dy.neg || dx.exponent != dy.exponent)
		return false;
	do {
		more = next_digit(dx.digits, &i, &c);
		also = next_digit(dy.digits, &j, &e);
		if (more != also || (more && c != e))
			return false;
	} while (more);
	return true;
}

bool node_to_i64(const struct node *n, int64_t *v)
{
	char room[32], c;
	struct decimal d;
	uint64_t m;
	int64_t left;
	size_t i = 0;

	if (!n || (n->kind != NODE_INT && n->kind != NODE_FLOAT))
		return false;
	if (n->kind == NODE_INT && int_parse(node_text(n), &d.neg, &m)) {
		*v = d.neg ? (int64_t)(0 - m) : (int64_t)m;
		return m <= (uint64_t)INT64_MAX + d.neg;
	}
	m = 0;
	d = decimal_of(n, room);
	if (d.infinite || d.nan || d.exponent > 19 || (d.digits.n && d.exponent < 1))
		return false;
	for (left = d.digits.n ? d.exponent : 0; left > 0; left--) {
		if (!next_digit(d.digits, &i, &c))
			c = '0';
		if (m > (UINT64_MAX - (c - '0')) / 10)
			return false;
		m = m * 10 + (c - '0');
	}
	if (next_digit(d.digits, &i, &c) || m > (uint64_t)INT64_MAX + d.neg)
		return false;
	*v = d.neg ? (int64_t)(0 - m) : (int64_t)m;
	return true;
}

double node_to_double(const struct node *n)
{
	char room[32];
	struct decimal d;
	struct arena a = { 0 };
	double v;

	if (!n || (n->kind != NODE_INT && n->kind != NODE_FLOAT))
		return 0;
	d = decimal_of(n, room);
	if (d.nan)
		return NAN;
	if (d.infinite)
		return d.neg ? -INFINITY : INFINITY;
	v = strtod(node_number_text(&a, n).p, NULL);
	arena_free(&a);
	return v;
}

/* A number as JSON has it already: -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)? */
static bool is_json(str s)
{
	size_t i = s.n && s.p[0] == '-', from = i;

	while (i < s.n && is_digit(s.p[i]))
		i++;
	if (i == from || (s.p[from] == '0' && i > from + 1))
		return false;
	if (i < s.n && s.p[i] == '.') {
		for (from = ++i; i < s.n && is_digit(s.p[i]); i++)
			;
		if (i == from)
			return false;
	}
	if (i < s.n && (s.p[i] | 0x20) == 'e') {
		i++;
		if (i < s.n && (s.p[i] == '+' || s.p[i] == '-'))
			i++;
		for (from = i; i < s.n && is_digit(s.p[i]); i++)
			;
		if (i == from)
			return false;
	}
	return i == s.n;
}

static str decimal_text(struct arena *a, str s)
{
	struct buf b = BUF(a);
	size_t i = 0, whole;

	if (s.n && (s.p[0] == '-' || s.p[0] == '+')) {
		if (s.p[0] == '-')
			buf_char(&b, '-');
		i++;
	}
	while (i < s.n && (s.p[i] == '0' || s.p[i] == '_'))
		i++;
	for (whole = b.n; i < s.n && (is_digit(s.p[i]) || s.p[i] == '_'); i++)
		if (s.p[i] != '_')
			buf_char(&b, s.p[i]);
	if (b.n == whole)
		buf_char(&b, '0');
	if (i + 1 < s.n && s.p[i] == '.' && (is_digit(s.p[i + 1]) || s.p[i + 1] == '_'))
		buf_char(&b, '.');
	for (whole = b.n; i < s.n; i++)
		if (s.p[i] != '_' && s.p[i] != '.')
			buf_char(&b, s.p[i]);
	if (b.n == whole && whole && b.p[whole - 1] == '.')
		b.n--;
	return str_copy(a, buf_str(&b));
}

str node_number_text(struct arena *a, const struct node *n)
{
	uint64_t m;
	bool neg;
	str s = node_str(n);

	if (!n)
		return s;
	switch ((enum kind)n->kind) {
	case NODE_NULL:
		return S("null");
	case NODE_BOOL:
		return node_true(n) ? S("true") : S("false");
	case NODE_INT:
		if (is_json(s))
			return s;
		if (int_parse(s, &neg, &m))
			return str_printf(a, "%s%llu", neg ? "-" : "", (unsigned long long)m);
		return decimal_text(a, s);
	case NODE_FLOAT:
		if (is_json(s) || decimal_parse(s).infinite || decimal_parse(s).nan)
			return s;
		return decimal_text(a, s);
	default:
		return s;
	}
}

/* As Go's FormatFloat(v, 'g', -1, 32), which names the keys of Kubernetes' reader. */
static str float_key(struct arena *a, double v)
{
	int precision, exponent;
	char text[40];

	if (isnan(v))
		return S(".nan");
	if (fabs(v) > 3.4028235677973366e38)
		return v < 0 ? S("-.inf") : S(".inf");
	for (precision = 0; precision < 9; precision++) {
		snprintf(text, sizeof(text), "%.*e", precision, (double)(float)v);
		if (strtof(text, NULL) == (float)v)
			break;
	}
	exponent = atoi(strchr(text, 'e') + 1);
	if (exponent < -4 || exponent >= 6)
		return str_copy(a, str_of(text));
	return str_printf(a, "%.*f", precision > exponent ? precision - exponent : 0, (double)(float)v);
}

str scalar_key(struct arena *a, str text, enum kind k, bool truth, enum yaml_version v)
{
	struct node n = { .kind = k, .flags = truth ? NODE_TRUE : 0, .n = text.n, .text = text.p };

	if (k == NODE_FLOAT && v != YAML_1_2)
		return float_key(a, node_to_double(&n));
	return node_number_text(a, &n);
}
