/* Replies, as `status` shows them. Private to lib/api. */
#ifndef CADENCE_API_REPLY_H
#define CADENCE_API_REPLY_H

#include "api/request.h"

/* Adds the last answer and what was refused, to r->answer. */
enum status reply_add_status(struct db *db, struct request *r) MUST_USE;

#endif
