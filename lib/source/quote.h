/* What was written anew in a mail: without what is quoted, and without signatures. */
#ifndef CADENCE_SOURCE_QUOTE_H
#define CADENCE_SOURCE_QUOTE_H

#include <stdbool.h>

#include "base/mem.h"

struct flow {
	bool flowed; /* format=flowed (RFC 3676): a space at the end goes on in the next line */
	bool delsp;  /* and is taken away */
};

/* The new lines of a text, wherever they stand: above the quote, below it or between its lines.
 * Quotes are lines with >, what follows "On … wrote:" in the languages people use, a block of From:
 * Sent: To: as Outlook writes it, "-----Original Message-----"; what follows "-- " and lines such
 * as "Sent from my iPhone" are signatures. Lines end with line feeds; no empty ones around. The
 * arena owns the text. Pure; never fails. */
const char *quote_strip(const char *text, struct flow flow, struct arena *arena);

#endif
