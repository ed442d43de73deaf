/* SPDX-License-Identifier: MIT */
/* Finds the bytes in which each value of a YAML text stands, from the marks of libyaml's events. */
#include "doc/span.h"

#include <string.h>
#include <yaml.h>

struct finder {
	struct arena *a;
	str text;
	yaml_parser_t parser;
	size_t chars, bytes; /* a place known in both counts */
};
struct kids {
	struct span **p;
	size_t n, cap;
};

/* libyaml counts characters; the marks come nearly in order, so a step from the last one is short. */
static size_t byte_of(struct finder *f, yaml_mark_t m)
{
	while (f->chars < m.index && f->bytes < f->text.n) {
		f->bytes++;
		while (f->bytes < f->text.n && ((unsigned char)f->text.p[f->bytes] & 0xc0) == 0x80)
			f->bytes++;
		f->chars++;
	}
	while (f->chars > m.index && f->bytes) {
		f->bytes--;
		while (f->bytes && ((unsigned char)f->text.p[f->bytes] & 0xc0) == 0x80)
			f->bytes--;
		f->chars--;
	}
	return f->bytes;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Past anchor and tag, and what parts them from the content. */
static size_t behind_properties(const struct finder *f, size_t at)
{
	str t = f->text;

	while (at < t.n) {
		if (blank(t.p[at]))
			at++;
		else if (t.p[at] == '#')
			while (at < t.n && t.p[at] != '\n')
				at++;
		else if (t.p[at] == '&' || t.p[at] == '!')
			while (at < t.n && !blank(t.p[at]))
				at++;
		else
			break;
	}
	return at;
}

/* The blank lines behind a block scalar are in it only if it keeps them. */
static size_t block_end(const struct finder *f, size_t content, size_t end)
{
	str t = f->text;
	size_t line = content;
	bool keep = false;

	for (; line < end && t.p[line] != '\n' && t.p[line] != '\r' && t.p[line] != '#'; line++)
		keep |= t.p[line] == '+';
	while (end > content && blank(t.p[end - 1])) {
		size_t from = end;
		if (t.p[from - 1] != '\n' && t.p[from - 1] != '\r') { /* blanks: of an empty line, or behind text? */
			while (from > content && (t.p[from - 1] == ' ' || t.p[from - 1] == '\t'))
				from--;
			if (from > content && t.p[from - 1] != '\n' && t.p[from - 1] != '\r')
				break;
			end = from;
			continue;
		}
		end -= from > content + 1 && t.p[from - 1] == '\n' && t.p[from - 2] == '\r' ? 2 : 1;
		if (keep)
			break;
	}
	return end;
}

static struct span *new_span(struct finder *f, const yaml_event_t *e, enum span_kind kind, bool properties)
{
	struct span *s = NEW(f->a, struct span);

	s->kind = kind;
	s->start = s->content = byte_of(f, e->start_mark);
	s->end = byte_of(f, e->end_mark);
	if (properties)
		s->content = behind_properties(f, s->start);
	if (s->content > s->end)
		s->end = s->content;
	return s;
}

static int next(struct finder *f, yaml_event_t *e)
{
	return yaml_parser_parse(&f->parser, e) ? 0 : -1;
}

static int value(struct finder *f, yaml_event_t *e, bool flow, int depth, struct span **out);

static int children(struct finder *f, yaml_event_type_t stop, struct span *s, int depth)
{
	struct kids kids = { 0 };
	yaml_event_t e;

	for (;;) {
		struct span *kid;
		if (next(f, &e))
			return -1;
		if (e.type == stop)
			break;
		if (value(f, &e, s->flow, depth, &kid))
			return -1;
		*VEC_ADD(f->a, &kids) = kid;
	}
	s->kids = kids.p;
	s->n = kids.n;
	if (s->flow)
		s->end = byte_of(f, e.end_mark);
	else if (s->n) /* libyaml's end of a block is the begin of what follows */
		s->end = kids.p[s->n - 1]->end;
	yaml_event_delete(&e);
	return 0;
}

/* Takes e, and the events of what it opens. */
static int value(struct finder *f, yaml_event_t *e, bool flow, int depth, struct span **out)
{
	yaml_event_t event = *e;
	struct span *s = NULL;
	int bad = depth > DOC_MAX_DEPTH ? -1 : 0;

	switch (event.type) {
	case YAML_SCALAR_EVENT: {
		static const uint8_t styles[] = { STYLE_ANY, STYLE_PLAIN, STYLE_SINGLE, STYLE_DOUBLE, STYLE_LITERAL, STYLE_FOLDED };
		s = new_span(f, &event, SPAN_SCALAR, event.data.scalar.anchor || event.data.scalar.tag);
		s->style = styles[event.data.scalar.style];
		s->text = str_copy(f->a, (str){ (const char *)event.data.scalar.value, event.data.scalar.length });
		s->block_scalar = s->style == STYLE_LITERAL || s->style == STYLE_FOLDED;
		s->flow = flow;
		if (s->block_scalar)
			s->end = block_end(f, s->content, s->end);
		break;
	}
	case YAML_ALIAS_EVENT:
		s = new_span(f, &event, SPAN_ALIAS, false);
		s->flow = flow;
		break;
	case YAML_SEQUENCE_START_EVENT:
		s = new_span(f, &event, SPAN_SEQ, event.data.sequence_start.anchor || event.data.sequence_start.tag);
		s->flow = event.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
		bad = bad || children(f, YAML_SEQUENCE_END_EVENT, s, depth + 1);
		break;
	case YAML_MAPPING_START_EVENT:
		s = new_span(f, &event, SPAN_MAP, event.data.mapping_start.anchor || event.data.mapping_start.tag);
		s->flow = event.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
		bad = bad || children(f, YAML_MAPPING_END_EVENT, s, depth + 1);
		break;
	default:
		bad = -1;
		break;
	}
	yaml_event_delete(&event);
	*out = s;
	return bad;
}

static int documents(struct finder *f, struct kids *docs)
{
	yaml_event_t e;

	for (;;) {
		if (next(f, &e))
			return -1;
		yaml_event_type_t type = e.type;
		if (type == YAML_STREAM_END_EVENT || type == YAML_NO_EVENT) {
			yaml_event_delete(&e);
			return 0;
		}
		if (type == YAML_STREAM_START_EVENT || type == YAML_DOCUMENT_START_EVENT || type == YAML_DOCUMENT_END_EVENT) {
			yaml_event_delete(&e);
			continue;
		}
		struct span *s;
		if (value(f, &e, false, 0, &s))
			return -1;
		*VEC_ADD(f->a, docs) = s;
	}
}

int spans_read(struct arena *a, struct diag *d, const char *name, str text, struct span ***out, size_t *n)
{
	struct finder f = { .a = a, .text = text };
	struct kids docs = { 0 };
	int bad = -1;

	if (yaml_parser_initialize(&f.parser)) {
		yaml_parser_set_input_string(&f.parser, (const unsigned char *)text.p, text.n);
		yaml_parser_set_encoding(&f.parser, YAML_UTF8_ENCODING);
		bad = documents(&f, &docs);
	}
	yaml_parser_delete(&f.parser);
	*out = docs.p;
	*n = docs.n;
	return bad ? diag_trouble(d, IN_FILE(name), "in-place", "libyaml cannot tell where its values stand; rewrite it with --each -O FILE") : 0;
}
