/* Gates first, then the model's day. */
#include "core/hint.h"

#include <math.h>

int facts_cold_mark(const struct facts *facts)
{
	return facts->partner.cold_mark > 0 ? facts->partner.cold_mark
					    : risk_cold_mark(&facts->rhythm.risk);
}

/* The first whole day on which the warning has come, and the usual gap has passed. */
static day warning_day(const struct facts *facts)
{
	const struct risk *risk = &facts->rhythm.risk;
	const struct risk_law law = risk_law(risk);
	const int mark = facts_cold_mark(facts);
	double silent = risk_warning_silence(&law, mark, facts->cadence->risk_threshold);

	silent = fmin(fmax(silent, RISK_WARNING_FLOOR_DAYS), mark);
	return risk->last + (day)ceil(fmax(silent, risk_usual_gap(&law)));
}

static bool is_anything_due(const struct verdict *verdicts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (verdicts[i].state >= STATE_DUE)
			return true;
	return false;
}

/* The first day on which a clock of the partner has run out. */
static day first_due(const struct verdict *verdicts, size_t count)
{
	day due = DAY_NEVER;

	for (size_t i = 0; i < count; i++)
		if ((verdicts[i].rule == RULE_CONTACT || verdicts[i].rule == RULE_MEETING) &&
		    verdicts[i].due_day < due)
			due = verdicts[i].due_day;
	return due;
}

enum hint_gate hint_find(const struct facts *facts, const struct verdict *verdicts, size_t count,
			 day *ret_day)
{
	*ret_day = DAY_NEVER;
	if (facts->cadence->risk_threshold <= 0)
		return HINT_OFF;
	if (!facts->has_last || facts->rhythm.risk.n == 0)
		return HINT_UNMET;
	if (verdicts[0].base_kind != BASE_CONTACT)
		return HINT_DECIDED;
	if (facts->rhythm.live < HINT_LIVE_MIN)
		return HINT_FEW;
	*ret_day = warning_day(facts);
	if (is_anything_due(verdicts, count) || *ret_day >= first_due(verdicts, count))
		return HINT_DUE;
	return HINT_COMES;
}

size_t judge_with_hint(const struct facts *facts, day today, struct verdict ret_verdicts[RULES])
{
	const size_t count = judge_partner(facts, today, ret_verdicts);
	struct verdict *hint = &ret_verdicts[count];
	day first;

	if (hint_find(facts, ret_verdicts, count, &first) != HINT_COMES)
		return count;
	*hint = (struct verdict){
	    .rule = RULE_HINT,
	    .state = today >= first ? STATE_DUE : STATE_ON_TRACK,
	    .hold = ret_verdicts[0].hold,
	    .base_kind = BASE_CONTACT,
	    .base = ret_verdicts[0].base,
	    .start = ret_verdicts[0].base,
	    .due_unmoved = first,
	    .due_day = first,
	    .cold_day = DAY_NEVER,
	    .warn_day = DAY_NEVER,
	    .decide_day = DAY_NEVER,
	    .next_change = today < first ? first : DAY_NEVER,
	};
	for (size_t i = 0; i < ESCALATE_STEPS; i++)
		hint->step_days[i] = DAY_NEVER;
	return count + 1;
}
