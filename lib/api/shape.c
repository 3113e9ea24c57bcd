/* How the things of the domain look in JSON: one way, for every answer that shows one. */
#include "api/shape.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/hint.h"
#include "core/odds.h"
#include "core/standing.h"

static void set(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value);
}

json_t *shape_text(const char *s)
{
	json_t *text = s ? json_string(s) : NULL;

	return text ? text : json_null();
}

json_t *shape_reason(const char *s)
{
	char *repaired = text_repaired(s ? s : "");
	json_t *text = json_string(repaired);

	free(repaired);
	return text;
}

json_t *shape_day(day d)
{
	char out[DAY_TEXT_SIZE];

	return d == DAY_NEVER ? json_null() : json_string(day_iso(d, out));
}

json_t *shape_instant(instant at)
{
	char out[INSTANT_TEXT_SIZE];

	return at == INSTANT_NEVER ? json_null() : json_string(instant_rfc3339(at, out));
}

json_t *shape_contact(const struct contact *c)
{
	json_t *o = json_object();

	set(o, "id", json_integer(c->id));
	set(o, "day", shape_day(c->day));
	set(o, "kind", json_string(contact_kind_name(c->kind)));
	set(o, "direction", json_string(contact_direction_name(c->direction)));
	set(o, "counts", json_boolean(contact_counts(c->kind, c->direction)));
	set(o, "minutes",
	    c->minutes == CONTACT_MINUTES_UNKNOWN ? json_null() : json_integer(c->minutes));
	set(o, "by", shape_text(c->by));
	set(o, "person", shape_text(c->person));
	set(o, "note", shape_text(c->note));
	set(o, "source", shape_text(c->source));
	set(o, "ext_id", shape_text(c->ext_id));
	set(o, "origin", shape_text(c->origin));
	set(o, "actor", shape_text(c->actor));
	return o;
}

static json_t *verdict_json(const struct verdict *v, day today)
{
	json_t *o = json_object();

	set(o, "rule", json_string(rule_name(v->rule)));
	set(o, "state", json_string(state_name(v->state)));
	set(o, "held", shape_text(hold_name(v->hold)));
	set(o, "base", shape_day(v->base));
	set(o, "base_kind", json_string(base_kind_name(v->base_kind)));
	set(o, "due_unmoved", shape_day(v->due_unmoved));
	set(o, "due_day", shape_day(v->due_day));
	set(o, "cold_day", shape_day(v->cold_day));
	set(o, "warn_day", shape_day(v->warn_day));
	set(o, "decide_day", shape_day(v->decide_day));
	set(o, "next_change", shape_day(v->next_change));
	set(o, "days_overdue", json_integer(verdict_days_overdue(v, today)));
	return o;
}

