/* SPDX-License-Identifier: MIT */
/* Formats: dates, names, pointers, and those of Kubernetes. */
#include "schema/internal.h"
#include "kube/kube.h"

#include <string.h>

struct cursor {
	const char *p, *end;
};

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool take(struct cursor *c, char ch)
{
	if (c->p == c->end || *c->p != ch)
		return false;
	c->p++;
	return true;
}

static bool number(struct cursor *c, int n, int *out)
{
	*out = 0;
	for (; n > 0; n--) {
		if (c->p == c->end || !digit(*c->p))
			return false;
		*out = *out * 10 + (*c->p++ - '0');
	}
	return true;
}

/* ---- RFC 3339 ----------------------------------------------------------------- */
static bool take_date(struct cursor *c)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int y, m, d;
	if (!number(c, 4, &y) || !take(c, '-') || !number(c, 2, &m) || !take(c, '-') || !number(c, 2, &d) || m < 1 || m > 12)
		return false;
	bool leap = y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
	return d >= 1 && d <= days[m - 1] + (m == 2 && leap);
}

static bool take_time(struct cursor *c)
{
	int h, m, s, oh = 0, om = 0, sign = 1;
	if (!number(c, 2, &h) || !take(c, ':') || !number(c, 2, &m) || !take(c, ':') || !number(c, 2, &s) || h > 23 || m > 59 || s > 60)
		return false;
	if (take(c, '.')) {
		if (c->p == c->end || !digit(*c->p))
			return false;
		while (c->p < c->end && digit(*c->p))
			c->p++;
	}
	if (!take(c, 'Z') && !take(c, 'z')) {
		if (take(c, '-'))
			sign = -1;
		else if (!take(c, '+'))
			return false;
		if (!number(c, 2, &oh) || !take(c, ':') || !number(c, 2, &om) || oh > 23 || om > 59)
			return false;
	}
	int utc = (h * 60 + m - sign * (oh * 60 + om) + 2880) % 1440;
	return s < 60 || utc == 1439; /* a leap second ends a day of UTC */
}

static bool is_date(struct arena *a, const struct node *n, str s)
{
	struct cursor c = { s.p, s.p + s.n };
	(void)a, (void)n;
	return take_date(&c) && c.p == c.end;
}

static bool is_time(struct arena *a, const struct node *n, str s)
{
	struct cursor c = { s.p, s.p + s.n };
	(void)a, (void)n;
	return take_time(&c) && c.p == c.end;
}

static bool is_date_time(struct arena *a, const struct node *n, str s)
{
	struct cursor c = { s.p, s.p + s.n };
	(void)a, (void)n;
	return take_date(&c) && (take(&c, 'T') || take(&c, 't')) && take_time(&c) && c.p == c.end;
}

/* P[nY][nM][nD][T[nH][nM][nS]] with no gap between units, or PnW. */
static bool units(struct cursor *c, const char *names, int *taken)
{
	int at = -1;
	for (*taken = 0; c->p < c->end && digit(*c->p); (*taken)++) {
		while (c->p < c->end && digit(*c->p))
			c->p++;
		const char *name = c->p < c->end && *c->p ? strchr(names, *c->p) : NULL;
		int i = name ? (int)(name - names) : -1;
		if (i < 0 || i <= at || (at >= 0 && i != at + 1))
			return false;
		at = i;
		c->p++;
	}
	return true;
}

static bool is_duration(struct arena *a, const struct node *n, str s)
{
	struct cursor c = { s.p, s.p + s.n };
	int date, time = 1;
	(void)a, (void)n;
	if (!take(&c, 'P'))
		return false;
	struct cursor week = c;
	if (units(&week, "W", &date) && date == 1 && week.p == week.end)
		return true;
	if (!units(&c, "YMD", &date))
		return false;
	if (take(&c, 'T') && (!units(&c, "HMS", &time) || !time))
		return false;
	return c.p == c.end && (date || (time && c.end[-1] != 'P'));
}

/* ---- names and pointers ------------------------------------------------------- */
static bool is_pointer(struct arena *a, const struct node *n, str s)
{
	(void)a, (void)n;
	if (s.n && s.p[0] != '/')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '~' && (i + 1 == s.n || (s.p[i + 1] != '0' && s.p[i + 1] != '1')))
			return false;
	return true;
}

