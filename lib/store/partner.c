/* Partners: added, changed, archived, restored. Whatever a judgement depends on is judged
 * again here. */
#include "store/partner.h"

#include <stdlib.h>
#include <string.h>

#include "store/check.h"
#include "store/event.h"
#include "store/rows.h"
#include "store/told.h"

#define CADENCE_DEFAULT "standard"

/* ---- reading ---- */

enum status partner_facts_row(struct db *db, const struct scene *scene, int64_t row,
			      struct arena *arena, struct facts *ret_facts)
{
	struct query *query =
	    db_query(db, "SELECT " ROWS_PARTNER " FROM partner p WHERE p.row = $1");
	bool found;

	db_bind(query, 1, row);
	found = db_step(query);
	if (found)
		rows_facts(db, scene, query, arena, ret_facts);
	db_end(query);
	if (db_status(db) != STATUS_OK)
		return db_status(db);
	return found ? STATUS_OK : STATUS_NOT_FOUND;
}

enum status partner_facts(struct db *db, const struct scene *scene, const char *id,
			  struct arena *arena, struct facts *ret_facts, struct error *err)
{
	const int64_t row = rows_partner_row(db, id);

	if (db_status(db) != STATUS_OK)
		return error_fail(err, db_status(db), "%s", db_error(db));
	if (row == 0)
		return check_no_partner(db, id, err);
	const enum status status = partner_facts_row(db, scene, row, arena, ret_facts);
	if (status != STATUS_OK)
		error_set(err, "%s", db_error(db));
	return status;
}

day scene_today(const struct scene *scene, const struct facts *facts)
{
	return zone_day(facts->owner ? facts->owner->zone : scene->roster->zone, scene->now);
}

/* ---- history ---- */

void partner_tell(struct db *db, const struct scene *scene, const char *verb, int64_t row,
		  const char *owner, json_t *detail)
{
	char *text = event_dump(detail);

	history_add(db, scene, verb, row, owner, NULL, text);
	free(text);
	json_decref(detail);
}

static json_t *values_object(const struct partner_values *values)
{
	json_t *object = json_object();

	json_object_set_new(object, "name", event_text(values->name));
	json_object_set_new(object, "owner", event_text(values->owner));
	json_object_set_new(object, "cadence", event_text(values->cadence));
	json_object_set_new(object, "tags", event_text(values->tags));
	json_object_set_new(object, "since", event_day(values->since));
	json_object_set_new(object, "cold_mark",
			    values->cold_mark ? json_integer(values->cold_mark) : json_null());
	json_object_set_new(object, "origin", event_text(values->origin));
	return object;
}

static struct partner_values values_of(const struct partner *partner)
{
	return (struct partner_values){
	    .name = partner->name,
	    .owner = partner->owner,
	    .cadence = partner->cadence,
	    .tags = partner->tags,
	    .origin = partner->origin,
	    .since = partner->since,
	    .cold_mark = partner->cold_mark,
	};
}

/* ---- writing ---- */

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_values(const struct partner_values *a, const struct partner_values *b)
{
	return same_text(a->name, b->name) && same_text(a->owner, b->owner) &&
	       same_text(a->cadence, b->cadence) && same_text(a->tags, b->tags) &&
	       a->since == b->since && a->cold_mark == b->cold_mark;
}

enum status partner_judge_again(struct db *db, const struct scene *scene, int64_t row,
				const char *cause)
{
	struct arena *arena = arena_new();
	struct facts facts;
	enum status status = partner_facts_row(db, scene, row, arena, &facts);

	if (status == STATUS_OK && facts.partner.archived == DAY_NEVER)
		status = nudge_judge(db, scene, &facts, cause);
	arena_free(arena);
	return status;
}

/* Every live partner has one look ahead; now is soon enough for one that has none. */
static void schedule(struct db *db, const struct scene *scene, int64_t row)
{
	struct query *query = db_query(db, "INSERT INTO sched (next_check, partner) VALUES ($1, $2)"
					   " ON CONFLICT DO NOTHING");

	db_bind(query, 1, scene->now);
	db_bind(query, 2, row);
	(void)db_run(query);
}

static void bind_values(struct query *query, const struct partner_values *values)
{
	db_bind_text(query, 1, values->name);
	db_bind_text(query, 2, values->owner);
	db_bind_text(query, 3, values->cadence);
	db_bind_text(query, 4, values->tags);
	db_bind_text(query, 5, values->origin);
	rows_bind_day(query, 6, values->since);
	if (values->cold_mark)
		db_bind(query, 10, values->cold_mark);
}

