/* SPDX-License-Identifier: MIT */
/* Is what has the form of a token one?  Checksums, what it holds decoded, and what only documents show. */
#include "schema/secrets.h"

#include <string.h>

static uint32_t crc32(str s)
{
	uint32_t c = 0xFFFFFFFF;
	for (size_t i = 0; i < s.n; i++) {
		c ^= (unsigned char)s.p[i];
		for (int k = 0; k < 8; k++)
			c = c & 1 ? c >> 1 ^ 0xEDB88320 : c >> 1;
	}
	return ~c;
}

/* GitHub's and npm's end in the CRC-32, to base 62, of what stands between "_" and it. */
static bool base62_fits(str token)
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	str body = str_sub(token, 4, 34), sum = str_sub(token, 34, 40);
	uint64_t v = 0;
	for (size_t i = 0; i < sum.n; i++) {
		const char *p = strchr(digits, sum.p[i]);
		v = v * 62 + (uint64_t)(p ? p - digits : 0);
	}
	return v == crc32(body);
}

/* Grafana's end in the CRC-32 of all before the last "_", its lowest byte first. */
static bool hex_fits(str token)
{
	uint32_t c = crc32(str_sub(token, 0, token.n - 9)), v = 0;
	for (size_t i = 0; i < 8; i++) {
		char d = token.p[token.n - 8 + i];
		v = v << 4 | (uint32_t)(d <= '9' ? d - '0' : d - 'a' + 10);
	}
	return v == ((c & 0xFF) << 24 | (c >> 8 & 0xFF) << 16 | (c >> 16 & 0xFF) << 8 | c >> 24);
}

/* Age keys are Bech32: a BCH code over the name before "1", bit by bit in two turns, and the data behind it. */
static uint32_t bech32_step(uint32_t c, uint32_t v)
{
	static const uint32_t generator[] = { 0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3 };
	uint32_t top = c >> 25;
	c = (c & 0x1FFFFFF) << 5 ^ v;
	for (int k = 0; k < 5; k++)
		c ^= top >> k & 1 ? generator[k] : 0;
	return c;
}

static bool bech32_fits(str token)
{
	static const char name[] = "age-secret-key-", digits[] = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L";
	uint32_t c = 1;
	for (size_t i = 0; i + 1 < sizeof(name); i++)
		c = bech32_step(c, (uint32_t)name[i] >> 5);
	c = bech32_step(c, 0);
	for (size_t i = 0; i + 1 < sizeof(name); i++)
		c = bech32_step(c, (uint32_t)name[i] & 31);
	for (size_t i = sizeof(name); i < token.n; i++)
		c = bech32_step(c, (uint32_t)(strchr(digits, token.p[i]) - digits));
	return c == 1;
}

/* ---- what is encoded --------------------------------------------------------------- */
static bool is_base64_char(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/' || c == '=';
}

/* The run of base64 at its end, decoded. */
static bool decode_end(struct arena *a, str token, str *out)
{
	size_t end = token.n;
	while (end && !is_base64_char(token.p[end - 1]))
		end--;
	size_t from = end;
	while (from && is_base64_char(token.p[from - 1]))
		from--;
	return format_base64(a, str_sub(token, from, end), out);
}

/* A part of a JSON Web Token: base64url without padding. */
static bool decode_part(struct arena *a, str part, str *out)
{
	struct buf b = BUF(a);
	for (size_t i = 0; i < part.n; i++)
		buf_char(&b, part.p[i] == '-' ? '+' : part.p[i] == '_' ? '/' : part.p[i]);
	while (b.n % 4)
		buf_char(&b, '=');
	return format_base64(a, buf_str(&b), out);
}

bool secret_is_login(struct arena *a, str base64)
{
	str login;
	if (!decode_end(a, base64, &login))
		return false;
	ptrdiff_t colon = str_chr(login, ':');
	for (size_t i = 0; i < login.n; i++)
		if ((unsigned char)login.p[i] < 0x20 || login.p[i] == 0x7F)
			return false;
	return colon >= 0 && secret_value(str_sub(login, (size_t)colon + 1, login.n), TELLS_PASSWORD);
}

