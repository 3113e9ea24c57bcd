/* Renders a document as the body of a Mattermost incoming webhook: one text in Markdown. */
#ifndef CADENCE_MESSAGE_MATTERMOST_H
#define CADENCE_MESSAGE_MATTERMOST_H

#include "base/buf.h"
#include "message/chat.h"
#include "message/document.h"

#define MATTERMOST_TEXT_MAX 16383 /* characters */

/* Appends the JSON; an overflow shows in out. */
void mattermost_render(const struct document *document, const struct chat_options *options,
		       struct buf *out);

#endif
