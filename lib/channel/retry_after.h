/* Reads the Retry-After header: seconds, a fraction of them, or a date. */
#ifndef CADENCE_CHANNEL_RETRY_AFTER_H
#define CADENCE_CHANNEL_RETRY_AFTER_H

#include <stdint.h>

#include "core/day.h"

/* No server may silence us for longer. */
#define RETRY_AFTER_MAX_MS (6 * HOUR_MS)

/* How long to wait, in 0..RETRY_AFTER_MAX_MS; a date that has passed gives 0. -1 when text is NULL
 * or none of "120", "0.376" and "Sun, 06 Nov 1994 08:49:37 GMT". */
int64_t retry_after_parse(const char *text, instant now);

#endif
