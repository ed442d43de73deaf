/* SPDX-License-Identifier: MIT */
/* --state FILE: since when each drift has been seen. */
#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "diff/internal.h"

struct state {
	struct arena *a;
	struct map since; /* "LABEL\nPOINTER" to the time, a C string */
	const char *now;
};

static const char *now_text(struct arena *a)
{
	time_t t = time(NULL);
	struct tm tm;
	char *text = arena_alloc(a, 32);

	if (gmtime_r(&t, &tm))
		strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return text;
}

static str key_of(struct arena *a, str label, str pointer)
{
	return str_printf(a, "%.*s\n%.*s", STR_ARG(label), STR_ARG(pointer));
}

static bool is_time(str s)
{
	static const char form[] = "dddd-dd-ddTdd:dd:ddZ";
	bool ok = s.n == sizeof(form) - 1;

	for (size_t i = 0; i < s.n && ok; i++)
		ok = form[i] == 'd' ? s.p[i] >= '0' && s.p[i] <= '9' : s.p[i] == form[i];
	return ok;
}

static int read_state(struct state *s, struct diag *d, const char *path)
{
	const struct read_options json = { .input = FORMAT_JSON };
	struct node *doc;

	if (access(path, F_OK) && errno == ENOENT)
		return 0; /* the first run */
	if (read_file(s->a, d, &json, path, &doc))
		return -1;
	const struct node *list = node_get(doc, S("drift"));
	if (!node_is(list, NODE_SEQ))
		return diag_trouble(d, IN_FILE(path), "state", "this is no state of diff-drift; remove it to begin anew");
	for (uint32_t i = 0; i < list->n; i++) {
		const struct node *x = list->items[i];
		str since = node_get_str(x, S("since"));
		if (!is_time(since))
			return diag_trouble(d, node_pos(x), "state", "an entry has no time; remove the file to begin anew");
		*map_at(s->a, &s->since, key_of(s->a, node_get_str(x, S("id")), node_get_str(x, S("path")))) = str_dup(s->a, since);
	}
	return 0;
}

static str since(struct state *s, struct node *list, str label, str pointer)
{
	const char *known = map_get(&s->since, key_of(s->a, label, pointer));
	struct node *n = node_new(s->a, NODE_MAP);
	str time = str_of(known ? known : s->now);

	node_put(s->a, n, S("id"), node_string(s->a, label));
	node_put(s->a, n, S("path"), node_string(s->a, pointer));
	node_put(s->a, n, S("since"), node_string(s->a, time));
	node_push(s->a, list, n);
	return time;
}

int diff_state(struct diff *x, const char *path)
{
	struct state s = { .a = x->a, .now = now_text(x->a) };
	struct node *root = node_new(x->a, NODE_MAP), *list = node_new(x->a, NODE_SEQ);

	if (read_state(&s, x->d, path))
		return -1;
	for (size_t i = 0; i < x->objects.n; i++) {
		struct diff_object *d = x->objects.p[i];
		if (d->verdict == DIFF_ADDED || d->verdict == DIFF_REMOVED)
			d->since = since(&s, list, d->label, S(""));
		for (size_t k = 0; d->verdict == DIFF_CHANGED && k < d->n; k++)
			d->p[k].since = since(&s, list, d->label, d->p[k].pointer);
	}
	node_put(x->a, root, S("drift"), list);
	struct out *o = out_memory(x->a, x->d);
	emit_json(o, root, true);
	out_char(o, '\n');
	return file_write(x->a, x->d, path, 0, out_text(o));
}
