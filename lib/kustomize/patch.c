/* SPDX-License-Identifier: MIT */
/* Strategic merge patches and JSON patches, with targets or by the identity they carry. */
#include <string.h>
#include <sys/stat.h>

#include "kustomize/internal.h"
#include "merge/merge.h"

struct patch {
	struct node *body;
	const struct node *target; /* or NULL */
	bool rename, rekind;
	struct pos pos;
};

/* ---- one patch on one resource --------------------------------------------------------- */
static int patch_json(struct layer *l, struct resource *r, const struct patch *p)
{
	struct node *out = merge_json_patch(l->b->a, l->b->diag, r->object, p->body);

	if (!out)
		return -1;
	rename_from(l->b, r);
	r->object = node_copy(l->b->a, out);
	return 0;
}

/* The patch as one of this very object: it may be called otherwise when a target selects. */
static struct node *fitted(struct layer *l, const struct resource *r, const struct patch *p)
{
	struct arena *a = l->b->a;
	struct node *body = node_clone(a, p->body), *meta = node_get(r->object, S("metadata"));
	struct node *its = node_get(body, S("metadata"));

	its = node_is(its, NODE_MAP) ? node_clone(a, its) : node_new(a, NODE_MAP);
	if (!p->rename)
		node_put(a, its, S("name"), node_get(meta, S("name")));
	if (node_get(meta, S("namespace")))
		node_put(a, its, S("namespace"), node_get(meta, S("namespace")));
	else
		node_remove(its, S("namespace"));
	node_put(a, body, S("metadata"), its);
	if (!p->rekind)
		node_put(a, body, S("kind"), node_get(r->object, S("kind")));
	if (!p->rekind && node_get(r->object, S("apiVersion")))
		node_put(a, body, S("apiVersion"), node_get(r->object, S("apiVersion")));
	return body;
}

/* 1: the patch deletes the resource. */
static int patch_merge(struct layer *l, struct resource *r, const struct patch *p)
{
	struct build *b = l->b;
	struct past now = current_id(r);
	struct kube_id id = { .group = now.group, .version = now.version, .kind = now.kind, .ns = now.ns, .name = now.name };
	struct node *out;

	if (!b->schemas && !(b->schemas = kube_schemas_open(b->a, b->diag, b->o->kube_version)))
		return -1;
	if (merge_strategic(b->a, b->diag, kube_cursor(b->schemas, &id), MERGE_ORDER_PREPEND, NULL, r->object, fitted(l, r, p), &out) < 0)
		return diag_trouble(b->diag, p->pos, "kustomize", "this patch does not apply to %.*s \"%.*s\"", STR_ARG(now.kind), STR_ARG(now.name));
	if (!out)
		return 1;
	rename_from(b, r);
	r->object = node_copy(b->a, out);
	return 0;
}

static int apply_to(struct layer *l, size_t i, const struct patch *p)
{
	struct resources *all = l->all;
	int r = p->body->kind == NODE_SEQ ? patch_json(l, all->p[i], p) : patch_merge(l, all->p[i], p);

	if (r == 1) {
		memmove(&all->p[i], &all->p[i + 1], (all->n - i - 1) * sizeof *all->p);
		all->n--;
	}
	return r;
}

/* ---- targets ------------------------------------------------------------------------------ */
static bool called(const struct past *id, str group, str kind, str ns, str name)
{
	struct past other = { .kind = kind, .group = group, .ns = ns };

	return str_eq(id->kind, kind) && str_eq(id->group, group) && str_eq(id->name, name) &&
	       str_eq(effective_namespace(id), effective_namespace(&other));
}

