/* SPDX-License-Identifier: MIT */
/* Reads any YAML: libyaml's events, typed, into the builder. */
#include "doc/internal.h"

#include <errno.h>
#include <limits.h>
#include <unistd.h>

#define YAML_TAGS "tag:yaml.org,2002:"

/* ---- bytes ---------------------------------------------------------------------- */
/* libyaml's time for %TAG lines grows with their square: false past so many lines that begin with "%T". */
static bool few_directives(struct yaml *y, const unsigned char *p, size_t n)
{
	enum { MOST = 2000 };
	const unsigned char *end = p + n, *at;

	for (at = p; at < end && (at = memchr(at, '%', end - at)); at++)
		if ((at == p || at[-1] == '\n') && (at + 1 == end || at[1] == 'T'))
			y->directives++;
	return y->directives <= MOST;
}

static int feed(void *ctx, unsigned char *to, size_t size, size_t *got)
{
	struct yaml *y = ctx;
	struct input *in = y->in;
	size_t n = (y->whole ? in->n : y->end) - in->at;
	ssize_t r = 0;

	*got = 0;
	if (n) {
		r = n < size ? n : size;
		memcpy(to, in->p + in->at, r);
		in->at += r;
	} else if (y->whole && !in->ended && in->fd >= 0) {
		do
			r = read(in->fd, to, size);
		while (r < 0 && fd_again(in->fd, false));
		in->ended = r <= 0;
		if (r < 0)
			in->error = errno;
	}
	/* Also one that was met while the form of the input was looked for. */
	if (!n && in->error)
		return 0;
	*got = r;
	if (y->whole)
		yaml_show(y, (str){ (const char *)to, (size_t)r });
	return few_directives(y, to, r);
}

int events_open(struct yaml *y)
{
	if (!yaml_parser_initialize(&y->parser)) {
		yaml_parser_delete(&y->parser);
		return diag_trouble(y->b->diag, IN_FILE(y->in->label), "memory", "out of memory; give the program more, or smaller inputs");
	}
	yaml_parser_set_input(&y->parser, feed, y);
	y->live = true;
	return 0;
}

void events_close(struct yaml *y)
{
	if (y->live)
		yaml_parser_delete(&y->parser);
	y->live = false;
}

/* ---- places ----------------------------------------------------------------------- */
static uint32_t line_of(const struct yaml *y, yaml_mark_t m)
{
	return m.line + 1 + y->line;
}

static uint32_t col_of(const struct yaml *y, yaml_mark_t m)
{
	return m.column + 1 + (m.line ? 0 : y->col);
}

#define AT(y, e) line_of((y), (e)->start_mark), col_of((y), (e)->start_mark)

/* ---- tags -------------------------------------------------------------------------- */
enum tag { TAG_NONE, TAG_PLAIN, TAG_CUSTOM, TAG_STR, TAG_INT, TAG_FLOAT, TAG_BOOL, TAG_NULL, TAG_BINARY, TAG_MERGE, TAG_SEQ, TAG_MAP };

static const struct {
	const char *name;
	enum tag tag;
} standard_tags[] = {
	{ "str", TAG_STR },	  { "int", TAG_INT },	    { "float", TAG_FLOAT }, { "bool", TAG_BOOL }, { "null", TAG_NULL },
	{ "binary", TAG_BINARY }, { "timestamp", TAG_STR }, { "value", TAG_STR },   { "merge", TAG_MERGE }, { "seq", TAG_SEQ },
	{ "omap", TAG_SEQ },	  { "pairs", TAG_SEQ },	    { "map", TAG_MAP },	    { "set", TAG_MAP },
};

static int custom_tag(struct yaml *y, str tag, const yaml_event_t *e, uint16_t *number)
{
	struct source *s = y->b->source;
	void **slot = map_at(y->perm, &y->tags, str_copy(y->perm, tag));
	size_t at = (size_t)(uintptr_t)*slot;

	if (!at) {
		if (s->ntags == UINT16_MAX)
			return build_fail(y->b, AT(y, e), "tag", "more than %d different tags in one file", UINT16_MAX);
		if (s->ntags == y->tags_room)
			s->tags = vec_grow(y->perm, s->tags, &y->tags_room, sizeof(*s->tags));
		s->tags[s->ntags++] = str_dup(y->perm, tag);
		at = s->ntags;
		*slot = (void *)(uintptr_t)at;
	}
	*number = at;
	return 0;
}

