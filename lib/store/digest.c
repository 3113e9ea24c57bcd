/* What a digest must know.
 *
 * Never decides what is news and never words it: core/digest.h and lib/message do. */
#include "core/digest.h"

#include <stdlib.h>
#include <string.h>

#include "core/hint.h"
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
	    .away_first = DAY_NEVER,
	    .away_last = DAY_NEVER,
	};
	struct query *q =
	    db_query(db, "SELECT first_seen, looked, digest, turn, turn_review, away_first,"
			 " away_last FROM owner WHERE id = $1");

	db_bind_text(q, 1, owner);
	if (db_step(q))
		history = (struct owner_history){
		    .first_seen = (day)db_int(q, 0),
		    .looked = day_or_never(q, 1),
		    .digest = day_or_never(q, 2),
		    .turn = day_or_never(q, 3),
		    .turn_review = day_or_never(q, 4),
		    .away_first = day_or_never(q, 5),
		    .away_last = day_or_never(q, 6),
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
	int64_t only; /* of this partner alone; 0: of all */
};

struct open_nudge {
	int64_t id, partner;
	const char *rule;
	day base;
	int step;
	day step_day;
};

#define OPEN_COLUMNS "n.id, n.partner, n.rule, n.base, n.step, n.step_day"

/* The open nudges that a query finds, those of a partner together. */
static size_t read_open(const struct gather *gather, struct query *q,
			struct open_nudge **ret_nudges)
{
	struct open_nudge *nudges = NULL;
	size_t count = 0, capacity = 0;

	while (db_step(q)) {
		nudges = arena_grow(gather->arena, nudges, count, &capacity, sizeof(*nudges));
		nudges[count++] = (struct open_nudge){
		    .id = db_int(q, 0),
		    .partner = db_int(q, 1),
		    .rule = arena_strdup(gather->arena, db_text(q, 2)),
		    .base = (day)db_int(q, 3),
		    .step = (int)db_int(q, 4),
		    .step_day = day_or_never(q, 5),
		};
	}
	*ret_nudges = nudges;
	return count;
}

/* One partner is found by its row; of all, an index finds those that are of interest. */
static size_t find_open_of(const struct gather *gather, const char *owner,
			   struct open_nudge **ret_nudges)
{
	struct query *q = db_query(
	    gather->db, gather->only
			    ? "SELECT " OPEN_COLUMNS " FROM partner p JOIN nudge n"
			      " ON n.partner = p.row AND n.resolved IS NULL WHERE p.row = $2"
			      " AND p.hears = $1 AND p.archived IS NULL ORDER BY n.id"
			    : "SELECT " OPEN_COLUMNS " FROM partner p"
			      " JOIN nudge n ON n.partner = p.row AND n.resolved IS NULL"
			      " WHERE p.hears = $1 AND p.archived IS NULL ORDER BY p.row, n.id");

	db_bind_text(q, 1, owner);
	if (gather->only)
		db_bind(q, 2, gather->only);
	return read_open(gather, q, ret_nudges);
}

static size_t find_climbing_of(const struct gather *gather, const char *owner,
			       struct open_nudge **ret_nudges)
{
	struct query *q = db_query(
	    gather->db, gather->only
			    ? "SELECT " OPEN_COLUMNS " FROM nudge n JOIN partner p"
			      " ON p.row = n.partner WHERE n.partner = $2 AND n.step > 0"
			      " AND n.resolved IS NULL AND p.archived IS NULL"
			      " AND p.hears = $1 ORDER BY n.id"
			    : "SELECT " OPEN_COLUMNS " FROM partner p JOIN nudge n"
			      " ON n.partner = p.row AND n.step > 0 AND n.resolved IS NULL"
			      " WHERE p.hears = $1 AND p.archived IS NULL ORDER BY p.row, n.id");

	db_bind_text(q, 1, owner);
	if (gather->only)
		db_bind(q, 2, gather->only);
	return read_open(gather, q, ret_nudges);
}

/* A partner whose data is broken is left out: it must not cost its owner the rest of the digest. A
 * disk or a database that fails is nobody's broken data, and sticks. */
static bool read_facts(const struct gather *gather, int64_t row, struct facts *ret_facts)
{
	struct db *db = gather->db;

	if (db_status(db) != STATUS_OK)
		return false;
	if (partner_facts_row(db, gather->scene, row, gather->arena, ret_facts) == STATUS_OK)
		return true;
	if (!db_lost_transaction(db) && !db_is_out_of_order(db))
		db_clear(db);
	return false;
}

