/* SPDX-License-Identifier: MIT */
/* edits: what the command line does to a document after the layers, in its order. */
#include "merge/internal.h"

#include <string.h>

struct merge_edit {
	enum merge_edit_kind kind;
	const char *arg;
	struct path path;
	struct node *value; /* what is set; the patch; for history the place of a deletion */
	struct target *target; /* whom it is for; NULL: all */
	size_t hits;
};

void merge_edit_add(struct arena *a, struct merge_edits *e, enum merge_edit_kind kind, const char *arg)
{
	*VEC_ADD(a, e) = (struct merge_edit){ .kind = kind, .arg = arg };
}

struct merge_edits merge_edits_copy(struct arena *a, const struct merge_edits *e)
{
	struct merge_edits c = { .n = e->n, .cap = e->n, .unused = e->unused };

	c.p = NEW_ARRAY(a, struct merge_edit, e->n + 1);
	if (e->n)
		memcpy(c.p, e->p, e->n * sizeof(*c.p));
	return c;
}

void merge_edits_reset(struct merge_edits *e)
{
	for (size_t i = 0; i < e->n; i++)
		e->p[i].hits = 0;
}

void merge_edits_count(struct merge_edits *sum, const struct merge_edits *more)
{
	for (size_t i = 0; i < sum->n; i++)
		sum->p[i].hits += more->p[i].hits;
}

static const char *option_of(const struct merge_edit *e)
{
	static const char *const names[] = { "--set", "--set-string", "--delete", "--select", "--patch", "--merge-patch", "--target", "--rename" };

	return names[e->kind];
}

/* Where PATH ends in PATH=VALUE: the first = that is not in [...] or quotes. */
static ptrdiff_t equals_at(str s)
{
	bool pointer = str_starts(s, S("/"));
	int depth = 0;
	char quote = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c == '=' && (pointer || (!depth && !quote)))
			return (ptrdiff_t)i;
		if (pointer)
			continue;
		if (quote) {
			if (c == '\\' && quote == '"')
				i++;
			else if (c == quote)
				quote = 0;
		} else if (c == '"' || c == '\'')
			quote = c;
		else if (c == '[' || c == ']')
			depth += c == '[' ? 1 : -1;
	}
	return -1;
}

static int parse_path(struct arena *a, struct diag *d, struct merge_edit *e, str text)
{
	const char *why = NULL;

	if (path_parse(a, text, &e->path, &why))
		return diag_trouble(d, NOWHERE, "path", "%s %s: %s", option_of(e), e->arg, why);
	if (e->path.n > DOC_MAX_DEPTH)
		return diag_trouble(d, NOWHERE, "depth", "%s: the path is deeper than %d levels", option_of(e), DOC_MAX_DEPTH);
	return 0;
}

/* Values from the command line say so where a message needs a place. */
static struct node *command_line(struct arena *a, const struct merge_edit *e, struct node *n, str path)
{
	struct source *s = NEW(a, struct source);

	if (n->source) /* its tags are there */
		*s = *n->source;
	s->name = str_printf(a, "%s %.*s", option_of(e), STR_ARG(path)).p;
	n->source = s;
	n->line = n->col = 0;
	return n;
}

static int prepare_set(struct arena *a, struct diag *d, const struct read_options *o, struct merge_edit *e)
{
	str arg = str_of(e->arg);
	ptrdiff_t eq = equals_at(arg);
	const char *name;

	if (eq < 0)
		return diag_trouble(d, NOWHERE, "usage", "%s wants PATH=VALUE, not \"%s\"", option_of(e), e->arg);
	str path = str_sub(arg, 0, (size_t)eq), value = str_sub(arg, (size_t)eq + 1, arg.n);
	if (parse_path(a, d, e, path))
		return -1;
	name = str_printf(a, "%s %.*s", option_of(e), STR_ARG(path)).p;
	if (e->kind == EDIT_SET_STRING)
		e->value = node_string(a, value);
	else if (read_text(a, d, o, name, value, &e->value))
		return -1;
	command_line(a, e, e->value, path);
	return 0;
}

static int prepare_rename(struct arena *a, struct diag *d, struct merge_edit *e)
{
	str arg = str_of(e->arg), name;
	ptrdiff_t eq = equals_at(arg);

	if (eq < 0 || (size_t)eq + 1 == arg.n)
		return diag_trouble(d, NOWHERE, "usage", "--rename wants PATH=NEWKEY, not \"%s\"", e->arg);
	name = str_sub(arg, (size_t)eq + 1, arg.n);
	e->value = command_line(a, e, node_string(a, name), str_sub(arg, 0, (size_t)eq));
	return parse_path(a, d, e, str_sub(arg, 0, (size_t)eq));
}

int merge_edits_prepare(struct arena *a, struct diag *d, const struct read_options *o, struct merge_edits *list,
			enum severity unused)
{
	struct target *target = NULL;

