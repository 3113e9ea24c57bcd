/* What has already happened cannot lie ahead: DESIGN.md section 5, the wake-up. A clock that was
 * wrong for an hour may not silence us for years.
 *
 * Which of two readings of the clock was wrong nobody can tell when it steps back. So whatever lies
 * ahead counts as of now, and what it said before is kept beside, in table misdated: it comes back
 * when the clock leaps back, and is forgotten when the clock goes on from here, be it to where it
 * was or for a month. What was written since is newer than either and stays. Judges nobody: it only
 * has everybody judged again. Snoozes and plans may lie ahead and are left alone.
 */
#include "store/past.h"

#include <stdlib.h>
#include <string.h>

#define RETRY_AHEAD_MS	DAY_MS /* no honest retry lies further ahead */
#define TOLD_AHEAD_DAYS 7      /* who was told a few days ahead was told, whatever the clock said */
#define BELIEVE_MS	(31 * DAY_MS) /* a clock that goes on for so long is right */
#define STEP_MS		MINUTE_MS     /* less is the clock being kept right */
#define REMEMBER_MS	HOUR_MS	      /* how exactly the latest moment is known */

/* ---- what may lie ahead ---- */

/* find yields id, name, owner and value of what lies ahead of $1; set writes $3 where id and name
 * are $1 and $2 and the value is $4 still. Values are days where the owner lives, or instants. */
static const struct memory {
	const char *what;
	const char *find;
	const char *set;
	bool is_instant;
	int slack_days;
} memories[] = {
    {.what = "told.day",
     .find = "SELECT nudge, hearer, hearer, day FROM told WHERE day > $1",
     .set = "UPDATE told SET day = $3 WHERE nudge = $1 AND hearer = $2 AND day = $4",
     .slack_days = TOLD_AHEAD_DAYS},
    {.what = "partner.first_seen",
     .find = "SELECT row, '', hears, first_seen FROM partner WHERE first_seen > $1",
     .set = "UPDATE partner SET first_seen = $3 WHERE row = $1 AND $2 = '' AND first_seen = $4"},
    {.what = "answer.given",
     .find = "SELECT a.partner, a.kind, p.hears, a.given FROM answer a"
	     " JOIN partner p ON p.row = a.partner WHERE a.given > $1",
     .set = "UPDATE answer SET given = $3 WHERE partner = $1 AND kind = $2 AND given = $4"},
    {.what = "answer.at",
     .find = "SELECT partner, kind, '', at FROM answer WHERE at > $1",
     .set = "UPDATE answer SET at = $3 WHERE partner = $1 AND kind = $2 AND at = $4",
     .is_instant = true},
    {.what = "contact.day",
     .find = "SELECT c.id, '', p.hears, c.day FROM contact c JOIN partner p ON p.row = c.partner"
	     " WHERE c.day > $1",
     .set = "UPDATE contact SET day = $3 WHERE id = $1 AND $2 = '' AND day = $4"},
    {.what = "contact.entered",
     .find = "SELECT id, '', '', entered FROM contact WHERE entered > $1",
     .set = "UPDATE contact SET entered = $3 WHERE id = $1 AND $2 = '' AND entered = $4",
     .is_instant = true},
    {.what = "nudge.step_day",
     .find = "SELECT n.id, '', p.hears, n.step_day FROM nudge n JOIN partner p"
	     " ON p.row = n.partner WHERE n.step_day > $1",
     .set = "UPDATE nudge SET step_day = $3 WHERE id = $1 AND $2 = '' AND step_day = $4"},
    {.what = "owner.first_seen",
     .find = "SELECT 0, id, id, first_seen FROM owner WHERE first_seen > $1",
     .set = "UPDATE owner SET first_seen = $3 WHERE $1 = 0 AND id = $2 AND first_seen = $4"},
    {.what = "owner.looked",
     .find = "SELECT 0, id, id, looked FROM owner WHERE looked > $1",
     .set = "UPDATE owner SET looked = $3 WHERE $1 = 0 AND id = $2 AND looked = $4"},
    {.what = "owner.digest",
     .find = "SELECT 0, id, id, digest FROM owner WHERE digest > $1",
     .set = "UPDATE owner SET digest = $3 WHERE $1 = 0 AND id = $2 AND digest = $4"},
    {.what = "owner.turn",
     .find = "SELECT 0, id, id, turn FROM owner WHERE turn > $1",
     .set = "UPDATE owner SET turn = $3 WHERE $1 = 0 AND id = $2 AND turn = $4"},
    {.what = "owner.turn_review",
     .find = "SELECT 0, id, id, turn_review FROM owner WHERE turn_review > $1",
     .set = "UPDATE owner SET turn_review = $3 WHERE $1 = 0 AND id = $2 AND turn_review = $4"},
};
#define MEMORIES (sizeof(memories) / sizeof(memories[0]))

