/* Spans: lengths of time as people agree on them: days, weeks, months, quarters, years. */
#ifndef CADENCE_CORE_SPAN_H
#define CADENCE_CORE_SPAN_H

#include <stdbool.h>

#include "core/day.h"

enum span_unit { SPAN_DAYS, SPAN_WEEKS, SPAN_MONTHS, SPAN_QUARTERS, SPAN_YEARS };

/* count 0 means "none". */
struct span {
	int count; /* 0..SPAN_COUNT_MAX */
	enum span_unit unit;
};

#define SPAN_COUNT_MAX 10000
#define SPAN_DAYS_MAX  36525 /* the longest span accepted from outside: a hundred years */
#define SPAN_TEXT_SIZE 32

/* "4 weeks", "1 quarter", "10 days", singular or plural, any spaces between; false when it is not
 * one, is 0 or is longer than SPAN_DAYS_MAX. */
bool span_parse(const char *text, struct span *ret_span);
/* "4 weeks", "1 month". Returns out. */
char *span_say(struct span span, char out[SPAN_TEXT_SIZE]);
/* base + span, computed in the calendar at once: months and years keep the day of the month,
 * clamped to the month's end (31 Jan + 1 month = 28 Feb, 29 Feb + 1 year = 28 Feb). DAY_NEVER stays
 * DAY_NEVER. */
day day_add_span(day base, struct span span);
/* base - span, by the same rules. */
day day_subtract_span(day base, struct span span);
/* About how many days it is: 30.44 a month, 365.25 a year, rounded. For comparing and for the
 * default grace only. */
int span_about_days(struct span span);

#endif
