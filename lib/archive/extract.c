/* SPDX-License-Identifier: MIT */
/* What is done with the chosen entries: verify them, print them, restore them. */
#include "archive/internal.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* ---- verify ---------------------------------------------------------------- */
struct frame_check {
	const struct backup *ar;
	struct cursor *cursors;
	size_t *frames;
};

static void check_frame(void *ctx, size_t i, size_t worker)
{
	struct frame_check *f = ctx;

	cursor_load(&f->cursors[worker], f->frames[i]);
}

/* Frames that no entry made us read: the first, the manifest's, what was packed again. */
static void check_rest(struct archive_set *s, struct backup *ar)
{
	enum { MOST = 64 };
	struct arena a = { 0 };
	size_t jobs = s->run->jobs > MOST ? MOST : (size_t)s->run->jobs, n = 0;
	struct frame_check f = { ar, NEW_ARRAY(&a, struct cursor, jobs), NEW_ARRAY(&a, size_t, ar->index.n) };

	for (size_t i = 0; i < ar->index.n; i++)
		if (ar->frame_state[i] == FRAME_UNSEEN)
			f.frames[n++] = i;
	if (jobs > n)
		jobs = n;
	for (size_t i = 0; i < jobs; i++) {
		cursor_open(&f.cursors[i]);
		cursor_use(&f.cursors[i], ar);
	}
	thread_each(jobs, n, check_frame, &f);
	for (size_t i = 0; i < jobs; i++)
		cursor_close(&f.cursors[i]);
	arena_free(&a);
}

static void report_frames(struct archive_set *s, const struct backup *ar)
{
	for (size_t i = 0; i < ar->index.n; i++)
		if (ar->frame_state[i] == FRAME_BAD)
			diag_at(&s->run->diag, SEV_ERROR, IN_FILE(ar->path), "damaged", "bytes %llu to %llu are damaged",
				(unsigned long long)ar->zip_at[i], (unsigned long long)ar->zip_at[i + 1] - 1);
}

/* Files whose bytes an increment leaves to the archives before it: they must be there, if those were named. */
static size_t check_earlier(struct archive_set *s, size_t i)
{
	const struct manifest *m = &s->archives[i]->manifest;
	bool named = i && set_is_chain(s, i);
	size_t missing = 0;

	for (size_t k = 0; k < m->n; k++) {
		struct pick p = { .entry = m->p[k] };
		set_find_data(s, named ? i : 0, &p);
		missing += p.lost != NULL;
		if (p.lost && named) {
			p.in = s->archives[i];
			report_lost(s, &p, 1);
		}
	}
	return missing;
}

static void verify_one(struct archive_set *s, size_t number, struct progress *bar, struct out *o)
{
	struct backup *ar = s->archives[number];
	struct arena a = { 0 };
	const struct manifest *m = &ar->manifest;
	struct pick *picks = NEW_ARRAY(&a, struct pick, m->n);

	if (!ar->have_index)
		return;
	ar->frame_state = NEW_ARRAY(&a, uint8_t, ar->index.n);
	for (size_t i = 0; i < m->n; i++)
		picks[i] = (struct pick){ .entry = m->p[i], .data = m->p[i], .in = ar };
	size_t before = s->run->diag.count[SEV_ERROR];
	read_picks(s, picks, m->n, NULL, bar);
	check_rest(s, ar);
	report_lost(s, picks, m->n);
	report_frames(s, ar);
	size_t earlier = check_earlier(s, number);
	if (ar->whole && s->run->diag.count[SEV_ERROR] == before) {
		out_printf(o, "%s: good: %zu entries, %llu bytes of files", ar->path, m->n, (unsigned long long)m->bytes);
		if (earlier)
			out_printf(o, "; %zu files are in earlier archives, which were not named", earlier);
		out_char(o, '\n');
	}
	ar->frame_state = NULL;
	arena_free(&a);
}

void archive_verify(struct archive_set *s, struct out *o)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < s->n; i++)
		bytes += s->archives[i]->index.raw_total;
	struct progress *bar = progress_start(s->run, "verifying", bytes);
	for (size_t i = 0; i < s->n; i++)
		verify_one(s, i, bar, o);
	progress_end(bar);
}

/* ---- to standard output ------------------------------------------------------ */
static int cat_begin(void *ctx, struct pick *p, size_t worker)
{
	(void)worker;
	if (p->entry->object.n)
		out_write(ctx, S("---\n"));
	return 0;
}

static int cat_bytes(void *ctx, struct pick *p, size_t worker, str piece)
{
	struct out *o = ctx;

	(void)p, (void)worker;
	out_write(o, piece);
	return o->error ? -1 : 0;
}

int archive_cat(struct archive_set *s, struct out *o, bool objects_only)
{
	struct sink sink = { o, cat_begin, cat_bytes, NULL };
	struct cursor c;
	size_t n = 0;

	for (size_t i = 0; i < s->npicks; i++)
		if (s->picks[i].entry->type == ARCHIVE_FILE && (s->picks[i].entry->object.n || !objects_only))
			s->picks[n++] = s->picks[i];
	if (!n && s->npicks)
		diag_at(&s->run->diag, SEV_ERROR, IN_FILE(s->archives[s->n - 1]->path), "no-match",
			"holds no object stream; choose files with --only");
	s->npicks = n;
	read_picks(s, s->picks, n, NULL, NULL);
	if (report_lost(s, s->picks, n) && !s->salvage)
		return 0;
	cursor_open(&c);
	for (size_t i = 0; i < n && !o->error; i++)
		if (!s->picks[i].lost)
			read_pick(&c, &s->picks[i], &sink, 0);
	cursor_close(&c);
	return 0;
}

