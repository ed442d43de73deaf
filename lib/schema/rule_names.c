/* SPDX-License-Identifier: MIT */
/* The names of all rules, by family: a suppression must name one of them. */
#include "schema/findings.h"
#include "schema/secrets.h"

#include <fnmatch.h>
#include <string.h>

static const struct names {
	unsigned families;
	const char *const *names;
} lists[] = {
	{ FAMILY(SCHEMA) | FAMILY(KUBERNETES),
	  (const char *const[]){ "type", "enum", "const", "required", "format", "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
				 "multipleOf", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties",
				 "additionalProperties", "allOf", "anyOf", "oneOf", "not", NULL } },
	{ FAMILY(SCHEMA),
	  (const char *const[]){ "false", "if", "then", "else", "items", "additionalItems", "prefixItems", "contains", "minContains", "maxContains",
				 "properties", "patternProperties", "propertyNames", "dependencies", "dependentRequired", "dependentSchemas",
				 "unevaluatedItems", "unevaluatedProperties", "contentEncoding", "contentMediaType", NULL } },
	{ FAMILY(KUBERNETES), (const char *const[]){ "unknown-field", "unknown-kind", "no-object", "duplicate-item", "nullable", "number", NULL } },
	{ FAMILY(API),
	  (const char *const[]){ "api/name", "api/required", "api/one-of", "api/duplicate", "api/enum", "api/range", "api/format", "api/size", "api/selector",
				 "api/strategy", "api/service", "api/ingress", "api/network-policy", "api/role-ref", "api/rbac", "api/resource-name",
				 "api/resources", "api/probe", "api/volume-mount", "api/security-context", "api/host-port", "api/restart-policy", "api/dns",
				 "api/toleration", "api/crd", "api/removed", "api/deprecated", "api/namespace", "api/forbidden", "api/annotation",
				 "api/job", NULL } },
	{ FAMILY(CEL), (const char *const[]){ "cel-not-evaluated", NULL } },
	{ FAMILY(REFERENCES), (const char *const[]){ "ref/missing", "ref/port", "ref/grant", "ref/selects-nothing", "ref/duplicate-object", NULL } },
	{ FAMILY(SECRETS),
	  (const char *const[]){ "secret/password", "secret/high-entropy", NULL } }, /* and those of tokens */
	{ FAMILY(SCALARS), (const char *const[]){ "ambiguous-scalar", "boolean-key", "number-key", "duplicate-key", NULL } },
	{ ~0u, (const char *const[]){ "unused-suppression", "unknown-rule", "nothing-matched", "stale-baseline", NULL } },
};

bool rule_known(const char *glob, unsigned families)
{
	const char *name;
	for (size_t i = 0; i < COUNT(lists); i++)
		for (const char *const *at = lists[i].names; (lists[i].families & families) && *at; at++)
			if (fnmatch(glob, *at, 0) == 0)
				return true;
	for (size_t i = 0; (families & FAMILY(SECRETS)) && (name = secret_rule(i)); i++)
		if (fnmatch(glob, name, 0) == 0)
			return true;
	return false;
}

str rule_nearest(const char *rule)
{
	str all[512];
	const char *name;
	size_t n = 0;
	for (size_t i = 0; i < COUNT(lists); i++)
		for (const char *const *at = lists[i].names; *at && n < COUNT(all); at++)
			all[n++] = str_of(*at);
	for (size_t i = 0; (name = secret_rule(i)) && n < COUNT(all); i++)
		all[n++] = str_of(name);
	return str_nearest(str_of(rule), all, n);
}

void rule_names_off(struct buf *b, const char *glob, enum family f)
{
	const char *name;
	for (size_t i = 0; i < COUNT(lists); i++)
		for (const char *const *at = lists[i].names; (lists[i].families >> f & 1) && lists[i].families != ~0u && *at; at++)
			if (fnmatch(glob, *at, 0) == 0)
				buf_printf(b, "%s%s", b->n ? ", " : "", *at);
	for (size_t i = 0; f == FAMILY_SECRETS && (name = secret_rule(i)); i++)
		if (fnmatch(glob, name, 0) == 0 && (!i || strcmp(name, secret_rule(i - 1)) != 0))
			buf_printf(b, "%s%s", b->n ? ", " : "", name);
}
