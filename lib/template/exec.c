/* SPDX-License-Identifier: MIT */
/* Executes templates: statements, output, budgets, the chain of includes in messages. */
#include <stdio.h>
#include <string.h>

#include "template/eval.h"

#define MAX_STEPS 100000000u
#define MAX_OUTPUT ((size_t)256 << 20)
#define SPARE_MEMORY ((size_t)16 << 20)
#define MAX_DEPTH 1000
#define MAX_NESTING 4000 /* of blocks and pipelines over all templates under way: the C stack holds them */
#define MAX_LOOK 64	   /* lines of an include that are looked at for one line of output */

/* ---- errors ---- */

static void add_pos(struct buf *b, struct pos p)
{
	buf_printf(b, "%s:%u:%u", p.file, p.line, p.col);
}

/* What the error is about, if it is short, and where it was written. */
static void add_value(struct arena *a, struct buf *b, struct val v)
{
	enum { LONGEST = 40 };
	bool scalar = v.kind >= VAL_BOOL && v.kind <= VAL_STRING, known = v.origin && v.origin->source;

	if (!scalar && !known)
		return;
	buf_add(b, scalar ? S("; the value: ") : S("; the value is"));
	if (v.kind == VAL_STRING) {
		str s = str_sub(val_text(v), 0, LONGEST);
		while (s.n && s.n < v.n && ((unsigned char)v.p[s.n] & 0xc0) == 0x80)
			s.n--;
		print_quoted(b, s, false);
		buf_add(b, s.n < v.n ? S("…") : S(""));
	} else if (scalar) {
		buf_add(b, val_sprint(a, v));
	}
	if (known) {
		buf_add(b, scalar ? S(", from ") : S(" from "));
		add_pos(b, node_pos(v.origin));
	}
}

static int exec_error(struct tmpl_exec *x, struct pos pos, const char *rule, struct val about, const char *fmt, va_list ap)
{
	struct buf b = BUF(x->a);
	char *room;
	va_list again;
	int shown = 0, n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	room = buf_room(&b, (size_t)(n > 0 ? n : 0) + 1);
	if (n > 0)
		vsnprintf(room, (size_t)n + 1, fmt, ap);
	b.n += (size_t)(n > 0 ? n : 0);
	add_value(x->a, &b, about);
	for (const struct frame *f = x->state ? x->state->frame : NULL; f && f->call.file; f = f->up) {
		if (shown++ == 10) {
			buf_add(&b, S(", …"));
			break;
		}
		buf_printf(&b, "%s ", shown > 1 ? "," : ";");
		buf_printf(&b, "%s at ", f->how);
		add_pos(&b, f->call);
	}
	return diag_trouble(x->diag, pos, rule, "%.*s", STR_ARG(buf_str(&b)));
}

int tmpl_error(struct tmpl_call *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	exec_error(c->x, c->pos, "template", val_none(), fmt, ap);
	va_end(ap);
	return -1;
}

int tmpl_error_value(struct tmpl_call *c, struct val v, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	exec_error(c->x, c->pos, "template", v, fmt, ap);
	va_end(ap);
	return -1;
}

static struct tmpl_call at_node(struct tmpl_exec *x, const struct tnode *n)
{
	return (struct tmpl_call){ x, x->a, eval_pos(x, n), "" };
}

int exec_made(struct tmpl_call *c, size_t n)
{
	size_t max = c->x->max_output ? c->x->max_output : MAX_OUTPUT;

	c->x->state->made += n;
	if (n > max / 16)
		return tmpl_error(c, "%s makes a value larger than the limit of %zu bytes", *c->name ? c->name : "a template", max / 16);
	if (c->x->state->made <= max)
		return 0;
	return tmpl_error(c, "what the templates make is larger than the limit of %zu bytes", max);
}

int exec_cost(struct tmpl_call *c, uint64_t steps)
{
	uint64_t max = c->x->max_steps ? c->x->max_steps : MAX_STEPS;

	c->x->state->steps += steps;
	if (c->x->state->steps <= max)
		return 0;
	return tmpl_error(c, "%s: the templates do more than %llu steps of work", c->name, (unsigned long long)max);
}

int exec_enter(struct tmpl_exec *x, const struct tnode *n)
{
	struct tmpl_call c;

	if (++x->state->nesting <= MAX_NESTING)
		return 0;
	c = at_node(x, n);
	return tmpl_error(&c, "blocks, calls and parentheses are nested more than %d deep over all templates", MAX_NESTING);
}

