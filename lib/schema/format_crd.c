/* SPDX-License-Identifier: MIT */
/* The formats that the API server asserts in CustomResourceDefinitions; it passes over all others. */
#include "schema/internal.h"

#include <string.h>

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool hex(char c)
{
	return digit(c) || ((c | 32) >= 'a' && (c | 32) <= 'f');
}

static bool letter(char c)
{
	return (c | 32) >= 'a' && (c | 32) <= 'z';
}

static bool beyond_ascii(char c)
{
	return ((unsigned char)c & 0x80) != 0;
}

/* d: a digit, x: a hexadecimal one, ?: the character after it may be missing; others themselves. */
static bool fits(str s, const char *form)
{
	size_t i = 0;
	for (const char *f = form; *f; f++) {
		bool may = *f == '?';
		f += may;
		bool ok = i < s.n && (*f == 'd' ? digit(s.p[i]) : *f == 'x' ? hex(s.p[i]) : s.p[i] == *f);
		if (!ok && !may)
			return false;
		i += ok;
	}
	return i == s.n;
}

#define UUID "xxxxxxxx?-xxxx?-xxxx?-xxxx?-xxxxxxxxxxxx"
static bool uuid_of(str s, char version)
{
	if (!fits(s, UUID))
		return false;
	size_t dash = s.n > 8 && s.p[8] == '-', second = dash && s.n > 13 && s.p[13] == '-';
	char v = s.p[12 + dash + second];
	size_t third = s.p[16 + dash + second] == '-';
	char variant = (char)(s.p[16 + dash + second + third] | 32);
	return v == version && (version == '3' || strchr("89ab", variant));
}

static bool is_uuid(struct arena *a, const struct node *n, str s) { (void)a, (void)n; return fits(s, UUID); }
static bool is_uuid3(struct arena *a, const struct node *n, str s) { (void)a, (void)n; return uuid_of(s, '3'); }
static bool is_uuid4(struct arena *a, const struct node *n, str s) { (void)a, (void)n; return uuid_of(s, '4'); }
static bool is_uuid5(struct arena *a, const struct node *n, str s) { (void)a, (void)n; return uuid_of(s, '5'); }
static bool is_object_id(struct arena *a, const struct node *n, str s) { (void)a, (void)n; return fits(s, "xxxxxxxxxxxxxxxxxxxxxxxx"); }
static bool is_hex_color(struct arena *a, const struct node *n, str s) { (void)a, (void)n; return fits(s, "?#xxx") || fits(s, "?#xxxxxx"); }

static bool is_ssn(struct arena *a, const struct node *n, str s)
{
	(void)a, (void)n;
	return fits(s, "ddd-dd-dddd") || fits(s, "ddd-dd dddd") || fits(s, "ddd dd-dddd") || fits(s, "ddd dd dddd");
}

/* rgb(1, 2, 3) */
static bool is_rgb_color(struct arena *a, const struct node *n, str s)
{
	(void)a, (void)n;
	if (!str_starts(s, S("rgb(")) || !str_ends(s, S(")")))
		return false;
	s = str_sub(s, 4, s.n - 1);
	for (int i = 0; i < 3; i++) {
		ptrdiff_t comma = str_chr(s, ',');
		str part = str_trim(str_sub(s, 0, comma < 0 ? s.n : (size_t)comma));
		int64_t v;
		if ((comma < 0) != (i == 2) || !part.n || !digit(part.p[0]) || !str_to_i64(part, &v) || v > 255 || (part.n > 1 && part.p[0] == '0'))
			return false;
		s = str_sub(s, comma < 0 ? s.n : (size_t)comma + 1, s.n);
	}
	return true;
}

/* ---- numbers with a check digit ------------------------------------------------------- */
/* The digits without blanks and dashes; `last_x`: the last may be X (10). */
static size_t digits_of(str s, int *out, size_t most, bool last_x)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == ' ' || s.p[i] == '-')
			continue;
		bool x = last_x && n == 9 && s.p[i] == 'X';
		if (n == most || (!digit(s.p[i]) && !x))
			return 0;
		out[n++] = x ? 10 : s.p[i] - '0';
	}
	return n;
}

