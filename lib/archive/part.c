/* SPDX-License-Identifier: MIT */
/* A folder beside the target in which all is made, before it takes the target's place. */
#define _GNU_SOURCE /* syncfs */
#include "archive/internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum { FOLDER = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, RANDOM_LEN = 6 };

static void remove_tree(int at, const char *name)
{
	int fd;
	DIR *dir;
	struct dirent *d;

	if (unlinkat(at, name, 0) == 0 || (errno != EISDIR && errno != EPERM))
		return;
	fchmodat(at, name, 0700, 0);
	fd = openat(at, name, FOLDER);
	dir = fd < 0 ? NULL : fdopendir(fd);
	while (dir && (d = readdir(dir)))
		if (strcmp(d->d_name, ".") && strcmp(d->d_name, ".."))
			remove_tree(fd, d->d_name);
	if (dir)
		closedir(dir);
	unlinkat(at, name, AT_REMOVEDIR);
}

/* Parts of runs that ended early: nobody holds their lock. */
static void remove_stale(int parent_fd, str prefix)
{
	int copy = openat(parent_fd, ".", FOLDER);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *d;

	while (dir && (d = readdir(dir))) {
		str name = str_of(d->d_name);
		if (!str_starts(name, prefix) || name.n != prefix.n + RANDOM_LEN)
			continue;
		int fd = openat(parent_fd, d->d_name, FOLDER);
		if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
			remove_tree(parent_fd, d->d_name);
		if (fd >= 0)
			close(fd);
	}
	if (dir)
		closedir(dir);
}

static int make_part(struct part *p, str prefix)
{
	struct arena *a = &p->run->perm;
	struct stat there, here;

	for (int try = 0; try < 10; try++) {
		char *path = str_dup(a, str_printf(a, "%s/%.*sXXXXXX", p->parent, STR_ARG(prefix)));
		if (!mkdtemp(path))
			return -1;
		p->name = strrchr(path, '/') + 1;
		p->fd = openat(p->parent_fd, p->name, FOLDER);
		/* Another run could have taken it for a stale one before the lock was ours. */
		if (p->fd >= 0 && flock(p->fd, LOCK_EX | LOCK_NB) == 0 && fstat(p->fd, &here) == 0 &&
		    fstatat(p->parent_fd, p->name, &there, AT_SYMLINK_NOFOLLOW) == 0 && here.st_ino == there.st_ino)
			return 0;
		if (p->fd >= 0)
			close(p->fd);
		p->fd = -1;
	}
	errno = EBUSY;
	return -1;
}

static int is_empty(int fd, str prefix)
{
	int copy = openat(fd, ".", FOLDER), empty = 1;
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *d;

	if (!dir)
		return -1;
	while ((d = readdir(dir)))
		if (strcmp(d->d_name, ".") && strcmp(d->d_name, "..") && !str_starts(str_of(d->d_name), prefix))
			empty = 0;
	closedir(dir);
	return empty;
}

static int make_parents(struct arena *a, const char *path)
{
	char *copy = str_dup(a, str_of(path));

	for (char *slash = copy + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		if (mkdir(copy, 0777) && errno != EEXIST)
			return -1;
		*slash = '/';
	}
	return 0;
}

