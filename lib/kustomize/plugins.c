/* SPDX-License-Identifier: MIT */
/* The built-in generators and transformers: those that a kustomization's fields stand for, and those configured as objects. */
#include <string.h>

#include "kustomize/internal.h"

/* ---- configured as objects -------------------------------------------------------------- */
static const struct node *field(const struct node *map, const char *key)
{
	return node_get(map, str_of(key));
}

static int own_specs(struct layer *l, const struct node *c, struct specs *out)
{
	*out = (struct specs){ 0 };
	return specs_read(l->b, field(c, "fieldSpecs"), out);
}

static int need_specs(struct layer *l, const struct node *c, struct specs *out)
{
	if (own_specs(l, c, out) < 0)
		return -1;
	if (!field(c, "fieldSpecs"))
		return diag_trouble(l->b->diag, node_pos(c), "kustomize", "fieldSpecs is wanted here: [{path: metadata/name}]");
	return 0;
}

static int plug_labels(struct layer *l, const struct node *c)
{
	struct specs s;

	return own_specs(l, c, &s) < 0 ? -1 : add_pairs(l, field(c, "labels"), &s);
}

static int plug_annotations(struct layer *l, const struct node *c)
{
	struct specs s;

	return own_specs(l, c, &s) < 0 ? -1 : add_pairs(l, field(c, "annotations"), &s);
}

static int plug_namespace(struct layer *l, const struct node *c)
{
	static const char *const modes[] = { "defaultOnly", "allServiceAccounts", "none" };
	const struct node *mode = field(c, "setRoleBindingSubjects");
	struct specs s;
	size_t m = 0;

	while (mode && m < COUNT(modes) && !str_eq(node_str(mode), str_of(modes[m])))
		m++;
	if (m == COUNT(modes))
		return diag_trouble(l->b->diag, node_pos(mode), "kustomize", "setRoleBindingSubjects is defaultOnly, allServiceAccounts or none");
	if (own_specs(l, c, &s) < 0)
		return -1;
	return set_namespace(l, field(field(c, "metadata"), "namespace"), &s, node_true(field(c, "unsetOnly")), (enum subjects)m);
}

static int plug_prefix(struct layer *l, const struct node *c)
{
	struct specs s;

	return need_specs(l, c, &s) < 0 ? -1 : add_affix(l, field(c, "prefix"), false, &s);
}

static int plug_suffix(struct layer *l, const struct node *c)
{
	struct specs s;

	return need_specs(l, c, &s) < 0 ? -1 : add_affix(l, field(c, "suffix"), true, &s);
}

static int plug_image(struct layer *l, const struct node *c)
{
	const struct node *rule = field(c, "imageTag");
	struct specs s;

	if (own_specs(l, c, &s) < 0)
		return -1;
	return rule ? set_images(l, &rule, 1, &s) : diag_trouble(l->b->diag, node_pos(c), "kustomize", "imageTag is wanted here");
}

static int plug_replicas(struct layer *l, const struct node *c)
{
	const struct node *rule = field(c, "replica");
	struct specs s;

	if (own_specs(l, c, &s) < 0)
		return -1;
	return rule ? set_replicas(l, rule, &s) : diag_trouble(l->b->diag, node_pos(c), "kustomize", "replica is wanted here");
}

static int plug_json_patch(struct layer *l, const struct node *c)
{
	struct node *n = node_clone(l->b->a, c);

	if (field(c, "jsonOp"))
		node_put(l->b->a, n, S("patch"), node_get(c, S("jsonOp")));
	return apply_json_patch(l, n);
}

static int plug_merge_patch(struct layer *l, const struct node *c)
{
	const struct node *paths = field(c, "paths"), *text = field(c, "patches");

	if (!text && (!paths || paths->n == 0))
		return diag_trouble(l->b->diag, node_pos(c), "kustomize", "paths or patches is wanted here");
	for (uint32_t i = 0; paths && i < paths->n; i++)
		if (apply_merge_patch(l, paths->items[i]) < 0)
			return -1;
	return text ? apply_patch_text(l, text) : 0;
}

