/* SPDX-License-Identifier: MIT */
/* stream: documents that are results of their own, on all cores. */
#include "merge/internal.h"

#include <stdlib.h>

struct part_state {
	struct merge_edits edits;
	struct merge_results results; /* with origins: put out at the end */
	size_t found;		      /* of what --explain tells */
	struct writer *to, own;
};

static int begin(void *ctx, struct stream_part *p)
{
	struct merge_stream *s = ctx;
	struct part_state *t = p->state ? p->state : calloc(1, sizeof(*t));

	if (!t)
		return diag_trouble(p->diag, NOWHERE, "memory", "out of memory; give the program more, or smaller inputs");
	p->state = t;
	t->results = (struct merge_results){ 0 };
	t->found = 0;
	t->edits = merge_edits_copy(&p->a, s->edits);
	merge_edits_reset(&t->edits);
	t->own = (struct writer){ .out = p->direct ? s->to->out : out_memory(&p->a, p->diag), .format = s->to->format, .count = 1 };
	t->to = p->direct ? s->to : &t->own;
	return 0;
}

static int document(void *ctx, struct stream_part *p, struct node *doc)
{
	struct merge_stream *s = ctx;
	struct part_state *t = p->state;
	struct merge_results results;
	struct history *h = s->output->explain ? history_new(p->doc) : NULL;

	if (h) /* there an alias is a value of its own */
		doc = node_copy(p->doc, doc);
	if (t->to->format == FORMAT_AUTO)
		t->to->format = p->format;
	/* What an edit makes lives as long as the document does. */
	if (merge_finish(p->doc, p->diag, s->stack, &t->edits, h, doc, &results))
		return -1;
	for (size_t i = 0; i < results.n; i++) {
		if (h) {
			if (merge_explain(p->doc, p->diag, s->output, h, results.p[i], true, t->to, &t->found))
				return -1;
			continue;
		}
		writer_put(t->to, results.p[i]);
		if (s->origins && p->direct)
			origins_put(s->origins, results.p[i]);
		else if (s->origins)
			*VEC_ADD(&p->a, &t->results) = results.p[i];
	}
	return 0;
}

/* Puts out what a part made: its first "---" only where something stands before it. */
static int end(void *ctx, struct stream_part *p)
{
	struct merge_stream *s = ctx;
	struct part_state *t = p->state;
	struct writer *to = s->to;

	if (to->format == FORMAT_AUTO)
		to->format = p->format;
	merge_edits_count(s->edits, &t->edits);
	s->found += t->found;
	if (p->direct)
		return 0;
	str text = out_text(t->own.out);
	if (to->format == FORMAT_YAML && !to->count && str_starts(text, S("---\n")))
		text = str_sub(text, 4, text.n);
	to->count += text.n > 0;
	out_write(to->out, text);
	for (size_t i = 0; i < t->results.n; i++)
		origins_put(s->origins, t->results.p[i]);
	return 0;
}

static void release(void *ctx, void *state)
{
	(void)ctx;
	free(state);
}

int merge_stream(struct merge_stream *s)
{
	struct run *r = s->run;
	struct stream_job job = {
		.threads = (size_t)r->jobs,
		.read = &s->stack->read,
		.keep = s->origins != NULL,
		.ctx = s,
		.begin = begin,
		.document = document,
		.end = end,
		.release = release,
	};

	if (stream_documents(&r->perm, &r->diag, &job, r->args, r->nargs))
		return -1;
	merge_explained(&r->diag, s->output, s->found);
	return 0;
}
