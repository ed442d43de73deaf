/* SPDX-License-Identifier: MIT */
/* Regular expressions of ECMA 262 and RE2, translated to PCRE2 and matched within limits. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "schema/internal.h"

#include <pcre2.h>
#include <stdatomic.h>
#include <string.h>

/* PCRE2 interprets a pattern until it has been asked for so often that machine code pays. */
enum { MATCH_LIMIT = 1000000, FAST_LIMIT = MATCH_LIMIT / 64, FAST_FROM = 100 };

struct regex {
	pcre2_code *code;
	_Atomic(pcre2_code *) fast; /* a copy with machine code, or NULL */
	_Atomic unsigned asked;
	str literal; /* a pattern that is ^text$ or ^text or text: compared without PCRE2 */
	bool fixed, at_start, at_end;
	bool sound; /* ECMA 262 allows it, only PCRE2 does not: a lookbehind of no fixed width */
};
struct regex_room {
	pcre2_match_data *data;
	pcre2_match_context *context, *fast;
};

struct scanner {
	struct arena *a;
	struct buf out;
	str in;
	size_t i;
	enum regex_dialect dialect;
	const char *error;
};

static int fail(struct scanner *s, const char *why)
{
	if (!s->error)
		s->error = why;
	return -1;
}

static int peek(const struct scanner *s, size_t ahead)
{
	return s->i + ahead < s->in.n ? (unsigned char)s->in.p[s->i + ahead] : -1;
}

static int hex_digits(struct scanner *s, size_t n, uint32_t *out)
{
	uint32_t v = 0;
	for (size_t k = 0; k < n; k++) {
		int c = peek(s, k);
		if (c < 0 || !strchr("0123456789abcdefABCDEF", c))
			return -1;
		v = v * 16 + (uint32_t)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
	}
	s->i += n;
	*out = v;
	return 0;
}

static void code_point(struct scanner *s, uint32_t cp)
{
	buf_printf(&s->out, "\\x{%x}", (unsigned)cp);
}

/* after \u: XXXX, a surrogate pair, or {…} */
static int unicode_escape(struct scanner *s)
{
	uint32_t v = 0, low = 0;
	if (peek(s, 0) == '{') {
		for (s->i++; peek(s, 0) >= 0 && peek(s, 0) != '}'; ) {
			uint32_t d;
			if (hex_digits(s, 1, &d) || (v = v * 16 + d) > 0x10FFFF)
				return fail(s, "\\u{…} needs a code point in hexadecimal");
		}
		s->i++;
	} else if (hex_digits(s, 4, &v)) {
		return fail(s, "\\u needs four hexadecimal digits");
	} else if (v >= 0xD800 && v < 0xDC00 && peek(s, 0) == '\\' && peek(s, 1) == 'u') {
		size_t back = s->i;
		s->i += 2;
		if (!hex_digits(s, 4, &low) && low >= 0xDC00 && low < 0xE000)
			v = 0x10000 + ((v - 0xD800) << 10) + (low - 0xDC00);
		else
			s->i = back;
	}
	if (v >= 0xD800 && v < 0xE000)
		v = 0xFFFD; /* a lone surrogate can't be in UTF-8: matches nothing that was read */
	code_point(s, v);
	return 0;
}

static const struct { const char *name, *pcre; } categories[] = {
	{ "Letter", "L" }, { "Lowercase_Letter", "Ll" }, { "Uppercase_Letter", "Lu" }, { "Titlecase_Letter", "Lt" },
	{ "Cased_Letter", "L&" }, { "LC", "L&" }, { "Modifier_Letter", "Lm" }, { "Other_Letter", "Lo" }, { "Mark", "M" },
	{ "Combining_Mark", "M" }, { "Nonspacing_Mark", "Mn" }, { "Spacing_Mark", "Mc" }, { "Enclosing_Mark", "Me" },
	{ "Number", "N" }, { "Decimal_Number", "Nd" }, { "digit", "Nd" }, { "Letter_Number", "Nl" }, { "Other_Number", "No" },
	{ "Punctuation", "P" }, { "punct", "P" }, { "Connector_Punctuation", "Pc" }, { "Dash_Punctuation", "Pd" },
	{ "Open_Punctuation", "Ps" }, { "Close_Punctuation", "Pe" }, { "Initial_Punctuation", "Pi" },
	{ "Final_Punctuation", "Pf" }, { "Other_Punctuation", "Po" }, { "Symbol", "S" }, { "Math_Symbol", "Sm" },
	{ "Currency_Symbol", "Sc" }, { "Modifier_Symbol", "Sk" }, { "Other_Symbol", "So" }, { "Separator", "Z" },
	{ "Space_Separator", "Zs" }, { "Line_Separator", "Zl" }, { "Paragraph_Separator", "Zp" }, { "Other", "C" },
	{ "Control", "Cc" }, { "cntrl", "Cc" }, { "Format", "Cf" }, { "Surrogate", "Cs" }, { "Private_Use", "Co" }, { "Unassigned", "Cn" },
};

