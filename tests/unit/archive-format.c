/* SPDX-License-Identifier: MIT */
/* Tar headers, the index and the manifest: written, read, and refused when wrong. */
#include "archive/internal.h"
#include "check.h"

#include <string.h>

static struct arena a;
static struct diag d = { .program = "test", .arena = &a, .forked = true };

static unsigned checksum(const char *h)
{
	unsigned sum = 0;

	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += i >= 148 && i < 156 ? ' ' : (unsigned char)h[i];
	return sum;
}

static void tar_headers(void)
{
	char h[TAR_HEADER_MAX], name[ARCHIVE_NAME_MAX + 1], sum[8];
	struct member e = { .name = S("a/b"), .mode = 04755, .size = 1234, .mtime = 1700000000, .user = S("root") };

	CHECK_INT(tar_header(h, &e), TAR_BLOCK);
	CHECK_STR(str_of(h), S("a/b"));
	CHECK_STR(str_of(h + 100), S("0004755"));
	CHECK_STR(str_of(h + 124), S("00000002322"));
	CHECK_STR(str_of(h + 265), S("root"));
	snprintf(sum, sizeof sum, "%06o", checksum(h));
	CHECK_STR(str_of(h + 148), str_of(sum));
	e.type = ARCHIVE_DIR;
	tar_header(h, &e);
	CHECK_STR(str_of(h), S("a/b/"));
	CHECK_STR(str_of(h + 124), S("00000000000"));

	/* What ustar can't hold goes into a pax header. */
	memset(name, 'n', sizeof name);
	e = (struct member){ .name = { name, ARCHIVE_NAME_MAX }, .target = { name, ARCHIVE_NAME_MAX }, .type = ARCHIVE_SYMLINK,
			     .uid = UINT32_MAX, .mtime = -5 };
	size_t n = tar_header(h, &e);
	CHECK(n <= TAR_HEADER_MAX && n % TAR_BLOCK == 0 && h[156] == 'x');
	str records = { h + TAR_BLOCK, n - 2 * TAR_BLOCK };
	CHECK(str_find(records, S(" path=nnn")) > 0);
	CHECK(str_find(records, S("16 mtime=-5\n")) < 0);
	CHECK(str_find(records, S("12 mtime=-5\n")) > 0);
	CHECK(str_find(records, S("18 uid=4294967295\n")) > 0);
	e = (struct member){ .name = S("big"), .size = (uint64_t)1 << 40 };
	CHECK_INT(tar_header(h, &e), 3 * TAR_BLOCK);
	CHECK(str_find((str){ h, 1024 }, S("22 size=1099511627776\n")) > 0);
}

static struct frame_index make_index(void)
{
	struct frame_index x = { .manifest_at = 2048, .manifest_size = 100 };

	for (size_t i = 0; i < 3; i++) {
		struct frame *f = VEC_ADD(&a, &x);
		*f = (struct frame){ .zip = 100 + (uint32_t)i, .raw = 1024, .hash = { 1, 2, (uint8_t)i } };
		x.raw_total += f->raw;
	}
	return x;
}

static void indexes(void)
{
	struct hasher h;
	struct frame_index x = make_index(), y = { 0 };
	uint32_t rows;

	hasher_open(&h);
	str bytes = index_write(&a, &x, &h);
	uint64_t table = index_table_size((const uint8_t *)bytes.p + bytes.n - INDEX_TAIL, &rows);
	CHECK_INT(rows, 4);
	CHECK_INT(table, 8 + 4 * 8 + 9);
	CHECK_INT(bytes.n, index_size(3) + table);
	str index = str_sub(bytes, 0, bytes.n - table);
	CHECK(index_read(&a, index, &y, &h) == NULL);
	CHECK(y.n == 3 && y.manifest_at == 2048 && y.raw_total == 3072 && y.p[2].zip == 102);
	CHECK_STR(index_write(&a, &y, &h), bytes);
	for (size_t i = 0; i < index.n; i++) {
		str copy = str_copy(&a, index);
		((char *)copy.p)[i] ^= 1;
		if (!CHECK(index_read(&a, copy, &y, &h) != NULL))
			fprintf(stderr, "\tbyte %zu\n", i);
	}
	for (size_t n = 0; n < index.n; n++)
		CHECK(index_read(&a, str_sub(index, 0, n), &y, &h) != NULL);
	x.manifest_size = 2000; /* beyond the end */
	CHECK(index_read(&a, str_sub(index_write(&a, &x, &h), 0, index.n), &y, &h) != NULL);
	x = make_index();
	x.p[1].raw = FRAME_MAX + TAR_BLOCK;
	CHECK(index_read(&a, str_sub(index_write(&a, &x, &h), 0, index.n), &y, &h) != NULL);
	hasher_close(&h);
}

static void first_frame(void)
{
	char zip[FIRST_FRAME_MAX], raw[FIRST_FRAME_TAR], want[FIRST_FRAME_TAR];
	size_t n = index_first_frame(zip);

	tar_first(want);
	CHECK_INT(ZSTD_decompress(raw, sizeof raw, zip, n), FIRST_FRAME_TAR);
	CHECK(memcmp(raw, want, sizeof raw) == 0);
}

static void collect(void *ctx, str piece)
{
	buf_add(ctx, piece);
}

static str text_of(const struct manifest *m)
{
	struct buf b = BUF(&a);

	manifest_write(&d, m, collect, &b);
	return buf_str(&b);
}

static int read_back(str text, struct manifest *m)
{
	*m = (struct manifest){ 0 };
	return manifest_read(&a, &d, "m", str_copy(&a, text), 1 << 20, m);
}

