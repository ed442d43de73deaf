/* SPDX-License-Identifier: MIT */
/* Values as JSON, YAML and TOML, for func_data.c and its like. */
#ifndef INFRAFLUX_TEMPLATE_DATA_H
#define INFRAFLUX_TEMPLATE_DATA_H

#include "template/internal.h"

#define DATA_MAX ((size_t)16 << 20)
#define DATA_TOO_LARGE "the text of the value is larger than 16 MiB"

struct json_form {
	const char *indent; /* NULL: compact */
	bool html;	    /* <, > and & as \u003c … */
};
/* Each: NULL, or why the value has no such form (out is then to be thrown away). */
const char *json_encode(struct arena *a, struct buf *out, struct val v, const struct json_form *form);
/* pretty: lists are indented, too; lines, if it is not NULL, is told where the value of each line was set. */
const char *yaml_encode(struct arena *a, struct buf *out, struct val v, bool pretty, struct tmpl_lines *lines);
const char *toml_encode(struct arena *a, struct buf *out, struct val v);
const char *toml_decode(struct arena *a, str text, struct val *out); /* NULL, or the message of what is wrong */
void json_float(struct buf *out, double f);
ptrdiff_t base64_decode(struct buf *out, str s); /* -1, or the offset where it is wrong */
enum { YAML_KEY = 1, YAML_PRETTY = 2 };
/* A string in the style that go-yaml gives it (pretty: version 3 of it); lines behind the first are indented; a key is one line. */
void yaml_put_string(struct arena *a, struct buf *out, str s, int indent, unsigned flags);

#endif
