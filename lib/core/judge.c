/* The judgement of one partner: DESIGN.md section 6, "Base", "Days".
 *
 * Never asks for the time and never looks anything up: whoever calls brings the facts and the day. */
#include "core/judge.h"

#include <string.h>

static day later(day a, day b)
{
	return a > b ? a : b;
}

/* The day the contact clock counts from. Without a contact it is the day we could first have known about it, so that
 * nobody is born overdue. */
static day contact_base(const struct facts *facts)
{
	if (facts->has_last)
		return facts->last.day;
	if (facts->partner.since == DAY_NEVER)
		return facts->partner.first_seen;
	return later(facts->partner.since, facts->partner.first_seen);
}

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

/* The earliest of the verdict's days that still lies ahead. */
static day next_change(const struct verdict *verdict, const struct snooze *snooze, day today)
{
	const day days[] = {verdict->warn_day, verdict->due_day, verdict->cold_day, snooze->until};
	day next = DAY_NEVER;

	for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++)
		if (days[i] > today && days[i] < next)
			next = days[i];
	return next;
}

static const struct workdays every_day = {.week = 0x7f};

static struct verdict judge_contact(const struct facts *facts, day today)
{
	const struct cadence *cadence = facts->cadence;
	const struct workdays *workdays = facts->owner ? &facts->owner->workdays : &every_day;
	struct verdict verdict = {.rule = RULE_CONTACT, .hold = HOLD_NONE};

	verdict.base = contact_base(facts);
	verdict.due_unmoved = day_add_span(verdict.base, cadence->every);
	verdict.due_day = workdays_next_on_or_after(workdays, verdict.due_unmoved);
	verdict.cold_day = day_add_span(verdict.due_day, cadence->grace);
	verdict.warn_day = DAY_NEVER;
	if (cadence->warn.count > 0)
		verdict.warn_day = day_subtract_span(verdict.due_day, cadence->warn);
	verdict.state = state_on(&verdict, today);
	if (facts->snooze.until != DAY_NEVER && facts->snooze.until > today)
		verdict.hold = HOLD_SNOOZED;
	verdict.next_change = next_change(&verdict, &facts->snooze, today);
	return verdict;
}

size_t judge_partner(const struct facts *facts, day today, struct verdict ret_verdicts[RULES])
{
	ret_verdicts[0] = judge_contact(facts, today);
	return 1;
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
	const day length = verdict->due_unmoved - verdict->base;

	return (double)(today - verdict->due_day) / (double)(length > 0 ? length : 1);
}

const char *rule_name(enum rule rule)
{
	static const char *const names[RULES] = {[RULE_CONTACT] = "contact"};

	return names[rule];
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
