/* SPDX-License-Identifier: MIT */
/* Sprig's functions over versions; a version is an object with fields and methods. */
#include <string.h>

#include "template/internal.h"
#include "template/semver.h"

static const struct vclass version_class;

static str version_text(struct arena *a, const struct semver *v)
{
	return str_printf(a, "%llu.%llu.%llu%s%.*s%s%.*s", (unsigned long long)v->major, (unsigned long long)v->minor, (unsigned long long)v->patch,
			  v->pre.n ? "-" : "", STR_ARG(v->pre), v->metadata.n ? "+" : "", STR_ARG(v->metadata));
}

static struct val number(uint64_t n)
{
	return (struct val){ .kind = VAL_INT, .type = VT_UINT64, .i = (int64_t)n };
}

static struct val next_version(struct arena *a, const struct semver *v, char what)
{
	struct semver *o = NEW(a, struct semver);
	bool had_pre = v->pre.n != 0;

	*o = *v;
	o->pre = o->metadata = (str){ 0 };
	if (what == 'a' && !had_pre)
		o->patch++;
	if (what == 'i')
		o->minor++, o->patch = 0;
	if (what == 'j')
		o->major++, o->minor = o->patch = 0;
	o->original = str_printf(a, "%s%.*s", str_starts(v->original, S("v")) ? "v" : "", STR_ARG(version_text(a, o)));
	return val_object(a, &version_class, o);
}

static const struct semver *version_arg(const struct val *args, size_t n)
{
	return n == 1 && args[0].kind == VAL_OBJECT && args[0].obj->class == &version_class ? args[0].obj->self : NULL;
}

static int version_get(struct tmpl_call *c, void *self, str name, const struct val *args, size_t n, struct val *out)
{
	static const char *const orders[] = { "Compare", "LessThan", "GreaterThan", "Equal", "LessThanEqual", "GreaterThanEqual" };
	const struct semver *v = self, *other = version_arg(args, n);

	if (str_eq(name, S("Major")) || str_eq(name, S("Minor")) || str_eq(name, S("Patch")))
		*out = number(name.p[1] == 'a' && name.p[0] == 'M' ? v->major : name.p[0] == 'M' ? v->minor : v->patch);
	else if (str_eq(name, S("Prerelease")))
		*out = val_str(v->pre);
	else if (str_eq(name, S("Metadata")))
		*out = val_str(v->metadata);
	else if (str_eq(name, S("Original")))
		*out = val_str(v->original);
	else if (str_eq(name, S("String")))
		*out = val_str(version_text(c->a, v));
	else if (str_eq(name, S("IncMajor")) || str_eq(name, S("IncMinor")) || str_eq(name, S("IncPatch")))
		*out = next_version(c->a, v, name.p[3] == 'P' ? 'a' : name.p[4] == 'i' ? 'i' : 'j');
	else {
		for (size_t i = 0; i < COUNT(orders); i++)
			if (str_eq(name, str_of(orders[i]))) {
				int r = other ? semver_compare(v, other) : 0;

				if (!other)
					return tmpl_error(c, "%s wants one version as argument", orders[i]);
				*out = i == 0 ? val_int(r) : val_bool(i == 1 ? r < 0 : i == 2 ? r > 0 : i == 3 ? r == 0 : i == 4 ? r <= 0 : r >= 0);
				return 1;
			}
		return 0;
	}
	return n ? tmpl_error(c, "%.*s takes no arguments", STR_ARG(name)) : 1;
}

static void version_print(struct arena *a, void *self, struct buf *out)
{
	buf_add(out, version_text(a, self));
}

static const struct vclass version_class = { "*semver.Version", "ptr", version_get, NULL, version_print };

static int f_semver(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct semver *v = NEW(c->a, struct semver);

	(void)n;
	if (!semver_parse(val_text(args[0]), v))
		return tmpl_error_value(c, args[0], "invalid semantic version \"%.*s\"", STR_ARG(val_text(args[0])));
	return ret(out, val_object(c->a, &version_class, v));
}

static int f_semver_compare(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct semver v = { 0 };
	bool good = semver_parse(val_text(args[1]), &v);
	int r = semver_satisfies(val_text(args[0]), &v);

	(void)n;
	if (r < 0)
		return tmpl_error_value(c, args[0], "improper constraint: \"%.*s\"", STR_ARG(val_text(args[0])));
	if (!good)
		return tmpl_error_value(c, args[1], "invalid semantic version \"%.*s\"", STR_ARG(val_text(args[1])));
	return ret(out, val_bool(r == 1));
}

const struct tmpl_func funcs_semver[] = {
	{ "semver", "s", f_semver },
	{ "semverCompare", "ss", f_semver_compare },
	{ NULL, NULL, NULL },
};
