/* SPDX-License-Identifier: MIT */
/* node.c, type.c, number.c: the tree, what plain scalars mean, what numbers are worth. */
#include "check.h"
#include "doc/doc.h"



static struct arena a;

static void maps(size_t count)
{
	struct node *m = node_new(&a, NODE_MAP), *c;
	size_t i;
	int64_t v;

	for (i = 0; i < count; i++)
		node_put(&a, m, str_printf(&a, "key-%zu", i), node_int(&a, i));
	CHECK_INT(m->n, count);
	for (i = 0; i < count; i++)
		CHECK(node_to_i64(node_get(m, str_printf(&a, "key-%zu", i)), &v) && v == (int64_t)i);
	CHECK(!node_get(m, S("key")));
	CHECK(!node_get(m, S("")));
	node_put(&a, m, S(""), node_bool(&a, true));
	node_put(&a, m, S("key-0"), node_string(&a, S("new")));
	CHECK_INT(m->n, count + 1 + !count);
	CHECK(node_true(node_get(m, S(""))));
	CHECK_STR(node_get_str(m, S("key-0")), S("new"));
	c = node_copy(&a, m);
	CHECK(node_equal(m, c) && node_equal(c, node_clone(&a, m)));
	CHECK(node_remove(c, S("")) && !node_remove(c, S("")));
	CHECK(!node_equal(m, c));
	for (i = 0; i < count; i++)
		CHECK(node_remove(c, str_printf(&a, "key-%zu", i)) && !node_get(c, str_printf(&a, "key-%zu", i)));
	CHECK_INT(m->n, count + 1 + !count);
}

static void lists(void)
{
	struct node *l = node_new(&a, NODE_SEQ);
	int64_t v, i;

	for (i = 0; i < 40; i++)
		node_push(&a, l, node_int(&a, i));
	node_insert(&a, l, 0, node_int(&a, -1));
	node_insert(&a, l, 20, node_int(&a, 99));
	node_remove_at(l, 41);
	node_remove_at(l, 41);
	CHECK_INT(l->n, 41);
	CHECK(node_to_i64(l->items[0], &v) && v == -1);
	CHECK(node_to_i64(l->items[20], &v) && v == 99);
	CHECK(node_to_i64(l->items[21], &v) && v == 19);
	CHECK(node_equal(l, node_copy(&a, l)));
}

/* One letter per meaning: n null, t f booleans, i integer, d number, s string. */
static char meaning(const char *text, enum yaml_version v)
{
	bool truth;
	enum kind k = scalar_kind(str_of(text), v, &truth);

	return k == NODE_BOOL ? "ft"[truth] : "n?ids"[k];
}

static void types(void)
{
	static const struct {
		const char *text;
		char kubernetes, core;
	} t[] = {
		{ "", 'n', 'n' }, { "~", 'n', 'n' }, { "null", 'n', 'n' }, { "Null", 'n', 'n' }, { "NULL", 'n', 'n' }, { "nULL", 's', 's' },
		{ "true", 't', 't' }, { "True", 't', 't' }, { "TRUE", 't', 't' }, { "tRUE", 's', 's' }, { "false", 'f', 'f' },
		{ "y", 't', 's' }, { "Y", 't', 's' }, { "n", 'f', 's' }, { "N", 'f', 's' }, { "yes", 't', 's' }, { "NO", 'f', 's' },
		{ "on", 't', 's' }, { "Off", 'f', 's' }, { "oN", 's', 's' }, { "yess", 's', 's' }, { "falsey", 's', 's' },
		{ "0", 'i', 'i' }, { "-0", 'i', 'i' }, { "12", 'i', 'i' }, { "+12", 'i', 'i' }, { "-12", 'i', 'i' }, { "0777", 'i', 'i' },
		{ "08", 'd', 'i' }, { "0o17", 'i', 'i' }, { "0O17", 'i', 's' }, { "-0o17", 'i', 's' }, { "0o8", 's', 's' },
		{ "0b101", 'i', 's' }, { "0x1F", 'i', 'i' }, { "-0x1f", 'i', 's' }, { "0xg", 's', 's' }, { "0x", 's', 's' },
		{ "1_000", 'i', 's' }, { "1__0_", 'i', 's' }, { "_1", 's', 's' }, { "-_1", 'i', 's' }, { "+", 's', 's' }, { "-", 's', 's' },
		{ "18446744073709551616", 'i', 'i' }, { "0xFFFFFFFFFFFFFFFF", 'i', 'i' }, { "0x1FFFFFFFFFFFFFFFF", 's', 's' },
		{ "-0x8000000000000000", 'i', 's' }, { "-0x8000000000000001", 's', 's' },
		{ "1.5", 'd', 'd' }, { "1.", 'd', 'd' }, { ".5", 'd', 'd' }, { "+.5", 'd', 'd' }, { "1e3", 'd', 'd' }, { "1E+3", 'd', 'd' },
		{ "1e", 's', 's' }, { ".", 's', 's' }, { "..", 's', 's' }, { "1.2.3", 's', 's' }, { "1_000.5", 'd', 's' }, { ".5_0", 's', 's' },
		{ "1e400", 's', 'd' }, { "1e-400", 'd', 'd' }, { ".inf", 'd', 'd' }, { "-.INF", 'd', 'd' }, { "+.Inf", 'd', 'd' },
		{ ".nan", 'd', 'd' }, { ".NaN", 'd', 'd' }, { "-.nan", 's', 's' }, { "inf", 's', 's' }, { "nan", 's', 's' },
		{ "190:20:30", 's', 's' }, { "2001-12-14", 's', 's' }, { "2001-12-14T21:59:43Z", 's', 's' }, { "=", 's', 's' },
		{ "<<", 's', 's' }, { "1 2", 's', 's' }, { "0 ", 's', 's' }, { "v1", 's', 's' }, { "100m", 's', 's' }, { "1Gi", 's', 's' },
	};
	size_t i;

	for (i = 0; i < COUNT(t); i++) {
		CHECK_STR(str_printf(&a, "%s %c", t[i].text, meaning(t[i].text, YAML_KUBERNETES)), str_printf(&a, "%s %c", t[i].text, t[i].kubernetes));
		CHECK_STR(str_printf(&a, "%s %c", t[i].text, meaning(t[i].text, YAML_1_2)), str_printf(&a, "%s %c", t[i].text, t[i].core));
		if (t[i].kubernetes != t[i].core)
			CHECK(scalar_is_ambiguous(str_of(t[i].text)));
	}
	CHECK(scalar_is_ambiguous(S("0777")) && scalar_is_ambiguous(S("-010")));
	CHECK(!scalar_is_ambiguous(S("0o17")) && !scalar_is_ambiguous(S("10")) && !scalar_is_ambiguous(S("text")));
}

