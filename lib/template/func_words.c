/* SPDX-License-Identifier: MIT */
/* Sprig's functions over letters and words: case, camel and snake, initials, wrapping. */
#include <locale.h>
#include <string.h>
#include <wctype.h>

#include "template/internal.h"

/* Letters beyond ASCII by the C.UTF-8 locale of libc, opened only where a string holds any. */
struct letters {
	locale_t l;
};

static struct letters letters_open(str s)
{
	struct letters l = { (locale_t)0 };

	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80) {
			l.l = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
			break;
		}
	return l;
}

static void letters_close(struct letters l)
{
	if (l.l != (locale_t)0)
		freelocale(l.l);
}

static bool is_upper(struct letters l, uint32_t cp)
{
	return cp < 0x80 || l.l == (locale_t)0 ? cp >= 'A' && cp <= 'Z' : iswupper_l((wint_t)cp, l.l);
}

static bool is_lower(struct letters l, uint32_t cp)
{
	return cp < 0x80 || l.l == (locale_t)0 ? cp >= 'a' && cp <= 'z' : iswlower_l((wint_t)cp, l.l);
}

static uint32_t to_upper(struct letters l, uint32_t cp)
{
	if (cp < 0x80 || l.l == (locale_t)0)
		return cp >= 'a' && cp <= 'z' ? cp - 32 : cp;
	return (uint32_t)towupper_l((wint_t)cp, l.l);
}

static uint32_t to_lower(struct letters l, uint32_t cp)
{
	if (cp < 0x80 || l.l == (locale_t)0)
		return cp >= 'A' && cp <= 'Z' ? cp + 32 : cp;
	return (uint32_t)towlower_l((wint_t)cp, l.l);
}

static bool is_digit(uint32_t cp)
{
	return cp >= '0' && cp <= '9';
}

static bool is_letter(struct letters l, uint32_t cp)
{
	return cp < 0x80 ? (cp | 32) >= 'a' && (cp | 32) <= 'z' : l.l != (locale_t)0 && iswalpha_l((wint_t)cp, l.l);
}

struct runes {
	uint32_t *p;
	size_t n;
	struct letters l;
};

static struct runes runes_of(struct arena *a, str s)
{
	struct runes r = { NEW_ARRAY(a, uint32_t, s.n + 1), 0, letters_open(s) };

	for (size_t i = 0, k; i < s.n; i += k) {
		k = utf8_decode(str_sub(s, i, s.n), &r.p[r.n]);
		if (!k) {
			r.p[r.n] = 0xfffd;
			k = 1;
		}
		r.n++;
	}
	return r;
}

static int ret_runes(struct tmpl_call *c, struct runes r, struct val *out)
{
	struct buf b = BUF(c->a);

	for (size_t i = 0; i < r.n; i++)
		print_rune(&b, r.p[i]);
	letters_close(r.l);
	ret_buf(out, &b);
	return exec_made(c, b.n);
}

/* ---- case ---- */

static int f_case(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct runes r = runes_of(c->a, val_text(args[0]));

	(void)n;
	for (size_t i = 0; i < r.n; i++)
		r.p[i] = c->name[0] == 'u' ? to_upper(r.l, r.p[i]) : to_lower(r.l, r.p[i]);
	return ret_runes(c, r, out);
}

static bool separates(struct letters l, uint32_t cp)
{
	if (cp < 0x80)
		return !is_digit(cp) && cp != '_' && !is_letter(l, cp);
	return !is_letter(l, cp) && rune_is_space(cp);
}

static int f_title(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct runes r = runes_of(c->a, val_text(args[0]));
	uint32_t before = ' ', cp;

	(void)n;
	for (size_t i = 0; i < r.n; i++) {
		cp = r.p[i];
		if (separates(r.l, before))
			r.p[i] = to_upper(r.l, cp);
		before = cp;
	}
	return ret_runes(c, r, out);
}

static int f_untitle(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct runes r = runes_of(c->a, val_text(args[0]));
	bool next = true;

	(void)n;
	for (size_t i = 0; i < r.n; i++) {
		if (rune_is_space(r.p[i])) {
			next = true;
		} else if (next) {
			r.p[i] = to_lower(r.l, r.p[i]);
			next = false;
		}
	}
	return ret_runes(c, r, out);
}

static int f_swapcase(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct runes r = runes_of(c->a, val_text(args[0]));
	bool space = true;

	(void)n;
	for (size_t i = 0; i < r.n; i++) {
		if (is_upper(r.l, r.p[i])) {
			r.p[i] = to_lower(r.l, r.p[i]);
			space = false;
		} else if (is_lower(r.l, r.p[i])) {
			r.p[i] = to_upper(r.l, r.p[i]);
			space = false;
		} else {
			space = rune_is_space(r.p[i]);
		}
	}
	(void)space; /* the first letter of a word becomes a title letter: an upper one in every script here */
	return ret_runes(c, r, out);
}

