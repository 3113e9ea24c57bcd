/* Starts threads, hears them and waits for their end. */
#include "daemon/errand.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/thread.h"

#define SAYINGS_MAX 1024

struct errand {
	struct errand *next;
	struct daemon *daemon;
	pthread_t thread;
	struct queue *sayings; /* closed by the thread when it has ended */
	struct event *event;
	atomic_bool stop;
	errand_work *work;
	errand_hear *hear;
	errand_done *done;
	void *arg;
};

void errand_say(struct errand *errand, const char *text)
{
	char *copy = mem_strdup(text);

	if (!queue_push(errand->sayings, copy))
		free(copy);
}

const atomic_bool *errand_stop(const struct errand *errand)
{
	return &errand->stop;
}

static void *run(void *arg)
{
	struct errand *errand = arg;

	errand->work(errand, errand->arg);
	queue_close(errand->sayings);
	return NULL;
}

static void hear_all(struct errand *errand)
{
	char *text;

	while ((text = queue_pop(errand->sayings))) {
		if (errand->hear)
			errand->hear(errand->arg, text);
		free(text);
	}
}

static void forget(struct errand *errand)
{
	if (errand->event)
		event_free(errand->event);
	queue_free(errand->sayings);
	free(errand);
}

static void end(struct errand *errand)
{
	struct errand **link = &errand->daemon->errands;

	pthread_join(errand->thread, NULL);
	hear_all(errand);
	while (*link != errand)
		link = &(*link)->next;
	*link = errand->next;
	errand->done(errand->arg);
	forget(errand);
}

static void on_saying(evutil_socket_t fd, short what, void *arg)
{
	struct errand *errand = arg;
	/* Before the last words are taken: what comes after is none. */
	const bool over = queue_is_closed(errand->sayings);

	(void)fd;
	(void)what;
	queue_drain_fd(errand->sayings);
	hear_all(errand);
	if (over)
		end(errand);
}

enum status errand_start(struct daemon *daemon, errand_work *work, errand_hear *hear,
			 errand_done *done, void *arg, struct error *err)
{
	struct errand *errand = mem_alloc(1, sizeof(*errand));

	errand->daemon = daemon;
	errand->work = work;
	errand->hear = hear;
	errand->done = done;
	errand->arg = arg;
	atomic_init(&errand->stop, false);
	errand->sayings = queue_new(SAYINGS_MAX);
	if (errand->sayings)
		errand->event = event_new(daemon->base, queue_fd(errand->sayings),
					  EV_READ | EV_PERSIST, on_saying, errand);
	if (!errand->event || event_add(errand->event, NULL) ||
	    !thread_start(&errand->thread, run, errand)) {
		forget(errand);
		return error_fail(err, STATUS_FAILED, "no thread can be had for it");
	}
	errand->next = daemon->errands;
	daemon->errands = errand;
	return STATUS_OK;
}

void errand_break_off(const struct daemon *daemon, const void *arg)
{
	for (struct errand *errand = daemon->errands; errand; errand = errand->next)
		if (errand->arg == arg)
			atomic_store(&errand->stop, true);
}

void errands_end(struct daemon *daemon)
{
	for (struct errand *errand = daemon->errands; errand; errand = errand->next)
		atomic_store(&errand->stop, true);
	while (daemon->errands)
		end(daemon->errands);
}
