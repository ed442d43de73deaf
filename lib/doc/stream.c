/* SPDX-License-Identifier: MIT */
/* The documents of inputs, read part by part on several threads; their order stays. */
#include "doc/cut.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_THREADS = 64, PER_THREAD = 3 };

struct part {
	struct stream_part part;
	struct arena doc, mem; /* documents; the reader */
	struct diag fork;
	struct cut_text text;
	char *path; /* a small file; else the text is read */
	const char *label;
	size_t input; /* which of the paths */
	struct queue *done; /* of one, when the threads have read it */
	bool bad;
};
struct stream {
	const struct stream_job *job;
	struct read_options unwatched; /* what the threads read is shown in its order, in the caller's */
	struct arena *perm;
	struct diag *diag;
	char **paths;
	size_t npaths, next;
	size_t failed; /* which of them */
	struct cut cut; /* of the input now read */
	bool cutting;
	enum format format; /* of the first input */
	struct part *parts; /* a ring: `first` and `used` are those on the way */
	size_t nparts, first, used;
	struct queue *todo;
	struct thread *threads[MOST_THREADS];
	size_t nthreads;
};

/* ---- one part ----------------------------------------------------------------- */
static struct reader *open_part(struct stream *s, struct part *p)
{
	struct input in = { .fd = -1, .p = p->text.p, .n = p->text.n, .ended = true };
	const struct read_options *read = p->part.direct ? s->job->read : &s->unwatched;

	if (p->path)
		return reader_open_all(&p->mem, p->part.diag, read, &p->path, 1);
	in.n += p->text.place.marked ? 4 : 0;
	return reader_open_part(&p->mem, p->part.diag, read, p->label, in, &p->text.place);
}

static int documents(const struct stream_job *job, struct part *p, struct reader *r)
{
	struct node *n;
	int got = r ? 0 : -1;

	while (r && (got = reader_next(r, &p->doc, &n)) > 0) {
		if (p->part.format == FORMAT_AUTO)
			p->part.format = reader_format(r);
		if (job->document(job->ctx, &p->part, n))
			got = -1;
		if (got < 0)
			break;
		if (!job->keep || p->part.direct)
			arena_reset(&p->doc);
	}
	if (r && p->part.format == FORMAT_AUTO)
		p->part.format = reader_format(r);
	if (r && got < 0)
		p->input += reader_input(r);
	reader_close(r);
	return got;
}

static void read_part(struct stream *s, struct part *p)
{
	p->bad = documents(s->job, p, open_part(s, p)) != 0;
	queue_push(p->done, p);
}

static void worker(void *ctx)
{
	struct stream *s = ctx;
	struct part *p;

	while ((p = queue_pop(s->todo)))
		read_part(s, p);
}

static int begin_part(struct stream *s, struct part *p, bool direct)
{
	arena_reset(&p->part.a);
	arena_reset(&p->doc);
	arena_reset(&p->mem);
	p->bad = false;
	p->part.direct = direct;
	p->part.format = s->format;
	p->part.doc = &p->doc;
	p->part.diag = direct ? s->diag : &p->fork;
	if (!direct)
		diag_fork(&p->fork, s->diag, &p->part.a);
	return s->job->begin(s->job->ctx, &p->part);
}

/* In the caller's thread, when all before it has ended. */
static int run_direct(struct stream *s, struct part *p, struct reader *(*open)(struct stream *, struct part *))
{
	int bad = begin_part(s, p, true) || documents(s->job, p, open(s, p));

	s->failed = p->input;
	if (bad)
		return -1;
	s->format = p->part.format;
	return s->job->end(s->job->ctx, &p->part);
}

/* ---- the ring --------------------------------------------------------------------- */
/* Waits for the oldest part, and ends it. */
static int retire(struct stream *s)
{
	struct part *p = &s->parts[s->first];

	const struct read_options *o = s->job->read;
	bool bad;

	s->first = (s->first + 1) % s->nparts;
	s->used--;
	queue_pop(p->done);
	if (!p->path && o && o->watch && p->part.format == FORMAT_YAML)
		o->watch(o->watch_ctx, p->label, p->text.place.offset ? 0 : 1, (str){ p->text.p, p->text.n });
	if (!p->bad)
		diag_join(s->diag, &p->fork);
	bad = s->job->end(s->job->ctx, &p->part) || p->bad; /* what came before the trouble counts */
	diag_join(s->diag, &p->fork);
	s->failed = p->input;
	return bad ? -1 : 0;
}

static int retire_all(struct stream *s)
{
	while (s->used)
		if (retire(s))
			return -1;
	return 0;
}

static int dispatch(struct stream *s, struct part *p)
{
	if (begin_part(s, p, false))
		return -1;
	s->used++;
	if (s->nthreads < s->job->threads && s->nthreads < MOST_THREADS && (s->threads[s->nthreads] = thread_start(worker, s)))
		s->nthreads++;
	if (s->nthreads)
		queue_push(s->todo, p);
	else
		read_part(s, p);
	return 0;
}

/* ---- inputs --------------------------------------------------------------------------- */
static struct reader *open_rest(struct stream *s, struct part *p)
{
	struct input in = { .fd = s->cut.fd, .p = p->text.p, .n = p->text.n, .cap = p->text.cap, .ended = s->cut.ended };

	s->cut.fd = -1; /* the reader's, as the bytes are */
	p->text = (struct cut_text){ .place = p->text.place };
	return reader_open_part(&p->mem, p->part.diag, s->job->read, p->label, in, &p->text.place);
}

