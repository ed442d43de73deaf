/* SPDX-License-Identifier: MIT */
/* Turns libyaml's errors into messages that say where, what, and what to do. */
#include "doc/internal.h"

#include <errno.h>
#include <stdio.h>

static const struct {
	const char *problem, *message;
	bool at_context; /* the place to look at is where the thing began */
} known[] = {
	{ "could not find expected ':'", "this line has no \":\" after its key; add it, or indent the line to belong to the text above", true },
	{ "block sequence entries are not allowed in this context", "a list item (\"- \") cannot stand here; put it on a line of its own, or quote the text", false },
	{ "mapping keys are not allowed in this context", "a \"? \" key cannot stand here; quote the text", false },
	{ "mapping values are not allowed in this context", "a \": \" cannot stand here; is this line indented too far, a blank missing after a \":\" above, or the text in need of quotes?", false },
	{ "found unexpected document indicator", "the quote opened here is not closed before \"---\" or \"...\"; close it", true },
	{ "found unexpected end of stream", "the quote opened here is never closed; close it", true },
	{ "found a tab character that violates indentation", "a tab cannot indent; use spaces", false },
	{ "found a tab character where an indentation space is expected", "a tab cannot indent; use spaces", false },
	{ "did not find expected comment or line break", "nothing but a comment may follow here on this line; move it to the next", false },
	{ "found unexpected ':'", "a \":\" cannot stand here; quote the text", false },
	{ "did not find expected alphabetic or numeric character", "a name of letters, digits, - or _ must follow & or *; quote the text if it is no anchor", true },
	{ "found unknown escape character", "an unknown escape in double quotes; write \\\\ for a backslash, or use single quotes", false },
	{ "did not find expected hexdecimal number", "\\x, \\u and \\U take 2, 4 and 8 hexadecimal digits", false },
	{ "found invalid Unicode character escape code", "this escape is no Unicode character (surrogate pairs are JSON; YAML takes \\U with 8 digits)", false },
	{ "found duplicate %YAML directive", "a second %YAML line for one document; remove it", false },
	{ "found incompatible YAML document", "this version of YAML is not supported; write %YAML 1.2 or leave the line out", false },
	{ "found duplicate %TAG directive", "a second %TAG line for the same handle; remove it", false },
	{ "found undefined tag handle", "the tag's handle is not declared; add a %TAG line, or use a tag of the form !name", false },
	{ "found unknown directive name", "an unknown % directive; remove the line, or quote the text", false },
	{ "did not find expected <document start>", "a document ended above this line; put \"---\" between documents, or check the indentation", false },
	{ "did not find expected node content", "expected a value here; write one, or quote the text", false },
	{ "did not find expected '-' indicator", "expected \"- \" as in the list's other items; check the indentation", false },
	{ "did not find expected key", "expected a key at this place of the map; check the indentation and the quotes above", false },
	{ "did not find expected ',' or ']'", "expected \",\" or \"]\" in the list that begins here; close it, or quote the text", true },
	{ "did not find expected ',' or '}'", "expected \",\" or \"}\" in the map that begins here; close it, or quote the text", true },
	{ "did not find expected whitespace or line break", "a blank must follow the tag, anchor or directive", false },
	{ "found an indentation indicator equal to 0", "the number after | or > must be 1 to 9", false },
};

/* The place of the first character that could not be decoded: the scanner stands before what was decoded. */
static yaml_mark_t decoded_end(const yaml_parser_t *p)
{
	yaml_mark_t m = p->mark;
	const yaml_char_t *c;

	for (c = p->buffer.pointer; c < p->buffer.last; c++) {
		if (*c == '\n') {
			m.line++;
			m.column = 0;
		} else if ((*c & 0xC0) != 0x80) {
			m.column++;
		}
	}
	return m;
}

static int complain_at(struct yaml *y, yaml_mark_t m, const char *rule, const char *text)
{
	uint32_t line = m.line + 1 + y->line, col = m.column + 1 + (m.line ? 0 : y->col);
	const struct message *j = y->instead;

	if (j)
		return diag_trouble(y->b->diag, j->pos, j->rule, "%.*s", STR_ARG(j->text));
	return build_fail(y->b, line, col, rule, "%s", text);
}

