/* SPDX-License-Identifier: MIT */
/* The text of jq expressions, and of what libjq says about them. */
#include <string.h>

#include "doc/jq_internal.h"

str jq_readable(struct arena *a, str said)
{
	static const struct {
		const char *jq, *ours;
	} words[] = {
		{ "jq: error: ", "" },
		{ " (Unix shell quoting issues?)", "" },
		{ "$end", "end of the expression" },
		{ "INVALID_CHARACTER", "character" },
		{ "QQSTRING_TEXT or QQSTRING_INTERP_START or QQSTRING_END", "the end of the string" },
		{ "QQSTRING_START", "string" },
		{ "FIELD", "field" },
		{ "IDENT", "name" },
		{ "LITERAL", "number" },
		{ "BINDING", "variable" },
	};
	ptrdiff_t cut = str_find(said, S(" at <top-level>"));
	str line = str_sub(said, 0, cut >= 0 ? (size_t)cut : said.n);

	if (cut < 0 && (cut = str_chr(line, '\n')) >= 0)
		line = str_sub(line, 0, (size_t)cut);
	for (size_t w = 0; w < COUNT(words); w++) {
		ptrdiff_t at;
		while ((at = str_find(line, str_of(words[w].jq))) >= 0) {
			str rest = str_sub(line, (size_t)at + strlen(words[w].jq), line.n);
			line = str_printf(a, "%.*s%s%.*s", (int)at, line.p, words[w].ours, STR_ARG(rest));
		}
	}
	return line;
}

static bool opens(char c, char *closer)
{
	*closer = c == '(' ? ')' : c == '[' ? ']' : c == '{' ? '}' : 0;
	return *closer != 0;
}

const char *jq_unbalanced(struct arena *a, str s)
{
	struct {
		char *p;
		size_t n, cap;
	} open = { 0 }; /* closers that are due; '"' for a string that an interpolation interrupted */
	bool in_string = false;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i], closer;
		if (!c)
			return "a NUL byte has no place in an expression";
		if (in_string) {
			if (c == '"')
				in_string = false;
			else if (c == '\\' && i + 1 < s.n && s.p[++i] == '(') {
				*VEC_ADD(a, &open) = '"';
				in_string = false;
			}
		} else if (c == '"') {
			in_string = true;
		} else if (c == '#') {
			while (i + 1 < s.n && s.p[i + 1] != '\n')
				i++;
		} else if (opens(c, &closer)) {
			*VEC_ADD(a, &open) = closer;
		} else if (c == ')' || c == ']' || c == '}') {
			char due = open.n ? open.p[--open.n] : 0;
			if (due == '"' && c == ')')
				in_string = true;
			else if (due != c)
				return str_printf(a, "\"%c\" closes nothing", c).p;
		}
	}
	if (in_string)
		return "a string is not closed";
	if (open.n)
		return str_printf(a, "\"%c\" is missing at the end", open.p[open.n - 1] == '"' ? ')' : open.p[open.n - 1]).p;
	return NULL;
}

static size_t skip_blank(str s, size_t i)
{
	while (i < s.n && (strchr(" \t\r\n", s.p[i]) || s.p[i] == '#')) {
		if (s.p[i] == '#')
			while (i < s.n && s.p[i] != '\n')
				i++;
		else
			i++;
	}
	return i;
}

size_t jq_directives(str s)
{
	size_t done = 0;

	for (;;) {
		size_t i = skip_blank(s, done);
		str rest = str_sub(s, i, s.n);
		size_t n = str_starts(rest, S("import")) ? 6 : str_starts(rest, S("include")) ? 7 : 0;
		if (!n || n >= rest.n || !strchr(" \t\r\n\"", rest.p[n]))
			return done;
		bool quoted = false;
		for (i += n; i < s.n && (quoted || s.p[i] != ';'); i++) {
			if (s.p[i] == '\\')
				i++;
			else if (s.p[i] == '"')
				quoted = !quoted;
		}
		if (i >= s.n)
			return done;
		done = i + 1;
	}
}
