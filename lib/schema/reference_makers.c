/* SPDX-License-Identifier: MIT */
/* Objects that are not given, but may come of those that are: of charts and folders that controllers apply, of operators. */
#include "schema/references.h"

#include <string.h>

struct maker {
	str kind, ns, name;
	bool applies; /* charts, folders: what it makes can be anything */
	struct map named;  /* names that stand in it */
	struct map labels; /* "key=value" that stand in it */
};
struct makers {
	struct arena *a;
	struct { struct maker *p; size_t n, cap; } list;
	struct map namespaces; /* that objects are given of */
	struct { str *p; size_t n, cap; } claims; /* "data-db-" of a StatefulSet's templates */
};

struct makers *makers_new(struct arena *a)
{
	struct makers *m = NEW(a, struct makers);
	m->a = a;
	return m;
}

/* Without a namespace an object goes wherever the stream is applied to. */
static bool near(str x, str y)
{
	return !x.n || !y.n || str_eq(x, y);
}

/* ---- gathering -------------------------------------------------------------------- */
/* Kinds that bring in what is written elsewhere, and where they say into which namespace. */
static const struct applier {
	const char *kind, *group, *target;
	bool own; /* else into its own; or into any */
} appliers[] = {
	{ "HelmRelease", "helm.toolkit.fluxcd.io", "spec.targetNamespace", true },
	{ "Kustomization", "kustomize.toolkit.fluxcd.io", "spec.targetNamespace", false },
	{ "ResourceSet", "fluxcd.controlplane.io", NULL, false },
	{ "FluxInstance", "fluxcd.controlplane.io", NULL, true },
	{ "Application", "argoproj.io", "spec.destination.namespace", false },
	{ "ApplicationSet", "argoproj.io", NULL, false },
	{ "HelmChart", "helm.cattle.io", "spec.targetNamespace", true },
	{ "Bundle", "fleet.cattle.io", NULL, false },
	{ "GitRepo", "fleet.cattle.io", NULL, false },
	{ "App", "kappctrl.k14s.io", NULL, false },
	{ "PackageInstall", "packaging.carvel.dev", NULL, false },
};

static const struct applier *applier_of(const struct rules *r)
{
	for (size_t i = 0; i < COUNT(appliers); i++)
		if (str_eq(r->id.kind, str_of(appliers[i].kind)) && str_eq(r->id.group, str_of(appliers[i].group)))
			return &appliers[i];
	return NULL;
}

/* Custom resources that make no objects of the kinds that others refer to. */
static bool is_passive(const struct rules *r)
{
	static const char *const groups[] = { "networking.istio.io", "security.istio.io", "telemetry.istio.io", "traefik.io", "cilium.io", "kyverno.io", "keda.sh",
		"grafana.integreatly.org", "source.toolkit.fluxcd.io", "notification.toolkit.fluxcd.io", "image.toolkit.fluxcd.io", "external-secrets.io",
		"cert-manager.io", "bitnami.com", "gateway.envoyproxy.io", "velero.io", "metallb.io" };
	static const char *const monitors[] = { "Prometheus", "PrometheusAgent", "Alertmanager", "ThanosRuler" };
	bool monitoring = str_eq(r->id.group, S("monitoring.coreos.com"));
	for (size_t i = 0; i < COUNT(groups); i++)
		if (str_eq(r->id.group, str_of(groups[i])))
			return !str_eq(r->id.kind, S("ClusterExternalSecret"));
	for (size_t i = 0; monitoring && i < COUNT(monitors); i++)
		monitoring = !str_eq(r->id.kind, str_of(monitors[i]));
	return monitoring;
}

static void take_labels(struct makers *m, struct maker *to, const struct node *map)
{
	for (size_t i = 0; node_is(map, NODE_MAP) && i < map->n; i++)
		if (map->entries[i].value->kind == NODE_STRING)
			*map_at(m->a, &to->labels, str_printf(m->a, "%.*s=%.*s", STR_ARG(entry_key(&map->entries[i])), STR_ARG(node_text(map->entries[i].value)))) = to;
}

static bool is_name_field(str key)
{
	return str_ends(key, S("ame")) || str_find(key, S("ecret")) >= 0 || str_find(key, S("onfigMap")) >= 0;
}

