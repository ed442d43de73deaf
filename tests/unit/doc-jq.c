/* SPDX-License-Identifier: MIT */
/* jq expressions: plain paths, compiled ones, and what both leave of a document. */
#include "check.h"

#include "doc/doc.h"

static struct arena a;
static struct diag base = { .program = "test", .arena = &a }, d; /* d keeps what is said */

static str last_message(void)
{
	struct finding *f = NULL, *next;

	for (size_t i = 0; (next = diag_held_at(&d, i)); i++)
		f = next;
	return f ? str_printf(&a, "%u:%u %.*s", (unsigned)f->pos.line, (unsigned)f->pos.col, STR_ARG(f->message)) : S("nothing");
}

static const char *const vars[] = { "v", "none" };

static struct node *read(const char *text)
{
	const struct read_options plain = { 0 };
	struct node *n = NULL;

	CHECK(read_text(&a, &d, &plain, "in.yaml", str_of(text), &n) == 0);
	return n ? n : node_new(&a, NODE_NULL);
}

#define DOC "{big: 12345678901234567890, dec: 1.10, l: [1, {name: web}], m: {x y: true}, s: text}"

static void eval(const char *expr, const char *want)
{
	struct node *doc = read(DOC), *values[] = { read("{k: [5, 6]}"), NULL }, **out;
	struct jq_expr e = { str_of(expr), { "e.yaml", 3, 5 } };
	struct jq *j = jq_compile_all(&a, &d, &e, 1, vars, 2, NULL);
	struct buf b = BUF(&a);
	size_t n;

	if (!CHECK(j != NULL))
		return;
	/* the second time the input is kept: nothing may change */
	for (int kept = 0; kept < 2; kept++) {
		b.n = 0;
		if (jq_eval(j, 0, &a, doc, values, &out, &n)) {
			buf_printf(&b, "error %.*s", STR_ARG(last_message()));
			n = 0;
		}
		for (size_t i = 0; i < n; i++)
			buf_printf(&b, "%s%.*s", i ? " " : "", STR_ARG(json_text(&a, out[i])));
		if (!CHECK_STR(buf_str(&b), str_of(want)))
			fprintf(stderr, "\tof %s%s\n", expr, kept ? ", kept" : "");
		jq_keep(j, doc);
	}
	jq_free(j);
}

static void refuse(const char *expr, const char *want)
{
	struct jq_expr e[] = { { S(".a"), { "e.yaml", 1, 1 } }, { str_of(expr), { "e.yaml", 3, 5 } }, { S(".b + 1"), { "e.yaml", 9, 9 } } };

	CHECK(jq_compile_all(&a, &d, e, 3, vars, 2, NULL) == NULL);
	if (!CHECK(str_starts(last_message(), str_of(want))))
		fprintf(stderr, "\t%s: %.*s\n", expr, STR_ARG(last_message()));
}

/* A result that is a part of the input is that node. */
static void same_node(const char *expr, const char *pointer)
{
	struct node *doc = read(DOC), **out;
	struct jq_expr e = { str_of(expr), { "e.yaml", 1, 1 } };
	struct jq *j = jq_compile_all(&a, &d, &e, 1, NULL, 0, NULL);
	struct path p;
	size_t n;

	CHECK(path_parse(&a, str_of(pointer), &p, NULL) == 0);
	if (CHECK(j && jq_eval(j, 0, &a, doc, NULL, &out, &n) == 0 && n == 1)) {
		if (!CHECK(out[0] == path_get(&p, doc)))
			fprintf(stderr, "\t%s\n", expr);
		CHECK(out[0]->line == 1 && out[0]->col > 0);
	}
	jq_free(j);
}

static void many(void)
{
	enum { MANY = 3000 };
	struct jq_expr *e = NEW_ARRAY(&a, struct jq_expr, MANY);
	struct node *doc = read("a: 1"), **out;
	size_t n, bad = 0;

	for (size_t i = 0; i < MANY; i++)
		e[i] = (struct jq_expr){ str_printf(&a, ".a + %zu", i), { "e.yaml", (uint32_t)i + 1, 1 } };
	struct jq *j = jq_compile_all(&a, &d, e, MANY, NULL, 0, NULL);
	if (!CHECK(j != NULL))
		return;
	for (size_t i = 0; i < MANY; i++) {
		int64_t v = 0;
		if (jq_eval(j, i, &a, doc, NULL, &out, &n) || n != 1 || !node_to_i64(out[0], &v) || v != (int64_t)i + 1)
			bad++;
	}
	CHECK_INT((long long)bad, 0);
	jq_free(j);
}

int main(void)
{
	diag_fork(&d, &base, &a);
	/* plain paths */
	eval(".", "{\"big\":12345678901234567890,\"dec\":1.10,\"l\":[1,{\"name\":\"web\"}],\"m\":{\"x y\":true},\"s\":\"text\"}");
	eval(".big", "12345678901234567890");
	eval(" .l[1].name ", "\"web\"");
	eval(".l[-2]", "1");
	eval(".l[9]", "null");
	eval(".l[]", "1 {\"name\":\"web\"}");
	eval(".m.\"x y\"", "true");
	eval(".m[\"x y\"]", "true");
	eval(".nope.deeper", "null");
	eval(".s.x", "error 3:5 Cannot index string with \"x\"");
	eval(".s.x?", "");
	eval(".s[]", "error 3:5 Cannot iterate over string");
	eval("$v.k[1]", "6");
	eval("$none.x", "null");
	/* compiled ones */
	eval(".big // 1", "12345678901234567890");
	eval(".nope // \"d\"", "\"d\"");
	eval("{b: .big, d: [.dec]}", "{\"b\":12345678901234567890,\"d\":[1.10]}");
	eval("{z: 1, a: 2}", "{\"z\":1,\"a\":2}");
	eval("[.l[] | numbers] + $v.k", "[1,5,6]");
	eval("$v.k | map(. * 2)", "[10,12]");
	eval("1, 2, empty, 3", "1 2 3");
	eval(".dec + 1", "2.1");
	eval("1 / 3", "0.3333333333333333");
	eval("error(\"no\")", "error 3:5 no");
	eval("error({a: 1})", "error 3:5 {\"a\":1}");
	eval(".l | .[1].name = \"x\" | .[1]", "{\"name\":\"x\"}");
	eval("# only a comment\n.s", "\"text\"");
	eval(".s # and one behind", "\"text\"");
	eval("\"\\(.s + \"(\") )\"", "\"text( )\"");
	same_node(".l[1]", "/l/1");
	same_node(".big // 3", "/big");
	same_node(".l | .[1]", "/l/1");
	same_node(".l | last | .name", "/l/1/name");
	same_node("[.m] | .[0]", "/m");
	same_node(".m | select(.[\"x y\"])", "/m");
	refuse(".a |", "3:5 syntax error, unexpected end of the expression");
	refuse(".a | foo(1)", "3:10 foo/1 is not defined");
	refuse("$y", "3:5 $y is not defined");
	refuse("(1", "3:5 \")\" is missing at the end");
	refuse("1) | (2", "3:5 \")\" closes nothing");
	refuse("[1)", "3:5 \")\" closes nothing");
	refuse("\"a", "3:5 a string is not closed");
	refuse("\"a\\(1\"", "3:5 ");
	refuse("", "3:5 the expression is empty");
	refuse("def f: 1;", "3:5 definitions need an expression");
	refuse("if . then 1", "3:5 syntax error");
	many();
	arena_free(&a);
	return check_done();
}
