/* SPDX-License-Identifier: MIT */
/* Any bytes: what is read straight from the text is what libyaml makes of it, to the last column. */
#include "same.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t plain = 0;

	if (size > 2 && (data[1] ^ data[2]) == 1 && data[1] >= 0xfe)
		return 0; /* UTF-16, which the reader above gives to libyaml */
	if (size && !same_reading((str){ (const char *)data + 1, size - 1 }, data[0] & 3, &plain))
		abort();
	return 0;
}
