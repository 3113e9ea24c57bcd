/* The text of an HTML mail, for mails that have no other. */
#ifndef CADENCE_SOURCE_HYPERTEXT_H
#define CADENCE_SOURCE_HYPERTEXT_H

#include <stddef.h>

#include "base/mem.h"

#define HYPERTEXT_MARKS_MAX 3 /* > before a line; a quote that is deeper has no more */

/* What a reader would see, a line a block: lines of a blockquote begin with > for each (see above),
 * an ordered list has its numbers, a horizontal rule is a line of _, as mail programs write them in
 * plain text. Styles, scripts, comments and what is struck out are nothing. len bytes of UTF-8,
 * however broken the markup. The arena owns the text, which is at most a few times as long. Pure;
 * never fails. */
const char *hypertext_read(const char *html, size_t len, struct arena *arena);

#endif
