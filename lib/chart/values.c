/* SPDX-License-Identifier: MIT */
/* The user's values: files over files, then what --set and its like say. */
#include <string.h>

#include "chart/internal.h"

#define O(field) offsetof(struct values_options, field)
const struct option values_option_table[] = {
	{ .name = "values", .letter = 'f', .type = OPT_LIST, .offset = O(files), .arg = "FILE", .help = "values; - is standard input; later files win" },
	{ .name = "set", .type = OPT_LIST, .offset = O(set), .arg = "A.B=VALUE", .help = "one value, in Helm's grammar: a.b=1,c={x,y},d[0].e=z" },
	{ .name = "set-string", .type = OPT_LIST, .offset = O(set_string), .arg = "A.B=TEXT", .help = "the same, always a string" },
	{ .name = "set-json", .type = OPT_LIST, .offset = O(set_json), .arg = "A.B=JSON", .help = "the same, as JSON; or a whole map: {…}" },
	{ .name = "set-file", .type = OPT_LIST, .offset = O(set_file), .arg = "A.B=FILE", .help = "the text of a file" },
	{ 0 },
};

struct node *values_merge(struct arena *a, struct node *below, struct node *above)
{
	struct node *out = node_clone(a, below);

	for (size_t i = 0; i < above->n; i++) {
		const struct entry *e = &above->entries[i];
		struct entry *old = node_entry(out, entry_key(e));
		struct node *value = e->value;
		if (old && node_is(old->value, NODE_MAP) && value->kind == NODE_MAP)
			value = values_merge(a, old->value, value);
		struct entry *at = node_put(a, out, entry_key(e), value);
		at->line = e->line;
		at->col = e->col;
	}
	return node_at(out, above);
}

static int read_layer(struct arena *a, struct diag *d, const struct read_options *r, struct origins *origins, const char *path, struct node **map)
{
	struct read_options o = *r;
	struct node *n;

	o.duplicates = 1; /* as Helm reads them */
	o.origins = origins;
	if (read_file(a, d, &o, path, &n) < 0)
		return -1;
	if (n->kind == NODE_NULL)
		return 0;
	if (n->kind != NODE_MAP)
		return diag_trouble(d, node_pos(n), "values", "values must be a map, not %s", kind_name(n->kind));
	*map = (*map)->n ? values_merge(a, *map, n) : n;
	return 0;
}

int values_read(struct arena *a, struct diag *d, const struct values_options *o, const struct read_options *r, struct node **out)
{
	struct {
		const struct strlist *list;
		enum strvals_kind kind;
		const char *flag;
	} sets[] = {
		{ &o->set_json, STRVALS_JSON, "--set-json" },
		{ &o->set, STRVALS_TYPED, "--set" },
		{ &o->set_string, STRVALS_STRING, "--set-string" },
		{ &o->set_file, STRVALS_FILE, "--set-file" },
	};

	*out = node_new(a, NODE_MAP);
	for (size_t i = 0; i < o->files.n; i++)
		if (read_layer(a, d, r, i ? NULL : o->origins, o->files.p[i], out) < 0)
			return -1;
	for (size_t k = 0; k < COUNT(sets); k++)
		for (size_t i = 0; i < sets[k].list->n; i++)
			if (strvals_set(a, d, sets[k].kind, sets[k].flag, str_of(sets[k].list->p[i]), out) < 0)
				return -1;
	return 0;
}
