/* What is told of one partner: what was, and what will be if nothing happens.
 *
 * Foretelling decides nothing itself: it plays the days to come with nudge_judge(),
 * digest_compose() and digest_commit(), at the moments that digest_next_time() names, within a
 * savepoint that is undone. Nothing of it is kept and nothing leaves. */
#include "core/hint.h"
#include "store/told.h"

#define HEARERS_MAX 3 /* the owner, the backup, the manager */
#define VISITS_MAX  2000
/* Walked one by one before something calls, so that a review day has had its turn */
#define TURN_SEEN_DAYS 8
#define PLAYED_CHANNEL "foretold"

struct play {
	struct db *db;
	struct scene scene; /* its now moves on */
	const struct facts *facts;
	struct arena *arena;
	const struct owner *hearers[HEARERS_MAX];
	struct owner_history histories[HEARERS_MAX];
	size_t hearer_count;
	struct telling *tellings;
	size_t count, capacity;
	struct error *err;
};

/* ---- who may hear of it ---- */

static void add_hearer(struct play *play, const char *id)
{
	const struct owner *owner = roster_owner(play->scene.roster, id);

	for (size_t i = 0; i < play->hearer_count; i++)
		if (play->hearers[i] == owner)
			return;
	if (owner)
		play->hearers[play->hearer_count++] = owner;
}

static enum status find_hearers(struct play *play)
{
	const struct owner *owner = play->facts->owner;
	enum status status = STATUS_OK;

	if (!owner)
		return STATUS_OK;
	add_hearer(play, owner->id);
	add_hearer(play, owner->backup);
	add_hearer(play, owner->manager);
	for (size_t i = 0; i < play->hearer_count && status == STATUS_OK; i++)
		status = owner_history_get(play->db, &play->scene, play->hearers[i]->id,
					   &play->histories[i]);
	return status;
}

/* ---- one digest ---- */

static void note_entry(struct play *play, const struct digest *digest,
		       const struct digest_entry *entry)
{
	play->tellings = arena_grow(play->arena, play->tellings, play->count, &play->capacity,
				    sizeof(*play->tellings));
	play->tellings[play->count++] = (struct telling){
	    .at = play->scene.now,
	    .day = digest->today,
	    .hearer = digest->hearer,
	    .part = entry->item->part,
	    .occasion = entry->occasion,
	    .back = entry->back,
	    .rule = entry->item->verdict.rule,
	    .state = entry->item->verdict.state,
	    .step = entry->item->step,
	    .reminder = entry->reminder,
	};
}

static int64_t newest_digest(struct db *db, const char *owner)
{
	struct query *q = db_query(db, "SELECT max(id) FROM digest WHERE owner = $1");
	int64_t id;

	db_bind_text(q, 1, owner);
	id = db_step(q) ? db_int(q, 0) : 0;
	db_end(q);
	return id;
}

/* Remembers the digest as the engine does, and has it delivered. */
static enum status commit(struct play *play, struct digest *digest)
{
	const struct parcel_plan parcel = {.channel = PLAYED_CHANNEL, .document = "{}"};
	const bool sends = digest->entry_count > 0;

	digest->kind = sends ? DIGEST_NUDGES : DIGEST_NOTHING;
	const enum status status =
	    digest_commit(play->db, &play->scene, digest, &parcel, sends, play->err);
	if (status == STATUS_OK && sends)
		told_delivered(play->db, &play->scene, newest_digest(play->db, digest->hearer->id),
			       PLAYED_CHANNEL);
	return status;
}

static enum status play_digest(struct play *play, size_t hearer)
{
	const struct owner *owner = play->hearers[hearer];
	struct arena *arena = arena_new();
	struct digest_input input;
	struct digest digest;
	enum status status = nudge_judge(play->db, &play->scene, play->facts, "changed");

	if (status == STATUS_OK)
		status = digest_gather_of(play->db, &play->scene, owner, play->facts->partner.row,
					  arena, &input, play->err);
	if (status == STATUS_OK) {
		digest = digest_compose(arena, &input);
		for (size_t i = 0; i < digest.entry_count; i++)
			note_entry(play, &digest, &digest.entries[i]);
		status = commit(play, &digest);
	}
	if (status == STATUS_OK)
		status =
		    owner_history_get(play->db, &play->scene, owner->id, &play->histories[hearer]);
	arena_free(arena);
	return status;
}

/* ---- from digest to digest ---- */

