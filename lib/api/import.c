/* Contacts come in: one by one, or as the rows of a file. Every handler is a store job. */
#include "api/import.h"

#include <stdlib.h>
#include <string.h>

#include "api/request.h"
#include "api/shape.h"

#define ROWS_MAX 2000

static void set(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value);
}

/* What a contact looks like when people or files write it. */
static enum status read_contact(const json_t *o, day today, const char *source, struct contact *c,
				struct error *err)
{
	const char *kind = json_string_value(json_object_get(o, "kind"));
	const char *direction = json_string_value(json_object_get(o, "direction"));
	const char *date = json_string_value(json_object_get(o, "day"));
	const json_t *minutes = json_object_get(o, "minutes");

	*c = (struct contact){.day = today,
			      .minutes = CONTACT_MINUTES_UNKNOWN,
			      .by = json_string_value(json_object_get(o, "by")),
			      .person = json_string_value(json_object_get(o, "person")),
			      .note = json_string_value(json_object_get(o, "note")),
			      .ext_id = json_string_value(json_object_get(o, "ext_id")),
			      .source = source};
	if (!kind || !contact_kind_parse(kind, &c->kind))
		return error_fail(err, STATUS_INVALID, "kind: \"%s\" is none of %s",
				  kind ? kind : "", contact_kind_names());
	if (direction && *direction && !contact_direction_parse(direction, &c->direction))
		return error_fail(err, STATUS_INVALID, "direction: \"%s\" is none of in, out, both",
				  direction);
	if (date && !day_parse_words(date, today, DAY_PAST, &c->day))
		return error_fail(err, STATUS_INVALID,
				  "day: \"%s\" is no day; write 2026-11-03, today, monday or 3d",
				  date);
	if (json_is_string(minutes) && *json_string_value(minutes)) {
		char *end;
		const long n = strtol(json_string_value(minutes), &end, 10);

		if (*end || n < 0 || n > CONTACT_MINUTES_MAX)
			return error_fail(err, STATUS_INVALID,
					  "minutes: \"%s\" is no number from 0 to %d",
					  json_string_value(minutes), CONTACT_MINUTES_MAX);
		c->minutes = (int)n;
	} else if (json_is_integer(minutes)) {
		const json_int_t n = json_integer_value(minutes);

		if (n < 0 || n > CONTACT_MINUTES_MAX)
			return error_fail(err, STATUS_INVALID, "minutes: no number from 0 to %d",
					  CONTACT_MINUTES_MAX);
		c->minutes = (int)n;
	}
	return STATUS_OK;
}

static const char *result_name(enum change_result result)
{
	static const char *const names[] = {
	    [CHANGE_NEW] = "new", [CHANGE_CHANGED] = "changed", [CHANGE_SAME] = "same"};

	return names[result];
}

enum status post_contact(struct db *db, struct request *r, struct error *err)
{
	struct facts facts;
	struct contact contact;
	enum change_result result;
	int64_t id;
	enum status status = partner_facts(db, &r->scene, r->id, r->arena, &facts, err);

	if (status == STATUS_OK)
		status =
		    read_contact(r->body, scene_today(&r->scene, &facts), r->source, &contact, err);
	if (status == STATUS_OK)
		status = contact_write(db, &r->scene, r->id, &contact, false, &id, &result, err);
	if (status == STATUS_OK)
		status = partner_facts(db, &r->scene, r->id, r->arena, &facts, err);
	if (status != STATUS_OK)
		return status;
	r->answer = shape_facts(&r->scene, &facts);
	set(r->answer, "contact", json_integer(id));
	set(r->answer, "contact_day", shape_day(contact.day));
	set(r->answer, "result", json_string(result_name(result)));
	return STATUS_OK;
}

enum status delete_contact(struct db *db, struct request *r, struct error *err)
{
	const enum status status = contact_remove(db, &r->scene, strtoll(r->id, NULL, 10), err);

	if (status == STATUS_OK)
		r->answer = json_pack("{s:s}", "removed", r->id);
	return status;
}

/* ---- import ---- */

typedef enum status import_row(struct db *db, const struct scene *scene, const json_t *row,
			       bool dry_run, enum change_result *ret_result, struct error *err);

static const char *cell(const json_t *row, const char *name)
{
	const char *text = json_string_value(json_object_get(row, name));

	return text && *text ? text : NULL;
}

static enum status import_partner(struct db *db, const struct scene *scene, const json_t *row,
				  bool dry_run, enum change_result *ret_result, struct error *err)
{
	struct partner_change change = {.id = cell(row, "id"),
					.name = cell(row, "name"),
					.owner = cell(row, "owner"),
					.cadence = cell(row, "cadence"),
					.tags = cell(row, "tags"),
					.since = DAY_NEVER};
	const char *since = cell(row, "since");

	if (!change.id)
		return error_fail(err, STATUS_INVALID, "id: is missing");
	if (since && !day_parse_iso(since, &change.since))
		return error_fail(err, STATUS_INVALID, "since: \"%s\" is no day; write 2026-11-03",
				  since);
	return partner_write(db, scene, &change, dry_run, ret_result, err);
}

