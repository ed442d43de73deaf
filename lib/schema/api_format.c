/* SPDX-License-Identifier: MIT */
/* Texts as the API server's validation wants them beyond the published schema: names, addresses, paths, amounts. */
#include "schema/internal.h"
#include "kube/kube.h"

#include <string.h>

static bool lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool alnum(char c)
{
	return lower(c) || upper(c) || digit(c);
}

/* ---- names ---------------------------------------------------------------------- */
static bool dns_label(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!lower(s.p[i]) && !digit(s.p[i]) && (s.p[i] != '-' || !i || i + 1 == s.n))
			return false;
	return s.n > 0 && s.n <= 63;
}

static bool rfc1035_label(str s)
{
	return dns_label(s) && lower(s.p[0]);
}

/* Labels with dots between them; `fold`: capitals are as good; `more`: another character that may stand anywhere, or 0. */
static bool labels(str s, bool fold, char more)
{
	if (!s.n || s.n > 253)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool edge = !i || i + 1 == s.n || s.p[i - 1] == '.' || s.p[i + 1] == '.';
		if (!lower(c) && !digit(c) && !(fold && upper(c)) && !(more && c == more) && ((c != '-' && c != '.') || edge))
			return false;
	}
	return true;
}

static bool dns_subdomain(str s)
{
	return labels(s, false, 0);
}

/* Letters, digits, - _ . with a letter or digit at both ends. */
static bool word(str s, size_t most)
{
	for (size_t i = 0; i < s.n; i++)
		if (!alnum(s.p[i]) && (!strchr("-_.", s.p[i]) || !s.p[i] || !i || i + 1 == s.n))
			return false;
	return s.n > 0 && s.n <= most;
}

static bool label_value(str s)
{
	return !s.n || word(s, 63);
}

static bool prefixed(str s, bool fold)
{
	ptrdiff_t slash = str_chr(s, '/');
	if (slash >= 0 && !labels(str_sub(s, 0, (size_t)slash), fold, 0))
		return false;
	return word(slash < 0 ? s : str_sub(s, (size_t)slash + 1, s.n), 63);
}

static bool qualified_name(str s)
{
	return prefixed(s, false);
}

static bool any_case_name(str s)
{
	return prefixed(s, true);
}

static bool finalizer(str s)
{
	return qualified_name(s) && (str_chr(s, '/') > 0 || str_eq(s, S("kubernetes")) || str_eq(s, S("orphan")) || str_eq(s, S("foregroundDeletion")));
}

static bool node_value(str s) /* a label, or the name of a node */
{
	return label_value(s) || dns_subdomain(s);
}

static bool env_name(str s) /* printable, but "=" */
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 0x20 || s.p[i] > 0x7E || s.p[i] == '=')
			return false;
	return s.n > 0;
}

static bool env_prefix(str s)
{
	return !s.n || env_name(s);
}

static bool config_key(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!alnum(s.p[i]) && (!s.p[i] || !strchr("-_.", s.p[i])))
			return false;
	return s.n > 0 && s.n <= 253 && !str_eq(s, S(".")) && !str_starts(s, S(".."));
}

static bool port_name(str s)
{
	bool letter = false;
	for (size_t i = 0; i < s.n; i++) {
		bool dash = s.p[i] == '-';
		letter |= lower(s.p[i]);
		if (!lower(s.p[i]) && !digit(s.p[i]) && !(dash && i && i + 1 < s.n && s.p[i - 1] != '-'))
			return false;
	}
	return letter && s.n <= 15;
}

static bool port(str s)
{
	int64_t v;
	return str_to_i64(s, &v) ? v >= 0 && v <= 65535 : port_name(s);
}

static bool probe_port(str s)
{
	int64_t v;
	return port(s) && !(str_to_i64(s, &v) && v == 0);
}

static bool path_segment(str s)
{
	return !str_eq(s, S(".")) && !str_eq(s, S("..")) && str_chr(s, '/') < 0 && str_chr(s, '%') < 0;
}

static bool domain_path(str s) /* acme.io/foo */
{
	ptrdiff_t slash = str_chr(s, '/');
	for (size_t i = slash < 0 ? 0 : (size_t)slash; i < s.n; i++)
		if (!alnum(s.p[i]) && (!s.p[i] || !strchr("/-._~%!$&'()*+,;=:", s.p[i])))
			return false;
	return s.n <= 250 && slash > 0 && (size_t)slash + 1 < s.n && dns_subdomain(str_sub(s, 0, (size_t)slash));
}

static bool absolute_path(str s)
{
	return str_starts(s, S("/"));
}

static bool name_prefix(str s)
{
	while (str_ends(s, S("-")))
		s = str_sub(s, 0, s.n - 1);
	return dns_subdomain(s);
}

