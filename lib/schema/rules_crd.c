/* SPDX-License-Identifier: MIT */
/* CustomResourceDefinitions: what makes a schema structural, and what else the API asks of them. */
#include "schema/rules.h"

#include <string.h>

#define FIELD(map, name) rule_get((map), S(name))
#define TEXT(map, name) node_get_str((map), S(name))

static bool is_kind(str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = (char)(s.p[i] | 32);
		bool letter = c >= 'a' && c <= 'z', digit = s.p[i] >= '0' && s.p[i] <= '9';
		if (!letter && !(i && (digit || (s.p[i] == '-' && i + 1 < s.n))))
			return false;
	}
	return s.n <= 63;
}

static bool is_int_or_string(const struct node *s)
{
	return node_true(FIELD(s, "x-kubernetes-int-or-string"));
}

/* anyOf: [{type: integer}, {type: string}], which int-or-string may say of itself. */
static bool says_both(const struct node *any)
{
	static const char *const types[] = { "integer", "string" };
	bool both = rule_items(any) == COUNT(types);
	for (size_t i = 0; both && i < COUNT(types); i++)
		both = str_eq(TEXT(any->items[i], "type"), str_of(types[i]));
	return both;
}

/* Within allOf, anyOf, oneOf and not only values are judged; typed: its own type may be there. */
static void check_junctor(struct rules *r, const struct node *s, const struct node *outer, int depth, bool typed)
{
	static const char *const forbidden[] = { "type", "default", "nullable", "description", "title", "additionalProperties", "x-kubernetes-preserve-unknown-fields",
						 "x-kubernetes-embedded-resource", "x-kubernetes-list-type", "x-kubernetes-list-map-keys", "x-kubernetes-map-type",
						 "x-kubernetes-validations" };
	static const char *const lists[] = { "allOf", "anyOf", "oneOf" };
	bool top = depth == 0, both = top && is_int_or_string(s);
	for (size_t i = 0; !top && i < COUNT(forbidden); i++) {
		const struct node *v = rule_get(s, str_of(forbidden[i]));
		if (v && !(v->kind == NODE_BOOL && !node_true(v)) && !(i == 0 && (typed || str_eq(r->id.version, S("v1beta1")))))
			rule_key(r, "api/crd", s, str_of(forbidden[i]), "must not be set here: within allOf, anyOf, oneOf and not only values are judged");
	}
	for (size_t i = 0; depth < 100 && i < COUNT(lists); i++) {
		const struct node *list = rule_get(s, str_of(lists[i]));
		for (size_t k = 0; k < rule_items(list); k++) {
			const struct node *any = FIELD(list->items[k], "anyOf");
			if (i == 0 && k == 0 && both && says_both(any))
				continue;
			check_junctor(r, list->items[k], outer, depth + 1, i == 1 && both && says_both(list));
		}
	}
	if (FIELD(s, "not") && depth < 100)
		check_junctor(r, FIELD(s, "not"), outer, depth + 1, false);
	const struct node *properties = FIELD(s, "properties"), *known = FIELD(outer, "properties");
	for (size_t i = 0; !top && depth < 100 && node_is(properties, NODE_MAP) && i < properties->n; i++)
		check_junctor(r, properties->entries[i].value, node_get(known, entry_key(&properties->entries[i])), depth + 1, false);
	if (!top && FIELD(s, "items") && depth < 100)
		check_junctor(r, FIELD(s, "items"), FIELD(outer, "items"), depth + 1, false);
}

