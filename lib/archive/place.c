/* SPDX-License-Identifier: MIT */
/* Makes files, links and folders with their modes, owners and times. */
#include "archive/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int write_fully(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t done = write(fd, p, n);
		if (done < 0 && fd_again(fd, true))
			continue;
		if (done < 0)
			return -1;
		p += done;
		n -= (size_t)done;
	}
	return 0;
}

int place_folders(struct part *p, struct map *made, str name)
{
	struct arena *a = &p->run->perm;

	if (!name.n || map_get(made, name))
		return 0;
	if (place_folders(p, made, name_parent(name)))
		return -1;
	if (mkdirat(p->fd, str_dup(a, name), 0777))
		return -1;
	*map_at(a, made, name) = p;
	return 0;
}

/* The owner is root's to give; for others, and if that fails, set-id bits would mean someone else. */
static uint32_t own(const struct member *e, int changed)
{
	bool same = geteuid() == 0 ? changed == 0 : e->uid == geteuid() && e->gid == getegid();

	return e->mode & (same ? 07777 : 01777);
}

static void times_of(const struct member *e, struct timespec t[2])
{
	t[0] = (struct timespec){ .tv_nsec = UTIME_OMIT };
	t[1] = (struct timespec){ .tv_sec = (time_t)e->mtime, .tv_nsec = (long)e->nsec };
}

int place_begin(struct part *p, const struct member *e)
{
	return openat(p->fd, e->name.p, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

static int set_facts(int fd, const struct member *e)
{
	struct timespec t[2];
	int changed = geteuid() == 0 ? fchown(fd, e->uid, e->gid) : -1;

	times_of(e, t);
	/* A time that the file system can't hold is no reason to lose the file. */
	if (futimens(fd, t) && errno != EINVAL && errno != EOVERFLOW)
		return -1;
	return fchmod(fd, own(e, changed));
}

int place_end(struct part *p, int fd, const struct member *e)
{
	(void)p;
	int bad = set_facts(fd, e), err = errno;

	if (close(fd) && !bad)
		return -1;
	errno = err;
	return bad;
}

int place_link(struct part *p, const struct member *e, const struct member *to)
{
	return linkat(p->fd, to->name.p, p->fd, e->name.p, 0);
}

int place_symlink(struct part *p, const struct member *e)
{
	struct timespec t[2];

	if (symlinkat(e->target.p, p->fd, e->name.p))
		return -1;
	if (geteuid() == 0 && fchownat(p->fd, e->name.p, e->uid, e->gid, AT_SYMLINK_NOFOLLOW) && errno != EPERM)
		return -1;
	times_of(e, t);
	utimensat(p->fd, e->name.p, t, AT_SYMLINK_NOFOLLOW); /* its time is of no account */
	return 0;
}

int place_folder_facts(int dir_fd, const struct member *e)
{
	int fd = openat(dir_fd, e->name.p, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int bad = fd < 0 ? -1 : set_facts(fd, e), err = errno;

	if (fd >= 0)
		close(fd);
	errno = err;
	return bad;
}