static bool is_isbn10(struct arena *a, const struct node *node, str s)
{
	int d[10], sum = 0;
	(void)a, (void)node;
	if (digits_of(s, d, 10, true) != 10)
		return false;
	for (int i = 0; i < 10; i++)
		sum += (i + 1) * d[i];
	return sum % 11 == 0;
}

static bool is_isbn13(struct arena *a, const struct node *node, str s)
{
	int d[13], sum = 0;
	(void)a, (void)node;
	if (digits_of(s, d, 13, false) != 13)
		return false;
	for (int i = 0; i < 13; i++)
		sum += d[i] * (i % 2 ? 3 : 1);
	return sum % 10 == 0;
}

static bool is_isbn(struct arena *a, const struct node *n, str s)
{
	return is_isbn10(a, n, s) || is_isbn13(a, n, s);
}

static bool is_credit_card(struct arena *a, const struct node *node, str s) /* Luhn */
{
	int d[19], sum = 0;
	size_t n = digits_of(s, d, 19, false);
	(void)a, (void)node;
	for (size_t i = 0; i < n; i++) {
		int v = d[n - 1 - i] * (i % 2 ? 2 : 1);
		sum += v > 9 ? v - 9 : v;
	}
	return n >= 13 && sum % 10 == 0;
}

/* ---- network ------------------------------------------------------------------------------ */
static bool is_mac(struct arena *a, const struct node *n, str s)
{
	(void)a, (void)n;
	bool dots = s.n > 4 && s.p[4] == '.';
	if (fits(s, "xxxxxxxxxxxx") || fits(s, "xxxxxxxxxxxxxxxx"))
		return true;
	size_t group = dots ? 4 : 2, bytes = 0;
	char part = s.n > group ? s.p[group] : 0;
	if (!part || !strchr(":-.", part) || (part == '.') != dots)
		return false;
	for (size_t i = 0; i < s.n; i += group + 1, bytes += group / 2) {
		for (size_t k = 0; k < group; k++)
			if (i + k >= s.n || !hex(s.p[i + k]))
				return false;
		if (i + group < s.n && (s.p[i + group] != part || i + group + 1 == s.n))
			return false;
	}
	return bytes == 6 || bytes == 8 || bytes == 20;
}

/* Labels, the last of letters and at least two; or one label, with a dash after its first character at most. */
static bool is_hostname(struct arena *a, const struct node *n, str s)
{
	size_t label = 0, last = 0;
	bool letters = true, dots = false;
	(void)a, (void)n;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool letter_too = letter(c) || beyond_ascii(c);
		if (c == '.') {
			if (!label || s.p[i - 1] == '-')
				return false;
			label = 0;
			dots = letters = true;
			continue;
		}
		if ((!digit(c) && !letter_too && (c != '-' || !label)) || ++label > 63)
			return false;
		letters &= letter_too;
		last = c == '-' ? i : last;
	}
	if (!s.n || s.n > 255 || !label || s.p[s.n - 1] == '-')
		return false;
	size_t characters = 0;
	for (size_t i = s.n - label; i < s.n; i++)
		characters += ((unsigned char)s.p[i] & 0xC0) != 0x80;
	return dots ? letters && characters > 1 : last <= 1 || (beyond_ascii(s.p[0]) && last < 5);
}

/* Leading zeros do not matter, and IPv4 may be in the form of IPv6. */
static bool is_sloppy_ipv4(struct arena *a, const struct node *n, str s)
{
	struct buf b = BUF(a);
	(void)n;
	if (str_chr(s, ':') >= 0)
		return str_chr(s, '.') >= 0 && format_ipv6(s);
	for (size_t i = 0; i < s.n; i++) {
		bool start = !i || s.p[i - 1] == '.';
		while (start && s.p[i] == '0' && i + 1 < s.n && digit(s.p[i + 1]))
			i++;
		buf_char(&b, s.p[i]);
	}
	return format_ipv4(buf_str(&b));
}

static bool is_cidr(struct arena *a, const struct node *n, str s)
{
	ptrdiff_t slash = str_chr(s, '/');
	int64_t bits;
	if (slash < 0 || (size_t)slash + 1 == s.n || !digit(s.p[slash + 1]) || !str_to_i64(str_sub(s, (size_t)slash + 1, s.n), &bits))
		return false;
	str address = str_sub(s, 0, (size_t)slash);
	return str_chr(address, ':') >= 0 ? format_ipv6(address) && bits <= 128 : is_sloppy_ipv4(a, n, address) && bits <= 32;
}

