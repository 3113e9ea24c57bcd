/* The rhythm of a partner, as it is kept beside its contacts. */
#ifndef CADENCE_STORE_RHYTHM_H
#define CADENCE_STORE_RHYTHM_H

#include "core/rhythm.h"
#include "store/verbs.h"

/* The columns that rhythm_read() reads, of a partner named p. */
#define RHYTHM_COLUMNS_TEXT                                                                        \
	"p.met, p.met_first, p.met_last, p.gap_weight, p.gap_mean, p.gap_square, p.met_live, "     \
	"p.live_last"
#define RHYTHM_COLUMNS 8

/* Reads it from that column on; false where none is kept: then rhythm_replay() gives it. */
bool rhythm_read(struct query *query, int column, struct rhythm *ret_rhythm);
/* What the log of a partner's contacts gives, by its row: those that count, day by day. */
struct rhythm rhythm_replay(struct db *db, int64_t partner);
/* Keeps it with the partner. */
void rhythm_keep(struct db *db, int64_t partner, const struct rhythm *rhythm);
/* A contact has just been written; before: as it was until then. Moves the rhythm on, or replays
 * the log when it lies before the last one. */
void rhythm_take(struct db *db, int64_t partner, const struct rhythm *before,
		 const struct contact *contact);
/* A contact was changed or taken away: the log is replayed. */
void rhythm_renew(struct db *db, int64_t partner);

#endif
