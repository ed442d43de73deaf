/* SPDX-License-Identifier: MIT */
/* Formats of the network: URIs (RFC 3986, 3987, 6570), addresses, e-mail, host names. */
#include "schema/internal.h"

#include <string.h>

static bool in(char c, const char *set)
{
	return c && strchr(set, c);
}

static bool alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool hex(char c)
{
	return digit(c) || in(c, "abcdefABCDEF");
}

/* What may stand in the parts of an IRI beyond ASCII. */
static bool iri_char(uint32_t cp, bool query)
{
	if (cp >= 0xE000 && cp <= 0xF8FF)
		return query;
	if (cp >= 0xE0000 && cp < 0xE1000) /* tags and variation selectors */
		return false;
	if (cp >= 0xF0000)
		return query && (cp & 0xFFFF) < 0xFFFE;
	return (cp >= 0xA0 && cp <= 0xD7FF) || (cp >= 0xF900 && cp <= 0xFDCF) || (cp >= 0xFDF0 && cp <= 0xFFEF) ||
	       (cp >= 0x10000 && (cp & 0xFFFF) < 0xFFFE);
}

static bool chars(str s, const char *more, bool iri, bool query)
{
	for (size_t i = 0; i < s.n;) {
		char c = s.p[i];
		uint32_t cp;
		size_t n = 1;
		if (c == '%') {
			if (i + 2 >= s.n || !hex(s.p[i + 1]) || !hex(s.p[i + 2]))
				return false;
			n = 3;
		} else if ((unsigned char)c >= 0x80) {
			n = utf8_decode(str_sub(s, i, s.n), &cp);
			if (!iri || !n || !iri_char(cp, query))
				return false;
		} else if (!alpha(c) && !digit(c) && !in(c, "-._~!$&'()*+,;=") && !in(c, more)) {
			return false;
		}
		i += n;
	}
	return true;
}

/* vHEX.what, for addresses to come */
static bool future_address(str s)
{
	size_t i = 1;
	while (i < s.n && hex(s.p[i]))
		i++;
	str rest = str_sub(s, i < s.n ? i + 1 : i, s.n);
	return s.n && (s.p[0] | 32) == 'v' && i > 1 && i < s.n && s.p[i] == '.' && rest.n && str_chr(rest, '%') < 0 && chars(rest, ":", false, false);
}

static bool authority(str s, bool iri)
{
	ptrdiff_t at = str_chr(s, '@');
	if (at >= 0) {
		if (!chars(str_sub(s, 0, (size_t)at), ":", iri, false))
			return false;
		s = str_sub(s, (size_t)at + 1, s.n);
	}
	size_t port = s.n;
	while (port && digit(s.p[port - 1]))
		port--;
	if (s.n && s.p[0] == '[') {
		ptrdiff_t end = str_chr(s, ']');
		if (end < 0)
			return false;
		str ip = str_sub(s, 1, (size_t)end), rest = str_sub(s, (size_t)end + 1, s.n);
		return (format_ipv6(ip) || future_address(ip)) && (!rest.n || (rest.p[0] == ':' && port <= (size_t)end + 2));
	}
	if (port && s.p[port - 1] == ':')
		s = str_sub(s, 0, port - 1);
	return chars(s, "", iri, false);
}

bool format_uri(str s, bool iri, bool absolute)
{
	ptrdiff_t hash = str_chr(s, '#');
	if (hash >= 0) {
		if (!chars(str_sub(s, (size_t)hash + 1, s.n), ":@/?", iri, false))
			return false;
		s = str_sub(s, 0, (size_t)hash);
	}
	ptrdiff_t q = str_chr(s, '?');
	if (q >= 0) {
		if (!chars(str_sub(s, (size_t)q + 1, s.n), ":@/?", iri, true))
			return false;
		s = str_sub(s, 0, (size_t)q);
	}
	size_t i = 0;
	bool scheme = false;
	if (s.n && alpha(s.p[0])) {
		while (i < s.n && (alpha(s.p[i]) || digit(s.p[i]) || in(s.p[i], "+-.")))
			i++;
		scheme = i < s.n && s.p[i] == ':';
	}
	if (scheme)
		s = str_sub(s, i + 1, s.n);
	else if (absolute)
		return false;
	if (str_starts(s, S("//"))) {
		for (i = 2; i < s.n && s.p[i] != '/'; i++)
			;
		if (!authority(str_sub(s, 2, i), iri))
			return false;
		s = str_sub(s, i, s.n);
	} else if (!scheme) { /* the first segment may not look like a scheme */
		ptrdiff_t colon = str_chr(s, ':'), slash = str_chr(s, '/');
		if (colon >= 0 && (slash < 0 || colon < slash))
			return false;
	}
	return chars(s, ":@/", iri, false);
}

