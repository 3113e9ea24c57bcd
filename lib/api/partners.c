/* Reading: status, who is due, partners and their contacts. Every handler is a store job. */
#include "api/request.h"

#include <string.h>

#include "api/hearer.h"
#include "api/reply.h"
#include "api/shape.h"
#include "core/standing.h"
#include "store/check.h"

#define RECENT_CONTACTS	  10
#define RECENT_HISTORY	  20
#define UNHEARD_SHOWN_MAX 1000

static void set(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value);
}

static void add_warning(void *warnings, const char *text)
{
	json_array_append_new(warnings, json_string(text));
}

/* What the administrator should know before it hurts. */
static json_t *warnings_json(const struct request *r)
{
	json_t *warnings = json_array();

	roster_warn_of_calendars(r->roster, r->scene.now, add_warning, warnings);
	return warnings;
}

/* How many partners have each standing; who is not due is not looked at, due soon or not. */
static void set_standings(json_t *object, const struct status_view *view)
{
	static const struct {
		const char *name;
		enum standing standing;
	} members[] = {
	    {"on_track", STANDING_ON_TRACK}, {"due", STANDING_DUE},
	    {"cold", STANDING_COLD},	     {"confirm", STANDING_CONFIRM},
	    {"booked", STANDING_BOOKED},     {"snoozed", STANDING_SNOOZED},
	    {"off", STANDING_OFF},
	};

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		set(object, members[i].name, json_integer(view->standing[members[i].standing]));
}

/* Whoever looks at the outbox should know why nothing moves. */
static void warn_of_rests(struct db *db, const struct request *r, json_t *warnings)
{
	for (size_t i = 0; i < r->roster->channel_count; i++) {
		const char *channel = r->roster->channels[i].id;
		const instant until = channel_rests_until(db, &r->scene, channel);
		char at[INSTANT_TEXT_SIZE];

		if (until > r->scene.now)
			json_array_append_new(
			    warnings, json_sprintf("channel %s asked to be left alone: nothing "
						   "goes there until %s",
						   channel, instant_rfc3339(until, at)));
	}
}

static void warn_of_ladders(struct db *db, const struct request *r, json_t *warnings)
{
	const char **gaps;
	size_t count;

	if (view_ladder_gaps(db, &r->scene, r->arena, &gaps, &count) != STATUS_OK)
		return;
	for (size_t i = 0; i < count; i++)
		json_array_append_new(warnings, json_string(gaps[i]));
}

/* Where nothing is sent until somebody has mended it. */
static enum status set_blocked(struct db *db, struct request *r)
{
	struct blocked *blocks;
	size_t count;
	const enum status status = block_list(db, r->arena, &blocks, &count);
	json_t *list = json_array();

	for (size_t i = 0; i < count && status == STATUS_OK; i++) {
		json_t *o = json_object();

		set(o, "channel", shape_text(blocks[i].channel));
		set(o, "recipient", shape_text(blocks[i].recipient));
		set(o, "since", shape_instant(blocks[i].since));
		set(o, "reason", shape_text(blocks[i].reason));
		set(o, "waiting", json_integer(blocks[i].waiting));
		json_array_append_new(list, o);
	}
	set(r->answer, "blocked", list);
	return status;
}

/* Of the lost partners those for whom nobody stands in. */
static json_t *unheard_json(struct db *db, const struct request *r)
{
	struct unheard_partner *partners;
	json_t *ids = json_array();
	size_t count;

	if (view_unheard(db, &r->scene, UNHEARD_SHOWN_MAX, r->arena, &partners, &count) !=
	    STATUS_OK)
		return ids;
	for (size_t i = 0; i < count; i++)
		json_array_append_new(ids, shape_text(partners[i].partner));
	return ids;
}

/* How many, and the first of them. */
static json_t *without_history_json(const struct status_view *view)
{
	json_t *ids = json_array();

	for (size_t i = 0; i < VIEW_NAMES_MAX && view->without_history_ids[i]; i++)
		json_array_append_new(ids, shape_text(view->without_history_ids[i]));
	return json_pack("{s:I, s:o}", "count", (json_int_t)view->without_history, "first", ids);
}

enum status get_status(struct db *db, struct request *r, struct error *err)
{
	struct status_view v;
	enum status status = view_status(db, &r->scene, r->arena, &v);

