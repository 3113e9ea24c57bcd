/* Answers: what a person decides about a partner. DESIGN.md section 6, "Answers", "Meeting booked".
 *
 * Writes down what was said; what it means is core's business, so that nothing here has to be
 * undone when a contact is. */
#include "store/verbs.h"

#include <stdlib.h>

#include "store/check.h"
#include "store/ended.h"
#include "store/event.h"
#include "store/partner.h"
#include "store/past.h"
#include "store/rows.h"

#define WORDS_MAX 64 /* code points of a day in words */

/* What each kind of answer wants. */
static const struct {
	bool wants_day; /* refused without one */
	bool takes_day;
	bool takes_today; /* the day may be today */
	int days_max;	  /* how far ahead */
} forms[ANSWERS] = {
    [ANSWER_OFF] = {false, true, false, OFF_DAYS_MAX},
    [ANSWER_SNOOZE] = {true, true, false, SNOOZE_DAYS_MAX},
    [ANSWER_ACK] = {false, false, false, 0},
    [ANSWER_PLAN] = {true, true, true, PLAN_DAYS_MAX},
    [ANSWER_KEEP] = {false, false, false, 0},
    [ANSWER_FIX] = {true, true, false, FIX_DAYS_MAX},
};

/* ---- the day ---- */

static enum status check_until(enum answer_kind kind, day until, day today, struct error *err)
{
	char until_text[DAY_TEXT_SIZE], today_text[DAY_TEXT_SIZE];
	const int ahead = until - today;

	if (ahead < 0 && forms[kind].takes_today)
		return error_fail(err, STATUS_INVALID,
				  "%s lies before today (%s): %s takes today or a later day; what "
				  "has happened already is told with log",
				  day_iso(until, until_text), day_iso(today, today_text),
				  answer_name(kind));
	if (ahead < 0 || (ahead == 0 && !forms[kind].takes_today))
		return error_fail(err, STATUS_INVALID, "%s is not after today (%s)",
				  day_iso(until, until_text), day_iso(today, today_text));
	if (ahead > forms[kind].days_max)
		return error_fail(err, STATUS_INVALID,
				  "%s is more than %d days ahead; the latest is %s",
				  day_iso(until, until_text), forms[kind].days_max,
				  day_iso(today + forms[kind].days_max, today_text));
	return STATUS_OK;
}

static enum status parse_until(enum answer_kind kind, const char *words, day today, day *ret_until,
			       struct error *err)
{
	day until = DAY_NEVER;
	enum status status = check_text("the day", words, TEXT_LINE, 0, WORDS_MAX, err);

	if (status != STATUS_OK)
		return status;
	if (!words && forms[kind].wants_day)
		return error_fail(err, STATUS_INVALID,
				  "%s needs a day: 2026-12-01, monday, 3d, 2w or 7dec",
				  answer_name(kind));
	if (words && !forms[kind].takes_day)
		return error_fail(err, STATUS_INVALID, "%s takes no day", answer_name(kind));
	if (words && !day_parse_words(words, today, DAY_AHEAD, &until))
		status = error_fail(err, STATUS_INVALID,
				    "\"%s\" is no day; say 2026-12-01, tomorrow, monday, 3d, 2w "
				    "or 7dec",
				    words);
	if (status == STATUS_OK && words)
		status = check_until(kind, until, today, err);
	if (status == STATUS_OK)
		*ret_until = until;
	return status;
}

/* ---- rows ---- */

static json_t *answer_object(enum answer_kind kind, const struct answer *answer)
{
	json_t *object = json_object();

	json_object_set_new(object, "kind", event_text(answer_name(kind)));
	json_object_set_new(object, "given", event_day(answer->given));
	json_object_set_new(object, "until", event_day(answer->until));
	json_object_set_new(object, "reason", event_text(answer->reason));
	json_object_set_new(object, "actor", event_text(answer->actor));
	json_object_set_new(object, "at", json_integer(answer->at));
	return object;
}

