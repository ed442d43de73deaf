/* SPDX-License-Identifier: MIT */
/* The two skippable frames at the end: our index, and zstd's seek table. */
#include "archive/internal.h"

#include <string.h>

enum {
	INDEX_SKIPPABLE = 0x184D2A5B,
	TABLE_SKIPPABLE = 0x184D2A5E,
	TABLE_ROW = 8,
	ROW = 4 + 4 + 32,
	HEAD = 8 + 4 + 4 + 8 + 8 + 8 + 32, /* magic, version, frames, tar, manifest at, size, hash */
	VERSION = 1,
};
static const uint32_t TABLE_MAGIC = 0x8F92EAB1;
static const uint32_t MOST_FRAMES = 8u << 20;
const char index_magic[8] = { 'I', 'F', 'X', 'I', 'N', 'D', 'E', 'X' };

static void put32(struct buf *b, uint32_t v)
{
	char p[4] = { (char)v, (char)(v >> 8), (char)(v >> 16), (char)(v >> 24) };

	buf_add(b, (str){ p, 4 });
}

static void put64(struct buf *b, uint64_t v)
{
	put32(b, (uint32_t)v);
	put32(b, (uint32_t)(v >> 32));
}

static uint32_t get32(const void *at)
{
	const uint8_t *p = at;

	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint64_t get64(const void *at)
{
	return get32(at) | (uint64_t)get32((const char *)at + 4) << 32;
}

static void put_table(struct buf *b, const struct frame_index *x, size_t index_bytes)
{
	put32(b, TABLE_SKIPPABLE);
	put32(b, (uint32_t)((x->n + 1) * TABLE_ROW + INDEX_TAIL));
	for (size_t i = 0; i < x->n; i++) {
		put32(b, x->p[i].zip);
		put32(b, x->p[i].raw);
	}
	put32(b, (uint32_t)index_bytes); /* our index, which holds no tar */
	put32(b, 0);
	put32(b, (uint32_t)x->n + 1);
	buf_char(b, 0);
	put32(b, TABLE_MAGIC);
}

str index_write(struct arena *a, const struct frame_index *x, struct hasher *h)
{
	struct buf b = BUF(a);
	size_t content = HEAD + x->n * ROW + 32;
	uint8_t self[32];

	put32(&b, INDEX_SKIPPABLE);
	put32(&b, (uint32_t)content);
	buf_add(&b, (str){ index_magic, sizeof index_magic });
	put32(&b, VERSION);
	put32(&b, (uint32_t)x->n);
	put64(&b, x->raw_total);
	put64(&b, x->manifest_at);
	put64(&b, x->manifest_size);
	buf_add(&b, (str){ (const char *)x->manifest_hash, 32 });
	for (size_t i = 0; i < x->n; i++) {
		put32(&b, x->p[i].zip);
		put32(&b, x->p[i].raw);
		buf_add(&b, (str){ (const char *)x->p[i].hash, 32 });
	}
	hash_bytes(h, b.p, b.n, self);
	buf_add(&b, (str){ (const char *)self, 32 });
	put_table(&b, x, b.n);
	return buf_str(&b);
}

uint64_t index_size(size_t frames)
{
	return 8 + HEAD + (uint64_t)frames * ROW + 32;
}

uint64_t index_table_size(const uint8_t tail[INDEX_TAIL], uint32_t *frames)
{
	*frames = get32(tail);
	if (get32(tail + 5) != TABLE_MAGIC || tail[4] || !*frames || *frames > MOST_FRAMES)
		return 0;
	return 8 + (uint64_t)*frames * TABLE_ROW + INDEX_TAIL;
}

const char *index_read(struct arena *a, str bytes, struct frame_index *x, struct hasher *h)
{
	const char *p = bytes.p + 8;
	uint8_t self[32];

	if (bytes.n < 8 + HEAD + 32 || get32(bytes.p) != INDEX_SKIPPABLE || memcmp(p, index_magic, sizeof index_magic))
		return "there is no index where it should be";
	if (get32(bytes.p + 4) != bytes.n - 8)
		return "the index has another length";
	hash_bytes(h, bytes.p, bytes.n - 32, self);
	if (memcmp(self, bytes.p + bytes.n - 32, 32))
		return "the index is damaged";
	if (get32(p + 8) != VERSION)
		return "the index is of a version that this program does not know";
	x->n = get32(p + 12);
	if ((uint64_t)x->n * ROW + HEAD + 32 != bytes.n - 8)
		return "the index has another number of frames";
	x->raw_total = get64(p + 16);
	x->manifest_at = get64(p + 24);
	x->manifest_size = get64(p + 32);
	memcpy(x->manifest_hash, p + 40, 32);
	x->p = NEW_ARRAY(a, struct frame, x->n);
	x->cap = x->n;
	p += HEAD;
	uint64_t total = 0;
	for (size_t i = 0; i < x->n; i++, p += ROW) {
		struct frame *f = &x->p[i];
		f->zip = get32(p);
		f->raw = get32(p + 4);
		memcpy(f->hash, p + 8, 32);
		if (!f->raw || f->raw > FRAME_MAX || f->raw % TAR_BLOCK || !f->zip || f->zip > ZSTD_compressBound(FRAME_MAX))
			return "the index has a frame of an impossible size";
		total += f->raw;
	}
	if (total != x->raw_total || x->manifest_size > total || x->manifest_at > total - x->manifest_size)
		return "the index contradicts itself";
	return NULL;
}

/* A raw block: the same bytes whatever version of zstd packs. */
size_t index_first_frame(char out[FIRST_FRAME_MAX])
{
	static const unsigned char head[] = {
		0x28, 0xB5, 0x2F, 0xFD,				/* zstd */
		0x60,						/* one segment, size in two bytes */
		(FIRST_FRAME_TAR - 256) & 0xFF, (FIRST_FRAME_TAR - 256) >> 8,
		1 | (FIRST_FRAME_TAR << 3 & 0xFF), FIRST_FRAME_TAR >> 5, 0, /* the last block, raw */
	};

	memcpy(out, head, sizeof head);
	tar_first(out + sizeof head);
	return sizeof head + FIRST_FRAME_TAR;
}
