/* SPDX-License-Identifier: MIT */
/* Makes a chart of its files: Chart.yaml of both versions, values, schema, templates, subcharts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chart/internal.h"
#include "template/semver.h"

static const struct read_options yaml_options = { .input = FORMAT_YAML, .duplicates = 1 };

/* ---- Chart.yaml ------------------------------------------------------------------- */
struct reading {
	const struct chart_options *o;
	struct arena *a;
	struct diag *diag;
	bool bad;
};

/* Blanks of every kind become spaces, control characters go, as Helm cleans its metadata. */
static str clean(struct arena *a, str s)
{
	struct buf b = BUF(a);
	size_t i = 0;

	while (i < s.n && (unsigned char)s.p[i] >= 0x20 && s.p[i] != 0x7f)
		i++;
	if (i == s.n)
		return s;
	for (i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (memchr("\t\n\v\f\r", c, 5))
			buf_char(&b, ' ');
		else if (c >= 0x20 && c != 0x7f)
			buf_char(&b, (char)c);
	}
	return buf_str(&b);
}

/* A scalar where a string is wanted: numbers as Go prints them (1.10 is 1.1). */
static str as_text(struct reading *r, const struct node *n, str what)
{
	char text[40];

	if (!n || n->kind == NODE_NULL)
		return S("");
	if (n->kind == NODE_STRING)
		return node_text(n);
	if (n->kind == NODE_BOOL)
		return node_true(n) ? S("true") : S("false");
	if (n->kind == NODE_INT)
		return node_number_text(r->a, n);
	if (n->kind == NODE_FLOAT) {
		double v = node_to_double(n);
		for (int digits = 1; digits <= 17; digits++) {
			snprintf(text, sizeof text, "%.*g", digits, v);
			if (strtod(text, NULL) == v)
				break;
		}
		return str_copy(r->a, str_of(text));
	}
	diag_trouble(r->diag, node_pos(n), "chart", "%.*s must be a string, not %s", STR_ARG(what), kind_name(n->kind));
	r->bad = true;
	return S("");
}

static str get_text(struct reading *r, const struct node *map, const char *key)
{
	return clean(r->a, as_text(r, node_get(map, str_of(key)), str_of(key)));
}

/* A list of strings; an absent one is empty. */
static size_t get_list(struct reading *r, const struct node *map, const char *key, str **out)
{
	const struct node *n = node_get(map, str_of(key));

	if (!n || n->kind == NODE_NULL)
		return 0;
	if (n->kind != NODE_SEQ) {
		diag_trouble(r->diag, node_pos(n), "chart", "%s must be a list, not %s", key, kind_name(n->kind));
		r->bad = true;
		return 0;
	}
	*out = NEW_ARRAY(r->a, str, n->n);
	for (size_t i = 0; i < n->n; i++)
		(*out)[i] = clean(r->a, as_text(r, n->items[i], str_of(key)));
	return n->n;
}

static void read_maintainers(struct reading *r, const struct node *n, struct metadata *m)
{
	if (!node_is(n, NODE_SEQ))
		return;
	m->maintainers = NEW_ARRAY(r->a, struct maintainer, n->n);
	for (size_t i = 0; i < n->n; i++) {
		if (n->items[i]->kind != NODE_MAP) {
			diag_trouble(r->diag, node_pos(n->items[i]), "chart", "a maintainer must be a map of name, email, url");
			r->bad = true;
			return;
		}
		m->maintainers[m->nmaintainers++] = (struct maintainer){
			.name = get_text(r, n->items[i], "name"),
			.email = get_text(r, n->items[i], "email"),
			.url = get_text(r, n->items[i], "url"),
		};
	}
}

static void read_dependency(struct reading *r, const struct node *n, struct dependency *d)
{
	struct node *imports = node_get(n, S("import-values"));

	if (n->kind != NODE_MAP) {
		diag_trouble(r->diag, node_pos(n), "chart", "a dependency must be a map with a name");
		r->bad = true;
		return;
	}
	*d = (struct dependency){
		.name = get_text(r, n, "name"),
		.version = get_text(r, n, "version"),
		.repository = get_text(r, n, "repository"),
		.condition = get_text(r, n, "condition"),
		.alias = get_text(r, n, "alias"),
		.imports = node_is(imports, NODE_SEQ) ? imports : NULL,
		.pos = node_pos(n),
	};
	d->ntags = get_list(r, n, "tags", &d->tags);
	for (size_t i = 0; i < d->alias.n; i++) {
		char c = d->alias.p[i];
		if (!((c | 32) >= 'a' && (c | 32) <= 'z') && !(c >= '0' && c <= '9') && c != '_' && c != '-') {
			diag_trouble(r->diag, node_pos(n), "chart", "the alias \"%.*s\" may hold letters, digits, _ and - only", STR_ARG(d->alias));
			r->bad = true;
			return;
		}
	}
}

static str known_as(const struct dependency *d)
{
	return d->alias.n ? d->alias : d->name;
}

