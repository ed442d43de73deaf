/* SPDX-License-Identifier: MIT */
/* The parts of the schema engine: decimals, URIs, regular expressions, uniqueness. */
#include "check.h"
#include "schema/internal.h"

static struct arena a;
static struct diag d = { .program = "schema-parts", .arena = &a };

static struct node *json(const char *text)
{
	struct read_options o = { .input = FORMAT_JSON };
	struct node *n = NULL;

	CHECK(read_text(&a, &d, &o, "text", str_of(text), &n) == 0);
	return n;
}

static int compare(const char *x, const char *y)
{
	struct decimal l = decimal_of(&a, json(x)), r = decimal_of(&a, json(y));
	return decimal_cmp(&l, &r);
}

static int multiple(const char *x, const char *y)
{
	struct decimal l = decimal_of(&a, json(x)), r = decimal_of(&a, json(y));
	return decimal_is_multiple(&a, &l, &r);
}

static void decimals(void)
{
	CHECK_INT(compare("1", "1.0"), 0);
	CHECK_INT(compare("1e3", "1000"), 0);
	CHECK_INT(compare("-0", "0"), 0);
	CHECK_INT(compare("0.1", "0.09999999999999999999"), 1);
	CHECK_INT(compare("-2", "-1"), -1);
	CHECK_INT(compare("-1", "0"), -1);
	CHECK_INT(compare("0", "-1e-9"), 1);
	CHECK_INT(compare("98249283749234923498293171823948729348710298301928331", "98249283749234923498293171823948729348710298301928330"), 1);
	CHECK_INT(multiple("0.0075", "0.0001"), 1);
	CHECK_INT(multiple("0.00751", "0.0001"), 0);
	CHECK_INT(multiple("1e308", "0.123456789"), 0);
	CHECK_INT(multiple("1e308", "0.5"), 1);
	CHECK_INT(multiple("123456789012345678901234567890", "12345678901234567890123456789"), 1);
	CHECK_INT(multiple("123456789012345678901234567891", "12345678901234567890123456789"), 0);
	CHECK_INT(multiple("-9", "3"), 1);
	CHECK_INT(multiple("3", "9"), 0);
}

