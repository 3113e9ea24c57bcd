/* The sync: makes the database agree with the configuration file. DESIGN.md section 7, "Who owns
 * what".
 *
 * Writes only what differs, so that a start with the same file writes nothing. Refuses by failing:
 * the caller's savepoint takes everything back. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "store/check.h"
#include "store/contact.h"
#include "store/ended.h"
#include "store/partner.h"
#include "store/rest.h"
#include "store/rows.h"
#include "store/told.h"

#define ARCHIVE_FREE	3  /* so many may leave the file without a question */
#define ARCHIVE_PERCENT 10 /* or such a share of the live partners */
#define STAND_IN_HOPS	8  /* a lost owner's backup may be lost too */

struct sync {
	struct db *db;
	const struct scene *scene;
	struct sync_plan *plan;
	const struct partner_entry **by_id; /* sorted */
	struct arena *arena;
	struct error *err;
};

static int compare_entries(const void *a, const void *b)
{
	const struct partner_entry *const *x = a, *const *y = b;

	return strcmp((*x)->id, (*y)->id);
}

static void sort_entries(struct sync *sync)
{
	const size_t count = sync->plan->count;

	sync->by_id = arena_alloc(sync->arena, count + 1, sizeof(*sync->by_id));
	for (size_t i = 0; i < count; i++)
		sync->by_id[i] = &sync->plan->entries[i];
	qsort(sync->by_id, count, sizeof(*sync->by_id), compare_entries);
}

static bool is_in_file(const struct sync *sync, const char *id)
{
	const struct partner_entry key = {.id = id}, *wanted = &key;

	return sync->plan->count > 0 && bsearch(&wanted, sync->by_id, sync->plan->count,
						sizeof(*sync->by_id), compare_entries) != NULL;
}

/* ---- refusals ---- */

static enum status refuse_lost(struct sync *sync)
{
	const struct roster *roster = sync->scene->roster;
	struct query *query = db_query(sync->db, "SELECT id, owner, cadence FROM partner"
						 " WHERE origin IS NULL AND archived IS NULL");
	enum status status = STATUS_OK;

	while (status == STATUS_OK && db_step(query)) {
		const char *id = db_text(query, 0), *owner = db_text(query, 1);
		const char *cadence = db_text(query, 2);
		const bool no_owner = !roster_owner(roster, owner);

		if ((!no_owner && roster_cadence(roster, cadence)) || is_in_file(sync, id))
			continue;
		status = error_fail(
		    sync->err, STATUS_CONFLICT,
		    "partner %s of the database has the %s \"%s\", which is no longer configured; "
		    "keep it, or give %s another one first",
		    id, no_owner ? "owner" : "cadence", no_owner ? owner : cadence, id);
	}
	db_end(query);
	return status == STATUS_OK ? db_status(sync->db) : status;
}

static void note(struct sync_change *change, const char *id)
{
	if (change->count < SYNC_NAMED_MAX)
		strncpy(change->ids[change->count], id, TEXT_ID_MAX);
	change->count++;
}

struct leaver {
	int64_t row;
	const char *id;
};

/* The live partners that the file managed and has no more. */
static size_t find_leavers(struct sync *sync, struct leaver **ret_leavers)
{
	struct query *query = db_query(sync->db, "SELECT row, id FROM partner"
						 " WHERE origin IS NOT NULL AND archived IS NULL"
						 " ORDER BY id");
	struct leaver *leavers = NULL;
	size_t count = 0, capacity = 0;

	while (db_step(query)) {
		if (is_in_file(sync, db_text(query, 1)))
			continue;
		leavers = arena_grow(sync->arena, leavers, count, &capacity, sizeof(*leavers));
		leavers[count++] =
		    (struct leaver){db_int(query, 0), arena_strdup(sync->arena, db_text(query, 1))};
	}
	*ret_leavers = leavers;
	return count;
}

