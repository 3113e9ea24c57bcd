/* Blocks: channels and addresses that nothing is sent to until somebody acts. Private to lib/store,
 * but for what store/verbs.h shows. */
#ifndef CADENCE_STORE_BLOCK_H
#define CADENCE_STORE_BLOCK_H

#include "store/verbs.h"

/* Whether what is for this recipient (NULL: a hook) must wait. */
bool block_holds(struct db *db, const char *channel, const char *recipient);
/* Blocks the channel, or with a recipient that address alone; says so in history and events. One
 * that is blocked already stays as it is. token: SHA-256 of the one that was refused, or NULL. */
void block_begin(struct db *db, const struct scene *scene, const char *channel,
		 const char *recipient, const char *token, const char *reason);
/* Ends the block of the channel and of the recipient (NULL: of all its addresses), if there is one;
 * returns how many deliveries are tried now. */
int64_t block_end(struct db *db, const struct scene *scene, const char *channel,
		  const char *recipient);

#endif