/* What a tag asks for; -1: it is a standard one that we do not know, reported. */
static int tag_of(struct yaml *y, const yaml_char_t *tag, const yaml_event_t *e, uint16_t *number)
{
	const char *t = (const char *)tag;
	size_t i;

	*number = 0;
	if (!t)
		return TAG_NONE;
	if (!strcmp(t, "!"))
		return TAG_PLAIN;
	if (strncmp(t, YAML_TAGS, sizeof(YAML_TAGS) - 1))
		return custom_tag(y, str_of(t), e, number) ? -1 : TAG_CUSTOM;
	t += sizeof(YAML_TAGS) - 1;
	for (i = 0; i < COUNT(standard_tags); i++)
		if (!strcmp(t, standard_tags[i].name))
			return standard_tags[i].tag;
	return build_fail(y->b, AT(y, e), "tag", "the tag !!%.80s is not one of YAML's; use !%.80s for a tag of your own, or leave it out", t, t);
}

static int bad_tag(struct yaml *y, const yaml_event_t *e, const char *tag, const char *what)
{
	return build_fail(y->b, AT(y, e), "tag", "the value is tagged %s but is %s; remove the tag or change the value", tag, what);
}

/* ---- scalars ------------------------------------------------------------------------- */
struct scalar {
	str text;
	enum kind kind;
	bool truth;
	uint16_t tag;
};

static int base64_value(unsigned char c)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *p = c ? strchr(set, c) : NULL;

	return p ? (int)(p - set) : -1;
}

/* !!binary: text if its bytes are UTF-8, else the base64 itself, since no string of a tree holds other bytes. */
static int binary(struct yaml *y, const yaml_event_t *e, struct scalar *s)
{
	struct buf b = BUF(y->b->a);
	uint32_t bits = 0;
	int have = 0, pad = 0, v;
	size_t i, n = 0;

	for (i = 0; i < s->text.n; i++) {
		if (strchr(" \t\r\n", s->text.p[i]) && s->text.p[i])
			continue;
		n++;
		if (s->text.p[i] == '=' && ++pad <= 2)
			continue;
		v = base64_value(s->text.p[i]);
		if (v < 0 || pad)
			return build_fail(y->b, AT(y, e), "tag", "!!binary takes base64 text; this is not");
		bits = bits << 6 | v;
		have += 6;
		if (have >= 8)
			buf_char(&b, bits >> (have -= 8));
	}
	if (n % 4)
		return build_fail(y->b, AT(y, e), "tag", "!!binary takes base64 text; this one is cut short");
	if (y->b->version != YAML_1_2 && utf8_valid(buf_str(&b), NULL))
		s->text = buf_str(&b);
	return 0;
}

static int force(struct yaml *y, const yaml_event_t *e, enum tag tag, struct scalar *s)
{
	enum kind k = scalar_kind(s->text, y->b->version, &s->truth);
	struct node n = { .kind = k };

	if (tag == TAG_INT || tag == TAG_FLOAT)
		s->text = scalar_keep(y->b->a, s->text, k, y->b->version);
	n.text = s->text.p;
	n.n = s->text.n;
	switch (tag) {
	case TAG_INT:
		if (k != NODE_INT)
			return bad_tag(y, e, "!!int", "no integer");
		break;
	case TAG_FLOAT:
		if (k != NODE_FLOAT && k != NODE_INT)
			return bad_tag(y, e, "!!float", "no number");
		if (k == NODE_INT) {
			s->text = node_number_text(y->b->a, &n);
			k = NODE_FLOAT;
		}
		break;
	case TAG_BOOL:
		if (k != NODE_BOOL)
			return bad_tag(y, e, "!!bool", "neither true nor false");
		break;
	case TAG_NULL:
		if (k != NODE_NULL)
			return bad_tag(y, e, "!!null", "not empty");
		break;
	case TAG_SEQ:
		return bad_tag(y, e, "as a list", "a scalar");
	case TAG_MAP:
		return bad_tag(y, e, "as a map", "a scalar");
	case TAG_BINARY:
		s->kind = NODE_STRING;
		return binary(y, e, s);
	default:
		k = NODE_STRING;
	}
	s->kind = k;
	return 0;
}

