/* SPDX-License-Identifier: MIT */
/* Helm's and Sprig's functions to and from YAML, JSON and TOML. */
#include <string.h>

#include "template/data.h"

/* ---- to text ---- */

static int made(struct tmpl_call *c, struct buf *b, const char *bad, struct val *out)
{
	if (bad && (!strncmp(c->name, "must", 4) || !strcmp(bad, DATA_TOO_LARGE)))
		return tmpl_error(c, "%s: %s", c->name, bad);
	if (bad)
		b->n = 0; /* Helm's toYaml and toJson give the empty text then */
	ret_buf(out, b);
	return exec_made(c, b->n);
}

static int f_to_yaml(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct buf b = BUF(c->a);
	struct tmpl_lines lines = { 0 };
	const char *bad = yaml_encode(c->a, &b, args[0], !strcmp(c->name, "toYamlPretty"), c->x->lines ? &lines : NULL);

	(void)n;
	if (lines.n)
		c->x->state->included = (struct included){ buf_str(&b), lines, c->x->state->included.serial + 1 };
	return made(c, &b, bad, out);
}

str val_to_yaml(struct arena *a, struct val v)
{
	struct buf b = BUF(a);

	return yaml_encode(a, &b, v, false, NULL) ? S("") : buf_str(&b);
}

static int f_to_json(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct buf b = BUF(c->a);
	struct json_form form = { .indent = strstr(c->name, "Pretty") ? "  " : NULL, .html = !strstr(c->name, "Raw") };
	const char *bad = json_encode(c->a, &b, args[0], &form);

	(void)n;
	return made(c, &b, bad, out);
}

static int f_to_toml(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct buf b = BUF(c->a);
	const char *bad = toml_encode(c->a, &b, args[0]);

	(void)n;
	if (val_is_nil(args[0]))
		return tmpl_error_value(c, args[0], "%s: nil has no TOML", c->name);
	if (bad && strncmp(c->name, "must", 4) && strcmp(bad, DATA_TOO_LARGE))
		return ret(out, val_cstr(bad)); /* Helm's toToml gives the message */
	return made(c, &b, bad, out);
}

/* ---- from text ---- */

/* The first document of text; NULL: *out is set. */
static const char *parse(struct tmpl_call *c, str text, enum format format, struct val *out)
{
	struct read_options o = { .input = format, .duplicates = 1 };
	struct diag quiet;
	struct reader *r;
	struct node *doc = NULL;
	struct finding *f;
	int got = -1;

	diag_fork(&quiet, c->x->diag, c->a);
	r = reader_open_text(c->a, &quiet, &o, "text", text);
	if (r) {
		got = reader_next(r, c->a, &doc);
		if (got == 1 && format == FORMAT_JSON) {
			struct node *more;

			got = reader_next(r, c->a, &more) == 0 ? 1 : -1;
		}
		reader_close(r);
	}
	if (got < 0) {
		for (size_t i = 0; (f = diag_held_at(&quiet, i)); i++)
			if (f->severity == SEV_ERROR)
				return str_dup(c->a, str_printf(c->a, "line %u: %.*s", f->pos.line, STR_ARG(f->message)));
		return "this is not one JSON value";
	}
	if (got == 0 && format == FORMAT_JSON)
		return "unexpected end of JSON input";
	*out = got ? val_of_node(c->a, doc) : val_nil();
	return NULL;
}

/* Helm's: what is no map (or list) is told within the result. */
static int f_from(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	bool json = strstr(c->name, "Json") != NULL, list = strstr(c->name, "Array") != NULL;
	struct val v = val_nil();
	const char *bad = NULL;

	(void)n;
	if (str_trim(val_text(args[0])).n || json)
		bad = parse(c, val_text(args[0]), json ? FORMAT_JSON : FORMAT_YAML, &v);
	if (!bad && !val_is_nil(v) && v.kind != (list ? VAL_LIST : VAL_MAP))
		bad = str_dup(c->a, str_printf(c->a, "%sjson: cannot unmarshal %s into Go value of type %s",
					       json ? "" : "error unmarshaling JSON: while decoding JSON: ",
					       v.kind == VAL_LIST ? "array" : v.kind == VAL_MAP ? "object" : v.kind == VAL_STRING ? "string"
										  : v.kind == VAL_BOOL	  ? "bool"
													  : "number",
					       list ? "[]interface {}" : "map[string]interface {}"));
	if (!bad && !val_is_nil(v))
		return ret(out, v);
	*out = list ? val_list(c->a) : val_map(c->a);
	if (bad && list)
		vlist_push(c->a, out->list, val_cstr(bad));
	else if (bad)
		vmap_put(c->a, out->map, S("Error"), val_cstr(bad));
	return 0;
}

static int f_must_from_json(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	const char *bad = parse(c, val_text(args[0]), FORMAT_JSON, out);

	(void)n;
	return bad ? tmpl_error_value(c, args[0], "mustFromJson: %s", bad) : 0;
}

static int f_from_toml(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	const char *bad = toml_decode(c->a, val_text(args[0]), out);

	(void)n;
	if (bad) {
		*out = val_map(c->a);
		vmap_put(c->a, out->map, S("Error"), val_cstr(bad));
	}
	return 0;
}

const struct tmpl_func funcs_data[] = {
	{ "toYaml", "a", f_to_yaml },
	{ "mustToYaml", "a", f_to_yaml },
	{ "toYamlPretty", "a", f_to_yaml },
	{ "fromYaml", "s", f_from },
	{ "fromYamlArray", "s", f_from },
	{ "toJson", "a", f_to_json },
	{ "mustToJson", "a", f_to_json },
	{ "toPrettyJson", "a", f_to_json },
	{ "mustToPrettyJson", "a", f_to_json },
	{ "toRawJson", "a", f_to_json },
	{ "mustToRawJson", "a", f_to_json },
	{ "fromJson", "s", f_from },
	{ "fromJsonArray", "s", f_from },
	{ "mustFromJson", "s", f_must_from_json },
	{ "toToml", "a", f_to_toml },
	{ "mustToToml", "a", f_to_toml },
	{ "fromToml", "s", f_from_toml },
	{ NULL, NULL, NULL },
};
