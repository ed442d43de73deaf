/* SPDX-License-Identifier: MIT */
/* What the files of archive share: names, tar headers, frames, the index, the manifest. */
#ifndef INFRAFLUX_ARCHIVE_INTERNAL_H
#define INFRAFLUX_ARCHIVE_INTERNAL_H

#include "archive/archive.h"

#include <openssl/evp.h>
#include <sys/stat.h>
#include <zstd.h>

enum {
	TAR_BLOCK = 512,
	TAR_HEADER_MAX = 16 << 10,   /* a header and the pax header before it */
	FRAME_SIZE = 1 << 20,	     /* bytes of tar that make a frame, or a little more */
	FRAME_MAX = 16 << 20,	     /* no frame that we read is larger */
	FIRST_FRAME_TAR = 1024,	     /* tar bytes of the constant first frame */
};
#define MANIFEST_NAME ".infraflux/manifest.json"
#define MANIFEST_FORMAT "infraflux-archive/1"

static inline uint64_t round_block(uint64_t n)
{
	return (n + TAR_BLOCK - 1) & ~(uint64_t)(TAR_BLOCK - 1);
}

/* ---- name.c ---- */
/* NULL, or what is wrong with it as the name of an entry. */
const char *name_wrong(str name);
/* "./a//b/" and "/a/b" become "a/b"; false: it has a ".." part. */
bool name_clean(struct arena *a, str path, str *out);
/* "objects/shop/Deployment.apps/web.yaml", each part escaped to be a safe file name. */
str name_object(struct arena *a, str group, str kind, str ns, str name);
int name_cmp(str x, str y); /* by bytes, "/" before all: a folder is followed by what is in it */
str name_parent(str name);  /* empty at the top */

/* ---- hash.c ---- */
struct hasher {
	EVP_MD *md;
	EVP_MD_CTX *ctx;
};
void hasher_open(struct hasher *h);
void hasher_close(struct hasher *h);
void hasher_start(struct hasher *h);
void hasher_add(struct hasher *h, const void *p, size_t n);
void hasher_end(struct hasher *h, uint8_t out[32]);
void hash_bytes(struct hasher *h, const void *p, size_t n, uint8_t out[32]);
void hex_of(const uint8_t *p, size_t n, char *out); /* 2n digits and NUL */
bool hex_read(str s, uint8_t *out, size_t n);

/* ---- tar.c ---- */
/* Writes e's header (a pax header first where needed); returns its length, a multiple of TAR_BLOCK. */
size_t tar_header(char out[TAR_HEADER_MAX], const struct member *e);
void tar_first(char out[FIRST_FRAME_TAR]); /* the global header of frame 0 */

/* ---- index.c ---- */
struct frame {
	uint32_t zip, raw; /* bytes compressed, and as tar */
	uint8_t hash[32];  /* of the compressed bytes */
};
struct frame_index {
	struct frame *p;
	size_t n, cap;
	uint64_t raw_total; /* of all frames: the length of the tar */
	uint64_t manifest_at, manifest_size; /* its bytes, in the tar */
	uint8_t manifest_hash[32];
};
/* Both skippable frames, as they stand at the end of the file. */
str index_write(struct arena *a, const struct frame_index *x, struct hasher *h);
enum { INDEX_TAIL = 9 }; /* bytes at the end that say how long the seek table is */
/* 0: no seek table, else its length in bytes; *frames: entries in it. */
uint64_t index_table_size(const uint8_t tail[INDEX_TAIL], uint32_t *frames);
uint64_t index_size(size_t frames); /* bytes of our index, with the header of its frame */
/* Reads our index from the bytes of its skippable frame (header included).  NULL, or what is wrong. */
const char *index_read(struct arena *a, str bytes, struct frame_index *x, struct hasher *h);
extern const char index_magic[8]; /* first bytes of our index's content */
/* The constant first frame, compressed; returns its length. */
enum { FIRST_FRAME_MAX = FIRST_FRAME_TAR + 16 };
size_t index_first_frame(char out[FIRST_FRAME_MAX]);

