/* Why, as far as telling goes: what was told, what will be, and one sentence about the day that is
 * asked about.
 *
 * Knows no rule of telling: the digests that were sent are read back, those to come are foretold by
 * partner_foretell(). */
#include "api/why.h"

#include <string.h>

#include "api/hearer.h"
#include "api/shape.h"
#include "core/standing.h"

#define TOLD_SHOWN_MAX	 200 /* digests that told, read back */
#define AHEAD_DAYS	 40  /* foretold past the last change, so that it is seen what follows it */
#define AHEAD_DAYS_MAX	 800
#define SECONDS_AN_HOUR	 3600
#define SECONDS_A_MINUTE 60

/* ---- finding ---- */

static day last_change(const struct why *why)
{
	struct coming comings[OUTLOOK_MAX];
	const size_t count = outlook_find(&why->facts, why->today, comings);

	return count ? comings[count - 1].day : why->today;
}

enum status why_find_told(struct why *why, struct error *err)
{
	const day change = last_change(why);
	day until = (change > why->on ? change : why->on) + AHEAD_DAYS;
	enum status status =
	    partner_tellings(why->db, why->facts.partner.row, why->today, TOLD_SHOWN_MAX,
			     why->r->arena, &why->told, &why->told_count);

	if (until > why->today + AHEAD_DAYS_MAX)
		until = why->today + AHEAD_DAYS_MAX;
	instant end = why->scene.now + (until - why->today) * DAY_MS;
	if (status == STATUS_OK && why->on >= why->today)
		status = partner_foretell(why->db, &why->scene, &why->facts, &end, why->r->arena,
					  &why->tellings, &why->telling_count, err);
	why->foretold = zone_day(why_zone(why), end);
	return status;
}

/* ---- words ---- */

/* "Mon 30 Nov (in 7 days)" */
static const char *say(const struct why *why, day d)
{
	struct arena *arena = why->r->arena;
	const int ahead = d - why->today, days = ahead < 0 ? -ahead : ahead;
	char text[DAY_TEXT_SIZE];

	day_say(d, why->today, text);
	if (d == DAY_NEVER)
		return arena_strdup(arena, text);
	if (days == 0)
		return arena_printf(arena, "%s (today)", text);
	return arena_printf(arena, ahead > 0 ? "%s (in %d day%s)" : "%s (%d day%s ago)", text, days,
			    days == 1 ? "" : "s");
}

/* "Mon 30 Nov 08:30 (in 7 days)", where the hearer lives. */
static const char *say_time(const struct why *why, const struct telling *telling)
{
	const struct local local = zone_local(telling->hearer->zone, telling->at);
	const char *near = strchr(say(why, telling->day), '(');
	char text[DAY_TEXT_SIZE];

	return arena_printf(why->r->arena, "%s %02d:%02d %s",
			    day_say(telling->day, why->today, text), local.second / SECONDS_AN_HOUR,
			    local.second / SECONDS_A_MINUTE % SECONDS_A_MINUTE, near);
}

static const char *const occasion_names[] = {
    [OCCASION_BACK] = "back",	  [OCCASION_QUESTION] = "question", [OCCASION_COLD] = "cold",
    [OCCASION_NEW] = "new",	  [OCCASION_STEP] = "step",	    [OCCASION_HINT] = "hint",
    [OCCASION_REVIEW] = "review", [OCCASION_REPLACED] = "replaced",
};

static const char *say_occasion(const struct telling *telling)
{
	static const char *const own[] = {
	    [OCCASION_QUESTION] = "did the booked meeting happen?",
	    [OCCASION_COLD] = "it has turned cold",
	    [OCCASION_NEW] = "it is due, and was not told yet",
	    [OCCASION_STEP] = "somebody else is told too",
	    [OCCASION_HINT] = "an early hint: quiet for longer than usual",
	    [OCCASION_REVIEW] = "again, on the review day's turn",
	    [OCCASION_REPLACED] = "an earlier digest with it was not delivered",
	};

	if (telling->part == PART_STAND_IN)
		return "it has turned cold, and its owner is away";
	if (telling->part == PART_NOT_REACHED)
		return "its owner was told and did not act";
	if (telling->occasion == OCCASION_BACK)
		return telling->back == ANSWER_OFF ? "off has ended" : "its snooze has ended";
	return own[telling->occasion];
}

