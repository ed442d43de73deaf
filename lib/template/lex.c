/* SPDX-License-Identifier: MIT */
/* The tokens of a Go template: text, delimiters with trimming, and what stands inside actions. */
#include <stdlib.h>
#include <string.h>

#include "template/internal.h"

enum { WORD = 1, SPACE = 2, ENDS_WORD = 4 };

/* What each byte of ASCII can be. */
static const unsigned char ascii[128] = {
	['\t'] = SPACE | ENDS_WORD, ['\n'] = SPACE | ENDS_WORD, ['\r'] = SPACE | ENDS_WORD, [' '] = SPACE | ENDS_WORD,
	['.'] = ENDS_WORD, [','] = ENDS_WORD, ['|'] = ENDS_WORD, [':'] = ENDS_WORD, [')'] = ENDS_WORD, ['('] = ENDS_WORD,
	['_'] = WORD, ['0'] = WORD, ['1'] = WORD, ['2'] = WORD, ['3'] = WORD, ['4'] = WORD, ['5'] = WORD, ['6'] = WORD, ['7'] = WORD,
	['8'] = WORD, ['9'] = WORD, ['a'] = WORD, ['b'] = WORD, ['c'] = WORD, ['d'] = WORD, ['e'] = WORD, ['f'] = WORD, ['g'] = WORD,
	['h'] = WORD, ['i'] = WORD, ['j'] = WORD, ['k'] = WORD, ['l'] = WORD, ['m'] = WORD, ['n'] = WORD, ['o'] = WORD, ['p'] = WORD,
	['q'] = WORD, ['r'] = WORD, ['s'] = WORD, ['t'] = WORD, ['u'] = WORD, ['v'] = WORD, ['w'] = WORD, ['x'] = WORD, ['y'] = WORD,
	['z'] = WORD, ['A'] = WORD, ['B'] = WORD, ['C'] = WORD, ['D'] = WORD, ['E'] = WORD, ['F'] = WORD, ['G'] = WORD, ['H'] = WORD,
	['I'] = WORD, ['J'] = WORD, ['K'] = WORD, ['L'] = WORD, ['M'] = WORD, ['N'] = WORD, ['O'] = WORD, ['P'] = WORD, ['Q'] = WORD,
	['R'] = WORD, ['S'] = WORD, ['T'] = WORD, ['U'] = WORD, ['V'] = WORD, ['W'] = WORD, ['X'] = WORD, ['Y'] = WORD, ['Z'] = WORD,
};

static bool is_space(int c)
{
	return c >= 0 && c < 128 && ascii[c] & SPACE;
}

static int at(const struct lexer *l, size_t pos)
{
	return pos < l->in.n ? (unsigned char)l->in.p[pos] : -1;
}

static bool starts(const struct lexer *l, size_t pos, const char *what)
{
	size_t n = strlen(what);

	return pos + n <= l->in.n && memcmp(l->in.p + pos, what, n) == 0;
}

/* Bytes of the letter, digit or underscore at pos, or 0. */
static size_t word_char(const struct lexer *l, size_t pos)
{
	int c = at(l, pos);
	uint32_t cp;

	if (c < 0x80)
		return c >= 0 && ascii[c] & WORD;
	/* Letters of other scripts: whatever is well-formed and not a space or a sign of the general blocks. */
	c = (int)utf8_decode(str_sub(l->in, pos, l->in.n), &cp);
	return cp < 0xaa || (cp >= 0x2000 && cp < 0x2c00) || (cp >= 0x3000 && cp < 0x3005) || cp == 0xd7 || cp == 0xf7 ? 0 : (size_t)c;
}

static struct token token(struct lexer *l, enum token_type type, size_t from)
{
	struct token t = { .type = type, .text = str_sub(l->in, from, l->pos) };

	while (l->mark < from) {
		const char *nl = memchr(l->in.p + l->mark, '\n', from - l->mark);

		l->mark = nl ? (size_t)(nl - l->in.p) + 1 : from;
		if (nl) {
			l->line++;
			l->bol = l->mark;
		}
	}
	t.line = l->line + 1;
	t.col = (uint32_t)(from - l->bol + 1);
	return t;
}

static struct token fail(struct lexer *l, size_t from, const char *why)
{
	struct token t = token(l, T_ERROR, from < l->in.n ? from : l->in.n);

	l->error = why;
	l->pos = l->in.n;
	l->inside = false;
	return t;
}

static bool right_delim(const struct lexer *l, size_t pos, bool *trim)
{
	int c = at(l, pos);

	*trim = is_space(c) && at(l, pos + 1) == '-' && at(l, pos + 2) == '}' && at(l, pos + 3) == '}';
	return *trim || (c == '}' && at(l, pos + 1) == '}');
}

static void skip_spaces(struct lexer *l)
{
	while (is_space(at(l, l->pos)))
		l->pos++;
}