static struct node *number(const char *text)
{
	bool truth;

	return node_scalar(&a, scalar_kind(str_of(text), YAML_KUBERNETES, &truth), str_of(text));
}

static void numbers(void)
{
	static const char *const texts[][2] = {
		{ "1", "1" }, { "-1", "-1" }, { "+1", "1" }, { "0777", "511" }, { "0o17", "15" }, { "0b11", "3" }, { "-0x10", "-16" },
		{ "1_000", "1000" }, { "08", "8" }, { "1.10", "1.10" }, { "1.", "1" }, { ".5", "0.5" }, { "-.5", "-0.5" }, { "1e3", "1e3" },
		{ "1.e3", "1e3" }, { "00.5", "0.5" }, { "1_000.5", "1000.5" }, { ".inf", ".inf" }, { "9223372036854775808", "9223372036854775808" },
		{ "123456789012345678901234567890", "123456789012345678901234567890" }, { "+1_0e1_0", "10e10" },
	};
	static const char *const equal[][2] = {
		{ "1", "1.0" }, { "1", "1e0" }, { "100", "1e2" }, { "0.1", "1e-1" }, { "0", "-0.0" }, { "0", "0e9" }, { "0777", "511" },
		{ "1_000", "1000" }, { "1200", "1.2e3" }, { ".inf", "+.INF" }, { ".nan", ".NaN" }, { "0.0012", "12e-4" },
		{ "9007199254740993", "9007199254740993.0" }, { "1e-300", "10e-301" },
	};
	static const char *const differ[][2] = {
		{ "1", "2" }, { "1", "-1" }, { "1", "10" }, { "9007199254740993", "9007199254740992.0" }, { ".inf", "-.inf" }, { ".nan", ".inf" },
		{ "1", "1.00000000000000000001" }, { "0", "1" }, { "12", "120" }, { "1.2", "12" }, { "0.1", "0.01" },
	};
	size_t i;
	int64_t v;

	for (i = 0; i < COUNT(texts); i++)
		CHECK_STR(node_number_text(&a, number(texts[i][0])), str_of(texts[i][1]));
	for (i = 0; i < COUNT(equal); i++)
		CHECK(node_equal(number(equal[i][0]), number(equal[i][1])) || (fprintf(stderr, "%s != %s\n", equal[i][0], equal[i][1]), false));
	for (i = 0; i < COUNT(differ); i++)
		CHECK(!node_equal(number(differ[i][0]), number(differ[i][1])));
	CHECK(!node_equal(number("1"), node_string(&a, S("1"))));
	CHECK(node_to_i64(number("-9223372036854775808"), &v) && v == INT64_MIN);
	CHECK(node_to_i64(number("9223372036854775807"), &v) && v == INT64_MAX);
	CHECK(!node_to_i64(number("9223372036854775808"), &v));
	CHECK(node_to_i64(number("0o17"), &v) && v == 15);
	CHECK(node_to_i64(number("1.5e1"), &v) && v == 15);
	CHECK(node_to_i64(number("0.0"), &v) && v == 0);
	CHECK(node_to_i64(number("12e2"), &v) && v == 1200);
	CHECK(!node_to_i64(number("1.5"), &v) && !node_to_i64(number(".inf"), &v) && !node_to_i64(number("1e99"), &v));
	CHECK(!node_to_i64(node_string(&a, S("1")), &v) && !node_to_i64(NULL, &v));
	CHECK(node_to_double(number("0777")) == 511 && node_to_double(number("-1_0.5")) == -10.5 && node_to_double(number("1e3")) == 1000);
	CHECK(node_to_double(number("-.inf")) < -1e308 && node_to_double(number("08")) == 8);
}

static void places(void)
{
	const char *tags[] = { "!append" };
	struct source s = { .name = "a.yaml", .tags = tags, .ntags = 1 };
	struct node *n = node_string(&a, S("x")), *m = node_int(&a, 1);

	n->source = &s;
	n->line = 3;
	n->col = 7;
	n->tag = 1;
	CHECK_STR(str_of(node_tag(n)), S("!append"));
	CHECK(!node_tag(m) && !node_tag(NULL) && !node_pos(m).file);
	node_at(m, n);
	CHECK_STR(str_of(node_pos(m).file), S("a.yaml"));
	CHECK_INT(node_pos(m).line, 3);
	CHECK_INT(node_pos(m).col, 7);
	CHECK(!node_tag(m));
}

int main(void)
{
	maps(0);
	maps(3);
	maps(16);
	maps(17);
	maps(1000);
	lists();
	types();
	numbers();
	places();
	arena_free(&a);
	return check_done();
}
