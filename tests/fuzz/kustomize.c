/* SPDX-License-Identifier: MIT */
/*
 * Files of a kustomization ("-- NAME --" before each, as in tests/cases/kustomize)
 * in a scratch folder, built: no harm, and twice the same.
 */
#include "kustomize/kustomize.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILES = 16, NAME = 80 };

static char scratch[64];

static int remove_one(const char *path, const struct stat *st, int what, struct FTW *at)
{
	(void)st, (void)what, (void)at;
	return remove(path);
}

static void remove_scratch(void)
{
	if (nftw(scratch, remove_one, 16, FTW_DEPTH | FTW_PHYS))
		perror(scratch);
}

static void make_scratch(void)
{
	snprintf(scratch, sizeof scratch, "%s/fuzz-kustomize-XXXXXX", access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	if (!mkdtemp(scratch))
		abort();
	atexit(remove_scratch);
}

/* A name that stays in the folder, and its folders made. */
static bool place(str name, char *path)
{
	if (name.n == 0 || name.n >= NAME || name.p[0] == '/' || str_find(name, S("..")) >= 0)
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/", name.p[i]))
			return false;
	int n = snprintf(path, NAME * 2, "%s/%.*s", scratch, STR_ARG(name));
	for (int i = (int)strlen(scratch) + 1; i < n; i++)
		if (path[i] == '/') {
			path[i] = '\0';
			mkdir(path, 0700);
			path[i] = '/';
		}
	return true;
}

static size_t unpack(str all, char paths[FILES][NAME * 2])
{
	size_t n = 0;
	FILE *f = NULL;

	while (all.n) {
		ptrdiff_t end = str_chr(all, '\n');
		str line = end < 0 ? all : str_sub(all, 0, (size_t)end + 1);
		all = str_sub(all, line.n, all.n);
		str head = str_trim(line);
		if (head.n > 6 && str_starts(head, S("-- ")) && str_ends(head, S(" --"))) {
			if (f)
				fclose(f);
			f = NULL;
			str name = str_sub(head, 3, head.n - 3);
			if (n < FILES && !str_eq(name, S("want")) && place(name, paths[n]) && (f = fopen(paths[n], "w")))
				n++;
		} else if (f) {
			fwrite(line.p, 1, line.n, f);
		}
	}
	if (f)
		fclose(f);
	return n;
}

static int put(void *ctx, struct node *object)
{
	struct out *o = ctx;

	emit_json(o, object, false);
	return 0;
}

static int build(struct arena *a, struct out *o)
{
	const struct kustomize_options options = { .read = { .input = FORMAT_YAML, .max_nodes = 20000 } };
	struct diag parent = { .program = "fuzz", .arena = a }, d;

	diag_fork(&d, &parent, a);
	return kustomize_build(a, &d, &options, scratch, put, o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char paths[FILES][NAME * 2];
	struct arena a = { 0 };
	struct diag d = { .program = "fuzz", .arena = &a };

	if (!scratch[0])
		make_scratch();
	size_t n = unpack((str){ (const char *)data, size }, paths);
	struct out *first = out_memory(&a, &d), *second = out_memory(&a, &d);
	if (build(&a, first) == 0 && (build(&a, second) != 0 || !str_eq(out_text(first), out_text(second))))
		abort();
	for (size_t i = 0; i < n; i++)
		unlink(paths[i]);
	arena_free(&a);
	return 0;
}
