/* Sends and settles. The only code of the daemon that knows of requests and replies. */
#include "daemon/flight.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "channel/channel.h"
#include "channel/outcome.h"
#include "channel/schedule.h"
#include "daemon/about.h"
#include "daemon/heartbeat.h"
#include "daemon/log.h"
#include "daemon/pace.h"
#include "daemon/runway.h"
#include "daemon/turn.h"

#define SETTLE_RETRY_S 5

struct flight {
	struct flight *next, **link; /* among all */
	struct flight *behind;	     /* in the runway, while it waits */
	struct daemon *daemon;
	struct runway *runway;
	struct conf *conf; /* a reference: the channel lives in it */
	const struct channel *channel;
	struct scene scene; /* of the settling */
	int64_t delivery;
	int attempts;
	int schedule_attempts; /* of them, before its schedule began */
	instant schedule_from;
	bool is_event;
	bool is_test; /* whoever sent it wants to know now: it is not tried again later */
	bool plain;   /* its markup was refused */
	bool doubted; /* a refusal was not believed already */
	bool untried; /* it never set out, and is given back */
	char *key;
	char *recipient;
	struct about *about;
	char *document; /* until it sets out */
	struct settlement settlement;
	char *reason;
	char refused_token[SHA256_HEX_SIZE];
};

/* Messages keep their distance in real time also where the clock stands still. */
static instant pace_now(const struct daemon *daemon)
{
	const struct clock real = clock_real();

	return clock_now(daemon->clock.frozen ? &real : &daemon->clock);
}

size_t flight_room(const struct daemon *daemon, const struct channel *channel, instant now,
		   instant *ret_more_at)
{
	const instant at = pace_now(daemon);
	const size_t by_rate = pace_room(daemon->pace, channel, at, ret_more_at);
	const size_t room = runway_room(runway_find(daemon->runways, channel), channel);

	if (by_rate < room) {
		*ret_more_at += now - at;
		return by_rate;
	}
	*ret_more_at = INSTANT_NEVER;
	return room;
}

static struct flight *flight_new(struct daemon *daemon, struct conf *conf,
				 const struct channel *channel, const struct delivery *delivery)
{
	struct flight *f = mem_alloc(1, sizeof(*f));

	f->daemon = daemon;
	f->conf = conf;
	roster_ref(&f->conf->roster);
	f->channel = channel;
	f->delivery = delivery->id;
	f->attempts = delivery->attempts;
	f->schedule_attempts = delivery->schedule_attempts;
	f->schedule_from = delivery->schedule_from;
	f->is_event = strcmp(delivery->kind, "event") == 0;
	f->is_test = strcmp(delivery->kind, "test") == 0;
	f->plain = delivery->plain;
	f->doubted = delivery->doubted;
	f->key = mem_strdup(delivery->key);
	f->recipient = mem_strdup(delivery->recipient);
	f->about = about_new(delivery);
	f->document = mem_strdup(delivery->document);
	f->runway = runway_find_or_add(&daemon->runways, channel);
	f->runway->claimed++;
	f->next = daemon->flights;
	f->link = &daemon->flights;
	if (f->next)
		f->next->link = &f->next;
	daemon->flights = f;
	daemon->flight_count++;
	pace_spend(daemon->pace, channel, pace_now(daemon));
	return f;
}

static void flight_end(struct flight *f)
{
	*f->link = f->next;
	if (f->next)
		f->next->link = f->link;
	f->daemon->flight_count--;
	f->runway->claimed--;
	roster_unref(&f->conf->roster);
	free(f->key);
	free(f->recipient);
	about_free(f->about);
	free(f->document);
	free(f->reason);
	free(f);
}

static void wait_at_runway(struct flight *f)
{
	struct runway *runway = f->runway;

	if (runway->first)
		runway->last->behind = f;
	else
		runway->first = f;
	runway->last = f;
}

static struct flight *leave_runway(struct runway *runway)
{
	struct flight *f = runway->first;

	runway->first = f->behind;
	f->behind = NULL;
	return f;
}

