/* timerfd on CLOCK_REALTIME: the event loop's own timers run on the monotonic clock and know
 * nothing of dates.
 *
 * The kernel tells of a step of the clock only once, to whoever asks first. When that is
 * timerfd_settime() and not read(), the news would be lost: so the timer is then set to fire at
 * once and carries a mark, an interval, which no ordinary wake-up of ours has. The mark stays until
 * wake_read() has seen it. */
#include "sys/wake.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define FAR_AHEAD_S INT64_C(32503680000) /* the year 3000: armed, so that a step is noticed */

int wake_open(struct error *err)
{
	const int fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);

	if (fd < 0)
		error_set(err, "no timer: %s", strerror(errno));
	return fd;
}

/* Sets the timer; false when the clock was stepped before that and nobody has read so yet. */
static bool arm(int fd, const struct itimerspec *spec)
{
	struct itimerspec before;

	if (timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, spec, &before))
		return errno != ECANCELED;
	return before.it_interval.tv_sec == 0;
}

void wake_set(int fd, const struct clock *clock, instant at)
{
	static const struct itimerspec stepped = {.it_value = {.tv_nsec = 1},
						  .it_interval = {.tv_sec = DAY_SECONDS}};
	struct itimerspec spec = {.it_value = {.tv_sec = FAR_AHEAD_S}};

	if (at != INSTANT_NEVER && !(clock->frozen && at > clock->at)) {
		const instant real = clock->frozen ? 1 : at - clock->ahead;

		spec.it_value.tv_sec = real > 0 ? real / SECOND_MS : 0;
		/* Never 0, which would disarm it; and a little late rather than a little early. */
		spec.it_value.tv_nsec = (real > 0 ? real % SECOND_MS : 0) * 1000000 + 1;
	}
	if (!arm(fd, &spec))
		(void)arm(fd, &stepped);
}

enum wake_reason wake_read(int fd)
{
	static const struct itimerspec unmarked = {.it_value = {.tv_sec = FAR_AHEAD_S}};
	struct itimerspec spec;
	uint64_t expirations;

	if (read(fd, &expirations, sizeof(expirations)) != (ssize_t)sizeof(expirations))
		return errno == ECANCELED ? WAKE_CLOCK_STEPPED : WAKE_NOTHING;
	if (timerfd_gettime(fd, &spec) || spec.it_interval.tv_sec == 0)
		return WAKE_TIME;
	(void)arm(fd, &unmarked);
	return WAKE_CLOCK_STEPPED;
}