static int plug_replacements(struct layer *l, const struct node *c)
{
	return apply_replacements(l, field(c, "replacements"));
}

static int plug_affixes(struct layer *l, const struct node *c)
{
	return plug_prefix(l, c) < 0 ? -1 : plug_suffix(l, c);
}

static int plug_hash(struct layer *l, const struct node *c)
{
	(void)c;
	add_hashes(l->b, l->all);
	return 0;
}

static int plug_config_map(struct layer *l, const struct node *c, const struct origin *o)
{
	return generate_map(l, c, NULL, false, o);
}

static int plug_secret(struct layer *l, const struct node *c, const struct origin *o)
{
	return generate_map(l, c, NULL, true, o);
}

static int plug_chart(struct layer *l, const struct node *c, const struct origin *o)
{
	return inflate_chart(l, c, c, false, o);
}

/* A ServiceAccount that stands for one of the cloud. */
static int plug_iam(struct layer *l, const struct node *c, const struct origin *o)
{
	const struct node *service = field(c, "kubernetesService"), *account = field(c, "serviceAccount"), *cloud = field(c, "cloud");
	struct arena *a = l->b->a;
	struct node *n = node_at(node_new(a, NODE_MAP), c), *meta = node_at(node_new(a, NODE_MAP), c), *notes = node_at(node_new(a, NODE_MAP), c);
	struct resources made = { 0 };

	if (!str_eq(node_str(cloud), S("gke")))
		return diag_trouble(l->b->diag, node_pos(cloud ? cloud : c), "unsupported", "cloud is gke");
	set_text(a, n, "apiVersion", S("v1"), c);
	set_text(a, n, "kind", S("ServiceAccount"), c);
	node_put(a, n, S("metadata"), meta);
	str id = str_printf(a, "%.*s@%.*s.iam.gserviceaccount.com", STR_ARG(node_get_str(account, S("name"))), STR_ARG(node_get_str(account, S("projectId"))));
	set_text(a, notes, "iam.gke.io/gcp-service-account", id, account);
	node_put(a, meta, S("annotations"), notes);
	set_text(a, meta, "name", node_get_str(service, S("name")), service);
	if (node_get_str(service, S("namespace")).n)
		set_text(a, meta, "namespace", node_get_str(service, S("namespace")), service);
	return take_object(l, n, o, &made) < 0 ? -1 : absorb(l, made.p[0], NULL);
}

static const struct plugin {
	const char *kind;
	int (*transform)(struct layer *l, const struct node *c);
	int (*generate)(struct layer *l, const struct node *c, const struct origin *o);
} plugins[] = {
	{ "AnnotationsTransformer", plug_annotations, NULL },
	{ "LabelTransformer", plug_labels, NULL },
	{ "NamespaceTransformer", plug_namespace, NULL },
	{ "PrefixTransformer", plug_prefix, NULL },
	{ "SuffixTransformer", plug_suffix, NULL },
	{ "ImageTagTransformer", plug_image, NULL },
	{ "ReplicaCountTransformer", plug_replicas, NULL },
	{ "PatchTransformer", apply_patch, NULL },
	{ "PatchJson6902Transformer", plug_json_patch, NULL },
	{ "PatchStrategicMergeTransformer", plug_merge_patch, NULL },
	{ "ReplacementTransformer", plug_replacements, NULL },
	{ "PrefixSuffixTransformer", plug_affixes, NULL },
	{ "ValueAddTransformer", add_value, NULL },
	{ "HashTransformer", plug_hash, NULL },
	{ "ConfigMapGenerator", NULL, plug_config_map },
	{ "SecretGenerator", NULL, plug_secret },
	{ "HelmChartInflationGenerator", NULL, plug_chart },
	{ "IAMPolicyGenerator", NULL, plug_iam },
};

