/* SPDX-License-Identifier: MIT */
/* The manifest: one JSON document, an entry a line, so that it is read a line at a time. */
#include "archive/internal.h"

#include <string.h>

static const char *const type_names[] = { "file", "directory", "symlink", "hardlink" };
static const char ENTRIES[] = "\"entries\":[\n";

/* Text that is no UTF-8 goes as hexadecimal digits, under KEY_hex. */
static void put_text(struct out *o, const char *key, str s)
{
	char hex[2 * ARCHIVE_NAME_MAX + 1];
	size_t bad;

	if (utf8_valid(s, &bad)) {
		out_printf(o, "\"%s\":", key);
		json_string(o, s);
	} else {
		hex_of((const uint8_t *)s.p, s.n, hex);
		out_printf(o, "\"%s_hex\":\"%s\"", key, hex);
	}
}

static void put_entry(struct out *o, const struct member *e)
{
	char hex[65];

	out_char(o, '{');
	put_text(o, "name", e->name);
	out_printf(o, ",\"type\":\"%s\"", type_names[e->type]);
	if (e->type == ARCHIVE_FILE) {
		hex_of(e->hash, 32, hex);
		out_printf(o, ",\"size\":%llu,\"sha256\":\"%s\"", (unsigned long long)e->size, hex);
	} else if (e->type != ARCHIVE_DIR) {
		out_char(o, ',');
		put_text(o, "target", e->target);
	}
	out_printf(o, ",\"mode\":\"%04o\",\"mtime\":%lld", (unsigned)e->mode, (long long)e->mtime);
	if (e->nsec)
		out_printf(o, ",\"nsec\":%lu", (unsigned long)e->nsec);
	out_printf(o, ",\"uid\":%lu,\"gid\":%lu", (unsigned long)e->uid, (unsigned long)e->gid);
	if (e->user.n) {
		out_char(o, ',');
		put_text(o, "user", e->user);
	}
	if (e->group.n) {
		out_char(o, ',');
		put_text(o, "group", e->group);
	}
	if (e->object.n) {
		out_char(o, ',');
		put_text(o, "object", e->object);
	}
	if (e->at != ARCHIVE_ELSEWHERE)
		out_printf(o, ",\"at\":%llu", (unsigned long long)e->at);
	out_char(o, '}');
}

static void put_head(struct out *o, const struct manifest *m)
{
	char hex[65];

	out_printf(o, "{\"format\":\"%s\"", MANIFEST_FORMAT);
	if (m->created >= 0)
		out_printf(o, ",\"created\":%lld", (long long)m->created);
	if (m->increment) {
		hex_of(m->since, 32, hex);
		out_printf(o, ",\"since\":\"%s\"", hex);
	}
	out_printf(o, ",\"labels\":{");
	for (size_t i = 0; i < m->labels.n; i++) {
		str label = str_of(m->labels.p[i]);
		size_t equals = (size_t)str_chr(label, '=');
		if (i)
			out_char(o, ',');
		json_string(o, str_sub(label, 0, equals));
		out_char(o, ':');
		json_string(o, str_sub(label, equals + 1, label.n));
	}
	out_printf(o, "},\"bytes\":%llu,%s", (unsigned long long)m->bytes, ENTRIES);
}

void manifest_write(struct diag *d, const struct manifest *m, void (*put)(void *ctx, str piece), void *ctx)
{
	enum { PIECE = 64 << 10 };
	struct arena scratch = { 0 };
	struct out *o = out_memory(&scratch, d);

	put_head(o, m);
	for (size_t i = 0; i < m->n; i++) {
		put_entry(o, m->p[i]);
		out_write(o, i + 1 < m->n ? S(",\n") : S("\n"));
		if (out_text(o).n >= PIECE) {
			put(ctx, out_text(o));
			o->p = o->base;
		}
	}
	out_write(o, S("]}\n"));
	put(ctx, out_text(o));
	arena_free(&scratch);
}

static const char *check_place(const struct manifest *m, const struct member *e)
{
	const char *wrong = name_wrong(e->name);

	if (wrong)
		return wrong;
	for (str up = name_parent(e->name); up.n; up = name_parent(up)) {
		const struct member *above = map_get(&m->by_name, up);
		if (above && above->type != ARCHIVE_DIR)
			return "lies below an entry that is not a directory";
	}
	if (e->type == ARCHIVE_SYMLINK && (!e->target.n || e->target.n > ARCHIVE_NAME_MAX || memchr(e->target.p, 0, e->target.n)))
		return "is a link to nothing";
	if (e->type == ARCHIVE_HARDLINK) {
		const struct member *to = map_get(&m->by_name, e->target);
		if (!to || to->type != ARCHIVE_FILE)
			return "is a hard link to what is no file of the archive";
	}
	return NULL;
}

