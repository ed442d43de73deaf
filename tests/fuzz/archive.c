/* SPDX-License-Identifier: MIT */
/* Archives as hostile input: raw bytes; a manifest; an index; and all three in an archive whose hashes are right. */
#include "memory_file.h"

#include "archive/internal.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void start(struct run *r)
{
	static const struct program program = { .name = "fuzz" };

	*r = (struct run){ .program = &program, .jobs = 1, .status_fd = -1 };
	r->diag = (struct diag){ .program = "fuzz", .arena = &r->perm, .forked = true };
}

static void use(struct run *r, str bytes)
{
	struct memory_file file;
	char *paths[1] = { file.path };
	struct strlist none = { 0 };

	memory_file_make(&file, bytes);
	struct archive_set *s = archive_set_open(r, paths, 1, true);
	struct out *o = out_memory(&r->perm, &r->diag);
	struct archive_extract list = { .salvage = true, .list = o };
	if (s && archive_set_readable(s)) {
		archive_verify(s, o);
		if (archive_select(s, &none) == 0) {
			for (size_t i = 0; i < archive_count(s); i++)
				archive_member_print(o, archive_at(s, i));
			archive_cat(s, o, false);
		}
	} else if (s) {
		archive_salvage(s, &list, &none, false);
	}
	archive_set_close(s);
	close(file.fd);
}

/* An archive of ours: tar bytes, a manifest, and an index that fits. */
static void assemble(struct run *r, str tar, str manifest)
{
	struct arena *a = &r->perm;
	struct frame_index x = { 0 };
	struct buf b = BUF(a);
	struct hasher h;
	str parts[2] = { tar, manifest };

	hasher_open(&h);
	for (int i = 0; i < 2; i++) {
		size_t raw = (size_t)round_block(parts[i].n + 1);
		char *p = arena_alloc(a, raw);
		memcpy(p, parts[i].p, parts[i].n);
		struct frame *f = VEC_ADD(a, &x);
		char *zip = buf_room(&b, ZSTD_compressBound(raw));
		f->raw = (uint32_t)raw;
		f->zip = (uint32_t)ZSTD_compress(zip, ZSTD_compressBound(raw), p, raw, 1);
		hash_bytes(&h, zip, f->zip, f->hash);
		b.n += f->zip;
		x.raw_total += raw;
	}
	x.manifest_at = x.p[0].raw;
	x.manifest_size = manifest.n;
	hash_bytes(&h, manifest.p, manifest.n, x.manifest_hash);
	buf_add(&b, index_write(a, &x, &h));
	hasher_close(&h);
	use(r, buf_str(&b));
}

static void read_index(struct run *r, str body)
{
	struct frame_index x = { 0 };
	struct hasher h;
	uint8_t self[32];
	struct buf b = BUF(&r->perm);

	hasher_open(&h);
	hash_bytes(&h, body.p, body.n, self);
	buf_add(&b, body);
	buf_add(&b, (str){ (const char *)self, 32 });
	if (!index_read(&r->perm, buf_str(&b), &x, &h) && !str_starts(index_write(&r->perm, &x, &h), buf_str(&b)))
		__builtin_trap(); /* what is read whole is written the same */
	hasher_close(&h);
}

static void match(struct run *r, str text)
{
	ptrdiff_t nul = str_chr(text, '\0');
	struct strlist globs = { 0 };

	if (nul < 0)
		return;
	*VEC_ADD(&r->perm, &globs) = str_dup(&r->perm, str_sub(text, 0, (size_t)nul));
	archive_glob_match(archive_glob_new(&r->perm, &globs), str_sub(text, (size_t)nul + 1, text.n));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct run r;
	str text = { (const char *)data + 1, size - 1 };

	if (size < 2)
		return 0;
	start(&r);
	ptrdiff_t cut = str_find(text, S("{\"format\""));
	size_t at = cut < 0 ? 0 : (size_t)cut;
	switch (data[0] % 4) {
	case 0:
		use(&r, text);
		break;
	case 1:
		assemble(&r, str_sub(text, 0, at), str_sub(text, at, text.n));
		break;
	case 2:
		read_index(&r, text);
		break;
	case 3:
		match(&r, text);
		break;
	}
	arena_free(&r.perm);
	return 0;
}
