/* SPDX-License-Identifier: MIT */
/* Drift as findings: what the exit status and the suite's own reports are made of. */
#include "diff/internal.h"

static str brief(struct arena *a, const struct node *n)
{
	str s = json_text(a, n);

	return s.n > 100 ? str_printf(a, "%.*s…", 97, s.p) : s;
}

static void finding(struct diff *r, const struct diff_object *x, const struct diff_change *c, const char *rule, str message)
{
	struct finding f = { .severity = SEV_ERROR, .rule = rule, .pos = c ? c->pos : x->pos, .message = message, .path = c ? c->pointer : S("") };
	const struct kube_id *id = &x->id;

	f.api_version = id->group.n ? str_printf(r->a, "%.*s/%.*s", STR_ARG(id->group), STR_ARG(id->version)) : id->version;
	f.kind = id->kind;
	f.ns = id->ns;
	f.name = id->name;
	diag_finding(r->d, &f);
}

static void tell_impact(struct diff *r, const struct diff_object *x, const struct diff_change *c)
{
	const char *text;
	enum diff_impact impact = r->o->impact && !r->o->generic ? diff_impact_of(x, c, &text) : IMPACT_NONE;
	struct pos pos = c ? c->pos : x->pos;

	if (impact == IMPACT_NONE)
		return;
	struct finding f = { .severity = impact <= IMPACT_LOSS ? SEV_WARNING : SEV_NOTE, .pos = pos, .path = c ? c->pointer : S("") };
	f.rule = str_printf(r->a, "impact/%s", diff_impact_names[impact]).p;
	f.message = str_printf(r->a, "%.*s%s%.*s: %s", STR_ARG(x->label), c ? " " : "", c ? (int)c->path.n : 0, c ? c->path.p : "", text);
	f.kind = x->id.kind;
	f.ns = x->id.ns;
	f.name = x->id.name;
	diag_finding(r->d, &f);
}

static void tell(struct diff *r, const struct diff_object *x)
{
	if (x->verdict == DIFF_ADDED)
		finding(r, x, NULL, "drift/missing", str_printf(r->a, "%.*s is desired and not there", STR_ARG(x->label)));
	if (x->verdict == DIFF_REMOVED)
		finding(r, x, NULL, "drift/unwanted", str_printf(r->a, "%.*s is there and not desired", STR_ARG(x->label)));
	if (x->verdict == DIFF_REMOVED)
		tell_impact(r, x, NULL);
	for (size_t i = 0; x->verdict == DIFF_CHANGED && i < x->n; i++) {
		const struct diff_change *c = &x->p[i];
		str by = c->manager.n ? str_printf(r->a, ", set by %.*s %.*s", STR_ARG(c->manager), STR_ARG(c->time)) : S("");
		str m = c->op == DIFF_ADD ? str_printf(r->a, "%.*s is missing, desired is %.*s", STR_ARG(c->path), STR_ARG(brief(r->a, c->desired)))
			: c->op == DIFF_REMOVE
				? str_printf(r->a, "%.*s is %.*s, desired is none%.*s", STR_ARG(c->path), STR_ARG(brief(r->a, c->live)), STR_ARG(by))
				: str_printf(r->a, "%.*s is %.*s, desired is %.*s%.*s", STR_ARG(c->path), STR_ARG(brief(r->a, c->live)),
					     STR_ARG(brief(r->a, c->desired)), STR_ARG(by));
		finding(r, x, c, "drift/changed", m);
		tell_impact(r, x, c);
	}
}

void diff_findings(struct diff *r)
{
	for (size_t i = 0; i < r->objects.n; i++)
		tell(r, r->objects.p[i]);
}
