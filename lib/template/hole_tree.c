/* SPDX-License-Identifier: MIT */
/* Reads a `${jq}` template and the files it includes, and finds what is to be computed in them. */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "template/hole.h"

struct builder {
	struct holes *h;
	struct hole_file *file;
	int depth;
};
static struct tree *build(struct builder *b, const struct node *n);

static int fail(struct builder *b, struct pos pos, const char *fmt, const char *arg)
{
	return diag_trouble(b->h->diag, pos, "template", fmt, arg);
}

/* The value of $if and $for: an expression, bare or in ${ }; anything but a string stands for itself. */
static struct tree *build_condition(struct builder *b, const struct node *n)
{
	struct pos pos = node_pos(n);
	str s = node_text(n);

	if (n->kind != NODE_STRING)
		return build(b, n);
	if (str_starts(str_trim(s), S("${"))) {
		struct tree *t = hole_text(b->h, b->file, str_trim(s), n, pos);
		if (t && t->kind != TREE_HOLE) {
			fail(b, pos, "one expression is wanted here, not text with holes%s", "");
			return NULL;
		}
		return t;
	}
	struct tree *t = hole_tree_new(b->h, TREE_HOLE, n);
	t->expr = hole_expr_add(b->h, s, pos);
	return t->expr ? t : NULL;
}

/* ---- maps and their $keys --------------------------------------------------- */
static ptrdiff_t declare(struct builder *b, str name, struct pos pos)
{
	struct hole_scope *s = &b->h->scope;

	name = str_trim(name);
	if (str_starts(name, S("$")))
		name = str_sub(name, 1, name.n);
	bool ok = name.n > 0 && !(name.p[0] >= '0' && name.p[0] <= '9');
	for (size_t i = 0; i < name.n; i++)
		ok = ok && (name.p[i] == '_' || (name.p[i] | 32) - 'a' + 0u < 26 || name.p[i] - '0' + 0u < 10);
	if (!ok)
		return fail(b, pos, "\"%s\" is no name for a variable: letters, digits and _", str_printf(b->h->a, "%.*s", STR_ARG(name)).p);
	void **at = map_at(b->h->a, &s->names, name);
	if (!*at)
		*at = (void *)(uintptr_t)++s->n;
	return (ptrdiff_t)(uintptr_t)*at - 1;
}

static int build_for(struct builder *b, struct tree_map *m, const struct node *n)
{
	struct arena *a = b->h->a;
	struct pos pos = node_pos(n);

	if (n->kind == NODE_MAP && n->n == 1) {
		if (!(m->over = build_condition(b, n->entries[0].value)))
			return -1;
		m->item_slot = declare(b, entry_key(&n->entries[0]), entry_pos(&n->entries[0]));
		return m->item_slot < 0 ? -1 : 0;
	}
	str s = str_trim(node_str(n));
	ptrdiff_t in = str_find(s, S(" in ")), comma;
	if (n->kind != NODE_STRING || in < 0)
		return fail(b, pos, "$for wants \"NAME in EXPRESSION\" or \"KEY, NAME in EXPRESSION\"%s", "");
	str names = str_sub(s, 0, (size_t)in), over = str_trim(str_sub(s, (size_t)in + 4, s.n));
	if (str_ends(over, S("[]")))
		return fail(b, pos, "$for wants the list itself: leave out the \"[]\" at the end%s", "");
	if (pos.file && str_eq(str_sub(b->file->text, hole_offset(b->file, pos.line, pos.col), hole_offset(b->file, pos.line, pos.col) + s.n), s))
		pos.col += (uint32_t)(over.p - s.p);
	struct node *copy = node_at(node_string(a, over), n);
	copy->line = pos.line;
	copy->col = pos.col;
	if (!(m->over = build_condition(b, copy)))
		return -1;
	pos = node_pos(n);
	if ((comma = str_chr(names, ',')) >= 0) {
		if ((m->key_slot = declare(b, str_sub(names, 0, (size_t)comma), pos)) < 0)
			return -1;
		names = str_sub(names, (size_t)comma + 1, names.n);
	}
	m->item_slot = declare(b, names, pos);
	return m->item_slot < 0 ? -1 : 0;
}

static int build_lets(struct builder *b, struct tree_map *m, const struct node *n)
{
	if (n->kind != NODE_MAP)
		return fail(b, node_pos(n), "$let wants a map of names and their values%s", "");
	m->lets = NEW_ARRAY(b->h->a, struct tree_let, n->n);
	for (size_t i = 0; i < n->n; i++) {
		struct tree *value = build(b, n->entries[i].value);
		ptrdiff_t slot = value ? declare(b, entry_key(&n->entries[i]), entry_pos(&n->entries[i])) : -1;
		if (slot < 0)
			return -1;
		m->lets[m->nlets++] = (struct tree_let){ .slot = (size_t)slot, .value = value };
	}
	return 0;
}

