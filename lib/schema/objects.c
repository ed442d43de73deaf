/* SPDX-License-Identifier: MIT */
/* Kubernetes objects against the API's schemas: the kind decides which. */
#include "schema/schema.h"
#include "schema/findings.h"
#include "schema/references.h"

#include <stdlib.h>
#include <string.h>

#define OBJECT_META "#/$defs/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"

struct objects {
	struct arena *a;
	struct kube_schemas *schemas;
	struct schema_set *set;
	struct schema_checker *checker;
	struct object_options options;
	struct map compiled; /* "group/version/kind" to struct known_kind */
	int minor;	     /* of the release: 1.N */
	struct references *references;
	struct findings *findings;
	struct diag *diag;
	size_t checked, unknown;
};

struct known_kind {
	const struct schema *schema; /* NULL: it does not compile, reported */
	struct kube_kind facts;
	struct node *structural; /* of a CRD */
};

struct objects *objects_new(struct arena *a, struct diag *d, struct kube_schemas *k, const struct object_options *o, struct findings *f)
{
	struct schema_options none = { .no_meta = true };
	struct objects *x = NEW(a, struct objects);

	x->a = a;
	x->findings = f;
	x->diag = d;
	x->schemas = k;
	x->options = *o;
	x->minor = atoi(strchr(kube_schemas_version(k), '.') + 1);
	x->set = schema_set_new(a, d, &none);
	x->checker = schema_checker_new(x->set, d);
	if (o->explain)
		schema_checker_explain(x->checker);
	x->references = o->references ? references_new(a) : NULL;
	return x;
}

void objects_free(struct objects *x)
{
	if (!x)
		return;
	schema_checker_free(x->checker);
	schema_set_free(x->set);
}

static struct node *resolve(void *ctx, str ref)
{
	return kube_schema_ref(ctx, ref);
}

/* NULL: no such kind. */
static const struct known_kind *kind_for(struct objects *x, const struct kube_id *id)
{
	char room[512];
	size_t n = id->group.n + id->version.n + id->kind.n + 2;

	if (n > sizeof(room))
		return NULL;
	char *p = room;
	str parts[] = { id->group, id->version, id->kind };
	for (size_t i = 0; i < COUNT(parts); i++) {
		if (i)
			*p++ = '/';
		if (parts[i].n)
			memcpy(p, parts[i].p, parts[i].n);
		p += parts[i].n;
	}
	str key = { room, n };
	struct known_kind *kind = map_get(&x->compiled, key), fresh = { 0 };
	if (kind)
		return kind;
	struct node *schema = kube_schema_kind(x->schemas, id->group, id->version, id->kind, &fresh.facts);
	if (!schema)
		return NULL;
	struct schema_kube k = { resolve, x->schemas, fresh.facts.crd, fresh.facts.preserve, kube_schema_ref(x->schemas, S(OBJECT_META)) };
	kind = NEW(x->a, struct known_kind);
	*kind = fresh;
	kind->structural = fresh.facts.crd ? schema : NULL;
	kind->schema = schema_compile_kube(x->set, schema, &k);
	if (kind->schema)
		*map_at(x->a, &x->compiled, str_copy(x->a, key)) = kind;
	return kind;
}

/* ---- kinds that are not there --------------------------------------------- */
static void split_key(str key, str *group, str *version, str *kind)
{
	size_t i = (size_t)str_chr(key, '/');
	str rest = str_sub(key, i + 1, key.n);
	size_t j = (size_t)str_chr(rest, '/');

	*group = str_sub(key, 0, i);
	*version = str_sub(rest, 0, j);
	*kind = str_sub(rest, j + 1, rest.n);
}

