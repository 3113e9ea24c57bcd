/* Requests that wait for the end of a reload, in the order in which they came.
 *
 * Nobody waits for ever: each has the same patience. Private to lib/api. */
#ifndef CADENCE_API_WAITING_H
#define CADENCE_API_WAITING_H

#include <event2/event.h>

struct request;
struct waiting;

/* late: called for each request that has waited so long, on the loop; it is the callee's then. */
struct waiting *waiting_new(struct event_base *base, const struct timeval *patience,
			    void (*late)(struct request *request));
/* Takes the request over. */
void waiting_add(struct waiting *waiting, struct request *request);
/* The one that came first, the caller's again; NULL: nobody waits. */
struct request *waiting_take(struct waiting *waiting);
/* Nobody may wait any more. */
void waiting_free(struct waiting *waiting);

#endif
