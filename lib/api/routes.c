/* The routes and what they do. Every handler is a store job: it reads and writes through the verbs
 * and leaves JSON. */
#include "api/request.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/text.h"

#define PAGE_MAX	1000
#define ROWS_MAX	2000
#define RECENT_CONTACTS 10
#define RECENT_HISTORY	20

/* ---- small things ---- */

const char *request_query(const struct request *r, const char *name)
{
	return json_string_value(json_object_get(r->query, name));
}

const char *request_text(const struct request *r, const char *name)
{
	return json_string_value(json_object_get(r->body, name));
}

bool request_flag(const struct request *r, const char *name)
{
	return json_is_true(json_object_get(r->body, name));
}

int64_t request_number(const struct request *r, const char *name, int64_t otherwise)
{
	const char *text = request_query(r, name);

	return text ? strtoll(text, NULL, 10) : otherwise;
}

static size_t page_size(const struct request *r)
{
	const int64_t limit = request_number(r, "limit", PAGE_MAX);

	return limit < 1 || limit > PAGE_MAX ? PAGE_MAX : (size_t)limit;
}

static json_t *text_or_null(const char *s)
{
	json_t *text = s ? json_string(s) : NULL;

	return text ? text : json_null();
}

static json_t *day_or_null(day d)
{
	char out[DAY_TEXT_SIZE];

	return d == DAY_NEVER ? json_null() : json_string(day_iso(d, out));
}

static json_t *instant_or_null(instant at)
{
	char out[INSTANT_TEXT_SIZE];

	return at == INSTANT_NEVER ? json_null() : json_string(instant_rfc3339(at, out));
}

static void set(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value);
}

json_t *request_day_json(day d)
{
	return day_or_null(d);
}

/* ---- how things look in JSON ---- */

json_t *request_contact_json(const struct contact *c)
{
	json_t *o = json_object();

	set(o, "id", json_integer(c->id));
	set(o, "day", day_or_null(c->day));
	set(o, "kind", json_string(contact_kind_name(c->kind)));
	set(o, "direction", json_string(contact_direction_name(c->direction)));
	set(o, "counts", json_boolean(contact_counts(c->kind, c->direction)));
	set(o, "minutes",
	    c->minutes == CONTACT_MINUTES_UNKNOWN ? json_null() : json_integer(c->minutes));
	set(o, "by", text_or_null(c->by));
	set(o, "person", text_or_null(c->person));
	set(o, "note", text_or_null(c->note));
	set(o, "source", text_or_null(c->source));
	set(o, "ext_id", text_or_null(c->ext_id));
	set(o, "origin", text_or_null(c->origin));
	set(o, "actor", text_or_null(c->actor));
	return o;
}

static json_t *verdict_json(const struct verdict *v, day today)
{
	json_t *o = json_object();

	set(o, "rule", json_string(rule_name(v->rule)));
	set(o, "state", json_string(state_name(v->state)));
	set(o, "held", text_or_null(hold_name(v->hold)));
	set(o, "base", day_or_null(v->base));
	set(o, "base_kind", json_string(base_kind_name(v->base_kind)));
	set(o, "due_unmoved", day_or_null(v->due_unmoved));
	set(o, "due_day", day_or_null(v->due_day));
	set(o, "cold_day", day_or_null(v->cold_day));
	set(o, "warn_day", day_or_null(v->warn_day));
	set(o, "decide_day", day_or_null(v->decide_day));
	set(o, "next_change", day_or_null(v->next_change));
	set(o, "days_overdue", json_integer(verdict_days_overdue(v, today)));
	return o;
}

static json_t *answer_json(const struct answer *answer)
{
	json_t *o;

	if (!answer->is_given)
		return json_null();
	o = json_object();
	set(o, "given", day_or_null(answer->given));
	set(o, "until", day_or_null(answer->until));
	set(o, "reason", text_or_null(answer->reason));
	set(o, "actor", text_or_null(answer->actor));
	set(o, "over", json_boolean(answer->is_over));
	return o;
}