/* A configuration of what runs programs has no place here. */
static int refuse(struct layer *l, const struct node *c)
{
	const struct node *notes = field(field(c, "metadata"), "annotations");
	str kind = node_get_str(c, S("kind")), near, names[COUNT(plugins)];

	if (field(notes, "config.kubernetes.io/function"))
		return diag_trouble(l->b->diag, node_pos(c), "unsupported", "%.*s is a KRM function: a container or program, and none is run", STR_ARG(kind));
	if (!str_eq(node_get_str(c, S("apiVersion")), S("builtin")))
		return diag_trouble(l->b->diag, node_pos(c), "unsupported", "%.*s is a plugin of its own (exec or Go), and none is run; built-in ones have apiVersion: builtin",
				    STR_ARG(kind));
	if (str_eq(kind, S("SortOrderTransformer")))
		return diag_trouble(l->b->diag, node_pos(c), "unsupported", "the order is said by sortOptions of the kustomization that is built");
	for (size_t i = 0; i < COUNT(plugins); i++)
		names[i] = str_of(plugins[i].kind);
	near = str_nearest(kind, names, COUNT(plugins));
	return diag_trouble(l->b->diag, node_pos(field(c, "kind")), "unsupported", "no built-in plugin is called %.*s%s%.*s%s", STR_ARG(kind),
			    near.n ? "; did you mean " : "", STR_ARG(near), near.n ? "?" : "");
}

static int run_plugin(struct layer *l, struct resource *config, bool generate)
{
	struct node *c = config->object;
	str kind = node_get_str(c, S("kind"));
	const struct origin *o = origin_plugin(l, config);
	const struct node *notes = field(field(c, "metadata"), "annotations");

	if (!str_eq(node_get_str(c, S("apiVersion")), S("builtin")) || field(notes, "config.kubernetes.io/function"))
		return refuse(l, c);
	for (size_t i = 0; i < COUNT(plugins); i++) {
		const struct plugin *p = &plugins[i];
		if (!str_eq(kind, str_of(p->kind)))
			continue;
		if (generate ? !p->generate : !p->transform)
			return diag_trouble(l->b->diag, node_pos(c), "kustomize", "%s belongs under %s", p->kind, generate ? "transformers" : "generators");
		if (!(c = shape_plugin(l->b, c, p->kind)))
			return -1;
		if (generate)
			return p->generate(l, c, o);
		if (p->transform(l, c) < 0)
			return -1;
		note_change(l, o);
		return 0;
	}
	return refuse(l, c);
}

static int run_plugins(struct layer *l, const char *from, bool generate)
{
	struct resources configs;

	if (!field(l->doc, from))
		return 0;
	if (read_configs(l, from, &configs) < 0)
		return -1;
	for (size_t i = 0; i < configs.n; i++)
		if (run_plugin(l, configs.p[i], generate) < 0)
			return -1;
	return 0;
}

/* ---- what the fields of a kustomization stand for ------------------------------------------ */
static int generate_maps(struct layer *l, const char *from, bool secret)
{
	const struct node *list = field(l->doc, from), *options = field(l->doc, "generatorOptions");
	const struct origin *o = origin_builtin(l, secret ? "SecretGenerator" : "ConfigMapGenerator");

	for (uint32_t i = 0; list && i < list->n; i++)
		if (generate_map(l, list->items[i], options, secret, o) < 0)
			return -1;
	return 0;
}

/* The form of charts before helmCharts, in terms of that. */
static struct node *chart_of_old(struct arena *a, const struct node *old)
{
	static const char *const names[][2] = { { "chartName", "name" }, { "chartVersion", "version" }, { "chartRepoUrl", "repo" }, { "values", "valuesFile" },
						{ "valuesLocal", "valuesInline" }, { "valuesMerge", "valuesMerge" }, { "releaseName", "releaseName" } };
	struct node *n = node_at(node_new(a, NODE_MAP), old);

