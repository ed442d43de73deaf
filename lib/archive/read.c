/* SPDX-License-Identifier: MIT */
/* A backup's entries: chosen, found in the archives, read and checked. */
#include "archive/internal.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* The header in the tar must be the one that the manifest's facts give. */
static const char *check_header(struct cursor *c, const struct member *e, uint64_t *len)
{
	char want[TAR_HEADER_MAX];
	size_t n = tar_header(want, e);
	str piece;

	*len = n;
	for (size_t done = 0; done < n; done += piece.n) {
		if (!cursor_get(c, e->at + done, n - done, &piece))
			return "its frame is damaged";
		if (memcmp(piece.p, want + done, piece.n))
			return "its tar header is not what the manifest says";
	}
	return NULL;
}

static const char *check_bytes(struct cursor *c, struct pick *p, uint64_t at, const struct sink *sink, size_t worker,
			       bool *stop)
{
	const struct member *e = p->data;
	uint8_t hash[32];
	const char *wrong = NULL;
	str piece;

	hasher_start(&c->file);
	for (uint64_t done = 0; done < e->size && !wrong && !*stop; done += piece.n) {
		if (!cursor_get(c, at + done, e->size - done, &piece)) {
			wrong = "a frame with its bytes is damaged";
			break;
		}
		hasher_add(&c->file, piece.p, piece.n);
		*stop = sink && sink->bytes && sink->bytes(sink->ctx, p, worker, piece);
	}
	hasher_end(&c->file, hash);
	return wrong ? wrong : memcmp(hash, e->hash, 32) ? "its bytes have another hash than the manifest says" : NULL;
}

int read_pick(struct cursor *c, struct pick *p, const struct sink *sink, size_t worker)
{
	bool stop = false;
	uint64_t header;

	cursor_use(c, p->in);
	p->lost = check_header(c, p->data, &header);
	if (p->lost || p->data->type != ARCHIVE_FILE)
		return 0;
	if (sink && sink->begin && sink->begin(sink->ctx, p, worker))
		return -1;
	p->lost = check_bytes(c, p, p->data->at + header, sink, worker, &stop);
	if (sink && sink->end && sink->end(sink->ctx, p, worker, !p->lost && !stop))
		stop = true;
	return stop ? -1 : 0;
}

/* ---- many at once: a unit is a run of entries that shares no frame with another ---- */
struct unit {
	size_t from, to; /* of order */
};
struct reading {
	struct pick **order;
	struct unit *p;
	size_t n, cap;
	const struct sink *sink;
	struct progress *bar;
	struct cursor *cursors;
	atomic_bool stopped;
};

static int by_place(const void *x, const void *y)
{
	const struct pick *px = *(struct pick *const *)x, *py = *(struct pick *const *)y;

	if (px->in != py->in)
		return px->in < py->in ? -1 : 1;
	return (px->data->at > py->data->at) - (px->data->at < py->data->at);
}

static void read_unit(void *ctx, size_t i, size_t worker)
{
	struct reading *r = ctx;

	for (size_t k = r->p[i].from; k < r->p[i].to && !atomic_load(&r->stopped); k++) {
		struct pick *p = r->order[k];
		if (read_pick(&r->cursors[worker], p, r->sink, worker))
			atomic_store(&r->stopped, true);
		progress_add(r->bar, p->data->size);
	}
}

static void make_units(struct arena *a, struct reading *r, size_t n)
{
	const struct backup *in = NULL;
	size_t last = 0;

	for (size_t i = 0; i < n; i++) {
		const struct pick *p = r->order[i];
		size_t first = backup_frame_of(p->in, p->data->at);
		if (p->in != in || first > last)
			*VEC_ADD(a, r) = (struct unit){ .from = i };
		r->p[r->n - 1].to = i + 1;
		in = p->in;
		last = backup_frame_of(in, p->data->at + TAR_BLOCK + p->data->size);
	}
}

int read_picks(struct archive_set *s, struct pick *picks, size_t n, const struct sink *sink, struct progress *bar)
{
	enum { MOST = 64 };
	struct arena a = { 0 };
	struct reading r = { .sink = sink, .bar = bar };
	size_t jobs = s->run->jobs > MOST ? MOST : (size_t)s->run->jobs, have = 0;

	r.order = NEW_ARRAY(&a, struct pick *, n);
	for (size_t i = 0; i < n; i++)
		if (picks[i].in && picks[i].data->at != ARCHIVE_ELSEWHERE)
			r.order[have++] = &picks[i];
	if (have)
		qsort(r.order, have, sizeof *r.order, by_place);
	make_units(&a, &r, have);
	if (jobs > r.n)
		jobs = r.n;
	r.cursors = NEW_ARRAY(&a, struct cursor, jobs);
	for (size_t i = 0; i < jobs; i++)
		cursor_open(&r.cursors[i]);
	thread_each(jobs, r.n, read_unit, &r);
	for (size_t i = 0; i < jobs; i++)
		cursor_close(&r.cursors[i]);
	arena_free(&a);
	return atomic_load(&r.stopped) ? -1 : 0;
}

size_t report_lost(struct archive_set *s, const struct pick *picks, size_t n)
{
	size_t lost = 0;

	for (size_t i = 0; i < n; i++) {
		const struct pick *p = &picks[i];
		const char *path = p->in ? p->in->path : s->archives[s->n - 1]->path;
		if (!p->lost)
			continue;
		lost++;
		diag_at(&s->run->diag, SEV_ERROR, IN_FILE(path), "damaged", "lost: %.*s: %s", STR_ARG(p->entry->name), p->lost);
	}
	return lost;
}
