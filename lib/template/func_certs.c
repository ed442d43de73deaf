/* SPDX-License-Identifier: MIT */
/* Sprig's functions of private keys and X.509 certificates, by OpenSSL. */
#include <arpa/inet.h>
#include <limits.h>
#include <openssl/dsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "template/data.h"

struct certificate {
	str cert, key;
};

static const struct vclass certificate_class;

static int refused(struct tmpl_call *c, const char *what)
{
	return tmpl_error(c, "%s: the cryptographic library could not %s", c->name, what);
}

/* ---- keys ---- */

static EVP_PKEY *dsa_key(void)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(EVP_PKEY_DSA, NULL), *with = NULL;
	EVP_PKEY *params = NULL, *key = NULL;

	if (ctx && EVP_PKEY_paramgen_init(ctx) > 0 && EVP_PKEY_CTX_set_dsa_paramgen_bits(ctx, 2048) > 0 &&
	    EVP_PKEY_CTX_set_dsa_paramgen_q_bits(ctx, 256) > 0 && EVP_PKEY_paramgen(ctx, &params) > 0 && (with = EVP_PKEY_CTX_new(params, NULL)) &&
	    EVP_PKEY_keygen_init(with) > 0)
		EVP_PKEY_keygen(with, &key);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_CTX_free(with);
	EVP_PKEY_free(params);
	return key;
}

static str bio_text(struct arena *a, BIO *bio)
{
	char *p;
	long n = BIO_get_mem_data(bio, &p);

	return str_copy(a, (str){ p, n > 0 ? (size_t)n : 0 });
}

/* RSA, EC and DSA keys in their own old forms, others as PKCS #8: as Go writes them. */
static bool key_text(struct arena *a, EVP_PKEY *key, str *out)
{
	BIO *bio = BIO_new(BIO_s_mem());
	int type = EVP_PKEY_get_base_id(key);
	bool old = type == EVP_PKEY_RSA || type == EVP_PKEY_EC || type == EVP_PKEY_DSA, good = bio != NULL;

	good = good && (old ? PEM_write_bio_PrivateKey_traditional(bio, key, NULL, NULL, 0, NULL, NULL)
			     : PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL)) > 0;
	if (good)
		*out = bio_text(a, bio);
	BIO_free(bio);
	return good;
}

static EVP_PKEY *key_read(str pem)
{
	BIO *bio = pem.n && pem.n < INT_MAX ? BIO_new_mem_buf(pem.p, (int)pem.n) : NULL;
	EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, (void *)"") : NULL;

	BIO_free(bio);
	return key;
}

static X509 *cert_read(str pem)
{
	BIO *bio = pem.n && pem.n < INT_MAX ? BIO_new_mem_buf(pem.p, (int)pem.n) : NULL;
	X509 *x = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;

	BIO_free(bio);
	return x;
}

#define COST_OF_KEY 500000 /* steps: a second at most */

static int f_private_key(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	str type = val_text(args[0]), text;
	EVP_PKEY *key;
	bool good;

	(void)n;
	if (exec_cost(c, COST_OF_KEY) < 0)
		return -1;
	if (!type.n || str_eq(type, S("rsa")))
		key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)4096);
	else if (str_eq(type, S("ecdsa")))
		key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	else if (str_eq(type, S("ed25519")))
		key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	else if (str_eq(type, S("dsa")))
		key = dsa_key();
	else
		return ret_str(out, str_printf(c->a, "Unknown type %.*s", STR_ARG(type)));
	good = key && key_text(c->a, key, &text);
	EVP_PKEY_free(key);
	return good ? ret_str(out, text) : refused(c, "make a key");
}

/* ---- certificates as values ---- */

static struct val certificate(struct arena *a, struct certificate crt)
{
	struct certificate *p = NEW(a, struct certificate);

	*p = crt;
	return val_object(a, &certificate_class, p);
}

static int certificate_get(struct tmpl_call *c, void *self, str name, const struct val *args, size_t n, struct val *out)
{
	const struct certificate *crt = self;

	(void)c;
	(void)args;
	if (n || (!str_eq(name, S("Cert")) && !str_eq(name, S("Key"))))
		return 0;
	*out = val_str(name.n == 4 ? crt->cert : crt->key);
	return 1;
}

static struct val certificate_plain(struct arena *a, void *self)
{
	const struct certificate *crt = self;
	struct val m = val_map(a);

	vmap_put(a, m.map, S("Cert"), val_str(crt->cert));
	vmap_put(a, m.map, S("Key"), val_str(crt->key));
	return m;
}

static void certificate_print(struct arena *a, void *self, struct buf *out)
{
	const struct certificate *crt = self;

	(void)a;
	buf_printf(out, "{%.*s %.*s}", STR_ARG(crt->cert), STR_ARG(crt->key));
}

