/* The judgement: where a partner stands under each rule today, and when that may next change.
 *
 * Pure: the same facts and day give the same verdict, whoever asks (sweep, digest, `due`, `why`).
 */
#ifndef CADENCE_CORE_JUDGE_H
#define CADENCE_CORE_JUDGE_H

#include "core/partner.h"

enum rule {
	RULE_CONTACT, /* somebody should have been in contact */
	RULE_MEETING, /* there should have been a meeting (meeting_every) */
	RULE_BOOKED,  /* a booked meeting has passed: did it happen? */
	RULE_OFF,     /* it is off for good, and has been for long: still? */
	RULE_HINT,    /* an early hint: the silence is unusual, and nothing is due (core/hint.h) */
	RULES
};

/* In order of urgency. */
enum state { STATE_ON_TRACK, STATE_DUE_SOON, STATE_DUE, STATE_COLD };

/* What keeps a partner quiet although a clock runs, the strongest last. */
enum hold { HOLD_NONE, HOLD_BOOKED, HOLD_SNOOZED, HOLD_OFF };

/* What a base is the day of. */
enum base_kind {
	BASE_CONTACT,	 /* the newest contact that counts (of rule meeting: the newest meeting) */
	BASE_SINCE,	 /* the partnership began; there was no contact yet */
	BASE_FIRST_SEEN, /* we first heard of the partner; there was no contact yet */
	BASE_KEPT,	 /* somebody decided to keep it as it is */
	BASE_FIX,	 /* somebody promised to mend it: due again on the day of the promise */
	BASE_PLAN,	 /* the booked meeting */
	BASE_OFF,	 /* somebody said that it is off for good */
};

struct verdict {
	enum rule rule;
	enum state state; /* what the clock says, whatever is held */
	enum hold hold;
	enum base_kind base_kind;
	day base;  /* the day the clock counts from, of a promise the day it was given; with the
		      partner and the rule it names the silence */
	day start; /* the base, but for a promise: the promised day - every, which the cadence
		      moves */
	day due_unmoved; /* base + every; of a promise the promised day */
	day due_day;	 /* moved forward to the owner's next workday */
	day cold_day;	 /* due_day + grace; DAY_NEVER: never cold */
	day warn_day;	 /* from here on due soon; DAY_NEVER when the cadence has no warn */
	day step_days[ESCALATE_STEPS]; /* the ladder, cold_day + escalate; DAY_NEVER: no such step
					*/
	day decide_day;		       /* from here on a decision is asked for; DAY_NEVER: never */
	day next_change; /* the first day after today on which this verdict may differ; DAY_NEVER:
			    none */
};

/* Another number whenever the same facts and day may give another verdict than before: whoever
 * stores what was judged judges everybody again. */
#define JUDGEMENT 3

/* One verdict for each rule that applies to the partner; returns their number (1..RULES). The first
 * is always that of RULE_CONTACT. DESIGN.md section 6. */
size_t judge_partner(const struct facts *facts, day today, struct verdict ret_verdicts[RULES]);

/* Whether it asks for attention now: due or cold, and not held. */
bool verdict_calls(const struct verdict *verdict);
/* Days past the due day, negative before it. */
int verdict_days_overdue(const struct verdict *verdict, day today);
/* Whether, of two rules of a partner, a speaks for it: an unanswered question, then what is worst,
 * then what is most urgent; of those that are not due yet the one that will be first. */
bool verdict_leads(const struct verdict *a, const struct verdict *b, day today);
/* How far overdue as a share of the cadence: (today - due_day) / (due_unmoved - start). */
double verdict_urgency(const struct verdict *verdict, day today);

/* How many days ahead a booked meeting keeps its partner quiet: max(14, min(every, 42)). */
int plan_window(const struct cadence *cadence);
/* Until when an answer of this kind keeps the partner quiet; DAY_NEVER when it does not. */
day answer_quiet_until(const struct facts *facts, enum answer_kind kind);

/* How many digests that told the owner must have been delivered before the first step. */
#define LADDER_DELIVERED_MIN 2
/* Whether an acknowledgement stops the ladder today. */
bool ladder_is_stopped(const struct facts *facts, day today);
/* The step of the ladder whose day has come, 0..ESCALATE_STEPS: 0 too while it is held or
 * acknowledged, before that many delivered digests, and when there is nobody to tell. */
int ladder_step(const struct facts *facts, const struct verdict *verdict, int delivered, day today);
/* The first day after today on which a step after this one is taken if nothing happens; delivered:
 * with today's digest. DAY_NEVER: none. */
day ladder_next(const struct facts *facts, const struct verdict *verdict, int step, int delivered,
		day today);
/* Who is told at a step (1..ESCALATE_STEPS): the backup, then the manager; one who is missing
 * passes the step on. An id, or NULL when nobody new would be told. */
const char *ladder_hearer(const struct owner *owner, int step);

const char *rule_name(enum rule rule); /* "contact" */
bool rule_parse(const char *text, enum rule *ret_rule);
const char *state_name(enum state state); /* "on track", "due soon", "due", "cold" */
bool state_parse(const char *text, enum state *ret_state);
const char *base_kind_name(
    enum base_kind kind); /* "contact", "since", "first seen", "keep", "fix", "plan", "off" */
const char *hold_name(enum hold hold); /* "off", "snoozed", "meeting booked"; NULL for HOLD_NONE */

#endif
