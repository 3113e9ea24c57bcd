/* Renders a document as the body of a Google Chat webhook: the subject as text, all else in a card.
 */
#ifndef CADENCE_MESSAGE_GOOGLECHAT_H
#define CADENCE_MESSAGE_GOOGLECHAT_H

#include "base/buf.h"
#include "message/chat.h"
#include "message/document.h"

#define GOOGLECHAT_BODY_MAX    32000 /* bytes of the whole */
#define GOOGLECHAT_WIDGETS_MAX 100
#define GOOGLECHAT_SUBJECT_MAX 1000 /* characters */
#define GOOGLECHAT_WIDGET_MAX  4000 /* characters of a paragraph */
#define GOOGLECHAT_PLAIN_MAX   4000 /* characters of a message that is nothing but text */

/* Appends the JSON; an overflow shows in out. */
void googlechat_render(const struct document *document, const struct chat_options *options,
		       struct buf *out);

#endif
