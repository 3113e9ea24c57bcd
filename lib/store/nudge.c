/* Nudges: raised, reopened and resolved by the verdicts of core, and looked at again when the clock
 * says so.
 *
 * nudge_judge() is the one door of a nudge's state. Never tells anybody anything: digests and
 * events do. */
#include <stdlib.h>
#include <string.h>

#include "core/hint.h"
#include "store/event.h"
#include "store/past.h"
#include "store/rhythm.h"
#include "store/verbs.h"

#define UNJUDGEABLE_MS DAY_MS /* a partner whose data is broken is looked at again then */

/* One partner before the judge. */
struct hearing {
	struct db *db;
	const struct scene *scene;
	const struct facts *facts;
	const char *cause;
	day today;
	struct verdict verdicts[RULES];
	size_t count;
	bool wait; /* a step of the ladder waits for a digest to be delivered */
};

struct nudge {
	int64_t id; /* 0: none */
	enum rule rule;
	day base;
	enum state state;
	bool resolved;
	int step;
};

#define COLUMNS "id, rule, base, state, resolved IS NOT NULL, step"

static struct nudge read_nudge(struct query *q)
{
	struct nudge nudge = {
	    .id = db_int(q, 0),
	    .base = (day)db_int(q, 2),
	    .state = STATE_DUE,
	    .resolved = db_int(q, 4) != 0,
	    .step = (int)db_int(q, 5),
	};
	const char *rule = db_text(q, 1), *state = db_text(q, 3);

	if (rule)
		(void)rule_parse(rule, &nudge.rule);
	if (state)
		(void)state_parse(state, &nudge.state);
	return nudge;
}

/* ---- telling what happened ---- */

static void note(const struct hearing *hearing, const char *verb, json_t *data)
{
	const struct partner *partner = &hearing->facts->partner;
	char *text = event_dump(data);

	history_add(hearing->db, hearing->scene, verb, partner->row, partner->owner, NULL, text);
	free(text);
}

static json_t *evidence(const struct hearing *hearing, const struct verdict *verdict, int64_t nudge)
{
	return event_evidence(hearing->facts, verdict, nudge, hearing->today);
}

/* A hint goes by mail only. */
static void send(const struct hearing *hearing, enum rule rule, int64_t nudge, const char *type,
		 json_t *data)
{
	if (rule != RULE_HINT)
		event_send(hearing->db, hearing->scene, nudge, type, data);
}

static void tell_raised(const struct hearing *hearing, const struct verdict *verdict, int64_t nudge,
			bool reopened)
{
	json_t *data = evidence(hearing, verdict, nudge);

	if (reopened)
		json_object_set_new(data, "reopened", json_true());
	note(hearing, reopened ? "nudge.reopened" : "nudge.raised", data);
	send(hearing, verdict->rule, nudge, "nudge.raised", data);
	json_decref(data);
}

/* The promise that a decision has just replaced, when it was given on that day; DAY_NEVER: none. */
static day replaced_promise(const struct hearing *hearing, day given)
{
	struct query *q =
	    db_query(hearing->db, "SELECT detail FROM history WHERE partner = $1"
				  " AND verb = 'answer.fix' ORDER BY id DESC LIMIT 1");
	char iso[DAY_TEXT_SIZE];
	json_t *detail = NULL;
	day until = DAY_NEVER;

	db_bind(q, 1, hearing->facts->partner.row);
	if (db_step(q) && db_text(q, 0))
		detail = json_loads(db_text(q, 0), 0, NULL);
	db_end(q);
	const json_t *from = json_object_get(detail, "from");
	const char *from_given = json_string_value(json_object_get(from, "given"));
	const char *from_until = json_string_value(json_object_get(from, "until"));
	if (from_given && from_until && strcmp(from_given, day_iso(given, iso)) == 0)
		(void)day_parse_iso(from_until, &until);
	json_decref(detail);
	return until;
}

/* The day promised on that day; DAY_NEVER: nothing was. */
static day promised_on(const struct hearing *hearing, day given)
{
	const struct answer *fix = &hearing->facts->answers[ANSWER_FIX];

	if (fix->is_given && fix->given == given)
		return fix->until;
	return strcmp(hearing->cause, "decided") == 0 ? replaced_promise(hearing, given)
						      : DAY_NEVER;
}