enum directive { D_FOR, D_LET, D_IF, D_THEN, D_ELSE, D_DO, D_INCLUDE, D_COUNT };
static const char *const directives[] = { "$for", "$let", "$if", "$then", "$else", "$do", "$include" };

static size_t directive_of(str key)
{
	size_t k = 0;

	while (k < D_COUNT && !str_eq(key, str_of(directives[k])))
		k++;
	return k;
}

bool hole_is_directive(str key)
{
	return directive_of(key) < D_COUNT;
}

static int build_directives(struct builder *b, struct tree_map *m, struct node *const *d)
{
	if (d[D_FOR] && build_for(b, m, d[D_FOR]) < 0)
		return -1;
	if (d[D_LET] && build_lets(b, m, d[D_LET]) < 0)
		return -1;
	if (d[D_IF] && !(m->cond = build_condition(b, d[D_IF])))
		return -1;
	if (d[D_THEN] && !(m->then = build(b, d[D_THEN])))
		return -1;
	if (d[D_ELSE] && !(m->otherwise = build(b, d[D_ELSE])))
		return -1;
	if (d[D_DO] && !(m->body = build(b, d[D_DO])))
		return -1;
	if (d[D_INCLUDE]) {
		if (d[D_INCLUDE]->kind != NODE_STRING || str_find(node_text(d[D_INCLUDE]), S("${")) >= 0)
			return fail(b, node_pos(d[D_INCLUDE]), "$include wants the name of a file, without holes%s", "");
		m->include_at = d[D_INCLUDE];
		m->include = hole_file_load(b->h, str_dup(b->h->a, node_text(d[D_INCLUDE])), d[D_INCLUDE]);
		return m->include ? 0 : -1;
	}
	return 0;
}

static int check_directives(struct builder *b, struct node *const *d, size_t plain)
{
	if ((d[D_THEN] || d[D_ELSE]) && !d[D_IF])
		return fail(b, node_pos(d[D_THEN] ? d[D_THEN] : d[D_ELSE]), "%s without $if beside it", d[D_THEN] ? "$then" : "$else");
	if (d[D_DO] && !d[D_FOR] && !d[D_LET])
		return fail(b, node_pos(d[D_DO]), "$do without $for or $let beside it%s", "");
	if (d[D_DO] && (plain || d[D_INCLUDE] || d[D_THEN]))
		return fail(b, node_pos(d[D_DO]), "$do is the whole body: move the other keys into it%s", "");
	return 0;
}

static struct tree *build_map(struct builder *b, const struct node *n)
{
	struct arena *a = b->h->a;
	struct tree *t = hole_tree_new(b->h, TREE_MAP, n);
	struct tree_map *m = t->map = NEW(a, struct tree_map);
	struct node *d[D_COUNT] = { 0 };
	bool live = false;
	size_t plain = 0;

	m->key_slot = m->item_slot = -1;
	for (size_t i = 0; i < n->n; i++) {
		size_t k = directive_of(entry_key(&n->entries[i]));
		if (k < D_COUNT)
			d[k] = n->entries[i].value;
		else
			plain++;
		live |= k < D_COUNT;
	}
	if (check_directives(b, d, plain) < 0 || build_directives(b, m, d) < 0)
		return NULL;
	m->entries = NEW_ARRAY(a, struct tree_entry, plain);
	for (size_t i = 0; i < n->n; i++) {
		const struct entry *e = &n->entries[i];
		str key = entry_key(e);
		if (hole_is_directive(key))
			continue;
		struct tree_entry *out = &m->entries[m->n++];
		*out = (struct tree_entry){ .at = e, .key = key };
		if (str_starts(key, S("$$")) && !str_starts(key, S("$${"))) {
			out->key = str_sub(key, 1, key.n);
			live = true;
		} else {
			struct pos at = { .file = b->file->path, .line = e->line, .col = e->col };
			struct tree *kt = hole_text(b->h, b->file, key, node_at(node_string(a, key), n), at);
			if (!kt)
				return NULL;
			out->key_tree = kt->kind == TREE_LITERAL ? NULL : kt;
			live |= out->key_tree != NULL;
		}
		if (!(out->value = build(b, e->value)))
			return NULL;
		live |= out->value->kind != TREE_LITERAL;
	}
	if (!live)
		t->kind = TREE_LITERAL;
	return t;
}

