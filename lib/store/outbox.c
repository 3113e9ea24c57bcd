/* The outbox: every delivery from its queuing to its end.
 *
 * outbox_enter() is the one door of a delivery's state. Nothing here sends, and nothing here
 * decides when to try again: it keeps what was decided, so that no crash can forget it. */
#include "store/outbox.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "store/event.h"
#include "store/rest.h"
#include "store/told.h"

/* One row, with what the outside need not know. */
struct row {
	struct delivery delivery;
	int64_t digest; /* 0: none */
};

/* What changes with a state. */
struct passage {
	enum delivery_state to;
	int attempts, ambiguous;
	instant next_try;
	const char *reason;
};

#define COLUMNS                                                                                    \
	"o.id, o.key, o.kind, o.channel, o.recipient, o.owner, o.document, o.reason, o.state,"     \
	" o.attempts, o.ambiguous, o.next_try, o.created, o.digest"
#define COLUMN_COUNT 14

/* The events of one nudge keep their order on each channel. What is dead holds nothing up. */
#define IS_FREE                                                                                    \
	"NOT EXISTS (SELECT 1 FROM outbox e WHERE e.nudge = o.nudge AND e.channel = o.channel"     \
	" AND e.id < o.id AND e.state <> 'dead')"

static const char *const state_names[DELIVERY_STATES] = {
    [DELIVERY_QUEUED] = "queued",	[DELIVERY_SENDING] = "sending",
    [DELIVERY_RETRY] = "retry",		[DELIVERY_DEAD] = "dead",
    [DELIVERY_DELIVERED] = "delivered", [DELIVERY_DROPPED] = "dropped",
    [DELIVERY_REPLACED] = "replaced",
};

/* What history calls the way into each state; taking one to send it is not worth a line. */
static const char *const verbs[DELIVERY_STATES] = {
    [DELIVERY_QUEUED] = "delivery.queued",   [DELIVERY_RETRY] = "delivery.retry",
    [DELIVERY_DEAD] = "delivery.dead",	     [DELIVERY_DELIVERED] = "delivery.delivered",
    [DELIVERY_DROPPED] = "delivery.dropped", [DELIVERY_REPLACED] = "delivery.replaced",
};

const char *delivery_state_name(enum delivery_state state)
{
	return state_names[state];
}

static enum delivery_state parse_state(const char *name)
{
	for (int i = 0; name && i < DELIVERY_STATES; i++)
		if (strcmp(state_names[i], name) == 0)
			return (enum delivery_state)i;
	return DELIVERY_DEAD;
}

static bool is_done(enum delivery_state state)
{
	return state > DELIVERY_DEAD;
}

static struct row read_row(struct query *q, struct arena *arena)
{
	return (struct row){
	    .delivery =
		{
		    .id = db_int(q, 0),
		    .key = arena_strdup(arena, db_text(q, 1)),
		    .kind = arena_strdup(arena, db_text(q, 2)),
		    .channel = arena_strdup(arena, db_text(q, 3)),
		    .recipient = arena_strdup(arena, db_text(q, 4)),
		    .owner = arena_strdup(arena, db_text(q, 5)),
		    .document = arena_strdup(arena, db_text(q, 6)),
		    .reason = arena_strdup(arena, db_text(q, 7)),
		    .state = parse_state(db_text(q, 8)),
		    .attempts = (int)db_int(q, 9),
		    .ambiguous = (int)db_int(q, 10),
		    .next_try = db_int(q, 11),
		    .created = db_int(q, 12),
		},
	    .digest = db_int(q, 13),
	};
}

static bool load_row(struct db *db, int64_t id, struct arena *arena, struct row *ret_row)
{
	struct query *q = db_query(db, "SELECT " COLUMNS " FROM outbox o WHERE o.id = $1");
	bool found;

	db_bind(q, 1, id);
	found = db_step(q);
	if (found)
		*ret_row = read_row(q, arena);
	db_end(q);
	return found;
}

/* ---- the door ---- */

