/* SPDX-License-Identifier: MIT */
/* Sprig's functions of encodings and plain hashes: base64, base32, checksums. */
#define OPENSSL_API_COMPAT 10101 /* the digests without EVP */
#include <openssl/sha.h>
#include <string.h>

#include "template/data.h"

static int f_b64enc(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct buf b = BUF(c->a);

	(void)n;
	buf_base64(&b, val_text(args[0]));
	ret_buf(out, &b);
	return exec_made(c, b.n);
}

/* Digits of base 2^bits in groups of size, as Go's strict decoders read them; newlines are passed over. -1, or where it is wrong. */
static ptrdiff_t decode(struct buf *out, str s, const char *set, unsigned bits, size_t size)
{
	uint64_t group = 0;
	size_t have = 0, i = 0, pads = 0;

	for (; i < s.n; i++) {
		const char *p = s.p[i] ? strchr(set, s.p[i]) : NULL;

		if (s.p[i] == '\n' || s.p[i] == '\r')
			continue;
		if (!p)
			break;
		group = group << bits | (uint64_t)(p - set);
		if (++have == size) {
			for (size_t k = size * bits / 8; k-- > 0;)
				buf_char(out, (char)(group >> (8 * k)));
			have = 0;
			group = 0;
		}
	}
	if (i == s.n && !have)
		return -1;
	if (i == s.n)
		return (ptrdiff_t)(i - have); /* where its last group begins */
	if (s.p[i] != '=' || have * bits % 8 >= bits || have == 0)
		return (ptrdiff_t)i;
	for (size_t at = i; at < s.n; at++) {
		if (s.p[at] == '\n' || s.p[at] == '\r')
			continue;
		if (s.p[at] != '=' || ++pads > size - have)
			return (ptrdiff_t)at;
	}
	if (pads != size - have)
		return (ptrdiff_t)s.n;
	group >>= have * bits % 8;
	for (size_t k = have * bits / 8; k-- > 0;)
		buf_char(out, (char)(group >> (8 * k)));
	return -1;
}

#define BASE64 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
#define BASE32 "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

ptrdiff_t base64_decode(struct buf *out, str s)
{
	return decode(out, s, BASE64, 6, 4);
}

static int f_b64dec(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	bool b32 = c->name[1] == '3';
	struct buf b = BUF(c->a);
	ptrdiff_t bad = b32 ? decode(&b, val_text(args[0]), BASE32, 5, 8) : base64_decode(&b, val_text(args[0]));

	(void)n;
	if (bad >= 0) /* Sprig gives the message as the value */
		return ret_str(out, str_printf(c->a, "illegal base%s data at input byte %td", b32 ? "32" : "64", bad));
	return ret_buf(out, &b);
}

static int f_b32enc(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	static const char set[] = BASE32;
	str s = val_text(args[0]);
	struct buf b = BUF(c->a);

	(void)n;
	for (size_t i = 0; i < s.n; i += 5) {
		size_t have = s.n - i < 5 ? s.n - i : 5, digits = (have * 8 + 4) / 5;
		uint64_t group = 0;

		for (size_t k = 0; k < 5; k++)
			group = group << 8 | (k < have ? (unsigned char)s.p[i + k] : 0);
		for (size_t k = 0; k < 8; k++)
			buf_char(&b, k < digits ? set[group >> (35 - 5 * k) & 31] : '=');
	}
	ret_buf(out, &b);
	return exec_made(c, b.n);
}

/* Without EVP, which looks for its algorithms at the first use: that takes longer than a chart's checksums. */
static unsigned digest(char which, const void *p, size_t n, unsigned char *out)
{
	union {
		SHA_CTX one;
		SHA256_CTX two;
		SHA512_CTX five;
	} x;

	if (which == '1') {
		SHA1_Init(&x.one);
		SHA1_Update(&x.one, p, n);
		SHA1_Final(out, &x.one);
		return SHA_DIGEST_LENGTH;
	}
	if (which == '2') {
		SHA256_Init(&x.two);
		SHA256_Update(&x.two, p, n);
		SHA256_Final(out, &x.two);
		return SHA256_DIGEST_LENGTH;
	}
	SHA512_Init(&x.five);
	SHA512_Update(&x.five, p, n);
	SHA512_Final(out, &x.five);
	return SHA512_DIGEST_LENGTH;
}

static int f_sum(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	static const char hex[] = "0123456789abcdef";
	unsigned char hash[SHA512_DIGEST_LENGTH];
	unsigned len = digest(c->name[3], args[0].p, args[0].n, hash);
	struct buf b = BUF(c->a);

	(void)n;
	for (unsigned i = 0; i < len; i++) {
		buf_char(&b, hex[hash[i] >> 4]);
		buf_char(&b, hex[hash[i] & 15]);
	}
	return ret_buf(out, &b);
}

static int f_adler32(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	uint32_t x = 1, y = 0;

	(void)n;
	for (size_t i = 0; i < args[0].n; i++) {
		x = (x + (unsigned char)args[0].p[i]) % 65521;
		y = (y + x) % 65521;
	}
	return ret_str(out, str_printf(c->a, "%u", y << 16 | x));
}

const struct tmpl_func funcs_encoding[] = {
	{ "b64enc", "s", f_b64enc },
	{ "b64dec", "s", f_b64dec },
	{ "b32enc", "s", f_b32enc },
	{ "b32dec", "s", f_b64dec },
	{ "sha1sum", "s", f_sum },
	{ "sha256sum", "s", f_sum },
	{ "sha512sum", "s", f_sum },
	{ "adler32sum", "s", f_adler32 },
	{ NULL, NULL, NULL },
};
