/* Digests: what they must know, and what is remembered once one is composed.
 *
 * Never decides what is news and never words it: core/digest.h and lib/message do. */
#include "core/digest.h"

#include <stdlib.h>
#include <string.h>

#include "store/outbox.h"
#include "store/told.h"
#include "store/verbs.h"

static day day_or_never(struct query *q, int column)
{
	return db_is_null(q, column) ? DAY_NEVER : (day)db_int(q, column);
}

enum status owner_history_get(struct db *db, const struct scene *scene, const char *owner,
			      struct owner_history *ret)
{
	const struct owner *known = roster_owner(scene->roster, owner);
	struct owner_history history = {
	    .first_seen = zone_day(known ? known->zone : scene->roster->zone, scene->now),
	    .looked = DAY_NEVER,
	    .digest = DAY_NEVER,
	    .turn = DAY_NEVER,
	    .turn_review = DAY_NEVER,
	};
	struct query *q =
	    db_query(db, "SELECT first_seen, looked, digest, turn, turn_review FROM owner"
			 " WHERE id = $1");

	db_bind_text(q, 1, owner);
	if (db_step(q))
		history = (struct owner_history){
		    .first_seen = (day)db_int(q, 0),
		    .looked = day_or_never(q, 1),
		    .digest = day_or_never(q, 2),
		    .turn = day_or_never(q, 3),
		    .turn_review = day_or_never(q, 4),
		};
	db_end(q);
	if (db_status(db) == STATUS_OK)
		*ret = history;
	return db_status(db);
}

/* ---- gathering ---- */

/* What a gathering works with. */
struct gather {
	struct db *db;
	const struct scene *scene;
	const struct owner *hearer;
	struct arena *arena;
	day today;
};

struct open_nudge {
	int64_t id, partner;
	const char *rule;
	day base;
};

static size_t find_open(const struct gather *gather, struct open_nudge **ret_nudges)
{
	struct query *q =
	    db_query(gather->db, "SELECT n.id, n.partner, n.rule, n.base FROM partner p"
				 " JOIN nudge n ON n.partner = p.row AND n.resolved IS NULL"
				 " WHERE p.hears = $1 AND p.archived IS NULL ORDER BY n.id");
	struct open_nudge *nudges = NULL;
	size_t count = 0, capacity = 0;

	db_bind_text(q, 1, gather->hearer->id);
	while (db_step(q)) {
		nudges = arena_grow(gather->arena, nudges, count, &capacity, sizeof(*nudges));
		nudges[count++] = (struct open_nudge){
		    .id = db_int(q, 0),
		    .partner = db_int(q, 1),
		    .rule = arena_strdup(gather->arena, db_text(q, 2)),
		    .base = (day)db_int(q, 3),
		};
	}
	*ret_nudges = nudges;
	return count;
}

/* A partner whose data is broken is left out: it must not cost its owner the rest of the digest. */
static bool read_facts(const struct gather *gather, int64_t row, struct facts *ret_facts)
{
	struct db *db = gather->db;

	if (db_status(db) != STATUS_OK)
		return false;
	if (partner_facts_row(db, gather->scene, row, gather->arena, ret_facts) == STATUS_OK)
		return true;
	if (!db_lost_transaction(db) && db_status(db) != STATUS_NO_SPACE)
		db_clear(db);
	return false;
}

/* The verdict on the silence of a nudge; false when it no longer calls. */
static bool find_verdict(const struct gather *gather, const struct open_nudge *nudge,
			 const struct facts *facts, struct verdict *ret_verdict)
{
	struct verdict verdicts[RULES];
	const size_t count = judge_partner(facts, gather->today, verdicts);

	for (size_t i = 0; i < count; i++) {
		if (verdicts[i].base != nudge->base || !verdict_calls(&verdicts[i]) ||
		    strcmp(rule_name(verdicts[i].rule), nudge->rule) != 0)
			continue;
		*ret_verdict = verdicts[i];
		return true;
	}
	return false;
}

static void collect_items(const struct gather *gather, struct digest_input *input)
{
	struct open_nudge *nudges;
	const size_t found = find_open(gather, &nudges);
	struct digest_item *items = arena_alloc(gather->arena, found + 1, sizeof(*items));

	for (size_t i = 0; i < found; i++) {
		struct digest_item *item = &items[input->item_count];

		if (!read_facts(gather, nudges[i].partner, &item->facts) ||
		    !find_verdict(gather, &nudges[i], &item->facts, &item->verdict))
			continue;
		item->nudge = nudges[i].id;
		told_get(gather->db, item->nudge, gather->hearer->id, &item->told, &item->retell);
		input->item_count++;
	}
	input->items = items;
}

