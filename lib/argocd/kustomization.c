/* SPDX-License-Identifier: MIT */
/* Kustomizations as sources: their file is edited in memory, as `kustomize edit` would, and built. */
#include <string.h>
#include <sys/stat.h>

#include "argocd/internal.h"
#include "kustomize/kustomize.h"

struct editing {
	struct rendering *r;
	const struct node *k; /* source.kustomize */
	struct node *doc;     /* the kustomization, ours to change */
	const char *folder;
};

static struct arena *arena_of(struct editing *e)
{
	return e->r->x->a;
}

static struct node *own(struct editing *e, const char *key, enum kind kind)
{
	struct node *n = node_get(e->doc, str_of(key));

	n = node_is(n, kind) ? node_clone(arena_of(e), n) : node_at(node_new(arena_of(e), kind), e->k);
	node_put(arena_of(e), e->doc, str_of(key), n);
	return n;
}

/* Items of a list with `name`: those of more replace their like. */
static void put_named(struct editing *e, const char *key, struct node *item)
{
	struct node *list = own(e, key, NODE_SEQ);

	for (uint32_t i = 0; i < list->n; i++)
		if (str_eq(node_get_str(list->items[i], S("name")), node_get_str(item, S("name")))) {
			list->items[i] = item;
			return;
		}
	node_push(arena_of(e), list, item);
}

/* ---- images ------------------------------------------------------------------------------------ */
static const struct node *image_like(struct editing *e, str name)
{
	const struct node *list = node_get(e->doc, S("images"));

	for (uint32_t i = 0; node_is(list, NODE_SEQ) && i < list->n; i++)
		if (str_eq(node_get_str(list->items[i], S("name")), name))
			return list->items[i];
	return NULL;
}

/* "*": as the kustomization has it. */
static void put_part(struct editing *e, struct node *rule, const struct node *old, const char *key, str value)
{
	if (str_eq(value, S("*")))
		value = node_str(node_get(old, str_of(key)));
	if (value.n)
		node_put(arena_of(e), rule, str_of(key), node_string(arena_of(e), value));
}

/* "name=other:tag", "name:tag@digest", "other=*:tag". */
static int edit_image(struct editing *e, const struct node *n)
{
	struct arena *a = arena_of(e);
	struct node *rule = node_at(node_new(a, NODE_MAP), n);
	str s, name, tag = S(""), digest = S("");

	if (fill_environment(e->r, n, node_str(n), &s) < 0)
		return -1;
	ptrdiff_t eq = str_chr(s, '='), at;
	str image = eq < 0 ? s : str_sub(s, (size_t)eq + 1, s.n);
	if ((at = str_chr(image, '@')) >= 0) {
		digest = str_sub(image, (size_t)at + 1, image.n);
		image.n = (size_t)at;
	}
	for (size_t i = image.n; i-- > 0 && image.p[i] != '/';)
		if (image.p[i] == ':') {
			tag = str_sub(image, i + 1, image.n);
			image.n = i;
			break;
		}
	name = eq < 0 ? image : str_sub(s, 0, (size_t)eq);
	if (name.n == 0 || (eq < 0 && tag.n + digest.n == 0))
		return diag_trouble(e->r->x->diag, node_pos(n), "argocd", "an image is said as NAME=OTHER:TAG, NAME:TAG, NAME=OTHER or NAME@DIGEST, not \"%.*s\"", STR_ARG(s));
	const struct node *old = image_like(e, name);
	node_put(a, rule, S("name"), node_string(a, name));
	if (eq >= 0)
		put_part(e, rule, old, "newName", image);
	put_part(e, rule, old, "newTag", tag);
	put_part(e, rule, old, "digest", digest);
	put_named(e, "images", rule);
	return 0;
}

/* ---- labels and annotations ------------------------------------------------------------------------ */
static int put_pair(struct editing *e, struct node *map, const struct entry *pair, bool fill, bool force, const char *what)
{
	struct arena *a = arena_of(e);
	str text = node_str(pair->value);

	if (node_get(map, entry_key(pair)) && !force)
		return diag_trouble(e->r->x->diag, entry_pos(pair), "argocd", "the kustomization has %s %.*s already; set force%s to have this one", what,
				    STR_ARG(entry_key(pair)), strcmp(what, "label") == 0 ? "CommonLabels" : "CommonAnnotations");
	if (fill && fill_environment(e->r, pair->value, text, &text) < 0)
		return -1;
	node_put(a, map, entry_key(pair), node_at(node_string(a, text), pair->value));
	return 0;
}

/* The item of labels that has no selectors, made if there is none. */
static struct node *plain_labels(struct editing *e, bool templates)
{
	struct arena *a = arena_of(e);
	struct node *list = own(e, "labels", NODE_SEQ), *item;

