/* SPDX-License-Identifier: MIT */
/* ApplicationSets: a template filled with what their generators give. */
#include "argocd/internal.h"

struct expanding {
	struct argocd *x;
	const struct node *set, *spec;
	struct filling f;
	struct map names;
	struct nodes *out;
};

/* Maps merge, null takes away, everything else replaces. */
static struct node *merged(struct arena *a, const struct node *below, const struct node *over)
{
	struct node *out = node_clone(a, below);

	for (uint32_t i = 0; i < over->n; i++) {
		const struct entry *e = &over->entries[i];
		struct node *old = node_get(out, entry_key(e));
		if (e->value->kind == NODE_NULL)
			node_remove(out, entry_key(e));
		else
			node_put(a, out, entry_key(e), node_is(old, NODE_MAP) && e->value->kind == NODE_MAP ? merged(a, old, e->value) : e->value);
	}
	return out;
}

static int patch(struct expanding *e, struct node **app)
{
	const struct node *text = node_get(e->spec, S("templatePatch"));
	struct arena *a = e->x->a;
	struct node *doc;
	str filled;

	if (!text)
		return 0;
	if (fill_text(&e->f, text, node_str(text), &filled) < 0 ||
	    read_text(a, e->x->diag, &e->x->o->read, node_pos(text).file ? node_pos(text).file : "templatePatch", filled, &doc) < 0)
		return -1;
	if (doc->kind == NODE_MAP)
		*app = merged(a, *app, doc);
	return 0;
}

/* The parts that Argo CD adds: the set's namespace, and a finalizer. */
static void complete(struct expanding *e, struct node *app)
{
	struct arena *a = e->x->a;
	struct node *meta = node_get(app, S("metadata"));
	str ns = node_get_str(node_get(e->set, S("metadata")), S("namespace"));

	if (ns.n)
		node_put(a, meta, S("namespace"), node_at(node_string(a, ns), e->set));
	if (node_get(meta, S("finalizers")) || node_true(node_get(node_get(e->spec, S("syncPolicy")), S("preserveResourcesOnDeletion"))))
		return;
	struct node *list = node_at(node_new(a, NODE_SEQ), e->set);
	node_push(a, list, node_at(node_string(a, S("resources-finalizer.argocd.argoproj.io")), e->set));
	node_put(a, meta, S("finalizers"), list);
}

static int expand_one(struct expanding *e, struct node *template, struct node *params)
{
	struct arena *a = e->x->a;
	struct node *app = node_at(node_new(a, NODE_MAP), template), *filled;

	e->f.params = params;
	if (!(filled = fill(&e->f, template)))
		return -1;
	node_put(a, app, S("apiVersion"), node_at(node_string(a, S("argoproj.io/v1alpha1")), template));
	node_put(a, app, S("kind"), node_at(node_string(a, S("Application")), template));
	struct node *meta = node_get(filled, S("metadata")), *spec = node_get(filled, S("spec"));
	node_put(a, app, S("metadata"), meta ? node_clone(a, meta) : node_new(a, NODE_MAP));
	node_put(a, app, S("spec"), spec ? spec : node_new(a, NODE_MAP));
	if (patch(e, &app) < 0)
		return -1;
	complete(e, app);
	str name = node_get_str(node_get(app, S("metadata")), S("name"));
	if (name.n == 0)
		return diag_trouble(e->x->diag, node_pos(template), "argocd", "the template gives the Application no name");
	void **slot = map_at(a, &e->names, name);
	if (*slot)
		return diag_trouble(e->x->diag, node_pos(template), "argocd", "two Applications of this set are called \"%.*s\"", STR_ARG(name));
	*slot = app;
	*VEC_ADD(a, e->out) = app;
	return 0;
}

int expand_set(struct argocd *x, const struct node *set, struct nodes *out)
{
	const struct node *spec = node_get(set, S("spec")), *list = node_get(spec, S("generators")), *options = node_get(spec, S("goTemplateOptions"));
	struct node *template = node_get(spec, S("template"));
	struct expanding e = { .x = x, .set = set, .spec = spec, .out = out, .f = { .x = x, .go = node_true(node_get(spec, S("goTemplate"))) } };

	if (!node_is(list, NODE_SEQ) || !node_is(template, NODE_MAP))
		return diag_trouble(x->diag, node_pos(set), "argocd", "an ApplicationSet has generators and a template");
	for (uint32_t i = 0; node_is(options, NODE_SEQ) && i < options->n; i++)
		e.f.strict |= str_eq(node_str(options->items[i]), S("missingkey=error"));
	for (uint32_t i = 0; i < list->n; i++) {
		struct nodes params = { 0 };
		struct node *own = NULL;
		for (uint32_t k = 0; node_is(list->items[i], NODE_MAP) && k < list->items[i]->n; k++)
			if (node_get(list->items[i]->entries[k].value, S("template")))
				own = node_get(list->items[i]->entries[k].value, S("template"));
		if (generate(x, list->items[i], e.f.go, 0, &params) < 0)
			return -1;
		for (size_t k = 0; k < params.n; k++)
			if (expand_one(&e, own ? values_merge(x->a, template, own) : template, params.p[k]) < 0)
				return -1;
	}
	return 0;
}
