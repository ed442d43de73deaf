/* SPDX-License-Identifier: MIT */
/*
 * JSON Schema by a table: each line of schema-cases.jsonl is what it is about, the draft of schemas that
 * name none, whether formats are asserted, a schema, and documents that are valid and that are not; or
 * what is said of a schema that is refused ("bad") or of documents that can't be checked ("trouble").
 */
#include "check.h"

#include "schema/schema.h"

struct world {
	struct arena a;
	struct diag root, d;
	struct schema_set *set;
	struct schema_checker *c;
};

static str said(struct world *w)
{
	struct finding *f = diag_held_at(&w->d, 0);
	struct buf b = BUF(&w->a);

	for (; f; f = diag_held_next(f)) {
		finding_text(&b, f, "test", false);
		buf_char(&b, '\n');
	}
	return buf_str(&b);
}

static void check(struct world *w, bool ok, int line, str what)
{
	check_that(ok, "tests/unit/schema-cases.jsonl", line, str_printf(&w->a, "%.*s", (int)(what.n < 300 ? what.n : 300), what.p).p);
}

static void check_docs(struct world *w, const struct schema *s, const struct node *docs, int want, int line)
{
	const struct schema_error *e;
	struct node *out;
	size_t n;

	for (size_t i = 0; docs && i < docs->n; i++) {
		check(w, schema_check(w->c, s, docs->items[i], &e, &n) == want, line, json_text(&w->a, docs->items[i]));
		check(w, schema_check_output(w->c, s, docs->items[i], OUTPUT_BASIC, &out) == want, line, json_text(&w->a, docs->items[i]));
	}
}

static void run_case(const struct node *c, int line)
{
	struct world w = { 0 };
	struct schema_options o = { .formats = node_true(node_get(c, S("formats"))) };
	int64_t draft;
	struct node *bad = node_get(c, S("bad")), *trouble = node_get(c, S("trouble"));

	w.root = (struct diag){ .program = "schema-cases", .arena = &w.a };
	diag_fork(&w.d, &w.root, &w.a);
	if (node_get(c, S("draft")) && node_to_i64(node_get(c, S("draft")), &draft))
		o.draft = draft == 4 ? DRAFT_4 : draft == 6 ? DRAFT_6 : draft == 7 ? DRAFT_7 : draft == 2019 ? DRAFT_2019 : DRAFT_2020;
	w.set = schema_set_new(&w.a, &w.d, &o);
	w.c = schema_checker_new(w.set, &w.d);
	const struct schema *s = schema_compile(w.set, node_get(c, S("schema")), NULL);
	check(&w, !s == (bad != NULL), line, bad ? S("it is not refused") : said(&w));
	if (s) {
		check_docs(&w, s, node_get(c, S("valid")), 1, line);
		check_docs(&w, s, node_get(c, S("invalid")), 0, line);
		check_docs(&w, s, node_get(c, S("unchecked")), -1, line);
	}
	if (bad || trouble)
		check(&w, str_find(said(&w), node_str(bad ? bad : trouble)) >= 0, line, said(&w));
	schema_checker_free(w.c);
	schema_set_free(w.set);
	arena_free(&w.a);
}

int main(void)
{
	struct arena a = { 0 };
	struct diag d = { .program = "schema-cases", .arena = &a };
	struct read_options o = { .input = FORMAT_JSON };
	struct reader *r = reader_open(&a, &d, &o, "tests/unit/schema-cases.jsonl");
	struct node *c;
	int line = 0;

	if (!CHECK(r))
		return check_done();
	while (reader_next(r, &a, &c) == 1)
		run_case(c, ++line);
	reader_close(r);
	arena_free(&a);
	return check_done();
}
