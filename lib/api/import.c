/* Contacts come in: one by one, or as the rows of a file. Every handler is a store job. */
#include "api/import.h"

#include <stdlib.h>
#include <string.h>

#include "api/request.h"
#include "api/shape.h"

#define ROWS_MAX      2000
#define LONG_AGO_DAYS 183 /* in another year: a day so far back is said with its year */

static void set(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value);
}

static enum status refuse_kind(const char *kind, struct error *err)
{
	const char *near = contact_kind_near(kind);

	return error_fail(err, STATUS_INVALID, "kind: \"%s\" is none of %s%s%s%s", kind,
			  contact_kind_names(), near ? "; did you mean " : "", near ? near : "",
			  near ? "?" : "");
}

/* What a contact looks like when people or files write it; its members have been checked. */
static enum status read_contact(const json_t *o, day d, const char *source, struct contact *c,
				struct error *err)
{
	const char *kind = member_string(o, "kind");
	const char *direction = member_string(o, "direction");

	*c = (struct contact){
	    .day = d,
	    .minutes = (int)member_number(o, "minutes", CONTACT_MINUTES_UNKNOWN),
	    .by = member_string(o, "by"),
	    .person = member_string(o, "person"),
	    .note = member_string(o, "note"),
	    .ext_id = member_string(o, "ext_id"),
	    .source = source,
	};
	if (!kind || !*kind)
		return error_fail(err, STATUS_INVALID, "kind: is missing; it is one of %s",
				  contact_kind_names());
	if (!contact_kind_parse(kind, &c->kind))
		return refuse_kind(kind, err);
	if (direction && *direction && !contact_direction_parse(direction, &c->direction))
		return error_fail(err, STATUS_INVALID, "direction: \"%s\" is none of in, out, both",
				  direction);
	return STATUS_OK;
}

/* 24nov on the 23rd: hardly the day a year ago, and not the one to come. */
static enum status refuse_missing_year(const char *words, day today, day past, struct error *err)
{
	const size_t digits = strspn(words, "0123456789");
	char past_text[DAY_TEXT_SIZE], ahead_text[DAY_TEXT_SIZE];
	day ahead;

	/* Of all words for days these alone have a month of three letters and no year. */
	if (digits == 0 || strlen(words + digits) != 3 || today - past <= LONG_AGO_DAYS ||
	    day_to_civil(past).year == day_to_civil(today).year ||
	    !day_parse_words(words, today, DAY_AHEAD, &ahead))
		return STATUS_OK;
	return error_fail(err, STATUS_INVALID,
			  "day: the next %s is %s, and a contact is logged when it has happened; "
			  "write %s if that is meant",
			  words, day_iso(ahead, ahead_text), day_iso(past, past_text));
}

/* The day of a contact that somebody logs; today unless it is said. */
static enum status read_day(const json_t *o, day today, day *ret_day, struct error *err)
{
	const char *words = member_string(o, "day");

	*ret_day = today;
	if (!words)
		return STATUS_OK;
	if (day_parse_words(words, today, DAY_PAST, ret_day))
		return refuse_missing_year(words, today, *ret_day, err);
	return error_fail(err, STATUS_INVALID,
			  "day: \"%s\" is no day; write 2026-11-03, today, monday or 3d", words);
}

enum status post_contact(struct db *db, struct request *r, struct error *err)
{
	struct facts facts;
	struct contact contact;
	enum change_result result;
	int64_t id;
	day d;
	enum status status = partner_facts(db, &r->scene, r->id, r->arena, &facts, err);

	if (status == STATUS_OK)
		status = read_day(r->body, scene_today(&r->scene, &facts), &d, err);
	if (status == STATUS_OK)
		status = read_contact(r->body, d, r->source, &contact, err);
	if (status == STATUS_OK)
		status = contact_write(db, &r->scene, r->id, &contact, false, &id, &result, err);
	if (status == STATUS_OK)
		status = partner_facts(db, &r->scene, r->id, r->arena, &facts, err);
	if (status != STATUS_OK)
		return status;
	r->answer = shape_facts(&r->scene, &facts);
	set(r->answer, "contact", json_integer(id));
	set(r->answer, "contact_day", shape_day(contact.day));
	set(r->answer, "result", json_string(shape_result(result)));
	return STATUS_OK;
}

enum status delete_contact(struct db *db, struct request *r, struct error *err)
{
	int64_t id;
	struct contact_row removed;
	struct facts facts;
	enum status status = request_id(r, "a contact", &id, err);

