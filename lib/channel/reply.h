/* Replies: what the other side of a hook says in the body of its answer. Private to lib/channel.
 *
 * Some say in the body what the status hides, and most say there what is wrong. Of a stranger's
 * bytes nothing is repeated but words that stand in the table here. */
#ifndef CADENCE_CHANNEL_REPLY_H
#define CADENCE_CHANNEL_REPLY_H

#include "channel/outcome.h"

struct reply_words {
	const char *word;	  /* what it said, of those we know; NULL: nothing that is known */
	enum outcome_class class; /* with a word: what that means */
	const char *hint;	  /* with a word: what can be done about it, NULL: nothing to add */
	bool is_success;	  /* with a status of success: the body says so too */
	int64_t retry_after_ms;	  /* -1: not said */
	int64_t moved_to;	  /* telegram: the id that the chat has now; 0: not said */
};

struct reply_words reply_read(enum channel_type type, const struct http_reply *reply);
/* What can be done about a status of HTTP, whoever answered; NULL: nothing to add. */
const char *reply_status_hint(long status);

#endif
