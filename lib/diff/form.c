/* SPDX-License-Identifier: MIT */
/* Drift as a patch (RFC 6902), as a unified diff of YAML, as a page. */
#include <string.h>

#include "diff/drift.h"
#include "diff/internal.h"
#include "diff/lines.h"

/* ---- patch ------------------------------------------------------------------------ */

static struct node *text_node(struct arena *a, str s)
{
	return node_string(a, s);
}

/* What turns the live object into the desired one; null when there is nothing that a patch may say. */
static struct node *patch_of(struct arena *a, const struct diff_object *d)
{
	static const char *const names[] = { "add", "remove", "replace" };
	struct node *list = node_new(a, NODE_SEQ);

	for (size_t i = 0; i < d->n; i++) {
		const struct diff_change *c = &d->p[i];
		struct node *step = node_new(a, NODE_MAP);
		if (c->secret) /* a mark in place of a value would destroy it */
			continue;
		node_put(a, step, S("op"), text_node(a, str_of(names[c->op])));
		node_put(a, step, S("path"), text_node(a, c->patch));
		if (c->desired)
			node_put(a, step, S("value"), node_clone(a, c->desired));
		node_push(a, list, step);
	}
	return list;
}

static void write_patch(struct diff *x, struct out *o)
{
	struct arena *a = x->a;
	struct node *all = node_new(a, NODE_SEQ);

	for (size_t i = 0; i < x->objects.n; i++) {
		const struct diff_object *d = x->objects.p[i];
		if (d->verdict != DIFF_CHANGED)
			continue;
		struct node *n = node_new(a, NODE_MAP), *patch = patch_of(a, d);
		if (!patch->n)
			continue;
		node_put(a, n, S("id"), text_node(a, d->label));
		if (d->id.kind.n) {
			str api = d->id.group.n ? str_printf(a, "%.*s/%.*s", STR_ARG(d->id.group), STR_ARG(d->id.version)) : d->id.version;
			node_put(a, n, S("apiVersion"), text_node(a, api));
			node_put(a, n, S("kind"), text_node(a, d->id.kind));
			node_put(a, n, S("namespace"), text_node(a, d->id.ns));
			node_put(a, n, S("name"), text_node(a, d->id.name));
		}
		node_put(a, n, S("patch"), patch);
		node_push(a, all, n);
	}
	emit_json(o, all, true);
	out_char(o, '\n');
}

/* ---- unified ------------------------------------------------------------------------- */

/* Desired as it is shown: Secrets masked. */
static struct node *shown_desired(struct diff *x, const struct diff_object *d)
{
	struct node *n = node_copy(x->a, d->desired), *data = node_get(n, S("data"));

	if (drift_is_secret(&d->id) && data)
		node_put(x->a, n, S("data"), (struct node *)(uintptr_t)mask(x->masks, x->a, data));
	return n;
}

static void undo(struct arena *a, struct node **root, const struct diff_change *c)
{
	struct path p;
	struct node *live = c->live ? node_copy(a, c->live) : NULL;

	if (path_parse(a, c->undo, &p, NULL))
		return;
	if (!p.n) {
		if (live)
			*root = live;
		return;
	}
	const struct step *last = &p.steps[p.n - 1];
	p.n--;
	struct node *parent = path_get(&p, *root);
	if (node_is(parent, NODE_MAP) && live)
		node_put(a, parent, last->key, live);
	else if (node_is(parent, NODE_MAP))
		node_remove(parent, last->key);
	else if (node_is(parent, NODE_SEQ) && last->index >= 0 && last->index <= (int64_t)parent->n) {
		size_t at = (size_t)last->index;
		if (c->op == DIFF_REMOVE)
			node_insert(a, parent, at, live);
		else if (at < parent->n && live)
			parent->items[at] = live;
		else if (at < parent->n)
			node_remove_at(parent, at);
	}
}

/* Desired with the drift put into it: what is live, without what does not count. */
static struct node *shown_live(struct diff *x, const struct diff_object *d)
{
	struct node *n = shown_desired(x, d);

	for (size_t i = d->n; i-- > 0;)
		undo(x->a, &n, &d->p[i]);
	return n;
}

static struct line_change *object_lines(struct diff *x, const struct diff_object *d, size_t *n)
{
	str live = d->verdict == DIFF_ADDED ? S("") : yaml_text(x->a, d->verdict == DIFF_REMOVED ? d->live : shown_live(x, d));
	str desired = d->verdict == DIFF_REMOVED ? S("") : yaml_text(x->a, shown_desired(x, d));

	return lines_diff(x->a, live, desired, n);
}

static str file_name(struct arena *a, str label)
{
	str s = str_copy(a, label);

	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == ' ')
			((char *)(uintptr_t)s.p)[i] = '/';
	return s;
}

static void write_unified(struct diff *x, struct out *o)
{
	for (size_t i = 0; i < x->objects.n; i++) {
		const struct diff_object *d = x->objects.p[i];
		size_t n;
		if (d->verdict == DIFF_UNCHANGED)
			continue;
		str name = file_name(x->a, d->label);
		if (d->verdict == DIFF_ADDED)
			out_printf(o, "--- /dev/null\n");
		else
			out_printf(o, "--- live/%.*s\n", STR_ARG(name));
		if (d->verdict == DIFF_REMOVED)
			out_printf(o, "+++ /dev/null\n");
		else
			out_printf(o, "+++ desired/%.*s\n", STR_ARG(name));
		struct line_change *c = object_lines(x, d, &n);
		lines_write(o, c, n, 3, "", true, false);
	}
}

