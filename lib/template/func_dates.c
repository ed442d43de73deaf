/* SPDX-License-Identifier: MIT */
/* Sprig's functions over dates and durations; a time is an object with Go's methods. */
#include <string.h>
#include <time.h>

#include "template/gotime.h"

#define SECOND INT64_C(1000000000)

static const struct vclass time_class, month_class, day_class, duration_class;

/* ---- durations ---- */

static bool duration_parse(str s, int64_t *out)
{
	static const struct {
		const char *name;
		int64_t unit;
	} units[] = { { "ns", 1 },	   { "us", 1000 },	{ "µs", 1000 },	       { "μs", 1000 },
		      { "ms", 1000000 }, { "s", SECOND }, { "m", 60 * SECOND }, { "h", 3600 * SECOND } };
	bool negative = s.n && s.p[0] == '-';
	size_t i = s.n && (s.p[0] == '-' || s.p[0] == '+'), from;
	double total = 0, v;

	*out = 0;
	if (str_eq(str_sub(s, i, s.n), S("0")))
		return true;
	if (i == s.n)
		return false;
	while (i < s.n) {
		double scale = 1;
		bool any = false, point = false;
		int64_t unit = 0;

		for (v = 0; i < s.n && ((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] == '.' && !point)); i++) {
			if (s.p[i] == '.') {
				point = true;
				continue;
			}
			any = true;
			v = v * 10 + (s.p[i] - '0');
			scale *= point ? 10 : 1;
		}
		for (from = i; i < s.n && s.p[i] != '.' && (s.p[i] < '0' || s.p[i] > '9'); i++)
			;
		for (size_t k = 0; k < COUNT(units); k++)
			if (str_eq(str_sub(s, from, i), str_of(units[k].name)))
				unit = units[k].unit;
		if (!any || !unit)
			return false;
		total += v / scale * (double)unit;
		if (total > 9.2e18)
			return false;
	}
	*out = negative ? -(int64_t)(total + 0.5) : (int64_t)(total + 0.5);
	return true;
}

static void duration_print(struct buf *out, int64_t d)
{
	uint64_t u = d < 0 ? 0 - (uint64_t)d : (uint64_t)d;
	double small;

	if (d < 0)
		buf_char(out, '-');
	if (u < (uint64_t)SECOND) {
		if (!u) {
			buf_add(out, S("0s"));
			return;
		}
		small = u < 1000 ? (double)u : u < 1000000 ? (double)u / 1e3 : (double)u / 1e6;
		print_float(out, small, 'f', -1);
		buf_add(out, u < 1000 ? S("ns") : u < 1000000 ? S("µs") : S("ms"));
		return;
	}
	if (u >= 3600 * (uint64_t)SECOND)
		buf_printf(out, "%lluh", (unsigned long long)(u / (3600 * (uint64_t)SECOND)));
	if (u >= 60 * (uint64_t)SECOND)
		buf_printf(out, "%llum", (unsigned long long)(u / (60 * (uint64_t)SECOND) % 60));
	buf_printf(out, "%llu", (unsigned long long)(u / (uint64_t)SECOND % 60));
	if (u % (uint64_t)SECOND) {
		buf_printf(out, ".%09llu", (unsigned long long)(u % (uint64_t)SECOND));
		while (out->p[out->n - 1] == '0')
			out->n--;
	}
	buf_char(out, 's');
}

/* ---- times as values ---- */

static struct gotime now(struct tmpl_call *c, const struct zone *z)
{
	struct timespec ts = { 0 };

	if (c->x->now)
		return (struct gotime){ .sec = c->x->now, .zone = z };
	clock_gettime(CLOCK_REALTIME, &ts);
	return (struct gotime){ .sec = ts.tv_sec, .nsec = (int32_t)ts.tv_nsec, .zone = z };
}

static const struct zone *local(struct tmpl_call *c)
{
	const struct zone *z;

	zone_load(c->a, S("Local"), &z);
	return z;
}

struct val time_value(struct arena *a, struct gotime t)
{
	struct gotime *p = NEW(a, struct gotime);

	*p = t;
	return val_object(a, &time_class, p);
}

static const struct gotime *is_time(struct val v)
{
	return v.kind == VAL_OBJECT && v.obj->class == &time_class ? v.obj->self : NULL;
}

