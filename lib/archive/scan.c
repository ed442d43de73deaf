/* SPDX-License-Identifier: MIT */
/* What is to be packed: the trees below the arguments, sorted. */
#include "archive/internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int source_open(struct source_file *f, struct stat *st)
{
	/* O_NONBLOCK: if a pipe has taken the file's place, opening it must not wait. */
	int fd = open(f->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	/*
	 * Another file may have taken its place, but not another owner's: with a folder
	 * made a link meanwhile, someone could have had that one packed as theirs.
	 */
	if (fstat(fd, st) || !S_ISREG(st->st_mode) ||
	    ((st->st_ino != f->ino || st->st_dev != f->dev) && (st->st_uid != f->entry.uid || st->st_gid != f->entry.gid))) {
		close(fd);
		errno = ESTALE;
		return -1;
	}
	f->entry.mode = st->st_mode & 07777;
	return fd;
}

ssize_t source_read(int fd, char *p, size_t n)
{
	size_t done = 0;

	while (done < n) {
		ssize_t got = read(fd, p + done, n - done);
		if (got < 0 && fd_again(fd, false))
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		done += (size_t)got;
	}
	return (ssize_t)done;
}

bool source_same(const struct stat *x, const struct stat *y)
{
	return x->st_size == y->st_size && x->st_mtim.tv_sec == y->st_mtim.tv_sec &&
	       x->st_mtim.tv_nsec == y->st_mtim.tv_nsec && x->st_ctim.tv_sec == y->st_ctim.tv_sec &&
	       x->st_ctim.tv_nsec == y->st_ctim.tv_nsec;
}

/* name:x:ID:… of a local file: the C library would ask the network, if so configured. */
static void read_ids(struct arena *a, struct map *m, const char *path)
{
	struct diag silent = { .program = "", .arena = a, .forked = true };
	str text;

	if (access(path, R_OK) || file_read(a, &silent, path, &text))
		return;
	for (size_t i = 0; i < text.n;) {
		size_t end = i;
		while (end < text.n && text.p[end] != '\n')
			end++;
		str line = str_sub(text, i, end);
		ptrdiff_t one = str_chr(line, ':');
		str rest = one < 0 ? (str){ "", 0 } : str_sub(line, (size_t)one + 1, line.n);
		ptrdiff_t two = str_chr(rest, ':');
		str id = two < 0 ? (str){ "", 0 } : str_sub(rest, (size_t)two + 1, rest.n);
		ptrdiff_t three = str_chr(id, ':');
		if (one > 0 && three > 0) {
			void **slot = map_at(a, m, str_sub(id, 0, (size_t)three));
			if (!*slot)
				*slot = str_dup(a, str_sub(line, 0, (size_t)one));
		}
		i = end + 1;
	}
}

static str owner(struct scan *s, struct map *m, const char *path, uint32_t id)
{
	char digits[16];
	size_t n = sizeof digits;

	if (!m->n) {
		read_ids(&s->run->perm, m, path);
		*map_at(&s->run->perm, m, S("")) = "";
	}
	do
		digits[--n] = (char)('0' + id % 10);
	while (id /= 10);
	return str_of(map_get(m, (str){ digits + n, sizeof digits - n }));
}

static void cannot(struct scan *s, const char *path, const char *rule, const char *what, int err)
{
	char why[128];

	if (strerror_r(err, why, sizeof why))
		snprintf(why, sizeof why, "error %d", err);
	diag_at(&s->run->diag, SEV_ERROR, IN_FILE(path), rule, "%s: %s; it is not in the backup", what, why);
}

static bool is_archive(const struct scan *s, const struct stat *st)
{
	for (size_t i = 0; i < COUNT(s->skip_ino); i++)
		if (s->skip_ino[i] == st->st_ino && s->skip_dev[i] == st->st_dev)
			return true;
	return false;
}

static bool read_target(struct scan *s, struct source_file *f)
{
	char target[ARCHIVE_NAME_MAX + 1];
	ssize_t n = readlink(f->path, target, sizeof target);

	if (n < 0 || n > ARCHIVE_NAME_MAX) {
		cannot(s, f->path, "unreadable", "cannot read the link", n < 0 ? errno : ENAMETOOLONG);
		return false;
	}
	f->entry.target = str_copy(&s->run->perm, (str){ target, (size_t)n });
	return true;
}

/* An entry for path; NULL: it is none, which was reported where it matters. */
static struct source_file *add(struct scan *s, const char *path, str name, const struct stat *st)
{
	struct arena *a = &s->run->perm;
	struct source_file *f;

	if (is_archive(s, st))
		return NULL;
	if (!S_ISREG(st->st_mode) && !S_ISDIR(st->st_mode) && !S_ISLNK(st->st_mode)) {
		diag_at(&s->run->diag, SEV_WARNING, IN_FILE(path), "special", "is a %s; it is not in the backup",
			S_ISFIFO(st->st_mode) ? "pipe" : S_ISSOCK(st->st_mode) ? "socket" : "device");
		return NULL;
	}
	const char *wrong = name_wrong(name);
	if (wrong || str_eq(name, S(MANIFEST_NAME))) {
		diag_at(&s->run->diag, wrong ? SEV_ERROR : SEV_WARNING, IN_FILE(path), "name",
			"its name %s; it is not in the backup", wrong ? wrong : "is that of the archive's manifest");
		return NULL;
	}
	f = NEW(a, struct source_file);
	f->path = path;
	f->entry.name = name;
	f->entry.type = S_ISREG(st->st_mode) ? ARCHIVE_FILE : S_ISDIR(st->st_mode) ? ARCHIVE_DIR : ARCHIVE_SYMLINK;
	f->entry.mode = st->st_mode & 07777;
	f->entry.mtime = st->st_mtim.tv_sec;
	f->entry.nsec = (uint32_t)st->st_mtim.tv_nsec;
	f->entry.uid = st->st_uid;
	f->entry.gid = st->st_gid;
	f->entry.user = owner(s, &s->users, "/etc/passwd", st->st_uid);
	f->entry.group = owner(s, &s->groups, "/etc/group", st->st_gid);
	f->entry.size = S_ISREG(st->st_mode) ? (uint64_t)st->st_size : 0;
	f->dev = st->st_dev;
	f->ino = st->st_ino;
	f->nlink = st->st_nlink;
	if (f->entry.type == ARCHIVE_SYMLINK && !read_target(s, f))
		return NULL;
	*VEC_ADD(a, &s->files) = f;
	return f;
}

static int by_text(const void *x, const void *y)
{
	return strcmp(*(char *const *)x, *(char *const *)y);
}

/* The names in a folder, sorted, in a; -1: errno. */
static int list_folder(struct arena *a, const char *path, struct strlist *names)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *d;

	if (!dir) {
		int err = errno;
		if (fd >= 0)
			close(fd);
		errno = err;
		return -1;
	}
	for (errno = 0; (d = readdir(dir)); errno = 0)
		if (strcmp(d->d_name, ".") && strcmp(d->d_name, ".."))
			*VEC_ADD(a, names) = str_dup(a, str_of(d->d_name));
	int err = errno;
	closedir(dir);
	if (names->n)
		qsort(names->p, names->n, sizeof *names->p, by_text);
	errno = err;
	return err ? -1 : 0;
}

