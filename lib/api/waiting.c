/* Keeps a queue; each seat in it has a timer of its own. */
#include "api/waiting.h"

#include <stdlib.h>
#include <sys/queue.h>

#include "base/mem.h"

struct seat {
	struct waiting *waiting;
	struct request *request;
	struct event *timer;
	TAILQ_ENTRY(seat) next;
};

struct waiting {
	struct event_base *base;
	struct timeval patience;
	void (*late)(struct request *request);
	TAILQ_HEAD(, seat) seats;
};

static struct request *leave(struct seat *seat)
{
	struct request *request = seat->request;

	TAILQ_REMOVE(&seat->waiting->seats, seat, next);
	event_free(seat->timer);
	free(seat);
	return request;
}

static void on_late(evutil_socket_t fd, short what, void *arg)
{
	struct seat *seat = arg;
	struct waiting *waiting = seat->waiting;

	(void)fd;
	(void)what;
	waiting->late(leave(seat));
}

struct waiting *waiting_new(struct event_base *base, const struct timeval *patience,
			    void (*late)(struct request *request))
{
	struct waiting *waiting = mem_alloc(1, sizeof(*waiting));

	waiting->base = base;
	waiting->patience = *patience;
	waiting->late = late;
	TAILQ_INIT(&waiting->seats);
	return waiting;
}

void waiting_add(struct waiting *waiting, struct request *request)
{
	struct seat *seat = mem_alloc(1, sizeof(*seat));

	seat->waiting = waiting;
	seat->request = request;
	seat->timer = evtimer_new(waiting->base, on_late, seat);
	evtimer_add(seat->timer, &waiting->patience);
	TAILQ_INSERT_TAIL(&waiting->seats, seat, next);
}

struct request *waiting_take(struct waiting *waiting)
{
	struct seat *first = TAILQ_FIRST(&waiting->seats);

	return first ? leave(first) : NULL;
}

void waiting_free(struct waiting *waiting)
{
	free(waiting);
}
