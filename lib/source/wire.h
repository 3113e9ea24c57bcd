/* What the worker process writes to the daemon of a mail, in bytes: nothing of it is believed.
 *
 * A frame is its length (4 bytes, the machine's order) and so many bytes. To the worker it is the
 * mail; from it, a letter or the words why it is none. */
#ifndef CADENCE_SOURCE_WIRE_H
#define CADENCE_SOURCE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/mem.h"
#include "source/letter.h"

#define WIRE_HEAD      4	    /* bytes of a length */
#define WIRE_FRAME_MAX (512u << 10) /* bytes of what the worker answers */
#define WIRE_FAULT_MAX 200	    /* code points of why a mail is none */

/* Appends the frame of a letter whose texts are within the limits of source/letter.h. */
void wire_write_letter(struct buf *out, const struct letter *letter);
/* Appends the frame that says why it is none, one line. */
void wire_write_fault(struct buf *out, const char *fault);

/* Reads the inside of a frame. False when anything is not as it should be: a length, a count or a
 * text over its limit, bytes left over, what is no clean UTF-8, an address that is none. *ret_fault
 * is why the mail is none; else it is NULL and the letter is written. The arena owns the texts. */
bool wire_read(const void *bytes, size_t len, struct arena *arena, struct letter *ret_letter,
	       const char **ret_fault) MUST_USE;

#endif
