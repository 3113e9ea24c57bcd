/* Who hears of a partner. Decides nothing about absence: core/digest.h does. */
#include "api/hearer.h"

#include "api/shape.h"

struct absence absence_find(struct db *db, const struct scene *scene, const struct owner *owner,
			    const struct owner_history *history, day on)
{
	struct absence absence = {.first = DAY_NEVER, .last = DAY_NEVER};

	if (history->away_first != DAY_NEVER && history->away_last >= on)
		absence = (struct absence){history->away_first, history->away_last, true, NULL};
	for (size_t i = 0; i < owner->away_count; i++)
		if (owner->away[i].last >= on && owner->away[i].first < absence.first)
			absence = (struct absence){owner->away[i].first, owner->away[i].last, false,
						   NULL};
	if (absence.first != DAY_NEVER)
		absence.stand_in = owner_stand_in(db, scene, owner);
	return absence;
}

static json_t *absence_json(const struct absence *absence, day on)
{
	if (absence->first == DAY_NEVER)
		return json_null();
	return json_pack("{s:o, s:o, s:b, s:s, s:o}", "from", shape_day(absence->first), "to",
			 shape_day(absence->last), "now", absence->first <= on, "by",
			 absence->by_command ? "command" : "conf", "stand_in",
			 shape_text(absence->stand_in));
}

json_t *hearer_json(struct db *db, const struct scene *scene, const struct owner *owner, day on)
{
	struct owner_history history;
	json_t *object;

	if (!owner || owner_history_get(db, scene, owner->id, &history) != STATUS_OK)
		return json_null();
	const struct absence absence = absence_find(db, scene, owner, &history, on);
	const instant next = digest_next_time(owner, &history, scene->now);
	object =
	    json_pack("{s:s, s:s, s:s, s:o, s:s, s:o, s:o, s:o, s:o}", "id", owner->id, "name",
		      owner->name, "timezone", zone_name(owner->zone), "origin",
		      shape_text(owner->origin), "review_day", weekday_name(owner->review_day),
		      "backup", shape_text(owner->backup), "manager", shape_text(owner->manager),
		      "away", absence_json(&absence, on), "next_digest", shape_instant(next));
	return object;
}