const char *manifest_check(struct arena *a, struct manifest *m, str *which)
{
	m->bytes = 0;
	for (size_t i = 0; i < m->n; i++) {
		struct member *e = m->p[i];
		void **slot = map_at(a, &m->by_name, e->name);
		*which = e->name;
		if (*slot)
			return "is there twice";
		*slot = e;
		if (e->type == ARCHIVE_FILE)
			m->bytes += e->size;
	}
	for (size_t i = 0; i < m->n; i++) {
		*which = m->p[i]->name;
		const char *wrong = check_place(m, m->p[i]);
		if (wrong)
			return wrong;
	}
	return NULL;
}

static bool get_text(struct arena *a, const struct node *n, const char *key, const char *hex_key, str *out)
{
	struct node *v = node_get(n, str_of(key)), *hex = node_get(n, str_of(hex_key));

	if (node_is(v, NODE_STRING)) {
		*out = str_copy(a, node_text(v));
		return true;
	}
	if (!node_is(hex, NODE_STRING) || hex->n > 2 * ARCHIVE_NAME_MAX)
		return false;
	char *bytes = arena_raw(a, hex->n / 2 + 1);
	*out = (str){ bytes, hex->n / 2 };
	bytes[out->n] = '\0';
	return hex_read(node_text(hex), (uint8_t *)bytes, out->n);
}

/* A whole number from low to high; absent: *out stays. */
static bool get_number(const struct node *n, const char *key, int64_t low, int64_t high, int64_t *out)
{
	const struct node *v = node_get(n, str_of(key));

	return !v || (v->kind == NODE_INT && node_to_i64(v, out) && *out >= low && *out <= high);
}

static bool get_mode(const struct node *n, uint32_t *mode)
{
	str s = node_get_str(n, S("mode"));

	*mode = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '7')
			return false;
		*mode = *mode << 3 | (uint32_t)(s.p[i] - '0');
	}
	return s.n == 4;
}

static bool get_type(const struct node *n, enum archive_type *type)
{
	str s = node_get_str(n, S("type"));

	for (size_t i = 0; i < COUNT(type_names); i++)
		if (str_eq(s, str_of(type_names[i]))) {
			*type = (enum archive_type)i;
			return true;
		}
	return false;
}

/* NULL, or the field that is wrong. */
static const char *read_entry(struct arena *a, const struct node *n, struct member *e)
{
	int64_t size = -1, mtime = 0, nsec = 0, uid = 0, gid = 0, at = -1;

	if (!get_text(a, n, "name", "name_hex", &e->name) || e->name.n > ARCHIVE_NAME_MAX)
		return "name";
	if (!get_type(n, &e->type))
		return "type";
	if (!get_mode(n, &e->mode))
		return "mode";
	if (!get_number(n, "mtime", INT64_MIN / 2, INT64_MAX / 2, &mtime) || !get_number(n, "nsec", 0, 999999999, &nsec))
		return "mtime";
	if (!get_number(n, "uid", 0, UINT32_MAX, &uid) || !get_number(n, "gid", 0, UINT32_MAX, &gid))
		return "uid";
	if (!get_number(n, "size", 0, INT64_MAX / 4, &size) || (size < 0) != (e->type != ARCHIVE_FILE))
		return "size";
	if (!get_number(n, "at", 0, INT64_MAX / 4, &at))
		return "at";
	if (e->type == ARCHIVE_FILE && !hex_read(node_get_str(n, S("sha256")), e->hash, 32))
		return "sha256";
	if ((e->type == ARCHIVE_SYMLINK || e->type == ARCHIVE_HARDLINK) && !get_text(a, n, "target", "target_hex", &e->target))
		return "target";
	get_text(a, n, "user", "user_hex", &e->user);
	get_text(a, n, "group", "group_hex", &e->group);
	get_text(a, n, "object", "object_hex", &e->object);
	if (e->target.n > ARCHIVE_NAME_MAX)
		return "target";
	e->size = size < 0 ? 0 : (uint64_t)size;
	e->mtime = mtime;
	e->nsec = (uint32_t)nsec;
	e->uid = (uint32_t)uid;
	e->gid = (uint32_t)gid;
	e->at = at < 0 ? ARCHIVE_ELSEWHERE : (uint64_t)at;
	return NULL;
}

