/* Dates, spans and workdays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "core/span.h"
#include "core/workdays.h"

static day on(const char *text)
{
	day d;

	assert_true(day_parse_iso(text, &d));
	return d;
}

static void test_every_day_from_1900_to_2999_is_its_own_date(void **state)
{
	struct civil expected = {1900, 1, 1};

	(void)state;
	for (day d = DAY_MIN; d <= DAY_MAX; d++) {
		const struct civil c = day_to_civil(d);

		assert_int_equal(c.year, expected.year);
		assert_int_equal(c.month, expected.month);
		assert_int_equal(c.day, expected.day);
		assert_int_equal(day_from_civil(c), d);
		if (++expected.day > civil_month_days(expected.year, expected.month)) {
			expected.day = 1;
			if (++expected.month > 12) {
				expected.month = 1;
				expected.year++;
			}
		}
	}
	assert_int_equal(expected.year, 3000);
	assert_int_equal(expected.month * 100 + expected.day, 101);
	assert_int_equal(day_weekday(on("2026-11-23")), MONDAY);
	assert_int_equal(day_weekday(on("1900-01-01")), MONDAY);
}

static void test_only_dates_that_exist_are_read(void **state)
{
	static const char *const wrong[] = {
	    "",		  "2026-02-29",	 "2026-13-01",	"2026-00-10",
	    "2026-1-1",	  "2026-11-23 ", " 2026-11-23", "1899-12-31",
	    "3000-01-01", "20261123",	 "2026-11-31",	"2026-11-23x",
	    "٢٠٢٦-١١-٢٣"};
	day d;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(day_parse_iso(wrong[i], &d));
	assert_true(day_parse_iso("2028-02-29", &d));
}

static void test_words_for_days_lie_on_the_side_that_is_meant(void **state)
{
	/* Today is Mon 23 Nov 2026. */
	static const struct {
		const char *word;
		enum day_lean lean;
		const char *expected;
	} rows[] = {
	    {"today", DAY_PAST, "2026-11-23"},	   {"Yesterday", DAY_PAST, "2026-11-22"},
	    {"tomorrow", DAY_AHEAD, "2026-11-24"}, {"monday", DAY_PAST, "2026-11-23"},
	    {"monday", DAY_AHEAD, "2026-11-30"},   {"fri", DAY_PAST, "2026-11-20"},
	    {"FRI", DAY_AHEAD, "2026-11-27"},	   {"3d", DAY_PAST, "2026-11-20"},
	    {"2w", DAY_AHEAD, "2026-12-07"},	   {"1m", DAY_AHEAD, "2026-12-23"},
	    {"7dec", DAY_AHEAD, "2026-12-07"},	   {"7dec", DAY_PAST, "2025-12-07"},
	    {"7Dec2027", DAY_AHEAD, "2027-12-07"}, {"29feb", DAY_AHEAD, "2028-02-29"},
	    {"23nov", DAY_AHEAD, "2026-11-23"},	   {"2026-11-03", DAY_PAST, "2026-11-03"},
	};
	static const char *const wrong[] = {
	    "",		 "soon",   "3",	  "3x",	   "31feb", "0dec2026", "99999999d",
	    "7december", "7dec26", "-3d", "monda", "32dec", "007dec",	"4294967303dec"};
	day d;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(day_parse_words(rows[i].word, on("2026-11-23"), rows[i].lean, &d));
		assert_int_equal(d, on(rows[i].expected));
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(day_parse_words(wrong[i], on("2026-11-23"), DAY_AHEAD, &d));
}

static void test_days_are_said_without_a_year_only_in_this_year(void **state)
{
	char out[DAY_TEXT_SIZE];

	(void)state;
	assert_string_equal(day_say(on("2026-11-03"), on("2026-11-23"), out), "Tue 3 Nov");
	assert_string_equal(day_say(on("2027-01-14"), on("2026-11-23"), out), "Thu 14 Jan 2027");
}

static void test_never_is_a_day_that_can_be_said_and_stays_never(void **state)
{
	const struct workdays workdays = {.week = WORKDAYS_MON_FRI};
	char out[DAY_TEXT_SIZE];

	(void)state;
	assert_string_equal(day_iso(DAY_NEVER, out), "never");
	assert_string_equal(day_say(DAY_NEVER, on("2026-11-23"), out), "never");
	assert_int_equal(workdays_next_on_or_after(&workdays, DAY_NEVER), DAY_NEVER);
}

static void test_instants_are_read_with_any_offset(void **state)
{
	static const struct {
		const char *text, *utc;
	} rows[] = {{"2026-11-23T08:30:00Z", "2026-11-23T08:30:00Z"},
		    {"2026-11-23T08:30:00.250+01:00", "2026-11-23T07:30:00Z"},
		    {"2026-11-23t00:10:00-05:30", "2026-11-23T05:40:00Z"},
		    {"1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z"}};
	static const char *const wrong[] = {"2026-11-23", "2026-11-23T08:30Z",
					    "2026-11-23T24:00:00Z", "2026-11-23T08:30:00",
					    "2026-11-23T08:30:00+1:00"};
	char out[INSTANT_TEXT_SIZE];
	instant at;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(instant_parse(rows[i].text, &at));
		assert_string_equal(instant_rfc3339(at, out), rows[i].utc);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(instant_parse(wrong[i], &at));
}

