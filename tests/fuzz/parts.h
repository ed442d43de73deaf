/* SPDX-License-Identifier: MIT */
/* A fuzzer's bytes as several texts. */
#ifndef INFRAFLUX_FUZZ_PARTS_H
#define INFRAFLUX_FUZZ_PARTS_H

#include "base/base.h"

/* What stands before the next 0x01; *rest is then what stands behind it. */
static inline str next_part(str *rest)
{
	ptrdiff_t end = str_chr(*rest, 1);
	str part = end < 0 ? *rest : str_sub(*rest, 0, (size_t)end);

	*rest = str_sub(*rest, part.n + 1, rest->n);
	return part;
}

#endif
