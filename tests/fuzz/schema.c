/* SPDX-License-Identifier: MIT */
/* A schema and an instance, parted by a NUL; and the same as a CRD's schema and an object. */
#include "schema/schema.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct node *no_ref(void *ctx, str ref)
{
	(void)ctx, (void)ref;
	return NULL;
}

static void drop(void *ctx, const struct finding *f)
{
	(void)ctx, (void)f;
}

/* The verdict alone, which takes every short cut, and the one with annotations, which takes none. */
static void judge(struct schema_checker *c, const struct schema *s, struct node *instance)
{
	const struct schema_error *e;
	struct node *out;
	size_t n;
	int quick = schema_check(c, s, instance, &e, &n), whole = schema_check_output(c, s, instance, OUTPUT_BASIC, &out);

	if (quick >= 0 && whole >= 0 && quick != whole)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *cut = memchr(data, 0, size);
	struct arena a = { 0 };
	struct diag root = { .program = "fuzz", .arena = &a, .sink = { drop, NULL, true }, .least = SEV_ERROR }, d;
	struct read_options read = { 0 };
	struct schema_options o = { .formats = true, .draft = size ? data[0] % 6 : 0 };
	struct node *schema, *instance;

	if (!cut)
		return 0;
	diag_fork(&d, &root, &a);
	str first = { (const char *)data, (size_t)(cut - data) }, second = { (const char *)cut + 1, size - first.n - 1 };
	if (!read_text(&a, &d, &read, "schema", first, &schema) && !read_text(&a, &d, &read, "instance", second, &instance)) {
		struct schema_set *set = schema_set_new(&a, &d, &o);
		const struct schema *s = schema_compile(set, schema, NULL);
		struct schema_checker *c = schema_checker_new(set, &d);
		if (s)
			judge(c, s, instance);
		struct schema_kube kube = { .ref = no_ref, .crd = true };
		if (schema->kind == NODE_MAP && (s = schema_compile_kube(set, schema, &kube)))
			judge(c, s, instance);
		schema_checker_free(c);
		schema_set_free(set);
	}
	arena_free(&a);
	return 0;
}
