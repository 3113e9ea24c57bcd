/* Words events and numbers them. Decides nothing: who calls knows that something happened. */
#include "store/event.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "store/outbox.h"

#define ANNOUNCE_BYTES 16

json_t *event_text(const char *text)
{
	json_t *value = text ? json_string(text) : NULL;

	return value ? value : json_null();
}

json_t *event_day(day d)
{
	char text[DAY_TEXT_SIZE];

	return d == DAY_NEVER ? json_null() : json_string(day_iso(d, text));
}

json_t *event_partner(const struct partner *partner)
{
	json_t *object = json_object();

	json_object_set_new(object, "id", event_text(partner->id));
	json_object_set_new(object, "name", event_text(partner->name));
	json_object_set_new(object, "owner", event_text(partner->owner));
	json_object_set_new(object, "cadence", event_text(partner->cadence));
	json_object_set_new(object, "tags", event_text(partner->tags));
	return object;
}

static json_t *contact_object(bool is_there, const struct contact *last)
{
	json_t *object;

	if (!is_there)
		return json_null();
	object = json_object();
	json_object_set_new(object, "day", event_day(last->day));
	json_object_set_new(object, "kind", event_text(contact_kind_name(last->kind)));
	json_object_set_new(object, "person", event_text(last->person));
	json_object_set_new(object, "by", event_text(last->by));
	json_object_set_new(object, "source", event_text(last->source));
	return object;
}

/* The agreed rhythm of the rule's clock; null where there is none. */
static json_t *every_of(const struct facts *facts, enum rule rule)
{
	const struct span *every =
	    rule == RULE_MEETING ? &facts->cadence->meeting_every : &facts->cadence->every;
	char text[SPAN_TEXT_SIZE];

	if (rule != RULE_CONTACT && rule != RULE_MEETING)
		return json_null();
	return json_string(span_say(*every, text));
}

json_t *event_evidence(const struct facts *facts, const struct verdict *verdict, int64_t nudge,
		       day today)
{
	json_t *object = json_object();

	json_object_set_new(object, "nudge", json_integer(nudge));
	json_object_set_new(object, "partner", event_partner(&facts->partner));
	json_object_set_new(object, "rule", event_text(rule_name(verdict->rule)));
	json_object_set_new(object, "state", event_text(state_name(verdict->state)));
	json_object_set_new(object, "base", event_day(verdict->base));
	json_object_set_new(object, "due_day", event_day(verdict->due_day));
	json_object_set_new(object, "cold_day", event_day(verdict->cold_day));
	json_object_set_new(object, "days_overdue",
			    json_integer(verdict_days_overdue(verdict, today)));
	json_object_set_new(object, "every", every_of(facts, verdict->rule));
	json_object_set_new(object, "next_change", event_day(verdict->next_change));
	json_object_set_new(object, "last_contact", contact_object(facts->has_last, &facts->last));
	if (verdict->rule == RULE_MEETING)
		json_object_set_new(object, "last_meeting",
				    contact_object(facts->has_meeting, &facts->meeting));
	return object;
}

char *event_dump(const json_t *object)
{
	char *text = json_dumps(object, JSON_COMPACT);

	/* jansson answers NULL only when memory ran out, which nothing here survives. */
	if (!text)
		abort();
	return text;
}

/* The body that is posted, and signed, with each attempt: {"type":…,"timestamp":…,"data":{…}}, as
 * Standard Webhooks asks. */
static char *make_body(const struct scene *scene, const char *type, json_t *data)
{
	json_t *body = json_object();
	char at[INSTANT_TEXT_SIZE];
	char *text;

	json_object_set_new(body, "type", json_string(type));
	json_object_set_new(body, "timestamp", json_string(instant_rfc3339(scene->now, at)));
	json_object_set(body, "data", data);
	text = event_dump(body);
	json_decref(body);
	return text;
}

static int64_t next_number(struct db *db, int64_t nudge)
{
	struct query *q =
	    db_query(db, "UPDATE nudge SET events = events + 1 WHERE id = $1 RETURNING events");
	int64_t number = 0;

	db_bind(q, 1, nudge);
	if (db_step(q))
		number = db_int(q, 0);
	db_end(q);
	return number;
}

/* Queues the event for every channel of events. about: what its key begins with, which no other
 * event has. */
static void post(struct db *db, const struct scene *scene, const char *about, int64_t nudge,
		 const char *type, json_t *data)
{
	const struct roster *roster = scene->roster;
	char *body = make_body(scene, type, data);

	for (size_t i = 0; i < roster->event_count; i++) {
		const char *channel = roster->events[i]->id;
		char *key = mem_printf("event|%s|%s", about, channel);

		(void)outbox_put(db, scene,
				 &(struct posting){.key = key,
						   .kind = "event",
						   .channel = channel,
						   .nudge = nudge,
						   .document = body});
		free(key);
	}
	free(body);
}

void event_send(struct db *db, const struct scene *scene, int64_t nudge, const char *type,
		json_t *data)
{
	char *about;

	if (scene->roster->event_count == 0)
		return;
	about = mem_printf("%lld|%lld", (long long)nudge, (long long)next_number(db, nudge));
	post(db, scene, about, nudge, type, data);
	free(about);
}

void event_announce(struct db *db, const struct scene *scene, const char *type, json_t *data)
{
	uint8_t number[ANNOUNCE_BYTES];
	char text[2 * ANNOUNCE_BYTES + 1];
	char *about;

	if (scene->roster->event_count == 0)
		return;
	random_bytes(number, sizeof(number));
	bytes_hex(number, sizeof(number), text);
	about = mem_printf("%s|%s", type, text);
	post(db, scene, about, 0, type, data);
	free(about);
}
