/* SPDX-License-Identifier: MIT */
/* A progress bar on a terminal, nothing elsewhere. */
#include "base/base.h"

#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

struct progress {
	const char *what;
	uint64_t total;
	atomic_uint_fast64_t done;
	atomic_int_fast64_t drawn; /* when, in milliseconds */
	int64_t started;
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct progress *progress_start(struct run *r, const char *what, uint64_t total)
{
	if (r->quiet || !r->diag.terminal)
		return NULL;
	struct progress *p = NEW(&r->perm, struct progress);
	p->what = what;
	p->total = total;
	p->started = now_ms();
	atomic_init(&p->done, 0);
	atomic_init(&p->drawn, p->started);
	return p;
}

static void draw(struct progress *p, uint64_t done, int64_t now)
{
	enum { WIDTH = 30 };
	char bar[WIDTH + 1], line[160];
	double seconds = (double)(now - p->started) / 1000, rate = seconds > 0 ? (double)done / seconds : 0;
	int n;

	if (p->total) {
		int full = (int)(done >= p->total ? WIDTH : done * WIDTH / p->total);
		for (int i = 0; i < WIDTH; i++)
			bar[i] = i < full ? '#' : '-';
		bar[WIDTH] = '\0';
		n = snprintf(line, sizeof line, "\r\033[K%s [%s] %3.0f%%  %.0f s left", p->what, bar,
			     100.0 * (double)done / (double)p->total,
			     rate > 0 && done < p->total ? (double)(p->total - done) / rate : 0.0);
	} else {
		n = snprintf(line, sizeof line, "\r\033[K%s %llu", p->what, (unsigned long long)done);
	}
	if (n > 0) {
		ssize_t ignored = write(STDERR_FILENO, line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1);
		(void)ignored;
	}
}

void progress_add(struct progress *p, uint64_t n)
{
	enum { PAUSE_MS = 100 };

	if (!p)
		return;
	uint64_t done = atomic_fetch_add(&p->done, n) + n;
	int64_t now = now_ms();
	int_fast64_t last = atomic_load(&p->drawn);
	if (now - last >= PAUSE_MS && atomic_compare_exchange_strong(&p->drawn, &last, now))
		draw(p, done, now);
}

void progress_end(struct progress *p)
{
	if (p && atomic_load(&p->drawn) != p->started) {
		ssize_t ignored = write(STDERR_FILENO, "\r\033[K", 4);
		(void)ignored;
	}
}
