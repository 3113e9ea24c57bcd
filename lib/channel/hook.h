/* Hooks: where each chat's post goes, and the headers around it. Private to lib/channel. */
#ifndef CADENCE_CHANNEL_HOOK_H
#define CADENCE_CHANNEL_HOOK_H

#include "channel/channel.h"

/* The request of a post whose body the bytes are; it takes them. The caller owns the request. */
struct http_request *hook_post(const struct channel *channel, const struct parcel *parcel,
			       struct buf *bytes);

#endif
