/* SPDX-License-Identifier: MIT */
/* Evaluates jq expressions: plain paths at once, the rest as one compiled program. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doc/jq_internal.h"
#include "doc/jq_watch.h"

#define MAX_RESULTS 1000000
#define PER_PROGRAM 256 /* the time of a compilation grows faster than the program, and its code is limited */
#define PATH_TRIES 8	 /* an expression that was no path so often is none */

struct expr {
	const struct jq_expr *e;
	bool is_plain;
	uint8_t path_failures;
	struct plain plain;
	struct program_part *program;
	size_t slot; /* in its program */
};
struct program_part {
	jq_state *state;
	size_t first, n; /* of `compiled` */
	struct buf messages;
};
struct kept {
	struct node *node;
	jv value;
};
struct jq {
	struct arena *a;
	struct diag *d;
	struct expr *exprs;
	struct jq_expr *texts;
	size_t n;
	size_t *compiled; /* indexes of those that are not plain */
	size_t ncompiled;
	const char *const *vars;
	size_t nvars;
	str prelude; /* definitions of the libraries */
	struct buf modules; /* import and include, which must stand before all else */
	jv folders;	    /* where modules are */
	const char *const *libs;
	size_t nlibs;
	struct {
		struct program_part **p;
		size_t n, cap;
	} programs;
	struct kept kept[4];
	size_t nkept;
	struct jq_known known_kept;
	struct arena known_arena;
	struct watch *watch;
};

/* ---- compiling ------------------------------------------------------------------ */

static void collect(void *ctx, jv msg)
{
	struct program_part *p = ctx;
	jv text = jv_get_kind(msg) == JV_KIND_STRING ? msg : jv_dump_string(msg, 0);

	buf_add(&p->messages, str_of(jv_string_value(text)));
	buf_char(&p->messages, '\n');
	jv_free(text);
}

/* A tree of conditions that leads to each expression, for its results and for their paths. */
static void dispatch(struct buf *b, const struct jq *j, const struct program_part *p, size_t from, size_t to)
{
	if (to - from == 1) {
		str e = j->exprs[j->compiled[p->first + from]].e->text;
		buf_printf(b, "if $__p then path(\n%.*s\n) else (\n%.*s\n) end", STR_ARG(e), STR_ARG(e));
		return;
	}
	size_t mid = from + (to - from) / 2;
	buf_printf(b, "if $__i < %zu then ", mid);
	dispatch(b, j, p, from, mid);
	buf_add(b, S(" else "));
	dispatch(b, j, p, mid, to);
	buf_add(b, S(" end"));
}

/* The input says which expression is asked and how, and carries the variables and the true input. */
static str program_text(struct jq *j, const struct program_part *p)
{
	struct buf b = BUF(j->a);

	buf_add(&b, buf_str(&j->modules));
	buf_add(&b, j->prelude);
	buf_add(&b, S(". as [$__i, $__p, $__in"));
	for (size_t v = 0; v < j->nvars; v++)
		buf_printf(&b, ", $%s", j->vars[v]);
	buf_add(&b, S("] | $__in | "));
	dispatch(&b, j, p, 0, p->n);
	buf_char(&b, '\0');
	return buf_str(&b);
}

static bool compile_text(const struct jq *j, struct program_part *p, const char *text, jv args)
{
	p->state = jq_init();
	if (!p->state) {
		jv_free(args);
		return false;
	}
	watch_no_memory(p->state);
	jq_set_attr(p->state, jv_string("JQ_LIBRARY_PATH"), jv_copy(j->folders));
	jq_set_attr(p->state, jv_string("JQ_ORIGIN"), jv_string("."));
	jq_set_attr(p->state, jv_string("PROGRAM_ORIGIN"), jv_string("."));
	jq_set_error_cb(p->state, collect, p);
	if (jq_compile_args(p->state, text, args))
		return true;
	jq_teardown(&p->state);
	return false;
}

