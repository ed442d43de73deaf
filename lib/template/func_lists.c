/* SPDX-License-Identifier: MIT */
/* Sprig's functions over lists. */
#include <stdlib.h>
#include <string.h>

#include "template/internal.h"

static int f_list(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	*out = val_list(c->a);
	for (size_t i = 0; i < n; i++)
		vlist_push(c->a, out->list, args[i]);
	return exec_made(c, n * sizeof(*args));
}

/* Items from … to-1 of l, pushed onto *out. */
static int copy_items(struct tmpl_call *c, struct vlist *l, size_t from, size_t to, struct val *out)
{
	for (size_t i = from; i < to; i++)
		vlist_push(c->a, out->list, vlist_at(c->a, l, i));
	return exec_made(c, to > from ? (to - from) * sizeof(struct val) : 0);
}

static int f_append(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct vlist *l = arg_list(c, args[0]);
	bool first = strstr(c->name, "rep") != NULL; /* prepend */

	(void)n;
	if (!l)
		return -1;
	*out = val_list(c->a);
	if (first)
		vlist_push(c->a, out->list, args[1]);
	if (copy_items(c, l, 0, vlist_count(l), out) < 0)
		return -1;
	if (!first)
		vlist_push(c->a, out->list, args[1]);
	return 0;
}

static int f_first_last(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct vlist *l = arg_list(c, args[0]);
	bool last = strstr(c->name, "ast") != NULL;

	(void)n;
	if (!l)
		return -1;
	n = vlist_count(l);
	return ret(out, n ? vlist_at(c->a, l, last ? n - 1 : 0) : val_nil());
}

static int f_rest_initial(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct vlist *l = arg_list(c, args[0]);
	bool rest = strstr(c->name, "est") != NULL;

	(void)n;
	if (!l)
		return -1;
	n = vlist_count(l);
	*out = val_list(c->a);
	out->list->null = !n;
	return n ? copy_items(c, l, rest, rest ? n : n - 1, out) : 0;
}

static int f_reverse(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct vlist *l = arg_list(c, args[0]);

	(void)n;
	if (!l)
		return -1;
	*out = val_list(c->a);
	for (size_t i = vlist_count(l); i > 0; i--)
		vlist_push(c->a, out->list, vlist_at(c->a, l, i - 1));
	return exec_made(c, vlist_count(l) * sizeof(struct val));
}

static int f_compact(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct vlist *l = arg_list(c, args[0]);

	(void)n;
	if (!l)
		return -1;
	*out = val_list(c->a);
	for (size_t i = 0; i < vlist_count(l); i++) {
		struct val v = vlist_at(c->a, l, i);

		if (val_truth(c->a, v))
			vlist_push(c->a, out->list, v);
	}
	return 0;
}

static bool holds(struct tmpl_call *c, const struct val *items, size_t n, struct val v)
{
	for (size_t i = 0; i < n; i++)
		if (val_equal(c->a, items[i], v, 0))
			return true;
	c->x->state->steps += n / 8; /* quadratic work is counted, too */
	return false;
}

static int f_uniq(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct vlist *l = arg_list(c, args[0]);

	(void)n;
	if (!l)
		return -1;
	*out = val_list(c->a);
	for (size_t i = 0; i < vlist_count(l); i++) {
		struct val v = vlist_at(c->a, l, i);

		if (!holds(c, out->list->p, out->list->n, v))
			vlist_push(c->a, out->list, v);
	}
	return 0;
}

static int f_without(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct vlist *l = arg_list(c, args[0]);

	if (!l)
		return -1;
	*out = val_list(c->a);
	for (size_t i = 0; i < vlist_count(l); i++) {
		struct val v = vlist_at(c->a, l, i);

		if (!holds(c, args + 1, n - 1, v))
			vlist_push(c->a, out->list, v);
	}
	return 0;
}

static int f_has(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct vlist *l;
	bool found = false;

	(void)n;
	if (val_is_nil(args[1]))
		return ret(out, val_bool(false));
	if (!(l = arg_list(c, args[1])))
		return -1;
	for (size_t i = 0; i < vlist_count(l) && !found; i++)
		found = val_equal(c->a, args[0], vlist_at(c->a, l, i), 0);
	return ret(out, val_bool(found));
}

static int f_slice(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct vlist *l = arg_list(c, args[0]);
	int64_t from = n > 1 ? arg_int64(args[1]) : 0, to;

	if (!l)
		return -1;
	if (!vlist_count(l))
		return ret(out, val_nil());
	to = n > 2 ? arg_int64(args[2]) : (int64_t)vlist_count(l);
	if (from < 0 || from > to || to > (int64_t)vlist_count(l))
		return tmpl_error_value(c, args[0], "slice from %lld to %lld of a list of %zu items", (long long)from, (long long)to, vlist_count(l));
	*out = val_list(c->a);
	out->list->strings = l->strings;
	out->list->type = l->type;
	return copy_items(c, l, (size_t)from, (size_t)to, out);
}

static int f_concat(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct vlist *l;

	*out = val_list(c->a);
	out->list->null = true;
	for (size_t i = 0; i < n; i++)
		if (!(l = arg_list(c, args[i])) || copy_items(c, l, 0, vlist_count(l), out) < 0)
			return -1;
	return 0;
}

