/* SPDX-License-Identifier: MIT */
/* Fields of one definition that must fit each other, wherever it is used (the rules one, most, some, needs and check of values.txt). */
#include "schema/internal.h"
#include "kube/kube.h"

#include <stdio.h>
#include <string.h>

#define TEXT(map, name) node_get_str((map), S(name))

/* Present, and neither null nor empty. */
static const struct node *field(const struct node *map, str name)
{
	const struct node *v = node_get(map, name);
	bool none = !v || v->kind == NODE_NULL || (v->kind == NODE_SEQ && !v->n) || (v->kind == NODE_STRING && !v->n);
	return none ? NULL : v;
}

bool shape_bad(const struct api_shape *x, const char *name, const char *rule, const char *fmt, ...)
{
	const struct entry *e = node_entry(x->n, str_of(name));
	struct frame here = { x->at, e, 0 };
	char text[400];
	va_list args;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return explain(x->c, x->s, "", rule, e ? e->value : x->n, e ? &here : x->at, NULL, "%s", text);
}

static bool is_one_of(str s, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(s, str_of(list[i])))
			return true;
	return false;
}

/* ---- one, most, some, needs --------------------------------------------------- */
static bool count_fields(const struct api_shape *x, const struct node *names, bool least, bool most)
{
	str first = { 0 }, second = { 0 };
	for (size_t i = 0; i < names->n; i++)
		if (field(x->n, node_str(names->items[i])))
			*(first.n ? &second : &first) = node_str(names->items[i]);
	if (most && second.n)
		return shape_bad(x, second.p, "api/one-of", "%.*s is there already: only one of them is allowed", STR_ARG(first));
	if (!least || first.n)
		return true;
	struct buf b = BUF(&x->c->a);
	for (size_t i = 0; i < names->n; i++)
		buf_printf(&b, "%s%.*s", !i ? "" : i + 1 == names->n ? " or " : ", ", STR_ARG(node_str(names->items[i])));
	return explain(x->c, x->s, "", "api/one-of", x->n, x->at, NULL, "needs one of %.*s", STR_ARG(buf_str(&b)));
}

bool check_shape(const struct api_shape *x, const struct api_rules *r)
{
	bool ok = true;
	if (r->one)
		ok = count_fields(x, r->one, true, true);
	if (r->most)
		ok = count_fields(x, r->most, false, true) && ok;
	if (r->some)
		ok = count_fields(x, r->some, true, false) && ok;
	for (size_t i = 0; r->needs && i < r->needs->n; i++) {
		str name = node_str(r->needs->items[i]);
		if (!field(x->n, name))
			ok = shape_bad(x, name.p, "api/required", "the field \"%.*s\" is required, and not empty", STR_ARG(name));
	}
	return ok && (!r->check || r->check->holds(x));
}

/* ---- selectors -------------------------------------------------------------------- */
static size_t count_of(const struct api_shape *x, const char *name)
{
	const struct node *v = node_get(x->n, str_of(name));
	return node_is(v, NODE_SEQ) ? v->n : 0;
}

static bool values_fit(const struct api_shape *x)
{
	str op = TEXT(x->n, "operator");
	size_t n = count_of(x, "values");
	if ((str_eq(op, S("In")) || str_eq(op, S("NotIn"))) && !n)
		return shape_bad(x, "values", "api/selector", "the operator %.*s needs values", STR_ARG(op));
	if ((str_eq(op, S("Exists")) || str_eq(op, S("DoesNotExist"))) && n)
		return shape_bad(x, "values", "api/selector", "must be empty where the operator is %.*s", STR_ARG(op));
	if ((str_eq(op, S("Gt")) || str_eq(op, S("Lt"))) && n != 1)
		return shape_bad(x, "values", "api/selector", "the operator %.*s needs one value", STR_ARG(op));
	return true;
}

