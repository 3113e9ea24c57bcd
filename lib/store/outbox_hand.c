/* The outbox in the hands of people: what they see of it, try again or give up. */
#include <stdlib.h>
#include <string.h>

#include "store/block.h"
#include "store/delivery.h"
#include "store/event.h"
#include "store/rest.h"

/* ---- by hand ---- */

static bool finds(struct query *q)
{
	const bool found = db_step(q);

	db_end(q);
	return found;
}

static enum status not_found(struct error *err, int64_t id)
{
	return error_fail(err, STATUS_NOT_FOUND,
			  "there is no delivery %lld in the outbox (see: outbox list)",
			  (long long)id);
}

static enum status find_idle(struct db *db, int64_t id, struct arena *arena, struct row *ret_row,
			     struct error *err)
{
	if (!row_load(db, id, arena, ret_row))
		return db_status(db) == STATUS_OK ? not_found(err, id) : db_status(db);
	if (ret_row->delivery.state == DELIVERY_SENDING)
		return error_fail(
		    err, STATUS_CONFLICT,
		    "delivery %lld is being sent, or about to be; its result comes soon",
		    (long long)id);
	return STATUS_OK;
}

static bool queue_again(struct db *db, const struct scene *scene, const struct row *row)
{
	struct passage passage = passage_to(DELIVERY_QUEUED, &row->delivery);

	passage.next_try = passage.schedule_from = scene->now;
	passage.schedule_attempts = row->delivery.attempts;
	/* Whoever says that it is to go now knows better than the other side did then. */
	rest_end(db, scene, row->delivery.channel);
	return outbox_enter(db, scene, &row->delivery, &passage);
}

enum status outbox_retry(struct db *db, const struct scene *scene, int64_t id, struct error *err)
{
	struct arena *arena = arena_new();
	struct row row;
	const enum status status = find_idle(db, id, arena, &row, err);

	if (status == STATUS_OK) {
		/* Others that wait for the same are tried with it, so it may be queued already. */
		(void)block_end(db, scene, row.delivery.channel,
				row.delivery.recipient ? row.delivery.recipient : "");
		if (row_load(db, id, arena, &row))
			(void)queue_again(db, scene, &row);
	}
	arena_free(arena);
	return status == STATUS_OK ? db_status(db) : status;
}

static int64_t end_all_blocks(struct db *db, const struct scene *scene, struct arena *arena)
{
	struct blocked *blocks = NULL;
	size_t count = 0;
	int64_t freed = 0;

	if (block_list(db, arena, &blocks, &count) != STATUS_OK)
		return 0;
	for (size_t i = 0; i < count; i++) {
		freed += block_end(db, scene, blocks[i].channel, blocks[i].recipient);
		rest_end(db, scene, blocks[i].channel);
	}
	return freed;
}

/* Whether a later digest to the same owner has said what this one was to say. */
static bool is_overtaken(struct db *db, const struct row *row)
{
	struct query *q =
	    db_query(db, "SELECT 1 FROM digest d JOIN digest l ON l.owner = d.owner AND l.id > d.id"
			 " WHERE d.id = $1 AND l.state IN ('open', 'delivered') LIMIT 1");

	db_bind(q, 1, row->digest);
	return finds(q);
}

int64_t outbox_hurry(struct db *db, const struct scene *scene, const char *channel)
{
	struct query *q =
	    db_query(db, "UPDATE outbox SET next_try = $2 WHERE state = 'retry' AND next_try > $2"
			 " AND channel = $1");

	db_bind_text(q, 1, channel);
	db_bind(q, 2, scene->now);
	return db_run(q);
}

enum status outbox_retry_all(struct db *db, const struct scene *scene, int *ret_count)
{
	struct arena *arena = arena_new();
	struct row row = {0};
	int count = (int)end_all_blocks(db, scene, arena);

	while (row_next(db_query(db, "SELECT " ROW_COLUMNS " FROM outbox o WHERE o.state = 'dead'"
				     " AND o.id > $1 ORDER BY o.id LIMIT 1"),
			row.delivery.id, arena, &row))
		if (is_overtaken(db, &row))
			row_drop(db, scene, &row, "overtaken by a newer digest");
		else
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

		row_drop(db, scene, &row,
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
	struct query *q = db_query(db, "SELECT " ROW_COLUMNS " FROM outbox o WHERE o.id > $1"
				       " ORDER BY o.id LIMIT $2");
	struct delivery *deliveries = NULL;
	size_t count = 0, capacity = 0;

	db_bind(q, 1, after);
	db_bind(q, 2, (int64_t)limit);
	while (db_step(q)) {
		deliveries = arena_grow(arena, deliveries, count, &capacity, sizeof(*deliveries));
		deliveries[count++] = row_read(q, arena).delivery;
	}
	if (db_status(db) != STATUS_OK)
		return db_status(db);
	*ret_deliveries = deliveries;
	*ret_count = count;
	return STATUS_OK;
}

/* The next try of what is dead is when it died; 0 says that an admin was told. */
#define UNTOLD "state = 'dead' AND next_try > 0 AND kind NOT IN ('admin', 'test')"

enum status outbox_untold(struct db *db, size_t limit, struct arena *arena,
			  struct delivery **ret_deliveries, size_t *ret_count, int64_t *ret_total)
{
	struct query *q = db_query(db, "SELECT " ROW_COLUMNS ", count(*) OVER () FROM outbox o"
				       " WHERE " UNTOLD " ORDER BY o.id LIMIT $1");
	struct delivery *deliveries = NULL;
	size_t count = 0, capacity = 0;

	*ret_total = 0;
	db_bind(q, 1, (int64_t)limit);
	while (db_step(q)) {
		deliveries = arena_grow(arena, deliveries, count, &capacity, sizeof(*deliveries));
		deliveries[count++] = row_read(q, arena).delivery;
		*ret_total = db_int(q, ROW_COLUMN_COUNT);
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
	    .state = delivery_state_of_verb(db_text(q, 0)),
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

	if (row_load(db, id, arena, &row)) {
		*ret_delivery = row.delivery;
		return STATUS_OK;
	}
	if (load_done(db, id, arena, ret_delivery))
		return STATUS_OK;
	return db_status(db) == STATUS_OK ? not_found(err, id) : db_status(db);
}

enum status outbox_count(struct db *db, struct outbox_counts *ret_counts)
{
	struct query *q = db_query(db, "SELECT state, COUNT(*) FROM outbox GROUP BY state");
	int64_t numbers[DELIVERY_STATES] = {0};
	instant oldest = INSTANT_NEVER;

	while (db_step(q))
		numbers[delivery_state_parse(db_text(q, 0))] += db_int(q, 1);
	/* What was queued first: none of the others has to be read for it. */
	q = db_query(db, "SELECT created FROM outbox ORDER BY id LIMIT 1");
	if (db_step(q))
		oldest = db_int(q, 0);
	db_end(q);
	if (db_status(db) != STATUS_OK)
		return db_status(db);
	*ret_counts = (struct outbox_counts){
	    .queued = numbers[DELIVERY_QUEUED],
	    .sending = numbers[DELIVERY_SENDING],
	    .retry = numbers[DELIVERY_RETRY],
	    .waiting = numbers[DELIVERY_WAITING],
	    .dead = numbers[DELIVERY_DEAD],
	    .oldest = oldest,
	};
	return STATUS_OK;
}
