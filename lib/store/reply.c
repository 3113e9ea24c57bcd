/* Replies, as rows. A mail is known by a number of its own, which is there before the mail is
 * composed: so the token stands in the document that is sent, and each retry says the same. */
#include "store/reply.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/text.h"

#define KEY_HEX	   (2 * REPLY_KEY_SIZE)
#define SENDER_MAX 254 /* bytes of an address that is kept */

static const char *const fate_names[REPLY_FATES] = {
    [REPLY_TAKEN] = "taken",	   [REPLY_AGAIN] = "replay",	      [REPLY_ROBOT] = "robot",
    [REPLY_NO_TOKEN] = "no token", [REPLY_FORGED] = "forged",	      [REPLY_EXPIRED] = "expired",
    [REPLY_STRANGER] = "stranger", [REPLY_REDIRECTED] = "redirected", [REPLY_DMARC] = "dmarc",
    [REPLY_TOO_BIG] = "too big",   [REPLY_UNREADABLE] = "unreadable",
};

const char *reply_fate_name(enum reply_fate fate)
{
	return fate_names[fate];
}

/* ---- the keys: "NEWEST BEFORE" in hexadecimal, in meta ---- */

static bool read_hex(const char *hex, uint8_t ret_key[REPLY_KEY_SIZE])
{
	for (size_t i = 0; i < REPLY_KEY_SIZE; i++) {
		const char pair[3] = {hex[2 * i], hex[2 * i] ? hex[2 * i + 1] : '\0'};
		char *end;

		ret_key[i] = (uint8_t)strtoul(pair, &end, 16);
		if (end != pair + 2)
			return false;
	}
	return true;
}

static bool read_keys(struct db *db, struct reply_keys *ret_keys)
{
	struct query *q = db_query(db, "SELECT value FROM meta WHERE key = 'reply_keys'");
	struct reply_keys keys = {.count = 0};
	const char *hex = db_step(q) ? db_text(q, 0) : NULL;

	while (hex && keys.count < REPLY_KEYS && read_hex(hex, keys.keys[keys.count])) {
		keys.count++;
		hex += KEY_HEX;
		hex += *hex == ' ';
	}
	db_end(q);
	*ret_keys = keys;
	return keys.count > 0;
}

static void write_keys(struct db *db, const struct reply_keys *keys)
{
	char hex[REPLY_KEYS * (KEY_HEX + 1) + 1], *at = hex;
	struct query *q = db_query(db, "INSERT INTO meta (key, value) VALUES ('reply_keys', $1)"
				       " ON CONFLICT (key) DO UPDATE SET value = excluded.value");

	for (size_t i = 0; i < keys->count; i++) {
		if (i > 0)
			*at++ = ' ';
		bytes_hex(keys->keys[i], REPLY_KEY_SIZE, at);
		at += KEY_HEX;
	}
	db_bind_text(q, 1, hex);
	(void)db_run(q);
	explicit_bzero(hex, sizeof(hex));
}

/* The newest comes first, and pushes the oldest out. */
static void add_key(struct reply_keys *keys)
{
	memmove(keys->keys[1], keys->keys[0], (REPLY_KEYS - 1) * REPLY_KEY_SIZE);
	random_bytes(keys->keys[0], REPLY_KEY_SIZE);
	if (keys->count < REPLY_KEYS)
		keys->count++;
}

enum status reply_keys_get(struct db *db, struct reply_keys *ret_keys)
{
	struct reply_keys keys;

	if (!read_keys(db, &keys) && db_status(db) == STATUS_OK) {
		add_key(&keys);
		write_keys(db, &keys);
	}
	if (db_status(db) == STATUS_OK)
		*ret_keys = keys;
	return db_status(db);
}

enum status reply_keys_rotate(struct db *db, const struct scene *scene)
{
	struct reply_keys keys;
	const enum status status = reply_keys_get(db, &keys);

	if (status != STATUS_OK)
		return status;
	add_key(&keys);
	write_keys(db, &keys);
	history_add(db, scene, "reply.rekeyed", 0, NULL, NULL, NULL);
	return db_status(db);
}

/* ---- what can be answered ---- */

enum status reply_token(struct db *db, int64_t id, char ret_token[REPLY_TOKEN_SIZE])
{
	struct reply_keys keys;
	const enum status status = reply_keys_get(db, &keys);

	if (status == STATUS_OK)
		reply_token_write(&keys, id, ret_token);
	return status;
}

static void put_entry(struct db *db, int64_t id, const struct reply_entry *entry)
{
	struct query *q = db_query(db, "INSERT INTO answerable_entry (answerable, number, partner)"
				       " VALUES ($1, $2, $3)");

	db_bind(q, 1, id);
	db_bind(q, 2, entry->number);
	db_bind(q, 3, entry->partner);
	(void)db_run(q);
}

