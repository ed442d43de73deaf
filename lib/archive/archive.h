/* SPDX-License-Identifier: MIT */
/*
 * archive: pack, index, verify and restore backups.
 *
 * An archive is a zstd-compressed tar that any tar reads, made of
 *
 *     frame 0      a constant: a tar global header that says whose archive this is
 *     frames 1 …   the entries; each frame is a zstd frame of its own
 *     last frames  the entry .infraflux/manifest.json, and the end of the tar
 *     skippable    our index: size and SHA-256 of every frame, where the manifest is
 *     skippable    zstd's own seek table (the "seekable format")
 *
 * The index lets a reader find the manifest and then the frames of one entry
 * without reading the rest.  Every byte is under a hash: frames under the
 * index, the index under itself, and the seek table follows from the index.
 * The same input gives the same bytes, whatever the number of threads.
 *
 * Invariants:
 * - Names are relative, without empty, "." and ".." parts, and no name lies
 *   below one that is not a directory.  What breaks this is refused on reading.
 * - The manifest is what is true of an entry: the tar header in front of its
 *   bytes must be the one that the manifest's facts give.
 */
#ifndef INFRAFLUX_ARCHIVE_H
#define INFRAFLUX_ARCHIVE_H

#include "doc/doc.h"

#define ARCHIVE_NAME_MAX 4095
#define ARCHIVE_ELSEWHERE UINT64_MAX

enum archive_type { ARCHIVE_FILE, ARCHIVE_DIR, ARCHIVE_SYMLINK, ARCHIVE_HARDLINK };

struct member {
	str name;
	str target; /* of a symbolic link, as it is; of a hard link, the name of its entry */
	str object; /* "apps/Deployment shop/web" if this is an object of a stream */
	str user, group;
	enum archive_type type;
	uint32_t mode; /* permission and set-id bits */
	int64_t mtime;
	uint32_t nsec;
	uint32_t uid, gid;
	uint64_t size;
	uint8_t hash[32]; /* SHA-256 of a file's bytes */
	uint64_t at;	  /* of its header in the tar; ARCHIVE_ELSEWHERE: in an earlier archive */
};

/* ---- pack ---------------------------------------------------------------- */
struct archive_pack {
	int64_t level;
	struct strlist exclude, labels; /* globs; KEY=VALUE */
	const char *since;		 /* archive or manifest, or NULL */
	const char *manifest_out;	 /* or NULL */
	struct read_options read;	 /* how the object stream is read */
	struct out *out;		 /* its own */
	uint64_t packed, bytes;		 /* after: entries in the manifest, bytes of their files */
};
/* Packs r's arguments ("-": the object stream of standard input; none: the same) into r's output.  -1: trouble. */
int archive_pack(struct run *r, struct archive_pack *o);

/* ---- read ---------------------------------------------------------------- */
/*
 * A backup: an archive, or a full one and its increments in their order.
 * The last one's manifest says what there is.  NULL: trouble was reported.
 */
struct archive_set;
struct archive_set *archive_set_open(struct run *r, char **paths, size_t n, bool salvage);
void archive_set_close(struct archive_set *s);
bool archive_set_whole(const struct archive_set *s);	/* nothing is wrong with their indexes and manifests */
bool archive_set_readable(const struct archive_set *s); /* each one's manifest can be read */
/* Chooses the entries that match a glob (all if there are none).  Says so when nothing does.  -1: trouble. */
int archive_select(struct archive_set *s, const struct strlist *only);
/* The chosen entries, in the manifest's order; bytes of their files. */
size_t archive_count(const struct archive_set *s);
const struct member *archive_at(const struct archive_set *s, size_t i);
uint64_t archive_bytes(const struct archive_set *s);

/* Reads every byte of all archives and checks it; damage is reported entry by entry.  A line to o for each that is good. */
void archive_verify(struct archive_set *s, struct out *o);
/* The chosen files' bytes in order, objects as a YAML stream; nothing if one is damaged, unless salvaging. */
int archive_cat(struct archive_set *s, struct out *o, bool objects_only);
struct archive_extract {
	const char *to;
	bool force, dry_run, salvage;
	struct out *list; /* dry_run: what would be done */
};
int archive_extract(struct archive_set *s, const struct archive_extract *o);
/*
 * What can be had of one archive that has no manifest we can read, ours or
 * not: files, folders and links whose names are safe, without owners and
 * set-id bits.  to NULL: the names go to list.  -1: trouble.
 */
int archive_salvage(struct archive_set *s, const struct archive_extract *o, const struct strlist *only, bool to_stdout);

/* ---- name.c --------------------------------------------------------------- */
/* Whole path; * ? [] stop at "/", ** does not; a matched folder brings all below it. */
struct archive_glob;
struct archive_glob *archive_glob_new(struct arena *a, const struct strlist *globs);
bool archive_glob_match(const struct archive_glob *g, str name); /* false if there are no globs */
void archive_name_print(struct out *o, str name);		   /* control bytes and backslashes escaped */
/* ".mode owner size time name", as `tar -tv` has it. */
void archive_member_print(struct out *o, const struct member *e);

#endif
