/* The days on which the clocks change, against the C library's reading of the same zones. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/scenario/script.h"
#include "tests/scenario/years.h"

#define HOURS	    24
#define DAYS_MAX    8
#define MINUTES_DAY 1440

static const char *const zones[] = {"Europe/London",	"America/New_York", "Australia/Lord_Howe",
				    "Pacific/Auckland", "Africa/Cairo",	    "Atlantic/Azores",
				    "America/Santiago"};
#define ZONES (sizeof(zones) / sizeof(zones[0]))

/* ---- what the C library says ---- */

static void use_zone(const char *zone)
{
	setenv("TZ", zone, 1);
	tzset();
}

static struct tm local_at(time_t at)
{
	struct tm tm;

	localtime_r(&at, &tm);
	return tm;
}

static time_t midnight_utc(day d)
{
	return (time_t)d * 86400;
}

static day day_of(const struct tm *tm)
{
	return day_from_civil((struct civil){tm->tm_year + 1900, tm->tm_mon + 1, tm->tm_mday});
}

/* The days within a year on which the offset changes. */
static size_t find_days(const char *zone, day from, day days[DAYS_MAX])
{
	size_t count = 0;

	use_zone(zone);
	for (time_t at = midnight_utc(from); at < midnight_utc(from + 365) && count < DAYS_MAX;
	     at += 900) {
		const struct tm before = local_at(at), after = local_at(at + 900);

		if (before.tm_gmtoff != after.tm_gmtoff &&
		    (count == 0 || days[count - 1] != day_of(&after)))
			days[count++] = day_of(&after);
	}
	return count;
}

/* The first minute that the wall shows on this day at or after `minute`. */
static int first_minute(const char *zone, day d, int minute)
{
	use_zone(zone);
	for (time_t at = midnight_utc(d - 1); at < midnight_utc(d + 2); at += 60) {
		const struct tm tm = local_at(at);

		if (day_of(&tm) == d && tm.tm_hour * 60 + tm.tm_min >= minute)
			return tm.tm_hour * 60 + tm.tm_min;
	}
	return -1;
}

/* ---- playing ---- */

static void say(struct script *script, const char *format, ...) PRINTF_LIKE(2, 3);

static void say(struct script *script, const char *format, ...)
{
	char line[512];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	script_line(script, line);
}

/* Two owners in the two zones, each with a partner that is due on the day. */
static bool play_day(day d, const char *const pair[2], int minute)
{
	char before[DAY_TEXT_SIZE], start[DAY_TEXT_SIZE], end[DAY_TEXT_SIZE], iso[DAY_TEXT_SIZE];
	char *name = mem_printf("clocks %s %s %02d:%02d", day_iso(d, iso), pair[0], minute / 60,
				minute % 60);
	struct script script;

	script_open(&script, name);
	say(&script, "cadence ten every = \"10 days\"; grace = \"10 days\";");
	day_iso(d - 10, before);
	for (int i = 0; i < 2; i++) {
		say(&script,
		    "owner o%d timezone = \"%s\"; digest_at = \"%02d:%02d\"; workdays = "
		    "\"mon-sun\"; weekly = false;",
		    i, pair[i], minute / 60, minute % 60);
		say(&script, "partner p%d owner = \"o%d\"; last_contact = \"%s\";", i, i, before);
	}
	say(&script, "at %s 12:00", day_iso(d - 2, start));
	script.any = true;
	say(&script, "until %s 12:00", day_iso(d + 3, end));
	for (int i = 0; i < 2 && !script.failed; i++) {
		char owner[4];
		int found = 0, at = -1;

		snprintf(owner, sizeof(owner), "o%d", i);
		for (size_t n = 0; n < script.stage.seen_count; n++) {
			const struct seen *seen = &script.stage.seen[n];

			if (strcmp(seen->owner, owner) == 0 && seen->day == d) {
				found++;
				at = seen->minute;
			}
		}
		if (found != 1 || at != first_minute(pair[i], d, minute))
			script_fail(&script, "%d digests to %s in %s, at minute %d, not at %d",
				    found, owner, pair[i], at, first_minute(pair[i], d, minute));
	}
	script_close(&script);
	free(name);
	return !script.failed;
}

bool clocks_play(void)
{
	const day from = day_from_civil((struct civil){2026, 11, 23});
	int played = 0, failed = 0;

	for (size_t z = 0; z < ZONES; z++) {
		const char *const pair[2] = {zones[z], zones[(z + 1) % ZONES]};
		day days[DAYS_MAX];
		const size_t count = find_days(zones[z], from, days);

		if (count < 2) {
			printf("clocks: %s changes %zu times a year\n", zones[z], count);
			failed++;
		}
		for (size_t i = 0; i < count; i++)
			for (int hour = 0; hour < HOURS; hour++, played++)
				/* The minutes differ, so that some lie within a gap. */
				failed += !play_day(days[i], pair, 60 * hour + hour * 7 % 60);
	}
	printf("clocks: %d days played, %d failed\n", played, failed);
	return failed == 0 && played > 0;
}
