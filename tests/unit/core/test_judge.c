/* Where a partner stands: tables, and properties over random facts. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/judge.h"

static day on(const char *iso)
{
	day d;

	assert_true(day_parse_iso(iso, &d));
	return d;
}

static const struct cadence monthly = {
    .id = "monthly", .every = {1, SPAN_MONTHS}, .grace = {1, SPAN_WEEKS}, .warn = {5, SPAN_DAYS}};

static struct owner worker(const struct day_range *holidays, size_t count)
{
	return (struct owner){
	    .id = "maria", .name = "Maria", .workdays = {WORKDAYS_MON_FRI, holidays, count}};
}

static struct facts facts_of(const struct owner *owner, const char *last)
{
	struct facts facts = {
	    .partner = {.id = "acme",
			.name = "Acme",
			.since = DAY_NEVER,
			.first_seen = 0,
			.archived = DAY_NEVER},
	    .owner = owner,
	    .cadence = &monthly,
	};

	if (last) {
		facts.has_last = true;
		facts.last.day = on(last);
	}
	return facts;
}

static struct verdict judge(const struct facts *facts, day today)
{
	struct verdict verdicts[RULES];

	assert_int_equal(judge_partner(facts, today, verdicts), 1);
	return verdicts[0];
}

static void test_states_follow_the_days_of_one_silence(void **unused)
{
	/* Last contact Wed 14 Oct 2026: due Mon 16 Nov (14 Nov is a Saturday), soon from 11 Nov,
	 * cold on 23 Nov. */
	static const struct {
		const char *today;
		enum state state;
		const char *next;
	} rows[] = {
	    {"2026-10-14", STATE_ON_TRACK, "2026-11-11"},
	    {"2026-11-10", STATE_ON_TRACK, "2026-11-11"},
	    {"2026-11-11", STATE_DUE_SOON, "2026-11-16"},
	    {"2026-11-15", STATE_DUE_SOON, "2026-11-16"},
	    {"2026-11-16", STATE_DUE, "2026-11-23"},
	    {"2026-11-22", STATE_DUE, "2026-11-23"},
	    {"2026-11-23", STATE_COLD, NULL},
	    {"2027-11-23", STATE_COLD, NULL},
	};
	const struct owner owner = worker(NULL, 0);
	const struct facts facts = facts_of(&owner, "2026-10-14");

	(void)unused;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct verdict v = judge(&facts, on(rows[i].today));

		assert_int_equal(v.state, rows[i].state);
		assert_int_equal(v.next_change, rows[i].next ? on(rows[i].next) : DAY_NEVER);
		assert_int_equal(v.base, on("2026-10-14"));
		assert_int_equal(v.due_unmoved, on("2026-11-14"));
		assert_int_equal(v.due_day, on("2026-11-16"));
	}
}

static void test_due_day_moves_forward_over_holidays_and_cold_day_does_not(void **unused)
{
	const struct day_range holidays[] = {{on("2026-11-16"), on("2026-11-17")}};
	const struct owner owner = worker(holidays, 1);
	const struct facts facts = facts_of(&owner, "2026-10-14");
	const struct verdict v = judge(&facts, on("2026-11-01"));

	(void)unused;
	assert_int_equal(v.due_day, on("2026-11-18"));
	assert_int_equal(v.cold_day, on("2026-11-25"));
}

static void test_nobody_is_born_overdue(void **unused)
{
	const struct owner owner = worker(NULL, 0);
	struct facts facts = facts_of(&owner, NULL);

	(void)unused;
	facts.partner.since = on("2020-01-01");
	facts.partner.first_seen = on("2026-11-02");
	assert_int_equal(judge(&facts, on("2026-11-02")).state, STATE_ON_TRACK);
	assert_int_equal(judge(&facts, on("2026-11-02")).base, on("2026-11-02"));
	facts.partner.since = on("2026-11-20");
	assert_int_equal(judge(&facts, on("2026-11-02")).base, on("2026-11-20"));
}

