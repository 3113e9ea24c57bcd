/* A growing byte buffer with a ceiling.
 *
 * Appending past the ceiling adds nothing and sets `overflowed`; it stays set, so a writer may
 * append many times and look once at the end. The bytes are always followed by a NUL that is not
 * counted. */
#ifndef CADENCE_BASE_BUF_H
#define CADENCE_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct buf {
	char *data; /* NULL while nothing was ever added */
	size_t len;
	size_t capacity;
	size_t max; /* ceiling in bytes */
	bool overflowed;
};

/* An empty buffer that never grows over max bytes. */
struct buf buf_make(size_t max);
/* Frees the bytes and leaves an empty buffer with the same ceiling. */
void buf_free(struct buf *buf);
void buf_add(struct buf *buf, const void *bytes, size_t len);
void buf_adds(struct buf *buf, const char *s);
void buf_addc(struct buf *buf, char c);
void buf_addf(struct buf *buf, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The text so far, "" when nothing was added. Valid until the next append. */
const char *buf_text(const struct buf *buf);
/* Gives the bytes away (the caller frees; "" is allocated when empty) and empties the buffer. */
char *buf_take(struct buf *buf);

#endif
