/* SPDX-License-Identifier: MIT */
/* Reading whole files; checked, atomic writing. */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OUT_BUFFER = 64 << 10 };

const char *file_label(const char *path)
{
	return strcmp(path, "-") == 0 ? "<stdin>" : path;
}

/* Without ".", empty parts, and what ".." takes back. */
static str plain_path(struct arena *a, str path)
{
	char *out = arena_raw(a, path.n + 1);
	size_t n = 0, least = path.n && path.p[0] == '/'; /* what may not be taken back */

	if (least)
		out[n++] = '/';
	for (size_t i = 0, end; i < path.n; i = end + 1) {
		for (end = i; end < path.n && path.p[end] != '/'; end++)
			;
		str part = str_sub(path, i, end);
		if (!part.n || str_eq(part, S(".")))
			continue;
		if (str_eq(part, S("..")) && n > least) {
			while (n > least && out[n - 1] != '/')
				n--;
			n -= n > least;
			continue;
		}
		if (n && out[n - 1] != '/')
			out[n++] = '/';
		memcpy(out + n, part.p, part.n);
		n += part.n;
		if (str_eq(part, S("..")))
			least = n;
	}
	return (str){ out, n };
}

str file_relative(struct arena *a, const char *path)
{
	char cwd[4096];
	str file = plain_path(a, str_of(path));

	if (!file.n || file.p[0] != '/' || !getcwd(cwd, sizeof cwd))
		return file;
	str base = str_printf(a, "%s/", strcmp(cwd, "/") == 0 ? "" : cwd);
	return str_starts(file, base) ? str_sub(file, base.n, file.n) : file;
}

bool file_same(struct arena *a, const char *x, const char *y)
{
	struct stat sx, sy;
	bool there = stat(x, &sx) == 0, there_too = stat(y, &sy) == 0;

	if (there && there_too)
		return S_ISREG(sx.st_mode) && sx.st_dev == sy.st_dev && sx.st_ino == sy.st_ino;
	return !there && !there_too && str_eq(file_relative(a, x), file_relative(a, y));
}

bool fd_again(int fd, bool writing)
{
	if (errno == EAGAIN || errno == EWOULDBLOCK)
		return poll(&(struct pollfd){ .fd = fd, .events = writing ? POLLOUT : POLLIN }, 1, -1) >= 0 || errno == EINTR;
	return errno == EINTR;
}

void stdin_spent(void)
{
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (fd >= 0) {
		dup2(fd, STDIN_FILENO);
		close(fd);
	}
}

int stdin_spool(struct arena *a, struct diag *d)
{
	const char *folder = getenv("TMPDIR");
	char *path = str_dup(a, str_printf(a, "%s/infraflux.XXXXXX", folder && *folder ? folder : "/tmp"));
	char buf[64 << 10];
	struct stat st;
	ssize_t n;

	if (fstat(STDIN_FILENO, &st) || S_ISREG(st.st_mode) || S_ISDIR(st.st_mode))
		return 0; /* at its end already; or the reader says what is wrong */
	int to = mkstemp(path);
	if (to < 0)
		return diag_sys(d, "write", path);
	unlink(path);
	while ((n = read(STDIN_FILENO, buf, sizeof buf)) > 0 || (n < 0 && fd_again(STDIN_FILENO, false)))
		for (ssize_t done = 0, some; done < n; done += some)
			if ((some = write(to, buf + done, (size_t)(n - done))) < 0) {
				close(to);
				return diag_sys(d, "write", path);
			}
	if (n < 0 || lseek(to, 0, SEEK_SET) || dup2(to, STDIN_FILENO) < 0)
		diag_sys(d, "read", "<stdin>");
	close(to);
	return n < 0 ? -1 : 0;
}

static int read_all(struct arena *a, int fd, size_t expect, str *out)
{
	size_t n = 0, cap = expect + 1;
	char *p = arena_raw(a, cap);

	for (;;) {
		if (n == cap) {
			p = arena_grow(a, p, cap, cap * 2);
			cap *= 2;
		}
		ssize_t got = read(fd, p + n, cap - n);
		if (got < 0 && fd_again(fd, false))
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		n += (size_t)got;
	}
	if (n == cap)
		p = arena_grow(a, p, cap, cap + 1);
	p[n] = '\0';
	*out = (str){ p, n };
	return 0;
}

