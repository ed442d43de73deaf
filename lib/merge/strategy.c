/* SPDX-License-Identifier: MIT */
/* strategy: the names of merge strategies, and rules that give them to paths. */
#include "merge/internal.h"

#include <string.h>

static bool parse_keys(struct arena *a, str text, struct merge_strategy *out)
{
	struct {
		str *p;
		size_t n, cap;
	} keys = { 0 };
	size_t start = 0;

	for (size_t i = 0; i <= text.n; i++) {
		if (i < text.n && text.p[i] != ',' && text.p[i] != '+')
			continue;
		str key = str_trim(str_sub(text, start, i));
		if (!key.n)
			return false;
		*VEC_ADD(a, &keys) = str_copy(a, key);
		start = i + 1;
	}
	out->how = MERGE_BY_KEY;
	out->keys = keys.p;
	out->nkeys = keys.n;
	return true;
}

bool merge_strategy_parse(struct arena *a, str text, struct merge_strategy *out, const char **why)
{
	static const struct {
		const char *name;
		enum merge_how how;
	} names[] = {
		{ "replace", MERGE_REPLACE }, { "append", MERGE_APPEND }, { "prepend", MERGE_PREPEND }, { "unique", MERGE_UNIQUE },
		{ "index", MERGE_BY_INDEX },
	};

	*out = (struct merge_strategy){ 0 };
	for (size_t i = 0; i < COUNT(names); i++)
		if (str_eq(text, str_of(names[i].name))) {
			out->how = names[i].how;
			return true;
		}
	if (str_eq(text, S("merge"))) {
		*why = "merge needs the key that tells items apart: merge:KEY, or merge:KEY,KEY";
		return false;
	}
	if (str_starts(text, S("merge:"))) {
		if (parse_keys(a, str_sub(text, 6, text.n), out))
			return true;
		*why = "a key is missing: write merge:KEY, or merge:KEY,KEY";
		return false;
	}
	*why = "no such strategy; there are replace, append, prepend, unique, index and merge:KEY";
	return false;
}

/* ---- rules: a tree of path steps ----------------------------------------- */
struct rule_step {
	struct step step;
	struct merge_rule *rule; /* ends here */
	const struct rule_step **child;
	size_t n, cap;
	struct map keys; /* the children that are plain keys */
};
struct merge_rule {
	struct merge_strategy strategy;
	struct path path;
	const struct node *node;
	size_t order;
	bool used;
};
struct merge_rules {
	struct rule_step root;
	struct {
		struct merge_rule **p;
		size_t n, cap;
	} all;
};

static bool step_equal(const struct step *x, const struct step *y)
{
	return x->kind == y->kind && x->index == y->index && str_eq(x->key, y->key) && str_eq(x->value, y->value);
}

static struct rule_step *step_child(struct arena *a, struct rule_step *at, const struct step *s)
{
	struct rule_step *c;

	if (s->kind == STEP_KEY) {
		void **slot = map_at(a, &at->keys, s->key);
		if (!*slot) {
			c = NEW(a, struct rule_step);
			c->step = *s;
			*slot = c;
		}
		return *slot;
	}
	for (size_t i = 0; i < at->n; i++)
		if (step_equal(&at->child[i]->step, s))
			return (struct rule_step *)at->child[i];
	if (at->n == at->cap)
		at->child = vec_grow(a, (void *)at->child, &at->cap, sizeof(*at->child));
	c = NEW(a, struct rule_step);
	c->step = *s;
	at->child[at->n++] = c;
	return c;
}

