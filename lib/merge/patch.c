/* SPDX-License-Identifier: MIT */
/* patch: JSON Patch (RFC 6902) and JSON merge patch (RFC 7396). */
#include "merge/internal.h"

struct patcher {
	struct arena *a;
	struct diag *d;
	struct node *root;
	struct {
		struct node **p;
		size_t n, cap;
	} holed;       /* maps some of whose values were removed (NULL): they close up once */
	size_t copied; /* nodes that copy operations made, of DOC_MAX_NODES */
};
struct operation {
	const struct node *node;
	str name;
	struct node *path_node, *from_node, *value;
	struct path path, from;
};

static bool path_below(const struct path *inner, const struct path *outer)
{
	if (inner->n <= outer->n)
		return false;
	for (size_t i = 0; i < outer->n; i++)
		if (!str_eq(inner->steps[i].key, outer->steps[i].key))
			return false;
	return true;
}

/* ---- walking --------------------------------------------------------------------- */
static struct node **child_slot(struct node *n, const struct step *s)
{
	if (n->kind == NODE_MAP) {
		struct entry *e = node_entry(n, s->key);
		return e && e->value ? &e->value : NULL;
	}
	if (n->kind == NODE_SEQ && s->kind == STEP_INDEX && s->index < n->n)
		return &n->items[s->index];
	return NULL;
}

#define NODE_HOLED 0x40000000u

static void take_out(struct patcher *p, struct node *map, str key)
{
	node_entry(map, key)->value = NULL;
	if (!(map->flags & NODE_HOLED))
		*VEC_ADD(p->a, &p->holed) = map;
	map->flags |= NODE_HOLED;
}

/* Before a list or map is looked at as a whole. */
static void close_up(struct patcher *p, const struct node *n)
{
	if (n->kind < NODE_SEQ)
		return;
	for (size_t i = 0; i < p->holed.n; i++) {
		map_compact(p->a, p->holed.p[i]);
		p->holed.p[i]->flags &= ~NODE_HOLED;
	}
	p->holed.n = 0;
}

/* The slot that the first n steps lead to, all above it our own; NULL with *missing: the step that failed. */
static struct node **walk(struct patcher *p, const struct path *path, size_t n, size_t *missing)
{
	struct node **slot = &p->root;

	for (size_t i = 0; i < n; i++) {
		*slot = (*slot)->kind == NODE_MAP || (*slot)->kind == NODE_SEQ ? node_ours(p->a, NULL, *slot) : *slot;
		slot = child_slot(*slot, &path->steps[i]);
		if (!slot) {
			*missing = i;
			return NULL;
		}
	}
	return slot;
}

static int no_such(struct patcher *p, const struct operation *op, const struct node *at, const struct path *path, size_t missing)
{
	struct buf b = BUF(p->a);

	for (size_t i = 0; i <= missing && i < path->n; i++) {
		str more = pointer_add_key(p->a, S(""), path->steps[i].key);
		buf_add(&b, more);
	}
	return diag_trouble(p->d, node_pos(at), "patch-path", "%.*s: the document has no %.*s; nothing of this patch was applied",
			    STR_ARG(op->name), STR_ARG(buf_str(&b)));
}

/* Nodes below n and the depth it reaches; stops counting past DOC_MAX_NODES. */
static size_t measure(const struct node *n, size_t depth, size_t *deepest, size_t count)
{
	if (depth > *deepest)
		*deepest = depth;
	if (++count > DOC_MAX_NODES || depth > DOC_MAX_DEPTH)
		return count;
	if (n->kind == NODE_MAP)
		for (uint32_t i = 0; i < n->n && count <= DOC_MAX_NODES; i++)
			count = measure(n->entries[i].value, depth + 1, deepest, count);
	else if (n->kind == NODE_SEQ)
		for (uint32_t i = 0; i < n->n && count <= DOC_MAX_NODES; i++)
			count = measure(n->items[i], depth + 1, deepest, count);
	return count;
}

static int within_limits(struct patcher *p, const struct operation *op, const struct node *value, bool copy)
{
	size_t deepest = 0, count = measure(value, op->path.n + 1, &deepest, 0);

	if (copy)
		p->copied += count;
	if (deepest > DOC_MAX_DEPTH)
		return diag_trouble(p->d, node_pos(op->path_node), "depth", "%.*s would nest deeper than %d levels", STR_ARG(op->name),
				    DOC_MAX_DEPTH);
	if (p->copied > DOC_MAX_NODES)
		return diag_trouble(p->d, node_pos(op->path_node), "max-nodes", "the copies of this patch make more than %d values",
				    DOC_MAX_NODES);
	return 0;
}

