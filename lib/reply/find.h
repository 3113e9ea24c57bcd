/* Whom a line of an answer means. Private to lib/reply. */
#ifndef CADENCE_REPLY_FIND_H
#define CADENCE_REPLY_FIND_H

#include "reply/line.h"

/* The id of the partner with that number in the mail, or by that name (id, name, or what only one
 * of the owner's partners begins with). Of another's partner only the id will do. STATUS_NOT_FOUND
 * and STATUS_CONFLICT (several may be meant) in words that say what to write. */
enum status find_partner(const struct answering *a, const struct command *command,
			 const char **ret_id, struct error *err) MUST_USE;

#endif
