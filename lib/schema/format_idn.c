/* SPDX-License-Identifier: MIT */
/* Host names beyond ASCII: IDNA 2008 labels (RFC 5890 to 5893) and Punycode (RFC 3492). */
#include "schema/internal.h"

#include <string.h>

enum { LABEL_MOST = 63 };
struct label {
	uint32_t cp[LABEL_MOST * 4];
	size_t n;
};

static bool matches(struct arena *a, const char *pattern, uint32_t cp)
{
	const char *error;
	size_t offset;
	char text[4];
	struct regex *r = regex_compile(a, str_of(pattern), REGEX_ECMA, &error, &offset);
	struct regex_room *room = regex_room_new(a);
	bool ok = r && regex_match(room, r, (str){ text, utf8_encode(text, cp) }) == 1;
	regex_room_free(room);
	if (r)
		regex_free(r);
	return ok;
}

static bool between(uint32_t cp, uint32_t from, uint32_t to)
{
	return cp >= from && cp <= to;
}

static bool script(struct arena *a, uint32_t cp, const char *name)
{
	return matches(a, str_printf(a, "\\p{%s}", name).p, cp);
}

/* Combining class "virama", of the scripts in use. */
static bool is_virama(uint32_t cp)
{
	static const uint32_t list[] = { 0x94D, 0x9CD, 0xA4D, 0xACD, 0xB4D, 0xBCD, 0xC4D, 0xCCD, 0xD3B, 0xD3C, 0xD4D, 0xDCA, 0xE3A, 0xEBA,
		0xF84, 0x1039, 0x103A, 0x1714, 0x1734, 0x17D2, 0x1A60, 0x1B44, 0x1BAA, 0x1BAB, 0x1BF2, 0x1BF3, 0x2D7F, 0xA806, 0xA8C4, 0xA953,
		0xA9C0, 0xAAF6, 0xABED, 0x10A3F, 0x11046, 0x1107F, 0x110B9, 0x11133, 0x11134, 0x111C0, 0x11235, 0x112EA, 0x1134D, 0x11442,
		0x114C2, 0x115BF, 0x1163F, 0x116B6, 0x1172B, 0x11839, 0x119E0, 0x11A34, 0x11A47, 0x11A99, 0x11C3F, 0x11D44, 0x11D45, 0x11D97 };
	for (size_t i = 0; i < COUNT(list); i++)
		if (list[i] == cp)
			return true;
	return false;
}

static bool has_digit(const struct label *l, uint32_t from, uint32_t to)
{
	for (size_t i = 0; i < l->n; i++)
		if (between(l->cp[i], from, to))
			return true;
	return false;
}

/* RFC 5892, appendix A.  *rule: there is one for this code point. */
static bool context(struct arena *a, const struct label *l, size_t i, bool *rule)
{
	uint32_t cp = l->cp[i], before = i ? l->cp[i - 1] : 0, after = i + 1 < l->n ? l->cp[i + 1] : 0;
	*rule = true;
	switch (cp) {
	case 0xB7:
		return before == 'l' && after == 'l';
	case 0x375:
		return after && script(a, after, "Greek");
	case 0x5F3:
	case 0x5F4:
		return before && script(a, before, "Hebrew");
	case 0x30FB:
		for (size_t k = 0; k < l->n; k++)
			if (l->cp[k] != 0x30FB && matches(a, "[\\p{Hiragana}\\p{Katakana}\\p{Han}]", l->cp[k]))
				return true;
		return false;
	case 0x200D:
		return before && is_virama(before);
	case 0x200C:
		if (before && is_virama(before))
			return true;
		/* between letters that join, as in Arabic */
		return before && after && matches(a, "[\\p{Arabic}\\p{Syriac}\\p{Mongolian}\\p{Nko}]", before) &&
		       matches(a, "[\\p{Arabic}\\p{Syriac}\\p{Mongolian}\\p{Nko}]", after);
	}
	if (between(cp, 0x660, 0x669))
		return !has_digit(l, 0x6F0, 0x6F9);
	if (between(cp, 0x6F0, 0x6F9))
		return !has_digit(l, 0x660, 0x669);
	*rule = false;
	return false;
}

static bool allowed(struct arena *a, const struct label *l, size_t i, bool ascii)
{
	uint32_t cp = l->cp[i];
	bool rule, ok = context(a, l, i, &rule);
	if (rule)
		return ok;
	if (ascii && between(cp, 'A', 'Z'))
		return true;
	return idna_valid(cp) && !(i && idna_composes(l->cp[i - 1], cp));
}

static const char rtl[] = "[\\p{Hebrew}\\p{Arabic}\\p{Syriac}\\p{Thaana}\\p{Nko}]";

static bool right_to_left(struct arena *a, const struct label *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->cp[i] >= 0x590 && matches(a, rtl, l->cp[i]) && matches(a, "\\p{L}", l->cp[i]))
			return true;
	return false;
}

/* RFC 5893, in short: a label with right-to-left letters begins with one and holds no left-to-right ones. */
static bool bidi(struct arena *a, const struct label *l)
{
	if (!right_to_left(a, l))
		return true;
	if (!matches(a, rtl, l->cp[0]) || !matches(a, "\\p{L}", l->cp[0]))
		return false;
	bool european = has_digit(l, '0', '9') || has_digit(l, 0x6F0, 0x6F9);
	if (european && has_digit(l, 0x660, 0x669))
		return false;
	for (size_t i = 0; i < l->n; i++)
		if (matches(a, "\\p{L}", l->cp[i]) && !matches(a, rtl, l->cp[i]))
			return false;
	return true;
}