/* ---- URI templates ------------------------------------------------------------- */
static bool variables(str s)
{
	size_t i = 0;
	if (s.n && in(s.p[0], "+#./;?&=,!@|")) /* the last five are reserved */
		i++;
	for (;;) {
		size_t start = i;
		for (bool dot = true; i < s.n; i++) {
			if (s.p[i] == '.') {
				if (dot)
					return false;
				dot = true;
				continue;
			}
			if (s.p[i] == '%' && i + 2 < s.n && hex(s.p[i + 1]) && hex(s.p[i + 2]))
				i += 2;
			else if (!alpha(s.p[i]) && !digit(s.p[i]) && s.p[i] != '_')
				break;
			dot = false;
		}
		if (i == start || s.p[i - 1] == '.')
			return false;
		if (i < s.n && s.p[i] == ':') {
			size_t from = ++i;
			while (i < s.n && digit(s.p[i]))
				i++;
			if (i == from || i - from > 4 || s.p[from] == '0')
				return false;
		} else if (i < s.n && s.p[i] == '*') {
			i++;
		}
		if (i == s.n)
			return true;
		if (s.p[i++] != ',')
			return false;
	}
}

bool format_uri_template(str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c == '{') {
			ptrdiff_t end = str_chr(str_sub(s, i, s.n), '}');
			if (end < 0 || !variables(str_sub(s, i + 1, i + (size_t)end)))
				return false;
			i += (size_t)end;
		} else if (c == '%') {
			if (i + 2 >= s.n || !hex(s.p[i + 1]) || !hex(s.p[i + 2]))
				return false;
		} else if (c <= 0x20 || c == 0x7F || in((char)c, "\"<>\\^`|}")) {
			return false;
		}
	}
	return true;
}

/* ---- addresses ------------------------------------------------------------------- */
bool format_ipv4(str s)
{
	size_t i = 0;
	for (int part = 0; part < 4; part++) {
		size_t start = i;
		int v = 0;
		while (i < s.n && digit(s.p[i]) && i - start < 4)
			v = v * 10 + (s.p[i++] - '0');
		if (i == start || v > 255 || (i - start > 1 && s.p[start] == '0'))
			return false;
		if (part < 3 && (i >= s.n || s.p[i++] != '.'))
			return false;
	}
	return i == s.n;
}

bool format_ipv6(str s)
{
	int groups = 0;
	bool gap = false;
	size_t i = 0;
	if (str_starts(s, S("::")))
		gap = true, i = 2;
	while (i < s.n) {
		size_t start = i;
		while (i < s.n && hex(s.p[i]))
			i++;
		if (i < s.n && s.p[i] == '.') {
			groups += 2;
			if (!format_ipv4(str_sub(s, start, s.n)))
				return false;
			break;
		}
		if (i == start || i - start > 4)
			return false;
		groups++;
		if (i == s.n)
			break;
		if (s.p[i++] != ':')
			return false;
		if (i < s.n && s.p[i] == ':') {
			if (gap)
				return false;
			gap = true;
			i++;
		} else if (i == s.n) {
			return false;
		}
	}
	return gap ? groups < 8 : groups == 8;
}

bool format_hostname(str s)
{
	size_t label = 0;
	if (!s.n || s.n > 253)
		return false;
	for (size_t i = 0; i <= s.n; i++) {
		if (i == s.n || s.p[i] == '.') {
			str l = str_sub(s, i - label, i);
			if (!label || label > 63 || l.p[0] == '-' || l.p[label - 1] == '-')
				return false;
			if (label > 3 && l.p[2] == '-' && l.p[3] == '-' && !format_a_label(l))
				return false;
			label = 0;
		} else if (alpha(s.p[i]) || digit(s.p[i]) || s.p[i] == '-') {
			label++;
		} else {
			return false;
		}
	}
	return true;
}

/* The local part is atoms with dots between, or quoted; the domain a host name or an address in brackets. */
bool format_email(str s, bool idn)
{
	size_t i = 0;
	if (s.n && s.p[0] == '"') {
		for (i = 1; i < s.n && s.p[i] != '"'; i++) {
			i += s.p[i] == '\\';
			unsigned char c = i < s.n ? (unsigned char)s.p[i] : 0;
			if (c < ' ' || c == 127 || (c > 127 && !idn))
				return false;
		}
		if (i++ >= s.n)
			return false;
	} else {
		for (bool dot = true;; i++) {
			unsigned char c = i < s.n ? (unsigned char)s.p[i] : 0;
			if (c == '.' && dot)
				return false;
			if (c != '.' && !alpha((char)c) && !digit((char)c) && !in((char)c, "!#$%&'*+-/=?^_`{|}~") && !(idn && c >= 0x80)) {
				if (dot)
					return false;
				break;
			}
			dot = c == '.';
		}
	}
	if (i >= s.n || s.p[i] != '@' || i > 64)
		return false;
	str domain = str_sub(s, i + 1, s.n);
	if (domain.n > 2 && domain.p[0] == '[' && domain.p[domain.n - 1] == ']') {
		domain = str_sub(domain, 1, domain.n - 1);
		return str_starts(domain, S("IPv6:")) ? format_ipv6(str_sub(domain, 5, domain.n)) : format_ipv4(domain);
	}
	return idn ? format_idn_hostname(NULL, domain) : format_hostname(domain);
}
