/* SPDX-License-Identifier: MIT */
/* What is written: YAML as a person would, JSON with exact numbers. */
#include "check.h"

#include "doc/doc.h"

static struct arena a;
static struct diag d = { .program = "test", .arena = &a };

static struct node *read_str(str text)
{
	const struct read_options plain = { 0 };
	struct node *n = NULL;

	CHECK(read_text(&a, &d, &plain, "in.yaml", text, &n) == 0);
	return n ? n : node_new(&a, NODE_NULL);
}

static struct node *read(const char *text)
{
	return read_str(str_of(text));
}

static void yaml(const char *in, const char *want)
{
	CHECK_STR(yaml_text(&a, read(in)), str_of(want));
}

/* The string alone as the value of a key. */
static void text(const char *s, const char *want)
{
	struct node *map = node_new(&a, NODE_MAP);

	node_put(&a, map, S("k"), node_string(&a, str_of(s)));
	CHECK_STR(yaml_text(&a, map), str_printf(&a, "k: %s\n", want));
	CHECK(node_equal(read_str(yaml_text(&a, map)), map));
}

static void json(const char *in, const char *want)
{
	CHECK_STR(json_text(&a, read(in)), str_of(want));
}

static void plain_where_all_readers_agree(void)
{
	static const char *const plain[] = { "abc", "a b", "-x", "--foo", "a:b", "a#b", "1.2.3", "10.0.0.1", "10.0.0.1:8080", "8080:80", "http://x/y?z",
					     "é", "a, b", "x]", "0x", "1e", "v1", "truely", "nullable", ".", "..", "a'b", "<a>b", "-1a", "2001-1" };
	static const char *const quoted[] = { "", "yes", "Yes", "NO", "n", "Y", "on", "OFF", "true", "TRUE", "null", "Null", "~", "1", "-1", "+1", "1.5", ".5",
					      "5.", "1e3", "1E-3", "0777", "0o17", "0x1F", "0b1", "1_000", "1,000", ".inf", "-.INF", ".nan", "12:30:45", "1:20",
					      "190:20:30.15", "2001-01-01", "2001-01-01T10:00:00Z", "=", "<<", "-", "- a", "? a", ": a", "a: b", "a:", "a #b",
					      "#a", " a", "a ", "---", "--- a", "...", "{a}", "[a]", ",a", "&a", "*a", "!a", "|", ">", "%a", "@a", "`a", ":sym", "yEs" };

	for (size_t i = 0; i < COUNT(plain); i++)
		text(plain[i], plain[i]);
	for (size_t i = 0; i < COUNT(quoted); i++)
		text(quoted[i], str_printf(&a, "\"%s\"", quoted[i]).p);
	text("{\"a\":1}", "'{\"a\":1}'");
	text("a: \"it's\"", "'a: \"it''s\"'");
	text("C:\\x", "C:\\x");
	text("a\tb", "\"a\\tb\"");
	text("\r", "\"\\r\"");
	text("\x01", "\"\\u0001\"");
	text("\xc2\x85", "\"\\u0085\"");
	text("\xe2\x80\xa8", "\"\\u2028\"");
	text("\xef\xbb\xbf", "\"\\uFEFF\"");
}

static void many_lines(void)
{
	text("a\nb", "|-\n  a\n  b");
	text("a\n", "|\n  a");
	text("a\n\n b\n", "|\n  a\n\n   b");
	text(" a\nb", "|2-\n   a\n  b");
	text("\n a\n", "|2\n\n   a");
	text("\n", "\"\\n\"");
	text("a\n  ", "\"a\\n  \"");
	text("a\r\nb\r\n", "\"a\\r\\nb\\r\\n\"");
	yaml("- |+\n  a\n\n- b\n", "- |+\n  a\n\n- b\n");
	/* at the root readers count the indentation from different columns */
	CHECK_STR(yaml_text(&a, node_string(&a, S(" a\nb\n"))), S("\" a\\nb\\n\"\n"));
	CHECK_STR(yaml_text(&a, node_string(&a, S("a\nb\n"))), S("|\n  a\n  b\n"));
}

