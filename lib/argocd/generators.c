/* SPDX-License-Identifier: MIT */
/* The generators of ApplicationSets: lists, clusters, and combinations of generators. */
#include <string.h>

#include "argocd/internal.h"
#include "template/data.h"

static int wrong(struct generating *s, const struct node *at, const char *what)
{
	return diag_trouble(s->x->diag, node_pos(at), "argocd", "%s", what);
}

/* `values` of the generator, filled with what it has found; they do not see each other. */
static int add_values(struct generating *s, struct node *params)
{
	const struct node *values = node_get(s->g, S("values"));
	struct filling f = { .x = s->x, .params = params, .go = s->go, .strict = s->strict };
	struct arena *a = s->x->a;

	if (!node_is(values, NODE_MAP))
		return 0;
	struct node *filled = node_at(node_new(a, NODE_MAP), values);
	for (uint32_t i = 0; i < values->n; i++) {
		const struct node *v = values->entries[i].value;
		str text;
		if (v->kind != NODE_STRING)
			return diag_trouble(s->x->diag, node_pos(v), "argocd", "values.%.*s must be a string, not %s", STR_ARG(entry_key(&values->entries[i])),
					    kind_name((enum kind)v->kind));
		if (fill_text(&f, v, node_text(v), &text) < 0)
			return -1;
		node_put(a, filled, entry_key(&values->entries[i]), node_at(node_string(a, text), v));
	}
	filled->flags |= s->go ? PARAM_STRINGS : 0;
	if (s->go)
		node_put(a, params, S("values"), filled);
	else
		flatten(a, params, S("values"), filled);
	return 0;
}

int give(struct generating *s, struct node *params)
{
	size_t most = s->x->o->max_results ? s->x->o->max_results : ARGOCD_MAX_APPS;

	if (add_values(s, params) < 0)
		return -1;
	if (s->out->n >= most)
		return diag_trouble(s->x->diag, node_pos(s->g), "argocd", "the generator gives more than %zu results", most);
	if ((s->x->entries += params->n + 1) > DOC_MAX_NODES)
		return diag_trouble(s->x->diag, node_pos(s->g), "argocd", "the generators give more than %d parameters", DOC_MAX_NODES);
	*VEC_ADD(s->x->a, s->out) = params;
	return 0;
}

/* ---- list ------------------------------------------------------------------------------------------ */
/* Without Go templates an element has texts, and `values` a level below. */
static int put_element(struct generating *s, struct node *params, str prefix, const struct node *n)
{
	for (uint32_t i = 0; i < n->n; i++) {
		const struct node *v = n->entries[i].value;
		str key = entry_key(&n->entries[i]), name = prefix.n ? str_printf(s->x->a, "%.*s.%.*s", STR_ARG(prefix), STR_ARG(key)) : key;
		if (prefix.n == 0 && str_eq(key, S("values")) && v->kind == NODE_MAP) {
			if (put_element(s, params, key, v) < 0)
				return -1;
		} else if (v->kind != NODE_STRING) {
			return diag_trouble(s->x->diag, node_pos(v), "argocd", "%.*s must be a string, not %s: elements hold only strings unless goTemplate is true",
					    STR_ARG(name), kind_name((enum kind)v->kind));
		} else {
			node_put(s->x->a, params, name, (struct node *)v);
		}
	}
	return 0;
}

static int give_elements(struct generating *s, struct node *list, bool as_they_are)
{
	for (uint32_t i = 0; node_is(list, NODE_SEQ) && i < list->n; i++) {
		struct node *one = list->items[i], *params = node_clone(s->x->a, one);
		if (one->kind != NODE_MAP)
			return wrong(s, one, "an element of a list must be a map");
		if (!as_they_are) {
			params = node_at(node_new(s->x->a, NODE_MAP), one);
			if (put_element(s, params, S(""), one) < 0)
				return -1;
		}
		if (give(s, params) < 0)
			return -1;
	}
	return 0;
}

