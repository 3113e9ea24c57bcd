/* Turns: judge, compose, claim, and when to come back. */
#include "engine/engine.h"

#include "engine/admin.h"
#include "engine/compose.h"
#include "engine/notice.h"
#include "store/past.h"
#include "store/reply.h"

enum status engine_begin(struct db *db, const struct scene *scene, struct sync_plan *plan,
			 char ret_installation[65], struct error *err)
{
	struct reply_keys keys;
	enum status status = nudge_clock_check(db, scene);

	if (status == STATUS_OK)
		status = outbox_recover(db, scene);
	if (status == STATUS_OK)
		status = meta_installation(db, ret_installation);
	if (status == STATUS_OK)
		status = reply_keys_get(db, &keys);
	if (status == STATUS_OK)
		status = sync_file(db, scene, plan, err);
	if (status != STATUS_OK && !err->text[0])
		error_set(err, "%s", db_error(db));
	return status;
}

static enum status claim_all(struct db *db, struct engine_turn *turn)
{
	for (size_t i = 0; i < turn->claim_count && !turn->hold; i++) {
		struct engine_claim *claim = &turn->claims[i];
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

static enum status find_next(struct db *db, struct engine_turn *turn)
{
	/* On hold no digest is composed: when it ends, everything is there to be told. */
	const enum status status =
	    turn->hold ? STATUS_OK : compose_next(db, &turn->scene, &turn->failed, &turn->next);

	turn->paced = INSTANT_NEVER;
	if (status != STATUS_OK)
		return status;
	if (turn->failed.count > 0)
		take_earlier(&turn->next, turn->scene.now + ENGINE_BROKEN_MS);
	take_earlier(&turn->next, nudge_next_look(db));
	for (size_t i = 0; i < turn->claim_count && !turn->hold; i++) {
		const struct engine_claim *claim = &turn->claims[i];

		const instant free_at =
		    claim->room > claim->count ? turn->scene.now : claim->more_at;
		instant next;

		/* A channel that is full is looked at again when one of its sends has ended, one
		 * that has sent enough for a while then. */
		if (free_at == INSTANT_NEVER)
			continue;
		next = outbox_next_try(db, &turn->scene, claim->channel->id);
		if (next != INSTANT_NEVER)
			take_earlier(&turn->next, next > free_at ? next : free_at);
		if (next <= turn->scene.now && free_at > turn->scene.now)
			take_earlier(&turn->paced, free_at);
	}
	return STATUS_OK;
}

/* The administrators hear of what died, once what was claimed with it was tried. Their mail is
 * claimed by a turn of its own: what this one claimed must not be forgotten. */
static enum status tell_admins(struct db *db, struct engine_turn *turn, instant *ret_next)
{
	bool put;
	const enum status status =
	    admin_compose(db, &turn->scene, turn->host, turn->arena, &put, ret_next);

	if (put)
		*ret_next = turn->scene.now;
	return status;
}

/* What is to be done once a day. */
static enum status tend(struct db *db, struct engine_turn *turn)
{
	const day today = (day)(turn->scene.now / DAY_MS);
	const day before = day_subtract_span(today, turn->conf->keep_history);
	enum status status = history_prune(db, (instant)before * DAY_MS, ENGINE_PRUNE_MAX);

	if (status == STATUS_OK)
		status = reply_prune(db, &turn->scene, ENGINE_PRUNE_MAX);
	if (status != STATUS_OK)
		return status;
	status = view_unheard(db, &turn->scene, ENGINE_UNHEARD_MAX, turn->arena, &turn->unheard,
			      &turn->unheard_count);
	if (status != STATUS_OK || turn->hold || turn->unheard_count == 0)
		return status;
	return admin_compose_unheard(db, &turn->scene, turn->host, turn->arena);
}

enum status engine_turn(struct db *db, struct engine_turn *turn, struct error *err)
{
	enum status status = STATUS_OK;
	instant admin_next = INSTANT_NEVER;

	/* What is known of the clock comes first: all else goes by the days it leaves. */
	if (turn->clock_check)
		status = nudge_clock_check(db, &turn->scene);
	else if (turn->prune)
		past_settle(db, &turn->scene);
	if (status == STATUS_OK)
		status = nudge_sweep(db, &turn->scene, ENGINE_SWEEP_MAX, &turn->more);
	if (status == STATUS_OK && !turn->more && !turn->hold)
		status = compose_due(db, &turn->scene, turn->conf, turn->host, turn->arena,
				     &turn->failed, err);
	if (status == STATUS_OK && turn->prune)
		status = tend(db, turn);
	/* Before anything is claimed: the fallback is a channel like any other. */
	if (status == STATUS_OK && !turn->hold)
		status = notice_compose(db, &turn->scene, turn->host, turn->arena);
	if (status == STATUS_OK)
		status = claim_all(db, turn);
	if (status == STATUS_OK && !turn->more && !turn->hold)
		status = tell_admins(db, turn, &admin_next);
	if (status == STATUS_OK)
		status = find_next(db, turn);
	take_earlier(&turn->next, admin_next);
	if (status != STATUS_OK && !err->text[0])
		error_set(err, "%s", db_error(db));
	return status;
}
