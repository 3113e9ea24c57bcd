/* What the administrator should hear of: partners that nobody is told about, deliveries that are
 * dead. */
#include "store/verbs.h"

/* The ids that hear of somebody and are no owner of the roster. */
static size_t find_strangers(struct db *db, const struct scene *scene, struct arena *arena,
			     const char ***ret_ids)
{
	struct query *query = db_query(
	    db, "SELECT DISTINCT hears FROM partner WHERE archived IS NULL ORDER BY hears");
	const char **ids = NULL;
	size_t count = 0, capacity = 0;

	while (db_step(query)) {
		if (roster_owner(scene->roster, db_text(query, 0)))
			continue;
		ids = arena_grow(arena, ids, count, &capacity, sizeof(*ids));
		ids[count++] = arena_strdup(arena, db_text(query, 0));
	}
	*ret_ids = ids;
	return count;
}

enum status view_unheard(struct db *db, const struct scene *scene, size_t limit,
			 struct arena *arena, struct unheard_partner **ret_partners,
			 size_t *ret_count)
{
	const char **strangers = NULL;
	const size_t stranger_count = find_strangers(db, scene, arena, &strangers);
	struct unheard_partner *partners = NULL;
	size_t count = 0, capacity = 0;

	for (size_t i = 0; i < stranger_count; i++) {
		struct query *query = db_query(
		    db, "SELECT id, owner FROM partner WHERE hears = $1 AND archived IS NULL"
			" ORDER BY id LIMIT $2");

		db_bind_text(query, 1, strangers[i]);
		db_bind(query, 2, (int64_t)(limit - count));
		while (db_step(query)) {
			partners = arena_grow(arena, partners, count, &capacity, sizeof(*partners));
			partners[count++] =
			    (struct unheard_partner){arena_strdup(arena, db_text(query, 0)),
						     arena_strdup(arena, db_text(query, 1))};
		}
	}
	if (db_status(db) != STATUS_OK)
		return db_status(db);
	*ret_partners = partners;
	*ret_count = count;
	return STATUS_OK;
}
