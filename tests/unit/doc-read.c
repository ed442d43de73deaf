/* SPDX-License-Identifier: MIT */
/* read.c, yaml.c, json.c, build.c: what texts become, where errors are, what is refused. */
#include "check.h"
#include "doc/doc.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct arena a;

/* The documents as JSON, each followed by a blank; or "LINE:COL [rule] message" of the first trouble. */
static str outcome(const struct read_options *o, const char *name, str text)
{
	struct diag parent = { .program = "test", .arena = &a }, d;
	struct buf b = BUF(&a);
	struct reader *r;
	struct node *n;
	int got;

	diag_fork(&d, &parent, &a);
	r = reader_open_text(&a, &d, o, name, text);
	while ((got = reader_next(r, &a, &n)) > 0)
		buf_printf(&b, "%.*s ", STR_ARG(json_text(&a, n)));
	reader_close(r);
	if (got == 0 && !d.troubles)
		return buf_str(&b);
	if (!d.held || d.troubles != 1)
		return S("not one message");
	const struct finding *f = (const struct finding *)(const void *)d.held; /* its first member */

	return str_printf(&a, "%u:%u [%s] %.*s", f->pos.line, f->pos.col, f->rule, STR_ARG(f->message));
}

static const struct read_options defaults, core = { .yaml = YAML_1_2 }, last = { .duplicates = 1 }, few = { .max_nodes = 20 };

#define YAML(text, want) CHECK_STR(outcome(&defaults, "t.yaml", S(text)), S(want))
#define CORE(text, want) CHECK_STR(outcome(&core, "t.yaml", S(text)), S(want))
#define JSON(text, want) CHECK_STR(outcome(&defaults, "t.json", S(text)), S(want))
#define AUTO(text, want) CHECK_STR(outcome(&defaults, "<stdin>", S(text)), S(want))
/* Refused there, by that rule. */
#define YAML_BAD(text, want) CHECK(str_starts(outcome(&defaults, "t.yaml", S(text)), S(want " ")) || (complain(outcome(&defaults, "t.yaml", S(text))), false))
#define JSON_BAD(text, want) CHECK(str_starts(outcome(&defaults, "t.json", S(text)), S(want " ")) || (complain(outcome(&defaults, "t.json", S(text))), false))

static void complain(str s)
{
	fprintf(stderr, "\tgot: %.*s\n", STR_ARG(s));
}

static void yaml_values(void)
{
	YAML("", "");
	YAML("# nothing\n", "");
	YAML("---\n", "null ");
	YAML("---\n---\na\n...\n", "null \"a\" ");
	YAML("a: 1\nb: [x, 'y', \"z\\n\"]\nc:\n- d: {}\n- []\n", "{\"a\":1,\"b\":[\"x\",\"y\",\"z\\n\"],\"c\":[{\"d\":{}},[]]} ");
	YAML("a: 1.10\nb: 0777\nc: yes\nd: 2001-01-01\ne: ~\nf:\n", "{\"a\":1.10,\"b\":511,\"c\":true,\"d\":\"2001-01-01\",\"e\":null,\"f\":null} ");
	CORE("a: 0777\nb: yes\nc: 0o17\nd: -007\ne: 1_000\n", "{\"a\":777,\"b\":\"yes\",\"c\":15,\"d\":-7,\"e\":\"1_000\"} ");
	YAML("a: 9223372036854775808\nb: 123456789012345678901234567890\n", "{\"a\":9223372036854775808,\"b\":123456789012345678901234567890} ");
	YAML("a: |\r\n  x\r\n  y\r\nb: >-\r\n  p\r\n  q\r\n", "{\"a\":\"x\\ny\\n\",\"b\":\"p q\"} ");
	YAML("\xEF\xBB\xBF" "a: 1\n", "{\"a\":1} ");
	YAML("\xFF\xFE" "a\0:\0 \0001\0\n\0", "{\"a\":1} ");
	YAML("a: \"\\0\\x41\\u00e9\\U0001F600\"\n", "{\"a\":\"\\u0000A\xC3\xA9\xF0\x9F\x98\x80\"} ");
}

