/* Why a partner stands where it stands, on any day: the inputs of each rule, what counted and what
 * did not, what was told, and what comes.
 *
 * Decides nothing: judge_partner() and outlook_find() are asked what the sweep asks them, and
 * partner_foretell() what the digests will. */
#include "api/why.h"

#include "api/hearer.h"
#include "api/shape.h"

#define CONTACTS_SHOWN_MAX 50

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

/* ---- the whole ---- */

const struct zone *why_zone(const struct why *why)
{
	return why->facts.owner ? why->facts.owner->zone : why->r->roster->zone;
}

/* Words lean ahead: what comes is asked about more often. Those that name a day gone by, and dates,
 * are what they are. */
static enum status find_day(struct why *why, struct error *err)
{
	const char *words = request_query(why->r, "on");
	struct facts facts;
	const enum status status =
	    partner_facts(why->db, &why->scene, why->r->id, why->r->arena, &facts, err);

	if (status != STATUS_OK)
		return status;
	why->today = scene_today(&why->scene, &facts);
	why->on = why->today;
	if (words && !day_parse_words(words, why->today, DAY_AHEAD, &why->on))
		return error_fail(err, STATUS_INVALID,
				  "on: \"%s\" is no day; write 2026-11-03, yesterday, monday, 3d, "
				  "2w or 7dec",
				  words);
	return STATUS_OK;
}

/* The answer speaks of the day that is asked about; "today" is today all the same. */
static json_t *partner_json(struct why *why)
{
	struct scene then = why->scene;
	json_t *object;

	if (why->on != why->today)
		then.now = zone_instant(why_zone(why), why->on, DAY_SECONDS / 2);
	object = shape_facts(&then, &why->facts);
	for (size_t i = 0; i < why->verdict_count; i++)
		why_explain_rule(why, &why->verdicts[i],
				 json_array_get(json_object_get(object, "rules"), i));
	json_object_set_new(object, "today", shape_day(why->today));
	json_object_set_new(object, "on", shape_day(why->on));
	json_object_set_new(object, "past", json_boolean(why->on < why->today));
	return object;
}

enum status get_why(struct db *db, struct request *r, struct error *err)
{
	struct why why = {.db = db, .r = r, .scene = r->scene};
	enum status status = find_day(&why, err);

	if (status == STATUS_OK)
		status = partner_facts_on(db, &r->scene, r->id, why.on, r->arena, &why.facts,
					  &why.contacts, &why.contact_count, err);
	if (status != STATUS_OK)
		return status;
	why.verdict_count = judge_partner(&why.facts, why.on, why.verdicts);
	status = why_find_told(&why, err);
	if (status != STATUS_OK)
		return status;
	r->answer = partner_json(&why);
	json_object_set_new(r->answer, "cadence_terms", why_terms(why.facts.cadence));
	json_object_set_new(r->answer, "hearer",
			    hearer_json(db, &r->scene, why.facts.owner, why.on));
	json_object_set_new(r->answer, "contacts", contacts_json(&why));
	json_object_set_new(r->answer, "told", why_told(&why));
	json_object_set_new(r->answer, "digests", why_digests(&why));
	json_object_set_new(r->answer, "coming", why_coming(&why));
	json_object_set_new(r->answer, "foretold",
			    why.on < why.today ? json_null() : shape_day(why.foretold));
	json_object_set_new(r->answer, "so", json_string(why_so(&why)));
	return STATUS_OK;
}