static void test_months_keep_the_day_clamped_to_the_months_end(void **state)
{
	static const struct {
		const char *base;
		struct span span;
		const char *expected;
	} rows[] = {
	    {"2026-01-31", {1, SPAN_MONTHS}, "2026-02-28"},
	    {"2028-01-31", {1, SPAN_MONTHS}, "2028-02-29"},
	    {"2026-01-31", {2, SPAN_MONTHS}, "2026-03-31"},
	    {"2028-02-29", {1, SPAN_YEARS}, "2029-02-28"},
	    {"2026-11-30", {1, SPAN_QUARTERS}, "2027-02-28"},
	    {"2026-12-15", {13, SPAN_MONTHS}, "2028-01-15"},
	    {"2026-11-23", {4, SPAN_WEEKS}, "2026-12-21"},
	    {"2026-11-23", {10, SPAN_DAYS}, "2026-12-03"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(day_add_span(on(rows[i].base), rows[i].span),
				 on(rows[i].expected));
	assert_int_equal(day_subtract_span(on("2026-03-31"), (struct span){1, SPAN_MONTHS}),
			 on("2026-02-28"));
	assert_int_equal(day_add_span(DAY_NEVER, (struct span){1, SPAN_YEARS}), DAY_NEVER);
}

static void test_spans_are_read_as_people_write_them(void **state)
{
	static const char *const wrong[] = {"",
					    "weeks",
					    "0 days",
					    "-1 day",
					    "4",
					    "4 fortnights",
					    "101 years",
					    "4 weekss",
					    "1.5 months",
					    "99999999999 days",
					    "4 weeks 2 days"};
	struct span span;
	char out[SPAN_TEXT_SIZE];

	(void)state;
	assert_true(span_parse("4 weeks", &span));
	assert_string_equal(span_say(span, out), "4 weeks");
	assert_true(span_parse("1quarter", &span));
	assert_int_equal(span.unit, SPAN_QUARTERS);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(span_parse(wrong[i], &span));
}

static void test_week_sets_are_read_in_every_form(void **state)
{
	static const struct {
		const char *text;
		uint8_t week;
	} rows[] = {{"mon-fri", 0x1f},	   {"sun-thu", 0x4f}, {"mon,wed,fri", 0x15},
		    {"mon-wed,fri", 0x17}, {"sat", 0x20},     {"fri-mon", 0x71}};
	static const char *const wrong[] = {"",	       "mon-",	  ",",	     "mon,",
					    "mon fri", "someday", "mon--fri"};
	uint8_t week;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(workdays_parse_week(rows[i].text, &week));
		assert_int_equal(week, rows[i].week);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(workdays_parse_week(wrong[i], &week));
}

static void test_next_workday_skips_weekends_and_holidays_and_never_drops_a_day(void **state)
{
	const struct day_range holidays[] = {{on("2026-12-24"), on("2026-12-27")},
					     {on("2026-12-28"), on("2027-01-02")}};
	const struct workdays workdays = {WORKDAYS_MON_FRI, holidays, 2};
	const struct day_range always[] = {{DAY_MIN, DAY_MAX}};
	const struct workdays never = {WORKDAYS_MON_FRI, always, 1};

	(void)state;
	assert_int_equal(workdays_next_on_or_after(&workdays, on("2026-12-24")), on("2027-01-04"));
	assert_int_equal(workdays_next_on_or_after(&workdays, on("2026-12-23")), on("2026-12-23"));
	assert_int_equal(workdays_next_on_or_after(&never, on("2026-12-23")), on("2026-12-23"));
	assert_int_equal(workdays_last_holiday(&workdays), on("2027-01-02"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_day_from_1900_to_2999_is_its_own_date),
	    cmocka_unit_test(test_only_dates_that_exist_are_read),
	    cmocka_unit_test(test_words_for_days_lie_on_the_side_that_is_meant),
	    cmocka_unit_test(test_days_are_said_without_a_year_only_in_this_year),
	    cmocka_unit_test(test_never_is_a_day_that_can_be_said_and_stays_never),
	    cmocka_unit_test(test_instants_are_read_with_any_offset),
	    cmocka_unit_test(test_months_keep_the_day_clamped_to_the_months_end),
	    cmocka_unit_test(test_spans_are_read_as_people_write_them),
	    cmocka_unit_test(test_week_sets_are_read_in_every_form),
	    cmocka_unit_test(test_next_workday_skips_weekends_and_holidays_and_never_drops_a_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
