/* SPDX-License-Identifier: MIT */
/* Reads rendered manifests as documents whose nodes stand where the templates wrote them. */
#include "chart/internal.h"

struct placing {
	struct arena *a;
	struct map sources; /* by file */
	const struct manifest *m;
};

static const struct source *source_of(struct placing *p, const char *file)
{
	void **at = map_at(p->a, &p->sources, str_of(file));

	if (!*at) {
		struct source *s = NEW(p->a, struct source);
		s->name = file;
		*at = s;
	}
	return *at;
}

static const struct pos *line_of(const struct placing *p, uint32_t line, bool scalar)
{
	bool known = line > 0 && line <= p->m->nlines;
	const struct pos *pos = known ? &p->m->lines[line - 1] : NULL;

	if (known && scalar && p->m->values && p->m->values[line - 1].file)
		return &p->m->values[line - 1];

	return pos && pos->file ? pos : NULL;
}

/* The tree was read for us alone; nodes that an alias shares are met twice and moved once. */
static void place(struct placing *p, struct node *n, const struct source *read)
{
	const struct pos *pos = line_of(p, n->line, n->kind < NODE_SEQ);

	if (n->source != read)
		return;
	for (uint32_t i = 0; n->kind == NODE_MAP && i < n->n; i++) {
		struct entry *e = &n->entries[i];
		const struct pos *key = e->value->source == read ? line_of(p, e->line, e->value->kind < NODE_SEQ) : NULL;
		if (key) {
			e->line = key->line;
			e->col = key->col;
		}
		place(p, e->value, read);
	}
	for (uint32_t i = 0; n->kind == NODE_SEQ && i < n->n; i++)
		place(p, n->items[i], read);
	if (pos) {
		n->source = source_of(p, pos->file);
		n->line = pos->line;
		n->col = pos->col;
	}
}

int rendered_docs(struct arena *a, struct diag *d, const struct rendered *r, int (*put)(void *ctx, struct node *doc), void *ctx)
{
	const struct read_options o = { .input = FORMAT_YAML, .duplicates = 1 };
	struct placing p = { .a = a };
	int bad = 0;

	for (size_t i = 0; i < r->n && !bad; i++) {
		manifest_lines(a, &r->p[i]);
		struct diag quiet; /* what is to be said of duplicate keys has been said */
		struct node *n;
		int got;
		diag_fork(&quiet, d, a);
		/* The newline that ends it in print belongs to a block scalar at its end. */
		str text = str_printf(a, "%.*s\n", STR_ARG(r->p[i].text));
		struct reader *reader = reader_open_text(a, &quiet, &o, str_dup(a, r->p[i].source), text);
		p.m = &r->p[i];
		while (reader && (got = reader_next(reader, a, &n)) > 0 && !bad) {
			if (n->kind == NODE_NULL)
				continue;
			place(&p, n, n->source);
			bad = put(ctx, n);
		}
		if (reader)
			reader_close(reader);
		if (quiet.troubles) {
			diag_join(d, &quiet);
			bad = -1;
		}
	}
	return bad;
}