static bool ip(str s)
{
	return format_ipv4(s) || format_ipv6(s);
}

static bool reachable(str s)
{
	return !api_address_range(s);
}

static bool reachable_ip(str s)
{
	return ip(s) && reachable(s);
}

static bool cidr(str s)
{
	struct api_network n;
	return api_network(s, &n);
}

static bool whole_network(str s)
{
	struct api_network n;
	return api_network(s, &n) && n.whole;
}

static bool source_range(str s) /* spaces around it do not matter */
{
	return whole_network(str_trim(s));
}

static bool source_range_or_host(str s)
{
	return cidr(str_trim(s));
}

static bool no_backsteps(str s)
{
	str rest = s;
	while (rest.n) {
		ptrdiff_t slash = str_chr(rest, '/');
		str part = str_sub(rest, 0, slash < 0 ? rest.n : (size_t)slash);
		if (str_eq(part, S("..")))
			return false;
		rest = str_sub(rest, part.n + 1, rest.n);
	}
	return true;
}

static bool relative_path(str s)
{
	return !str_starts(s, S("/")) && no_backsteps(s);
}

static bool plain_path(str s) /* a file in a volume: names that begin with ".." are the kubelet's */
{
	return relative_path(s) && !str_starts(s, S(".."));
}

static bool pool_name(str s) /* names/with/slashes */
{
	while (true) {
		ptrdiff_t slash = str_chr(s, '/');
		if (!dns_subdomain(str_sub(s, 0, slash < 0 ? s.n : (size_t)slash)))
			return false;
		if (slash < 0)
			return true;
		s = str_sub(s, (size_t)slash + 1, s.n);
	}
}

static bool service_path(str s) /* of a webhook: /names/with/slashes */
{
	if (!s.n || str_eq(s, S("/")))
		return true;
	if (s.p[0] != '/' || str_eq(s, S("//")))
		return false;
	return pool_name(str_sub(s, 1, s.n - (s.n > 1 && s.p[s.n - 1] == '/')));
}

static bool webhook_url(str s)
{
	str rest = str_sub(s, 8, s.n);
	ptrdiff_t slash = str_chr(rest, '/');
	str host = slash < 0 ? rest : str_sub(rest, 0, (size_t)slash);
	return str_starts(s, S("https://")) && host.n && str_chr(host, '@') < 0 && str_chr(s, '?') < 0 && str_chr(s, '#') < 0 && str_chr(s, ' ') < 0;
}

static bool search_domain(str s)
{
	return str_eq(s, S(".")) || labels(str_sub(s, 0, s.n - str_ends(s, S("."))), false, '_');
}

static bool external_name(str s)
{
	return dns_subdomain(str_sub(s, 0, s.n - str_ends(s, S("."))));
}

static bool host_ports(str s)
{
	while (true) {
		ptrdiff_t comma = str_chr(s, ',');
		str one = str_sub(s, 0, comma < 0 ? s.n : (size_t)comma);
		ptrdiff_t colon = str_chr(one, ':');
		if (colon < 0 || (size_t)colon + 1 >= one.n)
			return false;
		if (comma < 0)
			return true;
		s = str_sub(s, (size_t)comma + 1, s.n);
	}
}

static bool header_name(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!alnum(s.p[i]) && s.p[i] != '-')
			return false;
	return s.n > 0;
}

static bool sysctl(str s) /* names of a-z, 0-9, - and _ with . or / between them */
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool edge = !i || i + 1 == s.n || strchr("./", s.p[i - 1]) || strchr("./", s.p[i + 1]);
		if (!lower(c) && !digit(c) && (edge || !c || !strchr("-_./", c)))
			return false;
	}
	return s.n > 0 && s.n <= 253;
}

static bool iqn(str s) /* of a storage target: iqn.2001-04.com.example:name, eui. and 16, naa. and 32 */
{
	size_t dots = 0;
	if (str_starts(s, S("eui.")) || str_starts(s, S("naa."))) {
		for (size_t i = 4; i < s.n; i++)
			if (!alnum(s.p[i]))
				return false;
		return s.n == (s.p[0] == 'e' ? 20 : 36);
	}
	ptrdiff_t colon = str_chr(s, ':');
	if (!str_starts(s, S("iqn.")) || colon < 13 || (size_t)colon + 1 >= s.n)
		return false;
	for (size_t i = 4; i < 11; i++)
		dots += i == 8 ? s.p[i] == '-' : digit(s.p[i]);
	for (size_t i = 12; i < (size_t)colon; i++)
		if (!alnum(s.p[i]) && s.p[i] != '-' && s.p[i] != '.')
			return false;
	return dots == 7 && s.p[11] == '.';
}

