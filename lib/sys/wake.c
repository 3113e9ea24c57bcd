/* timerfd on CLOCK_REALTIME: the event loop's own timers run on the monotonic clock and know nothing of dates. */
#include "sys/wake.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define FAR_AHEAD_S INT64_C(32503680000) /* the year 3000: armed, so that a step of the clock is noticed */

int wake_open(struct error *err)
{
	const int fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);

	if (fd < 0)
		error_set(err, "no timer: %s", strerror(errno));
	return fd;
}

void wake_set(int fd, const struct clock *clock, instant at)
{
	struct itimerspec spec = {.it_value = {.tv_sec = FAR_AHEAD_S}};

	if (at != INSTANT_NEVER && !(clock->frozen && at > clock->at)) {
		const instant real = clock->frozen ? 1 : at - clock->ahead;

		spec.it_value.tv_sec = real > 0 ? real / SECOND_MS : 0;
		/* Never 0, which would disarm it; and a little late rather than a little early. */
		spec.it_value.tv_nsec = (real > 0 ? real % SECOND_MS : 0) * 1000000 + 1;
	}
	timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &spec, NULL);
}

enum wake_reason wake_read(int fd)
{
	uint64_t expirations;

	if (read(fd, &expirations, sizeof(expirations)) == (ssize_t)sizeof(expirations))
		return WAKE_TIME;
	return errno == ECANCELED ? WAKE_CLOCK_STEPPED : WAKE_NOTHING;
}