static bool is_relative_pointer(struct arena *a, const struct node *n, str s)
{
	size_t i = 0;
	while (i < s.n && digit(s.p[i]))
		i++;
	if (!i || (s.p[0] == '0' && i > 1))
		return false;
	str rest = str_sub(s, i, s.n);
	return str_eq(rest, S("#")) || is_pointer(a, n, rest);
}

static bool is_uuid(struct arena *a, const struct node *n, str s)
{
	(void)a, (void)n;
	for (size_t i = 0; i < s.n; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		if (dash ? s.p[i] != '-' : !s.p[i] || !strchr("0123456789abcdefABCDEF", s.p[i]))
			return false;
	}
	return s.n == 36;
}

#define SIMPLE(name, call)                                                 \
	static bool name(struct arena *a, const struct node *n, str s)     \
	{                                                                  \
		(void)a, (void)n;                                          \
		return call;                                               \
	}
SIMPLE(is_uri, format_uri(s, false, true))
SIMPLE(is_uri_reference, format_uri(s, false, false))
SIMPLE(is_iri, format_uri(s, true, true))
SIMPLE(is_iri_reference, format_uri(s, true, false))
SIMPLE(is_uri_template, format_uri_template(s))
SIMPLE(is_email, format_email(s, false))
SIMPLE(is_idn_email, format_email(s, true))
SIMPLE(is_hostname, format_hostname(s))
SIMPLE(is_idn_hostname, format_idn_hostname(a, s))
SIMPLE(is_regex, regex_valid(a, s, &(const char *){ NULL }, &(size_t){ 0 }))
SIMPLE(is_ipv4, format_ipv4(s))
SIMPLE(is_ipv6, format_ipv6(s))

/* ---- Kubernetes --------------------------------------------------------------- */
static bool is_quantity(struct arena *a, const struct node *n, str s)
{
	(void)a;
	return kube_quantity_valid(n->kind == NODE_STRING ? str_trim(s) : node_number_text(a, n));
}

static bool is_int32(struct arena *a, const struct node *n, str s)
{
	int64_t v;
	(void)a, (void)s;
	return n->kind == NODE_FLOAT || (node_to_i64(n, &v) && v >= INT32_MIN && v <= INT32_MAX);
}

static bool is_int64(struct arena *a, const struct node *n, str s)
{
	int64_t v;
	(void)a, (void)s;
	return n->kind == NODE_FLOAT || node_to_i64(n, &v);
}

static bool is_base64(struct arena *a, const struct node *n, str s)
{
	size_t chars = 0, pad = 0;
	(void)a, (void)n;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c == '\n' || c == '\r')
			continue;
		if (c == '=')
			pad++;
		else if (pad || !c || !strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", c))
			return false;
		chars++;
	}
	return chars % 4 == 0 && pad <= 2;
}

static bool is_cidr(struct arena *a, const struct node *n, str s)
{
	ptrdiff_t slash = str_chr(s, '/');
	int64_t bits;
	(void)a, (void)n;
	if (slash < 0 || !str_to_i64(str_sub(s, (size_t)slash + 1, s.n), &bits) || bits < 0)
		return false;
	str ip = str_sub(s, 0, (size_t)slash);
	return (format_ipv4(ip) && bits <= 32) || (format_ipv6(ip) && bits <= 128);
}

