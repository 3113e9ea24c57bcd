/* Pace: how many messages may set out over each channel now, so that nobody is flooded.
 *
 * A channel's rate is "so many in that time" and lets that many go at once; what was sent before
 * this process began is not known. */
#ifndef CADENCE_DAEMON_PACE_H
#define CADENCE_DAEMON_PACE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/roster.h"

struct pace;

/* The caller frees with pace_free(). */
struct pace *pace_new(void);
struct pace *pace_free(struct pace *pace);
/* How many may set out now by the rate alone, SIZE_MAX where there is none. *ret_more_at: when
 * another one may, INSTANT_NEVER where there is no rate. */
size_t pace_room(const struct pace *pace, const struct channel *channel, instant now,
		 instant *ret_more_at);
/* One sets out; it has not after all. */
void pace_spend(struct pace *pace, const struct channel *channel, instant now);
void pace_refund(struct pace *pace, const struct channel *channel);

#endif