/* {"from": …, "to": …}: null where there is none, so that history can be replayed backwards. */
static void tell_change(struct db *db, const struct scene *scene, const struct facts *facts,
			enum answer_kind kind, const struct answer *to)
{
	const struct answer *from = &facts->answers[kind];
	char *verb = mem_printf("answer.%s", answer_name(kind));
	json_t *detail = json_pack("{s:o, s:o}", "from",
				   from->is_given ? answer_object(kind, from) : json_null(), "to",
				   to ? answer_object(kind, to) : json_null());

	partner_tell(db, scene, verb, facts->partner.row, facts->partner.owner, detail);
	free(verb);
}

static void store_answer(struct db *db, const struct scene *scene, const struct facts *facts,
			 enum answer_kind kind, const struct answer *answer)
{
	struct query *query = db_query(
	    db, "INSERT INTO answer (partner, kind, given, until, reason, actor, at, mark)"
		" VALUES ($1, $2, $3, $4, $5, $6, $7, (SELECT coalesce(max(id), 0) FROM contact))"
		" ON CONFLICT (partner, kind) DO UPDATE SET given = excluded.given,"
		" until = excluded.until, reason = excluded.reason, actor = excluded.actor,"
		" at = excluded.at, mark = excluded.mark");

	db_bind(query, 1, facts->partner.row);
	db_bind_text(query, 2, answer_name(kind));
	db_bind(query, 3, answer->given);
	rows_bind_day(query, 4, answer->until);
	db_bind_text(query, 5, answer->reason);
	db_bind_text(query, 6, answer->actor);
	db_bind(query, 7, scene->now);
	(void)db_run(query);
	past_forget_answer(db, facts->partner.row, answer_name(kind));
	tell_change(db, scene, facts, kind, answer);
}

static bool remove_answer(struct db *db, const struct scene *scene, const struct facts *facts,
			  enum answer_kind kind)
{
	struct query *query = db_query(db, "DELETE FROM answer WHERE partner = $1 AND kind = $2");

	db_bind(query, 1, facts->partner.row);
	db_bind_text(query, 2, answer_name(kind));
	if (db_run(query) != 1)
		return false;
	tell_change(db, scene, facts, kind, NULL);
	return true;
}

/* ---- giving ---- */

static bool is_anything_due(const struct facts *facts, day today)
{
	struct verdict verdicts[RULES];
	const size_t count = judge_partner(facts, today, verdicts);

	for (size_t i = 0; i < count; i++)
		if (verdicts[i].state >= STATE_DUE)
			return true;
	return false;
}

static enum status judge_after(struct db *db, const struct scene *scene, const struct facts *facts,
			       const char *cause, struct error *err)
{
	const enum status status = partner_judge_again(db, scene, facts->partner.row, cause);

	return status == STATUS_OK ? STATUS_OK : error_fail(err, status, "%s", db_error(db));
}

static enum status give_within(struct db *db, const struct scene *scene, const struct facts *facts,
			       enum answer_kind kind, const char *until_words,
			       struct answer *answer, struct error *err)
{
	enum status status;

	answer->is_given = true;
	answer->given = scene_today(scene, facts);
	answer->actor = scene->actor;
	answer->at = scene->now;
	status = parse_until(kind, until_words, answer->given, &answer->until, err);
	if (status == STATUS_OK && facts->partner.archived != DAY_NEVER)
		status = error_fail(err, STATUS_CONFLICT, "%s is archived; restore it first",
				    facts->partner.id);
	if (status == STATUS_OK && kind == ANSWER_ACK && !is_anything_due(facts, answer->given))
		status =
		    error_fail(err, STATUS_CONFLICT,
			       "%s is not due: there is nothing to acknowledge", facts->partner.id);
	if (status != STATUS_OK)
		return status;
	/* One decision at a time: the later one counts. */
	if (kind == ANSWER_KEEP)
		(void)remove_answer(db, scene, facts, ANSWER_FIX);
	if (kind == ANSWER_FIX)
		(void)remove_answer(db, scene, facts, ANSWER_KEEP);
	store_answer(db, scene, facts, kind, answer);
	return judge_after(db, scene, facts,
			   kind == ANSWER_KEEP || kind == ANSWER_FIX ? "decided" : "changed", err);
}