/* What was probably meant: the same kind in another version or group, or a kind with nearly that name. */
static str suggestion(struct objects *x, struct arena *a, const struct kube_id *id, bool *elsewhere)
{
	str *keys, group, version, kind, here = { 0 }, other = { 0 };
	size_t n = kube_schema_list(a, x->schemas, &keys), names = 0;
	str *near = NEW_ARRAY(a, str, n + 1);

	for (size_t i = 0; i < n; i++) {
		split_key(keys[i], &group, &version, &kind);
		str api = group.n ? str_printf(a, "%.*s/%.*s", STR_ARG(group), STR_ARG(version)) : version;
		if (str_eq(kind, id->kind))
			*(str_eq(group, id->group) ? &here : &other) = api;
		near[names++] = kind;
	}
	*elsewhere = here.n || other.n;
	if (*elsewhere)
		return str_printf(a, "; %.*s has it", STR_ARG(here.n ? here : other));
	str best = str_nearest(id->kind, near, names);
	return best.n ? str_printf(a, "; did you mean %.*s?", STR_ARG(best)) : S("; give its CustomResourceDefinition with --crds, or --ignore-missing");
}

static void finding(struct objects *x, enum severity severity, struct node *object, const struct kube_id *id, struct pos pos, const char *rule, str path, str message)
{
	struct finding f = { .severity = severity, .rule = rule, .pos = pos, .message = message, .path = path };

	kube_finding_id(&f, object, id);
	findings_put(x->findings, &f);
}

static void unknown_kind(struct objects *x, struct arena *a, struct node *object, const struct kube_id *id)
{
	str api = node_get_str(object, S("apiVersion"));
	const char *removed = rules_removed(a, id, x->minor);

	str what = str_printf(a, "%.*s of %.*s", STR_ARG(id->kind), STR_ARG(api)), hint;
	bool elsewhere;

	hint = suggestion(x, a, id, &elsewhere);
	str field = removed || elsewhere ? S("apiVersion") : S("kind"), path = str_printf(a, "/%.*s", STR_ARG(field));
	struct pos pos = node_pos(node_get(object, field));
	if (removed && x->options.ignore_missing)
		finding(x, SEV_WARNING, object, id, pos, "api/removed", S("/apiVersion"),
			str_printf(a, "%.*s was removed in Kubernetes %s%.*s", STR_ARG(what), removed, STR_ARG(hint)));
	else if (removed)
		finding(x, SEV_ERROR, object, id, pos, "unknown-kind", S("/apiVersion"),
			str_printf(a, "%.*s was removed in Kubernetes %s%.*s", STR_ARG(what), removed, STR_ARG(hint)));
	else if (!x->options.ignore_missing)
		finding(x, SEV_ERROR, object, id, pos, "unknown-kind", path,
			str_printf(a, "no schema for the kind %.*s in Kubernetes %s%.*s", STR_ARG(what), kube_schemas_version(x->schemas), STR_ARG(hint)));
}

/* A copy that outlives the document, and the reader that made it. */
static void keep_source(struct objects *x, struct node *n, const struct source *old, const struct source *kept)
{
	if (n->source && n->source != old) {
		struct source *own = NEW(x->a, struct source);
		old = n->source;
		own->name = old->name;
		own->layer = old->layer;
		kept = own;
	}
	n->source = n->source ? kept : NULL;
	n->tag = 0;
	for (size_t i = 0; n->kind >= NODE_SEQ && i < n->n; i++)
		keep_source(x, n->kind == NODE_MAP ? n->entries[i].value : n->items[i], old, kept);
}

static struct node *keep(struct objects *x, const struct node *n)
{
	struct node *copy = node_copy(x->a, n);
	keep_source(x, copy, NULL, NULL);
	return copy;
}

/* A version of the kind that is past alpha and beta: "apps/v1". */
static str newer_version(struct objects *x, struct arena *a, const struct kube_id *id)
{
	str *keys, group, version, kind;
	size_t n = kube_schema_list(a, x->schemas, &keys);

	for (size_t i = 0; i < n; i++) {
		split_key(keys[i], &group, &version, &kind);
		if (str_eq(kind, id->kind) && str_eq(group, id->group) && str_find(version, S("alpha")) < 0 && str_find(version, S("beta")) < 0)
			return str_printf(a, "%.*s/%.*s", STR_ARG(group), STR_ARG(version));
	}
	return (str){ 0 };
}

