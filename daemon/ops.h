/* What the API may ask of the daemon: the const table behind struct api_ops. */
#ifndef CADENCE_DAEMON_OPS_H
#define CADENCE_DAEMON_OPS_H

#include "daemon/daemon.h"

struct api_ops ops_make(struct daemon *daemon);

#endif
