/* SPDX-License-Identifier: MIT */
/*
 * Usage: yaml-loop FILE...
 * Reads each file with libyaml's bare event loop and with our reader, into
 * trees, and prints both speeds (best of nine, CPU time) and what ours is of
 * libyaml's. JSON files: our reader's speed alone.
 */
#include "doc/doc.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <yaml.h>

enum { RUNS = 9 };

static double cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static int bare(const char *path)
{
	FILE *f = fopen(path, "r");
	yaml_parser_t p;
	yaml_event_t e;
	int type;

	if (!f || !yaml_parser_initialize(&p))
		return -1;
	yaml_parser_set_input_file(&p, f);
	do {
		if (!yaml_parser_parse(&p, &e))
			return -1;
		type = e.type;
		yaml_event_delete(&e);
	} while (type != YAML_STREAM_END_EVENT);
	yaml_parser_delete(&p);
	return fclose(f);
}

static int ours(const char *path)
{
	struct arena perm = { 0 }, a = { 0 };
	struct diag d = { .program = "yaml-loop", .arena = &perm };
	struct reader *r = reader_open(&perm, &d, NULL, path);
	struct node *n;
	int got;

	if (!r)
		return -1;
	while ((got = reader_next(r, &a, &n)) > 0)
		arena_reset(&a);
	reader_close(r);
	arena_free(&a);
	arena_free(&perm);
	return got;
}

/* Adds a run to the least time so far; 0: it failed. */
static void run(int (*read)(const char *), const char *path, double *least)
{
	double t = cpu();

	if (read(path)) {
		*least = 0;
		return;
	}
	t = cpu() - t;
	*least = t < *least ? t : *least;
}

int main(int argc, char **argv)
{
	double size, x, y;
	struct stat st;
	int i, k, bad = argc < 2;
	bool json;

	for (i = 1; i < argc; i++) {
		const char *end = strrchr(argv[i], '.');

		if (stat(argv[i], &st)) {
			perror(argv[i]);
			bad = 1;
			continue;
		}
		size = st.st_size / 1e6;
		x = y = 1e9;
		json = end && strcmp(end, ".yaml") && strcmp(end, ".yml");
		for (k = 0; k < RUNS; k++) { /* in turn: other load meets both */
			if (!json)
				run(bare, argv[i], &x);
			run(ours, argv[i], &y);
		}
		if (json) {
			printf("%s: ours %.1f MB/s\n", argv[i], size / y);
			continue;
		}
		bad |= x == 0 || y == 0;
		printf("%s: libyaml %.1f MB/s, ours %.1f MB/s, %.0f %%\n", argv[i], size / x, size / y, 100 * x / y);
	}
	return bad;
}
