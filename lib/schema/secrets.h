/* SPDX-License-Identifier: MIT */
/* schema: what the search for credentials is made of.  secrets.c walks, the others judge and remember. */
#ifndef INFRAFLUX_SCHEMA_SECRETS_H
#define INFRAFLUX_SCHEMA_SECRETS_H

#include "schema/internal.h"

/* ---- secret_tokens.c: tokens of known form, with their checksums ---- */
struct tokens;
struct token_hit {
	const char *rule, *what; /* "secret/github-token", "a GitHub token" */
	str text;		   /* the token itself, a part of what was searched */
};
struct tokens *tokens_new(struct arena *a);
void tokens_free(struct tokens *t);
/* The first token of each form that is in text; at most `most` of them. */
size_t tokens_find(struct tokens *t, struct arena *scratch, str text, struct token_hit *out, size_t most);

const char *secret_rule(size_t i); /* the rule of form i; NULL: there are no more */

/* ---- secret_words.c: what a name tells of its value, and what is no credential ---- */
enum telling { TELLS_NOTHING, TELLS_SECRET, TELLS_PASSWORD };
enum telling secret_name(str key);
bool secret_is_placeholder(str value); /* a template, a reference, an encrypted value, an example */
bool secret_value(str value, enum telling how);
bool secret_names_keys(str key); /* keys: {password: wiki} */
/* The next `name = value` in a text of lines (*at: where to go on); false: no more. */
bool secret_assignment(str text, size_t *at, str *name, str *value);

/* ---- secret_baseline.c: accepted findings, by hash ---- */
struct baseline;
/* write: where the findings of this run go (--secrets-baseline-out), or NULL.  NULL: malformed, reported. */
struct baseline *baseline_open(struct arena *a, struct diag *d, const char *read, const char *write);
/* Is it accepted?  Keeps it for what is written. */
bool baseline_accepts(struct baseline *b, const char *rule, const char *file, str path, str value);
/* Reports entries for these files (and for files that are gone) that accepted nothing, and writes.  -1: reported. */
int baseline_end(struct baseline *b, char **paths, size_t n);

#endif
