/* SPDX-License-Identifier: MIT */
/* Opens inputs, tells YAML from JSON, and hands out documents one by one. */
#include "doc/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WINDOW = 64 << 10 };

struct reader {
	struct arena *perm;
	struct arena mem; /* stacks of the builder */
	struct diag *diag;
	struct read_options options;
	char **paths;
	size_t npaths, next; /* of the paths still to be opened */
	struct input in;
	const char *label;
	enum format named, format, first; /* by the file's name; found out; of the first input */
	bool live, begun, failed, tentative, meant_json;
	size_t index, begin;
	struct builder b;
	struct yaml yaml;
	struct part_place place; /* of a text that is a part of an input */
	struct json json;
	struct message error; /* JSON's, while the same text is tried as YAML */
};

#define FIELD(f) offsetof(struct read_options, f)
const struct option read_option_table[] = {
	{ .name = "input", .type = OPT_CHOICE, .offset = FIELD(input), .arg = "auto|yaml|json", .choices = "auto|yaml|json",
	  .help = "form of the inputs (default: by the file's ending, else by content)" },
	{ .name = "yaml", .type = OPT_CHOICE, .offset = FIELD(yaml), .arg = "kubernetes|1.2", .choices = "kubernetes|1.2",
	  .help = "what plain scalars mean: as in Kubernetes, or YAML 1.2's core schema" },
	{ .name = "duplicate-keys", .type = OPT_CHOICE, .offset = FIELD(duplicates), .arg = "error|last", .choices = "error|last",
	  .help = "a key given twice: refuse it, or warn and keep the last" },
	{ .name = "max-nodes", .type = OPT_NUMBER, .offset = FIELD(max_nodes), .arg = "N",
	  .help = "most values a document may expand to (default: 10000000)" },
	{ .name = NULL },
};

/* ---- bytes -------------------------------------------------------------------------- */
bool input_more(struct input *in, size_t keep, size_t *dropped)
{
	size_t left = in->n - keep;
	ssize_t got;
	char *p;

	*dropped = 0;
	if (in->fd < 0 || in->ended || in->error)
		return false;
	if (in->cap - in->n < WINDOW / 2 && keep && left <= in->cap / 2) {
		memmove(in->p, in->p + keep, left);
		in->base += keep;
		in->n = left;
		*dropped = keep;
	} else if (in->cap - in->n < WINDOW / 2) {
		p = realloc(in->p, in->cap ? in->cap * 2 : WINDOW);
		if (!p) {
			in->error = ENOMEM;
			return false;
		}
		in->p = p;
		in->cap = in->cap ? in->cap * 2 : WINDOW;
	}
	do
		got = read(in->fd, in->p + in->n, in->cap - in->n);
	while (got < 0 && fd_again(in->fd, false));
	if (got < 0)
		in->error = errno;
	in->ended = got <= 0;
	in->n += got > 0 ? (size_t)got : 0;
	return got > 0;
}

/* ---- opening --------------------------------------------------------------------------- */
static enum format format_by_name(const char *path)
{
	static const struct {
		str ending;
		enum format format;
	} endings[] = {
		{ { ".yaml", 5 }, FORMAT_YAML }, { { ".yml", 4 }, FORMAT_YAML },      { { ".json", 5 }, FORMAT_JSON },
		{ { ".jsonl", 6 }, FORMAT_JSONL }, { { ".ndjson", 7 }, FORMAT_JSONL },
	};
	size_t i;

	for (i = 0; i < COUNT(endings); i++)
		if (str_ends(str_of(path), endings[i].ending))
			return endings[i].format;
	return FORMAT_AUTO;
}

enum format format_named(const struct read_options *o, const char *path)
{
	enum format named = strcmp(path, "-") ? format_by_name(path) : FORMAT_AUTO;

	if (o && (o->input == FORMAT_YAML || (o->input == FORMAT_JSON && named != FORMAT_JSONL)))
		return (enum format)o->input;
	return named;
}

