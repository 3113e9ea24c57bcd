/* What lies ahead of a partner, and the one word for where it stands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/outlook.h"
#include "core/standing.h"

#define TODAY 20780 /* Mon 23 Nov 2026 */

static const struct cadence monthly = {.id = "monthly",
				       .every = {4, SPAN_WEEKS},
				       .grace = {1, SPAN_WEEKS},
				       .warn = {5, SPAN_DAYS},
				       .decide_after = {12, SPAN_WEEKS}};
static const struct owner maria = {.id = "maria", .workdays = {.week = WORKDAYS_MON_FRI}};

static struct facts silent_since(day last)
{
	return (struct facts){
	    .partner = {.id = "acme", .since = DAY_NEVER, .archived = DAY_NEVER},
	    .owner = &maria,
	    .cadence = &monthly,
	    .has_last = true,
	    .last = {.day = last},
	    .talked = DAY_NEVER,
	};
}

static void answer(struct facts *facts, enum answer_kind kind, day until)
{
	facts->answers[kind] =
	    (struct answer){.is_given = true, .given = TODAY - 1, .until = until};
}

/* "cold +7 snoozed, back +14": kind, days from today, what holds. */
static void assert_ahead(const struct facts *facts, const char *expected)
{
	struct coming comings[OUTLOOK_MAX];
	const size_t count = outlook_find(facts, TODAY, comings);
	char said[500] = "";
	size_t len = 0;

	for (size_t i = 0; i < count; i++)
		len += (size_t)snprintf(said + len, sizeof(said) - len, "%s%s +%d%s%s",
					i ? ", " : "", coming_name(comings[i].kind),
					comings[i].day - TODAY, comings[i].hold ? " " : "",
					comings[i].hold ? hold_name(comings[i].hold) : "");
	assert_string_equal(said, expected);
}

static void test_a_silence_goes_from_due_soon_to_a_decision(void **state)
{
	const struct facts facts = silent_since(TODAY);

	(void)state;
	assert_ahead(&facts, "due soon +23, due +28, cold +35, decide +119");
}

static void test_what_happens_while_snoozed_is_said_to_be_quiet(void **state)
{
	struct facts facts = silent_since(TODAY - 27);

	(void)state;
	answer(&facts, ANSWER_SNOOZE, TODAY + 14);
	assert_ahead(&facts, "due +1 snoozed, cold +8 snoozed, back +14, decide +92");
}

static void test_a_snooze_that_ends_within_off_brings_nobody_back(void **state)
{
	struct facts facts = silent_since(TODAY - 100);

	(void)state;
	answer(&facts, ANSWER_SNOOZE, TODAY + 3);
	answer(&facts, ANSWER_OFF, TODAY + 60);
	assert_ahead(&facts, "decide +21 off, back +60");
}

static void test_a_booked_meeting_quiets_and_is_asked_about(void **state)
{
	struct facts facts = silent_since(TODAY - 30);

	(void)state;
	answer(&facts, ANSWER_PLAN, TODAY + 32);
	assert_ahead(&facts,
		     "quiet +4 meeting booked, cold +7 meeting booked, question +35, decide +91");
}

static void test_the_standing_is_what_holds_then_the_question_then_the_worst(void **state)
{
	struct verdict v[2] = {{.rule = RULE_CONTACT, .state = STATE_DUE},
			       {.rule = RULE_MEETING, .state = STATE_COLD}};

	(void)state;
	assert_string_equal(standing_name(standing_of(v, 2)), "cold");
	v[1] = (struct verdict){.rule = RULE_BOOKED, .state = STATE_DUE};
	assert_string_equal(standing_name(standing_of(v, 2)), "to confirm");
	v[0].hold = HOLD_BOOKED;
	assert_string_equal(standing_name(standing_of(v, 2)), "meeting booked");
}

static enum rule speaks(const struct verdict *v)
{
	return standing_verdict(v, 2, TODAY)->rule;
}

static void test_the_rule_that_gives_the_standing_gives_its_days(void **state)
{
	struct verdict v[2] = {{.rule = RULE_CONTACT, .due_day = TODAY + 25},
			       {.rule = RULE_MEETING, .due_day = TODAY + 20}};

	(void)state;
	assert_int_equal(speaks(v), RULE_MEETING);
	v[0].due_day = TODAY + 10;
	assert_int_equal(speaks(v), RULE_CONTACT);
	v[1].state = STATE_COLD;
	assert_int_equal(speaks(v), RULE_MEETING);
	v[0].state = STATE_DUE;
	assert_int_equal(speaks(v), RULE_MEETING);
	v[0].hold = v[1].hold = HOLD_SNOOZED;
	assert_int_equal(speaks(v), RULE_MEETING);
	/* A question that is not asked yet, or is held, says nothing; one that is asked leads. */
	v[1] = (struct verdict){.rule = RULE_BOOKED, .state = STATE_DUE};
	assert_int_equal(speaks(v), RULE_CONTACT);
	v[0].hold = HOLD_NONE;
	assert_int_equal(speaks(v), RULE_BOOKED);
	v[0].state = v[1].state = STATE_ON_TRACK;
	assert_int_equal(speaks(v), RULE_CONTACT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_silence_goes_from_due_soon_to_a_decision),
	    cmocka_unit_test(test_what_happens_while_snoozed_is_said_to_be_quiet),
	    cmocka_unit_test(test_a_snooze_that_ends_within_off_brings_nobody_back),
	    cmocka_unit_test(test_a_booked_meeting_quiets_and_is_asked_about),
	    cmocka_unit_test(test_the_standing_is_what_holds_then_the_question_then_the_worst),
	    cmocka_unit_test(test_the_rule_that_gives_the_standing_gives_its_days),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
