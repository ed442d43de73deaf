/* SPDX-License-Identifier: MIT */
/* The formats, each a function over the collected findings. */
#ifndef INFRAFLUX_REPORT_INTERNAL_H
#define INFRAFLUX_REPORT_INTERNAL_H

#include "report/report.h"

void report_text(const struct report_set *s, struct out *o);
void report_json(const struct report_set *s, struct out *o);
void report_jsonl(const struct report_set *s, struct out *o);
void report_sarif(const struct report_set *s, struct out *o);
void report_junit(const struct report_set *s, struct out *o);
void report_github(const struct report_set *s, struct out *o);
/* The file of a finding relative to the working directory where it lies below it; empty: none, or not a file. */
str report_file(struct arena *a, const struct finding *f);

#endif