static int f_chunk(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct vlist *l = arg_list(c, args[1]);
	size_t size = (size_t)args[0].i;

	(void)n;
	if (!l)
		return -1;
	n = vlist_count(l);
	if (args[0].i < 0 && n > 1 && n - 1 <= (uint64_t)-args[0].i)
		return ret(out, val_list(c->a)); /* what Go's arithmetic makes of it */
	if (args[0].i < 1)
		return tmpl_error(c, "chunk wants a size of at least 1, not %lld", (long long)args[0].i);
	*out = val_list(c->a);
	out->list->type = "[][]interface {}";
	for (size_t i = 0; i < n; i += size < n ? size : n) {
		struct val part = val_list(c->a);

		if (copy_items(c, l, i, size < n - i ? i + size : n, &part) < 0)
			return -1;
		vlist_push(c->a, out->list, part);
	}
	return 0;
}

static int by_text(const void *x, const void *y)
{
	return str_cmp(val_text(*(const struct val *)x), val_text(*(const struct val *)y));
}

static int f_sort_alpha(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	size_t count;
	struct val *items = val_is_nil(args[0]) ? NULL : arg_strings(c, args[0], &count);

	(void)n;
	*out = val_strings(c->a);
	if (!items) {
		if (val_is_nil(args[0]))
			vlist_push(c->a, out->list, val_cstr("<nil>"));
		return 0;
	}
	if (count > 1)
		qsort(items, count, sizeof(*items), by_text);
	for (size_t i = 0; i < count; i++)
		vlist_push(c->a, out->list, items[i]);
	return exec_made(c, count * sizeof(*items));
}

/* ---- numbers in a row ---- */

static int steps(struct tmpl_call *c, int64_t from, int64_t to, int64_t step, struct val *out)
{
	uint64_t distance = to < from ? (uint64_t)from - (uint64_t)to : (uint64_t)to - (uint64_t)from;
	uint64_t stride = step < 0 ? 0 - (uint64_t)step : (uint64_t)step, count;

	*out = val_list(c->a);
	out->list->type = "[]int";
	if (!stride || (to < from) != (step < 0) || !distance)
		return 0;
	count = (distance - 1) / stride + 1;
	if (exec_made(c, count > SIZE_MAX / 64 ? SIZE_MAX / 2 : (size_t)count * sizeof(struct val)) < 0)
		return -1;
	for (uint64_t i = 0; i < count; i++)
		vlist_push(c->a, out->list, val_int((int64_t)((uint64_t)from + i * (uint64_t)step)));
	return 0;
}

static int f_until(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	if (n == 1)
		return steps(c, 0, args[0].i, args[0].i < 0 ? -1 : 1, out);
	return steps(c, args[0].i, args[1].i, args[2].i, out);
}

static int f_seq(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	int64_t from = n > 1 ? args[0].i : 1, to = n ? args[n == 1 ? 0 : n - 1].i : 0, dir = to < from ? -1 : 1;
	int64_t step = n == 3 ? args[1].i : dir;
	struct buf b = BUF(c->a);
	struct val l;

	if (n == 0 || n > 3 || (n == 3 && dir < 0 && step > 0))
		return ret_str(out, (str){ "", 0 });
	if (to > INT64_MAX - 1 || to < INT64_MIN + 1 || steps(c, from, to + dir, step, &l) < 0)
		return to > INT64_MAX - 1 || to < INT64_MIN + 1 ? tmpl_error(c, "seq: the end is out of range") : -1;
	for (size_t i = 0; i < vlist_count(l.list); i++)
		buf_printf(&b, "%s%lld", i ? " " : "", (long long)l.list->p[i].i);
	return ret_buf(out, &b);
}

const struct tmpl_func funcs_lists[] = {
	{ "list", "a*", f_list },
	{ "tuple", "a*", f_list },
	{ "append", "aa", f_append },
	{ "mustAppend", "aa", f_append },
	{ "push", "aa", f_append },
	{ "mustPush", "aa", f_append },
	{ "prepend", "aa", f_append },
	{ "mustPrepend", "aa", f_append },
	{ "first", "a", f_first_last },
	{ "mustFirst", "a", f_first_last },
	{ "last", "a", f_first_last },
	{ "mustLast", "a", f_first_last },
	{ "rest", "a", f_rest_initial },
	{ "mustRest", "a", f_rest_initial },
	{ "initial", "a", f_rest_initial },
	{ "mustInitial", "a", f_rest_initial },
	{ "reverse", "a", f_reverse },
	{ "mustReverse", "a", f_reverse },
	{ "compact", "a", f_compact },
	{ "mustCompact", "a", f_compact },
	{ "uniq", "a", f_uniq },
	{ "mustUniq", "a", f_uniq },
	{ "without", "aa*", f_without },
	{ "mustWithout", "aa*", f_without },
	{ "has", "aa", f_has },
	{ "mustHas", "aa", f_has },
	{ "slice", "aa*", f_slice },
	{ "mustSlice", "aa*", f_slice },
	{ "concat", "a*", f_concat },
	{ "chunk", "ia", f_chunk },
	{ "mustChunk", "ia", f_chunk },
	{ "sortAlpha", "a", f_sort_alpha },
	{ "until", "i", f_until },
	{ "untilStep", "iii", f_until },
	{ "seq", "i*", f_seq },
	{ NULL, NULL, NULL },
};