/* ---- manifest.c ---- */
struct manifest {
	uint8_t id[32]; /* SHA-256 of its bytes */
	bool increment;
	uint8_t since[32]; /* id of the manifest that it was made against */
	int64_t created;   /* seconds; -1: not said */
	struct member **p; /* in the order of the tar */
	size_t n, cap;
	struct map by_name; /* to struct member */
	struct strlist labels;
	uint64_t bytes; /* of all files */
};
/* Puts the entries into by_name and checks the invariants.  NULL, or what is wrong with *which. */
const char *manifest_check(struct arena *a, struct manifest *m, str *which);
/* Its text, in pieces: a large manifest is never held whole. */
void manifest_write(struct diag *d, const struct manifest *m, void (*put)(void *ctx, str piece), void *ctx);
/* Reads and checks it, for a tar of `limit` bytes; changes text.  -1: reported. */
int manifest_read(struct arena *a, struct diag *d, const char *path, str text, uint64_t limit, struct manifest *m);

/* ---- scan.c ---- */
struct source_file { /* an entry that is to be packed */
	struct member entry; /* first: a pointer to one is a pointer to the other */
	const char *path; /* NULL: an object, its bytes are in the item */
	uint64_t dev, ino, nlink;
	uint64_t rel;	/* of its header in the item that it begins in */
	int error;	/* errno, if it could not be read: then it is not in the archive */
	bool changed;	/* in every try, while it was read */
};
struct scan {
	struct run *run;
	const struct archive_glob *exclude;
	uint64_t skip_dev[2], skip_ino[2]; /* the archive itself is not packed */
	struct {
		struct source_file **p;
		size_t n, cap;
	} files;
	struct map users, groups; /* by decimal id, to char * */
	size_t depth;
};
void scan_path(struct scan *s, const char *path); /* what can't be read is reported */
void scan_finish(struct scan *s); /* sorts, drops repeats, finds hard links */
/* Opens f's regular file, through no link in its last part; *st: what it is now, and its mode is f's.  -1: errno. */
int source_open(struct source_file *f, struct stat *st);
ssize_t source_read(int fd, char *p, size_t n); /* until n or the end; -1: errno */
bool source_same(const struct stat *x, const struct stat *y); /* nothing was written between */

/* ---- frames.c: making frames, in parallel, landed in order ---- */
struct maker;
struct maker_item { /* tar bytes that become one frame */
	char *raw;
	size_t n, cap;
	struct source_file **files; /* that begin in this frame */
	size_t nfiles;
	bool read; /* a worker reads them into raw */
	uint64_t progress;
	/* the rest is the maker's own */
	char *zip;
	size_t nzip, zip_cap;
	uint8_t hash[32];
	struct queue *done;
	const char *failed;
};
struct maker *maker_start(struct run *r, struct out *out, int level, struct progress *bar);
struct maker_item *maker_item(struct maker *m); /* an empty one; waits for it */
void maker_submit(struct maker *m, struct maker_item *it);
bool maker_stopped(const struct maker *m); /* a write failed: no more is needed */
void maker_wait(struct maker *m);	       /* until all that was submitted is written */
int maker_end(struct maker *m, struct frame_index *x); /* -1: reported; *x lives in the run's arena */
void item_room(struct maker_item *it, size_t n);
void item_add(struct maker_item *it, const void *p, size_t n);
void item_pad(struct maker_item *it); /* to a whole block */

/* ---- open.c ---- */
struct backup {
	struct run *run;
	const char *path; /* as named */
	int fd;
	uint64_t size;
	bool ours, whole; /* whole: index, seek table and manifest are good */
	bool have_index, have_manifest;
	const char *damage; /* the first thing found wrong */
	struct frame_index index;
	uint64_t *raw_at, *zip_at; /* of each frame, and one past the last */
	uint8_t *frame_state;	   /* when not NULL: frames that are read are checked, this says how they are */
	struct manifest manifest;
};
enum { FRAME_UNSEEN, FRAME_GOOD, FRAME_BAD };
struct backup *backup_open(struct run *r, const char *path, struct hasher *h);
void backup_close(struct backup *ar);
/* Reads from a pipe are spooled: an archive is read from its end. */
ssize_t backup_read_at(const struct backup *ar, void *p, size_t n, uint64_t at); /* until n or the end; -1: errno */

