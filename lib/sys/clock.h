/* The wall clock, or one to rehearse with. */
#ifndef CADENCE_SYS_CLOCK_H
#define CADENCE_SYS_CLOCK_H

#include <stdbool.h>

#include "core/day.h"

struct clock {
	bool frozen;
	instant at;    /* frozen: what it shows for ever */
	instant ahead; /* otherwise: how far it is ahead of the real clock */
};

struct clock clock_real(void);
struct clock clock_frozen(instant at);
/* Shows `at` now and goes on from there. */
struct clock clock_started(instant at);
instant clock_now(const struct clock *clock);

#endif
