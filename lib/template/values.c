/* SPDX-License-Identifier: MIT */
/* The methods of Helm's Values: they beat keys of the same names. */
#include <string.h>

#include "template/internal.h"

bool values_has_method(const struct vmap *m, str name)
{
	static const str names[] = { SI("YAML"), SI("AsMap"), SI("Table"), SI("PathValue") };

	if (!m->type || strcmp(m->type, "chartutil.Values") != 0)
		return false;
	for (size_t i = 0; i < COUNT(names); i++)
		if (str_eq(name, names[i]))
			return true;
	return false;
}

/* The map at a path of keys parted by dots; NULL: *bad is the key that holds none. */
static struct vmap *table(struct arena *a, struct vmap *m, str path, str *bad)
{
	struct val v;

	for (bool last = false; !last;) {
		ptrdiff_t dot = str_chr(path, '.');
		last = dot < 0;
		*bad = last ? path : str_sub(path, 0, (size_t)dot);
		if (!vmap_get(a, m, *bad, &v) || v.kind != VAL_MAP)
			return NULL;
		m = v.map;
		path = last ? path : str_sub(path, (size_t)dot + 1, path.n);
	}
	return m;
}

static int path_value(struct tmpl_call *c, struct vmap *m, str path, struct val *out)
{
	str key = path, bad;

	if (!path.n)
		return tmpl_error(c, "YAML path cannot be empty");
	for (size_t i = path.n; i > 0; i--) {
		if (path.p[i - 1] != '.')
			continue;
		key = str_sub(path, i, path.n);
		m = table(c->a, m, str_sub(path, 0, i - 1), &bad);
		break;
	}
	if (m && vmap_get(c->a, m, key, out) && out->kind != VAL_MAP)
		return 0;
	return tmpl_error(c, "\"%.*s\" is not a value", STR_ARG(key));
}

int values_call(struct tmpl_call *c, struct vmap *m, str name, const struct val *args, size_t n, struct val *out)
{
	bool wants = name.p[0] == 'T' || name.p[0] == 'P';
	struct val self = { .kind = VAL_MAP, .map = m };
	str bad;

	if (n != wants)
		return tmpl_error(c, "wrong number of args for %.*s: want %d got %zu", STR_ARG(name), wants, n);
	if (wants && !val_is_str(args[0]))
		return tmpl_error_value(c, args[0], "%.*s wants a string", STR_ARG(name));
	if (name.p[0] == 'P')
		return path_value(c, m, val_text(args[0]), out);
	*out = self;
	if (name.p[0] == 'Y')
		return ret_str(out, str_printf(c->a, "%.*s\n", STR_ARG(val_to_yaml(c->a, self))));
	if (name.p[0] == 'T' && !(out->map = table(c->a, m, val_text(args[0]), &bad)))
		return tmpl_error(c, "\"%.*s\" is not a table", STR_ARG(bad));
	return 0;
}
