/* SPDX-License-Identifier: MIT */
/* env: environment variables as one more layer, typed by what they replace. */
#include "merge/internal.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct variable {
	str name, path, value; /* path: the name less the prefix */
};

static int by_name(const void *x, const void *y)
{
	return str_cmp(((const struct variable *)x)->name, ((const struct variable *)y)->name);
}

static bool take(const char *line, str prefix, struct variable *v)
{
	str s = str_of(line);
	ptrdiff_t eq = str_chr(s, '=');

	if (eq < 0 || !str_starts(s, prefix))
		return false;
	v->name = str_sub(s, 0, (size_t)eq);
	v->value = str_sub(s, (size_t)eq + 1, s.n);
	v->path = str_sub(v->name, prefix.n, v->name.n);
	if (!str_ends(prefix, S("_")) && !str_starts(v->path, S("_")))
		return false;
	while (str_starts(v->path, S("_")))
		v->path = str_sub(v->path, 1, v->path.n);
	return v->path.n > 0;
}

/* The key of map that is meant by name; name itself if there is none, or more than one. */
static str meant(const struct node *map, str name)
{
	str found = name;
	size_t n = 0;

	if (!node_is(map, NODE_MAP) || node_entry(map, name))
		return name;
	for (uint32_t i = 0; i < map->n; i++) {
		str key = entry_key(&map->entries[i]);
		if (key.n == name.n && !strncasecmp(key.p, name.p, key.n)) {
			found = key;
			n++;
		}
	}
	return n == 1 ? found : name;
}

static void path_of(struct arena *a, const struct variable *v, const struct node *at, struct path *out)
{
	struct {
		struct step *p;
		size_t n, cap;
	} steps = { 0 };
	str rest = v->path;

	while (rest.n) {
		ptrdiff_t end = str_find(rest, S("__"));
		str part = end < 0 ? rest : str_sub(rest, 0, (size_t)end);
		struct step *s = VEC_ADD(a, &steps);
		int64_t index;
		rest = end < 0 ? S("") : str_sub(rest, (size_t)end + 2, rest.n);
		if (str_to_i64(part, &index) && index >= 0 && !node_is(at, NODE_MAP)) {
			*s = (struct step){ .kind = STEP_INDEX, .index = index };
			at = node_is(at, NODE_SEQ) && index < at->n ? at->items[index] : NULL;
		} else {
			*s = (struct step){ .kind = STEP_KEY, .key = str_copy(a, meant(at, part)) };
			at = node_get(at, s->key);
		}
	}
	*out = (struct path){ .steps = steps.p, .n = steps.n, .text = v->name };
}

static struct node *typed(struct arena *a, struct diag *d, const struct read_options *o, const struct variable *v, const struct node *old)
{
	const char *name = str_dup(a, str_printf(a, "$%.*s", STR_ARG(v->name)));
	struct source *source = NEW(a, struct source);
	struct node *n;

	if (node_is(old, NODE_STRING))
		n = node_string(a, v->value);
	else if (read_text(a, d, o, name, str_copy(a, v->value), &n))
		return NULL;
	bool number = old && (old->kind == NODE_INT || old->kind == NODE_FLOAT) && n->kind != NODE_INT && n->kind != NODE_FLOAT;
	if (number || (node_is(old, NODE_BOOL) && n->kind != NODE_BOOL)) {
		struct pos p = node_pos(old);
		diag_at(d, SEV_ERROR, IN_FILE(name), "env-type", "it replaces %s (%s:%u:%u) and is %s; it was not applied",
			a_kind(old), p.file ? p.file : "?", (unsigned)p.line, (unsigned)p.col, a_kind(n));
		return NULL;
	}
	if (n->source) /* its tags are there */
		*source = *n->source;
	source->name = name;
	n->source = source;
	n->line = n->col = 0;
	return n;
}

struct node *merge_env(struct arena *a, struct diag *d, const struct read_options *o, struct node *doc, const char *prefix,
		       char *const *environ_list, enum severity unused)
{
	struct {
		struct variable *p;
		size_t n, cap;
	} vars = { 0 };
	struct variable v;

	for (; environ_list && *environ_list; environ_list++)
		if (take(*environ_list, str_of(prefix), &v))
			*VEC_ADD(a, &vars) = v;
	if (vars.n)
		qsort(vars.p, vars.n, sizeof(*vars.p), by_name);
	for (size_t i = 0; i < vars.n; i++) {
		const char *why = NULL;
		struct path path;
		struct node *n;
		path_of(a, &vars.p[i], doc, &path);
		if (unused)
			merge_unused_path(d, unused, &path, doc, str_printf(a, "$%.*s", STR_ARG(vars.p[i].name)).p);
		n = typed(a, d, o, &vars.p[i], path_get(&path, doc));
		if (n && path_set(a, &path, &doc, n, &why))
			diag_at(d, SEV_ERROR, IN_FILE(n->source->name), "env-path", "%s", why);
	}
	return doc;
}