static void end_input(struct stream *s)
{
	if (s->cut.fd > STDIN_FILENO)
		close(s->cut.fd);
	else if (s->cut.fd == STDIN_FILENO)
		stdin_spent();
	s->cutting = false;
}

/* The next path: small files as they are, others to be cut.  True: it makes a part by itself. */
static bool open_input(struct stream *s, struct part *p)
{
	char *path = s->paths[s->next++];
	bool is_stdin = !strcmp(path, "-");
	enum format named = format_named(s->job->read, path);
	struct stat st;
	int fd;

	p->path = path;
	p->input = s->next - 1;
	if (!is_stdin && (stat(path, &st) || S_ISDIR(st.st_mode) || (S_ISREG(st.st_mode) && st.st_size < CUT_LARGE)))
		return true;
	fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || (is_stdin && (fstat(fd, &st) || S_ISDIR(st.st_mode))))
		return true; /* which says why */
	p->path = NULL;
	cut_begin(&s->cut, str_dup(s->perm, str_of(file_label(path))), fd, named);
	s->cutting = true;
	return false;
}

static int put_part(struct stream *s, struct part *p, bool small)
{
	bool alone = s->npaths == 1 && small;
	enum format named = p->path ? format_named(s->job->read, p->path) : p->text.place.format ? p->text.place.format : p->text.place.named;

	if (s->format == FORMAT_AUTO)
		s->format = named;
	if (s->format != FORMAT_AUTO && !alone)
		return dispatch(s, p);
	return run_direct(s, p, open_part);
}

/* One step: a part is on its way, or an input at its end.  1: go on; 0: the end of all; -1: trouble. */
static int step(struct stream *s)
{
	struct part *p;
	enum cut_kind k;

	if (s->used == s->nparts && retire(s))
		return -1;
	p = &s->parts[(s->first + s->used) % s->nparts];
	if (!s->cutting) {
		if (s->next == s->npaths)
			return 0;
		if (open_input(s, p))
			return put_part(s, p, true) ? -1 : 1;
	}
	p->path = NULL;
	p->label = s->cut.label;
	p->input = s->next - 1;
	k = cut_next(&s->cut, s->diag, s->job->read, &p->text);
	if (k == CUT_PART)
		return put_part(s, p, false) ? -1 : 1;
	if (k == CUT_FAILED) {
		if (retire_all(s))
			return -1;
		s->failed = p->input;
	}
	if ((k == CUT_SMALL && put_part(s, p, true)) || (k == CUT_REST && (retire_all(s) || run_direct(s, p, open_rest))))
		k = CUT_FAILED;
	end_input(s);
	return k == CUT_FAILED ? -1 : 1;
}

static int in_parts(struct stream *s)
{
	int got;

	s->nparts = s->job->threads * PER_THREAD;
	s->parts = NEW_ARRAY(s->perm, struct part, s->nparts);
	s->todo = queue_new(s->perm, s->nparts);
	for (size_t i = 0; i < s->nparts; i++)
		s->parts[i].done = queue_new(s->perm, 1);
	while ((got = step(s)) > 0)
		;
	if (!got)
		got = retire_all(s);
	queue_close(s->todo);
	for (size_t i = 0; i < s->nthreads; i++)
		thread_join(s->threads[i]);
	if (s->cutting)
		end_input(s);
	for (size_t i = 0; i < s->nparts; i++)
		queue_free(s->parts[i].done);
	queue_free(s->todo);
	return got;
}

/* ---- one after the other ------------------------------------------------------------------ */
static struct reader *open_all(struct stream *s, struct part *p)
{
	return reader_open_all(&p->mem, p->part.diag, s->job->read, s->paths, s->npaths);
}

static void release(struct stream *s)
{
	for (size_t i = 0; i < s->nparts; i++) {
		struct part *p = &s->parts[i];

		if (s->job->release && p->part.state)
			s->job->release(s->job->ctx, p->part.state);
		arena_free(&p->part.a);
		arena_free(&p->doc);
		arena_free(&p->mem);
		free(p->text.p);
	}
	free(s->cut.carry.p);
}

/* *failed: which of the paths trouble is in. */
static int run_stream(struct arena *perm, struct diag *d, const struct stream_job *job, char **paths, size_t n, size_t *failed)
{
	char *only = str_dup(perm, S("-"));
	struct stream s = { .job = job, .perm = perm, .diag = d, .paths = n ? paths : &only, .npaths = n ? n : 1 };
	int bad;

	if (job->read)
		s.unwatched = *job->read;
	s.unwatched.watch = NULL;
	if (job->threads > 1 && !(job->read && job->read->origins)) {
		bad = in_parts(&s);
	} else {
		s.parts = NEW(perm, struct part);
		s.nparts = 1;
		bad = run_direct(&s, s.parts, open_all);
	}
	release(&s);
	*failed = s.failed;
	return bad;
}

int stream_documents(struct arena *perm, struct diag *d, const struct stream_job *job, char **paths, size_t n)
{
	size_t failed;

	return run_stream(perm, d, job, paths, n, &failed);
}

int stream_all(struct arena *perm, struct diag *d, const struct stream_job *job, char **paths, size_t n)
{
	size_t failed, at = 0;
	int bad = 0;

	while ((!at || at < n) && run_stream(perm, d, job, paths ? paths + at : NULL, n - at, &failed)) {
		bad = -1;
		at += failed + 1;
	}
	return bad;
}
