/* SPDX-License-Identifier: MIT */
/* A growing string in an arena. */
#include "base/base.h"

#include <stdio.h>
#include <string.h>

char *buf_room(struct buf *b, size_t n)
{
	if (n > b->cap - b->n) {
		size_t cap = b->cap < 64 ? 64 : b->cap * 2;
		while (cap - b->n < n)
			cap = cap > SIZE_MAX / 4 ? b->n + n : cap * 2;
		b->p = arena_grow(b->a, b->p, b->cap, cap);
		b->cap = cap;
	}
	return b->p + b->n;
}

void buf_add(struct buf *b, str s)
{
	if (!s.n)
		return;
	memcpy(buf_room(b, s.n), s.p, s.n);
	b->n += s.n;
}

void buf_char(struct buf *b, char c)
{
	*buf_room(b, 1) = c;
	b->n++;
}

void buf_fill(struct buf *b, char c, size_t n)
{
	if (!n)
		return;
	memset(buf_room(b, n), c, n);
	b->n += n;
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list args, again;

	va_start(args, fmt);
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (n > 0) {
		vsnprintf(buf_room(b, (size_t)n + 1), (size_t)n + 1, fmt, again);
		b->n += (size_t)n;
	}
	va_end(again);
}

str buf_str(const struct buf *b)
{
	return (str){ b->p ? b->p : "", b->n };
}

void buf_base64(struct buf *b, str s)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < s.n; i += 3) {
		uint32_t left = s.n - i < 3 ? (uint32_t)(s.n - i) : 3, bits = (uint32_t)(unsigned char)s.p[i] << 16;

		if (left > 1)
			bits |= (uint32_t)(unsigned char)s.p[i + 1] << 8;
		if (left > 2)
			bits |= (unsigned char)s.p[i + 2];
		buf_char(b, set[bits >> 18]);
		buf_char(b, set[bits >> 12 & 63]);
		buf_char(b, left > 1 ? set[bits >> 6 & 63] : '=');
		buf_char(b, left > 2 ? set[bits & 63] : '=');
	}
}