	if (status == STATUS_OK)
		status = contact_remove(db, &r->scene, id, r->arena, &removed, err);
	if (status == STATUS_OK)
		status = partner_facts(db, &r->scene, removed.partner, r->arena, &facts, err);
	if (status != STATUS_OK)
		return status;
	r->answer = shape_facts(&r->scene, &facts);
	set(r->answer, "removed", shape_contact(&removed.contact));
	return STATUS_OK;
}

/* ---- import ---- */

typedef enum status import_row(struct db *db, const struct scene *scene, const json_t *row,
			       const char *source, bool dry_run, enum change_result *ret_result,
			       struct error *err);

/* What a row may say. A table is read in columns. */
/* clang-format off */
const struct member import_partner_row[] = {
    {"line", MEMBER_NUMBER, "where it stood, for the answer"},
    {"id", MEMBER_WORD, "the partner's id, a short name that never changes; required"},
    {"name", MEMBER_TEXT, "the name as people read it"},
    {"owner", MEMBER_WORD, "the id of an owner; required of a partner that is new"},
    {"cadence", MEMBER_WORD, "the name of a cadence"},
    {"since", MEMBER_WORD, "since when it is a partner, such as 2024-03-01"},
    {"tags", MEMBER_TEXT, "words to find it by"},
    {"cold_mark", MEMBER_TEXT, "days of silence after which it has gone cold for the odds: 180 days; or none"},
    {NULL, 0, NULL},
};
const struct member import_contact_row[] = {
    {"line", MEMBER_NUMBER, "where it stood, for the answer"},
    {"partner", MEMBER_WORD, "the partner's id; required"},
    {"date", MEMBER_WORD, "the day, such as 2026-11-03; required"},
    {"kind", MEMBER_WORD, "meeting, call, event, email, message or other; required"},
    {"direction", MEMBER_WORD, "in, out or both"},
    {"by", MEMBER_WORD, "who of us it was, the id of an owner"},
    {"person", MEMBER_TEXT, "who of them it was"},
    {"note", MEMBER_TEXT, "what was said"},
    {"ext_id", MEMBER_TEXT, "what another system calls it: the same id again changes it"},
    {"minutes", MEMBER_MINUTES, "how long it took"},
    {NULL, 0, NULL},
};
/* clang-format on */

enum status import_cold_mark(const char *text, int *ret_days, struct error *err)
{
	struct span span;

	*ret_days = 0;
	if (!text)
		return STATUS_OK;
	if (strcmp(text, "none") == 0) {
		*ret_days = COLD_MARK_NONE;
		return STATUS_OK;
	}
	if (!span_parse(text, &span))
		return error_fail(err, STATUS_INVALID,
				  "cold_mark: \"%s\" is no duration; write \"180 days\" or \"6 "
				  "months\", or none",
				  text);
	*ret_days = span_about_days(span);
	return STATUS_OK;
}

static enum status import_partner(struct db *db, const struct scene *scene, const json_t *row,
				  const char *source, bool dry_run, enum change_result *ret_result,
				  struct error *err)
{
	struct partner_change change = {.id = member_string(row, "id"),
					.name = member_string(row, "name"),
					.owner = member_string(row, "owner"),
					.cadence = member_string(row, "cadence"),
					.tags = member_string(row, "tags"),
					.since = DAY_NEVER};
	const char *since = member_string(row, "since");

	(void)source;
	if (!change.id)
		return error_fail(err, STATUS_INVALID, "id: is missing");
	if (since && !day_parse_iso(since, &change.since))
		return error_fail(err, STATUS_INVALID, "since: \"%s\" is no day; write 2026-11-03",
				  since);
	if (import_cold_mark(member_string(row, "cold_mark"), &change.cold_mark, err) != STATUS_OK)
		return STATUS_INVALID;
	return partner_write(db, scene, &change, dry_run, ret_result, err);
}

static enum status import_contact(struct db *db, const struct scene *scene, const json_t *row,
				  const char *source, bool dry_run, enum change_result *ret_result,
				  struct error *err)
{
	const char *partner = member_string(row, "partner"), *date = member_string(row, "date");
	struct contact contact;
	int64_t id;
	day d;
	enum status status;

	if (!partner)
		return error_fail(err, STATUS_INVALID, "partner: is missing");
	if (!date || !day_parse_iso(date, &d))
		return error_fail(err, STATUS_INVALID, "date: \"%s\" is no day; write 2026-11-03",
				  date ? date : "");
	status = read_contact(row, d, source, &contact, err);
	if (status == STATUS_OK)
		status = contact_write(db, scene, partner, &contact, dry_run, &id, ret_result, err);
	return status;
}

