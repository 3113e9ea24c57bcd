/* Whether all is well: the one place that decides it, from what `status` says. Private to lib/api
 * and the daemon. */
#ifndef CADENCE_API_HEALTH_H
#define CADENCE_API_HEALTH_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/day.h"

#define HEALTH_DISK_LEAST (INT64_C(64) << 20) /* bytes that a disk should have left */

/* What somebody has to see to: an array of {kind, text}, empty when all is well; the caller's. text
 * is a sentence that says what to do. status: the whole answer of GET /v1/status. */
json_t *health_faults(const json_t *status, instant now);

/* What tells a watcher outside whether we do what we are for. */
struct health_signs {
	bool store_fails;
	size_t broken;		   /* owners whose digest cannot be composed */
	size_t blocked;		   /* channels and addresses */
	bool hold;		   /* nothing is meant to leave */
	instant undelivered_since; /* given up or not; INSTANT_NEVER: all has left */
	instant next_look;	   /* INSTANT_NEVER: none is wanted */
};

/* Why the heartbeat is kept back, a constant; NULL: it is not. Each is a fault of health_faults()
 * too. */
const char *health_reason_to_hold(const struct health_signs *signs, instant now);

#endif
