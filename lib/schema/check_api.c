/* SPDX-License-Identifier: MIT */
/* Values as the API server's validation wants them beyond the published schema (lib/kube/data/values.txt). */
#include "schema/internal.h"

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

static bool dns_subdomain(str s)
{
	if (!s.n || s.n > 253)
		return false;
	for (size_t start = 0; start <= s.n;) {
		size_t end = start;
		while (end < s.n && s.p[end] != '.')
			end++;
		str label = str_sub(s, start, end);
		for (size_t i = 0; i < label.n; i++)
			if (!lower(label.p[i]) && !digit(label.p[i]) && (label.p[i] != '-' || !i || i + 1 == label.n))
				return false;
		if (!label.n)
			return false;
		start = end + 1;
	}
	return true;
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

static bool qualified_name(str s)
{
	ptrdiff_t slash = str_chr(s, '/');
	if (slash >= 0 && !dns_subdomain(str_sub(s, 0, (size_t)slash)))
		return false;
	return word(slash < 0 ? s : str_sub(s, (size_t)slash + 1, s.n), 63);
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

static bool cidr(str s)
{
	ptrdiff_t slash = str_chr(s, '/');
	int64_t bits;
	if (slash < 0 || !str_to_i64(str_sub(s, (size_t)slash + 1, s.n), &bits) || bits < 0)
		return false;
	str address = str_sub(s, 0, (size_t)slash);
	return (format_ipv4(address) && bits <= 32) || (format_ipv6(address) && bits <= 128);
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

static bool ingress_host(str s)
{
	return !s.n || dns_subdomain(str_starts(s, S("*.")) ? str_sub(s, 2, s.n) : s);
}

static bool given_host(str s)
{
	return s.n && ingress_host(s);
}

static bool count_or_percent(str s)
{
	int64_t v;
	str digits = str_ends(s, S("%")) ? str_sub(s, 0, s.n - 1) : s;
	return str_to_i64(digits, &v) && v >= 0 && (digits.n == s.n || digits.p[0] != '+');
}

/* ---- cron ------------------------------------------------------------------------ */
static bool cron_value(str s, int from, int to, const char *names)
{
	int64_t v;
	if (str_to_i64(s, &v))
		return v >= from && v <= to;
	for (const char *p = names; s.n == 3 && p && *p; p += 3)
		if ((s.p[0] | 32) == p[0] && (s.p[1] | 32) == p[1] && (s.p[2] | 32) == p[2])
			return true;
	return false;
}

static bool cron_field(str s, int from, int to, const char *names)
{
	while (true) {
		ptrdiff_t comma = str_chr(s, ',');
		str part = str_sub(s, 0, comma < 0 ? s.n : (size_t)comma), step = { 0 };
		ptrdiff_t slash = str_chr(part, '/');
		if (slash >= 0) {
			int64_t v;
			step = str_sub(part, (size_t)slash + 1, part.n);
			part = str_sub(part, 0, (size_t)slash);
			if (!str_to_i64(step, &v) || v < 1)
				return false;
		}
		ptrdiff_t dash = str_chr(part, '-');
		bool all = str_eq(part, S("*")) || str_eq(part, S("?"));
		if (!all && dash > 0 &&
		    (!cron_value(str_sub(part, 0, (size_t)dash), from, to, names) || !cron_value(str_sub(part, (size_t)dash + 1, part.n), from, to, names)))
			return false;
		if (!all && dash <= 0 && !cron_value(part, from, to, names))
			return false;
		if (comma < 0)
			return true;
		s = str_sub(s, (size_t)comma + 1, s.n);
	}
}

static bool cron(str s)
{
	static const char *const words[] = { "@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly" };
	static const struct { int from, to; const char *names; } fields[] = {
		{ 0, 59, NULL }, { 0, 23, NULL }, { 1, 31, NULL }, { 1, 12, "janfebmaraprmayjunjulaugsepoctnovdec" }, { 0, 6, "sunmontuewedthufrisat" },
	};
	for (size_t i = 0; i < COUNT(words); i++)
		if (str_eq(s, str_of(words[i])))
			return true;
	if (str_starts(s, S("@every ")))
		return s.n > 7 && digit(s.p[7]);
	size_t n = 0;
	for (s = str_trim(s); s.n; n++) {
		size_t end = 0;
		while (end < s.n && s.p[end] != ' ' && s.p[end] != '\t')
			end++;
		if (n >= COUNT(fields) || !cron_field(str_sub(s, 0, end), fields[n].from, fields[n].to, fields[n].names))
			return false;
		s = str_trim(str_sub(s, end, s.n));
	}
	return n == COUNT(fields);
}

/* The name of a CSI driver. */
static bool driver_name(str s)
{
	return word(s, 63) && str_chr(s, '_') < 0;
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

static bool pool_name(str s)
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

static bool namespace_or_all(str s)
{
	return str_eq(s, S("*")) || dns_label(s);
}

static bool domain_name(str s) /* acme.io/name */
{
	return str_chr(s, '/') > 0 && qualified_name(s);
}

static const struct api_format formats[] = {
	{ "dns-label", dns_label, "a name of a-z, 0-9 and - (no - at its ends), at most 63 characters", true },
	{ "optional-label", dns_label, "empty, or a name of a-z, 0-9 and - (no - at its ends), at most 63 characters", false },
	{ "driver-name", driver_name, "a driver's name of letters, digits, - and ., at most 63 characters", false },
	{ "request-name", request_name, "the name of a request, or request/alternative", true },
	{ "domain-name", domain_name, "a name with a domain before it (acme.io/name)", false },
	{ "kind-name", kind_name_valid, "a kind of letters, digits and -, that begins with a letter, at most 63 characters", true },
	{ "pool-name", pool_name, "names of a-z, 0-9, - and . with / between them", true },
	{ "namespace-or-all", namespace_or_all, "a namespace, or *", true },
	{ "given-cidr", cidr, "a network (192.0.2.0/24)", true },
	{ "given-host", given_host, "a host name of lower case, perhaps *.example.org", true },
	{ "rfc1035-label", rfc1035_label, "a name of a-z, 0-9 and - that begins with a letter, at most 63 characters", false },
	{ "dns-subdomain", dns_subdomain, "a name of a-z, 0-9, - and . (each part with a letter or digit at its ends), at most 253 characters", false },
	{ "name-prefix", name_prefix, "the beginning of a name of a-z, 0-9, - and .", false },
	{ "label-value", label_value, "at most 63 letters, digits, - _ . with a letter or digit at both ends", false },
	{ "qualified-name", qualified_name, "[prefix.domain/]name, of letters, digits, - _ .", false },
	{ "env-name", env_name, "the name of a variable: printable, without \"=\"", false },
	{ "env-prefix", env_prefix, "the beginning of a variable's name: printable, without \"=\"", false },
	{ "config-key", config_key, "a key of letters, digits, - _ . at most 253 characters long", false },
	{ "port-name", port_name, "a port name: at most 15 of a-z, 0-9 and -, with a letter", false },
	{ "port", port, "a port number (1 to 65535) or a port name", false },
	{ "probe-port", probe_port, "a port number (1 to 65535) or a port name", false },
	{ "path-segment", path_segment, "a name without / and %", false },
	{ "domain-path", domain_path, "a path below a domain (acme.io/foo)", false },
	{ "absolute-path", absolute_path, "a path that begins with /", false },
	{ "ip", ip, "an IP address", false },
	{ "cidr", cidr, "a network (192.0.2.0/24)", false },
	{ "no-backsteps", no_backsteps, "a path without \"..\"", false },
	{ "relative-path", relative_path, "a relative path without \"..\"", false },
	{ "ingress-host", ingress_host, "a host name of lower case, perhaps *.example.org", false },
	{ "count-or-percent", count_or_percent, "a number or a percentage, not negative", true },
	{ "cron", cron, "a schedule of five fields (*/15 * * * *)", false },
};

const struct api_format *api_format_find(str name)
{
	for (size_t i = 0; i < COUNT(formats); i++)
		if (str_eq(name, str_of(formats[i].name)))
			return &formats[i];
	return NULL;
}

/* ---- the keywords x-api-… ------------------------------------------------------------ */
void compile_api(struct schema_set *s, struct sub *sub)
{
	struct node *choices = keyword(sub, "x-api-enum"), *range = keyword(sub, "x-api-range");
	struct node *format = keyword(sub, "x-api-format"), *keys = keyword(sub, "x-api-keys");
	struct node *required = keyword(sub, "x-api-required");
	bool nonempty = node_true(keyword(sub, "x-api-nonempty"));
	if (!choices && !range && !format && !keys && !nonempty && !required)
		return;
	struct api_rules *r = NEW(s->a, struct api_rules);
	if (choices)
		r->choices = (struct choices){ .p = choices->items, .n = choices->n, .keyword = "api/enum" };
	r->has_range = node_is(range, NODE_SEQ) && node_to_i64(range->items[0], &r->lo) && node_to_i64(range->items[1], &r->hi);
	r->format = format ? api_format_find(node_text(format)) : NULL;
	r->keys = keys ? api_format_find(node_text(keys)) : NULL;
	r->nonempty = nonempty;
	r->required = required;
	sub->api = r;
}

bool check_api(struct schema_checker *c, const struct sub *s, const struct node *n, const struct frame *at)
{
	const struct api_rules *r = s->api;
	int64_t v;
	if (n->kind == NODE_STRING && r->nonempty && !n->n)
		return explain(c, s, "", "api/required", n, at, NULL, "must not be empty");
	if (n->kind == NODE_SEQ && r->nonempty && !n->n)
		return explain(c, s, "", "api/required", n, at, NULL, "needs at least one item");
	if (n->kind == NODE_STRING && r->choices.n) {
		for (size_t i = 0; i < r->choices.n; i++)
			if (str_eq(node_text(r->choices.p[i]), node_text(n)))
				return true;
		if (n->n && c->collect)
			explain_choices(c, s, &r->choices, n, at);
		if (!n->n && at && !at->entry)
			return explain(c, s, "", "api/enum", n, at, NULL, "must not be empty");
		return !n->n; /* empty is as good as absent: the server fills in its default */
	}
	if (r->has_range && n->kind == NODE_INT && node_to_i64(n, &v) && (v < r->lo || v > r->hi)) {
		if (r->hi >= INT32_MAX)
			return explain(c, s, "", "api/range", n, at, NULL, "must be at least %lld, found %lld", (long long)r->lo, (long long)v);
		return explain(c, s, "", "api/range", n, at, NULL, "must be from %lld to %lld, found %lld", (long long)r->lo, (long long)r->hi, (long long)v);
	}
	bool text = n->kind == NODE_STRING && (n->n || (r->format && r->format->given));
	if (r->format && (text || n->kind == NODE_INT) && !r->format->valid(node_text(n)))
		return explain(c, s, "", "api/format", n, at, NULL, "expected %s, found %.*s", r->format->what, STR_ARG(explain_value(c, n)));
	if (n->kind == NODE_MAP && r->nonempty && !n->n)
		return explain(c, s, "", "api/required", n, at, NULL, "needs at least one entry");
	bool ok = true;
	for (size_t i = 0; r->required && n->kind == NODE_MAP && i < r->required->n; i++) {
		const struct node *field = node_get(n, node_str(r->required->items[i]));
		if (!field || field->kind == NODE_NULL)
			ok = explain(c, s, "", "api/required", n, at, NULL, "the field \"%.*s\" is required", STR_ARG(node_str(r->required->items[i])));
	}
	for (size_t i = 0; r->keys && n->kind == NODE_MAP && i < n->n; i++) {
		struct frame here = { at, &n->entries[i], 0 };
		if (r->keys->valid(entry_key(&n->entries[i])))
			continue;
		ok = explain(c, s, "", "api/format", n, &here, &n->entries[i], "the key must be %s", r->keys->what);
	}
	return ok;
}
