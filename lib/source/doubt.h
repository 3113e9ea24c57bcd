/* Lines of which only half would be done, or the contrary: they are asked back. Private to
 * command.c and period.c. */
#ifndef CADENCE_SOURCE_DOUBT_H
#define CADENCE_SOURCE_DOUBT_H

#include "source/clerk.h"

/* Why what follows the verb, from word `at` on, is not taken as it stands; NULL: it may be. Of the
 * command the verb is known, and number or name. The clerk's arena owns the text. */
const char *doubt_of(const struct clerk *clerk, const struct command *c, const struct line *line,
		     size_t at);

#endif
