/* SPDX-License-Identifier: MIT */
/* Reads JSON: strict RFC 8259 values, one after another, from a window on the input. */
#include "doc/internal.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

void json_open(struct json *j)
{
	j->p = j->in->p + j->in->at;
	j->end = j->in->p + j->in->n;
	j->line_start = j->in->base + j->in->at;
	j->line = 1;
}

enum { SURE = 16 << 20 }; /* so much good JSON is not going to turn out to be YAML */

/* ---- the window ------------------------------------------------------------------ */
/* More bytes behind j->end; *token (may be NULL) and j->p move with the window. False: the end. */
static bool more(struct json *j, const char **token)
{
	size_t p = j->p - j->in->p, t = token ? (size_t)(*token - j->in->p) : p, dropped;
	bool any;

	if (p > SURE)
		j->keep = false;
	any = input_more(j->in, j->keep ? 0 : t < p ? t : p, &dropped);

	j->p = j->in->p + (p - dropped);
	j->end = j->in->p + j->in->n;
	if (token)
		*token = j->in->p + (t - dropped);
	return any;
}

static uint64_t offset(const struct json *j, const char *p)
{
	return j->in->base + (p - j->in->p);
}

uint32_t json_column(const struct json *j, const char *p)
{
	return offset(j, p) - j->line_start + 1;
}

bool json_have(struct json *j, size_t n)
{
	while ((size_t)(j->end - j->p) < n)
		if (!more(j, NULL))
			return false;
	return true;
}

int json_peek(struct json *j)
{
	for (;;) {
		for (; j->p < j->end; j->p++) {
			switch (*j->p) {
			case '\n':
				j->line++;
				j->line_start = offset(j, j->p) + 1;
				break;
			case ' ':
			case '\t':
			case '\r':
				break;
			default:
				return (unsigned char)*j->p;
			}
		}
		if (!more(j, NULL))
			return -1;
	}
}

/* ---- errors ------------------------------------------------------------------------- */
PRINTF_LIKE(4, 5) static int fail(struct json *j, const char *at, const char *rule, const char *fmt, ...)
{
	struct pos pos = { .file = j->in->label, .line = j->line, .col = json_column(j, at) };
	char text[200];
	va_list args;

	if (j->in->error)
		return -1;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (!j->keep)
		return diag_trouble(j->b->diag, pos, rule, "%s", text);
	j->error = (struct message){ .pos = pos, .rule = rule, .text = str_copy(j->perm, str_of(text)) };
	return -1;
}

static int cut_short(struct json *j)
{
	const struct frame *f = build_top(j->b);

	if (!f)
		return fail(j, j->p, "json-syntax", "the input ends within a value; is the file complete?");
	return fail(j, j->p, "json-syntax", "the input ends within the %s that begins at line %u, column %u; is the file complete?",
		    kind_name(f->node->kind), f->node->line, f->node->col);
}

static int unexpected(struct json *j, int c, const char *wanted)
{
	const char *hint = "";

	if (c < 0)
		return cut_short(j);
	if (c == '\'')
		hint = "; JSON quotes with \"";
	else if (c == '/' || c == '#')
		hint = "; JSON has no comments (YAML has: --input=yaml)";
	else if (c == 0xEF || c == 0xFE || c == 0xFF)
		hint = "; save the file as UTF-8 without a byte order mark";
	if (c > 0x20 && c < 0x7F)
		return fail(j, j->p, "json-syntax", "expected %s, not \"%c\"%s", wanted, c, hint);
	return fail(j, j->p, "json-syntax", "expected %s, not the byte 0x%02X%s", wanted, c, hint);
}

/* ---- strings -------------------------------------------------------------------------- */
static int hex4(const char *p)
{
	int v = 0, i, c;

	for (i = 0; i < 4; i++) {
		c = (unsigned char)p[i];
		if (c >= '0' && c <= '9')
			c -= '0';
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			c = (c | 0x20) - 'a' + 10;
		else
			return -1;
		v = v << 4 | c;
	}
	return v;
}

static void bad_escape(struct json *j, str raw, const char *at, const char *what)
{
	const char *p;

	j->line_start = j->string_line_start;
	for (p = raw.p; p < at; p++)
		j->line_start += (*p & 0xC0) == 0x80;
	fail(j, at, "json-syntax", "%s", what);
}

/* Decodes the escape at p (past its backslash) to *to; bytes read, or 0 after a failure was reported. */
static size_t escape(struct json *j, str raw, const char *p, char **to)
{
	const char *end = raw.p + raw.n;
	static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
	const char *at = *p ? strchr(from, *p) : NULL;
	int32_t cp, low;

	if (at) {
		*(*to)++ = into[at - from];
		return 1;
	}
	if (*p != 'u') {
		bad_escape(j, raw, p - 1, "an unknown escape; after \\ JSON takes one of \" \\ / b f n r t u");
		return 0;
	}
	cp = end - p >= 5 ? hex4(p + 1) : -1;
	if (cp < 0) {
		bad_escape(j, raw, p - 1, "\\u takes four hexadecimal digits");
		return 0;
	}
	if (cp < 0xD800 || cp > 0xDFFF) {
		*to += utf8_encode(*to, cp);
		return 5;
	}
	low = cp < 0xDC00 && end - p >= 11 && p[5] == '\\' && p[6] == 'u' ? hex4(p + 7) : -1;
	if (low < 0xDC00 || low > 0xDFFF) {
		bad_escape(j, raw, p - 1, "half of a surrogate pair (\\ud800 to \\udfff) stands for no character; write both halves");
		return 0;
	}
	*to += utf8_encode(*to, 0x10000 + ((cp - 0xD800) << 10) + (low - 0xDC00));
	return 11;
}

