/* SPDX-License-Identifier: MIT */
/* What the files of lib/template share: the parsed form, the state of an execution, helpers of functions. */
#ifndef INFRAFLUX_TEMPLATE_INTERNAL_H
#define INFRAFLUX_TEMPLATE_INTERNAL_H

#include "template/template.h"

#define TMPL_MAX_NESTING 1000 /* of parentheses, of blocks, of values printed */

/* ---- values --------------------------------------------------------------- */
struct vlist {
	struct val *p;
	size_t n, cap;
	const struct node *node; /* not looked into yet */
	bool ints, strings, null; /* null: Go's nil slice, which is null in JSON */
	const char *type;	   /* NULL: by strings */
};
struct vmap {
	struct vitem *p;
	size_t n, cap, live;
	uint32_t *slots; /* index + 1 into p; only where n > 8 */
	size_t nslots;
	struct vitem *sorted; /* NULL: stale */
	const struct node *node;
	bool ints, strings;
	const char *type;
};
const struct vitem *vmap_find(struct arena *a, struct vmap *m, str key, uint32_t hash);
struct val val_plain(struct arena *a, struct val v); /* objects by their plain value, if they have one */
const char *val_kind_name(struct val v);	      /* kindOf: "slice", "map", "string" … */
bool val_equal(struct arena *a, struct val x, struct val y, int depth); /* reflect.DeepEqual */
struct val val_strings(struct arena *a);				 /* []string, empty */
static inline struct val val_cstr(const char *s) { return val_str(str_of(s)); }
static inline bool val_is_str(struct val v) { return v.kind == VAL_STRING && v.type != VT_BYTES; }

/* ---- print.c, printf.c ------------------------------------------------------ */
str val_sprint(struct arena *a, struct val v); /* "%v" of Go: nil is <nil>, strings as they are */
void print_value(struct arena *a, struct buf *out, struct val v, char verb, int depth);
void print_float(struct buf *out, double f, char format, int precision); /* strconv.FormatFloat: e E f g G; -1: shortest */
void print_quoted(struct buf *out, str s, bool ascii);		    /* strconv.Quote */
void print_rune(struct buf *out, uint32_t cp);
void print_all(struct arena *a, struct buf *out, const struct val *args, size_t n, bool line); /* Sprint, Sprintln */
void print_format(struct arena *a, struct buf *out, str format, const struct val *args, size_t n);
bool rune_printable(uint32_t cp);

/* ---- parsed templates --------------------------------------------------------- */
enum tn_type {
	TN_TEXT, TN_ACTION, TN_IF, TN_WITH, TN_RANGE, TN_TEMPLATE, TN_BREAK, TN_CONTINUE, /* statements */
	TN_PIPE, TN_COMMAND, TN_DOT, TN_NIL, TN_CONST, TN_FIELD, TN_VARIABLE, TN_CHAIN, TN_FUNCTION, /* expressions */
};
struct ident {
	str name;
	uint32_t hash;
};
struct tnode {
	uint8_t type;
	bool assign;	/* PIPE: = and not := */
	bool is_int;	/* CONST number: usable as an integer, is_float: as a float */
	bool is_float;
	uint16_t n, ndecl;
	uint32_t line, col;
	struct tnode *next;
	union {
		str text; /* TEXT */
		struct {
			struct val value; /* CONST */
			int64_t i;
			double f;
		};
		struct { /* FIELD, VARIABLE, CHAIN: n fields of what */
			struct tnode *base;
			struct ident *fields;
			uint32_t slot;
		};
		struct { /* PIPE: n commands; COMMAND: n arguments */
			struct tnode *first;
			uint32_t *decl;
		};
		struct { /* ACTION, IF, WITH, RANGE, TEMPLATE */
			struct tnode *pipe, *body, *otherwise;
			str name;
		};
		const struct tmpl_func *func; /* FUNCTION */
	};
};
struct ttmpl {
	str name, text;
	const char *file;
	struct pos site; /* of the tpl call whose text this is (file NULL: a file's own) */
	uint32_t line_add, col_add; /* where text begins in file, less 1 */
	struct tnode *body;
	uint32_t nslots;
	bool empty;
};
struct tmpl_set {
	struct arena *a;
	struct diag *diag;
	const struct tmpl_set *parent; /* of the text of a tpl call */
	struct map funcs, templates;
};
const struct ttmpl *set_find(const struct tmpl_set *s, str name);
const struct tmpl_func *set_func(const struct tmpl_set *s, str name);
str set_nearest(struct arena *a, const struct tmpl_set *s, str name);
struct parse_error { /* of set_parse: at most one */
	struct pos pos;
	str message;
};
/* Parses under like's name, file, site and offsets; adds to s. */
int set_parse(struct tmpl_set *s, const struct ttmpl *like, struct parse_error *e);
struct pos ttmpl_pos(const struct ttmpl *t, uint32_t line, uint32_t col);

