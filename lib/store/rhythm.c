/* Reads and writes the rhythm, in the transaction of the contact that moves it. Knows no model:
 * core/rhythm.h does. */
#include "store/rhythm.h"

bool rhythm_read(struct query *query, int column, struct rhythm *ret_rhythm)
{
	if (db_is_null(query, column))
		return false;
	*ret_rhythm = (struct rhythm){
	    .risk = {.n = (int)db_int(query, column),
		     .first = (day)db_int(query, column + 1),
		     .last = (day)db_int(query, column + 2),
		     .weight = db_real(query, column + 3),
		     .mean = db_real(query, column + 4),
		     .square = db_real(query, column + 5)},
	    .live = (int)db_int(query, column + 6),
	    .live_last = (day)db_int(query, column + 7),
	};
	return true;
}

struct rhythm rhythm_replay(struct db *db, int64_t partner)
{
	struct query *query = db_query(db, "SELECT day, source FROM contact WHERE partner = $1"
					   " AND counts = 1 ORDER BY day, id");
	struct rhythm rhythm = {0};

	db_bind(query, 1, partner);
	while (db_step(query))
		/* They come in the order of their days, so that none is refused. */
		(void)!rhythm_add(&rhythm, (day)db_int(query, 0),
				  source_is_live(db_text(query, 1)));
	return rhythm;
}

void rhythm_keep(struct db *db, int64_t partner, const struct rhythm *rhythm)
{
	struct query *query =
	    db_query(db, "UPDATE partner SET met = $2, met_first = $3, met_last = $4,"
			 " gap_weight = $5, gap_mean = $6, gap_square = $7, met_live = $8,"
			 " live_last = $9 WHERE row = $1");

	db_bind(query, 1, partner);
	db_bind(query, 2, rhythm->risk.n);
	db_bind(query, 3, rhythm->risk.first);
	db_bind(query, 4, rhythm->risk.last);
	db_bind_real(query, 5, rhythm->risk.weight);
	db_bind_real(query, 6, rhythm->risk.mean);
	db_bind_real(query, 7, rhythm->risk.square);
	db_bind(query, 8, rhythm->live);
	db_bind(query, 9, rhythm->live_last);
	(void)db_run(query);
}

void rhythm_take(struct db *db, int64_t partner, const struct rhythm *before,
		 const struct contact *contact)
{
	struct rhythm rhythm = *before;

	if (!contact_counts(contact->kind, contact->direction))
		return;
	if (rhythm_add(&rhythm, contact->day, source_is_live(contact->source)))
		rhythm_keep(db, partner, &rhythm);
	else
		rhythm_renew(db, partner);
}

void rhythm_renew(struct db *db, int64_t partner)
{
	const struct rhythm rhythm = rhythm_replay(db, partner);

	rhythm_keep(db, partner, &rhythm);
}
