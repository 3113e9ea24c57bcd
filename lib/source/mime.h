/* Reads a mail as a letter, by GMime. Meant for a process that may do nothing else (worker.h):
 * parsers of mail have had holes before. */
#ifndef CADENCE_SOURCE_MIME_H
#define CADENCE_SOURCE_MIME_H

#include <stddef.h>

#include "base/mem.h"
#include "source/charset.h"
#include "source/letter.h"

/* Once, before mime_read(): all that is opened or looked up later by GMime. */
void mime_begin(void);

/* Reads a whole mail of len bytes, with CR LF or LF, with or without an mbox "From " line before
 * it. Returns NULL and the letter, or why it is none, in words that go on from "put aside,
 * because". The arena owns the texts. */
const char *mime_read(const char *bytes, size_t len, const struct charsets *charsets,
		      struct arena *arena, struct letter *ret_letter);

#endif
