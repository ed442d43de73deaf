/* SPDX-License-Identifier: MIT */
/* Namespaces, name prefixes, labels, annotations, replicas and images. */
#include <stdlib.h>
#include <string.h>

#include "kustomize/internal.h"

#define WORKLOADS(path, make)                                                                                                          \
	{ NULL, "v1", "ReplicationController", "spec/template/" path, make }, { NULL, NULL, "Deployment", "spec/template/" path, make }, \
		{ NULL, NULL, "ReplicaSet", "spec/template/" path, make }, { NULL, NULL, "DaemonSet", "spec/template/" path, make },     \
		{ "apps", NULL, "StatefulSet", "spec/template/" path, make }, { "batch", NULL, "Job", "spec/template/" path, make },       \
		{ "batch", NULL, "CronJob", "spec/jobTemplate/" path, make }, { "batch", NULL, "CronJob", "spec/jobTemplate/spec/template/" path, make }

/* Labels in selectors of pods; those of affinities only where there are some. */
#define AFFINITY(kind)                                                                                                                              \
	{ "apps", NULL, kind, "spec/template/spec/affinity/podAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels", false },         \
		{ "apps", NULL, kind, "spec/template/spec/affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels", false },                 \
		{ "apps", NULL, kind, "spec/template/spec/affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels", false }, \
		{ "apps", NULL, kind, "spec/template/spec/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels", false },             \
		{ "apps", NULL, kind, "spec/template/spec/topologySpreadConstraints/labelSelector/matchLabels", false }

static const struct field_spec label_specs[] = { { NULL, NULL, NULL, "metadata/labels", true } };
static const struct field_spec template_specs[] = { WORKLOADS("metadata/labels", true) };
static const struct field_spec selector_specs[] = {
	{ NULL, "v1", "Service", "spec/selector", true },
	{ NULL, "v1", "ReplicationController", "spec/selector", true },
	{ NULL, NULL, "Deployment", "spec/selector/matchLabels", true },
	{ NULL, NULL, "ReplicaSet", "spec/selector/matchLabels", true },
	{ NULL, NULL, "DaemonSet", "spec/selector/matchLabels", true },
	{ "apps", NULL, "StatefulSet", "spec/selector/matchLabels", true },
	AFFINITY("Deployment"),
	AFFINITY("StatefulSet"),
	{ "batch", NULL, "Job", "spec/selector/matchLabels", false },
	{ "batch", NULL, "CronJob", "spec/jobTemplate/spec/selector/matchLabels", false },
	{ "policy", NULL, "PodDisruptionBudget", "spec/selector/matchLabels", false },
	{ "networking.k8s.io", NULL, "NetworkPolicy", "spec/podSelector/matchLabels", false },
	{ "networking.k8s.io", NULL, "NetworkPolicy", "spec/ingress/from/podSelector/matchLabels", false },
	{ "networking.k8s.io", NULL, "NetworkPolicy", "spec/egress/to/podSelector/matchLabels", false },
	{ "apps", NULL, "StatefulSet", "spec/volumeClaimTemplates/metadata/labels", true },
};
static const struct field_spec annotation_specs[] = { { NULL, NULL, NULL, "metadata/annotations", true }, WORKLOADS("metadata/annotations", true) };

/* ---- namespace ------------------------------------------------------------------------ */
struct setting {
	struct arena *a;
	const struct node *value;
};

static int set_value(void *ctx, struct spot *s)
{
	struct setting *x = ctx;

	node_put(x->a, s->map, s->key, node_at(node_string(x->a, node_str(x->value)), x->value));
	return 0;
}

static void set_subjects(struct arena *a, struct node *object, const struct node *ns)
{
	struct node *list = node_get(object, S("subjects"));

	for (uint32_t i = 0; node_is(list, NODE_SEQ) && i < list->n; i++)
		if (str_eq(node_get_str(list->items[i], S("name")), S("default")))
			set_text(a, list->items[i], "namespace", node_str(ns), ns);
}

int set_namespace(struct layer *l, const struct node *ns)
{
	struct arena *a = l->b->a;
	struct setting set = { a, ns };

	if (!ns || node_str(ns).n == 0)
		return 0;
	for (size_t i = 0; i < l->all->n; i++) {
		struct resource *r = l->all->p[i];
		struct past id = current_id(r);
		rename_from(l->b, r);
		if (str_eq(id.kind, S("Namespace")) && id.group.n == 0)
			set_text(a, own_map(a, r->object, S("metadata")), "name", node_str(ns), ns);
		else if (!is_cluster_scoped(&id))
			set_text(a, own_map(a, r->object, S("metadata")), "namespace", node_str(ns), ns);
		if (str_eq(id.kind, S("RoleBinding")) || str_eq(id.kind, S("ClusterRoleBinding")))
			set_subjects(a, r->object, ns);
		if (str_eq(id.kind, S("APIService")))
			visit_path(a, r->object, "spec/service/namespace", true, set_value, &set);
		if (str_eq(id.kind, S("CustomResourceDefinition")))
			visit_path(a, r->object, "spec/conversion/webhook/clientConfig/service/namespace", false, set_value, &set);
	}
	return 0;
}