static void test_first_contact_counts_even_before_the_day_first_seen(void **unused)
{
	const struct owner owner = worker(NULL, 0);
	struct facts facts = facts_of(&owner, "2025-01-10");

	(void)unused;
	facts.partner.first_seen = on("2026-11-02");
	assert_int_equal(judge(&facts, on("2026-11-02")).state, STATE_COLD);
}

static void test_snooze_holds_until_its_day_and_wakes_the_judge_on_it(void **unused)
{
	const struct owner owner = worker(NULL, 0);
	struct facts facts = facts_of(&owner, "2026-01-14");

	(void)unused;
	facts.answers[ANSWER_SNOOZE] = (struct answer){.is_given = true, .until = on("2026-11-20")};
	const struct verdict held = judge(&facts, on("2026-11-19"));
	assert_int_equal(held.hold, HOLD_SNOOZED);
	assert_int_equal(held.state, STATE_COLD);
	assert_false(verdict_calls(&held));
	assert_int_equal(held.next_change, on("2026-11-20"));
	const struct verdict back = judge(&facts, on("2026-11-20"));
	assert_true(verdict_calls(&back));
}

static void test_partner_without_an_owner_is_judged_all_the_same(void **unused)
{
	const struct facts facts = facts_of(NULL, "2026-10-14");

	(void)unused;
	assert_int_equal(judge(&facts, on("2026-11-14")).due_day, on("2026-11-14"));
}

/* ---- meetings ---- */

static const struct cadence with_meetings = {.id = "strategic",
					     .every = {4, SPAN_WEEKS},
					     .grace = {1, SPAN_WEEKS},
					     .meeting_every = {1, SPAN_QUARTERS},
					     .escalate = {{4, SPAN_WEEKS}, {8, SPAN_WEEKS}},
					     .escalate_count = 2,
					     .decide_after = {12, SPAN_WEEKS}};

static void test_a_mail_warms_but_does_not_replace_a_meeting(void **unused)
{
	const struct owner owner = worker(NULL, 0);
	struct facts facts = facts_of(&owner, "2026-11-16");
	struct verdict verdicts[RULES];

	(void)unused;
	facts.cadence = &with_meetings;
	facts.has_meeting = true;
	facts.meeting.day = on("2026-08-03");
	assert_int_equal(judge_partner(&facts, on("2026-11-23"), verdicts), 2);
	assert_int_equal(verdicts[0].state, STATE_ON_TRACK);
	assert_int_equal(verdicts[1].rule, RULE_MEETING);
	assert_int_equal(verdicts[1].state, STATE_COLD);
	assert_int_equal(verdicts[1].due_day, on("2026-11-03"));
	assert_int_equal(verdicts[1].base_kind, BASE_CONTACT);
}

static void plan(struct facts *facts, const char *iso)
{
	facts->answers[ANSWER_PLAN] =
	    (struct answer){.is_given = true, .given = on("2026-11-01"), .until = on(iso)};
	facts->talked = DAY_NEVER;
}

static void test_a_booked_meeting_keeps_quiet_only_while_it_is_near(void **unused)
{
	/* Every 4 weeks: the window is 28 days. */
	static const struct {
		const char *today;
		enum hold hold;
	} rows[] = {
	    {"2026-11-22", HOLD_NONE},
	    {"2026-11-23", HOLD_BOOKED},
	    {"2026-12-21", HOLD_BOOKED},
	    {"2026-12-22", HOLD_NONE},
	};
	const struct owner owner = worker(NULL, 0);
	struct facts facts = facts_of(&owner, "2026-10-01");
	struct verdict verdicts[RULES];

	(void)unused;
	facts.cadence = &with_meetings;
	plan(&facts, "2026-12-21");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		judge_partner(&facts, on(rows[i].today), verdicts);
		assert_int_equal(verdicts[0].hold, rows[i].hold);
		assert_int_equal(verdicts[0].state >= STATE_DUE, 1);
	}
}