static bool node_term(const struct api_shape *x)
{
	const struct entry *e = node_entry(x->n, S("matchFields"));
	struct frame list = { x->at, e, 0 };
	bool ok = true;
	for (uint32_t i = 0; e && e->value->kind == NODE_SEQ && i < e->value->n; i++) {
		struct frame here = { &list, NULL, i };
		struct api_shape item = { x->c, x->s, &here, e->value->items[i] };
		str op = TEXT(item.n, "operator");
		if (!str_eq(TEXT(item.n, "key"), S("metadata.name")))
			ok = shape_bad(&item, "key", "api/selector", "the only field to select by is metadata.name");
		if (!str_eq(op, S("In")) && !str_eq(op, S("NotIn")))
			ok = shape_bad(&item, "operator", "api/selector", "a field is selected by In or NotIn");
		else if (count_of(&item, "values") > 1)
			ok = shape_bad(&item, "values", "api/selector", "a field is selected by one value");
	}
	return ok;
}

static bool scope(const struct api_shape *x)
{
	static const char *const by_name[] = { "PriorityClass", "VolumeAttributesClass" };
	str scope = TEXT(x->n, "scopeName"), op = TEXT(x->n, "operator");
	if (scope.n && !is_one_of(scope, by_name, COUNT(by_name)) && !str_eq(op, S("Exists")))
		return shape_bad(x, "operator", "api/selector", "must be Exists for the scope %.*s", STR_ARG(scope));
	return values_fit(x);
}

/* The labels of the pod to match by need a selector to be added to. */
static bool label_keys(const struct api_shape *x, const char *name)
{
	return !count_of(x, name) || node_is(node_get(x->n, S("labelSelector")), NODE_MAP) ||
	       shape_bad(x, name, "api/selector", "goes with a labelSelector only");
}

static bool affinity_term(const struct api_shape *x)
{
	const struct node *match = node_get(x->n, S("matchLabelKeys")), *mismatch = node_get(x->n, S("mismatchLabelKeys"));
	for (size_t i = 0; node_is(match, NODE_SEQ) && i < match->n; i++)
		for (size_t k = 0; node_is(mismatch, NODE_SEQ) && k < mismatch->n; k++)
			if (str_eq(node_str(match->items[i]), node_str(mismatch->items[k])))
				return shape_bad(x, "mismatchLabelKeys", "api/selector", "\"%.*s\" is in matchLabelKeys too", STR_ARG(node_str(match->items[i])));
	return label_keys(x, "matchLabelKeys") && label_keys(x, "mismatchLabelKeys");
}

static bool spread(const struct api_shape *x)
{
	if (field(x->n, S("minDomains")) && str_eq(TEXT(x->n, "whenUnsatisfiable"), S("ScheduleAnyway")))
		return shape_bad(x, "minDomains", "api/forbidden", "goes with whenUnsatisfiable: DoNotSchedule only");
	return label_keys(x, "matchLabelKeys");
}

/* ---- what containers see ------------------------------------------------------------ */
/* metadata.labels['KEY'] and metadata.annotations['KEY'] */
static bool label_path(str path)
{
	static const char *const maps[] = { "metadata.labels['", "metadata.annotations['" };
	for (size_t i = 0; i < COUNT(maps); i++) {
		str start = str_of(maps[i]);
		if (str_starts(path, start) && str_ends(path, S("']")) && path.n > start.n + 1) {
			const struct api_format *f = api_format_find(i ? S("any-case-name") : S("qualified-name"));
			return f->valid(str_sub(path, start.n, path.n - 2));
		}
	}
	return false;
}

static bool field_path(const struct api_shape *x, const char *const *paths, size_t n)
{
	const struct entry *e = node_entry(x->n, S("fieldRef"));
	struct frame here = { x->at, e, 0 };
	str path = e ? TEXT(e->value, "fieldPath") : (str){ 0 };
	if (!path.n || is_one_of(path, paths, n) || label_path(path))
		return true;
	str *names = NEW_ARRAY(&x->c->a, str, n), near;
	for (size_t i = 0; i < n; i++)
		names[i] = str_of(paths[i]);
	near = str_nearest(path, names, n);
	struct api_shape ref = { x->c, x->s, &here, e->value };
	return shape_bad(&ref, "fieldPath", "api/enum", "\"%.*s\" is no field that is to be had here%s%.*s%s", STR_ARG(path), near.n ? "; did you mean \"" : "",
		   STR_ARG(near), near.n ? "\"?" : " (metadata.name, metadata.labels['KEY'], …)");
}

static bool env_source(const struct api_shape *x)
{
	static const char *const paths[] = { "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName",
					     "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs" };
	return field_path(x, paths, COUNT(paths));
}

