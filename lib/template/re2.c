/* SPDX-License-Identifier: MIT */
/* Regular expressions as RE2 means them, run by PCRE2: translated, or refused where RE2 has no such thing. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "template/re2.h"

#define MATCH_LIMIT 5000000
#define HEAP_LIMIT_KIB 65536

/* ---- translation ---- */

struct scan {
	str in;
	size_t i;
	struct buf *out;
	const char *error;
	bool in_class;
};

static int peek(const struct scan *s, size_t ahead)
{
	return s->i + ahead < s->in.n ? (unsigned char)s->in.p[s->i + ahead] : -1;
}

static bool refuse(struct scan *s, const char *why)
{
	s->error = why;
	return false;
}

static void copy(struct scan *s, size_t n)
{
	buf_add(s->out, str_sub(s->in, s->i, s->i + n));
	s->i += n;
}

static bool octal(struct scan *s)
{
	unsigned v = 0, n = 0;

	for (s->i++; n < 3 && peek(s, 0) >= '0' && peek(s, 0) <= '7'; n++, s->i++)
		v = v * 8 + (unsigned)(peek(s, 0) - '0');
	buf_printf(s->out, "\\x{%x}", v);
	return true;
}

static bool hex(struct scan *s)
{
	size_t end;

	if (peek(s, 2) == '{') {
		ptrdiff_t close = str_chr(str_sub(s->in, s->i, s->in.n), '}');

		if (close < 4)
			return refuse(s, "invalid escape sequence");
		copy(s, (size_t)close + 1);
		return true;
	}
	for (end = 2; end < 4; end++)
		if (peek(s, end) < 0 || !strchr("0123456789abcdefABCDEF", peek(s, end)))
			return refuse(s, "invalid escape sequence");
	copy(s, 4);
	return true;
}

