/* SPDX-License-Identifier: MIT */
/* Slices of bytes, and UTF-8. */
#include "base/base.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

str str_of(const char *cstr)
{
	return (str){ cstr ? cstr : "", cstr ? strlen(cstr) : 0 };
}

bool str_eq(str a, str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

int str_cmp(str a, str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n ? memcmp(a.p, b.p, n) : 0;

	return c ? c : (a.n > b.n) - (a.n < b.n);
}

bool str_starts(str s, str prefix)
{
	return s.n >= prefix.n && str_eq((str){ s.p, prefix.n }, prefix);
}

bool str_ends(str s, str suffix)
{
	return s.n >= suffix.n && str_eq((str){ s.p + s.n - suffix.n, suffix.n }, suffix);
}

ptrdiff_t str_chr(str s, char c)
{
	const char *hit = s.n ? memchr(s.p, c, s.n) : NULL;

	return hit ? hit - s.p : -1;
}

ptrdiff_t str_find(str s, str needle)
{
	size_t from = 0;

	if (!needle.n)
		return 0;
	while (needle.n <= s.n - from) {
		ptrdiff_t hit = str_chr((str){ s.p + from, s.n - from - needle.n + 1 }, needle.p[0]);
		if (hit < 0)
			return -1;
		from += (size_t)hit;
		if (memcmp(s.p + from, needle.p, needle.n) == 0)
			return (ptrdiff_t)from;
		from++;
	}
	return -1;
}

str str_sub(str s, size_t from, size_t to)
{
	if (to > s.n)
		to = s.n;
	if (from > to)
		from = to;
	return (str){ s.p + from, to - from };
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

str str_trim(str s)
{
	while (s.n && is_blank(s.p[0]))
		s.p++, s.n--;
	while (s.n && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

bool str_to_i64(str s, int64_t *out)
{
	bool minus = s.n && s.p[0] == '-';
	uint64_t v = 0, most = minus ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
	size_t i = s.n && (s.p[0] == '-' || s.p[0] == '+');

	if (i == s.n)
		return false;
	for (; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		uint64_t digit = (uint64_t)(s.p[i] - '0');
		if (v > (most - digit) / 10)
			return false;
		v = v * 10 + digit;
	}
	*out = minus ? (int64_t)(0 - v) : (int64_t)v;
	return true;
}

char *str_dup(struct arena *a, str s)
{
	char *p = arena_raw(a, s.n + 1);

	if (s.n)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return p;
}

str str_copy(struct arena *a, str s)
{
	return (str){ str_dup(a, s), s.n };
}

str str_printf(struct arena *a, const char *fmt, ...)
{
	va_list args, again;

	va_start(args, fmt);
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	char *p = arena_raw(a, (size_t)(n < 0 ? 0 : n) + 1);
	if (n >= 0)
		vsnprintf(p, (size_t)n + 1, fmt, again);
	else
		*p = '\0';
	va_end(again);
	return (str){ p, n < 0 ? 0 : (size_t)n };
}

/* Eight bytes a step; mixed as in wyhash's short form. */
__extension__ typedef unsigned __int128 uint128;

static uint64_t mix(uint64_t x, uint64_t y)
{
	uint128 m = (uint128)x * y;

	return (uint64_t)m ^ (uint64_t)(m >> 64);
}

/* Seeded by where the program was loaded, which differs from run to run: keys made to collide do not. */
uint32_t str_hash(str s)
{
	static const char seed;
	const uint64_t k1 = 0xA0761D6478BD642Fu, k2 = 0xE7037ED1A0B428DBu;
	uint64_t h = (uint64_t)(uintptr_t)&seed * k2 ^ s.n, w;
	size_t i = 0;

	for (; i + 8 <= s.n; i += 8) {
		memcpy(&w, s.p + i, 8);
		h = mix(h ^ w, k1);
	}
	w = 0;
	if (i < s.n)
		memcpy(&w, s.p + i, s.n - i);
	h = mix(h ^ w, k2);
	return (uint32_t)(h ^ (h >> 32));
}

size_t utf8_decode(str s, uint32_t *cp)
{
	const unsigned char *p = (const unsigned char *)s.p;

	if (!s.n)
		return 0;
	if (p[0] < 0x80) {
		*cp = p[0];
		return 1;
	}
	size_t n = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
	if (p[0] < 0xC2 || p[0] > 0xF4 || n > s.n)
		return 0;
	uint32_t v = p[0] & (0x7Fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xC0) != 0x80)
			return 0;
		v = v << 6 | (p[i] & 0x3F);
	}
	if ((n == 3 && v < 0x800) || (n == 4 && (v < 0x10000 || v > 0x10FFFF)) || (v >= 0xD800 && v <= 0xDFFF))
		return 0;
	*cp = v;
	return n;
}

size_t utf8_encode(char out[4], uint32_t cp)
{
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	size_t n = cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
	for (size_t i = n - 1; i > 0; i--, cp >>= 6)
		out[i] = (char)(0x80 | (cp & 0x3F));
	out[0] = (char)((n == 2 ? 0xC0 : n == 3 ? 0xE0 : 0xF0) | cp);
	return n;
}

bool utf8_valid(str s, size_t *bad)
{
	for (size_t i = 0; i < s.n;) {
		uint64_t w;
		if (i + 8 <= s.n && (memcpy(&w, s.p + i, 8), !(w & 0x8080808080808080u))) {
			i += 8;
			continue;
		}
		uint32_t cp;
		size_t n = utf8_decode((str){ s.p + i, s.n - i }, &cp);
		if (!n) {
			if (bad)
				*bad = i;
			return false;
		}
		i += n;
	}
	return true;
}
