/* Partners that a decision has ended and the file still names: the file manages them again as soon
 * as somebody restores them. Private to lib/store. */
#ifndef CADENCE_STORE_ENDED_H
#define CADENCE_STORE_ENDED_H

#include "base/mem.h"
#include "store/db.h"

/* The file names this ended partner, there ("cadenced.conf:41"); NULL: it does not. Writes only
 * what differs. */
void ended_set_origin(struct db *db, const char *id, const char *origin);
/* Where the file names it; NULL: it does not. Lives in the arena. */
const char *ended_origin(struct db *db, const char *id, struct arena *arena);
/* The ids of all that the file names; returns how many. */
size_t ended_list(struct db *db, struct arena *arena, const char ***ret_ids);

#endif
