/* SPDX-License-Identifier: MIT */
/* Chooses how a string is written in YAML so that no reader of any version takes it for something else. */
#include <string.h>

#include "doc/emit.h"

enum {
	HEAD = 1,     /* must not begin a plain scalar */
	COLON = 2,    /* ends a key when a blank follows */
	HASH = 4,     /* begins a comment after a blank */
	BLANK = 8,
	NEWLINE = 16,
	ESCAPE = 32,  /* exists only as an escape */
	HIGH = 64,    /* not ASCII: must be decoded to tell */
	QUOTE = 128,  /* reads better within single quotes */
};
#define ROW16(x, v) [x] = v, [x + 1] = v, [x + 2] = v, [x + 3] = v, [x + 4] = v, [x + 5] = v, [x + 6] = v, [x + 7] = v, \
	[x + 8] = v, [x + 9] = v, [x + 10] = v, [x + 11] = v, [x + 12] = v, [x + 13] = v, [x + 14] = v, [x + 15] = v

static const uint8_t class_of[256] = {
	ESCAPE, ESCAPE, ESCAPE, ESCAPE, ESCAPE, ESCAPE, ESCAPE, ESCAPE,
	ESCAPE, ESCAPE /* tab: see scalar_form */, NEWLINE, ESCAPE, ESCAPE, ESCAPE, ESCAPE, ESCAPE,
	ROW16(0x10, ESCAPE),
	[' '] = BLANK, ['!'] = HEAD, ['"'] = HEAD | QUOTE, ['#'] = HEAD | HASH, ['%'] = HEAD, ['&'] = HEAD, ['\''] = HEAD,
	['*'] = HEAD, [','] = HEAD, ['-'] = HEAD, ['.'] = HEAD, [':'] = HEAD | COLON, ['='] = HEAD, ['<'] = HEAD,
	['>'] = HEAD, ['?'] = HEAD, ['@'] = HEAD, ['['] = HEAD, ['\\'] = QUOTE, [']'] = HEAD, ['`'] = HEAD,
	['{'] = HEAD, ['|'] = HEAD, ['}'] = HEAD, ['~'] = HEAD, [0x7f] = ESCAPE,
	ROW16(0x80, HIGH), ROW16(0x90, HIGH), ROW16(0xa0, HIGH), ROW16(0xb0, HIGH),
	ROW16(0xc0, HIGH), ROW16(0xd0, HIGH), ROW16(0xe0, HIGH), ROW16(0xf0, HIGH),
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool one_of_words(str s)
{
	static const str words[] = { { "y", 1 }, { "n", 1 }, { "yes", 3 }, { "no", 2 }, { "on", 2 }, { "off", 3 }, { "true", 4 }, { "false", 5 }, { "null", 4 } };
	char lower[5];

	if (s.n > sizeof(lower) || !strchr("ynotf", s.p[0] | 0x20))
		return false;
	for (size_t i = 0; i < s.n; i++)
		lower[i] = (char)(s.p[i] | 0x20);
	for (size_t w = 0; w < COUNT(words); w++)
		if (str_eq((str){ lower, s.n }, words[w]))
			return true;
	return false;
}

/* ".inf" and ".nan" after the sign, in any case. */
static bool is_special_float(str s)
{
	if (s.n != 4 || s.p[0] != '.')
		return false;
	char low[3] = { (char)(s.p[1] | 0x20), (char)(s.p[2] | 0x20), (char)(s.p[3] | 0x20) };
	return memcmp(low, "inf", 3) == 0 || memcmp(low, "nan", 3) == 0;
}

/* 0x1F, 0o17, 0b1, in either case and with underscores. */
static bool is_based(str s)
{
	if (s.n < 3 || s.p[0] != '0')
		return false;
	char base = (char)(s.p[1] | 0x20);
	if (base != 'x' && base != 'o' && base != 'b')
		return false;
	for (size_t i = 2; i < s.n; i++) {
		char c = s.p[i], low = (char)(c | 0x20);
		if (!is_digit(c) && c != '_' && !(base == 'x' && low >= 'a' && low <= 'f'))
			return false;
	}
	return true;
}

/* Digits with separators, at most one point, and an exponent. */
static bool is_decimal(str s)
{
	size_t i = 0, points = 0, figures = 0;

	for (; i < s.n && (is_digit(s.p[i]) || s.p[i] == '_' || s.p[i] == ',' || s.p[i] == '.'); i++) {
		points += s.p[i] == '.';
		figures += is_digit(s.p[i]);
	}
	if (!figures || points > 1)
		return false;
	if (i < s.n && (s.p[i] | 0x20) == 'e') {
		i++;
		if (i < s.n && (s.p[i] == '+' || s.p[i] == '-'))
			i++;
		size_t from = i;
		while (i < s.n && (is_digit(s.p[i]) || s.p[i] == '_'))
			i++;
		if (i == from)
			return false;
	}
	return i == s.n;
}

/* YAML 1.1 counts 12:30:45 and 190:20:30.15 in base 60. */
static bool is_sexagesimal(str s)
{
	size_t i = 0, groups = 0;

	while (i < s.n && (is_digit(s.p[i]) || s.p[i] == '_'))
		i++;
	if (!i)
		return false;
	while (i + 1 < s.n && s.p[i] == ':' && is_digit(s.p[i + 1])) {
		i += 2;
		if (i < s.n && is_digit(s.p[i]) && s.p[i - 1] <= '5')
			i++;
		groups++;
	}
	if (groups && i < s.n && s.p[i] == '.')
		for (i++; i < s.n && (is_digit(s.p[i]) || s.p[i] == '_'); i++)
			;
	return groups && i == s.n;
}

/* 2001-01-01, alone or with a time behind it. */
static bool is_date(str s)
{
	size_t i = 4;

	for (size_t k = 0; k < 4; k++)
		if (k >= s.n || !is_digit(s.p[k]))
			return false;
	for (int part = 0; part < 2; part++) {
		if (i + 1 >= s.n || s.p[i] != '-' || !is_digit(s.p[i + 1]))
			return false;
		i += i + 2 < s.n && is_digit(s.p[i + 2]) ? 3 : 2;
	}
	return i == s.n || s.p[i] == 'T' || s.p[i] == 't' || s.p[i] == ' ' || s.p[i] == '\t';
}

/* Plain and without quotes, a reader of some version would take it for a number, boolean, null or date. */
static bool scalar_looks_typed(str s)
{
	if (!s.n)
		return true;
	char c = s.p[0];
	if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))
		return one_of_words(s);
	if (s.n == 1 && (c == '~' || c == '='))
		return true;
	if (str_eq(s, S("<<")))
		return true;
	str t = str_sub(s, c == '+' || c == '-', s.n);
	if (!t.n || !(is_digit(t.p[0]) || t.p[0] == '.' || t.p[0] == '_'))
		return false;
	bool truth;
	return is_decimal(t) || is_based(t) || is_special_float(t) || is_sexagesimal(t) || is_date(s) ||
	       scalar_kind(s, YAML_KUBERNETES, &truth) != NODE_STRING || scalar_kind(s, YAML_1_2, &truth) != NODE_STRING;
}

