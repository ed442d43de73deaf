/* SPDX-License-Identifier: MIT */
/* Checked, atomic writing, and reading whole files. */
#include "check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static struct arena a;
static struct diag d = { .program = "test", .arena = &a, .forked = true };

static str contents(const char *path)
{
	str s;

	return file_read(&a, &d, path, &s) ? S("(unreadable)") : s;
}

static size_t files_here(void)
{
	DIR *dir = opendir(".");
	size_t n = 0;

	while (dir && readdir(dir))
		n++;
	closedir(dir);
	return n - 2;
}

static unsigned mode_of(const char *path)
{
	struct stat st;

	return stat(path, &st) ? 0 : st.st_mode & 07777;
}

static void write_text(const char *path, str text)
{
	struct out *o = out_open(&a, &d, path);

	if (!CHECK(o != NULL))
		return;
	out_write(o, text);
	CHECK_INT(out_close(o), 0);
}

static void atomic(void)
{
	umask(027);
	write_text("f", S("one"));
	CHECK_STR(contents("f"), S("one"));
	CHECK_INT(mode_of("f"), 0640);
	chmod("f", 0604);
	struct out *o = out_open(&a, &d, "f");
	out_write(o, S("two"));
	CHECK_STR(contents("f"), S("one")); /* until it is closed */
	CHECK_INT(out_close(o), 0);
	CHECK_STR(contents("f"), S("two"));
	CHECK_INT(mode_of("f"), 0604);
	o = out_open(&a, &d, "f");
	out_write(o, S("three"));
	out_abort(o);
	CHECK_STR(contents("f"), S("two"));
	out_abort(NULL);
	CHECK_INT(files_here(), 1);
	CHECK_INT(file_write(&a, &d, "g", 0600, S("x")), 0);
	CHECK_INT(mode_of("g"), 0600);
	unlink("g");
}

static void through_links(void)
{
	mkdir("dir", 0777);
	CHECK(symlink("../f", "dir/link") == 0);
	write_text("dir/link", S("by link"));
	struct stat st;
	CHECK(lstat("dir/link", &st) == 0 && S_ISLNK(st.st_mode));
	CHECK_STR(contents("f"), S("by link"));
	unlink("dir/link");
	rmdir("dir");
}

static void unchanged(void)
{
	struct stat before, after;

	write_text("f", S("same"));
	stat("f", &before);
	struct out *o = out_open(&a, &d, "f");
	o->keep_unchanged = true;
	out_write(o, S("same"));
	CHECK_INT(out_close(o), 0);
	stat("f", &after);
	CHECK(before.st_ino == after.st_ino);
	o = out_open(&a, &d, "f");
	o->keep_unchanged = true;
	out_write(o, S("other"));
	CHECK_INT(out_close(o), 0);
	CHECK_STR(contents("f"), S("other"));
	CHECK_INT(files_here(), 1);
}

static void long_names(void)
{
	char name[256];

	memset(name, 'n', 255);
	name[255] = '\0';
	write_text(name, S("long"));
	CHECK_STR(contents(name), S("long"));
	unlink(name);
	name[10] = '/';
	CHECK(out_open(&a, &d, name) == NULL);
	CHECK(out_open(&a, &d, ".") == NULL);
	CHECK_INT(files_here(), 1);
}

/* A temporary that a killed run left is taken away; that of a run that lives is not. */
static void leftovers(void)
{
	int fd = open(".f.part-0", O_WRONLY | O_CREAT, 0600);

	CHECK(fd >= 0 && flock(fd, LOCK_EX) == 0 && write(fd, "theirs", 6) == 6);
	write_text("f", S("new"));
	CHECK_STR(contents("f"), S("new"));
	CHECK_STR(contents(".f.part-0"), S("theirs"));
	close(fd);
	write_text("f", S("newer"));
	CHECK_STR(contents("f"), S("newer"));
	CHECK_INT(files_here(), 1);
}

static void full(void)
{
	size_t before = d.troubles;
	struct out *o = out_open(&a, &d, "/dev/full");

	if (!o) /* not on this system */
		return;
	for (int i = 0; i < 100000; i++)
		out_printf(o, "line %d\n", i);
	CHECK_INT(out_close(o), -1);
	CHECK(d.troubles == before + 1 && o->error == ENOSPC);
	o = out_open(&a, &d, "/dev/full");
	CHECK_INT(out_close(o), 0); /* nothing was written */
}

static void memory(void)
{
	struct out *o = out_memory(&a, &d);

	for (int i = 0; i < 5000; i++) {
		out_char(o, 'a');
		out_write(o, S("bc"));
		out_printf(o, "%d", i % 10);
	}
	str text = out_text(o);
	CHECK_INT(text.n, 20000);
	CHECK(str_starts(text, S("abc0abc1")) && str_ends(text, S("abc9")));
	out_printf(o, "%0300d", 7);
	CHECK(str_ends(out_text(o), S("0007")));
	CHECK_INT(out_text(o).n, 20300);
	CHECK_INT(out_close(o), 0);
}

static void reader(void *ctx)
{
	char buf[4096];
	size_t *total = (size_t *)ctx + 1, *fd = ctx;
	ssize_t n;

	poll(NULL, 0, 20);
	while ((n = read((int)*fd, buf, sizeof buf)) > 0)
		*total += (size_t)n;
}

/* A pipe that another program set not to block is waited for. */
static void slow_pipe(void)
{
	int fds[2], saved = dup(STDOUT_FILENO);
	size_t ctx[2] = { 0 };
	enum { LINES = 50000, LEN = 10 };

	fflush(stdout);
	CHECK(pipe(fds) == 0 && dup2(fds[1], STDOUT_FILENO) >= 0);
	close(fds[1]);
	fcntl(STDOUT_FILENO, F_SETFL, fcntl(STDOUT_FILENO, F_GETFL) | O_NONBLOCK);
	ctx[0] = (size_t)fds[0];
	struct thread *t = thread_start(reader, ctx);
	struct out *o = out_open(&a, &d, NULL);
	for (int i = 0; i < LINES; i++)
		out_write(o, S("123456789\n"));
	CHECK_INT(out_close(o), 0);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	thread_join(t);
	close(fds[0]);
	CHECK_INT(ctx[1], LINES * LEN);
}

static void reading(void)
{
	size_t before = d.troubles;
	str s;

	CHECK_INT(file_read(&a, &d, "missing", &s), -1);
	CHECK_INT(file_read(&a, &d, ".", &s), -1);
	CHECK_INT(d.troubles, before + 2);
	CHECK(s.n == 0 && s.p);
	struct out *o = out_open(&a, &d, "f");
	for (int i = 0; i < 300000; i++)
		out_char(o, (char)i);
	out_close(o);
	CHECK(file_read(&a, &d, "f", &s) == 0 && s.n == 300000 && s.p[299999] == (char)299999 && s.p[s.n] == '\0');
	write_text("f", S(""));
	CHECK(file_read(&a, &d, "f", &s) == 0 && s.n == 0);
	CHECK_STR(str_of(file_label("-")), S("<stdin>"));
}

int main(void)
{
	char folder[] = "/tmp/base-file.XXXXXX";

	if (!mkdtemp(folder) || chdir(folder))
		return 2;
	atomic();
	through_links();
	unchanged();
	long_names();
	leftovers();
	full();
	memory();
	slow_pipe();
	reading();
	unlink("f");
	CHECK_INT(files_here(), 0);
	rmdir(folder);
	arena_free(&a);
	return check_done();
}
