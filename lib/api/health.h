/* Whether all is well: the one place that decides it, from what `status` says. Private to lib/api
 * and the daemon. */
#ifndef CADENCE_API_HEALTH_H
#define CADENCE_API_HEALTH_H

#include <jansson.h>

#include "core/day.h"

/* What has not left for so long is a fault, and keeps the heartbeat back. */
#define HEALTH_UNDELIVERED_MS (4 * HOUR_MS)

/* What somebody has to see to: an array of {kind, text}, empty when all is well; the caller's. text
 * is a sentence that says what to do. status: the whole answer of GET /v1/status. */
json_t *health_faults(const json_t *status, instant now);

#endif