int exec_step(struct tmpl_exec *x, const struct tnode *n)
{
	uint64_t max = x->max_steps ? x->max_steps : MAX_STEPS;
	size_t room = x->max_output ? x->max_output : MAX_OUTPUT;
	struct tmpl_call c;

	if (++x->state->steps <= max && x->state->out->n <= room && x->a->total <= x->state->memory)
		return 0;
	c = at_node(x, n);
	if (x->a->total > x->state->memory)
		return tmpl_error(&c, "the templates need more memory than their limit of %zu bytes", room + room / 2 + SPARE_MEMORY);
	if (x->state->out->n > room)
		return tmpl_error(&c, "what the templates make is larger than the limit of %zu bytes", room);
	return tmpl_error(&c, "the templates do not come to an end within %llu steps", (unsigned long long)max);
}

/* ---- output and where it comes from ---- */

static void mark_line(struct tmpl_exec *x, size_t offset, struct pos pos, struct pos value)
{
	*VEC_ADD(x->a, x->lines) = (struct tmpl_line){ offset, pos, value };
}

static void put_text(struct tmpl_exec *x, const struct tnode *n)
{
	struct buf *out = x->state->out;

	if (x->lines && n->text.n) {
		struct pos pos = eval_pos(x, n);

		mark_line(x, out->n, pos, NOWHERE);
		for (size_t i = 0; i + 1 < n->text.n; i++)
			if (n->text.p[i] == '\n') {
				pos.line++;
				pos.col = 1;
				mark_line(x, out->n + i + 1, pos, NOWHERE);
			}
	}
	buf_add(out, n->text);
}

static struct pos value_pos(struct val v)
{
	return v.kind < VAL_LIST && v.origin && v.origin->source ? node_pos(v.origin) : NOWHERE;
}

/* What is recorded of the line from k to last; records before `known` lie before it. Returns the next known. */
static size_t line_record(const struct tmpl_lines *l, size_t known, size_t k, size_t last, struct pos *p, struct pos *value)
{
	while (known < l->n && l->p[known].offset <= k)
		known++;
	if (known && l->p[known - 1].pos.file)
		*p = l->p[known - 1].pos;
	for (size_t i = known ? known - 1 : 0; i < l->n && l->p[i].offset <= last; i++)
		if (l->p[i].offset >= k && l->p[i].value.file)
			*value = l->p[i].value;
	return known;
}

/* The lines that an include or toYaml made: found again by their trimmed text, in order. */
static void mark_included(struct tmpl_exec *x, size_t from, struct pos pos)
{
	struct included *in = &x->state->included;
	str out = str_sub(buf_str(x->state->out), from, x->state->out->n), text = in->text;
	size_t at = 0, known = 0;

	for (size_t i = 0; i < out.n;) {
		ptrdiff_t nl = str_chr(str_sub(out, i, out.n), '\n');
		size_t end = nl < 0 ? out.n : i + (size_t)nl;
		str line = str_trim(str_sub(out, i, end));
		struct pos p = pos, value = NOWHERE;

		for (size_t k = at, looked = 0; line.n && k < text.n && looked < MAX_LOOK; looked++) {
			ptrdiff_t stop = str_chr(str_sub(text, k, text.n), '\n');
			size_t last = stop < 0 ? text.n : k + (size_t)stop;

			if (str_eq(str_trim(str_sub(text, k, last)), line)) {
				known = line_record(&in->lines, known, k, last, &p, &value);
				at = last + 1;
				break;
			}
			k = last + 1;
		}
		mark_line(x, from + i, p, value);
		i = end + 1;
	}
}

static int put_value(struct tmpl_exec *x, const struct tnode *n)
{
	struct tmpl_state *st = x->state;
	size_t from = st->out->n, serial = st->included.serial;
	struct val v;

	if (eval_pipe(x, n->pipe, &v) < 0)
		return -1;
	if (n->pipe->ndecl)
		return 0;
	val_print(x->a, st->out, v);
	if (v.kind >= VAL_LIST) {
		struct tmpl_call c = at_node(x, n);

		if (exec_made(&c, st->out->n - from) < 0) /* what is printed so is cut where it grows without end */
			return -1;
	}
	if (x->lines && st->out->n > from) {
		if (serial != st->included.serial)
			mark_included(x, from, eval_pos(x, n));
		else
			mark_line(x, from, eval_pos(x, n), value_pos(v));
	}
	return 0;
}

/* ---- statements ---- */

enum { NORMAL, BROKEN, CONTINUED };