static const char *part_name(enum part part)
{
	static const char *const names[] = {
	    [PART_OWN] = "owner",
	    [PART_STAND_IN] = "stand-in",
	    [PART_NOT_REACHED] = "ladder",
	};

	return names[part];
}

/* ---- JSON ---- */

static json_t *change_json(const struct coming *coming)
{
	return json_pack("{s:o, s:s, s:s, s:s, s:o, s:o}", "day", shape_day(coming->day), "what",
			 coming_name(coming->kind), "rule", rule_name(coming->rule), "state",
			 state_name(coming->state), "held", shape_text(hold_name(coming->hold)),
			 "ended", shape_text(hold_name(coming->ended)));
}

static json_t *telling_json(const struct telling *telling)
{
	return json_pack("{s:o, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:i, s:i}", "day",
			 shape_day(telling->day), "what", "told", "hearer", telling->hearer->id,
			 "part", part_name(telling->part), "occasion",
			 occasion_names[telling->occasion], "because", say_occasion(telling),
			 "rule", rule_name(telling->rule), "state", state_name(telling->state),
			 "at", shape_instant(telling->at), "step", telling->step, "reminder",
			 telling->reminder);
}

/* How its standing changes and who is told, in the order of the days, from the day that is asked
 * about on. */
json_t *why_coming(const struct why *why)
{
	struct coming comings[OUTLOOK_MAX];
	const bool none = why->on < why->today || why->facts.partner.archived != DAY_NEVER;
	const size_t count = none ? 0 : outlook_find(&why->facts, why->on, comings);
	json_t *array = json_array();
	size_t c = 0;

	for (size_t t = 0; t < why->telling_count; t++) {
		if (why->tellings[t].day < why->on)
			continue;
		while (c < count && comings[c].day <= why->tellings[t].day)
			json_array_append_new(array, change_json(&comings[c++]));
		json_array_append_new(array, telling_json(&why->tellings[t]));
	}
	while (c < count)
		json_array_append_new(array, change_json(&comings[c++]));
	return array;
}

json_t *why_digests(const struct why *why)
{
	json_t *array = json_array();

	for (size_t i = 0; i < why->told_count; i++) {
		const struct told_row *row = &why->told[i];

		json_array_append_new(array,
				      json_pack("{s:o, s:s, s:s, s:s, s:s, s:i, s:i}", "day",
						shape_day(row->day), "hearer", row->hearer,
						"digest", row->digest, "rule", rule_name(row->rule),
						"state", state_name(row->state), "step", row->step,
						"count", row->count));
	}
	return array;
}

/* The verdict that calls and speaks for the others; NULL: none calls. */
static const struct verdict *find_call(const struct why *why)
{
	const struct verdict *verdict =
	    standing_verdict(why->verdicts, why->verdict_count, why->on);

	return verdict_calls(verdict) ? verdict : NULL;
}

json_t *why_told(struct why *why)
{
	const struct verdict *verdict = find_call(why);
	const char *hearer = why->facts.owner ? why->facts.owner->id : "";
	struct digest_item item = {.told = {.day = DAY_NEVER}};

	if (!verdict || why->on < why->today ||
	    view_nudge(why->db, why->facts.partner.row, verdict->rule, verdict->base, hearer,
		       &item) != STATUS_OK)
		return json_null();
	return json_pack("{s:I, s:o, s:i, s:i, s:o}", "nudge", (json_int_t)item.nudge, "day",
			 shape_day(item.told.day), "count", item.told.count, "step", item.step,
			 "step_day", shape_day(item.step > 0 ? item.step_day : DAY_NEVER));
}

/* ---- the sentence ---- */

