/* SPDX-License-Identifier: MIT */
/* Texts by lines: the script makes new of old, and is as short as can be. */
#include "check.h"

#include "diff/lines.h"

#include <stdlib.h>

static struct arena a;

static str random_text(unsigned *seed, size_t most, unsigned letters)
{
	struct buf b = BUF(&a);

	for (size_t n = (size_t)rand_r(seed) % (most + 1); n > 0; n--)
		buf_printf(&b, "%c\n", (char)('a' + rand_r(seed) % (int)letters));
	return buf_str(&b);
}

/* Length of the longest common subsequence, the slow way. */
static size_t common(str x, str y)
{
	size_t n = x.n / 2, m = y.n / 2, *best = NEW_ARRAY(&a, size_t, (n + 1) * (m + 1));

	for (size_t i = n; i-- > 0;)
		for (size_t j = m; j-- > 0;) {
			size_t skip = best[(i + 1) * (m + 1) + j] > best[i * (m + 1) + j + 1] ? best[(i + 1) * (m + 1) + j] : best[i * (m + 1) + j + 1];
			best[i * (m + 1) + j] = x.p[2 * i] == y.p[2 * j] ? best[(i + 1) * (m + 1) + j + 1] + 1 : skip;
		}
	return best[0];
}

static bool check(str x, str y, bool shortest)
{
	size_t n, kept = 0;
	struct line_change *c = lines_diff(&a, x, y, &n);
	struct buf old = BUF(&a), new = BUF(&a);

	for (size_t i = 0; i < n; i++) {
		kept += c[i].sign == ' ';
		if (c[i].sign != '+')
			buf_printf(&old, "%.*s\n", STR_ARG(c[i].text));
		if (c[i].sign != '-')
			buf_printf(&new, "%.*s\n", STR_ARG(c[i].text));
	}
	return str_eq(buf_str(&old), x) && str_eq(buf_str(&new), y) && (!shortest || kept == common(x, y));
}

int main(void)
{
	unsigned seed = 1;
	size_t wrong = 0;

	for (int i = 0; i < 3000; i++)
		wrong += !check(random_text(&seed, 12, 3), random_text(&seed, 12, 3), true);
	CHECK_INT((long long)wrong, 0);
	wrong = 0;
	for (int i = 0; i < 20; i++)
		wrong += !check(random_text(&seed, 300, 20), random_text(&seed, 300, 20), true);
	CHECK_INT((long long)wrong, 0);
	/* past all bounds: all out, all in, in time */
	CHECK(check(random_text(&seed, 60000, 26), random_text(&seed, 60000, 26), false));
	size_t n;
	struct line_change *c = lines_diff(&a, S("a\nb\nc\nd\ne\nf\ng\nh\n"), S("a\nb\nc\nd\nX\nf\ng\nh\n"), &n);
	struct out *o = out_memory(&a, NULL);
	lines_write(o, c, n, 1, "> ", true, false);
	CHECK_STR(out_text(o), S("> @@ -4,3 +4,3 @@\n>  d\n> -e\n> +X\n>  f\n"));
	arena_free(&a);
	return check_done();
}
