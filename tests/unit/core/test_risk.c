/* The risk model: 24 worked examples to nine digits, and what must hold of any history. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/chance.h"
#include "core/risk.h"

#define EXAMPLES   "tests/unit/core/golden/risk.psv"
#define EXAMPLES_N 24
#define EXACT	   1e-9
#define COLUMNS	   18
#define DAYS_MAX   400
#define HISTORIES  2000

/* ---- worked examples ---- */

/* Columns of the file; what is no number stands in the first two. */
enum {
	AT_DAYS = 1,
	AT_SILENT,
	AT_AHEAD,
	AT_N,
	AT_WEIGHT,
	AT_MEAN,
	AT_SQUARE,
	AT_MU,
	AT_SIGMA,
	AT_GONE,
	AT_USUAL,
	AT_STAYS,
	AT_MARK,
	AT_TURNS_COLD,
	AT_WARNING_50,
	AT_WARNING_65,
	AT_WARNING_180,
};

static size_t split(char *line, char *ret_fields[COLUMNS])
{
	size_t count = 0;

	line[strcspn(line, "\n")] = '\0';
	for (char *field; count < COLUMNS && (field = strsep(&line, "|"));)
		ret_fields[count++] = field;
	return count;
}

/* "[0, 7, 14]", or "0..399 step 1" */
static struct risk add_days(const char *text)
{
	struct risk risk = {0};
	int from, to, step;

	if (sscanf(text, "%d..%d step %d", &from, &to, &step) == 3) {
		for (int d = from; d <= to; d += step)
			assert_true(risk_add(&risk, d));
		return risk;
	}
	for (text++; *text && *text != ']';) {
		char *end;
		const long d = strtol(text, &end, 10);

		assert_true(risk_add(&risk, (day)d));
		text = end + strspn(end, ", ");
	}
	return risk;
}

/* To 1e-9, or to the last digit that the file has: nine of most, six of the days of warning. */
static void assert_near(const char *name, const char *what, double value, const char *expected)
{
	const double wanted = strtod(expected, NULL);
	const char *point = strchr(expected, '.');
	const double shown = point ? 0.5000001 * pow(10, -(double)strlen(point + 1)) : 0;

	if (!(fabs(value - wanted) <= fmax(EXACT, shown)))
		fail_msg("%s: %s is %.12f, not %s", name, what, value, expected);
}

static void check_example(char *const f[COLUMNS])
{
	const struct risk risk = add_days(f[AT_DAYS]);
	const struct risk_law law = risk_law(&risk);
	const day today = risk.last + atoi(f[AT_SILENT]);
	const double silent = risk_silent_days(&risk, today);
	const int mark = risk_cold_mark(&risk);

	assert_near(f[0], "n", risk.n, f[AT_N]);
	assert_near(f[0], "W", risk.weight, f[AT_WEIGHT]);
	assert_near(f[0], "y", risk.mean, f[AT_MEAN]);
	assert_near(f[0], "M2", risk.square, f[AT_SQUARE]);
	assert_near(f[0], "mu", law.mu, f[AT_MU]);
	assert_near(f[0], "sigma", law.sigma, f[AT_SIGMA]);
	assert_near(f[0], "pi", law.gone, f[AT_GONE]);
	assert_near(f[0], "usual gap", risk_usual_gap(&law), f[AT_USUAL]);
	assert_near(f[0], "P", risk_stays_silent(&law, silent, strtod(f[AT_AHEAD], NULL)),
		    f[AT_STAYS]);
	assert_near(f[0], "L", mark, f[AT_MARK]);
	assert_near(f[0], "P before L", risk_turns_cold(&risk, &law, mark, today),
		    f[AT_TURNS_COLD]);
	assert_near(f[0], "due at 0.5", risk_warning_silence(&law, mark, 0.5), f[AT_WARNING_50]);
	assert_near(f[0], "due at 0.65", risk_warning_silence(&law, mark, 0.65), f[AT_WARNING_65]);
	assert_near(f[0], "due before 180", risk_warning_silence(&law, 180, 0.5),
		    f[AT_WARNING_180]);
}

static void test_worked_examples(void **state)
{
	FILE *file = fopen(EXAMPLES, "r");
	char *line = NULL, *fields[COLUMNS];
	size_t size = 0;
	int count = 0;

	(void)state;
	if (!file)
		fail_msg("%s: %s", EXAMPLES, strerror(errno));
	assert_true(getline(&line, &size, file) > 0);
	while (getline(&line, &size, file) > 0) {
		assert_int_equal(split(line, fields), COLUMNS);
		check_example(fields);
		count++;
	}
	free(line);
	fclose(file);
	assert_int_equal(count, EXAMPLES_N);
}

