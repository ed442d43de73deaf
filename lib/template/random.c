/* SPDX-License-Identifier: MIT */
/* Random bytes for keys, passwords and shuffles. */
#include <openssl/rand.h>
#include <stdlib.h>

#include "template/internal.h"

void random_bytes(void *p, size_t n)
{
	if (RAND_bytes(p, (int)n) != 1)
		abort(); /* a key from anything less would be a lie */
}
