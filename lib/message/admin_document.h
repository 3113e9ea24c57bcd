/* The mail to the administrator: what could not be delivered, whom nobody hears of, and what can
 * be done about it. */
#ifndef CADENCE_MESSAGE_ADMIN_DOCUMENT_H
#define CADENCE_MESSAGE_ADMIN_DOCUMENT_H

#include <stdint.h>

#include "message/document.h"

struct admin_delivery {
	int64_t id;
	const char *kind;      /* "digest", "event" */
	const char *owner;     /* whose digest; NULL: nobody's */
	const char *channel;   /* id */
	const char *recipient; /* mail address; NULL: a hook */
	const char *reason;    /* what the other side said; NULL: nothing */
	int64_t age_ms;	       /* since it was put into the outbox */
};

struct admin_partner {
	const char *partner, *owner; /* ids */
};

struct admin_block {
	const char *channel;   /* id */
	const char *recipient; /* mail address that nobody has; NULL: the whole channel */
	const char *reason;    /* what the other side said */
	int64_t waiting;       /* deliveries that are kept */
	int64_t age_ms;	       /* since it was blocked */
};

struct admin_news {
	/* At least one of the three. */
	const struct admin_block *blocked;
	size_t blocked_count;
	const struct admin_delivery *dead;
	size_t dead_count;
	int64_t dead_total;		     /* with those that are not listed */
	const struct admin_partner *unheard; /* partners that nobody hears of */
	size_t unheard_count;
	int64_t unheard_total; /* with those that are not listed */
	const char *host;      /* the machine that sends; NULL: not said */
	instant created;
};

/* The arena owns it; nothing of the news is kept. */
struct document *admin_document(struct arena *arena, const struct admin_news *news);

#endif
