/* What is known of the clock, for the store and the engine; store/verbs.h has
 * nudge_clock_check(). */
#ifndef CADENCE_STORE_PAST_H
#define CADENCE_STORE_PAST_H

#include "store/verbs.h"

/* Notes how late it has been, to within an hour. */
void past_remember_now(struct db *db, instant now);
/* The latest moment the clock has ever shown, as far as is known. */
instant past_latest(struct db *db);
/* After the clock has stepped back: once it is where it was everything is as it was, and once it
 * has gone on for a month from where it went, that is believed. Once a day is often enough. */
void past_settle(struct db *db, const struct scene *scene);

#endif