static int walk(struct tmpl_exec *x, const struct tnode *n);

static int walk_if(struct tmpl_exec *x, const struct tnode *n)
{
	struct frame *f = x->state->frame;
	struct val v, dot = f->dot;
	int r;

	if (eval_pipe(x, n->pipe, &v) < 0)
		return -1;
	if (!val_truth(x->a, v))
		return walk(x, n->otherwise);
	if (n->type == TN_WITH)
		f->dot = v;
	r = walk(x, n->body);
	f->dot = dot;
	return r;
}

static int iterate(struct tmpl_exec *x, const struct tnode *n, struct val key, struct val item)
{
	struct frame *f = x->state->frame;
	int r;

	if (n->pipe->ndecl == 1) {
		f->vars[n->pipe->decl[0]] = item;
	} else if (n->pipe->ndecl) {
		f->vars[n->pipe->decl[0]] = key;
		f->vars[n->pipe->decl[1]] = item;
	}
	f->dot = item;
	r = exec_step(x, n) < 0 ? -1 : walk(x, n->body);
	return r == CONTINUED ? NORMAL : r;
}

static int range_bad(struct tmpl_exec *x, const struct tnode *n, struct val v)
{
	struct tmpl_call c = at_node(x, n);

	if (v.kind == VAL_INT)
		return tmpl_error_value(&c, v, "range over an integer takes one variable, not two");
	return tmpl_error_value(&c, v, "range can't iterate over a value of type %s", val_type_name(x->a, v));
}

/* *count: how often the body ran. */
static int range_over(struct tmpl_exec *x, const struct tnode *n, struct val v, size_t *count)
{
	const struct vitem *items;
	int r = NORMAL;
	size_t i = 0, max = 0;

	switch ((enum val_kind)v.kind) {
	case VAL_NONE:
	case VAL_NIL:
		break;
	case VAL_INT:
		if (n->pipe->ndecl > 1)
			return range_bad(x, n, v);
		for (; r == NORMAL && (int64_t)i < v.i; i++)
			r = iterate(x, n, val_none(), (struct val){ .kind = VAL_INT, .type = v.type, .i = (int64_t)i });
		break;
	case VAL_STRING:
		if (v.type != VT_BYTES)
			return range_bad(x, n, v);
		for (; r == NORMAL && i < v.n; i++)
			r = iterate(x, n, val_int((int64_t)i), (struct val){ .kind = VAL_INT, .type = VT_UINT8, .i = (unsigned char)v.p[i] });
		break;
	case VAL_LIST:
		max = vlist_count(v.list);
		for (; r == NORMAL && i < max; i++)
			r = iterate(x, n, val_int((int64_t)i), vlist_at(x->a, v.list, i));
		break;
	case VAL_MAP:
		items = vmap_sorted(x->a, v.map, &max);
		for (; r == NORMAL && i < max; i++)
			r = iterate(x, n, val_str(items[i].key), items[i].value);
		break;
	default:
		return range_bad(x, n, v);
	}
	*count = i;
	return r == BROKEN ? NORMAL : r;
}

static int walk_range(struct tmpl_exec *x, const struct tnode *n)
{
	struct frame *f = x->state->frame;
	struct val v, dot = f->dot;
	size_t count = 0;
	int r;

	if (eval_pipe(x, n->pipe, &v) < 0)
		return -1;
	r = range_over(x, n, val_plain(x->a, v), &count);
	f->dot = dot;
	return r == NORMAL && !count ? walk(x, n->otherwise) : r;
}

/* Runs template t with dot into out. */
static int exec_template(struct tmpl_exec *x, const struct ttmpl *t, struct val dot, struct buf *out, struct pos call, const char *how);

static int walk_template(struct tmpl_exec *x, const struct tnode *n)
{
	const struct ttmpl *t = set_find(x->state->set, n->name);
	struct tmpl_call c = at_node(x, n);
	struct val dot = val_none();
	str near;

	if (!t) {
		near = set_nearest(x->a, x->state->set, n->name);
		if (near.n)
			return tmpl_error(&c, "template \"%.*s\" is not defined; did you mean \"%.*s\"?", STR_ARG(n->name), STR_ARG(near));
		return tmpl_error(&c, "template \"%.*s\" is not defined", STR_ARG(n->name));
	}
	if (n->pipe && eval_pipe(x, n->pipe, &dot) < 0)
		return -1;
	return exec_template(x, t, dot, x->state->out, c.pos, "called");
}