static void test_the_workday_after_a_booked_meeting_asks_whether_it_happened(void **unused)
{
	const struct owner owner = worker(NULL, 0);
	struct facts facts = facts_of(&owner, "2026-11-12");
	struct verdict verdicts[RULES];

	(void)unused;
	plan(&facts, "2026-11-20"); /* a Friday */
	assert_int_equal(judge_partner(&facts, on("2026-11-22"), verdicts), 2);
	assert_int_equal(verdicts[1].rule, RULE_BOOKED);
	assert_false(verdict_calls(&verdicts[1]));
	judge_partner(&facts, on("2026-11-23"), verdicts);
	assert_true(verdict_calls(&verdicts[1]));
	assert_int_equal(verdicts[1].base, on("2026-11-20"));
	judge_partner(&facts, on("2027-11-23"), verdicts);
	assert_int_equal(verdicts[1].state, STATE_DUE);
}

static void test_a_meeting_or_call_from_a_week_before_on_answers_it(void **unused)
{
	const struct owner owner = worker(NULL, 0);
	struct facts facts = facts_of(&owner, "2026-11-12");
	struct verdict verdicts[RULES];

	(void)unused;
	plan(&facts, "2026-11-20");
	facts.talked = on("2026-11-12");
	assert_int_equal(judge_partner(&facts, on("2026-11-23"), verdicts), 2);
	facts.talked = on("2026-11-13");
	assert_int_equal(judge_partner(&facts, on("2026-11-23"), verdicts), 1);
}

/* ---- answers ---- */

static void test_off_is_stronger_than_snoozed_is_stronger_than_booked(void **unused)
{
	const struct owner owner = worker(NULL, 0);
	struct facts facts = facts_of(&owner, "2026-01-02");
	const day today = on("2026-11-23");
	struct verdict verdicts[RULES];

	(void)unused;
	plan(&facts, "2026-11-30");
	judge_partner(&facts, today, verdicts);
	assert_int_equal(verdicts[0].hold, HOLD_BOOKED);
	facts.answers[ANSWER_SNOOZE] = (struct answer){.is_given = true, .until = today + 1};
	judge_partner(&facts, today, verdicts);
	assert_int_equal(verdicts[0].hold, HOLD_SNOOZED);
	facts.answers[ANSWER_OFF] =
	    (struct answer){.is_given = true, .given = today, .until = DAY_NEVER};
	judge_partner(&facts, today, verdicts);
	assert_int_equal(verdicts[0].hold, HOLD_OFF);
	judge_partner(&facts, today + OFF_ASKS_AGAIN_DAYS - 1, verdicts);
	assert_int_equal(verdicts[0].hold, HOLD_OFF);
	judge_partner(&facts, today + OFF_ASKS_AGAIN_DAYS, verdicts);
	assert_int_equal(verdicts[0].hold, HOLD_NONE);
	facts.answers[ANSWER_OFF].is_over = true;
	judge_partner(&facts, today, verdicts);
	assert_int_equal(verdicts[0].hold, HOLD_SNOOZED);
}

static void test_keep_starts_the_clock_on_the_day_it_was_decided(void **unused)
{
	const struct owner owner = worker(NULL, 0);
	struct facts facts = facts_of(&owner, "2026-01-02");

	(void)unused;
	facts.answers[ANSWER_KEEP] =
	    (struct answer){.is_given = true, .given = on("2026-11-23"), .until = DAY_NEVER};
	const struct verdict kept = judge(&facts, on("2026-11-23"));
	assert_int_equal(kept.base_kind, BASE_KEPT);
	assert_int_equal(kept.due_day, on("2026-12-23"));
	facts.last.day = on("2026-11-25");
	assert_int_equal(judge(&facts, on("2026-11-25")).base_kind, BASE_CONTACT);
}

static void test_fix_makes_it_due_on_the_promised_day_and_not_before(void **unused)
{
	const struct owner owner = worker(NULL, 0);
	struct facts facts = facts_of(&owner, "2026-01-02");

	(void)unused;
	facts.answers[ANSWER_FIX] =
	    (struct answer){.is_given = true, .given = on("2026-11-23"), .until = on("2026-12-31")};
	const struct verdict fixed = judge(&facts, on("2026-12-20"));
	assert_int_equal(fixed.base_kind, BASE_FIX);
	assert_int_equal(fixed.state, STATE_ON_TRACK);
	assert_int_equal(fixed.due_day, on("2026-12-31"));
}

