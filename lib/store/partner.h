/* Partners, as the rest of the store changes them; store/verbs.h has what jobs may do. */
#ifndef CADENCE_STORE_PARTNER_H
#define CADENCE_STORE_PARTNER_H

#include <jansson.h>

#include "store/verbs.h"

/* Everything of a partner that a person or the file sets, as it shall be. Texts that do not apply
 * are NULL. */
struct partner_values {
	const char *name, *owner, *cadence, *tags, *origin;
	day since;
	int cold_mark; /* days; 0: what the risk model finds */
};

/* Inserts a live partner, seen first today where its owner lives, to be looked at now. Returns its
 * row, 0 on failure (which sticks to db). Writes history; does not judge. */
int64_t partner_insert(struct db *db, const struct scene *scene, const char *id,
		       const struct partner_values *values);
/* Makes a partner's values these and restores it when it was archived, but not by a decision.
 * Writes history when a value besides the origin differs; returns whether the partner must be
 * judged again. */
bool partner_update(struct db *db, const struct scene *scene, const struct facts *facts,
		    const struct partner_values *values);
/* Archives a partner that is live, and gives it back to the database. Judges it. */
enum status partner_archive(struct db *db, const struct scene *scene, int64_t row) MUST_USE;
/* Reads the partner again and judges it, when it is live. */
enum status partner_judge_again(struct db *db, const struct scene *scene, int64_t row,
				const char *cause) MUST_USE;
/* Makes an archived partner live again, with its owner as hearer, to be looked at now. origin:
 * where the file names it, NULL when the database keeps it. */
void partner_unarchive(struct db *db, const struct scene *scene, const struct facts *facts,
		       const char *origin);
/* Writes history about a partner; takes the object. */
void partner_tell(struct db *db, const struct scene *scene, const char *verb, int64_t row,
		  const char *owner, json_t *detail);

#endif