static struct pos position_in(const struct jq_expr *e, str message)
{
	struct pos pos = e->pos;
	ptrdiff_t slash = str_chr(message, '/');
	ptrdiff_t at = slash > 0 && str_find(message, S("is not defined")) > 0 ? str_find(e->text, str_sub(message, 0, (size_t)slash)) : -1;

	if (at > 0 && pos.line && str_chr(e->text, '\n') < 0)
		pos.col += (uint32_t)at;
	return pos;
}

/* Compiles one expression for itself, to hear what is wrong with it.  true: something was, and is reported. */
static bool blame(struct jq *j, const struct jq_expr *e)
{
	struct program_part alone = { .messages = BUF(j->a) };
	jv args = jv_object();

	for (size_t v = 0; v < j->nvars; v++)
		args = jv_object_set(args, jv_string(j->vars[v]), jv_null());
	str before = str_printf(j->a, "%.*s%.*s", STR_ARG(buf_str(&j->modules)), STR_ARG(j->prelude));
	str text = str_printf(j->a, "%.*s%.*s", STR_ARG(before), STR_ARG(e->text));
	if (compile_text(j, &alone, text.p, jv_copy(args))) {
		jq_teardown(&alone.state);
		text = str_printf(j->a, "%.*s(%.*s\n)", STR_ARG(before), STR_ARG(e->text));
		if (!compile_text(j, &alone, text.p, args)) {
			diag_trouble(j->d, e->pos, "jq", "definitions need an expression after them");
			return true;
		}
		jq_teardown(&alone.state);
		return false;
	}
	jv_free(args);
	str said = jq_readable(j->a, buf_str(&alone.messages));
	diag_trouble(j->d, position_in(e, said), "jq", "%.*s", STR_ARG(said));
	return true;
}

/* In halves if it fails: because one of the expressions is wrong, or because the code became too long. */
static int compile(struct jq *j, size_t first, size_t n)
{
	struct program_part *p = NEW(j->a, struct program_part);

	*p = (struct program_part){ .first = first, .n = n, .messages = BUF(j->a) };
	if (compile_text(j, p, program_text(j, p).p, jv_object())) {
		for (size_t i = 0; i < n; i++) {
			j->exprs[j->compiled[first + i]].program = p;
			j->exprs[j->compiled[first + i]].slot = i;
		}
		*VEC_ADD(j->a, &j->programs) = p;
		return 0;
	}
	if (n > 1) {
		int before = compile(j, first, n / 2), after = compile(j, first + n / 2, n - n / 2);
		return before || after ? -1 : 0;
	}
	const struct jq_expr *e = j->exprs[j->compiled[first]].e;
	if (!blame(j, e))
		diag_trouble(j->d, e->pos, "jq", "jq cannot compile the expression: %.*s", STR_ARG(jq_readable(j->a, buf_str(&p->messages))));
	return -1;
}

/* Notes in the journal which files the modules are: libjq reads them itself. */
static void note_modules(struct jq *j, str text, int depth)
{
	static const char *const forms[] = { "%s/%.*s.jq", "%s/%.*s/%.*s.jq", "%s/%.*s.json" };
	struct diag quiet;

	diag_fork(&quiet, j->d, j->a);
	text = str_sub(text, 0, jq_directives(text));
	for (ptrdiff_t from; depth < 10 && (from = str_chr(text, '"')) >= 0;) {
		text = str_sub(text, (size_t)from + 1, text.n);
		str name = str_sub(text, 0, str_chr(text, '"') < 0 ? text.n : (size_t)str_chr(text, '"')), last = name, inner;
		for (ptrdiff_t slash; (slash = str_chr(last, '/')) >= 0;)
			last = str_sub(last, (size_t)slash + 1, last.n);
		for (size_t d = 0; d < j->nlibs * COUNT(forms); d++) {
			const char *path = str_printf(j->a, forms[d % COUNT(forms)], j->libs[d / COUNT(forms)], STR_ARG(name), STR_ARG(last)).p;
			if (access(path, R_OK) == 0 && file_read(j->a, &quiet, path, &inner) == 0)
				note_modules(j, inner, depth + 1);
		}
		text = str_sub(text, name.n + 1, text.n);
	}
}

