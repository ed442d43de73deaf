/* SPDX-License-Identifier: MIT */
/* What was looked at, by which families of rules, and what was not. */
#include "schema/schema.h"

#include "schema/findings.h"

static void add_count(struct buf *b, size_t n, const char *what)
{
	buf_printf(b, "%zu %s%s", n, what, n == 1 ? "" : "s");
}

/* What the run knows of objects beyond their number. */
static str objects_note(struct arena *a, const struct object_counts *n)
{
	struct buf b = BUF(a);
	buf_printf(&b, "Kubernetes %s", n->version);
	buf_char(&b, ',');
	buf_char(&b, ' ');
	add_count(&b, n->kinds, "kind");
	if (n->crds)
		buf_printf(&b, ", %zu of %zu kinds of CRDs used", n->crds_used, n->crds);
	if (n->unknown) {
		buf_add(&b, S(", "));
		add_count(&b, n->unknown, "object");
		buf_add(&b, S(" of unknown kind not checked"));
	}
	return buf_str(&b);
}

static const char *state(const struct coverage *c)
{
	return !c->on ? "off" : !c->looked_at ? "no input" : "ran";
}

static void family_text(struct buf *b, const struct coverage *c)
{
	buf_printf(b, "coverage: %s: ", c->name);
	if (!c->on) {
		buf_printf(b, "off (%s turns it on)\n", c->option);
		return;
	}
	if (c->looked_at) {
		buf_add(b, S("ran over "));
		add_count(b, c->looked_at, c->what);
	} else {
		buf_printf(b, "no input: there was no %s", c->what);
	}
	if (c->note.n)
		buf_printf(b, " (%.*s)", STR_ARG(c->note));
	if (c->off.n)
		buf_printf(b, "; turned off: %.*s", STR_ARG(c->off));
	buf_char(b, '\n');
}

static void family_json(struct out *o, const struct coverage *c)
{
	out_printf(o, "{\"family\":\"%s\",\"state\":\"%s\",\"option\":\"%s\",\"looked_at\":%zu,\"of\":\"%ss\",\"turned_off\":", c->name, state(c), c->option, c->looked_at,
		   c->what);
	json_string(o, c->off);
	out_write(o, S(",\"note\":"));
	json_string(o, c->note);
	out_char(o, '}');
}

static void gather(const struct findings *f, const struct objects *objects, struct arena *a, struct coverage out[FAMILY_COUNT])
{
	findings_coverage(f, a, out);
	if (!objects)
		return;
	struct object_counts n = objects_counts(objects);
	out[FAMILY_KUBERNETES].note = objects_note(a, &n);
	if (out[FAMILY_CEL].looked_at)
		out[FAMILY_CEL].note = S("met, none of them evaluated");
}

str coverage_text(struct arena *a, const struct findings *f, const struct objects *objects)
{
	struct coverage c[FAMILY_COUNT];
	struct suppressions s = findings_suppressions(f);
	struct buf b = BUF(a);
	gather(f, objects, a, c);
	for (int i = 0; i < FAMILY_COUNT; i++)
		family_text(&b, &c[i]);
	buf_printf(&b, "coverage: suppressions: %zu given, %zu used\n", s.given, s.used);
	return buf_str(&b);
}

int coverage_write(struct arena *a, struct diag *d, const char *path, const struct findings *f, const struct objects *objects)
{
	struct coverage c[FAMILY_COUNT];
	struct suppressions s = findings_suppressions(f);
	struct out *o = out_open(a, d, path);
	if (!o)
		return -1;
	gather(f, objects, a, c);
	out_write(o, S("{\"families\":["));
	for (int i = 0; i < FAMILY_COUNT; i++) {
		out_write(o, i ? S(",\n ") : S("\n "));
		family_json(o, &c[i]);
	}
	out_printf(o, "],\n \"suppressions\":{\"given\":%zu,\"used\":%zu}}\n", s.given, s.used);
	return out_close(o);
}
