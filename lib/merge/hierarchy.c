/* SPDX-License-Identifier: MIT */
/* hierarchy: a list of patterns of layers, and the combinations of variables that fill them. */
#include "merge/internal.h"

#include <string.h>
#include <unistd.h>

struct pattern {
	const struct node *node;
	const char *path;
	bool required;
};
struct merge_hierarchy {
	str folder; /* of the file, with its slash */
	struct pattern *p;
	size_t n;
};

static int read_pattern(struct arena *a, struct diag *d, struct node *item, struct pattern *out)
{
	const struct node *path = node_is(item, NODE_MAP) ? node_get(item, S("path")) : item;

	*out = (struct pattern){ .node = item };
	if (!node_is(item, NODE_MAP) && !node_is(item, NODE_STRING))
		return diag_trouble(d, node_pos(item), "hierarchy", "a layer is a path, or {path, required}, not %s", a_kind(item));
	for (uint32_t i = 0; node_is(item, NODE_MAP) && i < item->n; i++) {
		const struct entry *e = &item->entries[i];
		bool required = str_eq(entry_key(e), S("required"));
		if (!required && !str_eq(entry_key(e), S("path")))
			return diag_trouble(d, entry_pos(e), "hierarchy", "a layer has path and required, no \"%.*s\"", STR_ARG(entry_key(e)));
		if (required && !node_is(e->value, NODE_BOOL))
			return diag_trouble(d, node_pos(e->value), "hierarchy", "required is true or false, not %s", a_kind(e->value));
		if (required)
			out->required = node_true(e->value);
	}
	if (!node_is(path, NODE_STRING) || !path->n)
		return diag_trouble(d, node_pos(item), "hierarchy", "a layer needs a path");
	out->path = str_dup(a, node_text(path));
	return 0;
}

struct merge_hierarchy *merge_hierarchy_read(struct arena *a, struct diag *d, const struct read_options *o, const char *path)
{
	struct merge_hierarchy *h = NEW(a, struct merge_hierarchy);
	const char *slash = strrchr(path, '/');
	struct node *list;

	if (read_file(a, d, o, path, &list))
		return NULL;
	if (!node_is(list, NODE_SEQ) || !list->n) {
		diag_trouble(d, node_pos(list), "hierarchy", "a hierarchy is a list of paths of layers, the first at the bottom");
		return NULL;
	}
	h->folder = slash ? (str){ path, (size_t)(slash - path) + 1 } : S("");
	h->p = NEW_ARRAY(a, struct pattern, list->n);
	h->n = list->n;
	for (size_t i = 0; i < h->n; i++)
		if (read_pattern(a, d, list->items[i], &h->p[i]))
			return NULL;
	return h;
}

int merge_expand(struct arena *a, struct diag *d, struct pos at, const char *text, const struct strlist *vars, const char **out)
{
	const char *rule = at.file ? "hierarchy" : "usage", *open;
	struct buf b = BUF(a);

	for (; (open = strstr(text, "${")); text = open + 1) {
		const char *close = strchr(open, '}'), *value = NULL;
		if (!close)
			return diag_trouble(d, at, rule, "\"${\" without \"}\" after it: %s", open);
		str name = { open + 2, (size_t)(close - open) - 2 };
		for (size_t k = vars->n; k-- > 0 && !value;)
			if (str_starts(str_of(vars->p[k]), name) && vars->p[k][name.n] == '=')
				value = vars->p[k] + name.n + 1;
		if (!value)
			return diag_trouble(d, at, rule, "${%.*s} has no value; give it with -D %.*s=VALUE", STR_ARG(name), STR_ARG(name));
		buf_add(&b, (str){ text, (size_t)(open - text) });
		buf_add(&b, str_of(value));
		open = close;
	}
	buf_add(&b, str_of(text));
	*out = str_dup(a, buf_str(&b));
	return 0;
}

static int hierarchy_layers(const struct merge_hierarchy *h, struct arena *a, struct diag *d, const struct strlist *vars, struct strlist *out)
{
	size_t before = out->n;

	for (size_t i = 0; i < h->n; i++) {
		const struct pattern *p = &h->p[i];
		const char *path;
		if (merge_expand(a, d, node_pos(p->node), p->path, vars, &path))
			return -1;
		const char *file = str_printf(a, "%.*s%s", STR_ARG(path[0] == '/' ? S("") : h->folder), path).p;
		bool there = access(file, F_OK) == 0;
		if (!there && p->required)
			return diag_trouble(d, node_pos(p->node), "hierarchy", "there is no layer %s, and it is required", file);
		diag_at(d, SEV_NOTE, node_pos(p->node), "layer", there ? "%s is a layer" : "there is no %s", file);
		if (there)
			*VEC_ADD(a, out) = file;
	}
	if (out->n == before)
		return diag_trouble(d, h->n ? node_pos(h->p[0].node) : NOWHERE, "hierarchy", "none of the layers exists; -v tells which were looked for");
	return 0;
}

int merge_layer_paths(const struct merge_hierarchy *h, struct arena *a, struct diag *d, const struct strlist *vars, char **args, size_t nargs,
		      struct strlist *out)
{
	if (h && hierarchy_layers(h, a, d, vars, out))
		return -1;
	for (size_t i = 0; i < nargs; i++)
		*VEC_ADD(a, out) = args[i];
	if (!out->n)
		*VEC_ADD(a, out) = "-";
	return 0;
}
