/* SPDX-License-Identifier: MIT */
/* The name that was meant: by letters that are wrong, in their places or missing, or by words that were left out. */
#include "base/base.h"

#include <string.h>

enum { LONGEST = 64 };

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 32) : c;
}

static bool joins_words(char c)
{
	return c == '_' || c == '-' || c == '.' || c == ' ';
}

/* Without case and what stands between words: allow_list, allowList and Allow-List are one. */
static str fold(str s, char room[LONGEST])
{
	size_t n = 0;

	for (size_t i = 0; i < s.n && n < LONGEST; i++)
		if (!joins_words(s.p[i]))
			room[n++] = lower(s.p[i]);
	return (str){ room, n };
}

/* Damerau's distance (neighbours swapped count once), given up at limit. */
static size_t distance(str a, str b, size_t limit)
{
	size_t row[3][LONGEST + 1];

	if (a.n > b.n + limit || b.n > a.n + limit)
		return limit + 1;
	for (size_t j = 0; j <= b.n; j++)
		row[0][j] = j;
	for (size_t i = 1; i <= a.n; i++) {
		size_t *now = row[i % 3], *before = row[(i - 1) % 3], *two = row[(i + 1) % 3];
		size_t best = now[0] = i;
		for (size_t j = 1; j <= b.n; j++) {
			size_t d = before[j - 1] + (a.p[i - 1] != b.p[j - 1]);
			if (before[j] + 1 < d)
				d = before[j] + 1;
			if (now[j - 1] + 1 < d)
				d = now[j - 1] + 1;
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && b.p[j - 1] == a.p[i - 2] && two[j - 2] + 1 < d)
				d = two[j - 2] + 1;
			now[j] = d;
			if (d < best)
				best = d;
		}
		if (best > limit)
			return limit + 1;
	}
	return row[a.n % 3][b.n];
}

static size_t common_ends(str a, str b)
{
	size_t front = 0, back = 0, n = a.n < b.n ? a.n : b.n;

	while (front < n && a.p[front] == b.p[front])
		front++;
	while (back < n - front && a.p[a.n - 1 - back] == b.p[b.n - 1 - back])
		back++;
	return front + back;
}

/* The next word of allowList, allow-list, HTTPRoute from *at on; empty: there is none. */
static str word(str s, size_t *at)
{
	size_t i = *at, start;

	while (i < s.n && joins_words(s.p[i]))
		i++;
	for (start = i; i < s.n && !joins_words(s.p[i]); i++) {
		bool upper = s.p[i] >= 'A' && s.p[i] <= 'Z';
		bool after = i > start && !(s.p[i - 1] >= 'A' && s.p[i - 1] <= 'Z');
		bool before = i > start && i + 1 < s.n && s.p[i + 1] >= 'a' && s.p[i + 1] <= 'z';
		if (upper && (after || before))
			break;
	}
	*at = i;
	return str_sub(s, start, i);
}

static bool same_word(str x, str y)
{
	for (size_t i = 0; i < x.n && x.n == y.n; i++)
		if (lower(x.p[i]) != lower(y.p[i]))
			return false;
	return x.n == y.n;
}

/* All words of `some` are words of `all`, in their order: how many `all` has beside them; -1: they are not. */
static int words_more(str some, str all)
{
	size_t i = 0, j = 0;
	int more = 0;
	str want = word(some, &i);

	for (str have = word(all, &j); have.n; have = word(all, &j)) {
		if (want.n && same_word(want, have))
			want = word(some, &i);
		else
			more++;
	}
	return want.n ? -1 : more;
}

/* A name of more words, or one whose beginning this is, if there is just one such. */
static str by_words(str s, const str *candidates, size_t n)
{
	str best = { "", 0 };
	int least = 3;
	bool tie = false;

	for (size_t i = 0; s.n > 2 && i < n; i++) {
		str c = candidates[i];
		int more = words_more(s, c);
		if (more < 0 && c.n > 2)
			more = words_more(c, s) == 1 ? 2 : -1;
		if (more < 0 && s.n >= 4 && c.n > s.n && c.n <= 3 * s.n && same_word(s, str_sub(c, 0, s.n)))
			more = 2;
		if (more < 0 || more > least || (more == least && !best.n))
			continue;
		bool longer = best.n && more == least && str_starts(c, best), shorter = best.n && more == least && str_starts(best, c);
		tie = more == least && best.n && !longer && !shorter;
		if (!tie && !longer)
			best = c;
		least = more;
	}
	return tie ? (str){ "", 0 } : best;
}

str str_nearest(str s, const str *candidates, size_t n)
{
	char room[LONGEST], other[LONGEST];
	str mine = fold(s, room), best = { "", 0 };
	size_t limit = mine.n < 2 ? 0 : mine.n < 4 ? 1 : mine.n < 8 ? 2 : 3, least = limit + 1, ends = 0;

	if (!mine.n || s.n > LONGEST)
		return best;
	for (size_t i = 0; i < n && least; i++) {
		if (!candidates[i].n || candidates[i].n > LONGEST)
			continue;
		str theirs = fold(candidates[i], other);
		size_t d = distance(mine, theirs, least < limit ? least : limit);
		if (d > limit || d > least || (d == least && common_ends(mine, theirs) <= ends))
			continue;
		best = candidates[i];
		least = d;
		ends = common_ends(mine, theirs);
	}
	if (least <= 1)
		return best;
	str worded = by_words(s, candidates, n);
	return worded.n && (!best.n || least == 3) ? worded : best;
}
