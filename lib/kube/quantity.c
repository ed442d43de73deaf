/* SPDX-License-Identifier: MIT */
/* resource.Quantity: the whole grammar, compared exactly at any length. */
#include "kube/kube.h"

#include <string.h>

/*
 * A quantity is SIGN FIGURES x 2^two x 10^ten.  Figures are compared as
 * decimal strings; a power of two (Ki … Ei) is multiplied in.
 */
struct quantity {
	bool negative;
	str whole, part; /* figures before and after the point */
	int two;
	int64_t ten;
};

static size_t figures(str s, size_t i)
{
	while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
		i++;
	return i;
}

static bool suffix(str s, struct quantity *q)
{
	static const struct {
		const char *name;
		int two, ten;
	} suffixes[] = { { "Ki", 10, 0 }, { "Mi", 20, 0 }, { "Gi", 30, 0 }, { "Ti", 40, 0 }, { "Pi", 50, 0 }, { "Ei", 60, 0 },
			 { "n", 0, -9 },  { "u", 0, -6 },  { "m", 0, -3 },  { "k", 0, 3 },   { "M", 0, 6 },   { "G", 0, 9 },
			 { "T", 0, 12 },  { "P", 0, 15 },  { "E", 0, 18 } };

	if (!s.n)
		return true;
	for (size_t i = 0; i < COUNT(suffixes); i++)
		if (str_eq(s, str_of(suffixes[i].name))) {
			q->two = suffixes[i].two;
			q->ten = suffixes[i].ten;
			return true;
		}
	if ((s.p[0] != 'e' && s.p[0] != 'E') || s.n > 12)
		return false;
	size_t from = 1 + (s.n > 1 && (s.p[1] == '+' || s.p[1] == '-'));
	if (from == s.n || figures(s, from) != s.n)
		return false;
	str digits = str_sub(s, from, s.n);
	if (!str_to_i64(digits, &q->ten) || q->ten > INT32_MAX)
		return false; /* the API reads a 32-bit exponent */
	if (s.p[1] == '-')
		q->ten = -q->ten;
	return true;
}

static bool parse(str s, struct quantity *q)
{
	size_t i = s.n && (s.p[0] == '+' || s.p[0] == '-'), from = i;

	*q = (struct quantity){ .negative = s.n && s.p[0] == '-' };
	i = figures(s, i);
	q->whole = str_sub(s, from, i);
	if (i < s.n && s.p[i] == '.') {
		from = ++i;
		i = figures(s, i);
		q->part = str_sub(s, from, i);
	}
	return q->whole.n + q->part.n && suffix(str_sub(s, i, s.n), q);
}

bool kube_quantity_valid(str s)
{
	struct quantity q;

	return parse(s, &q);
}

/* A number without sign: figures, the first of them not 0, scaled by 10^ten. */
struct decimal {
	char *p;
	size_t n;
	int64_t ten;
};

static void shift_left(struct decimal *d, int bits)
{
	/* before p there is CARRY_ROOM for the figures that 2^60 adds */
	while (bits > 0) {
		int now = bits > 10 ? 10 : bits;
		unsigned carry = 0;
		for (size_t i = d->n; i-- > 0;) {
			unsigned v = ((unsigned)(d->p[i] - '0') << now) + carry;
			d->p[i] = (char)('0' + v % 10);
			carry = v / 10;
		}
		for (; carry; carry /= 10) {
			*--d->p = (char)('0' + carry % 10);
			d->n++;
		}
		bits -= now;
	}
}

#define CARRY_ROOM 24

static struct decimal decimal_of(struct arena *a, const struct quantity *q)
{
	char *p = arena_raw(a, CARRY_ROOM + q->whole.n + q->part.n + 1);
	p += CARRY_ROOM;
	struct decimal d = { p, 0, q->ten - (int64_t)q->part.n };

	if (q->whole.n)
		memcpy(p, q->whole.p, q->whole.n);
	if (q->part.n)
		memcpy(p + q->whole.n, q->part.p, q->part.n);
	d.n = q->whole.n + q->part.n;
	while (d.n && *d.p == '0') {
		d.p++;
		d.n--;
	}
	if (d.n)
		shift_left(&d, q->two);
	while (d.n && d.p[d.n - 1] == '0') {
		d.n--;
		d.ten++;
	}
	return d;
}

static int compare_size(const struct decimal *x, const struct decimal *y)
{
	if (!x->n || !y->n)
		return (x->n > 0) - (y->n > 0);
	int64_t top_x = (int64_t)x->n + x->ten, top_y = (int64_t)y->n + y->ten;
	if (top_x != top_y)
		return top_x < top_y ? -1 : 1;
	size_t common = x->n < y->n ? x->n : y->n;
	int order = memcmp(x->p, y->p, common);
	if (order)
		return order < 0 ? -1 : 1;
	return (x->n > y->n) - (x->n < y->n); /* no trailing zeros: the longer is the larger */
}

bool kube_quantity_whole(str s)
{
	struct quantity q;
	struct arena a = { 0 };

	if (!parse(s, &q))
		return false;
	struct decimal d = decimal_of(&a, &q);
	arena_free(&a);
	return !d.n || d.ten >= 0;
}

bool kube_quantity_cmp(str x, str y, int *order)
{
	struct quantity qx, qy;
	struct arena a = { 0 };

	if (!parse(x, &qx) || !parse(y, &qy))
		return false;
	struct decimal dx = decimal_of(&a, &qx), dy = decimal_of(&a, &qy);
	bool neg_x = qx.negative && dx.n, neg_y = qy.negative && dy.n;
	if (neg_x != neg_y)
		*order = neg_x ? -1 : 1;
	else
		*order = neg_x ? compare_size(&dy, &dx) : compare_size(&dx, &dy);
	arena_free(&a);
	return true;
}

bool kube_quantity_to_i64(str s, int64_t *v)
{
	struct quantity q;
	struct arena a = { 0 };
	int64_t n = 0;
	bool fits;

	if (!parse(s, &q))
		return false;
	struct decimal d = decimal_of(&a, &q);
	fits = !d.n || (d.ten >= 0 && (int64_t)d.n + d.ten <= 18);
	for (int64_t i = 0; fits && d.n && i < (int64_t)d.n + d.ten; i++)
		n = n * 10 + (i < (int64_t)d.n ? d.p[i] - '0' : 0);
	arena_free(&a);
	*v = q.negative ? -n : n;
	return fits;
}
