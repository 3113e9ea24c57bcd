/* The address of a partner in the user's own CRM. Private to lib/message. */
#ifndef CADENCE_MESSAGE_LINK_H
#define CADENCE_MESSAGE_LINK_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/mem.h"

#define LINK_MAX 2000 /* bytes */

/* The pattern with the id, percent-encoded, in place of each "{id}", and with whatever may not
 * stand in a URL encoded too. NULL when the pattern is NULL, no web address, or comes out longer
 * than LINK_MAX. The arena owns it. */
const char *link_of(struct arena *arena, const char *pattern, const char *id);
/* Whether it is a web address all of whose bytes may stand in any of our targets as they are (only
 * "&" must be written "&amp;" where that is the custom). NULL is none. */
bool link_is_safe(const char *link);
/* Appends the bytes, all but letters, digits and -._~ percent-encoded. */
void link_add_encoded(struct buf *out, const char *text);

#endif
