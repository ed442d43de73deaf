/* SPDX-License-Identifier: MIT */
/* target: which objects of a stream an edit is for. */
#include "merge/internal.h"

#include <fnmatch.h>

struct condition {
	enum { GROUP, KIND, NAME, NAMESPACE, LABEL } what;
	str key; /* of a label */
	const char *pattern;
};
struct target {
	struct condition *p;
	size_t n;
};

static bool parse_one(struct arena *a, str part, struct condition *c)
{
	static const char *const names[] = { "group", "kind", "name", "namespace", "label" };
	ptrdiff_t eq = str_chr(part, '=');

	if (eq <= 0)
		return false;
	str name = str_sub(part, 0, (size_t)eq), value = str_sub(part, (size_t)eq + 1, part.n);
	for (size_t i = 0; i < COUNT(names); i++) {
		if (!str_eq(name, str_of(names[i])))
			continue;
		*c = (struct condition){ .what = (int)i };
		if (c->what == LABEL) {
			eq = str_chr(value, '=');
			c->key = eq < 0 ? value : str_sub(value, 0, (size_t)eq);
			value = eq < 0 ? S("*") : str_sub(value, (size_t)eq + 1, value.n);
		}
		c->pattern = str_dup(a, value);
		return true;
	}
	return false;
}

struct target *target_parse(struct arena *a, struct diag *d, const char *text)
{
	struct target *t = NEW(a, struct target);
	struct {
		struct condition *p;
		size_t n, cap;
	} list = { 0 };

	for (str rest = str_of(text); rest.n;) {
		ptrdiff_t comma = str_chr(rest, ',');
		str part = str_sub(rest, 0, comma < 0 ? rest.n : (size_t)comma);
		if (!parse_one(a, part, VEC_ADD(a, &list))) {
			diag_trouble(d, NOWHERE, "usage",
				     "--target wants group=, kind=, name=, namespace= or label=KEY=, each with a pattern, parted by commas; "
				     "not \"%.*s\"",
				     STR_ARG(part));
			return NULL;
		}
		rest = comma < 0 ? S("") : str_sub(rest, (size_t)comma + 1, rest.n);
	}
	t->p = list.p;
	t->n = list.n;
	return t;
}

bool target_matches(struct arena *a, const struct target *t, const struct node *doc)
{
	struct kube_id id = { 0 };
	bool object = kube_identify(doc, &id, NULL);

	for (size_t i = 0; i < t->n; i++) {
		const struct condition *c = &t->p[i];
		const struct node *label = node_get(node_get(node_get(doc, S("metadata")), S("labels")), c->key);
		str is[] = { id.group, id.kind, id.name, id.ns, node_str(label) };
		if (!object || (c->what == LABEL && !label) || fnmatch(c->pattern, str_dup(a, is[c->what]), 0) != 0)
			return false;
	}
	return true;
}
