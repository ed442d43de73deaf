/* SPDX-License-Identifier: MIT */
/* Which fields kustomizations and plugins' configurations have, and of what types; keys are told apart without regard to case, as Go does. */
#include <ctype.h>
#include <string.h>

#include "kustomize/internal.h"

enum type { T_TEXT, T_BOOL, T_INT, T_ANY, T_TEXTS, T_PAIRS, T_MAP, T_OBJECT, T_LIST };
struct field {
	const char *name;
	enum type type;
	const struct field *of; /* T_OBJECT, T_LIST of objects */
};
static const char *const type_names[] = { "text", "true or false", "an integer", "", "a list of texts", "a map of texts", "a map", "a map", "a list of maps" };

/* clang-format off */
#define END { NULL, T_ANY, NULL }
#define GVK { "group", T_TEXT, NULL }, { "version", T_TEXT, NULL }, { "kind", T_TEXT, NULL }
#define ID GVK, { "name", T_TEXT, NULL }, { "namespace", T_TEXT, NULL }
static const struct field selector[] = { ID, { "labelSelector", T_TEXT, NULL }, { "annotationSelector", T_TEXT, NULL }, END };
static const struct field patch_options[] = { { "allowNameChange", T_BOOL, NULL }, { "allowKindChange", T_BOOL, NULL }, END };
static const struct field patch[] = {
	{ "path", T_TEXT, NULL }, { "patch", T_TEXT, NULL }, { "target", T_OBJECT, selector }, { "options", T_OBJECT, patch_options }, END };
static const struct field field_spec[] = { GVK, { "path", T_TEXT, NULL }, { "create", T_BOOL, NULL }, END };
static const struct field label[] = {
	{ "pairs", T_PAIRS, NULL }, { "includeSelectors", T_BOOL, NULL }, { "includeTemplates", T_BOOL, NULL }, { "fields", T_LIST, field_spec }, END };
static const struct field image[] = {
	{ "name", T_TEXT, NULL }, { "newName", T_TEXT, NULL }, { "tagSuffix", T_TEXT, NULL }, { "newTag", T_TEXT, NULL }, { "digest", T_TEXT, NULL }, END };
static const struct field replica[] = { { "name", T_TEXT, NULL }, { "count", T_INT, NULL }, END };
static const struct field field_options[] = {
	{ "delimiter", T_TEXT, NULL }, { "index", T_INT, NULL }, { "encoding", T_TEXT, NULL }, { "create", T_BOOL, NULL }, END };
static const struct field source[] = { ID, { "fieldPath", T_TEXT, NULL }, { "options", T_OBJECT, field_options }, END };
static const struct field target[] = {
	{ "select", T_OBJECT, selector }, { "reject", T_LIST, selector }, { "fieldPaths", T_TEXTS, NULL }, { "options", T_OBJECT, field_options }, END };
static const struct field replacement[] = {
	{ "path", T_TEXT, NULL }, { "source", T_OBJECT, source }, { "sourceValue", T_TEXT, NULL }, { "targets", T_LIST, target }, END };
static const struct field objref[] = { { "apiVersion", T_TEXT, NULL }, ID, END };
static const struct field fieldref[] = { { "fieldPath", T_TEXT, NULL }, END };
static const struct field var[] = { { "name", T_TEXT, NULL }, { "objref", T_OBJECT, objref }, { "fieldref", T_OBJECT, fieldref }, END };
static const struct field legacy_sort[] = { { "orderFirst", T_TEXTS, NULL }, { "orderLast", T_TEXTS, NULL }, END };
static const struct field sort_options[] = { { "order", T_TEXT, NULL }, { "legacySortOptions", T_OBJECT, legacy_sort }, END };
static const struct field generator_options[] = {
	{ "labels", T_PAIRS, NULL }, { "annotations", T_PAIRS, NULL }, { "disableNameSuffixHash", T_BOOL, NULL }, { "immutable", T_BOOL, NULL }, END };
#define GENERATOR \
	{ "namespace", T_TEXT, NULL }, { "name", T_TEXT, NULL }, { "behavior", T_TEXT, NULL }, { "literals", T_TEXTS, NULL }, { "files", T_TEXTS, NULL }, \
	{ "envs", T_TEXTS, NULL }, { "env", T_TEXT, NULL }, { "options", T_OBJECT, generator_options }
