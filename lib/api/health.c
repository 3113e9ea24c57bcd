/* Decides what is a fault. Each looks at its part of the status, and says nothing where that is not
 * there. */
#include "api/health.h"

#include <string.h>

#define UNDELIVERED_MS	(4 * HOUR_MS)
#define STUCK_MS	(10 * MINUTE_MS) /* after the time of the next look */
#define SETTLE_MS	HOUR_MS		 /* from the start on, before a backup is missed */
#define BACKUP_DAYS	1		 /* old, at most */
#define NAMES_SHOWN_MAX 3

struct case_file {
	const json_t *status;
	instant now;
	json_t *faults;
};

static const char *text(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static json_int_t number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static const json_t *part(const struct case_file *c, const char *key)
{
	return json_object_get(c->status, key);
}

/* INSTANT_NEVER where there is none. */
static instant instant_at(const json_t *object, const char *key)
{
	const char *words = text(object, key);
	instant at;

	return words && instant_parse(words, &at) ? at : INSTANT_NEVER;
}

static bool is_undelivered(instant since, instant now)
{
	return since != INSTANT_NEVER && now - since >= UNDELIVERED_MS;
}

static bool is_stuck(instant next_look, instant now)
{
	return next_look != INSTANT_NEVER && now - next_look >= STUCK_MS;
}

/* Takes the text. */
static void fault(const struct case_file *c, const char *kind, json_t *words)
{
	json_array_append_new(c->faults, json_pack("{s:s, s:o}", "kind", kind, "text", words));
}

static void look_at_blocks(const struct case_file *c)
{
	json_t *block;
	size_t i;

	json_array_foreach(part(c, "blocked"), i, block)
	{
		const char *recipient = text(block, "recipient");

		fault(c, "blocked",
		      json_sprintf(
			  "%s%s%s is blocked since %s: %s; mend it, then 'cadencectl outbox "
			  "retry'",
			  text(block, "channel"), recipient ? " to " : "",
			  recipient ? recipient : "", text(block, "since"), text(block, "reason")));
	}
}

static void look_at_outbox(const struct case_file *c)
{
	const json_int_t dead = number(c->status, "dead");
	const instant since = instant_at(c->status, "undelivered_since");
	const char *deliver = text(c->status, "deliver");

	if (dead > 0)
		fault(c, "dead",
		      json_sprintf("%lld %s given up: see 'cadencectl outbox list', then retry or "
				   "drop %s",
				   (long long)dead, dead == 1 ? "delivery is" : "deliveries are",
				   dead == 1 ? "it" : "them"));
	/* On hold nothing is meant to leave. */
	if (is_undelivered(since, c->now) && !(deliver && strcmp(deliver, "hold") == 0))
		fault(
		    c, "undelivered",
		    json_sprintf("something has been undelivered since %s: see 'cadencectl outbox "
				 "list' and 'cadencectl doctor'",
				 text(c->status, "undelivered_since")));
}

static void look_at_looks(const struct case_file *c)
{
	const instant next = instant_at(c->status, "next_look");
	const json_t *store = part(c, "store_failed");

	if (json_is_object(store))
		fault(c, "store",
		      json_sprintf(
			  "since %s the database cannot be used: %s; it is tried again every "
			  "10 s",
			  text(store, "since"), text(store, "reason")));
	else if (is_stuck(next, c->now))
		fault(c, "stuck",
		      json_sprintf("nobody has looked at what was due at %s: 'systemctl restart "
				   "cadenced', and keep the log",
				   text(c->status, "next_look")));
}

static void look_at_configuration(const struct case_file *c)
{
	const char *error = text(c->status, "last_reload_error");

	if (error)
		fault(c, "reload",
		      json_sprintf("the configuration could not be reloaded, the one before is in "
				   "force: %s; correct it, then 'cadencectl reload'",
				   error));
}

/* "nova, vega and 3 more"; the caller's. */
static json_t *names(const json_t *array)
{
	const size_t count = json_array_size(array);
	json_t *words = json_string("");

	for (size_t i = 0; i < count && i < NAMES_SHOWN_MAX; i++) {
		json_t *more = json_sprintf("%s%s%s", json_string_value(words), i > 0 ? ", " : "",
					    json_string_value(json_array_get(array, i)));

		json_decref(words);
		words = more;
	}
	if (count > NAMES_SHOWN_MAX) {
		json_t *more = json_sprintf("%s and %zu more", json_string_value(words),
					    count - NAMES_SHOWN_MAX);

		json_decref(words);
		words = more;
	}
	return words;
}

static void look_at_people(const struct case_file *c)
{
	const json_t *unheard = part(c, "unheard"), *broken = part(c, "broken");
	json_t *some = names(unheard), *owners = names(broken);

	if (json_array_size(unheard) > 0)
		fault(
		    c, "unheard",
		    json_sprintf("nobody hears of %s: give each an owner with 'cadencectl partner "
				 "move'",
				 json_string_value(some)));
	if (json_array_size(broken) > 0)
		fault(c, "broken",
		      json_sprintf("no digest can be composed for %s; the warnings say why",
				   json_string_value(owners)));
	json_decref(owners);
	json_decref(some);
}

static void look_at_backup(const struct case_file *c)
{
	const json_t *backup = part(c, "backup");
	const char *failed = text(backup, "failed"), *last = text(backup, "last");
	const instant started = instant_at(c->status, "started");
	day made;

	if (failed)
		fault(
		    c, "backup",
		    json_sprintf("the last backup failed: %s; mend that, then 'cadencectl backup'",
				 failed));
	else if (json_is_true(json_object_get(backup, "daily")) && c->now - started >= SETTLE_MS &&
		 (!last || !day_parse_iso(last, &made) ||
		  (day)(c->now / DAY_MS) - made > BACKUP_DAYS))
		fault(c, "backup",
		      json_sprintf("the last backup is %s%s; see the log, then 'cadencectl backup'",
				   last ? "of " : "none", last ? last : ""));
}

static void look_at_disk(const struct case_file *c)
{
	const json_t *room = part(c, "disk_free");

	if (json_is_integer(room) && json_integer_value(room) < HEALTH_DISK_LEAST)
		fault(
		    c, "disk",
		    json_sprintf("the disk that holds the database has %lld MiB left; make room: "
				 "when it is full nothing new is taken, and what is there is kept",
				 (long long)(json_integer_value(room) >> 20)));
}

static void look_at_heartbeat(const struct case_file *c)
{
	const char *failing = text(part(c, "heartbeat"), "failing");

	if (failing)
		fault(c, "heartbeat",
		      json_sprintf(
			  "the heartbeat does not reach its watcher (%s): check heartbeat in "
			  "the configuration, and the way out",
			  failing));
}

static void look_at_inbox(const struct case_file *c)
{
	const char *failed = text(part(c, "inbox"), "fault");

	if (failed)
		fault(c, "inbox",
		      json_sprintf("replies cannot be read: %s; what is mended is tried again by "
				   "itself",
				   failed));
}

json_t *health_faults(const json_t *status, instant now)
{
	static void (*const looks[])(const struct case_file *) = {
	    look_at_looks,  look_at_blocks,	   look_at_outbox,
	    look_at_people, look_at_configuration, look_at_backup,
	    look_at_disk,   look_at_heartbeat,	   look_at_inbox};
	const struct case_file c = {status, now, json_array()};

	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++)
		looks[i](&c);
	return c.faults;
}

const char *health_reason_to_hold(const struct health_signs *signs, instant now)
{
	if (signs->store_fails)
		return "the database cannot be used";
	if (is_stuck(signs->next_look, now))
		return "nobody has looked at what is due for 10 minutes";
	if (signs->broken > 0)
		return "a digest cannot be composed";
	if (signs->blocked > 0)
		return "a channel or an address is blocked";
	if (!signs->hold && is_undelivered(signs->undelivered_since, now))
		return "something has been undelivered for 4 hours";
	return NULL;
}
