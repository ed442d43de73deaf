/* SPDX-License-Identifier: MIT */
/* pack-backup: packs files, or a stream of objects, into an archive that can be verified. */
#include "archive/archive.h"
#include "report/report.h"

#include <unistd.h>

static const struct program program = {
	.name = "pack-backup",
	.synopsis = "[OPTION]... PATH... > ARCHIVE",
	.purpose = "Packs files and folders, or with - the object stream on standard input, into a zstd-compressed tar\n"
		   "with a manifest and an index.",
	.notes = "Here 1 means that a file could not be read, or changed while it was read; the rest is packed.\n\n"
		 "  pack-backup -O full.tar.zst /etc/platform\n"
		 "  pack-backup -O next.tar.zst --since full.tar.zst /etc/platform\n"
		 "  kubectl get deploy,svc -A -o yaml | pack-backup --label env=prod - > prod.tar.zst\n",
};

static const struct option options[] = {
	{ "level", 0, OPT_NUMBER, offsetof(struct archive_pack, level), "N", "zstd level, 1 to 22 (default 3)", NULL, false, NULL },
	{ "exclude", 0, OPT_LIST, offsetof(struct archive_pack, exclude), "GLOB", "leave out these names and all below them", NULL, false, NULL },
	{ "label", 0, OPT_LIST, offsetof(struct archive_pack, labels), "KEY=VALUE", "keep this in the manifest", NULL, false, NULL },
	{ "since", 0, OPT_STRING, offsetof(struct archive_pack, since), "ARCHIVE|MANIFEST", "pack only what changed since then", NULL, false, NULL },
	{ "manifest-out", 0, OPT_STRING, offsetof(struct archive_pack, manifest_out), "FILE", "write the manifest to FILE too", NULL, false, NULL },
	{ 0 },
};

int main(int argc, char **argv)
{
	struct archive_pack o = { .level = 3 };
	struct report_set report = { .through = true };
	struct run r;
	const struct option_group groups[] = {
		{ options, &o }, { read_option_table, &o.read }, { report_option_table, &report }, { NULL, NULL },
	};

	if (run_start(&r, &program, groups, argc, argv) || r.done)
		return run_finish(&r, false);
	if (o.level < 1 || o.level > 22)
		return run_finish(&r, run_usage(&r, "--level is 1 to 22"));
	if (!r.out_path && isatty(STDOUT_FILENO))
		return run_finish(&r, run_usage(&r, "an archive is not for a terminal: name a file with -O, or redirect"));
	if (!r.nargs && isatty(STDIN_FILENO))
		return run_finish(&r, run_usage(&r, "name what is to be packed"));
	if (report_begin(&report, &r))
		return run_finish(&r, true);
	int bad = archive_pack(&r, &o);
	if (!bad && r.verbose)
		diag_at(&r.diag, SEV_NOTE, NOWHERE, NULL, "packed %llu entries, %llu bytes of files", (unsigned long long)o.packed,
			(unsigned long long)o.bytes);
	bad |= report_end(&report);
	return run_finish(&r, bad);
}
