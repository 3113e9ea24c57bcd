/* Workdays: which days an owner works. */
#ifndef CADENCE_CORE_WORKDAYS_H
#define CADENCE_CORE_WORKDAYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/day.h"

/* Both ends belong to it. */
struct day_range {
	day first;
	day last;
};

struct workdays {
	uint8_t week; /* bit n is set when weekday n (MONDAY is 0) is worked; never 0 */
	const struct day_range *holidays; /* sorted by first day; may overlap */
	size_t holiday_count;
};

#define WORKDAYS_MON_FRI 0x1f

/* Whether d lies in one of the ranges, which are sorted by first day. */
bool day_ranges_have(const struct day_range *ranges, size_t count, day d);
/* Whether the owner works on d: in the week's set and no holiday. */
bool workdays_has(const struct workdays *workdays, day d);
/* d, or the next workday after it. When there is none within two years (a wrong calendar), d
 * itself: a due day is never dropped. DAY_NEVER stays DAY_NEVER. */
day workdays_next_on_or_after(const struct workdays *workdays, day d);
/* The last holiday's last day, DAY_MIN when there is none: to warn before a calendar runs out. */
day workdays_last_holiday(const struct workdays *workdays);
/* "mon-fri", "sun-thu", "mon,wed,fri", "mon-wed,fri": sets *ret_week. False when it is none of
 * these or empty. */
bool workdays_parse_week(const char *text, uint8_t *ret_week);

#endif
