/* SPDX-License-Identifier: MIT */
/* Drift for people and for programs: text, JSON, Markdown, metrics. */
#include "diff/internal.h"
#include "diff/lines.h"

static const char *const verdicts[] = { "unchanged", "added", "removed", "changed" };
static const char *const ops[] = { "add", "remove", "replace" };
static const char signs[] = { '+', '-', '~' };
static const char *const colors[] = { "\033[32m", "\033[31m", "\033[33m" };

static enum diff_op op_of(const struct diff_object *x)
{
	return x->verdict == DIFF_ADDED ? DIFF_ADD : x->verdict == DIFF_REMOVED ? DIFF_REMOVE : DIFF_REPLACE;
}

static void summary(struct out *o, const struct diff *x)
{
	out_printf(o, "%zu added, %zu removed, %zu changed, %zu unchanged\n", x->count[DIFF_ADDED], x->count[DIFF_REMOVED], x->count[DIFF_CHANGED],
		   x->count[DIFF_UNCHANGED]);
}

/* One line of a value: scalars as YAML has them, the rest as JSON, cut when long. */
static str short_value(struct arena *a, const struct node *n)
{
	enum { MOST = 160 };
	str s = n->kind < NODE_SEQ ? str_trim(yaml_text(a, n)) : json_text(a, n);

	if (n->kind == NODE_STRING && str_chr(s, '\n') >= 0)
		s = json_text(a, n);
	if (s.n <= MOST)
		return s;
	size_t cut = MOST;
	while (cut && ((unsigned char)s.p[cut] & 0xc0) == 0x80)
		cut--;
	return str_printf(a, "%.*s…", (int)cut, s.p);
}

static bool many_lines(const struct node *n)
{
	return node_is(n, NODE_STRING) && str_chr(node_text(n), '\n') >= 0;
}

static void text_impact(struct out *o, const struct diff *x, const struct diff_object *d, const struct diff_change *c, bool color)
{
	const char *text;
	enum diff_impact impact = x->o->impact && !x->o->generic ? diff_impact_of(d, c, &text) : IMPACT_NONE;

	if (impact != IMPACT_NONE)
		out_printf(o, "    %s! %s: %s%s\n", color ? "\033[35m" : "", diff_impact_names[impact], text, color ? "\033[0m" : "");
}

static void text_change(struct out *o, struct arena *a, const struct diff_change *c, bool color)
{
	out_printf(o, "  %s%c%s %.*s", color ? colors[c->op] : "", signs[c->op], color ? "\033[0m" : "", STR_ARG(c->path));
	/* texts that differ in their last newline alone have no line to show */
	bool lines = c->op == DIFF_REPLACE && many_lines(c->desired) && many_lines(c->live) &&
		     !str_eq(str_trim(node_text(c->desired)), str_trim(node_text(c->live)));
	if (!lines && c->live)
		out_printf(o, ": %.*s", STR_ARG(short_value(a, c->live)));
	if (!lines && c->desired)
		out_printf(o, "%s%.*s", c->live ? " -> " : ": ", STR_ARG(short_value(a, c->desired)));
	if (c->manager.n)
		out_printf(o, "  (%.*s%s%.*s)", STR_ARG(c->manager), c->time.n ? ", " : "", STR_ARG(c->time));
	if (c->since.n)
		out_printf(o, "  since %.*s", STR_ARG(c->since));
	out_char(o, '\n');
	if (lines) {
		size_t n;
		struct line_change *l = lines_diff(a, node_text(c->live), node_text(c->desired), &n);
		lines_write(o, l, n, 1, "      ", false, color);
	}
}

static void write_text(const struct report_set *s, struct out *o, const struct diff *x, bool color)
{
	for (size_t i = 0; i < x->objects.n; i++) {
		const struct diff_object *d = x->objects.p[i];
		if (d->verdict == DIFF_UNCHANGED)
			continue;
		enum diff_op op = op_of(d);
		out_printf(o, "%s%c %.*s%s%s%.*s\n", color ? colors[op] : "", signs[op], STR_ARG(d->label), color ? "\033[0m" : "",
			   d->since.n ? "  since " : "", STR_ARG(d->since));
		if (d->verdict == DIFF_REMOVED)
			text_impact(o, x, d, NULL, color);
		for (size_t k = 0; d->verdict == DIFF_CHANGED && k < d->n; k++) {
			text_change(o, x->a, &d->p[k], color);
			text_impact(o, x, d, &d->p[k], color);
		}
	}
	/* what is no drift but a finding all the same: duplicates, expired entries */
	for (size_t i = 0; i < s->n; i++) {
		struct buf b = BUF(x->a);
		str rule = str_of(s->p[i].rule);
		if (str_starts(rule, S("drift/")) || str_starts(rule, S("impact/")))
			continue;
		finding_text(&b, &s->p[i], s->run->program->name, color);
		out_write(o, buf_str(&b));
	}
	summary(o, x);
}

