/* Writes down what became of deliveries: those that land together in one job of the store. */
#include <stdlib.h>

#include "daemon/about.h"
#include "daemon/flight.h"
#include "daemon/log.h"
#include "daemon/runway.h"
#include "daemon/turn.h"
#include "daemon/under_way.h"

#define SETTLE_RETRY_S 5

/* Flights whose results go into one job, in the order in which they came. */
struct landing {
	struct daemon *daemon;
	struct flight *first, *last;
};

static void land(struct daemon *daemon, struct flight *f)
{
	struct landing *landing = daemon->landing;

	if (!landing) {
		landing = daemon->landing = mem_alloc(1, sizeof(*landing));
		landing->daemon = daemon;
	}
	f->behind = NULL;
	if (landing->first)
		landing->last->behind = f;
	else
		landing->first = f;
	landing->last = f;
}

static enum status settle(struct db *db, const struct flight *f)
{
	return f->untried ? outbox_release(db, &f->scene, f->delivery, f->attempts)
			  : outbox_settle(db, &f->scene, &f->settlement);
}

static enum status land_job(struct db *db, void *arg, struct error *err)
{
	const struct landing *landing = arg;
	enum status status = STATUS_OK;

	for (const struct flight *f = landing->first; f && status == STATUS_OK; f = f->behind)
		status = settle(db, f);
	if (status != STATUS_OK)
		error_set(err, "%s", db_error(db));
	return status;
}

static void land_again(evutil_socket_t fd, short what, void *arg)
{
	struct flight *f = arg;

	(void)fd;
	(void)what;
	land(f->daemon, f);
	flight_land(f->daemon);
}

static void land_later(struct flight *f)
{
	const struct timeval later = {.tv_sec = SETTLE_RETRY_S};

	event_base_once(f->daemon->base, -1, EV_TIMEOUT, land_again, f, &later);
}

static void landed(struct flight *f)
{
	struct daemon *daemon = f->daemon;
	const struct runway *runway = f->runway;
	const bool delivered = !f->untried && f->settlement.kind == SETTLE_DELIVERED;

	flight_end(f);
	if (!delivered || runway_wants_more(runway))
		turn_soon(daemon);
}

static void not_landed(struct flight *f, const char *why)
{
	struct daemon *daemon = f->daemon;

	daemon->failed = true;
	if (daemon_tries_again(daemon)) {
		log_about(LOG_UNSETTLED, about_subject(f->about),
			  "its result could not be stored: %s; trying again in %d s", why,
			  SETTLE_RETRY_S);
		land_later(f);
		return;
	}
	/* The row still says that it is being sent: the next start takes it up. */
	log_about(LOG_UNSETTLED, about_subject(f->about),
		  "its result could not be stored: %s; the next start sends it again, under the "
		  "same id",
		  why);
	flight_end(f);
}

/* What failed together is tried again one by one, so that no row spoils it for others. */
static void land_done(enum status status, const struct error *err, void *arg)
{
	struct landing *landing = arg;
	struct daemon *daemon = landing->daemon;
	const bool together = landing->first != landing->last;

	for (struct flight *f = landing->first, *behind; f; f = behind) {
		behind = f->behind;
		f->behind = NULL;
		if (status == STATUS_OK) {
			landed(f);
		} else if (together) {
			land(daemon, f);
			flight_land(daemon);
		} else {
			not_landed(f, err->text);
		}
	}
	free(landing);
	daemon_maybe_end(daemon);
}

void flight_land(struct daemon *daemon)
{
	struct landing *landing = daemon->landing;

	if (!landing)
		return;
	daemon->landing = NULL;
	if (store_submit_patient(daemon->store, land_job, land_done, landing) == STATUS_OK)
		return;
	for (struct flight *f = landing->first; f; f = f->behind)
		land_later(f);
	free(landing);
}

void flight_settle(struct flight *f)
{
	f->scene = daemon_scene(f->daemon);
	f->scene.roster = &f->conf->roster;
	f->settlement.id = f->delivery;
	f->settlement.attempts = f->attempts;
	f->settlement.reason = f->reason;
	f->settlement.token = f->refused_token;
	land(f->daemon, f);
}