/* Every answer by its name; null where none was given. */
static json_t *answers_json(const struct facts *f)
{
	json_t *o = json_object();

	for (int i = 0; i < ANSWERS; i++)
		set(o, answer_name((enum answer_kind)i), answer_json(&f->answers[i]));
	return o;
}

#define STANDINGS "on track, due soon, due, cold, to confirm, meeting booked, snoozed, off"

static bool is_standing(const char *word)
{
	const char *const end = &STANDINGS[strlen(STANDINGS)];
	const char *at = STANDINGS;

	for (size_t len; at < end; at += len + 2) {
		len = strcspn(at, ",");
		if (strlen(word) == len && strncmp(at, word, len) == 0)
			return true;
	}
	return false;
}

/* The one word for a list: what holds it, else the worst of its rules. */
static const char *standing_of(const struct verdict *verdicts, size_t count)
{
	enum state worst = STATE_ON_TRACK;

	if (verdicts[0].hold != HOLD_NONE)
		return hold_name(verdicts[0].hold);
	for (size_t i = 0; i < count; i++) {
		if (verdicts[i].rule == RULE_BOOKED && verdicts[i].state >= STATE_DUE)
			return "to confirm";
		if (verdicts[i].state > worst)
			worst = verdicts[i].state;
	}
	return state_name(worst);
}

json_t *request_facts_json(const struct scene *scene, const struct facts *f)
{
	const struct partner *p = &f->partner;
	const day today = scene_today(scene, f);
	struct verdict verdicts[RULES];
	json_t *o = json_object();

	const size_t count = judge_partner(f, today, verdicts);
	set(o, "id", text_or_null(p->id));
	set(o, "name", text_or_null(p->name));
	set(o, "owner", text_or_null(p->owner));
	set(o, "cadence", text_or_null(p->cadence));
	set(o, "tags", text_or_null(p->tags));
	set(o, "origin", text_or_null(p->origin));
	set(o, "since", day_or_null(p->since));
	set(o, "first_seen", day_or_null(p->first_seen));
	set(o, "archived", day_or_null(p->archived));
	set(o, "today", day_or_null(today));
	set(o, "ended", json_boolean(p->ended));
	set(o, "last_contact", f->has_last ? request_contact_json(&f->last) : json_null());
	set(o, "answers", answers_json(f));
	json_object_update_new(o, verdict_json(&verdicts[0], today));
	set(o, "standing", json_string(standing_of(verdicts, count)));
	/* Every rule that applies, the members above among them. */
	set(o, "rules", json_array());
	for (size_t i = 0; i < count; i++)
		json_array_append_new(json_object_get(o, "rules"),
				      verdict_json(&verdicts[i], today));
	return o;
}

static json_t *delivery_json(const struct delivery *d)
{
	json_t *o = json_object();

	set(o, "id", json_integer(d->id));
	set(o, "key", text_or_null(d->key));
	set(o, "kind", text_or_null(d->kind));
	set(o, "state", json_string(delivery_state_name(d->state)));
	set(o, "channel", text_or_null(d->channel));
	set(o, "recipient", text_or_null(d->recipient));
	set(o, "owner", text_or_null(d->owner));
	set(o, "attempts", json_integer(d->attempts));
	set(o, "ambiguous", json_integer(d->ambiguous));
	set(o, "next_try", instant_or_null(d->next_try));
	set(o, "created", instant_or_null(d->created));
	set(o, "reason", text_or_null(d->reason));
	return o;
}

/* ---- reading ---- */

