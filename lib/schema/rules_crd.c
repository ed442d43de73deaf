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

/* Within allOf, anyOf, oneOf and not only values are judged. */
static void check_junctor(struct rules *r, const struct node *s, int depth)
{
	static const char *const forbidden[] = { "type", "default", "nullable", "description", "title", "additionalProperties", "x-kubernetes-preserve-unknown-fields",
						 "x-kubernetes-embedded-resource", "x-kubernetes-list-type", "x-kubernetes-list-map-keys", "x-kubernetes-map-type" };
	static const char *const lists[] = { "allOf", "anyOf", "oneOf" };
	bool top = depth == 0;
	for (size_t i = 0; !top && i < COUNT(forbidden); i++)
		if (rule_get(s, str_of(forbidden[i])) && !(i == 0 && str_eq(r->id.version, S("v1beta1"))))
			rule_key(r, "api/crd", s, str_of(forbidden[i]), "must not be set here: within allOf, anyOf, oneOf and not only values are judged");
	for (size_t i = 0; i < COUNT(lists); i++)
		for (size_t k = 0; depth < 100 && k < rule_items(rule_get(s, str_of(lists[i]))); k++)
			check_junctor(r, rule_get(s, str_of(lists[i]))->items[k], depth + 1);
	if (FIELD(s, "not") && depth < 100)
		check_junctor(r, FIELD(s, "not"), depth + 1);
	const struct node *properties = FIELD(s, "properties");
	for (size_t i = 0; !top && depth < 100 && node_is(properties, NODE_MAP) && i < properties->n; i++)
		check_junctor(r, properties->entries[i].value, depth + 1);
	if (!top && FIELD(s, "items") && depth < 100)
		check_junctor(r, FIELD(s, "items"), depth + 1);
}

/* int-or-string is said as anyOf of two types, or as an allOf that holds that. */
static bool is_int_or_string(const struct node *s)
{
	return node_true(FIELD(s, "x-kubernetes-int-or-string"));
}

static void check_list(struct rules *r, const struct node *s)
{
	const struct node *items = FIELD(s, "items"), *keys = FIELD(s, "x-kubernetes-list-map-keys"), *kind = FIELD(s, "x-kubernetes-list-type");
	bool map = str_eq(rule_text(kind), S("map"));
	if (!items && str_eq(TEXT(s, "type"), S("array")))
		rule(r, "api/crd", SEV_ERROR, s, "an array needs its items");
	if (map && !rule_items(keys))
		rule(r, "api/crd", SEV_ERROR, kind, "a map list needs x-kubernetes-list-map-keys");
	if (keys && !map)
		rule_key(r, "api/crd", s, S("x-kubernetes-list-map-keys"), "goes with x-kubernetes-list-type: map only");
	if (kind && !str_eq(TEXT(s, "type"), S("array")))
		rule(r, "api/crd", SEV_ERROR, kind, "goes with the type array only");
	for (size_t i = 0; map && i < rule_items(keys); i++) {
		const struct node *field = node_get(FIELD(items, "properties"), rule_text(keys->items[i])), *required = FIELD(items, "required");
		bool there = FIELD(field, "default") != NULL;
		for (size_t k = 0; k < rule_items(required); k++)
			there |= str_eq(rule_text(required->items[k]), rule_text(keys->items[i]));
		if (!field)
			rule(r, "api/crd", SEV_ERROR, keys->items[i], "the items have no field of this name");
		else if (!there)
			rule(r, "api/crd", SEV_ERROR, keys->items[i], "a key is required in the items, or has a default");
		else if (str_eq(TEXT(field, "type"), S("object")) || str_eq(TEXT(field, "type"), S("array")))
			rule(r, "api/crd", SEV_ERROR, keys->items[i], "a key is a scalar");
	}
}