/* At a delimiter that opens a comment: skips it. */
static bool comment(struct lexer *l, size_t open, size_t body, const char **error)
{
	bool trim;
	ptrdiff_t end = str_find(str_sub(l->in, body + 2, l->in.n), S("*/"));

	(void)open;
	if (end < 0)
		return *error = "a comment is not closed: \"*/\" is missing", false;
	l->pos = body + 2 + (size_t)end + 2;
	if (!right_delim(l, l->pos, &trim))
		return *error = "a comment must be all of its action: \"}}\" must follow \"*/\"", false;
	l->pos += trim ? 4 : 2;
	if (trim)
		skip_spaces(l);
	return true;
}

static struct token next_outside(struct lexer *l)
{
	for (;;) {
		size_t from = l->pos, open, end, body;
		ptrdiff_t i = str_find(str_sub(l->in, from, l->in.n), S("{{"));
		bool trim;
		const char *error = NULL;

		if (i < 0) {
			l->pos = l->in.n;
			return token(l, from < l->in.n ? T_TEXT : T_EOF, from);
		}
		open = end = from + (size_t)i;
		trim = at(l, open + 2) == '-' && is_space(at(l, open + 3));
		while (trim && end > from && is_space(at(l, end - 1)))
			end--;
		if (end > from) { /* the delimiter is met again next time */
			struct token t;

			l->pos = end;
			t = token(l, T_TEXT, from);
			l->pos = open;
			return t;
		}
		body = open + (trim ? 4 : 2);
		if (starts(l, body, "/*")) {
			if (!comment(l, open, body, &error))
				return fail(l, open, error);
			continue;
		}
		l->pos = body;
		l->inside = true;
		l->parens = 0;
		return token(l, T_LEFT, open);
	}
}

static bool terminator(const struct lexer *l)
{
	int c = at(l, l->pos);

	return c < 0 || (c < 128 && ascii[c] & ENDS_WORD) || (c == '}' && at(l, l->pos + 1) == '}');
}

static struct token word(struct lexer *l, size_t from, enum token_type type)
{
	static const struct {
		str name;
		enum token_type type;
	} keys[] = {
#define KEY(name, type) { { name, sizeof(name) - 1 }, type }
		KEY("block", T_BLOCK), KEY("break", T_BREAK), KEY("continue", T_CONTINUE), KEY("define", T_DEFINE), KEY("else", T_ELSE),
		KEY("end", T_END), KEY("if", T_IF), KEY("nil", T_NIL), KEY("range", T_RANGE), KEY("template", T_TEMPLATE),
		KEY("with", T_WITH), KEY("true", T_BOOL), KEY("false", T_BOOL),
	};
	struct token t;
	size_t n;

	while ((n = word_char(l, l->pos)))
		l->pos += n;
	if (!terminator(l))
		return fail(l, l->pos, "this character cannot follow a name; is a space missing?");
	t = token(l, type, from);
	if (type == T_IDENT)
		for (size_t i = 0; i < COUNT(keys); i++)
			if (t.text.n == keys[i].name.n && t.text.p[0] == keys[i].name.p[0] && str_eq(t.text, keys[i].name))
				t.type = keys[i].type;
	return t;
}

static struct token quoted(struct lexer *l, size_t from, int quote)
{
	for (l->pos = from + 1;; l->pos++) {
		int c = at(l, l->pos);

		if (c == quote)
			break;
		if (c == '\\' && quote != '`')
			c = at(l, ++l->pos);
		if (c < 0 || (c == '\n' && quote != '`'))
			return fail(l, from, quote == '\'' ? "a character constant is not closed" : "a quoted string is not closed");
	}
	l->pos++;
	return token(l, quote == '"' ? T_STRING : quote == '`' ? T_RAW : T_CHAR, from);
}

static bool scan_number(struct lexer *l)
{
	const char *digits = "0123456789_";
	int c = at(l, l->pos), base = 10;

	if (c == '+' || c == '-')
		c = at(l, ++l->pos);
	if (c == '0') {
		c = at(l, ++l->pos) | 0x20;
		base = c == 'x' ? 16 : c == 'o' ? 8 : c == 'b' ? 2 : 10;
		if (base != 10)
			l->pos++;
		digits = base == 16 ? "0123456789abcdefABCDEF_" : base == 8 ? "01234567_" : base == 2 ? "01_" : digits;
	}
	for (int dots = 0;; l->pos++) {
		c = at(l, l->pos);
		if (c > 0 && strchr(digits, c))
			continue;
		if (c != '.' || dots++)
			break;
	}
	if ((base == 10 && (c | 0x20) == 'e') || (base == 16 && (c | 0x20) == 'p')) {
		c = at(l, ++l->pos);
		if (c == '+' || c == '-')
			l->pos++;
		while ((c = at(l, l->pos)) >= '0' && (c <= '9' || c == '_'))
			l->pos++;
	}
	if (at(l, l->pos) == 'i')
		l->pos++;
	return !word_char(l, l->pos);
}

static struct token number(struct lexer *l, size_t from)
{
	bool good = scan_number(l);
	int c = at(l, l->pos);

	if (good && (c == '+' || c == '-')) {
		good = scan_number(l) && at(l, l->pos - 1) == 'i';
		if (good)
			return token(l, T_COMPLEX, from);
	}
	return good ? token(l, T_NUMBER, from) : fail(l, from, "this is no number");
}

