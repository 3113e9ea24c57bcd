/* Asks the store, then calls. What is between two beats is not tried again: the next one is. */
#include "daemon/heartbeat.h"

#include <stdlib.h>
#include <string.h>

#include "api/health.h"
#include "daemon/log.h"

#define BEAT_S	   3600
#define TIMEOUT_MS 30000

struct heartbeat {
	struct daemon *daemon;
	struct event *timer; /* pending while there is a watcher */
	bool asking;	     /* the store, or the watcher */
	instant last;	     /* the watcher heard us; INSTANT_NEVER: it never has */
	char *failing;	     /* why the watcher was not reached; NULL: it was */
	char *held;	     /* why it was not called; NULL: it was */

	/* What the store said. */
	instant undelivered_since, next_look;
	size_t blocked;
};

/* ---- what came of it: each is said when it begins, and when it ends ---- */

static void set_failing(struct heartbeat *h, const char *reason)
{
	if (reason && !h->failing)
		log_line(LOG_HEARTBEAT_FAILED,
			 "the heartbeat does not reach its watcher: %s; trying again each hour",
			 reason);
	if (!reason && h->failing)
		log_line(LOG_HEARTBEAT_WORKS, "the heartbeat reaches its watcher again");
	free(h->failing);
	h->failing = mem_strdup(reason);
}

static void set_held(struct heartbeat *h, const char *reason)
{
	if (reason && !h->held)
		log_line(LOG_HEARTBEAT_HELD, "no heartbeat: %s; see 'cadencectl status'", reason);
	if (!reason && h->held)
		log_line(LOG_HEARTBEAT_WORKS, "the heart beats again");
	free(h->held);
	h->held = mem_strdup(reason);
}

/* ---- a beat ---- */

static const char *reason_to_hold(const struct heartbeat *h)
{
	const struct daemon *daemon = h->daemon;
	const struct health_signs signs = {
	    .store_fails = daemon->store_reason != NULL,
	    .broken = daemon->broken_count,
	    .blocked = h->blocked,
	    .hold = daemon->conf->deliver == DELIVER_HOLD,
	    .undelivered_since = h->undelivered_since,
	    /* A turn that runs now is one that the store had not begun when it said when. */
	    .next_look = daemon->turn_running ? INSTANT_NEVER : h->next_look,
	};

	return health_reason_to_hold(&signs, daemon_now(daemon));
}

static enum status look_job(struct db *db, void *arg, struct error *err)
{
	struct heartbeat *h = arg;
	struct arena *arena = arena_new();
	struct blocked *blocks;
	const enum status status = block_list(db, arena, &blocks, &h->blocked);

	(void)err;
	h->undelivered_since = view_undelivered_since(db, true);
	h->next_look = nudge_next_look(db);
	arena_free(arena);
	return status;
}

static void call(struct heartbeat *h)
{
	struct http_request *request =
	    http_request_new((int64_t)(intptr_t)h, h->daemon->conf->heartbeat);

	request->method = "GET";
	request->timeout_ms = TIMEOUT_MS;
	h->asking = courier_send(h->daemon->courier, request);
}

static void looked(enum status status, const struct error *err, void *arg)
{
	struct heartbeat *h = arg;
	const char *reason;

	h->asking = false;
	if (h->daemon->stopping || !h->daemon->conf->heartbeat)
		return;
	reason = status == STATUS_OK ? reason_to_hold(h) : err->text;
	set_held(h, reason);
	if (!reason)
		call(h);
}

static void on_beat(evutil_socket_t fd, short what, void *arg)
{
	struct heartbeat *h = arg;

	(void)fd;
	(void)what;
	/* A store that does not answer is a heart that does not beat. */
	if (!h->asking)
		h->asking =
		    store_submit_reading(h->daemon->store, look_job, looked, h) == STATUS_OK;
}

bool heartbeat_hear(struct heartbeat *h, const struct http_reply *reply)
{
	char reason[64];

	if (!h || reply->tag != (int64_t)(intptr_t)h)
		return false;
	h->asking = false;
	if (reply->fault == NET_OK && reply->status >= 200 && reply->status < 300) {
		h->last = daemon_now(h->daemon);
		set_failing(h, NULL);
	} else if (reply->fault == NET_OK) {
		/* Its address is a secret, and stands in no message. */
		snprintf(reason, sizeof(reason), "http %ld", reply->status);
		set_failing(h, reason);
	} else {
		set_failing(h, net_fault_words(reply->fault));
	}
	return true;
}

/* ---- its life ---- */

void heartbeat_adjust(struct heartbeat *h)
{
	const struct timeval every = {.tv_sec = BEAT_S};

	if (!h)
		return;
	if (!h->daemon->conf->heartbeat) {
		event_del(h->timer);
	} else if (!evtimer_pending(h->timer, NULL)) {
		event_add(h->timer, &every);
		on_beat(-1, EV_TIMEOUT, h);
	}
}

struct heartbeat *heartbeat_new(struct daemon *daemon)
{
	struct heartbeat *h = mem_alloc(1, sizeof(*h));

	h->daemon = daemon;
	h->last = INSTANT_NEVER;
	h->timer = event_new(daemon->base, -1, EV_PERSIST, on_beat, h);
	return h;
}

struct heartbeat *heartbeat_free(struct heartbeat *h)
{
	if (!h)
		return NULL;
	event_free(h->timer);
	free(h->failing);
	free(h->held);
	free(h);
	return NULL;
}

json_t *heartbeat_status(const struct heartbeat *h)
{
	char at[INSTANT_TEXT_SIZE];

	if (!h->daemon->conf->heartbeat)
		return json_null();
	return json_pack("{s:s?, s:s?, s:s?}", "last",
			 h->last == INSTANT_NEVER ? NULL : instant_rfc3339(h->last, at), "failing",
			 h->failing, "held", h->held);
}
