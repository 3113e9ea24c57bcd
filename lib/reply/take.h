/* Takes a mail that answers one of ours: looks whether it may, does what its lines say with the
 * verbs that everything else uses, and says what could not be done.
 *
 * One store job a mail, one transaction: what it did, that it was taken, and the mail that says so
 * are there together or not at all. */
#ifndef CADENCE_REPLY_TAKE_H
#define CADENCE_REPLY_TAKE_H

#include "conf/conf.h"
#include "source/letter.h"
#include "store/reply.h"

#define REPLY_CONFIRMED_MAX 20 /* mails in 24 h to one sender that say what came of answers */

struct reply_outcome {
	enum reply_fate fate;
	int done, failed; /* lines */
	bool confirmed;	  /* a mail says what came of it */
};

/* What it is worked with. */
struct reply_job {
	const struct conf *conf; /* with reply_to */
	const char *host;	 /* the machine that sends; NULL: not said */
	const struct letter *letter;
	const char *fingerprint; /* of the mail (head.h): stands for a Message-ID that is missing */
};

/* A job of the store; scene->roster is the configuration's. An answer that is not taken changes
 * nothing and is counted. STATUS_OK whatever became of it; else the store has failed. */
enum status reply_take(struct db *db, const struct scene *scene, const struct reply_job *job,
		       struct reply_outcome *ret_outcome, struct error *err) MUST_USE;

#endif
