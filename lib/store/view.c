/* Views: what `list`, `due` and `status` show. Never writes. */
#include <string.h>
#include <sys/statvfs.h>

#include "store/rows.h"
#include "store/told.h"

#define LOST_SHOWN_MAX 1000

/* ---- partners ---- */

/* Tags are one text, "reseller, emea"; a tag matches a whole one of them, whatever its case and
 * spaces. */
#define PARTNERS_WHERE                                                                             \
	" WHERE p.id > coalesce($1, '') AND ($2 IS NULL OR p.owner = $2)"                          \
	" AND ($3 IS NULL OR p.cadence = $3)"                                                      \
	" AND ($4 IS NULL OR instr(',' || lower(replace(p.tags, ' ', '')) || ',',"                 \
	" ',' || lower(replace($4, ' ', '')) || ',') > 0)"                                         \
	" AND (p.archived IS NOT NULL) = $5"

enum status view_partners(struct db *db, const struct scene *scene,
			  const struct partner_filter *filter, const char *after, size_t limit,
			  struct arena *arena, struct facts **ret_facts, size_t *ret_count)
{
	struct query *query = db_query(db, "SELECT " ROWS_PARTNER " FROM partner p" PARTNERS_WHERE
					   " ORDER BY p.id LIMIT $6");
	struct facts *facts = NULL;
	size_t count = 0, capacity = 0;

	db_bind_text(query, 1, after);
	db_bind_text(query, 2, filter->owner);
	db_bind_text(query, 3, filter->cadence);
	db_bind_text(query, 4, filter->tag);
	db_bind(query, 5, filter->archived);
	db_bind(query, 6, (int64_t)limit);
	while (db_step(query)) {
		facts = arena_grow(arena, facts, count, &capacity, sizeof(*facts));
		rows_facts(db, scene, query, arena, &facts[count++]);
	}
	if (db_status(db) != STATUS_OK)
		return db_status(db);
	*ret_facts = facts;
	*ret_count = count;
	return STATUS_OK;
}

/* ---- open nudges ---- */

/* Today's verdict under the nudge's rule; false when the partner has no such rule any more. */
static bool verdict_of(const struct scene *scene, const struct facts *facts, const char *rule,
		       struct verdict *ret_verdict)
{
	struct verdict verdicts[RULES];
	const size_t count = judge_partner(facts, scene_today(scene, facts), verdicts);

	for (size_t i = 0; i < count; i++) {
		if (strcmp(rule_name(verdicts[i].rule), rule) == 0) {
			*ret_verdict = verdicts[i];
			return true;
		}
	}
	return false;
}

#define OPEN_NUDGE  ROWS_PARTNER_COLUMNS
#define OPEN_RULE   (ROWS_PARTNER_COLUMNS + 1)
#define OPEN_HEARER (ROWS_PARTNER_COLUMNS - 1)

enum status view_open(struct db *db, const struct scene *scene, const char *owner,
		      struct arena *arena, struct digest_item **ret_items, size_t *ret_count)
{
	struct query *query =
	    db_query(db, "SELECT " ROWS_PARTNER ", n.id, n.rule FROM nudge n"
			 " JOIN partner p ON p.row = n.partner WHERE n.resolved IS NULL"
			 " AND p.archived IS NULL AND ($1 IS NULL OR p.hears = $1)"
			 " ORDER BY p.row, n.id");
	struct digest_item *items = NULL;
	size_t count = 0, capacity = 0;

	db_bind_text(query, 1, owner);
	while (db_step(query)) {
		items = arena_grow(arena, items, count, &capacity, sizeof(*items));
		struct digest_item *item = &items[count];

		*item = (struct digest_item){.nudge = db_int(query, OPEN_NUDGE)};
		rows_facts(db, scene, query, arena, &item->facts);
		if (!verdict_of(scene, &item->facts, db_text(query, OPEN_RULE), &item->verdict))
			continue;
		struct told told;

		told_get(db, item->nudge, db_text(query, OPEN_HEARER), &told, &item->retell);
		item->told = told_of(&item->verdict, &told, false);
		count++;
	}
	if (db_status(db) != STATUS_OK)
		return db_status(db);
	*ret_items = items;
	*ret_count = count;
	return STATUS_OK;
}

