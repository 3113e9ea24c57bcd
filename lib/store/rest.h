/* Rests: channels that are left alone for a while. Private to lib/store, but for
 * channel_rests_until(). */
#ifndef CADENCE_STORE_REST_H
#define CADENCE_STORE_REST_H

#include "store/verbs.h"

/* Nothing is to be sent over the channel, as it is set up now, until then; a longer rest that it
 * was asked for before stays. */
void rest_begin(struct db *db, const struct scene *scene, const char *channel, instant until);
/* Ends the rest of the channel, if it has one; what it put off is tried now. */
void rest_end(struct db *db, const struct scene *scene, const char *channel);
/* Ends the rests of channels that are set up otherwise than when they were asked for: the new other
 * side has asked for nothing. */
void rest_review(struct db *db, const struct scene *scene);

#endif
