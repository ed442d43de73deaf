/* SPDX-License-Identifier: MIT */
/* What the API asks of services, endpoints, routes and policies beyond their schema. */
#include "schema/rules.h"
#include "schema/internal.h"

#include <string.h>

#define FIELD(map, name) rule_get((map), S(name))
#define TEXT(map, name) node_get_str((map), S(name))

/* ---- addresses --------------------------------------------------------------------- */
static bool is_v6(str s)
{
	return str_chr(s, ':') >= 0;
}

/* IPv4 as four numbers of at most three digits, without leading zeros. */
static bool is_v4(str s)
{
	size_t parts = 0;
	while (s.n || parts == 0) {
		ptrdiff_t dot = str_chr(s, '.');
		str part = str_sub(s, 0, dot < 0 ? s.n : (size_t)dot);
		int64_t v;
		if (!part.n || part.n > 3 || (part.n > 1 && part.p[0] == '0') || !str_to_i64(part, &v) || v < 0 || v > 255)
			return false;
		parts++;
		if (dot < 0)
			return parts == 4;
		s = str_sub(s, (size_t)dot + 1, s.n);
	}
	return false;
}

static void check_slice(struct rules *r)
{
	const struct node *ports = FIELD(r->object, "ports"), *endpoints = FIELD(r->object, "endpoints");
	str type = TEXT(r->object, "addressType");
	struct map names = { 0 };
	rule_unique(r, &names, ports, "name", "port");
	size_t nameless = 0;
	for (size_t i = 0; i < rule_items(ports); i++)
		nameless += !TEXT(ports->items[i], "name").n;
	if (nameless > 1)
		rule(r, "api/duplicate", SEV_ERROR, ports, "only one port may be without a name");
	for (size_t i = 0; i < rule_items(endpoints); i++) {
		const struct node *list = FIELD(endpoints->items[i], "addresses"), *hints = FIELD(endpoints->items[i], "hints");
		struct map zones = { 0 }, nodes = { 0 };
		rule_unique(r, &zones, FIELD(hints, "forZones"), "name", "zone");
		rule_unique(r, &nodes, FIELD(hints, "forNodes"), "name", "node");
		for (size_t k = 0; k < rule_items(list); k++) {
			str a = rule_text(list->items[k]);
			if (str_eq(type, S("FQDN")) && !api_format_find(S("dns-subdomain"))->valid(a))
				rule(r, "api/format", SEV_ERROR, list->items[k], "expected a DNS name, as the addressType says");
			if (str_eq(type, S("IPv4")) && !is_v4(a))
				rule(r, "api/format", SEV_ERROR, list->items[k], "expected an IPv4 address, as the addressType says");
			if (str_eq(type, S("IPv6")) && !is_v6(a))
				rule(r, "api/format", SEV_ERROR, list->items[k], "expected an IPv6 address, as the addressType says");
		}
	}
}

static void check_endpoints(struct rules *r)
{
	const struct node *subsets = FIELD(r->object, "subsets");
	for (size_t i = 0; i < rule_items(subsets); i++) {
		const struct node *s = subsets->items[i], *ports = FIELD(s, "ports");
		if (!rule_items(FIELD(s, "addresses")) && !rule_items(FIELD(s, "notReadyAddresses")))
			rule(r, "api/required", SEV_ERROR, s, "a subset needs addresses or notReadyAddresses");
		for (size_t k = 0; k < rule_items(ports); k++)
			if (ports->n > 1 && !TEXT(ports->items[k], "name").n)
				rule(r, "api/required", SEV_ERROR, ports->items[k], "a name is required where there is more than one port");
	}
}

static void check_families(struct rules *r, const struct node *list)
{
	if (rule_items(list) > 2 || (rule_items(list) == 2 && is_v6(rule_text(list->items[0])) == is_v6(rule_text(list->items[1]))))
		rule(r, "api/duplicate", SEV_ERROR, list, "at most one network of each family, IPv4 and IPv6");
}

static void check_cidrs(struct rules *r)
{
	check_families(r, rule_path(r->object, "spec.cidrs"));
}

static void check_node_networks(struct rules *r)
{
	check_families(r, rule_path(r->object, "spec.podCIDRs"));
}

