/* SPDX-License-Identifier: MIT */
/* What can be had of an archive without a manifest: libarchive reads it, and only what is safe is made. */
#define _GNU_SOURCE /* newlocale: libarchive converts names by the thread's locale */
#include "archive/internal.h"

#include <archive.h>
#include <archive_entry.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

/*
 * libarchive is loaded when it is needed: with all that it is linked to, it
 * would cost every run more time than the rest of the program.
 */
#define NEEDED(X) \
	X(archive_entry_filetype) \
	X(archive_entry_hardlink) \
	X(archive_entry_mode) \
	X(archive_entry_mtime) \
	X(archive_entry_mtime_is_set) \
	X(archive_entry_mtime_nsec) \
	X(archive_entry_pathname) \
	X(archive_entry_pathname_utf8) \
	X(archive_entry_size) \
	X(archive_entry_size_is_set) \
	X(archive_entry_symlink) \
	X(archive_error_string) \
	X(archive_read_data_block) \
	X(archive_read_free) \
	X(archive_read_new) \
	X(archive_read_next_header) \
	X(archive_read_open2) \
	X(archive_read_support_filter_bzip2) \
	X(archive_read_support_filter_gzip) \
	X(archive_read_support_filter_xz) \
	X(archive_read_support_filter_zstd) \
	X(archive_read_support_format_tar) \
	X(archive_set_error)
#define FIELD(f) __typeof__(f) *f;
struct libarchive {
	NEEDED(FIELD)
};
#define NAME(f) #f,
static const char *const needed[] = { NEEDED(NAME) };

enum { MOST_MEMBERS = 1000000 };

struct salvage {
	struct libarchive la;
	struct archive_set *set;
	struct backup *from;
	const struct archive_extract *o;
	const struct archive_glob *globs; /* NULL: all */
	struct part part;
	struct rescue *rescue; /* of an archive of ours, else NULL */
	char *block;	       /* what libarchive reads into, of one that is not */
	uint64_t at;
	uint64_t left; /* bytes that may still be written */
	struct map by_name, made;
	struct {
		struct member **p; /* as last seen; folders and links are made last */
		size_t n, cap;
	} members;
};
enum { BLOCK = 64 << 10 };

static int load(struct libarchive *la)
{
	void *library = dlopen("libarchive.so.13", RTLD_LAZY | RTLD_LOCAL), *fields[COUNT(needed)];

	for (size_t i = 0; i < COUNT(needed); i++) {
		fields[i] = library ? dlsym(library, needed[i]) : NULL;
		if (!fields[i])
			return -1;
	}
	memcpy(la, fields, sizeof *la);
	return 0;
}

static la_ssize_t read_block(struct archive *a, void *ctx, const void **out)
{
	struct salvage *s = ctx;
	str bytes;

	if (s->rescue) {
		if (!rescue_next(s->rescue, &bytes))
			return 0;
		*out = bytes.p;
		return (la_ssize_t)bytes.n;
	}
	ssize_t n = backup_read_at(s->from, s->block, BLOCK, s->at);
	if (n < 0)
		s->la.archive_set_error(a, errno, "cannot read");
	else
		s->at += (uint64_t)n;
	*out = s->block;
	return n < 0 ? ARCHIVE_FATAL : n;
}

static struct archive *open_tar(struct salvage *s)
{
	struct archive *a = s->la.archive_read_new();
	/* Of the filters only those that libarchive has built in: the others would run a program. */
	bool good = a && s->la.archive_read_support_format_tar(a) == ARCHIVE_OK;

	if (good && !s->rescue)
		good = s->la.archive_read_support_filter_zstd(a) == ARCHIVE_OK && s->la.archive_read_support_filter_gzip(a) == ARCHIVE_OK &&
		       s->la.archive_read_support_filter_xz(a) == ARCHIVE_OK && s->la.archive_read_support_filter_bzip2(a) == ARCHIVE_OK;
	if (good && s->la.archive_read_open2(a, s, NULL, read_block, NULL, NULL) == ARCHIVE_OK)
		return a;
	diag_at(&s->set->run->diag, SEV_ERROR, IN_FILE(s->from->path), "damaged", "this is no tar that can be read: %s",
		a && s->la.archive_error_string(a) ? s->la.archive_error_string(a) : "libarchive lacks a filter");
	s->la.archive_read_free(a);
	return NULL;
}

