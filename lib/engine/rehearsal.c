/* Turns a calendar instead of waiting for a clock. */
#include "engine/rehearsal.h"

#include <stdlib.h>

#define ROOM	  1000	/* deliveries of a channel in one turn */
#define TURNS_MAX 10000 /* at one instant; more means that it turns on the spot */

struct rehearsal {
	struct db *db;
	struct conf *conf;
	instant now;
	instant next; /* of the next turn */
	day pruned;
	bool clock_check;
	rehearsal_send *send;
	void *arg;
};

struct db *rehearsal_db(struct rehearsal *rehearsal)
{
	return rehearsal->db;
}

instant rehearsal_now(const struct rehearsal *rehearsal)
{
	return rehearsal->now;
}

struct scene rehearsal_scene(const struct rehearsal *rehearsal, const char *actor)
{
	return (struct scene){
	    .roster = &rehearsal->conf->roster, .now = rehearsal->now, .actor = actor};
}

void rehearsal_set_clock(struct rehearsal *rehearsal, instant now)
{
	rehearsal->now = now;
	rehearsal->next = now;
	rehearsal->clock_check = true;
}

/* ---- one job, one transaction ---- */

static enum status end_job(struct rehearsal *rehearsal, enum status status, struct error *err)
{
	struct db *db = rehearsal->db;

	if (status == STATUS_OK)
		status = db_status(db);
	if (status == STATUS_OK)
		status = db_commit(db);
	if (status != STATUS_OK) {
		if (!err->text[0])
			error_set(err, "%s", db_error(db));
		db_clear(db);
		db_rollback(db);
	}
	return status;
}

static enum status act_in(struct rehearsal *rehearsal, const struct scene *scene,
			  rehearsal_job *job, void *arg, struct error *err)
{
	enum status status = db_begin(rehearsal->db);

	err->text[0] = '\0';
	if (status == STATUS_OK)
		status = job(rehearsal->db, scene, arg, err);
	return end_job(rehearsal, status, err);
}

enum status rehearsal_act(struct rehearsal *rehearsal, const char *actor, rehearsal_job *job,
			  void *arg, struct error *err)
{
	const struct scene scene = rehearsal_scene(rehearsal, actor);

	rehearsal->next = rehearsal->now;
	return act_in(rehearsal, &scene, job, arg, err);
}

/* ---- beginning ---- */

struct begin {
	struct sync_plan plan;
	char installation[65];
};

static enum status begin_job(struct db *db, const struct scene *scene, void *arg, struct error *err)
{
	struct begin *begin = arg;

	return engine_begin(db, scene, &begin->plan, begin->installation, err);
}

static enum status begin_at(struct rehearsal *rehearsal, instant now, struct error *err)
{
	struct begin begin = {.plan = {.entries = rehearsal->conf->partners,
				       .count = rehearsal->conf->partner_count,
				       .starting = true}};

	rehearsal->now = now;
	return rehearsal_act(rehearsal, "conf", begin_job, &begin, err);
}

enum status rehearsal_new(struct conf *conf, instant now, rehearsal_send *send, void *arg,
			  struct rehearsal **ret, struct error *err)
{
	struct rehearsal *rehearsal = mem_alloc(1, sizeof(*rehearsal));
	enum status status;

	*rehearsal = (struct rehearsal){
	    .conf = conf, .pruned = (day)(now / DAY_MS), .send = send, .arg = arg};
	conf->redirect_to = NULL;
	status = db_open("sqlite::memory:", &rehearsal->db, err);
	if (status == STATUS_OK)
		status = begin_at(rehearsal, now, err);
	if (status == STATUS_OK)
		*ret = rehearsal;
	else
		rehearsal_free(rehearsal);
	return status;
}

struct rehearsal *rehearsal_free(struct rehearsal *rehearsal)
{
	if (!rehearsal)
		return NULL;
	db_close(rehearsal->db);
	roster_unref(&rehearsal->conf->roster);
	free(rehearsal);
	return NULL;
}

enum status rehearsal_restart(struct rehearsal *rehearsal, struct conf *conf, instant now,
			      struct error *err)
{
	conf->redirect_to = NULL;
	roster_unref(&rehearsal->conf->roster);
	rehearsal->conf = conf;
	return begin_at(rehearsal, now, err);
}

