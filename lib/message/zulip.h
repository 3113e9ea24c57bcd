/* Renders a document as the form that Zulip takes at /api/v1/messages. options->room is the stream.
 */
#ifndef CADENCE_MESSAGE_ZULIP_H
#define CADENCE_MESSAGE_ZULIP_H

#include "base/buf.h"
#include "message/chat.h"
#include "message/document.h"

#define ZULIP_TOPIC_MAX	  60	/* characters */
#define ZULIP_CONTENT_MAX 10000 /* characters */

/* Appends the form (application/x-www-form-urlencoded); an overflow shows in out. */
void zulip_render(const struct document *document, const struct chat_options *options,
		  struct buf *out);

#endif