int64_t partner_insert(struct db *db, const struct scene *scene, const char *id,
		       const struct partner_values *values)
{
	const struct facts facts = {.owner = roster_owner(scene->roster, values->owner)};
	struct query *query = db_query(
	    db, "INSERT INTO partner (name, owner, hears, cadence, tags, origin, since, id,"
		" first_seen, cold_mark, met) VALUES ($1, $2, $2, $3, $4, $5, $6, $7, $8, $10, 0)");
	int64_t row;

	bind_values(query, values);
	db_bind_text(query, 7, id);
	db_bind(query, 8, scene_today(scene, &facts));
	if (db_run(query) != 1)
		return 0;
	row = db_last_row(db);
	schedule(db, scene, row);
	partner_tell(db, scene, "partner.added", row, values->owner, values_object(values));
	return row;
}

static void store_values(struct db *db, int64_t row, const struct partner_values *values)
{
	struct query *query = db_query(
	    db, "UPDATE partner SET name = $1, owner = $2, cadence = $3, tags = $4, origin = $5,"
		" since = $6, cold_mark = $10, archived = CASE WHEN ended = 1 THEN archived END,"
		" hears = CASE WHEN owner = $2 AND archived IS NULL THEN hears ELSE $2 END"
		" WHERE row = $7");

	bind_values(query, values);
	db_bind(query, 7, row);
	(void)db_run(query);
}

bool partner_update(struct db *db, const struct scene *scene, const struct facts *facts,
		    const struct partner_values *values)
{
	const struct partner_values before = values_of(&facts->partner);
	const bool restored = facts->partner.archived != DAY_NEVER && !facts->partner.ended;
	const bool taken = values->origin && !before.origin && !restored;
	const bool changed = !same_values(&before, values);
	const char *verb = restored ? "partner.restored"
			   : taken  ? "partner.taken_over"
				    : "partner.changed";

	if (!restored && !changed && same_text(before.origin, values->origin))
		return false;
	store_values(db, facts->partner.row, values);
	if (!same_text(before.owner, values->owner))
		told_reset_ladder(db, facts->partner.row);
	if (restored)
		schedule(db, scene, facts->partner.row);
	/* A line that only moved within the file is no news. */
	if (restored || taken || changed)
		partner_tell(db, scene, verb, facts->partner.row, values->owner,
			     json_pack("{s:o, s:o}", "from", values_object(&before), "to",
				       values_object(values)));
	return restored || changed;
}

enum status partner_archive(struct db *db, const struct scene *scene, int64_t row)
{
	struct arena *arena = arena_new();
	struct facts facts;
	enum status status = partner_facts_row(db, scene, row, arena, &facts);

	if (status == STATUS_OK) {
		struct query *query =
		    db_query(db, "UPDATE partner SET archived = $1, origin = NULL WHERE row = $2");
		const struct partner_values values = values_of(&facts.partner);

		facts.partner.archived = scene_today(scene, &facts);
		db_bind(query, 1, facts.partner.archived);
		db_bind(query, 2, row);
		(void)db_run(query);
		partner_tell(db, scene, "partner.archived", row, values.owner,
			     values_object(&values));
		status = nudge_judge(db, scene, &facts, "archived");
	}
	/* Nobody looks at an archived partner again. */
	struct query *query = db_query(db, "DELETE FROM sched WHERE partner = $1");
	db_bind(query, 1, row);
	(void)db_run(query);
	arena_free(arena);
	return status == STATUS_OK ? db_status(db) : status;
}

/* ---- partner_write ---- */

static enum status check_change(const struct scene *scene, const struct partner_change *change,
				struct error *err)
{
	enum status status = check_id("the partner's id", change->id, err);

	if (status == STATUS_OK)
		status = check_text("name", change->name, TEXT_LINE, 1, TEXT_NAME_MAX, err);
	if (status == STATUS_OK)
		status = check_text("tags", change->tags, TEXT_LINE, 0, TEXT_TAGS_MAX, err);
	if (status == STATUS_OK && change->owner)
		status = check_owner(scene, "owner", change->owner, err);
	if (status == STATUS_OK && change->cadence)
		status = check_cadence(scene, change->cadence, err);
	if (status == STATUS_OK && change->since != DAY_NEVER)
		status = check_since(scene, change->since, err);
	return status;
}

/* Lays the change over what is there. Empty tags take the tags away. */
static void lay_over(struct partner_values *values, const struct partner_change *change)
{
	if (change->name)
		values->name = change->name;
	if (change->owner)
		values->owner = change->owner;
	if (change->cadence)
		values->cadence = change->cadence;
	if (change->tags)
		values->tags = change->tags[0] ? change->tags : NULL;
	if (change->since != DAY_NEVER)
		values->since = change->since;
	if (change->cold_mark != 0)
		values->cold_mark = change->cold_mark == COLD_MARK_NONE ? 0 : change->cold_mark;
}

