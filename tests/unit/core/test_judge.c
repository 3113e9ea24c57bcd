/* Where a partner stands: tables, and properties over random facts. */
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
	    .snooze = {.until = DAY_NEVER, .given = DAY_NEVER},
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
	/* Last contact Wed 14 Oct 2026: due Mon 16 Nov (14 Nov is a Saturday), soon from 11 Nov, cold on 23 Nov. */
	static const struct {
		const char *today;
		enum state state;
		const char *next;
	} rows[] = {
	    {"2026-10-14", STATE_ON_TRACK, "2026-11-11"}, {"2026-11-10", STATE_ON_TRACK, "2026-11-11"},
	    {"2026-11-11", STATE_DUE_SOON, "2026-11-16"}, {"2026-11-15", STATE_DUE_SOON, "2026-11-16"},
	    {"2026-11-16", STATE_DUE, "2026-11-23"},	  {"2026-11-22", STATE_DUE, "2026-11-23"},
	    {"2026-11-23", STATE_COLD, NULL},		  {"2027-11-23", STATE_COLD, NULL},
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
	facts.snooze.until = on("2026-11-20");
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

/* A small generator, so that a printed seed repeats the run everywhere. */
static unsigned next_random(unsigned *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static bool same(const struct verdict *a, const struct verdict *b)
{
	return a->state == b->state && a->hold == b->hold && a->due_day == b->due_day;
}

static void test_next_change_is_never_later_than_the_first_change_day_by_day(void **unused)
{
	unsigned seed = 20261123;

	(void)unused;
	print_message("seed %u\n", seed);
	for (int round = 0; round < 500; round++) {
		const struct cadence cadence = {
		    .every = {1 + (int)(next_random(&seed) % 12), (enum span_unit)(next_random(&seed) % 4)},
		    .grace = {1 + (int)(next_random(&seed) % 21), SPAN_DAYS},
		    .warn = {(int)(next_random(&seed) % 9), SPAN_DAYS}};
		const struct owner owner = worker(NULL, 0);
		struct facts facts = facts_of(&owner, "2024-02-29");
		const day today = facts.last.day + (day)(next_random(&seed) % 800);

		facts.cadence = &cadence;
		if (next_random(&seed) % 2)
			facts.snooze.until = today + (day)(next_random(&seed) % 90);
		const struct verdict now = judge(&facts, today);
		for (day d = today + 1; d < now.next_change && d < today + 1200; d++) {
			const struct verdict then = judge(&facts, d);

			assert_true(same(&now, &then));
		}
		if (now.next_change != DAY_NEVER)
			assert_true(now.next_change > today);
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
	    cmocka_unit_test(test_next_change_is_never_later_than_the_first_change_day_by_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