/* Nobody tells of a partner that does not call: from here on the days are of interest again. */
static instant skip_quiet(const struct play *play, instant from)
{
	const struct zone *zone = play->facts->owner->zone;
	const day today = zone_day(zone, from);
	struct verdict verdicts[RULES];
	const size_t count = judge_with_hint(play->facts, today, verdicts);
	day next = DAY_NEVER;

	for (size_t i = 0; i < count; i++) {
		if (verdict_calls(&verdicts[i]))
			return from;
		if (verdicts[i].next_change < next)
			next = verdicts[i].next_change;
	}
	if (next == DAY_NEVER)
		return INSTANT_NEVER;
	return next - TURN_SEEN_DAYS > today ? zone_day_start(zone, next - TURN_SEEN_DAYS) : from;
}

/* The digest that comes next, of whomever. */
static instant next_digest(const struct play *play, instant from, size_t *ret_hearer)
{
	instant next = INSTANT_NEVER;

	for (size_t i = 0; i < play->hearer_count; i++) {
		const instant at = digest_next_time(play->hearers[i], &play->histories[i], from);

		if (at >= next)
			continue;
		next = at;
		*ret_hearer = i;
	}
	return next;
}

/* *until: how far; less when there is too much to tell. */
static enum status play_days(struct play *play, instant *until)
{
	enum status status = find_hearers(play);

	for (int i = 0; i < VISITS_MAX && play->hearer_count > 0 && status == STATUS_OK; i++) {
		const instant from = skip_quiet(play, play->scene.now);
		size_t hearer = 0;
		const instant next =
		    from == INSTANT_NEVER ? from : next_digest(play, from, &hearer);

		if (next > *until)
			return status;
		if (play->count == TELLINGS_MAX)
			break;
		play->scene.now = next;
		status = play_digest(play, hearer);
	}
	if (play->hearer_count > 0)
		*until = play->scene.now;
	return status;
}

enum status partner_foretell(struct db *db, const struct scene *scene, const struct facts *facts,
			     instant *until, struct arena *arena, struct telling **ret_tellings,
			     size_t *ret_count, struct error *err)
{
	struct play play = {.db = db, .scene = *scene, .facts = facts, .arena = arena, .err = err};
	enum status status = STATUS_OK;

	if (facts->partner.archived == DAY_NEVER)
		status = db_point(db);
	if (status == STATUS_OK && facts->partner.archived == DAY_NEVER) {
		status = play_days(&play, until);
		if (status == STATUS_OK)
			status = db_status(db);
		if (status != STATUS_OK && !err->text[0])
			error_set(err, "%s", db_error(db));
		if (db_lost_transaction(db))
			return status;
		db_clear(db);
		db_point_undo(db);
	}
	if (status != STATUS_OK)
		return status;
	*ret_tellings = play.tellings;
	*ret_count = play.count;
	return db_status(db);
}

/* ---- what was told ---- */

static struct told_row read_row(struct query *q, struct arena *arena)
{
	struct told_row row = {
	    .nudge = db_int(q, 0),
	    .day = (day)db_int(q, 1),
	    .hearer = arena_strdup(arena, db_text(q, 2)),
	    .digest = arena_strdup(arena, db_text(q, 3)),
	    .state = STATE_DUE,
	    .step = (int)db_int(q, 6),
	    .count = (int)db_int(q, 7) + 1,
	    .prior_state = STATE_DUE,
	    .prior_step = (int)db_int(q, 9),
	};
	const char *prior = db_text(q, 8);

	/* We wrote these words ourselves, so they are known. */
	(void)!rule_parse(db_text(q, 4), &row.rule);
	(void)!state_parse(db_text(q, 5), &row.state);
	if (prior)
		(void)!state_parse(prior, &row.prior_state);
	return row;
}

enum status partner_tellings(struct db *db, int64_t partner_row, day until, size_t limit,
			     struct arena *arena, struct told_row **ret_rows, size_t *ret_count)
{
	struct query *q = db_query(
	    db, "SELECT t.nudge, d.day, d.owner, d.state, n.rule, t.state, t.step, t.prior_count,"
		" t.prior_state, t.prior_step FROM nudge n JOIN digest_nudge t ON t.nudge = n.id"
		" JOIN digest d ON d.id = t.digest WHERE n.partner = $1 AND d.day <= $2"
		" AND d.ahead = 0 AND d.state <> 'replaced'"
		" ORDER BY d.day DESC, d.id DESC, t.nudge DESC LIMIT $3");
	struct told_row *rows = NULL;
	size_t count = 0, capacity = 0;

	db_bind(q, 1, partner_row);
	db_bind(q, 2, until);
	db_bind(q, 3, (int64_t)limit);
	while (db_step(q)) {
		rows = arena_grow(arena, rows, count, &capacity, sizeof(*rows));
		rows[count++] = read_row(q, arena);
	}
	if (db_status(db) != STATUS_OK)
		return db_status(db);
	*ret_rows = rows;
	*ret_count = count;
	return STATUS_OK;
}
