/* SPDX-License-Identifier: MIT */
/* Inside doc: ends the program when an expression runs away, which libjq itself cannot be stopped from. */
#ifndef INFRAFLUX_DOC_JQ_WATCH_H
#define INFRAFLUX_DOC_JQ_WATCH_H

#include <jq.h>

#include "base/base.h"

struct watch;
struct watch *watch_new(struct arena *a, struct diag *d);
/* Between these two an expression runs: past 10 s or 1 GiB more memory, trouble is reported and the program ends. */
void watch_begin(struct watch *w, const struct pos *pos);
void watch_end(struct watch *w);
void watch_free(struct watch *w); /* NULL is fine */
/* libjq would abort when memory is out. */
void watch_no_memory(jq_state *s);

#endif