static void count_portfolio(const struct gather *gather, struct digest_input *input)
{
	struct query *q =
	    db_query(gather->db, "SELECT COUNT(*), COUNT(CASE WHEN snooze_until > $2 THEN 1 END)"
				 " FROM partner WHERE hears = $1 AND archived IS NULL");
	struct portfolio portfolio = {0};

	db_bind_text(q, 1, gather->hearer->id);
	db_bind(q, 2, gather->today);
	if (db_step(q)) {
		portfolio.total = (int)db_int(q, 0);
		portfolio.snoozed = (int)db_int(q, 1);
	}
	db_end(q);
	for (size_t i = 0; i < input->item_count; i++) {
		const bool cold = input->items[i].verdict.state == STATE_COLD;

		portfolio.cold += cold;
		portfolio.due += !cold;
	}
	portfolio.on_track = portfolio.total - portfolio.snoozed - portfolio.cold - portfolio.due;
	input->portfolio = portfolio;
}

/* The earliest due day of a partner that is on track; DAY_NEVER when it is not. */
static day upcoming_due(const struct facts *facts, day today)
{
	struct verdict verdicts[RULES];
	const size_t count = judge_partner(facts, today, verdicts);
	day due = DAY_NEVER;

	for (size_t i = 0; i < count; i++) {
		if (verdicts[i].hold != HOLD_NONE || verdicts[i].state >= STATE_DUE)
			return DAY_NEVER;
		if (verdicts[i].due_day < due)
			due = verdicts[i].due_day;
	}
	return due;
}

/* Partners are walked by their next look. It comes on the due day or before, so that the first few
 * tell. */
static void find_next(const struct gather *gather, struct digest_input *input)
{
	struct query *q =
	    db_query(gather->db,
		     "SELECT p.row, s.next_check FROM partner p JOIN sched s ON s.partner = p.row"
		     " WHERE p.hears = $1 AND p.archived IS NULL ORDER BY s.next_check, p.row");

	input->next_due = DAY_NEVER;
	db_bind_text(q, 1, gather->hearer->id);
	while (db_step(q) && zone_day(gather->hearer->zone, db_int(q, 1)) <= input->next_due) {
		struct facts facts;

		if (!read_facts(gather, db_int(q, 0), &facts))
			continue;
		const day due = upcoming_due(&facts, gather->today);
		if (due >= input->next_due)
			continue;
		input->next_due = due;
		input->next_name = facts.partner.name;
	}
	db_end(q);
}

enum status digest_gather(struct db *db, const struct scene *scene, const struct owner *hearer,
			  struct arena *arena, struct digest_input *ret_input, struct error *err)
{
	const struct gather gather = {
	    .db = db,
	    .scene = scene,
	    .hearer = hearer,
	    .arena = arena,
	    .today = zone_day(hearer->zone, scene->now),
	};
	struct owner_history *history = arena_alloc(arena, 1, sizeof(*history));
	struct digest_input input = {
	    .hearer = hearer,
	    .history = history,
	    .today = gather.today,
	    .next_due = DAY_NEVER,
	};

	if (owner_history_get(db, scene, hearer->id, history) == STATUS_OK) {
		collect_items(&gather, &input);
		count_portfolio(&gather, &input);
		if (input.item_count == 0)
			find_next(&gather, &input);
	}
	if (db_status(db) != STATUS_OK)
		return error_fail(err, db_status(db), "%s", db_error(db));
	*ret_input = input;
	return STATUS_OK;
}

/* ---- committing ---- */

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

static void tell_entries(struct db *db, const struct digest *digest, int64_t id)
{
	for (size_t i = 0; i < digest->entry_count; i++) {
		const struct digest_item *item = digest->entries[i].item;

		told_tell(db, id, item->nudge, digest->hearer->id, digest->today,
			  item->verdict.state);
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
	}
	if (db_status(db) != STATUS_OK)
		return error_fail(err, db_status(db), "%s", db_error(db));
	return STATUS_OK;
}