static void uris(void)
{
	static const char *const cases[][2] = { /* RFC 3986, 5.4, against http://a/b/c/d;p?q */
		{ "g:h", "g:h" }, { "g", "http://a/b/c/g" }, { "./g", "http://a/b/c/g" }, { "g/", "http://a/b/c/g/" }, { "/g", "http://a/g" },
		{ "//g", "http://g" }, { "?y", "http://a/b/c/d;p?y" }, { "g?y", "http://a/b/c/g?y" }, { "#s", "http://a/b/c/d;p?q#s" },
		{ "", "http://a/b/c/d;p?q" }, { ".", "http://a/b/c/" }, { "..", "http://a/b/" }, { "../g", "http://a/b/g" },
		{ "../..", "http://a/" }, { "../../g", "http://a/g" }, { "../../../g", "http://a/g" }, { "/./g", "http://a/g" },
		{ "g;x=1/../y", "http://a/b/c/y" }, { "g?y/../x", "http://a/b/c/g?y/../x" },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		CHECK_STR(uri_resolve(&a, S("http://a/b/c/d;p?q"), str_of(cases[i][0])), str_of(cases[i][1]));
	CHECK_STR(uri_unescape(&a, S("a%25b%2Fc%")), S("a%b/c%"));
}

static int match(const char *pattern, const char *text, enum regex_dialect dialect)
{
	const char *error;
	size_t offset;
	struct regex *r = regex_compile(&a, str_of(pattern), dialect, &error, &offset);
	struct regex_room *room = regex_room_new(&a);
	int got = r ? regex_match(room, r, str_of(text)) : -2;

	if (r)
		regex_free(r);
	regex_room_free(room);
	return got;
}

static void regexes(void)
{
	CHECK_INT(match("^\\d+$", "12", REGEX_ECMA), 1);
	CHECK_INT(match("^\\d+$", "12\n", REGEX_ECMA), 0);
	CHECK_INT(match("^\\d$", "\xdf\x80", REGEX_ECMA), 0); /* a digit, but not of ASCII */
	CHECK_INT(match("^\\s$", "\xef\xbb\xbf", REGEX_ECMA), 1);
	CHECK_INT(match("^[^\\S]$", "\xc2\xa0", REGEX_ECMA), 1);
	CHECK_INT(match("^.$", "\xe2\x80\xa8", REGEX_ECMA), 0);
	CHECK_INT(match("^\\ud83d\\ude00$", "\xf0\x9f\x98\x80", REGEX_ECMA), 1);
	CHECK_INT(match("\\Za", "a", REGEX_ECMA), -2);
	CHECK_INT(match("(?i)a", "A", REGEX_ECMA), -2);
	CHECK_INT(match("(?i)a", "A", REGEX_RE2), 1);
	CHECK_INT(match("\\Aa\\z", "a", REGEX_RE2), 1);
	CHECK_INT(match("^[[:alpha:]]+$", "ab", REGEX_RE2), 1);
	CHECK_INT(match("(?=a)", "a", REGEX_RE2), -2);
	CHECK_INT(match("^web$", "web", REGEX_ECMA), 1);
	CHECK_INT(match("^web$", "webs", REGEX_ECMA), 0);
	CHECK_INT(match("^x-", "x-a", REGEX_ECMA), 1);
	CHECK_INT(match("\\(?a", "a", REGEX_ECMA), 1);
	CHECK_INT(match("*", "a", REGEX_ECMA), -2);
	CHECK_INT(match("^[]*$", "", REGEX_ECMA), 1);
	CHECK_INT(match("[]", "a", REGEX_ECMA), 0);
	CHECK_INT(match("^[\\w-.]+\\@$", "a-.@", REGEX_ECMA), 1);
	CHECK_INT(match("^[a-\\d]+$", "a-7", REGEX_ECMA), 1);
	CHECK_INT(match("\\_", "_", REGEX_ECMA), -2);
	CHECK_INT(match("\\u{}", "a", REGEX_ECMA), -2);
	CHECK_INT(match("\\p{Assigned}", "a", REGEX_ECMA), 1);
	CHECK_INT(match("(?=b)(?:ab)*?b", "b", REGEX_ECMA), 1);
	CHECK_INT(match("(*UTF8)a", "a", REGEX_ECMA), -2);
}

static void groups(void)
{
	CHECK_INT(match("^(?<$a\\u0062_of_a_length_that_PCRE2_would_not_take>x)\\k<$ab_of_a_length_that_PCRE2_would_not_take>$", "xx", REGEX_ECMA), 1);
	CHECK_INT(match("(?<a>x)(?<a>y)", "xy", REGEX_ECMA), -2);
	CHECK_INT(match("\\k<b>(?<a>x)", "x", REGEX_ECMA), -2);
	CHECK_INT(match("(?<1a>x)", "x", REGEX_ECMA), -2);
	CHECK_INT(match("(?<=^a+)b", "aaab", REGEX_ECMA), 1);
	CHECK_INT(match("(?<=^a+)b", "acab", REGEX_ECMA), 0);
	CHECK_INT(match("(?<!a{2,3})b", "aab", REGEX_ECMA), 0);
	CHECK_INT(match("(?<!a{2,3})b", "ab", REGEX_ECMA), 1);
	CHECK_INT(match("a?(?<=^b??\\b)", "a", REGEX_ECMA), 1);
	CHECK_INT(match("(?<=x(?<!a+)b*)c", "axbbc", REGEX_ECMA), 1);
	CHECK_INT(match("(?<=\\xe9*\\b)c", "\xc3\xa9" "c", REGEX_ECMA), 1);
	CHECK_INT(match("(a)(?<=(b)*)\\2", "a", REGEX_ECMA), -2);
	CHECK(regex_valid(&a, S("(a)(?<=(b)*)\\2"), &(const char *){ NULL }, &(size_t){ 0 }));
}

static void long_texts(void)
{
	struct buf b = BUF(&a);

	for (int i = 0; i < 100000; i++)
		buf_char(&b, ' ');
	CHECK_INT(match("^\\s+$", buf_str(&b).p, REGEX_ECMA), 1);
	buf_char(&b, 'a');
	CHECK_INT(match("^\\s+$", buf_str(&b).p, REGEX_ECMA), 0);
	CHECK_INT(match("\\s+$", buf_str(&b).p, REGEX_ECMA), -1); /* each place would be tried to the end */
	CHECK_INT(match("^(.|\\n)*$", buf_str(&b).p, REGEX_ECMA), 1);
	CHECK_INT(match("(?<=\\S\\s+) $", buf_str(&b).p, REGEX_ECMA), -1);
}

/* Of RFC 5892: stable small letters, marks in NFC, no compatibility forms; Cherokee's capitals are the stable ones. */
static void labels(void)
{
	static const char *const good[] = { "b\\u00fccher", "stra\\u00dfe", "\\u03b1\\u03b2", "\\u13a0", "Hostname", "l\\u00b7l", "\\u0928\\u094d\\u200d" };
	static const char *const bad[] = { "B\\u00fccher", "\\u00dcber", "u\\u0308ber", "\\ufb01x", "\\uab70", "\\u0391", "a\\u00b7l", "a\\u200db", "\\u3164", "\\ud834\\udd00" };

	for (size_t i = 0; i < COUNT(good); i++)
		CHECK(format_idn_hostname(&a, node_text(json(str_printf(&a, "\"%s\"", good[i]).p))));
	for (size_t i = 0; i < COUNT(bad); i++)
		CHECK(!format_idn_hostname(&a, node_text(json(str_printf(&a, "\"%s\"", bad[i]).p))));
}

static void unique(void)
{
	size_t x, y;

	CHECK(value_unique(&a, json("[1, true, \"1\", [1], {\"a\": 1}, null]"), &x, &y));
	CHECK(!value_unique(&a, json("[{\"a\": 1, \"b\": 2.0}, 0, {\"b\": 2, \"a\": 1}]"), &x, &y) && x == 0 && y == 2);
	CHECK(!value_unique(&a, json("[1e2, 100]"), &x, &y));
	CHECK(value_unique(&a, json("[]"), &x, &y));
}

int main(void)
{
	decimals();
	uris();
	regexes();
	groups();
	long_texts();
	labels();
	unique();
	arena_free(&a);
	return check_done();
}
