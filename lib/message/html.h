/* Renders a document as HTML, for the second part of a mail.
 *
 * Headings and lists with their meaning, one small embedded style sheet with a dark half, no image,
 * no script and nothing remote. Every text is escaped and isolated from the writing direction
 * around it. */
#ifndef CADENCE_MESSAGE_HTML_H
#define CADENCE_MESSAGE_HTML_H

#include "base/buf.h"
#include "message/document.h"

/* Appends a whole page; an overflow shows in out. */
void html_render(const struct document *document, struct buf *out);

#endif
