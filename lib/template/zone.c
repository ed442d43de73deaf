/* SPDX-License-Identifier: MIT */
/* Time zones from the system's TZif files (RFC 8536), their rule for the years to come included. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "template/gotime.h"

#define ZONE_FILE_MAX (1 << 20)
#define DAY 86400

struct rule { /* when a change happens in each year */
	char kind;   /* 'M' month.week.day, 'J' day of year without 29 February, '0' with it */
	int month, week, day, time;
};
struct zone {
	const unsigned char *times, *index, *types;
	size_t n, ntypes;
	const char *names;
	size_t nnames;
	/* the footer */
	bool has_rule, has_dst;
	struct rule start, end;
	int std_offset, dst_offset;
	char std_name[16], dst_name[16];
};

static int64_t big_endian(const unsigned char *p, int bytes)
{
	uint64_t v = bytes == 4 && p[0] & 0x80 ? UINT64_MAX : 0;

	while (bytes--)
		v = v << 8 | *p++;
	return (int64_t)v;
}

/* ---- the footer: a POSIX TZ string ---- */

static bool footer_name(const char **s, char out[16])
{
	const char *p = *s, *end;
	size_t n;

	if (*p == '<') {
		end = strchr(++p, '>');
		if (!end)
			return false;
		*s = end + 1;
	} else {
		for (end = p; (*end | 0x20) >= 'a' && (*end | 0x20) <= 'z'; end++)
			;
		*s = end;
	}
	n = (size_t)(end - p);
	if (n < 1 || n > 15)
		return false;
	memcpy(out, p, n);
	out[n] = '\0';
	return true;
}

/* [+-]hh[:mm[:ss]] in seconds. */
static int footer_time(const char **s)
{
	int sign = **s == '-' ? -1 : 1, v = 0;

	if (**s == '-' || **s == '+')
		++*s;
	for (int unit = 3600; unit; unit /= 60) {
		v += unit * (int)strtol(*s, (char **)s, 10);
		if (**s != ':')
			break;
		++*s;
	}
	return sign * v;
}

static bool footer_rule(const char **s, struct rule *r)
{
	if (*(*s)++ != ',')
		return false;
	r->kind = **s == 'M' || **s == 'J' ? *(*s)++ : '0';
	r->month = (int)strtol(*s, (char **)s, 10);
	if (r->kind == 'M') {
		if (*(*s)++ != '.')
			return false;
		r->week = (int)strtol(*s, (char **)s, 10);
		if (*(*s)++ != '.')
			return false;
		r->day = (int)strtol(*s, (char **)s, 10);
		if (r->month < 1 || r->month > 12 || r->week < 1 || r->week > 5 || r->day < 0 || r->day > 6)
			return false;
	}
	r->time = 7200;
	if (**s == '/') {
		++*s;
		r->time = footer_time(s);
	}
	return true;
}

static bool footer(struct zone *z, const char *s)
{
	if (!footer_name(&s, z->std_name))
		return false;
	z->std_offset = -footer_time(&s);
	if (!*s)
		return true;
	if (!footer_name(&s, z->dst_name))
		return false;
	z->dst_offset = z->std_offset + 3600;
	if (*s && *s != ',')
		z->dst_offset = -footer_time(&s);
	z->has_dst = footer_rule(&s, &z->start) && footer_rule(&s, &z->end);
	return z->has_dst;
}

static bool leap(int64_t y)
{
	return y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
}

/* The local second of the year's change. */
static int64_t rule_second(const struct rule *r, int64_t year)
{
	int64_t day, first;
	int weekday;

	if (r->kind != 'M')
		return civil_seconds(year, 1, 1) + DAY * (r->month - (r->kind == 'J') + (r->kind == 'J' && leap(year) && r->month >= 60)) + r->time;
	first = civil_seconds(year, r->month, 1) / DAY;
	weekday = (int)(((first + 4) % 7 + 7) % 7);
	day = first + (r->day - weekday + 7) % 7 + 7 * (r->week - 1);
	if (day >= civil_seconds(year, r->month + 1, 1) / DAY)
		day -= 7;
	return day * DAY + r->time;
}

static void by_rule(const struct zone *z, int64_t sec, int *offset, const char **name)
{
	struct gotime t = { .sec = sec + z->std_offset };
	int64_t year = civil_of(&t).year, start, end;
	bool dst = false;

	if (z->has_dst) {
		start = rule_second(&z->start, year) - z->std_offset;
		end = rule_second(&z->end, year) - z->dst_offset;
		dst = start < end ? sec >= start && sec < end : !(sec >= end && sec < start);
	}
	*offset = dst ? z->dst_offset : z->std_offset;
	*name = dst ? z->dst_name : z->std_name;
}

/* ---- files ---- */

struct header {
	size_t isut, isstd, leaps, times, types, names;
};

