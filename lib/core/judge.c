/* The judgement of one partner: DESIGN.md section 6, "Base", "Days", "Meeting booked", "Ladder".
 *
 * Never asks for the time and never looks anything up: whoever calls brings the facts and the day.
 */
#include "core/judge.h"

#include <string.h>

#define PLAN_WINDOW_MIN_DAYS 14
#define PLAN_WINDOW_MAX_DAYS 42

static const struct workdays every_day = {.week = 0x7f};

static const struct workdays *workdays_of(const struct facts *facts)
{
	return facts->owner ? &facts->owner->workdays : &every_day;
}

/* ---- the base ---- */

/* Without a contact it is the day we could first have known about it, so that nobody is born
 * overdue. */
static void start_unmet(const struct facts *facts, struct verdict *verdict)
{
	const struct partner *partner = &facts->partner;
	const bool since = partner->since != DAY_NEVER && partner->since > partner->first_seen;

	verdict->base = since ? partner->since : partner->first_seen;
	verdict->base_kind = since ? BASE_SINCE : BASE_FIRST_SEEN;
}

static void move_base(struct verdict *verdict, day d, enum base_kind kind)
{
	if (d <= verdict->base)
		return;
	verdict->base = d;
	verdict->base_kind = kind;
}

/* A promise is due on its day. It is named by the day it was given, which no cadence can move, so
 * that one promise makes one nudge. */
static void take_promise(const struct answer *fix, struct verdict *verdict)
{
	verdict->base = fix->given;
	/* The promised day itself: months are of different lengths. */
	verdict->due_unmoved = fix->until;
}

/* A decision starts the clocks anew, unless there was contact since. */
static void apply_decisions(const struct facts *facts, struct span every, struct verdict *verdict)
{
	const struct answer *fix = &facts->answers[ANSWER_FIX];

	if (facts_have(facts, ANSWER_KEEP))
		move_base(verdict, facts->answers[ANSWER_KEEP].given, BASE_KEPT);
	if (facts_have(facts, ANSWER_FIX))
		move_base(verdict, day_subtract_span(fix->until, every), BASE_FIX);
	verdict->start = verdict->base;
	verdict->due_unmoved = day_add_span(verdict->base, every);
	if (verdict->base_kind == BASE_FIX)
		take_promise(fix, verdict);
}

/* ---- what holds ---- */

int plan_window(const struct cadence *cadence)
{
	const int every = span_about_days(cadence->every);
	const int days = every < PLAN_WINDOW_MAX_DAYS ? every : PLAN_WINDOW_MAX_DAYS;

	return days > PLAN_WINDOW_MIN_DAYS ? days : PLAN_WINDOW_MIN_DAYS;
}

day answer_quiet_until(const struct facts *facts, enum answer_kind kind)
{
	const struct answer *answer = &facts->answers[kind];

	if (!facts_have(facts, kind) || (kind != ANSWER_OFF && kind != ANSWER_SNOOZE))
		return DAY_NEVER;
	if (answer->until == DAY_NEVER)
		return answer->given + OFF_ASKS_AGAIN_DAYS;
	return answer->until;
}

static bool is_quiet(const struct facts *facts, enum answer_kind kind, day today)
{
	const day until = answer_quiet_until(facts, kind);

	return until != DAY_NEVER && until > today;
}

static bool is_booked(const struct facts *facts, day today)
{
	const day booked = facts->answers[ANSWER_PLAN].until;

	return facts_have(facts, ANSWER_PLAN) && booked >= today &&
	       booked <= today + plan_window(facts->cadence);
}

static enum hold find_hold(const struct facts *facts, enum rule rule, day today)
{
	if (is_quiet(facts, ANSWER_OFF, today))
		return HOLD_OFF;
	if (is_quiet(facts, ANSWER_SNOOZE, today))
		return HOLD_SNOOZED;
	return rule != RULE_BOOKED && is_booked(facts, today) ? HOLD_BOOKED : HOLD_NONE;
}

/* ---- the days ---- */

static enum state state_on(const struct verdict *verdict, day today)
{
	if (today >= verdict->cold_day)
		return STATE_COLD;
	if (today >= verdict->due_day)
		return STATE_DUE;
	if (today >= verdict->warn_day)
		return STATE_DUE_SOON;
	return STATE_ON_TRACK;
}

static void take_next(struct verdict *verdict, day d, day today)
{
	if (d > today && d < verdict->next_change)
		verdict->next_change = d;
}

