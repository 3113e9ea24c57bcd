/* Spans and the calendar arithmetic of due days. */
#include "core/span.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What one unit is in the calendar: either days or months. */
static const struct {
	const char *name;
	int days;
	int months;
} units[] = {
    [SPAN_DAYS] = {"day", 1, 0},     [SPAN_WEEKS] = {"week", 7, 0},
    [SPAN_MONTHS] = {"month", 0, 1}, [SPAN_QUARTERS] = {"quarter", 0, 3},
    [SPAN_YEARS] = {"year", 0, 12},
};

#define UNITS	     (sizeof(units) / sizeof(units[0]))
#define DAYS_A_MONTH 30.436875 /* 365.2425 / 12 */

static bool unit_parse(const char *text, enum span_unit *ret_unit)
{
	for (size_t i = 0; i < UNITS; i++) {
		const size_t len = strlen(units[i].name);

		if (strncasecmp(text, units[i].name, len) == 0 &&
		    (!text[len] || ((text[len] == 's' || text[len] == 'S') && !text[len + 1]))) {
			*ret_unit = (enum span_unit)i;
			return true;
		}
	}
	return false;
}

bool span_parse(const char *text, struct span *ret_span)
{
	struct span span;
	char *end;
	long count;

	if (!isdigit((unsigned char)text[0]))
		return false;
	count = strtol(text, &end, 10);
	while (*end == ' ')
		end++;
	if (count < 1 || count > SPAN_COUNT_MAX || !unit_parse(end, &span.unit))
		return false;
	span.count = (int)count;
	if (span_about_days(span) > SPAN_DAYS_MAX)
		return false;
	*ret_span = span;
	return true;
}

char *span_say(struct span span, char out[SPAN_TEXT_SIZE])
{
	snprintf(out, SPAN_TEXT_SIZE, "%d %s%s", span.count, units[span.unit].name,
		 span.count == 1 ? "" : "s");
	return out;
}

static day shift(day base, struct span span, int sign)
{
	if (base == DAY_NEVER)
		return DAY_NEVER;
	if (units[span.unit].months)
		return day_add_months(base, sign * span.count * units[span.unit].months);
	return base + sign * span.count * units[span.unit].days;
}

day day_add_span(day base, struct span span)
{
	return shift(base, span, 1);
}

day day_subtract_span(day base, struct span span)
{
	return shift(base, span, -1);
}

int span_about_days(struct span span)
{
	return (int)lround(span.count *
			   (units[span.unit].days + units[span.unit].months * DAYS_A_MONTH));
}
