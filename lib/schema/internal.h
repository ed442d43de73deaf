/* SPDX-License-Identifier: MIT */
/* schema: what its files share.  registry → compile → check → explain. */
#ifndef INFRAFLUX_SCHEMA_INTERNAL_H
#define INFRAFLUX_SCHEMA_INTERNAL_H

#include "schema/schema.h"

#include <string.h>

/* ---- uri.c: RFC 3986 ------------------------------------------------------ */
str uri_resolve(struct arena *a, str base, str ref); /* normalised */
str uri_unescape(struct arena *a, str s);
void uri_split(str uri, str *before, str *fragment, bool *has); /* at "#" */
str uri_of_file(struct arena *a, const char *path);

/* ---- number.c: exact decimals --------------------------------------------- */
struct decimal { /* 0.DIGITS × 10^exp, no zeros at either end; n 0: zero */
	bool negative, bad;
	const char *digits;
	size_t n;
	int64_t exp;
};
struct decimal decimal_of(struct arena *a, const struct node *n);
int decimal_cmp(const struct decimal *x, const struct decimal *y);
bool decimal_is_integer(const struct decimal *d);
/* 1, 0; -1: too large to say */
int decimal_is_multiple(struct arena *a, const struct decimal *x, const struct decimal *of);

/* ---- value.c ---------------------------------------------------------------- */
uint64_t value_hash(struct arena *a, const struct node *n); /* equal values have equal hashes */
/* Many values, to be looked up by value. */
struct value_index;
struct value_index *value_index_new(struct arena *a, struct node *const *p, size_t n);
bool value_index_has(struct arena *scratch, const struct value_index *x, struct node *const *p, const struct node *n);
bool value_unique(struct arena *a, const struct node *seq, size_t *first, size_t *second);
bool value_is_line(str s); /* printable, without quotes and what must be escaped in them */
str value_show(struct arena *a, const struct node *n); /* short, for messages: string "x", map, … */
size_t value_length(str s);			       /* in code points */
uint64_t value_weigh(const struct node *n, uint64_t most); /* what it costs to look at it, as many schemas' worth; `most` or a little more: enough */

/* ---- regex.c ---------------------------------------------------------------- */
struct regex;
struct regex_room; /* what matching needs, one for each thread */
enum regex_dialect { REGEX_ECMA, REGEX_RE2 };
struct regex_text { /* in PCRE2's words */
	str text;
	bool ahead; /* it has a lookahead */
	struct { str *p; size_t n, cap; } behind; /* what lookbehinds hold, where they are split off: (?C0), (?C1), … stand for them */
	const char *error;
	size_t offset; /* of the error, in the pattern */
};
enum { REGEX_BEHIND_MOST = 200 };
bool regex_translate(struct arena *a, str pattern, enum regex_dialect d, bool split, struct regex_text *out); /* regex_translate.c */
/* NULL: *error says why, *offset where in the text. */
struct regex *regex_compile(struct arena *a, str pattern, enum regex_dialect d, const char **error, size_t *offset);
bool regex_valid(struct arena *a, str pattern, const char **error, size_t *offset); /* in ECMA 262, whether we can run it or not */
void regex_free(struct regex *r);
struct regex_room *regex_room_new(struct arena *a);
void regex_room_free(struct regex_room *r);
int regex_match(struct regex_room *room, struct regex *r, str s); /* 1, 0; -1: gave up */
uint64_t regex_work(struct regex_room *room); /* since it was asked last, as many schemas' worth of it */
/* Where, from `from` on, of a pattern that is no plain text. */
int regex_find(struct regex_room *room, const struct regex *r, str s, size_t from, size_t *start, size_t *end);