static int scalar(struct yaml *y, const yaml_event_t *e, struct scalar *s)
{
	bool plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	int tag = TAG_NONE;

	if (!plain && e->data.scalar.style < YAML_LITERAL_SCALAR_STYLE)
		y->quote_line = e->end_mark.line + 1;

	*s = (struct scalar){ .text = { (char *)e->data.scalar.value, e->data.scalar.length }, .kind = NODE_STRING };
	if (s->text.n > INT_MAX)
		return build_fail(y->b, AT(y, e), "size", "a text of more than 2 GiB; keep it in a file of its own");
	if (e->data.scalar.tag) {
		tag = tag_of(y, e->data.scalar.tag, e, &s->tag);
		if (tag < 0)
			return -1;
		if (tag != TAG_CUSTOM)
			return force(y, e, tag, s);
	}
	if (plain && s->text.n == 1 && s->text.p[0] == '-')
		return build_fail(y->b, AT(y, e), "yaml-syntax", "a lone - is no value in a flow list or map; quote it");
	if (plain)
		s->kind = scalar_kind(s->text, y->b->version, &s->truth);
	if (s->kind == NODE_INT)
		s->text = scalar_keep(y->b->a, s->text, s->kind, y->b->version);
	return 0;
}

static enum style scalar_style(const yaml_event_t *e)
{
	switch (e->data.scalar.style) {
	case YAML_PLAIN_SCALAR_STYLE:
		return STYLE_PLAIN;
	case YAML_SINGLE_QUOTED_SCALAR_STYLE:
		return STYLE_SINGLE;
	case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
		return STYLE_DOUBLE;
	case YAML_LITERAL_SCALAR_STYLE:
		return STYLE_LITERAL;
	case YAML_FOLDED_SCALAR_STYLE:
		return STYLE_FOLDED;
	default:
		return STYLE_ANY;
	}
}

static struct node *scalar_node(struct yaml *y, const yaml_event_t *e, const struct scalar *s)
{
	struct node *n = arena_raw(y->b->a, sizeof(*n) + s->text.n + 1);
	char *p = (char *)(n + 1);

	memcpy(p, s->text.p, s->text.n);
	p[s->text.n] = '\0';
	*n = (struct node){
		.source = y->b->source,
		.line = line_of(y, e->start_mark),
		.col = col_of(y, e->start_mark),
		.kind = s->kind,
		.style = scalar_style(e),
		.tag = s->tag,
		.flags = (s->kind == NODE_BOOL && s->truth ? NODE_TRUE : 0) | (s->kind == NODE_NULL && !s->text.n ? NODE_EMPTY : 0),
		.n = s->text.n,
		.text = p,
	};
	return n;
}

static struct anchor *anchor_of(struct yaml *y, const yaml_char_t *name)
{
	return name ? build_anchor(y->b, str_of((const char *)name)) : NULL;
}

/* y, on, 0777, 1.10 …: a key that few expect to be what it is. */
static void odd_key(struct yaml *y, const yaml_event_t *e, const struct scalar *s, str key)
{
	struct pos pos = { .file = y->b->source->name, .line = line_of(y, e->start_mark), .col = col_of(y, e->start_mark) };

	diag_at(y->b->diag, SEV_WARNING, pos, s->kind == NODE_BOOL ? "boolean-key" : "number-key",
		"the key %.*s is \"%.*s\" to Kubernetes; quote it, or read with --yaml=1.2", STR_ARG(s->text), STR_ARG(key));
}

static int on_scalar(struct yaml *y, const yaml_event_t *e)
{
	struct frame *f = build_top(y->b);
	struct scalar s;
	struct node *n;
	bool merge;
	str key;

	if (scalar(y, e, &s))
		return -1;
	if (!f || !f->want_key)
		return build_scalar(y->b, scalar_node(y, e, &s), anchor_of(y, e->data.scalar.anchor));
	merge = s.text.n == 2 && !memcmp(s.text.p, "<<", 2) &&
		(e->data.scalar.tag ? !strcmp((char *)e->data.scalar.tag, YAML_TAGS "merge") : scalar_style(e) == STYLE_PLAIN);
	if (e->data.scalar.anchor) {
		n = scalar_node(y, e, &s);
		*anchor_of(y, e->data.scalar.anchor) = (struct anchor){ .node = n, .count = 1, .bytes = n->n };
	}
	key = s.text;
	if (s.kind != NODE_STRING)
		key = scalar_key(y->b->a, s.text, s.kind, s.truth, y->b->version);
	bool odd = s.kind == NODE_BOOL ? s.text.n < 4 : (s.kind == NODE_INT || s.kind == NODE_FLOAT) && !str_eq(key, s.text);
	if (odd && scalar_style(e) == STYLE_PLAIN && !e->data.scalar.tag)
		odd_key(y, e, &s, key);
	build_key(y->b, key, AT(y, e), merge);
	return 0;
}