static bool downward_file(const struct api_shape *x)
{
	static const char *const paths[] = { "metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid" };
	const struct entry *e = node_entry(x->n, S("resourceFieldRef"));
	struct frame here = { x->at, e, 0 };
	struct api_shape ref = { x->c, x->s, &here, e ? e->value : NULL };
	if (e && e->value->kind == NODE_MAP && !field(e->value, S("containerName")))
		return shape_bad(&ref, "containerName", "api/required", "the field \"containerName\" is required in a volume, and not empty");
	return field_path(x, paths, COUNT(paths));
}

static bool resource_field(const struct api_shape *x)
{
	static const char *const names[] = { "limits.cpu", "limits.memory", "limits.ephemeral-storage", "requests.cpu", "requests.memory", "requests.ephemeral-storage" };
	static const char *const sizes[] = { "0", "1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei" };
	str resource = TEXT(x->n, "resource"), divisor = node_str(node_get(x->n, S("divisor")));
	bool pages = str_starts(resource, S("limits.hugepages-")) || str_starts(resource, S("requests.hugepages-")), fits = !divisor.n;
	int order;
	if (!resource.n || (!pages && !is_one_of(resource, names, COUNT(names))))
		return shape_bad(x, "resource", "api/enum", "expected limits. or requests. with cpu, memory, ephemeral-storage or hugepages-SIZE");
	bool cpu = str_ends(resource, S(".cpu"));
	for (size_t i = 0; i < COUNT(sizes) && (!cpu || i < 2); i++)
		fits |= kube_quantity_cmp(divisor, str_of(sizes[i]), &order) && !order;
	fits |= cpu && kube_quantity_cmp(divisor, S("1m"), &order) && !order;
	return fits || shape_bad(x, "divisor", "api/enum", cpu ? "expected 1 or 1m for cpu" : "expected 1, or 1 of k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei");
}

static bool local_profile(const struct api_shape *x)
{
	str type = TEXT(x->n, "type"), profile = TEXT(x->n, "localhostProfile");
	bool local = str_eq(type, S("Localhost")), set = node_get(x->n, S("localhostProfile")) && node_get(x->n, S("localhostProfile"))->kind != NODE_NULL;
	if (local && !str_trim(profile).n)
		return shape_bad(x, "localhostProfile", "api/security-context", "the type Localhost needs a localhostProfile");
	return local || !type.n || !set || shape_bad(x, "localhostProfile", "api/security-context", "goes with the type Localhost only");
}

static bool mount(const struct api_shape *x)
{
	str read_only = TEXT(x->n, "recursiveReadOnly"), propagation = TEXT(x->n, "mountPropagation");
	bool recursive = read_only.n && !str_eq(read_only, S("Disabled"));
	if (TEXT(x->n, "subPath").n && TEXT(x->n, "subPathExpr").n)
		return shape_bad(x, "subPathExpr", "api/one-of", "subPath is there already: only one of them is allowed");
	if (recursive && !node_true(node_get(x->n, S("readOnly"))))
		return shape_bad(x, "recursiveReadOnly", "api/volume-mount", "goes with readOnly: true only");
	if (recursive && propagation.n && !str_eq(propagation, S("None")))
		return shape_bad(x, "recursiveReadOnly", "api/volume-mount", "goes with mountPropagation: None only");
	return true;
}

static bool dns_config(const struct api_shape *x)
{
	if (count_of(x, "nameservers") > 3)
		return shape_bad(x, "nameservers", "api/size", "has %zu items; at most 3 are allowed", count_of(x, "nameservers"));
	return count_of(x, "searches") <= 32 || shape_bad(x, "searches", "api/size", "has %zu items; at most 32 are allowed", count_of(x, "searches"));
}

static const struct api_check checks[] = {
	{ "selector", values_fit }, { "node-requirement", values_fit }, { "node-term", node_term }, { "scope", scope },
	{ "affinity-term", affinity_term }, { "spread", spread }, { "env-source", env_source }, { "downward-file", downward_file },
	{ "resource-field", resource_field }, { "local-profile", local_profile }, { "mount", mount }, { "dns-config", dns_config },
};

const struct api_check *api_check_find(str name)
{
	for (size_t i = 0; i < COUNT(checks); i++)
		if (str_eq(name, str_of(checks[i].name)))
			return &checks[i];
	return api_check_part(name);
}