static void refuse(struct salvage *s, const char *name, const char *why)
{
	diag_at(&s->set->run->diag, SEV_ERROR, IN_FILE(s->from->path), "refused", "%s %s; it is not restored", *name ? name : "an entry", why);
}

/* The name of the entry, made clean; NULL: it was refused, or is to be passed over. */
static struct member *describe(struct salvage *s, struct archive_entry *e)
{
	struct arena *a = &s->set->run->perm;
	const char *raw = s->la.archive_entry_pathname(e), *link = s->la.archive_entry_hardlink(e);
	struct member *m = NEW(a, struct member);
	str target;

	if (!raw)
		raw = s->la.archive_entry_pathname_utf8(e);
	if (!raw || !*raw || *raw == '/' || !name_clean(a, str_of(raw), &m->name)) {
		refuse(s, raw ? raw : "", !raw || !*raw ? "has no name" : *raw == '/' ? "is absolute" : "has a \"..\" part");
		return NULL;
	}
	if (!m->name.n || str_eq(m->name, S(MANIFEST_NAME)) || (s->globs && !archive_glob_match(s->globs, m->name)))
		return NULL;
	const char *wrong = name_wrong(m->name);
	for (str up = name_parent(m->name); up.n && !wrong; up = name_parent(up)) {
		const struct member *above = map_get(&s->by_name, up);
		if (above && above->type != ARCHIVE_DIR)
			wrong = "lies below a link or a file";
	}
	m->mode = (uint32_t)s->la.archive_entry_mode(e) & 0777;
	m->mtime = s->la.archive_entry_mtime_is_set(e) ? s->la.archive_entry_mtime(e) : 0;
	m->nsec = (uint32_t)s->la.archive_entry_mtime_nsec(e) % 1000000000u;
	m->uid = geteuid();
	m->gid = getegid();
	m->size = s->la.archive_entry_size_is_set(e) && s->la.archive_entry_size(e) > 0 ? (uint64_t)s->la.archive_entry_size(e) : 0;
	m->type = link ? ARCHIVE_HARDLINK : s->la.archive_entry_filetype(e) == AE_IFDIR ? ARCHIVE_DIR
			 : s->la.archive_entry_filetype(e) == AE_IFLNK ? ARCHIVE_SYMLINK : ARCHIVE_FILE;
	if (!wrong && !link && s->la.archive_entry_filetype(e) != AE_IFREG && m->type == ARCHIVE_FILE)
		wrong = "is a device, a pipe or something else";
	if (!wrong && link && (*link == '/' || !name_clean(a, str_of(link), &target)))
		wrong = "is a hard link out of the archive";
	if (!wrong && m->type == ARCHIVE_SYMLINK && (!s->la.archive_entry_symlink(e) || !*s->la.archive_entry_symlink(e)))
		wrong = "is a link to nothing";
	if (wrong) {
		refuse(s, raw, wrong);
		return NULL;
	}
	if (m->type == ARCHIVE_SYMLINK)
		target = str_of(s->la.archive_entry_symlink(e));
	if (m->type == ARCHIVE_SYMLINK || link)
		m->target = str_copy(a, target);
	return m;
}

/* Sparse files come in pieces with their places.  -1: errno, or ENODATA where the archive is damaged. */
static int copy_bytes(struct salvage *s, struct archive *a, int fd, struct member *m)
{
	const void *p;
	size_t n;
	la_int64_t at;
	uint64_t end = 0;
	int got;

	while ((got = s->la.archive_read_data_block(a, &p, &n, &at)) == ARCHIVE_OK || got == ARCHIVE_WARN) {
		if (at < 0 || (uint64_t)at + n > s->left || lseek(fd, at, SEEK_SET) < 0) {
			errno = EFBIG;
			return -1;
		}
		if (write_fully(fd, p, n))
			return -1;
		end = (uint64_t)at + n > end ? (uint64_t)at + n : end;
	}
	if (got != ARCHIVE_EOF) {
		errno = ENODATA;
		return -1;
	}
	if (m->size > end && (m->size > s->left || ftruncate(fd, (off_t)m->size))) {
		errno = EFBIG;
		return -1;
	}
	m->size = m->size > end ? m->size : end;
	s->left -= m->size;
	return 0;
}