/* Versions that are on their way out, of the API's and of CRDs'. */
static void check_version(struct objects *x, struct rules *r, const struct known_kind *kind)
{
	bool early = str_find(r->id.version, S("alpha")) >= 0 || str_find(r->id.version, S("beta")) >= 0;
	str warning = kind->facts.warning;

	r->newer = early && !kind->facts.crd ? newer_version(x, r->a, &r->id) : (str){ 0 };
	if (!kind->facts.crd)
		rules_deprecated(r);
	else if (kind->facts.deprecated)
		rule(r, "api/deprecated", SEV_WARNING, node_get(r->object, S("apiVersion")), "%.*s",
		     STR_ARG(warning.n ? warning : S("its CustomResourceDefinition says that this version is deprecated")));
}

/* ---- findings that follow from others ------------------------------------------ */
struct told { /* by the schema, of one object */
	const struct schema_error *p;
	size_t n;
	struct findings *to;
};

static str parent_of(str pointer)
{
	while (pointer.n && pointer.p[pointer.n - 1] != '/')
		pointer.n--;
	return str_sub(pointer, 0, pointer.n ? pointer.n - 1 : 0);
}

/* A value that the schema refuses already; what is missing where a field has a wrong name. */
static bool follows(const struct told *t, const struct finding *f)
{
	static const char *const absent[] = { "api/one-of", "api/required", "api/name", "api/selector" };
	bool missing = false;

	for (size_t i = 0; i < COUNT(absent); i++)
		missing |= strcmp(f->rule, absent[i]) == 0;
	for (size_t i = 0; i < t->n; i++) {
		str up = parent_of(t->p[i].path);
		bool unknown = strcmp(t->p[i].rule, "unknown-field") == 0;
		if (!unknown && str_eq(t->p[i].path, f->path))
			return true;
		if (unknown && missing && (str_eq(up, f->path) || str_eq(up, parent_of(f->path))))
			return true;
	}
	return false;
}

static void put_if_new(void *ctx, const struct finding *f)
{
	const struct told *t = ctx;

	if (!follows(t, f))
		findings_put(t->to, f);
}

/* Kind, apiversion: a key that was meant to be the one that is missing. */
static const struct entry *misspelt_identity(const struct node *object)
{
	str want = node_get(object, S("apiVersion")) ? S("kind") : S("apiVersion");

	for (size_t i = 0; node_is(object, NODE_MAP) && i < object->n; i++)
		if (!node_get(object, want) && str_nearest(entry_key(&object->entries[i]), &want, 1).n)
			return &object->entries[i];
	return NULL;
}

/* ---- one object ------------------------------------------------------------- */
static int check_object(struct objects *x, struct arena *a, struct node *object, struct scalars *scalars)
{
	struct kube_id id;
	const char *why;

	size_t before = findings_errors(x->findings);
	if (!kube_identify(object, &id, &why)) {
		const struct entry *meant = misspelt_identity(object);
		str hint = meant ? str_printf(a, "; did you mean \"%s\" by \"%.*s\"?", node_get(object, S("apiVersion")) ? "kind" : "apiVersion", STR_ARG(entry_key(meant))) : (str){ "", 0 };
		finding(x, SEV_ERROR, object, &id, meant ? entry_pos(meant) : node_pos(object), "no-object", (str){ "", 0 },
			str_printf(a, "this is no Kubernetes object: it %s%.*s", why, STR_ARG(hint)));
		return findings_errors(x->findings) == before;
	}
	if (str_eq(id.kind, S("CustomResourceDefinition")) && kube_schemas_add_crd(x->schemas, keep(x, object), NULL))
		return -1; /* what follows may be of its kind */
	struct rules r = { .a = a, .object = object, .id = id, .minor = x->minor, .put = findings_put, .ctx = x->findings, .diag = x->diag };
	if (x->references)
		references_add(x->references, &r);
	const struct known_kind *kind = kind_for(x, &id);
	if (kind && !kind->schema)
		return -1;
	if (kind && kind->facts.unserved) {
		finding(x, SEV_ERROR, object, &id, node_pos(node_get(object, S("apiVersion"))), "unknown-kind", S("/apiVersion"),
			str_printf(a, "the CustomResourceDefinition of %.*s does not serve the version %.*s", STR_ARG(id.kind), STR_ARG(id.version)));
		return 0;
	}
	findings_count(x->findings, FAMILY_KUBERNETES, 1);
	x->checked += kind != NULL;
	x->unknown += !kind;
	if (!kind) {
		unknown_kind(x, a, object, &id);
		return findings_errors(x->findings) == before;
	}
	const struct schema_error *e = NULL;
	size_t n = 0;
	struct node *seen = kind->structural ? crd_without_nulls(a, object, kind->structural) : object;
	if (schema_check(x->checker, kind->schema, seen, &e, &n) < 0)
		return -1;
	str who = n ? kube_id_text(a, &id) : (str){ 0 };
	for (size_t i = 0; i < n; i++)
		finding(x, SEV_ERROR, object, &id, e[i].pos, e[i].rule, e[i].path, str_printf(a, "%.*s (%.*s)", STR_ARG(e[i].message), STR_ARG(who)));
	findings_count(x->findings, FAMILY_API, 1);
	struct told told = { e, n, x->findings };
	r.put = put_if_new;
	r.ctx = &told;
	r.built_in = !kind->facts.crd;
	check_version(x, &r, kind);
	rules_kinds(&r);
	rules_network(&r);
	rules_admin(&r);
	rules_workload(&r);
	rules_pod(&r);
	if (str_eq(id.kind, S("CustomResourceDefinition")) && findings_errors(x->findings) == before)
		crd_check_defaults(&r, x->schemas);
	if (scalars)
		scalars_ask(scalars, x->checker, kind->schema, seen);
	return findings_errors(x->findings) == before;
}

