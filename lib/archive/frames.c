/* SPDX-License-Identifier: MIT */
/* Makes frames: workers read and compress, one thread writes them in their order. */
#include "archive/internal.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct worker {
	struct maker *maker;
	struct thread *thread;
	ZSTD_CCtx *zstd;
	struct hasher hash;
};
struct maker {
	struct run *run;
	struct out *out;
	struct progress *bar;
	int level;
	struct arena frames_arena; /* the writer's alone, until the end */
	struct frame_index index;
	struct queue *work, *order, *idle;
	struct maker_item *items;
	size_t nitems;
	struct worker *workers;
	size_t nworkers;
	struct thread *writer; /* NULL: all is done by the caller's thread, with workers[0] */
	const char *failed;
	atomic_bool stopped;
};

static void out_of_memory(void)
{
	static const char text[] = "error: out of memory; give the program more, or a smaller -j\n";
	ssize_t ignored = write(STDERR_FILENO, text, sizeof text - 1);

	(void)ignored;
	_exit(2);
}

static void grow(char **p, size_t *cap, size_t need)
{
	if (need <= *cap)
		return;
	size_t size = *cap * 2 > need ? *cap * 2 : need;
	char *new = realloc(*p, size);
	if (!new)
		out_of_memory();
	*p = new;
	*cap = size;
}

void item_room(struct maker_item *it, size_t n)
{
	grow(&it->raw, &it->cap, it->n + n);
}

void item_add(struct maker_item *it, const void *p, size_t n)
{
	item_room(it, n);
	memcpy(it->raw + it->n, p, n);
	it->n += n;
}

void item_pad(struct maker_item *it)
{
	size_t full = (size_t)round_block(it->n);

	item_room(it, full - it->n);
	memset(it->raw + it->n, 0, full - it->n);
	it->n = full;
}

static void put_header(struct maker_item *it, const struct member *e)
{
	item_room(it, TAR_HEADER_MAX);
	it->n += tar_header(it->raw + it->n, e);
}

enum read_result { READ_GOOD, READ_AGAIN, READ_FAILED };

/* One try: header, bytes and padding of f at the end of it. */
static enum read_result read_once(struct maker_item *it, struct source_file *f, struct hasher *h)
{
	struct stat before, after;
	struct member *e = &f->entry;
	int fd = source_open(f, &before);

	if (fd < 0)
		return READ_FAILED;
	bool pseudo = before.st_size == 0; /* as in /proc: only reading tells */
	size_t most = pseudo ? FRAME_SIZE : (size_t)before.st_size + 1; /* one more: has it grown? */
	e->size = (uint64_t)before.st_size;
	if (e->size > FRAME_MAX / 2) { /* it was small when the tree was read */
		close(fd);
		errno = EFBIG;
		return READ_FAILED;
	}
	item_room(it, TAR_HEADER_MAX + most);
	e->mtime = before.st_mtim.tv_sec;
	e->nsec = (uint32_t)before.st_mtim.tv_nsec;
	size_t header = tar_header(it->raw + it->n, e);
	char *bytes = it->raw + it->n + header;
	ssize_t got = source_read(fd, bytes, most);
	bool same = got >= 0 && fstat(fd, &after) == 0 && source_same(&before, &after);
	int err = errno;
	close(fd);
	errno = err;
	if (got < 0)
		return READ_FAILED;
	if ((uint64_t)got != e->size) { /* keep what there was */
		same = same && pseudo && (size_t)got < most;
		e->size = (uint64_t)got - ((size_t)got == most && !pseudo);
		tar_header(it->raw + it->n, e);
	}
	hash_bytes(h, bytes, (size_t)e->size, e->hash);
	it->n += header + (size_t)e->size;
	item_pad(it);
	return same ? READ_GOOD : READ_AGAIN;
}

static void read_file_into(struct maker_item *it, struct source_file *f, struct hasher *h)
{
	enum { TRIES = 3 };
	enum read_result got = READ_AGAIN;

	for (int try = 0; try < TRIES && got == READ_AGAIN; try++) {
		it->n = f->rel;
		got = read_once(it, f, h);
	}
	f->changed = got == READ_AGAIN;
	if (got == READ_FAILED) {
		f->error = errno ? errno : EIO;
		it->n = f->rel;
	}
}

static void fill(struct maker_item *it, struct hasher *h)
{
	for (size_t i = 0; i < it->nfiles; i++) {
		struct source_file *f = it->files[i];
		f->rel = it->n;
		if (f->entry.type == ARCHIVE_FILE)
			read_file_into(it, f, h);
		else
			put_header(it, &f->entry);
	}
}

static void process(struct worker *w, struct maker_item *it)
{
	if (atomic_load(&w->maker->stopped))
		return;
	if (it->read)
		fill(it, &w->hash);
	if (!it->n)
		return;
	grow(&it->zip, &it->zip_cap, ZSTD_compressBound(it->n));
	size_t n = ZSTD_compress2(w->zstd, it->zip, it->zip_cap, it->raw, it->n);
	if (ZSTD_isError(n)) {
		it->failed = ZSTD_getErrorName(n);
		return;
	}
	it->nzip = n;
	hash_bytes(&w->hash, it->zip, n, it->hash);
}