/* 1: this entry is lost; -1: trouble. */
static int save_file(struct salvage *s, struct archive *a, struct member *m)
{
	if (place_folders(&s->part, &s->made, name_parent(m->name)))
		return diag_sys(&s->set->run->diag, "restore", m->name.p);
	unlinkat(s->part.fd, m->name.p, 0); /* an earlier one of the same name */
	int fd = place_begin(&s->part, m);
	if (fd < 0)
		return diag_sys(&s->set->run->diag, "restore", m->name.p);
	int bad = copy_bytes(s, a, fd, m), err = errno;
	if (!bad && place_end(&s->part, fd, m) == 0)
		return 0;
	if (bad)
		close(fd);
	else
		err = errno;
	unlinkat(s->part.fd, m->name.p, 0);
	if (bad && (err == ENODATA || err == EFBIG)) {
		refuse(s, m->name.p, err == EFBIG ? "is larger than an archive of this size can be trusted with" :
						    "is damaged or cut off");
		return 1;
	}
	errno = err;
	return diag_sys(&s->set->run->diag, "restore", m->name.p);
}

static bool clashes(const struct salvage *s, const struct member *m)
{
	const struct member *old = map_get(&s->by_name, m->name);

	return (old && (old->type == ARCHIVE_DIR) != (m->type == ARCHIVE_DIR)) ||
	       (m->type != ARCHIVE_DIR && map_get(&s->made, m->name));
}

static int save(struct salvage *s, struct archive *a, struct archive_entry *e)
{
	struct arena *arena = &s->set->run->perm;
	struct member *m = describe(s, e);

	if (!m)
		return 0;
	if (clashes(s, m)) {
		refuse(s, m->name.p, "is there already, as another kind");
		return 0;
	}
	struct member *file = m->type == ARCHIVE_HARDLINK ? map_get(&s->by_name, m->target) : NULL;
	if (m->type == ARCHIVE_HARDLINK && (!file || file->type != ARCHIVE_FILE || str_eq(m->target, m->name))) {
		refuse(s, m->name.p, "is a hard link to what is no file of the archive");
		return 0;
	}
	if (m->type == ARCHIVE_FILE && s->part.fd >= 0) {
		int got = save_file(s, a, m);
		if (got)
			return got < 0 ? -1 : 0;
	}
	void **slot = map_at(arena, &s->by_name, m->name);
	if (*slot)
		((struct member *)*slot)->name.n = 0; /* the later one counts */
	*slot = m;
	*VEC_ADD(arena, &s->members) = m;
	return 0;
}

/* One tar, to its end or to where it is damaged. */
static int save_tar(struct salvage *s)
{
	struct archive *a = open_tar(s);
	struct archive_entry *e;
	int got = ARCHIVE_OK, bad = 0;

	while (a && !bad && s->members.n < MOST_MEMBERS) {
		got = s->la.archive_read_next_header(a, &e);
		if (got == ARCHIVE_OK || got == ARCHIVE_WARN)
			bad = save(s, a, e);
		else if (got != ARCHIVE_RETRY)
			break;
	}
	if (a && got != ARCHIVE_EOF && !bad)
		diag_at(&s->set->run->diag, SEV_ERROR, IN_FILE(s->from->path), "damaged", "cannot be read on: %s",
			s->la.archive_error_string(a) ? s->la.archive_error_string(a) : "too many entries");
	s->la.archive_read_free(a);
	return bad;
}

static int save_all(struct salvage *s)
{
	/* Names in pax headers are UTF-8, whatever the user's locale. */
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0), old = utf8 ? uselocale(utf8) : (locale_t)0;
	int bad = 0;

	if (!s->rescue)
		bad = save_tar(s);
	while (s->rescue && !bad && rescue_sync(s->rescue))
		bad = save_tar(s);
	if (utf8) {
		uselocale(old);
		freelocale(utf8);
	}
	return bad;
}