static struct gotime add(struct gotime t, int64_t d)
{
	int64_t nsec = t.nsec + d % SECOND;

	t.sec = (int64_t)((uint64_t)t.sec + (uint64_t)(d / SECOND));
	if (nsec < 0)
		t.sec--, nsec += SECOND;
	if (nsec >= SECOND)
		t.sec++, nsec -= SECOND;
	t.nsec = (int32_t)nsec;
	return t;
}

static void time_print(struct arena *a, void *self, struct buf *out)
{
	(void)a;
	time_format(out, self, S("2006-01-02 15:04:05.999999999 -0700 MST"));
}

static struct val time_plain(struct arena *a, void *self) /* as encoding/json has it */
{
	struct buf b = BUF(a);

	time_format(&b, self, S("2006-01-02T15:04:05.999999999Z07:00"));
	return val_str(buf_str(&b));
}

static void name_print(struct arena *a, void *self, struct buf *out)
{
	(void)a;
	buf_add(out, str_of(*(const char *const *)self));
}

static void duration_text(struct arena *a, void *self, struct buf *out)
{
	(void)a;
	duration_print(out, *(const int64_t *)self);
}

static struct val duration_value(struct arena *a, int64_t d)
{
	int64_t *p = arena_alloc(a, sizeof(d));

	*p = d;
	return val_object(a, &duration_class, p);
}

static int duration_get(struct tmpl_call *c, void *self, str name, const struct val *args, size_t n, struct val *out)
{
	int64_t d = *(const int64_t *)self;
	struct buf b = BUF(c->a);

	(void)args;
	if (n)
		return 0;
	if (str_eq(name, S("Hours")))
		*out = val_float((double)d / 3.6e12);
	else if (str_eq(name, S("Minutes")))
		*out = val_float((double)d / 6e10);
	else if (str_eq(name, S("Seconds")))
		*out = val_float((double)d / 1e9);
	else if (str_eq(name, S("Milliseconds")))
		*out = val_int64(d / 1000000);
	else if (str_eq(name, S("Nanoseconds")))
		*out = val_int64(d);
	else if (str_eq(name, S("String"))) {
		duration_print(&b, d);
		*out = val_str(buf_str(&b));
	} else
		return 0;
	return 1;
}

static int number_get(const struct gotime *t, str name, struct val *out)
{
	struct civil c = civil_of(t);
	const struct {
		const char *name;
		struct val v;
	} numbers[] = { { "Year", val_int(c.year) },	  { "Day", val_int(c.day) },	    { "Hour", val_int(c.hour) },
			{ "Minute", val_int(c.minute) },  { "Second", val_int(c.second) },  { "Nanosecond", val_int(t->nsec) },
			{ "YearDay", val_int(c.yearday) }, { "Unix", val_int64(t->sec) },   { "UnixMilli", val_int64(t->sec * 1000 + t->nsec / 1000000) },
			{ "UnixNano", val_int64((int64_t)((uint64_t)t->sec * (uint64_t)SECOND + (uint64_t)t->nsec)) },
			{ "IsZero", val_bool(t->sec == -INT64_C(62135596800) && !t->nsec) } };

	for (size_t i = 0; i < COUNT(numbers); i++)
		if (str_eq(name, str_of(numbers[i].name))) {
			*out = numbers[i].v;
			return 1;
		}
	return 0;
}