static void check_list(struct rules *r, const struct node *s)
{
	const struct node *items = FIELD(s, "items"), *keys = FIELD(s, "x-kubernetes-list-map-keys"), *kind = FIELD(s, "x-kubernetes-list-type");
	bool map = str_eq(rule_text(kind), S("map"));
	bool set = str_eq(rule_text(kind), S("set"));
	struct map seen = { 0 };
	if (!items && str_eq(TEXT(s, "type"), S("array")))
		rule(r, "api/crd", SEV_ERROR, s, "an array needs its items");
	if (node_is(items, NODE_SEQ))
		rule(r, "api/crd", SEV_ERROR, items, "must be one schema, no list of them");
	if ((set || map) && node_true(FIELD(items, "nullable")))
		rule(r, "api/crd", SEV_ERROR, FIELD(items, "nullable"), "items of a %.*s list can't be nullable", STR_ARG(rule_text(kind)));
	if (set && str_eq(TEXT(items, "type"), S("object")) && !str_eq(TEXT(items, "x-kubernetes-map-type"), S("atomic")))
		rule(r, "api/crd", SEV_ERROR, items, "objects in a set need x-kubernetes-map-type: atomic");
	if (map && !rule_items(keys))
		rule(r, "api/crd", SEV_ERROR, kind, "a map list needs x-kubernetes-list-map-keys");
	if (keys && !map)
		rule_key(r, "api/crd", s, S("x-kubernetes-list-map-keys"), "goes with x-kubernetes-list-type: map only");
	if (kind && !str_eq(TEXT(s, "type"), S("array")))
		rule(r, "api/crd", SEV_ERROR, kind, "goes with the type array only");
	for (size_t i = 0; map && i < rule_items(keys); i++) {
		const struct node *field = node_get(FIELD(items, "properties"), rule_text(keys->items[i])), *required = FIELD(items, "required");
		bool there = FIELD(field, "default") != NULL;
		void **slot = map_at(r->a, &seen, rule_text(keys->items[i]));
		if (*slot)
			rule(r, "api/duplicate", SEV_ERROR, keys->items[i], "is there twice");
		*slot = keys->items[i];
		for (size_t k = 0; k < rule_items(required); k++)
			there |= str_eq(rule_text(required->items[k]), rule_text(keys->items[i]));
		if (!field)
			rule(r, "api/crd", SEV_ERROR, keys->items[i], "the items have no field of this name");
		else if (!there)
			rule(r, "api/crd", SEV_ERROR, keys->items[i], "a key is required in the items, or has a default");
		else if (node_true(FIELD(field, "nullable")))
			rule(r, "api/crd", SEV_ERROR, FIELD(field, "nullable"), "a key of a map list can't be nullable");
		else if (str_eq(TEXT(field, "type"), S("object")) || str_eq(TEXT(field, "type"), S("array")))
			rule(r, "api/crd", SEV_ERROR, keys->items[i], "a key is a scalar");
	}
}

/* Metadata, apiVersion and kind of an object are known: a schema can't change them. */
static void check_identity(struct rules *r, const struct node *properties)
{
	static const char *const fields[][2] = { { "metadata", "object" }, { "apiVersion", "string" }, { "kind", "string" } };
	for (size_t i = 0; i < COUNT(fields); i++) {
		const struct node *type = FIELD(rule_get(properties, str_of(fields[i][0])), "type");
		if (rule_text(type).n && !str_eq(rule_text(type), str_of(fields[i][1])))
			rule(r, "api/crd", SEV_ERROR, type, "the type of %s is %s", fields[i][0], fields[i][1]);
	}
}

/* ".a.b" is a field of the schema. */
static bool has_path(const struct node *s, str path)
{
	while (s && path.n && path.p[0] == '.') {
		size_t end = 1;
		while (end < path.n && path.p[end] != '.' && path.p[end] != '[')
			end++;
		if (end < path.n && path.p[end] == '[')
			return true; /* items and quoted names are not followed */
		const struct node *properties = FIELD(s, "properties"), *rest = FIELD(s, "additionalProperties");
		s = node_get(properties, str_sub(path, 1, end)) ? node_get(properties, str_sub(path, 1, end)) : node_is(rest, NODE_MAP) ? rest : NULL;
		path = str_sub(path, end, path.n);
	}
	return s && !path.n;
}

static void check_cel(struct rules *r, const struct node *s)
{
	const struct node *list = FIELD(s, "x-kubernetes-validations");
	for (size_t i = 0; i < rule_items(list); i++) {
		const struct node *path = FIELD(list->items[i], "fieldPath"), *old = FIELD(list->items[i], "optionalOldSelf");
		if (rule_text(path).n && !has_path(s, rule_text(path)))
			rule(r, "api/crd", SEV_ERROR, path, "there is no such field in this schema");
		if (node_true(old) && str_find(TEXT(list->items[i], "rule"), S("oldSelf")) < 0)
			rule(r, "api/crd", SEV_ERROR, old, "goes with a rule that names oldSelf only");
	}
}