static bool escape(struct scan *s)
{
	int c = peek(s, 1);

	if (c < 0)
		return refuse(s, "trailing backslash at end of expression");
	if (c >= '1' && c <= '9' && !(c <= '7' && peek(s, 2) >= '0' && peek(s, 2) <= '7'))
		return refuse(s, "RE2 has no back references");
	if (c >= '0' && c <= '7')
		return octal(s);
	if (c == 'x')
		return hex(s);
	if (c == 'v' || c == 's' || (c == 'S' && !s->in_class)) {
		buf_add(s->out, c == 'v' ? S("\\x0b") : c == 's' ? s->in_class ? S("\\t\\n\\f\\r ") : S("[\\t\\n\\f\\r ]") : S("[^\\t\\n\\f\\r ]"));
		s->i += 2;
		return true;
	}
	if (c == 'p' || c == 'P') {
		ptrdiff_t close = peek(s, 2) == '{' ? str_chr(str_sub(s->in, s->i, s->in.n), '}') : 2;

		if (close < 0)
			return refuse(s, "invalid character class range");
		copy(s, (size_t)close + 1);
		return true;
	}
	if (c == 'Q') {
		ptrdiff_t end = str_find(str_sub(s->in, s->i, s->in.n), S("\\E"));

		copy(s, end < 0 ? s->in.n - s->i : (size_t)end + 2);
		return true;
	}
	if (c < 0x80 && ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') && !strchr(s->in_class ? "afnrtdDwWS" : "afnrtdDwWAzbB", c))
		return refuse(s, "invalid escape sequence");
	copy(s, 2);
	return true;
}

static bool group(struct scan *s)
{
	size_t k = 2;

	if (peek(s, 1) == '*')
		return refuse(s, "missing argument to repetition operator: *");
	if (peek(s, 1) != '?') {
		copy(s, 1);
		return true;
	}
	if (peek(s, 2) == 'P' || peek(s, 2) == '<') {
		k = peek(s, 2) == 'P' ? 3 : 2;
		if (peek(s, k) != '<' || peek(s, k + 1) == '=' || peek(s, k + 1) == '!')
			return refuse(s, k == 3 ? "invalid named capture" : "RE2 has no lookbehind");
		copy(s, k + 1);
		return true;
	}
	if (peek(s, 2) == '=' || peek(s, 2) == '!')
		return refuse(s, "RE2 has no lookahead");
	while (peek(s, k) > 0 && strchr("imsU-", peek(s, k)))
		k++;
	if (peek(s, k) != ':' && (peek(s, k) != ')' || k == 2))
		return refuse(s, "invalid or unsupported Perl syntax");
	copy(s, k + 1);
	return true;
}

static bool repetition(struct scan *s)
{
	char *end;
	long n = 0;
	size_t k = 1;

	if (peek(s, 0) == '{') { /* a literal brace, unless {n}, {n,} or {n,m} */
		while (peek(s, k) > 0 && strchr("0123456789,", peek(s, k)))
			k++;
		if (k == 1 || peek(s, k) != '}' || peek(s, 1) == ',') {
			buf_add(s->out, S("\\{"));
			s->i++;
			return true;
		}
		n = strtol(s->in.p + s->i + 1, &end, 10);
		if (*end == ',' && end[1] != '}')
			n = strtol(end + 1, NULL, 10) > n ? strtol(end + 1, NULL, 10) : n;
		if (n > 1000)
			return refuse(s, "invalid repeat count");
	}
	copy(s, peek(s, 0) == '{' ? k + 1 : 1);
	if (peek(s, 0) == '?')
		copy(s, 1);
	if (peek(s, 0) == '*' || peek(s, 0) == '+' || peek(s, 0) == '?')
		return refuse(s, "invalid nested repetition operator");
	return true;
}

static bool class(struct scan *s)
{
	bool first = true, good = true;

	s->in_class = true;
	copy(s, peek(s, 1) == '^' ? 2 : 1);
	for (; good; first = false) {
		int c = peek(s, 0);

		if (c < 0)
			return refuse(s, "missing closing ]");
		if (c == ']' && !first)
			break;
		if (c == '[' && peek(s, 1) == ':') {
			ptrdiff_t end = str_find(str_sub(s->in, s->i, s->in.n), S(":]"));

			if (end >= 0) {
				copy(s, (size_t)end + 2);
				continue;
			}
		}
		if (c == '\\') {
			good = escape(s);
		} else if (c == '[' || (c == ']' && first)) {
			buf_char(s->out, '\\');
			copy(s, 1);
		} else {
			copy(s, 1);
		}
	}
	if (good)
		copy(s, 1);
	s->in_class = false;
	return good;
}

static const char *translate(str in, struct buf *out)
{
	struct scan s = { .in = in, .out = out };
	bool good = true;

	while (good && s.i < in.n) {
		int c = peek(&s, 0);

		if (c == '\\')
			good = escape(&s);
		else if (c == '(')
			good = group(&s);
		else if (c == '[')
			good = class(&s);
		else if (strchr("*+?{", c))
			good = repetition(&s);
		else
			copy(&s, 1);
	}
	return s.error;
}

/* ---- compiled expressions, kept for the execution ---- */

struct regex {
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *limits;
	const char *error;
};

static void *get(size_t n, void *a)
{
	return arena_raw(a, n);
}

static void give_back(void *p, void *a)
{
	(void)p;
	(void)a;
}

static void compile(struct arena *a, str text, struct regex *re)
{
	pcre2_general_context *g = pcre2_general_context_create(get, give_back, a);
	pcre2_compile_context *cc = pcre2_compile_context_create(g);
	struct buf b = BUF(a);
	char *why = arena_raw(a, 160);
	int code;
	PCRE2_SIZE at;

	if ((re->error = translate(text, &b)))
		return;
	pcre2_set_newline(cc, PCRE2_NEWLINE_LF);
	pcre2_set_parens_nest_limit(cc, 250);
	re->code = pcre2_compile((PCRE2_SPTR)(b.p ? b.p : ""), b.n,
				 PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_ALT_CIRCUMFLEX | PCRE2_NEVER_BACKSLASH_C, &code, &at, cc);
	if (!re->code) {
		pcre2_get_error_message(code, (PCRE2_UCHAR *)why, 160);
		re->error = why;
		return;
	}
	re->data = pcre2_match_data_create_from_pattern(re->code, g);
	re->limits = pcre2_match_context_create(g);
	pcre2_set_match_limit(re->limits, MATCH_LIMIT);
	pcre2_set_heap_limit(re->limits, HEAP_LIMIT_KIB);
}

struct regex *re2_get(struct tmpl_call *c, str text, bool quiet)
{
	void **slot = map_at(c->a, &c->x->state->regexes, text);
	struct regex *re = *slot;

	if (!re) {
		*slot = re = NEW(c->a, struct regex);
		compile(c->a, text.p ? text : S(""), re);
	}
	if (!re->error)
		return re;
	if (!quiet)
		tmpl_error(c, "%s: error parsing regexp `%.*s`: %s", c->name, STR_ARG(text), re->error);
	return NULL;
}

int re2_match(struct tmpl_call *c, struct regex *re, str s, size_t from, size_t *start, size_t *end)
{
	int n = pcre2_match(re->code, (PCRE2_SPTR)(s.p ? s.p : ""), s.n, from, 0, re->data, re->limits);
	PCRE2_SIZE *at = pcre2_get_ovector_pointer(re->data);

	c->x->state->steps += 1 + s.n / 64;
	if (n == PCRE2_ERROR_NOMATCH)
		return 0;
	if (n < 0)
		return tmpl_error(c, "%s: the regular expression needs too much work on this text (code %d); make it simpler", c->name, n);
	*start = at[0];
	*end = at[1];
	return 1;
}

bool re2_group(struct regex *re, str s, str name, str *out)
{
	PCRE2_SIZE *at = pcre2_get_ovector_pointer(re->data);
	uint32_t count = pcre2_get_ovector_count(re->data);
	int64_t i;
	char text[64];

	if (!str_to_i64(name, &i)) {
		if (name.n >= sizeof(text))
			return false;
		memcpy(text, name.p, name.n);
		text[name.n] = '\0';
		i = pcre2_substring_number_from_name(re->code, (PCRE2_SPTR)text);
	}
	if (i < 0 || i >= count || at[2 * i] == PCRE2_UNSET)
		return false;
	*out = str_sub(s, at[2 * i], at[2 * i + 1]);
	return true;
}