static void check_address(struct rules *r)
{
	const struct node *name = rule_path(r->object, "metadata.name");
	if (rule_text(name).n && !is_v4(rule_text(name)) && !is_v6(rule_text(name)))
		rule(r, "api/name", SEV_ERROR, name, "the name of an IPAddress is that address, found \"%.*s\"", STR_ARG(rule_text(name)));
}

/* Numbers of which each is there once. */
static void check_taken(struct rules *r, struct map *seen, const struct node *at, str what)
{
	void **slot = map_at(r->a, seen, what);
	if (*slot)
		rule(r, "api/duplicate", SEV_ERROR, at, "a second %.*s (the first is on line %u)", STR_ARG(what), (unsigned)((const struct node *)*slot)->line);
	else
		*slot = (void *)at;
}

/* ---- services ------------------------------------------------------------------- */
/* What goes with some types only. */
static void check_type(struct rules *r, const struct node *spec, str type)
{
	static const char *const none[] = { "clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy" };
	static const char *const balancer[] = { "loadBalancerClass", "allocateLoadBalancerNodePorts", "loadBalancerSourceRanges" };
	bool balanced = str_eq(type, S("LoadBalancer")), external = str_eq(type, S("ExternalName"));
	bool outside = balanced || str_eq(type, S("NodePort"));
	const struct node *policy = FIELD(spec, "externalTrafficPolicy"), *health = FIELD(spec, "healthCheckNodePort");
	for (size_t i = 0; external && i < COUNT(none); i++) {
		const struct node *v = rule_get(spec, str_of(none[i]));
		if (v && v->n)
			rule_key(r, "api/service", spec, str_of(none[i]), "must not be set where the type is ExternalName");
	}
	for (size_t i = 0; !balanced && i < COUNT(balancer); i++) {
		const struct node *v = rule_get(spec, str_of(balancer[i]));
		if (v && (v->n || v->kind == NODE_BOOL))
			rule_key(r, "api/service", spec, str_of(balancer[i]), "goes with the type LoadBalancer only");
	}
	if (rule_text(policy).n && !outside && !rule_items(FIELD(spec, "externalIPs")))
		rule(r, "api/service", SEV_ERROR, policy, "goes with the types NodePort and LoadBalancer only");
	if (health && !rules_zero(health) && !(balanced && str_eq(rule_text(policy), S("Local"))))
		rule(r, "api/service", SEV_ERROR, health, "goes with the type LoadBalancer and externalTrafficPolicy: Local only");
	if (!balanced && rule_get(rule_path(r->object, "metadata.annotations"), S("service.beta.kubernetes.io/load-balancer-source-ranges")))
		rule(r, "api/service", SEV_ERROR, rule_get(rule_path(r->object, "metadata.annotations"), S("service.beta.kubernetes.io/load-balancer-source-ranges")),
		     "goes with the type LoadBalancer only");
	if (external && !TEXT(spec, "externalName").n)
		rule(r, "api/required", SEV_ERROR, spec, "the type ExternalName needs an externalName");
}

static void check_addresses(struct rules *r, const struct node *spec)
{
	const struct node *one = FIELD(spec, "clusterIP"), *all = FIELD(spec, "clusterIPs"), *families = FIELD(spec, "ipFamilies"), *policy = FIELD(spec, "ipFamilyPolicy");
	const struct node *first = rule_items(all) ? all->items[0] : NULL;
	struct map seen = { 0 };
	if (rule_text(one).n && !str_eq(rule_text(one), S("None")) && !format_ipv4(rule_text(one)) && !format_ipv6(rule_text(one)))
		rule(r, "api/format", SEV_ERROR, one, "expected an IP address or None, found \"%.*s\"", STR_ARG(rule_text(one)));
	if (first && !str_eq(rule_text(first), rule_text(one)))
		rule(r, "api/service", SEV_ERROR, first, rule_text(one).n ? "must be the clusterIP" : "goes with the same address as clusterIP only");
	check_families(r, all);
	for (size_t i = 0; i < rule_items(families); i++) {
		void **slot = map_at(r->a, &seen, rule_text(families->items[i]));
		if (*slot)
			rule(r, "api/duplicate", SEV_ERROR, families->items[i], "is there twice");
		*slot = families->items[i];
	}
	if (str_eq(rule_text(policy), S("SingleStack")) && (rule_items(families) > 1 || rule_items(all) > 1))
		rule(r, "api/service", SEV_ERROR, policy, "must be PreferDualStack or RequireDualStack where there are two families");
}

