/* SPDX-License-Identifier: MIT */
/* Renders one release of a chart. */
#include <stdlib.h>
#include <string.h>

#include "chart/internal.h"
#include "template/semver.h"

struct unit { /* a template and what it sees */
	str name; /* "top/charts/sub/templates/x.yaml" */
	const struct chart_file *file;
	struct vmap *data;
	str base;
};
struct rendering {
	struct arena *a;
	struct diag *diag;
	const struct release *r;
	struct {
		struct unit *p;
		size_t n, cap;
	} units;
	struct val release, capabilities;
	str kube;
};

/* ---- what templates see ---------------------------------------------------------------------- */
static struct val release_val(struct arena *a, const struct release *r)
{
	struct val v = val_map(a);

	vmap_put(a, v.map, S("Name"), val_str(str_of(r->name)));
	vmap_put(a, v.map, S("Namespace"), val_str(str_of(r->ns)));
	vmap_put(a, v.map, S("IsUpgrade"), val_bool(r->is_upgrade));
	vmap_put(a, v.map, S("IsInstall"), val_bool(!r->is_upgrade));
	vmap_put(a, v.map, S("Revision"), val_int(1));
	vmap_put(a, v.map, S("Service"), val_str(S("Helm")));
	return v;
}

static str base_name(str path)
{
	for (ptrdiff_t slash; (slash = str_chr(path, '/')) >= 0;)
		path = str_sub(path, (size_t)slash + 1, path.n);
	return path;
}

/* The templates of the chart and those below, each with the values of its own chart. */
static struct val collect(struct rendering *x, const struct instance *in, struct val values)
{
	struct arena *a = x->a;
	struct val next = val_map(a), subs = val_map(a), sub;
	str path = instance_path(a, in);

	vmap_set_type(next.map, "chartutil.Values");
	vmap_put(a, next.map, S("Chart"), chart_object(a, in));
	vmap_put(a, next.map, S("Files"), files_object(a, in->chart));
	vmap_put(a, next.map, S("Release"), x->release);
	vmap_put(a, next.map, S("Capabilities"), x->capabilities);
	vmap_put(a, next.map, S("Values"), values);
	vmap_put(a, next.map, S("Subcharts"), subs);
	for (size_t i = 0; i < in->ndeps; i++) {
		bool there = vmap_get(a, values.map, in->deps[i]->meta.name, &sub) && sub.kind == VAL_MAP;
		if (!there)
			sub = val_map(a);
		vmap_set_type(sub.map, "chartutil.Values");
		vmap_put(a, subs.map, in->deps[i]->meta.name, collect(x, in->deps[i], sub));
	}
	for (size_t i = 0; i < in->chart->templates.n; i++) {
		const struct chart_file *f = &in->chart->templates.p[i];
		if (chart_is_library(&in->meta) && !str_starts(base_name(f->name), S("_")))
			continue;
		*VEC_ADD(a, &x->units) = (struct unit){
			.name = str_printf(a, "%.*s/%.*s", STR_ARG(path), STR_ARG(f->name)),
			.file = f,
			.data = next.map,
			.base = str_printf(a, "%.*s/templates", STR_ARG(path)),
		};
	}
	return next;
}

static size_t depth_of(str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == '/';
	return n;
}

/* Deeper ones first, so that a chart's defines replace its subcharts'; then by name, backwards. */
static int by_depth(const void *x, const void *y)
{
	const struct unit *a = x, *b = y;
	size_t da = depth_of(a->name), db = depth_of(b->name);

	return da != db ? (da > db ? -1 : 1) : str_cmp(b->name, a->name);
}

/* ---- schemas ----------------------------------------------------------------------------------- */
static int check_schema(struct rendering *x, const struct instance *in, struct node *values)
{
	int bad = 0;

	if (in->chart->schema && chart_schema_check(x->a, x->diag, in, values) < 0)
		bad = -1;
	for (size_t i = 0; i < in->ndeps; i++) {
		struct node *below = node_get(values, in->deps[i]->meta.name);
		if (node_is(below, NODE_MAP) && check_schema(x, in->deps[i], below) < 0)
			bad = -1;
	}
	return bad;
}

/* ---- templates ------------------------------------------------------------------------------------ */
static int run(struct rendering *x, const struct tmpl_set *set, struct unit *u, struct pieces *out)
{
	struct arena *a = x->a;
	struct tmpl_lines *lines = NEW(a, struct tmpl_lines);
	struct tmpl_exec exec = { .set = set, .a = a, .diag = x->diag, .ctx = (void *)(uintptr_t)x->r, .lines = lines,
		.strict = x->r->strict, .max_steps = x->r->max_steps, .max_output = x->r->max_output };
	struct val self = val_map(a), data = { .kind = VAL_MAP, .map = u->data };
	struct buf text = BUF(a);

	vmap_put(a, self.map, S("Name"), val_str(u->name));
	vmap_put(a, self.map, S("BasePath"), val_str(u->base));
	vmap_set_type(self.map, "chartutil.Values");
	vmap_put(a, u->data, S("Template"), self);
	if (tmpl_exec(&exec, u->name, data, &text) < 0)
		return -1;
	if (str_ends(u->name, S("NOTES.txt")) || str_trim(buf_str(&text)).n == 0)
		return 0;
	return manifests_split(a, x->diag, u->name, buf_str(&text), lines, out);
}

