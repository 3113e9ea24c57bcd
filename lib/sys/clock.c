/* Asks the kernel for the time. */
#include "sys/clock.h"

#include <time.h>

static instant real_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * SECOND_MS + ts.tv_nsec / 1000000;
}

struct clock clock_real(void)
{
	return (struct clock){.frozen = false};
}

struct clock clock_frozen(instant at)
{
	return (struct clock){.frozen = true, .at = at};
}

struct clock clock_started(instant at)
{
	return (struct clock){.ahead = at - real_now()};
}

instant clock_now(const struct clock *clock)
{
	return clock->frozen ? clock->at : real_now() + clock->ahead;
}