int64_t reply_open(struct db *db, const struct scene *scene, const struct reply_plan *plan,
		   char ret_token[REPLY_TOKEN_SIZE])
{
	struct query *q = db_query(db, "INSERT INTO answerable (channel, owner, address, sent)"
				       " VALUES ($1, $2, $3, $4)");
	int64_t id;

	db_bind_text(q, 1, plan->channel);
	db_bind_text(q, 2, plan->owner);
	db_bind_text(q, 3, plan->address);
	db_bind(q, 4, scene->now);
	id = db_run(q) == 1 ? db_last_row(db) : 0;
	for (size_t i = 0; i < plan->entry_count && id > 0; i++)
		put_entry(db, id, &plan->entries[i]);
	if (id == 0 || reply_token(db, id, ret_token) != STATUS_OK)
		return 0;
	return id;
}

void reply_bind(struct db *db, int64_t id, const char *key)
{
	struct query *q = db_query(db, "UPDATE answerable SET mark = $2 WHERE id = $1");
	char installation[65], mark[BYTES_MARK_SIZE];

	if (meta_installation(db, installation) != STATUS_OK)
		return;
	bytes_mark(installation, key, mark);
	db_bind(q, 1, id);
	db_bind_text(q, 2, mark);
	(void)db_run(q);
}

#define MAIL_COLUMNS "id, channel, owner, address, sent"

static bool read_mail(struct query *q, const struct scene *scene, struct arena *arena,
		      struct reply_mail *ret_mail)
{
	const bool found = db_step(q);

	if (found)
		*ret_mail = (struct reply_mail){
		    .id = db_int(q, 0),
		    .channel = arena_strdup(arena, db_text(q, 1)),
		    .owner = arena_strdup(arena, db_text(q, 2)),
		    .address = arena_strdup(arena, db_text(q, 3)),
		    .expired = scene->now - db_int(q, 4) > REPLY_DAYS * DAY_MS,
		};
	db_end(q);
	return found;
}

bool reply_find(struct db *db, const struct scene *scene, int64_t id, struct arena *arena,
		struct reply_mail *ret_mail)
{
	struct query *q = db_query(db, "SELECT " MAIL_COLUMNS " FROM answerable WHERE id = $1");

	db_bind(q, 1, id);
	return read_mail(q, scene, arena, ret_mail);
}

bool reply_find_message(struct db *db, const struct scene *scene, const char *message_id,
			struct arena *arena, struct reply_mail *ret_mail)
{
	struct query *q = db_query(db, "SELECT " MAIL_COLUMNS " FROM answerable WHERE mark = $1");
	char mark[BYTES_MARK_SIZE];

	/* What follows the @ is the sender's domain, which may have changed since. */
	if (strcspn(message_id, "@") != BYTES_MARK_SIZE - 1)
		return false;
	memcpy(mark, message_id, BYTES_MARK_SIZE - 1);
	mark[BYTES_MARK_SIZE - 1] = '\0';
	db_bind_text(q, 1, mark);
	return read_mail(q, scene, arena, ret_mail);
}

const char *reply_partner(struct db *db, int64_t id, int number, struct arena *arena)
{
	struct query *q =
	    db_query(db, "SELECT p.id FROM answerable_entry e JOIN partner p ON p.row = e.partner"
			 " WHERE e.answerable = $1 AND e.number = $2");
	const char *partner = NULL;

	db_bind(q, 1, id);
	db_bind(q, 2, number);
	if (db_step(q))
		partner = arena_strdup(arena, db_text(q, 0));
	db_end(q);
	return partner;
}

size_t reply_candidates(struct db *db, int64_t id, const char *owner, struct arena *arena,
			struct reply_candidate **ret_candidates)
{
	struct query *q = db_query(
	    db, "SELECT id, name FROM partner WHERE archived IS NULL AND row IN ("
		"SELECT row FROM partner WHERE owner = $1"
		" UNION SELECT row FROM partner WHERE hears = $1 AND archived IS NULL"
		" UNION SELECT partner FROM answerable_entry WHERE answerable = $2) ORDER BY id");
	struct reply_candidate *candidates = NULL;
	size_t count = 0, capacity = 0;

	db_bind_text(q, 1, owner);
	db_bind(q, 2, id);
	while (db_step(q)) {
		candidates = arena_grow(arena, candidates, count, &capacity, sizeof(*candidates));
		candidates[count++] =
		    (struct reply_candidate){.id = arena_strdup(arena, db_text(q, 0)),
					     .name = arena_strdup(arena, db_text(q, 1))};
	}
	*ret_candidates = candidates;
	return count;
}

/* ---- what came in ---- */

