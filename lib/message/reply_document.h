/* The mail that says what came of an answer by mail: what was not understood, what was asked, and
 * what was done besides; and the mail of `cadencectl test reply`.
 *
 * What became of each line was decided in lib/reply; this file only says it. */
#ifndef CADENCE_MESSAGE_REPLY_DOCUMENT_H
#define CADENCE_MESSAGE_REPLY_DOCUMENT_H

#include "core/digest.h"
#include "message/document.h"

enum reply_result {
	REPLY_LINE_DONE, /* text: what was done */
	REPLY_LINE_NOT,	 /* text: why not, and what to write instead */
	REPLY_LINE_WHY,	 /* where a partner stands was asked */
	REPLY_LINE_HELP, /* what can be written was asked */
};

/* One line of an answer, and what came of it. */
struct reply_line {
	const char *said; /* the line as it was written */
	enum reply_result result;
	const char *text;
	/* For REPLY_LINE_WHY. */
	const struct facts *facts;
	const struct digest_entry *entry; /* NULL: nothing of it is due */
};

struct reply_news {
	const struct owner *hearer;	     /* who answered; NULL: whoever was sent a test */
	const struct owner_history *history; /* the hearer's */
	const struct roster *roster;
	bool empty; /* nothing new stood in it */
	day today;
	const char *subject;	 /* of the answer; NULL: it has none */
	const char *in_reply_to; /* its Message-ID; NULL: it has none */
	const char *reply_to;	 /* where this one is answered */
	const char *host;	 /* the machine that sends; NULL: not said */
	bool cut;		 /* not all of it was read */
	const struct reply_line *lines;
	size_t line_count;
	instant created;
};

struct document *reply_document(struct arena *arena, const struct reply_news *news);

/* A mail like a digest, about an example, that can be answered: answers change nothing. host may be
 * NULL. */
struct document *reply_test_document(struct arena *arena, const char *reply_to, const char *host,
				     instant created);

#endif
