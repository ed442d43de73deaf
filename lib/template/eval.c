/* SPDX-License-Identifier: MIT */
/* Evaluates expressions: pipelines, calls with Go's rules for arguments, chains of fields. */
#include <string.h>

#include "template/eval.h"

struct pos eval_pos(const struct tmpl_exec *x, const struct tnode *n)
{
	return ttmpl_pos(x->state->frame->t, n->line, n->col);
}

static struct tmpl_call at_node(struct tmpl_exec *x, const struct tnode *n, const char *name)
{
	return (struct tmpl_call){ x, x->a, eval_pos(x, n), name };
}

/* ---- messages ---- */

/* The expression as it was written, for messages: only of fields and variables; else empty. */
static str written(struct tmpl_exec *x, const struct tnode *n, size_t fields)
{
	const struct ttmpl *t = x->state->frame->t;
	struct buf b = BUF(x->a);

	if (n->type == TN_DOT)
		return S(".");
	if (n->type != TN_FIELD && n->type != TN_VARIABLE && n->type != TN_CHAIN)
		return (str){ 0 };
	if (n->type == TN_VARIABLE && n->slot == 0) {
		buf_char(&b, '$');
	} else if (n->type == TN_VARIABLE) { /* its name: from the text, at its position */
		size_t at = 0;

		for (uint32_t line = 1; line < n->line && at < t->text.n; at++)
			line += t->text.p[at] == '\n';
		for (at += n->col - 1; at < t->text.n && t->text.p[at] && !strchr(" \t\r\n.)|},", t->text.p[at]); at++)
			buf_char(&b, t->text.p[at]);
	} else if (n->type == TN_CHAIN) {
		buf_add(&b, S("(…)"));
	}
	for (size_t i = 0; i < fields && i < n->n; i++) {
		buf_char(&b, '.');
		buf_add(&b, n->fields[i].name);
	}
	if (!b.n)
		buf_char(&b, '.');
	return buf_str(&b);
}

static str nearest_key(struct arena *a, struct val map, str name)
{
	size_t n;
	const struct vitem *items;
	str *keys;

	if (map.kind != VAL_MAP)
		return (str){ 0 };
	items = vmap_sorted(a, map.map, &n);
	keys = NEW_ARRAY(a, str, n + 1);
	for (size_t i = 0; i < n; i++)
		keys[i] = items[i].key;
	return str_nearest(name, keys, n);
}

/* Field i of n cannot be read, because what stands before it is nil: parent is what that was looked up in. */
static int nil_field(struct tmpl_exec *x, const struct tnode *n, size_t i, struct val nil, struct val parent)
{
	struct tmpl_call c = at_node(x, n, "");
	str before = written(x, n, i), near = { 0 };
	const char *state = "not set";

	if (nil.origin)
		state = "null";
	else if (i > 0)
		near = nearest_key(x->a, parent, n->fields[i - 1].name);
	if (near.n)
		return tmpl_error_value(&c, parent, "nil pointer evaluating interface {}.%.*s: %.*s is %s; did you mean \"%.*s\"?",
					STR_ARG(n->fields[i].name), STR_ARG(before), state, STR_ARG(near));
	return tmpl_error_value(&c, nil.origin ? nil : parent, "nil pointer evaluating interface {}.%.*s: %.*s is %s", STR_ARG(n->fields[i].name),
				STR_ARG(before), state);
}

/* ---- fields ---- */

static int missing_key(struct tmpl_exec *x, const struct tnode *n, size_t i, struct val map)
{
	struct tmpl_call c = at_node(x, n, "");
	str near = nearest_key(x->a, map, n->fields[i].name), path = written(x, n, i + 1);

	if (near.n)
		return tmpl_error_value(&c, map, "%.*s is not set; did you mean \"%.*s\"?", STR_ARG(path), STR_ARG(near));
	return tmpl_error_value(&c, map, "%.*s is not set", STR_ARG(path));
}