/* ---- what must hold of any history ---- */

static uint64_t seed_of_run(const char *property)
{
	const char *given = getenv("SEED");
	const uint64_t seed = given ? strtoull(given, NULL, 10) : 20261125;

	print_message("%s: SEED=%llu\n", property, (unsigned long long)seed);
	return seed;
}

static double draw_share(struct chance *chance)
{
	return (chance_draw(chance, 1000000) + 0.5) / 1e6;
}

/* Gaps of a day, of weeks, and of decades, in one history. */
static day draw_gap(struct chance *chance)
{
	static const uint32_t bounds[] = {1, 3, 14, 60, 400, 10000};

	return (day)chance_draw(chance, bounds[chance_draw(chance, 6)]);
}

static struct risk draw_risk(struct chance *chance)
{
	const uint32_t days = 1 + chance_draw(chance, 40);
	struct risk risk = {0};
	day d = (day)chance_draw(chance, 20000);

	for (uint32_t i = 0; i < days; i++, d += draw_gap(chance))
		assert_true(risk_add(&risk, d));
	return risk;
}

/* Of a silence in parts of days, up to the mark. */
static double turns_cold(const struct risk_law *law, double silent, int mark)
{
	return silent < mark ? risk_stays_silent(law, silent, mark - silent) : 1;
}

static void test_the_chance_lies_between_0_and_1_and_rises_with_silence(void **state)
{
	struct chance chance = chance_make(seed_of_run("chance rises"));

	(void)state;
	for (int i = 0; i < HISTORIES; i++) {
		const struct risk risk = draw_risk(&chance);
		const struct risk_law law = risk_law(&risk);
		const int mark = risk_cold_mark(&risk);
		const double ahead = chance_draw(&chance, 400);
		double stays = 0, turns = 0;

		for (double silent = 0; silent < 2 * mark; silent += 0.25 + silent / 8) {
			const double p = risk_stays_silent(&law, silent, ahead);
			const double q = turns_cold(&law, silent, mark);

			assert_true(p >= 0 && p <= 1 && q >= 0 && q <= 1);
			/* The next 90 days of a silence that is expected to end soon are no rising
			 * chance at its very beginning; that of reaching the mark always is. */
			assert_true(q >= turns - 1e-12);
			if (silent >= exp(law.mu))
				assert_true(p >= stays - 1e-12);
			stays = p;
			turns = q;
		}
		assert_true(turns == 1);
	}
}

/* The first silence at which the chance has reached the threshold, by halving. */
static double halve(const struct risk_law *law, int mark, double threshold)
{
	double low = 0, high = mark;

	if (turns_cold(law, 0, mark) >= threshold)
		return 0;
	while (high - low > 1e-9) {
		const double middle = (low + high) / 2;

		if (turns_cold(law, middle, mark) >= threshold)
			high = middle;
		else
			low = middle;
	}
	return high;
}

static void test_the_closed_form_finds_the_day_that_halving_finds(void **state)
{
	struct chance chance = chance_make(seed_of_run("closed form"));

	(void)state;
	for (int i = 0; i < HISTORIES; i++) {
		const struct risk risk = draw_risk(&chance);
		const struct risk_law law = risk_law(&risk);
		const int mark = i % 2 ? risk_cold_mark(&risk) : 1 + (int)chance_draw(&chance, 800);
		const double threshold = draw_share(&chance);
		const double closed = risk_warning_silence(&law, mark, threshold);
		const double halved = halve(&law, mark, threshold);

		if (!(fabs(closed - halved) < 1e-6))
			fail_msg("%d days, mark %d, threshold %.6f: %.9f, halving says %.9f",
				 risk.n, mark, threshold, closed, halved);
	}
}

static int compare_days(const void *a, const void *b)
{
	return *(const day *)a - *(const day *)b;
}

/* As whoever keeps the log does: a day that lies before the last has all of them added anew. */
static struct risk add_in_any_order(const day *days, size_t count)
{
	day sorted[DAYS_MAX];
	struct risk risk = {0};

	for (size_t i = 0; i < count; i++) {
		sorted[i] = days[i];
		if (risk_add(&risk, days[i]))
			continue;
		qsort(sorted, i + 1, sizeof(*sorted), compare_days);
		risk = (struct risk){0};
		for (size_t k = 0; k <= i; k++)
			assert_true(risk_add(&risk, sorted[k]));
	}
	return risk;
}