static void yaml_keys(void)
{
	YAML("1: a\nyes: b\n1.10: c\n~: d\n0x10: e\n'2': f\n1e20: g\n", "{\"1\":\"a\",\"true\":\"b\",\"1.1\":\"c\",\"null\":\"d\",\"16\":\"e\",\"2\":\"f\",\"1e+20\":\"g\"} ");
	CORE("1.10: c\nyes: d\n", "{\"1.10\":\"c\",\"yes\":\"d\"} ");
	YAML("&x a: 1\nb: *x\n*x : 2\n", "3:1 [duplicate-key] the key \"a\" was given already at line 1, column 1; keep one of the two");
	YAML("&x a: 1\nb: *x\n", "{\"a\":1,\"b\":\"a\"} ");
	YAML_BAD("a: 1\nb: 2\na: 3\n", "3:1 [duplicate-key]");
	YAML_BAD("1: a\n'1': b\n", "2:1 [duplicate-key]");
	YAML_BAD("? [a]\n: b\n", "1:3 [complex-key]");
	YAML_BAD("x: {{ .Values.a }}\n", "1:5 [complex-key]");
	CHECK_STR(outcome(&last, "t.yaml", S("a: 1\nb: 2\na: 3\n")), S("{\"a\":3,\"b\":2} "));
}

/* A duplicate is found on either side of the size at which maps get an index. */
static void duplicates(void)
{
	struct buf b = BUF(&a);
	size_t n, i;

	for (n = 1; n < 40; n++) {
		b.n = 0;
		for (i = 0; i < n; i++)
			buf_printf(&b, "k%zu: %zu\n", i, i);
		CHECK(str_ends(outcome(&defaults, "t.yaml", buf_str(&b)), S("} ")));
		buf_printf(&b, "k%zu: x\n", n / 2);
		CHECK(str_starts(outcome(&defaults, "t.yaml", buf_str(&b)), str_printf(&a, "%zu:1 [duplicate-key]", n + 1)));
		CHECK(str_find(outcome(&last, "t.yaml", buf_str(&b)), str_printf(&a, "\"k%zu\":\"x\"", n / 2)) >= 0);
	}
}

static void yaml_anchors(void)
{
	YAML("a: &x [1, {b: 2}]\nc: *x\n", "{\"a\":[1,{\"b\":2}],\"c\":[1,{\"b\":2}]} ");
	YAML("a: &x 1\nb: &x 2\nc: *x\n", "{\"a\":1,\"b\":2,\"c\":2} ");
	YAML_BAD("a: *x\n", "1:4 [alias]");
	YAML_BAD("&x a: 1\n---\nb: *x\n", "3:4 [alias]");
	YAML_BAD("a: &x [*x]\n", "1:8 [alias]");
	YAML("a: &x {p: 1, q: 2}\nb: {q: 3, <<: *x, r: 4}\n", "{\"a\":{\"p\":1,\"q\":2},\"b\":{\"q\":3,\"p\":1,\"r\":4}} ");
	YAML("a: {<<: [{p: 1}, {p: 2, q: 3}], q: 4}\n", "{\"a\":{\"p\":1,\"q\":4}} ");
	YAML("a: {<<: []}\nb: {<<: [{}]}\n", "{\"a\":{},\"b\":{}} ");
	YAML("- &a {<<: []}\n- [[*a]]\n", "[{},[[{}]]] ");
	YAML("a: {'<<': 1}\n", "{\"a\":{\"<<\":1}} ");
	YAML_BAD("a: {<<: 1}\n", "1:5 [merge-key]");
	YAML_BAD("a: {<<: [1]}\n", "1:5 [merge-key]");
	YAML_BAD("a: {<<: {b: 1}, <<: {c: 1}}\n", "1:17 [duplicate-key]");
	YAML_BAD("a: {<<: {b: 1}, c: 1, c: 2}\n", "1:23 [duplicate-key]");
	CHECK(str_starts(outcome(&few, "t.yaml", S("- &a [1,2,3,4,5]\n- *a\n- *a\n- *a\n")), S("4:3 [alias-bomb] ")));
	CHECK(str_starts(outcome(&few, "t.yaml", S("- &a {b: [1,2,3,4,5]}\n- <<: *a\n- <<: *a\n")), S("3:3 [alias-bomb] ")));
	CHECK(str_starts(outcome(&few, "t.yaml", S("[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21]")), S("1:50 [max-nodes] ")));
}