static int rule_read(struct arena *a, struct diag *d, struct merge_rules *r, struct node *item)
{
	struct merge_rule *rule = NEW(a, struct merge_rule);
	struct node *path = node_get(item, S("path")), *how = node_get(item, S("strategy"));
	struct rule_step *at = &r->root;
	const char *why = NULL;

	if (!node_is(item, NODE_MAP))
		return diag_trouble(d, node_pos(item), "rules", "a rule is a map with path and strategy, not %s", a_kind(item));
	for (uint32_t i = 0; i < item->n; i++) {
		str key = entry_key(&item->entries[i]);
		if (!str_eq(key, S("path")) && !str_eq(key, S("strategy")))
			return diag_trouble(d, entry_pos(&item->entries[i]), "rules",
					    "a rule has path and strategy, no \"%.*s\"", STR_ARG(key));
	}
	if (!node_is(path, NODE_STRING) || !node_is(how, NODE_STRING))
		return diag_trouble(d, node_pos(item), "rules", "a rule needs a path and a strategy, both strings");
	if (path_parse(a, node_text(path), &rule->path, &why))
		return diag_trouble(d, node_pos(path), "rules", "path: %s", why);
	if (!merge_strategy_parse(a, node_text(how), &rule->strategy, &why))
		return diag_trouble(d, node_pos(how), "rules", "%s", why);
	for (size_t i = 0; i < rule->path.n; i++)
		at = step_child(a, at, &rule->path.steps[i]);
	if (at->rule)
		return diag_trouble(d, node_pos(item), "rules", "this path has a rule already, on line %u; remove one",
				    (unsigned)at->rule->node->line);
	at->rule = rule;
	rule->node = path;
	rule->order = r->all.n;
	*VEC_ADD(a, &r->all) = rule;
	return 0;
}

struct merge_rules *merge_rules_read(struct arena *a, struct diag *d, struct node *list)
{
	struct merge_rules *r = NEW(a, struct merge_rules);

	if (node_is(list, NODE_NULL))
		return r;
	if (!node_is(list, NODE_SEQ)) {
		diag_trouble(d, node_pos(list), "rules", "rules are a list of {path, strategy}, not %s", a_kind(list));
		return NULL;
	}
	for (uint32_t i = 0; i < list->n; i++)
		if (rule_read(a, d, r, list->items[i]))
			return NULL;
	return r;
}

void merge_rules_unused(struct merge_rules *r, struct diag *d, struct node *result)
{
	for (size_t i = 0; i < r->all.n; i++) {
		struct merge_rule *rule = r->all.p[i];
		if (!rule->used && !(result && path_get(&rule->path, result)))
			diag_at(d, SEV_WARNING, node_pos(rule->node), "unused-rule",
				"no layer has anything at %.*s: this rule does nothing; correct the path or remove the rule",
				STR_ARG(rule->path.text));
	}
}

struct rule_set rules_root(struct arena *a, const struct merge_rules *r)
{
	struct rule_set s = { 0 };

	if (r) {
		s.p = NEW_ARRAY(a, const struct rule_step *, 1);
		s.p[0] = &r->root;
		s.n = 1;
	}
	return s;
}

static struct rule_set rules_down(struct arena *a, struct rule_set s, const str *key, size_t index, size_t length, const struct node *item)
{
	struct {
		const struct rule_step **p;
		size_t n, cap;
	} out = { 0 };

	for (size_t i = 0; i < s.n; i++) {
		const struct rule_step *at = s.p[i], *c = key ? map_get(&at->keys, *key) : NULL;
		if (c)
			*VEC_ADD(a, &out) = c;
		for (size_t k = 0; k < at->n; k++) {
			const struct step *t = &at->child[k]->step;
			bool hit = t->kind == STEP_ANY;
			if (key && t->kind == STEP_INDEX && t->key.p) /* /0 of a JSON Pointer */
				hit = str_eq(t->key, *key);
			if (!key && t->kind == STEP_INDEX)
				hit = (int64_t)index == t->index || (int64_t)index - (int64_t)length == t->index;
			if (!key && t->kind == STEP_MATCH)
				hit = str_eq(node_str(node_get(item, t->key)), t->value);
			if (hit)
				*VEC_ADD(a, &out) = at->child[k];
		}
	}
	return (struct rule_set){ out.p, out.n };
}

struct rule_set rules_key(struct arena *a, struct rule_set s, str key)
{
	return s.n ? rules_down(a, s, &key, 0, 0, NULL) : s;
}

struct rule_set rules_item(struct arena *a, struct rule_set s, size_t index, size_t length, const struct node *item)
{
	return s.n ? rules_down(a, s, NULL, index, length, item) : s;
}

bool rules_here(struct rule_set s, struct merge_strategy *out, const struct node **where)
{
	struct merge_rule *best = NULL;

	for (size_t i = 0; i < s.n; i++) {
		struct merge_rule *rule = s.p[i]->rule;
		if (rule && (!best || rule->order > best->order))
			best = rule;
	}
	if (!best)
		return false;
	best->used = true;
	*out = best->strategy;
	*where = best->node;
	return true;
}
