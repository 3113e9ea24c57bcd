/* Standings: many verdicts, one word. */
#include "core/standing.h"

#include <string.h>

static const char *const names[STANDINGS] = {
    [STANDING_ON_TRACK] = "on track",
    [STANDING_DUE_SOON] = "due soon",
    [STANDING_DUE] = "due",
    [STANDING_COLD] = "cold",
    [STANDING_CONFIRM] = "to confirm",
    [STANDING_BOOKED] = "meeting booked",
    [STANDING_SNOOZED] = "snoozed",
    [STANDING_OFF] = "off",
};

static const enum standing of_hold[] = {
    [HOLD_BOOKED] = STANDING_BOOKED,
    [HOLD_SNOOZED] = STANDING_SNOOZED,
    [HOLD_OFF] = STANDING_OFF,
};

static const enum standing of_state[] = {
    [STATE_ON_TRACK] = STANDING_ON_TRACK,
    [STATE_DUE_SOON] = STANDING_DUE_SOON,
    [STATE_DUE] = STANDING_DUE,
    [STATE_COLD] = STANDING_COLD,
};

enum standing standing_of(const struct verdict *verdicts, size_t count)
{
	enum state worst = STATE_ON_TRACK;

	if (verdicts[0].hold != HOLD_NONE)
		return of_hold[verdicts[0].hold];
	for (size_t i = 0; i < count; i++) {
		if (verdicts[i].rule == RULE_BOOKED && verdicts[i].state >= STATE_DUE)
			return STANDING_CONFIRM;
		if (verdicts[i].state > worst)
			worst = verdicts[i].state;
	}
	return of_state[worst];
}

/* A question that is not asked, or is held, speaks for nobody. */
static bool may_speak(const struct verdict *verdict, enum hold hold)
{
	if (verdict->rule == RULE_CONTACT || verdict->rule == RULE_MEETING)
		return true;
	return hold == HOLD_NONE && verdict->state >= STATE_DUE;
}

const struct verdict *standing_verdict(const struct verdict *verdicts, size_t count, day today)
{
	const struct verdict *speaker = &verdicts[0];

	for (size_t i = 1; i < count; i++)
		if (may_speak(&verdicts[i], verdicts[0].hold) &&
		    verdict_leads(&verdicts[i], speaker, today))
			speaker = &verdicts[i];
	return speaker;
}

const char *standing_name(enum standing standing)
{
	return names[standing];
}

/* "on-track" and "on_track" are "on track", as they stand in shells and members of JSON. */
static bool is_same(const char *text, const char *name)
{
	for (; *text && *name; text++, name++)
		if (*text != *name && !(*name == ' ' && (*text == '-' || *text == '_')))
			return false;
	return *text == *name;
}

bool standing_parse(const char *text, enum standing *ret_standing)
{
	for (int i = 0; i < STANDINGS; i++) {
		const char *space = strrchr(names[i], ' ');

		/* "booked", "confirm" */
		if (is_same(text, names[i]) ||
		    (i > STANDING_COLD && space && strcmp(text, space + 1) == 0)) {
			*ret_standing = (enum standing)i;
			return true;
		}
	}
	return false;
}

const char *standing_names(void)
{
	return "on track, due soon, due, cold, to confirm, meeting booked, snoozed, off";
}
