/* SPDX-License-Identifier: MIT */
/* What every program shares: common options, start and end. */
#include "base/internal.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VERSION "0.1.0"

struct common {
	struct run *run;
	bool help, version;
	int completion; /* 1 + its choice; 0: not asked */
};

static const char *set_completion(void *target, const struct option *o, const char *value)
{
	struct common *c = target;

	(void)o;
	c->completion = strcmp(value, "bash") == 0 ? 1 : strcmp(value, "zsh") == 0 ? 2 : 0;
	return c->completion ? NULL : "bash or zsh";
}

static const struct option run_options[] = {
	{ "quiet", 'q', OPT_FLAG, offsetof(struct run, quiet), NULL, "errors only", NULL, false, NULL },
	{ "verbose", 'v', OPT_FLAG, offsetof(struct run, verbose), NULL, "notes too", NULL, false, NULL },
	{ "jobs", 'j', OPT_NUMBER, offsetof(struct run, jobs), "N", "threads (default: the cores)", NULL, false, NULL },
	{ "output-file", 'O', OPT_STRING, offsetof(struct run, out_path), "FILE", "write FILE, whole or not at all", NULL, false, NULL },
	{ "keep-unchanged", 0, OPT_FLAG, offsetof(struct run, keep_unchanged), NULL, "leave an equal FILE alone", NULL, false, NULL },
	{ "fail-on", 0, OPT_CHOICE, offsetof(struct run, fail_on), "LEVEL", "least severity that makes the status 1", "error|warning|note|never", false, NULL },
	{ "color", 0, OPT_CHOICE, offsetof(struct run, color), "WHEN", "colours", "auto|always|never", false, NULL },
	{ "status-fd", 0, OPT_NUMBER, offsetof(struct run, status_fd), "N", "write the verdict as a JSON line to N", NULL, false, NULL },
	{ 0 },
};
static const struct option common_options[] = {
	{ "completion", 0, OPT_CALL, 0, "SHELL", "print a completion script for bash or zsh", NULL, false, set_completion },
	{ "help", 'h', OPT_FLAG, offsetof(struct common, help), NULL, "show this", NULL, false, NULL },
	{ "version", 0, OPT_FLAG, offsetof(struct common, version), NULL, "show the version", NULL, false, NULL },
	{ 0 },
};

static bool wants_color(const struct run *r)
{
	const char *no_color = getenv("NO_COLOR");

	if (r->color)
		return r->color == 1;
	return r->diag.terminal && !(no_color && *no_color);
}

static int answer(struct run *r, const struct common *c, const struct option_group *groups)
{
	struct out *o = out_open(&r->perm, &r->diag, NULL);

	if (c->help)
		options_help(o, r->program, groups);
	else if (c->version)
		out_printf(o, "%s (InfraFlux) " VERSION "\n", r->program->name);
	else
		options_completion(o, r->program, groups, c->completion == 2);
	r->done = true;
	return out_close(o);
}

/* A file opened next must not become standard output or error: what was closed stays unusable. */
static void keep_standard_fds(void)
{
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			return;
}

int run_start(struct run *r, const struct program *p, const struct option_group *groups, int argc, char **argv)
{
	enum { MOST_GROUPS = 12 };
	struct option_group all[MOST_GROUPS];
	struct common c = { .run = r };
	size_t n = 0;

	keep_standard_fds();
	*r = (struct run){ .program = p, .status_fd = -1 };
	r->diag = (struct diag){ .program = p->name, .arena = &r->perm, .least = SEV_WARNING };
	r->diag.lock = lock_new(&r->perm);
	r->diag.terminal = isatty(STDERR_FILENO);
	r->jobs = sysconf(_SC_NPROCESSORS_ONLN) > 0 ? sysconf(_SC_NPROCESSORS_ONLN) : 1;
	/* A reader that has gone, and a file over its limit, are reported where the write fails, with status 2. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	while (groups[n].options && n < MOST_GROUPS - 3) {
		all[n] = groups[n];
		n++;
	}
	all[n++] = (struct option_group){ run_options, r };
	all[n++] = (struct option_group){ common_options, &c };
	all[n] = (struct option_group){ NULL, NULL };
	if (options_parse(r, all, argc, argv))
		return -1;
	if (r->jobs < 1)
		return run_usage(r, "--jobs wants at least 1");
	if (r->status_fd > INT_MAX) {
		r->status_fd = -1;
		return run_usage(r, "--status-fd is no descriptor");
	}
	if (r->quiet)
		r->diag.least = SEV_ERROR;
	else if (r->verbose)
		r->diag.least = SEV_NOTE;
	r->diag.color = wants_color(r);
	return c.help || c.version || c.completion ? answer(r, &c, all) : 0;
}

int run_usage(struct run *r, const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	return diag_trouble(&r->diag, NOWHERE, "usage", "%s; see %s --help", text, r->program->name);
}

struct out *run_output(struct run *r)
{
	struct out *o = out_open(&r->perm, &r->diag, r->out_path);

	if (o)
		o->keep_unchanged = r->keep_unchanged;
	return o;
}

int run_output_end(struct run *r, struct out *o)
{
	if (r->diag.troubles && o->temp) {
		out_abort(o);
		return -1;
	}
	return out_close(o);
}

bool run_fails_on(const struct run *r, enum severity s)
{
	enum { NEVER = 3 };

	return r->fail_on != NEVER && (int)s >= SEV_ERROR - r->fail_on;
}

int run_finish(struct run *r, bool bad)
{
	const size_t *count = r->diag.count;
	bool found = false;

	for (int s = SEV_NOTE; s <= SEV_ERROR; s++)
		found = found || (count[s] && run_fails_on(r, (enum severity)s));
	int status = bad || r->diag.troubles ? 2 : found;

	if (r->status_fd >= 0 && !r->done) {
		char line[256];
		int n = snprintf(line, sizeof line, "{\"program\":\"%s\",\"verdict\":\"%s\",\"findings\":%zu,\"errors\":%zu}\n",
				 r->program->name, status == 2 ? "trouble" : status ? "findings" : "ok",
				 count[SEV_NOTE] + count[SEV_WARNING] + count[SEV_ERROR], count[SEV_ERROR]);
		if (write((int)r->status_fd, line, (size_t)n) != n) {
			diag_sys(&r->diag, "write", "--status-fd");
			status = 2;
		}
	}
	lock_free(r->diag.lock);
	arena_free(&r->perm);
	return status;
}