static void read_dependencies(struct reading *r, const struct node *n, struct metadata *m)
{
	m->has_dependencies = node_is(n, NODE_SEQ);
	if (!m->has_dependencies)
		return;
	m->dependencies = NEW_ARRAY(r->a, struct dependency, n->n);
	m->ndependencies = 0;
	for (size_t i = 0; i < n->n && !r->bad; i++) {
		struct dependency *d = &m->dependencies[m->ndependencies];
		read_dependency(r, n->items[i], d);
		for (size_t k = 0; k < m->ndependencies; k++) {
			if (!str_eq(known_as(d), known_as(&m->dependencies[k])))
				continue;
			diag_trouble(r->diag, d->pos, "chart", "two dependencies are called \"%.*s\"; give one of them an alias", STR_ARG(known_as(d)));
			r->bad = true;
		}
		m->ndependencies++;
	}
}

static void read_metadata(struct reading *r, const struct node *n, struct metadata *m)
{
	*m = (struct metadata){
		.name = get_text(r, n, "name"),
		.home = get_text(r, n, "home"),
		.version = get_text(r, n, "version"),
		.description = get_text(r, n, "description"),
		.icon = get_text(r, n, "icon"),
		.api_version = get_text(r, n, "apiVersion"),
		.condition = get_text(r, n, "condition"),
		.tags = get_text(r, n, "tags"),
		.app_version = get_text(r, n, "appVersion"),
		.kube_version = get_text(r, n, "kubeVersion"),
		.type = get_text(r, n, "type"),
		.deprecated = node_true(node_get(n, S("deprecated"))),
	};
	m->nsources = get_list(r, n, "sources", &m->sources);
	m->nkeywords = get_list(r, n, "keywords", &m->keywords);
	read_maintainers(r, node_get(n, S("maintainers")), m);
	read_dependencies(r, node_get(n, S("dependencies")), m);
	const struct node *notes = node_get(n, S("annotations"));
	if (node_is(notes, NODE_MAP)) {
		m->annotations = node_at(node_new(r->a, NODE_MAP), notes);
		for (size_t i = 0; i < notes->n; i++) {
			str text = as_text(r, notes->entries[i].value, entry_key(&notes->entries[i]));
			node_put(r->a, m->annotations, entry_key(&notes->entries[i]), node_at(node_string(r->a, text), notes->entries[i].value));
		}
	}
	if (m->api_version.n == 0)
		m->api_version = S("v1");
}

bool chart_is_library(const struct metadata *m)
{
	return str_eq(m->type, S("library"));
}

static int check_metadata(struct reading *r, const char *path, const struct metadata *m)
{
	struct semver v;

	if (r->bad)
		return -1;
	if (m->name.n == 0 || m->version.n == 0)
		return diag_trouble(r->diag, IN_FILE(path), "chart", "%s is missing", m->name.n ? "version" : "name");
	if (!semver_parse(m->version, &v))
		return diag_trouble(r->diag, IN_FILE(path), "chart", "\"%.*s\" is no version; write it like 1.2.3", STR_ARG(m->version));
	if (str_chr(m->name, '/') >= 0 || str_eq(m->name, S(".")) || str_eq(m->name, S("..")))
		return diag_trouble(r->diag, IN_FILE(path), "chart", "\"%.*s\" cannot be a chart's name", STR_ARG(m->name));
	if (m->type.n && !str_eq(m->type, S("application")) && !chart_is_library(m))
		return diag_trouble(r->diag, IN_FILE(path), "chart", "type must be application or library, not \"%.*s\"", STR_ARG(m->type));
	if (!str_eq(m->api_version, S("v1")) && !str_eq(m->api_version, S("v2")))
		return diag_trouble(r->diag, IN_FILE(path), "chart", "apiVersion must be v1 or v2, not \"%.*s\"", STR_ARG(m->api_version));
	return 0;
}

/* ---- files ------------------------------------------------------------------------ */
static const struct chart_file *find(const struct chart_files *files, str name)
{
	for (size_t i = 0; i < files->n; i++)
		if (str_eq(files->p[i].name, name))
			return &files->p[i];
	return NULL;
}

static int read_map(struct reading *r, const struct chart_file *f, struct node **out)
{
	if (read_text(r->a, r->diag, &yaml_options, f->path, f->data, out) < 0)
		return -1;
	if ((*out)->kind == NODE_NULL)
		*out = node_at(node_new(r->a, NODE_MAP), *out);
	if ((*out)->kind != NODE_MAP)
		return diag_trouble(r->diag, node_pos(*out), "chart", "a map is wanted here, not %s", kind_name((*out)->kind));
	return 0;
}

static int read_head(struct reading *r, struct chart *c, const char *label, const struct chart_files *files)
{
	const struct chart_file *f = find(files, S("Chart.yaml"));
	struct node *n;

	if (!f)
		return diag_trouble(r->diag, IN_FILE(label), "chart", "there is no Chart.yaml in it: not a chart");
	c->path = f->path;
	if (read_map(r, f, &n) < 0)
		return -1;
	read_metadata(r, n, &c->meta);
	const struct chart_file *more = find(files, S("requirements.yaml"));
	if (more && !r->bad) {
		if (read_map(r, more, &n) < 0)
			return -1;
		if (node_get(n, S("dependencies")))
			read_dependencies(r, node_get(n, S("dependencies")), &c->meta);
	}
	return check_metadata(r, c->path, &c->meta);
}

