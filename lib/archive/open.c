/* SPDX-License-Identifier: MIT */
/* Opens an archive from its end: seek table, index, manifest. */
#include "archive/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

ssize_t backup_read_at(const struct backup *ar, void *p, size_t n, uint64_t at)
{
	size_t done = 0;

	while (done < n) {
		ssize_t got = pread(ar->fd, (char *)p + done, n - done, (off_t)(at + done));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		done += (size_t)got;
	}
	return (ssize_t)done;
}

/* A pipe's bytes in a file that has no name. */
static int spool(struct backup *ar)
{
	const char *folder = getenv("TMPDIR");
	char *path = str_dup(&ar->run->perm,
			     str_printf(&ar->run->perm, "%s/restore.XXXXXX", folder && *folder ? folder : "/tmp"));
	int from = ar->fd, to = mkstemp(path);
	char buf[64 << 10];
	ssize_t n;

	if (to < 0)
		return diag_sys(&ar->run->diag, "write", path);
	unlink(path);
	while ((n = source_read(from, buf, sizeof buf)) > 0)
		if (write_fully(to, buf, (size_t)n)) {
			diag_sys(&ar->run->diag, "write", path);
			close(to);
			return -1;
		}
	if (n < 0) {
		diag_sys(&ar->run->diag, "read", ar->path);
		close(to);
		return -1;
	}
	if (from != STDIN_FILENO)
		close(from);
	ar->fd = to;
	return 0;
}

static int open_file(struct backup *ar, const char *path)
{
	struct diag *d = &ar->run->diag;
	struct stat st;

	ar->fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	if (ar->fd < 0 || fstat(ar->fd, &st))
		return diag_sys(d, "read", ar->path);
	if (S_ISDIR(st.st_mode))
		return diag_trouble(d, IN_FILE(ar->path), "io", "is a directory; name an archive");
	if (!S_ISREG(st.st_mode) && (spool(ar) || fstat(ar->fd, &st)))
		return -1;
	ar->size = (uint64_t)st.st_size;
	return 0;
}

static str read_part(struct backup *ar, uint64_t at, uint64_t n)
{
	char *p = arena_raw(&ar->run->perm, (size_t)n + 1);

	return backup_read_at(ar, p, (size_t)n, at) == (ssize_t)n ? (str){ p, (size_t)n } : (str){ "", 0 };
}

/* By the seek table; the bytes from our index to the end must be those that the index gives. */
static const char *index_from_tail(struct backup *ar, struct hasher *h)
{
	uint8_t tail[INDEX_TAIL];
	uint32_t rows;
	uint64_t table, sum = 0;

	if (ar->size < INDEX_TAIL || backup_read_at(ar, tail, sizeof tail, ar->size - INDEX_TAIL) != INDEX_TAIL ||
	    !(table = index_table_size(tail, &rows)) || table > ar->size)
		return "it is cut off, or bytes were added to its end";
	/* Our index has a length that follows from the number of frames, the table's rows but one. */
	uint64_t index_bytes = index_size(rows - 1);
	if (index_bytes > ar->size - table)
		return "its seek table is damaged";
	uint64_t at = ar->size - table - index_bytes;
	str bytes = read_part(ar, at, index_bytes + table);
	if (!bytes.n)
		return "its index can't be read";
	const char *wrong = index_read(&ar->run->perm, str_sub(bytes, 0, (size_t)index_bytes), &ar->index, h);
	if (wrong)
		return wrong;
	ar->have_index = true;
	for (size_t i = 0; i < ar->index.n; i++)
		sum += ar->index.p[i].zip;
	struct arena scratch = { 0 };
	bool same = str_eq(index_write(&scratch, &ar->index, h), bytes);
	arena_free(&scratch);
	return !same ? "its seek table is damaged" : sum != at ? "bytes are missing in it, or were added" : NULL;
}