/* The verdict on the silence of a nudge; false when it no longer calls. */
static bool find_verdict(const struct gather *gather, const struct open_nudge *nudge,
			 const struct facts *facts, struct verdict *ret_verdict)
{
	struct verdict verdicts[RULES];
	const size_t count = judge_with_hint(facts, scene_today(gather->scene, facts), verdicts);

	for (size_t i = 0; i < count; i++) {
		if (verdicts[i].base != nudge->base || !verdict_calls(&verdicts[i]) ||
		    strcmp(rule_name(verdicts[i].rule), nudge->rule) != 0)
			continue;
		*ret_verdict = verdicts[i];
		return true;
	}
	return false;
}

static void read_told(const struct gather *gather, const char *hearer, struct digest_item *item)
{
	const struct owner *owner = item->facts.owner;
	struct told told;

	told_get(gather->db, item->nudge, hearer, &told, &item->retell);
	item->told = told_of(&item->verdict, &told, !owner || strcmp(owner->id, hearer) != 0);
}

/* Who was told of the steps that it has reached. */
static void read_steps(const struct gather *gather, struct digest_item *item)
{
	for (int step = 1; step <= ESCALATE_STEPS; step++) {
		struct step_told *told = &item->steps[step - 1];
		struct told theirs;

		*told = (struct step_told){.day = DAY_NEVER};
		if (step <= item->step && item->facts.owner)
			told->hearer = ladder_hearer(item->facts.owner, step);
		if (!told->hearer)
			continue;
		theirs = told_current(gather->db, item->nudge, told->hearer);
		theirs = told_of(&item->verdict, &theirs, true);
		if (theirs.step >= step)
			told->day = theirs.day;
	}
}

/* Asked only where a step of the ladder lies ahead. */
static void read_delivered(const struct gather *gather, struct digest_item *item)
{
	if (item->step < (int)item->facts.cadence->escalate_count)
		item->delivered = nudge_count_delivered(gather->db, item->nudge, gather->hearer,
							&item->verdict, gather->today);
}

/* What the hearer should know of a nudge, as far as all parts have it in common. */
static bool read_item(const struct gather *gather, const struct open_nudge *nudge, enum part part,
		      struct digest_item *item)
{
	*item = (struct digest_item){
	    .nudge = nudge->id,
	    .part = part,
	    .step = nudge->step,
	    .step_day = nudge->step_day,
	    .owner_back = DAY_NEVER,
	};
	if (!read_facts(gather, nudge->partner, &item->facts) ||
	    !find_verdict(gather, nudge, &item->facts, &item->verdict))
		return false;
	read_told(gather, gather->hearer->id, item);
	return true;
}

static struct digest_item *new_item(const struct gather *gather, struct digest_input *input,
				    size_t *capacity)
{
	struct digest_item *items = arena_grow(gather->arena, (void *)input->items,
					       input->item_count, capacity, sizeof(*items));

	input->items = items;
	return &items[input->item_count];
}

static void collect_own(const struct gather *gather, struct digest_input *input, size_t *capacity)
{
	struct open_nudge *nudges;
	const size_t found = find_open_of(gather, gather->hearer->id, &nudges);

	for (size_t i = 0; i < found; i++) {
		struct digest_item *item = new_item(gather, input, capacity);

		if (!read_item(gather, &nudges[i], PART_OWN, item))
			continue;
		read_steps(gather, item);
		read_delivered(gather, item);
		input->item_count++;
	}
}

/* The highest step that a nudge has reached and that is this hearer's; 0: none. */
static int step_of_hearer(const struct gather *gather, const struct facts *facts, int reached)
{
	for (int step = reached; step > 0 && facts->owner; step--) {
		const char *id = ladder_hearer(facts->owner, step);

		if (id && strcmp(id, gather->hearer->id) == 0)
			return step;
	}
	return 0;
}

/* On which day an owner who is away hears again; DAY_NEVER: is not away. */
static day find_back(const struct gather *gather, const struct owner *owner)
{
	const day today = zone_day(owner->zone, gather->scene->now);
	struct owner_history history;

	if (owner_history_get(gather->db, gather->scene, owner->id, &history) != STATUS_OK ||
	    !owner_is_away(owner, &history, today))
		return DAY_NEVER;
	return digest_next_day(owner, &history, today);
}