static enum status import_contact(struct db *db, const struct scene *scene, const json_t *row,
				  bool dry_run, enum change_result *ret_result, struct error *err)
{
	json_t *o = json_deep_copy(row);
	const char *date = cell(row, "date");
	struct contact contact;
	int64_t id;
	day d;
	enum status status = STATUS_OK;

	if (!cell(row, "partner"))
		status = error_fail(err, STATUS_INVALID, "partner: is missing");
	else if (!date || !day_parse_iso(date, &d))
		status = error_fail(err, STATUS_INVALID, "date: \"%s\" is no day; write 2026-11-03",
				    date ? date : "");
	if (status == STATUS_OK) {
		set(o, "day", json_string(date));
		status = read_contact(o, d, "csv", &contact, err);
	}
	if (status == STATUS_OK) {
		contact.by = cell(row, "by");
		contact.person = cell(row, "person");
		contact.note = cell(row, "note");
		contact.ext_id = cell(row, "ext_id");
		status = contact_write(db, scene, cell(row, "partner"), &contact, dry_run, &id,
				       ret_result, err);
	}
	json_decref(o);
	return status;
}

/* Newest first: then the older contacts change nothing, and two years of history raise no nudge
 * about the past. Rows without a date (partners, bad ones) keep their order. */
static int compare_rows(const void *a, const void *b)
{
	const json_t *x = *(const json_t *const *)a, *y = *(const json_t *const *)b;
	const char *dx = cell(x, "date"), *dy = cell(y, "date");
	const int by_date = strcmp(dy ? dy : "", dx ? dx : "");
	const json_int_t lx = json_integer_value(json_object_get(x, "line"));
	const json_int_t ly = json_integer_value(json_object_get(y, "line"));

	return by_date ? by_date : (lx > ly) - (lx < ly);
}

static json_t **in_order(struct arena *arena, const json_t *rows)
{
	const size_t count = json_array_size(rows);
	json_t **sorted = arena_alloc(arena, count + 1, sizeof(json_t *));

	for (size_t i = 0; i < count; i++)
		sorted[i] = json_array_get(rows, i);
	qsort(sorted, count, sizeof(json_t *), compare_rows);
	return sorted;
}

static import_row *const row_importers[] = {
    [IMPORT_PARTNERS] = import_partner,
    [IMPORT_CONTACTS] = import_contact,
};

/* One row in a point of its own: a bad one is undone, its neighbours stay. */
static enum status import_one(struct db *db, const struct scene *scene, enum import_kind kind,
			      const json_t *row, bool dry_run, json_int_t counts[3], json_t *answer)
{
	enum change_result result = CHANGE_SAME;
	const json_t *line = json_object_get(row, "line");
	struct error why = {""};
	enum status status = db_point(db);

	if (status != STATUS_OK)
		return status;
	status = row_importers[kind](db, scene, row, dry_run, &result, &why);
	if (db_status(db) != STATUS_OK)
		return db_status(db);
	if (status != STATUS_OK) {
		db_point_undo(db);
		json_array_append_new(
		    json_object_get(answer, "errors"),
		    json_pack("{s:O?, s:o}", "line", line, "message", shape_reason(why.text)));
		return STATUS_OK;
	}
	db_point_keep(db);
	counts[result]++;
	if (result != CHANGE_SAME)
		json_array_append_new(
		    json_object_get(answer, "changes"),
		    json_pack("{s:O?, s:s}", "line", line, "result", result_name(result)));
	return STATUS_OK;
}

enum status import_rows(struct db *db, const struct scene *scene, enum import_kind kind,
			const json_t *rows, bool dry_run, struct arena *arena, json_t **ret_answer)
{
	json_t *answer = json_pack("{s:[], s:[]}", "errors", "changes");
	json_t **sorted = in_order(arena, rows);
	json_int_t counts[3] = {0, 0, 0};
	enum status status = STATUS_OK;

	for (size_t i = 0; i < json_array_size(rows) && status == STATUS_OK; i++)
		status = import_one(db, scene, kind, sorted[i], dry_run, counts, answer);
	if (status != STATUS_OK) {
		json_decref(answer);
		return status;
	}
	set(answer, "new", json_integer(counts[CHANGE_NEW]));
	set(answer, "changed", json_integer(counts[CHANGE_CHANGED]));
	set(answer, "same", json_integer(counts[CHANGE_SAME]));
	*ret_answer = answer;
	return STATUS_OK;
}

static enum status import(struct db *db, struct request *r, enum import_kind kind,
			  struct error *err)
{
	const json_t *rows = json_object_get(r->body, "rows");

	if (!json_is_array(rows) || json_array_size(rows) > ROWS_MAX)
		return error_fail(err, STATUS_INVALID, "rows: an array of at most %d", ROWS_MAX);
	return import_rows(db, &r->scene, kind, rows, request_flag(r, "dry_run"), r->arena,
			   &r->answer);
}

enum status post_import_partners(struct db *db, struct request *r, struct error *err)
{
	return import(db, r, IMPORT_PARTNERS, err);
}

enum status post_import_contacts(struct db *db, struct request *r, struct error *err)
{
	return import(db, r, IMPORT_CONTACTS, err);
}