static int unescape(struct json *j, str raw, char *to, size_t *n)
{
	const char *p = raw.p, *end = raw.p + raw.n, *run;
	char *start = to;
	size_t used;

	while (p < end) {
		run = memchr(p, '\\', end - p);
		if (!run)
			run = end;
		memcpy(to, p, run - p);
		to += run - p;
		p = run;
		if (p == end)
			break;
		used = escape(j, raw, p + 1, &to);
		if (!used)
			return -1;
		p += 1 + used;
	}
	*to = '\0';
	*n = to - start;
	return 0;
}

static bool has_special(uint64_t w)
{
	const uint64_t ones = 0x0101010101010101, high = ones * 0x80;
	uint64_t quote = w ^ ones * '"', slash = w ^ ones * '\\';

	return ((w | (w - ones * 0x20) | ((quote - ones) & ~quote) | ((slash - ones) & ~slash)) & high) != 0;
}

/*
 * From j->p (past the quote) to the closing quote, which is passed; *raw is a
 * view of the window, which *token (before it) keeps in place.
 */
static int scan_string(struct json *j, const char **token, str *raw, bool *escaped)
{
	uint64_t w;
	uint32_t cp;
	size_t n;
	const char *p = j->p;

	*escaped = false;
	j->string_line_start = j->line_start;
	for (;;) {
		while (j->end - p >= 8) {
			memcpy(&w, p, 8);
			if (has_special(w))
				break;
			p += 8;
		}
		while (p < j->end && (unsigned char)*p >= 0x20 && (unsigned char)*p < 0x80 && *p != '"' && *p != '\\')
			p++;
		j->p = p;
		if (p == j->end || (*p == '\\' && j->end - p < 2) || ((unsigned char)*p >= 0x80 && j->end - p < 4)) {
			if (more(j, token)) {
				p = j->p;
				continue;
			}
			p = j->p;
			if (p == j->end || *p == '\\')
				return cut_short(j);
		}
		if (*p == '"')
			break;
		if (*p == '\\') {
			*escaped = true;
			p += 2;
		} else if ((unsigned char)*p < 0x20) {
			return fail(j, p, "json-syntax", *p == '\n' ? "a string ends at the end of its line; close the quote, or write \\n for a line break"
								    : "a control character (0x%02X) in a string; write it as \\u%04x",
				    (unsigned)*p, (unsigned)*p);
		} else {
			n = utf8_decode((str){ p, j->end - p }, &cp);
			if (!n)
				return fail(j, p, "utf8", "not valid UTF-8 (byte 0x%02X at offset %llu); save the file as UTF-8",
					    (unsigned char)*p, (unsigned long long)offset(j, p));
			j->line_start += n - 1;
			p += n;
		}
	}
	*raw = (str){ *token + 1, p - *token - 1 };
	j->p = p + 1;
	return 0;
}

static int key(struct json *j)
{
	uint32_t line = j->line, col = json_column(j, j->p);
	const char *token = j->p++;
	bool escaped;
	char *text;
	size_t n;
	str raw;

	if (scan_string(j, &token, &raw, &escaped))
		return -1;
	if (escaped) {
		text = arena_raw(j->b->a, raw.n + 1);
		if (unescape(j, raw, text, &n))
			return -1;
		raw = (str){ text, n };
	}
	build_key(j->b, raw, line, col, false);
	return 0;
}

static struct node *scalar(struct json *j, enum kind k, const char *text, size_t n, uint32_t line, uint32_t col)
{
	struct node *v = arena_raw(j->b->a, sizeof(*v) + n + 1);
	char *p = (char *)(v + 1);

	*v = (struct node){ .source = j->b->source, .line = line, .col = col, .kind = k, .flags = NODE_JSON, .n = n, .text = p };
	memcpy(p, text, n);
	p[n] = '\0';
	return v;
}

static int string(struct json *j)
{
	uint32_t line = j->line, col = json_column(j, j->p);
	const char *token = j->p++;
	struct node *v;
	bool escaped;
	size_t n;
	str raw;

	if (scan_string(j, &token, &raw, &escaped))
		return -1;
	if (raw.n > INT_MAX)
		return fail(j, token, "size", "a string of more than 2 GiB; keep it in a file of its own");
	v = scalar(j, NODE_STRING, raw.p, raw.n, line, col);
	if (escaped) {
		if (unescape(j, raw, (char *)(v + 1), &n))
			return -1;
		v->n = n;
	}
	return build_scalar(j->b, v, NULL);
}

