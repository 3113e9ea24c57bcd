/* The outbox: every delivery from its queuing to its end.
 *
 * Nothing here sends, and nothing here decides when to try again: it keeps what was decided, so
 * that no crash can forget it. */
#include "store/outbox.h"

#include <string.h>

#include "base/text.h"
#include "store/block.h"
#include "store/delivery.h"
#include "store/rest.h"
#include "store/told.h"

/* The events of one nudge keep their order on each channel. What is dead holds nothing up. */
#define IS_FREE                                                                                    \
	"NOT EXISTS (SELECT 1 FROM outbox e WHERE e.nudge = o.nudge AND e.channel = o.channel"     \
	" AND e.id < o.id AND e.state <> 'dead')"

#define IS_OF_KIND "($4 IS NULL OR o.kind = $4)"

/* ---- in ---- */

static void bind_row_number(struct query *q, int number, int64_t row)
{
	if (row > 0)
		db_bind(q, number, row);
}

/* What can be tried, unless its way is blocked. A test goes out all the same: it finds out whether
 * the way is mended. */
static enum delivery_state ready_state(struct db *db, const char *kind, const char *channel,
				       const char *recipient)
{
	return strcmp(kind, "test") != 0 && block_holds(db, channel, recipient) ? DELIVERY_WAITING
										: DELIVERY_QUEUED;
}

int64_t outbox_put(struct db *db, const struct scene *scene, const struct posting *posting)
{
	const enum delivery_state state =
	    ready_state(db, posting->kind, posting->channel, posting->recipient);
	struct query *q = db_query(
	    db, "INSERT INTO outbox (key, kind, state, channel, recipient, owner, digest, nudge,"
		" next_try, created, schedule_from, document)"
		" SELECT $1, $2, $10, $3, $4, $5, $6, $7, $8, $8, $8, $9"
		" WHERE NOT EXISTS (SELECT 1 FROM history WHERE key = $1)"
		" ON CONFLICT (key) DO NOTHING");

	db_bind_text(q, 1, posting->key);
	db_bind_text(q, 2, posting->kind);
	db_bind_text(q, 3, posting->channel);
	db_bind_text(q, 4, posting->recipient);
	db_bind_text(q, 5, posting->owner);
	bind_row_number(q, 6, posting->digest);
	bind_row_number(q, 7, posting->nudge);
	db_bind(q, 8, scene->now);
	db_bind_text(q, 9, posting->document);
	db_bind_text(q, 10, delivery_state_name(state));
	return db_run(q) == 1 ? db_last_row(db) : 0;
}

enum status outbox_add(struct db *db, const struct scene *scene, const char *key, const char *kind,
		       const char *channel, const char *recipient, const char *document,
		       int64_t *ret_id)
{
	const int64_t id = outbox_put(db, scene,
				      &(struct posting){.key = key,
							.kind = kind,
							.channel = channel,
							.recipient = recipient,
							.document = document});

	if (db_status(db) != STATUS_OK)
		return db_status(db);
	if (id == 0)
		return STATUS_CONFLICT;
	*ret_id = id;
	return STATUS_OK;
}

/* ---- out ---- */

/* Whether everything a digest would say is settled already. */
static bool is_obsolete(struct db *db, const struct row *row)
{
	struct query *q;
	bool obsolete;

	if (row->digest == 0)
		return false;
	q = db_query(db, "SELECT 1 FROM digest d WHERE d.id = $1 AND d.kind = 'nudges'"
			 " AND EXISTS (SELECT 1 FROM digest_nudge t WHERE t.digest = d.id)"
			 " AND NOT EXISTS (SELECT 1 FROM digest_nudge t JOIN nudge n"
			 " ON n.id = t.nudge WHERE t.digest = d.id AND n.resolved IS NULL)");
	db_bind(q, 1, row->digest);
	obsolete = db_step(q);
	db_end(q);
	return obsolete;
}

/* Up to room deliveries to be tried now; kind: of this one alone, NULL: of all. Two ranges of one
 * index, so that a long queue costs nothing. */
static size_t find_ready(struct db *db, const struct scene *scene, const char *channel,
			 const char *kind, size_t room, struct arena *arena, struct row *rows)
{
	struct query *q = db_query(
	    db,
	    "SELECT " ROW_COLUMNS " FROM ("
	    "SELECT id, next_try FROM (SELECT o.id, o.next_try FROM outbox o WHERE o.channel = $1"
	    " AND o.state = 'queued' AND o.next_try <= $2 AND " IS_OF_KIND " AND " IS_FREE
	    " ORDER BY o.next_try, o.id LIMIT $3) AS queued"
	    " UNION ALL "
	    "SELECT id, next_try FROM (SELECT o.id, o.next_try FROM outbox o WHERE o.channel = $1"
	    " AND o.state = 'retry' AND o.next_try <= $2 AND " IS_OF_KIND " AND " IS_FREE
	    " ORDER BY o.next_try, o.id LIMIT $3) AS waiting"
	    " ORDER BY 2, 1 LIMIT $3) AS ready JOIN outbox o ON o.id = ready.id"
	    " ORDER BY ready.next_try, ready.id");
	size_t count = 0;

	db_bind_text(q, 1, channel);
	db_bind(q, 2, scene->now);
	db_bind(q, 3, (int64_t)room);
	db_bind_text(q, 4, kind);
	while (db_step(q))
		if (count < room)
			rows[count++] = row_read(q, arena);
	return count;
}

