/* The judgement: where a partner stands under each rule today, and when that may next change.
 *
 * Pure: the same facts and day give the same verdict, whoever asks (sweep, digest, `due`, `why`). */
#ifndef CADENCE_CORE_JUDGE_H
#define CADENCE_CORE_JUDGE_H

#include "core/partner.h"

enum rule { RULE_CONTACT, RULES };

/* In order of urgency. */
enum state { STATE_ON_TRACK, STATE_DUE_SOON, STATE_DUE, STATE_COLD };

/* What keeps a partner quiet although a clock runs. */
enum hold { HOLD_NONE, HOLD_SNOOZED };

struct verdict {
	enum rule rule;
	enum state state; /* what the clock says, whatever is held */
	enum hold hold;
	day base;         /* the day the clock counts from; with the partner and the rule it names the silence */
	day due_unmoved;  /* base + every */
	day due_day;      /* moved forward to the owner's next workday */
	day cold_day;     /* due_day + grace */
	day warn_day;     /* from here on due soon; DAY_NEVER when the cadence has no warn */
	day next_change;  /* the first day after today on which this verdict may differ; DAY_NEVER: none */
};

/* One verdict a rule that applies to the partner; returns their number (1..RULES). DESIGN.md section 6. */
size_t judge_partner(const struct facts *facts, day today, struct verdict ret_verdicts[RULES]);

/* Whether it asks for attention now: due or cold, and not held. */
bool verdict_calls(const struct verdict *verdict);
/* Days past the due day, negative before it. */
int verdict_days_overdue(const struct verdict *verdict, day today);
/* How far overdue as a share of the cadence: (today - due_day) / (due_unmoved - base). */
double verdict_urgency(const struct verdict *verdict, day today);

const char *rule_name(enum rule rule);   /* "contact" */
const char *state_name(enum state state); /* "on track", "due soon", "due", "cold" */
bool state_parse(const char *text, enum state *ret_state);

#endif
