/* SPDX-License-Identifier: MIT */
/* A fuzzer's bytes as a file that has a path and is in memory alone; included first. */
#ifndef INFRAFLUX_FUZZ_MEMORY_FILE_H
#define INFRAFLUX_FUZZ_MEMORY_FILE_H

#define _GNU_SOURCE /* memfd_create */
#include "base/base.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct memory_file {
	int fd;
	char path[32];
};

static inline void memory_file_make(struct memory_file *f, str bytes)
{
	f->fd = memfd_create("fuzz", 0);
	snprintf(f->path, sizeof f->path, "/proc/self/fd/%d", f->fd);
	if (f->fd < 0 || (bytes.n && write(f->fd, bytes.p, bytes.n) != (ssize_t)bytes.n))
		abort();
}

#endif