/* What the administrator should know before it hurts. */
static json_t *warnings_json(const struct request *r)
{
	json_t *warnings = json_array();

	for (size_t i = 0; i < r->roster->owner_count; i++) {
		const struct owner *owner = &r->roster->owners[i];

		if (owner_calendar_ended(owner, zone_day(owner->zone, r->scene.now)))
			json_array_append_new(
			    warnings,
			    json_sprintf("%s: owner %s: holidays: none lies ahead; is the calendar "
					 "complete?",
					 owner->origin, owner->id));
	}
	return warnings;
}

static enum status get_status(struct db *db, struct request *r, struct error *err)
{
	struct status_view v;
	const enum status status = view_status(db, &r->scene, r->arena, &v);
	json_t *lost = json_array();

	(void)err;
	if (status != STATUS_OK)
		return status;
	for (size_t i = 0; i < v.lost_count; i++)
		json_array_append_new(lost, text_or_null(v.lost[i]));
	r->answer = json_pack(
	    "{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "partners", (json_int_t)v.partners,
	    "archived", (json_int_t)v.archived, "contacts", (json_int_t)v.contacts, "due",
	    (json_int_t)v.due, "cold", (json_int_t)v.cold, "snoozed", (json_int_t)v.snoozed, "off",
	    (json_int_t)v.off, "next_look", instant_or_null(v.next_look), "lost", lost);
	set(r->answer, "warnings", warnings_json(r));
	for (size_t i = 0; i < v.orphan_count; i++)
		json_array_append_new(
		    json_object_get(r->answer, "warnings"),
		    json_sprintf(
			"channel %s is not configured any more, and deliveries wait for it: "
			"configure it again, or drop them ('cadencectl outbox')",
			v.orphans[i]));
	set(r->answer, "outbox",
	    json_pack("{s:I, s:I, s:I, s:I, s:o}", "queued", (json_int_t)v.outbox.queued, "sending",
		      (json_int_t)v.outbox.sending, "retry", (json_int_t)v.outbox.retry, "dead",
		      (json_int_t)v.outbox.dead, "oldest", instant_or_null(v.outbox.oldest)));
	return STATUS_OK;
}

static enum status get_due(struct db *db, struct request *r, struct error *err)
{
	struct digest_item *items;
	struct digest_entry *entries;
	size_t count;
	const enum status status =
	    view_open(db, &r->scene, request_query(r, "owner"), r->arena, &items, &count);

	(void)err;
	if (status != STATUS_OK)
		return status;
	r->answer = json_pack("{s:[]}", "partners");
	count =
	    digest_rank(r->arena, items, count, zone_day(r->roster->zone, r->scene.now), &entries);
	for (size_t i = 0; i < count; i++)
		json_array_append_new(json_object_get(r->answer, "partners"),
				      request_facts_json(&r->scene, &entries[i].item->facts));
	return STATUS_OK;
}

static enum status get_partners(struct db *db, struct request *r, struct error *err)
{
	const struct partner_filter filter = {.owner = request_query(r, "owner"),
					      .cadence = request_query(r, "cadence"),
					      .tag = request_query(r, "tag"),
					      .archived = request_query(r, "archived") != NULL};
	const char *state = request_query(r, "state");
	struct facts *facts;
	size_t count;
	enum status status;

	if (state && !is_standing(state))
		return error_fail(err, STATUS_INVALID, "state: \"%s\" is none of " STANDINGS,
				  state);
	status = view_partners(db, &r->scene, &filter, request_query(r, "after"), page_size(r),
			       r->arena, &facts, &count);
	if (status != STATUS_OK)
		return status;
	r->answer = json_pack("{s:[], s:b, s:s?}", "partners", "more", count == page_size(r),
			      "next", count ? facts[count - 1].partner.id : NULL);
	for (size_t i = 0; i < count; i++) {
		json_t *o = request_facts_json(&r->scene, &facts[i]);

		/* Judged, not stored: a page may show fewer than it has walked over. */
		if (!state || strcmp(state, json_string_value(json_object_get(o, "standing"))) == 0)
			json_array_append(json_object_get(r->answer, "partners"), o);
		json_decref(o);
	}
	return STATUS_OK;
}

