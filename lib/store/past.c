/* What has already happened cannot lie ahead: DESIGN.md section 5, the wake-up. A clock that was
 * wrong for an hour may not silence us for years.
 *
 * Judges nobody: it only has everybody judged again. Snoozes may lie ahead and are left alone. */
#include <stdlib.h>

#include "store/verbs.h"

#define RETRY_AHEAD_MS DAY_MS /* no honest retry lies further ahead */

/* One remembered day that may lie ahead, and whose day it is. */
struct remembered {
	int64_t id;
	char *owner;
	day day;
};

static day today_of(const struct scene *scene, const char *id)
{
	const struct owner *owner = roster_owner(scene->roster, id);

	return zone_day(owner ? owner->zone : scene->roster->zone, scene->now);
}

/* Yesterday in UTC: no zone's today is earlier. A cheap sieve for the queries. */
static day earliest_today(const struct scene *scene)
{
	return (day)(scene->now / DAY_MS) - 1;
}

/* The rows of a query that takes the sieve as $1 and yields id, owner, day. */
static size_t collect(const struct scene *scene, struct query *q, struct arena *arena,
		      struct remembered **ret_rows)
{
	struct remembered *rows = NULL;
	size_t count = 0, capacity = 0;

	db_bind(q, 1, earliest_today(scene));
	while (db_step(q)) {
		rows = arena_grow(arena, rows, count, &capacity, sizeof(*rows));
		rows[count++] = (struct remembered){
		    .id = db_int(q, 0),
		    .owner = arena_strdup(arena, db_text(q, 1)),
		    .day = (day)db_int(q, 2),
		};
	}
	*ret_rows = rows;
	return count;
}

static void clamp_told(struct db *db, const struct scene *scene, struct arena *arena)
{
	struct remembered *rows;
	const size_t count =
	    collect(scene, db_query(db, "SELECT nudge, hearer, day FROM told WHERE day > $1"),
		    arena, &rows);

	for (size_t i = 0; i < count; i++) {
		const day today = today_of(scene, rows[i].owner);
		struct query *q;

		if (rows[i].day <= today)
			continue;
		q = db_query(db, "UPDATE told SET day = $3 WHERE nudge = $1 AND hearer = $2");
		db_bind(q, 1, rows[i].id);
		db_bind_text(q, 2, rows[i].owner);
		db_bind(q, 3, today);
		(void)db_run(q);
	}
}

/* What digests remember of the time before them. */
static void clamp_priors(struct db *db, const struct scene *scene, struct arena *arena)
{
	struct remembered *rows;
	const size_t count = collect(
	    scene,
	    db_query(db, "SELECT d.id, d.owner, MAX(n.prior_day) FROM digest d"
			 " JOIN digest_nudge n ON n.digest = d.id"
			 " WHERE d.state = 'open' AND n.prior_day > $1 GROUP BY d.id, d.owner"),
	    arena, &rows);

	for (size_t i = 0; i < count; i++) {
		struct query *q = db_query(db, "UPDATE digest_nudge SET prior_day = $2"
					       " WHERE digest = $1 AND prior_day > $2");

		db_bind(q, 1, rows[i].id);
		db_bind(q, 2, today_of(scene, rows[i].owner));
		(void)db_run(q);
	}
}

static void clamp_partners(struct db *db, const struct scene *scene, struct arena *arena)
{
	struct remembered *rows;
	const size_t count = collect(
	    scene, db_query(db, "SELECT row, hears, first_seen FROM partner WHERE first_seen > $1"),
	    arena, &rows);

	for (size_t i = 0; i < count; i++) {
		const day today = today_of(scene, rows[i].owner);
		struct query *q;

		if (rows[i].day <= today)
			continue;
		q = db_query(db, "UPDATE partner SET first_seen = $2 WHERE row = $1");
		db_bind(q, 1, rows[i].id);
		db_bind(q, 2, today);
		(void)db_run(q);
	}
}

/* Answers were given, contacts were had: a wrong clock dated them. */
static void clamp_answers(struct db *db, const struct scene *scene, struct arena *arena)
{
	struct remembered *rows;
	const size_t count = collect(
	    scene,
	    db_query(db, "SELECT p.row, p.hears, max(a.given) FROM answer a JOIN partner p"
			 " ON p.row = a.partner WHERE a.given > $1 GROUP BY p.row, p.hears"),
	    arena, &rows);

	for (size_t i = 0; i < count; i++) {
		struct query *q = db_query(db, "UPDATE answer SET given = $2"
					       " WHERE partner = $1 AND given > $2");

		db_bind(q, 1, rows[i].id);
		db_bind(q, 2, today_of(scene, rows[i].owner));
		(void)db_run(q);
	}
}

