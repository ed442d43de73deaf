/* SPDX-License-Identifier: MIT */
/* Workloads: selectors that must match their own pods, strategies, and what jobs may say of their indexes and failures. */
#include "schema/rules.h"

#include <string.h>

#define FIELD(map, name) rule_get((map), S(name))
#define TEXT(map, name) node_get_str((map), S(name))

static bool in_list(const struct node *list, str value)
{
	for (size_t i = 0; i < rule_items(list); i++)
		if (str_eq(rule_text(list->items[i]), value))
			return true;
	return false;
}

static bool expression_holds(const struct node *e, const struct node *labels)
{
	str op = TEXT(e, "operator");
	const struct node *value = node_get(labels, TEXT(e, "key"));
	if (str_eq(op, S("In")))
		return value && in_list(FIELD(e, "values"), rule_text(value));
	if (str_eq(op, S("NotIn")))
		return !value || !in_list(FIELD(e, "values"), rule_text(value));
	return str_eq(op, S("Exists")) ? value != NULL : str_eq(op, S("DoesNotExist")) ? !value : true;
}

bool rules_selected(const struct node *selector, const struct node *labels)
{
	const struct node *match = FIELD(selector, "matchLabels"), *expressions = FIELD(selector, "matchExpressions");
	for (size_t i = 0; node_is(match, NODE_MAP) && i < match->n; i++) {
		const struct node *have = node_get(labels, entry_key(&match->entries[i]));
		if (!have || !str_eq(rule_text(have), rule_text(match->entries[i].value)))
			return false;
	}
	for (size_t i = 0; i < rule_items(expressions); i++)
		if (!expression_holds(expressions->items[i], labels))
			return false;
	return true;
}

static void check_selector(struct rules *r)
{
	struct node *selector = rule_path(r->object, "spec.selector"), *labels = rule_path(r->object, "spec.template.metadata.labels");
	const struct node *match = FIELD(selector, "matchLabels"), *expressions = FIELD(selector, "matchExpressions");
	if (!node_is(selector, NODE_MAP))
		return;
	if (!(node_is(match, NODE_MAP) && match->n) && !rule_items(expressions)) {
		rule(r, "api/selector", SEV_ERROR, selector, "the selector must not be empty");
		return;
	}
	for (size_t i = 0; node_is(match, NODE_MAP) && i < match->n; i++) {
		const struct entry *e = &match->entries[i];
		const struct node *have = node_get(labels, entry_key(e));
		if (!have || !str_eq(rule_text(have), rule_text(e->value)))
			rule(r, "api/selector", SEV_ERROR, e->value, "the pod template has %s%.*s%s: its labels must match the selector",
			     have ? "\"" : "no label \"", STR_ARG(have ? rule_text(have) : entry_key(e)), have ? "\" there" : "\"");
	}
	for (size_t i = 0; i < rule_items(expressions); i++)
		if (!expression_holds(expressions->items[i], labels))
			rule(r, "api/selector", SEV_ERROR, expressions->items[i], "the labels of the pod template do not match this expression");
}

bool rules_zero(const struct node *n)
{
	int64_t v;
	return n && (node_to_i64(n, &v) ? v == 0 : str_eq(rule_text(n), S("0%")));
}

/* ---- how pods are replaced -------------------------------------------------------- */
static void check_deployment(struct rules *r)
{
	struct node *spec = FIELD(r->object, "spec"), *strategy = FIELD(spec, "strategy"), *rolling = FIELD(strategy, "rollingUpdate");
	const struct node *deadline = FIELD(spec, "progressDeadlineSeconds"), *ready = FIELD(spec, "minReadySeconds");
	int64_t seconds = 600, least = 0;
	if (node_is(rolling, NODE_MAP) && str_eq(TEXT(strategy, "type"), S("Recreate")))
		rule_key(r, "api/strategy", strategy, S("rollingUpdate"), "must not be set where the type is Recreate");
	if (rules_zero(FIELD(rolling, "maxSurge")) && rules_zero(FIELD(rolling, "maxUnavailable")))
		rule(r, "api/strategy", SEV_ERROR, FIELD(rolling, "maxUnavailable"), "must not be 0 where maxSurge is 0 too");
	if ((deadline && !node_to_i64(deadline, &seconds)) || (ready && !node_to_i64(ready, &least)) || seconds > least || least < 0)
		return;
	if (deadline)
		rule(r, "api/range", SEV_ERROR, deadline, "must be above minReadySeconds (%lld), found %lld", (long long)least, (long long)seconds);
	else
		rule(r, "api/range", SEV_ERROR, ready, "must be below progressDeadlineSeconds (600 where it is not set), found %lld", (long long)least);
}

