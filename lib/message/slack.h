/* Renders a document as the body of a Slack incoming webhook (Block Kit JSON).
 *
 * Keeps within Slack's limits by leaving out entries from the end ("and 7 more"), never by cutting
 * inside a character or an entity. No name or note can form a mention, a link or formatting: what
 * Slack would read as markup is escaped or replaced by a character that looks like it. */
#ifndef CADENCE_MESSAGE_SLACK_H
#define CADENCE_MESSAGE_SLACK_H

#include "base/buf.h"
#include "message/chat.h"
#include "message/document.h"

#define SLACK_HEADER_MAX  150  /* characters of a header */
#define SLACK_SECTION_MAX 3000 /* characters of a section's text */
#define SLACK_BLOCKS_MAX  50
/* Bytes of the whole: Slack refuses somewhat more, without saying where */
#define SLACK_BODY_MAX	12000
#define SLACK_PLAIN_MAX 4000 /* characters of a message that is nothing but text */

/* Appends the JSON; an overflow shows in out. */
void slack_render(const struct document *document, const struct chat_options *options,
		  struct buf *out);

#endif
