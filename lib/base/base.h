/* SPDX-License-Identifier: MIT */
/*
 * base: memory, strings, maps, messages, options, files, threads, progress.
 *
 * Conventions of all of lib/:
 * - Functions that can fail return 0, or -1 after they have reported; the
 *   caller passes -1 on and never reports again.
 * - Memory comes from the arena passed in and lives as long as it does.  When
 *   memory is out, the arena says so and ends the program with status 2: no
 *   caller checks.
 * - A `str` never owns its bytes and need not end in NUL.
 * - There is no global mutable state.
 */
#ifndef INFRAFLUX_BASE_H
#define INFRAFLUX_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#if defined(__GNUC__)
#define PRINTF_LIKE(f, v) __attribute__((format(printf, f, v)))
#else
#define PRINTF_LIKE(f, v)
#endif

/* ---- str.c: slices of bytes, and UTF-8 -------------------------------- */
typedef struct str {
	const char *p;
	size_t n;
} str;
#define S(literal) ((str){ (literal), sizeof(literal) - 1 })
#define SI(literal) { (literal), sizeof(literal) - 1 } /* in static initializers */
#define STR_ARG(s) (int)(s).n, (s).p /* for "%.*s" */

struct arena;
str str_of(const char *cstr); /* NULL gives the empty slice */
bool str_eq(str a, str b);
int str_cmp(str a, str b); /* by bytes, as memcmp */
bool str_starts(str s, str prefix);
bool str_ends(str s, str suffix);
ptrdiff_t str_find(str s, str needle); /* first offset, or -1 */
ptrdiff_t str_chr(str s, char c);
str str_sub(str s, size_t from, size_t to); /* clamped */
str str_trim(str s);			    /* blanks, tabs, newlines */
bool str_to_i64(str s, int64_t *out);	    /* decimal, whole slice, in range */
str str_copy(struct arena *a, str s);	    /* bytes in a, NUL after them */
char *str_dup(struct arena *a, str s);	    /* the same as a C string */
str str_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);
uint32_t str_hash(str s); /* differs from run to run: for maps, never for what is kept */
/* The candidate nearest to s in spelling, for "did you mean"; empty if none is near. */
str str_nearest(str s, const str *candidates, size_t n);
/* Bytes of the code point at s.p (1 to 4; 0 where malformed), its value in *cp. */
size_t utf8_decode(str s, uint32_t *cp);
size_t utf8_encode(char out[4], uint32_t cp);
bool utf8_valid(str s, size_t *bad); /* *bad: offset of the first malformed byte */

/* ---- arena.c: memory that is given back all at once -------------------- */
struct arena {
	char *p, *end;		   /* free part of the newest block */
	struct arena_block *block; /* newest first */
	struct arena_block *spare; /* was given back by a rewind, will be wanted again; or NULL */
	size_t total;		   /* bytes taken from the system */
	char *last;		   /* newest allocation, which can grow in place */
};
struct arena_mark {
	struct arena_block *block;
	char *p;
};
void *arena_alloc(struct arena *a, size_t size);	   /* aligned to 8, zeroed */
void *arena_raw(struct arena *a, size_t size);		   /* aligned to 8, not zeroed */
void *arena_array(struct arena *a, size_t n, size_t size); /* n * size checked, zeroed */
void *arena_grow(struct arena *a, void *old, size_t old_size, size_t size);
struct arena_mark arena_mark(const struct arena *a);
void arena_rewind(struct arena *a, struct arena_mark m);
void arena_reset(struct arena *a); /* keeps one block for reuse */
void arena_free(struct arena *a);
#define NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define NEW_ARRAY(a, type, n) ((type *)arena_array((a), (n), sizeof(type)))

/* Growing array: struct { T *p; size_t n, cap; } v; *VEC_ADD(a, &v) = x; */
#define VEC_ADD(a, v) \
	((v)->n < (v)->cap ? &(v)->p[(v)->n++] \
			   : ((v)->p = vec_grow((a), (v)->p, &(v)->cap, sizeof(*(v)->p)), &(v)->p[(v)->n++]))
void *vec_grow(struct arena *a, void *p, size_t *cap, size_t size);

/* ---- buf.c: a growing string in an arena ------------------------------- */
struct buf {
	char *p;
	size_t n, cap;
	struct arena *a;
};
#define BUF(arena) ((struct buf){ .a = (arena) })
void buf_add(struct buf *b, str s);
void buf_char(struct buf *b, char c);
void buf_fill(struct buf *b, char c, size_t n);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_base64(struct buf *b, str s);
char *buf_room(struct buf *b, size_t n); /* n writable bytes; then b->n += used */
str buf_str(const struct buf *b);	 /* a view, until the next add */

/* ---- map.c: hash map from str to pointer, in order of insertion -------- */
struct map_item {
	str key;
	void *value;
	uint32_t hash;
};
struct map {
	struct map_item *items; /* 0 … n-1 in order of insertion */
	size_t n, cap;
	uint32_t *slots;
	size_t nslots;
};
void *map_get(const struct map *m, str key);			/* NULL if absent */
void **map_at(struct arena *a, struct map *m, str key);	/* made (NULL) if absent; the key is not copied */