int file_read(struct arena *a, struct diag *d, const char *path, str *out)
{
	bool is_stdin = strcmp(path, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	int bad;

	*out = (str){ "", 0 };
	journal_read(d, path);
	if (fd < 0 || fstat(fd, &st)) {
		diag_sys(d, "read", file_label(path));
		if (fd > 0)
			close(fd);
		return -1;
	}
	if (S_ISDIR(st.st_mode)) {
		bad = diag_trouble(d, IN_FILE(file_label(path)), "io", "is a directory; name the files in it");
	} else {
		size_t expect = S_ISREG(st.st_mode) && st.st_size > 0 ? (size_t)st.st_size : 4096;
		bad = read_all(a, fd, expect, out) ? diag_sys(d, "read", file_label(path)) : 0;
	}
	if (is_stdin)
		stdin_spent();
	else
		close(fd);
	return bad;
}

static struct out *out_new(struct arena *a, struct diag *d, int fd)
{
	struct out *o = NEW(a, struct out);

	o->base = o->p = arena_raw(a, OUT_BUFFER);
	o->end = o->base + OUT_BUFFER;
	o->fd = fd;
	o->a = a;
	o->diag = d;
	return o;
}

struct out *out_memory(struct arena *a, struct diag *d)
{
	struct out *o = NEW(a, struct out);

	o->base = o->p = arena_raw(a, 1024);
	o->end = o->base + 1024;
	o->fd = -1;
	o->a = a;
	o->diag = d;
	return o;
}

/* 1: path is ours alone now; 0: it is another run's; -1: errno. */
static int take_temp(struct out *o, const char *path)
{
	struct stat st;

	o->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, o->mode ? o->mode : 0666);
	if (o->fd >= 0) {
		/* The lock says that its writer lives.  Before it was taken, another run may have removed the file. */
		if (flock(o->fd, LOCK_EX | LOCK_NB) == 0 || (errno != EWOULDBLOCK && errno != EINTR))
			if (fstat(o->fd, &st) == 0 && st.st_nlink)
				return 1;
		close(o->fd);
		o->fd = -1;
		return 0;
	}
	if (errno != EEXIST)
		return -1;
	int fd = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		unlink(path); /* left by a run that was killed */
	if (fd >= 0)
		close(fd);
	return 0;
}

static int make_temp(struct arena *a, struct out *o)
{
	enum { LONGEST = 200, TRIES = 100 };
	str path = str_of(o->path);
	ptrdiff_t slash = (ptrdiff_t)path.n;

	while (slash > 0 && path.p[slash - 1] != '/')
		slash--;
	str name = str_sub(path, (size_t)slash, path.n);
	if (name.n > LONGEST)
		name.n = LONGEST;
	for (int try = 0; try < TRIES; try++) {
		o->temp = str_printf(a, "%.*s.%.*s.part-%d", (int)slash, path.p, STR_ARG(name), try / 2).p;
		int got = take_temp(o, o->temp);
		if (got)
			return got < 0 ? -1 : 0;
	}
	errno = EBUSY;
	return -1;
}

static struct out *open_mode(struct arena *a, struct diag *d, const char *path, mode_t mode)
{
	struct stat st;

	if (!path || strcmp(path, "-") == 0) {
		struct out *o = out_new(a, d, STDOUT_FILENO);
		o->path = "<stdout>";
		return o;
	}
	struct out *o = out_new(a, d, -1);
	o->mode = mode;
	o->path = path;
	bool there = stat(path, &st) == 0;
	if (there && S_ISDIR(st.st_mode)) {
		diag_trouble(d, IN_FILE(path), "io", "is a directory; name a file to write");
		return NULL;
	}
	if (there && !S_ISREG(st.st_mode)) { /* a device or pipe has no place beside it */
		o->fd = open(path, O_WRONLY | O_CLOEXEC);
	} else {
		char *real = there ? realpath(path, NULL) : NULL; /* write through a link, not over it */
		if (real)
			o->path = str_dup(a, str_of(real));
		free(real);
		if (make_temp(a, o) == 0 && there) {
			/* ownership can be kept by root alone */
			if (fchown(o->fd, st.st_uid, st.st_gid) == 0 || errno == EPERM)
				o->error = fchmod(o->fd, st.st_mode & 07777) ? errno : 0;
		}
	}
	if (o->fd < 0) {
		diag_sys(d, "write", path);
		return NULL;
	}
	return o;
}

struct out *out_open(struct arena *a, struct diag *d, const char *path)
{
	return open_mode(a, d, path, 0);
}