/* What one schema says for itself. */
static void check_one(struct rules *r, const struct node *s)
{
	static const char *const no[] = { "patternProperties", "dependencies", "definitions", "additionalItems", "id", "$schema", "$ref" };
	const struct node *type = FIELD(s, "type"), *properties = FIELD(s, "properties"), *rest = FIELD(s, "additionalProperties"), *map = FIELD(s, "x-kubernetes-map-type");
	const struct node *open = FIELD(s, "x-kubernetes-preserve-unknown-fields");
	bool free = node_true(open), embedded = node_true(FIELD(s, "x-kubernetes-embedded-resource")), object = str_eq(rule_text(type), S("object"));
	for (size_t i = 0; i < COUNT(no); i++)
		if (rule_get(s, str_of(no[i])) && !str_eq(r->id.version, S("v1beta1")))
			rule_key(r, "api/crd", s, str_of(no[i]), "is no part of a structural schema");
	if (node_is(open, NODE_BOOL) && !free)
		rule(r, "api/crd", SEV_ERROR, open, "must be true or absent");
	if (map && rule_text(type).n && !object)
		rule(r, "api/crd", SEV_ERROR, map, "goes with the type object only");
	if (embedded && !object)
		rule(r, "api/crd", SEV_ERROR, type ? type : s, "an embedded resource is of the type object");
	if (embedded && !properties && !free)
		rule(r, "api/crd", SEV_ERROR, s, "an embedded resource needs properties or x-kubernetes-preserve-unknown-fields");
	if (embedded)
		check_identity(r, properties);
	if (node_is(properties, NODE_MAP) && properties->n && (node_is(rest, NODE_MAP) || (node_is(rest, NODE_BOOL) && !node_true(rest))))
		rule_key(r, "api/crd", s, S("additionalProperties"), "must not be set beside properties");
	if (node_true(FIELD(s, "uniqueItems")))
		rule_key(r, "api/crd", s, S("uniqueItems"), "must not be true: use x-kubernetes-list-type: set");
	check_list(r, s);
	check_cel(r, s);
}

static void check_schema(struct rules *r, const struct node *s, int depth)
{
	const struct node *properties = FIELD(s, "properties"), *rest = FIELD(s, "additionalProperties");
	if (!TEXT(s, "type").n && !is_int_or_string(s) && !node_true(FIELD(s, "x-kubernetes-preserve-unknown-fields")))
		rule(r, "api/crd", SEV_ERROR, s, "a structural schema says the type of each field");
	check_one(r, s);
	check_junctor(r, s, s, 0, false);
	for (size_t i = 0; depth < 100 && node_is(properties, NODE_MAP) && i < properties->n; i++)
		check_schema(r, properties->entries[i].value, depth + 1);
	if (depth < 100 && node_is(FIELD(s, "items"), NODE_MAP))
		check_schema(r, FIELD(s, "items"), depth + 1);
	if (depth < 100 && node_is(rest, NODE_MAP))
		check_schema(r, rest, depth + 1);
}

static void check_root(struct rules *r, const struct node *s)
{
	static const char *const named[] = { "name", "generateName" };
	static const char *const plain[] = { "type", "description", "properties", "title" };
	const struct node *properties = FIELD(s, "properties"), *metadata = FIELD(properties, "metadata"), *fields = FIELD(metadata, "properties");
	if (TEXT(s, "type").n ? !str_eq(TEXT(s, "type"), S("object")) : !node_true(FIELD(s, "x-kubernetes-preserve-unknown-fields")))
		rule(r, "api/crd", SEV_ERROR, s, "the schema's type must be object");
	if (node_true(FIELD(s, "nullable")))
		rule(r, "api/crd", SEV_ERROR, FIELD(s, "nullable"), "the object itself can't be nullable");
	if (FIELD(s, "additionalProperties"))
		rule_key(r, "api/crd", s, S("additionalProperties"), "must not be set for the object itself");
	check_identity(r, properties);
	for (size_t i = 0; node_is(fields, NODE_MAP) && i < fields->n; i++)
		if (!str_eq(entry_key(&fields->entries[i]), str_of(named[0])) && !str_eq(entry_key(&fields->entries[i]), str_of(named[1])))
			rule_key(r, "api/crd", fields, entry_key(&fields->entries[i]), "of the metadata only name and generateName can be narrowed");
	for (size_t i = 0; node_is(metadata, NODE_MAP) && i < metadata->n; i++) {
		bool fine = metadata->entries[i].value->kind == NODE_NULL;
		for (size_t k = 0; k < COUNT(plain); k++)
			fine |= str_eq(entry_key(&metadata->entries[i]), str_of(plain[k]));
		if (!fine)
			rule_key(r, "api/crd", metadata, entry_key(&metadata->entries[i]), "of the metadata only name and generateName can be narrowed");
	}
	check_schema(r, s, 0);
}