/* Both look at bytes, as Sprig's do. */
static int f_initials(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	str s = val_text(args[0]);
	struct buf b = BUF(c->a);
	bool gap = true;

	(void)n;
	for (size_t i = 0; i < s.n; i++) {
		if (rune_is_space((unsigned char)s.p[i])) {
			gap = true;
		} else if (gap) {
			print_rune(&b, (unsigned char)s.p[i]);
			gap = false;
		}
	}
	return ret_buf(out, &b);
}

static int f_nospace(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	str s = val_text(args[0]);
	struct buf b = BUF(c->a);
	size_t kept = 0;

	(void)n;
	for (size_t i = 0; i < s.n; i++)
		if (!rune_is_space((unsigned char)s.p[i])) {
			print_rune(&b, (unsigned char)s.p[i]);
			kept++;
		}
	return kept == s.n ? ret(out, args[0]) : ret_buf(out, &b);
}

/* ---- camel, snake, kebab ---- */

static bool connects(uint32_t cp)
{
	return cp == '-' || cp == '_' || rune_is_space(cp);
}

static int f_camelcase(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct runes r = runes_of(c->a, val_text(args[0])), o = { NEW_ARRAY(c->a, uint32_t, r.n + 1), 0, r.l };
	size_t i = 0;
	uint32_t r0 = 0, r1;
	bool first_upper;

	(void)n;
	while (i < r.n && connects(r.p[i]))
		o.p[o.n++] = r.p[i++];
	if (i == r.n) {
		if (o.n) /* all connectors: the last is written twice, as xstrings does */
			o.p[o.n] = o.p[o.n - 1], o.n++;
		return ret_runes(c, o, out);
	}
	first_upper = is_upper(r.l, r.p[i]);
	r0 = to_upper(r.l, r.p[i++]);
	while (i < r.n) {
		r1 = r0;
		r0 = r.p[i++];
		if (connects(r0) && connects(r1)) {
			o.p[o.n++] = r1;
			continue;
		}
		if (connects(r1)) {
			first_upper = is_upper(r.l, r0);
			r0 = to_upper(r.l, r0);
		} else {
			if (first_upper && is_upper(r.l, r0))
				r0 = to_lower(r.l, r0);
			else
				first_upper = false;
			o.p[o.n++] = r1;
		}
	}
	o.p[o.n++] = r0;
	return ret_runes(c, o, out);
}

enum word { NO_WORD, NUMBER, UPPER, ALPHABET, CONNECTOR, PUNCT, OTHER };

static bool is_punct(uint32_t cp)
{
	return cp < 0x80 && cp && strchr("!\"#%&'()*,-./:;?@[\\]_{}", (int)cp);
}

static enum word kind_of(struct letters l, uint32_t cp)
{
	return connects(cp) ? CONNECTOR : is_punct(cp) ? PUNCT : is_upper(l, cp) ? UPPER : is_letter(l, cp) && cp < 0x3400 ? ALPHABET : is_digit(cp) ? NUMBER : OTHER;
}

/* The word at *at; *at moves past it. */
static enum word next_word(const struct runes *r, size_t *at, struct runes *word)
{
	size_t from = *at, i = from;
	enum word k;

	*word = (struct runes){ r->p + from, 0, r->l };
	if (from >= r->n)
		return NO_WORD;
	k = kind_of(r->l, r->p[i++]);
	if (k == UPPER && i < r->n && kind_of(r->l, r->p[i]) == UPPER) {
		while (i < r->n && kind_of(r->l, r->p[i]) == UPPER)
			i++;
		if (i < r->n && kind_of(r->l, r->p[i]) == ALPHABET)
			i--; /* the last capital begins the next word */
	} else if (k == UPPER) {
		while (i < r->n && kind_of(r->l, r->p[i]) == ALPHABET)
			i++;
	} else {
		while (i < r->n && (kind_of(r->l, r->p[i]) == k || (k == PUNCT && (r->p[i] == '-' || r->p[i] == '_'))))
			i++;
	}
	word->n = i - from;
	*at = i;
	return k;
}

static void put_word(struct runes *o, enum word k, struct runes w, uint32_t connector)
{
	for (size_t i = 0; i < w.n; i++)
		o->p[o->n++] = k == CONNECTOR ? connector : k == UPPER ? to_lower(w.l, w.p[i]) : w.p[i];
}

static bool joins(enum word k)
{
	return k != NO_WORD && k != PUNCT && k != CONNECTOR;
}

