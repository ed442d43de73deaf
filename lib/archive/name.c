/* SPDX-License-Identifier: MIT */
/* Names of entries: checked, cleaned, ordered, made from objects, printed. */
#include "archive/internal.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

const char *name_wrong(str name)
{
	size_t start = 0;

	if (!name.n)
		return "is empty";
	if (name.n > ARCHIVE_NAME_MAX)
		return "is too long";
	if (name.p[0] == '/')
		return "is absolute";
	if (memchr(name.p, 0, name.n))
		return "holds a NUL";
	for (size_t i = 0; i <= name.n; i++) {
		if (i < name.n && name.p[i] != '/')
			continue;
		str part = str_sub(name, start, i);
		if (str_eq(part, S("..")))
			return "has a \"..\" part";
		if (!part.n || str_eq(part, S(".")))
			return "has an empty part";
		if (part.n > 255)
			return "has a part over 255 bytes";
		start = i + 1;
	}
	return NULL;
}

bool name_clean(struct arena *a, str path, str *out)
{
	struct buf b = BUF(a);

	for (size_t i = 0; i < path.n;) {
		size_t end = i;
		while (end < path.n && path.p[end] != '/')
			end++;
		str part = str_sub(path, i, end);
		if (str_eq(part, S("..")))
			return false;
		if (part.n && !str_eq(part, S("."))) {
			if (b.n)
				buf_char(&b, '/');
			buf_add(&b, part);
		}
		i = end + 1;
	}
	*out = str_copy(a, buf_str(&b));
	return true;
}

static uint32_t fnv(str s) /* part of a name that is kept: it must never change */
{
	uint32_t h = 0x811C9DC5;

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * 0x01000193;
	return h;
}

/* A part longer than a file name may be ends in "~" and a hash of the whole. */
static void add_part(struct buf *b, str part, const char *suffix)
{
	enum { LONGEST = 230 };
	size_t start = b->n;

	for (size_t i = 0; i < part.n; i++) {
		unsigned char c = (unsigned char)part.p[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
			     c == ':' || c == '_' || (c == '.' && i > 0);
		if (plain)
			buf_char(b, (char)c);
		else
			buf_printf(b, "%%%02X", c);
	}
	if (!part.n)
		buf_char(b, '_');
	if (b->n - start > LONGEST) {
		b->n = start + LONGEST;
		buf_printf(b, "~%08x", (unsigned)fnv(part));
	}
	buf_add(b, str_of(suffix));
}

str name_object(struct arena *a, str group, str kind, str ns, str name)
{
	struct buf b = BUF(a);

	buf_add(&b, S("objects/"));
	if (ns.n)
		add_part(&b, ns, "/");
	else
		buf_add(&b, S("_cluster/")); /* no namespace begins with "_" */
	add_part(&b, group.n ? str_printf(a, "%.*s.%.*s", STR_ARG(kind), STR_ARG(group)) : kind, "/");
	add_part(&b, name, ".yaml");
	return str_copy(a, buf_str(&b));
}

int name_cmp(str x, str y)
{
	size_t n = x.n < y.n ? x.n : y.n, i = 0;

	while (i < n && x.p[i] == y.p[i])
		i++;
	int cx = i == x.n ? -1 : x.p[i] == '/' ? 0 : (unsigned char)x.p[i];
	int cy = i == y.n ? -1 : y.p[i] == '/' ? 0 : (unsigned char)y.p[i];
	return (cx > cy) - (cx < cy);
}

str name_parent(str name)
{
	while (name.n && name.p[name.n - 1] != '/')
		name.n--;
	if (name.n)
		name.n--;
	return name;
}

void archive_name_print(struct out *o, str name)
{
	for (size_t i = 0; i < name.n; i++) {
		unsigned char c = (unsigned char)name.p[i];
		if (c == '\n')
			out_write(o, S("\\n"));
		else if (c == '\\')
			out_write(o, S("\\\\"));
		else if (c < 0x20 || c == 0x7F)
			out_printf(o, "\\%03o", c);
		else
			out_char(o, (char)c);
	}
}

static void print_owner(struct out *o, str name, uint32_t id)
{
	if (name.n)
		archive_name_print(o, name);
	else
		out_printf(o, "%lu", (unsigned long)id);
}

void archive_member_print(struct out *o, const struct member *e)
{
	static const char kinds[] = "-dlh";
	char mode[] = "rwxrwxrwx", when[32] = "?";
	struct tm tm;
	time_t t = (time_t)e->mtime;

	for (int i = 0; i < 9; i++)
		if (!(e->mode & (0400u >> i)))
			mode[i] = '-';
	for (int i = 0; i < 3; i++)
		if (e->mode & (04000u >> i))
			mode[i * 3 + 2] = (mode[i * 3 + 2] == 'x' ? "sst" : "SST")[i];
	if (gmtime_r(&t, &tm))
		strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &tm);
	out_printf(o, "%c%s ", kinds[e->type], mode);
	print_owner(o, e->user, e->uid);
	out_char(o, '/');
	print_owner(o, e->group, e->gid);
	out_printf(o, " %10llu %s ", (unsigned long long)e->size, when);
	archive_name_print(o, e->name);
	if (e->type == ARCHIVE_SYMLINK || e->type == ARCHIVE_HARDLINK) {
		out_write(o, e->type == ARCHIVE_SYMLINK ? S(" -> ") : S(" link to "));
		archive_name_print(o, e->target);
	}
}
