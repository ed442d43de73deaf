/* SPDX-License-Identifier: MIT */
/* stream: documents that are results of their own; a large YAML file on all cores. */
#include "merge/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PART = 256 << 10, LARGE = 1 << 20, PER_THREAD = 4, MOST_THREADS = 64 };

/* A part of a file that is whole documents. */
struct part {
	struct arena a, doc;
	struct diag diag;
	struct out *out;
	struct merge_edits edits;
	str text;
	uint32_t line;
	bool bad;
};
struct splitter {
	struct merge_stream *s;
	const char *label;
	int fd;
	char *p; /* the bytes that no part has taken */
	size_t n, cap;
	uint32_t line;
	bool ended, whole; /* whole: there are directives, which belong to what follows; it is not split */
	struct part *parts;
	size_t nparts;
};

/* ---- one after the other ------------------------------------------------------------ */
static int documents(const struct merge_stream *s, struct reader *in, struct arena *doc, struct diag *d, struct merge_edits *edits,
		     struct writer *to)
{
	struct node *n;
	int got;

	while ((got = reader_next(in, doc, &n)) > 0) {
		struct merge_results results;
		if (to->format == FORMAT_AUTO)
			to->format = reader_format(in);
		if (merge_finish(doc, d, s->stack, edits, NULL, n, &results))
			return -1;
		for (size_t i = 0; i < results.n; i++) {
			writer_put(to, results.p[i]);
			if (s->origins)
				origins_put(s->origins, results.p[i]);
		}
		arena_reset(doc);
	}
	return got;
}

static int serial(struct merge_stream *s, char **paths, size_t n)
{
	struct arena doc = { 0 };
	struct reader *in = reader_open_all(&s->run->perm, &s->run->diag, &s->stack->read, paths, n);
	int got = in ? documents(s, in, &doc, &s->run->diag, s->edits, s->to) : -1;

	reader_close(in);
	arena_free(&doc);
	return got;
}

/* ---- in parts ----------------------------------------------------------------------- */
static bool has_directive(str t)
{
	if (str_starts(t, S("%")))
		return true;
	for (const char *p = t.p; (p = memchr(p, '%', (size_t)(t.p + t.n - p))); p++)
		if (p > t.p && (p[-1] == '\n' || p[-1] == '\r'))
			return true;
	return false;
}

/* The offset of the last line that begins a document, "---" and a blank; 0: none but the first. */
static size_t last_document(str t)
{
	for (size_t i = t.n; i-- > 4;)
		if (t.p[i - 4] == '\n' && t.p[i - 3] == '-' && t.p[i - 2] == '-' && t.p[i - 1] == '-' && strchr(" \t\r\n", t.p[i]) && t.p[i])
			return i - 3;
	return 0;
}

static int fill(struct splitter *f)
{
	size_t room = f->cap - f->n;
	ssize_t got;

	if (!room) {
		size_t cap = f->cap ? f->cap * 2 : PART;
		char *p = arena_grow(&f->s->run->perm, f->p, f->n, cap);
		f->p = p;
		f->cap = cap;
		room = cap - f->n;
	}
	do
		got = read(f->fd, f->p + f->n, room);
	while (got < 0 && fd_again(f->fd, false));
	if (got < 0)
		return diag_sys(&f->s->run->diag, "read", f->label);
	f->ended = got == 0;
	f->n += (size_t)got;
	return 0;
}

static uint32_t count_lines(str t)
{
	uint32_t n = 0;

	for (const char *p = t.p; (p = memchr(p, '\n', (size_t)(t.p + t.n - p))); p++)
		n++;
	return n;
}

/* The next part, into p; false: there is none, or *bad. */
static bool next_part(struct splitter *f, struct part *p, int *bad)
{
	size_t end = 0;

	while (!end && !*bad) {
		bool full = f->n >= PART || f->ended;
		str have = { f->p, f->n };
		if (full && !f->whole)
			f->whole = has_directive(have);
		if (full && !f->whole && !f->ended)
			end = last_document(have);
		if (f->ended)
			end = f->n;
		if (!end && f->ended)
			return false;
		if (!end)
			*bad = fill(f);
	}
	if (*bad)
		return false;
	p->text = str_copy(&p->a, (str){ f->p, end });
	p->line = f->line;
	f->line += count_lines(p->text);
	memmove(f->p, f->p + end, f->n - end);
	f->n -= end;
	return true;
}