/* ---- diag.c: the one funnel of all messages ---------------------------- */
enum severity { SEV_NOTE, SEV_WARNING, SEV_ERROR };

struct pos { /* line and col count from 1; line 0: the whole file; file NULL: no position */
	const char *file;
	uint32_t line, col;
};
struct finding {
	enum severity severity;
	bool trouble;	  /* status 2: not a verdict on the input but a failure to give one */
	const char *rule; /* "duplicate-key"; NULL if none */
	struct pos pos;
	str message;
	str path;				   /* JSON Pointer in the document, or empty */
	str api_version, kind, ns, name; /* the Kubernetes object, or empty */
};
/* Where findings go besides (or instead of) standard error. */
struct diag_sink {
	void (*put)(void *ctx, const struct finding *f);
	void *ctx;
	bool quiet_stderr; /* findings (not trouble) are shown by this sink alone */
};
struct journal;
struct diag { /* safe to report to from many threads */
	const char *program;
	struct arena *arena;
	struct diag_sink sink;
	bool (*accepts)(void *ctx, const struct finding *f); /* asked of warnings that are no trouble; true: there is nothing to say.  NULL: nobody */
	void *accepts_ctx;
	struct lock *lock;
	struct diag_held *held; /* diag_fork: kept, not printed */
	struct journal *journal; /* what is read and what takes how long is noted here; NULL: nobody asks */
	size_t count[3], troubles;
	bool forked;
	bool color, terminal; /* of standard error; on a terminal the source line is shown with a caret */
	enum severity least;	 /* below it nothing is printed (-q: SEV_ERROR; -v: SEV_NOTE) */
};
/* "FILE:LINE:COL: error: MESSAGE [rule]" and a newline, control bytes escaped; program: named where there is no file. */
void finding_text(struct buf *b, const struct finding *f, const char *program, bool color);
void finding_copy(struct arena *a, struct finding *to, const struct finding *f); /* its slices too */
/* A finding.  Prints "FILE:LINE:COL: error: MESSAGE [rule]", control bytes escaped. */
void diag_finding(struct diag *d, const struct finding *f);
void diag_at(struct diag *d, enum severity s, struct pos pos, const char *rule, const char *fmt, ...) PRINTF_LIKE(5, 6);
/* Trouble: as an error, and the exit status becomes 2.  Returns -1. */
int diag_trouble(struct diag *d, struct pos pos, const char *rule, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* Trouble with the text of errno: "cannot VERB PATH: …".  Returns -1. */
int diag_sys(struct diag *d, const char *verb, const char *path);
/* For parallel tasks: a fork keeps its findings until join replays them in the caller's order. */
void diag_fork(struct diag *child, struct diag *parent, struct arena *a);
void diag_join(struct diag *parent, struct diag *child);
/* The i-th finding that a fork keeps, which may be changed before it is joined; NULL: no more. */
struct finding *diag_held_at(struct diag *child, size_t i);
struct finding *diag_held_next(struct finding *f); /* the one after one of diag_held_at */
#define NOWHERE ((struct pos){ 0 })
#define IN_FILE(name) ((struct pos){ .file = (name) })

/* ---- journal.c: what a run read, and what took how long ------------------ */
struct journal *journal_new(struct arena *a, bool times); /* from any thread; for the diag of a run */
void journal_free(struct journal *j);			   /* NULL is fine */
/* Said by whatever opens a file to read it. */
void journal_read(struct diag *d, const char *path);
const char **journal_inputs(const struct journal *j, size_t *n); /* sorted; "-" is standard input */
/* CPU time of this thread from start on, of one of a kind ("chart", "template") of things. */
uint64_t journal_start(const struct diag *d); /* 0: nobody asks */
void journal_spent(struct diag *d, const char *kind, str name, uint64_t start);
void journal_tell(const struct journal *j); /* a table on standard error, by kind, the longest first */

/* ---- run.c and option.c: what every program shares --------------------- */
struct strlist {
	const char **p;
	size_t n, cap;
};
enum option_type {
	OPT_FLAG,   /* bool */
	OPT_STRING, /* const char * */
	OPT_LIST,   /* struct strlist: repeatable */
	OPT_NUMBER, /* int64_t, not negative */
	OPT_CHOICE, /* int: index into `choices`, which are parted by '|' */
	OPT_CALL,   /* call(ctx, value): returns NULL, or what is wrong with the value */
};
struct option {
	const char *name; /* "namespace", without dashes; NULL ends the table */
	char letter;	  /* 'n', or 0 */
	enum option_type type;
	size_t offset;	     /* of the field in the group's target */
	const char *arg;     /* "NAME" in --help; NULL for flags */
	const char *help;
	const char *choices; /* OPT_CHOICE */
	bool optional;	     /* --name[=VALUE]: without a value call gets NULL, a string "" */
	const char *(*call)(void *target, const struct option *o, const char *value);
};
struct option_group {
	const struct option *options;
	void *target;
};
struct program {
	const char *name, *synopsis; /* "[OPTION]... LAYER..." */
	const char *purpose;	     /* one sentence */
	const char *notes;	     /* exit statuses beyond the usual, an example; for --help */
};
struct run {
	const struct program *program;
	struct arena perm;
	struct diag diag;
	bool quiet, verbose;
	int color, fail_on; /* indexes of their choices: auto|always|never, error|warning|note|never */
	int64_t jobs;
	const char *out_path; /* -O */
	bool keep_unchanged;
	int64_t status_fd; /* -1: none */
	char **args;	   /* what is left after the options */
	size_t nargs;
	bool done; /* --help and the like were answered: end with run_finish */
};
/*
 * Sets r up, takes the options of groups (ended by { NULL, NULL }) and the
 * common ones (--help --version -q -v -j -O --keep-unchanged --color --fail-on
 * --status-fd --completion=bash|zsh).  Options and arguments may mix; "--" ends
 * options; --no-x is an option of its own.  -1: usage error, reported.
 */
int run_start(struct run *r, const struct program *p, const struct option_group *groups, int argc, char **argv);
/* Writes the verdict to --status-fd, frees, and returns the exit status; bad: trouble was met. */
int run_finish(struct run *r, bool bad);
bool run_fails_on(const struct run *r, enum severity s); /* --fail-on: does one such finding make the status 1? */
/* The output of -O, or standard output.  NULL: reported. */
struct out *run_output(struct run *r);
/* Lands it, unless trouble was met: then the old file stays.  -1: reported (or there was trouble). */
int run_output_end(struct run *r, struct out *o);
int run_usage(struct run *r, const char *fmt, ...) PRINTF_LIKE(2, 3); /* usage error: -1 */

/* ---- file.c: reading and checked, atomic writing ----------------------- */
/* The whole of path ("-": standard input) into a; directories are refused. */
int file_read(struct arena *a, struct diag *d, const char *path, str *out);
/* After a read or write of fd failed: is it to be tried again?  Waits where another user of fd has set it not to block. */
bool fd_again(int fd, bool writing);
const char *file_label(const char *path); /* "-" becomes "<stdin>" */
/* As seen from the working directory where it lies below it, without "./"; empty for NULL. */
str file_relative(struct arena *a, const char *path);
/* Do both name one file, there or yet to be made?  Devices and pipes are shared as you like. */
bool file_same(struct arena *a, const char *x, const char *y);
/* Standard input has been taken: who reads it again gets EBADF, and a message, instead of nothing. */
void stdin_spent(void);
/* Waits for the end of standard input, which is a file without a name from then on: what its writer leaves beside it is there. */
int stdin_spool(struct arena *a, struct diag *d);

/*
 * A buffered output.  Errors stick: writes go unchecked, out_close reports.
 * A file is written beside its place and renamed by out_close (fsync, mode
 * kept, else 0666 less umask); out_abort leaves the old one.
 */
struct out {
	char *p, *end, *base;
	int fd; /* -1: memory */
	int error;
	bool keep_unchanged;
	mode_t mode;
	const char *path, *temp;
	struct arena *a;
	struct diag *diag;
	uint64_t written;
};
struct out *out_open(struct arena *a, struct diag *d, const char *path); /* NULL or "-": standard output; NULL if it failed */
struct out *out_open_mode(struct arena *a, struct diag *d, const char *path, mode_t mode); /* mode: of a new file */
struct out *out_memory(struct arena *a, struct diag *d);
str out_text(struct out *o); /* of out_memory */
void out_write(struct out *o, str s);
void out_flush(struct out *o);
void out_printf(struct out *o, const char *fmt, ...) PRINTF_LIKE(2, 3);
static inline void out_char(struct out *o, char c)
{
	if (o->p == o->end)
		out_flush(o); /* memory grows, a file is written; leaves room */
	*o->p++ = c;
}
int out_close(struct out *o);
void out_abort(struct out *o);
int file_write(struct arena *a, struct diag *d, const char *path, mode_t mode, str bytes); /* atomic */

/* ---- thread.c ---------------------------------------------------------- */
/* Runs task(ctx, i, worker) for i in 0 … n-1 on up to `jobs` threads; worker < jobs. Ends when all have. */
void thread_each(size_t jobs, size_t n, void (*task)(void *ctx, size_t i, size_t worker), void *ctx);
struct lock *lock_new(struct arena *a);
void lock_take(struct lock *l);
void lock_give(struct lock *l);
void lock_free(struct lock *l);
/* A queue of at most `room` pointers between threads; pop is NULL when closed and empty. */
struct queue *queue_new(struct arena *a, size_t room);
bool queue_push(struct queue *q, void *item); /* false: closed */
void *queue_pop(struct queue *q);
void queue_close(struct queue *q);
void queue_free(struct queue *q);
struct thread *thread_start(void (*body)(void *ctx), void *ctx); /* NULL if there is none to be had */
void thread_join(struct thread *t);

/* ---- progress.c: a bar on a terminal, nothing elsewhere ---------------- */
struct progress *progress_start(struct run *r, const char *what, uint64_t total); /* total 0: unknown */
void progress_add(struct progress *p, uint64_t n);				     /* from any thread */
void progress_end(struct progress *p);

#endif
