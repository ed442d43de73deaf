/* SPDX-License-Identifier: MIT */
/* SHA-256 and its digits. */
#include "archive/internal.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <unistd.h>

static void must(bool ok)
{
	static const char text[] = "error: SHA-256 is not to be had of libcrypto\n";

	if (ok)
		return;
	ssize_t ignored = write(STDERR_FILENO, text, sizeof text - 1);
	(void)ignored;
	_exit(2);
}

void hasher_open(struct hasher *h)
{
	/* The configuration file could name engines to load; a hash needs none. */
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	h->md = EVP_MD_fetch(NULL, "SHA256", NULL);
	h->ctx = EVP_MD_CTX_new();
	must(h->md && h->ctx);
}

void hasher_close(struct hasher *h)
{
	EVP_MD_CTX_free(h->ctx);
	EVP_MD_free(h->md);
	*h = (struct hasher){ 0 };
}

void hasher_start(struct hasher *h)
{
	must(EVP_DigestInit_ex2(h->ctx, h->md, NULL));
}

void hasher_add(struct hasher *h, const void *p, size_t n)
{
	must(EVP_DigestUpdate(h->ctx, p, n));
}

void hasher_end(struct hasher *h, uint8_t out[32])
{
	must(EVP_DigestFinal_ex(h->ctx, out, NULL));
}

void hash_bytes(struct hasher *h, const void *p, size_t n, uint8_t out[32])
{
	hasher_start(h);
	hasher_add(h, p, n);
	hasher_end(h, out);
}

void hex_of(const uint8_t *p, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[p[i] >> 4];
		out[2 * i + 1] = digits[p[i] & 15];
	}
	out[2 * n] = '\0';
}

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool hex_read(str s, uint8_t *out, size_t n)
{
	if (s.n != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		int high = digit(s.p[2 * i]), low = digit(s.p[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}