static const struct field config_map[] = { GENERATOR, END };
static const struct field secret[] = { GENERATOR, { "type", T_TEXT, NULL }, END };
#define GLOBALS { "chartHome", T_TEXT, NULL }, { "configHome", T_TEXT, NULL }
static const struct field helm_globals[] = { GLOBALS, END };
#define CHART \
	{ "name", T_TEXT, NULL }, { "version", T_TEXT, NULL }, { "repo", T_TEXT, NULL }, { "releaseName", T_TEXT, NULL }, { "namespace", T_TEXT, NULL }, \
	{ "additionalValuesFiles", T_TEXTS, NULL }, { "valuesFile", T_TEXT, NULL }, { "valuesInline", T_MAP, NULL }, { "valuesMerge", T_TEXT, NULL }, \
	{ "includeCRDs", T_BOOL, NULL }, { "skipHooks", T_BOOL, NULL }, { "apiVersions", T_TEXTS, NULL }, { "kubeVersion", T_TEXT, NULL }, \
	{ "nameTemplate", T_TEXT, NULL }, { "skipTests", T_BOOL, NULL }, { "debug", T_BOOL, NULL }, { "devel", T_BOOL, NULL }
static const struct field helm_chart[] = { CHART, END };
static const struct field old_chart[] = {
	{ "chartName", T_TEXT, NULL }, { "chartVersion", T_TEXT, NULL }, { "chartRepoUrl", T_TEXT, NULL }, { "chartHome", T_TEXT, NULL },
	{ "chartRepoName", T_TEXT, NULL }, { "helmBin", T_TEXT, NULL }, { "helmHome", T_TEXT, NULL }, { "values", T_TEXT, NULL },
	{ "valuesLocal", T_MAP, NULL }, { "valuesMerge", T_TEXT, NULL }, { "releaseName", T_TEXT, NULL }, { "releaseNamespace", T_TEXT, NULL },
	{ "extraArgs", T_TEXTS, NULL }, END };
#define OBJECT { "apiVersion", T_TEXT, NULL }, { "kind", T_TEXT, NULL }, { "metadata", T_ANY, NULL }
static const struct field kustomization[] = {
	OBJECT, { "openapi", T_PAIRS, NULL }, { "namePrefix", T_TEXT, NULL }, { "nameSuffix", T_TEXT, NULL }, { "namespace", T_TEXT, NULL },
	{ "commonLabels", T_PAIRS, NULL }, { "labels", T_LIST, label }, { "commonAnnotations", T_PAIRS, NULL }, { "patchesStrategicMerge", T_TEXTS, NULL },
	{ "patchesJson6902", T_LIST, patch }, { "patches", T_LIST, patch }, { "images", T_LIST, image }, { "imageTags", T_LIST, image },
	{ "replacements", T_LIST, replacement }, { "replicas", T_LIST, replica }, { "vars", T_LIST, var }, { "sortOptions", T_OBJECT, sort_options },
	{ "resources", T_TEXTS, NULL }, { "components", T_TEXTS, NULL }, { "crds", T_TEXTS, NULL }, { "bases", T_TEXTS, NULL },
	{ "configMapGenerator", T_LIST, config_map }, { "secretGenerator", T_LIST, secret }, { "helmGlobals", T_OBJECT, helm_globals },
	{ "helmCharts", T_LIST, helm_chart }, { "helmChartInflationGenerator", T_LIST, old_chart }, { "generatorOptions", T_OBJECT, generator_options },
	{ "configurations", T_TEXTS, NULL }, { "generators", T_TEXTS, NULL }, { "transformers", T_TEXTS, NULL }, { "validators", T_TEXTS, NULL },
	{ "buildMetadata", T_TEXTS, NULL }, END };

#define SPECS { "fieldSpecs", T_LIST, field_spec }
static const struct field a_annotations[] = { OBJECT, { "annotations", T_PAIRS, NULL }, SPECS, END };
static const struct field a_labels[] = { OBJECT, { "labels", T_PAIRS, NULL }, SPECS, END };
static const struct field a_namespace[] = { OBJECT, SPECS, { "unsetOnly", T_BOOL, NULL }, { "setRoleBindingSubjects", T_TEXT, NULL }, END };
static const struct field a_prefix[] = { OBJECT, { "prefix", T_TEXT, NULL }, SPECS, END };
static const struct field a_suffix[] = { OBJECT, { "suffix", T_TEXT, NULL }, SPECS, END };
static const struct field an_image[] = { OBJECT, { "imageTag", T_OBJECT, image }, SPECS, END };
static const struct field a_replica[] = { OBJECT, { "replica", T_OBJECT, replica }, SPECS, END };
static const struct field a_patch[] = {
	OBJECT, { "path", T_TEXT, NULL }, { "patch", T_TEXT, NULL }, { "target", T_OBJECT, selector }, { "options", T_OBJECT, patch_options }, END };