static int64_t count_live(struct sync *sync)
{
	struct query *query =
	    db_query(sync->db, "SELECT count(*) FROM partner WHERE archived IS NULL");
	const int64_t live = db_step(query) ? db_int(query, 0) : 0;

	db_end(query);
	return live;
}

static enum status refuse_leavers(struct sync *sync, size_t leavers)
{
	/* Partners are counted only when it matters: there may be a million. */
	if (sync->plan->starting || leavers <= ARCHIVE_FREE)
		return db_status(sync->db);
	const int64_t live = count_live(sync);
	sync->plan->needs_yes = (int64_t)leavers * 100 > live * ARCHIVE_PERCENT;
	if (!sync->plan->needs_yes || sync->plan->accept_archiving)
		return db_status(sync->db);
	return error_fail(sync->err, STATUS_CONFLICT,
			  "this would archive %zu of %lld partners; if that is meant: cadencectl "
			  "reload --yes",
			  leavers, (long long)live);
}

/* ---- partners ---- */

static enum status archive_leavers(struct sync *sync)
{
	struct leaver *leavers = NULL;
	const size_t count = find_leavers(sync, &leavers);
	enum status status = refuse_leavers(sync, count);

	for (size_t i = 0; status == STATUS_OK && i < count; i++) {
		status = partner_archive(sync->db, sync->scene, leavers[i].row);
		note(&sync->plan->archived, leavers[i].id);
	}
	return status;
}

/* The database alone keeps those that were ended and have left the file. */
static void forget_ended_leavers(struct sync *sync)
{
	const char **ids = NULL;
	const size_t count = ended_list(sync->db, sync->arena, &ids);

	for (size_t i = 0; i < count; i++)
		if (!is_in_file(sync, ids[i]))
			ended_set_origin(sync->db, ids[i], NULL);
}

/* What a person ended stays ended, whatever the file says; restored, it shall be what the file says
 * then. */
static void settle_ended(struct sync *sync, const struct facts *facts,
			 const struct partner_values *values)
{
	struct partner_values kept = *values;

	kept.origin = NULL;
	(void)partner_update(sync->db, sync->scene, facts, &kept);
	ended_set_origin(sync->db, facts->partner.id, values->origin);
}

/* Inserts or updates the row of an entry; *ret_judge: it must be judged again. Counts what it did.
 */
static int64_t settle_row(struct sync *sync, const struct partner_entry *entry, struct arena *arena,
			  bool *ret_judge, struct sync_change **ret_change)
{
	const struct partner_values values = {
	    .name = entry->name,
	    .owner = entry->owner,
	    .cadence = entry->cadence,
	    .tags = entry->tags,
	    .origin = entry->origin,
	    .since = entry->since,
	    .cold_mark = span_about_days(entry->cold_mark),
	};
	const int64_t row = rows_partner_row(sync->db, entry->id);
	struct facts facts;

	*ret_judge = true;
	*ret_change = &sync->plan->added;
	if (row == 0)
		return partner_insert(sync->db, sync->scene, entry->id, &values);
	if (partner_facts_row(sync->db, sync->scene, row, arena, &facts) != STATUS_OK)
		return 0;
	if (facts.partner.ended) {
		settle_ended(sync, &facts, &values);
		*ret_judge = false;
		*ret_change = NULL;
		return row;
	}
	const bool restored = facts.partner.archived != DAY_NEVER;
	const bool taken = !facts.partner.origin;
	*ret_judge = partner_update(sync->db, sync->scene, &facts, &values);
	*ret_change = restored		    ? &sync->plan->restored
		      : taken || *ret_judge ? &sync->plan->changed
					    : NULL;
	return row;
}

static enum status check_entry_since(const struct scene *scene, const struct partner_entry *entry,
				     struct error *err)
{
	const struct owner *owner = roster_owner(scene->roster, entry->owner);
	const day today = zone_day(owner ? owner->zone : scene->roster->zone, scene->now);
	char since[DAY_TEXT_SIZE], now[DAY_TEXT_SIZE], latest[DAY_TEXT_SIZE];

