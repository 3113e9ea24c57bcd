/* The early hint: a word before the due day, where a silence is unusual for this partner.
 *
 * The risk model finds the day in closed form, so that nobody has to look every day; what stands
 * here are the gates in front of it. A hint never moves a due day and never takes the place of a
 * nudge: it ends where one begins. docs/design.md section 6, "Early hint". */
#ifndef CADENCE_CORE_HINT_H
#define CADENCE_CORE_HINT_H

#include "core/judge.h"

#define HINT_LIVE_MIN	5 /* days with live contact, before anything is hinted at */
#define HINTS_IN_DIGEST 2 /* at most */
/* Behind so many entries a digest only counts the others. A hint is told once, so it must be seen,
 * and it takes nobody's place: where there is no room it waits. */
#define HINT_ROOM 15

/* Why there is no hint about a silence; HINT_COMES: there is one, on its day. */
enum hint_gate {
	HINT_COMES,
	HINT_OFF,     /* the cadence wants none */
	HINT_UNMET,   /* there was no contact yet */
	HINT_DECIDED, /* a decision is newer than the last contact */
	HINT_FEW,     /* fewer than HINT_LIVE_MIN live contacts */
	HINT_DUE,     /* it is due by then, or something else of it is due already */
};

/* verdicts: those of judge_partner() on that day. *ret_day: the first day of the hint, DAY_NEVER
 * where the model is not asked. */
enum hint_gate hint_find(const struct facts *facts, const struct verdict *verdicts, size_t count,
			 day *ret_day);
/* judge_partner(), and behind its verdicts that of RULE_HINT where one comes or stands: due from
 * its day on until something else is due. What is raised, told and foretold goes by this; whoever
 * asks only where a partner stands asks judge_partner(). */
size_t judge_with_hint(const struct facts *facts, day today, struct verdict ret_verdicts[RULES]);
/* The cold mark of the partner: its own, or what the model finds; days after the last contact. */
int facts_cold_mark(const struct facts *facts);

#endif
