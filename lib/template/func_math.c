/* SPDX-License-Identifier: MIT */
/* Sprig's arithmetic: 64-bit integers that wrap, floats by exact decimals. */
#include <math.h>
#include <openssl/bn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "template/internal.h"

/* ---- integers ---- */

static int f_add(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	uint64_t sum = !strcmp(c->name, "add1");

	for (size_t i = 0; i < n; i++)
		sum += (uint64_t)arg_int64(args[i]);
	return ret(out, val_int64((int64_t)sum));
}

static int f_sub(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	(void)c;
	(void)n;
	return ret(out, val_int64((int64_t)((uint64_t)arg_int64(args[0]) - (uint64_t)arg_int64(args[1]))));
}

static int f_mul(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	uint64_t product = (uint64_t)arg_int64(args[0]);

	(void)c;
	for (size_t i = 1; i < n; i++)
		product *= (uint64_t)arg_int64(args[i]);
	return ret(out, val_int64((int64_t)product));
}

static int f_div_mod(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	int64_t x = arg_int64(args[0]), y = arg_int64(args[1]);
	bool mod = c->name[0] == 'm';

	(void)n;
	if (y == 0)
		return tmpl_error_value(c, args[1], "%s by zero", mod ? "mod" : "div");
	if (y == -1)
		return ret(out, val_int64(mod ? 0 : (int64_t)(0 - (uint64_t)x)));
	return ret(out, val_int64(mod ? x % y : x / y));
}

static int f_max_min(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	int64_t best = arg_int64(args[0]);
	bool min = !strcmp(c->name, "min");

	for (size_t i = 1; i < n; i++) {
		int64_t v = arg_int64(args[i]);

		if (min ? v < best : v > best)
			best = v;
	}
	return ret(out, val_int64(best));
}

static int f_convert(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	(void)n;
	if (c->name[0] == 'f')
		return ret(out, val_float(arg_float64(args[0])));
	return ret(out, c->name[3] ? val_int64(arg_int64(args[0])) : val_int(arg_int64(args[0])));
}

static int f_atoi(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	int64_t v = 0;

	(void)c;
	(void)n;
	parse_int(val_text(args[0]), 10, &v);
	return ret(out, val_int(v));
}

static int f_to_decimal(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	int64_t v = 0;

	(void)n;
	return ret(out, val_int64(parse_int(val_sprint(c->a, args[0]), 8, &v) ? v : 0));
}

static int f_rand_int(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	uint64_t span = (uint64_t)args[1].i - (uint64_t)args[0].i, r;

	(void)n;
	if (args[1].i <= args[0].i)
		return tmpl_error(c, "randInt: the end %lld is not above the start %lld", (long long)args[1].i, (long long)args[0].i);
	random_bytes(&r, sizeof(r));
	return ret(out, val_int((int64_t)((uint64_t)args[0].i + r % span)));
}

/* ---- floats ---- */

static int f_max_minf(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	double best = arg_float64(args[0]);

	for (size_t i = 1; i < n; i++) {
		double v = arg_float64(args[i]);

		if (isnan(v) || isnan(best))
			best = NAN;
		else if (c->name[1] == 'i' ? v < best : v > best)
			best = v;
	}
	return ret(out, val_float(best));
}

static int f_floor_ceil(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	double v = arg_float64(args[0]);

	(void)n;
	return ret(out, val_float(c->name[0] == 'f' ? floor(v) : ceil(v)));
}

static int f_round(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	double on = n > 2 ? args[2].f : 0.5, power = pow(10, (double)args[1].i), digit = power * arg_float64(args[0]), whole;
	double part = modf(digit, &whole);

	(void)c;
	return ret(out, val_float((part >= on ? ceil(digit) : floor(digit)) / power));
}

/* ---- decimals: number * 10^exponent ---- */

struct decimal {
	BIGNUM *number;
	int exponent;
};

static bool decimal_of(struct arena *a, double f, struct decimal *d)
{
	struct buf b = BUF(a), digits = BUF(a);
	char *e;

	d->exponent = 0;
	if (isnan(f) || isinf(f))
		return false;
	print_float(&b, f, 'e', -1);
	buf_char(&b, '\0');
	e = strchr(b.p, 'e');
	d->exponent = atoi(e + 1);
	for (char *p = b.p; p < e; p++) {
		if (*p != '.')
			buf_char(&digits, *p);
		else
			d->exponent -= (int)(e - p) - 1;
	}
	buf_char(&digits, '\0');
	return BN_dec2bn(&d->number, digits.p) != 0;
}

