/* SPDX-License-Identifier: MIT */
/*
 * schema: the last door of every finding of a run.  What --no-rule names, and
 * what a comment beside it accepts, is dropped:
 *
 *     key: value   # infraflux:ignore RULE reason
 *     # infraflux:ignore RULE reason          (for the next line)
 *     # infraflux:ignore-file RULE reason     (anywhere: for the whole file)
 *
 * RULE is a rule's name or a glob.
 */
#ifndef INFRAFLUX_SCHEMA_FINDINGS_H
#define INFRAFLUX_SCHEMA_FINDINGS_H

#include "doc/doc.h"

struct findings;
struct findings *findings_new(struct arena *a, struct diag *d, const struct strlist *no_rules);
/* ctx: struct findings */
void findings_put(void *ctx, const struct finding *f);
size_t findings_errors(const struct findings *x); /* let through so far */
/* Reports comments that accepted nothing, in these files and in those that findings were in. */
void findings_end(struct findings *x, char **paths, size_t n);

#endif
