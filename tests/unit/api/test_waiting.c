/* Who waits for the end of a reload, and for how long. */
#include "api/waiting.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "api/request.h"

static const struct timeval hour = {.tv_sec = 3600}, moment = {.tv_usec = 1};

static struct request *late[2]; /* in the order in which their patience ended */
static size_t late_count;

static void note_late(struct request *request)
{
	late[late_count++] = request;
}

static void test_who_came_first_leaves_first(void **state)
{
	struct event_base *base = event_base_new();
	struct waiting *waiting = waiting_new(base, &hour, note_late);
	struct request first, second;

	(void)state;
	waiting_add(waiting, &first);
	waiting_add(waiting, &second);
	assert_ptr_equal(waiting_take(waiting), &first);
	assert_ptr_equal(waiting_take(waiting), &second);
	assert_null(waiting_take(waiting));
	waiting_free(waiting);
	/* No timer is left behind. */
	assert_int_equal(event_base_dispatch(base), 1);
	event_base_free(base);
}

static void test_nobody_waits_longer_than_the_patience(void **state)
{
	struct event_base *base = event_base_new();
	struct waiting *waiting = waiting_new(base, &moment, note_late);
	struct request taken, first, second;

	(void)state;
	waiting_add(waiting, &taken);
	assert_ptr_equal(waiting_take(waiting), &taken);
	waiting_add(waiting, &first);
	waiting_add(waiting, &second);
	/* Returns when no timer is left. */
	assert_int_equal(event_base_dispatch(base), 1);
	assert_int_equal(late_count, 2);
	assert_ptr_equal(late[0], &first);
	assert_ptr_equal(late[1], &second);
	assert_null(waiting_take(waiting));
	waiting_free(waiting);
	event_base_free(base);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_who_came_first_leaves_first),
	    cmocka_unit_test(test_nobody_waits_longer_than_the_patience),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