static bool trimmed(str s)
{
	return str_trim(s).n == s.n;
}

static bool given(str s)
{
	return str_trim(s).n > 0;
}

static bool one_line(str s)
{
	return str_chr(s, '\n') < 0 && str_chr(s, '\r') < 0 && (!s.n || given(s));
}

static bool group_version(str s)
{
	ptrdiff_t slash = str_chr(s, '/');
	return slash < 0 || str_chr(str_sub(s, (size_t)slash + 1, s.n), '/') < 0;
}

/* ---- amounts --------------------------------------------------------------------- */
static bool from_0(str s)
{
	int order;
	return !kube_quantity_cmp(str_trim(s), S("0"), &order) || order >= 0;
}

static bool above_0(str s)
{
	int order;
	return !kube_quantity_cmp(str_trim(s), S("0"), &order) || order > 0;
}

static bool percent(str s)
{
	for (size_t i = 0; i + 1 < s.n; i++)
		if (!digit(s.p[i]))
			return false;
	return s.n > 1 && s.p[s.n - 1] == '%';
}

static bool share(str s) /* at most 100% */
{
	int64_t v;
	return percent(s) && str_to_i64(str_sub(s, 0, s.n - 1), &v) && v <= 100;
}

static bool ingress_host(str s)
{
	return !s.n || dns_subdomain(str_starts(s, S("*.")) ? str_sub(s, 2, s.n) : s);
}

static bool given_host(str s)
{
	return s.n && ingress_host(s);
}

static bool not_negative(str s)
{
	int64_t v;
	return !str_to_i64(s, &v) || v >= 0;
}

/* The name of a CSI driver. */
static bool driver_name(str s)
{
	return s.n <= 63 && labels(s, true, 0);
}

static bool request_name(str s) /* of a claim: a request, or one of its alternatives */
{
	ptrdiff_t slash = str_chr(s, '/');
	return slash < 0 ? dns_label(s) : dns_label(str_sub(s, 0, (size_t)slash)) && dns_label(str_sub(s, (size_t)slash + 1, s.n));
}

static bool kind_name_valid(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!alnum(s.p[i]) && (s.p[i] != '-' || i + 1 == s.n))
			return false;
	return s.n > 0 && s.n <= 63 && (lower(s.p[0]) || upper(s.p[0]));
}

static bool namespace_or_all(str s)
{
	return str_eq(s, S("*")) || dns_label(s);
}

static bool domain_name(str s) /* acme.io/name */
{
	return str_chr(s, '/') > 0 && qualified_name(s);
}

