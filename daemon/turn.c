/* Takes turns. What a turn needs is copied into struct turn when it starts, because it runs on the
 * store thread. */
#include "daemon/turn.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/broken.h"
#include "daemon/figures.h"
#include "daemon/flight.h"
#include "daemon/keeper.h"
#include "daemon/log.h"
#include "daemon/runway.h"
#include "engine/engine.h"
#include "net/token.h"
#include "sys/wake.h"

#define STORE_RETRY_S 10 /* after the store failed */
/* While a channel is blocked for its token: whoever renews that tells nobody. */
#define TOKEN_LOOK_MS (5 * MINUTE_MS)

struct turn {
	struct daemon *daemon;
	struct conf *conf; /* a reference of its own */
	struct engine_turn engine;
	bool tokens_wait; /* a token was refused that is in its file still */
};

static struct turn *turn_new(struct daemon *daemon)
{
	struct turn *turn = mem_alloc(1, sizeof(*turn));
	const struct roster *roster = &daemon->conf->roster;

	turn->daemon = daemon;
	runways_note_turn(daemon->runways);
	turn->conf = daemon->conf;
	roster_ref(&turn->conf->roster);
	turn->engine = (struct engine_turn){
	    .conf = turn->conf,
	    .host = daemon->host,
	    .scene = daemon_scene(daemon),
	    .arena = arena_new(),
	    .clock_check = daemon->clock_check_wanted,
	    .hold = turn->conf->deliver == DELIVER_HOLD || daemon->stopping,
	    .next = INSTANT_NEVER,
	};
	/* A step of the clock that comes while this turn runs wants a check of its own. */
	daemon->clock_check_wanted = false;
	turn->engine.prune = daemon->pruned != (day)(turn->engine.scene.now / DAY_MS);
	turn->engine.claims =
	    arena_alloc(turn->engine.arena, roster->channel_count, sizeof(struct engine_claim));
	for (size_t i = 0; i < roster->channel_count; i++) {
		const struct channel *channel = &roster->channels[i];

		if (turn->conf->redirect_to && channel->type != CHANNEL_SMTP)
			continue;
		struct engine_claim *claim = &turn->engine.claims[turn->engine.claim_count++];

		claim->channel = channel;
		claim->room = flight_room(daemon, channel, turn->engine.scene.now, &claim->more_at);
	}
	return turn;
}

static void turn_free(struct turn *turn)
{
	roster_unref(&turn->conf->roster);
	arena_free(turn->engine.arena);
	free(turn);
}

static bool read_token(const struct channel *channel, char ret_hash[65])
{
	struct error err;

	return channel->token_file && token_hash(channel->token_file, ret_hash, &err) == STATUS_OK;
}

static enum status turn_job(struct db *db, void *arg, struct error *err)
{
	struct turn *turn = arg;
	/* A result of old settings may have come between a reload and its swap. */
	enum status status = block_review(db, &turn->engine.scene);

	if (status == STATUS_OK)
		status =
		    block_review_tokens(db, &turn->engine.scene, read_token, &turn->tokens_wait);
	if (status == STATUS_OK)
		return engine_turn(db, &turn->engine, err);
	error_set(err, "%s", db_error(db));
	return status;
}

static void log_looked(const struct daemon *daemon, instant next)
{
	char at[INSTANT_TEXT_SIZE] = "never";

	if (next != INSTANT_NEVER)
		instant_rfc3339(next, at);
	log_line(LOG_LOOKED, "looked at what is due; %zu being sent; next look %s",
		 daemon->flight_count, at);
}

/* Said when it begins and when it is another, and not each time: the disk may be full of logs. */
static void note_failure(struct daemon *daemon, const struct error *err)
{
	if (!daemon->store_reason)
		daemon->store_failed = daemon_now(daemon);
	if (daemon->store_reason && strcmp(daemon->store_reason, err->text) == 0)
		return;
	free(daemon->store_reason);
	daemon->store_reason = mem_strdup(err->text);
	log_line(LOG_STORE_FAILED, "the store failed: %s; trying again every %d s", err->text,
		 STORE_RETRY_S);
}

static void note_success(struct daemon *daemon)
{
	daemon->looked = daemon_now(daemon);
	if (!daemon->store_reason)
		return;
	log_line(LOG_STORE_WORKS, "the store works again; nothing is lost");
	free(daemon->store_reason);
	daemon->store_reason = NULL;
}

static void turn_failed(struct daemon *daemon, const struct error *err)
{
	const struct timeval later = {.tv_sec = STORE_RETRY_S};

	daemon->failed = true;
	if (!daemon_tries_again(daemon)) {
		log_line(LOG_STORE_FAILED, "the store failed: %s; the next start goes on from here",
			 err->text);
		/* Nobody takes the turn that was wanted while this one ran. */
		daemon->turn_wanted = false;
		daemon_maybe_end(daemon);
		return;
	}
	note_failure(daemon, err);
	event_add(daemon->retry_timer, &later);
}

