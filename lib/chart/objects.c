/* SPDX-License-Identifier: MIT */
/* What templates see besides values: .Chart, .Files, .Capabilities, and lookup. */
#include <string.h>

#include "chart/internal.h"

/* ---- records: Go structs ------------------------------------------------------------- */
struct field {
	const char *name, *json;
	struct val value;
	bool omit_empty;
};
struct record {
	struct field *fields;
	size_t n;
	str text; /* what print makes of it; p NULL: the text of the map */
	const char *const *methods; /* their names: all give text */
};

static int record_get(struct tmpl_call *c, void *self, str name, const struct val *args, size_t n, struct val *out)
{
	struct record *r = self;

	(void)args;
	for (size_t i = 0; i < r->n; i++) {
		if (!str_eq(name, str_of(r->fields[i].name)))
			continue;
		if (n)
			return tmpl_error(c, "%s is a field, it takes no arguments", r->fields[i].name);
		*out = r->fields[i].value;
		return 1;
	}
	for (size_t i = 0; r->methods && r->methods[i]; i++) {
		if (!str_eq(name, str_of(r->methods[i])))
			continue;
		*out = val_str(r->text);
		return 1;
	}
	return 0;
}

static bool is_empty(struct val v)
{
	switch (v.kind) {
	case VAL_STRING:
		return v.n == 0;
	case VAL_LIST:
		return vlist_count(v.list) == 0;
	case VAL_MAP:
		return vmap_count(v.map) == 0;
	case VAL_BOOL:
		return !v.b;
	default:
		return val_is_nil(v);
	}
}

static struct val record_plain(struct arena *a, void *self)
{
	struct record *r = self;
	struct val map = val_map(a);

	for (size_t i = 0; i < r->n; i++)
		if (!r->fields[i].omit_empty || !is_empty(r->fields[i].value))
			vmap_put(a, map.map, str_of(r->fields[i].json), r->fields[i].value);
	return map;
}

static void record_text(struct arena *a, void *self, struct buf *out)
{
	struct record *r = self;

	if (r->text.p)
		buf_add(out, r->text);
	else
		val_print(a, out, record_plain(a, self));
}

#define RECORD(type) { type, "struct", record_get, record_plain, record_text }
static const struct vclass chart_class = RECORD("struct { chart.Metadata; IsRoot bool }"), maintainer_class = RECORD("*chart.Maintainer"),
			    dependency_class = RECORD("*chart.Dependency");

static struct val record(struct arena *a, const struct vclass *class, const struct field *fields, size_t n, struct record **made)
{
	struct record *r = NEW(a, struct record);

	r->fields = NEW_ARRAY(a, struct field, n);
	memcpy(r->fields, fields, n * sizeof *fields);
	r->n = n;
	if (made)
		*made = r;
	return val_object(a, class, r);
}

static struct val strings(struct arena *a, const str *p, size_t n)
{
	struct val v = val_list(a);

	for (size_t i = 0; i < n; i++)
		vlist_push(a, v.list, val_str(p[i]));
	return v;
}

/* ---- .Chart ------------------------------------------------------------------------------ */
static struct val maintainers(struct arena *a, const struct metadata *m)
{
	struct val v = val_list(a);

	for (size_t i = 0; i < m->nmaintainers; i++) {
		const struct maintainer *x = &m->maintainers[i];
		const struct field f[] = {
			{ "Name", "name", val_str(x->name), true },
			{ "Email", "email", val_str(x->email), true },
			{ "URL", "url", val_str(x->url), true },
		};
		vlist_push(a, v.list, record(a, &maintainer_class, f, COUNT(f), NULL));
	}
	return v;
}

static struct val dependencies(struct arena *a, const struct metadata *m)
{
	struct val v = val_list(a);

	for (size_t i = 0; i < m->ndependencies; i++) {
		const struct dependency *d = &m->dependencies[i];
		const struct field f[] = {
			{ "Name", "name", val_str(d->name), false },
			{ "Version", "version", val_str(d->version), true },
			{ "Repository", "repository", val_str(d->repository), false },
			{ "Condition", "condition", val_str(d->condition), true },
			{ "Tags", "tags", strings(a, d->tags, d->ntags), true },
			{ "Enabled", "enabled", val_bool(d->enabled), true },
			{ "ImportValues", "import-values", d->imports ? val_of_node(a, d->imports) : val_list(a), true },
			{ "Alias", "alias", val_str(d->alias), true },
		};
		vlist_push(a, v.list, record(a, &dependency_class, f, COUNT(f), NULL));
	}
	return v;
}

