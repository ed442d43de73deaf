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

static void result(struct out *o, const struct finding *f, size_t rule, struct arena *a, struct map *seen)
{
	str file = report_file(a, f);

	out_write(o, S("{\"ruleId\":"));
	json_string(o, rule_of(f));
	out_printf(o, ",\"ruleIndex\":%zu,\"level\":\"%s\",\"message\":{\"text\":", rule, levels[f->severity]);
	json_string(o, f->message);
	out_write(o, S("},\"locations\":[{"));
	if (file.n) {
		out_write(o, S("\"physicalLocation\":{\"artifactLocation\":{\"uri\":\""));
		uri(o, file);
		out_write(o, S("\"}"));
		if (f->pos.line)
			out_printf(o, ",\"region\":{\"startLine\":%u,\"startColumn\":%u}", (unsigned)f->pos.line,
				   (unsigned)(f->pos.col ? f->pos.col : 1));
		out_char(o, '}');
	}
	if (f->kind.n) {
		out_printf(o, "%s\"logicalLocations\":[{\"kind\":\"object\",\"fullyQualifiedName\":", file.n ? "," : "");
		json_string(o, str_printf(a, "%.*s %.*s%s%.*s%.*s", STR_ARG(f->kind), STR_ARG(f->ns), f->ns.n ? "/" : "",
					  STR_ARG(f->name), STR_ARG(f->path)));
		out_write(o, S("}]"));
	}
	out_write(o, S("}]"));
	fingerprint(o, f, file, a, seen);
	out_char(o, '}');
}

static void rules(const struct report_set *s, struct out *o, struct arena *a, struct map *ids)
{
	for (size_t i = 0; i < s->n; i++) {
		void **at = map_at(a, ids, rule_of(&s->p[i]));
		if (*at)
			continue;
		*at = (void *)(uintptr_t)ids->n; /* its index, plus one */
		out_write(o, ids->n > 1 ? S(",{\"id\":") : S("{\"id\":"));
		json_string(o, rule_of(&s->p[i]));
		out_char(o, '}');
	}
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
			if ((int)s->p[i].severity != level)
				continue;
			out_write(o, written++ ? S(",\n") : S("\n"));
			size_t rule = (size_t)(uintptr_t)map_get(&ids, rule_of(&s->p[i])) - 1;
			result(o, &s->p[i], rule, &scratch, &seen);
		}
	out_write(o, S("],\"invocations\":[{\"executionSuccessful\":"));
	out_printf(o, "%s", s->run->diag.troubles ? "false" : "true");
	if (s->n > written)
		out_printf(o, ",\"toolExecutionNotifications\":[{\"level\":\"warning\",\"message\":{\"text\":"
			      "\"%zu of %zu results left out, the least severe ones\"}}]",
			   s->n - written, s->n);
	out_write(o, S("}]}]}\n"));
	arena_free(&scratch);
}