/* ---- lists, maps, aliases --------------------------------------------------------------- */
static int complex_key(struct yaml *y, const yaml_event_t *e, const char *what)
{
	return build_fail(y->b, AT(y, e), "complex-key",
			  "a %s cannot be the key of a map here; if this is a template's {{ ... }}, render it first, or quote it", what);
}

static int on_open(struct yaml *y, const yaml_event_t *e, enum kind k)
{
	bool map = k == NODE_MAP;
	const yaml_char_t *tag = map ? e->data.mapping_start.tag : e->data.sequence_start.tag;
	bool flow = map ? e->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE
			: e->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
	struct anchor *anchor;
	struct node *n;
	uint16_t number;
	int t;

	if (build_top(y->b) && build_top(y->b)->want_key)
		return complex_key(y, e, kind_name(k));
	t = tag_of(y, tag, e, &number);
	if (t < 0)
		return -1;
	if (t > TAG_CUSTOM && t != (map ? TAG_MAP : TAG_SEQ))
		return build_fail(y->b, AT(y, e), "tag", "the tag !!%.80s does not fit a %s; remove it",
				  (const char *)tag + sizeof(YAML_TAGS) - 1, kind_name(k));
	anchor = anchor_of(y, map ? e->data.mapping_start.anchor : e->data.sequence_start.anchor);
	if (build_open(y->b, k, AT(y, e), anchor))
		return -1;
	n = build_top(y->b)->node;
	n->style = flow ? STYLE_FLOW : STYLE_BLOCK;
	n->tag = number;
	return 0;
}

static int on_alias(struct yaml *y, const yaml_event_t *e)
{
	struct anchor *x = build_alias(y->b, str_of((const char *)e->data.alias.anchor), AT(y, e));
	struct frame *f = build_top(y->b);

	if (!x)
		return -1;
	if (!f || !f->want_key)
		return build_shared(y->b, x, AT(y, e));
	if (x->node->kind >= NODE_SEQ)
		return complex_key(y, e, kind_name(x->node->kind));
	build_key(y->b, scalar_key(y->b->a, node_text(x->node), x->node->kind, node_true(x->node), y->b->version), AT(y, e), false);
	return 0;
}

/* libyaml takes a directive for the document after one that "..." did not end; YAML does not. */
static int on_document(struct yaml *y, const yaml_event_t *e)
{
	bool directives = e->data.document_start.version_directive ||
			  e->data.document_start.tag_directives.start != e->data.document_start.tag_directives.end;

	if (directives && y->implicit_end)
		return build_fail(y->b, AT(y, e), "yaml-syntax", "a %% directive within a document; end the one above with \"...\", or indent the text");
	return 0;
}

static int on_event(struct yaml *y, const yaml_event_t *e)
{
	switch (e->type) {
	case YAML_SCALAR_EVENT:
		return on_scalar(y, e);
	case YAML_SEQUENCE_START_EVENT:
		return on_open(y, e, NODE_SEQ);
	case YAML_MAPPING_START_EVENT:
		return on_open(y, e, NODE_MAP);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return build_close(y->b);
	case YAML_ALIAS_EVENT:
		return on_alias(y, e);
	default:
		return 0;
	}
}

int events_next(struct yaml *y, struct node **out)
{
	yaml_event_t e;
	int bad = 0;

	*out = NULL;
	for (;;) {
		if (!yaml_parser_parse(&y->parser, &e))
			return yaml_complain(y);
		switch (e.type) {
		case YAML_DOCUMENT_START_EVENT:
			if (y->until && e.start_mark.line + y->line >= y->until) {
				yaml_event_delete(&e);
				return 0;
			}
			bad = on_document(y, &e);
			yaml_event_delete(&e);
			if (bad)
				return -1;
			break;
		case YAML_NO_EVENT:
		case YAML_STREAM_END_EVENT:
			yaml_event_delete(&e);
			return 0;
		case YAML_DOCUMENT_END_EVENT:
			y->implicit_end = e.data.document_end.implicit;
			y->documents = true;
			y->quote_line = 0;
			yaml_event_delete(&e);
			*out = y->b->root;
			return 1;
		default:
			bad = on_event(y, &e);
			yaml_event_delete(&e);
			if (bad)
				return -1;
		}
	}
}
