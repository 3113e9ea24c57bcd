/* Remembers a digest that was composed: what it told, and the deliveries that are to leave. */
#include <stdlib.h>
#include <string.h>

#include "core/digest.h"
#include "store/outbox.h"
#include "store/past.h"
#include "store/reply.h"
#include "store/told.h"
#include "store/verbs.h"

static void remember(struct db *db, const struct digest *digest)
{
	struct query *q = db_query(
	    db, "INSERT INTO owner (id, first_seen, looked, digest, turn, turn_review)"
		" VALUES ($1, $2, $2, $3, $4, $5) ON CONFLICT (id) DO UPDATE"
		" SET looked = excluded.looked, digest = COALESCE(excluded.digest, owner.digest),"
		" turn = COALESCE(excluded.turn, owner.turn),"
		" turn_review = COALESCE(excluded.turn_review, owner.turn_review)");

	db_bind_text(q, 1, digest->hearer->id);
	db_bind(q, 2, digest->today);
	if (digest->kind != DIGEST_NOTHING)
		db_bind(q, 3, digest->today);
	if (digest->is_turn) {
		db_bind(q, 4, digest->today);
		db_bind(q, 5, digest->turn_review);
	}
	(void)db_run(q);
}

/* How many digests of this owner bear this day: those that a wrong clock dated so, and the day's
 * own. */
static int64_t count_digests(struct db *db, const struct digest *digest, bool *ret_had)
{
	struct query *q =
	    db_query(db, "SELECT COUNT(*), COUNT(CASE WHEN ahead = 0 THEN 1 END) FROM digest"
			 " WHERE owner = $1 AND day = $2");
	int64_t count = 0;

	db_bind_text(q, 1, digest->hearer->id);
	db_bind(q, 2, digest->today);
	*ret_had = false;
	if (db_step(q)) {
		count = db_int(q, 0);
		*ret_had = db_int(q, 1) > 0;
	}
	db_end(q);
	return count;
}

static int64_t insert_digest(struct db *db, const struct digest *digest)
{
	struct query *q = db_query(db, "INSERT INTO digest (owner, day, kind) VALUES ($1, $2, $3)");

	db_bind_text(q, 1, digest->hearer->id);
	db_bind(q, 2, digest->today);
	db_bind_text(q, 3, digest->kind == DIGEST_QUIET ? "quiet" : "nudges");
	return db_run(q) == 1 ? db_last_row(db) : 0;
}

/* The part of the keys that all deliveries of a digest share. */
static char *make_stem(const struct digest *digest, int64_t earlier)
{
	char iso[DAY_TEXT_SIZE];

	day_iso(digest->today, iso);
	if (earlier > 0)
		return mem_printf("digest|%s|%s+%lld", digest->hearer->id, iso, (long long)earlier);
	return mem_printf("digest|%s|%s", digest->hearer->id, iso);
}

static int64_t put_parcel(struct db *db, const struct scene *scene, const struct digest *digest,
			  int64_t id, const char *stem, const struct parcel_plan *parcel)
{
	char *key = mem_printf("%s|%s|%s", stem, parcel->channel,
			       parcel->recipient ? parcel->recipient : "");
	const int64_t delivery = outbox_put(db, scene,
					    &(struct posting){
						.key = key,
						.kind = "digest",
						.channel = parcel->channel,
						.recipient = parcel->recipient,
						.owner = digest->hearer->id,
						.document = parcel->document,
						.digest = id,
					    });

	if (delivery != 0 && parcel->reply != 0)
		reply_bind(db, parcel->reply, key);
	free(key);
	return delivery;
}

static size_t put_parcels(struct db *db, const struct scene *scene, const struct digest *digest,
			  int64_t id, int64_t earlier, const struct parcel_plan *parcels,
			  size_t count)
{
	char *stem = make_stem(digest, earlier);
	size_t put = 0;

	for (size_t i = 0; i < count; i++)
		put += put_parcel(db, scene, digest, id, stem, &parcels[i]) != 0;
	free(stem);
	return put;
}

static void tell_item(struct db *db, const struct digest *digest, int64_t id,
		      const struct digest_item *item)
{
	told_tell(db, id, item->nudge, digest->hearer->id, digest->today, item->verdict.state,
		  item->step);
}

/* An entry tells of every open nudge of its partner. */
static void tell_entries(struct db *db, const struct digest *digest, int64_t id)
{
	for (size_t i = 0; i < digest->entry_count; i++) {
		const struct digest_entry *entry = &digest->entries[i];

		tell_item(db, digest, id, entry->item);
		for (size_t n = 0; n < entry->other_count; n++)
			tell_item(db, digest, id, entry->others[n]);
	}
}

enum status digest_commit(struct db *db, const struct scene *scene, const struct digest *digest,
			  const struct parcel_plan *parcels, size_t parcel_count, struct error *err)
{
	const bool sends = digest->kind != DIGEST_NOTHING;
	bool had = false;
	int64_t earlier, id;

	if (sends && parcel_count == 0)
		return error_fail(err, STATUS_INVALID, "%s has no channel that is open",
				  digest->hearer->id);
	earlier = sends ? count_digests(db, digest, &had) : 0;
	if (had)
		return error_fail(err, STATUS_CONFLICT, "%s had a digest today already",
				  digest->hearer->id);
	remember(db, digest);
	past_remember_now(db, scene->now);
	if (sends) {
		told_replace(db, scene, digest->hearer->id);
		id = insert_digest(db, digest);
		tell_entries(db, digest, id);
		/* Told and never sent is the one thing that must not be. */
		if (put_parcels(db, scene, digest, id, earlier, parcels, parcel_count) == 0 &&
		    db_status(db) == STATUS_OK)
			return error_fail(err, STATUS_CONFLICT,
					  "every delivery of this digest of %s was made before",
					  digest->hearer->id);
		outbox_overtake(db, scene, digest->hearer, id);
	}
	if (db_status(db) != STATUS_OK)
		return error_fail(err, db_status(db), "%s", db_error(db));
	return STATUS_OK;
}

enum status digest_partners(struct db *db, const char *owner, day d, bool hints,
			    struct arena *arena, const char ***ret_ids, size_t *ret_count)
{
	struct query *q =
	    db_query(db, "SELECT DISTINCT p.id FROM digest d JOIN digest_nudge t ON t.digest = d.id"
			 " JOIN nudge n ON n.id = t.nudge JOIN partner p ON p.row = n.partner"
			 " WHERE d.owner = $1 AND d.day = $2 AND d.ahead = 0"
			 " AND (n.rule = 'hint') = $3 ORDER BY p.id");
	const char **ids = NULL;
	size_t count = 0, capacity = 0;

	db_bind_text(q, 1, owner);
	db_bind(q, 2, d);
	db_bind(q, 3, hints);
	while (db_step(q)) {
		ids = arena_grow(arena, ids, count, &capacity, sizeof(*ids));
		ids[count++] = arena_strdup(arena, db_text(q, 0));
	}
	if (db_status(db) != STATUS_OK)
		return db_status(db);
	*ret_ids = ids;
	*ret_count = count;
	return STATUS_OK;
}
