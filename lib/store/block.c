/* Blocks begin when the other side says that nothing will be taken until somebody acts, and end
 * when something is delivered after all, when the settings or the access token change, or by hand.
 *
 * They live in the database, because the next process must not try a refused password again. */
#include "store/block.h"

#include <stdlib.h>
#include <string.h>

#include "store/delivery.h"
#include "store/event.h"

#define TOLD_ADMIN    1
#define TOLD_FALLBACK 2

bool block_holds(struct db *db, const char *channel, const char *recipient)
{
	struct query *q =
	    db_query(db, "SELECT 1 FROM block WHERE channel = $1 AND recipient IN ('', $2)");
	bool found;

	db_bind_text(q, 1, channel);
	db_bind_text(q, 2, recipient ? recipient : "");
	found = db_step(q);
	db_end(q);
	return found;
}

/* History and every channel of events hear of it; that of a channel itself waits with the rest. */
static void announce(struct db *db, const struct scene *scene, const char *verb, json_t *data)
{
	char *text = event_dump(data);

	history_add(db, scene, verb, 0, NULL, NULL, text);
	event_announce(db, scene, verb, data);
	free(text);
	json_decref(data);
}

static json_t *block_data(const struct scene *scene, const char *channel, const char *recipient,
			  int64_t waiting)
{
	const struct channel *configured = roster_channel(scene->roster, channel);
	json_t *data = json_object();

	json_object_set_new(data, "channel", event_text(channel));
	json_object_set_new(data, "type",
			    configured ? event_text(channel_type_name(configured->type))
				       : json_null());
	json_object_set_new(data, "recipient", event_text(recipient));
	json_object_set_new(data, "waiting", json_integer(waiting));
	return data;
}

static const char *hash_of(const struct scene *scene, const char *channel)
{
	const struct channel *configured = roster_channel(scene->roster, channel);

	return configured ? configured->hash : "";
}

void block_begin(struct db *db, const struct scene *scene, const char *channel,
		 const char *recipient, const char *token, const char *reason)
{
	struct query *q =
	    db_query(db, "INSERT INTO block (channel, recipient, since, reason, hash, token)"
			 " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING");

	db_bind_text(q, 1, channel);
	db_bind_text(q, 2, recipient ? recipient : "");
	db_bind(q, 3, scene->now);
	db_bind_text(q, 4, reason ? reason : "no reason was given");
	db_bind_text(q, 5, hash_of(scene, channel));
	db_bind_text(q, 6, token ? token : "");
	if (db_run(q) != 1)
		return;
	/* The one that found out waits too. */
	const int64_t waiting = outbox_hold(db, channel, recipient) + 1;
	json_t *data = block_data(scene, channel, recipient, waiting);

	json_object_set_new(data, "reason", event_text(reason));
	announce(db, scene, recipient ? "address.blocked" : "channel.blocked", data);
}

static int64_t delete_blocks(struct db *db, const char *channel, const char *recipient)
{
	struct query *q = db_query(db, "DELETE FROM block WHERE channel = $1"
				       " AND ($2 IS NULL OR recipient IN ('', $2))");

	db_bind_text(q, 1, channel);
	db_bind_text(q, 2, recipient);
	return db_run(q);
}

int64_t block_end(struct db *db, const struct scene *scene, const char *channel,
		  const char *recipient)
{
	int64_t freed;

	if (delete_blocks(db, channel, recipient) == 0)
		return 0;
	freed = outbox_free(db, scene, channel);
	announce(db, scene, "channel.unblocked", block_data(scene, channel, recipient, freed));
	return freed;
}

enum status block_list(struct db *db, struct arena *arena, struct blocked **ret_blocks,
		       size_t *ret_count)
{
	struct query *q = db_query(
	    db,
	    "SELECT b.channel, b.recipient, b.since, b.reason, b.told,"
	    " (SELECT count(*) FROM outbox o WHERE o.channel = b.channel AND o.state = 'waiting'"
	    " AND b.recipient IN ('', o.recipient)) FROM block b ORDER BY 1, 2");
	struct blocked *blocks = NULL;
	size_t count = 0, capacity = 0;

	while (db_step(q)) {
		const char *recipient = db_text(q, 1);

		blocks = arena_grow(arena, blocks, count, &capacity, sizeof(*blocks));
		blocks[count++] = (struct blocked){
		    .channel = arena_strdup(arena, db_text(q, 0)),
		    .recipient = recipient && *recipient ? arena_strdup(arena, recipient) : NULL,
		    .since = db_int(q, 2),
		    .reason = arena_strdup(arena, db_text(q, 3)),
		    .admin_told = (db_int(q, 4) & TOLD_ADMIN) != 0,
		    .fallback_told = (db_int(q, 4) & TOLD_FALLBACK) != 0,
		    .waiting = db_int(q, 5),
		};
	}
	if (db_status(db) != STATUS_OK)
		return db_status(db);
	*ret_blocks = blocks;
	*ret_count = count;
	return STATUS_OK;
}