static const struct vclass certificate_class = { "sprig.certificate", "struct", certificate_get, certificate_plain, certificate_print };

/* ---- making them ---- */

struct request {
	str cn;
	struct vlist *ips, *dns; /* NULL: none */
	int64_t days;
	bool ca;
};

static bool add_names(struct tmpl_call *c, GENERAL_NAMES *names, struct vlist *l, bool ip, int *error)
{
	for (size_t i = 0; l && i < vlist_count(l); i++) {
		struct val v = vlist_at(c->a, l, i);
		unsigned char bytes[16];
		const char *text;
		int size;
		GENERAL_NAME *name;
		ASN1_STRING *s;

		if (!val_is_str(v)) {
			*error = tmpl_error_value(c, v, "%s: a%s must be a string, not %s", c->name, ip ? "n IP address" : " DNS name", val_type_name(c->a, v));
			return false;
		}
		text = str_dup(c->a, val_text(v));
		size = !ip ? 0 : inet_pton(AF_INET, text, bytes) == 1 ? 4 : inet_pton(AF_INET6, text, bytes) == 1 ? 16 : -1;
		if (size < 0) {
			*error = tmpl_error_value(c, v, "%s: \"%s\" is no IP address", c->name, text);
			return false;
		}
		name = GENERAL_NAME_new();
		s = ip ? (ASN1_STRING *)ASN1_OCTET_STRING_new() : (ASN1_STRING *)ASN1_IA5STRING_new();
		if (!name || !s || !ASN1_STRING_set(s, ip ? (const void *)bytes : text, ip ? size : (int)v.n)) {
			GENERAL_NAME_free(name);
			ASN1_STRING_free(s);
			return false;
		}
		GENERAL_NAME_set0_value(name, ip ? GEN_IPADD : GEN_DNS, s);
		if (!sk_GENERAL_NAME_push(names, name))
			return false;
	}
	return true;
}

static bool add_extension(X509 *x, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *e;
	bool good;

	X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	good = e && X509_add_ext(x, e, -1);
	X509_EXTENSION_free(e);
	return good;
}

static bool describe(X509 *x, X509 *issuer, EVP_PKEY *key, const struct request *r)
{
	BIGNUM *serial = BN_new();
	X509_NAME *name = X509_get_subject_name(x);
	bool good = serial && BN_rand(serial, 127, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) && BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(x));

	BN_free(serial);
	return good && X509_set_version(x, 2) && X509_gmtime_adj(X509_getm_notBefore(x), 0) &&
	       X509_time_adj_ex(X509_getm_notAfter(x), (int)r->days, 0, NULL) && X509_set_pubkey(x, key) &&
	       X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8, (const unsigned char *)(r->cn.p ? r->cn.p : ""), (int)r->cn.n, -1, 0) &&
	       X509_set_issuer_name(x, X509_get_subject_name(issuer ? issuer : x));
}

static bool extend(struct tmpl_call *c, X509 *x, X509 *issuer, const struct request *r, int *error)
{
	GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
	bool good = names && add_extension(x, issuer ? issuer : x, NID_key_usage,
					   r->ca ? "critical,digitalSignature,keyEncipherment,keyCertSign" : "critical,digitalSignature,keyEncipherment") &&
		    add_extension(x, issuer ? issuer : x, NID_ext_key_usage, "serverAuth,clientAuth") &&
		    add_extension(x, issuer ? issuer : x, NID_basic_constraints, r->ca ? "critical,CA:TRUE" : "critical,CA:FALSE");

	if (good && r->ca)
		good = add_extension(x, x, NID_subject_key_identifier, "hash");
	if (good && issuer && X509_get0_subject_key_id(issuer))
		good = add_extension(x, issuer, NID_authority_key_identifier, "keyid");
	good = good && add_names(c, names, r->dns, false, error) && add_names(c, names, r->ips, true, error);
	if (good && sk_GENERAL_NAME_num(names))
		good = X509_add1_ext_i2d(x, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT) == 1;
	sk_GENERAL_NAME_pop_free(names, GENERAL_NAME_free);
	return good;
}

/* Signs what r asks for, for `key`, by the issuer (NULL: by itself). */
static int make(struct tmpl_call *c, const struct request *r, EVP_PKEY *key, X509 *issuer, EVP_PKEY *signer, struct val *out)
{
	X509 *x = X509_new();
	BIO *bio = BIO_new(BIO_s_mem());
	int type = EVP_PKEY_get_base_id(signer), error = 0;
	struct certificate crt = { { 0 }, { 0 } };
	bool good = x && bio && describe(x, issuer, key, r) && extend(c, x, issuer, r, &error);

	good = good && X509_sign(x, signer, type == EVP_PKEY_ED25519 ? NULL : EVP_sha256()) && PEM_write_bio_X509(bio, x);
	if (good) {
		crt.cert = bio_text(c->a, bio);
		good = key_text(c->a, key, &crt.key);
	}
	X509_free(x);
	BIO_free(bio);
	if (good)
		return ret(out, certificate(c->a, crt));
	return error ? -1 : refused(c, "make the certificate");
}

