/* Why a partner stands where it stands, on any day: the inputs of each rule, what counted and what
 * did not, and what comes.
 *
 * Decides nothing: judge_partner() and outlook_find() are asked what the sweep asks them. */
#include "api/request.h"

#include <string.h>

#include "api/shape.h"
#include "core/outlook.h"

#define NOON_SECONDS	   43200
#define CONTACTS_SHOWN_MAX 50

struct why {
	struct db *db;
	struct request *r;
	struct scene scene; /* at noon of the day that is asked about */
	struct facts facts;
	struct contact *contacts;
	size_t contact_count;
	struct verdict verdicts[RULES];
	size_t verdict_count;
	day on;
	bool past;
};

static json_t *span_json(struct span span)
{
	char text[SPAN_TEXT_SIZE];

	return span.count > 0 ? json_string(span_say(span, text)) : json_null();
}

static json_t *terms_json(const struct cadence *cadence)
{
	json_t *escalate = json_array();

	for (size_t i = 0; i < cadence->escalate_count; i++)
		json_array_append_new(escalate, span_json(cadence->escalate[i]));
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "id", shape_text(cadence->id),
			 "every", span_json(cadence->every), "grace", span_json(cadence->grace),
			 "warn", span_json(cadence->warn), "meeting_every",
			 span_json(cadence->meeting_every), "escalate", escalate, "decide_after",
			 span_json(cadence->decide_after), "origin", shape_text(cadence->origin));
}

static json_t *hearer_json(const struct owner *owner)
{
	if (!owner)
		return json_null();
	return json_pack("{s:s, s:s, s:s, s:o, s:s}", "id", owner->id, "name", owner->name,
			 "timezone", zone_name(owner->zone), "origin", shape_text(owner->origin),
			 "review_day", weekday_name(owner->review_day));
}

/* ---- contacts ---- */

/* What a contact has to do with the clocks. */
static const char *role_of(const struct why *why, const struct contact *contact)
{
	const struct facts *facts = &why->facts;

	if (!contact_counts(contact->kind, contact->direction))
		return "does not count: nobody answered";
	if (facts->has_last && contact->id == facts->last.id)
		return why->verdicts[0].base_kind == BASE_CONTACT
			   ? "the clock counts from here"
			   : "counts, but a decision is later";
	if (facts->has_meeting && contact->id == facts->meeting.id)
		return "the clock of meetings counts from here";
	return "counts, but a newer one does too";
}

static json_t *contacts_json(const struct why *why)
{
	json_t *array = json_array();

	for (size_t i = 0; i < why->contact_count && i < CONTACTS_SHOWN_MAX; i++) {
		json_t *o = shape_contact(&why->contacts[i]);

		json_object_set_new(o, "role", json_string(role_of(why, &why->contacts[i])));
		json_array_append_new(array, o);
	}
	return array;
}

/* ---- what comes ---- */

static json_t *coming_json(const struct why *why)
{
	struct coming comings[OUTLOOK_MAX];
	const size_t count =
	    outlook_find(&why->facts, why->verdicts, why->verdict_count, why->on, comings);
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++) {
		const struct coming *coming = &comings[i];
		const char *hearer = coming->kind == COMING_STEP
					 ? ladder_hearer(why->facts.owner, coming->step)
					 : NULL;

		json_array_append_new(
		    array, json_pack("{s:o, s:s, s:s, s:o}", "day", shape_day(coming->day), "what",
				     coming_name(coming->kind), "rule", rule_name(coming->rule),
				     "hearer", shape_text(hearer)));
	}
	return array;
}

/* ---- what was told ---- */

static const struct verdict *worst_call(const struct why *why)
{
	const struct verdict *worst = NULL;

	for (size_t i = 0; i < why->verdict_count; i++)
		if (verdict_calls(&why->verdicts[i]) &&
		    (!worst || why->verdicts[i].state > worst->state))
			worst = &why->verdicts[i];
	return worst;
}

static json_t *told_json(const struct why *why, const struct verdict *verdict,
			 struct digest_item *ret_item)
{
	const char *hearer = why->facts.owner ? why->facts.owner->id : "";

	if (!verdict || why->past ||
	    view_nudge(why->db, why->facts.partner.row, verdict->rule, verdict->base, hearer,
		       ret_item) != STATUS_OK)
		return json_null();
	return json_pack("{s:I, s:o, s:i, s:i, s:o}", "nudge", (json_int_t)ret_item->nudge, "day",
			 shape_day(ret_item->told.day), "count", ret_item->told.count, "step",
			 ret_item->step, "step_day",
			 shape_day(ret_item->step > 0 ? ret_item->step_day : DAY_NEVER));
}

