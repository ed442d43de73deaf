/* SPDX-License-Identifier: MIT */
/*
 * The side file that says where each node of an output was written.  JSON Lines:
 *
 *   {"origins":1}
 *   {"source":0,"file":"prod.yaml","layer":"prod"}    before its first use
 *   {"tree":NODE}                                     a document
 *   {"lines":[[SOURCE,LINE,COL],…]}                   further lines of a text
 *
 * NODE is [SOURCE,LINE,COL], for maps with a fourth element {KEY:[LINE,COL,NODE]},
 * for lists [NODE,…].  [] is a node that no file holds.
 */
#include <string.h>

#include "doc/doc.h"

#define DEEPEST (DOC_MAX_DEPTH - 4)

/* ---- writing -------------------------------------------------------------------- */

struct origins_writer {
	struct out *out;
	struct arena *a;
	struct map sources; /* "NAME\0LAYER" to index + 1 */
	const void *last;   /* source or file name looked up last */
	size_t last_index;
};

struct origins_writer *origins_create(struct arena *a, struct diag *d, const char *path)
{
	struct origins_writer *w = NEW(a, struct origins_writer);

	w->a = a;
	w->out = out_open(a, d, path);
	if (!w->out)
		return NULL;
	out_write(w->out, S("{\"origins\":1}\n"));
	return w;
}

static size_t source_index(struct origins_writer *w, const char *name, const char *layer)
{
	str key = layer ? str_printf(w->a, "%s%c%s", name, 0, layer) : str_of(name);
	void **slot = map_at(w->a, &w->sources, layer ? key : str_copy(w->a, key));

	if (!*slot) {
		*slot = (void *)(uintptr_t)w->sources.n;
		out_printf(w->out, "{\"source\":%zu,\"file\":", w->sources.n - 1);
		json_string(w->out, str_of(name));
		if (layer) {
			out_write(w->out, S(",\"layer\":"));
			json_string(w->out, str_of(layer));
		}
		out_write(w->out, S("}\n"));
	}
	return (size_t)(uintptr_t)*slot - 1;
}

static size_t index_of(struct origins_writer *w, const void *id, const char *name, const char *layer)
{
	if (w->last != id) {
		w->last_index = source_index(w, name, layer);
		w->last = id;
	}
	return w->last_index;
}

/* Sources are told before the document that uses them. */
static void tell_sources(struct origins_writer *w, const struct node *n)
{
	if (n->source)
		index_of(w, n->source, n->source->name, n->source->layer);
	for (uint32_t i = 0; n->kind >= NODE_SEQ && i < n->n; i++)
		tell_sources(w, n->kind == NODE_MAP ? n->entries[i].value : n->items[i]);
}

static void number(struct out *o, size_t v)
{
	char buf[24], *p = buf + sizeof(buf);

	do
		*--p = (char)('0' + v % 10);
	while (v /= 10);
	out_write(o, (str){ p, (size_t)(buf + sizeof(buf) - p) });
}

/* depth: of the JSON written; past DEEPEST, which a reader would refuse, nodes take the place of their ancestor. */
static void put_node(struct origins_writer *w, const struct node *n, int depth)
{
	struct out *o = w->out;
	bool parts = n->kind >= NODE_SEQ && n->n && depth < DEEPEST;

	out_char(o, '[');
	if (n->source) {
		number(o, index_of(w, n->source, n->source->name, n->source->layer));
		out_char(o, ',');
		number(o, n->line);
		out_char(o, ',');
		number(o, n->col);
	} else if (parts) {
		out_write(o, S("null,0,0"));
	}
	if (parts) {
		out_write(o, n->kind == NODE_MAP ? S(",{") : S(",["));
		for (uint32_t i = 0; i < n->n; i++) {
			if (i)
				out_char(o, ',');
			if (n->kind == NODE_SEQ) {
				put_node(w, n->items[i], depth + 2);
				continue;
			}
			const struct entry *e = &n->entries[i];
			json_string(o, entry_key(e));
			out_write(o, S(":["));
			number(o, e->line);
			out_char(o, ',');
			number(o, e->col);
			out_char(o, ',');
			put_node(w, e->value, depth + 3);
			out_char(o, ']');
		}
		out_char(o, n->kind == NODE_MAP ? '}' : ']');
	}
	out_char(o, ']');
}

void origins_put(struct origins_writer *w, const struct node *doc)
{
	w->last = NULL; /* sources of other documents may have stood in the same place */
	tell_sources(w, doc);
	out_write(w->out, S("{\"tree\":"));
	put_node(w, doc, 2);
	out_write(w->out, S("}\n"));
}