/* ---- format.c ------------------------------------------------------------- */
struct schema_format {
	const char *name;
	uint8_t first, last; /* drafts that define it; 0: Kubernetes only */
	bool number;	     /* of numbers, not strings */
	bool (*valid)(struct arena *a, const struct node *n, str s);
	const char *what; /* "a date (2006-01-02)" */
};
const struct schema_format *format_find(str name, int draft, bool kube);
const struct schema_format *format_find_crd(str name); /* format_crd.c */
str format_why(const struct schema_format *f, struct arena *a, str s); /* s is not valid: ", …", or empty */
bool format_content(struct arena *a, struct diag *d, str text, str encoding, str media);
bool format_base64(struct arena *a, str s, str *out); /* decodes */
bool format_uri(str s, bool iri, bool absolute); /* format_net.c */
bool format_uri_template(str s);
bool format_email(str s, bool idn);
bool format_ipv4(str s);
bool format_ipv6(str s);
bool format_hostname(str s);
bool format_idn_hostname(struct arena *a, str s); /* format_idn.c */
bool idna_valid(uint32_t cp);	 /* idna.c: PVALID */
bool idna_composes(uint32_t cp, uint32_t next); /* in NFC the two are one */
bool format_a_label(str s); /* xn--…: well-formed, and an IDNA 2008 label */

/* ---- registry.c: documents, identifiers, references ------------------------- */
enum vocabulary {
	VOCAB_CORE = 1,
	VOCAB_APPLICATOR = 2,
	VOCAB_UNEVALUATED = 4,
	VOCAB_VALIDATION = 8,
	VOCAB_FORMAT_ANNOTATION = 16,
	VOCAB_FORMAT_ASSERTION = 32,
	VOCAB_CONTENT = 64,
	VOCAB_ALL = 127,
};
struct anchor {
	struct node *node;
	bool dynamic;
};
struct resource {
	str uri; /* without fragment */
	str meta; /* URI of its meta-schema */
	struct node *root;
	struct resource *outer; /* that it is embedded in, or NULL */
	uint8_t draft;
	bool recursive; /* $recursiveAnchor: true at its root */
	bool checked;	/* against its meta-schema */
	bool built_in;
	unsigned vocabularies;
	struct map anchors; /* to struct anchor */
	struct map dynamic; /* name to struct sub, compiled */
	const struct schema_kube *kube;
};
struct reference {
	struct node *node;
	struct resource *res;
	const struct anchor *anchor; /* by which it was found, or NULL */
};
struct schema_set {
	struct arena *a;
	struct diag *diag;
	struct schema_options options;
	struct map resources; /* by uri */
	struct map by_node;   /* root of a resource, by address, to struct resource */
	struct map subs;      /* node, by address, to struct sub */
	struct map patterns;  /* text to struct regex */
	struct { struct resource **p; size_t n, cap; } all;
	struct { struct sub **p; size_t n, cap; } todo, made; /* still to be compiled; compiled since the last look */
	struct { struct regex **p; size_t n, cap; } regexes;
	struct resource *kube_types; /* of the built-in types that CRDs borrow */
	struct node *kube_string, *kube_kind; /* schemas of apiVersion and kind */
	str folder;   /* of the schema file, as a URI: references to files stay in it */
	str folder_path; /* the same as the user named it */
	bool dynamic; /* some schema has $dynamicRef or $recursiveRef */
	bool scoped;  /* one that is not a meta-schema has, or may come to one that has */
	bool failed;
	struct { struct node **p; size_t n, cap; } cel; /* rules in x-kubernetes-validations */
	int loading; /* nested loads of meta-schemas */
};
struct resource *registry_add(struct schema_set *s, struct node *root, str uri, int draft, bool built_in);
struct resource *registry_at(struct schema_set *s, const struct node *n, struct resource *outer); /* the one that begins at n, else outer */
int registry_resolve(struct schema_set *s, struct resource *from, struct node *ref, struct reference *out);
struct resource *registry_load(struct schema_set *s, str uri, int draft, struct node *why); /* draft: where it names none */
str meta_schema_text(str uri); /* meta.c; empty if it is none of the standard's */
str meta_schema_uri(int draft);
int meta_schema_draft(str uri); /* 0: none of the standard's */