static int read_head(struct arena *a, struct diag *d, const char *path, str text, struct manifest *m)
{
	struct read_options json = { .input = FORMAT_JSON };
	struct node *head;

	if (read_text(a, d, &json, path, text, &head))
		return -1;
	if (!str_eq(node_get_str(head, S("format")), S(MANIFEST_FORMAT)))
		return diag_trouble(d, IN_FILE(path), "manifest", "the manifest is not of the format %s", MANIFEST_FORMAT);
	m->created = -1;
	if (!get_number(head, "created", 0, INT64_MAX / 4, &m->created))
		return diag_trouble(d, IN_FILE(path), "manifest", "the manifest's \"created\" is no time");
	struct node *since = node_get(head, S("since")), *labels = node_get(head, S("labels"));
	m->increment = since != NULL;
	if (since && !hex_read(node_str(since), m->since, 32))
		return diag_trouble(d, IN_FILE(path), "manifest", "the manifest's \"since\" is no SHA-256");
	for (uint32_t i = 0; node_is(labels, NODE_MAP) && i < labels->n; i++) {
		const struct entry *l = &labels->entries[i];
		*VEC_ADD(a, &m->labels) = str_printf(a, "%.*s=%.*s", STR_ARG(entry_key(l)), STR_ARG(node_str(l->value))).p;
	}
	return 0;
}

/* The lines between the brackets, as JSON Lines: the comma at the end of each becomes a blank. */
static bool blank_commas(char *p, size_t n)
{
	char *end = p + n;

	while (p < end) {
		char *line_end = memchr(p, '\n', (size_t)(end - p));
		if (!line_end || line_end - p < 2 || *p != '{')
			return false;
		bool last = line_end + 1 == end;
		if ((line_end[-1] == ',') == last)
			return false;
		if (!last)
			line_end[-1] = ' ';
		p = line_end + 1;
	}
	return true;
}

static int read_entries(struct arena *a, struct diag *d, const char *path, str lines, uint64_t limit, struct manifest *m)
{
	struct read_options json = { .input = FORMAT_JSON };
	struct arena scratch = { 0 };
	struct reader *r = reader_open_text(a, d, &json, path, lines);
	char header[TAR_HEADER_MAX];
	uint64_t free_from = 0;
	struct node *n;
	int more = -1;

	while (r && (more = reader_next(r, &scratch, &n)) > 0) {
		struct member *e = NEW(a, struct member);
		const char *wrong = read_entry(a, n, e);
		if (!wrong && e->at != ARCHIVE_ELSEWHERE) {
			uint64_t len = tar_header(header, e) + round_block(e->type == ARCHIVE_FILE ? e->size : 0);
			if (e->at % TAR_BLOCK || e->at < free_from || e->at > limit || len > limit - e->at)
				wrong = "at";
			free_from = e->at + len;
		}
		if (wrong) {
			more = diag_trouble(d, IN_FILE(path), "manifest", "entry %zu of the manifest has a wrong \"%s\"", m->n + 1, wrong);
			break;
		}
		*VEC_ADD(a, m) = e;
		arena_reset(&scratch);
	}
	arena_free(&scratch);
	if (r)
		reader_close(r);
	return more;
}

int manifest_read(struct arena *a, struct diag *d, const char *path, str text, uint64_t limit, struct manifest *m)
{
	ptrdiff_t at = str_find(str_sub(text, 0, 1 << 20), str_of(ENTRIES));
	size_t from = (size_t)at + sizeof ENTRIES - 1;
	struct buf head = BUF(a);
	str which;

	if (at < 0 || !str_ends(text, S("]}\n")) || text.n < from + 3 || !blank_commas((char *)text.p + from, text.n - from - 3))
		return diag_trouble(d, IN_FILE(path), "manifest", "the manifest is not as pack-backup writes it");
	buf_add(&head, str_sub(text, 0, from));
	buf_add(&head, S("]}"));
	if (read_head(a, d, path, buf_str(&head), m) ||
	    read_entries(a, d, path, str_sub(text, from, text.n - 3), limit, m))
		return -1;
	const char *wrong = manifest_check(a, m, &which);
	if (wrong)
		return diag_trouble(d, IN_FILE(path), "manifest", "the manifest is refused: \"%.*s\" %s", STR_ARG(which), wrong);
	return 0;
}
