/* Renders a document as the body of a Discord webhook: the subject as the message, all else in an
 * embed. Nobody is ever mentioned. */
#ifndef CADENCE_MESSAGE_DISCORD_H
#define CADENCE_MESSAGE_DISCORD_H

#include "base/buf.h"
#include "message/chat.h"
#include "message/document.h"

#define DISCORD_CONTENT_MAX	2000 /* UTF-16 units of the message */
#define DISCORD_DESCRIPTION_MAX 4096 /* UTF-16 units of an embed's text */

/* Appends the JSON; an overflow shows in out. */
void discord_render(const struct document *document, const struct chat_options *options,
		    struct buf *out);

#endif
