/* The clocks, and the timer that follows them.
 *
 * The machine's clock is never set here: a step is played by a timerfd_settime() of our own that
 * answers once as the kernel does after one (it arms the timer, says ECANCELED, and will not say so
 * again). */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "sys/clock.h"
#include "sys/wake.h"

#define PATIENCE_MS 5000

static int steps_to_play;

int timerfd_settime(int fd, int flags, const struct itimerspec *spec, struct itimerspec *before)
{
	const int answer = (int)syscall(SYS_timerfd_settime, fd, flags, spec, before);

	if (answer || steps_to_play == 0)
		return answer;
	steps_to_play--;
	errno = ECANCELED;
	return -1;
}

static bool is_readable(int fd, int timeout_ms)
{
	struct pollfd pollfd = {.fd = fd, .events = POLLIN};

	return poll(&pollfd, 1, timeout_ms) == 1;
}

static int open_timer(void)
{
	struct error err;
	const int fd = wake_open(&err);

	assert_true(fd >= 0);
	return fd;
}

static void test_a_frozen_clock_shows_one_instant_for_ever(void **state)
{
	const struct clock clock = clock_frozen(-5);

	(void)state;
	assert_int_equal(clock_now(&clock), -5);
	assert_int_equal(clock_now(&clock), -5);
}

static void test_the_real_clock_is_the_systems(void **state)
{
	const struct clock clock = clock_real();
	const instant before = (instant)time(NULL) * SECOND_MS;
	const instant now = clock_now(&clock);

	(void)state;
	/* time() may lag behind by a tick of the kernel. */
	assert_true(now >= before);
	assert_true(now <= (instant)time(NULL) * SECOND_MS + 2 * SECOND_MS);
}

static void test_a_started_clock_goes_on_from_where_it_was_started(void **state)
{
	const instant start = 4102444800000; /* 2100-01-01 */
	const struct clock clock = clock_started(start);
	const instant first = clock_now(&clock);

	(void)state;
	assert_true(first >= start);
	assert_true(first < start + HOUR_MS);
	while (clock_now(&clock) == first)
		continue;
	assert_true(clock_now(&clock) > first);
}

static void test_a_time_that_has_passed_wakes_at_once(void **state)
{
	const struct clock clock = clock_real();
	const instant passed[] = {INT64_MIN / 4, -1, 0, 1, clock_now(&clock) - 1};
	const int fd = open_timer();

	(void)state;
	for (size_t i = 0; i < sizeof(passed) / sizeof(passed[0]); i++) {
		wake_set(fd, &clock, passed[i]);
		assert_true(is_readable(fd, PATIENCE_MS));
		assert_int_equal(wake_read(fd), WAKE_TIME);
		assert_int_equal(wake_read(fd), WAKE_NOTHING);
	}
	close(fd);
}

static void test_a_timer_never_wakes_before_its_time(void **state)
{
	const struct clock clocks[] = {clock_real(), clock_started(1000)};
	const int fd = open_timer();

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		for (int round = 0; round < 20; round++) {
			const instant at = clock_now(&clocks[i]) + 3;

			wake_set(fd, &clocks[i], at);
			assert_true(is_readable(fd, PATIENCE_MS));
			assert_true(clock_now(&clocks[i]) >= at);
			assert_int_equal(wake_read(fd), WAKE_TIME);
		}
	}
	close(fd);
}

static void test_a_frozen_clock_wakes_only_for_what_has_come(void **state)
{
	const struct clock clock = clock_frozen(1000);
	const int fd = open_timer();

	(void)state;
	wake_set(fd, &clock, 1001);
	assert_false(is_readable(fd, 0));
	wake_set(fd, &clock, 1000);
	assert_true(is_readable(fd, PATIENCE_MS));
	assert_int_equal(wake_read(fd), WAKE_TIME);
	close(fd);
}

static void test_never_replaces_a_time_and_stays_armed_for_steps(void **state)
{
	const struct clock clock = clock_real();
	struct itimerspec spec;
	const int fd = open_timer();

	(void)state;
	wake_set(fd, &clock, 1);
	assert_true(is_readable(fd, PATIENCE_MS));
	wake_set(fd, &clock, INSTANT_NEVER);
	assert_false(is_readable(fd, 0));
	assert_int_equal(wake_read(fd), WAKE_NOTHING);
	assert_int_equal(timerfd_gettime(fd, &spec), 0);
	assert_true(spec.it_value.tv_sec > 0);
	close(fd);
}

static void test_a_step_that_setting_the_timer_saw_is_still_told(void **state)
{
	const struct clock clock = clock_real();
	const int fd = open_timer();

	(void)state;
	steps_to_play = 1;
	wake_set(fd, &clock, INSTANT_NEVER);
	assert_int_equal(steps_to_play, 0);
	/* Set again before anybody has read: still not forgotten. */
	wake_set(fd, &clock, clock_now(&clock) + HOUR_MS);
	assert_true(is_readable(fd, PATIENCE_MS));
	assert_int_equal(wake_read(fd), WAKE_CLOCK_STEPPED);
	/* And told once. */
	wake_set(fd, &clock, INSTANT_NEVER);
	assert_false(is_readable(fd, 0));
	wake_set(fd, &clock, 1);
	assert_true(is_readable(fd, PATIENCE_MS));
	assert_int_equal(wake_read(fd), WAKE_TIME);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_frozen_clock_shows_one_instant_for_ever),
	    cmocka_unit_test(test_the_real_clock_is_the_systems),
	    cmocka_unit_test(test_a_started_clock_goes_on_from_where_it_was_started),
	    cmocka_unit_test(test_a_time_that_has_passed_wakes_at_once),
	    cmocka_unit_test(test_a_timer_never_wakes_before_its_time),
	    cmocka_unit_test(test_a_frozen_clock_wakes_only_for_what_has_come),
	    cmocka_unit_test(test_never_replaces_a_time_and_stays_armed_for_steps),
	    cmocka_unit_test(test_a_step_that_setting_the_timer_saw_is_still_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