static void take_below(struct makers *m, struct maker *to, const struct node *n)
{
	for (size_t i = 0; n->kind == NODE_SEQ && i < n->n; i++)
		if (n->items[i]->kind >= NODE_SEQ)
			take_below(m, to, n->items[i]);
	for (size_t i = 0; n->kind == NODE_MAP && i < n->n; i++) {
		const struct entry *e = &n->entries[i];
		if (str_ends(entry_key(e), S("abels")))
			take_labels(m, to, e->value);
		if (e->value->kind >= NODE_SEQ)
			take_below(m, to, e->value);
		else if (e->value->kind == NODE_STRING && is_name_field(entry_key(e)))
			*map_at(m->a, &to->named, str_copy(m->a, node_text(e->value))) = to;
	}
}

static void take_claims(struct makers *m, const struct rules *r)
{
	const struct node *list = rule_path(r->object, "spec.volumeClaimTemplates");
	for (size_t i = 0; i < rule_items(list); i++)
		*VEC_ADD(m->a, &m->claims) = str_printf(m->a, "%.*s-%.*s-", STR_ARG(rule_text(rule_path(list->items[i], "metadata.name"))), STR_ARG(r->id.name));
}

void makers_add(struct makers *m, const struct rules *r)
{
	const struct applier *applier = applier_of(r);
	bool custom = str_chr(r->id.group, '.') >= 0 && !str_ends(r->id.group, S(".k8s.io"));
	str target = applier && applier->target ? rule_text(rule_path(r->object, applier->target)) : (str){ 0 };

	if (r->id.ns.n && !map_get(&m->namespaces, r->id.ns))
		*map_at(m->a, &m->namespaces, str_copy(m->a, r->id.ns)) = m;
	if (str_eq(r->id.kind, S("StatefulSet")))
		take_claims(m, r);
	if (!custom || is_passive(r))
		return;
	struct maker *to = VEC_ADD(m->a, &m->list);
	*to = (struct maker){ .kind = str_copy(m->a, r->id.kind), .name = str_copy(m->a, r->id.name), .applies = applier != NULL };
	to->ns = str_copy(m->a, applier ? (target.n ? target : applier->own ? r->id.ns : (str){ 0 }) : r->id.ns);
	if (!applier)
		take_below(m, to, r->object);
}

/* ---- asking ------------------------------------------------------------------------ */
/* db-rw, db-app: what operators call what they make for db; alertmanager-operated. */
static bool called_after(const struct maker *m, str name)
{
	bool begins = m->name.n > 1 && str_starts(name, m->name) && (name.n == m->name.n || name.p[m->name.n] == '-');
	return begins || (str_ends(name, S("-operated")) && str_eq(str_sub(name, 0, name.n - 9), m->kind)) ||
	       (str_ends(name, S("-operated")) && (str_eq(m->kind, S("Prometheus")) || str_eq(m->kind, S("Alertmanager")) || str_eq(m->kind, S("ThanosRuler"))));
}

str makers_of_name(const struct makers *m, str kind, str name, str ns)
{
	bool anywhere = str_starts(kind, S("Cluster"));
	for (size_t i = 0; str_eq(kind, S("PersistentVolumeClaim")) && i < m->claims.n; i++)
		if (str_starts(name, m->claims.p[i]))
			return S("a StatefulSet");
	for (size_t i = 0; i < m->list.n; i++) {
		const struct maker *one = &m->list.p[i];
		if ((anywhere && one->applies) || (near(one->ns, ns) && (one->applies || called_after(one, name) || map_get(&one->named, name))))
			return str_printf(m->a, "the %.*s \"%.*s\"", STR_ARG(one->kind), STR_ARG(one->name));
	}
	return (str){ "", 0 };
}

str makers_of_pods(const struct makers *m, str key, str value, str ns)
{
	str label = str_printf(m->a, "%.*s=%.*s", STR_ARG(key), STR_ARG(value));
	for (size_t i = 0; i < m->list.n; i++) {
		const struct maker *one = &m->list.p[i];
		if (near(one->ns, ns) && (one->applies || str_eq(one->name, value) || map_get(&one->labels, label)))
			return str_printf(m->a, "the %.*s \"%.*s\"", STR_ARG(one->kind), STR_ARG(one->name));
	}
	return (str){ "", 0 };
}

bool makers_see(const struct makers *m, str ns)
{
	return map_get(&m->namespaces, ns) != NULL;
}
