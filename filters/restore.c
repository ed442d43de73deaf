/* SPDX-License-Identifier: MIT */
/* restore: verifies archives of pack-backup, and brings back what is in them. */
#include "archive/archive.h"
#include "report/report.h"

static const struct program program = {
	.name = "restore",
	.synopsis = "[OPTION]... ARCHIVE...",
	.purpose = "Restores an archive of pack-backup, or a full one followed by its increments; or lists or verifies it.",
	.notes = "Here 1 means that an archive is damaged: nothing is restored then, but with --salvage.\n\n"
		 "  restore --to /srv/restored full.tar.zst next.tar.zst\n"
		 "  restore --stdout --only 'objects/shop/**' prod.tar.zst | kubectl apply -f -\n",
};

struct options {
	struct archive_extract extract;
	struct strlist only;
	bool list, verify, to_stdout;
};
static const struct option options[] = {
	{ "to", 0, OPT_STRING, offsetof(struct options, extract.to), "DIR", "restore to DIR, which is new or empty", NULL, false, NULL },
	{ "force", 0, OPT_FLAG, offsetof(struct options, extract.force), NULL, "DIR may hold files: replace file by file", NULL, false, NULL },
	{ "only", 0, OPT_LIST, offsetof(struct options, only), "GLOB", "only these names, and all below them", NULL, false, NULL },
	{ "list", 0, OPT_FLAG, offsetof(struct options, list), NULL, "print the names (-v: modes, sizes, times)", NULL, false, NULL },
	{ "verify", 0, OPT_FLAG, offsetof(struct options, verify), NULL, "read all and check every hash", NULL, false, NULL },
	{ "stdout", 0, OPT_FLAG, offsetof(struct options, to_stdout), NULL, "print the object stream, or the files of --only", NULL, false, NULL },
	{ "dry-run", 0, OPT_FLAG, offsetof(struct options, extract.dry_run), NULL, "with --to: print what would be done", NULL, false, NULL },
	{ "salvage", 0, OPT_FLAG, offsetof(struct options, extract.salvage), NULL, "restore what is whole of a damaged archive", NULL, false, NULL },
	{ 0 },
};

static int check_usage(struct run *r, const struct options *o)
{
	int modes = o->list + o->verify + o->to_stdout + (o->extract.to != NULL);

	if (modes != 1)
		return run_usage(r, modes ? "choose one of --to, --list, --verify and --stdout" :
					    "choose what to do: --to DIR, --list, --verify or --stdout");
	if ((o->extract.force || o->extract.dry_run) && !o->extract.to)
		return run_usage(r, "--%s goes with --to DIR", o->extract.force ? "force" : "dry-run");
	if (o->extract.to && !*o->extract.to)
		return run_usage(r, "--to wants a folder");
	if (o->verify && o->only.n)
		return run_usage(r, "--verify checks all of an archive; --only is for the others");
	if (o->verify && o->extract.salvage)
		return run_usage(r, "--verify only looks; --salvage is for the others");
	return 0;
}

static void list(const struct run *r, const struct archive_set *s, struct out *out)
{
	for (size_t i = 0; i < archive_count(s); i++) {
		if (r->verbose)
			archive_member_print(out, archive_at(s, i));
		else
			archive_name_print(out, archive_at(s, i)->name);
		out_char(out, '\n');
	}
}

static int do_it(struct run *r, struct options *o, struct archive_set *s, struct out *out)
{
	o->extract.list = o->list || o->extract.dry_run ? out : NULL;
	if (o->verify) {
		archive_verify(s, out);
		return 0;
	}
	if (!archive_set_readable(s))
		return o->extract.salvage ? archive_salvage(s, &o->extract, &o->only, o->to_stdout) : 0;
	if (archive_select(s, &o->only))
		return -1;
	if (o->list) {
		list(r, s, out);
		return 0;
	}
	if (!archive_set_whole(s) && !o->extract.salvage)
		return 0;
	return o->to_stdout ? archive_cat(s, out, !o->only.n) : archive_extract(s, &o->extract);
}

int main(int argc, char **argv)
{
	static char *standard_input[] = { "-" };
	struct options o = { 0 };
	struct report_set report = { .through = true };
	struct run r;
	const struct option_group groups[] = { { options, &o }, { report_option_table, &report }, { NULL, NULL } };

	if (run_start(&r, &program, groups, argc, argv) || r.done)
		return run_finish(&r, false);
	if (check_usage(&r, &o) || report_begin(&report, &r))
		return run_finish(&r, true);
	struct archive_set *s = archive_set_open(&r, r.nargs ? r.args : standard_input, r.nargs ? r.nargs : 1, o.extract.salvage);
	struct out *out = s ? run_output(&r) : NULL;
	int bad = out ? do_it(&r, &o, s, out) : -1;
	if (out && run_output_end(&r, out))
		bad = -1;
	archive_set_close(s);
	bad |= report_end(&report);
	return run_finish(&r, bad);
}
