/* Renders a document as the content of a Matrix event m.room.message: a notice, which no robot
 * answers, with a plain text and the same in HTML. Nobody is mentioned. */
#ifndef CADENCE_MESSAGE_MATRIX_H
#define CADENCE_MESSAGE_MATRIX_H

#include "base/buf.h"
#include "message/chat.h"
#include "message/document.h"

/* Bytes of each of the two texts: an event may have 64 KiB, and JSON may double each byte. */
#define MATRIX_TEXT_MAX 14000

/* Appends the JSON; an overflow shows in out. */
void matrix_render(const struct document *document, const struct chat_options *options,
		   struct buf *out);

#endif