static void check_service(struct rules *r)
{
	const struct node *spec = FIELD(r->object, "spec"), *ports = FIELD(spec, "ports");
	str type = TEXT(spec, "type");
	bool external = str_eq(type, S("ExternalName")), headless = str_eq(TEXT(spec, "clusterIP"), S("None"));
	bool outside = str_eq(type, S("NodePort")) || str_eq(type, S("LoadBalancer"));
	struct map names = { 0 }, numbers = { 0 };
	if (!node_is(spec, NODE_MAP))
		return;
	check_type(r, spec, type);
	check_addresses(r, spec);
	if (!external && !headless && !rule_items(ports))
		rule(r, "api/required", SEV_ERROR, ports ? ports : spec, "a Service needs ports, unless it is headless or an ExternalName");
	if (headless && outside)
		rule(r, "api/service", SEV_ERROR, FIELD(spec, "clusterIP"), "must not be None where the type is %.*s", STR_ARG(type));
	rule_unique(r, &names, ports, "name", "port");
	for (size_t i = 0; i < rule_items(ports); i++) {
		const struct node *p = ports->items[i], *number = FIELD(p, "port"), *node_port = FIELD(p, "nodePort");
		if (ports->n > 1 && node_is(p, NODE_MAP) && !TEXT(p, "name").n)
			rule(r, "api/required", SEV_ERROR, p, "a name is required where there is more than one port");
		if (node_port && !outside && !rules_zero(node_port))
			rule(r, "api/service", SEV_ERROR, node_port, "goes with the types NodePort and LoadBalancer only");
		str protocol = TEXT(p, "protocol").n ? TEXT(p, "protocol") : S("TCP");
		check_taken(r, &numbers, number, str_printf(r->a, "port %.*s/%.*s", STR_ARG(rule_text(number)), STR_ARG(protocol)));
		if (node_port && !rules_zero(node_port))
			check_taken(r, &numbers, node_port, str_printf(r->a, "nodePort %.*s/%.*s", STR_ARG(rule_text(node_port)), STR_ARG(protocol)));
	}
}

/* ---- routes and policies ------------------------------------------------------------ */
static void check_backend(struct rules *r, const struct node *backend)
{
	static const char *const kinds[] = { "service", "resource" };
	static const char *const ports[] = { "name", "number" };
	const struct node *service = FIELD(backend, "service"), *port = FIELD(service, "port");
	rule_one_of(r, backend, kinds, COUNT(kinds), true, "a backend");
	const struct node *kind = FIELD(FIELD(backend, "resource"), "kind");
	if (kind && !rule_text(kind).n)
		rule(r, "api/required", SEV_ERROR, kind, "must not be empty");
	if (service && !port)
		rule(r, "api/required", SEV_ERROR, service, "the backend's port (name or number) is required");
	rule_one_of(r, port, ports, COUNT(ports), true, "the backend's port");
}

static void check_path(struct rules *r, const struct node *p, const struct node *path)
{
	static const char *const parts[] = { "//", "/./", "/../", "%2f", "%2F" }, *const ends[] = { "/..", "/." };
	bool exact = !str_eq(TEXT(p, "pathType"), S("ImplementationSpecific"));
	if (!str_starts(rule_text(path), S("/")) && (exact || rule_text(path).n))
		rule(r, "api/ingress", SEV_ERROR, path ? path : p, "the path must begin with /");
	for (size_t i = 0; exact && i < COUNT(parts); i++)
		if (str_find(rule_text(path), str_of(parts[i])) >= 0)
			rule(r, "api/ingress", SEV_ERROR, path, "must not contain \"%s\" where the pathType is %.*s", parts[i], STR_ARG(TEXT(p, "pathType")));
	for (size_t i = 0; exact && i < COUNT(ends); i++)
		if (str_ends(rule_text(path), str_of(ends[i])))
			rule(r, "api/ingress", SEV_ERROR, path, "must not end with \"%s\" where the pathType is %.*s", ends[i], STR_ARG(TEXT(p, "pathType")));
}