/* ---- names --------------------------------------------------------------------------------- */
int add_prefix(struct layer *l, const struct node *text, bool suffix)
{
	str s = text ? node_str(text) : S("");

	for (size_t i = 0; i < l->all->n && s.n; i++) {
		struct resource *r = l->all->p[i];
		struct past id = current_id(r);
		if (str_eq(id.kind, S("CustomResourceDefinition")) || str_eq(id.kind, S("Namespace")) || str_eq(id.kind, S("APIService")))
			continue;
		rename_from(l->b, r);
		*VEC_ADD(l->b->a, suffix ? &r->suffixes : &r->prefixes) = str_dup(l->b->a, s);
		str name = suffix ? str_printf(l->b->a, "%.*s%.*s", STR_ARG(id.name), STR_ARG(s)) : str_printf(l->b->a, "%.*s%.*s", STR_ARG(s), STR_ARG(id.name));
		set_text(l->b->a, node_get(r->object, S("metadata")), "name", name, node_get(node_get(r->object, S("metadata")), S("name")));
	}
	return 0;
}

/* ---- labels and annotations -------------------------------------------------------------------- */
struct adding {
	struct layer *l;
	const struct node *pairs;
};

static int add_pairs(void *ctx, struct spot *s)
{
	struct adding *x = ctx;
	struct arena *a = x->l->b->a;

	if (s->value && (*s->value)->kind != NODE_MAP && (*s->value)->kind != NODE_NULL)
		return diag_trouble(x->l->b->diag, node_pos(*s->value), "kustomize", "labels or annotations belong here: a map is wanted");
	struct node *map = own_map(a, s->map, s->key);
	for (uint32_t i = 0; i < x->pairs->n; i++) {
		const struct entry *e = &x->pairs->entries[i];
		str text = e->value->kind == NODE_STRING ? node_text(e->value) : node_number_text(a, e->value);
		if (e->value->kind == NODE_BOOL)
			text = node_true(e->value) ? S("true") : S("false");
		node_put(a, map, entry_key(e), node_at(node_string(a, text), e->value));
	}
	return 0;
}

static int add_by(struct layer *l, const struct node *pairs, const struct field_spec *specs, size_t n)
{
	struct adding x = { l, pairs };

	for (size_t i = 0; i < l->all->n; i++) {
		struct past id = current_id(l->all->p[i]);
		for (size_t k = 0; k < n; k++)
			if (spec_selects(&specs[k], &id) && visit_path(l->b->a, l->all->p[i]->object, specs[k].path, specs[k].create, add_pairs, &x) < 0)
				return -1;
	}
	return 0;
}

static int check_pairs(struct layer *l, const struct node *pairs)
{
	if (node_is(pairs, NODE_MAP))
		return 0;
	return diag_trouble(l->b->diag, pairs ? node_pos(pairs) : node_pos(l->doc), "kustomize", "a map of labels or annotations is wanted here");
}

static int add_fields(struct layer *l, const struct node *pairs, const struct node *fields)
{
	for (uint32_t i = 0; node_is(fields, NODE_SEQ) && i < fields->n; i++) {
		const struct node *f = fields->items[i];
		const char *text[4] = { 0 };
		static const char *const keys[] = { "group", "version", "kind", "path" };
		for (size_t k = 0; k < COUNT(keys); k++)
			text[k] = node_get(f, str_of(keys[k])) ? str_dup(l->b->a, node_get_str(f, str_of(keys[k]))) : NULL;
		const struct field_spec spec = { text[0], text[1], text[2], text[3], node_true(node_get(f, S("create"))) };
		if (!spec.path)
			return diag_trouble(l->b->diag, node_pos(f), "kustomize", "a field needs a path");
		if (add_by(l, pairs, &spec, 1) < 0)
			return -1;
	}
	return 0;
}

int add_labels(struct layer *l, const struct node *pairs, bool selectors, bool templates, const struct node *fields)
{
	if (check_pairs(l, pairs) < 0 || add_by(l, pairs, label_specs, COUNT(label_specs)) < 0 || add_fields(l, pairs, fields) < 0)
		return -1;
	if ((selectors || templates) && add_by(l, pairs, template_specs, COUNT(template_specs)) < 0)
		return -1;
	return selectors ? add_by(l, pairs, selector_specs, COUNT(selector_specs)) : 0;
}

int add_annotations(struct layer *l, const struct node *pairs)
{
	return check_pairs(l, pairs) < 0 ? -1 : add_by(l, pairs, annotation_specs, COUNT(annotation_specs));
}

