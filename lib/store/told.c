/* Told days and their undoing: DESIGN.md section 5, "Never lost", "Never flooded".
 *
 * Never touches a delivery (store/outbox.c does); its callers tell it what became of them. */
#include "store/told.h"

#include <stdlib.h>

#include "store/event.h"
#include "store/outbox.h"

/* A digest that may be taken back: no channel has delivered it, and none may have. What waits and
 * is not ambiguous was surely refused; what is dead is beyond hope and holds nothing up. */
#define IS_REPLACEABLE                                                                             \
	"(d.state = 'open'"                                                                        \
	" AND EXISTS (SELECT 1 FROM outbox o WHERE o.digest = d.id AND o.state <> 'dead')"         \
	" AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.digest = d.id"                            \
	" AND (o.state = 'sending' OR (o.state <> 'dead' AND o.ambiguous > 0))))"

/* What had been told of a nudge before a digest. */
struct prior {
	int64_t nudge;
	struct told told;
};

static struct told read_told(struct query *q, int column)
{
	struct told told = {.day = DAY_NEVER};
	const char *state = db_text(q, column + 2);

	if (db_is_null(q, column))
		return told;
	told.day = (day)db_int(q, column);
	told.count = (int)db_int(q, column + 1);
	if (!state || !state_parse(state, &told.state))
		told.state = STATE_DUE;
	told.step = (int)db_int(q, column + 3);
	return told;
}

static void bind_told(struct query *q, int number, const struct told *told)
{
	if (told->day == DAY_NEVER)
		return;
	db_bind(q, number, told->day);
	db_bind(q, number + 1, told->count);
	db_bind_text(q, number + 2, state_name(told->state));
	db_bind(q, number + 3, told->step);
}

struct told told_current(struct db *db, int64_t nudge, const char *hearer)
{
	struct query *q = db_query(
	    db, "SELECT day, count, state, step FROM told WHERE nudge = $1 AND hearer = $2");
	struct told told = {.day = DAY_NEVER};

	db_bind(q, 1, nudge);
	db_bind_text(q, 2, hearer);
	if (db_step(q))
		told = read_told(q, 0);
	db_end(q);
	return told;
}

/* Walks the chain from its newest digest backwards, up to the first that stands. */
void told_get(struct db *db, int64_t nudge, const char *hearer, struct told *ret_told,
	      bool *ret_retell)
{
	struct query *q = db_query(
	    db, "SELECT n.prior_day, n.prior_count, n.prior_state, n.prior_step, d.state = "
		"'lost', " IS_REPLACEABLE " FROM digest_nudge n JOIN digest d ON d.id = n.digest"
		" WHERE n.nudge = $1 AND d.owner = $2 ORDER BY n.digest DESC");

	*ret_told = told_current(db, nudge, hearer);
	*ret_retell = false;
	db_bind(q, 1, nudge);
	db_bind_text(q, 2, hearer);
	while (db_step(q)) {
		const bool lost = db_int(q, 4), replaceable = db_int(q, 5);

		if (!lost && !replaceable)
			break;
		*ret_retell = true;
		/* A lost one has been taken back already. */
		if (replaceable)
			*ret_told = read_told(q, 0);
	}
	db_end(q);
}

static void write_told(struct db *db, int64_t nudge, const char *hearer, const struct told *told)
{
	struct query *q;

	if (told->day == DAY_NEVER)
		q = db_query(db, "DELETE FROM told WHERE nudge = $1 AND hearer = $2");
	else
		q = db_query(
		    db, "INSERT INTO told (nudge, hearer, day, count, state, step)"
			" VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (nudge, hearer) DO UPDATE"
			" SET day = excluded.day, count = excluded.count, state = excluded.state,"
			" step = excluded.step");
	db_bind(q, 1, nudge);
	db_bind_text(q, 2, hearer);
	bind_told(q, 3, told);
	(void)db_run(q);
}

void told_tell(struct db *db, int64_t digest, int64_t nudge, const char *hearer, day today,
	       enum state state, int step)
{
	const struct told prior = told_current(db, nudge, hearer);
	const struct told told = {
	    .day = today, .count = prior.count + 1, .state = state, .step = step};
	struct query *q =
	    db_query(db, "INSERT INTO digest_nudge (digest, nudge, state, step, prior_day,"
			 " prior_count, prior_state, prior_step)"
			 " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");

	db_bind(q, 1, digest);
	db_bind(q, 2, nudge);
	db_bind_text(q, 3, state_name(state));
	db_bind(q, 4, step);
	bind_told(q, 5, &prior);
	(void)db_run(q);
	write_told(db, nudge, hearer, &told);
}

