/* Bytes of any charset to clean UTF-8. The converters are opened beforehand, because the process
 * that uses them can open nothing later. */
#ifndef CADENCE_SOURCE_CHARSET_H
#define CADENCE_SOURCE_CHARSET_H

#include <stddef.h>

#include "base/mem.h"

struct charsets;

/* Opens a converter for each charset of a fixed list that the system has. */
struct charsets *charsets_open(void);
struct charsets *charsets_close(struct charsets *charsets);

/* The text as UTF-8. Without a name, or with us-ascii or utf-8, it is UTF-8 when it is valid; what
 * is not, iso-8859-1, and every charset that is not in the list, is read as windows-1252. Bytes
 * that mean nothing become U+FFFD. The arena owns it. */
const char *charset_decode(const struct charsets *charsets, const char *name, const char *bytes,
			   size_t len, struct arena *arena);

/* A copy as text_check() wants it: without control and formatting characters; line ends are line
 * feeds, a tab is a space; TEXT is valid UTF-8 or is repaired. */
char *charset_cleaned(const char *text, struct arena *arena);

#endif
