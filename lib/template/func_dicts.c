/* SPDX-License-Identifier: MIT */
/* Sprig's functions over maps: they change the map they are given, as Go's do. */
#include <string.h>

#include "template/internal.h"

static int f_dict(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	*out = val_map(c->a);
	for (size_t i = 0; i < n; i += 2)
		vmap_put(c->a, out->map, arg_text(c, args[i]), i + 1 < n ? args[i + 1] : val_cstr(""));
	return exec_made(c, n * sizeof(struct vitem));
}

static int f_get(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	(void)n;
	*out = val_cstr("");
	vmap_get(c->a, arg_map(c, args[0]), val_text(args[1]), out);
	return 0;
}

static int f_set(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	(void)n;
	if (val_is_nil(args[0]))
		return tmpl_error(c, "set: the map is nil, nothing can be put into it");
	vmap_put(c->a, args[0].map, val_text(args[1]), args[2]);
	return ret(out, args[0]);
}

static int f_unset(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	(void)n;
	vmap_remove(c->a, arg_map(c, args[0]), val_text(args[1]));
	return ret(out, args[0]);
}

static int f_has_key(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct val v;

	(void)n;
	return ret(out, val_bool(vmap_get(c->a, arg_map(c, args[0]), val_text(args[1]), &v)));
}

static int f_pluck(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct val v;

	*out = val_list(c->a);
	for (size_t i = 1; i < n; i++)
		if (vmap_get(c->a, arg_map(c, args[i]), val_text(args[0]), &v))
			vlist_push(c->a, out->list, v);
	return 0;
}

/* In Go's random order; sorted here, so that a rendering repeats. */
static int f_keys(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	size_t count;

	*out = val_strings(c->a);
	for (size_t i = 0; i < n; i++) {
		const struct vitem *items = vmap_sorted(c->a, arg_map(c, args[i]), &count);

		for (size_t k = 0; k < count; k++)
			vlist_push(c->a, out->list, val_str(items[k].key));
	}
	return 0;
}

static int f_values(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	const struct vitem *items = vmap_sorted(c->a, arg_map(c, args[0]), &n);

	*out = val_list(c->a);
	for (size_t i = 0; i < n; i++)
		vlist_push(c->a, out->list, items[i].value);
	return 0;
}

static int f_pick(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct val v;

	*out = val_map(c->a);
	for (size_t i = 1; i < n; i++)
		if (vmap_get(c->a, arg_map(c, args[0]), val_text(args[i]), &v))
			vmap_put(c->a, out->map, val_text(args[i]), v);
	return 0;
}

static int f_omit(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	size_t count;
	const struct vitem *items = vmap_sorted(c->a, arg_map(c, args[0]), &count);

	*out = val_map(c->a);
	for (size_t i = 0; i < count; i++)
		vmap_put(c->a, out->map, items[i].key, items[i].value);
	for (size_t i = 1; i < n; i++)
		vmap_remove(c->a, out->map, val_text(args[i]));
	return 0;
}

/* ---- merge ---- */

static bool is_map(struct val v)
{
	return v.kind == VAL_MAP;
}

/* Of mergo: what is empty gives way; maps merge; lists are taken whole. */
static int merge(struct tmpl_call *c, struct vmap *dst, struct vmap *src, bool overwrite, int depth)
{
	size_t n;
	const struct vitem *items = vmap_sorted(c->a, src, &n);

	if (depth > TMPL_MAX_NESTING)
		return tmpl_error(c, "%s: the maps are nested too deeply, or hold themselves", c->name);
	c->x->state->steps += n;
	for (size_t i = 0; i < n && dst != src; i++) {
		struct val old = val_none(), v = items[i].value;
		bool had = vmap_get(c->a, dst, items[i].key, &old);

		if (val_is_nil(v)) {
			if (overwrite)
				vmap_put(c->a, dst, items[i].key, v);
			continue;
		}
		if (is_map(v) && is_map(old)) {
			if (merge(c, old.map, v.map, overwrite, depth + 1) < 0)
				return -1;
			if (vmap_count(old.map))
				continue;
		}
		if (overwrite || !had || !val_truth(c->a, old))
			vmap_put(c->a, dst, items[i].key, v);
	}
	return 0;
}

