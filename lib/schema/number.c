/* SPDX-License-Identifier: MIT */
/* Exact decimals: numbers are compared as the text says them, whatever their size. */
#include "schema/internal.h"

#include <string.h>

enum { STEPS_MOST = 5000000 }; /* of long division */

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

/* [-+]digits[.digits][e[-+]digits]; false: something else (.inf, 0x1F). */
static bool parse(struct arena *a, str s, struct decimal *d)
{
	size_t i = 0, point = 0, n = 0;
	bool seen_point = false, any = false;
	char *digits = arena_raw(a, s.n + 1);
	*d = (struct decimal){ .digits = digits };
	if (i < s.n && (s.p[i] == '-' || s.p[i] == '+'))
		d->negative = s.p[i++] == '-';
	for (; i < s.n && (digit(s.p[i]) || (s.p[i] == '.' && !seen_point)); i++) {
		if (s.p[i] == '.') {
			seen_point = true;
			continue;
		}
		any = true;
		if (n || s.p[i] != '0') {
			digits[n++] = s.p[i];
			point += !seen_point;
		} else if (seen_point) {
			d->exp--; /* 0.00… before the first digit */
		}
	}
	if (!any)
		return false;
	int64_t e = 0;
	bool minus = false;
	if (i < s.n && (s.p[i] == 'e' || s.p[i] == 'E')) {
		i++;
		if (i < s.n && (s.p[i] == '-' || s.p[i] == '+'))
			minus = s.p[i++] == '-';
		for (; i < s.n && digit(s.p[i]); i++)
			if (e < INT64_C(1000000000000))
				e = e * 10 + (s.p[i] - '0');
	}
	while (n && digits[n - 1] == '0')
		n--;
	d->n = n;
	d->exp = n ? d->exp + (int64_t)point + (minus ? -e : e) : 0;
	d->negative &= n > 0;
	return i == s.n;
}

struct decimal decimal_of(struct arena *a, const struct node *n)
{
	struct decimal d;
	if (!parse(a, node_text(n), &d) && !parse(a, node_number_text(a, n), &d))
		return (struct decimal){ .bad = true };
	return d;
}

int decimal_cmp(const struct decimal *x, const struct decimal *y)
{
	int sign = x->negative ? -1 : 1;
	if (x->negative != y->negative) /* zero is not negative */
		return sign;
	if (!x->n || !y->n)
		return x->n ? sign : y->n ? -sign : 0;
	if (x->exp != y->exp)
		return x->exp > y->exp ? sign : -sign;
	int c = memcmp(x->digits, y->digits, x->n < y->n ? x->n : y->n);
	if (!c)
		c = (x->n > y->n) - (x->n < y->n);
	return c > 0 ? sign : c < 0 ? -sign : 0;
}

bool decimal_is_integer(const struct decimal *d)
{
	return !d->bad && (!d->n || d->exp >= (int64_t)d->n);
}

/* r = (r * 10 + next) mod m, on numbers of m's length + 1, most significant digit first. */
static void step(char *r, const char *m, size_t n, char next)
{
	memmove(r, r + 1, n);
	r[n] = next;
	for (;;) {
		if (!r[0] && memcmp(r + 1, m, n) < 0)
			return;
		int borrow = 0;
		for (size_t i = n; i-- > 0;) {
			int v = r[i + 1] - m[i] - borrow;
			borrow = v < 0;
			r[i + 1] = (char)(v < 0 ? v + 10 : v);
		}
		r[0] = (char)(r[0] - borrow);
	}
}

static uint64_t mul_mod(uint64_t x, uint64_t y, uint64_t m)
{
	uint64_t r = 0;
	for (; y; y >>= 1, x = x >= m - x ? x - (m - x) : x + x)
		if (y & 1)
			r = r >= m - x ? r - (m - x) : r + x;
	return r;
}

/* digits × 10^zeros mod m, for m below 10^18. */
static bool small_divides(const struct decimal *x, uint64_t m, uint64_t zeros)
{
	uint64_t r = 0, ten = 10 % m;
	for (size_t i = 0; i < x->n; i++)
		r = (r * 10 % m + (uint64_t)(x->digits[i] - '0')) % m;
	for (; zeros; zeros >>= 1, ten = mul_mod(ten, ten, m))
		if (zeros & 1)
			r = mul_mod(r, ten, m);
	return !r;
}

int decimal_is_multiple(struct arena *a, const struct decimal *x, const struct decimal *of)
{
	if (!x->n)
		return 1;
	if (x->bad || of->bad || !of->n)
		return 0;
	/* both as whole numbers: x = X·10^(xe), of = M·10^(me), neither X nor M ends in zero */
	int64_t zeros = (x->exp - (int64_t)x->n) - (of->exp - (int64_t)of->n);
	if (zeros < 0)
		return 0;
	if (of->n <= 17) {
		uint64_t m = 0;
		for (size_t i = 0; i < of->n; i++)
			m = m * 10 + (uint64_t)(of->digits[i] - '0');
		return small_divides(x, m, (uint64_t)zeros);
	}
	if ((x->n + (uint64_t)zeros) > STEPS_MOST / of->n)
		return -1;
	char *r = arena_alloc(a, of->n + 1), *m = arena_raw(a, of->n);
	for (size_t i = 0; i < of->n; i++)
		m[i] = (char)(of->digits[i] - '0');
	for (size_t i = 0; i < x->n; i++)
		step(r, m, of->n, (char)(x->digits[i] - '0'));
	for (int64_t i = 0; i < zeros; i++)
		step(r, m, of->n, 0);
	for (size_t i = 0; i <= of->n; i++)
		if (r[i])
			return 0;
	return 1;
}
