/* The outlook: what the coming days hold for a partner if nothing happens.
 *
 * Pure: read off the verdicts, so that what is foretold is what will be judged. */
#ifndef CADENCE_CORE_OUTLOOK_H
#define CADENCE_CORE_OUTLOOK_H

#include "core/judge.h"

enum coming_kind {
	COMING_WARN, /* due soon */
	COMING_DUE,
	COMING_COLD,
	COMING_STEP,	 /* of the ladder: somebody else is told, once the owner was told twice */
	COMING_DECIDE,	 /* a decision is asked for */
	COMING_BACK,	 /* snooze or off ends */
	COMING_QUIET,	 /* the booked meeting is near enough to keep quiet */
	COMING_QUESTION, /* did the booked meeting happen? */
	COMINGS
};

struct coming {
	day day;
	enum coming_kind kind;
	enum rule rule;
	int step; /* for COMING_STEP */
};

#define OUTLOOK_MAX 32

/* What lies ahead of today, the nearest first; returns how many. */
size_t outlook_find(const struct facts *facts, const struct verdict *verdicts, size_t count,
		    day today, struct coming ret_comings[OUTLOOK_MAX]);
const char *coming_name(enum coming_kind kind); /* "due soon", "due", "cold", "step", "decide",
						   "back", "quiet", "question" */

#endif