static int from_list(struct generating *s)
{
	struct node *list = node_get(s->g, S("elements")), *more = NULL;
	const struct node *text = node_get(s->g, S("elementsYaml"));

	if (list && !node_is(list, NODE_SEQ) && list->kind != NODE_NULL)
		return wrong(s, list, "elements must be a list");
	if (give_elements(s, list, s->go) < 0)
		return -1;
	if (node_str(text).n == 0)
		return 0;
	if (read_inner(s->x, text, node_str(text), true, &more) < 0)
		return -1;
	if (more->kind != NODE_SEQ && more->kind != NODE_NULL)
		return wrong(s, more, "elementsYaml must hold a list");
	return give_elements(s, more, true);
}

/* ---- clusters ---------------------------------------------------------------------------------------- */
static str secret_text(struct arena *a, const struct node *secret, const char *key)
{
	str plain = node_get_str(node_get(secret, S("stringData")), str_of(key));
	struct buf b = BUF(a);

	if (plain.n)
		return plain;
	base64_decode(&b, node_get_str(node_get(secret, S("data")), str_of(key)));
	return buf_str(&b);
}

static int give_cluster(struct generating *s, const struct node *meta, str name, str server, str project)
{
	struct arena *a = s->x->a;
	struct node *p = node_new(a, NODE_MAP), *m = node_new(a, NODE_MAP), *part;
	const char *const kept[] = { "labels", "annotations" };

	put_text(a, p, "name", name);
	put_text(a, p, "nameNormalized", sanitize_name(a, name));
	put_text(a, p, "server", server);
	put_text(a, p, "project", project);
	for (size_t i = 0; i < COUNT(kept); i++)
		if ((part = node_get(meta, str_of(kept[i]))) && part->n) {
			part = node_clone(a, part);
			part->flags |= s->go ? PARAM_STRINGS : 0;
			node_put(a, m, str_of(kept[i]), part);
		}
	if (!s->go)
		flatten(a, p, S("metadata"), m);
	else if (meta)
		node_put(a, p, S("metadata"), m);
	return give(s, p);
}

static int each_cluster(struct generating *s)
{
	const struct node *selector = node_get(s->g, S("selector")), *labels = node_get(selector, S("matchLabels"));
	const struct node *expressions = node_get(selector, S("matchExpressions"));
	bool all = !(labels && labels->n) && !(expressions && expressions->n), local = false;
	struct arena *a = s->x->a;

	for (size_t i = 0; i < s->x->clusters->n; i++) {
		const struct node *secret = s->x->clusters->p[i], *meta = node_get(secret, S("metadata"));
		str server = secret_text(a, secret, "server");
		while (str_ends(server, S("/")))
			server.n--;
		local |= str_eq(server, S("https://kubernetes.default.svc"));
		if ((all || selects(selector, node_get(meta, S("labels")))) &&
		    give_cluster(s, meta, secret_text(a, secret, "name"), secret_text(a, secret, "server"), secret_text(a, secret, "project")) < 0)
			return -1;
	}
	if (all && !local)
		return give_cluster(s, NULL, S("in-cluster"), S("https://kubernetes.default.svc"), S(""));
	return 0;
}

static int from_clusters(struct generating *s)
{
	struct arena *a = s->x->a;
	struct nodes each = { 0 }, *out = s->out;

	if (!node_true(node_get(s->g, S("flatList"))))
		return each_cluster(s);
	s->out = &each;
	int bad = each_cluster(s);
	s->out = out;
	struct node *list = node_new(a, NODE_SEQ), *one = node_new(a, NODE_MAP);
	for (size_t i = 0; i < each.n; i++)
		node_push(a, list, each.p[i]);
	node_put(a, one, S("clusters"), list);
	*VEC_ADD(a, out) = one;
	return bad;
}

/* ---- combinations --------------------------------------------------------------------------------------------- */
/* Two results of a matrix: the first's own go before; texts may not differ. */
static struct node *combine(struct generating *s, const struct node *second_generator, struct node *first, struct node *second)
{
	struct arena *a = s->x->a;
	struct node *out;