/* The index without the seek table's help: wherever its magic stands, from the end on. */
static void index_by_search(struct backup *ar, struct hasher *h)
{
	enum { CHUNK = 1 << 20, MAGIC = sizeof index_magic, MOST_TRIES = 16 };
	struct arena scratch = { 0 };
	char *p = arena_raw(&scratch, CHUNK + MAGIC);
	int tries = 0;

	for (uint64_t end = ar->size; end > MAGIC && tries < MOST_TRIES && !ar->have_index;) {
		uint64_t from = end > CHUNK ? end - CHUNK : 0;
		size_t want = (size_t)(end - from) + (end + MAGIC <= ar->size ? MAGIC - 1 : 0);
		if (backup_read_at(ar, p, want, from) != (ssize_t)want)
			break;
		for (size_t i = want - MAGIC + 1; i-- > 0 && tries < MOST_TRIES && !ar->have_index;) {
			uint8_t head[8];
			if (p[i] != index_magic[0] || memcmp(p + i, index_magic, MAGIC) || from + i < 8)
				continue;
			tries++;
			uint64_t at = from + i - 8;
			if (backup_read_at(ar, head, 8, at) != 8)
				continue;
			uint64_t n = 8 + ((uint64_t)head[4] | (uint64_t)head[5] << 8 | (uint64_t)head[6] << 16 | (uint64_t)head[7] << 24);
			if (n <= ar->size - at)
				ar->have_index = index_read(&ar->run->perm, read_part(ar, at, n), &ar->index, h) == NULL;
		}
		end = from;
	}
	arena_free(&scratch);
}

static void place_frames(struct backup *ar)
{
	size_t n = ar->index.n;

	ar->raw_at = NEW_ARRAY(&ar->run->perm, uint64_t, n + 1);
	ar->zip_at = NEW_ARRAY(&ar->run->perm, uint64_t, n + 1);
	for (size_t i = 0; i < n; i++) {
		ar->raw_at[i + 1] = ar->raw_at[i] + ar->index.p[i].raw;
		ar->zip_at[i + 1] = ar->zip_at[i] + ar->index.p[i].zip;
	}
}

/* 0: have_manifest says whether there is one; -1: reported. */
static int open_manifest(struct backup *ar)
{
	const struct frame_index *x = &ar->index;
	struct arena scratch = { 0 };
	struct cursor c = { 0 };
	uint64_t zipped = 0;
	int bad = 0;

	for (size_t i = backup_frame_of(ar, x->manifest_at); i < x->n && ar->raw_at[i] < x->manifest_at + x->manifest_size; i++)
		zipped += x->p[i].zip;
	if (x->manifest_size > (16u << 20) + 64 * zipped) {
		ar->damage = "its manifest is impossibly large";
		return 0;
	}
	char *text = arena_raw(&scratch, (size_t)x->manifest_size + 1);
	uint64_t done = 0;
	str piece;
	cursor_open(&c);
	cursor_use(&c, ar);
	while (done < x->manifest_size && cursor_get(&c, x->manifest_at + done, x->manifest_size - done, &piece)) {
		memcpy(text + done, piece.p, piece.n);
		done += piece.n;
	}
	text[x->manifest_size] = '\0';
	hash_bytes(&c.hash, text, (size_t)done, ar->manifest.id);
	if (done < x->manifest_size || memcmp(ar->manifest.id, x->manifest_hash, 32)) {
		ar->damage = "its manifest is damaged";
	} else {
		bad = manifest_read(&ar->run->perm, &ar->run->diag, ar->path, (str){ text, (size_t)x->manifest_size }, x->raw_total,
				    &ar->manifest);
		ar->have_manifest = !bad;
	}
	cursor_close(&c);
	arena_free(&scratch);
	return bad;
}

static bool begins_as_ours(const struct backup *ar)
{
	enum { ENOUGH = 20, SURE = 28 };
	char first[FIRST_FRAME_MAX], have[SURE];

	index_first_frame(first);
	ssize_t n = backup_read_at(ar, have, SURE, 0);
	return n >= ENOUGH && memcmp(first, have, (size_t)n) == 0;
}

struct backup *backup_open(struct run *r, const char *path, struct hasher *h)
{
	struct backup *ar = NEW(&r->perm, struct backup);

	ar->run = r;
	ar->path = file_label(path);
	if (open_file(ar, path)) {
		backup_close(ar);
		return NULL;
	}
	ar->damage = index_from_tail(ar, h);
	if (!ar->have_index)
		index_by_search(ar, h);
	ar->ours = ar->have_index || begins_as_ours(ar);
	if (ar->have_index) {
		place_frames(ar);
		if (open_manifest(ar)) {
			backup_close(ar);
			return NULL;
		}
	}
	ar->whole = ar->have_manifest && !ar->damage;
	return ar;
}

void backup_close(struct backup *ar)
{
	if (ar && ar->fd > STDERR_FILENO)
		close(ar->fd);
	if (ar)
		ar->fd = -1;
}
