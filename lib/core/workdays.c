/* Workdays. */
#include "core/workdays.h"

#include <string.h>

#define SEARCH_DAYS_MAX 731 /* two years without a workday are a wrong calendar */
#define WORD_MAX	12

bool day_ranges_have(const struct day_range *ranges, size_t count, day d)
{
	for (size_t i = 0; i < count && ranges[i].first <= d; i++)
		if (d <= ranges[i].last)
			return true;
	return false;
}

bool workdays_has(const struct workdays *workdays, day d)
{
	return (workdays->week >> day_weekday(d) & 1) &&
	       !day_ranges_have(workdays->holidays, workdays->holiday_count, d);
}

day workdays_next_on_or_after(const struct workdays *workdays, day d)
{
	if (d == DAY_NEVER)
		return DAY_NEVER;
	for (day try = d; try < d + SEARCH_DAYS_MAX; try++)
		if (workdays_has(workdays, try))
			return try;
	return d;
}

day workdays_last_holiday(const struct workdays *workdays)
{
	day last = DAY_MIN;

	for (size_t i = 0; i < workdays->holiday_count; i++)
		if (workdays->holidays[i].last > last)
			last = workdays->holidays[i].last;
	return last;
}

/* One word up to a separator; moves *text to the separator or the end. */
static bool take_weekday(const char **text, enum weekday *ret)
{
	const size_t len = strcspn(*text, ",-");
	char word[WORD_MAX];

	if (len >= sizeof(word))
		return false;
	memcpy(word, *text, len);
	word[len] = '\0';
	*text += len;
	return weekday_parse(word, ret);
}

bool workdays_parse_week(const char *text, uint8_t *ret_week)
{
	uint8_t week = 0;

	for (;;) {
		enum weekday first, last;

		if (!take_weekday(&text, &first))
			return false;
		last = first;
		if (*text == '-') {
			text++;
			if (!take_weekday(&text, &last))
				return false;
		}
		for (int d = (int)first;; d = (d + 1) % 7) {
			week |= (uint8_t)(1u << d);
			if (d == (int)last)
				break;
		}
		if (!*text)
			break;
		if (*text++ != ',')
			return false;
	}
	*ret_week = week;
	return true;
}