static void layout(void)
{
	yaml("{a: {b: [1, {c: 2, d: [3]}, [4, 5]], e: {}}, f: []}",
	     "a:\n  b:\n  - 1\n  - c: 2\n    d:\n    - 3\n  - - 4\n    - 5\n  e: {}\nf: []\n");
	yaml("", "null\n");
	yaml("a:\n", "a: null\n");
	yaml("{1: a, true: b, x y: c}", "\"1\": a\n\"true\": b\nx y: c\n");
	yaml("a: !Ref x\nb: !Sub\n  c: 1\nd:\n- !t [1]\n", "a: !Ref x\nb: !Sub\n  c: 1\nd:\n- !t\n  - 1\n");
	struct out *o = out_memory(&a, &d);
	o = out_memory(&a, &d);
	emit_yaml(o, read("{a: [1], b: 2}"), 1);
	CHECK_STR(out_text(o), S("a:\n  - 1\n  b: 2\n"));
}

static void texts_of_scalars_stay(void)
{
	yaml("[1.10, 1e3, 9223372036854775808, 0x1F, True, ~]", "- 1.10\n- 1e3\n- 9223372036854775808\n- 0x1F\n- True\n- ~\n");
	yaml("[yes, off, 0777, 1_000, 0b11]", "- true\n- false\n- 511\n- 1000\n- 3\n");
}

static void json_form(void)
{
	json("[1.10, 1e3, 9223372036854775808, 0777, 0x1F, 1_000, .5, +1, 5., -0]", "[1.10,1e3,9223372036854775808,511,31,1000,0.5,1,5,-0]");
	json("[.inf, -.Inf, .NaN]", "[\".inf\",\"-.Inf\",\".NaN\"]");
	json("{a: \"q\\\"\\\\\\n\\t\\u0001\\x7f\", é: null}", "{\"a\":\"q\\\"\\\\\\n\\t\\u0001\\u007f\",\"é\":null}");
	CHECK_STR(json_text(&a, node_string(&a, S("a\xff" "b"))), S("\"a\xef\xbf\xbd" "b\""));
	struct out *o = out_memory(&a, &d);
	emit_json(o, read("{a: [], b: {}, c: [1, {d: 2}]}"), true);
	CHECK_STR(out_text(o), S("{\n  \"a\": [],\n  \"b\": {},\n  \"c\": [\n    1,\n    {\n      \"d\": 2\n    }\n  ]\n}"));
}

static void long_keys_and_depth(void)
{
	struct buf b = BUF(&a);

	buf_fill(&b, 'k', 3000);
	struct node *map = node_new(&a, NODE_MAP);
	node_put(&a, map, str_copy(&a, buf_str(&b)), node_string(&a, S("v")));
	CHECK(node_equal(read_str(yaml_text(&a, map)), map));
	struct node *deep = node_new(&a, NODE_SEQ);
	for (int i = 0; i < 400; i++) {
		struct node *outer = node_new(&a, i % 2 ? NODE_SEQ : NODE_MAP);
		if (i % 2)
			node_push(&a, outer, deep);
		else
			node_put(&a, outer, S("k"), deep);
		deep = outer;
	}
	CHECK(node_equal(read_str(yaml_text(&a, deep)), deep));
	CHECK(node_equal(read_str(json_text(&a, deep)), deep));
}

static void streams(void)
{
	struct writer w = { .out = out_memory(&a, &d), .format = FORMAT_YAML };

	writer_put(&w, read("a: 1"));
	writer_put(&w, read("[]"));
	CHECK_STR(out_text(w.out), S("a: 1\n---\n[]\n"));
	w = (struct writer){ .out = out_memory(&a, &d), .format = FORMAT_JSONL };
	writer_put(&w, read("a: 1"));
	writer_put(&w, read("[]"));
	CHECK_STR(out_text(w.out), S("{\"a\":1}\n[]\n"));
}

int main(void)
{
	d.least = SEV_WARNING;
	plain_where_all_readers_agree();
	many_lines();
	layout();
	texts_of_scalars_stay();
	json_form();
	long_keys_and_depth();
	streams();
	arena_free(&a);
	return check_done();
}
