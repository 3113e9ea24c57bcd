/* What no text file could list: every digest hour on the days the clocks change, and years at
 * random. */
#ifndef CADENCE_TESTS_SCENARIO_YEARS_H
#define CADENCE_TESTS_SCENARIO_YEARS_H

#include <stdbool.h>
#include <stdint.h>

/* 24 digest hours × 7 zones × the days on which the clocks change × 2 owners: each digest exactly
 * once, at the minute the C library's own zones say. False after printing what was wrong. */
bool clocks_play(void);
/* Two years of owners, partners, contacts, answers, failing mail and outages, all drawn from the
 * seed. After each day: whoever has been cold for two weeks with nothing to keep it quiet was told
 * of in them; at the end: the order in which the contacts came does not matter. Besides what every
 * scenario looks at. */
bool years_play(uint64_t seed);
/* A year of 200 partners with 0 to 40 contacts each, some of them imported, half of what is told
 * answered: of all entries at most 15 % are early hints, none about a partner with fewer than 5
 * live contacts, none of one silence twice, and nothing else is told otherwise than without them.
 */
bool hints_play(uint64_t seed);

#endif
