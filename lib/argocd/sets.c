/* SPDX-License-Identifier: MIT */
/* ApplicationSets: a template filled with what their generators give, patched, and put in the order of its rollout. */
#include <string.h>

#include "argocd/internal.h"
#include "kustomize/kustomize.h"

struct expanding {
	struct argocd *x;
	const struct node *set, *spec;
	struct filling f;
	struct map names;
	struct nodes apps;
};

/* ---- templatePatch --------------------------------------------------------------------------- */
/* Argo CD cannot merge maps within valuesObject: it knows no type there. */
static int check_values(struct expanding *e, const struct node *app, const struct node *patch)
{
	for (uint32_t i = 0; node_is(app, NODE_MAP) && node_is(patch, NODE_MAP) && i < patch->n; i++) {
		str key = entry_key(&patch->entries[i]);
		const struct node *below = node_get(app, key), *over = patch->entries[i].value;
		if (!str_eq(key, S("valuesObject"))) {
			if (check_values(e, below, over) < 0)
				return -1;
			continue;
		}
		for (uint32_t k = 0; node_is(below, NODE_MAP) && node_is(over, NODE_MAP) && k < over->n; k++) {
			const struct node *old = node_get(below, entry_key(&over->entries[k]));
			if (old && old->kind >= NODE_SEQ && old->kind == over->entries[k].value->kind)
				return diag_trouble(e->x->diag, entry_pos(&over->entries[k]), "argocd",
						    "templatePatch and template both have valuesObject.%.*s, and Argo CD does not merge these; leave it to one of them",
						    STR_ARG(entry_key(&over->entries[k])));
		}
	}
	return 0;
}

static int apply_patch(struct expanding *e, struct node *patch, struct node **app)
{
	struct argocd *x = e->x;
	struct node *project = node_get(node_get(*app, S("spec")), S("project")), *out = NULL;

	if (kustomize_patch_object(x->a, x->diag, *app, patch, &out) < 0)
		return -1;
	if (!node_is(out, NODE_MAP) || !node_is(node_get(out, S("metadata")), NODE_MAP) || !node_is(node_get(out, S("spec")), NODE_MAP))
		return diag_trouble(x->diag, node_pos(patch), "argocd", "templatePatch leaves no Application");
	*app = node_clone(x->a, out);
	struct node *spec = node_clone(x->a, node_get(out, S("spec"))); /* the project is the template's own */
	if (project)
		node_put(x->a, spec, S("project"), project);
	else
		node_remove(spec, S("project"));
	node_put(x->a, *app, S("spec"), spec);
	return 0;
}

static int patch(struct expanding *e, struct node **app)
{
	const struct node *text = node_get(e->spec, S("templatePatch"));
	struct node *doc;
	str filled;

	if (!text || text->kind == NODE_NULL)
		return 0;
	if (fill_text(&e->f, text, node_str(text), &filled) < 0 || read_inner(e->x, text, filled, true, &doc) < 0)
		return -1;
	if (doc->kind == NODE_NULL)
		return 0;
	if (doc->kind != NODE_MAP)
		return diag_trouble(e->x->diag, node_pos(doc), "argocd", "templatePatch must be a map, not %s", kind_name((enum kind)doc->kind));
	return check_values(e, *app, doc) < 0 ? -1 : apply_patch(e, doc, app);
}

/* ---- one Application ---------------------------------------------------------------------------- */
static bool wants_finalizer(struct expanding *e, const struct node *meta)
{
	const struct node *own = node_get(meta, S("finalizers"));

	return !(own && own->n) && !node_true(node_get(node_get(e->spec, S("syncPolicy")), S("preserveResourcesOnDeletion")));
}

static struct node *application(struct expanding *e, struct node *template, struct node *filled, bool finalizer)
{
	static const char *const kept[] = { "annotations", "labels", "name", "finalizers" };
	struct arena *a = e->x->a;
	struct node *app = node_at(node_new(a, NODE_MAP), template), *meta = node_at(node_new(a, NODE_MAP), template), *v;
	struct node *spec = node_get(filled, S("spec"));