static int64_t move_row(struct db *db, const struct delivery *from, const struct passage *passage)
{
	struct query *q = db_query(
	    db, "UPDATE outbox SET state = $4, attempts = $5, ambiguous = $6, next_try = $7,"
		" reason = $8 WHERE id = $1 AND attempts = $2 AND state = $3");

	db_bind(q, 1, from->id);
	db_bind(q, 2, from->attempts);
	db_bind_text(q, 3, state_names[from->state]);
	db_bind_text(q, 4, state_names[passage->to]);
	db_bind(q, 5, passage->attempts);
	db_bind(q, 6, passage->ambiguous);
	db_bind(q, 7, passage->next_try);
	db_bind_text(q, 8, passage->reason);
	return db_run(q);
}

static int64_t remove_row(struct db *db, const struct delivery *from)
{
	struct query *q =
	    db_query(db, "DELETE FROM outbox WHERE id = $1 AND attempts = $2 AND state = $3");

	db_bind(q, 1, from->id);
	db_bind(q, 2, from->attempts);
	db_bind_text(q, 3, state_names[from->state]);
	return db_run(q);
}

static json_t *passage_detail(const struct delivery *from, const struct passage *passage)
{
	json_t *detail = json_object();

	json_object_set_new(detail, "delivery", json_integer(from->id));
	json_object_set_new(detail, "key", event_text(from->key));
	json_object_set_new(detail, "kind", event_text(from->kind));
	json_object_set_new(detail, "channel", event_text(from->channel));
	json_object_set_new(detail, "recipient", event_text(from->recipient));
	json_object_set_new(detail, "from", event_text(state_names[from->state]));
	json_object_set_new(detail, "attempts", json_integer(passage->attempts));
	json_object_set_new(detail, "ambiguous", json_integer(passage->ambiguous));
	json_object_set_new(detail, "reason", event_text(passage->reason));
	json_object_set_new(detail, "created", json_integer(from->created));
	return detail;
}

/* Lets outbox_get() find a delivery that is done. */
static void mark_history(struct db *db, const struct delivery *done)
{
	struct query *q = db_query(db, "UPDATE history SET delivery = $2 WHERE key = $1");

	db_bind_text(q, 1, done->key);
	db_bind(q, 2, done->id);
	(void)db_run(q);
}

static void note_passage(struct db *db, const struct scene *scene, const struct delivery *from,
			 const struct passage *passage)
{
	json_t *detail = passage_detail(from, passage);
	char *text = event_dump(detail);
	const bool done = is_done(passage->to);

	history_add(db, scene, verbs[passage->to], 0, from->owner, done ? from->key : NULL, text);
	if (done)
		mark_history(db, from);
	free(text);
	json_decref(detail);
}

/* Takes a delivery from the state it was read in to another and writes history. False when it is no
 * longer in that state, or in another attempt: then nothing has changed. */
static bool outbox_enter(struct db *db, const struct scene *scene, const struct delivery *from,
			 const struct passage *passage)
{
	const int64_t changed =
	    is_done(passage->to) ? remove_row(db, from) : move_row(db, from, passage);

	if (changed != 1)
		return false;
	if (verbs[passage->to])
		note_passage(db, scene, from, passage);
	return true;
}

static struct passage passage_to(enum delivery_state to, const struct delivery *from)
{
	return (struct passage){
	    .to = to,
	    .attempts = from->attempts,
	    .ambiguous = from->ambiguous,
	    .next_try = from->next_try,
	    .reason = from->reason,
	};
}

/* ---- in ---- */

static void bind_row_number(struct query *q, int number, int64_t row)
{
	if (row > 0)
		db_bind(q, number, row);
}

