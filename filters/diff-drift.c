/* SPDX-License-Identifier: MIT */
/* diff-drift: desired objects against live ones, by meaning. */
#include "base/base.h"
#include "diff/diff.h"
#include "report/report.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct program program = {
	"diff-drift",
	"[OPTION]... DESIRED LIVE",
	"Compare desired objects with live ones by meaning, and report the drift.",
	"One of DESIRED and LIVE may be -, standard input.\n"
	"Exit status: 0 no drift; 1 drift; 2 trouble.\n"
	"Example: kubectl get all -n shop --show-managed-fields -o json | diff-drift manifests.yaml -",
};

static bool wants_color(const struct run *r)
{
	const char *no_color = getenv("NO_COLOR");

	return r->color == 1 || (r->color == 0 && !r->out_path && isatty(STDOUT_FILENO) && !(no_color && *no_color));
}

static int compare(struct run *r, const struct diff_options *o, struct report_set *report)
{
	struct diff diff;
	struct diff_report form = { .diff = &diff };

	if (r->nargs != 2)
		return run_usage(r, "diff-drift wants two arguments, DESIRED and LIVE, not %zu", r->nargs);
	if (!strcmp(r->args[0], "-") && !strcmp(r->args[1], "-"))
		return run_usage(r, "only one of DESIRED and LIVE can be standard input");
	report->text_out = true;
	report->formats = DIFF_FORMATS;
	report->custom = diff_write;
	report->custom_ctx = &form;
	form.color = wants_color(r);
	if (report_begin(report, r))
		return -1;
	if (diff_run(&diff, &r->perm, &r->diag, o, r->args[0], r->args[1]) || r->diag.troubles)
		return -1;
	if (o->state && diff_state(&diff, o->state))
		return -1;
	return report_end(report);
}

int main(int argc, char **argv)
{
	struct run r;
	struct diff_options options = { 0 };
	struct report_set report = { 0 };
	const struct option_group groups[] = {
		{ diff_option_table, &options },
		{ report_option_table, &report },
		{ read_option_table, &options.read },
		{ NULL, NULL },
	};

	if (run_start(&r, &program, groups, argc, argv))
		return run_finish(&r, true);
	return run_finish(&r, !r.done && compare(&r, &options, &report));
}
