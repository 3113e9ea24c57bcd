/* Files read whole or not at all, and time zones found by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "sys/file.h"
#include "sys/zoneinfo.h"

#define PATH_SIZE 100

struct place {
	char dir[32];
	char path[PATH_SIZE];
};

static int enter(void **state)
{
	static struct place place;

	place = (struct place){.dir = "/tmp/test-sys-XXXXXX"};
	*state = &place;
	return mkdtemp(place.dir) ? 0 : -1;
}

static int leave(void **state)
{
	struct place *place = *state;

	unsetenv("TZDIR");
	(void)unlink(place->path);
	return rmdir(place->dir);
}

/* One file a test, which leave() removes. */
static const char *put(struct place *place, const char *name, const void *bytes, size_t len)
{
	FILE *file;

	snprintf(place->path, PATH_SIZE, "%s/%s", place->dir, name);
	file = fopen(place->path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
	return place->path;
}

static void test_a_file_is_appended_whole_with_its_mode(void **state)
{
	const char *path = put(*state, "f", "a\0b", 3);
	struct buf buf = buf_make(100);
	struct stat st;

	assert_int_equal(chmod(path, 0640), 0);
	buf_addc(&buf, '>');
	assert_int_equal(file_read(path, 3, &buf, &st, NULL), STATUS_OK);
	assert_int_equal(buf.len, 4);
	assert_memory_equal(buf.data, ">a\0b", 5);
	assert_int_equal(st.st_mode & 0777, 0640);
	buf_free(&buf);
}

static void test_a_file_over_the_limit_adds_nothing(void **state)
{
	const char *path = put(*state, "f", "12345", 5);
	struct buf buf = buf_make(1 << 20), small = buf_make(2);
	struct error err;

	buf_adds(&buf, ">");
	assert_int_equal(file_read(path, 4, &buf, NULL, &err), STATUS_TOO_BIG);
	assert_non_null(strstr(err.text, path));
	/* /proc says that its files are empty, and they are not. */
	assert_int_equal(file_read("/proc/self/status", 4, &buf, NULL, &err), STATUS_TOO_BIG);
	assert_string_equal(buf_text(&buf), ">");
	assert_int_equal(buf.len, 1);
	assert_int_equal(file_read(path, 5, &small, NULL, &err), STATUS_TOO_BIG);
	assert_int_equal(small.len, 0);
	buf_free(&buf);
	buf_free(&small);
}

static void test_only_regular_files_are_read_and_none_is_waited_for(void **state)
{
	struct place *place = *state;
	struct buf buf = buf_make(100);
	struct error err;

	assert_int_equal(file_read(place->dir, 10, &buf, NULL, &err), STATUS_FAILED);
	snprintf(place->path, PATH_SIZE, "%s/fifo", place->dir);
	assert_int_equal(file_read(place->path, 10, &buf, NULL, &err), STATUS_NOT_FOUND);
	assert_int_equal(mkfifo(place->path, 0600), 0);
	assert_int_equal(file_read(place->path, 10, &buf, NULL, &err), STATUS_FAILED);
	assert_non_null(strstr(err.text, "not a regular file"));
	assert_int_equal(buf.len, 0);
	buf_free(&buf);
}

static void test_a_zone_is_loaded_with_the_bytes_it_came_from(void **state)
{
	struct buf bytes = buf_make(1 << 20);
	struct zone *zone = NULL;
	struct error err;

	(void)state;
	assert_int_equal(zoneinfo_load("Europe/Lisbon", &zone, &bytes, &err), STATUS_OK);
	assert_string_equal(zone_name(zone), "Europe/Lisbon");
	assert_int_equal(zone_local(zone, INT64_C(1782000000000)).offset, 3600); /* June 2026 */
	assert_memory_equal(bytes.data, "TZif", 4);
	zone_free(zone);
	buf_free(&bytes);
}

static void test_a_misspelt_zone_names_the_right_one(void **state)
{
	static const struct {
		const char *name, *reason;
	} rows[] = {
	    {"Europe/Lisbom", "no time zone \"Europe/Lisbom\"; did you mean Europe/Lisbon?"},
	    {"europe/lisbon", "no time zone \"europe/lisbon\"; did you mean Europe/Lisbon?"},
	    {"America/NewYork", "no time zone \"America/NewYork\"; did you mean America/New_York?"},
	    {"Utopia/Nowhere", "no time zone \"Utopia/Nowhere\"; write it like Europe/Lisbon"},
	    {"GMT+1", "no time zone \"GMT+1\"; write it like Europe/Lisbon, or Etc/GMT-1, whose "
		      "sign is the other way round"},
	    {"UTC-10", "no time zone \"UTC-10\"; write it like Europe/Lisbon, or Etc/GMT+10, whose "
		       "sign is the other way round"},
	    {"Europe", "no time zone \"Europe\"; write it like Europe/Lisbon"},
	};
	struct zone *zone;
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(zoneinfo_load(rows[i].name, &zone, NULL, &err), STATUS_NOT_FOUND);
		assert_string_equal(err.text, rows[i].reason);
	}
}

static void test_a_name_never_leaves_the_directory(void **state)
{
	static const char *const names[] = {
	    "",
	    "/etc/passwd",
	    "../../../etc/passwd",
	    "Europe/../../passwd",
	    "Europe/Lisbon\n",
	    "Europe/Lis bon",
	    ":Europe/Lisbon",
	    "Europe\\Lisbon",
	    ".",
	    "-Europe/Lisbon",
	    "Europe/Lisb\xc3\xb5n",
	    "%s%n",
	    "Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
	struct zone *zone;
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(zoneinfo_load(names[i], &zone, NULL, &err), STATUS_INVALID);
}

static void test_utc_works_where_there_are_no_files(void **state)
{
	const struct place *place = *state;
	struct zone *zone;
	struct error err;

	setenv("TZDIR", place->dir, 1);
	assert_int_equal(zoneinfo_load("UTC", &zone, NULL, &err), STATUS_OK);
	assert_string_equal(zone_name(zone), "UTC");
	assert_int_equal(zone_local(zone, INT64_C(1782000000000)).offset, 0);
	zone_free(zone);
	assert_int_equal(zoneinfo_load("Europe/Lisbon", &zone, NULL, &err), STATUS_NOT_FOUND);
}

static void test_a_damaged_zone_is_not_taken_for_utc(void **state)
{
	struct place *place = *state;
	struct buf bytes = buf_make(100);
	struct zone *zone;
	struct error err;

	setenv("TZDIR", place->dir, 1);
	put(place, "UTC", "TZif2", 5);
	assert_int_equal(zoneinfo_load("UTC", &zone, &bytes, &err), STATUS_INVALID);
	put(place, "UTC", "", 0);
	assert_int_equal(zoneinfo_load("UTC", &zone, &bytes, &err), STATUS_INVALID);
	assert_int_equal(bytes.len, 0);
	buf_free(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, enter, leave)
	    IN_PLACE(test_a_file_is_appended_whole_with_its_mode),
	    IN_PLACE(test_a_file_over_the_limit_adds_nothing),
	    IN_PLACE(test_only_regular_files_are_read_and_none_is_waited_for),
	    cmocka_unit_test(test_a_zone_is_loaded_with_the_bytes_it_came_from),
	    cmocka_unit_test(test_a_misspelt_zone_names_the_right_one),
	    cmocka_unit_test(test_a_name_never_leaves_the_directory),
	    IN_PLACE(test_utc_works_where_there_are_no_files),
	    IN_PLACE(test_a_damaged_zone_is_not_taken_for_utc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