/* ---- lex.c ------------------------------------------------------------------------ */
enum token_type {
	T_ERROR, T_EOF, T_TEXT, T_LEFT, T_RIGHT, T_SPACE, T_ASSIGN, T_DECLARE, T_PIPE, T_COMMA, T_OTHER, T_LPAREN, T_RPAREN,
	T_STRING, T_RAW, T_CHAR, T_NUMBER, T_COMPLEX, T_BOOL, T_DOT, T_FIELD, T_VARIABLE, T_IDENT,
	T_KEYWORDS, T_BLOCK, T_BREAK, T_CONTINUE, T_DEFINE, T_ELSE, T_END, T_IF, T_NIL, T_RANGE, T_TEMPLATE, T_WITH,
};
struct token {
	enum token_type type;
	str text;
	uint32_t line, col;
};
struct lexer {
	str in;
	size_t pos;
	size_t mark, bol; /* up to mark lines are counted; bol: where its line begins */
	uint32_t line;
	int parens;
	bool inside;
	const char *error; /* of the last T_ERROR */
};
struct token lex_next(struct lexer *l);
/* Go's strconv.Unquote of "…", `…`; false: bad syntax. */
bool lex_unquote(struct arena *a, str quoted, str *out);
bool lex_char(str quoted, uint32_t *cp);

/* ---- execution ------------------------------------------------------------------------ */
struct frame {
	struct frame *up;
	const struct ttmpl *t;
	struct val *vars, dot;
	struct pos call; /* where it was called from; file NULL: the start */
	const char *how; /* "included", "called by template", "text of tpl" */
};
struct included { /* the text that the last include made, and where its lines are from */
	str text;
	struct tmpl_lines lines;
	size_t serial;
};
struct tmpl_state {
	struct included included;
	const struct tmpl_set *set; /* x->set, or that of the tpl call under way */
	struct frame *frame;
	struct buf *out;
	uint64_t steps, made;
	size_t memory; /* what the arena may hold at most */
	int depth, nesting;
	struct map regexes, tpls;
};
/* The text of t for include and tpl. */
int exec_text(struct tmpl_call *c, const struct ttmpl *t, struct val dot, const char *how, str *out);
/* Counts n bytes made against the budget of output. */
int exec_made(struct tmpl_call *c, size_t n);
/* Counts what a function costs against the budget of steps, before it is done; -1: reported. */
int exec_cost(struct tmpl_call *c, uint64_t steps);
void strip_no_value(struct buf *b, size_t from, struct tmpl_lines *lines);

/* ---- values.c: Values' own methods ---- */
bool values_has_method(const struct vmap *m, str name);
int values_call(struct tmpl_call *c, struct vmap *m, str name, const struct val *args, size_t n, struct val *out);

/* ---- functions -------------------------------------------------------------------------- */
extern const struct tmpl_func funcs_builtin[], funcs_helm[], funcs_strings[], funcs_words[], funcs_lists[], funcs_dicts[],
	funcs_math[], funcs_types[], funcs_dates[], funcs_semver[], funcs_paths[], funcs_encoding[], funcs_crypto[], funcs_certs[],
	funcs_regex[], funcs_data[], funcs_network[];
static inline int ret(struct val *out, struct val v)
{
	*out = v;
	return 0;
}
static inline int ret_str(struct val *out, str s)
{
	*out = val_str(s);
	return 0;
}
static inline int ret_buf(struct val *out, const struct buf *b)
{
	*out = val_str(buf_str(b));
	return 0;
}
/* The items of a list (strings and typed lists too, objects by their plain value); NULL after an error is reported. */
struct vlist *arg_list(struct tmpl_call *c, struct val v);
/* Sprig's strslice: nil gives none, a single value one. */
struct val *arg_strings(struct tmpl_call *c, struct val v, size_t *n);
str arg_text(struct tmpl_call *c, struct val v); /* Sprig's strval */
int64_t arg_int64(struct val v);		      /* Sprig's toInt64: whatever it is, 0 if it is no number */
double arg_float64(struct val v);
bool parse_int(str s, int base, int64_t *out); /* strconv.ParseInt; *out is clamped where it is out of range, else 0 */
struct vmap *arg_map(struct tmpl_call *c, struct val v); /* nil: an empty one */
bool rune_is_space(uint32_t cp);
int builtin_and_or(struct tmpl_call *c, const struct val *args, size_t n, struct val *out);
void random_bytes(void *p, size_t n);

#endif
