/* What is known of the clock, for the store and the engine; store/verbs.h has
 * nudge_clock_check(). */
#ifndef CADENCE_STORE_PAST_H
#define CADENCE_STORE_PAST_H

#include "store/verbs.h"

/* Notes how late it has been, to within an hour. */
void past_remember_now(struct db *db, instant now);
/* The latest moment the clock has ever shown, as far as is known. */
instant past_latest(struct db *db);
/* After the clock has stepped back: once it has gone on by itself to where it was, or for a month,
 * what it shows now is believed. Once a day is often enough; nudge_clock_check() looks whether it
 * has leapt there instead. */
void past_settle(struct db *db, const struct scene *scene);
/* An answer is given anew: when the former one was given does not come back. */
void past_forget_answer(struct db *db, int64_t partner, const char *kind);

#endif
