/* SPDX-License-Identifier: MIT */
/* Archives of our own format, every hash right, whose makers meant harm. */
#include "archive/internal.h"
#include "check.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FACTS "\"mode\":\"0644\",\"mtime\":0,\"uid\":0,\"gid\":0"
#define HEAD "{\"format\":\"infraflux-archive/1\",\"labels\":{},\"bytes\":0,\"entries\":[\n"

static struct run r;
static struct hasher h;

static void add_frame(struct buf *b, struct frame_index *x, const char *raw, size_t n)
{
	struct frame *f = VEC_ADD(b->a, x);
	size_t most = ZSTD_compressBound(n);
	char *zip = buf_room(b, most);

	f->raw = (uint32_t)n;
	f->zip = (uint32_t)ZSTD_compress(zip, most, raw, n, 1);
	hash_bytes(&h, zip, f->zip, f->hash);
	b->n += f->zip;
	x->raw_total += n;
}

/* Writes the archive of a tar (whole blocks) and a manifest. */
static void make(const char *path, str tar, str manifest)
{
	struct buf b = BUF(&r.perm);
	struct frame_index x = { 0 };
	size_t n = (size_t)round_block(manifest.n);
	char *p = arena_alloc(&r.perm, n);

	memcpy(p, manifest.p, manifest.n);
	add_frame(&b, &x, tar.p, tar.n);
	add_frame(&b, &x, p, n);
	x.manifest_at = tar.n;
	x.manifest_size = manifest.n;
	hash_bytes(&h, manifest.p, manifest.n, x.manifest_hash);
	buf_add(&b, index_write(&r.perm, &x, &h));
	CHECK_INT(file_write(&r.perm, &r.diag, path, 0600, buf_str(&b)), 0);
}

static void start(void)
{
	static const struct program program = { .name = "test" };

	r = (struct run){ .program = &program, .jobs = 2, .status_fd = -1 };
	r.diag = (struct diag){ .program = "test", .arena = &r.perm, .forked = true };
}

/* Restores to "out"; whether it is there afterwards. */
static bool restore(char *path, bool salvage)
{
	struct archive_extract o = { .to = "out", .salvage = salvage };
	struct strlist none = { 0 };
	struct archive_set *s = archive_set_open(&r, &path, 1, salvage);

	if (s && archive_select(s, &none) == 0)
		archive_extract(s, &o);
	archive_set_close(s);
	return access("out", F_OK) == 0;
}

static char *block_of(const char *name, const char *bytes, size_t *n)
{
	struct member e = { .name = str_of(name), .mode = 0644, .size = strlen(bytes) };
	char *p = arena_alloc(&r.perm, 4096);

	*n = tar_header(p, &e);
	memcpy(p + *n, bytes, strlen(bytes));
	*n += TAR_BLOCK;
	return p;
}

/* A line of the manifest for a file at 0 with these bytes. */
static str line_of(const char *name, const char *bytes, const char *size)
{
	uint8_t hash[32];
	char hex[65];

	hash_bytes(&h, bytes, strlen(bytes), hash);
	hex_of(hash, 32, hex);
	return str_printf(&r.perm, HEAD "{\"name\":\"%s\",\"type\":\"file\",\"size\":%s,\"sha256\":\"%s\"," FACTS ",\"at\":0}\n]}\n", name,
			  size, hex);
}

static void honest(void)
{
	size_t n;
	char *tar = block_of("f", "hello", &n);

	make("a", (str){ tar, n }, line_of("f", "hello", "5"));
	CHECK(restore("a", false));
	CHECK_INT(r.diag.count[SEV_ERROR], 0);
	CHECK(unlink("out/f") == 0 && rmdir("out") == 0);
}

static void contradicting(void)
{
	size_t n, before = r.diag.count[SEV_ERROR];
	char *tar = block_of("f", "hello", &n);

	make("a", (str){ tar, n }, line_of("g", "hello", "5")); /* another name than the tar says */
	CHECK(!restore("a", false));
	make("a", (str){ tar, n }, line_of("f", "hullo", "5")); /* another hash */
	CHECK(!restore("a", false));
	make("a", (str){ tar, n }, line_of("f", "hello", "4"));
	CHECK(!restore("a", false));
	CHECK_INT(r.diag.count[SEV_ERROR], before + 3);
	make("a", (str){ tar, n }, line_of("f", "hello", "999999"));
	CHECK(!restore("a", false));
	make("a", (str){ tar, n }, line_of("f", "hello", "9223372036854775807"));
	CHECK(!restore("a", false));
	make("a", (str){ tar, n }, line_of("../f", "hello", "5"));
	CHECK(!restore("a", false) && access("../f", F_OK));
}

static void through_links(void)
{
	size_t n;
	char *tar = block_of("d/f", "hello", &n);
	str file = line_of("d/f", "hello", "5");
	str link = S("{\"name\":\"d\",\"type\":\"symlink\",\"target\":\"..\"," FACTS "},\n");
	struct buf b = BUF(&r.perm);

	buf_add(&b, S(HEAD));
	buf_add(&b, link);
	buf_add(&b, str_sub(file, sizeof HEAD - 1, file.n));
	make("a", (str){ tar, n }, buf_str(&b));
	CHECK(!restore("a", false) && access("f", F_OK));
	CHECK(!restore("a", true) && access("f", F_OK));
}

static void manifest_bomb(void)
{
	size_t n, size = 40 << 20;
	char *tar = block_of("f", "hello", &n), *blanks = arena_raw(&r.perm, size);
	struct buf b = BUF(&r.perm);
	struct frame_index x = { 0 };

	memset(blanks, ' ', size);
	add_frame(&b, &x, tar, n);
	for (size_t i = 0; i < size; i += FRAME_MAX / 2)
		add_frame(&b, &x, blanks + i, FRAME_MAX / 2);
	x.manifest_at = n;
	x.manifest_size = size;
	hash_bytes(&h, blanks, size, x.manifest_hash);
	buf_add(&b, index_write(&r.perm, &x, &h));
	file_write(&r.perm, &r.diag, "a", 0600, buf_str(&b));
	size_t before = r.perm.total;
	struct backup *ar = backup_open(&r, "a", &h);
	CHECK(ar && ar->have_index && !ar->have_manifest && r.perm.total - before < 8 << 20);
	backup_close(ar);
}

int main(void)
{
	char folder[] = "/tmp/archive-crafted.XXXXXX";

	if (!mkdtemp(folder) || chdir(folder))
		return 2;
	start();
	hasher_open(&h);
	honest();
	contradicting();
	through_links();
	manifest_bomb();
	unlink("a");
	CHECK_INT(rmdir(folder), 0);
	hasher_close(&h);
	arena_free(&r.perm);
	return check_done();
}
