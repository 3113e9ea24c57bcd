/* Notices: that a channel is blocked, said once over its fallback. */
#ifndef CADENCE_ENGINE_NOTICE_H
#define CADENCE_ENGINE_NOTICE_H

#include "store/verbs.h"

/* Puts a notice into the outbox for every block that its channel's fallback has not told of: one
 * over a hook; over mail one to each owner whose digests should have gone over the blocked channel.
 * host: the machine that sends, NULL: not said. */
enum status notice_compose(struct db *db, const struct scene *scene, const char *host,
			   struct arena *arena) MUST_USE;

#endif
