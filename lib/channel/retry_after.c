/* libcurl's own reading turns a past date into a large negative number and 0.376 into 0. */
#include "channel/retry_after.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define NOT_SAID   (-1)
#define DATE_LEN   29 /* "Sun, 06 Nov 1994 08:49:37 GMT" */
#define DATE_MONTH 8
#define SPACES	   " \t"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int64_t clamp(int64_t ms)
{
	if (ms < 0)
		return 0;
	return ms > RETRY_AFTER_MAX_MS ? RETRY_AFTER_MAX_MS : ms;
}

/* "120" or "0.376"; counts no further than the clamp needs. */
static int64_t parse_seconds(const char *s)
{
	int64_t ms = 0;

	if (!is_digit(*s))
		return NOT_SAID;
	for (; is_digit(*s); s++)
		if (ms <= RETRY_AFTER_MAX_MS)
			ms = ms * 10 + (*s - '0') * SECOND_MS;
	if (*s == '.') {
		int64_t unit = SECOND_MS / 10;

		for (s++; is_digit(*s); s++, unit /= 10)
			ms += (*s - '0') * unit;
	}
	return s[strspn(s, SPACES)] == '\0' ? clamp(ms) : NOT_SAID;
}

static int month_of(const char *s)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int i = 0; i < 12; i++)
		if (strncmp(s, names + 3 * (size_t)i, 3) == 0)
			return i + 1;
	return 0;
}

/* Whether s has the shape of pattern, where 0 stands for a digit, A for a letter. */
static bool has_shape(const char *s, const char *pattern)
{
	for (; *pattern; s++, pattern++) {
		const bool letter = (*s >= 'A' && *s <= 'Z') || (*s >= 'a' && *s <= 'z');

		if (*pattern == '0' ? !is_digit(*s) : *pattern == 'A' ? !letter : *s != *pattern)
			return false;
	}
	return true;
}

/* An IMF-fixdate of RFC 9110. */
static int64_t parse_date(const char *s, instant now)
{
	struct civil date = {0, 0, 0};
	int hour, minute, second;

	if (!has_shape(s, "AAA, 00 AAA 0000 00:00:00 GMT") ||
	    s[DATE_LEN + strspn(s + DATE_LEN, SPACES)])
		return NOT_SAID;
	date.month = month_of(s + DATE_MONTH);
	if (sscanf(s, "%*3s, %2d %*3s %4d %2d:%2d:%2d", &date.day, &date.year, &hour, &minute,
		   &second) != 5)
		return NOT_SAID;
	/* 60: a leap second. */
	if (!civil_is_valid(date) || hour > 23 || minute > 59 || second > 60)
		return NOT_SAID;
	return clamp(day_from_civil(date) * DAY_MS + hour * HOUR_MS + minute * MINUTE_MS +
		     second * SECOND_MS - now);
}

int64_t retry_after_parse(const char *text, instant now)
{
	if (!text)
		return NOT_SAID;
	text += strspn(text, SPACES);
	return is_digit(*text) ? parse_seconds(text) : parse_date(text, now);
}
