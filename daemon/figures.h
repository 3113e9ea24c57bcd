/* The line that `systemctl status` shows. */
#ifndef CADENCE_DAEMON_FIGURES_H
#define CADENCE_DAEMON_FIGURES_H

#include "daemon/daemon.h"

/* Tells systemd "142 partners, 3 due, 0 undelivered, next look Tue 08:30" once the store has
 * counted; does nothing when there is no systemd. next: INSTANT_NEVER is no look at all. */
void figures_tell(struct daemon *daemon, instant next);

#endif
