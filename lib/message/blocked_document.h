/* The word that a way out is blocked, sent over another one: to people who wait for what does not
 * come. */
#ifndef CADENCE_MESSAGE_BLOCKED_DOCUMENT_H
#define CADENCE_MESSAGE_BLOCKED_DOCUMENT_H

#include <stdint.h>

#include "core/zone.h"
#include "message/document.h"

struct blocked_news {
	const char *channel; /* id */
	const char
	    *recipient;	    /* mail address that nobody has; NULL: the whole channel is blocked */
	const char *reason; /* what the other side said */
	int64_t waiting;    /* messages that are kept */
	instant since;
	const struct zone *zone; /* of the reader, for the time */
	const char *host;	 /* the machine that sends; NULL: not said */
	instant created;
};

/* The arena owns it; nothing of the news is kept. */
struct document *blocked_document(struct arena *arena, const struct blocked_news *news);

#endif