static void scan_tree(struct scan *s, const char *path, str name);

static void scan_folder(struct scan *s, const char *path, str name)
{
	enum { DEEPEST = 2000 }; /* names are shorter than twice that */
	struct arena *a = &s->run->perm, scratch = { 0 };
	struct strlist names = { 0 };

	if (s->depth == DEEPEST) {
		cannot(s, path, "name", "is too deep", ENAMETOOLONG);
		return;
	}
	if (list_folder(&scratch, path, &names))
		cannot(s, path, "unreadable", "cannot read the folder", errno);
	s->depth++;
	bool slash = str_ends(str_of(path), S("/")), shared = name.n && str_ends(str_of(path), name);
	for (size_t i = 0; i < names.n; i++) {
		str at = str_printf(a, "%s%s%s", path, slash ? "" : "/", names.p[i]);
		scan_tree(s, at.p, shared ? str_sub(at, strlen(path) - name.n, at.n)
					  : str_printf(a, "%.*s%s%s", STR_ARG(name), name.n ? "/" : "", names.p[i]));
	}
	s->depth--;
	arena_free(&scratch);
}

static void scan_tree(struct scan *s, const char *path, str name)
{
	struct stat st;

	if (name.n && archive_glob_match(s->exclude, name))
		return;
	if (lstat(path, &st)) {
		cannot(s, path, "unreadable", "cannot read", errno);
		return;
	}
	if (!name.n && !S_ISDIR(st.st_mode)) {
		diag_at(&s->run->diag, SEV_ERROR, IN_FILE(path), "name", "has no name in the archive; name the file itself");
		return;
	}
	if ((!name.n || add(s, path, name, &st)) && S_ISDIR(st.st_mode))
		scan_folder(s, path, name);
}

void scan_path(struct scan *s, const char *path)
{
	struct diag *d = &s->run->diag;
	struct stat st, to;
	str name;

	if (!name_clean(&s->run->perm, str_of(path), &name)) {
		diag_trouble(d, IN_FILE(path), "name", "\"..\" in a name is refused; name the place itself");
		return;
	}
	if (lstat(path, &st) == 0 && S_ISLNK(st.st_mode) && stat(path, &to) == 0 && S_ISDIR(to.st_mode))
		diag_at(d, SEV_WARNING, IN_FILE(path), "link", "is a link, and packed as one; for the folder behind it write %s/", path);
	scan_tree(s, path, name);
}

static int by_name(const void *x, const void *y)
{
	const struct source_file *fx = *(struct source_file *const *)x, *fy = *(struct source_file *const *)y;

	return name_cmp(fx->entry.name, fy->entry.name);
}

/* The first name of a file is the file, the others are links to it. */
static void find_links(struct scan *s)
{
	struct arena *a = &s->run->perm;
	struct map first = { 0 };

	for (size_t i = 0; i < s->files.n; i++) {
		struct source_file *f = s->files.p[i];
		uint64_t id[2] = { f->dev, f->ino };
		if (f->entry.type != ARCHIVE_FILE || f->nlink < 2)
			continue;
		void **slot = map_at(a, &first, str_copy(a, (str){ (const char *)id, sizeof id }));
		if (!*slot) {
			*slot = f;
			continue;
		}
		f->entry.type = ARCHIVE_HARDLINK;
		f->entry.target = ((struct source_file *)*slot)->entry.name;
		f->entry.size = 0;
	}
}

void scan_finish(struct scan *s)
{
	size_t kept = 0;

	if (!s->files.n)
		return;
	qsort(s->files.p, s->files.n, sizeof *s->files.p, by_name);
	for (size_t i = 0; i < s->files.n; i++) {
		struct source_file *f = s->files.p[i], *last = kept ? s->files.p[kept - 1] : NULL;
		if (!last || !str_eq(last->entry.name, f->entry.name))
			s->files.p[kept++] = f;
		else if (last->dev != f->dev || last->ino != f->ino)
			diag_trouble(&s->run->diag, IN_FILE(f->path), "name",
				     "%s would have the same name in the archive; pack them apart", last->path);
	}
	s->files.n = kept;
	find_links(s);
}