static void collect_climbing(const struct gather *gather, const struct owner *owner,
			     struct digest_input *input, size_t *capacity)
{
	struct open_nudge *nudges;
	const size_t found = find_climbing_of(gather, owner->id, &nudges);
	const day back = found > 0 ? find_back(gather, owner) : DAY_NEVER;

	for (size_t i = 0; i < found; i++) {
		struct digest_item *item = new_item(gather, input, capacity);

		if (!read_item(gather, &nudges[i], PART_NOT_REACHED, item))
			continue;
		item->step = step_of_hearer(gather, &item->facts, item->step);
		item->owner_back = back;
		input->item_count += item->step > 0;
	}
}

static bool is_hearer(const struct gather *gather, const char *id)
{
	return id && strcmp(id, gather->hearer->id) == 0;
}

static void collect_not_reached(const struct gather *gather, struct digest_input *input,
				size_t *capacity)
{
	const struct roster *roster = gather->scene->roster;

	for (size_t i = 0; i < roster->owner_count; i++) {
		const struct owner *owner = &roster->owners[i];

		if (is_hearer(gather, owner->backup) || is_hearer(gather, owner->manager))
			collect_climbing(gather, owner, input, capacity);
	}
}

/* ---- standing in ---- */

static bool is_away(const struct gather *gather, const char *id)
{
	const struct owner *owner = roster_owner(gather->scene->roster, id);
	struct owner_history history;

	if (!owner || owner_history_get(gather->db, gather->scene, id, &history) != STATUS_OK)
		return false;
	return owner_is_away(owner, &history, zone_day(owner->zone, gather->scene->now));
}

static const char *stand_in_of(const struct gather *gather, const struct owner *absent)
{
	return absent->backup && !is_away(gather, absent->backup) ? absent->backup
								  : absent->manager;
}

const char *owner_stand_in(struct db *db, const struct scene *scene, const struct owner *absent)
{
	const struct gather gather = {.db = db, .scene = scene};

	return stand_in_of(&gather, absent);
}

static bool stands_in(const struct gather *gather, const struct owner *absent)
{
	const char *id = stand_in_of(gather, absent);

	return is_hearer(gather, id);
}

static bool is_collected(const struct digest_input *input, int64_t nudge)
{
	for (size_t i = 0; i < input->item_count; i++)
		if (input->items[i].nudge == nudge)
			return true;
	return false;
}

static void collect_for(const struct gather *gather, const struct owner *absent,
			struct digest_input *input, size_t *capacity)
{
	struct open_nudge *nudges;
	const size_t found = find_open_of(gather, absent->id, &nudges);
	const day back = found > 0 ? find_back(gather, absent) : DAY_NEVER;

	for (size_t i = 0; i < found; i++) {
		struct digest_item *item = new_item(gather, input, capacity);
		struct digest_item theirs;

		/* Whoever is told by the ladder need not be told again for the absence. */
		if (is_collected(input, nudges[i].id) ||
		    !read_item(gather, &nudges[i], PART_STAND_IN, item) ||
		    item->verdict.state != STATE_COLD)
			continue;
		item->owner_back = back;
		/* What the owner knew before leaving is not the stand-in's business. */
		theirs = *item;
		read_told(gather, absent->id, &theirs);
		input->item_count += theirs.told.day == DAY_NEVER || theirs.told.state < STATE_COLD;
	}
}

static void collect_absent(const struct gather *gather, struct digest_input *input,
			   size_t *capacity)
{
	const struct roster *roster = gather->scene->roster;

	for (size_t i = 0; i < roster->owner_count; i++) {
		const struct owner *owner = &roster->owners[i];

		if (owner != gather->hearer && (owner->backup || owner->manager) &&
		    stands_in(gather, owner) && is_away(gather, owner->id))
			collect_for(gather, owner, input, capacity);
	}
}

static void collect_items(const struct gather *gather, struct digest_input *input)
{
	size_t capacity = 0;

	collect_own(gather, input, &capacity);
	collect_not_reached(gather, input, &capacity);
	collect_absent(gather, input, &capacity);
}

/* ---- counting ---- */

static int count_all(const struct gather *gather)
{
	struct query *q = db_query(gather->db, "SELECT COUNT(*) FROM partner"
					       " WHERE hears = $1 AND archived IS NULL");
	int count = 0;

	db_bind_text(q, 1, gather->hearer->id);
	if (db_step(q))
		count = (int)db_int(q, 0);
	db_end(q);
	return count;
}