static bool next_prior(struct db *db, int64_t digest, int64_t after, struct prior *ret_prior)
{
	struct query *q = db_query(
	    db, "SELECT nudge, prior_day, prior_count, prior_state, prior_step FROM digest_nudge"
		" WHERE digest = $1 AND nudge > $2 ORDER BY nudge LIMIT 1");
	bool found;

	db_bind(q, 1, digest);
	db_bind(q, 2, after);
	found = db_step(q);
	if (found)
		*ret_prior = (struct prior){.nudge = db_int(q, 0), .told = read_told(q, 1)};
	db_end(q);
	return found;
}

/* The digest after this one in the chain of a nudge; 0 when this one told it last. */
static int64_t later_digest(struct db *db, int64_t digest, int64_t nudge, const char *hearer)
{
	struct query *q =
	    db_query(db, "SELECT n.digest FROM digest_nudge n JOIN digest d ON d.id = n.digest"
			 " WHERE n.nudge = $1 AND n.digest > $2 AND d.owner = $3"
			 " AND d.state IN ('open', 'delivered') ORDER BY n.digest LIMIT 1");
	int64_t later = 0;

	db_bind(q, 1, nudge);
	db_bind(q, 2, digest);
	db_bind_text(q, 3, hearer);
	if (db_step(q))
		later = db_int(q, 0);
	db_end(q);
	return later;
}

static void hand_prior_on(struct db *db, int64_t later, const struct prior *prior)
{
	struct query *q =
	    db_query(db, "UPDATE digest_nudge SET prior_day = $3, prior_count = $4,"
			 " prior_state = $5, prior_step = $6 WHERE digest = $1 AND nudge = $2");

	db_bind(q, 1, later);
	db_bind(q, 2, prior->nudge);
	bind_told(q, 3, &prior->told);
	(void)db_run(q);
}

/* Takes a digest out of the chains of its nudges. */
static void undo(struct db *db, int64_t digest, const char *hearer)
{
	struct prior prior = {0};

	while (next_prior(db, digest, prior.nudge, &prior)) {
		const int64_t later = later_digest(db, digest, prior.nudge, hearer);

		if (later)
			hand_prior_on(db, later, &prior);
		else
			write_told(db, prior.nudge, hearer, &prior.told);
	}
}

static int64_t newest_replaceable(struct db *db, const char *hearer)
{
	struct query *q = db_query(db, "SELECT d.id FROM digest d WHERE d.owner = $1"
				       " AND " IS_REPLACEABLE " ORDER BY d.id DESC LIMIT 1");
	int64_t digest = 0;

	db_bind_text(q, 1, hearer);
	if (db_step(q))
		digest = db_int(q, 0);
	db_end(q);
	return digest;
}

/* Its new state; false when it was in that state before. */
static bool enter_state(struct db *db, int64_t digest, const char *state)
{
	struct query *q =
	    db_query(db, "UPDATE digest SET state = $2 WHERE id = $1 AND state <> $2");

	db_bind(q, 1, digest);
	db_bind_text(q, 2, state);
	return db_run(q) == 1;
}

static void forget_nudges(struct db *db, int64_t digest)
{
	struct query *q = db_query(db, "DELETE FROM digest_nudge WHERE digest = $1");

	db_bind(q, 1, digest);
	(void)db_run(q);
}

void told_replace(struct db *db, const struct scene *scene, const char *hearer)
{
	int64_t digest;

	while ((digest = newest_replaceable(db, hearer)) != 0) {
		undo(db, digest, hearer);
		forget_nudges(db, digest);
		if (!enter_state(db, digest, "replaced"))
			break;
	}
	outbox_replace(db, scene, hearer, 0);
}

void told_recall(struct db *db, const struct scene *scene, int64_t digest, const char *hearer)
{
	/* As in told_failed(), its nudges stay noted. */
	undo(db, digest, hearer);
	if (enter_state(db, digest, "lost"))
		outbox_replace(db, scene, hearer, digest);
}

void told_reset_ladder(struct db *db, int64_t partner)
{
	struct query *q =
	    db_query(db, "UPDATE told SET step = 0 WHERE step > 0 AND nudge IN (SELECT"
			 " id FROM nudge WHERE partner = $1 AND resolved IS NULL)");

	db_bind(q, 1, partner);
	(void)db_run(q);
	q = db_query(db, "UPDATE nudge SET step = 0, step_day = NULL"
			 " WHERE partner = $1 AND step > 0 AND resolved IS NULL");
	db_bind(q, 1, partner);
	(void)db_run(q);
}

struct digest_row {
	char *owner;
	day day;
	bool lost;
	bool open;
	int64_t waiting; /* deliveries that may still arrive */
};