static const unsigned char *header(const unsigned char *p, const unsigned char *end, struct header *h)
{
	if (end - p < 44 || memcmp(p, "TZif", 4))
		return NULL;
	h->isut = (size_t)(uint32_t)big_endian(p + 20, 4);
	h->isstd = (size_t)(uint32_t)big_endian(p + 24, 4);
	h->leaps = (size_t)(uint32_t)big_endian(p + 28, 4);
	h->times = (size_t)(uint32_t)big_endian(p + 32, 4);
	h->types = (size_t)(uint32_t)big_endian(p + 36, 4);
	h->names = (size_t)(uint32_t)big_endian(p + 40, 4);
	if (h->times > 100000 || h->types > 256 || h->names > 10000 || h->leaps > 10000 || h->isut > 256 || h->isstd > 256)
		return NULL;
	return p + 44;
}

static bool read_zone(struct zone *z, str file)
{
	const unsigned char *p = (const unsigned char *)file.p, *end = p + file.n;
	struct header h;

	if (file.n < 44 || file.p[4] < '2' || !(p = header(p, end, &h)))
		return false; /* without 64-bit times: older than 2005 */
	p += h.times * 5 + h.types * 6 + h.names + h.leaps * 8 + h.isstd + h.isut;
	if (p > end || !(p = header(p, end, &h)) || !h.types || !h.names ||
	    (size_t)(end - p) < h.times * 9 + h.types * 6 + h.names + h.leaps * 12 + h.isstd + h.isut)
		return false;
	z->n = h.times;
	z->times = p;
	z->index = p + 8 * h.times;
	z->types = z->index + h.times;
	z->ntypes = h.types;
	z->names = (const char *)z->types + 6 * h.types;
	z->nnames = h.names;
	if (z->names[h.names - 1])
		return false;
	for (size_t i = 0; i < h.times; i++)
		if (z->index[i] >= h.types)
			return false;
	for (size_t i = 0; i < h.types; i++)
		if (z->types[6 * i + 5] >= h.names)
			return false;
	p = (const unsigned char *)z->names + h.names + h.leaps * 12 + h.isstd + h.isut;
	if (end - p > 2 && *p == '\n') {
		char text[128] = "";
		const unsigned char *stop = memchr(p + 1, '\n', (size_t)(end - p - 1));

		if (stop && stop - p - 1 < 127 && stop > p + 1) {
			memcpy(text, p + 1, (size_t)(stop - p - 1));
			z->has_rule = footer(z, text);
		}
	}
	return true;
}

static bool slurp(struct arena *a, const char *path, str *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *p = fd < 0 ? NULL : arena_raw(a, ZONE_FILE_MAX);
	ssize_t n;

	out->n = 0;
	out->p = p;
	while (p && out->n < ZONE_FILE_MAX && (n = read(fd, p + out->n, ZONE_FILE_MAX - out->n)) > 0)
		out->n += (size_t)n;
	if (fd >= 0)
		close(fd);
	return p && out->n;
}

bool zone_load(struct arena *a, str name, const struct zone **out)
{
	struct arena scratch = { 0 };
	struct zone *z = NEW(a, struct zone);
	const char *tz = getenv("TZ"), *path;
	str file;
	bool good;

	*out = NULL;
	if (str_eq(name, S("Local"))) {
		if (tz && *tz == ':')
			tz++;
		if (tz && !*tz)
			return true;
		if (tz && *tz != '/')
			return zone_load(a, str_of(tz), out) || true;
		path = tz ? tz : "/etc/localtime";
	} else {
		if (!name.n || str_eq(name, S("UTC")))
			return true;
		if (str_find(name, S("..")) >= 0 || name.p[0] == '/' || str_chr(name, '\\') >= 0 || str_chr(name, '\0') >= 0)
			return false;
		path = str_dup(a, str_printf(a, "/usr/share/zoneinfo/%.*s", STR_ARG(name)));
	}
	good = slurp(&scratch, path, &file);
	if (good) {
		file = str_copy(a, file);
		good = read_zone(z, file);
	}
	arena_free(&scratch);
	if (good)
		*out = z;
	return good || str_eq(name, S("Local"));
}

const struct zone *zone_fixed(struct arena *a, int offset, str name)
{
	struct zone *z = NEW(a, struct zone);

	z->has_rule = true;
	z->std_offset = offset;
	if (name.n)
		memcpy(z->std_name, name.p, name.n < 15 ? name.n : 15);
	return z;
}

void zone_at(const struct zone *z, int64_t sec, int *offset, const char **name)
{
	size_t lo = 0, hi, type = 0;

	*offset = 0;
	*name = "UTC";
	if (!z)
		return;
	if (z->has_rule && (!z->n || sec >= big_endian(z->times + 8 * (z->n - 1), 8))) {
		by_rule(z, sec, offset, name);
		return;
	}
	hi = z->n;
	while (lo < hi) { /* the last change not after sec */
		size_t mid = (lo + hi) / 2;

		if (big_endian(z->times + 8 * mid, 8) <= sec)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo > 0)
		type = z->index[lo - 1];
	else
		while (type + 1 < z->ntypes && z->types[6 * type + 4]) /* before all: the first that is no summer time */
			type++;
	*offset = (int)big_endian(z->types + 6 * type, 4);
	*name = z->names + z->types[6 * type + 5];
}

int64_t zone_unlocal(const struct zone *z, int64_t local)
{
	int offset, again;
	const char *name;

	zone_at(z, local, &offset, &name);
	if (!offset)
		return local;
	zone_at(z, local - offset, &again, &name);
	return local - again;
}
