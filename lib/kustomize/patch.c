/* SPDX-License-Identifier: MIT */
/* Strategic merge patches and JSON patches, with targets or by the identity they carry. */
#include <string.h>
#include <sys/stat.h>

#include "kustomize/internal.h"
#include "merge/merge.h"

struct patch {
	struct node *body;
	const struct selector *target; /* or NULL */
	bool rename, rekind;
	bool keep_id; /* a JSON patch is no renaming */
	struct pos pos;
};

/* ---- one patch on one resource --------------------------------------------------------- */
/* The pointer with items counted from the end (-1) found; *absent: it ends in a key that its map has not. */
static str real_pointer(struct arena *a, const struct node *n, str pointer, bool *absent)
{
	struct buf out = BUF(a);

	*absent = false;
	while (str_starts(pointer, S("/"))) {
		ptrdiff_t end = str_chr(str_sub(pointer, 1, pointer.n), '/');
		str part = end < 0 ? str_sub(pointer, 1, pointer.n) : str_sub(pointer, 1, (size_t)end + 1);
		int64_t index = 0;
		bool number = node_is(n, NODE_SEQ) && str_to_i64(part, &index);
		pointer = end < 0 ? S("") : str_sub(pointer, (size_t)end + 1, pointer.n);
		if (number && index < 0 && -index <= (int64_t)n->n)
			buf_printf(&out, "/%lld", (long long)(index += n->n));
		else
			buf_printf(&out, "/%.*s", STR_ARG(part));
		if (number) {
			n = index >= 0 && index < (int64_t)n->n ? n->items[index] : NULL;
			continue;
		}
		struct buf key = BUF(a);
		for (size_t i = 0; i < part.n; i++) {
			bool escaped = part.p[i] == '~' && i + 1 < part.n && (part.p[i + 1] == '0' || part.p[i + 1] == '1');
			buf_char(&key, escaped ? (part.p[++i] == '1' ? '/' : '~') : part.p[i]);
		}
		*absent = node_is(n, NODE_MAP) && pointer.n == 0 && !node_get(n, buf_str(&key));
		n = node_get(n, buf_str(&key));
	}
	buf_add(&out, pointer);
	return buf_str(&out);
}

/* An operation as kustomize means it: to replace a key that is not there is to add it, and -1 is the last item. */
static struct node *loosened(struct arena *a, const struct node *object, struct node *op)
{
	static const char *const pointers[] = { "from", "path" };
	struct node *out = op;
	bool absent = false;

	for (size_t i = 0; i < COUNT(pointers); i++) {
		const struct node *old = node_get(op, str_of(pointers[i]));
		str now = node_is(old, NODE_STRING) ? real_pointer(a, object, node_text(old), &absent) : S("");
		if (!node_is(old, NODE_STRING) || str_eq(now, node_text(old)))
			continue;
		out = out == op ? node_clone(a, op) : out;
		set_text(a, out, pointers[i], now, old);
	}
	if (absent && str_eq(node_get_str(op, S("op")), S("replace"))) {
		out = out == op ? node_clone(a, op) : out;
		set_text(a, out, "op", S("add"), node_get(op, S("op")));
	}
	return out;
}

static bool copies(const struct node *ops)
{
	for (uint32_t i = 0; i < ops->n; i++)
		if (str_eq(node_get_str(ops->items[i], S("op")), S("copy")))
			return true;
	return false;
}