	if (s->go)
		return values_merge(a, second, first);
	out = node_new(a, NODE_MAP);
	for (uint32_t i = 0; i < first->n; i++)
		node_put(a, out, entry_key(&first->entries[i]), node_at(node_string(a, param_text(a, first->entries[i].value)), first->entries[i].value));
	for (uint32_t i = 0; i < second->n; i++) {
		str key = entry_key(&second->entries[i]), text = param_text(a, second->entries[i].value);
		const struct node *other = node_get(out, key);
		if (other && !str_eq(node_str(other), text)) {
			diag_trouble(s->x->diag, node_pos(second_generator), "argocd", "both generators of the matrix give %.*s, as \"%.*s\" and \"%.*s\"",
				     STR_ARG(key), STR_ARG(node_str(other)), STR_ARG(text));
			return NULL;
		}
		node_put(a, out, key, node_at(node_string(a, text), second->entries[i].value));
	}
	return out;
}

static int from_matrix(struct generating *s)
{
	const struct node *list = node_get(s->g, S("generators"));
	struct generating inner = *s;
	struct nodes first = { 0 };

	inner.depth++;
	if (!node_is(list, NODE_SEQ) || list->n != 2)
		return wrong(s, s->g, "a matrix wants two generators");
	if (generate(&inner, list->items[0], &first) < 0)
		return -1;
	for (size_t i = 0; i < first.n; i++) {
		struct filling f = { .x = s->x, .params = first.p[i], .go = s->go, .strict = s->strict };
		struct node *other = first.p[i]->n ? fill(&f, list->items[1]) : list->items[1];
		struct nodes second = { 0 };
		if (!other || generate(&inner, other, &second) < 0)
			return -1;
		for (size_t k = 0; k < second.n; k++) {
			struct node *both = combine(s, list->items[1], first.p[i], second.p[k]);
			if (!both || give(s, both) < 0)
				return -1;
		}
	}
	return 0;
}

static str merge_key(struct arena *a, const struct node *keys, const struct node *params)
{
	struct node *id = node_new(a, NODE_MAP);

	for (uint32_t i = 0; i < keys->n; i++) {
		struct node *v = node_get(params, node_str(keys->items[i]));
		node_put(a, id, node_str(keys->items[i]), v ? v : node_new(a, NODE_NULL));
	}
	return json_text(a, id);
}

/* The results of one generator of a merge, by their keys. */
static int by_merge_key(struct generating *s, const struct node *keys, const struct node *generator, struct map *out)
{
	struct generating inner = *s;
	struct nodes found = { 0 };

	inner.depth++;
	if (generate(&inner, generator, &found) < 0)
		return -1;
	for (size_t i = 0; i < found.n; i++) {
		str key = merge_key(s->x->a, keys, found.p[i]);
		void **slot = map_at(s->x->a, out, key);
		if (*slot)
			return diag_trouble(s->x->diag, node_pos(generator), "argocd", "two results of this generator have the same merge keys: %.*s", STR_ARG(key));
		*slot = found.p[i];
	}
	return 0;
}

static struct node *merge_flat(struct arena *a, const struct node *below, const struct node *over)
{
	struct node *out = node_clone(a, below);

	for (uint32_t i = 0; i < over->n; i++)
		node_put(a, out, entry_key(&over->entries[i]), over->entries[i].value);
	return out;
}

static int from_merge(struct generating *s)
{
	const struct node *list = node_get(s->g, S("generators")), *keys = node_get(s->g, S("mergeKeys"));
	struct map base = { 0 };

	if (!node_is(list, NODE_SEQ) || list->n < 2)
		return wrong(s, s->g, "merge wants two generators or more");
	if (!node_is(keys, NODE_SEQ) || keys->n == 0)
		return wrong(s, s->g, "merge wants mergeKeys");
	if (by_merge_key(s, keys, list->items[0], &base) < 0)
		return -1;
	for (uint32_t i = 1; i < list->n; i++) {
		struct map over = { 0 };
		if (by_merge_key(s, keys, list->items[i], &over) < 0)
			return -1;
		for (size_t k = 0; k < base.n; k++) {
			struct node *below = base.items[k].value, *above = map_get(&over, base.items[k].key);
			if (above)
				base.items[k].value = s->go ? values_merge(s->x->a, below, above) : merge_flat(s->x->a, below, above);
		}
	}
	for (size_t k = 0; k < base.n; k++)
		if (give(s, base.items[k].value) < 0)
			return -1;
	return 0;
}