static struct reader *reader_new(struct arena *perm, struct diag *d, const struct read_options *o)
{
	struct reader *r = NEW(perm, struct reader);

	r->perm = perm;
	r->diag = d;
	if (o)
		r->options = *o;
	r->b = (struct builder){
		.mem = &r->mem,
		.diag = d,
		.max = r->options.max_nodes > 0 ? (size_t)r->options.max_nodes : DOC_MAX_NODES,
		.keep_last = r->options.duplicates == 1,
		.version = r->options.yaml,
	};
	return r;
}

/* What is the same for every input, however it was opened. */
static void input_ready(struct reader *r, const char *label, enum format named)
{
	struct source *s = NEW(r->perm, struct source);

	s->name = label;
	r->label = r->in.label = label;
	r->b.source = s;
	r->format = r->named = named;
	r->index = (size_t)-1;
	r->live = true;
	r->begun = false;
}

static int input_open(struct reader *r, const char *path)
{
	bool is_stdin = !strcmp(path, "-");
	struct stat st;
	int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);

	r->label = file_label(path);
	journal_read(r->diag, path);
	if (fd < 0 || fstat(fd, &st)) {
		diag_sys(r->diag, "read", r->label);
		if (!is_stdin && fd >= 0)
			close(fd);
		return -1;
	}
	if (S_ISDIR(st.st_mode)) {
		if (!is_stdin)
			close(fd);
		return diag_trouble(r->diag, IN_FILE(r->label), "io", "is a directory; name the files in it");
	}
	r->in = (struct input){ .fd = fd };
	input_ready(r, r->label, format_named(&r->options, path));
	return 0;
}

static void input_close(struct reader *r)
{
	if (!r->live)
		return;
	events_close(&r->yaml);
	if (r->in.fd > STDIN_FILENO)
		close(r->in.fd);
	else if (r->in.fd == STDIN_FILENO)
		stdin_spent();
	if (r->in.fd >= 0)
		free(r->in.p);
	r->live = false;
}

static int open_next(struct reader *r)
{
	if (input_open(r, r->paths[r->next++])) {
		r->failed = true;
		return -1;
	}
	return 0;
}

void reader_from_line(struct reader *r, uint32_t line)
{
	r->place.line = line;
}

struct reader *reader_open_all(struct arena *perm, struct diag *d, const struct read_options *o, char **paths, size_t n)
{
	struct reader *r;

	if (!n)
		return reader_open(perm, d, o, "-");
	r = reader_new(perm, d, o);
	r->paths = paths;
	r->npaths = n;
	return open_next(r) ? NULL : r;
}

struct reader *reader_open(struct arena *perm, struct diag *d, const struct read_options *o, const char *path)
{
	char **paths = NEW_ARRAY(perm, char *, 1);

	paths[0] = str_dup(perm, str_of(path));
	return reader_open_all(perm, d, o, paths, 1);
}

struct reader *reader_open_text(struct arena *perm, struct diag *d, const struct read_options *o, const char *name, str text)
{
	struct reader *r = reader_new(perm, d, o);

	r->in = (struct input){ .fd = -1, .p = (char *)(uintptr_t)text.p, .n = text.n, .ended = true };
	input_ready(r, name, format_named(&r->options, name));
	return r;
}

struct reader *reader_open_part(struct arena *perm, struct diag *d, const struct read_options *o, const char *label, struct input in,
				const struct part_place *place)
{
	struct reader *r = reader_new(perm, d, o);

	r->in = in;
	input_ready(r, label, place->named);
	if (place->format)
		r->format = place->format;
	r->place = *place;
	return r;
}

void reader_close(struct reader *r)
{
	if (!r)
		return;
	input_close(r);
	arena_free(&r->mem);
}

/* ---- what an input is --------------------------------------------------------------------- */
static bool has_at(const struct reader *r, size_t at, str bytes)
{
	return r->in.n - at >= bytes.n && !memcmp(r->in.p + at, bytes.p, bytes.n);
}

