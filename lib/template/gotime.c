/* SPDX-License-Identifier: MIT */
/* Go's layouts ("2006-01-02 15:04:05"): formatting and reading of times; durations. */
#include <stdlib.h>
#include <string.h>

#include "template/gotime.h"

const char *const month_names[12] = { "January", "February", "March",	  "April",   "May",	 "June",
				      "July",	 "August",   "September", "October", "November", "December" };
const char *const day_names[7] = { "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday" };

/* ---- the calendar ---- */

int64_t civil_seconds(int64_t year, int64_t month, int64_t day)
{
	int64_t era, y;
	uint64_t of_era, of_year;

	month -= 1;
	year += month >= 0 ? month / 12 : -((11 - month) / 12);
	month = ((month % 12) + 12) % 12 + 1;
	y = month <= 2 ? year - 1 : year;
	era = (y >= 0 ? y : y - 399) / 400;
	of_era = (uint64_t)(y - era * 400);
	of_year = (uint64_t)((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5);
	return (era * 146097 + (int64_t)(of_era * 365 + of_era / 4 - of_era / 100 + of_year) - 719468 + day - 1) * 86400;
}

struct civil civil_of(const struct gotime *t)
{
	int offset;
	const char *name;
	int64_t s, days, era, y;
	uint64_t doe, yoe, doy, mp;
	struct civil c;

	zone_at(t->zone, t->sec, &offset, &name);
	s = t->sec + offset;
	days = s >= 0 ? s / 86400 : -((86399 - s) / 86400);
	s -= days * 86400;
	c.hour = (int)(s / 3600);
	c.minute = (int)(s / 60 % 60);
	c.second = (int)(s % 60);
	c.weekday = (int)(((days + 4) % 7 + 7) % 7);
	days += 719468;
	era = (days >= 0 ? days : days - 146096) / 146097;
	doe = (uint64_t)(days - era * 146097);
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	y = (int64_t)yoe + era * 400;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	c.day = (int)(doy - (153 * mp + 2) / 5 + 1);
	c.month = (int)(mp < 10 ? mp + 3 : mp - 9);
	c.year = y + (c.month <= 2);
	c.yearday = (int)((civil_seconds(c.year, c.month, c.day) - civil_seconds(c.year, 1, 1)) / 86400) + 1;
	return c;
}

/* ---- layouts ---- */

enum part {
	P_LITERAL, P_LONG_MONTH, P_MONTH, P_NUM_MONTH, P_ZERO_MONTH, P_LONG_DAY, P_DAY_NAME, P_DAY, P_UNDER_DAY, P_ZERO_DAY, P_UNDER_YDAY,
	P_ZERO_YDAY, P_HOUR, P_HOUR12, P_ZERO_HOUR12, P_MINUTE, P_ZERO_MINUTE, P_SECOND, P_ZERO_SECOND, P_LONG_YEAR, P_YEAR, P_PM, P_pm, P_TZ,
	P_OFFSET, P_FRACTION, P_FRACTION9,
};

static const struct {
	const char *text;
	enum part part;
} parts[] = {
	{ "January", P_LONG_MONTH }, { "Jan", P_MONTH },      { "Monday", P_LONG_DAY }, { "Mon", P_DAY_NAME },    { "MST", P_TZ },
	{ "002", P_ZERO_YDAY },	     { "01", P_ZERO_MONTH },  { "02", P_ZERO_DAY },	{ "03", P_ZERO_HOUR12 }, { "04", P_ZERO_MINUTE },
	{ "05", P_ZERO_SECOND },     { "06", P_YEAR },	      { "15", P_HOUR },		{ "1", P_NUM_MONTH },	 { "2006", P_LONG_YEAR },
	{ "2", P_DAY },		     { "__2", P_UNDER_YDAY }, { "_2", P_UNDER_DAY },	{ "3", P_HOUR12 },	 { "4", P_MINUTE },
	{ "5", P_SECOND },	     { "PM", P_PM },	      { "pm", P_pm },		{ "-07:00:00", P_OFFSET }, { "-070000", P_OFFSET },
	{ "-07:00", P_OFFSET },	     { "-0700", P_OFFSET },   { "-07", P_OFFSET },	{ "Z07:00:00", P_OFFSET }, { "Z070000", P_OFFSET },
	{ "Z07:00", P_OFFSET },	     { "Z0700", P_OFFSET },   { "Z07", P_OFFSET },
};

static bool lower(str s, size_t i)
{
	return i < s.n && s.p[i] >= 'a' && s.p[i] <= 'z';
}

static bool digit(str s, size_t i)
{
	return i < s.n && s.p[i] >= '0' && s.p[i] <= '9';
}

/* The part at the head of layout, its text in *text; a literal is one byte. */
static enum part next_part(str layout, str *text)
{
	size_t k = 1;

	if ((layout.p[0] == '.' || layout.p[0] == ',') && layout.n > 1 && (layout.p[1] == '0' || layout.p[1] == '9')) {
		while (k < layout.n && layout.p[k] == layout.p[1])
			k++;
		*text = str_sub(layout, 0, k);
		if (!digit(layout, k))
			return layout.p[1] == '0' ? P_FRACTION : P_FRACTION9;
	}
	*text = str_sub(layout, 0, 1);
	if (str_starts(layout, S("_2006")))
		return P_LITERAL;
	for (size_t i = 0; i < COUNT(parts); i++) {
		str t = str_of(parts[i].text);

		if (!str_starts(layout, t) || ((parts[i].part == P_MONTH || parts[i].part == P_DAY_NAME) && lower(layout, t.n)))
			continue;
		*text = t;
		return parts[i].part;
	}
	return P_LITERAL;
}

static void put_offset(struct buf *out, str form, int offset)
{
	int o = offset < 0 ? -offset : offset;
	const char *colon = str_chr(form, ':') >= 0 ? ":" : "";

	if (form.p[0] == 'Z' && !offset) {
		buf_char(out, 'Z');
		return;
	}
	buf_printf(out, "%c%02d", offset < 0 ? '-' : '+', o / 3600);
	if (form.n > 3)
		buf_printf(out, "%s%02d", colon, o / 60 % 60);
	if (form.n > 6)
		buf_printf(out, "%s%02d", colon, o % 60);
}

static void put_fraction(struct buf *out, str form, int32_t nsec, bool trim)
{
	size_t digits = form.n - 1 > 9 ? 9 : form.n - 1, from = out->n;

	buf_printf(out, "%c%09d", form.p[0], (int)nsec);
	out->n -= 9 - digits;
	if (!trim)
		return;
	while (out->n > from + 1 && out->p[out->n - 1] == '0')
		out->n--;
	if (out->n == from + 1)
		out->n = from;
}

void time_format(struct buf *out, const struct gotime *t, str layout)
{
	struct civil c = civil_of(t);
	int offset, hour12 = c.hour % 12 ? c.hour % 12 : 12;
	const char *zone;
	str text;

	zone_at(t->zone, t->sec, &offset, &zone);
	for (; layout.n; layout = str_sub(layout, text.n, layout.n))
		switch (next_part(layout, &text)) {
		case P_LITERAL:
			buf_add(out, text);
			break;
		case P_LONG_MONTH:
		case P_MONTH:
			buf_printf(out, text.n > 3 ? "%s" : "%.3s", month_names[c.month - 1]);
			break;
		case P_NUM_MONTH:
		case P_ZERO_MONTH:
			buf_printf(out, text.n > 1 ? "%02d" : "%d", c.month);
			break;
		case P_LONG_DAY:
		case P_DAY_NAME:
			buf_printf(out, text.n > 3 ? "%s" : "%.3s", day_names[c.weekday]);
			break;
		case P_DAY:
			buf_printf(out, "%d", c.day);
			break;
		case P_UNDER_DAY:
			buf_printf(out, "%2d", c.day);
			break;
		case P_ZERO_DAY:
			buf_printf(out, "%02d", c.day);
			break;
		case P_UNDER_YDAY:
			buf_printf(out, "%3d", c.yearday);
			break;
		case P_ZERO_YDAY:
			buf_printf(out, "%03d", c.yearday);
			break;
		case P_HOUR:
			buf_printf(out, "%02d", c.hour);
			break;
		case P_HOUR12:
		case P_ZERO_HOUR12:
			buf_printf(out, text.n > 1 ? "%02d" : "%d", hour12);
			break;
		case P_MINUTE:
		case P_ZERO_MINUTE:
			buf_printf(out, text.n > 1 ? "%02d" : "%d", c.minute);
			break;
		case P_SECOND:
		case P_ZERO_SECOND:
			buf_printf(out, text.n > 1 ? "%02d" : "%d", c.second);
			break;
		case P_LONG_YEAR:
			buf_printf(out, "%04lld", (long long)c.year);
			break;
		case P_YEAR:
			buf_printf(out, "%02d", (int)(((c.year % 100) + 100) % 100));
			break;
		case P_PM:
			buf_add(out, c.hour >= 12 ? S("PM") : S("AM"));
			break;
		case P_pm:
			buf_add(out, c.hour >= 12 ? S("pm") : S("am"));
			break;
		case P_TZ:
			if (*zone)
				buf_add(out, str_of(zone));
			else
				put_offset(out, S("-0700"), offset);
			break;
		case P_OFFSET:
			put_offset(out, text, offset);
			break;
		case P_FRACTION:
		case P_FRACTION9:
			put_fraction(out, text, t->nsec, text.p[1] == '9');
			break;
		}
}

/* ---- reading ---- */

struct reading {
	str value;
	size_t i;
	int64_t year;
	int month, day, yearday, hour, minute, second, offset;
	int32_t nsec;
	bool pm_set, pm, has_offset, utc;
	str zone;
};

static bool number(struct reading *r, size_t least, size_t most, int max, int *out)
{
	size_t n = 0;

	*out = 0;
	for (; n < most && digit(r->value, r->i); n++)
		*out = *out * 10 + r->value.p[r->i++] - '0';
	return n >= least && n && *out <= max;
}

static bool name(struct reading *r, const char *const *names, int n, size_t len, int *out)
{
	for (int i = 0; i < n; i++) {
		size_t k = len ? len : strlen(names[i]), m = 0;

		while (m < k && r->i + m < r->value.n && (r->value.p[r->i + m] | 0x20) == (names[i][m] | 0x20))
			m++;
		if (m == k) {
			*out = i;
			r->i += k;
			return true;
		}
	}
	return false;
}

static bool fraction(struct reading *r, size_t most)
{
	int32_t unit = 100000000;
	size_t n = 0;

	if (r->i >= r->value.n || (r->value.p[r->i] != '.' && r->value.p[r->i] != ',') || !digit(r->value, r->i + 1))
		return false;
	for (r->i++; n < most && digit(r->value, r->i); n++, unit /= 10)
		r->nsec += unit * (r->value.p[r->i++] - '0');
	return true;
}

static bool offset(struct reading *r, str form)
{
	bool colon = str_chr(form, ':') >= 0;
	int sign, h = 0, m = 0, s = 0;

	if (form.p[0] == 'Z' && r->i < r->value.n && r->value.p[r->i] == 'Z') {
		r->i++;
		return r->utc = true;
	}
	if (r->i >= r->value.n || (r->value.p[r->i] != '+' && r->value.p[r->i] != '-'))
		return false;
	sign = r->value.p[r->i++] == '-' ? -1 : 1;
	if (!number(r, 2, 2, 24, &h))
		return false;
	if (form.n > 3 && ((colon && (r->i >= r->value.n || r->value.p[r->i++] != ':')) || !number(r, 2, 2, 60, &m)))
		return false;
	if (form.n > 6 && ((colon && (r->i >= r->value.n || r->value.p[r->i++] != ':')) || !number(r, 2, 2, 60, &s)))
		return false;
	r->offset = sign * (h * 3600 + m * 60 + s);
	return r->has_offset = true;
}

static bool zone_name(struct reading *r)
{
	size_t from = r->i;

	while (r->i < r->value.n && r->value.p[r->i] >= 'A' && r->value.p[r->i] <= 'Z' && r->i - from < 5)
		r->i++;
	r->zone = str_sub(r->value, from, r->i);
	if (str_eq(r->zone, S("UTC")))
		r->utc = true;
	return r->zone.n >= 3;
}

static bool read_part(struct reading *r, enum part part, str text)
{
	int v;

	switch (part) {
	case P_LITERAL:
		return r->i < r->value.n && r->value.p[r->i++] == text.p[0];
	case P_LONG_MONTH:
	case P_MONTH:
		if (!name(r, month_names, 12, part == P_MONTH ? 3 : 0, &v))
			return false;
		r->month = v + 1;
		return true;
	case P_NUM_MONTH:
	case P_ZERO_MONTH:
		return number(r, text.n, 2, 12, &r->month) && r->month;
	case P_LONG_DAY:
	case P_DAY_NAME:
		return name(r, day_names, 7, part == P_DAY_NAME ? 3 : 0, &v);
	case P_UNDER_DAY:
		if (r->i < r->value.n && r->value.p[r->i] == ' ')
			r->i++;
		return number(r, 1, 2, 31, &r->day);
	case P_DAY:
	case P_ZERO_DAY:
		return number(r, text.n, 2, 31, &r->day);
	case P_UNDER_YDAY:
	case P_ZERO_YDAY:
		for (v = 0; v < 2 && r->i < r->value.n && r->value.p[r->i] == ' '; v++)
			r->i++;
		return number(r, 1, 3, 366, &r->yearday) && r->yearday;
	case P_HOUR:
		return number(r, 1, 2, 23, &r->hour);
	case P_HOUR12:
	case P_ZERO_HOUR12:
		return number(r, text.n, 2, 12, &r->hour);
	case P_MINUTE:
	case P_ZERO_MINUTE:
		return number(r, text.n, 2, 59, &r->minute);
	case P_SECOND:
	case P_ZERO_SECOND:
		return number(r, text.n, 2, 59, &r->second);
	case P_LONG_YEAR:
		if (!number(r, 4, 4, 9999, &v))
			return false;
		r->year = v;
		return true;
	case P_YEAR:
		if (!number(r, 2, 2, 99, &v))
			return false;
		r->year = v >= 69 ? 1900 + v : 2000 + v;
		return true;
	case P_PM:
	case P_pm:
		r->pm_set = r->i + 2 <= r->value.n;
		if (!r->pm_set || (r->value.p[r->i + 1] | 0x20) != 'm' || !strchr("aApP", r->value.p[r->i]))
			return false;
		r->pm = (r->value.p[r->i] | 0x20) == 'p';
		r->i += 2;
		return true;
	case P_TZ:
		return zone_name(r);
	case P_OFFSET:
		return offset(r, text);
	case P_FRACTION:
		return fraction(r, text.n - 1);
	case P_FRACTION9:
		fraction(r, 9);
		return true;
	}
	return false;
}

static const char *finish(struct arena *a, const struct reading *r, const struct zone *local, struct gotime *t)
{
	int64_t days = civil_seconds(r->year, r->month, r->day);
	struct gotime check = { .sec = days };
	int hour = r->hour, shown;
	const char *abbreviation;

	if (r->yearday)
		days = civil_seconds(r->year, 1, r->yearday);
	else if (civil_of(&check).day != r->day || r->day < 1)
		return "day out of range";
	if (r->pm_set)
		hour = r->pm ? hour % 12 + 12 : hour % 12;
	t->sec = days + hour * 3600 + r->minute * 60 + r->second;
	t->nsec = r->nsec;
	t->zone = NULL;
	if (r->utc)
		return NULL;
	if (r->has_offset) {
		t->sec -= r->offset;
		zone_at(local, t->sec, &shown, &abbreviation);
		t->zone = shown == r->offset ? local : zone_fixed(a, r->offset, r->zone);
		return NULL;
	}
	t->zone = local;
	t->sec = zone_unlocal(local, t->sec);
	if (r->zone.n) {
		zone_at(local, t->sec, &shown, &abbreviation);
		if (!str_eq(r->zone, str_of(abbreviation))) {
			zone_at(local, t->sec, &shown, &abbreviation);
			t->sec += shown;
			t->zone = zone_fixed(a, 0, r->zone);
		}
	}
	return NULL;
}

const char *time_parse(struct arena *a, str layout, str value, const struct zone *local, struct gotime *t)
{
	struct reading r = { .value = value, .month = 1, .day = 1 };
	str text, after;

	for (; layout.n; layout = str_sub(layout, text.n, layout.n)) {
		enum part p = next_part(layout, &text);

		if (!read_part(&r, p, text))
			return "the text does not fit the layout";
		if (p == P_SECOND || p == P_ZERO_SECOND) { /* a fraction may follow that the layout does not tell */
			str rest = str_sub(layout, text.n, layout.n);

			if (!rest.n || (next_part(rest, &after) != P_FRACTION && next_part(rest, &after) != P_FRACTION9))
				fraction(&r, 9);
		}
	}
	if (r.i != value.n)
		return "extra text behind the time";
	return finish(a, &r, local, t);
}