/* The earliest day that still lies ahead and on which anything of the verdict may differ. */
static void find_next_change(const struct facts *facts, struct verdict *verdict, day today)
{
	const struct answer *plan = &facts->answers[ANSWER_PLAN];

	verdict->next_change = DAY_NEVER;
	take_next(verdict, verdict->warn_day, today);
	take_next(verdict, verdict->due_day, today);
	take_next(verdict, verdict->cold_day, today);
	take_next(verdict, verdict->decide_day, today);
	for (size_t i = 0; i < ESCALATE_STEPS; i++)
		take_next(verdict, verdict->step_days[i], today);
	take_next(verdict, answer_quiet_until(facts, ANSWER_OFF), today);
	take_next(verdict, answer_quiet_until(facts, ANSWER_SNOOZE), today);
	if (facts_have(facts, ANSWER_ACK))
		take_next(verdict, facts->answers[ANSWER_ACK].given + ACK_LADDER_DAYS, today);
	if (!facts_have(facts, ANSWER_PLAN))
		return;
	take_next(verdict, plan->until - plan_window(facts->cadence), today);
	take_next(verdict, plan->until + 1, today);
}

static void no_ladder(struct verdict *verdict)
{
	for (size_t i = 0; i < ESCALATE_STEPS; i++)
		verdict->step_days[i] = DAY_NEVER;
	verdict->decide_day = DAY_NEVER;
}

static void find_days(const struct facts *facts, struct verdict *verdict)
{
	const struct cadence *cadence = facts->cadence;

	verdict->due_day = workdays_next_on_or_after(workdays_of(facts), verdict->due_unmoved);
	verdict->cold_day = day_add_span(verdict->due_day, cadence->grace);
	verdict->warn_day = cadence->warn.count > 0
				? day_subtract_span(verdict->due_day, cadence->warn)
				: DAY_NEVER;
	no_ladder(verdict);
	for (size_t i = 0; i < cadence->escalate_count; i++)
		verdict->step_days[i] = day_add_span(verdict->cold_day, cadence->escalate[i]);
	if (cadence->decide_after.count > 0)
		verdict->decide_day = day_add_span(verdict->cold_day, cadence->decide_after);
}

/* ---- the rules ---- */

static void finish(const struct facts *facts, struct verdict *verdict, day today)
{
	verdict->state = state_on(verdict, today);
	verdict->hold = find_hold(facts, verdict->rule, today);
	find_next_change(facts, verdict, today);
}

static struct verdict judge_clock(const struct facts *facts, enum rule rule, day today)
{
	const bool meeting = rule == RULE_MEETING;
	const bool met = meeting ? facts->has_meeting : facts->has_last;
	struct verdict verdict = {.rule = rule};

	if (met)
		verdict.base = meeting ? facts->meeting.day : facts->last.day;
	else
		start_unmet(facts, &verdict);
	apply_decisions(facts, meeting ? facts->cadence->meeting_every : facts->cadence->every,
			&verdict);
	find_days(facts, &verdict);
	finish(facts, &verdict, today);
	return verdict;
}

/* Whether a booked meeting was held, or at least talked about. */
static bool plan_was_met(const struct facts *facts)
{
	return facts->talked != DAY_NEVER &&
	       facts->talked >= facts->answers[ANSWER_PLAN].until - PLAN_MET_DAYS;
}

/* The question is asked on the workday after; it never turns cold. */
static struct verdict judge_booked(const struct facts *facts, day today)
{
	struct verdict verdict = {
	    .rule = RULE_BOOKED,
	    .base = facts->answers[ANSWER_PLAN].until,
	    .start = facts->answers[ANSWER_PLAN].until,
	    .base_kind = BASE_PLAN,
	    .cold_day = DAY_NEVER,
	    .warn_day = DAY_NEVER,
	};

	verdict.due_unmoved = verdict.base + 1;
	verdict.due_day = workdays_next_on_or_after(workdays_of(facts), verdict.due_unmoved);
	no_ladder(&verdict);
	finish(facts, &verdict, today);
	return verdict;
}

/* Off for good is asked about again, whether or not anything else is due; it never turns cold. */
static struct verdict judge_off(const struct facts *facts, day today)
{
	struct verdict verdict = {
	    .rule = RULE_OFF,
	    .base = facts->answers[ANSWER_OFF].given,
	    .start = facts->answers[ANSWER_OFF].given,
	    .base_kind = BASE_OFF,
	    .due_unmoved = answer_quiet_until(facts, ANSWER_OFF),
	    .cold_day = DAY_NEVER,
	    .warn_day = DAY_NEVER,
	};

	verdict.due_day = workdays_next_on_or_after(workdays_of(facts), verdict.due_unmoved);
	no_ladder(&verdict);
	finish(facts, &verdict, today);
	return verdict;
}

size_t judge_partner(const struct facts *facts, day today, struct verdict ret_verdicts[RULES])
{
	size_t count = 0;

	ret_verdicts[count++] = judge_clock(facts, RULE_CONTACT, today);
	if (facts->cadence->meeting_every.count > 0)
		ret_verdicts[count++] = judge_clock(facts, RULE_MEETING, today);
	if (facts_have(facts, ANSWER_PLAN) && !plan_was_met(facts))
		ret_verdicts[count++] = judge_booked(facts, today);
	if (facts_have(facts, ANSWER_OFF) && facts->answers[ANSWER_OFF].until == DAY_NEVER)
		ret_verdicts[count++] = judge_off(facts, today);
	return count;
}