/* after \p or \P: {Name}, {Script=Name}; RE2 also \pL */
static int property(struct scanner *s, char which)
{
	if (s->dialect == REGEX_RE2 && peek(s, 0) != '{') {
		buf_printf(&s->out, "\\%c%c", which, peek(s, 0));
		s->i++;
		return 0;
	}
	ptrdiff_t end = str_chr(str_sub(s->in, s->i, s->in.n), '}');
	if (peek(s, 0) != '{' || end < 2)
		return fail(s, "\\p needs a property in braces: \\p{L}");
	str name = str_sub(s->in, s->i + 1, s->i + (size_t)end);
	s->i += (size_t)end + 1;
	ptrdiff_t eq = str_chr(name, '=');
	if (eq >= 0) {
		str key = str_sub(name, 0, (size_t)eq), value = str_sub(name, (size_t)eq + 1, name.n);
		if (str_eq(key, S("General_Category")) || str_eq(key, S("gc")))
			name = value;
		else if (!str_eq(key, S("Script")) && !str_eq(key, S("sc")) && !str_eq(key, S("Script_Extensions")) && !str_eq(key, S("scx")))
			return fail(s, "this \\p property is not one of ECMA 262");
	}
	for (size_t k = 0; k < COUNT(categories); k++)
		if (str_eq(name, str_of(categories[k].name)))
			name = str_of(categories[k].pcre);
	buf_printf(&s->out, "\\%c{%.*s}", which, STR_ARG(name));
	return 0;
}

#define SPACES "\\t-\\r \\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}"
#define NO_SPACES "\\x{0}-\\x{8}\\x{e}-\\x{1f}!-\\x{9f}\\x{a1}-\\x{167f}\\x{1681}-\\x{1fff}\\x{200b}-\\x{2027}\\x{202a}-\\x{202e}" \
	"\\x{2030}-\\x{205e}\\x{2060}-\\x{2fff}\\x{3001}-\\x{fefe}\\x{ff00}-\\x{10ffff}"

static void spaces(struct scanner *s, bool not, bool in_class)
{
	if (s->dialect == REGEX_RE2)
		buf_add(&s->out, not ? (in_class ? S("\\x{0}-\\x{8}\\x{b}\\x{e}-\\x{1f}!-\\x{10ffff}") : S("[^\\t\\n\\f\\r ]"))
				     : (in_class ? S("\\t\\n\\f\\r ") : S("[\\t\\n\\f\\r ]")));
	else
		buf_printf(&s->out, "%s%s%s", in_class ? "" : "[", not ? NO_SPACES : SPACES, in_class ? "" : "]");
}

/* What ECMA 262 lets follow a backslash beside the letters with a meaning of their own. */
static bool identity(int c)
{
	return c >= 0 && c < 128 && strchr("^$\\.*+?()[]{}|/-", c);
}

static int re2_escape(struct scanner *s, int c, bool in_class)
{
	uint32_t v = (uint32_t)(c - '0');
	if (c == '0' || (c >= '1' && c <= '7' && peek(s, 0) >= '0' && peek(s, 0) <= '7')) { /* in octal; a single figure would be a reference */
		for (int i = 0; i < 2 && peek(s, 0) >= '0' && peek(s, 0) <= '7'; i++)
			v = v * 8 + (uint32_t)(s->in.p[s->i++] - '0');
		code_point(s, v);
		return 0;
	}
	if (c == 'a' || (c < 128 && !(c >= '0' && c <= '9') && !((c | 32) >= 'a' && (c | 32) <= 'z')))
		buf_printf(&s->out, "\\%c", c);
	else if (!in_class && (c == 'A' || c == 'z' || c == 'Q' || c == 'E'))
		buf_printf(&s->out, "\\%c", c);
	else
		return fail(s, "no such escape in RE2");
	return 0;
}