/* As a request names it: with a scheme, or a path from the root. */
static bool is_uri(struct arena *a, const struct node *n, str s)
{
	(void)a, (void)n;
	size_t scheme = 0;
	for (size_t i = 0; i < s.n; i++) {
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7F)
			return false;
		if (s.p[i] == '%' && !(i + 2 < s.n && hex(s.p[i + 1]) && hex(s.p[i + 2])))
			return false;
	}
	if (str_starts(s, S("/")) || str_eq(s, S("*")))
		return true;
	while (scheme < s.n && (letter(s.p[scheme]) || (scheme && (digit(s.p[scheme]) || strchr("+-.", s.p[scheme])))))
		scheme++;
	if (!scheme || scheme >= s.n || s.p[scheme] != ':')
		return false;
	str rest = str_sub(s, scheme + 1, s.n);
	if (!str_starts(rest, S("//")))
		return true;
	size_t colon = 0, end = 2;
	for (; end < rest.n && rest.p[end] != '/' && rest.p[end] != '?'; end++) {
		if (strchr(" <>\"{}|\\^`", rest.p[end]))
			return false;
		colon = rest.p[end] == ':' ? end : strchr("[]@", rest.p[end]) ? 0 : colon;
	}
	for (size_t i = colon + 1; colon && i < end; i++)
		if (!digit(rest.p[i]))
			return false;
	str host = str_sub(rest, 2, end);
	return (str_chr(host, '[') < 0) == (str_chr(host, ']') < 0);
}

static bool is_email(struct arena *a, const struct node *n, str s)
{
	(void)a, (void)n;
	ptrdiff_t open = str_chr(s, '<');
	if (open >= 0 && str_ends(s, S(">")))
		s = str_sub(s, (size_t)open + 1, s.n - 1);
	size_t at = s.n;
	while (at && s.p[at - 1] != '@')
		at--;
	if (at < 2 || at == s.n || s.p[0] == '.' || s.p[at - 2] == '.')
		return false;
	bool literal = at < s.n && s.p[at] == '[' && s.p[s.n - 1] == ']';
	if (literal)
		return at > 1 && (format_ipv4(str_sub(s, at + 1, s.n - 1)) || (str_starts(str_sub(s, at + 1, s.n), S("IPv6:")) && format_ipv6(str_sub(s, at + 6, s.n - 1))));
	for (size_t i = 1; i < s.n && s.p[0] != '"'; i++)
		if (s.p[i] == '.' && s.p[i - 1] == '.')
			return false;
	for (size_t i = 0; i < s.n; i++)
		if (((unsigned char)s.p[i] <= ' ' || strchr("()<>[]:;,\\", s.p[i])) && s.p[0] != '"')
			return false;
	return true;
}

/* ---- the rest ------------------------------------------------------------------------------- */
static bool is_byte(struct arena *a, const struct node *n, str s)
{
	str bytes;
	(void)n;
	return s.n > 0 && str_chr(s, '\n') < 0 && str_chr(s, '\r') < 0 && format_base64(a, s, &bytes);
}

/* A date, T, a time; any character before a fraction of a second. */
static bool is_date_time(struct arena *a, const struct node *n, str s)
{
	const struct schema_format *date = format_find(S("date"), 0, true);
	if (s.n < 20 || !date->valid(a, n, str_sub(s, 0, 10)) || (s.p[10] | 32) != 't' || !fits(str_sub(s, 11, 19), "dd:dd:dd"))
		return false;
	if (memcmp(s.p + 11, "23", 2) > 0 || s.p[14] > '5' || s.p[17] > '5')
		return false;
	size_t i = 19;
	if (i + 1 < s.n && (s.p[i] | 32) != 'z' && digit(s.p[i + 1]) && !((s.p[i] == '+' || s.p[i] == '-') && s.n == 25))
		for (i += 2; i < s.n && digit(s.p[i]);)
			i++;
	str zone = str_sub(s, i, s.n);
	return str_eq(zone, S("Z")) || str_eq(zone, S("z")) || fits(zone, "+dd:dd") || fits(zone, "-dd:dd");
}

static bool is_short_name(struct arena *a, const struct node *n, str s) { (void)a, (void)n; return api_format_find(S("dns-label"))->valid(s); }
static bool is_long_name(struct arena *a, const struct node *n, str s) { (void)a, (void)n; return api_format_find(S("dns-subdomain"))->valid(s); }