static void check_ingress(struct rules *r)
{
	const struct node *spec = FIELD(r->object, "spec"), *rules = FIELD(spec, "rules"), *class = FIELD(spec, "ingressClassName");
	str old = TEXT(rule_path(r->object, "metadata.annotations"), "kubernetes.io/ingress.class");
	if (class && old.n && !str_eq(old, rule_text(class)))
		rule(r, "api/ingress", SEV_ERROR, class, "the annotation kubernetes.io/ingress.class names another class, \"%.*s\"", STR_ARG(old));
	if (node_is(spec, NODE_MAP) && !rule_items(rules) && !FIELD(spec, "defaultBackend"))
		rule(r, "api/required", SEV_ERROR, spec, "an Ingress needs rules or a defaultBackend");
	if (FIELD(spec, "defaultBackend"))
		check_backend(r, FIELD(spec, "defaultBackend"));
	for (size_t i = 0; i < rule_items(rules); i++) {
		struct node *paths = rule_path(rules->items[i], "http.paths"), *host = FIELD(rules->items[i], "host");
		if (format_ipv4(rule_text(host)))
			rule(r, "api/ingress", SEV_ERROR, host, "must be a DNS name, no address");
		for (size_t k = 0; k < rule_items(paths); k++) {
			const struct node *p = paths->items[k], *path = FIELD(p, "path");
			if (FIELD(p, "backend"))
				check_backend(r, FIELD(p, "backend"));
			if (node_is(p, NODE_MAP))
				check_path(r, p, path);
		}
	}
}

static void check_network_policy(struct rules *r)
{
	static const char *const directions[][2] = { { "ingress", "from" }, { "egress", "to" } };
	static const char *const peers[] = { "podSelector", "namespaceSelector", "ipBlock" };
	const struct node *types = rule_path(r->object, "spec.policyTypes");
	if (rule_items(types) > 2)
		rule(r, "api/duplicate", SEV_ERROR, types, "at most two, Ingress and Egress");
	for (size_t d = 0; d < COUNT(directions); d++) {
		const struct node *list = node_get(FIELD(r->object, "spec"), str_of(directions[d][0]));
		for (size_t i = 0; i < rule_items(list); i++) {
			const struct node *to = node_get(list->items[i], str_of(directions[d][1])), *ports = FIELD(list->items[i], "ports");
			for (size_t k = 0; k < rule_items(to); k++) {
				const struct node *p = to->items[k];
				size_t have = 0;
				for (size_t j = 0; j < COUNT(peers); j++)
					have += rule_get(p, str_of(peers[j])) != NULL;
				if (!have)
					rule(r, "api/network-policy", SEV_ERROR, p, "a peer needs podSelector, namespaceSelector or ipBlock");
				if (FIELD(p, "ipBlock") && have > 1)
					rule(r, "api/network-policy", SEV_ERROR, FIELD(p, "ipBlock"), "stands alone: no selectors beside it");
			}
			for (size_t k = 0; k < rule_items(ports); k++) {
				int64_t from, end;
				const struct node *p = ports->items[k], *last = FIELD(p, "endPort");
				if (node_to_i64(last, &end) && (!node_to_i64(FIELD(p, "port"), &from) || node_is(FIELD(p, "port"), NODE_STRING) || end < from))
					rule(r, "api/network-policy", SEV_ERROR, last, "needs a numeric port that is not above it");
			}
		}
	}
}

void rules_network(struct rules *r)
{
	static const struct { const char *group, *kind; void (*check)(struct rules *r); } kinds[] = {
		{ "", "Service", check_service }, { "", "Endpoints", check_endpoints }, { "discovery.k8s.io", "EndpointSlice", check_slice },
		{ "networking.k8s.io", "Ingress", check_ingress }, { "networking.k8s.io", "NetworkPolicy", check_network_policy },
		{ "networking.k8s.io", "ServiceCIDR", check_cidrs }, { "networking.k8s.io", "IPAddress", check_address }, { "", "Node", check_node_networks },
	};
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (str_eq(r->id.kind, str_of(kinds[i].kind)) && str_eq(r->id.group, str_of(kinds[i].group)))
			kinds[i].check(r);
}
