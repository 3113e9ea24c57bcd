/* The risk model: how likely it is that a silence ends by itself, from nothing but the days of
 * contact.
 *
 * Each partner has a law of its own for the days between contacts, log-logistic, whose place and
 * width are learnt from its gaps, the newer ones weighing more, and drawn towards what is usual as
 * long as there are few; and after each contact there is a chance that no other one ever follows.
 * man/cadenced-risk.7 tells where it comes from and what may be claimed. Pure, O(1) a contact and a
 * question; its constants are what was measured and are not to be tuned. */
#ifndef CADENCE_CORE_RISK_H
#define CADENCE_CORE_RISK_H

#include <stdbool.h>

#include "base/error.h"
#include "core/day.h"

/* With fewer days of contact no number is said: nothing ranks well there. */
#define RISK_CONTACTS_MIN 4
/* Days ahead for which silences are ranked: what the model was measured on. */
#define RISK_RANK_DAYS 90
/* No warning comes earlier after a contact. */
#define RISK_WARNING_FLOOR_DAYS 7

/* What is known of one partner's days of contact. Zero: never met. */
struct risk {
	int n; /* days of contact */
	day first, last;
	double weight; /* W: how many gaps the mean stands on, older ones counting less */
	double mean;   /* of the logarithm of the gaps in days */
	double square; /* M2: weighted sum of squares around the mean */
};

/* What follows from it. */
struct risk_law {
	double mu;    /* logarithm of the usual gap in days */
	double sigma; /* spread: how far a gap may lie from it, as a logarithm */
	double gone;  /* pi, 0..1: the chance that the last contact was the last of all */
};

/* There was contact on a day. The same day again changes nothing; false, and nothing changes, when
 * it lies before the last one: then all days must be added anew, in their order. */
bool risk_add(struct risk *risk, day d) MUST_USE;
/* n must be at least 1. */
struct risk_law risk_law(const struct risk *risk);
/* Days from a contact to the next, as they usually are: exp(mu). */
double risk_usual_gap(const struct risk_law *law);
/* Days since the last contact; 0 when the clock has stepped back behind it. */
int risk_silent_days(const struct risk *risk, day today);
/* 0..1: the chance of no contact in the next `ahead` days (0 or more) when there was none for
 * `silent` days. */
double risk_stays_silent(const struct risk_law *law, double silent, double ahead);
/* The own cold mark: so many days after the last contact it has gone cold, 60..400. */
int risk_cold_mark(const struct risk *risk);
/* The chance of no contact from today until the mark, so many days after the last one; 1 from the
 * mark on. */
double risk_turns_cold(const struct risk *risk, const struct risk_law *law, int mark, day today);
/* Days of silence from which on that chance is at least threshold (0 < threshold < 1), in closed
 * form; within 0..mark, whatever RISK_WARNING_FLOOR_DAYS. */
double risk_warning_silence(const struct risk_law *law, int mark, double threshold);
/* The chance by which silences are ranked, of no contact in RISK_RANK_DAYS; -1: too little history.
 */
double risk_rank(const struct risk *risk, day today);

#endif