enum status answer_give(struct db *db, const struct scene *scene, const char *id,
			enum answer_kind kind, const char *until_words, const char *reason,
			struct answer *ret_answer, struct error *err)
{
	struct arena *arena = arena_new();
	struct answer answer = {.reason = reason && reason[0] ? reason : NULL};
	struct facts facts;
	enum status status = check_text("reason", reason, TEXT_LINE, 0, TEXT_NOTE_MAX, err);

	if (status == STATUS_OK)
		status = partner_facts(db, scene, id, arena, &facts, err);
	if (status == STATUS_OK)
		status = give_within(db, scene, &facts, kind, until_words, &answer, err);
	if (status == STATUS_OK)
		*ret_answer = answer;
	arena_free(arena);
	return status;
}

/* ---- taking back ---- */

static enum status take_on(struct db *db, const struct scene *scene, const struct facts *facts,
			   struct error *err)
{
	const bool off = remove_answer(db, scene, facts, ANSWER_OFF);
	const bool snooze = remove_answer(db, scene, facts, ANSWER_SNOOZE);

	return off || snooze ? STATUS_OK
			     : error_fail(err, STATUS_CONFLICT, "%s is neither off nor snoozed",
					  facts->partner.id);
}

static enum status take_plan(struct db *db, const struct scene *scene, const struct facts *facts,
			     bool noshow, struct error *err)
{
	const struct answer *plan = &facts->answers[ANSWER_PLAN];
	char iso[DAY_TEXT_SIZE];

	if (!plan->is_given)
		return error_fail(err, STATUS_CONFLICT, "%s has no meeting booked",
				  facts->partner.id);
	if (noshow && plan->until > scene_today(scene, facts))
		return error_fail(
		    err, STATUS_CONFLICT,
		    "the meeting is booked for %s, which is ahead; unplan calls it off",
		    day_iso(plan->until, iso));
	(void)remove_answer(db, scene, facts, ANSWER_PLAN);
	if (noshow)
		partner_tell(db, scene, "meeting.noshow", facts->partner.row, facts->partner.owner,
			     answer_object(ANSWER_PLAN, plan));
	return STATUS_OK;
}

enum status answer_take_back(struct db *db, const struct scene *scene, const char *id,
			     enum answer_end end, struct error *err)
{
	struct arena *arena = arena_new();
	struct facts facts;
	enum status status = partner_facts(db, scene, id, arena, &facts, err);

	if (status == STATUS_OK)
		status = end == ANSWER_END_ON
			     ? take_on(db, scene, &facts, err)
			     : take_plan(db, scene, &facts, end == ANSWER_END_NOSHOW, err);
	if (status == STATUS_OK)
		status = judge_after(db, scene, &facts,
				     end == ANSWER_END_ON ? "changed" : "answered", err);
	arena_free(arena);
	return status;
}

/* ---- ending and restoring ---- */

