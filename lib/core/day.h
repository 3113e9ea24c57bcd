/* Days: civil dates of the proleptic Gregorian calendar as day numbers.
 *
 * All arithmetic of the cadence is done in days; instants exist only at the edges (core/zone.h). */
#ifndef CADENCE_CORE_DAY_H
#define CADENCE_CORE_DAY_H

#include <stdbool.h>
#include <stdint.h>

/* Days since 1970-01-01, which is day 0. */
typedef int32_t day;
/* Milliseconds since 1970-01-01T00:00:00Z, without leap seconds. */
typedef int64_t instant;

#define DAY_NEVER     INT32_MAX /* no such day: later than every day */
#define DAY_MIN	      (-25567)	/* 1900-01-01: what we accept from outside */
#define DAY_MAX	      376199	/* 2999-12-31 */
#define INSTANT_NEVER INT64_MAX
#define SECOND_MS     INT64_C(1000)
#define MINUTE_MS     (60 * SECOND_MS)
#define HOUR_MS	      (60 * MINUTE_MS)
#define DAY_MS	      (24 * HOUR_MS)
#define DAY_SECONDS   86400

enum weekday { MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY };

struct civil {
	int year;
	int month; /* 1..12 */
	int day;   /* 1..31 */
};

/* The day number of a date that exists (Howard Hinnant, "chrono-Compatible Low-Level Date
 * Algorithms"). */
day day_from_civil(struct civil civil);
struct civil day_to_civil(day d);
bool civil_is_valid(struct civil civil);
/* Days in a month, 28..31. */
int civil_month_days(int year, int month);
enum weekday day_weekday(day d);
/* The same day of the month, that many months later or earlier, clamped to the month's end. */
day day_add_months(day base, int months);

#define DAY_TEXT_SIZE 32
/* "2026-11-03"; "never" for DAY_NEVER. Returns out. */
char *day_iso(day d, char out[DAY_TEXT_SIZE]);
/* For people: "Tue 3 Nov", or "Thu 14 Jan 2027" when the year is not today's. Returns out. */
char *day_say(day d, day today, char out[DAY_TEXT_SIZE]);

/* Exactly YYYY-MM-DD, a date that exists, in DAY_MIN..DAY_MAX. */
bool day_parse_iso(const char *text, day *ret_day);

enum day_lean { DAY_PAST, DAY_AHEAD };
/* What a person writes, in one word: 2026-11-03, today, yesterday, tomorrow, monday or mon (the
 * nearest such day on that side of today; today itself for DAY_PAST when it is one, a week ahead
 * for DAY_AHEAD), 3d 2w 1m (that many days, weeks, months back or ahead), 7dec or 7dec2026 (without
 * a year: the nearest on that side, today included). Case does not matter. lean says on which side
 * of today the words without a sign lie. */
bool day_parse_words(const char *text, day today, enum day_lean lean, day *ret_day);

/* "mon", "monday" -> MONDAY; case does not matter. */
bool weekday_parse(const char *text, enum weekday *ret_weekday);
/* "Mon" */
const char *weekday_name(enum weekday weekday);

/* RFC 3339 with any offset, "2026-11-23T08:30:00Z"; fractions down to ms. False when it is not one.
 */
bool instant_parse(const char *text, instant *ret_instant);
#define INSTANT_TEXT_SIZE 40
/* "2026-11-23T08:30:00Z", in UTC, whole seconds. Returns out. */
char *instant_rfc3339(instant at, char out[INSTANT_TEXT_SIZE]);

#endif