/* The verdict on the silence that a nudge was about, which may be over. */
static struct verdict verdict_of_silence(const struct hearing *hearing, const struct nudge *nudge)
{
	struct facts facts = *hearing->facts;
	const day promised = promised_on(hearing, nudge->base);
	struct verdict verdicts[RULES];
	size_t i = 0;

	facts.has_last = facts.has_meeting = true;
	facts.last.day = facts.meeting.day = promised == DAY_NEVER ? nudge->base : DAY_MIN;
	facts.talked = DAY_NEVER;
	facts.answers[ANSWER_KEEP].is_given = false;
	facts.answers[ANSWER_FIX] = (struct answer){
	    .is_given = promised != DAY_NEVER, .given = nudge->base, .until = promised};
	if (nudge->rule == RULE_BOOKED)
		facts.answers[ANSWER_PLAN] =
		    (struct answer){.is_given = true, .until = nudge->base};
	if (nudge->rule == RULE_OFF)
		facts.answers[ANSWER_OFF] =
		    (struct answer){.is_given = true, .given = nudge->base, .until = DAY_NEVER};
	const size_t count = judge_partner(&facts, hearing->today, verdicts);
	while (i + 1 < count && verdicts[i].rule != nudge->rule)
		i++;
	verdicts[i].rule = nudge->rule;
	verdicts[i].state = nudge->state;
	return verdicts[i];
}

static void tell_resolved(const struct hearing *hearing, const struct nudge *nudge,
			  const char *cause)
{
	const struct verdict verdict = verdict_of_silence(hearing, nudge);
	json_t *data = evidence(hearing, &verdict, nudge->id);

	json_object_set_new(data, "cause", json_string(cause));
	note(hearing, "nudge.resolved", data);
	send(hearing, nudge->rule, nudge->id, "nudge.resolved", data);
	json_decref(data);
}

/* ---- changing ---- */

/* False when there is one about this silence already. */
static bool insert_nudge(const struct hearing *hearing, const struct verdict *verdict)
{
	struct query *q = db_query(hearing->db, "INSERT INTO nudge (partner, rule, base, raised,"
						" state) VALUES ($1, $2, $3, $4, $5)"
						" ON CONFLICT (partner, rule, base) DO NOTHING");

	db_bind(q, 1, hearing->facts->partner.row);
	db_bind_text(q, 2, rule_name(verdict->rule));
	db_bind(q, 3, verdict->base);
	db_bind(q, 4, hearing->scene->now);
	db_bind_text(q, 5, state_name(verdict->state));
	if (db_run(q) != 1)
		return false;
	tell_raised(hearing, verdict, db_last_row(hearing->db), false);
	return true;
}

static void reopen_nudge(const struct hearing *hearing, const struct verdict *verdict,
			 const struct nudge *nudge)
{
	struct query *q =
	    db_query(hearing->db, "UPDATE nudge SET resolved = NULL, cause = NULL, state = $2"
				  " WHERE id = $1 AND resolved IS NOT NULL");

	db_bind(q, 1, nudge->id);
	db_bind_text(q, 2, state_name(verdict->state));
	if (db_run(q) == 1)
		tell_raised(hearing, verdict, nudge->id, true);
}

static void update_nudge(const struct hearing *hearing, const struct verdict *verdict,
			 const struct nudge *nudge)
{
	struct query *q =
	    db_query(hearing->db, "UPDATE nudge SET state = $2 WHERE id = $1 AND state <> $2");

	db_bind(q, 1, nudge->id);
	db_bind_text(q, 2, state_name(verdict->state));
	if (db_run(q) != 1)
		return;
	json_t *data = evidence(hearing, verdict, nudge->id);
	note(hearing, verdict->state == STATE_COLD ? "nudge.cold" : "nudge.due", data);
	json_decref(data);
}

static void resolve_nudge(const struct hearing *hearing, const struct nudge *nudge,
			  const char *cause)
{
	struct query *q = db_query(hearing->db, "UPDATE nudge SET resolved = $2, cause = $3"
						" WHERE id = $1 AND resolved IS NULL");

	db_bind(q, 1, nudge->id);
	db_bind(q, 2, hearing->scene->now);
	db_bind_text(q, 3, cause);
	if (db_run(q) == 1)
		tell_resolved(hearing, nudge, cause);
}

