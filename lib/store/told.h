/* Told days: what each hearer was told about a nudge, and the way back when a digest never arrived.
 *
 * The digests that told one nudge to one hearer form a chain: each remembers what was told before
 * it. */
#ifndef CADENCE_STORE_TOLD_H
#define CADENCE_STORE_TOLD_H

#include "store/verbs.h"

/* What this hearer was told, as if the digests that a new one would replace had never been;
 * *ret_retell: one of those, or one that was lost, was the last to carry it. */
void told_get(struct db *db, int64_t nudge, const char *hearer, struct told *ret_told,
	      bool *ret_retell);
/* What this hearer was told, digests that are on their way included. */
struct told told_current(struct db *db, int64_t nudge, const char *hearer);
/* Writes that this digest tells this nudge in this state, at this step of the ladder. */
void told_tell(struct db *db, int64_t digest, int64_t nudge, const char *hearer, day today,
	       enum state state, int step);
/* Takes back every digest of this hearer that surely reached nobody and still waits; a newer one is
 * about to be told. */
void told_replace(struct db *db, const struct scene *scene, const char *hearer);
/* Takes this digest of the hearer back, which waits and surely reached nobody; what it told is told
 * by the next one. */
void told_recall(struct db *db, const struct scene *scene, int64_t digest, const char *hearer);
/* Another owner has the partner now: what its ladder had reached over the former one's head begins
 * anew. */
void told_reset_ladder(struct db *db, int64_t partner);
/* One delivery of the digest has arrived over this channel; the first one makes it told, and sends
 * events. */
void told_delivered(struct db *db, const struct scene *scene, int64_t digest, const char *channel);
/* One delivery of the digest has ended without arriving; when it was the last hope, what it told is
 * taken back. */
void told_failed(struct db *db, const struct scene *scene, int64_t digest, const char *reason);

#endif