static json_t *history_json(const struct history_row *row)
{
	json_t *detail = row->detail ? json_loads(row->detail, 0, NULL) : NULL;

	return json_pack("{s:o, s:s?, s:s?, s:o}", "at", instant_or_null(row->at), "actor",
			 row->actor, "verb", row->verb, "detail", detail ? detail : json_null());
}

static enum status get_partner(struct db *db, struct request *r, struct error *err)
{
	struct facts facts;
	struct contact *contacts;
	struct history_row *rows;
	size_t count;
	enum status status = partner_facts(db, &r->scene, r->id, r->arena, &facts, err);

	if (status != STATUS_OK)
		return status;
	r->answer = request_facts_json(&r->scene, &facts);
	set(r->answer, "contacts", json_array());
	set(r->answer, "history", json_array());
	status =
	    contact_recent(db, facts.partner.row, RECENT_CONTACTS, r->arena, &contacts, &count);
	for (size_t i = 0; status == STATUS_OK && i < count; i++)
		json_array_append_new(json_object_get(r->answer, "contacts"),
				      request_contact_json(&contacts[i]));
	if (status == STATUS_OK)
		status = history_of_partner(db, facts.partner.row, RECENT_HISTORY, r->arena, &rows,
					    &count);
	for (size_t i = 0; status == STATUS_OK && i < count; i++)
		json_array_append_new(json_object_get(r->answer, "history"),
				      history_json(&rows[i]));
	return status;
}

static enum status get_contacts(struct db *db, struct request *r, struct error *err)
{
	struct contact_row *rows;
	size_t count;
	const enum status status =
	    contact_list(db, request_query(r, "partner"), request_number(r, "after", 0),
			 page_size(r), r->arena, &rows, &count);

	(void)err;
	if (status != STATUS_OK)
		return status;
	r->answer = json_pack("{s:[], s:b}", "contacts", "more", count == page_size(r));
	for (size_t i = 0; i < count; i++) {
		json_t *o = request_contact_json(&rows[i].contact);

		set(o, "partner", text_or_null(rows[i].partner));
		json_array_append_new(json_object_get(r->answer, "contacts"), o);
	}
	return STATUS_OK;
}

/* ---- contacts and answers ---- */

/* What a contact looks like when people or files write it. */
static enum status read_contact(const struct request *r, const json_t *o, day today,
				struct contact *c, struct error *err)
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
			      .source = r->source};
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

static enum status post_contact(struct db *db, struct request *r, struct error *err)
{
	struct facts facts;
	struct contact contact;
	enum change_result result;
	int64_t id;
	enum status status = partner_facts(db, &r->scene, r->id, r->arena, &facts, err);

	if (status == STATUS_OK)
		status = read_contact(r, r->body, scene_today(&r->scene, &facts), &contact, err);
	if (status == STATUS_OK)
		status = contact_write(db, &r->scene, r->id, &contact, false, &id, &result, err);
	if (status == STATUS_OK)
		status = partner_facts(db, &r->scene, r->id, r->arena, &facts, err);
	if (status != STATUS_OK)
		return status;
	r->answer = request_facts_json(&r->scene, &facts);
	set(r->answer, "contact", json_integer(id));
	set(r->answer, "contact_day", day_or_null(contact.day));
	set(r->answer, "result", json_string(result_name(result)));
	return STATUS_OK;
}

static enum status delete_contact(struct db *db, struct request *r, struct error *err)
{
	const enum status status = contact_remove(db, &r->scene, strtoll(r->id, NULL, 10), err);

	if (status == STATUS_OK)
		r->answer = json_pack("{s:s}", "removed", r->id);
	return status;
}

/* ---- import ---- */

typedef enum status import_row(struct db *db, struct request *r, const json_t *row, bool dry_run,
			       enum change_result *ret_result, struct error *err);

