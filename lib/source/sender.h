/* The one address in a From field that everybody who reads it finds there. */
#ifndef CADENCE_SOURCE_SENDER_H
#define CADENCE_SOURCE_SENDER_H

#include "base/mem.h"

/* Reads the value of a From field as it came (RFC 5322, 3.4, folded or not). The address with its
 * domain in lower case, in the arena; NULL when there is none, when there are several, or when two
 * parsers could come to different ones. Only for a process that may do nothing else (worker.h):
 * encoded words are decoded by GMime. */
const char *sender_read(const char *field, struct arena *arena);
/* One address as it is compared, with its domain in lower case, in the arena; NULL: it is none, or
 * text is NULL. */
const char *sender_address(const char *text, struct arena *arena);

#endif
