/* SPDX-License-Identifier: MIT */
/* What a run read, and what took how long. */
#include "base/base.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct spent {
	const char *kind;
	str name;
	size_t count;
	uint64_t ns;
};
struct journal {
	struct arena *a;
	struct lock *lock;
	bool times;
	struct map inputs; /* by path */
	struct map spent;  /* struct spent by kind and name */
};

struct journal *journal_new(struct arena *a, bool times)
{
	struct journal *j = NEW(a, struct journal);

	j->a = a;
	j->lock = lock_new(a);
	j->times = times;
	return j;
}

void journal_free(struct journal *j)
{
	if (j)
		lock_free(j->lock);
}

void journal_read(struct diag *d, const char *path)
{
	struct journal *j = d->journal;

	if (!j)
		return;
	lock_take(j->lock);
	if (!map_get(&j->inputs, str_of(path)))
		*map_at(j->a, &j->inputs, str_copy(j->a, str_of(path))) = j;
	lock_give(j->lock);
}

static int by_path(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

const char **journal_inputs(const struct journal *j, size_t *n)
{
	const char **all = NEW_ARRAY(j->a, const char *, j->inputs.n + 1);

	*n = j->inputs.n;
	for (size_t i = 0; i < *n; i++)
		all[i] = j->inputs.items[i].key.p;
	qsort(all, *n, sizeof(*all), by_path);
	return all;
}

uint64_t journal_start(const struct diag *d)
{
	struct timespec t;

	if (!d->journal || !d->journal->times || clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t))
		return 0;
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

void journal_spent(struct diag *d, const char *kind, str name, uint64_t start)
{
	struct journal *j = d->journal;
	uint64_t end = journal_start(d);

	if (!end)
		return;
	lock_take(j->lock);
	str key = str_printf(j->a, "%s %.*s", kind, STR_ARG(name));
	void **slot = map_at(j->a, &j->spent, key);
	struct spent *t = *slot;
	if (!t) {
		t = *slot = NEW(j->a, struct spent);
		*t = (struct spent){ .kind = kind, .name = str_sub(key, strlen(kind) + 1, key.n) };
	}
	t->count++;
	t->ns += end - start;
	lock_give(j->lock);
}

/* Kinds in the order of their appearance would depend on threads. */
static int by_time(const void *x, const void *y)
{
	const struct spent *a = *(const struct spent *const *)x, *b = *(const struct spent *const *)y;
	int kind = strcmp(a->kind, b->kind);

	if (kind)
		return kind;
	return a->ns != b->ns ? (a->ns > b->ns ? -1 : 1) : str_cmp(a->name, b->name);
}

void journal_tell(const struct journal *j)
{
	size_t n = j->spent.n;
	const struct spent **all = NEW_ARRAY(j->a, const struct spent *, n + 1);

	for (size_t i = 0; i < n; i++)
		all[i] = j->spent.items[i].value;
	qsort(all, n, sizeof(*all), by_time);
	for (size_t i = 0; i < n; i++) {
		if (!i || strcmp(all[i]->kind, all[i - 1]->kind) != 0)
			fprintf(stderr, "  CPU ms  times  %s\n", all[i]->kind);
		fprintf(stderr, "%8.3f %6zu  %.*s\n", (double)all[i]->ns / 1e6, all[i]->count, STR_ARG(all[i]->name));
	}
}