static int object_field(struct tmpl_exec *x, const struct tnode *n, size_t i, struct val v, const struct val *args, size_t nargs, struct val *out)
{
	str name = n->fields[i].name;
	struct val plain;
	struct tmpl_call c = at_node(x, n, str_dup(x->a, name));
	int r = v.obj->class->get ? v.obj->class->get(&c, v.obj->self, name, args, nargs, out) : 0;

	if (r)
		return r < 0 ? -1 : 0;
	plain = val_plain(x->a, v);
	if (plain.kind == VAL_MAP && strcmp(val_kind_name(v), "map") == 0 && !nargs) {
		const struct vitem *it = vmap_find(x->a, plain.map, name, n->fields[i].hash);

		*out = it ? it->value : val_nil();
		return 0;
	}
	return tmpl_error(&c, "can't evaluate field %.*s in type %s", STR_ARG(name), val_type_name(x->a, v));
}

/* Field i of v, Go's evalField; args belong to a method. */
static int field(struct tmpl_exec *x, const struct tnode *n, size_t i, struct val v, struct val parent, const struct val *args, size_t nargs,
		 struct val *out)
{
	const struct ident *id = &n->fields[i];
	const struct vitem *it;
	struct tmpl_call c;

	switch ((enum val_kind)v.kind) {
	case VAL_NONE:
		*out = val_none();
		return x->strict ? missing_key(x, n, i, v) : 0;
	case VAL_NIL:
		return nil_field(x, n, i, v, parent);
	case VAL_MAP:
		if (v.map->type && values_has_method(v.map, id->name)) {
			c = at_node(x, n, "");
			return values_call(&c, v.map, id->name, args, nargs, out);
		}
		if (nargs)
			break;
		it = vmap_find(x->a, v.map, id->name, id->hash);
		if (!it && x->strict)
			return missing_key(x, n, i, v);
		*out = it ? it->value : v.map->strings ? val_str((str){ "", 0 }) : val_nil();
		return 0;
	case VAL_OBJECT:
		return object_field(x, n, i, v, args, nargs, out);
	default:
		break;
	}
	c = at_node(x, n, "");
	if (v.kind == VAL_MAP)
		return tmpl_error(&c, "%.*s is not a method but has arguments", STR_ARG(id->name));
	return tmpl_error_value(&c, v, "can't evaluate field %.*s in type %s: %.*s is no map", STR_ARG(id->name), val_type_name(x->a, v),
				STR_ARG(written(x, n, i)));
}

/* All fields of n, from v on. */
static int fields(struct tmpl_exec *x, const struct tnode *n, struct val v, const struct val *args, size_t nargs, struct val *out)
{
	struct val parent = val_none(), next = v;

	for (size_t i = 0; i < n->n; i++) {
		bool last = i + 1 == n->n;

		if (field(x, n, i, v, parent, last ? args : NULL, last ? nargs : 0, &next) < 0)
			return -1;
		parent = v;
		v = next;
	}
	*out = v;
	return 0;
}

/* ---- operands ---- */

static int call_function(struct tmpl_exec *x, const struct tnode *fn, const struct tnode *args, size_t nargs, const struct val *final, struct val *out);

/* A chain's base, a pipeline in parentheses, a function without arguments: any operand on its own. */
static int operand(struct tmpl_exec *x, const struct tnode *n, struct val *out)
{
	struct frame *f = x->state->frame;
	struct tmpl_call c;
	struct val v;

	switch ((enum tn_type)n->type) {
	case TN_DOT:
		*out = f->dot;
		return 0;
	case TN_CONST:
		*out = n->value;
		return 0;
	case TN_FIELD:
		return fields(x, n, f->dot, NULL, 0, out);
	case TN_VARIABLE:
		return fields(x, n, f->vars[n->slot], NULL, 0, out);
	case TN_PIPE:
		return eval_pipe(x, n, out);
	case TN_FUNCTION:
		return call_function(x, n, NULL, 0, NULL, out);
	case TN_CHAIN:
		if (operand(x, n->base, &v) < 0)
			return -1;
		return fields(x, n, v, NULL, 0, out);
	default:
		c = at_node(x, n, "");
		return tmpl_error(&c, "nil is not a command");
	}
}

