/* SPDX-License-Identifier: MIT */
/* openapi: schemas of the user's own, which tell how lists merge in strategic merge patches. */
#include <string.h>

#include "kustomize/internal.h"

struct openapi {
	const struct node *definitions;
	struct map kinds;    /* "group/version/kind" to the name of a definition */
	struct map expanded; /* by name: struct node, its references resolved; NULL while under way */
};

static str kind_key(struct arena *a, str group, str version, str kind)
{
	return str_printf(a, "%.*s/%.*s/%.*s", STR_ARG(group), STR_ARG(version), STR_ARG(kind));
}

static struct node *expand(struct arena *a, struct openapi *o, const struct node *schema, int depth);

/* A definition's own schema: read once; one within itself says nothing more. */
static struct node *definition(struct arena *a, struct openapi *o, str name, int depth)
{
	const struct node *n = node_get(o->definitions, name);
	size_t before = o->expanded.n;
	void **slot = map_at(a, &o->expanded, name);

	if (o->expanded.n == before || !n)
		return *slot;
	struct node *done = expand(a, o, n, depth);
	*map_at(a, &o->expanded, name) = done;
	return done;
}

static struct node *expand_all(struct arena *a, struct openapi *o, const struct node *map, int depth)
{
	struct node *out = node_at(node_new(a, NODE_MAP), map);

	for (uint32_t i = 0; i < map->n; i++) {
		struct node *below = expand(a, o, map->entries[i].value, depth);
		if (below)
			node_put(a, out, entry_key(&map->entries[i]), below);
	}
	return out;
}

static struct node *expand(struct arena *a, struct openapi *o, const struct node *schema, int depth)
{
	static const char *const deeper[] = { "items", "additionalProperties" };
	str ref = node_get_str(schema, S("$ref"));

	if (!node_is(schema, NODE_MAP) || depth > DOC_MAX_DEPTH / 2)
		return NULL;
	struct node *out = node_clone(a, schema);
	if (str_starts(ref, S("#/definitions/"))) {
		struct node *to = definition(a, o, str_sub(ref, strlen("#/definitions/"), ref.n), depth + 1);
		node_remove(out, S("$ref"));
		for (uint32_t i = 0; to && i < to->n; i++) /* marks beside the reference stay */
			if (!node_get(out, entry_key(&to->entries[i])))
				node_put(a, out, entry_key(&to->entries[i]), to->entries[i].value);
		return out;
	}
	if (node_is(node_get(out, S("properties")), NODE_MAP))
		node_put(a, out, S("properties"), expand_all(a, o, node_get(out, S("properties")), depth + 1));
	for (size_t i = 0; i < COUNT(deeper); i++) {
		struct node *below = node_get(out, str_of(deeper[i]));
		struct node *done = node_is(below, NODE_MAP) ? expand(a, o, below, depth + 1) : NULL;
		if (done)
			node_put(a, out, str_of(deeper[i]), done);
		else if (node_is(below, NODE_MAP))
			node_remove(out, str_of(deeper[i]));
	}
	return out;
}

static struct openapi *openapi_read(struct build *b, const struct node *doc)
{
	struct openapi *o = NEW(b->a, struct openapi);

	o->definitions = node_get(doc, S("definitions"));
	for (uint32_t i = 0; node_is(o->definitions, NODE_MAP) && i < o->definitions->n; i++) {
		const struct entry *e = &o->definitions->entries[i];
		const struct node *kinds = node_get(e->value, S("x-kubernetes-group-version-kind"));
		for (uint32_t k = 0; node_is(kinds, NODE_SEQ) && k < kinds->n; k++) {
			const struct node *g = kinds->items[k];
			str key = kind_key(b->a, node_get_str(g, S("group")), node_get_str(g, S("version")), node_get_str(g, S("kind")));
			*map_at(b->a, &o->kinds, key) = (void *)e;
		}
	}
	return o;
}

int openapi_load(struct layer *l, bool top)
{
	const struct node *n = node_get(l->doc, S("openapi")), *path = node_get(n, S("path")), *version = node_get(n, S("version"));
	struct build *b = l->b;
	struct node *doc;

	for (uint32_t i = 0; n && i < n->n; i++)
		if (!str_eq(entry_key(&n->entries[i]), S("path")) && !str_eq(entry_key(&n->entries[i]), S("version")))
			return diag_trouble(b->diag, entry_pos(&n->entries[i]), "kustomize", "openapi has path or version");
	if (path && version)
		return diag_trouble(b->diag, node_pos(version), "kustomize", "openapi has either a path or a version, not both");
	if (version && !str_eq(node_str(version), S("v1.21.2"))) /* kustomize has this one; where it matters ours says the same */
		return diag_trouble(b->diag, node_pos(version), "unsupported", "openapi.version is v1.21.2, as it is in kustomize");
	if (version || (top && !path))
		b->openapi = NULL;
	if (!path)
		return 0;
	const char *file = layer_file(l, path, node_str(path));
	if (!file || read_file(b->a, b->diag, &b->o->read, file, &doc) < 0)
		return -1;
	if (!node_is(node_get(doc, S("definitions")), NODE_MAP))
		return diag_trouble(b->diag, node_pos(doc), "kustomize", "an OpenAPI document with definitions is wanted here");
	b->openapi = openapi_read(b, doc);
	return 0;
}

struct kube_cursor openapi_cursor(struct build *b, const struct past *id)
{
	struct kube_id k = { .group = id->group, .version = id->version, .kind = id->kind, .ns = id->ns, .name = id->name };
	struct openapi *o = b->openapi;

	if (!o)
		return kube_cursor(b->schemas, &k);
	const struct entry *e = map_get(&o->kinds, kind_key(b->a, id->group, id->version, id->kind));
	struct node *schema = e ? definition(b->a, o, entry_key(e), 0) : NULL;
	return (struct kube_cursor){ b->schemas, schema, schema };
}
