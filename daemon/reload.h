/* Reading the configuration again while running: the new one is taken whole, or the old one stays.
 */
#ifndef CADENCE_DAEMON_RELOAD_H
#define CADENCE_DAEMON_RELOAD_H

#include "daemon/daemon.h"

/* Called once, on the loop. STATUS_OK: text is a JSON object, {report, warnings}; else every error,
 * a line each. */
typedef void reload_done(void *arg, enum status status, const char *text);

#define RELOAD_ZONES_RETRY_S (5 * 60) /* while new time zones wait for a file that is right */

/* yes: even when many partners would be archived. done may be NULL. While one is under way another
 * waits for its end and reads the file then; STATUS_BUSY when somebody waits for that one already,
 * and while stopping. */
void reload_start(struct daemon *daemon, bool yes, reload_done *done, void *arg);

#endif