	for (size_t i = 0; i < COUNT(names); i++)
		if (field(old, names[i][0]))
			node_put(a, n, str_of(names[i][1]), node_get(old, str_of(names[i][0])));
	return n;
}

static int inflate_charts(struct layer *l)
{
	const struct node *list = field(l->doc, "helmCharts"), *old = field(l->doc, "helmChartInflationGenerator"), *globals = field(l->doc, "helmGlobals");
	const struct origin *o = origin_builtin(l, "HelmChartInflationGenerator");

	for (uint32_t i = 0; list && i < list->n; i++)
		if (inflate_chart(l, list->items[i], globals, true, o) < 0)
			return -1;
	for (uint32_t i = 0; old && i < old->n; i++) {
		const struct node *home = globals;
		for (uint32_t k = 0; !globals && k < old->n; k++) /* the last that says it speaks for all */
			if (field(old->items[k], "chartHome"))
				home = old->items[k];
		if (inflate_chart(l, chart_of_old(l->b->a, old->items[i]), home, true, o) < 0)
			return -1;
	}
	return 0;
}

int run_generators(struct layer *l)
{
	if (generate_maps(l, "configMapGenerator", false) < 0 || generate_maps(l, "secretGenerator", true) < 0 || inflate_charts(l) < 0)
		return -1;
	return run_plugins(l, "generators", true);
}

/* visit each item, and note the change that it made. */
static int each_change(struct layer *l, const char *from, const char *kind, int (*visit)(struct layer *l, const struct node *n))
{
	const struct node *list = field(l->doc, from);

	for (uint32_t i = 0; list && i < list->n; i++) {
		if (visit(l, list->items[i]) < 0)
			return -1;
		note_change(l, origin_builtin(l, kind));
	}
	return 0;
}

static int change_merge_patches(struct layer *l)
{
	if (!field(l->doc, "patchesStrategicMerge"))
		return 0;
	if (each_item(l, "patchesStrategicMerge", apply_merge_patch) < 0)
		return -1;
	note_change(l, origin_builtin(l, "PatchStrategicMergeTransformer"));
	return 0;
}

static int change_names(struct layer *l)
{
	const struct node *ns = field(l->doc, "namespace"), *prefix = field(l->doc, "namePrefix"), *suffix = field(l->doc, "nameSuffix");
	const struct specs *sets = l->g->config->sets;

	if (ns && node_str(ns).n) {
		if (set_namespace(l, ns, &sets[SPEC_NAMESPACE], false, SUBJECTS_DEFAULT) < 0)
			return -1;
		note_change(l, origin_builtin(l, "NamespaceTransformer"));
	}
	if (prefix && node_str(prefix).n) {
		if (add_affix(l, prefix, false, &sets[SPEC_PREFIX]) < 0)
			return -1;
		note_change(l, origin_builtin(l, "PrefixTransformer"));
	}
	if (suffix && node_str(suffix).n) {
		if (add_affix(l, suffix, true, &sets[SPEC_SUFFIX]) < 0)
			return -1;
		note_change(l, origin_builtin(l, "SuffixTransformer"));
	}
	return 0;
}

static int change_label(struct layer *l, const struct node *n)
{
	static const struct field_spec metadata = { NULL, NULL, NULL, "metadata/labels", true };
	const struct specs *sets = l->g->config->sets;
	struct pos pos = node_pos(n);
	struct specs s = { 0 };

	if (specs_read(l->b, field(n, "fields"), &s) < 0 || specs_merge(l->b, &s, &sets[SPEC_LABELS], pos) < 0)
		return -1;
	if (node_true(field(n, "includeSelectors"))) {
		if (specs_merge(l->b, &s, &sets[SPEC_COMMON_LABELS], pos) < 0)
			return -1;
	} else if ((node_true(field(n, "includeTemplates")) && specs_merge(l->b, &s, &sets[SPEC_TEMPLATE_LABELS], pos) < 0) ||
		   specs_add(l->b, &s, &metadata, pos) < 0) {
		return -1;
	}
	return add_pairs(l, field(n, "pairs"), &s);
}