static void check_stateful(struct rules *r)
{
	const struct node *strategy = rule_path(r->object, "spec.updateStrategy"), *rolling = FIELD(strategy, "rollingUpdate");
	const struct node *most = FIELD(rolling, "maxUnavailable"), *name = rule_path(r->object, "metadata.name");
	if (rolling && str_eq(TEXT(strategy, "type"), S("OnDelete")))
		rule_key(r, "api/strategy", strategy, S("rollingUpdate"), "must not be set where the type is OnDelete");
	if (rules_zero(most))
		rule(r, "api/strategy", SEV_ERROR, most, "must not be 0");
	if (str_chr(rule_text(name), '.') >= 0)
		rule(r, "api/name", SEV_ERROR, name, "the name of a StatefulSet has no dots: its pods are named after it, found \"%.*s\"", STR_ARG(rule_text(name)));
}

static void check_daemon(struct rules *r)
{
	const struct node *strategy = rule_path(r->object, "spec.updateStrategy"), *rolling = FIELD(strategy, "rollingUpdate");
	const struct node *surge = FIELD(rolling, "maxSurge"), *most = FIELD(rolling, "maxUnavailable");
	if (!rolling || str_eq(TEXT(strategy, "type"), S("OnDelete")))
		return;
	if (rules_zero(most) && (!surge || rules_zero(surge)))
		rule(r, "api/strategy", SEV_ERROR, most, "must not be 0 where maxSurge is 0 too");
	if (surge && !rules_zero(surge) && !rules_zero(most))
		rule(r, "api/strategy", SEV_ERROR, surge, "goes with maxUnavailable: 0 only (it is 1 where it is not set)");
}

/* ---- jobs --------------------------------------------------------------------------- */
/* "0,2-3": ranges in order, below `end`; how many indexes, or what is wrong. */
static const char *check_indexes(str s, int64_t end, int64_t *count)
{
	int64_t last = -1, from, to;
	*count = 0;
	for (bool more = true; more;) {
		ptrdiff_t comma = str_chr(s, ','), dash;
		str part = comma < 0 ? s : str_sub(s, 0, (size_t)comma);
		more = comma >= 0;
		s = more ? str_sub(s, (size_t)comma + 1, s.n) : s;
		dash = str_chr(part, '-');
		if (!str_to_i64(dash < 0 ? part : str_sub(part, 0, (size_t)dash), &from) || (dash >= 0 && !str_to_i64(str_sub(part, (size_t)dash + 1, part.n), &to)))
			return "expected indexes as in 0,2-5";
		if (from <= last || (dash >= 0 && to <= from))
			return "indexes rise, each is there once";
		last = dash < 0 ? from : to;
		if (last >= end)
			return "indexes are below spec.completions";
		*count += last - from + 1;
	}
	return NULL;
}

static void check_success(struct rules *r, const struct node *spec, int64_t completions)
{
	const struct node *rules = rule_path(spec, "successPolicy.rules");
	for (size_t i = 0; i < rule_items(rules); i++) {
		const struct node *indexes = FIELD(rules->items[i], "succeededIndexes"), *number = FIELD(rules->items[i], "succeededCount");
		int64_t count = completions, want;
		const char *wrong = rule_text(indexes).n ? check_indexes(rule_text(indexes), completions, &count) : NULL;
		if (wrong)
			rule(r, "api/job", SEV_ERROR, indexes, "%s", wrong);
		else if (node_to_i64(number, &want) && want > count)
			rule(r, "api/job", SEV_ERROR, number, "must be at most %lld, as many as there are indexes", (long long)count);
	}
}