	if (entry->since == DAY_NEVER || entry->since <= today + SINCE_DAYS_MAX)
		return STATUS_OK;
	return error_fail(err, STATUS_INVALID,
			  "%s: partner %s: since: %s is more than a year after today (%s), and "
			  "nobody would hear of it until then; it should be %s or before",
			  entry->origin, entry->id, day_iso(entry->since, since),
			  day_iso(today, now), day_iso(today + SINCE_DAYS_MAX, latest));
}

void sync_check_entry(const struct scene *scene, const struct partner_entry *entry,
		      struct buf *wrong)
{
	const struct owner *owner = roster_owner(scene->roster, entry->owner);
	struct error err;

	if (check_entry_since(scene, entry, &err) != STATUS_OK)
		buf_addf(wrong, "%s\n", err.text);
	if (entry->last_contact != DAY_NEVER &&
	    contact_check_file_day(scene, owner, entry->id, entry->last_contact, entry->origin,
				   &err) != STATUS_OK)
		buf_addf(wrong, "%s\n", err.text);
}

/* A clock that has gone back refuses nothing that was taken in before. */
static bool since_is_known(struct db *db, const struct partner_entry *entry)
{
	struct query *query = db_query(db, "SELECT 1 FROM partner WHERE id = $1 AND since = $2");
	bool known;

	db_bind_text(query, 1, entry->id);
	db_bind(query, 2, entry->since);
	known = db_step(query);
	db_end(query);
	return known;
}

static enum status sync_entry(struct sync *sync, const struct partner_entry *entry)
{
	struct arena *arena = arena_new();
	bool judge = false, contact = false;
	struct sync_change *change = NULL;
	struct error why;
	const bool ahead = check_entry_since(sync->scene, entry, &why) != STATUS_OK &&
			   !since_is_known(sync->db, entry);
	const int64_t row = settle_row(sync, entry, arena, &judge, &change);
	enum status status = db_status(sync->db);

	if (status == STATUS_OK && ahead)
		status = error_fail(sync->err, STATUS_INVALID, "%s", why.text);
	if (status == STATUS_OK)
		status = contact_from_file(sync->db, sync->scene, row, entry->last_contact,
					   entry->origin, &contact, sync->err);
	if (status == STATUS_OK && (judge || contact))
		status = partner_judge_again(sync->db, sync->scene, row,
					     contact ? "contact" : "changed");
	if (!change && contact)
		change = &sync->plan->changed;
	if (change)
		note(change, entry->id);
	arena_free(arena);
	return status;
}

/* Goes on after an entry that makes no sense, so that all of them are named at once. */
static enum status sync_entries(struct sync *sync)
{
	struct buf wrong = buf_make(sizeof(sync->err->text) - 1);
	size_t count = 0;
	enum status status = STATUS_OK;

	for (size_t i = 0; i < sync->plan->count; i++) {
		status = sync_entry(sync, &sync->plan->entries[i]);
		if (status == STATUS_INVALID && db_status(sync->db) == STATUS_OK)
			buf_addf(&wrong, "%s%s", count++ > 0 ? "\n" : "", sync->err->text);
		else if (status != STATUS_OK)
			break;
	}
	if (count > 0 && (status == STATUS_OK || status == STATUS_INVALID))
		status = error_fail(sync->err, STATUS_INVALID, "%s", buf_text(&wrong));
	buf_free(&wrong);
	return status;
}

/* ---- owners ---- */

/* Remembers who stands in for whom, for the day on which an owner vanishes from the file. */
static void record_owner(struct sync *sync, const struct owner *owner)
{
	struct query *query = db_query(
	    sync->db, "INSERT INTO owner (id, first_seen, backup, manager) VALUES ($1, $2, $3, $4)"
		      " ON CONFLICT (id) DO UPDATE SET backup = excluded.backup,"
		      " manager = excluded.manager WHERE backup IS NOT excluded.backup"
		      " OR manager IS NOT excluded.manager");

	db_bind_text(query, 1, owner->id);
	db_bind(query, 2, zone_day(owner->zone, sync->scene->now));
	db_bind_text(query, 3, owner->backup);
	db_bind_text(query, 4, owner->manager);
	(void)db_run(query);
}

