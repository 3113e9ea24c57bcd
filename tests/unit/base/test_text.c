/* What may be stored, how wide it is, and what was meant. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

static void test_hostile_text_is_refused_and_named(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		enum text_rule rule;
		const char *fault;
	} rows[] = {
	    {"a\0b", 3, TEXT_LINE, "holds a control character (U+0000 at byte 1)"},
	    {"a\r\nBcc: x", 9, TEXT_LINE, "holds a control character (U+000D at byte 1)"},
	    {"a\nb", 3, TEXT_LINE, "holds a control character (U+000A at byte 1)"},
	    {"a\rb", 3, TEXT_NOTE, "holds a control character (U+000D at byte 1)"},
	    {"\x1b[31m", 5, TEXT_NOTE, "holds a control character (U+001B at byte 0)"},
	    {"\x7f", 1, TEXT_LINE, "holds a control character (U+007F at byte 0)"},
	    {"\xc2\x85", 2, TEXT_LINE, "holds a control character (U+0085 at byte 0)"},
	    {"ab\xe2\x80\xae", 5, TEXT_LINE,
	     "holds a bidirectional formatting character (U+202E at byte 2)"},
	    {"\xe2\x81\xa6", 3, TEXT_LINE,
	     "holds a bidirectional formatting character (U+2066 at byte 0)"},
	    {"\xef\xbb\xbf", 3, TEXT_LINE,
	     "holds a character that may not be stored (U+FEFF at byte 0)"},
	    {"\xe2\x80\xa8", 3, TEXT_NOTE,
	     "holds a character that may not be stored (U+2028 at byte 0)"},
	    {"\xf0\x9f\xbf\xbf", 4, TEXT_LINE,
	     "holds a character that may not be stored (U+1FFFF at byte 0)"},
	    {"\xc0\x80", 2, TEXT_LINE, "is not valid UTF-8 (at byte 0)"},
	    {"a\xe0\x80\xaf", 4, TEXT_LINE, "is not valid UTF-8 (at byte 1)"},
	    {"\xed\xa0\x80", 3, TEXT_LINE, "is not valid UTF-8 (at byte 0)"},
	    {"\xf4\x90\x80\x80", 4, TEXT_LINE, "is not valid UTF-8 (at byte 0)"},
	    {"\xe2\x82", 2, TEXT_LINE, "is not valid UTF-8 (at byte 0)"},
	    {"\x80", 1, TEXT_LINE, "is not valid UTF-8 (at byte 0)"},
	    {"", 0, TEXT_LINE, "is empty"},
	    {"123456", 6, TEXT_LINE, "is longer than 5 characters"},
	};
	char scratch[TEXT_FAULT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *fault =
		    text_check(rows[i].bytes, rows[i].len, rows[i].rule, 1, 5, scratch);

		assert_non_null(fault);
		assert_string_equal(fault, rows[i].fault);
	}
}

static void test_names_of_the_world_are_accepted(void **state)
{
	static const char *const names[] = {
	    "Acme GmbH", "Łódź Żółw", "株式会社サンプル", "شركة المثال", "👩‍💻 & Söhne",
	    "a\u0301",	 "<b>&\"'"};
	char scratch[TEXT_FAULT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_null(
		    text_check(names[i], strlen(names[i]), TEXT_LINE, 1, TEXT_NAME_MAX, scratch));
	assert_null(text_check("two\n\tlines", 10, TEXT_NOTE, 0, TEXT_NOTE_MAX, scratch));
}

static void test_ids_are_short_plain_words(void **state)
{
	static const char *const right[] = {"acme", "A-1", "*all", "x_y*z"};
	static const char *const wrong[] = {"", "1acme", "-a", "a b", "a.b", "é", "a/b"};
	char longest[TEXT_ID_MAX + 2];

	(void)state;
	for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++)
		assert_true(text_is_id(right[i]));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(text_is_id(wrong[i]));
	memset(longest, 'a', sizeof(longest));
	longest[TEXT_ID_MAX] = '\0';
	assert_true(text_is_id(longest));
	longest[TEXT_ID_MAX] = 'a';
	longest[TEXT_ID_MAX + 1] = '\0';
	assert_false(text_is_id(longest));
}

static void test_a_number_is_digits_and_nothing_else(void **state)
{
	static const struct {
		const char *text;
		int64_t number;
	} right[] = {{"0", 0}, {"7", 7}, {"007", 7}, {"9223372036854775807", INT64_MAX}};
	static const char *const wrong[] = {"",
					    "abc",
					    "1x",
					    "x1",
					    " 1",
					    "1 ",
					    "+1",
					    "-1",
					    "1.5",
					    "1e3",
					    "0x1",
					    "٣",
					    "9223372036854775808",
					    "99999999999999999999"};
	int64_t number;

	(void)state;
	for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
		assert_true(text_parse_number(right[i].text, &number));
		assert_true(number == right[i].number);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(text_parse_number(wrong[i], &number));
}

static void test_columns_count_what_a_terminal_shows(void **state)
{
	(void)state;
	assert_int_equal(text_columns("acme"), 4);
	assert_int_equal(text_columns("株式"), 4);
	assert_int_equal(text_columns("e\u0301"), 1);
	assert_int_equal(text_columns("\xff"), 1);
	assert_int_equal(text_code_points("株式e\u0301"), 4);
}

static void test_cutting_never_splits_a_character_from_its_marks(void **state)
{
	(void)state;
	assert_int_equal(text_fit_columns("株式会社", 5), 6);
	assert_int_equal(text_fit_columns("abc", 10), 3);
	assert_int_equal(text_fit_code_points("ae\u0301b", 2), 1);
	assert_int_equal(text_fit_code_points("ae\u0301b", 3), 4);
	assert_int_equal(text_fit_columns("e\u0301b", 1), 3);
}

static void test_every_code_point_survives_encoding(void **state)
{
	char out[5];

	(void)state;
	for (uint32_t c = 1; c <= 0x10ffff; c++) {
		const char *at = out;

		if (c >= 0xd800 && c <= 0xdfff)
			continue;
		const size_t len = text_encode(c, out);
		assert_int_equal(text_next(&at), c);
		assert_int_equal(at - out, len);
	}
}

static void test_near_misses_find_what_was_meant(void **state)
{
	static const char *const ids[] = {"acme", "borealis", "cobalt", "delta-nord"};

	(void)state;
	assert_int_equal(text_nearest("amce", ids, 4), 0);
	assert_int_equal(text_nearest("ACME", ids, 4), 0);
	assert_int_equal(text_nearest("borelis", ids, 4), 1);
	assert_int_equal(text_nearest("delta", ids, 4), 3);
	assert_int_equal(text_nearest("zebra", ids, 4), -1);
	assert_int_equal(text_distance("ca", "abc"), 3);
	assert_int_equal(text_distance("amce", "acme"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_hostile_text_is_refused_and_named),
	    cmocka_unit_test(test_names_of_the_world_are_accepted),
	    cmocka_unit_test(test_ids_are_short_plain_words),
	    cmocka_unit_test(test_a_number_is_digits_and_nothing_else),
	    cmocka_unit_test(test_columns_count_what_a_terminal_shows),
	    cmocka_unit_test(test_cutting_never_splits_a_character_from_its_marks),
	    cmocka_unit_test(test_every_code_point_survives_encoding),
	    cmocka_unit_test(test_near_misses_find_what_was_meant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
