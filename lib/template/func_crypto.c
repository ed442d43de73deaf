/* SPDX-License-Identifier: MIT */
/* Sprig's functions of passwords, random texts and encryption. */
#include <crypt.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#include "template/data.h"

#define RANDOM_MAX (1 << 20)

/* ---- random texts ---- */

static uint32_t below(uint32_t n) /* without bias */
{
	uint32_t r, limit = UINT32_MAX - UINT32_MAX % n;

	do
		random_bytes(&r, sizeof(r));
	while (r >= limit);
	return r % n;
}

static int f_rand_text(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	static const char all[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	int64_t count = args[0].i;
	char *text;
	bool digit = false, mixed = !strcmp(c->name, "randAlphaNum");

	(void)n;
	if (count > RANDOM_MAX)
		return tmpl_error(c, "%s: %lld characters are too many", c->name, (long long)count);
	if (count < 1)
		return ret(out, val_cstr(""));
	text = arena_raw(c->a, (size_t)count + 1);
	for (int64_t i = 0; i < count; i++) {
		if (c->name[4] == 'N')
			text[i] = all[52 + below(10)];
		else if (c->name[5] == 's')
			text[i] = (char)(' ' + below(95));
		else
			text[i] = all[below(mixed ? 62 : 52)];
		digit |= text[i] >= '0' && text[i] <= '9';
	}
	if (mixed && !digit) /* Sprig's holds one digit at least */
		text[below((uint32_t)count)] = all[52 + below(10)];
	return ret_str(out, (str){ text, (size_t)count });
}

static int f_rand_bytes(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct buf b = BUF(c->a);
	char *p;

	(void)n;
	if (args[0].i < 0 || args[0].i > RANDOM_MAX)
		return tmpl_error(c, "randBytes: the count %lld is out of range", (long long)args[0].i);
	p = arena_raw(c->a, (size_t)args[0].i + 1);
	random_bytes(p, (size_t)args[0].i);
	buf_base64(&b, (str){ p, (size_t)args[0].i });
	return ret_buf(out, &b);
}

static int f_uuid(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	unsigned char u[16];
	struct buf b = BUF(c->a);

	(void)args;
	(void)n;
	random_bytes(u, sizeof(u));
	u[6] = (u[6] & 0x0f) | 0x40;
	u[8] = (u[8] & 0x3f) | 0x80;
	for (size_t i = 0; i < sizeof(u); i++)
		buf_printf(&b, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", u[i]);
	return ret_buf(out, &b);
}

/* ---- passwords ---- */

static int bcrypt(struct tmpl_call *c, str password, str *hash)
{
	struct crypt_data *data = NEW(c->a, struct crypt_data);
	char salt[64], random[16], *text = str_dup(c->a, password), *made;

	if (exec_cost(c, 100000) < 0)
		return -1;
	random_bytes(random, sizeof(random));
	if (!crypt_gensalt_rn("$2a$", 10, random, sizeof(random), salt, sizeof(salt)))
		return tmpl_error(c, "%s: libcrypt cannot do bcrypt", c->name);
	made = crypt_r(text, salt, data);
	if (!made || made[0] == '*')
		return tmpl_error(c, "%s: libcrypt refused the password", c->name);
	*hash = str_copy(c->a, str_of(made));
	return 0;
}

static int f_bcrypt(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	bool user = n == 2;
	str hash = { 0 }, password = val_text(args[n - 1]);

	if (user && str_chr(val_text(args[0]), ':') >= 0)
		return ret_str(out, str_printf(c->a, "invalid username: %.*s", STR_ARG(val_text(args[0]))));
	if (password.n > 72)
		hash = S("failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes");
	else if (str_chr(password, '\0') >= 0)
		return tmpl_error(c, "%s: the password holds a NUL byte", c->name);
	else if (bcrypt(c, password, &hash) < 0)
		return -1;
	return ret_str(out, user ? str_printf(c->a, "%.*s:%.*s", STR_ARG(val_text(args[0])), STR_ARG(hash)) : hash);
}

static const struct {
	const char *type, *templates[22];
} password_types[] = {
	{ "maximum", { "anoxxxxxxxxxxxxxxxxx", "axxxxxxxxxxxxxxxxxno" } },
	{ "long",
	  { "CvcvnoCvcvCvcv", "CvcvCvcvnoCvcv", "CvcvCvcvCvcvno", "CvccnoCvcvCvcv", "CvccCvcvnoCvcv", "CvccCvcvCvcvno", "CvcvnoCvccCvcv",
	    "CvcvCvccnoCvcv", "CvcvCvccCvcvno", "CvcvnoCvcvCvcc", "CvcvCvcvnoCvcc", "CvcvCvcvCvccno", "CvccnoCvccCvcv", "CvccCvccnoCvcv",
	    "CvccCvccCvcvno", "CvcvnoCvccCvcc", "CvcvCvccnoCvcc", "CvcvCvccCvccno", "CvccnoCvcvCvcc", "CvccCvcvnoCvcc", "CvccCvcvCvccno" } },
	{ "medium", { "CvcnoCvc", "CvcCvcno" } },
	{ "short", { "Cvcn" } },
	{ "basic", { "aaanaaan", "aannaaan", "aaannaaa" } },
	{ "pin", { "nnnn" } },
};

static const char *character_class(char c)
{
	switch (c) {
	case 'V':
		return "AEIOU";
	case 'C':
		return "BCDFGHJKLMNPQRSTVWXYZ";
	case 'v':
		return "aeiou";
	case 'c':
		return "bcdfghjklmnpqrstvwxyz";
	case 'A':
		return "AEIOUBCDFGHJKLMNPQRSTVWXYZ";
	case 'a':
		return "AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz";
	case 'n':
		return "0123456789";
	case 'o':
		return "@&%?,=[]_:-+*$#!'^~;()/.";
	default:
		return "AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()";
	}
}

static void sized(struct buf *b, str s)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		buf_char(b, (char)(s.n >> shift));
	buf_add(b, s);
}

/* The Master Password algorithm: scrypt, then HMAC chooses characters from a template. */
static int f_derive(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	str type = val_text(args[1]), password = val_text(args[2]), user = val_text(args[3]), site = val_text(args[4]);
	const char *const *templates = NULL, *form;
	unsigned char key[64], seed[EVP_MAX_MD_SIZE];
	struct buf salt = BUF(c->a), text = BUF(c->a);
	size_t count = 0;
	unsigned len = 0;

	(void)n;
	for (size_t i = 0; i < COUNT(password_types); i++)
		if (str_eq(type, str_of(password_types[i].type)))
			templates = password_types[i].templates;
	if (!templates)
		return ret_str(out, str_printf(c->a, "cannot find password template %.*s", STR_ARG(type)));
	if (exec_cost(c, 200000) < 0)
		return -1;
	buf_add(&salt, S("com.lyndir.masterpassword"));
	sized(&salt, user);
	if (!EVP_PBE_scrypt(password.p ? password.p : "", password.n, (unsigned char *)salt.p, salt.n, 32768, 8, 2, 128 << 20, key, sizeof(key)))
		return tmpl_error(c, "derivePassword: the cryptographic library refused");
	salt.n = 25;
	sized(&salt, site);
	for (int shift = 24; shift >= 0; shift -= 8)
		buf_char(&salt, (char)(args[0].i >> shift));
	if (!HMAC(EVP_sha256(), key, sizeof(key), (unsigned char *)salt.p, salt.n, seed, &len))
		return tmpl_error(c, "derivePassword: the cryptographic library refused");
	while (count < 22 && templates[count])
		count++;
	form = templates[seed[0] % count];
	for (size_t i = 0; form[i]; i++) {
		const char *set = character_class(form[i]);

		buf_char(&text, set[seed[i + 1] % strlen(set)]);
	}
	return ret_buf(out, &text);
}

/* ---- AES ---- */

static int aes(struct tmpl_call *c, bool encrypt, str password, const unsigned char *iv, str in, struct buf *out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	unsigned char key[32] = { 0 };
	int n = 0, last = 0, good = ctx != NULL;
	char *room = buf_room(out, in.n + 32);

	memcpy(key, password.p ? password.p : "", password.n < 32 ? password.n : 32);
	good = good && EVP_CipherInit_ex(ctx, EVP_aes_256_cbc(), NULL, key, iv, encrypt);
	good = good && EVP_CipherUpdate(ctx, (unsigned char *)room, &n, (const unsigned char *)in.p, (int)in.n);
	good = good && EVP_CipherFinal_ex(ctx, (unsigned char *)room + n, &last);
	EVP_CIPHER_CTX_free(ctx);
	out->n += good ? (size_t)(n + last) : 0;
	return good ? 0 : tmpl_error(c, "%s: %s", c->name, encrypt ? "the cryptographic library refused" : "wrong password, or the text was never encrypted so");
}

static int f_encrypt(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct buf b = BUF(c->a), text = BUF(c->a);
	unsigned char iv[16];

	(void)n;
	if (!args[1].n)
		return ret(out, val_cstr(""));
	if (args[1].n > INT32_MAX / 2)
		return tmpl_error(c, "encryptAES: the text is too long");
	random_bytes(iv, sizeof(iv));
	buf_add(&b, (str){ (char *)iv, sizeof(iv) });
	if (aes(c, true, val_text(args[0]), iv, val_text(args[1]), &b) < 0)
		return -1;
	buf_base64(&text, buf_str(&b));
	return ret_buf(out, &text);
}

static int f_decrypt(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct buf raw = BUF(c->a), text = BUF(c->a);

	(void)n;
	if (!args[1].n)
		return ret(out, val_cstr(""));
	if (base64_decode(&raw, val_text(args[1])) >= 0 || raw.n < 32 || raw.n % 16 || raw.n > INT32_MAX / 2)
		return tmpl_error_value(c, args[1], "decryptAES: this is nothing that encryptAES made");
	if (aes(c, false, val_text(args[0]), (unsigned char *)raw.p, str_sub(buf_str(&raw), 16, raw.n), &text) < 0)
		return -1;
	return ret_buf(out, &text);
}

const struct tmpl_func funcs_crypto[] = {
	{ "randAlphaNum", "i", f_rand_text },
	{ "randAlpha", "i", f_rand_text },
	{ "randAscii", "i", f_rand_text },
	{ "randNumeric", "i", f_rand_text },
	{ "randBytes", "i", f_rand_bytes },
	{ "uuidv4", "", f_uuid },
	{ "bcrypt", "s", f_bcrypt },
	{ "htpasswd", "ss", f_bcrypt },
	{ "derivePassword", "issss", f_derive },
	{ "encryptAES", "ss", f_encrypt },
	{ "decryptAES", "ss", f_decrypt },
	{ NULL, NULL, NULL },
};
