/* Puts the days of the verdicts and answers that lie ahead in order. */
#include "core/outlook.h"

#include <stdlib.h>

struct list {
	struct coming *comings;
	size_t count;
	day today;
};

static void add(struct list *list, day d, enum coming_kind kind, enum rule rule, int step)
{
	if (d == DAY_NEVER || d <= list->today || list->count == OUTLOOK_MAX)
		return;
	list->comings[list->count++] = (struct coming){d, kind, rule, step};
}

static void add_verdict(struct list *list, const struct facts *facts, const struct verdict *verdict)
{
	const enum rule rule = verdict->rule;

	if (rule == RULE_BOOKED) {
		add(list, verdict->due_day, COMING_QUESTION, rule, 0);
		return;
	}
	add(list, verdict->warn_day, COMING_WARN, rule, 0);
	add(list, verdict->due_day, COMING_DUE, rule, 0);
	add(list, verdict->cold_day, COMING_COLD, rule, 0);
	for (int step = 1; facts->owner && step <= ESCALATE_STEPS; step++)
		if (ladder_hearer(facts->owner, step))
			add(list, verdict->step_days[step - 1], COMING_STEP, rule, step);
	add(list, verdict->decide_day, COMING_DECIDE, rule, 0);
}

static int compare(const void *a, const void *b)
{
	const struct coming *x = a, *y = b;

	if (x->day != y->day)
		return x->day < y->day ? -1 : 1;
	return (x->kind > y->kind) - (x->kind < y->kind);
}

size_t outlook_find(const struct facts *facts, const struct verdict *verdicts, size_t count,
		    day today, struct coming ret_comings[OUTLOOK_MAX])
{
	struct list list = {.comings = ret_comings, .today = today};

	for (size_t i = 0; i < count; i++)
		add_verdict(&list, facts, &verdicts[i]);
	add(&list, answer_quiet_until(facts, ANSWER_OFF), COMING_BACK, RULE_CONTACT, 0);
	add(&list, answer_quiet_until(facts, ANSWER_SNOOZE), COMING_BACK, RULE_CONTACT, 0);
	if (facts_have(facts, ANSWER_PLAN))
		add(&list, facts->answers[ANSWER_PLAN].until - plan_window(facts->cadence),
		    COMING_QUIET, RULE_CONTACT, 0);
	qsort(ret_comings, list.count, sizeof(*ret_comings), compare);
	return list.count;
}

const char *coming_name(enum coming_kind kind)
{
	static const char *const names[COMINGS] = {
	    [COMING_WARN] = "due soon", [COMING_DUE] = "due",		[COMING_COLD] = "cold",
	    [COMING_STEP] = "step",	[COMING_DECIDE] = "decide",	[COMING_BACK] = "back",
	    [COMING_QUIET] = "quiet",	[COMING_QUESTION] = "question",
	};

	return names[kind];
}