/* ---- operations -------------------------------------------------------------------- */
static int add(struct patcher *p, const struct operation *op, struct node *value)
{
	size_t last = op->path.n - 1, missing = 0;
	const struct step *s;
	struct node **slot, *parent;

	if (!op->path.n) {
		p->root = value;
		return 0;
	}
	if (!(slot = walk(p, &op->path, last, &missing)))
		return no_such(p, op, op->path_node, &op->path, missing);
	s = &op->path.steps[last];
	if ((*slot)->kind != NODE_MAP && (*slot)->kind != NODE_SEQ)
		return diag_trouble(p->d, node_pos(op->path_node), "patch-path", "%.*s: what should hold %.*s is %s, no map or list",
				    STR_ARG(op->name), STR_ARG(op->path.text), a_kind(*slot));
	parent = *slot = node_ours(p->a, NULL, *slot);
	if (parent->kind == NODE_MAP) {
		struct entry *e = node_put(p->a, parent, s->key, value);
		e->line = value->line;
		e->col = value->col;
	} else if (s->kind == STEP_END)
		node_push(p->a, parent, value);
	else if (s->kind == STEP_INDEX && s->index <= parent->n)
		node_insert(p->a, parent, (size_t)s->index, value);
	else
		return diag_trouble(p->d, node_pos(op->path_node), "patch-path", "%.*s: the list has %u items, so there is no place %.*s",
				    STR_ARG(op->name), (unsigned)parent->n, STR_ARG(s->key));
	return 0;
}

static int cut(struct patcher *p, const struct operation *op, const struct node *at, const struct path *path, struct node **gone)
{
	size_t missing = 0;
	struct node **slot, *parent;
	const struct step *s;

	if (!path->n)
		return diag_trouble(p->d, node_pos(at), "patch-path", "%.*s: the whole document cannot be removed", STR_ARG(op->name));
	if (!(slot = walk(p, path, path->n, &missing)))
		return no_such(p, op, at, path, missing);
	*gone = *slot;
	parent = *walk(p, path, path->n - 1, &missing);
	s = &path->steps[path->n - 1];
	if (parent->kind == NODE_MAP)
		take_out(p, parent, s->key);
	else
		node_remove_at(parent, (size_t)s->index);
	return 0;
}

static int replace(struct patcher *p, const struct operation *op)
{
	size_t missing = 0;
	struct node **slot = walk(p, &op->path, op->path.n, &missing);

	if (!slot)
		return no_such(p, op, op->path_node, &op->path, missing);
	*slot = op->value;
	return 0;
}

static int move(struct patcher *p, const struct operation *op)
{
	struct node *value = NULL;

	if (path_below(&op->path, &op->from))
		return diag_trouble(p->d, node_pos(op->path_node), "patch-path", "move: a value cannot be moved into itself");
	if (str_eq(op->path.text, op->from.text)) {
		size_t missing = 0;
		return walk(p, &op->from, op->from.n, &missing) ? 0 : no_such(p, op, op->from_node, &op->from, missing);
	}
	if (cut(p, op, op->from_node, &op->from, &value))
		return -1;
	if (op->path.n > op->from.n) {
		close_up(p, value);
		if (within_limits(p, op, value, false))
			return -1;
	}
	return add(p, op, value);
}

static int copy(struct patcher *p, const struct operation *op)
{
	size_t missing = 0;
	struct node **slot = walk(p, &op->from, op->from.n, &missing);

	if (!slot)
		return no_such(p, op, op->from_node, &op->from, missing);
	close_up(p, *slot);
	node_disown(*slot); /* it now stands in two places */
	return within_limits(p, op, *slot, true) ? -1 : add(p, op, *slot);
}

static int test(struct patcher *p, const struct operation *op)
{
	size_t missing = 0;
	struct node **slot = walk(p, &op->path, op->path.n, &missing);
	str where = op->path.n ? op->path.text : S("the root");

	if (!slot)
		return no_such(p, op, op->path_node, &op->path, missing);
	close_up(p, *slot);
	if (node_equal(*slot, op->value))
		return 0;
	return diag_trouble(p->d, node_pos(op->value), "patch-test",
			    "test failed at %.*s: the document has %.*s; nothing of this patch was applied",
			    STR_ARG(where), STR_ARG(str_sub(json_text(p->a, *slot), 0, 80)));
}