/* The instant of the owner's next digest, in the owner's words: "Mon 30 Nov 08:30". */
static const char *say_next_digest(const struct why *why)
{
	const struct owner *owner = why->facts.owner;
	char day_text[DAY_TEXT_SIZE];
	struct owner_history history;
	struct local local;
	instant at;

	if (!owner || owner_history_get(why->db, &why->r->scene, owner->id, &history) != STATUS_OK)
		return NULL;
	at = digest_next_time(owner, &history, why->r->scene.now);
	if (at == INSTANT_NEVER)
		return NULL;
	local = zone_local(owner->zone, at);
	return arena_printf(why->r->arena, "%s %02d:%02d", day_say(local.day, why->on, day_text),
			    local.second / 3600, local.second / 60 % 60);
}

/* Why it is told, or why not, in a sentence. */
static const char *say_so(const struct why *why, const struct verdict *call,
			  const struct digest_item *item)
{
	struct arena *arena = why->r->arena;
	const struct facts *facts = &why->facts;
	const char *hold = hold_name(why->verdicts[0].hold);
	const char *next = say_next_digest(why);
	char day_text[DAY_TEXT_SIZE];

	if (facts->partner.archived != DAY_NEVER)
		return arena_printf(arena, "archived since %s: nobody is told",
				    day_say(facts->partner.archived, why->on, day_text));
	if (!call && hold)
		return arena_printf(arena, "nobody is told: %s", hold);
	if (!call)
		return "nobody is told: nothing is due";
	if (!facts->owner)
		return "due, and there is nobody to tell: its owner is not configured";
	if (why->past)
		return "was due to be told";
	if (item->nudge == 0 || item->told.day == DAY_NEVER)
		return arena_printf(arena, "stands in the next digest: %s", next ? next : "never");
	return arena_printf(arena, "told on %s, %d time%s so far; again on its review day (%s)",
			    day_say(item->told.day, why->on, day_text), item->told.count,
			    item->told.count == 1 ? "" : "s",
			    weekday_name(facts->owner->review_day));
}

/* ---- the whole ---- */

static enum status find_day(struct why *why, struct error *err)
{
	const char *words = request_query(why->r, "on");
	struct facts facts;
	enum status status =
	    partner_facts(why->db, &why->r->scene, why->r->id, why->r->arena, &facts, err);

	if (status != STATUS_OK)
		return status;
	const day today = scene_today(&why->r->scene, &facts);
	const struct zone *zone = facts.owner ? facts.owner->zone : why->r->roster->zone;
	why->on = today;
	if (words && !day_parse_words(words, today, DAY_PAST, &why->on))
		return error_fail(err, STATUS_INVALID,
				  "on: \"%s\" is no day; write 2026-11-03, yesterday, monday or 3d",
				  words);
	why->past = why->on < today;
	why->scene = why->r->scene;
	if (why->on != today)
		why->scene.now = zone_instant(zone, why->on, NOON_SECONDS);
	return STATUS_OK;
}

enum status get_why(struct db *db, struct request *r, struct error *err)
{
	struct why why = {.db = db, .r = r};
	struct digest_item item = {.told = {.day = DAY_NEVER}};
	enum status status = find_day(&why, err);

	if (status == STATUS_OK)
		status = partner_facts_on(db, &r->scene, r->id, why.on, r->arena, &why.facts,
					  &why.contacts, &why.contact_count, err);
	if (status != STATUS_OK)
		return status;
	why.verdict_count = judge_partner(&why.facts, why.on, why.verdicts);
	const struct verdict *call = worst_call(&why);
	r->answer = shape_facts(&why.scene, &why.facts);
	json_object_set_new(r->answer, "on", shape_day(why.on));
	json_object_set_new(r->answer, "past", json_boolean(why.past));
	json_object_set_new(r->answer, "cadence_terms", terms_json(why.facts.cadence));
	json_object_set_new(r->answer, "hearer", hearer_json(why.facts.owner));
	json_object_set_new(r->answer, "contacts", contacts_json(&why));
	json_object_set_new(r->answer, "coming", coming_json(&why));
	json_object_set_new(r->answer, "told", told_json(&why, call, &item));
	json_object_set_new(r->answer, "so", json_string(say_so(&why, call, &item)));
	return STATUS_OK;
}