static void yaml_tags(void)
{
	struct node *n;
	struct diag d = { .program = "test", .arena = &a };

	YAML("[!!str 1, !!int '2', !!float 3, !!bool 'yes', !!null '', ! yes]", "[\"1\",2,3,true,null,\"yes\"] ");
	CORE("[!!int 0777, !!float 0777, !!str 0777]", "[777,777,\"0777\"] ");
	YAML("[!!int 0777, !!float 0777, !!str 0777]", "[511,511,\"0777\"] ");
	YAML("!!set {a, b}", "{\"a\":null,\"b\":null} ");
	YAML("!!binary aGVsbG8=", "\"hello\" ");
	YAML("!!binary /w==", "\"/w==\" ");
	YAML("!!timestamp 2001-01-01", "\"2001-01-01\" ");
	YAML_BAD("a: !!int x", "1:4 [tag]");
	YAML_BAD("a: !!seq {}", "1:4 [tag]");
	YAML_BAD("a: !!map x", "1:4 [tag]");
	YAML_BAD("a: !!python/name:os.system x", "1:4 [tag]");
	YAML_BAD("a: !!binary '*'", "1:4 [tag]");
	CHECK(!read_text(&a, &d, NULL, "t.yaml", S("[!append [1], !merge:name {}, !x 12, !append y]"), &n));
	CHECK_STR(str_of(node_tag(n->items[0])), S("!append"));
	CHECK_STR(str_of(node_tag(n->items[1])), S("!merge:name"));
	CHECK(n->items[2]->kind == NODE_INT);
	CHECK(n->items[3]->tag == n->items[0]->tag && !node_tag(n));
}

static void yaml_errors(void)
{
	YAML_BAD("a: [1, 2\n", "1:4 [yaml-syntax]");
	YAML_BAD("a: \"x\nb: 1\n", "1:4 [yaml-syntax]");
	YAML_BAD("a:\n\t- b\n", "2:1 [yaml-syntax]");
	YAML_BAD("a: b: c\n", "1:5 [yaml-syntax]");
	YAML_BAD("a: @b\n", "1:4 [yaml-syntax]");
	YAML_BAD("a: 1\n b: 2\n", "2:3 [yaml-syntax]");
	YAML_BAD("- a\nb: 1\n", "2:1 [yaml-syntax]");
	YAML_BAD("a\nb: 1\n", "2:2 [yaml-syntax]");
	YAML_BAD("a: \"\\q\"\n", "1:5 [yaml-syntax]");
	YAML_BAD("[-, a]\n", "1:2 [yaml-syntax]");
	YAML_BAD("%YAML 1.9\n---\na\n", "1:1 [yaml-syntax]");
	YAML_BAD("a: 1\n%TAG ! x:\n---\n", "2:1 [yaml-syntax]");
	YAML_BAD("a: \xC3\xA9 \xFF\n", "1:6 [utf8]");
	YAML_BAD("a: 1\nb: \x01\n", "2:4 [control-character]");
	YAML_BAD("a: 1\n\0b: 1\n", "2:1 [control-character]");
	YAML_BAD("\xFF\xFE\0\0a\0\0\0", "0:0 [utf8]");
}

