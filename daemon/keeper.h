/* The keeper: a verified backup of the database each day.
 *
 * The copy is made by the store's own connection, alone; it is read and counted by a thread of its
 * own, and gets its name after that. Neither with --once nor by a clock to rehearse with is one
 * made by itself. */
#ifndef CADENCE_DAEMON_KEEPER_H
#define CADENCE_DAEMON_KEEPER_H

#include <jansson.h>

#include "daemon/daemon.h"

/* Called once, on the loop. STATUS_OK: text is a JSON object {file, bytes, partners, contacts,
 * undelivered, newest_contact}; else the reason. */
typedef void keeper_done(void *arg, enum status status, const char *text);

/* The caller frees with keeper_free(). */
struct keeper *keeper_new(struct daemon *daemon);
/* Who waits for a backup is told that there will be none. NULL is harmless; returns NULL. */
struct keeper *keeper_free(struct keeper *keeper);
/* After each turn: makes the backup of the day when there is none yet. */
void keeper_tend(struct keeper *keeper);
/* Makes one now. STATUS_BUSY while one is made already. */
void keeper_back_up(struct keeper *keeper, keeper_done *done, void *arg);
/* For `status`: {last: day or null, file, made: instant or null, keep: how many are kept, daily:
 * whether one is made by itself, failed: reason or null}; null when none is made. */
json_t *keeper_status(const struct keeper *keeper);

#endif
