/* SPDX-License-Identifier: MIT */
/* Moments with their zones, formatted and read by Go's layouts. */
#ifndef INFRAFLUX_TEMPLATE_GOTIME_H
#define INFRAFLUX_TEMPLATE_GOTIME_H

#include "template/internal.h"

struct zone; /* NULL: UTC */
struct gotime {
	int64_t sec; /* since 1970 */
	int32_t nsec;
	const struct zone *zone;
};
struct civil {
	int64_t year;
	int month, day, hour, minute, second, weekday, yearday;
};
/* "Local" (TZ, /etc/localtime), "UTC", "" or a name of the zone database; false: there is none of that name. */
bool zone_load(struct arena *a, str name, const struct zone **out);
const struct zone *zone_fixed(struct arena *a, int offset, str name);
void zone_at(const struct zone *z, int64_t sec, int *offset, const char **name);
struct civil civil_of(const struct gotime *t);
int64_t civil_seconds(int64_t year, int64_t month, int64_t day); /* of midnight; months and days may overflow */
int64_t zone_unlocal(const struct zone *z, int64_t local);	    /* the moment that z shows as local */
void time_format(struct buf *out, const struct gotime *t, str layout);
/* NULL, or what does not fit. */
const char *time_parse(struct arena *a, str layout, str value, const struct zone *local, struct gotime *t);
struct val time_value(struct arena *a, struct gotime t); /* func_dates.c */
extern const char *const month_names[12], *const day_names[7];

#endif
