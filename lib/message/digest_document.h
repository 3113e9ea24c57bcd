/* Puts a composed digest into words: the sentences an owner reads, in English, for every channel.
 *
 * What is told, and in which order, was decided in core/digest.h; this file only says it. */
#ifndef CADENCE_MESSAGE_DIGEST_DOCUMENT_H
#define CADENCE_MESSAGE_DIGEST_DOCUMENT_H

#include "core/digest.h"
#include "message/document.h"

#define DIGEST_FULL_ENTRIES  5	/* told with all their evidence */
#define DIGEST_BRIEF_ENTRIES 10 /* after them, a line each; the rest is a number */

/* What the words need besides the digest. */
struct digest_words {
	const char *admin;	     /* address for "Wrong or too much?"; NULL: none */
	const char *host;	     /* the machine that sends; NULL: not said */
	const struct roster *roster; /* names of colleagues, partner_link; NULL: ids are said */
	int local_hour;		     /* 0..23, where the owner is: for the greeting */
	instant created;	     /* the document's date, kept over all attempts */
	const char
	    *reply_to; /* mail address that answers to this one go to; NULL: none are taken */
};

/* The document of a digest of kind DIGEST_NUDGES or DIGEST_QUIET. DETAIL_SHORT: no notes, one line
 * an entry, and the subject names the owner, because the channel may be shared. The arena owns it;
 * nothing of the digest is kept. */
struct document *digest_document(struct arena *arena, const struct digest *digest,
				 const struct digest_words *words, enum detail detail);

/* The message of `cadencectl test CHANNEL`. host may be NULL. */
struct document *test_document(struct arena *arena, const char *channel, const char *host,
			       instant created);

#endif
