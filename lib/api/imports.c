/* Routes that take the rows of a file: each row by itself, so that a bad one loses no other. */
#include <string.h>

#include "api/handlers.h"
#include "api/input.h"
#include "api/shape.h"
#include "base/text.h"

#define ROWS_MAX  2000
#define LINES_MAX 100000000
#define CELL_MAX  16384 /* bytes */

static const struct input_field import_fields[] = {
    {"dry_run", INPUT_FLAG, 0},
    {"rows", INPUT_LIST, ROWS_MAX, .required = true},
};
static const struct input_field partner_fields[] = {
    {"line", INPUT_WHOLE, LINES_MAX, .required = true},
    {"id", INPUT_TEXT, CELL_MAX, .required = true},
    {"name", INPUT_TEXT, CELL_MAX},
    {"owner", INPUT_TEXT, CELL_MAX},
    {"cadence", INPUT_TEXT, CELL_MAX},
    {"since", INPUT_TEXT, CELL_MAX},
    {"tags", INPUT_TEXT, CELL_MAX},
};
static const struct input_field contact_fields[] = {
    {"line", INPUT_WHOLE, LINES_MAX, .required = true},
    {"partner", INPUT_TEXT, CELL_MAX, .required = true},
    {"date", INPUT_TEXT, CELL_MAX, .required = true},
    {"kind", INPUT_TEXT, CELL_MAX, .required = true},
    {"direction", INPUT_TEXT, CELL_MAX},
    {"by", INPUT_TEXT, CELL_MAX},
    {"person", INPUT_TEXT, CELL_MAX},
    {"minutes", INPUT_TEXT, CELL_MAX},
    {"note", INPUT_TEXT, CELL_MAX},
    {"ext_id", INPUT_TEXT, CELL_MAX},
};

typedef enum status write_row(struct db *db, const struct scene *scene, const json_t *row,
			      bool dry_run, enum change_result *ret_result, struct error *err);

/* A blank cell keeps what is there. */
static const char *cell(const json_t *row, const char *name)
{
	const char *text = input_text(row, name);

	return text && text[0] ? text : NULL;
}

static enum status parse_date(const json_t *row, const char *name, day *ret_day, struct error *err)
{
	const char *text = cell(row, name);

	*ret_day = DAY_NEVER;
	if (!text || day_parse_iso(text, ret_day))
		return STATUS_OK;
	return error_fail(err, STATUS_INVALID,
			  "%s is no day that exists; write it like 2026-11-03", name);
}

static enum status write_partner(struct db *db, const struct scene *scene, const json_t *row,
				 bool dry_run, enum change_result *ret_result, struct error *err)
{
	struct partner_change change = {
	    .id = input_text(row, "id"),
	    .name = cell(row, "name"),
	    .owner = cell(row, "owner"),
	    .cadence = cell(row, "cadence"),
	    .tags = cell(row, "tags"),
	};
	const enum status status = parse_date(row, "since", &change.since, err);

	return status == STATUS_OK
		   ? partner_write(db, scene, &change, dry_run, ret_result, err)
		   : status;
}

static enum status parse_minutes(const json_t *row, int *ret_minutes, struct error *err)
{
	const char *text = cell(row, "minutes");
	int64_t minutes = CONTACT_MINUTES_UNKNOWN;

	if (text && !input_parse_whole(text, CONTACT_MINUTES_MAX, &minutes))
		return error_fail(err, STATUS_INVALID,
				  "minutes must be a whole number between 0 and %d",
				  CONTACT_MINUTES_MAX);
	*ret_minutes = (int)minutes;
	return STATUS_OK;
}

static enum status parse_kinds(const json_t *row, struct contact *contact, struct error *err)
{
	const char *direction = cell(row, "direction");

	contact->direction = DIRECTION_BOTH;
	if (!contact_kind_parse(input_text(row, "kind"), &contact->kind))
		return error_fail(err, STATUS_INVALID, "kind must be one of: %s",
				  contact_kind_names());
	if (direction && !contact_direction_parse(direction, &contact->direction))
		return error_fail(err, STATUS_INVALID, "direction must be in, out or both");
	return STATUS_OK;
}