/* ---- subcharts -------------------------------------------------------------------- */
struct nested {
	str dir; /* first part of the name below charts/ */
	struct chart_files files;
};
struct nested_list {
	struct nested *p;
	size_t n, cap;
};

static void add_nested(struct arena *a, struct nested_list *v, const struct chart_file *f)
{
	str name = str_sub(f->name, 7, f->name.n), dir = name;
	ptrdiff_t slash = str_chr(name, '/');
	size_t i = 0;

	if (slash >= 0)
		dir = str_sub(name, 0, (size_t)slash);
	while (i < v->n && !str_eq(v->p[i].dir, dir))
		i++;
	if (i == v->n)
		*VEC_ADD(a, v) = (struct nested){ .dir = dir };
	str rest = slash >= 0 ? str_sub(name, (size_t)slash + 1, name.n) : S("");
	*VEC_ADD(a, &v->p[i].files) = (struct chart_file){ .name = rest, .data = f->data, .path = f->path };
}

static struct chart *build_nested(struct reading *r, const char *label, struct nested *n, int depth)
{
	struct chart_files inner = { 0 };

	label = str_printf(r->a, "%s/charts/%.*s", label, STR_ARG(n->dir)).p;
	if (str_ends(n->dir, S(".tgz"))) {
		if (n->files.p[0].name.n) {
			diag_trouble(r->diag, IN_FILE(label), "chart", "a folder called .tgz; a packed chart is a file");
			return NULL;
		}
		if (chart_read_archive(r->a, r->diag, label, n->files.p[0].data, &inner) < 0)
			return NULL;
	} else {
		for (size_t i = 0; i < n->files.n; i++)
			if (n->files.p[i].name.n)
				*VEC_ADD(r->a, &inner) = n->files.p[i];
	}
	return chart_build(r->a, r->diag, r->o, label, &inner, depth + 1);
}

static int build_subcharts(struct reading *r, struct chart *c, const char *label, struct nested_list *v, int depth)
{
	c->subcharts = NEW_ARRAY(r->a, struct chart *, v->n);
	for (size_t i = 0; i < v->n; i++) {
		if (v->p[i].dir.n == 0 || v->p[i].dir.p[0] == '_' || v->p[i].dir.p[0] == '.')
			continue;
		struct chart *sub = build_nested(r, label, &v->p[i], depth);
		if (!sub)
			return -1;
		c->subcharts[c->nsubcharts++] = sub;
	}
	return 0;
}

/* A file to where it belongs. */
static int take_file(struct reading *r, struct chart *c, struct chart_file *f, struct nested_list *nested)
{
	if (str_eq(f->name, S("Chart.yaml")) || str_eq(f->name, S("Chart.lock")))
		return 0;
	if (str_eq(f->name, S("values.yaml")))
		return read_map(r, f, &c->values);
	if (str_eq(f->name, S("values.schema.json")))
		return r->o && r->o->skip_schemas ? 0 : chart_schema_read(r->a, r->diag, r->o, c, f);
	if (str_starts(f->name, S("templates/"))) {
		*VEC_ADD(r->a, &c->templates) = *f;
	} else if (str_starts(f->name, S("charts/")) && !str_ends(f->name, S(".prov"))) {
		add_nested(r->a, nested, f);
	} else if ((!str_eq(f->name, S("requirements.yaml")) && !str_eq(f->name, S("requirements.lock"))) || str_eq(c->meta.api_version, S("v1"))) {
		*VEC_ADD(r->a, &c->files) = *f;
	}
	return 0;
}

struct chart *chart_build(struct arena *a, struct diag *d, const struct chart_options *o, const char *label, struct chart_files *files, int depth)
{
	struct reading r = { .o = o, .a = a, .diag = d };
	struct chart *c = NEW(a, struct chart);
	struct nested_list nested = { 0 };
	int bad;

	if (depth > CHART_MAX_DEPTH) {
		diag_trouble(d, IN_FILE(label), "chart", "charts nest deeper than %d", CHART_MAX_DEPTH);
		return NULL;
	}
	bad = read_head(&r, c, label, files);
	for (size_t i = 0; i < files->n && !bad; i++)
		bad = take_file(&r, c, &files->p[i], &nested);
	if (!c->values)
		c->values = node_new(a, NODE_MAP);
	if (!bad)
		bad = build_subcharts(&r, c, label, &nested, depth);
	if (!bad)
		return c;
	chart_close(c);
	return NULL;
}

bool chart_file_text(const struct chart *c, str name, str *out)
{
	const struct chart_file *f = find(&c->files, name);

	if (f)
		*out = f->data;
	return f != NULL;
}
