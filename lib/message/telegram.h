/* Renders a document as the parameters of Telegram's sendMessage. options->room is the chat: its
 * number, or the @name of a channel. */
#ifndef CADENCE_MESSAGE_TELEGRAM_H
#define CADENCE_MESSAGE_TELEGRAM_H

#include "base/buf.h"
#include "message/chat.h"
#include "message/document.h"

/* UTF-16 units of a text. Telegram counts what is left when tags and entities are resolved; we
 * count them too, so that no reader of the rule can object. */
#define TELEGRAM_TEXT_MAX 4096

/* Appends the JSON; an overflow shows in out. */
void telegram_render(const struct document *document, const struct chat_options *options,
		     struct buf *out);

#endif