/* ---- HTML ------------------------------------------------------------------------------- */

static void escaped(struct out *o, str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c == '&' || c == '<' || c == '>' || c == '"' || c == '\'')
			out_printf(o, "&#%d;", c);
		else
			out_char(o, c);
	}
}

static const char style[] =
	"body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#1c2330;background:#fff}"
	"h1{font-size:1.5rem;margin:0 0 1rem}"
	".sum{display:flex;gap:.75rem;flex-wrap:wrap;margin-bottom:1.5rem}.sum div{border:1px solid #d8dee8;border-radius:.5rem;padding:.5rem 1rem;min-width:6rem}"
	".sum b{display:block;font-size:1.5rem;line-height:1.2}"
	"details{border:1px solid #d8dee8;border-radius:.5rem;margin:.5rem 0;overflow:hidden}summary{cursor:pointer;padding:.5rem .75rem;background:#f5f7fa}"
	"summary code{font-weight:600}.tag{display:inline-block;min-width:5.5rem;font-size:.8rem;text-transform:uppercase;letter-spacing:.04em}"
	".added{color:#11713a}.removed{color:#b3261e}.changed{color:#8a5a00}.unchanged{color:#53627a}"
	"pre{margin:0;padding:.5rem .75rem;overflow-x:auto;font:13px/1.45 ui-monospace,monospace;border-top:1px solid #d8dee8}"
	"pre span{display:block}.a{background:#e3f6e9;color:#0d5a2d}.r{background:#fdeceb;color:#8f1d17}.h{color:#53627a}"
	".by{margin:0;padding:.25rem .75rem;border-top:1px solid #d8dee8;color:#53627a;font-size:.85rem}"
	"@media(prefers-color-scheme:dark){body{background:#12161d;color:#dbe2ec}.sum div,details,pre,.by{border-color:#2c3543}summary{background:#1a202a}"
	".a{background:#12331f;color:#8fe0ac}.r{background:#3a1816;color:#f2a8a3}.added{color:#6fd197}.removed{color:#f08a83}.changed{color:#e0b25a}}";

static void html_lines(struct out *o, const struct line_change *c, size_t n)
{
	struct arena a = { 0 };
	struct out *text = out_memory(&a, NULL);

	lines_write(text, c, n, 3, "", true, false);
	str rest = out_text(text);
	out_write(o, S("<pre>"));
	while (rest.n) {
		ptrdiff_t end = str_chr(rest, '\n');
		str line = str_sub(rest, 0, end < 0 ? rest.n : (size_t)end);
		const char *class = line.n && line.p[0] == '+' ? "a" : line.n && line.p[0] == '-' ? "r" : line.n && line.p[0] == '@' ? "h" : NULL;
		if (class)
			out_printf(o, "<span class=\"%s\">", class);
		else
			out_write(o, S("<span>"));
		escaped(o, line.n ? line : S(" "));
		out_write(o, S("</span>"));
		rest = str_sub(rest, line.n + (end >= 0), rest.n);
	}
	out_write(o, S("</pre>"));
	arena_free(&a);
}

static void html_object(struct diff *x, struct out *o, const struct diff_object *d)
{
	static const char *const names[] = { "unchanged", "added", "removed", "changed" };
	size_t n;
	struct line_change *c = object_lines(x, d, &n);

	out_printf(o, "<details open><summary><span class=\"tag %s\">%s</span> <code>", names[d->verdict], names[d->verdict]);
	escaped(o, d->label);
	out_write(o, S("</code></summary>"));
	html_lines(o, c, n);
	for (size_t i = 0; d->verdict == DIFF_CHANGED && i < d->n; i++) {
		if (!d->p[i].manager.n)
			continue;
		out_write(o, S("<p class=\"by\"><code>"));
		escaped(o, d->p[i].path);
		out_write(o, S("</code> set by <b>"));
		escaped(o, d->p[i].manager);
		out_write(o, S("</b> "));
		escaped(o, d->p[i].time);
		out_write(o, S("</p>"));
	}
	out_write(o, S("</details>\n"));
}

static void write_html(struct diff *x, struct out *o)
{
	static const struct {
		const char *name;
		enum diff_verdict verdict;
	} cards[] = { { "added", DIFF_ADDED }, { "removed", DIFF_REMOVED }, { "changed", DIFF_CHANGED }, { "unchanged", DIFF_UNCHANGED } };

	out_printf(o,
		   "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">"
		   "<title>Drift</title><style>%s</style></head>\n<body><h1>Drift</h1>\n<div class=\"sum\">",
		   style);
	for (size_t i = 0; i < COUNT(cards); i++)
		out_printf(o, "<div><b class=\"%s\">%zu</b>%s</div>", cards[i].name, x->count[cards[i].verdict], cards[i].name);
	out_write(o, S("</div>\n"));
	if (!x->count[DIFF_ADDED] && !x->count[DIFF_REMOVED] && !x->count[DIFF_CHANGED])
		out_write(o, S("<p>Everything is as desired.</p>\n"));
	for (size_t i = 0; i < x->objects.n; i++)
		if (x->objects.p[i]->verdict != DIFF_UNCHANGED)
			html_object(x, o, x->objects.p[i]);
	out_write(o, S("</body></html>\n"));
}

bool diff_write_form(struct diff *x, str format, struct out *o)
{
	if (str_eq(format, S("patch")))
		write_patch(x, o);
	else if (str_eq(format, S("unified")))
		write_unified(x, o);
	else if (str_eq(format, S("html")))
		write_html(x, o);
	else
		return false;
	return true;
}
