/* What `why` works with, and its parts. Private to lib/api. */
#ifndef CADENCE_API_WHY_H
#define CADENCE_API_WHY_H

#include "api/request.h"
#include "core/outlook.h"

struct why {
	struct db *db;
	struct request *r;
	struct scene scene; /* as it is now */
	struct facts facts; /* as they were known on that day, or now */
	struct contact *contacts;
	size_t contact_count;
	struct verdict verdicts[RULES]; /* on that day */
	size_t verdict_count;
	day today; /* where the hearer lives */
	day on;	   /* the day that is asked about */
	/* The digests to come that tell of it, from now on; none for a day gone by. */
	struct telling *tellings;
	size_t telling_count;
	day foretold; /* all of them before that day are known */
	/* The digests that told of it until now, newest first. */
	struct told_row *told;
	size_t told_count;
};

/* Where its hearer lives. */
const struct zone *why_zone(const struct why *why);

/* ---- why_rule.c: the inputs and days of each rule ---- */

json_t *why_terms(const struct cadence *cadence);
/* Adds to a rule of the answer what its verdict does not say: why the due day moved, until when it
 * is held, the ladder. */
void why_explain_rule(struct why *why, const struct verdict *verdict, json_t *rule);
/* The first day on which a hold no longer holds; of a booked meeting its own day. */
day why_held_until(const struct why *why, enum hold hold);

/* ---- why_told.c: what was and will be told ---- */

enum status why_find_told(struct why *why, struct error *err);
json_t *why_coming(const struct why *why);
json_t *why_digests(const struct why *why);
/* What this owner was told of the silence that calls the loudest; null: nothing. */
json_t *why_told(struct why *why);
/* Whether it is told on that day, to whom and why, or why not, in a sentence. */
const char *why_so(const struct why *why);

#endif
