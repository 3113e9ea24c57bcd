/* Routes that log, undo and list contacts. */
#include "api/handlers.h"
#include "api/input.h"
#include "api/shape.h"
#include "base/text.h"

#define PAGE_DEFAULT 100
#define PAGE_MAX     1000
#define WORD_MAX     64 /* bytes of a kind, a direction, a day in words */

static const struct input_field contact_fields[] = {
    {"kind", INPUT_TEXT, WORD_MAX, .required = true},
    {"day", INPUT_TEXT, WORD_MAX},
    {"note", INPUT_TEXT, 4 * TEXT_NOTE_MAX},
    {"direction", INPUT_TEXT, WORD_MAX},
    {"by", INPUT_TEXT, TEXT_ID_MAX},
    {"person", INPUT_TEXT, 4 * TEXT_NAME_MAX},
    {"minutes", INPUT_WHOLE, CONTACT_MINUTES_MAX},
    {"ext_id", INPUT_TEXT, 4 * CONTACT_EXT_ID_MAX},
};

static enum status parse_kind(const char *kind, const char *direction, struct contact *contact,
			      struct error *err)
{
	if (!contact_kind_parse(kind, &contact->kind))
		return error_fail(err, STATUS_INVALID, "that is no kind of contact; choose one of: %s",
				  contact_kind_names());
	contact->direction = DIRECTION_BOTH;
	if (direction && !contact_direction_parse(direction, &contact->direction))
		return error_fail(err, STATUS_INVALID, "direction must be in, out or both");
	return STATUS_OK;
}

static enum status read_contact(const json_t *input, day today, struct contact *ret_contact,
				struct error *err)
{
	const char *words = input_text(input, "day");
	enum status status = parse_kind(input_text(input, "kind"), input_text(input, "direction"),
					ret_contact, err);

	ret_contact->day = today;
	if (status == STATUS_OK && words &&
	    !day_parse_words(words, today, DAY_PAST, &ret_contact->day))
		status = error_fail(err, STATUS_INVALID,
				    "that is no day; say today, yesterday, monday, 3d or 2026-11-03");
	ret_contact->note = input_text(input, "note");
	ret_contact->by = input_text(input, "by");
	ret_contact->person = input_text(input, "person");
	ret_contact->minutes = (int)input_whole(input, "minutes");
	ret_contact->ext_id = input_text(input, "ext_id");
	return status;
}

static const char *say_result(enum change_result result)
{
	static const char *const words[] = {
	    [CHANGE_NEW] = "logged", [CHANGE_CHANGED] = "changed", [CHANGE_SAME] = "was there already"};

	return words[result];
}

static const char *name_result(enum change_result result)
{
	static const char *const names[] = {
	    [CHANGE_NEW] = "new", [CHANGE_CHANGED] = "changed", [CHANGE_SAME] = "same"};

	return names[result];
}

/* What a person must know who thinks that a contact is a contact. */
static const char *say_effect(const struct facts *after, const struct contact *contact,
			      struct arena *arena)
{
	char last[DAY_TEXT_SIZE];

	if (!contact_counts(contact->kind, contact->direction))
		return " It does not reset the clock: nobody has answered yet.";
	if (after->has_last && after->last.day > contact->day)
		return arena_printf(arena, " The last contact stays that of %s.",
				    shape_say_day(after->last.day, last));
	return "";
}

static void answer_contact(struct call *call, const struct facts *after,
			   const struct contact *contact, enum change_result result)
{
	char day_text[DAY_TEXT_SIZE];
	const char *text = arena_printf(
	    call->arena, "%s: %s on %s %s (contact %lld).%s %s", after->partner.id,
	    contact_kind_name(contact->kind), shape_say_day(contact->day, day_text),
	    say_result(result), (long long)contact->id, say_effect(after, contact, call->arena),
	    shape_say_stand(&call->scene, after, call->arena));

	call->result = json_object();
	json_object_set_new(call->result, "contact", json_integer(contact->id));
	shape_text(call->result, "result", name_result(result));
	shape_text(call->result, "text", text);
	json_object_set_new(call->result, "partner", shape_facts(&call->scene, after));
}

enum status contact_post(struct db *db, struct call *call, struct error *err)
{
	json_t *input = input_parse(call->body, call->body_len, err);
	struct contact contact = {.source = call->source};
	enum change_result result = CHANGE_SAME;
	struct facts facts;
	enum status status = STATUS_INVALID;

	if (input)
		status = input_check(input, contact_fields,
				     sizeof(contact_fields) / sizeof(contact_fields[0]), err);
	if (status == STATUS_OK)
		status = partner_facts(db, &call->scene, call->id, call->arena, &facts, err);
	if (status == STATUS_OK)
		status = read_contact(input, scene_today(&call->scene, &facts), &contact, err);
	if (status == STATUS_OK)
		status = contact_write(db, &call->scene, call->id, &contact, false, &contact.id,
				       &result, err);
	if (status == STATUS_OK)
		status = partner_facts(db, &call->scene, call->id, call->arena, &facts, err);
	if (status == STATUS_OK)
		answer_contact(call, &facts, &contact, result);
	json_decref(input);
	return status;
}

enum status contact_delete(struct db *db, struct call *call, struct error *err)
{
	struct contact_row *rows = NULL;
	struct facts facts;
	size_t count = 0;
	int64_t id;
	enum status status = call_row(call, &id, err);

	if (status == STATUS_OK)
		status = contact_list(db, NULL, id - 1, 1, call->arena, &rows, &count);
	if (status == STATUS_OK)
		status = contact_remove(db, &call->scene, id, err);
	if (status == STATUS_OK)
		status = partner_facts(db, &call->scene, rows[0].partner, call->arena, &facts, err);
	if (status != STATUS_OK)
		return status;
	call->result = json_object();
	json_object_set_new(call->result, "contact", json_integer(id));
	shape_text(call->result, "text",
		   arena_printf(call->arena, "%s: contact %lld removed. %s", facts.partner.id,
				(long long)id, shape_say_stand(&call->scene, &facts, call->arena)));
	json_object_set_new(call->result, "partner", shape_facts(&call->scene, &facts));
	return status;
}

static json_t *shape_row(const struct contact_row *row)
{
	json_t *object = shape_contact(&row->contact);

	shape_text(object, "partner", row->partner);
	return object;
}

enum status contacts_get(struct db *db, struct call *call, struct error *err)
{
	const char *partner = call_query(call, "partner");
	struct contact_row *rows = NULL;
	struct facts facts;
	size_t count = 0;
	int64_t after, limit;
	enum status status = call_query_whole(call, "after", INT64_MAX / 100, 0, &after, err);
	json_t *list;

	if (status == STATUS_OK)
		status = call_query_whole(call, "limit", PAGE_MAX, PAGE_DEFAULT, &limit, err);
	if (status == STATUS_OK && partner)
		status = partner_facts(db, &call->scene, partner, call->arena, &facts, err);
	if (status == STATUS_OK)
		status = contact_list(db, partner, after, (size_t)limit, call->arena, &rows, &count);
	if (status != STATUS_OK)
		return status;
	list = json_array();
	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, shape_row(&rows[i]));
	call->result = json_pack("{s:o}", "contacts", list);
	json_object_set_new(call->result, "next",
			    count > 0 && count == (size_t)limit
				? json_integer(rows[count - 1].contact.id)
				: json_null());
	return STATUS_OK;
}