/* ---- replicas ------------------------------------------------------------------------------------ */
int set_replicas(struct layer *l, const struct node *list)
{
	static const char *const kinds[] = { "Deployment", "ReplicationController", "ReplicaSet", "StatefulSet" };

	for (uint32_t i = 0; node_is(list, NODE_SEQ) && i < list->n; i++) {
		str want = node_get_str(list->items[i], S("name"));
		struct node *count = node_get(list->items[i], S("count"));
		bool found = false;
		if (!count)
			return diag_trouble(l->b->diag, node_pos(list->items[i]), "kustomize", "replicas wants a name and a count");
		for (size_t k = 0; k < l->all->n; k++) {
			struct resource *r = l->all->p[k];
			struct past id = current_id(r);
			bool kind = false, name = str_eq(id.name, want);
			for (size_t j = 0; j < COUNT(kinds); j++)
				kind |= str_eq(id.kind, str_of(kinds[j]));
			for (size_t j = 0; j < r->past.n; j++)
				name |= str_eq(r->past.p[j].name, want);
			if (!kind || !name)
				continue;
			node_put(l->b->a, own_map(l->b->a, r->object, S("spec")), S("replicas"), count);
			found = true;
		}
		if (!found)
			return diag_trouble(l->b->diag, node_pos(list->items[i]), "kustomize", "nothing with replicas is called \"%.*s\"", STR_ARG(want));
	}
	return 0;
}

/* ---- images ---------------------------------------------------------------------------------------- */
static str new_image(struct arena *a, str image, const struct node *rule)
{
	str name = image, tag = S(""), digest = S("");
	ptrdiff_t at = str_chr(image, '@');

	if (at >= 0) {
		digest = str_sub(image, (size_t)at + 1, image.n);
		name = str_sub(image, 0, (size_t)at);
	}
	for (size_t i = name.n; i-- > 0 && name.p[i] != '/';) {
		if (name.p[i] != ':')
			continue;
		tag = str_sub(name, i + 1, name.n);
		name = str_sub(name, 0, i);
		break;
	}
	if (!str_eq(name, node_get_str(rule, S("name"))))
		return image;
	str other = node_get_str(rule, S("newName")), new_tag = node_str(node_get(rule, S("newTag"))), new_digest = node_get_str(rule, S("digest"));
	str suffix = node_get_str(rule, S("tagSuffix"));
	if (other.n)
		name = other;
	if (new_tag.n || new_digest.n) {
		tag = new_tag;
		digest = new_digest;
	} else if (suffix.n) {
		tag = str_printf(a, "%.*s%.*s", STR_ARG(tag), STR_ARG(suffix));
		digest = S("");
	}
	return str_printf(a, "%.*s%s%.*s%s%.*s", STR_ARG(name), tag.n ? ":" : "", STR_ARG(tag), digest.n ? "@" : "", STR_ARG(digest));
}

static void retag(struct arena *a, struct node *map, const char *key, const struct node *rule)
{
	struct node *old = node_get(map, str_of(key));

	if (!node_is(old, NODE_STRING))
		return;
	str image = new_image(a, node_text(old), rule);
	if (!str_eq(image, node_text(old)))
		set_text(a, map, key, image, rule);
}

static void walk_images(struct arena *a, struct node *n, const struct node *rule)
{
	for (uint32_t i = 0; n->kind == NODE_SEQ && i < n->n; i++)
		walk_images(a, n->items[i], rule);
	for (uint32_t i = 0; n->kind == NODE_MAP && i < n->n; i++) {
		str key = entry_key(&n->entries[i]);
		struct node *v = n->entries[i].value;
		bool containers = str_eq(key, S("containers")) || str_eq(key, S("initContainers")), volumes = str_eq(key, S("volumes"));
		for (uint32_t k = 0; (containers || volumes) && v->kind == NODE_SEQ && k < v->n; k++)
			retag(a, containers ? v->items[k] : node_get(v->items[k], S("image")), containers ? "image" : "reference", rule);
		walk_images(a, v, rule);
	}
}

int set_images(struct layer *l, const struct node *list)
{
	for (uint32_t i = 0; node_is(list, NODE_SEQ) && i < list->n; i++)
		for (size_t k = 0; k < l->all->n; k++)
			if (!str_eq(node_get_str(l->all->p[k]->object, S("kind")), S("CustomResourceDefinition")))
				walk_images(l->b->a, l->all->p[k]->object, list->items[i]);
	return 0;
}

/* ---- transformers given as objects ------------------------------------------------------------------ */
int run_transformer(struct layer *l, const struct node *config)
{
	str kind = node_get_str(config, S("kind"));

	if (str_eq(kind, S("LabelTransformer")) || str_eq(kind, S("AnnotationsTransformer"))) {
		const struct node *pairs = node_get(config, str_eq(kind, S("LabelTransformer")) ? S("labels") : S("annotations"));
		return check_pairs(l, pairs) < 0 ? -1 : add_fields(l, pairs, node_get(config, S("fieldSpecs")));
	}
	if (str_eq(kind, S("NamespaceTransformer")) && !node_get(config, S("fieldSpecs")) && !node_get(config, S("unsetOnly")))
		return set_namespace(l, node_get(node_get(config, S("metadata")), S("namespace")));
	return diag_trouble(l->b->diag, node_pos(config), "unsupported", "a transformer of kind \"%.*s\" is not supported", STR_ARG(kind));
}