/* The remembered backup of a lost owner, else the manager; NULL when there is neither. */
static const char *remembered_next(struct sync *sync, const char *id)
{
	struct query *query = db_query(
	    sync->db, "SELECT coalesce(backup, manager), manager FROM owner WHERE id = $1");
	const char *backup = NULL, *manager = NULL;

	db_bind_text(query, 1, id);
	if (db_step(query)) {
		backup = arena_strdup(sync->arena, db_text(query, 0));
		manager = arena_strdup(sync->arena, db_text(query, 1));
	}
	db_end(query);
	return !roster_owner(sync->scene->roster, backup) &&
		       roster_owner(sync->scene->roster, manager)
		   ? manager
		   : backup;
}

/* Who hears of an owner's partners: the owner, or whoever stands in. Without either the owner:
 * nobody hears. */
static const char *hearer_of(struct sync *sync, const char *owner)
{
	const char *at = owner;

	for (int hop = 0; at && hop < STAND_IN_HOPS; hop++) {
		if (roster_owner(sync->scene->roster, at))
			return at;
		at = remembered_next(sync, at);
	}
	return owner;
}

/* The partners of one owner that one person hears of. */
struct hearing_pair {
	const char *owner, *hears;
};

static void run_for(struct query *query, const struct hearing_pair *pair)
{
	db_bind_text(query, 1, pair->owner);
	db_bind_text(query, 2, pair->hears);
	(void)db_run(query);
}

/* The ladder of partners that another one hears of begins anew. */
static void reset_ladders(struct sync *sync, const struct hearing_pair *pair)
{
	struct query *query =
	    db_query(sync->db, "SELECT p.row FROM partner p WHERE p.owner = $1 AND p.hears = $2"
			       " AND p.archived IS NULL AND EXISTS (SELECT 1 FROM nudge n"
			       " WHERE n.partner = p.row AND n.step > 0 AND n.resolved IS NULL)");

	db_bind_text(query, 1, pair->owner);
	db_bind_text(query, 2, pair->hears);
	while (db_step(query))
		told_reset_ladder(sync->db, db_int(query, 0));
}

/* Whoever has no look ahead, because nothing will change by itself, is looked at again too. */
static void set_hearer(struct sync *sync, const struct hearing_pair *pair, const char *hearer)
{
	struct query *query;

	reset_ladders(sync, pair);
	run_for(db_query(sync->db, "DELETE FROM sched WHERE partner IN (SELECT row FROM partner"
				   " WHERE owner = $1 AND hears = $2 AND archived IS NULL)"),
		pair);
	run_for(db_query(sync->db, "INSERT INTO sched (next_check, partner) SELECT 0, row"
				   " FROM partner WHERE owner = $1 AND hears = $2"
				   " AND archived IS NULL"),
		pair);
	query = db_query(sync->db, "UPDATE partner SET hears = $3 WHERE owner = $1 AND hears = $2"
				   " AND archived IS NULL");
	db_bind_text(query, 3, hearer);
	run_for(query, pair);
}

static bool read_pair(struct sync *sync, struct query *query, struct hearing_pair *pair)
{
	const bool found = db_step(query);

	if (found)
		*pair = (struct hearing_pair){arena_strdup(sync->arena, db_text(query, 0)),
					      arena_strdup(sync->arena, db_text(query, 1))};
	db_end(query);
	return found;
}

/* The pair after this one, in order of owner and hearer; false behind the last. Two searches, each
 * of one step: a comparison of both columns would walk over all partners of the owner. */