static int patch_json(struct layer *l, struct resource *r, const struct patch *p)
{
	struct arena *a = l->b->a;
	struct node *out = r->object;

	for (uint32_t i = 0; i < p->body->n && out; i++) {
		struct node *one = node_at(node_new(a, NODE_SEQ), p->body);
		node_push(a, one, loosened(a, out, p->body->items[i]));
		out = merge_json_patch(a, l->b->diag, out, one);
	}
	/* An operation that copies may double the object. */
	if (!out || (copies(p->body) && spend(l->b, out, 0, p->pos) < 0) || check_depth(l->b, out, p->pos) < 0)
		return -1;
	if (!p->keep_id)
		remember(l->b, r);
	r->object = node_copy(a, out);
	renamed(l->b, r);
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

/* Schemas tell how lists merge; a patch without any does not ask them. */
static bool asks_schemas(const struct node *n)
{
	if (n->kind == NODE_SEQ)
		return true;
	for (uint32_t i = 0; n->kind == NODE_MAP && i < n->n; i++)
		if (asks_schemas(n->entries[i].value) || str_starts(entry_key(&n->entries[i]), S("$")))
			return true;
	return false;
}

static int patch_merge(struct layer *l, struct resource *r, const struct patch *p)
{
	struct build *b = l->b;
	const struct past *now = id_of(b, r);
	bool ask = asks_schemas(p->body);
	struct node *out;

	if (ask && !b->schemas && !(b->schemas = kube_schemas_open(b->a, b->diag, b->o->kube_version)))
		return -1;
	if (merge_strategic(b->a, b->diag, ask ? openapi_cursor(b, now) : (struct kube_cursor){ 0 }, MERGE_ORDER_PREPEND, NULL, r->object, fitted(l, r, p), &out) < 0)
		return diag_trouble(b->diag, p->pos, "kustomize", "this patch does not apply to %.*s \"%.*s\"", STR_ARG(now->kind), STR_ARG(now->name));
	r->gone = !out;
	if (!out)
		return 0;
	if (p->rename || p->rekind)
		remember(b, r);
	r->object = node_copy(b->a, out);
	renamed(b, r);
	return 0;
}

static int apply_to(struct layer *l, struct resource *r, const struct patch *p)
{
	return p->body->kind == NODE_SEQ ? patch_json(l, r, p) : patch_merge(l, r, p);
}

static void remove_gone(struct layer *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->all->n; i++)
		if (!l->all->p[i]->gone)
			l->all->p[n++] = l->all->p[i];
	if (n != l->all->n)
		l->b->stamp++;
	l->all->n = n;
}

/* ---- targets ------------------------------------------------------------------------------ */
static bool is_called(const struct past *id, const struct past *want)
{
	return same_id(id, want) && str_eq(id->version, want->version);
}

/* The one resource that is or was called as the patch without a target says. */
static int apply_by_id(struct layer *l, const struct patch *p)
{
	struct build *b = l->b;
	struct past want = id_of_object(b, p->body);
	const struct resources *hits = called(b, l->all, want.name);
	struct resource *found = NULL;

	for (size_t i = 0; hits && i < hits->n; i++) {
		struct resource *r = hits->p[i];
		bool hit = is_called(id_of(b, r), &want);
		for (size_t k = 0; k < r->past.n && !hit; k++)
			hit = is_called(&r->past.p[k], &want);
		if (hit && found)
			return diag_trouble(b->diag, p->pos, "kustomize", "the patch is for %.*s \"%.*s\", and several are or were called so; give it a target", STR_ARG(want.kind), STR_ARG(want.name));
		found = hit ? r : found;
	}
	if (!found)
		return diag_trouble(b->diag, p->pos, "kustomize", "the patch is for %.*s \"%.*s\", and there is none among the resources", STR_ARG(want.kind), STR_ARG(want.name));
	if (apply_to(l, found, p) < 0)
		return -1;
	if (found->gone)
		remove_gone(l);
	return 0;
}

static int apply(struct layer *l, const struct patch *p)
{
	if (p->body->kind == NODE_MAP && !p->target)
		return apply_by_id(l, p);
	if (!p->target)
		return diag_trouble(l->b->diag, p->pos, "kustomize", "a list of operations (JSON patch) needs a target");
	/* What the patch renames would drop out of the index under way. */
	const struct resources among = *candidates(l->b, p->target, l->all);
	struct resource **those = NEW_ARRAY(l->b->a, struct resource *, among.n + 1);
	if (among.n)
		memcpy(those, among.p, among.n * sizeof *those);
	bool gone = false;
	for (size_t i = 0; i < among.n; i++) {
		if (is_selected(l->b, p->target, those[i]) && apply_to(l, those[i], p) < 0)
			return -1;
		gone |= those[i]->gone;
	}
	if (gone)
		remove_gone(l);
	return 0;
}