static struct token spaces(struct lexer *l, size_t from)
{
	bool trim;

	while (is_space(at(l, l->pos)) && !(right_delim(l, l->pos, &trim) && trim))
		l->pos++;
	return token(l, T_SPACE, from);
}

static struct token close_action(struct lexer *l, size_t from, bool trim)
{
	struct token t;

	if (l->parens)
		return fail(l, from, "a \"(\" is not closed");
	l->pos += trim ? 4 : 2;
	t = token(l, T_RIGHT, from);
	if (trim)
		skip_spaces(l);
	l->inside = false;
	return t;
}

static struct token next_inside(struct lexer *l)
{
	size_t from = l->pos;
	int c = at(l, from);
	bool trim;

	if (right_delim(l, from, &trim))
		return close_action(l, from, trim);
	if (c < 0)
		return fail(l, from, "an action is not closed: \"}}\" is missing");
	if (is_space(c))
		return spaces(l, from);
	if (c == '"' || c == '`' || c == '\'')
		return quoted(l, from, c);
	if (c == '+' || c == '-' || (c >= '0' && c <= '9') || (c == '.' && at(l, from + 1) >= '0' && at(l, from + 1) <= '9'))
		return number(l, from);
	if (word_char(l, from))
		return word(l, from, T_IDENT);
	l->pos++;
	switch (c) {
	case '=':
		return token(l, T_ASSIGN, from);
	case ':':
		if (at(l, l->pos) != '=')
			return fail(l, from, "\":=\" is expected here");
		l->pos++;
		return token(l, T_DECLARE, from);
	case '|':
		return token(l, T_PIPE, from);
	case ',':
		return token(l, T_COMMA, from);
	case '$':
	case '.':
		if (terminator(l))
			return token(l, c == '$' ? T_VARIABLE : T_DOT, from);
		return word(l, from, c == '$' ? T_VARIABLE : T_FIELD);
	case '(':
		l->parens++;
		return token(l, T_LPAREN, from);
	case ')':
		if (l->parens-- == 0)
			return fail(l, from, "a \")\" has no \"(\"");
		return token(l, T_RPAREN, from);
	}
	return c > ' ' && c < 0x7f ? token(l, T_OTHER, from) : fail(l, from, "this character cannot stand in an action");
}

struct token lex_next(struct lexer *l)
{
	return l->inside ? next_inside(l) : next_outside(l);
}

/* ---- constants ---- */

static int hex(str s, size_t i, size_t n, int base)
{
	uint32_t v = 0;

	if (i + n > s.n)
		return -1;
	for (; n; n--, i++) {
		int c = s.p[i], d = c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : 99;

		if (d >= base || v > 0x7ffffff)
			return -1;
		v = v * (uint32_t)base + (uint32_t)d;
	}
	return v > 0x10ffff ? -1 : (int)v;
}

/* The escape after the backslash at s.p[*i]; raw: the value is a byte and not a code point. */
static int escape(str s, size_t *i, char quote, bool *raw)
{
	static const char from[] = "abfnrtv\\", to[] = "\a\b\f\n\r\t\v\\";
	char c = *i < s.n ? s.p[(*i)++] : 0;
	const char *p = c ? strchr(from, c) : NULL;
	size_t n = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
	int v;

	*raw = false;
	if (p)
		return to[p - from];
	if (c == quote)
		return c;
	if (c >= '0' && c <= '7') {
		v = hex(s, *i - 1, 3, 8);
		*i += 2;
		*raw = true;
		return v > 255 ? -1 : v;
	}
	if (!n)
		return -1;
	v = hex(s, *i, n, 16);
	*i += n;
	*raw = c == 'x';
	return !*raw && v >= 0xd800 && v < 0xe000 ? -1 : v;
}

bool lex_unquote(struct arena *a, str q, str *out)
{
	struct buf b = BUF(a);
	char cp[4];
	bool raw;

	if (q.n < 2)
		return false;
	*out = str_sub(q, 1, q.n - 1);
	if (q.p[0] == '`' && str_chr(*out, '\r') < 0)
		return true;
	if (q.p[0] != '`' && str_chr(*out, '\\') < 0)
		return true;
	for (size_t i = 0; i < out->n;) {
		char c = out->p[i++];
		int v;

		if (q.p[0] == '`' ? c != '\r' : c != '\\') {
			buf_char(&b, c);
		} else if (q.p[0] != '`') {
			if ((v = escape(*out, &i, q.p[0], &raw)) < 0)
				return false;
			if (raw)
				buf_char(&b, (char)v);
			else
				buf_add(&b, (str){ cp, utf8_encode(cp, (uint32_t)v) });
		}
	}
	*out = buf_str(&b);
	return true;
}

bool lex_char(str q, uint32_t *cp)
{
	str s = str_sub(q, 1, q.n - 1);
	size_t i = 1;
	bool raw;
	int v;

	if (s.n && s.p[0] == '\\') {
		v = escape(s, &i, '\'', &raw);
		*cp = (uint32_t)v;
		return v >= 0 && i == s.n;
	}
	i = utf8_decode(s, cp);
	return i && i == s.n && *cp != '\'';
}