static void write_item(struct maker *m, struct maker_item *it)
{
	struct frame_index *x = &m->index;

	if (it->failed && !m->failed)
		m->failed = it->failed;
	for (size_t i = 0; i < it->nfiles; i++)
		it->files[i]->entry.at = x->raw_total + it->files[i]->rel;
	if (it->nzip && !m->failed && !m->out->error) {
		struct frame *f = VEC_ADD(&m->frames_arena, x);
		f->zip = (uint32_t)it->nzip;
		f->raw = (uint32_t)it->n;
		memcpy(f->hash, it->hash, sizeof f->hash);
		x->raw_total += it->n;
		out_write(m->out, (str){ it->zip, it->nzip });
	}
	if (m->failed || m->out->error)
		atomic_store(&m->stopped, true);
	progress_add(m->bar, it->progress);
	it->n = it->nzip = it->nfiles = 0;
	it->read = false;
	it->progress = 0;
}

static void worker_body(void *ctx)
{
	struct worker *w = ctx;
	struct maker_item *it;

	while ((it = queue_pop(w->maker->work))) {
		process(w, it);
		queue_push(it->done, it);
	}
}

static void writer_body(void *ctx)
{
	struct maker *m = ctx;
	struct maker_item *it;

	while ((it = queue_pop(m->order))) {
		queue_pop(it->done);
		write_item(m, it);
		queue_push(m->idle, it);
	}
}

static void write_first(struct maker *m)
{
	char first[FIRST_FRAME_MAX];
	size_t n = index_first_frame(first);
	struct frame *f = VEC_ADD(&m->frames_arena, &m->index);

	*f = (struct frame){ .zip = (uint32_t)n, .raw = FIRST_FRAME_TAR };
	hash_bytes(&m->workers[0].hash, first, n, f->hash);
	m->index.raw_total = FIRST_FRAME_TAR;
	out_write(m->out, (str){ first, n });
}

static void start_threads(struct maker *m)
{
	m->writer = thread_start(writer_body, m);
	if (!m->writer)
		return;
	for (size_t i = 0; i < m->nworkers; i++)
		m->workers[i].thread = thread_start(worker_body, &m->workers[i]);
	if (m->workers[0].thread)
		return;
	queue_close(m->order); /* no thread to work for it */
	thread_join(m->writer);
	m->writer = NULL;
}

struct maker *maker_start(struct run *r, struct out *out, int level, struct progress *bar)
{
	enum { MOST = 64 };
	struct arena *a = &r->perm;
	struct maker *m = NEW(a, struct maker);

	*m = (struct maker){ .run = r, .out = out, .bar = bar, .level = level };
	m->nworkers = r->jobs > MOST ? MOST : (size_t)r->jobs;
	m->workers = NEW_ARRAY(a, struct worker, m->nworkers);
	for (size_t i = 0; i < m->nworkers; i++) {
		struct worker *w = &m->workers[i];
		w->maker = m;
		w->zstd = ZSTD_createCCtx();
		if (!w->zstd)
			out_of_memory();
		ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_compressionLevel, level);
		ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_checksumFlag, 1);
		hasher_open(&w->hash);
	}
	m->nitems = m->nworkers == 1 ? 1 : 2 * m->nworkers + 1;
	m->items = NEW_ARRAY(a, struct maker_item, m->nitems);
	m->work = queue_new(a, m->nitems);
	m->order = queue_new(a, m->nitems);
	m->idle = queue_new(a, m->nitems);
	for (size_t i = 0; i < m->nitems; i++) {
		m->items[i].done = queue_new(a, 1);
		queue_push(m->idle, &m->items[i]);
	}
	write_first(m);
	if (m->nworkers > 1)
		start_threads(m);
	return m;
}

struct maker_item *maker_item(struct maker *m)
{
	return queue_pop(m->idle);
}

void maker_submit(struct maker *m, struct maker_item *it)
{
	if (m->writer) {
		queue_push(m->order, it);
		queue_push(m->work, it);
		return;
	}
	process(&m->workers[0], it);
	write_item(m, it);
	queue_push(m->idle, it);
}

bool maker_stopped(const struct maker *m)
{
	return atomic_load(&m->stopped);
}

void maker_wait(struct maker *m)
{
	for (size_t i = 0; i < m->nitems; i++)
		queue_pop(m->idle);
	for (size_t i = 0; i < m->nitems; i++)
		queue_push(m->idle, &m->items[i]);
}

int maker_end(struct maker *m, struct frame_index *x)
{
	maker_wait(m);
	queue_close(m->work);
	queue_close(m->order);
	for (size_t i = 0; i < m->nworkers; i++) {
		thread_join(m->workers[i].thread);
		ZSTD_freeCCtx(m->workers[i].zstd);
		hasher_close(&m->workers[i].hash);
	}
	thread_join(m->writer);
	for (size_t i = 0; i < m->nitems; i++) {
		free(m->items[i].raw);
		free(m->items[i].zip);
		queue_free(m->items[i].done);
	}
	queue_free(m->work);
	queue_free(m->order);
	queue_free(m->idle);
	*x = m->index;
	x->p = NEW_ARRAY(&m->run->perm, struct frame, x->n);
	memcpy(x->p, m->index.p, x->n * sizeof *x->p);
	arena_free(&m->frames_arena);
	return m->failed ? diag_trouble(&m->run->diag, NOWHERE, "zstd", "cannot compress: %s", m->failed) : 0;
}
