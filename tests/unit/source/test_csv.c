/* CSV as people's tools write it, and as nobody should. */
#include "source/csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the four above first */
#include <cmocka.h>

static const char *const columns[] = {"id", "name", "tags"};

struct given {
	struct arena *arena;
	struct csv csv;
	struct error err;
	enum status status;
};

static struct given read_bytes(const char *bytes, size_t len)
{
	struct given given = {.arena = arena_new()};

	given.status = csv_read(bytes, len, columns, 3, 1, given.arena, &given.csv, &given.err);
	return given;
}

static struct given read_text(const char *text)
{
	return read_bytes(text, strlen(text));
}

static void expect_row(const struct given *given, size_t row, size_t line, const char *id,
		       const char *name)
{
	assert_int_equal(given->status, STATUS_OK);
	assert_true(row < given->csv.count);
	assert_int_equal(given->csv.rows[row].line, line);
	assert_null(given->csv.rows[row].fault);
	assert_string_equal(given->csv.rows[row].cells[0], id);
	assert_string_equal(given->csv.rows[row].cells[1], name);
}

static void expect_bad(const struct given *given, size_t row, size_t line, const char *part)
{
	assert_int_equal(given->status, STATUS_OK);
	assert_true(row < given->csv.count);
	assert_int_equal(given->csv.rows[row].line, line);
	assert_non_null(given->csv.rows[row].fault);
	assert_non_null(strstr(given->csv.rows[row].fault, part));
}

static void expect_refusal(const char *text, const char *part)
{
	struct given given = read_text(text);

	assert_int_equal(given.status, STATUS_INVALID);
	assert_non_null(strstr(given.err.text, part));
	arena_free(given.arena);
}

static void test_every_delimiter_and_line_end_reads_the_same(void **state)
{
	static const char *const files[] = {
	    "id,name\nacme,Acme\nbo,Bo\n",	   "id;name\nacme;Acme\nbo;Bo\n",
	    "id\tname\nacme\tAcme\nbo\tBo\n",	   "id,name\r\nacme,Acme\r\nbo,Bo\r\n",
	    "id,name\racme,Acme\rbo,Bo\r",	   "\xef\xbb\xbfid,name\nacme,Acme\nbo,Bo",
	    "ID,Name\nacme,Acme\n\"bo\",\"Bo\"\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct given given = read_text(files[i]);

		expect_row(&given, 0, 2, "acme", "Acme");
		expect_row(&given, 1, 3, "bo", "Bo");
		assert_int_equal(given.csv.count, 2);
		arena_free(given.arena);
	}
}

static void test_columns_may_stand_in_any_order(void **state)
{
	struct given given = read_text("tags,name,id\nx,Acme,acme\n");

	(void)state;
	expect_row(&given, 0, 2, "acme", "Acme");
	assert_string_equal(given.csv.rows[0].cells[2], "x");
	arena_free(given.arena);
}

static void test_quoted_line_feed_keeps_the_line_on_which_its_row_begins(void **state)
{
	struct given given =
	    read_text("id,name\n\nacme,\"two\r\nlines\"\n\nbo,\"say \"\"hi\"\"\"\n");

	(void)state;
	expect_row(&given, 0, 3, "acme", "two\nlines");
	expect_row(&given, 1, 6, "bo", "say \"hi\"");
	arena_free(given.arena);
}

static void test_forgotten_quote_loses_no_other_row(void **state)
{
	struct given given = read_text("id,name\nacme,\"oops\nbo,Bo\ncy,Cy\n");

	(void)state;
	expect_bad(&given, 0, 2, "quotes that do not match");
	expect_row(&given, 1, 3, "bo", "Bo");
	expect_row(&given, 2, 4, "cy", "Cy");
	assert_int_equal(given.csv.count, 3);
	arena_free(given.arena);
}

static void test_quote_inside_a_cell_makes_its_row_bad(void **state)
{
	struct given given = read_text("id,name\nacme,\"a\"b\nbo,Bo\n");

	(void)state;
	expect_bad(&given, 0, 2, "quotes");
	expect_row(&given, 1, 3, "bo", "Bo");
	arena_free(given.arena);
}