enum status partner_end(struct db *db, const struct scene *scene, const char *id,
			const char *reason, struct error *err)
{
	struct arena *arena = arena_new();
	struct query *query;
	struct facts facts;
	enum status status = check_text("reason", reason, TEXT_LINE, 0, TEXT_NOTE_MAX, err);

	if (status == STATUS_OK)
		status = partner_facts(db, scene, id, arena, &facts, err);
	if (status == STATUS_OK && facts.partner.archived != DAY_NEVER)
		status = error_fail(err, STATUS_CONFLICT, "%s is archived already", id);
	if (status == STATUS_OK) {
		partner_tell(db, scene, "partner.ended", facts.partner.row, facts.partner.owner,
			     json_pack("{s:o}", "reason", event_text(reason)));
		status = partner_archive(db, scene, facts.partner.row);
		if (facts.partner.origin)
			ended_set_origin(db, id, facts.partner.origin);
		query = db_query(db, "UPDATE partner SET ended = 1 WHERE row = $1");
		db_bind(query, 1, facts.partner.row);
		(void)db_run(query);
	}
	if (db_status(db) != STATUS_OK)
		status = error_fail(err, db_status(db), "%s", db_error(db));
	arena_free(arena);
	return status;
}

enum status partner_restore(struct db *db, const struct scene *scene, const char *id,
			    struct error *err)
{
	struct arena *arena = arena_new();
	struct facts facts;
	enum status status = partner_facts(db, scene, id, arena, &facts, err);

	if (status == STATUS_OK && facts.partner.archived == DAY_NEVER)
		status = error_fail(err, STATUS_CONFLICT, "%s is not archived", id);
	if (status == STATUS_OK)
		status = check_owner(scene, "its owner", facts.partner.owner, err);
	if (status == STATUS_OK)
		status = check_cadence(scene, facts.partner.cadence, err);
	if (status == STATUS_OK) {
		partner_unarchive(db, scene, &facts, ended_origin(db, id, arena));
		ended_set_origin(db, id, NULL);
		status = judge_after(db, scene, &facts, "changed", err);
	}
	arena_free(arena);
	return status;
}

/* ---- absence ---- */

/* An absence without end would silence an owner for good. */
static enum status check_absence(day first, day last, day today, struct error *err)
{
	char latest[DAY_TEXT_SIZE];

	if (last < first)
		return error_fail(err, STATUS_INVALID, "the last day comes before the first");
	if (last < today)
		return error_fail(err, STATUS_INVALID, "the last day has passed already");
	if (first > today + AWAY_DAYS_MAX)
		return error_fail(err, STATUS_INVALID,
				  "the first day is more than a year ahead; the latest is %s",
				  day_iso(today + AWAY_DAYS_MAX, latest));
	if (last > first + AWAY_DAYS_MAX)
		return error_fail(err, STATUS_INVALID,
				  "that is longer than a year; the latest last day is %s. Whoever "
				  "does not come back hands over: partner move",
				  day_iso(first + AWAY_DAYS_MAX, latest));
	return STATUS_OK;
}

enum status owner_set_away(struct db *db, const struct scene *scene, const char *id, day first,
			   day last, const char **ret_stand_in, struct error *err)
{
	const struct owner *owner = roster_owner(scene->roster, id);
	enum status status = STATUS_OK;
	struct query *query;
	json_t *detail;
	char *text;

	if (!owner)
		return check_owner(scene, "owner", id, err);
	if (first != DAY_NEVER)
		status = check_absence(first, last, zone_day(owner->zone, scene->now), err);
	if (status != STATUS_OK)
		return status;
	query =
	    db_query(db, "INSERT INTO owner (id, first_seen, away_first, away_last)"
			 " VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO UPDATE"
			 " SET away_first = excluded.away_first, away_last = excluded.away_last");
	db_bind_text(query, 1, id);
	db_bind(query, 2, zone_day(owner->zone, scene->now));
	rows_bind_day(query, 3, first);
	rows_bind_day(query, 4, first == DAY_NEVER ? DAY_NEVER : last);
	(void)db_run(query);
	detail = json_pack("{s:o, s:o}", "from", event_day(first), "to",
			   event_day(first == DAY_NEVER ? DAY_NEVER : last));
	text = event_dump(detail);
	history_add(db, scene, "owner.away", 0, id, NULL, text);
	free(text);
	json_decref(detail);
	*ret_stand_in = owner_stand_in(db, scene, owner);
	return db_status(db);
}