static int time_method(struct tmpl_call *c, const struct gotime *t, str name, const struct val *args, size_t n, struct val *out)
{
	const struct gotime *other = n == 1 ? is_time(args[0]) : NULL;
	struct buf b = BUF(c->a);
	struct civil d = civil_of(t);
	struct gotime r = *t;

	if (str_eq(name, S("Format")) && n == 1 && args[0].kind == VAL_STRING) {
		time_format(&b, t, val_text(args[0]));
		*out = val_str(buf_str(&b));
	} else if (str_eq(name, S("AddDate")) && n == 3 && args[0].kind == VAL_INT && args[1].kind == VAL_INT && args[2].kind == VAL_INT) {
		if (args[0].i > 100000 || args[0].i < -100000 || args[1].i > 1000000 || args[1].i < -1000000 || args[2].i > 100000000 || args[2].i < -100000000)
			return tmpl_error(c, "AddDate: out of range");
		r.sec = civil_seconds(d.year + args[0].i, d.month + args[1].i, d.day + args[2].i) + d.hour * 3600 + d.minute * 60 + d.second;
		r.sec = zone_unlocal(t->zone, r.sec);
		*out = time_value(c->a, r);
	} else if (str_eq(name, S("Add")) && n == 1 && args[0].kind == VAL_OBJECT && args[0].obj->class == &duration_class) {
		*out = time_value(c->a, add(*t, *(const int64_t *)args[0].obj->self));
	} else if (other && str_eq(name, S("Before"))) {
		*out = val_bool(t->sec < other->sec || (t->sec == other->sec && t->nsec < other->nsec));
	} else if (other && str_eq(name, S("After"))) {
		*out = val_bool(t->sec > other->sec || (t->sec == other->sec && t->nsec > other->nsec));
	} else if (other && str_eq(name, S("Equal"))) {
		*out = val_bool(t->sec == other->sec && t->nsec == other->nsec);
	} else if (other && str_eq(name, S("Sub"))) {
		*out = duration_value(c->a, (int64_t)((uint64_t)(t->sec - other->sec) * (uint64_t)SECOND) + t->nsec - other->nsec);
	} else {
		return n ? tmpl_error(c, "%.*s: these arguments do not fit", STR_ARG(name)) : 0;
	}
	return 1;
}

static int time_get(struct tmpl_call *c, void *self, str name, const struct val *args, size_t n, struct val *out)
{
	struct gotime t = *(struct gotime *)self;
	struct civil d = civil_of(&t);
	struct buf b = BUF(c->a);

	if (n)
		return time_method(c, &t, name, args, n, out);
	if (number_get(&t, name, out))
		return 1;
	if (str_eq(name, S("Month"))) {
		*out = val_object(c->a, &month_class, (void *)&month_names[d.month - 1]);
	} else if (str_eq(name, S("Weekday"))) {
		*out = val_object(c->a, &day_class, (void *)&day_names[d.weekday]);
	} else if (str_eq(name, S("UTC"))) {
		t.zone = NULL;
		*out = time_value(c->a, t);
	} else if (str_eq(name, S("Local"))) {
		t.zone = local(c);
		*out = time_value(c->a, t);
	} else if (str_eq(name, S("String"))) {
		time_print(c->a, &t, &b);
		*out = val_str(buf_str(&b));
	} else {
		return 0;
	}
	return 1;
}

static const struct vclass time_class = { "time.Time", "struct", time_get, time_plain, time_print };
static const struct vclass month_class = { "time.Month", "int", NULL, NULL, name_print };
static const struct vclass day_class = { "time.Weekday", "int", NULL, NULL, name_print };
static const struct vclass duration_class = { "time.Duration", "int64", duration_get, NULL, duration_text };

/* ---- functions ---- */

static int f_now(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	(void)args;
	(void)n;
	return ret(out, time_value(c->a, now(c, local(c))));
}

/* What Sprig takes for a time: times and integers; all else is now. */
static struct gotime any_time(struct tmpl_call *c, struct val v)
{
	const struct gotime *t = is_time(v);

	if (t)
		return *t;
	if (v.kind == VAL_INT && v.type != VT_UINT64 && v.type != VT_UINT8)
		return (struct gotime){ .sec = v.i };
	return now(c, NULL);
}

static int f_date(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	bool html = c->name[0] == 'h';
	str layout = html ? S("2006-01-02") : val_text(args[0]), zone = S("Local");
	struct gotime t = any_time(c, args[!html]);
	struct buf b = BUF(c->a);

	if (n == (html ? 2u : 3u))
		zone = val_text(args[n - 1]);
	if (!zone_load(c->a, zone, &t.zone))
		t.zone = NULL; /* Sprig takes an unknown zone for UTC */
	time_format(&b, &t, layout);
	ret_buf(out, &b);
	return exec_made(c, b.n);
}

static int need_time(struct tmpl_call *c, struct val v, const struct gotime **t)
{
	*t = is_time(v);
	return *t ? 0 : tmpl_error_value(c, v, "%s wants a time, not %s; make one with now or toDate", c->name, val_type_name(c->a, v));
}

