/* SPDX-License-Identifier: MIT */
/* Collecting findings, and choosing where which report goes. */
#include "report/internal.h"

#include <string.h>
#include <unistd.h>

static const struct {
	str name;
	void (*write)(const struct report_set *s, struct out *o);
} formats[] = {
	{ SI("text"), report_text },   { SI("json"), report_json },   { SI("jsonl"), report_jsonl },
	{ SI("sarif"), report_sarif }, { SI("junit"), report_junit }, { SI("github"), report_github },
};
#define ALL_FORMATS "text|json|jsonl|sarif|junit|github"

const struct option report_option_table[] = {
	{ "report", 0, OPT_LIST, offsetof(struct report_set, wanted), "FORMAT[=FILE]", "report in FORMAT, repeatable", NULL, false, NULL },
	{ 0 },
};

static void collect(void *ctx, const struct finding *f)
{
	struct report_set *s = ctx;
	struct arena *a = &s->run->perm;

	finding_copy(a, VEC_ADD(a, s), f); /* diag calls with its lock held */
}

static bool offered(const char *list, str format)
{
	for (str rest = str_of(list);;) {
		ptrdiff_t bar = str_chr(rest, '|');
		if (str_eq(str_sub(rest, 0, bar < 0 ? rest.n : (size_t)bar), format))
			return true;
		if (bar < 0)
			return false;
		rest = str_sub(rest, (size_t)bar + 1, rest.n);
	}
}

static str format_of(const char *wanted, const char **file)
{
	const char *equals = strchr(wanted, '=');

	*file = equals && strcmp(equals + 1, "-") != 0 ? equals + 1 : NULL;
	return equals ? (str){ wanted, (size_t)(equals - wanted) } : str_of(wanted);
}

/* A report must not end where something else is read or written.  -1: reported. */
static int check_file(struct report_set *s, size_t i)
{
	struct run *r = s->run;
	const char *wanted = s->wanted.p[i], *file, *other;

	format_of(wanted, &file);
	if (file && !*file)
		return run_usage(r, "--report %s wants the name of a file behind \"=\"", wanted);
	for (size_t k = 0; file && k < i; k++) {
		format_of(s->wanted.p[k], &other);
		if (other && file_same(&r->perm, file, other))
			return run_usage(r, "--report %s and --report %s would overwrite each other; give each a file of its own", s->wanted.p[k], wanted);
	}
	for (size_t k = 0; file && k < COUNT(s->outputs); k++)
		if (s->outputs[k] && file_same(&r->perm, file, s->outputs[k]))
			return run_usage(r, "--report %s would overwrite what else is written to %s; give it a file of its own", wanted, s->outputs[k]);
	if (file && r->out_path && file_same(&r->perm, file, r->out_path))
		return run_usage(r, "--report %s would overwrite the output; give it a file of its own", wanted);
	for (size_t k = 0; file && k < r->nargs; k++)
		if (strcmp(r->args[k], "-") != 0 && file_same(&r->perm, file, r->args[k]))
			return run_usage(r, "--report %s would overwrite the input; give it a file of its own", wanted);
	return 0;
}

int report_begin(struct report_set *s, struct run *r)
{
	const char *list = s->formats ? s->formats : ALL_FORMATS, *file;
	size_t to_stdout = 0;

	s->run = r;
	for (size_t i = 0; i < s->wanted.n; i++) {
		str format = format_of(s->wanted.p[i], &file);
		if (!offered(list, format))
			return run_usage(r, "--report is one of %s, not \"%.*s\"", list, STR_ARG(format));
		if (!file && !s->text_out)
			return run_usage(r, "--report %.*s wants a file here: --report %.*s=FILE", STR_ARG(format), STR_ARG(format));
		if (check_file(s, i))
			return -1;
		to_stdout += !file;
	}
	if (to_stdout > 1)
		return run_usage(r, "only one --report can go to standard output; give the others a file: FORMAT=FILE");
	if (s->text_out && !to_stdout)
		*VEC_ADD(&r->perm, &s->wanted) = "text";
	r->diag.sink = (struct diag_sink){ collect, s, s->wanted.n > 0 };
	s->begun = true;
	return 0;
}

static int write_one(struct report_set *s, str format, const char *file)
{
	struct run *r = s->run;
	bool to_stderr = !file && s->through;
	struct out *o = file ? out_open(&r->perm, &r->diag, file) : to_stderr ? out_memory(&r->perm, &r->diag) : run_output(r);

	if (!o)
		return -1;
	s->terminal = !file && isatty(to_stderr ? STDERR_FILENO : STDOUT_FILENO) && (to_stderr || !r->out_path);
	if (!s->custom || !s->custom(s, format, o))
		for (size_t i = 0; i < COUNT(formats); i++)
			if (str_eq(formats[i].name, format))
				formats[i].write(s, o);
	if (to_stderr) {
		str text = out_text(o);
		ssize_t ignored = write(STDERR_FILENO, text.p, text.n);
		(void)ignored;
	}
	return file || to_stderr ? out_close(o) : run_output_end(r, o);
}

int report_end(struct report_set *s)
{
	int bad = 0;

	if (!s->begun)
		return 0;
	s->run->diag.sink = (struct diag_sink){ 0 };
	for (size_t i = 0; i < s->wanted.n; i++) {
		const char *file;
		str format = format_of(s->wanted.p[i], &file);
		if (write_one(s, format, file))
			bad = -1;
	}
	return bad;
}