/* ---- any generator ----------------------------------------------------------------------------------------------- */
static const struct {
	const char *name;
	int (*run)(struct generating *s);
	const char *asks; /* what it would have to ask */
} kinds[] = {
	{ "list", from_list, NULL },
	{ "clusters", from_clusters, NULL },
	{ "git", from_git, NULL },
	{ "scmProvider", NULL, "the host of the repositories" },
	{ "clusterDecisionResource", NULL, "the cluster" },
	{ "pullRequest", NULL, "the host of the repositories" },
	{ "matrix", from_matrix, NULL },
	{ "merge", from_merge, NULL },
	{ "plugin", NULL, "a plugin's service" },
};

static int run_kind(const struct generating *how, size_t kind, const struct node *generator, struct nodes *out)
{
	const struct node *selector = node_get(generator, S("selector"));
	struct nodes made = { 0 };
	struct generating s = *how;

	s.g = node_get(generator, str_of(kinds[kind].name));
	s.out = &made;
	if (!kinds[kind].run)
		return diag_trouble(s.x->diag, node_pos(s.g), "unsupported", "the generator \"%s\" is not supported, as it asks %s; a list generator in its place can say what it would find",
				    kinds[kind].name, kinds[kind].asks);
	if (s.g->kind != NODE_MAP)
		return diag_trouble(s.x->diag, node_pos(s.g), "argocd", "the generator %s must be a map, not %s", kinds[kind].name, kind_name((enum kind)s.g->kind));
	if (kinds[kind].run(&s) < 0)
		return -1;
	for (size_t k = 0; k < made.n; k++) {
		struct node *flat = selector ? node_new(s.x->a, NODE_MAP) : NULL;
		if (flat)
			flatten(s.x->a, flat, S(""), made.p[k]);
		if (!flat || selects(selector, flat))
			*VEC_ADD(s.x->a, out) = made.p[k];
	}
	return 0;
}

int generate(const struct generating *how, const struct node *generator, struct nodes *out)
{
	struct diag *d = how->x->diag;
	size_t ran = 0;

	if (how->depth > ARGOCD_MAX_DEPTH)
		return diag_trouble(d, node_pos(generator), "argocd", "generators nest deeper than %d", ARGOCD_MAX_DEPTH);
	if (!node_is(generator, NODE_MAP))
		return diag_trouble(d, node_pos(generator), "argocd", "a generator must be a map");
	for (size_t i = 0; i < COUNT(kinds); i++) {
		const struct node *g = node_get(generator, str_of(kinds[i].name));
		if (!g || g->kind == NODE_NULL)
			continue;
		if (ran++ && how->depth > 0)
			return diag_trouble(d, node_pos(g), "argocd", "only one generator may stand in an item of a matrix or merge");
		if (run_kind(how, i, generator, out) < 0)
			return -1;
	}
	if (ran)
		return 0;
	for (uint32_t i = 0; i < generator->n; i++) {
		str key = entry_key(&generator->entries[i]);
		if (!str_eq(key, S("selector")))
			return diag_trouble(d, entry_pos(&generator->entries[i]), "unsupported", "the generator \"%.*s\" is not known%s", STR_ARG(key),
					    generator->entries[i].value->kind == NODE_NULL ? ", or is null; write {} for one without settings" : "");
	}
	return diag_trouble(d, node_pos(generator), "argocd", "a generator is named here: list, clusters, git, matrix or merge");
}
