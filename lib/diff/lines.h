/* SPDX-License-Identifier: MIT */
/* Inside diff: two texts, line by line. */
#ifndef INFRAFLUX_DIFF_LINES_H
#define INFRAFLUX_DIFF_LINES_H

#include "base/base.h"

struct line_change {
	char sign; /* ' ' in both, '-' in the old, '+' in the new */
	str text;
	size_t old_line, new_line; /* from 1; of the line or of where it would stand */
};
/* Everything, in order.  Texts too different to align are taken out and put in as a whole. */
struct line_change *lines_diff(struct arena *a, str old, str new, size_t *n);
/* Only changes and `context` lines around them, in hunks with "@@ -1,2 +1,3 @@"; `prefix` before each line. */
void lines_write(struct out *o, const struct line_change *c, size_t n, size_t context, const char *prefix, bool hunks, bool color);

#endif
