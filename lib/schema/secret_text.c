/* SPDX-License-Identifier: MIT */
/* Names and values within a text: configuration in lines, JSON, connection strings, command lines. */
#include "schema/secrets.h"

#include <string.h>

static bool in_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* What code computes is no value; a word alone is too little to go by, unless in quotes behind a name in quotes, as JSON has it. */
static bool is_literal(str value, bool json)
{
	bool digit = false, lower = false, upper = false;
	size_t turns = 0;
	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];
		if (strchr(json ? " \t" : "()[]{}$<>`*|\\", c) || (!json && c == '=' && i + 1 < value.n && in_name(value.p[i + 1])))
			return false;
		turns += i && (lower && c >= 'A' && c <= 'Z' && value.p[i - 1] >= 'a');
		digit |= c >= '0' && c <= '9';
		lower |= c >= 'a' && c <= 'z';
		upper |= c >= 'A' && c <= 'Z';
	}
	return (digit && (lower || upper)) || (json && (lower || upper)) || (upper && turns > 1);
}

/* A line that "#", "//" or ";" begins. */
static bool is_comment(str text, size_t i)
{
	while (i < text.n && is_blank(text.p[i]))
		i++;
	return i < text.n && (text.p[i] == '#' || text.p[i] == ';' || str_starts(str_sub(text, i, text.n), S("//")));
}

/* The name that ends before the sign at `sign`; *quoted: it has quotes, \" in a string of a string too. */
static str name_before(str text, size_t sign, bool *quoted)
{
	enum { LONGEST = 100 };
	size_t end = sign;
	while (end && (is_blank(text.p[end - 1]) || strchr(":+?", text.p[end - 1])))
		end--;
	*quoted = end && strchr("\"'", text.p[end - 1]);
	end -= *quoted;
	end -= *quoted && end && text.p[end - 1] == '\\';
	size_t start = end;
	while (start && end - start < LONGEST && in_name(text.p[start - 1]))
		start--;
	return str_sub(text, start, end);
}

static bool holds_back(str text, size_t sign) /* ==, =>, !=, http:, a:b */
{
	char before = sign ? text.p[sign - 1] : 0, after = sign + 1 < text.n ? text.p[sign + 1] : '\n';
	if (text.p[sign] == '=')
		return after == '=' || after == '>' || after == '~' || strchr("!=<>~", before ? before : 'x');
	return !is_blank(after) && !strchr("\"'\\", after);
}

/* From behind the sign: in quotes, to the end of the line behind a colon, to white space behind an equals sign. */
static str value_after(str text, size_t sign, bool *quoted)
{
	enum { LONGEST = 1024 };
	text = str_sub(text, 0, text.n - sign > LONGEST ? sign + LONGEST : text.n);
	size_t i = sign + 1;
	while (i < text.n && is_blank(text.p[i]))
		i++;
	i += i + 1 < text.n && text.p[i] == '\\' && text.p[i + 1] == '"';
	*quoted = i < text.n && strchr("\"'", text.p[i]);
	size_t end = *quoted ? ++i : i;
	char quote = *quoted ? text.p[i - 1] : 0;
	while (end < text.n && text.p[end] != '\n' && (quote ? text.p[end] != quote : text.p[sign] == ':' ? true : !strchr(" \t,;&\"'", text.p[end])))
		end++;
	end -= quote && end > i && text.p[end - 1] == '\\';
	str value = str_trim(str_sub(text, i, end));
	ptrdiff_t comment = quote ? -1 : str_find(value, S(" #"));
	if (comment >= 0)
		value = str_trim(str_sub(value, 0, (size_t)comment));
	while (!quote && value.n && strchr(",;}", value.p[value.n - 1]))
		value.n--;
	return value;
}

bool secret_assignment(struct assignments *x, str *name, str *value)
{
	for (; x->at < x->text.n; x->at++) {
		bool quoted_name, quoted_value;
		char c = x->text.p[x->at];
		if (c == '\n' || !x->at)
			x->comment = is_comment(x->text, x->at + (c == '\n'));
		if ((c != '=' && c != ':') || x->comment || holds_back(x->text, x->at))
			continue;
		*name = name_before(x->text, x->at, &quoted_name);
		if (!name->n || !secret_name(*name))
			continue;
		*value = value_after(x->text, x->at, &quoted_value);
		if (!value->n || !is_literal(*value, quoted_name && quoted_value))
			continue;
		x->at++;
		return true;
	}
	return false;
}