static void json_values(void)
{
	JSON("", "");
	JSON(" \n\t", "");
	JSON("{}[]1 true null\"x\"", "{} [] 1 true null \"x\" ");
	JSON("{\"a\":[1,-0,1.50,2e5,0.1E-3],\"b\":{\"c\":null}}\n{\"d\":1}\n", "{\"a\":[1,-0,1.50,2e5,0.1E-3],\"b\":{\"c\":null}} {\"d\":1} ");
	JSON("12345678901234567890123.5", "12345678901234567890123.5 ");
	JSON("\"\\u0041\\ud83d\\ude00\\n\\/\\u0000\"", "\"A\xF0\x9F\x98\x80\\n/\\u0000\" ");
	JSON("\xEF\xBB\xBF[1]", "[1] ");
	JSON("{\"\":1,\"\\u0000\":2}", "{\"\":1,\"\\u0000\":2} ");
}

static void json_errors(void)
{
	JSON_BAD("{\"a\":1,\"b\":2,\"a\":3}", "1:14 [duplicate-key]");
	JSON_BAD("{\"a\":1,}", "1:8 [json-syntax]");
	JSON_BAD("[1,]", "1:4 [json-syntax]");
	JSON_BAD("[1 2]", "1:4 [json-syntax]");
	JSON_BAD("{a:1}", "1:2 [json-syntax]");
	JSON_BAD("{'a':1}", "1:2 [json-syntax]");
	JSON_BAD("{\"a\" 1}", "1:6 [json-syntax]");
	JSON_BAD("[01]", "1:2 [json-syntax]");
	JSON_BAD("[1.]", "1:2 [json-syntax]");
	JSON_BAD("[.5]", "1:2 [json-syntax]");
	JSON_BAD("[+1]", "1:2 [json-syntax]");
	JSON_BAD("[-]", "1:2 [json-syntax]");
	JSON_BAD("[1e]", "1:2 [json-syntax]");
	JSON_BAD("[NaN]", "1:2 [json-syntax]");
	JSON_BAD("[tru]", "1:2 [json-syntax]");
	JSON_BAD("// x\n1", "1:1 [json-syntax]");
	JSON_BAD("[\n  \"\xC3\xA9\", x]", "2:8 [json-syntax]");
	JSON_BAD("[\"a\nb\"]", "1:4 [json-syntax]");
	JSON_BAD("[\"\xC3\xA9\\x\xC3\xA9\xC3\xA9\xC3\xA9\"]", "1:4 [json-syntax]");
	JSON_BAD("[\"\\ud800\"]", "1:3 [json-syntax]");
	JSON_BAD("[\"\\udc00\\ud800\"]", "1:3 [json-syntax]");
	JSON_BAD("[\"\\u12g4\"]", "1:3 [json-syntax]");
	JSON_BAD("[\"\xC3\xA9 \xFF\"]", "1:5 [utf8]");
	JSON_BAD("[\"abc", "1:6 [json-syntax]");
	JSON_BAD("[\"abc\\", "1:6 [json-syntax]");
	JSON_BAD("{\"a\":{\"b\":[1,", "1:14 [json-syntax]");
	JSON_BAD("[1]]", "1:4 [json-syntax]");
	JSON_BAD("1,2", "1:2 [json-syntax]");
	JSON_BAD("[1\0]", "1:3 [json-syntax]");
	JSON_BAD("\xFF\xFE[\0]\0", "0:0 [utf8]");
	JSON_BAD("---\na: 1\n", "1:1 [json-syntax]");
}

