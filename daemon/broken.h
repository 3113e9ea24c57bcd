/* Owners whose digest cannot be composed: the log says so when it begins and when the reason is
 * another, `status` as long as it lasts. */
#ifndef CADENCE_DAEMON_BROKEN_H
#define CADENCE_DAEMON_BROKEN_H

#include "daemon/daemon.h"
#include "engine/compose.h"

/* What the last turn that composed has found, in place of what the one before had. */
void broken_note(struct daemon *daemon, const struct compose_failures *failed);
void broken_free(struct daemon *daemon);

#endif
