/* SPDX-License-Identifier: MIT */
/* values.schema.json: compiled with the chart, checked with each release. */
#include "chart/internal.h"

int chart_schema_read(struct arena *a, struct diag *d, const struct chart_options *given, struct chart *c, const struct chart_file *f)
{
	const struct read_options json = { .input = FORMAT_JSON, .duplicates = 1 };
	struct node *n;

	if (read_text(a, d, &json, f->path, f->data, &n) < 0)
		return -1;
	str draft = node_get_str(n, S("$schema"));
	if (str_ends(draft, S("//json-schema.org/schema")) || str_ends(draft, S("//json-schema.org/schema#"))) {
		n = node_clone(a, n); /* "the newest", which is what no $schema means */
		node_remove(n, S("$schema"));
	}
	/* The older drafts take formats at their word, as Helm's validator does. */
	struct schema_options o = { .formats = str_find(draft, S("draft-0")) >= 0 };
	if (given)
		o.maps = given->schema_maps;
	if (!(c->schema_set = schema_set_new(a, d, &o)))
		return -1;
	c->schema = schema_compile(c->schema_set, n, f->path);
	return c->schema ? 0 : -1;
}

int chart_schema_check(struct arena *a, struct diag *d, const struct instance *in, struct node *values)
{
	struct schema_checker *k = schema_checker_new(in->chart->schema_set, d);
	const struct schema_error *errors;
	size_t n = 0;
	str path = instance_path(a, in);
	int r = schema_check(k, in->chart->schema, values, &errors, &n);

	for (size_t i = 0; r == 0 && i < n; i++) {
		struct pos pos = errors[i].pos.file ? errors[i].pos : IN_FILE(in->chart->path);
		diag_trouble(d, pos, "values-schema", "%.*s (values.schema.json of %.*s)", STR_ARG(errors[i].message), STR_ARG(path));
	}
	schema_checker_free(k);
	return r == 1 ? 0 : -1;
}