/* ---- judging ---- */

static bool next_open(const struct hearing *hearing, int64_t after, struct nudge *ret_nudge)
{
	struct query *q =
	    db_query(hearing->db, "SELECT " COLUMNS " FROM nudge WHERE partner = $1"
				  " AND resolved IS NULL AND id > $2 ORDER BY id LIMIT 1");
	bool found;

	db_bind(q, 1, hearing->facts->partner.row);
	db_bind(q, 2, after);
	found = db_step(q);
	if (found)
		*ret_nudge = read_nudge(q);
	db_end(q);
	return found;
}

static const struct verdict *verdict_of(const struct hearing *hearing, const struct nudge *nudge)
{
	for (size_t i = 0; i < hearing->count; i++)
		if (hearing->verdicts[i].rule == nudge->rule &&
		    hearing->verdicts[i].base == nudge->base)
			return &hearing->verdicts[i];
	return NULL;
}

/* Databases of judgement 1 name a promise by its start. Its nudge goes on under the new name, so
 * that it is no news; one that was raised before the promise is another silence's. */
static void rename_promise(const struct hearing *hearing, const struct verdict *verdict)
{
	struct query *q;

	if (verdict->base_kind != BASE_FIX || verdict->start == verdict->base)
		return;
	q = db_query(hearing->db, "UPDATE nudge SET base = $3 WHERE partner = $1 AND rule = $2"
				  " AND base = $4 AND raised >= $5 AND NOT EXISTS (SELECT 1"
				  " FROM nudge o WHERE o.partner = $1 AND o.rule = $2"
				  " AND o.base = $3)");
	db_bind(q, 1, hearing->facts->partner.row);
	db_bind_text(q, 2, rule_name(verdict->rule));
	db_bind(q, 3, verdict->base);
	db_bind(q, 4, verdict->start);
	db_bind(q, 5, hearing->facts->answers[ANSWER_FIX].at);
	(void)db_run(q);
}

/* Resolves the open nudges whose silence is over, or no longer long enough. */
static void resolve_ended(const struct hearing *hearing)
{
	struct nudge nudge = {0};

	while (next_open(hearing, nudge.id, &nudge)) {
		const struct verdict *verdict = verdict_of(hearing, &nudge);

		if (!verdict)
			resolve_nudge(hearing, &nudge, hearing->cause);
		else if (verdict->state < STATE_DUE)
			resolve_nudge(hearing, &nudge, "changed");
	}
}

static struct nudge find_nudge(const struct hearing *hearing, const struct verdict *verdict)
{
	struct query *q = db_query(hearing->db, "SELECT " COLUMNS " FROM nudge WHERE partner = $1"
						" AND rule = $2 AND base = $3");
	struct nudge nudge = {0};

	db_bind(q, 1, hearing->facts->partner.row);
	db_bind_text(q, 2, rule_name(verdict->rule));
	db_bind(q, 3, verdict->base);
	if (db_step(q))
		nudge = read_nudge(q);
	db_end(q);
	return nudge;
}

/* ---- the ladder ---- */

/* Of the days before today, so that it is the same whenever today it is asked. */
int nudge_count_delivered(struct db *db, int64_t nudge, const struct owner *owner,
			  const struct verdict *verdict, day today)
{
	struct query *q = db_query(db, "SELECT count(*) FROM digest_nudge t"
				       " JOIN digest d ON d.id = t.digest WHERE t.nudge = $1"
				       " AND d.owner = $2 AND d.state = 'delivered' AND d.day < $3"
				       " AND d.day >= $4");
	int count = 0;

	db_bind(q, 1, nudge);
	db_bind_text(q, 2, owner->id);
	db_bind(q, 3, today);
	db_bind(q, 4, verdict->due_day);
	if (db_step(q))
		count = (int)db_int(q, 0);
	db_end(q);
	return count;
}

static void enter_step(const struct hearing *hearing, const struct verdict *verdict, int64_t nudge,
		       int step)
{
	const char *hearer = ladder_hearer(hearing->facts->owner, step);
	struct query *q = db_query(hearing->db, "UPDATE nudge SET step = $2, step_day = $3"
						" WHERE id = $1 AND step < $2");
	json_t *data;

	db_bind(q, 1, nudge);
	db_bind(q, 2, step);
	db_bind(q, 3, hearing->today);
	if (db_run(q) != 1)
		return;
	data = evidence(hearing, verdict, nudge);
	json_object_set_new(data, "step", json_integer(step));
	json_object_set_new(data, "hearer", event_text(hearer));
	note(hearing, "nudge.step", data);
	json_decref(data);
}

