/* SPDX-License-Identifier: MIT */
/* The stream of results: documents one after the other in the chosen form. */
#include <string.h>

#include "doc/doc.h"

static const char *choose_form(void *target, const struct option *opt, const char *value)
{
	static const struct {
		const char *name;
		enum format format;
	} forms[] = { { "yaml", FORMAT_YAML }, { "json", FORMAT_JSON }, { "jsonl", FORMAT_JSONL } };

	for (size_t i = 0; i < COUNT(forms); i++)
		if (strcmp(value, forms[i].name) == 0) {
			*(int *)(void *)((char *)target + opt->offset) = forms[i].format;
			return NULL;
		}
	return "must be yaml, json or jsonl";
}

const struct option write_option_table[] = {
	{ .name = "output", .letter = 'o', .type = OPT_CALL, .arg = "yaml|json|jsonl",
	  .help = "form of the output (default: that of the first input)", .choices = "yaml|json|jsonl", .call = choose_form },
	{ .name = NULL },
};

static void separate(struct writer *w)
{
	if (w->count)
		out_write(w->out, S("---\n"));
}

void writer_put(struct writer *w, const struct node *n)
{
	switch (w->format) {
	case FORMAT_JSON:
	case FORMAT_JSONL:
		emit_json(w->out, n, w->format == FORMAT_JSON);
		out_char(w->out, '\n');
		break;
	case FORMAT_AUTO:
	case FORMAT_YAML:
		separate(w);
		emit_yaml(w->out, n, 0);
		break;
	}
	w->count++;
}

void writer_text(struct writer *w, str yaml)
{
	separate(w);
	out_write(w->out, yaml);
	w->count++;
}
