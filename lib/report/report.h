/* SPDX-License-Identifier: MIT */
/*
 * report: findings as text, JSON, JSON Lines, SARIF, JUnit, GitHub annotations.
 *
 * A report collects the findings that reach the run's diag and is written at
 * the end; an empty one is still valid.  Several from one run, at most one of
 * them to standard output (DESIGN.md §3).  Trouble is part of a report too,
 * and on standard error in any case.
 */
#ifndef INFRAFLUX_REPORT_H
#define INFRAFLUX_REPORT_H

#include "base/base.h"
#include "doc/doc.h"

struct report_set {
	struct strlist wanted; /* --report FORMAT[=FILE], as given */

	/* Set by the program before report_begin: */
	bool text_out;	     /* a text report goes to standard output (or where -O says) unless another report does */
	bool through;	     /* standard output is taken: what would go there goes to standard error */
	const char *formats; /* those this program offers, "text|json|…"; NULL: all that this module writes */
	/* The program's own form of a format; false: the one of this module. May be NULL. */
	bool (*custom)(struct report_set *s, str format, struct out *o);
	void *custom_ctx;
	const char *outputs[2]; /* other files that the program writes, or NULL: no report may go there */

	str summary; /* set before report_end: a last line of the text report */

	struct run *run;
	struct finding *p; /* in order of arrival, copied into run->perm */
	size_t n, cap;
	bool begun;
	bool terminal; /* what is being written goes to one */
};
extern const struct option report_option_table[]; /* --report; target: report_set */
/* Checks what was wanted (no two to one file, none over an input) and begins to collect.  -1: usage error, reported. */
int report_begin(struct report_set *s, struct run *r);
/* Writes all of them, if report_begin did not fail.  -1: a write failed, reported. */
int report_end(struct report_set *s);

#endif