/* Beyond ASCII: what YAML does not count as printable, or as a break of lines. */
static bool high_needs_escape(str s)
{
	for (size_t i = 0; i < s.n;) {
		uint32_t cp = (unsigned char)s.p[i];
		size_t len = cp < 0x80 ? 1 : utf8_decode(str_sub(s, i, s.n), &cp);
		if (!len || (cp >= 0x80 && cp < 0xa0) || cp == 0x2028 || cp == 0x2029 || cp == 0xfeff || cp == 0xfffe || cp == 0xffff)
			return true;
		i += len;
	}
	return false;
}

/* May a scalar begin so?  "-x" and "-1x" may, "- x" and "--- x" may not. */
static bool head_is_plain(str s)
{
	switch (s.p[0]) {
	case '-':
		return s.n > 1 && s.p[1] != ' ' && s.p[1] != '\t' && !str_starts(s, S("---"));
	case '.':
		return !str_starts(s, S("..."));
	case '<':
	case '=':
		return true;
	}
	return false;
}

static bool inside_is_plain(str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == ':' && (i + 1 == s.n || s.p[i + 1] == ' '))
			return false;
		if (s.p[i] == '#' && i && s.p[i - 1] == ' ')
			return false;
	}
	return true;
}

/* Text of many lines, free of what only an escape can say. */
static enum scalar_form block_form(str s)
{
	size_t first = 0;

	while (first < s.n && s.p[first] == '\n')
		first++;
	if (first == s.n || s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t')
		return FORM_DOUBLE;
	return s.p[first] == ' ' || s.p[first] == '\t' ? FORM_LITERAL_INDENTED : FORM_LITERAL;
}

enum scalar_form scalar_form(str s)
{
	unsigned seen = 0;
	bool tab = false;

	if (!s.n)
		return FORM_DOUBLE;
	for (size_t i = 0; i < s.n; i++) {
		unsigned c = class_of[(unsigned char)s.p[i]];
		if (c & ESCAPE) {
			if (s.p[i] != '\t')
				return FORM_DOUBLE;
			tab = true;
			continue;
		}
		seen |= c;
	}
	if ((seen & HIGH) && high_needs_escape(s))
		return FORM_DOUBLE;
	if (seen & NEWLINE)
		return block_form(s);
	if (tab)
		return FORM_DOUBLE;
	bool plain = s.p[0] != ' ' && s.p[s.n - 1] != ' ' &&
		     (!(class_of[(unsigned char)s.p[0]] & HEAD) || head_is_plain(s)) &&
		     (!(seen & (COLON | HASH)) || inside_is_plain(s)) && !scalar_looks_typed(s);
	return plain ? FORM_PLAIN : seen & QUOTE ? FORM_SINGLE : FORM_DOUBLE;
}
