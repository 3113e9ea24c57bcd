/* Finding by id, sharing by count, and the words of contacts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/contact.h"
#include "core/roster.h"

static const struct owner owners[] = {
    {.id = "*all"}, {.id = "Zed"}, {.id = "ada"}, {.id = "maria"}};

static void test_everybody_is_found_by_exactly_their_id(void **state)
{
	const struct roster roster = {.owners = owners, .owner_count = 4};

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_ptr_equal(roster_owner(&roster, owners[i].id), &owners[i]);
	assert_null(roster_owner(&roster, "Maria"));
	assert_null(roster_owner(&roster, "mari"));
	assert_null(roster_owner(&roster, ""));
	assert_null(roster_owner(&roster, NULL));
	assert_null(roster_cadence(&roster, "standard"));
	assert_null(roster_channel(&roster, "mail"));
}

static void forget(struct roster *roster)
{
	roster->hash[0]++;
}

static void test_a_roster_goes_with_its_last_reference(void **state)
{
	struct roster roster = {.references = 1, .destroy = forget};

	(void)state;
	assert_ptr_equal(roster_ref(&roster), &roster);
	roster_unref(&roster);
	assert_int_equal(roster.hash[0], 0);
	roster_unref(&roster);
	assert_int_equal(roster.hash[0], 1);
	roster_unref(NULL);
}

static void
test_grace_is_a_quarter_between_three_days_and_three_weeks_but_never_longer(void **state)
{
	static const struct {
		struct span every;
		int days;
	} rows[] = {{{1, SPAN_DAYS}, 1},    {{2, SPAN_DAYS}, 2},    {{3, SPAN_DAYS}, 3},
		    {{1, SPAN_WEEKS}, 3},   {{2, SPAN_WEEKS}, 4},   {{4, SPAN_WEEKS}, 7},
		    {{1, SPAN_MONTHS}, 8},  {{3, SPAN_MONTHS}, 21}, {{1, SPAN_QUARTERS}, 21},
		    {{100, SPAN_YEARS}, 21}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct span grace = cadence_default_grace(rows[i].every);

		assert_int_equal(grace.count, rows[i].days);
		assert_int_equal(grace.unit, SPAN_DAYS);
	}
	assert_int_equal(cadence_fallback()->grace.count,
			 cadence_default_grace(cadence_fallback()->every).count);
}

static void test_a_call_that_nobody_answered_does_not_count(void **state)
{
	static const bool unanswered[CONTACT_KINDS] = {
	    [CONTACT_MEETING] = true, [CONTACT_EVENT] = true, [CONTACT_OTHER] = true};

	(void)state;
	for (enum contact_kind kind = 0; kind < CONTACT_KINDS; kind++) {
		assert_true(contact_counts(kind, DIRECTION_BOTH));
		assert_true(contact_counts(kind, DIRECTION_IN));
		assert_int_equal(contact_counts(kind, DIRECTION_OUT), unanswered[kind]);
	}
}

static void test_kinds_and_directions_are_read_as_they_are_written(void **state)
{
	enum contact_kind kind;
	enum contact_direction direction;

	(void)state;
	for (enum contact_kind k = 0; k < CONTACT_KINDS; k++) {
		assert_true(contact_kind_parse(contact_kind_name(k), &kind));
		assert_int_equal(kind, k);
	}
	for (enum contact_direction d = 0; d < DIRECTIONS; d++) {
		assert_true(contact_direction_parse(contact_direction_name(d), &direction));
		assert_int_equal(direction, d);
	}
	assert_true(contact_kind_parse("MEETING", &kind));
	assert_false(contact_kind_parse("", &kind));
	assert_false(contact_kind_parse("meetings", &kind));
	assert_false(contact_direction_parse("i", &direction));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_everybody_is_found_by_exactly_their_id),
	    cmocka_unit_test(test_a_roster_goes_with_its_last_reference),
	    cmocka_unit_test(
		test_grace_is_a_quarter_between_three_days_and_three_weeks_but_never_longer),
	    cmocka_unit_test(test_a_call_that_nobody_answered_does_not_count),
	    cmocka_unit_test(test_kinds_and_directions_are_read_as_they_are_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