	for (uint32_t i = 0; i < list->n; i++) {
		item = list->items[i];
		if (node_true(node_get(item, S("includeSelectors"))) || node_true(node_get(item, S("includeTemplates"))) != templates || !node_is(item, NODE_MAP))
			continue;
		list->items[i] = item = node_clone(a, item);
		struct node *pairs = node_get(item, S("pairs"));
		pairs = node_is(pairs, NODE_MAP) ? node_clone(a, pairs) : node_new(a, NODE_MAP);
		node_put(a, item, S("pairs"), pairs);
		return pairs;
	}
	item = node_at(node_new(a, NODE_MAP), e->k);
	struct node *pairs = node_at(node_new(a, NODE_MAP), e->k);
	node_put(a, item, S("pairs"), pairs);
	if (templates)
		node_put(a, item, S("includeTemplates"), node_bool(a, true));
	node_push(a, list, item);
	return pairs;
}

static int edit_labels(struct editing *e)
{
	const struct node *labels = node_get(e->k, S("commonLabels"));
	bool plain = node_true(node_get(e->k, S("labelWithoutSelector"))), templates = node_true(node_get(e->k, S("labelIncludeTemplates")));
	bool force = node_true(node_get(e->k, S("forceCommonLabels")));

	if (!node_is(labels, NODE_MAP) || labels->n == 0)
		return 0;
	if (templates && !plain)
		return diag_trouble(e->r->x->diag, node_pos(labels), "argocd", "labelIncludeTemplates wants labelWithoutSelector, too");
	struct node *into = plain ? plain_labels(e, templates) : own(e, "commonLabels", NODE_MAP);
	for (uint32_t i = 0; i < labels->n; i++)
		if (put_pair(e, into, &labels->entries[i], true, force, "label") < 0)
			return -1;
	return 0;
}

static int edit_annotations(struct editing *e)
{
	const struct node *notes = node_get(e->k, S("commonAnnotations"));
	bool fill = node_true(node_get(e->k, S("commonAnnotationsEnvsubst"))), force = node_true(node_get(e->k, S("forceCommonAnnotations")));

	if (!node_is(notes, NODE_MAP) || notes->n == 0)
		return 0;
	struct node *into = own(e, "commonAnnotations", NODE_MAP);
	for (uint32_t i = 0; i < notes->n; i++)
		if (put_pair(e, into, &notes->entries[i], fill, force, "annotation") < 0)
			return -1;
	return 0;
}

/* ---- all -------------------------------------------------------------------------------------------- */
static int edit_components(struct editing *e)
{
	const struct node *list = node_get(e->k, S("components"));
	bool missing_ok = node_true(node_get(e->k, S("ignoreMissingComponents")));
	struct stat st;

	for (uint32_t i = 0; node_is(list, NODE_SEQ) && i < list->n; i++) {
		const char *path = repo_path(e->r->x, list->items[i], e->r->repo, e->folder, node_str(list->items[i]));
		if (!path)
			return -1;
		if (!missing_ok || stat(path, &st) == 0)
			node_push(arena_of(e), own(e, "components", NODE_SEQ), list->items[i]);
	}
	return 0;
}

static int edit(struct editing *e)
{
	static const char *const texts[] = { "namePrefix", "nameSuffix", "namespace" };
	const struct node *images = node_get(e->k, S("images")), *replicas = node_get(e->k, S("replicas")), *patches = node_get(e->k, S("patches"));

	for (size_t i = 0; i < COUNT(texts); i++)
		if (node_get_str(e->k, str_of(texts[i])).n)
			node_put(arena_of(e), e->doc, str_of(texts[i]), node_get(e->k, str_of(texts[i])));
	for (uint32_t i = 0; node_is(images, NODE_SEQ) && i < images->n; i++)
		if (edit_image(e, images->items[i]) < 0)
			return -1;
	for (uint32_t i = 0; node_is(replicas, NODE_SEQ) && i < replicas->n; i++)
		put_named(e, "replicas", replicas->items[i]);
	if (edit_labels(e) < 0 || edit_annotations(e) < 0)
		return -1;
	for (uint32_t i = 0; node_is(patches, NODE_SEQ) && i < patches->n; i++)
		node_push(arena_of(e), own(e, "patches", NODE_SEQ), patches->items[i]);
	return edit_components(e);
}

int render_kustomization(struct rendering *r, const char *path)
{
	struct editing e = { .r = r, .k = node_get(r->source, S("kustomize")), .folder = path };
	struct argocd *x = r->x;
	struct kustomize_options o = { .read = x->o->read, .repos = x->o->repos };
	const char *file = node_is(e.k, NODE_MAP) && e.k->n ? kustomization_in(x->a, path) : NULL;
	struct release cluster;

	set_cluster(x, e.k, &cluster);
	o.kube_version = cluster.kube_version;
	o.api_versions = cluster.api_versions;
	if (file) {
		if (read_file(x->a, x->diag, &o.read, file, &e.doc) < 0)
			return -1;
		if (e.doc->kind != NODE_MAP)
			return diag_trouble(x->diag, node_pos(e.doc), "kustomize", "a kustomization is a map, and not empty");
		e.doc = node_clone(x->a, e.doc);
		if (edit(&e) < 0)
			return -1;
	}
	o.document = e.doc;
	return kustomize_build(x->a, x->diag, &o, path, take, r);
}