/* ---- compile.c ------------------------------------------------------------ */
enum { /* types, as bits */
	T_NULL = 1, T_BOOL = 2, T_INTEGER = 4, T_NUMBER = 8, T_STRING = 16, T_ARRAY = 32, T_OBJECT = 64,
	T_ANY = 127,
};
static inline uint8_t kind_bit(enum kind k)
{
	static const uint8_t bits[] = { T_NULL, T_BOOL, T_INTEGER, T_NUMBER, T_STRING, T_ARRAY, T_OBJECT };
	return bits[k];
}
struct choices { /* enum, const */
	struct node **p;
	size_t n;
	const char *keyword;
	struct map strings; /* many strings: by text */
	struct value_index *others; /* many values that are not all strings */
};
struct number_rules {
	const struct node *minimum, *maximum, *multiple; /* the keywords' values */
	struct decimal min, max, of;
	bool has_min, has_max, has_of, above, below; /* above: exclusive */
	bool small;				     /* min and max fit in lo and hi */
	int64_t lo, hi;
	const struct schema_format *format;
};
struct string_rules {
	uint64_t min, max;
	bool has_max;
	struct regex *pattern;
	const struct node *pattern_text;
	const struct schema_format *format;
	str encoding, media; /* contentEncoding, contentMediaType: draft 7 */
};
struct array_rules {
	struct sub **prefix;
	size_t nprefix;
	struct sub *rest; /* items after the prefix */
	struct sub *contains;
	uint64_t min, max, least, most; /* least, most: of contains */
	bool has_max, has_most, unique;
	bool marks_contains; /* 2020-12: items that `contains` accepts count as evaluated */
	bool no_nulls;		       /* Kubernetes: lists of objects */
	const struct node *map_keys; /* x-kubernetes-list-type: map */
};
struct property {
	str name;
	uint32_t hash;
	int32_t required; /* its bit, or -1 */
	struct sub *sub;  /* NULL: only required */
	uint8_t takes;	  /* types of which its target takes every value */
};
struct pattern_rule {
	str name; /* its text */
	struct regex *regex;
	struct sub *sub;
};
struct dependency {
	const char *keyword;
	str name;
	struct node *keys; /* list of names, or NULL */
	struct sub *sub;
};
struct object_rules {
	struct property *slots; /* open addressing */
	uint32_t mask;	      /* slots - 1 */
	uint32_t nrequired, nproperties;
	struct property **required; /* as the schema names them */
	uint64_t min, max;
	bool has_max;
	bool closed; /* Kubernetes: unknown fields are refused */
	struct pattern_rule *patterns;
	size_t npatterns;
	struct sub *additional, *names;
	struct dependency *deps;
	size_t ndeps;
};
/* Where a name is, or would be: then without a name. */
static inline struct property *object_slot(const struct object_rules *r, str name, uint32_t hash)
{
	for (uint32_t i = hash & r->mask;; i = (i + 1) & r->mask) {
		struct property *p = &r->slots[i];
		if (!p->name.p || (p->hash == hash && p->name.n == name.n && memcmp(p->name.p, name.p, name.n) == 0))
			return p;
	}
}
enum logic_op { LOGIC_REF, LOGIC_DYNAMIC, LOGIC_RECURSIVE, LOGIC_ALL, LOGIC_ANY, LOGIC_ONE, LOGIC_NOT, LOGIC_IF };
struct logic {
	enum logic_op op;
	const char *keyword;
	struct sub **subs; /* IF: if, then, else (NULL where absent) */
	size_t n;
	uint8_t types; /* ANY, ONE: all of them are plain, and this is what one of them takes; else 0 */
	const struct branches *branches; /* ANY, ONE: which can hold, or NULL */
	str anchor; /* DYNAMIC */
};
struct candidates { /* the alternatives that can hold, by number: k-th of n in all, the first of them in `some` */
	const uint32_t *some, *more; /* some NULL, more NULL: every one */
	size_t nsome, n;
};
struct branches *branches_of(struct arena *a, const struct logic *any); /* branches.c; when its subs are compiled */
struct candidates branches_for(const struct branches *b, const struct node *n);
struct schema_checker;
struct sub;
struct frame;
struct api_rules;
struct api_format { /* api_format.c */
	const char *name;
	bool (*valid)(str s);
	const char *what;
	bool given; /* an empty text is looked at too; else it is as good as none */
	bool (*text)(str s); /* of numbers or texts: what a text must be; NULL: the same */
};
struct api_network { /* api_network.c */
	unsigned char address[16];
	unsigned size, bits; /* bytes of the address; length of the prefix */
	bool whole;	     /* no bits beyond the prefix, and no IPv4 in the form of IPv6 */
};
const struct api_format *api_format_find(str name);
bool api_network(str s, struct api_network *n); /* false: it is none */
bool api_network_within(const struct api_network *inner, const struct api_network *outer); /* and smaller */
bool api_cron(str s); /* api_time.c */
bool api_time_zone(str s);
bool api_micro_time(str s); /* of a date-time */
bool api_re2(str s); /* api_crd.c */
bool api_spec_path(str s);
bool api_status_path(str s);
bool api_own_path(str s);
bool api_dot_path(str s);
const char *api_address_range(str s); /* "the loopback range", and others where no endpoint is; else NULL */
struct api_shape { /* a map of a definition that one rule of check_shapes.c is for */
	struct schema_checker *c;
	const struct sub *s;
	const struct frame *at;
	const struct node *n;
};
struct api_check {
	const char *name;
	bool (*holds)(const struct api_shape *x); /* reports, and is false */
};
const struct api_check *api_check_find(str name);
const struct api_check *api_check_part(str name); /* check_parts.c */
/* A finding at the value of a field, or at the map that lacks it. */
bool shape_bad(const struct api_shape *x, const char *name, const char *rule, const char *fmt, ...) PRINTF_LIKE(4, 5);
bool check_shape(const struct api_shape *x, const struct api_rules *r); /* one, most, some, needs, check */
struct api_rules { /* x-api-…: what the API server asks beyond its schema */
	struct choices choices;
	int64_t lo, hi;
	bool has_range, nonempty, shape; /* shape: some of those below required */
	const struct api_format *format, *keys;
	const struct node *required;
	const struct node *needs, *one, *most, *some; /* names of fields */
	const struct api_check *check;
};
struct sub {
	const struct node *node;
	struct resource *res;
	uint64_t present; /* a filter: which keywords may be there */
	uint8_t types;    /* 0: all */
	bool simple;   /* its types, and what schemas it refers to, are all there is to it */
	bool plain;    /* its types are all there is to it */
	bool picky;    /* has choices, a constant, api */
	uint8_t takes; /* types of which it takes every value */
	const struct sub *target; /* to which it only refers, or itself: as good where the verdict is all */
	bool never; /* the schema `false` */
	bool open;  /* Kubernetes: within allOf and its like, where no field is unknown */
	bool unevaluated;  /* has unevaluatedProperties or unevaluatedItems */
	uint8_t draft;
	const struct choices *choices, *constant;
	const struct number_rules *number;
	const struct string_rules *string;
	const struct array_rules *array;
	const struct object_rules *object;
	const struct api_rules *api;
	const struct logic *logic;
	size_t nlogic;
	struct sub *more_properties, *more_items; /* unevaluated… */
};
struct schema {
	const struct node *node; /* as it is written */
	struct sub *root;
	struct schema_set *set;
};
struct sub *compile_ref(struct schema_set *s, struct node *n, struct resource *res); /* made, compiled later */
int compile_pending(struct schema_set *s);
int schema_bad(struct schema_set *s, struct pos pos, const char *fmt, ...) PRINTF_LIKE(3, 4); /* -1 */
void compile_keywords(struct schema_set *s, struct sub *sub);	      /* compile.c */
void compile_object(struct schema_set *s, struct sub *sub);	      /* compile_object.c */
void compile_shortcuts(struct schema_set *s, struct sub *sub); /* what the verdict alone need not look at; when its subs are compiled */
void compile_takes(struct sub *sub); /* the same of its fields; when it is known of its subs */
void compile_logic(struct schema_set *s, struct sub *sub);	      /* compile_logic.c */
void compile_api(struct schema_set *s, struct sub *sub);	      /* check_api.c */
struct regex *compile_regex(struct schema_set *s, struct sub *sub, str pattern, struct pos pos);
bool schema_count(struct sub *sub, const char *name, uint64_t *out); /* false: absent */
void compile_dynamic(struct schema_set *s, struct resource *r);
struct node *keyword(const struct sub *sub, const char *name); /* NULL: absent, or not of its draft and vocabularies */

