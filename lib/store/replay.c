/* Replay: a partner's facts as they were known on a day gone by, from what history wrote down
 * since.
 *
 * Walks backwards: takes what is known now and undoes, newest first, every change that came after
 * that day. Reads only; what history has forgotten (keep_history) cannot be undone. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "store/rows.h"

#define CONTACTS_MAX 20000 /* of one partner */

struct replay {
	struct db *db;
	struct arena *arena;
	struct facts *facts;
	struct contact *contacts;
	size_t count, capacity;
	instant answered[ANSWERS]; /* when each answer was given */
	bool existed;
	day on;
};

/* ---- JSON back into facts ---- */

static const char *text_of(const struct replay *replay, const json_t *object, const char *name)
{
	return arena_strdup(replay->arena, json_string_value(json_object_get(object, name)));
}

static day day_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));
	day d = DAY_NEVER;

	if (text)
		(void)day_parse_iso(text, &d);
	return d;
}

static struct contact read_contact(const struct replay *replay, const json_t *object)
{
	const char *kind = json_string_value(json_object_get(object, "kind"));
	const char *direction = json_string_value(json_object_get(object, "direction"));
	const json_t *minutes = json_object_get(object, "minutes");
	struct contact contact = {
	    .id = json_integer_value(json_object_get(object, "id")),
	    .day = day_of(object, "day"),
	    .kind = CONTACT_OTHER,
	    .minutes = json_is_integer(minutes) ? (int)json_integer_value(minutes)
						: CONTACT_MINUTES_UNKNOWN,
	    .by = text_of(replay, object, "by"),
	    .person = text_of(replay, object, "person"),
	    .note = text_of(replay, object, "note"),
	    .source = text_of(replay, object, "source"),
	    .ext_id = text_of(replay, object, "ext_id"),
	    .origin = text_of(replay, object, "origin"),
	    .entered = json_integer_value(json_object_get(object, "entered")),
	};

	if (kind)
		(void)contact_kind_parse(kind, &contact.kind);
	if (direction)
		(void)contact_direction_parse(direction, &contact.direction);
	return contact;
}

/* ---- undoing ---- */

static void drop_contact(struct replay *replay, int64_t id)
{
	for (size_t i = 0; i < replay->count; i++)
		if (replay->contacts[i].id == id) {
			replay->contacts[i] = replay->contacts[--replay->count];
			return;
		}
}

static void put_contact(struct replay *replay, const json_t *object)
{
	const struct contact contact = read_contact(replay, object);

	drop_contact(replay, contact.id);
	replay->contacts = arena_grow(replay->arena, replay->contacts, replay->count,
				      &replay->capacity, sizeof(*replay->contacts));
	replay->contacts[replay->count++] = contact;
}

static void undo_answer(struct replay *replay, enum answer_kind kind, const json_t *from)
{
	replay->facts->answers[kind] = (struct answer){
	    .is_given = json_is_object(from),
	    .given = day_of(from, "given"),
	    .until = day_of(from, "until"),
	    .reason = text_of(replay, from, "reason"),
	    .actor = text_of(replay, from, "actor"),
	};
	replay->answered[kind] = json_integer_value(json_object_get(from, "at"));
}

static void undo_values(struct replay *replay, const json_t *from)
{
	struct partner *partner = &replay->facts->partner;

	partner->name = text_of(replay, from, "name");
	partner->owner = text_of(replay, from, "owner");
	partner->cadence = text_of(replay, from, "cadence");
	partner->tags = text_of(replay, from, "tags");
	partner->origin = text_of(replay, from, "origin");
	partner->since = day_of(from, "since");
	partner->cold_mark = (int)json_integer_value(json_object_get(from, "cold_mark"));
}

static void undo_change(struct replay *replay, const char *verb, const json_t *detail)
{
	const json_t *from = json_object_get(detail, "from");
	enum answer_kind kind;

	if (strcmp(verb, "contact.logged") == 0)
		drop_contact(replay, json_integer_value(json_object_get(detail, "id")));
	else if (strcmp(verb, "contact.removed") == 0)
		put_contact(replay, detail);
	else if (strcmp(verb, "contact.changed") == 0)
		put_contact(replay, from);
	else if (strncmp(verb, "answer.", 7) == 0 && answer_parse(verb + 7, &kind))
		undo_answer(replay, kind, from);
	else if (strcmp(verb, "partner.added") == 0)
		replay->existed = false;
	else if (strcmp(verb, "partner.archived") == 0)
		replay->facts->partner.archived = DAY_NEVER;
	else if (strcmp(verb, "partner.restored") == 0)
		replay->facts->partner.archived = replay->on;
	else if (json_is_object(from) && strncmp(verb, "partner.", 8) == 0)
		undo_values(replay, from);
}

