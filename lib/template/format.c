/* SPDX-License-Identifier: MIT */
/* Go's fmt.Sprintf: reads the format: flags, width, precision, argument indexes, and its texts for what does not fit. */
#include "template/printf.h"

#define WIDTH_MAX 1000000

struct scan {
	str format;
	size_t i, arg, nargs;
	const struct val *args;
	bool reordered, good, after_index;
};

static int peek(const struct scan *s)
{
	return s->i < s->format.n ? (unsigned char)s->format.p[s->i] : -1;
}

static bool number(struct scan *s, int *out)
{
	bool any = false;

	*out = 0;
	for (int c; (c = peek(s)) >= '0' && c <= '9'; s->i++, any = true)
		if ((*out = *out * 10 + c - '0') > WIDTH_MAX)
			return *out = 0, false;
	return any;
}

/* An argument index: [3]. */
static void index_of(struct scan *s)
{
	ptrdiff_t end;
	int n;
	size_t from = s->i;

	s->after_index = false;
	if (peek(s) != '[')
		return;
	s->reordered = true;
	end = str_chr(str_sub(s->format, from, s->format.n), ']');
	s->i++;
	if (end < 0 || s->format.n - from < 3) {
		s->good = false;
		return;
	}
	if (number(s, &n) && s->i == from + (size_t)end && n >= 1 && (size_t)n <= s->nargs) {
		s->arg = (size_t)n - 1;
		s->after_index = true;
	} else {
		s->good = false;
	}
	s->i = from + (size_t)end + 1;
}

/* '*': the value of an argument. */
static bool star(struct scan *s, int *out)
{
	struct val v = s->arg < s->nargs ? s->args[s->arg] : val_nil();
	bool good = v.kind == VAL_INT && v.i >= -WIDTH_MAX && v.i <= WIDTH_MAX;

	s->i++;
	s->arg += s->arg < s->nargs;
	s->after_index = false;
	*out = good ? (int)v.i : 0;
	return good;
}

static void flags(struct scan *s, struct spec *f)
{
	for (;; s->i++)
		switch (peek(s)) {
		case '#':
			f->sharp = true;
			break;
		case '0':
			f->zero = true;
			break;
		case '+':
			f->plus = true;
			break;
		case '-':
			f->minus = true;
			break;
		case ' ':
			f->space = true;
			break;
		default:
			return;
		}
}

static void width_precision(struct scan *s, struct spec *f)
{
	index_of(s);
	if (peek(s) == '*') {
		if (!(f->has_width = star(s, &f->width)))
			buf_add(f->out, S("%!(BADWIDTH)"));
		if (f->width < 0) {
			f->width = -f->width;
			f->minus = true;
			f->zero = false;
		}
	} else if ((f->has_width = number(s, &f->width)) && s->after_index) {
		s->good = false;
	}
	if (peek(s) == '.' && s->i + 1 < s->format.n) {
		s->i++;
		if (s->after_index)
			s->good = false;
		index_of(s);
		if (peek(s) == '*') {
			f->has_precision = star(s, &f->precision) && f->precision >= 0;
			if (!f->has_precision)
				buf_add(f->out, S("%!(BADPREC)"));
		} else {
			number(s, &f->precision);
			f->has_precision = true;
		}
	}
	if (!s->after_index)
		index_of(s);
}

static void verb(struct scan *s, struct spec *f)
{
	size_t n = utf8_decode(str_sub(s->format, s->i, s->format.n), &f->verb);

	if (!n)
		f->verb = 0xfffd;
	s->i += n ? n : 1;
	if (f->verb == '%') {
		buf_char(f->out, '%');
	} else if (!s->good || s->arg >= s->nargs) {
		buf_add(f->out, S("%!"));
		print_rune(f->out, f->verb);
		buf_add(f->out, s->good ? S("(MISSING)") : S("(BADINDEX)"));
	} else {
		if (f->verb == 'v') {
			f->sharp_v = f->sharp;
			f->plus_v = f->plus;
			f->sharp = f->plus = false;
		}
		spec_print(f, s->args[s->arg++]);
	}
}

void print_format(struct arena *a, struct buf *out, str format, const struct val *args, size_t n)
{
	struct scan s = { .format = format, .args = args, .nargs = n };
	struct spec f;

	while (s.i < format.n) {
		ptrdiff_t next = str_chr(str_sub(format, s.i, format.n), '%');
		size_t end = next < 0 ? format.n : s.i + (size_t)next;

		buf_add(out, str_sub(format, s.i, end));
		if (next < 0)
			break;
		s.i = end + 1;
		s.good = true;
		f = (struct spec){ .a = a, .out = out };
		flags(&s, &f);
		width_precision(&s, &f);
		if (s.i >= format.n) {
			buf_add(out, S("%!(NOVERB)"));
			break;
		}
		verb(&s, &f);
	}
	if (s.reordered || s.arg >= n)
		return;
	buf_add(out, S("%!(EXTRA "));
	for (size_t i = s.arg; i < n; i++) {
		buf_printf(out, "%s%s%s", i > s.arg ? ", " : "", val_is_nil(args[i]) ? "" : val_type_name(a, args[i]), val_is_nil(args[i]) ? "" : "=");
		f = (struct spec){ .a = a, .out = out, .verb = 'v' };
		spec_print(&f, args[i]);
	}
	buf_char(out, ')');
}
