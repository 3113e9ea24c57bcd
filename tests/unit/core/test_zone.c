/* Local time, held against the C library's own answers for every zone of the system. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/mem.h"
#include "core/zone.h"

#define ZONE_DIR "/usr/share/zoneinfo/"

static struct zone *load(const char *name)
{
	static unsigned char bytes[1 << 20];
	char *path = mem_printf(ZONE_DIR "%s", name);
	FILE *file = fopen(path, "rb");
	struct zone *zone = NULL;

	free(path);
	if (!file)
		return NULL;
	const size_t len = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	assert_int_equal(zone_parse(name, bytes, len, &zone, NULL), STATUS_OK);
	return zone;
}

static instant at(const char *text)
{
	instant i;

	assert_true(instant_parse(text, &i));
	return i;
}

static day on(const char *text)
{
	day d;

	assert_true(day_parse_iso(text, &d));
	return d;
}

static void compare_with_libc(const struct zone *zone, time_t t)
{
	const struct local ours = zone_local(zone, (instant)t * SECOND_MS);
	struct tm tm;

	localtime_r(&t, &tm);
	const day theirs =
	    day_from_civil((struct civil){tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday});
	const int second = tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec;
	if (ours.day != theirs || ours.second != second || ours.offset != tm.tm_gmtoff)
		fail_msg("%s at %lld: ours %d %d %d, the C library's %d %d %ld", zone_name(zone),
			 (long long)t, ours.day, ours.second, ours.offset, theirs, second,
			 tm.tm_gmtoff);
}

#define STEP_S (41 * 3600)
/* 2038: from here on the footers rule, and a seventh of the steps will do */
#define FOOTER_ONLY_S 2145916800
#define END_S	      4070908800 /* 2099 */

/* Steps of 41 hours from 1970 to 2099, and both sides of every change of offset that lies between
 * two of them. */
static void test_every_zone_agrees_with_the_c_library(void **state)
{
	FILE *list = popen("grep -h '^[ZL] ' " ZONE_DIR
			   "tzdata.zi | awk '$1==\"Z\"{print $2} $1==\"L\"{print $3}'",
			   "r");
	char name[100];
	int zones = 0;

	(void)state;
	assert_non_null(list);
	while (fgets(name, sizeof(name), list)) {
		name[strcspn(name, "\n")] = '\0';
		struct zone *zone = load(name);
		if (!zone)
			continue;
		zones++;
		setenv("TZ", name, 1);
		tzset();
		int before = zone_local(zone, 0).offset;
		for (time_t t = 0; t < END_S; t += STEP_S) {
			const int offset = zone_local(zone, (instant)t * SECOND_MS).offset;
			if (t < FOOTER_ONLY_S || t / STEP_S % 7 == 0)
				compare_with_libc(zone, t);
			if (offset == before)
				continue;
			time_t low = t - STEP_S, high = t;
			while (high - low > 1) {
				const time_t middle = low + (high - low) / 2;
				if (zone_local(zone, (instant)middle * SECOND_MS).offset == before)
					low = middle;
				else
					high = middle;
			}
			compare_with_libc(zone, low);
			compare_with_libc(zone, high);
			before = offset;
		}
		zone_free(zone);
	}
	pclose(list);
	unsetenv("TZ");
	tzset();
	print_message("%d zones\n", zones);
	assert_true(zones > 300);
}

