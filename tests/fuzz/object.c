/* SPDX-License-Identifier: MIT */
/* Kubernetes objects, and CRDs among them, against the API's schemas, all rules, references and the search for credentials. */
#include "kube/kube.h"
#include "schema/schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void drop(void *ctx, const struct finding *f)
{
	(void)ctx, (void)f;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena perm = { 0 }, a = { 0 };
	struct diag root = { .program = "fuzz", .arena = &perm, .sink = { drop, NULL, true }, .least = SEV_ERROR }, d;
	struct read_options read = { 0 };
	struct object_options o = { .references = true, .ignore_missing = size & 1, .explain = size & 2, .list_cel = true };
	struct secrets_options none = { 0 };
	struct node *doc;
	size_t checked = 0;

	diag_fork(&d, &root, &perm);
	struct findings *f = findings_new(&perm, &d, &(struct strlist){ 0 }, ~0u);
	struct kube_schemas *k = kube_schemas_open(&perm, &d, "");
	struct objects *x = objects_new(&perm, &d, k, &o, f);
	struct secrets *s = secrets_new(&perm, &d, f, &none);
	struct reader *r = reader_open_text(&perm, &d, &read, "objects", (str){ (const char *)data, size });
	while (reader_next(r, &a, &doc) > 0) {
		struct scalars *scalars = scalars_find(f, &a, doc);
		if (objects_check(x, &a, doc, scalars, &checked) < 0)
			break;
		secrets_check(s, &a, doc);
		scalars_report(scalars);
		arena_reset(&a);
	}
	reader_close(r);
	objects_end(x);
	objects_free(x);
	secrets_free(s);
	arena_free(&a);
	arena_free(&perm);
	return 0;
}
