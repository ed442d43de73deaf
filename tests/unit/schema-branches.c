/* SPDX-License-Identifier: MIT */
/* The alternatives that are passed over change no verdict; nor does machine code for a pattern that is asked for often. */
#include "check.h"
#include "schema/internal.h"

static struct arena a;
static struct diag d = { .program = "schema-branches", .arena = &a };

static struct node *json(const char *text)
{
	struct read_options o = { .input = FORMAT_JSON };
	struct node *n = NULL;

	CHECK(read_text(&a, &d, &o, "text", str_of(text), &n) == 0);
	return n;
}

/* Each document begins with what the verdict is to be: + or -. */
static void verdicts(const char *schema, const char *const *documents, size_t n)
{
	struct schema_options o = { .draft = DRAFT_2020 };
	struct schema_set *set = schema_set_new(&a, &d, &o);
	const struct schema *s = schema_compile(set, json(schema), NULL);
	struct schema_checker *c = schema_checker_new(set, &d);
	struct node *out;

	CHECK(s != NULL);
	for (size_t i = 0; s && i < n; i++) {
		struct node *doc = json(documents[i] + 1);
		bool want = documents[i][0] == '+', quick = schema_fits(c, s, doc);
		bool whole = schema_check_output(c, s, doc, OUTPUT_BASIC, &out) == 1;

		if (quick != want || whole != want)
			fprintf(stderr, "%s: %s: quick %d, whole %d\n", schema, documents[i], quick, whole);
		CHECK(quick == want && whole == want);
	}
	schema_checker_free(c);
	schema_set_free(set);
}
#define VERDICTS(schema, ...) verdicts(schema, (const char *const[]){ __VA_ARGS__ }, sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

static void by_key(void)
{
	VERDICTS("{\"oneOf\": [{\"$ref\": \"#/$defs/a\"}, {\"$ref\": \"#/$defs/b\"}, {\"$ref\": \"#/$defs/c\"}], \"$defs\": {"
		 "\"a\": {\"type\": \"object\", \"required\": [\"kind\"], \"properties\": {\"kind\": {\"const\": \"A\"}, \"x\": {\"type\": \"integer\"}}},"
		 "\"b\": {\"type\": \"object\", \"required\": [\"kind\"], \"properties\": {\"kind\": {\"enum\": [\"B\", \"BB\"]}, \"x\": {\"type\": \"string\"}}},"
		 "\"c\": {\"type\": \"object\", \"properties\": {\"kind\": {\"enum\": [\"C\", \"A\"]}, \"y\": true}, \"required\": [\"y\"]}}}",
		 "+{\"kind\": \"A\", \"x\": 1}", "-{\"kind\": \"A\", \"x\": \"1\"}", "+{\"kind\": \"BB\", \"x\": \"1\"}", "-{\"kind\": \"D\", \"x\": 1}",
		 "-{\"kind\": 1}", "-{\"x\": 1}", "+{\"y\": 1}", "-{\"kind\": \"A\", \"y\": 1}", "+{\"kind\": \"C\", \"y\": 1}", "-{\"kind\": null, \"y\": 1}", "-[]", "-\"A\"");
	/* one that takes any text, one that does not say that it wants an object */
	VERDICTS("{\"oneOf\": [{\"required\": [\"k\"], \"properties\": {\"k\": {\"const\": \"a\"}}}, {\"required\": [\"k\"], \"properties\": {\"k\": {\"const\": \"b\"}}},"
		 "{\"required\": [\"k\", \"z\"]}]}",
		 "+{\"k\": \"a\"}", "-{\"k\": \"a\", \"z\": 0}", "+{\"k\": \"c\", \"z\": 0}", "-{\"k\": \"c\"}", "+{\"k\": 7, \"z\": 0}", "-{}", "-7");
	VERDICTS("{\"anyOf\": [{\"allOf\": [{\"properties\": {\"k\": {\"const\": \"a\"}}}, {\"properties\": {\"v\": {\"type\": \"null\"}}}]},"
		 "{\"properties\": {\"k\": {\"const\": \"b\"}, \"v\": {\"type\": \"boolean\"}}}], \"unevaluatedProperties\": false}",
		 "+{\"k\": \"a\", \"v\": null}", "-{\"k\": \"a\", \"v\": true}", "+{\"k\": \"b\", \"v\": true}", "+{}", "+{\"v\": null}", "-{\"k\": \"c\"}", "-{\"w\": 1}");
}

static void by_type(void)
{
	VERDICTS("{\"oneOf\": [{\"type\": \"integer\"}, {\"type\": [\"string\", \"null\"], \"minLength\": 2}, {\"enum\": [1.5, [], \"ab\"]}, false]}", "+1", "+1.0", "+1.5", "-2.5",
		 "-\"ab\"", "+\"abc\"", "-\"a\"", "+null", "+[]", "-{}", "-true");
	VERDICTS("{\"anyOf\": [{\"$ref\": \"#/$defs/s\"}, {\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/s\"}}], \"$defs\": {\"s\": {\"type\": \"string\", \"maxLength\": 1}}}",
		 "+\"a\"", "-\"ab\"", "+[\"a\"]", "-[\"ab\"]", "-{}");
}

/* References in rings; alternatives without end. */
static void rings(void)
{
	VERDICTS("{\"anyOf\": [{\"$ref\": \"#/$defs/a\"}, {\"type\": \"string\"}], \"$defs\": {\"a\": {\"allOf\": [{\"$ref\": \"#/$defs/b\"}]},"
		 "\"b\": {\"properties\": {\"a\": {\"$ref\": \"#/$defs/a\"}}, \"type\": \"object\"}}}",
		 "+{\"a\": {\"a\": {}}}", "-{\"a\": {\"a\": 1}}", "+\"a\"", "-1");
}

static void often(void)
{
	struct regex_room *room = regex_room_new(&a);
	const char *error;
	size_t offset;
	struct regex *r = regex_compile(&a, S("^(\\p{L}+|[0-9]{2,})(?=!)"), REGEX_ECMA, &error, &offset);
	struct regex *slow = regex_compile(&a, S("^(a|a?)+$"), REGEX_ECMA, &error, &offset);
	str many = str_of("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac");

	for (int i = 0; i < 300; i++) {
		CHECK_INT(regex_match(room, r, S("\xc3\xa9t\xc3\xa9!")), 1);
		CHECK_INT(regex_match(room, r, S("12!")), 1);
		CHECK_INT(regex_match(room, r, S("1!")), 0);
		CHECK_INT(regex_match(room, r, S("\xff!")), -1);
		CHECK_INT(regex_match(room, slow, S("aaa")), 1);
	}
	CHECK_INT(regex_match(room, slow, many), -1);
	regex_free(r);
	regex_free(slow);
	regex_room_free(room);
}

int main(void)
{
	by_key();
	by_type();
	rings();
	often();
	arena_free(&a);
	return check_done();
}