static int change_labels(struct layer *l)
{
	const struct node *common = field(l->doc, "commonLabels"), *notes = field(l->doc, "commonAnnotations");
	const struct specs *sets = l->g->config->sets;

	if (each_change(l, "labels", "LabelTransformer", change_label) < 0 || add_pairs(l, common, &sets[SPEC_COMMON_LABELS]) < 0)
		return -1;
	if ((common && common->n) || (field(l->doc, "labels") && field(l->doc, "labels")->n))
		note_change(l, origin_builtin(l, "LabelTransformer"));
	if (!notes || notes->n == 0)
		return 0;
	if (add_pairs(l, notes, &sets[SPEC_ANNOTATIONS]) < 0)
		return -1;
	note_change(l, origin_builtin(l, "AnnotationsTransformer"));
	return 0;
}

static int change_replicas(struct layer *l, const struct node *n)
{
	return set_replicas(l, n, &l->g->config->sets[SPEC_REPLICAS]);
}

static int change_images(struct layer *l)
{
	const struct node *lists[] = { field(l->doc, "images"), field(l->doc, "imageTags") };
	struct {
		const struct node **p;
		size_t n, cap;
	} rules = { 0 };

	for (size_t i = 0; i < COUNT(lists); i++)
		for (uint32_t k = 0; lists[i] && k < lists[i]->n; k++)
			*VEC_ADD(l->b->a, &rules) = lists[i]->items[k];
	if (rules.n && set_images(l, rules.p, rules.n, &l->g->config->sets[SPEC_IMAGES]) < 0)
		return -1;
	for (size_t i = 0; i < rules.n && l->b->trace; i++)
		note_change(l, origin_builtin(l, "ImageTagTransformer"));
	return 0;
}

static int change_replacements(struct layer *l)
{
	const struct node *list = field(l->doc, "replacements");

	if (!list || list->n == 0)
		return 0;
	if (apply_replacements(l, list) < 0)
		return -1;
	note_change(l, origin_builtin(l, "ReplacementTransformer"));
	return 0;
}

/* In the order of kustomize's built-in transformers. */
int run_transformers(struct layer *l)
{
	if (change_merge_patches(l) < 0 || each_change(l, "patches", "PatchTransformer", apply_patch) < 0 || change_names(l) < 0 || change_labels(l) < 0)
		return -1;
	if (each_change(l, "patchesJson6902", "PatchJson6902Transformer", apply_json_patch) < 0 ||
	    each_change(l, "replicas", "ReplicaCountTransformer", change_replicas) < 0 || change_images(l) < 0 || change_replacements(l) < 0)
		return -1;
	return run_plugins(l, "transformers", false);
}

/* A validator may look and must not touch. */
int run_validators(struct layer *l)
{
	struct build *b = l->b;
	struct arena *a = b->a;
	size_t n = l->all->n;

	if (!field(l->doc, "validators"))
		return 0;
	struct node **before = NEW_ARRAY(a, struct node *, n + 1);
	for (size_t i = 0; i < n; i++)
		before[i] = node_copy(a, l->all->p[i]->object);
	if (run_plugins(l, "validators", false) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct node *now = i < l->all->n ? node_copy(a, l->all->p[i]->object) : NULL;
		struct node *labels = node_get(node_get(now, S("metadata")), S("labels"));
		if (labels && node_remove(labels, S("validated-by")) && labels->n == 0)
			node_remove(node_get(now, S("metadata")), S("labels"));
		if (l->all->n != n || !node_equal(before[i], now))
			return diag_trouble(b->diag, node_pos(field(l->doc, "validators")), "kustomize", "a validator may not change resources, and one changed %.*s \"%.*s\"",
					    STR_ARG(node_get_str(before[i], S("kind"))), STR_ARG(name_of(before[i])));
	}
	return 0;
}
