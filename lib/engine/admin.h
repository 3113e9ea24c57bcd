/* The mail to the administrators about what is blocked or dead, and whom nobody hears of: at most
 * one a day to each of them. */
#ifndef CADENCE_ENGINE_ADMIN_H
#define CADENCE_ENGINE_ADMIN_H

#include "store/verbs.h"

/* Puts it into the outbox when something is blocked or dead that none of them has told of, and
 * there was none today. So that one mail tells of all that goes wrong together it waits for what is
 * being sent, though no longer than some minutes. *ret_put: a mail waits to be claimed. *ret_next:
 * when to look again, INSTANT_NEVER: when something else happens. host: the machine that sends,
 * NULL: not said. */
enum status admin_compose(struct db *db, const struct scene *scene, const char *host,
			  struct arena *arena, bool *ret_put, instant *ret_next) MUST_USE;

/* The same when there are partners that nobody hears of, and one of them no such mail has told of
 * within a week. Asked once a day, before anything is claimed. */
enum status admin_compose_unheard(struct db *db, const struct scene *scene, const char *host,
				  struct arena *arena) MUST_USE;

#endif