bool verdict_calls(const struct verdict *verdict)
{
	return verdict->hold == HOLD_NONE && verdict->state >= STATE_DUE;
}

int verdict_days_overdue(const struct verdict *verdict, day today)
{
	return today - verdict->due_day;
}

double verdict_urgency(const struct verdict *verdict, day today)
{
	const day length = verdict->due_unmoved - verdict->start;

	return (double)(today - verdict->due_day) / (double)(length > 0 ? length : 1);
}

static bool is_question(const struct verdict *verdict)
{
	return verdict->rule == RULE_BOOKED && verdict->state >= STATE_DUE;
}

bool verdict_leads(const struct verdict *a, const struct verdict *b, day today)
{
	if (is_question(a) != is_question(b))
		return is_question(a);
	if (a->state != b->state)
		return a->state > b->state;
	if (a->state < STATE_DUE)
		return a->due_day < b->due_day;
	return verdict_urgency(a, today) > verdict_urgency(b, today);
}

/* ---- the ladder ---- */

const char *ladder_hearer(const struct owner *owner, int step)
{
	const char *first = owner->backup ? owner->backup : owner->manager;

	if (step == 1)
		return first;
	return owner->manager && first != owner->manager && strcmp(first, owner->manager) != 0
		   ? owner->manager
		   : NULL;
}

bool ladder_is_stopped(const struct facts *facts, day today)
{
	return facts_have(facts, ANSWER_ACK) &&
	       today < facts->answers[ANSWER_ACK].given + ACK_LADDER_DAYS;
}

int ladder_step(const struct facts *facts, const struct verdict *verdict, int delivered, day today)
{
	int step = 0;

	if (!verdict_calls(verdict) || !facts->owner || delivered < LADDER_DELIVERED_MIN)
		return 0;
	if (ladder_is_stopped(facts, today))
		return 0;
	for (int i = 1; i <= ESCALATE_STEPS; i++)
		if (verdict->step_days[i - 1] <= today && ladder_hearer(facts->owner, i))
			step = i;
	return step;
}

day ladder_next(const struct facts *facts, const struct verdict *verdict, int step, int delivered,
		day today)
{
	const day ripe = step < ESCALATE_STEPS ? verdict->step_days[step] : DAY_NEVER;
	const day first = ripe > today ? ripe : today + 1;

	if (ripe == DAY_NEVER)
		return DAY_NEVER;
	/* An acknowledgement is all that can still hold it. */
	for (day d = first; d <= first + ACK_LADDER_DAYS; d++)
		if (ladder_step(facts, verdict, delivered, d) > step)
			return d;
	return DAY_NEVER;
}

/* ---- words ---- */

static const char *const rule_names[RULES] = {
    [RULE_CONTACT] = "contact", [RULE_MEETING] = "meeting", [RULE_BOOKED] = "booked",
    [RULE_OFF] = "off",		[RULE_HINT] = "hint",
};

const char *rule_name(enum rule rule)
{
	return rule_names[rule];
}

bool rule_parse(const char *text, enum rule *ret_rule)
{
	for (int i = 0; i < RULES; i++) {
		if (strcmp(text, rule_names[i]) == 0) {
			*ret_rule = (enum rule)i;
			return true;
		}
	}
	return false;
}

static const char *const state_names[] = {
    [STATE_ON_TRACK] = "on track",
    [STATE_DUE_SOON] = "due soon",
    [STATE_DUE] = "due",
    [STATE_COLD] = "cold",
};

const char *state_name(enum state state)
{
	return state_names[state];
}

bool state_parse(const char *text, enum state *ret_state)
{
	for (size_t i = 0; i < sizeof(state_names) / sizeof(state_names[0]); i++) {
		if (strcmp(text, state_names[i]) == 0) {
			*ret_state = (enum state)i;
			return true;
		}
	}
	return false;
}

const char *base_kind_name(enum base_kind kind)
{
	static const char *const names[] = {
	    [BASE_CONTACT] = "contact", [BASE_SINCE] = "since", [BASE_FIRST_SEEN] = "first seen",
	    [BASE_KEPT] = "keep",	[BASE_FIX] = "fix",	[BASE_PLAN] = "plan",
	    [BASE_OFF] = "off",
	};

	return names[kind];
}

const char *hold_name(enum hold hold)
{
	static const char *const names[] = {
	    [HOLD_NONE] = NULL,
	    [HOLD_BOOKED] = "meeting booked",
	    [HOLD_SNOOZED] = "snoozed",
	    [HOLD_OFF] = "off",
	};

	return names[hold];
}