/* What of a text is import and include goes before all else. */
static int hoist(struct jq *j, struct pos pos, str *text)
{
	size_t n = jq_directives(*text);
	str head = str_sub(*text, 0, n);

	*text = str_sub(*text, n, text->n);
	if (!n || (j->modules.n && str_find(buf_str(&j->modules), head) >= 0))
		return 0;
	struct program_part alone = { .messages = BUF(j->a) };
	if (!compile_text(j, &alone, str_printf(j->a, "%.*s\n.", STR_ARG(head)).p, jv_object()))
		return diag_trouble(j->d, pos, "jq", "%.*s", STR_ARG(jq_readable(j->a, buf_str(&alone.messages))));
	jq_teardown(&alone.state);
	if (j->d->journal)
		note_modules(j, head, 0);
	buf_add(&j->modules, head);
	buf_char(&j->modules, '\n');
	return 0;
}

static int read_libs(struct jq *j, const char *const *libs)
{
	struct buf b = BUF(j->a);

	for (; libs && *libs; libs++) {
		str text;
		if (!str_ends(str_of(*libs), S(".jq")))
			continue;
		if (file_read(j->a, j->d, *libs, &text))
			return -1;
		const char *wrong = jq_unbalanced(j->a, text);
		struct program_part alone = { .messages = BUF(j->a) };
		if (wrong)
			return diag_trouble(j->d, IN_FILE(*libs), "jq", "%s", wrong);
		/* definitions only: they must stand before any expression */
		if (!compile_text(j, &alone, str_printf(j->a, "%.*s\n.", STR_ARG(text)).p, jv_object()))
			return diag_trouble(j->d, IN_FILE(*libs), "jq", "%.*s", STR_ARG(jq_readable(j->a, buf_str(&alone.messages))));
		jq_teardown(&alone.state);
		if (hoist(j, IN_FILE(*libs), &text))
			return -1;
		buf_add(&b, text);
		buf_char(&b, '\n');
	}
	j->prelude = buf_str(&b);
	return 0;
}

static int sort_out(struct jq *j)
{
	struct jq_expr *e = j->texts;

	for (size_t i = 0; i < j->n; i++) {
		struct expr *x = &j->exprs[i];
		x->e = &e[i];
		x->is_plain = plain_parse(j->a, e[i].text, j->vars, j->nvars, &x->plain);
		if (x->is_plain)
			continue;
		if (!str_trim(e[i].text).n)
			return diag_trouble(j->d, e[i].pos, "jq", "the expression is empty");
		const char *wrong = jq_unbalanced(j->a, e[i].text);
		if (wrong)
			return diag_trouble(j->d, e[i].pos, "jq", "%s", wrong);
		str rest = e[i].text;
		if (hoist(j, e[i].pos, &rest))
			return -1;
		if (e[i].pos.line && str_chr(str_sub(e[i].text, 0, e[i].text.n - rest.n), '\n') < 0)
			e[i].pos.col += (uint32_t)(e[i].text.n - rest.n);
		e[i].text = rest;
		j->compiled[j->ncompiled++] = i;
	}
	return 0;
}

/* libjq takes a folder that is not absolute to be below the module that asks. */
static const char *absolute(struct arena *a, const char *path)
{
	char *full = realpath(path, NULL);
	const char *copy = full ? str_dup(a, str_of(full)) : path;

	free(full);
	return copy;
}