static int walk(struct tmpl_exec *x, const struct tnode *n)
{
	int r = NORMAL;

	if (!n)
		return NORMAL;
	if (exec_enter(x, n) < 0)
		return -1;
	for (; n && r == NORMAL; n = n->next) {
		if (exec_step(x, n) < 0)
			return -1; /* nothing runs on after an error: nesting need not be right */
		switch ((enum tn_type)n->type) {
		case TN_TEXT:
			put_text(x, n);
			break;
		case TN_ACTION:
			r = put_value(x, n);
			break;
		case TN_IF:
		case TN_WITH:
			r = walk_if(x, n);
			break;
		case TN_RANGE:
			r = walk_range(x, n);
			break;
		case TN_TEMPLATE:
			r = walk_template(x, n);
			break;
		case TN_BREAK:
			r = BROKEN;
			break;
		case TN_CONTINUE:
			r = CONTINUED;
			break;
		default:
			break;
		}
	}
	x->state->nesting--;
	return r;
}

/* ---- templates ---- */

static int exec_template(struct tmpl_exec *x, const struct ttmpl *t, struct val dot, struct buf *out, struct pos call, const char *how)
{
	struct tmpl_state *st = x->state;
	struct val few[16];
	struct frame f = { .up = st->frame, .t = t, .dot = dot, .call = call, .how = how };
	struct tmpl_call c = { x, x->a, call, "" };
	struct buf *old = st->out;
	int r;

	if (st->depth >= (x->max_depth ? x->max_depth : MAX_DEPTH))
		return tmpl_error(&c, "template \"%.*s\" is called within itself without end: %d templates deep", STR_ARG(t->name), st->depth);
	if (t->nslots <= COUNT(few))
		memset(few, 0, sizeof(*few) * t->nslots);
	f.vars = t->nslots <= COUNT(few) ? few : NEW_ARRAY(x->a, struct val, t->nslots);
	f.vars[0] = dot;
	st->frame = &f;
	st->out = out;
	st->depth++;
	r = walk(x, t->body);
	st->depth--;
	st->out = old;
	st->frame = f.up;
	return r < 0 ? -1 : 0;
}

int exec_text(struct tmpl_call *c, const struct ttmpl *t, struct val dot, const char *how, str *out)
{
	struct tmpl_exec *x = c->x;
	struct buf *b = x->state->out;
	size_t from = b->n;
	struct tmpl_lines *outer = x->lines, inner = { 0 };
	int r;

	if (outer)
		x->lines = &inner;
	if (dot.kind == VAL_NIL)
		dot = val_none();
	r = exec_template(x, t, dot, b, c->pos, how);
	x->lines = outer;
	if (r == 0)
		*out = str_copy(x->a, str_sub(buf_str(b), from, b->n));
	b->n = from;
	if (r < 0)
		return -1;
	if (outer) {
		for (size_t i = 0; i < inner.n; i++)
			inner.p[i].offset -= from;
		x->state->included.text = *out;
		x->state->included.lines = inner;
		x->state->included.serial++;
	}
	return exec_made(c, out->n);
}

void strip_no_value(struct buf *b, size_t from, struct tmpl_lines *lines)
{
	str none = S("<no value>");
	size_t to = from, at = from, line = 0;

	for (;;) {
		ptrdiff_t i = str_find(str_sub(buf_str(b), at, b->n), none);
		size_t end = i < 0 ? b->n : at + (size_t)i;

		if (i < 0 && at == from)
			return;
		for (; lines && line < lines->n && lines->p[line].offset <= end; line++)
			if (lines->p[line].offset >= at)
				lines->p[line].offset -= at - to;
		memmove(b->p + to, b->p + at, end - at);
		to += end - at;
		at = end + none.n;
		if (i < 0)
			break;
	}
	b->n = to;
}

int tmpl_exec(struct tmpl_exec *x, str name, struct val data, struct buf *out)
{
	const struct ttmpl *t = set_find(x->set, name);
	size_t from = out->n;
	struct tmpl_state state = { .set = x->set };
	size_t room = x->max_output ? x->max_output : MAX_OUTPUT;
	int r;

	if (!t)
		return diag_trouble(x->diag, NOWHERE, "template", "there is no template \"%.*s\"", STR_ARG(name));
	state.memory = x->a->total + room + room / 2 + SPARE_MEMORY;
	x->state = &state;
	r = exec_template(x, t, data, out, NOWHERE, "");
	x->state = NULL;
	if (r == 0 && !x->keep_no_value)
		strip_no_value(out, from, x->lines);
	return r;
}
