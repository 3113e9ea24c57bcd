/* Rows of the outbox, and the one door of their state.
 *
 * Nothing here decides: who calls knows what became of a delivery. */
#include "store/delivery.h"

#include <stdlib.h>
#include <string.h>

#include "store/event.h"
#include "store/told.h"

static const char *const state_names[DELIVERY_STATES] = {
    [DELIVERY_QUEUED] = "queued",   [DELIVERY_SENDING] = "sending",
    [DELIVERY_RETRY] = "retry",	    [DELIVERY_WAITING] = "waiting",
    [DELIVERY_DEAD] = "dead",	    [DELIVERY_DELIVERED] = "delivered",
    [DELIVERY_DROPPED] = "dropped", [DELIVERY_REPLACED] = "replaced",
};

/* What history calls the way into each state; taking one to send it is not worth a line. */
static const char *const verbs[DELIVERY_STATES] = {
    [DELIVERY_QUEUED] = "delivery.queued",	 [DELIVERY_RETRY] = "delivery.retry",
    [DELIVERY_WAITING] = "delivery.waiting",	 [DELIVERY_DEAD] = "delivery.dead",
    [DELIVERY_DELIVERED] = "delivery.delivered", [DELIVERY_DROPPED] = "delivery.dropped",
    [DELIVERY_REPLACED] = "delivery.replaced",
};

const char *delivery_state_name(enum delivery_state state)
{
	return state_names[state];
}

enum delivery_state delivery_state_parse(const char *name)
{
	for (int i = 0; name && i < DELIVERY_STATES; i++)
		if (strcmp(state_names[i], name) == 0)
			return (enum delivery_state)i;
	return DELIVERY_DEAD;
}

enum delivery_state delivery_state_of_verb(const char *verb)
{
	for (int i = 0; verb && i < DELIVERY_STATES; i++)
		if (verbs[i] && strcmp(verbs[i], verb) == 0)
			return (enum delivery_state)i;
	return DELIVERY_DROPPED;
}

static bool is_done(enum delivery_state state)
{
	return state > DELIVERY_DEAD;
}

struct row row_read(struct query *q, struct arena *arena)
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
		    .state = delivery_state_parse(db_text(q, 8)),
		    .attempts = (int)db_int(q, 9),
		    .ambiguous = (int)db_int(q, 10),
		    .next_try = db_int(q, 11),
		    .created = db_int(q, 12),
		    .plain = db_int(q, 14) != 0,
		    .doubted = db_int(q, 15) != 0,
		    .schedule_from = db_int(q, 16),
		    .schedule_attempts = (int)db_int(q, 17),
		},
	    .digest = db_int(q, 13),
	};
}

bool row_load(struct db *db, int64_t id, struct arena *arena, struct row *ret_row)
{
	struct query *q = db_query(db, "SELECT " ROW_COLUMNS " FROM outbox o WHERE o.id = $1");
	bool found;

	db_bind(q, 1, id);
	found = db_step(q);
	if (found)
		*ret_row = row_read(q, arena);
	db_end(q);
	return found;
}

bool row_next(struct query *q, int64_t after, struct arena *arena, struct row *ret_row)
{
	bool found;

	db_bind(q, 1, after);
	found = db_step(q);
	if (found)
		*ret_row = row_read(q, arena);
	db_end(q);
	return found;
}

/* ---- the door ---- */