/* After a word before a number: xstrings keeps digits with what follows them. */
static void after_word(const struct runes *r, size_t *at, struct runes *o, enum word *k, struct runes *w, uint32_t connector)
{
	struct runes last;

	if (*k != NUMBER) {
		if (joins(*k) || *k == NO_WORD)
			o->p[o->n++] = connector;
		return;
	}
	if (*at >= r->n)
		return;
	last = *w;
	*k = next_word(r, at, w);
	if (*k != ALPHABET) {
		put_word(o, NUMBER, last, connector);
		if (*k != CONNECTOR && *k != PUNCT)
			o->p[o->n++] = connector;
		return;
	}
	o->p[o->n++] = connector;
	put_word(o, NUMBER, last, connector);
	while (*k == ALPHABET || *k == NUMBER) {
		put_word(o, *k, *w, connector);
		*k = next_word(r, at, w);
	}
	if (joins(*k))
		o->p[o->n++] = connector;
}

static int f_snakecase(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct runes r = runes_of(c->a, val_text(args[0])), o = { NEW_ARRAY(c->a, uint32_t, 3 * r.n + 8), 0, r.l }, w, last;
	uint32_t connector = c->name[0] == 's' ? '_' : '-';
	size_t at = 0;
	enum word k = next_word(&r, &at, &w), before;

	(void)n;
	while (at < r.n) {
		if (k != CONNECTOR)
			put_word(&o, k, w, connector);
		before = k;
		last = w;
		k = next_word(&r, &at, &w);
		if (before == NUMBER) {
			while (k == ALPHABET || k == NUMBER) {
				put_word(&o, k, w, connector);
				k = next_word(&r, &at, &w);
			}
			if (joins(k))
				o.p[o.n++] = connector;
		} else if (before == CONNECTOR) {
			put_word(&o, before, last, connector);
		} else if (before != PUNCT) {
			after_word(&r, &at, &o, &k, &w, connector);
		}
	}
	put_word(&o, k, w, connector);
	return ret_runes(c, o, out);
}

/* ---- wrapping, shuffling ---- */

static str wrap(struct arena *a, str s, int64_t width, str newline, bool cut)
{
	struct buf b = BUF(a);
	size_t at = 0, w;

	if (!newline.n)
		newline = S("\n");
	w = width < 1 ? 1 : width > INT32_MAX ? INT32_MAX : (size_t)width;
	while (s.n - at > w) {
		size_t space = at + w + 1;
		ptrdiff_t next;

		if (s.p[at] == ' ') {
			at++;
			continue;
		}
		while (space > at && s.p[space - 1] != ' ')
			space--;
		if (space > at) {
			buf_add(&b, str_sub(s, at, space - 1));
			at = space;
		} else if (cut) {
			buf_add(&b, str_sub(s, at, at + w));
			at += w;
		} else if ((next = str_chr(str_sub(s, at + w, s.n), ' ')) < 0) {
			buf_add(&b, str_sub(s, at, s.n));
			at = s.n;
			continue;
		} else {
			buf_add(&b, str_sub(s, at, at + w + (size_t)next));
			at += w + (size_t)next + 1;
		}
		buf_add(&b, newline);
	}
	buf_add(&b, str_sub(s, at, s.n));
	return buf_str(&b);
}

static int f_wrap(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	str s = val_text(args[n - 1]), newline = n == 3 ? val_text(args[1]) : (str){ 0 };

	if (exec_made(c, s.n + (args[0].i < 64 ? s.n * newline.n : s.n)) < 0)
		return -1;
	return ret_str(out, wrap(c->a, s, args[0].i, newline, n == 3));
}

static int f_shuffle(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct runes r = runes_of(c->a, val_text(args[0]));
	uint64_t random;

	(void)n;
	for (size_t i = r.n; i > 1; i--) {
		uint32_t t = r.p[i - 1];

		random_bytes(&random, sizeof(random));
		r.p[i - 1] = r.p[random % i];
		r.p[random % i] = t;
	}
	return ret_runes(c, r, out);
}

const struct tmpl_func funcs_words[] = {
	{ "upper", "s", f_case },
	{ "lower", "s", f_case },
	{ "title", "s", f_title },
	{ "untitle", "s", f_untitle },
	{ "swapcase", "s", f_swapcase },
	{ "initials", "s", f_initials },
	{ "nospace", "s", f_nospace },
	{ "camelcase", "s", f_camelcase },
	{ "snakecase", "s", f_snakecase },
	{ "kebabcase", "s", f_snakecase },
	{ "wrap", "is", f_wrap },
	{ "wrapWith", "iss", f_wrap },
	{ "shuffle", "s", f_shuffle },
	{ NULL, NULL, NULL },
};