bool reply_was_taken(struct db *db, const char *message)
{
	struct query *q = db_query(db, "SELECT 1 FROM reply WHERE message = $1");
	bool found;

	db_bind_text(q, 1, message);
	found = db_step(q);
	db_end(q);
	return found;
}

void reply_note_taken(struct db *db, const struct scene *scene, const struct reply_taken *taken)
{
	struct query *q =
	    db_query(db, "INSERT INTO reply (message, at, sender, done, failed, confirmed)"
			 " VALUES ($1, $2, $3, $4, $5, $6)");

	db_bind_text(q, 1, taken->message);
	db_bind(q, 2, scene->now);
	db_bind_text(q, 3, taken->sender);
	db_bind(q, 4, taken->done);
	db_bind(q, 5, taken->failed);
	db_bind(q, 6, taken->confirmed);
	(void)db_run(q);
}

int64_t reply_count_confirmed(struct db *db, const char *sender, instant since)
{
	struct query *q = db_query(db, "SELECT count(*) FROM reply"
				       " WHERE at > $2 AND confirmed = 1 AND sender = $1");
	int64_t count = 0;

	db_bind_text(q, 1, sender);
	db_bind(q, 2, since);
	if (db_step(q))
		count = db_int(q, 0);
	db_end(q);
	return count;
}

void reply_note_refused(struct db *db, const struct scene *scene, enum reply_fate fate,
			const char *sender)
{
	struct query *q =
	    db_query(db, "INSERT INTO refusal (why, count, first, last, sender)"
			 " VALUES ($1, 1, $2, $2, $3) ON CONFLICT (why) DO UPDATE"
			 " SET count = count + 1, last = excluded.last, sender = excluded.sender");
	char scratch[TEXT_FAULT_SIZE];

	/* Whatever a stranger wrote there is shown only when it is a text of the right length. */
	if (sender && (strlen(sender) > SENDER_MAX ||
		       text_check(sender, strlen(sender), TEXT_LINE, 1, SENDER_MAX, scratch)))
		sender = NULL;
	db_bind_text(q, 1, reply_fate_name(fate));
	db_bind(q, 2, scene->now);
	db_bind_text(q, 3, sender);
	(void)db_run(q);
}

static void read_last(struct db *db, struct arena *arena, struct reply_view *view)
{
	struct query *q = db_query(db, "SELECT message, sender, done, failed, confirmed, at"
				       " FROM reply ORDER BY at DESC LIMIT 1");

	view->has_last = db_step(q);
	if (view->has_last) {
		view->last = (struct reply_taken){
		    .message = arena_strdup(arena, db_text(q, 0)),
		    .sender = arena_strdup(arena, db_text(q, 1)),
		    .done = (int)db_int(q, 2),
		    .failed = (int)db_int(q, 3),
		    .confirmed = db_int(q, 4) != 0,
		};
		view->last_at = db_int(q, 5);
	}
	db_end(q);
}

enum status view_replies(struct db *db, struct arena *arena, struct reply_view *ret_view)
{
	struct query *q = db_query(db, "SELECT why, sender, count, first, last FROM refusal"
				       " ORDER BY last DESC, why");
	struct reply_view view = {.has_last = false};
	size_t capacity = 0;

	read_last(db, arena, &view);
	while (db_step(q)) {
		view.refusals = arena_grow(arena, view.refusals, view.refusal_count, &capacity,
					   sizeof(*view.refusals));
		view.refusals[view.refusal_count++] = (struct reply_refusal){
		    .why = arena_strdup(arena, db_text(q, 0)),
		    .sender = arena_strdup(arena, db_text(q, 1)),
		    .count = db_int(q, 2),
		    .first = db_int(q, 3),
		    .last = db_int(q, 4),
		};
	}
	if (db_status(db) == STATUS_OK)
		*ret_view = view;
	return db_status(db);
}

#define OLD_REPLIES "SELECT message FROM reply WHERE at < $1 ORDER BY at LIMIT $2"
#define OLD_MAILS   "SELECT id FROM answerable WHERE sent < $1 ORDER BY sent LIMIT $2"

enum status reply_prune(struct db *db, const struct scene *scene, size_t limit)
{
	static const char *const deletions[] = {
	    "DELETE FROM answerable_entry WHERE answerable IN (" OLD_MAILS ")",
	    "DELETE FROM answerable WHERE id IN (" OLD_MAILS ")",
	    "DELETE FROM reply WHERE message IN (" OLD_REPLIES ")",
	    "DELETE FROM refusal WHERE last < $1 AND $2 > 0",
	};

	for (size_t i = 0; i < sizeof(deletions) / sizeof(deletions[0]); i++) {
		struct query *q = db_query(db, deletions[i]);

		db_bind(q, 1, scene->now - REPLY_DAYS * DAY_MS);
		db_bind(q, 2, (int64_t)limit);
		(void)db_run(q);
	}
	return db_status(db);
}
