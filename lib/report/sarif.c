/* SPDX-License-Identifier: MIT */
/* SARIF 2.1.0 within the limits of code scanning. */
#include "report/internal.h"

enum { MOST_RESULTS = 25000 };

static const char *const levels[] = { "note", "warning", "error" };

static str rule_of(const struct finding *f)
{
	return f->rule ? str_of(f->rule) : S("finding");
}

/* RFC 3986: a relative reference; each byte that is not unreserved or "/" is percent-encoded. */
static void uri(struct out *o, str file)
{
	if (file.n && file.p[0] == '/')
		out_write(o, S("file://"));
	for (size_t i = 0; i < file.n; i++) {
		unsigned char c = (unsigned char)file.p[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
			     c == '.' || c == '_' || c == '~' || c == '/';
		if (plain)
			out_char(o, (char)c);
		else
			out_printf(o, "%%%02X", c);
	}
}

/* Stable when lines move: the rule, the file, the place in the object and the message. */
static void fingerprint(struct out *o, const struct finding *f, str file, struct arena *a, struct map *seen)
{
	str id = str_printf(a, "%.*s|%.*s|%.*s|%.*s|%.*s|%.*s|%.*s", STR_ARG(rule_of(f)), STR_ARG(file), STR_ARG(f->kind),
			    STR_ARG(f->ns), STR_ARG(f->name), STR_ARG(f->path), STR_ARG(f->message));
	uint64_t h = 0xCBF29CE484222325u; /* FNV-1a */
	for (size_t i = 0; i < id.n; i++)
		h = (h ^ (unsigned char)id.p[i]) * 0x100000001B3u;
	void **count = map_at(a, seen, id);
	uintptr_t nth = (uintptr_t)*count + 1;
	*count = (void *)nth;
	out_printf(o, ",\"partialFingerprints\":{\"infraflux/v1\":\"%016llx:%zu\"}", (unsigned long long)h, (size_t)nth);
}

/* Standard input gets a name: code scanning refuses a result without a place. */
static str place(struct arena *a, const struct finding *f)
{
	return f->pos.file && f->pos.file[0] == '<' ? S("stdin") : report_file(a, f);
}

static void result(struct out *o, const struct finding *f, size_t rule, struct arena *a, struct map *seen)
{
	str file = place(a, f);

	out_write(o, S("{\"ruleId\":"));
	json_string(o, rule_of(f));
	out_printf(o, ",\"ruleIndex\":%zu,\"level\":\"%s\",\"message\":{\"text\":", rule, levels[f->severity]);
	json_string(o, f->message);
	out_write(o, S("},\"locations\":[{\"physicalLocation\":{\"artifactLocation\":{\"uri\":\""));
	uri(o, file);
	out_printf(o, "\"},\"region\":{\"startLine\":%u,\"startColumn\":%u}}", (unsigned)(f->pos.line ? f->pos.line : 1),
		   (unsigned)(f->pos.col ? f->pos.col : 1));
	if (f->kind.n) {
		out_write(o, S(",\"logicalLocations\":[{\"kind\":\"object\",\"fullyQualifiedName\":"));
		json_string(o, str_printf(a, "%.*s %.*s%s%.*s%.*s", STR_ARG(f->kind), STR_ARG(f->ns), f->ns.n ? "/" : "",
					  STR_ARG(f->name), STR_ARG(f->path)));
		out_write(o, S("}]"));
	}
	out_write(o, S("}]"));
	fingerprint(o, f, file, a, seen);
	out_char(o, '}');
}

/* Code scanning wants each rule described. */
static void rule(const struct report_set *s, struct out *o, const struct finding *f)
{
	const char *program = s->run->program->name;

	out_write(o, S("{\"id\":"));
	json_string(o, rule_of(f));
	out_write(o, S(",\"shortDescription\":{\"text\":"));
	json_string(o, rule_of(f));
	out_printf(o, "},\"fullDescription\":{\"text\":\"Findings of this rule of %s.\"},\"help\":{\"text\":\"%s(1) tells what its rules are, and how a "
		      "finding is accepted.\"},\"defaultConfiguration\":{\"level\":\"%s\"}", program, program, levels[f->severity]);
	out_write(o, str_starts(rule_of(f), S("secret/")) ? S(",\"properties\":{\"tags\":[\"security\"],\"security-severity\":\"8.0\"}}") : S("}"));
}

static void rules(const struct report_set *s, struct out *o, struct arena *a, struct map *ids)
{
	for (size_t i = 0; i < s->n; i++) {
		void **at = map_at(a, ids, rule_of(&s->p[i]));
		if (*at)
			continue;
		*at = (void *)(uintptr_t)ids->n; /* its index, plus one */
		if (ids->n > 1)
			out_char(o, ',');
		rule(s, o, &s->p[i]);
	}
}

/* What is about the run and no place, and what was left out. */
static void notifications(const struct report_set *s, struct out *o, size_t written)
{
	size_t n = 0, nowhere = 0;

	for (size_t i = 0; i < s->n; i++) {
		if (s->p[i].pos.file)
			continue;
		out_write(o, nowhere++ ? S(",") : S(",\"toolExecutionNotifications\":["));
		out_printf(o, "{\"level\":\"%s\",\"message\":{\"text\":", levels[s->p[i].severity]);
		json_string(o, s->p[i].message);
		out_write(o, S("},\"associatedRule\":{\"id\":"));
		json_string(o, rule_of(&s->p[i]));
		out_write(o, S("}}"));
	}
	n = s->n - nowhere - written;
	if (n)
		out_printf(o, "%s{\"level\":\"warning\",\"message\":{\"text\":\"%zu of %zu results left out, the least severe ones\"}}",
			   nowhere ? "," : ",\"toolExecutionNotifications\":[", n, s->n - nowhere);
	if (n || nowhere)
		out_char(o, ']');
}

void report_sarif(const struct report_set *s, struct out *o)
{
	struct arena scratch = { 0 };
	struct map ids = { 0 }, seen = { 0 };
	size_t written = 0;

	out_write(o, S("{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\",\"runs\":[{"
		       "\"tool\":{\"driver\":{\"name\":"));
	json_string(o, str_of(s->run->program->name));
	out_write(o, S(",\"rules\":["));
	rules(s, o, &scratch, &ids);
	out_write(o, S("]}},\"columnKind\":\"unicodeCodePoints\",\"results\":["));
	/* Past the limit the least severe are left out. */
	for (int level = SEV_ERROR; level >= SEV_NOTE; level--)
		for (size_t i = 0; i < s->n && written < MOST_RESULTS; i++) {
			if ((int)s->p[i].severity != level || !s->p[i].pos.file)
				continue;
			out_write(o, written++ ? S(",\n") : S("\n"));
			size_t rule = (size_t)(uintptr_t)map_get(&ids, rule_of(&s->p[i])) - 1;
			result(o, &s->p[i], rule, &scratch, &seen);
		}
	out_write(o, S("],\"invocations\":[{\"executionSuccessful\":"));
	out_printf(o, "%s", s->run->diag.troubles ? "false" : "true");
	notifications(s, o, written);
	out_write(o, S("}]}]}\n"));
	arena_free(&scratch);
}