/* ---- writing down what became of them ---- */

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

	if (f->untried || f->settlement.kind != SETTLE_DELIVERED ||
	    runway_wants_more(f->runway, f->channel))
		turn_soon(daemon);
	flight_end(f);
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

	if (status == STATUS_DAMAGED)
		daemon_damaged(daemon, err);
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

/* Fills in what the store is to write, and has it written with what lands next to it. */
static void prepare_settlement(struct flight *f)
{
	f->scene = daemon_scene(f->daemon);
	f->scene.roster = &f->conf->roster;
	f->settlement.id = f->delivery;
	f->settlement.attempts = f->attempts;
	f->settlement.reason = f->reason;
	f->settlement.token = f->refused_token;
	land(f->daemon, f);
}

/* As if they had never been claimed. */
static void give_back_waiting(struct runway *runway)
{
	while (runway->first) {
		struct flight *f = leave_runway(runway);

		f->untried = true;
		prepare_settlement(f);
	}
}

/* ---- what a reply means ---- */

static instant retry_time(const struct flight *f, const struct outcome *outcome, instant now)
{
	return schedule_next(f->channel->type, f->attempts - f->schedule_attempts, f->schedule_from,
			     now, outcome->retry_after_ms, random_below(UINT32_MAX));
}

static void try_again(struct flight *f, instant at)
{
	f->settlement.kind = f->is_test ? SETTLE_DEAD : SETTLE_RETRY;
	f->settlement.retry_at = at;
}

/* What is known to pass now and then is believed when it comes a second time. */
static void doubt(struct flight *f, instant at)
{
	try_again(f, at);
	f->settlement.doubted = true;
}

/* A message that will never be taken as it is may be taken without its markup. */
static void decide_message(struct flight *f, instant now)
{
	if (f->plain || !channel_has_plain(f->channel))
		return;
	f->settlement.kind = SETTLE_RETRY;
	f->settlement.retry_at = now;
	f->settlement.plain = true;
}

/* Whether it is redirect_to that nobody has: whose mail it was has nothing to do with it, and
 * nobody's can go until that is mended. */
static bool redirect_is_refused(const struct flight *f, const struct outcome *outcome)
{
	return f->conf->redirect_to && outcome->class == OUTCOME_ADDRESS;
}

/* What an outcome means for the delivery: transient failures are tried again until the schedule is
 * used up, some others once, and what the administrator must mend waits until it is. */
static void decide(struct flight *f, const struct outcome *outcome)
{
	static const enum settle_kind kinds[OUTCOME_CLASSES] = {
	    [OUTCOME_DELIVERED] = SETTLE_DELIVERED, [OUTCOME_TRANSIENT] = SETTLE_DEAD,
	    [OUTCOME_MESSAGE] = SETTLE_DEAD,	    [OUTCOME_ADDRESS] = SETTLE_NO_ADDRESS,
	    [OUTCOME_CONFIG] = SETTLE_BLOCKED,
	};
	const instant now = daemon_now(f->daemon);
	struct settlement *s = &f->settlement;
	const instant retry_at =
	    outcome->class == OUTCOME_TRANSIENT ? retry_time(f, outcome, now) : INSTANT_NEVER;

	s->ambiguous = outcome->ambiguous;
	s->rest_until = outcome->for_all ? now + outcome->retry_after_ms : 0;
	s->kind = redirect_is_refused(f, outcome) ? SETTLE_BLOCKED : kinds[outcome->class];
	s->plain = s->doubted = false;
	if (retry_at != INSTANT_NEVER)
		try_again(f, retry_at);
	else if (s->kind != SETTLE_DELIVERED && outcome->once_more_ms >= 0 && !f->doubted)
		doubt(f, now + outcome->once_more_ms);
	else if (outcome->class == OUTCOME_MESSAGE)
		decide_message(f, now);
	/* A test of a channel tells its sender, and blocks nobody. It may go without markup, as
	 * what it stands for would. */
	if (f->is_test && s->kind != SETTLE_DELIVERED && !s->plain)
		s->kind = SETTLE_DEAD;
	memcpy(f->refused_token, outcome->refused_token, sizeof(f->refused_token));
	free(f->reason);
	f->reason = redirect_is_refused(f, outcome)
			? mem_printf("redirect_to leads nowhere: %s", outcome->reason)
			: mem_strdup(outcome->reason);
}

