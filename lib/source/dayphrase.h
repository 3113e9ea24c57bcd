/* A day in several words, as it is written in a mail: 7 dec, Fri 4 Dec, 2 weeks ago, until friday.
 *
 * The days are those of core/day.h; what could be meant in two ways is never guessed, nor is
 * the year of a date that would lie far away in this one and near in the other. */
#ifndef CADENCE_SOURCE_DAYPHRASE_H
#define CADENCE_SOURCE_DAYPHRASE_H

#include "base/mem.h"
#include "core/day.h"
#include "source/line.h"

enum dayphrase {
	DAYPHRASE_NONE,	 /* no day stands there */
	DAYPHRASE_DAY,	 /* one does */
	DAYPHRASE_DOUBT, /* something like one does: fault says what to write */
};

/* Reads the day with which the words begin; lean as for day_parse_words(). Gives the number of
 * words it took and the day, or the fault, which the arena owns. */
enum dayphrase dayphrase_read(const struct line *line, day today, enum day_lean lean,
			      struct arena *arena, size_t *ret_used, day *ret_day,
			      const char **ret_fault);

/* "jan", "january", "sept" -> 1..12; 0 when it is no month. */
int month_parse(const char *bare);

#endif