static void detection(void)
{
	AUTO("{\"a\": 1}\n", "{\"a\":1} ");
	AUTO("{\"a\": 1}\n{\"b\": 1}\n", "{\"a\":1} {\"b\":1} ");
	AUTO("{a: 1}\n", "{\"a\":1} ");
	AUTO("{\"a\": b, }\n", "{\"a\":\"b\"} ");
	AUTO("[a, b]: c\n", "1:1 [complex-key] a list cannot be the key of a map here; if this is a template's {{ ... }}, render it first, or quote it");
	AUTO("\"a\": 1\nb: 2\n", "{\"a\":1,\"b\":2} ");
	AUTO("\"a\"\n\"b\"\n", "\"a\" \"b\" ");
	AUTO("{\"a\": 1}\n---\nb: 1\n", "{\"a\":1} {\"b\":1} ");
	AUTO("{\"a\": 1} # x\n---\nb: 1\n", "{\"a\":1} {\"b\":1} ");
	AUTO("{\"a\": 1}\n---\nb: [\n", "4:1 [yaml-syntax] the input ends within the list that begins at line 3, column 4; close it, or quote the text");
	AUTO("{\"a\": 1}\n- b\n", "2:1 [json-syntax] a number begins with a digit, or - and a digit");
	AUTO("{\"a\": [1,\n2}\n", "2:2 [json-syntax] expected \",\" or \"]\" after the item, not \"}\"");
	AUTO("# c\n{\"a\": 1}\n", "{\"a\":1} ");
	AUTO("12\n", "12 ");
	AUTO("", "");
}

static enum format format_of(const char *name, str text, int input)
{
	struct diag d = { .program = "test", .arena = &a };
	struct reader *r = reader_open_text(&a, &d, &(struct read_options){ .input = input }, name, text);
	struct node *n;
	enum format f;

	CHECK(reader_next(r, &a, &n) >= 0);
	f = reader_format(r);
	reader_close(r);
	return f;
}

static void formats(void)
{
	CHECK_INT(format_of("x.yaml", S("{}"), FORMAT_AUTO), FORMAT_YAML);
	CHECK_INT(format_of("x.json", S("{}"), FORMAT_AUTO), FORMAT_JSON);
	CHECK_INT(format_of("x.jsonl", S("{}"), FORMAT_AUTO), FORMAT_JSONL);
	CHECK_INT(format_of("x.jsonl", S("{}"), FORMAT_JSON), FORMAT_JSONL);
	CHECK_INT(format_of("x.json", S("{}"), FORMAT_YAML), FORMAT_YAML);
	CHECK_INT(format_of("-", S("{}"), FORMAT_AUTO), FORMAT_JSON);
	CHECK_INT(format_of("-", S("{}\n{}\n"), FORMAT_AUTO), FORMAT_JSONL);
	CHECK_INT(format_of("-", S("{\n}\n{}\n"), FORMAT_AUTO), FORMAT_JSON);
	CHECK_INT(format_of("-", S("{a: b}"), FORMAT_AUTO), FORMAT_YAML);
	CHECK_INT(format_of("-", S(""), FORMAT_AUTO), FORMAT_YAML);
}

static void places(void)
{
	struct diag d = { .program = "test", .arena = &a };
	struct node *n;
	struct entry *e;

	CHECK(!read_text(&a, &d, NULL, "t.yaml", S("a: 1\n\xC3\xA9\xC3\xA9: 'x'\nm:\n  - k: |\n      t\n  -\n"), &n));
	e = &n->entries[1];
	CHECK_INT(e->line, 2);
	CHECK_INT(e->col, 1);
	CHECK_INT(e->value->line, 2);
	CHECK_INT(e->value->col, 5);
	CHECK_INT(e->value->style, STYLE_SINGLE);
	n = node_get(n, S("m"));
	CHECK_INT(n->line, 4);
	CHECK_INT(n->col, 3);
	CHECK_INT(n->items[0]->entries[0].value->col, 8);
	CHECK_INT(n->items[1]->flags, NODE_EMPTY);
	CHECK_STR(str_of(node_pos(n).file), S("t.yaml"));
	CHECK(!read_text(&a, &d, NULL, "t.json", S("{\n \"\xC3\xA9\": [1,\n  \"x\"], \"\xC3\xA9\\n\xC3\xA9\": true}"), &n));
	e = &n->entries[1];
	CHECK_INT(e->line, 3);
	CHECK_INT(e->col, 9);
	CHECK_INT(e->value->col, 17);
	CHECK_INT(n->entries[0].value->items[1]->line, 3);
	CHECK_INT(n->entries[0].value->items[1]->col, 3);
	CHECK_INT(e->value->flags, NODE_JSON | NODE_TRUE);
	CHECK(!read_text(&a, &d, NULL, "t.yaml", S(""), &n) && n->kind == NODE_NULL && n->flags == NODE_EMPTY);
	CHECK(!read_text(&a, &d, NULL, "t.yaml", S("a: 1\n---\n"), &n) && n->kind == NODE_MAP);
}

