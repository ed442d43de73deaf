/* SPDX-License-Identifier: MIT */
/* Writes trees as JSON, as jq would lay them out, with the text of numbers kept. */
#include <string.h>

#include "doc/doc.h"

/* What a byte of a string asks for: 0 stands for itself, 1 is escaped, 2 begins a sequence of UTF-8. */
static const uint8_t byte_class[256] = {
	1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	['"'] = 1, ['\\'] = 1, [0x7f] = 1,
#define TWO8(x) [x] = 2, [x + 1] = 2, [x + 2] = 2, [x + 3] = 2, [x + 4] = 2, [x + 5] = 2, [x + 6] = 2, [x + 7] = 2
	TWO8(0x80), TWO8(0x88), TWO8(0x90), TWO8(0x98), TWO8(0xa0), TWO8(0xa8), TWO8(0xb0), TWO8(0xb8),
	TWO8(0xc0), TWO8(0xc8), TWO8(0xd0), TWO8(0xd8), TWO8(0xe0), TWO8(0xe8), TWO8(0xf0), TWO8(0xf8),
};

static void escape(struct out *o, unsigned char c)
{
	static const char names[] = "\"\"\\\\\bb\ff\nn\rr\tt";
	for (size_t i = 0; i + 1 < sizeof(names); i += 2)
		if ((unsigned char)names[i] == c) {
			out_char(o, '\\');
			out_char(o, names[i + 1]);
			return;
		}
	out_printf(o, "\\u%04x", (unsigned)c);
}

void json_string(struct out *o, str s)
{
	size_t from = 0, i = 0;

	out_char(o, '"');
	while (i < s.n) {
		unsigned char c = (unsigned char)s.p[i];
		if (!byte_class[c]) {
			i++;
			continue;
		}
		uint32_t cp;
		size_t len = byte_class[c] == 2 ? utf8_decode(str_sub(s, i, s.n), &cp) : 0;
		if (len) {
			i += len;
			continue;
		}
		out_write(o, str_sub(s, from, i));
		if (byte_class[c] == 1)
			escape(o, c);
		else
			out_write(o, S("\xef\xbf\xbd"));
		from = ++i;
	}
	out_write(o, str_sub(s, from, s.n));
	out_char(o, '"');
}

static size_t digits(str s, size_t i)
{
	while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
		i++;
	return i;
}

static bool is_json_number(str s)
{
	size_t i = s.n && s.p[0] == '-', from = i;

	i = digits(s, i);
	if (i == from || (s.p[from] == '0' && i > from + 1))
		return false;
	if (i < s.n && s.p[i] == '.') {
		from = ++i;
		if ((i = digits(s, i)) == from)
			return false;
	}
	if (i < s.n && (s.p[i] == 'e' || s.p[i] == 'E')) {
		i++;
		if (i < s.n && (s.p[i] == '+' || s.p[i] == '-'))
			i++;
		from = i;
		if ((i = digits(s, i)) == from)
			return false;
	}
	return i == s.n;
}

/* 0777, 0x1F, 1_000, .5 and +1 become JSON numbers of the same value; .inf and .nan, which JSON lacks, strings. */
static void number(struct out *o, const struct node *n)
{
	if (is_json_number(node_text(n))) {
		out_write(o, node_text(n));
		return;
	}
	struct arena a = { 0 };
	str text = node_number_text(&a, n);
	if (is_json_number(text))
		out_write(o, text);
	else
		json_string(o, text);
	arena_free(&a);
}

static void newline(struct out *o, int depth)
{
	static const char blanks[] = "                                                                ";
	size_t n = (size_t)depth * 2;

	out_char(o, '\n');
	for (; n > sizeof(blanks) - 1; n -= sizeof(blanks) - 1)
		out_write(o, S(blanks));
	out_write(o, (str){ blanks, n });
}

static void value(struct out *o, const struct node *n, bool pretty, int depth)
{
	bool map = n->kind == NODE_MAP;

	switch ((enum kind)n->kind) {
	case NODE_NULL:
		out_write(o, S("null"));
		return;
	case NODE_BOOL:
		out_write(o, n->flags & NODE_TRUE ? S("true") : S("false"));
		return;
	case NODE_INT:
	case NODE_FLOAT:
		number(o, n);
		return;
	case NODE_STRING:
		json_string(o, node_text(n));
		return;
	case NODE_SEQ:
	case NODE_MAP:
		break;
	}
	out_char(o, map ? '{' : '[');
	for (uint32_t i = 0; i < n->n; i++) {
		if (i)
			out_char(o, ',');
		if (pretty)
			newline(o, depth + 1);
		if (map) {
			json_string(o, entry_key(&n->entries[i]));
			out_char(o, ':');
			if (pretty)
				out_char(o, ' ');
		}
		value(o, map ? n->entries[i].value : n->items[i], pretty, depth + 1);
	}
	if (pretty && n->n)
		newline(o, depth);
	out_char(o, map ? '}' : ']');
}

void emit_json(struct out *o, const struct node *n, bool pretty)
{
	value(o, n, pretty, 0);
}

str json_text(struct arena *a, const struct node *n)
{
	struct out *o = out_memory(a, NULL);

	emit_json(o, n, false);
	return out_text(o);
}