/* ---- arguments ---- */

static const char *wanted(char type)
{
	switch (type) {
	case 's':
		return "a string";
	case 'i':
		return "an int";
	case 'l':
		return "an int64";
	case 'f':
		return "a float64";
	case 'b':
		return "a bool";
	case 'm':
		return "a map";
	default:
		return "a list";
	}
}

static bool fits(struct val v, char type)
{
	switch (type) {
	case 's':
		return val_is_str(v);
	case 'i':
		return v.kind == VAL_INT && v.type == VT_INT;
	case 'l':
		return v.kind == VAL_INT && v.type == VT_INT64;
	case 'f':
		return v.kind == VAL_FLOAT;
	case 'b':
		return v.kind == VAL_BOOL;
	case 'm':
		return v.kind == VAL_MAP && !v.map->strings;
	case 'L':
		return v.kind == VAL_LIST && !v.list->strings;
	default:
		return true;
	}
}

static int wrong_type(struct tmpl_exec *x, const struct tnode *fn, const struct tnode *n, size_t number, struct val v, char type)
{
	struct tmpl_call c = at_node(x, n ? n : fn, "");
	str text = n ? written(x, n, n->n) : S("the piped value");
	bool nil = val_is_nil(v);

	if (!text.n)
		text = S("the value");
	return tmpl_error_value(&c, v, "argument %zu of %s must be %s, but %.*s is %s%s", number, fn->func->name, wanted(type), STR_ARG(text),
				nil ? "nil" : val_type_name(x->a, v), nil && !v.origin ? " (not set)" : "");
}

/* Checks v for a parameter; *v becomes what the function sees. */
static int check(struct tmpl_exec *x, const struct tnode *fn, const struct tnode *n, size_t number, char type, struct val *v)
{
	struct val plain;

	if (v->kind == VAL_NONE && (type == 'a' || type == 'm' || type == 'L'))
		v->kind = VAL_NIL;
	else if (type != 'a' && !fits(*v, type)) {
		plain = type == 'm' || type == 'L' ? val_plain(x->a, *v) : *v;
		if (!fits(plain, type))
			return wrong_type(x, fn, n, number, *v, type);
		*v = plain;
	}
	return 0;
}

static int argument(struct tmpl_exec *x, const struct tnode *fn, const struct tnode *n, size_t number, char type, struct val *out)
{
	if (n->type == TN_CONST) {
		*out = n->value;
		if ((type == 'i' || type == 'l') && n->is_int)
			*out = type == 'i' ? val_int(n->i) : val_int64(n->i);
		else if (type == 'f' && n->is_float)
			*out = val_float(n->f);
		else if (type != 'a' && !fits(*out, type))
			return wrong_type(x, fn, n, number, *out, type);
		return 0;
	}
	if (n->type == TN_NIL) {
		*out = val_nil();
		return type == 'a' || type == 'm' || type == 'L' ? 0 : wrong_type(x, fn, n, number, *out, type);
	}
	if (operand(x, n, out) < 0)
		return -1;
	return check(x, fn, n, number, type, out);
}

/* ---- calls ---- */

static int short_circuit(struct tmpl_exec *x, const struct tnode *fn, const struct tnode *n, const struct val *final, struct val *out)
{
	bool is_or = fn->func->name[0] == 'o';
	size_t number = 1;

	for (; n; n = n->next) {
		if (argument(x, fn, n, number++, 'a', out) < 0)
			return -1;
		if (val_truth(x->a, *out) == is_or)
			return 0;
	}
	if (final)
		*out = *final;
	return 0;
}

static int count_args(struct tmpl_exec *x, const struct tnode *fn, size_t n, size_t fixed, bool variadic)
{
	struct tmpl_call c = at_node(x, fn, fn->func->name);

	if (variadic ? n >= fixed : n == fixed)
		return 0;
	return tmpl_error(&c, "wrong number of arguments for %s: it wants %s%zu, got %zu", fn->func->name, variadic ? "at least " : "", fixed, n);
}