static int wide(struct reader *r, const char *what)
{
	return diag_trouble(r->diag, IN_FILE(r->label), "utf8", "the file is %s; convert it: iconv -f %s -t UTF-8", what, what);
}

/* The first byte past `at` that is not blank, reading on as far as it takes; -1: none. */
static int solid(struct reader *r, size_t *at)
{
	size_t dropped;

	for (;; ++*at) {
		while (*at >= r->in.n)
			if (!input_more(&r->in, 0, &dropped))
				return -1;
		if (!strchr(" \t\r\n", r->in.p[*at]) || !r->in.p[*at])
			return (unsigned char)r->in.p[*at];
	}
}

/* Content that begins like JSON is tried as such; `meant_json`: it can hardly be a template or a flow map by hand. */
static void sniff(struct reader *r)
{
	size_t at = r->in.at;
	int c = solid(r, &at), d;

	r->tentative = c == '{' || c == '[' || c == '"';
	r->format = r->tentative ? FORMAT_JSON : FORMAT_YAML;
	at++;
	d = c == '{' || c == '[' ? solid(r, &at) : 0;
	r->meant_json = d == '"' || (c == '[' && (d == '{' || d == '['));
}

static void begin_json(struct reader *r)
{
	r->json = (struct json){ .in = &r->in, .b = &r->b, .perm = r->perm, .keep = r->tentative };
	r->begin = r->in.at;
	json_open(&r->json);
	r->json.line += r->place.line;
}

static void begin_yaml(struct reader *r)
{
	const struct part_place *place = &r->place;

	r->yaml = (struct yaml){
		.in = &r->in,
		.b = &r->b,
		.perm = r->perm,
		.line = place->line,
		.offset = place->offset,
		.last = place->marked ? place->line + place->lines : 0,
		.watch = r->options.watch,
		.watch_ctx = r->options.watch_ctx,
	};
	r->yaml.whole = has_at(r, r->in.at, S("\xFE\xFF")) || has_at(r, r->in.at, S("\xFF\xFE"));
	r->format = FORMAT_YAML;
}

/* Looks at the first bytes of an input and makes its reader ready. */
static int begin(struct reader *r)
{
	bool utf16;
	size_t dropped;

	while (r->in.n < 4 && input_more(&r->in, 0, &dropped))
		;
	r->begun = true;
	r->tentative = r->meant_json = false;
	if (has_at(r, 0, S("\0\0\xFE\xFF")) || has_at(r, 0, S("\xFF\xFE\0\0")))
		return wide(r, "UTF-32");
	utf16 = has_at(r, 0, S("\xFE\xFF")) || has_at(r, 0, S("\xFF\xFE"));
	if (utf16 && r->format != FORMAT_AUTO && r->format != FORMAT_YAML)
		return wide(r, "UTF-16");
	if (has_at(r, 0, S("\xEF\xBB\xBF")))
		r->in.at = 3;
	if (utf16)
		r->format = FORMAT_YAML;
	else if (r->format == FORMAT_AUTO)
		sniff(r);
	if (r->format == FORMAT_YAML)
		begin_yaml(r);
	else
		begin_json(r);
	return 0;
}

/* ---- JSON that may turn out to be YAML ------------------------------------------------------ */
/* The first value was no JSON, or what stands behind it says so: all of it is read again as YAML. */
static int again_as_yaml(struct reader *r, struct arena *a, struct node **out)
{
	r->tentative = false;
	r->error = r->json.error;
	r->in.at = r->begin;
	begin_yaml(r);
	if (r->meant_json && r->error.text.p)
		r->yaml.instead = &r->error;
	build_start(&r->b, a);
	return yaml_next(&r->yaml, out);
}

static bool starts_value(int c)
{
	return c < 0 || strchr("{[\"-0123456789tfn", c);
}