static void test_a_promise_has_one_name_whatever_the_cadence(void **unused)
{
	static const struct cadence longer = {
	    .id = "longer", .every = {5, SPAN_WEEKS}, .grace = {1, SPAN_WEEKS}};
	const struct owner owner = worker(NULL, 0);
	struct facts facts = facts_of(&owner, "2026-01-02");

	(void)unused;
	facts.answers[ANSWER_FIX] =
	    (struct answer){.is_given = true, .given = on("2026-11-23"), .until = on("2026-12-31")};
	assert_int_equal(judge(&facts, on("2027-01-05")).base, on("2026-11-23"));
	facts.cadence = &longer;
	const struct verdict after = judge(&facts, on("2027-01-05"));
	assert_int_equal(after.base, on("2026-11-23"));
	assert_int_equal(after.due_day, on("2026-12-31"));
	/* Five days over, of the five weeks that were agreed. */
	assert_true(fabs(verdict_urgency(&after, on("2027-01-05")) - 5 / 35.0) < 1e-9);
}

/* ---- the ladder ---- */

static void
test_the_ladder_waits_for_two_delivered_digests_and_for_whoever_works_on_it(void **unused)
{
	struct owner owner = worker(NULL, 0);
	struct facts facts =
	    facts_of(&owner, "2026-06-01"); /* due 29 Jun, cold 6 Jul, steps 3 and 31 Aug */
	struct verdict verdict;

	(void)unused;
	owner.backup = "jon";
	owner.manager = "ada";
	facts.cadence = &(const struct cadence){.every = {4, SPAN_WEEKS},
						.grace = {1, SPAN_WEEKS},
						.escalate = {{4, SPAN_WEEKS}, {8, SPAN_WEEKS}},
						.escalate_count = 2};
	verdict = judge(&facts, on("2026-08-02"));
	assert_int_equal(ladder_step(&facts, &verdict, 2, on("2026-08-02")), 0);
	verdict = judge(&facts, on("2026-08-03"));
	assert_int_equal(ladder_step(&facts, &verdict, 1, on("2026-08-03")), 0);
	assert_int_equal(ladder_step(&facts, &verdict, 2, on("2026-08-03")), 1);
	facts.answers[ANSWER_ACK] = (struct answer){.is_given = true, .given = on("2026-07-28")};
	assert_int_equal(ladder_step(&facts, &verdict, 2, on("2026-08-03")), 0);
	verdict = judge(&facts, on("2026-08-31"));
	assert_int_equal(ladder_step(&facts, &verdict, 2, on("2026-08-31")), 2);
	assert_string_equal(ladder_hearer(&owner, 1), "jon");
	assert_string_equal(ladder_hearer(&owner, 2), "ada");
}

static void test_a_missing_person_passes_the_step_on(void **unused)
{
	struct owner owner = worker(NULL, 0);

	(void)unused;
	assert_null(ladder_hearer(&owner, 1));
	assert_null(ladder_hearer(&owner, 2));
	owner.manager = "ada";
	assert_string_equal(ladder_hearer(&owner, 1), "ada");
	assert_null(ladder_hearer(&owner, 2));
	owner.backup = "ada";
	assert_null(ladder_hearer(&owner, 2));
}

/* ---- properties ---- */

