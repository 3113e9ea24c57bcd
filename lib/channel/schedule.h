/* When a delivery is tried again, and when no more. */
#ifndef CADENCE_CHANNEL_SCHEDULE_H
#define CADENCE_CHANNEL_SCHEDULE_H

#include <stdint.h>

#include "core/day.h"
#include "core/roster.h"

/* The next attempt after a transient failure, or INSTANT_NEVER when the schedule is used up: after
 * ten attempts at a hook, after four days for a mail.
 *
 * attempts:       made so far on this schedule, at least 1
 * begun:          when it began: when the delivery was made, or when what kept it waiting had ended
 * retry_after_ms: what the other side asked for, -1: nothing; it can make us wait longer (by 6
 * hours at most), not less jitter:         any random number; spreads our own wait by ±20 % */
instant schedule_next(enum channel_type type, int attempts, instant begun, instant now,
		      int64_t retry_after_ms, uint32_t jitter);

#endif