static enum status add_partner(struct db *db, const struct scene *scene,
			       const struct partner_change *change, struct error *err)
{
	struct partner_values values = {
	    .name = change->id, .cadence = CADENCE_DEFAULT, .since = DAY_NEVER};
	enum status status = check_owner(scene, "owner", change->owner, err);

	lay_over(&values, change);
	/* The default cadence is only there when the configuration has one of that name. */
	if (status == STATUS_OK && !roster_cadence(scene->roster, values.cadence))
		status = check_cadence(scene, NULL, err);
	if (status == STATUS_OK)
		status = check_ladder(scene, values.owner, values.cadence, err);
	if (status == STATUS_OK)
		status = check_cold_mark(scene, values.cadence, values.cold_mark, err);
	if (status != STATUS_OK)
		return status;
	const int64_t row = partner_insert(db, scene, change->id, &values);
	return row ? partner_judge_again(db, scene, row, "changed") : db_status(db);
}

static enum status change_partner(struct db *db, const struct scene *scene,
				  const struct partner_change *change, const struct facts *facts,
				  enum change_result *ret_result, struct error *err)
{
	const struct partner *partner = &facts->partner;
	struct partner_values before = values_of(partner), after = before;

	lay_over(&after, change);
	*ret_result = CHANGE_SAME;
	if (same_values(&before, &after) && partner->archived == DAY_NEVER)
		return STATUS_OK;
	if (partner->ended)
		return error_fail(err, STATUS_CONFLICT,
				  "%s was ended by a decision; restore it first", partner->id);
	if (partner->origin && partner->archived == DAY_NEVER)
		return error_fail(err, STATUS_CONFLICT, "%s is managed by %s; change it there",
				  partner->id, partner->origin);
	/* What was so before is said by status; another name is no reason to refuse it. */
	if ((change->owner || change->cadence) &&
	    check_ladder(scene, after.owner, after.cadence, err) != STATUS_OK)
		return STATUS_INVALID;
	if ((change->cold_mark || change->cadence) &&
	    check_cold_mark(scene, after.cadence, after.cold_mark, err) != STATUS_OK)
		return STATUS_INVALID;
	*ret_result = CHANGE_CHANGED;
	if (!partner_update(db, scene, facts, &after))
		return db_status(db);
	return partner_judge_again(db, scene, partner->row, "changed");
}

static enum status write_within(struct db *db, const struct scene *scene,
				const struct partner_change *change, enum change_result *ret_result,
				struct error *err)
{
	struct arena *arena = arena_new();
	const int64_t row = rows_partner_row(db, change->id);
	struct facts facts;
	enum status status = db_status(db);

	*ret_result = CHANGE_NEW;
	if (status == STATUS_OK && row == 0)
		status = add_partner(db, scene, change, err);
	else if (status == STATUS_OK &&
		 (status = partner_facts_row(db, scene, row, arena, &facts)) == STATUS_OK)
		status = change_partner(db, scene, change, &facts, ret_result, err);
	if (db_status(db) != STATUS_OK)
		status = error_fail(err, db_status(db), "%s", db_error(db));
	arena_free(arena);
	return status;
}

enum status partner_write(struct db *db, const struct scene *scene,
			  const struct partner_change *change, bool dry_run,
			  enum change_result *ret_result, struct error *err)
{
	enum change_result result = CHANGE_SAME;
	enum status status = check_change(scene, change, err);

	if (status == STATUS_OK && (status = db_point(db)) != STATUS_OK)
		error_set(err, "%s", db_error(db));
	if (status != STATUS_OK)
		return status;
	status = write_within(db, scene, change, &result, err);
	if (status != STATUS_OK || dry_run)
		db_point_undo(db);
	else
		db_point_keep(db);
	if (status == STATUS_OK)
		*ret_result = result;
	return status;
}

/* ---- restoring and erasing ---- */

enum status partner_exists(struct db *db, const char *id, bool *ret_exists)
{
	*ret_exists = rows_partner_row(db, id) != 0;
	return db_status(db);
}

void partner_unarchive(struct db *db, const struct scene *scene, const struct facts *facts,
		       const char *origin)
{
	const struct partner_values before = values_of(&facts->partner);
	struct partner_values after = before;
	struct query *query = db_query(db, "UPDATE partner SET archived = NULL, ended = 0,"
					   " hears = owner, origin = $2 WHERE row = $1");

	after.origin = origin;
	db_bind(query, 1, facts->partner.row);
	db_bind_text(query, 2, origin);
	(void)db_run(query);
	schedule(db, scene, facts->partner.row);
	partner_tell(
	    db, scene, "partner.restored", facts->partner.row, after.owner,
	    json_pack("{s:o, s:o}", "from", values_object(&before), "to", values_object(&after)));
}