int64_t outbox_put(struct db *db, const struct scene *scene, const struct posting *posting)
{
	struct query *q = db_query(
	    db, "INSERT INTO outbox (key, kind, state, channel, recipient, owner, digest, nudge,"
		" next_try, created, document)"
		" SELECT $1, $2, 'queued', $3, $4, $5, $6, $7, $8, $8, $9"
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

static void drop_row(struct db *db, const struct scene *scene, const struct row *row,
		     const char *reason)
{
	struct passage passage = passage_to(DELIVERY_DROPPED, &row->delivery);

	passage.reason = reason;
	if (outbox_enter(db, scene, &row->delivery, &passage) && row->digest > 0)
		told_failed(db, scene, row->digest, reason);
}

/* The ids of up to room deliveries to be tried now. Two ranges of one index, so that a long queue
 * costs nothing. */
static size_t find_ready(struct db *db, const struct scene *scene, const char *channel, size_t room,
			 int64_t *ids)
{
	struct query *q = db_query(
	    db,
	    "SELECT id, next_try FROM (SELECT o.id, o.next_try FROM outbox o WHERE o.channel = $1"
	    " AND o.state = 'queued' AND o.next_try <= $2 AND " IS_FREE
	    " ORDER BY o.next_try, o.id LIMIT $3) AS queued"
	    " UNION ALL "
	    "SELECT id, next_try FROM (SELECT o.id, o.next_try FROM outbox o WHERE o.channel = $1"
	    " AND o.state = 'retry' AND o.next_try <= $2 AND " IS_FREE
	    " ORDER BY o.next_try, o.id LIMIT $3) AS waiting"
	    " ORDER BY 2, 1 LIMIT $3");
	size_t count = 0;

	db_bind_text(q, 1, channel);
	db_bind(q, 2, scene->now);
	db_bind(q, 3, (int64_t)room);
	while (db_step(q))
		if (count < room)
			ids[count++] = db_int(q, 0);
	return count;
}

/* Marks one as being sent; false when there is nothing to send. */
static bool claim_row(struct db *db, const struct scene *scene, int64_t id, struct arena *arena,
		      struct delivery *ret_delivery)
{
	struct row row;
	struct passage passage;

	if (!load_row(db, id, arena, &row))
		return false;
	if (is_obsolete(db, &row)) {
		drop_row(db, scene, &row, "obsolete");
		return false;
	}
	passage = passage_to(DELIVERY_SENDING, &row.delivery);
	passage.attempts++;
	if (!outbox_enter(db, scene, &row.delivery, &passage))
		return false;
	row.delivery.state = passage.to;
	row.delivery.attempts = passage.attempts;
	*ret_delivery = row.delivery;
	return true;
}

enum status outbox_claim(struct db *db, const struct scene *scene, const char *channel, size_t room,
			 struct arena *arena, struct delivery **ret_deliveries, size_t *ret_count)
{
	struct delivery *deliveries = arena_alloc(arena, room + 1, sizeof(*deliveries));
	int64_t *ids = arena_alloc(arena, room + 1, sizeof(*ids));
	size_t count = 0, found;

	if (channel_rests_until(db, scene, channel) > scene->now)
		room = 0;
	/* What was dropped makes room for others. Each round takes at least one out of the queue,
	 * unless it fails. */
	while (count < room && (found = find_ready(db, scene, channel, room - count, ids)) > 0) {
		for (size_t i = 0; i < found; i++)
			if (claim_row(db, scene, ids[i], arena, &deliveries[count]))
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
	return load_row(db, id, arena, ret_row) && ret_row->delivery.state == DELIVERY_SENDING &&
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

static struct passage settle_passage(const struct delivery *from,
				     const struct settlement *settlement)
{
	static const enum delivery_state ends[] = {
	    [SETTLE_DELIVERED] = DELIVERY_DELIVERED,
	    [SETTLE_RETRY] = DELIVERY_RETRY,
	    [SETTLE_DEAD] = DELIVERY_DEAD,
	};
	struct passage passage = passage_to(ends[settlement->kind], from);

	/* Who tests a channel wants to know now. */
	if (passage.to == DELIVERY_RETRY && strcmp(from->kind, "test") == 0)
		passage.to = DELIVERY_DEAD;
	if (passage.to == DELIVERY_RETRY)
		passage.next_try = settlement->retry_at;
	if (settlement->ambiguous)
		passage.ambiguous++;
	passage.reason = sound_reason(settlement->reason);
	return passage;
}

static void settle_row(struct db *db, const struct scene *scene, const struct row *row,
		       const struct settlement *settlement)
{
	const struct passage passage = settle_passage(&row->delivery, settlement);

	if (!outbox_enter(db, scene, &row->delivery, &passage) || row->digest == 0)
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
			rest_begin(db, row.delivery.channel, settlement->rest_until);
	}
	arena_free(arena);
	return db_status(db);
}

enum status outbox_release(struct db *db, const struct scene *scene, int64_t id, int attempts)
{
	struct arena *arena = arena_new();
	struct row row;

	if (load_sending(db, id, attempts, arena, &row)) {
		struct passage passage = passage_to(DELIVERY_QUEUED, &row.delivery);

		passage.attempts--;
		(void)outbox_enter(db, scene, &row.delivery, &passage);
	}
	arena_free(arena);
	return db_status(db);
}

/* The first delivery after this id that a query finds; it must take the id as $1 and yield COLUMNS.
 */
static bool next_row(struct query *q, int64_t after, struct arena *arena, struct row *ret_row)
{
	bool found;

	db_bind(q, 1, after);
	found = db_step(q);
	if (found)
		*ret_row = read_row(q, arena);
	db_end(q);
	return found;
}

enum status outbox_recover(struct db *db, const struct scene *scene)
{
	struct arena *arena = arena_new();
	struct row row = {0};

	while (next_row(db_query(db, "SELECT " COLUMNS " FROM outbox o WHERE o.state = 'sending'"
				     " AND o.id > $1 ORDER BY o.id LIMIT 1"),
			row.delivery.id, arena, &row)) {
		struct passage passage = passage_to(DELIVERY_QUEUED, &row.delivery);

		passage.ambiguous++;
		passage.next_try = scene->now;
		(void)outbox_enter(db, scene, &row.delivery, &passage);
	}
	arena_free(arena);
	return db_status(db);
}

void outbox_replace(struct db *db, const struct scene *scene, const char *owner, int64_t digest)
{
	struct arena *arena = arena_new();
	struct row row = {0};

	for (;;) {
		struct query *q =
		    db_query(db, "SELECT " COLUMNS " FROM digest d JOIN outbox o ON o.digest = d.id"
				 " WHERE d.owner = $2 AND ($3 = 0 OR d.id = $3)"
				 " AND o.state IN ('queued', 'retry')"
				 " AND o.ambiguous = 0 AND o.id > $1 ORDER BY o.id LIMIT 1");

		db_bind_text(q, 2, owner);
		db_bind(q, 3, digest);
		if (!next_row(q, row.delivery.id, arena, &row))
			break;
		const struct passage passage = passage_to(DELIVERY_REPLACED, &row.delivery);
		(void)outbox_enter(db, scene, &row.delivery, &passage);
	}
	arena_free(arena);
}

/* ---- by hand ---- */

static enum status not_found(struct error *err, int64_t id)
{
	return error_fail(err, STATUS_NOT_FOUND,
			  "there is no delivery %lld in the outbox (see: outbox list)",
			  (long long)id);
}

static enum status find_idle(struct db *db, int64_t id, struct arena *arena, struct row *ret_row,
			     struct error *err)
{
	if (!load_row(db, id, arena, ret_row))
		return db_status(db) == STATUS_OK ? not_found(err, id) : db_status(db);
	if (ret_row->delivery.state == DELIVERY_SENDING)
		return error_fail(err, STATUS_CONFLICT,
				  "delivery %lld is being sent; its result comes in a moment",
				  (long long)id);
	return STATUS_OK;
}

static bool queue_again(struct db *db, const struct scene *scene, const struct row *row)
{
	struct passage passage = passage_to(DELIVERY_QUEUED, &row->delivery);

	passage.next_try = scene->now;
	return outbox_enter(db, scene, &row->delivery, &passage);
}

enum status outbox_retry(struct db *db, const struct scene *scene, int64_t id, struct error *err)
{
	struct arena *arena = arena_new();
	struct row row;
	const enum status status = find_idle(db, id, arena, &row, err);

	if (status == STATUS_OK)
		(void)queue_again(db, scene, &row);
	arena_free(arena);
	return status == STATUS_OK ? db_status(db) : status;
}

enum status outbox_retry_dead(struct db *db, const struct scene *scene, int *ret_count)
{
	struct arena *arena = arena_new();
	struct row row = {0};
	int count = 0;

	while (next_row(db_query(db, "SELECT " COLUMNS " FROM outbox o WHERE o.state = 'dead'"
				     " AND o.id > $1 ORDER BY o.id LIMIT 1"),
			row.delivery.id, arena, &row))
		count += queue_again(db, scene, &row);
	arena_free(arena);
	*ret_count = count;
	return db_status(db);
}

enum status outbox_drop(struct db *db, const struct scene *scene, int64_t id, struct error *err)
{
	struct arena *arena = arena_new();
	struct row row;
	const enum status status = find_idle(db, id, arena, &row, err);

	if (status == STATUS_OK) {
		const char *last = row.delivery.reason;

		drop_row(db, scene, &row,
			 last ? arena_printf(arena, "dropped by %s; before: %s", scene->actor, last)
			      : arena_printf(arena, "dropped by %s", scene->actor));
	}
	arena_free(arena);
	return status == STATUS_OK ? db_status(db) : status;
}

/* ---- looking ---- */

enum status outbox_list(struct db *db, int64_t after, size_t limit, struct arena *arena,
			struct delivery **ret_deliveries, size_t *ret_count)
{
	struct query *q = db_query(db, "SELECT " COLUMNS " FROM outbox o WHERE o.id > $1"
				       " ORDER BY o.id LIMIT $2");
	struct delivery *deliveries = NULL;
	size_t count = 0, capacity = 0;

	db_bind(q, 1, after);
	db_bind(q, 2, (int64_t)limit);
	while (db_step(q)) {
		deliveries = arena_grow(arena, deliveries, count, &capacity, sizeof(*deliveries));
		deliveries[count++] = read_row(q, arena).delivery;
	}
	if (db_status(db) != STATUS_OK)
		return db_status(db);
	*ret_deliveries = deliveries;
	*ret_count = count;
	return STATUS_OK;
}

/* The next try of what is dead means nothing any more: 0 says that an admin was told. */
#define UNTOLD "state = 'dead' AND next_try > 0 AND kind NOT IN ('admin', 'test')"

enum status outbox_untold(struct db *db, size_t limit, struct arena *arena,
			  struct delivery **ret_deliveries, size_t *ret_count, int64_t *ret_total)
{
	struct query *q = db_query(db, "SELECT " COLUMNS ", count(*) OVER () FROM outbox o"
				       " WHERE " UNTOLD " ORDER BY o.id LIMIT $1");
	struct delivery *deliveries = NULL;
	size_t count = 0, capacity = 0;

	*ret_total = 0;
	db_bind(q, 1, (int64_t)limit);
	while (db_step(q)) {
		deliveries = arena_grow(arena, deliveries, count, &capacity, sizeof(*deliveries));
		deliveries[count++] = read_row(q, arena).delivery;
		*ret_total = db_int(q, COLUMN_COUNT);
	}
	if (db_status(db) != STATUS_OK)
		return db_status(db);
	*ret_deliveries = deliveries;
	*ret_count = count;
	return STATUS_OK;
}

enum status outbox_mark_told(struct db *db)
{
	(void)db_run(db_query(db, "UPDATE outbox SET next_try = 0 WHERE " UNTOLD));
	return db_status(db);
}

static bool finds(struct query *q)
{
	const bool found = db_step(q);

	db_end(q);
	return found;
}

bool outbox_has(struct db *db, const char *key)
{
	struct query *q = db_query(db, "SELECT 1 FROM outbox WHERE key = $1"
				       " UNION ALL SELECT 1 FROM history WHERE key = $1");

	db_bind_text(q, 1, key);
	return finds(q);
}

bool outbox_is_sending(struct db *db)
{
	return finds(db_query(db, "SELECT 1 FROM outbox WHERE state = 'sending' LIMIT 1"));
}

static enum delivery_state parse_verb(const char *verb)
{
	for (int i = 0; verb && i < DELIVERY_STATES; i++)
		if (verbs[i] && strcmp(verbs[i], verb) == 0)
			return (enum delivery_state)i;
	return DELIVERY_DROPPED;
}

static const char *detail_text(const json_t *detail, const char *name, struct arena *arena)
{
	return arena_strdup(arena, json_string_value(json_object_get(detail, name)));
}

static int64_t detail_int(const json_t *detail, const char *name)
{
	return json_integer_value(json_object_get(detail, name));
}

/* A delivery that is done, as note_passage() wrote it down. */
static struct delivery read_done(struct query *q, struct arena *arena)
{
	const char *text = db_text(q, 2);
	json_t *detail = text ? json_loads(text, 0, NULL) : NULL;
	const struct delivery delivery = {
	    .id = db_int(q, 4),
	    .key = arena_strdup(arena, db_text(q, 3)),
	    .kind = detail_text(detail, "kind", arena),
	    .channel = detail_text(detail, "channel", arena),
	    .recipient = detail_text(detail, "recipient", arena),
	    .owner = arena_strdup(arena, db_text(q, 1)),
	    .reason = detail_text(detail, "reason", arena),
	    .state = parse_verb(db_text(q, 0)),
	    .attempts = (int)detail_int(detail, "attempts"),
	    .ambiguous = (int)detail_int(detail, "ambiguous"),
	    .next_try = INSTANT_NEVER,
	    .created = detail_int(detail, "created"),
	};

	json_decref(detail);
	return delivery;
}

static bool load_done(struct db *db, int64_t id, struct arena *arena, struct delivery *ret_delivery)
{
	struct query *q = db_query(db, "SELECT verb, owner, detail, key, delivery FROM history"
				       " WHERE delivery = $1");
	bool found;

	db_bind(q, 1, id);
	found = db_step(q);
	if (found)
		*ret_delivery = read_done(q, arena);
	db_end(q);
	return found;
}

enum status outbox_get(struct db *db, int64_t id, struct arena *arena,
		       struct delivery *ret_delivery, struct error *err)
{
	struct row row;

	if (load_row(db, id, arena, &row)) {
		*ret_delivery = row.delivery;
		return STATUS_OK;
	}
	if (load_done(db, id, arena, ret_delivery))
		return STATUS_OK;
	return db_status(db) == STATUS_OK ? not_found(err, id) : db_status(db);
}

instant outbox_next_try(struct db *db, const struct scene *scene, const char *channel)
{
	struct query *q = db_query(
	    db, "SELECT next_try FROM (SELECT o.next_try FROM outbox o WHERE o.channel = $1"
		" AND o.state = 'queued' AND " IS_FREE " ORDER BY o.next_try LIMIT 1) AS queued"
		" UNION ALL "
		"SELECT next_try FROM (SELECT o.next_try FROM outbox o WHERE o.channel = $1"
		" AND o.state = 'retry' AND " IS_FREE " ORDER BY o.next_try LIMIT 1) AS waiting"
		" ORDER BY 1 LIMIT 1");
	const instant rested = channel_rests_until(db, scene, channel);
	instant next = INSTANT_NEVER;

	db_bind_text(q, 1, channel);
	if (db_step(q))
		next = db_int(q, 0);
	db_end(q);
	return next < rested && rested > scene->now ? rested : next;
}

enum status outbox_count(struct db *db, struct outbox_counts *ret_counts)
{
	struct query *q =
	    db_query(db, "SELECT state, COUNT(*), MIN(created) FROM outbox GROUP BY state");
	int64_t numbers[DELIVERY_STATES] = {0};
	instant oldest = INSTANT_NEVER;

	while (db_step(q)) {
		numbers[parse_state(db_text(q, 0))] += db_int(q, 1);
		if (db_int(q, 2) < oldest)
			oldest = db_int(q, 2);
	}
	if (db_status(db) != STATUS_OK)
		return db_status(db);
	*ret_counts = (struct outbox_counts){
	    .queued = numbers[DELIVERY_QUEUED],
	    .sending = numbers[DELIVERY_SENDING],
	    .retry = numbers[DELIVERY_RETRY],
	    .dead = numbers[DELIVERY_DEAD],
	    .oldest = oldest,
	};
	return STATUS_OK;
}