static bool valid_label(struct arena *a, const struct label *l)
{
	if (!l->n || l->cp[0] == '-' || l->cp[l->n - 1] == '-' || (l->n > 3 && l->cp[2] == '-' && l->cp[3] == '-'))
		return false;
	if (l->cp[0] >= 0x80 && matches(a, "\\p{M}", l->cp[0]))
		return false;
	bool ascii = true;
	for (size_t i = 0; i < l->n; i++)
		ascii &= l->cp[i] < 0x80;
	for (size_t i = 0; i < l->n; i++)
		if (!allowed(a, l, i, ascii))
			return false;
	return ascii || bidi(a, l);
}

/* ---- Punycode ------------------------------------------------------------------ */
static uint32_t adapt(uint32_t delta, uint32_t points, bool first)
{
	uint32_t k = 0;
	delta = first ? delta / 700 : delta / 2;
	for (delta += delta / points; delta > 455; k += 36)
		delta /= 35;
	return k + 36 * delta / (delta + 38);
}

static bool punycode(str s, struct label *l)
{
	uint32_t n = 128, i = 0, bias = 72;
	size_t b = s.n;
	while (b && s.p[b - 1] != '-')
		b--;
	l->n = 0;
	for (size_t k = 0; b && k < b - 1; k++)
		l->cp[l->n++] = (unsigned char)s.p[k];
	for (size_t p = b; p < s.n;) {
		uint32_t old = i, w = 1;
		for (uint32_t k = 36;; k += 36) {
			if (p >= s.n)
				return false;
			char c = s.p[p++];
			uint32_t d = c >= '0' && c <= '9' ? (uint32_t)(c - '0') + 26 : (uint32_t)((c | 32) - 'a');
			uint32_t t = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;
			if (d >= 36 || d > (UINT32_MAX - i) / w)
				return false;
			i += d * w;
			if (d < t)
				break;
			if (w > UINT32_MAX / (36 - t))
				return false;
			w *= 36 - t;
		}
		bias = adapt(i - old, (uint32_t)l->n + 1, old == 0);
		n += i / (uint32_t)(l->n + 1);
		i %= (uint32_t)(l->n + 1);
		if (n > 0x10FFFF || l->n >= COUNT(l->cp))
			return false;
		memmove(&l->cp[i + 1], &l->cp[i], (l->n - i) * sizeof(*l->cp));
		l->cp[i++] = n;
		l->n++;
	}
	return true;
}

/* The length of a label in Punycode, "xn--" included. */
static size_t encoded_length(const struct label *l)
{
	uint32_t n = 128, delta = 0, bias = 72;
	size_t basic = 0, out;
	for (size_t i = 0; i < l->n; i++)
		basic += l->cp[i] < 128;
	if (basic == l->n)
		return basic;
	out = 4 + basic + (basic > 0);
	for (size_t h = basic; h < l->n;) {
		uint32_t m = UINT32_MAX;
		for (size_t i = 0; i < l->n; i++)
			if (l->cp[i] >= n && l->cp[i] < m)
				m = l->cp[i];
		delta += (m - n) * (uint32_t)(h + 1);
		n = m;
		for (size_t i = 0; i < l->n; i++) {
			delta += l->cp[i] < n;
			if (l->cp[i] != n)
				continue;
			uint32_t q = delta;
			for (uint32_t k = 36;; k += 36) {
				uint32_t t = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;
				out++;
				if (q < t)
					break;
				q = (q - t) / (36 - t);
			}
			bias = adapt(delta, (uint32_t)h + 1, h == basic);
			delta = 0;
			h++;
		}
		delta++;
		n++;
	}
	return out;
}

bool format_a_label(str s)
{
	struct arena a = { 0 };
	struct label l;
	bool ok = false;
	if (s.n > 4 && s.n <= LABEL_MOST && (s.p[0] | 32) == 'x' && (s.p[1] | 32) == 'n' && punycode(str_sub(s, 4, s.n), &l)) {
		ok = valid_label(&a, &l);
		bool beyond = false;
		for (size_t i = 0; i < l.n; i++)
			beyond |= l.cp[i] >= 128;
		ok = ok && beyond && encoded_length(&l) == s.n;
	}
	arena_free(&a);
	return ok;
}

static bool check_label(struct arena *a, const struct label *l, str text)
{
	if (l->n > 3 && text.n <= LABEL_MOST && l->cp[2] == '-' && l->cp[3] == '-')
		return format_a_label(text);
	return valid_label(a, l) && encoded_length(l) <= LABEL_MOST;
}

bool format_idn_hostname(struct arena *unused, str s)
{
	struct arena a = { 0 };
	struct label l = { .n = 0 };
	size_t start = 0, total = 0;
	bool ok = s.n > 0, any_rtl = false, any_digit = false; /* in a name with a right-to-left label none begins with a digit */
	(void)unused;
	for (size_t i = 0; ok && i <= s.n;) {
		uint32_t cp = '.';
		size_t n = i < s.n ? utf8_decode(str_sub(s, i, s.n), &cp) : 1;
		bool end = cp == '.' || cp == 0x3002 || cp == 0xFF0E || cp == 0xFF61;
		if (!n || (!end && l.n >= LABEL_MOST)) {
			ok = false;
		} else if (end) {
			ok = check_label(&a, &l, str_sub(s, start, i));
			total += encoded_length(&l) + 1;
			any_rtl |= right_to_left(&a, &l);
			any_digit |= l.n && between(l.cp[0], '0', '9');
			l.n = 0;
			start = i + n;
		} else {
			l.cp[l.n++] = cp;
		}
		i += n;
	}
	arena_free(&a);
	return ok && total <= 254 && !(any_rtl && any_digit);
}