static void warn_of_unheard(const struct engine_turn *turn)
{
	for (size_t i = 0; i < turn->unheard_count; i++)
		log_about(
		    LOG_UNHEARD,
		    &(struct log_subject){.partners = (const char *[]){turn->unheard[i].partner},
					  .partner_count = 1},
		    "nobody hears of it: its owner %s is not configured, and nobody stands in; see "
		    "'cadencectl status', give it an owner with 'cadencectl partner move'",
		    turn->unheard[i].owner);
}

/* The first turn of a day tends to the store, also when nothing else is to be done on it. */
static instant wake_time(const struct engine_turn *turn)
{
	const instant tomorrow = (turn->scene.now / DAY_MS + 1) * DAY_MS;

	return turn->next < tomorrow ? turn->next : tomorrow;
}

static void look_at_tokens_soon(struct turn *turn)
{
	const instant look = turn->engine.scene.now + TOKEN_LOOK_MS;

	if (turn->tokens_wait && look < turn->engine.next)
		turn->engine.next = look;
}

/* Nothing sets out any more once it is time to land: the ways out may be closed already. */
static void take_off(struct daemon *daemon, struct turn *turn, const struct engine_claim *claim)
{
	for (size_t n = 0; n < claim->count; n++) {
		/* Claimed by settings that are not in force any more. */
		if (daemon->stopping || turn->conf != daemon->conf)
			flight_hand_back(daemon, turn->conf, claim->channel, &claim->deliveries[n]);
		else
			flight_start(daemon, turn->conf, claim->channel, &claim->deliveries[n]);
	}
}

/* With --once the clock may stand still, and what is due is tried before the end. */
static void wait_for_rate(struct daemon *daemon, const struct engine_turn *turn)
{
	const int64_t ms = turn->paced - turn->scene.now;
	const struct timeval then = {.tv_sec = ms / SECOND_MS, .tv_usec = ms % SECOND_MS * 1000};

	if (daemon->options.once && turn->paced != INSTANT_NEVER)
		event_add(daemon->retry_timer, &then);
}

static void turn_succeeded(struct daemon *daemon, struct turn *turn)
{
	daemon->pruned = (day)(turn->engine.scene.now / DAY_MS);
	note_success(daemon);
	warn_of_unheard(&turn->engine);
	if (!turn->engine.more && !turn->engine.hold)
		broken_note(daemon, &turn->engine.failed);
	for (size_t i = 0; i < turn->engine.claim_count; i++)
		take_off(daemon, turn, &turn->engine.claims[i]);
	flight_land(daemon);
	if (turn->engine.more || turn->engine.next <= turn->engine.scene.now)
		daemon->turn_wanted = true;
	wait_for_rate(daemon, &turn->engine);
	look_at_tokens_soon(turn);
	daemon->next_turn = turn->engine.next;
	wake_set(daemon->wake_fd, &daemon->clock, wake_time(&turn->engine));
	log_looked(daemon, turn->engine.next);
	/* While much is under way a turn follows the other, and the last one tells. */
	if (!daemon->turn_wanted && daemon->flight_count == 0)
		figures_tell(daemon, turn->engine.next);
}

static void turn_done(enum status status, const struct error *err, void *arg)
{
	struct turn *turn = arg;
	struct daemon *daemon = turn->daemon;

	daemon->turn_running = false;
	if (status == STATUS_OK) {
		turn_succeeded(daemon, turn);
	} else {
		daemon->clock_check_wanted |= turn->engine.clock_check;
		turn_failed(daemon, err);
	}
	turn_free(turn);
	if (daemon->turn_wanted && status == STATUS_OK)
		turn_take(daemon);
	else
		daemon_maybe_end(daemon);
	if (status == STATUS_OK && !daemon->turn_running)
		keeper_tend(daemon->keeper);
}

void turn_soon(struct daemon *daemon)
{
	daemon->turn_wanted = true;
	event_active(daemon->turn_event, EV_TIMEOUT, 0);
}

void turn_take(struct daemon *daemon)
{
	struct turn *turn;

	if (daemon->stopping)
		return;
	/* While a reload is under way a turn would judge by the old configuration what the sync has
	 * just put up to be judged by the new one. */
	daemon->turn_wanted = daemon->turn_running || daemon->reloading;
	if (daemon->turn_wanted)
		return;
	turn = turn_new(daemon);
	daemon->turn_running = true;
	if (store_submit(daemon->store, turn_job, turn_done, turn) == STATUS_OK)
		return;
	daemon->turn_running = false;
	daemon->clock_check_wanted |= turn->engine.clock_check;
	turn_free(turn);
	turn_failed(daemon, &(struct error){"too many jobs wait"});
}