static int64_t move_row(struct db *db, const struct delivery *from, const struct passage *passage)
{
	struct query *q = db_query(
	    db,
	    "UPDATE outbox SET state = $4, attempts = $5, ambiguous = $6, next_try = $7,"
	    " reason = $8, plain = $9, doubted = $10, schedule_from = $11, schedule_attempts = $12"
	    " WHERE id = $1 AND attempts = $2 AND state = $3");

	db_bind(q, 1, from->id);
	db_bind(q, 2, from->attempts);
	db_bind_text(q, 3, state_names[from->state]);
	db_bind_text(q, 4, state_names[passage->to]);
	db_bind(q, 5, passage->attempts);
	db_bind(q, 6, passage->ambiguous);
	db_bind(q, 7, passage->next_try);
	db_bind_text(q, 8, passage->reason);
	db_bind(q, 9, passage->plain);
	db_bind(q, 10, passage->doubted);
	db_bind(q, 11, passage->schedule_from);
	db_bind(q, 12, passage->schedule_attempts);
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

static void set_text(json_t *object, const char *name, const char *text)
{
	if (text)
		json_object_set_new_nocheck(object, name, event_text(text));
}

static void set_number(json_t *object, const char *name, int64_t number)
{
	json_object_set_new_nocheck(object, name, json_integer(number));
}

/* Of what is done, id and key have columns of their own. */
static json_t *passage_detail(const struct delivery *from, const struct passage *passage)
{
	json_t *detail = json_object();

	if (!is_done(passage->to)) {
		set_number(detail, "delivery", from->id);
		set_text(detail, "key", from->key);
		set_text(detail, "from", state_names[from->state]);
	}
	set_text(detail, "kind", from->kind);
	set_text(detail, "channel", from->channel);
	set_text(detail, "recipient", from->recipient);
	set_number(detail, "attempts", passage->attempts);
	set_number(detail, "ambiguous", passage->ambiguous);
	set_text(detail, "reason", passage->reason);
	set_number(detail, "created", from->created);
	return detail;
}

static void note_passage(struct db *db, const struct scene *scene, const struct delivery *from,
			 const struct passage *passage)
{
	json_t *detail = passage_detail(from, passage);
	char *text = event_dump(detail);
	const bool done = is_done(passage->to);

	history_add_delivery(db, scene, verbs[passage->to], 0, from->owner, done ? from->key : NULL,
			     done ? from->id : 0, text);
	free(text);
	json_decref(detail);
}

/* Takes a delivery from the state it was read in to another and writes history. False when it is no
 * longer in that state, or in another attempt: then nothing has changed. */
bool outbox_enter(struct db *db, const struct scene *scene, const struct delivery *from,
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

struct passage passage_to(enum delivery_state to, const struct delivery *from)
{
	return (struct passage){
	    .to = to,
	    .attempts = from->attempts,
	    .ambiguous = from->ambiguous,
	    .next_try = from->next_try,
	    .plain = from->plain,
	    .doubted = from->doubted,
	    .schedule_from = from->schedule_from,
	    .schedule_attempts = from->schedule_attempts,
	    .reason = from->reason,
	};
}

int64_t outbox_hold(struct db *db, const char *channel, const char *recipient)
{
	struct query *q = db_query(db, "UPDATE outbox SET state = 'waiting' WHERE channel = $1"
				       " AND state IN ('queued', 'retry') AND kind <> 'test'"
				       " AND ($2 IS NULL OR recipient = $2)");

	db_bind_text(q, 1, channel);
	db_bind_text(q, 2, recipient);
	return db_run(q);
}

int64_t outbox_free(struct db *db, const struct scene *scene, const char *channel)
{
	struct query *q =
	    db_query(db, "UPDATE outbox SET state = 'queued', next_try = $2, schedule_from = $2,"
			 " schedule_attempts = attempts WHERE channel = $1"
			 " AND state = 'waiting' AND NOT EXISTS (SELECT 1 FROM block b"
			 " WHERE b.channel = outbox.channel"
			 " AND b.recipient IN ('', coalesce(outbox.recipient, '')))");

	db_bind_text(q, 1, channel);
	db_bind(q, 2, scene->now);
	return db_run(q);
}

void row_drop(struct db *db, const struct scene *scene, const struct row *row, const char *reason)
{
	struct passage passage = passage_to(DELIVERY_DROPPED, &row->delivery);

	passage.reason = reason;
	if (outbox_enter(db, scene, &row->delivery, &passage) && row->digest > 0)
		told_failed(db, scene, row->digest, reason);
}
