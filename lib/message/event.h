/* Renders a document as the body of a generic webhook: {"type":…,"timestamp":…,"data":{…}}, as
 * Standard Webhooks asks. Its data are owner, subject, plain text and partners.
 *
 * Events are no documents: the store keeps them as the body that is posted. */
#ifndef CADENCE_MESSAGE_EVENT_H
#define CADENCE_MESSAGE_EVENT_H

#include "base/buf.h"
#include "message/document.h"

/* Appends the JSON; an overflow shows in out. The same document always gives the same bytes, so
 * that a signature over them can be made again. */
void event_render(const struct document *document, struct buf *out);

#endif
