/* SPDX-License-Identifier: MIT */
/* Reads the files of a chart, from a folder or a packed chart, into memory. */
#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "chart/internal.h"

static str without_bom(str s)
{
	return str_starts(s, S("\xef\xbb\xbf")) ? str_sub(s, 3, s.n) : s;
}

/* ---- folders ---------------------------------------------------------------- */
struct folder {
	struct arena *a;
	struct diag *diag;
	const char *top;
	struct ignore rules;
	struct chart_files *out;
	size_t total;
};

static int by_name(const void *x, const void *y)
{
	return strcmp(*(char *const *)x, *(char *const *)y);
}

/* Names in the folder, sorted by bytes as Go walks them. */
static int list_names(struct folder *f, const char *path, char ***out, size_t *n)
{
	struct {
		char **p;
		size_t n, cap;
	} v = { 0 };
	DIR *dir = opendir(path);
	struct dirent *e;

	if (!dir)
		return diag_sys(f->diag, "open the folder", path);
	while ((errno = 0, e = readdir(dir)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			*VEC_ADD(f->a, &v) = str_dup(f->a, str_of(e->d_name));
	int bad = errno;
	closedir(dir);
	if (bad) {
		errno = bad;
		return diag_sys(f->diag, "read the folder", path);
	}
	if (v.n)
		qsort(v.p, v.n, sizeof *v.p, by_name);
	*out = v.p;
	*n = v.n;
	return 0;
}

static int add_file(struct folder *f, const char *path, str name, const struct stat *st)
{
	str data;

	if (!S_ISREG(st->st_mode))
		return diag_trouble(f->diag, IN_FILE(path), "chart", "not a plain file; a chart holds files and folders only");
	if (st->st_size > CHART_MAX_FILE)
		return diag_trouble(f->diag, IN_FILE(path), "chart", "larger than %d bytes, the most that Helm takes; name it in .helmignore", CHART_MAX_FILE);
	f->total += (size_t)st->st_size;
	if (f->total > CHART_MAX_TOTAL)
		return diag_trouble(f->diag, IN_FILE(f->top), "chart", "the chart is larger than %d bytes", CHART_MAX_TOTAL);
	if (file_read(f->a, f->diag, path, &data) < 0)
		return -1;
	*VEC_ADD(f->a, f->out) = (struct chart_file){ .name = name, .data = without_bom(data), .path = path };
	return 0;
}

static int walk(struct folder *f, const char *path, str below, int depth)
{
	char **names = NULL;
	size_t n = 0;

	if (depth > CHART_MAX_DEPTH)
		return diag_trouble(f->diag, IN_FILE(path), "chart", "folders nest deeper than %d; is there a link in a circle?", CHART_MAX_DEPTH);
	if (list_names(f, path, &names, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		str name = below.n ? str_printf(f->a, "%.*s/%s", STR_ARG(below), names[i]) : str_of(names[i]);
		const char *full = str_printf(f->a, "%s/%s", path, names[i]).p;
		struct stat st;
		if (stat(full, &st) < 0)
			return diag_sys(f->diag, "read", full);
		if (ignore_match(&f->rules, name, S_ISDIR(st.st_mode)))
			continue;
		if (S_ISDIR(st.st_mode) ? walk(f, full, name, depth + 1) < 0 : add_file(f, full, name, &st) < 0)
			return -1;
	}
	return 0;
}

static int chart_read_folder(struct arena *a, struct diag *d, const char *path, struct chart_files *out)
{
	str top = str_of(path);

	while (top.n > 1 && str_ends(top, S("/")))
		top.n--;
	struct folder f = { .a = a, .diag = d, .top = str_dup(a, top), .out = out };
	const char *ignore = str_printf(a, "%s/.helmignore", f.top).p;
	struct stat st;
	str text;

	if (stat(ignore, &st) == 0 && S_ISREG(st.st_mode))
		if (file_read(a, d, ignore, &text) < 0 || ignore_parse(a, d, ignore, without_bom(text), &f.rules) < 0)
			return -1;
	ignore_defaults(a, &f.rules);
	return walk(&f, f.top, S(""), 0);
}

/* ---- packed charts ------------------------------------------------------------ */
/* The name within the chart: without the first folder, cleaned; empty if it leads elsewhere. */
static str member_name(struct arena *a, const char *raw)
{
	char *s = str_dup(a, str_of(raw));
	struct buf out = BUF(a);

	if (strchr(s, '\\'))
		for (char *p = s; *p; p++)
			*p = *p == '\\' ? '/' : *p;
	char *p = strchr(s, '/');
	if (!p || p[1] == '/')
		return S("");
	for (p++; *p;) {
		size_t n = strcspn(p, "/");
		str part = { p, n };
		if (str_eq(part, S("..")))
			return S("");
		if (n && !str_eq(part, S("."))) {
			if (out.n)
				buf_char(&out, '/');
			buf_add(&out, part);
		}
		p += n + (p[n] == '/');
	}
	return buf_str(&out);
}

static int read_member(struct arena *a, struct diag *d, const char *label, struct archive *ar, size_t *left, str *out)
{
	struct buf b = BUF(a);
	la_ssize_t got;

	for (;;) {
		char *room = buf_room(&b, 65536);
		if ((got = archive_read_data(ar, room, 65536)) <= 0)
			break;
		b.n += (size_t)got;
		if (b.n > CHART_MAX_FILE)
			return diag_trouble(d, IN_FILE(label), "chart", "a file in the chart is larger than %d bytes", CHART_MAX_FILE);
		if ((size_t)got > *left)
			return diag_trouble(d, IN_FILE(label), "chart", "the chart is larger than %d bytes when unpacked", CHART_MAX_TOTAL);
		*left -= (size_t)got;
	}
	if (got < 0)
		return diag_trouble(d, IN_FILE(label), "chart", "the archive is damaged: %s", archive_error_string(ar));
	*out = without_bom(buf_str(&b));
	return 0;
}

static int read_members(struct arena *a, struct diag *d, const char *label, struct archive *ar, struct chart_files *out)
{
	struct archive_entry *e;
	size_t left = CHART_MAX_TOTAL, members = 0;
	int r;

	while ((r = archive_read_next_header(ar, &e)) == ARCHIVE_OK || r == ARCHIVE_WARN) {
		const char *raw = archive_entry_pathname(e);
		if (++members > 100000)
			return diag_trouble(d, IN_FILE(label), "chart", "more than 100000 files in the archive");
		if (archive_entry_filetype(e) == AE_IFDIR)
			continue;
		if (archive_entry_filetype(e) != AE_IFREG || archive_entry_hardlink(e))
			return diag_trouble(d, IN_FILE(label), "chart", "\"%s\" in the archive is not a plain file", raw ? raw : "");
		str name = raw ? member_name(a, raw) : S("");
		if (name.n == 0 || (name.n > 2 && name.p[1] == ':' && name.p[2] == '/'))
			return diag_trouble(d, IN_FILE(label), "chart", "\"%s\" in the archive is outside the chart's folder", raw ? raw : "");
		struct chart_file *f = VEC_ADD(a, out);
		*f = (struct chart_file){ .name = name, .path = str_printf(a, "%s/%.*s", label, STR_ARG(name)).p };
		if (read_member(a, d, label, ar, &left, &f->data) < 0)
			return -1;
	}
	if (r != ARCHIVE_EOF)
		return diag_trouble(d, IN_FILE(label), "chart", "no packed chart (.tgz): %s", archive_error_string(ar));
	if (out->n == 0)
		return diag_trouble(d, IN_FILE(label), "chart", "the archive holds no files");
	return 0;
}

int chart_read_archive(struct arena *a, struct diag *d, const char *label, str bytes, struct chart_files *out)
{
	struct archive *ar = archive_read_new();
	int r;

	if (!ar)
		return diag_trouble(d, IN_FILE(label), "memory", "out of memory");
	archive_read_support_filter_gzip(ar);
	archive_read_support_format_tar(ar);
	if (archive_read_open_memory(ar, bytes.p, bytes.n) != ARCHIVE_OK)
		r = diag_trouble(d, IN_FILE(label), "chart", "no packed chart (.tgz): %s", archive_error_string(ar));
	else
		r = read_members(a, d, label, ar, out);
	archive_read_free(ar);
	return r;
}

/* ---- either -------------------------------------------------------------------- */
bool chart_is_one(const char *path)
{
	struct stat st;
	str s = str_of(path);

	if (stat(path, &st) < 0)
		return false;
	if (S_ISREG(st.st_mode))
		return str_ends(s, S(".tgz")) || str_ends(s, S(".tar.gz"));
	struct arena a = { 0 };
	bool is = S_ISDIR(st.st_mode) && stat(str_printf(&a, "%s/Chart.yaml", path).p, &st) == 0;
	arena_free(&a);
	return is;
}

static struct chart *load(struct arena *a, struct diag *d, const struct chart_options *o, const char *path)
{
	struct chart_files files = { 0 };
	struct stat st;
	str bytes;

	if (stat(path, &st) < 0) {
		diag_sys(d, "read the chart", path);
		return NULL;
	}
	if (S_ISDIR(st.st_mode)) {
		if (chart_read_folder(a, d, path, &files) < 0)
			return NULL;
	} else if (file_read(a, d, path, &bytes) < 0 || chart_read_archive(a, d, path, bytes, &files) < 0) {
		return NULL;
	}
	struct chart *c = chart_build(a, d, o, path, &files, 0);
	if (!c)
		return NULL;
	c->label = path;
	c->parsed = NEW(a, struct parsed);
	c->parsed->lock = lock_new(a);
	return c;
}

struct chart *chart_load(struct arena *a, struct diag *d, const struct chart_options *o, const char *path)
{
	uint64_t start = journal_start(d);
	struct chart *c = load(a, d, o, path);

	journal_spent(d, "chart read", str_of(path), start);
	return c;
}

void chart_close(struct chart *c)
{
	if (c->parsed) {
		arena_free(&c->parsed->a);
		lock_free(c->parsed->lock);
	}
	schema_set_free(c->schema_set);
	for (size_t i = 0; i < c->nsubcharts; i++)
		chart_close(c->subcharts[i]);
}