/* The first value of an input whose content looks like JSON. */
static int try_json(struct reader *r, struct arena *a, struct node **out)
{
	struct arena_mark mark = arena_mark(a);
	struct json *j = &r->json;
	int got = json_next(j, out);

	if (got < 0 && !j->error.text.p)
		return -1;
	/* "a": b begins with a JSON string */
	if (got > 0 && (*out)->kind == NODE_STRING && !starts_value(json_peek(j)))
		got = -1;
	if (got < 0) {
		arena_rewind(a, mark);
		return again_as_yaml(r, a, out);
	}
	r->tentative = j->keep = false;
	if (got > 0 && j->line == (*out)->line && j->end - j->p > 1 && *j->p == '\n' && strchr("{[\"", j->p[1]) && j->p[1])
		r->format = FORMAT_JSONL;
	return got;
}

/* A stream that began with {…} goes on as YAML: with "---", "..." or a comment. */
static bool turns_to_yaml(struct json *j)
{
	int c = json_peek(j);

	if (c == '#')
		return true;
	return (c == '-' || c == '.') && json_column(j, j->p) == 1 && json_have(j, 3) && j->p[1] == c && j->p[2] == c;
}

static int next_json(struct reader *r, struct arena *a, struct node **out)
{
	struct json *j = &r->json;

	if (r->tentative)
		return try_json(r, a, out);
	if (r->named == FORMAT_AUTO && turns_to_yaml(j)) {
		r->in.at = j->p - r->in.p;
		begin_yaml(r);
		r->yaml.line = j->line - 1;
		r->yaml.col = json_column(j, j->p) - 1;
		return yaml_next(&r->yaml, out);
	}
	return json_next(j, out);
}

/* ---- documents ---------------------------------------------------------------------------------- */
static int next_here(struct reader *r, struct arena *a, struct node **out)
{
	int got;

	if (!r->begun && begin(r))
		return -1;
	build_start(&r->b, a);
	got = r->format == FORMAT_YAML ? yaml_next(&r->yaml, out) : next_json(r, a, out);
	if (got <= 0 && r->in.error && r->format != FORMAT_YAML) {
		errno = r->in.error;
		return diag_sys(r->diag, "read", r->label);
	}
	if (!r->first)
		r->first = r->format;
	return got;
}

int reader_next(struct reader *r, struct arena *a, struct node **out)
{
	int got;

	*out = NULL;
	if (r->failed)
		return -1;
	for (;;) {
		if (!r->live && r->next >= r->npaths)
			return 0;
		if (!r->live && open_next(r))
			return -1;
		got = next_here(r, a, out);
		if (got)
			break;
		input_close(r);
	}
	if (got < 0) {
		r->failed = true;
		return -1;
	}
	r->index++;
	if (r->options.origins)
		origins_apply(r->options.origins, r->index, *out);
	return 1;
}

size_t reader_input(const struct reader *r)
{
	return r->next ? r->next - 1 : 0;
}

enum format reader_format(const struct reader *r)
{
	if (r->first)
		return r->first;
	return r->format ? r->format : FORMAT_YAML;
}

/* ---- one document ----------------------------------------------------------------------------------- */
static int read_one(struct reader *r, struct arena *a, struct node **out)
{
	struct node *second;
	int got;

	*out = NULL;
	if (!r)
		return -1;
	got = reader_next(r, a, out);
	if (!got) {
		*out = node_new(a, NODE_NULL);
		(*out)->source = r->b.source;
		(*out)->line = (*out)->col = 1;
		(*out)->flags = NODE_EMPTY;
	}
	while (got > 0 && (got = reader_next(r, a, &second)) > 0)
		if (!(second->flags & NODE_EMPTY))
			got = diag_trouble(r->diag, node_pos(second), "documents", "a second document; this file must hold one");
	reader_close(r);
	return got < 0 ? -1 : 0;
}

int read_file(struct arena *a, struct diag *d, const struct read_options *o, const char *path, struct node **out)
{
	return read_one(reader_open(a, d, o, path), a, out);
}

int read_text(struct arena *a, struct diag *d, const struct read_options *o, const char *name, str text, struct node **out)
{
	return read_one(reader_open_text(a, d, o, name, text), a, out);
}
