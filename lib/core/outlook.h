/* The outlook: how the standing of a partner changes in the days to come if nothing happens.
 *
 * Pure: every day on which a verdict may change is judged, so that what is foretold is what will be
 * judged. Who is told of it is the digest's business. */
#ifndef CADENCE_CORE_OUTLOOK_H
#define CADENCE_CORE_OUTLOOK_H

#include "core/judge.h"

enum coming_kind {
	COMING_BACK,  /* snooze or off ends */
	COMING_QUIET, /* the booked meeting is near enough to keep quiet */
	COMING_HINT,  /* an early hint */
	COMING_WARN,  /* due soon */
	COMING_DUE,
	COMING_COLD,
	COMING_DECIDE,	 /* a decision is asked for */
	COMING_QUESTION, /* did the booked meeting happen? */
	COMINGS
};

struct coming {
	day day;
	enum coming_kind kind;
	enum rule rule;
	enum state state; /* of that rule from that day on */
	enum hold hold;	  /* what keeps it quiet on that day all the same */
	enum hold ended;  /* of COMING_BACK: what kept it quiet until then */
};

#define OUTLOOK_MAX 32

/* What lies ahead of today, the nearest first; returns how many. */
size_t outlook_find(const struct facts *facts, day today, struct coming ret_comings[OUTLOOK_MAX]);
const char *coming_name(enum coming_kind kind); /* "back", "quiet", "hint", "due soon", "due",
						   "cold", "decide", "question" */

#endif
