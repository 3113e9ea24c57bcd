/* The heartbeat: a watcher outside is called once an hour, as long as all that was due has left, so
 * that our own silence is noticed. Without one in the configuration nothing wakes up for it. */
#ifndef CADENCE_DAEMON_HEARTBEAT_H
#define CADENCE_DAEMON_HEARTBEAT_H

#include <jansson.h>

#include "daemon/daemon.h"

struct heartbeat;

/* The caller frees with heartbeat_free(). */
struct heartbeat *heartbeat_new(struct daemon *daemon);
struct heartbeat *heartbeat_free(struct heartbeat *heartbeat);
/* Begins to beat, at once, or stops, as the configuration in force says. NULL is harmless. */
void heartbeat_adjust(struct heartbeat *heartbeat);
/* Takes the reply when it is its own, and says whether it was; the reply stays the caller's. */
bool heartbeat_hear(struct heartbeat *heartbeat, const struct http_reply *reply);
/* For `status`: {last: instant or null, failing: reason or null, held: reason or null}; null
 * without one. */
json_t *heartbeat_status(const struct heartbeat *heartbeat);

#endif
