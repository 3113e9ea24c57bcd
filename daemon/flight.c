/* Sends. With verdict.c the only code of the daemon that knows of requests and replies. */
#include "daemon/flight.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "channel/channel.h"
#include "channel/outcome.h"
#include "daemon/about.h"
#include "daemon/heartbeat.h"
#include "daemon/log.h"
#include "daemon/pace.h"
#include "daemon/runway.h"
#include "daemon/under_way.h"

/* Messages keep their distance in real time also where the clock stands still. */
static instant pace_now(const struct daemon *daemon)
{
	const struct clock real = clock_real();

	return clock_now(daemon->clock.frozen ? &real : &daemon->clock);
}

size_t flight_room(struct daemon *daemon, const struct channel *channel, instant now,
		   instant *ret_more_at)
{
	const instant at = pace_now(daemon);
	const size_t by_rate = pace_room(daemon->pace, channel, at, ret_more_at);
	struct runway *runway = runway_find(daemon->runways, channel);

	if (runway)
		runway_adapt(runway, channel, at);
	const size_t room = runway_room(runway, channel);
	/* They have their place in the rate, and have not used it yet. */
	const size_t waiting = runway ? runway->waiting : 0;

	if (by_rate < room + waiting) {
		*ret_more_at += now - at;
		return by_rate < waiting ? 0 : by_rate - waiting;
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
	runway_take_in(f->runway);
	f->next = daemon->flights;
	f->link = &daemon->flights;
	if (f->next)
		f->next->link = &f->next;
	daemon->flights = f;
	daemon->flight_count++;
	return f;
}

void flight_end(struct flight *f)
{
	*f->link = f->next;
	if (f->next)
		f->next->link = f->link;
	f->daemon->flight_count--;
	runway_let_go(f->runway);
	roster_unref(&f->conf->roster);
	free(f->key);
	free(f->recipient);
	about_free(f->about);
	free(f->document);
	free(f->reason);
	free(f);
}

/* Whoever tests a channel waits for the answer, and goes first. */
static void wait_at_runway(struct flight *f)
{
	struct runway *runway = f->runway;

	runway->waiting++;
	if (f->is_test && runway->first) {
		f->behind = runway->first;
		runway->first = f;
		return;
	}
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
	runway->waiting--;
	return f;
}

/* As if they had never been claimed. */
static void give_back_waiting(struct runway *runway)
{
	while (runway->first) {
		struct flight *f = leave_runway(runway);

		f->untried = true;
		flight_settle(f);
	}
}

static void watch_waiting(struct daemon *daemon)
{
	static const struct timeval while_they_wait = {.tv_sec = 1};

	if (!evtimer_pending(daemon->waiting_timer, NULL))
		event_add(daemon->waiting_timer, &while_they_wait);
}

void flight_relieve(struct daemon *daemon)
{
	bool any = false;

	for (struct runway *runway = daemon->runways; runway; runway = runway->next) {
		if (runway->waiting > 0 && runway_is_slow(runway, pace_now(daemon))) {
			runway_narrow(runway);
			give_back_waiting(runway);
			mail_pool_recall(daemon->mail, runway->channel);
		}
		any |= runway->waiting > 0;
	}
	flight_land(daemon);
	if (any)
		watch_waiting(daemon);
}

/* Whether what was refused may be refused to the next one too. */
static bool concerns_all(const struct outcome *outcome)
{
	return outcome->class == OUTCOME_TRANSIENT || outcome->class == OUTCOME_CONFIG;
}

static void conclude(struct flight *f, const struct outcome *outcome)
{
	struct runway *runway = f->runway;

	runway->under_way--;
	runway->flows = outcome->class == OUTCOME_DELIVERED;
	runway->refused |= !runway->flows;
	verdict_find(f, outcome);
	flight_settle(f);
	/* What was claimed ahead is looked at anew: the way may be blocked, or be left alone. */
	if (!runway->flows) {
		runway_narrow(runway);
		give_back_waiting(runway);
	}
	if (concerns_all(outcome))
		mail_pool_recall(f->daemon->mail, runway->channel);
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
	flight_settle(f);
}

void flight_hand_back_waiting(struct daemon *daemon)
{
	for (struct runway *runway = daemon->runways; runway; runway = runway->next)
		give_back_waiting(runway);
	mail_pool_recall(daemon->mail, NULL);
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
	pace_spend(f->daemon->pace, f->channel, pace_now(f->daemon));
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
	struct runway *runway = f->runway;

	wait_at_runway(f);
	/* It was claimed before that was known: the way may be blocked, or be left alone. */
	if (runway->refused)
		give_back_waiting(runway);
	else
		set_out_next(runway);
	if (runway->waiting > 0)
		watch_waiting(daemon);
}

/* Every request is answered once, and its flight lives until that is written down. */
static struct flight *flight_of(int64_t tag)
{
	return (struct flight *)(intptr_t)tag;
}

/* No thread had begun with it. */
static void take_back(struct flight *f)
{
	f->runway->under_way--;
	f->untried = true;
	pace_refund(f->daemon->pace, f->channel);
	flight_settle(f);
}

static void take_reply(struct flight *f, const struct outcome *outcome)
{
	conclude(f, outcome);
	set_out_next(f->runway);
}

static void take_mail_reply(const struct mail_reply *mail)
{
	struct flight *f = flight_of(mail->tag);

	if (mail->untried) {
		take_back(f);
	} else {
		const struct outcome outcome = outcome_of_mail(mail);

		take_reply(f, &outcome);
	}
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
		take_mail_reply(mail);
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