static int execute(struct rendering *x, const struct tmpl_set *set, struct unit *u, struct pieces *out)
{
	uint64_t start = journal_start(x->diag);
	int bad = run(x, set, u, out);

	journal_spent(x->diag, "template", u->name, start);
	return bad;
}

static int by_name(const void *x, const void *y)
{
	const struct unit *a = x, *b = y;

	return str_cmp(a->name, b->name);
}

/* A parsed set of just these templates; units are in the order in which Helm parses them. */
static struct tmpl_set *parse_units(struct rendering *x, struct arena *a)
{
	struct tmpl_set *set = tmpl_set_new(a, x->diag, chart_functions);
	int bad = 0;

	for (size_t i = 0; i < x->units.n; i++) {
		const struct unit *u = &x->units.p[i];
		if (tmpl_parse(set, u->file->path, str_copy(a, u->name), u->file->data) < 0)
			bad = -1;
	}
	return bad ? NULL : set;
}

static struct tmpl_set *parsed_set(struct rendering *x, struct parsed *parsed)
{
	struct buf key = BUF(x->a);
	struct tmpl_set *set;

	for (size_t i = 0; i < x->units.n; i++) {
		buf_add(&key, x->units.p[i].name);
		buf_char(&key, '\n');
	}
	lock_take(parsed->lock);
	set = map_get(&parsed->sets, buf_str(&key));
	if (!set && (set = parse_units(x, &parsed->a)))
		*map_at(&parsed->a, &parsed->sets, str_copy(&parsed->a, buf_str(&key))) = set;
	lock_give(parsed->lock);
	return set;
}

static int run_templates(struct rendering *x, const struct chart *c, struct pieces *out)
{
	struct tmpl_set *set;
	int bad = 0;

	if (x->units.n == 0)
		return 0;
	qsort(x->units.p, x->units.n, sizeof *x->units.p, by_depth);
	if (!(set = parsed_set(x, c->parsed)))
		return -1;
	/* Helm sorts by name before it sorts by kind; order of execution shows only in what templates change. */
	qsort(x->units.p, x->units.n, sizeof *x->units.p, by_name);
	for (size_t i = 0; i < x->units.n && !bad; i++)
		if (!str_starts(base_name(x->units.p[i].name), S("_")))
			bad = execute(x, set, &x->units.p[i], out);
	return bad;
}

/* ---- crds/ ------------------------------------------------------------------------------------------- */
static void add_crds(struct arena *a, const struct instance *in, struct rendered *out)
{
	str path = instance_path(a, in);

	for (size_t i = 0; i < in->chart->files.n; i++) {
		const struct chart_file *f = &in->chart->files.p[i];
		if (!str_starts(f->name, S("crds/")) || !(str_ends(f->name, S(".yaml")) || str_ends(f->name, S(".yml")) || str_ends(f->name, S(".json"))))
			continue;
		struct manifest m = { .source = str_printf(a, "%.*s/%.*s", STR_ARG(path), STR_ARG(f->name)), .text = f->data };
		size_t lines = 1;
		for (size_t k = 0; k < f->data.n; k++)
			lines += f->data.p[k] == '\n';
		m.lines = NEW_ARRAY(a, struct pos, lines);
		m.nlines = lines;
		for (size_t k = 0; k < lines; k++)
			m.lines[k] = (struct pos){ .file = f->path, .line = (uint32_t)k + 1, .col = 1 };
		*VEC_ADD(a, out) = m;
	}
	for (size_t i = 0; i < in->ndeps; i++)
		add_crds(a, in->deps[i], out);
}