enum status view_nudge(struct db *db, int64_t partner_row, enum rule rule, day base,
		       const char *hearer, struct digest_item *ret_item)
{
	struct query *query =
	    db_query(db, "SELECT id, step, step_day FROM nudge WHERE partner = $1 AND rule = $2"
			 " AND base = $3 AND resolved IS NULL");
	bool found;

	db_bind(query, 1, partner_row);
	db_bind_text(query, 2, rule_name(rule));
	db_bind(query, 3, base);
	found = db_step(query);
	if (found) {
		ret_item->nudge = db_int(query, 0);
		ret_item->step = (int)db_int(query, 1);
		ret_item->step_day = rows_day(query, 2);
	}
	db_end(query);
	if (found)
		told_get(db, ret_item->nudge, hearer, &ret_item->told, &ret_item->retell);
	if (db_status(db) != STATUS_OK)
		return db_status(db);
	return found ? STATUS_OK : STATUS_NOT_FOUND;
}

enum status view_cold(struct db *db, struct arena *arena, struct cold_view **ret_views,
		      size_t *ret_count)
{
	struct query *query =
	    db_query(db, "SELECT p.hears, count(DISTINCT n.partner) FROM nudge n"
			 " JOIN partner p ON p.row = n.partner WHERE n.resolved IS NULL"
			 " AND n.state = $1 AND p.archived IS NULL GROUP BY p.hears");
	struct cold_view *views = NULL;
	size_t count = 0, capacity = 0;

	db_bind_text(query, 1, state_name(STATE_COLD));
	while (db_step(query)) {
		views = arena_grow(arena, views, count, &capacity, sizeof(*views));
		views[count++] =
		    (struct cold_view){arena_strdup(arena, db_text(query, 0)), db_int(query, 1)};
	}
	if (db_status(db) != STATUS_OK)
		return db_status(db);
	*ret_views = views;
	*ret_count = count;
	return STATUS_OK;
}

/* ---- status ---- */

static void count_partners(struct db *db, struct status_view *view)
{
	struct query *query = db_query(db, "SELECT count(*) FILTER (WHERE archived IS NULL),"
					   " count(*) FILTER (WHERE archived IS NOT NULL),"
					   " (SELECT count(*) FROM contact) FROM partner");

	if (db_step(query)) {
		view->partners = db_int(query, 0);
		view->archived = db_int(query, 1);
		view->contacts = db_int(query, 2);
	}
	db_end(query);
}

/* Who has neither an open nudge nor an answer that may still hold is on track, or due soon: nobody
 * else needs to be judged. $1: yesterday, wherever they live. */
#define MAY_STAND_OUT                                                                              \
	" WHERE p.archived IS NULL AND p.row IN (SELECT partner FROM nudge WHERE resolved IS NULL" \
	" UNION SELECT partner FROM answer WHERE kind IN ('off', 'snooze', 'plan')"                \
	" AND coalesce(until, given + $2) >= $1)"

static void count_standings(struct db *db, const struct scene *scene, struct status_view *view)
{
	struct query *query =
	    db_query(db, "SELECT " ROWS_PARTNER " FROM partner p" MAY_STAND_OUT " ORDER BY p.row");
	int64_t others = 0;

	db_bind(query, 1, zone_day(scene->roster->zone, scene->now) - 1);
	db_bind(query, 2, OFF_ASKS_AGAIN_DAYS);
	while (db_step(query)) {
		struct arena *arena = arena_new();
		struct verdict verdicts[RULES];
		struct facts facts;

		rows_facts(db, scene, query, arena, &facts);
		const size_t count = judge_partner(&facts, scene_today(scene, &facts), verdicts);
		const enum standing standing = standing_of(verdicts, count);
		if (standing != STANDING_ON_TRACK && standing != STANDING_DUE_SOON) {
			view->standing[standing]++;
			others++;
		}
		arena_free(arena);
	}
	view->standing[STANDING_ON_TRACK] = view->partners - others;
}

