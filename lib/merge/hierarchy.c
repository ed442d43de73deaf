/* SPDX-License-Identifier: MIT */
/* hierarchy: a list of patterns of layers, and the combinations of variables that fill them. */
#include "merge/internal.h"

#include <string.h>
#include <unistd.h>

struct pattern {
	const struct node *node;
	str text;
	bool required;
};
struct merge_hierarchy {
	str folder; /* of the file, with its slash */
	struct pattern *p;
	size_t n;
};

static int read_pattern(struct diag *d, struct node *item, struct pattern *out)
{
	*out = (struct pattern){ .node = item, .text = node_str(item) };
	if (node_is(item, NODE_MAP)) {
		out->text = node_get_str(item, S("path"));
		out->required = node_true(node_get(item, S("required")));
		for (uint32_t i = 0; i < item->n; i++) {
			str key = entry_key(&item->entries[i]);
			if (!str_eq(key, S("path")) && !str_eq(key, S("required")))
				return diag_trouble(d, entry_pos(&item->entries[i]), "hierarchy", "a layer has path and required, no \"%.*s\"",
						    STR_ARG(key));
		}
	} else if (!node_is(item, NODE_STRING))
		return diag_trouble(d, node_pos(item), "hierarchy", "a layer is a path, or {path, required}, not %s", a_kind(item));
	if (!out->text.n)
		return diag_trouble(d, node_pos(item), "hierarchy", "a layer needs a path");
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
		if (read_pattern(d, list->items[i], &h->p[i]))
			return NULL;
	return h;
}

bool merge_expand(struct arena *a, str text, const struct strlist *vars, str *out, str *missing)
{
	struct buf b = BUF(a);

	for (size_t i = 0; i < text.n; i++) {
		ptrdiff_t end = str_starts(str_sub(text, i, text.n), S("${")) ? str_chr(str_sub(text, i, text.n), '}') : -1;
		if (end < 0) {
			buf_char(&b, text.p[i]);
			continue;
		}
		str name = str_sub(text, i + 2, i + (size_t)end);
		bool found = false;
		for (size_t k = vars->n; k-- > 0 && !found;) {
			str v = str_of(vars->p[k]);
			found = str_starts(v, name) && v.n > name.n && v.p[name.n] == '=';
			if (found)
				buf_add(&b, str_sub(v, name.n + 1, v.n));
		}
		if (!found) {
			*missing = name;
			return false;
		}
		i += (size_t)end;
	}
	*out = str_copy(a, buf_str(&b));
	return true;
}

static int hierarchy_layers(const struct merge_hierarchy *h, struct arena *a, struct diag *d, const struct strlist *vars, struct strlist *out)
{
	size_t before = out->n;

	for (size_t i = 0; i < h->n; i++) {
		const struct pattern *p = &h->p[i];
		str path, missing;
		if (!merge_expand(a, p->text, vars, &path, &missing))
			return diag_trouble(d, node_pos(p->node), "hierarchy", "${%.*s} has no value; give it with -D %.*s=VALUE", STR_ARG(missing),
					    STR_ARG(missing));
		const char *file = str_printf(a, "%.*s%.*s", STR_ARG(path.p[0] == '/' ? S("") : h->folder), STR_ARG(path)).p;
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