/* ---- JSON ------------------------------------------------------------------------ */

static struct node *text_or_null(struct arena *a, str s)
{
	return s.n ? node_string(a, s) : node_new(a, NODE_NULL);
}

static struct node *value_or_null(struct arena *a, const struct node *n)
{
	return n ? node_clone(a, n) : node_new(a, NODE_NULL);
}

static void impact_json(const struct diff *x, struct node *n, const struct diff_object *d, const struct diff_change *c)
{
	const char *text;
	enum diff_impact impact = x->o->impact && !x->o->generic ? diff_impact_of(d, c, &text) : IMPACT_NONE;
	struct node *told = node_new(x->a, NODE_MAP);

	if (impact == IMPACT_NONE)
		return;
	node_put(x->a, told, S("class"), node_string(x->a, str_of(diff_impact_names[impact])));
	node_put(x->a, told, S("text"), node_string(x->a, str_of(text)));
	node_put(x->a, n, S("impact"), told);
}

static struct node *change_json(struct arena *a, const struct diff_change *c)
{
	struct node *n = node_new(a, NODE_MAP);

	node_put(a, n, S("path"), node_string(a, c->pointer));
	node_put(a, n, S("op"), node_string(a, str_of(ops[c->op])));
	node_put(a, n, S("desired"), value_or_null(a, c->desired));
	node_put(a, n, S("live"), value_or_null(a, c->live));
	node_put(a, n, S("manager"), text_or_null(a, c->manager));
	node_put(a, n, S("time"), text_or_null(a, c->time));
	if (c->since.n)
		node_put(a, n, S("since"), node_string(a, c->since));
	return n;
}

static void write_json(struct out *o, const struct diff *x)
{
	struct arena *a = x->a;
	struct node *root = node_new(a, NODE_MAP), *counts = node_new(a, NODE_MAP), *list = node_new(a, NODE_SEQ);
	static const enum diff_verdict order[] = { DIFF_ADDED, DIFF_REMOVED, DIFF_CHANGED, DIFF_UNCHANGED };

	for (size_t i = 0; i < COUNT(order); i++)
		node_put(a, counts, str_of(verdicts[order[i]]), node_int(a, (int64_t)x->count[order[i]]));
	for (size_t i = 0; i < x->objects.n; i++) {
		const struct diff_object *d = x->objects.p[i];
		struct node *n = node_new(a, NODE_MAP), *changes = node_new(a, NODE_SEQ);
		if (d->verdict == DIFF_UNCHANGED)
			continue;
		for (size_t k = 0; d->verdict == DIFF_CHANGED && k < d->n; k++)
			node_push(a, changes, change_json(a, &d->p[k]));
		for (size_t k = 0; k < changes->n; k++)
			impact_json(x, changes->items[k], d, &d->p[k]);
		node_put(a, n, S("id"), node_string(a, d->label));
		node_put(a, n, S("change"), node_string(a, str_of(verdicts[d->verdict])));
		node_put(a, n, S("changes"), changes);
		if (d->since.n)
			node_put(a, n, S("since"), node_string(a, d->since));
		if (d->verdict == DIFF_REMOVED)
			impact_json(x, n, d, NULL);
		node_push(a, list, n);
	}
	node_put(a, root, S("summary"), counts);
	node_put(a, root, S("objects"), list);
	emit_json(o, root, true);
	out_char(o, '\n');
}

/* ---- Markdown ---------------------------------------------------------------------- */

/* A cell of a table: on one line, nothing of it is markup. */
static void code(struct out *o, str s)
{
	out_write(o, S("<code>"));
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c == '&' || c == '<' || c == '>' || c == '|' || c == '`' || c == '*' || c == '_' || c == '\\' || c == '[')
			out_printf(o, "&#%d;", c);
		else
			out_char(o, (unsigned char)c < 0x20 ? ' ' : c);
	}
	out_write(o, S("</code>"));
}

