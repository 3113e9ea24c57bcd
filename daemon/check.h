/* Reading another configuration to say what a reload with it would change. */
#ifndef CADENCE_DAEMON_CHECK_H
#define CADENCE_DAEMON_CHECK_H

#include <jansson.h>

#include "daemon/daemon.h"

/* Called once, on the loop. STATUS_OK: text is a JSON object; else the reasons, a line each. */
typedef void check_done(void *arg, enum status status, const char *text);

/* What to know of a configuration that is right, an array of texts: its own warnings, and the keys
 * that differ from what runs and take a restart. */
json_t *check_warnings(const struct daemon *daemon, const struct conf *conf);
/* path: absolute. Nothing changes. STATUS_BUSY when too many jobs wait. */
void check_start(struct daemon *daemon, const char *path, check_done *done, void *arg);

#endif
