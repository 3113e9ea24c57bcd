/* What the administrator should hear of: partners that nobody is told about, deliveries that are
 * dead. */
#include "store/verbs.h"

/* An administrator hears of them again after a week, at whatever moment of that day */
#define TOLD_FOR_MS (7 * DAY_MS - HOUR_MS)
#define VERB_TOLD   "partner.unheard"

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

/* ---- what of them was told ---- */

static int64_t count_of(struct db *db, const struct scene *scene, const char *stranger,
			int64_t *total)
{
	struct query *query = db_query(
	    db, "SELECT count(*), count(*) FILTER (WHERE NOT EXISTS (SELECT 1 FROM history h"
		" WHERE h.partner = p.row AND h.verb = '" VERB_TOLD "' AND h.at > $2"
		" AND h.at <= $3)) FROM partner p WHERE p.hears = $1 AND p.archived IS NULL");
	int64_t untold = 0;

	db_bind_text(query, 1, stranger);
	db_bind(query, 2, scene->now - TOLD_FOR_MS);
	db_bind(query, 3, scene->now);
	if (db_step(query)) {
		*total += db_int(query, 0);
		untold = db_int(query, 1);
	}
	db_end(query);
	return untold;
}

enum status unheard_is_news(struct db *db, const struct scene *scene, struct arena *arena,
			    bool *ret_news, int64_t *ret_total)
{
	const char **strangers = NULL;
	const size_t count = find_strangers(db, scene, arena, &strangers);
	int64_t untold = 0, total = 0;

	for (size_t i = 0; i < count; i++)
		untold += count_of(db, scene, strangers[i], &total);
	if (db_status(db) != STATUS_OK)
		return db_status(db);
	*ret_news = untold > 0;
	*ret_total = total;
	return STATUS_OK;
}

enum status unheard_mark_told(struct db *db, const struct scene *scene, struct arena *arena)
{
	const char **strangers = NULL;
	const size_t count = find_strangers(db, scene, arena, &strangers);

	for (size_t i = 0; i < count; i++) {
		struct query *query =
		    db_query(db, "INSERT INTO history (at, actor, verb, partner, owner)"
				 " SELECT $2, 'cadenced', '" VERB_TOLD "', row, owner FROM partner"
				 " WHERE hears = $1 AND archived IS NULL");

		db_bind_text(query, 1, strangers[i]);
		db_bind(query, 2, scene->now);
		(void)db_run(query);
	}
	return db_status(db);
}