/* 1h30m as in Go; or a number and a unit somewhere: 2 days. */
static bool is_duration(struct arena *a, const struct node *n, str s)
{
	static const char *const units[] = { "ns", "us", "ms", "s", "m", "h", "d", "w", "hr", "µs", "μs" };
	static const char *const words[] = { "nano", "micro", "milli", "sec", "min", "hour", "day", "wk", "week" };
	(void)a, (void)n;
	if (str_eq(s, S("0")) || str_eq(s, S("+0")) || str_eq(s, S("-0")))
		return true;
	for (size_t i = 0; i < s.n; i++) {
		if (!digit(s.p[i]))
			continue;
		while (i < s.n && (digit(s.p[i]) || s.p[i] == '.'))
			i++;
		while (i < s.n && s.p[i] == ' ')
			i++;
		size_t end = i;
		while (end < s.n && (letter(s.p[end]) || beyond_ascii(s.p[end])))
			end++;
		str unit = str_sub(s, i, end);
		char low[16];
		for (size_t k = 0; k < unit.n && unit.n <= sizeof(low); k++)
			low[k] = letter(unit.p[k]) ? (char)(unit.p[k] | 32) : unit.p[k];
		if (unit.n <= sizeof(low))
			unit = (str){ low, unit.n };
		for (size_t k = 0; k < COUNT(units); k++)
			if (str_eq(unit, str_of(units[k])))
				return true;
		for (size_t k = 0; k < COUNT(words); k++)
			if (str_starts(unit, str_of(words[k])))
				return true;
		i = end ? end - 1 : end;
	}
	return false;
}

static const struct schema_format formats[] = {
	{ "bsonobjectid", 0, 0, false, is_object_id, "24 hexadecimal digits" },
	{ "uri", 0, 0, false, is_uri, "a URI (https://example.org/x, /x)" },
	{ "email", 0, 0, false, is_email, "an e-mail address" },
	{ "hostname", 0, 0, false, is_hostname, "a host name" },
	{ "mac", 0, 0, false, is_mac, "a MAC address (00:00:5e:00:53:01)" },
	{ "uuid", 0, 0, false, is_uuid, "a UUID" },
	{ "uuid3", 0, 0, false, is_uuid3, "a UUID of version 3" },
	{ "uuid4", 0, 0, false, is_uuid4, "a UUID of version 4" },
	{ "uuid5", 0, 0, false, is_uuid5, "a UUID of version 5" },
	{ "isbn", 0, 0, false, is_isbn, "an ISBN" },
	{ "isbn10", 0, 0, false, is_isbn10, "an ISBN of ten digits" },
	{ "isbn13", 0, 0, false, is_isbn13, "an ISBN of 13 digits" },
	{ "creditcard", 0, 0, false, is_credit_card, "the number of a credit card" },
	{ "ssn", 0, 0, false, is_ssn, "a social security number (123-45-6789)" },
	{ "hexcolor", 0, 0, false, is_hex_color, "a colour (#a0b1c2)" },
	{ "rgbcolor", 0, 0, false, is_rgb_color, "a colour (rgb(1, 2, 3))" },
	{ "byte", 0, 0, false, is_byte, "base64 text" },
	{ "duration", 0, 0, false, is_duration, "a duration (1h30m)" },
	{ "date-time", 0, 0, false, is_date_time, "a date and time (2006-01-02T15:04:05Z)" },
	{ "ipv4", 0, 0, false, is_sloppy_ipv4, "an IPv4 address (192.0.2.1)" },
	{ "cidr", 0, 0, false, is_cidr, "a network (192.0.2.0/24)" },
	{ "k8s-short-name", 0, 0, false, is_short_name, "a name of a-z, 0-9 and - (no - at its ends), at most 63 characters" },
	{ "k8s-long-name", 0, 0, false, is_long_name, "a name of a-z, 0-9, - and ., at most 253 characters" },
};

const struct schema_format *format_find_crd(str name)
{
	if (str_eq(name, S("datetime")))
		name = S("date-time");
	for (size_t i = 0; i < COUNT(formats); i++)
		if (str_eq(name, str_of(formats[i].name)))
			return &formats[i];
	return format_find(name, 0, true);
}