	(void)err;
	if (status != STATUS_OK)
		return status;
	r->answer =
	    json_pack("{s:I, s:I, s:I, s:o, s:[]}", "partners", (json_int_t)v.partners, "archived",
		      (json_int_t)v.archived, "contacts", (json_int_t)v.contacts, "next_look",
		      shape_instant(v.next_look), "lost");
	set_standings(r->answer, &v);
	for (size_t i = 0; i < v.lost_count; i++)
		json_array_append_new(json_object_get(r->answer, "lost"), shape_text(v.lost[i]));
	set(r->answer, "unheard", unheard_json(db, r));
	set(r->answer, "without_history", without_history_json(&v));
	set(r->answer, "undelivered_since", shape_instant(v.undelivered_since));
	set(r->answer, "dead", json_integer(v.dead));
	if (v.disk_free >= 0)
		set(r->answer, "disk_free", json_integer(v.disk_free));
	set(r->answer, "warnings", warnings_json(r));
	warn_of_rests(db, r, json_object_get(r->answer, "warnings"));
	warn_of_ladders(db, r, json_object_get(r->answer, "warnings"));
	for (size_t i = 0; i < v.orphan_count; i++)
		json_array_append_new(
		    json_object_get(r->answer, "warnings"),
		    json_sprintf(
			"channel %s is not configured any more, and deliveries wait for it: "
			"configure it again, or drop them ('cadencectl outbox')",
			v.orphans[i]));
	status = set_blocked(db, r);
	if (status == STATUS_OK)
		status = reply_add_status(db, r);
	if (status != STATUS_OK)
		return status;
	set(r->answer, "outbox",
	    json_pack("{s:I, s:I, s:I, s:I, s:I, s:o}", "queued", (json_int_t)v.outbox.queued,
		      "sending", (json_int_t)v.outbox.sending, "retry", (json_int_t)v.outbox.retry,
		      "waiting", (json_int_t)v.outbox.waiting, "dead", (json_int_t)v.outbox.dead,
		      "oldest", shape_instant(v.outbox.oldest)));
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
	enum standing standing = STANDING_ON_TRACK;
	enum status status;

	if (state && !standing_parse(state, &standing))
		return error_fail(err, STATUS_INVALID, "state: \"%s\" is none of %s", state,
				  standing_names());
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

		/* Judged, not stored: a page may show fewer than it has
		 * walked over. */
		if (!state || strcmp(standing_name(standing),
				     json_string_value(json_object_get(o, "standing"))) == 0)
			json_array_append(json_object_get(r->answer, "partners"), o);
		json_decref(o);
	}
	return STATUS_OK;
}

/* Days and times are those of its owner, as everywhere; "at" is the instant. */
static json_t *history_json(const struct history_row *row, const struct zone *zone)
{
	json_t *detail = row->detail ? json_loads(row->detail, 0, NULL) : NULL;
	const struct local local = zone_local(zone, row->at);

	return json_pack("{s:o, s:o, s:o, s:s?, s:s?, s:o}", "at", shape_instant(row->at), "day",
			 shape_day(local.day), "time",
			 json_sprintf("%02d:%02d", local.second / 3600, local.second / 60 % 60),
			 "actor", row->actor, "verb", row->verb, "detail",
			 detail ? detail : json_null());
}

/* The newest contacts, and how many there are. */
static enum status add_contacts(struct db *db, const struct request *r, const struct facts *facts)
{
	const size_t wanted = (size_t)member_number(r->query, "contacts", RECENT_CONTACTS);
	json_t *list = json_array();
	struct contact *contacts;
	int64_t all = 0;
	size_t count = 0;
	enum status status =
	    contact_recent(db, facts->partner.row, wanted, r->arena, &contacts, &count);

	for (size_t i = 0; status == STATUS_OK && i < count; i++)
		json_array_append_new(list, shape_contact(&contacts[i]));
	if (status == STATUS_OK)
		status = contact_count(db, facts->partner.row, &all);
	set(r->answer, "contacts", list);
	set(r->answer, "contact_count", json_integer(all));
	set(r->answer, "more_contacts", json_boolean(all > (int64_t)count));
	return status;
}

/* The newest rows, and whether there are more. */
static enum status add_history(struct db *db, const struct request *r, const struct facts *facts)
{
	const size_t wanted = (size_t)member_number(r->query, "history", RECENT_HISTORY);
	const struct zone *zone = facts->owner ? facts->owner->zone : r->roster->zone;
	json_t *list = json_array();
	struct history_row *rows;
	size_t count = 0;
	const enum status status =
	    history_of_partner(db, facts->partner.row, wanted + 1, r->arena, &rows, &count);

	for (size_t i = 0; status == STATUS_OK && i < count && i < wanted; i++)
		json_array_append_new(list, history_json(&rows[i], zone));
	set(r->answer, "history", list);
	set(r->answer, "more_history", json_boolean(count > wanted));
	return status;
}

enum status get_partner(struct db *db, struct request *r, struct error *err)
{
	struct facts facts;
	enum status status = partner_facts(db, &r->scene, r->id, r->arena, &facts, err);

	if (status != STATUS_OK)
		return status;
	r->answer = shape_facts(&r->scene, &facts);
	set(r->answer, "hearer",
	    hearer_json(db, &r->scene, facts.owner, scene_today(&r->scene, &facts)));
	status = add_contacts(db, r, &facts);
	if (status == STATUS_OK)
		status = add_history(db, r, &facts);
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
	r->answer =
	    json_pack("{s:[], s:b, s:o}", "contacts", "more", count == request_page(r), "next",
		      count ? json_integer(rows[count - 1].contact.id) : json_null());
	for (size_t i = 0; i < count; i++) {
		json_t *o = shape_contact(&rows[i].contact);

		set(o, "partner", shape_text(rows[i].partner));
		json_array_append_new(json_object_get(r->answer, "contacts"), o);
	}
	return STATUS_OK;
}