void origins_put_lines(struct origins_writer *w, const struct pos *lines, const struct pos *values, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (int k = 0; k < 2; k++) {
			const struct pos *at = k ? values ? &values[i] : NULL : &lines[i];

			if (at && at->file)
				index_of(w, at->file, at->file, NULL);
		}
	out_write(w->out, S("{\"lines\":["));
	for (size_t i = 0; i < n; i++) {
		if (i)
			out_char(w->out, ',');
		if (!lines[i].file) {
			out_write(w->out, S("[]"));
			continue;
		}
		out_printf(w->out, "[%zu,%u,%u", index_of(w, lines[i].file, lines[i].file, NULL), (unsigned)lines[i].line,
			   (unsigned)lines[i].col);
		if (values && values[i].file)
			out_printf(w->out, ",%zu,%u,%u", index_of(w, values[i].file, values[i].file, NULL), (unsigned)values[i].line,
				   (unsigned)values[i].col);
		out_char(w->out, ']');
	}
	out_write(w->out, S("]}\n"));
}

void origins_abort(struct origins_writer *w)
{
	out_abort(w->out);
}

int origins_close(struct origins_writer *w)
{
	return out_close(w->out);
}

/* ---- reading -------------------------------------------------------------------- */

struct place {
	const struct source *source; /* NULL: not known */
	uint32_t line, col;
};
struct origins {
	struct arena *a;
	struct arena scratch; /* of one record */
	struct diag *diag;
	struct reader *reader;
	const char *path;
	struct {
		const struct source **p;
		size_t n, cap;
	} sources;
	struct {
		struct place *p; /* of a line: the template's, then its value's */
		size_t n, cap;
	} lines;
	const struct source *apart, *apart_value; /* made last by apart() */
	struct node *tree;			   /* of document `index` */
	size_t index, trees;
	bool end;
};

static const char *text_or_null(struct arena *a, const struct node *n)
{
	return node_is(n, NODE_STRING) ? str_dup(a, node_text(n)) : NULL;
}

static struct place place_at(const struct origins *o, const struct node *n, uint32_t i, struct place otherwise)
{
	int64_t source, line, col;

	if (!node_is(n, NODE_SEQ) || n->n < i + 3 || !node_to_i64(n->items[i], &source) || !node_to_i64(n->items[i + 1], &line) ||
	    !node_to_i64(n->items[i + 2], &col) || source < 0 || line < 0 || col < 0 || source >= (int64_t)o->sources.n)
		return otherwise;
	return (struct place){ o->sources.p[source], (uint32_t)line, (uint32_t)col };
}

static struct place place_of(const struct origins *o, const struct node *n, struct place otherwise)
{
	return place_at(o, n, 0, otherwise);
}

static void take_lines(struct origins *o, const struct node *lines)
{
	struct place last = o->lines.n ? o->lines.p[o->lines.n - 2] : (struct place){ 0 };

	for (uint32_t i = 0; i < lines->n; i++) {
		last = place_of(o, lines->items[i], last);
		*VEC_ADD(o->a, &o->lines) = last;
		*VEC_ADD(o->a, &o->lines) = place_at(o, lines->items[i], 3, (struct place){ 0 });
	}
}

static void finish(struct origins *o)
{
	if (!o->end)
		reader_close(o->reader);
	o->end = true;
	o->tree = NULL;
	arena_free(&o->scratch);
}

void origins_free(struct origins *o)
{
	if (o)
		finish(o);
}

/* Reads on to the next tree.  false: there is none. */
static bool next_tree(struct origins *o)
{
	struct node *n, *v;

	o->tree = NULL;
	arena_reset(&o->scratch);
	while (!o->end && reader_next(o->reader, &o->scratch, &n) == 1) {
		if ((v = node_get(n, S("tree")))) {
			o->tree = v;
			o->index = o->trees++;
			return true;
		}
		if ((v = node_get(n, S("source")))) {
			struct source *s = NEW(o->a, struct source);
			s->name = text_or_null(o->a, node_get(n, S("file")));
			s->layer = text_or_null(o->a, node_get(n, S("layer")));
			if (!s->name)
				s->name = o->path;
			*VEC_ADD(o->a, &o->sources) = s;
		} else if (node_is(v = node_get(n, S("lines")), NODE_SEQ)) {
			take_lines(o, v);
		}
		arena_reset(&o->scratch);
	}
	finish(o);
	return false;
}

struct origins *origins_read(struct arena *a, struct diag *d, const char *path)
{
	static const struct read_options json = { .input = FORMAT_JSON, .max_nodes = 16 * (int64_t)DOC_MAX_NODES };
	struct origins *o = NEW(a, struct origins);
	struct node *head;
	int64_t version;

