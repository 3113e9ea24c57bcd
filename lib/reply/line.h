/* One line of an answer, done. Private to lib/reply. */
#ifndef CADENCE_REPLY_LINE_H
#define CADENCE_REPLY_LINE_H

#include "message/reply_document.h"
#include "source/command.h"
#include "store/reply.h"

/* Whose answer it is, and to which mail. */
struct answering {
	struct db *db;
	struct scene scene; /* the actor is the sender */
	const struct owner *owner;
	struct reply_mail mail;
	day today; /* where the owner lives */
	/* Whom a name may mean; none when no line has a name. */
	struct reply_candidate *candidates;
	size_t candidate_count;
	struct arena *arena;
};

/* Does what the command says; what came of it lives in the arena. A line that cannot be done
 * changes nothing. Not STATUS_OK: the store has failed. */
enum status line_do(const struct answering *a, const struct command *command,
		    struct reply_line *ret_line, struct error *err) MUST_USE;

#endif
