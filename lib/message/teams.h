/* Renders a document as the body that a Microsoft Teams workflow ("When a Teams webhook request is
 * received") takes: an envelope around one Adaptive Card. */
#ifndef CADENCE_MESSAGE_TEAMS_H
#define CADENCE_MESSAGE_TEAMS_H

#include "base/buf.h"
#include "message/chat.h"
#include "message/document.h"

/* Bytes of the whole: Teams refuses over 28 KB, and what the workflow adds counts too */
#define TEAMS_BODY_MAX	   27000
#define TEAMS_FALLBACK_MAX 500 /* characters of what is shown where the card cannot be */
#define TEAMS_SUBJECT_MAX  500 /* characters */

/* Appends the JSON; an overflow shows in out. */
void teams_render(const struct document *document, const struct chat_options *options,
		  struct buf *out);

#endif
