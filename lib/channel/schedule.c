/* Hooks are tried as Standard Webhooks advises; mail as long as a relay would keep it. */
#include "channel/schedule.h"

#include <stddef.h>

#include "channel/retry_after.h"

#define JITTER_PERCENT 20
#define MAIL_LASTS_MS  (4 * DAY_MS)

struct schedule {
	const int64_t *waits; /* [k]: after attempt k + 1, ms */
	size_t count;
	int64_t then_ms;  /* after all of them; 0: no more */
	int64_t lasts_ms; /* since it began; 0: until the waits are used up */
};

static const int64_t hook_waits[] = {
    5 * SECOND_MS, 5 * MINUTE_MS, 30 * MINUTE_MS, 2 * HOUR_MS,	5 * HOUR_MS,
    10 * HOUR_MS,  14 * HOUR_MS,  20 * HOUR_MS,	  24 * HOUR_MS,
};
static const int64_t mail_waits[] = {
    1 * MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, 1 * HOUR_MS, 2 * HOUR_MS,
};

#define WAITS(array) .waits = array, .count = sizeof(array) / sizeof(array[0])

static const struct schedule mail_schedule = {WAITS(mail_waits), .then_ms = 4 * HOUR_MS,
					      .lasts_ms = MAIL_LASTS_MS};
static const struct schedule hook_schedule = {WAITS(hook_waits)};

/* wait ± JITTER_PERCENT, evenly spread over the jitter's range. */
static int64_t spread(int64_t wait, uint32_t jitter)
{
	const int64_t span = wait * 2 * JITTER_PERCENT / 100;

	return wait - span / 2 + (int64_t)((double)span * ((double)jitter / UINT32_MAX));
}

static int64_t own_wait(const struct schedule *schedule, int attempts)
{
	const size_t n = attempts > 1 ? (size_t)attempts - 1 : 0;

	return n < schedule->count ? schedule->waits[n] : schedule->then_ms;
}

instant schedule_next(enum channel_type type, int attempts, instant begun, instant now,
		      int64_t retry_after_ms, uint32_t jitter)
{
	const struct schedule *schedule = type == CHANNEL_SMTP ? &mail_schedule : &hook_schedule;
	const int64_t own = spread(own_wait(schedule, attempts), jitter);
	const int64_t asked =
	    retry_after_ms > RETRY_AFTER_MAX_MS ? RETRY_AFTER_MAX_MS : retry_after_ms;
	const instant next = now + (own > asked ? own : asked);

	if (own == 0)
		return INSTANT_NEVER;
	if (schedule->lasts_ms > 0 && next - begun > schedule->lasts_ms)
		return INSTANT_NEVER;
	return next;
}
