/* SPDX-License-Identifier: MIT */
/*
 * Usage: schema-loop SCHEMA DOCUMENTS [DRAFT]
 * Checks documents, read before, against a schema, compiled before: microseconds for each document, the mean of the
 * least of each over many rounds.  What `jsonschema validate --fast --benchmark` prints is the same of Sourcemeta's engine.
 */
#include "schema/schema.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 60, LOOPS = 40 }; /* so many that asking for the time counts for nothing */

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

int main(int argc, char **argv)
{
	struct arena a = { 0 };
	struct diag d = { .program = "schema-loop", .arena = &a };
	struct schema_options o = { .draft = argc > 3 && !strcmp(argv[3], "2020-12") ? DRAFT_2020 : DRAFT_7 };
	struct { struct node **p; size_t n, cap; } docs = { 0 };
	struct node *schema, *n;
	double sum = 0;
	size_t valid = 0;

	if (argc < 3)
		return 2;
	struct schema_set *set = schema_set_new(&a, &d, &o);
	struct reader *r = reader_open(&a, &d, NULL, argv[2]);
	if (!r || read_file(&a, &d, &(struct read_options){ 0 }, argv[1], &schema))
		return 2;
	while (reader_next(r, &a, &n) > 0)
		*VEC_ADD(&a, &docs) = n;
	reader_close(r);
	const struct schema *s = schema_compile(set, schema, argv[1]);
	struct schema_checker *c = s ? schema_checker_new(set, &d) : NULL;
	for (size_t i = 0; c && i < docs.n; i++) {
		double best = 1e9;
		bool ok = true;
		for (int k = 0; k < ROUNDS; k++) {
			double from = now();
			for (int j = 0; j < LOOPS; j++)
				ok &= schema_fits(c, s, docs.p[i]);
			double took = (now() - from) / LOOPS;
			best = took < best ? took : best;
		}
		sum += best;
		valid += ok;
	}
	printf("%s: %zu documents, %zu valid, %.3f us each\n", argv[2], docs.n, valid, docs.n ? sum / (double)docs.n : 0);
	schema_checker_free(c);
	schema_set_free(set);
	arena_free(&a);
	return !c;
}