/* ---- to a folder ------------------------------------------------------------- */
struct extraction {
	struct archive_set *set;
	struct part part;
	struct map made; /* folders */
	int fds[64];
	atomic_int error;		/* errno of the first failure … */
	_Atomic(const char *) error_at; /* … and the entry */
};

static int failed(struct extraction *x, const char *name)
{
	int none = 0;

	if (atomic_compare_exchange_strong(&x->error, &none, errno ? errno : EIO))
		atomic_store(&x->error_at, name);
	return -1;
}

static int file_begin(void *ctx, struct pick *p, size_t worker)
{
	struct extraction *x = ctx;

	x->fds[worker] = place_begin(&x->part, p->entry);
	return x->fds[worker] < 0 ? failed(x, p->entry->name.p) : 0;
}

static int file_bytes(void *ctx, struct pick *p, size_t worker, str piece)
{
	struct extraction *x = ctx;

	return write_fully(x->fds[worker], piece.p, piece.n) ? failed(x, p->entry->name.p) : 0;
}

static int file_end(void *ctx, struct pick *p, size_t worker, bool good)
{
	struct extraction *x = ctx;

	if (good)
		return place_end(&x->part, x->fds[worker], p->entry) ? failed(x, p->entry->name.p) : 0;
	close(x->fds[worker]);
	unlinkat(x->part.fd, p->entry->name.p, 0);
	return 0;
}

static int check_room(struct extraction *x)
{
	struct statvfs fs;
	uint64_t need = archive_bytes(x->set);

	if (fstatvfs(x->part.fd, &fs))
		return 0;
	uint64_t have = (uint64_t)fs.f_bavail * fs.f_frsize;
	if (!have || need <= have) /* 0: a file system that does not say */
		return 0;
	return diag_trouble(&x->set->run->diag, IN_FILE(x->part.to), "io",
			    "%llu bytes are to be restored, and %llu are free; nothing was written", (unsigned long long)need,
			    (unsigned long long)have);
}

static int make_folders(struct extraction *x)
{
	for (size_t i = 0; i < x->set->npicks; i++) {
		const struct member *e = x->set->picks[i].entry;
		str folder = e->type == ARCHIVE_DIR ? e->name : name_parent(e->name);
		if (place_folders(&x->part, &x->made, folder))
			return failed(x, e->name.p);
	}
	return 0;
}

/* Links come when all files are there: nothing was written through one. */
static int make_links(struct extraction *x)
{
	struct map lost = { 0 };
	struct arena *a = &x->set->run->perm;

	for (size_t i = 0; i < x->set->npicks; i++)
		if (x->set->picks[i].lost)
			*map_at(a, &lost, x->set->picks[i].entry->name) = x;
	for (size_t i = 0; i < x->set->npicks; i++) {
		struct pick *p = &x->set->picks[i];
		if (p->lost)
			continue;
		if (p->link && map_get(&lost, p->link->name))
			p->lost = "the file that it is a link to is damaged";
		else if (p->link && place_link(&x->part, p->entry, p->link))
			return failed(x, p->entry->name.p);
		else if (p->entry->type == ARCHIVE_SYMLINK && place_symlink(&x->part, p->entry))
			return failed(x, p->entry->name.p);
	}
	return 0;
}

/* Folders keep their times only when nothing is made in them any more: the innermost first. */
static int set_folders(struct extraction *x)
{
	for (size_t i = x->set->npicks; i-- > 0;) {
		const struct member *e = x->set->picks[i].entry;
		if (e->type == ARCHIVE_DIR && place_folder_facts(x->part.fd, e))
			return failed(x, e->name.p);
	}
	return 0;
}

static int fill_part(struct extraction *x)
{
	struct archive_set *s = x->set;
	struct sink sink = { x, file_begin, file_bytes, file_end };

	if (make_folders(x))
		return -1;
	struct progress *bar = progress_start(s->run, "restoring", archive_bytes(s));
	int bad = read_picks(s, s->picks, s->npicks, &sink, bar);
	progress_end(bar);
	return bad || make_links(x) ? -1 : 0;
}

static int land(struct extraction *x)
{
	struct archive_set *s = x->set;
	const struct member **entries = NEW_ARRAY(&s->run->perm, const struct member *, s->npicks);
	size_t n = 0;

	if (!x->part.merge && set_folders(x))
		return -1;
	for (size_t i = 0; i < s->npicks; i++)
		if (!s->picks[i].lost)
			entries[n++] = s->picks[i].entry;
	return part_land(&x->part, entries, n);
}

static int try_run(struct archive_set *s, const struct archive_extract *o)
{
	struct part p;

	if (part_check(&p, s->run, o->to, o->force))
		return -1;
	read_picks(s, s->picks, s->npicks, NULL, NULL);
	report_lost(s, s->picks, s->npicks);
	for (size_t i = 0; i < s->npicks; i++) {
		const struct member *e = s->picks[i].entry;
		if (s->picks[i].lost)
			continue;
		out_write(o->list, part_has(&p, e) ? S("replace ") : S("create "));
		archive_name_print(o->list, e->name);
		out_char(o->list, '\n');
	}
	part_abort(&p);
	return 0;
}

int archive_extract(struct archive_set *s, const struct archive_extract *o)
{
	struct extraction x = { .set = s };

	if (o->dry_run)
		return try_run(s, o);
	if (part_open(&x.part, s->run, o->to, o->force))
		return -1;
	int bad = check_room(&x);
	bool filled = !bad && fill_part(&x) == 0;
	bool lost = filled && report_lost(s, s->picks, s->npicks) > 0;
	if (filled && (!lost || s->salvage))
		bad = land(&x);
	if (x.error) {
		errno = x.error;
		bad = diag_sys(&s->run->diag, "restore", x.error_at);
	}
	part_abort(&x.part);
	return bad ? -1 : 0;
}
