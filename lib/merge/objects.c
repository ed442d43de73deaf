/* SPDX-License-Identifier: MIT */
/* objects: layers that are streams of Kubernetes objects, merged by identity. */
#include "merge/internal.h"

#include <string.h>

struct held {
	struct node *node; /* NULL: deleted */
	struct kube_id id;
	size_t layer; /* that it was last seen in */
};
struct merge_objects {
	struct arena *a;
	struct diag *d;
	struct kube_schemas *schemas;
	enum merge_order order;
	struct history *history; /* or NULL */
	struct {
		struct held **p;
		size_t n, cap;
	} all;
	struct map by_id;
	size_t layer, files;
};

struct merge_objects *merge_objects_begin(struct arena *a, struct diag *d, struct kube_schemas *s, enum merge_order order, struct history *h)
{
	struct merge_objects *m = NEW(a, struct merge_objects);

	*m = (struct merge_objects){ .a = a, .d = d, .schemas = s, .order = order, .history = h };
	return m;
}

static str id_key(struct arena *a, const struct kube_id *id)
{
	return str_printf(a, "%.*s/%.*s/%.*s/%.*s", STR_ARG(id->group), STR_ARG(id->kind), STR_ARG(id->ns), STR_ARG(id->name));
}

static void finding(struct merge_objects *m, enum severity sev, struct node *object, const struct kube_id *id, const char *rule, str message)
{
	struct finding f = { .severity = sev, .rule = rule, .pos = node_pos(object), .message = message };

	kube_finding_id(&f, object, id);
	diag_finding(m->d, &f);
}

static void take_new(struct merge_objects *m, struct node *object, const struct kube_id *id, void **slot)
{
	struct held *h = NEW(m->a, struct held);
	struct node *empty, *out = object;
	const char *directive = node_str(node_get(object, S("$patch"))).p;

	if (m->layer && *directive) {
		str text = kube_id_text(m->a, id);
		finding(m, SEV_WARNING, object, id, "no-target",
			str_printf(m->a, "$patch: %s for %.*s meets no such object; correct its name or namespace", directive, STR_ARG(text)));
		if (!strcmp(directive, "delete"))
			return;
	}
	if (m->layer) { /* directives and nulls have nothing to act on */
		empty = node_at(node_new(m->a, NODE_MAP), object);
		merge_strategic(m->a, m->d, kube_cursor(m->schemas, id), m->order, m->history, empty, object, &out);
	}
	*h = (struct held){ .node = out, .id = *id, .layer = m->layer };
	*VEC_ADD(m->a, &m->all) = h;
	if (slot)
		*slot = h;
}

static int add_object(void *ctx, struct node *object)
{
	struct merge_objects *m = ctx;
	const char *why = "";
	struct kube_id id = { 0 };
	struct held *h;
	void **slot;

	if (!kube_identify(object, &id, &why)) {
		finding(m, SEV_ERROR, object, &id, "no-object", str_printf(m->a, "this is no Kubernetes object: %s; it is put out as it is", why));
		take_new(m, object, &id, NULL);
		return 0;
	}
	slot = map_at(m->a, &m->by_id, id_key(m->a, &id));
	h = *slot;
	if (!h || !h->node) {
		take_new(m, object, &id, slot);
		return 0;
	}
	if (h->layer == m->layer) {
		struct pos p = node_pos(h->node);
		str text = kube_id_text(m->a, &id);
		finding(m, m->layer ? SEV_WARNING : SEV_ERROR, object, &id, "duplicate-object",
			str_printf(m->a, "%.*s is in this layer twice (%s:%u); the later is merged into the earlier", STR_ARG(text),
				   p.file ? p.file : "?", (unsigned)p.line));
	}
	h->layer = m->layer;
	merge_strategic(m->a, m->d, kube_cursor(m->schemas, &h->id), m->order, m->history, h->node, object, &h->node);
	return 0;
}

static void merge_objects_add(struct merge_objects *m, struct node *doc)
{
	if (doc->kind == NODE_NULL)
		return;
	if (m->history) /* there an alias is a value of its own */
		doc = node_copy(m->a, doc);
	if (doc->source && doc->source->ntags && m->layer)
		diag_at(m->d, SEV_ERROR, node_pos(doc), "unused-tag",
			"tags such as %s mean nothing with --kubernetes; say it with $patch, or leave the lists to the API's keys",
			doc->source->tags[0]);
	kube_flatten(m->a, doc, add_object, m);
}

int merge_objects_read(struct merge_objects *m, const struct read_options *o, const char *path, enum format *format)
{
	struct reader *in = reader_open(m->a, m->d, o, path);
	struct node *doc;
	int got;

	if (!in)
		return -1;
	m->layer += m->files++ > 0;
	while ((got = reader_next(in, m->a, &doc)) > 0)
		merge_objects_add(m, doc);
	if (*format == FORMAT_AUTO)
		*format = reader_format(in);
	reader_close(in);
	return got;
}

struct node **merge_objects_end(struct merge_objects *m, size_t *n)
{
	struct node **out = NEW_ARRAY(m->a, struct node *, m->all.n + 1);

	*n = 0;
	for (size_t i = 0; i < m->all.n; i++)
		if (m->all.p[i]->node)
			out[(*n)++] = m->all.p[i]->node;
	return out;
}