/* ---- the whole ------------------------------------------------------------------------------------------ */
static int check_release(struct rendering *x, const struct chart *c)
{
	const struct release *r = x->r;
	str name = str_of(r->name);
	bool ok = name.n > 0 && name.n <= 53;
	struct semver kube;

	for (size_t i = 0; i < name.n; i++) {
		char ch = name.p[i];
		bool inner = i > 0 && i + 1 < name.n && (ch == '-' || (ch == '.' && name.p[i - 1] != '.' && name.p[i - 1] != '-' && name.p[i + 1] != '-'));
		ok = ok && (inner || (ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9'));
	}
	if (!ok)
		return diag_trouble(x->diag, NOWHERE, "release", "\"%s\" cannot be a release's name: at most 53 of a-z, 0-9, \"-\" and \".\", beginning and ending with a letter or digit", r->name);
	x->kube = kube_version_normal(x->a, str_of(r->kube_version));
	if (x->kube.n == 0)
		return diag_trouble(x->diag, NOWHERE, "release", "\"%s\" is no Kubernetes version; write it like 1.37.0", r->kube_version);
	if (c->meta.kube_version.n && (!semver_parse(x->kube, &kube) || semver_satisfies(c->meta.kube_version, &kube) <= 0))
		return diag_trouble(x->diag, IN_FILE(c->path), "chart", "the chart wants Kubernetes %.*s, this is %.*s; --kube-version tells another", STR_ARG(c->meta.kube_version), STR_ARG(x->kube));
	if (chart_is_library(&c->meta))
		return diag_trouble(x->diag, IN_FILE(c->path), "chart", "a library chart has nothing to render; name a chart that depends on it");
	return 0;
}

static int show_only(struct rendering *x, struct rendered *out)
{
	struct rendered all = *out;

	*out = (struct rendered){ .only = true };
	for (size_t i = 0; i < x->r->show_only.n; i++) {
		const char *want = x->r->show_only.p[i];
		bool found = false;
		for (size_t k = 0; k < all.n; k++) {
			str name = all.p[k].source;
			name = str_sub(name, (size_t)str_chr(name, '/') + 1, name.n);
			if (go_match(str_of(want), name) <= 0)
				continue;
			*VEC_ADD(x->a, out) = all.p[k];
			found = true;
		}
		if (!found)
			return diag_trouble(x->diag, NOWHERE, "show-only", "no template \"%s\" in the chart made a manifest", want);
	}
	return 0;
}

static int render(const struct chart *c, struct arena *a, struct diag *d, const struct release *given, struct node *values, struct rendered *out)
{
	struct release r = *given;
	struct rendering x = { .a = a, .diag = d, .r = &r };
	struct pieces pieces = { 0 };
	struct instance *top = instance_new(a, c, NULL);

	r.name = r.name ? r.name : "release-name";
	r.ns = r.ns ? r.ns : "default";
	r.kube_version = r.kube_version ? r.kube_version : CHART_KUBE_VERSION;
	*out = (struct rendered){ 0 };
	if (check_release(&x, c) < 0 || instance_dependencies(a, d, top, values) < 0)
		return -1;
	struct node *all = coalesce(a, d, top, values, false);
	if (!all || check_schema(&x, top, all) < 0)
		return -1;
	x.release = release_val(a, &r);
	x.capabilities = capabilities_object(a, &r, x.kube);
	struct val v = val_of_node(a, all);
	vmap_set_type(v.map, "chartutil.Values");
	collect(&x, top, v);
	if (run_templates(&x, c, &pieces) < 0)
		return -1;
	manifests_sort(&pieces);
	if (r.include_crds)
		add_crds(a, top, out);
	out->plain = out->n;
	for (size_t i = 0; i < pieces.n; i++) {
		out->plain += !pieces.p[i].hook;
		if (!pieces.p[i].hook || (!r.no_hooks && !(r.skip_tests && pieces.p[i].test)))
			*VEC_ADD(a, out) = pieces.p[i].m;
	}
	return r.show_only.n ? show_only(&x, out) : 0;
}

int chart_render(const struct chart *c, struct arena *a, struct diag *d, const struct release *r, struct node *values, struct rendered *out)
{
	uint64_t start = journal_start(d);
	int bad = render(c, a, d, r, values, out);

	journal_spent(d, "chart", str_of(c->label), start);
	return bad;
}

/* The last plain manifest ends without blank lines, as Helm trims what comes before the hooks. */
static str shown(const struct rendered *r, size_t i)
{
	str text = r->p[i].text;

	return r->only || i + 1 == r->plain ? str_trim(text) : text;
}

void rendered_text(struct out *o, const struct rendered *r, struct origins_writer *w)
{
	static const struct pos head[2];

	if (r->plain == 0 && !r->only) {
		out_char(o, '\n');
		if (w)
			origins_put_lines(w, head, NULL, 1);
	}
	for (size_t i = 0; i < r->n; i++) {
		struct manifest *m = &r->p[i];
		str text = shown(r, i);
		size_t lines = 1;
		out_write(o, S("---\n# Source: "));
		out_write(o, m->source);
		out_char(o, '\n');
		out_write(o, text);
		out_char(o, '\n');
		if (!w)
			continue;
		for (size_t k = 0; k < text.n; k++)
			lines += text.p[k] == '\n';
		manifest_lines(o->a, m);
		origins_put_lines(w, head, NULL, 2);
		origins_put_lines(w, m->lines, m->values, lines < m->nlines ? lines : m->nlines);
	}
}
