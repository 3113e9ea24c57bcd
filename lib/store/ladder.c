/* Ladders that lead nowhere: partners of the database whose cadence escalates while their owner has
 * nobody to escalate to. Those of the file are refused when it is read. Never writes. */
#include "store/check.h"

#define GAPS_SHOWN_MAX 100

static const char *describe(struct arena *arena, const char *first, int64_t partners,
			    const char *why)
{
	if (partners == 1)
		return arena_printf(arena, "partner %s: %s", first, why);
	return arena_printf(arena, "partner %s and %lld more: %s", first, (long long)partners - 1,
			    why);
}

enum status view_ladder_gaps(struct db *db, const struct scene *scene, struct arena *arena,
			     const char ***ret_gaps, size_t *ret_count)
{
	struct query *query = db_query(
	    db, "SELECT owner, cadence, count(*), min(id) FROM partner WHERE origin IS NULL"
		" AND archived IS NULL GROUP BY owner, cadence ORDER BY owner, cadence");
	const char **gaps = NULL;
	size_t count = 0, capacity = 0;
	struct error why;

	while (db_step(query)) {
		if (count == GAPS_SHOWN_MAX ||
		    check_ladder(scene, db_text(query, 0), db_text(query, 1), &why) == STATUS_OK)
			continue;
		gaps = arena_grow(arena, gaps, count, &capacity, sizeof(*gaps));
		gaps[count++] = describe(arena, db_text(query, 3), db_int(query, 2), why.text);
	}
	if (db_status(db) != STATUS_OK)
		return db_status(db);
	*ret_gaps = gaps;
	*ret_count = count;
	return STATUS_OK;
}