	node_put(a, app, S("apiVersion"), node_at(node_string(a, S("argoproj.io/v1alpha1")), template));
	node_put(a, app, S("kind"), node_at(node_string(a, S("Application")), template));
	for (uint32_t i = 0; node_is(node_get(filled, S("metadata")), NODE_MAP) && i < node_get(filled, S("metadata"))->n; i++) {
		struct entry *from = &node_get(filled, S("metadata"))->entries[i];
		for (size_t k = 0; k < COUNT(kept); k++)
			if (str_eq(entry_key(from), str_of(kept[k])))
				node_put(a, meta, entry_key(from), from->value);
	}
	if (finalizer && wants_finalizer(e, meta)) {
		v = node_at(node_new(a, NODE_SEQ), e->set);
		node_push(a, v, node_at(node_string(a, S("resources-finalizer.argocd.argoproj.io")), e->set));
		node_put(a, meta, S("finalizers"), v);
	}
	node_put(a, app, S("metadata"), meta);
	node_put(a, app, S("spec"), node_is(spec, NODE_MAP) ? spec : node_at(node_new(a, NODE_MAP), template));
	return app;
}

static int expand_one(struct expanding *e, struct node *template, struct node *params)
{
	struct argocd *x = e->x;
	struct node *filled = template;
	str ns = node_get_str(node_get(e->set, S("metadata")), S("namespace"));

	e->f.params = params;
	if (params->n && !(filled = fill(&e->f, template))) /* without parameters the template stays as it is */
		return -1;
	struct node *app = application(e, template, filled, params->n > 0);
	if (patch(e, &app) < 0)
		return -1;
	struct node *meta = node_clone(x->a, node_get(app, S("metadata")));
	node_remove(meta, S("namespace"));
	if (ns.n) /* always the set's */
		node_put(x->a, meta, S("namespace"), node_at(node_string(x->a, ns), e->set));
	node_put(x->a, app, S("metadata"), meta);
	str name = node_get_str(meta, S("name"));
	if (name.n == 0)
		return diag_trouble(x->diag, node_pos(template), "argocd", "the template gives the Application no name");
	void **slot = map_at(x->a, &e->names, name);
	if (*slot) { /* Argo CD makes none of the two; the others stand */
		diag_trouble(x->diag, node_pos(template), "argocd", "two Applications of this set are called \"%.*s\"", STR_ARG(name));
		for (size_t i = 0; i < e->apps.n; i++)
			if (e->apps.p[i] == *slot)
				memmove(e->apps.p + i, e->apps.p + i + 1, (--e->apps.n - i) * sizeof *e->apps.p);
		return 0;
	}
	*slot = app;
	*VEC_ADD(x->a, &e->apps) = app;
	return 0;
}

/* ---- rollout ------------------------------------------------------------------------------------- */
static bool step_takes(const struct node *step, const struct node *labels)
{
	const struct node *list = node_get(step, S("matchExpressions"));

	for (uint32_t i = 0; node_is(list, NODE_SEQ) && i < list->n; i++) {
		const struct node *e = list->items[i], *values = node_get(e, S("values")), *has = node_get(labels, node_get_str(e, S("key")));
		bool in = false, not_in = str_eq(node_get_str(e, S("operator")), S("NotIn"));
		for (uint32_t k = 0; has && node_is(values, NODE_SEQ) && k < values->n; k++)
			in |= str_eq(node_str(has), node_str(values->items[k]));
		if (has ? in == not_in : !not_in)
			return false;
	}
	return true;
}

static void say_step(struct expanding *e, struct pos pos, const char *what, struct node **apps, size_t n)
{
	struct buf b = BUF(e->x->a);

	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%s%.*s", i ? ", " : "", STR_ARG(node_get_str(node_get(apps[i], S("metadata")), S("name"))));
	diag_at(e->x->diag, SEV_NOTE, pos, "rolling-sync", "%s%.*s", what, STR_ARG(n ? buf_str(&b) : S("none")));
}