struct jq *jq_compile_all(struct arena *a, struct diag *d, const struct jq_expr *e, size_t n, const char *const *vars, size_t nvars,
			  const char *const *libs)
{
	struct jq *j = NEW(a, struct jq);

	*j = (struct jq){ .a = a, .d = d, .n = n, .vars = vars, .nvars = nvars };
	j->exprs = NEW_ARRAY(a, struct expr, n);
	j->texts = NEW_ARRAY(a, struct jq_expr, n);
	if (n)
		memcpy(j->texts, e, n * sizeof(*e));
	j->compiled = NEW_ARRAY(a, size_t, n);
	j->known_kept.a = &j->known_arena;
	j->modules = BUF(a);
	j->folders = jv_array();
	j->libs = libs;
	for (size_t i = 0; libs && libs[i]; i++, j->nlibs++)
		if (!str_ends(str_of(libs[i]), S(".jq")))
			j->folders = jv_array_append(j->folders, jv_string(absolute(a, libs[i])));
	int bad = sort_out(j) || (j->ncompiled && read_libs(j, libs));
	if (!bad)
		for (size_t i = 0; i < j->ncompiled; i += PER_PROGRAM)
			bad |= compile(j, i, j->ncompiled - i < PER_PROGRAM ? j->ncompiled - i : PER_PROGRAM);
	if (bad) {
		jq_free(j);
		return NULL;
	}
	if (j->ncompiled)
		j->watch = watch_new(a, d);
	return j;
}

/* ---- evaluating ------------------------------------------------------------------ */

static const struct kept *kept(const struct jq *j, const struct node *n)
{
	for (size_t i = 0; i < j->nkept; i++)
		if (j->kept[i].node == n)
			return &j->kept[i];
	return NULL;
}

void jq_keep(struct jq *j, struct node *n)
{
	if (!n || !j->ncompiled || j->nkept == COUNT(j->kept) || kept(j, n))
		return;
	j->kept[j->nkept++] = (struct kept){ n, jv_of_node(n) };
	known_add(&j->known_kept, n, j->kept[j->nkept - 1].value);
}

void jq_forget(struct jq *j)
{
	while (j->nkept)
		jv_free(j->kept[--j->nkept].value);
	arena_reset(&j->known_arena);
	j->known_kept = (struct jq_known){ .a = &j->known_arena };
}

void jq_free(struct jq *j)
{
	if (!j)
		return;
	jq_forget(j);
	arena_free(&j->known_arena);
	jv_free(j->folders);
	j->folders = jv_null();
	watch_free(j->watch);
	for (size_t i = 0; i < j->programs.n; i++)
		jq_teardown(&j->programs.p[i]->state);
}

static jv value_of(struct jq *j, struct node *n)
{
	const struct kept *k = n ? kept(j, n) : NULL;

	return !n ? jv_null() : k ? jv_copy(k->value) : jv_of_node(n);
}

/* [which, as a path?, input, variables…] */
static jv ask(const struct expr *x, bool path, jv input, jv vars)
{
	jv q = JV_ARRAY(jv_number((double)x->slot), jv_bool(path), input);

	return jv_array_concat(q, vars);
}

static const char *error_text(struct arena *a, jv msg)
{
	const char *text;

	if (jv_get_kind(msg) != JV_KIND_STRING)
		msg = jv_dump_string(msg, 0);
	text = str_copy(a, (str){ jv_string_value(msg), (size_t)jv_string_length_bytes(jv_copy(msg)) }).p;
	jv_free(msg);
	if (strcmp(text, "break") == 0) /* what libjq says of `input` */
		return "there is no further input: an expression has only its own";
	return text;
}

/* All results of one question (consumed) into an array; *error set: it failed. */
static jv run(struct expr *x, struct arena *a, jv question, const char **error)
{
	jq_state *s = x->program->state;
	jv all = jv_array(), r;

	*error = NULL;
	jq_start(s, question, 0);
	while (jv_is_valid(r = jq_next(s))) {
		if (jv_array_length(jv_copy(all)) == MAX_RESULTS) {
			*error = "gives more than 1,000,000 results";
			break;
		}
		all = jv_array_append(all, r);
	}
	if (!*error && jq_halted(s))
		*error = "halt has no place in an expression";
	else if (!*error && jv_invalid_has_msg(jv_copy(r)))
		*error = error_text(a, jv_invalid_get_msg(jv_copy(r)));
	jv_free(r);
	return all;
}