/* A step whose day lies ahead again was never taken: the cadence, the calendar or the clock has
 * changed since. */
static void step_down(const struct hearing *hearing, const struct verdict *verdict,
		      const struct nudge *nudge)
{
	int step = nudge->step;
	struct query *q;

	while (step > 0 && verdict->step_days[step - 1] > hearing->today)
		step--;
	if (step == nudge->step)
		return;
	q = db_query(hearing->db, "UPDATE nudge SET step = $2, step_day = CASE WHEN $2 > 0 THEN"
				  " step_day END WHERE id = $1");
	db_bind(q, 1, nudge->id);
	db_bind(q, 2, step);
	(void)db_run(q);
}

/* Takes the step whose day has come. One that waits for the owner to be told is looked at again
 * tomorrow. */
static void climb(struct hearing *hearing, const struct verdict *verdict)
{
	const int ripe = ladder_step(hearing->facts, verdict, LADDER_DELIVERED_MIN, hearing->today);

	if (ripe == 0)
		return;
	const struct nudge nudge = find_nudge(hearing, verdict);
	if (nudge.id == 0 || ripe <= nudge.step)
		return;
	const int delivered = nudge_count_delivered(hearing->db, nudge.id, hearing->facts->owner,
						    verdict, hearing->today);
	const int step = ladder_step(hearing->facts, verdict, delivered, hearing->today);
	if (step > nudge.step)
		enter_step(hearing, verdict, nudge.id, step);
	else
		hearing->wait = true;
}

/* While a partner is held nothing is raised; what is open stays as it is. */
static void apply_verdict(struct hearing *hearing, const struct verdict *verdict)
{
	if (!verdict_calls(verdict))
		return;
	if (!insert_nudge(hearing, verdict)) {
		const struct nudge nudge = find_nudge(hearing, verdict);

		if (nudge.resolved)
			reopen_nudge(hearing, verdict, &nudge);
		else
			update_nudge(hearing, verdict, &nudge);
		step_down(hearing, verdict, &nudge);
	}
	climb(hearing, verdict);
}

/* ---- the next look ---- */

/* INSTANT_NEVER: no row. */
static void store_look(struct db *db, int64_t partner, instant at)
{
	struct query *q;

	if (at == INSTANT_NEVER) {
		q = db_query(db, "DELETE FROM sched WHERE partner = $1");
		db_bind(q, 1, partner);
	} else {
		q = db_query(db, "INSERT INTO sched (next_check, partner) VALUES ($2, $1)"
				 " ON CONFLICT (partner) DO UPDATE SET next_check ="
				 " excluded.next_check WHERE next_check <> excluded.next_check");
		db_bind(q, 1, partner);
		db_bind(q, 2, at);
	}
	(void)db_run(q);
}

static instant find_look(const struct hearing *hearing)
{
	const struct owner *owner = hearing->facts->owner;
	const struct zone *zone = owner ? owner->zone : hearing->scene->roster->zone;
	day next = hearing->wait ? hearing->today + 1 : DAY_NEVER;

	for (size_t i = 0; i < hearing->count; i++)
		if (hearing->verdicts[i].next_change < next)
			next = hearing->verdicts[i].next_change;
	if (next == DAY_NEVER)
		return INSTANT_NEVER;
	const instant at = zone_day_start(zone, next);
	/* Where the calendar shows a day twice its start may have passed: never look without end at
	 * one moment. */
	return at > hearing->scene->now ? at : hearing->scene->now + HOUR_MS;
}

enum status nudge_judge(struct db *db, const struct scene *scene, const struct facts *facts,
			const char *cause)
{
	struct hearing hearing = {
	    .db = db,
	    .scene = scene,
	    .facts = facts,
	    .cause = cause ? cause : "changed",
	    .today = scene_today(scene, facts),
	};

	if (!facts->rhythm_is_kept)
		rhythm_keep(db, facts->partner.row, &facts->rhythm);
	if (facts->partner.archived != DAY_NEVER)
		hearing.cause = "archived";
	else
		hearing.count = judge_with_hint(facts, hearing.today, hearing.verdicts);
	for (size_t i = 0; i < hearing.count; i++)
		rename_promise(&hearing, &hearing.verdicts[i]);
	resolve_ended(&hearing);
	for (size_t i = 0; i < hearing.count; i++)
		apply_verdict(&hearing, &hearing.verdicts[i]);
	store_look(db, facts->partner.row, find_look(&hearing));
	return db_status(db);
}

