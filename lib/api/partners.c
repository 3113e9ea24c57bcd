/* Reading: status, who is due, partners and their contacts. Every handler is a store job. */
#include "api/request.h"

#include <string.h>

#include "api/shape.h"
#include "store/check.h"

#define RECENT_CONTACTS 10
#define RECENT_HISTORY	20

static void set(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value);
}

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

enum status get_status(struct db *db, struct request *r, struct error *err)
{
	struct status_view v;
	const enum status status = view_status(db, &r->scene, r->arena, &v);
	json_t *lost = json_array();

	(void)err;
	if (status != STATUS_OK)
		return status;
	for (size_t i = 0; i < v.lost_count; i++)
		json_array_append_new(lost, shape_text(v.lost[i]));
	r->answer = json_pack(
	    "{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "partners", (json_int_t)v.partners,
	    "archived", (json_int_t)v.archived, "contacts", (json_int_t)v.contacts, "due",
	    (json_int_t)v.due, "cold", (json_int_t)v.cold, "snoozed", (json_int_t)v.snoozed, "off",
	    (json_int_t)v.off, "next_look", shape_instant(v.next_look), "lost", lost);
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
		      (json_int_t)v.outbox.dead, "oldest", shape_instant(v.outbox.oldest)));
	return STATUS_OK;
}

/* ---- whom a list is about ---- */

/* An owner or a cadence that no partner and no configuration has is a slip, and an empty list would
 * be a false all-clear. One that only the configuration has lost may be asked for. */
static bool is_used(struct db *db, const char *sql, const char *id)
{
	struct query *query = db_query(db, sql);
	bool found;

	db_bind_text(query, 1, id);
	found = db_step(query);
	db_end(query);
	return found;
}

static enum status check_filter(struct db *db, const struct request *r, struct error *err)
{
	const char *owner = request_query(r, "owner"), *cadence = request_query(r, "cadence");
	enum status status = STATUS_OK;

	if (owner && !is_used(db, "SELECT 1 FROM partner WHERE owner = $1 LIMIT 1", owner))
		status = check_owner(&r->scene, "owner", owner, err);
	if (status == STATUS_OK && cadence &&
	    !is_used(db, "SELECT 1 FROM partner WHERE cadence = $1 LIMIT 1", cadence))
		status = check_cadence(&r->scene, cadence, err);
	return status;
}

/* ---- lists ---- */

enum status get_due(struct db *db, struct request *r, struct error *err)
{
	struct digest_item *items;
	struct digest_entry *entries;
	size_t count;
	enum status status = check_filter(db, r, err);

	if (status == STATUS_OK)
		status =
		    view_open(db, &r->scene, request_query(r, "owner"), r->arena, &items, &count);
	if (status != STATUS_OK)
		return status;
	r->answer = json_pack("{s:[]}", "partners");
	count =
	    digest_rank(r->arena, items, count, zone_day(r->roster->zone, r->scene.now), &entries);
	for (size_t i = 0; i < count; i++)
		json_array_append_new(json_object_get(r->answer, "partners"),
				      shape_facts(&r->scene, &entries[i].item->facts));
	return STATUS_OK;
}

enum status get_partners(struct db *db, struct request *r, struct error *err)
{
	const struct partner_filter filter = {.owner = request_query(r, "owner"),
					      .cadence = request_query(r, "cadence"),
					      .tag = request_query(r, "tag"),
					      .archived =
						  member_number(r->query, "archived", 0) == 1};
	const char *state = request_query(r, "state");
	struct facts *facts;
	size_t count;
	enum status status;

	if (state && !shape_is_standing(state))
		return error_fail(err, STATUS_INVALID, "state: \"%s\" is none of " SHAPE_STANDINGS,
				  state);
	status = check_filter(db, r, err);
	if (status == STATUS_OK)
		status = view_partners(db, &r->scene, &filter, request_query(r, "after"),
				       request_page(r), r->arena, &facts, &count);
	if (status != STATUS_OK)
		return status;
	r->answer = json_pack("{s:[], s:b, s:s?}", "partners", "more", count == request_page(r),
			      "next", count ? facts[count - 1].partner.id : NULL);
	for (size_t i = 0; i < count; i++) {
		json_t *o = shape_facts(&r->scene, &facts[i]);

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

	return json_pack("{s:o, s:s?, s:s?, s:o}", "at", shape_instant(row->at), "actor",
			 row->actor, "verb", row->verb, "detail", detail ? detail : json_null());
}

enum status get_partner(struct db *db, struct request *r, struct error *err)
{
	struct facts facts;
	struct contact *contacts;
	struct history_row *rows;
	size_t count;
	enum status status = partner_facts(db, &r->scene, r->id, r->arena, &facts, err);

	if (status != STATUS_OK)
		return status;
	r->answer = shape_facts(&r->scene, &facts);
	set(r->answer, "contacts", json_array());
	set(r->answer, "history", json_array());
	status =
	    contact_recent(db, facts.partner.row, RECENT_CONTACTS, r->arena, &contacts, &count);
	for (size_t i = 0; status == STATUS_OK && i < count; i++)
		json_array_append_new(json_object_get(r->answer, "contacts"),
				      shape_contact(&contacts[i]));
	if (status == STATUS_OK)
		status = history_of_partner(db, facts.partner.row, RECENT_HISTORY, r->arena, &rows,
					    &count);
	for (size_t i = 0; status == STATUS_OK && i < count; i++)
		json_array_append_new(json_object_get(r->answer, "history"),
				      history_json(&rows[i]));
	return status;
}

enum status get_contacts(struct db *db, struct request *r, struct error *err)
{
	const char *partner = request_query(r, "partner");
	struct contact_row *rows;
	size_t count;
	const enum status status =
	    contact_list(db, partner, request_after(r), request_page(r), r->arena, &rows, &count);

	if (status == STATUS_NOT_FOUND)
		return check_no_partner(db, partner, err);
	if (status != STATUS_OK)
		return status;
	r->answer = json_pack("{s:[], s:b}", "contacts", "more", count == request_page(r));
	for (size_t i = 0; i < count; i++) {
		json_t *o = shape_contact(&rows[i].contact);

		set(o, "partner", shape_text(rows[i].partner));
		json_array_append_new(json_object_get(r->answer, "contacts"), o);
	}
	return STATUS_OK;
}