static int bad_days(struct tmpl_call *c, int64_t days)
{
	return tmpl_error(c, "%s: %lld days are out of range", c->name, (long long)days);
}

/* The key for a certificate: made anew, or read from PEM. NULL: reported. */
static EVP_PKEY *subject_key(struct tmpl_call *c, const struct val *pem)
{
	EVP_PKEY *key;

	if (exec_cost(c, COST_OF_KEY) < 0)
		return NULL;
	key = pem ? key_read(val_text(*pem)) : EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
	if (!key && pem)
		tmpl_error(c, "%s: the private key is no PEM block that can be read", c->name);
	else if (!key)
		refused(c, "make a key");
	return key;
}

static int f_ca(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct request r = { .cn = val_text(args[0]), .days = args[1].i, .ca = true };
	EVP_PKEY *key;
	int status;

	if (r.days > 1000000 || r.days < -1000000)
		return bad_days(c, r.days);
	if (!(key = subject_key(c, n == 3 ? &args[2] : NULL)))
		return -1;
	status = make(c, &r, key, NULL, key, out);
	EVP_PKEY_free(key);
	return status;
}

static struct vlist *names_of(struct val v)
{
	return v.kind == VAL_LIST ? v.list : NULL;
}

static int f_self_signed(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct request r = { val_text(args[0]), names_of(args[1]), names_of(args[2]), args[3].i, false };
	EVP_PKEY *key;
	int status;

	if (r.days > 1000000 || r.days < -1000000)
		return bad_days(c, r.days);
	if (!(key = subject_key(c, n == 5 ? &args[4] : NULL)))
		return -1;
	status = make(c, &r, key, NULL, key, out);
	EVP_PKEY_free(key);
	return status;
}

static int f_signed(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct request r = { val_text(args[0]), names_of(args[1]), names_of(args[2]), args[3].i, false };
	const struct certificate *ca = args[4].kind == VAL_OBJECT && args[4].obj->class == &certificate_class ? args[4].obj->self : NULL;
	EVP_PKEY *key, *signer;
	X509 *issuer;
	int status = -1;

	if (!ca)
		return tmpl_error_value(c, args[4], "%s: argument 5 must be a certificate that genCA or buildCustomCert made, not %s", c->name,
					val_type_name(c->a, args[4]));
	if (r.days > 1000000 || r.days < -1000000)
		return bad_days(c, r.days);
	if (!(key = subject_key(c, n == 6 ? &args[5] : NULL)))
		return -1;
	issuer = cert_read(ca->cert);
	signer = key_read(ca->key);
	if (!issuer || !signer)
		tmpl_error(c, "%s: the certificate authority's %s cannot be read", c->name, issuer ? "key" : "certificate");
	else
		status = make(c, &r, key, issuer, signer, out);
	EVP_PKEY_free(key);
	EVP_PKEY_free(signer);
	X509_free(issuer);
	return status;
}

static int f_build(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct buf cert = BUF(c->a), key = BUF(c->a);
	X509 *x;
	EVP_PKEY *k;

	(void)n;
	if (base64_decode(&cert, val_text(args[0])) >= 0)
		return tmpl_error_value(c, args[0], "buildCustomCert: unable to decode base64 certificate");
	if (base64_decode(&key, val_text(args[1])) >= 0)
		return tmpl_error_value(c, args[1], "buildCustomCert: unable to decode base64 private key");
	x = cert_read(buf_str(&cert));
	k = key_read(buf_str(&key));
	X509_free(x);
	EVP_PKEY_free(k);
	if (!x || !k)
		return tmpl_error_value(c, args[!!x], "buildCustomCert: error parsing %s", x ? "private key" : "certificate");
	return ret(out, certificate(c->a, (struct certificate){ buf_str(&cert), buf_str(&key) }));
}

const struct tmpl_func funcs_certs[] = {
	{ "genPrivateKey", "s", f_private_key },
	{ "genCA", "si", f_ca },
	{ "genCAWithKey", "sis", f_ca },
	{ "genSelfSignedCert", "sLLi", f_self_signed },
	{ "genSelfSignedCertWithKey", "sLLis", f_self_signed },
	{ "genSignedCert", "sLLia", f_signed },
	{ "genSignedCertWithKey", "sLLias", f_signed },
	{ "buildCustomCert", "ss", f_build },
	{ NULL, NULL, NULL },
};
