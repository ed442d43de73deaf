/* SPDX-License-Identifier: MIT */
/* schema: what the search for credentials is made of.  secrets.c walks, the others judge and remember. */
#ifndef INFRAFLUX_SCHEMA_SECRETS_H
#define INFRAFLUX_SCHEMA_SECRETS_H

#include "schema/internal.h"

/* ---- secret_forms.c: tokens of known form ---- */
enum token_check {
	CHECK_NONE,	   /* the form is enough, but for placeholders and samples */
	CHECK_BASE62,	   /* GitHub's and npm's checksum */
	CHECK_HEX,	   /* Grafana's */
	CHECK_BECH32,	   /* age's */
	CHECK_BASIC,	   /* user:password in base64 */
	CHECK_JWT,	   /* a header with an algorithm, and not the sample of the introductions */
	CHECK_TUNNEL,	   /* Cloudflare's, JSON in base64 */
	CHECK_ENCODED_PEM, /* a private key in base64 */
	CHECK_PRIVATE,	   /* a private key that is not left out */
	CHECK_URL,	   /* user:PASSWORD@ */
	CHECK_PASSWORD,	   /* what stands behind = is a password's value */
	CHECK_VALUE,	   /* what stands behind = is random */
	CHECK_LAST,	   /* the last word is a password's value */
	CHECK_RANDOM,	   /* the form says little: it must look random */
};
struct token_form {
	const char *rule, *what; /* "secret/github-token", "a GitHub token" */
	const char *anchors;	   /* one of these is in it: at least two characters each, spaces between */
	const char *pattern;	   /* ECMA 262 */
	enum token_check check;
};
extern const struct token_form token_forms[]; /* to one without a rule */

/* ---- secret_checks.c ---- */
bool token_fits(const struct token_form *t, struct arena *a, str token);
bool secret_is_login(struct arena *a, str base64); /* user:password */

/* ---- secret_tokens.c: finding them ---- */
struct tokens;
struct token_hit {
	const char *rule, *what;
	str text; /* the token itself, a part of what was searched */
};
struct tokens *tokens_new(struct arena *a);
void tokens_free(struct tokens *t);
/* All tokens in text, by place, none over another; at most `most` of them. */
size_t tokens_find(struct tokens *t, struct arena *scratch, str text, struct token_hit *out, size_t most);
bool tokens_overlap(const struct token_hit *hits, size_t n, str part);

const char *secret_rule(size_t i); /* the rule of form i; NULL: there are no more */

/* ---- secret_words.c: what a name tells of its value, and what is no credential ---- */
enum telling {
	TELLS_NOTHING,
	TELLS_PERHAPS,	  /* a place for credentials: what is plainly random is one */
	TELLS_SECRET,	  /* token, secret, apiKey: what is no name */
	TELLS_PASSWORD,	  /* anything but placeholders, references, hashes */
	TELLS_PASSPHRASE, /* blanks too */
};
enum telling secret_name(str key);
bool secret_is_placeholder(str value); /* a template, a reference, an encrypted value, an example */
bool secret_is_sample(str token);      /* abcdefgh…, 12345678… */
bool secret_is_random(str value);
bool secret_value(str value, enum telling how);
bool secret_names_keys(str key);  /* keys: {password: wiki} */
bool secret_holds_more(str key); /* secrets: {web: …} */

/* ---- secret_hidden.c: what no message may show ---- */
/* A value of a Secret, or one that looks like a credential under a name that tells.  in: the map that it is in, NULL: a list. */
bool secret_hides(const struct node *in, str key, const struct node *value);
bool secret_hides_below(const struct node *object, str key); /* data and stringData of a Secret */
bool secret_hides_in(const struct node *doc, const struct node *value); /* wherever it is in there */

/* ---- secret_text.c ---- */
struct assignments {
	str text;
	size_t at;    /* where to go on */
	bool comment; /* in a line that is one */
};
/* The next `name = value`, `name: value`, `"name": "value"` whose name tells; false: no more. */
bool secret_assignment(struct assignments *x, str *name, str *value);

/* ---- secret_baseline.c: accepted findings, by hash ---- */
struct baseline;
/* write: where the findings of this run go (--secrets-baseline-out), or NULL.  NULL: malformed, reported. */
struct baseline *baseline_open(struct arena *a, struct diag *d, const char *read, const char *write);
/* Is it accepted?  Keeps it for what is written. */
bool baseline_accepts(struct baseline *b, const char *rule, const char *file, str path, str value);
/* Reports entries for these files (and for files that are gone) that accepted nothing, and writes.  -1: reported. */
int baseline_end(struct baseline *b, char **paths, size_t n);

#endif