static const struct field a_json_patch[] = {
	OBJECT, { "path", T_TEXT, NULL }, { "jsonOp", T_TEXT, NULL }, { "target", T_OBJECT, selector }, END };
static const struct field a_merge_patch[] = { OBJECT, { "paths", T_TEXTS, NULL }, { "patches", T_TEXT, NULL }, END };
static const struct field a_replacement[] = { OBJECT, { "replacements", T_LIST, replacement }, END };
static const struct field an_affix[] = { OBJECT, { "prefix", T_TEXT, NULL }, { "suffix", T_TEXT, NULL }, SPECS, END };
static const struct field a_service[] = { { "name", T_TEXT, NULL }, { "namespace", T_TEXT, NULL }, END };
static const struct field an_account[] = { { "name", T_TEXT, NULL }, { "projectId", T_TEXT, NULL }, END };
static const struct field a_policy[] = {
	OBJECT, { "cloud", T_TEXT, NULL }, { "kubernetesService", T_OBJECT, a_service }, { "serviceAccount", T_OBJECT, an_account }, END };
static const struct field a_config_map[] = { OBJECT, GENERATOR, END };
static const struct field a_secret[] = { OBJECT, GENERATOR, { "type", T_TEXT, NULL }, END };
static const struct field a_chart[] = { OBJECT, CHART, GLOBALS, END };
static const struct field value_target[] = {
	{ "selector", T_OBJECT, selector }, { "fieldPath", T_TEXT, NULL }, { "filePathPosition", T_INT, NULL }, END };
static const struct field a_value[] = { OBJECT, { "value", T_TEXT, NULL }, { "targets", T_LIST, value_target }, { "targetFilePath", T_TEXT, NULL }, END };
static const struct field a_hash[] = { OBJECT, END };
static const struct { const char *kind; const struct field *of; } plugins[] = {
	{ "AnnotationsTransformer", a_annotations }, { "LabelTransformer", a_labels }, { "NamespaceTransformer", a_namespace },
	{ "PrefixTransformer", a_prefix }, { "SuffixTransformer", a_suffix }, { "ImageTagTransformer", an_image },
	{ "ReplicaCountTransformer", a_replica }, { "PatchTransformer", a_patch }, { "PatchJson6902Transformer", a_json_patch },
	{ "PatchStrategicMergeTransformer", a_merge_patch }, { "ReplacementTransformer", a_replacement }, { "PrefixSuffixTransformer", an_affix },
	{ "IAMPolicyGenerator", a_policy },
	{ "ConfigMapGenerator", a_config_map }, { "SecretGenerator", a_secret }, { "HelmChartInflationGenerator", a_chart },
	{ "ValueAddTransformer", a_value }, { "HashTransformer", a_hash },
};
/* clang-format on */

struct shaping {
	struct build *b;
	bool lenient; /* unknown fields are passed over, with a warning */
	const char *what;
};

static struct node *shape(struct shaping *x, const struct node *n, const struct field *f, const char *name);

static bool same_letters(str a, str b)
{
	for (size_t i = 0; i < a.n && a.n == b.n; i++)
		if (tolower((unsigned char)a.p[i]) != tolower((unsigned char)b.p[i]))
			return false;
	return a.n == b.n;
}

static const struct field *find(const struct field *f, str key)
{
	const struct field *loose = NULL;

	for (; f->name; f++) {
		if (str_eq(str_of(f->name), key))
			return f;
		if (same_letters(str_of(f->name), key))
			loose = f;
	}
	return loose;
}

static int unknown(struct shaping *x, const struct field *f, const struct entry *e)
{
	str names[40], near;
	size_t n = 0;

	for (; f->name && n < COUNT(names); f++)
		names[n++] = str_of(f->name);
	near = str_nearest(entry_key(e), names, n);
	str text = str_printf(x->b->a, "there is no \"%.*s\" in %s%s%.*s%s", STR_ARG(entry_key(e)), x->what, near.n ? "; did you mean \"" : "", STR_ARG(near),
			      near.n ? "\"?" : "");
	if (!x->lenient)
		return diag_trouble(x->b->diag, entry_pos(e), "kustomize", "%.*s", STR_ARG(text));
	diag_at(x->b->diag, SEV_WARNING, entry_pos(e), "kustomize", "%.*s", STR_ARG(text));
	return 0;
}