static void undo_since(struct replay *replay, instant moment)
{
	struct query *query =
	    db_query(replay->db, "SELECT verb, detail FROM history WHERE partner = $1"
				 " AND at >= $2 ORDER BY id DESC");

	db_bind(query, 1, replay->facts->partner.row);
	db_bind(query, 2, moment);
	while (db_step(query)) {
		const char *text = db_text(query, 1);
		json_t *detail = text ? json_loads(text, 0, NULL) : NULL;

		undo_change(replay, db_text(query, 0), detail);
		json_decref(detail);
	}
}

/* ---- from contacts to facts ---- */

static int compare_contacts(const void *a, const void *b)
{
	const struct contact *x = a, *y = b;

	if (x->day != y->day)
		return x->day > y->day ? -1 : 1;
	return (x->id < y->id) - (x->id > y->id);
}

static bool ends_answer(const struct replay *replay, const struct contact *contact,
			enum answer_kind kind)
{
	const struct answer *answer = &replay->facts->answers[kind];

	return contact->day >= answer->given && contact->entered > replay->answered[kind];
}

static void count_contact(struct replay *replay, const struct contact *contact)
{
	struct facts *facts = replay->facts;

	if (!contact_counts(contact->kind, contact->direction))
		return;
	if (!facts->has_last)
		facts->last = *contact;
	facts->has_last = true;
	if (contact->kind == CONTACT_MEETING && !facts->has_meeting) {
		facts->has_meeting = true;
		facts->meeting = *contact;
	}
	if ((contact->kind == CONTACT_MEETING || contact->kind == CONTACT_CALL) &&
	    facts->talked == DAY_NEVER)
		facts->talked = contact->day;
	for (enum answer_kind kind = ANSWER_OFF; kind <= ANSWER_ACK; kind++)
		facts->answers[kind].is_over |= ends_answer(replay, contact, kind);
}

/* Of contacts that come newest first. */
static struct rhythm rhythm_of(const struct contact *contacts, size_t count)
{
	struct rhythm rhythm = {0};

	for (size_t i = count; i > 0; i--)
		if (contact_counts(contacts[i - 1].kind, contacts[i - 1].direction))
			(void)!rhythm_add(&rhythm, contacts[i - 1].day,
					  source_is_live(contacts[i - 1].source));
	return rhythm;
}

static void settle_facts(struct replay *replay, const struct scene *scene)
{
	struct facts *facts = replay->facts;

	facts->has_last = facts->has_meeting = false;
	facts->talked = DAY_NEVER;
	for (enum answer_kind kind = ANSWER_OFF; kind <= ANSWER_ACK; kind++)
		facts->answers[kind].is_over = false;
	qsort(replay->contacts, replay->count, sizeof(*replay->contacts), compare_contacts);
	for (size_t i = 0; i < replay->count; i++)
		count_contact(replay, &replay->contacts[i]);
	facts->rhythm = rhythm_of(replay->contacts, replay->count);
	facts->cadence = roster_cadence(scene->roster, facts->partner.cadence);
	if (!facts->cadence)
		facts->cadence = cadence_fallback();
	if (roster_owner(scene->roster, facts->partner.owner))
		facts->owner = roster_owner(scene->roster, facts->partner.owner);
}

static void read_answered(struct replay *replay)
{
	struct query *query =
	    db_query(replay->db, "SELECT kind, at FROM answer WHERE partner = $1");
	enum answer_kind kind;

	db_bind(query, 1, replay->facts->partner.row);
	while (db_step(query))
		if (answer_parse(db_text(query, 0), &kind))
			replay->answered[kind] = db_int(query, 1);
}

enum status partner_facts_on(struct db *db, const struct scene *scene, const char *id, day d,
			     struct arena *arena, struct facts *ret_facts,
			     struct contact **ret_contacts, size_t *ret_count, struct error *err)
{
	struct replay replay = {
	    .db = db, .arena = arena, .facts = ret_facts, .existed = true, .on = d};
	char iso[DAY_TEXT_SIZE];
	enum status status = partner_facts(db, scene, id, arena, ret_facts, err);

	if (status == STATUS_OK)
		status = contact_recent(db, ret_facts->partner.row, CONTACTS_MAX, arena,
					&replay.contacts, &replay.count);
	if (status != STATUS_OK)
		return status;
	replay.capacity = replay.count;
	*ret_contacts = replay.contacts;
	*ret_count = replay.count;
	if (d >= scene_today(scene, ret_facts))
		return STATUS_OK;
	read_answered(&replay);
	undo_since(
	    &replay,
	    zone_day_start(ret_facts->owner ? ret_facts->owner->zone : scene->roster->zone, d + 1));
	if (db_status(db) != STATUS_OK)
		return error_fail(err, db_status(db), "%s", db_error(db));
	if (!replay.existed)
		return error_fail(err, STATUS_NOT_FOUND, "%s was not known on %s", id,
				  day_iso(d, iso));
	settle_facts(&replay, scene);
	*ret_contacts = replay.contacts;
	*ret_count = replay.count;
	return STATUS_OK;
}