static void clamp_contacts(struct db *db, const struct scene *scene, struct arena *arena)
{
	struct remembered *rows;
	const size_t count = collect(scene,
				     db_query(db, "SELECT c.id, p.hears, c.day FROM contact c"
						  " JOIN partner p ON p.row = c.partner"
						  " WHERE c.day > $1"),
				     arena, &rows);

	for (size_t i = 0; i < count; i++) {
		struct query *q =
		    db_query(db, "UPDATE contact SET day = $2 WHERE id = $1 AND day > $2");

		db_bind(q, 1, rows[i].id);
		db_bind(q, 2, today_of(scene, rows[i].owner));
		(void)db_run(q);
	}
}

static void clamp_owners(struct db *db, const struct scene *scene, struct arena *arena)
{
	struct remembered *rows;
	const size_t count = collect(
	    scene,
	    db_query(db, "SELECT 0, id, first_seen FROM owner WHERE first_seen > $1 OR looked > $1"
			 " OR digest > $1 OR turn > $1 OR turn_review > $1"),
	    arena, &rows);

	for (size_t i = 0; i < count; i++) {
		struct query *q = db_query(
		    db, "UPDATE owner SET"
			" first_seen = CASE WHEN first_seen > $2 THEN $2 ELSE first_seen END,"
			" looked = CASE WHEN looked > $2 THEN $2 ELSE looked END,"
			" digest = CASE WHEN digest > $2 THEN $2 ELSE digest END,"
			" turn = CASE WHEN turn > $2 THEN $2 ELSE turn END,"
			" turn_review = CASE WHEN turn_review > $2 THEN $2 ELSE turn_review END"
			" WHERE id = $1");

		db_bind_text(q, 1, rows[i].owner);
		db_bind(q, 2, today_of(scene, rows[i].owner));
		(void)db_run(q);
	}
}

/* Frees the days that digests of the future have taken: when they come, they want a digest of their
 * own. */
static void free_digest_days(struct db *db, const struct scene *scene, struct arena *arena)
{
	struct remembered *rows;
	const size_t count = collect(
	    scene, db_query(db, "SELECT id, owner, day FROM digest WHERE day > $1 AND ahead = 0"),
	    arena, &rows);

	for (size_t i = 0; i < count; i++) {
		struct query *q;

		if (rows[i].day <= today_of(scene, rows[i].owner))
			continue;
		q = db_query(db, "UPDATE digest SET ahead = id WHERE id = $1");
		db_bind(q, 1, rows[i].id);
		(void)db_run(q);
	}
}

/* What is queued was to be tried at once, what waits within a day. */
static void clamp_tries(struct db *db, const struct scene *scene)
{
	struct query *q = db_query(db, "UPDATE outbox SET next_try = $1 WHERE next_try > $2"
				       " OR (state = 'queued' AND next_try > $1)");

	db_bind(q, 1, scene->now);
	db_bind(q, 2, scene->now + RETRY_AHEAD_MS);
	(void)db_run(q);
}

static void look_at_everybody(struct db *db)
{
	(void)db_run(db_query(db, "DELETE FROM sched"));
	(void)db_run(db_query(db, "INSERT INTO sched (next_check, partner)"
				  " SELECT 0, row FROM partner WHERE archived IS NULL"));
}

/* The latest moment there is a trace of: what the last sweep or check saw, or what history wrote
 * last. */
static instant last_known_now(struct db *db)
{
	struct query *q = db_query(
	    db, "SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'last_now'"
		" UNION ALL SELECT at FROM history WHERE id = (SELECT MAX(id) FROM history)"
		" ORDER BY 1 DESC LIMIT 1");
	instant last = INT64_MIN;

	if (db_step(q))
		last = db_int(q, 0);
	db_end(q);
	return last;
}

static void set_now(struct db *db, instant now)
{
	struct query *q =
	    db_query(db, "INSERT INTO meta (key, value) VALUES ('last_now', CAST($1 AS TEXT))"
			 " ON CONFLICT (key) DO UPDATE SET value = excluded.value");

	db_bind(q, 1, now);
	(void)db_run(q);
}

static void note_step(struct db *db, const struct scene *scene, instant last)
{
	char from[INSTANT_TEXT_SIZE];
	char *detail = mem_printf("{\"from\":\"%s\"}", instant_rfc3339(last, from));

	history_add(db, scene, "clock.went_back", 0, NULL, NULL, detail);
	free(detail);
}

enum status nudge_clock_check(struct db *db, const struct scene *scene)
{
	const instant last = last_known_now(db);
	struct arena *arena = arena_new();

	clamp_told(db, scene, arena);
	clamp_priors(db, scene, arena);
	clamp_partners(db, scene, arena);
	clamp_answers(db, scene, arena);
	/* At every start this would be a walk over all contacts, for a clock that is nearly never
	 * wrong. */
	if (last > scene->now)
		clamp_contacts(db, scene, arena);
	clamp_owners(db, scene, arena);
	free_digest_days(db, scene, arena);
	clamp_tries(db, scene);
	arena_free(arena);
	if (last > scene->now) {
		look_at_everybody(db);
		note_step(db, scene, last);
	}
	set_now(db, scene->now);
	return db_status(db);
}