/* Why nobody is told on that day by the verdicts alone; NULL when something calls. */
static const char *say_quiet(const struct why *why)
{
	struct arena *arena = why->r->arena;
	const enum hold hold = why->verdicts[0].hold;
	day due = DAY_NEVER;

	if (find_call(why))
		return NULL;
	if (hold == HOLD_BOOKED)
		return arena_printf(arena, "%s for %s", hold_name(hold),
				    say(why, why_held_until(why, hold)));
	if (hold != HOLD_NONE)
		return arena_printf(arena, "%s until %s", hold_name(hold),
				    say(why, why_held_until(why, hold)));
	for (size_t i = 0; i < why->verdict_count; i++)
		if (why->verdicts[i].rule != RULE_BOOKED && why->verdicts[i].due_day < due)
			due = why->verdicts[i].due_day;
	return arena_printf(arena, "nothing %s due until %s", why->on < why->today ? "was" : "is",
			    say(why, due));
}

/* What the owner was told last before that day, in real digests; a hint is no nudge. */
static const struct told_row *told_before(const struct why *why, day before)
{
	for (size_t i = 0; i < why->told_count; i++)
		if (why->told[i].day < before && why->told[i].rule != RULE_HINT &&
		    strcmp(why->told[i].digest, "lost") != 0)
			return &why->told[i];
	return NULL;
}

static const char *say_absence(const struct why *why)
{
	const struct owner *owner = why->facts.owner;
	struct owner_history history;

	if (!owner || owner_history_get(why->db, &why->scene, owner->id, &history) != STATUS_OK)
		return "";
	const struct absence absence = absence_find(why->db, &why->scene, owner, &history, why->on);
	if (absence.first == DAY_NEVER || absence.first > why->on)
		return "";
	if (!absence.stand_in)
		return arena_printf(why->r->arena, "; %s is away until %s: it waits", owner->id,
				    say(why, absence.last));
	return arena_printf(why->r->arena, "; %s is away until %s: %s hears what turns cold",
			    owner->id, say(why, absence.last), absence.stand_in);
}

/* ", acknowledged: …" when that skips the review day or holds the ladder. */
static const char *say_ack(const struct why *why)
{
	const struct answer *ack = &why->facts.answers[ANSWER_ACK];
	char text[DAY_TEXT_SIZE];

	if (!facts_have(&why->facts, ANSWER_ACK) || why->on >= ack->given + ACK_LADDER_DAYS)
		return "";
	return arena_printf(why->r->arena, " (acknowledged on %s: one review day is skipped)",
			    day_say(ack->given, why->today, text));
}

static const struct telling *next_telling(const struct why *why, day from)
{
	for (size_t i = 0; i < why->telling_count; i++)
		if (why->tellings[i].day >= from)
			return &why->tellings[i];
	return NULL;
}

/* Whether the telling is the very next digest of its hearer. */
static bool is_next_digest(const struct why *why, const struct telling *telling)
{
	struct owner_history history;

	return owner_history_get(why->db, &why->scene, telling->hearer->id, &history) ==
		   STATUS_OK &&
	       telling->at == digest_next_time(telling->hearer, &history, why->scene.now);
}

static const char *say_next(const struct why *why, const struct telling *telling)
{
	if (!telling)
		return arena_printf(why->r->arena, "no digest until %s will tell of it",
				    say(why, why->foretold));
	return arena_printf(why->r->arena, "%s, to %s: %s", say_time(why, telling),
			    telling->hearer->id, say_occasion(telling));
}

/* Of today: what the next digest has of it. */
static const char *so_now(const struct why *why)
{
	struct arena *arena = why->r->arena;
	const char *quiet = say_quiet(why);
	const struct telling *next = next_telling(why, why->today);
	const struct told_row *told = told_before(why, why->today + 1);

	if (next && is_next_digest(why, next))
		return arena_printf(arena, "stands in the next digest: %s", say_next(why, next));
	if (quiet)
		return arena_printf(arena, "nobody is told: %s%s%s", quiet,
				    next ? "; next told on " : "", next ? say_next(why, next) : "");
	if (!told)
		return arena_printf(arena, "not told yet; next: %s", say_next(why, next));
	return arena_printf(arena, "%s was told on %s as %s; next: %s%s", told->hearer,
			    say(why, told->day), state_name(told->state), say_next(why, next),
			    say_ack(why));
}