static int escape(struct scanner *s, bool in_class)
{
	int c = peek(s, 1);
	uint32_t v;
	if (c < 0)
		return fail(s, "\\ at the end");
	s->i += 2;
	switch (c) {
	case 'd': case 'D': case 'w': case 'W': case 't': case 'n': case 'f': case 'r':
		buf_printf(&s->out, "\\%c", c);
		return 0;
	case 'b':
		buf_add(&s->out, S("\\b"));
		return 0;
	case 'B':
		buf_add(&s->out, S("\\B"));
		return in_class ? fail(s, "\\B in a class") : 0;
	case 'v':
		code_point(s, 11);
		return 0;
	case 's': case 'S':
		spaces(s, c == 'S', in_class);
		return 0;
	case 'p': case 'P':
		return property(s, (char)c);
	case 'x':
		if (s->dialect == REGEX_RE2 && peek(s, 0) == '{')
			return unicode_escape(s);
		if (hex_digits(s, 2, &v))
			return fail(s, "\\x needs two hexadecimal digits");
		code_point(s, v);
		return 0;
	}
	if (s->dialect == REGEX_RE2)
		return re2_escape(s, c, in_class);
	if (c == 'u')
		return unicode_escape(s);
	if (c == 'c') {
		int l = peek(s, 0) | 32;
		if (l < 'a' || l > 'z')
			return fail(s, "\\c needs a letter");
		s->i++;
		code_point(s, (uint32_t)(l - 'a' + 1));
	} else if (c == '0' && !(peek(s, 0) >= '0' && peek(s, 0) <= '9')) {
		code_point(s, 0);
	} else if (c >= '1' && c <= '9' && !in_class) {
		buf_printf(&s->out, "\\g{%c", c);
		for (; peek(s, 0) >= '0' && peek(s, 0) <= '9'; s->i++)
			buf_char(&s->out, s->in.p[s->i]);
		buf_char(&s->out, '}');
	} else if (c == 'k' && !in_class && peek(s, 0) == '<') {
		buf_add(&s->out, S("\\k"));
	} else if (identity(c)) {
		buf_printf(&s->out, "\\%c", c);
	} else {
		return fail(s, "no such escape in ECMA 262");
	}
	return 0;
}

static int class(struct scanner *s)
{
	buf_char(&s->out, '[');
	s->i++;
	if (peek(s, 0) == '^') {
		buf_char(&s->out, '^');
		s->i++;
	}
	bool first = true;
	for (; peek(s, 0) >= 0 && (peek(s, 0) != ']' || (first && s->dialect == REGEX_RE2)); first = false) {
		int c = peek(s, 0);
		if (c == '\\') {
			if (escape(s, true))
				return -1;
			continue;
		}
		if (c == '[' && s->dialect == REGEX_RE2 && peek(s, 1) == ':') {
			ptrdiff_t end = str_find(str_sub(s->in, s->i, s->in.n), S(":]"));
			if (end > 0) {
				buf_add(&s->out, str_sub(s->in, s->i, s->i + (size_t)end + 2));
				s->i += (size_t)end + 2;
				continue;
			}
		}
		if (c == '[' || c == ']')
			buf_char(&s->out, '\\');
		buf_char(&s->out, (char)c);
		s->i++;
	}
	if (peek(s, 0) < 0)
		return fail(s, "[ without ]");
	buf_char(&s->out, ']');
	s->i++;
	return 0;
}