/* A small generator, so that a printed seed repeats the run everywhere. */
static unsigned next_random(unsigned *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static bool same(const struct verdict *a, const struct verdict *b)
{
	return a->rule == b->rule && a->state == b->state && a->hold == b->hold &&
	       a->due_day == b->due_day && a->base == b->base;
}

static struct span random_span(unsigned *seed, unsigned max, unsigned units)
{
	return (struct span){(int)(next_random(seed) % max),
			     (enum span_unit)(next_random(seed) % units)};
}

static void random_cadence(unsigned *seed, struct cadence *cadence)
{
	*cadence = (struct cadence){.every = random_span(seed, 12, 4),
				    .grace = random_span(seed, 21, 1),
				    .warn = random_span(seed, 9, 1),
				    .meeting_every = random_span(seed, 3, 4),
				    .escalate = {random_span(seed, 9, 2), random_span(seed, 20, 2)},
				    .escalate_count = next_random(seed) % 3,
				    .decide_after = random_span(seed, 13, 2)};
	cadence->every.count++;
}

static void random_answers(unsigned *seed, struct facts *facts, day today)
{
	for (int i = 0; i < ANSWERS; i++)
		facts->answers[i] = (struct answer){
		    .is_given = next_random(seed) % 3 == 0,
		    .is_over = next_random(seed) % 5 == 0,
		    .given = today - (day)(next_random(seed) % 60),
		    .until = next_random(seed) % 4 ? today + (day)(next_random(seed) % 120) - 30
						   : DAY_NEVER,
		};
	/* These two always have a day. */
	facts->answers[ANSWER_PLAN].until = today + (day)(next_random(seed) % 90) - 20;
	facts->answers[ANSWER_FIX].until = today + (day)(next_random(seed) % 90) - 20;
	facts->talked = today - (day)(next_random(seed) % 60);
	facts->has_meeting = next_random(seed) % 2;
	facts->meeting.day = today - (day)(next_random(seed) % 400);
}

static void check_until_change(const struct facts *facts, day today)
{
	struct verdict now[RULES], then[RULES];
	const size_t count = judge_partner(facts, today, now);
	day next = DAY_NEVER;

	for (size_t i = 0; i < count; i++)
		if (now[i].next_change < next)
			next = now[i].next_change;
	assert_true(next > today);
	for (day d = today + 1; d < next && d < today + 1200; d++) {
		assert_int_equal(judge_partner(facts, d, then), count);
		for (size_t i = 0; i < count; i++) {
			assert_true(same(&now[i], &then[i]));
			assert_int_equal(ladder_step(facts, &now[i], LADDER_DELIVERED_MIN, today),
					 ladder_step(facts, &then[i], LADDER_DELIVERED_MIN, d));
		}
	}
}

static void test_next_change_is_never_later_than_the_first_change_day_by_day(void **unused)
{
	unsigned seed = 20261123;

	(void)unused;
	print_message("seed %u\n", seed);
	for (int round = 0; round < 2000; round++) {
		struct owner owner = worker(NULL, 0);
		struct facts facts = facts_of(&owner, "2024-02-29");
		const day today = facts.last.day + (day)(next_random(&seed) % 800);
		struct cadence cadence;

		owner.backup = "jon";
		owner.manager = "ada";
		random_cadence(&seed, &cadence);
		facts.cadence = &cadence;
		random_answers(&seed, &facts, today);
		check_until_change(&facts, today);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_states_follow_the_days_of_one_silence),
	    cmocka_unit_test(test_due_day_moves_forward_over_holidays_and_cold_day_does_not),
	    cmocka_unit_test(test_nobody_is_born_overdue),
	    cmocka_unit_test(test_first_contact_counts_even_before_the_day_first_seen),
	    cmocka_unit_test(test_snooze_holds_until_its_day_and_wakes_the_judge_on_it),
	    cmocka_unit_test(test_partner_without_an_owner_is_judged_all_the_same),
	    cmocka_unit_test(test_a_mail_warms_but_does_not_replace_a_meeting),
	    cmocka_unit_test(test_a_booked_meeting_keeps_quiet_only_while_it_is_near),
	    cmocka_unit_test(test_the_workday_after_a_booked_meeting_asks_whether_it_happened),
	    cmocka_unit_test(test_a_meeting_or_call_from_a_week_before_on_answers_it),
	    cmocka_unit_test(test_off_is_stronger_than_snoozed_is_stronger_than_booked),
	    cmocka_unit_test(test_keep_starts_the_clock_on_the_day_it_was_decided),
	    cmocka_unit_test(test_fix_makes_it_due_on_the_promised_day_and_not_before),
	    cmocka_unit_test(test_a_promise_has_one_name_whatever_the_cadence),
	    cmocka_unit_test(
		test_the_ladder_waits_for_two_delivered_digests_and_for_whoever_works_on_it),
	    cmocka_unit_test(test_a_missing_person_passes_the_step_on),
	    cmocka_unit_test(test_next_change_is_never_later_than_the_first_change_day_by_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