static int f_merge(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	bool overwrite = strstr(c->name, "verwrite") != NULL;

	*out = args[0];
	if (val_is_nil(args[0]))
		*out = val_map(c->a);
	for (size_t i = 1; i < n; i++)
		if (merge(c, out->map, arg_map(c, args[i]), overwrite, 0) < 0)
			return -1;
	return 0;
}

static int copy(struct tmpl_call *c, struct val v, int depth, struct val *out)
{
	const struct vitem *items;
	struct val inner;
	size_t n;

	*out = v;
	if (depth > TMPL_MAX_NESTING)
		return tmpl_error(c, "deepCopy: the value is nested too deeply, or holds itself");
	if (v.kind == VAL_LIST) {
		*out = val_list(c->a);
		out->list->strings = v.list->strings;
		out->list->type = v.list->type;
		n = vlist_count(v.list);
		for (size_t i = 0; i < n; i++) {
			if (copy(c, vlist_at(c->a, v.list, i), depth + 1, &inner) < 0)
				return -1;
			vlist_push(c->a, out->list, inner);
		}
	} else if (v.kind == VAL_MAP) {
		*out = val_map(c->a);
		out->map->strings = v.map->strings;
		out->map->type = v.map->type;
		items = vmap_sorted(c->a, v.map, &n);
		for (size_t i = 0; i < n; i++) {
			if (copy(c, items[i].value, depth + 1, &inner) < 0)
				return -1;
			vmap_put(c->a, out->map, items[i].key, inner);
		}
	} else {
		return 0;
	}
	out->origin = v.origin;
	return exec_made(c, n * sizeof(struct vitem));
}

static int f_deep_copy(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	(void)n;
	if (val_is_nil(args[0]))
		return tmpl_error_value(c, args[0], "%s: nil cannot be copied", c->name);
	return copy(c, args[0], 0, out);
}

static int f_dig(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct val v = args[n - 1];

	if (n < 3)
		return tmpl_error(c, "dig needs at least three arguments: keys, a default, a map");
	if (v.kind != VAL_MAP)
		return tmpl_error_value(c, v, "dig: the last argument must be a map, not %s", val_is_nil(v) ? "nil" : val_type_name(c->a, v));
	for (size_t i = 0; i + 2 < n; i++) {
		if (!val_is_str(args[i]))
			return tmpl_error_value(c, args[i], "dig: key %zu must be a string, not %s", i + 1, val_is_nil(args[i]) ? "nil" : val_type_name(c->a, args[i]));
		if (v.kind != VAL_MAP)
			return tmpl_error_value(c, v, "dig: what stands before \"%.*s\" is %s, not a map", STR_ARG(val_text(args[i])),
						val_is_nil(v) ? "nil" : val_type_name(c->a, v));
		if (!vmap_get(c->a, v.map, val_text(args[i]), &v))
			return ret(out, args[n - 2]);
	}
	return ret(out, v);
}

const struct tmpl_func funcs_dicts[] = {
	{ "dict", "a*", f_dict },
	{ "get", "ms", f_get },
	{ "set", "msa", f_set },
	{ "unset", "ms", f_unset },
	{ "hasKey", "ms", f_has_key },
	{ "pluck", "sm*", f_pluck },
	{ "keys", "m*", f_keys },
	{ "values", "m", f_values },
	{ "pick", "ms*", f_pick },
	{ "omit", "ms*", f_omit },
	{ "merge", "mm*", f_merge },
	{ "mustMerge", "mm*", f_merge },
	{ "mergeOverwrite", "mm*", f_merge },
	{ "mustMergeOverwrite", "mm*", f_merge },
	{ "deepCopy", "a", f_deep_copy },
	{ "mustDeepCopy", "a", f_deep_copy },
	{ "dig", "aa*", f_dig },
	{ NULL, NULL, NULL },
};