static int call_function(struct tmpl_exec *x, const struct tnode *fn, const struct tnode *args, size_t nargs, const struct val *final, struct val *out)
{
	const char *params = fn->func->params;
	size_t len = strlen(params), total = nargs + (final != NULL), i = 0;
	bool variadic = len && params[len - 1] == '*';
	size_t fixed = variadic ? len - 2 : len;
	struct val few[8] = { 0 }, *argv = total <= COUNT(few) ? few : NEW_ARRAY(x->a, struct val, total);
	struct tmpl_call c = at_node(x, fn, fn->func->name);

	if (exec_step(x, fn) < 0 || count_args(x, fn, total, fixed, variadic) < 0)
		return -1;
	if (fn->func->fn == builtin_and_or)
		return short_circuit(x, fn, args, final, out);
	for (const struct tnode *n = args; n; n = n->next, i++)
		if (argument(x, fn, n, i + 1, params[i < fixed ? i : fixed], &argv[i]) < 0)
			return -1;
	if (final) {
		argv[i] = *final;
		if (check(x, fn, NULL, i + 1, params[i < fixed ? i : fixed], &argv[i]) < 0)
			return -1;
	}
	*out = val_none();
	if (fn->func->fn(&c, argv, total, out) < 0)
		return -1;
	/* What is made of a value was set where that value was: quote, default, int … */
	if (!out->origin && total && out->kind < VAL_LIST && argv[total - 1].kind < VAL_LIST)
		out->origin = argv[total - 1].origin;
	return 0;
}

/* A method, with its arguments evaluated; they are checked by the object. */
static int call_method(struct tmpl_exec *x, const struct tnode *n, size_t nargs, const struct val *final, struct val *out)
{
	size_t total = nargs + (final != NULL), i = 0;
	struct val *argv = NEW_ARRAY(x->a, struct val, total + 1), base;

	for (const struct tnode *arg = n->next; arg; arg = arg->next, i++) {
		if (arg->type == TN_NIL)
			argv[i] = val_nil();
		else if (operand(x, arg, &argv[i]) < 0)
			return -1;
	}
	if (final)
		argv[i] = *final;
	if (n->type == TN_CHAIN) {
		if (operand(x, n->base, &base) < 0)
			return -1;
	} else {
		base = n->type == TN_FIELD ? x->state->frame->dot : x->state->frame->vars[n->slot];
	}
	return fields(x, n, base, argv, total, out);
}

static int command(struct tmpl_exec *x, const struct tnode *cmd, const struct val *final, struct val *out)
{
	const struct tnode *first = cmd->first;
	struct tmpl_call c;

	if (first->type == TN_FUNCTION)
		return call_function(x, first, first->next, (size_t)cmd->n - 1, final, out);
	if (cmd->n == 1 && !final)
		return operand(x, first, out);
	if ((first->type == TN_FIELD || first->type == TN_CHAIN || first->type == TN_VARIABLE) && first->n)
		return call_method(x, first, (size_t)cmd->n - 1, final, out);
	c = at_node(x, first, "");
	return tmpl_error(&c, "can't give an argument to what is no function");
}

int eval_pipe(struct tmpl_exec *x, const struct tnode *pipe, struct val *out)
{
	struct val v = val_none();
	const struct tnode *c = pipe->first;
	struct frame *f = x->state->frame;

	if (exec_enter(x, pipe) < 0)
		return -1;
	for (; c; c = c->next) {
		struct val prev = v;

		if (command(x, c, c == pipe->first ? NULL : &prev, &v) < 0)
			return -1;
		if (v.kind == VAL_NIL) /* what an interface held: its nil is no value */
			v.kind = VAL_NONE;
	}
	for (size_t i = 0; i < pipe->ndecl; i++)
		f->vars[pipe->decl[i]] = v;
	x->state->nesting--;
	*out = v;
	return 0;
}