/* ---- numbers and words ------------------------------------------------------------------ */
static bool in_word(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '.' || c == '+' || c == '-' || c == '_';
}

/* The run of word bytes at j->p, which moves past it. */
static str word(struct json *j)
{
	const char *token = j->p;

	do
		while (j->p < j->end && in_word(*j->p))
			j->p++;
	while (j->p == j->end && more(j, &token));
	return (str){ token, j->p - token };
}

static const char *digits(const char *p)
{
	while (*p >= '0' && *p <= '9')
		p++;
	return p;
}

/* What is wrong with a number, or NULL; s is followed by a NUL. */
static const char *number_fault(const char *p, const char *end, bool *real)
{
	const char *from = p += *p == '-';

	p = digits(p);
	if (p == from)
		return "a number begins with a digit, or - and a digit";
	if (*from == '0' && p > from + 1)
		return "a number has no leading zeros; quote it if it is text";
	*real = p < end;
	if (*p == '.') {
		from = ++p;
		p = digits(p);
		if (p == from)
			return "digits must follow the point of a number";
	}
	if (*p == 'e' || *p == 'E') {
		p += p[1] == '+' || p[1] == '-' ? 2 : 1;
		from = p;
		p = digits(p);
		if (p == from)
			return "digits must follow the exponent of a number";
	}
	return p == end ? NULL : "no number that JSON has; quote it if it is text";
}

static int number(struct json *j)
{
	uint32_t line = j->line, col = json_column(j, j->p);
	str s = word(j);
	struct node *v;
	const char *fault;
	bool real = false;

	if (s.n > INT_MAX)
		return fail(j, s.p, "size", "a number of more than 2 GiB");
	v = scalar(j, NODE_INT, s.p, s.n, line, col);
	fault = number_fault(v->text, v->text + s.n, &real);
	if (fault)
		return fail(j, s.p, "json-syntax", "%s", fault);
	if (real)
		v->kind = NODE_FLOAT;
	return build_scalar(j->b, v, NULL);
}

static int literal(struct json *j, int c)
{
	uint32_t line = j->line, col = json_column(j, j->p);
	struct node *v;
	str s;

	if (!in_word(c))
		return unexpected(j, c, "a value");
	s = word(j);
	v = scalar(j, NODE_BOOL, s.p, s.n < 16 ? s.n : 16, line, col);
	if (str_eq(s, S("true")))
		v->flags |= NODE_TRUE;
	else if (str_eq(s, S("null")))
		v->kind = NODE_NULL;
	else if (!str_eq(s, S("false")))
		return fail(j, s.p, "json-syntax", "\"%.*s\" is no JSON value (true, false and null are); quote it if it is text",
			    s.n > 40 ? 40 : (int)s.n, s.p);
	return build_scalar(j->b, v, NULL);
}

/* ---- values -------------------------------------------------------------------------------- */
static int open_at(struct json *j, enum kind k)
{
	if (build_open(j->b, k, j->line, json_column(j, j->p), NULL))
		return -1;
	j->p++;
	return 0;
}

/* A scalar, or the opening of a list or map. */
static int value(struct json *j, int c)
{
	switch (c) {
	case '{':
		return open_at(j, NODE_MAP);
	case '[':
		return open_at(j, NODE_SEQ);
	case '"':
		return string(j);
	case '-':
	case '0': case '1': case '2': case '3': case '4':
	case '5': case '6': case '7': case '8': case '9':
		return number(j);
	default:
		return literal(j, c);
	}
}

static int map_key(struct json *j, int c)
{
	if (c != '"')
		return unexpected(j, c, c == '}' ? "a key after the comma" : "a key in double quotes");
	if (key(j))
		return -1;
	c = json_peek(j);
	if (c != ':')
		return unexpected(j, c, "\":\" after the key");
	j->p++;
	return value(j, json_peek(j));
}

/* The next step within the open list or map, whose first child may be missing. */
static int step(struct json *j)
{
	struct frame *f = build_top(j->b);
	bool map = f->node->kind == NODE_MAP;
	bool first = (map ? j->b->entries.n : j->b->items.n) == f->start;
	int c = json_peek(j);

	if (c == (map ? '}' : ']')) {
		j->p++;
		return build_close(j->b);
	}
	if (!first) {
		if (c != ',')
			return unexpected(j, c, map ? "\",\" or \"}\" after the value" : "\",\" or \"]\" after the item");
		j->p++;
		c = json_peek(j);
		if (c == ']')
			return unexpected(j, c, "an item after the comma");
	}
	return map ? map_key(j, c) : value(j, c);
}

int json_next(struct json *j, struct node **out)
{
	int c = json_peek(j);

	*out = NULL;
	if (c < 0)
		return 0;
	if (value(j, c))
		return -1;
	while (j->b->frames.n)
		if (step(j))
			return -1;
	*out = j->b->root;
	return 1;
}
