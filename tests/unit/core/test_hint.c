/* The gates in front of the early hint, and the sentence of the odds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/hint.h"
#include "core/odds.h"

#define LAST 20780 /* Mon 23 Nov 2026 */

static const struct cadence yearly = {
    .id = "yearly", .every = {1, SPAN_YEARS}, .grace = {3, SPAN_WEEKS}, .risk_threshold = 0.65};
static const struct owner maria = {.id = "maria", .workdays = {.week = 0x7f}};

/* Contact every so many days, up to LAST; the first ones imported. */
static struct facts regular(int contacts, int gap, int imported)
{
	struct facts facts = {.partner = {.id = "acme", .since = DAY_NEVER, .archived = DAY_NEVER},
			      .owner = &maria,
			      .cadence = &yearly,
			      .has_last = contacts > 0,
			      .last = {.day = LAST},
			      .talked = DAY_NEVER};

	for (int i = contacts - 1; i >= 0; i--)
		assert_true(rhythm_add(&facts.rhythm, LAST - i * gap, i < contacts - imported));
	return facts;
}

static enum hint_gate gate_of(const struct facts *facts, day today, day *ret_day)
{
	struct verdict verdicts[RULES];
	const size_t count = judge_partner(facts, today, verdicts);

	return hint_find(facts, verdicts, count, ret_day);
}

static enum hint_gate gate(const struct facts *facts)
{
	day ignored;

	return gate_of(facts, LAST + 5, &ignored);
}

static void test_it_comes_on_the_day_that_the_closed_form_names(void **state)
{
	const struct facts weekly = regular(10, 7, 0);
	day first;

	(void)state;
	/* The worked example "weekly x10": 35.57 days. */
	assert_int_equal(gate_of(&weekly, LAST, &first), HINT_COMES);
	assert_int_equal(first, LAST + 36);
	/* It is the same day whenever it is asked, also after it. */
	assert_int_equal(gate_of(&weekly, LAST + 50, &first), HINT_COMES);
	assert_int_equal(first, LAST + 36);
}

static void test_fewer_than_five_live_contacts_give_none_whatever_was_imported(void **state)
{
	(void)state;
	for (int live = 0; live <= 6; live++) {
		const struct facts facts = regular(40 + live, 7, 40);

		assert_int_equal(gate(&facts), live < 5 ? HINT_FEW : HINT_COMES);
	}
	const struct facts never = regular(0, 7, 0);
	assert_int_equal(gate(&never), HINT_UNMET);
}

/* Contact each quarter, up to LAST. */
static struct facts quarterly(int contacts)
{
	static const day days[] = {0, 91, 183, 274, 365};
	struct facts facts = regular(1, 1, 0);

	facts.rhythm = (struct rhythm){0};
	for (int i = 0; i < contacts; i++)
		assert_true(rhythm_add(&facts.rhythm, LAST - days[contacts - 1] + days[i], true));
	return facts;
}

/* At threshold 0.5 the model alone would warn of a regular quarterly partner on day 7, 31, 52 and
 * 68 with 2, 3, 4 and 5 contacts; that is what the gates are for. */
static void test_the_gates_hold_back_a_regular_quarterly_partner(void **state)
{
	static const int alone[] = {7, 31, 52, 68};
	struct cadence early = yearly;

	(void)state;
	early.risk_threshold = 0.5;
	for (int contacts = 2; contacts <= 5; contacts++) {
		struct facts facts = quarterly(contacts);
		const struct risk_law law = risk_law(&facts.rhythm.risk);
		const int mark = facts_cold_mark(&facts);
		const double warned = risk_warning_silence(&law, mark, 0.5);
		day first;

		assert_int_equal((int)(warned < 7 ? 7 : warned + 1), alone[contacts - 2]);
		facts.cadence = &early;
		assert_int_equal(gate_of(&facts, LAST, &first),
				 contacts < 5 ? HINT_FEW : HINT_COMES);
		/* Not before the usual gap has passed: 84.3 days. */
		if (contacts == 5)
			assert_int_equal(first, LAST + 85);
	}
}

static void test_it_never_moves_a_due_day_and_ends_with_it(void **state)
{
	struct facts facts = regular(10, 7, 0);
	const struct cadence monthly = {
	    .every = {30, SPAN_DAYS}, .grace = {7, SPAN_DAYS}, .risk_threshold = 0.65};
	const struct cadence later = {
	    .every = {40, SPAN_DAYS}, .grace = {7, SPAN_DAYS}, .risk_threshold = 0.65};
	struct verdict with[RULES], without[RULES];

	(void)state;
	facts.cadence = &monthly;
	assert_int_equal(gate(&facts), HINT_DUE);
	facts.cadence = &later;
	for (day today = LAST; today < LAST + 120; today++) {
		const size_t plain = judge_partner(&facts, today, without);
		const size_t count = judge_with_hint(&facts, today, with);
		const bool hinted = count > plain && with[plain].state == STATE_DUE;

		assert_memory_equal(with, without, plain * sizeof(*with));
		assert_int_equal(hinted, today >= LAST + 36 && today < LAST + 40);
		if (count > plain) {
			assert_int_equal(with[plain].rule, RULE_HINT);
			assert_int_equal(with[plain].base, LAST);
			assert_int_equal(with[plain].next_change,
					 today < LAST + 36 ? LAST + 36 : DAY_NEVER);
		}
	}
}