static void list_lost(struct db *db, const struct scene *scene, struct arena *arena,
		      struct status_view *view)
{
	struct query *query = db_query(db, "SELECT id, owner, cadence FROM partner"
					   " WHERE archived IS NULL ORDER BY id");
	size_t capacity = 0;

	while (view->lost_count < LOST_SHOWN_MAX && db_step(query)) {
		if (roster_owner(scene->roster, db_text(query, 1)) &&
		    roster_cadence(scene->roster, db_text(query, 2)))
			continue;
		view->lost =
		    arena_grow(arena, view->lost, view->lost_count, &capacity, sizeof(*view->lost));
		view->lost[view->lost_count++] = arena_strdup(arena, db_text(query, 0));
	}
	db_end(query);
}

static void list_orphans(struct db *db, const struct scene *scene, struct arena *arena,
			 struct status_view *view)
{
	struct query *query = db_query(db, "SELECT DISTINCT channel FROM outbox ORDER BY channel");
	size_t capacity = 0;

	while (db_step(query)) {
		if (roster_channel(scene->roster, db_text(query, 0)))
			continue;
		view->orphans = arena_grow(arena, view->orphans, view->orphan_count, &capacity,
					   sizeof(*view->orphans));
		view->orphans[view->orphan_count++] = arena_strdup(arena, db_text(query, 0));
	}
}

instant view_undelivered_since(struct db *db, bool dead)
{
	struct query *query = db_query(db, "SELECT min(created) FROM outbox WHERE kind <> 'test'"
					   " AND (state <> 'dead' OR $1)");
	instant since = INSTANT_NEVER;

	db_bind(query, 1, dead);
	if (db_step(query) && !db_is_null(query, 0))
		since = db_int(query, 0);
	db_end(query);
	return since;
}

static int64_t count_dead(struct db *db)
{
	struct query *query =
	    db_query(db, "SELECT count(*) FROM outbox WHERE state = 'dead' AND kind <> 'test'");
	const int64_t count = db_step(query) ? db_int(query, 0) : 0;

	db_end(query);
	return count;
}

/* With none there is only the day first seen to judge by. */
static void count_without_history(struct db *db, struct arena *arena, struct status_view *view)
{
	struct query *query =
	    db_query(db, "SELECT id, count(*) OVER () FROM partner p WHERE archived IS NULL AND NOT"
			 " EXISTS (SELECT 1 FROM contact c WHERE c.partner = p.row) ORDER BY id"
			 " LIMIT $1");
	size_t count = 0;

	db_bind(query, 1, VIEW_NAMES_MAX);
	while (db_step(query)) {
		view->without_history = db_int(query, 1);
		view->without_history_ids[count++] = arena_strdup(arena, db_text(query, 0));
	}
}

static int64_t disk_free(const struct db *db)
{
	const char *path = db_path(db);
	struct statvfs disk;

	if (!path || statvfs(path, &disk))
		return -1;
	return (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
}

enum status view_status(struct db *db, const struct scene *scene, struct arena *arena,
			struct status_view *ret_view)
{
	struct status_view view = {.next_look = nudge_next_look(db), .disk_free = disk_free(db)};

	count_partners(db, &view);
	count_standings(db, scene, &view);
	list_lost(db, scene, arena, &view);
	list_orphans(db, scene, arena, &view);
	count_without_history(db, arena, &view);
	view.undelivered_since = view_undelivered_since(db, false);
	view.dead = count_dead(db);
	const enum status status = outbox_count(db, &view.outbox);
	if (status == STATUS_OK && db_status(db) == STATUS_OK)
		*ret_view = view;
	return status == STATUS_OK ? db_status(db) : status;
}