static bool read_digest(struct db *db, int64_t digest, struct digest_row *ret_row)
{
	struct query *q = db_query(
	    db, "SELECT owner, day, state = 'lost', state = 'open',"
		" (SELECT COUNT(*) FROM outbox o WHERE o.digest = d.id AND o.state <> 'dead')"
		" FROM digest d WHERE id = $1");
	bool found;

	db_bind(q, 1, digest);
	found = db_step(q);
	if (found)
		*ret_row = (struct digest_row){
		    .owner = mem_strdup(db_text(q, 0)),
		    .day = (day)db_int(q, 1),
		    .lost = db_int(q, 2),
		    .open = db_int(q, 3),
		    .waiting = db_int(q, 4),
		};
	db_end(q);
	return found;
}

/* A lost digest that arrived after all, because somebody had it retried by hand. */
static void tell_after_all(struct db *db, int64_t digest)
{
	struct query *q =
	    db_query(db, "INSERT INTO told (nudge, hearer, day, count, state, step)"
			 " SELECT n.nudge, d.owner, d.day, 1, n.state, n.step FROM digest_nudge n"
			 " JOIN digest d ON d.id = n.digest WHERE n.digest = $1"
			 " ON CONFLICT (nudge, hearer) DO UPDATE SET day = excluded.day,"
			 " count = told.count + 1, state = excluded.state, step = excluded.step "
			 "WHERE told.day < excluded.day");

	db_bind(q, 1, digest);
	(void)db_run(q);
}

/* What an event says about a nudge that was told; the silence may be over by now, so it claims
 * nothing of today. */
static json_t *told_data(struct query *q, const struct digest_row *row, const char *channel)
{
	const struct partner partner = {
	    .id = db_text(q, 4),
	    .name = db_text(q, 5),
	    .owner = db_text(q, 6),
	    .cadence = db_text(q, 7),
	    .tags = db_text(q, 8),
	};
	json_t *data = json_object();

	json_object_set_new(data, "nudge", json_integer(db_int(q, 0)));
	json_object_set_new(data, "rule", event_text(db_text(q, 1)));
	json_object_set_new(data, "base", event_day((day)db_int(q, 2)));
	json_object_set_new(data, "state", event_text(db_text(q, 3)));
	json_object_set_new(data, "partner", event_partner(&partner));
	json_object_set_new(data, "hearer", event_text(row->owner));
	json_object_set_new(data, "channel", event_text(channel));
	json_object_set_new(data, "day", event_day(row->day));
	return data;
}

/* Sends the event of the first nudge with a greater number; returns that number, 0 at the end. */
static int64_t send_next(struct db *db, const struct scene *scene, int64_t digest,
			 const struct digest_row *row, const char *channel, int64_t after)
{
	struct query *q = db_query(
	    db, "SELECT n.id, n.rule, n.base, t.state, p.id, p.name, p.owner, p.cadence, p.tags"
		" FROM digest_nudge t JOIN nudge n ON n.id = t.nudge"
		" JOIN partner p ON p.row = n.partner"
		" WHERE t.digest = $1 AND t.nudge > $2 AND n.rule <> 'hint'"
		" ORDER BY t.nudge LIMIT 1");
	json_t *data = NULL;
	int64_t nudge = 0;

	db_bind(q, 1, digest);
	db_bind(q, 2, after);
	if (db_step(q)) {
		nudge = db_int(q, 0);
		data = told_data(q, row, channel);
	}
	db_end(q);
	if (data)
		event_send(db, scene, nudge, "nudge.told", data);
	json_decref(data);
	return nudge;
}

void told_delivered(struct db *db, const struct scene *scene, int64_t digest, const char *channel)
{
	struct digest_row row;
	int64_t nudge = 0;

	if (!read_digest(db, digest, &row))
		return;
	if (enter_state(db, digest, "delivered")) {
		if (row.lost)
			tell_after_all(db, digest);
		if (scene->roster->event_count > 0)
			do
				nudge = send_next(db, scene, digest, &row, channel, nudge);
			while (nudge != 0);
	}
	free(row.owner);
}

static void note_lost(struct db *db, const struct scene *scene, const struct digest_row *row,
		      const char *reason)
{
	json_t *detail = json_object();
	char *text;

	json_object_set_new(detail, "day", event_day(row->day));
	json_object_set_new(detail, "reason", event_text(reason));
	text = event_dump(detail);
	history_add(db, scene, "digest.lost", 0, row->owner, NULL, text);
	free(text);
	json_decref(detail);
}

void told_failed(struct db *db, const struct scene *scene, int64_t digest, const char *reason)
{
	struct digest_row row;

	if (!read_digest(db, digest, &row))
		return;
	if (row.open && row.waiting == 0 && enter_state(db, digest, "lost")) {
		/* Its nudges stay noted: told_get() finds by them that they must be told again. */
		undo(db, digest, row.owner);
		note_lost(db, scene, &row, reason);
	}
	free(row.owner);
}