/* Puts off what would reach its owner in quiet hours; false when it may go. Whoever tests a channel
 * is awake. */
static bool puts_off(struct db *db, const struct scene *scene, const struct row *row)
{
	const struct delivery *delivery = &row->delivery;
	const struct owner *owner = roster_owner(scene->roster, delivery->owner);
	struct query *q;

	if (!owner || strcmp(delivery->kind, "digest") != 0)
		return false;
	const instant until = owner_quiet_until(owner, scene->now);
	if (until <= scene->now)
		return false;
	q = db_query(db, "UPDATE outbox SET next_try = $2 WHERE id = $1");
	db_bind(q, 1, delivery->id);
	db_bind(q, 2, until);
	return db_run(q) == 1;
}

/* Marks one as being sent; false when there is nothing to send. */
static bool claim_row(struct db *db, const struct scene *scene, const struct row *row,
		      struct delivery *ret_delivery)
{
	struct passage passage;

	if (is_obsolete(db, row)) {
		row_drop(db, scene, row, "obsolete");
		return false;
	}
	if (puts_off(db, scene, row))
		return false;
	passage = passage_to(DELIVERY_SENDING, &row->delivery);
	passage.attempts++;
	if (!outbox_enter(db, scene, &row->delivery, &passage))
		return false;
	*ret_delivery = row->delivery;
	ret_delivery->state = passage.to;
	ret_delivery->attempts = passage.attempts;
	return true;
}

enum status outbox_claim(struct db *db, const struct scene *scene, const char *channel, size_t room,
			 struct arena *arena, struct delivery **ret_deliveries, size_t *ret_count)
{
	struct delivery *deliveries = arena_alloc(arena, room + 1, sizeof(*deliveries));
	struct row *rows = arena_alloc(arena, room + 1, sizeof(*rows));
	size_t count = 0, found;

	/* Who tests a channel wants to know whether it is still to be left alone. */
	const char *kind = channel_rests_until(db, scene, channel) > scene->now ? "test" : NULL;

	/* What was dropped makes room for others. Each round takes at least one out of the queue,
	 * unless it fails. */
	while (count < room &&
	       (found = find_ready(db, scene, channel, kind, room - count, arena, rows)) > 0) {
		for (size_t i = 0; i < found; i++)
			if (claim_row(db, scene, &rows[i], &deliveries[count]))
				count++;
		if (db_status(db) != STATUS_OK)
			break;
	}
	if (db_status(db) != STATUS_OK)
		return db_status(db);
	*ret_deliveries = deliveries;
	*ret_count = count;
	return STATUS_OK;
}

/* ---- back ---- */

/* Loads a delivery that is being sent in this attempt. */
static bool load_sending(struct db *db, int64_t id, int attempts, struct arena *arena,
			 struct row *ret_row)
{
	return row_load(db, id, arena, ret_row) && ret_row->delivery.state == DELIVERY_SENDING &&
	       ret_row->delivery.attempts == attempts;
}

/* What a stranger answered is kept only when it is text. */
static const char *sound_reason(const char *reason)
{
	char scratch[TEXT_FAULT_SIZE];

	if (reason && text_check(reason, strlen(reason), TEXT_NOTE, 0, SIZE_MAX, scratch))
		return "the answer was not text";
	return reason;
}

static bool is_attempted_again(enum delivery_state state)
{
	return state == DELIVERY_RETRY || state == DELIVERY_WAITING;
}

static struct passage settle_passage(const struct delivery *from,
				     const struct settlement *settlement)
{
	static const enum delivery_state ends[] = {
	    [SETTLE_DELIVERED] = DELIVERY_DELIVERED, [SETTLE_RETRY] = DELIVERY_RETRY,
	    [SETTLE_DEAD] = DELIVERY_DEAD,	     [SETTLE_BLOCKED] = DELIVERY_WAITING,
	    [SETTLE_NO_ADDRESS] = DELIVERY_WAITING,
	};
	struct passage passage = passage_to(ends[settlement->kind], from);

	/* Who tests a channel wants to know now: all that can wait for is its form without markup.
	 */
	if (is_attempted_again(passage.to) && !settlement->plain && strcmp(from->kind, "test") == 0)
		passage.to = DELIVERY_DEAD;
	if (passage.to == DELIVERY_RETRY) {
		passage.next_try = settlement->retry_at;
		passage.plain |= settlement->plain;
		passage.doubted |= settlement->doubted;
	}
	if (settlement->ambiguous)
		passage.ambiguous++;
	passage.reason = sound_reason(settlement->reason);
	return passage;
}

