/* Time zones: local civil time from instants and back, by the rules in the system's TZif files (RFC
 * 8536).
 *
 * Reads bytes that somebody else has fetched; touches no file, no environment and no process-wide
 * setting. */
#ifndef CADENCE_CORE_ZONE_H
#define CADENCE_CORE_ZONE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "core/day.h"

struct zone;

/* A moment as the clock on the wall shows it. */
struct local {
	day day;
	int second; /* of the day, 0..86399 */
	int offset; /* seconds east of UTC */
};

/* Reads TZif version 1, 2, 3 or 4 bytes, with the POSIX TZ footer for the time after the last
 * transition. name: for messages and output, copied. STATUS_INVALID with a reason when the bytes
 * are not sound (every index and count is checked). The caller frees with zone_free(). */
enum status zone_parse(const char *name, const void *bytes, size_t len, struct zone **ret_zone,
		       struct error *err) MUST_USE;
struct zone *zone_free(struct zone *zone);
/* The zone without rules. The caller frees. */
struct zone *zone_utc(void);
const char *zone_name(const struct zone *zone);

struct local zone_local(const struct zone *zone, instant at);
/* The local day on which at falls. */
day zone_day(const struct zone *zone, instant at);
/* The first instant at which the wall shows this day and second. In a gap: the first instant after
 * the gap. In an overlap: the earlier of the two. second: 0..86399. */
instant zone_instant(const struct zone *zone, day d, int second);
/* The first instant that belongs to the local day (it may lie after 00:00 where midnight falls into
 * a gap). */
instant zone_day_start(const struct zone *zone, day d);

#endif
