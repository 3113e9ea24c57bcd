/* The schedules of retries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "channel/schedule.h"

#define MIDDLE (UINT32_MAX / 2) /* no jitter, but for rounding */

static const instant created = INT64_C(1780000000000);

static void assert_about(int64_t is, int64_t wanted)
{
	assert_in_range(is, wanted - 1, wanted + 1);
}

static int64_t wait_of(enum channel_type type, int attempts, uint32_t jitter)
{
	return schedule_next(type, attempts, created, created, -1, jitter) - created;
}

static void test_hooks_are_tried_ten_times_as_standard_webhooks_advises(void **state)
{
	static const int64_t waits[] = {
	    5 * SECOND_MS, 5 * MINUTE_MS, 30 * MINUTE_MS, 2 * HOUR_MS,	5 * HOUR_MS,
	    10 * HOUR_MS,  14 * HOUR_MS,  20 * HOUR_MS,	  24 * HOUR_MS,
	};

	(void)state;
	for (int type = 0; type < CHANNEL_TYPES; type++) {
		if (type == CHANNEL_SMTP)
			continue;
		for (int i = 0; i < 9; i++)
			assert_about(wait_of((enum channel_type)type, i + 1, MIDDLE), waits[i]);
		assert_true(schedule_next((enum channel_type)type, 10, created, created, -1, 0) ==
			    INSTANT_NEVER);
	}
	assert_true(schedule_next(CHANNEL_WEBHOOK, 99, created, created, 5, 0) == INSTANT_NEVER);
}

static void test_mail_is_tried_every_four_hours_in_the_end(void **state)
{
	static const int64_t waits[] = {
	    MINUTE_MS,	 5 * MINUTE_MS, 15 * MINUTE_MS, HOUR_MS,
	    2 * HOUR_MS, 4 * HOUR_MS,	4 * HOUR_MS,
	};

	(void)state;
	for (int i = 0; i < 7; i++)
		assert_about(wait_of(CHANNEL_SMTP, i + 1, MIDDLE), waits[i]);
	assert_about(wait_of(CHANNEL_SMTP, INT32_MAX, MIDDLE), 4 * HOUR_MS);
}

static void test_mail_is_given_up_after_four_days(void **state)
{
	const instant late = created + 4 * DAY_MS - 4 * HOUR_MS;

	(void)state;
	assert_true(schedule_next(CHANNEL_SMTP, 20, created, late, -1, 0) < created + 4 * DAY_MS);
	assert_true(schedule_next(CHANNEL_SMTP, 20, created, late, -1, UINT32_MAX) ==
		    INSTANT_NEVER);
	assert_true(schedule_next(CHANNEL_SMTP, 20, created, created + 30 * DAY_MS, -1, 0) ==
		    INSTANT_NEVER);
}

static void test_jitter_spreads_by_a_fifth_to_both_sides(void **state)
{
	(void)state;
	assert_int_equal(wait_of(CHANNEL_SLACK, 2, 0), 4 * MINUTE_MS);
	assert_int_equal(wait_of(CHANNEL_SLACK, 2, UINT32_MAX), 6 * MINUTE_MS);
	assert_int_equal(wait_of(CHANNEL_SMTP, 1, 0), 48 * SECOND_MS);
}

static void test_the_other_side_can_make_us_wait_longer_but_not_less(void **state)
{
	(void)state;
	assert_int_equal(schedule_next(CHANNEL_SLACK, 1, created, created, HOUR_MS, 0) - created,
			 HOUR_MS);
	assert_int_equal(schedule_next(CHANNEL_SLACK, 2, created, created, 0, 0) - created,
			 4 * MINUTE_MS);
	assert_int_equal(schedule_next(CHANNEL_SLACK, 1, created, created, INT64_MAX, 0) - created,
			 6 * HOUR_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_hooks_are_tried_ten_times_as_standard_webhooks_advises),
	    cmocka_unit_test(test_mail_is_tried_every_four_hours_in_the_end),
	    cmocka_unit_test(test_mail_is_given_up_after_four_days),
	    cmocka_unit_test(test_jitter_spreads_by_a_fifth_to_both_sides),
	    cmocka_unit_test(test_the_other_side_can_make_us_wait_longer_but_not_less),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
