/* Outcomes: what a reply means for a delivery and for its channel.
 *
 * Two tables decide, one of HTTP statuses, one of SMTP codes; nothing else in the program looks at
 * either. A reason says what the other side said, in words an administrator can act on, and never
 * holds a URL or a secret: of a page that a stranger's server sent only a single plain word is
 * repeated. */
#ifndef CADENCE_CHANNEL_OUTCOME_H
#define CADENCE_CHANNEL_OUTCOME_H

#include <stdbool.h>
#include <stdint.h>

#include "core/day.h"
#include "core/roster.h"
#include "net/http.h"
#include "net/mail.h"

#define OUTCOME_REASON_SIZE 300

enum outcome_class {
	OUTCOME_DELIVERED,
	OUTCOME_TRANSIENT, /* try again later */
	OUTCOME_MESSAGE,   /* this message will never be taken */
	OUTCOME_ADDRESS,   /* nobody has that address */
	OUTCOME_CONFIG,	   /* nothing will be taken until the administrator acts */
	OUTCOME_CLASSES
};

struct outcome {
	enum outcome_class class;
	bool ambiguous; /* it may have been accepted after all */
	int64_t
	    retry_after_ms; /* transient: not before that; 0..RETRY_AFTER_MAX_MS, -1: not said */
	bool for_all; /* retry_after_ms was asked for whatever goes there, not for this message
			 alone */
	/* Not transient, and yet known to be a passing fault now and then: try once more after that
	 * long before believing it, whatever came before, unless it was doubted already. -1:
	 * believe it. */
	int64_t once_more_ms;
	char refused_token[SHA256_HEX_SIZE]; /* config: with another token it may go; "": it will
						not */
	char reason[OUTCOME_REASON_SIZE];    /* "smtp 451 4.7.1 Greylisted, try again", "http 404
						no_service" */
};

struct outcome outcome_of_http(enum channel_type type, const struct http_reply *reply, instant now);
struct outcome outcome_of_mail(const struct mail_reply *reply);

const char *outcome_class_name(enum outcome_class class); /* "transient" */

#endif