static bool next_pair(struct sync *sync, struct hearing_pair *pair)
{
	struct query *query = db_query(
	    sync->db, "SELECT owner, hears FROM partner WHERE archived IS NULL AND owner = $1"
		      " AND hears > $2 ORDER BY hears LIMIT 1");

	db_bind_text(query, 1, pair->owner);
	db_bind_text(query, 2, pair->hears);
	if (read_pair(sync, query, pair))
		return true;
	query = db_query(sync->db, "SELECT owner, hears FROM partner WHERE archived IS NULL"
				   " AND owner > $1 ORDER BY owner, hears LIMIT 1");
	db_bind_text(query, 1, pair->owner);
	return read_pair(sync, query, pair);
}

/* From pair to pair, not from partner to partner: there may be a million of these. */
static void settle_hearers(struct sync *sync)
{
	struct hearing_pair pair = {"", ""}, *changed = NULL;
	size_t count = 0, capacity = 0;

	while (next_pair(sync, &pair)) {
		if (strcmp(pair.hears, hearer_of(sync, pair.owner)) == 0)
			continue;
		changed = arena_grow(sync->arena, changed, count, &capacity, sizeof(*changed));
		changed[count++] = pair;
	}
	for (size_t i = 0; i < count; i++)
		set_hearer(sync, &changed[i], hearer_of(sync, changed[i].owner));
}

static enum status sync_owners(struct sync *sync)
{
	for (size_t i = 0; i < sync->scene->roster->owner_count; i++)
		record_owner(sync, &sync->scene->roster->owners[i]);
	settle_hearers(sync);
	return db_status(sync->db);
}

/* ---- calendars ---- */

static bool hash_is_known(struct db *db, const char *hash)
{
	struct query *query = db_query(db, "SELECT value FROM meta WHERE key = 'roster_hash'");
	const char *known = db_step(query) ? db_text(query, 0) : NULL;
	const bool same = known && strcmp(known, hash) == 0;

	db_end(query);
	return same;
}

/* Other cadences or calendars, or another way to judge by them: everybody is looked at again, by
 * the sweep, in its own time. */
static enum status sync_calendars(struct sync *sync)
{
	const char *hash = arena_printf(sync->arena, "%s %d", sync->scene->roster->hash, JUDGEMENT);
	struct query *query;

	if (hash_is_known(sync->db, hash))
		return STATUS_OK;
	(void)db_run(db_query(sync->db, "DELETE FROM sched"));
	(void)db_run(db_query(sync->db, "INSERT INTO sched (next_check, partner)"
					" SELECT 0, row FROM partner WHERE archived IS NULL"));
	query = db_query(sync->db, "INSERT INTO meta (key, value) VALUES ('roster_hash', $1)"
				   " ON CONFLICT (key) DO UPDATE SET value = excluded.value");
	db_bind_text(query, 1, hash);
	(void)db_run(query);
	return db_status(sync->db);
}

enum status sync_file(struct db *db, const struct scene *scene, struct sync_plan *plan,
		      struct error *err)
{
	struct sync sync = {
	    .db = db, .scene = scene, .plan = plan, .arena = arena_new(), .err = err};
	enum status status = STATUS_OK;

	plan->added = plan->changed = plan->archived = plan->restored = (struct sync_change){0};
	sort_entries(&sync);
	if (!plan->starting)
		status = refuse_lost(&sync);
	/* Owners first: their calendars are known to the roster, but who stands in is asked while
	 * judging. */
	if (status == STATUS_OK)
		status = sync_owners(&sync);
	if (status == STATUS_OK)
		status = archive_leavers(&sync);
	if (status == STATUS_OK)
		forget_ended_leavers(&sync);
	if (status == STATUS_OK)
		status = sync_entries(&sync);
	if (status == STATUS_OK)
		status = sync_calendars(&sync);
	if (status == STATUS_OK)
		status = block_review(db, scene);
	if (status == STATUS_OK)
		rest_review(db, scene);
	if (db_status(db) != STATUS_OK)
		status = error_fail(err, db_status(db), "%s", db_error(db));
	arena_free(sync.arena);
	return status;
}