void block_told_admin(struct db *db)
{
	struct query *q = db_query(db, "UPDATE block SET told = told | $1 WHERE told & $1 = 0");

	db_bind(q, 1, TOLD_ADMIN);
	(void)db_run(q);
}

void block_told_fallback(struct db *db, const char *channel)
{
	struct query *q =
	    db_query(db, "UPDATE block SET told = told | $1 WHERE told & $1 = 0 AND channel = $2");

	db_bind(q, 1, TOLD_FALLBACK);
	db_bind_text(q, 2, channel);
	(void)db_run(q);
}

/* A channel whose block came from other settings than those of today, or that is gone; NULL: none
 * is left. */
static const char *find_mended(struct db *db, const struct scene *scene, struct arena *arena)
{
	struct query *q = db_query(db, "SELECT channel, hash FROM block ORDER BY channel");
	const char *mended = NULL;

	while (!mended && db_step(q))
		if (strcmp(db_text(q, 1), hash_of(scene, db_text(q, 0))) != 0)
			mended = arena_strdup(arena, db_text(q, 0));
	db_end(q);
	return mended;
}

static bool is_configured(const struct roster *roster, const char *address)
{
	for (size_t i = 0; i < roster->owner_count; i++)
		if (roster->owners[i].email && strcmp(roster->owners[i].email, address) == 0)
			return true;
	for (size_t i = 0; i < roster->admin_count; i++)
		if (strcmp(roster->admins[i], address) == 0)
			return true;
	return false;
}

/* What waits for an address that was corrected goes nowhere; whoever has another now is told anew
 * by the next digest. */
static void drop_waiting(struct db *db, const struct scene *scene, struct arena *arena,
			 const struct blocked *block)
{
	struct row row = {0};

	for (;;) {
		struct query *q =
		    db_query(db, "SELECT " ROW_COLUMNS " FROM outbox o WHERE o.id > $1"
				 " AND o.channel = $2 AND o.recipient = $3 AND o.state = 'waiting'"
				 " ORDER BY o.id LIMIT 1");

		db_bind_text(q, 2, block->channel);
		db_bind_text(q, 3, block->recipient);
		if (!row_next(q, row.delivery.id, arena, &row))
			return;
		row_drop(db, scene, &row, "its address is not in the configuration any more");
	}
}

/* The address alone: its channel may be blocked too, and stays so. */
static void forget(struct db *db, const struct scene *scene, const struct blocked *block)
{
	struct query *q = db_query(db, "DELETE FROM block WHERE channel = $1 AND recipient = $2");

	db_bind_text(q, 1, block->channel);
	db_bind_text(q, 2, block->recipient);
	if (db_run(q) == 1)
		announce(db, scene, "channel.unblocked",
			 block_data(scene, block->channel, block->recipient, 0));
}

static void forget_corrected(struct db *db, const struct scene *scene, struct arena *arena)
{
	struct blocked *blocks;
	size_t count;

	if (block_list(db, arena, &blocks, &count) != STATUS_OK)
		return;
	for (size_t i = 0; i < count; i++) {
		if (!blocks[i].recipient || is_configured(scene->roster, blocks[i].recipient))
			continue;
		drop_waiting(db, scene, arena, &blocks[i]);
		forget(db, scene, &blocks[i]);
	}
}

enum status block_review(struct db *db, const struct scene *scene)
{
	struct arena *arena = arena_new();
	const char *channel;

	forget_corrected(db, scene, arena);
	while ((channel = find_mended(db, scene, arena)))
		(void)block_end(db, scene, channel, NULL);
	arena_free(arena);
	return db_status(db);
}

/* A channel that has another token by now than the one that was refused; NULL: none is left, and
 * *ret_wait says whether any has refused one. */
static const char *find_renewed(struct db *db, const struct scene *scene, block_token *token,
				struct arena *arena, bool *ret_wait)
{
	struct query *q =
	    db_query(db, "SELECT channel, token FROM block WHERE token <> '' ORDER BY channel");
	const char *renewed = NULL;

	*ret_wait = false;
	while (!renewed && db_step(q)) {
		const struct channel *channel = roster_channel(scene->roster, db_text(q, 0));
		char now[65];

		*ret_wait = true;
		if (channel && token(channel, now) && strcmp(now, db_text(q, 1)) != 0)
			renewed = arena_strdup(arena, db_text(q, 0));
	}
	db_end(q);
	return renewed;
}

enum status block_review_tokens(struct db *db, const struct scene *scene, block_token *token,
				bool *ret_wait)
{
	struct arena *arena = arena_new();
	const char *channel;

	while ((channel = find_renewed(db, scene, token, arena, ret_wait)))
		(void)block_end(db, scene, channel, "");
	arena_free(arena);
	return db_status(db);
}
