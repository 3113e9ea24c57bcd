/* Civil dates and the words people use for them. */
#include "core/day.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define ERA_DAYS	146097 /* days in 400 years */
#define EPOCH_FROM_ERA	719468 /* 1970-01-01 counted from 0000-03-01 */
#define DAY_DIGITS_MAX	2      /* of the day in "7dec" */
#define WORD_NUMBER_MAX 40000  /* the largest number in "3d": about a hundred years */

static const char *const month_names[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
static const char *const weekday_names[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
static const char *const weekday_words[] = {"monday", "tuesday",  "wednesday", "thursday",
					    "friday", "saturday", "sunday"};

static int floor_div(int a, int b)
{
	return (a >= 0 ? a : a - b + 1) / b;
}

day day_from_civil(struct civil civil)
{
	const int y = civil.month <= 2 ? civil.year - 1 : civil.year;
	const int era = floor_div(y, 400);
	const int year_of_era = y - era * 400;
	const int day_of_year = (153 * ((civil.month + 9) % 12) + 2) / 5 + civil.day - 1;
	const int day_of_era =
	    year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * ERA_DAYS + day_of_era - EPOCH_FROM_ERA;
}

struct civil day_to_civil(day d)
{
	const int z = d + EPOCH_FROM_ERA;
	const int era = floor_div(z, ERA_DAYS);
	const int doe = z - era * ERA_DAYS;
	const int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	const int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	const int mp = (5 * doy + 2) / 153;
	const int month = mp < 10 ? mp + 3 : mp - 9;

	return (struct civil){.year = yoe + era * 400 + (month <= 2),
			      .month = month,
			      .day = doy - (153 * mp + 2) / 5 + 1};
}

int civil_month_days(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

bool civil_is_valid(struct civil civil)
{
	return civil.month >= 1 && civil.month <= 12 && civil.day >= 1 &&
	       civil.day <= civil_month_days(civil.year, civil.month);
}

enum weekday day_weekday(day d)
{
	/* Day 0 was a Thursday. */
	return (enum weekday)(((d + 3) % 7 + 7) % 7);
}

char *day_iso(day d, char out[DAY_TEXT_SIZE])
{
	if (d == DAY_NEVER) {
		snprintf(out, DAY_TEXT_SIZE, "never");
		return out;
	}
	const struct civil c = day_to_civil(d);

	snprintf(out, DAY_TEXT_SIZE, "%04d-%02d-%02d", c.year, c.month, c.day);
	return out;
}

char *day_say(day d, day today, char out[DAY_TEXT_SIZE])
{
	if (d == DAY_NEVER) {
		snprintf(out, DAY_TEXT_SIZE, "never");
		return out;
	}
	const struct civil c = day_to_civil(d);
	const int len = snprintf(out, DAY_TEXT_SIZE, "%s %d %s", weekday_names[day_weekday(d)],
				 c.day, month_names[c.month - 1]);
	if (c.year != day_to_civil(today).year)
		snprintf(out + len, DAY_TEXT_SIZE - (size_t)len, " %d", c.year);
	return out;
}

/* Exactly `digits` decimal digits at *text; moves past them. */
static bool take_number(const char **text, int digits, int *ret)
{
	int value = 0;

	for (int i = 0; i < digits; i++) {
		if (!isdigit((unsigned char)(*text)[i]))
			return false;
		value = value * 10 + ((*text)[i] - '0');
	}
	*text += digits;
	*ret = value;
	return true;
}

static bool take_char(const char **text, const char *any_of)
{
	if (!**text || !strchr(any_of, **text))
		return false;
	++*text;
	return true;
}

static bool take_date(const char **text, day *ret_day)
{
	struct civil c;

	if (!take_number(text, 4, &c.year) || !take_char(text, "-") ||
	    !take_number(text, 2, &c.month) || !take_char(text, "-") ||
	    !take_number(text, 2, &c.day) || !civil_is_valid(c))
		return false;
	*ret_day = day_from_civil(c);
	return *ret_day >= DAY_MIN && *ret_day <= DAY_MAX;
}

bool day_parse_iso(const char *text, day *ret_day)
{
	day d;

	if (!take_date(&text, &d) || *text)
		return false;
	*ret_day = d;
	return true;
}

bool weekday_parse(const char *text, enum weekday *ret_weekday)
{
	for (int i = 0; i < 7; i++) {
		if (strcasecmp(text, weekday_words[i]) == 0 ||
		    strcasecmp(text, weekday_names[i]) == 0) {
			*ret_weekday = (enum weekday)i;
			return true;
		}
	}
	return false;
}

const char *weekday_name(enum weekday weekday)
{
	return weekday_names[weekday];
}

static bool parse_relative(const char *text, day today, day *ret_day)
{
	static const struct {
		const char *word;
		int days;
	} words[] = {{"today", 0}, {"yesterday", -1}, {"tomorrow", 1}};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasecmp(text, words[i].word) == 0) {
			*ret_day = today + words[i].days;
			return true;
		}
	}
	return false;
}

static bool parse_weekday_word(const char *text, day today, enum day_lean lean, day *ret_day)
{
	enum weekday weekday;
	int ahead;

	if (!weekday_parse(text, &weekday))
		return false;
	ahead = ((int)weekday - (int)day_weekday(today) + 7) % 7;
	if (lean == DAY_AHEAD)
		*ret_day = today + (ahead ? ahead : 7);
	else
		*ret_day = today - (ahead ? 7 - ahead : 0);
	return true;
}

day day_add_months(day base, int months)
{
	struct civil c = day_to_civil(base);
	const int index = c.year * 12 + c.month - 1 + months;

	c.year = floor_div(index, 12);
	c.month = index - c.year * 12 + 1;
	if (c.day > civil_month_days(c.year, c.month))
		c.day = civil_month_days(c.year, c.month);
	return day_from_civil(c);
}

/* 3d 2w 1m */
static bool parse_count(const char *text, day today, enum day_lean lean, day *ret_day)
{
	char *end;
	long count;

	if (!isdigit((unsigned char)text[0]))
		return false;
	count = strtol(text, &end, 10);
	if (count > WORD_NUMBER_MAX || !end[0] || end[1])
		return false;
	const int n = lean == DAY_AHEAD ? (int)count : -(int)count;
	switch (tolower((unsigned char)end[0])) {
	case 'd':
		*ret_day = today + n;
		break;
	case 'w':
		*ret_day = today + 7 * n;
		break;
	case 'm':
		*ret_day = day_add_months(today, n);
		break;
	default:
		return false;
	}
	return *ret_day >= DAY_MIN && *ret_day <= DAY_MAX;
}

/* The nearest year on the wanted side in which the date exists. */
static bool find_year(struct civil c, day today, enum day_lean lean, day *ret_day)
{
	const int step = lean == DAY_AHEAD ? 1 : -1;

	c.year = day_to_civil(today).year;
	for (int tries = 0; tries < 9; tries++, c.year += step) {
		if (!civil_is_valid(c))
			continue;
		const day d = day_from_civil(c);
		if (lean == DAY_AHEAD ? d >= today : d <= today) {
			*ret_day = d;
			return true;
		}
	}
	return false;
}

/* 7dec 7dec2026 */
static bool parse_day_month(const char *text, day today, enum day_lean lean, day *ret_day)
{
	struct civil c = {0, 0, 0};
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return false;
	c.day = (int)strtol(text, &end, 10);
	if (end - text > DAY_DIGITS_MAX)
		return false;
	for (int i = 0; i < 12; i++)
		if (strncasecmp(end, month_names[i], 3) == 0)
			c.month = i + 1;
	if (!c.month || c.day > 31)
		return false;
	end += 3;
	if (!*end)
		return find_year(c, today, lean, ret_day);
	const char *year = end;
	if (!take_number(&year, 4, &c.year) || *year || !civil_is_valid(c))
		return false;
	*ret_day = day_from_civil(c);
	return *ret_day >= DAY_MIN && *ret_day <= DAY_MAX;
}

bool day_parse_words(const char *text, day today, enum day_lean lean, day *ret_day)
{
	return day_parse_iso(text, ret_day) || parse_relative(text, today, ret_day) ||
	       parse_weekday_word(text, today, lean, ret_day) ||
	       parse_count(text, today, lean, ret_day) ||
	       parse_day_month(text, today, lean, ret_day);
}

static bool take_fraction(const char **text, int *ret_ms)
{
	int unit = 100;

	*ret_ms = 0;
	if (**text != '.')
		return true;
	++*text;
	if (!isdigit((unsigned char)**text))
		return false;
	for (; isdigit((unsigned char)**text); ++*text, unit /= 10)
		*ret_ms += (**text - '0') * unit;
	return true;
}

static bool take_offset(const char **text, int *ret_minutes)
{
	const char sign = **text;
	int hours, minutes;

	*ret_minutes = 0;
	if (take_char(text, "Zz"))
		return true;
	if (!take_char(text, "+-") || !take_number(text, 2, &hours) || !take_char(text, ":") ||
	    !take_number(text, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*ret_minutes = (sign == '-' ? -1 : 1) * (hours * 60 + minutes);
	return true;
}

bool instant_parse(const char *text, instant *ret_instant)
{
	day d;
	int hour, minute, second, ms, offset;

	if (!take_date(&text, &d) || !take_char(&text, "Tt ") || !take_number(&text, 2, &hour) ||
	    !take_char(&text, ":") || !take_number(&text, 2, &minute) || !take_char(&text, ":") ||
	    !take_number(&text, 2, &second) || !take_fraction(&text, &ms) ||
	    !take_offset(&text, &offset) || *text)
		return false;
	if (hour > 23 || minute > 59 || second > 59)
		return false;
	*ret_instant =
	    d * DAY_MS + hour * HOUR_MS + (minute - offset) * MINUTE_MS + second * SECOND_MS + ms;
	return true;
}

char *instant_rfc3339(instant at, char out[INSTANT_TEXT_SIZE])
{
	const instant shifted = at >= 0 ? at : at - (DAY_MS - 1);
	const day d = (day)(shifted / DAY_MS);
	const int second = (int)((at - d * DAY_MS) / SECOND_MS);
	char date[DAY_TEXT_SIZE];

	snprintf(out, INSTANT_TEXT_SIZE, "%.10sT%02d:%02d:%02dZ", day_iso(d, date), second / 3600,
		 second / 60 % 60, second % 60);
	return out;
}