/* The sample that introductions to JSON Web Tokens show is of subject 1234567890. */
static bool jwt_fits(struct arena *a, str token)
{
	ptrdiff_t dot = str_chr(token, '.');
	str rest = str_sub(token, (size_t)dot + 1, token.n), head, body;
	ptrdiff_t second = str_chr(rest, '.');
	if (!decode_part(a, str_sub(token, 0, (size_t)dot), &head) || str_find(head, S("\"alg\"")) < 0)
		return false;
	return !decode_part(a, str_sub(rest, 0, (size_t)second), &body) || str_find(body, S("1234567890\"")) < 0;
}

static bool tunnel_fits(struct arena *a, str token)
{
	str text;
	return decode_end(a, token, &text) && str_find(text, S("\"t\":")) >= 0 && str_find(text, S("\"s\":")) >= 0;
}

static bool encoded_pem_fits(struct arena *a, str token)
{
	str text;
	return decode_end(a, token, &text) && str_find(text, S("PRIVATE KEY-----")) >= 0;
}

/* A key in a document or a test ends in dots or in the same character again and again. */
static bool private_fits(str token)
{
	str rest = str_sub(token, token.n > 40 ? token.n - 40 : 0, token.n);
	size_t different = 0;
	for (size_t i = 1; i < rest.n; i++)
		different += rest.p[i] != rest.p[i - 1];
	return different > rest.n / 2;
}

/* ---- what stands in it ---------------------------------------------------------------- */
/* user:PASSWORD@host: between the colon that is no scheme's and the last @. */
static bool url_fits(str token)
{
	ptrdiff_t scheme = str_find(token, S("://"));
	size_t from = scheme < 0 ? 0 : (size_t)scheme + 3, end = token.n;
	while (end && token.p[end - 1] != '@')
		end--;
	end -= end > 0;
	str login = str_sub(token, from, end);
	ptrdiff_t at = str_chr(login, str_starts(login, S("jdbc:")) ? '/' : ':');
	return at >= 0 && secret_value(str_sub(login, (size_t)at + 1, login.n), TELLS_PASSWORD);
}

static str behind_last(str token, const char *separators)
{
	size_t i = token.n;
	while (i && !strchr(separators, token.p[i - 1]))
		i--;
	return str_sub(token, i, token.n);
}

static str behind_equals(str token) /* the last "word=": base64 ends in "=" */
{
	size_t end = token.n, i;
	while (end && token.p[end - 1] == '=')
		end--;
	for (i = end; i && token.p[i - 1] != '='; i--)
		;
	return str_sub(token, i, token.n);
}

bool token_fits(const struct token_form *t, struct arena *a, str token)
{
	switch (t->check) {
	case CHECK_BASE62:
		return base62_fits(token);
	case CHECK_HEX:
		return hex_fits(token);
	case CHECK_BECH32:
		return bech32_fits(token);
	case CHECK_BASIC:
		return secret_is_login(a, token);
	case CHECK_JWT:
		return jwt_fits(a, token);
	case CHECK_TUNNEL:
		return tunnel_fits(a, token);
	case CHECK_ENCODED_PEM:
		return encoded_pem_fits(a, token);
	case CHECK_PRIVATE:
		return private_fits(token) && !secret_is_placeholder(token);
	case CHECK_URL:
		return url_fits(token);
	case CHECK_PASSWORD:
		return secret_value(behind_equals(token), TELLS_PASSWORD);
	case CHECK_VALUE:
		return secret_value(behind_equals(token), TELLS_SECRET);
	case CHECK_LAST:
		return secret_value(behind_last(token, " \"':"), TELLS_PASSWORD);
	case CHECK_RANDOM:
		return !secret_is_placeholder(token) && secret_is_random(behind_last(token, " :="));
	case CHECK_NONE:
		break;
	}
	return !secret_is_placeholder(token) && !secret_is_sample(token);
}