static enum status sync_job(struct db *db, const struct scene *scene, void *arg, struct error *err)
{
	return sync_file(db, scene, arg, err);
}

enum status rehearsal_reload(struct rehearsal *rehearsal, struct conf *conf, bool accept_archiving,
			     struct error *err)
{
	struct sync_plan plan = {.entries = conf->partners,
				 .count = conf->partner_count,
				 .accept_archiving = accept_archiving};
	const struct scene scene = {
	    .roster = &conf->roster, .now = rehearsal->now, .actor = "conf"};
	struct conf *before = rehearsal->conf;
	const enum status status = act_in(rehearsal, &scene, sync_job, &plan, err);

	conf->redirect_to = NULL;
	if (status == STATUS_OK) {
		rehearsal->conf = conf;
		rehearsal->next = rehearsal->now;
	}
	roster_unref(status == STATUS_OK ? &before->roster : &conf->roster);
	return status;
}

/* ---- turning ---- */

static enum status turn_job(struct db *db, const struct scene *scene, void *arg, struct error *err)
{
	struct engine_turn *turn = arg;

	turn->scene = *scene;
	return engine_turn(db, turn, err);
}

static enum status settle_job(struct db *db, const struct scene *scene, void *arg,
			      struct error *err)
{
	(void)err;
	return outbox_settle(db, scene, arg);
}

static enum status send_all(struct rehearsal *rehearsal, const struct engine_turn *turn,
			    struct error *err)
{
	enum status status = STATUS_OK;

	for (size_t i = 0; i < turn->claim_count; i++) {
		const struct engine_claim *claim = &turn->claims[i];

		for (size_t n = 0; n < claim->count && status == STATUS_OK; n++) {
			const struct delivery *delivery = &claim->deliveries[n];
			struct settlement settlement = {.id = delivery->id,
							.attempts = delivery->attempts,
							.reason = "rehearsed"};

			settlement.kind = rehearsal->send(rehearsal->arg, rehearsal->now, delivery,
							  &settlement.retry_at);
			/* Puts the next turn at now: what was sent may change what comes. */
			status = rehearsal_act(rehearsal, "cadenced", settle_job, &settlement, err);
		}
	}
	return status;
}

static enum status take_turn(struct rehearsal *rehearsal, struct error *err)
{
	const struct roster *roster = &rehearsal->conf->roster;
	struct engine_turn turn = {.conf = rehearsal->conf,
				   .arena = arena_new(),
				   .clock_check = rehearsal->clock_check,
				   .prune = rehearsal->pruned != (day)(rehearsal->now / DAY_MS),
				   .claim_count = roster->channel_count,
				   .next = INSTANT_NEVER};
	enum status status;

	turn.claims = arena_alloc(turn.arena, roster->channel_count + 1, sizeof(*turn.claims));
	for (size_t i = 0; i < roster->channel_count; i++)
		turn.claims[i] = (struct engine_claim){
		    .channel = &roster->channels[i], .room = ROOM, .more_at = INSTANT_NEVER};
	status = rehearsal_act(rehearsal, "cadenced", turn_job, &turn, err);
	if (status == STATUS_OK) {
		rehearsal->pruned = (day)(rehearsal->now / DAY_MS);
		rehearsal->clock_check = false;
		rehearsal->next = turn.more ? rehearsal->now : turn.next;
		status = send_all(rehearsal, &turn, err);
	}
	/* The daemon goes on with the others; here it is what was to be found out. */
	if (status == STATUS_OK && turn.failed.count > 0)
		status = error_fail(err, STATUS_FAILED, "the digest of %s cannot be composed: %s",
				    turn.failed.items[0].owner, turn.failed.items[0].reason);
	arena_free(turn.arena);
	return status;
}

enum status rehearsal_run(struct rehearsal *rehearsal, instant until, struct error *err)
{
	enum status status = STATUS_OK;
	int turns = 0;

	while (status == STATUS_OK && rehearsal->next <= until) {
		if (rehearsal->next > rehearsal->now) {
			rehearsal->now = rehearsal->next;
			turns = 0;
		}
		if (++turns > TURNS_MAX)
			return error_fail(err, STATUS_FAILED, "the engine turns on the spot");
		status = take_turn(rehearsal, err);
	}
	if (status == STATUS_OK && rehearsal->now < until)
		rehearsal->now = until;
	return status;
}