static const struct schema_format formats[] = {
	{ "date-time", DRAFT_4, DRAFT_2020, false, is_date_time, "a date and time (2006-01-02T15:04:05Z)" },
	{ "date", DRAFT_7, DRAFT_2020, false, is_date, "a date (2006-01-02)" },
	{ "time", DRAFT_7, DRAFT_2020, false, is_time, "a time with its zone (15:04:05Z)" },
	{ "duration", DRAFT_2019, DRAFT_2020, false, is_duration, "a duration (P1DT12H)" },
	{ "email", DRAFT_4, DRAFT_2020, false, is_email, "an e-mail address" },
	{ "idn-email", DRAFT_7, DRAFT_2020, false, is_idn_email, "an e-mail address" },
	{ "hostname", DRAFT_4, DRAFT_2020, false, is_hostname, "a host name" },
	{ "idn-hostname", DRAFT_7, DRAFT_2020, false, is_idn_hostname, "a host name" },
	{ "ipv4", DRAFT_4, DRAFT_2020, false, is_ipv4, "an IPv4 address (192.0.2.1)" },
	{ "ipv6", DRAFT_4, DRAFT_2020, false, is_ipv6, "an IPv6 address (2001:db8::1)" },
	{ "uri", DRAFT_4, DRAFT_2020, false, is_uri, "a URI with its scheme (https://example.org/)" },
	{ "uri-reference", DRAFT_6, DRAFT_2020, false, is_uri_reference, "a URI reference" },
	{ "iri", DRAFT_7, DRAFT_2020, false, is_iri, "an IRI with its scheme" },
	{ "iri-reference", DRAFT_7, DRAFT_2020, false, is_iri_reference, "an IRI reference" },
	{ "uri-template", DRAFT_6, DRAFT_2020, false, is_uri_template, "a URI template (RFC 6570)" },
	{ "json-pointer", DRAFT_6, DRAFT_2020, false, is_pointer, "a JSON Pointer (/a/b)" },
	{ "relative-json-pointer", DRAFT_7, DRAFT_2020, false, is_relative_pointer, "a relative JSON Pointer (1/a)" },
	{ "uuid", DRAFT_2019, DRAFT_2020, false, is_uuid, "a UUID" },
	{ "regex", DRAFT_4, DRAFT_2020, false, is_regex, "a regular expression (ECMA 262)" },
};
static const struct schema_format kube_formats[] = {
	{ "quantity", 0, 0, false, is_quantity, "a quantity (500m, 1.5, 2Gi)" },
	{ "int32", 0, 0, true, is_int32, "an integer of 32 bits" },
	{ "int64", 0, 0, true, is_int64, "an integer of 64 bits" },
	{ "byte", 0, 0, false, is_base64, "base64 text" },
	{ "date-time", 0, 0, false, is_date_time, "a date and time (2006-01-02T15:04:05Z)" },
	{ "date", 0, 0, false, is_date, "a date (2006-01-02)" },
	{ "ipv4", 0, 0, false, is_ipv4, "an IPv4 address (192.0.2.1)" },
	{ "ipv6", 0, 0, false, is_ipv6, "an IPv6 address (2001:db8::1)" },
	{ "cidr", 0, 0, false, is_cidr, "a network (192.0.2.0/24)" },
	{ "uuid", 0, 0, false, is_uuid, "a UUID" },
};

const struct schema_format *format_find(str name, int draft, bool kube)
{
	const struct schema_format *list = kube ? kube_formats : formats;
	size_t n = kube ? COUNT(kube_formats) : COUNT(formats);
	for (size_t i = 0; i < n; i++)
		if (str_eq(name, str_of(list[i].name)) && (kube || (draft >= list[i].first && draft <= list[i].last)))
			return &list[i];
	return NULL;
}

str format_why(const struct schema_format *f, struct arena *a, str s)
{
	const char *error;
	size_t offset;
	if (f->valid != is_regex || regex_valid(a, s, &error, &offset))
		return S("");
	return str_printf(a, ", malformed at its character %zu: %s", offset + 1, error);
}

/* ---- contentEncoding and contentMediaType, which draft 7 lets us assert --------- */
bool format_base64(struct arena *a, str s, str *out)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	struct buf b = BUF(a);
	uint32_t bits = 0, have = 0;
	if (!is_base64(a, NULL, s))
		return false;
	for (size_t i = 0; i < s.n && s.p[i] != '='; i++) {
		const char *p = s.p[i] ? strchr(alphabet, s.p[i]) : NULL;
		if (!p)
			continue;
		bits = bits << 6 | (uint32_t)(p - alphabet);
		have += 6;
		if (have >= 8) {
			have -= 8;
			buf_char(&b, (char)(bits >> have & 0xFF));
		}
	}
	*out = buf_str(&b);
	return true;
}

bool format_content(struct arena *a, struct diag *d, str text, str encoding, str media)
{
	struct read_options json = { .input = FORMAT_JSON };
	struct diag_sink silent = { NULL, NULL, true };
	struct diag quiet;
	struct node *n;
	if (str_eq(encoding, S("base64")) && !format_base64(a, text, &text))
		return false;
	if (!str_eq(media, S("application/json")))
		return true;
	diag_fork(&quiet, d, a);
	quiet.sink = silent;
	return !read_text(a, &quiet, &json, "<content>", text, &n);
}