/* A row, and where it stood. */
struct placed {
	const json_t *row;
	size_t index;
};

/* Newest first: then the older contacts change nothing, and two years of history raise no nudge
 * about the past. Rows without a date (partners, bad ones) keep their order. */
static int compare_rows(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;
	const char *dx = member_string(x->row, "date"), *dy = member_string(y->row, "date");
	const int by_date = strcmp(dy ? dy : "", dx ? dx : "");
	const json_int_t lx = json_integer_value(json_object_get(x->row, "line"));
	const json_int_t ly = json_integer_value(json_object_get(y->row, "line"));
	const int by_line = (lx > ly) - (lx < ly);

	if (by_date || by_line)
		return by_date ? by_date : by_line;
	return (x->index > y->index) - (x->index < y->index);
}

static struct placed *in_order(struct arena *arena, const json_t *rows)
{
	const size_t count = json_array_size(rows);
	struct placed *sorted = arena_alloc(arena, count + 1, sizeof(*sorted));

	for (size_t i = 0; i < count; i++)
		sorted[i] = (struct placed){json_array_get(rows, i), i};
	qsort(sorted, count, sizeof(*sorted), compare_rows);
	return sorted;
}

static const struct {
	import_row *import;
	const struct member *members;
} kinds[] = {
    [IMPORT_PARTNERS] = {import_partner, import_partner_row},
    [IMPORT_CONTACTS] = {import_contact, import_contact_row},
};

static enum status check_row(enum import_kind kind, const json_t *row, struct error *err)
{
	if (!json_is_object(row))
		return error_fail(err, STATUS_INVALID, "a row must be an object");
	return member_check(kinds[kind].members, "member", row, err);
}

/* A copy of the row without its empty cells: they say nothing. */
static json_t *filled(const json_t *row)
{
	json_t *copy = json_copy((json_t *)row), *value;
	const char *name;
	void *next;

	json_object_foreach_safe(copy, next, name, value)
	{
		if (json_is_string(value) && json_string_length(value) == 0)
			json_object_del(copy, name);
	}
	return copy;
}

/* What is said of a row names it: by its line, of one that has none by its place among the rows. */
static void tell(json_t *answer, const char *list, const json_t *row, size_t index, json_t *what)
{
	json_t *line = json_object_get(row, "line");

	if (json_is_null(line) || !line)
		set(what, "row", json_integer((json_int_t)index));
	else
		json_object_set(what, "line", line);
	json_array_append_new(json_object_get(answer, list), what);
}

/* One row in a point of its own: a bad one is undone, its neighbours stay. */
static enum status import_one(struct db *db, const struct scene *scene, enum import_kind kind,
			      const json_t *row, size_t index, const char *source, bool dry_run,
			      json_int_t counts[3], json_t *answer)
{
	enum change_result result = CHANGE_SAME;
	struct error why = {""};
	enum status status = db_point(db);

	if (status != STATUS_OK)
		return status;
	status = check_row(kind, row, &why);
	if (status == STATUS_OK)
		status = kinds[kind].import(db, scene, row, source, dry_run, &result, &why);
	if (db_status(db) != STATUS_OK)
		return db_status(db);
	if (status != STATUS_OK) {
		db_point_undo(db);
		tell(answer, "errors", row, index,
		     json_pack("{s:o}", "message", shape_reason(why.text)));
		return STATUS_OK;
	}
	db_point_keep(db);
	counts[result]++;
	if (result != CHANGE_SAME)
		tell(answer, "changes", row, index,
		     json_pack("{s:s}", "result", shape_result(result)));
	return STATUS_OK;
}

enum status import_rows(struct db *db, const struct scene *scene, enum import_kind kind,
			const json_t *rows, const char *source, bool dry_run, struct arena *arena,
			json_t **ret_answer)
{
	json_t *answer = json_pack("{s:[], s:[]}", "errors", "changes");
	const struct placed *sorted = in_order(arena, rows);
	json_int_t counts[3] = {0, 0, 0};
	enum status status = STATUS_OK;

	for (size_t i = 0; i < json_array_size(rows) && status == STATUS_OK; i++) {
		json_t *row = filled(sorted[i].row);

		status = import_one(db, scene, kind, row, sorted[i].index, source, dry_run, counts,
				    answer);
		json_decref(row);
	}
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
	return import_rows(db, &r->scene, kind, rows, "csv", request_flag(r, "dry_run"), r->arena,
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