static void test_any_order_of_contacts_gives_the_same_state(void **state)
{
	struct chance chance = chance_make(seed_of_run("any order"));

	(void)state;
	for (int i = 0; i < 300; i++) {
		const size_t count = 1 + chance_draw(&chance, 60);
		day days[DAYS_MAX];
		struct risk first, second;

		for (size_t k = 0; k < count; k++)
			days[k] = (day)chance_draw(&chance, 900);
		first = add_in_any_order(days, count);
		for (size_t k = count; k > 1; k--) {
			const size_t other = chance_draw(&chance, (uint32_t)k);
			const day swapped = days[k - 1];

			days[k - 1] = days[other];
			days[other] = swapped;
		}
		second = add_in_any_order(days, count);
		assert_int_equal(first.n, second.n);
		assert_int_equal(first.first, second.first);
		assert_int_equal(first.last, second.last);
		/* The same sums in the same order: to the bit. */
		assert_memory_equal(&first.weight, &second.weight, sizeof(double));
		assert_memory_equal(&first.mean, &second.mean, sizeof(double));
		assert_memory_equal(&first.square, &second.square, sizeof(double));
	}
}

static void assert_finite(const struct risk *risk, day today)
{
	const struct risk_law law = risk_law(risk);
	const int silent = risk_silent_days(risk, today), mark = risk_cold_mark(risk);
	const double chances[] = {
	    risk_stays_silent(&law, silent, 0),	   risk_stays_silent(&law, silent, 90),
	    risk_stays_silent(&law, silent, 1e9),  risk_turns_cold(risk, &law, mark, today),
	    risk_turns_cold(risk, &law, 1, today), law.gone};

	assert_true(silent >= 0 && mark >= 60 && mark <= 400);
	assert_true(isfinite(law.mu) && isfinite(law.sigma) && law.sigma > 0);
	for (size_t i = 0; i < sizeof(chances) / sizeof(*chances); i++)
		assert_true(chances[i] >= 0 && chances[i] <= 1);
	for (double threshold = 1e-12; threshold < 1; threshold += 0.09) {
		const double warned = risk_warning_silence(&law, mark, threshold);

		assert_true(warned >= 0 && warned <= mark);
	}
	assert_true(isfinite(risk_warning_silence(&law, mark, 1 - 1e-12)));
}

static void test_extreme_histories_give_finite_numbers(void **state)
{
	struct risk same_day = {0}, daily = {0}, decades = {0};

	(void)state;
	for (int i = 0; i < 100; i++)
		assert_true(risk_add(&same_day, 20000));
	assert_int_equal(same_day.n, 1);
	for (day d = 0; d < 400; d++)
		assert_true(risk_add(&daily, d));
	for (day d = 0; d <= 4 * 9862; d += 9862) /* 27 years */
		assert_true(risk_add(&decades, d));
	const struct risk *all[] = {&same_day, &daily, &decades};
	const day todays[] = {DAY_MIN, 0, 20000, 20001, 40000, DAY_MAX, INT32_MAX - 1};
	for (size_t i = 0; i < 3; i++)
		for (size_t k = 0; k < sizeof(todays) / sizeof(*todays); k++)
			assert_finite(all[i], todays[k]);
}

static void test_a_clock_that_stepped_back_is_no_silence(void **state)
{
	struct risk risk = {0};

	(void)state;
	assert_true(risk_add(&risk, 20000));
	assert_true(risk_add(&risk, 20041));
	assert_int_equal(risk_silent_days(&risk, 20030), 0);
	assert_int_equal(risk_silent_days(&risk, 20041), 0);
	assert_int_equal(risk_silent_days(&risk, 20044), 3);
	/* A day before the last is refused, and leaves everything as it was. */
	const struct risk before = risk;
	assert_false(risk_add(&risk, 20030));
	assert_int_equal(risk.n, before.n);
	assert_int_equal(risk.last, before.last);
}

static void test_too_little_history_ranks_behind_every_number(void **state)
{
	struct risk risk = {0};

	(void)state;
	assert_true(risk_rank(&risk, 20000) == -1);
	for (day d = 0; d < 3; d++)
		assert_true(risk_add(&risk, 20000 + 7 * d));
	assert_true(risk_rank(&risk, 20100) == -1);
	assert_true(risk_add(&risk, 20021));
	assert_true(risk_rank(&risk, 20021) > 0);
	assert_true(risk_rank(&risk, 20100) > risk_rank(&risk, 20050));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_worked_examples),
	    cmocka_unit_test(test_the_chance_lies_between_0_and_1_and_rises_with_silence),
	    cmocka_unit_test(test_the_closed_form_finds_the_day_that_halving_finds),
	    cmocka_unit_test(test_any_order_of_contacts_gives_the_same_state),
	    cmocka_unit_test(test_extreme_histories_give_finite_numbers),
	    cmocka_unit_test(test_a_clock_that_stepped_back_is_no_silence),
	    cmocka_unit_test(test_too_little_history_ranks_behind_every_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
