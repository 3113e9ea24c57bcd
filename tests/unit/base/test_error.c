/* Reasons: how they are cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/text.h"

static void test_long_reason_is_cut_behind_a_whole_character(void **state)
{
	static const char *const characters[] = {"x", "é", "株", "👩"};
	char many[4 * sizeof(struct error)], scratch[TEXT_FAULT_SIZE];
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof(characters) / sizeof(characters[0]); i++) {
		const size_t size = strlen(characters[i]);

		many[0] = '\0';
		while (strlen(many) < sizeof(err))
			strcat(many, characters[i]);
		for (size_t shift = 0; shift < size; shift++) {
			const enum status status =
			    error_fail(&err, STATUS_INVALID, "%.*s%s", (int)shift, "   ", many);

			assert_int_equal(status, STATUS_INVALID);
			assert_in_range(strlen(err.text), sizeof(err) - size, sizeof(err) - 1);
			assert_null(text_check(err.text, strlen(err.text), TEXT_LINE, 0,
					       sizeof(err), scratch));
		}
		error_set(&err, "%s", many);
		assert_null(
		    text_check(err.text, strlen(err.text), TEXT_LINE, 0, sizeof(err), scratch));
	}
}

static void test_half_characters_are_dropped_and_whole_ones_kept(void **state)
{
	static const struct {
		const char *before, *after;
	} rows[] = {{"", ""},		{"abc", "abc"},
		    {"aé", "aé"},	{"a\xc3", "a"},
		    {"a\xe6\xa0", "a"}, {"a\xf0\x9f\x91", "a"},
		    {"a株", "a株"},	{"\xf0\x9f\x91\xa9", "\xf0\x9f\x91\xa9"}};
	char text[16];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		strcpy(text, rows[i].before);
		text_drop_half(text);
		assert_string_equal(text, rows[i].after);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_long_reason_is_cut_behind_a_whole_character),
	    cmocka_unit_test(test_half_characters_are_dropped_and_whole_ones_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