/* One remembered value that may lie ahead, and whose it is. */
struct remembered {
	int64_t id;
	char *name, *owner;
	int64_t value;
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

/* The rows of a query that takes the sieve as $1 and yields id, name, owner, value. */
static size_t collect(int64_t sieve, struct query *q, struct arena *arena,
		      struct remembered **ret_rows)
{
	struct remembered *rows = NULL;
	size_t count = 0, capacity = 0;

	db_bind(q, 1, sieve);
	while (db_step(q)) {
		rows = arena_grow(arena, rows, count, &capacity, sizeof(*rows));
		rows[count++] = (struct remembered){
		    .id = db_int(q, 0),
		    .name = arena_strdup(arena, db_text(q, 1)),
		    .owner = arena_strdup(arena, db_text(q, 2)),
		    .value = db_int(q, 3),
		};
	}
	*ret_rows = rows;
	return count;
}

/* The contact has another day: its partner's rhythm is found anew when it is judged, which
 * everybody is. */
static void forget_rhythm(struct db *db, int64_t contact)
{
	struct query *q =
	    db_query(db, "UPDATE partner SET met = NULL WHERE row = (SELECT partner FROM contact"
			 " WHERE id = $1)");

	db_bind(q, 1, contact);
	(void)db_run(q);
}

/* Changes nothing when it is no longer what the row says. */
static void set_memory(struct db *db, const struct memory *memory, const struct remembered *row,
		       int64_t value)
{
	struct query *q = db_query(db, memory->set);

	db_bind(q, 1, row->id);
	db_bind_text(q, 2, row->name);
	db_bind(q, 3, value);
	db_bind(q, 4, row->value);
	if (db_run(q) == 1 && strcmp(memory->what, "contact.day") == 0)
		forget_rhythm(db, row->id);
}

/* What it said first counts, however often the clock steps, unless it was changed in between. */
static void keep_beside(struct db *db, const struct memory *memory, const struct remembered *row,
			int64_t put)
{
	struct query *q =
	    db_query(db, "INSERT INTO misdated (what, id, name, value, put)"
			 " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (what, id, name) DO UPDATE"
			 " SET value = CASE WHEN put = $4 THEN value ELSE $4 END, put = $5");

	db_bind_text(q, 1, memory->what);
	db_bind(q, 2, row->id);
	db_bind_text(q, 3, row->name);
	db_bind(q, 4, row->value);
	db_bind(q, 5, put);
	(void)db_run(q);
}

static void clamp(struct db *db, const struct scene *scene, const struct memory *memory)
{
	struct arena *arena = arena_new();
	struct remembered *rows;
	const size_t count = collect(memory->is_instant ? scene->now : earliest_today(scene),
				     db_query(db, memory->find), arena, &rows);

	for (size_t i = 0; i < count; i++) {
		const int64_t now =
		    memory->is_instant ? scene->now : today_of(scene, rows[i].owner);

		if (rows[i].value <= now + memory->slack_days)
			continue;
		keep_beside(db, memory, &rows[i], now);
		set_memory(db, memory, &rows[i], now);
	}
	arena_free(arena);
}

/* What digests remember of the time before them. */
static void clamp_priors(struct db *db, const struct scene *scene, struct arena *arena)
{
	struct remembered *rows;
	const size_t count = collect(
	    earliest_today(scene),
	    db_query(db, "SELECT d.id, '', d.owner, MAX(n.prior_day) FROM digest d"
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

/* Frees the days that digests of the future have taken: when they come, they want a digest of their
 * own. */
static void free_digest_days(struct db *db, const struct scene *scene, struct arena *arena)
{
	struct remembered *rows;
	const size_t count = collect(
	    earliest_today(scene),
	    db_query(db, "SELECT id, '', owner, day FROM digest WHERE day > $1 AND ahead = 0"),
	    arena, &rows);

	for (size_t i = 0; i < count; i++) {
		struct query *q;

		if (rows[i].value <= today_of(scene, rows[i].owner))
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

/* ---- what is known of the clock ---- */

static instant read_moment(struct db *db, const char *key)
{
	struct query *q = db_query(db, "SELECT CAST(value AS INTEGER) FROM meta WHERE key = $1");
	instant at = INT64_MIN;

	db_bind_text(q, 1, key);
	if (db_step(q))
		at = db_int(q, 0);
	db_end(q);
	return at;
}

static void write_moment(struct db *db, const char *key, instant at)
{
	struct query *q = db_query(db, "INSERT INTO meta (key, value) VALUES ($1, CAST($2 AS TEXT))"
				       " ON CONFLICT (key) DO UPDATE SET value = excluded.value");

	db_bind_text(q, 1, key);
	db_bind(q, 2, at);
	(void)db_run(q);
}

/* The latest moment there is a trace of: what a turn or a check saw, or what history wrote last. */
static instant last_known_now(struct db *db)
{
	struct query *q =
	    db_query(db, "SELECT at FROM history WHERE id = (SELECT MAX(id) FROM history)");
	const instant seen = read_moment(db, "last_now");
	instant last = seen;

	if (db_step(q) && db_int(q, 0) > last)
		last = db_int(q, 0);
	db_end(q);
	return last;
}

void past_remember_now(struct db *db, instant now)
{
	if (read_moment(db, "last_now") < now - REMEMBER_MS)
		write_moment(db, "last_now", now);
}

instant past_latest(struct db *db)
{
	const instant last = last_known_now(db), stepped = read_moment(db, "stepped_from");

	return last > stepped ? last : stepped;
}

static void note_step(struct db *db, const struct scene *scene, instant last)
{
	char from[INSTANT_TEXT_SIZE];
	char *detail = mem_printf("{\"from\":\"%s\"}", instant_rfc3339(last, from));

	history_add(db, scene, "clock.went_back", 0, NULL, NULL, detail);
	free(detail);
}

/* ---- the way back ---- */

static const struct memory *find_memory(const char *what)
{
	for (size_t i = 0; i < MEMORIES; i++)
		if (strcmp(memories[i].what, what) == 0)
			return &memories[i];
	return NULL;
}

/* The clock has come back to where it was: so has everything that nobody has changed since. */
static void restore(struct db *db, const struct scene *scene)
{
	struct query *q = db_query(db, "SELECT what, id, name, value, put FROM misdated");

	while (db_step(q)) {
		const struct memory *memory = find_memory(db_text(q, 0));
		const struct remembered row = {
		    .id = db_int(q, 1), .name = (char *)db_text(q, 2), .value = db_int(q, 4)};

		if (memory)
			set_memory(db, memory, &row, db_int(q, 3));
	}
	look_at_everybody(db);
	history_add(db, scene, "clock.came_back", 0, NULL, NULL, NULL);
}

/* Whether the clock has leapt to where it was before it stepped back: no turn has seen it get there
 * by itself. A start may have slept through that, and cannot tell. */
static bool has_leapt_back(struct db *db, const struct scene *scene)
{
	const instant from = read_moment(db, "stepped_from");

	return from != INT64_MIN && scene->now >= from && read_moment(db, "last_now") < from;
}

void past_settle(struct db *db, const struct scene *scene)
{
	const instant from = read_moment(db, "stepped_from"), at = read_moment(db, "stepped_at");

	if (at == INT64_MIN || (scene->now < from && scene->now < at + BELIEVE_MS))
		return;
	(void)db_run(db_query(db, "DELETE FROM misdated"));
	(void)db_run(db_query(db, "DELETE FROM meta WHERE key IN ('stepped_from', 'stepped_at')"));
}

void past_forget_answer(struct db *db, int64_t partner, const char *kind)
{
	struct query *q = db_query(db, "DELETE FROM misdated WHERE what IN ('answer.given',"
				       " 'answer.at') AND id = $1 AND name = $2");

	db_bind(q, 1, partner);
	db_bind_text(q, 2, kind);
	(void)db_run(q);
}

/* ---- the check ---- */

static void step_back(struct db *db, const struct scene *scene, instant last)
{
	const bool again = read_moment(db, "stepped_at") != INT64_MIN;

	for (size_t i = 0; i < MEMORIES; i++)
		clamp(db, scene, &memories[i]);
	if (!again)
		write_moment(db, "stepped_from", last);
	write_moment(db, "stepped_at", scene->now);
	look_at_everybody(db);
	note_step(db, scene, last);
}

enum status nudge_clock_check(struct db *db, const struct scene *scene)
{
	struct arena *arena = arena_new();
	instant last;

	if (has_leapt_back(db, scene))
		restore(db, scene);
	past_settle(db, scene);
	last = last_known_now(db);
	/* While the clock goes forward nothing can lie ahead; to look would be a walk over
	 * everything. */
	if (last > scene->now + STEP_MS) {
		clamp_priors(db, scene, arena);
		free_digest_days(db, scene, arena);
		step_back(db, scene, last);
	}
	clamp_tries(db, scene);
	write_moment(db, "last_now", scene->now);
	arena_free(arena);
	return db_status(db);
}
