/* Takes turns. What a turn needs is copied into struct turn when it starts, because it runs on the store thread. */
#include "daemon/turn.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/compose.h"
#include "daemon/flight.h"
#include "daemon/log.h"
#include "sys/notify.h"
#include "sys/wake.h"

#define SWEEP_MAX 1000         /* partners judged in one turn; more make another turn, so that others get theirs */
#define PRUNE_MAX 10000        /* history rows forgotten in one turn */
#define STORE_RETRY_S 10       /* after the store failed */
#define BROKEN_OWNER_MS (15 * MINUTE_MS) /* an owner whose digest failed is tried again then */

struct claim {
	const struct channel *channel;
	size_t room;
	struct delivery *deliveries;
	size_t count;
};

struct turn {
	struct daemon *daemon;
	struct conf *conf; /* a reference of its own */
	struct scene scene;
	struct arena *arena;
	bool clock_check;
	bool prune;
	bool hold;
	struct claim *claims; /* one a channel */
	size_t claim_count;
	/* What came of it. */
	bool more;
	int failed_owners;
	instant next;
};

static struct turn *turn_new(struct daemon *daemon)
{
	struct turn *turn = mem_alloc(1, sizeof(*turn));
	const struct roster *roster = &daemon->conf->roster;

	turn->daemon = daemon;
	turn->conf = daemon->conf;
	roster_ref(&turn->conf->roster);
	turn->scene = daemon_scene(daemon);
	turn->arena = arena_new();
	turn->next = INSTANT_NEVER;
	turn->clock_check = daemon->clock_check_wanted;
	turn->prune = daemon->pruned != (day)(turn->scene.now / DAY_MS);
	turn->hold = turn->conf->deliver == DELIVER_HOLD || daemon->stopping;
	turn->claims = arena_alloc(turn->arena, roster->channel_count, sizeof(*turn->claims));
	for (size_t i = 0; i < roster->channel_count; i++) {
		const struct channel *channel = &roster->channels[i];

		if (turn->conf->redirect_to && channel->type != CHANNEL_SMTP)
			continue;
		turn->claims[turn->claim_count++] = (struct claim){
		    .channel = channel, .room = flight_room(daemon, channel)};
	}
	return turn;
}

static void turn_free(struct turn *turn)
{
	roster_unref(&turn->conf->roster);
	arena_free(turn->arena);
	free(turn);
}

static enum status claim_all(struct db *db, struct turn *turn)
{
	for (size_t i = 0; i < turn->claim_count && !turn->hold; i++) {
		struct claim *claim = &turn->claims[i];
		enum status status;

		if (claim->room == 0)
			continue;
		status = outbox_claim(db, &turn->scene, claim->channel->id, claim->room,
				      turn->arena, &claim->deliveries, &claim->count);
		if (status != STATUS_OK)
			return status;
	}
	return STATUS_OK;
}

static void take_earlier(instant *earliest, instant at)
{
	if (at < *earliest)
		*earliest = at;
}

static enum status find_next(struct db *db, struct turn *turn)
{
	/* On hold no digest is composed: when it ends, everything is there to be told. */
	const enum status status =
	    turn->hold ? STATUS_OK : compose_next(db, &turn->scene, &turn->next);

	if (status != STATUS_OK)
		return status;
	if (turn->failed_owners > 0 && turn->next <= turn->scene.now)
		turn->next = turn->scene.now + BROKEN_OWNER_MS;
	take_earlier(&turn->next, nudge_next_look(db));
	for (size_t i = 0; i < turn->claim_count && !turn->hold; i++) {
		const struct claim *claim = &turn->claims[i];

		/* A channel that is full is looked at again when one of its sends has ended. */
		if (claim->room > claim->count)
			take_earlier(&turn->next, outbox_next_try(db, claim->channel->id));
	}
	return STATUS_OK;
}

static enum status turn_job(struct db *db, void *arg, struct error *err)
{
	struct turn *turn = arg;
	enum status status = STATUS_OK;

	if (turn->clock_check)
		status = nudge_clock_check(db, &turn->scene);
	if (status == STATUS_OK)
		status = nudge_sweep(db, &turn->scene, SWEEP_MAX, &turn->more);
	if (status == STATUS_OK && !turn->more && !turn->hold)
		status = compose_due(db, &turn->scene, turn->conf, &turn->failed_owners, err);
	if (status == STATUS_OK && turn->prune) {
		const day today = (day)(turn->scene.now / DAY_MS);
		const day before = day_subtract_span(today, turn->conf->keep_history);

		status = history_prune(db, (instant)before * DAY_MS, PRUNE_MAX);
	}
	if (status == STATUS_OK)
		status = claim_all(db, turn);
	if (status == STATUS_OK)
		status = find_next(db, turn);
	if (status != STATUS_OK && !err->text[0])
		error_set(err, "%s", db_error(db));
	return status;
}

static void say_status(struct daemon *daemon, instant next)
{
	char at[INSTANT_TEXT_SIZE] = "never";
	char *state;

	if (next != INSTANT_NEVER)
		instant_rfc3339(next, at);
	state = mem_printf("STATUS=%zu being sent; sleeping until %s", daemon->flight_count, at);
	(void)notify_send(state);
	free(state);
}

static void turn_failed(struct daemon *daemon, const struct error *err)
{
	const struct timeval later = {.tv_sec = STORE_RETRY_S};

	log_line(LOG_LEVEL_ERROR, "the store failed: %s; trying again in %d s", err->text,
		 STORE_RETRY_S);
	daemon->failed = true;
	if (daemon->options.once)
		daemon_maybe_end(daemon);
	else
		event_add(daemon->retry_timer, &later);
}

static void turn_succeeded(struct daemon *daemon, struct turn *turn)
{
	daemon->pruned = (day)(turn->scene.now / DAY_MS);
	if (turn->clock_check)
		daemon->clock_check_wanted = false;
	if (turn->failed_owners > 0)
		log_line(LOG_LEVEL_ERROR,
			 "the digests of %d owners could not be composed; trying again in 15 min",
			 turn->failed_owners);
	for (size_t i = 0; i < turn->claim_count; i++)
		for (size_t n = 0; n < turn->claims[i].count; n++)
			flight_start(daemon, turn->conf, turn->claims[i].channel,
				     &turn->claims[i].deliveries[n]);
	if (turn->more || turn->next <= turn->scene.now)
		daemon->turn_wanted = true;
	wake_set(daemon->wake_fd, &daemon->clock, turn->next);
	say_status(daemon, turn->next);
}

static void turn_done(enum status status, const struct error *err, void *arg)
{
	struct turn *turn = arg;
	struct daemon *daemon = turn->daemon;

	daemon->turn_running = false;
	if (status == STATUS_OK)
		turn_succeeded(daemon, turn);
	else
		turn_failed(daemon, err);
	turn_free(turn);
	if (daemon->turn_wanted && status == STATUS_OK)
		turn_take(daemon);
	else
		daemon_maybe_end(daemon);
}

void turn_take(struct daemon *daemon)
{
	struct turn *turn;

	if (daemon->stopping)
		return;
	daemon->turn_wanted = daemon->turn_running;
	if (daemon->turn_running)
		return;
	turn = turn_new(daemon);
	daemon->turn_running = true;
	if (store_submit(daemon->store, turn_job, turn_done, turn) == STATUS_OK)
		return;
	daemon->turn_running = false;
	turn_free(turn);
	turn_failed(daemon, &(struct error){"too many jobs wait"});
}