static void write_markdown(struct out *o, const struct diff *x)
{
	out_write(o, S("## Drift\n\n**"));
	out_printf(o, "%zu added, %zu removed, %zu changed, %zu unchanged**\n", x->count[DIFF_ADDED], x->count[DIFF_REMOVED],
		   x->count[DIFF_CHANGED], x->count[DIFF_UNCHANGED]);
	for (size_t i = 0; i < x->objects.n; i++) {
		const struct diff_object *d = x->objects.p[i];
		if (d->verdict == DIFF_UNCHANGED)
			continue;
		out_printf(o, "\n### %s ", verdicts[d->verdict]);
		code(o, d->label);
		out_write(o, S("\n"));
		if (d->verdict != DIFF_CHANGED)
			continue;
		out_write(o, S("\n| | path | live | desired | by |\n| --- | --- | --- | --- | --- |\n"));
		for (size_t k = 0; k < d->n; k++) {
			const struct diff_change *c = &d->p[k];
			out_printf(o, "| `%c` | ", signs[c->op]);
			code(o, c->path);
			out_write(o, S(" | "));
			if (c->live)
				code(o, short_value(x->a, c->live));
			out_write(o, S(" | "));
			if (c->desired)
				code(o, short_value(x->a, c->desired));
			out_write(o, S(" | "));
			if (c->manager.n)
				code(o, str_printf(x->a, "%.*s %.*s", STR_ARG(c->manager), STR_ARG(c->time)));
			out_write(o, S(" |\n"));
		}
	}
}

/* ---- Prometheus -------------------------------------------------------------------- */

static void label_value(struct out *o, str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			out_char(o, '\\');
		if (s.p[i] == '\n')
			out_write(o, S("\\n"));
		else
			out_char(o, s.p[i]);
	}
}

/* Seconds since 1970 of 2026-11-20T10:00:00Z. */
static int64_t seconds(str time)
{
	int64_t part[6] = { 0 };
	static const uint8_t at[] = { 0, 5, 8, 11, 14, 17 };

	for (size_t i = 0; i < COUNT(at); i++)
		str_to_i64(str_sub(time, at[i], at[i] + (i ? 2 : 4)), &part[i]);
	int64_t y = part[0] - (part[1] <= 2), era = y / 400, of_era = y % 400;
	int64_t day = (153 * (part[1] + (part[1] > 2 ? -3 : 9)) + 2) / 5 + part[2] - 1;
	int64_t days = era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + day - 719468;
	return ((days * 24 + part[3]) * 60 + part[4]) * 60 + part[5];
}

/* The first of its drifts; empty without --state. */
static str oldest(const struct diff_object *d)
{
	str first = d->since;

	for (size_t i = 0; i < d->n; i++)
		if (d->p[i].since.n && (!first.n || str_cmp(d->p[i].since, first) < 0))
			first = d->p[i].since;
	return first;
}

static void metric(struct out *o, const struct diff_object *d, const char *name, int64_t value)
{
	out_printf(o, "%s{group=\"", name);
	label_value(o, d->id.group);
	out_write(o, S("\",kind=\""));
	label_value(o, d->id.kind);
	out_write(o, S("\",namespace=\""));
	label_value(o, d->id.ns);
	out_write(o, S("\",name=\""));
	label_value(o, d->id.kind.n ? d->id.name : d->label);
	out_printf(o, "\",change=\"%s\"} %lld\n", verdicts[d->verdict], (long long)value);
}

static void write_metrics(struct out *o, const struct diff *x)
{
	out_write(o, S("# HELP infraflux_drift_objects Objects by what became of them.\n# TYPE infraflux_drift_objects gauge\n"));
	for (size_t v = 0; v < COUNT(verdicts); v++)
		out_printf(o, "infraflux_drift_objects{change=\"%s\"} %zu\n", verdicts[v], x->count[v]);
	out_write(o, S("# HELP infraflux_drift_fields Fields that differ, by object.\n# TYPE infraflux_drift_fields gauge\n"));
	for (size_t i = 0; i < x->objects.n; i++)
		if (x->objects.p[i]->verdict != DIFF_UNCHANGED)
			metric(o, x->objects.p[i], "infraflux_drift_fields", (int64_t)x->objects.p[i]->n);
	if (!x->o->state)
		return;
	out_write(o, S("# HELP infraflux_drift_since_timestamp_seconds When the oldest drift of an object was first seen.\n"
		       "# TYPE infraflux_drift_since_timestamp_seconds gauge\n"));
	for (size_t i = 0; i < x->objects.n; i++)
		if (oldest(x->objects.p[i]).n)
			metric(o, x->objects.p[i], "infraflux_drift_since_timestamp_seconds", seconds(oldest(x->objects.p[i])));
}

bool diff_write(struct report_set *s, str format, struct out *o)
{
	const struct diff_report *r = s->custom_ctx;

	if (str_eq(format, S("text")))
		write_text(s, o, r->diff, r->color && o->fd == 1);
	else if (str_eq(format, S("json")))
		write_json(o, r->diff);
	else if (str_eq(format, S("markdown")))
		write_markdown(o, r->diff);
	else if (str_eq(format, S("metrics")))
		write_metrics(o, r->diff);
	else
		return diff_write_form(r->diff, format, o);
	return true;
}
