/* Rests: channels that are left alone for a while. Private to lib/store, but for
 * channel_rests_until(). */
#ifndef CADENCE_STORE_REST_H
#define CADENCE_STORE_REST_H

#include "store/verbs.h"

/* Nothing is to be sent over the channel until then, in place of what was said before. */
void rest_begin(struct db *db, const char *channel, instant until);

#endif