/* Both to the smaller exponent. */
static void align(struct decimal *x, struct decimal *y)
{
	struct decimal *big = x->exponent > y->exponent ? x : y, *small = big == x ? y : x;

	for (; big->exponent > small->exponent; big->exponent--)
		BN_mul_word(big->number, 10);
}

/* x / y to 16 digits behind the point, half away from zero. */
static bool divide(BN_CTX *ctx, struct decimal *x, struct decimal *y)
{
	BIGNUM *rest = BN_new();
	bool negative = BN_is_negative(x->number) != BN_is_negative(y->number), good = rest && !BN_is_zero(y->number);
	int shift = x->exponent - y->exponent + 16;

	for (; good && shift > 0; shift--)
		BN_mul_word(x->number, 10);
	for (; good && shift < 0; shift++)
		BN_mul_word(y->number, 10);
	if (good && (good = BN_div(x->number, rest, x->number, y->number, ctx))) {
		BN_lshift1(rest, rest);
		if (BN_ucmp(rest, y->number) >= 0 && negative)
			BN_sub_word(x->number, 1);
		else if (BN_ucmp(rest, y->number) >= 0)
			BN_add_word(x->number, 1);
	}
	x->exponent = -16;
	BN_free(rest);
	return good;
}

static double decimal_value(const struct decimal *d)
{
	char *digits = BN_bn2dec(d->number), *text = NULL;
	double f = 0;

	if (digits && (text = malloc(strlen(digits) + 32))) {
		sprintf(text, "%se%d", digits, d->exponent);
		f = strtod(text, NULL);
	}
	free(text);
	OPENSSL_free(digits);
	return f;
}

static int f_decimal(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct decimal sum = { BN_new(), 0 }, d = { BN_new(), 0 };
	BN_CTX *ctx = BN_CTX_new();
	bool add = c->name[0] == 'a', one = !strcmp(c->name, "add1f"), good = sum.number && d.number && ctx;
	size_t i = 0, end = one ? 2 : n;

	if (good && !add) /* addf begins at 0 */
		good = decimal_of(c->a, arg_float64(args[i++]), &sum);
	for (; good && i < end; i++) {
		if (!(good = decimal_of(c->a, i < n ? arg_float64(args[i]) : 1, &d)))
			break;
		if (c->name[0] == 'm') {
			good = BN_mul(sum.number, sum.number, d.number, ctx);
			sum.exponent += d.exponent;
		} else if (c->name[0] == 'd') {
			good = divide(ctx, &sum, &d);
		} else {
			align(&sum, &d);
			good = add ? BN_add(sum.number, sum.number, d.number) : BN_sub(sum.number, sum.number, d.number);
		}
		good = good && BN_num_bits(sum.number) < 1 << 20;
	}
	*out = val_float(good ? decimal_value(&sum) : 0);
	BN_free(sum.number);
	BN_free(d.number);
	BN_CTX_free(ctx);
	return good ? 0 : tmpl_error(c, "%s: %s", c->name, c->name[0] == 'd' ? "division by zero, or of what is no number" : "an argument is no finite number");
}

const struct tmpl_func funcs_math[] = {
	{ "add1", "a", f_add },
	{ "add", "a*", f_add },
	{ "sub", "aa", f_sub },
	{ "mul", "aa*", f_mul },
	{ "div", "aa", f_div_mod },
	{ "mod", "aa", f_div_mod },
	{ "max", "aa*", f_max_min },
	{ "biggest", "aa*", f_max_min },
	{ "min", "aa*", f_max_min },
	{ "int", "a", f_convert },
	{ "int64", "a", f_convert },
	{ "float64", "a", f_convert },
	{ "atoi", "s", f_atoi },
	{ "toDecimal", "a", f_to_decimal },
	{ "randInt", "ii", f_rand_int },
	{ "maxf", "aa*", f_max_minf },
	{ "minf", "aa*", f_max_minf },
	{ "floor", "a", f_floor_ceil },
	{ "ceil", "a", f_floor_ceil },
	{ "round", "aif*", f_round },
	{ "add1f", "a", f_decimal },
	{ "addf", "a*", f_decimal },
	{ "subf", "aa*", f_decimal },
	{ "mulf", "aa*", f_decimal },
	{ "divf", "aa*", f_decimal },
	{ NULL, NULL, NULL },
};
