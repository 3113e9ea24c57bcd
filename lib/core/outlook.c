/* Judges the days on which something may change, one after the other, and compares. */
#include "core/outlook.h"

#include "core/hint.h"

#define CHANGES_MAX 200 /* days looked at; a verdict has a dozen */

struct list {
	struct coming *comings;
	size_t count;
	day today;
	bool hears_hints;
};

static void add(struct list *list, enum coming_kind kind, const struct verdict *verdict)
{
	if (list->count == OUTLOOK_MAX)
		return;
	list->comings[list->count++] = (struct coming){
	    .day = list->today,
	    .kind = kind,
	    .rule = verdict->rule,
	    .state = verdict->state,
	    .hold = verdict->hold,
	};
}

static void add_back(struct list *list, enum hold ended, const struct verdict *verdict)
{
	const size_t index = list->count;

	add(list, COMING_BACK, verdict);
	if (list->count > index)
		list->comings[index].ended = ended;
}

/* What holds a partner holds all its rules: it is told once, by the first. */
static void compare_holds(struct list *list, const struct verdict *before,
			  const struct verdict *after)
{
	if (before->hold >= HOLD_SNOOZED && after->hold < before->hold)
		add_back(list, before->hold, after);
	if (before->hold == HOLD_NONE && after->hold == HOLD_BOOKED)
		add(list, COMING_QUIET, after);
}

static void compare_states(struct list *list, const struct verdict *before,
			   const struct verdict *after)
{
	if (after->rule == RULE_HINT) {
		if (after->state > before->state && list->hears_hints)
			add(list, COMING_HINT, after);
		return;
	}
	if (after->state > before->state) {
		if (after->rule == RULE_BOOKED || after->rule == RULE_OFF)
			add(list, COMING_QUESTION, after);
		else if (after->state == STATE_COLD)
			add(list, COMING_COLD, after);
		else if (after->state == STATE_DUE)
			add(list, COMING_DUE, after);
		else
			add(list, COMING_WARN, after);
	}
	if (after->decide_day == list->today)
		add(list, COMING_DECIDE, after);
}

static day next_of(const struct verdict *verdicts, size_t count)
{
	day next = DAY_NEVER;

	for (size_t i = 0; i < count; i++)
		if (verdicts[i].next_change < next)
			next = verdicts[i].next_change;
	return next;
}

size_t outlook_find(const struct facts *facts, day today, struct coming ret_comings[OUTLOOK_MAX])
{
	struct list list = {.comings = ret_comings,
			    .today = today,
			    .hears_hints = facts->owner && owner_hears_hints(facts->owner)};
	struct verdict before[RULES], after[RULES];
	size_t count = judge_with_hint(facts, today, before);

	/* Which rules there are depends on the facts alone, not on the day; but for the hint, which
	 * stands last and ends when something is due. */
	for (int n = 0; n < CHANGES_MAX; n++) {
		list.today = next_of(before, count);
		if (list.today == DAY_NEVER)
			break;
		count = judge_with_hint(facts, list.today, after);
		compare_holds(&list, &before[0], &after[0]);
		for (size_t i = 0; i < count; i++) {
			compare_states(&list, &before[i], &after[i]);
			before[i] = after[i];
		}
	}
	return list.count;
}

const char *coming_name(enum coming_kind kind)
{
	static const char *const names[COMINGS] = {
	    [COMING_BACK] = "back",	[COMING_QUIET] = "quiet",	[COMING_HINT] = "hint",
	    [COMING_WARN] = "due soon", [COMING_DUE] = "due",		[COMING_COLD] = "cold",
	    [COMING_DECIDE] = "decide", [COMING_QUESTION] = "question",
	};

	return names[kind];
}