static enum status write_contact(struct db *db, const struct scene *scene, const json_t *row,
				 bool dry_run, enum change_result *ret_result, struct error *err)
{
	struct contact contact = {
	    .by = cell(row, "by"),
	    .person = cell(row, "person"),
	    .note = cell(row, "note"),
	    .source = "csv",
	    .ext_id = cell(row, "ext_id"),
	};
	int64_t id;
	enum status status = parse_date(row, "date", &contact.day, err);

	if (status == STATUS_OK && contact.day == DAY_NEVER)
		status = error_fail(err, STATUS_INVALID, "date is missing");
	if (status == STATUS_OK)
		status = parse_kinds(row, &contact, err);
	if (status == STATUS_OK)
		status = parse_minutes(row, &contact.minutes, err);
	if (status != STATUS_OK)
		return status;
	return contact_write(db, scene, input_text(row, "partner"), &contact, dry_run, &id,
			     ret_result, err);
}

/* Whether the row alone is to blame, and the next one may go on. */
static bool is_of_the_row(enum status status)
{
	return status == STATUS_INVALID || status == STATUS_NOT_FOUND ||
	       status == STATUS_CONFLICT || status == STATUS_TOO_BIG;
}

struct tally {
	json_int_t results[3];
	json_t *failed, *changes;
};

static void count_row(struct tally *tally, const json_t *row, const char *name,
		      enum change_result result, bool dry_run)
{
	static const char *const names[] = {[CHANGE_NEW] = "new", [CHANGE_CHANGED] = "changed"};

	tally->results[result]++;
	if (dry_run && result != CHANGE_SAME)
		json_array_append_new(tally->changes,
				      json_pack("{s:I, s:s, s:s}", "line",
						(json_int_t)input_whole(row, "line"), "what",
						names[result], "partner", input_text(row, name)));
}

struct import {
	const struct input_field *fields;
	size_t field_count;
	write_row *write;
	const char *name; /* of the member that names the partner */
};

static enum status import_row(struct db *db, struct call *call, const struct import *import,
			      const json_t *row, bool dry_run, struct tally *tally,
			      struct error *err)
{
	enum change_result result = CHANGE_SAME;
	struct error reason = {""};
	enum status status = input_check(row, import->fields, import->field_count, &reason);

	if (status == STATUS_OK)
		status = import->write(db, &call->scene, row, dry_run, &result, &reason);
	if (status == STATUS_OK) {
		count_row(tally, row, import->name, result, dry_run);
	} else if (is_of_the_row(status) && db_status(db) == STATUS_OK) {
		json_array_append_new(tally->failed,
				      json_pack("{s:I, s:s}", "line",
						(json_int_t)input_whole(row, "line"), "message",
						reason.text));
	} else {
		return error_fail(err, status, "%s", reason.text);
	}
	return STATUS_OK;
}

static enum status import_rows(struct db *db, struct call *call, const struct import *import,
			       struct error *err)
{
	json_t *input = input_parse(call->body, call->body_len, err);
	enum status status = input ? input_check(input, import_fields, 2, err) : STATUS_INVALID;
	const bool dry_run = input_flag(input, "dry_run");
	struct tally tally = {.failed = json_array(), .changes = json_array()};
	json_t *rows = json_object_get(input, "rows");

	for (size_t i = 0; status == STATUS_OK && i < json_array_size(rows); i++)
		status = import_row(db, call, import, json_array_get(rows, i), dry_run, &tally, err);
	call->result = json_pack("{s:I, s:I, s:I, s:o, s:o}", "new", tally.results[CHANGE_NEW],
				 "changed", tally.results[CHANGE_CHANGED], "same",
				 tally.results[CHANGE_SAME], "failed", tally.failed, "changes",
				 tally.changes);
	json_decref(input);
	return status;
}

enum status import_partners_post(struct db *db, struct call *call, struct error *err)
{
	static const struct import import = {
	    partner_fields, sizeof(partner_fields) / sizeof(partner_fields[0]), write_partner, "id"};

	return import_rows(db, call, &import, err);
}

enum status import_contacts_post(struct db *db, struct call *call, struct error *err)
{
	static const struct import import = {contact_fields,
					     sizeof(contact_fields) / sizeof(contact_fields[0]),
					     write_contact, "partner"};

	return import_rows(db, call, &import, err);
}
