/* SPDX-License-Identifier: MIT */
/* Memory that is given back all at once, and growing arrays in it. */
#define _DEFAULT_SOURCE /* madvise */
#include "base/base.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct arena_block {
	struct arena_block *older;
	char *end;
	char data[];
};

enum { FIRST_BLOCK = 16 << 10, LARGEST_BLOCK = 4 << 20, HUGE_PAGE = 2 << 20 };

#if defined(__SANITIZE_ADDRESS__)
#define HAVE_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAVE_ASAN 1
#endif
#endif
#ifdef HAVE_ASAN
void __asan_poison_memory_region(void const volatile *p, size_t n);
void __asan_unpoison_memory_region(void const volatile *p, size_t n);
#define POISON(p, n) __asan_poison_memory_region((p), (n))
#define UNPOISON(p, n) __asan_unpoison_memory_region((p), (n))
enum { GAP = 8 }; /* a poisoned gap finds overruns between neighbours */
#else
#define POISON(p, n) ((void)0)
#define UNPOISON(p, n) ((void)0)
enum { GAP = 0 };
#endif

static void out_of_memory(void)
{
	static const char text[] = "error: out of memory; give the program more, or smaller inputs\n";
	ssize_t ignored = write(STDERR_FILENO, text, sizeof text - 1);

	(void)ignored;
	_exit(2);
}

/* Large blocks in huge pages: a big document is mostly memory that is touched for the first time. */
static struct arena_block *new_block(size_t size)
{
	size_t bytes = sizeof(struct arena_block) + size;

	if (bytes < LARGEST_BLOCK)
		return malloc(bytes);
	bytes = (bytes + HUGE_PAGE - 1) & ~(size_t)(HUGE_PAGE - 1);
	struct arena_block *b = aligned_alloc(HUGE_PAGE, bytes);
#ifdef MADV_HUGEPAGE
	if (b)
		madvise(b, bytes, MADV_HUGEPAGE);
#endif
	return b;
}

static size_t size_of(const struct arena_block *b)
{
	return (size_t)(b->end - b->data);
}

static void push_block(struct arena *a, struct arena_block *b)
{
	b->older = a->block;
	a->block = b;
	a->p = b->data;
	a->end = b->end;
	POISON(b->data, size_of(b));
}

static void add_block(struct arena *a, size_t need)
{
	if (a->spare && size_of(a->spare) >= need) {
		push_block(a, a->spare);
		a->spare = NULL;
		return;
	}
	size_t size = a->block ? (size_t)(a->block->end - a->block->data) * 2 : FIRST_BLOCK;

	if (size >= LARGEST_BLOCK)
		size = LARGEST_BLOCK - sizeof(struct arena_block); /* a whole number of huge pages */
	if (size < need)
		size = need;
	if (size > SIZE_MAX / 2)
		out_of_memory();
	struct arena_block *b = new_block(size);
	if (!b)
		out_of_memory();
	b->end = b->data + size;
	a->total += sizeof *b + size;
	push_block(a, b);
}

void *arena_raw(struct arena *a, size_t size)
{
	if (size > SIZE_MAX / 4)
		out_of_memory();
	size_t need = ((size + 7) & ~(size_t)7) + GAP;
	if (need > (size_t)(a->end - a->p))
		add_block(a, need);
	char *p = a->p;
	a->p += need;
	a->last = p;
	UNPOISON(p, size);
	return p;
}

void *arena_alloc(struct arena *a, size_t size)
{
	void *p = arena_raw(a, size);

	return memset(p, 0, size);
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
	if (size && n > SIZE_MAX / size)
		out_of_memory();
	return arena_alloc(a, n * size);
}

void *arena_grow(struct arena *a, void *old, size_t old_size, size_t size)
{
	if (old && size <= old_size)
		return old;
	size_t need = ((size + 7) & ~(size_t)7) + GAP;
	if (old && old == a->last && size < SIZE_MAX / 4 &&
	    need <= (size_t)(a->end - a->last)) {
		a->p = a->last + need;
		UNPOISON(old, size);
		return old;
	}
	void *p = arena_raw(a, size);
	if (old_size)
		memcpy(p, old, old_size);
	return p;
}

struct arena_mark arena_mark(const struct arena *a)
{
	return (struct arena_mark){ a->block, a->p };
}

static void free_block(struct arena *a, struct arena_block *b)
{
	a->total -= sizeof *b + size_of(b);
	UNPOISON(b->data, size_of(b));
	free(b);
}

static void drop_block(struct arena *a)
{
	struct arena_block *b = a->block;

	a->block = b->older;
	free_block(a, b);
}

/* One block is kept: a loop that rewinds at the end of a block would else ask the system each time. */
static void spare_block(struct arena *a)
{
	struct arena_block *b = a->block;

	if (a->spare || size_of(b) > LARGEST_BLOCK) {
		drop_block(a);
		return;
	}
	a->block = b->older;
	a->spare = b;
}

void arena_rewind(struct arena *a, struct arena_mark m)
{
	while (a->block != m.block)
		spare_block(a);
	a->p = m.p;
	a->end = m.block ? m.block->end : NULL;
	a->last = NULL;
	if (m.block)
		POISON(a->p, (size_t)(a->end - a->p));
}

void arena_reset(struct arena *a)
{
	struct arena_block *keep = a->block;

	if (!keep)
		return;
	/* The newest block is the largest but for outsized ones: those go too. */
	if (size_of(keep) > LARGEST_BLOCK) {
		arena_free(a);
		return;
	}
	a->block = keep->older;
	while (a->block)
		drop_block(a);
	keep->older = NULL;
	a->block = keep;
	arena_rewind(a, (struct arena_mark){ keep, keep->data });
}

void arena_free(struct arena *a)
{
	while (a->block)
		drop_block(a);
	if (a->spare)
		free_block(a, a->spare);
	*a = (struct arena){ 0 };
}

void *vec_grow(struct arena *a, void *p, size_t *cap, size_t size)
{
	size_t old = *cap, new = old ? old * 2 : 8;

	if (new > SIZE_MAX / 4 / size)
		out_of_memory();
	p = arena_grow(a, p, old * size, new * size);
	*cap = new;
	return p;
}
