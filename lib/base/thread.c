/* SPDX-License-Identifier: MIT */
/* Threads, locks and bounded queues. */
#include "base/base.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct lock {
	pthread_mutex_t m;
};

struct lock *lock_new(struct arena *a)
{
	struct lock *l = NEW(a, struct lock);

	pthread_mutex_init(&l->m, NULL);
	return l;
}

void lock_take(struct lock *l)
{
	pthread_mutex_lock(&l->m);
}

void lock_give(struct lock *l)
{
	pthread_mutex_unlock(&l->m);
}

void lock_free(struct lock *l)
{
	pthread_mutex_destroy(&l->m);
}

struct thread {
	pthread_t id;
	void (*body)(void *ctx);
	void *ctx;
};

static void *thread_main(void *arg)
{
	struct thread *t = arg;

	t->body(t->ctx);
	return NULL;
}

struct thread *thread_start(void (*body)(void *ctx), void *ctx)
{
	struct thread *t = malloc(sizeof *t);
	pthread_attr_t attr;

	if (!t)
		return NULL;
	*t = (struct thread){ .body = body, .ctx = ctx };
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 8u << 20); /* recursion to DOC_MAX_DEPTH, whatever the limit */
	int err = pthread_create(&t->id, &attr, thread_main, t);
	pthread_attr_destroy(&attr);
	if (err) {
		free(t);
		return NULL;
	}
	return t;
}

void thread_join(struct thread *t)
{
	if (!t)
		return;
	pthread_join(t->id, NULL);
	free(t);
}

struct crew {
	atomic_size_t next, worker;
	size_t n;
	void (*task)(void *ctx, size_t i, size_t worker);
	void *ctx;
};

static void crew_body(void *arg)
{
	struct crew *c = arg;
	size_t me = atomic_fetch_add(&c->worker, 1), i;

	while ((i = atomic_fetch_add(&c->next, 1)) < c->n)
		c->task(c->ctx, i, me);
}

void thread_each(size_t jobs, size_t n, void (*task)(void *ctx, size_t i, size_t worker), void *ctx)
{
	enum { MOST = 64 };
	struct crew c = { .n = n, .task = task, .ctx = ctx };
	struct thread *threads[MOST];
	size_t started = 0;

	if (jobs > n)
		jobs = n;
	if (jobs > MOST)
		jobs = MOST;
	/* A thread that can't be had is no failure: the others do its work. */
	while (started + 1 < jobs && (threads[started] = thread_start(crew_body, &c)))
		started++;
	crew_body(&c);
	for (size_t i = 0; i < started; i++)
		thread_join(threads[i]);
}

struct queue {
	pthread_mutex_t m;
	pthread_cond_t not_empty, not_full;
	size_t room, n, first;
	bool closed;
	void *items[];
};

struct queue *queue_new(struct arena *a, size_t room)
{
	struct queue *q = arena_alloc(a, sizeof *q + room * sizeof *q->items);

	pthread_mutex_init(&q->m, NULL);
	pthread_cond_init(&q->not_empty, NULL);
	pthread_cond_init(&q->not_full, NULL);
	q->room = room;
	return q;
}

bool queue_push(struct queue *q, void *item)
{
	pthread_mutex_lock(&q->m);
	while (q->n == q->room && !q->closed)
		pthread_cond_wait(&q->not_full, &q->m);
	bool open = !q->closed;
	if (open) {
		q->items[(q->first + q->n++) % q->room] = item;
		pthread_cond_signal(&q->not_empty);
	}
	pthread_mutex_unlock(&q->m);
	return open;
}

void *queue_pop(struct queue *q)
{
	void *item = NULL;

	pthread_mutex_lock(&q->m);
	while (!q->n && !q->closed)
		pthread_cond_wait(&q->not_empty, &q->m);
	if (q->n) {
		item = q->items[q->first];
		q->first = (q->first + 1) % q->room;
		q->n--;
		pthread_cond_signal(&q->not_full);
	}
	pthread_mutex_unlock(&q->m);
	return item;
}

void queue_close(struct queue *q)
{
	pthread_mutex_lock(&q->m);
	q->closed = true;
	pthread_cond_broadcast(&q->not_empty);
	pthread_cond_broadcast(&q->not_full);
	pthread_mutex_unlock(&q->m);
}

void queue_free(struct queue *q)
{
	if (!q)
		return;
	pthread_mutex_destroy(&q->m);
	pthread_cond_destroy(&q->not_empty);
	pthread_cond_destroy(&q->not_full);
}
