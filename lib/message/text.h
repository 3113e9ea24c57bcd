/* Renders a document as plain text.
 *
 * Wrapped by terminal columns; nothing is wider than TEXT_COLUMNS except commands, which stay in
 * one piece so that they can be copied. Lines end with a line feed. The subject is not part of it.
 */
#ifndef CADENCE_MESSAGE_TEXT_H
#define CADENCE_MESSAGE_TEXT_H

#include "base/buf.h"
#include "message/document.h"

#define TEXT_COLUMNS 72

/* Appends the text; an overflow shows in out. */
void text_render(const struct document *document, struct buf *out);

#endif