/* What came of settings that were changed meanwhile says nothing of those in force: these are
 * tried, and nothing is blocked, opened or left alone for it. */
static void decide_outdated(struct flight *f)
{
	const struct channel *in_force = roster_channel(&f->daemon->conf->roster, f->channel->id);
	struct settlement *s = &f->settlement;

	s->outdated = !in_force || strcmp(in_force->hash, f->channel->hash) != 0;
	if (!s->outdated)
		return;
	s->rest_until = 0;
	if (s->kind == SETTLE_BLOCKED || s->kind == SETTLE_NO_ADDRESS)
		try_again(f, daemon_now(f->daemon));
}

static void log_outcome(const struct flight *f)
{
	const struct log_subject *about = about_subject(f->about);
	const struct settlement *s = &f->settlement;
	char at[INSTANT_TEXT_SIZE];

	if (s->kind == SETTLE_DELIVERED)
		log_about(LOG_DELIVERED, about, "%s delivered: %s", f->key, f->reason);
	else if (s->kind == SETTLE_BLOCKED || s->kind == SETTLE_NO_ADDRESS)
		log_about(LOG_BLOCKED, about,
			  "%s waits, because %s is blocked: %s; when that is mended: cadencectl "
			  "outbox retry",
			  f->key, s->kind == SETTLE_BLOCKED ? "the channel" : "the address",
			  f->reason);
	else if (s->kind == SETTLE_RETRY)
		log_about(LOG_RETRYING, about, "%s %s, retrying at %s", f->key, f->reason,
			  instant_rfc3339(s->retry_at, at));
	else
		log_about(LOG_DEAD, about, "%s dead: %s; see 'cadencectl outbox list'", f->key,
			  f->reason);
}

static void log_rest(const struct flight *f)
{
	char at[INSTANT_TEXT_SIZE];

	if (f->settlement.rest_until > 0)
		log_about(LOG_RESTING, &(struct log_subject){.channel = f->channel->id},
			  "asks to be left alone; nothing goes there until %s",
			  instant_rfc3339(f->settlement.rest_until, at));
}

static void conclude(struct flight *f, const struct outcome *outcome)
{
	struct runway *runway = f->runway;

	runway->under_way--;
	runway->flows = outcome->class == OUTCOME_DELIVERED;
	decide(f, outcome);
	decide_outdated(f);
	log_outcome(f);
	log_rest(f);
	prepare_settlement(f);
	/* What was claimed ahead is looked at anew: the way may be blocked, or be left alone. */
	if (!runway->flows)
		give_back_waiting(runway);
}

/* It never left: what we were about to say cannot be said. */
static void conclude_unsendable(struct flight *f, const char *why)
{
	struct outcome outcome = {
	    .class = OUTCOME_MESSAGE, .retry_after_ms = -1, .once_more_ms = -1};

	snprintf(outcome.reason, sizeof(outcome.reason), "%.*s", (int)sizeof(outcome.reason) - 1,
		 why);
	conclude(f, &outcome);
}

/* Too much waits for a thread already: later is early enough. */
static void conclude_busy(struct flight *f)
{
	const struct outcome outcome = {.class = OUTCOME_TRANSIENT,
					.retry_after_ms = -1,
					.once_more_ms = -1,
					.reason = "too many deliveries are under way"};

	conclude(f, &outcome);
}

static const char *recipient_name(const struct flight *f)
{
	const struct roster *roster = &f->conf->roster;

	for (size_t i = 0; i < roster->owner_count; i++) {
		const struct owner *owner = &roster->owners[i];

		if (f->recipient && owner->email && strcmp(owner->email, f->recipient) == 0)
			return owner->name;
	}
	return NULL;
}

