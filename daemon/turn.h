/* The turn: one store job that does everything that is due, and says when the next one is.
 *
 * Sweep, compose, claim, in one transaction; then the loop sends what was claimed and sleeps until
 * the earliest of the next look, the next digest and the next try. There is no polling. */
#ifndef CADENCE_DAEMON_TURN_H
#define CADENCE_DAEMON_TURN_H

#include "daemon/daemon.h"

/* Takes a turn now, or as soon as the one that runs has ended. */
void turn_take(struct daemon *daemon);
/* The same once whatever else has just happened was heard: many results make one turn. */
void turn_soon(struct daemon *daemon);

#endif
