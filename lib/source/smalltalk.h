/* What people write around an answer and do not mean as one: greetings, thanks, how a letter ends.
 */
#ifndef CADENCE_SOURCE_SMALLTALK_H
#define CADENCE_SOURCE_SMALLTALK_H

#include <stdbool.h>

#include "source/line.h"

/* "Hi Cadence," "Thanks a lot!" "ok": says nothing. */
bool smalltalk_is_idle(const struct line *line);
/* "Best regards", "Viele Grüße": what follows is a name and an address. */
bool smalltalk_is_closing(const struct line *line);
/* A name as it stands under a mail: few words, all of them capitals at the start. */
bool smalltalk_is_name(const struct line *line);
/* Whether one of the words from first up to end is one that sentences are made of and names are
 * not. */
bool smalltalk_is_sentence(const struct line *line, size_t first, size_t end);

#endif