static void manifests(void)
{
	struct member file = { .name = S("d/f\n\"\xff"), .size = 5, .mode = 0640, .mtime = -3, .nsec = 7, .uid = 1, .gid = 2,
			       .user = S("u"), .object = S("v1/Pod a/b"), .at = 1024, .hash = { 0xAB } };
	struct member dir = { .name = S("d"), .type = ARCHIVE_DIR, .at = ARCHIVE_ELSEWHERE };
	struct member hard = { .name = S("h"), .type = ARCHIVE_HARDLINK, .target = file.name, .at = ARCHIVE_ELSEWHERE };
	struct member soft = { .name = S("s"), .type = ARCHIVE_SYMLINK, .target = S("../\xfe"), .at = ARCHIVE_ELSEWHERE };
	struct manifest m = { .created = 12, .increment = true, .since = { 9 } }, back;
	const char *label = "k=v=\"w\"";
	str which;

	*VEC_ADD(&a, &m.labels) = label;
	*VEC_ADD(&a, &m) = &dir;
	*VEC_ADD(&a, &m) = &file;
	*VEC_ADD(&a, &m) = &hard;
	*VEC_ADD(&a, &m) = &soft;
	CHECK(manifest_check(&a, &m, &which) == NULL);
	str text = text_of(&m);
	if (!CHECK(read_back(text, &back) == 0))
		return;
	CHECK_STR(text_of(&back), text);
	const struct member *e = map_get(&back.by_name, file.name);
	CHECK(e && e->size == 5 && e->mtime == -3 && e->nsec == 7 && e->at == 1024 && e->hash[0] == 0xAB && e->mode == 0640);
	CHECK(back.created == 12 && back.increment && back.since[0] == 9 && back.bytes == 5);
	for (size_t n = 0; n < text.n; n++)
		CHECK(read_back(str_sub(text, 0, n), &back) != 0);
}

#define ONE(entries) "{\"format\":\"infraflux-archive/1\",\"labels\":{},\"bytes\":0,\"entries\":[\n" entries "\n]}\n"
#define FACTS "\"mode\":\"0644\",\"mtime\":0,\"uid\":0,\"gid\":0"
#define SHA "\"sha256\":\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\""
#define FILE_AT(name, at) "{\"name\":\"" name "\",\"type\":\"file\",\"size\":600," SHA "," FACTS ",\"at\":" at "}"

static void refused_manifests(void)
{
	static const char *const wrong[] = {
		ONE(FILE_AT("../a", "1024")),
		ONE(FILE_AT("/a", "1024")),
		ONE(FILE_AT("a", "1")),					/* no block */
		ONE(FILE_AT("a", "1048576")),				/* beyond the tar */
		ONE(FILE_AT("a", "99999999999999999999999")),
		ONE(FILE_AT("a", "-512")),
		ONE(FILE_AT("a", "1024") ",\n" FILE_AT("a", "4096")),	/* twice */
		ONE(FILE_AT("a", "1024") ",\n" FILE_AT("a/b", "4096")), /* below a file */
		ONE(FILE_AT("a", "1024") ",\n" FILE_AT("b", "2048")),	/* overlap */
		ONE(FILE_AT("b", "4096") ",\n" FILE_AT("a", "1024")),	/* out of order */
		ONE("{\"name\":\"a\",\"type\":\"device\"," FACTS "}"),
		ONE("{\"name\":\"a\",\"type\":\"directory\",\"mode\":\"99\"}"),
		ONE("{\"name\":\"a\",\"type\":\"directory\",\"mode\":\"10644\"}"),
		ONE("{\"name\":\"a\",\"type\":\"file\",\"size\":1," FACTS "}"), /* no hash */
		ONE("{\"name\":\"a\",\"type\":\"file\"," SHA "," FACTS "}"),	/* no size */
		ONE("{\"name\":\"a\",\"type\":\"directory\",\"size\":1," FACTS "}"),
		ONE("{\"name\":\"a\",\"type\":\"hardlink\",\"target\":\"/etc/passwd\"," FACTS "}"),
		ONE("{\"name\":\"a\",\"type\":\"hardlink\",\"target\":\"a\"," FACTS "}"),
		ONE("{\"name\":\"a\",\"type\":\"symlink\",\"target\":\"\"," FACTS "}"),
		ONE("{\"name\":\"a\",\"type\":\"symlink\"," FACTS "}"),
		ONE("{\"name_hex\":\"2e2e\",\"type\":\"directory\"," FACTS "}"),
		ONE("{\"name_hex\":\"6100\",\"type\":\"directory\"," FACTS "}"),
		ONE("{\"name_hex\":\"6\",\"type\":\"directory\"," FACTS "}"),
		ONE("{\"type\":\"directory\"," FACTS "}"),
		ONE("[]"),
		ONE("{},"),
		ONE(FILE_AT("a", "1024") "\n" FILE_AT("b", "4096")),
		"",
		"{\"format\":\"other\",\"entries\":[\n]}\n",
	};
	struct manifest m;

	for (size_t i = 0; i < COUNT(wrong); i++)
		if (!CHECK(read_back(str_of(wrong[i]), &m) != 0))
			fprintf(stderr, "\t%s\n", wrong[i]);
	CHECK(read_back(str_of(ONE(FILE_AT("a", "1024") ",\n" FILE_AT("b", "4096"))), &m) == 0);
	CHECK_INT(m.n, 2);
}

int main(void)
{
	tar_headers();
	indexes();
	first_frame();
	manifests();
	refused_manifests();
	arena_free(&a);
	return check_done();
}
