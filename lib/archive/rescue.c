/* SPDX-License-Identifier: MIT */
/* The tar of a damaged archive of ours: frames that are whole, and where headers stand in them. */
#include "archive/internal.h"

#include <stdlib.h>
#include <string.h>

struct rescue {
	struct run *run;
	struct backup *ar;
	struct arena a;
	struct cursor c;
	size_t frame;		/* with an index: the next one */
	uint64_t at;		/* without: where it begins */
	char *zip, *raw;	/* without */
	size_t zip_cap;
	ZSTD_DCtx *d;
	str pending; /* bytes found by rescue_sync */
	bool end;
};

struct rescue *rescue_start(struct run *r, struct backup *ar)
{
	struct rescue *x = NEW(&r->perm, struct rescue);

	*x = (struct rescue){ .run = r, .ar = ar };
	if (ar->have_index) {
		cursor_open(&x->c);
		cursor_use(&x->c, ar);
		ar->frame_state = NEW_ARRAY(&x->a, uint8_t, ar->index.n);
		return x;
	}
	x->d = ZSTD_createDCtx();
	x->zip_cap = ZSTD_compressBound(FRAME_MAX);
	x->zip = arena_raw(&x->a, x->zip_cap);
	x->raw = arena_raw(&x->a, FRAME_MAX);
	return x;
}

void rescue_end(struct rescue *x)
{
	if (x->ar->have_index)
		cursor_close(&x->c);
	x->ar->frame_state = NULL;
	ZSTD_freeDCtx(x->d);
	arena_free(&x->a);
}

static void report(struct rescue *x, uint64_t from, uint64_t to)
{
	diag_at(&x->run->diag, SEV_ERROR, IN_FILE(x->ar->path), "damaged", "bytes %llu to %llu are damaged: what they held is lost",
		(unsigned long long)from, (unsigned long long)to);
}

static bool next_by_index(struct rescue *x, str *bytes)
{
	const struct backup *ar = x->ar;
	size_t i = x->frame;

	x->end = i == ar->index.n;
	if (x->end)
		return false;
	x->frame++;
	if (!cursor_load(&x->c, i) || ar->frame_state[i] == FRAME_BAD) {
		report(x, ar->zip_at[i], ar->zip_at[i + 1] - 1);
		return false;
	}
	*bytes = (str){ x->c.raw, x->c.raw_n };
	return true;
}

/* The next place where a frame may begin, from x->at + 1 on. */
static uint64_t next_magic(struct rescue *x)
{
	enum { CHUNK = 1 << 20 };
	static const char magic[] = { 0x28, (char)0xB5, 0x2F, (char)0xFD };

	for (uint64_t from = x->at + 1; from < x->ar->size; from += CHUNK - 3) {
		ssize_t n = backup_read_at(x->ar, x->zip, CHUNK, from);
		ptrdiff_t found = n < 0 ? -1 : str_find((str){ x->zip, (size_t)n }, (str){ magic, sizeof magic });
		if (found >= 0)
			return from + (uint64_t)found;
	}
	return x->ar->size;
}

static bool next_by_search(struct rescue *x, str *bytes)
{
	for (;;) {
		uint64_t from = x->at;
		ssize_t n = backup_read_at(x->ar, x->zip, x->zip_cap, from);
		x->end = n <= 0;
		if (x->end)
			return false;
		size_t len = ZSTD_findFrameCompressedSize(x->zip, (size_t)n);
		size_t raw = ZSTD_isError(len) ? len : ZSTD_decompressDCtx(x->d, x->raw, FRAME_MAX, x->zip, len);
		if (!ZSTD_isError(raw)) {
			x->at += len;
			if (!raw) /* a skippable frame */
				continue;
			*bytes = (str){ x->raw, raw };
			return true;
		}
		x->at = next_magic(x);
		report(x, from, x->at - 1);
		return false;
	}
}

static bool is_header(const char *h)
{
	unsigned sum = 0, said = 0;

	if (memcmp(h + 257, "ustar", 5))
		return false;
	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += i >= 148 && i < 156 ? ' ' : (unsigned char)h[i];
	for (size_t i = 148; i < 154 && h[i] >= '0' && h[i] <= '7'; i++)
		said = said * 8 + (unsigned)(h[i] - '0');
	return sum == said;
}

bool rescue_next(struct rescue *x, str *bytes)
{
	if (x->pending.n) {
		*bytes = x->pending;
		x->pending.n = 0;
		return true;
	}
	return x->ar->have_index ? next_by_index(x, bytes) : next_by_search(x, bytes);
}

bool rescue_sync(struct rescue *x)
{
	str bytes;

	while (!x->end) {
		if (!rescue_next(x, &bytes))
			continue;
		for (size_t i = 0; i + TAR_BLOCK <= bytes.n; i += TAR_BLOCK)
			if (is_header(bytes.p + i)) {
				x->pending = str_sub(bytes, i, bytes.n);
				return true;
			}
	}
	return false;
}
