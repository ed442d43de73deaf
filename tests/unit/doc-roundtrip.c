/* SPDX-License-Identifier: MIT */
/* Random trees: written as YAML and as JSON they read back equal, in both versions of YAML. */
#include "check.h"
#include "doc/doc.h"

static struct arena a;
static uint64_t state = 88172645463325252u;

static uint32_t roll(uint32_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 32) % n;
}

/* Words that a writer must quote, or text that is not quite one of them. */
static const char *const words[] = {
	"", " ", "~", "null", "Null", "true", "yes", "No", "y", "N", "on", "OFF", "0", "007", "0o17", "0x1F", "0b1", "1_000", "4_e_+_1", "0_x1F", "-1", "+1", "1.5", ".5",
	"1.", "1e3", "1e999", ".inf", "-.INF", ".nan", "2001-01-01", "12:30:45", "=", "<<", "-", "- a", "--- a", "---", "...", "?", "? a", ":", ": a",
	"a: b", "a:", ":a", "#", "a #b", "a#b", "[a]", "{a}", "a]", ",a", "a,b", "&a", "*a", "!a", "!!str a", "|", ">", "|+", "%a", "@a", "`a", "'a'",
	"\"a\"", "it's", "a\"b", "\\", "a\\nb", " lead", "trail ", "\ttab", "tab\t", "a\tb", "a\n", "\na", "a\n\nb", "a\nb\n\n", "  a\n b\n", "a \nb",
	"\n", "\n\n", " \n", "a\n ", "a\r\nb", "\r", "\x01", "\x7f", "\x1b[31m", "\xC2\x80", "\xC2\x85", "\xC2\xA0", "\xE2\x80\xA8", "\xE2\x80\xA9",
	"\xEF\xBB\xBF", "\xEF\xBF\xBE", "\xEF\xBF\xBD", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "x\xEF\xBB\xBFy", "line\n# no comment\n",
	"key: |\n  text\n", "a\n---\nb\n", "a\n...\nb\n", "very long text that a folding writer would break over several lines, were it allowed to do that at all",
};
static const char *const numbers[] = {
	"0", "-0", "1", "-1", "007", "0o17", "0x1F", "1_000", "+12", "1.10", "-0.0", ".5", "5.", "1e3", "1.5E-7", "+.5e+3", "08", "1_0.5",
	"9223372036854775807", "9223372036854775808", "-9223372036854775809", "18446744073709551616", "123456789012345678901234567890.5", ".inf", "-.inf",
};

static str random_text(void)
{
	struct buf b = BUF(&a);
	uint32_t n, i;
	char c[4];

	switch (roll(4)) {
	case 0:
		return str_of(words[roll(COUNT(words))]);
	case 1: /* two of them */
		buf_add(&b, str_of(words[roll(COUNT(words))]));
		buf_add(&b, str_of(words[roll(COUNT(words))]));
		return buf_str(&b);
	case 2: /* any characters */
		for (n = roll(12), i = 0; i < n; i++) {
			uint32_t cp = roll(3) ? roll(128) : roll(2) ? roll(0x800) : roll(0x110000);

			if (cp < 0xD800 || cp > 0xDFFF)
				buf_add(&b, (str){ c, utf8_encode(c, cp) });
		}
		return buf_str(&b);
	default: /* lines */
		for (n = roll(5), i = 0; i < n; i++) {
			buf_fill(&b, ' ', roll(3) ? 0 : roll(4));
			buf_add(&b, str_of(words[roll(COUNT(words))]));
			buf_char(&b, '\n');
		}
		return buf_str(&b);
	}
}

static struct node *random_tree(int depth)
{
	uint32_t n = roll(5) ? roll(5) : roll(25), i;
	struct node *t;
	bool truth;
	str s;

	switch (roll(depth > 5 ? 4 : 7)) {
	case 0:
		return roll(2) ? node_new(&a, NODE_NULL) : node_bool(&a, roll(2));
	case 1:
		s = str_of(numbers[roll(COUNT(numbers))]);
		return node_scalar(&a, scalar_kind(s, YAML_KUBERNETES, &truth), s);
	case 2:
	case 3:
		return node_string(&a, random_text());
	case 4:
		t = node_new(&a, NODE_SEQ);
		for (i = 0; i < n; i++)
			node_push(&a, t, random_tree(depth + 1));
		return t;
	default:
		t = node_new(&a, NODE_MAP);
		for (i = 0; i < n; i++)
			node_put(&a, t, random_text(), random_tree(depth + 1));
		return t;
	}
}

static bool same(const struct node *n, str text, enum format input, enum yaml_version v)
{
	struct diag d = { .program = "doc-roundtrip", .arena = &a };
	struct read_options o = { .input = input, .yaml = v };
	struct node *again;

	if (!read_text(&a, &d, &o, "written", text, &again) && node_equal(n, again))
		return true;
	fprintf(stderr, "read otherwise:\n%.*s\n", STR_ARG(text));
	return false;
}

/* JSON has no infinity: such trees are only written as YAML. */
static bool is_finite(const struct node *n)
{
	size_t i;

	if (n->kind == NODE_FLOAT && str_find(node_text(n), S("inf")) >= 0)
		return false;
	for (i = 0; n->kind >= NODE_SEQ && i < n->n; i++)
		if (!is_finite(n->kind == NODE_SEQ ? n->items[i] : n->entries[i].value))
			return false;
	return true;
}

int main(void)
{
	int i;

	for (i = 0; i < 4000; i++) {
		struct node *n = random_tree(0);
		str yaml = yaml_text(&a, n);

		CHECK(node_equal(n, node_copy(&a, n)));
		CHECK(same(n, yaml, FORMAT_YAML, YAML_KUBERNETES));
		CHECK(same(n, yaml, FORMAT_YAML, YAML_1_2));
		if (is_finite(n)) {
			CHECK(same(n, json_text(&a, n), FORMAT_JSON, YAML_KUBERNETES));
			CHECK(same(n, json_text(&a, n), FORMAT_AUTO, YAML_KUBERNETES));
		}
		arena_reset(&a);
	}
	arena_free(&a);
	return check_done();
}
