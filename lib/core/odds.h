/* The odds: what the risk model says of a silence, in one sentence, the same wherever it is read.
 */
#ifndef CADENCE_CORE_ODDS_H
#define CADENCE_CORE_ODDS_H

#include "core/partner.h"

#define ODDS_TEXT_SIZE 256

/* "You usually talk every 23 days; it has been 49. Chance that it resumes by itself before Fri 18
 * Dec: 26 %." No number once past the cold mark, and none with little history. Returns out. */
char *odds_say(const struct facts *facts, day today, char out[ODDS_TEXT_SIZE]);
/* The chance that contact resumes by itself before the cold mark, 0..1; -1: too little history, or
 * the mark is past. */
double odds_of_return(const struct facts *facts, day today);

#endif