static void test_gaps_give_the_first_moment_after_them_and_overlaps_the_first_of_two(void **state)
{
	static const struct {
		const char *zone, *day;
		int hour, minute;
		const char *expected;
	} rows[] = {
	    {"Europe/Lisbon", "2026-03-29", 1, 30, "2026-03-29T01:00:00Z"},
	    {"Europe/Lisbon", "2026-10-25", 1, 30, "2026-10-25T00:30:00Z"},
	    {"Europe/Lisbon", "2026-11-23", 8, 30, "2026-11-23T08:30:00Z"},
	    {"America/New_York", "2026-03-08", 2, 30, "2026-03-08T07:00:00Z"},
	    {"America/New_York", "2026-11-01", 1, 30, "2026-11-01T05:30:00Z"},
	    {"America/New_York", "2045-07-04", 8, 30, "2045-07-04T12:30:00Z"},
	    {"Australia/Lord_Howe", "2026-10-04", 2, 15, "2026-10-03T15:30:00Z"},
	    {"Pacific/Apia", "2011-12-30", 12, 0,
	     "2011-12-30T10:00:00Z"}, /* a day that never was */
	    {"America/Sao_Paulo", "2018-11-04", 0, 0, "2018-11-04T03:00:00Z"},
	    {"Africa/Casablanca", "2026-02-15", 2, 30, "2026-02-15T01:30:00Z"},
	    {"Africa/Casablanca", "2026-03-22", 2, 30, "2026-03-22T02:00:00Z"},
	    {"Asia/Beirut", "2026-03-29", 0, 0, "2026-03-28T22:00:00Z"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct zone *zone = load(rows[i].zone);
		char got[INSTANT_TEXT_SIZE];

		assert_non_null(zone);
		instant_rfc3339(
		    zone_instant(zone, on(rows[i].day), (rows[i].hour * 60 + rows[i].minute) * 60),
		    got);
		assert_string_equal(got, rows[i].expected);
		zone_free(zone);
	}
}

static void test_every_local_time_that_exists_comes_back(void **state)
{
	static const char *const names[] = {"Europe/Lisbon",	"Africa/Casablanca",
					    "Asia/Tehran",	"America/St_Johns",
					    "Antarctica/Troll", "Europe/Dublin"};

	(void)state;
	for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++) {
		struct zone *zone = load(names[n]);

		assert_non_null(zone);
		for (instant t = at("2025-12-25T00:00:00Z"); t < at("2028-01-05T00:00:00Z");
		     t += 601 * SECOND_MS) {
			const struct local local = zone_local(zone, t);
			const instant back = zone_instant(zone, local.day, local.second);

			/* In an overlap the earlier of the two comes back. */
			assert_true(back <= t);
			assert_int_equal(zone_local(zone, back).second, local.second);
			assert_int_equal(zone_local(zone, back).day, local.day);
			assert_true(zone_day_start(zone, local.day) <= t);
			assert_int_equal(zone_day(zone, zone_day_start(zone, local.day)),
					 local.day);
		}
		zone_free(zone);
	}
}

static void test_damaged_files_are_refused(void **state)
{
	unsigned char bytes[4096];
	FILE *file = fopen(ZONE_DIR "Europe/Lisbon", "rb");
	struct zone *zone;
	struct error err;
	unsigned seed = 7;

	(void)state;
	assert_non_null(file);
	const size_t len = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	for (size_t cut = 0; cut < len; cut++)
		assert_int_equal(zone_parse("x", bytes, cut, &zone, &err), STATUS_INVALID);
	/* Whatever a changed byte means, the reader stays within its bytes. */
	for (int round = 0; round < 20000; round++) {
		seed = seed * 1664525u + 1013904223u;
		unsigned char *byte = &bytes[(seed >> 8) % len];
		const unsigned char kept = *byte;

		*byte = (unsigned char)(seed >> 24);
		if (zone_parse("x", bytes, len, &zone, &err) == STATUS_OK) {
			(void)zone_local(zone, at("2026-11-23T08:30:00Z"));
			(void)zone_instant(zone, on("2080-06-01"), 0);
			zone_free(zone);
		}
		*byte = kept;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_zone_agrees_with_the_c_library),
	    cmocka_unit_test(
		test_gaps_give_the_first_moment_after_them_and_overlaps_the_first_of_two),
	    cmocka_unit_test(test_every_local_time_that_exists_comes_back),
	    cmocka_unit_test(test_damaged_files_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