static bool texts_only(struct shaping *x, const struct node *n, const char *name, int *bad)
{
	for (uint32_t i = 0; i < n->n; i++) {
		const struct node *v = n->kind == NODE_SEQ ? n->items[i] : n->entries[i].value;
		if (v->kind == NODE_STRING || v->kind == NODE_NULL)
			continue;
		*bad = diag_trouble(x->b->diag, node_pos(v), "kustomize", "%s is made of texts, and this is %s; quote it", name, kind_name(v->kind));
		return false;
	}
	return true;
}

static bool fits_type(struct shaping *x, const struct node *n, const struct field *f, int *bad)
{
	switch (f->type) {
	case T_TEXT:
		return n->kind == NODE_STRING;
	case T_BOOL:
		return n->kind == NODE_BOOL;
	case T_INT:
		return n->kind == NODE_INT;
	case T_TEXTS:
		return n->kind == NODE_SEQ && texts_only(x, n, f->name, bad);
	case T_PAIRS:
		return n->kind == NODE_MAP && texts_only(x, n, f->name, bad);
	case T_MAP:
	case T_OBJECT:
		return n->kind == NODE_MAP;
	case T_LIST:
		return n->kind == NODE_SEQ;
	case T_ANY:
		return true;
	}
	return true;
}

static struct node *shape_value(struct shaping *x, const struct node *n, const struct field *f)
{
	struct arena *a = x->b->a;
	int bad = 0;

	if (n->kind == NODE_NULL)
		return NULL;
	if (!fits_type(x, n, f, &bad)) {
		if (!bad)
			diag_trouble(x->b->diag, node_pos(n), "kustomize", "%s is %s, not %s%s", f->name, type_names[f->type], kind_name(n->kind),
				     f->type == T_TEXT && n->kind < NODE_STRING ? "; quote it" : "");
		return NULL;
	}
	if (f->type == T_OBJECT)
		return shape(x, n, f->of, f->name);
	if (f->type != T_LIST)
		return (struct node *)n;
	struct node *list = node_at(node_new(a, NODE_SEQ), n);
	for (uint32_t i = 0; i < n->n; i++) {
		struct node *item;
		if (n->items[i]->kind == NODE_NULL) { /* Go's zero value */
			node_push(a, list, node_at(node_new(a, NODE_MAP), n->items[i]));
			continue;
		}
		if (n->items[i]->kind != NODE_MAP) {
			diag_trouble(x->b->diag, node_pos(n->items[i]), "kustomize", "%s is a list of maps, and this is %s", f->name, kind_name(n->items[i]->kind));
			return NULL;
		}
		if (!(item = shape(x, n->items[i], f->of, f->name)))
			return NULL;
		node_push(a, list, item);
	}
	return list;
}

static struct node *shape(struct shaping *x, const struct node *n, const struct field *f, const char *name)
{
	struct node *out = node_at(node_new(x->b->a, NODE_MAP), n);
	const char *above = x->what;

	x->what = name;
	for (uint32_t i = 0; i < n->n; i++) {
		const struct entry *e = &n->entries[i];
		const struct field *at = find(f, entry_key(e));
		struct node *value;
		if (!at) {
			if (unknown(x, f, e) < 0)
				return NULL;
			continue;
		}
		if (e->value->kind == NODE_NULL)
			continue;
		if (!(value = shape_value(x, e->value, at)))
			return NULL;
		struct entry *put = node_put(x->b->a, out, str_of(at->name), value);
		put->line = e->line;
		put->col = e->col;
	}
	x->what = above;
	return out;
}

struct node *shape_kustomization(struct build *b, struct node *doc)
{
	struct shaping x = { .b = b };

	return shape(&x, doc, kustomization, "a kustomization");
}

struct node *shape_plugin(struct build *b, struct node *doc, const char *kind)
{
	struct shaping x = { .b = b, .lenient = true };

	for (size_t i = 0; i < COUNT(plugins); i++)
		if (strcmp(plugins[i].kind, kind) == 0)
			return shape(&x, doc, plugins[i].of, kind);
	return doc;
}