	list->unused = unused;
	for (size_t i = 0; i < list->n; i++) {
		struct merge_edit *e = &list->p[i];
		e->target = target;
		switch (e->kind) {
		case EDIT_SET:
		case EDIT_SET_STRING:
			if (prepare_set(a, d, o, e))
				return -1;
			break;
		case EDIT_DELETE:
		case EDIT_SELECT:
			if (parse_path(a, d, e, str_of(e->arg)))
				return -1;
			e->value = command_line(a, e, node_new(a, NODE_NULL), str_of(e->arg));
			break;
		case EDIT_RENAME:
			if (prepare_rename(a, d, e))
				return -1;
			break;
		case EDIT_TARGET:
			if (!(e->target = target = target_parse(a, d, e->arg)))
				return -1;
			break;
		case EDIT_PATCH:
		case EDIT_MERGE_PATCH:
			if (read_file(a, d, o, e->arg, &e->value))
				return -1;
			break;
		}
	}
	return 0;
}

static int set(struct arena *a, struct diag *d, struct merge_edit *e, enum severity unused, struct node **doc)
{
	const char *why = NULL;

	if (unused)
		merge_unused_path(d, unused, &e->path, *doc, e->value->source->name);
	if (path_set(a, &e->path, doc, e->value, &why))
		return diag_trouble(d, node_pos(*doc), "path", "%s %.*s: %s", option_of(e), STR_ARG(e->path.text), why);
	e->hits++;
	return 0;
}

static int rename_key(struct arena *a, struct diag *d, struct merge_edit *e, struct node **doc)
{
	const char *why = NULL;
	size_t done;

	if (path_rename(a, &e->path, doc, node_str(e->value), &done, &why))
		return diag_trouble(d, node_pos(*doc), "path", "--rename %s: %s", e->arg, why);
	e->hits += done;
	return 0;
}

/* One edit of one document; select turns it into any number. */
static int edit(struct arena *a, struct diag *d, struct merge_edit *e, enum severity unused, struct history *h, struct node *doc, struct merge_results *out)
{
	struct node *old = doc;
	struct path_hit *hits;
	size_t n;

	if (e->target && !target_matches(a, e->target, doc)) {
		if (e->kind != EDIT_SELECT)
			*VEC_ADD(a, out) = doc;
		return 0;
	}
	switch (e->kind) {
	case EDIT_TARGET:
		e->hits++;
		break;
	case EDIT_SET:
	case EDIT_SET_STRING:
		if (set(a, d, e, unused, &doc))
			return -1;
		break;
	case EDIT_DELETE:
		e->hits += path_delete(a, &e->path, &doc);
		break;
	case EDIT_RENAME:
		if (rename_key(a, d, e, &doc))
			return -1;
		break;
	case EDIT_PATCH:
		if (!(doc = merge_json_patch(a, d, doc, e->value)))
			return -1;
		break;
	case EDIT_MERGE_PATCH:
		doc = merge_patch(a, doc, e->value);
		break;
	case EDIT_SELECT:
		hits = path_find(a, &e->path, doc, &n);
		for (size_t i = 0; i < n; i++)
			*VEC_ADD(a, out) = hits[i].node;
		e->hits += n;
		return 0;
	}
	history_follow(h, old, doc, e->value);
	*VEC_ADD(a, out) = doc;
	return 0;
}

int merge_edits_apply(struct arena *a, struct diag *d, struct merge_edits *list, struct history *h, struct node *doc,
		      struct merge_results *out)
{
	struct merge_results from = { 0 }, to;

	*VEC_ADD(a, &from) = doc;
	for (size_t i = 0; i < list->n; i++) {
		to = (struct merge_results){ 0 };
		for (size_t k = 0; k < from.n; k++)
			if (edit(a, d, &list->p[i], list->unused, h, from.p[k], &to))
				return -1;
		from = to;
	}
	*out = from;
	return 0;
}

void merge_edits_unused(struct merge_edits *list, struct diag *d)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct merge_edit *e = &list->p[i];
		if (e->hits)
			continue;
		if (e->kind == EDIT_DELETE)
			diag_at(d, SEV_WARNING, NOWHERE, "no-such-path", "--delete %s: there is nothing at this path", e->arg);
		if (e->kind == EDIT_RENAME)
			diag_at(d, SEV_WARNING, NOWHERE, "no-such-path", "--rename %s: there is no such key", e->arg);
		if (e->kind == EDIT_TARGET)
			diag_at(d, SEV_ERROR, NOWHERE, "no-target", "--target %s: there is no such object", e->arg);
		if (e->kind == EDIT_SELECT)
			diag_at(d, SEV_ERROR, NOWHERE, "no-such-path", "--select %s: there is nothing at this path", e->arg);
	}
}