/* Results that are parts of the input, by their paths.  false: the expression is no path. */
static bool by_paths(struct expr *x, struct arena *a, struct node *input, jv question, jv results, struct jq_results *out)
{
	const char *error;
	size_t n = (size_t)jv_array_length(jv_copy(results));

	if (x->path_failures >= PATH_TRIES) {
		jv_free(question);
		return false;
	}
	jv paths = run(x, a, question, &error);
	bool ok = !error && (size_t)jv_array_length(jv_copy(paths)) == n;
	for (size_t i = 0; ok && i < n; i++) {
		jv path = jv_array_get(jv_copy(paths), (int)i);
		struct node *found = jv_get_kind(path) == JV_KIND_ARRAY ? node_at_jv_path(a, input, jv_copy(path)) : NULL;
		ok = found != NULL;
		if (ok)
			*VEC_ADD(a, out) = found;
		jv_free(path);
	}
	jv_free(paths);
	if (ok)
		x->path_failures = 0;
	else
		x->path_failures++;
	return ok;
}

/* The other results, in which parts of the input and the variables are known by their address. */
static bool by_values(struct jq *j, struct arena *a, struct node *input, jv in, struct node *const *vars, jv vals, jv results,
		      struct jq_results *out)
{
	size_t n = (size_t)jv_array_length(jv_copy(results));
	bool structured = false, ok = true;
	struct jq_known none = { .a = a }, known = { .a = a, .next = &j->known_kept };

	for (size_t i = 0; i < n && !structured; i++) {
		jv r = jv_array_get(jv_copy(results), (int)i);
		structured = jv_get_kind(r) == JV_KIND_ARRAY || jv_get_kind(r) == JV_KIND_OBJECT;
		jv_free(r);
	}
	for (size_t v = 0; structured && v <= j->nvars; v++) {
		struct node *node = v < j->nvars ? (vars ? vars[v] : NULL) : input;
		jv value = v < j->nvars ? jv_array_get(jv_copy(vals), (int)v) : jv_copy(in);
		if (node && !kept(j, node))
			known_add(&known, node, value);
		jv_free(value);
	}
	for (size_t i = 0; i < n && ok; i++) {
		struct node *r = node_of_jv(a, structured ? &known : &none, jv_array_get(jv_copy(results), (int)i));
		ok = r != NULL;
		*VEC_ADD(a, out) = r;
	}
	return ok;
}

static int eval_compiled(struct jq *j, struct expr *x, struct arena *a, struct node *input, struct node *const *vars,
			 struct jq_results *out, const char **error)
{
	jv in = value_of(j, input), vals = jv_array();

	watch_begin(j->watch, &x->e->pos);
	for (size_t v = 0; v < j->nvars; v++)
		vals = jv_array_append(vals, value_of(j, vars ? vars[v] : NULL));
	jv results = run(x, a, ask(x, false, jv_copy(in), jv_copy(vals)), error);
	if (!*error && jv_array_length(jv_copy(results)) &&
	    !by_paths(x, a, input, ask(x, true, jv_copy(in), jv_copy(vals)), results, out)) {
		out->n = 0;
		if (!by_values(j, a, input, in, vars, vals, results, out))
			*error = "the result is nested too deeply";
	}
	jv_free(results);
	jv_free(vals);
	jv_free(in);
	watch_end(j->watch);
	return *error ? -1 : 0;
}

int jq_try(struct jq *j, size_t i, struct arena *a, struct node *input, struct node *const *vars, struct node ***out, size_t *n,
	   const char **error)
{
	struct expr *x = &j->exprs[i];
	struct jq_results results = { 0 };
	struct node *start = input;

	*error = NULL;
	if (x->is_plain) {
		if (x->plain.var >= 0)
			start = vars ? vars[x->plain.var] : NULL;
		plain_eval(&x->plain, a, start ? start : node_new(a, NODE_NULL), &results, error);
	} else {
		eval_compiled(j, x, a, input, vars, &results, error);
	}
	*out = results.p;
	*n = results.n;
	return *error ? -1 : 0;
}

int jq_eval(struct jq *j, size_t i, struct arena *a, struct node *input, struct node *const *vars, struct node ***out, size_t *n)
{
	const char *error;

	if (jq_try(j, i, a, input, vars, out, n, &error) == 0)
		return 0;
	return diag_trouble(j->d, j->exprs[i].e->pos, "jq", "%s", error);
}
