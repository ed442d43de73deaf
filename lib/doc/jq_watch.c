/* SPDX-License-Identifier: MIT */
/* A thread that looks now and then whether an expression ran too long or took too much memory. */
#include "doc/jq_watch.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define TICK_MS 50
#define LIMIT_MS 10000
#define LIMIT_KB (1024 * 1024)
#define STACK (64 * 1024)

struct watch {
	struct diag *d;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool started, end;
	_Atomic(const struct pos *) pos;
	_Atomic int64_t since;	       /* 0: no expression runs */
	_Atomic int64_t memory_before; /* kB */
	stack_t stack, stack_before;   /* of the signal handler; its first bytes point to this watch */
	struct sigaction action_before;
};

/* CPU time: a busy machine makes no expression run too long. */
static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000 + 1;
}

static int64_t memory_kb(void)
{
	struct rusage u;

	return getrusage(RUSAGE_SELF, &u) ? 0 : u.ru_maxrss;
}

static void say(const char *text)
{
	ssize_t ignored = write(STDERR_FILENO, text, strlen(text));

	(void)ignored;
}

static void say_number(uint32_t n)
{
	char buf[12], *p = buf + sizeof(buf) - 1;

	*p = '\0';
	do
		*--p = (char)('0' + n % 10);
	while (n /= 10);
	say(p);
}

/* libjq frees and compares values by recursion: one nested a million deep takes all of the stack. */
static void overflowed(int sig, siginfo_t *info, void *context)
{
	const stack_t *own = &((const ucontext_t *)context)->uc_stack;
	struct watch *w = NULL;

	(void)info;
	if (own->ss_size == STACK)
		memcpy(&w, own->ss_sp, sizeof(w));
	if (!w || !atomic_load(&w->since)) {
		signal(sig, SIG_DFL); /* not ours: it comes again, and ends the program as ever */
		return;
	}
	const struct pos *pos = atomic_load(&w->pos);
	if (pos->file) {
		say(pos->file);
		say(":");
		say_number(pos->line);
		say(":");
		say_number(pos->col);
		say(": ");
	}
	say("error: the expression nests its values too deeply [jq]\n");
	_exit(2);
}

static void look(struct watch *w)
{
	int64_t since = atomic_load(&w->since);

	if (!since)
		return;
	bool late = now_ms() - since > LIMIT_MS;
	bool large = memory_kb() - atomic_load(&w->memory_before) > LIMIT_KB;
	if ((!late && !large) || atomic_load(&w->since) != since)
		return;
	diag_trouble(w->d, *atomic_load(&w->pos), "jq", late ? "the expression took more than 10 seconds of CPU" : "the expression took more than 1 GiB of memory");
	_exit(2);
}

static void *body(void *ctx)
{
	struct watch *w = ctx;

	pthread_mutex_lock(&w->lock);
	while (!w->end) {
		struct timespec t;
		clock_gettime(CLOCK_REALTIME, &t);
		t.tv_nsec += TICK_MS * 1000000L;
		if (t.tv_nsec >= 1000000000L) {
			t.tv_sec++;
			t.tv_nsec -= 1000000000L;
		}
		if (pthread_cond_timedwait(&w->wake, &w->lock, &t) == ETIMEDOUT)
			look(w);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

struct watch *watch_new(struct arena *a, struct diag *d)
{
	struct watch *w = NEW(a, struct watch);

	w->d = d;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->wake, NULL);
	struct sigaction action = { .sa_sigaction = overflowed, .sa_flags = SA_SIGINFO | SA_ONSTACK };
	sigemptyset(&action.sa_mask);
	sigaction(SIGSEGV, &action, &w->action_before);
	w->stack = (stack_t){ .ss_sp = arena_raw(a, STACK), .ss_size = STACK };
	memcpy(w->stack.ss_sp, &w, sizeof(w));
	w->started = pthread_create(&w->thread, NULL, body, w) == 0;
	return w;
}

void watch_begin(struct watch *w, const struct pos *pos)
{
	atomic_store(&w->pos, pos);
	atomic_store(&w->memory_before, memory_kb());
	sigaltstack(&w->stack, &w->stack_before);
	atomic_store(&w->since, now_ms());
}

void watch_end(struct watch *w)
{
	atomic_store(&w->since, 0);
	sigaltstack(&w->stack_before, NULL);
}

void watch_free(struct watch *w)
{
	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	w->end = true;
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
	if (w->started)
		pthread_join(w->thread, NULL);
	sigaction(SIGSEGV, &w->action_before, NULL);
	pthread_cond_destroy(&w->wake);
	pthread_mutex_destroy(&w->lock);
}

static void no_memory(void *ctx)
{
	static const char text[] = "error: an expression of jq took all memory [jq]\n";

	(void)ctx;
	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(2);
	_exit(2);
}

void watch_no_memory(jq_state *s)
{
	jq_set_nomem_handler(s, no_memory, NULL);
}
