/* SPDX-License-Identifier: MIT */
/* Which code points a label of a host name may hold: tables made by idna.py, and looking them up. */
#include "schema/idna_tables.h"
#include "schema/internal.h"

/* The first row that is not below x and y. */
static size_t find(const uint32_t (*rows)[2], size_t n, uint32_t x, uint32_t y)
{
	size_t from = 0, to = n;
	while (from < to) {
		size_t at = (from + to) / 2;
		if (rows[at][0] < x || (rows[at][0] == x && rows[at][1] < y))
			from = at + 1;
		else
			to = at;
	}
	return from;
}

bool idna_valid(uint32_t cp)
{
	size_t after = find(valid, COUNT(valid), cp + 1, 0);
	return after && valid[after - 1][1] >= cp;
}

bool idna_composes(uint32_t cp, uint32_t next)
{
	size_t at = find(composed, COUNT(composed), cp, next);
	return at < COUNT(composed) && composed[at][0] == cp && composed[at][1] == next;
}