static void test_hostile_cells_make_their_row_bad_and_no_other(void **state)
{
	static const struct {
		const char *row;
		size_t len;
		const char *part;
	} rows[] = {
	    {"acme,a\x1b[31mb\n", 13, "control character"},
	    {"acme,a\0b\n", 9, "control character"},
	    {"acme,\xff\n", 7, "UTF-8"},
	    {"acme,\xed\xa0\x80\n", 9, "UTF-8"},
	    {"acme,\xe2\x80\xae"
	     "abc\n",
	     12, "bidirectional"},
	    {"acme,a,b,c\n", 11, "more columns"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char file[128] = "id,name\n";
		size_t len = strlen(file);

		memcpy(file + len, rows[i].row, rows[i].len);
		len += rows[i].len;
		memcpy(file + len, "bo,Bo\n", 6);
		struct given given = read_bytes(file, len + 6);
		expect_bad(&given, 0, 2, rows[i].part);
		expect_row(&given, 1, 3, "bo", "Bo");
		arena_free(given.arena);
	}
}

static void test_name_of_ten_megabytes_is_a_bad_row_with_its_line(void **state)
{
	const size_t size = 10 << 20;
	char *file = malloc(size + 64);
	size_t len = (size_t)snprintf(file, 64, "id,name\nbo,Bo\nacme,");

	(void)state;
	memset(file + len, 'x', size);
	len += size;
	memcpy(file + len, "\ncy,Cy\n", 7);
	struct given given = read_bytes(file, len + 7);
	expect_row(&given, 0, 2, "bo", "Bo");
	expect_bad(&given, 1, 3, "longer than");
	expect_row(&given, 2, 4, "cy", "Cy");
	arena_free(given.arena);
	free(file);
}

static void test_short_row_leaves_the_rest_blank(void **state)
{
	struct given given = read_text("id,name,tags\nacme,Acme\n");

	(void)state;
	expect_row(&given, 0, 2, "acme", "Acme");
	assert_null(given.csv.rows[0].cells[2]);
	arena_free(given.arena);
}

static void test_wrong_header_is_refused_with_what_would_be_right(void **state)
{
	(void)state;
	expect_refusal("", "empty");
	expect_refusal("\n\n", "empty");
	expect_refusal("name\nAcme\n", "\"id\" is missing");
	expect_refusal("id,nmae\nacme,Acme\n", "did you mean name");
	expect_refusal("id,name,NAME\nacme,a,b\n", "twice");
	expect_refusal("id,\"name\nacme,Acme\n", "quotes");
	expect_refusal("i\x1b"
		       "d,name\nacme,Acme\n",
		       "control character");
}

static void test_thousands_of_broken_rows_are_given_up(void **state)
{
	char *file = malloc(64 * 1024);
	size_t len = (size_t)snprintf(file, 64, "id,name\n");

	(void)state;
	for (int i = 0; i < 5000; i++)
		len += (size_t)snprintf(file + len, 16, "a,\"b\"c\n");
	struct given given = read_bytes(file, len);
	assert_int_equal(given.status, STATUS_INVALID);
	assert_non_null(strstr(given.err.text, "too many"));
	arena_free(given.arena);
	free(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_delimiter_and_line_end_reads_the_same),
	    cmocka_unit_test(test_columns_may_stand_in_any_order),
	    cmocka_unit_test(test_quoted_line_feed_keeps_the_line_on_which_its_row_begins),
	    cmocka_unit_test(test_forgotten_quote_loses_no_other_row),
	    cmocka_unit_test(test_quote_inside_a_cell_makes_its_row_bad),
	    cmocka_unit_test(test_hostile_cells_make_their_row_bad_and_no_other),
	    cmocka_unit_test(test_name_of_ten_megabytes_is_a_bad_row_with_its_line),
	    cmocka_unit_test(test_short_row_leaves_the_rest_blank),
	    cmocka_unit_test(test_wrong_header_is_refused_with_what_would_be_right),
	    cmocka_unit_test(test_thousands_of_broken_rows_are_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