static struct tree *build_seq(struct builder *b, const struct node *n)
{
	struct tree *t = hole_tree_new(b->h, TREE_LITERAL, n);

	t->items = NEW_ARRAY(b->h->a, struct tree *, n->n);
	for (size_t i = 0; i < n->n; i++) {
		if (!(t->items[i] = build(b, n->items[i])))
			return NULL;
		if (t->items[i]->kind != TREE_LITERAL)
			t->kind = TREE_SEQ;
	}
	t->nitems = n->n;
	return t;
}

static struct tree *build(struct builder *b, const struct node *n)
{
	switch (n->kind) {
	case NODE_STRING:
		return hole_text(b->h, b->file, node_text(n), n, node_pos(n));
	case NODE_SEQ:
		return build_seq(b, n);
	case NODE_MAP:
		return build_map(b, n);
	default:
		return hole_tree_new(b->h, TREE_LITERAL, n);
	}
}

/* ---- files ---------------------------------------------------------------------- */
/* The first of: beside the file that asks, then in the folders of -L. */
static const char *find_file(struct holes *h, const char *name, const char *from)
{
	struct arena *a = h->a;
	const char *slash = strrchr(from, '/');

	if (name[0] == '/')
		return name;
	const char *path = slash ? str_printf(a, "%.*s%s", (int)(slash + 1 - from), from, name).p : name;
	if (access(path, F_OK) == 0)
		return path;
	for (size_t i = 0; i < h->o.nlibs; i++) {
		const char *other = str_printf(a, "%s/%s", h->o.libs[i], name).p;
		if (access(other, F_OK) == 0)
			return other;
	}
	return path;
}

static int file_build(struct holes *h, struct hole_file *f)
{
	struct builder b = { .h = h, .file = f };
	struct reader *r = reader_open_text(h->a, h->diag, &h->o.read, f->path, f->text);
	struct {
		struct hole_doc *p;
		size_t n, cap;
	} docs = { 0 };
	struct doc_comments comments = { 0 };
	struct node *n;
	int got;

	if (!r)
		return -1;
	hole_lines(h->a, f);
	f->format = reader_format(r);
	hole_comments(h, f, &comments);
	while ((got = reader_next(r, h->a, &n)) > 0) {
		if (n->kind == NODE_NULL && (n->flags & NODE_EMPTY))
			continue;
		struct hole_doc *doc = VEC_ADD(h->a, &docs);
		*doc = (struct hole_doc){ 0 };
		hole_annotate(h, &comments, n, doc);
		if (!(doc->tree = build(&b, n))) {
			got = -1;
			break;
		}
	}
	if (docs.n)
		hole_leftover(h, &comments, &docs.p[docs.n - 1].tail);
	reader_close(r);
	f->docs = docs.p;
	f->ndocs = docs.n;
	return got;
}

struct hole_file *hole_file_load(struct holes *h, const char *name, const struct node *from)
{
	struct pos pos = from ? node_pos(from) : NOWHERE;
	const char *path = from ? find_file(h, name, pos.file ? pos.file : "") : name;
	void **slot = map_at(h->a, &h->files, str_of(path));
	struct hole_file *f = *slot;

	if (f && f->loading) {
		diag_trouble(h->diag, pos, "template", "%s includes itself, directly or through others", path);
		return NULL;
	}
	if (f)
		return f;
	if (h->files.n > HOLE_MAX_FILES) {
		diag_trouble(h->diag, pos, "template", "more than %d files are included", HOLE_MAX_FILES);
		return NULL;
	}
	if (from && access(path, R_OK) < 0) {
		diag_trouble(h->diag, pos, "template", "cannot include %s: %s%s", path, strerror(errno),
		    name[0] == '/' ? "" : "; it is looked for beside this file, then in the folders of -L");
		return NULL;
	}
	*slot = f = NEW(h->a, struct hole_file);
	f->path = file_label(path);
	f->loading = true;
	if (file_read(h->a, h->diag, path, &f->text) < 0 || file_build(h, f) < 0)
		return NULL;
	f->loading = false;
	return f;
}

struct hole_file *hole_file_text(struct holes *h, const char *name, str text)
{
	struct hole_file *f = NEW(h->a, struct hole_file);

	*map_at(h->a, &h->files, str_of(name)) = f;
	*f = (struct hole_file){ .path = name, .text = text, .loading = true };
	if (file_build(h, f) < 0)
		return NULL;
	f->loading = false;
	return f;
}
