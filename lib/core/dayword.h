/* Words for days where a day may be left out and a note or a reason follows: on the command line,
 * and in a line of an answer. */
#ifndef CADENCE_CORE_DAYWORD_H
#define CADENCE_CORE_DAYWORD_H

#include <stdbool.h>

/* Whether a word is meant as a day; one that only looks like a date (31nov, 2026-11-31) is the
 * daemon's to refuse. */
bool dayword_is_day(const char *word);
/* Whether the first of these words, which is no day, was probably meant as one: 3/11/2026, -3d,
 * tomorow, 7december, Nov 20, last friday, two days ago; also in quotes, as one word of a shell. As
 * a note it would be taken for today's. */
bool dayword_is_near(int argc, const char *const *argv);

/* "2 weeks" or "in 2 weeks", of the past "2 weeks ago", as the word "2w" in out. How many words
 * that are; 0: none of these. */
#define DAYWORD_SIZE 8
int dayword_join(int argc, const char *const *argv, bool past, char out[DAYWORD_SIZE]);

#endif
