/* SPDX-License-Identifier: MIT */
/* The defaults of a CustomResourceDefinition, each against the schema that it stands in. */
#include "schema/rules.h"
#include "schema/schema.h"

#define OBJECT_META "#/$defs/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"

struct defaults { /* one schema with a field for each default, and an object of these */
	struct arena *a;
	struct node *properties, *object;
	struct { const struct node **p; size_t n, cap; } all;
};

static void gather(struct defaults *d, struct node *s, int depth)
{
	struct node *value = node_get(s, S("default")), *properties = node_get(s, S("properties")), *rest[] = { node_get(s, S("items")), node_get(s, S("additionalProperties")) };
	if (value && value->kind != NODE_NULL) {
		str name = str_printf(d->a, "d%zu", d->all.n);
		node_put(d->a, d->properties, name, s);
		node_put(d->a, d->object, name, value);
		*VEC_ADD(d->a, &d->all) = value;
	}
	for (size_t i = 0; depth < 100 && node_is(properties, NODE_MAP) && i < properties->n; i++)
		gather(d, properties->entries[i].value, depth + 1);
	for (size_t i = 0; depth < 100 && i < COUNT(rest); i++)
		if (node_is(rest[i], NODE_MAP))
			gather(d, rest[i], depth + 1);
}

static struct node *resolve(void *ctx, str ref)
{
	return kube_schema_ref(ctx, ref);
}

/* "/d3/a" is below the fourth default. */
static void report(struct rules *r, const struct defaults *d, const struct schema_error *e)
{
	str rest = str_sub(e->path, 2, e->path.n), pointer, path, message = e->message;
	ptrdiff_t slash = str_chr(rest, '/'), colon = str_find(message, S(": "));
	int64_t i;
	if (!str_to_i64(slash < 0 ? rest : str_sub(rest, 0, (size_t)slash), &i) || i < 0 || (size_t)i >= d->all.n)
		return;
	rule_where(r, r->a, d->all.p[i], &pointer, &path);
	if (colon >= 0)
		message = str_sub(message, (size_t)colon + 2, message.n);
	struct finding f = { .severity = SEV_ERROR, .rule = "api/crd", .pos = e->pos };
	f.path = slash < 0 ? pointer : str_printf(r->a, "%.*s%.*s", STR_ARG(pointer), STR_ARG(str_sub(rest, (size_t)slash, rest.n)));
	f.message = str_printf(r->a, "%.*s: the default does not fit its own schema: %.*s (%.*s)", STR_ARG(path), STR_ARG(message), STR_ARG(kube_id_text(r->a, &r->id)));
	kube_finding_id(&f, r->object, &r->id);
	r->put(r->ctx, &f);
}

static struct node *root_of(struct arena *a, struct node *properties)
{
	struct node *root = node_new(a, NODE_MAP);
	node_put(a, root, S("type"), node_string(a, S("object")));
	node_put(a, root, S("properties"), properties);
	return root;
}

void crd_check_defaults(struct rules *r, struct kube_schemas *k)
{
	struct arena *a = r->a;
	struct defaults d = { .a = a, .properties = node_new(a, NODE_MAP), .object = node_new(a, NODE_MAP) };
	const struct node *versions = rule_path(r->object, "spec.versions");
	struct schema_options none = { .no_meta = true };
	struct schema_kube kube = { resolve, k, true, false, kube_schema_ref(k, S(OBJECT_META)) };
	const struct schema_error *e;
	struct diag quiet;
	size_t n;

	for (size_t i = 0; i < rule_items(versions); i++)
		if (rule_path(versions->items[i], "schema.openAPIV3Schema"))
			gather(&d, rule_path(versions->items[i], "schema.openAPIV3Schema"), 0);
	if (!d.all.n)
		return;
	node_put(a, d.object, S("apiVersion"), node_string(a, S("v1")));
	node_put(a, d.object, S("kind"), node_string(a, S("Defaults")));
	node_put(a, d.object, S("metadata"), node_new(a, NODE_MAP));
	diag_fork(&quiet, r->diag, a);
	quiet.sink = (struct diag_sink){ NULL, NULL, true };
	struct schema_set *set = schema_set_new(a, &quiet, &none);
	struct schema_checker *checker = schema_checker_new(set, &quiet);
	const struct schema *schema = schema_compile_kube(set, root_of(a, d.properties), &kube);
	if (schema && schema_check(checker, schema, d.object, &e, &n) == 0)
		for (size_t i = 0; i < n; i++)
			report(r, &d, &e[i]);
	schema_checker_free(checker);
	schema_set_free(set);
}
