/* Renders a document as the body of a generic webhook: {"type":…,"timestamp":…,"data":{…}}, as
 * Standard Webhooks asks.
 *
 * An event carries its stored data. Every other document says its owner, subject, plain text and
 * partners. */
#ifndef CADENCE_MESSAGE_EVENT_H
#define CADENCE_MESSAGE_EVENT_H

#include "base/buf.h"
#include "message/document.h"

/* Appends the JSON; an overflow shows in out. The same document always gives the same bytes, so
 * that a signature over them can be made again. */
void event_render(const struct document *document, struct buf *out);

#endif
