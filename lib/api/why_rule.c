/* Why, rule by rule: the terms, the days that moved, what holds, the ladder. */
#include "api/why.h"

#include <string.h>

#include "api/shape.h"

static json_t *span_json(struct span span)
{
	char text[SPAN_TEXT_SIZE];

	return span.count > 0 ? json_string(span_say(span, text)) : json_null();
}

json_t *why_terms(const struct cadence *cadence)
{
	json_t *escalate = json_array();

	for (size_t i = 0; i < cadence->escalate_count; i++)
		json_array_append_new(escalate, span_json(cadence->escalate[i]));
	return json_pack(
	    "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "id", shape_text(cadence->id), "every",
	    span_json(cadence->every), "grace", span_json(cadence->grace), "warn",
	    span_json(cadence->warn), "meeting_every", span_json(cadence->meeting_every),
	    "escalate", escalate, "decide_after", span_json(cadence->decide_after), "risk",
	    cadence->risk_threshold > 0 ? json_real(cadence->risk_threshold) : json_string("off"),
	    "origin", shape_text(cadence->origin));
}

/* ---- why the due day moved ---- */

static bool is_holiday(const struct owner *owner, day d)
{
	return day_ranges_have(owner->workdays.holidays, owner->workdays.holiday_count, d);
}

/* The days that were passed over, those of one reason together. */
static json_t *moved_json(const struct owner *owner, const struct verdict *verdict)
{
	json_t *array = json_array();

	for (day d = verdict->due_unmoved, last; owner && d < verdict->due_day; d = last + 1) {
		const bool holiday = is_holiday(owner, d);

		last = d;
		while (last + 1 < verdict->due_day && is_holiday(owner, last + 1) == holiday)
			last++;
		json_array_append_new(array, json_pack("{s:o, s:o, s:s}", "first", shape_day(d),
						       "last", shape_day(last), "why",
						       holiday ? "holiday" : "no workday"));
	}
	return array;
}

/* ---- what holds ---- */

day why_held_until(const struct why *why, enum hold hold)
{
	switch (hold) {
	case HOLD_OFF:
		return answer_quiet_until(&why->facts, ANSWER_OFF);
	case HOLD_SNOOZED:
		return answer_quiet_until(&why->facts, ANSWER_SNOOZE);
	case HOLD_BOOKED:
		return why->facts.answers[ANSWER_PLAN].until;
	case HOLD_NONE:
		break;
	}
	return DAY_NEVER;
}

/* ---- the ladder ---- */

/* What a step waits for whose day has come; NULL: for nothing. */
static const char *waits_for(const struct why *why, const struct verdict *verdict, int step,
			     int delivered)
{
	struct arena *arena = why->r->arena;
	const struct answer *ack = &why->facts.answers[ANSWER_ACK];
	char iso[DAY_TEXT_SIZE];

	if (verdict->hold != HOLD_NONE)
		return arena_printf(arena, "waits: %s", hold_name(verdict->hold));
	if (ladder_is_stopped(&why->facts, why->on))
		return arena_printf(arena, "waits until %s: somebody works on it",
				    day_say(ack->given + ACK_LADDER_DAYS, why->today, iso));
	if (ladder_step(&why->facts, verdict, delivered, why->on) < step)
		return arena_printf(arena, "waits for %d delivered digests that told %s, %d so far",
				    LADDER_DELIVERED_MIN, why->facts.owner->id, delivered);
	return NULL;
}

static json_t *step_json(const struct why *why, const struct verdict *verdict, int step,
			 const struct digest_item *item)
{
	const day d = verdict->step_days[step - 1];
	const char *hearer = ladder_hearer(why->facts.owner, step);
	const bool taken = item->nudge != 0 && item->step >= step;
	const char *waits = NULL;

	if (!hearer)
		waits = "passed over: there is nobody else to tell";
	else if (!taken && d <= why->on && why->on == why->today)
		waits = waits_for(why, verdict, step,
				  nudge_count_delivered(why->db, item->nudge, why->facts.owner,
							verdict, why->on));
	return json_pack("{s:i, s:o, s:o, s:b, s:o, s:o}", "step", step, "day", shape_day(d),
			 "hearer", shape_text(hearer), "taken", taken, "taken_day",
			 shape_day(taken && item->step == step ? item->step_day : DAY_NEVER),
			 "waits", shape_text(waits));
}

/* Of another day than today only the days are known; what comes of them is foretold. */
static json_t *ladder_json(struct why *why, const struct verdict *verdict)
{
	struct digest_item item = {.step_day = DAY_NEVER};
	json_t *array = json_array();

	if (!why->facts.owner)
		return array;
	if (why->on == why->today)
		(void)!view_nudge(why->db, why->facts.partner.row, verdict->rule, verdict->base,
				  why->facts.owner->id, &item);
	for (int step = 1; step <= ESCALATE_STEPS; step++)
		if (verdict->step_days[step - 1] != DAY_NEVER)
			json_array_append_new(array, step_json(why, verdict, step, &item));
	return array;
}

void why_explain_rule(struct why *why, const struct verdict *verdict, json_t *rule)
{
	json_object_set_new(rule, "moved", moved_json(why->facts.owner, verdict));
	json_object_set_new(rule, "held_until", shape_day(why_held_until(why, verdict->hold)));
	json_object_set_new(rule, "ladder", ladder_json(why, verdict));
}