/* ---- check.c, explain.c ------------------------------------------------------ */
struct frame { /* where in the document */
	const struct frame *up;
	const struct entry *entry; /* NULL: an item */
	uint32_t index;
};
struct scope {
	const struct scope *up;
	const struct resource *res;
};
struct via { /* how a schema was come to: by a keyword of another */
	const struct via *up;
	const struct sub *from;
	const char *keyword;
	str name;	/* of the schema, in a map of them */
	size_t number;	/* of it in a list of them, from 1; 0: neither */
	const struct frame *at; /* the value that it is for */
};
struct marks { /* which entries or items have been evaluated */
	uint64_t *bits;
	size_t n;
	bool all;
};
struct errors {
	struct schema_error *p;
	size_t n, cap;
};
struct schema_checker {
	struct schema_set *set;
	struct diag *diag;
	struct arena a; /* scratch */
	struct arena own; /* of the checker itself */
	struct map places; /* of schemas, by address: their JSON Pointers in their resources */
	struct regex_room *room;
	const struct schema *schema;
	const struct scope *scope;
	const struct via *step;
	struct errors errors;
	struct errors notes; /* annotations of what holds so far, with `output` */
	bool collect;
	bool output; /* every keyword counts: errors of all alternatives, annotations */
	bool chain;  /* errors say by which schemas */
	bool thorough; /* more than the verdict is wanted, or a scope may matter */
	bool trouble, silent; /* silent: trouble is not reported */
	unsigned explained; /* errors, those of all alternatives; there is an end to it */
	unsigned inplace, depth; /* nested checks: of this value, in all */
	uint64_t steps, matching, budget; /* matching: steps of regular expressions */
	struct node *doc;
};
enum { CHECK_STEPS = 20000000 }; /* schemas met by one document, before its size is looked at */
void check_count_matching(struct schema_checker *c); /* after regex_match */
bool check_sub(struct schema_checker *c, const struct sub *s, struct node *n, const struct frame *at, struct marks *m);
bool check_logic(struct schema_checker *c, const struct sub *s, struct node *n, const struct frame *at, struct marks *m);
bool check_array(struct schema_checker *c, const struct sub *s, struct node *n, const struct frame *at, struct marks *m);
bool check_object(struct schema_checker *c, const struct sub *s, struct node *n, const struct frame *at, struct marks *m);
bool check_api(struct schema_checker *c, const struct sub *s, const struct node *n, const struct frame *at);
/* A value below this one, or this one, by a keyword of by.from, which the explanations name. */
bool check_below_named(struct schema_checker *c, const struct sub *s, struct node *n, const struct frame *at, struct via *by);
bool check_here_named(struct schema_checker *c, const struct sub *s, struct node *n, const struct frame *at, struct marks *m, struct via *by);
static inline bool fits_below(struct schema_checker *c, const struct sub *s, struct node *n, const struct frame *at) /* the verdict is all */
{
	s = s->target;
	if (s->takes & kind_bit((enum kind)n->kind)) /* most values are of a type, and no more is asked of them */
		return true;
	unsigned inplace = c->inplace;
	c->inplace = 0;
	bool ok = check_sub(c, s, n, at, NULL);
	c->inplace = inplace;
	return ok;
}
static inline bool check_below(struct schema_checker *c, const struct sub *s, struct node *n, const struct frame *at, struct via by)
{
	return c->thorough ? check_below_named(c, s, n, at, &by) : fits_below(c, s, n, at);
}
static inline bool check_here(struct schema_checker *c, const struct sub *s, struct node *n, const struct frame *at, struct marks *m, struct via by)
{
	if (c->thorough)
		return check_here_named(c, s, n, at, m, &by);
	c->inplace++;
	bool ok = check_sub(c, s->target, n, at, m);
	c->inplace--;
	return ok;
}
void marks_add(struct marks *to, const struct marks *from);
struct marks marks_new(struct schema_checker *c, const struct node *n);
static inline void mark(struct marks *m, size_t i)
{
	if (m && !m->all)
		m->bits[i / 64] |= 1ULL << (i % 64);
}
static inline bool marked(const struct marks *m, size_t i)
{
	return m->all || (m->bits[i / 64] >> (i % 64) & 1);
}
enum { ERRORS_MOST = 100, ERRORS_MOST_OUTPUT = 10000, EXPLAINED_MOST = 100000 }; /* of one document */
static inline bool enough_errors(const struct schema_checker *c)
{
	return c->errors.n >= (c->output ? ERRORS_MOST_OUTPUT : ERRORS_MOST);
}
/* Adds an error, and is false. entry: the key that is wrong, or NULL. */
bool explain(struct schema_checker *c, const struct sub *s, const char *keyword, const char *rule, const struct node *n,
	     const struct frame *at, const struct entry *entry, const char *fmt, ...) PRINTF_LIKE(8, 9);
