/* SPDX-License-Identifier: MIT */
/* Threads, queues, and messages from many threads. */
#include "check.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

enum { N = 2000 };

struct work {
	atomic_int hits[N];
	atomic_size_t most;
};

static void hit(void *ctx, size_t i, size_t worker)
{
	struct work *w = ctx;
	size_t most = atomic_load(&w->most);

	atomic_fetch_add(&w->hits[i], 1);
	while (worker > most && !atomic_compare_exchange_weak(&w->most, &most, worker))
		;
}

static void each(size_t jobs)
{
	static struct work w;
	bool once = true;

	memset(&w, 0, sizeof w);
	thread_each(jobs, N, hit, &w);
	for (size_t i = 0; i < N; i++)
		once = once && w.hits[i] == 1;
	CHECK(once);
	CHECK(w.most < jobs);
	thread_each(jobs, 0, hit, &w);
}

struct channel {
	struct queue *q;
	size_t sum, n;
	bool ordered;
};

static void consume(void *ctx)
{
	struct channel *c = ctx;
	int *item, last = -1;

	c->ordered = true;
	while ((item = queue_pop(c->q))) {
		c->ordered = c->ordered && *item > last;
		last = *item;
		c->sum += (size_t)*item;
		c->n++;
	}
}

static void queues(void)
{
	struct arena a = { 0 };
	static int numbers[N];
	struct channel c = { .q = queue_new(&a, 3) };
	struct thread *t = thread_start(consume, &c);

	for (int i = 0; i < N; i++) {
		numbers[i] = i;
		queue_push(c.q, &numbers[i]);
	}
	queue_close(c.q);
	thread_join(t);
	CHECK_INT(c.n, N);
	CHECK_INT(c.sum, N * (N - 1) / 2);
	CHECK(c.ordered);
	CHECK(!queue_push(c.q, &numbers[0]));
	CHECK(queue_pop(c.q) == NULL);
	queue_free(c.q);
	queue_free(NULL);
	arena_free(&a);
}

struct seen {
	size_t n;
	char last[64];
};

static void see(void *ctx, const struct finding *f)
{
	struct seen *s = ctx;

	s->n++;
	snprintf(s->last, sizeof s->last, "%.*s", STR_ARG(f->message));
}

static void complain(void *ctx, size_t i, size_t worker)
{
	(void)worker;
	diag_at(ctx, i % 2 ? SEV_ERROR : SEV_WARNING, IN_FILE("x"), "rule", "number %zu", i);
}

static void messages(void)
{
	struct arena a = { 0 }, b = { 0 };
	struct seen s = { 0 };
	struct diag d = { .program = "test", .arena = &a, .sink = { see, &s, true }, .least = SEV_NOTE }, child;

	d.lock = lock_new(&a);
	thread_each(4, N, complain, &d);
	CHECK_INT(s.n, N);
	CHECK_INT(d.count[SEV_ERROR], N / 2);
	CHECK_INT(d.count[SEV_WARNING], N / 2);
	CHECK_INT(d.troubles, 0);

	/* A fork keeps what it is told until it is joined. */
	diag_fork(&child, &d, &b);
	char text[] = "changes";
	diag_at(&child, SEV_NOTE, NOWHERE, NULL, "%s", text);
	text[0] = 'X';
	diag_trouble(&child, NOWHERE, NULL, "second");
	CHECK_INT(s.n, N);
	diag_join(&d, &child);
	CHECK_INT(s.n, N + 2);
	CHECK_STR(str_of(s.last), S("second"));
	CHECK_INT(d.troubles, 1);
	diag_join(&d, &child);
	CHECK_INT(s.n, N + 2);
	lock_free(d.lock);
	arena_free(&b);
	arena_free(&a);
}

int main(void)
{
	each(1);
	each(4);
	each(1000);
	queues();
	int saved = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY); /* trouble is always printed */
	dup2(null, STDERR_FILENO);
	messages();
	dup2(saved, STDERR_FILENO);
	return check_done();
}
