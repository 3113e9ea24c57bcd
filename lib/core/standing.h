/* The standing: the one word for where a partner stands, whatever number of rules it has. Lists and
 * counts agree because they ask here. */
#ifndef CADENCE_CORE_STANDING_H
#define CADENCE_CORE_STANDING_H

#include "core/judge.h"

enum standing {
	STANDING_ON_TRACK,
	STANDING_DUE_SOON,
	STANDING_DUE,
	STANDING_COLD,
	STANDING_CONFIRM, /* a booked meeting has passed: did it happen? */
	STANDING_BOOKED,
	STANDING_SNOOZED,
	STANDING_OFF,
	STANDINGS
};

/* What holds the partner, else an unanswered question, else the worst of its rules. verdicts: those
 * of judge_partner(), at least one. */
enum standing standing_of(const struct verdict *verdicts, size_t count);
/* The verdict that the standing speaks of: its rule gives the state and the days. What holds a
 * partner holds its clocks; then it is the one of them that would speak for it. */
const struct verdict *standing_verdict(const struct verdict *verdicts, size_t count, day today);
/* "on track", "due soon", "due", "cold", "to confirm", "meeting booked", "snoozed", "off" */
const char *standing_name(enum standing standing);
/* Also "on-track", "on_track", "booked" and "confirm". */
bool standing_parse(const char *text, enum standing *ret_standing);
/* All of them, "on track, due soon, …", for messages. */
const char *standing_names(void);

#endif