static const struct api_format formats[] = {
	{ "dns-label", dns_label, "a name of a-z, 0-9 and - (no - at its ends), at most 63 characters", true, NULL },
	{ "optional-label", dns_label, "empty, or a name of a-z, 0-9 and - (no - at its ends), at most 63 characters", false, NULL },
	{ "driver-name", driver_name, "a driver's name of letters, digits, - and ., at most 63 characters", false, NULL },
	{ "request-name", request_name, "the name of a request, or request/alternative", true, NULL },
	{ "domain-name", domain_name, "a name with a domain before it (acme.io/name)", false, NULL },
	{ "kind-name", kind_name_valid, "a kind of letters, digits and -, that begins with a letter, at most 63 characters", true, NULL },
	{ "pool-name", pool_name, "names of a-z, 0-9, - and . with / between them", true, NULL },
	{ "namespace-or-all", namespace_or_all, "a namespace, or *", true, NULL },
	{ "given-cidr", cidr, "a network (192.0.2.0/24)", true, NULL },
	{ "given-host", given_host, "a host name of lower case, perhaps *.example.org", true, NULL },
	{ "rfc1035-label", rfc1035_label, "a name of a-z, 0-9 and - that begins with a letter, at most 63 characters", false, NULL },
	{ "dns-subdomain", dns_subdomain, "a name of a-z, 0-9, - and . (each part with a letter or digit at its ends), at most 253 characters", false, NULL },
	{ "name-prefix", name_prefix, "the beginning of a name of a-z, 0-9, - and .", false, NULL },
	{ "label-value", label_value, "at most 63 letters, digits, - _ . with a letter or digit at both ends", false, NULL },
	{ "qualified-name", qualified_name, "[prefix.domain/]name, of letters, digits, - _ .", false, NULL },
	{ "env-name", env_name, "the name of a variable: printable, without \"=\"", false, NULL },
	{ "env-prefix", env_prefix, "the beginning of a variable's name: printable, without \"=\"", false, NULL },
	{ "config-key", config_key, "a key of letters, digits, - _ . at most 253 characters long", false, NULL },
	{ "port-name", port_name, "a port name: at most 15 of a-z, 0-9 and -, with a letter", false, NULL },
	{ "port", port, "a port number (1 to 65535) or a port name", false, port_name },
	{ "probe-port", probe_port, "a port number (1 to 65535) or a port name", true, port_name },
	{ "path-segment", path_segment, "a name without / and %", false, NULL },
	{ "domain-path", domain_path, "a path below a domain (acme.io/foo)", false, NULL },
	{ "absolute-path", absolute_path, "a path that begins with /", false, NULL },
	{ "ip", ip, "an IP address", false, NULL },
	{ "cidr", cidr, "a network (192.0.2.0/24)", false, NULL },
	{ "no-backsteps", no_backsteps, "a path without \"..\"", false, NULL },
	{ "relative-path", relative_path, "a relative path without \"..\"", false, NULL },
	{ "ingress-host", ingress_host, "a host name of lower case, perhaps *.example.org", false, NULL },
	{ "count-or-percent", not_negative, "a number, or a percentage as a text (25%)", true, percent },
	{ "count-or-share", not_negative, "a number, or a percentage up to 100% as a text (25%)", true, share },
	{ "cron", api_cron, "a schedule of five fields (*/15 * * * *)", false, NULL },
	{ "re2", api_re2, "a regular expression of RE2 (no lookahead, no references)", false, NULL },
	{ "spec-path", api_spec_path, "a path that begins with .spec.", false, NULL },
	{ "status-path", api_status_path, "a path that begins with .status.", false, NULL },
	{ "spec-or-status-path", api_own_path, "a path that begins with .spec. or .status.", false, NULL },
	{ "dot-path", api_dot_path, "a path that begins with .", false, NULL },
	{ "micro-time", api_micro_time, "a time with six figures after the second (2006-01-02T15:04:05.000000Z)", false, NULL },
	{ "time-zone", api_time_zone, "a time zone by its name (Europe/Berlin, Etc/UTC)", true, NULL },
	{ "any-case-name", any_case_name, "[prefix.domain/]name, of letters, digits, - _ .", true, NULL },
	{ "finalizer", finalizer, "a name with a domain before it (acme.io/name)", false, NULL },
	{ "node-value", node_value, "at most 63 letters, digits, - _ . with a letter or digit at both ends", false, NULL },
	{ "given-ip", ip, "an IP address", true, NULL },
	{ "reachable", reachable, "an address outside of the loopback, link-local and multicast ranges", false, NULL },
	{ "reachable-ip", reachable_ip, "an IP address outside of the loopback, link-local and multicast ranges", true, NULL },
	{ "whole-network", whole_network, "a network without bits beyond its prefix (192.0.2.0/24)", false, NULL },
	{ "given-whole-network", whole_network, "a network without bits beyond its prefix (192.0.2.0/24)", true, NULL },
	{ "source-range", source_range, "a network without bits beyond its prefix (192.0.2.0/24)", true, NULL },
	{ "source-range-or-host", source_range_or_host, "a network (192.0.2.0/24)", true, NULL },
	{ "plain-path", plain_path, "a relative path without \"..\" that does not begin with \"..\"", false, NULL },
	{ "service-path", service_path, "a path of names of a-z, 0-9, - and . with / before each", false, NULL },
	{ "webhook-url", webhook_url, "https://HOST[/PATH], without user, query and fragment", true, NULL },
	{ "search-domain", search_domain, "a domain of a-z, 0-9, - _ and .", true, NULL },
	{ "external-name", external_name, "a domain of a-z, 0-9, - and .", false, NULL },
	{ "host-ports", host_ports, "HOST:PORT, or several with commas between them", false, NULL },
	{ "header-name", header_name, "the name of a header: letters, digits and -", true, NULL },
	{ "sysctl", sysctl, "names of a-z, 0-9, - and _ with . between them", false, NULL },
	{ "iqn", iqn, "a name of a storage target (iqn.2001-04.com.example:disk)", false, NULL },
	{ "trimmed", trimmed, "a text without spaces at its ends", false, NULL },
	{ "given", given, "a text", true, NULL },
	{ "one-line", one_line, "one line that is not blank", false, NULL },
	{ "group-version", group_version, "GROUP/VERSION or VERSION", false, NULL },
	{ "quantity-from-0", from_0, "an amount that is not negative", false, NULL },
	{ "quantity-above-0", above_0, "an amount above 0", false, NULL },
};

const struct api_format *api_format_find(str name)
{
	for (size_t i = 0; i < COUNT(formats); i++)
		if (str_eq(name, str_of(formats[i].name)))
			return &formats[i];
	return NULL;
}