/* Depth: 1,000 is read, 1,001 is not, be it through aliases. */
static void depth(void)
{
	struct buf b = BUF(&a);

	buf_fill(&b, '[', 1000);
	buf_fill(&b, ']', 1000);
	CHECK_INT(outcome(&defaults, "t.json", buf_str(&b)).n, 2001);
	CHECK_INT(outcome(&defaults, "t.yaml", buf_str(&b)).n, 2001);
	b.n = 0;
	buf_fill(&b, '[', 1001);
	CHECK(str_starts(outcome(&defaults, "t.json", buf_str(&b)), S("1:1001 [depth] ")));
	CHECK(str_starts(outcome(&defaults, "t.yaml", buf_str(&b)), S("1:1001 [depth] ")));
	b.n = 0;
	buf_add(&b, S("- &a "));
	buf_fill(&b, '[', 600);
	buf_fill(&b, ']', 600);
	buf_add(&b, S("\n- "));
	buf_fill(&b, '[', 399);
	buf_add(&b, S("*a"));
	buf_fill(&b, ']', 399);
	CHECK(str_ends(outcome(&defaults, "t.yaml", buf_str(&b)), S("] ")));
	b.n -= 399 + 2;
	buf_add(&b, S("[*a"));
	buf_fill(&b, ']', 400);
	CHECK(str_starts(outcome(&defaults, "t.yaml", buf_str(&b)), S("2:403 [depth] ")));
}

/* Values that lie across the edges of the window, from a file, read as from memory. */
static void windows(void)
{
	char path[] = "/tmp/doc-read-XXXXXX";
	struct diag d = { .program = "test", .arena = &a };
	struct arena doc = { 0 };
	struct buf b = BUF(&a);
	struct reader *r;
	struct node *n;
	struct out *o;
	size_t i, count = 0;
	int fd = mkstemp(path), form, got = -1;

	if (!CHECK(fd >= 0))
		return;
	close(fd);
	for (i = 0; i < 3000; i++)
		buf_printf(&b, "{\"n\":%zu.5, \"s\":\"%.*s\xE2\x82\xAC\\n\xF0\x9F\x98\x80\"}%s", i, (int)(i % 97),
			   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
			   i % 2 ? "\n" : " \n\n");
	buf_add(&b, S("\""));
	buf_fill(&b, 'x', 300000);
	buf_add(&b, S("\""));
	for (form = FORMAT_AUTO; form <= FORMAT_JSON; form += FORMAT_JSON - FORMAT_AUTO) {
		o = out_open(&a, &d, path);
		out_write(o, buf_str(&b));
		CHECK(!out_close(o));
		r = reader_open(&a, &d, &(struct read_options){ .input = form }, path);
		for (count = 0; r && (got = reader_next(r, &doc, &n)) > 0; count++) {
			if (count == 3000) {
				CHECK_INT(n->n, 300000);
				continue;
			}
			CHECK_STR(node_text(node_get(n, S("n"))), str_printf(&a, "%zu.5", count));
			CHECK_INT(node_get(n, S("s"))->n, count % 97 + 3 + 1 + 4);
			CHECK_INT(n->line, 1 + (count + 1) / 2 * 2 + count / 2);
			arena_reset(&doc);
		}
		reader_close(r);
		CHECK_INT(got, 0);
		CHECK_INT(count, 3001);
	}
	unlink(path);
	arena_free(&doc);
}

int main(void)
{
	yaml_values();
	yaml_keys();
	duplicates();
	yaml_anchors();
	yaml_tags();
	yaml_errors();
	json_values();
	json_errors();
	detection();
	formats();
	places();
	depth();
	windows();
	arena_free(&a);
	return check_done();
}
