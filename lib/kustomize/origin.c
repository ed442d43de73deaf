/* SPDX-License-Identifier: MIT */
/* buildMetadata: annotations that say where resources and changes of them come from. */
#include <string.h>

#include "kustomize/internal.h"

#define ORIGIN "config.kubernetes.io/origin"
#define CHANGES "alpha.config.kubernetes.io/transformations"

const struct origin *origin_builtin(struct layer *l, const char *kind)
{
	struct origin *o = l->b->trace ? NEW(l->b->a, struct origin) : NULL;

	if (o)
		*o = (struct origin){ .configured_in = join_path(l->b->a, l->label, str_of(l->file)), .api = S("builtin"), .kind = str_of(kind) };
	return o;
}

const struct origin *origin_file(struct layer *l, str name)
{
	struct origin *o = l->b->trace ? NEW(l->b->a, struct origin) : NULL;

	if (o)
		o->path = join_path(l->b->a, l->label, name);
	return o;
}

const struct origin *origin_plugin(struct layer *l, const struct resource *config)
{
	struct origin *o = config->origin ? NEW(l->b->a, struct origin) : NULL;
	const struct node *c = config->object;

	if (o)
		*o = (struct origin){ .configured_in = config->origin->path, .api = node_get_str(c, S("apiVersion")), .kind = node_get_str(c, S("kind")),
				      .name = name_of(c), .ns = namespace_of(c) };
	return o;
}

/* A transformer went over all resources; one of unknown origin is taken to be its own. */
void note_change(struct layer *l, const struct origin *o)
{
	for (size_t i = 0; o && i < l->all->n; i++) {
		struct resource *r = l->all->p[i];
		if (r->origin)
			*VEC_ADD(l->b->a, &r->changes) = o;
		else
			r->origin = o;
	}
}

static struct node *origin_node(struct arena *a, const struct origin *o)
{
	struct node *n = node_new(a, NODE_MAP), *by = node_new(a, NODE_MAP);

	if (o->path)
		set_text(a, n, "path", str_of(o->path), NULL);
	if (!o->configured_in)
		return n;
	set_text(a, n, "configuredIn", str_of(o->configured_in), NULL);
	if (o->api.n)
		set_text(a, by, "apiVersion", o->api, NULL);
	if (o->kind.n)
		set_text(a, by, "kind", o->kind, NULL);
	if (o->name.n)
		set_text(a, by, "name", o->name, NULL);
	if (o->ns.n)
		set_text(a, by, "namespace", o->ns, NULL);
	node_put(a, n, S("configuredBy"), by);
	return n;
}

static void annotate(struct build *b, struct resource *r, const char *key, const struct node *value)
{
	struct node *notes = own_map(b->a, own_map(b->a, r->object, S("metadata")), S("annotations"));

	set_text(b->a, notes, key, yaml_text(b->a, value), NULL);
}

/* Annotations are texts, and none at all is no field. */
static void tidy(struct arena *a, struct resource *r)
{
	struct node *meta = node_get(r->object, S("metadata")), *notes = node_get(meta, S("annotations"));

	if (!notes)
		return;
	for (uint32_t i = 0; notes->kind == NODE_MAP && i < notes->n; i++) {
		struct node *n = notes->entries[i].value;
		if (n->kind < NODE_STRING)
			notes->entries[i].value = node_at(node_string(a, n->kind == NODE_NULL && (n->flags & NODE_EMPTY) ? S("") : node_str(n)), n);
	}
	if (notes->n == 0 || notes->kind != NODE_MAP)
		node_remove(meta, S("annotations"));
}

static void drop(struct resource *r, str key)
{
	struct node *notes = node_get(node_get(r->object, S("metadata")), S("annotations"));

	if (notes)
		node_remove(notes, key);
}

static void write_one(struct build *b, struct resource *r, bool origins, bool changes)
{
	struct node *list = node_new(b->a, NODE_SEQ);

	for (size_t i = 0; changes && i < r->changes.n; i++)
		node_push(b->a, list, origin_node(b->a, r->changes.p[i]));
	if (origins && r->origin)
		annotate(b, r, ORIGIN, origin_node(b->a, r->origin));
	if (list->n)
		annotate(b, r, CHANGES, list);
}

int write_origins(struct build *b, const struct node *doc, struct resources *all)
{
	static const char *const options[] = { "originAnnotations", "transformerAnnotations", "managedByLabel" };
	const struct node *list = node_get(doc, S("buildMetadata"));
	bool on[COUNT(options)] = { 0 };

	for (uint32_t i = 0; node_is(list, NODE_SEQ) && i < list->n; i++) {
		size_t k = 0;
		while (k < COUNT(options) && !str_eq(node_str(list->items[i]), str_of(options[k])))
			k++;
		if (k == COUNT(options))
			return diag_trouble(b->diag, node_pos(list->items[i]), "kustomize", "buildMetadata is made of originAnnotations, transformerAnnotations and managedByLabel");
		on[k] = true;
	}
	for (size_t i = 0; i < all->n; i++) {
		struct resource *r = all->p[i];
		if (on[2])
			set_text(b->a, own_map(b->a, own_map(b->a, r->object, S("metadata")), S("labels")), "app.kubernetes.io/managed-by", S("kustomize-" KUSTOMIZE_LIKE), NULL);
		if (!on[0])
			drop(r, S(ORIGIN));
		if (!on[1])
			drop(r, S(CHANGES));
		tidy(b->a, r);
		write_one(b, r, on[0], on[1]);
	}
	return 0;
}
