/* SPDX-License-Identifier: MIT */
/*
 * What the files of doc share: the index of big maps, the builder that both
 * readers feed, and what a reader is made of.
 */
#ifndef INFRAFLUX_DOC_INTERNAL_H
#define INFRAFLUX_DOC_INTERNAL_H

#include "doc/doc.h"

#include <string.h>
#include <yaml.h>

/* ---- node.c: maps ------------------------------------------------------- */
/*
 * An array of entries with room for more than MAP_SMALL is followed by an
 * open-addressing index: map_slots(cap) numbers of entries, counted from 1.
 */
#define MAP_SMALL 16

extern const char key_seed; /* its address differs from run to run: keys made to collide do not */

__extension__ typedef unsigned __int128 uint128;

static inline uint64_t key_mix(uint64_t x, uint64_t y)
{
	uint128 m = (uint128)x * y;

	return (uint64_t)m ^ (uint64_t)(m >> 64);
}

static inline uint32_t key_hash(const char *p, size_t n)
{
	const uint64_t k1 = 0xa0761d6478bd642f, k2 = 0xe7037ed1a0b428db;
	uint64_t h = (uint64_t)(uintptr_t)&key_seed * k2 ^ n, w = 0;
	uint32_t x, y;

	for (; n > 8; p += 8, n -= 8) {
		memcpy(&w, p, 8);
		h = key_mix(h ^ w, k1);
	}
	if (n >= 4) {
		memcpy(&x, p, 4);
		memcpy(&y, p + n - 4, 4);
		w = (uint64_t)x << 32 | y;
	} else if (n > 0) {
		w = (uint64_t)(unsigned char)p[0] << 16 | (uint64_t)(unsigned char)p[n / 2] << 8 | (unsigned char)p[n - 1];
	}
	h = key_mix(h ^ w, k2);
	return (uint32_t)(h ^ h >> 32);
}

/* What an empty list or map points at, so that arithmetic on it is sound; nothing is ever written there. */
extern const struct entry no_entry;
/* Room for cap entries (and their index, zeroed), in a. */
struct entry *map_room(struct arena *a, size_t cap);
/* Enters entry i; an entry with the same key that is there already is returned instead. */
struct entry *map_enter(struct node *map, size_t i);

/* ---- path.c -------------------------------------------------------------- */
/* The first entry or item of n, from `from` on, that the step names; -1: none. */
int64_t path_slot(const struct step *s, const struct node *n, int64_t from);

/* ---- type.c ------------------------------------------------------------- */
/* A plain scalar's text as it is kept: YAML 1.2's 0777, decimal there, loses its zeros. */
str scalar_keep(struct arena *a, str text, enum kind k, enum yaml_version v);
/* Sign, and value of an integer in any notation; false beyond 64 bits. */
bool int_parse(str s, bool *neg, uint64_t *magnitude);

/* ---- number.c ----------------------------------------------------------- */
/* The key that a scalar makes, as sigs.k8s.io/yaml spells it; a view of text where it can be. */
str scalar_key(struct arena *a, str text, enum kind k, bool truth, enum yaml_version v);
bool number_equal(const struct node *x, const struct node *y);

/* ---- build.c: events of either reader become a tree ------------------------ */
struct anchor {
	struct node *node; /* NULL: not yet at its end */
	size_t count, bytes; /* what an alias of it adds */
	uint32_t height;
};
struct frame { /* a list or map that is still open */
	struct node *node;
	struct anchor *anchor;
	size_t start;	     /* of its children on the stack */
	size_t count, bytes; /* before it */
	uint32_t height;     /* of its tallest child, and of itself */
	bool want_key;	     /* a map whose next child is a key */
	bool merge;	     /* it has a << */
};
enum { KEYS = 512 };
struct builder {
	struct arena *a; /* of the document */
	struct arena *mem; /* of the stacks */
	struct diag *diag;
	struct source *source;
	size_t max;
	bool keep_last; /* of duplicate keys */
	enum yaml_version version;

	size_t count, bytes, alias_bytes;
	struct { struct frame *p; size_t n, cap; } frames;
	struct { struct entry *p; size_t n, cap; } entries;
	struct { struct node **p; size_t n, cap; } items;
	struct map anchors;
	struct node *root;
	str *keys; /* KEYS of this document, by hash: most are there many times, and kept once */
};
void build_start(struct builder *b, struct arena *a);
struct anchor *build_anchor(struct builder *b, str name); /* about to be defined */
/* The anchor of an alias at line:col; NULL: reported. */
struct anchor *build_alias(struct builder *b, str name, uint32_t line, uint32_t col);
/* The key of the map now open, which is copied; merge: it is <<. */
void build_key(struct builder *b, str key, uint32_t line, uint32_t col, bool merge);
int build_open(struct builder *b, enum kind k, uint32_t line, uint32_t col, struct anchor *anchor);
int build_scalar(struct builder *b, struct node *n, struct anchor *anchor);
int build_shared(struct builder *b, struct anchor *anchor, uint32_t line, uint32_t col); /* an alias as a value */
int build_close(struct builder *b);
int build_fail(struct builder *b, uint32_t line, uint32_t col, const char *rule, const char *fmt, ...) PRINTF_LIKE(5, 6);
static inline struct frame *build_top(struct builder *b)
{
	return b->frames.n ? &b->frames.p[b->frames.n - 1] : NULL;
}

