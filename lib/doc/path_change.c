/* SPDX-License-Identifier: MIT */
/* Setting, deleting and renaming at paths: what a path does not touch stays shared. */
#include "doc/internal.h"

struct change {
	struct arena *a;
	const struct path *path;
	struct node *value; /* NULL: delete, or rename */
	str name;	    /* to rename: the new key */
	const char *error;
	size_t done;
};

static bool wrong(struct change *c, const struct step *s, const char *fmt, str what, const struct node *n)
{
	str text = c->path->text;
	size_t depth = (size_t)(s - c->path->steps) + 1;

	if (!c->error)
		c->error = str_printf(c->a, "step %zu of \"%.*s\" %s%.*s%s%s", depth, STR_ARG(text), fmt, STR_ARG(what),
				      n ? " in " : "", n ? a_kind(n) : "")
				   .p;
	return false;
}

static bool apply(struct change *c, const struct step *s, size_t n, struct node **slot);

/* Nothing stands at the step: a map gets the key, a list an item at its end. */
static bool grow(struct change *c, const struct step *s, size_t n, struct node *node)
{
	struct node *made = node_new(c->a, NODE_NULL);
	bool key = s->kind != STEP_ANY && s->kind != STEP_MATCH && s->key.p;

	made->flags |= NODE_EMPTY;
	if (!c->value)
		return true;
	if (node->kind == NODE_MAP && key) {
		if (!apply(c, s + 1, n - 1, &made))
			return false;
		node_put(c->a, node, str_copy(c->a, s->key), made);
		return true;
	}
	if (node->kind == NODE_SEQ && (s->kind == STEP_END || (s->kind == STEP_INDEX && s->index == (int64_t)node->n))) {
		if (!apply(c, s + 1, n - 1, &made))
			return false;
		node_push(c->a, node, made);
		return true;
	}
	if (s->kind == STEP_MATCH)
		return wrong(c, s, "matches no item: none has ",
			     str_printf(c->a, "%.*s=%.*s", STR_ARG(s->key), STR_ARG(s->value)), node);
	if (s->kind == STEP_ANY)
		return wrong(c, s, "matches nothing", S(""), node);
	if (node->kind == NODE_SEQ && s->kind == STEP_INDEX)
		return wrong(c, s, "is past the end: ", str_printf(c->a, "the list has %u items", (unsigned)node->n), NULL);
	return wrong(c, s, "names no place", S(""), node);
}

/* Takes what the step names out of node, which is our copy. */
static struct node *drop(struct change *c, const struct step *s, struct node *node)
{
	uint32_t kept = 0;

	if (s->kind == STEP_ANY) {
		c->done += node->n;
		return node_at(node_new(c->a, node->kind), node);
	}
	int64_t gone = path_slot(s, node, 0);
	if (gone < 0)
		return node;
	if (node->kind == NODE_MAP) {
		c->done += node_remove(node, entry_key(&node->entries[gone]));
		return node;
	}
	for (uint32_t i = 0; i < node->n; i++) {
		if (i == gone) {
			c->done++;
			gone = s->kind == STEP_MATCH ? path_slot(s, node, gone + 1) : -1;
		} else {
			node->items[kept++] = node->items[i];
		}
	}
	node->n = kept;
	return node;
}

/* The key that the step names gets another name, and keeps its place. */
static bool rename_key(struct change *c, const struct step *s, struct node **slot)
{
	struct node *old = *slot, *fresh;
	int64_t at = old->kind == NODE_MAP ? path_slot(s, old, 0) : -1;

	if (old->kind != NODE_MAP)
		return wrong(c, s, "names no key", S(""), old);
	if (at < 0 || str_eq(entry_key(&old->entries[at]), c->name))
		return true;
	if (node_entry(old, c->name))
		return wrong(c, s, "would take the place of the key ", c->name, NULL);
	fresh = node_at(node_new(c->a, NODE_MAP), old);
	fresh->style = old->style;
	fresh->tag = old->tag;
	for (uint32_t i = 0; i < old->n; i++) {
		const struct entry *e = &old->entries[i];
		struct entry *t = node_put(c->a, fresh, i == at ? c->name : entry_key(e), e->value);
		t->line = e->line;
		t->col = e->col;
	}
	*slot = fresh;
	c->done++;
	return true;
}

/* *slot becomes the changed copy; what the path does not touch stays shared. */
static bool apply(struct change *c, const struct step *s, size_t n, struct node **slot)
{
	struct node *node = *slot;

	if (!n) {
		*slot = c->value;
		c->done++;
		return true;
	}
	if (node->kind == NODE_NULL && c->value) {
		bool list = s->kind == STEP_END || (s->kind == STEP_INDEX && s->index == 0 && !s->key.p);
		node = node_at(node_new(c->a, list ? NODE_SEQ : NODE_MAP), node);
	} else if (node->kind < NODE_SEQ) {
		return c->value ? wrong(c, s, "leads into ", str_of(a_kind(node)), NULL) : true;
	} else {
		node = node_clone(c->a, node);
	}
	if (n == 1 && c->name.p)
		return rename_key(c, s, slot);
	if (n == 1 && !c->value) {
		*slot = drop(c, s, node);
		return true;
	}
	int64_t at_slot = path_slot(s, node, 0);
	if (at_slot < 0 && !grow(c, s, n, node))
		return false;
	while (at_slot >= 0) {
		struct node **inner = node->kind == NODE_MAP ? &node->entries[at_slot].value : &node->items[at_slot];
		if (!apply(c, s + 1, n - 1, inner))
			return false;
		at_slot = path_slot(s, node, at_slot + 1);
	}
	*slot = node;
	return true;
}

int path_set(struct arena *a, const struct path *p, struct node **root, struct node *value, const char **error)
{
	struct change c = { .a = a, .path = p, .value = value };
	struct node *changed = *root;
	bool ok = apply(&c, p->steps, p->n, &changed);

	if (ok)
		*root = changed;
	if (error)
		*error = c.error;
	return ok ? 0 : -1;
}

size_t path_delete(struct arena *a, const struct path *p, struct node **root)
{
	struct change c = { .a = a, .path = p };

	if (!p->n) {
		*root = node_at(node_new(a, NODE_NULL), *root);
		(*root)->flags |= NODE_EMPTY;
		return 1;
	}
	if (path_get(p, *root))
		apply(&c, p->steps, p->n, root);
	return c.done;
}

int path_rename(struct arena *a, const struct path *p, struct node **root, str name, size_t *done, const char **error)
{
	struct change c = { .a = a, .path = p, .name = str_copy(a, name) };
	struct node *changed = *root;
	bool ok = true;

	if (!p->n || p->steps[p->n - 1].kind == STEP_ANY || p->steps[p->n - 1].kind == STEP_MATCH) {
		c.error = "only a key can be renamed, and one at a time";
		ok = false;
	} else if (path_get(p, *root)) {
		ok = apply(&c, p->steps, p->n, &changed);
	}
	if (ok)
		*root = changed;
	*done = c.done;
	*error = c.error;
	return ok ? 0 : -1;
}
