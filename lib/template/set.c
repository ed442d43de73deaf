/* SPDX-License-Identifier: MIT */
/* Templates by name, and the functions that they may call. */
#include "template/internal.h"

static void add_funcs(struct tmpl_set *s, const struct tmpl_func *f)
{
	for (; f && f->name; f++)
		*map_at(s->a, &s->funcs, str_of(f->name)) = (void *)f;
}

struct tmpl_set *tmpl_set_new(struct arena *perm, struct diag *d, const struct tmpl_func *extra)
{
	static const struct tmpl_func *const families[] = {
		funcs_builtin, funcs_helm, funcs_strings, funcs_words, funcs_lists, funcs_dicts, funcs_math, funcs_types, funcs_encoding, funcs_data,
		funcs_regex, funcs_semver, funcs_dates, funcs_paths, funcs_network, funcs_crypto, funcs_certs,
	};
	struct tmpl_set *s = NEW(perm, struct tmpl_set);

	s->a = perm;
	s->diag = d;
	for (size_t i = 0; i < COUNT(families); i++)
		add_funcs(s, families[i]);
	add_funcs(s, extra);
	return s;
}

const struct ttmpl *set_find(const struct tmpl_set *s, str name)
{
	const struct ttmpl *t = NULL;

	for (; s && !t; s = s->parent)
		t = map_get(&s->templates, name);
	return t;
}

const struct tmpl_func *set_func(const struct tmpl_set *s, str name)
{
	const struct tmpl_func *f = NULL;

	for (; s && !f; s = s->parent)
		f = map_get(&s->funcs, name);
	return f;
}

str set_nearest(struct arena *a, const struct tmpl_set *s, str name)
{
	struct {
		str *p;
		size_t n, cap;
	} names = { 0 };

	for (; s; s = s->parent)
		for (size_t i = 0; i < s->templates.n; i++)
			*VEC_ADD(a, &names) = s->templates.items[i].key;
	return str_nearest(name, names.p, names.n);
}

struct pos ttmpl_pos(const struct ttmpl *t, uint32_t line, uint32_t col)
{
	if (t->site.file)
		return t->site;
	return (struct pos){ t->file, t->line_add + line, line == 1 ? t->col_add + col : col };
}

int tmpl_parse(struct tmpl_set *s, const char *file, str name, str text)
{
	struct ttmpl like = { .name = name, .text = text, .file = file };
	struct parse_error e = { 0 };

	if (set_parse(s, &like, &e) == 0)
		return 0;
	return diag_trouble(s->diag, e.pos, "template-syntax", "%.*s", STR_ARG(e.message));
}