static const char *cell(const json_t *row, const char *name)
{
	const char *text = json_string_value(json_object_get(row, name));

	return text && *text ? text : NULL;
}

static enum status import_partner(struct db *db, struct request *r, const json_t *row, bool dry_run,
				  enum change_result *ret_result, struct error *err)
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
	return partner_write(db, &r->scene, &change, dry_run, ret_result, err);
}

static enum status import_contact(struct db *db, struct request *r, const json_t *row, bool dry_run,
				  enum change_result *ret_result, struct error *err)
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
		status = read_contact(r, o, d, &contact, err);
	}
	if (status == STATUS_OK) {
		contact.by = cell(row, "by");
		contact.person = cell(row, "person");
		contact.note = cell(row, "note");
		contact.ext_id = cell(row, "ext_id");
		contact.source = "csv";
		status = contact_write(db, &r->scene, cell(row, "partner"), &contact, dry_run, &id,
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

/* Each row in a point of its own: a bad one is told with its line, the good ones stay. */
static enum status import(struct db *db, struct request *r, import_row *row_in, struct error *err)
{
	const json_t *rows = json_object_get(r->body, "rows");
	const bool dry_run = request_flag(r, "dry_run");
	json_int_t counts[3] = {0, 0, 0};
	json_t *errors = json_array(), *changes = json_array();
	json_t **sorted;

	r->answer = json_pack("{s:o, s:o}", "errors", errors, "changes", changes);
	if (!json_is_array(rows) || json_array_size(rows) > ROWS_MAX)
		return error_fail(err, STATUS_INVALID, "rows: an array of at most %d", ROWS_MAX);
	sorted = in_order(r->arena, rows);
	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = sorted[i];
		struct error why = {""};
		enum change_result result = CHANGE_SAME;
		enum status status = db_point(db);

		if (status != STATUS_OK)
			return status;
		status = row_in(db, r, row, dry_run, &result, &why);
		if (db_status(db) != STATUS_OK)
			return db_status(db);
		if (status == STATUS_OK) {
			db_point_keep(db);
			counts[result]++;
			if (result != CHANGE_SAME)
				json_array_append_new(changes,
						      json_pack("{s:O?, s:s}", "line",
								json_object_get(row, "line"),
								"result", result_name(result)));
		} else {
			db_point_undo(db);
			json_array_append_new(errors, json_pack("{s:O?, s:s}", "line",
								json_object_get(row, "line"),
								"message", why.text));
		}
	}
	set(r->answer, "new", json_integer(counts[CHANGE_NEW]));
	set(r->answer, "changed", json_integer(counts[CHANGE_CHANGED]));
	set(r->answer, "same", json_integer(counts[CHANGE_SAME]));
	return STATUS_OK;
}

static enum status post_import_partners(struct db *db, struct request *r, struct error *err)
{
	return import(db, r, import_partner, err);
}

static enum status post_import_contacts(struct db *db, struct request *r, struct error *err)
{
	return import(db, r, import_contact, err);
}

/* ---- outbox, preview, test ---- */

static enum status get_outbox(struct db *db, struct request *r, struct error *err)
{
	struct delivery *deliveries;
	size_t count;
	const enum status status = outbox_list(db, request_number(r, "after", 0), page_size(r),
					       r->arena, &deliveries, &count);

	(void)err;
	if (status != STATUS_OK)
		return status;
	r->answer = json_pack("{s:[], s:b}", "deliveries", "more", count == page_size(r));
	for (size_t i = 0; i < count; i++)
		json_array_append_new(json_object_get(r->answer, "deliveries"),
				      delivery_json(&deliveries[i]));
	return STATUS_OK;
}

static enum status get_delivery(struct db *db, struct request *r, struct error *err)
{
	struct delivery delivery;
	const enum status status =
	    outbox_get(db, strtoll(r->id, NULL, 10), r->arena, &delivery, err);

	if (status != STATUS_OK)
		return status;
	r->answer = delivery_json(&delivery);
	set(r->answer, "document",
	    delivery.document ? json_loads(delivery.document, 0, NULL) : NULL);
	if (!json_object_get(r->answer, "document"))
		set(r->answer, "document", json_null());
	return STATUS_OK;
}

static enum status post_retry(struct db *db, struct request *r, struct error *err)
{
	int count;
	const enum status status =
	    outbox_retry(db, &r->scene, r->id ? strtoll(r->id, NULL, 10) : 0, &count, err);

	if (status == STATUS_OK)
		r->answer = json_pack("{s:i}", "retrying", count);
	return status;
}

static enum status post_drop(struct db *db, struct request *r, struct error *err)
{
	const enum status status = outbox_drop(db, &r->scene, strtoll(r->id, NULL, 10), err);

	if (status == STATUS_OK)
		r->answer = json_pack("{s:s}", "dropped", r->id);
	return status;
}

static enum status get_preview(struct db *db, struct request *r, struct error *err)
{
	const char *format = request_query(r, "format");

	r->content_type = "text/plain; charset=utf-8";
	return r->ops.preview(db, &r->scene, r->id, request_query(r, "channel"),
			      format ? format : "text", &r->bytes, err);
}

static enum status post_test(struct db *db, struct request *r, struct error *err)
{
	const struct channel *channel = roster_channel(r->roster, r->id);
	const char *to = request_text(r, "to");
	uint8_t random[8];
	char hex[17], *key, *document;
	int64_t id;
	enum status status;

	if (!channel)
		return error_fail(err, STATUS_NOT_FOUND, "no channel \"%s\" in the configuration",
				  r->id);
	if (channel->type == CHANNEL_SMTP && !to)
		to = r->roster->admin_count ? r->roster->admins[0] : NULL;
	if (channel->type == CHANNEL_SMTP && !to)
		return error_fail(
		    err, STATUS_INVALID,
		    "to: say to which address (there is no admin in the configuration)");
	random_bytes(random, sizeof(random));
	bytes_hex(random, sizeof(random), hex);
	key = arena_printf(r->arena, "test|%s|%s", r->id, hex);
	document = r->ops.test_document(&r->scene, r->id);
	status = outbox_add(db, &r->scene, key, "test", r->id,
			    channel->type == CHANNEL_SMTP ? to : NULL, document, &id);
	free(document);
	if (status == STATUS_OK)
		r->answer = json_pack("{s:I}", "delivery", (json_int_t)id);
	return status;
}

static enum status get_help(struct db *db, struct request *r, struct error *err)
{
	(void)db;
	(void)err;
	r->answer = json_array();
	for (size_t i = 0; i < api_route_count; i++)
		json_array_append_new(
		    r->answer, json_pack("{s:s, s:s, s:s}", "method", api_routes[i].method, "path",
					 api_routes[i].path, "help", api_routes[i].help));
	return STATUS_OK;
}

/* reload and backup are answered by api.c itself: they are no store jobs. */
const struct route api_routes[] = {
    {"GET", "/v1/help", get_help, false, "this table", {NULL}, {NULL}},
    {"GET", "/v1/status", get_status, false, "how the daemon is", {NULL}, {NULL}},
    {"GET", "/v1/due", get_due, false, "partners that are due or cold; ?owner=", {NULL}, {"owner"}},
    {"GET",
     "/v1/partners",
     get_partners,
     false,
     "?owner= &cadence= &tag= &state= &archived= &after= &limit=",
     {NULL},
     {"owner", "cadence", "tag", "state", "archived", "after", "limit"}},
    {"GET",
     "/v1/partners/{id}",
     get_partner,
     false,
     "one partner, its contacts and history",
     {NULL},
     {NULL}},
    {"GET",
     "/v1/partners/{id}/why",
     get_why,
     false,
     "why it stands where it stands; ?on=DAY",
     {NULL},
     {"on"}},
    {"POST",
     "/v1/partners/{id}/contacts",
     post_contact,
     true,
     "log {kind, day, direction, by, person, minutes, note, ext_id}",
     {"kind", "day", "direction", "by", "person", "minutes", "note", "ext_id"},
     {NULL}},
    {"POST",
     "/v1/partners",
     post_partner,
     true,
     "add {id, name, owner, cadence, tags, since}",
     {"id", "name", "owner", "cadence", "tags", "since"},
     {NULL}},
    {"POST",
     "/v1/partners/{id}",
     post_partner_values,
     true,
     "change {name, owner, cadence, tags, since}",
     {"name", "owner", "cadence", "tags", "since"},
     {NULL}},
    {"DELETE",
     "/v1/partners/{id}",
     delete_partner,
     true,
     "erase everything about it",
     {NULL},
     {NULL}},
    {"POST",
     "/v1/partners/{id}/snooze",
     post_snooze,
     true,
     "quiet {until, reason}",
     {"until", "reason"},
     {NULL}},
    {"POST",
     "/v1/partners/{id}/off",
     post_off,
     true,
     "no more nudges {until, reason}; without until for good",
     {"until", "reason"},
     {NULL}},
    {"POST", "/v1/partners/{id}/on", post_on, true, "off and snooze end", {NULL}, {NULL}},
    {"POST", "/v1/partners/{id}/ack", post_ack, true, "working on it {reason}", {"reason"}, {NULL}},
    {"POST",
     "/v1/partners/{id}/plan",
     post_plan,
     true,
     "a meeting is booked {until, reason}",
     {"until", "reason"},
     {NULL}},
    {"POST", "/v1/partners/{id}/unplan", post_unplan, true, "it is called off", {NULL}, {NULL}},
    {"POST", "/v1/partners/{id}/noshow", post_noshow, true, "it did not happen", {NULL}, {NULL}},
    {"POST",
     "/v1/partners/{id}/keep",
     post_keep,
     true,
     "decided: the clock starts today {reason}",
     {"reason"},
     {NULL}},
    {"POST",
     "/v1/partners/{id}/fix",
     post_fix,
     true,
     "decided: due again on a day {until, reason}",
     {"until", "reason"},
     {NULL}},
    {"POST",
     "/v1/partners/{id}/end",
     post_end,
     true,
     "decided: archived {reason}",
     {"reason"},
     {NULL}},
    {"POST", "/v1/partners/{id}/restore", post_restore, true, "live again", {NULL}, {NULL}},
    {"POST",
     "/v1/owners/{id}/away",
     post_away,
     true,
     "away {from, to}; without both: there again",
     {"from", "to"},
     {NULL}},
    {"GET",
     "/v1/contacts",
     get_contacts,
     false,
     "?partner= &after= &limit=",
     {NULL},
     {"partner", "after", "limit"}},
    {"DELETE", "/v1/contacts/{id}", delete_contact, true, "undo one contact", {NULL}, {NULL}},
    {"POST",
     "/v1/import/partners",
     post_import_partners,
     true,
     "{dry_run, rows}",
     {"dry_run", "rows"},
     {NULL}},
    {"POST",
     "/v1/import/contacts",
     post_import_contacts,
     true,
     "{dry_run, rows}",
     {"dry_run", "rows"},
     {NULL}},
    {"GET",
     "/v1/outbox",
     get_outbox,
     false,
     "deliveries that are not done; ?after= &limit=",
     {NULL},
     {"after", "limit"}},
    {"POST", "/v1/outbox/retry", post_retry, true, "try every dead delivery again", {NULL}, {NULL}},
    {"GET", "/v1/outbox/{id}", get_delivery, false, "one delivery, done ones too", {NULL}, {NULL}},
    {"POST", "/v1/outbox/{id}/retry", post_retry, true, "try it again", {NULL}, {NULL}},
    {"POST", "/v1/outbox/{id}/drop", post_drop, true, "give it up", {NULL}, {NULL}},
    {"GET",
     "/v1/owners/{id}/preview",
     get_preview,
     false,
     "?channel= &format=text|html|json|raw",
     {NULL},
     {"channel", "format"}},
    {"POST",
     "/v1/channels/{id}/test",
     post_test,
     true,
     "send a test message; {to}",
     {"to"},
     {NULL}},
    {"POST", "/v1/reload", NULL, false, "read the configuration again; {yes}", {"yes"}, {NULL}},
    {"GET", "/v1/backup", NULL, false, "a consistent copy of the database", {NULL}, {NULL}},
};

const size_t api_route_count = sizeof(api_routes) / sizeof(api_routes[0]);

/* Whether path has the form of the pattern; *ret_id is what stands for {id}. */
static bool matches(const char *pattern, const char *path, const char **ret_start, size_t *ret_len)
{
	const char *brace = strstr(pattern, "{id}");
	size_t len;

	*ret_len = 0;
	if (!brace)
		return strcmp(pattern, path) == 0;
	if (strncmp(pattern, path, (size_t)(brace - pattern)) != 0)
		return false;
	*ret_start = path + (brace - pattern);
	len = strcspn(*ret_start, "/");
	*ret_len = len;
	return len > 0 && len <= 3 * TEXT_ID_MAX && strcmp(*ret_start + len, brace + 4) == 0;
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c | 0x20) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Takes the %XX out of an id. %00 stays as it is: no id holds it. */
static char *decoded(const char *text, size_t len)
{
	char *out = mem_strndup(text, len), *to = out;

	for (const char *from = out; *from; from++) {
		const int high = *from == '%' ? hex_digit(from[1]) : -1;
		const int low = high >= 0 ? hex_digit(from[2]) : -1;

		*to++ = high * 16 + low > 0 && low >= 0 ? (char)(high * 16 + low) : *from;
		if (high * 16 + low > 0 && low >= 0)
			from += 2;
	}
	*to = '\0';
	return out;
}

enum status route_check_names(const char *const *names, const char *what, const json_t *object,
			      struct error *err)
{
	size_t count = 0;
	const char *name;
	json_t *value;

	while (names[count])
		count++;
	json_object_foreach((json_t *)object, name, value)
	{
		size_t i = 0;
		int nearest;

		while (i < count && strcmp(names[i], name) != 0)
			i++;
		if (i < count)
			continue;
		nearest = text_is_id(name) ? text_nearest(name, names, count) : -1;
		if (nearest >= 0)
			return error_fail(err, STATUS_INVALID,
					  "there is no %s \"%s\" here; did you mean %s?", what,
					  name, names[nearest]);
		return error_fail(err, STATUS_INVALID, "there is a %s that is not known here: %s",
				  what, text_is_id(name) ? name : "its name is no name");
	}
	return STATUS_OK;
}

char *route_methods(const char *path)
{
	struct buf methods = buf_make(64);
	const char *start;
	size_t len;

	for (size_t i = 0; i < api_route_count; i++)
		if (matches(api_routes[i].path, path, &start, &len) &&
		    !strstr(buf_text(&methods), api_routes[i].method))
			buf_addf(&methods, "%s%s", methods.len ? ", " : "", api_routes[i].method);
	return buf_take(&methods);
}

const struct route *route_find(const char *method, const char *path, char **ret_id)
{
	const char *start = NULL;
	size_t len;

	for (size_t i = 0; i < api_route_count; i++) {
		const struct route *route = &api_routes[i];

		if (strcmp(route->method, method) == 0 &&
		    matches(route->path, path, &start, &len)) {
			*ret_id = len ? decoded(start, len) : NULL;
			return route;
		}
	}
	return NULL;
}
