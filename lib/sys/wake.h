/* The one wake-up of the daemon: a timer on the wall clock that also notices when that clock is
 * set. */
#ifndef CADENCE_SYS_WAKE_H
#define CADENCE_SYS_WAKE_H

#include "base/error.h"
#include "sys/clock.h"

enum wake_reason { WAKE_NOTHING, WAKE_TIME, WAKE_CLOCK_STEPPED };

/* A descriptor that becomes readable at the time set; -1 with a reason. The caller closes it. */
int wake_open(struct error *err);
/* Replaces the time; one that has passed wakes at once. INSTANT_NEVER: only a step of the clock
 * wakes. A frozen clock never wakes for a time ahead. */
void wake_set(int fd, const struct clock *clock, instant at);
/* Why it became readable; clears it. After a step the timer must be set again. A step is told even
 * when wake_set() came between it and this call. */
enum wake_reason wake_read(int fd);

#endif
