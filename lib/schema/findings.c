/* SPDX-License-Identifier: MIT */
/* Rules that are off, and comments that accept a finding. */
#define _GNU_SOURCE /* memmem */
#include "schema/findings.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char needle[] = "infraflux:ignore";

struct comment {
	uint32_t line;
	bool whole_file, alone; /* alone: nothing before it on its line */
	bool used;
	const char *rule;
};
struct comments { /* of one file */
	const char *file;
	struct comment *p;
	size_t n, cap;
};
struct findings {
	struct arena *a;
	struct diag *diag;
	struct strlist no_rules;
	struct map files; /* to struct comments */
	size_t errors;
};

struct findings *findings_new(struct arena *a, struct diag *d, const struct strlist *no_rules)
{
	struct findings *x = NEW(a, struct findings);
	x->a = a;
	x->diag = d;
	x->no_rules = *no_rules;
	return x;
}

size_t findings_errors(const struct findings *x)
{
	return x->errors;
}

/* ---- comments ------------------------------------------------------------------- */
/* Most files hold none: they are looked through by the block, and lines counted only where there is one. */
static bool holds_needle(const char *path)
{
	enum { BLOCK = 1 << 18, OVERLAP = sizeof(needle) };
	struct stat st;
	bool found = false;
	if (stat(path, &st) || !S_ISREG(st.st_mode))
		return false;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *block = fd < 0 ? NULL : malloc(BLOCK + OVERLAP);
	size_t kept = 0;
	for (ssize_t n; block && !found && (n = read(fd, block + kept, BLOCK)) > 0;) {
		size_t have = kept + (size_t)n;
		found = memmem(block, have, needle, sizeof(needle) - 1) != NULL;
		kept = have < OVERLAP ? have : OVERLAP;
		memmove(block, block + have - kept, kept);
	}
	free(block);
	if (fd >= 0)
		close(fd);
	return found;
}

static void add_comment(struct findings *x, struct comments *c, str line, uint32_t number)
{
	ptrdiff_t at = str_find(line, S("infraflux:ignore"));
	size_t hash = at < 0 ? 0 : (size_t)at;
	while (hash && (line.p[hash - 1] == ' ' || line.p[hash - 1] == '\t'))
		hash--;
	if (at < 0 || !hash || line.p[hash - 1] != '#')
		return;
	str rest = str_sub(line, (size_t)at + sizeof(needle) - 1, line.n);
	bool whole = str_starts(rest, S("-file"));
	rest = str_trim(whole ? str_sub(rest, 5, rest.n) : rest);
	size_t end = 0;
	while (end < rest.n && rest.p[end] != ' ' && rest.p[end] != '\t')
		end++;
	*VEC_ADD(x->a, c) = (struct comment){
		.line = number, .whole_file = whole, .alone = !str_trim(str_sub(line, 0, hash - 1)).n, .rule = str_dup(x->a, end ? str_sub(rest, 0, end) : S("*")),
	};
}

static struct comments *comments_of(struct findings *x, const char *file)
{
	struct comments **slot = (struct comments **)map_at(x->a, &x->files, str_of(file));
	if (*slot)
		return *slot;
	struct comments *c = *slot = NEW(x->a, struct comments);
	c->file = file;
	FILE *f = holds_needle(file) ? fopen(file, "re") : NULL;
	char *line = NULL;
	size_t room = 0;
	uint32_t number = 0;
	for (ssize_t n; f && (n = getline(&line, &room, f)) >= 0;)
		add_comment(x, c, str_trim((str){ line, (size_t)n }), ++number);
	free(line);
	if (f)
		fclose(f);
	return c;
}

/* On the finding's own line, or alone on the lines right above it. */
static bool beside(const struct comments *c, size_t i, uint32_t line)
{
	const struct comment *at = &c->p[i];
	if (at->whole_file || at->line == line)
		return true;
	uint32_t last = at->line;
	for (size_t k = i; k < c->n && c->p[k].alone && c->p[k].line == last; k++)
		last++;
	return at->alone && last == line;
}

static bool accepted(struct findings *x, const struct finding *f)
{
	if (!f->pos.file || f->pos.file[0] == '<' || !f->pos.line || f->trouble)
		return false;
	struct comments *c = comments_of(x, f->pos.file);
	bool found = false;
	for (size_t i = 0; i < c->n; i++) {
		if (!beside(c, i, f->pos.line) || fnmatch(c->p[i].rule, f->rule ? f->rule : "", 0) != 0)
			continue;
		c->p[i].used = true;
		found = true;
	}
	return found;
}

void findings_put(void *ctx, const struct finding *f)
{
	struct findings *x = ctx;
	for (size_t i = 0; f->rule && i < x->no_rules.n; i++)
		if (fnmatch(x->no_rules.p[i], f->rule, 0) == 0)
			return;
	if (accepted(x, f))
		return;
	x->errors += f->severity == SEV_ERROR;
	diag_finding(x->diag, f);
}

void findings_end(struct findings *x, char **paths, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(paths[i], "-") != 0)
			comments_of(x, paths[i]);
	for (size_t i = 0; i < x->files.n; i++) {
		const struct comments *c = x->files.items[i].value;
		for (size_t k = 0; k < c->n; k++)
			if (!c->p[k].used)
				diag_at(x->diag, SEV_WARNING, (struct pos){ c->file, c->p[k].line, 1 }, "unused-suppression",
					"nothing here breaks the rule %s any more: take the comment away", c->p[k].rule);
	}
}
