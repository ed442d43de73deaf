/* SPDX-License-Identifier: MIT */
/*
 * report: findings as text, JSON, JSON Lines, SARIF, JUnit, GitHub annotations.
 *
 * A report collects the findings that reach the run's diag and is written at
 * the end; an empty one is still valid.  Several from one run, at most one of
 * them to standard output (DESIGN.md §3).
 */
#ifndef INFRAFLUX_REPORT_H
#define INFRAFLUX_REPORT_H

#include "base/base.h"
#include "doc/doc.h"

struct report_set {
	struct strlist wanted; /* --report FORMAT[=FILE], as given */
	struct run *run;
	struct finding *p; /* in order of arrival, copied into run->perm */
	size_t n, cap;
	struct lock *lock;
	bool text_out; /* the text report goes to standard output by default */
	bool through;  /* standard output is taken: text goes to standard error */
	struct node *body; /* a program's own JSON report instead of the list of findings (diff-drift), or NULL */
	void (*custom)(struct report_set *s, const char *format, struct out *o); /* the program's own formats and text, or NULL */
	const char *formats; /* "text|json|…": what this program offers */
};
extern const struct option report_option_table[]; /* --report; target: report_set */
/* Checks what was wanted and begins to collect. -1: usage error, reported. */
int report_begin(struct report_set *s, struct run *r);
/* Writes all of them. -1: a write failed, reported. */
int report_end(struct report_set *s);

#endif
