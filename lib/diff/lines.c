/* SPDX-License-Identifier: MIT */
/* Two texts, line by line: Myers' shortest edit script. */
#include "diff/lines.h"

#include <string.h>

#define MOST_EDITS 2000 /* the trace takes the square of it */

struct lines {
	str *p;
	size_t n, cap;
};

static struct lines split(struct arena *a, str text)
{
	struct lines l = { 0 };

	while (text.n) {
		ptrdiff_t end = str_chr(text, '\n');
		size_t n = end < 0 ? text.n : (size_t)end;
		*VEC_ADD(a, &l) = str_sub(text, 0, n);
		text = str_sub(text, n + (end >= 0), text.n);
	}
	return l;
}

struct script {
	struct arena *a;
	struct line_change *p;
	size_t n, cap;
	size_t old_line, new_line;
};

static void add(struct script *s, char sign, str text)
{
	*VEC_ADD(s->a, s) = (struct line_change){ sign, text, s->old_line + 1, s->new_line + 1 };
	s->old_line += sign != '+';
	s->new_line += sign != '-';
}

/* The trace of the furthest points: trace[d] holds the diagonals -d … d after d edits.  The number of edits, or -1. */
static ptrdiff_t search(struct arena *a, const struct lines *x, const struct lines *y, int32_t **trace)
{
	ptrdiff_t n = (ptrdiff_t)x->n, m = (ptrdiff_t)y->n, most = n + m < MOST_EDITS ? n + m : MOST_EDITS;
	int32_t *best = NEW_ARRAY(a, int32_t, (size_t)(2 * most + 3)), *v = best + most + 1;

	for (ptrdiff_t d = 0; d <= most; d++) {
		for (ptrdiff_t k = -d; k <= d; k += 2) {
			bool down = k == -d || (k != d && v[k - 1] < v[k + 1]);
			ptrdiff_t i = down ? v[k + 1] : v[k - 1] + 1, j = i - k;
			while (i < n && j < m && str_eq(x->p[i], y->p[j])) {
				i++;
				j++;
			}
			v[k] = (int32_t)i;
			if (i >= n && j >= m) {
				trace[d] = NULL;
				return d;
			}
		}
		trace[d] = NEW_ARRAY(a, int32_t, (size_t)(2 * d + 1));
		memcpy(trace[d], v - d, (size_t)(2 * d + 1) * sizeof(*v));
	}
	return -1;
}

/* Walks the trace back; `back` gets one sign per line, last first. */
static size_t backtrack(const struct lines *x, const struct lines *y, int32_t **trace, ptrdiff_t d, char *back)
{
	ptrdiff_t i = (ptrdiff_t)x->n, j = (ptrdiff_t)y->n;
	size_t n = 0;

	for (; d > 0; d--) {
		const int32_t *v = trace[d - 1] + (d - 1);
		ptrdiff_t k = i - j;
		bool down = k == -d || (k != d && (k - 1 < -(d - 1) ? -1 : v[k - 1]) < (k + 1 > d - 1 ? -1 : v[k + 1]));
		ptrdiff_t from_k = down ? k + 1 : k - 1, from_i = v[from_k], from_j = from_i - from_k;
		while (i > from_i && j > from_j && !(down ? i == from_i : i == from_i + 1)) {
			back[n++] = ' ';
			i--;
			j--;
		}
		back[n++] = down ? '+' : '-';
		i = from_i;
		j = from_j;
	}
	for (; i > 0; i--)
		back[n++] = ' ';
	return n;
}

struct line_change *lines_diff(struct arena *a, str old, str new, size_t *n)
{
	struct script s = { .a = a };
	struct arena scratch = { 0 };
	struct lines x = split(&scratch, old), y = split(&scratch, new);
	int32_t **trace = NEW_ARRAY(&scratch, int32_t *, MOST_EDITS + 2);
	ptrdiff_t d = x.n + y.n < INT32_MAX ? search(&scratch, &x, &y, trace) : -1;

	if (d < 0) {
		for (size_t i = 0; i < x.n; i++)
			add(&s, '-', x.p[i]);
		for (size_t i = 0; i < y.n; i++)
			add(&s, '+', y.p[i]);
	} else {
		char *back = arena_raw(&scratch, x.n + y.n + 1);
		for (size_t k = backtrack(&x, &y, trace, d, back); k-- > 0;)
			add(&s, back[k], back[k] == '+' ? y.p[s.new_line] : x.p[s.old_line]);
	}
	arena_free(&scratch);
	*n = s.n;
	return s.p;
}

static void write_line(struct out *o, const struct line_change *c, const char *prefix, bool color)
{
	const char *on = c->sign == '-' ? "\033[31m" : c->sign == '+' ? "\033[32m" : "";
	bool colored = color && *on;

	out_printf(o, "%s%s%c%.*s%s\n", prefix, colored ? on : "", c->sign, STR_ARG(c->text), colored ? "\033[0m" : "");
}

void lines_write(struct out *o, const struct line_change *c, size_t n, size_t context, const char *prefix, bool hunks, bool color)
{
	for (size_t i = 0; i < n;) {
		size_t change = i;
		while (change < n && c[change].sign == ' ')
			change++;
		if (change == n)
			return;
		size_t from = change - i > context ? change - context : i, end = change, quiet = 0;
		for (size_t k = change; k < n && quiet <= 2 * context; k++) {
			quiet = c[k].sign == ' ' ? quiet + 1 : 0;
			if (c[k].sign != ' ')
				end = k + 1;
		}
		end = end + context < n ? end + context : n;
		size_t olds = 0, news = 0;
		for (size_t k = from; k < end; k++) {
			olds += c[k].sign != '+';
			news += c[k].sign != '-';
		}
		if (hunks)
			out_printf(o, "%s@@ -%zu,%zu +%zu,%zu @@\n", prefix, olds ? c[from].old_line : c[from].old_line - 1, olds,
				   news ? c[from].new_line : c[from].new_line - 1, news);
		else if (from)
			out_printf(o, "%s …\n", prefix);
		for (size_t k = from; k < end; k++)
			write_line(o, &c[k], prefix, color);
		i = end;
	}
}