/* The resource that a patch without a target speaks of: by its present name, else by a former one. */
static int apply_by_id(struct layer *l, const struct patch *p)
{
	struct resource as = { .object = p->body };
	struct past want = current_id(&as);

	for (int former = 0; former < 2; former++)
		for (size_t i = 0; i < l->all->n; i++) {
			struct resource *r = l->all->p[i];
			struct past now = current_id(r);
			bool hit = !former && called(&now, want.group, want.kind, want.ns, want.name);
			for (size_t k = 0; former && k < r->past.n; k++)
				hit |= called(&r->past.p[k], want.group, want.kind, want.ns, want.name);
			if (hit)
				return apply_to(l, i, p) < 0 ? -1 : 0;
		}
	return diag_trouble(l->b->diag, p->pos, "kustomize", "the patch is for %.*s \"%.*s\", and there is none among the resources", STR_ARG(want.kind), STR_ARG(want.name));
}

static int apply(struct layer *l, const struct patch *p)
{
	if (p->body->kind == NODE_MAP && !p->target)
		return apply_by_id(l, p);
	if (!p->target)
		return diag_trouble(l->b->diag, p->pos, "kustomize", "a list of operations (JSON patch) needs a target");
	for (size_t i = 0; i < l->all->n;) {
		int hit = is_selected(l->b, p->target, l->all->p[i]);
		int r = hit > 0 ? apply_to(l, i, p) : hit;
		if (r < 0)
			return -1;
		i += r != 1;
	}
	return 0;
}

/* ---- where patches are written ---------------------------------------------------------------- */
static int apply_docs(struct layer *l, struct reader *r, struct patch p)
{
	struct node *n;
	int got = -1, bad = 0;

	if (!r)
		return -1;
	while (!bad && (got = reader_next(r, l->b->a, &n)) > 0) {
		if (n->kind == NODE_NULL)
			continue;
		p.body = n;
		if (n->kind != NODE_MAP && n->kind != NODE_SEQ)
			bad = diag_trouble(l->b->diag, p.pos, "kustomize", "a patch is an object or a list of operations, not %s", kind_name(n->kind));
		else
			bad = apply(l, &p);
	}
	reader_close(r);
	return bad ? -1 : got;
}

static int apply_text(struct layer *l, const struct node *text, struct patch p)
{
	return apply_docs(l, reader_open_text(l->b->a, l->b->diag, &l->b->o->read, text->source ? text->source->name : "patch", node_str(text)), p);
}

static int apply_file(struct layer *l, const struct node *path, struct patch p)
{
	return apply_docs(l, reader_open(l->b->a, l->b->diag, &l->b->o->read, layer_path(l, node_str(path))), p);
}

int apply_patches(struct layer *l, const struct node *list)
{
	for (uint32_t i = 0; node_is(list, NODE_SEQ) && i < list->n; i++) {
		const struct node *n = list->items[i], *text = node_get(n, S("patch")), *path = node_get(n, S("path")), *options = node_get(n, S("options"));
		struct patch p = { .target = node_get(n, S("target")), .pos = node_pos(n) };
		p.rename = node_true(node_get(options, S("allowNameChange")));
		p.rekind = node_true(node_get(options, S("allowKindChange")));
		if (!text == !path)
			return diag_trouble(l->b->diag, p.pos, "kustomize", "a patch wants either patch, its text, or path, its file");
		if ((text ? apply_text(l, text, p) : apply_file(l, path, p)) < 0)
			return -1;
	}
	return 0;
}

int apply_merge_patches(struct layer *l, const struct node *list)
{
	struct stat st;

	for (uint32_t i = 0; node_is(list, NODE_SEQ) && i < list->n; i++) {
		const struct node *n = list->items[i];
		struct patch p = { .pos = node_pos(n) };
		bool file = str_chr(node_str(n), '\n') < 0 && stat(layer_path(l, node_str(n)), &st) == 0;
		if ((file ? apply_file(l, n, p) : apply_text(l, n, p)) < 0)
			return -1;
	}
	return 0;
}

int apply_json_patches(struct layer *l, const struct node *list)
{
	return apply_patches(l, list);
}
