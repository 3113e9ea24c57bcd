/* Renders a document as the message that ntfy takes at its root. options->topic is the topic. */
#ifndef CADENCE_MESSAGE_NTFY_H
#define CADENCE_MESSAGE_NTFY_H

#include "base/buf.h"
#include "message/chat.h"
#include "message/document.h"

/* Bytes of the message: ntfy makes a file of a longer one */
#define NTFY_MESSAGE_MAX 4096
#define NTFY_TITLE_MAX	 250 /* bytes */

/* Appends the JSON; an overflow shows in out. */
void ntfy_render(const struct document *document, const struct chat_options *options,
		 struct buf *out);

#endif