static json_t *answer_json(const struct answer *answer)
{
	json_t *o;

	if (!answer->is_given)
		return json_null();
	o = json_object();
	set(o, "given", shape_day(answer->given));
	set(o, "until", shape_day(answer->until));
	set(o, "reason", shape_text(answer->reason));
	set(o, "actor", shape_text(answer->actor));
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

static const char *gate_name(enum hint_gate gate)
{
	static const char *const names[] = {
	    [HINT_COMES] = "comes",	[HINT_OFF] = "off",	 [HINT_UNMET] = "no contact",
	    [HINT_DECIDED] = "decided", [HINT_FEW] = "few live", [HINT_DUE] = "due",
	};

	return names[gate];
}

/* Null where there is too little history for a number. */
static json_t *share(double value)
{
	return value < 0 ? json_null() : json_real(value);
}

/* What the model knows, what it says, and every number in between, so that the sum can be checked.
 */
static json_t *risk_json(const struct facts *f, const struct verdict *verdicts, size_t count,
			 day today)
{
	const struct risk *risk = &f->rhythm.risk;
	const double threshold = f->cadence->risk_threshold;
	char text[ODDS_TEXT_SIZE];
	json_t *o = json_object();
	day hint;

	set(o, "contacts", json_integer(risk->n));
	set(o, "live", json_integer(f->rhythm.live));
	set(o, "threshold", threshold > 0 ? json_real(threshold) : json_null());
	set(o, "hint", json_string(gate_name(hint_find(f, verdicts, count, &hint))));
	set(o, "hint_day", shape_day(hint));
	set(o, "sentence", json_string(odds_say(f, today, text)));
	set(o, "resumes", share(odds_of_return(f, today)));
	set(o, "silent_90_days", share(risk_rank(risk, today)));
	if (risk->n == 0)
		return o;
	const struct risk_law law = risk_law(risk);
	set(o, "first", shape_day(risk->first));
	set(o, "last", shape_day(risk->last));
	set(o, "silent_days", json_integer(risk_silent_days(risk, today)));
	set(o, "usual_gap_days", json_real(risk_usual_gap(&law)));
	set(o, "spread", json_real(law.sigma));
	set(o, "none_follows", json_real(law.gone));
	set(o, "cold_mark_days", json_integer(facts_cold_mark(f)));
	set(o, "cold_mark_day", shape_day(risk->last + facts_cold_mark(f)));
	return o;
}

json_t *shape_facts(const struct scene *scene, const struct facts *f)
{
	const struct partner *p = &f->partner;
	const day today = scene_today(scene, f);
	struct verdict verdicts[RULES];
	json_t *o = json_object();

	const size_t count = judge_partner(f, today, verdicts);
	set(o, "id", shape_text(p->id));
	set(o, "name", shape_text(p->name));
	set(o, "owner", shape_text(p->owner));
	set(o, "cadence", shape_text(p->cadence));
	set(o, "tags", shape_text(p->tags));
	set(o, "origin", shape_text(p->origin));
	set(o, "since", shape_day(p->since));
	set(o, "first_seen", shape_day(p->first_seen));
	set(o, "cold_mark", p->cold_mark ? json_sprintf("%d days", p->cold_mark) : json_null());
	set(o, "archived", shape_day(p->archived));
	set(o, "today", shape_day(today));
	set(o, "ended", json_boolean(p->ended));
	set(o, "last_contact", f->has_last ? shape_contact(&f->last) : json_null());
	set(o, "answers", answers_json(f));
	json_object_update_new(o, verdict_json(standing_verdict(verdicts, count, today), today));
	set(o, "standing", json_string(standing_name(standing_of(verdicts, count))));
	/* Every rule that applies; the members above are those of one of them, "rule". */
	set(o, "rules", json_array());
	for (size_t i = 0; i < count; i++)
		json_array_append_new(json_object_get(o, "rules"),
				      verdict_json(&verdicts[i], today));
	set(o, "risk", risk_json(f, verdicts, count, today));
	return o;
}

const char *shape_result(enum change_result result)
{
	static const char *const names[] = {
	    [CHANGE_NEW] = "new", [CHANGE_CHANGED] = "changed", [CHANGE_SAME] = "same"};

	return names[result];
}

json_t *shape_delivery(const struct delivery *d)
{
	json_t *o = json_object();

	set(o, "id", json_integer(d->id));
	set(o, "key", shape_text(d->key));
	set(o, "kind", shape_text(d->kind));
	set(o, "state", json_string(delivery_state_name(d->state)));
	set(o, "channel", shape_text(d->channel));
	set(o, "recipient", shape_text(d->recipient));
	set(o, "owner", shape_text(d->owner));
	set(o, "attempts", json_integer(d->attempts));
	set(o, "ambiguous", json_integer(d->ambiguous));
	set(o, "next_try", shape_instant(d->state == DELIVERY_DEAD ? INSTANT_NEVER : d->next_try));
	set(o, "created", shape_instant(d->created));
	set(o, "reason", shape_text(d->reason));
	return o;
}