/* ---- read.c: bytes, from a descriptor or from memory ----------------------- */
struct input {
	const char *label;
	int fd; /* -1: all there is, is in the window */
	char *p; /* the window: bytes at … n-1 are still to be read */
	size_t at, n, cap;
	uint64_t base; /* offset of p[0] in the file */
	int error;     /* errno of a failed read */
	bool ended;
};
/* Reads more behind the window; may drop *dropped bytes, at most `keep`, at its begin.  False: the end, or in->error. */
bool input_more(struct input *in, size_t keep, size_t *dropped);

/* A text that is whole documents, and part of an input. */
struct part_place {
	enum format named, format; /* by the input's name; found out (FORMAT_AUTO: not yet) */
	uint32_t line;		     /* lines before it */
	uint32_t lines;		     /* in it */
	uint64_t offset;	     /* bytes before it */
	bool marked;		     /* behind it stands the "---" of what follows, and a blank */
};
enum format format_named(const struct read_options *o, const char *path); /* by its ending and --input */
/* in.fd < 0: the bytes at in.p are the caller's; else they are malloc's, and what the descriptor has follows them. */
struct reader *reader_open_part(struct arena *perm, struct diag *d, const struct read_options *o, const char *label, struct input in,
				const struct part_place *place);

/* ---- yaml_text.c: the documents of a text; yaml.c: those that libyaml reads ----- */
struct block_level {
	int indent;
	bool map, bare; /* bare: a list that stands as far out as the key it belongs to */
};
struct block_stacks { /* of block.c, used again for each document */
	struct { struct block_level *p; size_t n, cap; } levels;
	struct buf scratch; /* text that is not in the input as it is */
};
struct yaml {
	yaml_parser_t parser;
	struct input *in;
	struct builder *b;
	struct arena *perm;
	struct block_stacks stacks;
	struct map tags;    /* numbers of the source's custom tags */
	size_t tags_room;
	uint32_t line, col; /* where the text that is read next begins in the file, from 0 */
	uint64_t offset;    /* of in->base in the file */
	uint64_t from;	    /* where libyaml's text began in the file, in bytes */
	uint32_t last;	    /* a document that begins at this line or below is another part's; 0: none is */
	uint32_t until;	    /* the same for the text that libyaml has */
	size_t end;	    /* of that text in the window, and with the "---" of the next document */
	size_t next;	    /* where the next document begins */
	uint32_t lines;	    /* of the document libyaml has */
	bool whole;	    /* libyaml has all that is still to come */
	bool live;	    /* libyaml is at work */
	uint32_t directives; /* lines that may be %TAG */
	bool documents;	   /* one was read */
	size_t quote_line; /* where the last quoted scalar ended, from 1 */
	bool implicit_end; /* the last document ended without "..." */
	void (*watch)(void *ctx, const char *label, uint32_t line, str bytes); /* of read_options */
	void *watch_ctx;
	bool watching; /* it has seen the first bytes */
	const struct message *instead; /* reported if the first document fails: it was meant as JSON */
};
struct message {
	struct pos pos;
	const char *rule;
	str text;
};
int yaml_next(struct yaml *y, struct node **out); /* as reader_next, into b->a, which build_start was given */
void yaml_show(struct yaml *y, str bytes); /* to y->watch */
uint32_t yaml_lines(const char *p, size_t n); /* line ends, as libyaml counts them */
int events_open(struct yaml *y);
int events_next(struct yaml *y, struct node **out);
void events_close(struct yaml *y);
int yaml_complain(struct yaml *y); /* yaml_error.c: reports the parser's error; -1 */

/* ---- json.c ----------------------------------------------------------------- */
struct json {
	struct input *in;
	struct builder *b;
	struct arena *perm;
	const char *p, *end; /* in the window */
	uint64_t line_start; /* offset of the line's first byte, plus its continuation bytes so far */
	uint64_t string_line_start; /* the same when the string last read began */
	uint32_t line;
	bool keep;	     /* the window keeps all from the first byte: it may have to be read as YAML */
	struct message error; /* with keep: instead of reporting a syntax error */
};
void json_open(struct json *j);
int json_next(struct json *j, struct node **out); /* as yaml_next */
/* Skips blanks: the next byte, or -1 at the end. */
int json_peek(struct json *j);
/* At least n bytes stand at j->p. */
bool json_have(struct json *j, size_t n);
uint32_t json_column(const struct json *j, const char *p);

#endif