/* Applications in the order of strategy.rollingSync, and notes that show it. */
static int roll_out(struct expanding *e, struct nodes *out)
{
	const struct node *strategy = node_get(e->spec, S("strategy")), *steps = node_get(node_get(strategy, S("rollingSync")), S("steps"));
	bool rolling = str_eq(node_get_str(strategy, S("type")), S("RollingSync")) && node_is(steps, NODE_SEQ);
	struct arena *a = e->x->a;
	bool *taken = NEW_ARRAY(a, bool, e->apps.n + 1);

	for (uint32_t k = 0; rolling && k <= steps->n; k++) {
		bool last = k == steps->n;
		const struct node *most = last ? NULL : node_get(steps->items[k], S("maxUpdate"));
		size_t from = out->n;
		for (size_t i = 0; i < e->apps.n; i++) {
			if (taken[i] || !(last || step_takes(steps->items[k], node_get(node_get(e->apps.p[i], S("metadata")), S("labels")))))
				continue;
			taken[i] = true;
			*VEC_ADD(a, out) = e->apps.p[i];
		}
		str at_once = most ? str_printf(a, ", at most %.*s at once", STR_ARG(node_str(most))) : S("");
		const char *what = last ? "in no step, to be synced by hand: " : str_printf(a, "step %u of %u%.*s: ", k + 1, steps->n, STR_ARG(at_once)).p;
		if (!last || out->n > from)
			say_step(e, node_pos(last ? steps : steps->items[k]), what, out->n > from ? out->p + from : NULL, out->n - from);
	}
	if (!rolling)
		for (size_t i = 0; i < e->apps.n; i++)
			*VEC_ADD(a, out) = e->apps.p[i];
	return 0;
}

/* ---- the set ------------------------------------------------------------------------------------------ */
static int read_options(struct expanding *e)
{
	const struct node *options = node_get(e->spec, S("goTemplateOptions"));
	const str known[] = { S("missingkey=default"), S("missingkey=invalid"), S("missingkey=zero"), S("missingkey=error") };

	for (uint32_t i = 0; node_is(options, NODE_SEQ) && i < options->n; i++) {
		str option = node_str(options->items[i]);
		size_t k = 0;
		while (k < COUNT(known) && !str_eq(option, known[k]))
			k++;
		if (k == COUNT(known))
			return diag_trouble(e->x->diag, node_pos(options->items[i]), "argocd", "goTemplateOptions has no \"%.*s\" but missingkey=default, =invalid, =zero, =error",
					    STR_ARG(option));
		e->f.strict = k == 3;
	}
	return 0;
}

/* The template that a generator has of its own goes before the set's. */
static struct node *template_of(struct expanding *e, const struct node *generator, struct node *template)
{
	for (uint32_t i = 0; node_is(generator, NODE_MAP) && i < generator->n; i++) {
		struct node *own = node_get(generator->entries[i].value, S("template"));
		if (node_is(own, NODE_MAP))
			return merge_under(e->x->a, own, template);
	}
	return template;
}

int expand_set(struct argocd *x, const struct node *set, struct nodes *out)
{
	const struct node *spec = node_get(set, S("spec")), *list = node_get(spec, S("generators"));
	struct node *template = node_get(spec, S("template"));
	struct expanding e = { .x = x, .set = set, .spec = spec, .f = { .x = x, .go = node_true(node_get(spec, S("goTemplate"))) } };

	if (!node_is(list, NODE_SEQ) || !node_is(template, NODE_MAP))
		return diag_trouble(x->diag, node_pos(set), "argocd", "an ApplicationSet has generators and a template");
	if (read_options(&e) < 0)
		return -1;
	const struct generating how = { .x = x, .go = e.f.go, .strict = e.f.strict };
	for (uint32_t i = 0; i < list->n; i++) {
		struct nodes params = { 0 };
		if (generate(&how, list->items[i], &params) < 0)
			return -1;
		struct node *t = template_of(&e, list->items[i], template);
		for (size_t k = 0; k < params.n; k++)
			if (expand_one(&e, t, params.p[k]) < 0)
				return -1;
	}
	return roll_out(&e, out);
}