static int f_modify(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	const struct gotime *t;
	int64_t d;

	(void)n;
	if (need_time(c, args[1], &t) < 0)
		return -1;
	if (duration_parse(val_text(args[0]), &d))
		return ret(out, time_value(c->a, add(*t, d)));
	if (c->name[0] == 'm')
		return tmpl_error_value(c, args[0], "%s: invalid duration \"%.*s\"", c->name, STR_ARG(val_text(args[0])));
	return ret(out, args[1]);
}

static int f_unix_epoch(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	const struct gotime *t;

	(void)n;
	if (need_time(c, args[0], &t) < 0)
		return -1;
	return ret_str(out, str_printf(c->a, "%lld", (long long)t->sec));
}

static int f_to_date(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct gotime t = { 0 };
	const char *bad = time_parse(c->a, val_text(args[0]), val_text(args[1]), local(c), &t);

	(void)n;
	if (bad && c->name[0] == 'm')
		return tmpl_error_value(c, args[1], "mustToDate: \"%.*s\" by \"%.*s\": %s", STR_ARG(val_text(args[1])), STR_ARG(val_text(args[0])), bad);
	if (bad)
		t = (struct gotime){ .sec = -INT64_C(62135596800) }; /* Go's zero time */
	return ret(out, time_value(c->a, t));
}

static int f_ago(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	struct gotime t = any_time(c, args[0]), at = now(c, NULL);
	struct buf b = BUF(c->a);

	(void)n;
	duration_print(&b, (int64_t)((uint64_t)(at.sec - t.sec) * (uint64_t)SECOND));
	return ret_buf(out, &b);
}

static int f_duration(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	int64_t seconds = 0;
	struct buf b = BUF(c->a);

	(void)n;
	if (val_is_str(args[0]))
		parse_int(val_text(args[0]), 10, &seconds);
	else if (args[0].kind == VAL_INT && args[0].type == VT_INT64)
		seconds = args[0].i;
	duration_print(&b, (int64_t)((uint64_t)seconds * (uint64_t)SECOND));
	return ret_buf(out, &b);
}

static int f_duration_round(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	static const struct {
		const char *unit;
		uint64_t seconds;
	} units[] = { { "y", 365 * 86400 }, { "mo", 30 * 86400 }, { "d", 86400 }, { "h", 3600 }, { "m", 60 }, { "s", 1 } };
	const struct gotime *t = is_time(args[0]);
	struct gotime at = now(c, NULL);
	int64_t d = 0;
	uint64_t u;

	(void)n;
	if (t)
		d = (int64_t)((uint64_t)(at.sec - t->sec) * (uint64_t)SECOND);
	else if (val_is_str(args[0]))
		duration_parse(val_text(args[0]), &d);
	else if (args[0].kind == VAL_INT && args[0].type == VT_INT64)
		d = args[0].i;
	u = d < 0 ? 0 - (uint64_t)d : (uint64_t)d;
	for (size_t i = 0; i < COUNT(units); i++)
		if (u > units[i].seconds * (uint64_t)SECOND)
			return ret_str(out, str_printf(c->a, "%llu%s", (unsigned long long)(u / (units[i].seconds * (uint64_t)SECOND)), units[i].unit));
	return ret(out, val_cstr("0s"));
}

const struct tmpl_func funcs_dates[] = {
	{ "now", "", f_now },
	{ "date", "sa", f_date },
	{ "dateInZone", "sas", f_date },
	{ "date_in_zone", "sas", f_date },
	{ "htmlDate", "a", f_date },
	{ "htmlDateInZone", "as", f_date },
	{ "dateModify", "sa", f_modify },
	{ "date_modify", "sa", f_modify },
	{ "mustDateModify", "sa", f_modify },
	{ "must_date_modify", "sa", f_modify },
	{ "toDate", "ss", f_to_date },
	{ "mustToDate", "ss", f_to_date },
	{ "unixEpoch", "a", f_unix_epoch },
	{ "ago", "a", f_ago },
	{ "duration", "a", f_duration },
	{ "durationRound", "a", f_duration_round },
	{ NULL, NULL, NULL },
};