/* Of a day to come: what is foretold of it. */
static const char *so_then(const struct why *why)
{
	struct arena *arena = why->r->arena;
	const struct telling *next = next_telling(why, why->on);
	const struct telling *before = NULL;
	const char *quiet = say_quiet(why);

	if (next && next->day == why->on)
		return arena_printf(arena, "if nothing happens, stands in the digest of %s",
				    say_next(why, next));
	if (quiet)
		return arena_printf(arena, "nobody is told on that day: %s", quiet);
	if (why->on >= why->foretold)
		return arena_printf(arena, "%s by then; who is told is foretold only until %s",
				    state_name(find_call(why)->state), say(why, why->foretold));
	for (size_t i = 0; i < why->telling_count && why->tellings[i].day < why->on; i++)
		before = &why->tellings[i];
	if (before)
		return arena_printf(arena, "nobody is told on that day: %s is told on %s%s%s",
				    before->hearer->id, say(why, before->day),
				    next ? "; then " : "", next ? say_next(why, next) : "");
	return arena_printf(arena, "nobody is told on that day; next: %s", say_next(why, next));
}

static const char *say_row(const struct why *why, const struct told_row *row)
{
	const bool open = strcmp(row->digest, "open") == 0, lost = strcmp(row->digest, "lost") == 0;
	const bool newly = row->count > 1 && row->state > row->prior_state;
	const char *news = "", *rule = "";

	if (row->rule == RULE_HINT)
		return arena_printf(why->r->arena, "to %s as an early hint%s", row->hearer,
				    open   ? " (still under way)"
				    : lost ? " (it reached nobody)"
					   : "");
	if (row->step > (row->count > 1 ? row->prior_step : 0))
		news = ", at a step of the ladder";
	if (row->rule != RULE_CONTACT)
		rule = arena_printf(why->r->arena, " (rule %s)", rule_name(row->rule));
	return arena_printf(why->r->arena, "to %s%s as %s%s%s%s%s", row->hearer,
			    row->count > 1 && !newly ? " again," : "", newly ? "newly " : "",
			    state_name(row->state), rule, news,
			    open   ? " (still under way)"
			    : lost ? " (it reached nobody)"
				   : "");
}

/* Of a day gone by: the digests of that day, else the ones around it. */
static const char *so_past(const struct why *why)
{
	struct arena *arena = why->r->arena;
	const struct told_row *before = told_before(why, why->on);
	const struct told_row *after = NULL;
	const char *quiet = say_quiet(why), *on_that_day = NULL;

	for (size_t i = why->told_count; i > 0; i--) {
		const struct told_row *row = &why->told[i - 1];

		if (row->day == why->on)
			on_that_day = arena_printf(arena, "%s%s%s", on_that_day ? on_that_day : "",
						   on_that_day ? " and " : "", say_row(why, row));
		if (row->day > why->on && !after && row->rule != RULE_HINT)
			after = row;
	}
	if (on_that_day)
		return arena_printf(arena, "told on that day %s", on_that_day);
	if (quiet)
		return arena_printf(arena, "nobody was told: %s", quiet);
	if (before)
		return arena_printf(arena, "nothing was told on that day; told on %s %s",
				    say(why, before->day), say_row(why, before));
	const char *state = state_name(find_call(why)->state);
	if (after)
		return arena_printf(arena, "%s, and not told yet; told on %s %s", state,
				    say(why, after->day), say_row(why, after));
	return arena_printf(arena, "%s, and nobody was told", state);
}

const char *why_so(const struct why *why)
{
	struct arena *arena = why->r->arena;
	const char *so;

	if (why->facts.partner.archived != DAY_NEVER)
		return arena_printf(arena, "archived since %s: nobody is told",
				    say(why, why->facts.partner.archived));
	if (!why->facts.owner)
		return find_call(why)
			   ? arena_printf(arena,
					  "%s, and there is nobody to tell: its owner is not "
					  "configured",
					  state_name(find_call(why)->state))
			   : "its owner is not configured: nobody would be told";
	if (why->on < why->today)
		so = so_past(why);
	else
		so = why->on > why->today ? so_then(why) : so_now(why);
	return arena_printf(arena, "%s%s", so, say_absence(why));
}
