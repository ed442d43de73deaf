/* SPDX-License-Identifier: MIT */
/* stack: the files of the layers, read, merged and edited into one result. */
#include "merge/internal.h"

#include <stdlib.h>

struct stacking {
	struct arena *a;
	struct diag *d;
	const struct merge_stack *s;
	struct merge *merge;
	size_t documents, files;
	enum format format;
};

static int read_layers(struct stacking *t, const char *path)
{
	struct reader *in = reader_open(t->a, t->d, &t->s->read, path);
	bool base = t->s->merge.helm && t->files++ == 0; /* the chart's values, even if there are none */
	size_t n = 0;
	struct node *layer;
	int got;

	if (!in)
		return -1;
	while ((got = reader_next(in, t->a, &layer)) > 0) {
		if (n++ && !t->s->layers) {
			got = diag_trouble(t->d, node_pos(layer), "documents",
					   "a second document in one input; take all as layers with --layers, each for itself "
					   "with --each, or merge Kubernetes objects by identity with --kubernetes");
			break;
		}
		t->documents++;
		if (layer->kind != NODE_NULL || !(layer->flags & NODE_EMPTY))
			merge_layer(t->merge, layer);
		else if (base && n == 1)
			merge_layer(t->merge, node_at(node_new(t->a, NODE_MAP), layer));
	}
	if (!n && base)
		merge_layer(t->merge, node_new(t->a, NODE_MAP));
	if (t->format == FORMAT_AUTO)
		t->format = reader_format(in);
	reader_close(in);
	return got;
}

/* keys by bytes, all the way down */
static struct node *merge_sorted(struct arena *a, struct node *n);

int merge_finish(struct arena *a, struct diag *d, const struct merge_stack *s, struct merge_edits *edits, struct history *h, struct node *n,
		 struct merge_results *out)
{
	for (size_t i = 0; i < s->env.n; i++) {
		struct node *old = n;
		n = merge_env(a, d, &s->read, n, s->env.p[i], s->environ_list, s->merge.unused);
		history_follow(h, old, n, n);
	}
	if (merge_edits_apply(a, d, edits, h, n, out))
		return -1;
	for (size_t i = 0; s->sort_keys && i < out->n; i++)
		out->p[i] = merge_sorted(a, out->p[i]);
	return 0;
}

static int read_rules(struct arena *a, struct diag *d, const struct merge_stack *s, struct merge_rules **rules)
{
	struct node *list;

	if (read_file(a, d, &s->read, s->rules, &list))
		return -1;
	*rules = merge_rules_read(a, d, list);
	return *rules ? 0 : -1;
}

int merge_stack_run(struct arena *a, struct diag *d, const struct merge_stack *s, struct merge_edits *edits, const char *const *paths, size_t n,
		    struct merge_stack_result *out)
{
	struct stacking t = { .a = a, .d = d, .s = s };
	struct merge_options o = s->merge;
	struct node *result;
	int bad = 0;

	*out = (struct merge_stack_result){ 0 };
	if (s->rules && read_rules(a, d, s, &o.rules))
		return -1;
	o.history = out->history = s->keep_history || o.unused ? history_new(a) : NULL;
	t.merge = merge_begin(a, d, &o);
	for (size_t i = 0; !bad && i < n; i++)
		bad = read_layers(&t, paths[i]);
	result = merge_end(t.merge);
	out->format = t.format;
	if (bad)
		return -1;
	if (o.rules)
		merge_rules_unused(o.rules, d, result);
	if (!result && (t.documents || edits->n || s->env.n)) {
		result = node_new(a, NODE_NULL);
		result->flags |= NODE_EMPTY;
	}
	return result ? merge_finish(a, d, s, edits, out->history, result, &out->docs) : 0;
}

/* ---- sorted keys ----------------------------------------------------------------- */
static int by_key(const void *x, const void *y)
{
	return str_cmp(entry_key(*(const struct entry *const *)x), entry_key(*(const struct entry *const *)y));
}

static struct node *merge_sorted(struct arena *a, struct node *n)
{
	const struct entry **order;
	struct node *to;

	if (n->kind < NODE_SEQ || !n->n)
		return n;
	if (n->kind == NODE_SEQ) {
		to = node_clone(a, n);
		for (uint32_t i = 0; i < n->n; i++)
			to->items[i] = merge_sorted(a, n->items[i]);
		return to;
	}
	to = node_at(node_new(a, NODE_MAP), n);
	order = NEW_ARRAY(a, const struct entry *, n->n);
	for (uint32_t i = 0; i < n->n; i++)
		order[i] = &n->entries[i];
	qsort(order, n->n, sizeof(*order), by_key);
	for (uint32_t i = 0; i < n->n; i++) {
		struct entry *e = node_put(a, to, entry_key(order[i]), merge_sorted(a, order[i]->value));
		e->line = order[i]->line;
		e->col = order[i]->col;
	}
	return to;
}