/* ---- sweeping ---- */

static enum status judge_row(struct db *db, const struct scene *scene, int64_t row)
{
	struct arena *arena = arena_new();
	struct facts facts;
	enum status status = partner_facts_row(db, scene, row, arena, &facts);

	if (status == STATUS_OK)
		status = nudge_judge(db, scene, &facts, "changed");
	arena_free(arena);
	return status;
}

/* Lets one broken partner wait, so that it delays nobody else. */
static void set_aside(struct db *db, const struct scene *scene, int64_t row, const char *why)
{
	json_t *detail = json_object();
	char *text;

	json_object_set_new(detail, "reason", event_text(why));
	text = event_dump(detail);
	store_look(db, row, scene->now + UNJUDGEABLE_MS);
	history_add(db, scene, "partner.unjudgeable", row, NULL, NULL, text);
	free(text);
	json_decref(detail);
}

static enum status judge_apart(struct db *db, const struct scene *scene, int64_t row)
{
	enum status status = db_point(db);

	if (status != STATUS_OK)
		return status;
	status = judge_row(db, scene, row);
	if (status == STATUS_OK) {
		db_point_keep(db);
		return db_status(db);
	}
	/* A disk that fails is nobody's broken data. */
	if (db_lost_transaction(db) || db_is_out_of_order(db))
		return status;
	char *why =
	    mem_strdup(db_status(db) == STATUS_OK ? "its facts make no sense" : db_error(db));
	db_clear(db);
	db_point_undo(db);
	if (status == STATUS_NOT_FOUND)
		store_look(db, row, INSTANT_NEVER);
	else
		set_aside(db, scene, row, why);
	free(why);
	return db_status(db);
}

/* All in one point, as nearly every time nothing is wrong with anybody. */
static enum status judge_together(struct db *db, const struct scene *scene, const int64_t *rows,
				  size_t count)
{
	enum status status = db_point(db);

	for (size_t i = 0; i < count && status == STATUS_OK; i++)
		status = judge_row(db, scene, rows[i]);
	if (status == STATUS_OK) {
		db_point_keep(db);
		return db_status(db);
	}
	if (db_lost_transaction(db) || db_is_out_of_order(db))
		return status;
	db_clear(db);
	db_point_undo(db);
	status = db_status(db);
	for (size_t i = 0; i < count && status == STATUS_OK; i++)
		status = judge_apart(db, scene, rows[i]);
	return status;
}

static size_t find_ripe(struct db *db, const struct scene *scene, size_t limit, int64_t *rows)
{
	struct query *q = db_query(db, "SELECT partner FROM sched WHERE next_check <= $1"
				       " ORDER BY next_check, partner LIMIT $2");
	size_t count = 0;

	db_bind(q, 1, scene->now);
	db_bind(q, 2, (int64_t)limit);
	while (db_step(q))
		if (count < limit)
			rows[count++] = db_int(q, 0);
	return count;
}

enum status nudge_sweep(struct db *db, const struct scene *scene, size_t limit, bool *ret_more)
{
	int64_t *rows = mem_alloc(limit + 1, sizeof(*rows));
	const size_t count = find_ripe(db, scene, limit + 1, rows);
	enum status status = db_status(db);

	if (count > 0 && status == STATUS_OK)
		status = judge_together(db, scene, rows, count < limit ? count : limit);
	free(rows);
	if (status != STATUS_OK)
		return status;
	if (count > 0)
		past_remember_now(db, scene->now);
	*ret_more = count > limit;
	return db_status(db);
}

instant nudge_next_look(struct db *db)
{
	struct query *q = db_query(db, "SELECT next_check FROM sched ORDER BY next_check LIMIT 1");
	instant at = INSTANT_NEVER;

	if (db_step(q))
		at = db_int(q, 0);
	db_end(q);
	return at;
}
