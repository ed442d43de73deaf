/* SPDX-License-Identifier: MIT */
/* Schedules and time zones as the API server reads them. */
#include "schema/internal.h"

#include <string.h>

/* The part up to a separator; what is left in *rest (without it), or NULL there at the end. */
static str next_part(str s, char separator, str *rest, bool *last)
{
	ptrdiff_t at = str_chr(s, separator);
	*last = at < 0;
	*rest = at < 0 ? (str){ 0 } : str_sub(s, (size_t)at + 1, s.n);
	return at < 0 ? s : str_sub(s, 0, (size_t)at);
}

static bool value_of(str s, const char *names, int64_t first, int64_t *v)
{
	for (const char *p = names; s.n == 3 && p && *p; p += 3, first++)
		if ((s.p[0] | 32) == p[0] && (s.p[1] | 32) == p[1] && (s.p[2] | 32) == p[2]) {
			*v = first;
			return true;
		}
	return str_to_i64(s, v) && *v >= 0;
}

/* FROM[-TO][/STEP], or a star; the star swallows what a "-" would add. */
static bool cron_part(str part, int from, int to, const char *names)
{
	str step, high, more;
	bool no_step, alone, last;
	int64_t low = from, end = to, every;
	str range = next_part(part, '/', &step, &no_step), text = next_part(range, '-', &high, &alone);
	if (!no_step && (str_chr(step, '/') >= 0 || !str_to_i64(step, &every) || every < 1))
		return false;
	if (str_eq(text, S("*")) || str_eq(text, S("?")))
		return true;
	if (!value_of(text, names, from, &low))
		return false;
	if (alone)
		return low >= from && low <= to;
	high = next_part(high, '-', &more, &last);
	return last && value_of(high, names, from, &end) && low >= from && end <= to && low <= end;
}

static bool cron_field(str s, int from, int to, const char *names)
{
	for (bool last = false; !last;) {
		str rest, part = next_part(s, ',', &rest, &last);
		if (part.n && !cron_part(part, from, to, names))
			return false;
		s = rest;
	}
	return true;
}

/* 1h30m, -5m, 0.5s, 0 */
static bool go_duration(str s)
{
	static const char *const units[] = { "ns", "us", "µs", "μs", "ms", "s", "m", "h" };
	s = str_sub(s, s.n && (s.p[0] == '+' || s.p[0] == '-'), s.n);
	if (str_eq(s, S("0")))
		return true;
	bool any = s.n > 0;
	while (s.n) {
		size_t i = 0, figures = 0, unit = 0;
		for (bool point = false; i < s.n && ((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] == '.' && !point)); i++) {
			point |= s.p[i] == '.';
			figures += s.p[i] != '.';
		}
		s = str_sub(s, i, s.n);
		while (unit < s.n && s.p[unit] != '.' && !(s.p[unit] >= '0' && s.p[unit] <= '9'))
			unit++;
		bool known = false;
		for (size_t k = 0; k < COUNT(units); k++)
			known |= str_eq(str_sub(s, 0, unit), str_of(units[k]));
		if (!figures || !known)
			return false;
		s = str_sub(s, unit, s.n);
	}
	return any;
}

bool api_cron(str s)
{
	static const char *const words[] = { "@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly" };
	static const struct { int from, to; const char *names; } fields[] = {
		{ 0, 59, NULL }, { 0, 23, NULL }, { 1, 31, NULL }, { 1, 12, "janfebmaraprmayjunjulaugsepoctnovdec" }, { 0, 6, "sunmontuewedthufrisat" },
	};
	for (size_t i = 0; i < COUNT(words); i++)
		if (str_eq(s, str_of(words[i])))
			return true;
	if (str_starts(s, S("@every ")))
		return go_duration(str_sub(s, 7, s.n));
	size_t n = 0;
	for (s = str_trim(s); s.n; n++) {
		size_t end = 0;
		while (end < s.n && s.p[end] != ' ' && s.p[end] != '\t')
			end++;
		if (n >= COUNT(fields) || !cron_field(str_sub(s, 0, end), fields[n].from, fields[n].to, fields[n].names))
			return false;
		s = str_trim(str_sub(s, end, s.n));
	}
	return n == COUNT(fields);
}

/* The zones of the time zone database: those without an area, else AREA/PLACE. */
bool api_time_zone(str s)
{
	static const char *const areas[] = { "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Brazil",
					     "Canada", "Chile", "Etc", "Europe", "Indian", "Mexico", "Pacific", "US", "posix", "right" };
	static const char *const zones[] = { "CET", "CST6CDT", "Cuba", "EET", "EST", "EST5EDT", "Egypt", "Eire", "Factory", "GB", "GB-Eire", "GMT", "GMT+0",
					     "GMT-0", "GMT0", "Greenwich", "HST", "Hongkong", "Iceland", "Iran", "Israel", "Jamaica", "Japan", "Kwajalein",
					     "Libya", "MET", "MST", "MST7MDT", "NZ", "NZ-CHAT", "Navajo", "PRC", "PST8PDT", "Poland", "Portugal", "ROC",
					     "ROK", "Singapore", "Turkey", "UCT", "UTC", "Universal", "W-SU", "WET", "Zulu" };
	str rest;
	bool last;
	str area = next_part(s, '/', &rest, &last);
	for (size_t i = 0; last && i < COUNT(zones); i++)
		if (str_eq(s, str_of(zones[i])))
			return true;
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] | 32) >= 'a' && (s.p[i] | 32) <= 'z') && !(s.p[i] >= '0' && s.p[i] <= '9') && (!s.p[i] || !strchr("/_+-", s.p[i])))
			return false;
	for (size_t i = 0; !last && i < COUNT(areas); i++)
		if (str_eq(area, str_of(areas[i])))
			return rest.n && rest.p[0] >= 'A' && rest.p[0] <= 'Z';
	return false;
}

bool api_micro_time(str s)
{
	size_t i = 20;
	while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
		i++;
	return s.n > 20 && s.p[19] == '.' && i == 26;
}
