/* SPDX-License-Identifier: MIT */
/* Text, JSON, JSON Lines, JUnit and GitHub annotations. */
#include "report/internal.h"

#include <string.h>

static const char *const severities[] = { "note", "warning", "error" };

str report_file(struct arena *a, const struct finding *f)
{
	return f->pos.file && f->pos.file[0] == '<' ? (str){ "", 0 } : file_relative(a, f->pos.file);
}

void report_text(const struct report_set *s, struct out *o)
{
	struct arena scratch = { 0 };
	bool color = s->run->color == 1 || (s->run->diag.color && s->terminal);

	for (size_t i = 0; i < s->n; i++) {
		struct buf b = BUF(&scratch);
		const struct finding *f = &s->p[i];
		if (f->trouble || f->severity < s->run->diag.least) /* trouble is on standard error already */
			continue;
		finding_text(&b, f, s->run->program->name, color);
		out_write(o, buf_str(&b));
		arena_reset(&scratch);
	}
	if (s->summary.n && !s->run->quiet) {
		out_write(o, s->summary);
		out_char(o, '\n');
	}
	arena_free(&scratch);
}

static void member(struct out *o, const char *key, str value)
{
	out_printf(o, ",\"%s\":", key);
	json_string(o, value);
}

static void finding_json(struct out *o, const struct finding *f)
{
	out_write(o, S("{\"file\":"));
	json_string(o, str_of(f->pos.file));
	out_printf(o, ",\"line\":%u,\"column\":%u", (unsigned)f->pos.line, (unsigned)f->pos.col);
	member(o, "severity", str_of(severities[f->severity]));
	member(o, "rule", str_of(f->rule));
	member(o, "message", f->message);
	member(o, "path", f->path);
	if (f->kind.n) {
		out_write(o, S(",\"object\":{\"apiVersion\":"));
		json_string(o, f->api_version);
		member(o, "kind", f->kind);
		member(o, "namespace", f->ns);
		member(o, "name", f->name);
		out_char(o, '}');
	} else {
		out_write(o, S(",\"object\":null"));
	}
	out_char(o, '}');
}

void report_json(const struct report_set *s, struct out *o)
{
	out_char(o, '[');
	for (size_t i = 0; i < s->n; i++) {
		out_write(o, i ? S(",\n ") : S("\n "));
		finding_json(o, &s->p[i]);
	}
	out_write(o, s->n ? S("\n]\n") : S("]\n"));
}

void report_jsonl(const struct report_set *s, struct out *o)
{
	for (size_t i = 0; i < s->n; i++) {
		finding_json(o, &s->p[i]);
		out_char(o, '\n');
	}
}

/* Text in XML 1.0: what it can't hold at all becomes U+FFFD. */
static void xml(struct out *o, str s)
{
	for (size_t i = 0; i < s.n;) {
		uint32_t cp = 0;
		size_t n = utf8_decode((str){ s.p + i, s.n - i }, &cp);
		if (!n || (cp < 0x20 && cp != '\t' && cp != '\n') || cp == 0xFFFE || cp == 0xFFFF)
			out_write(o, S("\xEF\xBF\xBD"));
		else if (cp == '&')
			out_write(o, S("&amp;"));
		else if (cp == '<')
			out_write(o, S("&lt;"));
		else if (cp == '>')
			out_write(o, S("&gt;"));
		else if (cp == '"')
			out_write(o, S("&quot;"));
		else if (cp == '\n' || cp == '\t')
			out_printf(o, "&#%u;", (unsigned)cp);
		else
			out_write(o, (str){ s.p + i, n });
		i += n ? n : 1;
	}
}

static void testcase(const struct report_set *s, struct out *o, const struct finding *f)
{
	bool fails = run_fails_on(s->run, f->severity);

	out_write(o, S("  <testcase classname=\""));
	xml(o, f->pos.file ? str_of(f->pos.file) : str_of(s->run->program->name));
	out_write(o, S("\" name=\""));
	xml(o, str_of(f->rule ? f->rule : severities[f->severity]));
	if (f->kind.n) {
		out_char(o, ' ');
		xml(o, f->kind);
		out_char(o, ' ');
		if (f->ns.n) {
			xml(o, f->ns);
			out_char(o, '/');
		}
		xml(o, f->name);
	}
	out_printf(o, "\">\n    <%s", fails ? "failure message=\"" : "system-out>");
	if (fails) {
		xml(o, f->message);
		out_printf(o, "\" type=\"%s\">", severities[f->severity]);
	}
	xml(o, f->pos.file ? str_of(f->pos.file) : str_of(s->run->program->name));
	if (f->pos.line)
		out_printf(o, ":%u:%u", (unsigned)f->pos.line, (unsigned)f->pos.col);
	out_printf(o, ": %s: ", severities[f->severity]);
	xml(o, f->message);
	out_printf(o, "</%s>\n  </testcase>\n", fails ? "failure" : "system-out");
}

void report_junit(const struct report_set *s, struct out *o)
{
	const char *name = s->run->program->name;
	size_t failures = 0;

	for (size_t i = 0; i < s->n; i++)
		failures += run_fails_on(s->run, s->p[i].severity);
	out_printf(o, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"%s\" tests=\"%zu\" failures=\"%zu\">\n", name, s->n, failures);
	out_printf(o, " <testsuite name=\"%s\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"0\">\n", name, s->n, failures);
	for (size_t i = 0; i < s->n; i++)
		testcase(s, o, &s->p[i]);
	out_write(o, S(" </testsuite>\n</testsuites>\n"));
}

/* Workflow commands: %, CR and LF in text; ':' and ',' too in a property.  Other control characters would reach the log's terminal. */
static void command(struct out *o, str s, bool property)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ',')))
			out_printf(o, "%%%02X", (unsigned)c);
		else if ((unsigned char)c < ' ' || c == 0x7F)
			out_printf(o, "\\x%02x", (unsigned)c);
		else
			out_char(o, c);
	}
}

void report_github(const struct report_set *s, struct out *o)
{
	static const char *const levels[] = { "notice", "warning", "error" };
	struct arena scratch = { 0 };

	for (size_t i = 0; i < s->n; i++) {
		const struct finding *f = &s->p[i];
		str file = report_file(&scratch, f);
		out_printf(o, "::%s ", levels[f->severity]);
		if (file.n) {
			out_write(o, S("file="));
			command(o, file, true);
			if (f->pos.line)
				out_printf(o, ",line=%u,col=%u", (unsigned)f->pos.line, (unsigned)f->pos.col);
			out_char(o, ',');
		}
		out_write(o, S("title="));
		command(o, str_of(f->rule ? f->rule : s->run->program->name), true);
		out_write(o, S("::"));
		if (!file.n && f->pos.line) /* of standard input: an annotation has a place in files only */
			out_printf(o, "line %u, column %u: ", (unsigned)f->pos.line, (unsigned)f->pos.col);
		command(o, f->message, false);
		out_char(o, '\n');
	}
	arena_free(&scratch);
}