/* "(?" of ECMA 262: : = ! <= <! <name>; RE2 adds flags and P<name>. */
static int group(struct scanner *s)
{
	buf_char(&s->out, '(');
	s->i++;
	if (peek(s, 0) == '*') /* (*VERB) is PCRE2's own */
		return fail(s, "nothing to repeat");
	if (peek(s, 0) != '?')
		return 0;
	int c = peek(s, 1), d = peek(s, 2);
	bool re2 = s->dialect == REGEX_RE2;
	bool ok = c == ':' || (c == '<' && (!re2 || (d != '=' && d != '!')));
	if (!ok && !(re2 ? c > 0 && strchr("PimsU-", c) : c == '=' || c == '!'))
		return fail(s, "no such group");
	buf_char(&s->out, '?');
	s->i++;
	return 0;
}

/* One of the two counts, "2,5". */
static bool more_than(str counts, int64_t most)
{
	ptrdiff_t comma = str_chr(counts, ',');
	int64_t v;
	return (str_to_i64(comma < 0 ? counts : str_sub(counts, 0, (size_t)comma), &v) && v > most) ||
	       (comma >= 0 && str_to_i64(str_sub(counts, (size_t)comma + 1, counts.n), &v) && v > most) || counts.n > 18;
}

static int quantifier(struct scanner *s, bool can)
{
	int c = peek(s, 0);
	if (!can)
		return fail(s, "nothing to repeat");
	if (c == '{') {
		size_t k = 1;
		while (peek(s, k) >= '0' && peek(s, k) <= '9')
			k++;
		if (peek(s, k) == ',')
			for (k++; peek(s, k) >= '0' && peek(s, k) <= '9'; k++)
				;
		if (k < 2 || peek(s, k) != '}' || peek(s, 1) == ',') {
			buf_add(&s->out, S("\\{"));
			s->i++;
			return 1; /* a brace as it is */
		}
		if (s->dialect == REGEX_RE2 && more_than(str_sub(s->in, s->i + 1, s->i + k), 1000))
			return fail(s, "repeats more than 1000 times");
		buf_add(&s->out, str_sub(s->in, s->i, s->i + k + 1));
		s->i += k + 1;
	} else {
		buf_char(&s->out, (char)c);
		s->i++;
	}
	if (peek(s, 0) == '?') {
		buf_char(&s->out, '?');
		s->i++;
	}
	return 0;
}

static int translate(struct scanner *s)
{
	bool can = false; /* what stands before can be repeated */
	while (s->i < s->in.n) {
		int c = peek(s, 0), got;
		switch (c) {
		case '\\':
			can = !(peek(s, 1) == 'b' || peek(s, 1) == 'B');
			if (escape(s, false))
				return -1;
			break;
		case '[':
			can = true;
			if (class(s))
				return -1;
			break;
		case '(':
			can = false;
			if (group(s))
				return -1;
			break;
		case '*': case '+': case '?':
		case '{':
			got = quantifier(s, can || c == '{');
			if (got < 0)
				return -1;
			can = got == 1;
			break;
		case '.':
			buf_add(&s->out, s->dialect == REGEX_ECMA ? S("[^\\n\\r\\x{2028}\\x{2029}]") : S("."));
			s->i++;
			can = true;
			break;
		default:
			buf_char(&s->out, (char)c);
			s->i++;
			can = c != '^' && c != '|' && c != '$';
			break;
		}
	}
	return 0;
}

/* ^text$ and its like need no engine. */
static void find_literal(struct regex *r, str p)
{
	size_t from = 0, to = p.n;
	r->at_start = to > from && p.p[0] == '^';
	from += r->at_start;
	r->at_end = to > from && p.p[to - 1] == '$';
	to -= r->at_end;
	for (size_t i = from; i < to; i++)
		if (strchr("\\^$.|?*+()[]{}", p.p[i]) || !p.p[i])
			return;
	r->fixed = true;
	r->literal = str_sub(p, from, to);
}

static bool compile(struct arena *a, struct regex *r, str pattern, enum regex_dialect d, const char **error, size_t *offset)
{
	find_literal(r, pattern);
	if (r->fixed)
		return true;
	struct scanner s = { .a = a, .out = BUF(a), .in = pattern, .dialect = d };
	if (translate(&s)) {
		*error = s.error;
		*offset = s.i;
		return false;
	}
	uint32_t flags = PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C;
	if (d == REGEX_ECMA)
		flags |= PCRE2_MATCH_UNSET_BACKREF | PCRE2_ALLOW_EMPTY_CLASS;
	int code;
	PCRE2_SIZE at;
	str t = buf_str(&s.out);
	r->code = pcre2_compile((PCRE2_SPTR)(t.p ? t.p : ""), t.n, flags, &code, &at, NULL);
	if (!r->code) {
		r->sound = code == PCRE2_ERROR_LOOKBEHIND_NOT_FIXED_LENGTH;
		char *text = arena_alloc(a, 256);
		pcre2_get_error_message(code, (PCRE2_UCHAR *)text, 256);
		*error = text;
		*offset = 0;
	}
	return r->code;
}

