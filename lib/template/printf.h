/* SPDX-License-Identifier: MIT */
/* What printf.c and format.c share. */
#ifndef INFRAFLUX_TEMPLATE_PRINTF_H
#define INFRAFLUX_TEMPLATE_PRINTF_H

#include "template/internal.h"

struct spec {
	struct arena *a;
	struct buf *out;
	uint32_t verb;
	bool plus, minus, sharp, space, zero, plus_v, sharp_v, has_width, has_precision;
	int width, precision;
};
void spec_print(struct spec *f, struct val v); /* v by the verb, or what Go says where it does not fit */

#endif
