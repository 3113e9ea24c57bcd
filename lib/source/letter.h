/* A mail that came in, as far as an answer to a digest is concerned: what the worker process says
 * of it. All texts are UTF-8 without control characters but line feeds; what is not there is NULL.
 */
#ifndef CADENCE_SOURCE_LETTER_H
#define CADENCE_SOURCE_LETTER_H

#include <stdbool.h>
#include <stddef.h>

#define LETTER_BYTES_MAX (1 << 20)  /* of a mail; a longer one is put aside unread */
#define LETTER_HEAD_MAX	 (64 << 10) /* bytes of its headers */
#define LETTER_LINES_MAX 200	    /* lines of new text */
#define LETTER_TEXT_MAX	 (64 << 10) /* bytes of new text */
#define LETTER_NAMES_MAX 100	    /* references, and recipients; more are left out */
#define LETTER_ID_MAX	 998	    /* bytes of a message id */
#define LETTER_LINE_MAX	 500	    /* code points of a subject */
#define LETTER_WORD_MAX	 255	    /* bytes of authserv and dmarc */

/* Why nobody answers a mail, whatever it says. */
enum letter_robot {
	LETTER_HUMAN,
	LETTER_AUTOMATIC, /* Auto-Submitted, Precedence, X-Auto-Response-Suppress, an out-of-office
			     note */
	LETTER_BOUNCE,	  /* an empty envelope sender, a delivery report */
	LETTER_LIST,	  /* List-Id, List-Unsubscribe, … */
	LETTER_CALENDAR,  /* an answer to an invitation */
};

struct letter {
	const char *message_id; /* without < and > */
	const char *from; /* the one address in From, lower-case domain; NULL: none, or several */
	const char *subject;
	const char **references; /* message ids of In-Reply-To and References, without < and > */
	size_t reference_count;
	const char **recipients; /* addresses of To, Cc, Delivered-To, X-Original-To, Envelope-To */
	size_t recipient_count;
	const char *authserv; /* of the topmost Authentication-Results: its authserv-id */
	const char *dmarc;    /* of the same: "pass", "fail", … */
	enum letter_robot robot;
	const char
	    *text; /* what was written anew, without quotes and signature; "" when nothing was */
	bool cut;  /* there were more lines */
};

#endif
