/* The outbox, as the rest of the store fills and empties it; store/verbs.h has what jobs may do. */
#ifndef CADENCE_STORE_OUTBOX_H
#define CADENCE_STORE_OUTBOX_H

#include "store/verbs.h"

/* A delivery to be made. Texts that do not apply are NULL, rows that do not apply are 0. */
struct posting {
	const char *key, *kind, *channel, *recipient, *owner, *document;
	int64_t digest, nudge;
};

/* Queues it, to be tried at once; returns its id, or 0 when a delivery of this key is or was there
 * (or on failure, which sticks to db). */
int64_t outbox_put(struct db *db, const struct scene *scene, const struct posting *posting);
/* Takes out what still waits and surely never arrived of this digest of the owner, or with 0 of all
 * that were taken back: what they told is told by a newer one. */
void outbox_replace(struct db *db, const struct scene *scene, const char *owner, int64_t digest);
/* Takes out what still waits, and surely never arrived, of the hearer's other digests where the
 * hearer hears the same from this one, which is queued already. */
void outbox_overtake(struct db *db, const struct scene *scene, const struct owner *hearer,
		     int64_t digest);

#endif