static int bad_bytes(struct yaml *y)
{
	yaml_parser_t *p = &y->parser;
	const char *problem = p->problem ? p->problem : "";
	char text[200];

	if (!strcmp(problem, "input error"))
		return complain_at(y, p->mark, "yaml-syntax", "more than 2000 lines begin with %T; write tags in full: !<...>");
	if (!strncmp(problem, "control characters", 18)) {
		snprintf(text, sizeof(text), "the control character U+%04X is not allowed; remove it, or write \"\\%s%0*x\" in double quotes",
			 (unsigned)p->problem_value, p->problem_value > 0xFF ? "u" : "x", p->problem_value > 0xFF ? 4 : 2,
			 (unsigned)p->problem_value);
		return complain_at(y, decoded_end(p), "control-character", text);
	}
	if (!strcmp(problem, "input is too long"))
		return complain_at(y, decoded_end(p), "size", "the input is too long for the YAML reader; split it");
	if (p->encoding == YAML_UTF8_ENCODING && p->raw_buffer.pointer < p->raw_buffer.last)
		snprintf(text, sizeof(text), "not valid UTF-8 (byte 0x%02X at offset %zu); save the file as UTF-8",
			 *p->raw_buffer.pointer, p->offset + (size_t)y->from);
	else
		snprintf(text, sizeof(text), "not valid UTF-%d (at byte offset %zu); save the file as UTF-8",
			 p->encoding == YAML_UTF8_ENCODING ? 8 : 16, p->problem_offset + (size_t)y->from);
	return complain_at(y, decoded_end(p), "utf8", text);
}

static const char *about_character(const yaml_parser_t *p)
{
	switch (p->buffer.pointer < p->buffer.last ? *p->buffer.pointer : 0) {
	case '\t':
		return "a tab cannot indent; use spaces";
	case '`':
	case '@':
		return "` and @ cannot begin a value; quote the text";
	case '%':
		return "% cannot begin a value; quote the text (a template's {% ... %} must be rendered first)";
	default:
		return "this character cannot begin a value; quote the text";
	}
}

/* The input ended where a value should stand. */
static int cut_short(struct yaml *y)
{
	const struct frame *f = build_top(y->b);
	char text[200];

	snprintf(text, sizeof(text), "the input ends within the %s that begins at line %u, column %u; close it, or quote the text",
		 kind_name(f->node->kind), f->node->line, f->node->col);
	return complain_at(y, y->parser.problem_mark, "yaml-syntax", text);
}

/* What only the events before the error tell; NULL: nothing. */
static const char *by_history(const struct yaml *y, const char *problem)
{
	if ((!strcmp(problem, "did not find expected key") || !strcmp(problem, "did not find expected '-' indicator")) &&
	    y->quote_line == y->parser.problem_mark.line + 1)
		return "nothing may follow the closing quote here; double the quote or escape it if it belongs to the text";
	if (!strcmp(problem, "did not find expected <document start>") && !y->documents)
		return "a line \"---\" must follow the % directives";
	if (!strcmp(problem, "mapping values are not allowed in this context") && y->parser.problem_mark.column > 1024)
		return "a key of more than 1024 characters; write \"? KEY\" and \": VALUE\" on lines of their own";
	return NULL;
}

int yaml_complain(struct yaml *y)
{
	yaml_parser_t *p = &y->parser;
	const char *problem = p->problem ? p->problem : "";
	yaml_mark_t context = p->context ? p->context_mark : p->problem_mark;
	char text[300];
	size_t i;

	if (y->in->error) {
		errno = y->in->error;
		return diag_sys(y->b->diag, "read", y->in->label);
	}
	if (p->error == YAML_MEMORY_ERROR)
		return diag_trouble(y->b->diag, IN_FILE(y->in->label), "memory", "out of memory; give the program more, or smaller inputs");
	if (p->error == YAML_READER_ERROR)
		return bad_bytes(y);
	if (!strcmp(problem, "found character that cannot start any token"))
		return complain_at(y, p->problem_mark, "yaml-syntax", about_character(p));
	if (!strcmp(problem, "did not find expected node content") && build_top(y->b) && p->eof && *p->buffer.pointer == '\0')
		return cut_short(y);
	if (by_history(y, problem))
		return complain_at(y, p->problem_mark, "yaml-syntax", by_history(y, problem));
	for (i = 0; i < COUNT(known); i++)
		if (!strcmp(problem, known[i].problem))
			return complain_at(y, known[i].at_context ? context : p->problem_mark, "yaml-syntax", known[i].message);
	snprintf(text, sizeof(text), "%s%s%s", p->context ? p->context : "", p->context ? ", " : "", problem);
	return complain_at(y, p->problem_mark, "yaml-syntax", text);
}
