/* SPDX-License-Identifier: MIT */
/*
 * The language and its functions, by a table: each line of template-cases.jsonl
 * is a template, the name of its values (the first line holds them), and the
 * text wanted, or the message.  What is wanted was compared with Helm 3.
 */
#include "check.h"

#include "template/template.h"

static struct val top(struct arena *a, const struct node *values)
{
	struct val t = val_map(a), release = val_map(a), template = val_map(a), v = values ? val_of_node(a, values) : val_map(a);

	if (v.kind != VAL_MAP)
		v = val_map(a);
	vmap_set_type(v.map, "chartutil.Values");
	vmap_put(a, release.map, S("Name"), val_str(S("rel")));
	vmap_put(a, release.map, S("Namespace"), val_str(S("ns")));
	vmap_put(a, release.map, S("Revision"), val_int(1));
	vmap_put(a, release.map, S("IsInstall"), val_bool(true));
	vmap_put(a, release.map, S("IsUpgrade"), val_bool(false));
	vmap_put(a, release.map, S("Service"), val_str(S("Helm")));
	vmap_put(a, template.map, S("Name"), val_str(S("c/templates/t")));
	vmap_put(a, template.map, S("BasePath"), val_str(S("c/templates")));
	vmap_put(a, t.map, S("Values"), v);
	vmap_put(a, t.map, S("Release"), release);
	vmap_put(a, t.map, S("Template"), template);
	return t;
}

static str said(struct arena *a, struct diag *d)
{
	struct finding *f = diag_held_at(d, 0);
	struct buf b = BUF(a);

	while (f && f->severity < SEV_ERROR) /* what is to be said of the values is another's test */
		f = diag_held_next(f);
	if (!f)
		return S("nothing was reported");
	finding_text(&b, f, "test", false);
	return str_trim(buf_str(&b));
}

static void run_case(struct arena *a, struct diag *parent, const struct node *c, const struct node *sets, size_t line)
{
	struct diag d;
	struct read_options o = { .input = FORMAT_YAML };
	struct node *values = NULL;
	struct buf out = BUF(a);
	str text = node_get_str(c, S("template")), name = S("c/templates/t"), want = node_get_str(c, S("want"));
	struct tmpl_set *s;
	struct tmpl_exec x;
	bool good;

	diag_fork(&d, parent, a);
	good = read_text(a, &d, &o, "values.yaml", node_get_str(sets, node_get_str(c, S("values"))), &values) == 0;
	s = tmpl_set_new(a, &d, NULL);
	x = (struct tmpl_exec){ .set = s, .a = a, .diag = &d };
	good = good && tmpl_parse(s, "c/templates/t", name, text) == 0 && tmpl_exec(&x, name, top(a, values), &out) == 0;
	if (good ? !check_str(buf_str(&out), want, "tests/unit/template-cases.jsonl", (int)line, "text") || !CHECK(!node_get(c, S("error")))
		 : !check_str(said(a, &d), node_get_str(c, S("error")), "tests/unit/template-cases.jsonl", (int)line, "message"))
		fprintf(stderr, "\tof %.*s\n", STR_ARG(text));
}

int main(void)
{
	struct arena perm = { 0 }, scratch = { 0 };
	struct diag d = { .program = "template-cases", .arena = &perm };
	struct read_options o = { .input = FORMAT_JSON };
	struct node *sets = NULL, *c = NULL;
	struct reader *r = reader_open(&perm, &d, &o, "tests/unit/template-cases.jsonl");
	size_t line = 1;

	if (!CHECK(r && reader_next(r, &perm, &sets) == 1))
		return check_done();
	while (reader_next(r, &scratch, &c) == 1) {
		run_case(&scratch, &d, c, sets, ++line);
		arena_reset(&scratch);
	}
	reader_close(r);
	CHECK(line > 2000);
	arena_free(&scratch);
	arena_free(&perm);
	return check_done();
}