/* Where the part goes: beside the target, or into it where it can't be moved (a mount, "/"). */
static int choose_parent(struct part *p, const char *to)
{
	struct arena *a = &p->run->perm;
	char *real = realpath(to, NULL);
	str path = str_copy(a, str_of(real ? real : to));
	struct stat st, up;

	free(real);
	while (path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	size_t slash = path.n;
	while (slash > 0 && path.p[slash - 1] != '/')
		slash--;
	p->base = str_dup(a, str_sub(path, slash, path.n));
	p->parent = slash == 0 ? "." : slash == 1 ? "/" : str_dup(a, str_sub(path, 0, slash - 1));
	if (p->to_fd >= 0 && (!*p->base || (fstat(p->to_fd, &st) == 0 && stat(p->parent, &up) == 0 && st.st_dev != up.st_dev))) {
		p->parent = str_dup(a, path);
		p->base = NULL;
	}
	if (p->to_fd < 0 && make_parents(a, str_dup(a, path)))
		return -1;
	p->parent_fd = open(p->parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return p->parent_fd < 0 ? -1 : 0;
}

static int check_target(struct part *p, bool force)
{
	struct diag *d = &p->run->diag;

	p->to_fd = open(p->to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p->to_fd < 0 && errno != ENOENT)
		return errno == ENOTDIR ? diag_trouble(d, IN_FILE(p->to), "target", "is no folder; choose another place")
					: diag_sys(d, "restore to", p->to);
	int empty = p->to_fd < 0 ? 1 : is_empty(p->to_fd, S(".infraflux.part-"));
	if (empty < 0)
		return diag_sys(d, "read", p->to);
	if (!empty && !force)
		return diag_trouble(d, IN_FILE(p->to), "target",
				    "is not empty; choose another place, or --force to replace file by file");
	p->merge = !empty;
	return 0;
}

int part_check(struct part *p, struct run *r, const char *to, bool force)
{
	*p = (struct part){ .run = r, .to = to, .parent_fd = -1, .fd = -1, .to_fd = -1, .folder_fd = -1 };
	if (check_target(p, force) == 0)
		return 0;
	part_abort(p);
	return -1;
}

int part_open(struct part *p, struct run *r, const char *to, bool force)
{
	if (part_check(p, r, to, force))
		return -1;
	int bad = choose_parent(p, to);
	p->merge = p->merge || !p->base;
	str prefix = bad ? (str){ "", 0 } : str_printf(&r->perm, "%s.part-", p->base ? p->base : ".infraflux");
	if (!bad)
		remove_stale(p->parent_fd, prefix);
	if (bad || make_part(p, prefix)) {
		diag_sys(&r->diag, "restore to", to);
		part_abort(p);
		return -1;
	}
	return 0;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void part_abort(struct part *p)
{
	if (p->name && p->parent_fd >= 0)
		remove_tree(p->parent_fd, p->name);
	p->name = NULL;
	close_fd(&p->folder_fd);
	close_fd(&p->fd);
	close_fd(&p->to_fd);
	close_fd(&p->parent_fd);
}

/* The folder that holds name in the target, reached through no link; made where it is missing. */
static int folder_of(struct part *p, str name, bool make)
{
	str folder = name_parent(name);

	if (p->folder_fd >= 0 && str_eq(str_of(p->folder), folder))
		return p->folder_fd;
	close_fd(&p->folder_fd);
	int fd = openat(p->to_fd, ".", FOLDER);
	for (size_t i = 0; fd >= 0 && i < folder.n;) {
		char part[256];
		size_t end = i;
		while (end < folder.n && folder.p[end] != '/')
			end++;
		snprintf(part, sizeof part, "%.*s", (int)(end - i), folder.p + i);
		if (make && mkdirat(fd, part, 0777) && errno != EEXIST) {
			close_fd(&fd);
			return -1;
		}
		int next = openat(fd, part, FOLDER), err = errno;
		close(fd);
		errno = err;
		fd = next;
		i = end + 1;
	}
	p->folder_fd = fd;
	snprintf(p->folder, sizeof p->folder, "%.*s", STR_ARG(folder));
	return fd;
}

static const char *last_part(str name)
{
	return name.p + (name_parent(name).n ? name_parent(name).n + 1 : 0);
}

/* Whether e can take its place in the target: a folder stays one, a file does not replace a folder. */
static int check_place(struct part *p, const struct member *e)
{
	struct stat st;
	int fd = folder_of(p, e->name, false);

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return diag_trouble(&p->run->diag, IN_FILE(p->to), "target",
				    "%.*s: its folder is a link or a file there; nothing is written through it", STR_ARG(e->name));
	if (fstatat(fd, last_part(e->name), &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode) != (e->type == ARCHIVE_DIR))
		return diag_trouble(&p->run->diag, IN_FILE(p->to), "target", "%.*s is %s there; move it away first", STR_ARG(e->name),
				    S_ISDIR(st.st_mode)	  ? "a folder"
				    : S_ISLNK(st.st_mode) ? "a link, and nothing is written through it,"
							  : "no folder");
	return 0;
}

bool part_has(struct part *p, const struct member *e)
{
	struct stat st;
	int fd = p->to_fd < 0 ? -1 : folder_of(p, e->name, false);

	return fd >= 0 && fstatat(fd, last_part(e->name), &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static int place_in_target(struct part *p, const struct member *e)
{
	int fd = folder_of(p, e->name, true);

	if (fd < 0)
		return -1;
	if (e->type == ARCHIVE_DIR)
		return mkdirat(fd, last_part(e->name), 0700) && errno != EEXIST ? -1 : 0;
	return renameat(p->fd, e->name.p, fd, last_part(e->name));
}

static int land_files(struct part *p, const struct member *const *entries, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (check_place(p, entries[i]))
			return -1;
	for (size_t i = 0; i < n; i++)
		if (place_in_target(p, entries[i]))
			return diag_sys(&p->run->diag, "replace", entries[i]->name.p);
	for (size_t i = n; i-- > 0;) {
		struct member here = *entries[i];
		int fd = here.type == ARCHIVE_DIR ? folder_of(p, here.name, false) : -1;
		here.name = str_of(last_part(here.name));
		if (fd >= 0 && place_folder_facts(fd, &here))
			return diag_sys(&p->run->diag, "set the mode of", entries[i]->name.p);
	}
	return 0;
}

static int land_whole(struct part *p)
{
	struct stat st;
	mode_t mask = umask(0);

	umask(mask);
	mode_t mode = 0777 & ~mask;
	if (p->to_fd >= 0 && fstat(p->to_fd, &st) == 0) {
		mode = st.st_mode & 07777;
		if (geteuid() == 0 && fchown(p->fd, st.st_uid, st.st_gid))
			return diag_sys(&p->run->diag, "restore to", p->to);
	}
	if (fchmod(p->fd, mode) || renameat(p->parent_fd, p->name, p->parent_fd, p->base))
		return diag_sys(&p->run->diag, "restore to", p->to);
	p->name = NULL;
	return 0;
}

int part_land(struct part *p, const struct member *const *entries, size_t n)
{
	if (syncfs(p->fd))
		return diag_sys(&p->run->diag, "restore to", p->to);
	if (p->merge ? land_files(p, entries, n) : land_whole(p))
		return -1;
	if (p->merge && syncfs(p->to_fd))
		return diag_sys(&p->run->diag, "restore to", p->to);
	fsync(p->parent_fd);
	return 0;
}