/* A window on the tar of one archive; one per thread. */
struct cursor {
	const struct backup *ar;
	char *zip, *raw;
	size_t zip_cap, raw_cap;
	ZSTD_DCtx *d;
	struct hasher hash, file;
	size_t frame; /* the one in raw, or SIZE_MAX */
	size_t raw_n;
	bool lost; /* … which could not be read */
};
void cursor_open(struct cursor *c);
void cursor_close(struct cursor *c);
void cursor_use(struct cursor *c, const struct backup *ar);
bool cursor_load(struct cursor *c, size_t frame); /* false: damaged */
/* Bytes of the tar from at on that one frame holds, at most n; false: damaged. */
bool cursor_get(struct cursor *c, uint64_t at, uint64_t n, str *piece);
size_t backup_frame_of(const struct backup *ar, uint64_t at);

/* ---- read.c: the chosen entries' bytes, checked ---- */
struct pick {
	const struct member *entry;
	const struct backup *in;	   /* where its bytes are; NULL: nowhere */
	const struct member *data; /* the entry there that holds them */
	const struct member *link; /* a hard link to this chosen entry's file, else NULL */
	const char *lost;		   /* why, after reading */
};
struct archive_set {
	struct run *run;
	struct backup **archives;
	size_t n;
	bool salvage;
	struct hasher hash;
	struct pick *picks;
	size_t npicks;
};
bool set_is_chain(const struct archive_set *s, size_t i); /* archive i is the first, or an increment of an earlier one */
/* Where the bytes of p's entry, one of archive `last`, are: there or in an earlier one; else sets lost. */
void set_find_data(const struct archive_set *s, size_t last, struct pick *p);
struct sink { /* called by many threads, for one pick by one thread */
	void *ctx;
	/* -1: stop everything (reported by the owner) */
	int (*begin)(void *ctx, struct pick *p, size_t worker);
	int (*bytes)(void *ctx, struct pick *p, size_t worker, str piece);
	int (*end)(void *ctx, struct pick *p, size_t worker, bool good);
};
/* Reads those picks that are in an archive; sets lost of those that are damaged.  -1: the sink stopped it. */
int read_picks(struct archive_set *s, struct pick *picks, size_t n, const struct sink *sink, struct progress *bar);
int read_pick(struct cursor *c, struct pick *p, const struct sink *sink, size_t worker);
/* Reports what is lost; returns how many. */
size_t report_lost(struct archive_set *s, const struct pick *picks, size_t n);

/* ---- part.c: a folder beside the target, not yet visible ---- */
struct part {
	struct run *run;
	const char *to;	    /* the target */
	const char *parent; /* folder that holds the part */
	const char *base;   /* name of the target in it; NULL: the part is in the target */
	const char *name;   /* of the part in parent */
	int parent_fd, fd;
	int to_fd; /* the target, if it is there, else -1 */
	bool merge; /* file by file into to_fd */
	char folder[ARCHIVE_NAME_MAX + 1]; /* the last one that part_folder opened */
	int folder_fd;
};
int part_check(struct part *p, struct run *r, const char *to, bool force); /* looks only; ends with part_abort */
bool part_has(struct part *p, const struct member *e);		    /* the target has something of that name */
int part_open(struct part *p, struct run *r, const char *to, bool force); /* -1: reported */
/* Makes n entries visible, folders before what is in them; -1: reported. */
int part_land(struct part *p, const struct member *const *entries, size_t n);
void part_abort(struct part *p); /* takes it all away */

/* ---- place.c: entries into a part ---- */
int place_folders(struct part *p, struct map *made, str name); /* name and what is above it; -1: errno */
int place_begin(struct part *p, const struct member *e);	/* a file's descriptor, or -1: errno */
int place_end(struct part *p, int fd, const struct member *e);
int place_link(struct part *p, const struct member *e, const struct member *to);
int place_symlink(struct part *p, const struct member *e);
int place_folder_facts(int dir_fd, const struct member *e);
/* ---- rescue.c: the tar of a damaged archive, as far as it can be had ---- */
struct rescue;
struct rescue *rescue_start(struct run *r, struct backup *ar);
bool rescue_sync(struct rescue *x);		/* goes on to the next tar header; false: there is none */
bool rescue_next(struct rescue *x, str *bytes); /* false: damage, which was reported, or the end */
void rescue_end(struct rescue *x);
int write_fully(int fd, const char *p, size_t n);

#endif
