/* SPDX-License-Identifier: MIT */
/* Sprig's functions over what a value is: types, emptiness, defaults, choice. */
#include <string.h>

#include "template/internal.h"

static int f_type_of(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	(void)n;
	return ret(out, val_cstr(c->name[0] == 'k' ? val_kind_name(args[0]) : val_type_name(c->a, args[0])));
}

static int f_type_is(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	str is = str_of(c->name[0] == 'k' ? val_kind_name(args[1]) : val_type_name(c->a, args[1])), want = val_text(args[0]);

	(void)n;
	if (str_eq(is, want))
		return ret(out, val_bool(true));
	return ret(out, val_bool(!strcmp(c->name, "typeIsLike") && is.n && is.p[0] == '*' && str_eq(str_sub(is, 1, is.n), want)));
}

static int f_deep_equal(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	(void)n;
	return ret(out, val_bool(val_equal(c->a, args[0], args[1], 0)));
}

static int f_default(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	return ret(out, n < 2 || !val_truth(c->a, args[1]) ? args[0] : args[1]);
}

static int f_empty(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	(void)n;
	return ret(out, val_bool(!val_truth(c->a, args[0])));
}

static int f_coalesce(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	*out = val_nil();
	for (size_t i = 0; i < n; i++)
		if (val_truth(c->a, args[i]))
			return ret(out, args[i]);
	return 0;
}

static int f_all_any(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	bool any = !strcmp(c->name, "any");

	for (size_t i = 0; i < n; i++)
		if (val_truth(c->a, args[i]) == any)
			return ret(out, val_bool(any));
	return ret(out, val_bool(!any));
}

static int f_ternary(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	(void)c;
	(void)n;
	return ret(out, args[args[2].b ? 0 : 1]);
}

static int f_hello(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	(void)c;
	(void)args;
	(void)n;
	return ret(out, val_cstr("Hello!"));
}

const struct tmpl_func funcs_types[] = {
	{ "typeOf", "a", f_type_of },
	{ "kindOf", "a", f_type_of },
	{ "typeIs", "sa", f_type_is },
	{ "typeIsLike", "sa", f_type_is },
	{ "kindIs", "sa", f_type_is },
	{ "deepEqual", "aa", f_deep_equal },
	{ "default", "aa*", f_default },
	{ "empty", "a", f_empty },
	{ "coalesce", "a*", f_coalesce },
	{ "all", "a*", f_all_any },
	{ "any", "a*", f_all_any },
	{ "ternary", "aab", f_ternary },
	{ "hello", "", f_hello },
	{ NULL, NULL, NULL },
};
