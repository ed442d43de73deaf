/* SPDX-License-Identifier: MIT */
/* Applications, ApplicationSets and cluster Secrets as hostile input, expanded in memory: no repository is known, so no file is read. */
#include "argocd/argocd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int put(void *ctx, struct node *doc)
{
	size_t *n = ctx;

	(void)doc;
	return ++*n > 2000 ? -1 : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	struct diag parent = { .program = "fuzz", .arena = &a }, d;
	const struct argocd_options o = { .read = { .max_nodes = 20000 }, .max_results = 500, .max_steps = 20000 };
	struct node *docs[8];
	size_t n = 0, count = 0;

	if (size > 4096)
		return 0;
	diag_fork(&d, &parent, &a);
	struct reader *r = reader_open_text(&a, &d, &(struct read_options){ .input = FORMAT_YAML, .max_nodes = 20000 }, "f", str_copy(&a, (str){ (const char *)data, size }));
	while (n < COUNT(docs) && reader_next(r, &a, &docs[n]) > 0)
		n++;
	reader_close(r);
	argocd_render(&a, &d, &o, docs, n, put, &count);
	arena_free(&a);
	return 0;
}