static void check_schema(struct rules *r, const struct node *s, int depth)
{
	const struct node *type = FIELD(s, "type"), *properties = FIELD(s, "properties"), *rest = FIELD(s, "additionalProperties");
	bool free = node_true(FIELD(s, "x-kubernetes-preserve-unknown-fields"));
	if (!rule_text(type).n && !is_int_or_string(s) && !free)
		rule(r, "api/crd", SEV_ERROR, s, "a structural schema says the type of each field");
	if (rule_text(type).n && is_int_or_string(s))
		rule(r, "api/crd", SEV_ERROR, type, "must not be set beside x-kubernetes-int-or-string");
	if (node_true(FIELD(s, "x-kubernetes-embedded-resource")) && !str_eq(rule_text(type), S("object")))
		rule(r, "api/crd", SEV_ERROR, type ? type : s, "an embedded resource is of the type object");
	if (node_true(FIELD(s, "x-kubernetes-embedded-resource")) && !properties && !free)
		rule(r, "api/crd", SEV_ERROR, s, "an embedded resource needs properties or x-kubernetes-preserve-unknown-fields");
	if (node_is(properties, NODE_MAP) && properties->n && node_is(rest, NODE_MAP))
		rule_key(r, "api/crd", s, S("additionalProperties"), "must not be set beside properties");
	if (FIELD(s, "uniqueItems") && node_true(FIELD(s, "uniqueItems")))
		rule_key(r, "api/crd", s, S("uniqueItems"), "must not be true: use x-kubernetes-list-type: set");
	check_list(r, s);
	if (!is_int_or_string(s))
		check_junctor(r, s, 0);
	for (size_t i = 0; depth < 100 && node_is(properties, NODE_MAP) && i < properties->n; i++)
		check_schema(r, properties->entries[i].value, depth + 1);
	if (depth < 100 && node_is(FIELD(s, "items"), NODE_MAP))
		check_schema(r, FIELD(s, "items"), depth + 1);
	if (depth < 100 && node_is(rest, NODE_MAP))
		check_schema(r, rest, depth + 1);
}

void rules_crd(struct rules *r)
{
	const struct node *spec = FIELD(r->object, "spec"), *versions = FIELD(spec, "versions"), *name = rule_path(r->object, "metadata.name");
	str want = str_printf(r->a, "%.*s.%.*s", STR_ARG(TEXT(FIELD(spec, "names"), "plural")), STR_ARG(TEXT(spec, "group")));
	size_t stored = 0;
	if (name && !str_eq(rule_text(name), want))
		rule(r, "api/crd", SEV_ERROR, name, "the name must be %.*s (spec.names.plural and spec.group), found \"%.*s\"", STR_ARG(want), STR_ARG(rule_text(name)));
	for (size_t i = 0; i < rule_items(versions); i++) {
		stored += node_true(FIELD(versions->items[i], "storage"));
		if (!rule_path(versions->items[i], "schema.openAPIV3Schema") && node_is(versions->items[i], NODE_MAP))
			rule(r, "api/crd", SEV_ERROR, versions->items[i], "a version needs its schema.openAPIV3Schema");
		const struct node *schema = rule_path(versions->items[i], "schema.openAPIV3Schema");
		if (node_is(schema, NODE_MAP))
			check_schema(r, schema, 0);
		if (node_is(schema, NODE_MAP) && !str_eq(TEXT(schema, "type"), S("object")))
			rule(r, "api/crd", SEV_ERROR, schema, "the schema's type must be object");
	}
	const struct node *kind = rule_path(spec, "names.kind");
	if (rule_text(kind).n && !is_kind(rule_text(kind)))
		rule(r, "api/name", SEV_ERROR, kind, "a kind is made of letters and digits (and -), begins with a letter and has at most 63, found \"%.*s\"", STR_ARG(rule_text(kind)));
	const struct node *list = rule_path(spec, "names.listKind");
	if (rule_text(list).n && !is_kind(rule_text(list)))
		rule(r, "api/name", SEV_ERROR, list, "a kind is made of letters and digits (and -), begins with a letter and has at most 63, found \"%.*s\"", STR_ARG(rule_text(list)));
	if (versions && stored != 1)
		rule(r, "api/crd", SEV_ERROR, versions, "exactly one version must be stored, %zu are", stored);
}
