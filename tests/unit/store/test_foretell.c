/* What will be told of a partner, and what was. */
#include "road.h"

#define DUE_BASE (TODAY - 28) /* four weeks ago: due today */
#define DAYS	 120

static size_t foretell_until(struct road *road, int64_t row, instant *until,
			     struct telling **ret_tellings)
{
	struct facts facts;
	struct error err = {0};
	size_t count = 0;

	assert_int_equal(partner_facts_row(road->db, &road->scene, row, road->arena, &facts),
			 STATUS_OK);
	assert_int_equal(partner_foretell(road->db, &road->scene, &facts, until, road->arena,
					  ret_tellings, &count, &err),
			 STATUS_OK);
	assert_string_equal(err.text, "");
	return count;
}

static size_t foretell(struct road *road, int64_t row, struct telling **ret_tellings)
{
	const instant end = road->scene.now + DAYS * DAY_MS;
	instant until = end;
	const size_t count = foretell_until(road, row, &until, ret_tellings);

	assert_true(until == end);
	return count;
}

static void add_ladder(struct road *road)
{
	road->owners[1].backup = "jon";
	road->cadences[0].escalate[0] = (struct span){2, SPAN_WEEKS};
	road->cadences[0].escalate_count = 1;
}

static void test_due_then_cold_then_again_then_a_step_are_foretold(void **state)
{
	struct road *road = *state;
	struct telling *t;

	add_ladder(road);
	add_partner(road, 1, "acme", DUE_BASE);
	sweep(road);
	assert_true(foretell(road, 1, &t) > 6);
	assert_int_equal(t[0].day, TODAY);
	assert_int_equal(t[0].occasion, OCCASION_NEW);
	assert_int_equal(t[0].reminder, 1);
	assert_true(t[0].at == road->scene.now); /* 08:30 has passed: now */
	assert_int_equal(t[1].day, TODAY + 7);
	assert_int_equal(t[1].occasion, OCCASION_COLD);
	assert_int_equal(t[2].day, TODAY + 14);
	assert_int_equal(t[2].occasion, OCCASION_REVIEW);
	assert_int_equal(t[3].day,
			 TODAY + 21); /* cold + two weeks: the backup, and the owner sees it */
	assert_int_equal(t[3].occasion, OCCASION_STEP);
	assert_int_equal(t[4].day, TODAY + 21);
	assert_int_equal(t[4].part + t[3].part, PART_NOT_REACHED);
}

static void test_more_than_can_be_told_is_foretold_only_so_far(void **state)
{
	struct road *road = *state;
	instant until = road->scene.now + 7 * 2 * TELLINGS_MAX * DAY_MS;
	struct telling *t;

	add_partner(road, 1, "acme", DUE_BASE);
	sweep(road);
	assert_int_equal(foretell_until(road, 1, &until, &t), TELLINGS_MAX);
	assert_true(until == t[TELLINGS_MAX - 1].at);
}

static void test_foretelling_leaves_nothing_behind(void **state)
{
	struct road *road = *state;
	struct telling *t;

	add_ladder(road);
	add_partner(road, 1, "acme", DUE_BASE - 40);
	sweep(road);
	const int64_t events = ask(road, "SELECT COUNT(*) FROM outbox");
	const int64_t history = ask(road, "SELECT COUNT(*) FROM history");
	assert_true(foretell(road, 1, &t) > 0);
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM outbox"), events);
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM history"), history);
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM digest"), 0);
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM told"), 0);
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM owner"), 0);
	assert_int_equal(ask(road, "SELECT SUM(step) FROM nudge"), 0);
}

static void test_what_was_foretold_is_what_comes(void **state)
{
	struct road *road = *state;
	struct telling *t;
	size_t next = 0;

	add_partner(road, 1, "acme", DUE_BASE + 3);
	put_answer(road, 1, "snooze", TODAY, TODAY + 10);
	sweep(road);
	const size_t count = foretell(road, 1, &t);
	for (day d = TODAY; d < TODAY + DAYS; d++) {
		if (!workdays_has(&road->owners[1].workdays, d))
			continue;
		const struct digest digest = send_digest(road, d, 1);
		if (digest.entry_count == 0)
			continue;
		assert_true(next < count);
		assert_int_equal(t[next].day, d);
		assert_int_equal(t[next].occasion, digest.entries[0].occasion);
		assert_int_equal(t[next++].reminder, digest.entries[0].reminder);
		const struct delivery delivery = claim_one(road, "mail");
		settle(road, &delivery, SETTLE_DELIVERED);
	}
	assert_true(next >= count - 1 && count > 10);
}

static void
test_a_partner_on_track_is_told_of_when_it_is_due_and_an_archived_one_never(void **state)
{
	struct road *road = *state;
	struct telling *t;

	add_partner(road, 1, "acme", TODAY - 3);
	sweep(road);
	assert_true(foretell(road, 1, &t) > 0);
	assert_int_equal(t[0].day, TODAY + 25);
	assert_int_equal(t[0].occasion, OCCASION_NEW);
	tell(road, "UPDATE partner SET archived = 20779");
	assert_int_equal(foretell(road, 1, &t), 0);
}

static void test_what_was_told_is_listed_with_what_became_of_it(void **state)
{
	struct road *road = *state;
	struct told_row *rows;
	size_t count;

	add_partner(road, 1, "acme", DUE_BASE);
	(void)send_digest(road, TODAY, 1);
	const struct delivery delivery = claim_one(road, "mail");
	settle(road, &delivery, SETTLE_DELIVERED);
	(void)send_digest(road, TODAY + 7, 1);
	assert_int_equal(partner_tellings(road->db, 1, TODAY + 6, 10, road->arena, &rows, &count),
			 STATUS_OK);
	assert_int_equal(count, 1);
	assert_int_equal(partner_tellings(road->db, 1, TODAY + 7, 10, road->arena, &rows, &count),
			 STATUS_OK);
	assert_int_equal(count, 2);
	assert_int_equal(rows[0].day, TODAY + 7);
	assert_string_equal(rows[0].digest, "open");
	assert_int_equal(rows[0].state, STATE_COLD);
	assert_int_equal(rows[0].prior_state, STATE_DUE);
	assert_int_equal(rows[0].count, 2);
	assert_string_equal(rows[1].digest, "delivered");
	assert_string_equal(rows[1].hearer, "maria");
	assert_int_equal(rows[1].count, 1);
}

#define ON_ROAD(test) cmocka_unit_test_setup_teardown(test, road_open, road_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    ON_ROAD(test_due_then_cold_then_again_then_a_step_are_foretold),
	    ON_ROAD(test_more_than_can_be_told_is_foretold_only_so_far),
	    ON_ROAD(test_foretelling_leaves_nothing_behind),
	    ON_ROAD(test_what_was_foretold_is_what_comes),
	    ON_ROAD(test_a_partner_on_track_is_told_of_when_it_is_due_and_an_archived_one_never),
	    ON_ROAD(test_what_was_told_is_listed_with_what_became_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