static int make_rest(struct salvage *s)
{
	struct diag *d = &s->set->run->diag;

	for (size_t i = 0; i < s->members.n; i++) {
		struct member *m = s->members.p[i];
		if (!m->name.n || m->type == ARCHIVE_FILE)
			continue;
		if (place_folders(&s->part, &s->made, m->type == ARCHIVE_DIR ? m->name : name_parent(m->name)))
			return diag_sys(d, "restore", m->name.p);
	}
	for (size_t i = 0; i < s->members.n; i++) {
		struct member *m = s->members.p[i];
		const struct member *file = m->type == ARCHIVE_HARDLINK ? map_get(&s->by_name, m->target) : NULL;
		if (!m->name.n)
			continue;
		if (m->type == ARCHIVE_HARDLINK && (!file || file->type != ARCHIVE_FILE))
			refuse(s, m->name.p, "is a hard link to what is no file of the archive");
		else if ((file && place_link(&s->part, m, file)) || (m->type == ARCHIVE_SYMLINK && place_symlink(&s->part, m)))
			return diag_sys(d, "restore", m->name.p);
	}
	for (size_t i = s->members.n; i-- > 0 && !s->part.merge;) {
		struct member *m = s->members.p[i];
		if (m->name.n && m->type == ARCHIVE_DIR && place_folder_facts(s->part.fd, m))
			return diag_sys(d, "restore", m->name.p);
	}
	return 0;
}

static int by_name(const void *x, const void *y)
{
	return name_cmp((*(struct member *const *)x)->name, (*(struct member *const *)y)->name);
}

/* What counts, in the order of the names. */
static size_t settle(struct salvage *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->members.n; i++)
		if (s->members.p[i]->name.n)
			s->members.p[n++] = s->members.p[i];
	s->members.n = n;
	if (n)
		qsort(s->members.p, n, sizeof *s->members.p, by_name);
	return n;
}

static void set_limit(struct salvage *s)
{
	struct statvfs fs;

	s->left = ((uint64_t)1 << 30) + s->from->size * 1000;
	if (s->part.fd >= 0 && fstatvfs(s->part.fd, &fs) == 0 && fs.f_bavail && (uint64_t)fs.f_bavail * fs.f_frsize < s->left)
		s->left = (uint64_t)fs.f_bavail * fs.f_frsize;
}

int archive_salvage(struct archive_set *set, const struct archive_extract *o, const struct strlist *only, bool to_stdout)
{
	struct run *r = set->run;
	struct salvage s = { .set = set, .from = set->archives[set->n - 1], .o = o };
	bool write = o->to && !o->dry_run;

	s.part = (struct part){ .run = r, .parent_fd = -1, .fd = -1, .to_fd = -1, .folder_fd = -1 };
	if (to_stdout)
		return diag_trouble(&r->diag, IN_FILE(s.from->path), "foreign", "its object stream is lost with its manifest; salvage it --to a folder");
	if (set->n > 1)
		return diag_trouble(&r->diag, IN_FILE(s.from->path), "foreign", "salvage archives without a manifest one by one");
	if (load(&s.la))
		return diag_trouble(&r->diag, NOWHERE, "libarchive", "--salvage needs libarchive.so.13; install libarchive13");
	if (only->n)
		s.globs = archive_glob_new(&r->perm, only);
	if (o->to && (write ? part_open(&s.part, r, o->to, o->force) : part_check(&s.part, r, o->to, o->force)))
		return -1;
	set_limit(&s);
	if (s.from->ours)
		s.rescue = rescue_start(r, s.from);
	else
		s.block = arena_raw(&r->perm, BLOCK);
	int bad = save_all(&s);
	if (s.rescue)
		rescue_end(s.rescue);
	size_t n = settle(&s);
	if (!bad && !n)
		bad = diag_trouble(&r->diag, IN_FILE(s.from->path), "damaged", "nothing can be had of it");
	for (size_t i = 0; i < n && !bad && o->list; i++) {
		archive_name_print(o->list, s.members.p[i]->name);
		out_char(o->list, '\n');
	}
	if (!bad && write)
		bad = make_rest(&s) || part_land(&s.part, (const struct member *const *)s.members.p, n) ? -1 : 0;
	part_abort(&s.part);
	if (!bad)
		diag_at(&r->diag, SEV_ERROR, IN_FILE(s.from->path), "salvaged",
			"%zu entries were had of it without a manifest: nothing says whether they are whole", n);
	return bad;
}
