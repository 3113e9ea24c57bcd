/* Where the file names whom a decision has ended.
 *
 * In meta, and not in the partner's row: they are few, and the sync has to find those that have
 * left the file without looking at a million partners. */
#include "store/ended.h"

#include <string.h>

#define PREFIX	     "ended|"
#define AFTER_PREFIX "ended}" /* the first key that is none of ours */

void ended_set_origin(struct db *db, const char *id, const char *origin)
{
	struct query *query =
	    origin ? db_query(db, "INSERT INTO meta (key, value) VALUES ('" PREFIX "' || $1, $2)"
				  " ON CONFLICT (key) DO UPDATE SET value = excluded.value"
				  " WHERE value <> excluded.value")
		   : db_query(db, "DELETE FROM meta WHERE key = '" PREFIX "' || $1");

	db_bind_text(query, 1, id);
	if (origin)
		db_bind_text(query, 2, origin);
	(void)db_run(query);
}

const char *ended_origin(struct db *db, const char *id, struct arena *arena)
{
	struct query *query = db_query(db, "SELECT value FROM meta WHERE key = '" PREFIX "' || $1");
	const char *origin = NULL;

	db_bind_text(query, 1, id);
	if (db_step(query))
		origin = arena_strdup(arena, db_text(query, 0));
	db_end(query);
	return origin;
}

size_t ended_list(struct db *db, struct arena *arena, const char ***ret_ids)
{
	struct query *query = db_query(db, "SELECT key FROM meta WHERE key > '" PREFIX
					   "' AND key < '" AFTER_PREFIX "' ORDER BY key");
	const char **ids = NULL;
	size_t count = 0, capacity = 0;

	while (db_step(query)) {
		ids = arena_grow(arena, ids, count, &capacity, sizeof(*ids));
		ids[count++] = arena_strdup(arena, db_text(query, 0) + strlen(PREFIX));
	}
	*ret_ids = ids;
	return count;
}
