/* What a reload with another configuration would change, before it is done. */
#ifndef CADENCE_ENGINE_CHECK_H
#define CADENCE_ENGINE_CHECK_H

#include "store/verbs.h"

#define ENGINE_CHECK_JUDGED_MAX 20000 /* more partners are not judged twice for a preview */

struct engine_check {
	struct scene before, after; /* with the roster in force, and with the other one */
	struct sync_plan plan;	    /* archiving is accepted here: plan.needs_yes says the rest */
	/* What came of it, besides what the plan says: partners that are there before and after,
	 * and would be due or cold, or no more; those of which a due day or the end of its grace
	 * would be another. -1: too many to tell. */
	int judged, moved;
};

/* Does it all in a point of the transaction, and takes it back. Errors as sync_file(). */
enum status engine_check(struct db *db, struct engine_check *check, struct error *err) MUST_USE;

#endif