/* ---- where patches are written ---------------------------------------------------------------- */
static struct reader *open_patch(struct layer *l, const struct read_options *o, const struct node *text, const char *path)
{
	return path ? reader_open(l->b->a, l->b->diag, o, path) : inline_reader(l, o, text);
}

/* The patches in a file or a text.  Operations are read as Kubernetes reads, objects as kustomize does. */
static int apply_docs(struct layer *l, const struct node *text, const char *path, struct patch p)
{
	struct reader *r = open_patch(l, &l->b->objects, text, path);
	struct node *n;
	int got = -1, bad = 0;
	size_t count = 0;

	if (!r)
		return -1;
	while (!bad && (got = reader_next(r, l->b->a, &n)) > 0) {
		if (n->kind == NODE_SEQ && count == 0 && l->b->objects.yaml == YAML_KUSTOMIZE) {
			struct read_options o = l->b->objects;
			o.yaml = YAML_KUBERNETES;
			reader_close(r);
			if (!(r = open_patch(l, &o, text, path)))
				return -1;
			if ((got = reader_next(r, l->b->a, &n)) <= 0)
				break;
		}
		if (n->kind == NODE_NULL)
			continue;
		p.body = n;
		if (n->kind != NODE_MAP && n->kind != NODE_SEQ)
			bad = diag_trouble(l->b->diag, p.pos, "kustomize", "a patch is an object or a list of operations, not %s", kind_name(n->kind));
		else if (p.target && count++ > 0)
			bad = diag_trouble(l->b->diag, node_pos(n), "kustomize", "with a target there is one patch, not several");
		else
			bad = apply(l, &p);
	}
	reader_close(r);
	return bad ? -1 : got;
}

static int apply_written(struct layer *l, const struct node *text, struct patch p)
{
	return apply_docs(l, text, NULL, p);
}

static int apply_file(struct layer *l, const struct node *at, struct patch p)
{
	const char *path = layer_file(l, at, node_str(at));

	return path ? apply_docs(l, NULL, path, p) : -1;
}

int apply_patch(struct layer *l, const struct node *n)
{
	const struct node *text = node_get(n, S("patch")), *path = node_get(n, S("path")), *options = node_get(n, S("options")), *target = node_get(n, S("target"));
	struct patch p = { .pos = node_pos(n) };
	struct selector s;

	p.rename = node_true(node_get(options, S("allowNameChange")));
	p.rekind = node_true(node_get(options, S("allowKindChange")));
	if (text && str_trim(node_str(text)).n == 0)
		text = NULL;
	if (!text == !path)
		return diag_trouble(l->b->diag, p.pos, "kustomize", "a patch wants either patch, its text, or path, its file");
	if (target && selector_compile(l->b, target, &s) < 0)
		return -1;
	p.target = target ? &s : NULL;
	return text ? apply_written(l, text, p) : apply_file(l, path, p);
}

int apply_json_patch(struct layer *l, const struct node *n)
{
	const struct node *text = node_get(n, S("patch")), *path = node_get(n, S("path")), *target = node_get(n, S("target"));
	struct patch p = { .pos = node_pos(n), .keep_id = true };
	struct selector s;

	if (!text == !path)
		return diag_trouble(l->b->diag, p.pos, "kustomize", "a patch wants either its text or path, its file");
	if (node_get_str(target, S("name")).n == 0)
		return diag_trouble(l->b->diag, target ? node_pos(target) : p.pos, "kustomize", "this patch wants a target with a name");
	if (selector_compile(l->b, target, &s) < 0)
		return -1;
	p.target = &s;
	return text ? apply_written(l, text, p) : apply_file(l, path, p);
}

int apply_merge_patch(struct layer *l, const struct node *n)
{
	struct patch p = { .pos = node_pos(n) };
	struct stat st;
	bool written = str_chr(node_str(n), '\n') >= 0 || (str_starts(str_trim(node_str(n)), S("{")) && stat(layer_path(l, node_str(n)), &st) < 0);

	return written ? apply_written(l, n, p) : apply_file(l, n, p);
}

int apply_patch_text(struct layer *l, const struct node *text)
{
	struct patch p = { .pos = node_pos(text) };

	return apply_written(l, text, p);
}
