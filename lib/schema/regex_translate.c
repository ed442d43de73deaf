/* SPDX-License-Identifier: MIT */
/* Regular expressions of ECMA 262 and RE2, in PCRE2's words. */
#include "schema/internal.h"

#include <string.h>

struct scanner {
	struct arena *a;
	struct buf out;
	str in;
	size_t i;
	enum regex_dialect dialect;
	const char *error;
	struct { struct name *p; size_t n, cap; } names; /* of groups */
	struct { struct open *p; size_t n, cap; } open;	 /* groups that are not closed yet */
	size_t captures;
	bool ahead, backreference, hidden_capture; /* hidden: in a lookbehind that was split off */
	struct regex_text *split; /* NULL: lookbehinds stay where they are */
};
struct name {
	str text;
	size_t used; /* where, +1 */
	bool defined;
};
struct open {
	size_t at; /* in the output */
	size_t captures;
	char behind; /* '=' or '!', or 0 */
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
static int unicode_value(struct scanner *s, uint32_t *out)
{
	uint32_t v = 0, low = 0, d;
	if (peek(s, 0) == '{') {
		s->i++;
		do {
			if (hex_digits(s, 1, &d) || (v = v * 16 + d) > 0x10FFFF)
				return fail(s, "\\u{…} needs a code point in hexadecimal");
		} while (peek(s, 0) != '}');
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
	*out = v >= 0xD800 && v < 0xE000 ? 0xFFFD : v; /* a lone surrogate can't be in UTF-8: matches nothing that was read */
	return 0;
}

static int unicode_escape(struct scanner *s)
{
	uint32_t v;
	if (unicode_value(s, &v))
		return -1;
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
	if (str_eq(name, S("Assigned"))) {
		name = S("Cn");
		which ^= 'p' ^ 'P';
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

/* What ECMA 262 lets follow a backslash beside the letters with a meaning of their own: what can't be in a name. */
static bool identity(int c)
{
	return c >= ' ' && c < 127 && c != '_' && !(c >= '0' && c <= '9') && !((c | 32) >= 'a' && (c | 32) <= 'z');
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

/* A name of ECMA 262 may be longer than one of PCRE2, and hold other letters. */
static int group_name(struct scanner *s, size_t *index)
{
	struct buf b = BUF(s->a);
	while (peek(s, 0) >= 0 && peek(s, 0) != '>') {
		int c = peek(s, 0);
		uint32_t v;
		char text[4];
		bool letter = (c | 32) >= 'a' && (c | 32) <= 'z', digit = c >= '0' && c <= '9' && b.n;
		if (c == '\\' && peek(s, 1) == 'u') {
			s->i += 2;
			if (unicode_value(s, &v))
				return -1;
			buf_add(&b, (str){ text, utf8_encode(text, v) });
			continue;
		}
		if (!letter && !digit && c != '_' && c != '$' && c < 128)
			return fail(s, "a group's name is made of letters, digits, _ and $");
		buf_char(&b, (char)c);
		s->i++;
	}
	if (!b.n || peek(s, 0) < 0)
		return fail(s, "a group's name ends with >");
	s->i++;
	for (*index = 0; *index < s->names.n; ++*index)
		if (str_eq(s->names.p[*index].text, buf_str(&b)))
			return 0;
	*VEC_ADD(s->a, &s->names) = (struct name){ .text = str_copy(s->a, buf_str(&b)) };
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
		s->backreference = true;
		buf_printf(&s->out, "\\g{%c", c);
		for (; peek(s, 0) >= '0' && peek(s, 0) <= '9'; s->i++)
			buf_char(&s->out, s->in.p[s->i]);
		buf_char(&s->out, '}');
	} else if (c == 'k' && !in_class && peek(s, 0) == '<') {
		size_t k, at = s->i++;
		if (group_name(s, &k))
			return -1;
		s->names.p[k].used = at + 1;
		s->backreference = true;
		buf_printf(&s->out, "\\k<g%zu>", k);
	} else if (identity(c)) {
		buf_printf(&s->out, "\\%c", c);
	} else {
		return fail(s, "no such escape in ECMA 262");
	}
	return 0;
}

/* A hyphen beside \d and its like stands for itself. */
static bool plain_hyphen(const struct scanner *s, size_t start, bool after_escape)
{
	bool last = peek(s, 1) == ']' || s->i == start, before = peek(s, 1) == '\\' && peek(s, 2) > 0 && strchr("dDwWsSpP", peek(s, 2));
	return s->dialect == REGEX_ECMA && !last && (after_escape || before);
}

static int class(struct scanner *s)
{
	if (s->dialect == REGEX_ECMA && peek(s, 1) == ']') { /* nothing; PCRE2 would drop what repeats it */
		buf_add(&s->out, S("(?:(?!))"));
		s->i += 2;
		return 0;
	}
	buf_char(&s->out, '[');
	s->i++;
	if (peek(s, 0) == '^') {
		buf_char(&s->out, '^');
		s->i++;
	}
	bool first = true, set = false; /* set: \d or its like stands before */
	size_t start = s->i;
	for (; peek(s, 0) >= 0 && (peek(s, 0) != ']' || (first && s->dialect == REGEX_RE2)); first = false) {
		int c = peek(s, 0);
		if (c == '\\') {
			set = peek(s, 1) > 0 && strchr("dDwWsSpP", peek(s, 1));
			if (escape(s, true))
				return -1;
			continue;
		}
		if (c == '-' && plain_hyphen(s, start, set))
			buf_char(&s->out, '\\');
		set = false;
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
	struct open *o = VEC_ADD(s->a, &s->open);
	int c = peek(s, 2), d = peek(s, 3);
	bool re2 = s->dialect == REGEX_RE2, look = c == '<' && (d == '=' || d == '!');
	*o = (struct open){ .at = s->out.n, .captures = s->captures };
	if (peek(s, 1) == '*') /* (*VERB) is PCRE2's own */
		return s->i++, fail(s, "nothing to repeat");
	if (peek(s, 1) != '?') {
		s->captures++;
		buf_char(&s->out, '(');
		s->i++;
		return 0;
	}
	if (!(c == ':' || (c == '<' && !(re2 && look)) || (re2 ? c > 0 && strchr("PimsU-", c) : c == '=' || c == '!')))
		return s->i++, fail(s, "no such group");
	buf_add(&s->out, S("(?"));
	s->i += 2;
	s->ahead |= c == '=';
	if (look) {
		o->behind = (char)d;
		buf_printf(&s->out, "<%c", d);
		s->i += 2;
	} else if (c == '<' && !re2) {
		size_t k;
		s->i++;
		s->captures++;
		if (group_name(s, &k))
			return -1;
		if (s->names.p[k].defined)
			return fail(s, "two groups have this name");
		s->names.p[k].defined = true;
		buf_printf(&s->out, "<g%zu>", k);
	}
	return 0;
}

/* At ")": a lookbehind that is split off leaves a callout in its place.  *can: the group may be repeated. */
static int close_group(struct scanner *s, bool *can)
{
	struct open o = s->open.n ? s->open.p[--s->open.n] : (struct open){ 0 };
	s->i++;
	*can = !o.behind;
	if (!o.behind || !s->split) {
		buf_char(&s->out, ')');
		return 0;
	}
	if (s->split->behind.n >= REGEX_BEHIND_MOST)
		return fail(s, "too many lookbehinds");
	*VEC_ADD(s->a, &s->split->behind) = str_copy(s->a, str_sub(buf_str(&s->out), o.at + 4, s->out.n)); /* after (?<= */
	s->hidden_capture |= s->captures > o.captures;
	s->out.n = o.at;
	buf_printf(&s->out, "(?%c(?C%zu))", o.behind == '=' ? ':' : '!', s->split->behind.n - 1);
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
		case ')':
			if (close_group(s, &can))
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
	for (size_t k = 0; k < s->names.n; k++) {
		if (!s->names.p[k].defined) {
			s->i = s->names.p[k].used - 1;
			return fail(s, "no group has this name");
		}
	}
	return 0;
}

bool regex_translate(struct arena *a, str pattern, enum regex_dialect d, bool split, struct regex_text *out)
{
	*out = (struct regex_text){ 0 };
	struct scanner s = { .a = a, .out = BUF(a), .in = pattern, .dialect = d, .split = split ? out : NULL };
	if (translate(&s) || (s.hidden_capture && s.backreference && fail(&s, "a lookbehind without a fixed width, with groups that are referred to"))) {
		out->error = s.error;
		out->offset = s.i;
		return false;
	}
	out->text = buf_str(&s.out);
	out->ahead = s.ahead;
	return true;
}
