/* Decides what an outcome means for a delivery, and says so in the log. */
#include <stdlib.h>
#include <string.h>

#include "channel/channel.h"
#include "channel/outcome.h"
#include "channel/schedule.h"
#include "daemon/about.h"
#include "daemon/log.h"
#include "daemon/under_way.h"

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

void verdict_find(struct flight *f, const struct outcome *outcome)
{
	decide(f, outcome);
	decide_outdated(f);
	log_outcome(f);
	log_rest(f);
}
