/* SPDX-License-Identifier: MIT */
/*
 * schema: the last door of every finding of a run.  What --no-rule names, what
 * a file of --ignore lists and what a comment beside it accepts, is dropped:
 *
 *     key: value   # infraflux:ignore RULE reason
 *     # infraflux:ignore RULE reason          (for the next line)
 *     # infraflux:ignore-file RULE reason     (anywhere: for the whole file;
 *                                              in standard input: for what follows)
 *
 * RULE is a rule's name or a glob.
 */
#ifndef INFRAFLUX_SCHEMA_FINDINGS_H
#define INFRAFLUX_SCHEMA_FINDINGS_H

#include "doc/doc.h"

enum family { /* of rules: what --coverage speaks of */
	FAMILY_SCHEMA,
	FAMILY_KUBERNETES,
	FAMILY_API,
	FAMILY_CEL,
	FAMILY_REFERENCES,
	FAMILY_SECRETS,
	FAMILY_SCALARS,
	FAMILY_COUNT
};
#define FAMILY(name) (1u << FAMILY_##name)

struct findings;
/* families: those that run, as bits FAMILY(…); a comment for a rule of another one is not unused. */
struct findings *findings_new(struct arena *a, struct diag *d, const struct strlist *no_rules, unsigned families);
/* Accepted findings, listed in a file.  -1: it is malformed, reported. */
int findings_ignore(struct findings *x, const char *path);
/* read_options.watch: the comments of inputs that can't be read twice.  ctx: struct findings */
void findings_watch(void *ctx, const char *file, uint32_t line, str bytes);
/* A comment or an entry of --ignore accepts it, or its rule is off. */
bool findings_accept(struct findings *x, const struct finding *f);
/* ctx: struct findings */
void findings_put(void *ctx, const struct finding *f);
size_t findings_errors(const struct findings *x); /* let through so far */
/* A family has looked at n more things (documents, objects, references, values). */
void findings_count(struct findings *x, enum family f, size_t n);
/* Reports comments and entries of --ignore that accepted nothing, in these files and in those that findings were in. */
void findings_end(struct findings *x, char **paths, size_t n);

/* ---- what --coverage tells ---- */
struct coverage { /* of one family */
	const char *name, *option, *what; /* "references", "--references", "references and selectors" */
	bool on;
	size_t looked_at;
	str off; /* rules of it that --no-rule turns off, or empty */
	str note; /* more to say, or empty; the caller's to set */
};
void findings_coverage(const struct findings *x, struct arena *a, struct coverage out[FAMILY_COUNT]);
struct suppressions {
	size_t given, used;
};
struct suppressions findings_suppressions(const struct findings *x);

/* ---- rule_names.c: every rule there is ---- */
/* Does one of these families (bits) have a rule that the glob names? */
bool rule_known(const char *glob, unsigned families);
str rule_nearest(const char *name); /* empty if none is near */
void rule_names_off(struct buf *b, const char *glob, enum family f); /* adds those that the glob names */

#endif
