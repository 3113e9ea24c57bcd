/* Chance from a seed. */
#include "base/chance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#define DRAWS 10000
#define BOUND 10

static void test_the_same_seed_gives_the_same_numbers(void **state)
{
	struct chance a = chance_make(7), b = chance_make(7), c = chance_make(8);
	int differ = 0;

	(void)state;
	for (int i = 0; i < DRAWS; i++) {
		const uint32_t drawn = chance_draw(&a, 1000000);

		assert_int_equal(drawn, chance_draw(&b, 1000000));
		differ += drawn != chance_draw(&c, 1000000);
	}
	assert_true(differ > DRAWS * 9 / 10);
}

/* Each of ten numbers comes a tenth of the time, within five standard deviations (30 each). */
static void test_every_number_below_the_bound_comes_about_as_often(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 5; seed++) {
		struct chance chance = chance_make(seed);
		int counts[BOUND] = {0};

		for (int i = 0; i < DRAWS; i++) {
			const uint32_t drawn = chance_draw(&chance, BOUND);

			assert_true(drawn < BOUND);
			counts[drawn]++;
		}
		for (int i = 0; i < BOUND; i++)
			assert_in_range(counts[i], DRAWS / BOUND - 150, DRAWS / BOUND + 150);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_same_seed_gives_the_same_numbers),
	    cmocka_unit_test(test_every_number_below_the_bound_comes_about_as_often),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