static void part_task(void *ctx, size_t i, size_t worker)
{
	struct splitter *f = ctx;
	struct part *p = &f->parts[i];
	struct reader *in = reader_open_text(&p->a, &p->diag, &f->s->stack->read, f->label, p->text);
	struct writer to = { .out = p->out, .format = f->s->to->format, .count = 1 };

	(void)worker;
	reader_from_line(in, p->line);
	p->bad = documents(f->s, in, &p->doc, &p->diag, &p->edits, &to) != 0;
	reader_close(in);
}

/* Puts out what a part made: its first "---" only where something stands before it. */
static void put_part(struct splitter *f, struct part *p)
{
	struct writer *to = f->s->to;
	str text = out_text(p->out);

	if (to->format == FORMAT_YAML && !to->count && str_starts(text, S("---\n")))
		text = str_sub(text, 4, text.n);
	to->count += text.n > 0;
	out_write(to->out, text);
	merge_edits_count(f->s->edits, &p->edits);
}

/* As many parts as the threads can take at a time.  1: more is to come; 0: the end; -1: trouble. */
static int round_of(struct splitter *f)
{
	size_t n = 0;
	int bad = 0;

	while (n < f->nparts && !bad) {
		struct part *p = &f->parts[n];
		arena_reset(&p->a);
		if (!next_part(f, p, &bad))
			break;
		diag_fork(&p->diag, &f->s->run->diag, &p->a);
		p->out = out_memory(&p->a, &p->diag);
		p->edits = merge_edits_copy(&p->a, f->s->edits);
		merge_edits_reset(&p->edits);
		n++;
	}
	thread_each((size_t)f->s->run->jobs, n, part_task, f);
	for (size_t i = 0; i < n && !bad; i++) {
		struct part *p = &f->parts[i];
		diag_join(&f->s->run->diag, &p->diag);
		bad = p->bad ? -1 : 0;
		if (!bad)
			put_part(f, p);
	}
	return bad ? -1 : n > 0;
}

static int parallel(struct merge_stream *s, const char *path)
{
	struct splitter f = { .s = s, .label = file_label(path), .fd = open(path, O_RDONLY | O_CLOEXEC) };
	int got = -1;

	if (f.fd < 0)
		return diag_sys(&s->run->diag, "read", path);
	if (s->to->format == FORMAT_AUTO)
		s->to->format = FORMAT_YAML;
	f.nparts = (size_t)(s->run->jobs < MOST_THREADS ? s->run->jobs : MOST_THREADS) * PER_THREAD;
	f.parts = NEW_ARRAY(&s->run->perm, struct part, f.nparts);
	while ((got = round_of(&f)) > 0)
		;
	close(f.fd);
	for (size_t i = 0; i < f.nparts; i++) {
		arena_free(&f.parts[i].a);
		arena_free(&f.parts[i].doc);
	}
	return got;
}

/* A large file whose name says that it is YAML, and whose first bytes do not say UTF-16. */
static bool splits(const struct merge_stream *s, const char *path)
{
	bool yaml = s->stack->read.input == FORMAT_YAML || (!s->stack->read.input && (str_ends(str_of(path), S(".yaml")) || str_ends(str_of(path), S(".yml"))));
	unsigned char head[4] = { 0 };
	struct stat st;

	if (!yaml || s->run->jobs < 2 || s->origins || strcmp(path, "-") == 0 || stat(path, &st) || !S_ISREG(st.st_mode) || st.st_size < LARGE)
		return false;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	ssize_t got = read(fd, head, sizeof(head));
	close(fd);
	return got == (ssize_t)sizeof(head) && head[0] < 0xfe && head[0] && head[1] && head[2] && head[3];
}

int merge_stream(struct merge_stream *s)
{
	char **paths = s->run->args;
	size_t n = s->run->nargs, from = 0;

	if (!n)
		return serial(s, NULL, 0);
	for (size_t i = 0; i < n; i++) {
		if (!splits(s, paths[i]))
			continue;
		if ((i > from && serial(s, paths + from, i - from)) || parallel(s, paths[i]))
			return -1;
		from = i + 1;
	}
	return from < n ? serial(s, paths + from, n - from) : 0;
}
