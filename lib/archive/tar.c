/* SPDX-License-Identifier: MIT */
/* Tar headers: ustar, with a pax header before it for what ustar can't hold. */
#include "archive/internal.h"

#include <stdio.h>
#include <string.h>

enum { /* ustar's fields: offset, width */
	NAME = 0, NAME_LEN = 100,
	MODE = 100, UID = 108, GID = 116, ID_LEN = 8,
	SIZE = 124, MTIME = 136, LONG_LEN = 12,
	CHECKSUM = 148,
	TYPE = 156,
	LINK = 157, LINK_LEN = 100,
	MAGIC = 257,
	USER = 265, GROUP = 297, OWNER_LEN = 32,
};

/* Octal digits and a NUL; false if v has too many. */
static bool put_octal(char *field, size_t width, uint64_t v)
{
	uint64_t most = ((uint64_t)1 << (3 * (width - 1))) - 1;
	bool fits = v <= most;

	if (!fits)
		v = 0;
	for (size_t i = width - 1; i-- > 0; v >>= 3)
		field[i] = (char)('0' + (v & 7));
	field[width - 1] = '\0';
	return fits;
}

static void put_text(char *field, size_t width, str s)
{
	if (s.n)
		memcpy(field, s.p, s.n < width ? s.n : width);
}

static void put_checksum(char *h)
{
	unsigned sum = 0;

	memset(h + CHECKSUM, ' ', 8);
	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += (unsigned char)h[i];
	snprintf(h + CHECKSUM, 8, "%06o", sum);
	h[CHECKSUM + 7] = ' ';
}

static void begin(char *h, char type, str name, uint64_t size)
{
	memset(h, 0, TAR_BLOCK);
	put_text(h + NAME, NAME_LEN, name);
	put_octal(h + MODE, ID_LEN, 0644);
	put_octal(h + UID, ID_LEN, 0);
	put_octal(h + GID, ID_LEN, 0);
	put_octal(h + SIZE, LONG_LEN, size);
	put_octal(h + MTIME, LONG_LEN, 0);
	h[TYPE] = type;
	memcpy(h + MAGIC, "ustar\0" "00", 8);
}

/* A pax record is "LENGTH KEY=VALUE\n", its length counting its own digits. */
static char *add_record(char *p, const char *key, str value)
{
	size_t rest = strlen(key) + value.n + 3, len = rest + 1;

	for (size_t digits = 1, ten = 10; len >= ten; ten *= 10)
		len = rest + ++digits;
	p += sprintf(p, "%zu %s=", len, key);
	memcpy(p, value.p, value.n);
	p[value.n] = '\n';
	return p + value.n + 1;
}

static char *add_number(char *p, const char *key, int64_t v)
{
	char text[24];
	int n = snprintf(text, sizeof text, "%lld", (long long)v);

	return add_record(p, key, (str){ text, (size_t)n });
}

static size_t pad(char *p, size_t n)
{
	size_t full = (size_t)round_block(n);

	memset(p + n, 0, full - n);
	return full;
}

size_t tar_header(char out[TAR_HEADER_MAX], const struct member *e)
{
	static const char types[] = { '0', '5', '2', '1' };
	char h[TAR_BLOCK], name[ARCHIVE_NAME_MAX + 2];
	char *records = out + TAR_BLOCK, *p = records;
	uint64_t size = e->type == ARCHIVE_FILE ? e->size : 0;
	str shown = { name, e->name.n };

	memcpy(name, e->name.p, e->name.n);
	if (e->type == ARCHIVE_DIR)
		name[shown.n++] = '/';
	begin(h, types[e->type], shown, 0);
	if ((shown.n > NAME_LEN && !utf8_valid(shown, NULL)) || (e->target.n > LINK_LEN && !utf8_valid(e->target, NULL)))
		p = add_record(p, "hdrcharset", S("BINARY"));
	if (shown.n > NAME_LEN)
		p = add_record(p, "path", shown);
	if (e->target.n > LINK_LEN)
		p = add_record(p, "linkpath", e->target);
	put_text(h + LINK, LINK_LEN, e->target);
	put_octal(h + MODE, ID_LEN, e->mode);
	if (!put_octal(h + UID, ID_LEN, e->uid))
		p = add_number(p, "uid", e->uid);
	if (!put_octal(h + GID, ID_LEN, e->gid))
		p = add_number(p, "gid", e->gid);
	if (!put_octal(h + SIZE, LONG_LEN, size))
		p = add_number(p, "size", (int64_t)size);
	if (e->mtime < 0 || !put_octal(h + MTIME, LONG_LEN, (uint64_t)e->mtime))
		p = add_number(p, "mtime", e->mtime);
	if (e->user.n < OWNER_LEN)
		put_text(h + USER, OWNER_LEN, e->user);
	if (e->group.n < OWNER_LEN)
		put_text(h + GROUP, OWNER_LEN, e->group);
	put_checksum(h);

	size_t n = 0;
	if (p > records) {
		size_t len = (size_t)(p - records);
		begin(out, 'x', S("././@PaxHeader"), len);
		put_checksum(out);
		n = TAR_BLOCK + pad(records, len);
	}
	memcpy(out + n, h, TAR_BLOCK);
	return n + TAR_BLOCK;
}

void tar_first(char out[FIRST_FRAME_TAR])
{
	char *p = add_record(out + TAR_BLOCK, "comment", S(MANIFEST_FORMAT));
	size_t n = (size_t)(p - out) - TAR_BLOCK;

	begin(out, 'g', S(".infraflux/archive"), n);
	put_checksum(out);
	pad(out + TAR_BLOCK, n);
}