/* ---- reading operations --------------------------------------------------------------- */
static int read_pointer(struct patcher *p, const struct operation *op, struct node *n, const char *what, struct path *out)
{
	const char *why = NULL;

	if (!n)
		return diag_trouble(p->d, node_pos(op->node), "json-patch", "this operation has no \"%s\"", what);
	if (!node_is(n, NODE_STRING))
		return diag_trouble(p->d, node_pos(n), "json-patch", "\"%s\" is %s, not a JSON Pointer", what, a_kind(n));
	if (n->n && n->text[0] != '/')
		return diag_trouble(p->d, node_pos(n), "json-patch", "\"%s\" is no JSON Pointer: it must begin with \"/\"", what);
	if (path_parse(p->a, node_text(n), out, &why))
		return diag_trouble(p->d, node_pos(n), "json-patch", "%s", why);
	if (out->n > DOC_MAX_DEPTH)
		return diag_trouble(p->d, node_pos(n), "depth", "\"%s\" is deeper than %d levels", what, DOC_MAX_DEPTH);
	return 0;
}

static int operate(struct patcher *p, const struct node *item)
{
	struct operation op = { .node = item, .name = node_get_str(item, S("op")) };
	bool from, value;

	if (!node_is(item, NODE_MAP))
		return diag_trouble(p->d, node_pos(item), "json-patch", "an operation is a map with op and path, not %s",
				    a_kind(item));
	op.path_node = node_get(item, S("path"));
	op.from_node = node_get(item, S("from"));
	op.value = node_get(item, S("value"));
	from = str_eq(op.name, S("move")) || str_eq(op.name, S("copy"));
	value = str_eq(op.name, S("add")) || str_eq(op.name, S("replace")) || str_eq(op.name, S("test"));
	if (!from && !value && !str_eq(op.name, S("remove")))
		return diag_trouble(p->d, node_pos(item), "json-patch",
				    "\"op\" must be add, remove, replace, move, copy or test, not \"%.*s\"", STR_ARG(op.name));
	if (read_pointer(p, &op, op.path_node, "path", &op.path) || (from && read_pointer(p, &op, op.from_node, "from", &op.from)))
		return -1;
	if (value && !op.value)
		return diag_trouble(p->d, node_pos(item), "json-patch", "%.*s needs a \"value\"", STR_ARG(op.name));
	if (str_eq(op.name, S("test")))
		return test(p, &op);
	if (str_eq(op.name, S("remove"))) {
		struct node *gone;
		return cut(p, &op, op.path_node, &op.path, &gone);
	}
	if (value && within_limits(p, &op, op.value, false))
		return -1;
	return from ? (op.name.p[0] == 'm' ? move(p, &op) : copy(p, &op)) : op.name.p[0] == 'a' ? add(p, &op, op.value) : replace(p, &op);
}

struct node *merge_json_patch(struct arena *a, struct diag *d, struct node *doc, struct node *patch)
{
	struct patcher p = { .a = a, .d = d, .root = doc };

	if (node_is(patch, NODE_NULL) && (patch->flags & NODE_EMPTY))
		return doc;
	if (!node_is(patch, NODE_SEQ)) {
		diag_trouble(d, node_pos(patch), "json-patch", "a JSON Patch is a list of operations, not %s; is it meant for --merge-patch?",
			     a_kind(patch));
		return NULL;
	}
	for (uint32_t i = 0; i < patch->n; i++)
		if (operate(&p, patch->items[i]))
			return NULL;
	close_up(&p, p.root);
	node_disown(p.root);
	return p.root;
}

/* ---- RFC 7396 ------------------------------------------------------------------------ */
struct node *merge_patch(struct arena *a, struct node *doc, struct node *patch)
{
	struct node *to;
	bool holes = false;

	if (patch->kind != NODE_MAP)
		return patch;
	if (!node_is(doc, NODE_MAP))
		doc = node_at(node_new(a, NODE_MAP), patch);
	to = node_clone(a, doc);
	for (uint32_t i = 0; i < patch->n; i++) {
		const struct entry *e = &patch->entries[i];
		struct entry *t = node_entry(to, entry_key(e));
		struct node *old = t ? t->value : NULL;
		if (e->value->kind == NODE_NULL) {
			if (t)
				t->value = NULL;
			holes |= t != NULL;
		} else {
			t = node_put(a, to, entry_key(e), merge_patch(a, old, e->value));
			if (!old || t->value == e->value) {
				t->line = e->line;
				t->col = e->col;
			}
		}
	}
	if (holes)
		map_compact(a, to);
	return to;
}