struct out *out_open_mode(struct arena *a, struct diag *d, const char *path, mode_t mode)
{
	return open_mode(a, d, path, mode);
}

static void write_fd(struct out *o, const char *p, size_t n)
{
	while (n && !o->error) {
		ssize_t done = write(o->fd, p, n);
		if (done < 0 && fd_again(o->fd, true))
			continue;
		if (done < 0) {
			o->error = errno;
			break;
		}
		p += done;
		n -= (size_t)done;
		o->written += (uint64_t)done;
	}
}

void out_flush(struct out *o)
{
	size_t n = (size_t)(o->p - o->base), cap = (size_t)(o->end - o->base);

	if (o->fd >= 0) {
		write_fd(o, o->base, n);
		o->p = o->base;
	} else if (o->p == o->end) {
		o->base = arena_grow(o->a, o->base, cap, cap * 2);
		o->p = o->base + n;
		o->end = o->base + cap * 2;
	}
}

void out_write(struct out *o, str s)
{
	while (s.n > (size_t)(o->end - o->p)) {
		if (o->fd >= 0 && o->p == o->base) {
			write_fd(o, s.p, s.n);
			return;
		}
		size_t n = (size_t)(o->end - o->p);
		memcpy(o->p, s.p, n);
		o->p += n;
		s.p += n;
		s.n -= n;
		out_flush(o);
	}
	if (s.n) {
		memcpy(o->p, s.p, s.n);
		o->p += s.n;
	}
}

void out_printf(struct out *o, const char *fmt, ...)
{
	char small[256], *text = small;
	struct arena scratch = { 0 };
	va_list args, again;

	va_start(args, fmt);
	va_copy(again, args);
	int n = vsnprintf(small, sizeof small, fmt, args);
	va_end(args);
	if (n >= (int)sizeof small) {
		text = arena_raw(&scratch, (size_t)n + 1);
		vsnprintf(text, (size_t)n + 1, fmt, again);
	}
	va_end(again);
	if (n > 0)
		out_write(o, (str){ text, (size_t)n });
	arena_free(&scratch);
}

str out_text(struct out *o)
{
	return (str){ o->base, (size_t)(o->p - o->base) };
}

static bool same_bytes(const char *x, const char *y)
{
	char bx[8192], by[8192];
	FILE *fx = fopen(x, "r"), *fy = fopen(y, "r");
	bool same = fx && fy;
	size_t nx = 1, ny;

	while (same && nx) {
		nx = fread(bx, 1, sizeof bx, fx);
		ny = fread(by, 1, sizeof by, fy);
		same = nx == ny && memcmp(bx, by, nx) == 0;
	}
	same = same && !ferror(fx) && !ferror(fy);
	if (fx)
		fclose(fx);
	if (fy)
		fclose(fy);
	return same;
}

/* A rename lasts once the folder is on disk; file systems that can't sync a folder need no more. */
static void sync_folder(struct arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *folder = !slash ? "." : slash == path ? "/" : str_dup(a, (str){ path, (size_t)(slash - path) });
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
}

int out_close(struct out *o)
{
	if (o->fd < 0)
		return 0;
	out_flush(o);
	if (!o->error && o->temp && fsync(o->fd))
		o->error = errno;
	/* Standard output stays open for others; closing a copy shows the errors that come late. */
	int fd = o->fd == STDOUT_FILENO ? dup(o->fd) : o->fd;
	if (fd >= 0 && close(fd) && !o->error)
		o->error = errno;
	o->fd = -1;
	bool same = !o->error && o->temp && o->keep_unchanged && same_bytes(o->temp, o->path);
	if (!o->error && o->temp && !same && rename(o->temp, o->path))
		o->error = errno;
	if (o->temp && (o->error || same))
		unlink(o->temp);
	else if (o->temp)
		sync_folder(o->a, o->path);
	if (!o->error)
		return 0;
	errno = o->error;
	return diag_sys(o->diag, "write", o->path);
}

void out_abort(struct out *o)
{
	if (!o)
		return;
	if (o->fd > STDERR_FILENO)
		close(o->fd);
	if (o->temp)
		unlink(o->temp);
	o->fd = -1;
}

int file_write(struct arena *a, struct diag *d, const char *path, mode_t mode, str bytes)
{
	struct out *o = out_open_mode(a, d, path, mode);

	if (!o)
		return -1;
	out_write(o, bytes);
	return out_close(o);
}