static void count_booked(struct portfolio *portfolio, const struct facts *facts)
{
	const day booked = facts->answers[ANSWER_PLAN].until;

	portfolio->booked++;
	if (portfolio->booked_name && portfolio->booked_day <= booked)
		return;
	portfolio->booked_name = facts->partner.name;
	portfolio->booked_day = booked;
}

/* Only who has an answer can be held. */
static void count_held(const struct gather *gather, struct portfolio *portfolio)
{
	struct query *q = db_query(
	    gather->db, "SELECT p.row FROM partner p WHERE p.hears = $1 AND p.archived IS NULL"
			" AND EXISTS (SELECT 1 FROM answer a WHERE a.partner = p.row"
			" AND a.kind IN ('off', 'snooze', 'plan')) ORDER BY p.row");

	db_bind_text(q, 1, gather->hearer->id);
	while (db_step(q)) {
		struct verdict verdicts[RULES];
		struct facts facts;

		if (!read_facts(gather, db_int(q, 0), &facts))
			continue;
		(void)judge_partner(&facts, gather->today, verdicts);
		portfolio->off += verdicts[0].hold == HOLD_OFF;
		portfolio->snoozed += verdicts[0].hold == HOLD_SNOOZED;
		if (verdicts[0].hold == HOLD_BOOKED)
			count_booked(portfolio, &facts);
	}
	db_end(q);
}

/* Counts a partner once, by the worst of its items, which stand together. */
static void count_open(const struct digest_input *input, struct portfolio *portfolio)
{
	size_t i = 0;

	while (i < input->item_count && input->items[i].part == PART_OWN) {
		const int64_t row = input->items[i].facts.partner.row;
		const bool hint = input->items[i].verdict.rule == RULE_HINT;
		bool asks = false, cold = false;

		for (; i < input->item_count && input->items[i].facts.partner.row == row; i++) {
			asks |= input->items[i].verdict.rule == RULE_BOOKED;
			cold |= input->items[i].verdict.state == STATE_COLD;
		}
		/* Nothing else is open where there is a hint. */
		portfolio->confirm += asks;
		portfolio->cold += !asks && cold;
		portfolio->due += !asks && !cold && !hint;
	}
}

static void count_portfolio(const struct gather *gather, struct digest_input *input)
{
	struct portfolio portfolio = {.total = count_all(gather), .booked_day = DAY_NEVER};

	count_held(gather, &portfolio);
	count_open(input, &portfolio);
	portfolio.on_track = portfolio.total - portfolio.off - portfolio.snoozed -
			     portfolio.booked - portfolio.confirm - portfolio.cold - portfolio.due;
	input->portfolio = portfolio;
}

/* The earliest due day of a partner that is on track; DAY_NEVER when it is not. The question about
 * a booked meeting is not what it is due for. */
static day upcoming_due(const struct facts *facts, day today)
{
	struct verdict verdicts[RULES];
	const size_t count = judge_partner(facts, today, verdicts);
	day due = DAY_NEVER;

	for (size_t i = 0; i < count; i++) {
		if (verdicts[i].hold != HOLD_NONE || verdicts[i].state >= STATE_DUE)
			return DAY_NEVER;
		if (verdicts[i].rule != RULE_BOOKED && verdicts[i].due_day < due)
			due = verdicts[i].due_day;
	}
	return due;
}

static bool has_own(const struct digest_input *input)
{
	for (size_t i = 0; i < input->item_count; i++)
		if (input->items[i].part == PART_OWN && input->items[i].verdict.rule != RULE_HINT)
			return true;
	return false;
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

enum status digest_gather_of(struct db *db, const struct scene *scene, const struct owner *hearer,
			     int64_t partner, struct arena *arena, struct digest_input *ret_input,
			     struct error *err)
{
	const struct gather gather = {
	    .db = db,
	    .scene = scene,
	    .hearer = hearer,
	    .arena = arena,
	    .today = zone_day(hearer->zone, scene->now),
	    .only = partner,
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
		if (partner == 0)
			count_portfolio(&gather, &input);
		if (partner == 0 && !has_own(&input))
			find_next(&gather, &input);
	}
	if (db_status(db) != STATUS_OK)
		return error_fail(err, db_status(db), "%s", db_error(db));
	*ret_input = input;
	return STATUS_OK;
}

enum status digest_gather(struct db *db, const struct scene *scene, const struct owner *hearer,
			  struct arena *arena, struct digest_input *ret_input, struct error *err)
{
	return digest_gather_of(db, scene, hearer, 0, arena, ret_input, err);
}