static bool hand_over(struct flight *f, struct http_request *http, struct mail_request *mail)
{
	if (http)
		return courier_send(f->daemon->courier, http);
	return mail_pool_send(f->daemon->mail, mail);
}

void flight_hand_back(struct daemon *daemon, struct conf *conf, const struct channel *channel,
		      const struct delivery *delivery)
{
	struct flight *f = flight_new(daemon, conf, channel, delivery);

	f->untried = true;
	prepare_settlement(f);
}

void flight_hand_back_waiting(struct daemon *daemon)
{
	for (struct runway *runway = daemon->runways; runway; runway = runway->next)
		give_back_waiting(runway);
	flight_land(daemon);
}

static void set_out(struct flight *f)
{
	struct arena *arena = arena_new();
	struct document *document = NULL;
	struct http_request *http = NULL;
	struct mail_request *mail = NULL;
	struct error err = {""};
	enum status status = STATUS_OK;

	if (!f->is_event)
		status = document_from_json(arena, f->document, &document, &err);
	if (status == STATUS_OK) {
		if (log_has_fields())
			about_read(f->about, document, f->is_event ? f->document : NULL);
		const struct parcel parcel = {
		    .document = document,
		    .event = f->is_event ? f->document : NULL,
		    .key = f->key,
		    .installation_id = f->daemon->installation,
		    .recipient = f->recipient,
		    .recipient_name = recipient_name(f),
		    .redirect_to = f->conf->redirect_to,
		    .now = daemon_now(f->daemon),
		    .plain = f->plain,
		    .tag = (int64_t)(intptr_t)f,
		};
		status = channel_prepare(f->channel, &parcel, &http, &mail, &err);
	}
	f->runway->under_way++;
	if (status != STATUS_OK)
		conclude_unsendable(f, err.text);
	else if (!hand_over(f, http, mail))
		conclude_busy(f);
	arena_free(arena);
}

static void set_out_next(struct runway *runway)
{
	while (runway->first && runway_is_free(runway, runway->first->channel))
		set_out(leave_runway(runway));
}

void flight_start(struct daemon *daemon, struct conf *conf, const struct channel *channel,
		  const struct delivery *delivery)
{
	struct flight *f = flight_new(daemon, conf, channel, delivery);

	wait_at_runway(f);
	set_out_next(f->runway);
}

/* Every request is answered once, and its flight lives until that is written down. */
static struct flight *flight_of(int64_t tag)
{
	return (struct flight *)(intptr_t)tag;
}

static void take_reply(struct flight *f, const struct outcome *outcome)
{
	conclude(f, outcome);
	set_out_next(f->runway);
}

static void take_http_reply(struct daemon *daemon, const struct http_reply *http)
{
	struct flight *f = flight_of(http->tag);
	const struct outcome outcome = outcome_of_http(f->channel->type, http, daemon_now(daemon));

	take_reply(f, &outcome);
}

void flight_collect(struct daemon *daemon)
{
	struct http_reply *http;
	struct mail_reply *mail;

	queue_drain_fd(daemon->http_replies);
	while ((http = queue_pop(daemon->http_replies))) {
		if (!heartbeat_hear(daemon->heartbeat, http))
			take_http_reply(daemon, http);
		http_reply_free(http);
	}
	queue_drain_fd(daemon->mail_replies);
	while ((mail = queue_pop(daemon->mail_replies))) {
		const struct outcome outcome = outcome_of_mail(mail);

		take_reply(flight_of(mail->tag), &outcome);
		mail_reply_free(mail);
	}
	flight_land(daemon);
}

void flight_abandon(struct daemon *daemon)
{
	/* Their rows still say that they are being sent; the next start sends them again under the
	 * same id. */
	while (daemon->flights) {
		log_about(LOG_INTERRUPTED, about_subject(daemon->flights->about),
			  "was being sent; the next start tries again");
		flight_end(daemon->flights);
	}
}
