/* Steps through the calendar for whoever knows the right answers: reads lines "2026-01-31 1
 * months", prints the day that many units later and the one that many before. */
#include <stdio.h>
#include <string.h>

#include "core/span.h"

int main(void)
{
	char line[128], iso[DAY_TEXT_SIZE], later[DAY_TEXT_SIZE], earlier[DAY_TEXT_SIZE];
	struct span span;
	int at = 0;
	day d;

	while (fgets(line, sizeof(line), stdin)) {
		if (sscanf(line, "%31s %n", iso, &at) != 1 || !day_parse_iso(iso, &d))
			return 1;
		line[strcspn(line, "\n")] = '\0';
		if (!span_parse(line + at, &span))
			return 1;
		printf("%s %s\n", day_iso(day_add_span(d, span), later),
		       day_iso(day_subtract_span(d, span), earlier));
	}
	return 0;
}