static void settle_row(struct db *db, const struct scene *scene, const struct row *row,
		       const struct settlement *settlement)
{
	const struct delivery *delivery = &row->delivery;
	struct passage passage = settle_passage(delivery, settlement);

	/* The way was closed while it was on it. */
	if (passage.to == DELIVERY_RETRY && ready_state(db, delivery->kind, delivery->channel,
							delivery->recipient) == DELIVERY_WAITING)
		passage.to = DELIVERY_WAITING;
	/* An admin hears of it before long. */
	if (passage.to == DELIVERY_DEAD)
		passage.next_try = scene->now;
	if (!outbox_enter(db, scene, delivery, &passage))
		return;
	if (passage.to == DELIVERY_DELIVERED && !settlement->outdated)
		(void)block_end(db, scene, delivery->channel,
				delivery->recipient ? delivery->recipient : "");
	if (passage.to == DELIVERY_WAITING && settlement->kind != SETTLE_RETRY)
		block_begin(db, scene, delivery->channel,
			    settlement->kind == SETTLE_NO_ADDRESS ? delivery->recipient : NULL,
			    settlement->token, passage.reason);
	if (row->digest == 0)
		return;
	if (passage.to == DELIVERY_DELIVERED)
		told_delivered(db, scene, row->digest, row->delivery.channel);
	/* Another channel may have kept the digest open; what it told stands or falls with the last
	 * one. */
	if (passage.to == DELIVERY_DEAD)
		told_failed(db, scene, row->digest, passage.reason);
}

enum status outbox_settle(struct db *db, const struct scene *scene,
			  const struct settlement *settlement)
{
	struct arena *arena = arena_new();
	struct row row;

	if (load_sending(db, settlement->id, settlement->attempts, arena, &row)) {
		settle_row(db, scene, &row, settlement);
		if (settlement->rest_until > scene->now)
			rest_begin(db, scene, row.delivery.channel, settlement->rest_until);
	}
	arena_free(arena);
	return db_status(db);
}

enum status outbox_release(struct db *db, const struct scene *scene, int64_t id, int attempts)
{
	struct arena *arena = arena_new();
	struct row row;

	if (load_sending(db, id, attempts, arena, &row)) {
		struct passage passage =
		    passage_to(ready_state(db, row.delivery.kind, row.delivery.channel,
					   row.delivery.recipient),
			       &row.delivery);

		passage.attempts--;
		(void)outbox_enter(db, scene, &row.delivery, &passage);
	}
	arena_free(arena);
	return db_status(db);
}

static void recover_row(struct db *db, const struct scene *scene, const struct row *row)
{
	const struct delivery *delivery = &row->delivery;
	struct passage passage = passage_to(
	    ready_state(db, delivery->kind, delivery->channel, delivery->recipient), delivery);

	passage.ambiguous++;
	passage.next_try = scene->now;
	(void)outbox_enter(db, scene, delivery, &passage);
}

/* All ids are read first, from an index: a long queue is not looked at row by row. */
enum status outbox_recover(struct db *db, const struct scene *scene)
{
	struct arena *arena = arena_new();
	struct query *q = db_query(db, "SELECT id FROM outbox WHERE state = 'sending'");
	int64_t *ids = NULL;
	size_t count = 0, capacity = 0;
	struct row row;

	while (db_step(q)) {
		ids = arena_grow(arena, ids, count, &capacity, sizeof(*ids));
		ids[count++] = db_int(q, 0);
	}
	for (size_t i = 0; i < count; i++)
		if (row_load(db, ids[i], arena, &row))
			recover_row(db, scene, &row);
	arena_free(arena);
	return db_status(db);
}

/* The next try of what is of this kind, NULL: of all; INSTANT_NEVER: there is none. */
static instant find_next_try(struct db *db, const char *channel, const char *kind)
{
	struct query *q = db_query(
	    db, "SELECT next_try FROM (SELECT o.next_try FROM outbox o WHERE o.channel = $1"
		" AND o.state = 'queued' AND " IS_OF_KIND " AND " IS_FREE
		" ORDER BY o.next_try LIMIT 1) AS queued"
		" UNION ALL "
		"SELECT next_try FROM (SELECT o.next_try FROM outbox o WHERE o.channel = $1"
		" AND o.state = 'retry' AND " IS_OF_KIND " AND " IS_FREE
		" ORDER BY o.next_try LIMIT 1) AS waiting"
		" ORDER BY 1 LIMIT 1");
	instant next = INSTANT_NEVER;

	db_bind_text(q, 1, channel);
	db_bind_text(q, 4, kind);
	if (db_step(q))
		next = db_int(q, 0);
	db_end(q);
	return next;
}

instant outbox_next_try(struct db *db, const struct scene *scene, const char *channel)
{
	const instant rested = channel_rests_until(db, scene, channel);
	const instant next = find_next_try(db, channel, NULL);

	if (next >= rested || rested <= scene->now)
		return next;
	const instant test = find_next_try(db, channel, "test");
	return test < rested ? test : rested;
}