static void check_version(struct rules *r, const struct node *v)
{
	const struct node *schema = rule_path(v, "schema.openAPIV3Schema"), *warning = FIELD(v, "deprecationWarning"), *fields = FIELD(v, "selectableFields");
	struct map paths = { 0 };
	if (!schema && node_is(v, NODE_MAP))
		rule(r, "api/crd", SEV_ERROR, v, "a version needs its schema.openAPIV3Schema");
	if (node_is(schema, NODE_MAP))
		check_root(r, schema);
	if (warning && !node_true(FIELD(v, "deprecated")))
		rule(r, "api/crd", SEV_ERROR, warning, "goes with deprecated: true only");
	bool plain = rule_text(warning).n > 0;
	for (size_t i = 0; i < rule_text(warning).n; i++)
		plain &= (unsigned char)rule_text(warning).p[i] >= 0x20;
	if (warning && (!plain || rule_text(warning).n > 256))
		rule(r, "api/crd", SEV_ERROR, warning, "must be one line of 1 to 256 bytes");
	rule_unique(r, &paths, fields, "jsonPath", "field");
	for (size_t i = 0; schema && i < rule_items(fields); i++) {
		const struct node *path = FIELD(fields->items[i], "jsonPath");
		if (rule_text(path).n && (str_starts(rule_text(path), S(".metadata")) || !has_path(schema, rule_text(path))))
			rule(r, "api/crd", SEV_ERROR, path, "there is no such field in the schema");
	}
}

static void check_kind(struct rules *r, const struct node *kind)
{
	if (rule_text(kind).n && !is_kind(rule_text(kind)))
		rule(r, "api/name", SEV_ERROR, kind, "a kind is made of letters and digits (and -), begins with a letter and has at most 63, found \"%.*s\"", STR_ARG(rule_text(kind)));
}

/* Groups of Kubernetes itself: who adds to them says by whose leave. */
static void check_group(struct rules *r, const struct node *group)
{
	bool own = str_eq(rule_text(group), S("k8s.io")) || str_eq(rule_text(group), S("kubernetes.io")) || str_ends(rule_text(group), S(".k8s.io")) ||
		   str_ends(rule_text(group), S(".kubernetes.io"));
	str why = TEXT(rule_path(r->object, "metadata.annotations"), "api-approved.kubernetes.io");
	if (own && !str_starts(why, S("unapproved")) && !str_starts(why, S("https://")) && !str_starts(why, S("http://")))
		rule(r, "api/crd", SEV_ERROR, group, "groups of Kubernetes itself need the annotation api-approved.kubernetes.io, a URL or \"unapproved, …\"");
}

void rules_crd(struct rules *r)
{
	const struct node *spec = FIELD(r->object, "spec"), *versions = FIELD(spec, "versions"), *name = rule_path(r->object, "metadata.name");
	const struct node *kind = rule_path(spec, "names.kind"), *list = rule_path(spec, "names.listKind");
	str want = str_printf(r->a, "%.*s.%.*s", STR_ARG(TEXT(FIELD(spec, "names"), "plural")), STR_ARG(TEXT(spec, "group")));
	struct map names = { 0 };
	size_t stored = 0;
	if (name && !str_eq(rule_text(name), want))
		rule(r, "api/crd", SEV_ERROR, name, "the name must be %.*s (spec.names.plural and spec.group), found \"%.*s\"", STR_ARG(want), STR_ARG(rule_text(name)));
	check_group(r, FIELD(spec, "group"));
	rule_unique(r, &names, versions, "name", "version");
	for (size_t i = 0; i < rule_items(versions); i++) {
		stored += node_true(FIELD(versions->items[i], "storage"));
		check_version(r, versions->items[i]);
	}
	check_kind(r, kind);
	check_kind(r, list);
	if (rule_text(list).n && str_eq(rule_text(list), rule_text(kind)))
		rule(r, "api/crd", SEV_ERROR, list, "must not be the kind itself");
	if (node_true(FIELD(spec, "preserveUnknownFields")))
		rule(r, "api/crd", SEV_ERROR, FIELD(spec, "preserveUnknownFields"), "must not be true: set x-kubernetes-preserve-unknown-fields in the schema");
	const struct node *reviews = rule_path(spec, "conversion.webhook.conversionReviewVersions");
	bool known = false;
	for (size_t i = 0; i < rule_items(reviews); i++)
		known |= str_eq(rule_text(reviews->items[i]), S("v1")) || str_eq(rule_text(reviews->items[i]), S("v1beta1"));
	if (rule_items(reviews) && !known)
		rule(r, "api/enum", SEV_ERROR, reviews, "must hold v1 or v1beta1: the server speaks these");
	if (versions && stored != 1)
		rule(r, "api/crd", SEV_ERROR, versions, "exactly one version must be stored, %zu are", stored);
}