	o->a = a;
	o->diag = d;
	o->path = path;
	o->reader = reader_open(a, d, &json, path);
	if (!o->reader)
		return NULL;
	int got = reader_next(o->reader, &o->scratch, &head);
	if (got < 0) {
		finish(o);
		return NULL;
	}
	if (!got || !node_to_i64(node_get(head, S("origins")), &version) || version != 1) {
		diag_trouble(d, IN_FILE(path), "origins", "this is no file of origins; --origins-out of config-merge or render writes one");
		finish(o);
		return NULL;
	}
	next_tree(o); /* the first, and all lines of a text */
	return o;
}

struct origins *origins_read_after(struct arena *a, struct diag *d, const char *path, const char *const *inputs, size_t n)
{
	bool piped = !n;

	for (size_t i = 0; i < n; i++)
		piped |= strcmp(inputs[i], "-") == 0;
	return piped && stdin_spool(a, d) ? NULL : origins_read(a, d, path);
}

static void set(struct origins *o, struct node *n, struct place at)
{
	if (!at.source)
		return;
	if (n->tag && n->source) { /* a tag is an index into its source's tags */
		struct source *s = NEW(o->a, struct source);
		*s = *at.source;
		s->tags = n->source->tags;
		s->ntags = n->source->ntags;
		n->source = s;
	} else {
		n->source = at.source;
	}
	n->line = at.line;
	n->col = at.col;
}

/* `at` is where the nearest ancestor stands that the file knows. */
static void apply_tree(struct origins *o, struct node *n, const struct node *from, struct place at)
{
	at = place_of(o, from, at);
	set(o, n, at);
	if (n->kind < NODE_SEQ)
		return;
	const struct node *parts = node_is(from, NODE_SEQ) && from->n > 3 ? from->items[3] : NULL;
	for (uint32_t i = 0; i < n->n; i++) {
		if (n->kind == NODE_SEQ) {
			apply_tree(o, n->items[i], node_is(parts, NODE_SEQ) && i < parts->n ? parts->items[i] : NULL, at);
			continue;
		}
		struct entry *e = &n->entries[i];
		const struct node *known = node_get(parts, entry_key(e));
		int64_t line = 0, col = 0;
		bool key = node_is(known, NODE_SEQ) && known->n == 3 && node_to_i64(known->items[0], &line) && node_to_i64(known->items[1], &col);
		apply_tree(o, e->value, key ? known->items[2] : NULL, at);
		e->line = key && line ? (uint32_t)line : e->value->line;
		e->col = key && line ? (uint32_t)col : e->value->col;
	}
}

static struct place line_place(const struct origins *o, uint32_t line, bool scalar)
{
	size_t i = 2 * ((size_t)line - 1);

	if (!line || i >= o->lines.n)
		return (struct place){ 0 };
	return scalar && o->lines.p[i + 1].source ? o->lines.p[i + 1] : o->lines.p[i];
}

/* A value's source that tells of a key which stands elsewhere. */
static const struct source *apart(struct origins *o, const struct source *value, const struct source *key)
{
	if (!o->apart || o->apart_value != value || o->apart->keys != key) {
		struct source *s = NEW(o->a, struct source);
		*s = *value;
		s->keys = key;
		o->apart = s;
		o->apart_value = value;
	}
	return o->apart;
}

/* read: the source that nodes have as long as they were not visited; aliases share nodes. */
static void apply_lines(struct origins *o, struct node *n, const struct source *read)
{
	if (n->source != read)
		return;
	set(o, n, line_place(o, n->line, n->kind < NODE_SEQ));
	for (uint32_t i = 0; n->kind >= NODE_SEQ && i < n->n; i++) {
		if (n->kind == NODE_SEQ) {
			apply_lines(o, n->items[i], read);
			continue;
		}
		struct entry *e = &n->entries[i];
		struct place key = line_place(o, e->line, false);
		apply_lines(o, e->value, read);
		if (!key.source)
			continue;
		if (key.source != e->value->source && e->value->kind < NODE_SEQ)
			e->value->source = apart(o, e->value->source, key.source);
		bool same = key.source == e->value->source || e->value->source->keys;
		e->line = same ? key.line : e->value->line;
		e->col = same ? key.col : e->value->col;
	}
}

void origins_apply(struct origins *o, size_t index, struct node *doc)
{
	if (o->lines.n) {
		apply_lines(o, doc, doc->source);
		return;
	}
	while (!o->end && o->index < index)
		next_tree(o);
	if (o->tree && o->index == index)
		apply_tree(o, doc, o->tree, (struct place){ 0 });
}
