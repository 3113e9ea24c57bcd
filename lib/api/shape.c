/* Turns facts into JSON and sentences. */
#include "api/shape.h"

#include <stdio.h>

#define INSTANT_TEXT_SIZE 40
#define OTHER_YEAR_DAYS	  400

void shape_text(json_t *object, const char *name, const char *text)
{
	json_object_set_new(object, name, text ? json_string(text) : json_null());
}

void shape_day(json_t *object, const char *name, day d)
{
	char text[DAY_TEXT_SIZE];

	shape_text(object, name, d == DAY_NEVER ? NULL : day_iso(d, text));
}

void shape_instant(json_t *object, const char *name, instant at)
{
	char text[DAY_TEXT_SIZE + INSTANT_TEXT_SIZE], day_text[DAY_TEXT_SIZE];
	day d = (day)(at / DAY_MS);
	int seconds = (int)(at % DAY_MS / SECOND_MS);

	if (at == INSTANT_NEVER) {
		shape_text(object, name, NULL);
		return;
	}
	if (at % DAY_MS < 0) {
		d--;
		seconds += DAY_SECONDS;
	}
	snprintf(text, sizeof(text), "%sT%02d:%02d:%02dZ", day_iso(d, day_text), seconds / 3600,
		 seconds / 60 % 60, seconds % 60);
	shape_text(object, name, text);
}

json_t *shape_contact(const struct contact *contact)
{
	json_t *object = json_object();

	json_object_set_new(object, "id", json_integer(contact->id));
	shape_day(object, "day", contact->day);
	shape_text(object, "kind", contact_kind_name(contact->kind));
	shape_text(object, "direction", contact_direction_name(contact->direction));
	json_object_set_new(object, "counts",
			    json_boolean(contact_counts(contact->kind, contact->direction)));
	json_object_set_new(object, "minutes",
			    contact->minutes == CONTACT_MINUTES_UNKNOWN
				? json_null()
				: json_integer(contact->minutes));
	shape_text(object, "by", contact->by);
	shape_text(object, "person", contact->person);
	shape_text(object, "note", contact->note);
	shape_text(object, "source", contact->source);
	shape_text(object, "ext_id", contact->ext_id);
	shape_text(object, "origin", contact->origin);
	shape_text(object, "actor", contact->actor);
	shape_instant(object, "entered", contact->entered);
	return object;
}

json_t *shape_verdict(const struct verdict *verdict, day today)
{
	json_t *object = json_object();

	shape_text(object, "rule", rule_name(verdict->rule));
	shape_text(object, "state", state_name(verdict->state));
	shape_text(object, "hold", verdict->hold == HOLD_SNOOZED ? "snoozed" : NULL);
	shape_day(object, "base", verdict->base);
	shape_day(object, "due_unmoved", verdict->due_unmoved);
	shape_day(object, "due_day", verdict->due_day);
	shape_day(object, "cold_day", verdict->cold_day);
	shape_day(object, "warn_day", verdict->warn_day);
	shape_day(object, "next_change", verdict->next_change);
	json_object_set_new(object, "days_overdue",
			    json_integer(verdict_days_overdue(verdict, today)));
	return object;
}

static json_t *shape_snooze(const struct snooze *snooze)
{
	json_t *object;

	if (snooze->until == DAY_NEVER)
		return json_null();
	object = json_object();
	shape_day(object, "until", snooze->until);
	shape_day(object, "given", snooze->given);
	shape_text(object, "reason", snooze->reason);
	shape_text(object, "actor", snooze->actor);
	return object;
}

json_t *shape_facts(const struct scene *scene, const struct facts *facts)
{
	const struct partner *partner = &facts->partner;
	const day today = scene_today(scene, facts);
	json_t *object = json_object(), *list = json_array();
	struct verdict verdicts[RULES];
	size_t count = partner->archived == DAY_NEVER ? judge_partner(facts, today, verdicts) : 0;

	shape_text(object, "id", partner->id);
	shape_text(object, "name", partner->name);
	shape_text(object, "owner", partner->owner);
	shape_text(object, "hears", facts->owner ? facts->owner->id : NULL);
	shape_text(object, "cadence", partner->cadence);
	shape_text(object, "tags", partner->tags);
	shape_text(object, "origin", partner->origin);
	shape_day(object, "since", partner->since);
	shape_day(object, "first_seen", partner->first_seen);
	shape_day(object, "archived", partner->archived);
	shape_day(object, "today", today);
	json_object_set_new(object, "last", facts->has_last ? shape_contact(&facts->last) : json_null());
	json_object_set_new(object, "snooze", shape_snooze(&facts->snooze));
	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, shape_verdict(&verdicts[i], today));
	json_object_set_new(object, "verdicts", list);
	return object;
}

json_t *shape_delivery(const struct delivery *delivery)
{
	json_t *object = json_object();

	json_object_set_new(object, "id", json_integer(delivery->id));
	shape_text(object, "state", delivery_state_name(delivery->state));
	shape_text(object, "kind", delivery->kind);
	shape_text(object, "channel", delivery->channel);
	shape_text(object, "recipient", delivery->recipient);
	shape_text(object, "owner", delivery->owner);
	shape_text(object, "key", delivery->key);
	json_object_set_new(object, "attempts", json_integer(delivery->attempts));
	json_object_set_new(object, "ambiguous", json_integer(delivery->ambiguous));
	shape_instant(object, "created", delivery->created);
	shape_instant(object, "next_try", delivery->next_try);
	shape_text(object, "reason", delivery->reason);
	return object;
}

char *shape_say_day(day d, char out[DAY_TEXT_SIZE])
{
	/* Seen from another year a day is said with its year. */
	return day_say(d, d - OTHER_YEAR_DAYS, out);
}

const char *shape_say_stand(const struct scene *scene, const struct facts *facts,
			    struct arena *arena)
{
	const day today = scene_today(scene, facts);
	char due[DAY_TEXT_SIZE], cold[DAY_TEXT_SIZE], until[DAY_TEXT_SIZE];
	struct verdict verdicts[RULES];
	const struct verdict *v = verdicts;

	if (facts->partner.archived != DAY_NEVER)
		return arena_printf(arena, "Archived since %s.",
				    shape_say_day(facts->partner.archived, due));
	(void)judge_partner(facts, today, verdicts);
	shape_say_day(v->due_day, due);
	shape_say_day(v->cold_day, cold);
	if (v->hold == HOLD_SNOOZED)
		return arena_printf(arena, "Snoozed until %s.",
				    shape_say_day(facts->snooze.until, until));
	if (v->state == STATE_COLD)
		return arena_printf(arena, "Due since %s, cold since %s.", due, cold);
	if (v->state == STATE_DUE)
		return arena_printf(arena, "Due since %s, cold from %s.", due, cold);
	return arena_printf(arena, "Next due %s.", due);
}