static void test_off_a_decision_and_what_is_due_otherwise_give_none(void **state)
{
	struct facts facts = regular(10, 7, 0);
	struct cadence off = yearly, meets = yearly;

	(void)state;
	off.risk_threshold = 0;
	facts.cadence = &off;
	assert_int_equal(gate(&facts), HINT_OFF);
	facts = regular(10, 7, 0);
	facts.answers[ANSWER_KEEP] = (struct answer){.is_given = true, .given = LAST + 3};
	assert_int_equal(gate(&facts), HINT_DECIDED);
	facts = regular(10, 7, 0);
	meets.meeting_every = (struct span){60, SPAN_DAYS};
	facts.cadence = &meets;
	facts.partner.first_seen = LAST - 100;
	assert_int_equal(gate(&facts), HINT_DUE);
}

static void test_what_holds_the_partner_holds_the_hint(void **state)
{
	struct facts facts = regular(10, 7, 0);
	struct verdict verdicts[RULES];

	(void)state;
	facts.answers[ANSWER_SNOOZE] =
	    (struct answer){.is_given = true, .given = LAST + 30, .until = LAST + 60};
	assert_int_equal(judge_with_hint(&facts, LAST + 40, verdicts), 2);
	assert_int_equal(verdicts[1].state, STATE_DUE);
	assert_false(verdict_calls(&verdicts[1]));
	assert_int_equal(judge_with_hint(&facts, LAST + 60, verdicts), 2);
	assert_true(verdict_calls(&verdicts[1]));
}

static void test_a_cold_mark_of_ones_own_moves_the_hint(void **state)
{
	struct facts facts = regular(10, 7, 0);
	day usual, longer;

	(void)state;
	assert_int_equal(gate_of(&facts, LAST, &usual), HINT_COMES);
	facts.partner.cold_mark = 365;
	assert_int_equal(gate_of(&facts, LAST, &longer), HINT_COMES);
	assert_true(longer > usual);
}

static void test_the_sentence_has_a_day_as_its_horizon(void **state)
{
	struct facts facts = regular(12, 21, 0);
	char text[ODDS_TEXT_SIZE];

	(void)state;
	assert_string_equal(odds_say(&facts, LAST + 49, text),
			    "You usually talk every 23 days; it has been 49. Chance that it "
			    "resumes by itself before Fri 29 Jan: 26 %.");
	assert_string_equal(odds_say(&facts, LAST, text),
			    "You usually talk every 23 days; the last time was today. Chance that "
			    "it resumes by itself before Fri 29 Jan 2027: 80 %.");
}

static void test_past_the_cold_mark_and_with_little_history_there_is_no_number(void **state)
{
	struct facts facts = regular(12, 21, 0);
	char text[ODDS_TEXT_SIZE];

	(void)state;
	assert_string_equal(
	    odds_say(&facts, LAST + 67, text),
	    "You usually talk every 23 days; it has been 67. Past its own cold mark "
	    "(Fri 29 Jan): do not wait for it to resume by itself.");
	assert_true(odds_of_return(&facts, LAST + 67) < 0);
	facts = regular(3, 21, 0);
	assert_string_equal(odds_say(&facts, LAST + 20, text),
			    "Too little history for odds: 3 contacts, 4 are needed.");
	facts = regular(0, 21, 0);
	assert_string_equal(odds_say(&facts, LAST + 20, text),
			    "Too little history for odds: 0 contacts, 4 are needed.");
	assert_true(odds_of_return(&facts, LAST + 20) < 0);
	/* A mark that is near: hardly any chance is left, but none is never said. */
	facts = regular(12, 21, 0);
	assert_non_null(strstr(odds_say(&facts, LAST + 66, text), ": 1 %."));
	facts = regular(4, 400, 0);
	assert_non_null(strstr(odds_say(&facts, LAST + 399, text), ": under 1 %."));
	facts = regular(300, 1, 0);
	assert_string_equal(odds_say(&facts, LAST + 3, text),
			    "You usually talk every day; it has been 3 days. Chance that it "
			    "resumes by itself before Fri 22 Jan 2027: 97 %.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_it_comes_on_the_day_that_the_closed_form_names),
	    cmocka_unit_test(test_fewer_than_five_live_contacts_give_none_whatever_was_imported),
	    cmocka_unit_test(test_the_gates_hold_back_a_regular_quarterly_partner),
	    cmocka_unit_test(test_it_never_moves_a_due_day_and_ends_with_it),
	    cmocka_unit_test(test_off_a_decision_and_what_is_due_otherwise_give_none),
	    cmocka_unit_test(test_what_holds_the_partner_holds_the_hint),
	    cmocka_unit_test(test_a_cold_mark_of_ones_own_moves_the_hint),
	    cmocka_unit_test(test_the_sentence_has_a_day_as_its_horizon),
	    cmocka_unit_test(test_past_the_cold_mark_and_with_little_history_there_is_no_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