struct visit {
	struct objects *x;
	struct arena *scratch;
	struct scalars *scalars;
	size_t *checked;
	int worst;
};

static int visit(void *ctx, struct node *object)
{
	struct visit *v = ctx;
	int got = check_object(v->x, v->scratch, object, v->scalars);

	(*v->checked)++;
	if (got < v->worst)
		v->worst = got;
	return got < 0 ? -1 : 0;
}

int objects_check(struct objects *x, struct arena *scratch, struct node *doc, struct scalars *scalars, size_t *checked)
{
	struct visit v = { x, scratch, scalars, checked, 1 };

	if (doc->kind == NODE_NULL)
		return 1;
	if (kube_flatten(scratch, doc, visit, &v))
		return -1;
	return v.worst;
}

struct object_counts objects_counts(const struct objects *x)
{
	struct object_counts n = { kube_schemas_version(x->schemas), x->checked, x->unknown, x->compiled.n, 0, 0 };

	n.crds = kube_schemas_crds(x->schemas, &n.crds_used);
	return n;
}

/* Their CEL rules, each at its own place in the CRD. */
static void list_cel(struct objects *x, struct node *const *rules, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		str text = node_get_str(rules[i], S("rule")), message = node_get_str(rules[i], S("message"));
		struct finding f = { .severity = SEV_NOTE, .rule = "cel-not-evaluated", .pos = node_pos(rules[i]) };
		f.message = str_printf(x->a, "not evaluated: %.*s%s%.*s%s", STR_ARG(text), message.n ? " (" : "", STR_ARG(message), message.n ? ")" : "");
		findings_put(x->findings, &f);
	}
}

void objects_end(struct objects *x)
{
	struct node *const *rules;
	size_t cel = schema_cel_rules(x->set, &rules);
	struct finding f = { .severity = SEV_WARNING, .rule = "cel-not-evaluated" };

	findings_count(x->findings, FAMILY_CEL, cel);
	if (x->unknown && !x->checked) {
		struct finding none = { .severity = SEV_WARNING, .rule = "nothing-matched",
					.message = str_printf(x->a, "nothing was checked: no object is of a known kind (%zu looked at); give their CustomResourceDefinitions with --crds", x->unknown) };
		if (x->options.ignore_missing)
			findings_put(x->findings, &none);
	}
	if (cel) {
		if (x->options.list_cel)
			list_cel(x, rules, cel);
		f.message = str_printf(x->a, "%zu CEL rule%s of the CustomResourceDefinitions in use %s not evaluated", cel, cel == 1 ? "" : "s",
				       cel == 1 ? "is" : "are");
		findings_put(x->findings, &f);
	}
	if (!x->references)
		return;
	findings_count(x->findings, FAMILY_REFERENCES, references_count(x->references));
	references_end(x->references, findings_put, x->findings);
}