struct val chart_object(struct arena *a, const struct instance *in)
{
	const struct metadata *m = &in->meta;
	const struct field f[] = {
		{ "Name", "name", val_str(m->name), true },
		{ "Home", "home", val_str(m->home), true },
		{ "Sources", "sources", strings(a, m->sources, m->nsources), true },
		{ "Version", "version", val_str(m->version), true },
		{ "Description", "description", val_str(m->description), true },
		{ "Keywords", "keywords", strings(a, m->keywords, m->nkeywords), true },
		{ "Maintainers", "maintainers", maintainers(a, m), true },
		{ "Icon", "icon", val_str(m->icon), true },
		{ "APIVersion", "apiVersion", val_str(m->api_version), true },
		{ "Condition", "condition", val_str(m->condition), true },
		{ "Tags", "tags", val_str(m->tags), true },
		{ "AppVersion", "appVersion", val_str(m->app_version), true },
		{ "Deprecated", "deprecated", val_bool(m->deprecated), true },
		{ "Annotations", "annotations", m->annotations ? val_of_node(a, m->annotations) : val_map(a), true },
		{ "KubeVersion", "kubeVersion", val_str(m->kube_version), true },
		{ "Dependencies", "dependencies", dependencies(a, m), true },
		{ "Type", "type", val_str(m->type), true },
		{ "IsRoot", "IsRoot", val_bool(!in->parent), false },
	};
	return record(a, &chart_class, f, COUNT(f), NULL);
}

/* ---- .Files ---------------------------------------------------------------------------- */
struct files { /* a chart's, or those that a glob chose */
	const struct chart_file **p;
	size_t n, cap;
};
static struct val files_of(struct arena *a, const struct files *f);

static const struct chart_file *files_find(const struct files *f, str name)
{
	for (size_t i = 0; i < f->n; i++)
		if (str_eq(f->p[i]->name, name))
			return f->p[i];
	return NULL;
}

static struct val files_glob(struct arena *a, const struct files *f, str pattern)
{
	struct files out = { 0 };
	bool bad;

	for (size_t i = 0; i < f->n; i++)
		if (glob_match(pattern, f->p[i]->name, &bad) || bad)
			*VEC_ADD(a, &out) = f->p[i];
	return files_of(a, &out);
}

static struct val files_lines(struct arena *a, const struct chart_file *f)
{
	struct val v = val_list(a);

	if (!f || f->data.n == 0)
		return v;
	str s = f->data;
	if (str_ends(s, S("\n")))
		s.n--;
	for (ptrdiff_t end; (end = str_chr(s, '\n')) >= 0; s = str_sub(s, (size_t)end + 1, s.n))
		vlist_push(a, v.list, val_str(str_sub(s, 0, (size_t)end)));
	vlist_push(a, v.list, val_str(s));
	return v;
}

/* The files by their last name, as the data of a ConfigMap or Secret. */
static struct val files_data(struct arena *a, const struct files *f, bool secret)
{
	struct val map = val_map(a);

	for (size_t i = 0; i < f->n; i++) {
		str name = f->p[i]->name;
		for (ptrdiff_t slash; (slash = str_chr(name, '/')) >= 0;)
			name = str_sub(name, (size_t)slash + 1, name.n);
		struct buf b = BUF(a);
		if (secret)
			buf_base64(&b, f->p[i]->data);
		vmap_put(a, map.map, name, val_str(secret ? buf_str(&b) : f->p[i]->data));
	}
	return val_str(str_trim(val_to_yaml(a, map)));
}

static int files_get(struct tmpl_call *c, void *self, str name, const struct val *args, size_t n, struct val *out)
{
	struct files *f = self;
	bool get = str_eq(name, S("Get")), bytes = str_eq(name, S("GetBytes"));
	bool glob = str_eq(name, S("Glob")), lines = str_eq(name, S("Lines"));

	if (get || bytes || glob || lines) {
		if (n != 1 || args[0].kind != VAL_STRING)
			return tmpl_error(c, "wants one string: .Files.%.*s \"NAME\"", STR_ARG(name));
		const struct chart_file *one = files_find(f, val_text(args[0]));
		str data = one ? one->data : S("");
		*out = glob ? files_glob(c->a, f, val_text(args[0])) : lines ? files_lines(c->a, one) : get ? val_str(data) : val_bytes(data);
		return 1;
	}
	if (str_eq(name, S("AsConfig")) || str_eq(name, S("AsSecrets"))) {
		*out = files_data(c->a, f, str_eq(name, S("AsSecrets")));
		return 1;
	}
	const struct chart_file *one = n == 0 ? files_find(f, name) : NULL;
	*out = one ? val_bytes(one->data) : val_bytes(S(""));
	return n == 0;
}

static struct val files_plain(struct arena *a, void *self)
{
	struct files *f = self;
	struct val map = val_map(a);

	for (size_t i = 0; i < f->n; i++)
		vmap_put(a, map.map, f->p[i]->name, val_bytes(f->p[i]->data));
	return map;
}

static const struct vclass files_class = { "engine.files", "map", files_get, files_plain, NULL };

static struct val files_of(struct arena *a, const struct files *f)
{
	struct files *self = NEW(a, struct files);

	*self = *f;
	return val_object(a, &files_class, self);
}

struct val files_object(struct arena *a, const struct chart *c)
{
	struct files f = { 0 };

	for (size_t i = 0; i < c->files.n; i++)
		*VEC_ADD(a, &f) = &c->files.p[i];
	return files_of(a, &f);
}
