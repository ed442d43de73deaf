/* SPDX-License-Identifier: MIT */
/* A window on the tar of an archive: one decompressed frame at a time. */
#include "archive/internal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void out_of_memory(void)
{
	static const char text[] = "error: out of memory; give the program more, or a smaller -j\n";
	ssize_t ignored = write(STDERR_FILENO, text, sizeof text - 1);

	(void)ignored;
	_exit(2);
}

static void room(char **p, size_t *cap, size_t need)
{
	if (need <= *cap)
		return;
	free(*p);
	*p = malloc(need);
	if (!*p)
		out_of_memory();
	*cap = need;
}

void cursor_open(struct cursor *c)
{
	*c = (struct cursor){ .frame = SIZE_MAX };
	c->d = ZSTD_createDCtx();
	if (!c->d)
		out_of_memory();
	hasher_open(&c->hash);
	hasher_open(&c->file);
}

void cursor_close(struct cursor *c)
{
	free(c->zip);
	free(c->raw);
	ZSTD_freeDCtx(c->d);
	hasher_close(&c->hash);
	hasher_close(&c->file);
}

void cursor_use(struct cursor *c, const struct backup *ar)
{
	if (c->ar != ar)
		c->frame = SIZE_MAX;
	c->ar = ar;
}

bool cursor_load(struct cursor *c, size_t frame)
{
	const struct backup *ar = c->ar;
	const struct frame *f = &ar->index.p[frame];
	uint8_t hash[32];

	if (c->frame == frame)
		return !c->lost;
	c->frame = frame;
	room(&c->zip, &c->zip_cap, f->zip);
	room(&c->raw, &c->raw_cap, f->raw);
	c->lost = backup_read_at(ar, c->zip, f->zip, ar->zip_at[frame]) != (ssize_t)f->zip;
	if (!c->lost) {
		c->raw_n = ZSTD_decompressDCtx(c->d, c->raw, f->raw, c->zip, f->zip);
		c->lost = ZSTD_isError(c->raw_n) || c->raw_n != f->raw;
	}
	if (ar->frame_state) {
		hash_bytes(&c->hash, c->zip, f->zip, hash);
		bool good = !c->lost && memcmp(hash, f->hash, sizeof hash) == 0;
		ar->frame_state[frame] = good ? FRAME_GOOD : FRAME_BAD;
	}
	return !c->lost;
}

size_t backup_frame_of(const struct backup *ar, uint64_t at)
{
	size_t low = 0, high = ar->index.n;

	while (low + 1 < high) {
		size_t middle = low + (high - low) / 2;
		if (ar->raw_at[middle] <= at)
			low = middle;
		else
			high = middle;
	}
	return low;
}

bool cursor_get(struct cursor *c, uint64_t at, uint64_t n, str *piece)
{
	const struct backup *ar = c->ar;
	bool here = c->frame != SIZE_MAX && at >= ar->raw_at[c->frame] && at < ar->raw_at[c->frame + 1];

	if (at >= ar->index.raw_total || !cursor_load(c, here ? c->frame : backup_frame_of(ar, at)))
		return false;
	uint64_t skip = at - ar->raw_at[c->frame], have = c->raw_n - skip;
	*piece = (str){ c->raw + skip, (size_t)(n < have ? n : have) };
	return true;
}