struct regex *regex_compile(struct arena *a, str pattern, enum regex_dialect d, const char **error, size_t *offset)
{
	struct regex *r = NEW(a, struct regex);
	return compile(a, r, pattern, d, error, offset) ? r : NULL;
}

bool regex_valid(struct arena *a, str pattern)
{
	struct regex r = { 0 };
	const char *error;
	size_t offset;
	bool ok = compile(a, &r, pattern, REGEX_ECMA, &error, &offset) || r.sound;
	pcre2_code_free(r.code);
	return ok;
}

void regex_free(struct regex *r)
{
	pcre2_code_free(r->code);
	pcre2_code_free(r->fast);
}

struct regex_room *regex_room_new(struct arena *a)
{
	struct regex_room *m = NEW(a, struct regex_room);
	m->data = pcre2_match_data_create(1, NULL);
	m->context = pcre2_match_context_create(NULL);
	m->fast = pcre2_match_context_create(NULL);
	pcre2_set_match_limit(m->context, MATCH_LIMIT);
	pcre2_set_match_limit(m->fast, FAST_LIMIT);
	pcre2_set_heap_limit(m->context, 20000); /* KiB */
	return m;
}

void regex_room_free(struct regex_room *m)
{
	pcre2_match_data_free(m->data);
	pcre2_match_context_free(m->context);
	pcre2_match_context_free(m->fast);
}

static void make_fast(struct regex *r)
{
	pcre2_code *copy = pcre2_code_copy(r->code), *none = NULL;
	if (!copy || pcre2_jit_compile(copy, PCRE2_JIT_COMPLETE) || !atomic_compare_exchange_strong(&r->fast, &none, copy))
		pcre2_code_free(copy);
}

/* Where machine code gives up, what the interpreter says counts: whether it gives up does not depend on what was asked before. */
static int match(struct regex_room *m, struct regex *r, str s)
{
	PCRE2_SPTR text = (PCRE2_SPTR)(s.p ? s.p : "");
	uint32_t checked = utf8_valid(s, NULL) ? PCRE2_NO_UTF_CHECK : 0; /* faster than PCRE2's own */
	pcre2_code *fast = atomic_load_explicit(&r->fast, memory_order_acquire);
	int n = fast ? pcre2_match(fast, text, s.n, 0, checked, m->data, m->fast) : PCRE2_ERROR_MATCHLIMIT;
	if (n >= 0 || n == PCRE2_ERROR_NOMATCH)
		return n;
	if (!fast && atomic_fetch_add_explicit(&r->asked, 1, memory_order_relaxed) == FAST_FROM)
		make_fast(r);
	return pcre2_match(r->code, text, s.n, 0, checked, m->data, m->context);
}

int regex_match(struct regex_room *m, struct regex *r, str s)
{
	if (r->fixed) {
		if (r->at_start && r->at_end)
			return str_eq(s, r->literal);
		if (r->at_start || r->at_end)
			return r->at_start ? str_starts(s, r->literal) : str_ends(s, r->literal);
		return str_find(s, r->literal) >= 0;
	}
	int n = match(m, r, s);
	return n >= 0 ? 1 : n == PCRE2_ERROR_NOMATCH ? 0 : -1;
}

int regex_find(struct regex_room *m, const struct regex *r, str s, size_t from, size_t *start, size_t *end)
{
	int n = pcre2_match(r->code, (PCRE2_SPTR)(s.p ? s.p : ""), s.n, from, 0, m->data, m->context);
	if (n < 0)
		return n == PCRE2_ERROR_NOMATCH ? 0 : -1;
	*start = pcre2_get_ovector_pointer(m->data)[0];
	*end = pcre2_get_ovector_pointer(m->data)[1];
	return 1;
}