str explain_value(struct schema_checker *c, const struct node *n); /* as value_show, but for what a Secret holds */
str explain_number(struct schema_checker *c, const struct node *n); /* its text, the same */
str explain_quantity(struct schema_checker *c, const struct schema_format *f, const struct node *n); /* 128MB: "; did you mean …"; or empty */
void explain_type(struct schema_checker *c, const struct sub *s, const struct node *n, const struct frame *at);
void explain_choices(struct schema_checker *c, const struct sub *s, const struct choices *e, const struct node *n, const struct frame *at);
/* The same of several types; keyword: which says so. */
void explain_types(struct schema_checker *c, const struct sub *s, const char *keyword, unsigned types, const struct node *n, const struct frame *at);
str explain_type_names(struct arena *a, unsigned types); /* "a map or a list" */
void explain_one_of(struct schema_checker *c, const struct sub *s, const char *keyword, struct node *const *p, size_t count, const struct node *n, const struct frame *at);
void explain_list(struct arena *a, struct buf *b, struct node *const *p, size_t n); /* "a", "b" or 3 */
int explain_depth(const struct frame *at);
void explain_unknown(struct schema_checker *c, const struct sub *s, const struct node *n, const struct entry *e, const struct frame *at, const char *keyword);
void explain_settle(struct errors *all); /* drops what only follows from another error */
/* explain_branches.c */
void explain_branches(struct schema_checker *c, const struct sub *s, const struct logic *l, const struct node *n,
		      const struct frame *at, const struct errors *tried);
/* Two alternatives of a oneOf hold. */
void explain_two(struct schema_checker *c, const struct sub *s, const struct logic *l, const struct node *n, const struct frame *at, size_t first, size_t second);
void explain_not(struct schema_checker *c, const struct sub *s, const struct sub *not, const struct node *n, const struct frame *at);

/* ---- locate.c: where in the schema; output.c ------------------------------------ */
/* Of a keyword of s, which c->step led to; "": of s itself.  *way: the schemas and keywords that led there. */
struct location locate(struct schema_checker *c, const struct sub *s, const char *keyword, const struct frame *at, struct location **way, size_t *n);
str locate_chain(struct schema_checker *c, const struct sub *s, const char *keyword); /* the same for people, one line */
void output_note(struct schema_checker *c, const struct sub *s, const struct node *n, const struct frame *at); /* s holds */
/* An annotation that is the names of entries, or the indexes of items. */
void output_note_names(struct schema_checker *c, const struct sub *s, const char *keyword, const struct node *n, const struct frame *at,
		       bool (*which)(const void *ctx, const struct node *n, size_t i), const void *ctx);
int check_trouble(struct schema_checker *c, const struct sub *s, const struct node *n, const char *fmt, ...) PRINTF_LIKE(4, 5);

#endif
