/* Text for manual pages in mdoc(7): whatever stands in a table may stand in a page. */
#ifndef CADENCE_BASE_MDOC_H
#define CADENCE_BASE_MDOC_H

#include "base/buf.h"

/* Sentences as running text, each on lines of its own, the last line ended. What is missing (NULL)
 * is an empty line, which `make check-man` complains of. */
void mdoc_text(const char *text, struct buf *out);
/* What is typed or read by a program, in the middle of a line or a display: its hyphens and quotes
 * stay what they are, so that it can be copied. Line feeds are kept; none is added. */
void mdoc_literal(const char *text, struct buf *out);
/* What a program takes, as macros of one line that has begun: in capitals an argument, in brackets
 * what may be left out, "--" an option, the rest as it is typed. */
void mdoc_synopsis(const char *words, struct buf *out);

#endif