static void check_indexed(struct rules *r, const struct node *spec)
{
	static const char *const fields[] = { "backoffLimitPerIndex", "maxFailedIndexes", "successPolicy" };
	const struct node *completions = FIELD(spec, "completions"), *parallel = FIELD(spec, "parallelism"), *failed = FIELD(spec, "maxFailedIndexes");
	const struct node *name = rule_path(r->object, "metadata.name");
	int64_t n = 0, v;
	if (!str_eq(TEXT(spec, "completionMode"), S("Indexed"))) {
		rules_forbidden(r, spec, fields, COUNT(fields), "needs completionMode: Indexed");
		return;
	}
	if (!completions)
		rule(r, "api/required", SEV_ERROR, FIELD(spec, "completionMode"), "Indexed needs completions");
	if (!node_to_i64(completions, &n))
		return;
	if (node_to_i64(parallel, &v) && v > 100000)
		rule(r, "api/range", SEV_ERROR, parallel, "must be at most 100000 for an Indexed job, found %lld", (long long)v);
	if (node_to_i64(failed, &v) && v > n)
		rule(r, "api/range", SEV_ERROR, failed, "must be at most completions (%lld), found %lld", (long long)n, (long long)v);
	if (failed && !FIELD(spec, "backoffLimitPerIndex"))
		rule(r, "api/required", SEV_ERROR, failed, "needs backoffLimitPerIndex");
	if (str_eq(r->id.kind, S("Job")) && rule_text(name).n && rule_text(name).n + str_printf(r->a, "-%lld", (long long)(n > 0 ? n - 1 : 0)).n > 63)
		rule(r, "api/name", SEV_ERROR, name, "the name is too long: its pods are named NAME-INDEX, which has at most 63 characters");
	check_success(r, spec, n);
}

static bool has_container(const struct node *pod, str name)
{
	static const char *const lists[] = { "containers", "initContainers" };
	for (size_t k = 0; k < COUNT(lists); k++) {
		const struct node *list = rule_get(pod, str_of(lists[k]));
		for (size_t i = 0; i < rule_items(list); i++)
			if (str_eq(TEXT(list->items[i], "name"), name))
				return true;
	}
	return false;
}

static void check_failures(struct rules *r, const struct node *spec, const struct node *pod)
{
	const struct node *policy = FIELD(spec, "podFailurePolicy"), *rules = FIELD(policy, "rules"), *restart = FIELD(pod, "restartPolicy");
	const struct node *replace = FIELD(spec, "podReplacementPolicy");
	if (!policy)
		return;
	if (restart && !str_eq(rule_text(restart), S("Never")))
		rule(r, "api/restart-policy", SEV_ERROR, restart, "must be Never where there is a podFailurePolicy");
	if (str_eq(rule_text(replace), S("TerminatingOrFailed")))
		rule(r, "api/job", SEV_ERROR, replace, "must be Failed where there is a podFailurePolicy");
	for (size_t i = 0; i < rule_items(rules); i++) {
		const struct node *name = FIELD(FIELD(rules->items[i], "onExitCodes"), "containerName");
		if (str_eq(TEXT(rules->items[i], "action"), S("FailIndex")) && !FIELD(spec, "backoffLimitPerIndex"))
			rule(r, "api/job", SEV_ERROR, FIELD(rules->items[i], "action"), "FailIndex needs backoffLimitPerIndex");
		if (rule_text(name).n && !has_container(pod, rule_text(name)))
			rule(r, "api/job", SEV_ERROR, name, "there is no container \"%.*s\"", STR_ARG(rule_text(name)));
	}
}

static void check_job(struct rules *r, const struct node *spec)
{
	const struct node *selector = FIELD(spec, "selector"), *manual = FIELD(spec, "manualSelector"), *pod = rule_path(spec, "template.spec");
	bool cron = str_eq(r->id.kind, S("CronJob"));
	if (!node_is(spec, NODE_MAP))
		return;
	if (cron && node_true(manual))
		rule(r, "api/selector", SEV_ERROR, manual, "must not be true in a CronJob: its jobs select their own pods");
	else if (!node_true(manual) && selector)
		rule_key(r, "api/selector", spec, S("selector"), "must not be set without manualSelector: true: a job selects its own pods");
	else if (node_true(manual) && !selector)
		rule(r, "api/required", SEV_ERROR, manual, "needs a selector");
	else if (node_true(manual) && !rules_selected(selector, rule_path(spec, "template.metadata.labels")))
		rule(r, "api/selector", SEV_ERROR, selector, "the labels of the pod template do not match this");
	check_indexed(r, spec);
	check_failures(r, spec, pod);
}

void rules_workload(struct rules *r)
{
	static const char *const kinds[] = { "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet" };
	static void (*const checks[])(struct rules *r) = { check_deployment, NULL, check_stateful, check_daemon };
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (str_eq(r->id.kind, str_of(kinds[i])) && str_eq(r->id.group, S("apps"))) {
			check_selector(r);
			if (checks[i])
				checks[i](r);
		}
	if (str_eq(r->id.group, S("batch")) && str_eq(r->id.kind, S("Job")))
		check_job(r, FIELD(r->object, "spec"));
	if (str_eq(r->id.group, S("batch")) && str_eq(r->id.kind, S("CronJob")))
		check_job(r, rule_path(r->object, "spec.jobTemplate.spec"));
}
